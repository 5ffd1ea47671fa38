#!/usr/bin/env bats
# Generated zones, pushed to every kind of server: each serves them record for record as ddo reads
# them, or refuses them for a reason that t/zones/refusals explains.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154	# each test looks at its own output only

# shellcheck disable=SC2030,SC2031,SC2034
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

# takes RECORDS EXPECTED...: pushes a zone with them everywhere.  EXPECTED is TARGET=REGEX of its
# reason; the other targets serve it.  "TARGET=asked": it does not transfer such a zone.
takes()
{
	local target word want n=$((SERIAL += 1))
	printf '@ 300 SOA ns1 h %d 1 1 1 1\n@ 300 NS ns1\nns1 300 A 192.0.2.1\n%s\n' "$n" "$1" \
		>"$TMP/made/k.example.db"
	shift
	for target in "${ALIKE[@]}"; do
		want=''
		for word; do
			[[ $word != "$target="* ]] || want=${word#*=}
		done
		echo "# $n $target $want"
		if [ -n "$want" ] && [ "$want" != asked ]; then
			run -65 push "$target" put k.example <"$TMP/made/k.example.db"
			echo "$output"
			[[ $output =~ $want ]]
			continue
		fi
		push "$target" put k.example <"$TMP/made/k.example.db"
		[ "$(push "$target" list | cut -f3)" = "$("$BUILD/unit/zone_dump" k.example \
			<"$TMP/made/k.example.db" | awk 'NR == 1 { print $2 }')" ]
		# What does not transfer it answers as Knot DNS and named do.
		questions k.example <"$TMP/made/k.example.db" |
			ANSWER_FLAGS=+unknownformat answers "${DNS_PORT[$target]}" \
			>"$TMP/$target.answers"
		case $target$want in
		*asked) diff "$TMP/bind.answers" "$TMP/$target.answers" ;;
		cd) diff "$TMP/knot.answers" "$TMP/cd.answers" ;;
		*) wait_for 5 transfers "$target" ;; # a child of NSD's may just be ending
		esac
	done
}

transfers() # TARGET
{
	"$BUILD/unit/zone_axfr" "${DNS_PORT[$1]}" "$TMP/made" <<<k.example
}

@test "limits: who takes which sizes, types and names (the table in doc/kinds.md)" {
	local SERIAL=0
	alike_up
	mkdir "$TMP/made"
	takes "$(printf 'r 300 A 192.0.2.%d\n' {1..100})"
	takes "$(printf 'r 300 A 192.0.2.%d\n' {1..101})" \
		bind='r.k.example. A has 101 records, more than named takes \(max-records-per-type'
	takes "$(printf 'r 300 TYPE%d \\# 1 00\n' {2001..2101})" \
		bind='r.k.example. has 101 types, more than named takes \(max-types-per-name'
	takes "t 300 TXT $(printf '"%0250d" ' {1..240})" nsd=asked
	takes "t 300 TXT $(printf '"%0250d" ' {1..254})" nsd=asked \
		pd='64261 characters for column content of table records, which holds 64000'
	takes 'a 300 CAA 128 ISSUE "ca.example"' # any case
	takes 's 300 SVCB 1 svc alpn=h2 dohpath=/q{?dns} key65333=abc'
	takes 'h 300 HTTPS 1 . alpn=h2 ech=AAAA ipv4hint=192.0.2.1'
	takes 'l 300 LOC 49 18 0.000 N 10 35 0.000 E 409.00m'
	takes $'m 300 MG .\nr 300 RT 10 r\nh 300 HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAbdx rvs1'
	takes $'v 300 AVC "x"\nx 300 TYPE65400 \\# 0\nd 300 TYPE62347 \\# 2 abcd'
	takes 'y 300 AMTRELAY 10 0 1 203.0.113.15'
	takes 'y 300 AMTRELAY 10 1 1 203.0.113.15' \
		cd='y.k.example. TYPE260: it would drop the relay'
	takes $'c 300 CNAME a\\@b.example.net.\nw 300 CNAME x,y'
	takes '_a._tcp 300 SRV 1 2 3 x_y' bind='bad name' pdns='non-hostname content'
	takes "it's 300 TXT x" \
		pdns='unsupported characters' \
		pd="would not serve it..s.k.example. TXT: the name has characters"
	takes 'a.*.b 300 TXT x' pdns='unsupported characters'
	takes 'a.*.b 300 A 192.0.2.1' pdns='unsupported characters' bind='bad owner name'
	takes 'r 300 RRSIG A 8 2 300 20310101000000 20251201000000 1 k.example. AQNRU3mG' \
		pdns='signed already' pd='RRSIG: the zone is not signed'
}

@test "a size limit of one kind: the log and ddo-status tell at once, the others serve it" {
	load lib/named
	server_make bind bind
	server_make nsd nsd
	targets_conf bind nsd
	server_up bind
	server_up nsd
	read -r HTTP < <(free_port)
	httpd_up
	queue_up
	da_save mr.example 1
	wait_for 20 all_done
	da_save mr.example 2 "$(printf 'many 300 IN A 192.0.2.%d\n' {1..101})"
	wait_for 20 refused_by_bind
	DNS=${DNS_OF[bind]} serves mr.example 1
	DNS=${DNS_OF[nsd]} wait_for 10 serves mr.example 2
	"$BIN/ddo-status" | grep -q 'many.mr.example. A has 101 records, more than named takes'
	grep -q 'mr.example.*many.mr.example. A has 101 records, more than named takes' \
		"$TMP/queue.log"
	not grep -q 'bind.*\(later\|parked\)' "$TMP/queue.log"
	da_save mr.example 3
	wait_for 20 all_done
	DNS=${DNS_OF[bind]} serves mr.example 3
	queue_down
	httpd_down
}

refused_by_bind()
{
	"$BIN/ddo-status" --json --zone mr.example |
		jq -e '.deliveries[] | select(.target == "bind") | .state == "refused" and
			(.error | test("max-records-per-type"))'
}
