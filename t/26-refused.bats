#!/usr/bin/env bats
# What is refused, by the doors and by ddo-queue: zones that swell, names of one label, zones of
# others. A refusal is kept, shown, and ends.
# shellcheck disable=SC2030,SC2031,SC2034
load lib/common
load lib/door
load lib/httpd

DNS=/CMD_API_DNS_ADMIN
ENQUEUE=$BIN/ddo-enqueue
DIR=$TMP/zones.ns1

setup()
{
	MODE=http
}

teardown()
{
	stop_all
}

# with_dir LINE...: app.yml with LINEs in app: and one target, the directory $DIR.
with_dir()
{
	door_conf 'app:' "${@/#/  }" 'dns:' '  backends:' \
		"    ns1: { type: dir, program: $ROOT/etc/examples/ddo-push-dir }"
}

@test "a short text that is a large zone: refused at each door, at once, with little memory" {
	with_dir 'auth_username: da' "auth_password: $PASSWORD"
	httpd_up
	swollen_zone big.example 48000 >"$TMP/big"
	[ "$(stat -c %s "$TMP/big")" -lt 1000000 ]
	ask POST "$DNS?action=rawsave&domain=big.example" "$TMP/big"
	grep 'error=1&text=Zone+refused&details=.*larger+than+app.max_zone_bytes' "$TMP/body"
	# The sanitizers' build maps the whole address space.
	run -65 bash -c "[[ $BUILD == *dev ]] || ulimit -v 400000; exec '$ENQUEUE' put big.example" <"$TMP/big"
	[[ $output == *"the zone, written out, is larger than app.max_zone_bytes, 67108864" ]]
	cp "$TMP/big" "$TMP/big.example.db"
	run -65 "$ENQUEUE" batch <<<"put big.example $TMP/big.example.db"
	[[ $output == 'fail big.example '*max_zone_bytes* ]]
	queue_once
	[ ! -e "$DIR" ]
	no_jobs
	# one that is just within it is taken, and served
	swollen_zone big.example 30000 >"$TMP/big"
	run -0 "$ENQUEUE" put big.example <"$TMP/big"
	queue_once
	[ "$(wc -l <"$DIR/big.example")" = 30002 ]
}

@test "app.max_zone_bytes: to the byte" {
	local size
	with_dir "auth_password: $PASSWORD"
	zone_text a.example 7 {1..40}' TXT "'{1..9}'"' >"$TMP/zone"
	"$ENQUEUE" put a.example <"$TMP/zone"
	queue_once
	size=$(stat -c %s "$DIR/a.example")
	DADNS_APP_MAX_ZONE_BYTES=$size run -0 "$ENQUEUE" put a.example <"$TMP/zone"
	DADNS_APP_MAX_ZONE_BYTES=$((size - 1)) run -65 "$ENQUEUE" put a.example <"$TMP/zone"
}

@test "a job of a door that knew no limit: rejected by ddo-queue, and the others go on" {
	with_dir "auth_password: $PASSWORD"
	zone_text a.example 1 >"$TMP/zone"
	DADNS_APP_MAX_ZONE_BYTES=1073741824 "$ENQUEUE" put big.example \
		< <(swollen_zone big.example 48000)
	"$ENQUEUE" put a.example <"$TMP/zone"
	queue_once
	[ "$(ls "$DIR")" = a.example ]
	[ "$(find "$SPOOL/bad" -type f | wc -l)" = 1 ]
	grep 'big.example: job [0-9]* is refused.*max_zone_bytes' "$TMP/queue.log"
}

# --- a push that is refused is seen ------------------------------------------------------------

# refusal ZONE KEY: of what is kept of it; nothing: it is not.
refusal()
{
	("$BIN/ddo-status" --json --zone "$1" 2>/dev/null || echo '{}') |
		jq -r ".refusal.$2 // empty"
}

refused() # ZONE
{
	[ -n "$(refusal "$1" at)" ]
}

count() # KEY
{
	"$BIN/ddo-status" --json | jq ".refusals.$1"
}

# save ZONE [QUERY [FILE]]: DirectAdmin saves it; its answer.
save()
{
	ask POST "$DNS?action=rawsave&domain=$1&hostname=da1.example&username=bob${2:-}" \
		"${3:-$TMP/zone}"
}

# job_file SEQ LINE...: a job as somebody else might write it, stdin is its text.
job_file()
{
	local name
	printf -v name %016d "$1"
	{
		printf '%s\n' 'ddo-job: 1' "${@:2}" ''
		cat
	} >"$SPOOL/new/$name"
}

@test "a refused push is kept and shown, everywhere, until the next one that is accepted" {
	need jq
	with_dir 'auth_username: da' "auth_password: $PASSWORD"
	httpd_up
	start_bg queue "$BIN/ddo-queue"
	zone_text a.example 1 >"$TMP/zone"
	zone_text a.example 2 'www A 192.0.2.256' >"$TMP/wrong"
	save a.example | grep -Fx error=0
	wait_for 10 test -e "$DIR/a.example"
	[ "$(count count)" = 0 ]
	save a.example '' "$TMP/wrong" | grep -F 'error=1&text=Zone+refused'
	wait_for 10 refused a.example
	[ "$(refusal a.example reason)" = \
		"$(sed 's/.*details=//; s/+/ /g; s/%3A/:/g' "$TMP/body")" ]
	[ "$(refusal a.example origin)/$(refusal a.example user)/$(refusal a.example client)" = \
		da1.example/bob/127.0.0.1 ]
	run -1 "$BIN/ddo-status"
	echo "$output"
	[[ $output == 'degraded: '*'zones whose newest push was refused: 1, of which 0 are held'* ]]
	[[ $output == *$'\n''  a.example: 20'*' by da1.example (user bob, client 127.0.0.1): line '* ]]
	run -0 "$BIN/ddo-status" --zone a.example
	echo "$output"
	[[ $output == *'newest push REFUSED: '*'line '*'ns1: done'* ]]
	[ "$(ask GET /status | jq -r '.status, .refusals.count, .refusals.newest[0].zone' |
		tr '\n' ' ')" = 'degraded 1 a.example ' ]
	ask GET /metrics >"$TMP/metrics"
	grep -Fx 'ddo_refused_zones 1' "$TMP/metrics"
	grep -Fx 'ddo_held_zones 0' "$TMP/metrics"
	save a.example | grep -Fx error=0
	wait_for 10 not refused a.example
	run -0 "$BIN/ddo-status"
	# the first push of a new customer, and DirectAdmin's delete of the zone that never was
	sed 's/a\.example/new.example/g' "$TMP/wrong" >"$TMP/new"
	save new.example '' "$TMP/new"
	wait_for 10 refused new.example
	run -0 "$BIN/ddo-status" --zone new.example
	[[ $output == 'new.example: not in the store'*'newest push REFUSED: '* ]]
	ask GET "$DNS?action=delete&domain=new.example&hostname=da1.example"
	wait_for 10 not refused new.example
	run -1 "$BIN/ddo-status" --zone new.example
	# a delete ends it too
	save a.example '' "$TMP/wrong"
	wait_for 10 refused a.example
	ask GET "$DNS?action=delete&domain=a.example&hostname=da1.example"
	wait_for 10 not refused a.example
}

@test "what is refused for its size, its host name or its user is kept; what names no zone is not" {
	need jq
	with_dir 'auth_username: da' "auth_password: $PASSWORD" 'max_body_bytes: 2000'
	httpd_up
	zone_text a.example 1 >"$TMP/zone"
	(cat "$TMP/zone" && printf '; %02000d\n' 0) >"$TMP/big"
	save a.example '' "$TMP/big"
	[ "$(cat "$TMP/code")" = 413 ]
	# CGI or not, with a length or without
	ask POST "$DNS?action=rawsave&domain=b.example" "$TMP/big"
	curl -sS -u "da:$PASSWORD" -H 'Transfer-Encoding: chunked' --data-binary @- \
		"http://127.0.0.1:$PORT$DNS?action=rawsave&domain=c.example" <"$TMP/big" || true
	ask POST "$DNS?action=rawsave&domain=d.example&hostname=no_%01_host" "$TMP/zone"
	ask POST "$DNS?action=rawsave&domain=e.example&username=a%20b" "$TMP/zone"
	ask POST "$DNS?action=rawsave&domain=..%2Fx" "$TMP/zone"
	ask POST "$DNS?action=rawsave" "$TMP/zone"
	(PASSWORD=wrong save f.example '' "$TMP/big")
	[ "$(refused_jobs | wc -l)" = 5 ]
	queue_once
	[ "$(count count)" = 5 ]
	for zone in a b c; do
		[[ $(refusal $zone.example reason) == *'larger than app.max_body_bytes (2000)' ]]
	done
	[[ $(refusal d.example reason) == 'hostname: '* ]]
	[[ $(refusal e.example reason) == 'username: '* ]]
	no_jobs
}

@test "a zone that only ddo-queue refuses is kept too" {
	need jq
	with_dir "auth_password: $PASSWORD"
	DADNS_APP_MAX_ZONE_BYTES=1073741824 "$ENQUEUE" -o da1.example put big.example \
		< <(swollen_zone big.example 48000)
	queue_once
	[[ $(refusal big.example reason) == *max_zone_bytes* ]]
	[ "$(refusal big.example origin)" = da1.example ]
}

@test "a refusal that is older than what was accepted does not show, whatever comes first" {
	need jq
	local now=${EPOCHREALTIME/[.,]/}
	with_dir "auth_password: $PASSWORD"
	zone_text a.example 1 >"$TMP/zone"
	job_file $((now + 20)) 'op: put' 'zone: a.example' 'source: push' <"$TMP/zone"
	queue_once
	job_file $((now + 10)) 'op: refused' 'zone: a.example' 'source: push' 'reason: old' \
		</dev/null
	queue_once
	run ! refused a.example
	# the same with a zone that is not known: the push comes late
	job_file $((now + 40)) 'op: refused' 'zone: b.example' 'source: push' 'reason: new' \
		</dev/null
	queue_once
	sed 's/a\.example/b.example/g' "$TMP/zone" >"$TMP/b"
	job_file $((now + 30)) 'op: put' 'zone: b.example' 'source: push' <"$TMP/b"
	job_file $((now + 35)) 'op: refused' 'zone: b.example' 'source: push' 'reason: between' \
		</dev/null
	queue_once
	[ "$(refusal b.example reason)" = new ]
	job_file $((now + 50)) 'op: put' 'zone: b.example' 'source: push' <"$TMP/b"
	queue_once
	run ! refused b.example
}

@test "reasons with lines, quotes, control characters, a thousand characters: one line, valid JSON" {
	need jq
	local now=${EPOCHREALTIME/[.,]/} long
	with_dir 'auth_username: da' "auth_password: $PASSWORD"
	printf -v long '%01000d' 0
	job_file $((now + 1)) 'op: refused' 'zone: a.example' 'source: push' \
		$'reason: \x1b[2J"\'; DROP TABLE zones; -- %s%n \xff\xe2\x80 \xe2\x80\x93'"$long" \
		</dev/null
	job_file $((now + 2)) 'op: refused' 'zone: b.example' 'source: push' \
		"reason: $long"$'\xe2\x80\x93' </dev/null
	queue_once
	[[ $(refusal a.example reason) == \
		$'?[2J"\'; DROP TABLE zones; -- %s%n ??? \xe2\x80\x93000'* ]]
	[ "$(refusal a.example reason | wc -lc | tr -s ' ')" = ' 1 256' ]
	[ "$(refusal b.example reason | wc -c)" = 256 ]
	run "$BIN/ddo-status"
	[ "$(grep -c 'DROP TABLE' <<<"$output")" = 1 ]
	# over HTTP: a name in the text, which is in the reason
	httpd_up
	MODE=cgi # as it is, with no curl in between
	local odd='\010\034\039\027.x'
	printf '%s\n' 'c.example. 1 SOA a. b. 1 1 1 1 1' "$odd 1 CNAME a." "$odd 1 A 192.0.2.1" \
		>"$TMP/zone"
	save c.example
	queue_once
	[[ $(refusal c.example reason) == 'line 3: CNAME and other data at '*'.x.c.example.' ]]
	[ "$(refusal c.example reason | wc -l)" = 1 ]
	# a job that tries more
	job_file $((now + 9000000)) 'op: refused' 'zone: ../x' 'source: push' 'reason: x' </dev/null
	job_file $((now + 9000001)) 'op: refused' 'zone: d.example' 'source: push' 'reason: x' \
		<"$TMP/zone"
	job_file $((now + 9000002)) 'op: put' 'zone: d.example' 'source: push' 'owned: ../x' \
		<"$TMP/zone"
	queue_once
	[ "$(find "$SPOOL/bad" -type f | wc -l)" = 3 ]
	[ "$(count count)" = 3 ]
}

@test "a flood of refused pushes: bounded, and the zones that are here keep theirs" {
	need jq
	local now=${EPOCHREALTIME/[.,]/} i
	with_dir "auth_password: $PASSWORD"
	zone_text a.example 1 | "$ENQUEUE" put a.example
	job_file $((now + 1000000)) 'op: refused' 'zone: a.example' 'source: push' 'reason: mine' \
		</dev/null
	for ((i = 1; i <= 1100; i++)); do
		job_file $((now + 1000000 + i)) 'op: refused' "zone: junk$i.example" \
			'source: push' 'reason: x' </dev/null
	done
	queue_once
	[ "$(count count)" = 1001 ]
	[ "$(refusal a.example reason)" = mine ]
	run ! refused junk100.example
	refused junk101.example
	refused junk1100.example
	[ "$(count 'newest | length')" = 20 ]
	[ "$("$BIN/ddo-status" | wc -l)" -lt 40 ]
}

@test "what cannot be kept changes no answer: a full queue, no ddo-queue ever, a spool that is read-only" {
	with_dir 'auth_username: da' "auth_password: $PASSWORD" 'max_queue: 4'
	rm -f "$TMP"/zones.db*
	httpd_up
	printf 'a.example. SOA a. b. 1 1 1 1 1\nx A 192.0.2.256\n' >"$TMP/bad"
	zone_text a.example 1 >"$TMP/zone"
	local i want
	want=$(save a.example '' "$TMP/bad")
	[[ $want == 'error=1&text=Zone+refused'* ]]
	for i in 1 2 3 4 5; do
		[ "$(save a.example '' "$TMP/bad")" = "$want" ]
		[ "$(cat "$TMP/code")" = 200 ]
	done
	# half of the queue is for what is good
	[ "$(refused_jobs | wc -l)" = 2 ]
	grep 'warning: cannot keep the refusal of a.example: ' "$TMP/httpd.log"
	save a.example | grep -Fx error=0
	rm -rf "$SPOOL/tmp"
	queue_once
	rm -rf "$SPOOL/tmp"
	[ "$(save a.example '' "$TMP/bad")" = "$want" ]
}

# --- names of one label ------------------------------------------------------------------------

@test "names of one label: refused at each door, unless app.allow_single_label" {
	local zone
	with_dir 'auth_username: da' "auth_password: $PASSWORD"
	httpd_up
	for zone in com arpa localhost COM.; do
		zone_text "${zone%.}" 1 >"$TMP/zone"
		ask POST "$DNS?action=rawsave&domain=$zone" "$TMP/zone"
		grep -F 'error=1&text=Zone+refused' "$TMP/body"
		ask POST "$DNS?action=rawsave&domain=$zone"
		grep -F 'error=1&text=Zone+refused' "$TMP/body"
		run -65 "$ENQUEUE" put "$zone" <"$TMP/zone"
		[[ $output == *'has a single label'*'app.allow_single_label: true' ]]
		run -65 "$ENQUEUE" batch <<<"put $zone $TMP/zone"
	done
	# what a door let through that knew no better
	DADNS_APP_ALLOW_SINGLE_LABEL=true "$ENQUEUE" put localhost < <(zone_text localhost 1)
	job_file 9 'op: wanted' 'zone: com' 'source: push' </dev/null
	queue_once
	[ ! -e "$DIR" ]
	[ "$(sqlite3 -readonly "$TMP/zones.db" 'SELECT count(*) FROM zones')" = 0 ]
	# allowed: as any other; and it can always be deleted
	DADNS_APP_ALLOW_SINGLE_LABEL=true "$ENQUEUE" put localhost < <(zone_text localhost 2)
	DADNS_APP_ALLOW_SINGLE_LABEL=true queue_once
	[ "$(ls "$DIR")" = localhost ]
	"$ENQUEUE" del localhost
	queue_once
	[ -z "$(ls "$DIR")" ]
}

# --- whose zones -------------------------------------------------------------------------------

# with_logins [LINE...]: da1 and da2, each bound to its origin and to the zones of that; da for all.
with_logins()
{
	with_dir 'auth_username: da' "auth_password: $PASSWORD" 'credentials:' \
		'  - { username: da1, password: p1, origins: [da1.example], zones: owned }' \
		'  - { username: da2, password: p2, origins: [da2.example, 192.0.2.2], zones: owned }' \
		'  - { username: any, password: p3, origins: [da3.example], zones: any }' "$@"
	httpd_up
	zone_text vic.example 1 >"$TMP/one"
	zone_text vic.example 666 >"$TMP/two"
}

# as LOGIN QUERY [FILE]: the answer.
as()
{
	curl -sS -u "$1" ${3:+--data-binary "@$3"} "http://127.0.0.1:$PORT$DNS?action=$2"
}

serial() # ZONE: that is served
{
	awk '$4 == "SOA" { print $7 }' "$DIR/$1"
}

owner()
{
	"$BIN/ddo-status" --json --zone "$1" | jq -r .origin
}

@test "zones: owned: another one's zone is not taken over, deleted or announced; a person may allow it" {
	need jq
	with_logins
	as da1:p1 'rawsave&domain=vic.example&hostname=da1.example' "$TMP/one" | grep -Fx error=0
	queue_once
	as da2:p2 'rawsave&domain=vic.example&hostname=da2.example&username=eve' "$TMP/two" \
		>"$TMP/answer"
	grep -F 'error=1&text=Zone+held&details=da1.example+owns+vic.example' "$TMP/answer"
	grep 'zone=vic.example result=held.*login=da2' "$TMP/httpd.log"
	queue_once
	[ "$(serial vic.example)$(owner vic.example)" = 1da1.example ]
	[ "$(count count)$(count held)" = 11 ]
	[ "$(refusal vic.example reason)" = 'da1.example owns the zone' ]
	run -0 "$BIN/ddo-status" --zone vic.example
	[[ $output == *'REFUSED: '*'by da2.example (user eve,'* ]]
	[[ $output == *'(user eve,'*'held: ddo-enqueue allow vic.example'*'ns1: done'* ]]
	# nor deleted, nor announced
	as da2:p2 'delete&domain=vic.example&hostname=da2.example'
	queue_once
	[ "$(serial vic.example)" = 1 ]
	[ "$(refusal vic.example held)" = '' ] # the newest
	refused vic.example
	as da2:p2 'rawsave&domain=vic.example' |
		grep -F 'error=1&text=Zone+refused&details=da1.example+owns'
	queue_once
	[ "$("$BIN/ddo-status" --json --zone vic.example | jq .wanted)" = false ]
	run -65 "$ENQUEUE" allow vic.example
	[[ $output == *'vic.example: ddo holds no text of this zone' ]]
	# held again, and allowed
	as da2:p2 'rawsave&domain=vic.example' "$TMP/two"
	queue_once
	run -0 "$ENQUEUE" allow vic.example
	queue_once
	[ "$(serial vic.example)$(owner vic.example)" = 666da2.example ]
	run ! refused vic.example
	run -65 "$ENQUEUE" allow vic.example
	run -65 "$ENQUEUE" allow ../x
	# what is dropped
	as da1:p1 'rawsave&domain=vic.example' "$TMP/one" | grep -F text=Zone+held
	queue_once
	run -0 "$ENQUEUE" forget vic.example
	queue_once
	run ! refused vic.example
	run -65 "$ENQUEUE" forget vic.example
	[ "$(serial vic.example)" = 666 ]
	# its owner's next push ends it
	as da1:p1 'rawsave&domain=vic.example' "$TMP/one"
	as da2:p2 'rawsave&domain=vic.example' "$TMP/two" | grep -Fx error=0
	queue_once
	run ! refused vic.example
	[ "$(owner vic.example)" = da2.example ]
}

@test "zones: owned: new zones, its own under each of its names, deleted ones; any takes over as before" {
	need jq
	with_logins
	as da2:p2 'rawsave&domain=vic.example&hostname=192.0.2.2' "$TMP/one" | grep -Fx error=0
	queue_once
	as da2:p2 'rawsave&domain=vic.example&hostname=da2.example' "$TMP/two" | grep -Fx error=0
	queue_once
	[ "$(serial vic.example)$(owner vic.example)" = 666da2.example ]
	as da2:p2 'delete&domain=vic.example' | grep -Fx error=0
	queue_once
	as da1:p1 'rawsave&domain=vic.example' "$TMP/one" | grep -Fx error=0
	queue_once
	[ "$(serial vic.example)$(owner vic.example)" = 1da1.example ]
	as any:p3 'rawsave&domain=vic.example' "$TMP/two" | grep -Fx error=0
	queue_once
	[ "$(serial vic.example)$(owner vic.example)" = 666da3.example ]
	# another name of the same DirectAdmin
	printf '%s\n' 'reconciliation:' '  directadmin_servers:' \
		'    - { hostname: da1.example, origins: [198.51.100.1] }' >>"$DDO_CONFIG"
	"$ENQUEUE" -o 198.51.100.1 put vic.example <"$TMP/two"
	queue_once
	httpd_up
	as da1:p1 'rawsave&domain=vic.example' "$TMP/one" | grep -Fx error=0
	queue_once
	[ "$(serial vic.example)$(owner vic.example)" = 1da1.example ]
	# nobody's is not new
	"$ENQUEUE" put nobodys.example < <(zone_text nobodys.example 1)
	queue_once
	zone_text nobodys.example 2 >"$TMP/zone"
	as da2:p2 'rawsave&domain=nobodys.example' "$TMP/zone" |
		grep -F 'no+known+server+owns+nobodys.example'
	as da2:p2 'delete&domain=nobodys.example'
	queue_once
	[ "$(serial nobodys.example)" = 1 ]
	[ "$(count count)" = 1 ]
}

@test "a held text that no longer passes the limits: allow refuses it, and says so without a file in bad/" {
	need jq
	with_logins
	as da1:p1 'rawsave&domain=vic.example&hostname=da1.example' "$TMP/one" | grep -Fx error=0
	queue_once
	as da2:p2 'rawsave&domain=vic.example&hostname=da2.example' "$TMP/two" |
		grep -F text=Zone+held
	queue_once
	run -0 "$ENQUEUE" allow vic.example
	DADNS_APP_MAX_RECORDS=1 queue_once
	grep -F 'ddo-queue: error: vic.example: the held push is refused and dropped: ' \
		"$TMP/queue.log"
	not grep -F 'bad/' "$TMP/queue.log"
	[ -z "$(ls "$SPOOL/bad")" ]
	no_jobs
	[ "$(serial vic.example)$(owner vic.example)" = 1da1.example ]
	[[ $(refusal vic.example reason) == *'more than 1 records' ]]
	[ "$(refusal vic.example held)" = '' ]
}

@test "zones: owned: ddo-queue decides, whatever the door saw" {
	need jq
	with_logins
	# both before the store knows of the zone
	as da1:p1 'rawsave&domain=vic.example' "$TMP/one" | grep -Fx error=0
	as da2:p2 'rawsave&domain=vic.example' "$TMP/two" | grep -Fx error=0
	queue_once
	[ "$(serial vic.example)$(owner vic.example)" = 1da1.example ]
	[ "$(refusal vic.example held)" = true ]
	# the other way round: gone before it is decided
	as da1:p1 'delete&domain=vic.example' | grep -Fx error=0
	as da2:p2 'rawsave&domain=vic.example' "$TMP/two" | grep -F text=Zone+held
	queue_once
	[ "$(serial vic.example)$(owner vic.example)" = 666da2.example ]
	run ! refused vic.example
	# a store that cannot be read stops nobody, and lets nobody take
	mv "$TMP/zones.db" "$TMP/away"
	mv "$TMP/zones.db-wal" "$TMP/away-wal"
	head -c 8192 /dev/urandom >"$TMP/zones.db"
	as da1:p1 'rawsave&domain=vic.example' "$TMP/one" | grep -Fx error=0
	rm "$TMP/zones.db-shm"
	mv "$TMP/away-wal" "$TMP/zones.db-wal"
	mv "$TMP/away" "$TMP/zones.db"
	queue_once
	[ "$(serial vic.example)$(owner vic.example)$(refusal vic.example held)" = \
		666da2.exampletrue ]
}

@test "held texts are bounded: the oldest one goes, that it was refused stays" {
	need jq
	local i
	with_logins 'max_body_bytes: 25000000'
	for i in 1 2 3 4; do
		"$ENQUEUE" -o da1.example put "v$i.example" < <(zone_text "v$i.example" 1)
	done
	queue_once
	for i in 1 2 3 4; do
		(zone_text "v$i.example" 2 && head -c 20000000 /dev/zero | tr '\0' ';') >"$TMP/zone"
		as da2:p2 "rawsave&domain=v$i.example" "$TMP/zone" | grep -F text=Zone+held
		queue_once
	done
	[ "$(count count)$(count held)" = 43 ]
	[ "$(refusal v1.example held)$(refusal v2.example held)" = true ]
	run -65 "$ENQUEUE" allow v1.example
	run -0 "$ENQUEUE" allow v4.example
	queue_once
	[ "$(serial v4.example)$(count held)" = 22 ]
}

@test "zones: what it may be, and what it needs" {
	door_conf
	local line
	for line in 'origins: [a.example], zones: own' 'zones: owned' \
		'origins: [], zones: owned'; do
		printf '%s\n' "app: { auth_password: x, credentials: [ { username: b, password: c, $line } ] }" >"$TMP/other.yml"
		run -78 "$ENQUEUE" -c "$TMP/other.yml" --test
		echo "$output"
		[[ $output == *'must be any or owned'* ||
			$output == *'zones: owned needs origins'* ]]
	done
}

# put, held, refused, allowed, and one more that is held: as if it had all just been accepted
story()
{
	local now=${EPOCHREALTIME/[.,]/}
	rm -f "$TMP"/zones.db* "$SPOOL"/new/*
	job_file $((now + 1)) 'op: put' 'zone: vic.example' 'origin: da1.example' 'source: push' \
		<"$TMP/one"
	job_file $((now + 2)) 'op: put' 'zone: vic.example' 'origin: da2.example' 'source: push' \
		'owned: da2.example' <"$TMP/two"
	job_file $((now + 3)) 'op: refused' 'zone: other.example' 'source: push' 'reason: x' \
		</dev/null
	job_file $((now + 4)) 'op: allow' 'zone: vic.example' 'source: manual' </dev/null
	job_file $((now + 5)) 'op: put' 'zone: vic.example' 'origin: da1.example' 'source: push' \
		'owned: da1.example' <"$TMP/one"
}

as_told() # STATUS
{
	[ "$1" = 0 ] || queue_once || return 1
	[ "$("$BIN/ddo-status" --json --zone vic.example |
		jq -r '[.origin, .serial, .refusal.origin, .refusal.held] | join(" ")')" = \
		'da2.example 666 da1.example true' ] || return 1
	[ "$(refusal other.example reason)" = x ] && no_jobs && story
}

@test "ddo-queue killed before each call that writes: nothing is held, shown or allowed twice or never" {
	need jq
	door_conf
	zone_text vic.example 1 >"$TMP/one"
	zone_text vic.example 666 >"$TMP/two"
	story
	crash_at_every as_told "$BIN/ddo-queue" -1
}
