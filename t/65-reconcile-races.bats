#!/usr/bin/env bats
# ddo-reconcile killed anywhere, twice at once, beside pushes, and given what nobody should be
# given. RACE_SECONDS is how long it is run against pushes (60).
# tests run in subshells; output is run's; numbers need no quotes
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2086,SC2154

load lib/common
load lib/named
load lib/da
load lib/reconcile

DA1=da1.example.com
DA2=da2.example.com

teardown()
{
	stop_all
}

store() # SQL
{
	sqlite3 -readonly "$TMP/zones.db" ".timeout 5000" "$1"
}

pushed() # SERVER ZONE SERIAL [RECORD...]: in the store as pushed by it, and not in DirectAdmin
{
	zone_text "${@:2}" | "$BIN/ddo-enqueue" -o "$1" put "$2"
}

agree()
{
	store "SELECT name || '	' || serial || '	' || digest FROM zones WHERE NOT deleted ORDER BY name COLLATE BINARY" >"$TMP/want"
	"$BIN/ddo-push-bind" -t ns1 list | diff "$TMP/want" -
}

nothing_bad()
{
	[ -z "$(find "$TMP/spool/bad" -type f)" ]
	[ "$(store 'PRAGMA integrity_check')" = ok ]
	not grep -qE 'cannot be read|no valid job' "$TMP/queue.log"
}

columns() # every line of the plan has four fields, none empty, and nothing that moves a cursor
{
	not grep -vP '^[a-z]+\t[^\t]+\t[^\t]+\t[^\t]+$' <<<"$output"
	not grep -qP '[\x00-\x08\x0b-\x1f\x7f]' <<<"$output$stderr"
}

in_sync() # RUNS [OPTION...]: within so many runs
{
	local i status
	for ((i = 0; i < $1; i++)); do
		wait_for 30 all_done
		status=0
		"$BIN/ddo-reconcile" "${@:2}" >>"$TMP/again.log" 2>&1 || status=$?
		[ $status != 0 ] || return 0
		[ $status = 1 ] || return 1
	done
	return 1
}

@test "two at once: the second leaves quietly" {
	RECONCILE_KEYS='timeout: 60' world $DA1
	both $DA1 a.example 1
	da_zone_put $DA1 b.example 1
	wait_for 20 all_done
	da_fault $DA1 'list hang'
	start_bg first "$BIN/ddo-reconcile"
	local first=$BG_PID
	wait_for 10 grep -q DNS_ADMIN "$TMP/$DA1/log"
	run -75 timeout 20 "$BIN/ddo-reconcile"
	[ -z "$output" ]
	run -75 timeout 20 "$BIN/ddo-reconcile" -n
	[ -z "$output" ]
	[ "$(da_requests $DA1)" = 1 ]
	da_fault $DA1
	stop_pid "$first" CONT || [ $? = 1 ]
	grep -P "^pull\tb.example" "$TMP/first.log"
	# One that was killed locks nobody out.
	da_fault $DA1 'list hang'
	start_bg second "$BIN/ddo-reconcile"
	wait_for 10 sh -c "[ \$(wc -l <'$TMP/$DA1/log') -gt 2 ]"
	stop_pid "$BG_PID" KILL || true
	da_fault $DA1
	reconcile 0
}

@test "killed before each call that changes something outside, then run again" {
	export DA_PLAIN=1
	RECONCILE_KEYS='grace_hours: 0, requests_per_second: 0, max_delete_percent: 100' world \
		$DA1 $DA2
	local n=0 status
	both $DA1 keep1.example 1
	both $DA2 keep2.example 1
	wait_for 20 all_done
	while :; do
		n=$((n + 1))
		[ $n -lt 200 ]
		# One of each kind.
		da_zone_put $DA1 new$n.example 1
		pushed $DA1 gone$n.example 1
		pushed $DA1 moved$n.example 1
		da_zone_put $DA2 moved$n.example 1
		zone_text claim$n.example 1 | "$BIN/ddo-enqueue" put claim$n.example
		da_zone_put $DA1 claim$n.example 1
		wait_for 20 all_done
		rm "$TMP/zones/keep1.example.db"
		zone_text ghost.example 1 | "$BIN/ddo-push-bind" -t ns1 put ghost.example
		[ $n != 1 ] || { "$BIN/ddo-enqueue" put ghost.example \
			< <(zone_text ghost.example 1); "$BIN/ddo-enqueue" del ghost.example; \
			wait_for 20 all_done
			zone_text ghost.example 1 | "$BIN/ddo-push-bind" -t ns1 put ghost.example; }
		status=0
		DDO_CRASH_AT=$n DDO_CRASH_TORN=1 with_shim crash "$BIN/ddo-reconcile" \
			>"$TMP/crashed.log" 2>&1 || status=$?
		[ $status = 1 ] || [ $status = 137 ]
		in_sync 4
		wait_for 20 taken
		[ "$(store "SELECT group_concat(origin) FROM (SELECT origin FROM zones WHERE NOT deleted
			AND name IN ('new$n.example', 'moved$n.example', 'claim$n.example')
				ORDER BY name)")" = $DA1,$DA2,$DA1 ]
		[ "$(store "SELECT deleted FROM zones WHERE name = 'gone$n.example'")" = 1 ]
		[ $status = 137 ] || break
	done
	echo "$n calls"
	[ $n -gt 20 ]
	[ "$(store 'SELECT count(*) FROM zones WHERE NOT deleted')" = $((2 + 3 * n)) ]
	agree
	serves keep1.example 1
	gone ghost.example
	nothing_bad
}

@test "SIGKILL at random moments, again and again, while there is much to do" {
	RECONCILE_KEYS='grace_hours: 0, requests_per_second: 0, max_delete_percent: 100, ipp: 20' \
		world $DA1
	local i k pid
	for i in {1..5}; do
		for k in {1..30}; do
			da_zone_put $DA1 z$k.example "$i"
		done
		pushed $DA1 gone$i.example 1
		wait_for 20 taken
		"$BIN/ddo-reconcile" --deep >>"$TMP/killed.log" 2>&1 3>&- &
		pid=$!
		random_moment 250
		stop_pid "$pid" KILL || true
	done
	in_sync 4 --deep
	agree
	[ "$(store 'SELECT group_concat(DISTINCT serial), count(*) FROM zones WHERE NOT deleted')" \
		= '5|30' ]
	nothing_bad
}

@test "a push while DirectAdmin is listing: no pull of it, no mark, no move" {
	RECONCILE_KEYS='grace_hours: 0, confirm_runs: 1, max_delete_percent: 100, requests_per_second: 0' world $DA1 $DA2
	both $DA1 a.example 1
	both $DA2 b.example 1
	pushed $DA1 orphan.example 1
	pushed $DA1 moved.example 1
	da_zone_put $DA2 moved.example 1
	da_zone_put $DA1 missed.example 1
	wait_for 20 all_done
	rm "$TMP/zones/a.example.db" "$TMP/zones/b.example.db"
	da_fault $DA2 'list hang'
	start_bg reconcile "$BIN/ddo-reconcile"
	wait_for 10 grep -q DNS_ADMIN "$TMP/$DA2/log"
	pushed $DA1 orphan.example 1
	pushed $DA1 moved.example 2
	pushed $DA1 missed.example 2
	pushed $DA1 a.example 2
	wait_for 20 all_done
	da_fault $DA2
	stop_pid "$BG_PID" CONT || [ $? = 1 ]
	wait_for 20 all_done
	cat "$TMP/reconcile.log"
	# What was seen of it before the push is not so any more.
	not grep -P '^[a-z]+\t(orphan|moved|missed|a).example\t' "$TMP/reconcile.log"
	grep -P '^push\tb.example\t' "$TMP/reconcile.log"
	[ "$(store "SELECT name || ' ' || serial || ' ' || origin FROM zones WHERE NOT deleted ORDER BY name")" = \
		"a.example 2 $DA1
b.example 1 $DA2
missed.example 2 $DA1
moved.example 2 $DA1
orphan.example 1 $DA1" ]
	agree
}

@test "a text that was read before a push came is not put over it: older, the same serial, a delete" {
	RECONCILE_KEYS='grace_hours: 0, requests_per_second: 0, timeout: 60' world $DA1
	local zone
	for zone in older same deleted new; do
		both $DA1 $zone.example 1
		da_zone_put $DA1 $zone.example 5 "x 300 IN TXT \"DirectAdmin's\""
	done
	"$BIN/ddo-enqueue" -o $DA1 del new.example
	wait_for 20 all_done
	for zone in older same deleted new; do
		da_fault $DA1 "zone:$zone.example slow"
		: >"$TMP/$DA1/log"
		start_bg "reconcile.$zone" "$BIN/ddo-reconcile" --deep --zone $zone.example
		wait_for 10 grep -q "domain=$zone.example" "$TMP/$DA1/log"
		case $zone in
		older) pushed $DA1 $zone.example 6 'x 300 IN TXT "pushed"' ;;
		same | new) pushed $DA1 $zone.example 5 'x 300 IN TXT "pushed"' ;;
		deleted) "$BIN/ddo-enqueue" -o $DA1 del $zone.example ;;
		esac
		wait_for 20 all_done
		da_fault $DA1
		stop_pid "$BG_PID" CONT || [ $? = 1 ] || [ "$zone" = older ]
		cat "$TMP/reconcile.$zone.log"
		wait_for 20 all_done
	done
	serves older.example 6
	for zone in older same new; do
		[ "$(dig @127.0.0.1 -p "$DNS" +short x.$zone.example TXT)" = '"pushed"' ]
	done
	gone deleted.example
	nothing_bad
}

@test "a target's list that is newer than what was seen of the store" {
	RECONCILE_KEYS='grace_hours: 0' world
	cat >"$TMP/odd" <<-END
		#!/bin/bash
		case \$5 in
		probe) exit 0 ;;
		list) : >"$TMP/listing"; until [ -e "$TMP/go" ]; do read -r -t 0.02 _ <> <(:); done; cat "$TMP/held"; exit ;;
		esac
		while read -r verb n zone size; do
			[ "\$verb" != put ] || { head -c "\$size" >/dev/null; read -r _; }
			[ "\$verb" = commit ] || {
				echo "\$verb \$zone" >>"$TMP/puts"; echo "ok \$n"; }
		done
	END
	chmod +x "$TMP/odd"
	sed -i "s|^    ns1:.*|&\n    odd: { type: odd, program: $TMP/odd }|" "$TMP/app.yml"
	kill -HUP "$QUEUE"
	put a.example 1
	put b.example 1
	put c.example 1
	wait_for 10 grep -q 'c.example' "$TMP/puts"
	wait_for 20 all_done
	start_bg reconcile "$BIN/ddo-reconcile"
	wait_for 10 test -e "$TMP/listing"
	put a.example 2
	"$BIN/ddo-enqueue" del c.example
	wait_for 20 all_done
	# What it holds since then, but the one that it lost.
	store "SELECT name || '	' || serial || '	' || digest FROM zones WHERE name = 'a.example'" >"$TMP/held"
	: >"$TMP/puts"
	touch "$TMP/go"
	stop_pid "$BG_PID" CONT || [ $? = 1 ] || { cat "$TMP/reconcile.log"; false; }
	grep -P '^push\tb.example\todd\tmissing' "$TMP/reconcile.log"
	[ "$(wc -l <"$TMP/reconcile.log")" = 1 ]
	wait_for 20 all_done
	[ "$(cat "$TMP/puts")" = 'put b.example' ]
}

# What the store ever held, in order, so that no moment is missed.
keep_history()
{
	sqlite3 "$TMP/zones.db" ".timeout 5000" "
		CREATE TABLE history(id INTEGER PRIMARY KEY, name, seq, serial, deleted, client);
		CREATE INDEX history_name ON history(name, id);
		CREATE TRIGGER history_insert AFTER INSERT ON zones BEGIN
			INSERT INTO history(name, seq, serial, deleted, client)
			VALUES(new.name, new.seq, new.serial, new.deleted, new.client); END;
		CREATE TRIGGER history_update AFTER UPDATE ON zones BEGIN
			INSERT INTO history(name, seq, serial, deleted, client)
			VALUES(new.name, new.seq, new.serial, new.deleted, new.client); END;"
}

# Moments at which a zone was older than it had been; deletes by ddo-reconcile (which has no
# address) of zones that DirectAdmin had; zones that came back after DirectAdmin had none and the
# delete was here.
went_wrong()
{
	sqlite3 :memory: ".timeout 5000" ".mode tabs" "ATTACH '$TMP/zones.db' AS z" \
		"CREATE TABLE removed(zone, serial INTEGER, how)" ".import $TMP/removed removed" "
		SELECT 'older', h.name, h.serial, h.seq FROM history h WHERE NOT h.deleted AND EXISTS (SELECT 1 FROM history b
			WHERE b.name = h.name AND b.id < h.id AND NOT b.deleted
				AND b.serial > h.serial);
		SELECT 'seq', h.name, h.serial, h.seq FROM history h WHERE EXISTS (SELECT 1 FROM history b
			WHERE b.name = h.name AND b.id < h.id AND b.seq > h.seq);
		CREATE TABLE steps AS SELECT h.*, p.serial AS before, p.deleted AS was_deleted,
			p.client AS by,
			(SELECT n.serial FROM history n WHERE n.name = h.name AND n.id > h.id
				AND NOT n.deleted ORDER BY n.id LIMIT 1) AS next
			FROM history h JOIN history p ON p.id = (SELECT max(id) FROM history
				WHERE name = h.name AND id < h.id);
		SELECT 'deleted', name, before, seq FROM steps s WHERE deleted AND NOT was_deleted AND client = ''
			AND NOT EXISTS (SELECT 1 FROM removed r WHERE r.zone = name
				AND r.serial >= before AND (next IS NULL OR r.serial < next));
		SELECT 'back', name, serial, seq FROM steps s WHERE NOT deleted AND was_deleted AND by <> ''
			AND EXISTS (SELECT 1 FROM history o WHERE o.name = s.name AND o.id < s.id
				AND NOT o.deleted AND o.serial = s.serial)
			AND EXISTS (SELECT 1 FROM removed r WHERE r.zone = s.name
				AND r.serial = s.serial AND r.how = 'first');"
}

nothing_wrong()
{
	went_wrong >"$TMP/wrong" 2>&1
	head -n 20 "$TMP/wrong"
	[ ! -s "$TMP/wrong" ]
}

# Each change reaches DirectAdmin's copy and ddo in either order, but a zone that is made is
# DirectAdmin's first; some do not reach ddo at all.
push_along() # UNTIL
{
	local serial=0 zone how ways=(last first missed missed)
	local -A now=() missed=()
	: >"$TMP/removed"
	while [ "$(now_ms)" -lt "$1" ]; do
		serial=$((serial + 1))
		zone=r$((RANDOM % 12)).example
		missed[$zone]=
		if [ -n "${now[$zone]:-}" ] && [ $((RANDOM % 4)) = 0 ]; then
			how=${ways[RANDOM % 4]}
			printf '%s\t%s\t%s\n' $zone "${now[$zone]}" $how >>"$TMP/removed"
			case $how in
			last) da_delete $zone && da_zone_rm $DA1 $zone ;;
			first) da_zone_rm $DA1 $zone && da_delete $zone ;;
			missed) da_zone_rm $DA1 $zone && missed[$zone]=y ;;
			esac || return 1
			now[$zone]=
		else
			case ${now[$zone]:+$((RANDOM % 5))} in
			0 | 1) da_save $zone $serial && da_zone_put $DA1 $zone $serial ;;
			2) da_zone_put $DA1 $zone $serial && missed[$zone]=y ;;
			*) da_zone_put $DA1 $zone $serial && da_save $zone $serial ;;
			esac || return 1
			now[$zone]=$serial
		fi
	done
	for zone in "${!now[@]}"; do
		echo "$zone ${now[$zone]:-gone} ${missed[$zone]:-pushed}"
	done >"$TMP/last"
	echo "$serial" >"$TMP/pushes"
}

# DirectAdmin answers with what was so some time ago.
make_stale() # UNTIL
{
	local where=(zone list any)
	while [ "$(now_ms)" -lt "$1" ]; do
		da_fault $DA1 "${where[RANDOM % 3]} slow"
		random_moment 400
		da_fault $DA1
		random_moment 100
	done
}

reconcile_along() # UNTIL
{
	local status
	while [ "$(now_ms)" -lt "$1" ]; do
		status=0
		"$BIN/ddo-reconcile" --deep >>"$TMP/along.log" 2>>"$TMP/along.err" || status=$?
		echo $status >>"$TMP/along.status"
	done
}

# lasting [ALL]: every zone that was pushed last as live is, as it was pushed; with ALL: what was
# not pushed, too, and nothing else.
lasting()
{
	local zone last missed
	while read -r zone last missed; do
		if [ "$last" = gone ]; then
			[ -z "${1:-}" ] || gone "$zone"
		elif [ "$missed" = pushed ] || [ -n "${1:-}" ]; then
			[ "$(store "SELECT serial FROM zones WHERE name = '$zone' AND NOT deleted")" = "$last" ] &&
				serves "$zone" "$last"
		fi || { echo "$zone: last $last, in the store $(store \
			"SELECT serial, deleted, seq, generation FROM zones WHERE name = '$zone'")"; return 1; }
	done <"$TMP/last"
}

@test "against pushes that arrive all the time: the newest always wins" {
	RECONCILE_KEYS='grace_hours: 0, confirm_runs: 2, max_delete_percent: 100, requests_per_second: 0' world $DA1
	httpd_up
	keep_history
	local until pusher stale looker
	until=$(($(now_ms) + ${RACE_SECONDS:-60} * 1000))
	push_along "$until" >"$TMP/pusher.log" 2>&1 3>&- &
	pusher=$!
	make_stale "$until" >"$TMP/stale.log" 2>&1 3>&- &
	stale=$!
	reconcile_along "$until" 3>&- &
	looker=$!
	wait $pusher || { cat "$TMP/pusher.log"; false; }
	wait $stale
	da_fault $DA1
	wait $looker
	wait_for 30 all_done
	echo "$(wc -l <"$TMP/along.status") runs ($(sort "$TMP/along.status" | uniq -c |
		xargs)), $(cat "$TMP/pushes") pushes," \
		"$(grep -c '^pull' "$TMP/along.log") pulls, $(grep -c '^delete' \
		"$TMP/along.log") deletes"
	[ "$(wc -l <"$TMP/along.status")" -gt 3 ]
	nothing_wrong
	lasting
	in_sync 6 --deep
	lasting all
	agree
	nothing_wrong
	nothing_bad
}

@test "names that are paths, quotes, lines, SQL in DirectAdmin's list" {
	RECONCILE_KEYS='requests_per_second: 0' world $DA1
	both $DA1 a.example 1
	da_zone_put $DA1 b.example 1
	wait_for 20 all_done
	da_fault $DA1 'list hostile'
	reconcile 1
	line pull b.example $DA1
	[ "$(wc -l <<<"$output")" = 1 ]
	[[ $stderr == *'names that are no zone names'* ]]
	columns
	da_fault $DA1
	cat >"$TMP/$DA1/list" <<-'END'
		a.example
		b.example
		../../../../tmp/x
		..%2f..%2fx.example
		/etc/passwd
		x'; DROP TABLE zones; --
		x"); DELETE FROM zones; --
		$(touch pwned).example
		`touch pwned`.example
		-rf
		--help.example
		a.example.
		c.example/../d.example
		x\046y.example
		a&list[]=evil.example
		<script>.example
		{"domain":"z.example"}
		xn--.example
		é.example
		.
		..
		*
		@
		example..com
		_.
	END
	printf 'long%s.example\n' "$(printf 'x%.0s' {1..300})" >>"$TMP/$DA1/list"
	printf '%s.example\n' "$(printf 'a.%.0s' {1..150})" >>"$TMP/$DA1/list"
	cp "$TMP/$DA1/zones/a.example.db" "$TMP/before"
	printf '@ 300 IN SOA ns.@ZONE@. h.@ZONE@. 1 2 3 4 5\n@ 300 IN NS ns.elsewhere.example.\n' \
		>"$TMP/$DA1/template.db"
	find "$TMP" -newer "$TMP/before" -name '*pwned*' | not grep .
	run --separate-stderr "$BIN/ddo-reconcile" --deep
	printf '%s\n' "$output" "$stderr"
	columns
	wait_for 20 all_done
	run --separate-stderr "$BIN/ddo-reconcile" --deep
	columns
	wait_for 20 all_done
	# What came through is a name as a push could bring it.
	not grep -vE '^[a-z0-9_/.-]+$' < <(store 'SELECT name FROM zones')
	not grep -qE '\.\.|^/|passwd|^\.' < <(store 'SELECT name FROM zones')
	[ -z "$(find "$TMP" / -maxdepth 1 -name '*pwned*' 2>/dev/null)" ]
	not strangers "$TMP/zones" '^[a-z0-9_%2F.-]+\.db$'
	serves a.example 1
	serves b.example 1
	nothing_bad
	# The same in the old form, where a name may begin another entry.
	rm "$TMP/$DA1/list"
	printf 'a.example\nb.example\nx&list[]=\n' >"$TMP/$DA1/list"
	da_mode $DA1 old-list
	run --separate-stderr "$BIN/ddo-reconcile"
	columns
	[ "$status" = 69 ]
}

@test "texts with directives, of other zones, and of ten megabytes" {
	RECONCILE_KEYS='requests_per_second: 0, grace_hours: 0' world $DA1
	both $DA1 a.example 5
	wait_for 20 all_done
	local zone good='@ 300 IN SOA ns.elsewhere.example. h.elsewhere.example. 9 2 3 4 5
@ 300 IN NS ns.elsewhere.example.'
	evil() # ZONE LINES
	{
		printf '%s\n' "$good" "$2" >"$TMP/$DA1/zones/$1.example.db"
	}
	evil include "\$INCLUDE /etc/passwd"
	evil include2 '$include "/dev/zero"'
	evil generate '$GENERATE 1-100000000 host$ A 192.0.2.1'
	evil othersoa 'x 300 IN SOA a. b. 1 2 3 4 5'
	evil class 'x 300 CH TXT "x"'
	evil junk 'this is no record'
	evil unclosed 'x 300 IN TXT ( "a'
	printf '%s\n' 'SOA' >"$TMP/$DA1/zones/nosoa.example.db"
	zone_text a.example 5 | sed 's/^@ /a.example. /' >"$TMP/$DA1/zones/other.example.db"
	printf '%s\0%s\n' "$good" 'x 300 IN A 192.0.2.1' >"$TMP/$DA1/zones/nul.example.db"
	{ echo "$good"; printf 'h%d 300 IN A 192.0.2.1\n' {1..350000}; } \
		>"$TMP/$DA1/zones/many.example.db"
	{ echo "$good"; head -c 10000000 /dev/zero | tr '\0' x; } >"$TMP/$DA1/zones/line.example.db"
	{ echo "$good"; head -c 17000000 /dev/zero |
		tr '\0' '\n'; } >"$TMP/$DA1/zones/blank.example.db"
	da_zone_put $DA1 z.example 7
	[ "$(stat -c %s "$TMP/$DA1/zones/many.example.db")" -gt 8000000 ]
	reconcile 69
	columns
	for zone in include include2 generate other othersoa class junk unclosed \
		nosoa nul many line blank; do
		line pull $zone.example $DA1
		line failed $zone.example $DA1 || echo "$zone" >>"$TMP/wrong"
	done
	[ ! -s "$TMP/wrong" ]
	# They cost the good ones nothing, and nothing of them is anywhere.
	wait_for 20 serves z.example 7
	[ "$(store 'SELECT group_concat(name) FROM zones')" = a.example,z.example ]
	not grep -q 'root:' <<<"$output$stderr"
	nothing_bad
	# Nor does such a text take the place of a zone that is there.
	evil a "\$INCLUDE /etc/passwd"
	reconcile 69 --deep
	line failed a.example $DA1
	serves a.example 5
	# Ten megabytes that are one zone.
	sed -i 's/^app: { /&max_records: 400000, /' "$TMP/app.yml"
	kill -HUP "$QUEUE"
	find "$TMP/$DA1/zones" -name '*.db' ! -name 'a.*' ! -name 'z.*' ! -name 'many.*' -delete
	da_zone_put $DA1 a.example 5
	reconcile 1
	line pull many.example $DA1
	[ "$(grep -vc "^refused" <<<"$output")" = 1 ]
	wait_for 60 serves many.example 9
}

@test "reasons with TABs, newlines, control characters, octets that are no UTF-8: one line, four fields" {
	RECONCILE_KEYS='requests_per_second: 0, grace_hours: 0, confirm_runs: 1' world $DA1 $DA2
	local fault said
	both $DA1 a.example 1
	both $DA2 b.example 1
	pushed $DA1 gone.example 1
	wait_for 20 all_done
	said='a%09b%0Ac%0D%1B[31md%00e%7F%E2%82%AC%FF%22%27%25s%25n%C2%85'
	for fault in "list error $said" "list error-only $said" "list json-error $said" \
		"list redirect-path" "list other-text $said" \
		"list plain-garbage" "any error $said" "zone error-only $said" \
		"zone:gone.example other-text SOA$said" \
		"list error-only $(printf '%%E2%%82%%AC%.0s' {1..400})"; do
		da_fault $DA1 "$fault"
		run --separate-stderr "$BIN/ddo-reconcile" -n
		[ -n "$output" ]
		columns || { printf '%s\n' "$fault" "$output" "$stderr" >>"$TMP/wrong"; }
	done
	[ ! -s "$TMP/wrong" ]
	da_fault $DA1
	# A push program's last words, and what it calls a serial.
	cat >"$TMP/odd" <<-END
		#!/bin/bash
		[ "\$5" != probe ] || exit 0
		[ "\$5" != list ] || { . "$TMP/list.sh"; exit; }
		while read -r verb n zone size; do
			[ "\$verb" != put ] || { head -c "\$size" >/dev/null; read -r _; }
			[ "\$verb" = commit ] || echo "ok \$n"
		done
	END
	chmod +x "$TMP/odd"
	sed -i "s|^    ns1:.*|&\n    odd: { type: odd, program: $TMP/odd }|" "$TMP/app.yml"
	kill -HUP "$QUEUE"
	wait_for 10 held_by_odd 3
	local script
	while read -r script; do
		printf '%s\n' "$script" >"$TMP/list.sh"
		wait_for 20 taken
		run --separate-stderr "$BIN/ddo-reconcile" --target odd --server $DA2
		grep -P '\todd\t' <<<"$output"
		columns || { printf '%s\n' "$script" "$output" "$stderr" >>"$TMP/wrong"; }
		# The report tells it, too.
		wait_for 20 taken
		store "SELECT report FROM runs WHERE program = 'reconcile' ORDER BY id DESC LIMIT 1" >"$TMP/report"
		jq -e '.targets | length == 2' "$TMP/report" || echo "$script: no report" \
			>>"$TMP/wrong"
		"$BIN/ddo-status" --json | jq -e . >/dev/null || echo "$script: no status" \
			>>"$TMP/wrong"
	done <<-'END'
		printf 'one\ttwo\nthree\033[31m\tfour \xff\xfe \xe2\x82' >&2; exit 1
		printf '%%s%%n%%s\n' >&2; exit 69
		head -c 100000 /dev/urandom >&2; exit 1
		printf '\xff\xfe.example\t1\t-\n'
		printf 'x\033[31m.example\t1\t-\n'
		printf '\303\251.example\t1\t-\n'
		printf 'a.example\t\033[31m\xff\t%096d\n' 0
		printf 'a.example\t%0500d\t%096d\n' 7 0
		printf 'a.example\t\r\t\033\n'
		printf 'strange.example\t\033\t\033\t\033\n'
	END
	[ ! -s "$TMP/wrong" ]
}

held_by_odd() # N
{
	"$BIN/ddo-status" --json | jq -e ".targets[] | select(.name == \"odd\") | .confirmed == $1"
}
