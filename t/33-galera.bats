#!/usr/bin/env bats
# A Galera cluster of three nodes as one target.
# shellcheck disable=SC2034	# DB_AS is of mariadb_up

load lib/common
load lib/named
load lib/mariadb

teardown()
{
	stop_all
	[ -z "${DB_HOME:-}" ] || rm -rf "$DB_HOME"
}

# node NAME ADDRESS-OF-THE-CLUSTER [OPTION...]
node()
{
	local name=$1 join=$2
	shift 2
	[ -n "${PORTS[$name]:-}" ] || PORTS[$name]=$(free_port 3 | xargs)
	local base ist sst
	read -r base ist sst <<<"${PORTS[$name]}"
	mariadb_up "$name" --wsrep-on=ON --wsrep-provider=/usr/lib/galera/libgalera_smm.so \
		--binlog-format=ROW \
		--wsrep-cluster-name="ddo-test-$$" --wsrep-cluster-address="gcomm://$join" \
		--wsrep-node-name="$name" \
		--wsrep-node-address="127.0.0.1:$base" --wsrep-sst-method=rsync \
		--wsrep-sst-receive-address="127.0.0.1:$sst" --innodb-autoinc-lock-mode=2 "$@" \
		--wsrep-provider-options="gmcast.listen_addr=tcp://127.0.0.1:$base;base_port=$base;ist.recv_addr=127.0.0.1:$ist;evs.suspect_timeout=PT3S;gcache.size=8M;pc.recovery=false"
}

size() # NODE: how many nodes are in its cluster
{
	db "$1" "SHOW STATUS LIKE 'wsrep_cluster_size'" | cut -f2
}

is_size()
{
	[ "$(size "$1")" = "$2" ]
}

rows() # NODE: what it holds, without ids
{
	db "$1" "SELECT zone_name, hostname, type, data, ttl, online, records.managed_by FROM records JOIN zones ON zones.id = zone_id ORDER BY 1, 2, 3, 4"
}

same_rows() # NODE NODE
{
	diff <(rows "$1") <(rows "$2") >/dev/null
}

@test "one node is killed under load, then another: nothing lost, nothing doubled" {
	need rsync
	[ -e /usr/lib/galera/libgalera_smm.so ] || absent galera-4
	declare -gA PORTS=()
	# rsync's daemon, by which a node is sent its files, becomes nobody when root starts it; so
	# all is nobody's then.
	DB_HOME=$(mktemp -d /tmp/ddo-galera.XXXXXX)
	[ "$(id -u)" != 0 ] || DB_AS=nobody
	node n1 "" --wsrep-new-cluster
	local first="127.0.0.1:${PORTS[n1]%% *}"
	node n2 "$first"
	node n3 "$first"
	wait_for 30 is_size n1 3
	mysql_conf "dc1=n1,connect_timeout: 2, read_timeout: 5, hosts: [\"127.0.0.1:${DB_PORT[n1]}\", \"127.0.0.1:${DB_PORT[n2]}\", \"127.0.0.1:${DB_PORT[n3]}\"]"
	"$BIN/ddo-push-mysql" -t dc1 init >/dev/null
	queue_up
	wait_for 10 test -e "$TMP/spool/order"
	burst() # FROM TO SERIAL
	{
		local z
		for ((z = $1; z <= $2; z++)); do
			put g$z.example "$3"
		done
	}
	burst 1 100 1 &
	local load=$!
	wait_for 20 holds_some 20
	mariadb_down n1 KILL
	wait "$load"
	wait_for 30 is_size n3 2
	# The last one must go on alone, as one with an arbiter elsewhere would.
	db n3 "SET GLOBAL wsrep_provider_options = 'pc.ignore_quorum=true'"
	burst 50 150 2 &
	load=$!
	wait_for 40 holds_some 110
	mariadb_down n2 KILL
	wait "$load"
	"$BIN/ddo-enqueue" del g1.example
	wait_for 90 all_done
	[ "$(db n3 'SELECT COUNT(*), COUNT(DISTINCT zone_name) FROM zones' | xargs)" = '149 149' ]
	[ "$(db n3 'SELECT COUNT(*) FROM records')" = $((149 * 11)) ]
	"$BIN/ddo-push-mysql" -t dc1 list | awk '$2 != (substr($1, 2) + 0 >= 50 ? 2 : 1)' \
		>"$TMP/wrong"
	[ ! -s "$TMP/wrong" ]
	"$BIN/ddo-status" --json | jq -e '[.targets[] | .parked + .refused] | add == 0'
	# A node that comes back is as good as the others.
	db n3 "SET GLOBAL wsrep_provider_options = 'pc.ignore_quorum=false'"
	node n1 "127.0.0.1:${PORTS[n3]%% *}"
	wait_for 60 is_size n3 2
	wait_for 30 same_rows n1 n3
	mariadb_down n3
	put after.example 1
	wait_for 60 all_done
	[ "$(db n1 'SELECT COUNT(*) FROM zones')" = 150 ]
}

holds_some() # N: zones in whatever node is left
{
	[ "$(db n3 'SELECT COUNT(*) FROM zones')" -ge "$1" ]
}
