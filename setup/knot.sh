# about: Knot DNS on this machine: a target that adds zones while knotd runs
# shellcheck shell=sh disable=SC2154 # target and the like are ddo-setup's
#
# knotd forgets the zones that ddo adds when it starts with knot.conf.  So knot.conf is imported
# into a database, which knotd prefers at this path.  knot.conf stays as it is.

knot_conf=/etc/knot/knot.conf
knot_db=/var/lib/knot/confdb

# Does knotd run with this option?
knot_runs_with() # OPTION
{
	knot_pid=$(cat /run/knot/knot.pid 2>/dev/null) &&
		tr '\0' '\n' <"/proc/$knot_pid/cmdline" 2>/dev/null | grep -q -- "^$1"
}

knot_plan()
{
	need_command knotc knot
	need_running knot
	! knot_runs_with -c ||
		stop "knotd is started with -c: remove that from KNOTD_ARGS in /etc/default/knot"
	command -v kzonecheck >/dev/null ||
		hint "without kzonecheck (apt install knot-dnssecutils) ddo cannot say why knotd" \
			"refuses a zone"
	want_group ddo knot
	want_dir /var/lib/knot/ddo 2750 ddo knot
	knot_listens=$(knot_listens)
	[ -n "$knot_listens" ] ||
		hint "knotd listens nowhere: let it listen on 0.0.0.0 and ::, port 53"
	if [ ! -f "$knot_db/data.mdb" ] && ! knot_runs_with -C; then
		knot_wrong=$(knotc -c "$knot_conf" conf-check 2>&1) ||
			stop "knotc refuses $knot_conf; correct it first: $knot_wrong"
		hint "From now on knotd reads $knot_db, not $knot_conf: change it with knotc"
		want_dir "$knot_db" 0750 knot knot
		want_command knot_import
		want_service restart knot
	elif [ -z "$knot_listens" ]; then
		want_command knot_listen
		want_service restart knot
	fi
	knot_find_address
	want_target knot "      type: knot
      zones_dir: /var/lib/knot/ddo$(server_key "$address" "$port")"
}

knot_listens()
{
	knotc conf-read server.listen 2>/dev/null | sed -n 's/^server\.listen = //p'
}

knot_find_address()
{
	# shellcheck disable=SC2046 # a word for each address
	pick_address 53 $(knot_listens)
}

knot_import()
{
	cp "$knot_conf" "$work/knot.conf" || return 1
	[ -n "$knot_listens" ] ||
		printf '\nserver:\n    listen: [0.0.0.0@53, "::@53"]\n' >>"$work/knot.conf"
	knotc -C "$knot_db" conf-import "$work/knot.conf" && chown knot:knot "$knot_db"/*
}

knot_listen()
{
	knot_change <<-'END'
		conf-set server.listen 0.0.0.0@53
		conf-set server.listen ::@53
	END
}

# Standard input: changes, in one transaction.
knot_change()
{
	knotc conf-begin >/dev/null || return 1
	while read -r knot_verb knot_item knot_value; do
		# shellcheck disable=SC2086 # no value, or one
		knotc "$knot_verb" "$knot_item" $knot_value >/dev/null || {
			knotc conf-abort >/dev/null
			return 1
		}
	done
	knotc conf-commit >/dev/null
}

knot_prove()
{
	knot_find_address
	prove_target knot 30 answers "$address" "$port"
}

knot_forget()
{
	knotc conf-read zone.file 2>/dev/null |
		sed -n 's/^zone\[\(.*\)\]\.file = \/var\/lib\/knot\/ddo\/.*/conf-unset zone[\1]/p' \
			>"$work/forget"
	[ ! -s "$work/forget" ] || knot_change <"$work/forget"
}

knot_undo()
{
	hint_zones knotd /var/lib/knot/ddo
	first_service stop ddo-queue
	want_first knot_forget
	if did dir "$knot_db"; then
		hint "knotd reads $knot_conf again; $knot_db.conf keeps what the database had"
		want_first knotc -C "$knot_db" conf-export "$knot_db.conf"
		first_service stop knot
		want_first rm -f "$knot_db/data.mdb" "$knot_db/lock.mdb"
		want_service start knot
	fi
	want_service restart ddo-queue
}
