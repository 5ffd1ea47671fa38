# What a service manager sees of ddo-httpd: readiness, stop, restart, reload.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154
load lib/common
load lib/door
load lib/httpd

DNS=/CMD_API_DNS_ADMIN
SAVE="$DNS?action=rawsave&domain=b.example"

setup()
{
	zone_text b.example 7 >"$TMP/zone"
}

teardown()
{
	stop_all
}

# manager_up NAME: what a service manager hears on a socket with that name goes to $TMP/heard.log,
# one datagram a line.
manager_up()
{
	need python3
	export NOTIFY_SOCKET=$1
	start_bg heard python3 -u -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1].replace("@", "\0", 1))
print("listening")
while True:
    print(s.recv(4096).decode().replace("\n", " "))' "$1"
	wait_for 10 grep listening "$TMP/heard.log"
}

heard()
{
	grep -xE "$1" "$TMP/heard.log"
}

@test "a state goes to NOTIFY_SOCKET, a path or an abstract one, and nowhere without it" {
	local name
	for name in "$TMP/notify" "@ddo-test-$BASHPID"; do
		manager_up "$name"
		"$BUILD/unit/notify_send" READY=1 reloading 'STATUS=two words'
		wait_for 10 heard 'STATUS=two words'
		heard READY=1
		heard 'RELOADING=1 MONOTONIC_USEC=[0-9]+'
		[ "$(wc -l <"$TMP/heard.log")" = 4 ]
		rm "$TMP/heard.log"
	done
	stop_all
	for name in "$TMP/nobody" relative "$(printf '/%0200d' 0)" ''; do
		NOTIFY_SOCKET=$name "$BUILD/unit/notify_send" READY=1
	done
	env -u NOTIFY_SOCKET "$BUILD/unit/notify_send" READY=1
}
