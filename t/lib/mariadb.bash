# Private MariaDB servers, and CoreDNS and PowerDNS servers that read them, for tests.  Load
# lib/common first.
#
#   mariadb_up NAME [OPTION...]  starts a server, and makes it the first time, with a database `dns`
#                                and a user `ddo`.  Its port is ${DB_PORT[NAME]}, its pid
#                                ${DB_PID[NAME]}.
#   mariadb_down NAME [SIGNAL]   ends it
#   db NAME SQL [DATABASE]       asks as root, through the server's socket, and prints bare rows
#   mysql_conf TARGET=NAME[,OPTION...]...   writes $TMP/app.yml with such targets and $CONF_TARGETS
#   coredns_up NAME DB           starts a CoreDNS that reads DB.  Its port is ${DNS_PORT[NAME]}.
#   pdns_up NAME DB [OPTION...]  starts a PowerDNS that reads the database $PDNS_DB, default: dns
# shellcheck shell=bash
# shellcheck disable=SC2034

declare -gA DB_PORT=() DB_PID=() DNS_PORT=() DNS_PID=()
DB_PASSWORD="it's"

# Each test file makes the files of a fresh server once, with the database and the user.
mariadb_template()
{
	local dir=${BATS_FILE_TMPDIR:-$TMP}/mariadb
	[ ! -e "$dir/done" ] || return 0
	mkdir -p "$dir"
	mariadb-install-db --no-defaults --user="$(id -un)" --datadir="$dir/data" --skip-test-db \
		--auth-root-authentication-method=normal --innodb-log-file-size=8M >"$dir/log" \
		2>&1 ||
		{ cat "$dir/log" >&2; return 1; }
	start_bg template mariadbd --no-defaults --user="$(id -un)" --datadir="$dir/data" \
		--socket="$dir/sock" \
		--skip-networking --pid-file="$dir/pid" --innodb-log-file-size=8M
	wait_for 30 mariadb --no-defaults -u root -S "$dir/sock" -e "
		CREATE DATABASE IF NOT EXISTS dns;
		GRANT ALL ON *.* TO ddo@'127.0.0.1' IDENTIFIED BY 'it''s';
		REVOKE SUPER, READ_ONLY ADMIN ON *.* FROM ddo@'127.0.0.1'"
	stop_pid "$BG_PID" && touch "$dir/done"
}

mariadb_up()
{
	local name=$1
	local dir=${DB_HOME:-$TMP}/db-$name
	shift
	local small=(--innodb-buffer-pool-size=64M --innodb-log-file-size=8M \
		--innodb-flush-log-at-trx-commit=2)
	[ -z "${MARIADB_DEFAULTS:-}" ] || small=()
	need mariadbd mariadb mariadb-install-db || return 1
	mariadb_template || return 1
	[ -n "${DB_PORT[$name]:-}" ] || DB_PORT[$name]=$(free_port)
	[ -d "$dir/data" ] || { mkdir -p "$dir" && cp -r "${BATS_FILE_TMPDIR:-$TMP}/mariadb/data" \
		"$dir/data"; }
	[ -z "${DB_AS:-}" ] || chown -R "$DB_AS" "$DB_HOME"
	start_bg "db-$name" db_as mariadbd --no-defaults --user="${DB_AS:-$(id -un)}" \
		--datadir="$dir/data" --socket="$dir/sock" \
		--port="${DB_PORT[$name]}" --bind-address=127.0.0.1 --pid-file="$dir/pid" \
		--tmpdir="$dir" --skip-name-resolve \
		"${small[@]}" "$@"
	DB_PID[$name]=$BG_PID
	wait_for 30 db_answers "$name"
}

# $DB_HOME replaces $TMP, and the user $DB_AS replaces the own one, where they are set.
db_as()
{
	[ -z "${DB_AS:-}" ] || exec env TMPDIR="$DB_HOME" setpriv --reuid="$DB_AS" \
		--regid="$(id -g "$DB_AS")" --clear-groups "$@"
	exec "$@"
}

db_answers()
{
	# a node outside of its cluster refuses this query
	db "$1" "SELECT 1 FROM user LIMIT 1" mysql
}

mariadb_down()
{
	stop_pid "${DB_PID[$1]}" "${2:-TERM}" || true
}

db()
{
	mariadb --no-defaults --connect-timeout=5 -u root -S "${DB_HOME:-$TMP}/db-$1/sock" -N -B \
		-e "$2" "${3:-dns}"
}

mysql_conf()
{
	local target more db
	{
		cat <<-END
			queue_location: ${SPOOL:-$TMP/spool}
			run_dir: $TMP/run
			libexec_dir: $BIN
			datastore: { db_location: ${STORE:-$TMP/zones.db} }
			app: { auth_username: da, auth_password: secret }
			queue: { ${QUEUE_CONF:-retry_schedule: [1, 1, 2, 2]} }
			dns:
			  backends:
		END
		[ -z "${CONF_TARGETS:-}" ] || printf '    %s\n' "$CONF_TARGETS"
		for target; do
			more=,${target#*=}
			db=${more#,}
			db=${db%%,*}
			more=${more#",$db"}
			target=${target%%=*}
			[[ $more == *host* || $more == *socket:* ]] || more+=", host: 127.0.0.1"
			[[ $more == *database:* ]] || more+=", database: dns"
			[[ $more == *password* ]] || more+=", password: \"$DB_PASSWORD\""
			[[ $more == *port:* || $more == *socket:* ]] ||
				more+=", port: ${DB_PORT[$db]:-1}"
			printf '    %s: { type: coredns_mysql, username: ddo%s }\n' "$target" \
				"$more"
		done
	} >"$TMP/app.yml"
	mkdir -p "$TMP/run"
	export DDO_CONFIG=$TMP/app.yml
}

coredns_build()
{
	need go || return 1
	"$ROOT/t/coredns/build" "$BUILD/coredns/coredns"
}

coredns_up()
{
	local name=$1
	coredns_build || return 1
	[ -n "${DNS_PORT[$name]:-}" ] || DNS_PORT[$name]=$(free_port)
	cat >"$TMP/Corefile.$name" <<-END
		.:${DNS_PORT[$name]} {
			bind 127.0.0.1
			errors
			mysql {
				dsn ddo:$DB_PASSWORD@tcp(127.0.0.1:${DB_PORT[$2]})/dns
				dump_file $TMP/dump.$name.json
				success_heartbeat_time 100ms
				fail_heartbeat_time 100ms
			}
		}
	END
	start_bg "coredns-$name" "$BUILD/coredns/coredns" -conf "$TMP/Corefile.$name"
	DNS_PID[$name]=$BG_PID
	wait_for 20 dns_answers "$name"
}

pdns_up()
{
	local name=$1 db=$2
	shift 2
	need pdns_server || return 1
	DNS_PORT[$name]=$(free_port)
	mkdir -p "$TMP/pdns-$name"
	start_bg "pdns-$name" pdns_server --config-dir="$TMP/pdns-$name" --launch=gmysql \
		--gmysql-dnssec=yes \
		--gmysql-socket="$TMP/db-$db/sock" --gmysql-user=root \
		--gmysql-dbname="${PDNS_DB:-dns}" --socket-dir="$TMP/pdns-$name" \
		--local-address=127.0.0.1 --local-port="${DNS_PORT[$name]}" \
		--zone-cache-refresh-interval=0 --cache-ttl=0 \
		--query-cache-ttl=0 --negquery-cache-ttl=0 --domain-metadata-cache-ttl=0 \
		--dnssec-key-cache-ttl=0 \
		--daemon=no --guardian=no --webserver=no --api=no --setuid= --setgid= "$@"
	DNS_PID[$name]=$BG_PID
	wait_for 20 dns_answers "$name"
}

dns_answers()
{
	dig @127.0.0.1 -p "${DNS_PORT[$1]}" +norec +time=1 +tries=1 ready.invalid SOA >/dev/null
}
