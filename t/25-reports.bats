# The reports /health, /status and /metrics, and --record with t/replay.
# shellcheck disable=SC2030,SC2031,SC2034
load lib/common
load lib/door
load lib/httpd

DNS=/CMD_API_DNS_ADMIN
SAVE="$DNS?action=rawsave&domain=b.example"

setup()
{
	PATH=$PATH:$ROOT/.deps/prometheus/usr/bin
	zone_text b.example 7 >"$TMP/zone"
}

teardown()
{
	stop_all
}

# with_targets: two targets, of which one is down and the other a directory.
with_targets()
{
	cat >"$TMP/down" <<-'END'
		#!/bin/sh
		case $3 in
		probe) echo gone; exit 69 ;;
		esac
		echo "down it is gone"
		exit 69
	END
	chmod +x "$TMP/down"
	mkdir "$TMP/dir"
	door_conf "app: { auth_username: da, auth_password: $PASSWORD }" 'dns:' '  backends:' \
		"    ns1: { type: dir, program: $ROOT/etc/examples/ddo-push-dir, dir: $TMP/dir }" \
		"    ns-2: { type: down, program: $TMP/down }"
}

@test "/health: one line, without credentials, in each mode" {
	door_conf
	httpd_up
	[ "$(curl -sS -w ' %{http_code} %{content_type}' "http://127.0.0.1:$PORT/health")" = \
		"$(printf 'ok\n 200 text/plain')" ]
	[ "$(curl -sSI -o /dev/null -w '%{http_code}' "http://127.0.0.1:$PORT/health")" = 200 ]
	[ "$(cgi REQUEST_METHOD=GET PATH_INFO=/health HTTP_AUTHORIZATION= | tail -n 1)" = ok ]
	inetd_up
	[ "$(curl -sS "http://127.0.0.1:$PORT/health")" = ok ]
}

@test "/status and /metrics want credentials" {
	door_conf
	httpd_up
	local path
	for path in status metrics; do
		[ "$(curl -sS -o "$TMP/out" -w '%{http_code}' "http://127.0.0.1:$PORT/$path")" \
			= 401 ]
		[ "$(curl -sS -o "$TMP/out" -w '%{http_code}' -u da:wrong \
			"http://127.0.0.1:$PORT/$path")" = 401 ]
		[ "$(curl -sS -o "$TMP/out" -w '%{http_code}' -u "da:$PASSWORD" \
			"http://127.0.0.1:$PORT/$path")" = 200 ]
	done
}

@test "/status: DirectDNSOnly's keys, and ours" {
	need jq
	with_targets
	httpd_up
	ask POST "$SAVE" "$TMP/zone"
	queue_once
	ask POST "$DNS?action=rawsave&domain=b.example" "$TMP/zone"
	MODE=http
	ask GET /status >"$TMP/status"
	grep -i '^content-type: application/json' "$TMP/head"
	cat "$TMP/status"
	[ "$(jq -r '.status, .zones.total, .queues.retry, .queues.dead_letters, .queues.spool.waiting, .workers.queue' "$TMP/status" |
		tr '\n' ' ')" = 'error 1 0 0 1 false ' ]
	[ "$(jq -r '.targets[] | .name + " " + .state + " " + (.confirmed | tostring)' \
		"$TMP/status" | tr '\n' ' ')" = 'ns1 up 1 ns-2 down 0 ' ]
	start_bg queue "$BIN/ddo-queue"
	degraded()
	{
		[ "$(ask GET /status | jq -r .status)" = degraded ]
	}
	wait_for 10 degraded
	MODE=cgi ask GET /status | jq -e .zones.total
}

# metric NAME: its value
metric()
{
	grep -v '^#' "$TMP/metrics" | grep -F "$1 " | sed 's/.* //'
}

@test "/metrics: as promtool wants them, and they count" {
	need promtool
	with_targets
	httpd_up
	ask GET /metrics >"$TMP/metrics"
	grep -i '^content-type: text/plain; version=0.0.4' "$TMP/head"
	[ "$(metric 'ddo_pushes_total{result="accepted"}')" = 0 ]
	ask POST "$SAVE" "$TMP/zone"
	MODE=cgi ask POST "$DNS?action=delete&domain=a.example"
	{ cat "$TMP/zone" && echo 'x A 192.0.2.256'; } >"$TMP/bad"
	ask POST "$DNS?action=rawsave&domain=c.example" "$TMP/bad"
	(PASSWORD=wrong ask GET /CMD_API_LOGIN_TEST)
	ask GET /metrics >"$TMP/metrics"
	[ "$(metric 'ddo_queue_depth')" = 3 ] # the refused one is told of
	[ "$(metric 'ddo_queue_running')" = 0 ]
	start_bg queue "$BIN/ddo-queue"
	served()
	{
		ask GET /metrics >"$TMP/metrics"
		[ "$(metric 'ddo_confirmation_seconds_count{target="ns1"}')" = 1 ] &&
			[ "$(metric 'ddo_deliveries{target="ns1",state="done"}')" = 1 ] &&
			[ "$(metric 'ddo_target_up{target="ns-2"}')" = 0 ]
	}
	wait_for 10 served
	cat "$TMP/metrics"
	[ "$(metric 'ddo_pushes_total{result="accepted"}')" = 2 ]
	[ "$(metric 'ddo_pushes_total{result="refused"}')" = 1 ]
	[ "$(metric 'ddo_pushes_total{result="failed"}')" = 0 ]
	[ "$(metric ddo_login_failures_total)" = 1 ]
	[ "$(metric ddo_queue_running)" = 1 ]
	[ "$(metric 'ddo_target_up{target="ns1"}')" = 1 ]
	[ "$(metric 'ddo_deliveries{target="ns1",state="done"}')" = 1 ]
	[ "$(metric 'ddo_deliveries{target="ns-2",state="due"}')" = 1 ]
	[ "$(metric 'ddo_confirmation_seconds_bucket{target="ns1",le="+Inf"}')" = 1 ]
	run -0 promtool check metrics <"$TMP/metrics"
	[ -z "$output" ]
	# buckets only grow
	grep 'seconds_bucket{target="ns1"' "$TMP/metrics" |
		awk '{ if ($2 < last) exit 1; last = $2 }'
}

@test "a store that cannot be read: 503 for /status and /metrics, and the reason in the log" {
	door_conf
	httpd_up
	head -c 8192 /dev/urandom >"$TMP/zones.db"
	rm -f "$TMP"/zones.db-*
	local path
	for path in status metrics; do
		ask GET /$path
		[ "$(cat "$TMP/code")" = 503 ]
	done
	[ "$(curl -sS "http://127.0.0.1:$PORT/health")" = ok ]
	grep 'error: cannot read the store for ' "$TMP/httpd.log"
}

@test "a store of the schema before is taken over, and counts from then on" {
	with_targets
	"$BIN/ddo-enqueue" put b.example <"$TMP/zone"
	sqlite3 "$TMP/zones.db" 'DROP TABLE latency; DROP TABLE archive; DROP TABLE backwards; DROP TABLE meta; DROP TABLE refusals;
		ALTER TABLE deliveries DROP COLUMN tried; ALTER TABLE deliveries DROP COLUMN alone;
		ALTER TABLE targets DROP COLUMN compared;
			ALTER TABLE targets DROP COLUMN compared_boot; PRAGMA user_version = 1'
	queue_once
	[ "$(sqlite3 "$TMP/zones.db" 'PRAGMA user_version; SELECT count(*) FROM zones; SELECT sum(count) FROM latency; SELECT count(*) FROM archive' | tr '\n' ' ')" = '4 1 1 0 ' ]
}

@test "/status and /metrics tell what ddo-reconcile did" {
	with_targets
	httpd_up
	local now
	now=$(date +%s)
	ask GET /status | jq -e '.reconcile == null'
	not grep -q ddo_reconcile <<<"$(ask GET /metrics)"
	printf 'ddo-job: 1\nop: report\nsource: reconcile\n\n{"started":%s,"ended":%s,"counts":{"brake":1,"delete":3}}' \
		$((now - 7)) $((now - 5)) >"$TMP/spool/new/0000000000000001"
	queue_once
	ask GET /status | jq -e '.reconcile.seconds == 2 and .reconcile.counts.delete == 3'
	ask GET /metrics >"$TMP/metrics"
	grep -Fx 'ddo_reconcile_actions{kind="brake"} 1' "$TMP/metrics"
	grep -Fx 'ddo_reconcile_seconds 2' "$TMP/metrics"
	# What is none is dropped, and breaks nothing.
	printf 'ddo-job: 1\nop: report\nsource: reconcile\n\n{"started":"x"' \
		>"$TMP/spool/new/0000000000000002"
	queue_once
	[ -z "$(ls "$TMP/spool/new")" ]
	ask GET /status | jq -e '.reconcile.seconds == 2'
}

# --- recording ---------------------------------------------------------------------------------

@test "--record: each request and answer, to the octet, without secrets; t/replay plays them" {
	need openssl
	door_conf
	mkdir "$TMP/record"
	httpd_up --record "$TMP/record"
	ask GET /CMD_API_LOGIN_TEST
	ask POST "$SAVE&hostname=da1.example.com" "$TMP/zone" text/plain
	printf 'action=delete&select0=a.example&p%%61sswd=hunter2&x=y' >"$TMP/form"
	ask POST "$DNS" "$TMP/form"
	ask GET "$DNS?action=exists&domain=zz.example&Password=hunter2&api_key=hunter2&token=hunter2"
	(PASSWORD=hunter2 ask GET /CMD_API_LOGIN_TEST)
	ask GET /CMD_API_NONE
	printf 'GET http://u:hunter2@h/CMD_API_LOGIN_TEST?pass=hunter2 HTTP/1.1\r\nHost: x\r\nCookie: session=hunter2\r\nauthorization: %s\r\nConnection: close\r\n\r\n' \
		"$(basic "da:$PASSWORD")" | raw
	curl -sS -u "da:$PASSWORD" -H 'Transfer-Encoding: chunked' --data-binary "@$TMP/zone" \
		"http://127.0.0.1:$PORT$SAVE"
	curl -sS -u "da:hunter2" -H 'Transfer-Encoding: chunked' --data-binary "@$TMP/zone" \
		"http://127.0.0.1:$PORT$SAVE"
	[ "$(find "$TMP/record" -name '*.http' | wc -l)" = 9 ]
	[ "$(find "$TMP/record" -name '*.http' -perm 600 | wc -l)" = 9 ]
	run ! grep -ra -e hunter2 -e "$PASSWORD" -e "$(printf %s "da:$PASSWORD" | base64)" \
		"$TMP/record"
	grep -rac 'Basic \*' "$TMP/record"
	local save
	save=$(grep -rl hostname=da1 "$TMP/record")
	sed '/^$/q' "$save"
	grep -ax 'client: 127.0.0.1' "$save"
	grep -a "^POST $SAVE&hostname=da1.example.com HTTP/1.1" "$save"
	# the zone is in it as it came
	sed '1,/^\r$/d' "$save" | head -c "$(stat -c %s "$TMP/zone")" | cmp - "$TMP/zone"
	forget_jobs
	local files=("$TMP"/record/*.http)
	stop_pid "$HTTPD_PID"
	httpd_up
	# the failed logins: they were wrong then and would be right now
	run "$ROOT/t/replay" -u "da:$PASSWORD" "http://127.0.0.1:$PORT" "${files[@]}"
	echo "$output"
	[ "$(grep -c '^same ' <<<"$output")" = 7 ]
	[ "$(grep -c '^different .*401' <<<"$output")" = 2 ]
	[ "$(job_count)" = 4 ]
	check_job "$(jobs | head -n 1)" put b.example "$TMP/zone"
	check_job "$(jobs | sed -n 3p)" put b.example "$TMP/zone"
}

@test "t/replay over TLS, and with files that are none" {
	need openssl
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3 \
		-subj /CN=localhost -addext 'subjectAltName=DNS:localhost' \
		-keyout "$TMP/key.pem" -out "$TMP/cert.pem" 2>"$TMP/openssl.log"
	door_conf "app: { auth_username: da, auth_password: $PASSWORD, ssl_enable: true, ssl_cert: $TMP/cert.pem, ssl_key: $TMP/key.pem }"
	mkdir "$TMP/record"
	httpd_up --record "$TMP/record"
	curl -sSk -u "da:$PASSWORD" --data-binary "@$TMP/zone" "https://127.0.0.1:$PORT$SAVE"
	forget_jobs
	run -0 "$ROOT/t/replay" -k -u "da:$PASSWORD" "https://127.0.0.1:$PORT" "$TMP"/record/*.http
	only_job put b.example "$TMP/zone"
	run -1 "$ROOT/t/replay" -u "da:$PASSWORD" "https://localhost:$PORT" "$TMP"/record/*.http
	run -64 "$ROOT/t/replay" "http://127.0.0.1:$PORT" "$TMP/zone"
	run -64 "$ROOT/t/replay" nonsense "$TMP/zone"
}

@test "--record into a directory that is not there: exit 64; that goes away: pushes go on, the log says so" {
	door_conf
	run -64 "$HTTPD" -l 127.0.0.1:1 --record "$TMP/none"
	[[ $output == *"--record $TMP/none: No such file or directory" ]]
	mkdir "$TMP/none"
	httpd_up --record "$TMP/none"
	rmdir "$TMP/none"
	[ "$(ask POST "$SAVE" "$TMP/zone")" = error=0 ]
	grep 'cannot record a request: ' "$TMP/httpd.log"
	only_job put b.example "$TMP/zone"
}
