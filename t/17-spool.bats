# The spool and the shell's door: ddo-enqueue put, del, batch (lib/spool*, lib/job.c).
# shellcheck disable=SC2030,SC2031	# each test has a SPOOL of its own
load lib/common
load lib/door

ENQUEUE=$BIN/ddo-enqueue

setup()
{
	door_conf
	zone_text a.example 1 >"$TMP/zone"
}

teardown()
{
	stop_all
}

# --- what a job is -----------------------------------------------------------------------------

@test "put leaves one job with the text as it came" {
	run -0 "$ENQUEUE" put A.Example. <"$TMP/zone"
	[ -z "$output" ]
	only_job put a.example "$TMP/zone"
	[ "$(sed -n '/^$/q; s/:.*//p' "$SPOOL/new/"*)" = $'ddo-job\nop\nzone\nsource\naccepted' ]
	[ "$(job_head "$(jobs)" source)" = manual ]
	[ -z "$(ls "$SPOOL/tmp")" ]
}

@test "whatever the umask: the group of the spool may read a job" {
	(
		umask 077
		"$ENQUEUE" put a.example <"$TMP/zone"
		"$BIN/ddo-queue" --retry
	)
	[ "$(stat -c %a "$SPOOL/new/"* | sort -u)" = 640 ]
}

@test "put with an origin and a user" {
	run -0 "$ENQUEUE" -o DA1.Example.com -u bob put a.example <"$TMP/zone"
	only_job put a.example "$TMP/zone"
	[ "$(job_head "$(jobs)" origin)" = da1.example.com ]
	[ "$(job_head "$(jobs)" user)" = bob ]
}

@test "del of several zones: a job each, in the order given" {
	run -0 "$ENQUEUE" del b.example A.example 0/25.2.0.192.in-addr.arpa
	[ "$(job_count)" = 3 ]
	for job in $(jobs); do
		check_job "$job" del "$(job_head "$job" zone)"
	done
	[ "$(for job in $(jobs); do job_head "$job" zone; done)" = \
		$'b.example\na.example\n0/25.2.0.192.in-addr.arpa' ]
}

@test "the queue takes each of these jobs" {
	"$ENQUEUE" -o da1.example.com -u bob put a.example <"$TMP/zone"
	"$ENQUEUE" put 0/25.2.0.192.in-addr.arpa <"$ROOT/t/zones/0%2F25.2.0.192.in-addr.arpa.db"
	"$ENQUEUE" del c.example
	queue_once
	no_jobs
	[ "$(sqlite3 "$TMP/zones.db" 'SELECT name, deleted FROM zones ORDER BY name' |
		grep -v '^c')" = \
		$'0/25.2.0.192.in-addr.arpa|0\na.example|0' ]
}

@test "refused: exit 65 with the reason, nothing in the spool" {
	run -65 "$ENQUEUE" put a.example <<<'@ 300 IN A 192.0.2.1'
	[[ $output == "ddo-enqueue: fatal: a.example: the zone has no SOA" ]]
	run -65 "$ENQUEUE" put a.example < <(cat "$TMP/zone" && echo 'x A 192.0.2.256')
	[[ $output == "ddo-enqueue: fatal: a.example: line "*": invalid IPv4 address" ]]
	run -65 "$ENQUEUE" put ../a.example <"$TMP/zone"
	run -65 "$ENQUEUE" put '*.a.example' <"$TMP/zone"
	run -65 "$ENQUEUE" del good.example $'bad\nexample' other.example
	[ "${#lines[@]}" = 1 ]
	run -65 "$ENQUEUE" del ''
	run -64 "$ENQUEUE" -o 'no host' put a.example <"$TMP/zone"
	run -64 "$ENQUEUE" -u $'no\nuser' put a.example <"$TMP/zone"
	[ "${#lines[@]}" = 1 ]
	no_jobs
}

@test "wrong command lines are exit 64" {
	run -64 "$ENQUEUE"
	run -64 "$ENQUEUE" put
	run -64 "$ENQUEUE" put a.example b.example
	run -64 "$ENQUEUE" del
	run -64 "$ENQUEUE" batch x
	run -64 "$ENQUEUE" wipe a.example
	no_jobs
}

@test "a zone that is named like an option, with -- in front of it or not" {
	zone_text -dash.example 1 >"$TMP/dash"
	"$ENQUEUE" put -- -dash.example <"$TMP/dash"
	"$ENQUEUE" put -dash.example <"$TMP/dash"
	"$ENQUEUE" -- put -dash.example <"$TMP/dash"
	"$ENQUEUE" del -- -dash.example --help
	run -64 "$ENQUEUE" put --
	queue_once
	[ "$(sqlite3 "$TMP/zones.db" 'SELECT name, deleted FROM zones')" = '-dash.example|1' ]
}

@test "a text beyond app.max_body_bytes is refused, one beyond app.max_records too" {
	door_conf 'app: { auth_password: x, max_body_bytes: 2000, max_records: 14 }'
	run -65 "$ENQUEUE" put a.example < <(cat "$TMP/zone" && printf '; %02000d\n' 0)
	[[ $output == *"larger than 2000 bytes"* ]]
	run -0 "$ENQUEUE" put a.example < <(zone_text a.example 1)
	run -65 "$ENQUEUE" put a.example < <(zone_text a.example 1 {1..9}' A 192.0.2.1')
	[[ $output == *"line "*": more than 14 records"* ]]
	[ "$(job_count)" = 1 ]
}

@test "batch answers each line, and goes on after a bad one" {
	cp "$TMP/zone" "$TMP/a.example.db"
	{ cat "$TMP/zone" && echo 'x A 192.0.2.256'; } >"$TMP/bad"
	mkdir "$TMP/with blank" && cp "$TMP/zone" "$TMP/with blank/zone"
	cd "$TMP"
	printf '%s\n' 'put a.example' "put a.example $TMP/with blank/zone" '# a remark' '' \
		'del  b.example' \
		'put b.example bad' 'put c.example' 'del' 'frob x' 'del ../x' \
		'del x.example y.example' \
		'	put A.example.	zone' >lines
	printf 'del e.example\0.org\ndel last.example' >>lines
	run -65 "$ENQUEUE" batch <lines
	echo "$output"
	[ "$(cut -d' ' -f1-2 <<<"$output")" = \
		$'ok a.example\nok a.example\nok b.example\nfail b.example\nfail c.example\nfail \nfail x\nfail ../x\nfail x.example\nok A.example.\nfail e.example?.org\nok last.example' ]
	[[ ${lines[3]} == *"invalid IPv4 address"* ]]
	[[ ${lines[4]} == *"c.example.db"* ]]
	[ "$(for job in $(jobs); do job_head "$job" zone; done)" = \
		$'a.example\na.example\nb.example\na.example\nlast.example' ]
}

@test "batch answers a line before it reads the next one" {
	coproc BATCH { "$ENQUEUE" batch 3>&-; }
	local answer
	echo 'del a.example' >&"${BATCH[1]}"
	read -r -t 10 answer <&"${BATCH[0]}"
	[ "$answer" = 'ok a.example' ]
	[ "$(job_count)" = 1 ]
	echo 'del b.example' >&"${BATCH[1]}"
	read -r -t 10 answer <&"${BATCH[0]}"
	[ "$answer" = 'ok b.example' ]
	local pid=$BATCH_PID to=${BATCH[1]}
	exec {to}>&-
	wait "$pid"
}

@test "without a spool: exit 75 and the path" {
	rm -r "$SPOOL"
	run -75 "$ENQUEUE" put a.example <"$TMP/zone"
	[[ $output == *"cannot open $SPOOL: No such file or directory" ]]
	[ ! -e "$SPOOL" ]
}

# --- order -------------------------------------------------------------------------------------

# writer N COUNT: a batch that deletes w<N>-1.example, w<N>-2.example, ...
writer()
{
	seq -f "del w$1-%g.example" 1 "$2" | "$ENQUEUE" batch
}

@test "writers at the same time: every job there, names in the order of the renames" {
	local n pids=()
	for n in {1..8}; do
		writer "$n" 40 >"$TMP/out.$n" 2>&1 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	[ "$(cat "$TMP"/out.* | grep -c '^ok ')" = 320 ]
	[ "$(job_count)" = 320 ]
	# What a rename changes is the file's ctime.
	for n in {1..8}; do
		for job in $(jobs); do
			job_head "$job" zone
		done | grep "^w$n-" >"$TMP/got"
		seq -f "w$n-%g.example" 1 40 | diff - "$TMP/got"
	done
	find "$SPOOL/new" -type f -printf '%f %C@\n' | sort | awk '{ print $2 }' >"$TMP/times"
	sort -n -s -c "$TMP/times"
	[ -z "$(ls "$SPOOL/tmp")" ]
}

@test "a clock that steps back does not turn the order round" {
	need faketime
	"$ENQUEUE" del first.example
	with_asan_last faketime -f '-2h' "$ENQUEUE" del second.example
	with_asan_last faketime -f '-30d' "$ENQUEUE" del third.example
	with_asan_last faketime -f '+1h' "$ENQUEUE" del fourth.example
	"$ENQUEUE" del fifth.example
	[ "$(for job in $(jobs); do job_head "$job" zone; done | tr '\n' ' ')" = \
		'first.example second.example third.example fourth.example fifth.example ' ]
	[[ $(job_head "$(jobs | sed -n 3p)" accepted) \
		< $(job_head "$(jobs | sed -n 1p)" accepted) ]]
}

@test "the newest wins in the store, too, when the clock has stepped back" {
	need faketime
	"$ENQUEUE" put a.example <"$TMP/zone"
	zone_text a.example 2 >"$TMP/zone2"
	with_asan_last faketime -f '-1d' "$ENQUEUE" put a.example <"$TMP/zone2"
	queue_once
	[ "$(sqlite3 "$TMP/zones.db" 'SELECT serial FROM zones')" = 2 ]
	zone_text a.example 3 >"$TMP/zone3"
	with_asan_last faketime -f '-2d' "$ENQUEUE" put a.example <"$TMP/zone3"
	queue_once
	[ "$(sqlite3 "$TMP/zones.db" 'SELECT serial FROM zones')" = 3 ]
}

@test "after a power cut the numbers go on above the bound that was on disk" {
	"$ENQUEUE" del a.example
	local last bound boot
	read -r last bound boot <"$SPOOL/order"
	[ "$last" = "$(jobs)" ]
	[ "$bound" -gt "$last" ]
	[ "$boot" = "$(cat /proc/sys/kernel/random/boot_id)" ]
	# `last` was written without fsync: an older one is on the disk; the machine has booted
	# anew.
	printf '%016d %s %s\n' $((last - 5000000)) "$bound" 00000000-0000-0000-0000-000000000000 \
		>"$SPOOL/order"
	"$ENQUEUE" del b.example
	[ "$(jobs | tail -n 1)" -gt "$bound" ]
}

@test "a lost order file: writers wait, the queue makes it anew, above all that was" {
	need faketime
	"$ENQUEUE" del a.example
	queue_once
	"$ENQUEUE" del b.example
	local before
	before=$(jobs)
	rm "$SPOOL/order"
	run -75 "$ENQUEUE" del c.example
	[[ $output == *"cannot open $SPOOL/order: No such file or directory" ]]
	[ "$(jobs)" = "$before" ]
	queue_once
	[ -z "$(jobs)" ]
	with_asan_last faketime -f '-1d' "$ENQUEUE" del c.example
	[ "$(jobs)" -gt "$before" ]
}

@test "an order file made anew by another door goes on above what is in new/" {
	"$ENQUEUE" del a.example
	local before
	before=$(jobs)
	: >"$SPOOL/order"
	with_asan_last faketime -f '-1d' "$ENQUEUE" del b.example
	[ "$(jobs | wc -l)" = 2 ]
	[ "$(jobs | head -n 1)" = "$before" ]
}

@test "an order file of somebody else's is an error, and stays as it is" {
	echo 'not a number' >"$SPOOL/order"
	run -75 "$ENQUEUE" del a.example
	[[ $output == *"$SPOOL/order was not written by ddo" ]]
	[ "$(cat "$SPOOL/order")" = 'not a number' ]
	no_jobs
}

# --- what is no job ----------------------------------------------------------------------------

@test "files that are no jobs go to bad/, and nothing waits for them" {
	"$ENQUEUE" put a.example <"$TMP/zone"
	local good
	good=$SPOOL/new/$(jobs)
	: >"$SPOOL/new/0000000000000001"
	head -c 60 "$good" >"$SPOOL/new/0000000000000002"
	sed 's/^zone: .*/zone: ..\/..\/etc/' "$good" >"$SPOOL/new/0000000000000003"
	sed 's/^op: .*/op: wipe/' "$good" >"$SPOOL/new/0000000000000004"
	sed 's/^op: .*/op: del/' "$good" >"$SPOOL/new/0000000000000005"
	sed 's/^ddo-job: 1/ddo-job: 2/' "$good" >"$SPOOL/new/0000000000000006"
	head -c 2000 /dev/urandom >"$SPOOL/new/0000000000000007"
	printf 'ddo-job: 1\nop: resend\nsource: reconcile\n\na.example\n' \
		>"$SPOOL/new/0000000000000008" # no target
	printf 'ddo-job: 1\nop: own\nsource: reconcile\norigin: b.example\n\n' \
		>"$SPOOL/new/0000000000000009" # no zone
	printf 'ddo-job: 1\nop: del\nzone: a.example\nsource: reconcile\nseen: 1e3\n\n' \
		>"$SPOOL/new/0000000000000010"
	printf 'ddo-job: 1\nop: restore\nzone: a.example\nsource: reconcile\n\nx' \
		>"$SPOOL/new/0000000000000011"
	echo hello >"$SPOOL/new/README"
	queue_once
	[ -z "$(jobs)" ]
	[ "$(find "$SPOOL/bad" -type f | wc -l)" = 12 ]
	[ "$(sqlite3 "$TMP/zones.db" 'SELECT name, serial FROM zones')" = 'a.example|1' ]
}

@test "jobs of ddo-reconcile hold only for what it has seen, and for zones and targets that are there" {
	local seq
	"$ENQUEUE" -o da1.example.com put a.example <"$TMP/zone"
	queue_once
	seq=$(sqlite3 "$TMP/zones.db" 'SELECT seq FROM zones')
	job() # OP HEADER...: with the text of standard input
	{
		number=$((${number:-$seq} + 1))
		printf '%s\n' 'ddo-job: 1' "op: $1" 'source: reconcile' "${@:2}" '' \
			>"$SPOOL/new/$number"
		cat >>"$SPOOL/new/$number"
	}
	store()
	{
		sqlite3 "$TMP/zones.db" "SELECT name, deleted, origin FROM zones ORDER BY name" |
			tr '\n' ' '
	}
	job del 'zone: a.example' "seen: $((seq - 1))" </dev/null
	job own 'zone: a.example' 'origin: da2.example.com' 'seen: 0' </dev/null
	job put 'zone: a.example' 'seen: 0' <<<"$(zone_text a.example 9)"
	job own 'zone: never.example' 'origin: da2.example.com' </dev/null
	job restore 'zone: a.example' </dev/null
	job restore 'zone: never.example' </dev/null
	job resend 'target: nobody' <<<a.example
	job resend 'target: ns1' <<<$'../../etc\nnever.example\n"; DROP TABLE zones; --\n'
	queue_once
	[ -z "$(jobs)" ]
	[ "$(store)" = 'a.example|0|da1.example.com ' ]
	[ "$(sqlite3 "$TMP/zones.db" 'SELECT serial FROM zones')" = 1 ]
	[ "$(sqlite3 "$TMP/zones.db" "SELECT count(*) FROM deliveries WHERE zone <> 'a.example'")" = 0 ]
	job own 'zone: a.example' 'origin: da2.example.com' "seen: $seq" </dev/null
	queue_once
	[ "$(store)" = 'a.example|0|da2.example.com ' ]
	job del 'zone: a.example' 'origin: da2.example.com' "seen: $number" </dev/null
	queue_once
	[ "$(store)" = 'a.example|1|da2.example.com ' ]
	job restore 'zone: a.example' </dev/null
	queue_once
	[ "$(store)" = 'a.example|0| ' ]
	[ "$(sqlite3 "$TMP/zones.db" 'SELECT serial FROM zones')" = 1 ]
}

@test "what writers that died left in tmp/ is removed after an hour, not before" {
	echo half >"$SPOOL/tmp/0123456789abcdef"
	touch -d '59 minutes ago' "$SPOOL/tmp/0123456789abcdef"
	queue_once
	[ -e "$SPOOL/tmp/0123456789abcdef" ]
	touch -d '61 minutes ago' "$SPOOL/tmp/0123456789abcdef"
	queue_once
	[ ! -e "$SPOOL/tmp/0123456789abcdef" ]
}

@test "while ddo-queue runs: tmp/ is cleaned and the archive pruned every hour, by itself" {
	need faketime
	removed_so_long_ago() # DAYS
	{
		sqlite3 -cmd '.timeout 5000' "$TMP/zones.db" \
			"INSERT OR REPLACE INTO archive SELECT 'z$1.example', strftime('%s') - 86400 * $1, serial, digest, origin, user, text FROM zones"
	}
	"$ENQUEUE" put a.example <"$TMP/zone"
	queue_once
	removed_so_long_ago 80
	removed_so_long_ago 91
	queue_once
	[ "$(sqlite3 "$TMP/zones.db" 'SELECT name FROM archive')" = z80.example ]
	# an hour of its clock is a second of ours
	start_bg queue env LD_PRELOAD="$(faketime -f +0 printenv LD_PRELOAD)" FAKETIME='+0 x3600' \
		ASAN_OPTIONS=verify_asan_link_order=0 "$BIN/ddo-queue"
	taken()
	{
		[ -z "$(jobs)" ]
	}
	"$ENQUEUE" del b.example
	wait_for 10 taken
	removed_so_long_ago 92
	echo half >"$SPOOL/tmp/0123456789abcdef"
	touch -d '1 day ago' "$SPOOL/tmp/0123456789abcdef"
	cleaned()
	{
		"$ENQUEUE" del b.example # wakes it up
		[ ! -e "$SPOOL/tmp/0123456789abcdef" ]
	}
	wait_for 20 cleaned
	[ "$(sqlite3 "$TMP/zones.db" 'SELECT name FROM archive')" = z80.example ]
}

# --- a full disk -------------------------------------------------------------------------------

@test "a full disk: exit 75 and the reason, nothing half; all well once there is room" {
	SPOOL=$TMP/small/spool
	small_disk "$TMP/small" 256k
	door_conf
	"$ENQUEUE" del first.example
	local first
	first=$(jobs)
	fill_disk "$TMP/small"
	run -75 "$ENQUEUE" put a.example <"$TMP/zone"
	echo "$output"
	[[ $output == *"$SPOOL/tmp: cannot "*": No space left on device" ]]
	run -75 "$ENQUEUE" del x.example y.example
	run -75 "$ENQUEUE" batch <<<'del z.example'
	[[ $output == "fail z.example "*"No space left on device" ]]
	[ "$(jobs)" = "$first" ]
	[ -z "$(ls "$SPOOL/tmp")" ]
	free_disk "$TMP/small"
	"$ENQUEUE" put a.example <"$TMP/zone"
	[ "$(job_count)" = 2 ]
	check_job "$(jobs | tail -n 1)" put a.example "$TMP/zone"
}

@test "a text larger than the room that is left leaves nothing half" {
	SPOOL=$TMP/small/spool
	small_disk "$TMP/small" 128k
	door_conf
	run -75 "$ENQUEUE" put a.example < <(cat "$TMP/zone" && for i in {1..4000}; do
		echo "h$i IN TXT \"a text to fill the disk with, number $i\""
	done)
	[[ $output == *"No space left on device" ]]
	no_jobs
	"$ENQUEUE" put a.example <"$TMP/zone"
	only_job put a.example "$TMP/zone"
}

# --- a crash at every step ---------------------------------------------------------------------

# whole_put STATUS: new/ holds whole jobs only, and one more when STATUS is 0.
whole_put()
{
	local job count
	for job in $(jobs); do
		check_job "$job" put a.example "$TMP/zone" >/dev/null || return 1
	done
	count=$(job_count)
	[ "$1" != 0 ] || [ "$count" = 1 ] || return 1
	[ "$count" -le 1 ] || return 1
	find "$SPOOL/new" -type f -delete
}

put_zone()
{
	"$ENQUEUE" put a.example <"$TMP/zone"
}

@test "put: the file is synced before it is renamed, the number before it is used, the directory last" {
	put_zone
	forget_jobs
	DDO_CRASH_COUNT=$TMP/calls with_shim crash "$ENQUEUE" put a.example <"$TMP/zone"
	[ "$(cut -d' ' -f2 "$TMP/calls" | tr '\n' ' ')" = 'write fsync pwrite renameat2 fsync ' ]
	rm "$TMP/calls"
	: >"$SPOOL/order" # its first line, as any that raises the bound, is synced
	DDO_CRASH_COUNT=$TMP/calls with_shim crash "$ENQUEUE" del a.example b.example
	[ "$(cut -d' ' -f2 "$TMP/calls" | tr '\n' ' ')" = \
		'write fsync write fsync pwrite fdatasync pwrite renameat2 renameat2 fsync ' ]
}

@test "a bound that may not be on disk is synced before a number is used" {
	local n
	calls_of() # COMMAND...: what it calls
	{
		rm -f "$TMP/calls"
		DDO_CRASH_COUNT=$TMP/calls with_shim crash "$@"
		cut -d' ' -f2 "$TMP/calls" | tr '\n' ' '
	}
	# before the sync, and between the sync and the line that says so
	for n in 4 5; do
		: >"$SPOOL/order"
		run -137 env DDO_CRASH_AT=$n LD_PRELOAD="$BUILD/shim/crash.so" \
			ASAN_OPTIONS=verify_asan_link_order=0 \
			"$ENQUEUE" del a.example
		[ "$(head -c 1 "$SPOOL/order")" = '?' ]
		[ "$(calls_of "$ENQUEUE" del b.example)" = \
			'write fsync pwrite fdatasync pwrite renameat2 fsync ' ]
		[ "$(calls_of "$ENQUEUE" del c.example)" = 'write fsync pwrite renameat2 fsync ' ]
		forget_jobs
	done
	# the disk fails, and the page looks clean from then on
	: >"$SPOOL/order"
	run -75 with_shim badsync "$ENQUEUE" del a.example
	[[ $output == *"cannot sync $SPOOL/order: Input/output error"* ]]
	no_jobs
	run -75 with_shim badsync "$ENQUEUE" del a.example
	[ "$(calls_of "$ENQUEUE" del b.example)" = \
		'write fsync pwrite fdatasync pwrite renameat2 fsync ' ]
	[ "$(job_count)" = 1 ]
}

@test "crash at every step of put: no job or a whole one; answered means there" {
	export -f put_zone
	export ENQUEUE TMP
	crash_at_every whole_put env DDO_CRASH_ONLY=ddo-enqueue bash -c put_zone
	queue_once
}

@test "crash at every step of put with torn writes" {
	export -f put_zone
	export ENQUEUE TMP
	crash_at_every whole_put env DDO_CRASH_TORN=1 DDO_CRASH_ONLY=ddo-enqueue bash -c put_zone
	# The order file may be torn as well, and the next writer has to cope.
	"$ENQUEUE" put a.example <"$TMP/zone"
	only_job put a.example "$TMP/zone"
}

@test "crash at every step of put into a new spool" {
	fresh()
	{
		whole_put "$1" && : >"$SPOOL/order"
	}
	: >"$SPOOL/order"
	export -f put_zone
	export ENQUEUE TMP
	crash_at_every fresh env DDO_CRASH_TORN=1 DDO_CRASH_ONLY=ddo-enqueue bash -c put_zone
}

@test "crash at every step of del: whole jobs in order, all of them when answered" {
	whole_dels()
	{
		local names
		names=$(for job in $(jobs); do
			check_job "$job" del "$(job_head "$job" zone)" >/dev/null || exit 1
			job_head "$job" zone
		done) || return 1
		# those that are there are the first ones
		[[ $'a.example\nb.example\nc.example' == "$names"* ]] || return 1
		[ "$1" != 0 ] || [ "$(wc -l <<<"$names")" = 3 ] || return 1
		find "$SPOOL/new" -type f -delete
	}
	crash_at_every whole_dels "$ENQUEUE" del a.example b.example c.example
}

@test "crash at every step of batch: what was answered is there" {
	cp "$TMP/zone" "$TMP/a.example.db"
	printf 'put a.example %s\ndel b.example\nput a.example %s\ndel c.example\n' "$TMP/zone" \
		"$TMP/zone" >"$TMP/lines"
	answered()
	{
		local names
		names=$(for job in $(jobs); do
			body=/dev/null
			[ "$(job_head "$job" op)" = del ] || body=$TMP/zone
			check_job "$job" "$(job_head "$job" op)" "$(job_head "$job" zone)" "$body" \
				>/dev/null || exit 1
			job_head "$job" zone
		done) || return 1
		sed -n 's/^ok //p' "$TMP/out" >"$TMP/answered"
		# every answered one is there, in order; at most one more whose answer was cut off
		[[ $names == "$(cat "$TMP/answered")"* ]] || return 1
		[ "$(job_count)" -le $(($(wc -l <"$TMP/answered") + 1)) ] || return 1
		[ "$1" != 0 ] || [ "$(job_count)" = 4 ] || return 1
		find "$SPOOL/new" -type f -delete
	}
	export ENQUEUE TMP
	# shellcheck disable=SC2016
	crash_at_every answered env DDO_CRASH_ONLY=ddo-enqueue bash \
		-c '"$ENQUEUE" batch <"$TMP/lines"'
}
