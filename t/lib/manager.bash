# What a service manager hears by sd_notify(3).  Load lib/common first.
#
#   manager_up NAME   sets NOTIFY_SOCKET; what comes in goes to $TMP/heard.log, a datagram a line
#   heard REGEX       checks that a whole line of it is so
# shellcheck shell=bash

manager_up()
{
	need python3 || return 1
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
