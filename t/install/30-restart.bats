# The door under its units: DirectAdmin does not retry, so a restart loses no push and refuses none.
load ../lib/install

setup_file()
{
	machine_possible || return 0
	machine_new door "$(host_release)"
	machine_boot door
	make_install door
	install_packages door python3 openssl sqlite3
	machine_copy door /root "$ROOT/t/install/push"
	echo secret-of-the-test |
		machine_run door install -m 640 -g ddo /dev/stdin /etc/ddo/password
	machine_run door install -m 640 -g ddo /dev/stdin /etc/ddo/app.yml <<'END'
app:
  auth_username: directadmin
  auth_password_file: /etc/ddo/password
END
	machine_run door systemctl enable --now ddo-queue ddo-httpd
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
	[ -n "$BATS_TEST_COMPLETED" ] || machine_log door -u ddo-httpd -u ddo-queue -n 60
}

# pushed_over_restarts COUNT [tls]: COUNT pushes, and a restart at each 200th.
pushed_over_restarts()
{
	local line restarts=0
	while read -r line; do
		case $line in
		*" pushed")
			machine_run door systemctl restart ddo-httpd
			restarts=$((restarts + 1))
			;;
		ok*) echo "$line" >"$TMP/sums" ;;
		esac
	done < <(machine_run door ./push "$@" 2>"$TMP/told")
	cat "$TMP/told"
	echo "$restarts restarts: $(cat "$TMP/sums")"
	[ "$restarts" = $(($1 / 200)) ]
	[ "$(cat "$TMP/sums")" = "ok $1 refused 0 closed 0 no 0" ]
	# A stop as it should be is nothing to tell.
	machine_log door -u ddo-httpd >"$TMP/log"
	grep -c Stopped "$TMP/log"
	not grep -e 'has ended' -e 'start-limit' -e 'Failed' "$TMP/log"
}

# stored WHERE COUNT: nothing waits in the spool, and the store has COUNT zones that are WHERE.
stored()
{
	[ "$(machine_run door ls /var/spool/ddo/new | wc -l)" = 0 ] &&
		[ "$(machine_run door sqlite3 -readonly /var/lib/ddo/zones.db \
			"SELECT count(*) FROM zones WHERE $1")" = "$2" ]
}

@test "4,000 pushes while the door restarts 20 times: none lost, none refused" {
	pushed_over_restarts 4000
	wait_for 60 stored "name GLOB 'z*'" 4000
}

@test "4,000 pushes over TLS while the door restarts 20 times: none lost, none refused" {
	machine_run door sh -c 'mkdir -p /etc/ddo/conf.d && cd /etc/ddo && openssl req -x509 -nodes \
		-newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=localhost -days 2 \
		-keyout key.pem -out cert.pem &&
		chgrp ddo key.pem && chmod 640 key.pem' 2>/dev/null
	machine_run door sh -c 'cat >>/etc/ddo/app.yml' <<'END'
  ssl_enable: true
  ssl_cert: /etc/ddo/cert.pem
  ssl_key: /etc/ddo/key.pem
END
	machine_run door systemctl restart ddo-httpd
	pushed_over_restarts 4000 tls
	wait_for 60 stored "name GLOB 't*'" 4000
}
