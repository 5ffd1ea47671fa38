# The packages on Debian 13: built there as `make deb` does, installed, and a zone served.  Its
# build costs minutes, so it has no number, and runs when it is named:
#   make check-install T=t/install/trixie.bats
load ../lib/install

setup_file()
{
	machine_possible || return 0
	machine_new trixie trixie
	machine_boot trixie
	TMP=$BATS_FILE_TMPDIR clone trixie
}

teardown_file()
{
	machine_end
}

setup()
{
	machine_wanted
}

@test "Debian 13: the packages are built with what debian/control asks for" {
	machine_run trixie apt-get -qq update
	machine_run trixie apt-get -qq build-dep -y --no-install-recommends /home/admin/ddo \
		>/dev/null
	machine_run_as trixie admin ddo/etc/deb /home/admin/ddo/build/deb >"$TMP/said" 2>&1 || {
		tail -n 60 "$TMP/said"
		return 1
	}
	not grep -e 'warning: ' "$TMP/said"
	[ "$(machine_run trixie sh -c 'ls /home/admin/ddo/build/deb/*.deb' | wc -l)" = 6 ]
}

@test "Debian 13: installed, the door answers, ddo-setup bind, a zone is pushed and served" {
	machine_run trixie apt-get -qq install -y bind9 bind9-dnsutils curl >/dev/null
	machine_run trixie sh -c 'cd /home/admin/ddo/build/deb &&
		apt-get -q install -y ./ddo_*.deb ./ddo-bind_*.deb' >"$TMP/said" 2>&1
	cat "$TMP/said"
	not grep -iE 'warning|error|failed' "$TMP/said"
	machine_run trixie bash -x /home/admin/ddo/debian/tests/push
	machine_run trixie systemctl is-system-running
}

@test "Debian 13: after a reboot the door answers and named serves; removal says no wrong word" {
	machine_reboot trixie
	printf '%s\n' '@ 60 IN SOA ns root 7 60 60 60 60' '@ 60 IN NS ns' 'ns 60 IN A 192.0.2.7' |
		machine_run trixie ddo-enqueue put again.example
	wait_for 20 answers
	machine_run trixie curl -sf -o /dev/null http://127.0.0.1:2222/health
	machine_run trixie apt-get -q purge -y ddo ddo-bind >"$TMP/said" 2>&1
	cat "$TMP/said"
	not grep -iE 'warning|can still be|failed' "$TMP/said"
	answers
}

answers()
{
	machine_run trixie dig @127.0.0.1 +short ns.again.example A | grep -qx 192.0.2.7
}
