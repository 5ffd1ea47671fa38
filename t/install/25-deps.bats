# etc/deps/install on a machine that is in use: it leaves no service worse than it was.
load ../lib/install

setup_file()
{
	machine_possible || return 0
	machine_new deps
	machine_boot deps
	# One server is in use before, another one comes with a list.
	install_packages deps nsd
	machine_run deps sh -c 'printf "server:\n  port: 5353\n" >/etc/nsd/nsd.conf.d/port.conf &&
		systemctl restart nsd'
	TMP=$BATS_FILE_TMPDIR clone deps
	machine_run deps sh -c 'printf "nsd\nnginx-light\n" >/home/admin/ddo/etc/deps/few'
	machine_run_as deps admin ddo/etc/deps/install demo few >"$BATS_FILE_TMPDIR/said" 2>&1
}

teardown_file()
{
	machine_end
}

setup()
{
	machine_wanted
}

@test "what it installs is not started, and what ran goes on running" {
	cat "$BATS_FILE_TMPDIR/said"
	machine_run deps test -x /usr/sbin/named
	not machine_run deps systemctl is-active named
	not machine_run deps systemctl is-active nginx
	machine_run deps systemctl is-active nsd
	machine_run deps systemctl is-enabled nsd
	not machine_run deps test -e /usr/sbin/policy-rc.d
}

@test "apt install bind9, as a newcomer does next, makes named start and serve, after a reboot too" {
	machine_run_as deps admin sudo apt-get install -y bind9
	machine_run deps systemctl restart named
	machine_run deps systemctl restart bind9
	wait_for 20 serves
	machine_reboot deps
	wait_for 20 serves
	# The next boot starts what was installed, and what ran before.
	machine_active deps named nginx nsd
}

serves()
{
	machine_run deps dig @127.0.0.1 +short localhost A | grep -qx 127.0.0.1
}
