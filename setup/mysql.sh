# about: MariaDB on this machine, read by PowerDNS or CoreDNS (schema=powerdns, schema=coredns)
# shellcheck shell=sh disable=SC2154 # target and the like are ddo-setup's
#
# ddo and PowerDNS log in over the Unix socket as the users they are, without a password.

mysql_socket=/run/mysqld/mysqld.sock
mysql_pdns=/etc/powerdns/pdns.d/ddo-mysql.conf

mysql_find_schema()
{
	mysql_schema=${setting_schema:-}
	[ -n "$mysql_schema" ] ||
		mysql_schema=$(sed -n 's/^      schema: //p' "$conf_d/$target.yml" 2>/dev/null)
	set -- /usr/lib/*/pdns/libgmysqlbackend.so
	if [ -z "$mysql_schema" ] && [ -e "$1" ]; then
		mysql_schema=powerdns
	fi
	mysql_schema=${mysql_schema:-coredns}
	case $mysql_schema in
	powerdns)
		[ -e "$1" ] || stop "PowerDNS cannot read MariaDB: run apt install pdns-backend-mysql"
		;;
	coredns) ;;
	*) stop "schema is powerdns or coredns" ;;
	esac
}

mysql_statements() # HOW-DDO-LOGS-IN
{
	rights='SELECT, INSERT, UPDATE, DELETE'
	say "CREATE DATABASE IF NOT EXISTS $mysql_schema CHARACTER SET utf8mb4;"
	say "CREATE USER IF NOT EXISTS $1;"
	say "GRANT $rights, ALTER, CREATE, INDEX, REFERENCES ON $mysql_schema.* TO ${1%% *};"
	[ "$mysql_schema" = powerdns ] && [ -z "${setting_host:-}" ] || return 0
	say "CREATE USER IF NOT EXISTS pdns@localhost IDENTIFIED VIA unix_socket;"
	say "GRANT $rights ON $mysql_schema.* TO pdns@localhost;"
}

mysql_make()
{
	mysql_statements 'ddo@localhost IDENTIFIED VIA unix_socket' | mariadb --batch
}

mysql_plan()
{
	mysql_find_schema
	if [ -n "${setting_host:-}" ]; then
		say "On $setting_host, run these as root in mariadb, with this machine's address:"
		mysql_statements "ddo@'192.0.2.53' IDENTIFIED BY 'a-long-password' REQUIRE SSL"
		stop "the database is on another host: follow SET-UP of ddo-push-mysql(8) from there"
	fi
	need_command mariadb mariadb-server
	need_running mariadb
	mariadb -e 'SELECT 1' >/dev/null 2>&1 ||
		stop "root cannot log in to MariaDB over its socket: see SET-UP of ddo-push-mysql(8)"
	if [ ! -f "$record" ]; then
		mysql_theirs=$(mariadb --batch -N -e "SELECT User FROM mysql.user
			WHERE Host = 'localhost' AND User IN ('ddo', 'pdns')") || mysql_theirs=''
		[ -z "$mysql_theirs" ] ||
			stop "MariaDB has a user \"$mysql_theirs\" already: drop it, or set up the target" \
				"by hand (SET-UP of ddo-push-mysql(8))"
	fi
	mysql_statements 'ddo@localhost IDENTIFIED VIA unix_socket' | while IFS= read -r line; do
		hint "SQL: $line"
	done
	want_command mysql_make
	mysql_body="      type: coredns_mysql
      schema: $mysql_schema
      socket: $mysql_socket
      database: $mysql_schema
      username: ddo"
	if [ "$mysql_schema" = powerdns ]; then
		mysql_plan_pdns
	else
		hint "CoreDNS reads this: see ${parts%/setup}/coredns/Corefile"
	fi
	want_command pusher mysql init
	[ "$mysql_schema" = coredns ] || want_service restart pdns
	want_target mysql "$mysql_body"
}

# PowerDNS keeps its list of zones for 300 seconds, and what it answered and asked for 20 to 60.  It
# would be that late with each push, and ddo waits for it for 65 (refresh).
mysql_plan_pdns()
{
	mysql_body="$mysql_body
      server: 127.0.0.1:53"
	want_file "$mysql_pdns" 0640 root pdns <<END
# ddo-setup mysql wrote this.
launch+=gmysql
gmysql-socket=$mysql_socket
gmysql-user=pdns
gmysql-password=
gmysql-dbname=powerdns
gmysql-dnssec=yes
zone-cache-refresh-interval=5
cache-ttl=5
query-cache-ttl=5
negquery-cache-ttl=5
END
	want_check pdns_server --config=check
}

mysql_holds() # ZONE
{
	pusher mysql list | grep -q "^$1	[0-9]"
}

mysql_prove()
{
	mysql_find_schema
	case $mysql_schema in
	powerdns) prove_target mysql 90 answers 127.0.0.1 53 ;;
	*) prove_target mysql 30 mysql_holds ;;
	esac
}

mysql_forget()
{
	mariadb --batch -e 'DROP USER IF EXISTS ddo@localhost;'
	[ "$mysql_schema" = coredns ] ||
		mariadb --batch -e 'DROP USER IF EXISTS pdns@localhost;'
}

mysql_restart()
{
	! has_systemd || systemctl restart pdns ||
		warn "PowerDNS has no database now: it does not start"
}

mysql_undo()
{
	mysql_find_schema
	hint "the database $mysql_schema stays: DROP DATABASE $mysql_schema; removes its zones"
	if [ "$mysql_schema" = powerdns ]; then
		want_check pdns_server --config=check
		want_command mysql_restart
	fi
	want_service restart ddo-queue
	want_command mysql_forget
}
