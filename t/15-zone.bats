# Zones as text: what is accepted, what is refused and why, and the digest (lib/zone*).
load lib/common

DUMP=$BUILD/unit/zone_dump
ZONES=$ROOT/t/zones

# dump NAME: "serial digest records", then the zone as ddo renders it.
dump()
{
	"$DUMP" "$1"
}

# A good zone of three lines to add others to: what comes next is line 4.
base()
{
	printf '%s\n' "\$TTL 300" '@ IN SOA ns1 root 1 2 3 4 600' '@ IN NS ns1'
}

# refused NAME WORDS < text: exit 65 and WORDS in the one line that is said.
refused()
{
	status=0
	"$DUMP" "$1" >"$TMP/out" 2>"$TMP/err" || status=$?
	echo "$status: $(cat "$TMP/err")"
	[ "$status" = 65 ] && [ ! -s "$TMP/out" ] && [ "$(wc -l <"$TMP/err")" = 1 ] &&
		[[ $(cat "$TMP/err") == *"$2"* ]]
}

# with LINE...: the good zone and LINEs.
with()
{
	base
	printf '%s\n' "$@"
}

# renders WORDS: the rendering, blanks squeezed, has WORDS as a line.
renders()
{
	tr -s ' \t' ' ' | grep -Fx "$1"
}

# digest_of NAME < text
digest_of()
{
	dump "$1" | awk 'NR == 1 { print $2 }'
}

# --- the zones of DirectAdmin ------------------------------------------------------------------

@test "each zone as DirectAdmin writes it is accepted and survives its own rendering" {
	local file name
	for file in "$ZONES"/*.db; do
		name=$(basename "$file" .db)
		name=${name//%2F//}
		echo "$name"
		dump "$name" <"$file" >"$TMP/1"
		tail -n +2 "$TMP/1" | dump "$name" >"$TMP/2"
		diff "$TMP/1" "$TMP/2"
	done
}

@test "a rendered zone has one record a line, absolute, with TTL and class, SOA first" {
	dump odd.example <"$ZONES/odd.example.db" >"$TMP/out"
	[ "$(awk 'NR == 1 { print $1 }' "$TMP/out")" = 2026112301 ]
	[ "$(awk 'NR == 1 { print $3 }' "$TMP/out")" = "$(($(wc -l <"$TMP/out") - 1))" ]
	tail -n +2 "$TMP/out" >"$TMP/text"
	head -n 1 "$TMP/text" | grep -P '^odd\.example\.\s+14400\tIN\tSOA\t'
	run ! grep -vP '^\S+\.\s+\d+\tIN\t[A-Z0-9]+\t' "$TMP/text"
	run ! grep -F '$' <(grep -v NAPTR "$TMP/text")
}

@test "blank owners, lower-case types, escapes and unknown types keep their meaning" {
	dump odd.example <"$ZONES/odd.example.db" >"$TMP/out"
	renders 'odd.example. 14400 IN A 192.0.2.81' <"$TMP/out"
	renders '_sip._tls.odd.example. 300 IN SRV 100 1 443 sip.odd.example.' <"$TMP/out"
	renders 'quoted.odd.example. 14400 IN TXT "semi;colon" "back\\slash" "quo\"te" "\009tab" "caf\195\169"' \
		<"$TMP/out"
	renders 'empty.odd.example. 14400 IN TXT ""' <"$TMP/out"
	renders 'unknown.odd.example. 14400 IN TYPE65400 \# 3 ABCDEF' <"$TMP/out"
	renders '*.odd.example. 14400 IN A 192.0.2.80' <"$TMP/out"
}

@test "BIND reads the rendered zones, and finds the same records in them as in the originals" {
	need named-compilezone
	local name
	for name in typical.example xn--caf-dma.example; do
		dump "$name" <"$ZONES/$name.db" | tail -n +2 >"$TMP/$name"
		named-compilezone -i none -k ignore -o "$TMP/a" "$name" "$ZONES/$name.db"
		named-compilezone -i none -k ignore -o "$TMP/b" "$name" "$TMP/$name"
		diff "$TMP/a" "$TMP/b"
	done
}

@test "a DKIM key of 4096 bits comes through whole" {
	local key
	key=$(printf 'v=DKIM1; k=rsa; p=%s' "$(head -c 1400 /dev/zero | tr '\0' 'k')")
	with "x._domainkey TXT ( \"${key:0:255}\"" "  \"${key:255:255}\" \"${key:510:255}\"" \
		"	\"${key:765:255}\" \"${key:1020:255}\" \"${key:1275}\" )" >"$TMP/zone"
	dump a.example <"$TMP/zone" | grep _domainkey | cut -d'"' -f2- | sed 's/" "//g' >"$TMP/got"
	[ "$(cat "$TMP/got")" = "$key\"" ]
}

@test "lines may end in CR LF, and the last line in nothing" {
	base >"$TMP/zone"
	sed 's/$/\r/' "$TMP/zone" >"$TMP/crlf"
	head -c -1 "$TMP/zone" >"$TMP/cut"
	[ "$(digest_of a.example <"$TMP/crlf")" = "$(digest_of a.example <"$TMP/zone")" ]
	[ "$(digest_of a.example <"$TMP/cut")" = "$(digest_of a.example <"$TMP/zone")" ]
	{ cat "$TMP/crlf" && printf 'www A 192.0.2.256\r\n'; } | refused a.example 'line 4: '
}

@test "without \$TTL a record gets the SOA's minimum, as in named; without \$ORIGIN the zone's name" {
	printf '@ IN SOA ns1 root 1 2 3 4 600\n@ IN NS ns1\nx 60 A 192.0.2.1\n' |
		dump a.example >"$TMP/out"
	renders 'a.example. 600 IN SOA ns1.a.example. root.a.example. 1 2 3 4 600' <"$TMP/out"
	renders 'a.example. 600 IN NS ns1.a.example.' <"$TMP/out"
	renders 'x.a.example. 60 IN A 192.0.2.1' <"$TMP/out"
}

@test "\$ORIGIN inside the zone is followed" {
	with "\$ORIGIN sub.a.example." 'www A 192.0.2.1' | dump a.example |
		renders 'www.sub.a.example. 300 IN A 192.0.2.1'
}

@test "owners of any case are inside the zone" {
	with 'WWW.A.Example. A 192.0.2.1' | dump a.example |
		renders 'www.a.example. 300 IN A 192.0.2.1'
	printf 'A.EXAMPLE. 60 IN SOA ns1 root 1 2 3 4 600\n' | dump a.example |
		renders 'a.example. 60 IN SOA ns1.a.example. root.a.example. 1 2 3 4 600'
}

# ttl_of_w LINE...: the one TTL of w's records.
ttl_of_w()
{
	with "$@" | dump a.example | awk '$1 == "w.a.example." { print $2 }' | sort -u
}

@test "an RRset has one TTL, that of named: the first of the last series; duplicates are dropped" {
	with 'w 60 A 192.0.2.1' 'w 30 A 192.0.2.2' 'w 90 A 192.0.2.1' | dump a.example >"$TMP/out"
	[ "$(grep -c 192.0.2 "$TMP/out")" = 2 ]
	[ "$(ttl_of_w 'w 60 A 192.0.2.1' 'w 30 A 192.0.2.2' 'w 90 A 192.0.2.1')" = 60 ]
	[ "$(ttl_of_w 'w 60 A 192.0.2.1' 'x TXT y' 'w 90 A 192.0.2.2' 'w 30 A 192.0.2.3')" = 90 ]
	# An owner in other letters begins a series, as in named.
	[ "$(ttl_of_w 'w 60 A 192.0.2.1' 'W 30 A 192.0.2.2' ' A 192.0.2.3')" = 30 ]
}

@test "without \$TTL a record has the TTL stated last (RFC 1035 section 5.1), as in named" {
	printf '%s\n' '@ 3600 IN SOA ns1 root 1 2 3 4 600' '@ IN NS ns1' 'ns1 300 IN A 192.0.2.1' \
		'www IN A 192.0.2.2' '@ 86400 IN MX 10 www' 'mail IN A 192.0.2.3' | dump a.example \
		>"$TMP/out"
	renders 'a.example. 3600 IN NS ns1.a.example.' <"$TMP/out"
	renders 'www.a.example. 300 IN A 192.0.2.2' <"$TMP/out"
	renders 'mail.a.example. 86400 IN A 192.0.2.3' <"$TMP/out"
	# A record of a set that has another TTL takes that, and so does the next one.
	printf '%s\n' '@ 3600 IN SOA ns1 root 1 2 3 4 600' '@ IN NS ns1' 'w A 192.0.2.1' \
		'w 60 A 192.0.2.2' 'x A 192.0.2.3' | dump a.example >"$TMP/out"
	renders 'x.a.example. 3600 IN A 192.0.2.3' <"$TMP/out"
	printf '%s\n' '@ IN NS ns1' '@ 60 IN SOA ns1 root 1 2 3 4 600' |
		refused a.example 'line 1: no TTL'
}

@test "a TTL above 2^31-1 counts as 0 (RFC 2181 section 8), as in named" {
	[ "$(ttl_of_w 'w 2147483647 A 192.0.2.1')" = 2147483647 ]
	[ "$(ttl_of_w 'w 2147483648 A 192.0.2.1')" = 0 ]
	[ "$(ttl_of_w 'w 4294967295 A 192.0.2.1')" = 0 ]
	[ "$(ttl_of_w "\$TTL 4294967295" 'w A 192.0.2.1')" = 0 ]
	with 'w 4294967296 A 192.0.2.1' | refused a.example 'line 4: '
	with 'w -1 A 192.0.2.1' | refused a.example 'line 4: '
}

@test "RRSIGs keep their own TTL" {
	with 'w RRSIG A 8 2 900 20301123000000 20261123000000 1 a.example. AQNRU3mG' |
		dump a.example |
		renders 'w.a.example. 300 IN RRSIG A 8 2 900 20301123000000 20261123000000 1 a.example. AQNRU3mG'
}

@test "HTTPS parameters that have no clear text are written as octets" {
	with 'h HTTPS 1 . alpn=h2,h3 port=8443' 'q HTTPS 1 . alpn="a b,c"' >"$TMP/zone"
	dump a.example <"$TMP/zone" >"$TMP/out"
	renders 'h.a.example. 300 IN HTTPS 1 . alpn=h2,h3 port=8443' <"$TMP/out"
	renders 'q.a.example. 300 IN TYPE65 \# 13 00010000010006036120620163' <"$TMP/out"
	[ "$(tail -n +2 "$TMP/out" | digest_of a.example)" = "$(digest_of a.example <"$TMP/zone")" ]
}

# --- the digest --------------------------------------------------------------------------------

# published FILE: the digest that the RFC gives.
published()
{
	sed -n '1s/.* digest //p' "$1"
}

@test "RFC 8976 appendix A.1: a simple zone" {
	[ "$(digest_of example <"$ZONES/digest/a1.db")" = "$(published "$ZONES/digest/a1.db")" ]
}

@test "RFC 8976 appendix A.2: occluded names, duplicates, case, wildcards, ZONEMD below the apex" {
	# foo.test. lies outside of the zone.
	[ "$(digest_of example <"$ZONES/digest/a2.db")" = "$(published "$ZONES/digest/a2.db")" ]
}

@test "RFC 8976 appendix A.3: several ZONEMD records" {
	[ "$(digest_of example <"$ZONES/digest/a3.db")" = "$(published "$ZONES/digest/a3.db")" ]
}

@test "RFC 8976 appendix A.5: root-servers.net" {
	[ "$(digest_of root-servers.net <"$ZONES/digest/a5.db")" = \
		"$(published "$ZONES/digest/a5.db")" ]
}

@test "the same zone has the same digest, whatever its formatting" {
	local want
	want=$(with 'www 300 IN A 192.0.2.1' 'www 300 IN A 192.0.2.2' 'T 300 IN TXT "a b"' |
		digest_of a.example)
	[ -n "$want" ]
	[ "$(with '; a remark' '' 't IN 300 txt ( "a b"' ')' "\$ORIGIN example." \
		'www.A a 192.0.2.2 ; another' '	a 192.0.2.1' | digest_of a.example)" = "$want" ]
	[ "$(with 'www A 192.0.2.1' 'www A 192.0.2.2' 't TXT a\032b' | digest_of a.example)" = \
		"$want" ]
}

@test "a changed TTL, name, record or serial changes the digest" {
	local digests
	digests=$(
		with 'www A 192.0.2.1' | digest_of a.example
		with 'www 301 A 192.0.2.1' | digest_of a.example
		with 'ww A 192.0.2.1' | digest_of a.example
		with 'www A 192.0.2.2' | digest_of a.example
		with 'www A 192.0.2.1' | sed 's/root 1/root 2/' | digest_of a.example
	)
	[ "$(sort -u <<<"$digests" | wc -l)" = 5 ]
}

# --- what is refused ---------------------------------------------------------------------------

@test "refused: no SOA, two SOAs, an SOA below the apex" {
	printf '' | refused a.example 'no SOA'
	printf '\n\n; nothing\n' | refused a.example 'no SOA'
	printf 'www 300 IN A 192.0.2.1\n' | refused a.example 'no SOA'
	with '@ SOA ns1 root 2 2 3 4 600' | refused a.example 'line 4: more than one SOA'
	with 'b SOA ns1 root 1 2 3 4 600' |
		refused a.example 'line 4: SOA is not at the apex of a.example'
}

@test "a record outside the zone is left out, as named leaves it out" {
	local record
	base | dump a.example >"$TMP/base"
	for record in 'www.b.example. A 192.0.2.1' 'xa.example. A 192.0.2.1' \
		'example. A 192.0.2.1' '. NS x.' 'b.example. SOA a b 1 2 3 4 5'; do
		with "$record" | dump a.example | diff - "$TMP/base"
	done
	with "\$ORIGIN b.example." 'www A 192.0.2.1' | dump a.example | diff - "$TMP/base"
	printf 'a.example. 60 SOA a. b. 1 2 3 4 5\n' |
		refused b.example 'the zone has no SOA; 1 record is outside b.example'
	# Whatever its type, even one that cannot be in a zone.
	with 'www.b.example. NULL \# 0' | dump a.example | awk 'NR == 1 { exit $3 != 2 }'
	with 'www NULL \# 0' | refused a.example 'line 4: type 10 cannot be in a zone'
}

@test "the same SOA twice counts as one, and more than one DNAME is refused" {
	with '@ SOA ns1 root 1 2 3 4 600' | dump a.example >"$TMP/twice"
	base | dump a.example | diff - "$TMP/twice"
	with 'd DNAME x' 'd DNAME y' | refused a.example 'line 5: more than one DNAME'
}

@test "refused: CNAME beside other data, and two CNAMEs; signed ones are fine" {
	with 'w CNAME x' 'w A 192.0.2.1' |
		refused a.example 'line 5: CNAME and other data at w.a.example.'
	with 'w A 192.0.2.1' 'y A 192.0.2.1' 'w CNAME x' |
		refused a.example 'line 6: CNAME and other data'
	with '@ CNAME x' | refused a.example 'line 4: CNAME and other data at a.example.'
	with 'w CNAME x' 'w CNAME y' | refused a.example 'line 5: CNAME and other data'
	with 'w CNAME x' 'W CNAME X' | dump a.example |
		renders 'w.a.example. 300 IN CNAME x.a.example.'
	with 'w CNAME x' 'w NSEC y CNAME RRSIG NSEC' \
		'w RRSIG CNAME 8 3 300 20301123000000 20261123000000 1 a.example. AQNRU3mG' |
		dump a.example
}

@test "refused: classes other than IN" {
	with 'w CH TXT x' | refused a.example 'line 4: '
	with 'w 300 CH TXT x' | refused a.example 'line 4: '
	with 'w HS A 192.0.2.1' | refused a.example 'not the class IN'
}

@test "refused: \$INCLUDE, and the file is not opened" {
	local file=$TMP/included
	with 'w A 192.0.2.1' "\$INCLUDE $ROOT/t/zones/typical.example.db" |
		refused a.example "line 5: \$INCLUDE is not accepted"
	with "\$include $file b.a.example." | refused a.example "line 4: \$include is not accepted"
	# Whoever opens a fifo to read it waits for a writer, and there will be none.
	mkfifo "$file"
	with "\$INCLUDE $file" >"$TMP/zone"
	run -65 timeout 20 "$DUMP" a.example <"$TMP/zone"
	[[ $output == *"\$INCLUDE is not accepted"* ]]
}

@test "refused: \$GENERATE, unknown directives" {
	with "\$GENERATE 1-9999999 h\$ A 192.0.2.\$" |
		refused a.example "line 4: \$GENERATE is not accepted"
	with '' "\$generate 1-9 h\$ A 192.0.2.\$" |
		refused a.example "line 5: \$generate is not accepted"
	with "\$FOO 1" | refused a.example "line 4: \$FOO is not a directive"
}

@test "refused: NUL octets, with their line" {
	{ base && printf 'w TXT "a\0b"\n'; } | refused a.example 'line 4: a NUL byte'
	printf '\0' | refused a.example 'line 1: a NUL byte'
	# as data, escaped, it is one octet like any other
	with 'w TXT "a\000b"' | dump a.example | renders 'w.a.example. 300 IN TXT "a\000b"'
}

@test "refused: broken quotes and parentheses" {
	with 't TXT "abc' 'w A 192.0.2.1' | refused a.example 'line 4: '
	with 't TXT ( "abc"' 'w A 192.0.2.1' | refused a.example "line 4: '(' without ')'"
	with 't TXT "abc" )' 'w A 192.0.2.1' | \
		refused a.example "line 4: ')' without '('"
	with 't TXT ( ( "abc" )' | refused a.example 'line 4: '
	with "t TXT \"a\\" | refused a.example 'line 4: '
	with 't TXT "a\300"' | refused a.example 'line 4: '
}

@test "refused: data that its type does not have" {
	with 'w A 192.0.2.256' | refused a.example 'line 4: '
	with 'w AAAA 2001:db8::1::2' | refused a.example 'line 4: '
	with 'w MX mail' | refused a.example 'line 4: '
	with 'w ANY \# 0' | refused a.example 'line 4: '
	with 'w TYPE255 \# 0' | refused a.example 'line 4: type 255 cannot be in a zone'
	with 'w TYPE41 \# 0' | refused a.example 'line 4: type 41 cannot be in a zone'
	with 'w TYPE10 \# 0' | refused a.example 'line 4: type 10 cannot be in a zone'
	with 'w TYPE0 \# 0' | refused a.example 'line 4: '
}

@test "refused: octets written with \\# that are no record of their type" {
	local record
	for record in 'NS \# 1 03' 'MX \# 2 0001' 'MX \# 3 000103' 'CNAME \# 2 c000' \
		'SRV \# 6 000000000000' \
		'SOA \# 3 000000' 'NAPTR \# 5 0000000000' 'A \# 3 c00002' 'A \# 5 c000020100' \
		'RRSIG \# 2 0001' 'NSEC \# 1 40' 'AFSDB \# 2 0001' 'PTR \# 0' 'RP \# 1 00' \
		'KX \# 1 00'; do
		echo "$record"
		with "w $record" | refused a.example 'line 4: '
	done
	with 'w MX \# 3 000100' | dump a.example | renders 'w.a.example. 300 IN MX 1 .'
}

@test "names and labels at their limits" {
	local label name
	label=$(printf 'l%.0s' {1..63})
	with "$label A 192.0.2.1" | dump a.example | grep -q "^$label.a.example."
	with "l$label A 192.0.2.1" | refused a.example 'line 4: '
	# 244 characters with .a.example.: 255 octets
	name=$label.$label.$label.$(printf 'l%.0s' {1..51})
	with "$name A 192.0.2.1" | dump a.example | grep -q "^$name.a.example."
	with "l$name A 192.0.2.1" | refused a.example 'line 4: '
	with 'a..b A 192.0.2.1' | refused a.example 'line 4: '
}

@test "lines of 70,000 octets: a remark is skipped, a record is refused" {
	local long
	long=$(head -c 70000 /dev/zero | tr '\0' 'x')
	with "; $long" 'w A 192.0.2.1' | dump a.example | renders 'w.a.example. 300 IN A 192.0.2.1'
	with "$long A 192.0.2.1" | refused a.example 'line 4: '
	with "w TXT $long" | refused a.example 'line 4: '
	with "w TXT $(printf '"%0255d" ' {1..280})" | refused a.example 'line 4: '
}

@test "a record that grows as it is read is refused before it takes memory" {
	local label
	label=$(printf 'l%.0s' {1..60})
	{
		with "\$ORIGIN $label.$label.$label.a.example."
		printf 'x HIP 2 aa AAAA'
		yes ' r' | head -n 1000000 | tr -d '\n'
		echo
	} >"$TMP/zone"
	# The sanitizers' build maps the whole address space.
	[[ $BUILD == *dev ]] || ulimit -v 400000
	refused a.example 'line 5: data of more than 65535 octets' <"$TMP/zone"
	{ base && printf 'x TXT' && yes $' \377' | head -n 500000 | tr -d '\n'; } >"$TMP/zone"
	refused a.example 'line 4: the record is too long' <"$TMP/zone"
	{ base && head -c 1021 /dev/zero | tr '\0' '\377' && echo ' A 192.0.2.1'; } >"$TMP/zone"
	refused a.example 'line 4: a name that is too long' <"$TMP/zone"
}

@test "a record set that no DNS message can hold is refused, soon" {
	local start
	start=$(now_ms)
	{ base && seq -f 'w A 10.0.0.%g' 0 255 && for i in {1..60}; do
		seq -f "w A 10.0.$i.%g" 0 255
	done; } | refused a.example 'line 15619: the record set is too large for DNS'
	[ $(($(now_ms) - start)) -lt 5000 ]
	{ base && seq -f 'w TXT "%0200g"' 1 300; } | dump a.example >"$TMP/out"
	[ "$(grep -c TXT "$TMP/out")" = 300 ]
	{ base && seq -f 'w TXT "%0200g"' 1 320; } |
		refused a.example 'the record set is too large for DNS'
}

@test "a record of every type comes back from its rendering" {
	dump a.example <"$ZONES/digest/types.db" >"$TMP/1"
	tail -n +2 "$TMP/1" | dump a.example >"$TMP/2"
	diff "$TMP/1" "$TMP/2"
	[ "$(tail -n +2 "$TMP/1" | wc -l)" = "$(grep -vc '^\$' "$ZONES/digest/types.db")" ]
}
