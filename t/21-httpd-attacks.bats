# ddo-httpd against attackers, slow clients, full disks and crashes.
# shellcheck disable=SC2030,SC2031,SC2034,SC2094,SC2129
load lib/common
load lib/door
load lib/httpd

DNS=/CMD_API_DNS_ADMIN

setup()
{
	door_conf
	zone_text b.example 7 >"$TMP/zone"
}

teardown()
{
	stop_all
}

# small_conf LINE...: app.yml with these lines in app:.
small_conf()
{
	door_conf 'app:' '  auth_username: da' "  auth_password: $PASSWORD" "${@/#/  }"
}

# refused: the last answer is error=1, and there is no job.
refused()
{
	echo "$(cat "$TMP/code") $(cat "$TMP/body")"
	[[ $(cat "$TMP/body") == error=1* ]] && no_jobs
}

# alive: the server answers, soon.
alive()
{
	[ "$(curl -sS -m 5 -u "da:$PASSWORD" "http://127.0.0.1:$PORT/CMD_API_LOGIN_TEST")" = \
		'error=0&text=Login+OK' ]
}

# clean_log: each line of the log is one of ours, without control characters.
clean_log()
{
	[ -s "$TMP/httpd.log" ] || return 1
	run ! grep -vaP '^ddo-httpd: [ -~]*$' "$TMP/httpd.log"
}

# files_outside: what lies in $TMP but was not put there by the test or the spool.
files_outside()
{
	find "$TMP" -type f ! -path "$SPOOL/*" -printf '%P\n' |
		grep -vE '^(app.yml|zones.db.*|run/.*|.*\.log|zone|body|head|code|out|err|form|answer)$'
}

# selects N: a form that deletes N zones.
selects()
{
	printf 'action=delete'
	seq "$1" | sed 's/.*/\&select&=z&.example/' | tr -d '\n'
}

# --- names and contents ------------------------------------------------------------------------

# shellcheck disable=SC2016
BAD_NAMES=('..' '.' '../../etc/passwd' '/etc/passwd' '..%2F..%2Fetc%2Fpasswd' 'a%2F..%2Fb' \
	'..%5Cx' '%2e%2e%2f%2e%2e' 'a%22b'
	'a%27b' 'a%0Ab' 'a%0D%0Ab' '%0A' 'a%00' '%00' 'a%00.example' 'a%3Bb' 'a%7Bb' 'a%20b' '%20' \
		'a..b' '.b' '*.b.example'
	'caf%C3%A9.example' '%E2%80%AEb' '%80' '$(id)' '%60id%60' 'b.example%0Aop:%20del' '%2525' \
		'b.example%09' '-%20-rf'
	"$(printf 'l%.0s' {1..64}).example" "$(printf 'a.%.0s' {1..127})b" \
		"$(printf 'l%.0s' {1..255})" "$(printf 'l%.0s' {1..5000})")

@test "names that are paths, quotes, line ends, NUL, too long: error=1, no job, no file, a clean log" {
	httpd_up
	local name action
	for name in "${BAD_NAMES[@]}"; do
		for action in rawsave delete; do
			ask POST "$DNS?action=$action&domain=$name" "$TMP/zone" >/dev/null
			echo "$name"
			refused
		done
		ask GET "$DNS?action=exists&domain=$name"
		[[ $(cat "$TMP/body") == error=1* ]]
		printf 'action=delete&select0=%s' "$name" >"$TMP/form"
		ask POST "$DNS" "$TMP/form" >/dev/null
		refused
	done
	alive
	clean_log
	run ! files_outside
}

@test "hostnames and user names that attack: error=1, no job" {
	httpd_up
	local bad
	for bad in '..%2Fx' 'a%0Ab' 'a%00b' 'a%20b' 'a%3Bb' 'caf%C3%A9' \
		"$(printf 'l%.0s' {1..300})"; do
		ask POST "$DNS?action=rawsave&domain=b.example&hostname=$bad" "$TMP/zone" >/dev/null
		refused
		ask GET "$DNS?action=delete&domain=b.example&username=$bad" >/dev/null
		refused
	done
	clean_log
}

@test "the longest name there is, a reverse zone with a slash and an IDN are taken" {
	httpd_up
	local label name
	label=$(printf 'l%.0s' {1..63})
	for name in "$label.$label.$label.$(printf 'l%.0s' {1..61})" 0%2F25.2.0.192.in-addr.arpa \
		XN--caf-dma.example; do
		[ "$(ask GET "$DNS?action=delete&domain=$name")" = error=0 ]
		[ "$(job_count)" = 1 ]
		queue_once
		[ -z "$(jobs)" ]
	done
	[ -z "$(ls "$SPOOL/bad")" ]
}

@test "one bad name among many: error=1 and nothing is deleted" {
	httpd_up
	printf 'action=delete' >"$TMP/form"
	printf '&select%d=z%d.example' {0..199}{,} >>"$TMP/form"
	cp "$TMP/form" "$TMP/out"
	printf '&select200=..%%2Fx&select201=y.example' >>"$TMP/form"
	ask POST "$DNS" "$TMP/form"
	refused
	[ "$(ask POST "$DNS" "$TMP/out")" = error=0 ]
	[ "$(job_count)" = 200 ]
}

@test "thousands of names in one delete; too many are refused as a whole" {
	httpd_up
	selects 3000 >"$TMP/form"
	[ "$(ask POST "$DNS" "$TMP/form")" = error=0 ]
	[ "$(job_count)" = 3000 ]
	forget_jobs
	selects 10001 >"$TMP/form"
	ask POST "$DNS" "$TMP/form"
	refused
	{ printf 'action=delete' && seq -f '&x%.0f=1' 1 30000 | tr -d '\n'; } >"$TMP/form"
	ask POST "$DNS" "$TMP/form"
	refused
}

@test "contents that attack: \$INCLUDE, NUL, other zones, a million records" {
	small_conf 'max_records: 1000'
	httpd_up
	local bad
	for bad in "\$INCLUDE /etc/passwd" "\$GENERATE 1-999999999 a\$ A 192.0.2.1" \
		'w TXT "' 'w MX \# 2 0001' "$(head -c 70000 /dev/zero | tr '\0' x)"; do
		{ cat "$TMP/zone" && echo "$bad"; } >"$TMP/form"
		ask POST "$DNS?action=rawsave&domain=b.example" "$TMP/form"
		refused
		grep -E 'line(\+|%20)3[0-9]' "$TMP/body"
	done
	# Of another zone: left out, and its name breaks neither the answer nor the log.
	{ cat "$TMP/zone"
		printf '%s\n' 'a\010b\013\034&error=1.c.example. A 192.0.2.1'; } >"$TMP/form"
	ask POST "$DNS?action=rawsave&domain=b.example" "$TMP/form"
	grep -E '^error=0&warning=records[^&]*c\.example\.$' "$TMP/body"
	[ "$(wc -l <"$TMP/body")" -le 1 ]
	forget_jobs
	{ cat "$TMP/zone" && printf 'w A 192.0.2.1\0\n'; } >"$TMP/form"
	ask POST "$DNS?action=rawsave&domain=b.example" "$TMP/form"
	refused
	{ cat "$TMP/zone" && seq -f 'h%.0f A 192.0.2.1' 1 100000; } >"$TMP/form"
	ask POST "$DNS?action=rawsave&domain=b.example" "$TMP/form"
	refused
	grep more+than+1000+records "$TMP/body"
	clean_log
}

@test "nothing that a client sends makes a second line in the log" {
	MODE=cgi
	local bad=$'x\nddo-httpd: push op=del zone=forged\r\033[2J'
	cgi REQUEST_METHOD=GET PATH_INFO="$DNS" QUERY_STRING='action=delete&domain=b.example' \
		HTTP_USER_AGENT="$bad" 2>>"$TMP/httpd.log"
	cgi REQUEST_METHOD=GET PATH_INFO="$DNS" \
		QUERY_STRING="action=delete&domain=b%0Addo-httpd:%20forged&hostname=%0Ax" \
		2>>"$TMP/httpd.log"
	cgi REQUEST_METHOD=GET PATH_INFO="$DNS" QUERY_STRING='action=exists&domain=x' \
		2>>"$TMP/httpd.log" \
		HTTP_AUTHORIZATION="Basic $(printf '%s:x' "$bad" | base64 -w 0)"
	cgi REQUEST_METHOD=GET PATH_INFO="$DNS" QUERY_STRING='action=delete&domain=b.example' \
		REMOTE_ADDR="$bad" 2>>"$TMP/httpd.log" ||
		true
	cgi REQUEST_METHOD="$bad" PATH_INFO="$bad" QUERY_STRING="$bad" 2>>"$TMP/httpd.log"
	clean_log
	run ! grep -a '^ddo-httpd: push op=del zone=forged' "$TMP/httpd.log"
	for job in $(jobs); do
		run ! grep -a forged "$SPOOL/new/$job"
	done
	queue_once
	[ -z "$(find "$SPOOL/bad" -type f)" ]
}

# --- too much, too slow, too many --------------------------------------------------------------

@test "a body beyond the limit: 413, whether announced, chunked or endless" {
	small_conf 'max_body_bytes: 4096'
	local up
	head -c 5000 /dev/zero | tr '\0' ';' >"$TMP/form"
	for up in httpd_up inetd_up; do
		$up
		ask POST "$DNS?action=rawsave&domain=b.example" "$TMP/form"
		[ "$(cat "$TMP/code")" = 413 ]
		refused
		{
			request "POST $DNS?action=rawsave&domain=b.example HTTP/1.1" \
				'Content-Length: 99999999999999999999'
			cat "$TMP/form"
		} | raw >"$TMP/out" || true
		run ! grep error=0 "$TMP/out"
		{
			request "POST $DNS?action=rawsave&domain=b.example HTTP/1.1" \
				'Transfer-Encoding: chunked'
			for ((i = 0; i < 2000; i++)); do
				printf '800\r\n%02048d\r\n' 0
			done
		} 2>/dev/null | raw >"$TMP/out" || true
		run ! grep error=0 "$TMP/out"
		alive
		no_jobs
		# one octet less than the limit is still looked at
		{ cat "$TMP/zone" && printf '; ' &&
			head -c $((4095 - 3 - $(stat -c %s "$TMP/zone"))) /dev/zero |
			tr '\0' x && echo; } >"$TMP/fits"
		[ "$(ask POST "$DNS?action=rawsave&domain=b.example" "$TMP/fits")" = error=0 ]
		forget_jobs
		rm "$TMP/fits"
	done
	MODE=cgi
	ask POST "$DNS?action=rawsave&domain=b.example" "$TMP/form"
	[ "$(cat "$TMP/code")" = 413 ]
	refused
}

@test "endless headers, an endless request line, no HTTP at all" {
	httpd_up
	alive
	local server
	server=$(server_of "$HTTPD_PID")
	{
		printf 'GET /CMD_API_LOGIN_TEST HTTP/1.1\r\n'
		for ((i = 0; i < 3000; i++)); do
			printf 'X-%d: %0100d\r\n' "$i" 0
		done
	} 2>/dev/null | raw >"$TMP/out" || true
	run ! grep error=0 "$TMP/out"
	{ printf 'GET /' && head -c 300000 /dev/zero | tr '\0' a; } | raw >"$TMP/out" || true
	run ! grep error=0 "$TMP/out"
	head -c 100000 /dev/urandom | RAW_SECONDS=10 raw >"$TMP/out" || true
	run ! grep -a error=0 "$TMP/out"
	printf '\026\003\001\002\000\001\000\001\374\003\003' |
		RAW_SECONDS=1 raw >"$TMP/out" || true
	alive
	kill -0 "$server"
	no_jobs
}

@test "a body whose length is said twice, or not at all, is no push" {
	httpd_up
	local size headers
	size=$(stat -c %s "$TMP/zone")
	for headers in "Content-Length: $size|Transfer-Encoding: chunked" \
		"Transfer-Encoding: chunked|Content-Length: $size" \
		"Content-Length: $size|Content-Length: $size" \
		"Content-Length: 100|Content-Length: $size" \
		'Transfer-Encoding: identity' 'Transfer-Encoding: gzip, chunked' \
		'Transfer-Encoding: chunked|Transfer-Encoding: identity'; do
		echo "$headers"
		{
			IFS='|' read -ra lines <<<"$headers"
			request "POST $DNS?action=rawsave&domain=b.example HTTP/1.1" "${lines[@]}"
			[[ $headers != *chunked* ]] || printf '%x\r\n' "$size"
			cat "$TMP/zone"
			[[ $headers != *chunked* ]] || printf '\r\n0\r\n\r\n'
		} | raw >"$TMP/out"
		head -n 1 "$TMP/out"
		[[ $(head -n 1 "$TMP/out") == 'HTTP/1.1 400'* ]]
		[ "$(grep -ac '^HTTP/1.1 ' "$TMP/out")" = 1 ]
		no_jobs
	done
	[ "$(grep -c 'refused a request from 127.0.0.1: the length' "$TMP/httpd.log")" = 7 ]
	alive
}

@test "a request that is cut off is no push, however much of it came" {
	local up length
	length=$(stat -c %s "$TMP/zone")
	for up in httpd_up inetd_up; do
		$up
		for part in 0 100 $((length - 1)); do
			exec 5<>"/dev/tcp/127.0.0.1/$PORT"
			request "POST $DNS?action=rawsave&domain=b.example HTTP/1.1" \
				"Content-Length: $length" >&5
			head -c "$part" "$TMP/zone" >&5
			exec 5>&-
		done
		exec 5<>"/dev/tcp/127.0.0.1/$PORT"
		request "POST $DNS?action=rawsave&domain=b.example HTTP/1.1" \
			'Transfer-Encoding: chunked' >&5
		printf '%x\r\n' "$length" >&5
		cat "$TMP/zone" >&5
		printf '\r\n' >&5
		exec 5>&-
		alive
		no_jobs
	done
	MODE=cgi
	cgi REQUEST_METHOD=POST PATH_INFO="$DNS" QUERY_STRING='action=rawsave&domain=b.example' \
		CONTENT_LENGTH=$((length + 1)) \
		<"$TMP/zone" >"$TMP/out"
	grep error=1 "$TMP/out"
	cgi REQUEST_METHOD=POST PATH_INFO="$DNS" QUERY_STRING='action=rawsave&domain=b.example' \
		HTTP_TRANSFER_ENCODING=chunked <"$TMP/zone" >"$TMP/out"
	grep error=1 "$TMP/out"
	cgi REQUEST_METHOD=POST PATH_INFO="$DNS" QUERY_STRING='action=rawsave&domain=b.example' \
		CONTENT_LENGTH=-1 \
		<"$TMP/zone" >"$TMP/out"
	grep error=1 "$TMP/out"
	no_jobs
}

# ended: nobody writes to descriptor 5 any more; what came is in $TMP/out.
ended()
{
	timeout "$1" cat <&5 >"$TMP/out"
}

@test "slow clients are dropped after request_timeout, while others are served" {
	small_conf 'request_timeout: 2' 'threads: 1'
	local up start
	for up in httpd_up inetd_up; do
		$up
		# nothing at all; half a request line; half the headers; half the body
		for part in '' 'GET /CMD' \
			"$(request "POST $DNS?action=rawsave&domain=b.example HTTP/1.1")" \
			"$(request "POST $DNS?action=rawsave&domain=b.example HTTP/1.1" \
			'Content-Length: 500')"$'\n; half'; do
			exec 5<>"/dev/tcp/127.0.0.1/$PORT"
			printf %s "$part" >&5
			start=$(now_ms)
			alive
			[ $(($(now_ms) - start)) -lt 2000 ]
			ended 8
			exec 5>&-
		done
		run ! grep error=0 "$TMP/out"
		grep -E '^HTTP/1.1 408 ' "$TMP/out"
		no_jobs
	done
}

@test "a client that drips an octet at a time has request_timeout for the whole" {
	small_conf 'request_timeout: 1'
	httpd_up
	exec 5<>"/dev/tcp/127.0.0.1/$PORT"
	request "POST $DNS?action=rawsave&domain=b.example HTTP/1.1" 'Content-Length: 100000' >&5
	local start
	start=$(now_ms)
	cut_off()
	{
		! (printf ';' >&5) 2>/dev/null
	}
	wait_for 6 cut_off
	[ $(($(now_ms) - start)) -lt 5000 ]
	exec 5>&-
	alive
	no_jobs
}

@test "a CGI request whose body does not come ends after request_timeout" {
	small_conf 'request_timeout: 1'
	mkfifo "$TMP/fifo"
	exec 6<>"$TMP/fifo"
	cgi REQUEST_METHOD=POST PATH_INFO="$DNS" QUERY_STRING='action=rawsave&domain=b.example' \
		CONTENT_LENGTH=50 \
		<"$TMP/fifo" >"$TMP/out" 6>&-
	exec 6>&-
	grep '^Status: 408 ' "$TMP/out"
	no_jobs
}

@test "connections beyond the limit of one address are told so at once; there is room again when they end" {
	small_conf 'max_connections_per_address: 5' 'max_connections: 100'
	httpd_up
	local fds=() fd
	for _ in {1..5}; do
		exec {fd}<>"/dev/tcp/127.0.0.1/$PORT"
		fds+=("$fd")
	done
	exec 5<>"/dev/tcp/127.0.0.1/$PORT"
	ended 5
	exec 5>&-
	grep -E '^HTTP/1.1 503 ' "$TMP/out"
	grep error=1 "$TMP/out"
	for fd in "${fds[@]}"; do
		exec {fd}>&-
	done
	wait_for 5 alive
	grep 'too many connections: refused 127.0.0.1' "$TMP/httpd.log"
}

@test "connections beyond max_connections are told so" {
	small_conf 'max_connections: 3'
	httpd_up
	local fds=() fd
	for _ in {1..3}; do
		exec {fd}<>"/dev/tcp/127.0.0.1/$PORT"
		fds+=("$fd")
	done
	exec 5<>"/dev/tcp/127.0.0.1/$PORT"
	ended 5
	exec 5>&-
	grep -E '^HTTP/1.1 503 ' "$TMP/out"
	for fd in "${fds[@]}"; do
		exec {fd}>&-
	done
	wait_for 5 alive
}

@test "hundreds of connections that come and go leave none behind" {
	httpd_up
	alive
	descriptors()
	{
		find "/proc/$(server_of "$HTTPD_PID")/fd" -mindepth 1 | wc -l
	}
	local before i
	before=$(descriptors)
	for i in {1..240}; do
		exec 5<>"/dev/tcp/127.0.0.1/$PORT"
		[ $((i % 3)) != 0 ] || request "GET /CMD_API_LOGIN_TEST HTTP/1.1" >&5
		[ $((i % 3)) != 1 ] || printf 'GET /' >&5
		exec 5>&-
	done
	alive
	as_before()
	{
		[ "$(descriptors)" -le "$before" ]
	}
	wait_for 5 as_before
}

@test "a hash that is slow to check does not hold up those who are logged in" {
	# shellcheck disable=SC2016
	door_conf 'app: { auth_username: da, threads: 2, login_failures: 0, auth_password: "$5$rounds=1000$saltsalt$zjC/Njk9Y.EVEc3QygFw/Rhx5L4ZHXnWMx5WovHpIO2" }'
	httpd_up
	alive
	local pids=() i
	for i in {1..4}; do
		curl -sS -m 30 -u "da:wrong$i" -o "$TMP/wrong.$i" -w '%{http_code}\n' \
			"http://127.0.0.1:$PORT/CMD_API_LOGIN_TEST?[1-20]" >"$TMP/codes.$i" 3>&- &
		pids+=($!)
	done
	alive
	wait "${pids[@]}"
	[ "$(cat "$TMP"/codes.* | sort | uniq -c | tr -s ' ')" = ' 80 401' ]
}

# --- a full disk, a spool that is not there ----------------------------------------------------

@test "a full disk: 503 and error=1, nothing half; well again once there is room" {
	SPOOL=$TMP/small/spool
	small_disk "$TMP/small" 256k
	small_conf 'disk_reserve_bytes: 0'
	httpd_up
	fill_disk "$TMP/small"
	local mode
	for mode in http cgi; do
		MODE=$mode
		ask POST "$DNS?action=rawsave&domain=b.example" "$TMP/zone"
		[ "$(cat "$TMP/code")" = 503 ]
		refused
		grep No+space+left "$TMP/body"
		printf 'action=delete&select0=a.example&select1=b.example' >"$TMP/form"
		ask POST "$DNS" "$TMP/form"
		[ "$(cat "$TMP/code")" = 503 ]
		refused
	done
	MODE=http
	free_disk "$TMP/small"
	[ "$(ask POST "$DNS?action=rawsave&domain=b.example" "$TMP/zone")" = error=0 ]
	only_job put b.example "$TMP/zone"
}

@test "a delete of many for which only some have room: error=1, none of them" {
	SPOOL=$TMP/small/spool
	small_disk "$TMP/small" 256k
	small_conf 'disk_reserve_bytes: 0'
	httpd_up
	selects 500 >"$TMP/form"
	ask POST "$DNS" "$TMP/form"
	[ "$(cat "$TMP/code")" = 503 ]
	refused
}

@test "CGI with a wrong configuration or spool: 503, error=1, the reason only in the log" {
	MODE=cgi
	echo 'colour: red' >>"$DDO_CONFIG"
	run -78 cgi REQUEST_METHOD=GET PATH_INFO=/CMD_API_LOGIN_TEST
	[[ $output == *'Status: 503 '* ]]
	[[ $output == *'error=1&text='* ]]
	[[ $output == *"colour: no such key"* ]]
	cgi REQUEST_METHOD=GET PATH_INFO=/CMD_API_LOGIN_TEST >"$TMP/out" 2>/dev/null || true
	run ! grep colour "$TMP/out"
	door_conf
	rm -r "$SPOOL" && : >"$SPOOL"
	status=0
	cgi REQUEST_METHOD=GET PATH_INFO=/CMD_API_LOGIN_TEST >"$TMP/out" 2>"$TMP/err" || status=$?
	[ "$status" = 75 ]
	grep 'Status: 503 ' "$TMP/out"
	run ! grep -F "$SPOOL" "$TMP/out"
	grep -F "$SPOOL" "$TMP/err"
}

# --- a crash at every step ---------------------------------------------------------------------

save_by_cgi()
{
	cgi REQUEST_METHOD=POST PATH_INFO="$DNS" QUERY_STRING='action=rawsave&domain=b.example' \
		CONTENT_LENGTH="$(stat -c %s "$TMP/zone")" "LD_PRELOAD=$SHIM" \
		"DDO_CRASH_AT=$DDO_CRASH_AT" \
		DDO_CRASH_STDIO=1 DDO_CRASH_TORN=1 "ASAN_OPTIONS=verify_asan_link_order=0" \
		<"$TMP/zone"
}

delete_by_cgi()
{
	printf 'action=delete&select0=a.example&select2=b.example&select5=c.example' >"$TMP/form"
	cgi REQUEST_METHOD=POST PATH_INFO="$DNS" CONTENT_LENGTH="$(stat -c %s "$TMP/form")" \
		"LD_PRELOAD=$SHIM" \
		"DDO_CRASH_AT=$DDO_CRASH_AT" DDO_CRASH_STDIO=1 \
		"ASAN_OPTIONS=verify_asan_link_order=0" <"$TMP/form"
}

# crashes COMMAND CHECK: COMMAND is ended at its 1st, 2nd, ... step; CHECK looks at what is left.
crashes()
{
	SHIM=$BUILD/shim/crash.so
	for ((DDO_CRASH_AT = 1; DDO_CRASH_AT < 200; DDO_CRASH_AT++)); do
		status=0
		"$1" >"$TMP/out" 2>"$TMP/err" || status=$?
		echo "crash at $DDO_CRASH_AT: $status: $(tail -n 1 "$TMP/out")"
		"$2" || return 1
		forget_jobs
		[ "$status" = 137 ] || break
	done
	[ "$status" = 0 ] && [ "$DDO_CRASH_AT" -gt 5 ] && grep error=0 "$TMP/out"
}

@test "a save is answered only when its file and its directory are synced" {
	"$BIN/ddo-enqueue" del a.example
	forget_jobs
	cgi REQUEST_METHOD=POST PATH_INFO="$DNS" QUERY_STRING='action=rawsave&domain=b.example' \
		CONTENT_LENGTH="$(stat -c %s "$TMP/zone")" "LD_PRELOAD=$BUILD/shim/crash.so" \
		"DDO_CRASH_COUNT=$TMP/calls" \
		DADNS_APP_SANDBOX=off DDO_CRASH_STDIO=1 ASAN_OPTIONS=verify_asan_link_order=0 \
		<"$TMP/zone" >"$TMP/out" 2>"$TMP/err"
	grep error=0 "$TMP/out"
	# open: the directory; that somebody logged in from there; the place in the queue; the job;
	# the log line; the count; the answer
	[ "$(cut -d' ' -f2 "$TMP/calls" | tr '\n' ' ')" = \
		'fsync pwrite pwrite write fsync pwrite renameat2 fsync write pwrite write ' ]
}

@test "crash at every step of a save: answered error=0 means a whole job is there" {
	whole_save()
	{
		local job
		for job in $(jobs); do
			check_job "$job" put b.example "$TMP/zone" >/dev/null || return 1
		done
		[ "$(job_count)" -le 1 ] || return 1
		! grep -q error=0 "$TMP/out" || [ "$(job_count)" = 1 ]
	}
	crashes save_by_cgi whole_save
}

@test "crash at every step of a delete of three: answered means all three are there" {
	whole_delete()
	{
		local job
		for job in $(jobs); do
			check_job "$job" del "$(job_head "$job" zone)" >/dev/null || return 1
		done
		[ "$(job_count)" -le 3 ] || return 1
		! grep -q error=0 "$TMP/out" || [ "$(job_count)" = 3 ]
	}
	crashes delete_by_cgi whole_delete
}

@test "SIGKILL of the listener under load: each answered push is a whole job" {
	httpd_up
	local n pids=()
	for n in {1..4}; do
		curl -s -m 30 -u "da:$PASSWORD" -w '%{url_effective}\n' \
			"http://127.0.0.1:$PORT$DNS?action=delete&domain=k$n-[1-2000].example" \
			>"$TMP/got.$n" 3>&- &
		pids+=($!)
	done
	some()
	{
		[ "$(job_count)" -ge 100 ]
	}
	wait_for 20 some
	kill -KILL "$HTTPD_PID" "$(server_of "$HTTPD_PID")"
	wait "${pids[@]}" || true
	sed -n 's/^error=0.*domain=//p' "$TMP"/got.* | sort >"$TMP/answered"
	[ "$(wc -l <"$TMP/answered")" -ge 50 ]
	for job in $(jobs); do
		job_head "$job" zone
	done | sort >"$TMP/there"
	[ -z "$(comm -23 "$TMP/answered" "$TMP/there")" ]
	for job in $(jobs | tail -n 5); do
		check_job "$job" del "$(job_head "$job" zone)"
	done
	httpd_up
	alive
}
