# about: PowerDNS on this machine, by its API, with SQLite where it has no database
# shellcheck shell=sh disable=SC2154 # target and the like are ddo-setup's

pdns_conf=/etc/powerdns/pdns.conf
pdns_conf_d=/etc/powerdns/pdns.d
pdns_db=/var/lib/powerdns/ddo.sqlite3
pdns_schema=/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql

# pdns_says NAME: the last value in what others wrote of the configuration.
pdns_says()
{
	for file in "$pdns_conf" "$pdns_conf_d"/*.conf; do
		[ "$file" = "$pdns_conf_d/ddo.conf" ] || cat "$file"
	done 2>/dev/null | sed -n "s/^[[:space:]]*$1[[:space:]]*+\{0,1\}=[[:space:]]*//p" | tail -n 1
}

# Has it a backend that takes zones from the API?
pdns_has_database()
{
	for file in "$pdns_conf" "$pdns_conf_d"/*.conf; do
		[ "$file" = "$pdns_conf_d/ddo.conf" ] || cat "$file"
	done 2>/dev/null | grep -Eq '^[[:space:]]*launch.*=.*(gsqlite3|gmysql|gpgsql|godbc|lmdb)'
}

pdns_find_address()
{
	pdns_port=$(pdns_says local-port)
	# shellcheck disable=SC2046 # a word for each address
	pick_address "${pdns_port:-53}" $(pdns_says local-address | tr , ' ' |
		sed 's/\([0-9]\):\([0-9]*\)\([ ]\|$\)/\1@\2\3/g; s/\[\([^]]*\)\]:\([0-9]*\)/\1@\2/g')
}

pdns_make_database()
{
	[ -s "$pdns_db" ] || (
		umask 027
		runuser -u pdns -- sqlite3 -bail "$pdns_db" ".read $pdns_schema"
	)
}

pdns_plan_database()
{
	set -- /usr/lib/*/pdns/libgsqlite3backend.so
	[ -e "$1" ] || stop "PowerDNS has no backend that takes zones: run" \
		"apt install pdns-backend-sqlite3 sqlite3, or configure another database"
	need_command sqlite3 sqlite3
	hint "PowerDNS gets a database of its own, $pdns_db"
	pdns_text="$pdns_text
launch+=gsqlite3
gsqlite3-database=$pdns_db
gsqlite3-dnssec=yes"
	want_command pdns_make_database
}

pdns_plan_api()
{
	case $(pdns_says api) in
	yes | on | true)
		pdns_key=$(pdns_says api-key)
		case $pdns_key in
		'' | \$scrypt*) stop "PowerDNS's api-key is not there, or hashed:" \
			"write the key itself to /etc/ddo/pdns.key, and set up the target by hand" ;;
		esac
		say "$pdns_key" >>"$work/secrets"
		say "$pdns_key" | want_file "${config%/*}/pdns.key" 0640 root ddo
		;;
	*)
		want_secret "${config%/*}/pdns.key" ddo
		pdns_text="$pdns_text
webserver=yes
webserver-max-bodysize=16
api=yes
api-key=$secret"
		;;
	esac
}

pdns_plan()
{
	need_command pdns_server pdns-server
	need_running pdns
	[ -n "$(pdns_says include-dir)" ] ||
		stop "$pdns_conf lacks this line, add it: include-dir=$pdns_conf_d"
	pdns_text='# ddo-setup pdns wrote this.'
	pdns_has_database || pdns_plan_database
	pdns_plan_api
	say "$pdns_text" | want_file "$pdns_conf_d/ddo.conf" 0640 root pdns
	want_check pdns_server --config=check
	want_service restart pdns
	pdns_body="      type: powerdns
      api_key_file: ${config%/*}/pdns.key"
	pdns_port=$(pdns_says webserver-port)
	[ -z "$pdns_port" ] || pdns_body="$pdns_body
      url: http://127.0.0.1:$pdns_port"
	pdns_find_address
	want_target pdns "$pdns_body$(server_key "$address" "$port")"
}

pdns_prove()
{
	pdns_find_address
	prove_target pdns 30 answers "$address" "$port"
}

pdns_restart()
{
	! has_systemd || systemctl restart pdns ||
		warn "PowerDNS has no database now: it does not start"
}

pdns_undo()
{
	if grep -q gsqlite3 "$pdns_conf_d/ddo.conf" 2>/dev/null; then
		hint "PowerDNS stops answering the zones of ddo; $pdns_db stays: remove it by hand"
	else
		hint "PowerDNS goes on answering the zones of ddo, from its database"
	fi
	want_check pdns_server --config=check
	want_command pdns_restart
	want_service restart ddo-queue
}
