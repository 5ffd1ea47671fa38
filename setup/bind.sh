# about: BIND 9 on this machine: a target that adds zones while named runs
# shellcheck shell=sh disable=SC2154 # target and the like are ddo-setup's
#
# Debian's named.conf has no conf.d, and allow-new-zones must stand in options{}.  So one marked
# line goes behind the line that opens that block.  Mode include would need a line too, and costs
# named a reconfig for each new zone.

bind_conf=/etc/bind/named.conf

# The file that opens the block, among named.conf and what it includes; $bind_options.
bind_find_options()
{
	bind_options=''
	bind_files=$(sed -n 's/^[ \t]*include[ \t]*"\([^"]*\)".*/\1/p' "$bind_conf")
	for file in "$bind_conf" $bind_files; do
		if grep -Eqs '^[ \t]*options[ \t]*\{[ \t]*((//|#).*)?$' "$file"; then
			bind_options=$file
			return
		fi
	done
	stop "there is no line \"options {\" in $bind_conf and what it includes:" \
		"add \"allow-new-zones yes;\" to named's options by hand"
}

bind_plan()
{
	need_command named-checkconf bind9
	[ -f "$bind_conf" ] || stop "there is no $bind_conf: run apt install bind9"
	need_running named
	bind_now=$(named-checkconf -p "$bind_conf" 2>&1) ||
		stop "named-checkconf refuses $bind_conf; correct it first: $bind_now"
	! say "$bind_now" | grep -q '^view ' ||
		stop "named has views: choose one, and follow SET-UP of ddo-push-bind(8)"
	[ -f /etc/bind/rndc.key ] ||
		stop "there is no /etc/bind/rndc.key: run rndc-confgen -a, then restart named"
	case $bind_now in
	*'allow-new-zones yes;'*) ;;
	*'allow-new-zones '*) stop "named's options say \"allow-new-zones no\": change it to yes" ;;
	*)
		bind_find_options
		awk '{ print } !n && /^[ \t]*options[ \t]*\{/ {
			n = 1; print "\tallow-new-zones yes; // ddo-setup" }' "$bind_options" |
			want_edit "$bind_options"
		want_check named-checkconf "$bind_conf"
		;;
	esac
	want_group ddo bind
	want_dir /var/lib/bind/ddo 2750 ddo bind
	want_command rndc reconfig # before ddo-queue starts and sends the zones that it has
	want_target bind "      type: bind
      zones_dir: /var/lib/bind/ddo"
}

bind_prove()
{
	prove_target bind 30 answers 127.0.0.1 53
}

bind_undo()
{
	hint_zones named /var/lib/bind/ddo
	want_check named-checkconf "$bind_conf"
	want_service try-restart ddo-queue
	want_command rndc reconfig
}
