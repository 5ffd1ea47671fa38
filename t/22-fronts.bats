# ddo-httpd behind real web servers and under real super-servers, with the configurations of etc/.
# shellcheck disable=SC2030,SC2031,SC2034
load lib/common
load lib/door
load lib/httpd

DNS=/CMD_API_DNS_ADMIN

setup()
{
	door_conf
	zone_text b.example 7 >"$TMP/zone"
	PORT=$(free_port)
	MODE=http
	FRONT=()
}

teardown()
{
	stop_all
}

# filled FILE: a configuration of etc/, with this test's paths, port and user instead.
filled()
{
	sed -e "s|@PREFIX@/sbin|$BIN|g" -e "s|@SYSCONFDIR@/ddo/app.yml|$DDO_CONFIG|g" \
		-e "s|/etc/ddo/tls|$TMP|g" \
		-e "s|\b2222\b|$PORT|g" -e "s|/run/fcgiwrap.socket|$TMP/fcgiwrap|g" \
		-e "s|ddo-httpd:ddo|$(id -un):$(id -gn)|; s|user\( *\)= ddo-httpd|user\1= $(id \
		-un)|; s|group\( *\)= ddo|group\1= $(id -gn)|" \
		-e "s|id -\([ug]\) ddo-httpd|id -\1|" -e '/^set[ug]id/d' "$ROOT/etc/$1"
}

# ask, over TLS where URL says so.
ask()
{
	local body=()
	[ -z "${3:-}" ] || body=(--data-binary "@$3" -H "Content-Type: ${4:-}" -H 'Expect:')
	curl -sS --http1.1 -g -m 30 -k -X "$1" -u "da:$PASSWORD" -D "$TMP/head" -o "$TMP/body" \
		-w '%{http_code}' \
		"${body[@]}" "${FRONT[@]}" "$URL$2" >"$TMP/code"
	cat "$TMP/body"
}

# the_door_works: what must hold whatever stands in front.
the_door_works()
{
	wait_for 10 curl -sSk -m 5 "$URL/health"
	[ "$(ask GET /CMD_API_LOGIN_TEST)" = 'error=0&text=Login+OK' ]
	[ "$(ask GET "$DNS")" = 'error=0&text=OK' ]
	[ "$(ask POST "$DNS?action=rawsave&domain=b.example&hostname=da1.example.com" \
		"$TMP/zone")" = error=0 ]
	only_job put b.example "$TMP/zone"
	[ "$(job_head "$(jobs)" origin)" = da1.example.com ]
	[ "$(job_head "$(jobs)" client)" = "${CLIENT-127.0.0.1}" ]
	forget_jobs
	printf 'action=delete&select0=B.Example.&select2=a%%2Eexample' >"$TMP/form"
	[ "$(ask POST "$DNS" "$TMP/form" text/plain)" = error=0 ]
	[ "$(job_count)" = 2 ]
	forget_jobs
	[ "$(ask GET "$DNS?action=delete&domain=..%2F..%2Fetc%2Fpasswd" | cut -c1-8)" = 'error=1&' ]
	PASSWORD=wrong ask GET /CMD_API_LOGIN_TEST
	[ "$(cat "$TMP/code")" = 401 ]
	grep -i '^www-authenticate: Basic realm=' "$TMP/head"
	ask GET /CMD_API_NONE
	[ "$(cat "$TMP/code")" = 404 ]
	no_jobs
	# A body without a length is a whole push or none, never a push without its end.
	FRONT=(-H 'Transfer-Encoding: chunked')
	ask POST "$DNS?action=rawsave&domain=b.example" "$TMP/zone"
	if [ "$(cat "$TMP/code")" = 200 ]; then
		only_job put b.example "$TMP/zone"
	else
		[ "$(cat "$TMP/code")" = 411 ]
		no_jobs
	fi
	forget_jobs
	FRONT=()
	# Most of a megabyte, and clients side by side.
	yes '; a comment line that makes the zone long' | head -n 20000 >>"$TMP/zone"
	[ "$(ask POST "$DNS?action=rawsave&domain=b.example" "$TMP/zone")" = error=0 ]
	only_job put b.example "$TMP/zone"
	forget_jobs
	zone_text b.example 8 >"$TMP/zone"
	seq 20 | xargs -P 5 -I @@ curl -sSk -m 30 -u "da:$PASSWORD" --data-binary "@$TMP/zone" \
		"$URL$DNS?action=rawsave&domain=b.example" >"$TMP/answers"
	[ "$(sed 's/error=0/&\n/g' "$TMP/answers" | grep -c error=0)" = 20 ]
	[ "$(job_count)" = 20 ]
}

tls_files()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
		-subj /CN=localhost \
		-keyout "$TMP/key.pem" -out "$TMP/cert.pem" 2>"$TMP/openssl.log"
}

has_children() # COUNT PID
{
	[ "$(pgrep -c -P "$2")" = "$1" ]
}

# logged_to_syslog FILE: each push and each failed login went there, and FILE, the web server's log
# of errors, has nothing of ddo's.
logged_to_syslog()
{
	grep 'ddo-httpd\[[0-9]*\]: .*b.example' "$TMP/log.log"
	grep 'ddo-httpd\[[0-9]*\]: warning: authentication failed for da from 127.0.0.1' \
		"$TMP/log.log"
	run ! grep ddo-httpd: "$1"
}

@test "CGI behind nginx with fcgiwrap" {
	need nginx fcgiwrap openssl
	tls_files
	log_up
	{
		[ "$(id -u)" != 0 ] || echo "user root;"
		echo "daemon off; pid $TMP/nginx.pid; error_log $TMP/nginx.err; events {} http {"
		for place in client_body proxy fastcgi uwsgi scgi; do
			echo "${place}_temp_path $TMP/$place;"
		done
		filled nginx/ddo.conf | sed \
			's|include fastcgi_params|include /etc/nginx/fastcgi_params|'
		echo "}"
	} >"$TMP/nginx.conf"
	start_bg fcgiwrap "${LOGGED[@]}" fcgiwrap -c 4 -f -s "unix:$TMP/fcgiwrap"
	# Its children outlive it: they are ended after it.
	local children
	wait_for 10 has_children 4 "$BG_PID"
	mapfile -t children < <(pgrep -P "$BG_PID")
	STARTED_PIDS=("${children[@]}" "${STARTED_PIDS[@]}")
	start_bg nginx nginx -e "$TMP/nginx.err" -c "$TMP/nginx.conf"
	URL=https://127.0.0.1:$PORT
	the_door_works
	logged_to_syslog "$TMP/nginx.err"
	run ! grep -F '[error]' "$TMP/nginx.err"
}

@test "CGI behind Apache with mod_cgid" {
	need apache2 openssl
	tls_files
	local modules=/usr/lib/apache2/modules m
	{
		echo "ServerRoot $TMP"
		echo "ServerName localhost"
		for m in mpm_event authz_core alias env cgid ssl; do
			echo "LoadModule ${m}_module $modules/mod_$m.so"
		done
		[ "$(id -u)" != 0 ] || printf 'User www-data\nGroup www-data\n'
		printf 'PidFile %s/apache.pid\nErrorLog %s/apache.err\nScriptSock %s/cgid\n' \
			"$TMP" "$TMP" "$TMP"
		filled apache2/ddo.conf
	} >"$TMP/apache.conf"
	# Apache's programs cannot run as root.
	if [ "$(id -u)" = 0 ]; then
		chmod -R a+rwX "$TMP"
		open_path "$TMP"
		open_path "$BIN"
	fi
	log_up
	start_bg apache "${LOGGED[@]}" apache2 -D FOREGROUND -f "$TMP/apache.conf"
	URL=https://127.0.0.1:$PORT
	the_door_works
	logged_to_syslog "$TMP/apache.err"
}

# open_path DIR: everybody may pass through to it.
open_path()
{
	local dir=$1
	while [ "$dir" != / ]; do
		[ ! -O "$dir" ] || chmod a+x "$dir"
		dir=${dir%/*}
		dir=${dir:-/}
	done
}

@test "CGI behind lighttpd" {
	need lighttpd openssl
	tls_files
	{
		printf 'server.modules = ()\nserver.document-root = "%s"\nserver.port = %s\nserver.bind = "127.0.0.1"\n' \
			"$TMP" "$(free_port)"
		filled lighttpd/ddo.conf
	} >"$TMP/lighttpd.conf"
	log_up
	start_bg lighttpd "${LOGGED[@]}" lighttpd -D -f "$TMP/lighttpd.conf"
	URL=https://127.0.0.1:$PORT
	the_door_works
	logged_to_syslog "$TMP/lighttpd.log"
}

@test "under openbsd-inetd" {
	PATH=$PATH:$ROOT/.deps/openbsd-inetd/usr/sbin
	need inetd
	filled inetd/ddo >"$TMP/inetd.conf"
	start_bg inetd inetd -i -E -R 10000 "$TMP/inetd.conf"
	URL=http://127.0.0.1:$PORT
	the_door_works
}

@test "under xinetd" {
	PATH=$PATH:$ROOT/.deps/xinetd/usr/sbin
	need xinetd
	filled xinetd/ddo >"$TMP/xinetd.conf"
	start_bg xinetd xinetd -dontfork -f "$TMP/xinetd.conf" -filelog "$TMP/xinetd.file" \
		-pidfile "$TMP/xinetd.pid"
	URL=http://127.0.0.1:$PORT
	the_door_works
}

@test "under tcpserver" {
	need tcpserver
	filled tcpserver/run >"$TMP/run.sh"
	start_bg tcpserver sh "$TMP/run.sh"
	URL=http://127.0.0.1:$PORT
	the_door_works
}

# exec_start UNIT: the words of its ExecStart.
exec_start()
{
	filled "systemd/$1" | sed -n 's/^ExecStart=//p'
}

@test "systemd: a process a connection" {
	need systemd-socket-activate
	local command
	grep -x Accept=yes "$ROOT/etc/systemd/ddo-httpd-each.socket"
	read -ra command < <(exec_start ddo-httpd-each@.service)
	# StandardInput=socket
	start_bg activate systemd-socket-activate -l "127.0.0.1:$PORT" --accept --inetd \
		-E DDO_CONFIG "${command[@]}"
	URL=http://127.0.0.1:$PORT
	the_door_works
	stop_all
	forget_jobs
	# and without it: the socket is descriptor 3
	zone_text b.example 7 >"$TMP/zone"
	PASSWORD=s3cret
	start_bg activate systemd-socket-activate -l "127.0.0.1:$PORT" --accept -E DDO_CONFIG \
		"${command[@]}"
	the_door_works
}

@test "systemd: a listening socket is passed" {
	need systemd-socket-activate
	local command
	read -ra command < <(exec_start ddo-httpd.service)
	# a -l gives way
	start_bg activate systemd-socket-activate -l "127.0.0.1:$PORT" -E DDO_CONFIG \
		"${command[@]}" -l "127.0.0.1:$PORT"
	URL=http://127.0.0.1:$PORT
	the_door_works
	grep "listening on 1 sockets from systemd" "$TMP/activate.log"
	stop_pid "$BG_PID"
}

@test "the units are good in systemd's eyes" {
	need systemd-analyze
	mkdir "$TMP/units"
	local unit
	for unit in "$ROOT"/etc/systemd/*.{service,socket}; do
		filled "systemd/${unit##*/}" >"$TMP/units/${unit##*/}"
	done
	run -0 systemd-analyze verify --man=no --recursive-errors=no "$TMP"/units/ddo-*
	echo "$output"
	[[ $output != *ddo-* ]]
}

@test "behind stunnel, which starts it" {
	need stunnel4 openssl
	tls_files
	{
		echo "foreground = yes"
		filled stunnel/ddo.conf | sed 's/:::/127.0.0.1:/'
	} >"$TMP/stunnel.conf"
	start_bg stunnel stunnel4 "$TMP/stunnel.conf"
	URL=https://127.0.0.1:$PORT
	the_door_works
}

@test "all of these configurations are installed, with their places filled in" {
	DESTDIR=$TMP/root PREFIX=/opt/ddo SYSCONFDIR=/etc BIN=$BIN "$ROOT/etc/install"
	local example
	for example in "$ROOT"/etc/{apache2,fail2ban,inetd,lighttpd,nginx,stunnel,tcpserver,xinetd}/*; do
		[ -s "$TMP/root/opt/ddo/share/ddo/${example#"$ROOT"/etc/}" ]
	done
	run ! grep -r '@[A-Z]*@' "$TMP/root/opt/ddo/share/ddo" "$TMP/root/opt/ddo/lib/systemd"
	grep -r /opt/ddo/sbin/ddo-httpd "$TMP/root/opt/ddo/share/ddo/nginx"
}
