#!/usr/bin/env bats
# A zone that kills its server (t/shim/poison.c), with the whole ddo and something that starts the
# server anew, as systemd does: the others are served, the guilty one is quarantined.

# shellcheck disable=SC2034	# DNS is for serves
load lib/common
load lib/named
load lib/kinds

teardown()
{
	stop_all
}

# revive_until SECONDS COMMAND...: until it succeeds; a server that died is started again, after a
# moment, as RestartSec of systemd has it.  $DEATHS counts.
revive_until()
{
	local until=$(($(now_ms) + $1 * 1000))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ "$(now_ms)" -lt "$until" ] || { echo "in vain: $*"; "$BIN/ddo-status"; return 1; }
		is_running "${SERVER_PID[ns1]}" || {
			DEATHS=$((DEATHS + 1))
			wait_for 5 passed $(($(now_ms) + 500))
			"up_${KIND[ns1]%-include}" ns1 "$TMP/ns1"
			SERVER_PID[ns1]=$BG_PID
		}
		random_moment 50
	done
}

state_is() # ZONE STATE
{
	[ "$(sqlite3 "$TMP/zones.db" "SELECT state FROM deliveries WHERE zone = '$1'")" = "$2" ]
}

none_waits()
{
	[ "$(sqlite3 "$TMP/zones.db" "SELECT count(*) FROM deliveries WHERE state NOT IN ('done', 'refused')")" = 0 ]
}

killer() # KIND
{
	local i zones=()
	DEATHS=0
	server_make "$1" ns1
	DNS=${DNS_OF[ns1]}
	targets_conf ns1
	poisonable
	server_up ns1
	queue_up
	wait_for 10 test -e "$TMP/spool/order"
	put killer.example 1
	revive_until 20 state_is killer.example 'done'
	for ((i = 1; i <= 30; i++)); do
		zone_text "n$i.example" 1 >"$TMP/n$i"
		zones+=("put n$i.example $TMP/n$i")
	done
	zone_text killer.example 2 "$POISON" >"$TMP/killer"
	printf '%s\n' "${zones[@]:0:15}" "put killer.example $TMP/killer" "${zones[@]:15}" |
		"$BIN/ddo-enqueue" batch >/dev/null
	revive_until 60 state_is killer.example refused
	revive_until 60 none_waits
	for ((i = 1; i <= 30; i++)); do
		revive_until 20 serves "n$i.example" 1
	done
	revive_until 20 serves killer.example 1
	[ "$DEATHS" -le 2 ]
	"$BIN/ddo-status" --zone killer.example | grep 'refused'
	# What is on disk starts, and the zone heals with its next push.
	server_down ns1 KILL
	server_up ns1
	serves killer.example 1
	put killer.example 3
	revive_until 30 serves killer.example 3
	revive_until 30 none_waits
}

@test "bind: a zone kills named twice at most; its neighbours are served, its good version comes back" {
	killer bind
}

@test "bind-include: a zone kills named twice at most; its neighbours are served, its good version comes back" {
	killer bind-include
}

@test "nsd: a zone kills NSD twice at most; its neighbours are served, its good version comes back" {
	killer nsd
}

@test "knot: a zone kills knotd twice at most; its neighbours are served, its good version comes back" {
	killer knot
}
