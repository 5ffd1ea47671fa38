# ddo-setup bind, httpd and tls under Debian's own named and a real systemd.
load ../lib/install
load ../lib/named

setup_file()
{
	machine_possible || return 0
	machine_new bind
	machine_boot bind
}

teardown_file()
{
	machine_end
}

setup()
{
	machine_wanted
}

# in_bind SHELL: it runs there; its output is in $output.
in_bind()
{
	run machine_run bind sh -c "$1" </dev/null
	echo "$output"
}

# sums: each file with its mode and content; but for the copies that gpasswd keeps.
sums()
{
	machine_run bind sh -c 'find /etc /var/lib/bind -xdev ! -name "*-" -printf "%p %m %u %g\n" \
		-type f -exec sha256sum {} + | sort'
}

@test "without BIND, and with a stopped named: what to do is said, and nothing changes" {
	make_install bind
	sums >"$TMP/before"
	in_bind 'ddo-setup -y bind'
	[ "$status" = 1 ]
	[[ $output == *"apt install bind9"* ]]
	machine_run bind ddo-setup -y --undo httpd
	sums | diff "$TMP/before" -
	install_packages bind bind9 bind9-dnsutils curl openssl
	machine_run bind systemctl stop named
	in_bind 'ddo-setup -y httpd && ddo-setup -y bind'
	[ "$status" = 1 ]
	[[ $output == *"named does not run: run systemctl start named"* ]]
	machine_run bind systemctl start named
}

@test "-n changes nothing; it does it and proves it; twice; a zone is served; undo: as before" {
	sums >"$TMP/before"
	machine_run bind ddo-setup -n bind
	sums | diff "$TMP/before" -
	in_bind 'ddo-setup -y bind'
	[ "$status" = 0 ]
	[[ $output == *"deleted, and gone"*"bind works" ]]
	sums >"$TMP/after"
	in_bind 'ddo-setup -y bind'
	[[ $output == *"nothing to do"*"bind works" ]]
	diff <(grep -v '/dir\|\.ddo\|\.nz' "$TMP/after") <(sums | grep -v '/dir\|\.ddo\|\.nz')
	machine_run bind ddo-setup --undo -y bind
	diff "$TMP/before" <(sums)
}

@test "undo with zones: their number is said, named stops, files stay; set up again, all are back" {
	machine_run bind ddo-setup -y bind
	local zone
	for zone in one two three; do
		zone_text $zone.example 7 | machine_run bind ddo-enqueue put $zone.example
	done
	for zone in one two three; do
		wait_for 20 named_has $zone.example
	done
	in_bind 'ddo-setup -t ns2 -y bind'
	[[ $status = 1 && $output == *"it is set up as target ns1: run ddo-setup --undo bind"* ]]
	in_bind 'ddo-setup --undo -y bind'
	[[ $output == *"named stops answering the 3 zones of ddo; their files stay"* ]]
	for zone in one two three; do
		not named_has $zone.example
		machine_run bind test -s /var/lib/bind/ddo/$zone.example.db
	done
	zone_text two.example 8 | machine_run bind ddo-enqueue put two.example
	machine_run bind ddo-enqueue del three.example
	in_bind 'ddo-setup -y bind'
	[[ $status = 0 && $output == *"bind works" ]]
	wait_for 30 named_has one.example
	wait_for 30 named_has two.example 8
	wait_for 30 not named_has three.example
	machine_run bind ddo-enqueue del one.example
	machine_run bind ddo-enqueue del two.example
	wait_for 30 not named_has two.example
	machine_run bind ddo-setup --undo -y bind
	machine_run bind rm -rf /var/lib/bind/ddo
}

named_has() # ZONE [SERIAL]
{
	machine_run bind dig @127.0.0.1 +short +time=1 +tries=1 "$1" SOA | grep -q " ${2:-7} "
}

@test "options of the administrator: allow-new-zones there already, no, block in one line" {
	local options=/etc/bind/named.conf.options
	machine_run bind cp -a $options /root/options
	machine_run bind sed -i 's/^options {/&\n allow-new-zones no;/' $options
	in_bind 'ddo-setup -y bind'
	[[ $status = 1 && $output == *'allow-new-zones no": change it to yes'* ]]
	machine_run bind sed -i 's/allow-new-zones no/allow-new-zones yes/' $options
	machine_run bind rndc reconfig
	in_bind "sha256sum $options; ddo-setup -y bind; sha256sum $options"
	[ "${lines[0]}" = "${lines[-1]}" ]
	[[ $output == *"bind works"* ]]
	machine_run bind ddo-setup --undo -y bind
	machine_run bind sh -c "echo 'options { directory \"/var/cache/bind\"; };' >$options"
	in_bind 'ddo-setup -y bind'
	[[ $status = 1 && $output == *'there is no line "options {"'* ]]
	machine_run bind cp -a /root/options $options
	machine_run bind sh -c 'echo "nonsense;" >>/etc/bind/named.conf.local'
	in_bind 'ddo-setup -y bind'
	[[ $status = 1 && $output == *"named-checkconf refuses /etc/bind/named.conf"* ]]
	machine_run bind sed -i /nonsense/d /etc/bind/named.conf.local
}

@test "a check that fails leaves everything as it was" {
	# named-checkconf takes what is there, and refuses what ddo-setup adds.
	machine_run bind sh -c 'printf "#!/bin/sh\n! grep -qs allow-new /etc/bind/named.conf.options ||
		exit 1\nexec /usr/bin/named-checkconf \"\$@\"\n" >/usr/local/sbin/named-checkconf
		chmod 755 /usr/local/sbin/named-checkconf'
	sums >"$TMP/before"
	in_bind 'ddo-setup -y bind'
	[[ $status = 1 && $output == *"this check failed; ddo-setup takes back what it did"* ]]
	diff "$TMP/before" <(sums)
	machine_run bind rm /usr/local/sbin/named-checkconf
}

@test "undo after the administrator changed things: theirs stays" {
	machine_run bind ddo-setup -y bind
	machine_run bind sh -c 'echo "      timeout: 100" >>/etc/ddo/conf.d/ns1.yml
		echo "// mine" >>/etc/bind/named.conf.options'
	in_bind 'ddo-setup --undo -y bind'
	[[ $output == *"left    /etc/ddo/conf.d/ns1.yml: it was changed"* ]]
	in_bind 'tail -n 1 /etc/bind/named.conf.options; grep allow-new /etc/bind/named.conf.options'
	[ "$output" = '// mine' ]
	machine_run bind rm /etc/ddo/conf.d/ns1.yml
	machine_run bind systemctl restart ddo-queue
}

@test "tls: a certificate of its own, a TLS push, undo; reload sees conf.d" {
	machine_run bind ddo-setup -y bind
	in_bind 'ddo-setup -y tls'
	[[ $status = 1 && $output == *"say which certificate"* ]]
	in_bind 'ddo-setup -y tls self_signed=ns1.example.com'
	[[ $status = 0 && $output == *"https://127.0.0.1:2222/health: answers"* ]]
	[[ $output == *"through the door"*"tls works" ]]
	[[ $output != *"BEGIN PRIVATE"* ]]
	machine_run bind ddo-setup -y --undo tls
	in_bind 'ddo-setup -y httpd'
	[[ $output == *"http://127.0.0.1:2222/health: answers"* ]]
	machine_run bind sh -c 'echo "app: {login_failures: x}" >/etc/ddo/conf.d/wrong.yml'
	not machine_run bind systemctl reload ddo-httpd
	machine_run bind sh -c 'echo "app: { credentials: [{username: second, password: p455}] }" \
		>/etc/ddo/conf.d/wrong.yml'
	machine_run bind systemctl reload ddo-httpd ddo-queue
	wait_for 10 second_login
}

second_login()
{
	machine_run bind curl -sf -u second:p455 -o /dev/null http://127.0.0.1:2222/status
}
