# Debian packages: from nothing to a served zone, an upgrade under a stream of pushes, removal.
# shellcheck disable=SC2016 # variables of the shell in the machine
load ../lib/install

setup_file()
{
	machine_possible || return 0
	machine_new packages "$(host_release)"
	machine_boot packages
	machine_run packages apt-get -qq update
	# shellcheck disable=SC2046
	machine_copy packages /root $(debs bind) "$ROOT/t/install/push"
}

teardown_file()
{
	machine_end
}

setup()
{
	machine_wanted
}

# What of ours is in the machine, by name: to see what a removal left.
ours()
{
	machine_run packages find / -xdev \( -path /proc -o -path /sys -o -path /root \) -prune \
		-o -name '*ddo[-_.]*' -print -o -name ddo -print | grep -v "^/var/\(cache\|log\)/"
}

answers()
{
	machine_run packages dig @127.0.0.1 +short www.example.com A | grep -qx 192.0.2.80
}

@test "a newcomer has a served zone in less than 3 minutes, apt included" {
	local start=$SECONDS
	machine_run packages apt-get -qq install -y bind9 bind9-dnsutils curl
	machine_run packages sh -c 'apt-get -q install -y ./ddo_*.deb ./ddo-bind_*.deb' \
		>"$TMP/said" 2>&1
	cat "$TMP/said"
	[ "$(grep -c /etc/ddo/password "$TMP/said")" = 1 ]
	machine_run packages ddo-setup --yes bind
	[ "$(machine_run packages stat -c '%a %U:%G' /etc/ddo/password)" = '640 root:ddo' ]
	machine_run packages sh -c 'curl -sS -u "directadmin:$(cat /etc/ddo/password)" \
		--data-binary @- "$0?action=rawsave&domain=example.com"' "$DNS" <<'END' |
$TTL 3600
@    IN SOA ns1.example.com. hostmaster.example.com. 2026010100 7200 900 1209600 3600
@    IN NS  ns1.example.com.
ns1  IN A   192.0.2.53
www  IN A   192.0.2.80
END
		grep error=0
	wait_for 20 answers
	echo "# from nothing to a served zone: $((SECONDS - start)) s" >&3
	[ $((SECONDS - start)) -lt 180 ]
}

@test "after a reboot the door takes pushes, and named still serves" {
	machine_reboot packages
	wait_for 20 answers
	machine_active packages ddo-httpd.socket ddo-queue
}

@test "an upgrade under a stream of pushes: none lost, none refused, conffiles stay" {
	local before after sum
	install_packages packages python3 sqlite3
	machine_run packages sh -c 'echo "# of the administrator" >>/etc/ddo/app.yml'
	before=$(machine_run packages sha256sum /etc/ddo/app.yml /etc/ddo/password)
	# The same programs with a higher version: what dpkg does is the same.
	machine_run packages sh -c 'for deb in ddo_*.deb ddo-bind_*.deb; do
		rm -rf x && dpkg-deb -R "$deb" x &&
		sed -i -e "s/^Version: .*/&+next/" -e "s/(= \([^)]*\))/(= \1+next)/" \
			x/DEBIAN/control &&
		mkdir -p next && dpkg-deb -Znone -b x "next/$deb" >/dev/null
	done'
	machine_run packages ./push 100000 >"$TMP/sums" 2>"$TMP/told" 3>&- &
	wait_for 20 grep pushed "$TMP/sums"
	machine_run packages sh -c 'apt-get -q install -y ./next/*.deb' 3>&-
	not grep ok "$TMP/sums" # it still pushes
	machine_run packages touch stop
	wait $!
	cat "$TMP/told" "$TMP/sums"
	[[ $(tail -n 1 "$TMP/sums") =~ ^ok\ ([0-9]+)\ refused\ 0\ closed\ 0\ no\ 0$ ]]
	sum=${BASH_REMATCH[1]}
	machine_run packages dpkg-query -W ddo | grep +next
	after=$(machine_run packages sha256sum /etc/ddo/app.yml /etc/ddo/password)
	[ "$before" = "$after" ]
	# Nothing goes on as a program that is no more.
	not machine_run packages sh -c 'ls -l /proc/[0-9]*/exe 2>/dev/null | grep "ddo.*(deleted)"'
	wait_for 60 stored "$sum"
}

stored()
{
	[ "$(machine_run packages sqlite3 -readonly /var/lib/ddo/zones.db \
		"SELECT count(*) FROM zones WHERE name GLOB 'z*'")" = "$1" ]
}

@test "remove stops ddo and leaves configuration, zones and their server" {
	machine_run packages apt-get -q remove -y ddo ddo-bind >"$TMP/said" 2>&1
	cat "$TMP/said"
	not grep -iE 'can still be|warning|failed' "$TMP/said"
	not machine_run packages sh -c 'pgrep -x ddo-httpd || pgrep -x ddo-queue'
	machine_run packages test -s /etc/ddo/password
	machine_run packages test -s /var/lib/ddo/zones.db
	answers
	not machine_run packages test -e /usr/sbin/ddo-httpd
}

@test "purge leaves nothing of ours, and the server goes on serving" {
	machine_run packages apt-get -q purge -y ddo ddo-bind
	ours >"$TMP/left" || true
	cat "$TMP/left"
	not grep -v '^/var/lib/bind/ddo' "$TMP/left"
	answers
	machine_run packages systemctl is-active named
}
