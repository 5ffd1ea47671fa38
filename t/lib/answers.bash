# Asks several servers the same questions.  Load lib/common first.
#
#   questions ZONE < TEXT
#       prints "NAME TYPE" of each RRset that the zone itself answers for.  That excludes what is at
#       or below a delegation, except a DS at it.
#   referrals ZONE < TEXT
#       prints the other RRsets: a server answers a query for them with a referral.
#   answers PORT < QUESTIONS
#       prints sorted lines "NAME TYPE | status" and "NAME TYPE | SECTION RECORD".  dig gets
#       $ANSWER_FLAGS.
#   watch_updates PORT PUT-PROGRAM...
#       updates a zone of its own 1,000 times under continuous queries.  PROGRAM takes a push
#       program's verb.  Sets SEEN to what zone_watch saw.  Use WATCH_FLAGS=no-aa for CoreDNS.
# shellcheck shell=bash
# shellcheck disable=SC2034	# SEEN is for those who load this

questions()
{
	rrsets_of "$1" 0
}

referrals()
{
	rrsets_of "$1" 1
}

rrsets_of() # ZONE BELOW
{
	"$BUILD/unit/zone_dump" "$1" | awk -v apex="$1." -v want="$2" '
		NR == 1 { next }
		{ name[NR] = $1; type[NR] = $4 }
		$4 == "NS" && $1 != apex { cut[$1] = 1 }
		END {
			for (i = 2; i <= NR; i++) {
				below = 0
				for (c in cut)
					below = below || (name[i] == c && type[i] != "DS") || \
					    substr(name[i], length(name[i]) - length(c)) == "." c
				if (below == want && !seen[name[i], type[i]]++)
					print name[i], type[i]
			}
		}'
}

answers()
{
	local file=$TMP/questions.$BASHPID
	cat >"$file"
	# shellcheck disable=SC2086	# flags are words
	dig @127.0.0.1 -p "$1" +norec +time=3 +tries=3 +nocookie +noall +comments +question \
		+answer ${ANSWER_FLAGS:-} -f "$file" |
		awk '
			/^;; ->>HEADER/ {
				match($0, /status: [A-Z]+/)
				status = substr($0, RSTART + 8, RLENGTH - 8)
			}
			/^;; QUESTION/ {
				getline
				name = substr($1, 2)
				question = name " " $3
				print question " | " status
				next
			}
			/^;; [A-Z]+ SECTION/ { section = $2 }
			/^[^;]/ { $1 = tolower($1); print question " | " section " " $0 }' |
		sort
	rm -f "$file"
}

versions() # ZONE VERSION: prints a zone in which 12 records tell the version
{
	printf '@ 300 IN SOA ns.test. host.test. %s 1 1 1 1\n@ 300 IN NS ns.test.\n' "$2"
	printf "versions 300 IN TXT $2 %s\n" {1..12}
}

watch_updates()
{
	local i text in answer watch eyes pid port=$1
	shift
	versions busy.example 1 | "$@" put busy.example || return 1
	coproc WATCH { "$BUILD/unit/zone_watch" "$port" busy.example \
		${WATCH_FLAGS:+"$WATCH_FLAGS"}; }
	watch=${WATCH[1]}
	exec {eyes}<&"${WATCH[0]}"
	{ coproc PUSH { "$@" batch; }; } 2>/dev/null # bash warns about a second coproc
	in=${PUSH[1]} pid=$!
	for ((i = 2; i <= 1001; i++)); do
		text=$(versions busy.example $i)
		printf 'put %d busy.example %d\n%s\ncommit\n' $i ${#text} "$text" >&"$in"
		read -r answer <&"${PUSH[0]}"
		[ "$answer" = "ok $i" ] || { echo "$answer" >&2; return 1; }
	done
	exec {in}>&- {watch}>&-
	wait "$pid"
	read -r SEEN <&"$eyes"
	exec {eyes}<&-
}
