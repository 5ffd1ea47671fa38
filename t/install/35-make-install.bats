# ddo from `make install` in a machine: a newer one under a stream of pushes, then uninstalled.
# shellcheck disable=SC2016 # variables of the shell in the machine
load ../lib/install

setup_file()
{
	machine_possible || return 0
	machine_new made "$(host_release)"
	machine_boot made
	install_packages made python3 sqlite3 iproute2 libgnutls30 libmariadb3 libcurl3-gnutls \
		libmicrohttpd12 libcrypt1
	machine_run made mkdir -p old/build
	machine_copy made /root/old "$ROOT"/{VERSION,etc,setup,man}
	machine_copy made /root/old/build "$BIN"
	machine_copy made /root "$ROOT/t/install/push"
	# The newer source: another version, one file less, one file more.
	machine_run made sh -c 'cp -a old new && cd new && echo 0.1.9 >VERSION &&
		sed -i s/0[.]1[.]0/0.1.9/g build/bin/* &&
		mv man/ddo-status.1 man/ddo-state.1'
}

teardown_file()
{
	machine_end
}

setup()
{
	machine_wanted
}

# tree: the names of all that a disk holds, but for what is in use.
tree()
{
	machine_run made find / -xdev \( -path /root -o -path /proc -o -path /tmp \
		-o -path /var/log -o -path /var/tmp -o -path /var/cache \) -prune -o -print | sort
	machine_run made find /run -name '*ddo*' ! -path '/run/systemd/*' ! -path '/run/log/*'
}

# `make install` and `make uninstall`, with what is built.
make_in() # TREE [remove]
{
	machine_run made sh -c 'cd "$0" && PREFIX=/usr/local SYSCONFDIR=/etc etc/install "$@"' "$@"
}

stored()
{
	[ "$(machine_run made sqlite3 -readonly /var/lib/ddo/zones.db \
		"SELECT count(*) FROM zones WHERE name GLOB 'z*'")" = "$1" ]
}

# programs: what runs, each with its version.
programs()
{
	machine_run made sh -c 'for pid in $(pgrep "^ddo-(queue|httpd)"); do
		exe=$(readlink /proc/$pid/exe) && echo "$exe" && /proc/$pid/exe --version
	done'
}

@test "make install, and what it says comes next: the door takes pushes" {
	tree >"$BATS_FILE_TMPDIR/before"
	make_in old >"$TMP/said"
	cat "$TMP/said"
	echo secret-of-the-test >"$TMP/password"
	cat >"$TMP/app.yml" <<-'END'
		app:
		  auth_username: directadmin
		  auth_password_file: /etc/ddo/password
	END
	# The test's own login, and no server: 40-setup-bind.bats has one.
	sed -n '/ as root:$/,$s/^  //p' "$TMP/said" | sed -e '/^ddo-setup -n /d' -e \
		's|^ddo-setup bind .*|install -m 640 -g ddo app.yml password /etc/ddo/|' \
		>"$TMP/next"
	echo 'ddo-setup --yes httpd' >>"$TMP/next"
	machine_copy made /root "$TMP"/{app.yml,password,next}
	machine_run made sh -ex ./next
	machine_run made ./push 100 | grep -x 'ok 100 refused 0 closed 0 no 0'
	wait_for 20 stored 100
	programs | grep -x 'ddo-httpd .*0\.1\.0'
}

@test "a newer one under a stream of pushes: none lost, none refused" {
	local sum
	sed -n '/^## Upgrading/,/^## Removing/s/^    sudo \(systemctl .*\)/\1/p' \
		"$ROOT/doc/install.md" >"$TMP/after"
	[ "$(wc -l <"$TMP/after")" = 2 ]
	machine_copy made /root "$TMP/after"
	machine_run made ./push 100000 >"$TMP/sums" 2>"$TMP/told" 3>&- &
	wait_for 20 grep pushed "$TMP/sums"
	make_in new >/dev/null
	programs | grep '(deleted)'
	machine_run made sh -ex ./after
	not grep ok "$TMP/sums" # it still pushes
	machine_run made touch stop
	wait $!
	cat "$TMP/told" "$TMP/sums"
	[[ $(tail -n 1 "$TMP/sums") =~ ^ok\ ([0-9]+)\ refused\ 0\ closed\ 0\ no\ 0$ ]]
	sum=${BASH_REMATCH[1]}
	wait_for 60 stored "$sum"
	programs >"$TMP/programs"
	cat "$TMP/programs"
	not grep -e deleted -e '0\.1\.0' "$TMP/programs"
	[ "$(grep -c '0\.1\.9' "$TMP/programs")" -ge 2 ]
	machine_run made sh -c 'cd /usr/local/share/man/man1 && [ -e ddo-state.1 ] &&
		[ ! -e ddo-status.1 ]'
}

@test "make uninstall stops the units, and leaves nothing but configuration and data" {
	make_in new remove >"$TMP/said" 2>&1
	cat "$TMP/said"
	grep -x 'Kept: /etc/ddo' "$TMP/said"
	not grep -i -e 'can still be' -e warning -e failed "$TMP/said"
	not machine_run made pgrep '^ddo-'
	[ -z "$(machine_run made ss -Hltn 'sport = 2222')" ]
	[ -z "$(machine_run made systemctl list-units --all --plain --no-legend 'ddo-*')" ]
	tree >"$TMP/after"
	# The password files of the system have a copy.
	diff "$BATS_FILE_TMPDIR/before" "$TMP/after" >"$TMP/differs" || true
	cat "$TMP/differs"
	not grep -vE '^[0-9,]+[acd][0-9,]+$|^> /etc/[a-z]*-$|^> /(etc|var/lib|var/spool)/ddo(/|$)' \
		"$TMP/differs"
	machine_run made test -s /etc/ddo/password
	stored "$(machine_run made sqlite3 -readonly /var/lib/ddo/zones.db \
		'SELECT count(*) FROM zones')"
	machine_run made systemctl is-system-running
}
