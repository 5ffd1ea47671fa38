#!/usr/bin/env bats
# A zone harms only itself: zones that break their push program, take their server down, or make
# the whole batch fail, among neighbours.

load lib/common
load lib/named
load lib/moments

teardown()
{
	stop_all
}

# neighbours N: n1.example to nN.example
neighbours()
{
	seq -f 'n%g.example' "$1"
}

zones_done() # TARGET ZONE...
{
	local target=$1 zone
	shift
	for zone; do
		is_state "$target" "$zone" 'done' || { echo "$zone: $(state "$target" "$zone")"; \
			return 1; }
	done
}

@test "a push program that breaks off at one zone: exit 64, 1, a signal; never down, neighbours served" {
	local code zone
	RETRY='[1, 600]' world a
	ctl a 'exit 64 bad64.example' 'exit 1 bad1.example' 'exit 127 bad127.example' \
		'exit 65 bad65.example'
	queue_up
	mapfile -t zones < <(neighbours 20)
	puts 1 bad64.example bad1.example "${zones[@]}" bad127.example bad65.example
	wait_for 30 zones_done a "${zones[@]}"
	for code in 64 1 127 65; do
		wait_for 30 is_state a bad$code.example deferred
	done
	not grep -q 'a: down' "$TMP/queue.log"
	# New pushes go before what failed.
	put new.example 1
	wait_for 5 is_state a new.example 'done'
	"$BIN/ddo-status" --json | jq -e '.targets[0].state != "down"' || [ $? = 1 ]
}

died() # TIMES, of killer.example
{
	[ "$(grep -c '^gone killer.example' "$TMP/a.log")" = "$1" ]
}

@test "a server that a zone takes down: suspects go alone, the guilty one is quarantined, the others are served" {
	RETRY='[1, 1, 1]' world a
	ctl a 'gone killer.example'
	queue_up
	mapfile -t zones < <(neighbours 30)
	puts 1 "${zones[@]}" killer.example
	wait_for 40 is_state a killer.example refused
	wait_for 40 zones_done a "${zones[@]}"
	# Twice: once in company, once alone.
	died 2
	grep -qx 'gone killer.example of 1' "$TMP/a.log"
	"$BIN/ddo-status" --zone killer.example | grep -q 'quarantined: .*the server died'
	# The same push again (a mass rewrite) does not kill it once more, nor does a restart.
	put killer.example 1
	queue_down
	queue_up
	put after.example 1
	wait_for 10 is_state a after.example 'done'
	[ "$(state a killer.example)" = refused ]
	died 2
	# A changed one goes alone, and one death is enough.
	: >"$TMP/a.log"
	puts 2 killer.example n1.example
	wait_for 20 died 1
	wait_for 20 is_state a killer.example refused
	wait_for 20 got a 'put n1.example 2'
	grep -qx 'gone killer.example of 1' "$TMP/a.log"
	# Until it is a good one.
	rm "$TMP/a.ctl"
	put killer.example 3
	wait_for 20 is_state a killer.example 'done'
	[ "$(sqlite3 "$TMP/zones.db" "SELECT sum(alone) FROM deliveries")" = 0 ]
}

@test "a server that was only restarted: nobody is quarantined" {
	RETRY='[1, 1, 1]' world a
	ctl a 'gone one.example'
	queue_up
	put one.example 1
	wait_for 10 got a 'gone one.example of 1'
	rm "$TMP/a.ctl"
	wait_for 20 is_state a one.example 'done'
	not grep -q quarantined "$TMP/queue.log"
}

@test "a target that says down for a reason of its own quarantines nobody" {
	RETRY='[1, 1, 1]' world a
	queue_up
	ctl a 'exit 69 one.example'
	puts 1 one.example two.example
	wait_for 20 got a 'exit one.example of 1'
	[ "$(state a one.example)" = due ]
	wait_for 20 is_state a two.example 'done'
	not grep -q quarantined "$TMP/queue.log"
}

@test "one zone that defers its whole batch: its neighbours are served at once, it waits alone" {
	RETRY='[600]' world a
	ctl a 'defer poison.example'
	mapfile -t zones < <(neighbours 40)
	puts 1 "${zones[@]}" poison.example
	queue_up
	wait_for 20 zones_done a "${zones[@]}"
	wait_for 20 is_state a poison.example deferred
	[ "$(sqlite3 "$TMP/zones.db" 'SELECT max(attempts) FROM deliveries')" = 1 ]
	grep -q 'a: none of [0-9]* zones was done; they are sent again in smaller batches: .*not together' \
		"$TMP/queue.log"
}

@test "zones that fail together though another one is done: the last try takes them one by one" {
	RETRY='[1, 1]' world a
	ctl a 'fail-but good.example poison.example'
	queue_up
	mapfile -t zones < <(neighbours 40)
	puts 1 good.example "${zones[@]}" poison.example
	wait_for 40 is_state a poison.example parked
	wait_for 10 zones_done a "${zones[@]}"
}
