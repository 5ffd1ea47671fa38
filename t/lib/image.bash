# Nodes from ddo's images, for t/75-image.bats: what a container engine does with an image, done by
# systemd-nspawn with its unpacked root: the image's command, environment, working directory.
#
#   image_make KIND...             builds and unpacks the images; once a file, in setup_file
#   node_start NAME KIND [WORD...] a container; WORD is VAR=VALUE, -v FROM:TO or --read-only
#   node_run NAME COMMAND...       COMMAND as root in it, as `docker exec`
#   node_net NAME COMMAND...       COMMAND of this host on its network, which is loopback only
#   node_stop NAME [SIGNAL]        TERM to its first process; returns its status, MS has the time
#   node_log NAME                  what it printed
#
# The volume of NAME is $TMP/NAME.data.  Everything else in it is gone when it ends.

# shellcheck shell=bash

IMAGES=$BATS_FILE_TMPDIR/images

# Sets IMAGE_CANNOT to why this host cannot do it, or to nothing.
image_possible()
{
	local program
	export IMAGE_CANNOT=''
	for program in buildah debootstrap systemd-nspawn nsenter jq dig curl; do
		command -v "$program" >/dev/null || IMAGE_CANNOT="the program $program"
	done
	[ "$(id -u)" = 0 ] || IMAGE_CANNOT=root
	[ -z "$IMAGE_CANNOT" ]
}

image_make()
{
	local kind dir config layer
	IMAGE_UPGRADE=no BUILD=$BUILD "$ROOT/etc/container/build" "$@" 3>&- || return 1
	for kind; do
		dir=$IMAGES/$kind
		mkdir -p "$dir/root" "$dir/parts"
		tar -C "$dir/parts" -xf "$BUILD/image/ddo-$kind-$(dpkg --print-architecture).tar"
		config=$(jq -r '.[0].Config' "$dir/parts/manifest.json")
		cp "$dir/parts/$config" "$dir/config.json"
		jq -r '.[0].Layers[]' "$dir/parts/manifest.json" | while read -r layer; do
			tar -C "$dir/root" -xpf "$dir/parts/$layer"
		done
		rm -rf "$dir/parts"
	done
}

# stated KIND FILTER: what the configuration of the image says.
stated()
{
	jq -r ".config | $2" "$IMAGES/$1/config.json"
}

node_start()
{
	local name=$1 kind=$2 word options=(--volatile=overlay) command
	shift 2
	mkdir -p "$TMP/$name.data"
	mapfile -t command < <(stated "$kind" '((.Entrypoint // []) + .Cmd)[]')
	while read -r word; do
		options+=(--setenv="$word")
	done < <(stated "$kind" '.Env[]')
	while [ $# -gt 0 ]; do
		case $1 in
		-v) options+=(--bind="$2") && shift ;;
		--read-only) options[0]=--read-only ;;
		*) options+=(--setenv="$1") ;;
		esac
		shift
	done
	# Docker's capabilities, not more.
	SYSTEMD_NSPAWN_LOCK=0 systemd-nspawn --quiet --register=no --keep-unit \
		--machine "$name" --directory "$IMAGES/$kind/root" --private-network \
		--resolv-conf=off --timezone=off \
		--link-journal=no --console=pipe --no-new-privileges=yes \
		--bind="$TMP/$name.data:$(stated "$kind" '.Volumes | keys[0]')" \
		--drop-capability=CAP_AUDIT_CONTROL,CAP_DAC_READ_SEARCH,CAP_IPC_OWNER,CAP_LEASE \
		--drop-capability=CAP_LINUX_IMMUTABLE,CAP_NET_BROADCAST,CAP_SYS_ADMIN,CAP_SYS_BOOT \
		--drop-capability=CAP_SYS_NICE,CAP_SYS_PTRACE,CAP_SYS_RESOURCE,CAP_SYS_TTY_CONFIG \
		--chdir="$(stated "$kind" .WorkingDir)" "${options[@]}" "${command[@]}" \
		</dev/null >>"$TMP/$name.out" 2>&1 3>&- &
	echo $! >"$TMP/$name.pid"
	# systemd-nspawn shows another boot id at each start, a container engine the host's.
	wait_for 5 node_proc "$name" || true
}

node_proc()
{
	local pid
	is_running "$(cat "$TMP/$1.pid")" || return 0
	pid=$(node_init "$1") && grep -qxE 'start|s6-svscan' "/proc/$pid/comm" &&
		nsenter --target "$pid" --mount --pid mount -t proc proc /proc
}

# The pid that its first process has here.
node_init()
{
	pgrep -P "$(cat "$TMP/$1.pid")"
}

node_run()
{
	local pid words
	pid=$(node_init "$1") || return 255
	shift
	mapfile -t words < <(tr '\0' '\n' <"/proc/$pid/environ" | grep -E '^(PATH|DDO|DADNS)')
	nsenter --target "$pid" --mount --uts --ipc --net --pid --root --wd \
		env -i "${words[@]}" "$@" 3>&-
}

node_net()
{
	local pid
	pid=$(node_init "$1") || return 255
	shift
	nsenter --target "$pid" --net "$@" 3>&-
}

# push NAME ZONE SERIAL: as DirectAdmin does; fails unless it is acknowledged.
node_push()
{
	node_net "$1" curl -sS -m 10 -u "directdnsonly:${PASSWORD:-my-secret}" --data-binary @- \
		"http://127.0.0.1:2222/CMD_API_DNS_ADMIN?action=rawsave&domain=$2&hostname=da1.example.com" \
		< <(zone_text "$2" "$3") | tee /dev/stderr | grep -q '^error=0'
}

# node_serves NAME ZONE SERIAL [OPTION]: asks over DNS; serial "none": it has no such zone.
node_serves()
{
	local answer
	answer=$(node_net "$1" dig +time=1 +tries=1 +norecurse "${4:-+notcp}" @127.0.0.1 "$2" SOA)
	if [ "$3" = none ]; then
		grep -q 'status: REFUSED' <<<"$answer"
	else
		grep -q "hostmaster.$2. $3 " <<<"$answer"
	fi
}

node_healthy()
{
	local test
	test=$(jq -r '.config.Healthcheck.Test[1]' "$IMAGES/$2/config.json")
	node_run "$1" "$test"
}

node_stop()
{
	local pid status=0 began
	pid=$(node_init "$1") || return 255
	began=$(now_ms)
	kill -s "${2:-TERM}" "$pid"
	wait "$(cat "$TMP/$1.pid")" || status=$?
	# shellcheck disable=SC2034	# for the caller
	MS=$(($(now_ms) - began))
	rm -f "$TMP/$1.pid"
	return "$status"
}

node_log()
{
	grep -vE '^(Attempted to remove disk|Container .* terminated)' "$TMP/$1.out" # systemd-nspawn's
}

node_end_all()
{
	local file pid
	for file in "$TMP"/*.pid; do
		[ -e "$file" ] || continue
		! pid=$(pgrep -P "$(cat "$file")") || kill -KILL "$pid"
		wait "$(cat "$file")" 2>/dev/null || true
		rm -f "$file"
	done
}
