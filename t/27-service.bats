# What a service manager sees of ddo-httpd: readiness, stop, restart, reload.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154,SC2317
load lib/common
load lib/door
load lib/httpd
load lib/manager

DNS=/CMD_API_DNS_ADMIN
SAVE="$DNS?action=rawsave&domain=b.example"

setup()
{
	need python3 openssl
	zone_text b.example 7 >"$TMP/zone"
}

teardown()
{
	stop_all
}

@test "a state goes to NOTIFY_SOCKET, a path or an abstract one, and nowhere without it" {
	local name
	for name in "$TMP/notify" "@ddo-test-$BASHPID"; do
		manager_up "$name"
		"$BUILD/unit/notify_send" READY=1 reloading 'STATUS=two words'
		wait_for 10 heard 'STATUS=two words'
		heard READY=1
		heard 'RELOADING=1 MONOTONIC_USEC=[0-9]+'
		[ "$(wc -l <"$TMP/heard.log")" = 4 ]
		rm "$TMP/heard.log"
	done
	stop_all
	for name in "$TMP/nobody" relative "$(printf '/%0200d' 0)" ''; do
		NOTIFY_SOCKET=$name "$BUILD/unit/notify_send" READY=1
	done
	env -u NOTIFY_SOCKET "$BUILD/unit/notify_send" READY=1
}

# --- states ------------------------------------------------------------------------------------

@test "READY=1 when it listens, RELOADING=1 and READY=1 around a reload, STOPPING=1" {
	door_conf
	manager_up "$TMP/notify"
	httpd_up
	wait_for 10 heard READY=1
	[ "$(ask GET /CMD_API_LOGIN_TEST)" = 'error=0&text=Login+OK' ]
	kill -HUP "$HTTPD_PID"
	wait_for 10 grep 'configuration read anew' "$TMP/httpd.log"
	ready_again()
	{
		[ "$(grep -c READY=1 "$TMP/heard.log")" = 2 ]
	}
	wait_for 10 ready_again
	stop_pid "$HTTPD_PID"
	wait_for 10 heard STOPPING=1
	[ "$(sed 's/USEC=.*/USEC=N/' "$TMP/heard.log" | tr '\n' ,)" = \
		'listening,READY=1,RELOADING=1 MONOTONIC_USEC=N,READY=1,STOPPING=1,' ]
	rm "$TMP/heard.log"
	manager_up "$TMP/notify2"
	run -71 "$HTTPD" -l 192.0.2.1:1
	[ "$(cat "$TMP/heard.log")" = listening ]
}

@test "a reload that can start no process: it says why, the old one serves, the next one works" {
	door_conf
	manager_up "$TMP/notify"
	httpd_up
	wait_for 10 heard READY=1
	prlimit --pid "$HTTPD_PID" --nofile=4:
	kill -HUP "$HTTPD_PID"
	wait_for 10 grep 'cannot start a process that serves: Too many open files' "$TMP/httpd.log"
	ended()
	{
		[ "$(grep -c READY=1 "$TMP/heard.log")" = "$1" ]
	}
	wait_for 10 ended 2
	[ "$(ask GET /CMD_API_LOGIN_TEST)" = 'error=0&text=Login+OK' ]
	prlimit --pid "$HTTPD_PID" --nofile=64:
	kill -HUP "$HTTPD_PID"
	wait_for 10 grep 'configuration read anew' "$TMP/httpd.log"
	wait_for 10 ended 3
	[ "$(ask GET /CMD_API_LOGIN_TEST)" = 'error=0&text=Login+OK' ]
}

# tls_conf: app.yml with TLS and a new certificate.
tls_conf()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
		-subj /CN=localhost -keyout "$TMP/key.pem" -out "$TMP/cert.pem" \
		2>>"$TMP/openssl.log"
	door_conf 'app:' '  auth_username: da' "  auth_password: $PASSWORD" '  ssl_enable: true' \
		"  ssl_cert: $TMP/cert.pem" "  ssl_key: $TMP/key.pem"
}

status_with() # PASSWORD [SCHEME]
{
	curl -sSk -o /dev/null -w '%{http_code}' -u "da:$1" \
		"${2:-http}://127.0.0.1:$PORT/CMD_API_LOGIN_TEST"
}

anew() # COUNT
{
	[ "$(grep -c 'configuration read anew' "$TMP/httpd.log")" = "$1" ]
}

@test "a reload takes all of app.yml, or keeps the old one and says why" {
	door_conf "app: { auth_username: da, auth_password: one, threads: 2 }"
	httpd_up
	[ "$(status_with one)" = 200 ]
	door_conf "app: { auth_username: da, auth_password: two, threads: 3 }"
	kill -HUP "$HTTPD_PID"
	wait_for 10 anew 1
	[ "$(status_with two)" = 200 ]
	[ "$(status_with one)" = 401 ]
	printf '  nonsense: [\n' >>"$DDO_CONFIG"
	kill -HUP "$HTTPD_PID"
	wait_for 10 grep 'error: the old configuration stays' "$TMP/httpd.log"
	grep 'fatal: .*app.yml:[0-9]' "$TMP/httpd.log"
	[ "$(status_with two)" = 200 ]
	# TLS, which is another program, and back; a key that is not there changes nothing
	tls_conf
	kill -HUP "$HTTPD_PID"
	wait_for 10 anew 2
	[ "$(status_with "$PASSWORD" https)" = 200 ]
	[[ $(readlink "/proc/$(server_of "$HTTPD_PID")/exe") == *-tls ]]
	rm "$TMP/key.pem"
	kill -HUP "$HTTPD_PID"
	wait_for 10 grep 'key.pem: No such file' "$TMP/httpd.log"
	[ "$(status_with "$PASSWORD" https)" = 200 ]
	door_conf "app: { auth_username: da, auth_password: three }"
	kill -HUP "$HTTPD_PID"
	wait_for 10 anew 3
	[ "$(status_with three)" = 200 ]
	stop_pid "$HTTPD_PID"
}

@test "a process that serves and dies is replaced, and one that loses its keeper ends" {
	door_conf
	httpd_up
	local server
	server=$(server_of "$HTTPD_PID")
	kill -KILL "$server"
	wait_for 10 grep 'the process that serves has ended (signal 9)' "$TMP/httpd.log"
	[ "$(ask POST "$SAVE" "$TMP/zone")" = error=0 ]
	server=$(server_of "$HTTPD_PID")
	kill -KILL "$HTTPD_PID"
	wait_for 10 not is_running "$server"
}

# --- the stop ----------------------------------------------------------------------------------

@test "SIGTERM right before the program becomes ddo-httpd-tls is not lost" {
	tls_conf
	run -0 timeout -s KILL 20 env LD_PRELOAD="$BUILD/shim/late.so" \
		ASAN_OPTIONS=verify_asan_link_order=0 python3 -c '
import os, socket, sys
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(1)
os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
ready = os.open("/dev/null", os.O_WRONLY)
os.set_inheritable(ready, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()), DDO_HTTPD_READY=str(ready))
os.execve(sys.argv[1], sys.argv[1:], os.environ)' "$HTTPD"
	echo "$output"
}

@test "SIGTERM at any moment of the start ends it" {
	local kind i status
	for kind in door_conf tls_conf; do
		$kind
		for i in {0..59}; do
			start_bg early "$HTTPD" -l "127.0.0.1:$(free_port)"
			wait_for 5 passed $(($(now_ms) + i))
			status=0
			stop_pid "$BG_PID" || status=$?
			echo "$kind, after $i ms: $status"
			[ "$status" = 0 ] || [ "$status" = 143 ]
		done
	done
	run ! grep killed "$TMP/early.log"
}

# ends_within MS: the listener, since START
ends_within()
{
	stopped()
	{
		not is_running "$HTTPD_PID"
	}
	wait_for 20 stopped
	local took=$(($(now_ms) - START))
	echo "ended after $took ms"
	[ "$took" -lt "$1" ]
}

@test "a stop: a connection without a request has two seconds for it, one between requests none" {
	door_conf
	httpd_up
	exec 5<>"/dev/tcp/127.0.0.1/$PORT" 6<>"/dev/tcp/127.0.0.1/$PORT"
	ask GET /CMD_API_LOGIN_TEST # made later, so those are accepted
	START=$(now_ms)
	kill "$HTTPD_PID"
	wait_for 10 not status_with "$PASSWORD"
	request "GET /CMD_API_LOGIN_TEST HTTP/1.1" >&5
	timeout 10 cat <&5 >"$TMP/out"
	grep -i '^connection: close' "$TMP/out"
	grep 'Login+OK' "$TMP/out"
	# 6 says nothing
	ends_within 4000
	[ $(($(now_ms) - START)) -ge 1900 ]
	exec 5>&- 6>&-
	httpd_up
	exec 5<>"/dev/tcp/127.0.0.1/$PORT"
	request "GET /CMD_API_LOGIN_TEST HTTP/1.1" >&5
	grep -m 1 'Login+OK' <&5
	START=$(now_ms)
	kill "$HTTPD_PID"
	ends_within 1800
	exec 5>&-
}

# restarts_while PID COMMAND...: COMMAND again and again, as long as PID runs; counts in RESTARTS
restarts_while()
{
	local pid=$1
	shift
	RESTARTS=0
	while is_running "$pid"; do
		"$@"
		RESTARTS=$((RESTARTS + 1))
	done
	wait "$pid"
	echo "$RESTARTS restarts; $(tail -n 3 "$TMP/pushes")"
}

restart_unit()
{
	local before
	before=$(grep -c 'listening on' "$TMP/unit.log") || true
	pkill -TERM -P "$UNIT" -x ddo-httpd
	more()
	{
		[ "$(grep -c 'listening on' "$TMP/unit.log")" -gt "$before" ]
	}
	wait_for 20 more
}

@test "pushes on new connections over restarts behind a socket unit: none fails, also over TLS" {
	local kind tls
	for kind in door_conf tls_conf; do
		$kind
		tls=()
		[ "$kind" = door_conf ] || tls=(tls)
		PORT=$(free_port)
		: >"$TMP/unit.log"
		start_bg unit "$ROOT/t/lib/socket-unit" "$PORT" "$HTTPD"
		UNIT=$BG_PID
		wait_for 10 grep 'listening on' "$TMP/unit.log"
		"$ROOT/t/lib/pusher-new" "$PORT" "${PUSHES:-400}" 4 "da:$PASSWORD" \
			"${tls[@]}" >"$TMP/pushes" 2>&1 3>&- &
		restarts_while $! restart_unit
		[ "$(tail -n 1 "$TMP/pushes")" = "${PUSHES:-400} accepted, 0 failed" ]
		[ "$RESTARTS" -ge 3 ]
		run ! grep -v '^ended 0$' <(grep ended "$TMP/unit.log")
		stop_pid "$UNIT"
	done
}

reload()
{
	local before
	before=$(grep -c 'read anew' "$TMP/httpd.log") || true
	kill -HUP "$HTTPD_PID"
	wait_for 20 anew $((before + 1))
}

@test "pushes on new connections over reloads: none fails" {
	door_conf
	httpd_up
	"$ROOT/t/lib/pusher-new" "$PORT" "${PUSHES:-400}" 4 "da:$PASSWORD" >"$TMP/pushes" \
		2>&1 3>&- &
	restarts_while $! reload
	[ "$(tail -n 1 "$TMP/pushes")" = "${PUSHES:-400} accepted, 0 failed" ]
	[ "$RESTARTS" -ge 3 ]
	only_one()
	{
		[ "$(server_of "$HTTPD_PID" | wc -l)" = 1 ]
	}
	wait_for 10 only_one
	stop_pid "$HTTPD_PID"
}

# --- the test of the start ----------------------------------------------------------------------

@test "-T opens what the start will: key and certificate, password files, the spool" {
	[ "$(id -u)" = 0 ] || absent "root, to be another user" || return 1
	tls_conf
	run -0 "$HTTPD" -T
	run -71 as_nobody "$HTTPD" -T
	[[ $output == *"key.pem: Permission denied"* ]]
	chmod 644 "$TMP/key.pem"
	run -75 as_nobody "$HTTPD" -T
	[[ $output == *"cannot write $SPOOL"*"Permission denied"* ]]
	chmod -R a+rwX "$SPOOL"
	run -0 as_nobody "$HTTPD" -T
	rm "$TMP/cert.pem"
	run -71 as_nobody "$HTTPD" -T
	[[ $output == *"cert.pem: No such file"* ]]
	install -m 600 /dev/stdin "$TMP/password" <<<"$PASSWORD"
	door_conf "app: { auth_username: da, auth_password_file: $TMP/password }"
	run -78 as_nobody "$HTTPD" -T
	[[ $output == *"$TMP/password"*"Permission denied"* ]]
}

# as_nobody COMMAND...: with the way to it opened
as_nobody()
{
	chmod a+rx "$TMP"
	local dir
	for dir in "$TMP" "$BIN"; do
		while [ "$dir" != / ]; do
			[ ! -O "$dir" ] || chmod a+x "$dir"
			dir=$(dirname "$dir")
		done
	done
	chmod a+r "$DDO_CONFIG"
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}
