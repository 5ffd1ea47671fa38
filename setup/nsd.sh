# about: NSD on this machine: a target that adds zones while NSD runs
# shellcheck shell=sh disable=SC2154 # target and the like are ddo-setup's
#
# NSD keeps the zones that ddo adds in zone.list.  It rewrites that file as its own user, and opens
# it as root at its next start.  Debian's unit takes root's right to that (CAP_DAC_OVERRIDE) away,
# so NSD would never start again.  The drop-in gives it back.  NSD drops it with the rest when it
# becomes its own user, a moment later.  Another owner of the file does not last: the next rewrite
# undoes it.

nsd_conf=/etc/nsd/nsd.conf
nsd_conf_d=/etc/nsd/nsd.conf.d
nsd_drop_in=/etc/systemd/system/nsd.service.d

nsd_plan()
{
	need_command nsd-checkconf nsd
	[ -f "$nsd_conf" ] || stop "there is no $nsd_conf: run apt install nsd"
	nsd_wrong=$(nsd-checkconf "$nsd_conf" 2>&1) ||
		stop "nsd-checkconf refuses $nsd_conf; correct it first: $nsd_wrong"
	grep -Eq "^[[:space:]]*include:[[:space:]]*\"?$nsd_conf_d/\*" "$nsd_conf" ||
		stop "$nsd_conf lacks this line, add it: include: \"$nsd_conf_d/*.conf\""
	want_dir "$nsd_conf_d" 0755 root root
	want_file "$nsd_conf_d/ddo.conf" 0644 root root <<'END'
# ddo-setup nsd wrote this.
remote-control:
    control-enable: yes
    control-interface: /run/nsd/nsd.ctl
pattern:
    name: "ddo"
    zonefile: "/var/lib/nsd/ddo/%s.db"
END
	want_check nsd-checkconf "$nsd_conf"
	want_group ddo nsd
	want_dir /var/lib/nsd/ddo 2750 ddo nsd
	if has_systemd; then
		want_dir "$nsd_drop_in" 0755 root root
		want_file "$nsd_drop_in/ddo.conf" 0644 root root <<'END'
# ddo-setup nsd wrote this.  NSD opens zone.list as root, which it wrote as its own user.
[Service]
CapabilityBoundingSet=CAP_DAC_OVERRIDE
END
		want_service daemon-reload
	fi
	want_service restart nsd
	nsd_find_address
	want_target nsd "      type: nsd
      zones_dir: /var/lib/nsd/ddo$(server_key "$address" "$port")"
}

nsd_find_address()
{
	# shellcheck disable=SC2046 # a word for each address
	pick_address "$(nsd-checkconf -o port "$nsd_conf")" \
		$(nsd-checkconf -o ip-address "$nsd_conf")
}

nsd_prove()
{
	nsd_find_address
	prove_target nsd 30 answers "$address" "$port"
}

# Without the drop-in, NSD starts only when there is no list.
nsd_drop_list()
{
	nsd_list=$(nsd-checkconf -o zonelistfile "$nsd_conf")
	if grep -q '^add ' "$nsd_list" 2>/dev/null; then
		warn "$nsd_list has zones that ddo did not add: NSD may not start again with it"
	else
		rm -f -- "$nsd_list"
	fi
}

nsd_forget()
{
	nsd_list=$(nsd-checkconf -o zonelistfile "$nsd_conf")
	[ -f "$nsd_list" ] || return 0
	sed -n 's/^add \(.*\) ddo$/\1/p' "$nsd_list" | nsd-control delzones >/dev/null
}

nsd_undo()
{
	hint_zones NSD /var/lib/nsd/ddo
	first_service stop ddo-queue
	want_first nsd_forget
	want_check nsd-checkconf "$nsd_conf"
	want_service daemon-reload
	want_service stop nsd
	want_command nsd_drop_list
	want_service start nsd
	want_service restart ddo-queue
}
