# NSD under Debian's own unit, which takes from root what it needs for files of others.
load ../lib/install

setup_file()
{
	machine_possible || return 0
	machine_new nsd "$(host_release)"
	machine_boot nsd
	install_packages nsd nsd bind9-dnsutils
	# shellcheck disable=SC2046
	machine_copy nsd /root $(debs nsd)
	machine_run nsd sh -c 'apt-get -qq install -y --no-install-recommends ./ddo*.deb'
	machine_run nsd ddo-setup --yes nsd >"$BATS_FILE_TMPDIR/said" 2>&1
}

teardown_file()
{
	machine_end
}

setup()
{
	machine_wanted
}

# pushed ZONE: as a shell pushes it, and NSD answers.
pushed()
{
	printf '@ 60 IN SOA ns root 7 60 60 60 60\n@ 60 IN NS ns\nns 60 IN A 192.0.2.7\n' |
		machine_run nsd ddo-enqueue put "$1"
	wait_for 30 answers "$1"
}

answers()
{
	machine_run nsd dig @127.0.0.1 +short "ns.$1" A | grep -qx 192.0.2.7
}

@test "NSD starts and serves after two restarts and a reboot, and takes zones after each" {
	cat "$BATS_FILE_TMPDIR/said"
	pushed one.example
	for n in 2 3; do
		machine_run nsd systemctl restart nsd
		wait_for 30 answers one.example
		pushed "again$n.example"
	done
	machine_reboot nsd
	wait_for 30 answers one.example
	wait_for 30 answers again3.example
	pushed last.example
}
