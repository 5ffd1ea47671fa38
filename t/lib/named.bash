# A private BIND and a ddo beside it, for tests.  Load lib/common first.
#
#   named_make [include]   makes $TMP/named.conf, keys and ports, default: mode addzone
#   named_up, named_down   starts named and waits for it, ends it
#   conf_make [LINE...]    writes $TMP/app.yml with one target ns1 and LINEs at its top level
#   queue_up [OPTION...], queue_down, httpd_up, httpd_down
# shellcheck shell=bash
# shellcheck disable=SC2034

named_make()
{
	need named dig named-checkzone rndc || return 1
	local options='allow-new-zones yes;' include=
	NAMED_MODE=${1:-addzone}
	{ read -r DNS && read -r CONTROL && read -r HTTP; } < <(free_port 3)
	mkdir -p "$TMP/zones" "$TMP/named" "$TMP/run"
	if [ "$NAMED_MODE" = include ]; then
		options='' include="include \"$TMP/zones.conf\";"
		[ -e "$TMP/zones.conf" ] || : >"$TMP/zones.conf"
	fi
	cat >"$TMP/rndc.key" <<-END
		# a comment
		key "test" {
			algorithm hmac-sha256; // another
			secret "$(head -c 32 /dev/urandom | base64)";
		};
	END
	cat >"$TMP/named.conf" <<-END
		include "$TMP/rndc.key";
		controls { inet 127.0.0.1 port $CONTROL allow { 127.0.0.1; } keys { "test"; }; };
		options {
			directory "$TMP/named"; pid-file none; session-keyfile none;
			listen-on port $DNS { 127.0.0.1; }; listen-on-v6 { none; };
			recursion no; dnssec-validation no; notify no; minimal-responses no;
			$options
		};
		$include
		${NAMED_EXTRA:-}
	END
}

named_up()
{
	start_bg named named -g -n 1 -c "$TMP/named.conf"
	NAMED=$BG_PID
	wait_for 20 named_answers
}

named_answers()
{
	dig @127.0.0.1 -p "$DNS" +norec +time=1 +tries=1 ready.invalid SOA >/dev/null
}

named_down()
{
	stop_pid "$NAMED" "${1:-TERM}" || true
}

conf_make()
{
	local line keys="mode: $NAMED_MODE"
	[ "$NAMED_MODE" != include ] || keys+=", named_conf: $TMP/zones.conf"
	keys+=", zones_dir: ${ZONES:-$TMP/zones}, control: \"127.0.0.1:$CONTROL\""
	keys+=", key_file: $TMP/rndc.key, server: \"127.0.0.1:$DNS\"${TARGET_EXTRA:-}"
	cat >"$TMP/app.yml" <<-END
		queue_location: ${SPOOL:-$TMP/spool}
		run_dir: $TMP/run
		libexec_dir: $BIN
		datastore: { db_location: ${STORE:-$TMP/zones.db} }
		app: { auth_username: da, auth_password: secret }
		dns:
		  backends:
		    ns1: { type: bind, $keys }
	END
	for line; do
		printf '%s\n' "$line" >>"$TMP/app.yml"
	done
	export DDO_CONFIG=$TMP/app.yml
}

queue_up()
{
	# An idle probe would come at any moment; t/47-idle.bats wants them.
	local probes=(env DADNS_QUEUE_PROBE_SECONDS=0)
	[ -z "${IDLE_PROBES:-}" ] || probes=()
	ASAN_OPTIONS=detect_leaks=1 start_bg queue "${probes[@]}" "$BIN/ddo-queue" "$@"
	QUEUE=$BG_PID
}

queue_down()
{
	stop_pid "$QUEUE" "${1:-TERM}"
}

httpd_up()
{
	# The sandbox forbids the sanitizer's search for leaks at the end.
	local sandbox=on
	[[ $BUILD != *dev ]] || sandbox=off
	DADNS_APP_SANDBOX=$sandbox ASAN_OPTIONS=detect_leaks=1 start_bg httpd "$BIN/ddo-httpd" \
		-l "127.0.0.1:$HTTP"
	HTTPD=$BG_PID
	wait_for 10 curl -sf -u da:secret "http://127.0.0.1:$HTTP/CMD_API_LOGIN_TEST"
}

httpd_down()
{
	stop_pid "$HTTPD"
}

# da QUERY [CURL-OPTION...]: calls as DirectAdmin does, and prints the answer.
da()
{
	local query=$1
	shift
	curl -s -m 30 -u da:secret "$@" "http://127.0.0.1:$HTTP/CMD_API_DNS_ADMIN?$query"
}

# da_save ZONE SERIAL [RECORD...], da_delete ZONE [HOST]: the answer must be error=0.
da_save()
{
	local answer
	answer=$(zone_text "$@" | da "action=rawsave&domain=$1&hostname=${DA_HOST:-da1.example.com}" \
		--data-binary @-)
	[[ $answer == error=0* ]] || { echo "save $1: $answer" >&2; return 1; }
}

da_delete()
{
	local answer
	answer=$(da "action=delete&domain=$1&hostname=${2:-${DA_HOST:-da1.example.com}}" -X POST)
	[[ $answer == error=0* ]] || { echo "delete $1: $answer" >&2; return 1; }
}

put() # ZONE SERIAL [RECORD...]: through ddo-enqueue
{
	zone_text "$@" | "$BIN/ddo-enqueue" put "$1"
}

serial() # ZONE: prints the serial that named answers, or nothing
{
	dig @127.0.0.1 -p "$DNS" +norec +time=2 +tries=2 +noall +answer -q "$1" -t SOA |
		awk -v z="$1." '$1 == z && $4 == "SOA" { print $7 }'
}

serves() # ZONE SERIAL
{
	[ "$(serial "$1")" = "$2" ]
}

gone() # ZONE: checks that named answers, and not for this zone
{
	dig @127.0.0.1 -p "$DNS" +norec +time=2 +tries=2 -q "$1" -t SOA | grep -q 'status: REFUSED'
}

# state ZONE: prints the state of the delivery to ns1, as ddo-status shows it
state()
{
	"$BIN/ddo-status" --json --zone "$1" |
		jq -r '.deliveries[] | select(.target == "ns1") | .state'
}

is_state() # ZONE STATE
{
	[ "$(state "$1")" = "$2" ]
}

all_done() # checks that nothing waits anywhere
{
	[ -z "$(ls -A "${SPOOL:-$TMP/spool}/new")" ] &&
		"$BIN/ddo-status" --json | jq -e '[.targets[] | .due + .deferred] | add == 0' \
		>/dev/null
}
