#!/usr/bin/env bats
# Servers of every kind, and two of one, behind one ddo.

load lib/common
load lib/named
load lib/mariadb
load lib/kinds
load lib/answers

teardown()
{
	stop_all
}

SERVERS=(bind nsd nsd2 knot pdns coredns)

some_pushes() # FIRST LAST: zones of different shapes, each again and again; every ninth is deleted
{
	local i zone
	for ((i = $1; i <= $2; i++)); do
		zone=mix$((i % 25)).example
		if [ $((i % 9)) = 4 ]; then
			"$BIN/ddo-enqueue" del "$zone"
		else
			put "$zone" "$i" "r$((i % 7)) 300 IN A 192.0.2.$((i % 250))" \
				"big 300 IN TXT \"$i\" \"$(printf 'x%.0s' {1..200})\"" \
				"sub 300 IN NS ns1.sub" "ns1.sub 300 IN A 192.0.2.$((i % 200))" \
				"*.wild 60 IN A 198.51.100.$((i % 99))"
		fi
	done
}

stored() # the zones that should be served
{
	sqlite3 "$TMP/zones.db" "SELECT name FROM zones WHERE NOT deleted ORDER BY name"
}

@test "six servers of five kinds, killed and started in turn under load: the same answers in the end" {
	local name zone file
	for name in "${SERVERS[@]}"; do
		server_make "${name%2}" "$name"
	done
	targets_conf "${SERVERS[@]}"
	for name in "${SERVERS[@]}"; do
		server_up "$name"
	done
	DNS=${DNS_OF[bind]}
	queue_up
	wait_for 10 test -e "$TMP/spool/order"
	for file in "$ROOT"/t/zones/*.db; do
		zone=$(basename "$file" .db)
		"$BIN/ddo-enqueue" put "${zone//%2F//}" <"$file"
	done
	local i=1
	for name in "${SERVERS[@]}"; do
		some_pushes $i $((i + 14))
		server_down "$name" KILL
		some_pushes $((i + 15)) $((i + 29))
		server_up "$name"
		i=$((i + 30))
	done
	queue_down KILL || true
	some_pushes $i $((i + 20))
	queue_up
	wait_for 10 "$BIN/ddo-queue" --retry
	wait_for 60 all_done
	"$BIN/ddo-status" --json | jq -e '[.targets[] | .parked + .refused] | add == 0'
	# Every name and type that the store has, and those that it has no more.
	for zone in $(stored); do
		sqlite3 "$TMP/zones.db" "SELECT text FROM zones WHERE name = '$zone'" |
			questions "$zone"
	done >"$TMP/all"
	[ "$(wc -l <"$TMP/all")" -gt 150 ]
	for zone in $(stored); do
		sqlite3 "$TMP/zones.db" "SELECT text FROM zones WHERE name = '$zone'" |
			referrals "$zone"
	done >"$TMP/below"
	[ "$(wc -l <"$TMP/below")" -gt 20 ]
	for zone in $(sqlite3 "$TMP/zones.db" "SELECT name FROM zones WHERE deleted"); do
		echo "$zone. SOA"
	done >"$TMP/deleted"
	[ -s "$TMP/deleted" ]
	only_answers "$DNS" <"$TMP/all" >"$TMP/bind.answers"
	not grep -q 'SERVFAIL\|REFUSED' "$TMP/bind.answers"
	only_referrals "$DNS" <"$TMP/below" >"$TMP/bind.referrals"
	grep -q '| AUTHORITY sub\.mix.* NS ' "$TMP/bind.referrals"
	grep -q '| ADDITIONAL ns1\.sub\.mix.* A ' "$TMP/bind.referrals"
	for name in "${SERVERS[@]}"; do
		only_answers "${DNS_OF[$name]}" <"$TMP/all" | diff "$TMP/bind.answers" -
		# CoreDNS's plugin makes no referrals, and answers what it once answered (CAVEATS of
		# ddo-push-mysql).
		[ "$name" != coredns ] || continue
		only_referrals "${DNS_OF[$name]}" <"$TMP/below" | diff "$TMP/bind.referrals" -
		[ "$(answers "${DNS_OF[$name]}" <"$TMP/deleted" | grep -c '| REFUSED')" = \
			"$(wc -l <"$TMP/deleted")" ]
	done
	# And each of them holds exactly the store's zones.
	sqlite3 -separator $'\t' "$TMP/zones.db" \
		"SELECT name, serial, digest FROM zones WHERE NOT deleted ORDER BY name" |
		LC_ALL=C sort >"$TMP/want"
	for name in "${SERVERS[@]}"; do
		"$BIN/${TOOL[$name]}" -t "$name" list | diff "$TMP/want" -
	done
}

only_referrals()
{
	ANSWER_FLAGS='+authority +additional' answers "$1"
}

# The answer's status and records; what else servers put beside them is theirs.
only_answers()
{
	answers "$1" | grep -v '| AUTHORITY\|| ADDITIONAL'
}

@test "CoreDNS over MariaDB: a thousand updates under continuous queries: every answer is one version" {
	server_make coredns ns1
	targets_conf ns1
	server_up ns1
	WATCH_FLAGS=no-aa watch_updates "${DNS_OF[ns1]}" "$BIN/${TOOL[ns1]}" -t ns1
	echo "# coredns: $SEEN" >&3
	local queries failed mixed backwards versions last longest_ms
	eval "$SEEN"
	[ "$queries" -gt 1000 ] && [ "$versions" -gt 100 ] && [ "$last" = 1001 ]
	[ "$failed $mixed $backwards" = "0 0 0" ] && [ "$longest_ms" -lt 2000 ]
}
