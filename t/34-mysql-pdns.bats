#!/usr/bin/env bats
# ddo-push-mysql with the tables of PowerDNS, against a real PowerDNS.
# shellcheck disable=SC2034	# ANSWER_FLAGS is of answers

load lib/common
load lib/named
load lib/mariadb
load lib/answers

teardown()
{
	stop_all
}

push()
{
	"$BIN/ddo-push-mysql" -t pd "$@"
}

# named without ddo: the zones of files FILE..., named ZONE.db or ZONE.signed.
reference_up()
{
	local file zone
	NAMED_EXTRA=''
	for file; do
		zone=$(basename "${file%.*}")
		NAMED_EXTRA+="zone \"${zone//%2F//}\" { type primary; file \"$file\"; };"$'\n'
	done
	named_make
	# What PowerDNS has no switch for: NS beside answers, TTL 0 for the SOA that says that there
	# is none.
	sed -i 's/minimal-responses no/minimal-responses yes; zero-no-soa-ttl no/' "$TMP/named.conf"
	named_up
}

world()
{
	mariadb_up a
	mysql_conf "pd=a,schema: powerdns"
	push init >"$TMP/init"
	pdns_up one a
}

names() # ZONE: names that are there, that are not, and that are there only because of others
{
	local name type
	for name in "" ns1. www. a.b.c. b.c. c. mx. srv. x.wild. wild. deleg. host.deleg. \
		ns.deleg. sec. host.sec. nope. aaa. zzz. \
		'*.wild.' 'under_score.' deep.alias. alias.; do
		for type in A AAAA TXT MX SRV NS SOA DS CNAME; do
			echo "$name$1 $type"
		done
	done
	echo "$1 DNSKEY"
	echo "$1 NSEC3PARAM"
}

base() # ZONE SERIAL
{
	cat <<-END
		@ 3600 IN SOA ns1 hostmaster $2 3600 900 1209600 300
		@ 3600 IN NS ns1
		ns1 3600 IN A 192.0.2.1
		www 3600 IN A 192.0.2.2
		www 3600 IN AAAA 2001:db8::1
		a.b.c 3600 IN TXT "below an empty non-terminal"
		mx 3600 IN MX 10 mail
		srv 3600 IN SRV 1 2 3 www
		alias 3600 IN CNAME www
		*.wild 3600 IN A 192.0.2.9
		deleg 3600 IN NS ns.deleg
		ns.deleg 3600 IN A 192.0.2.53
		sec 3600 IN NS ns.deleg
		sec 3600 IN DS 12345 13 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB
	END
}

# sign ZONE OPTION...: $TMP/ZONE.signed
sign()
{
	local zone=$1 zsk ksk
	shift
	need dnssec-keygen dnssec-signzone
	zsk=$(dnssec-keygen -q -K "$TMP" -a 13 "$zone" 2>/dev/null)
	ksk=$(dnssec-keygen -q -K "$TMP" -a 13 -f KSK "$zone" 2>/dev/null)
	{ base "$zone" 1 && cat "$TMP/$zsk.key" "$TMP/$ksk.key"; } >"$TMP/$zone.plain"
	(cd "$TMP" && dnssec-signzone -q -O full -o "$zone" -f "$TMP/$zone.signed" "$@" \
		"$zone.plain" "$ksk" "$zsk") >/dev/null
}

@test "unsigned zones: PowerDNS answers what BIND answers, names that are not there included" {
	world
	base plain.example 1 >"$TMP/plain.example.db"
	reference_up "$TMP/plain.example.db" "$ROOT"/t/zones/*.db
	local file zone
	names plain.example >"$TMP/questions"
	for file in "$TMP/plain.example.db" "$ROOT"/t/zones/*.db; do
		zone=$(basename "$file" .db)
		zone=${zone//%2F//}
		push put "$zone" <"$file"
		questions "$zone" <"$file" >>"$TMP/questions"
	done
	answers "$DNS" <"$TMP/questions" >"$TMP/bind"
	answers "${DNS_PORT[one]}" <"$TMP/questions" | diff "$TMP/bind" -
	push list | cut -f3 | diff - <(for zone in $(push list | cut -f1); do
		"$BUILD/unit/zone_dump" "$zone" \
			<"$(ls "$TMP/$zone.db" "$ROOT/t/zones/${zone//\//%2F}.db" 2>/dev/null)" |
			awk 'NR == 1 { print $2 }'
	done)
	# The proof over DNS, of deletes too; in the end the one asked is named, which knows nothing
	# of them.
	mysql_conf "pd=a,schema: powerdns, refresh: 1, server: \"127.0.0.1:${DNS_PORT[one]}\""
	push put plain.example < <(base plain.example 2)
	push del plain.example
	push del plain.example
	push put plain.example < <(base plain.example 3)
	mysql_conf "pd=a,schema: powerdns, refresh: 1, server: \"127.0.0.1:$DNS\""
	run -75 push del plain.example
	[[ $output == *"deleted, but 127.0.0.1:$DNS still answers for it" ]]
	mysql_conf "pd=a,schema: powerdns"
	[ "$(db a "SELECT COUNT(*) FROM records WHERE name LIKE '%plain.example'")" = 0 ]
	db a "INSERT INTO domains (name, type, account) VALUES ('other.example', 'NATIVE', 'bob')"
	run -65 push put other.example < <(base other.example 1)
	[[ $output == *'table domains has this zone, and ddo did not write it'* ]]
	run -65 push del other.example
	push list | grep -q '^other.example	-	-	foreign$'
}

@test "zones that arrive signed: NSEC, NSEC3, opt-out, as BIND serves them" {
	world
	sign nsec.example
	sign nsec3.example -3 abcd -H 5
	sign optout.example -3 - -H 0 -A
	reference_up "$TMP"/*.signed
	local zone
	for zone in nsec nsec3 optout; do
		push put $zone.example <"$TMP/$zone.example.signed"
		names $zone.example
	done >"$TMP/questions"
	ANSWER_FLAGS="+dnssec +authority"
	# PowerDNS makes NSEC3PARAM itself, with a TTL of its own.
	ttl() { sed 's/ [0-9]* IN NSEC3PARAM / IN NSEC3PARAM /; s/ [0-9]* IN RRSIG NSEC3PARAM / IN RRSIG NSEC3PARAM /'; }
	answers "$DNS" <"$TMP/questions" | ttl >"$TMP/bind"
	grep -q 'NSEC3' "$TMP/bind"
	answers "${DNS_PORT[one]}" <"$TMP/questions" | ttl | diff "$TMP/bind" -
	for zone in nsec nsec3 optout; do
		push list | grep -q "^$zone.example	1	$("$BUILD/unit/zone_dump" \
			$zone.example <"$TMP/$zone.example.signed" | awk 'NR == 1 { print $2 }')\$"
	done
	# The same again writes nothing; unsigned again, nothing of it stays.
	local before
	before=$(db a "SHOW GLOBAL STATUS LIKE 'Handler_write'")
	push put nsec3.example <"$TMP/nsec3.example.signed"
	[ "$(db a "SHOW GLOBAL STATUS LIKE 'Handler_write'")" = "$before" ]
	base nsec3.example 2 | push put nsec3.example
	[ -z "$(db a "SELECT kind FROM domainmetadata JOIN domains ON domains.id = domain_id WHERE name = 'nsec3.example'")" ]
	[ "$(dig @127.0.0.1 -p "${DNS_PORT[one]}" +dnssec nope.nsec3.example A |
		grep -c NSEC)" = 0 ]
}

@test "zones that PowerDNS signs itself stay right when ddo changes them" {
	need pdnsutil delv
	world
	local zone mode util=(pdnsutil --config-dir="$TMP/pdns-one")
	cat >"$TMP/pdns-one/pdns.conf" <<-END
		launch=gmysql
		gmysql-dnssec=yes
		gmysql-socket=$TMP/db-a/sock
		gmysql-user=root
		gmysql-dbname=dns
	END
	for mode in nsec nsec3 optout; do
		zone=live-$mode.example
		base $zone 1 | push put $zone
		"${util[@]}" secure-zone $zone
		case $mode in
		nsec3) "${util[@]}" set-nsec3 $zone '1 0 5 abcd' ;;
		optout) "${util[@]}" set-nsec3 $zone '1 1 0 -' ;;
		esac
		# What PowerDNS's own tool makes of the rows is what ddo makes of them.
		{ base $zone 2 && printf '%s\n' 'x.y.z 300 IN A 192.0.2.1' \
			'b.aaa 300 IN TXT "new"' 'deleg2 300 IN NS ns.deleg'; } | push put $zone
		db a "SELECT name, type, content, ordername, auth FROM records WHERE name LIKE '%$zone' ORDER BY 1, 2, 3" >"$TMP/ours"
		"${util[@]}" rectify-zone $zone
		db a "SELECT name, type, content, ordername, auth FROM records WHERE name LIKE '%$zone' ORDER BY 1, 2, 3" | diff "$TMP/ours" -
		"${util[@]}" check-zone $zone | grep -q '0 errors'
		"${util[@]}" list-keys $zone | grep -q CSK
		push put $zone < <(base $zone 3)
		[ "$(db a "SELECT COUNT(*) FROM cryptokeys JOIN domains ON domains.id = domain_id WHERE name = '$zone'")" = 1 ]
		[ "$(dig @127.0.0.1 -p "${DNS_PORT[one]}" +dnssec nope.$zone A |
			grep -c 'IN.*RRSIG')" -ge 2 ]
		push del $zone
		[ "$(db a 'SELECT (SELECT COUNT(*) FROM cryptokeys) + (SELECT COUNT(*) FROM domainmetadata) + (SELECT COUNT(*) FROM records)')" = 0 ]
	done
}

@test "types that are code to PowerDNS are refused" {
	world
	local type
	for type in TYPE65401 TYPE65402; do
		run -65 push put code.example \
			< <(zone_text code.example 1 "x 300 IN $type \\# 2 0001")
		[[ $output == *"not for PowerDNS"* ]]
	done
	[ "$(db a 'SELECT COUNT(*) FROM records')" = 0 ]
}
