# The part servers of t/bench/run: what each DNS server costs behind a whole ddo.
# shellcheck shell=bash
# shellcheck disable=SC2154	# of run: server_sizes, rounds, perf_seconds

# cpu PID: prints the CPU of the process and its living children, in ms.
cpu()
{
	echo $(($(ticks "$1") * 1000 / HZ))
}

# memory PID...: prints the memory (PSS) of these processes and all below them, in MiB.
memory()
{
	local pid sum=0
	for pid in $(tree "$@"); do
		sum=$((sum + $(pss "$pid" 2>/dev/null || echo 0)))
	done
	calc "$sum / 1024" 0
}

tree()
{
	local pid
	for pid; do
		echo "$pid"
		# shellcheck disable=SC2046	# pids
		tree $(pgrep -P "$pid")
	done
}

servers_up() # KIND
{
	read -r HTTP < <(free_port)
	server_make "$1" ns1 && targets_conf ns1 || return 1
	server_up ns1 || return 1
	DNS=${DNS_OF[ns1]}
	PIDS="${SERVER_PID[ns1]} ${DB_PID[ns1]:-}"
	start_bg queue "$BIN/ddo-queue" -c "$TMP/app.yml"
	QUEUE=$BG_PID
	DADNS_APP_LOGIN_FAILURES=0 start_bg httpd "$BIN/ddo-httpd" -c "$TMP/app.yml" \
		-l "127.0.0.1:$HTTP"
	wait_for 10 curl -sf -u da:secret "http://127.0.0.1:$HTTP/CMD_API_LOGIN_TEST"
}

all_confirmed() # COUNT
{
	"$BIN/ddo-status" -c "$TMP/app.yml" --json 2>/dev/null |
		jq -e ".targets[0] | .due + .deferred == 0 and .confirmed == $1" >/dev/null
}

# From the store to the answer: the store has all zones before the target is added.
servers_fill() # KIND COUNT
{
	local start
	sed -i 's/^    ns1: { /&enabled: false, /' "$TMP/app.yml"
	kill -HUP "$QUEUE"
	push b 0 "$2" 2026010100 8 >/dev/null
	wait_for 60 queue_took
	sed -i 's/enabled: false, //' "$TMP/app.yml"
	start=$(now_ms)
	kill -HUP "$QUEUE"
	wait_for 300 all_confirmed $((have + $2)) || return 1
	figure "$1: $2 new zones, store to answer" "$(calc "$2 * 1000 / ($(now_ms) - $start)" 0)" \
		"zones/s" "$3"
}

queue_took()
{
	! find "$TMP/spool/new" -type f | grep -q .
}

servers_qps() # updates?
{
	local i updates=
	if [ -n "${1:-}" ]; then
		( i=0
		while [ -e "$TMP/perf" ]; do
			push a $((i * 10 % 100)) 10 $((2027000000 + i)) 1 >/dev/null
			i=$((i + 1))
			sleep 0.08
		done ) &
		updates=$!
	fi
	dnsperf -s 127.0.0.1 -p "$DNS" -d "$TMP/queries" -c 10 -q 200 -l "$perf_seconds" \
		2>/dev/null |
		awk '/Queries per second/ { qps = $4 } /Queries lost/ { lost = $3 } /SERVFAIL/ { bad = 1 }
			END { printf "%d %d\n", qps, lost }'
	rm -f "$TMP/perf"
	[ -z "$updates" ] || wait "$updates"
}

servers_of() # KIND GOAL
{
	local size line have=0 before i qps
	servers_up "$1" || return
	# shellcheck disable=SC2086	# pids
	figure "$1: memory without zones" "$(memory $PIDS)" MiB
	for size in "${server_sizes[@]}"; do
		push a "$have" $((size - have)) 2026010100 8 wait >"$TMP/fill" || cat "$TMP/fill"
		have=$size
		wait_for 60 all_confirmed "$have"
		before=$(cpu "${PIDS%% *}")
		line=$("$BUILD/bench/load" answer "$HTTP" da:secret a00050.example "$rounds" \
			$((2026010101 + size)) "$DNS")
		figure "$1: $size zones, push to answer, median" "$(value p50 "$line")" ms \
			"at most 10"
		figure "$1: $size zones, the server's CPU an update" \
			"$(calc "($(cpu "${PIDS%% *}") - $before) / $rounds")" ms
		# shellcheck disable=SC2086	# pids
		figure "$1: $size zones, memory" "$(memory $PIDS)" MiB
	done
	for ((i = 0; i < 1000; i++)); do
		printf 'a%05d.example SOA\nwww.a%05d.example A\n' $((i % have)) $((i % have))
	done >"$TMP/queries"
	read -r qps _ < <(servers_qps)
	figure "$1: queries a second" "$qps" /s
	touch "$TMP/perf"
	read -r qps i < <(servers_qps updates)
	figure "$1: the same with 100 updates a second" "$qps" /s
	figure "$1:   queries lost meanwhile" "$i" ""
	servers_fill "$1" "${server_sizes[-1]}" "${2:-}"
	WATCH_FLAGS=$([ "$1" != coredns ] || echo no-aa) watch_updates "$DNS" "$BIN/${TOOL[ns1]}" \
		-c "$TMP/app.yml" -t ns1 &&
		figure "$1: 1,000 updates under continuous questions" "" "$SEEN"
	stop_all
	rm -rf "$TMP/ns1" "$TMP/spool" "$TMP"/zones.db* "$TMP"/db-*
	DB_PID=()
}

part_servers()
{
	local kind
	local -A goal=([nsd]="at least 1500" [knot]="at least 800" [pdns]="at least 300")
	echo "servers: each behind a whole ddo, on this machine's $(nproc) cores, dnsperf among them"
	for kind in ${SERVERS:-bind nsd knot pdns coredns}; do
		servers_of "$kind" "${goal[$kind]:-}"
	done
}
