#!/usr/bin/env bats
# A store that was restored from a copy: nothing older goes over anything newer, and DirectAdmin
# decides what the copy cannot know.
# shellcheck disable=SC2034,SC2154	# for lib/reconcile; status and output are of run

load lib/common
load lib/named
load lib/da
load lib/reconcile

DA1=da1.example.com
RECONCILE_KEYS='grace_hours: 0, requests_per_second: 0'

teardown()
{
	stop_all
}

# All that is sent to named is in $TMP/sent.
watched_world()
{
	world "$@"
	queue_down
	cat >"$TMP/pusher" <<-END
		#!/bin/bash
		[ "\$5" = batch ] || exec "$BIN/ddo-push-bind" "\$@"
		tee -a "$TMP/sent" | "$BIN/ddo-push-bind" "\$@"
	END
	chmod +x "$TMP/pusher"
	sed -i "s|type: bind, |&program: $TMP/pusher, |" "$TMP/app.yml"
	queue_up
}

# copied_world [SERVER]: a copy of the store, and what happened to it after that.
copied_world()
{
	watched_world "$@"
	local z
	for z in same changed waits gone back; do
		if [ $# -gt 0 ]; then
			both "$1" $z.example 5
		else
			put $z.example 5
		fi
	done
	"$BIN/ddo-enqueue" del back.example
	wait_for 20 all_done
	wait_for 10 gone back.example
	sqlite3 "$TMP/zones.db" ".backup '$TMP/copy.db'"
	# It was made in the moment in which this one was on its way.
	sqlite3 "$TMP/copy.db" "UPDATE deliveries SET state = 'due', confirmed = 0, next = 0 WHERE zone = 'waits.example'"
	for z in "changed 6" "waits 6" "new 1" "back 7"; do
		if [ $# -gt 0 ]; then
			both "$1" "${z% *}.example" "${z#* }"
		else
			put "${z% *}.example" "${z#* }"
		fi
	done
	[ $# = 0 ] || da_zone_rm "$1" gone.example
	"$BIN/ddo-enqueue" del gone.example
	wait_for 20 all_done
	untouched
}

# As named had it before the restore.
untouched()
{
	serves same.example 5 && serves changed.example 6 && serves waits.example 6 &&
		serves new.example 1 &&
		serves back.example 7 && gone gone.example
}

restore()
{
	queue_down
	rm "$TMP"/zones.db*
	cp "$TMP/copy.db" "$TMP/zones.db"
	: >"$TMP/sent"
	: >"$TMP/queue.log"
	queue_up
}

compared()
{
	grep 'ns1: compared with the store because the store is an older copy' "$TMP/queue.log"
}

held() # COUNT
{
	"$BIN/ddo-status" --json | jq -e ".restored.held == $1"
}

@test "restored: held, fetched, healed by DirectAdmin; never an older text over a newer one" {
	copied_world $DA1
	restore
	wait_for 10 compared
	grep -q 'the store is an older copy: its last job is of' "$TMP/queue.log"
	untouched
	wait_for 10 held 4
	run -1 "$BIN/ddo-status"
	[[ $output == *"store: an older copy since "*": 4 deliveries are held"* ]]
	run -0 "$BIN/ddo-status" --zone gone.example
	[[ $output == *"held: the store, an older copy, has it, and the target does not"* ]]
	reconcile 1
	line pull changed.example $DA1
	line pull waits.example $DA1
	line pull back.example $DA1
	line pull new.example $DA1
	line orphan gone.example $DA1
	# Serials alone may mislead: each text was looked at.
	[ "$(da_requests $DA1 'DNS_ADMIN.*same\.example')" -ge 1 ]
	wait_for 20 calm
	untouched
	reconcile 1
	line delete gone.example $DA1
	wait_for 20 calm
	untouched
	reconcile 0
	wait_for 10 "$BIN/ddo-status"
	not grep -E '^(put [0-9]+ gone\.example|del [0-9]+ (back|new|same|changed|waits)\.)' \
		"$TMP/sent"
	not grep -E '^(changed|waits)\.example\..*SOA.* 5 14400 ' "$TMP/sent"
	grep -E '^changed\.example\..*SOA.* 6 14400 ' "$TMP/sent"
	# It knows that it was told.
	queue_down
	: >"$TMP/queue.log"
	queue_up
	put same.example 6
	wait_for 10 serves same.example 6
	not grep 'older copy' "$TMP/queue.log"
}

@test "restored, and no DirectAdmin: all stays as it is until a person says that the store is right" {
	copied_world
	restore
	wait_for 10 compared
	wait_for 10 held 4
	reconcile 1
	line refused - ns1
	line foreign new.example ns1
	wait_for 20 taken
	untouched
	queue_down
	queue_up
	put same.example 6
	wait_for 10 serves same.example 6
	not grep -E '^(put|del) [0-9]+ (changed|waits|gone|back|new)' "$TMP/sent"
	put same.example 5
	wait_for 10 serves same.example 5
	# What is pushed is newer than all that.
	put changed.example 8
	wait_for 10 serves changed.example 8
	held 3
	"$BIN/ddo-queue" --retry ns1
	wait_for 10 serves gone.example 5
	wait_for 10 serves waits.example 5
	wait_for 10 gone back.example
	serves changed.example 8
	serves new.example 1
	wait_for 10 all_done
	run -0 "$BIN/ddo-status"
	[[ $output != *"older copy"* ]]
}

@test "restored while the target is down: neither ddo-queue nor ddo-reconcile sends anything before it is compared" {
	copied_world $DA1
	named_down
	queue_down
	# The probe will not come by itself.
	sqlite3 "$TMP/copy.db" "INSERT OR REPLACE INTO targets(name, down, since, next_probe, step, reason)
		VALUES('ns1', 1, 1, strftime('%s') + 600, 0, 'gone')"
	sed -i 's/^dns:/queue: { retry_schedule: [600] }\n&/' "$TMP/app.yml"
	restore
	wait_for 10 grep -q 'the store is an older copy' "$TMP/queue.log"
	named_up
	reconcile 69
	line uncompared - ns1 'older copy'
	no_line push
	no_line ghost
	wait_for 20 taken
	untouched
	queue_down
	sqlite3 "$TMP/zones.db" "UPDATE targets SET next_probe = 0"
	queue_up
	wait_for 20 compared
	wait_for 20 calm
	untouched
	not grep -E '^(changed|waits)\.example\..*SOA.* 5 14400 ' "$TMP/sent"
}

@test "no false alarm: killed, a new spool, no file, a file that is behind or damaged; a lost store is said" {
	watched_world
	put a.example 5
	wait_for 10 serves a.example 5
	wait_for 10 all_done
	queue_down KILL || true
	local taken=$TMP/spool/taken i
	[[ $(cat "$taken") =~ ^[0-9]{16}$ ]]
	cp "$taken" "$TMP/taken"
	for i in behind damaged none spool; do
		case $i in
		behind) echo 0000000000000001 >"$taken" ;;
		damaged) head -c 17 /dev/zero >"$taken" ;;
		none) rm "$taken" ;;
		spool) rm -r "$TMP/spool" ;;
		esac
		"$BIN/ddo-queue" -1 2>>"$TMP/once.log"
		diff "$TMP/taken" "$taken"
	done
	not grep 'older copy' "$TMP/once.log"
	rm "$TMP"/zones.db*
	"$BIN/ddo-queue" -1 2>"$TMP/once.log"
	grep 'the store is an older copy: its last job is of never' "$TMP/once.log"
	serves a.example 5
}

# newer ZONE SERIAL: somebody writes another text into named's file, and loads it.
newer()
{
	zone_text "$@" >"$TMP/zones/$1.db"
	touch -d 'next minute' "$TMP/zones/$1.db"
	rndc -k "$TMP/rndc.key" -s 127.0.0.1 -p "$CONTROL" reload "$1"
	wait_for 10 serves "$1" "$2"
}

@test "ddo-reconcile finds a target newer than the store: DirectAdmin is asked, or nothing is done" {
	world $DA1
	both $DA1 same.example 5
	both $DA1 missed.example 5
	both $DA1 behind.example 5
	put alone.example 5
	wait_for 20 calm
	reconcile 0
	newer same.example 9
	newer missed.example 7
	newer behind.example 9
	newer alone.example 9
	da_zone_put $DA1 missed.example 6
	da_zone_put $DA1 behind.example 4
	reconcile 1
	line push same.example ns1 "newer on ns1: serial 9 there, 5 here, and DirectAdmin's is the store's"
	line pull missed.example $DA1 'newer on ns1'
	line held behind.example ns1 "DirectAdmin's is older"
	line held alone.example ns1 'serial 9 there, 5 here, and no DirectAdmin to ask'
	wait_for 10 serves same.example 5
	wait_for 10 serves missed.example 6
	wait_for 10 calm
	serves behind.example 9
	serves alone.example 9
	"$BIN/ddo-queue" --retry ns1 alone.example
	wait_for 10 serves alone.example 5
}
