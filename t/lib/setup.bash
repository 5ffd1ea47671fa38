# ddo-setup of one kind of server in a machine of its own.  Load lib/install first.
#
#   setup_machine NAME PACKAGE...   a machine with ddo from `make install`, app.yml, and these
#   setup_tree NAME                 prints what ddo-setup may change: paths, modes, sums
#   setup_served NAME ZONE          waits until the server in it answers ddo's zone
#   setup_life NAME KIND UNIT...    the whole life of ddo-setup KIND; UNITs restart with the server

# The machines of a file end with it.

# shellcheck shell=bash

setup_file()
{
	machine_possible || return 0
}

teardown_file()
{
	machine_end
}

setup()
{
	machine_wanted
}

setup_machine()
{
	local name=$1
	shift
	machine_new "$name"
	machine_boot "$name"
	make_install "$name"
	install_packages "$name" bind9-dnsutils "$@"
	machine_run "$name" install -m 640 -g ddo /dev/stdin /etc/ddo/app.yml <<-END
		app:
		  auth_username: directadmin
		  auth_password: choose-a-long-one
	END
}

setup_tree()
{
	machine_run "$1" sh -c 'find /etc -xdev \( -path /etc/ddo/setup -o -name "*-" \) -prune -o \
		-type f -exec stat -c "%n %a %U %G" {} + -exec sha256sum {} + | sort'
}

# What a dry run may not change either; a running server writes to its database.
setup_state() # NAME
{
	machine_run "$1" sh -c 'find /var/lib -xdev \( -path /var/lib/systemd -o -path \
		"/var/lib/mysql/*" \) -prune -o -printf "%p %m %u %g\n" | sort'
	machine_run "$1" getent group
}

setup_push() # NAME ZONE
{
	zone_text "$2" 7 | machine_run "$1" ddo-enqueue put "$2"
}

setup_answers() # NAME ZONE
{
	machine_run "$1" dig @127.0.0.1 +short +time=1 +tries=1 "$2" SOA | grep -q ' 7 '
}

setup_served()
{
	wait_for "${PATIENCE:-20}" setup_answers "$@"
}

setup_life()
{
	local name=$1 kind=$2 zone
	shift 2
	setup_tree "$name" >"$BATS_FILE_TMPDIR/before"
	setup_state "$name" >"$TMP/state"
	machine_run "$name" ddo-setup -n "$kind"
	setup_tree "$name" | diff "$BATS_FILE_TMPDIR/before" -
	setup_state "$name" | diff "$TMP/state" -
	machine_run "$name" ddo-setup --yes "$kind"
	setup_push "$name" one.example
	setup_served "$name" one.example
	machine_run "$name" ddo-setup --yes "$kind" >"$TMP/again"
	grep -x 'nothing to do' "$TMP/again"
	for zone in two three; do
		machine_run "$name" systemctl restart "$@"
		setup_served "$name" one.example
		setup_push "$name" $zone.example
		setup_served "$name" $zone.example
	done
	machine_reboot "$name"
	setup_served "$name" three.example
	setup_push "$name" four.example
	setup_served "$name" four.example
}

setup_undone() # NAME KIND: nothing is left of it in /etc
{
	machine_run "$1" ddo-setup --undo --yes "$2"
	setup_tree "$1" >"$TMP/after"
	diff "$BATS_FILE_TMPDIR/before" "$TMP/after"
	not setup_answers "$1" one.example
	machine_run "$1" systemctl is-active ddo-queue
}
