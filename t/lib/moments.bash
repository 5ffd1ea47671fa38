# Worlds of ddo-queue with push programs that need no server (t/lib/pusher).  Load lib/common and
# lib/named first.
# shellcheck shell=bash

# world TARGET...: writes $TMP/app.yml with these targets and the lines $EXTRA, and makes a store.
world()
{
	local target retry=${RETRY:-[1, 1, 1]} idle=${LINGER:-2}
	need python3 || return 1
	mkdir -p "$TMP/run"
	{
		cat <<-END
			queue_location: $TMP/spool
			run_dir: $TMP/run
			libexec_dir: $BIN
			datastore: { db_location: $TMP/zones.db }
			app: { auth_username: da, auth_password: secret }
			queue: { retry_schedule: $retry, rescan_seconds: 1, linger_seconds: $idle }
			${EXTRA:-}
			dns:
			  backends:
		END
		for target; do
			echo "    $target: { type: own, program: $ROOT/t/lib/pusher, timeout: ${TIMEOUT:-30} }"
		done
	} >"$TMP/app.yml"
	export DDO_CONFIG=$TMP/app.yml
	"$BIN/ddo-queue" -1 || return 1
}

reload() # SED-EXPRESSION on the configuration
{
	sed "$1" "$TMP/app.yml" >"$TMP/new.yml"
	reload_with "$TMP/new.yml"
}

reload_with() # FILE: in place of the configuration
{
	local before
	before=$(grep -c 'configuration' "$TMP/queue.log" || true)
	cp "$1" "$TMP/app.yml"
	kill -HUP "$QUEUE"
	wait_for 10 more_lines "$before"
}

more_lines() # THAN
{
	[ "$(grep -c 'configuration' "$TMP/queue.log")" -gt "$1" ]
}

ctl() # TARGET LINE...
{
	local target=$1
	shift
	printf '%s\n' "$@" >"$TMP/$target.ctl"
}

got() # TARGET LINE: checks that its push program got that line
{
	grep -qx "$2" "$TMP/$1.log"
}

state() # TARGET ZONE: prints the state of the delivery
{
	sqlite3 "$TMP/zones.db" \
		"SELECT state FROM deliveries WHERE target = '$1' AND zone = '$2'"
}

is_state() # TARGET ZONE STATE
{
	[ "$(state "$1" "$2")" = "$3" ]
}

puts() # SERIAL ZONE...: puts all of them into the spool as one batch
{
	local serial=$1 zone
	shift
	for zone; do
		zone_text "$zone" "$serial" >"$TMP/zone.$zone"
		echo "put $zone $TMP/zone.$zone"
	done | "$BIN/ddo-enqueue" batch >/dev/null
}

# hold_store: locks the store for writing until $TMP/let-go exists.
hold_store()
{
	start_bg lock python3 -c 'import os, sqlite3, sys, time
db = sqlite3.connect(sys.argv[1] + "/zones.db", isolation_level=None)
db.execute("BEGIN IMMEDIATE")
open(sys.argv[1] + "/held", "w").close()
while not os.path.exists(sys.argv[1] + "/let-go"):
    time.sleep(0.02)' "$TMP"
	wait_for 10 test -e "$TMP/held"
}
