#!/usr/bin/env bats
# Generated zones, pushed to every kind of server: each serves them record for record as ddo reads
# them, or refuses them for a reason that t/zones/refusals explains.
# shellcheck disable=SC2154

load lib/common
load lib/mariadb
load lib/kinds
load lib/answers
load lib/alike

teardown()
{
	stop_all
}

make_zones() # SEED COUNT: those that ddo accepts, in $TMP/made, $TMP/own, $TMP/batch
{
	local i zone file
	mkdir "$TMP/made" "$TMP/own"
	"$BUILD/unit/zone_make" "$1" "$2" "$TMP/made"
	for ((i = 0; i < $2; i++)); do
		zone=z$i.example file=$TMP/made/z$i.example.db
		"$BUILD/unit/zone_dump" "$zone" <"$file" >"$TMP/own/$zone" 2>/dev/null ||
			{ rm "$TMP/own/$zone"; continue; }
		printf 'put %d %s %d\n' "$i" "$zone" "$(stat -c %s "$file")"
		cat "$file"
		echo
	done >"$TMP/batch"
	echo commit >>"$TMP/batch"
}

# Prints the answers that t/zones/refusals does not explain: deferred ones, and refusals for other
# reasons.
unexplained() # TARGET
{
	awk -v kind="$1" '
		FILENAME ~ /refusals$/ {
			if ($1 == kind) { sub(/^[a-z]+ /, ""); sub(/ +# .*/, ""); regex[++n] = $0 }
			next
		}
		/^ok / { next }
		{
			for (i = 1; i <= n && $1 == "fail"; i++)
				if ($0 ~ regex[i])
					next
			print
		}' "$ROOT/t/zones/refusals" "$TMP/$1.said"
}

taken() # TARGET: prints the zones that it took
{
	sed -n 's/^ok \(.*\)/z\1.example/p' "$TMP/$1.said" | sort
}

# The list has the serial and the digest of each zone that was taken.
lists_taken() # TARGET
{
	taken "$1" | while read -r zone; do
		read -r serial digest _ <"$TMP/own/$zone"
		printf '%s\t%s\t%s\n' "$zone" "$serial" "$digest"
	done | diff - <(push "$1" list | join -t $'\t' - <(taken "$1"))
}

# Takes records of these types, which the transfer lacks, out of the list of differences when the
# target answers them.
answers_all() # TARGET TYPES
{
	local name type data differs=$TMP/$1.differs
	grep -E ": lacks .*	($2)	" "$differs" >"$TMP/lacks" || return 0
	while read -r _ _ name _ _ type data; do
		dig @127.0.0.1 -p "${DNS_PORT[$1]}" +norec +short +nosplit -q "$name" -t "$type" |
			grep -qxF "$data"
	done <"$TMP/lacks"
	grep -vxF -f "$TMP/lacks" "$differs" >"$differs.new" || true
	mv "$differs.new" "$differs"
}

@test "generated zones: each kind of server serves them record for record, or says why not" {
	local target flag zone
	alike_up
	make_zones "${SEED:-19}" "${COUNT:-300}"
	[ "$(find "$TMP/own" -type f | wc -l)" -gt $((${COUNT:-300} / 2)) ]
	for target in "${ALIKE[@]}"; do
		echo "# $target"
		push "$target" batch <"$TMP/batch" >"$TMP/$target.said"
		[ "$(wc -l <"$TMP/$target.said")" = "$(find "$TMP/own" -type f | wc -l)" ]
		unexplained "$target" >"$TMP/$target.unexplained"
		diff /dev/null "$TMP/$target.unexplained"
		lists_taken "$target"
		[ "$target" != cd ] || continue
		flag=()
		[ "$target" != nsd ] || flag=(-i) # it writes all names in lower case
		taken "$target" | "$BUILD/unit/zone_axfr" "${flag[@]}" "${DNS_PORT[$target]}" \
			"$TMP/made" >"$TMP/$target.differs" || true
		# PowerDNS leaves these out of a transfer, and answers them.
		[[ $target != p* ]] || answers_all "$target" 'DNSKEY|CDNSKEY|CDS'
		diff /dev/null "$TMP/$target.differs"
	done
	# CoreDNS has no transfer: what it answers is what named answers.
	join <(taken bind) <(taken cd) | while read -r zone; do
		questions "$zone" <"$TMP/made/$zone.db" | sed 's/\(.*\) /-q \1 -t /'
	done >"$TMP/questions"
	[ "$(wc -l <"$TMP/questions")" -gt "${COUNT:-300}" ]
	ANSWER_FLAGS=+unknownformat answers "${DNS_PORT[bind]}" <"$TMP/questions" >"$TMP/want"
	not grep -q 'SERVFAIL\|REFUSED\|NXDOMAIN' "$TMP/want"
	ANSWER_FLAGS=+unknownformat answers "${DNS_PORT[cd]}" <"$TMP/questions" | diff "$TMP/want" -
}
