# ddo-setup mysql: MariaDB for CoreDNS, and for PowerDNS, under Debian's own units.
load ../lib/install
load ../lib/setup
load ../lib/named

list()
{
	machine_run mysql runuser -u ddo -- /usr/local/libexec/ddo/ddo-push-mysql -t ns1 list
}

@test "mysql: the tables of CoreDNS, made and filled; undone, its user is gone" {
	setup_machine mysql mariadb-server
	setup_tree mysql >"$TMP/before"
	machine_run mysql ddo-setup -n mysql
	setup_tree mysql | diff "$TMP/before" -
	machine_run mysql ddo-setup --yes mysql
	setup_push mysql zero.example
	wait_for 20 eval 'list | grep -q "^zero.example	7"'
	machine_run mysql ddo-setup --yes mysql | grep -x 'nothing to do'
	machine_run mysql ddo-setup --undo --yes mysql
	setup_tree mysql | diff "$TMP/before" -
	[ -z "$(machine_run mysql mariadb -N -e "SELECT User FROM mysql.user WHERE User = 'ddo'")" ]
}

@test "mysql: another's user of that name stays, and ddo-setup stops" {
	machine_run mysql mariadb -e "CREATE USER ddo@localhost IDENTIFIED BY 'theirs'"
	run -1 machine_run mysql ddo-setup --yes mysql
	[[ $output == *'MariaDB has a user "ddo" already'* ]]
	machine_run mysql mariadb -e "DROP USER ddo@localhost"
}

@test "mysql: PowerDNS reads it: served, again, restarts, a reboot; undone" {
	machine_run mysql apt-get -q install -y --no-install-recommends pdns-server \
		pdns-backend-bind \
		pdns-backend-mysql
	PATIENCE=15 setup_life mysql mysql pdns # its caches, of 5 s each
	setup_undone mysql mysql
}
