#!/usr/bin/env bats
# Odd zones and servers of zone files: refused where the server would die of them, listed like any
# other.
# shellcheck disable=SC2030,SC2031	# each test looks at its own output only

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
	server_up ns1
}

push()
{
	"$BIN/${TOOL[ns1]}" -t ns1 "$@"
}

name_of() # CHARACTERS [END]
{
	local n=$(($1 - ${#2})) name=
	for ((; n > 50; n -= 50)); do
		name+=$(printf 'a%.0s' {1..49}).
	done
	name+=$(printf 'b%.0s' $(seq "$n"))${2:-}
	echo "$name"
}

signed() # SERIAL [RECORD...]
{
	# shellcheck disable=SC2016	# $TTL is meant as it is
	printf '$TTL 300\n@ SOA ns1.example.net. host.example.net. %s 2 3 4 600\n@ NS ns1.example.net.\n' "$1"
	shift
	printf '%s\n' "$@"
}

HASH=0s7i5qlakok9jahbq3kodjctujeraitb
PARAM='@ NSEC3PARAM 1 0 0 -'

refuses() # ZONE WORDS: the text on standard input
{
	run -65 push put "$1"
	[[ $output == *"$2"* ]]
	[ -z "$(ls -A "${FILES[ns1]}")" ]
}

lives() # and does so after a start
{
	server_answers ns1
	server_down ns1
	server_up ns1
}

@test "knot: an NSEC3PARAM in a zone whose name leaves no room for hashes is refused" {
	world knot
	refuses "$(name_of 221)" 'knotd would die of it: it has an NSEC3PARAM, and its name of 223 octets' < <(signed 1 "$PARAM")
	refuses "$(name_of 253)" 'would die of it' < <(signed 1 '@ NSEC3PARAM 1 1 5 ab')
	# Whatever is refused is refused while knotd is down, too.
	server_down ns1
	refuses "$(name_of 222)" 'would die of it' < <(signed 1 "$PARAM")
	server_up ns1
	signed 1 "$PARAM" | push put "$(name_of 220)"
	serves "$(name_of 220)" 1
	signed 1 | push put "$(name_of 253)"
	serves "$(name_of 253)" 1
	signed 1 "$PARAM" "$HASH NSEC3 1 0 0 - $HASH SOA NS" "$(name_of 253 .n3.example). TXT x" |
		push put n3.example
	serves n3.example 1
	lives
	serves n3.example 1
	serves "$(name_of 220)" 1
}

@test "nsd: a chain of NSEC3 in a zone whose names leave no room for hashes or wildcards is refused" {
	world nsd
	local long chain=("$PARAM" "$HASH NSEC3 1 0 0 - $HASH SOA NS")
	refuses "$(name_of 221)" 'NSD would die of it: it has an NSEC3PARAM, and its name of 223 octets' < <(signed 1 '@ NSEC3PARAM 1 0 0 abcd')
	long=$(name_of 252 .n3.example)
	refuses n3.example 'a name of 254 octets that leaves no room for the wildcard' \
		< <(signed 1 "${chain[@]}" "$long. TXT x")
	refuses n3.example 'a name of 255 octets' \
		< <(signed 1 "${chain[@]}" "$(name_of 253 .n3.example). TXT x")
	# NSD follows no NSEC3PARAM with flags, and one without a chain only to hash the zone's
	# name.
	signed 1 '@ NSEC3PARAM 1 1 0 -' | push put "$(name_of 221)"
	serves "$(name_of 221)" 1
	signed 1 "$PARAM" | push put "$(name_of 220)"
	signed 1 "${chain[@]}" "$(name_of 251 .n3.example). TXT x" | push put n3.example
	signed 1 "$PARAM" "${long/n3/n4}. TXT x" | push put n4.example
	lives
	serves "$(name_of 221)" 1
	serves "$(name_of 220)" 1
	serves n3.example 1
	serves n4.example 1
}

@test "bind: such zones are served" {
	world bind
	signed 1 "$PARAM" | push put "$(name_of 221)"
	serves "$(name_of 221)" 1
	lives
	serves "$(name_of 221)" 1
}

@test "nsd: what it would serve as something else is refused, and the version before stays" {
	world nsd
	signed 1 | push put a.example
	would() # WORDS RECORD
	{
		run -65 push put a.example < <(signed 2 "$2")
		[[ $output == *"NSD would change it: $1"* ]]
		serves a.example 1
	}
	run -65 push put a.example < <(signed 2 | sed '/SOA/s/600$/2147483648/')
	[[ $output == *'NSD would change it: the time 2147483648 in the SOA record is above 2147483647'* ]]
	would 'the time 4294967295 in the RRSIG' \
		'x RRSIG A 8 2 4294967295 20310101000000 20251201000000 1 a.example. AQNRU3mG'
	would 'the gateway b\.c.a.example. of an IPSECKEY' 'x IPSECKEY 10 3 2 b\.c AwEAAQ=='
	signed 2 'x IPSECKEY 10 3 2 b-c AwEAAQ==' 'y CAA 0 ISSUE "ca.example"' '[c] TXT "x"' |
		push put a.example
	serves a.example 2
}

@test "bind: names that begin with a bracket, tags in upper case" {
	world bind
	signed 1 '[c] TXT "x"' 'a CNAME [c]' 't TXT "\\[x" \[y' 'y CAA 0 ISSUE "ca.example"' |
		push put a.example
	serves a.example 1
	[ "$(dig @127.0.0.1 -p "$DNS" +short t.a.example TXT)" = '"\\[x" "[y"' ]
	[ "$(dig @127.0.0.1 -p "$DNS" +short y.a.example CAA)" = '0 ISSUE "ca.example"' ]
}

@test "knot: an RRSIG with a TTL not its own is refused; what knotd cannot write is listed" {
	world knot
	local sig='20310101000000 20251201000000 1 a.example. AQNRU3mG'
	signed 1 "x RRSIG A 8 2 300 $sig" | push put a.example
	run -65 push put a.example < <(signed 2 "x 300 RRSIG A 8 2 600 $sig")
	[[ $output == *'knotd would change it: an RRSIG at x.a.example. has TTL 300, and 600 as its'* ]]
	serves a.example 1
	# Its text of a port of four octets does not exist.
	signed 3 'x SVCB 1 . key3="000P"' | push put a.example
	signed 3 'x SVCB 1 . key3="000Q"' | push put a.example
	[ "$(push list)" = "a.example	3	$(signed 3 'x SVCB 1 . key3="000Q"' |
		"$BUILD/unit/zone_dump" a.example | awk 'NR == 1 { print $2 }')" ]
}

# A name server that says nothing about some zones, before the real one.
half_deaf()
{
	local port
	read -r port < <(free_port)
	cat >"$TMP/deaf.py" <<-'END'
		import socket, sys
		here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		here.bind(('127.0.0.1', int(sys.argv[1])))
		real = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		real.connect(('127.0.0.1', int(sys.argv[2])))
		while True:
		    data, peer = here.recvfrom(65535)
		    if b'deaf' not in data:
		        real.send(data)
		        here.sendto(real.recv(65535), peer)
	END
	start_bg deaf python3 "$TMP/deaf.py" "$port" "$DNS"
	sed -i "s|server: \"127.0.0.1:$DNS\"|server: \"127.0.0.1:$port\"|" "$DDO_CONFIG"
	wait_for 10 push probe
}

lists_all() # KIND
{
	need python3
	world "$1"
	local zone
	for zone in a.example deaf.example odd.example z.example; do
		zone_text $zone 1 | push put $zone
	done
	echo 'no zone at all' >"${FILES[ns1]}/odd.example.db"
	mkdir -p "${FILES[ns1]}/dir.example.db/x"
	half_deaf
	push list >"$TMP/list"
	cut -f1,2 "$TMP/list" | diff - <(printf '%s\n' 'a.example	1' 'deaf.example	-' \
		'odd.example	1' 'z.example	1')
	[ "$(grep -cE '^[az]\.example	1	[0-9a-f]{96}$' "$TMP/list")" = 2 ]
	# One that is silent about all is not there.
	sed -i "s/b'deaf' not in data/False/" "$TMP/deaf.py"
	stop_pid "$BG_PID" || true
	run -69 push list
}

@test "bind: one odd file, one zone without an answer: all zones are listed" {
	lists_all bind
}

@test "nsd: one odd file, one zone without an answer: all zones are listed" {
	lists_all nsd
}

@test "knot: one odd file, one zone without an answer: all zones are listed" {
	lists_all knot
}
