# What the files of t/install share: ddo in a machine, from its packages or as `make install` leaves
# it, and pushes to it.  `load ../lib/install` brings lib/machine too.

# shellcheck shell=bash disable=SC2016,SC2034

load ../lib/machine

DNS='http://127.0.0.1:2222/CMD_API_DNS_ADMIN'

# host_release: prints the release whose machines run what was built on this host.
host_release()
{
	(. /etc/os-release && echo "$VERSION_CODENAME")
}

# install_packages NAME PACKAGE...: Debian's packages, which start what they have to start.
install_packages()
{
	local name=$1
	shift
	machine_run "$name" apt-get -qq update &&
		machine_run "$name" apt-get -qq install -y --no-install-recommends "$@" </dev/null
}

# clone NAME: the tree as a clone in ~admin/ddo: what git has and would take, with nothing built.
clone()
{
	mkdir "$TMP/clone.$1"
	(cd "$ROOT" && git ls-files -z --cached --others --exclude-standard |
		xargs -0 -I {} sh -c '[ ! -e "$0" ] || printf "%s\0" "$0"' {} |
		tar --null -T - -cf -) | tar -xf - -C "$TMP/clone.$1"
	mkdir -p "$TMP/home.$1"
	mv "$TMP/clone.$1" "$TMP/home.$1/ddo"
	machine_copy "$1" /home/admin "$TMP/home.$1/ddo"
	machine_run "$1" chown -R admin: /home/admin/ddo
	rm -rf "$TMP/home.$1"
}

# make_install NAME: what `make install` leaves, of the programs built on this host.
make_install()
{
	local name=$1 tree=$BATS_FILE_TMPDIR/tree.$1
	DESTDIR=$tree PREFIX=/usr/local SYSCONFDIR=/etc BIN=$BIN "$ROOT/etc/install"
	machine_copy "$name" / "$tree"/*
	rm -rf "$tree"
	install_packages "$name" libgnutls30 libmariadb3 libcurl3-gnutls libmicrohttpd12 libcrypt1
	machine_run "$name" systemd-sysusers
	machine_run "$name" systemd-tmpfiles --create ddo.conf
	machine_run "$name" systemctl daemon-reload
}

# debs: the newest packages that `make deb` made.
debs()
{
	local kind
	for kind in ddo "${@/#/ddo-}"; do
		ls "$ROOT"/build/deb/"${kind}"_*.deb || return 1
	done
}
