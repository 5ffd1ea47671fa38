# All kinds of servers side by side, which let their zones be transferred.  Load lib/common,
# lib/mariadb and lib/kinds first.
#
#   alike_up            starts them all, with $TMP/app.yml
#   push TARGET VERB... runs the target's push program
#
# The targets are ${ALIKE[@]}: bind, nsd, knot, pdns (the API), pd and cd (MySQL with PowerDNS and
# with CoreDNS); their DNS ports ${DNS_PORT[TARGET]}.
# shellcheck shell=bash
# shellcheck disable=SC2004,SC2034,SC2153,SC2154

ALIKE=(bind nsd knot pdns pd cd)

alike_up()
{
	local name
	NSD_PATTERN='provide-xfr: 127.0.0.1 NOKEY'
	KNOT_EXTRA=$'acl:\n  - id: any\n    address: 127.0.0.1\n    action: transfer'
	KNOT_TEMPLATE='acl: any'
	PDNS_EXTRA='allow-axfr-ips=127.0.0.1'
	mariadb_up a
	db a "CREATE DATABASE pd" mysql
	mysql_conf cd=a "pd=a,schema: powerdns, database: pd"
	TOOL[cd]=ddo-push-mysql TOOL[pd]=ddo-push-mysql
	push cd init >/dev/null
	push pd init >/dev/null
	coredns_up cd a
	PDNS_DB=pd pdns_up pd a --allow-axfr-ips=127.0.0.1
	mysql_conf "cd=a,refresh: 5, server: \"127.0.0.1:${DNS_PORT[cd]}\"" \
		"pd=a,refresh: 5, schema: powerdns, database: pd, server: \"127.0.0.1:${DNS_PORT[pd]}\""
	for name in bind nsd knot pdns; do
		server_make "$name" "$name"
		DNS_PORT[$name]=${DNS_OF[$name]}
		echo "    $name: { ${TARGET[$name]} }" >>"$TMP/app.yml"
		server_up "$name"
	done
}

push()
{
	"$BIN/${TOOL[$1]}" -t "$@"
}
