#!/usr/bin/env bats
# ddo-push-mysql by hand, against a real MariaDB: schema coredns.
# backquotes are SQL's; each test looks at its own output only
# shellcheck disable=SC2016,SC2030,SC2031

load lib/common
load lib/mariadb

teardown()
{
	stop_all
}

world()
{
	mariadb_up a
	mysql_conf dc1=a
	push init >"$TMP/init"
}

push()
{
	"$BIN/ddo-push-mysql" -t dc1 "$@"
}

pput() # ZONE SERIAL [RECORD...]
{
	zone_text "$@" | push put "$1"
}

digest() # ZONE SERIAL [RECORD...]
{
	zone_text "$@" | "$BUILD/unit/zone_dump" "$1" | awk 'NR == 1 { print $2 }'
}

touched() # rows of all tables that were deleted, updated, written until now
{
	db a "SHOW GLOBAL STATUS WHERE Variable_name IN ('Handler_delete', 'Handler_write', 'Handler_update')" |
		sort | cut -f2 | xargs
}

# costs "DELETED UPDATED WRITTEN" COMMAND...: and it must touch just so many rows
costs()
{
	local want=$1 before after
	shift
	before=$(touched)
	"$@"
	after=$(touched)
	paste -d' ' <(xargs -n1 <<<"$before") <(xargs -n1 <<<"$after") | awk '{ print $2 - $1 }' |
		xargs | diff - <(echo "$want")
}

@test "init makes the tables, once; -n only shows" {
	mariadb_up a
	mysql_conf dc1=a
	run -69 push probe
	[[ $output == *'table zones does not exist; to mend it: ddo-push-mysql -t dc1 init' ]]
	run -0 push -n init
	[ "$(grep -c '^CREATE TABLE .*;$' <<<"$output")" = 2 ]
	[ -z "$(db a 'SHOW TABLES')" ]
	run -0 push init
	run -0 push init
	[ "$output" = '-- nothing to do: the tables of schema coredns fit' ]
	run -0 push probe
	[[ $output == *MariaDB*' at 127.0.0.1:'*', tables zones and records' ]]
	run -64 push -n list
	run -64 "$BIN/ddo-push-bind" -t dc1 -n init
}

@test "put, change, delete, list: the rows that differ and no others" {
	world
	local z=a.example.
	costs "0 0 12" pput a.example 1
	[ "$(db a "SELECT zone_name, managed_by FROM zones")" = "$z	ddo" ]
	[ "$(db a "SELECT hostname, type, data, ttl, online, managed_by FROM records WHERE type IN ('SOA', 'MX') ORDER BY type" | tr '\t' '|')" = \
		"@|MX|10 mail.$z|14400|1|ddo
@|SOA|ns1.$z hostmaster.$z 1 14400 3600 1209600 86400|14400|1|ddo" ]
	costs "0 0 0" pput a.example 1
	costs "0 1 0" pput a.example 2
	costs "0 1 1" pput a.example 3 "new 300 IN A 198.51.100.1"
	costs "0 2 0" pput a.example 4 "new 300 IN A 198.51.100.2"
	costs "1 1 0" pput a.example 5
	run -0 push list
	[ "$output" = "a.example	5	$(digest a.example 5)" ]
	# A zone that shrinks to its SOA.
	printf '@ 300 IN SOA ns1 hostmaster 6 1 1 1 1\n' | push put a.example
	[ "$(db a 'SELECT COUNT(*) FROM records')" = 1 ]
	push del a.example
	push del a.example
	[ "$(db a 'SELECT (SELECT COUNT(*) FROM zones) + (SELECT COUNT(*) FROM records)')" = 0 ]
	run -0 push list
	[ -z "$output" ]
}

@test "drift: a row edited by hand, doubled, switched off or taken away is listed and put right" {
	world
	pput a.example 1
	local good edit
	good="a.example	1	$(digest a.example 1)"
	for edit in "UPDATE records SET ttl = 1 WHERE hostname = 'www'" \
		"UPDATE records SET data = '192.0.2.66' WHERE hostname = 'www'" \
		"DELETE FROM records WHERE hostname = 'www'" \
		"UPDATE records SET online = 0 WHERE hostname = 'www'" \
		"UPDATE records SET type = 'SOA' WHERE hostname = 'www'" \
		"UPDATE records SET data = 'x\n\$INCLUDE /etc/passwd' WHERE hostname = 'www'" \
		"DELETE FROM records WHERE type = 'SOA'"; do
		db a "$edit"
		run -0 push list
		[ "$output" != "$good" ] || { echo "not seen: $edit"; return 1; }
		not grep -q root: <<<"$output"
		pput a.example 1
		run -0 push list
		[ "$output" = "$good" ] || { echo "not healed: $edit"; return 1; }
	done
	db a "INSERT INTO records (zone_id, hostname, type, data, ttl, online, managed_by)
		SELECT zone_id, hostname, type, data, ttl, online, managed_by FROM records"
	pput a.example 1
	[ "$(db a 'SELECT COUNT(*) FROM records')" = 11 ]
}

@test "zones and rows of others are left alone, listed, and taken over only on demand" {
	world
	db a "INSERT INTO zones (zone_name) VALUES ('other.example.');
		INSERT INTO records (zone_id, hostname, type, data, ttl, online)
		VALUES (1, '@', 'SOA', 'ns1.other.example. h.other.example. 7 1 1 1 1', 300, 1), (1, 'x', 'A', '192.0.2.7', 300, 1)"
	pput a.example 1
	db a "INSERT INTO records (zone_id, hostname, type, data, ttl, online) VALUES (2, 'theirs', 'A', '192.0.2.8', 300, 1)"
	run -65 pput other.example 1
	[[ $output == *'table zones has this zone, and ddo did not write it (adopt: true takes such zones over)' ]]
	run -65 push del other.example
	pput a.example 2
	run -0 push list
	[ "$output" = "a.example	2	$(digest a.example 2)	1 foreign rows
other.example	7	$(printf '%s\n' '@ 300 IN SOA ns1 h 7 1 1 1 1' 'x 300 IN A 192.0.2.7' | "$BUILD/unit/zone_dump" other.example | awk 'NR == 1 { print $2 }')	foreign" ]
	[ "$(db a "SELECT COUNT(*) FROM records WHERE managed_by IS NULL")" = 3 ]
	# What is left of a deleted zone is theirs.
	run -65 push del a.example
	[[ $output == *'1 rows that ddo did not write keep this zone in table zones; delete them' ]]
	[ "$(db a "SELECT hostname FROM records WHERE zone_id = 2")" = theirs ]
	mysql_conf dc1=a,adopt:\ true
	run -65 push del other.example
	pput other.example 8
	run -0 push list
	[[ $output == *"other.example	8	$(digest other.example 8)" ]]
	not grep -q theirs <<<"$(db a "SELECT hostname FROM records WHERE zone_id = 1")"
	push del other.example
}

@test "tables of the plugin's own making: upgraded by init, refused where too narrow" {
	mariadb_up a
	mysql_conf dc1=a
	db a "CREATE TABLE zones (id INT NOT NULL AUTO_INCREMENT, zone_name VARCHAR(255) NOT NULL, PRIMARY KEY (id), UNIQUE KEY (zone_name));
		CREATE TABLE records (id INT NOT NULL AUTO_INCREMENT, zone_id INT NOT NULL,
			hostname VARCHAR(512) NOT NULL,
		type VARCHAR(10) NOT NULL, data VARCHAR(1024) NOT NULL,
			ttl INT NOT NULL DEFAULT 120, online INT NOT NULL DEFAULT 0,
		PRIMARY KEY (id), FOREIGN KEY (zone_id) REFERENCES zones(id))"
	run -69 push probe
	[[ $output == *'table zones has no column managed_by'* ]]
	push init
	[ "$(db a "SELECT DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'dns' AND COLUMN_NAME = 'data'")" = mediumtext ]
	db a "EXPLAIN SELECT * FROM records WHERE online != 0 AND zone_id = 1 AND hostname = 'a' AND type = 'A'" | grep -q zone_host_type
	local long
	long=$(head -c 1100 /dev/zero | tr '\0' k)
	db a "ALTER TABLE records MODIFY data VARCHAR(1024) NOT NULL"
	run -65 pput long.example 1 "dkim 300 IN TXT \"${long:0:250}\" \"${long:0:250}\" \"${long:0:250}\" \"${long:0:250}\" \"${long:0:100}\""
	[[ $output == *'a record has 1114 characters for column data of table records, which holds 1024; to widen it: ddo-push-mysql -t dc1 init' ]]
	[ "$(db a 'SELECT COUNT(*) FROM zones')" = 0 ]
	# A process that runs on notices what init does.
	coproc batch { push batch; }
	local pid=$! in=${batch[1]}
	local text answer
	text=$(zone_text long.example 1 "dkim 300 IN TXT \"${long:0:250}\" \"${long:0:250}\" \"${long:0:250}\" \"${long:0:250}\" \"${long:0:100}\"")
	printf 'put 1 long.example %d\n%s\ncommit\n' "${#text}" "$text" >&"$in"
	read -r -t 20 answer <&"${batch[0]}"
	[[ $answer == 'fail 1 '* ]]
	run -0 push init
	[ "$output" = 'ALTER TABLE `records` MODIFY COLUMN `data` MEDIUMTEXT NOT NULL;' ]
	printf 'put 2 long.example %d\n%s\ncommit\n' "${#text}" "$text" >&"$in"
	read -r -t 20 answer <&"${batch[0]}"
	[ "$answer" = 'ok 2' ]
	exec {in}>&-
	wait "$pid"
	db a "ALTER TABLE records DROP FOREIGN KEY records_ibfk_1; ALTER TABLE records ENGINE=MyISAM"
	run -69 push probe
	[[ $output == *'table records must be of the engine InnoDB'* ]]
	push init
	push probe
}

@test "a batch is one transaction, and a bad zone does not take its neighbours with it" {
	world
	db a "ALTER TABLE records ADD CHECK (data NOT LIKE '%refused-by-the-table%')"
	local i text
	for i in {1..40}; do
		text=$(zone_text "z$i.example" 1)
		[ "$i" != 17 ] || text+=$'\nbad 300 IN TXT "refused-by-the-table"'
		printf 'put %d z%d.example %d\n%s\n' "$i" "$i" ${#text} "$text"
	done >"$TMP/in"
	echo commit >>"$TMP/in"
	db a "FLUSH STATUS"
	local before
	before=$(db a "SHOW GLOBAL STATUS LIKE 'Com_commit'" | cut -f2)
	push batch <"$TMP/in" >"$TMP/out"
	[ "$(grep -c '^ok ' "$TMP/out")" = 39 ]
	grep -q '^fail 17 .*CONSTRAINT' "$TMP/out"
	[ "$(db a "SHOW GLOBAL STATUS LIKE 'Com_commit'" | cut -f2)" = $((before + 1)) ]
	[ "$(db a 'SELECT COUNT(*) FROM zones')" = 39 ]
	[ -z "$(db a "SELECT 1 FROM zones WHERE zone_name = 'z17.example.'")" ]
	# What the server changes behind our back is no success.
	db a "CREATE TRIGGER odd BEFORE UPDATE ON records FOR EACH ROW SET NEW.ttl = 77"
	run -75 pput z1.example 2
	[[ $output == *'the rows read back are not those written; does the table have a trigger?' ]]
	db a "DROP TRIGGER odd"
	run -0 push list
	grep -q "^z1.example	1	$(digest z1.example 1)\$" <<<"$output"
	pput z1.example 2
}

# RECORD...: a batch of n1.example to n5.example, of which n3 has these records too;
# answers in $TMP/out
some()
{
	local i text
	for i in 1 2 3 4 5; do
		text=$(zone_text n$i.example "$((++SERIAL))")
		[ $i != 3 ] || text+=$'\n'$(printf '%s\n' "$@")
		printf 'put %d n%d.example %d\n%s\n' $i $i ${#text} "$text"
	done >"$TMP/in"
	echo commit >>"$TMP/in"
	push batch <"$TMP/in" >"$TMP/out"
}

refused() # WORDS: n3.example was refused with them, and all others are written
{
	cat "$TMP/out"
	[ "$(grep -c '^ok ' "$TMP/out")" = 4 ]
	grep -q "^fail 3 .*$1" "$TMP/out"
	[ "$(db a 'SELECT COUNT(*) FROM zones')" = "${2:-4}" ]
}

@test "what the server has against one zone's rows refuses that zone, in its words; the others are written" {
	world
	SERIAL=0
	# A key of an operator's that most zones keep.
	db a "ALTER TABLE records ADD UNIQUE KEY one_each (zone_id, hostname, type, ttl)"
	some '2nd 300 IN TXT "a"' '2nd 300 IN TXT "b"'
	grep -q '^fail 1 .*Duplicate entry.*one_each' "$TMP/out" # it has two NS, as all of these
	db a "ALTER TABLE records DROP KEY one_each, ADD UNIQUE KEY no_twins (zone_id, hostname, type, data(50))"
	some "2nd 300 IN TXT \"$(printf '%080d' 1)x\"" "2nd 300 IN TXT \"$(printf '%080d' 1)y\""
	refused "Duplicate entry.*no_twins"
	# Values that move from one row to the next meet no key on their way.
	pput move.example 1 'm 300 IN A 192.0.2.1' 'm 300 IN A 192.0.2.2'
	pput move.example 2 'm 400 IN A 192.0.2.2' 'm 400 IN A 192.0.2.3'
	pput move.example 3 'm 500 IN A 192.0.2.1' 'm 500 IN A 192.0.2.2'
	push del move.example
	db a "ALTER TABLE records DROP KEY no_twins"
	db a "DELIMITER //
		CREATE TRIGGER t BEFORE INSERT ON records FOR EACH ROW
		IF NEW.data LIKE '%forbidden%' THEN SIGNAL SQLSTATE '45000'
			SET MESSAGE_TEXT = 'not in this house'; END IF//"
	some 'x 300 IN TXT "forbidden"'
	refused 'not in this house'
	db a "DROP TRIGGER t; CREATE TABLE hosts (name VARCHAR(512) PRIMARY KEY); INSERT INTO hosts SELECT DISTINCT hostname FROM records;
		ALTER TABLE records ADD FOREIGN KEY known (hostname) REFERENCES hosts (name)"
	some 'x 300 IN TXT "of a name that is not in the other table"'
	refused 'foreign key constraint fails'
	# What keeps a zone from being deleted is that zone's, too.
	db a "ALTER TABLE records DROP FOREIGN KEY known; CREATE TABLE invoices (zone_id INT, FOREIGN KEY (zone_id) REFERENCES zones (id));
		INSERT INTO invoices SELECT id FROM zones WHERE zone_name = 'n1.example.'"
	printf 'del 1 n1.example\ndel 2 n2.example\ncommit\n' | push batch >"$TMP/out"
	grep -q '^fail 1 .*foreign key constraint fails.*invoices' "$TMP/out"
	grep -qx 'ok 2' "$TMP/out"
	# A column that nobody told ddo about.
	db a "DELETE FROM invoices; ALTER TABLE records ADD COLUMN owner INT NOT NULL"
	run -65 pput column.example 1
	[[ $output == *"Field 'owner' doesn't have a default value"* ]]
	db a "ALTER TABLE records DROP COLUMN owner"
	# More than the server takes at once.
	db a "SET GLOBAL max_allowed_packet = 32768"
	some "big 300 IN TXT $(printf '"%0250d" ' {1..255})"
	refused 'above max_allowed_packet (32768)'
}

@test "two writers at once, in opposite order: what a deadlock undoes is done again" {
	world
	local serial=0 round text i
	deadlocks() { db a "SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'" | cut -f2; }
	batch() # SERIAL NUMBER...
	{
		text="@ 300 IN SOA n h $1 1 1 1 1"
		shift
		for i; do
			printf 'put %d w%d.example %d\n%s\n' "$i" "$i" ${#text} "$text"
		done
		echo commit
	}
	for ((round = 0; round < 40; round++)); do
		batch $((++serial)) {1..600} >"$TMP/up"
		batch $((++serial)) {600..1} >"$TMP/down"
		push batch <"$TMP/up" >"$TMP/up.out" &
		push batch <"$TMP/down" >"$TMP/down.out"
		wait $!
		[ "$(grep -c '^ok ' "$TMP/up.out")" = 600 ]
		[ "$(grep -c '^ok ' "$TMP/down.out")" = 600 ]
		[ "$(deadlocks)" = 0 ] || break
	done
	[ "$(deadlocks)" -gt 0 ]
	[ "$(push list | cut -f2 | sort -u | wc -l)" = 1 ]
	[ "$(db a 'SELECT COUNT(*), COUNT(DISTINCT zone_id) FROM records' | xargs)" = '600 600' ]
}

@test "hostile contents, names and tables; large zones" {
	world
	local evil
	evil="a'; DROP TABLE zones; -- "
	zone_text h.example 1 'q 300 IN TXT "a'\''; DROP TABLE records; -- " "\\" "\"" "\000\010\013\026\255"' \
		'\"\;\039\092.x 300 IN A 192.0.2.1' "x\\'y 300 IN CNAME \\'\\\\\\\".h.example." \
		'a\.b 300 IN A 192.0.2.2' \
		'\@ 300 IN A 192.0.2.3' 'sp\032ace 300 IN A 192.0.2.4' 'hi\255 300 IN A 192.0.2.5' \
		>"$TMP/evil"
	push put h.example <"$TMP/evil"
	run -0 push list
	[ "$output" = "h.example	1	$("$BUILD/unit/zone_dump" h.example <"$TMP/evil" |
		awk 'NR == 1 { print $2 }')" ]
	[ "$(db a "SELECT COUNT(*) FROM records WHERE hostname IN ('\\\\@', 'a\\\\.b', 'sp\\\\ ace', 'hi\\\\255')")" = 4 ]
	# Each text goes into the table as it is and comes back so, whatever the server's mode.
	db a "SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'"
	push del h.example
	push put h.example <"$TMP/evil"
	run -0 push list
	[ "$output" = "h.example	1	$("$BUILD/unit/zone_dump" h.example <"$TMP/evil" |
		awk 'NR == 1 { print $2 }')" ]
	run -65 push put "$evil" <"$TMP/evil"
	run -65 push del "x.example' OR 1=1"
	for evil in 'zones`; DROP TABLE records; --' 'a b' "x'y" ''; do
		mysql_conf "dc1=a,zones_table: \"$evil\""
		run -78 push probe
		[[ $output == *'zones_table: must be 1 to 64 of'* ]]
	done
	mysql_conf dc1=a
	# 64 KiB in one TXT, all of it escaped in the text; 5,000 records.
	python3 -c 'print("@ 300 IN SOA n h 1 1 1 1 1\nt 300 IN TXT " + " ".join("\"" + "\\201" * 255 + "\"" for i in range(254)))' >"$TMP/large"
	push put large.example <"$TMP/large"
	{ zone_text many.example 1 && printf 'h%d 300 IN A 192.0.2.1\n' {1..5000}; } >"$TMP/many"
	push put many.example <"$TMP/many"
	run -0 push list
	[ "$(cut -f3 <<<"$output")" = "$(for z in h:evil large:large many:many; do
		"$BUILD/unit/zone_dump" ${z%:*}.example <"$TMP/${z#*:}" |
			awk 'NR == 1 { print $2 }'; done)" ]
	# More than the server takes in one statement: that record is refused, the rest goes on.
	db a "SET GLOBAL max_allowed_packet = 131072"
	push del large.example
	{ cat "$TMP/many" && echo 'more 300 IN A 192.0.2.9'; } | push put many.example
	run push put large.example <"$TMP/large"
	[ "$status" = 65 ] || [ "$status" = 69 ]
	pput after.example 1
}

@test "the target is down: each of the server's ways, in its own words" {
	world
	pput a.example 1
	local port=${DB_PORT[a]}
	mysql_conf dc1=a,password:\ wrong
	run -69 push probe
	[[ $output == *"Access denied for user 'ddo'"* ]]
	not grep -q wrong <<<"$output"
	mysql_conf dc1=a,database:\ nowhere
	run -69 pput a.example 2
	[[ $output == *"Unknown database 'nowhere'"* ]]
	mysql_conf dc1=a,port:\ 1
	run -69 pput a.example 2
	[[ $output == *'127.0.0.1:1: Can'*'(2002)'* ]] || [[ $output == *'127.0.0.1:1: '* ]]
	mysql_conf dc1=a
	db a "SET GLOBAL read_only = 1"
	run -69 push probe
	[[ $output == *read-only* ]]
	run -69 pput a.example 2
	[[ $output == *read-only* ]]
	db a "SET GLOBAL read_only = 0"
	db a "REVOKE ALL ON *.* FROM ddo@'127.0.0.1'; GRANT SELECT ON dns.* TO ddo@'127.0.0.1'"
	run -69 push probe
	[[ $output == *'DELETE command denied'* ]]
	db a "GRANT ALL ON dns.* TO ddo@'127.0.0.1'"
	# Somebody keeps a lock: not the server's fault, and not the zone's.
	coproc lock { mariadb --no-defaults -u root -S "$TMP/db-a/sock" -N -B --unbuffered dns; }
	local pid=$! in=${lock[1]}
	echo "START TRANSACTION; SELECT id FROM zones WHERE zone_name = 'a.example.' FOR UPDATE;" \
		>&"$in"
	read -r -t 10 _ <&"${lock[0]}"
	run -75 pput a.example 2
	[[ $output == *'Lock wait timeout exceeded'* ]]
	exec {in}>&-
	wait "$pid"
	pput a.example 2
	# Refused, then silent.
	mariadb_down a
	run -69 pput a.example 3
	mysql_conf dc1=a,"connect_timeout: 1"
	start_bg silent python3 -c "
import socket, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('127.0.0.1', $port)); s.listen(5)
while True: time.sleep(60)"
	wait_for 10 port_in_use "$port"
	local start=$SECONDS
	run -69 pput a.example 3
	[ $((SECONDS - start)) -le 5 ]
}

@test "a full disk: the target is down, and takes up again" {
	small_disk "$TMP/db-a" 60m
	mariadb_up a
	mysql_conf dc1=a
	push init
	pput small.example 1
	{ zone_text big.example 1 && seq 20000 | sed 's/.*/h& 300 IN TXT "& of many"/'; } \
		>"$TMP/big"
	fill_disk "$TMP/db-a"
	run -69 push put big.example <"$TMP/big"
	[[ $output == *'full'* || $output == *'space'* || $output == *'write'* ]]
	free_disk "$TMP/db-a"
	run -0 push list
	[ "$output" = "small.example	1	$(digest small.example 1)" ]
	pput small.example 2
}

@test "several hosts: the next one when one is down; sockets, password files" {
	mariadb_up a
	mariadb_up b
	echo "$DB_PASSWORD" >"$TMP/password"
	mysql_conf "dc1=a,password_file: $TMP/password" "b=b"
	push init
	"$BIN/ddo-push-mysql" -t b init
	local both="hosts: [\"127.0.0.1:${DB_PORT[a]}\", \"127.0.0.1:${DB_PORT[b]}\"]"
	mysql_conf "dc1=a,$both"
	run -0 push probe
	[[ $output == *":${DB_PORT[a]},"* ]]
	# The first one goes while a connection is open, and is read-only when it is back.
	coproc batch { push batch; }
	local pid=$! in=${batch[1]}
	local text answer
	text=$(zone_text a.example 1)
	printf 'put 1 a.example %d\n%s\ncommit\n' ${#text} "$text" >&"$in"
	read -r -t 20 answer <&"${batch[0]}"
	[ "$answer" = 'ok 1' ]
	mariadb_down a KILL
	printf 'put 2 a.example %d\n%s\ncommit\n' ${#text} "$text" >&"$in"
	read -r -t 20 answer <&"${batch[0]}"
	[ "$answer" = 'ok 2' ]
	exec {in}>&-
	wait "$pid"
	[ "$(db b 'SELECT zone_name FROM zones')" = a.example. ]
	mariadb_up a --read-only
	pput b.example 1
	[ "$(db b 'SELECT COUNT(*) FROM zones')" = 2 ]
	mysql_conf "dc1=b,socket: $TMP/db-b/sock"
	db b "GRANT ALL ON dns.* TO ddo@localhost IDENTIFIED BY 'it''s'"
	run -0 push probe
	[[ $output == *" at $TMP/db-b/sock,"* ]]
	mysql_conf "dc1=b,host: x,$both"
	run -78 push probe
	mysql_conf "dc1=b,server: 127.0.0.1, refresh: 120"
	run -78 push probe
	[[ $output == *'refresh (120) must be less than timeout (120)' ]]
	for both in '[::1' 'a:0' 'a:70000' ':1' 'a:x'; do
		mysql_conf "dc1=b,hosts: [\"$both\"]"
		run -78 push probe
		[[ $output == *'hosts: '* ]]
	done
}

@test "TLS: the server's certificate is checked" {
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout "$TMP/ca.key" \
		-out "$TMP/ca.pem" 2>/dev/null
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other -keyout "$TMP/other.key" \
		-out "$TMP/other.pem" 2>/dev/null
	openssl req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout "$TMP/db.key" \
		-out "$TMP/db.csr" 2>/dev/null
	openssl x509 -req -in "$TMP/db.csr" -CA "$TMP/ca.pem" -CAkey "$TMP/ca.key" -CAcreateserial \
		-days 2 -out "$TMP/db.pem" \
		-extfile <(echo 'subjectAltName=IP:127.0.0.1,DNS:localhost') 2>/dev/null
	mariadb_up a --ssl-cert="$TMP/db.pem" --ssl-key="$TMP/db.key" --ssl-ca="$TMP/ca.pem"
	db a "ALTER USER ddo@'127.0.0.1' REQUIRE SSL"
	mysql_conf "dc1=a,ssl_ca: $TMP/ca.pem"
	push init
	pput a.example 1
	mysql_conf "dc1=a,ssl_ca: $TMP/other.pem"
	run -69 push probe
	mysql_conf "dc1=a,ssl_ca: $TMP/other.pem, ssl_verify: false"
	run -69 push probe
	mysql_conf "dc1=a,ssl_verify: false"
	push probe
	mysql_conf dc1=a
	run -69 push probe
	[[ $output == *'Access denied'*'the account needs TLS: set ssl_ca' ]]
	db a "ALTER USER ddo@'127.0.0.1' REQUIRE X509"
	mysql_conf "dc1=a,ssl_ca: $TMP/ca.pem, ssl_cert: $TMP/db.pem, ssl_key: $TMP/db.key"
	push probe
	mariadb_down a
	mariadb_up a --skip-ssl
	run -69 push probe
	mysql_conf "dc1=a,ssl_verify: false"
	run -69 push probe
	mysql_conf dc1=a
	run -69 push probe
	[[ $output == *'the account needs TLS: give the server ssl_cert and ssl_key' ]]
}
