# For tests of ddo-httpd: its three modes behind one `ask`.  Load lib/common and lib/door first.

# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154	# CODE is for those who load this; PASSWORD is door's

HTTPD=$BIN/ddo-httpd

# httpd_up [OPTION...]: starts ddo-httpd with a listener on 127.0.0.1:PORT.  Its pid is HTTPD_PID.
httpd_up()
{
	PORT=$(free_port)
	MODE=http
	start_bg httpd "$HTTPD" -l "127.0.0.1:$PORT" "$@"
	HTTPD_PID=$BG_PID
	wait_for 10 port_in_use "$PORT"
}

# inetd_up [-2]: starts an inetd that starts ddo-httpd for each connection.
inetd_up()
{
	PORT=$(free_port)
	MODE=http
	start_bg inetd "$ROOT/t/lib/inetd" "$@" "$PORT" "$HTTPD"
	wait_for 10 port_in_use "$PORT"
}

# ask METHOD TARGET [FILE [TYPE]]: sends a request with FILE as its body.  The answer's body goes to
# stdout and $TMP/body, its headers to $TMP/head, its status to $TMP/code.
ask()
{
	if [ "$MODE" = cgi ]; then
		ask_cgi "$@"
	else
		ask_http "$@"
	fi
	cat "$TMP/body"
}

ask_http()
{
	local body=() target=$2
	[ -z "${3:-}" ] || body=(--data-binary "@$3" -H "Content-Type: ${4:-}")
	curl -sS -g -m 30 -X "$1" -u "da:$PASSWORD" -D "$TMP/head" -o "$TMP/body" \
		-w '%{http_code}' \
		"${body[@]}" "http://127.0.0.1:$PORT$target" >"$TMP/code"
}

ask_cgi()
{
	local query='' path=${2%%\?*} length=()
	[[ $2 != *\?* ]] || query=${2#*\?}
	[ -z "${3:-}" ] || length=("CONTENT_LENGTH=$(stat -L -c %s "$3")" "CONTENT_TYPE=${4:-}")
	cgi REQUEST_METHOD="$1" PATH_INFO="$path" QUERY_STRING="$query" "${length[@]}" \
		<"${3:-/dev/null}" >"$TMP/answer" 2>>"$TMP/httpd.log"
	sed '/^\r$/q' "$TMP/answer" >"$TMP/head"
	sed '1,/^\r$/d' "$TMP/answer" >"$TMP/body"
	sed -n 's/^Status: \([0-9]*\).*/\1/p' "$TMP/head" >"$TMP/code"
}

# basic NAME:PASSWORD: prints the value of Authorization.
basic()
{
	printf 'Basic %s' "$(printf %s "$1" | base64 -w 0)"
}

# cgi NAME=VALUE...: starts ddo-httpd as a web server does.
cgi()
{
	env -i PATH="$PATH" DDO_CONFIG="$DDO_CONFIG" GATEWAY_INTERFACE=CGI/1.1 \
		SERVER_PROTOCOL=HTTP/1.1 \
		REMOTE_ADDR=192.0.2.7 HTTP_AUTHORIZATION="$(basic "da:$PASSWORD")" "$@" "$HTTPD"
}

# raw: sends stdin to the server as it is, and prints the answer until the server closes.
raw()
{
	# shellcheck disable=SC2016
	timeout "${RAW_SECONDS:-20}" bash \
		-c 'exec 5<>"/dev/tcp/127.0.0.1/$0" && { cat >&5; cat <&5; }' "$PORT"
}

# request LINE [HEADER...]: prints a raw request with the test's credentials.
request()
{
	printf '%s\r\n' "$1" 'Host: x' "Authorization: $(basic "da:$PASSWORD")" "${@:2}"
	printf '\r\n'
}

# server_of PID: the process that serves, below the one that keeps the sockets.
server_of()
{
	pgrep -P "$1"
}

# log_up: a syslogd's socket.  What LOGGED, put in front of a command, lets it log there as /dev/log
# goes to $TMP/log.log, one message a line.
log_up()
{
	mkdir -p "$TMP/dev"
	# shellcheck disable=SC2016	# the inner shell expands them
	LOGGED=(unshare -m sh -c 'for d in null zero random urandom full; do
		: >>"$0/$d" && mount --bind "/dev/$d" "$0/$d" || exit 1
		done
		mount --rbind "$0" /dev && exec "$@"' "$TMP/dev")
	"${LOGGED[@]}" true 2>/dev/null || absent "the right to mount (root)" || return 1
	start_bg log python3 -u -c '
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
while True:
    print(s.recv(65536).decode())' "$TMP/dev/log"
	wait_for 10 test -S "$TMP/dev/log"
}
