#!/usr/bin/env bats
# ddo-queue compares targets with the store by itself, with a real named.

load lib/common
load lib/named

teardown()
{
	stop_all
}

world()
{
	named_make
	conf_make "queue: { retry_schedule: [1, 2, 600], rescan_seconds: 1 }"
	named_up
	queue_up
	wait_for 10 test -e "$TMP/spool/order"
	local z
	for z; do
		put "$z" 5
	done
	wait_for 20 confirmed $#
	wait_for 10 at_rest
}

at_rest() # it was compared at its start, and will not be before the day is over
{
	[ "$(sqlite3 -readonly "$TMP/zones.db" \
		"SELECT compared > 0 AND compared_boot <> '' FROM targets")" = 1 ]
}

confirmed() # COUNT
{
	"$BIN/ddo-status" --json | jq -e ".targets[0] | .confirmed == $1 and .due + .deferred == 0"
}

forget() # ZONE: named no longer has it, and ddo was not told
{
	rndc -k "$TMP/rndc.key" -s 127.0.0.1 -p "$CONTROL" delzone "$1"
	gone "$1"
}

# by_hand ZONE SERIAL [RECORD...]: somebody writes another text into named's file, and loads it.
by_hand()
{
	zone_text "$@" >"$TMP/zones/$1.db"
	touch -d 'next minute' "$TMP/zones/$1.db"
	rndc -k "$TMP/rndc.key" -s 127.0.0.1 -p "$CONTROL" reload "$1"
	wait_for 10 serves "$1" "$2"
}

stored() # SQL: as if time had passed, or another machine
{
	sqlite3 "$TMP/zones.db" "PRAGMA busy_timeout = 5000; $1" >/dev/null
}

told() # REGEX: what the log says of a comparison
{
	grep -E "ns1: compared with the store because $1" "$TMP/queue.log"
}

rebooted()
{
	stored "UPDATE targets SET compared_boot = 'before'"
}

@test "after a boot: a zone that named has forgotten is there again, nobody asked" {
	world a.example b.example c.example
	"$BIN/ddo-enqueue" del c.example
	wait_for 10 gone c.example
	wait_for 10 all_done
	queue_down
	forget b.example
	cp "$TMP/zones.db" "$TMP/copy.db"
	# The same boot: it is not asked.
	"$BIN/ddo-queue" -1
	gone b.example
	rebooted
	queue_up
	wait_for 10 serves b.example 5
	wait_for 10 all_done
	told 'the machine has booted since: 1 zones are right, 1 missing or older .* \(b\.example\)'
	serves a.example 5
	gone c.example
	# Once.
	at_rest
	"$BIN/ddo-status" --json | jq -e '.targets[0].compared | .again == 1 and .held == 0 and .at != null'
	run "$BIN/ddo-status"
	[[ $output == *"ns1: compared "*": 1 sent again"* ]]
}

@test "ddo-queue -1 compares, when it is time, before it exits" {
	world a.example b.example
	queue_down
	forget b.example
	rebooted
	"$BIN/ddo-queue" -1
	serves b.example 5
	at_rest
}

@test "named is gone, loses zones, comes back: right by itself" {
	world a.example b.example c.example
	named_down KILL
	put a.example 6
	wait_for 10 grep -q 'ns1: down' "$TMP/queue.log"
	rm "$TMP"/named/*.nz[fd]
	named_up
	gone b.example
	wait_for 20 serves a.example 6
	wait_for 20 serves b.example 5
	wait_for 20 serves c.example 5
	wait_for 10 confirmed 3
	wait_for 10 told 'it was down'
}

@test "a target that returns, or whose configuration changed, is compared" {
	local changed='it never was, was down, or its configuration changed'
	world a.example b.example
	cp "$TMP/app.yml" "$TMP/with"
	sed 's/ns1: {/ns1: { enabled: false,/' "$TMP/with" >"$TMP/without"
	# Out and in by reloads, then by starts.
	cp "$TMP/without" "$TMP/app.yml"
	kill -HUP "$QUEUE"
	wait_for 10 grep -q 'ns1: no longer configured' "$TMP/queue.log"
	forget b.example
	cp "$TMP/with" "$TMP/app.yml"
	kill -HUP "$QUEUE"
	wait_for 20 serves b.example 5
	wait_for 10 at_rest
	queue_down
	cp "$TMP/without" "$TMP/app.yml"
	"$BIN/ddo-queue" -1
	forget b.example
	cp "$TMP/with" "$TMP/app.yml"
	"$BIN/ddo-queue" -1 2>"$TMP/queue.log"
	serves b.example 5
	told "$changed: 1 zones are right, 1 missing or older ones are sent again"
	# The same configuration: nothing to compare.
	forget b.example
	"$BIN/ddo-queue" -1
	not serves b.example 5
	# Another one.
	sed "s|zones_dir: $TMP/zones,|zones_dir: $TMP/zones/,|" "$TMP/with" >"$TMP/app.yml"
	not cmp "$TMP/with" "$TMP/app.yml"
	"$BIN/ddo-queue" -1
	serves b.example 5
}

@test "once a day: older, other records with the same serial, a ghost; strangers are left alone" {
	world a.example b.example c.example d.example
	"$BIN/ddo-enqueue" del d.example
	wait_for 10 all_done
	queue_down
	by_hand a.example 4
	by_hand b.example 5 'x 300 IN A 198.51.100.1'
	zone_text d.example 1 >"$TMP/zones/d.example.db"
	zone_text e.example 1 >"$TMP/zones/e.example.db"
	local z
	for z in d e; do
		rndc -k "$TMP/rndc.key" -s 127.0.0.1 -p "$CONTROL" addzone $z.example \
			"{ type primary; file \"$TMP/zones/$z.example.db\"; };"
	done
	queue_up
	stored "UPDATE targets SET compared = compared - 86400"
	wait_for 20 serves a.example 5
	wait_for 20 gone d.example
	wait_for 20 all_done
	[ -z "$(dig @127.0.0.1 -p "$DNS" +norec +short x.b.example A)" ]
	told 'it is time: 1 zones are right, 2 missing or older ones .*, 1 deleted ones .*, 1 never were'
	serves e.example 1
}

@test "a target that has a newer serial is never pushed over: held, shown, decided by a person" {
	world a.example b.example
	queue_down
	by_hand a.example 7
	rebooted
	queue_up
	wait_for 10 is_state a.example refused
	run -0 "$BIN/ddo-status" --zone a.example
	[[ $output == *"held: the target has serial 7, the store only 5; "*"ddo-queue --retry ns1 a.example"* ]]
	[[ $output == *"a.example: wanted"* ]]
	run -1 "$BIN/ddo-status"
	is_state b.example "done"
	serves a.example 7
	"$BIN/ddo-queue" --retry ns1 a.example
	wait_for 10 serves a.example 5
	wait_for 10 all_done
	run -0 "$BIN/ddo-status" --zone a.example
	[[ $output == *"a.example: live"* ]]
}

# odd_world: one target whose push program says ok to all, keeps what it was sent in $TMP/sent, and
# lists what is in $TMP/list, with the exit code in $TMP/code.
odd_world()
{
	cat >"$TMP/pusher" <<-END
		#!/bin/bash
		if [ "\$5" = list ]; then
			cat "$TMP/list"
			[ ! -e "$TMP/hang" ] || read -r -t 1000 _ <> <(:)
			echo "no list today" >&2
			exit "\$(cat "$TMP/code")"
		fi
		while [ "\$5" = batch ] && read -r verb n zone size; do
			[ "\$verb" != commit ] || continue
			echo "\$verb \$zone" >>"$TMP/sent"
			[ "\$verb" != put ] || { head -c "\$size" >/dev/null; read -r _; }
			echo "ok \$n"
		done
	END
	chmod +x "$TMP/pusher"
	NAMED_MODE=addzone DNS=1 CONTROL=1 conf_make \
		"queue: { retry_schedule: [1, 1], rescan_seconds: 1 }"
	sed -i "s|ns1: .*|ns1: { type: odd, program: $TMP/pusher, timeout: 30 }|" "$TMP/app.yml"
	mkdir -p "$TMP/run"
	echo 0 >"$TMP/code"
	queue_up
	wait_for 10 test -e "$TMP/spool/order"
	local z
	for z in a b c; do
		put $z.example 5
	done
	wait_for 20 confirmed 3
	wait_for 10 at_rest
	full_list
}

full_list()
{
	sqlite3 -readonly -separator $'\t' "$TMP/zones.db" \
		"SELECT name, serial, digest FROM zones ORDER BY name DESC" >"$TMP/list"
}

listed_now() # one more comparison is due; nothing was sent before it
{
	queue_down
	: >"$TMP/queue.log"
	: >"$TMP/sent"
	rebooted
	queue_up
}

@test "a list that fails, is cut, or is none proves nothing; one that ends well is believed" {
	odd_world
	local why
	for why in code cut text; do
		head -n 1 "$TMP/list" >"$TMP/list.new"
		mv "$TMP/list.new" "$TMP/list"
		case $why in
		code) echo 69 >"$TMP/code" ;;
		cut) printf 'b.exa' >>"$TMP/list" ;;
		text) echo "Segmentation fault" >>"$TMP/list" ;;
		esac
		listed_now
		wait_for 10 grep 'ns1: cannot be compared with the store, will try again: ' \
			"$TMP/queue.log"
		"$BIN/ddo-queue" --retry # which is no reason to send what is confirmed
		wait_for 10 all_done
		[ ! -s "$TMP/sent" ]
		confirmed 3
		# It goes on trying.
		full_list
		echo 0 >"$TMP/code"
		wait_for 10 told 'the machine has booted since: 3 zones are right'
		[ ! -s "$TMP/sent" ]
	done
	# All is lost.
	: >"$TMP/list"
	listed_now
	wait_for 10 told 'the machine has booted since: 0 zones are right, 3 missing or older'
	wait_for 10 confirmed 3
	[ "$(sort "$TMP/sent")" = $'put a.example\nput b.example\nput c.example' ]
}

@test "a list that hangs holds up neither a push nor the end" {
	odd_world
	touch "$TMP/hang"
	listed_now
	wait_for 10 pgrep -P "$QUEUE" -f ' list$'
	put a.example 6
	wait_for 10 grep -x 'put a.example' "$TMP/sent"
	wait_for 10 confirmed 3
	local began
	began=$(now_ms)
	queue_down
	[ $(($(now_ms) - began)) -lt 5000 ]
}
