# Every test, the demo and the benchmarks share this file.  A bats file uses `load lib/common`, any
# other script sources it.  It only sets these variables:
#   ROOT   the source tree           BUILD  the build directory, absolute
#   BIN    $BUILD/bin                TMP    the test's own directory

# shellcheck shell=bash
# shellcheck disable=SC2034	# variables that are used by those who load this

ROOT=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
BUILD=$(cd "$ROOT" && realpath -m "${BUILD:-build}")
BIN=$BUILD/bin
TMP=${BATS_TEST_TMPDIR:-${BATS_FILE_TMPDIR:-${TMP:-}}}
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL=C ROOT BUILD BIN PATH
[ -z "${BATS_VERSION:-}" ] || bats_require_minimum_version 1.5.0

STARTED_PIDS=()
SMALL_DISKS=()

# absent WHAT: says that the test cannot run without WHAT.  Skips for people, fails in CI.
absent()
{
	if [ "${CI:-}" = true ]; then
		echo "missing: $*" >&2
		return 1
	fi
	skip "missing: $*"
}

# need PROGRAM...
need()
{
	local program
	for program; do
		command -v "$program" >/dev/null || absent "the program $program" || return 1
	done
}

# not COMMAND...: fails when COMMAND succeeds.  A plain "!" does not end a test.
not()
{
	! "$@"
}

# strangers DIR REGEX: prints the names in DIR that do not match, and fails without one.
strangers()
{
	find "$1" -mindepth 1 -printf '%f\n' | grep -vE "$2"
}

# free_port [N]: prints N ports that are unused for TCP and UDP.  No other shell gets them while the
# calling shell lives.  They are below the kernel's ephemeral range, so that no outgoing connection
# takes one.
free_port()
{
	local want=${1:-1} dir=/tmp/ddo-test-ports.$UID port lock owner tries
	# Root in a user namespace may not write a directory of root outside of it.
	[ ! -e "$dir" ] || [ -w "$dir" ] || dir+=.namespace
	mkdir -p "$dir" && exec {lock}>"$dir/lock" && flock "$lock" || return 1
	for ((tries = 0; want > 0 && tries < 5000; tries++)); do
		port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
		if [ -e "$dir/$port" ]; then
			read -r owner <"$dir/$port"
			kill -0 "$owner" 2>/dev/null && continue
		fi
		port_in_use "$port" && continue
		echo $$ >"$dir/$port"
		echo "$port"
		want=$((want - 1))
	done
	exec {lock}>&-
	[ "$want" -eq 0 ]
}

port_in_use()
{
	local hex
	printf -v hex ':%04X ' "$1"
	cat /proc/net/{tcp,tcp6,udp,udp6} 2>/dev/null | awk '{ print $2 " " }' | grep -q "$hex"
}

# wait_for SECONDS COMMAND...: repeats COMMAND until it succeeds.  On failure it prints COMMAND and
# its last output.
wait_for()
{
	local limit=$1 until last
	shift
	until=$(($(now_ms) + limit * 1000))
	while ! last=$("$@" 2>&1 3>&-); do
		if [ "$(now_ms)" -ge "$until" ]; then
			printf 'waited %s s in vain for: %s\n%s\n' "$limit" "$*" "$last" >&2
			return 1
		fi
		sleep 0.02
	done
}

now_ms()
{
	local now=${EPOCHREALTIME/[.,]/}
	echo "${now%???}"
}

passed() # MILLISECONDS since the epoch
{
	[ "$(now_ms)" -ge "$1" ]
}

# random_moment MS: sleeps for a random time of up to MS milliseconds.
random_moment()
{
	wait_for 5 passed $(($(now_ms) + RANDOM % $1))
}

# start_bg NAME COMMAND...: starts COMMAND in the background, with output to $TMP/NAME.log and its
# pid in BG_PID.  stop_all ends it.  It does not inherit descriptor 3, which is bats's own.
start_bg()
{
	local name=$1
	shift
	"$@" </dev/null >>"$TMP/$name.log" 2>&1 3>&- &
	BG_PID=$!
	STARTED_PIDS+=("$BG_PID")
}

# stop_pid PID [SIGNAL]: sends SIGNAL (default: TERM), KILL after 10 s, and waits for the end.
# Returns the exit status of a child of this shell.
stop_pid()
{
	local pid=$1 until status=0
	kill -s "${2:-TERM}" "$pid" 2>/dev/null || true
	until=$(($(now_ms) + 10000))
	while is_running "$pid"; do
		if [ "$(now_ms)" -ge "$until" ]; then
			echo "process $pid did not end in time and was killed" >&2
			kill -s KILL "$pid" 2>/dev/null
		fi
		sleep 0.02
	done
	wait "$pid" 2>/dev/null || status=$?
	return "$status"
}

# A zombie is not running.
is_running()
{
	local stat
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	[[ ${stat##*) } != Z* ]]
}

# stop_all: ends what start_bg started, the last one first, and unmounts small disks, at teardown.
stop_all()
{
	local i
	for ((i = ${#STARTED_PIDS[@]} - 1; i >= 0; i--)); do
		stop_pid "${STARTED_PIDS[i]}" || true
	done
	STARTED_PIDS=()
	for i in "${SMALL_DISKS[@]}"; do
		umount "$i"
	done
	SMALL_DISKS=()
}

# small_disk DIR SIZE: mounts an empty file system of SIZE (64k, 1m) at DIR.  Needs root, real or in
# a user namespace (`unshare -rm t/run`).
small_disk()
{
	mkdir -p "$1"
	mount -t tmpfs -o "size=$2" ddo-test "$1" 2>/dev/null ||
		absent "the right to mount (root, or run under: unshare -rm)" || return 1
	SMALL_DISKS+=("$1")
}

# Fills the file system of DIR to the last byte, and frees it again.
fill_disk()
{
	dd if=/dev/zero of="$1/filler" bs=4k 2>/dev/null || true
	dd if=/dev/zero of="$1/filler" bs=1 count=4096 oflag=append conv=notrunc 2>/dev/null || true
}

free_disk()
{
	rm -f "$1/filler"
}

# with_shim NAME COMMAND...: runs COMMAND with t/shim/NAME.c preloaded.  Variables in front set up
# the shim: DDO_CRASH_AT=3 with_shim crash ddo-enqueue put a.example.  ASan demands to be the first
# library, and the variable here switches that off.
with_shim()
{
	local shim=$1
	shift
	with_asan_last env "LD_PRELOAD=$BUILD/shim/$shim.so" "$@"
}

# with_asan_last COMMAND...: runs a COMMAND that preloads a library of its own.
with_asan_last()
{
	env ASAN_OPTIONS=verify_asan_link_order=0 "$@"
}

# zone_text NAME SERIAL [RECORD...]: prints a zone as DirectAdmin writes it, with RECORDs at its
# end.
zone_text()
{
	local name=$1 serial=$2 record
	shift 2
	# shellcheck disable=SC2016	# no expansion is meant
	printf '\n\n\n\n\n\n\n\n\n\n\n\n$TTL 14400\n'
	printf '@       IN      SOA     ns1.%s.      hostmaster.%s. (\n' "$name" "$name"
	printf '%48s\n' "$serial" 14400 3600 1209600 '86400 )'
	printf '\n%s.\t14400\tIN\tNS\tns1.%s.\n' "$name" "$name"
	printf '%s.\t14400\tIN\tNS\tns2.%s.\n\n' "$name" "$name"
	printf '%s\t14400\tIN\tA\t192.0.2.1\n' ns1 www ftp mail "$name."
	printf 'ns2\t14400\tIN\tA\t192.0.2.2\n\n'
	printf '%s.\t14400\tIN\tMX\t10 mail\n\n' "$name"
	printf '%s.\t14400\tIN\tTXT\t"v=spf1 a mx ip4:192.0.2.1 ~all"\n' "$name"
	for record; do
		printf '%s\n' "$record"
	done
}

# swollen_zone NAME COUNT: prints a short text of COUNT records.  Their full names have 1,500
# characters each, because $ORIGIN has octets that are written as \DDD.
swollen_zone()
{
	awk -v name="$1" -v count="$2" 'BEGIN {
		for (i = 0; i < 62; i++)
			label = label "\\001"
		print name ". 300 IN SOA ns. h. 1 1 1 1 1\n" name ". 300 IN NS ns.x.\n$TTL 300"
		print "$ORIGIN " label "." label "." label "." name "."
		for (i = 0; i < count; i++)
			print "a" i " SRV 0 0 1 b"
	}'
}
