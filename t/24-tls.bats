# TLS in ddo-httpd's own listener, and its sandbox.
# shellcheck disable=SC2030,SC2031,SC2034,SC2094,SC2129,SC2154
load lib/common
load lib/door
load lib/httpd

DNS=/CMD_API_DNS_ADMIN

setup()
{
	need openssl
	zone_text b.example 7 >"$TMP/zone"
	mkdir "$TMP/tls"
	certificate "$TMP/tls" one
}

teardown()
{
	stop_all
}

# certificate DIR NAME: a CA of its own, and cert.pem and key.pem for localhost.
certificate()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
		-subj "/CN=CA $2" \
		-keyout "$1/ca.key" -out "$1/ca.pem" 2>>"$TMP/openssl.log"
	openssl req -newkey "${KEY_TYPE:-rsa:2048}" -nodes -subj "/CN=$2" -keyout "$1/key.new" \
		-out "$1/csr.pem" 2>>"$TMP/openssl.log"
	openssl x509 -req -in "$1/csr.pem" -CA "$1/ca.pem" -CAkey "$1/ca.key" -CAcreateserial \
		-days 30 \
		-extfile <(echo 'subjectAltName=DNS:localhost,IP:127.0.0.1') -out "$1/cert.new" \
		2>>"$TMP/openssl.log"
	mv "$1/key.new" "$1/key.pem"
	mv "$1/cert.new" "$1/cert.pem"
}

# tls_conf [LINE...]: app.yml with TLS on.
tls_conf()
{
	door_conf 'app:' '  auth_username: da' "  auth_password: $PASSWORD" '  ssl_enable: true' \
		"  ssl_cert: $TMP/tls/cert.pem" "  ssl_key: $TMP/tls/key.pem" "${@/#/  }"
}

tls_up()
{
	tls_conf "$@"
	httpd_up
}

get()
{
	curl -sS -m 20 --cacert "$TMP/tls/ca.pem" -u "da:$PASSWORD" "$@"
}

# subject: of the certificate that the server shows
subject()
{
	openssl s_client -connect "127.0.0.1:$PORT" </dev/null 2>/dev/null |
		openssl x509 -noout -subject
}

shows()
{
	[[ $(subject) == *"$1" ]]
}

@test "a push over TLS, verified by its CA, several on one connection" {
	tls_up
	local url="https://localhost:$PORT"
	[ "$(get "$url/CMD_API_LOGIN_TEST")" = 'error=0&text=Login+OK' ]
	[ "$(get --data-binary "@$TMP/zone" "$url$DNS?action=rawsave&domain=b.example")" = error=0 ]
	only_job put b.example "$TMP/zone"
	forget_jobs
	[ "$(get --data-binary "@$TMP/zone" -H 'Transfer-Encoding: chunked' \
		"$url$DNS?action=rawsave&domain=b.example")" = error=0 ]
	only_job put b.example "$TMP/zone"
	forget_jobs
	[ "$(get -w '%{num_connects} ' "$url$DNS?action=delete&domain=[a-d].example")" = \
		'error=01 error=00 error=00 error=00 ' ]
	[ "$(job_count)" = 4 ]
	run -60 curl -sS "$url/health"
	stop_pid "$HTTPD_PID"
}

@test "openssl s_client: TLS 1.2 and 1.3, nothing older; plain HTTP is not answered" {
	tls_up
	local version
	for version in tls1_2 tls1_3; do
		request 'GET /CMD_API_LOGIN_TEST HTTP/1.1' 'Connection: close' |
			openssl s_client -quiet -"$version" -connect "127.0.0.1:$PORT" \
			2>/dev/null | grep error=0
	done
	for version in tls1 tls1_1; do
		run ! openssl s_client -"$version" -cipher 'ALL:@SECLEVEL=0' \
			-connect "127.0.0.1:$PORT" </dev/null
		[[ $output == *"no peer certificate"* ]]
	done
	request 'GET /CMD_API_LOGIN_TEST HTTP/1.1' | raw >"$TMP/out" || true
	run ! grep -a error=0 "$TMP/out"
	[ "$(get "https://localhost:$PORT/health")" = ok ]
}

@test "Ed25519 and EC keys; a bundle of intermediate certificates is sent along" {
	local type
	for type in ed25519 'ec -pkeyopt ec_paramgen_curve:prime256v1'; do
		read -ra KEY_WORDS <<<"$type"
		openssl req -x509 -newkey "${KEY_WORDS[@]}" -nodes -days 30 -subj /CN=localhost \
			-addext 'subjectAltName=DNS:localhost' \
			-keyout "$TMP/tls/key.pem" -out "$TMP/tls/cert.pem" 2>>"$TMP/openssl.log"
		cp "$TMP/tls/cert.pem" "$TMP/tls/ca.pem"
		tls_up
		[ "$(get "https://localhost:$PORT/health")" = ok ]
		stop_all
	done
	certificate "$TMP/tls" chain
	tls_up "ssl_bundle: $TMP/tls/ca.pem"
	[ "$(openssl s_client -showcerts -connect "127.0.0.1:$PORT" </dev/null 2>/dev/null |
		grep -c 'BEGIN CERT')" = 2 ]
}

@test "a certificate that is renewed on disk is taken up without a restart" {
	tls_up
	shows one
	# two files, one after the other, as renewals come; a pair that does not fit is never shown
	mkdir "$TMP/next"
	certificate "$TMP/next" two
	cp "$TMP/next/cert.pem" "$TMP/tls/cert.tmp"
	mv "$TMP/tls/cert.tmp" "$TMP/tls/cert.pem"
	wait_for 10 grep 'the old certificate stays in use' "$TMP/httpd.log"
	shows one
	cp "$TMP/next/key.pem" "$TMP/tls/key.pem"
	wait_for 10 shows two
	# and as a link that points elsewhere from now on
	mkdir -p "$TMP/tls/archive"
	certificate "$TMP/next" three
	cp "$TMP/next/key.pem" "$TMP/tls/archive/key3.pem"
	cp "$TMP/next/cert.pem" "$TMP/tls/archive/cert3.pem"
	ln -sf archive/key3.pem "$TMP/tls/key.pem"
	ln -sf archive/cert3.pem "$TMP/tls/cert.pem"
	wait_for 10 shows three
	# nonsense and nothing change nothing
	echo nonsense >"$TMP/tls/archive/cert3.pem"
	wait_for 10 grep 'cert.pem: .*\(base64\|Base64\|certificate\|PEM\)' "$TMP/httpd.log"
	rm "$TMP/tls/key.pem"
	shows three
	[ "$(curl -skS -u "da:$PASSWORD" "https://127.0.0.1:$PORT/CMD_API_LOGIN_TEST")" = \
		'error=0&text=Login+OK' ]
	run ! grep -a 'PRIVATE KEY' "$TMP/httpd.log"
	stop_pid "$HTTPD_PID"
}

@test "a client that comes back resumes its session" {
	tls_up
	# a ticket comes behind the handshake, with the answer at the latest
	request 'GET /CMD_API_LOGIN_TEST HTTP/1.1' 'Connection: close' |
		openssl s_client -quiet -connect "127.0.0.1:$PORT" -sess_out "$TMP/session" \
		2>/dev/null | grep error=0
	openssl s_client -connect "127.0.0.1:$PORT" -sess_in "$TMP/session" </dev/null \
		2>/dev/null | grep '^Reused, TLSv1.3'
}

@test "a certificate that cannot be used: ddo-httpd does not start, and says why" {
	tls_conf
	mv "$TMP/tls/key.pem" "$TMP/tls/key"
	run -71 "$HTTPD" -l "127.0.0.1:$(free_port)"
	[[ $output == *key.pem*"No such file"* ]]
	certificate "$TMP/tls" other
	mv "$TMP/tls/key" "$TMP/tls/key.pem"
	run -71 "$HTTPD" -l "127.0.0.1:$(free_port)"
	[[ $output == *"is not the key of"* ]]
	openssl genpkey -algorithm ed25519 -out "$TMP/tls/key.pem"
	openssl req -x509 -newkey ed25519 -nodes -days 3 -subj /CN=x -keyout /dev/null \
		-out "$TMP/tls/cert.pem" 2>>"$TMP/openssl.log"
	run -71 "$HTTPD" -l "127.0.0.1:$(free_port)"
	[[ $output == *"is not the key of"* ]]
	echo nonsense >"$TMP/tls/key.pem"
	run -71 "$HTTPD" -l "127.0.0.1:$(free_port)"
	[[ $output == *key.pem* ]]
	door_conf "app: { auth_password: $PASSWORD, ssl_enable: true }" || true
	run -78 "$HTTPD" -T
	[[ $output == *ssl_cert* ]]
}

@test "slow and endless clients over TLS are dropped or told so, as without" {
	tls_up 'request_timeout: 2' 'max_body_bytes: 2048' 'max_connections_per_address: 20'
	local start
	start=$(now_ms)
	# no handshake at all
	timeout 20 bash -c 'exec 5<>/dev/tcp/127.0.0.1/'"$PORT"'; cat <&5' >"$TMP/out"
	[ $(($(now_ms) - start)) -lt 8000 ]
	# half a request
	{
		printf 'POST %s?action=rawsave&domain=b.example HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nAuthorization: %s\r\n\r\nx' \
			"$DNS" "$(basic "da:$PASSWORD")"
		wait_for 20 grep -a 408 "$TMP/slow"
	} | timeout 30 openssl s_client -quiet -connect "127.0.0.1:$PORT" >"$TMP/slow" \
		2>/dev/null || true
	grep -a '^HTTP/1.1 408' "$TMP/slow"
	# more than announced as a limit, without a length
	head -c 100000 /dev/zero | tr '\0' ';' >"$TMP/large"
	get -o "$TMP/body" -w '%{http_code}' -H 'Transfer-Encoding: chunked' -H 'Expect:' \
		--data-binary "@$TMP/large" \
		"https://localhost:$PORT$DNS?action=rawsave&domain=b.example" >"$TMP/code" \
		2>"$TMP/err" || true
	[ "$(cat "$TMP/code")" = 413 ]
	no_jobs
	head -c 20000 /dev/urandom | RAW_SECONDS=5 raw >/dev/null 2>&1 || true
	[ "$(get "https://localhost:$PORT/health")" = ok ]
	stop_pid "$HTTPD_PID"
}

@test "pushes over TLS side by side, each on a connection of its own" {
	tls_up
	seq 40 | xargs -P 8 -I @@ curl -sS --cacert "$TMP/tls/ca.pem" -u "da:$PASSWORD" \
		--data-binary "@$TMP/zone" \
		"https://localhost:$PORT$DNS?action=rawsave&domain=b.example" >"$TMP/answers"
	[ "$(sed 's/error=0/&\n/g' "$TMP/answers" | grep -c error=0)" = 40 ]
	[ "$(job_count)" = 40 ]
}

# --- the sandbox -------------------------------------------------------------------------------

@test "past the sandbox call: no other file, no exec, no socket, no connection; what is needed goes on" {
	mkdir -p "$TMP/dir/tmp" "$TMP/dir/new"
	run -0 "$BUILD/unit/sandbox_check" "$TMP/dir"
	echo "$output"
	[ "${lines[0]}" = 'sandbox: Landlock, seccomp' ] ||
		absent "a kernel with Landlock and seccomp" || return 1
	[ "$(grep -c allowed <<<"$output")" = 6 ]
	[ "$(sed -n 's/: allowed//p' <<<"$output" | tr '\n' ,)" = \
		'write inside,rename inside,read inside,chmod inside,unlink inside,send,' ]
	local what
	for what in 'read shadow' 'read passwd' 'list root' 'write tmp' 'read shadow in a thread' \
		'rename outside' 'symlink inside' \
		'write beside' socket 'unix socket' dissolve connect bind listen ptrace exec; do
		grep -E "^$what: (EACCES|EPERM)$" <<<"$output"
	done
	[ "${lines[-1]}" = end ]
	[ ! -e "$TMP/outside" ]
}

# confined PID: its main thread runs under seccomp and can gain no privileges.
confined()
{
	grep -x 'Seccomp:.2' "/proc/$1/status" && grep -x 'NoNewPrivs:.1' "/proc/$1/status"
}

@test "ddo-httpd runs in the sandbox, says so, and app.sandbox: off turns it off" {
	door_conf
	httpd_up
	local server thread
	server=$(server_of "$HTTPD_PID")
	confined "$server"
	for thread in /proc/"$server"/task/*; do
		grep -x 'Seccomp:.2' "$thread/status"
	done
	grep 'sandbox: .*seccomp' "$TMP/httpd.log"
	DADNS_APP_SANDBOX=off httpd_up
	wait_for 10 grep 'listening on' "$TMP/httpd.log"
	run ! confined "$(server_of "$HTTPD_PID")"
	grep 'sandbox: off' "$TMP/httpd.log"
	inetd_up
	exec 8<>"/dev/tcp/127.0.0.1/$PORT"
	wait_for 10 confined_child "$BG_PID"
	exec 8>&-
}

confined_child()
{
	local pid
	pid=$(pgrep -P "$1") && confined "$pid"
}
