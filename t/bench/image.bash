# The part image of t/bench/run: what the images cost, by number of zones: memory, and the time from
# the start of the container until it answers all zones.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034	# of run: image_sizes; KIND

# node_memory PROGRAMS: prints the memory (PSS) of those whose names match, in MiB.
node_memory()
{
	local pid sum=0
	for pid in $(tree "$(node_init bench)"); do
		grep -qxE "$1" "/proc/$pid/comm" 2>/dev/null || continue
		sum=$((sum + $(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup")))
	done
	calc "$sum / 1024" 0
}

node_confirmed() # COUNT
{
	node_run bench ddo-status --json 2>/dev/null |
		jq -e ".targets[0] | .due + .deferred == 0 and .confirmed == $1" >/dev/null
}

# All zones, one question after the other; nothing is printed when each is answered.
node_all() # COUNT
{
	local last
	printf -v last 'a%05d.example' $(($1 - 1))
	node_serves bench "$last" 2026010100 || return 1
	seq -f 'a%05g.example SOA' 0 $(($1 - 1)) >"$TMP/questions"
	[ "$(node_net bench dig @127.0.0.1 +norec +short +time=1 +tries=1 \
		-f "$TMP/questions" | grep -c ' 2026010100 ')" = "$1" ]
}

image_start()
{
	BEGAN=$(now_ms)
	node_start bench "$1" DADNS_APP_AUTH_PASSWORD=my-secret DADNS_APP_LOGIN_FAILURES=0
}

image_of() # KIND
{
	local kind=$1 server=${1/bind/named} have=0 size
	image_start "$kind"
	wait_for 30 node_healthy bench "$kind"
	figure "$kind: ready without zones" "$(calc "($(now_ms) - $BEGAN) / 1000" 1)" s
	for size in "${image_sizes[@]}"; do
		node_net bench "$BUILD/bench/load" push 2222 directdnsonly:my-secret a "$have" \
			$((size - have)) 2026010100 8 >"$TMP/fill" || cat "$TMP/fill"
		have=$size
		wait_for 120 node_confirmed "$size" || return 1
		node_stop bench
		image_start "$kind"
		wait_for 120 node_all "$size" || return 1
		figure "$kind: $size zones, start to all answered" \
			"$(calc "($(now_ms) - $BEGAN) / 1000" 1)" s
		wait_for 60 node_confirmed "$size"
		figure "$kind: $size zones, memory of the server" "$(node_memory "$server.*")" MiB
		figure "$kind: $size zones, memory of ddo" "$(node_memory 'ddo-.*')" MiB
		node_stop bench
		rm -rf "$TMP/bench.data/ddo/zones" "$TMP/bench.data/ddo/lists"
		image_start "$kind"
		wait_for 120 node_all "$size" || return 1
		figure "$kind: $size zones, the same without its zone files" \
			"$(calc "($(now_ms) - $BEGAN) / 1000" 1)" s
	done
	node_stop bench
	rm -rf "$TMP/bench.data"
}

part_image()
{
	local kind
	BATS_FILE_TMPDIR=$TMP
	. "${0%/*}/../lib/image.bash"
	echo "image: the images with Debian 12's servers, on this machine's $(nproc) cores"
	image_possible || {
		echo "  missing: $IMAGE_CANNOT"
		return
	}
	image_make bind nsd >"$TMP/image.log" 2>&1 || { tail "$TMP/image.log" && return; }
	for kind in bind nsd; do
		image_of "$kind"
	done
	node_end_all
}
