# The part mysql of t/bench/run: ddo-push-mysql beside plain multi-row INSERTs of the same rows into
# the same server, with as many rows in a transaction.
# shellcheck shell=bash
# shellcheck disable=SC2154	# of run: mysql_zones, rounds

# batch_of FROM COUNT SERIAL: prints what ddo-queue would send, 1,000 zones to a commit.
batch_of()
{
	awk -v from="$1" -v count="$2" -v serial="$3" 'BEGIN {
		for (i = from; i < from + count; i++) {
			z = sprintf("z%05d.example.", i)
			t = z " 3600 IN SOA ns1." z " hostmaster." z " " serial \
			    " 3600 900 1209600 300\n"
			t = t z " 3600 IN NS ns1." z "\n" z " 3600 IN NS ns2." z "\n"
			t = t z " 3600 IN MX 10 h1." z "\n"
			t = t z " 3600 IN TXT \"v=spf1 a mx ~all\"\n"
			for (k = 0; k < 20; k++)
				t = t "h" k "." z " 3600 IN A 192.0.2." k "\n"
			printf "put %d %s %d\n%s\n", i, substr(z, 1, length(z) - 1), length(t), t
			if ((i - from) % 1000 == 999 || i == from + count - 1)
				print "commit"
		}
	}'
}

plain_inserts() # COUNT: prints the same rows as SQL, 1,000 to a statement, 1,000 zones to a commit
{
	awk -v count="$1" 'BEGIN {
		head = "INSERT INTO records (zone_id, hostname, type, data, ttl, online, managed_by) VALUES "
		for (b = 0; b < count; b += 1000) {
			print "START TRANSACTION;"
			n = count - b < 1000 ? count - b : 1000
			printf "INSERT INTO zones (id, zone_name, managed_by) VALUES "
			for (i = b; i < b + n; i++)
				printf "%s(%d,\"z%05d.example.\",\"ddo\")", (i > b ? "," : ""),
					i + 1, i
			print ";"
			rows = 0
			for (i = b; i < b + n; i++) {
				z = sprintf("z%05d.example.", i)
				for (k = -5; k < 20; k++) {
					host = k < 0 ? "@" : "h" k
					type = k == -5 ? "SOA" : k == -4 || k == -3 ? "NS" : \
					    k == -2 ? "MX" : k == -1 ? "TXT" : "A"
					data = k == -5 ? "ns1." z " hostmaster." z \
					    " 1 3600 900 1209600 300" : k == -4 ? "ns1." z : \
					    k == -3 ? "ns2." z : k == -2 ? "10 h1." z : \
					    k == -1 ? "\\\"v=spf1 a mx ~all\\\"" : "192.0.2." k
					printf "%s(%d,\"%s\",\"%s\",\"%s\",3600,1,\"ddo\")",
						(rows % 1000 ? "," : (rows ? ";\n" : "") head),
						i + 1, host, type, data
					rows++
				}
			}
			print ";"
			print "COMMIT;"
		}
	}'
}

timed() # COMMAND...: prints milliseconds
{
	local start
	start=$(now_ms)
	"$@" >/dev/null || echo "failed: $*" >&2
	echo $(($(now_ms) - start))
}

mysql_push()
{
	"$BIN/ddo-push-mysql" -c "$TMP/app.yml" -t "$1" batch <"$TMP/$2" | grep -v '^ok' >&2
	return 0
}

mysql_both()
{
	mysql_push "$1" "$3" &
	mysql_push "$2" "$3"
	wait $!
}

plain()
{
	mariadb --no-defaults -u root -S "$TMP/db-a/sock" plain <"$TMP/plain.sql"
}

fresh_tables() # NAME...
{
	local name
	for name; do
		db "$name" "DROP DATABASE dns; CREATE DATABASE dns" mysql
		"$BIN/ddo-push-mysql" -c "$TMP/app.yml" -t "$name" init >/dev/null
	done
}

# From push to commit through a kept process: prints medians in ms.
one_changed() # ZONES-IN-TABLE
{
	local i start answer in pid
	coproc ONE { "$BIN/ddo-push-mysql" -c "$TMP/app.yml" -t a batch; }
	pid=$! in=${ONE[1]}
	: >"$TMP/took"
	for ((i = 0; i < rounds; i++)); do
		batch_of $((i * 7 % $1)) 1 $((1000 + i)) >"$TMP/one"
		start=${EPOCHREALTIME/./}
		cat "$TMP/one" >&"$in"
		read -r answer <&"${ONE[0]}"
		echo $((${EPOCHREALTIME/./} - start)) >>"$TMP/took"
		[[ $answer == ok* ]] || echo "$answer" >&2
	done
	exec {in}>&-
	wait "$pid"
	median <"$TMP/took" | awk '{ printf "%.1f\n", $1 / 1000 }'
}

part_mysql()
{
	local plain first same both n=$mysql_zones small
	echo "mysql: $n zones of 25 records, two private MariaDB servers with their defaults"
	MARIADB_DEFAULTS=1 mariadb_up a
	MARIADB_DEFAULTS=1 mariadb_up b
	(mysql_conf a=a b=b)
	batch_of 0 "$n" 1 >"$TMP/first"
	plain_inserts "$n" >"$TMP/plain.sql"
	fresh_tables a b
	first=$(timed mysql_push a first)
	db a "CREATE DATABASE plain; CREATE TABLE plain.zones LIKE dns.zones; CREATE TABLE plain.records LIKE dns.records;
		ALTER TABLE plain.records ADD FOREIGN KEY (zone_id) REFERENCES plain.zones (id)"
	plain=$(timed plain)
	same=$(timed mysql_push a first)
	figure "plain multi-row INSERTs" "$(calc "$n*1000/$plain" 0)" "zones/s"
	figure "ddo-push-mysql, first load" "$(calc "$n*1000/$first" 0)" "zones/s"
	figure "  of the plain INSERTs' rate" "$(calc "100*$plain/$first" 0)" "%" "at least 60"
	figure "the same again, nothing changed" "$(calc "$n*1000/$same" 0)" "zones/s"
	figure "  times as fast as the first load" "$(calc "$first/$same" 1)" "" "at least 10"
	figure "push to committed, one zone of $n" "$(one_changed "$n")" "ms median" "at most 10"
	fresh_tables a b
	first=$(timed mysql_push a first)
	fresh_tables a
	both=$(timed mysql_both a b first)
	figure "two databases at once, of the time for one" "$(calc "$both/$first")" "" \
		"at most 1.3 while there are cores"
	fresh_tables a
	small=100
	batch_of 0 $small 1 >"$TMP/first"
	mysql_push a first
	figure "push to committed, one zone of $small" "$(one_changed $small)" "ms median"
	stop_all
}
