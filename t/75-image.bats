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
