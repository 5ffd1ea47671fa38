# For tests of ddo-httpd, ddo-enqueue and their spool.  Load lib/common first.

# shellcheck shell=bash
# shellcheck disable=SC2154	# status is bats's

SPOOL=$TMP/spool
PASSWORD=s3cret

# door_conf [LINE...]: writes app.yml with LINEs at its end, sets DDO_CONFIG, and makes the spool.
door_conf()
{
	export DDO_CONFIG=$TMP/app.yml
	cat >"$DDO_CONFIG" <<-END
		queue_location: $SPOOL
		run_dir: $TMP/run
		datastore: { type: sqlite, db_location: $TMP/zones.db }
	END
	if [[ "$*" != *app:* ]]; then
		set -- "$@" "app: { auth_username: da, auth_password: $PASSWORD }"
	fi
	printf '%s\n' "$@" >>"$DDO_CONFIG"
	queue_once
}

# queue_once: takes what is in new/ into the store.
queue_once()
{
	"$BIN/ddo-queue" -1 2>>"$TMP/queue.log"
}

# jobs: prints the changes in new/, in order.
jobs()
{
	find "$SPOOL/new" -type f | while read -r file; do
		grep -qx 'op: refused' "$file" || echo "${file##*/}"
	done | sort
}

# refused_jobs: prints the jobs in new/ that report a refused push.
refused_jobs()
{
	grep -rlx 'op: refused' "$SPOOL/new" | sed 's|.*/||' | sort
}

job_count()
{
	jobs | wc -l
}

# job_head FILE KEY: prints the value.  job_body FILE: prints what follows the empty line.
job_head()
{
	sed -n "/^\$/q; s/^$2: //p" "$SPOOL/new/$1"
}

job_body()
{
	sed '1,/^$/d' "$SPOOL/new/$1"
}

# forget_jobs: empties the spool, so that a test sees only what comes next.
forget_jobs()
{
	find "$SPOOL/new" "$SPOOL/tmp" -type f -delete
}

# check_job FILE OP ZONE [BODY]: checks that the job is whole and has exactly BODY (a file).
check_job()
{
	local path=$SPOOL/new/$1 line
	echo "$1: $(head -n 10 "$path")"
	[[ $1 =~ ^[0-9]{16}$ ]] || return 1
	[ "$(stat -c %a "$path")" = 640 ] || return 1
	[ "$(head -n 1 "$path")" = 'ddo-job: 1' ] || return 1
	[ "$(job_head "$1" op)" = "$2" ] || return 1
	[ "$(job_head "$1" zone)" = "$3" ] || return 1
	[[ $(job_head "$1" source) =~ ^(push|manual)$ ]] || return 1
	line=$(job_head "$1" accepted)
	[[ $line =~ ^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9]{9}Z$ ]] || return 1
	job_body "$1" | cmp - "${4:-/dev/null}"
}

# only_job OP ZONE [BODY]: checks that this is the only job.
only_job()
{
	[ "$(job_count)" = 1 ] && check_job "$(jobs)" "$@"
}

# no_jobs: checks that nothing was accepted and nothing is left over.
no_jobs()
{
	[ -z "$(jobs)" ] && [ -z "$(find "$SPOOL/tmp" "$SPOOL/bad" -type f)" ]
}

# crash_at_every SHELL-FUNCTION COMMAND...: runs COMMAND with the crash shim at N = 1, 2, ... until
# it ends by itself.  After each time it calls SHELL-FUNCTION with the exit status.  Output:
# $TMP/out.
crash_at_every()
{
	local check=$1 n
	shift
	for ((n = 1; n < 500; n++)); do
		status=0
		DDO_CRASH_AT=$n with_shim crash "$@" >"$TMP/out" 2>"$TMP/err" || status=$?
		echo "crash at $n: status $status: $(cat "$TMP/out" "$TMP/err")"
		"$check" "$status" || return 1
		if [ "$status" != 137 ]; then
			CRASHES=$((n - 1))
			[ "$status" = 0 ] && [ "$CRASHES" -gt 3 ]
			return
		fi
	done
	return 1
}
