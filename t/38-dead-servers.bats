#!/usr/bin/env bats
# Servers that die of a zone, when they are told of it and at each start: what ddo's push programs
# leave on disk for the next start.  The real ones die here by a preloaded double (t/shim/poison.c).
# shellcheck disable=SC2030,SC2031,SC2034	# each test looks at its own output only

load lib/common
load lib/named
load lib/kinds

teardown()
{
	stop_all
}

world() # KIND
{
	server_make "$1" ns1
	DNS=${DNS_OF[ns1]}
	targets_conf ns1
	poisonable
	server_up ns1
}

push()
{
	"$BIN/${TOOL[ns1]}" -t ns1 "$@"
}

pput() # ZONE SERIAL [RECORD...]
{
	zone_text "$@" | push put "$1"
}

# The server is started, and dies.
dies()
{
	"up_${KIND[ns1]%-include}" ns1 "$TMP/ns1"
	wait_for 10 not is_running "$BG_PID"
}

restart()
{
	server_down ns1 KILL
	server_up ns1
}

item() # NUMBER ZONE SERIAL [RECORD...]: of a batch
{
	local number=$1 text
	shift
	text=$(zone_text "$@")
	printf 'put %d %s %d\n%s\n' "$number" "$1" ${#text} "$text"
}

files() # REGEX
{
	not strangers "${FILES[ns1]}" "$1"
}

declared() # ZONE: in the server's list of zones, where ddo keeps one
{
	grep -q "$1" "$TMP/ns1/zones.conf"
}

# A batch with a zone that kills the server, once as a new version of an old zone, once as a new
# one.
killed_by_a_batch()
{
	world "$1"
	pput old.example 1
	pput keep.example 1
	{
		item 1 keep.example 2
		item 2 old.example 2 "$POISON"
		item 3 new.example 2 "$POISON"
		item 4 beside.example 2
		echo commit
	} >"$TMP/batch"
	push batch <"$TMP/batch" >"$TMP/answers" || [ $? = 69 ]
	not grep -E '^ok [23]$' "$TMP/answers"
}

next_start_is_clean()
{
	not grep -rl ddo-poison "${FILES[ns1]}"
	files '^(keep|old|beside)\.example\.db$'
	restart
	serves old.example 1
	pput keep.example 3
	serves keep.example 3
	pput beside.example 3
	serves beside.example 3
	pput old.example 3
	serves old.example 3
	pput new.example 3
	serves new.example 3
	files '^(keep|old|beside|new)\.example\.db$'
	push del new.example
	gone new.example
	restart
	gone new.example
	serves beside.example 3
}

dies_of_a_batch() # KIND
{
	killed_by_a_batch "$1"
	grep -q '^gone .*unproven zone files were taken back' "$TMP/answers"
	not is_running "${SERVER_PID[ns1]}"
	next_start_is_clean
}

@test "bind: dies of a batch; the last good files are back, and the next start is clean" {
	dies_of_a_batch bind
}

@test "bind-include: dies of a batch; the last good files are back, and the next start is clean" {
	dies_of_a_batch bind-include
}

@test "knot: dies of a batch; the last good files are back, and the next start is clean" {
	dies_of_a_batch knot
}

# NSD reads files in a process of its own, so it lives on, and forgets what it was told together
# with the zone.
outlives_a_batch() # KIND
{
	killed_by_a_batch "$1"
	is_running "${SERVER_PID[ns1]}"
	[ "$(grep -c '^ok [14]$' "$TMP/answers")" = 2 ]
	[ "$(grep -c '^fail [23] NSD refuses it: loading fails with it, and not without it' \
		"$TMP/answers")" = 2 ]
	serves keep.example 2
	serves beside.example 2
	serves old.example 1
	next_start_is_clean
}

@test "nsd: a zone of a batch ends its reload; it is refused, and the others are served" {
	outlives_a_batch nsd
}

@test "nsd-include: a zone of a batch ends its reload; it is refused, and the others are served" {
	outlives_a_batch nsd-include
}

# What a push program was not there to take back: NSD lists zones that its server has lost.
lost_by_nsd() # KIND
{
	world "$1"
	pput gone.example 1
	{
		item 1 new.example 1
		item 2 killer.example 1 "$POISON"
		printf 'del 3 gone.example\ncommit\n'
	} >"$TMP/batch"
	push batch <"$TMP/batch" >"$TMP/answers" 3>&- &
	local pid=$!
	wait_for 10 grep -q 'failed, continuing with old database' "$TMP/ns1.log"
	kill -KILL $pid
	run -0 push put new.example < <(zone_text new.example 1)
	serves new.example 1
	push del gone.example
	gone gone.example
	push del killer.example
	restart
	serves new.example 1
	gone gone.example
	files '^new\.example\.db$'
}

@test "nsd: what it lost when a reload failed is told again" {
	lost_by_nsd nsd
}

@test "nsd-include: what it lost when a reload failed is told again" {
	lost_by_nsd nsd-include
}

while_it_is_dead() # KIND
{
	world "$1"
	local i
	for i in 1 2 3; do
		pput p$i.example 1
	done
	# Proven once, and nobody knows better.
	server_down ns1
	for i in 1 2; do
		zone_text p$i.example 2 "$POISON" | "$BUILD/unit/zone_dump" p$i.example |
			sed 1d >"${FILES[ns1]}/p$i.example.db"
	done
	dies
	run -69 push probe
	run -69 push list
	run -69 push del p1.example
	[ ! -e "${FILES[ns1]}/p1.example.db" ]
	[[ $1 != *-include ]] || not declared p1.example
	dies
	run -69 pput p2.example 3
	server_up ns1
	serves p2.example 3
	serves p3.example 1
	push del p1.example
	gone p1.example
	pput p2.example 3
	# A batch that meets a dead server: what was there stays at hand, and a probe brings it
	# back.
	server_down ns1
	{ item 1 p2.example 4 "$POISON"; printf 'del 2 p3.example\ncommit\n'; } >"$TMP/batch"
	run -69 push batch <"$TMP/batch"
	[[ $output == down* ]]
	[ ! -e "${FILES[ns1]}/p3.example.db" ]
	dies
	run -69 push probe
	[[ $output == *"1 unproven zone files were taken back"* ]]
	server_up ns1
	serves p2.example 3
	push del p3.example
	gone p3.example
	files '^p2\.example\.db$'
}

@test "bind: del and put while it is dead put its next start right" {
	while_it_is_dead bind
}

@test "bind-include: del and put while it is dead put its next start right" {
	while_it_is_dead bind-include
}

@test "nsd: del and put while it is dead put its next start right" {
	while_it_is_dead nsd
}

@test "nsd-include: del and put while it is dead put its next start right" {
	while_it_is_dead nsd-include
}

@test "knot: del and put while it is dead put its next start right" {
	while_it_is_dead knot
}

# The push program is killed as well, at any call: a probe makes the next start a clean one.
both_die() # KIND
{
	world "$1"
	pput old.example 1
	local n code
	# The calls behind these are questions only.
	for ((n = 1; n <= 20; n++)); do
		{
			item 1 old.example 2 "$POISON"
			item 2 new.example 2 "$POISON"
			echo commit
		} >"$TMP/batch"
		code=0
		DDO_CRASH_AT=$n with_shim crash "$BIN/${TOOL[ns1]}" -t ns1 batch <"$TMP/batch" \
			>"$TMP/answers" || code=$?
		server_down ns1 KILL
		run -69 push probe
		server_up ns1
		serves old.example 1
		not serves new.example 2
		[ $code = 137 ] || break
	done
	[ $n -gt 5 ]
	pput new.example 3
	serves new.example 3
	pput old.example 3
	serves old.example 3
	files '^(old|new)\.example\.db$'
}

@test "bind-include: server and push program die, at any call" {
	both_die bind-include
}

@test "nsd: server and push program die, at any call" {
	both_die nsd
}

@test "knot: server and push program die, at any call" {
	both_die knot
}
