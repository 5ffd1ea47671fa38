#!/usr/bin/env bats
# What ddo-push-bind alone has; all else is in t/lib/target-suite.bash.
# shellcheck disable=SC2030,SC2031	# each test looks at its own output only

load lib/common
load lib/named

teardown()
{
	stop_all
}

world() # [include]
{
	named_make "$@"
	conf_make
	named_up
}

push()
{
	"$BIN/ddo-push-bind" -t ns1 "$@"
}

pput() # ZONE SERIAL [RECORD...]
{
	zone_text "$@" | push put "$1"
}

BAD_NS="@ 300 IN NS nowhere" # in the zone, without an address

by_hand()
{
	local zone=hand.example
	run -0 push probe
	[[ $output == BIND\ 9.* ]]
	pput $zone 2026010101
	serves $zone 2026010101
	pput $zone 2026010102 "more 300 IN A 198.51.100.1"
	serves $zone 2026010102
	[ "$(dig @127.0.0.1 -p "$DNS" +short more.$zone A)" = 198.51.100.1 ]
	pput alpha.example 7
	run -0 push list
	[ "${#lines[@]}" = 2 ]
	[[ ${lines[0]} =~ ^alpha.example[[:blank:]]7[[:blank:]][0-9a-f]{96}$ ]]
	[[ ${lines[1]} =~ ^hand.example[[:blank:]]2026010102[[:blank:]][0-9a-f]{96}$ ]]
	push list >"$TMP/list"
	push list -j | jq -r '.[] | select(.foreign == false) | [.zone, .serial, .digest] | @tsv' | diff "$TMP/list" -
	push del $zone
	gone $zone
	[ ! -e "$TMP/zones/$zone.db" ]
	[ ! -e "$TMP/zones/$zone.db.good" ]
	not grep -qs $zone "$TMP/zones.conf"
	# What a put left that was killed goes with a delete that finds nothing else.
	touch "$TMP/zones/$zone.db.new"
	push del $zone
	[ ! -e "$TMP/zones/$zone.db.new" ]
	run -0 push list
	[ "${#lines[@]}" = 1 ]
	named_down
	named_up
	serves alpha.example 7
	gone $zone
}

@test "an unchanged zone is not written and named is told nothing" {
	world
	pput same.example 1
	local before
	before=$(stat -c '%i %y' "$TMP/zones/same.example.db")
	local told
	told=$(grep -c 'control channel command' "$TMP/named.log")
	pput same.example 1
	[ "$(stat -c '%i %y' "$TMP/zones/same.example.db")" = "$before" ]
	[ "$(grep -c 'control channel command' "$TMP/named.log")" = "$told" ]
}

@test "a zone file that cannot be linked, as root's, is copied" {
	world
	pput old.example 1
	zone_text old.example 2 "$BAD_NS" >"$TMP/bad"
	zone_text old.example 3 >"$TMP/good"
	run -65 with_shim nolink "$BIN/ddo-push-bind" -t ns1 put old.example <"$TMP/bad"
	serves old.example 1
	named_down
	named_up
	serves old.example 1
	with_shim nolink "$BIN/ddo-push-bind" -t ns1 put old.example <"$TMP/good"
	serves old.example 3
	not strangers "$TMP/zones" '^old.example.db$'
}

@test "an include file of DirectDNSOnly's is taken over, other statements stay" {
	named_make include
	conf_make
	zone_text old.example 3 >"$TMP/zones/old.example.db"
	zone_text away.example 4 >"$TMP/away.db"
	cat >"$TMP/zones.conf" <<-END
		zone "old.example" { type master; file "$TMP/zones/old.example.db"; };
		zone "away.example" { type master; file "$TMP/away.db"; };
		/* not a zone of ours */ acl "friends;}" { 127.0.0.1; };
	END
	named_up
	serves old.example 3
	push list | cut -f1,2 >"$TMP/list"
	printf 'away.example\t4\nold.example\t3\n' | diff - "$TMP/list"
	pput new.example 1
	pput old.example 5
	run -65 pput away.example 5 "$BAD_NS"
	serves away.example 4
	grep -qF "$TMP/away.db" "$TMP/zones.conf"
	[ ! -e "$TMP/zones/away.example.db" ]
	pput away.example 6
	serves new.example 1
	serves old.example 5
	serves away.example 6
	grep -qF 'acl "friends;}" { 127.0.0.1; };' "$TMP/zones.conf"
	push del old.example
	gone old.example
	serves away.example 6
	named_down
	named_up
	serves new.example 1
	serves away.example 6
	gone old.example
}

@test "what named does not load for another reason is deferred, and what was served stays" {
	named_make include
	conf_make
	zone_text away.example 4 >"$TMP/away.db"
	echo "zone \"away.example\" { type master; file \"$TMP/away.db\"; };" >"$TMP/zones.conf"
	named_up
	hide_files
	run -75 pput away.example 5
	[[ $output == *"does not answer serial 5: "*"file not found"* ]]
	serves away.example 4
	grep -qF "$TMP/away.db" "$TMP/zones.conf"
	[ -z "$(ls -A "$TMP/zones")" ]
	sed -i "s|zones_dir: [^,]*|zones_dir: $TMP/zones|" "$TMP/app.yml"
	pput away.example 6
	serves away.example 6
}

# zones_dir by a name that is another directory to named.
hide_files()
{
	sed -i 's|zones_dir: [^,]*|zones_dir: /proc/self/cwd/zones|' "$TMP/app.yml"
	cd "$TMP" || return
}

@test "what named cannot read is deferred, and a new zone leaves nothing" {
	world
	hide_files
	run -75 pput a.example 1
	[[ $output == *"file not found"* ]]
	[ -z "$(ls -A "$TMP/zones")" ]
	gone a.example
}

@test "an include file that does not parse is not overwritten" {
	world include
	pput a.example 1
	echo 'zone "b.example" { type primary; ' >>"$TMP/zones.conf"
	cp "$TMP/zones.conf" "$TMP/before"
	run -69 pput c.example 1
	[[ $output == *zones.conf* ]]
	cmp "$TMP/before" "$TMP/zones.conf"
}

@test "named's configuration broken elsewhere is the target's failure" {
	world include
	echo 'nonsense;' >>"$TMP/named.conf"
	run -69 pput a.example 1
	[[ $output == *reconfig* ]]
	sed -i '$d' "$TMP/named.conf"
	pput a.example 1
	serves a.example 1
}

@test "the rndc program instead of the control channel" {
	named_make
	TARGET_EXTRA=", rndc: $(command -v rndc)" conf_make
	named_up
	by_hand
	run -65 pput refused.example 2 "$BAD_NS"
	named_down
	run -69 push probe
	[[ $output == *rndc*connect* ]]
}

@test "a view" {
	named_make
	TARGET_EXTRA=", view: inside" conf_make
	printf 'view "inside" { match-clients { any; }; };\nview "outside" { };\n' \
		>>"$TMP/named.conf"
	named_up
	pput seen.example 1
	serves seen.example 1
	pput seen.example 2
	serves seen.example 2
	push del seen.example
	gone seen.example
}

@test "after the clock stepped back named takes the next version all the same" {
	need faketime
	world
	pput ahead.example 1
	zone_text ahead.example 2 >"$TMP/two"
	wait_for 10 is_past "$(stat -c %Y "$TMP/zones/ahead.example.db")"
	with_asan_last faketime -f -200s "$BIN/ddo-push-bind" -t ns1 put ahead.example <"$TMP/two"
	serves ahead.example 2
}

is_past() # SECONDS: named's stamps are coarse; a load at that second was before now
{
	[ "$(now_ms)" -gt $(($1 * 1000 + 1000)) ]
}

@test "down: named not running, a wrong key, no key, no directory, a stranger on the port" {
	named_make
	conf_make
	run -69 push probe
	run -69 pput a.example 1
	named_up
	cp "$TMP/rndc.key" "$TMP/right.key"
	sed -i "s|secret .*|secret \"$(head -c 32 /dev/urandom | base64)\";|" "$TMP/rndc.key"
	run -69 push probe
	[[ $output == *key* ]]
	run -69 pput a.example 1
	gone a.example
	rm "$TMP/rndc.key"
	run -69 push probe
	[[ $output == *rndc.key* ]]
	echo 'key "x" { algorithm hmac-sha256; secret "???"; };' >"$TMP/rndc.key"
	run -69 push probe
	[[ $output == *base64* && $output != *"???"* ]]
	cp "$TMP/right.key" "$TMP/rndc.key"
	push probe
	mv "$TMP/zones" "$TMP/elsewhere"
	run -69 pput a.example 1
	[[ $output == *zones* ]]
	mv "$TMP/elsewhere" "$TMP/zones"
	# named's DNS port speaks TCP, but not the control channel's protocol.
	sed -i "s/control: \"127.0.0.1:$CONTROL\"/control: \"127.0.0.1:$DNS\"/" "$TMP/app.yml"
	run -69 push probe
}

@test "wrong input: options, targets, zones, half and endless commands" {
	world
	run -64 "$BIN/ddo-push-bind"
	run -64 "$BIN/ddo-push-bind" -t ns1
	run -64 push frobnicate
	run -64 push put
	run -78 "$BIN/ddo-push-bind" -t nobody list
	cp "$TMP/app.yml" "$TMP/right.yml"
	echo '    off: { type: bind, enabled: false }' >>"$TMP/app.yml"
	run -78 "$BIN/ddo-push-bind" -t off list
	for name in 'zones_dir: "/a\"b"' 'view: "a; b"' 'control: nowhere' \
		'server: "1.2.3.4:99999"'; do
		sed "s|mode: addzone|$name|" "$TMP/right.yml" >"$TMP/app.yml"
		[[ $name != zones_dir* ]] || sed -i "s|, zones_dir: $TMP/zones||" "$TMP/app.yml"
		run -78 "$BIN/ddo-push-bind" -t ns1 list
	done
	cp "$TMP/right.yml" "$TMP/app.yml"
	local name
	for name in ../etc 'a"b.example' 'a;b.example' $'a\nb.example' 'a b.example' '*.example' \
		. .. '' 'x}.example' "$(printf 'a%.0s' {1..70}).example"; do
		run -65 push del "$name"
		run -65 push put "$name" <"$ROOT/t/zones/typical.example.db"
	done
	run -65 push put other.example <<<'no zone at all'
	run -65 push put typical.example < <(head -c 700 "$ROOT/t/zones/typical.example.db")
	run -64 push batch <<<'put 1 a.example 5'
	run -64 push batch <<<'frob'
	run -64 push batch < <(printf 'put 1 a.example 5\nab')
	run -64 push batch < <(printf 'put x a.example 3\nabc\ncommit\n')
	run -64 push batch < <(printf 'put 1 a.example 99999999999999\n0')
	run -64 push batch < <(head -c 100000 /dev/zero | tr '\0' x)
	run -64 push batch < <(head -c 100000 /dev/zero)
	# What no commit follows is not done.
	run -0 push batch <<<'del 1 a.example'
	[ "$output" = "" ]
	[ -z "$(ls -A "$TMP/zones")" ]
	not grep -E 'addzone|delzone|reload' "$TMP/named.log"
}

many() # N: records of one name and type
{
	seq -f 'many 300 IN A 10.0.0.%.0f' 1 "$1"
}

# named takes 100 records at one name and type, or types at one name; named-checkzone does not
# count.
limits()
{
	local zone type
	pput mr.example 1 "$(many 100)"
	for type in {300..410}; do
		echo "odd 300 IN TYPE$type \\# 1 00"
	done >"$TMP/types"
	run -65 pput mr.example 2 "$(many 101)"
	[[ $output == *"named refuses it: many.mr.example. A has 101 records, more than named takes (max-records-per-type"* ]]
	not strangers "$TMP/zones" '^mr.example.db$'
	run -65 pput mr.example 2 "$(cat "$TMP/types")"
	[[ $output == *"named refuses it: odd.mr.example. has 111 types, more than named takes (max-types-per-name"* ]]
	# Under the serial that is served the time of the load is what shows it.
	run -65 pput mr.example 1 "$(many 101)"
	[[ $output == *"named refuses it: many.mr.example. A has 101 records"* ]]
	run -65 pput new.example 1 "$(many 101)"
	[[ $output == *"named refuses it: many.new.example. A has 101 records"* ]]
	not strangers "$TMP/zones" '^mr.example.db$'
	serves mr.example 1
	gone new.example
	run -0 push list
	[ "${#lines[@]}" = 1 ]
	not grep -qs sample "$TMP/zones.conf"
	# Its neighbours in a batch are not held up.
	for zone in a mr b; do
		zone_text $zone.example 3 "$([ $zone != mr ] || many 101)" >"$TMP/text"
		printf 'put 1 %s.example %d\n' $zone "$(wc -c <"$TMP/text")"
		cat "$TMP/text" && echo
	done >"$TMP/batch"
	echo commit >>"$TMP/batch"
	push batch <"$TMP/batch" >"$TMP/answers"
	[ "$(cut -c1-10 "$TMP/answers" | sort | uniq -c | tr -s ' \n' ' ')" = \
		" 1 fail 1 nam 2 ok 1 " ]
	serves a.example 3
	serves b.example 3
	not strangers "$TMP/zones" '^(mr|a|b).example.db$'
	named_down
	named_up
	serves mr.example 1
	[ "$(dig @127.0.0.1 -p "$DNS" +norec +short +tcp many.mr.example A | wc -l)" = 100 ]
	gone new.example
	pput mr.example 4 "$(many 99)"
	serves mr.example 4
}

@test "what only named itself refuses is refused with its words, and the next start is clean" {
	world
	limits
}

@test "the same with an include file" {
	world include
	limits
}

@test "the same with the rndc program" {
	named_make
	TARGET_EXTRA=", rndc: $(command -v rndc)" conf_make
	named_up
	limits
}

@test "a named that is stricter than named-checkzone: refused, and the reason is what it minds" {
	named_make
	conf_make
	sed -i 's/recursion no;/& check-mx fail;/' "$TMP/named.conf"
	named_up
	pput mx.example 1
	run -65 pput mx.example 2 '@ 300 IN MX 10 nomail'
	[[ $output == *"named refuses it: "*"nomail.mx.example"*"has no address records"* ]]
	serves mx.example 1
	not strangers "$TMP/zones" '^mx.example.db$'
	run -65 pput new.example 2 '@ 300 IN MX 10 nomail'
	[[ $output == *"named refuses it: "*"nomail.new.example"* ]]
	gone new.example
}

@test "what named signs has another serial: it is not taken for refused" {
	named_make include
	conf_make
	zone_text signed.example 1 >"$TMP/zones/signed.example.db"
	cat >"$TMP/zones.conf" <<-END
		zone "signed.example" { type primary; file "$TMP/zones/signed.example.db";
			dnssec-policy default; inline-signing yes; };
	END
	named_up
	wait_for 10 is_signed
	run pput signed.example 2 'more 300 IN A 192.0.2.7'
	[ "$status" != 65 ]
	not grep ddo-sample "$TMP/named.log"
	grep -q '192.0.2.7' "$TMP/zones/signed.example.db"
	[ "$(dig @127.0.0.1 -p "$DNS" +norec +short more.signed.example A)" = 192.0.2.7 ]
}

is_signed()
{
	dig @127.0.0.1 -p "$DNS" +norec +dnssec +noall +answer -q www.signed.example -t A |
		grep -q RRSIG
}

@test "a file that named refused while ddo-push-bind was killed: the next attempt puts the good one back" {
	world
	local at broken=0
	pput mr.example 1
	zone_text mr.example 2 "$(many 101)" >"$TMP/bad"
	for at in 4 5 6 7 8; do
		run ! env DDO_CRASH_AT=$at ASAN_OPTIONS=verify_asan_link_order=0 \
			"LD_PRELOAD=$BUILD/shim/crash.so" "$BIN/ddo-push-bind" -t ns1 put \
			mr.example <"$TMP/bad"
		named_down
		named_up
		serves mr.example 1 || broken=$((broken + 1))
		run -65 push put mr.example <"$TMP/bad"
		[[ $output == *"more than named takes"* ]]
		serves mr.example 1
		not strangers "$TMP/zones" '^mr.example.db$'
	done
	[ $broken -ge 1 ]
}

@test "a sample that was left in named goes with the next batch" {
	world
	pput mr.example 1
	printf '@ 300 IN SOA . . 1 1 1 1 1\n@ 300 IN NS .\n' >"$TMP/zones/.ddo-sample"
	rndc -s 127.0.0.1 -p "$CONTROL" -k "$TMP/rndc.key" addzone ddo-sample.invalid \
		"{ type primary; file \"$TMP/zones/.ddo-sample\"; };"
	serves ddo-sample.invalid 1
	pput mr.example 2
	gone ddo-sample.invalid
	not strangers "$TMP/zones" '^mr.example.db$'
}

@test "the reason is the error, never a warning" {
	world
	local old='w 300 IN RRSIG A 13 4 300 20200101000000 20191201000000 12345 w.example. AAAA'
	run -65 pput a.example 1 'a.*.b 300 IN A 192.0.2.1'
	[[ $output == *"refuses it: line "*": a.*.b.a.example: bad owner name (check-names)" ]]
	run -65 pput a.example 1 'w 300 IN A 192.0.2.1' "$old" "$BAD_NS"
	[[ $output == *"refuses it: NS 'nowhere.a.example' has no address records (A or AAAA)" ]]
	run -65 pput a.example 1 '@ 300 IN MX 10 nomail' 'c 300 IN CNAME www' '@ 300 IN MX 20 c' \
		"$BAD_NS"
	[[ $output == *"refuses it: NS 'nowhere.a.example' has no address records (A or AAAA)" ]]
}

@test "a zone that is named like an option" {
	world
	local zone
	for zone in -dash.example -ofoo.example -c -clean --help; do
		bare $zone 1 | push put -- $zone
		serves $zone 1
		bare $zone 2 | push put -- $zone
		serves $zone 2
		run -65 push put -- $zone < <(bare $zone 3 'ns 300 IN A 192.0.2.1')
		[[ $output == *"$zone: named refuses it: line "*": ns.$zone: bad owner name (check-names)" ]]
		serves $zone 2
	done
	run -0 push list
	[ "${#lines[@]}" = 5 ]
	printf 'del 1 -dash.example\ndel 2 -c\ndel 3 --help\ncommit\n' | push batch >"$TMP/answers"
	[ "$(grep -c '^ok ' "$TMP/answers")" = 3 ]
	for zone in -ofoo.example -clean; do
		push del -- $zone
		gone $zone
	done
	[ -z "$(ls -A "$TMP/zones")" ]
}

bare() # ZONE SERIAL [RECORD]: without a host's name below its own, which named would refuse
{
	printf '@ 300 IN SOA ns.test. host.test. %s 1 1 1 1\n@ 300 IN NS ns.test.\n%s\n' "$2" \
		"${3:-}"
}
