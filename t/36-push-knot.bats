#!/usr/bin/env bats
# What ddo-push-knot alone has; all else is in t/lib/target-suite.bash.
# shellcheck disable=SC2030,SC2031	# each test looks at its own output only

load lib/common
load lib/named
load lib/kinds

teardown()
{
	stop_all
}

world()
{
	server_make knot ns1
	DNS=${DNS_OF[ns1]}
	targets_conf ns1
}

push()
{
	"$BIN/ddo-push-knot" -t ns1 "$@"
}

pput() # ZONE SERIAL [RECORD...]
{
	zone_text "$@" | push put "$1"
}

control()
{
	knotc -s "$TMP/ns1/knot.sock" "$@"
}

@test "mode zonefile-only: the operator declares zones, ddo writes and reloads them" {
	world
	cat >>"$TMP/ns1/knot.conf" <<-END
		  - id: mine
		    storage: "$TMP/ns1"
		    file: "zones/%s.db"
		zone:
		  - domain: declared.example
		    template: mine
		  - domain: 0/25.2.0.192.in-addr.arpa
		    file: "$TMP/ns1/zones/0%%2F25.2.0.192.in-addr.arpa.db"
		  - domain: other.example
		    file: "$TMP/ns1/other.db"
	END
	zone_text other.example 42 >"$TMP/ns1/other.db"
	sed -i 's/template: ddo/mode: zonefile-only/' "$TMP/app.yml"
	server_up ns1
	pput declared.example 1
	serves declared.example 1
	pput declared.example 1 "x 300 IN A 192.0.2.5"
	[ "$(dig @127.0.0.1 -p "$DNS" +short x.declared.example A)" = 192.0.2.5 ]
	push put 0/25.2.0.192.in-addr.arpa <"$ROOT/t/zones/0%2F25.2.0.192.in-addr.arpa.db"
	run -65 pput other.example 1
	serves other.example 42
	run -65 push del other.example
	# Not declared: it waits for the operator.
	run -75 pput later.example 7
	[[ $output == *"no such zone declared"* ]]
	push list | cut -f1,4 >"$TMP/list"
	printf '%s\n' 0/25.2.0.192.in-addr.arpa declared.example 'other.example	foreign' |
		diff - "$TMP/list"
	run -75 push del declared.example
	[[ $output == *"still has it declared"* ]]
	serves declared.example 1
	control conf-begin
	control conf-unset 'zone[declared.example]'
	control conf-set 'zone[later.example]'
	control conf-set 'zone[later.example].template' mine
	control conf-commit
	serves later.example 7
	push del declared.example
	[ ! -e "$TMP/ns1/zones/declared.example.db" ]
	pput later.example 7
	push del 0/25.2.0.192.in-addr.arpa || [ $? = 75 ]
}

some_new() # SERIAL: a batch of 20 zones
{
	local i text
	for ((i = 1; i <= 20; i++)); do
		text=$(zone_text b$i.example "$1")
		printf 'put %d b%d.example %d\n%s\n' $i $i ${#text} "$text"
	done
	echo commit
}

@test "new zones are one transaction a batch, changed ones none" {
	world
	server_up ns1
	some_new 1 | push batch >"$TMP/answers"
	[ "$(grep -c '^ok ' "$TMP/answers")" = 20 ]
	[ "$(grep -c "received command 'conf-commit'" "$TMP/ns1.log")" = 1 ]
	some_new 2 | push batch >"$TMP/answers"
	[ "$(grep -c '^ok ' "$TMP/answers")" = 20 ]
	[ "$(grep -c "received command 'conf-commit'" "$TMP/ns1.log")" = 1 ]
	serves b20.example 2
}

@test "a transaction that somebody has open is waited for; one that ddo left is aborted" {
	world
	server_up ns1
	pput a.example 1
	control conf-begin
	control conf-set 'server.version' none
	run -69 pput b.example 1
	[[ $output == *"another program has a configuration transaction open"* ]]
	# Changed zones need no transaction.
	pput a.example 2
	serves a.example 2
	control conf-diff | grep -q version
	control conf-abort
	control conf-begin
	control conf-set 'zone[b.example]'
	control conf-set 'zone[b.example].file' "$TMP/ns1/zones/b.example.db"
	pput c.example 1
	serves c.example 1
	gone b.example
	control conf-begin
	control conf-set 'zone[b.example]'
	control conf-set 'zone[b.example].file' "$TMP/ns1/elsewhere/b.example.db"
	run -69 pput d.example 1
	control conf-abort
	pput d.example 1
	serves d.example 1
}

@test "an operator's transaction about zones, or an empty one, is left alone" {
	world
	server_up ns1
	pput a.example 1
	local change
	for change in '' 'zone[operators.example]' 'zone[a.example].semantic-checks'; do
		control conf-begin
		[ -z "$change" ] || control conf-set "$change" \
			${change:+$([[ $change != *checks ]] || echo on)}
		run -69 pput my.example 1
		[[ $output == *"another program has a configuration transaction open in knotd: "* ]]
		[[ $output == *": end it with knotc conf-commit or knotc conf-abort"* ]]
		run -69 push del a.example
		control conf-abort
	done
	control conf-begin
	control conf-set 'zone[operators.example]'
	control conf-set 'zone[operators.example].template' ddo
	run -69 pput my.example 1
	zone_text operators.example 7 >"$TMP/operators.zone"
	control conf-set 'zone[operators.example].file' "$TMP/operators.zone"
	control conf-commit
	wait_for 10 serves operators.example 7
	pput my.example 1
	serves my.example 1
	not strangers "$TMP/ns1/zones" '^(a|my)\.example\.db$'
}

@test "a killed ddo-push-knot's transaction is aborted, whatever it got to, and no other after it" {
	world
	server_up ns1
	local n code=137 open=0
	for ((n = 1; n <= 30 && code == 137; n++)); do
		code=0
		zone_text z$n.example 1 | DDO_CRASH_AT=$n with_shim crash "$BIN/ddo-push-knot" \
			-t ns1 put z$n.example || code=$?
		# When nothing of ours is open, what an operator begins later is his.
		if control conf-begin 2>/dev/null; then
			touch -cd '10 minutes ago' "$TMP/ns1/zones/.ddo-transaction"
			run -69 pput other$n.example 1
			control conf-abort
		else
			open=$((open + 1))
		fi
		pput other$n.example 1
		serves other$n.example 1
	done
	[ "$open" -ge 2 ]
}

@test "a template that is not there, a socket that is not there, and wrong options" {
	world
	server_up ns1
	cp "$TMP/app.yml" "$TMP/right.yml"
	sed -i 's/template: ddo/template: nobody/' "$TMP/app.yml"
	run -69 push probe
	[[ $output == *"knotd has no template nobody"* ]]
	run -69 pput a.example 1
	[[ $output == *"knotd has no template nobody"* ]]
	gone a.example
	cp "$TMP/right.yml" "$TMP/app.yml"
	pput a.example 1
	serves a.example 1
	sed -i 's|knot.sock|none.sock|' "$TMP/app.yml"
	run -69 push probe
	[[ $output == *"cannot reach knotd at $TMP/ns1/none.sock: No such file"*"; start knotd"* ]]
	sed -i "s|none.sock|$(printf 'x%.0s' {1..110})|" "$TMP/app.yml"
	run -78 push probe
	sed "s|template: ddo|mode: nonsense|" "$TMP/right.yml" >"$TMP/app.yml"
	run -78 push probe
	[[ $output == *"must be conf or zonefile-only"* ]]
}

@test "a knotd that listens nowhere: the probe says so" {
	world
	sed -i '/listen:/d' "$TMP/ns1/knot.conf"
	start_bg silent knotd -c "$TMP/ns1/knot.conf"
	wait_for 10 test -S "$TMP/ns1/knot.sock"
	run -69 push probe
	[[ $output == *"; knotd listens nowhere: set server.listen, and restart it"* ]]
}

@test "without kzonecheck the reason says where to look" {
	world
	sed -i 's|type: knot|&, checkzone: /nonexistent|' "$TMP/app.yml"
	server_up ns1
	run -65 pput a.example 1 "${BAD[ns1]}"
	[[ $output == *"knotd refuses it: failed: its log and kzonecheck say why"* ]]
}

@test "knotd started with a configuration file forgets what ddo declared: a put brings it back" {
	world
	server_up ns1
	pput a.example 1
	pput b.example 1
	server_down ns1
	rm -r "$TMP/ns1/confdb"
	server_up ns1
	gone a.example
	push list >"$TMP/list"
	[ ! -s "$TMP/list" ]
	pput a.example 1
	serves a.example 1
	push del b.example
	[ ! -e "$TMP/ns1/zones/b.example.db" ]
}

@test "a zone that is named like an option; the reason is what knotd refuses, no advice" {
	world
	server_up ns1
	zone_text -ofoo.example 1 | push put -- -ofoo.example
	serves -ofoo.example 1
	run -65 push put -- -ofoo.example \
		< <(zone_text -ofoo.example 2 "${BAD[ns1]}" '@ 300 IN NS noglue')
	[[ $output == *"-ofoo.example: knotd refuses it: "*"child record exists under DNAME"* ]]
	[[ $output != *"missing glue"* ]]
	serves -ofoo.example 1
}

big_zone() # SERIAL LETTER: a TXT record whose text is too long for knotd's control socket
{
	# shellcheck disable=SC2016	# $TTL is meant as it is
	printf '$TTL 300\n@ SOA ns1.example.net. hostmaster.example.net. %s 3600 600 86400 300\n@ NS ns1.example.net.\nx TXT' "$1"
	awk -v c="$2" 'BEGIN { for (i = 0; i < 255; i++) { printf " \""; for (k = 0; k < 255; k++) printf c; printf "\"" } print "" }'
}

@test "a record that knotd cannot say: the list has all zones, and the zone is confirmed" {
	world
	server_up ns1
	pput a.example 1
	big_zone 1 k | push put big.example
	pput z.example 1
	push list >"$TMP/list"
	[ "$(grep -cE '^(a|big|z)\.example	1	[0-9a-f]{96}$' "$TMP/list")" = 3 ]
	# The same once more, and other records under the same serial.
	big_zone 1 k | push put big.example
	big_zone 1 m | push put big.example
	dig @127.0.0.1 -p "$DNS" +tcp +norec +short x.big.example TXT | grep -q '"mmm'
	# In knotd's memory only.
	rm "$TMP/ns1/zones/big.example.db"
	push list >"$TMP/list"
	[ "$(wc -l <"$TMP/list")" = 3 ]
	grep -qx 'big.example	1	-' "$TMP/list"
	grep -qE '^z\.example	1	[0-9a-f]{96}$' "$TMP/list"
}
