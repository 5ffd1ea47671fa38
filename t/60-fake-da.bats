#!/usr/bin/env bats
# t/fake-da/fake-da, the DirectAdmin of the tests: that it speaks as DirectAdmin does, and that its
# faults are the faults that they are called.

load lib/common
load lib/da

D=da1.example.com

setup_file()
{
	# One server for all: what it answers is in files.
	TMP=$BATS_FILE_TMPDIR
	need openssl curl jq python3 || return 1
	da_make $D
	da_up $D
	declare -p DA_DIR DA_PORT STARTED_PIDS >"$BATS_FILE_TMPDIR/vars"
}

teardown_file()
{
	eval "$(sed 's/^declare -/declare -g/' "$BATS_FILE_TMPDIR/vars")"
	stop_all
}

setup()
{
	eval "$(sed 's/^declare -/declare -g/' "$BATS_FILE_TMPDIR/vars")"
	rm -rf "${DA_DIR[$D]}"/{zones,list,fault,mode,log,multi}
	mkdir "${DA_DIR[$D]}/zones"
	local i
	for i in 1 2 3 4 5; do
		da_zone_put $D "z$i.example" 7
	done
}

# ask PATH [CURL-OPTION...]
ask()
{
	local path=$1
	shift
	curl -sS -m 10 --cacert "${DA_DIR[$D]}/cert.pem" --resolve "$D:${DA_PORT[$D]}:127.0.0.1" \
		-u "admin:secret-of-$D" "$@" "https://$D:${DA_PORT[$D]}$path"
}

page() # N IPP
{
	ask "/CMD_DNS_ADMIN?json=yes&page=$1&ipp=$2"
}

zone() # NAME
{
	ask "/CMD_API_DNS_ADMIN?domain=$1"
}

# fault FAULT [ARGUMENT]: of everything; the answer to page 1, with its head, is in $output.
fault()
{
	da_fault $D "any $*"
	run ask "/CMD_DNS_ADMIN?json=yes&page=1&ipp=10" -i
	echo "$*: $status: $output"
}

@test "the list: a JSON object with numeric keys, paged, info as strings or numbers" {
	page 1 2 | jq -e '.["0"].domain == "z1.example" and .["1"].domain == "z2.example" and (keys | length) == 3'
	page 1 2 | jq -e '.info.total_pages == "3" and .info.current_page == "1" and .info.rows == "5"'
	page 3 2 | jq -e '.["0"].domain == "z5.example" and (keys | length) == 2 and .info.current_page == "3"'
	page 1 100 | jq -e '.info.total_pages == "1" and (keys | length) == 6'
	da_mode $D numbers keys-run
	page 3 2 | jq -e '.info.total_pages == 3 and .["4"].domain == "z5.example"'
	da_mode $D ipp-cap=1
	page 5 100 | jq -e '.info.total_pages == "5" and .["0"].domain == "z5.example"'
	da_mode $D no-rows
	page 1 2 | jq -e '.info | has("rows") or has("current_page") | not'
	da_mode $D rows-page
	page 3 2 | jq -e '.info.rows == "1"'
}

@test "the list follows the directory at once, and a file of names" {
	da_zone_rm $D z5.example
	da_zone_put $D 128/25.2.0.192.in-addr.arpa 1
	[ "$(page 1 10 | jq -r '.[].domain? // empty' | head -n 1)" = 128/25.2.0.192.in-addr.arpa ]
	zone 128/25.2.0.192.in-addr.arpa | diff - <(zone_text 128/25.2.0.192.in-addr.arpa 1)
	rm -r "${DA_DIR[$D]}/zones"
	page 1 10 | jq -e 'keys == ["info"]'
	seq -f 'n%06g.example' 100000 >"${DA_DIR[$D]}/list"
	page 100 1000 | jq -e '.info.total_pages == "100" and .["999"].domain == "n100000.example"'
	# shellcheck disable=SC2016	# a zone's $TTL
	echo '$ORIGIN @ZONE@.' >"${DA_DIR[$D]}/template.db"
	[ "$(zone n000007.example)" = "\$ORIGIN n000007.example." ]
	rm "${DA_DIR[$D]}/template.db"
}

@test "the old list: ampersands, newlines, entities" {
	da_mode $D old-list
	[ "$(page 1 2)" = 'list[]=z1.example&list[]=z2.example&list[]=z3.example&list[]=z4.example&list[]=z5.example' ]
	da_mode $D old-list-newlines
	[ "$(page 1 2 | sed -n 5p)" = 'list[]=z5.example' ]
	da_mode $D old-list-entities
	[[ $(page 1 2) == 'list&#91;&#93;=z1&#46example&list&#91;&#93;=z2&#46;example&'* ]]
}

@test "a zone is its text, octet by octet; one that is not there is an error" {
	zone z3.example | cmp - "${DA_DIR[$D]}/zones/z3.example.db"
	[[ $(zone gone.example) == error=1\&text=*exist* ]]
	[[ $(zone ../../etc/passwd) == error=1\&text=* ]]
	da_mode $D chunked
	ask '/CMD_API_DNS_ADMIN?domain=z3.example' -i | grep -i '^transfer-encoding: chunked'
	zone z3.example | cmp - "${DA_DIR[$D]}/zones/z3.example.db"
}

@test "login: Basic, admin|user, wrong, none; CMD_API_LOGIN_TEST" {
	[ "$(ask /CMD_API_LOGIN_TEST)" = "error=0&text=Login+OK" ]
	[ "$(ask /CMD_API_LOGIN_TEST -u "admin|bob:secret-of-$D")" = "error=0&text=Login+OK" ]
	run ask /CMD_API_LOGIN_TEST -i -u admin:wrong
	[[ $output == *"HTTP/1.1 200"*"Server: DirectAdmin Daemon v1.695"* ]]
	[[ $output == *"Daemon v1.695"*"X-DirectAdmin: Unauthorized"*"<title>DirectAdmin Login"* ]]
	run ask '/CMD_DNS_ADMIN?json=yes' -u :
	[[ $output == *"<title>DirectAdmin Login"* ]]
}

@test "session login: redirect, CMD_LOGIN, cookie; refused; wrong" {
	da_mode $D session
	ask '/CMD_DNS_ADMIN?json=yes' -i | grep -i '^location: /evo/login'
	ask /CMD_LOGIN -u : -i --data-urlencode username=admin \
		--data-urlencode "password=secret-of-$D" \
		-d referer=/CMD_DNS_ADMIN -c "$TMP/cookies" | grep -i '^location: /CMD_DNS_ADMIN'
	ask '/CMD_DNS_ADMIN?json=yes' -u : -b "$TMP/cookies" | jq -e '.info.total_pages == "1"'
	ask /CMD_LOGIN -i -d username=admin -d password=no | grep 'DirectAdmin Login'
	da_mode $D session-refused
	ask '/CMD_DNS_ADMIN?json=yes' -i -b "$TMP/cookies" | grep -i '^location: /evo/login'
}

@test "Multi-Server Setup: empty, add, save, what is not ticked is off, refusals" {
	ask '/CMD_MULTI_SERVER?json=yes' | jq -e '. == {"CLUSTER_ON": "yes", "servers": {}}'
	ask /CMD_MULTI_SERVER -d 'action=add&json=yes&ip=192.0.2.1&port=2222&user=u&passwd=p&ssl=yes' |
		jq -e '. == {"result": "", "success": "Connection Added"}'
	ask '/CMD_MULTI_SERVER?json=yes' |
		jq -e '.servers["192.0.2.1"] | .dns == "no" and .port == "2222" and .ssl == "yes"
		and has("passwd") == false'
	ask /CMD_MULTI_SERVER -d 'action=multiple&save=yes&json=yes&passwd=&select0=192.0.2.1&port-192.0.2.1=2223&dns-192.0.2.1=yes' |
		jq -e '.success == "Connections Saved"'
	ask '/CMD_MULTI_SERVER?json=yes' |
		jq -e '.servers["192.0.2.1"] | .dns == "yes" and .port == "2223" and .ssl == "no"'
	ask /CMD_MULTI_SERVER -d 'action=add&json=yes&ip=192.0.2.1&port=2222&user=u&passwd=p' |
		jq -e 'has("error")'
	ask /CMD_MULTI_SERVER -d 'action=add&json=yes&ip=192.0.2.2' | jq -e 'has("error")'
	da_mode $D yes-ON cluster-off
	ask '/CMD_MULTI_SERVER?json=yes' |
		jq -e '.CLUSTER_ON == "no" and .servers["192.0.2.1"].dns == "ON"'
	not grep -E 'passwd=p|secret' "${DA_DIR[$D]}/log"
	grep -Fx 'POST /CMD_MULTI_SERVER action=add&json=yes&ip=192.0.2.2' "${DA_DIR[$D]}/log"
}

@test "plain HTTP to the TLS port is told so" {
	run curl -sS -i -m 10 "http://127.0.0.1:${DA_PORT[$D]}/CMD_API_LOGIN_TEST"
	[[ $output == *"X-Use-HTTPS: yes"*"use https"* ]]
	run -60 curl -sS -m 10 "https://127.0.0.1:${DA_PORT[$D]}/"
}

@test "faults that any answer may have, on the wire" {
	fault login-page
	[[ $output == "HTTP/1.1 200"*"X-DirectAdmin: Unauthorized"*"<title>DirectAdmin Login"* ]]
	fault login-page-bare
	[[ $output == "HTTP/1.1 200"*"<title>DirectAdmin Login"* && $output != *X-DirectAdmin* ]]
	fault 401
	[[ $output == "HTTP/1.1 401"*WWW-Authenticate* ]]
	fault 403
	[[ $output == "HTTP/1.1 403"*error=1* ]]
	fault error No+way%21
	[[ $output == "HTTP/1.1 200"*"error=1&text=Cannot+Execute+Your+Request&details=No+way%21" ]]
	fault json-error No
	[[ $output == "HTTP/1.1 200"*'{"error": "No"'* ]]
	fault redirect-login
	[[ $output == "HTTP/1.1 302"*"Location: /CMD_LOGIN?"* ]]
	fault redirect-https
	[[ $output == "HTTP/1.1 301"*"Location: https://$D:"*/CMD_DNS_ADMIN* ]]
	fault redirect-host
	[[ $output == "HTTP/1.1 302"*"Location: https://elsewhere.example/"* ]]
	fault use-https-header
	[[ $output == *"X-Use-HTTPS: yes"* ]]
	fault use-https-page
	[[ $output == "HTTP/1.1 200"*"use https"* ]]
	fault blacklisted
	[[ $output == "HTTP/1.1 200"*"Your IP is blacklisted"* ]]
	fault 500
	[[ $output == "HTTP/1.1 500"* ]]
	fault empty
	[[ $output == "HTTP/1.1 200"*"Content-Length: 0"* ]]
	fault garbage
	[[ $output == *"<html>"* ]]
	fault plain-garbage
	[[ $output == *$'\e'* ]]
	da_fault $D
	page 1 1 | jq -e .info
}

@test "answers that break off, and those that do not come" {
	fault cut
	[[ $status = 18 && $output == *Content-Length* ]]
	fault cut-chunked
	[ "$status" = 18 ]
	fault cut-close
	[[ $status = 0 && $output == *"Connection: close"* && $output != *Content-Length* &&
		$output != *"}}" ]]
	fault close
	[[ $status = 0 && $output != *Content-Length* && $output == *"}}" ]]
	fault half-body
	[[ $status = 0 && $output == *Content-Length* && $output != *"}}" ]]
	fault drop
	[[ $status = 52 || $status = 56 ]]
	fault reset
	[[ $status = 35 || $status = 56 ]]
	fault not-http
	[ "$status" = 1 ]
	da_fault $D 'any endless'
	run -63 ask '/CMD_DNS_ADMIN?json=yes' -o /dev/null --max-filesize 1000000 ||
		[ "$status" = 28 ]
	da_fault $D 'any hang'
	run -28 ask '/CMD_DNS_ADMIN?json=yes' -m 0.2
	da_fault $D 'any slow'
	run -28 ask '/CMD_DNS_ADMIN?json=yes' -m 0.2
}

@test "a fault ends for those who wait, too" {
	da_fault $D 'zone hang'
	start_bg waits ask '/CMD_API_DNS_ADMIN?domain=z1.example' -o "$TMP/answer"
	wait_for 10 grep -q 'domain=z1.example' "${DA_DIR[$D]}/log"
	[ ! -s "$TMP/answer" ]
	da_fault $D
	wait_for 10 cmp "$TMP/answer" "${DA_DIR[$D]}/zones/z1.example.db"
	stop_pid "$BG_PID" || true
}

@test "faults of a list, on the page they are for" {
	da_fault $D 'list:2 repeat'
	cmp <(page 1 2 | jq 'del(.info)') <(page 2 2 | jq 'del(.info)')
	page 3 2 | jq -e '.["0"].domain == "z5.example"'
	da_fault $D 'list:2 total'
	page 2 2 | jq -e '.info.total_pages == "4"'
	da_fault $D 'list:2 total 9'
	page 2 2 | jq -e '.info.total_pages == "9"'
	da_fault $D 'list:2 short'
	page 2 2 | jq -e '(keys | length) == 2'
	da_fault $D 'list long'
	page 1 2 | jq -e '(keys | length) == 4'
	da_fault $D 'list rows'
	page 1 2 | jq -e '.info.rows == "6"'
	da_fault $D 'list wrong-page'
	page 1 2 | jq -e '.info.current_page == "2"'
	da_fault $D 'list empty-list'
	page 1 2 | jq -e 'keys == ["info"] and .info.total_pages == "1"'
	da_fault $D 'list empty-list 0'
	page 1 2 | jq -e 'keys == ["info"] and .info.total_pages == "0"'
	da_fault $D 'list empty-object'
	[ "$(page 1 2)" = '{}' ]
	da_fault $D 'list no-info'
	page 1 2 | jq -e 'keys == ["0", "1"]'
	da_fault $D 'list no-domain'
	page 1 2 | jq -e '.["0"] | has("domain") | not'
	da_fault $D 'list number-domain'
	page 1 2 | jq -e '.["0"].domain == 7'
	da_fault $D 'list entry-string'
	page 1 2 | jq -e '.["0"] == "z1.example"'
	da_fault $D 'list duplicate'
	page 1 2 | jq -e '.["2"].domain == "z1.example"'
	da_fault $D 'list half'
	page 1 2 | jq -e '.info.rows == "2" and .info.total_pages == "1"'
	da_fault $D 'list hostile'
	page 1 100 | jq -e '[.[].domain?] | any(. == "../../etc/passwd") and any(. == "new\nline.example")'
	da_fault $D 'zone:z2.example json-error' 'zone absent No+such+zone'
	zone z2.example | jq -e .error
	[ "$(zone z1.example)" = 'error=1&text=Cannot+Execute+Your+Request&details=No+such+zone' ]
	page 1 2 | jq -e .info
}
