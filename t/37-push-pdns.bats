#!/usr/bin/env bats
# What ddo-push-pdns alone has; all else is in t/lib/target-suite.bash.
# shellcheck disable=SC2030,SC2031	# each test looks at its own output only

load lib/common
load lib/named
load lib/kinds

teardown()
{
	stop_all
}

world()
{
	server_make pdns ns1
	DNS=${DNS_OF[ns1]}
	targets_conf ns1
	URL=$(grep -o 'http://127.0.0.1:[0-9]*' "$TMP/app.yml")
	server_up ns1
}

push()
{
	"$BIN/ddo-push-pdns" -t ns1 "$@"
}

pput() # ZONE SERIAL [RECORD...]
{
	zone_text "$@" | push put "$1"
}

api() # PATH [CURL-OPTION...]
{
	local path=$1
	shift
	curl -sf -H 'X-API-Key: key-of-ns1' "$@" "$URL/api/v1/servers/localhost$path"
}

edit() # SED-SCRIPT: of app.yml, from what it was at first
{
	[ -e "$TMP/right.yml" ] || cp "$TMP/app.yml" "$TMP/right.yml"
	sed "$1" "$TMP/right.yml" >"$TMP/app.yml"
}

@test "the zone is ddo's: account, kind, no editing of its serial; both are put right" {
	world
	pput a.example 7
	api /zones/a.example. | jq -e '.account == "ddo" and .kind == "Native" and .soa_edit_api == ""'
	api /zones/a.example. -X PUT -d '{"soa_edit_api": "EPOCH"}'
	edit 's/api_key:/kind: Primary, &/'
	pput a.example 8 "x 300 IN A 192.0.2.1"
	serves a.example 8
	api /zones/a.example. | jq -e '.kind == "Master" and .soa_edit_api == ""'
}

@test "only what differs is changed; comments stay; a CNAME gives way to other types and comes back" {
	world
	pput a.example 1 "x 300 IN A 192.0.2.1" "y 300 IN A 192.0.2.2" "c 300 IN CNAME x"
	api /zones/a.example. -X PATCH -d '{"rrsets": [{"name": "x.a.example.", "type": "A", "changetype": "REPLACE",
		"comments": [{"content": "kept", "account": "bob"}]}]}'
	sqlite3 "$TMP/ns1/pdns.sqlite" "SELECT id FROM records WHERE name = 'y.a.example'" \
		>"$TMP/before"
	pput a.example 2 "x 300 IN A 192.0.2.1" "y 300 IN A 192.0.2.2" "c 300 IN TXT now" \
		"c 300 IN A 192.0.2.9"
	sqlite3 "$TMP/ns1/pdns.sqlite" "SELECT id FROM records WHERE name = 'y.a.example'" |
		diff "$TMP/before" -
	api /zones/a.example. | jq -e '[.rrsets[] | .comments[] | .content] == ["kept"]'
	[ "$(dig @127.0.0.1 -p "$DNS" +short c.a.example TXT)" = '"now"' ]
	pput a.example 3 "x 300 IN A 192.0.2.1" "c 300 IN CNAME x"
	[ "$(dig @127.0.0.1 -p "$DNS" +short c.a.example A | tail -n 1)" = 192.0.2.1 ]
	serves a.example 3
}

@test "a wrong key, no key, a key file, a key with a newline, a stranger, another server's id" {
	world
	edit 's/key-of-ns1/wrong/'
	run -69 push probe
	[[ $output == *"does not take the api_key"* && $output != *wrong* ]]
	run -69 pput a.example 1
	edit 's/, api_key: key-of-ns1//'
	run -78 push probe
	echo key-of-ns1 >"$TMP/key"
	edit "s|api_key: key-of-ns1|api_key_file: $TMP/key|"
	push probe
	edit 's/api_key: key-of-ns1/api_key: "a\\nb: c"/'
	run -78 push probe
	[[ $output == *api_key* && $output != *"b: c"* ]]
	edit 's/api_key: key-of-ns1/api_key: "key-of-ns1 "/'
	run -78 push probe
	edit "s|http://127.0.0.1:[0-9]*|http://127.0.0.1:$DNS|"
	run -69 timeout 60 "$BIN/ddo-push-pdns" -t ns1 probe
	edit 's/api_key:/server_id: other, &/'
	run -69 push probe
	[[ $output == *"$URL"*"server_id other"* ]]
	edit "s|api_key:|ca_file: $TMP/none.pem, &|"
	run -78 push probe
	[[ $output == *"$TMP/none.pem: No such file"* ]]
	edit 's|api_key:|server_id: "a/b", &|'
	run -78 push probe
	edit 's|http://|ftp://|'
	run -78 push probe
	edit 's|api_key:|kind: Slave, &|'
	run -78 push probe
	[[ $output == *"must be Native or Primary"* ]]
}

@test "a key of several words" {
	PDNS_KEY="long and: random" world
	edit 's/api_key: [^,]*/api_key: "long and: random"/'
	push probe
	pput a.example 1
	serves a.example 1
}

@test "https with an authority of our own, and without" {
	need stunnel openssl
	world
	local port
	read -r port < <(free_port)
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=pdns \
		-addext "subjectAltName=IP:127.0.0.1" \
		-keyout "$TMP/key.pem" -out "$TMP/cert.pem" 2>/dev/null
	cat >"$TMP/stunnel.conf" <<-END
		foreground = yes
		pid =
		[api]
		accept = 127.0.0.1:$port
		connect = ${URL#http://}
		cert = $TMP/cert.pem
		key = $TMP/key.pem
	END
	start_bg stunnel stunnel "$TMP/stunnel.conf"
	edit "s|http://[0-9.:]*|https://127.0.0.1:$port|; s|api_key:|ca_file: $TMP/cert.pem, &|"
	wait_for 10 push probe
	pput a.example 1
	serves a.example 1
	edit "s|http://[0-9.:]*|https://127.0.0.1:$port|"
	run -69 push probe
	[[ $output == *certificate* ]]
}

@test "signed zones, and types that are code to PowerDNS, are refused" {
	world
	run -65 pput a.example 1 "@ 300 IN NSEC b A NS SOA"
	[[ $output == *"signed already"* ]]
	# TYPE65402 is LUA: A ";return '6.6.6.6'"
	run -65 pput a.example 1 'lua 300 IN TYPE65402 \# 2 0001'
	[[ $output == *LUA* ]]
	run -65 pput a.example 1 'alias 300 IN TYPE65401 \# 1 00'
	gone a.example
	[ "$(sqlite3 "$TMP/ns1/pdns.sqlite" 'SELECT count(*) FROM records')" = 0 ]
}

@test "what PowerDNS remembers of the name before is forgotten: a child of a zone that is there" {
	world
	pput parent.example 1
	dig @127.0.0.1 -p "$DNS" +norec www.child.parent.example A | grep -q NXDOMAIN
	pput child.parent.example 1
	[ "$(dig @127.0.0.1 -p "$DNS" +norec +short www.child.parent.example A)" = 192.0.2.1 ]
	push del child.parent.example
	dig @127.0.0.1 -p "$DNS" +norec www.child.parent.example A | grep -q NXDOMAIN
}

@test "a zone that PowerDNS made and died over is completed" {
	world
	api /zones -X POST -d '{"name": "half.example.", "kind": "Native", "account": "ddo", "nameservers": []}'
	pput half.example 3
	serves half.example 3
	sqlite3 "$TMP/ns1/pdns.sqlite" "DELETE FROM records WHERE type = 'SOA'"
	push list | grep -qx 'half.example	-	-'
	api "/cache/flush?domain=half.example." -X PUT >/dev/null
	pput half.example 3
	serves half.example 3
}

@test "a zone that PowerDNS cannot show is listed as unreadable, all others as they are" {
	world
	pput a.example 1
	pput b.example 2
	sqlite3 "$TMP/ns1/pdns.sqlite" "UPDATE records SET content = 'no address' WHERE name = 'www.a.example'"
	not api /zones/a.example.
	push list >"$TMP/list"
	grep -qx 'a.example	-	-' "$TMP/list"
	grep -q '^b.example	2	[0-9a-f]*$' "$TMP/list"
}

@test "a body that is too large for PowerDNS is deferred, and its neighbours are served" {
	PDNS_EXTRA="webserver-max-bodysize=1" world
	local big small i
	big=$(zone_text big.example 1; for i in {1..9000}; do echo \
		"r$i 300 IN TXT $(printf 'x%.0s' {1..100})"; done)
	small=$(zone_text small.example 1)
	printf 'put 1 big.example %d\n%s\nput 2 small.example %d\n%s\ncommit\n' ${#big} "$big" \
		${#small} "$small" |
		push batch >"$TMP/answers" || true
	cat "$TMP/answers"
	grep -qx 'ok 2' "$TMP/answers"
	grep -q '^defer 1 ' "$TMP/answers"
	serves small.example 1
}

@test "an API that takes a call and says nothing more defers that zone; the target is not down" {
	world
	pput a.example 1
	local port
	read -r port < <(free_port)
	# What stands in for the API takes connections and never answers.
	start_bg silent python3 -c "import socket, time
s = socket.create_server(('127.0.0.1', $port))
kept = []
while True: kept.append(s.accept())"
	wait_for 10 port_in_use "$port"
	edit "s|http://127.0.0.1:[0-9]*|http://127.0.0.1:$port|"
	run -75 pput a.example 2
	[[ $output == *"did not answer within 30 s"* ]]
	serves a.example 1
}

@test "no PowerDNS, and one without its API: the probe says which" {
	world
	cp "$TMP/ns1/pdns.conf" "$TMP/pdns.conf"
	server_down ns1
	run -69 push probe
	[[ $output == *"start PowerDNS, with webserver=yes and api=yes"* ]]
	sed 's/^api=yes/api=no/' "$TMP/pdns.conf" >"$TMP/ns1/pdns.conf"
	server_up ns1
	run -69 push probe
	[[ $output == *"is not a PowerDNS"*"and api=yes"* ]]
}
