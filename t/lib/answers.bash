# The same questions to several servers.  Load lib/common first.
#
#   questions ZONE < TEXT     "NAME TYPE" of every RRset that the zone itself answers for: not what is at
#                             or below a delegation (that is answered by a referral)
#   answers PORT < QUESTIONS  sorted lines "NAME TYPE | status", "NAME TYPE | SECTION RECORD"; $ANSWER_FLAGS for dig
# shellcheck shell=bash

questions()
{
	"$BUILD/unit/zone_dump" "$1" | awk -v apex="$1." '
		NR == 1 { next }
		{ name[NR] = $1; type[NR] = $4 }
		$4 == "NS" && $1 != apex { cut[$1] = 1 }
		END {
			for (i = 2; i <= NR; i++) {
				below = 0
				for (c in cut)
					below = below || name[i] == c || substr(name[i], length(name[i]) - length(c)) == "." c
				if (!below && !seen[name[i], type[i]]++)
					print name[i], type[i]
			}
		}'
}

answers()
{
	local file=$TMP/questions.$BASHPID
	cat >"$file"
	# shellcheck disable=SC2086	# flags are words
	dig @127.0.0.1 -p "$1" +norec +time=3 +tries=3 +nocookie +noall +comments +question +answer ${ANSWER_FLAGS:-} -f "$file" |
		awk '
			/^;; ->>HEADER/ { match($0, /status: [A-Z]+/); status = substr($0, RSTART + 8, RLENGTH - 8) }
			/^;; QUESTION/ { getline; name = substr($1, 2); question = name " " $3; print question " | " status; next }
			/^;; [A-Z]+ SECTION/ { section = $2 }
			/^[^;]/ { $1 = tolower($1); print question " | " section " " $0 }' |
		sort
	rm -f "$file"
}
