# What every test, the demo and the benchmarks share.  In a bats file: `load lib/common`; elsewhere
# source it.  Nothing here runs by itself but the setting of these:
#   ROOT   the source tree           BUILD  where it was built, absolute
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

# absent WHAT: the test cannot run, WHAT is missing.  A skip for people, a failure in CI.
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

# not COMMAND...: a plain "!" would not end a test.
not()
{
	! "$@"
}

# strangers DIR REGEX: prints and finds the names in DIR that do not match.
strangers()
{
	find "$1" -mindepth 1 -printf '%f\n' | grep -vE "$2"
}

# free_port [N]: prints N port numbers, each unused for TCP and UDP, and not given to anybody else
# while the calling shell lives.  Below the kernel's ephemeral range, so that no outgoing connection
# takes one in between.
free_port()
{
	local want=${1:-1} dir=/tmp/ddo-test-ports.$UID port lock owner tries
	# The root of a user namespace is not the one that may have made it.
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

# wait_for SECONDS COMMAND...: until COMMAND succeeds; on failure says what did not come about and
# what COMMAND printed last.
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

# random_moment MS: comes within so many milliseconds.
random_moment()
{
	wait_for 5 passed $(($(now_ms) + RANDOM % $1))
}

# start_bg NAME COMMAND...: in the background, output to $TMP/NAME.log; its pid is in BG_PID and is
# ended by stop_all.  Descriptor 3 is bats's own and must not be inherited.
start_bg()
{
	local name=$1
	shift
	"$@" </dev/null >>"$TMP/$name.log" 2>&1 3>&- &
	BG_PID=$!
	STARTED_PIDS+=("$BG_PID")
}

# stop_pid PID [SIGNAL]: ends it (TERM, and KILL after 10 s) and waits until it is gone.  Returns
# its exit status when it is a child of this shell.
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

# A process that has ended but was not waited for is not running.
is_running()
{
	local stat
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	[[ ${stat##*) } != Z* ]]
}

# For teardown: ends what start_bg started, the last one first, and unmounts small disks.
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

# small_disk DIR SIZE: mounts an empty file system of SIZE (64k, 1m) at DIR.  Needs root, real or of
# a user namespace (`unshare -rm t/run`).
small_disk()
{
	mkdir -p "$1"
	mount -t tmpfs -o "size=$2" ddo-test "$1" 2>/dev/null ||
		absent "the right to mount (root, or run under: unshare -rm)" || return 1
	SMALL_DISKS+=("$1")
}

# Fills the file system of DIR to the last byte, and makes room again.
fill_disk()
{
	dd if=/dev/zero of="$1/filler" bs=4k 2>/dev/null || true
	dd if=/dev/zero of="$1/filler" bs=1 count=4096 oflag=append conv=notrunc 2>/dev/null || true
}

free_disk()
{
	rm -f "$1/filler"
}

# with_shim NAME COMMAND...: with t/shim/NAME.c preloaded.  Settings for the shim go in front, as
# environment: DDO_CRASH_AT=3 with_shim crash ddo-enqueue put a.example.  ASan wants to be the first
# library, and does not have to be.
with_shim()
{
	local shim=$1
	shift
	with_asan_last env "LD_PRELOAD=$BUILD/shim/$shim.so" "$@"
}

# with_asan_last COMMAND...: for commands that preload a library of their own.
with_asan_last()
{
	env ASAN_OPTIONS=verify_asan_link_order=0 "$@"
}

# zone_text NAME SERIAL [RECORD...]: a zone as DirectAdmin writes it, with RECORDs as further lines.
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

# swollen_zone NAME COUNT: a short text of COUNT records whose names, written in full, have 1,500
# characters each: $ORIGIN is of octets that are written as \DDD.
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
