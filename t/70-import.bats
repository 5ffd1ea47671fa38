#!/usr/bin/env bats
# ddo-import: a DirectDNSOnly as it was killed, others made for this (t/import/make), a BIND, a
# DirectSlave; what hostile files may do (nothing), and what of the old changes (nothing).
# bats file_tags=import

load lib/common
load lib/named

setup()
{
	need python3 jq
	OLD=$TMP/old
	make=$ROOT/t/import/make
	mkdir -p "$TMP/zones" "$TMP/run" "$OLD"
	export DDO_CONFIG=$TMP/app.yml
	cat >"$DDO_CONFIG" <<-END
		queue_location: $TMP/spool
		run_dir: $TMP/run
		libexec_dir: $BIN
		datastore: { db_location: $TMP/zones.db }
		app: { auth_password: x }
	END
	"$BIN/ddo-queue" -1 # makes the spool and the store
}

teardown()
{
	stop_all
}

# The state of everything below a directory, contents and times of change included.
tree_of()
{
	(cd "$1" && find . -printf '%p %y %m %U %s %T@ %l\n' | LC_ALL=C sort &&
		find . -type f -readable -exec sha256sum {} + | LC_ALL=C sort)
}

# import ARGUMENT...: runs it, shows what it printed, and checks that nothing of $OLD changed.
import()
{
	local before after status=0
	before=$(tree_of "$OLD")
	"$BIN/ddo-import" "$@" </dev/null >"$TMP/plan" 2>"$TMP/err" || status=$?
	cat "$TMP/plan" "$TMP/err"
	after=$(tree_of "$OLD")
	diff <(echo "$before") <(echo "$after") || return 99
	return $status
}

# plan WHAT ZONE: the reasons that the plan has for it.
plan()
{
	awk -F'\t' -v what="$1" -v zone="$2" '$1 == what && $2 == zone { print $4 }' "$TMP/plan"
}

planned() # WHAT: the zones
{
	awk -F'\t' -v what="$1" '$1 == what { print $2 }' "$TMP/plan"
}

text() # ZONE SERIAL
{
	# shellcheck disable=SC2016
	printf '$TTL 300\n@ IN SOA ns. host. %s 1 1 1 1\n@ IN NS ns.example.net.\n@ IN TXT "%s"\n' \
		"$2" "${3:-$2}"
}

# save ZONE SERIAL [KEY VALUE]...: an item of a queue, as JSON.
save()
{
	local zone=$1 serial=$2
	shift 2
	jq -cn --arg z "$zone" --arg t "$(text "$zone" "$serial")
" --args '{domain: $z, zone_file: $t, hostname: "da1.example.com", username: "bob"} +
		([$ARGS.positional | _nwise(2) | select(length > 0) | {(.[0]): .[1]}] |
			add // {})' "$@"
}

row() # ZONE HOST USER [SERIAL]
{
	jq -cn --arg z "$1" --arg h "$2" --arg u "$3" --arg t "${4:+$(text "$1" "$4")
}" '{domain: $z, hostname: $h, username: $u, zone_data: (if $t == "" then null else $t end)}'
}

jobs_of() # ZONE: its job in the spool
{
	grep -lx "zone: $1" "$TMP"/spool/new/*
}

spool_empty()
{
	[ -z "$(ls -A "$TMP/spool/new")" ]
}

# Asks for zones that were served all the time, again and again; notes each that is not answered.
watch_zones()
{
	local zone
	while :; do
		for zone in served3 served7 xn--caf-dma; do
			serves "$zone.example" 2026112301 || echo "$zone" >>"$TMP/gaps"
			echo "$zone" >>"$TMP/asked"
		done
	done
}

asked_again() # checks that all were asked after now
{
	[ "$(wc -l <"$TMP/asked")" -ge $(($1 + 9)) ]
}

@test "a DirectDNSOnly 2.8.0 that was killed: every zone as before, waiting saves applied, no delete" {
	named_make include
	cp -a "$ROOT/t/import/directdnsonly-2.8.0/." "$OLD"
	find "$OLD" -type d -exec chmod 555 {} +
	# $OLD is the copy.  The BIND beside it goes on with the list and the files it has.
	cp "$OLD"/zones/*.db "$TMP/zones"
	sed "s|/etc/named/zones|$TMP/zones|" "$OLD/directdnsonly.conf" >"$TMP/zones.conf"
	named_up
	serves served1.example 2026112301
	conf_make
	import -n "$OLD"
	spool_empty
	[ "$(planned take | wc -l)" = 41 ]
	# Without a terminal nobody has said yes.
	run -1 import "$OLD"
	[[ $output == *"nothing is taken over without --yes"* ]]
	spool_empty
	queue_up
	: >"$TMP/asked"
	start_bg watch watch_zones
	wait_for 10 asked_again 0
	import -y "$OLD"
	wait_for 20 all_done
	wait_for 10 asked_again "$(wc -l <"$TMP/asked")"
	[ ! -e "$TMP/gaps" ] || { cat "$TMP/gaps"; false; }
	for zone in served{3..8} xn--caf-dma waiting{1..30} failing; do
		serves "$zone.example" 2026112301
		[ "$(dig @127.0.0.1 -p "$DNS" +short "www.$zone.example" A)" = 192.0.2.2 ]
	done
	serves 0-25.2.0.192.in-addr.arpa 2026112301
	serves served1.example 2026112305
	serves served2.example 2026112309
	[ "$(dig @127.0.0.1 -p "$DNS" +short t.xn--caf-dma.example TXT)" = '"a;b \"c\""' ]
	"$BIN/ddo-status" --json --zone served3.example >"$TMP/status"
	cat "$TMP/status"
	jq -e '.origin == "da1.example.com" and .user == "user0"' "$TMP/status"
	# Once more: there is nothing left to do.
	import -y "$OLD"
	[ "$(planned take | wc -l)" = 0 ]
	[ "$(planned same | wc -l)" = 41 ]
	spool_empty
	queue_down
	chmod -R u+w "$OLD"
}

@test "waiting saves win in the order of the queue, whatever their serials; retries by serial" {
	{
		row db.example da1.example.com bob 10
		row back.example da1.example.com bob 10
		row retry-new.example da1.example.com bob 10
		row retry-old.example da1.example.com bob 10
		row again.example da1.example.com bob 10
		row moved.example da1.example.com bob 10
		row empty.example '' '' 10
		row heal.example da1.example.com bob 10
		row twice.example da1.example.com bob
	} | "$make" database "$OLD/directdnsonly.db"
	{
		save done.example 99
		save back.example 12
		save back.example 5
		save moved.example 11 hostname da2.example.com username eve
		save again.example 11
		# A retry that was due, and what the reconciler heals: old texts, behind newer ones.
		save again.example 9 source retry
		save heal.example 10 source reconciler_heal
		save db.example 8 source reconciler_heal
		save empty.example 11 hostname ''
	} | "$make" queue "$OLD/queues/save" done=1 chunk=3
	{
		save retry-new.example 11 source retry
		save retry-old.example 9 source retry
		save again.example 30 source retry
		save twice.example 7 source retry
		save twice.example 9 source retry
		save twice.example 8 source retry
	} | "$make" queue "$OLD/queues/retry"
	{
		echo '{"domain": "db.example", "hostname": "da1.example.com", "source": "reconciler"}'
		echo '{"domain": "gone.example", "hostname": ""}'
	} | "$make" queue "$OLD/queues/delete"
	import -y "$OLD"
	while read -r zone serial why; do
		[[ $(plan take "$zone") == *"serial $serial"* ]]
		[[ $(plan take "$zone") == *"$why"* ]]
		grep -q " $serial 1 1 1 1" "$(jobs_of "$zone")"
	done <<-END
		db.example 10 owner da1.example.com, user bob
		back.example 5 a waiting save
		retry-new.example 11 a retry
		retry-old.example 10 owner
		again.example 11 a waiting save
		moved.example 11 owner da2.example.com, user eve
		empty.example 11 a waiting save
		heal.example 10 owner
		twice.example 9 a retry
	END
	[ "$(planned take | wc -l)" = 9 ]
	not grep -q 'done.example' "$TMP/plan"
	[[ $(plan older back.example) == "serial 10; a waiting save came later, serial 12" ]]
	[ "$(plan held db.example)" = "a waiting delete by da1.example.com is not carried out" ]
	[ "$(plan held gone.example)" = "a waiting delete is not carried out" ]
	grep -qx 'source: import' "$(jobs_of db.example)"
	grep -qx 'origin: da2.example.com' "$(jobs_of moved.example)"
	not grep -q '^origin:' "$(jobs_of empty.example)"
	not grep -lx 'op: del' "$TMP"/spool/new/*
}

@test "pickles of all protocols that persist-queue may write" {
	local protocol
	for protocol in 0 1 2 3 4 5; do
		{
			save a.example 1
			save b.example 2
			save caf.example 3 username 'b\u00e9'
		} | "$make" queue "$OLD/data/queues/save" "protocol=$protocol"
		run -0 import -n "$OLD"
		[ "$(planned take)" = $'a.example\nb.example\ncaf.example' ]
		rm -r "$OLD/data"
	done
}

@test "1.0.9's layout: wrapped items, texts in files only, an app.yml of its own" {
	mkdir -p "$OLD/config" "$OLD/etc/named/directdnsonly"
	cat >"$OLD/app.yml" <<-END
		server_port: 2222
		db_location: ./data/directdns.db
		queue_location: ./data/queues
		log_path: ./logs/x
	END
	mkdir -p "$OLD/data"
	{
		row one.example da1.example.com bob
		row two.example da1.example.com eve
	} | "$make" database "$OLD/data/directdns.db" old=1
	for zone in one two; do
		text $zone.example 5 >"$OLD/etc/named/directdnsonly/$zone.example.db"
	done
	echo 'zone "one.example" { type master; file "/etc/named/directdnsonly/one.example.db"; };' \
		>"$OLD/etc/named/directdnsonly.inc"
	save two.example 6 | jq -c '{payload: .}' | "$make" queue "$OLD/data/queues/rawsave"
	echo '{"payload": {"domain": "one.example", "hostname": "da1.example.com"}}' |
		"$make" queue "$OLD/data/queues/delete"
	import -y "$OLD"
	[ "$(planned take)" = $'one.example\ntwo.example' ]
	[[ $(plan take two.example) == "a waiting save, serial 6, owner da1.example.com, user "* ]]
	[[ $(plan take one.example) == "serial 5, owner da1.example.com, user bob" ]]
	[ "$(planned held)" = one.example ]
}

@test "places come from app.yml, from the container's environment, or from below DIR alone" {
	# Its volume: no app.yml.
	row a.example da1.example.com bob 5 | "$make" database "$OLD/directdns.db"
	import -n "$OLD"
	[ "$(planned take)" = a.example ]
	# Its environment: another database, and a backend that only it declares.
	mkdir -p "$OLD/else" "$OLD/nsd"
	row b.example da1.example.com bob 5 | "$make" database "$OLD/else/x.db"
	row c.example da1.example.com bob | "$make" database "$OLD/else/y.db"
	text c.example 7 >"$OLD/nsd/c.example.db"
	cat >"$OLD/env" <<-END
		PATH=/bin
		DADNS_DATASTORE_DB_LOCATION=else/y.db
		DADNS_DNS_BACKENDS_NSD_ENABLED=true
		DADNS_DNS_BACKENDS_NSD_ZONES_DIR=nsd
		DADNS_PEER_SYNC_PEER_1_URL=http://x
	END
	import -n --environment "$OLD/env" "$OLD"
	[ "$(planned take)" = c.example ]
	tr '\n' '\0' <"$OLD/env" >"$OLD/environ"
	import -n --environment "$OLD/environ" "$OLD"
	[ "$(planned take)" = c.example ]
	# The environment of ddo is ddo's.
	DADNS_DATASTORE_DB_LOCATION=$TMP/zones.db import -n "$OLD"
	[ "$(planned take)" = a.example ]
	# app.yml, in config/ beside the data; by name, too.
	mkdir "$OLD/config"
	echo 'datastore: { db_location: ./else/x.db }' >"$OLD/config/app.yml"
	import -n "$OLD"
	[ "$(planned take)" = b.example ]
	import -n "$OLD/config/app.yml"
	[ "$(planned take)" = b.example ]
}

@test "ddo that is to use the old files themselves is stopped" {
	row a.example da1.example.com bob 5 | "$make" database "$OLD/directdns.db"
	DADNS_DATASTORE_DB_LOCATION=$OLD/directdns.db run -78 import -y "$OLD"
	[[ $output == *"datastore.db_location is what DirectDNSOnly uses"* ]]
	save a.example 6 | "$make" queue "$OLD/queues/save"
	DADNS_QUEUE_LOCATION=$OLD/queues run -78 import -y "$OLD"
	[[ $output == *"queue_location is what DirectDNSOnly uses"* ]]
}

@test "what ddo has already is skipped and said; a push that comes in between wins" {
	for zone in same other gone wanted new late; do
		row $zone.example da1.example.com bob 5
	done | "$make" database "$OLD/directdns.db"
	text x 5 | "$BIN/ddo-enqueue" put same.example
	text x 4 | "$BIN/ddo-enqueue" put other.example
	text x 9 | "$BIN/ddo-enqueue" put gone.example
	"$BIN/ddo-queue" -1
	"$BIN/ddo-enqueue" del gone.example
	"$BIN/ddo-queue" -1
	text x 3 | "$BIN/ddo-enqueue" put late.example # waits in the spool
	import -y "$OLD"
	[ "$(planned take)" = $'late.example\nnew.example\nwanted.example' ]
	[ "$(plan same same.example)" = "ddo has it, serial 5" ]
	[ "$(plan skip other.example)" = "ddo has another text, serial 4; this one has 5" ]
	[ "$(plan skip gone.example)" = "it was deleted in ddo" ]
	"$BIN/ddo-queue" -1
	serial_of()
	{
		"$BIN/ddo-status" --json --zone "$1" | jq -r .serial
	}
	[ "$(serial_of late.example)" = 3 ]
	[ "$(serial_of new.example)" = 5 ]
	[ "$(serial_of other.example)" = 4 ]
}

@test "hostile pickles: refused with their name, never run, and the rest goes on" {
	local kind
	export PROOF=$TMP/proof
	{ save before.example 1; save behind.example 1; save next.example 1; } |
		"$make" hostile "$TMP/evil"
	for kind in $("$make" pickle); do
		run -65 timeout 20 "$BIN/ddo-import" -n "$TMP/evil/$kind"
		echo "$kind: $output"
		[ ! -e "$PROOF" ]
		[[ $output == *$'take\tbefore.example\t'* ]]
		[[ $output == *$'take\tnext.example\t'* ]]
		[[ $output == *$'failed\t-\t'*"q00000:"*"cannot read this item"* ||
			$output == *"the item is no save of a zone"* ]]
		case $kind in
		*global | reduce | build | inst-alone | obj | newobj* | ext? | *persid | \
			next-buffer)
			[[ $output == *"is refused: it makes objects, not data"* ]] ;;
		esac
	done
	[ "$("$make" pickle | wc -l)" -ge 40 ]
}

@test "a queue that ends at any octet is read up to there" {
	local size at
	{ save a.example 1; save b.example 2; } | "$make" queue "$OLD/queues/save"
	size=$(stat -c %s "$OLD/queues/save/q00000")
	cp "$OLD/queues/save/q00000" "$TMP/whole"
	for ((at = 0; at < size; at += 1)); do
		head -c "$at" "$TMP/whole" >"$OLD/queues/save/q00000"
		run -65 "$BIN/ddo-import" -n "$OLD"
		[[ $output == *"shorter than the queue's info says"* ]]
		[[ $output != *$'take\tb.example'* ]]
		if [ "$at" -ge $((size / 2)) ]; then
			[[ $output == *$'take\ta.example'* ]]
		fi
	done
	# So is info.
	cp "$TMP/whole" "$OLD/queues/save/q00000"
	cp "$OLD/queues/save/info" "$TMP/info"
	size=$(stat -c %s "$TMP/info")
	for ((at = 0; at < size; at += 1)); do
		head -c "$at" "$TMP/info" >"$OLD/queues/save/info"
		run -65 "$BIN/ddo-import" -n "$OLD"
		[[ $output == *"its items are lost"* ]]
	done
	rm "$OLD/queues/save/info"
	run -65 "$BIN/ddo-import" -n "$OLD"
	[[ $output == *"its items are lost"* ]]
}

@test "what is behind the head was not acknowledged; a chunk that is gone is told" {
	{ save a.example 1; save b.example 2; } | "$make" queue "$OLD/queues/save" head=0
	import -n "$OLD"
	[ "$(planned take)" = a.example ]
	[[ $(plan left -) == *"octets behind the head"* ]]
	rm -r "$OLD/queues"
	for i in {1..9}; do save "z$i.example" 1; done |
		"$make" queue "$OLD/queues/save" chunk=3 done=4
	import -n "$OLD"
	[ "$(planned take | paste -sd' ')" = "z5.example z6.example z7.example z8.example z9.example" ]
	rm "$OLD/queues/save/q00001"
	run -65 import -n "$OLD"
	[ "$(planned take | paste -sd' ')" = "z7.example z8.example z9.example" ]
	[[ $output == *"q00001"*"its items are lost"* ]]
}

@test "hostile names, links, pipes, devices and large files are told, and none is followed" {
	text a.example 5 >"$TMP/secret.db"
	mkdir -p "$OLD/zones" "$OLD/queues/delete" "$OLD/queues/retry"
	{
		row ../../etc/passwd da1.example.com bob 5
		row 'a;b.example' da1.example.com bob 5
		row linked.example da1.example.com bob
		row pipe.example da1.example.com bob
		row dir.example da1.example.com bob
		row large.example da1.example.com bob
		row huge.example da1.example.com bob
		row good.example 'da1;rm -rf' 'b b' 5
		row garbage.example da1.example.com bob
		row com da1.example.com bob 5
	} | "$make" database "$OLD/directdns.db"
	ln -s "$TMP/secret.db" "$OLD/zones/linked.example.db"
	mkfifo "$OLD/zones/pipe.example.db" "$OLD/queues/retry/info"
	mkdir "$OLD/zones/dir.example.db"
	truncate -s 17M "$OLD/zones/large.example.db"
	truncate -s 1T "$OLD/zones/huge.example.db" || truncate -s 8G "$OLD/zones/huge.example.db"
	head -c 2000 /dev/urandom >"$OLD/zones/garbage.example.db"
	text stray.example 5 >"$OLD/zones/stray.example.db"
	ln -s /etc/passwd "$OLD/queues/delete/info"
	printf 'zone "../x.example" { };\nzone "good.example" { type master; };\nzone "open' \
		>"$OLD/named.conf.include"
	run -65 timeout 20 "$BIN/ddo-import" -y "$OLD"
	echo "$output" | tee "$TMP/plan"
	[ "$(planned take)" = good.example ]
	[ "$(plan take good.example)" = "serial 5" ]
	[[ $(plan left good.example) == *"the host name holds a character"* ]]
	[ "$(planned refused | sort -u | paste -sd' ')" = "../../etc/passwd ../x.example a;b.example com dir.example garbage.example huge.example large.example linked.example pipe.example" ]
	[[ $(plan refused linked.example) == *"is a symbolic link" ]]
	[[ $(plan refused pipe.example) == *"is not a regular file" ]]
	[[ $(plan left stray.example) == "neither the database nor the server's list"* ]]
	[ "$(planned failed | wc -l)" = 2 ]
	[ "$(find "$TMP/spool/new" -type f | wc -l)" = 1 ]
	# app.yml as a pipe does not hold it up either.
	mkfifo "$OLD/app.yml"
	run -66 timeout 20 "$BIN/ddo-import" -y "$OLD"
	[[ $output == *"is not a regular file" ]]
}

@test "a database that is corrupt, none of its own, locked, or left in the middle of a change" {
	local pid
	for zone in a b; do row $zone.example da1.example.com bob 5; done |
		"$make" database "$OLD/directdns.db"
	# Somebody writes: SQLite's lock.
	start_bg writer python3 -c "
import sqlite3, sys, time
db = sqlite3.connect('$OLD/directdns.db', isolation_level=None)
db.execute('BEGIN IMMEDIATE')
open('$TMP/locked', 'w').close()
time.sleep(60)"
	pid=$BG_PID
	wait_for 10 test -e "$TMP/locked"
	run -75 "$BIN/ddo-import" -y "$OLD"
	[[ $output == *"stop DirectDNSOnly, then try again" ]]
	stop_pid "$pid" KILL || true
	import -n "$OLD"
	[ "$(planned take | wc -l)" = 2 ]
	# WAL: what was committed is only there.
	python3 - "$OLD" <<-'END'
		import os, sqlite3, sys
		db = sqlite3.connect(sys.argv[1] + "/directdns.db")
		db.execute("PRAGMA journal_mode = WAL")
		db.execute("UPDATE domains SET hostname = 'da9.example.com'")
		db.commit()
		os._exit(0)
	END
	rm -f "$OLD/directdns.db-shm"
	[ -s "$OLD/directdns.db-wal" ]
	import -n "$OLD"
	[[ $(plan take a.example) == *"owner da9.example.com"* ]]
	# A rollback journal: what was under way is undone, in the copy.
	rm "$OLD"/directdns.db*
	row a.example da1.example.com bob 5 | "$make" database "$OLD/directdns.db"
	python3 - "$OLD" <<-'END'
		import os, sqlite3, sys
		db = sqlite3.connect(sys.argv[1] + "/directdns.db", isolation_level=None)
		db.execute("PRAGMA cache_size = 1")
		db.execute("BEGIN")
		for i in range(2000):
		    name = f"x{i}.example" + "x" * 40
		    db.execute("INSERT INTO domains (domain) VALUES (?)", (name,))
		db.execute("UPDATE domains SET hostname = 'da9.example.com'")
		os._exit(0)
	END
	[ -s "$OLD/directdns.db-journal" ]
	import -n "$OLD"
	[[ $(plan take a.example) == *"owner da1.example.com"* ]]
	[ "$(planned take)" = a.example ]
	rm "$OLD/directdns.db-journal"
	# Corrupt, and something else.
	cp "$OLD/directdns.db" "$TMP/good.db"
	printf 'garbage garbage garbage' | dd of="$OLD/directdns.db" bs=1 seek=0 conv=notrunc status=none
	run -66 import -y "$OLD"
	head -c 3000 "$TMP/good.db" >"$OLD/directdns.db"
	run -66 import -y "$OLD"
	: >"$OLD/directdns.db"
	run -66 import -y "$OLD"
	[[ $output == *"no table domains: it is not DirectDNSOnly's" ]]
	rm "$OLD/directdns.db"
	python3 -c "import sqlite3
db = sqlite3.connect('$OLD/directdns.db')
db.execute('''CREATE VIEW domains AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)
	SELECT x AS domain, x AS hostname, x AS username, x AS zone_data FROM n''')"
	run -66 timeout 20 "$BIN/ddo-import" -y "$OLD"
	[[ $output == *"no table domains"* ]]
	[ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'ddo-import.*')" ]
	spool_empty
}

into_full()
{
	"$BIN/ddo-import" "$@" >/dev/full
}

@test "nothing there: an empty directory, none at all, no spool" {
	run -66 import -y "$OLD"
	[[ $output == *"no DirectDNSOnly: no database, list, zone files or queue" ]]
	run -66 import -y "$OLD/none"
	mkdir "$OLD/zones"
	run -0 import -y "$OLD"
	spool_empty
	run -66 import -y --zones "$OLD/zones"
	text a.example 5 >"$OLD/zones/a.example.db"
	run -74 into_full -n "$OLD"
	rm -r "$TMP"/zones.db* "$TMP/spool"
	import -n "$OLD"
	run -75 import -y "$OLD"
	for words in '' "$OLD $OLD" "--zones $OLD $OLD" "--environment x --zones $OLD"; do
		# shellcheck disable=SC2086
		run -64 "$BIN/ddo-import" $words
	done
}

@test "a BIND: its primary zones with their files, views, raw files and journals" {
	need named-checkconf named-compilezone
	mkdir -p "$OLD/db" "$OLD/more"
	for zone in plain included raw text jnl signed twice 10.in-addr.arpa; do
		text $zone.example 5 >"$OLD/db/$zone"
	done
	printf '@ 300 IN SOA ns. host. 5 1 1 1 1\n@ NS ns.example.net.\n' >"$OLD/db/raw.txt"
	named-compilezone -q -F raw -o "$OLD/db/raw" raw.example "$OLD/db/raw.txt"
	cat >"$OLD/named.conf" <<-END
		// a comment with zone "commented.example" { type master; file "x"; };
		options { directory "$OLD/db"; recursion no; };
		key "k" { algorithm hmac-sha256; secret "c2VjcmV0"; };
		zone "." { type hint; file "root.hints"; };
		zone "localhost" { type master; file "local"; };
		zone "plain.example" IN { type master; file "plain"; allow-update { key k; }; };
		zone "raw.example" { type primary; file "$OLD/db/raw"; masterfile-format raw; };
		zone "slave.example" { type slave; masters { 192.0.2.1; }; file "text"; };
		zone "nofile.example" { type forward; forwarders { 192.0.2.1; }; };
		zone "none.example" { type master; file "not-there"; };
		zone "signed.example" { type master; file "signed"; dnssec-policy default;
			inline-signing yes; };
		include "$OLD/more/*.conf";
	END
	echo 'zone "included.example" { type master; file "included"; };' >"$OLD/more/a.conf"
	run -65 import -y -o da1.example.com --named-conf "$OLD/named.conf"
	echo "$output"
	cp "$TMP/plan" "$TMP/first"
	[ "$(planned take)" = $'included.example\nplain.example\nraw.example' ]
	[ "$(plan take plain.example)" = "serial 5, owner da1.example.com" ]
	[ "$(plan left localhost)" = "each server has it for itself" ]
	[ "$(plan left slave.example)" = "a secondary zone" ]
	[[ $(plan refused none.example) == "cannot open $OLD/db/not-there"* ]]
	[ "$(plan refused signed.example)" = "named signs it, and ddo would serve it without signatures" ]
	[ "$(planned missing)" = none.example ]
	not grep -q 'nofile\|commented' "$TMP/plan"
	grep -qx 'origin: da1.example.com' "$(jobs_of plain.example)"
	"$BIN/ddo-queue" -1
	"$BIN/ddo-status" --json --zone raw.example | jq -e '.serial == 5'
	# The same name in two views.
	cat >"$OLD/named.conf" <<-END
		options { directory "$OLD/db"; };
		view "in" { match-clients { 127.0.0.1; };
			zone "twice.example" { type master; file "twice"; };
			zone "text.example" { type master; file "text"; }; };
		view "out" { zone "twice.example" { type master; file "plain"; };
			zone "text.example" { in-view "in"; }; };
	END
	run -65 import -n --named-conf "$OLD/named.conf"
	[ "$(planned take)" = text.example ]
	[ "$(plan refused twice.example | sort -u)" = "two views have it" ]
	# What named does not take, and none at all.
	echo 'zone "x" {' >"$OLD/named.conf"
	run -66 import -n --named-conf "$OLD/named.conf"
	[[ $output == *"named-checkconf: "* ]]
	run -66 import -n --named-conf "$OLD/none.conf"
}

@test "a BIND that changed a zone: what is in its journal comes along" {
	need nsupdate
	# shellcheck disable=SC2034	# named_make reads it
	NAMED_EXTRA="zone \"dyn.example\" { type primary; file \"$TMP/old/dyn.db\";
		allow-update { 127.0.0.1; }; };"
	text dyn.example 5 >"$OLD/dyn.db"
	printf 'ns A 192.0.2.1\n' >>"$OLD/dyn.db"
	named_make && named_up
	printf 'server 127.0.0.1 %s\nzone dyn.example\nupdate add new.dyn.example 300 A 192.0.2.9\nsend\n' \
		"$DNS" | nsupdate
	wait_for 5 serves dyn.example 6
	named_down KILL
	[ -s "$OLD/dyn.db.jnl" ]
	import -y --named-conf "$TMP/named.conf"
	[ "$(plan take dyn.example)" = "serial 6" ]
	grep -q '192\.0\.2\.9' "$(jobs_of dyn.example)"
}

@test "a directory of zone files; names with a slash; an owner for all" {
	mkdir "$OLD/z"
	text a.example 1 >"$OLD/z/a.example.db"
	text 0/25.2.0.192.in-addr.arpa 1 >"$OLD/z/0%2F25.2.0.192.in-addr.arpa.db"
	text UPPER.example 1 >"$OLD/z/UPPER.Example.db"
	echo garbage >"$OLD/z/bad.example.db"
	echo else >"$OLD/z/README"
	run -65 import -y -o DA1.example.com --zones "$OLD/z"
	[ "$(planned take)" = $'0/25.2.0.192.in-addr.arpa\na.example\nupper.example' ]
	[ "$(planned refused)" = bad.example ]
	[ "$(grep -lx 'origin: da1.example.com' "$TMP"/spool/new/* | wc -l)" = 3 ]
	run -64 import -y -o 'a b' --zones "$OLD/z"
}

@test "a DirectSlave: secondary zones as text and as raw, from its list or its directory" {
	need named-checkconf named-compilezone
	mkdir -p "$OLD/etc" "$OLD/secondary"
	text a.example 5 >"$OLD/secondary/a.example.db"
	printf '@ 300 IN SOA ns. host. 7 1 1 1 1\n@ NS ns.example.net.\n' >"$TMP/b"
	named-compilezone -q -F raw -o "$OLD/secondary/b.example.db" b.example "$TMP/b"
	cat >"$OLD/etc/directslave.conf" <<-END
		background	1
		named_workdir   $OLD/secondary
		named_conf	$OLD/directslave.inc
		named_format    text
	END
	for zone in a b; do
		echo "zone \"$zone.example\" { type slave; masters { 192.0.2.1; };" \
			"file \"$OLD/secondary/$zone.example.db\"; };"
	done >"$OLD/directslave.inc"
	import -n --directslave "$OLD"
	[ "$(planned take)" = $'a.example\nb.example' ]
	[ "$(plan take b.example)" = "serial 7" ]
	import -n --directslave "$OLD/etc/directslave.conf"
	[ "$(planned take)" = $'a.example\nb.example' ]
	rm "$OLD/directslave.inc"
	import -n --directslave "$OLD"
	[ "$(planned take)" = $'a.example\nb.example' ]
	import -n --directslave "$OLD/secondary"
	[ "$(planned take)" = $'a.example\nb.example' ]
	mkdir "$OLD/empty"
	run -66 import -n --directslave "$OLD/empty"
	run -66 import -n --directslave "$OLD/none"
}

# answer WORD ARGUMENT...: types WORD at the question on a terminal.
answer()
{
	python3 - "$@" <<-'END'
		import os, pty, sys
		pid, terminal = pty.fork()
		if pid == 0:
		    os.execv(os.environ["BIN"] + "/ddo-import", ["ddo-import"] + sys.argv[2:])
		seen = b""
		while b"[y/N] " not in seen:
		    seen += os.read(terminal, 4096)
		os.write(terminal, sys.argv[1].encode() + b"\n")
		try:
		    while more := os.read(terminal, 4096):
		        seen += more
		except OSError:
		    pass
		print(seen.decode())
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	END
}

@test "on a terminal it asks, after the plan; only y says yes" {
	row a.example da1.example.com bob 5 | "$make" database "$OLD/directdns.db"
	for word in n '' no why; do
		run -1 answer "$word" "$OLD"
		[[ $output == *"take"*"a.example"*"Take over 1 zones? [y/N]"* ]]
		spool_empty
	done
	run -0 answer y "$OLD"
	[ -n "$(jobs_of a.example)" ]
}

@test "--json: an object a line" {
	row a.example da1.example.com bob 5 | "$make" database "$OLD/directdns.db"
	import -nj "$OLD"
	[ "$(jq -r 'select(.what == "take") | .zone' "$TMP/plan")" = a.example ]
	[ "$(jq -r 'keys_unsorted | join(" ")' "$TMP/plan" | sort -u)" = "what zone where why" ]
}

@test "what named refuses in a waiting save does not cost the zone that is served" {
	row a.example da1.example.com bob 5 | "$make" database "$OLD/directdns.db"
	jq -cn '{domain: "a.example", zone_file: "@ IN SOA broken\n", hostname: "da2.example.com"}' |
		"$make" queue "$OLD/queues/save"
	run -65 import -y "$OLD"
	[ "$(plan take a.example)" = "serial 5, owner da1.example.com, user bob" ]
	[ "$(planned refused)" = a.example ]
}
