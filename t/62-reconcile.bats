# ddo-reconcile: each row of what it sees and does, narrowing, brakes, restore, what is kept and
# shown.
# shellcheck disable=SC2030,SC2031,SC2034	# each test looks at its own output only
load lib/common
load lib/named
load lib/da
load lib/reconcile

teardown()
{
	stop_all
}

DA1=da1.example.com DA2=da2.example.com

owner() # ZONE
{
	"$BIN/ddo-status" --json --zone "$1" | jq -r .origin
}

owned_by() # ZONE HOST
{
	[ "$(owner "$1")" = "$2" ]
}

live() # ZONE
{
	"$BIN/ddo-status" --json --zone "$1" | jq -e '.deleted == false and .wanted == false' \
		>/dev/null
}

later() # HOURS COMMAND...: with a clock that is ahead
{
	local hours=$1
	shift
	with_asan_last faketime -f "+${hours}h" "$@"
}

@test "in sync: nothing is said, exit 0, and the run is kept" {
	world $DA1
	both $DA1 a.example 5
	both $DA1 b.example 5
	wait_for 10 serves b.example 5
	reconcile 0
	[ "$output" = '' ]
	wait_for 10 taken
	"$BIN/ddo-status" --json | jq -e '.reconcile | .servers[0].proven and .servers[0].listed == 2 and .targets[0].compared
		and .targets[0].held == 2 and .counts.pull == 0 and .dry_run == false' >/dev/null
	"$BIN/ddo-status" | grep "  $DA1: proven, lists 2 zones, owns 2 here"
}

@test "listed and not in the store: pulled, with its owner" {
	world $DA1
	da_zone_put $DA1 missed.example 7
	reconcile 1 -n
	line pull missed.example $DA1 'not in the store'
	[ "$(ls "$TMP/spool/new")" = '' ]
	reconcile 1
	line pull missed.example $DA1 'not in the store'
	wait_for 10 serves missed.example 7
	owned_by missed.example $DA1
	"$BIN/ddo-status" --json | jq -e '.reconcile.counts.pulled == 1' >/dev/null
	reconcile 0
	# Gone between the list and the fetch: nobody failed.
	da_zone_put $DA1 brief.example 7
	da_fault $DA1 'zone:brief.example error That+domain+does+not+exist'
	reconcile 1
	line pull brief.example $DA1
	line watch brief.example $DA1 'listed, but not there when it was fetched: '
}

@test "--json: the same plan, an object a line, also of what is said while zones are fetched" {
	world $DA1
	both $DA1 a.example 5
	wait_for 10 serves a.example 5
	reconcile 0 --json
	[ "$output" = '' ]
	da_zone_put $DA1 missed.example 7
	da_zone_put $DA1 brief.example 7
	da_fault $DA1 'zone:brief.example error That+"domain"+does+not+exist'
	reconcile 1 -n
	plan=$output
	reconcile 1 -n --json
	[ "$(jq -r '[.what, .zone, .where, .why] | @tsv' <<<"$output")" = "$plan" ]
	[ "$(jq -c 'keys_unsorted' <<<"$output" | sort -u)" = '["what","zone","where","why"]' ]
	reconcile 1 --json
	jq -es 'map(select(.zone == "brief.example")) | map(.what) == ["pull", "watch"]
		and (.[1].why | startswith("listed, but not there when it was fetched: "))' <<<"$output"
	wait_for 10 serves missed.example 7
}

@test "many actions: twenty lines of a kind and a count; all of them with -n, --json, and of deletes" {
	RECONCILE_KEYS='grace_hours: 0, requests_per_second: 0, max_delete_percent: 100'
	world $DA1
	local i
	for i in {1..25}; do
		da_zone_put $DA1 "m$i.example" 5
	done
	reconcile 1 -n
	[ "$(grep -c '^pull' <<<"$output")" = 25 ]
	reconcile 1
	[ "$(grep -c '^pull' <<<"$output")" = 21 ]
	line pull - - 'and 5 more: ddo-reconcile -n lists those that stay'
	wait_for 20 serves m25.example 5
	reconcile 0
	for i in {1..25}; do
		da_zone_rm $DA1 "m$i.example"
	done
	da_zone_put $DA1 last.example 5
	reconcile 1 --json -n
	[ "$(grep -c '"orphan"' <<<"$output")" = 25 ]
	reconcile 1
	[ "$(grep -c '^orphan' <<<"$output")" = 21 ]
	line orphan - - 'and 5 more: '
	[ "$(wc -l <<<"$output")" = 22 ] # and one pull
	reconcile 1
	[ "$(grep -c '^delete' <<<"$output")" = 25 ]
	wait_for 20 gone m1.example
}

@test "a reverse zone with a slash, and a zone that only its name was told of" {
	world $DA1
	cp "$ROOT"/t/zones/0%2F25* "${DA_DIR[$DA1]}/zones/"
	httpd_up
	[ "$(da "action=rawsave&domain=named.example&hostname=$DA1" -X POST)" = error=0 ]
	wait_for 10 "$BIN/ddo-status" --zone named.example
	da_zone_put $DA1 named.example 4
	reconcile 1
	line pull named.example $DA1 'its text is still to be fetched'
	wait_for 10 serves named.example 4
	wait_for 10 serves 0/25.2.0.192.in-addr.arpa \
		"$(grep -oE '20[0-9]{8}' "$ROOT"/t/zones/0%2F25*)"
	reconcile 0
}

@test "no longer listed: marked, deleted in the second run after the grace, kept, restored" {
	RECONCILE_KEYS='grace_hours: 24, requests_per_second: 0'
	world $DA1
	both $DA1 gone.example 5
	both $DA1 stays.example 5
	wait_for 10 serves gone.example 5
	wait_for 10 serves stays.example 5
	da_zone_rm $DA1 gone.example
	reconcile 1
	line orphan gone.example $DA1 'seen in 1 run; to be deleted by run 2 or later, not before 20'
	"$BIN/ddo-status" | grep -Fx '  orphans 1'
	"$BIN/ddo-status" | grep "  orphan: gone.example $DA1: no longer listed since .* not before 20"
	reconcile 1
	line orphan gone.example $DA1 'seen in 2 runs'
	later 23 "$BIN/ddo-reconcile" -n | grep -P '^orphan\tgone.example\t'
	# -n is no run: this one would be the third.
	later 25 "$BIN/ddo-reconcile" -n >"$TMP/plan" || true
	grep -P '^delete\tgone.example\t'"$DA1"'\t.*seen in 3 runs' "$TMP/plan"
	serves gone.example 5
	later 25 "$BIN/ddo-reconcile" || [ $? = 1 ]
	wait_for 10 gone gone.example
	serves stays.example 5
	wait_for 10 taken
	"$BIN/ddo-status" | grep 'orphans 0, delete 1'
	"$BIN/ddo-status" | grep "  delete: gone.example $DA1: no longer listed since"
	"$BIN/ddo-status" --zone gone.example |
		grep 'note: .* deleted by ddo-reconcile: no DirectAdmin lists it'
	reconcile 0
	"$BIN/ddo-status" --zone gone.example | grep '  archived: 20'
	run -0 "$BIN/ddo-reconcile" --restore GONE.example.
	wait_for 10 serves gone.example 5
	# It has no owner now, so nobody's list makes it an orphan again.
	owned_by gone.example ''
	reconcile 0
	run -65 "$BIN/ddo-reconcile" --restore gone.example
	[[ $output == *'it is not deleted'* ]]
	run -65 "$BIN/ddo-reconcile" --restore never.example
	[[ $output == *'the archive does not have it'* ]]
}

@test "a delete by DirectAdmin can be taken back too; the archive forgets after archive_days" {
	RECONCILE_KEYS='archive_days: 30, requests_per_second: 0'
	world $DA1
	both $DA1 a.example 5
	wait_for 10 serves a.example 5
	da_zone_rm $DA1 a.example
	"$BIN/ddo-enqueue" -o $DA1 del a.example
	wait_for 10 gone a.example
	[ "$(sqlite3 "$TMP/zones.db" 'SELECT name || " " || serial FROM archive')" = 'a.example 5' ]
	reconcile 0
	wait_for 10 taken
	[ "$(sqlite3 "$TMP/zones.db" 'SELECT count(*) FROM archive')" = 1 ]
	sqlite3 "$TMP/zones.db" 'UPDATE archive SET removed = removed - 31 * 86400'
	# ddo-queue prunes it at its start, and once an hour.
	queue_down
	queue_up
	wait_for 10 archive_empty
}

archive_empty()
{
	[ "$(sqlite3 "$TMP/zones.db" 'SELECT count(*) FROM archive')" = 0 ]
}

@test "listed by another server: migrated, nothing deleted; without an owner: filled in" {
	world $DA1 $DA2
	both $DA1 moved.example 5
	both $DA1 stays.example 5
	put nobodys.example 5
	zone_text stranger.example 5 | "$BIN/ddo-enqueue" -o old.example.net put stranger.example
	wait_for 10 live stranger.example
	da_zone_rm $DA1 moved.example
	for zone in moved.example nobodys.example stranger.example; do
		da_zone_put $DA2 $zone 5
	done
	reconcile 1
	line migrate moved.example $DA2 "$DA1 no longer lists it"
	line claim nobodys.example $DA2 'had no owner'
	line migrate stranger.example $DA2 'its owner old.example.net is not configured'
	no_line delete
	no_line orphan
	wait_for 10 owned_by moved.example $DA2
	wait_for 10 owned_by stranger.example $DA2
	wait_for 10 owned_by nobodys.example $DA2
	serves moved.example 5
	reconcile 0
	# The old server's delete comes late.
	"$BIN/ddo-enqueue" -o $DA1 del moved.example
	wait_for 10 taken
	live moved.example
}

@test "a server's other names and addresses are it" {
	world $DA1
	sed -i "s/hostname: $DA1,/&  origins: [192.0.2.7, old.example.net],/" "$TMP/app.yml"
	for origin in 192.0.2.7 old.example.net; do
		zone_text "x-$origin" 5 | "$BIN/ddo-enqueue" -o $origin put "x-$origin"
		da_zone_put $DA1 "x-$origin" 5
	done
	stop_pid "$QUEUE"
	queue_up
	wait_for 10 serves x-192.0.2.7 5
	wait_for 10 serves x-old.example.net 5
	reconcile 0
	da_zone_rm $DA1 x-192.0.2.7
	reconcile 1
	line orphan x-192.0.2.7 $DA1
	# and may delete what it pushed under another
	"$BIN/ddo-enqueue" -o $DA1 del x-old.example.net
	wait_for 10 gone x-old.example.net
}

@test "two servers list it: its owner stays; nobody's is left to a person" {
	world $DA1 $DA2
	both $DA1 twice.example 5
	put open.example 5
	wait_for 10 serves open.example 5
	wait_for 10 serves twice.example 5
	da_zone_put $DA2 twice.example 6
	da_zone_put $DA1 open.example 5
	da_zone_put $DA2 open.example 5
	reconcile 1
	line watch twice.example $DA1 '2 servers list it; its owner stays'
	line conflict open.example $DA1 'nothing is done'
	no_line migrate
	no_line pull
	owned_by twice.example $DA1
	serves twice.example 5
	run -1 "$BIN/ddo-status"
	[[ $output == *'conflict: open.example'* ]]
}

@test "older than DirectAdmin's: by its name server, or by looking at every text (--deep)" {
	world $DA1
	sed -i "s/hostname: $DA1,/&  dns_server: \"127.0.0.1:$DNS\",/" "$TMP/app.yml"
	both $DA1 a.example 5
	both $DA1 b.example 5
	wait_for 10 serves b.example 5
	wait_for 10 serves a.example 5
	# The same serial, another record: only the text tells.
	da_zone_put $DA1 b.example 5 'new 3600 IN A 192.0.2.77'
	reconcile 0
	reconcile 1 --deep -n
	line pull b.example $DA1 "different from DirectAdmin's"
	no_line pull a.example
	reconcile 1 --deep
	wait_for 10 all_done
	dig @127.0.0.1 -p "$DNS" +norec +short new.b.example | grep -Fx 192.0.2.77
	reconcile 0 --deep
	# DirectAdmin's own is older: never taken, and said.
	put a.example 9
	wait_for 10 serves a.example 9
	reconcile 0 --deep
	line watch a.example $DA1 'has an older version, which is not taken: serial 9 here, 5 there'
	serves a.example 9
}

has_serial() # PORT ZONE SERIAL
{
	[ "$(dig @127.0.0.1 -p "$1" +norec +time=1 +tries=1 +short "$2" SOA | cut -d ' ' -f 3)" = \
		"$3" ]
}

@test "deep_hours: every text is compared when the last time is so long ago, of each DirectAdmin" {
	RECONCILE_KEYS='grace_hours: 0, requests_per_second: 0, deep_hours: 2' world $DA1 $DA2
	both $DA1 a.example 5
	both $DA2 b.example 5
	da_fault $DA2 'list:1 500'
	reconcile 69
	[ "$(da_requests $DA1 domain=a.example)" = 1 ]
	# One that could not be compared is due, the other one is not.
	da_fault $DA2
	reconcile 0
	[ "$(da_requests $DA1 domain=a.example)" = 1 ]
	[ "$(da_requests $DA2 domain=b.example)" = 1 ]
	da_zone_put $DA1 a.example 5 'changed 300 IN TXT "yes"'
	reconcile 0
	later 1 "$BIN/ddo-reconcile"
	# A run that leaves something out, or does nothing, is not the one.
	wait_for 20 taken
	later 3 "$BIN/ddo-reconcile" -n
	later 3 "$BIN/ddo-reconcile" --zone a.example
	wait_for 20 taken
	later 3 "$BIN/ddo-reconcile" --server $DA1
	wait_for 20 taken
	[ "$(da_requests $DA1 domain=a.example)" = 1 ]
	later 3 "$BIN/ddo-reconcile" >"$TMP/plan" || [ $? = 1 ]
	grep -P "^pull\ta.example\t$DA1\tdifferent from DirectAdmin's" "$TMP/plan"
	wait_for 20 all_done
	[ "$(da_requests $DA1 domain=a.example)" = 2 ]
	later 4 "$BIN/ddo-reconcile"
	[ "$(da_requests $DA1 domain=a.example)" = 2 ]
	# The clock was set back.
	reconcile 0
	[ "$(da_requests $DA1 domain=a.example)" = 3 ]
}

@test "its own name server has a newer serial" {
	world $DA1
	both $DA1 a.example 5
	both $DA1 b.example 5
	wait_for 10 all_done
	# A second named is DirectAdmin's.
	local port
	read -r port < <(free_port)
	mkdir -p "$TMP/own"
	for zone in a b; do
		zone_text $zone.example 5 >"$TMP/own/$zone"
		echo "zone \"$zone.example\" { type primary; file \"$TMP/own/$zone\"; };"
	done >"$TMP/own/zones"
	zone_text a.example 6 >"$TMP/own/a"
	printf 'options { directory "%s"; pid-file none; session-keyfile none; listen-on port %s { 127.0.0.1; };
		listen-on-v6 { none; }; recursion no; dnssec-validation no; };
		controls { };\ninclude "%s";\n' \
		"$TMP/own" "$port" "$TMP/own/zones" >"$TMP/own/named.conf"
	start_bg own named -g -n 1 -c "$TMP/own/named.conf"
	wait_for 20 dig @127.0.0.1 -p "$port" +norec +time=1 +tries=1 b.example SOA
	da_zone_put $DA1 a.example 6
	sed -i "s/hostname: $DA1,/&  dns_server: \"127.0.0.1:$port\",/" "$TMP/app.yml"
	reconcile 1
	line pull a.example $DA1 'older: serial 5 here, 6 at its own name server'
	no_line pull b.example
	wait_for 10 serves a.example 6
	reconcile 0
	# One that signs has serials of its own: the text decides.
	da_zone_put $DA1 a.example 6
	zone_text a.example 7 >"$TMP/own/a"
	kill -HUP "$BG_PID"
	wait_for 10 has_serial "$port" a.example 7
	reconcile 0
	line watch a.example $DA1 'its text is the same .*: older: serial 6 here, 7 at its own name server'
	no_line pull
	stop_pid "$BG_PID"
	reconcile 0
	line watch - $DA1 "changed zones are not seen: its name server 127.0.0.1:$port: "
	wait_for 10 taken
	"$BIN/ddo-status" | grep "  watch: - $DA1: changed zones are not seen"
}

@test "a target that lacks a zone, has another version, or a ghost" {
	world $DA1
	for zone in a b c d; do
		both $DA1 $zone.example 5
	done
	wait_for 10 all_done
	wait_for 10 serves d.example 5
	# Deleted, and the target that had confirmed it has it again.
	cp "$TMP/zones/d.example.db" "$TMP/d.db"
	da_zone_rm $DA1 d.example
	"$BIN/ddo-enqueue" -o $DA1 del d.example
	wait_for 10 gone d.example
	cp "$TMP/d.db" "$TMP/zones/d.example.db"
	rndc -s 127.0.0.1 -p "$CONTROL" -k "$TMP/rndc.key" addzone d.example \
		"{ type primary; file \"$TMP/zones/d.example.db\"; };"
	rndc -s 127.0.0.1 -p "$CONTROL" -k "$TMP/rndc.key" delzone a.example
	rm -f "$TMP/zones/a.example.db"
	sed -i 's/14400/14401/' "$TMP/zones/b.example.db"
	reconcile 1 -n
	line push a.example ns1 missing
	line push b.example ns1 'different records, with the same serial 5'
	line ghost d.example ns1 'deleted in the store'
	no_line push c.example
	reconcile 1
	wait_for 10 serves a.example 5
	wait_for 10 gone d.example
	wait_for 10 all_done
	reconcile 0
	"$BIN/ddo-push-bind" -t ns1 list |
		grep -q "^b.example	5	$("$BIN/ddo-status" --json -z b.example |
		jq -r .digest)"
}

@test "never ddo's: foreign, and left alone" {
	world $DA1
	put foreign.example 5
	wait_for 10 serves foreign.example 5
	queue_down
	sqlite3 "$TMP/zones.db" "DELETE FROM zones; DELETE FROM deliveries"
	queue_up
	reconcile 0
	line foreign foreign.example ns1 "never ddo's: left alone"
	wait_for 10 taken
	serves foreign.example 5
	"$BIN/ddo-status" --json | jq -e '.reconcile.lines.foreign[0].zone == "foreign.example"' \
		>/dev/null
	# DirectAdmin knows it: now it is ddo's.
	da_zone_put $DA1 foreign.example 6
	reconcile 1
	line pull foreign.example $DA1
	wait_for 10 serves foreign.example 6
	reconcile 0
	no_line foreign
}

@test "moved, and its new owner's push was missed: its text comes along" {
	world $DA1 $DA2
	both $DA1 stays.example 5
	both $DA1 moved.example 5
	wait_for 10 serves moved.example 5
	da_zone_rm $DA1 moved.example
	da_zone_put $DA2 moved.example 6
	reconcile 1
	line migrate moved.example $DA2
	wait_for 10 serves moved.example 6
	owned_by moved.example $DA2
	reconcile 0
}

@test "its owner does not list it and still gives it out: not moved" {
	world $DA1 $DA2
	both $DA1 stays.example 5
	both $DA1 odd.example 5
	wait_for 10 serves odd.example 5
	da_zone_put $DA2 odd.example 6
	echo stays.example >"${DA_DIR[$DA1]}/list"
	reconcile 1
	line held odd.example $DA2 "not listed, yet $DA1 gives out a text for it"
	no_line migrate
	wait_for 10 taken
	owned_by odd.example $DA1
	serves odd.example 5
	da_zone_rm $DA1 odd.example
	reconcile 1
	line migrate odd.example $DA2
	wait_for 10 serves odd.example 6
}

@test "a name that no DirectAdmin lists is forgotten like an orphan" {
	world $DA1
	both $DA1 stays.example 5
	httpd_up
	[ "$(da "action=rawsave&domain=named.example&hostname=$DA1" -X POST)" = error=0 ]
	[[ $(da "action=exists&domain=named.example") == *exists=1* ]] ||
		wait_for 10 "$BIN/ddo-status" --zone named.example
	reconcile 1
	line orphan named.example $DA1
	reconcile 1
	line delete named.example $DA1
	wait_for 10 taken
	[[ $(da "action=exists&domain=named.example") == error=0\&exists=0* ]]
	reconcile 0
}

@test "moved to a DirectAdmin whose list cannot be had: not deleted" {
	world $DA1 $DA2
	both $DA1 moved.example 5
	both $DA1 gone.example 5
	both $DA1 stays.example 5
	wait_for 10 serves stays.example 5
	da_zone_rm $DA1 moved.example
	da_zone_rm $DA1 gone.example
	da_zone_put $DA2 moved.example 5
	da_fault $DA2 'list 500'
	sed -i 's/^  grace_hours.*/&\n  max_delete_percent: 100/' "$TMP/app.yml"
	reconcile 69
	reconcile 69
	line held moved.example $DA1 "not listed, yet $DA2 gives out a text for it"
	line delete gone.example $DA1
	wait_for 10 gone gone.example
	da_fault $DA2 'any 500'
	reconcile 69
	line held moved.example $DA1 "$DA2"
	serves moved.example 5
	da_fault $DA2
	reconcile 1
	line migrate moved.example $DA2
}

@test "another server's copy is never taken for the owner's" {
	world $DA1 $DA2
	both $DA1 a.example 5
	wait_for 10 all_done
	da_zone_put $DA2 a.example 9 'old 3600 IN A 192.0.2.99'
	reconcile 0 --deep --server $DA2
	no_line pull
	da_fault $DA1 'list 500'
	reconcile 69 --deep
	line watch a.example $DA2 "its owner $DA1 gives no proof"
	no_line pull
	# Told of, and its text still to be fetched.
	httpd_up
	[ "$(da "action=rawsave&domain=a.example&hostname=$DA1" -X POST)" = error=0 ]
	wait_for 10 taken
	reconcile 69
	no_line pull
	owned_by a.example $DA1
	serves a.example 5
	da_fault $DA1
	da_zone_put $DA1 a.example 6
	reconcile 1
	line pull a.example $DA1 'its text is still to be fetched'
	wait_for 10 serves a.example 6
	owned_by a.example $DA1
}

@test "a zone that is refused stops no other; a server that fails is not asked on, and that is said" {
	world $DA1
	local zone
	for zone in a b c; do
		da_zone_put $DA1 $zone.example 5
	done
	da_fault $DA1 'zone:a.example error-only Unable+to+read+it'
	reconcile 69
	line failed a.example $DA1 'Unable to read it'
	no_line failed -
	wait_for 10 serves c.example 5
	for zone in d e f; do
		da_zone_put $DA1 $zone.example 5
	done
	da_fault $DA1 'zone 500'
	reconcile 69
	line failed a.example $DA1 'it is asked for no more zones in this run: '
	line failed - $DA1 '3 zones are not fetched in this run'
	da_fault $DA1
	reconcile 1
	wait_for 10 serves f.example 5
}

@test "a key that may not fetch zones is no proof that one is gone" {
	world $DA1
	both $DA1 gone.example 5
	both $DA1 stays.example 5
	wait_for 10 all_done
	da_zone_rm $DA1 gone.example
	da_fault $DA1 'zone 403'
	reconcile 1
	reconcile 1
	line held gone.example $DA1 'cannot be asked: .*403'
	no_line delete
	live gone.example
	da_fault $DA1 'zone:gone.example error-only No'
	reconcile 1
	line delete gone.example $DA1
	wait_for 10 gone gone.example
}

@test "run by root with a tight umask, or into a pipe that nobody reads: all the same" {
	world $DA1
	local zone
	for zone in {a..z}{a..z}; do
		da_zone_put $DA1 "$zone.example" 5
	done
	(
		umask 077
		"$BIN/ddo-reconcile" 2>"$TMP/stderr" || echo $? >"$TMP/code"
	) | true
	[ "$(cat "$TMP/code")" = 74 ]
	grep 'cannot write the plan' "$TMP/stderr"
	wait_for 20 serves zz.example 5
	[ "$(stat -c %a "$TMP"/run/reconcile.lock)" = 644 ]
}

@test "what a DirectAdmin says is kept and shown although it is cut within a character" {
	world $DA1
	da_fault $DA1 "list error-only $(printf 'x%.0s' {1..159})%C3%A9"
	reconcile 69
	wait_for 10 taken
	"$BIN/ddo-status" | grep "$DA1: not proven: .*xx? (page 1)"
}

@test "nobody takes what is in the spool: nothing is added" {
	world $DA1
	queue_down
	da_zone_put $DA1 a.example 5
	put b.example 5
	reconcile_stuck()
	{
		run -75 later 2 "$BIN/ddo-reconcile"
		echo "$output"
	}
	reconcile_stuck
	[[ $output == *'1 jobs wait in the spool'*'pull	a.example'* ]]
	[ "$(find "$TMP/spool/new" -type f -printf x)" = x ]
}

@test "parked deliveries go again" {
	RECONCILE_KEYS='requests_per_second: 0'
	world $DA1
	both $DA1 a.example 5
	wait_for 10 all_done
	sqlite3 "$TMP/zones.db" "UPDATE deliveries SET state = 'parked', next = NULL, error = 'x'"
	reconcile 1
	line push a.example ns1 'parked: all attempts had failed'
	wait_for 10 is_state a.example "done"
	reconcile 0
}

@test "the brakes: at the edge, one beyond, and the exact number that releases them" {
	RECONCILE_KEYS='grace_hours: 0, requests_per_second: 0, max_deletes: 4, max_delete_percent: 25'
	world $DA1 $DA2
	local i
	for i in {1..12}; do
		both $DA1 "z$i.example" 5
	done
	for i in {1..20}; do
		both $DA2 "y$i.example" 5
	done
	wait_for 20 serves y20.example 5
	wait_for 10 all_done
	# 3 of 12 are 25 %.
	for i in 1 2 3; do
		da_zone_rm $DA1 z$i.example
	done
	reconcile 1
	reconcile 1
	[ "$(grep -c ^delete <<<"$output")" = 3 ]
	wait_for 10 gone z3.example
	# 3 of 9 are more.
	for i in 4 5 6; do
		da_zone_rm $DA1 z$i.example
	done
	reconcile 1
	reconcile 2
	line brake - $DA1 '3 deletes of its 9 zones are more than max_delete_percent, 25: .* --yes-delete 3'
	line held z4.example $DA1
	no_line delete
	run -2 "$BIN/ddo-reconcile" --yes-delete 2
	[[ $output == *'--yes-delete 2, but 3 zones are to be deleted: no zone is deleted'* ]]
	serves z4.example 5
	"$BIN/ddo-status" | grep '^  brake: '
	reconcile 1 --yes-delete 3
	wait_for 10 gone z4.example
	wait_for 10 gone z6.example
	# 1 of 6 and 4 of 20: each within its percentage, 5 together beyond max_deletes; 4 are not.
	for i in 1 2 3 4; do
		da_zone_rm $DA2 y$i.example
	done
	da_zone_rm $DA1 z7.example
	reconcile 1
	reconcile 2
	line brake - - '5 deletes are more than max_deletes, 4'
	da_zone_put $DA1 z7.example 5
	reconcile 1
	[ "$(grep -c ^delete <<<"$output")" = 4 ]
	wait_for 10 gone y4.example
	serves z7.example 5
	reconcile 0
}

@test "one delete is no mass delete, however small the server; max_delete_percent 0 stops it" {
	world $DA1
	both $DA1 a.example 5
	both $DA1 b.example 5
	wait_for 10 all_done
	da_zone_rm $DA1 a.example
	reconcile 1
	sed -i 's/^  grace_hours.*/&\n  max_delete_percent: 0/' "$TMP/app.yml"
	reconcile 2
	sed -i '/max_delete_percent/d' "$TMP/app.yml"
	reconcile 1
	line delete a.example $DA1
	wait_for 10 gone a.example
}

@test "dry_run: true prints and keeps the report, and changes nothing" {
	RECONCILE_KEYS='grace_hours: 0, requests_per_second: 0, dry_run: true'
	world $DA1
	both $DA1 a.example 5
	both $DA1 b.example 5
	wait_for 10 all_done
	wait_for 10 serves b.example 5
	da_zone_rm $DA1 a.example
	da_zone_put $DA1 c.example 5
	rm "$TMP/zones/b.example.db"
	reconcile 1
	reconcile 1
	line delete a.example $DA1
	line pull c.example $DA1
	line push b.example ns1
	wait_for 10 taken
	live a.example
	run -1 "$BIN/ddo-status" --zone c.example
	"$BIN/ddo-status" --json | jq -e '.reconcile.dry_run' >/dev/null
	[ ! -e "$TMP/zones/b.example.db" ]
}

@test "--server, --target and --zone narrow it" {
	world $DA1 $DA2
	both $DA1 a.example 5
	both $DA2 b.example 5
	wait_for 10 all_done
	wait_for 10 serves b.example 5
	da_zone_put $DA1 a1.example 5
	da_zone_put $DA2 b1.example 5
	da_zone_rm $DA1 a.example
	da_zone_rm $DA2 b.example
	da_zone_put $DA2 b2.example 5
	rm "$TMP/zones/a.example.db"
	reconcile 1 -n --server $DA1
	line pull a1.example $DA1
	line orphan a.example $DA1
	line push a.example ns1
	no_line pull b1.example
	no_line orphan b.example
	no_line unproven
	reconcile 1 -n --zone b1.example
	[ "$output" = "pull	b1.example	$DA2	not in the store" ]
	reconcile 1
	wait_for 10 all_done
	# Marks of what is not looked at stay.
	reconcile 1 --server $DA1
	line delete a.example $DA1
	no_line delete b.example
	reconcile 1
	line delete b.example $DA2
	wait_for 10 gone b.example
	wait_for 10 all_done
	# A run that was not of everything does not stand for one that was.
	wait_for 10 taken
	"$BIN/ddo-status" --json | jq -e '.reconcile.narrowed == false and .reconcile.counts.delete == 1' >/dev/null
	reconcile 0 --target ns1
	wait_for 10 taken
	"$BIN/ddo-status" --json | jq -e '.reconcile.narrowed == false and .reconcile.counts.delete == 1' >/dev/null
	run -64 "$BIN/ddo-reconcile" --target ns9
	[[ $output == *'no target ns9'* ]]
	run -64 "$BIN/ddo-reconcile" --server nobody.example
	[[ $output == *'no DirectAdmin nobody.example'* ]]
	run -64 "$BIN/ddo-reconcile" --zone ../x
	run -64 "$BIN/ddo-reconcile" --yes-delete 0
	run -64 "$BIN/ddo-reconcile" --yes-delete many
	run -64 "$BIN/ddo-reconcile" surprise
	run -64 "$BIN/ddo-reconcile" --restore a.example --dry-run
}

@test "watches: signatures, unsigned, serials" {
	world
	# An RRSIG as such, with times around now; nobody validates it.
	local soon past far
	soon=$(date -u -d '+1 day' +%Y%m%d%H%M%S) past=$(date -u -d '-1 day' +%Y%m%d%H%M%S)
	far=$(date -u -d '+20 days' +%Y%m%d%H%M%S)
	sig() # ZONE TYPE EXPIRES
	{
		echo "$1. 3600 IN RRSIG $2 13 2 3600 $3 20200101000000 12345 $1. $(head -c 64 \
			/dev/zero | base64 -w0)"
	}
	put soon.example 5 "$(sig soon.example SOA "$far")" "$(sig soon.example NS "$soon")"
	put past.example 5 "$(sig past.example SOA "$past")"
	put far.example 5 "$(sig far.example SOA "$far")"
	put back.example 2026010105
	wait_for 10 live back.example
	reconcile 0
	line watch soon.example - 'the RRSIG of soon\.example\. NS expires '
	line watch past.example - 'the RRSIG of past\.example\. SOA expired '
	no_line watch far.example
	no_line watch back.example
	put far.example 6
	put back.example 2026010104
	wait_for 10 serves back.example 2026010104
	wait_for 10 taken
	reconcile 0
	line watch far.example - 'it was signed and is unsigned now, first seen 20'
	line watch back.example - 'its serial went backwards at 20.*: it was 2026010105 and is 2026010104'
	reconcile 0
	line watch far.example - 'it was signed and is unsigned now, first seen 20'
	put back.example 2026010106
	put far.example 7 "$(sig far.example SOA "$far")"
	wait_for 10 serves back.example 2026010106
	wait_for 10 taken
	reconcile 0
	no_line watch back.example
	no_line watch far.example
	# Deleted and made anew, there is nothing to go back from.
	put back.example 2026010101
	wait_for 10 serves back.example 2026010101
	"$BIN/ddo-enqueue" del back.example
	put back.example 2026010101
	wait_for 10 all_done
	reconcile 0
	no_line watch back.example
	# Only the newest report has the memory.
	wait_for 10 taken
	[ "$(sqlite3 "$TMP/zones.db" "SELECT count(*), count(json_extract(report, '$.memory.signed')) FROM runs")" = '5|1' ]
	"$BIN/ddo-status" | grep 'watch: past.example -: the RRSIG'
}

@test "--delegation: what the resolver finds" {
	world
	put kept.example 5
	put moved.example 5
	put undelegated.example 5
	wait_for 10 serves undelegated.example 5
	run -78 "$BIN/ddo-reconcile" --delegation
	[[ $output == *'reconciliation.resolver is missing'* ]]
	# One that cannot be asked stops nothing else.
	sed -i 's/^  enabled: true/&\n  resolver: "127.0.0.1:1"/' "$TMP/app.yml"
	rm "$TMP/zones/kept.example.db"
	reconcile 69 --delegation
	line failed - 127.0.0.1:1 'cannot ask the DNS server'
	line push kept.example ns1
	wait_for 10 all_done
	sed -i '/^  resolver:/d' "$TMP/app.yml"
	local port
	read -r port < <(free_port)
	mkdir -p "$TMP/parent"
	zone_text kept.example 1 >"$TMP/parent/kept"
	zone_text moved.example 1 | sed 's/ns\([12]\)\.moved\.example\.$/NS\1.Elsewhere.NET./' \
		>"$TMP/parent/moved"
	printf '%s\n' '@ 60 SOA a. b. 1 2 3 4 5' '@ 60 NS a.' 'a. 60 A 127.0.0.1' \
		>"$TMP/parent/root"
	printf 'options { directory "%s"; pid-file none; session-keyfile none; listen-on port %s { 127.0.0.1; };
		listen-on-v6 { none; }; recursion no; dnssec-validation no; };\ncontrols { };
		zone "kept.example" { type primary; file "kept"; };
		zone "moved.example" { type primary; file "moved"; };
		zone "." { type primary; file "root"; };\n' "$TMP/parent" "$port" >"$TMP/parent/named.conf"
	start_bg parent named -g -n 1 -c "$TMP/parent/named.conf"
	wait_for 20 dig @127.0.0.1 -p "$port" +time=1 +tries=1 moved.example NS
	sed -i "s/^  enabled: true/&\n  resolver: \"127.0.0.1:$port\"/" "$TMP/app.yml"
	reconcile 0 --delegation
	line watch moved.example - 'delegated to others: ns[12]\.elsewhere\.net ns[12]\.elsewhere\.net$'
	line watch undelegated.example - 'its parent does not delegate it \(NXDOMAIN\)'
	no_line watch kept.example
	reconcile 0
	no_line watch
}

@test "-w: after the delay, at each interval, until it is told to end" {
	RECONCILE_KEYS='requests_per_second: 0, interval_minutes: 1'
	world $DA1
	da_zone_put $DA1 a.example 5
	start_bg waiting "$BIN/ddo-reconcile" -w
	wait_for 10 serves a.example 5
	wait_for 10 taken
	[ "$(sqlite3 "$TMP/zones.db" 'SELECT count(*) FROM runs')" = 1 ]
	da_zone_put $DA1 b.example 5
	wait_for 90 serves b.example 5
	stop_pid "$BG_PID"
	sed -i 's/^  interval_minutes: 1/&\n  initial_delay_minutes: 1/' "$TMP/app.yml"
	da_zone_put $DA1 c.example 5
	start_bg delayed "$BIN/ddo-reconcile" -w
	wait_for 10 grep -Fx 'ddo-reconcile: next run in 1 minutes' "$TMP/delayed.log"
	stop_pid "$BG_PID"
	run -1 "$BIN/ddo-status" --zone c.example
	sed -i 's/^  enabled: true/  enabled: false/' "$TMP/app.yml"
	run -78 "$BIN/ddo-reconcile" -w
	[[ $output == *'reconciliation.enabled is not true'* ]]
}

@test "wrong configurations and usage, help and version" {
	world $DA1
	run -0 "$BIN/ddo-reconcile" --help
	[[ $output == usage:* ]]
	run -0 "$BIN/ddo-reconcile" --version
	[ "$output" = "ddo-reconcile $(cat "$ROOT/VERSION")" ]
	run -0 "$BIN/ddo-reconcile" -w --test
	[[ $output == *'good, 1 DirectAdmin servers, 1 targets' ]]
	cp "$TMP/app.yml" "$TMP/good.yml"
	sed -i 's|ca_file: [^, }]*|ca_file: /nonexistent/ca.pem|' "$TMP/app.yml"
	run -78 "$BIN/ddo-reconcile" --test
	[[ $output == *"$TMP/app.yml: "*'cannot read ca_file /nonexistent/ca.pem'* ]]
	sed 's/^  enabled: true/  resolver: dns.example/' "$TMP/good.yml" >"$TMP/app.yml"
	run -78 "$BIN/ddo-reconcile" --test
	[[ $output == *"app.yml:"[0-9]*': reconciliation.resolver: must be ADDRESS or ADDRESS:PORT' ]]
	sed 's/, ca_file:/, origins: x.example.com, ca_file:/' "$TMP/good.yml" >"$TMP/app.yml"
	run -78 "$BIN/ddo-reconcile" --test
	[[ $output == *'directadmin_servers[0].origins: must be a list' ]]
	cp "$TMP/good.yml" "$TMP/app.yml"
	sed -i 's/username: admin, password: secret-of-[^,]*,//' "$TMP/app.yml"
	run -78 "$BIN/ddo-reconcile" --test
	run -78 "$BIN/ddo-reconcile"
	echo "$output"
	[[ $output == *"username is missing"* || $output == *"password"* ]]
	run -78 "$BIN/ddo-reconcile" -c /nonexistent.yml
	stop_pid "$QUEUE"
	rm "$TMP"/zones.db*
	sed -i '/directadmin_servers/,$d' "$TMP/app.yml"
	run -75 "$BIN/ddo-reconcile"
	[[ $output == *'has ddo-queue ever run?'* ]]
}

@test "ddo-status: enabled and never run is said, and degraded when three intervals have gone" {
	world $DA1
	run -0 "$BIN/ddo-status"
	[[ $output == *'reconcile: has never run' ]]
	both $DA1 a.example 5
	wait_for 10 all_done
	"$BIN/ddo-status"
	run -1 later 4 "$BIN/ddo-status"
	[[ $output == *'reconcile: has never run, OVERDUE' ]]
	reconcile 0
	wait_for 10 taken
	run -0 "$BIN/ddo-status"
	[[ $output != *'never run'* ]]
}

@test "ddo-status: jobs that nobody takes are degraded, though ddo-queue is there" {
	world $DA1
	kill -STOP "$QUEUE"
	"$BIN/ddo-enqueue" del never.example
	run -0 "$BIN/ddo-status"
	run -1 later 1 "$BIN/ddo-status"
	kill -CONT "$QUEUE"
	[[ $output == *'degraded: ddo-queue is running'*'spool: 1 waiting'* ]]
}

@test "the directories of the spool hand their group on: ddo-queue reads what root enqueues" {
	world $DA1
	for dir in tmp new bad; do
		[ -g "$TMP/spool/$dir" ]
	done
}

@test "a zone put by hand after DirectAdmin deleted it has no owner: no orphan, and DirectAdmin may have it back" {
	world $DA1
	both $DA1 my.example 1
	both $DA1 other.example 1
	wait_for 10 calm
	da_zone_rm $DA1 my.example
	"$BIN/ddo-enqueue" -o $DA1 del my.example
	wait_for 10 taken
	zone_text my.example 2 | "$BIN/ddo-enqueue" put my.example
	wait_for 10 serves my.example 2
	owned_by my.example ''
	reconcile 0 # confirm_runs
	reconcile 0
	reconcile 0
	serves my.example 2
	# over a live zone a shell leaves the owner alone
	zone_text other.example 2 | "$BIN/ddo-enqueue" put other.example
	wait_for 10 serves other.example 2
	owned_by other.example $DA1
	both $DA1 my.example 3
	wait_for 10 serves my.example 3
	owned_by my.example $DA1
}

@test "a zone that one DirectAdmin deleted and another one announces is the other one's" {
	world $DA1 $DA2
	httpd_up
	both $DA1 my.example 1
	both $DA1 other.example 1
	both $DA2 third.example 1
	wait_for 10 calm
	da_zone_rm $DA1 my.example
	"$BIN/ddo-enqueue" -o $DA1 del my.example
	wait_for 10 taken
	da "action=rawsave&domain=my.example&hostname=$DA2" | grep -F error=0
	wait_for 10 owned_by my.example $DA2
	# it may take that back
	da "action=delete&domain=my.example&hostname=$DA2" | grep -F error=0
	wait_for 10 gone_from_store my.example
}

gone_from_store()
{
	"$BIN/ddo-status" --json --zone "$1" | jq -e '.deleted and (.wanted | not)'
}

@test "a push that was refused has a line of its own, until one is accepted; what is fetched and refused, too" {
	world $DA1
	httpd_up
	both $DA1 a.example 1
	both $DA1 b.example 1
	wait_for 10 calm
	reconcile 0
	zone_text a.example 2 'x A 192.0.2.256' >"$TMP/bad"
	da "action=rawsave&domain=a.example&hostname=$DA1" --data-binary "@$TMP/bad" |
		grep -F error=1
	reconcile 1
	line refused a.example $DA1 'its newest push, 20.*: line '
	no_line refused b.example
	reconcile 1 -n --zone a.example
	line refused a.example $DA1
	reconcile 0 -n --zone b.example
	wait_for 10 calm
	"$BIN/ddo-status" --json | jq -e '.reconcile.lines.refused[0].zone == "a.example" and .refusals.newest[0].zone == "a.example"'
	both $DA1 a.example 3
	wait_for 10 serves a.example 3
	reconcile 0
	# one that no push brought: each run says it, and so does ddo-status
	cp "$TMP/bad" "$TMP/$DA1/zones/new.example.db"
	reconcile 69 -n --deep
	wait_for 10 calm
	run -1 "$BIN/ddo-status" --zone new.example
	reconcile 69
	line failed new.example $DA1 "DirectAdmin's text is refused: line"
	wait_for 10 refused_says new.example 'line '
	reconcile 69
	line refused new.example $DA1 'line '
	da_zone_put $DA1 new.example 1
	reconcile 1
	wait_for 10 serves new.example 1
	reconcile 0
	# what DirectAdmin has no more, or has as it is here, is no difference
	cp "$TMP/bad" "$TMP/$DA1/zones/brief.example.db"
	reconcile 69
	da_zone_rm $DA1 brief.example
	zone_text b.example 2 'x A 192.0.2.256' >"$TMP/bad"
	da "action=rawsave&domain=b.example&hostname=$DA1" --data-binary "@$TMP/bad" |
		grep -F error=1
	wait_for 10 refused_says b.example 'line '
	wait_for 10 later_than "$("$BIN/ddo-status" --json --zone b.example | jq -r .refusal.at)"
	reconcile 1 -n
	line refused b.example $DA1
	no_line refused brief.example
	reconcile 1
	wait_for 10 calm
	run -1 "$BIN/ddo-status" --zone brief.example
	refused_says b.example 'line '
	reconcile 1 --deep
	reconcile 0
}

later_than() # TIME: a second of its own
{
	[[ $(date -u +%FT%TZ) > $1 ]]
}

refused_says() # ZONE TEXT
{
	"$BIN/ddo-status" --json --zone "$1" |
		jq -e --arg text "$2" '.refusal.reason | contains($text)'
}

@test "a zone of one label in DirectAdmin's list is refused and said, not fetched" {
	world $DA1
	both $DA1 a.example 1
	wait_for 10 calm
	da_zone_put $DA1 localhost 1
	reconcile 1
	line refused localhost $DA1 'has a single label; such zones need app.allow_single_label: true'
	no_line pull
	[ "$(da_requests $DA1 'domain=localhost')" = 0 ]
	export DADNS_APP_ALLOW_SINGLE_LABEL=true
	queue_down
	queue_up
	reconcile 1
	line pull localhost $DA1
	wait_for 10 serves localhost 1
}

@test "what a login with zones: owned may not take, its DirectAdmin's list does not give it" {
	world $DA1 $DA2
	sed -i "s/^app: { /&credentials: [{ username: two, password: x, origins: [$DA2], zones: owned }], /" "$TMP/app.yml"
	# nobody to be asked
	zone_text vic.example 1 | "$BIN/ddo-enqueue" -o elsewhere.example.com put vic.example
	zone_text nobodys.example 1 | "$BIN/ddo-enqueue" put nobodys.example
	both $DA1 moved.example 1
	both $DA1 a.example 1
	wait_for 10 calm
	da_zone_put $DA2 vic.example 666
	da_zone_put $DA2 nobodys.example 666
	da_zone_put $DA2 moved.example 2
	da_zone_rm $DA1 moved.example
	reconcile 1
	line held vic.example $DA2 'elsewhere.example.com owns it, and the login of'
	line held nobodys.example $DA2 'no server owns it'
	line migrate moved.example $DA2
	wait_for 10 owned_by moved.example $DA2
	wait_for 10 serves moved.example 2
	owned_by vic.example elsewhere.example.com
	owned_by nobodys.example ''
	serves vic.example 1
}
