# Who may do what at the door, and how much of it: credentials, addresses, origins, lock-out,
# limits.
# shellcheck disable=SC2030,SC2031,SC2034,SC2094
load lib/common
load lib/door
load lib/httpd

DNS=/CMD_API_DNS_ADMIN
SAVE="$DNS?action=rawsave&domain=b.example"

setup()
{
	zone_text b.example 7 >"$TMP/zone"
	MODE=http
}

teardown()
{
	stop_all
}

# app LINE...: app.yml with these lines in app:, and no other.
app()
{
	door_conf 'app:' "${@/#/  }"
}

# answer OPTION... -- TARGET: the status of a request by curl with these options.
status_of()
{
	curl -sS -g -m 30 -D "$TMP/head" -o "$TMP/body" -w '%{http_code}' "${@:2}" \
		"http://127.0.0.1:$PORT$1"
}

# --- credentials -------------------------------------------------------------------------------

@test "several credentials, each with its password: plain, from a file, yescrypt, sha512" {
	local user yescrypt sha512
	echo from-a-file >"$TMP/password"
	# shellcheck disable=SC2016
	yescrypt='$y$j9T$x0/CIjRDnDaeNQx6R2Xwe1$4VS8Xz4oN8MTIcYd4xvx3hk0qjJ7ICmxF3Nnz0n1sf1'
	sha512=$(openssl passwd -6 hashed)
	yescrypt=$(perl -e 'print crypt("yes", $ARGV[0])' "${yescrypt%\$*}")
	app 'auth_username: main' 'auth_password: main-password' 'login_failures: 0' \
		'credentials:' \
		'  - { username: plain, password: plain-password }' \
		"  - { username: file, password_file: $TMP/password }" \
		"  - { username: yes, password: '$yescrypt' }" \
		"  - { username: sha, password: '$sha512' }"
	httpd_up
	for user in main:main-password plain:plain-password file:from-a-file yes:yes sha:hashed; do
		echo "$user"
		[ "$(status_of /CMD_API_LOGIN_TEST -u "$user")" = 200 ]
		[ "$(status_of /CMD_API_LOGIN_TEST -u "$user")" = 200 ]
	done
	# each with its own password only
	for user in main:plain-password plain:main-password file:yes yes:hashed sha:yes \
		sha:main-password nobody:yes \
		"sha:$sha512" "yes:$yescrypt" :yes plain:; do
		echo "$user"
		[ "$(status_of /CMD_API_LOGIN_TEST -u "$user")" = 401 ]
	done
	run ! grep -F -e plain-password -e from-a-file "$TMP/httpd.log"
}

@test "credentials alone are enough; with neither ddo-httpd does not start, and says how to set one" {
	app 'credentials: [{ username: a, password: b }]'
	httpd_up
	[ "$(status_of /CMD_API_LOGIN_TEST -u a:b)" = 200 ]
	[ "$(status_of /CMD_API_LOGIN_TEST -u directdnsonly:b)" = 401 ]
	app 'listen_port: 2222'
	run -78 "$HTTPD" -l 127.0.0.1:1
	[[ $output == *app.auth_password*openssl\ passwd*DADNS_APP_AUTH_PASSWORD* ]]
}

@test "credentials that are wrong: exit 78, file, line and key, no secret" {
	local line
	for line in '{ username: a }' '{ password: b }' '{ username: "", password: s3kr1t }' \
		'{ username: "a:b", password: s3kr1t }' \
		'{ username: a, password: s3kr1t, password_file: /x }' \
		'{ username: a, password_file: /no/such/file }' \
		'{ username: a, password: changeme }' \
		'{ username: a, password: s3kr1t, addresses: [nonsense] }' \
		'{ username: a, password: s3kr1t, addresses: [192.0.2.1/24] }' \
		'{ username: a, password: s3kr1t, addresses: [192.0.2.0/33] }' \
		'{ username: a, password: s3kr1t, addresses: 192.0.2.0/24 }' \
		'{ username: a, password: s3kr1t, origins: ["../x"] }' \
		'{ username: a, password: s3kr1t, colour: red }' \
		'{ username: main, password: s3kr1t }'; do
		# the first ddo to see it is ddo-queue, which refuses it alike
		app 'auth_username: main' 'auth_password: s3kr1t' 'credentials:' "  - $line" ||
			[ $? = 78 ]
		run -78 "$HTTPD" -T
		echo "$line: $output"
		[[ $output == *app.yml:8:\ app.credentials* ]]
		[[ $output != *s3kr1t* ]]
	done
}

@test "a login from an address that is not its own is refused like a wrong password" {
	app 'credentials:' '  - { username: far, password: p, addresses: [192.0.2.0/24, "2001:db8::/32"] }' \
		'  - { username: near, password: p, addresses: [192.0.2.1, 127.0.0.0/8] }'
	httpd_up
	[ "$(status_of /CMD_API_LOGIN_TEST -u near:p)" = 200 ]
	[ "$(status_of /CMD_API_LOGIN_TEST -u far:p)" = 401 ]
	cp "$TMP/body" "$TMP/first"
	[ "$(status_of /CMD_API_LOGIN_TEST -u far:wrong)" = 401 ]
	cmp "$TMP/body" "$TMP/first"
	grep 'authentication failed for far from 127.0.0.1: not one of' "$TMP/httpd.log"
	# as CGI the web server says where it comes from
	local address
	for address in 192.0.2.77 2001:db8:1::1; do
		cgi REQUEST_METHOD=GET PATH_INFO=/CMD_API_LOGIN_TEST REMOTE_ADDR="$address" \
			HTTP_AUTHORIZATION="$(basic far:p)" | grep error=0
	done
	for address in 192.0.3.1 2001:db9::1 '' nonsense; do
		cgi REQUEST_METHOD=GET PATH_INFO=/CMD_API_LOGIN_TEST REMOTE_ADDR="$address" \
			HTTP_AUTHORIZATION="$(basic far:p)" | grep '^Status: 401'
	done
}

@test "a login speaks for its origins only, and for its first one when none is named" {
	app 'credentials:' '  - { username: da, password: s3cret, origins: [DA1.example.com., da2.example.com] }'
	httpd_up
	[ "$(ask POST "$SAVE&hostname=da2.example.com" "$TMP/zone")" = error=0 ]
	[ "$(job_head "$(jobs)" origin)" = da2.example.com ]
	forget_jobs
	[ "$(ask POST "$SAVE" "$TMP/zone")" = error=0 ]
	[ "$(job_head "$(jobs)" origin)" = da1.example.com ]
	forget_jobs
	local query
	for query in "$SAVE&hostname=da3.example.com" "$SAVE&hostname=127.0.0.1" \
		"$DNS?action=delete&domain=b.example&hostname=x.example"; do
		[[ $(ask POST "$query" "$TMP/zone") == error=1*may+not+speak+for* ]]
		no_jobs
	done
	printf 'action=delete&select0=a.example&hostname=da3.example.com' >"$TMP/form"
	[[ $(ask POST "$DNS" "$TMP/form") == error=1*may+not+speak+for* ]]
	no_jobs
}

# --- repeated failures -------------------------------------------------------------------------

@test "failed logins are slowed down, then answered 429, in all processes alike, until the lock ends" {
	app 'auth_username: da' "auth_password: $PASSWORD" 'login_failures: 5' \
		'login_lock_seconds: 10'
	httpd_up
	local i start
	for i in 1 2; do
		[ "$(status_of /CMD_API_LOGIN_TEST -u da:wrong)" = 401 ]
	done
	# the third is counted by another process, and waits
	start=$(now_ms)
	cgi REQUEST_METHOD=GET PATH_INFO=/CMD_API_LOGIN_TEST REMOTE_ADDR=127.0.0.1 \
		HTTP_AUTHORIZATION="$(basic da:x)" | grep '^Status: 401'
	[ $(($(now_ms) - start)) -ge 250 ]
	start=$(now_ms)
	[ "$(status_of /CMD_API_LOGIN_TEST -u da:wrong)" = 401 ]
	[ $(($(now_ms) - start)) -ge 500 ]
	# others are answered meanwhile, and are not slowed down
	curl -sS -u da:wrong "http://127.0.0.1:$PORT/CMD_API_LOGIN_TEST" >"$TMP/slow" 3>&- &
	[ "$(cgi REQUEST_METHOD=GET PATH_INFO=/CMD_API_LOGIN_TEST REMOTE_ADDR=192.0.2.1 |
		tail -n 1)" = 'error=0&text=Login+OK' ]
	wait $!
	grep -c 'locked out for 10 s after 5 failed logins: 127.0.0.1' "$TMP/httpd.log"
	cgi REQUEST_METHOD=GET PATH_INFO=/CMD_API_LOGIN_TEST REMOTE_ADDR=127.0.0.1 \
		HTTP_AUTHORIZATION="$(basic da:x)" \
		>"$TMP/cgi" 3>&- &
	[ "$(status_of /CMD_API_LOGIN_TEST -u da:wrong)" = 429 ]
	[ $(($(now_ms) - start)) -ge 4000 ]
	grep -i '^retry-after: [1-9]' "$TMP/head"
	[[ $(cat "$TMP/body") == error=1* ]]
	wait $!
	grep -A9 '^Status: 429' "$TMP/cgi" | grep '^Retry-After'
	[ "$(status_of /health)" = 200 ]
	# a restart forgets nothing, and neither does the right password
	stop_pid "$HTTPD_PID" || true
	httpd_up
	for i in 1 2 3; do
		[ "$(status_of /CMD_API_LOGIN_TEST -u "da:$PASSWORD")" = 200 ]
		cgi REQUEST_METHOD=GET PATH_INFO=/CMD_API_LOGIN_TEST REMOTE_ADDR=127.0.0.1 |
			grep error=0
	done
	[ "$(status_of /CMD_API_LOGIN_TEST -u da:wrong)" = 429 ]
	unlocked()
	{
		[ "$(status_of /CMD_API_LOGIN_TEST -u da:wrong)" = 401 ]
	}
	wait_for 15 unlocked
}

@test "ten wrong logins, whatever the name: the right password passes at once, in each mode" {
	app 'credentials:' "  - { username: da, password: $PASSWORD, addresses: [127.0.0.1] }"
	httpd_up
	local name i start
	seq 12 | xargs -P 12 -I@@ curl -sS -o /dev/null -u nobody:@@ \
		"http://127.0.0.1:$PORT/CMD_API_LOGIN_TEST"
	seq 12 | xargs -P 12 -I@@ curl -sS -o /dev/null -u da:@@ \
		"http://127.0.0.1:$PORT/CMD_API_LOGIN_TEST"
	grep 'locked out for 300 s after 10 failed logins: 127.0.0.1' "$TMP/httpd.log"
	start=$(now_ms)
	[ "$(ask POST "$SAVE" "$TMP/zone")" = error=0 ]
	[ "$(ask POST "$SAVE" "$TMP/zone")" = error=0 ]
	[ $(($(now_ms) - start)) -lt 2000 ]
	inetd_up
	[ "$(ask POST "$SAVE" "$TMP/zone")" = error=0 ]
	cgi REQUEST_METHOD=GET PATH_INFO=/CMD_API_LOGIN_TEST REMOTE_ADDR=127.0.0.1 | grep error=0
	[ "$(job_count)" = 3 ]
	# many clients ask first what is wanted
	[ "$(status_of /CMD_API_LOGIN_TEST)" = 401 ]
}

# guess N FIRST NAME [OPTION...]: N logins side by side with passwords that are wrong; their
# statuses, counted.
guess()
{
	seq "$2" $(($2 + $1 - 1)) | xargs -P "$1" -I@@ curl -sS -m 60 -o /dev/null \
		-w '%{http_code}\n' -u "$3:guess@@" "${@:4}" \
		"http://127.0.0.1:$PORT/CMD_API_LOGIN_TEST" | sort | uniq -c | tr -s ' '
}

tried()
{
	grep -c 'authentication failed for' "$TMP/httpd.log"
}

@test "guessers side by side: so many are tried until the lock, then one each 200 ms, and the house passes" {
	app "credentials: [{ username: da, password: '$(openssl passwd -6 \
		"$PASSWORD")', addresses: [127.0.0.0/8] }]"
	httpd_up
	local start before seconds
	start=$(now_ms)
	guess 26 1 da >"$TMP/guesses" 3>&- &
	locked()
	{
		grep 'after 10 failed logins' "$TMP/httpd.log"
	}
	wait_for 10 locked
	# behind those that came before, not behind those that come later
	before=$(now_ms)
	[ "$(ask POST "$SAVE" "$TMP/zone")" = error=0 ]
	[ $(($(now_ms) - before)) -lt 15000 ]
	[ $(($(tried) - 10)) -le $((($(now_ms) - start) / 200 + 1)) ]
	wait $!
	cat "$TMP/guesses"
	[ "$(cat "$TMP/guesses")" = $' 10 401\n 16 429' ]
	# names that are not there wait like those that are
	start=$(now_ms)
	[ "$(guess 10 1 nobody)" = ' 10 429' ]
	seconds=$(($(now_ms) - start))
	start=$(now_ms)
	[ "$(guess 10 1 da)" = ' 10 429' ]
	echo "$seconds and $(($(now_ms) - start)) ms"
	[ $seconds -ge 5800 ] # nine turns and the 4 s of the last
	[ $(($(now_ms) - start)) -ge 5800 ]
}

@test "who comes and goes takes no turn; strangers get as many tries again, who has logged in before any number" {
	app 'login_failures: 4' 'login_lock_seconds: 100' \
		"credentials: [{ username: da, password: $PASSWORD }]"
	httpd_up
	local i tries
	status_from() # ADDRESS NAME:PASSWORD
	{
		status_of /CMD_API_LOGIN_TEST -u "$2" --interface "$1"
	}
	# a stranger, side by side
	[ "$(guess 20 1 da --interface 127.0.0.2)" = $' 4 401\n 16 429' ]
	[ "$(tried)" = 8 ]
	[ "$(status_from 127.0.0.2 "da:$PASSWORD")" = 429 ]
	# who logged in once, and then fails
	[ "$(status_from 127.0.0.1 "da:$PASSWORD")" = 200 ]
	[ "$(guess 14 1 da)" = $' 4 401\n 10 429' ]
	[ "$(tried)" = 22 ]
	for i in {1..20}; do
		request 'GET /CMD_API_LOGIN_TEST HTTP/1.1' "X: $i" |
			sed 's/^Authorization: .*/Authorization: Basic eDp5\r/' |
			RAW_SECONDS=0.05 raw >/dev/null || true
	done
	tries=$(tried)
	[ "$tries" -lt 38 ]
	[ "$(status_from 127.0.0.1 "da:$PASSWORD")" = 200 ]
	# and a stranger who is right in time is none
	guess 5 1 da --interface 127.0.0.3
	[ "$(status_from 127.0.0.3 "da:$PASSWORD")" = 200 ]
	guess 6 1 da --interface 127.0.0.3
	[ "$(status_from 127.0.0.3 "da:$PASSWORD")" = 200 ]
}

@test "a slowed-down answer costs no thread, and does not outlive SIGTERM" {
	app 'auth_username: da' "auth_password: $PASSWORD" 'login_failures: 100' 'threads: 1'
	httpd_up
	local i pids=() start
	for i in {1..12}; do
		curl -sS -u da:wrong "http://127.0.0.1:$PORT/CMD_API_LOGIN_TEST" >"$TMP/slow.$i" \
			3>&- &
		pids+=($!)
	done
	start=$(now_ms)
	[ "$(status_of /CMD_API_LOGIN_TEST -u "da:$PASSWORD")" = 200 ]
	[ $(($(now_ms) - start)) -lt 2000 ]
	kill "$HTTPD_PID"
	wait "${pids[@]}" || true
	[ $(($(now_ms) - start)) -lt 3500 ]
	wait "$HTTPD_PID"
}

@test "requests without credentials are asked for them, and no failure is counted" {
	app 'auth_username: da' "auth_password: $PASSWORD" 'login_failures: 2'
	httpd_up
	local i
	for i in 1 2 3 4 5; do
		[ "$(status_of /CMD_API_LOGIN_TEST)" = 401 ]
	done
	[ "$(status_of /CMD_API_LOGIN_TEST -u "da:$PASSWORD")" = 200 ]
}

@test "thousands of addresses that fail: the table keeps its size, and a guesser is still locked out" {
	app 'auth_username: da' "auth_password: $PASSWORD" 'login_failures: 3' 'proxy_support: true'
	httpd_up
	local before
	seq 3 | xargs -I @@ curl -sS -u da:wrong -H 'X-Forwarded-For: 198.51.100.1' \
		"http://127.0.0.1:$PORT/CMD_API_LOGIN_TEST"
	before=$(stat -c %s "$SPOOL/httpd.state")
	seq 3000 | awk '{ printf "url = \"http://127.0.0.1:'"$PORT"'/CMD_API_LOGIN_TEST\"\nuser = da:wrong\nheader = \"X-Forwarded-For: 10.%d.%d.7\"\nnext\n",
		$1 / 250, $1 % 250 }' | sed '$d' | curl -sS -K - >"$TMP/answers"
	[ "$(stat -c %s "$SPOOL/httpd.state")" -lt 200000 ]
	[ "$before" -lt 200000 ]
	[ "$(status_of /CMD_API_LOGIN_TEST -u da:wrong -H 'X-Forwarded-For: 198.51.100.1')" = 429 ]
	[ "$(status_of /CMD_API_LOGIN_TEST -u "da:$PASSWORD")" = 200 ]
}

@test "httpd.state is damaged, or cannot be written: nothing worse than forgetting" {
	app 'auth_username: da' "auth_password: $PASSWORD" 'login_failures: 3' 'max_queue: 100'
	httpd_up
	head -c 100000 /dev/urandom >"$SPOOL/httpd.state"
	[ "$(ask POST "$SAVE" "$TMP/zone")" = error=0 ]
	: >"$SPOOL/httpd.state"
	[ "$(ask POST "$SAVE" "$TMP/zone")" = error=0 ]
	stop_pid "$HTTPD_PID"
	rm "$SPOOL/httpd.state"
	ln -s "$TMP/elsewhere" "$SPOOL/httpd.state"
	httpd_up
	[ "$(ask POST "$SAVE" "$TMP/zone")" = error=0 ]
	[ ! -e "$TMP/elsewhere" ]
	[ "$(job_count)" = 3 ]
}

@test "fail2ban's filter matches failed logins, and nothing that a client can forge" {
	need fail2ban-regex
	app 'auth_username: da' "auth_password: $PASSWORD" 'login_failures: 0' \
		'credentials: [{ username: far, password: p, addresses: [192.0.2.1] }]'
	httpd_up
	status_of /CMD_API_LOGIN_TEST -u da:wrong
	status_of /CMD_API_LOGIN_TEST -u far:p
	status_of /CMD_API_LOGIN_TEST -u 'x from 203.0.113.1: wrong user name or password:y'
	status_of /CMD_API_LOGIN_TEST -u "$(printf \
		'x\nddo-httpd: warning: authentication failed for x from 203.0.113.2: wrong user name or password'):y"
	status_of "$DNS?action=delete&domain=x" -u "da:$PASSWORD" \
		-A 'authentication failed for x from 203.0.113.3: wrong user name or password'
	status_of /CMD_API_LOGIN_TEST
	status_of /CMD_API_LOGIN_TEST -u "da:$PASSWORD"
	cp "$ROOT/etc/fail2ban/ddo-httpd.filter" "$TMP/ddo-httpd.conf"
	sed 's/^/2026-11-24T12:00:00 host /' "$TMP/httpd.log" >"$TMP/stamped"
	fail2ban-regex --print-all-matched "$TMP/stamped" "$TMP/ddo-httpd.conf" >"$TMP/out"
	cat "$TMP/out"
	grep -E '^Lines: .* 4 matched' "$TMP/out"
	fail2ban-regex -o ip "$TMP/stamped" "$TMP/ddo-httpd.conf" | sort -u >"$TMP/ips"
	[ "$(cat "$TMP/ips")" = 127.0.0.1 ]
	# and as syslog has it
	sed 's/^ddo-httpd:/Nov 24 12:00:00 host ddo-httpd[123]:/' "$TMP/httpd.log" >"$TMP/syslog"
	fail2ban-regex "$TMP/syslog" "$TMP/ddo-httpd.conf" | grep -E '^Lines: .* 4 matched'
	# and as a CGI program writes it there, which has a line for each push and each failed login
	log_up
	door_conf
	printf '#!/bin/bash\nexec %s\n' "${LOGGED[*]@Q} ${HTTPD@Q}" >"$TMP/logged"
	chmod +x "$TMP/logged"
	HTTPD=$TMP/logged
	{
		cgi REQUEST_METHOD=GET PATH_INFO=/CMD_API_LOGIN_TEST \
			HTTP_AUTHORIZATION="$(basic da:x)"
		cgi REQUEST_METHOD=GET PATH_INFO=/CMD_API_LOGIN_TEST \
			HTTP_AUTHORIZATION="$(basic y:x)"
		cgi REQUEST_METHOD=GET PATH_INFO="$DNS" \
			QUERY_STRING='action=delete&domain=x.example'
	} >"$TMP/answers" 2>"$TMP/cgi.err"
	[ "$(grep -o 'Status: 401' "$TMP/answers" | wc -l)" = 2 ]
	[ ! -s "$TMP/cgi.err" ]
	sed 's/^<[0-9]*>\(... .. ..:..:..\) /\1 host /' "$TMP/log.log" >"$TMP/syslog"
	cat "$TMP/syslog"
	fail2ban-regex "$TMP/syslog" "$TMP/ddo-httpd.conf" | grep -E '^Lines: .* 2 matched'
	sed 's/^... .. ..:..:../2026-11-24T12:00:00.123456+00:00/' "$TMP/syslog" >"$TMP/stamped"
	fail2ban-regex "$TMP/stamped" "$TMP/ddo-httpd.conf" | grep -E '^Lines: .* 2 matched'
	fail2ban-regex -o ip "$TMP/syslog" "$TMP/ddo-httpd.conf" | sort -u >"$TMP/ips"
	[ "$(cat "$TMP/ips")" = 192.0.2.7 ]
}

@test "a wrong user takes as long as a wrong password" {
	local sha512 i
	sha512=$(openssl passwd -6 hashed)
	app 'auth_username: da' "auth_password: '$sha512'" 'login_failures: 0' \
		'credentials: [{ username: plain, password: p }]'
	httpd_up
	[ "$(status_of /CMD_API_LOGIN_TEST -u da:hashed)" = 200 ]
	for i in {1..25}; do
		for user in da:wrong nobody:wrong plain:wrong; do
			curl -sS -o /dev/null -u "$user" -w "${user%:*} %{time_total}\n" \
				"http://127.0.0.1:$PORT/CMD_API_LOGIN_TEST"
		done
	done >"$TMP/times"
	# the quickest of each, which a busy machine makes slower last: without the hash for all it
	# would be a hundredfold
	for user in da nobody plain; do
		grep "^$user " "$TMP/times" | sort -k2n | awk 'NR == 1 { print $2 }'
	done >"$TMP/quickest"
	cat "$TMP/quickest"
	sort -n "$TMP/quickest" | awk 'NR == 1 { least = $1 } END { exit !($1 < least * 1.5) }'
}

# --- proxies -----------------------------------------------------------------------------------

# seen_from HEADER...: whom a push with these headers is said to come from.
seen_from()
{
	local header options=()
	for header; do
		options+=(-H "$header")
	done
	status_of "$SAVE" -u "da:$PASSWORD" "${options[@]}" --data-binary "@$TMP/zone" >/dev/null
	job_head "$(jobs)" client
	forget_jobs
}

@test "X-Forwarded-For is believed from trusted proxies only" {
	app 'auth_username: da' "auth_password: $PASSWORD"
	httpd_up
	[ "$(seen_from 'X-Forwarded-For: 192.0.2.1')" = 127.0.0.1 ]
	stop_all
	app 'auth_username: da' "auth_password: $PASSWORD" 'proxy_support: true' \
		'trusted_proxies: [203.0.113.1]'
	httpd_up
	[ "$(seen_from 'X-Forwarded-For: 192.0.2.1')" = 127.0.0.1 ]
	stop_all
	app 'auth_username: da' "auth_password: $PASSWORD" 'proxy_support: true' \
		'trusted_proxies: [127.0.0.1, 203.0.113.0/24]'
	httpd_up
	[ "$(seen_from)" = 127.0.0.1 ]
	[ "$(seen_from 'X-Forwarded-For: 192.0.2.1')" = 192.0.2.1 ]
	[ "$(seen_from 'X-Forwarded-For: 198.51.100.1, 192.0.2.1')" = 192.0.2.1 ]
	[ "$(seen_from 'X-Forwarded-For: 192.0.2.1,203.0.113.9 , 203.0.113.8')" = 192.0.2.1 ]
	[ "$(seen_from 'X-Forwarded-For: 203.0.113.7, 203.0.113.8')" = 203.0.113.7 ]
	# each proxy may add a line of its own: the last one counts
	[ "$(seen_from 'X-Forwarded-For: 198.51.100.1' 'X-Forwarded-For: 192.0.2.1')" = 192.0.2.1 ]
	[ "$(seen_from 'X-Forwarded-For: 192.0.2.1:4711')" = 192.0.2.1 ]
	[ "$(seen_from 'X-Forwarded-For: [2001:db8::1]:4711')" = 2001:db8::1 ]
	[ "$(seen_from 'X-Forwarded-For: 2001:db8::1')" = 2001:db8::1 ]
	local bad
	for bad in nonsense '' ',' '192.0.2.1, ' '192.0.2.1 203.0.113.1' '192.0.2.999' \
		"$(printf '1%.0s' {1..300})" '[::1' '"192.0.2.1"'; do
		echo "$bad"
		[ "$(seen_from "X-Forwarded-For: $bad")" = 127.0.0.1 ]
	done
	MODE=cgi
	cgi REQUEST_METHOD=POST PATH_INFO="$DNS" QUERY_STRING='action=rawsave&domain=b.example' \
		REMOTE_ADDR=203.0.113.5 \
		HTTP_X_FORWARDED_FOR='9.9.9.9, 192.0.2.8' \
		CONTENT_LENGTH="$(stat -c %s "$TMP/zone")" <"$TMP/zone" | grep error=0
	[ "$(job_head "$(jobs)" client)" = 192.0.2.8 ]
}

@test "behind a proxy a login is bound to the client's address, and only that one is locked out" {
	app 'proxy_support: true' 'login_failures: 2' \
		"credentials: [{ username: da, password: $PASSWORD, addresses: [192.0.2.0/24] }]"
	httpd_up
	[ "$(status_of /CMD_API_LOGIN_TEST -u "da:$PASSWORD" -H 'X-Forwarded-For: 192.0.2.1')" \
		= 200 ]
	[ "$(status_of /CMD_API_LOGIN_TEST -u "da:$PASSWORD" -H 'X-Forwarded-For: 198.51.100.1')" \
		= 401 ]
	[ "$(status_of /CMD_API_LOGIN_TEST -u "da:$PASSWORD" -H 'X-Forwarded-For: 198.51.100.1')" \
		= 401 ]
	[ "$(status_of /CMD_API_LOGIN_TEST -u "da:$PASSWORD" -H 'X-Forwarded-For: 198.51.100.1')" \
		= 429 ]
	[ "$(status_of /CMD_API_LOGIN_TEST -u "da:$PASSWORD" -H 'X-Forwarded-For: 192.0.2.1')" \
		= 200 ]
}

# --- limits, at the edge and beyond ------------------------------------------------------------

# filler N: N times the letter a.
filler()
{
	head -c "$1" /dev/zero | tr '\0' a
}

@test "the request line: as long as app.max_request_line, and one octet more: 414" {
	app 'auth_username: da' "auth_password: $PASSWORD" 'max_request_line: 1000'
	httpd_up
	local line='GET /CMD_API_LOGIN_TEST? HTTP/1.1' room
	room=$((1000 - ${#line}))
	[ "$(status_of "/CMD_API_LOGIN_TEST?$(filler $room)" -u "da:$PASSWORD")" = 200 ]
	[ "$(status_of "/CMD_API_LOGIN_TEST?$(filler $((room + 1)))" -u "da:$PASSWORD")" = 414 ]
	[[ $(cat "$TMP/body") == error=1* ]]
	[ "$(status_of "/CMD_API_LOGIN_TEST?$(filler 60000)" -u "da:$PASSWORD")" = 414 ]
	grep 'refused a request from 127.0.0.1: .*app.max_request_line (1000)' "$TMP/httpd.log"
}

@test "the headers: as large as app.max_header_bytes, and one octet more: 431" {
	app 'auth_username: da' "auth_password: $PASSWORD" 'max_header_bytes: 2000'
	httpd_up
	local auth headers room
	auth="Authorization: $(basic "da:$PASSWORD")"
	headers="Host: x|$auth|X-Filler: |Connection: close|"
	room=$((2000 - ${#headers} - 4)) # a '|' stands for two octets
	for filler in $room $((room + 1)); do
		printf 'GET /CMD_API_LOGIN_TEST HTTP/1.1\r\nHost: x\r\n%s\r\nX-Filler: %s\r\nConnection: close\r\n\r\n' \
			"$auth" "$(filler "$filler")" | raw | head -n 1
	done | tr -d '\r' >"$TMP/answers"
	cat "$TMP/answers"
	[ "$(cut -d' ' -f2 "$TMP/answers" | tr '\n' ' ')" = '200 431 ' ]
	grep 'refused a request from 127.0.0.1: .*app.max_header_bytes (2000)' "$TMP/httpd.log"
}

@test "records in a zone: app.max_records, and one more" {
	app 'auth_username: da' "auth_password: $PASSWORD" 'max_records: 20'
	httpd_up
	local have more
	have=$(grep -cP '\tIN\t|SOA' "$TMP/zone")
	more=$((20 - have))
	seq "$more" | sed 's/.*/h&\t60\tIN\tA\t192.0.2.&/' >>"$TMP/zone"
	[ "$(ask POST "$SAVE" "$TMP/zone")" = error=0 ]
	forget_jobs
	printf 'one-more\t60\tIN\tA\t192.0.2.1\n' >>"$TMP/zone"
	[[ $(ask POST "$SAVE" "$TMP/zone") == error=1* ]]
	no_jobs
}

@test "a body of the limit, and one octet more: 413, in each mode" {
	app 'auth_username: da' "auth_password: $PASSWORD" 'max_body_bytes: 2048'
	{
		cat "$TMP/zone"
		echo "; $(filler 3000)"
	} | head -c 2047 >"$TMP/most"
	echo >>"$TMP/most"
	{
		echo
		cat "$TMP/most"
	} >"$TMP/more"
	local up
	for up in httpd_up inetd_up cgi; do
		[ "$up" = cgi ] && MODE=cgi || $up
		[ "$(ask POST "$SAVE" "$TMP/most")" = error=0 ]
		only_job put b.example "$TMP/most"
		forget_jobs
		ask POST "$SAVE" "$TMP/more"
		[ "$(cat "$TMP/code")" = 413 ]
		no_jobs
	done
}

@test "the queue: app.max_queue jobs, then 503 before anything is written, until there is room" {
	app 'auth_username: da' "auth_password: $PASSWORD" 'max_queue: 5'
	httpd_up
	local i
	for i in 1 2 3 4 5; do
		[ "$(ask POST "$SAVE" "$TMP/zone")" = error=0 ]
	done
	for MODE in http cgi; do
		ask POST "$SAVE" "$TMP/zone"
		[ "$(cat "$TMP/code")" = 503 ]
		grep -i '^retry-after:' "$TMP/head"
		[[ $(cat "$TMP/body") == error=1*app.max_queue* ]]
	done
	MODE=http
	[ "$(job_count)" = 5 ]
	[ "$(status_of /health)" = 503 ]
	queue_once
	has_room()
	{
		[ "$(status_of /health)" = 200 ]
	}
	wait_for 1 has_room
	[ "$(ask POST "$SAVE" "$TMP/zone")" = error=0 ]
	# a delete of more zones than there are places: none
	printf 'action=delete&select0=a.example&select1=b.example&select2=c.example&select3=d.example&select4=e.example' >"$TMP/form"
	ask POST "$DNS" "$TMP/form"
	[ "$(cat "$TMP/code")" = 503 ]
	[ "$(job_count)" = 1 ]
	printf 'action=delete&select0=a.example&select1=b.example&select2=c.example&select3=d.example' >"$TMP/form"
	[ "$(ask POST "$DNS" "$TMP/form")" = error=0 ]
	[ "$(job_count)" = 5 ]
}

@test "a full queue is listed a few times a second, however many push, and a refusal ends with its cause" {
	app 'auth_username: da' "auth_password: $PASSWORD" 'max_queue: 3'
	PORT=$(free_port)
	# where the sandbox lets it write
	start_bg httpd env DDO_LISTINGS="$SPOOL/listings" LD_PRELOAD="$BUILD/shim/listings.so" \
		ASAN_OPTIONS=verify_asan_link_order=0 "$HTTPD" -l "127.0.0.1:$PORT"
	wait_for 10 port_in_use "$PORT"
	local start took
	push_many() # N: their statuses, counted
	{
		for ((i = 0; i < $1; i++)); do
			printf '%s\n' "url = \"http://127.0.0.1:$PORT$SAVE\"" \
				"data-binary = \"@$TMP/zone\"" "user = \"da:$PASSWORD\"" \
				'output = /dev/null' 'write-out = "%{http_code}\n"' next
		done |
			sed '$d' | curl -sS -K - | sort | uniq -c | tr -s ' '
	}
	push_many 3
	start=$(now_ms)
	push_many 300 >"$TMP/statuses"
	cat "$TMP/statuses"
	[ "$(cat "$TMP/statuses")" = ' 300 503' ]
	took=$(($(now_ms) - start))
	# each count lists new/ and bad/
	echo "$took ms, $(wc -l <"$SPOOL/listings") listings"
	[ "$(wc -l <"$SPOOL/listings")" -gt 2 ]
	[ "$(wc -l <"$SPOOL/listings")" -le $((2 * (took / 200 + 3))) ]
	queue_once
	start=$(now_ms)
	accepted()
	{
		[ "$(ask POST "$SAVE" "$TMP/zone")" = error=0 ]
	}
	wait_for 5 accepted
	echo "accepted after $(($(now_ms) - start)) ms"
	[ $(($(now_ms) - start)) -lt 1000 ]
}

@test "free disk space below app.disk_reserve_bytes: 503 before anything is written, and health says so" {
	SPOOL=$TMP/small/spool
	small_disk "$TMP/small" 1m
	app 'auth_username: da' "auth_password: $PASSWORD" 'disk_reserve_bytes: 524288'
	httpd_up
	[ "$(ask POST "$SAVE" "$TMP/zone")" = error=0 ]
	forget_jobs
	head -c 600000 /dev/zero >"$TMP/small/filler"
	for MODE in http cgi; do
		ask POST "$SAVE" "$TMP/zone"
		[ "$(cat "$TMP/code")" = 503 ]
		grep -i '^retry-after:' "$TMP/head"
		no_jobs
	done
	MODE=http
	[ "$(status_of /health)" = 503 ]
	free_disk "$TMP/small"
	[ "$(status_of /health)" = 200 ]
	[ "$(ask POST "$SAVE" "$TMP/zone")" = error=0 ]
}

# --- many at once ------------------------------------------------------------------------------

@test "1,000 parallel pushes of 1,000 zones, and of one zone" {
	app 'auth_username: da' "auth_password: $PASSWORD" 'max_connections_per_address: 1000'
	httpd_up
	local n
	for n in 1000 1; do
		for ((i = 0; i < 1000; i++)); do
			echo "url = \"http://127.0.0.1:$PORT$DNS?action=rawsave&domain=z$((i % \
				n)).example\""
			echo 'data-binary = "@'"$TMP"'/any"'
			echo "user = da:$PASSWORD"
			echo 'output = /dev/null'
			printf '%s\n' 'write-out = "%{http_code}\n"'
			[ $i = 999 ] || echo next
		done >"$TMP/curl.conf"
		# shellcheck disable=SC2016	# the zone's origin is what the domain says
		printf '$TTL 60\n@ IN SOA ns1.x.test. h.x.test. 1 2 3 4 5\n@ IN NS ns1.x.test.\n' \
			>"$TMP/any"
		curl -sS --parallel --parallel-immediate --parallel-max 200 -K "$TMP/curl.conf" \
			>"$TMP/codes"
		[ "$(sort "$TMP/codes" | uniq -c | tr -s ' ')" = ' 1000 200' ]
		[ "$(job_count)" = 1000 ]
		[ "$(jobs | sed "s|^|$SPOOL/new/|" | xargs sed -n 's/^zone: //p' | sort -u |
			wc -l)" = "$n" ]
		queue_once
		no_jobs
		[ "$(sqlite3 "$TMP/zones.db" "SELECT count(*) FROM zones")" = 1000 ]
	done
}

# crowd N [ADDRESS]: so many connections to the server from ADDRESS (127.0.0.1) that say nothing.
crowd()
{
	start_bg "crowd.${2:-one}" python3 -c '
import socket, sys, time
crowd = [socket.create_connection(("127.0.0.1", int(sys.argv[1])), source_address=(sys.argv[3], 0)) for _ in range(int(sys.argv[2]))]
print("there", flush=True)
time.sleep(600)' "$PORT" "$1" "${2:-127.0.0.1}"
	wait_for 20 grep there "$TMP/crowd.${2:-one}.log"
}

@test "connections that say nothing keep no DirectAdmin out, be they from its address or from anywhere" {
	need python3
	app 'max_connections: 30' 'max_connections_per_address: 10' \
		"credentials: [{ username: da, password: $PASSWORD, addresses: [127.0.0.1] }]"
	httpd_up
	local i
	crowd 10
	for i in 1 2 3; do
		[ "$(ask POST "$SAVE" "$TMP/zone")" = error=0 ]
	done
	# from elsewhere they have to wait for their own end
	crowd 10 127.0.0.2
	[ "$(status_of /health --interface 127.0.0.2)" = 503 ]
	crowd 10 127.0.0.3
	crowd 10 127.0.0.4 # not all of them find room
	[ "$(status_of /health --interface 127.0.0.5)" = 503 ]
	for i in 1 2 3; do
		[ "$(ask POST "$SAVE" "$TMP/zone")" = error=0 ]
	done
	[ "$(job_count)" = 6 ]
	# nor do failed logins whose answers are held back
	stop_pid "$BG_PID" || true
	app 'max_connections: 5' "credentials: [{ username: da, password: $PASSWORD, addresses: [127.0.0.1] }]"
	stop_pid "$HTTPD_PID"
	httpd_up
	seq 30 | xargs -P 30 -I@@ curl -sS -m 60 -o /dev/null --interface 127.0.0.2 -u da:@@ \
		"http://127.0.0.1:$PORT/" \
		>"$TMP/guesses" 2>&1 3>&- &
	turned_away()
	{
		grep 'too many connections: refused 127.0.0.2' "$TMP/httpd.log"
	}
	wait_for 10 turned_away
	[ "$(ask POST "$SAVE" "$TMP/zone")" = error=0 ]
	wait $! || true # some were turned away
}

@test "a million random octets at the listener, and it still answers" {
	app 'auth_username: da' "auth_password: $PASSWORD"
	httpd_up
	local i
	for i in {1..50}; do
		{
			[ $((i % 3)) != 0 ] || printf 'POST /CMD_API_DNS_ADMIN HTTP/1.1\r\n'
			[ $((i % 3)) != 1 ] || request "POST $SAVE HTTP/1.1" \
				'Transfer-Encoding: chunked'
			head -c 20000 /dev/urandom
		} | RAW_SECONDS=5 raw >/dev/null 2>&1 || true
	done
	no_jobs
	[ "$(ask GET /CMD_API_LOGIN_TEST)" = 'error=0&text=Login+OK' ]
	stop_pid "$HTTPD_PID"
}

@test "nothing that is asked can add a header to an answer" {
	app 'auth_username: da' "auth_password: $PASSWORD"
	httpd_up
	local target
	for target in "$DNS?action=x%0D%0AX-Evil:%201" "/CMD_API_X%0D%0AX-Evil:%201" \
		"$DNS?action=exists&domain=x%0D%0A%0D%0AX-Evil:1" \
		"$DNS?action=rawsave&domain=b.example&hostname=%0D%0AX-Evil:1"; do
		for MODE in http cgi; do
			ask GET "$target" >/dev/null
			run ! grep -i '^x-evil' "$TMP/head" "$TMP/body"
		done
	done
}
