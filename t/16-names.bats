# Names of zones, hosts and users, and the files that are named after zones (lib/name.c).
load lib/common

CHECK=$BUILD/unit/name_check

# takes KIND TEXT [RESULT]: accepted; TEXT has printf's escapes, RESULT is TEXT unless given.
takes()
{
	# shellcheck disable=SC2059	# TEXT is a format on purpose
	[ "$(printf "$2" | "$CHECK" "$1")" = "${3-$2}" ]
}

# refuses KIND TEXT...: each with exit 65 and one clean line.
refuses()
{
	local kind=$1 text
	shift
	for text; do
		# shellcheck disable=SC2059
		status=0 && printf "$text" | "$CHECK" "$kind" >"$TMP/out" 2>"$TMP/err" || status=$?
		echo "$text: $status: $(cat "$TMP/err")"
		[ "$status" = 65 ] && [ ! -s "$TMP/out" ] && [ "$(wc -l <"$TMP/err")" = 1 ] ||
			return 1
		grep -qP '^name_check: fatal: [ -~]+$' "$TMP/err" || return 1
	done
}

# repeat N TEXT
repeat()
{
	printf "%.0s$2" $(seq "$1")
}

@test "zone names are made lower case, without the last dot" {
	takes zone example.com
	takes zone Example.COM. example.com
	takes zone localhost
	takes zone under_score.a-b.example
	takes zone 3.2.1.in-addr.arpa
}

@test "RFC 2317 names with a slash and punycode are zone names" {
	takes zone 0/25.2.0.192.in-addr.arpa
	takes zone XN--Caf-dma.example xn--caf-dma.example
}

@test "refused: what could be a path" {
	refuses zone .. . ./a ../../etc/passwd /etc/passwd a/../b a..b .a 'a..' './/' '..%%2f' \
		'a\\b' '~' '~root' \
		/0 0/ 0//0 etc/passwd '0/.1' '1./0' a/1 1/a
}

@test "refused: quotes, blanks, line ends, semicolons, braces, shell and SQL signs" {
	# shellcheck disable=SC2016
	refuses zone 'a"b' "a'b" 'a b' ' a' 'a ' 'a\nb' 'a\n' '\na' 'a\rb' 'a\tb' 'a;b' 'a{b' \
		'a}b' 'a#b' 'a\\.b' \
		'a\140b' 'a$b' 'a|b' 'a&b' 'a<b' 'a(b' 'a*b' 'a?b' 'a=b' 'a%%b' 'a@b' 'a:b' 'a,b' \
		'a+b' 'a!b' 'a[b' 'a^b'
}

@test "refused: NUL and other control characters, octets above 127, raw IDNs" {
	refuses zone 'a\000' '\000' 'a\000b.example' 'a\001b' 'a\033[2Jb' 'a\177b' 'a\200b' \
		'caf\303\251.example' \
		'\377\376' '\342\200\256a'
}

@test "refused: the root, nothing, wildcards, empty labels" {
	refuses zone '' . .. '*' '*.example' 'a.*.example' a..example .example
}

@test "zone names have at most 253 characters, labels at most 63" {
	local label
	label=$(repeat 63 l)
	takes zone "$label"
	takes zone "$label.$label.$label.$(repeat 61 l)"
	takes zone "$label.$label.$label.$(repeat 61 l)." "$label.$label.$label.$(repeat 61 l)"
	refuses zone "l$label" "a.l$label" "l$label.a" "$label.$label.$label.$(repeat 62 l)" \
		"$label.$label.$label.$label" "$(repeat 128 a.)" "$(repeat 5000 a.)" \
		"$(repeat 100000 a)"
}

@test "host names: names without a slash, and addresses" {
	takes host DA1.Example.com. da1.example.com
	takes host 192.0.2.1
	takes host 2001:DB8::1 2001:db8::1
	refuses host a/b 'a b' 'a\nb' '2001:db8::1::' ':' '::g' '[::1]' '::1\n' \
		'2001:db8::1%%eth0' 'a\000' ''
}

@test "user names: 64 of letters, digits and . _ @ + -" {
	takes user bob
	takes user Bob.O_2+x-y@example.com
	takes user "$(repeat 64 u)"
	refuses user '' 'a b' 'a\nb' 'a|b' 'a"b' 'a/b' 'a\000' 'a\000b' 'caf\303\251' \
		"$(repeat 65 u)"
}

@test "the file of a zone: the name, a slash as %2F, .db" {
	[ "$(printf 'example.com\n0/25.2.0.192.in-addr.arpa\n' | "$CHECK" files)" = \
		$'example.com.db\n0%2F25.2.0.192.in-addr.arpa.db' ]
}

@test "no two of 20,000 zones share a file, and every file name leaves room for a suffix" {
	local label
	label=$(repeat 60 l)
	{
		seq -f 'z%g.example' 1 1000
		# long ones that differ in the first, in a middle and in the last place
		seq -f "z%06g.$label.$label.$label.example" 1 5000
		seq -f "$label.$label.z%06g.$label.example" 1 5000
		seq -f "$label.$label.$label.example.z%06g" 1 5000
		# and those whose slashes make them long: cut in the middle of %2F or beside it
		for i in {1..60}; do
			echo "$(repeat "$i" /)$label.$label.$label"
			echo "$label.$label.$(repeat "$i" /).$label"
			echo "$(repeat "$i" a).$(repeat 60 /).$(repeat 60 /)"
		done
		seq -f "$(repeat 55 /).%g.$(repeat 55 /)" 1 4000
	} | sort -u >"$TMP/names"
	[ "$(wc -l <"$TMP/names")" -ge 20000 ]
	"$CHECK" files <"$TMP/names" >"$TMP/files"
	[ "$(sort -u "$TMP/files" | wc -l)" = "$(wc -l <"$TMP/names")" ]
	[ "$(awk '{ print length }' "$TMP/files" | sort -n | tail -n 1)" -le 203 ]
	run ! grep -vP '^[a-z0-9_.%F~-]+\.db$' "$TMP/files"
	run ! grep / "$TMP/files"
}
