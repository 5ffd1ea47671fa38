# The parts of t/bench/run about the ways to reach ddo-httpd.

# shellcheck shell=bash
# of t/bench/run: TMP, BIN, BUILD, fresh, crowd; rounds are only counted
# shellcheck disable=SC2034,SC2154

door_world() # LINE...: of app.yml's app:
{
	WORLD=$(mktemp -d "$TMP/world.XXXXXX")
	HTTP=$(free_port)
	mkdir "$WORLD/run" "$WORLD/onefile"
	{
		printf 'queue_location: %s/spool\nrun_dir: %s/run\ndatastore: { db_location: %s/zones.db }\n' "$WORLD" "$WORLD" "$WORLD"
		printf 'app:\n  auth_username: da\n  auth_password: secret\n'
		printf '  %s\n' "$@"
	} >"$WORLD/app.yml"
	zone_text b.example 7 >"$WORLD/zone"
	export DDO_CONFIG=$WORLD/app.yml
}

# fresh URL: pushes with 8 clients, a connection for each push, and prints what ab says.
fresh()
{
	ab -q -n "$fresh" -c 8 -s 60 -p "$WORLD/zone" -T text/plain -A da:secret \
		"$1/CMD_API_DNS_ADMIN?action=rawsave&domain=b.example" >"$TMP/ab" 2>&1
	if ! grep -q '^Failed requests: *0$' "$TMP/ab" || grep -q '^Non-2xx' "$TMP/ab"; then
		figure "FAILED: $1" "$(sed \
			-n 's/^Failed requests: *//p; s/^Non-2xx responses: *//p' "$TMP/ab" | tr '\n' ' ')" requests
	fi
}

ab_rate()
{
	sed -n 's/^Requests per second: *\([0-9]*\).*/\1/p' "$TMP/ab"
}

# Prints the CPU, in ticks, of the children that a process has waited for.
reaped()
{
	sed 's/.*) //' "/proc/$1/stat" | awk '{ print $14 + $15 }'
}

# The two take turns, because a disk's rate changes from minute to minute.
compare_fronts() # NAME OURS-PORT OURS-PID BASE-PORT
{
	local before after round
	: >"$TMP/ours"
	: >"$TMP/base"
	before=$(reaped "$3")
	for round in 1 2 3; do
		fresh "http://127.0.0.1:$4"
		ab_rate >>"$TMP/base"
		fresh "http://127.0.0.1:$2"
		ab_rate >>"$TMP/ours"
	done
	after=$(reaped "$3")
	figure "$1: a program that fsyncs one file" "$(median <"$TMP/base")" pushes/s
	figure "$1: ddo-httpd" "$(median <"$TMP/ours")" pushes/s
	figure "$1: ratio" "$(calc "100 * $(median <"$TMP/ours") / $(median <"$TMP/base")" 0)" % \
		"at least 60"
	figure "$1: ddo-httpd, CPU a push, its start included" \
		"$(calc "1000 * ($after - $before) / $HZ / ($fresh * 3)")" ms "at most 5"
}

part_fronts()
{
	local base ours tool=$BUILD/bench/onefile
	echo "a process a push, 8 clients, a connection a push"
	door_world
	"$BIN/ddo-queue" -1
	base=$(free_port)
	start_bg tcpserver tcpserver -R -H -l 0 -c 100 127.0.0.1 "$base" "$tool" "$WORLD/onefile"
	start_bg tcpserver tcpserver -R -H -l 0 -c 100 127.0.0.1 "$HTTP" "$BIN/ddo-httpd"
	ours=$BG_PID
	wait_for 10 port_in_use "$HTTP"
	wait_for 10 port_in_use "$base"
	compare_fronts tcpserver "$HTTP" "$ours" "$base"
	lighttpd_up "$tool"
	lighttpd_up "$BIN/ddo-httpd"
	compare_fronts "CGI, lighttpd" "$PORT" "$BG_PID" "$BASE"
	world_down
}

lighttpd_up() # PROGRAM: its port is PORT, and BASE is the one before
{
	BASE=${PORT:-}
	PORT=$(free_port)
	cat >"$WORLD/lighttpd.$PORT" <<-END
		server.modules = ( "mod_alias", "mod_cgi", "mod_setenv" )
		server.document-root = "$WORLD"
		server.port = $PORT
		server.bind = "127.0.0.1"
		setenv.set-environment = ( "DDO_CONFIG" => "$DDO_CONFIG",
			"ONEFILE_DIR" => "$WORLD/onefile" )
		alias.url = ( "/" => "$1/" )
		cgi.assign = ( "/${1##*/}" => "" )
	END
	start_bg lighttpd lighttpd -D -f "$WORLD/lighttpd.$PORT"
	wait_for 10 port_in_use "$PORT"
}

part_crowd()
{
	local line
	echo "a push among $crowd idle connections"
	door_world "max_connections: $((crowd + 100))" \
		"max_connections_per_address: $((crowd + 100))" 'request_timeout: 3600'
	"$BIN/ddo-queue" -1
	start_bg httpd "$BIN/ddo-httpd" -l "127.0.0.1:$HTTP"
	HTTPD=$BG_PID
	wait_for 10 port_in_use "$HTTP"
	line=$(push a 0 200 2026010100 1)
	figure "alone: median, p99" "$(value p50 "$line"), $(value p99 "$line")" ms
	mkfifo "$WORLD/hold"
	"$BUILD/bench/idle" "$HTTP" "$crowd" <"$WORLD/hold" >"$WORLD/held" &
	exec 9>"$WORLD/hold"
	wait_for 60 grep -q held "$WORLD/held"
	line=$(push a 0 200 2026010101 1)
	figure "among $crowd: median, p99" "$(value p50 "$line"), $(value p99 "$line")" ms \
		"at most 10"
	figure "ddo-httpd, PSS" "$(calc "$(pss "$HTTPD") / 1024")" MiB
	exec 9>&-
	wait_for 10 grep -q open "$WORLD/held"
	figure "of them still open" "$(sed -n 's/^open //p' "$WORLD/held")" "" "$crowd"
	world_down
}

part_tls()
{
	local round stunnel
	echo "a TLS connection a push, 8 clients"
	door_world
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3 \
		-subj /CN=localhost \
		-keyout "$WORLD/key.pem" -out "$WORLD/cert.pem" 2>/dev/null
	printf '  ssl_cert: %s/cert.pem\n  ssl_key: %s/key.pem\n' "$WORLD" "$WORLD" \
		>>"$WORLD/app.yml"
	"$BIN/ddo-queue" -1
	read -r PORT stunnel < <(free_port 2 | tr '\n' ' ')
	DADNS_APP_SSL_ENABLE=on start_bg httpd "$BIN/ddo-httpd" -l "127.0.0.1:$HTTP"
	start_bg httpd "$BIN/ddo-httpd" -l "127.0.0.1:$PORT"
	printf 'foreground = yes\npid =\n[ddo]\naccept = 127.0.0.1:%s\nconnect = 127.0.0.1:%s\ncert = %s/cert.pem\nkey = %s/key.pem\n' \
		"$stunnel" "$PORT" "$WORLD" "$WORLD" >"$WORLD/stunnel.conf"
	start_bg stunnel stunnel4 "$WORLD/stunnel.conf"
	wait_for 10 port_in_use "$HTTP"
	wait_for 10 port_in_use "$stunnel"
	: >"$TMP/ours"
	: >"$TMP/base"
	for round in 1 2 3; do
		fresh "https://127.0.0.1:$stunnel"
		ab_rate >>"$TMP/base"
		fresh "https://127.0.0.1:$HTTP"
		ab_rate >>"$TMP/ours"
	done
	figure "stunnel in front of ddo-httpd" "$(median <"$TMP/base")" pushes/s
	figure "ddo-httpd's own TLS" "$(median <"$TMP/ours")" pushes/s
	figure "ratio" "$(calc "100 * $(median <"$TMP/ours") / $(median <"$TMP/base")" 0)" %
	world_down
}
