# app.yml: what it may hold, what it means, what is said when it is wrong (lib/conf*).
# shellcheck disable=SC2030,SC2031	# each test has an environment of its own
load lib/common

DUMP=$BUILD/unit/conf_dump

setup()
{
	FILE=$TMP/app.yml
	cd "$TMP" || return 1
}

# good LINE...: a configuration of LINEs is taken; what was made of it is in $output.
good()
{
	printf '%s\n' "$@" >"$FILE"
	run -0 "$DUMP" "$FILE"
	echo "$output"
}

# says TEXT: a line of $output.
says()
{
	grep -Fx -- "$1" <<<"$output"
}

# bad MESSAGE LINE...: a configuration of LINEs is refused: exit 78 and "FILE:MESSAGE", nothing
# else.
bad()
{
	local message=$1
	shift
	printf '%s\n' "$@" >"$FILE"
	run -78 "$DUMP" "$FILE"
	echo "$output"
	[ "$output" = "conf_dump: fatal: $FILE$message" ]
}

# taken LINE...: that, and ddo-queue takes the options of its backends.
taken()
{
	good "$@"
	DADNS_LIBEXEC_DIR=$BIN run -0 "$BIN/ddo-queue" -c "$FILE" --test
	echo "$output"
}

# refused MESSAGE LINE...: conf takes it, but ddo-queue and the push program of backend a refuse it,
# with "FILE:MESSAGE" and exit 78; whole words instead of that with REASON="environment: ...".
refused()
{
	local reason=${REASON:-$FILE$1} program verb
	shift
	local -x DADNS_LIBEXEC_DIR=$BIN
	good "$@"
	program=$(sed -n 's/^a: type=.* program=\([^ ]*\) .*/\1/p' <<<"$output")
	run -78 "$BIN/ddo-queue" -c "$FILE" --test
	echo "$output"
	[ "$output" = "ddo-queue: fatal: $reason" ]
	for verb in check list probe; do
		run -78 "$program" -t a -c "$FILE" "$verb"
		[ "$output" = "${program##*/}: fatal: $reason" ]
	done
}

# kind NAME LINE-OF-SHELL: an executable $TMP/libexec/ddo-push-NAME.
kind()
{
	mkdir -p "$TMP/libexec"
	printf '#!/bin/bash\n%s\n' "$2" >"$TMP/libexec/ddo-push-$1"
	chmod +x "$TMP/libexec/ddo-push-$1"
}

@test "an empty configuration is all defaults" {
	good ''
	says spool_dir=/var/spool/ddo
	says db_path=/var/lib/ddo/zones.db
	says run_dir=/run/ddo
	says log_level=info
	says auth_username=directdnsonly
	says 'auth_password=(none)'
	says listen_port=2222
	says check_subdomain_owner=1
	says max_body=16777216
	says max_zone=67108864
	says max_records=100000
	says max_connections=1000
	says max_connections_per_address=100
	says request_timeout=30
	says threads=8
	says retry=30,120,300,900,1800
	good '---' '# nothing' 'app:' 'dns: { backends: }'
}

@test "each key is read" {
	good 'queue_location: /a/spool' 'run_dir: /a/run' 'libexec_dir: /a/libexec' \
		'log_level: WARNING' \
		'timezone: Pacific/Auckland' 'log_format: json' \
		'datastore: { type: sqlite, db_location: /a/z.db }' \
		'app:' '  auth_username: da' '  auth_password: "pass word"' '  listen_port: 2223' \
		'  check_subdomain_owner_in_cluster_domainowners: 0' '  max_body_bytes: 1024' \
		'  max_zone_bytes: 4096' \
		'  max_records: 7' '  max_connections: 8' '  max_connections_per_address: 9' \
		'  request_timeout: 10' '  threads: 11' 'queue:' \
		'  retry_schedule: [1, 2, 604800]' '  batch_zones: 12' \
		'  batch_bytes: 2048' '  rescan_seconds: 13' '  linger_seconds: 0' \
		'  stop_seconds: 15'
	[ "$(grep -v libknot <<<"$output" | sed -n '2,$p')" = "spool_dir=/a/spool
db_path=/a/z.db
run_dir=/a/run
libexec_dir=/a/libexec
log_level=WARNING
auth_username=da
auth_password=pass word
listen_port=2223
check_subdomain_owner=0
max_body=1024
max_zone=4096
max_records=7
max_connections=8
max_connections_per_address=9
request_timeout=10
threads=11
batch_zones=12
batch_bytes=2048
rescan=13
linger=0
stop=15
retry=1,2,604800
log_format=json peer_sync=0" ]
}

@test "relative paths are relative to the working directory" {
	good 'queue_location: ./data/queues' 'datastore: { db_location: data/z.db }'
	says "spool_dir=$TMP/data/queues"
	says "db_path=$TMP/data/z.db"
	run -0 "$DUMP" app.yml
	says "file=$TMP/app.yml"
}

@test "backends: type, program, options" {
	good 'libexec_dir: /lx' 'dns:' '  backends:' \
		'    ns1: { type: bind, zones_dir: /z, view: v }' \
		'    dc1:' '      type: coredns_mysql' '      enabled: false' \
		'      host: 10.0.0.80' '      hosts: [a, b]' \
		'    p: { type: powerdns, timeout: 5, api_key: k, url: "http://127.0.0.1:8081" }' \
		'    mine: { type: own, program: /opt/push, anything: 1, list: [x, y] }' \
		'    bind:' '      zones_dir: /y'
	says 'ns1: type=bind enabled=1 program=/lx/ddo-push-bind timeout=120'
	says 'ns1: zones_dir=/z line=4'
	says 'ns1: view=v line=4'
	says 'dc1: type=coredns_mysql enabled=0 program=/lx/ddo-push-mysql timeout=120'
	says 'dc1: hosts=a line=9'
	says 'dc1: hosts=b line=9'
	says 'p: type=powerdns enabled=1 program=/lx/ddo-push-pdns timeout=5'
	says 'mine: type=own enabled=1 program=/opt/push timeout=120'
	says 'mine: list=y line=11'
	says 'bind: type=bind enabled=1 program=/lx/ddo-push-bind timeout=120'
}

@test "backends: what NSD, Knot DNS and PowerDNS cannot do without" {
	refused ':3: dns.backends.a: zones_dir is missing' 'dns:' '  backends:' \
		'    a: { type: nsd }'
	refused ':3: dns.backends.a: zones_dir is missing' 'dns:' '  backends:' \
		'    a: { type: knot }'
	refused ':3: dns.backends.a: api_key or api_key_file is missing' 'dns:' '  backends:' \
		'    a: { type: powerdns }'
	refused ':3: dns.backends.a.mode: must be conf or zonefile-only' 'dns:' '  backends:' \
		'    a: { type: knot, zones_dir: /z, mode: include }'
	refused ':3: dns.backends.a.kind: must be Native or Primary' 'dns:' '  backends:' \
		'    a: { type: powerdns, api_key: k, kind: Slave }'
	refused ':3: dns.backends.a: set api_key or api_key_file, not both' 'dns:' '  backends:' \
		'    a: { type: powerdns, api_key: k, api_key_file: /k }'
	taken 'dns:' '  backends:' '    a: { type: powerdns, enabled: false }'
}

@test "backends: what a BIND cannot do without" {
	refused ':3: dns.backends.a: zones_dir is missing' 'dns:' '  backends:' \
		'    a: { type: bind }'
	refused ':3: dns.backends.a.mode: must be addzone or include' 'dns:' '  backends:' \
		'    a: { type: bind, zones_dir: /z, mode: both }'
	refused ':3: dns.backends.a: mode include needs named_conf' 'dns:' '  backends:' \
		'    a: { type: bind, zones_dir: /z, mode: include }'
	taken 'dns:' '  backends:' '    a: { type: bind, enabled: false }'
	taken 'dns:' '  backends:' '    a: { type: bind, zones_dir: /z, mode: include, named_conf: /n }'
}

@test "unknown keys, with their line" {
	bad ':1: colour: no such key' 'colour: red'
	bad ':3: app.auth_pasword: no such key' 'app:' '  auth_username: x' '  auth_pasword: y'
	bad ':2: app.threads: must be a single value' 'app:' '  threads: { more: 1 }'
	refused ':4: dns.backends.a.zone_dir: no such key for this type of backend' \
		'dns:' '  backends:' '    a:' '      zone_dir: /x'  '      type: bind'
	refused ':5: dns.backends.a.view: must be a single value' \
		'dns:' '  backends:' '    a:' '      type: bind' '      view: { of: x }' \
		'      zones_dir: /z'
	bad ':1: dns.backend: no such key' 'dns: { backend: {} }'
	bad ':2: reconciliation.directadmin_servers[0].host: no such key' \
		'reconciliation:' '  directadmin_servers: [ { host: a } ]'
}

@test "wrong types, with their line" {
	bad ':1: app.listen_port: must be a number from 1 to 65535' 'app: { listen_port: http }'
	bad ':1: app.listen_port: must be a single value' 'app: { listen_port: [1] }'
	bad ':1: app: must have keys below it' 'app: 7'
	bad ':1: dns.backends: must have keys below it' 'dns: { backends: 7 }'
	bad ':1: dns.backends.ns1: must have keys below it' 'dns: { backends: { ns1: bind } }'
	bad ':1: reconciliation.enabled: must be true or false' 'reconciliation: { enabled: maybe }'
	bad ':1: queue_location: is empty' 'queue_location: ""'
	bad ':1: queue.retry_schedule[1]: must be a number from 1 to 604800' \
		'queue: { retry_schedule: [1, x] }'
	refused ':1: dns.backends.a.zones_dir: must be a single value' \
		'dns: { backends: { a: { type: bind, zones_dir: [x] } } }'
	refused ':1: dns.backends.a.hosts: must be a list' \
		'dns: { backends: { a: { type: mysql, hosts: x } } }'
	bad ':1: dns.backends.a.enabled: must be true or false' \
		'dns: { backends: { a: { type: bind, enabled: 2 } } }'
	refused ':1: dns.backends.a.schema: must be coredns or powerdns' \
		'dns: { backends: { a: { type: mysql, schema: x } } }'
	refused ':1: dns.backends.a.adopt: must be true or false' \
		'dns: { backends: { a: { type: mysql, adopt: perhaps } } }'
	refused ':1: dns.backends.a.refresh: must be a number from 1 to 3600' \
		'dns: { backends: { a: { type: mysql, refresh: 0 } } }'
	refused ':1: dns.backends.a.port: must be a number from 1 to 65535' \
		'dns: { backends: { a: { type: mysql, port: x } } }'
	bad ':1: log_level: must be error, warn, info or debug' 'log_level: loud'
	bad ':1: datastore.type: must be sqlite: ddo keeps its store in one file of its own' \
		'datastore: { type: mysql }'
}

@test "numbers out of range, and what looks like a number" {
	local text
	for text in 0 65536 -1 +1 1.5 1e3 0x10 99999999999999999999999 '"2222 "' '""' 2_222; do
		bad ':1: app.listen_port: must be a number from 1 to 65535' \
			"app: { listen_port: $text }"
	done
	bad ':1: app.threads: must be a number from 1 to 64' 'app: { threads: 65 }'
	bad ':1: app.max_body_bytes: must be a number from 1024 to 1073741824' \
		'app: { max_body_bytes: 1023 }'
	bad ':1: app.max_body_bytes: must be a number from 1024 to 1073741824' \
		'app: { max_body_bytes: 1073741825 }'
	bad ':1: queue.retry_schedule[0]: must be a number from 1 to 604800' \
		'queue: { retry_schedule: [0] }'
	good 'app: { listen_port: "2222", threads: 064 }'
	says threads=64
}

@test "keys that are there twice" {
	bad ':2: log_level: is there twice' 'log_level: info' 'log_level: info'
	bad ':3: app.threads: is there twice' 'app:' '  threads: 1' '  threads: 2'
	bad ':4: dns.backends.ns1: is there twice' 'dns:' '  backends:' '    ns1: { type: bind }' \
		'    ns1: { type: bind }'
}

@test "names of backends" {
	bad ':1: dns.backends.-x: must not start with '"'-'" \
		'dns: { backends: { -x: { type: bind } } }'
	bad ":1: dns.backends: a key may hold letters, digits, '_' and '-'" \
		'dns: { backends: { "a b": { type: bind } } }'
	bad ":1: dns.backends: a key may hold letters, digits, '_' and '-'" \
		'dns: { backends: { ../x: { type: bind } } }'
	bad ':1: dns.backends: a key must have 1 to 64 characters' \
		"dns: { backends: { $(printf 'x%.0s' {1..65}): { type: bind } } }"
	bad ': dns.backends.Upper: type is missing' \
		'dns: { backends: { Upper: { enabled: true } } }'
	bad ':1: dns.backends.x.type: must be a word of lower-case letters' \
		'dns: { backends: { x: { type: ../x } } }'
	bad ':1: dns.backends.x.program: must be an absolute path' \
		'dns: { backends: { x: { type: own, program: push } } }'
}

@test "what is no plain YAML mapping" {
	bad ':1: expected "key: value" lines' hello
	bad ':1: expected "key: value" lines' '- a'
	bad ':2: queue_location: aliases are not accepted' 'log_level: &x info' 'queue_location: *x'
	bad ':2: more than one document' 'log_level: info' '---' ''
	bad ':1: a.a.a.a.a.a.a.a: nested too deeply' \
		'{a: {a: {a: {a: {a: {a: {a: {a: {a: 1}}}}}}}}}'
	bad ':1: app.auth_username: the value holds a control character' \
		'app: { auth_username: "a\nb" }'
	printf 'log_level: info\napp: { threads: 1\n' >"$FILE"
	run -78 "$DUMP" "$FILE"
	[[ $output =~ ^"conf_dump: fatal: $FILE:"[0-9]+": " ]]
	printf 'log_level: info\n\tapp: 1\n' >"$FILE"
	run -78 "$DUMP" "$FILE"
	[[ $output =~ ^"conf_dump: fatal: $FILE:2: " ]]
	printf 'log_level: info\n# caf\xe9\n' >"$FILE"
	run -78 "$DUMP" "$FILE"
	[[ $output == "conf_dump: fatal: $FILE:2: "* ]]
	printf 'log_level: "\0"\n' >"$FILE"
	run -78 "$DUMP" "$FILE"
	[ "${#lines[@]}" = 1 ]
	{ echo 'log_level: info' && head -c 1100000 /dev/zero | tr '\0' '#'; } >"$FILE"
	run -78 "$DUMP" "$FILE"
	[[ $output == "conf_dump: fatal: $FILE: larger than 1048576 bytes" ]]
}

@test "a missing, an unreadable file, a directory" {
	run -78 "$DUMP" "$TMP/none.yml"
	[ "$output" = "conf_dump: fatal: cannot open $TMP/none.yml: No such file or directory" ]
	run -78 "$DUMP" "$TMP"
	[ "$output" = "conf_dump: fatal: $TMP: cannot read: Is a directory" ]
	DDO_CONFIG=$TMP/other.yml run -78 "$DUMP"
	[ "$output" = "conf_dump: fatal: cannot open $TMP/other.yml: No such file or directory" ]
	[ "$(id -u)" != 0 ] || return 0
	: >"$FILE" && chmod 0 "$FILE"
	run -78 "$DUMP" "$FILE"
	[ "$output" = "conf_dump: fatal: cannot open $FILE: Permission denied; run this with sudo, or as a member of the group ddo" ]
}

# conf_d NAME LINE...: writes conf.d/NAME beside the file.
conf_d()
{
	local name=$1
	shift
	mkdir -p "$TMP/conf.d"
	printf '%s\n' "$@" >"$TMP/conf.d/$name"
}

@test "conf.d: files beside app.yml add targets and settings, in the order of their names" {
	conf_d b.yml 'dns: {backends: {ns2: {type: bind, zones_dir: /b}}}'
	conf_d a.yml 'dns:' '  backends:' '    ns1:' '      type: nsd' '      zones_dir: /a' \
		'app: {listen_port: 2300}'
	good 'app: {auth_username: x}' 'dns: {backends: {ns0: {type: bind, zones_dir: /c}}}'
	says 'auth_username=x'
	says 'listen_port=2300'
	says 'ns1: zones_dir=/a line=5'
	[ "$(grep -o '^ns[0-9]: type' <<<"$output" | tr -dc 012)" = 012 ]
}

@test "conf.d: an empty key of one file is no reason against the other" {
	conf_d a.yml 'dns: {backends: {ns1: {type: nsd, zones_dir: /a}}}' 'app:' 'log_level: debug'
	conf_d b.yml 'log_level:' 'reconciliation: ~'
	DADNS_LOG_LEVEL=warn good 'dns:' 'app: {auth_username: x}' 'log_level:'
	says 'auth_username=x'
	says 'log_level=warn'
	says 'ns1: zones_dir=/a line=1'
	good 'dns:' 'log_level: ~'
	says 'log_level=debug'
}

@test "conf.d: two files that give the same key are named, each with its line" {
	conf_d a.yml '' 'app: {auth_username: y}'
	printf '%s\n' 'app:' '  auth_username: x' >"$FILE"
	run -78 "$DUMP" "$FILE"
	[ "$output" = "conf_dump: fatal: $TMP/conf.d/a.yml:2: app.auth_username: is in $FILE:2 too" ]
	rm conf.d/a.yml
	conf_d l.yml 'queue: {retry_schedule: [2]}'
	printf '%s\n' 'queue: {retry_schedule: [1]}' >"$FILE"
	run -78 "$DUMP" "$FILE"
	[ "$output" = "conf_dump: fatal: $TMP/conf.d/l.yml:1: queue.retry_schedule: is in $FILE:1 too" ]
	conf_d l.yml 'queue: 3'
	run -78 "$DUMP" "$FILE"
	[ "$output" = "conf_dump: fatal: $TMP/conf.d/l.yml:1: queue: is in $FILE:1 too" ]
	conf_d l.yml 'log_level: info' 'log_level: info'
	run -78 "$DUMP" "$FILE"
	[ "$output" = "conf_dump: fatal: $TMP/conf.d/l.yml:2: log_level: is there twice" ]
}

@test "conf.d: what is wrong is said with its own file and line; options of backends too" {
	conf_d a.yml '' 'app: {listen_port: 0}'
	printf '%s\n' 'log_level: info' >"$FILE"
	run -78 "$DUMP" "$FILE"
	[[ $output == "conf_dump: fatal: $TMP/conf.d/a.yml:2: app.listen_port: must be a number"* ]]
	conf_d a.yml '' 'dns:' '  backends:' '    a: {type: bind, zones_dir: /z, nonsense: 1}'
	REASON="$TMP/conf.d/a.yml:4: dns.backends.a.nonsense: no such key for this type of backend" \
		refused '' ''
	conf_d a.yml 'dns: {backends: {a: {type: nothing}}}'
	DADNS_LIBEXEC_DIR=$BIN run -78 "$BIN/ddo-queue" -c "$FILE" -T
	[[ $output == "ddo-queue: fatal: $TMP/conf.d/a.yml:1: dns.backends.a: there is no "* ]]
}

@test "conf.d: other names are not read; a fifo, a directory, an unreadable file are refused" {
	conf_d a.yml~ 'nonsense'
	conf_d .b.yml 'nonsense'
	conf_d c.yaml 'nonsense'
	conf_d .yml 'nonsense'
	good ''
	mkdir conf.d/d.yml
	run -78 "$DUMP" "$FILE"
	[ "$output" = "conf_dump: fatal: $TMP/conf.d/d.yml is not a regular file" ]
	rmdir conf.d/d.yml
	mkfifo conf.d/d.yml
	run -78 timeout 10 "$DUMP" "$FILE"
	[ "$output" = "conf_dump: fatal: $TMP/conf.d/d.yml is not a regular file" ]
	rm conf.d/d.yml
	ln -s nowhere conf.d/d.yml
	run -78 "$DUMP" "$FILE"
	[[ $output == "conf_dump: fatal: cannot open $TMP/conf.d/d.yml: "* ]]
	echo 'log_level: debug' >real
	ln -sf ../real conf.d/d.yml
	good ''
	says 'log_level=debug'
	rm -r conf.d
	echo >conf.d
	run -78 "$DUMP" "$FILE"
	[[ $output == "conf_dump: fatal: cannot read $TMP/conf.d: "* ]]
}

@test "conf.d: ddo-queue -T names each file that it read" {
	conf_d a.yml 'log_level: info'
	conf_d b.yml 'dns: {backends: {a: {type: bind, zones_dir: /z}}}'
	echo >"$FILE"
	DADNS_LIBEXEC_DIR=$BIN run -0 "$BIN/ddo-queue" -c "$FILE" -T
	[ "${lines[0]}" = "$TMP/conf.d/a.yml: good" ]
	[ "${lines[1]}" = "$TMP/conf.d/b.yml: good" ]
	[ "${lines[2]}" = "$FILE: good, 1 targets" ]
}

@test "the password from a file" {
	printf 'from file\n' >"$TMP/secret"
	good "app: { auth_password_file: $TMP/secret }"
	says 'auth_password=from file'
	good "app: { auth_password_file: secret }"
	says 'auth_password=from file'
	bad ':2: app.auth_password_file: set app.auth_password or app.auth_password_file, not both' \
		'app: { auth_password: x,' "  auth_password_file: $TMP/secret }"
	: >"$TMP/secret"
	bad ':1: app.auth_password_file: the file is empty' \
		"app: { auth_password_file: $TMP/secret }"
	rm "$TMP/secret"
	bad ":1: app.auth_password_file: cannot open $TMP/secret: No such file or directory" \
		"app: { auth_password_file: $TMP/secret }"
}

@test "the password that everybody knows is refused" {
	bad ': app.auth_password: "changeme" is everybody'"'"'s password: set another (or DADNS_APP_AUTH_PASSWORD)' \
		'app: { auth_password: changeme }'
}

@test "no error shows a secret" {
	local text
	while IFS= read -r text; do
		printf '%b\n' "$text" >"$FILE"
		run -78 "$DUMP" "$FILE"
		echo "$text -> $output"
		[[ $output != *hush* ]]
	done <<-'END'
		app: { auth_password: [hush] }
		app: { auth_password: { hush: 1 } , threads: 0 }
		app: { auth_password: "hush
		app: { auth_password: hush, auth_password: hush }
		app: { auth_password: "hush\\x07" }
		app: { auth_pasword: hush }
		app: { auth_password: hush, auth_password_file: /dev/null }
		app: {auth_password: hush}\nauth_password: hush
		app: auth_password: hush
		auth_password hush
		app:\n  auth_password: hush\n   x: y
	END
	local option
	for option in 'type: mysql, password: [hush]' 'type: bind, password: hush' \
		'type: mysql, password: hush, password_file: /dev/null' \
		'type: powerdns, kind: hush, api_key: hush' \
		'type: mysql, port: hush' 'type: mysql, zones_table: "hush me"'; do
		printf 'dns: { backends: { a: { %s } } }\n' "$option" >"$FILE"
		DADNS_LIBEXEC_DIR=$BIN run -78 "$BIN/ddo-queue" -c "$FILE" --test
		echo "$option -> $output"
		[[ $output != *hush* ]]
	done
	export DADNS_APP_AUTH_PASSWORD=$'hush\n'
	printf 'log_level: info\n' >"$FILE"
	run -78 "$DUMP" "$FILE"
	[ "$output" = 'conf_dump: fatal: environment: DADNS_APP_AUTH_PASSWORD: the value holds a control character' ]
	DADNS_APP_AUTH_PASSWORD='' run -78 "$DUMP" "$FILE"
	[ "$output" = 'conf_dump: fatal: environment: DADNS_APP_AUTH_PASSWORD: is empty' ]
}

@test "the environment goes before the file, for every scalar" {
	export DADNS_QUEUE_LOCATION=/e/spool DADNS_APP_AUTH_PASSWORD='fröm env' \
		DADNS_APP_THREADS=3 \
		DADNS_APP_CHECK_SUBDOMAIN_OWNER_IN_CLUSTER_DOMAINOWNERS=off \
		DADNS_DATASTORE_DB_LOCATION=/e/db \
		DADNS_QUEUE_BATCH_ZONES=5 DADNS_LOG_LEVEL=debug DADNS_UNRELATED=1
	good 'queue_location: /f/spool' 'app: { auth_password: f, threads: 9 }' 'log_level: info'
	says spool_dir=/e/spool
	says 'auth_password=fröm env'
	says threads=3
	says check_subdomain_owner=0
	says db_path=/e/db
	says batch_zones=5
	says log_level=debug
}

@test "what is wrong in the environment is said with the variable's name" {
	: >"$FILE"
	DADNS_APP_LISTEN_PORT=x run -78 "$DUMP" "$FILE"
	[ "$output" = 'conf_dump: fatal: environment: DADNS_APP_LISTEN_PORT: must be a number from 1 to 65535' ]
	DADNS_DNS_BACKENDS_NS1_COLOUR=x run -78 "$DUMP" "$FILE"
	[ "$output" = 'conf_dump: fatal: environment: DADNS_DNS_BACKENDS_NS1_COLOUR: no such key; a backend that app.yml does not have needs DADNS_DNS_BACKENDS_<NAME>_TYPE' ]
	local bind='dns: { backends: { a: { type: bind, zones_dir: /z } } }'
	DADNS_DNS_BACKENDS_A_COLOUR=x \
		REASON='environment: DADNS_DNS_BACKENDS_A_COLOUR: no such key for this type of backend' refused '' "$bind"
	DADNS_DNS_BACKENDS_A_MODE=x \
		REASON='environment: DADNS_DNS_BACKENDS_A_MODE: must be addzone or include' \
		refused '' "$bind"
	DADNS_DNS_BACKENDS_A_TYPE=nsd \
		REASON='environment: DADNS_DNS_BACKENDS_A: zones_dir is missing' refused '' \
		'log_level: info'
	: >"$FILE"
	DADNS_APP_AUTH_PASSWORD_FILE=/nonexistent run -78 "$DUMP" "$FILE"
	[[ $output == 'conf_dump: fatal: environment: DADNS_APP_AUTH_PASSWORD_FILE: cannot open /nonexistent: '* ]]
}

@test "options of backends from the environment; names with - and _" {
	export DADNS_DNS_BACKENDS_NS1_ZONES_DIR=/e/z DADNS_DNS_BACKENDS_MY_DC_1_PASSWORD=secret \
		DADNS_DNS_BACKENDS_MY_DC_1_ENABLED=false
	good 'dns:' '  backends:' '    ns1: { type: bind, zones_dir: /f/z }' \
		'    my-dc_1: { type: coredns_mysql, host: h }' \
		'    my: { type: coredns_mysql, host: h }'
	says 'ns1: zones_dir=/e/z line=0'
	says 'my-dc_1: type=coredns_mysql enabled=0 program='"$(sed -n 's/^libexec_dir=//p' \
		<<<"$output")"'/ddo-push-mysql timeout=120'
	says 'my-dc_1: password=secret line=0'
	run ! grep '^my: password' <<<"$output"
}

@test "a backend that only the environment has, as in containers" {
	export DADNS_DNS_BACKENDS_COREDNS_MYSQL_ENABLED=true \
		DADNS_DNS_BACKENDS_COREDNS_MYSQL_HOST=10.0.0.80 \
		DADNS_DNS_BACKENDS_COREDNS_MYSQL_PASSWORD=db-secret \
		DADNS_DNS_BACKENDS_BIND_ZONES_DIR=/z \
		DADNS_DNS_BACKENDS_BIND_TYPE=bind \
		DADNS_DNS_BACKENDS_COREDNS_MYSQL_CONNECT_TIMEOUT=4 \
		DADNS_DNS_BACKENDS_NS9_TYPE=bind DADNS_DNS_BACKENDS_NS9_NAMED_CONF=/n.conf \
		DADNS_DNS_BACKENDS_NS9_ZONES_DIR=/z DADNS_DNS_DEFAULT_BACKEND=bind
	good ''
	says 'coredns_mysql: host=10.0.0.80 line=0'
	says 'coredns_mysql: password=db-secret line=0'
	says 'coredns_mysql: connect_timeout=4 line=0'
	says 'bind: zones_dir=/z line=0'
	says 'ns9: named_conf=/n.conf line=0'
	grep '^ns9: type=bind enabled=1' <<<"$output"
	[ "$(grep -c ' type=' <<<"$output")" = 3 ]
	taken ''
}

@test "bind and nsd from the environment alone have the paths of DirectDNSOnly" {
	export DADNS_DNS_DEFAULT_BACKEND=nsd DADNS_DNS_BACKENDS_NSD_ENABLED=true \
		DADNS_DNS_BACKENDS_BIND_ENABLED=true DADNS_DNS_BACKENDS_BIND_ZONES_DIR=/e/z
	taken ''
	says "$FILE: good, 2 targets"
	good ''
	says 'nsd: zones_dir=/etc/nsd/zones line=0'
	says 'nsd: nsd_conf=/etc/nsd/nsd.conf.d/zones.conf line=0'
	says 'bind: zones_dir=/e/z line=0'
	says 'bind: named_conf=/etc/named.conf.local line=0'
	[ "$(grep -c '^bind: zones_dir' <<<"$output")" = 1 ]
	unset DADNS_DNS_BACKENDS_BIND_ZONES_DIR
	good 'dns: { backends: { bind: { zones_dir: /f/z } } }'
	says 'bind: zones_dir=/f/z line=1'
	run ! grep '^bind: named_conf' <<<"$output"
}

@test "each variable that DirectDNSOnly documents is taken, and means what it meant" {
	export DADNS_LOG_LEVEL=warning DADNS_TIMEZONE=Pacific/Auckland
	export DADNS_QUEUE_LOCATION=./data/queues
	export DADNS_APP_AUTH_USERNAME=da DADNS_APP_AUTH_PASSWORD=pw DADNS_APP_LISTEN_PORT=2223
	export DADNS_APP_SSL_ENABLE=true DADNS_APP_SSL_CERT=/c DADNS_APP_SSL_KEY=/k
	export DADNS_APP_SSL_BUNDLE='' DADNS_APP_PROXY_SUPPORT=true DADNS_DNS_DEFAULT_BACKEND=nsd
	export DADNS_APP_CHECK_SUBDOMAIN_OWNER_IN_CLUSTER_DOMAINOWNERS=0
	export DADNS_DNS_BACKENDS_NSD_ENABLED=true DADNS_DNS_BACKENDS_NSD_ZONES_DIR=/n/z \
		DADNS_DNS_BACKENDS_NSD_NSD_CONF=/n/c DADNS_DNS_BACKENDS_BIND_ENABLED=false \
		DADNS_DNS_BACKENDS_BIND_ZONES_DIR=/b/z DADNS_DNS_BACKENDS_BIND_NAMED_CONF=/b/c
	export DADNS_RECONCILIATION_ENABLED=true DADNS_RECONCILIATION_DRY_RUN=true \
		DADNS_RECONCILIATION_INTERVAL_MINUTES=30 DADNS_RECONCILIATION_VERIFY_SSL=false
	export DADNS_PEER_SYNC_ENABLED=true DADNS_PEER_SYNC_INTERVAL_MINUTES=15 \
		DADNS_PEER_SYNC_AUTH_USERNAME=peersync DADNS_PEER_SYNC_AUTH_PASSWORD=peer \
		DADNS_PEER_SYNC_PEER_URL=http://ddo-2:2222 DADNS_PEER_SYNC_PEER_USERNAME=peersync \
		DADNS_PEER_SYNC_PEER_PASSWORD=peer DADNS_DATASTORE_TYPE=sqlite \
		DADNS_DATASTORE_DB_LOCATION=data/directdns.db DADNS_LOG_FORMAT=json
	taken ''
	good ''
	says log_level=warning
	says "spool_dir=$TMP/data/queues"
	says "db_path=$TMP/data/directdns.db"
	says auth_username=da
	says auth_password=pw
	says listen_port=2223
	says check_subdomain_owner=0
	says 'nsd: zones_dir=/n/z line=0'
	says 'nsd: nsd_conf=/n/c line=0'
	grep '^bind: type=bind enabled=0' <<<"$output"
	says 'log_format=json peer_sync=1'
	run -0 "$BIN/ddo-queue" -c "$FILE" --show
	says $'reconciliation.enabled\ttrue'
	says $'app.ssl_enable\ttrue'
}

@test "peers of the file and the environment are checked; changeme is refused" {
	local -x DADNS_PEER_SYNC_ENABLED=true DADNS_PEER_SYNC_PEER_URL=http://ddo-2:2222 \
		DADNS_PEER_SYNC_PEER_USERNAME=peersync DADNS_PEER_SYNC_PEER_PASSWORD=peer-secret \
		DADNS_PEER_SYNC_PEER_1_URL=https://ddo-3 DADNS_PEER_SYNC_PEER_3_URL=wrong
	local word='must begin with http:// or https://'
	good 'peer_sync: { peers: [{ url: "http://ddo-2:2222" }] }'
	says 'log_format=text peer_sync=1'
	DADNS_PEER_SYNC_PEER_2_URL=ddo-4 run -78 "$DUMP" "$FILE"
	[ "$output" = "conf_dump: fatal: environment: DADNS_PEER_SYNC_PEER_2_URL: $word" ]
	DADNS_PEER_SYNC_PEER_URL=ddo-4 run -78 "$DUMP" "$FILE"
	[ "$output" = "conf_dump: fatal: environment: DADNS_PEER_SYNC_PEER_URL: $word" ]
	bad ":1: peer_sync.peers[0].url: $word" 'peer_sync: { peers: [{ url: ddo }] }'
	: >"$FILE"
	DADNS_PEER_SYNC_AUTH_PASSWORD=changeme run -78 "$DUMP" "$FILE"
	[[ $output == *DADNS_PEER_SYNC_AUTH_PASSWORD:*changeme* ]]
	bad ':1: log_format: must be text or json' 'log_format: xml'
}

@test "--show prints what a script must know, and no secret" {
	good 'app: { auth_password: s3cret, listen_port: 2223 }' 'reconciliation: { enabled: true }' \
		'dns: { backends: { a: { type: bind, zones_dir: /z }, b: { type: nsd, enabled: no },' \
		'  c: { type: mysql, password: s3cret } } }'
	run -0 "$BIN/ddo-queue" -c "$FILE" --show
	says $'app.listen_port\t2223'
	says $'reconciliation.enabled\ttrue'
	says $'dns.backends.a.type\tbind'
	says $'dns.backends.a.zones_dir\t/z'
	says $'dns.backends.c.type\tmysql'
	run ! grep -E 's3cret|backends\.b' <<<"$output"
}

@test "log_format json: each line is an object, whatever it says" {
	printf '%s\n' 'log_format: json' 'dns: { backends: { "a": { type: "x" } } }' >"$FILE"
	run -78 "$BIN/ddo-queue" -c "$FILE" -T
	jq -e '.level == "fatal" and .program == "ddo-queue" and (.message | startswith("'"$FILE"':2:"))
		and (.time | test("^[0-9]{4}-[0-9-]+T[0-9:]+[.][0-9]{3}Z$"))' <<<"$output"
	# Before the file is read, the environment decides.
	DADNS_LOG_FORMAT=json run -64 "$BIN/ddo-queue" $'--"qu\\oted\n"'
	[ "$(wc -l <<<"$output")" = 1 ]
	jq -e '.message | contains("\"qu\\oted?\"")' <<<"$output"
}

# --- an app.yml of DirectDNSOnly ---------------------------------------------------------------

@test "the app.yml that DirectDNSOnly comes with works, but for its password" {
	local yml=('---' 'timezone: Pacific/Auckland' 'log_level: INFO' \
		'queue_location: ./data/queues' 'datastore:'
		'  type: sqlite' '  db_location: ./data/directdnsonly.db' 'app:' \
			'  auth_username: directdnsonly'
		'  auth_password: changeme  # Override via DADNS_APP_AUTH_PASSWORD env var' 'dns:' \
			'  backends:' '    bind:'
		'      type: bind' '      enabled: true' '      zones_dir: ./data/zones'
		'      named_conf: ./data/named.conf.include')
	printf '%s\n' "${yml[@]}" >"$FILE"
	run -78 "$DUMP" "$FILE"
	[[ $output == *DADNS_APP_AUTH_PASSWORD* ]]
	export DADNS_APP_AUTH_PASSWORD=mine
	good "${yml[@]}"
	says auth_password=mine
	says 'bind: named_conf=./data/named.conf.include line=17'
	taken "${yml[@]}"
}

@test "the DirectAdmin servers: each key, defaults, what is wrong with them" {
	good 'reconciliation:' '  verify_ssl: false' '  directadmin_servers:' \
		'    - { hostname: DA1.Example.COM., address: 192.0.2.1, port: 2223, username: admin, password: s, ssl: false,' \
		'        verify_ssl: true, ca_file: /ca, pin: "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",' \
		'        dns_server: "192.0.2.1:53", origins: [da.example.com, 192.0.2.7] }' \
		'    - { hostname: da2.example.com, address: "2001:db8::1" }' \
		'    - hostname: "2001:db8::2"'
	says 'da1.example.com: address=192.0.2.1 port=2223 username=admin password=s ssl=0 verify_ssl=1'
	says 'da1.example.com: ca_file=/ca pin=sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= dns_server=192.0.2.1:53 origins=da.example.com,192.0.2.7'
	says 'da2.example.com: address=2001:db8::1 port=2222 username=(none) password=(none) ssl=1 verify_ssl=0'
	says 'da2.example.com: ca_file=(none) pin=(none) dns_server=(none) origins='
	local key text
	while IFS='|' read -r key text; do
		bad ":1: reconciliation.directadmin_servers[0].${key%%:*}: $text" \
			"reconciliation: { directadmin_servers: [ { hostname: a.example, $key } ] }"
	done <<-'END'
		address: da1.example.com|must be an address
		address: 192.0.2.1:2222|must be an address
		address: 192.0.2.0/24|must be an address
		username: "a:b"|must not hold ':'
		pin: sha256//short|must be sha256// and a digest in base64
		dns_server: ns1.example|must be ADDRESS or ADDRESS:PORT
		port: 0|must be a number from 1 to 65535
	END
	bad ':1: reconciliation.directadmin_servers[0]: hostname is missing' \
		'reconciliation: { directadmin_servers: [ { address: 192.0.2.1 } ] }'
	bad ':1: reconciliation.directadmin_servers[1]: this hostname is there already' \
		'reconciliation: { directadmin_servers: [ { hostname: a.example }, { hostname: A.example } ] }'
	bad ":1: reconciliation.directadmin_servers[1]: one of its origins is another server's" \
		'reconciliation: { directadmin_servers: [ { hostname: a.example }, { hostname: b.example, origins: [ a.example ] } ] }'
	bad ':1: reconciliation.directadmin_servers[1]: this hostname is there already' \
		'reconciliation: { directadmin_servers: [ { hostname: a.example, origins: [ b.example ] }, { hostname: b.example } ] }'
}

@test "an app.yml of DirectDNSOnly with everything in it works unchanged" {
	good 'timezone: Pacific/Auckland' 'log_level: INFO' 'log_format: json' \
		'queue_location: ./data/queues' \
		'app:' '  auth_username: directdnsonly' '  auth_password: my-strong-secret' \
		'  listen_port: 2222' \
		'  proxy_support: true' '  proxy_support_base: "http://127.0.0.1"' \
		'  ssl_enable: true' \
		'  ssl_cert: /etc/letsencrypt/live/ddo.example.com/fullchain.pem' \
		'  ssl_key: /etc/letsencrypt/live/ddo.example.com/privkey.pem' '  ssl_bundle: ""' \
		'  check_subdomain_owner_in_cluster_domainowners: 1' \
		'dns:' '  default_backend: coredns_dc1' '  backends:' '    coredns_dc1:' \
		'      type: coredns_mysql' \
		'      enabled: true' '      host: "10.0.0.80"' '      port: 3306' \
		'      database: "coredns"' \
		'      username: "coredns"' '      password: "db-secret-dc1"' \
		'      table_name: "records"' \
		'    nsd: { type: nsd, enabled: false, zones_dir: /etc/nsd/zones, nsd_conf: /etc/nsd/nsd.conf.d/zones.conf }' \
		'reconciliation:' '  enabled: true' '  dry_run: false' '  interval_minutes: 60' \
		'  initial_delay_minutes: 0' \
		'  verify_ssl: true' '  ipp: 1000' '  directadmin_servers:' \
		'    - hostname: da1.example.com' '      port: 2222' \
		'      username: admin' '      password: da-secret' '      ssl: true' \
		'    - hostname: da2.example.com' \
		'peer_sync:' '  enabled: true' '  interval_minutes: 15' '  peers:' \
		'    - url: http://ddo-2:2222' \
		'      username: directdnsonly' '      password: my-strong-secret'
	says 'coredns_dc1: password=db-secret-dc1 line=26'
	grep '^nsd: type=nsd enabled=0' <<<"$output"
	DADNS_LIBEXEC_DIR=$BIN run -0 "$BIN/ddo-queue" -c "$FILE" --test
}

# --- the push programs' part ------------------------------------------------------------------

@test "a new kind needs nothing but an executable in libexec_dir" {
	local yml=("libexec_dir: $TMP/libexec" 'dns:' '  backends:' '    a:' '      type: mine' \
		'      colour: red')
	kind mine 'echo "$@" >'"$TMP/said"
	good "${yml[@]}"
	says "a: type=mine enabled=1 program=$TMP/libexec/ddo-push-mine timeout=120"
	says 'a: colour=red line=6'
	run -0 "$BIN/ddo-queue" -c "$FILE" --test
	[ "$output" = "$FILE: good, 1 targets" ]
	[ "$(cat "$TMP/said")" = "-t a -c $FILE check" ]
	kind mine 'echo "ddo-push-mine: warning: x" >&2; echo "ddo-push-mine: fatal: '"$FILE"':6: no red" >&2; exit 78'
	run -78 "$BIN/ddo-queue" -c "$FILE" --test
	[ "$output" = "ddo-queue: fatal: $FILE:6: no red" ]
	kind mine 'echo "no red" >&2; exit 78'
	run -78 "$BIN/ddo-queue" -c "$FILE" --test
	[ "$output" = "ddo-queue: fatal: $FILE:5: dns.backends.a: no red" ]
	kind mine 'exit 78'
	run -78 "$BIN/ddo-queue" -c "$FILE" --test
	[ "$output" = "ddo-queue: fatal: $FILE:5: dns.backends.a: its push program refuses the options" ]
	for code in 1 64 69 75 127; do # it does not know the verb
		kind mine "echo what >&2; exit $code"
		run -0 "$BIN/ddo-queue" -c "$FILE" --test
		[ "$output" = "$FILE: good, 1 targets" ]
	done
	kind mine 'kill -SEGV $$'
	run -0 "$BIN/ddo-queue" -c "$FILE" --test
}

@test "a type that has no program, and a program that cannot be executed" {
	kind bind ''
	kind mysql ''
	kind mine ''
	local yml=("libexec_dir: $TMP/libexec" 'dns:' '  backends:')
	good "${yml[@]}" '    a: { type: bnd }'
	run -78 "$BIN/ddo-queue" -c "$FILE" --test
	[ "$output" = "ddo-queue: fatal: $FILE:4: dns.backends.a: there is no $TMP/libexec/ddo-push-bnd for type bnd, and no program: is set; types with one: bind, mine, coredns_mysql" ]
	run -78 "$BIN/ddo-queue" -c "$FILE" -1
	good "${yml[@]}" '    a: { type: bnd, enabled: false }'
	run -0 "$BIN/ddo-queue" -c "$FILE" --test
	good "${yml[@]}" "    a: { type: bnd, program: $TMP/none }"
	run -0 "$BIN/ddo-queue" -c "$FILE" --test
	[ "${lines[0]}" = "ddo-queue: warning: a: its options cannot be checked: cannot execute $TMP/none: No such file or directory" ]
	good "libexec_dir: $TMP/none" 'dns: { backends: { a: { type: bind } } }'
	run -78 "$BIN/ddo-queue" -c "$FILE" --test
	[[ $output == *'types with one: none' ]]
}

@test "relative paths of backends are relative to where the user started ddo" {
	kind bind "exec $BIN/ddo-push-bind \"\$@\""
	good "libexec_dir: $TMP/libexec" \
		'dns: { backends: { a: { type: bind, zones_dir: zones, key_file: ./key, control: "127.0.0.1:1" } } }'
	run -0 "$BIN/ddo-queue" -c "$FILE" --test
	run -69 "$BIN/ddo-push-bind" -t a -c app.yml probe
	echo "$output"
	[[ $output == *"$TMP/zones: "* ]]
}

@test "check: a hang, garbage, a flood, a grandchild that holds the output" {
	kind flood 'head -c 3000000 /dev/zero | tr "\0" x; yes noise | head -c 3000000 >&2; echo "a\0b\033[31m\xff" >&2; exit 78'
	kind hang 'trap "" TERM; read -r -t 1000 _ <> <(:)'
	kind held 'tail -f /dev/null & echo $! >'"$TMP/held"'; exit 0'
	good "libexec_dir: $TMP/libexec" 'dns:' '  backends:' '    a: { type: flood }'
	run -78 timeout 8 "$BIN/ddo-queue" -c "$FILE" --test
	[ "$output" = "ddo-queue: fatal: $FILE:4: dns.backends.a: a\\0b\\033[31m\\xff" ]
	kind flood 'printf "a\0b\033[31m\xff" >&2; exit 78'
	run -78 timeout 8 "$BIN/ddo-queue" -c "$FILE" --test
	[ "$output" = "ddo-queue: fatal: $FILE:4: dns.backends.a: a?b?[31m?" ]
	good "libexec_dir: $TMP/libexec" 'dns:' '  backends:' '    h: { type: held }'
	run -0 timeout 8 "$BIN/ddo-queue" -c "$FILE" --test
	not is_running "$(cat "$TMP/held")"
	# All at once: two that hang take no longer than one.
	good "libexec_dir: $TMP/libexec" 'dns:' '  backends:' '    a: { type: hang }' \
		'    b: { type: hang }'
	local begin
	begin=$(now_ms)
	run -0 timeout 40 "$BIN/ddo-queue" -c "$FILE" --test
	echo "$output"
	[ $(($(now_ms) - begin)) -lt 18000 ]
	says "ddo-queue: warning: a: its options are not checked: $TMP/libexec/ddo-push-hang check took more than 10 s"
	[ "${lines[2]}" = "$FILE: good, 2 targets" ]
}

@test "programs that serve no backend start although a backend's options are wrong" {
	printf '%s\n' 'app: { auth_password: x }' \
		'dns: { backends: { a: { type: bind, colour: red } } }' >"$FILE"
	local tool
	for tool in httpd enqueue status da reconcile; do
		run -0 "$BIN/ddo-$tool" -c "$FILE" --test
	done
}

# --- the programs ------------------------------------------------------------------------------

@test "every tool checks the configuration with -T and says FILE:LINE: KEY: what, exit 78" {
	printf 'app:\n  auth_password: x\n' >"$TMP/right.yml"
	printf 'app:\n  auth_password: x\n  thread: 4\n' >"$FILE"
	local tool
	for tool in "$BIN"/ddo-queue "$BIN"/ddo-httpd "$BIN"/ddo-enqueue "$BIN"/ddo-status \
		"$BIN"/ddo-da "$BIN"/ddo-reconcile; do
		run -78 "$tool" -c "$FILE" -T
		echo "$output"
		[ "$output" = "${tool##*/}: fatal: $FILE:3: app.thread: no such key" ]
		DDO_CONFIG=$FILE run -78 "$tool" -T
		run -0 "$tool" -c "$TMP/right.yml" -T
		[[ $output == "$TMP/right.yml: good"* ]]
	done
	run -78 "$BIN/ddo-push-bind" -c "$FILE" -t ns1 probe
	[ "$output" = "ddo-push-bind: fatal: $FILE:3: app.thread: no such key" ]
	[ "$(ls "$TMP")" = $'app.yml\nright.yml' ]
}

@test "ddo-httpd without a password does not start, and says how to set one" {
	printf 'app: { auth_username: x }\n' >"$FILE"
	run -78 "$BIN/ddo-httpd" -c "$FILE" -T
	[[ $output == "ddo-httpd: fatal: $FILE: app.auth_password: no password is set"* ]]
	printf 'app: { auth_password: y }\n' >"$FILE"
	run -64 "$BIN/ddo-httpd" -c "$FILE" -T -l nowhere:x
	run -0 "$BIN/ddo-httpd" -c "$FILE" -T -l 127.0.0.1:2222 -l '[::1]:2222' -l ::1 -l :2222
}
