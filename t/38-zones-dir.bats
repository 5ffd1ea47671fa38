#!/usr/bin/env bats
# Odd entries in the directory of a server that reads zone files: each is its own zone's failure.
# each test looks at its own output only; DNS is for serves
# shellcheck disable=SC2030,SC2031,SC2034

load lib/common
load lib/named
load lib/kinds

teardown()
{
	[ ! -e "$TMP/ns1/zones/fixed.example.db" ] ||
		chattr -i "$TMP/ns1/zones/fixed.example.db" || true
	stop_all
}

push()
{
	timeout 60 "$BIN/${TOOL[ns1]}" -t ns1 "$@"
}

pput() # ZONE SERIAL [RECORD...]
{
	zone_text "$@" | push put "$1"
}

# A batch of puts, one for each ZONE, with this serial; the answers are in $TMP/answers by zone.
batch() # SERIAL ZONE...
{
	local serial=$1 n=0 text zone
	shift
	for zone; do
		text=$(zone_text "$zone" "$serial")
		printf 'put %d %s %d\n%s\n' $((++n)) "$zone" ${#text} "$text"
	done >"$TMP/batch"
	echo commit >>"$TMP/batch"
	push batch <"$TMP/batch" >"$TMP/raw"
	n=0
	for zone; do
		n=$((n + 1))
		sed -n "s/^\([a-z]*\) $n\( \|\$\)/$zone \1 /p" "$TMP/raw"
	done >"$TMP/answers"
}

answered() # ZONE WORD [TEXT]
{
	grep -q "^$1 $2 .*${3:-}" "$TMP/answers" || { cat "$TMP/raw"; return 1; }
}

odd_entries() # KIND
{
	local zones odd=(dir new good) replaced=(fifo dangling loop)
	server_make "$1" ns1
	DNS=${DNS_OF[ns1]}
	targets_conf ns1
	server_up ns1
	zones=$TMP/ns1/zones
	pput good.example 1
	pput fixed.example 1
	mkdir -p "$zones/dir.example.db/x" "$zones/new.example.db.new/x" \
		"$zones/good.example.db.good"
	mkfifo "$zones/fifo.example.db"
	ln -s nowhere "$zones/dangling.example.db"
	ln -s loop.example.db "$zones/loop.example.db"
	# Not on every file system.
	! chattr +i "$zones/fixed.example.db" 2>"$TMP/chattr" || odd+=(fixed)

	batch 2 {a,dir,new,good,fifo,dangling,loop,fixed,z}.example
	for zone in a z "${replaced[@]}"; do
		answered "$zone.example" ok
		serves "$zone.example" 2
	done
	for zone in "${odd[@]}"; do
		answered "$zone.example" defer "$zone.example.db"
	done
	answered dir.example defer 'is a directory: move it away'
	[[ ${odd[*]} != *fixed* ]] || answered fixed.example defer lsattr
	serves good.example 1
	gone dir.example
	gone new.example
	not strangers "$zones" '^((a|z|good|fixed|fifo|dangling|loop)\.example\.db|dir.example.db|new.example.db.new|good.example.db.good|x)$'

	mkfifo "$zones/other.db" "$zones/wild.example.db"
	push list | cut -f1,2 >"$TMP/list"
	grep -q '^a.example	2$' "$TMP/list"
	grep -q '^z.example	2$' "$TMP/list"
	rm "$zones/other.db" "$zones/wild.example.db"

	# A directory was no zone, and stays; what cannot go waits for a person.
	printf 'del 1 dir.example\ndel 2 a.example\ndel 3 fixed.example\ncommit\n' |
		push batch >"$TMP/raw"
	grep -q '^ok 1' "$TMP/raw"
	grep -q '^ok 2' "$TMP/raw"
	[[ ${odd[*]} != *fixed* ]] || grep -q '^defer 3 .*fixed.example.db' "$TMP/raw"
	[ -d "$zones/dir.example.db/x" ]
	gone a.example

	# Once a person has mended it, all goes.
	[[ ${odd[*]} != *fixed* ]] || chattr -i "$zones/fixed.example.db"
	rm -r "$zones/dir.example.db" "$zones/new.example.db.new" "$zones/good.example.db.good"
	batch 3 {dir,new,good,fixed}.example
	for zone in dir new good fixed; do
		answered $zone.example ok
		serves $zone.example 3
	done
	not strangers "$zones" '\.db$'
}

@test "bind: an odd entry in zones_dir is that zone's failure" {
	odd_entries bind
}

@test "bind-include: an odd entry in zones_dir is that zone's failure" {
	odd_entries bind-include
}

@test "nsd: an odd entry in zones_dir is that zone's failure" {
	odd_entries nsd
}

@test "nsd-include: an odd entry in zones_dir is that zone's failure" {
	odd_entries nsd-include
}

@test "knot: an odd entry in zones_dir is that zone's failure" {
	odd_entries knot
}

# Root without its right to read and write everything.
as_people()
{
	if [ "$(id -u)" = 0 ]; then
		setpriv --bounding-set=-dac_override,-dac_read_search "$@"
	else
		"$@"
	fi
}

@test "an old file that ddo may neither link nor read is that zone's failure" {
	server_make bind ns1
	DNS=${DNS_OF[ns1]}
	targets_conf ns1
	server_up ns1
	pput old.example 1
	chmod 0 "$TMP/ns1/zones/old.example.db"
	for zone in old new; do
		zone_text $zone.example 2 >"$TMP/text"
		printf 'put 1 %s.example %d\n' $zone "$(wc -c <"$TMP/text")"
		cat "$TMP/text" && echo
	done >"$TMP/batch"
	echo commit >>"$TMP/batch"
	as_people env ASAN_OPTIONS=verify_asan_link_order=0 "LD_PRELOAD=$BUILD/shim/nolink.so" \
		"$BIN/ddo-push-bind" -t ns1 batch <"$TMP/batch" >"$TMP/raw"
	grep -q '^defer 1 cannot read old.example.db: Permission denied: check its owner' "$TMP/raw"
	grep -q '^ok 1' "$TMP/raw"
	serves new.example 2
	as_people "$BIN/ddo-push-bind" -t ns1 list | grep -q '^new.example	2	'
	chmod 644 "$TMP/ns1/zones/old.example.db"
	pput old.example 2
	serves old.example 2
	# Nobody may write: that concerns all.
	chmod 555 "$TMP/ns1/zones"
	zone_text new.example 3 >"$TMP/text"
	run -69 as_people "$BIN/ddo-push-bind" -t ns1 put new.example <"$TMP/text"
	[[ $output == *"Permission denied"* ]]
	chmod 755 "$TMP/ns1/zones"
}

@test "the good version that cannot be put back: deferred, and said; then it is" {
	server_make bind ns1
	DNS=${DNS_OF[ns1]}
	targets_conf ns1
	server_up ns1
	# The old file is somebody else's, and so is FILE.good: neither can be given another time.
	pput old.example 1
	zone_text old.example 2 "${BAD[ns1]}" >"$TMP/bad"
	run -75 with_shim notouch "$BIN/ddo-push-bind" -t ns1 put old.example <"$TMP/bad"
	[[ $output == *old.example.db.good* && $output == *"no address records"* ]]
	serves old.example 1
	[ -e "$TMP/ns1/zones/old.example.db.good" ]
	run -65 "$BIN/ddo-push-bind" -t ns1 put old.example <"$TMP/bad"
	[ ! -e "$TMP/ns1/zones/old.example.db.good" ]
	server_down ns1
	server_up ns1
	serves old.example 1
}

@test "what concerns all is the target's failure: a full disk" {
	server_make bind ns1
	DNS=${DNS_OF[ns1]}
	small_disk "$TMP/ns1/zones" 256k
	targets_conf ns1
	server_up ns1
	pput a.example 1
	fill_disk "$TMP/ns1/zones"
	run -69 pput b.example 1
	[[ $output == *"No space left"* ]]
	free_disk "$TMP/ns1/zones"
	pput b.example 1
	serves b.example 1
}
