# ddo-setup pdns, and PowerDNS under Debian's own unit.
load ../lib/install
load ../lib/setup
load ../lib/named

@test "pdns: without a backend that takes zones, it says what to install" {
	setup_machine pdns pdns-server pdns-backend-bind
	run -1 machine_run pdns ddo-setup --yes pdns
	[[ $output == *"run apt install pdns-backend-sqlite3 sqlite3"* ]]
	printf 'webserver=yes\napi=yes\napi-key=theirs\n' |
		machine_run pdns install -m 644 /dev/stdin /etc/powerdns/pdns.d/api.conf
	printf 'app: {}\ndns: { backends: { ns1: { type: powerdns, api_key: theirs } } }\n' |
		machine_run pdns install -m 644 /dev/stdin /root/app.yml
	machine_run pdns systemctl restart pdns
	run -69 machine_run pdns /usr/local/libexec/ddo/ddo-push-pdns -c /root/app.yml -t ns1 probe
	[[ $output == *"only the backend bind, which takes no zones"* ]]
	machine_run pdns rm /etc/powerdns/pdns.d/api.conf
	machine_run pdns apt-get -q install -y --no-install-recommends pdns-backend-sqlite3 sqlite3
}

@test "pdns: set up, served, again, restarts, a reboot; only ddo and PowerDNS read the key" {
	setup_life pdns pdns pdns
	[ "$(machine_run pdns stat -c '%a %G' /etc/ddo/pdns.key)" = "640 ddo" ]
	[ "$(machine_run pdns stat -c '%a %G' /etc/powerdns/pdns.d/ddo.conf)" = "640 pdns" ]
	key=$(machine_run pdns cat /etc/ddo/pdns.key)
	machine_run pdns ddo-setup --yes pdns >"$TMP/again" 2>&1
	not grep -q "$key" "$TMP/again"
}

@test "pdns: undone, nothing is left in /etc" {
	setup_undone pdns pdns
	machine_run pdns systemctl is-active pdns
}
