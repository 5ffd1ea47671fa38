# The part compare of t/bench/run: ddo-queue compares a BIND (mode addzone) with its store under
# pushes.
# shellcheck shell=bash
# shellcheck disable=SC2154	# of run: compare_zones, rounds, HZ, and world_up's

compares()
{
	grep -c 'ns1: compared with the store' "$TMP/queue.log"
}

compared_more() # THAN
{
	[ "$(compares)" -gt "$1" ]
}

# Pushes one zone after the other while ddo-queue compares.  LINE has the figures of the last
# pushes.
compare_now() # WHAT SERIAL
{
	local before serial=$2 cpu
	before=$(compares)
	cpu=$(ticks "$QUEUE")
	sqlite3 "$WORLD/zones.db" "PRAGMA busy_timeout = 5000; UPDATE targets SET compared = 1" \
		>/dev/null
	while ! compared_more "$before" && [ $((serial - $2)) -lt 100000 ]; do
		LINE=$("$BUILD/bench/load" answer "$HTTP" da:secret c00050.example 50 "$serial" \
			"$DNS")
		serial=$((serial + 50))
	done
	figure "$1" "$(grep 'compared with the store' "$TMP/queue.log" | tail -n 1 |
		grep -o '[0-9.]* s$' | cut -d' ' -f1)" s "under 2"
	figure "  push to answer meanwhile, median, p99" \
		"$(value p50 "$LINE"), $(value p99 "$LINE")" ms
	figure "  CPU of ddo-queue and its children, with these $((serial - $2)) pushes" "$(calc "(
		$(ticks "$QUEUE") - $cpu) / $HZ")" s
}

part_compare()
{
	local line i
	echo "compare: ddo-queue, a BIND and its store, $compare_zones zones"
	world_up addzone
	sed -i 's/^queue: { /&rescan_seconds: 1, /' "$WORLD/app.yml"
	stop_pid "$QUEUE"
	start_bg queue "$BIN/ddo-queue" -c "$WORLD/app.yml"
	QUEUE=$BG_PID
	push c 0 "$compare_zones" 2026010100 8 wait >"$TMP/fill" || cat "$TMP/fill"
	line=$("$BUILD/bench/load" answer "$HTTP" da:secret c00050.example "$rounds" 2026020000 \
		"$DNS")
	figure "push to answer without it, median, p99" \
		"$(value p50 "$line"), $(value p99 "$line")" ms
	compare_now "from list to the end, all in sync" 2026030000
	for ((i = 100; i < 100 + compare_zones / 10; i++)); do
		printf 'delzone c%05d.example\n' "$i"
	done >"$TMP/lost"
	while read -r line; do
		# shellcheck disable=SC2086	# words
		rndc -k "$WORLD/rndc.key" -s 127.0.0.1 -p "$CONTROL" $line
	done <"$TMP/lost" >/dev/null 2>&1
	compare_now "from list to the end, $((compare_zones / 10)) lost" 2026040000
	world_down
}
