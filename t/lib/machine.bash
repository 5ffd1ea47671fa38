# Machines for t/install/*.bats: a Debian of its own with systemd as PID 1, in a container.  `load
# ../lib/machine` brings lib/common too.  NAME is a word, and any number may run at once:
#
#   machine_new NAME [RELEASE]     a fresh Debian (bookworm or trixie), not running yet
#   machine_boot NAME              starts it, fails when a unit failed
#   machine_run NAME COMMAND...    COMMAND as root in /root, with its own stdin, stdout and status
#   machine_run_as NAME USER COMMAND...   as USER, at home; `admin` may use sudo
#   machine_copy NAME DIR FILE...  copies FILEs into DIR there, owned by root; also before it boots
#   machine_reboot NAME            and waits, as machine_boot
#   machine_active NAME UNIT...    each UNIT is active; systemctl is-active asks for one of them
#   machine_log NAME [OPTION...]   its journal, as journalctl prints it
#   machine_end [NAME...]          takes it away; without NAME all of this file
#
# A machine has a network of its own with nothing but loopback.  apt-get installs what
# t/install/base has for it, from files.  Its disk is memory above a Debian that it cannot change,
# mounted for its own processes only: when they end, nothing is left.
#
# A file calls machine_possible in setup_file, machine_wanted in setup, and machine_end in
# teardown_file.

# shellcheck shell=bash disable=SC2016,SC2153

load ../lib/common

machine_dir()
{
	echo "${MACHINES:=$BATS_FILE_TMPDIR/machines}/$1"
}

# machine_possible: sets MACHINE_CANNOT to why this host cannot run machines, or to nothing.
machine_possible()
{
	local program
	export MACHINE_CANNOT='' MACHINES=$BATS_FILE_TMPDIR/machines
	for program in systemd-nspawn debootstrap dpkg-scanpackages unshare nsenter; do
		command -v "$program" >/dev/null || MACHINE_CANNOT="the program $program"
	done
	[ -w /sys/fs/cgroup ] || MACHINE_CANNOT="a cgroup file system that can be written"
	mkdir -p "$MACHINES"
	unshare --mount sh -c 'mount -t tmpfs none "$0" && cd "$0" && mkdir a b c d &&
		mount -t overlay -o lowerdir=a,upperdir=b,workdir=c none d' "$MACHINES" ||
		MACHINE_CANNOT="mounting an overlay above a tmpfs"
	[ "$(id -u)" = 0 ] || MACHINE_CANNOT="root"
	[ -z "$MACHINE_CANNOT" ]
}

# machine_wanted: skips the test where machines cannot run; fails it when CI=true.
machine_wanted()
{
	[ -z "$MACHINE_CANNOT" ] || absent "$MACHINE_CANNOT"
}

machine_new()
{
	local name=$1 release=${2:-bookworm} dir base
	dir=$(machine_dir "$name")
	base=$("$ROOT/t/install/base" "$release") || return 1
	mkdir -p "$dir"
	echo "${base#* }" >"$dir/packages"
	# Its disk lives as long as the process `holder`, the first one in its mount namespace.
	unshare --mount --propagation private sh -c '
		mkdir -p /run/systemd/nspawn && mount -t tmpfs machine /run/systemd/nspawn &&
		mount -t tmpfs -o mode=755,size=80% machine "$0" &&
		mkdir "$0/disk" "$0/work" "$0/root" &&
		mount -t overlay -o lowerdir="$1",upperdir="$0/disk",workdir="$0/work" \
			machine "$0/root" &&
		echo "deb [trusted=yes] file:/var/cache/packages ./" >"$0/root/etc/apt/sources.list" &&
		echo "$2" >"$0/root/etc/hostname" &&
		printf "127.0.0.1 localhost %s\n::1 localhost\n" "$2" >"$0/root/etc/hosts" &&
		mkdir -p "$0/root/var/cache/packages" && echo made && exec sleep infinity' \
		"$dir" "${base% *}" "$name" </dev/null >"$dir.log" 2>&1 3>&- &
	disown $!
	echo $! >"$dir.holder"
	wait_for 20 grep -q '^made' "$dir.log"
}

# machine_leader NAME: prints the pid that its systemd has outside of it.
machine_leader()
{
	local nspawn
	nspawn=$(cat "$(machine_dir "$1").nspawn") && pgrep -P "$nspawn"
}

# machine_cgroups NAME: prints where it lives, a cgroup of its own for each file system that systemd
# needs.  In one cgroup, machines would wait for each other's processes.
machine_cgroups()
{
	local dir
	dir=$(machine_dir "$1")
	findmnt --noheadings --output TARGET,FS-OPTIONS --types cgroup,cgroup2 |
		while read -r mount options; do
			case $mount,$options, in
			*/unified,* | *,name=systemd,* | /sys/fs/cgroup,*)
				echo "$mount/ddo-machine.$(cat "$dir.holder").$1"
				;;
			esac
		done
}

machine_boot()
{
	local dir cgroups
	dir=$(machine_dir "$1")
	mapfile -t cgroups < <(machine_cgroups "$1")
	mkdir -p "${cgroups[@]}"
	# The word after the options is for systemd of Debian 13 on a host with old cgroups.
	(
		for cgroup in "${cgroups[@]}"; do
			echo "$BASHPID" >"$cgroup/cgroup.procs"
		done
		exec nsenter --mount --target "$(cat "$dir.holder")" systemd-nspawn --quiet \
			--register=no --keep-unit --private-network --machine "$1" \
			--directory "$dir/root" --resolv-conf=off --timezone=off --link-journal=no \
			--bind-ro="$(cat "$dir/packages"):/var/cache/packages" \
			--console=pipe --boot SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1
	) </dev/null >>"$dir.log" 2>&1 3>&- &
	disown $!
	echo $! >"$dir.nspawn"
	machine_up "$1"
}

machine_up()
{
	local state
	wait_for 60 machine_answers "$1" || {
		tail -n 30 "$(machine_dir "$1").log"
		return 1
	} >&2
	state=$(machine_run "$1" systemctl is-system-running --wait) || {
		echo "machine $1 is $state"
		machine_run "$1" systemctl --no-pager --failed
		return 1
	} >&2
}

machine_answers()
{
	machine_run "$1" test -S /run/systemd/private
}

machine_run()
{
	local leader
	leader=$(machine_leader "$1") || return 255
	shift
	nsenter --target "$leader" --mount --uts --ipc --net --pid --root env -i --chdir=/root \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		HOME=/root USER=root LOGNAME=root TERM=dumb LC_ALL=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive "$@" 3>&-
}

machine_run_as()
{
	local name=$1 user=$2
	shift 2
	machine_run "$name" runuser -u "$user" -- env -i --chdir="/home/$user" \
		PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games \
		HOME="/home/$user" USER="$user" LOGNAME="$user" TERM=dumb LC_ALL=C.UTF-8 "$@"
}

machine_copy()
{
	local dir there=$2 root
	dir=$(machine_dir "$1")
	root=/proc/$(machine_leader "$1" 2>/dev/null || cat "$dir.holder")/root
	[ -s "$dir.nspawn" ] || root+=$dir/root
	shift 2
	mkdir -p "$root/$there"
	cp -r --preserve=mode,timestamps,links "$@" "$root/$there/"
}

# systemd-nspawn --keep-unit ends when its machine reboots.
machine_reboot()
{
	machine_run "$1" systemctl reboot || true # it may be gone before it answers
	machine_down "$1" && machine_boot "$1"
}

machine_down()
{
	wait_for 90 not kill -0 "$(cat "$(machine_dir "$1").nspawn")"
}

machine_active()
{
	local name=$1 unit
	shift
	for unit; do
		machine_run "$name" systemctl is-active "$unit" || return 1
	done
}

machine_log()
{
	local name=$1
	shift
	machine_run "$name" journalctl --no-pager "$@"
}

# Nothing in it is worth a proper shutdown: systemd and all else in there are killed.
machine_end()
{
	local name dir leader
	[ $# -gt 0 ] || set -- "${MACHINES:?}"/*.holder
	for name; do
		dir=$(machine_dir "$(basename "$name" .holder)")
		[ -e "$dir.holder" ] || continue
		if leader=$(machine_leader "${dir##*/}" 2>/dev/null); then
			kill -KILL "$leader"
			machine_down "${dir##*/}"
		fi
		machine_cgroups "${dir##*/}" | while read -r cgroup; do
			[ ! -d "$cgroup" ] || find "$cgroup" -depth -type d -exec rmdir {} +
		done
		kill -KILL "$(cat "$dir.holder")"
		rm -f "$dir".*
	done
}
