# The machines that the other files here use: a Debian with systemd, apart from this host.
load ../lib/machine

setup_file()
{
	machine_possible || return 0
	machine_new one
	machine_boot one
}

teardown_file()
{
	machine_end
}

setup()
{
	machine_wanted
}

@test "a machine boots, runs commands as root and as a user with sudo, and says their status" {
	[ "$(machine_run one cat /proc/1/comm)" = systemd ]
	[ "$(machine_run one hostname)" = one ]
	[ "$(machine_run one id -un)" = root ]
	[ "$(machine_run_as one admin id -un)" = admin ]
	[ "$(machine_run_as one admin sudo id -un)" = root ]
	[ "$(machine_run_as one admin pwd)" = /home/admin ]
	[ "$(echo stdin | machine_run one cat)" = stdin ]
	run -7 machine_run one sh -c 'exit 7'
}

@test "a machine sees loopback only, and nothing of this host's processes" {
	[ "$(machine_run one ls /sys/class/net)" = lo ]
	not machine_run one test -e "/proc/$$/root/$ROOT"
	machine_run one ip -o addr show dev lo | grep 127.0.0.1
}

@test "a machine installs packages without a network, and keeps them over a reboot" {
	machine_run one apt-get -q update
	machine_run one apt-get -q install -y --no-install-recommends nsd
	machine_run one systemctl is-active nsd
	machine_reboot one
	machine_run one systemctl is-active nsd
}

@test "two machines at once, each with its own disk and its own port 53; files come in" {
	machine_new two
	echo "before" >"$TMP/file"
	machine_copy two /srv "$TMP/file"
	machine_boot two
	[ "$(machine_run two cat /srv/file)" = before ]
	not machine_run two test -e /usr/sbin/nsd
	echo "after" >"$TMP/file"
	machine_copy two /run "$TMP/file"
	[ "$(machine_run two cat /run/file)" = after ]
	not machine_run one test -e /srv/file
	machine_log one -u nsd | grep -q .
	machine_end two
	not machine_run two true
	machine_run one true
}

@test "a command that ends with the machine's processes leaves no mount on this host" {
	not grep -q "$MACHINES" /proc/mounts
}
