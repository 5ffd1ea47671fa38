# The images of `make image`: DirectDNSOnly's documented invocations, a stop, a lost directory.
# What a container engine does is done by systemd-nspawn (t/lib/image.bash).
load lib/common
load lib/da
load lib/image

setup_file()
{
	image_possible || return 0
	image_make bind nsd
}

setup()
{
	[ -z "$IMAGE_CANNOT" ] || absent "$IMAGE_CANNOT"
}

teardown()
{
	node_end_all
	stop_all
	cat "$TMP"/*.out || true
}

# What `docker run` of DirectDNSOnly's README gives for KIND.
readme()
{
	printf '%s\n' DADNS_APP_AUTH_PASSWORD=my-secret "DADNS_DNS_DEFAULT_BACKEND=$1" \
		"DADNS_DNS_BACKENDS_${1^^}_ENABLED=true"
}

# started NAME KIND [WORD...]: starts a node and waits until it answers for its health.
started()
{
	node_start "$@"
	wait_for 20 node_healthy "$1" "$2"
}

# The users that run PROGRAM in node NAME.
user_of()
{
	# shellcheck disable=SC2016	# a shell in there expands it
	node_run "$1" sh -c 'for p in /proc/[0-9]*; do
		read -r comm <$p/comm && case $comm in "$1" | "$1:"*) stat -c %U $p ;; esac
		done' sh "$2" | sort -u
}

logged() # NAME TEXT
{
	node_log "$1" | grep -qF "$2"
}

# Before the next image in the same test.
fresh()
{
	node_end_all
	rm -rf "${TMP:?}"/*
}

@test "docker run as in DirectDNSOnly's README: pushed, answered, stopped, still there" {
	local kind program boot_id=/proc/sys/kernel/random/boot_id
	for kind in nsd bind; do
		fresh
		mapfile -t words < <(readme "$kind")
		started one "$kind" "${words[@]}"
		PASSWORD=wrong run node_push one example.com 1
		[[ $output == *error=1*password* ]]
		node_push one example.com 1
		wait_for 5 node_serves one example.com 1
		node_serves one example.com 1 +tcp
		kill -HUP "$(node_init one)"
		wait_for 5 logged one 'ddo-httpd: configuration read anew'
		wait_for 5 logged one 'ddo-queue: configuration reloaded'
		[ "$(user_of one ddo-httpd)" = ddo-httpd ]
		[ "$(user_of one ddo-queue)" = ddo ]
		program=${kind/bind/named}
		[ "$(user_of one "$program")" = "$kind" ]
		node_run one ddo-status
		diff "$boot_id" <(node_run one cat "$boot_id")
		node_stop one
		[ "$MS" -lt 10000 ]
		started one "$kind" "${words[@]}"
		wait_for 5 node_serves one example.com 1
		# Its zones are gone: it has them again from the store.
		node_stop one
		rm -rf "$TMP/one.data/ddo/zones" "$TMP/one.data/ddo/lists"
		started one "$kind" "${words[@]}"
		wait_for 10 node_serves one example.com 1
	done
}

@test "SIGTERM while DirectAdmin pushes: ends with 0 within 10 s, and loses no acknowledged push" {
	local kind zone pusher
	for kind in nsd bind; do
		fresh
		mapfile -t words < <(readme "$kind")
		started one "$kind" "${words[@]}"
		(for ((i = 1; i < 1000; i++)); do
			node_push one "z$i.example" "$i" >/dev/null 2>&1 || break
			echo "$i" >>"$TMP/acknowledged"
		done) 3>&- &
		pusher=$!
		wait_for 20 test -s "$TMP/acknowledged"
		wait_for 20 grep -qx 30 "$TMP/acknowledged"
		node_stop one
		echo "stopped in $MS ms, $(wc -l <"$TMP/acknowledged") pushes"
		[ "$MS" -lt 10000 ]
		wait "$pusher"
		started one "$kind" "${words[@]}"
		while read -r zone; do
			wait_for 10 node_serves one "z$zone.example" "$zone"
		done <"$TMP/acknowledged"
	done
}

@test "no password, or everybody's, or another image's server: one line that says what to do" {
	refuses() # TEXT [WORD...]
	{
		local text=$1 status=0
		shift
		node_start one nsd "$@"
		wait "$(cat "$TMP/one.pid")" || status=$?
		rm "$TMP/one.pid"
		[ "$status" = 78 ]
		node_log one | grep -F "$text"
	}
	refuses 'set DADNS_APP_AUTH_PASSWORD'
	refuses changeme DADNS_APP_AUTH_PASSWORD=changeme
	mapfile -t words < <(readme bind)
	refuses 'this image has no bind; take ddo-bind' "${words[@]}"
}

@test "secrets by file that only root may read; a read-only root; each line of the log is JSON" {
	local kind
	for kind in nsd bind; do
		fresh
		mkdir -p "$TMP/secrets"
		echo my-secret >"$TMP/secrets/password"
		echo peer >"$TMP/secrets/peer"
		chmod 400 "$TMP"/secrets/*
		started one "$kind" --read-only -v "$TMP/secrets:/run/secrets" \
			DADNS_LOG_FORMAT=json \
			DADNS_APP_AUTH_PASSWORD_FILE=/run/secrets/password DADNS_PEER_SYNC_ENABLED=true \
			DADNS_PEER_SYNC_AUTH_PASSWORD_FILE=/run/secrets/peer \
			DADNS_PEER_SYNC_PEER_URL=http://ddo-2:2222 \
			DADNS_PEER_SYNC_PEER_PASSWORD_FILE=/run/secrets/peer
		node_push one example.com 1
		wait_for 5 node_serves one example.com 1
		node_stop one
		node_log one | jq -es 'all(has("program") and has("level") and has("message"))'
		node_log one | jq -es 'any(.program == "dns") and any(.program == "ddo-queue")'
		[ "$(node_log one | grep -c 'peer_sync is enabled')" = 1 ]
		not grep -r my-secret "$TMP/one.data" "$TMP/one.out"
	done
}

@test "the app.yml that DirectDNSOnly comes with, and its data, which nobody touches" {
	mkdir -p "$TMP/config" "$TMP/one.data/queues/save"
	cat >"$TMP/config/app.yml" <<-'END'
		---
		timezone: Pacific/Auckland
		log_level: INFO
		queue_location: ./data/queues
		datastore:
		  type: sqlite
		  db_location: ./data/directdnsonly.db
		app:
		  auth_username: directdnsonly
		  auth_password: changeme  # Override via DADNS_APP_AUTH_PASSWORD env var
		dns:
		  backends:
		    bind:
		      type: bind
		      enabled: true
		      zones_dir: ./data/zones
		      named_conf: ./data/named.conf.include
	END
	chmod 600 "$TMP/config/app.yml"
	echo theirs | tee "$TMP/one.data/directdnsonly.db" >"$TMP/one.data/queues/save/info"
	started one bind -v "$TMP/config:/app/config" DADNS_APP_AUTH_PASSWORD=my-secret
	node_push one example.com 1
	wait_for 5 node_serves one example.com 1
	[ -s "$TMP/one.data/zones/example.com.db" ]
	grep -F example.com "$TMP/one.data/named.conf.include"
	[ "$(cat "$TMP"/one.data/{directdnsonly.db,queues/save/info} | uniq)" = theirs ]
	[ "$(ls "$TMP/one.data/queues")" = save ]
}

# The sums of what the old program has on the volume; ddo's own directory is none of it.
old_sums()
{
	(cd "$TMP/ddo.data" && find . -path ./ddo -prune -o -type f -print0 | sort -z |
		xargs -0 sha256sum)
}

# commands HEADING N: the Nth block of commands below HEADING in doc/moving-in.md, for image KIND.
commands()
{
	awk -v heading="$1" -v n="$2" '/^#/ { here = index($0, heading) }
		/^(   )?    / { if (here && !in_block) block++; in_block = 1 }
		!/^    / { in_block = 0 }
		here && in_block && block == n' "$ROOT/doc/moving-in.md" |
		sed -e "s/nsd/$KIND/g" -e "s/NSD/${KIND^^}/g"
}

# What docker does with the words of doc/moving-in.md.  Of the old container there is the volume.
docker()
{
	local verb=$1 words=()
	shift
	case $verb in
	run)
		while [ $# -gt 1 ]; do
			case $1 in
			-e) words+=("$2") && shift ;;
			--name | -p | -v) shift ;;
			-d) ;;
			*) return 125 ;;
			esac
			shift
		done
		[ "$1" = "ddo-$KIND:$(cat "$ROOT/VERSION")" ]
		node_start ddo "$KIND" "${words[@]}"
		;;
	exec) node_run "$@" ;;
	stop) [ "$1" != ddo ] || node_stop ddo ;;
	start) [ ! -e "$TMP/ddo.pid" ] && [ "$1" = directdnsonly ] ;;
	logs) node_log "$1" ;;
	esac
}

@test "moving in from a DirectDNSOnly that was killed, and back, with the words of the manual" {
	local heading="From DirectDNSOnly's container" zone
	for KIND in nsd bind; do
		fresh
		mkdir "$TMP/ddo.data"
		cp -a "$ROOT/t/import/directdnsonly-2.8.0/data/." "$TMP/ddo.data"
		old_sums >"$TMP/before"
		eval "$(commands "$heading" 1)"
		wait_for 20 node_healthy ddo "$KIND"
		# DirectAdmin does not wait for it.
		node_push ddo served3.example 2026112400
		node_push ddo new.example 1
		eval "$(commands "$heading" 2)" >"$TMP/plan" || { cat "$TMP/plan" && false; }
		for zone in served{4..8} xn--caf-dma waiting{1..30} failing; do
			wait_for 20 node_serves ddo "$zone.example" 2026112301
		done
		node_serves ddo 0-25.2.0.192.in-addr.arpa 2026112301
		wait_for 5 node_serves ddo served1.example 2026112305
		wait_for 5 node_serves ddo served2.example 2026112309
		node_serves ddo served3.example 2026112400
		node_serves ddo new.example 1
		node_run ddo ddo-status
		eval "$(commands "And back" 1)"
		diff "$TMP/before" <(old_sums)
		diff <(printf 'put %s.example\n' new served3) <(eval "$(commands "And back" 2)")
	done
}

# environment FILE SERVICE: its variables as VAR=VALUE.
environment()
{
	sed -n "/^  $2:/,/^  [a-z]/p" "$1" | sed -n 's/^      \(DADNS_[A-Z0-9_]*\): "*\([^"]*\)"*$/\1=\2/p'
}

@test "two nodes of topology C: one is killed, comes back empty, and is equal again" {
	local da=da1.example.com zone file=$ROOT/etc/container/topology-c.yml
	mkdir -p "$TMP/secrets" "$TMP/config"
	echo my-secret >"$TMP/secrets/password"
	echo peer-secret >"$TMP/secrets/peer"
	da_make "$da"
	local -x DA_PLAIN=1
	printf 'reconciliation:\n  directadmin_servers:\n    - %s' "$(da_stanza "$da")" \
		>"$TMP/config/app.yml"
	local kinds=([1]=nsd [2]=bind) node
	local mounts=(-v "$TMP/secrets:/run/secrets" -v "$TMP/config:/app/config")
	for node in 1 2; do
		mapfile -t words < <(environment "$file" "ddo-$node")
		[ "${#words[@]}" -gt 5 ]
		node_start "n$node" "${kinds[node]}" "${mounts[@]}" "${words[@]}"
	done
	double() # ZONE SERIAL NODE...: DirectAdmin has the zone and pushes it
	{
		local zone=$1 serial=$2
		shift 2
		da_zone_put "$da" "$zone" "$serial"
		for node; do
			node_push "n$node" "$zone" "$serial"
		done
	}
	wait_for 20 node_healthy n1 nsd
	wait_for 20 node_healthy n2 bind
	for zone in a b c d; do
		double "$zone.example" 1 1 2
	done
	wait_for 5 node_serves n2 d.example 1
	node_stop n2 KILL || true
	double a.example 2 1
	double new.example 1 1
	rm -rf "$TMP/n2.data/ddo/zones" "$TMP/n2.data/ddo/lists"
	node_start n2 bind "${mounts[@]}" "${words[@]}"
	wait_for 20 node_healthy n2 bind
	for zone in a b c d; do
		wait_for 10 node_serves n2 "$zone.example" 1
	done
	# What it missed comes from DirectAdmin.
	start_bg fake-da nsenter --target "$(node_init n2)" --net "$ROOT/t/fake-da/fake-da" \
		--dir "${DA_DIR[$da]}" --port "${DA_PORT[$da]}" --password "secret-of-$da"
	wait_for 10 node_net n2 bash -c ": <>/dev/tcp/127.0.0.1/${DA_PORT[$da]}"
	run -1 node_run n2 s6-setuidgid ddo ddo-reconcile --deep
	echo "$output"
	wait_for 10 node_serves n2 a.example 2
	wait_for 10 node_serves n2 new.example 1
	for node in 1 2; do
		node_run "n$node" s6-setuidgid ddo "/usr/local/libexec/ddo/ddo-push-${kinds[node]}" \
			-t "${kinds[node]}" list >"$TMP/list.$node"
	done
	[ "$(wc -l <"$TMP/list.1")" = 5 ]
	diff "$TMP/list.1" "$TMP/list.2"
}

@test "each compose file names an image that is made, with variables that it takes" {
	local file service words image count=0 version
	version=$(cat "$ROOT/VERSION")
	for file in "$ROOT"/etc/container/topology-*.yml; do
		for service in ddo ddo-1 ddo-2; do
			mapfile -t words < <(environment "$file" "$service")
			[ "${#words[@]}" -gt 0 ] || continue
			image=$(sed -n "/^  $service:/,/image:/s/.*image: ddo-\([a-z]*\):$version$/\1/p" \
				"$file" | head -n 1)
			[ -d "$IMAGES/$image" ]
			echo secret >"$TMP/secret"
			words=("${words[@]/\/run\/secrets\/*/$TMP/secret}")
			env "${words[@]}" DDO_CONFIG="$ROOT/etc/container/root/app.$image.yml" \
				DADNS_LIBEXEC_DIR="$BIN" "$BIN/ddo-queue" -T
			count=$((count + 1))
		done
	done
	[ "$count" = 5 ]
}
