#!/usr/bin/env bats
# Topology B: one ddo, several databases, a CoreDNS at each.
# each test looks at its own output only; CONF_TARGETS is of mysql_conf
# shellcheck disable=SC2030,SC2031,SC2034

load lib/common
load lib/named
load lib/mariadb
load lib/answers

teardown()
{
	stop_all
}

# Two databases with their tables; OPTIONs for both targets.
world() # [OPTION]
{
	mariadb_up a
	mariadb_up b
	mysql_conf "dc1=a${1:+,$1}" "dc2=b${1:+,$1}"
	local target
	for target in dc1 dc2; do
		"$BIN/ddo-push-mysql" -t $target init >/dev/null
	done
}

asks() # NAME ZONE TYPE: the answers, short
{
	dig @127.0.0.1 -p "${DNS_PORT[$1]}" +norec +time=3 +tries=1 +short "$2" "$3"
}

status() # NAME ZONE TYPE [FLAG...]
{
	dig @127.0.0.1 -p "${DNS_PORT[$1]}" +norec +time=3 +tries=1 "$2" "$3" "${@:4}" |
		sed -n 's/.*status: \([A-Z]*\).*/\1/p'
}

holds() # DB ZONE SERIAL: the table has that serial
{
	[ "$(db "$1" "SELECT SUBSTRING_INDEX(SUBSTRING_INDEX(data, ' ', 3), ' ', -1) FROM records JOIN zones ON zones.id = zone_id
		WHERE zone_name = '$2.' AND type = 'SOA'")" = "$3" ]
}

target() # NAME JQ-CONDITION
{
	"$BIN/ddo-status" --json | jq -e ".targets[] | select(.name == \"$1\") | $2"
}

@test "BIND and two CoreDNS give the same answers to the same questions" {
	named_make
	CONF_TARGETS="ns1: { type: bind, mode: addzone, zones_dir: $TMP/zones, control: \"127.0.0.1:$CONTROL\", key_file: $TMP/rndc.key, server: \"127.0.0.1:$DNS\" }"
	named_up
	world
	coredns_up one a
	coredns_up two b
	mysql_conf "dc1=a,server: \"127.0.0.1:${DNS_PORT[one]}\"" \
		"dc2=b,server: \"127.0.0.1:${DNS_PORT[two]}\""
	queue_up
	wait_for 10 test -e "$TMP/spool/order"
	local file zone i
	for file in "$ROOT"/t/zones/*.db; do
		zone=$(basename "$file" .db)
		zone=${zone//%2F//}
		"$BIN/ddo-enqueue" put "$zone" <"$file"
		questions "$zone" <"$file"
	done >"$TMP/questions"
	# The same shapes as DirectAdmin's, each a little different.
	for ((i = 1; i <= 200; i++)); do
		zone_text g$i.example $((2026010100 + i)) \
			"dkim$i._domainkey $((i + 60)) IN TXT \"v=DKIM1; k=rsa; p=$(printf \
			"%0$((i % 250))d" $i)\" \"second \\\"$i\\\" \\\\ \\;\"" \
			"v6 300 IN AAAA 2001:db8::$i" "_srv._tcp$i 60 IN SRV $i 5 443 www" \
			"alias$((i % 7)) 300 IN CNAME www" \
			'@ 300 IN CAA 0 issue "ca.example; x=y"' \
			"*.w$((i % 3)) 300 IN A 192.0.2.$i" '\@x 300 IN TXT "at"' \
			"p$i 300 IN PTR host.g$i.example." \
			"t$i 300 IN TYPE65$i \\# 2 00$(printf '%02x' $i)" >"$TMP/zone"
		"$BIN/ddo-enqueue" put g$i.example <"$TMP/zone"
		questions g$i.example <"$TMP/zone"
	done >>"$TMP/questions"
	wait_for 60 all_done
	"$BIN/ddo-status" --json | jq -e '[.targets[].confirmed] == [204, 204, 204]'
	[ "$(wc -l <"$TMP/questions")" -gt 3000 ]
	answers "$DNS" <"$TMP/questions" >"$TMP/bind"
	answers "${DNS_PORT[one]}" <"$TMP/questions" | diff "$TMP/bind" -
	answers "${DNS_PORT[two]}" <"$TMP/questions" | diff "$TMP/bind" -
	# The proof waits for CoreDNS: it sits before a table that nobody fills.
	mariadb_up c
	mysql_conf "dc1=a" "dc3=c,server: \"127.0.0.1:${DNS_PORT[one]}\", refresh: 1"
	"$BIN/ddo-push-mysql" -t dc3 init >/dev/null
	zone_text new.example 1 >"$TMP/zone"
	run -75 "$BIN/ddo-push-mysql" -t dc3 put new.example <"$TMP/zone"
	[[ $output == *"written, but 127.0.0.1:${DNS_PORT[one]} does not answer for it (SERVFAIL)" ]]
	zone_text g1.example 9 >"$TMP/zone"
	run -75 "$BIN/ddo-push-mysql" -t dc3 put g1.example <"$TMP/zone"
	[[ $output == *'still answers serial 2026010101' ]]
	stop_pid "${DNS_PID[one]}" || true
	run -69 "$BIN/ddo-push-mysql" -t dc3 put g1.example <"$TMP/zone"
	[[ $output == *'written, but'* || $output == *'cannot ask the DNS server'* ]]
}

# Each of these is a line of CAVEATS in ddo-push-mysql(8).
@test "what CoreDNS's plugin cannot do" {
	mariadb_up a
	mysql_conf dc1=a
	"$BIN/ddo-push-mysql" -t dc1 init >/dev/null
	coredns_up one a
	zone_text s.example 1 'out 300 IN CNAME www.elsewhere.example.' 'one 300 IN CNAME two' \
		'two 300 IN CNAME www' \
		'*.deep 300 IN A 192.0.2.9' '* 300 IN TXT "wild"' 'child 300 IN NS ns.child' \
		'ns.child 300 IN A 192.0.2.53' \
		'a\.b 300 IN A 192.0.2.7' | "$BIN/ddo-push-mysql" -t dc1 put s.example
	wait_for 10 [ "$(asks one s.example SOA | wc -l)" = 0 ] || true
	serves_one() { [ -n "$(asks one s.example SOA)" ]; }
	wait_for 10 serves_one
	# No negative answers.
	[ "$(status one nowhere.s.example A)" = SERVFAIL ]
	[ "$(status one www.s.example AAAA)" = SERVFAIL ]
	[ "$(status one s.example ANY)" = SERVFAIL ]
	# Never authoritative.
	not grep -q 'flags:.* aa' <<<"$(dig @127.0.0.1 -p "${DNS_PORT[one]}" +norec s.example SOA)"
	# A CNAME that leaves the zones of the database is not answered, a chain of them is cut.
	[ "$(status one out.s.example A)" = SERVFAIL ]
	[ "$(asks one out.s.example CNAME)" = www.elsewhere.example. ]
	[ "$(asks one one.s.example A)" = two.s.example. ]
	# A wildcard works directly below the apex only, and where there is something of another
	# type.
	[ "$(status one x.deep.s.example A)" = SERVFAIL ]
	[ "$(asks one x.s.example TXT)" = '"wild"' ]
	[ "$(asks one www.s.example TXT)" = '"wild"' ]
	# No referrals.
	[ "$(status one host.child.s.example A)" = SERVFAIL ]
	[ "$(asks one child.s.example NS)" = ns.child.s.example. ]
	# No signatures beside the records that they sign.
	"$BIN/ddo-push-mysql" -t dc1 put s.example < <(zone_text s.example 2 \
		'www 300 IN RRSIG A 13 3 300 20300101000000 20200101000000 1 s.example. aGVsbG8=')
	wait_for 10 [ -n "$(asks one www.s.example RRSIG)" ]
	[ "$(dig @127.0.0.1 -p "${DNS_PORT[one]}" +norec +dnssec +short www.s.example A)" = \
		192.0.2.1 ]
	# What was answered once is answered for good when the rows are gone, even after a restart.
	[ "$(asks one ftp.s.example A)" = 192.0.2.1 ]
	"$BIN/ddo-push-mysql" -t dc1 del s.example
	[ "$(db a 'SELECT COUNT(*) FROM records')" = 0 ]
	[ "$(asks one ftp.s.example A)" = 192.0.2.1 ]
	stop_pid "${DNS_PID[one]}"
	coredns_up one a
	[ "$(asks one ftp.s.example A)" = 192.0.2.1 ]
	stop_pid "${DNS_PID[one]}"
	rm "$TMP/dump.one.json"
	coredns_up one a
	[ "$(status one ftp.s.example A)" = SERVFAIL ]
}

@test "whatever happens to one database, the other one is written at once, and the one converges" {
	small_disk "$TMP/db-b" 80m
	world "connect_timeout: 2, read_timeout: 2"
	queue_up
	wait_for 10 test -e "$TMP/spool/order"
	put a.example 1
	put gone.example 1
	wait_for 20 all_done
	local serial=1 fault start
	for fault in kill freeze full readonly password silent; do
		case $fault in
		kill) mariadb_down b KILL ;;
		freeze) kill -STOP "${DB_PID[b]}" ;;
		full) fill_disk "$TMP/db-b" ;;
		readonly) db b "SET GLOBAL read_only = 1" ;;
		password) db b "SET PASSWORD FOR ddo@'127.0.0.1' = PASSWORD('new')" ;;
		silent)
			mariadb_down b
			start_bg silent python3 -c "
import socket, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('127.0.0.1', ${DB_PORT[b]})); s.listen(50)
while True: time.sleep(60)"
			local silent=$BG_PID
			wait_for 10 port_in_use "${DB_PORT[b]}"
			;;
		esac
		# The process of the fault's target may hold a connection from before that still
		# works.
		[ $fault != password ] ||
			db b "$(db b "SELECT CONCAT('KILL ', ID) FROM information_schema.PROCESSLIST WHERE USER = 'ddo'" | paste -sd';')"
		start=$(now_ms)
		put a.example $((++serial)) "x$serial 300 IN A 192.0.2.1"
		[ $fault != full ] || { zone_text big.example $serial && seq 4000 |
			sed "s/.*/h& 300 IN TXT \"$serial $(printf '%0200d' 1)\"/"; } |
			"$BIN/ddo-enqueue" put big.example
		put new$serial.example $serial
		[ $fault != kill ] || "$BIN/ddo-enqueue" del gone.example
		wait_for 5 holds a a.example $serial
		wait_for 5 holds a new$serial.example $serial
		echo "$fault: the other one after $(($(now_ms) - start)) ms"
		put a.example $((++serial))
		wait_for 5 holds a a.example $serial
		wait_for 30 target dc2 '.state == "down"'
		case $fault in
		kill) mariadb_up b ;;
		freeze) kill -CONT "${DB_PID[b]}" ;;
		full) free_disk "$TMP/db-b" ;;
		readonly) db b "SET GLOBAL read_only = 0" ;;
		password) db b "SET PASSWORD FOR ddo@'127.0.0.1' = PASSWORD('it''s')" ;;
		silent)
			stop_pid "$silent" || true
			mariadb_up b
			;;
		esac
		wait_for 30 all_done
		holds b a.example $serial
		# The newest state only: what was pushed in between was never written there.
		[ -z "$(db b "SELECT 1 FROM records WHERE hostname LIKE 'x%'")" ]
	done
	diff <("$BIN/ddo-push-mysql" -t dc1 list) <("$BIN/ddo-push-mysql" -t dc2 list)
	not grep -q gone.example <<<"$("$BIN/ddo-push-mysql" -t dc2 list)"
	"$BIN/ddo-status" --json | jq -e '[.targets[] | .parked + .refused] | add == 0'
}

@test "a parked delivery heals when its table does" {
	mariadb_up a
	mysql_conf dc1=a
	"$BIN/ddo-push-mysql" -t dc1 init >/dev/null
	db a "ALTER TABLE records MODIFY data VARCHAR(80) NOT NULL"
	queue_up
	wait_for 10 test -e "$TMP/spool/order"
	put wide.example 1 "t 300 IN TXT \"$(printf '%0100d' 1)\""
	put fits.example 1
	wait_for 10 target dc1 '.refused == 1 and .confirmed == 1'
	"$BIN/ddo-status" --zone wide.example | grep -q 'to widen it: ddo-push-mysql -t dc1 init'
	"$BIN/ddo-push-mysql" -t dc1 init >/dev/null
	"$BIN/ddo-queue" --retry dc1
	wait_for 10 target dc1 '.refused == 0 and .confirmed == 2'
}

@test "no reader ever sees a torn zone, however often the push program is killed" {
	mariadb_up a
	mysql_conf dc1=a
	"$BIN/ddo-push-mysql" -t dc1 init >/dev/null
	zone() # SERIAL: every record of it tells the serial
	{
		echo "@ 300 IN SOA ns1 hostmaster $1 1 1 1 1"
		seq $((1 + $1 % 50)) $((300 + $1 % 50)) | sed "s/.*/h& 300 IN TXT \"$1\"/"
	}
	zone 1 | "$BIN/ddo-push-mysql" -t dc1 put torn.example
	# The readers: one statement sees one moment, as one question to CoreDNS does.
	local query="SELECT CONCAT(COUNT(*), ' ', COUNT(DISTINCT IF(type = 'TXT', REPLACE(data, CHAR(34), ''), SUBSTRING_INDEX(SUBSTRING_INDEX(data, ' ', 3), ' ', -1)))) FROM records;"
	start_bg readers bash -c "while :; do echo \"$query\"; done | mariadb --no-defaults -u root -S '$TMP/db-a/sock' -N -B --unbuffered dns >>'$TMP/read'"
	local readers=$BG_PID serial=1 end=$((SECONDS + ${TORN_SECONDS:-60})) killed=0 done=0 pid
	while ((SECONDS < end)); do
		serial=$((serial + 1))
		zone $serial >"$TMP/zone"
		"$BIN/ddo-push-mysql" -t dc1 put torn.example <"$TMP/zone" 2>/dev/null 3>&- &
		pid=$!
		if ((RANDOM % 4)); then
			read -r -t "0.0$((RANDOM % 4))$((RANDOM % 10))" <>"$TMP/never" || true
			kill -KILL $pid 2>/dev/null && killed=$((killed + 1))
		fi
		wait $pid 2>/dev/null && done=$((done + 1)) || true
	done
	stop_pid "$readers" || true
	pkill -P "$readers" 2>/dev/null || true
	echo "$killed killed, $done done, $(wc -l <"$TMP/read") readings"
	[ "$killed" -gt 50 ] && [ "$done" -gt 50 ] && [ "$(wc -l <"$TMP/read")" -gt 1000 ]
	[ "$(sort -u "$TMP/read" | grep -v '^$')" = '301 1' ]
	zone $((serial + 1)) | "$BIN/ddo-push-mysql" -t dc1 put torn.example
	[ "$("$BIN/ddo-push-mysql" -t dc1 list | cut -f2)" = $((serial + 1)) ]
}

@test "a new stanza is filled from the store without any push; one that goes says what it leaves" {
	mariadb_up a
	mariadb_up b
	mysql_conf dc1=a
	"$BIN/ddo-push-mysql" -t dc1 init >/dev/null
	queue_up
	wait_for 10 test -e "$TMP/spool/order"
	local i
	for ((i = 1; i <= 2000; i++)); do
		printf '@ 300 IN SOA n h %d 1 1 1 1\n@ 300 IN NS n\nn 300 IN A 192.0.2.1\n' $i |
			"$BIN/ddo-enqueue" put n$i.example
	done
	wait_for 60 all_done
	mysql_conf dc1=a dc2=b
	"$BIN/ddo-push-mysql" -t dc2 init >/dev/null
	kill -HUP "$QUEUE"
	wait_for 30 target dc2 '.confirmed == 2000'
	diff <("$BIN/ddo-push-mysql" -t dc1 list) <("$BIN/ddo-push-mysql" -t dc2 list)
	"$BIN/ddo-enqueue" del n2000.example
	wait_for 10 all_done
	mysql_conf dc1=a
	kill -HUP "$QUEUE"
	wait_for 10 grep -q 'dc2: no longer configured: its deliveries stop, 1999 zones stay there' "$TMP/queue.log"
	put n1.example 9
	wait_for 10 holds a n1.example 9
	wait_for 10 all_done
	holds b n1.example 1
}
