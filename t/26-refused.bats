#!/usr/bin/env bats
# What is refused, by the doors and by ddo-queue: zones that swell, names of one label, zones of others.
# A refusal is kept, shown, and ends.
# shellcheck disable=SC2030,SC2031,SC2034
load lib/common
load lib/door
load lib/httpd

DNS=/CMD_API_DNS_ADMIN
ENQUEUE=$BIN/ddo-enqueue
DIR=$TMP/zones.ns1

setup()
{
	MODE=http
}

teardown()
{
	stop_all
}

# with_dir LINE...: app.yml with LINEs in app: and one target, the directory $DIR.
with_dir()
{
	door_conf 'app:' "${@/#/  }" 'dns:' '  backends:' \
		"    ns1: { type: dir, program: $ROOT/etc/examples/ddo-push-dir }"
}

@test "a short text that is a large zone: refused at each door, at once, with little memory" {
	with_dir 'auth_username: da' "auth_password: $PASSWORD"
	httpd_up
	swollen_zone big.example 48000 >"$TMP/big"
	[ "$(stat -c %s "$TMP/big")" -lt 1000000 ]
	ask POST "$DNS?action=rawsave&domain=big.example" "$TMP/big"
	grep 'error=1&text=Zone+refused&details=.*larger+than+app.max_zone_bytes' "$TMP/body"
	run -65 bash -c "ulimit -v 400000; exec '$ENQUEUE' put big.example" <"$TMP/big"
	[[ $output == *"the zone, written out, is larger than app.max_zone_bytes, 67108864" ]]
	cp "$TMP/big" "$TMP/big.example.db"
	run -65 "$ENQUEUE" batch <<<"put big.example $TMP/big.example.db"
	[[ $output == 'fail big.example '*max_zone_bytes* ]]
	queue_once
	[ -z "$(ls -A "$DIR" "$SPOOL/bad" | grep example)" ]
	# one that is just within it is taken, and served
	swollen_zone big.example 30000 >"$TMP/big"
	run -0 "$ENQUEUE" put big.example <"$TMP/big"
	queue_once
	[ "$(wc -l <"$DIR/big.example")" = 30002 ]
}

@test "app.max_zone_bytes: to the byte" {
	local size
	with_dir "auth_password: $PASSWORD"
	zone_text a.example 7 {1..40}' TXT "'{1..9}'"' >"$TMP/zone"
	"$ENQUEUE" put a.example <"$TMP/zone"
	queue_once
	size=$(stat -c %s "$DIR/a.example")
	DADNS_APP_MAX_ZONE_BYTES=$size run -0 "$ENQUEUE" put a.example <"$TMP/zone"
	DADNS_APP_MAX_ZONE_BYTES=$((size - 1)) run -65 "$ENQUEUE" put a.example <"$TMP/zone"
}

@test "a job of a door that knew no limit: rejected by ddo-queue, and the others go on" {
	with_dir "auth_password: $PASSWORD"
	zone_text a.example 1 >"$TMP/zone"
	DADNS_APP_MAX_ZONE_BYTES=1073741824 "$ENQUEUE" put big.example < <(swollen_zone big.example 48000)
	"$ENQUEUE" put a.example <"$TMP/zone"
	queue_once
	[ "$(ls "$DIR")" = a.example ]
	[ "$(find "$SPOOL/bad" -type f | wc -l)" = 1 ]
	grep 'big.example: job [0-9]* is refused.*max_zone_bytes' "$TMP/queue.log"
}
