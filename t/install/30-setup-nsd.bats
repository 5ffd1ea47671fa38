# ddo-setup nsd, and NSD under Debian's own unit.
load ../lib/install
load ../lib/setup
load ../lib/named

probe()
{
	machine_run nsd runuser -u ddo -- /usr/local/libexec/ddo/ddo-push-nsd -t ns1 probe
}

# NSD writes its list anew when more than half of it is deleted.
rewrite_list()
{
	local i
	for i in 1 2 3 4 5 6 7 8 9; do
		setup_push nsd "n$i.example"
	done
	setup_served nsd n9.example
	for i in 1 2 3 4 5 6 7 8 9; do
		machine_run nsd ddo-enqueue del "n$i.example"
	done
	wait_for 20 not machine_run nsd grep -q '^add n[0-9]' /var/lib/nsd/zone.list
	[ "$(machine_run nsd stat -c '%a %U %G' /var/lib/nsd/zone.list)" = "644 nsd nsd" ]
}

@test "nsd: set up, served, again, restarts, a reboot, and its list rewritten" {
	setup_machine nsd nsd
	setup_life nsd nsd nsd
	rewrite_list
	machine_run nsd systemctl restart nsd
	setup_served nsd one.example
}

@test "nsd: the probe tells that NSD will not start again, and it does not" {
	[[ $(probe) != *"will not start again"* ]]
	machine_run nsd mv /etc/systemd/system/nsd.service.d /root/
	machine_run nsd systemctl daemon-reload
	machine_run nsd chown nsd:root /var/lib/nsd/zone.list
	machine_run nsd chmod 664 /var/lib/nsd/zone.list
	machine_run nsd systemctl restart nsd
	[[ $(probe) != *"will not start again"* ]]
	rewrite_list # makes it nsd:nsd 644
	[[ $(probe) == *"will not start again: it may not open /var/lib/nsd/zone.list"* ]]
	not machine_run nsd systemctl restart nsd
	machine_run nsd mv /root/nsd.service.d /etc/systemd/system/
	machine_run nsd systemctl daemon-reload
	machine_run nsd systemctl restart nsd
	setup_served nsd one.example
}

@test "nsd: undone, nothing is left, and NSD starts" {
	setup_undone nsd nsd
	machine_run nsd systemctl restart nsd
}
