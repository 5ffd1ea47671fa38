#!/usr/bin/env bats
# Every kind of target passes these tests against a real server.  t/5?-target-KIND.bats are links to
# this file, and their names choose the kind.
# shellcheck disable=SC2030,SC2031	# each test looks at its own output only

load lib/common
load lib/named
load lib/kinds
load lib/answers

THIS=${BATS_TEST_FILENAME##*-target-}
THIS=${THIS%.bats}

teardown()
{
	stop_all
}

world() # [FOREIGN-ZONE...]
{
	local zone
	server_make "$THIS" ns1
	DNS=${DNS_OF[ns1]}
	targets_conf ns1
	for zone; do
		server_foreign ns1 "$zone"
	done
	server_up ns1
}

push()
{
	"$BIN/${TOOL[ns1]}" -t ns1 "$@"
}

pput() # ZONE SERIAL [RECORD...]
{
	zone_text "$@" | push put "$1"
}

restart() # [SIGNAL]
{
	server_down ns1 "$@"
	server_up ns1
}

files() # REGEX: checks that the directory of zone files, if there is one, has only such names
{
	[ ! -d "${FILES[ns1]}" ] || not strangers "${FILES[ns1]}" "$1"
}

address() # NAME ADDRESS: checks that the server answers it
{
	[ "$(dig @127.0.0.1 -p "$DNS" +norec +short "$1" A)" = "$2" ]
}

@test "$THIS: put, list, del, probe; a restart of the server changes nothing" {
	world
	local zone=hand.example
	run -0 push probe
	[[ $output == *"DNS at 127.0.0.1:$DNS"* ]]
	pput $zone 2026010101
	serves $zone 2026010101
	pput $zone 2026010102 "more 300 IN A 198.51.100.1"
	serves $zone 2026010102
	address more.$zone 198.51.100.1
	pput alpha.example 7
	run -0 push list
	[ "${#lines[@]}" = 2 ]
	[[ ${lines[0]} =~ ^alpha.example[[:blank:]]7[[:blank:]][0-9a-f]{96}$ ]]
	[[ ${lines[1]} =~ ^hand.example[[:blank:]]2026010102[[:blank:]][0-9a-f]{96}$ ]]
	push del $zone
	gone $zone
	# A delete that finds nothing else removes what a killed put left.
	[ ! -d "${FILES[ns1]}" ] || touch "${FILES[ns1]}/$zone.db.new"
	push del $zone
	files '^alpha\.example\.db$'
	run -0 push list
	[ "${#lines[@]}" = 1 ]
	restart
	serves alpha.example 7
	gone $zone
	restart KILL
	serves alpha.example 7
	gone $zone
}

@test "$THIS: every record arrives as it was pushed, and the list has the same digest" {
	world
	local file zone n=0
	for file in "$ROOT"/t/zones/*.db; do
		zone=$(basename "$file" .db)
		zone=${zone//%2F//}
		push put "$zone" <"$file"
		arrived "$zone" "$file"
		"$BUILD/unit/zone_dump" "$zone" <"$file" | head -n 1 | tr ' ' '\t' >"$TMP/pushed"
		push list | grep -qxF "$zone	$(cut -f1,2 "$TMP/pushed")"
		n=$((n + 1))
	done
	[ $n = 4 ]
}

# Queries every RRset that the zone answers for, and checks that it is as it was pushed.
arrived() # ZONE FILE
{
	questions "$1" <"$2" >"$TMP/asked"
	"$BUILD/unit/zone_dump" "$1" <"$2" |
		awk 'NR == FNR { want[$0] = 1; next } want[$1 " " $4]' "$TMP/asked" - >"$TMP/want"
	answers "$DNS" <"$TMP/asked" | sed -n 's/^[^ ]* [^ ]* | ANSWER //p' >"$TMP/text"
	"$BUILD/unit/zone_dump" "$1" <"$TMP/text" | sed 1d >"$TMP/have"
	[ -s "$TMP/want" ]
	diff "$TMP/want" "$TMP/have"
}

@test "$THIS: other records under the same serial are served when put says so" {
	world
	local i
	for i in 1 2 3 4; do
		pput twin.example 5 "x 300 IN A 198.51.100.$i"
		address x.twin.example 198.51.100.$i
	done
	pput twin.example 5 "x 301 IN A 198.51.100.4"
	[[ $(dig @127.0.0.1 -p "$DNS" +norec +noall +answer x.twin.example A) =~ \
		[[:blank:]]301[[:blank:]] ]]
}

@test "$THIS: an unchanged zone stays as it is; a lower serial is served too" {
	world
	pput same.example 2026010109
	pput same.example 2026010109
	serves same.example 2026010109
	pput same.example 2026010101
	serves same.example 2026010101
	pput same.example 4294967295
	serves same.example 4294967295
	pput same.example 0
	serves same.example 0
}

@test "$THIS: a zone that the server refuses: the old one stays, a new one leaves nothing" {
	world
	pput old.example 1
	run -65 pput old.example 2 "${BAD[ns1]}"
	[[ $output == *${BAD_WORDS[ns1]}* ]]
	serves old.example 1
	address www.old.example 192.0.2.1
	run -65 pput new.example 1 "${BAD[ns1]}"
	[[ $output == *${BAD_WORDS[ns1]}* ]]
	gone new.example
	files '^old\.example\.db$'
	restart
	serves old.example 1
	gone new.example
	pput old.example 3
	serves old.example 3
	pput new.example 3
	serves new.example 3
}

@test "$THIS: of a batch only the refused zone fails" {
	world
	local i text
	pput n6.example 1
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		text=$(zone_text n$i.example 2; [ $i != 5 ] && [ $i != 6 ] || echo "${BAD[ns1]}")
		printf 'put %d n%d.example %d\n%s\n' $i $i ${#text} "$text"
	done >"$TMP/batch"
	echo commit >>"$TMP/batch"
	push batch <"$TMP/batch" >"$TMP/answers"
	[ "$(grep -c '^ok ' "$TMP/answers")" = 10 ]
	grep -q "^fail 5 .*${BAD_WORDS[ns1]}" "$TMP/answers"
	grep -q "^fail 6 .*${BAD_WORDS[ns1]}" "$TMP/answers"
	serves n12.example 2
	serves n6.example 1
	gone n5.example
}

@test "$THIS: a zone that the server has from elsewhere is never touched" {
	world theirs.example
	serves theirs.example 42
	run -65 pput theirs.example 9
	[[ $output == *elsewhere* ]]
	serves theirs.example 42
	run -65 push del theirs.example
	serves theirs.example 42
	# The other zones are not affected.
	local a b
	a=$(zone_text theirs.example 9) b=$(zone_text ours.example 9)
	printf 'put 1 theirs.example %d\n%s\nput 2 ours.example %d\n%s\ncommit\n' ${#a} "$a" ${#b} \
		"$b" | push batch >"$TMP/answers"
	grep -q '^fail 1 ' "$TMP/answers"
	grep -qx 'ok 2' "$TMP/answers"
	serves ours.example 9
	serves theirs.example 42
	files '^ours\.example\.db$'
	push list >"$TMP/list"
	[[ $(sed -n 1p "$TMP/list") =~ ^ours\.example[[:blank:]]9[[:blank:]][0-9a-f]{96}$ ]]
	# named has no command that lists its zones.
	[[ $THIS == bind* ]] || [ "$(sed 1d "$TMP/list")" = \
		"theirs.example	-	-	foreign" ]
	[[ $THIS != bind* ]] || [ "$(wc -l <"$TMP/list")" = 1 ]
	push list --json >"$TMP/json"
	jq -r '.[] | [.zone, .serial // "-", .digest // "-", if .foreign then "foreign" else empty end] | @tsv' \
		"$TMP/json" | diff "$TMP/list" -
	# Not even when a killed push program left a file.
	[ ! -d "${FILES[ns1]}" ] || zone_text theirs.example 9 >"${FILES[ns1]}/theirs.example.db"
	run -65 push del theirs.example
	serves theirs.example 42
	restart
	serves theirs.example 42
}

@test "$THIS: down when nobody answers, up again, and nothing is lost" {
	world
	pput a.example 1
	pput b.example 1
	local port held=1
	read -r port < <(free_port)
	sed "s|server: \"127.0.0.1:$DNS\"|server: \"127.0.0.1:$port\"|" "$DDO_CONFIG" \
		>"$TMP/astray.yml"
	run -69 "$BIN/${TOOL[ns1]}" -c "$TMP/astray.yml" -t ns1 probe
	[[ $output == *"127.0.0.1:$port"* ]]
	server_down ns1
	run -69 push probe
	run -69 pput a.example 2
	run -69 push del b.example
	run -69 push list
	server_up ns1
	push probe
	# Files are corrected all the same (t/38-dead-servers.bats).
	[ ! -d "${FILES[ns1]}" ] || held=2
	serves a.example $held
	[ $held = 1 ] || not serves b.example 1
	push del b.example
	gone b.example
	pput a.example 2
	serves a.example 2
	# A server that hangs counts as down, within its timeout.
	kill -STOP "${SERVER_PID[ns1]}"
	run -69 timeout 60 "$BIN/${TOOL[ns1]}" -t ns1 put a.example < <(zone_text a.example 3)
	kill -CONT "${SERVER_PID[ns1]}"
	wait_for 20 server_answers ns1
	pput a.example 4
	serves a.example 4
}

@test "$THIS: wrong input changes nothing" {
	world
	local name
	run -64 "$BIN/${TOOL[ns1]}"
	run -64 push
	run -64 push frobnicate
	run -64 push put
	run -78 "$BIN/${TOOL[ns1]}" -t nobody list
	for name in ../etc 'a"b.example' 'a;b.example' $'a\nb.example' 'a b.example' '*.example' \
		. .. '' 'x}.example' "$(printf 'a%.0s' {1..70}).example" "a'b.example" \
		'a\b.example'; do
		run -65 push del "$name"
		run -65 push put "$name" <"$ROOT/t/zones/typical.example.db"
	done
	run -65 push put other.example <<<'no zone at all'
	run -65 push put typical.example < <(head -c 700 "$ROOT/t/zones/typical.example.db")
	run -64 push batch < <(printf 'put 1 a.example 5\nab')
	run -0 push batch < <(printf 'del 1 ../x\ncommit\n')
	[ "$output" = "fail 1 not a zone name in normal form: ../x" ]
	# A change that no commit follows is not applied.
	run -0 push batch <<<'del 1 a.example'
	[ "$output" = "" ]
	run -0 push list
	[ "$output" = "" ]
	files '^$'
}

@test "$THIS: hostile contents arrive as they are" {
	world
	local text names=('a\034\059\064\036\037s' '\000\009\010\255' 'o\039r') name
	# PowerDNS's API refuses such names (see BAD).
	[ "$THIS" != pdns ] || names=(_a-b.c)
	# shellcheck disable=SC1003,SC2016	# meant as it is
	text='v=1\"; DROP TABLE records; -- ${jndi} `id` $(id) %s%n }; zone \"x\" {\\ \009\010\127\200'
	local records=("t 300 IN TXT \"$text\" \"\" \"'\"")
	for name in "${names[@]}"; do
		records+=("$name 300 IN TXT seven")
	done
	pput hostile.example 1 "${records[@]}"
	zone_text hostile.example 1 "${records[@]}" |
		"$BUILD/unit/zone_dump" hostile.example | head -n 1 | tr ' ' '\t' |
		cut -f1,2 >"$TMP/want"
	push list | cut -f2,3 | diff "$TMP/want" -
	for name in "${names[@]}"; do
		[ "$(dig @127.0.0.1 -p "$DNS" +norec +short "$name.hostile.example" TXT)" = \
			'"seven"' ]
	done
	[ "$(dig @127.0.0.1 -p "$DNS" +norec +short t.hostile.example TXT | wc -l)" = 1 ]
}

@test "$THIS: of two changes for one zone in a batch the later counts" {
	world
	local a b
	a=$(zone_text d.example 1) b=$(zone_text d.example 2)
	printf 'put 1 d.example %d\n%s\ndel 2 d.example\nput 3 d.example %d\n%s\ncommit\n' \
		${#a} "$a" ${#b} "$b" | push batch | sort >"$TMP/answers"
	printf 'ok 1\nok 2\nok 3\n' | diff - "$TMP/answers"
	serves d.example 2
}

bare() # SERIAL: a zone with no name below its own
{
	printf '@ 300 IN SOA ns.test. host.test. %s 1 1 1 1\n@ 300 IN NS ns.test.\n' "$1"
}

@test "$THIS: names that test the limits: 253 octets, RFC 2317, IDN, names that look like words" {
	world
	local label long name n=7
	label=$(printf 'a%.0s' {1..59})
	long=a$label.$label.$label.$label.example.test # 253 octets
	if [ "$THIS" = nsd ]; then
		# NSD's pattern makes the file's name, which has at most 255 octets.
		run -65 push put -- "$long" < <(bare 11)
		[[ $output == *"too long"* ]]
		gone "$long"
		long=${long#a"$label".}
	fi
	for name in "$long" "${long/a/b}" 0/25.2.0.192.in-addr.arpa xn--caf-dma.example in.in \
		-clean.example _dmarc.example; do
		bare 11 | push put -- "$name"
		serves "$name" 11
		bare 12 | push put -- "$name"
		serves "$name" 12
	done
	run -0 push list
	[ "${#lines[@]}" = $n ]
	not grep -v '	12	[0-9a-f]\{96\}$' <<<"$output"
	for name in "$long" 0/25.2.0.192.in-addr.arpa in.in -clean.example; do
		push del -- "$name"
		gone "$name"
	done
	run -0 push list
	[ "${#lines[@]}" = 3 ]
	files '\.db$'
}

@test "$THIS: drift: what was changed on the server behind ddo's back is seen and put right" {
	world
	pput drift.example 1 "x 300 IN A 198.51.100.1"
	push list >"$TMP/right"
	"drift_${THIS%-include}" drift.example
	push list >"$TMP/wrong"
	not cmp -s "$TMP/right" "$TMP/wrong"
	pput drift.example 1 "x 300 IN A 198.51.100.1"
	push list | diff "$TMP/right" -
	address x.drift.example 198.51.100.1
}

@test "$THIS: a thousand zones in one batch, changed, and deleted" {
	world
	local op
	for op in 'put 1' 'put 2' del; do
		batch_of 1000 "${op% *}" "${op#* }" >"$TMP/batch"
		push batch <"$TMP/batch" >"$TMP/answers"
		[ "$(grep -c '^ok ' "$TMP/answers")" = 1000 ]
		push list >"$TMP/list"
		[ "$op" = del ] || [ "$(awk -v s="${op#* }" '$2 == s' "$TMP/list" | wc -l)" = 1000 ]
		[ "$op" != del ] || [ ! -s "$TMP/list" ]
	done
	files '^$'
}

batch_of() # COUNT put|del SERIAL
{
	local i text
	text=$(bare "$3")$'\nwww 300 IN A 192.0.2.1'
	for ((i = 1; i <= $1; i++)); do
		[ "$2" = del ] && echo "del $i z$i.example" && continue
		printf 'put %d z%d.example %d\n%s\n' $i $i ${#text} "$text"
	done
	echo commit
}

@test "$THIS: SIGKILL at any call that changes something, then once more: whole, newest, nothing left" {
	world
	local n=0 status text a
	pput keep.example 1
	pput doomed.example 1
	while :; do
		n=$((n + 1))
		[ $n -lt 200 ]
		text=$(zone_text keep.example $((n + 1))) a=$(zone_text new$n.example 1)
		printf 'put 1 keep.example %d\n%s\ndel 2 doomed.example\nput 3 new%d.example %d\n%s\ncommit\n' \
			${#text} "$text" $n ${#a} "$a" >"$TMP/batch"
		status=0
		DDO_CRASH_AT=$n with_shim crash "$BIN/${TOOL[ns1]}" -t ns1 batch <"$TMP/batch" \
			>"$TMP/answers" || status=$?
		[ $status = 0 ] || [ $status = 137 ]
		serves keep.example $n || serves keep.example $((n + 1))
		! grep -qx 'ok 1' "$TMP/answers" || serves keep.example $((n + 1))
		push batch <"$TMP/batch" >"$TMP/answers"
		printf 'ok 1\nok 2\nok 3\n' | diff - <(sort "$TMP/answers")
		serves keep.example $((n + 1))
		gone doomed.example
		serves new$n.example 1
		files '^(keep|new[0-9]+)\.example\.db$'
		[ $status = 137 ] || break
		pput doomed.example $((n + 1))
	done
	[ $n -gt 5 ]
}

@test "$THIS: through ddo: the server killed and started again under load, and all arrives" {
	world
	queue_up
	wait_for 10 test -e "$TMP/spool/order"
	local i
	for ((i = 1; i <= 60; i++)); do
		put "k$((i % 20)).example" "$i"
		[ $((i % 15)) != 7 ] || server_down ns1 KILL
		[ $((i % 15)) != 14 ] || server_up ns1
		[ $((i % 6)) != 5 ] || "$BIN/ddo-enqueue" del "k$((i % 20)).example"
	done
	"$BIN/ddo-queue" --retry
	wait_for 40 all_done
	for ((i = 41; i <= 60; i++)); do
		if [ $((i % 6)) = 5 ]; then
			gone "k$((i % 20)).example"
		else
			serves "k$((i % 20)).example" "$i"
		fi
	done
}

@test "$THIS: a thousand updates under continuous queries: every answer is one version" {
	world
	watch_updates "$DNS" "$BIN/${TOOL[ns1]}" -t ns1
	echo "# $THIS: $SEEN" >&3
	local queries failed mixed backwards versions last longest_ms
	eval "$SEEN"
	[ "$queries" -gt 1000 ] && [ "$versions" -gt 100 ] && [ "$last" = 1001 ]
	[ "$mixed" = 0 ] && [ "$longest_ms" -lt 2000 ]
	# NSD changes processes, and PowerDNS forgets name by name: an answer of the version before
	# may still come.  Knot and BIND change versions at one moment.
	[[ $THIS == nsd* || $THIS == pdns ]] || [ "$failed $backwards" = "0 0" ]
}
