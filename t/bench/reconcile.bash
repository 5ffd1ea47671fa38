# The part reconcile of t/bench/run: ddo-reconcile with a fake DirectAdmin over TLS, with the
# defaults of 1,000 zones a page and 10 requests a second.
#
# Two targets have zone files: BIND (addzone) and NSD.  From 50,000 zones on both are NSD, because a
# new zone takes named ever longer.  One target is MariaDB, without `server:`.  TMPDIR=/dev/shm
# keeps the disk out, whose rate changes from minute to minute.
# shellcheck shell=bash
# shellcheck disable=SC2154	# of run: reconcile_sizes, refill_zones
# shellcheck disable=SC2034	# DNS

RECONCILED=(ns1 ns2 sql)

reconcile_up() # COUNT
{
	local name kind=bind
	[ "$1" -lt 50000 ] || kind=nsd
	read -r HTTP < <(free_port)
	da_make da1.example.com
	server_make $kind ns1 && server_make nsd ns2 || return 1
	TOOL[sql]=ddo-push-mysql
	MARIADB_DEFAULTS=1 mariadb_up sql || return 1
	TARGET[sql]="type: coredns_mysql, host: 127.0.0.1, port: ${DB_PORT[sql]}, database: dns, username: ddo, password: \"$DB_PASSWORD\""
	targets_conf "${RECONCILED[@]}"
	sed -i 's/^queue: { /&linger_seconds: 1, /' "$TMP/app.yml"
	# All targets are off: the store is filled first.
	sed -i 's/^    \(ns1\|ns2\|sql\): { /&enabled: false, /' "$TMP/app.yml"
	printf 'reconciliation:\n  enabled: true\n  directadmin_servers:\n    - %s\n' \
		"$(da_stanza da1.example.com)" >>"$TMP/app.yml"
	for name in ns1 ns2; do
		server_up "$name" || return 1
	done
	da_up da1.example.com || return 1
	start_bg queue "$BIN/ddo-queue" -c "$TMP/app.yml"
	QUEUE=$BG_PID
	DADNS_APP_LOGIN_FAILURES=0 start_bg httpd "$BIN/ddo-httpd" -c "$TMP/app.yml" \
		-l "127.0.0.1:$HTTP"
	wait_for 10 curl -sf -u da:secret "http://127.0.0.1:$HTTP/CMD_API_LOGIN_TEST"
}

reconcile_down()
{
	stop_all
	rm -rf "$TMP/da1.example.com" "$TMP/ns1" "$TMP/ns2" "$TMP/spool" "$TMP"/zones.db* \
		"$TMP"/db-*
	DB_PID=()
}

# The fake lists all zones, and has the text of each.
reconcile_directadmin() # COUNT
{
	local dir=${DA_DIR[da1.example.com]}
	sqlite3 "$TMP/zones.db" "SELECT CAST(text AS TEXT) FROM zones WHERE name = 'r00000.example'" |
		sed 's/r00000\.example/@ZONE@/g' >"$dir/template.db"
	awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) printf "r%05d.example\n", i }' \
		>"$dir/list.new"
	mv "$dir/list.new" "$dir/list"
}

target_has() # NAME COUNT
{
	"$BIN/ddo-status" -c "$TMP/app.yml" --json 2>/dev/null |
		jq -e --arg name "$1" --argjson count "$2" \
		'.targets[] | select(.name == $name) | .due + .deferred == 0 and .confirmed == $count' >/dev/null
}

# Asks five times a second: with many zones the question itself costs something.
wait_target() # SECONDS NAME COUNT
{
	local until=$((SECONDS + $1))
	while ! target_has "$2" "$3"; do
		[ $SECONDS -lt $until ] || return 1
		sleep 0.2
	done
}

# Fills one target after the other, and keeps the seconds of each in FILLED.
declare -gA FILLED
reconcile_fill() # COUNT
{
	local name start
	push r 0 "$1" 2026010100 8 >"$TMP/fill" || cat "$TMP/fill"
	wait_for 120 queue_took || return 1
	reconcile_directadmin "$1"
	for name in "${RECONCILED[@]}"; do
		[ "$name" != sql ] || "$BIN/ddo-push-mysql" -t sql init >/dev/null || return 1
		start=$(now_ms)
		sed -i "s/^    $name: { enabled: false, /    $name: { /" "$TMP/app.yml"
		kill -HUP "$QUEUE"
		wait_target 400 "$name" "$1" || { figure "FAILED: $name is not filled" "$1" zones; \
			return 1; }
		FILLED[$name]=$(($(now_ms) - start))
		figure "$1 zones: first fill of $name (${TOOL[$name]#ddo-push-})" \
			"$(calc "$1 * 1000 / ${FILLED[$name]}" 0)" "zones/s"
	done
}

# reconciled STATUS [OPTION...]: runs ddo-reconcile, and sets TOOK (ms), PEAK (KiB) and LINES.
reconciled()
{
	local want=$1 pid start key value pause status
	shift
	wait_for 60 queue_took # the report of the last run
	exec {pause}<> <(:)
	start=$(now_ms)
	"$BIN/ddo-reconcile" -c "$TMP/app.yml" "$@" >"$TMP/plan" 2>"$TMP/plan.err" &
	pid=$! PEAK=0
	while is_running "$pid"; do
		while read -r key value _; do
			[ "$key" != VmHWM: ] || PEAK=$value
		done 2>/dev/null <"/proc/$pid/status"
		read -rt 0.02 -u "$pause"
	done
	wait "$pid"
	status=$?
	TOOK=$(($(now_ms) - start))
	exec {pause}<&-
	LINES=$(wc -l <"$TMP/plan")
	[ $status = "$want" ] && return
	figure "FAILED: ddo-reconcile $* ended with $status" "$LINES" lines
	head -n 3 "$TMP/plan.err" "$TMP/plan"
	return 1
}

list_peak() # NAME: KiB
{
	/usr/bin/time -f %M -o "$TMP/time" "$BIN/${TOOL[$1]}" -c "$TMP/app.yml" -t "$1" list \
		>/dev/null
	tail -n 1 "$TMP/time"
}

reconcile_in_sync() # COUNT
{
	local name goal_time='' goal_memory=''
	[ "$1" != 10000 ] || goal_time="under 5" goal_memory="under 64"
	[ "$1" != 100000 ] || goal_time="under 60"
	reconciled 0
	reconciled 0
	figure "$1 zones in sync" "$(calc "$TOOK / 1000")" s "$goal_time"
	figure "$1 zones in sync: ddo-reconcile's peak" "$(calc "$PEAK / 1024" 1)" MiB \
		"$goal_memory"
	figure "$1 zones in sync: ... a zone" "$(calc "$PEAK * 1024 / $1" 0)" octets
	[ -x /usr/bin/time ] || return 0
	for name in "${RECONCILED[@]}"; do
		figure "$1 zones in sync: ${TOOL[$name]} list ($name), peak" \
			"$(calc "$(list_peak "$name") / 1024" 1)" MiB
	done
}

reconcile_deep() # COUNT
{
	sed -i 's/^reconciliation:$/&\n  requests_per_second: 0/' "$TMP/app.yml"
	reconciled 0 --deep
	figure "$1 zones, --deep, requests_per_second: 0" "$(calc "$1 * 1000 / $TOOK" 0)" "zones/s"
	sed -i '/^  requests_per_second: 0$/d' "$TMP/app.yml"
}

# Moves the files away: ext4 is slow with inodes that were deleted in the last minutes.
lose_everything() # NAME
{
	if [ "$1" = sql ]; then
		db sql "SET FOREIGN_KEY_CHECKS = 0; TRUNCATE records; TRUNCATE zones"
		return
	fi
	wait_for 20 no_children "$QUEUE" # a kept push program would use the old directory
	server_down "$1"
	mkdir "$TMP/$1/lost"
	mv "$TMP/$1/zones" "$TMP/$1"/*.nz[df]* "$TMP/$1/zone.list" "$TMP/$1/lost" 2>/dev/null
	mkdir "$TMP/$1/zones"
	server_up "$1"
}

reconcile_refill() # COUNT
{
	local name start took pushed
	for name in "${RECONCILED[@]}"; do
		lose_everything "$name"
		start=$(now_ms)
		reconciled 1
		pushed=$(now_ms)
		wait_for 60 queue_took
		wait_target 400 "$name" "$1" || figure "FAILED: $name is not filled again" \
			"$1" zones
		took=$(($(now_ms) - start))
		pushed=$(($(now_ms) - pushed))
		figure "$1 zones lost by $name: from ddo-reconcile to all there" \
			"$(calc "$took / 1000" 1)" s
		figure "  zones a second" "$(calc "$1 * 1000 / $took" 0)" zones/s
		figure "  of the first fill's rate" "$(calc "100 * ${FILLED[$name]} / $took" 0)" %
		figure "  the same without ddo-reconcile's own $(calc "$TOOK / 1000" 1) s" \
			"$(calc "100 * ${FILLED[$name]} / $pushed" 0)" %
		reconciled 0
	done
}

part_reconcile()
{
	local size
	echo "reconcile: a fake DirectAdmin, two targets of zone files (ns1, ns2), MariaDB (sql)"
	for size in "${reconcile_sizes[@]}"; do
		if ! { reconcile_up "$size" && reconcile_fill "$size" &&
			reconcile_in_sync "$size"; }; then
			reconcile_down
			return
		fi
		if [ "$size" = "${reconcile_sizes[0]}" ]; then
			reconcile_deep "$size"
			reconcile_refill "$size"
		fi
		reconcile_down
	done
}
