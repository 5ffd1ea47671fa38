# DirectAdmins for tests: t/fake-da/fake-da, private, one for each name, with TLS.  NAME is its host
# name ("da1.example.com"), and ddo connects to 127.0.0.1.  The user is admin, the password
# secret-of-NAME.  Load lib/common first.  stop_all ends them.
#
#   da_make NAME                    makes $TMP/NAME, a port, a certificate for NAME and 127.0.0.1
#   da_up NAME, da_down NAME        starts it, ends it
#   da_zone_put NAME ZONE SERIAL [RECORD...], da_zone_rm NAME ZONE
#   da_fault NAME [LINE...]         sets what is wrong in its answers from now on, none: nothing
#   da_mode NAME [WORD...]          sets which DirectAdmin it is (both: see t/fake-da/fake-da)
#   da_stanza NAME [EXTRA]          prints its entry for directadmin_servers, with EXTRA ("pin: x")
#   da_requests NAME [REGEX]        prints how many requests it saw (that match)
#
# DA_PLAIN=1 before da_up and da_stanza switches TLS off.

# shellcheck shell=bash

declare -gA DA_DIR DA_PORT DA_PID

da_make()
{
	local dir=$TMP/$1
	mkdir -p "$dir/zones"
	DA_DIR[$1]=$dir
	read -r "DA_PORT[$1]" < <(free_port)
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
		-subj "/CN=$1" \
		-addext "subjectAltName=DNS:$1,IP:127.0.0.1" -keyout "$dir/key.pem" \
		-out "$dir/cert.pem" 2>"$dir/openssl.log"
}

da_up()
{
	local tls=(--cert "${DA_DIR[$1]}/cert.pem" --key "${DA_DIR[$1]}/key.pem")
	[ -z "${DA_PLAIN:-}" ] || tls=()
	start_bg "fake-da.$1" "$ROOT/t/fake-da/fake-da" --dir "${DA_DIR[$1]}" \
		--port "${DA_PORT[$1]}" "${tls[@]}" \
		--password "secret-of-$1"
	DA_PID[$1]=$BG_PID
	wait_for 20 da_listens "$1" || return 1
}

da_listens()
{
	(: <>"/dev/tcp/127.0.0.1/${DA_PORT[$1]}") 2>/dev/null
}

da_down()
{
	stop_pid "${DA_PID[$1]}" || true
}

da_zone_put()
{
	local name=$1 file=${DA_DIR[$1]}/zones/${2//\//%2F}.db
	shift
	zone_text "$@" >"${DA_DIR[$name]}/zone.new"
	mv "${DA_DIR[$name]}/zone.new" "$file"
}

da_zone_rm()
{
	rm "${DA_DIR[$1]}/zones/${2//\//%2F}.db"
}

da_fault()
{
	local dir=${DA_DIR[$1]}
	shift
	printf '%s\n' "$@" >"$dir/fault.new"
	mv "$dir/fault.new" "$dir/fault"
}

da_mode()
{
	local dir=${DA_DIR[$1]}
	shift
	echo "$*" >"$dir/mode.new"
	mv "$dir/mode.new" "$dir/mode"
}

da_stanza()
{
	local proof="ca_file: ${DA_DIR[$1]}/cert.pem"
	[ -z "${DA_PLAIN:-}" ] || proof="ssl: false"
	printf '{ hostname: %s, address: 127.0.0.1, port: %s, username: admin, password: secret-of-%s, %s%s }\n' \
		"$1" "${DA_PORT[$1]}" "$1" "$proof" "${2:+, $2}"
}

da_requests()
{
	[ -e "${DA_DIR[$1]}/log" ] || { echo 0; return; }
	grep -cE -- "${2:-.}" "${DA_DIR[$1]}/log" || true
}
