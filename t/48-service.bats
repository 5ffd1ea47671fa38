#!/usr/bin/env bats
# What a service manager and its operator see of ddo-queue: readiness, reload, restart.
# shellcheck disable=SC2034	# DNS is for lib/named

load lib/common
load lib/named
load lib/kinds
load lib/manager

teardown()
{
	stop_all
}

# pushers NAME...: a target of t/lib/pusher for each.
pushers()
{
	targets_conf
	local name
	for name; do
		echo "    $name: { type: odd, program: $ROOT/t/lib/pusher }" >>"$DDO_CONFIG"
	done
	mkdir -p "$TMP/run"
}

# Every process that was told this test's configuration, but ddo-queue itself.
push_programs()
{
	pgrep -f -- "-c $DDO_CONFIG" || true
}

@test "READY=1 when all is set up, RELOADING=1 around a reload, STOPPING=1" {
	pushers a b
	manager_up "$TMP/notify"
	queue_up
	wait_for 10 heard 'READY=1 STATUS=2 targets'
	# What it says is so: the lock is held, the store is there, the spool is watched.
	not flock -n "$TMP/run/queue.lock" true
	[ -s "$TMP/zones.db" ]
	grep -q '^inotify ' /proc/"$QUEUE"/fdinfo/*
	sed -i '/^    b:/d' "$DDO_CONFIG"
	kill -HUP "$QUEUE"
	wait_for 10 heard 'READY=1 STATUS=1 targets'
	[[ $(grep -n . "$TMP/heard.log" | sed -n 3,4p) == *RELOADING=1\ MONOTONIC_USEC=*READY=1* ]]
	local i=1
	for line in 'b: [' '    w: { type: bind, zones_dir: /z, colour: red }'; do
		cp "$DDO_CONFIG" "$TMP/right.yml"
		echo "$line" >>"$DDO_CONFIG"
		kill -HUP "$QUEUE"
		i=$((i + 1))
		wait_for 10 sh -c "[ \$(grep -c RELOADING '$TMP/heard.log') = $i ]"
		wait_for 10 sh -c "tail -n 1 '$TMP/heard.log' |
			grep '^READY=1 STATUS=1 targets, the old configuration stays: .*/app.yml:'"
		cp "$TMP/right.yml" "$DDO_CONFIG"
	done
	kill -HUP "$QUEUE"
	wait_for 10 sh -c "tail -n 1 '$TMP/heard.log' | grep -x 'READY=1 STATUS=1 targets'"
	queue_down
	wait_for 10 heard STOPPING=1
}

@test "a ddo-queue that cannot start is never ready, and its exit says whether to try again" {
	pushers a
	manager_up "$TMP/notify"
	start_bg lock flock "$TMP/run/queue.lock" tail -f /dev/null
	wait_for 10 not flock -n "$TMP/run/queue.lock" true
	run -75 "$BIN/ddo-queue"
	pkill -P "$BG_PID"
	wait_for 10 flock -n "$TMP/run/queue.lock" true
	mkdir "$TMP/zones.db"
	run -75 "$BIN/ddo-queue"
	rmdir "$TMP/zones.db"
	echo '    w: { type: bind, zones_dir: /z, colour: red }' >>"$DDO_CONFIG"
	run -78 "$BIN/ddo-queue"
	not grep READY "$TMP/heard.log"
	# The unit knows these codes.
	grep -qx 'RestartPreventExitStatus=64 78' "$ROOT/etc/systemd/ddo-queue.service"
	grep -qx 'Type=notify' "$ROOT/etc/systemd/ddo-queue.service"
}

@test "the test, the start and a reload count the same: enabled targets" {
	pushers a b c
	sed -i 's/^    c: {/& enabled: false,/' "$DDO_CONFIG"
	run -0 "$BIN/ddo-queue" -T
	[[ $output == *"good, 2 targets" ]]
	run -0 "$BIN/ddo-reconcile" -T
	[[ $output == *"0 DirectAdmin servers, 2 targets" ]]
	queue_up
	wait_for 10 test -e "$TMP/spool/taken" # then it has its handlers
	kill -HUP "$QUEUE"
	wait_for 10 grep -q 'configuration reloaded: 2 targets' "$TMP/queue.log"
}

@test "restarted again and again under load: quickly, nothing is lost, no push program stays" {
	server_make bind ns1
	DNS=${DNS_OF[ns1]}
	targets_conf ns1
	server_up ns1
	queue_up
	wait_for 10 test -e "$TMP/spool/order"
	local i begun
	for i in {1..240}; do
		put "l$i.example" "$i" || return 1
	done 3>&- &
	local load=$!
	for i in 1 2 3 4 5 6; do
		random_moment 600
		begun=$(now_ms)
		queue_down
		[ $(($(now_ms) - begun)) -lt 6500 ] # stop_seconds is 5
		[ -z "$(push_programs)" ]
		queue_up
	done
	wait "$load"
	all_served()
	{
		[ -z "$(find "$TMP/spool/new" -type f -print -quit)" ] &&
			"$BIN/ddo-status" --json | jq -e '.zones == 240 and (.targets[0] |
				.confirmed == 240 and .parked + .refused + .deferred == 0)'
	}
	wait_for 60 all_served
	for i in 1 77 240; do
		serves "l$i.example" $i
	done
	not grep -q 'broke off' "$TMP/queue.log"
	queue_down
	[ -z "$(push_programs)" ]
}

@test "a stop with a push program that ignores it: killed after stop_seconds, its zone stays due" {
	pushers a
	sed -i 's/^queue:.*/queue: { stop_seconds: 1 }/' "$DDO_CONFIG"
	cat >"$TMP/stubborn" <<-END
		#!/bin/bash
		trap "" TERM
		[ "\$5" != check ] || exit
		tail -f /dev/null & echo \$! >"$TMP/grandchild"
		while :; do read -rt 1 _ <> <(:); done
	END
	chmod +x "$TMP/stubborn"
	sed -i "s|program: [^ ]*|program: $TMP/stubborn|" "$DDO_CONFIG"
	queue_up
	wait_for 10 test -e "$TMP/spool/order"
	put a.example 1
	wait_for 10 test -s "$TMP/grandchild"
	local begun
	begun=$(now_ms)
	queue_down
	[ $(($(now_ms) - begun)) -lt 4500 ]
	[ -z "$(push_programs)" ]
	not is_running "$(cat "$TMP/grandchild")"
	"$BIN/ddo-status" --json --zone a.example |
		jq -e '.deliveries[0].state == "due" or .deliveries[0].state == "deferred"'
}

@test "a batch in which many zones fail: the log names twenty and counts the rest" {
	pushers a
	"$BIN/ddo-queue" -1
	echo refuse >"$TMP/a.ctl"
	local i
	for i in {1..33}; do
		put "f$i.example" 1
	done
	"$BIN/ddo-queue" -1 >"$TMP/queue.log" 2>&1
	[ "$(grep -c 'a: f[0-9]*.example: refused: refused here' "$TMP/queue.log")" = 20 ]
	grep -q 'a: 13 more zones of this batch failed' "$TMP/queue.log"
	"$BIN/ddo-status" --json | jq -e '.targets[0].refused == 33'
}

@test "a deleted zone is no zone that a target confirmed" {
	pushers a
	"$BIN/ddo-queue" -1
	local i
	for i in {1..3}; do
		put "c$i.example" 1
	done
	"$BIN/ddo-queue" -1
	"$BIN/ddo-enqueue" del c2.example
	"$BIN/ddo-queue" -1
	grep -qx 'del c2.example' "$TMP/a.log"
	"$BIN/ddo-status" --json | jq -e '.zones == 2 and .targets[0].confirmed == 2'
	# The same of a store that has no index of them, as that of an earlier ddo.
	sqlite3 "$TMP/zones.db" 'DROP INDEX zones_deleted'
	"$BIN/ddo-status" --json | jq -e '.zones == 2 and .targets[0].confirmed == 2'
	"$BIN/ddo-queue" -1
	sqlite3 "$TMP/zones.db" '.indexes zones' | grep -q zones_deleted
}

@test "somebody who may not read the configuration, the store or the spool is told what to do" {
	pushers a
	"$BIN/ddo-queue" -1
	put a.example 1
	"$BIN/ddo-queue" -1
	local as=() what
	# root without its right to open everything
	[ "$(id -u)" != 0 ] || as=(setpriv '--bounding-set=-dac_override,-dac_read_search')
	"${as[@]}" true || absent "the right to drop capabilities" || return 1
	for what in zones.db spool app.yml; do
		chmod 0 "$TMP/$what"
		run "${as[@]}" "$BIN/ddo-status"
		[ "$status" != 0 ]
		[[ $output == *"$what: Permission denied; run this with sudo, or as a member of the group ddo"* ]]
		chmod u+rwX "$TMP/$what"
	done
}
