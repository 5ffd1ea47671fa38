# about: a DirectAdmin to reconcile with: host=NAME user=NAME key_file=FILE [address=THIS-NODE]
# shellcheck shell=sh disable=SC2154 # target and the like are ddo-setup's
#
# key_file has a login key in its first line.  On a terminal, ddo-setup asks for what is missing.
# A list stands in one file, so each further host is added to the file of the first.

da_conf=$conf_d/directadmin.yml

da_ask() # NAME QUESTION [hidden]
{
	da_value=''
	[ $# = 3 ] || eval "da_value=\${setting_$1:-}"
	[ -z "$da_value" ] || return 0
	if [ ! -t 0 ] || [ -n "$yes" ]; then
		stop "say $1=..., the $2"
	fi
	printf '%s: ' "$2"
	[ $# -lt 3 ] || stty -echo
	read -r da_value || da_value=''
	[ $# -lt 3 ] || {
		stty echo
		echo
	}
	[ -n "$da_value" ] || stop "say $1=..., the $2"
}

da_key_is() # HOST; $da_key
{
	da_key=''
	if [ -n "${setting_key_file:-}" ]; then
		IFS= read -r da_key <"$setting_key_file" || [ -n "$da_key" ] ||
			stop "cannot read a login key from $setting_key_file"
	elif [ -r "${config%/*}/$1.key" ]; then
		IFS= read -r da_key <"${config%/*}/$1.key"
	else
		da_ask key_file "login key (with CMD_DNS_ADMIN and CMD_API_DNS_ADMIN)" hidden
		da_key=$da_value
	fi
	say "$da_key" >>"$work/secrets"
}

# da_others HOST: the entries that ddo-setup wrote for other hosts.
da_others()
{
	[ ! -e "$da_conf" ] || awk -v host="$1" '
		/^    - hostname: / { theirs = $3 != host }
		/^    / && theirs' "$da_conf"
}

da_entry() # HOST USER
{
	say "    - hostname: $1
      username: $2
      password_file: ${config%/*}/$1.key"
	for word in port ssl verify_ssl ca_file dns_server; do
		eval "da_value=\${setting_$word:-}"
		[ -z "$da_value" ] || say "      $word: $da_value"
	done
}

da_files()
{
	real_path "$da_conf"
	if did file "$real" && [ -e "$real" ] && ! is_ours "$real"; then
		stop "$da_conf was changed since ddo-setup wrote it: add the host there by hand"
	fi
	da_ask host "host name of DirectAdmin"
	da_host=$da_value
	case $da_host in
	*[!A-Za-z0-9.-]* | .* | -*) stop "host= needs a host name" ;;
	esac
	da_ask user "administrator there"
	da_user=$da_value
	case $da_user in
	*[!A-Za-z0-9._-]*) stop "user= needs a name of letters and digits" ;;
	esac
	da_key_is "$da_host"
	say "$da_key" | want_file "${config%/*}/$da_host.key" 0640 root ddo
	want_conf directadmin <<END
# ddo-setup directadmin wrote this.
reconciliation:
  enabled: true
  directadmin_servers:
$(da_others "$da_host" && da_entry "$da_host" "$da_user")
END
}

directadmin_plan()
{
	da_host=''
	if [ ! -f "$record" ] || [ -n "${setting_host:-}" ]; then
		da_files
	fi
	want_check runuser -u ddo -- ddo-da -c "$config" check
	if [ -n "${setting_address:-}" ]; then
		want_command ddo-da -c "$config" register --address "$setting_address" ${da_host:+"$da_host"}
	else
		hint "with address=ADDRESS, ddo-setup adds this node to its Multi Server Setup too"
	fi
	want_service enable --now ddo-reconcile.timer
}

directadmin_prove()
{
	as_user ddo ddo-da -c "$config" check
}

directadmin_undo()
{
	first_service disable --now ddo-reconcile.timer
	hint "this node stays in DirectAdmin's Multi Server Setup: remove it there"
}
