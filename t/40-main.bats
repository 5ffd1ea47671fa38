#!/usr/bin/env bats
# The main job: a push over HTTP as DirectAdmin does it, answered by a real named.
# shellcheck disable=SC2086	# numbers need no quotes

load lib/common
load lib/named

teardown()
{
	stop_all
}

world() # [include]
{
	named_make "$@"
	conf_make "queue: { retry_schedule: [1, 2, 600] }"
	named_up
	queue_up
	httpd_up
}

has() # NAME TYPE TEXT
{
	[ "$(dig @127.0.0.1 -p "$DNS" +norec +time=1 +tries=2 +short "$1" "$2")" = "$3" ]
}

main_job()
{
	da_save one.example 2026010101
	wait_for 10 serves one.example 2026010101
	has www.one.example A 192.0.2.1
	da_save one.example 2026010102 "www2 300 IN A 198.51.100.2"
	wait_for 10 serves one.example 2026010102
	has www2.one.example A 198.51.100.2
	# A rename is a save of the new and a delete of the old, in any order.
	da_save two.example 1
	da_delete one.example
	wait_for 10 serves two.example 1
	wait_for 10 gone one.example
	wait_for 10 all_done
	run -0 "$BIN/ddo-status"
	[[ $output == good:*"1 zones"* ]]
	[ "$(da 'action=exists&domain=two.example')" = \
		'error=0&exists=1&details=Domain+exists+on+da1.example.com' ]
	[ "$(da 'action=exists&domain=one.example')" = 'error=0&exists=0' ]
	da_save one.example 2
	wait_for 10 serves one.example 2
	queue_down
	named_down
	named_up
	serves one.example 2
	serves two.example 1
}

@test "a push, an update, a rename, a delete, again: addzone" {
	world
	main_job
}

@test "a push, an update, a rename, a delete, again: include" {
	world include
	main_job
}

all_served() # PREFIX COUNT SERIAL
{
	"$BIN/ddo-push-bind" -t ns1 list >"$TMP/list" || return 1
	[ "$(grep -c "^$1[0-9]*\.example	$3	[0-9a-f]" "$TMP/list")" = "$2" ]
}

burst() # PREFIX COUNT SERIAL
{
	local i
	mkdir -p "$TMP/burst"
	for ((i = 1; i <= $2; i++)); do
		zone_text "$1$i.example" "$3" >"$TMP/burst/$1$i.example.db"
		echo "put $1$i.example $TMP/burst/$1$i.example.db"
	done | "$BIN/ddo-enqueue" -o da1.example.com batch >"$TMP/answers"
	[ "$(grep -c '^ok ' "$TMP/answers")" = "$2" ]
}

burst_500()
{
	burst b 500 1
	wait_for 60 all_served b 500 1
	burst b 500 2
	wait_for 60 all_served b 500 2
	wait_for 10 all_done
	# The same once more: nothing is written.
	local told
	told=$(grep -c 'control channel command' "$TMP/named.log")
	burst b 500 2
	wait_for 30 all_done
	[ "$(grep -c 'control channel command.*\(addzone\|reload\|reconfig\)' "$TMP/named.log")" \
		-le "$told" ]
	for i in {1..500}; do echo "del b$i.example"; done | "$BIN/ddo-enqueue" batch >/dev/null
	wait_for 60 all_done
	[ -z "$("$BIN/ddo-push-bind" -t ns1 list)" ]
	[ -z "$(ls -A "$TMP/zones")" ]
	gone b1.example
	gone b500.example
}

@test "500 zones in a burst, changed, unchanged, deleted: addzone" {
	world
	burst_500
}

@test "500 zones in a burst, changed, unchanged, deleted: include" {
	world include
	burst_500
}

@test "a zone that named refuses keeps the old version, shows why, and heals" {
	world
	da_save bad.example 1
	wait_for 10 serves bad.example 1
	da_save bad.example 2 "@ 300 IN NS nowhere"
	wait_for 10 is_state bad.example refused
	serves bad.example 1
	run -0 "$BIN/ddo-status" --zone bad.example
	[[ $output == *"no address records"* ]]
	run -1 "$BIN/ddo-status"
	[[ $output == degraded:* ]]
	queue_down
	named_down
	named_up
	serves bad.example 1
	queue_up
	da_save bad.example 3
	wait_for 10 serves bad.example 3
	wait_for 10 all_done
	run -0 "$BIN/ddo-status"
}

probes() # how many probes failed or worked, by the log
{
	grep -cE 'ns1: (down|still down|up again)' "$TMP/queue.log"
}

@test "named down for a while: nothing lost, no attempt used up, one probe a step" {
	world
	da_save first.example 1
	wait_for 10 serves first.example 1
	named_down
	for i in {1..20}; do
		da_save w$i.example 1
	done
	da_save first.example 2
	da_delete w20.example
	wait_for 10 grep -q 'ns1: still down' "$TMP/queue.log"
	# Ten pushes to a dead target: one store row a zone, no attempt counted.
	wait_for 10 is_state w1.example due
	"$BIN/ddo-status" --json >"$TMP/status" || [ $? = 2 ]
	[ "$(jq '.targets[0].state' "$TMP/status")" = '"down"' ]
	"$BIN/ddo-status" --json --zone w1.example | jq -e '.deliveries[0].attempts == 0'
	# 1 s and 2 s have passed, the next probe is 600 s away.
	wait_for 10 long_pause
	[ "$(probes)" -le 4 ]
	named_up
	"$BIN/ddo-queue" --retry
	wait_for 10 serves w1.example 1
	wait_for 10 serves w19.example 1
	wait_for 10 serves first.example 2
	wait_for 10 all_done
	gone w20.example
	run -0 "$BIN/ddo-status"
}

long_pause() # the next probe is far ahead
{
	local next
	next=$("$BIN/ddo-status" --json | jq -r '.targets[0].next_probe')
	[ $(($(date -d "$next" +%s) - $(date +%s))) -gt 60 ]
}

@test "a newer push while an older waits, a delete while a save waits, a save while a delete waits" {
	world
	da_save c.example 1
	wait_for 10 serves c.example 1
	named_down
	da_save a.example 1
	da_save a.example 3
	da_save a.example 2
	da_save b.example 1
	da_delete b.example
	da_delete c.example
	da_save c.example 5
	wait_for 10 grep -q 'ns1: down' "$TMP/queue.log"
	named_up
	"$BIN/ddo-queue" --retry
	wait_for 10 serves a.example 2
	wait_for 10 serves c.example 5
	wait_for 10 all_done
	gone b.example
	# One write, not three.
	[ "$(grep -c 'addzone "a.example"' "$TMP/named.log")" = 1 ]
	not grep -q 'addzone "b.example"' "$TMP/named.log"
}

@test "a delete by another host is refused; a zone that moved belongs to the new one" {
	world
	da_save moved.example 1
	wait_for 10 serves moved.example 1
	da_delete moved.example da2.example.com
	wait_for 10 all_done
	serves moved.example 1
	run -0 "$BIN/ddo-status" --zone moved.example
	[[ $output == *"delete by da2.example.com refused"* ]]
	grep -q 'moved.example: delete by da2.example.com refused: da1.example.com owns' \
		"$TMP/queue.log"
	DA_HOST=da2.example.com da_save moved.example 2
	wait_for 10 serves moved.example 2
	[ "$(da 'action=exists&domain=moved.example')" = \
		'error=0&exists=1&details=Domain+exists+on+da2.example.com' ]
	da_delete moved.example da1.example.com
	wait_for 10 all_done
	serves moved.example 2
	da_delete moved.example da2.example.com
	wait_for 10 gone moved.example
	# A shell that speaks for nobody may delete anything.
	da_save moved.example 3
	wait_for 10 serves moved.example 3
	"$BIN/ddo-enqueue" del moved.example
	wait_for 10 gone moved.example
}

@test "the clock steps back: the push that came last wins" {
	need faketime
	world
	local i
	for i in 1 2 3; do
		put back.example 10$i
		zone_text back.example 20$i >"$TMP/zone"
		with_asan_last faketime -f "-${i}h" "$BIN/ddo-enqueue" put back.example <"$TMP/zone"
		wait_for 10 serves back.example 20$i
	done
	# All waiting together, taken by a runner whose clock is behind the jobs.
	queue_down
	put back.example 301
	zone_text back.example 302 >"$TMP/zone"
	with_asan_last faketime -f -1d "$BIN/ddo-enqueue" put back.example <"$TMP/zone"
	put other.example 1
	with_asan_last faketime -f -200s "$BIN/ddo-queue" -1
	serves back.example 302
	serves other.example 1
	# A retry time that a clock ahead has written does not hold up a zone for ever.
	"$BIN/ddo-status" || [ $? = 2 ]
}

@test "ddo-queue -1 does what is due and ends" {
	named_make
	conf_make
	named_up
	run -75 put once.example 1 # the spool is ddo-queue's to make
	"$BIN/ddo-queue" -1
	put once.example 1
	"$BIN/ddo-queue" -1
	serves once.example 1
	[ -z "$(ls -A "$TMP/spool/new")" ]
	"$BIN/ddo-queue" -1
	"$BIN/ddo-enqueue" del once.example
	"$BIN/ddo-queue" -1
	gone once.example
}

@test "SIGTERM: what is under way is finished or handed back, exit 0; SIGHUP: a new configuration" {
	world
	da_save hup.example 1
	wait_for 10 serves hup.example 1
	cat >>"$TMP/app.yml" <<-END
		    copy: { type: dir, program: $ROOT/etc/examples/ddo-push-dir }
	END
	sed -i '/^queue:/d' "$TMP/app.yml"
	kill -HUP "$QUEUE"
	wait_for 10 test -e "$TMP/zones.copy/hup.example"
	# A broken configuration changes nothing.
	cp "$TMP/app.yml" "$TMP/good.yml"
	echo 'nonsense: yes' >>"$TMP/app.yml"
	kill -HUP "$QUEUE"
	wait_for 10 grep -q 'app.yml:.*nonsense' "$TMP/queue.log"
	cp "$TMP/good.yml" "$TMP/app.yml"
	da_save hup.example 2
	wait_for 10 serves hup.example 2
	burst s 100 1
	queue_down
	queue_up
	wait_for 20 all_served s 100 1
	wait_for 20 all_done
	local begin
	begin=$(now_ms)
	queue_down
	[ $(($(now_ms) - begin)) -lt 8000 ]
}

@test "ddo-queue -T and wrong options" {
	named_make
	conf_make
	run -0 "$BIN/ddo-queue" -T
	echo 'nonsense: yes' >>"$TMP/app.yml"
	run -78 "$BIN/ddo-queue" -T
	[[ $output =~ app.yml:[0-9]+:\ nonsense ]]
	run -78 "$BIN/ddo-queue" -1
	run -64 "$BIN/ddo-queue" --frob
	run -78 "$BIN/ddo-queue" -c /nonexistent -1
}

all_down()
{
	"$BIN/ddo-status" --json | jq -e '[.targets[].state] | all(. == "down")'
}

@test "ddo-status: 2 without a runner, without a store, with all targets down" {
	named_make
	conf_make
	run -2 "$BIN/ddo-status"
	named_up
	queue_up
	wait_for 10 "$BIN/ddo-status"
	queue_down
	run -2 "$BIN/ddo-status"
	[[ $output == broken:* ]]
	"$BIN/ddo-status" --json | jq -e '.verdict == "broken"'
	run -1 "$BIN/ddo-status" --zone never.example
	run -64 "$BIN/ddo-status" --zone 'a b'
	named_down
	queue_up
	put x.example 1
	wait_for 10 all_down
	run -2 "$BIN/ddo-status"
	[[ $output == *"ns1: down since"* ]]
}
