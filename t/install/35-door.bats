# The units of the door and the queue under a real systemd: what cannot start, reloads, one socket
# after the other, signals early in a start.
# shellcheck disable=SC2016 # the shell in the machine expands it
load ../lib/install

setup_file()
{
	machine_possible || return 0
	machine_new door "$(host_release)"
	machine_boot door
	make_install door
	install_packages door curl openssl
	echo secret-of-the-test |
		machine_run door install -m 640 -g ddo /dev/stdin /etc/ddo/password
	machine_run door sh -c 'mkdir /etc/ddo/conf.d && cd /etc/ddo && for pair in 1 2; do
		openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 2 \
			-subj /CN=localhost -keyout key$pair.pem -out cert$pair.pem || exit
	done; chgrp ddo key?.pem' 2>/dev/null
	machine_run door systemctl enable --quiet --now ddo-queue || true # no app.yml
}

teardown_file()
{
	machine_end
}

setup()
{
	machine_wanted
}

teardown()
{
	[ -n "$BATS_TEST_COMPLETED" ] || machine_log door -u 'ddo-*' -n 60
}

# app LINE...: app.yml, with a login that works.
app()
{
	printf '%s\n' 'app:' '  auth_username: directadmin' \
		'  auth_password_file: /etc/ddo/password' "${@/#/  }" |
		machine_run door install -m 640 -g ddo /dev/stdin /etc/ddo/app.yml
}

TLS=('ssl_enable: true' 'ssl_cert: /etc/ddo/cert1.pem' 'ssl_key: /etc/ddo/key1.pem')

# push [https]: a push that the door takes.
push()
{
	local url=${1:-http}${DNS#http} zone='$TTL 60
@ SOA ns root 1 60 60 60 60
@ NS ns
ns A 192.0.2.1'
	[ "$(machine_run door curl -sSk -m 10 -u directadmin:secret-of-the-test --data-binary "$zone" \
		"$url?action=rawsave&domain=a.example")" = error=0 ]
}

# no_start UNIT TEXT: `enable --now` says that it failed, and the journal has TEXT.
no_start()
{
	local since
	since=$(machine_run door date '+%F %T.%N')
	not machine_run door systemctl enable --quiet --now "$1"
	[ "$(machine_run door systemctl is-failed "$1")" = failed ]
	wait_for 5 logged "$1" "$since" "$2"
}

logged() # UNIT SINCE TEXT
{
	machine_log door -u "$1" -o cat --since "$2" | grep -F -- "$3"
}

# starts UNIT: after its repair.
starts()
{
	machine_run door systemctl start "$1"
	[ "$(machine_run door systemctl is-active "$1")" = active ]
}

pid_of() # UNIT
{
	machine_run door systemctl show -P MainPID "$1"
}

@test "a queue without app.yml has failed and says so; then it starts, and restarts" {
	no_start ddo-queue '/etc/ddo/app.yml'
	app
	starts ddo-queue
	local before
	before=$(pid_of ddo-queue)
	machine_run door systemctl restart ddo-queue
	starts ddo-queue
	[ "$(pid_of ddo-queue)" != "$before" ]
}

@test "a door that cannot start has failed, and the journal says what to do; then it starts" {
	echo 'app: {}' | machine_run door install -m 640 -g ddo /dev/stdin /etc/ddo/app.yml
	no_start ddo-httpd 'no password is set'
	app
	starts ddo-httpd
	push
	app "${TLS[@]}"
	machine_run door systemctl stop ddo-httpd.socket ddo-httpd
	no_start ddo-httpd '/etc/ddo/key1.pem'
	machine_run door chmod 640 /etc/ddo/key1.pem /etc/ddo/key2.pem
	starts ddo-httpd
	push https
	app "${TLS[@]/key1/key2}"
	machine_run door systemctl stop ddo-httpd.socket ddo-httpd
	no_start ddo-httpd '/etc/ddo/key2.pem'
	app
	starts ddo-httpd
	push
}

@test "reload: good, nonsense that changes nothing, TLS that begins and ends" {
	local keeper
	keeper=$(pid_of ddo-httpd)
	app 'login_failures: 7'
	machine_run door systemctl reload ddo-httpd
	push
	echo nonsense | machine_run door install -m 640 -g ddo /dev/stdin /etc/ddo/app.yml
	not machine_run door systemctl reload ddo-httpd
	[ "$(machine_run door systemctl is-active ddo-httpd)" = active ]
	push
	app "${TLS[@]}"
	machine_run door systemctl reload ddo-httpd
	wait_for 10 push https
	app
	machine_run door systemctl reload ddo-httpd
	wait_for 10 push
	[ "$(pid_of ddo-httpd)" = "$keeper" ]
}

@test "the port changes hands between the two sockets, either way round, and each serves" {
	for _ in 1 2 3; do
		machine_run door systemctl enable --quiet --now ddo-httpd-each.socket
		push
		[ "$(machine_run door systemctl is-active ddo-httpd.socket ddo-httpd \
			ddo-httpd-each.socket | xargs)" = 'inactive inactive active' ]
		machine_run door systemctl enable --quiet --now ddo-httpd
		push
		[ "$(machine_run door systemctl is-active ddo-httpd.socket ddo-httpd \
			ddo-httpd-each.socket | xargs)" = 'active active inactive' ]
	done
	machine_run door systemctl start ddo-httpd-each.socket
	machine_run door systemctl start ddo-httpd.socket
	push
}

@test "both sockets enabled: a boot opens the door" {
	machine_run door systemctl enable --quiet ddo-httpd-each.socket ddo-httpd.socket ddo-httpd
	machine_reboot door
	wait_for 10 push
	machine_run door systemctl disable --quiet ddo-httpd-each.socket
}

@test "a SIGTERM at any moment of a start over TLS ends it at once" {
	local check since start
	app "${TLS[@]}"
	machine_run door systemctl restart ddo-httpd
	machine_run door mkfifo /run/nothing
	since=$(machine_run door date '+%F %T.%N')
	# Without the test before it, the start itself is what the signal meets.
	for check in with without; do
		machine_run door bash -c 'for i in {1..80}; do
			systemctl restart --no-block ddo-httpd
			read -rt "0.0$((RANDOM % 90 + 10))" <>/run/nothing
		done; true'
		echo "$check the test: done"
		machine_run door sh -c 'mkdir -p /run/systemd/system/ddo-httpd.service.d
			printf "[Service]\nExecStartPre=\n" >/run/systemd/system/ddo-httpd.service.d/no.conf
			systemctl daemon-reload'
	done
	start=$SECONDS
	machine_run door timeout 60 systemctl restart ddo-httpd
	[ $((SECONDS - start)) -lt 10 ]
	push https
	not logged ddo-httpd "$since" 'timed out'
	not logged ddo-httpd "$since" 'Failed with result'
}

@test "the group of named is all that the push program needs, in each unit and by hand" {
	install_packages door bind9 bind9-dnsutils
	app
	machine_run door systemctl restart ddo-httpd
	local since
	since=$(machine_run door date '+%F %T.%N')
	machine_run door ddo-setup -y bind
	not logged ddo-queue "$since" down # named takes zones before ddo-queue has some for it
	[ -z "$(machine_run door systemctl show -P SupplementaryGroups -P DropInPaths ddo-queue \
		ddo-reconcile)" ]
	probe
	machine_run door systemctl start ddo-reconcile
	push
	wait_for 20 answered
	machine_run door gpasswd -d ddo bind
	not probe
}

probe()
{
	machine_run door sudo -u ddo /usr/local/libexec/ddo/ddo-push-bind -t ns1 probe
}

answered()
{
	[ "$(machine_run door dig +short @127.0.0.1 ns.a.example A)" = 192.0.2.1 ]
}
