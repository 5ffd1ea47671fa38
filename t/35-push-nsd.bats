#!/usr/bin/env bats
# What ddo-push-nsd alone has; all else is in t/lib/target-suite.bash.
# shellcheck disable=SC2030,SC2031	# each test looks at its own output only

load lib/common
load lib/named
load lib/kinds

teardown()
{
	stop_all
}

world() # [KIND]
{
	server_make "${1:-nsd}" ns1
	DNS=${DNS_OF[ns1]}
	targets_conf ns1
}

push()
{
	"$BIN/ddo-push-nsd" -t ns1 "$@"
}

pput() # ZONE SERIAL [RECORD...]
{
	zone_text "$@" | push put "$1"
}

wrong() # SED-SCRIPT: app.yml so changed is refused, with the words that follow
{
	cp "$TMP/app.yml" "$TMP/right.yml"
	sed -i "$1" "$TMP/app.yml"
	run -78 push list
	cp "$TMP/right.yml" "$TMP/app.yml"
	[[ $output == *"$2"* ]]
}

certificate() # NAME: self-signed, in $TMP/ns1
{
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1" \
		-addext "subjectAltName=DNS:$1" \
		-keyout "$TMP/ns1/$1.key" -out "$TMP/ns1/$1.pem" 2>/dev/null
}

@test "control over TLS, and certificates that are not those" {
	need openssl
	local port
	read -r port < <(free_port)
	mkdir -p "$TMP/ns1"
	certificate nsd
	openssl req -newkey rsa:2048 -nodes -subj /CN=nsd-control -keyout "$TMP/ns1/control.key" \
		-out "$TMP/ns1/control.csr" 2>/dev/null
	openssl x509 -req -in "$TMP/ns1/control.csr" -CA "$TMP/ns1/nsd.pem" \
		-CAkey "$TMP/ns1/nsd.key" -CAcreateserial \
		-days 2 -out "$TMP/ns1/control.pem" 2>/dev/null
	certificate stranger
	NSD_CONTROL="control-interface: 127.0.0.1
			control-port: $port
			server-key-file: $TMP/ns1/nsd.key
			server-cert-file: $TMP/ns1/nsd.pem
			control-key-file: $TMP/ns1/control.key
			control-cert-file: $TMP/ns1/control.pem" world
	sed -i "s|control: \"[^\"]*\"|control: \"127.0.0.1:$port\", server_cert_file: $TMP/ns1/nsd.pem, control_key_file: $TMP/ns1/control.key, control_cert_file: $TMP/ns1/control.pem|" "$TMP/app.yml"
	server_up ns1
	push probe
	pput tls.example 1
	serves tls.example 1
	pput tls.example 1 "x 300 IN A 192.0.2.9"
	[ "$(dig @127.0.0.1 -p "$DNS" +short x.tls.example A)" = 192.0.2.9 ]
	cp "$TMP/app.yml" "$TMP/right.yml"
	sed -i "s|server_cert_file: [^,]*|server_cert_file: $TMP/ns1/stranger.pem|" "$TMP/app.yml"
	run -69 push probe
	[[ $output == *"not that of"*stranger.pem* ]]
	cp "$TMP/right.yml" "$TMP/app.yml"
	sed -i "s|control_key_file: [^,]*|control_key_file: $TMP/ns1/stranger.key|; s|control_cert_file: [^,]*|control_cert_file: $TMP/ns1/stranger.pem|" "$TMP/app.yml"
	run -69 push probe
	run -69 pput tls.example 2
	serves tls.example 1
	sed -i "s|control_key_file: [^,]*|control_key_file: $TMP/ns1/none|" "$TMP/app.yml"
	run -69 push probe
	[[ $output == *"$TMP/ns1/none"* ]]
}

@test "wrong options are refused before anything is touched" {
	world
	wrong 's/pattern: ddo/pattern: "a b"/' 'pattern must be a word'
	wrong "s|control: \"[^\"]*\"|control: \"$TMP/$(printf 'x%.0s' {1..110})\"|" \
		'at most 107 characters'
	wrong 's|control: "[^"]*"|control: nowhere|' 'is not a path, ADDRESS'
	wrong 's|zones_dir: [^,]*|zones_dir: "/a\\"b"|' 'must not hold quotes'
	wrong 's|zones_dir: [^,]*, ||' 'zones_dir is missing'
}

@test "down: no such pattern, a stranger on the socket, no directory" {
	world
	server_up ns1
	sed -i 's/pattern: ddo/pattern: other/' "$TMP/app.yml"
	run -69 push probe
	[[ $output == *"NSD has no pattern other: add it to nsd.conf, with zonefile \"$TMP/ns1/zones/%s.db\"" ]]
	run -69 pput a.example 1
	[[ $output == *"pattern other does not exist"* ]]
	[ -z "$(ls -A "$TMP/ns1/zones")" ]
	sed -i 's/pattern: other/pattern: ddo/' "$TMP/app.yml"
	mv "$TMP/ns1/zones" "$TMP/ns1/elsewhere"
	run -69 pput a.example 1
	[[ $output == *zones* ]]
	mv "$TMP/ns1/elsewhere" "$TMP/ns1/zones"
	mkdir "$TMP/ns1/zones/.ddo-probe" # an odd entry alone is not down
	push probe
	rmdir "$TMP/ns1/zones/.ddo-probe"
	pput a.example 1
	# NSD's DNS port takes connections, and does not speak the control protocol.
	sed -i "s|control: \"[^\"]*\"|control: \"127.0.0.1:$DNS\"|" "$TMP/app.yml"
	run -69 push probe
}

@test "a pattern with another zonefile: deferred, and told why" {
	world
	sed -i 's|zones/%s.db|elsewhere/%s|' "$TMP/ns1/nsd.conf"
	server_up ns1
	run -75 pput a.example 1
	[[ $output == *'has pattern ddo zonefile: "'*'/zones/%s.db"?'* ]]
}

@test "what NSD would refuse it is not shown while it serves the zone: it would drop it" {
	world
	server_up ns1
	local i=1 record
	local records=('c 300 IN CAA 0 x-y "z"' "$BELOW_DNAME"
		"d 300 IN DS 1 8 2 AABB" "f 300 IN SSHFP 1 2 AABB") # NSD 4.12 refuses these
	pput good.example 1 'c 300 IN CAA 0 issue "ca.example"'
	for record in "${records[@]}"; do
		i=$((i + 1))
		# What it takes it serves.
		status=0
		zone_text good.example $i "$record" | push put good.example || status=$?
		[ $status = 65 ] || serves good.example $i
		[ $i != 2 ] || [ $status = 65 ]
	done
	[ -n "$(dig @127.0.0.1 -p "$DNS" +norec +short good.example SOA)" ]
	not grep 'good.example.*error' "$TMP/ns1.log"
}

@test "an NSD with a database of its own" {
	world
	sed -i "s|database: \"\"|database: \"$TMP/ns1/nsd.db\"|" "$TMP/ns1/nsd.conf"
	server_up ns1
	pput db.example 1
	run -65 pput db.example 2 "${BAD[ns1]}"
	serves db.example 1
	pput db.example 1 "x 300 IN A 192.0.2.3"
	[ "$(dig @127.0.0.1 -p "$DNS" +short x.db.example A)" = 192.0.2.3 ]
	push del db.example
	gone db.example
}

@test "several server processes: all answer the new version" {
	NSD_SERVER="server-count: 3" world
	server_up ns1
	local i
	for i in 1 2 3 4 5; do
		pput many.example $i
	done
	push probe
	for i in {1..30}; do
		serves many.example 5
	done
}

some_new() # SERIAL: a batch of 20 zones
{
	local i text
	for ((i = 1; i <= 20; i++)); do
		text=$(zone_text b$i.example "$1")
		printf 'put %d b%d.example %d\n%s\n' $i $i ${#text} "$text"
	done
	echo commit
}

@test "an include file is replaced whole, and NSD reads it once a batch; not for zones that only change" {
	world nsd-include
	server_up ns1
	ln "$TMP/ns1/zones.conf" "$TMP/ns1/before"
	some_new 1 | push batch >"$TMP/answers"
	[ "$(grep -c '^ok ' "$TMP/answers")" = 20 ]
	[ "$(grep -c 'control cmd: *reconfig' "$TMP/ns1.log")" = 1 ]
	[ ! -s "$TMP/ns1/before" ]
	[ "$(grep -c '^zone:' "$TMP/ns1/zones.conf")" = 20 ]
	ln "$TMP/ns1/zones.conf" "$TMP/ns1/now"
	some_new 2 | push batch >"$TMP/answers"
	[ "$(grep -c '^ok ' "$TMP/answers")" = 20 ]
	[ "$(grep -c 'control cmd: *reconfig' "$TMP/ns1.log")" = 1 ]
	[ "$TMP/ns1/zones.conf" -ef "$TMP/ns1/now" ]
	serves b20.example 2
}

@test "an include file of DirectDNSOnly's is taken over, other clauses stay, a broken one is not overwritten" {
	world nsd-include
	mkdir -p "$TMP/ns1/old"
	zone_text old.example 3 >"$TMP/ns1/old/old.example.db"
	zone_text theirs.example 4 >"$TMP/ns1/old/theirs.db"
	cat >"$TMP/ns1/zones.conf" <<-END
		zone:
		    name: "old.example"
		    zonefile: "$TMP/ns1/old/old.example.db"
		# somebody's own
		key:
		    name: "k"
		    algorithm: hmac-sha256
		    secret: "K2tf3TRjvQkVCmJF3/Z9vA=="
		zone:
		    name: theirs.example
		    zonefile: $TMP/ns1/old/theirs.db
		    provide-xfr: 127.0.0.1 k
	END
	server_up ns1
	serves old.example 3
	pput new.example 1
	serves old.example 3
	run -65 pput old.example 4 "${BAD[ns1]}"
	serves old.example 3
	pput old.example 5
	serves old.example 5
	grep -q "zonefile: \"$TMP/ns1/zones/old.example.db\"" "$TMP/ns1/zones.conf"
	grep -q 'secret: "K2tf3TRjvQkVCmJF3/Z9vA=="' "$TMP/ns1/zones.conf"
	grep -q 'provide-xfr: 127.0.0.1 k' "$TMP/ns1/zones.conf"
	run -65 pput theirs.example 5
	serves theirs.example 4
	server_down ns1
	server_up ns1
	serves old.example 5
	serves new.example 1
	serves theirs.example 4
	push list | cut -f1,4 >"$TMP/list"
	printf 'new.example\nold.example\ntheirs.example\tforeign\n' | diff - "$TMP/list"
	echo 'zone' >>"$TMP/ns1/zones.conf"
	cp "$TMP/ns1/zones.conf" "$TMP/before"
	run -69 pput c.example 1
	[[ $output == *"neither"* ]]
	cmp "$TMP/before" "$TMP/ns1/zones.conf"
}

@test "a zone that is named like an option, refused and taken" {
	world
	server_up ns1
	run -65 push put -- -ofoo.example < <(zone_text -ofoo.example 1 "${BAD[ns1]}")
	[[ $output == *"-ofoo.example: NSD refuses it: line "*DNAME* ]]
	pput_dash 2
	# One that is served is looked at before, where there is a record that NSD could refuse.
	run -65 push put -- -ofoo.example \
		< <(zone_text -ofoo.example 3 "${BAD[ns1]}" 'w 300 IN HINFO a b')
	[[ $output == *"-ofoo.example: NSD refuses it: line "*DNAME* ]]
	serves -ofoo.example 2
}

pput_dash() # SERIAL
{
	zone_text -ofoo.example "$1" | push put -- -ofoo.example
	serves -ofoo.example "$1"
}

@test "the probe tells when NSD may not open its list of zones at its next start" {
	[ "$(id -u)" = 0 ] || absent "root"
	need setpriv
	world
	sed -i "s|pattern: ddo|&, zone_list: $TMP/ns1/zone.list|" "$TMP/app.yml"
	SERVER_WITH=(setpriv --bounding-set -dac_override)
	server_up ns1
	pput a.example 1
	[[ $(push probe) != *"start again"* ]]
	chown nobody "$TMP/ns1/zone.list"
	[[ $(push probe) == *"; it will not start again: it may not open $TMP/ns1/zone.list, see"* ]]
	chgrp root "$TMP/ns1/zone.list"
	chmod g+w "$TMP/ns1/zone.list"
	[[ $(push probe) != *"start again"* ]]
	chmod g-w "$TMP/ns1/zone.list"
	server_down ns1
	run server_up ns1
	[ "$status" != 0 ]
	SERVER_WITH=()
	server_up ns1
	[[ $(push probe) != *"start again"* ]]
}

@test "a control socket that ddo may not use: the probe names the group to join" {
	[ "$(id -u)" = 0 ] || absent "root"
	need setpriv
	world
	server_up ns1
	chown nobody:daemon "$TMP/ns1/nsd.ctl"
	chmod 660 "$TMP/ns1/nsd.ctl"
	run -69 setpriv --bounding-set -dac_override "$BIN/ddo-push-nsd" -t ns1 probe
	[[ $output == *"Permission denied; run usermod -aG daemon root, and restart ddo-queue"* ]]
}
