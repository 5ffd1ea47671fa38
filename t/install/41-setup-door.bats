# ddo-setup httpd, tls and directadmin under a real systemd, with the tests' DirectAdmins.
load ../lib/install

CA=/usr/local/share/da.pem

setup_file()
{
	machine_possible || return 0
	machine_new door "$(host_release)"
	machine_boot door
	make_install door
	install_packages door python3 openssl curl
	machine_copy door /root "$ROOT/t/fake-da/fake-da"
	machine_run door sh -c 'echo 127.0.0.1 da1.example.com da2.example.com >>/etc/hosts'
	machine_run door openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
		-days 30 -subj /CN=da -keyout /root/da.key -out "$CA" \
		-addext "subjectAltName=DNS:da1.example.com,DNS:da2.example.com" 2>/dev/null
	machine_run door ddo-setup -y httpd
	fake_da 1 2223
	fake_da 2 2224
}

teardown_file()
{
	machine_end
}

setup()
{
	machine_wanted
	machine_run door sh -c 'echo secret1 >/root/1.key; echo secret2 >/root/2.key'
}

fake_da() # N PORT
{
	machine_run door mkdir -p "/root/da$1/zones"
	machine_run door systemd-run -q --unit "fake-da$1" /root/fake-da --dir "/root/da$1" \
		--port "$2" --cert "$CA" --key /root/da.key --password "secret$1"
	wait_for 20 machine_run door sh -c "curl -sk https://127.0.0.1:$2/ >/dev/null"
}

# in_door SHELL: it runs there; its output is in $output.
in_door()
{
	run machine_run door sh -c "$1" </dev/null
	echo "$output"
}

# sums: each file with its mode and content, but for what runs and the copies that gpasswd keeps.
sums()
{
	machine_run door sh -c 'find /etc /var/lib -xdev \( -path /var/lib/ddo -o -path \
		/var/lib/systemd \) -prune -o ! -name "*-" -printf "%p %m %u %g\n" \
		-type f -exec sha256sum {} + | sort'
}

# pair NAME DIR CERT KEY: a key and its certificate.
pair()
{
	machine_run door mkdir -p "$2"
	machine_run door openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
		-days 30 -subj "/CN=$1" -keyout "$2/$4" -out "$2/$3" 2>/dev/null
}

# presented: the name in the certificate that the door shows.
presented()
{
	machine_run door sh -c 'openssl s_client -connect 127.0.0.1:2222 </dev/null 2>/dev/null |
		openssl x509 -noout -subject'
}

presents()
{
	[[ $(presented) == *"$1" ]]
}

@test "-n changes nothing" {
	sums >"$TMP/before"
	in_door "ddo-setup -n httpd"
	[ "$status" = 0 ]
	in_door "ddo-setup -n tls self_signed=ns1.example.com"
	[ "$status" = 0 ]
	in_door "ddo-setup -n directadmin host=da1.example.com user=admin key_file=/root/1.key"
	[[ $status = 0 && $output != *secret1* ]]
	sums | diff "$TMP/before" -
}

@test "tls: a key that the door cannot read, and one of another certificate, change nothing" {
	pair one /etc/ssl/door cert.pem key.pem
	pair two /etc/ssl/door other.pem other.key
	machine_run door sh -c 'cd /etc/ssl/door; chgrp ddo *; chmod 640 *; chmod 600 key.pem'
	sums >"$TMP/before"
	in_door 'ddo-setup -y tls cert=/etc/ssl/door/cert.pem key=/etc/ssl/door/key.pem'
	[[ $status = 1 && $output == *"ddo-httpd cannot read /etc/ssl/door/key.pem: give it the group"* ]]
	sums | diff "$TMP/before" -
	in_door 'ddo-setup -y tls cert=/etc/ssl/door/cert.pem key=/etc/ssl/door/other.key'
	[[ $status = 1 && $output == *"ddo-setup takes back what it did"* ]]
	sums | diff "$TMP/before" -
	in_door 'ddo-setup -y tls cert=door/cert.pem key=/etc/ssl/door/key.pem'
	[[ $status = 1 && $output == *"need absolute paths"* ]]
	machine_run door curl -sf -o /dev/null http://127.0.0.1:2222/health
	machine_run door chmod 640 /etc/ssl/door/key.pem
	in_door 'ddo-setup -y tls cert=/etc/ssl/door/cert.pem key=/etc/ssl/door/key.pem'
	[ "$status" = 0 ]
	presents one
	machine_run door ddo-setup -y --undo tls
	machine_run door test -e /etc/ssl/door/key.pem
	machine_run door curl -sf -o /dev/null http://127.0.0.1:2222/health
}

@test "tls: certbot's certificate; its hook gives the door the renewed one, without a restart" {
	local live=/etc/letsencrypt/live hook=/etc/letsencrypt/renewal-hooks/deploy/ddo pid
	in_door 'ddo-setup -y tls certbot=ns1.example.com'
	[[ $status = 1 && $output == *"run certbot certonly -d ns1.example.com"* ]]
	machine_run door mkdir -p /etc/letsencrypt/renewal-hooks/deploy
	machine_run door install -d -m 700 $live
	sums >"$TMP/before"
	pair first $live/ns1.example.com fullchain.pem privkey.pem
	in_door 'ddo-setup -y tls certbot=ns1.example.com'
	[[ $status = 0 && $output == *"tls works" && $output != *"BEGIN PRIVATE"* ]]
	presents first
	[ "$(machine_run door stat -c '%a %U %G' /etc/ddo/tls/key.pem)" = "640 root ddo" ]
	pid=$(machine_run door systemctl show -P MainPID ddo-httpd)
	pair second $live/ns1.example.com fullchain.pem privkey.pem
	machine_run door env RENEWED_LINEAGE=$live/other.example.com $hook
	not machine_run door cmp -s $live/ns1.example.com/fullchain.pem /etc/ddo/tls/cert.pem
	machine_run door env RENEWED_LINEAGE=$live/ns1.example.com $hook
	wait_for 90 presents second
	[ "$(machine_run door systemctl show -P MainPID ddo-httpd)" = "$pid" ]
	in_door 'ddo-setup -y tls certbot=ns1.example.com'
	[[ $status = 0 && $output == *"nothing to do"*"tls works" ]]
	presents second
	machine_run door ddo-setup -y --undo tls
	machine_run door rm -r $live/ns1.example.com
	sums | diff "$TMP/before" -
}

@test "directadmin: a wrong key: all is taken back" {
	machine_run door sh -c 'echo wrong >/root/1.key'
	sums >"$TMP/before"
	in_door "ddo-setup -y directadmin host=da1.example.com user=admin key_file=/root/1.key \
		port=2223 ca_file=$CA"
	[[ $status = 1 && $output == *"takes back what it did"* ]]
	sums | diff "$TMP/before" -
	not machine_run door systemctl is-enabled ddo-reconcile.timer
}

@test "directadmin: logs in, registers; a second host is added; undo removes both" {
	sums >"$TMP/before"
	in_door "ddo-setup -y directadmin host=da1.example.com user=admin key_file=/root/1.key \
		port=2223 ca_file=$CA address=192.0.2.53"
	[[ $status = 0 && $output == *"directadmin works" && $output != *secret1* ]]
	machine_run door grep -q 192.0.2.53 /root/da1/multi
	[ "$(machine_run door stat -c '%a %U %G' /etc/ddo/da1.example.com.key)" = "640 root ddo" ]
	machine_run door systemctl is-enabled ddo-reconcile.timer
	machine_run door systemctl is-active ddo-reconcile.timer
	sums >"$TMP/one"
	machine_run door sh -c 'echo wrong >/root/2.key'
	in_door "ddo-setup -y directadmin host=da2.example.com user=admin key_file=/root/2.key \
		port=2224 ca_file=$CA"
	[ "$status" = 1 ]
	sums | diff "$TMP/one" -
	machine_run door sh -c 'echo secret2 >/root/2.key'
	in_door "ddo-setup -y directadmin host=da2.example.com user=admin key_file=/root/2.key \
		port=2224 ca_file=$CA"
	[ "$status" = 0 ]
	in_door "runuser -u ddo -- ddo-da check"
	[[ $output == *da1.example.com*da2.example.com* ]]
	in_door 'ddo-setup -y directadmin'
	[[ $status = 0 && $output == *"nothing to do"* ]]
	in_door "ddo-setup -y directadmin host=da2.example.com user=admin key_file=/root/2.key \
		port=2224 ca_file=$CA"
	[[ $status = 0 && $output == *"nothing to do"* ]]
	machine_run door ddo-setup -y --undo directadmin
	sums | diff "$TMP/before" -
	not machine_run door systemctl is-active ddo-reconcile.timer
}

# typed WORD...: types the words there, each after the question that asks for it.
typed()
{
	local question
	mkfifo "$TMP/keys"
	machine_run door script -qfec "ddo-setup directadmin port=2223 ca_file=$CA" /dev/null \
		<"$TMP/keys" >"$TMP/screen" 2>&1 3>&- &
	exec 5>"$TMP/keys"
	for question in "host name of DirectAdmin: " "administrator there: " \
		"CMD_API_DNS_ADMIN): " "Do it? [y/N] "; do
		wait_for 20 grep -qF "$question" "$TMP/screen"
		echo "$1" >&5
		shift
	done
	exec 5>&-
	wait $!
}

@test "directadmin: on a terminal it asks, and does not show the key" {
	typed da1.example.com admin secret1 y
	cat "$TMP/screen"
	grep -q "directadmin works" "$TMP/screen"
	not grep -q secret1 "$TMP/screen"
	[ "$(machine_run door cat /etc/ddo/da1.example.com.key)" = secret1 ]
	machine_run door ddo-setup -y --undo directadmin
}

@test "a file in conf.d that ddo may not read is named; so is a missing user" {
	machine_run door install -D -m 600 /dev/null /etc/ddo/conf.d/x.yml
	sums >"$TMP/before"
	in_door 'ddo-setup -y tls self_signed=ns1.example.com'
	[[ $status = 1 && $output == *"correct it first: "*"/etc/ddo/conf.d/x.yml: Permission"* ]]
	sums | diff "$TMP/before" -
	machine_run door rm /etc/ddo/conf.d/x.yml
	machine_run door sed -i 's/^ddo:/odd:/' /etc/passwd
	in_door 'ddo-setup -y tls self_signed=ns1.example.com'
	machine_run door sed -i 's/^odd:/ddo:/' /etc/passwd
	[[ $status = 1 && $output == *"there is no user ddo: run systemd-sysusers"* ]]
}
