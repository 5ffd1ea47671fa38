#!/usr/bin/env bats
# ddo-da, and through it lib/da.c: DirectAdmin asked, and every way in which it may not answer.
# shellcheck disable=SC2030,SC2031	# each test looks at its own output only

load lib/common
load lib/da

A=da1.example.com
B=da2.example.com
P=da3.example.com # plain HTTP

setup_file()
{
	# Servers for all: what they answer is in files.
	TMP=$BATS_FILE_TMPDIR
	need openssl jq python3 || return 1
	da_make $A && da_make $B && da_make $P
	da_up $A && da_up $B && DA_PLAIN=1 da_up $P
	declare -p DA_DIR DA_PORT STARTED_PIDS >"$BATS_FILE_TMPDIR/vars"
}

teardown_file()
{
	eval "$(sed 's/^declare -/declare -g/' "$BATS_FILE_TMPDIR/vars")"
	stop_all
}

setup()
{
	local name i
	eval "$(sed 's/^declare -/declare -g/' "$BATS_FILE_TMPDIR/vars")"
	STARTED_PIDS=()
	for name in $A $B $P; do
		rm -rf "${DA_DIR[$name]}"/{zones,list,fault,mode,log,multi}
		mkdir "${DA_DIR[$name]}/zones"
	done
	for i in 1 2 3 4 5; do
		da_zone_put $A "z$i.example" 7
	done
	da_zone_put $P plain.example 1
	one
}

teardown()
{
	stop_all
}

# conf STANZA...: app.yml with these servers.  RECONCILE, APP: further keys; PATIENCE: the timeout.
conf()
{
	{
		echo "datastore: { db_location: $TMP/zones.db }"
		echo "app: { auth_username: node, auth_password: ${NODE_PASSWORD:-node-secret}, listen_port: 2233${APP:-} }"
		echo "reconciliation:"
		echo "  { timeout: ${PATIENCE:-10}, requests_per_second: 0${RECONCILE:+, $RECONCILE}, directadmin_servers: ["
		printf '    %s,\n' "$@"
		echo "  ] }"
	} >"$TMP/app.yml"
}

# one [EXTRA]: with server A.
one()
{
	conf "$(da_stanza $A "$@")"
}

da()
{
	timeout 60 "$BIN/ddo-da" -c "$TMP/app.yml" "$@" 2>"$TMP/err"
}

# names: those that list prints.
names()
{
	da list | cut -f 1 | tr '\n' ' '
}

# unproven CODE TEXT: the list of A is not proven: exit CODE, nothing printed, TEXT is the reason.
unproven()
{
	local code=$1 text=$2
	run da list
	echo "$status: $output: $(cat "$TMP/err")"
	[ "$status" = "$code" ]
	[ -z "$output" ]
	[[ $(cat "$TMP/err") == "ddo-da: error: $A:${DA_PORT[$A]}: "*"$text"* ]]
	[ "$(wc -l <"$TMP/err")" = 1 ]
	not grep -q 'secret' "$TMP/err"
	rm -f "$TMP"/da-lockout.*
}

# void CODE WORD TEXT: the same, and check says WORD.
void()
{
	unproven "$1" "$3"
	run da check
	echo "$status: $output"
	[ "$status" = "$1" ]
	[[ $output == "$A"$'\t'"$2"$'\t'*"$3"* ]]
	rm -f "$TMP"/da-lockout.*
}

# no_zone CODE TEXT: z1.example is not had: exit CODE, nothing printed.
no_zone()
{
	run da zone z1.example
	echo "$status: $output: $(cat "$TMP/err")"
	[ "$status" = "$1" ]
	[ -z "$output" ]
	grep -qF -- "$2" "$TMP/err"
	not grep -q 'secret' "$TMP/err"
	rm -f "$TMP"/da-lockout.*
}

# --- what is asked for -------------------------------------------------------------------------

@test "list: zone TAB server, sorted, by any page size" {
	local ipp
	da_zone_put $A 128/25.2.0.192.in-addr.arpa 1
	da_zone_put $A Upper.Example 1
	for ipp in 1 2 3 4 5 6 7 8 1000; do
		RECONCILE="ipp: $ipp" one
		da list | diff - <(printf "%s\t$A\n" 128/25.2.0.192.in-addr.arpa upper.example \
			z{1..5}.example)
	done
	da list $A | grep -q z1
	da -s $A list | grep -q z1
	[ ! -s "$TMP/err" ]
}

@test "list: each form of page, and a server that gives fewer a page than it is asked for" {
	local mode
	for mode in numbers keys-run no-rows rows-page chunked ipp-cap=2 \
		'ipp-cap=1 keys-run numbers rows-page chunked'; do
		da_mode $A "$mode"
		RECONCILE="ipp: 3" one
		[ "$(names)" = "z1.example z2.example z3.example z4.example z5.example " ]
	done
	da_fault $A 'any close' # JSON has an end of its own
	da_mode $A
	[ "$(names)" = "z1.example z2.example z3.example z4.example z5.example " ]
}

@test "list: the old forms; not when the end is not certain, nor when it may be a page" {
	local mode
	for mode in old-list old-list-newlines old-list-entities 'old-list chunked'; do
		da_mode $A "$mode"
		da_fault $A
		[ "$(names)" = "z1.example z2.example z3.example z4.example z5.example " ]
		[ "$(da_requests $A)" = 1 ]
		da_fault $A 'list close'
		void 76 garbled "its end is uncertain"
		rm "${DA_DIR[$A]}/log"
	done
	da_fault $A
	RECONCILE="ipp: 5" one
	void 76 garbled "raise ipp"
	one
	rm -r "${DA_DIR[$A]}/zones"
	void 76 garbled "an empty answer"
	da_fault $A 'any other-text list[]=a.example&you+are+out=1'
	void 76 garbled "a part that is not list[]=name"
	da_fault $A 'any other-text list[]=a.example%0A%0Alist[]=b&%2346%3Bexample%0A'
	[ "$(names)" = "a.example b.example " ]
}

@test "list: several servers; nothing of one whose list is not proven, all of the others" {
	da_zone_put $B b.example 1
	conf "$(da_stanza $A)" "$(da_stanza $B)" "$(DA_PLAIN=1 da_stanza $P)"
	{ printf "%s\t$A\n" z{1..5}.example; printf '%s\t%s\n' b.example $B plain.example $P; } |
		diff - <(da list)
	da_fault $A 'list:1 500'
	run -69 da list
	[ "$output" = "b.example"$'\t'"$B"$'\n'"plain.example"$'\t'"$P" ]
	grep -q "$A.*HTTP 500" "$TMP/err"
	da_fault $B 'any login-page'
	run -77 da list
	[ "$output" = "plain.example"$'\t'"$P" ]
	run -0 da list $P
	run -69 da -s $A check
	run -77 da check
	[ "$(cut -f 1,2 <<<"$output")" = "$A"$'\tdown\n'"$B"$'\tlogin\n'"$P"$'\tok' ]
}

@test "zone: its text, octet by octet; the next server when it is not there; nothing of a half one" {
	da_zone_put $B z1.example 9
	da_zone_put $B b.example 9
	conf "$(da_stanza $A)" "$(da_stanza $B)"
	da zone Z1.Example. | cmp - "${DA_DIR[$A]}/zones/z1.example.db"
	da -s $B zone z1.example | cmp - "${DA_DIR[$B]}/zones/z1.example.db"
	da zone b.example | cmp - "${DA_DIR[$B]}/zones/b.example.db"
	da_zone_put $B 0/25.2.0.192.in-addr.arpa 1
	da zone 0/25.2.0.192.in-addr.arpa |
		cmp - "${DA_DIR[$B]}/zones/0%2F25.2.0.192.in-addr.arpa.db"
	run -66 da zone gone.example
	[ "$(grep -c 'does not exist' "$TMP/err")" = 2 ]
	da_fault $A 'zone 500'
	run -69 da zone gone.example
	da_mode $A chunked
	da_fault $A
	da zone z1.example | cmp - "${DA_DIR[$A]}/zones/z1.example.db"
}

@test "zone: only DirectAdmin's own word for it is an absence" {
	local text
	for text in That+domain+does+not+exist Unable+to+find+the+zone domain+not+found \
		'No+such+zone' Invalid+domain \
		CANNOT+FIND+/var/named/z1.example.db; do
		da_fault $A "zone error $text"
		no_zone 66 "z1.example"
		da_fault $A "zone error-only $text"
		no_zone 66 "z1.example"
		da_fault $A "zone json-error $text"
		no_zone 66 "z1.example"
	done
	for text in You+do+not+have+access+to+this+domain z1.example+does+not+belong+to+you \
		User+bob+does+not+exist Command+not+found error; do
		da_fault $A "zone error $text"
		no_zone 77 "z1.example"
	done
	da_fault $A "zone other-text error=1"
	no_zone 77 "refused without a reason"
	da_fault $A "zone other-text error=0&text=OK"
	no_zone 76 "something else"
}

@test "check: version, user, way of login, count" {
	run -0 da check
	[ "$output" = "$A"$'\tok\t'"DirectAdmin 1.695 as admin (Basic), 5 zones" ]
	da_mode $A session
	run -0 da check $A
	[ "$output" = "$A"$'\tok\t'"DirectAdmin 1.695 as admin (CMD_LOGIN), 5 zones" ]
	da_mode $A
	rm -r "${DA_DIR[$A]}/zones"
	run -0 da check
	[[ $output == *", 0 zones" ]]
}

# --- every failure form ------------------------------------------------------------------------

@test "list and check as JSON, also of a server that fails" {
	conf "$(da_stanza $A)" "$(da_stanza $B)"
	da_zone_put $B b.example 1
	da list >"$TMP/list"
	da list -j | jq -r '.[] | [.zone, .server] | @tsv' | diff "$TMP/list" -
	da check >"$TMP/check"
	da --json check | jq -r '.[] | [.server, .result, .reason] | @tsv' | diff "$TMP/check" -
	da_fault $A 'any 500'
	run -69 da list -j
	[ "$(jq -c . <<<"$output")" = "[{\"zone\":\"b.example\",\"server\":\"$B\"}]" ]
	run -69 da list -j $A
	[ "$output" = '[]' ]
	run -69 da check -j
	[ "$(jq -r '.[0].result' <<<"$output")" = down ]
	run -64 da -j zone z1.example
}

@test "each failure of an answer, on the first, a middle and the last page" {
	local page fault code word text
	RECONCILE="ipp: 2" one
	while IFS='|' read -r fault code word text; do
		for page in 1 2 3; do
			echo "list:$page $fault"
			da_fault $A "list:$page $fault"
			if [ $page = 1 ]; then
				void "$code" "$word" "$text"
			else
				unproven "$code" "$text"
			fi
		done
	done <<-END
		login-page|77|login|wrong user or password
		login-page-bare|77|login|wrong user or password
		401|77|login|wrong user or password
		403|77|denied|The login key may not use this command
		404|76|garbled|HTTP 404
		error|77|denied|You do not have access
		json-error|77|denied|no access
		redirect-login|77|denied|not an admin
		redirect-evo|77|denied|not an admin
		redirect-https|76|garbled|a redirect to https://
		redirect-host|76|garbled|a redirect to another host, elsewhere.example
		redirect-path|76|garbled|a redirect to /some/where
		redirect-nowhere|76|garbled|a redirect without a location
		use-https-header|77|tls|it wants https
		use-https-page|77|tls|it wants https
		blacklisted|75|locked|locked this address out
		blacklisted-403|75|locked|locked this address out
		error Your+IP+is+blacklisted|75|locked|locked this address out
		json-error Your+IP+is+blacklisted|75|locked|locked this address out
		other-text Your+IP+is+blacklisted|75|locked|locked this address out
		500|69|down|HTTP 500
		503|69|down|HTTP 503
		cut|69|down|
		cut-close|76|garbled|not a JSON object
		cut-chunked|69|down|
		half-body|76|garbled|not a JSON object
		drop|69|down|
		reset|69|down|
		empty|76|garbled|an empty answer
		garbage|76|garbled|a page of HTML
		plain-garbage|76|garbled|not a JSON object
		not-http|76|garbled|
		endless-header|76|garbled|an answer of more than 262144 octets
		other-text []|76|garbled|not a JSON object
		other-text null|76|garbled|not a JSON object
		other-text error=0|76|garbled|not a JSON object
		json-trailing|76|garbled|not a JSON object
		array|76|garbled|not a JSON object
		duplicate-key|76|garbled|not a JSON object
		hostile-nul|76|garbled|not a JSON object
		empty-object|76|garbled|without info
		no-info|76|garbled|without info
		no-domain|76|garbled|an entry without a domain
		number-domain|76|garbled|an entry without a domain
		entry-string|76|garbled|an entry without a domain
		odd-key|76|garbled|under a key that is not a number
		wrong-page|76|garbled|not the page that ddo asked for
		rows|76|garbled|rows says
		total|76|garbled|
		total 7777777777777|76|garbled|total_pages is not a number
		short|76|garbled|
	END
}

@test "what only the pages together show" {
	RECONCILE="ipp: 2" one
	local mode
	for mode in '' 'no-rows' 'rows-page keys-run'; do
		da_mode $A "$mode"
		da_fault $A 'list:2 total'
		void 76 garbled "pages disagree about total_pages"
		da_fault $A 'list:3 total 2'
		void 76 garbled "pages disagree about total_pages"
		da_fault $A 'list:1 total 2'
		void 76 garbled "pages disagree about total_pages"
		da_fault $A 'list:2 repeat'
		void 76 garbled "is listed twice"
		da_fault $A 'list:2 duplicate'
		void 76 garbled "more entries than the first"
		da_fault $A 'list:2 short'
		void 76 garbled "fewer entries than the first"
		da_fault $A 'list:1 short'
		void 76 garbled ""
		da_fault $A 'list:2 empty-list 3'
		void 76 garbled "an empty page"
		da_fault $A 'list:3 empty-list 3'
		void 76 garbled "an empty page"
		da_fault $A 'list total 4'
		void 76 garbled "(page"
		da_fault $A 'list total 0'
		void 76 garbled "total_pages is 0"
	done
	# One page less is only seen by the count of rows.
	da_mode $A
	da_fault $A 'list total 2'
	void 76 garbled "4 entries arrived, but rows says 5"
	da_fault $A 'list:3 short'
	void 76 garbled "an empty page"
	da_fault $A 'list rows 6'
	void 76 garbled "5 entries arrived, but rows says 6"
}

@test "a proven empty list is empty" {
	local total
	for total in 0 1; do
		da_fault $A "list empty-list $total"
		run -0 da list
		[ -z "$output" ]
		[ ! -s "$TMP/err" ]
	done
	da_fault $A "list empty-list 2"
	void 76 garbled "an empty page"
}

@test "each failure of a zone's text" {
	local fault code text
	while IFS='|' read -r fault code text; do
		echo "$fault"
		da_fault $A "zone:z1.example $fault"
		no_zone "$code" "$text"
	done <<-END
		login-page|77|wrong user or password
		login-page-bare|77|wrong user or password
		401|77|wrong user or password
		403|77|not allowed
		404|76|HTTP 404
		error|77|You do not have access
		json-error|77|no access
		redirect-login|77|not an admin
		redirect-host|76|another host
		use-https-page|77|https
		blacklisted|75|locked
		500|69|HTTP 500
		cut|69|
		cut-close|76|its end is uncertain
		cut-chunked|69|
		close|76|its end is uncertain
		drop|69|
		empty|76|empty answer
		garbage|76|a page of HTML
		plain-garbage|76|without SOA
		other-text {}|76|something else
		other-text %00SOA|76|something else
	END
	PATIENCE=1 one
	for fault in slow hang; do
		da_fault $A "zone:z1.example $fault"
		no_zone 69 "timed out"
	done
}

@test "what a zone's or a list's owner writes is no sign of failure" {
	da_zone_put $A z1.example 8 'x 300 IN TXT "Your IP is blacklisted, DirectAdmin Login, use https, error=1"'
	da_zone_put $A blacklisted.example 1
	da_zone_put $A error.example 1
	da zone z1.example | cmp - "${DA_DIR[$A]}/zones/z1.example.db"
	da list | grep -q ^blacklisted.example
	da_mode $A old-list
	da list | grep -q ^error.example
}

@test "answers without end, too slow, never; a large zone is refused by max_body_bytes" {
	APP=", max_body_bytes: 1024" one
	da_fault $A 'any endless'
	no_zone 76 "more than 1024 octets"
	da_fault $A
	da_zone_put $A z1.example 1 "$(printf 'x%d 300 IN A 192.0.2.1\n' {1..60})"
	no_zone 76 "more than 1024 octets"
	PATIENCE=30 one
	da_fault $A 'any endless'
	void 76 garbled "more than 67108864 octets"
	PATIENCE=1 one
	local fault
	for fault in hang slow; do
		da_fault $A "any $fault"
		void 69 down "timed out"
	done
}

@test "hostile names are left out and counted; hostile words do not reach a terminal" {
	da_fault $A 'list hostile'
	run -0 da list
	[ "$output" = "$(printf "%s\t$A\n" z{1..5}.example)" ]
	grep -q 'left out 12 names that are not zone names' "$TMP/err"
	run -0 da check
	[[ $output == *"5 zones, 12 names that are no zone names" ]]
	da_fault $A 'any error %1B[31mred%0D%0Aline%07secret-of-da1.example.com'
	void 77 denied '?[31mred??line?***'
	not grep -q $'[\e\r\a]' "$TMP/err"
	da_fault $A "any error $(printf 'x%.0s' {1..5000})"
	void 77 denied xxx
	da_fault $A 'any redirect-path'
	void 76 garbled /some/where
}

# --- login, lock-out, pace ---------------------------------------------------------------------

@test "session login: once, then the cookie; refused; wrong password" {
	da_mode $A session
	RECONCILE="ipp: 1" one
	[ "$(names)" = "z1.example z2.example z3.example z4.example z5.example " ]
	[ "$(da_requests $A CMD_LOGIN)" = 1 ]
	grep -q '^POST /CMD_LOGIN username=admin&password=\*\*\*&referer=%2F$' "${DA_DIR[$A]}/log"
	[ "$(da_requests $A)" = 7 ]
	da zone z1.example | cmp - "${DA_DIR[$A]}/zones/z1.example.db"
	da_mode $A session-refused
	void 77 denied "not an admin"
	da_mode $A session
	da_fault $A 'login blacklisted'
	void 75 locked "locked this address out"
	da_fault $A 'login drop'
	void 69 down ""
	da_fault $A
	one "username: bob"
	sed -i 's/username: admin, //' "$TMP/app.yml"
	void 77 login "wrong user or password"
}

@test "a wrong password is tried once" {
	RECONCILE="ipp: 1" one
	sed -i 's/secret-of-/no-secret-of-/' "$TMP/app.yml"
	void 77 login "wrong user or password"
	[ "$(da_requests $A)" = 2 ] # list, check
}

@test "lock-out: remembered, nothing is asked until it is over or its file is removed" {
	local file=$TMP/da-lockout.$A until
	da_fault $A 'any blacklisted'
	RECONCILE="lockout_hours: 3" one
	run -75 da list
	da_fault $A
	grep -qF "once you remove $file" "$TMP/err"
	read -r until <"$file"
	[ "$until" -ge $((EPOCHSECONDS + 3 * 3600 - 60)) ]
	[ "$until" -le $((EPOCHSECONDS + 3 * 3600 + 60)) ]
	grep -qF "after $(date -u -d "@$until" +%FT%TZ)" "$TMP/err"
	[ "$(ls "$TMP")" = "$(printf 'app.yml\nda-lockout.%s\nerr' $A)" ]
	rm "${DA_DIR[$A]}/log"
	run -75 da list
	run -75 da zone z1.example
	run -75 da check
	[[ $output == *$'\tlocked\t'*"$file"* ]]
	run -75 da register --address 192.0.2.1
	[ ! -e "${DA_DIR[$A]}/log" ]
	echo $((EPOCHSECONDS - 1)) >"$file"
	run -0 da list
	[ ! -e "$file" ]
	for until in nonsense '' 99999999999999999999x; do
		echo "$until" >"$file"
		run -75 da list
		touch -d '4 hours ago' "$file"
		run -0 da list
	done
	echo 9999999999 >"$file"
	run -75 da list
	rm "$file"
	run -0 da list
	# Another server is another matter.
	echo 9999999999 >"$TMP/da-lockout.$B"
	run -0 da list
}

@test "lock-out that cannot be remembered still fails, and is not asked again" {
	da_fault $A 'any blacklisted'
	one
	sed -i 's|db_location: [^ ]*|db_location: /nonexistent/dir/zones.db|' "$TMP/app.yml"
	run -75 da list
	grep -q '/nonexistent/dir' "$TMP/err"
	[ "$(da_requests $A)" = 1 ]
}

@test "requests_per_second" {
	RECONCILE="ipp: 1" one
	sed -i 's/requests_per_second: 0/requests_per_second: 5/' "$TMP/app.yml"
	local start
	start=$(now_ms)
	[ "$(da list | wc -l)" = 5 ]
	# The first goes at once: four waits of 200 ms.
	[ $(($(now_ms) - start)) -ge 800 ]
	[ "$(da_requests $A)" = 5 ]
}

# --- TLS ---------------------------------------------------------------------------------------

pin_of() # NAME
{
	echo "sha256//$(openssl x509 -in "${DA_DIR[$1]}/cert.pem" -noout -pubkey |
		openssl pkey -pubin -outform der |
		openssl dgst -sha256 -binary | base64)"
}

# stanza NAME EXTRA: without ca_file
stanza()
{
	da_stanza "$@" | sed 's/ca_file: [^ ,]*, //'
}

@test "TLS: an unknown authority, one of our own, a pin, none; the name must be right" {
	conf "$(stanza $A "ssl: true")"
	void 77 tls "ertificate"
	[ "$(da_requests $A)" = 0 ]
	conf "$(stanza $A "verify_ssl: false")"
	run -0 da list
	RECONCILE="verify_ssl: false" conf "$(stanza $A "ssl: true")"
	run -0 da list
	conf "$(stanza $A "ca_file: ${DA_DIR[$A]}/cert.pem")"
	run -0 da list
	conf "$(stanza $A "ca_file: ${DA_DIR[$B]}/cert.pem")"
	void 77 tls "ertificate"
	conf "$(stanza $A "pin: '$(pin_of $A)'")"
	run -0 da list
	conf "$(stanza $A "pin: '$(pin_of $B)'")"
	void 77 tls "public key"
	# Without any other proof, too.
	conf "$(stanza $A "verify_ssl: false, pin: '$(pin_of $B)'")"
	void 77 tls "public key"
	conf "$(da_stanza $A | sed "s/hostname: $A/hostname: other.example.com/")"
	run -77 da check
	[[ $output == other.example.com$'\ttls\t'* ]]
	conf "$(stanza $A "ca_file: /nonexistent/ca.pem")"
	void 78 config "/nonexistent/ca.pem"
	echo nonsense >"$TMP/ca.pem"
	conf "$(stanza $A "ca_file: $TMP/ca.pem")"
	run -77 da check
	[[ $output == *$'\ttls\t'* ]]
}

@test "plain HTTP to a TLS port, TLS to a plain one, plain to plain" {
	conf "$(DA_PLAIN=1 da_stanza $A)"
	void 77 tls "it wants https"
	conf "$(da_stanza $P)"
	run -77 da check
	[[ $output == "$P"$'\ttls\t'* ]]
	[ "$(da_requests $P)" = 0 ]
	conf "$(DA_PLAIN=1 da_stanza $P)"
	[ "$(da list)" = "plain.example"$'\t'"$P" ]
	da_fault $P 'any redirect-https'
	run -77 da check
	[[ $output == *$'\ttls\t'*"it wants https"* ]]
	da_fault $P 'any not-http'
	run -77 da check
}

@test "nobody there, a name that does not exist, an address by itself, a proxy that is not asked" {
	local port
	read -r port < <(free_port)
	conf "$(da_stanza $A | sed "s/port: [0-9]*/port: $port/")"
	run -69 da list
	grep -q "^ddo-da: error: $A:$port: " "$TMP/err"
	conf "$(da_stanza $A | sed "s/address: 127.0.0.1, //; s/hostname: $A/hostname: no-such-host.invalid/")"
	run -69 da list
	conf "$(da_stanza $A | sed "s/address: 127.0.0.1, //; s/hostname: $A/hostname: 127.0.0.1/")"
	run -0 da list
	one
	https_proxy=http://127.0.0.1:$port ALL_PROXY=http://127.0.0.1:$port run -0 da list
	conf "$(da_stanza $A | sed "s/address: 127.0.0.1/address: '::1'/")"
	run -69 da list
}

# --- register ----------------------------------------------------------------------------------

server() # JQ-EXPRESSION of the entry for 192.0.2.1
{
	jq -e ".[\"192.0.2.1\"] | $1" "${DA_DIR[$A]}/multi"
}

@test "register: added, Zone Transfer and Domain Check on, then nothing more to do" {
	local mode
	for mode in '' servers-list yes-ON yes-1 session; do
		rm -f "${DA_DIR[$A]}/multi"
		da_mode $A "$mode"
		run -0 da register --address 192.0.2.1
		[ "$output" = "$A"$'\tregistered\t'"192.0.2.1:2233" ]
		server '.dns == "yes" and .domain_check == "yes" and .port == "2233" and .user == "node" and
			.passwd == "node-secret" and .ssl == "no" and .user_check == "no"'
		run -0 da register --address 192.0.2.1
		[ "$output" = "$A"$'\twas registered\t'"192.0.2.1:2233" ]
	done
	not grep -r node-secret "${DA_DIR[$A]}/log" "$TMP/err"
}

@test "register: what is set otherwise is put right, the rest stays, other servers too" {
	cat >"${DA_DIR[$A]}/multi" <<-END
		{ "192.0.2.1": { "port": "2222", "user": "old", "passwd": "kept", "ssl": "no",
			"dns": "no", "domain_check": "yes",
			"user_check": "yes", "email": "a+b@c.example", "show_all_users": "yes" },
		  "192.0.2.9": { "port": "1", "user": "x", "passwd": "y", "ssl": "yes", "dns": "no",
		      "domain_check": "no",
			"user_check": "no", "email": "", "show_all_users": "no" } }
	END
	jq '.["192.0.2.9"]' "${DA_DIR[$A]}/multi" >"$TMP/other"
	run -0 da register --address 192.0.2.1 --ssl --port 2299 $A
	[ "$output" = "$A"$'\tregistered\t'"192.0.2.1:2299" ]
	server '. == { "port": "2299", "user": "node", "passwd": "kept", "ssl": "yes", "dns": "yes", "domain_check": "yes",
		"user_check": "yes", "email": "a+b@c.example", "show_all_users": "yes" }'
	jq '.["192.0.2.9"]' "${DA_DIR[$A]}/multi" | diff - "$TMP/other"
	[ "$(da_requests $A action=add)" = 0 ]
}

@test "register: refusals, answers that make no sense, a save that is none" {
	local fault code text
	while IFS='|' read -r fault code text; do
		rm -f "${DA_DIR[$A]}/multi"
		da_fault $A "$fault"
		run da register --address 192.0.2.1
		echo "$fault: $status: $output: $(cat "$TMP/err")"
		[ "$status" = "$code" ]
		[ -z "$output" ]
		grep -qF -- "$text" "$TMP/err"
		not grep -q secret "$TMP/err"
		rm -f "$TMP"/da-lockout.*
	done <<-'END'
		multi:get 403|77|not allowed
		multi:get json-error No+way|77|No way
		multi:get login-page|77|wrong user
		multi:get blacklisted|75|locked
		multi:get garbage|76|HTML
		multi:get empty|76|empty
		multi:get other-json {}|76|unknown form of answer
		multi:get other-json {"CLUSTER_ON":"yes","servers":7}|76|unknown form of answer
		multi:get other-json {"CLUSTER_ON":"yes","servers":["a"]}|76|unknown form of answer
		multi:get other-json {"CLUSTER_ON":"yes","servers":{"192.0.2.1":"a"}}|76|is not a server
		multi:get other-json {"CLUSTER_ON":"yes","servers":{"192.0.2.1":{"port":[]}}}|76|port of 192.0.2.1 makes no sense
		multi:get other-json {"CLUSTER_ON":"yes","servers":{"192.0.2.1":{"email":"\u0007"}}}|76|email of 192.0.2.1 makes no sense
		multi:add json-error Cannot|77|add: refused: Cannot
		multi:add other-json {"result":"node-secret"}|76|does not say success
		multi:add error node-secret+is+weak|77|*** is weak
		multi:add ignore|76|does not list it
		multi:save json-error Cannot|77|save: refused: Cannot
		multi:save ignore|76|dns of 192.0.2.1 is still wrong
		multi:save 500|69|HTTP 500
	END
	da_fault $A
	da_mode $A cluster-off
	run -77 da register --address 192.0.2.1
	grep -q 'Multi-Server Setup is off' "$TMP/err"
}

@test "register: address, password, hash, password file, ssl_enable" {
	run -64 da register
	grep -q -- --address "$TMP/err"
	run -64 da register --address 'a"b'
	run -64 da register --address ns1.example.com
	run -64 da register --address 192.0.2.0/24
	run -64 da register --address 192.0.2.1 --port 0
	run -64 da register --address 192.0.2.1 --port 22x
	run -64 da register --address 192.0.2.1 --ssl --no-ssl
	# shellcheck disable=SC2016	# a crypt(3) hash
	NODE_PASSWORD='$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/' one
	run -78 da register --address 192.0.2.1
	grep -q 'is a hash.*--password-file' "$TMP/err"
	not grep -q saltsalt "$TMP/err"
	[ ! -e "${DA_DIR[$A]}/log" ]
	echo from-file >"$TMP/password"
	run -0 da register --address 192.0.2.1 --password-file "$TMP/password"
	server '.passwd == "from-file"'
	run -78 da register --address 192.0.2.1 --password-file "$TMP/no-password"
	rm "${DA_DIR[$A]}/multi"
	APP=", ssl_enable: true, ssl_cert: ${DA_DIR[$A]}/cert.pem, ssl_key: ${DA_DIR[$A]}/key.pem" one
	run -0 da register --address 192.0.2.1
	server '.ssl == "yes"'
	run -0 da register --address 192.0.2.1 --no-ssl
	server '.ssl == "no"'
	conf "$(da_stanza $A)"
	sed -i '/^app:/d' "$TMP/app.yml"
	run -78 da register --address 192.0.2.1
	grep -q 'app.auth_password: no password is set' "$TMP/err"
}

# --- the program -------------------------------------------------------------------------------

@test "wrong usage, no servers, an unknown server, no login" {
	local words
	while read -ra words; do
		run -64 da "${words[@]}"
		[ -z "$output" ]
		[ -s "$TMP/err" ]
	done <<-END

		lst
		list a b
		zone
		zone a b
		zone ../etc
		zone .
		list ../x
		-s $B list $A
		list --frob
	END
	run -78 da list unknown.example.com
	grep -q 'does not name unknown.example.com' "$TMP/err"
	run -78 da -s unknown.example.com zone a.example
	echo 'app: {}' >"$TMP/app.yml"
	run -78 da list
	grep -q 'names no server' "$TMP/err"
	conf "{ hostname: $A }"
	run -78 da list
	grep -q "username is missing" "$TMP/err"
	conf "{ hostname: $A, username: x }"
	run -78 da check
	[[ $output == "$A"$'\tconfig\t'*"password is missing"* ]]
	run -0 da -T
	[ "$output" = "$TMP/app.yml: good" ]
}

to_full()
{
	da "$@" >/dev/full
}

@test "an origin names its server; output that cannot be written is an error" {
	one "origins: [192.0.2.77]"
	run -0 da list 192.0.2.77
	[ "${#lines[@]}" = 5 ]
	[ -e /dev/full ]
	run -74 to_full zone z1.example
}

@test "secrets are in no argument, no environment of others, no message" {
	one
	da_fault $A 'any hang'
	start_bg held "$BIN/ddo-da" -c "$TMP/app.yml" list
	wait_for 10 grep -q CMD_DNS_ADMIN "${DA_DIR[$A]}/log"
	not grep -q secret "/proc/$BG_PID/cmdline"
	da_fault $A
	wait_for 10 grep -q z5.example "$TMP/held.log"
	not grep -q secret "$TMP/held.log" "${DA_DIR[$A]}/log"
}
