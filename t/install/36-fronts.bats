# nginx with fcgiwrap, fail2ban and a process for each connection, under Debian's units and ours.
# shellcheck disable=SC2016 # the shell in the machine expands it
load ../lib/install

setup_file()
{
	machine_possible || return 0
	machine_new front "$(host_release)"
	machine_boot front
	make_install front
	install_packages front curl openssl nginx-light fcgiwrap fail2ban python3-systemd
	echo secret-of-the-test |
		machine_run front install -m 640 -g ddo /dev/stdin /etc/ddo/password
	machine_run front install -m 640 -g ddo /dev/stdin /etc/ddo/app.yml <<'END'
app:
  auth_username: directadmin
  auth_password_file: /etc/ddo/password
END
	# As the heads of the two files say, and man 8 ddo-httpd.
	machine_run front sh -c 'mkdir -p /etc/ddo/tls && cd /etc/ddo/tls && openssl req -x509 \
		-nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=localhost -days 2 \
		-keyout key.pem -out cert.pem && cd /usr/local/share/ddo &&
		cp nginx/ddo.conf /etc/nginx/conf.d/ && usermod -aG ddo www-data &&
		echo DAEMON_OPTS=-fc8 >/etc/default/fcgiwrap &&
		cp fail2ban/ddo-httpd.filter /etc/fail2ban/filter.d/ddo-httpd.conf &&
		cp fail2ban/ddo-httpd.jail /etc/fail2ban/jail.d/ddo-httpd.conf' 2>/dev/null
	# There is no firewall here, and every client is this machine itself.  Debian's own jail,
	# sshd, wants a log file that a machine without rsyslog has not.
	machine_run front sh -c 'cat >/etc/fail2ban/jail.d/test.local' <<'END'
[DEFAULT]
ignoreself = false
banaction = dummy
[sshd]
backend = systemd
END
	machine_run front systemctl restart nginx fail2ban
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
	[ -n "$BATS_TEST_COMPLETED" ] || {
		machine_log front -t ddo-httpd -n 20
		machine_run front tail -n 20 /var/log/fail2ban.log /var/log/nginx/error.log
	}
}

# push [COUNT [https]]: so many pushes that the door takes.
push()
{
	local url=${2:-http}${DNS#http}
	[ "$(machine_run front sh -c 'printf "\$TTL 60\n@ SOA ns root 1 60 60 60 60\n@ NS ns\n" >zone
		for i in $(seq "$1"); do
			curl -sSk -m 10 -u directadmin:secret-of-the-test --data-binary @zone \
				"$2?action=rawsave&domain=a.example" && echo
		done' sh "${1:-1}" "$url" | grep -cx error=0)" = "${1:-1}" ]
}

logged() # REGEX
{
	machine_log front -o cat -t ddo-httpd | grep "$1"
}

# wrong_logins ADDRESS SCHEME: ten from there, as many as the jail allows, side by side.
wrong_logins()
{
	machine_run front sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do
		curl -sSk -m 60 -o /dev/null --interface "$1" -u directadmin:wrong \
			"$2://127.0.0.1:2222/CMD_API_LOGIN_TEST" &
	done; wait' sh "$1" "$2"
}

banned() # ADDRESS...: these and no others
{
	[ "$(machine_run front fail2ban-client get ddo-httpd banip | xargs)" = "$*" ]
}

@test "nginx and fcgiwrap under Debian's units: a push, our line, and none in nginx's log" {
	local job
	machine_run front truncate -s 0 /var/log/nginx/error.log
	push 1 https
	job=$(machine_run front sh -c 'echo /var/spool/ddo/new/*')
	machine_run front sudo -u ddo cat "$job" | grep -x '@ NS ns'
	wait_for 5 logged '^push op=put zone=a.example result=accepted .* client=127.0.0.1 '
	[ -z "$(machine_run front cat /var/log/nginx/error.log)" ]
	machine_run front systemctl enable --quiet --now ddo-queue
	wait_for 10 not machine_run front test -e "$job"
	machine_run front ddo-status --zone a.example | grep -w a.example
}

@test "fail2ban under its unit: wrong logins through nginx and at the door itself ban" {
	wait_for 10 machine_run front fail2ban-client status ddo-httpd
	banned ""
	wrong_logins 127.0.0.2 https
	wait_for 20 banned 127.0.0.2
	[ -z "$(machine_run front cat /var/log/nginx/error.log)" ]
	machine_run front systemctl disable --quiet --now nginx
	machine_run front systemctl enable --quiet --now ddo-httpd
	push 20
	wrong_logins 127.0.0.3 http
	wait_for 20 banned 127.0.0.2 127.0.0.3
}

# spent: the CPU time of systemd and of all that it has waited for, in ticks of 10 ms.
spent()
{
	machine_run front awk '{ print $14 + $15 + $16 + $17 }' /proc/1/stat
}

# doc/install.md has the figure, of a machine with nothing else to do.  One that is busy takes
# longer for everything, so this counts in starts of the program.  With the sandbox of
# ddo-httpd.service a push would cost 70 of them.
@test "a process for each connection costs a few starts of the program" {
	local before each alone
	machine_run front systemctl disable --quiet --now nginx
	machine_run front systemctl enable --quiet --now ddo-httpd-each.socket
	push
	before=$(spent)
	push 200
	each=$(($(spent) - before))
	alone=$(machine_run front sh -c 'for i in $(seq 200); do ddo-httpd -T >/dev/null; done
		awk "{ print \$16 + \$17 }" /proc/$$/stat')
	echo "200 pushes: $each ticks; 200 starts: $alone ticks"
	[ "$each" -gt 20 ] # it was measured
	[ "$each" -lt $((20 * alone)) ]
}
