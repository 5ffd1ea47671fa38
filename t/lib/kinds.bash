# Servers of every kind, several at once, and targets for them.  Load lib/common first, and
# lib/mariadb for the kind coredns.  For that kind call targets_conf before server_up.
#
#   server_make KIND NAME       makes a configuration and ports in $TMP/NAME.  KIND is bind, nsd (or
#                               -include of these), knot, pdns, coredns.
#   server_up, server_down NAME [SIGNAL]
#   server_foreign NAME ZONE    gives it a zone with serial 42 that is not ddo's, before server_up
#   server_answers NAME         checks that it answers
#   poisonable                  from now on, a server of zone files dies of a zone with $POISON in
#                               it
#   targets_conf NAME...        writes $TMP/app.yml with a target of the same name for each
#
# They set, by NAME: KIND, DNS_OF (its port), TARGET (the options of a target for it), TOOL, and
#   BAD, BAD_WORDS              records that this kind refuses in a zone, and its reason
#   FILES                       the directory of its zone files, if it has one
# shellcheck shell=bash
# shellcheck disable=SC2034

SERVER_WITH=()
POISON='poison 300 IN TXT "ddo-poison"'

declare -gA KIND DNS_OF TARGET TOOL BAD BAD_WORDS FILES SERVER_PID

server_make()
{
	local name=$2 dir=$TMP/$2 at port
	KIND[$name]=$1
	mkdir -p "$dir" "$TMP/run"
	read -r port < <(free_port)
	DNS_OF[$name]=$port
	FILES[$name]=$dir/zones
	mkdir -p "$dir/zones"
	at="zones_dir: $dir/zones, server: \"127.0.0.1:$port\""
	"make_${1%-include}" "$name" "$dir" "$port" "$at"
}

server_up()
{
	"up_${KIND[$1]%-include}" "$1" "$TMP/$1" || return 1
	SERVER_PID[$1]=$BG_PID
	wait_for 20 server_answers "$1"
}

poisonable()
{
	SERVER_WITH=(env "LD_PRELOAD=$BUILD/shim/poison.so")
}

server_down()
{
	stop_pid "${SERVER_PID[$1]}" "${2:-TERM}" || true
}

server_answers()
{
	dig @127.0.0.1 -p "${DNS_OF[$1]}" +norec +time=1 +tries=1 ready.invalid SOA >/dev/null
}

server_foreign()
{
	zone_text "$2" 42 >"$TMP/$1/$2.theirs"
	"foreign_${KIND[$1]%-include}" "$2" "$TMP/$1" "$TMP/$1/$2.theirs"
}

targets_conf()
{
	local name
	cat >"$TMP/app.yml" <<-END
		queue_location: $TMP/spool
		run_dir: $TMP/run
		libexec_dir: $BIN
		datastore: { db_location: $TMP/zones.db }
		app: { auth_username: da, auth_password: secret }
		queue: { retry_schedule: [1, 1, 1, 1, 1, 1, 1, 1] }
		dns:
		  backends:
	END
	for name; do
		echo "    $name: { ${TARGET[$name]} }" >>"$TMP/app.yml"
	done
	export DDO_CONFIG=$TMP/app.yml
}

make_bind() # NAME DIR PORT OPTIONS
{
	need named dig named-checkzone || return 1
	local control new='allow-new-zones yes;' include='' mode='mode: addzone'
	read -r control < <(free_port)
	if [[ ${KIND[$1]} == *-include ]]; then
		new='' include="include \"$2/zones.conf\";" mode="named_conf: $2/zones.conf"
		: >"$2/zones.conf"
	fi
	echo "key \"test\" { algorithm hmac-sha256; secret \"$(head -c 32 /dev/urandom |
		base64)\"; };" >"$2/rndc.key"
	cat >"$2/named.conf" <<-END
		include "$2/rndc.key";
		controls { inet 127.0.0.1 port $control allow { 127.0.0.1; } keys { "test"; }; };
		options {
			directory "$2"; pid-file none; session-keyfile none;
			listen-on port $3 { 127.0.0.1; }; listen-on-v6 { none; };
			recursion no; dnssec-validation no; notify no; minimal-responses no;
			$new
		};
		$include
	END
	TARGET[$1]="type: bind, $mode, control: \"127.0.0.1:$control\", key_file: $2/rndc.key, $4"
	TOOL[$1]=ddo-push-bind
	BAD[$1]="@ 300 IN NS nowhere" # inside the zone, without an address
	BAD_WORDS[$1]='no address records'
}

up_bind()
{
	start_bg "$1" "${SERVER_WITH[@]}" named -g -n 1 -c "$2/named.conf"
}

foreign_bind() # ZONE DIR FILE
{
	echo "zone \"$1\" { type primary; file \"$3\"; };" >>"$2/named.conf"
}

# Data below a DNAME (RFC 6672, 2.4): named accepts it, NSD and Knot refuse it.
BELOW_DNAME=$'d 300 IN DNAME elsewhere.example.\nx.d 300 IN A 192.0.2.9'

make_nsd()
{
	need nsd nsd-checkzone dig || return 1
	local include='' mode='pattern: ddo'
	if [[ ${KIND[$1]} == *-include ]]; then
		include="include: \"$2/zones.conf\"" mode="nsd_conf: $2/zones.conf"
		: >"$2/zones.conf"
	fi
	cat >"$2/nsd.conf" <<-END
		server:
			ip-address: 127.0.0.1@$3
			username: ""
			chroot: ""
			zonesdir: "$2"
			zonelistfile: "$2/zone.list"
			database: ""
			pidfile: "$2/nsd.pid"
			xfrdfile: "$2/xfrd.state"
			xfrdir: "$2"
			cookie-secret-file: "$2/cookies"
			verbosity: 1
			rrl-ratelimit: 0
			${NSD_SERVER:-}
		remote-control:
			control-enable: yes
			${NSD_CONTROL:-control-interface: "$2/nsd.ctl"}
		pattern:
			name: "ddo"
			zonefile: "$2/zones/%s.db"
			${NSD_PATTERN:-}
		$include
	END
	TARGET[$1]="type: nsd, $mode, control: \"$2/nsd.ctl\", checkzone: $(command \
		-v nsd-checkzone), $4"
	TOOL[$1]=ddo-push-nsd
	BAD[$1]=$BELOW_DNAME
	BAD_WORDS[$1]='DNAME'
}

up_nsd()
{
	start_bg "$1" "${SERVER_WITH[@]}" nsd -d -c "$2/nsd.conf"
}

foreign_nsd()
{
	printf 'zone:\n\tname: "%s"\n\tzonefile: "%s"\n' "$1" "$3" >>"$2/nsd.conf"
}

# A CoreDNS with a database of its own.
make_coredns()
{
	DB_PORT[$1]=$(free_port)
	DNS_PORT[$1]=$3
	rmdir "$2/zones"
	TARGET[$1]="type: coredns_mysql, host: 127.0.0.1, port: ${DB_PORT[$1]}, database: dns, username: ddo, password: \"$DB_PASSWORD\", server: \"127.0.0.1:$3\""
	TOOL[$1]=ddo-push-mysql
}

up_coredns()
{
	[ -n "${DB_PID[$1]:-}" ] || {
		mariadb_up "$1" && "$BIN/ddo-push-mysql" -t "$1" init >/dev/null || return 1
	}
	coredns_up "$1" "$1"
}

# drift_KIND ZONE: edits the zone on server ns1 by hand: another TTL at the name x.
drift_bind()
{
	sed -i '/^x\./s/300/299/' "$TMP/ns1/zones/$1.db"
}

drift_nsd()
{
	drift_bind "$1"
}

make_knot()
{
	need knotd knotc kzonecheck dig || return 1
	local db=''
	mkdir -p "$2/db"
	cat >"$2/knot.conf" <<-END
		server:
		    rundir: "$2"
		    listen: 127.0.0.1@$3
		    udp-workers: 1
		    tcp-workers: 1
		database:
		    storage: "$2/db"
		    journal-db-max-size: 64M
		    timer-db-max-size: 16M
		    kasp-db-max-size: 16M
		    catalog-db-max-size: 16M
		control:
		    listen: "$2/knot.sock"
		log:
		  - target: stderr
		    any: info
		${KNOT_EXTRA:-}
		template:
		  - id: ddo
		    journal-content: none
		    ${KNOT_TEMPLATE:-}
	END
	TARGET[$1]="type: knot, template: ddo, control: \"$2/knot.sock\", $4"
	TOOL[$1]=ddo-push-knot
	BAD[$1]=$BELOW_DNAME
	BAD_WORDS[$1]='child record exists under DNAME'
}

# The configuration is a database, so that it keeps what ddo declares.
up_knot()
{
	[ -e "$2/confdb" ] || knotc -C "$2/confdb" conf-import "$2/knot.conf" >/dev/null
	start_bg "$1" "${SERVER_WITH[@]}" knotd -C "$2/confdb" -m 200
}

foreign_knot()
{
	printf 'zone:\n  - domain: "%s"\n    file: "%s"\n' "$1" "$3" >>"$2/knot.conf"
}

# This changes the server's memory only, and leaves the file.
drift_knot()
{
	local control=(knotc -s "$TMP/ns1/knot.sock")
	"${control[@]}" zone-begin "$1"
	"${control[@]}" zone-unset "$1" x 300 A 198.51.100.1
	"${control[@]}" zone-set "$1" x 299 A 198.51.100.1
	"${control[@]}" zone-commit "$1"
}

make_pdns()
{
	need pdns_server sqlite3 dig || return 1
	local http schema=/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql
	[ -e $schema ] || schema=/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql
	[ -e $schema ] || absent "PowerDNS's schema for SQLite" || return 1
	read -r http < <(free_port)
	sqlite3 "$2/pdns.sqlite" <$schema
	rmdir "$2/zones"
	cat >"$2/pdns.conf" <<-END
		launch=gsqlite3
		gsqlite3-database=$2/pdns.sqlite
		local-address=127.0.0.1
		local-port=$3
		socket-dir=$2
		webserver=yes
		webserver-address=127.0.0.1
		webserver-port=$http
		webserver-loglevel=none
		api=yes
		api-key=${PDNS_KEY:-key-of-$1}
		version-string=anonymous
		security-poll-suffix=
		zone-cache-refresh-interval=${ZONE_CACHE:-300}
		loglevel=4
		${PDNS_EXTRA:-}
	END
	TARGET[$1]="type: powerdns, url: \"http://127.0.0.1:$http\", api_key: key-of-$1, server: \"127.0.0.1:$3\""
	TOOL[$1]=ddo-push-pdns
	BAD[$1]="o\\039r 300 IN TXT nine" # its API accepts plain names only
	BAD_WORDS[$1]='unsupported characters'
}

up_pdns()
{
	start_bg "$1" pdns_server --config-dir="$2"
}

foreign_pdns() # ZONE DIR FILE
{
	pdnsutil --config-dir="$2" load-zone "$1" "$3" >/dev/null
}

drift_pdns()
{
	pdnsutil --config-dir="$TMP/ns1" replace-rrset "$1" x A 299 198.51.100.1 >/dev/null
}
