#!/usr/bin/env bats
# What a push program does with changes that it will not take: one answer each, and the others go
# on.
# shellcheck disable=SC2030,SC2031	# each test looks at its own output only

load lib/common
load lib/named

teardown()
{
	stop_all
}

world() # a zone's text has 16 KiB at most
{
	named_make
	conf_make
	sed -i 's/auth_password: secret/&, max_zone_bytes: 16384/' "$TMP/app.yml"
	named_up
}

push()
{
	"$BIN/ddo-push-bind" -t ns1 "$@"
}

large() # ZONE SERIAL: more than that
{
	zone_text "$1" "$2"
	printf 'r%d 300 IN TXT "some more text, to be too much"\n' {1..400}
}

put_line() # NUMBER ZONE TEXT
{
	printf 'put %d %s %d\n%s\n' "$1" "$2" ${#3} "$3"
}

answers() # LINE...: these, in any order
{
	printf '%s\n' "$@" | sort | diff - <(sort "$TMP/answers")
}

@test "a zone that is too large fails alone: the batch goes on behind its content" {
	world
	local max=16384 text
	text=$(large big.example 1)
	{
		put_line 1 a.example "$(zone_text a.example 1)"
		put_line 2 big.example "$text"
		put_line 3 b.example "$(zone_text b.example 1)"
		echo commit
		put_line 4 big.example "$(zone_text big.example 2)"
		put_line 5 big.example "$text"
		put_line 6 c.example "$text"
		put_line 7 c.example "$(zone_text c.example 3)"
		echo commit
		put_line 8 d.example "$(zone_text d.example 4)"
		echo commit
	} >"$TMP/batch"
	push batch <"$TMP/batch" >"$TMP/answers"
	local why="its text has ${#text} bytes, more than $max (app.max_zone_bytes)"
	answers 'ok 1' "fail 2 $why" 'ok 3' "fail 4 $why" "fail 5 $why" 'ok 6' 'ok 7' 'ok 8'
	serves a.example 1
	serves b.example 1
	serves c.example 3
	serves d.example 4
	gone big.example
}

@test "a zone that is too large is passed over, not kept" {
	world
	# 400 MB with room for a tenth of it.
	{
		printf 'put 1 big.example 400000000\n'
		head -c 400000000 /dev/zero
		printf '\n'
		put_line 2 a.example "$(zone_text a.example 1)"
		echo commit
	} | (
		[[ $BUILD == *dev ]] || ulimit -v 200000
		push batch
	) >"$TMP/answers"
	answers 'fail 1 its text has 400000000 bytes, more than 16384 (app.max_zone_bytes)' 'ok 2'
	serves a.example 1
}

@test "names that are none fail alone" {
	world
	{
		put_line 1 UPPER.example "$(zone_text upper.example 1)"
		put_line 2 a.example "$(zone_text a.example 1)"
		echo 'del 3 ../x'
		put_line 4 "$(printf 'a%.0s' {1..300})" text
		put_line 5 'a..b' 'commit'
		echo commit
	} >"$TMP/batch"
	push batch <"$TMP/batch" | cut -c1-60 >"$TMP/answers"
	answers 'fail 1 not a zone name in normal form: UPPER.example' 'ok 2' \
		'fail 3 not a zone name in normal form: ../x' \
		'fail 5 not a zone name in normal form: a..b' \
		"fail 4 not a zone name in normal form: $(printf 'a%.0s' {1..21})"
	serves a.example 1
}

@test "what is behind a zone that is not taken must be there: else the protocol is broken" {
	world
	run -64 push batch < <(printf 'put 1 a.example 99999\nabc')
	[[ $output == *"the input ends within a zone"* ]]
	run -64 push batch < <(printf 'put 1 a..b 3\nabcdel 2 a.example\ncommit\n')
	[[ $output == *"no newline"* ]]
	run -64 push batch <<<'put 1 a.example 9999999999999999999'
	[[ $output == *"not a length"* ]]
}

@test "more zones before a commit than fit: the rest is deferred" {
	world
	{
		seq -f 'del %.0f gone.example' 1 100002
		put_line 100003 a.example "$(zone_text a.example 1)"
		echo commit
		put_line 100004 b.example "$(zone_text b.example 1)"
		echo commit
	} >"$TMP/batch"
	push batch <"$TMP/batch" >"$TMP/answers"
	[ "$(grep -c '^ok ' "$TMP/answers")" = 100001 ]
	grep '^defer' "$TMP/answers" | cut -d' ' -f2 | diff <(printf '%s\n' 100001 100002 100003) -
	serves b.example 1
	gone a.example
}

@test "put of a zone that is too large is refused" {
	world
	large big.example 1 >"$TMP/big"
	run -65 push put big.example <"$TMP/big"
	[[ $output == *"big.example: the text is larger than 16384 bytes"* ]]
	gone big.example
}
