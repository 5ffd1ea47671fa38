# ddo-httpd: DirectAdmin's calls in every form, in all three modes (CGI, inetd, its own listener).
# What attacks it is in 21-httpd-attacks.bats.
# shellcheck disable=SC2030,SC2031,SC2034
load lib/common
load lib/door
load lib/httpd

setup()
{
	door_conf
	zone_text b.example 7 >"$TMP/zone"
}

teardown()
{
	stop_all
}

# has_zones: a.example of bob on da1 is in the store; gone.example was there.
has_zones()
{
	zone_text a.example 1 | "$BIN/ddo-enqueue" -o da1.example.com -u bob put a.example
	zone_text gone.example 1 | "$BIN/ddo-enqueue" -o da1.example.com -u bob put gone.example
	"$BIN/ddo-enqueue" del gone.example
	queue_once
	no_jobs
}

# says ANSWER METHOD TARGET [FILE [TYPE]]: 200 and exactly ANSWER.
says()
{
	local want=$1
	shift
	ask "$@" >/dev/null
	echo "$*: $(cat "$TMP/code") $(cat "$TMP/body")"
	[ "$(cat "$TMP/code")" = 200 ] && [ "$(cat "$TMP/body")" = "$want" ] &&
		grep -qi "^content-length: ${#want}.\$" "$TMP/head" &&
		grep -qi '^content-type: text/plain.$' "$TMP/head"
}

# form TEXT: a file with TEXT.
form()
{
	printf %s "$1" >"$TMP/form"
	echo "$TMP/form"
}

DNS=/CMD_API_DNS_ADMIN
FORM=application/x-www-form-urlencoded

questions()
{
	says 'error=0&text=Login+OK' GET /CMD_API_LOGIN_TEST
	says 'error=0&text=Login+OK' POST /CMD_API_LOGIN_TEST
	says 'error=0&text=OK' GET $DNS
	says 'error=0&text=OK' POST $DNS
	says 'error=0&text=OK' POST $DNS "$(form 'hostname=da1.example.com')" $FORM
	says 'error=0&exists=0' GET '/CMD_API_USER_EXISTS?user=bob'
	says 'error=0&exists=0' POST /CMD_API_USER_EXISTS "$(form user=bob)" $FORM

	local on='details=Domain+exists+on+da1.example.com' \
		parent='hostname=da1.example.com&username=bob'
	says "error=0&exists=1&$on" GET "$DNS?action=exists&domain=a.example"
	says "error=0&exists=1&$on" POST "$DNS?action=exists&domain=A.Example."
	says "error=0&exists=1&$on" POST $DNS "$(form 'action=exists&domain=a.example')" $FORM
	says "error=0&exists=1&$on" POST $DNS "$(form 'action=exists&domain=a.example')"
	says "error=0&exists=1&$on" GET "$DNS?action=exists&domain=a.example&check_for_parent_domain=true"
	says 'error=0&exists=0' GET "$DNS?action=exists&domain=b.example"
	says 'error=0&exists=0' GET "$DNS?action=exists&domain=gone.example"
	says 'error=0&exists=0' GET "$DNS?action=exists&domain=www.a.example"
	says 'error=0&exists=0' GET "$DNS?action=exists&domain=www.a.example&check_for_parent_domain=false"
	says 'error=0&exists=0' GET "$DNS?action=exists&domain=example&check_for_parent_domain=true"
	for yes in true 1 yes; do
		says "error=0&exists=3&$parent" \
			GET "$DNS?action=exists&domain=www.a.example&check_for_parent_domain=$yes"
	done
	says "error=0&exists=3&$parent" \
		POST $DNS "$(form 'action=exists&domain=x.y.z.a.example&check_for_parent_domain=yes')" $FORM
	no_jobs
}

# saves WHAT...: a save in the given form is answered and leaves the right job.
saves()
{
	says error=0 "$@"
	only_job put b.example "$TMP/zone"
	[ "$(job_head "$(jobs)" source)" = push ]
	forget_jobs
}

changes()
{
	local who='hostname=DA1.example.com&username=bob' type
	says error=0 POST "$DNS?action=rawsave&domain=B.Example&$who" "$TMP/zone" text/plain
	only_job put b.example "$TMP/zone"
	[ "$(job_head "$(jobs)" origin)" = da1.example.com ]
	[ "$(job_head "$(jobs)" user)" = bob ]
	[[ $(job_head "$(jobs)" client) == "$CLIENT" ]]
	forget_jobs
	for type in '' text/plain $FORM 'multipart/form-data; boundary=x' \
		application/octet-stream; do
		saves POST "$DNS?action=rawsave&domain=b.example" "$TMP/zone" "$type"
	done
	# without a hostname the address that asks is the origin
	says error=0 POST "$DNS?domain=b.example&action=rawsave" "$TMP/zone"
	[[ $(job_head "$(jobs)" origin) == "$CLIENT" ]]
	forget_jobs

	# the form variants
	jq -rRs @uri "$TMP/zone" | tr -d '\n' >"$TMP/encoded"
	{ printf 'action=rawsave&domain=b.example&zone_file=' &&
		cat "$TMP/encoded"; } >"$TMP/save.form"
	saves POST $DNS "$TMP/save.form" $FORM
	{ printf 'zone_file=' && cat "$TMP/encoded"; } >"$TMP/save.form"
	saves POST "$DNS?action=rawsave&domain=b.example" "$TMP/save.form" $FORM
	says error=0 POST $DNS "$(form "action=rawsave&domain=b.example&$who")" $FORM
	only_job wanted b.example
	[ "$(job_head "$(jobs)" origin)" = da1.example.com ]
	forget_jobs
	says error=0 POST "$DNS?action=rawsave&domain=b.example&$who"
	only_job wanted b.example
	forget_jobs

	# deletes
	says error=0 GET "$DNS?action=delete&domain=b.example&$who"
	only_job del b.example
	[ "$(job_head "$(jobs)" origin)" = da1.example.com ]
	forget_jobs
	says error=0 POST $DNS "$(form 'action=delete&domain=b.example')" $FORM
	only_job del b.example
	forget_jobs
	for type in '' text/plain $FORM; do
		says error=0 POST $DNS \
			"$(form 'action=delete&select0=b.example&select3=C.example&select17=d.example&hostname=da1.example.com')" "$type"
		[ "$(for job in $(jobs); do
			check_job "$job" del "$(job_head "$job" zone)" >&2
			job_head "$job" zone
		done)" = $'b.example\nc.example\nd.example' ]
		forget_jobs
	done
	says error=0 POST $DNS "$(form $'action=delete&select0=b.example\r\n')"
	only_job del b.example
	forget_jobs
}

# refuses TEXT METHOD TARGET [FILE [TYPE]]: error=1 with TEXT in it, and no job.
refuses()
{
	local want=$1
	shift
	ask "$@" >/dev/null
	echo "$*: $(cat "$TMP/code") $(cat "$TMP/body")"
	[[ $(cat "$TMP/body") == 'error=1&text='*"$want"* ]] && no_jobs
}

refusals()
{
	printf '%s\n' "\$TTL 300" '@ SOA a b 1 2 3 4 5' 'www A 192.0.2.300' >"$TMP/bad"
	refuses 'line+3%3A+invalid+IPv4+address' POST "$DNS?action=rawsave&domain=b.example" \
		"$TMP/bad"
	[ "$(cat "$TMP/code")" = 200 ]
	{ cat "$TMP/zone" && echo 'x A 192.0.2.256'; } >"$TMP/bad"
	refuses "line+$(wc -l <"$TMP/bad")%3A" POST "$DNS?action=rawsave&domain=c.example" \
		"$TMP/bad"
	refuses 'SOA' POST "$DNS?action=rawsave&domain=b.example" "$(form 'www 300 IN A 192.0.2.1')"
	refuses 'domain' POST "$DNS?action=rawsave" "$TMP/zone"
	refuses 'domain' POST "$DNS?action=rawsave&domain=" "$TMP/zone"
	refuses 'domain' GET "$DNS?action=delete"
	refuses 'domain' GET "$DNS?action=exists"
	refuses 'action' GET "$DNS?action=rewrite&value=named"
	refuses 'action' POST $DNS "$TMP/zone" text/plain
	refuses 'Not+found' GET /CMD_API_SHOW_ALL_USERS
	[ "$(cat "$TMP/code")" = 404 ]
	refuses 'Not+found' GET "/CMD_API_DNS_ADMIN/../x?action=delete&domain=b.example"
	refuses 'Method+not+allowed' PUT "$DNS?action=rawsave&domain=b.example" "$TMP/zone"
	[ "$(cat "$TMP/code")" = 405 ]
	refuses 'Method+not+allowed' DELETE "$DNS?action=delete&domain=b.example"
}

@test "CGI: questions" {
	MODE=cgi
	has_zones
	questions
}

@test "CGI: saves and deletes" {
	MODE=cgi CLIENT=192.0.2.7
	changes
}

@test "CGI: refusals" {
	MODE=cgi
	refusals
}

@test "inetd: questions" {
	need python3
	inetd_up
	has_zones
	questions
}

@test "inetd: saves and deletes" {
	need python3
	inetd_up
	CLIENT=127.0.0.1
	changes
}

@test "inetd: refusals" {
	need python3
	inetd_up -2
	refusals
}

@test "listener: questions" {
	httpd_up
	has_zones
	questions
}

@test "listener: saves and deletes" {
	httpd_up
	CLIENT=127.0.0.1
	changes
}

@test "listener: refusals" {
	httpd_up
	refusals
}

@test "a zone as DirectAdmin writes it arrives to the octet" {
	httpd_up
	for file in "$ROOT"/t/zones/*.db; do
		name=$(basename "$file" .db)
		says error=0 POST "$DNS?action=rawsave&domain=$name" "$file"
		only_job put "${name//%2F//}" "$file"
		forget_jobs
	done
}

@test "exists=2 for a parent where check_subdomain_owner is off; no store at all is exists=0" {
	MODE=cgi
	door_conf "app: { auth_username: da, auth_password: $PASSWORD, check_subdomain_owner_in_cluster_domainowners: 0 }"
	has_zones
	says 'error=0&exists=2&details=Parent+Domain+exists+on+da1.example.com' \
		GET "$DNS?action=exists&domain=www.a.example&check_for_parent_domain=true"
	rm "$TMP"/zones.db*
	says 'error=0&exists=0' GET "$DNS?action=exists&domain=a.example"
	echo 'no database, but long enough to be taken for one' >"$TMP/zones.db"
	ask GET "$DNS?action=exists&domain=a.example"
	[ "$(cat "$TMP/code")" = 503 ]
	[[ $(cat "$TMP/body") == error=1* ]]
}

@test "a zone that is only announced exists" {
	MODE=cgi
	says error=0 POST "$DNS?action=rawsave&domain=b.example&hostname=da2.example.com"
	queue_once
	says 'error=0&exists=1&details=Domain+exists+on+da2.example.com' GET \
		"$DNS?action=exists&domain=b.example"
}

@test "an action in the query goes before one in the body" {
	httpd_up
	has_zones
	says 'error=0&exists=1&details=Domain+exists+on+da1.example.com' POST \
		"$DNS?action=exists&domain=a.example" \
		"$(form 'action=delete&select0=a.example')" $FORM
	no_jobs
	# and an empty one is none
	says error=0 POST "$DNS?action=" "$(form 'action=delete&select0=a.example')" $FORM
	only_job del a.example
}

# --- HTTP --------------------------------------------------------------------------------------

@test "HTTP/1.0 is answered and closed, on the listener and under inetd" {
	local up
	for up in httpd_up inetd_up; do
		$up
		request 'GET /CMD_API_LOGIN_TEST HTTP/1.0' | raw >"$TMP/out"
		head -n 1 "$TMP/out" | grep -E '^HTTP/1\.[01] 200 OK'
		[ "$(tail -n 1 "$TMP/out")" = 'error=0&text=Login+OK' ]
		{ request "POST $DNS?action=rawsave&domain=b.example HTTP/1.0" \
			"Content-Length: $(stat -c %s "$TMP/zone")" && cat "$TMP/zone"; } |
			raw >"$TMP/out"
		[ "$(tail -n 1 "$TMP/out")" = error=0 ]
		only_job put b.example "$TMP/zone"
		forget_jobs
	done
}

@test "several requests on one connection" {
	local up
	for up in httpd_up inetd_up; do
		$up
		curl -sS -m 30 -u "da:$PASSWORD" -w '\n%{num_connects}\n' \
			--data-binary "@$TMP/zone" \
			"http://127.0.0.1:$PORT$DNS?action=rawsave&domain=b.example" \
			"http://127.0.0.1:$PORT$DNS?action=rawsave&domain=b.example" \
			"http://127.0.0.1:$PORT$DNS?action=rawsave&domain=.." >"$TMP/out"
		[ "$(sed -n '1p;3p' "$TMP/out")" = $'error=0\nerror=0' ]
		[[ $(sed -n 5p "$TMP/out") == error=1* ]]
		[ "$(sed -n '2p;4p;6p' "$TMP/out" | tr -d '\n')" = 100 ]
		[ "$(job_count)" = 2 ]
		forget_jobs
	done
}

@test "requests sent before the answers to earlier ones" {
	local up
	for up in httpd_up inetd_up; do
		$up
		{
			request "GET $DNS?action=delete&domain=one.example HTTP/1.1"
			request "POST $DNS?action=rawsave&domain=b.example HTTP/1.1" \
				"Content-Length: $(stat -c %s "$TMP/zone")" && cat "$TMP/zone"
			request "GET $DNS?action=delete&domain=two.example HTTP/1.1" \
				'Connection: close'
		} | raw >"$TMP/out"
		[ "$(grep -o 'HTTP/1.1 200 OK' "$TMP/out" | wc -l)" = 3 ]
		[ "$(for job in $(jobs); do job_head "$job" zone; done | tr '\n' ' ')" = \
			'one.example b.example two.example ' ]
		forget_jobs
	done
}

@test "Expect: 100-continue and a chunked body" {
	local up
	for up in httpd_up inetd_up; do
		$up
		curl -sS -m 30 -u "da:$PASSWORD" -H 'Expect: 100-continue' -D "$TMP/head" \
			--data-binary "@$TMP/zone" \
			"http://127.0.0.1:$PORT$DNS?action=rawsave&domain=b.example" >"$TMP/body"
		[ "$(cat "$TMP/body")" = error=0 ]
		[[ $(head -n 1 "$TMP/head") == 'HTTP/1.1 100 Continue'* ]]
		curl -sS -m 30 -u "da:$PASSWORD" -H 'Transfer-Encoding: chunked' \
			--data-binary "@$TMP/zone" \
			"http://127.0.0.1:$PORT$DNS?action=rawsave&domain=b.example" >"$TMP/body"
		[ "$(cat "$TMP/body")" = error=0 ]
		[ "$(job_count)" = 2 ]
		for job in $(jobs); do
			check_job "$job" put b.example "$TMP/zone"
		done
		forget_jobs
		# with a wrong password the body is not asked for
		curl -sS -m 30 -u "da:wrong" -H 'Expect: 100-continue' -D "$TMP/head" \
			--data-binary "@$TMP/zone" \
			"http://127.0.0.1:$PORT$DNS?action=rawsave&domain=b.example" >"$TMP/body"
		[[ $(head -n 1 "$TMP/head") == 'HTTP/1.1 401 '* ]]
		no_jobs
	done
}

@test "a client that closes its side behind the request gets its answer" {
	need python3
	local up
	for up in httpd_up inetd_up; do
		$up
		{ request "POST $DNS?action=rawsave&domain=b.example HTTP/1.1" \
			"Content-Length: $(stat -c %s "$TMP/zone")" &&
			cat "$TMP/zone"; } >"$TMP/request"
		python3 -c 'import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20)
s.sendall(open(sys.argv[2], "rb").read())
s.shutdown(socket.SHUT_WR)
while data := s.recv(4096): sys.stdout.buffer.write(data)' "$PORT" "$TMP/request" >"$TMP/out"
		[ "$(tail -n 1 "$TMP/out")" = error=0 ]
		only_job put b.example "$TMP/zone"
		forget_jobs
	done
}

@test "a body in drips, an absolute URI, HEAD" {
	httpd_up
	{
		request "POST http://ns1.example:2222$DNS?action=rawsave&domain=b.example HTTP/1.1" \
			"Content-Length: $(stat -c %s "$TMP/zone")" 'Connection: close'
		while IFS= read -r line; do
			printf '%s\n' "$line"
		done <"$TMP/zone"
	} | raw >"$TMP/out"
	[ "$(tail -n 1 "$TMP/out")" = error=0 ]
	only_job put b.example "$TMP/zone"
	forget_jobs
	request "HEAD $DNS?action=delete&domain=b.example HTTP/1.1" 'Connection: close' |
		raw >"$TMP/out"
	grep -E '^HTTP/1.1 405 ' "$TMP/out"
	request "HEAD /CMD_API_LOGIN_TEST HTTP/1.1" 'Connection: close' | raw >"$TMP/out"
	grep -E '^HTTP/1.1 200 ' "$TMP/out"
	[ "$(tail -n 1 "$TMP/out")" = $'\r' ]
	no_jobs
}

@test "IPv6, several addresses, a port without an address" {
	local one two
	grep -q lo /proc/net/if_inet6 || absent IPv6
	one=$(free_port) two=$(free_port)
	start_bg httpd "$HTTPD" -l "[::1]:$one" -l "127.0.0.1:$one" -l ":$two"
	wait_for 10 port_in_use "$two"
	for url in "http://[::1]:$one" "http://127.0.0.1:$one" "http://[::1]:$two" \
		"http://127.0.0.1:$two"; do
		[ "$(curl -sS -g -m 10 -u "da:$PASSWORD" "$url/CMD_API_LOGIN_TEST")" = \
			'error=0&text=Login+OK' ]
	done
	curl -sS -g -m 10 -u "da:$PASSWORD" "http://[::1]:$two$DNS?action=delete&domain=b.example"
	curl -sS -g -m 10 -u "da:$PASSWORD" \
		"http://127.0.0.1:$two$DNS?action=delete&domain=b.example"
	[ "$(for job in $(jobs); do job_head "$job" client; done | tr '\n' ' ')" = \
		'::1 127.0.0.1 ' ]
}

@test "an address that cannot be listened on: exit 71 and its name" {
	run -71 "$HTTPD" -l 192.0.2.1:2222
	[[ $output == "ddo-httpd: fatal: cannot listen on 192.0.2.1:2222: "* ]]
	httpd_up
	run -71 "$HTTPD" -l "127.0.0.1:$PORT"
	[[ $output == *"Address already in use" ]]
}

@test "without a socket, -l or CGI: exit 64; a listening socket as descriptor 0: exit 71" {
	run -64 "$HTTPD" </dev/null
	[[ $output == *"nothing to serve"* ]]
	need python3
	run -71 python3 -c 'import os, socket, sys; s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(1)
os.dup2(s.fileno(), 0); os.execv(sys.argv[1], sys.argv[1:])' "$HTTPD"
	[[ $output == *"listening socket"* ]]
}

@test "SIGTERM ends the listener with exit 0, and finishes a request under way first" {
	httpd_up
	stop_pid "$HTTPD_PID"
	httpd_up
	local length
	length=$(stat -c %s "$TMP/zone")
	exec 5<>"/dev/tcp/127.0.0.1/$PORT"
	request "POST $DNS?action=rawsave&domain=b.example HTTP/1.1" "Content-Length: $length" >&5
	head -c 100 "$TMP/zone" >&5
	# it has begun to read when another connection, made later, has been answered
	ask GET /CMD_API_LOGIN_TEST
	kill "$HTTPD_PID"
	run ! wait_for 1 false
	tail -c +101 "$TMP/zone" >&5
	timeout 10 cat <&5 >"$TMP/out"
	exec 5>&-
	grep -i '^connection: close' "$TMP/out"
	[ "$(tail -n 1 "$TMP/out")" = error=0 ]
	only_job put b.example "$TMP/zone"
	stop_pid "$HTTPD_PID"
}

# --- who may ---------------------------------------------------------------------------------

# code HEADER...: the status of a login test with these headers and nothing else.
code()
{
	local headers=() header
	for header; do
		headers+=(-H "$header")
	done
	curl -sS -m 20 -D "$TMP/head" -o "$TMP/body" -w '%{http_code}' "${headers[@]}" \
		"http://127.0.0.1:$PORT/CMD_API_LOGIN_TEST"
}

@test "credentials: right, wrong, absent, malformed, admin|user" {
	door_conf "app: { auth_username: da, auth_password: $PASSWORD, login_failures: 0 }"
	httpd_up
	[ "$(code "Authorization: $(basic "da:$PASSWORD")")" = 200 ]
	[ "$(code "Authorization: $(basic "da|bob:$PASSWORD")")" = 200 ]
	[ "$(code "Authorization: basic  $(printf %s "da:$PASSWORD" | base64 | tr -d =)")" = 200 ]
	local wrong
	for wrong in "$(basic da:wrong)" "$(basic "da:${PASSWORD}x")" \
		"$(basic "da:${PASSWORD%?}")" "$(basic da:)" \
		"$(basic "x:$PASSWORD")" "$(basic ":$PASSWORD")" "$(basic "bob|da:$PASSWORD")" \
		"$(basic "|da:$PASSWORD")" \
		"$(basic "DA:$PASSWORD")" "$(basic "da$PASSWORD")" 'Basic' 'Basic ' 'Basic !!!!' \
		'Basic ZGE' 'Basic ====' 'Basic ZGE6 czNjcmV0' $'Basic ZGE6\tczNjcmV0' \
		"Bearer $PASSWORD" "Digest username=\"da\"" \
		"$(basic "da:$(head -c 4000 /dev/zero | tr '\0' x)")" \
		"Basic $(printf 'da:%s\0' "$PASSWORD" | base64)" \
		"Basic $(printf 'da\0:%s' "$PASSWORD" | base64)"; do
		echo "$wrong"
		[ "$(code "Authorization: $wrong")" = 401 ]
		grep -i '^www-authenticate: Basic realm=' "$TMP/head"
		[[ $(cat "$TMP/body") == error=1* ]]
	done
	[ "$(code)" = 401 ]
	grep -i '^www-authenticate: Basic realm=' "$TMP/head"
	run ! grep -F "$PASSWORD" "$TMP/httpd.log"
}

@test "wrong credentials change nothing, in any mode" {
	PASSWORD=wrong
	MODE=cgi
	ask POST "$DNS?action=rawsave&domain=b.example" "$TMP/zone"
	[ "$(cat "$TMP/code")" = 401 ]
	for up in httpd_up inetd_up; do
		$up
		ask POST "$DNS?action=rawsave&domain=b.example" "$TMP/zone"
		[ "$(cat "$TMP/code")" = 401 ]
		[[ $(cat "$TMP/body") == error=1* ]]
	done
	no_jobs
}

@test "a password kept as a crypt hash" {
	# shellcheck disable=SC2016
	door_conf 'app: { auth_username: da, auth_password: "$5$rounds=1000$saltsalt$zjC/Njk9Y.EVEc3QygFw/Rhx5L4ZHXnWMx5WovHpIO2" }'
	httpd_up
	[ "$(code "Authorization: $(basic "da:$PASSWORD")")" = 200 ]
	[ "$(code "Authorization: $(basic "da:$PASSWORD")")" = 200 ]
	[ "$(code "Authorization: $(basic "da:wrong")")" = 401 ]
	# shellcheck disable=SC2016
	[ "$(code "Authorization: $(basic \
		'da:$5$rounds=1000$saltsalt$zjC/Njk9Y.EVEc3QygFw/Rhx5L4ZHXnWMx5WovHpIO2')")" = 401 ]
	[ "$(code "Authorization: $(basic "da:$PASSWORD")")" = 200 ]
}

# --- what is left behind -----------------------------------------------------------------------

@test "each push leaves one log line that says who, what and how it went" {
	httpd_up
	curl -sS -u "da|bob:$PASSWORD" -A 'DirectAdmin/1.695' --data-binary "@$TMP/zone" \
		"http://127.0.0.1:$PORT$DNS?action=rawsave&domain=b.example&hostname=da1.example.com&username=bob"
	grep -Fx "ddo-httpd: push op=put zone=b.example result=accepted bytes=$(stat -c %s \
		"$TMP/zone") origin=da1.example.com user=bob client=127.0.0.1 login=da|bob agent=\"DirectAdmin/1.695\"" \
		"$TMP/httpd.log"
	{ cat "$TMP/zone" && echo 'x A 192.0.2.256'; } >"$TMP/bad"
	ask POST "$DNS?action=rawsave&domain=c.example" "$TMP/bad"
	grep "warning: push op=put zone=c.example result=refused .* why=\"line $(wc \
		-l <"$TMP/bad"): " \
		"$TMP/httpd.log"
}

@test "eight clients at once: each push answered with error=0 is a job, in an order of its own" {
	httpd_up
	local n pids=()
	for n in {1..8}; do
		curl -sS -m 50 -u "da:$PASSWORD" \
			"http://127.0.0.1:$PORT$DNS?action=delete&domain=w$n-[1-40].example" \
			>"$TMP/out.$n" 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	[ "$(cat "$TMP"/out.* | grep -o error=0 | wc -l)" = 320 ]
	[ "$(job_count)" = 320 ]
	for n in {1..8}; do
		for job in $(jobs); do
			job_head "$job" zone
		done | grep "^w$n-" >"$TMP/got"
		seq -f "w$n-%g.example" 1 40 | diff - "$TMP/got"
	done
}

@test "the spool's numbers do not step back with the clock, in a listener either" {
	need faketime
	echo '+0' >"$TMP/clock"
	PORT=$(free_port) MODE=http
	export FAKETIME_TIMESTAMP_FILE=$TMP/clock FAKETIME_NO_CACHE=1 DONT_FAKE_MONOTONIC=1
	start_bg httpd with_asan_last faketime -f '+0' "$HTTPD" -l "127.0.0.1:$PORT"
	wait_for 10 port_in_use "$PORT"
	# faketime does not hand on the signal that ends it.
	mapfile -t -O "${#STARTED_PIDS[@]}" STARTED_PIDS < <(pgrep -f -- "-l 127.0.0.1:$PORT\$")
	says error=0 GET "$DNS?action=delete&domain=one.example"
	echo '-1d' >"$TMP/clock"
	says error=0 GET "$DNS?action=delete&domain=two.example"
	[ "$(for job in $(jobs); do job_head "$job" zone; done | tr '\n' ' ')" = \
		'one.example two.example ' ]
}
