#!/usr/bin/env bats
# A target with nothing due is probed once in a while: a dead server shows before the next push.
# shellcheck disable=SC2034	# DNS is for lib/named

load lib/common
load lib/named
load lib/kinds

IDLE_PROBES=yes

teardown()
{
	stop_all
}

# pushers NAME...: a target of t/lib/pusher for each, with probe_seconds from $EVERY (default: 1).
pushers()
{
	targets_conf
	sed -i "s/^queue:.*/queue: { retry_schedule: [1], probe_seconds: ${EVERY:-1}, linger_seconds: 1 }/" \
		"$DDO_CONFIG"
	local name
	for name; do
		echo "    $name: { type: odd, program: $ROOT/t/lib/pusher, timeout: ${TIMEOUT:-30} }" \
			>>"$DDO_CONFIG"
	done
	mkdir -p "$TMP/run"
}

state() # NAME up|down
{
	"$BIN/ddo-status" --json |
		jq -e --arg n "$1" --arg s "$2" '.targets[] | select(.name == $n) | .state == $s'
}

verdict()
{
	[[ $("$BIN/ddo-status") == "$1:"* ]]
}

probes() # NAME: how many there were
{
	grep -c '^probe' "$TMP/$1.log" || true
}

more_probes() # NAME THAN
{
	[ "$(probes "$1")" -gt "$2" ]
}

all_done()
{
	"$BIN/ddo-status" --json | jq -e '[.targets[] | .due + .deferred] | add == 0'
}

# A server of this kind dies with nothing due, beside one that lives.
dies()
{
	server_make "$1" ns1
	server_up ns1
	pushers odd
	sed -i "s|^    odd:.*|&\n    ns1: { ${TARGET[ns1]} }|" "$DDO_CONFIG"
	DNS=${DNS_OF[ns1]}
	queue_up
	wait_for 10 test -e "$TMP/spool/order"
	put a.example 1
	wait_for 20 serves a.example 1
	wait_for 20 all_done
	wait_for 20 verdict good
	not grep -q 'ns1: down' "$TMP/queue.log"
	server_down ns1 KILL
	wait_for 20 verdict degraded
	state ns1 down
	state odd up
	"$BIN/ddo-status" | grep 'ns1: down since'
	grep -q 'ns1: down: ' "$TMP/queue.log"
	server_up ns1
	wait_for 20 verdict good
	# As after any outage, the target is compared.
	wait_for 20 grep -q 'ns1: compared with the store because it was down' "$TMP/queue.log"
	# The next outage starts at the first step again.
	reset()
	{
		[ "$(sqlite3 "$TMP/zones.db" "SELECT since FROM targets WHERE name = 'ns1'")" = 0 ]
	}
	wait_for 20 reset
}

@test "named dies with nothing due: degraded; it comes back: good, and compared" {
	dies bind
}

@test "nsd dies with nothing due: degraded; it comes back: good, and compared" {
	dies nsd
}

@test "/status and /metrics show the dead target" {
	pushers odd other
	sed -i 's/^app:.*/app: { auth_username: da, auth_password: secret }/' "$DDO_CONFIG"
	read -r HTTP < <(free_port)
	queue_up
	httpd_up
	wait_for 10 verdict good
	echo down >"$TMP/odd.ctl"
	shown()
	{
		curl -s -u da:secret "http://127.0.0.1:$HTTP/metrics" |
			grep -q '^ddo_target_up{target="odd"} 0' &&
			curl -s -u da:secret "http://127.0.0.1:$HTTP/status" |
			jq -e '.status == "degraded" and (.targets[0].state == "down")'
	}
	wait_for 20 shown
	: >"$TMP/odd.ctl"
	wait_for 20 verdict good
}

@test "an idle probe that hangs holds up no delivery and no stop; at its deadline the target is down" {
	cat >"$TMP/hanger" <<-END
		#!/bin/bash
		if [ "\$5" = probe ] && [ -e "$TMP/hang" ]; then
			trap "" TERM
			echo \$\$ >>"$TMP/hung"
			read -rt 1000 _ <> <(:)
		fi
		exec $ROOT/t/lib/pusher "\$@"
	END
	chmod +x "$TMP/hanger"
	touch "$TMP/hang"
	pushers odd
	sed -i "s|program: [^,]*|program: $TMP/hanger|" "$DDO_CONFIG"
	queue_up
	wait_for 10 test -s "$TMP/hung"
	local begun
	begun=$(now_ms)
	put a.example 1
	wait_for 10 grep -q 'put a.example 1' "$TMP/odd.log"
	wait_for 10 all_done
	[ $(($(now_ms) - begun)) -lt 8000 ] # the probe's deadline is after 30 s
	state odd up # the probe that was ended says nothing
	# never two at once
	: >"$TMP/hung"
	wait_for 20 test -s "$TMP/hung"
	local pid
	read -r pid <"$TMP/hung"
	wait_for 10 passed $(($(now_ms) + 2500))
	[ "$(wc -l <"$TMP/hung")" = 1 ]
	begun=$(now_ms)
	queue_down
	[ $(($(now_ms) - begun)) -lt 4000 ] # stop_seconds is 5
	not is_running "$pid"
	sed -i 's/timeout: [0-9]*/timeout: 1/' "$DDO_CONFIG"
	queue_up
	wait_for 20 state odd down
	"$BIN/ddo-status" | grep 'the probe took too long'
	rm "$TMP/hang"
	wait_for 20 state odd up
}

@test "idle probes are spread over the pause, each target keeps its pause, and 0 is off" {
	local i names=()
	for i in {1..8}; do
		names+=("odd$i")
	done
	EVERY=4 pushers "${names[@]}"
	queue_up
	local begun
	begun=$(now_ms)
	wait_for 10 more_probes odd1 0
	[ "$(probes odd8)" = 0 ] # 3.5 s later
	wait_for 10 more_probes odd8 0
	[ $(($(now_ms) - begun)) -ge 3500 ]
	wait_for 10 more_probes odd1 1
	for i in {2..7}; do
		[ "$(probes "odd$i")" = 1 ] || [ "$(probes "odd$i")" = 2 ]
	done
	sed -i 's/probe_seconds: 4/probe_seconds: 0/' "$DDO_CONFIG"
	kill -HUP "$QUEUE"
	wait_for 10 grep -q 'configuration reloaded: 8 targets' "$TMP/queue.log"
	i=$(cat "$TMP"/odd*.log | wc -l)
	wait_for 10 passed $(($(now_ms) + 4500))
	[ "$(cat "$TMP"/odd*.log | wc -l)" = "$i" ]
	# And on again: not all at once.
	sed -i 's/probe_seconds: 0/probe_seconds: 4/' "$DDO_CONFIG"
	local last
	last=$(probes odd8)
	i=$(probes odd1)
	kill -HUP "$QUEUE"
	wait_for 10 more_probes odd1 "$i"
	[ "$(probes odd8)" = "$last" ]
	wait_for 10 more_probes odd8 "$last"
}

@test "a push program without a verb probe is left alone, and its warnings are not logged" {
	pushers odd noisy
	cat >"$TMP/wordless" <<-'END'
		#!/bin/sh
		[ "$5" = batch ] || { echo "I know no $5" >&2; exit 64; }
		cat
	END
	cat >"$TMP/noise" <<-END
		#!/bin/sh
		[ "\$5" != probe ] || { echo careful >&2; echo x >>$TMP/noised; echo here; }
	END
	chmod +x "$TMP/wordless" "$TMP/noise"
	sed -i "s|odd: { type: odd, program: [^,]*|odd: { type: odd, program: $TMP/wordless|
		s|noisy: { type: odd, program: [^,]*|noisy: { type: odd, program: $TMP/noise|" \
		"$DDO_CONFIG"
	queue_up
	thrice()
	{
		[ "$(wc -l <"$TMP/noised")" -ge 3 ]
	}
	wait_for 20 thrice
	[ "$(grep -c 'odd: cannot be probed while nothing is due: .*I know no probe' \
		"$TMP/queue.log")" = 1 ]
	not grep -q careful "$TMP/queue.log"
	verdict good
}
