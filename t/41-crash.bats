#!/usr/bin/env bats
# Killed anywhere: answered means served, the newest wins, nothing is torn.
# shellcheck disable=SC2086	# numbers need no quotes

load lib/common
load lib/named

teardown()
{
	stop_all
}

@test "two ddo-queue at once: the second says so and leaves" {
	named_make
	conf_make
	queue_up
	wait_for 10 test -e "$TMP/run/queue.lock"
	run -75 "$BIN/ddo-queue" -1
	[[ $output == *"another ddo-queue"* ]]
	is_running "$QUEUE"
}

newest_served() # COUNT SERIAL
{
	"$BIN/ddo-push-bind" -t ns1 list >"$TMP/list" || return 1
	[ "$(grep -c "^k[0-9]*\.example	$2	[0-9a-f]" "$TMP/list")" = "$1" ]
}

pushes() # ROUNDS: all zones again and again, each answered
{
	local r i
	for ((r = 1; r <= $1; r++)); do
		for ((i = 1; i <= 40; i++)); do
			da_save k$i.example $r || return 1
		done
		da_save gone$r.example 1
		da_delete gone$r.example
	done
	touch "$TMP/pushed"
}

kills() # [include]
{
	named_make "$@"
	conf_make "queue: { retry_schedule: [1, 1, 1, 1, 1, 1, 1, 1] }"
	named_up
	queue_up
	httpd_up
	pushes 8 >"$TMP/pushes.log" 2>&1 3>&- &
	local i child loader=$!
	for i in {1..12}; do
		random_moment 150
		child=$(pgrep -P "$QUEUE" || true)
		[ -z "$child" ] || kill -KILL $child || true
		random_moment 150
		stop_pid "$QUEUE" KILL || true
		queue_up
	done
	wait $loader
	[ -e "$TMP/pushed" ]
	wait_for 30 newest_served 40 8
	wait_for 30 all_done
	for i in {1..8}; do
		gone gone$i.example
	done
	not strangers "$TMP/zones" '^k[0-9]+\.example\.db$'
	# And named, started anew, has them all.
	named_down KILL
	named_up
	newest_served 40 8
}

@test "SIGKILL of the runner and of push programs at random moments under load: addzone" {
	kills
}

@test "SIGKILL of the runner and of push programs at random moments under load: include" {
	kills include
}

@test "SIGKILL of named under load" {
	named_make
	conf_make "queue: { retry_schedule: [1, 1, 1, 1, 1, 1, 1, 1] }"
	named_up
	queue_up
	httpd_up
	pushes 6 >"$TMP/pushes.log" 2>&1 3>&- &
	local i loader=$!
	for i in 1 2 3; do
		random_moment 150
		named_down KILL
		random_moment 150
		named_up
	done
	wait $loader
	wait_for 30 newest_served 40 6
	wait_for 30 all_done
}

@test "ddo-queue ended before each call that changes something, then once more" {
	named_make
	conf_make
	named_up
	"$BIN/ddo-queue" -1
	local n=0 status
	while :; do
		n=$((n + 1))
		[ $n -lt 300 ]
		put same.example $n
		put same.example $((n + 1))
		put new$n.example 1
		put brief$n.example 1
		"$BIN/ddo-enqueue" del brief$n.example
		[ $n = 1 ] || "$BIN/ddo-enqueue" del new$((n - 1)).example
		status=0
		DDO_CRASH_ONLY=ddo-queue DDO_CRASH_AT=$n with_shim crash "$BIN/ddo-queue" -1 \
			2>>"$TMP/crashed.log" || status=$?
		[ $status = 0 ] || [ $status = 137 ]
		# A runner that was killed left its push program; that one ends by itself.
		timeout 20 "$BIN/ddo-queue" -1 2>>"$TMP/again.log" ||
			{ tail -n 20 "$TMP"/again.log "$TMP"/named.log >&2; "$BIN/ddo-status" >&2; \
			false; }
		serves same.example $((n + 1))
		serves new$n.example 1
		gone brief$n.example
		[ $n = 1 ] || gone new$((n - 1)).example
		[ -z "$(find "$TMP/spool/new" "$TMP/spool/bad" -type f)" ]
		[ $status = 137 ] || break
	done
	[ $n -gt 10 ]
	[ "$(sqlite3 "$TMP/zones.db" 'PRAGMA integrity_check')" = ok ]
}
