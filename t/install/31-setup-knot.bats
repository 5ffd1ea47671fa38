# ddo-setup knot, and Knot DNS under Debian's own unit.
load ../lib/install
load ../lib/setup
load ../lib/named

probe()
{
	machine_run knot runuser -u ddo -- /usr/local/libexec/ddo/ddo-push-knot -t ns1 probe
}

@test "knot: set up, served, again, restarts, a reboot" {
	setup_machine knot knot
	setup_life knot knot knot
}

@test "knot: the probe tells that knotd forgets its zones, and that it listens nowhere" {
	[[ $(probe) != *forgets* ]]
	machine_run knot mv /var/lib/knot/confdb /root/
	machine_run knot systemctl restart knot
	run -69 probe
	[[ $output == *"knotd listens nowhere: set server.listen"* ]]
	machine_run knot cp -p /etc/knot/knot.conf /root/
	printf 'server:\n    listen: 127.0.0.1@53\n' | machine_run knot tee -a /etc/knot/knot.conf
	machine_run knot systemctl restart knot
	[[ $(probe) == *"forgets its zones when it restarts"* ]]
	machine_run knot mv /root/knot.conf /etc/knot/
	machine_run knot mv /root/confdb /var/lib/knot/
	machine_run knot systemctl reset-failed knot
	machine_run knot systemctl restart knot
	setup_served knot one.example
}

@test "knot: undone, nothing is left, and knotd reads knot.conf again" {
	setup_undone knot knot
	machine_run knot systemctl is-active knot
	not machine_run knot test -e /var/lib/knot/confdb
}
