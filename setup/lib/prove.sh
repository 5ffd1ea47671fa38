# prove: how a part of ddo-setup shows that what it set up works.
# shellcheck shell=sh disable=SC2154,SC2034 # the variables are ddo-setup's

# pusher KIND WORD...: the push program of $target, as the user ddo when root runs this.
pusher()
{
	kind=$1
	shift
	as_user ddo "$libexec/ddo-push-$kind" -c "$config" -t "$target" "$@"
}

# as_user USER WORD...: when root runs this; else as who does.
as_user()
{
	user=$1
	shift
	if [ "$(id -u)" = 0 ]; then
		runuser -u "$user" -- "$@"
	else
		"$@"
	fi
}

# wait_until SECONDS WORD...: until the command is true.
wait_until()
{
	until_then=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt "$until_then" ] || return 1
		sleep 0.2
	done
}

# pick_address PORT [ADDRESS[@PORT]]...: where to ask a server that listens there; $address, $port.
pick_address()
{
	address=127.0.0.1 port=$1
	shift
	for at in "$@"; do
		case $at in
		127.0.0.1 | 0.0.0.0) return ;;
		127.0.0.1@53 | 0.0.0.0@53)
			port=53
			return
			;;
		esac
	done
	[ $# -gt 0 ] || return 0
	address=${1%@*}
	case $1 in
	*@*) port=${1#*@} ;;
	esac
	case $address in
	0.0.0.0) address=127.0.0.1 ;;
	::) address=::1 ;;
	esac
}

answers() # ADDRESS PORT ZONE: does the server have the zone's SOA?
{
	dig +short +norecurse +time=1 +tries=1 "@$1" -p "$2" "$3" SOA 2>/dev/null |
		grep -q "hostmaster.$3"
}

not()
{
	! "$@"
}

probe() # KIND
{
	pusher "$1" probe >"$work/why" 2>&1
}

push_zone() # ZONE
{
	test_zone | ddo-enqueue -c "$config" put "$1"
}

test_zone()
{
	printf '%s\n' "@ 60 SOA ns hostmaster $(date +%s) 7200 900 1209600 60" '@ 60 NS ns' \
		'ns 60 A 192.0.2.53'
}

# prove_target KIND SECONDS WORD...: probes, pushes a zone, waits until WORD... ZONE is true, and
# takes the zone away.
prove_target()
{
	kind=$1 patience=$2
	shift 2
	zone=ddo-setup-test.invalid
	say "probe: ddo-push-$kind -t $target probe"
	wait_until 10 probe "$kind" || {
		cat "$work/why" >&2
		return 1
	}
	cat "$work/why"
	command -v dig >/dev/null || [ "$1" != answers ] || {
		say "There is no dig (bind9-dnsutils): no test zone was pushed."
		return 0
	}
	# ddo-queue makes the spool at its first start.
	wait_until 10 push_zone "$zone" 2>"$work/why" || {
		cat "$work/why" >&2
		return 1
	}
	missing=''
	wait_until "$patience" "$@" "$zone" || missing=1
	ddo-enqueue -c "$config" del "$zone" || return 1
	[ -z "$missing" ] || {
		error "the server does not get the test zone $zone:"
		ddo-status -c "$config" -z "$zone" >&2
		return 1
	}
	say "test zone $zone: pushed, and there ($(show "$@"))"
	wait_until "$patience" not "$@" "$zone" || {
		error "the server still has the deleted test zone $zone"
		return 1
	}
	say "test zone $zone: deleted, and gone"
}

# door_url SCHEME: where ddo-httpd listens on this machine.
door_url()
{
	port=$(systemctl show -P Listen ddo-httpd.socket 2>/dev/null |
		sed -n 's/.*:\([0-9]*\) (Stream).*/\1/p' | head -n 1)
	say "$1://127.0.0.1:${port:-2222}"
}

# door_asked URL [WORD...]: curl's own words behind; the password is not among them.
door_asked()
{
	url=$1
	shift
	printf 'user = "directadmin:%s"\n' "$secret" |
		curl -sk --max-time 10 -K - "$@" "$url" 2>&1
}

# prove_door SCHEME: /health answers, and a zone can be pushed and deleted with the login.
prove_door()
{
	command -v curl >/dev/null || {
		say "There is no curl: nobody asked the door."
		return 0
	}
	door=$(door_url "$1")
	wait_until 10 curl -skf --max-time 3 -o /dev/null "$door/health" || {
		error "$door/health does not answer: look at systemctl status ddo-httpd"
		return 1
	}
	say "$door/health: answers"
	[ -r "${config%/*}/password" ] && grep -qs '^ *auth_username: directadmin$' "$config" ||
		return 0
	IFS= read -r secret <"${config%/*}/password"
	zone=ddo-setup-test.invalid
	door=$door/CMD_API_DNS_ADMIN
	test_zone >"$work/zone"
	for query in "rawsave&domain=$zone" "delete&domain=$zone"; do
		answer=$(door_asked "$door?action=$query" --data-binary "@$work/zone")
		case $answer in
		*error=0*) ;;
		*)
			error "$door?action=$query: $answer"
			return 1
			;;
		esac
	done
	say "test zone $zone: pushed and deleted through the door"
}

