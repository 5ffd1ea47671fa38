# Every zone that named reads, ddo reads, record for record (lib/dns/lexer, master, types).
# shellcheck disable=SC2034 # used by lib/named
# shellcheck disable=SC2016,SC1003 # $ and \ stand in zones as they are
load lib/common
load lib/named

DUMP=$BUILD/unit/zone_dump

setup()
{
	need named named-compilezone rndc || return 1
}

teardown()
{
	stop_all
}

# base [LINE...]: a good zone of four lines, and LINEs behind it.
base()
{
	printf '%s\n' "\$TTL 300" '@ IN SOA ns1 root 1 2 3 4 600' '@ IN NS ns1' \
		'ns1 A 192.0.2.1' "$@"
}

# alike [RECORDS] < text: named takes the zone a.example, and ddo reads the same records, TTLs and
# all; so many of them.
alike()
{
	cat >"$TMP/zone"
	named-compilezone -q -i none -k ignore -m ignore -M ignore -n ignore -r ignore -S ignore \
		-W ignore -o "$TMP/named" a.example "$TMP/zone"
	"$DUMP" a.example <"$TMP/zone" >"$TMP/ours"
	"$DUMP" a.example <"$TMP/named" | diff "$TMP/ours" -
	[ $# = 0 ] || [ "$(awk 'NR == 1 { print $3 }' "$TMP/ours")" = "$1" ]
}

# refused WORDS < text
refused()
{
	run -65 "$DUMP" a.example
	echo "$output"
	[[ $output == *"$1"* ]]
}

@test "punctuation and raw octets in names, as owner, target and RNAME" {
	base 'o+tag CNAME www' 'a CNAME x,y.example.net.' "it's TXT x" 'p\$q TXT x' 'q$r TXT x' \
		'{b} A 192.0.2.2' '[c] PTR <d>' 'e=f MX 10 g|h' 'caf'$'\303\251'' A 192.0.2.3' \
		$'\377'' A 192.0.2.4' '"two words" A 192.0.2.5' 'a\.b\032c\000 A 192.0.2.6' |
		alike 15
	printf '%s\n' "\$TTL 300" '@ SOA ns1.example.net. john+dns.example.com. 1 2 3 4 600' \
		'@ NS ns1.example.net.' 'x RP a@b c@d.example.' 'y CNAME a\@b.example.net.' |
		alike 4
	printf '%s\n' "\$TTL 300" '@ SOA ns1.example.net. hostmaster@example.net. 1 2 3 4 600' \
		'@ NS ns1.example.net.' | alike 2
}

@test "strings side by side, and octets of 128 and above in them" {
	base 's TXT "v=DKIM1; k=rsa; p=AAAA""BBBB"' 'f TXT "a"b' 'g TXT c"d"e' 'h HINFO "x""y"' \
		'n NAPTR 1 1 "u""E2U+sip""!a!b!" .' 'c CAA 0 issue "ca.example;x=1"' \
		$'u TXT "v=spf1 \342\200\223all"' $'l TXT "latin \351" raw\342\200\223dash' \
		'e TXT "\\\"\009\255" \;x' 't TXT "a	b"' | alike 13
}

@test "base64 and hex, split anywhere" {
	base 'k DNSKEY 257 3 8 AwEA Abdx yhNu Su tc5 EMzxTs9LBPCIkOFH8cIvM4p9+LrV4e19WzK00+CI6 zB' \
		'd DS 12345 8 1 12 3 4567890123456789012 34567890123456789 0' \
		'o OPENPGPKEY ( AwEA' '	Ab dx )' 't TLSA 3 1 1 a b cd' \
		'u TYPE65400 \# 4 c 00 002 01' |
		alike 8
	# The form in which RFC 8976 prints a ZONEMD.
	base '@ ZONEMD 1 1 1 ( 62e6cf51b02e54b9b5f967d547ce4313' \
		'6792901f9f88e637493daaf401c92c279dd10f0edb1c56f8' '080211f8480ee306 )' | alike 4
}

@test "directives: relative, absolute and odd origins; TTLs with units; the SOA twice" {
	base "\$ORIGIN sub" 'x A 192.0.2.2' "\$ORIGIN @" 'y A 192.0.2.3' "\$ORIGIN a.example." \
		"\$TTL 1h30m" 'z A 192.0.2.4' "	A 192.0.2.5 ; the same owner" \
		"\$DATE 20260101000000" "\$ORIGIN ." \
		'w.a.example A 192.0.2.6' "\$ttl 1w" '  ; nothing' \
		'v.a.example. 2D IN A 192.0.2.7' | alike 9
	base '@ IN SOA ns1 root 1 2 3 4 600' | alike 3
	base 'x 300 IN A 192.0.2.2' 'x IN 300 A 192.0.2.3' 'x CLASS1 A 192.0.2.4' | alike 6
}

@test "types by number, and types that libzscanner does not know" {
	base 'a TYPE1 \# 4 c0000201' 'a TYPE15 10 mx' \
		'b HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAbdx r' \
		'c AMTRELAY 10 1 3 relay' 'c AMTRELAY 10 0 1 192.0.2.9' 'd AVC "a" b' 'd NINFO x' \
		'd SPF x' \
		'e RESINFO a' 'e WALLET b' 'f X25 311061700956' 'f ISDN 15086 004' \
		'f GPOS -32.6882 116.8652 10.0' \
		'g PX 10 a b' 'g NSAP 0x47.0005.80' 'g NSAP-PTR x' 'h MB x' 'h MG .' 'h MR y' \
		'h MINFO x y' 'i RT 10 x' \
		'j NID 10 14:4fff:ff20:ee64' 'j L64 10 1:2:3:4' 'j EUI48 0-1-22-33-4-5' \
		'k TA 12345 8 1 1234567890123456789012345678901234567890' 'k TALINK a b' \
		'k RKEY 0 3 5 AAAA' \
		'l NSEC m A HIP TYPE65400 AVC' 'l EID aa' 'l NIMLOC bb' \
		'm BRID \# 2 0000' 'm HHIT AAAA' | alike 35
	base 'x TXT \#' 'x TXT \# abc' 'x TXT \# "abc"' 'x TXT \# 2 0161' \
		'x NSAP 0X47.00' 'x DSYNC CDS NOTIFY 53 a' 'x DSYNC CDS 2 53 a' | alike 9
}

@test "TYPE0 in a bitmap and in what a signature covers, which may be a bare number" {
	base 'x NSEC m A TYPE0' \
		'x RRSIG TYPE0 8 2 300 20260101000000 20250101000000 1 a. AAAA' \
		'x SIG TYPE0 8 2 300 20260101000000 20250101000000 1 a. AAAA' \
		'y RRSIG 65400 8 2 300 20260101000000 20250101000000 1 a. AAAA' | alike 7
}

@test "SVCB: keys of every number, dohpath; CAA tags in upper case" {
	base 's SVCB 1 dns.example.net. alpn=h2 dohpath=/dns-query{?dns}' \
		'h HTTPS 1 . alpn="h2,h3" key65333=abc' \
		'h HTTPS 2 . key667="hello\210qoo"' 'h HTTPS 0 x' 'c CAA 0 ISSUE "ca.example"' \
		'i HTTPS 3 . ipv6hint=2001:db8::1 ipv4hint=192.0.2.1 port=8443' | alike 9
	base $'s SVCB 1 . key65333=a\\\351b' $'s SVCB 2 . key65333="a\\\\\351\\\tb"' \
		$'s SVCB 3 . key65333="a\351\\"b;(" port=1' | alike 6
	base 's SVCB 1 . mandatory=alpn,dohpath dohpath=/{?dns} alpn=h2' \
		's SVCB 2 . mandatory="dohpath,alpn" dohpath=/{?dns} alpn=h2' | alike 5
}

@test "what named and ddo refuse, with words that say why" {
	base 'x WTXT "v"' | refused 'line 5: WTXT is not a record type'
	base 'x WKS 192.0.2.1 6 25' | refused \
		'type WKS is not supported; write it as TYPE11 \# LENGTH HEX'
	base 'x A6 0 ::1' | refused 'type A6 is not supported; write it as TYPE38'
	base $'x A 192.0.2.1\ry A 192.0.2.2' |
		refused 'line 5: CR without LF; end lines with LF or CR LF'
	base 'x TXT "a\' | refused 'line 5: a backslash stands before the end of the line'
	base 'x TXT "a\25"' | refused 'line 5: a backslash before a digit needs three digits'
	base 'x TXT "a\256"' | refused 'line 5: \256 is not an octet'
	base 'a..b A 192.0.2.1' | refused 'line 5: '
	base 'x DS 1 8 2 aabb' | refused 'line 5: '
	base 'x 3600' | refused 'line 5: the record ends before its type'
	base 'x A' | refused 'line 5: '
	base 'x MX 10 "mail"' | refused 'line 5: type MX has no quoted string there'
	base 'x CNAME \#' | refused 'line 5: \# without a length'
	base 'x A 192.0.2.1 192.0.2.2' | refused 'line 5: too many data for type A'
	printf '%s\n' ' A 192.0.2.1' | refused 'line 1: a record without an owner'
}

@test "generic data whose lengths lead past their end, or whose lists are not in order" {
	local data hash nsec3=0100000a nsec=016100
	hash=14$(printf %040d 0)
	for data in "TYPE50 200a00016100" "TYPE50 ${nsec3}00" "TYPE50 ${nsec3}0000" \
		"TYPE50 ${nsec3}0001aa" \
		"TYPE50 ${nsec3}00${hash:0:10}" "TYPE50 ${nsec3}00${hash}0001" \
		"TYPE51 ${nsec3}02aa" \
		"TYPE51 ${nsec3}01aabb" "TYPE51 0100000a" "TYPE47 $nsec" "TYPE47 ${nsec}0001" \
		"TYPE47 ${nsec}00020100" "TYPE47 ${nsec}000101000101" "TYPE47 ${nsec}010101000101" \
		"TYPE47 ${nsec}0000" "TYPE47 ${nsec}0021$(printf '01%.0s' {1..33})" \
		"TYPE62 000000010000000200" "TYPE64 00010000000003000100" \
		"TYPE65 0001000003000200500003000200" "TYPE65 000100000300020050000100030268" \
		"TYPE65 00010000030001" \
		"TYPE257 0000612d627879" "TYPE257 0000" "TYPE257 00" "TYPE257 00012d61" \
		"TYPE257 00056161" "TYPE257 0001e961"; do
		base "x ${data% *} \# $((${#data} / 2 - 3)) ${data#* }" >"$TMP/refused"
		not named-compilezone -q -i none -o /dev/null a.example "$TMP/refused"
		refused 'line 5: ' <"$TMP/refused"
	done
	base 'x CAA 0 a-b "x"' | refused 'line 5: '
	base 'c TYPE257 \# 4 00024161' 'c TYPE257 \# 3 000141' "x TYPE50 \# 26 ${nsec3}00$hash" "y TYPE50 \# 29 ${nsec3}00${hash}000140" \
		"z TYPE51 \# 6 ${nsec3}01aa" "w TYPE47 \# 6 ${nsec}000140" \
		"v TYPE62 \# 6 000000010002" "u TYPE65 \# 9 000100000300020050" | alike 11
}

@test "records outside the zone are left out, and the answer, the log and the status say so" {
	named_make
	named_up
	conf_make
	httpd_up
	queue_up
	local what='records outside the zone left out: 2, the first on line 5: www.b.example.'
	base 'www.b.example. A 192.0.2.9' '. NS x.' 'w A 192.0.2.2' >"$TMP/zone"
	run -0 da 'action=rawsave&domain=a.example&hostname=da1.example.com' \
		--data-binary @"$TMP/zone"
	[ "$output" = 'error=0&warning=records+outside+the+zone+left+out%3A+2%2C+the+first+on+line+5%3A+www.b.example.' ]
	wait_for 10 serves a.example 1
	[ "$(dig @127.0.0.1 -p "$DNS" +short w.a.example)" = 192.0.2.2 ]
	grep "result=accepted .*why=\"$what\"" "$TMP/httpd.log"
	grep -F "a.example: $what" "$TMP/queue.log"
	"$BIN/ddo-status" --zone a.example | grep -F "$what"
	# The shell's door says it, too.
	run -0 "$BIN/ddo-enqueue" put a.example <"$TMP/zone"
	[ "$output" = "ddo-enqueue: warning: a.example: $what" ]
	# A push without them ends the note.
	base 'w A 192.0.2.2' | sed 's/root 1/root 2/' | "$BIN/ddo-enqueue" put a.example
	wait_for 10 serves a.example 2
	not grep -F 'outside the zone' <("$BIN/ddo-status" --zone a.example)
}

@test "a push that changes only what the digest leaves out, the apex ZONEMD, is served" {
	local digest
	named_make
	named_up
	conf_make
	queue_up
	wait_for 10 test -e "$TMP/spool/order"
	for digest in 00 11; do
		base "@ ZONEMD 1 1 1 $(printf "$digest%.0s" {1..48})" |
			"$BIN/ddo-enqueue" put a.example
		wait_for 10 zonemd_begins "$digest"
	done
	base | "$BIN/ddo-enqueue" put a.example
	wait_for 10 zonemd_begins ''
}

# zonemd_begins DIGITS: so named answers; '' when it has none.
zonemd_begins()
{
	local answer
	answer=$(dig @127.0.0.1 -p "$DNS" +short a.example ZONEMD) || return
	[ -n "$1" ] || [ -z "$answer" ] || return
	[ -z "$1" ] || [[ $answer == "1 1 1 $1"* ]]
}

@test "20,000 zones of a grammar of all this: named and ddo read the same" {
	run -0 timeout 300 "$ROOT/t/zones/differential" 1 20000
	echo "$output"
	[[ $output == *"0 not explained"* ]]
	# Most of them were taken, or this would compare nothing.
	[[ $output =~ named\ took\ ([0-9]+) ]]
	[ "${BASH_REMATCH[1]}" -gt 10000 ]
}
