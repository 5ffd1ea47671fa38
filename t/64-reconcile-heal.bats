#!/usr/bin/env bats
# What ddo-reconcile puts right: a node that was down, servers that lost what they had, that came
# back from a backup, that somebody edited by hand.
# tests run in subshells; output is run's; numbers need no quotes
# shellcheck disable=SC2016,SC2028,SC2030,SC2031,SC2034,SC2086,SC2154

load lib/common
load lib/named
load lib/mariadb
load lib/kinds
load lib/answers
load lib/da
load lib/reconcile

DA1=da1.example.com
RECONCILE_KEYS='grace_hours: 0, requests_per_second: 0'

teardown()
{
	local pid
	stop_all
	[ ! -e "$TMP/hangs" ] || while read -r pid; do kill -KILL "$pid" 2>/dev/null ||
		true; done <"$TMP/hangs"
}

# agree TARGET [TOOL]: the target holds the store's zones, and nothing else.
agree()
{
	sqlite3 -readonly -separator $'\t' "$TMP/zones.db" \
		"SELECT name, serial, digest FROM zones WHERE NOT deleted ORDER BY name COLLATE BINARY" >"$TMP/want"
	"$BIN/${2:-${TOOL[$1]:-ddo-push-bind}}" -t "$1" list >"$TMP/list" || return 1
	diff "$TMP/want" "$TMP/list"
}

# as_da NAME: the store's zones are DirectAdmin's, and no others.
as_da()
{
	local file zone
	for file in "${DA_DIR[$1]}"/zones/*.db; do
		zone=$(basename "$file" .db)
		printf '%s\t%s\n' "$zone" \
			"$("$BUILD/unit/zone_dump" "$zone" <"$file" |
			awk 'NR == 1 { print $1 "\t" $2 }')"
	done | sort >"$TMP/da.want"
	sqlite3 -readonly -separator $'\t' "$TMP/zones.db" \
		"SELECT name, serial, digest FROM zones WHERE NOT deleted ORDER BY name COLLATE BINARY" | diff "$TMP/da.want" -
}

# same_answers PORT PORT: to every question about DirectAdmin's zones.
same_answers()
{
	local file zone
	for file in "$TMP/$DA1"/zones/*.db; do
		zone=$(basename "$file" .db)
		printf '%s\n' "$zone. SOA" "$zone. NS" "$zone. MX" "www.$zone. A" "new.$zone. TXT" \
			"nothing.$zone. A"
	done >"$TMP/all"
	answers "$1" <"$TMP/all" >"$TMP/first.answers"
	answers "$2" <"$TMP/all" | diff "$TMP/first.answers" -
	not grep -q 'SERVFAIL\|REFUSED' "$TMP/first.answers"
}

# A database as the one target, dc1, without a CoreDNS that reads it.
mysql_world()
{
	need mariadb
	server_make coredns dc1
	targets_conf dc1
	mariadb_up dc1
	"$BIN/ddo-push-mysql" -t dc1 init
	sed -i 's/, server: "[^"]*"//' "$TMP/app.yml"
	queue_up
	wait_for 10 test -s "$TMP/zones.db"
}

# DirectAdmin's own name server has what its zones are now.
da_named_up()
{
	local file
	for file in "$TMP/$DA1"/zones/*.db; do
		echo "zone \"$(basename "$file" .db)\" { type primary; file \"$file\"; };"
	done | cat "$TMP/dns.conf" - >"$TMP/dns/named.conf"
	server_up dns
}

da_named_make()
{
	server_make bind dns
	mv "$TMP/dns/named.conf" "$TMP/dns.conf"
	sed -i "s|ca_file: [^ ]*/cert.pem|&, dns_server: \"127.0.0.1:${DNS_OF[dns]}\"|" \
		"$TMP/app.yml"
	grep -q dns_server "$TMP/app.yml"
}

count() # WORD: lines of the plan
{
	grep -cP "^$1\t" <<<"$output" || true
}

@test "a node that was down during 200 pushes and 20 deletes is right after one run, two for deletes" {
	world $DA1
	da_named_make
	httpd_up
	local i
	for i in {1..150}; do
		both $DA1 z$i.example 2026010101
	done
	wait_for 60 all_done
	reconcile 0
	queue_down
	httpd_down
	for i in {1..100}; do
		da_zone_put $DA1 z$i.example 2026010102 "new 300 IN TXT \"changed $i\""
		da_zone_put $DA1 n$i.example 2026010101 "new 300 IN TXT \"missed $i\""
	done
	for i in {131..150}; do
		da_zone_rm $DA1 z$i.example
	done
	not da_save z1.example 2026010102
	da_named_up
	queue_up
	httpd_up
	reconcile 1 -n
	plan=$output
	reconcile 1 # it prints the first of each kind
	[ "$(wc -l <<<"$output")" = 41 ]
	line pull - - 'and 180 more: '
	output=$plan
	[ "$(count pull)" = 200 ]
	[ "$(count orphan)" = 20 ]
	[ "$(wc -l <<<"$output")" = 220 ]
	line pull z1.example $DA1 'older: serial 2026010101 here, 2026010102 at'
	line pull n1.example $DA1 'not in the store'
	wait_for 60 all_done
	agree ns1
	same_answers "${DNS_OF[dns]}" "$DNS"
	serves z140.example 2026010101
	reconcile 1
	[ "$(count delete)" = 20 ]
	[ "$(wc -l <<<"$output")" = 20 ]
	wait_for 60 all_done
	agree ns1
	as_da $DA1
	gone z131.example
	gone z150.example
	same_answers "${DNS_OF[dns]}" "$DNS"
	reconcile 0
	[ -z "$output" ]
	# Their owner is who pushes them from now on, and may delete them.
	da_save n1.example 2026010103
	da_delete n2.example
	wait_for 10 serves n1.example 2026010103
	wait_for 10 gone n2.example
}

@test "the same without a name server to ask: --deep finds what changed, serial or not" {
	world $DA1
	local i
	for i in {1..30}; do
		both $DA1 z$i.example 5
	done
	wait_for 60 all_done
	queue_down
	for i in {1..10}; do
		da_zone_put $DA1 z$i.example 6 "new 300 IN TXT \"$i\""
	done
	for i in {11..15}; do
		da_zone_put $DA1 z$i.example 5 "new 300 IN TXT \"$i\""
	done
	# Written anew, the same zone.
	for i in {16..20}; do
		"$BUILD/unit/zone_dump" z$i.example <"$TMP/$DA1/zones/z$i.example.db" |
			sed 1d >"$TMP/text"
		mv "$TMP/text" "$TMP/$DA1/zones/z$i.example.db"
	done
	da_zone_put $DA1 z21.example 4
	for i in {1..5}; do
		da_zone_put $DA1 n$i.example 1
	done
	queue_up
	reconcile 1
	[ "$(count pull)" = 5 ]
	[ "$(da_requests $DA1 domain=)" = 5 ]
	reconcile 1 --deep
	[ "$(count pull)" = 15 ]
	line watch z21.example $DA1 'serial 5 here, 4 there'
	[ "$(wc -l <<<"$output")" = 16 ]
	wait_for 60 all_done
	agree ns1
	da_zone_put $DA1 z21.example 5
	as_da $DA1
	reconcile 0 --deep
	[ -z "$output" ]
}

@test "DirectAdmin's name server is down, behind, or knows nothing: nothing is wrong for that" {
	world $DA1
	da_named_make
	both $DA1 a.example 5
	both $DA1 b.example 5
	da_zone_put $DA1 c.example 5
	wait_for 20 all_done
	reconcile 1
	line pull c.example $DA1
	wait_for 20 all_done
	da_zone_put $DA1 b.example 4
	echo >"$TMP/$DA1/zones/c.example.db"
	da_named_up
	reconcile 0
	[ -z "$output" ]
	# It is ahead of what DirectAdmin gives out: that is no reason to take an older text.
	da_zone_put $DA1 a.example 6
	server_down dns
	da_named_up
	da_zone_put $DA1 a.example 5
	reconcile 0
	line watch a.example $DA1 'its text is the same'
	da_zone_put $DA1 a.example 4
	reconcile 0
	line watch a.example $DA1 'an older version, which is not taken'
	wait_for 20 all_done
	serves a.example 5
}

@test "DirectAdmin's name server keeps silent about some zones: they are counted, the others are seen to" {
	world $DA1
	da_named_make
	local i
	for i in {1..5}; do
		both $DA1 z$i.example 5
		da_zone_put $DA1 z$i.example 6
	done
	wait_for 20 all_done
	printf '%s\n' '@ 300 IN SOA . . 1 1 1 1 1' '@ 300 IN NS .' \
		'z1.example 300 IN CNAME rpz-drop.' \
		'z2.example 300 IN CNAME rpz-drop.' >"$TMP/dns/rpz.db"
	sed -i 's/recursion no;/& response-policy { zone "rpz"; } recursive-only no;/' \
		"$TMP/dns.conf"
	echo "zone \"rpz\" { type primary; file \"$TMP/dns/rpz.db\"; };" >>"$TMP/dns.conf"
	da_named_up
	reconcile 1
	[ "$(count pull)" = 3 ]
	line watch - $DA1 'gave no answer about 2 of 5 zones'
	[ "$(wc -l <<<"$output")" = 4 ]
	wait_for 20 all_done
	serves z1.example 5
	serves z3.example 6
}

@test "a BIND that lost everything is filled again, in one run, DirectAdmin switched off" {
	world $DA1
	local i
	for i in {1..40}; do
		both $DA1 z$i.example 1
	done
	both $DA1 gone.example 1
	"$BIN/ddo-enqueue" del gone.example
	wait_for 60 all_done
	sed -i '/^    - { hostname/d; s/^  directadmin_servers:/& []/' "$TMP/app.yml"
	da_down $DA1
	# Some zones, as somebody with rndc would do it.
	rndc -k "$TMP/rndc.key" -s 127.0.0.1 -p "$CONTROL" delzone -clean z1.example
	rndc -k "$TMP/rndc.key" -s 127.0.0.1 -p "$CONTROL" delzone z2.example
	gone z1.example
	gone z2.example
	# Its file is there no more, and it has not noticed.
	rm -f "$TMP/zones/z3.example.db"
	reconcile 1
	line push z1.example ns1
	line push z2.example ns1
	line push z3.example ns1
	[ "$(wc -l <<<"$output")" = 3 ]
	wait_for 20 all_done
	agree ns1
	named_down KILL
	rm -rf "$TMP"/zones/* "$TMP"/named/*
	named_up
	gone z40.example
	reconcile 1 --json
	[ "$(grep -c '"what":"push"' <<<"$output")" = 40 ]
	[ "$(wc -l <<<"$output")" = 40 ]
	[ "$(find "$TMP/spool/new" -type f | wc -l)" -le 2 ]
	wait_for 60 all_done
	agree ns1
	serves z40.example 1
	gone gone.example
	reconcile 0
}

@test "a BIND that was restored from an old backup: old zones, ghosts, missing ones" {
	world
	local i
	for i in {1..12}; do
		put z$i.example 1
	done
	wait_for 60 all_done
	named_down
	cp -a "$TMP/zones" "$TMP/named" "$TMP/run" "$TMP/rndc.key" \
		-t "$(mkdir "$TMP/backup" && echo "$TMP/backup")"
	named_up
	for i in {1..5}; do
		put z$i.example 2
	done
	for i in 6 7; do
		"$BIN/ddo-enqueue" del z$i.example
	done
	put n1.example 1
	wait_for 60 all_done
	reconcile 0
	named_down
	rm -r "$TMP/zones" "$TMP/named"
	cp -a "$TMP/backup/zones" "$TMP/backup/named" -t "$TMP"
	named_up
	serves z1.example 1
	serves z6.example 1
	reconcile 1
	[ "$(count push)" = 6 ]
	[ "$(count ghost)" = 2 ]
	[ "$(wc -l <<<"$output")" = 8 ]
	line push z1.example ns1 'different: serial 1 there, 2 here'
	line ghost z6.example ns1 'deleted in the store'
	line push n1.example ns1 'missing'
	wait_for 60 all_done
	agree ns1
	serves z5.example 2
	gone z6.example
	gone z7.example
	serves n1.example 1
	reconcile 0
	[ -z "$output" ]
}

# one_of KIND...: a ddo with a server of each KIND, named ns1, ns2... that have the zone $THEIRS
# from elsewhere
one_of()
{
	local kind n=0 names=()
	for kind; do
		n=$((n + 1))
		server_make "$kind" ns$n
		names+=("ns$n")
		[ -z "${THEIRS:-}" ] || server_foreign ns$n "$THEIRS"
	done
	targets_conf "${names[@]}"
	for kind in "${names[@]}"; do
		server_up "$kind"
	done
	DNS=${DNS_OF[ns1]}
	queue_up
	wait_for 10 test -s "$TMP/zones.db"
	wait_for 10 "$BIN/ddo-status" --json
}

ttl() # NAME: of its A record
{
	dig @127.0.0.1 -p "$DNS" +norec +noall +answer "$1" A | awk '{ print $2 }'
}

is_ttl() # NAME TTL
{
	[ "$(ttl "$1")" = "$2" ]
}

edited() # KIND: one TTL is changed at the server, its serial is not
{
	one_of "$1"
	local i
	for i in {1..5}; do
		put z$i.example 1 'x 300 IN A 198.51.100.1'
	done
	wait_for 20 all_done
	reconcile 0
	"drift_${1%-include}" z3.example
	reconcile 1
	[ "$(wc -l <<<"$output")" = 1 ]
	if [ "$1" = knot ]; then # which counts the serial up, so it is the store that may be old
		line held z3.example ns1 'newer: serial 2 there, 1 here'
		"$BIN/ddo-queue" --retry ns1 z3.example
		wait_for 20 taken
	else
		line push z3.example ns1 'serial'
	fi
	wait_for 20 all_done
	agree ns1
	is_ttl x.z3.example 300
	reconcile 0
	[ -z "$output" ]
}

@test "one TTL edited by hand: BIND" {
	edited bind
}

@test "one TTL edited by hand, and loaded: BIND" {
	one_of bind
	put z1.example 1 'x 300 IN A 198.51.100.1'
	wait_for 20 all_done
	drift_bind z1.example
	server_down ns1
	server_up ns1
	is_ttl x.z1.example 299
	reconcile 1
	line push z1.example ns1
	wait_for 20 all_done
	is_ttl x.z1.example 300
	reconcile 0
}

@test "one TTL edited by hand: NSD" {
	edited nsd
}

@test "one TTL edited by hand: Knot DNS" {
	edited knot
}

@test "one TTL edited by hand: PowerDNS" {
	edited pdns
}

@test "a MySQL database that was edited, emptied, and restored" {
	mysql_world
	local i
	for i in {1..20}; do
		put z$i.example 1
	done
	wait_for 30 all_done
	reconcile 0
	agree dc1
	db dc1 "UPDATE records SET ttl = ttl - 1 WHERE data = '10 mail' OR data LIKE '10 mail%' LIMIT 1"
	reconcile 1
	[ "$(count push)" = 1 ]
	[ "$(wc -l <<<"$output")" = 1 ]
	wait_for 30 all_done
	agree dc1
	mariadb-dump --no-defaults -u root -S "$TMP/db-dc1/sock" dns >"$TMP/backup.sql"
	put z1.example 2
	"$BIN/ddo-enqueue" del z2.example
	put n1.example 1
	wait_for 30 all_done
	db dc1 'DELETE FROM records'
	reconcile 1
	[ "$(count push)" = 20 ]
	wait_for 30 all_done
	agree dc1
	mariadb --no-defaults -u root -S "$TMP/db-dc1/sock" dns <"$TMP/backup.sql"
	reconcile 1
	line push z1.example dc1
	line ghost z2.example dc1
	line push n1.example dc1
	[ "$(wc -l <<<"$output")" = 3 ]
	wait_for 30 all_done
	agree dc1
	reconcile 0
}

@test "one of three servers is wiped: only that one gets anything" {
	one_of bind knot pdns
	local i
	for i in {1..10}; do
		put z$i.example 1
	done
	wait_for 30 all_done
	reconcile 0
	server_down ns3
	sqlite3 "$TMP/ns3/pdns.sqlite" 'DELETE FROM records; DELETE FROM domains;'
	server_up ns3
	server_down ns2
	reconcile 69
	line uncompared - ns2
	[ "$(count push)" = 10 ]
	[ "$(wc -l <<<"$output")" = 11 ]
	not grep -qP '\tns1\t' <<<"$output"
	server_up ns2
	"$BIN/ddo-queue" --retry
	wait_for 30 all_done
	for i in 1 2 3; do
		agree ns$i
	done
	reconcile 0
	[ -z "$output" ]
}

@test "a foreign zone is reported and left alone: files of another ddo, and a program's own" {
	odd_world
	: >"$TMP/held"
	put mine.example 1
	wait_for 20 all_done
	zone_text theirs.example 42 | "$BIN/ddo-push-bind" -t ns1 put theirs.example
	printf 'mine.example\t1\t-\tslow\ntheirs.example\t-\t-\nother.example\t7\t-\tforeign\n' \
		>"$TMP/held"
	reconcile 0
	line foreign other.example odd
	line foreign theirs.example odd
	line foreign theirs.example ns1
	[ "$(wc -l <<<"$output")" = 3 ]
	serves theirs.example 42
	# A delete of what was never here makes it no ghost.
	"$BIN/ddo-enqueue" del theirs.example
	wait_for 20 all_done
	reconcile 0
	line foreign theirs.example ns1
	serves theirs.example 42
	# Nor does a push of it make it ddo's where the push program says that it is not.
	put other.example 1
	wait_for 20 all_done
	: >"$TMP/puts"
	reconcile 1
	line foreign other.example odd "not ddo's there"
	line push other.example odd missing
	wait_for 20 all_done
	"$BIN/ddo-enqueue" del other.example
	wait_for 20 all_done
	reconcile 0
	line foreign other.example odd
	no_line ghost
}

@test "zones that servers have from elsewhere are reported, and left alone: NSD, Knot DNS, PowerDNS" {
	local ns
	THEIRS=theirs.example one_of nsd nsd-include knot pdns
	put mine.example 1
	wait_for 20 all_done
	reconcile 0
	for ns in ns1 ns2 ns3 ns4; do
		line foreign theirs.example $ns "never ddo's: left alone"
	done
	[ "$(wc -l <<<"$output")" = 4 ]
	# A push of it is refused there, and changes nothing.
	put theirs.example 43
	wait_for 20 all_done
	reconcile 1
	for ns in ns1 ns2 ns3 ns4; do
		line foreign theirs.example $ns "not ddo's there: left alone"
		line refused - $ns '1 zones'
		[ "$(DNS=${DNS_OF[$ns]} serial theirs.example)" = 42 ]
	done
	[ "$(wc -l <<<"$output")" = 8 ]
}

@test "a foreign zone and foreign rows in a MySQL database" {
	mysql_world
	put mine.example 1
	put gone.example 1
	wait_for 20 all_done
	reconcile 0
	db dc1 "UPDATE zones SET managed_by = '' WHERE zone_name LIKE 'gone.example%';
		UPDATE records SET managed_by = '' WHERE zone_id = (SELECT id FROM zones WHERE zone_name LIKE 'gone.example%')"
	db dc1 "INSERT INTO records (zone_id, hostname, type, data, ttl, managed_by)
		SELECT id, 'own', 'A', '192.0.2.99', 60, '' FROM zones
			WHERE zone_name LIKE 'mine.example%'"
	"$BIN/ddo-push-mysql" -t dc1 list >"$TMP/list"
	grep -q 'foreign$' "$TMP/list"
	grep -q '1 foreign rows$' "$TMP/list"
	db dc1 'SELECT * FROM records ORDER BY id' >"$TMP/before"
	reconcile 1
	line foreign gone.example dc1 "not ddo's there"
	no_line ghost
	"$BIN/ddo-enqueue" del gone.example
	wait_for 20 taken
	reconcile 1
	line foreign gone.example dc1
	no_line ghost
	no_line uncompared
	db dc1 'SELECT * FROM records ORDER BY id' | diff "$TMP/before" -
}

# odd_world: a target whose push program is a script, beside a real one; $TMP/list is what it lists,
# $TMP/puts what it was sent.
odd_world()
{
	named_make
	named_up
	conf_make "queue: { retry_schedule: [1, 1] }" "reconciliation: { grace_hours: 0 }"
	cat >"$TMP/odd" <<-END
		#!/bin/bash
		case \$5 in
		probe) exit 0 ;;
		list) . "$TMP/list.sh"; exit ;;
		esac
		while read -r verb n zone size; do
			[ "\$verb" != put ] || { head -c "\$size" >/dev/null; read -r _; }
			[ "\$verb" != commit ] || continue
			echo "\$verb \$zone" >>"$TMP/puts"
			. "$TMP/answer.sh"
		done
	END
	chmod +x "$TMP/odd"
	echo 'cat "'"$TMP"'/held"' >"$TMP/list.sh"
	echo 'echo "ok $n"' >"$TMP/answer.sh"
	sed -i "s|^    ns1:.*|&\n    odd: { type: odd, program: $TMP/odd }|" "$TMP/app.yml"
	queue_up
	wait_for 10 test -s "$TMP/zones.db"
}

@test "a push program whose list is cut, fails, or is no list: uncompared, nothing is sent" {
	odd_world
	local i script
	for i in {1..9}; do
		put z$i.example 1
	done
	wait_for 20 all_done
	sqlite3 -readonly -separator $'\t' "$TMP/zones.db" \
		"SELECT name, serial, digest FROM zones ORDER BY name" >"$TMP/held"
	reconcile 0
	: >"$TMP/puts"
	while read -r script; do
		echo "$script" >"$TMP/list.sh"
		reconcile 69 || echo "$script" >>"$TMP/wrong"
		line uncompared - odd || echo "$script" >>"$TMP/wrong"
		[ "$(wc -l <<<"$output")" = 1 ] || echo "$script: more" >>"$TMP/wrong"
	done <<-END
		head -n 4 "$TMP/held"; exit 1
		head -n 4 "$TMP/held"; exit 69
		head -n 4 "$TMP/held"; exit 75
		head -n 4 "$TMP/held"; kill -KILL \$\$
		head -n 4 "$TMP/held"; kill -PIPE \$\$
		head -c 300 "$TMP/held"
		head -c 515 "$TMP/held"; printf 'z6.example'
		head -n 4 "$TMP/held"; printf 'z6.example\n'
		head -n 4 "$TMP/held"; printf 'z6.example\t1\n'
		head -n 4 "$TMP/held"; printf 'Z6.example\t1\t-\n'
		head -n 4 "$TMP/held"; printf 'z6.example.\t1\t-\n'
		head -n 4 "$TMP/held"; printf '../z6.example\t1\t-\n'
		head -n 4 "$TMP/held"; printf '\t1\t-\n'
		head -n 4 "$TMP/held"; printf '\n'; tail -n 5 "$TMP/held"
		head -n 4 "$TMP/held"; printf 'z6.example\t1\t-\0\n'
		head -c 100000 /dev/urandom
		printf '<html><body>502</body></html>\n'
		echo 'cannot reach the database' >&2; exit 69
		tr '\n' ' ' <"$TMP/held"
	END
	[ ! -s "$TMP/wrong" ]
	wait_for 20 all_done
	[ ! -s "$TMP/puts" ]
	# The reason is what it said last, on one line.
	echo 'printf "one\ntwo\033[31m\tthree\n\n" >&2; exit 1' >"$TMP/list.sh"
	reconcile 69
	line uncompared - odd 'two'
	[ "$(grep -cP '^[^\t]+\t[^\t]+\t[^\t]+\t[^\t]+$' <<<"$output")" = 1 ]
	not grep -q $'\033' <<<"$output"
	# The other target is seen to all the same.
	rm "$TMP/zones/z1.example.db"
	reconcile 69
	line push z1.example ns1
	line uncompared - odd
	wait_for 20 all_done
	# What it is said to hold counts, in any order, and "-" is a digest that it does not know.
	echo "sed 's/[0-9a-f]*\$/-/' '$TMP/held' | tac | tail -n 8" >"$TMP/list.sh"
	reconcile 1
	line push z9.example odd 'missing'
	[ "$(wc -l <<<"$output")" = 1 ]
}

@test "a list that hangs holds up only itself" {
	odd_world
	put z1.example 1
	wait_for 20 all_done
	echo 'trap "" TERM; echo $$ >>"'"$TMP"'/hangs"; while :; do read -r -t 1000 _ <> <(:); done' >"$TMP/list.sh"
	start_bg reconcile "$BIN/ddo-reconcile"
	local pid list
	pid=$BG_PID
	wait_for 10 test -s "$TMP/hangs"
	run -75 timeout 20 "$BIN/ddo-reconcile"
	put z2.example 1
	wait_for 10 serves z2.example 1
	read -r list <"$TMP/hangs"
	stop_pid "$list" KILL || true
	stop_pid "$pid" CONT || [ $? = 69 ]
	grep -P '^uncompared\t-\todd\tkilled by signal 9' "$TMP/reconcile.log"
}

@test "parked deliveries are armed again" {
	odd_world
	: >"$TMP/held"
	echo 'case $zone in bad*) echo "defer $n not now" ;; *) echo "ok $n" ;; esac' \
		>"$TMP/answer.sh"
	echo 'while read -r _ z; do printf "%s\t1\t-\n" "$z"; done < <(grep -v bad "'"$TMP"'/puts" | sort -u)' >"$TMP/list.sh"
	put good.example 1
	put bad1.example 1
	put bad2.example 1
	wait_for 20 parked 2
	reconcile 1
	line push bad1.example odd 'parked: all attempts had failed'
	line push bad2.example odd 'parked: all attempts had failed'
	[ "$(wc -l <<<"$output")" = 2 ]
	wait_for 20 parked 2
	echo 'echo "ok $n"' >"$TMP/answer.sh"
	"$BIN/ddo-enqueue" del bad2.example
	wait_for 10 is_done bad2.example
	reconcile 1
	line push bad1.example odd
	[ "$(wc -l <<<"$output")" = 1 ]
	wait_for 20 all_done
	[ "$("$BIN/ddo-status" --json | jq '[.targets[].parked] | add')" = 0 ]
}

@test "what is under way or refused is neither missing nor a ghost: one line says how many" {
	odd_world
	: >"$TMP/held"
	cat >"$TMP/answer.sh" <<-END
		case \$zone in
		bad*) echo "fail \$n never" ;;
		*) flock "$TMP/held-up" echo "ok \$n" ;;
		esac
	END
	put bad.example 1
	wait_for 10 eval '"$BIN/ddo-status" --json | jq -e "[.targets[].refused] | add == 1"'
	exec 8>"$TMP/held-up"
	flock 8
	put a.example 1
	put b.example 1
	wait_for 10 taken
	run -1 --separate-stderr "$BIN/ddo-reconcile" --target odd
	line pending - odd '2 deliveries are under way'
	line refused - odd '1 zones; ddo-status names them and the reasons'
	[ "$(wc -l <<<"$output")" = 2 ]
	exec 8>&-
	wait_for 20 all_done
}

parked() # N: deliveries are parked, none is waiting
{
	"$BIN/ddo-status" --json | jq -e "[.targets[].parked] | add == $1"
}

is_done() # ZONE: on odd
{
	"$BIN/ddo-status" --json --zone "$1" |
		jq -e '.deliveries[] | select(.target == "odd") | .state == "done" or .state == "confirmed"'
}

@test "a target that is down: nothing is said about its zones; when it is back it is healed without any run" {
	world $DA1
	local i
	for i in {1..5}; do
		both $DA1 z$i.example 1
	done
	wait_for 20 all_done
	named_down KILL
	rm -rf "$TMP"/zones/* "$TMP"/named/*
	reconcile 69
	line uncompared - ns1
	[ "$(wc -l <<<"$output")" = 1 ]
	# DirectAdmin's side does not wait for it.
	da_zone_put $DA1 z6.example 1
	reconcile 69
	line pull z6.example $DA1
	[ "$(wc -l <<<"$output")" = 2 ]
	named_up
	"$BIN/ddo-queue" --retry
	wait_for 20 serves z6.example 1
	wait_for 20 serves z5.example 1
	wait_for 20 all_done
	agree ns1
	reconcile 0
}
