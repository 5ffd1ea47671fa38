#!/usr/bin/env bats
# ddo-queue in odd moments: jobs that cannot be read, reloads that fail, targets that leave and come
# back, a clock that steps back.

load lib/common
load lib/named
load lib/moments

teardown()
{
	stop_all
}

# unreadable ZONE SERIAL: a push whose job cannot be read; its path is in $STUCK.
unreadable()
{
	put "$1" "$2"
	STUCK=$TMP/spool/new/$(find "$TMP/spool/new" -type f -printf '%f\n' | sort | tail -n 1)
	mv "$STUCK" "$TMP/job"
	mkdir "$STUCK"
}

@test "a job that cannot be read holds up no other one, and ddo-status says why it waits" {
	world a
	unreadable one.example 1
	queue_up
	put two.example 1
	wait_for 10 is_state a two.example 'done'
	wait_for 10 test -e "$TMP/run/intake"
	run -1 "$BIN/ddo-status"
	[[ $output == *"intake stands since "*", 1 jobs cannot be taken: "*"Is a directory"* ]]
	"$BIN/ddo-status" --json >"$TMP/status" || [ $? = 1 ]
	jq -e '.spool | .stuck == 1 and (.reason | contains("Is a directory"))' "$TMP/status"
	# It can be read again.
	rmdir "$STUCK"
	mv "$TMP/job" "$STUCK"
	wait_for 10 is_state a one.example 'done'
	wait_for 10 not test -e "$TMP/run/intake"
	"$BIN/ddo-status"
	grep -q 'jobs are taken again' "$TMP/queue.log"
}

@test "a job that somebody takes away is forgotten, the one that came with it is taken" {
	world a
	unreadable one.example 1
	put two.example 1
	queue_up
	wait_for 10 is_state a two.example 'done'
	rmdir "$STUCK"
	put three.example 1
	wait_for 10 is_state a three.example 'done'
	wait_for 10 not test -e "$TMP/run/intake"
	[ -z "$(ls "$TMP/spool/new" "$TMP/spool/bad")" ] ||
		[ -z "$(find "$TMP/spool/new" "$TMP/spool/bad" -type f)" ]
}

@test "a job that the store will not have is left out, and the others go in" {
	world a
	# What stands for a fault in the store that is about one zone.
	sqlite3 "$TMP/zones.db" "CREATE TRIGGER fault BEFORE INSERT ON zones WHEN NEW.name = 'odd.example'
		BEGIN SELECT RAISE(ABORT, 'not this one'); END"
	puts 1 one.example odd.example two.example
	queue_up
	wait_for 10 is_state a one.example 'done'
	wait_for 10 is_state a two.example 'done'
	[ "$(find "$TMP/spool/new" -type f | wc -l)" = 1 ]
	wait_for 10 grep -q ' 1 .*not this one' "$TMP/run/intake"
	run -1 "$BIN/ddo-status"
	[[ $output == *"1 jobs cannot be taken: "*"not this one"* ]]
	queue_down
	run -75 "$BIN/ddo-queue" -1
	sqlite3 "$TMP/zones.db" 'DROP TRIGGER fault'
	"$BIN/ddo-queue" -1
	got a 'put odd.example 1'
	[ ! -e "$TMP/run/intake" ]
}

@test "a damaged job, an unreadable one and a good one: the newest state wins in any order" {
	world a
	put one.example 1
	unreadable one.example 2
	printf 'garbage\n' >"$TMP/spool/new/0000000000000007"
	put one.example 3
	queue_up
	wait_for 10 got a 'put one.example 3'
	wait_for 10 test -e "$TMP/spool/bad/0000000000000007"
	# The one between comes last, and changes nothing.
	rmdir "$STUCK"
	mv "$TMP/job" "$STUCK"
	wait_for 10 not test -e "$STUCK"
	[ "$(sqlite3 "$TMP/zones.db" 'SELECT serial FROM zones')" = 3 ]
	not got a 'put one.example 2'
}

@test "ddo-queue -1 takes what it can, and exits 75 when a job is left" {
	world a
	unreadable one.example 1
	put two.example 1
	run -75 "$BIN/ddo-queue" -1
	got a 'put two.example 1'
	rmdir "$STUCK"
	"$BIN/ddo-queue" -1
}

@test "a store that is locked for a while: intake says so, and goes on" {
	world a
	queue_up
	wait_for 10 test -e "$TMP/spool/order"
	hold_store
	put one.example 1
	wait_for 20 grep -q locked "$TMP/run/intake"
	[ -z "$(state a one.example)" ]
	touch "$TMP/let-go"
	wait_for 20 is_state a one.example 'done'
	wait_for 10 not test -e "$TMP/run/intake"
}

@test "a reload that fails leaves all targets as they were" {
	world b c
	queue_up
	put one.example 1
	wait_for 10 is_state b one.example 'done'
	hold_store
	reload 's/^    b: \(.*\)/    aa: \1\n&/'
	grep -q 'error: the old configuration stays; reload again:' "$TMP/queue.log"
	touch "$TMP/let-go"
	put two.example 1
	wait_for 20 got b 'put two.example 1'
	wait_for 20 got c 'put two.example 1'
	[ ! -s "$TMP/aa.log" ] # asked to check its options, and for nothing else
	reload ''
	wait_for 10 got aa 'put one.example 1'
	wait_for 10 got aa 'put two.example 1'
}

@test "a target that is taken out and put back while its batch runs misses nothing" {
	world a b
	ctl b 'wait go'
	queue_up
	put one.example 1
	wait_for 10 got b 'batch 1'
	cp "$TMP/app.yml" "$TMP/full.yml"
	reload '/^    b:/d'
	put two.example 1
	wait_for 10 is_state a two.example 'done'
	reload_with "$TMP/full.yml"
	put three.example 1
	wait_for 10 is_state a three.example 'done'
	# One push program a target: the new one waits for the end of the old one.
	[ "$(grep -c batch "$TMP/b.log")" = 1 ]
	touch "$TMP/go"
	for zone in one two three; do
		wait_for 10 is_state b $zone.example 'done'
		got b "put $zone.example 1"
	done
}

@test "what was refused or parked at a target is corrected there when it returns, and only then" {
	world a b
	ctl b 'refuse bad.example' 'refuse gone.example' 'refuse same.example' \
		'defer parked.example'
	queue_up
	puts 1 bad.example gone.example same.example
	put parked.example 1
	for zone in bad gone same; do
		wait_for 10 is_state b $zone.example refused
	done
	wait_for 20 is_state b parked.example parked
	cp "$TMP/app.yml" "$TMP/full.yml"
	reload '/^    b:/d'
	puts 2 bad.example parked.example
	"$BIN/ddo-enqueue" del gone.example
	wait_for 10 is_state a gone.example 'done'
	wait_for 10 got a 'put bad.example 2'
	: >"$TMP/b.log"
	rm "$TMP/b.ctl"
	reload_with "$TMP/full.yml"
	for zone in bad gone parked; do
		wait_for 10 is_state b $zone.example 'done'
	done
	got b 'put bad.example 2'
	got b 'del gone.example'
	got b 'put parked.example 2'
	# The same bytes would be refused again.
	[ "$(state b same.example)" = refused ]
	queue_down
	queue_up
	put last.example 1
	wait_for 10 is_state b last.example 'done'
	[ "$(state b same.example)" = refused ]
	not got b 'put same.example 1'
}

@test "a clock that steps back a day while a target is down: the probe still comes" {
	world a
	ctl a down
	export DDO_CLOCK=$TMP/clock
	# Not by a function, whose shell would be what is ended.
	start_bg queue env ASAN_OPTIONS=verify_asan_link_order=0 "LD_PRELOAD=$BUILD/shim/clock.so" \
		"$BIN/ddo-queue"
	put one.example 1
	wait_for 20 grep -q 'still down' "$TMP/queue.log"
	echo -86400 >"$TMP/clock"
	rm "$TMP/a.ctl"
	wait_for 20 is_state a one.example 'done'
}

@test "a flapping target: the schedule goes on until a batch is good" {
	RETRY='[1, 3600]' world a
	ctl a 'gone one.example'
	queue_up
	put one.example 1
	# Down; the probe is good after a second; down again, by the same zone.
	wait_for 20 grep -q 'quarantined' "$TMP/a.log" "$TMP/queue.log"
	[ "$(grep -c probe "$TMP/a.log")" = 1 ]
	local due
	due=$(sqlite3 "$TMP/zones.db" 'SELECT next_probe - since FROM targets')
	[ "$due" -gt 3000 ]
	"$BIN/ddo-queue" --retry a
	wait_for 20 grep -q 'up again' "$TMP/queue.log"
}

@test "a large zone is parsed and rendered beside the loop: an answer is read meanwhile" {
	TIMEOUT=1 world a b
	queue_up
	awk 'BEGIN {
		print "$TTL 300\n@ SOA ns.x. h.x. 1 1 1 1 1\n@ NS ns.x."
		for (i = 0; i < 60000; i++)
			printf "host-%d-with-a-name-of-some-length TXT \"%0200d\"\n", i, i
	}' >"$TMP/big"
	put w.example 1
	wait_for 10 is_state b w.example 'done'
	local i
	for i in 1 2 3; do
		sed -i "3a @ A 192.0.2.$i" "$TMP/big"
		"$BIN/ddo-enqueue" put big.example <"$TMP/big"
		put "x$i.example" 1
	done
	for i in 1 2 3; do
		wait_for 30 is_state a "x$i.example" 'done'
	done
	not grep -q deadline "$TMP/queue.log"
}
