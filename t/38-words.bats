#!/usr/bin/env bats
# Servers that read records as rows or through an API, with parsers of their own: they get words
# that they take, "ok" means that each RRset is answered, and what they cannot serve is refused.
# "$" is in names; each test looks at its own output
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2153,SC2154
# only; ANSWER_FLAGS, TARGET, DNS_OF are of those that are loaded

load lib/common
load lib/named
load lib/mariadb
load lib/kinds
load lib/answers

teardown()
{
	stop_all
}

# Targets cd (CoreDNS) and pd (PowerDNS) over one MariaDB, and api (PowerDNS's API).
world()
{
	mariadb_up a
	db a "CREATE DATABASE pd" mysql
	mysql_conf cd=a "pd=a,schema: powerdns, database: pd"
	"$BIN/ddo-push-mysql" -t cd init >/dev/null
	"$BIN/ddo-push-mysql" -t pd init >/dev/null
	coredns_up cd a
	PDNS_DB=pd pdns_up pd a
	server_make pdns api
	server_up api
	DNS_PORT[api]=${DNS_OF[api]}
	mysql_conf "cd=a,refresh: 5, server: \"127.0.0.1:${DNS_PORT[cd]}\"" \
		"pd=a,refresh: 5, schema: powerdns, database: pd, server: \"127.0.0.1:${DNS_PORT[pd]}\""
	echo "    api: { ${TARGET[api]} }" >>"$TMP/app.yml"
	TOOL[cd]=ddo-push-mysql TOOL[pd]=ddo-push-mysql
	ALL=(cd pd api)
}

push() # TARGET VERB...
{
	"$BIN/${TOOL[$1]}" -t "$@"
}

digest() # ZONE < TEXT
{
	"$BUILD/unit/zone_dump" "$1" | awk 'NR == 1 { print $2 }'
}

dig_at() # TARGET QUESTION...
{
	dig @127.0.0.1 -p "${DNS_PORT[$1]}" +norec +time=3 +tries=1 "${@:2}"
}

small() # SERIAL [RECORD...]
{
	printf '@ 300 IN SOA ns1 h %d 1 1 1 1\n@ 300 IN NS ns1\nns1 300 IN A 192.0.2.1\n' "$1"
	shift
	[ $# = 0 ] || printf '%s\n' "$@"
}

# What named answers is what all others do, RRset by RRset, and each reads its own words back.
same_everywhere() # ZONE FILE
{
	local target before
	questions "$1" <"$2" >"$TMP/questions"
	ANSWER_FLAGS=+unknownformat answers "$DNS" <"$TMP/questions" >"$TMP/want"
	not grep -q 'SERVFAIL\|REFUSED\|NXDOMAIN' "$TMP/want"
	for target in "${ALL[@]}"; do
		echo "# $target"
		push "$target" put "$1" <"$2"
		ANSWER_FLAGS=+unknownformat answers "${DNS_PORT[$target]}" <"$TMP/questions" |
			diff "$TMP/want" -
		[ "$(push "$target" list)" = \
			"$1	$(awk '/SOA/ { print $5; exit }' "$2")	$(digest "$1" <"$2")" ]
	done
	# The same again writes nothing.
	before=$(db a "SHOW GLOBAL STATUS LIKE 'Handler_write'")
	push cd put "$1" <"$2"
	push pd put "$1" <"$2"
	[ "$(db a "SHOW GLOBAL STATUS LIKE 'Handler_write'")" = "$before" ]
}

@test "every type and odd values: CoreDNS and PowerDNS, over MariaDB and by its API, answer as BIND does" {
	world
	cp "$ROOT/t/zones/words/words.example.db" "$TMP"
	NAMED_EXTRA="zone \"words.example\" { type primary; file \"$TMP/words.example.db\"; };"
	named_make
	named_up
	same_everywhere words.example "$TMP/words.example.db"
	[ "$(wc -l <"$TMP/questions")" -gt 120 ]
}

@test "owners with punctuation: CoreDNS answers them; PowerDNS cannot, and keeps the version before" {
	world
	small 1 'p\$q TXT "x"' '\$p TXT "x"' 'p\(q TXT "x"' 'p\)q TXT "x"' 'p\;q TXT "x"' \
		'p\"q TXT "x"' 'p\@q TXT "x"' \
		'\@ TXT "x"' 'p\.q TXT "x"' 'p\\q TXT "x"' 'p\032q TXT "x"' 'p\200q TXT "x"' \
		'p\001q TXT "x"' >"$TMP/z"
	push cd put z.example <"$TMP/z"
	[ "$(dig_at cd +short 'p\$q.z.example' TXT)" = '"x"' ]
	[ "$(dig_at cd +short 'p\(q.z.example' TXT)" = '"x"' ]
	run -65 push pd put z.example <"$TMP/z"
	[[ $output == *'PowerDNS would not serve '*'.z.example. TXT: the name has characters other than'* ]]
	run -65 push api put z.example <"$TMP/z"
	[[ $output == *'unsupported characters'* ]]
	[ "$(push cd list)" = "z.example	1	$(digest z.example <"$TMP/z")" ]
	[ -z "$(push pd list)" ]
	# Those that PowerDNS does serve.
	small 2 'p\@q TXT "x"' '\@ TXT "x"' 'p\.q TXT "x"' 'p\\q TXT "x"' 'p\032q TXT "x"' \
		'p/q TXT "x"' >"$TMP/z"
	push pd put z.example <"$TMP/z"
	small 3 "it's TXT x" | run -65 push pd put z.example
	[ "$(push pd list)" = "z.example	2	$(digest z.example <"$TMP/z")" ]
}

@test "a record that the server cannot serve: its zone is refused, every time, until it is gone; its neighbours are not" {
	world
	local i target text bad='k 300 IN KEY \# 4 c1000300'
	for target in cd pd; do
		# Addresses that miekg/dns does not read, a key that PowerDNS does not.
		[ $target = pd ] || bad='k 300 IN APL \# 5 00030801ff'
		for i in 1 2 3; do
			text=$(small 1)
			[ $i != 2 ] || text=$(small 1 "$bad")
			printf 'put %d n%d.example %d\n%s\n' $i $i ${#text} "$text"
		done >"$TMP/in"
		echo commit >>"$TMP/in"
		push "$target" batch <"$TMP/in" >"$TMP/out"
		grep -qx 'ok 1' "$TMP/out"
		grep -qx 'ok 3' "$TMP/out"
		grep -qx "fail 2 written, but 127.0.0.1:${DNS_PORT[$target]} answers SERVFAIL to k.n2.example. $(awk '{ print $4 }' <<<"$bad")" "$TMP/out"
		# The same again, and something else that is changed beside it.
		run -65 push "$target" put n2.example < <(small 1 "$bad")
		run -65 push "$target" put n2.example < <(small 2 "$bad" 'x 300 IN A 192.0.2.7')
		[[ $output == *"SERVFAIL to k.n2.example. "* ]]
		push "$target" put n2.example < <(small 3 'x 300 IN A 192.0.2.7')
		bad='k 300 IN KEY \# 4 c1000300'
	done
	run -65 push api put n2.example < <(small 1 "$bad")
	[[ $output == *"PowerDNS refuses it: Record k.n2.example./KEY"* ]]
}

@test "ok comes when the changed RRset is answered, not when the SOA is: PowerDNS's caches" {
	mariadb_up a
	mysql_conf "pd=a,schema: powerdns"
	TOOL[pd]=ddo-push-mysql
	push pd init >/dev/null
	pdns_up pd a --cache-ttl=2 --query-cache-ttl=2 --negquery-cache-ttl=2
	mysql_conf "pd=a,schema: powerdns, refresh: 20, server: \"127.0.0.1:${DNS_PORT[pd]}\""
	push pd put c.example < <(small 1 'x 300 IN A 192.0.2.7' 'y 300 IN A 192.0.2.7' \
		'y 300 IN A 192.0.2.8')
	# What PowerDNS remembers it remembers of a question, with all its flags: these are ddo's.
	local as_ddo=(+short +noad +nocookie +bufsize=1232)
	local serial=1 name old=('x 300 IN A 192.0.2.7' 'y 300 IN A 192.0.2.7' \
		'y 300 IN A 192.0.2.8')
	for name in x y; do
		# It remembers the one RRset, and no longer the SOA.
		wait_for 10 passed $(($(now_ms) + 2200))
		dig_at pd "${as_ddo[@]}" $name.c.example A | grep -q 192.0.2.7
		# One is changed, the other one loses a record.
		push pd put c.example < <(small $((++serial)) 'x 300 IN A 192.0.2.9' \
			'y 300 IN A 192.0.2.8')
		not grep -q 192.0.2.7 <<<"$(dig_at pd "${as_ddo[@]}" $name.c.example A)"
		push pd put c.example < <(small $((++serial)) "${old[@]}")
	done
}

@test "what another zone of the same server answers, below a delegation or not, is no fault of this one" {
	world
	local target
	for target in "${ALL[@]}"; do
		push "$target" put sub.parent.example < <(small 1 'www 300 IN A 192.0.2.1')
		push "$target" put parent.example \
			< <(small 1 'www.sub 300 IN A 192.0.2.99' 'sub 300 IN A 192.0.2.99' \
			'deleg 300 IN NS ns1.deleg' 'ns1.deleg 300 IN A 192.0.2.53' \
			'deleg 300 IN DS 1 13 2 '"$(printf '%064d' 1)" \
			'd 300 IN DNAME elsewhere.example.' '*.w 300 IN LOC 1 2 3 N 4 5 6 E 0m' \
			'big 300 IN TXT '"$(printf '"%0250d" ' {1..30})")
		[ "$(dig_at "$target" +short www.sub.parent.example A)" = 192.0.2.1 ]
		push "$target" put parent.example < <(small 2 'www.sub 300 IN A 192.0.2.98')
	done
}

@test "a large zone: a sample of its RRsets is asked, the odd ones among them" {
	world
	local target bad
	big() { small "$@" && printf 'h%d 300 IN A 192.0.2.1\n' {1..3000}; }
	for target in cd pd; do
		bad='k 300 IN KEY \# 4 c1000300'
		[ $target = pd ] || bad='k 300 IN APL \# 5 00030801ff'
		push "$target" put big.example < <(big 1)
		run -65 push "$target" put big.example < <(big 2 "$bad")
		[[ $output == *'SERVFAIL to k.big.example.'* ]]
	done
	push api put big.example < <(big 1)
}
