# DirectAdmins, a store, a BIND and a ddo, for tests of ddo-reconcile.  Load lib/common, lib/named
# and lib/da first.
#
#   world [SERVER...]        makes and starts it.  SERVERs (da1.example.com) are fake DirectAdmins.
#   both NAME ZONE SERIAL [RECORD...]   puts the zone into DirectAdmin, which pushes it
#   reconcile STATUS [OPTION...]        must end with STATUS, and leaves the plan in $output
#   line WORD ZONE WHERE [REGEX]        checks that the plan has this line
#   no_line WORD [ZONE]                 checks that it does not
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

RECONCILE_KEYS=${RECONCILE_KEYS:-grace_hours: 0, requests_per_second: 0}

reconcile_conf()
{
	local name
	conf_make "reconciliation:" "  enabled: true"
	tr ',' '\n' <<<"$RECONCILE_KEYS" | sed 's/^ */  /' >>"$TMP/app.yml"
	printf '  directadmin_servers:\n' >>"$TMP/app.yml"
	for name; do
		printf '    - %s\n' "$(da_stanza "$name")" >>"$TMP/app.yml"
	done
}

world()
{
	local name
	for name; do
		da_make "$name" && da_up "$name" || return 1
	done
	named_make && named_up || return 1
	reconcile_conf "$@"
	queue_up
	wait_for 10 test -s "$TMP/zones.db"
	wait_for 10 "$BIN/ddo-status" --json
}

both()
{
	da_zone_put "$@"
	zone_text "${@:2}" | "$BIN/ddo-enqueue" -o "$1" put "$2"
}

reconcile()
{
	local want=$1
	shift
	# the last report is memory of this run, and pending deliveries would be lines
	wait_for 30 calm
	run "-$want" --separate-stderr "$BIN/ddo-reconcile" "$@"
	printf '%s\n' "$output" "$stderr"
	[ "$status" = "$want" ]
}

taken() # checks that the store has everything that was accepted
{
	[ -z "$(ls -A "$TMP/spool/new")" ]
}

calm() # taken, and no delivery is pending to a target that is up
{
	taken && "$BIN/ddo-status" --json |
		jq -e '[.targets[] | select(.state == "up") | .due + .deferred] | add // 0 == 0'
}

line()
{
	grep -P -- "^$1\t\Q$2\E\t\Q$3\E\t.*${4:-}" <<<"$output"
}

no_line()
{
	not grep -P -- "^$1\t${2:+\Q$2\E\t}" <<<"$output"
}
