#!/usr/bin/env bats
# ddo-reconcile and DirectAdmins that fail, lie, or are not there: nothing is deleted on
# uncertainty. The keys are those under which a list that was wrongly believed would delete at once.
# tests run in subshells; output is run's; numbers need no quotes
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2086,SC2154

load lib/common
load lib/named
load lib/da
load lib/reconcile

DA1=da1.example.com
DA2=da2.example.com
RECKLESS='grace_hours: 0, confirm_runs: 1, max_delete_percent: 100, max_deletes: 1000'
FAST='requests_per_second: 0, timeout: 1, ipp: 3'

# Whatever the answer is about.
ANSWERS=(login-page login-page-bare 401 403 404 error error-only 'error-only wrong' json-error
	redirect-login redirect-evo redirect-https redirect-host redirect-path redirect-nowhere
	use-https-header use-https-page blacklisted blacklisted-403 500 503 cut cut-close \
		cut-chunked
	half-body drop reset empty garbage plain-garbage not-http endless-header
	'other-text error=0' 'other-text list[]' 'other-text {"info":{"total_pages":3}}'
	'other-json null' 'other-json {"info":{"total_pages":"3"},"0":{"domain":null}}')
SLOW_ANSWERS=(hang slow endless)
# Of a list.
LISTS=('total' 'total 1' 'total 2' 'total 0' 'total 4' 'total 99999999' rows 'rows 0' 'rows 6' short
	long wrong-page empty-list 'empty-list 0' 'empty-list 3' empty-object no-info no-domain
	number-domain entry-string array duplicate duplicate-key odd-key json-trailing)

teardown()
{
	stop_all
}

# zones SERVER SERIAL ZONE...: in its DirectAdmin and pushed by it;  ghosts: pushed only.
zones()
{
	local zone
	for zone in "${@:3}"; do
		both "$1" "$zone" "$2"
	done
}

ghosts()
{
	local zone
	for zone in "${@:3}"; do
		zone_text "$zone" "$2" | "$BIN/ddo-enqueue" -o "$1" put "$zone"
	done
}

live() # how many zones the store has
{
	sqlite3 -readonly "$TMP/zones.db" 'SELECT count(*) FROM zones WHERE deleted = 0'
}

is_live() # ZONE
{
	[ "$(sqlite3 -readonly "$TMP/zones.db" "SELECT deleted FROM zones WHERE name = '$1'")" = 0 ]
}

marks() # of the last report
{
	sqlite3 -readonly "$TMP/zones.db" "SELECT json_extract(report, '\$.orphans')
		FROM runs WHERE program = 'reconcile' ORDER BY id DESC LIMIT 1" |
		jq -r '.[] | "\(.zone) \(.runs)"'
}

all_served() # COUNT SERIAL
{
	"$BIN/ddo-push-bind" -t ns1 list >"$TMP/list" || return 1
	[ "$(grep -cP "\t$2\t[0-9a-f]{96}$" "$TMP/list")" = "$1" ] && [ "$(wc -l <"$TMP/list")" = \
		"$1" ]
}

# void WHERE FAULT: a run with it says that the server proves nothing, and says nothing else.
void()
{
	local out status=0
	rm -f "$TMP"/da-lockout.*
	da_fault $DA1 "$1 $2"
	out=$("$BIN/ddo-reconcile" 2>"$TMP/stderr") || status=$?
	tries=$((tries + 1))
	if [ $status != 69 ] || ! grep -qP "^unproven\t-\t$DA1\t[a-z]+: \S" <<<"$out" ||
		[ "$(wc -l <<<"$out")" != 1 ]; then
		printf '%s %s: exit %s\n%s\n' "$1" "$2" $status "$out" | tee -a "$TMP/wrong"
	fi
}

# unhurt N: N zones are in the store and served, nothing was found wrong, and then, without a fault,
# what all of them could have deleted is deleted.
unhurt()
{
	wait_for 20 all_done
	[ ! -s "$TMP/wrong" ]
	[ "$(live)" = "$1" ]
	all_served "$1" 1
	rm -f "$TMP"/da-lockout.*
	da_fault $DA1
	reconcile 1
	line delete gone1.example $DA1
	line delete gone2.example $DA1
	[ "$(wc -l <<<"$output")" = 2 ]
	wait_for 20 all_served $(($1 - 2)) 1
}

nine_and_two()
{
	world $DA1
	zones $DA1 1 z{1..9}.example
	ghosts $DA1 1 gone1.example gone2.example
	wait_for 20 all_done
	tries=0
}

@test "each failure form at each page of a listing of three pages" {
	RECONCILE_KEYS="$RECKLESS, $FAST" nine_and_two
	local where fault
	for where in list:1 list:2 list:3; do
		for fault in "${ANSWERS[@]}" "${LISTS[@]}"; do
			void $where "$fault"
		done
		[ $where = list:1 ] || void $where repeat
		all_served 11 1
	done
	for fault in "${ANSWERS[@]}" "${LISTS[@]}"; do
		void list "$fault"
	done
	for fault in "${ANSWERS[@]}"; do
		void any "$fault"
	done
	[ $tries -gt 200 ]
	unhurt 11
}

@test "a page that does not end, in three ways" {
	RECONCILE_KEYS="$RECKLESS, $FAST" nine_and_two
	local where fault
	for where in list:{1..3} any; do
		for fault in "${SLOW_ANSWERS[@]}"; do
			void $where "$fault"
		done
	done
	unhurt 11
}

@test "the same in the other forms that DirectAdmins have" {
	RECONCILE_KEYS="$RECKLESS, $FAST" nine_and_two
	local where fault mode
	for mode in no-rows rows-page session chunked 'numbers keys-run'; do
		da_mode $DA1 "$mode"
		for where in list:{1..3}; do
			for fault in 'error no' cut-chunked 500 'total 4' empty-list no-domain \
				array garbage long; do
				void $where "$fault"
			done
		done
		# Without a sum that all pages share, only the pages before the last tell.
		for where in list:{1,2}; do
			void $where short
		done
	done
	sed -i 's/ipp: 3/ipp: 1000/' "$TMP/app.yml"
	for mode in old-list old-list-newlines old-list-entities; do
		da_mode $DA1 "$mode"
		for fault in "${ANSWERS[@]}" close; do
			[[ $fault == half-body || $fault == other-text* ]] || void list "$fault"
		done
	done
	da_mode $DA1
	unhurt 11
}

@test "a listing that lies and agrees with itself: what DirectAdmin still gives out is kept" {
	RECONCILE_KEYS="$RECKLESS, $FAST" world $DA1
	zones $DA1 1 z{1..8}.example
	wait_for 20 all_done
	da_fault $DA1 'list half'
	reconcile 1
	line held z8.example $DA1 'gives out a text'
	no_line delete
	[ "$(wc -l <<<"$output")" = 4 ]
	da_mode $DA1 no-rows
	da_fault $DA1 'list total 1'
	reconcile 1
	line held z8.example $DA1 'gives out a text'
	no_line delete
	da_fault $DA1 'list:3 short'
	reconcile 1
	line held z8.example $DA1 'gives out a text'
	no_line delete
	da_mode $DA1 old-list
	sed -i 's/ipp: 3/ipp: 1000/' "$TMP/app.yml"
	da_fault $DA1 'list half-body'
	reconcile 1
	no_line delete
	line held z8.example $DA1 'gives out a text'
	wait_for 20 all_done
	[ "$(live)" = 8 ]
	all_served 8 1
}

@test "not there, another password, another CA, plain HTTP, a black hole" {
	RECONCILE_KEYS="$RECKLESS, $FAST" nine_and_two
	local old="$TMP/app.yml.good"
	cp "$TMP/app.yml" "$old"
	da_down $DA1
	reconcile 69
	line unproven - $DA1 'down: '
	# A port that takes connections and never answers.
	start_bg hole python3 -c "
import socket, time
s = socket.create_server(('127.0.0.1', ${DA_PORT[$DA1]}))
kept = []
while True:
    kept.append(s.accept())"
	wait_for 10 da_listens $DA1
	reconcile 69
	line unproven - $DA1 '(down|tls): '
	stop_pid "$BG_PID" || true
	da_up $DA1
	sed -i 's/password: secret-of-da1/password: wrong-of-da1/' "$TMP/app.yml"
	reconcile 69
	line unproven - $DA1 'login: '
	not grep -q 'wrong-of' <<<"$output$stderr"
	cp "$old" "$TMP/app.yml"
	da_make other.example.com
	sed -i "s|ca_file: [^,}]*|ca_file: $TMP/other.example.com/cert.pem|" "$TMP/app.yml"
	reconcile 69
	line unproven - $DA1 'tls: '
	# The right certificate, for another name.
	cp "$old" "$TMP/app.yml"
	sed -i "s/hostname: $DA1/hostname: da9.example.com/" "$TMP/app.yml"
	reconcile 69
	line unproven - da9.example.com 'tls: '
	cp "$old" "$TMP/app.yml"
	sed -i "s|ca_file: [^,}]*|ssl: false|" "$TMP/app.yml"
	reconcile 69
	line unproven - $DA1 'tls: '
	cp "$old" "$TMP/app.yml"
	unhurt 11
}

@test "locked out: no further request to that server, the other one is reconciled" {
	RECONCILE_KEYS="${RECKLESS/confirm_runs: 1/confirm_runs: 2}, $FAST" world $DA1 $DA2
	zones $DA1 1 a1.example a2.example
	zones $DA2 1 b1.example
	ghosts $DA1 1 gone1.example
	ghosts $DA2 1 gone2.example
	wait_for 20 all_done
	# Both have shown that they do not list what is to be deleted.
	reconcile 1
	line orphan gone1.example $DA1
	line orphan gone2.example $DA2
	local before
	before=$(da_requests $DA1)
	da_fault $DA1 'list blacklisted'
	reconcile 69
	line unproven - $DA1 'locked: '
	line delete gone2.example $DA2
	[ "$(da_requests $DA1)" = $((before + 1)) ]
	wait_for 10 gone gone2.example
	da_fault $DA1
	da_zone_put $DA2 b2.example 1
	reconcile 69
	line unproven - $DA1 'locked: '
	line pull b2.example $DA2
	[ "$(da_requests $DA1)" = $((before + 1)) ]
	wait_for 10 serves b2.example 1
	serves gone1.example 1
	# The operator has seen to it.
	rm "$TMP"/da-lockout.$DA1
	reconcile 1
	line delete gone1.example $DA1
	wait_for 10 gone gone1.example
}

@test "locked out in the middle of the pulls" {
	RECONCILE_KEYS="$RECKLESS, $FAST" world $DA1
	local i
	for i in {1..5}; do
		da_zone_put $DA1 a$i.example 1
	done
	da_fault $DA1 'zone:a3.example blacklisted'
	reconcile 69
	line failed a3.example $DA1 'blacklisted'
	[ "$(da_requests $DA1 domain=)" = 3 ]
	wait_for 10 serves a2.example 1
	gone a4.example
}

@test "a server that lists nothing" {
	RECONCILE_KEYS="$RECKLESS, $FAST" world $DA1 $DA2
	zones $DA1 1 a1.example a2.example
	zones $DA2 1 b1.example
	wait_for 20 all_done
	rm "$TMP/$DA1"/zones/*
	local mode
	for mode in '' old-list numbers no-rows; do
		da_mode $DA1 "$mode"
		reconcile 69
		line unproven - $DA1 'garbled: '
		[ "$(wc -l <<<"$output")" = 1 ]
	done
	# Nor is the other one's saying that it has them a move.
	da_zone_put $DA2 a1.example 1
	reconcile 69
	no_line migrate
	no_line delete
	all_served 3 1
}

@test "a server with one zone that it lists no longer proves nothing either" {
	RECONCILE_KEYS="$RECKLESS, $FAST" world $DA1
	ghosts $DA1 1 only.example
	wait_for 20 all_done
	reconcile 69
	line unproven - $DA1
	serves only.example 1
}

@test "half of a list: the brake" {
	RECONCILE_KEYS="grace_hours: 0, $FAST" world $DA1
	zones $DA1 1 z{1..9}.example
	wait_for 20 all_done
	# Without what DirectAdmin would say when asked: they are gone there, as after a lost disk.
	rm "$TMP/$DA1"/zones/z[5-9].example.db
	reconcile 1
	[ "$(grep -c '^orphan' <<<"$output")" = 5 ]
	reconcile 2
	line brake - $DA1 '5 deletes of its 9 zones'
	no_line delete
	[ "$(grep -c '^held' <<<"$output")" = 5 ]
	reconcile 2
	reconcile 2 --yes-delete 4
	no_line delete
	all_served 9 1
	[ "$(live)" = 9 ]
	reconcile 1 --yes-delete 5
	wait_for 10 all_served 4 1
}

@test "a brake at one server stops the deletes of all" {
	RECONCILE_KEYS="grace_hours: 0, confirm_runs: 1, $FAST" world $DA1 $DA2
	zones $DA1 1 a{1..4}.example
	zones $DA2 1 b{1..9}.example c{1..9}.example
	ghosts $DA1 1 gone{1..4}.example
	ghosts $DA2 1 gone9.example
	wait_for 20 all_done
	reconcile 2
	line brake - $DA1
	line held gone9.example $DA2
	no_line delete
	[ "$(live)" = 27 ]
	# On its own it would have been one delete.
	reconcile 1 --server $DA2
	line delete gone9.example $DA2
	wait_for 10 gone gone9.example
	[ "$(live)" = 26 ]
}

@test "two servers of which one fails: its zones stay, the other's are seen to" {
	RECONCILE_KEYS="$RECKLESS, $FAST" world $DA1 $DA2
	zones $DA1 1 a{1..6}.example
	zones $DA2 1 b{1..6}.example
	ghosts $DA1 1 gone1.example
	ghosts $DA2 1 gone2.example
	ghosts $DA1 1 moved.example
	da_zone_put $DA2 moved.example 1
	da_zone_put $DA2 missed.example 1
	wait_for 20 all_done
	da_fault $DA1 'list:2 500'
	reconcile 69
	line unproven - $DA1 'down: '
	line delete gone2.example $DA2
	line pull missed.example $DA2
	line watch moved.example $DA2 "its owner $DA1 gives no proof"
	[ "$(wc -l <<<"$output")" = 4 ]
	wait_for 10 gone gone2.example
	wait_for 10 serves missed.example 1
	wait_for 10 all_done
	all_served 15 1
	da_fault $DA1
	reconcile 1
	line migrate moved.example $DA2
	line delete gone1.example $DA1
	[ "$(wc -l <<<"$output")" = 2 ]
	reconcile 0
	# Its new owner may delete it, the old one not any more.
	da_zone_rm $DA2 moved.example
	"$BIN/ddo-enqueue" -o $DA1 del moved.example
	wait_for 10 taken
	is_live moved.example
	"$BIN/ddo-enqueue" -o $DA2 del moved.example
	wait_for 10 gone moved.example
}

@test "two servers that list the same zone" {
	RECONCILE_KEYS="$RECKLESS, $FAST" world $DA1 $DA2
	zones $DA1 1 both.example a.example
	zones $DA2 1 b.example
	da_zone_put $DA2 both.example 5
	wait_for 20 all_done
	reconcile 0
	line watch both.example $DA1 '2 servers list it'
	[ "$(wc -l <<<"$output")" = 1 ]
	reconcile 0 --deep
	serves both.example 1
	# Owned by neither of them.
	ghosts elsewhere.example.com 1 third.example
	da_zone_put $DA1 third.example 2
	da_zone_put $DA2 third.example 3
	wait_for 20 all_done
	reconcile 1
	line conflict third.example $DA1
	no_line migrate
	# Listed by two, not here: one of them, the same one each time.
	da_zone_put $DA1 new.example 7
	da_zone_put $DA2 new.example 8
	reconcile 1
	line pull new.example $DA1
	wait_for 10 serves new.example 7
	# When its owner lets go of it, it moves, and its text comes along.
	da_zone_rm $DA1 both.example
	reconcile 1
	line migrate both.example $DA2
	no_line delete
	wait_for 10 serves both.example 5
}

@test "a zone that leaves and comes back within the grace" {
	RECONCILE_KEYS="grace_hours: 24, confirm_runs: 2, $FAST" world $DA1
	zones $DA1 1 a.example b.example
	wait_for 20 all_done
	da_zone_rm $DA1 b.example
	reconcile 1
	line orphan b.example $DA1 'in 1 run;'
	reconcile 1
	reconcile 1
	line orphan b.example $DA1 'in 3 runs;'
	age_marks
	# It would be deleted now, but is there again.
	reconcile 1 -n
	line delete b.example $DA1
	da_zone_put $DA1 b.example 1
	reconcile 0
	wait_for 10 taken
	[ -z "$(marks)" ]
	da_zone_rm $DA1 b.example
	reconcile 1
	line orphan b.example $DA1 'in 1 run;'
	reconcile 1
	line orphan b.example $DA1 'in 2 runs;'
	serves b.example 1
	age_marks
	reconcile 1
	line delete b.example $DA1
	wait_for 10 gone b.example
}

age_marks() # as if a day had gone by
{
	wait_for 10 taken
	sqlite3 "$TMP/zones.db" ".timeout 5000" "UPDATE runs SET report = json_replace(report,
		'\$.orphans[0].first', json_extract(report, '\$.orphans[0].first') - 86401)
			WHERE program = 'reconcile'"
}

@test "runs that fail between two good ones neither count nor forget" {
	RECONCILE_KEYS="grace_hours: 0, confirm_runs: 3, $FAST" world $DA1 $DA2
	zones $DA1 1 a{1..9}.example
	zones $DA2 1 b.example
	ghosts $DA1 1 gone.example
	wait_for 20 all_done
	reconcile 1
	line orphan gone.example $DA1 'in 1 run;'
	da_fault $DA1 'list:2 drop'
	reconcile 69
	no_line orphan
	reconcile 0 --server $DA2
	reconcile 69 --zone gone.example
	no_line orphan
	da_fault $DA1
	reconcile 0 --zone a1.example
	reconcile 1 -n
	line orphan gone.example $DA1 'in 2 runs;'
	reconcile 1
	line orphan gone.example $DA1 'in 2 runs;'
	reconcile 1
	line delete gone.example $DA1 'in 3 runs'
}

@test "a push between marking and deleting starts the count anew" {
	RECONCILE_KEYS="grace_hours: 0, confirm_runs: 2, $FAST" world $DA1
	zones $DA1 1 a.example
	ghosts $DA1 1 b.example c.example
	wait_for 20 all_done
	reconcile 1
	line orphan b.example $DA1 'in 1 run;'
	# The same text again, and another one.
	ghosts $DA1 1 b.example
	ghosts $DA1 2 c.example
	wait_for 20 all_done
	reconcile 1
	line orphan b.example $DA1 'in 1 run;'
	line orphan c.example $DA1 'in 1 run;'
	no_line delete
	reconcile 2
	line held b.example $DA1
}

@test "a push while DirectAdmin is asked for the last time" {
	RECONCILE_KEYS="$RECKLESS, requests_per_second: 0, ipp: 3" world $DA1
	zones $DA1 1 a.example
	ghosts $DA1 1 b.example
	wait_for 20 all_done
	da_fault $DA1 'zone:b.example hang'
	start_bg reconcile "$BIN/ddo-reconcile"
	wait_for 20 grep -q 'domain=b.example' "$TMP/$DA1/log"
	ghosts $DA1 2 b.example
	wait_for 10 serves b.example 2
	da_fault $DA1
	stop_pid "$BG_PID" CONT || [ $? = 1 ]
	grep -P "^delete\tb.example\t$DA1\t" "$TMP/reconcile.log"
	wait_for 10 all_done
	grep -q 'b.example: changed after reconcile looked' "$TMP/queue.log"
	serves b.example 2
	is_live b.example
}

@test "the last question before a delete" {
	RECONCILE_KEYS="$RECKLESS, $FAST" world $DA1
	local fault n=0
	zones $DA1 1 z{1..3}.example
	ghosts $DA1 1 gone1.example gone2.example
	wait_for 20 all_done
	for fault in login-page login-page-bare 401 404 redirect-https redirect-host redirect-path \
		redirect-nowhere \
		use-https-header use-https-page blacklisted blacklisted-403 500 503 cut \
		cut-chunked drop reset hang \
		slow empty garbage plain-garbage not-http endless-header 'other-text error=0' \
		'other-text $TTL' 'other-json {}'; do
		rm -f "$TMP"/da-lockout.*
		: >"$TMP/$DA1/log"
		da_fault $DA1 "zone $fault"
		reconcile 1 || echo "$fault" >>"$TMP/wrong"
		line held gone1.example $DA1 || echo "$fault" >>"$TMP/wrong"
		line held gone2.example $DA1 || echo "$fault" >>"$TMP/wrong"
		no_line delete || echo "$fault" >>"$TMP/wrong"
		n=$(da_requests $DA1 domain=)
		[ "$n" -le 2 ] || echo "$fault: $n requests" >>"$TMP/wrong"
	done
	[ ! -s "$TMP/wrong" ]
	rm -f "$TMP"/da-lockout.*
	# A text, though it is no zone that could be served, and a zone of another name's records.
	da_fault $DA1 'zone:gone1.example other-text @+IN+SOA+nonsense'
	printf '$ORIGIN other.example.\n@ 1 IN SOA a. b. 1 2 3 4 5\n' >"$TMP/$DA1/zones.part"
	printf 'z%s.example\n' 1 2 3 >"$TMP/$DA1/list"
	mv "$TMP/$DA1/zones.part" "$TMP/$DA1/zones/gone2.example.db"
	reconcile 1
	line held gone1.example $DA1 'gives out'
	line held gone2.example $DA1 'gives out'
	no_line delete
	wait_for 20 all_done
	all_served 5 1
	# DirectAdmin goes away between the list and the question.
	rm "$TMP/$DA1/zones/gone2.example.db"
	da_fault $DA1 'zone drop'
	reconcile 1
	no_line delete
	# It says that there is no such zone.
	da_fault $DA1 'zone:gone1.example error+That+domain+does+not+exist'
	reconcile 1
	line delete gone1.example $DA1
	line delete gone2.example $DA1
	wait_for 10 all_served 3 1
}
