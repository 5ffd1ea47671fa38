# What runs the tests: t/run, and .ci/run around it, with tests of a line each.
# shellcheck disable=SC2016	# what is written into files is not expanded here
load lib/common

setup()
{
	mkdir -p "$TMP/t" "$TMP/.ci" "$TMP/etc/deps" "$TMP/build"
	cp "$ROOT/t/run" "$TMP/t/run"
	cp "$ROOT/.ci/run" "$TMP/.ci/run"
	printf '#!/bin/sh\n' >"$TMP/etc/deps/install"
	chmod +x "$TMP/etc/deps/install"
	printf '%s:\n\t@true\n' all units shims lint demo >"$TMP/Makefile"
	printf 'check:\n\t@t/run $(T)\ncheck-install fuzz:\n\t@echo 1 passed, 0 failed\n' \
		>>"$TMP/Makefile"
	unset T_RETRY T_JOBS T_TIMEOUT V CI T BUILD MAKEFLAGS MAKELEVEL MFLAGS
}

# bats_file NAME COMMAND: tests in which COMMAND must succeed, and one more; each leaves its mark.
bats_file()
{
	{
		printf '@test "%s: first" {\n\techo said-by-%s $(wc -l <%s/ran)\n\techo %s >>%s/ran\n\t%s\n}\n' "$1" "$1" "$TMP" "$1" "$TMP" "$2"
		printf '@test "%s: second" {\n\ttrue\n}\n' "$1"
	} >"$TMP/t/$1.bats"
	: >"$TMP/ran"
}

# once NAME: a command that fails when it is run for the first time.
once()
{
	echo "! mkdir $TMP/$1.first"
}

last()
{
	echo "$output"
	[ "${lines[-1]}" = "$1" ]
}

@test "files that pass and fail are counted, the last line says how many" {
	bats_file 10-good true
	bats_file 11-bad false
	run -1 "$TMP/t/run"
	last '3 passed, 1 failed'
	[[ $output == *'FAILED t/11-bad.bats'*'not ok 1 11-bad: first'*failed:*t/11-bad.bats* ]]
	[ "$(sort "$TMP/ran" | uniq -c | tr -s ' ')" = $' 1 10-good\n 1 11-bad' ]
	run -0 "$TMP/t/run" t/10-good.bats
	last '2 passed, 0 failed'
}

@test "T_RETRY: what fails and then passes is FLAKY, with both outputs, and counts as passed" {
	bats_file 10-good true
	bats_file 11-once "$(once mark)"
	T_RETRY=1 run -0 "$TMP/t/run"
	last '4 passed, 0 failed'
	[ "$(grep -c '^FLAKY ' <<<"$output")" = 1 ]
	[[ $output == *'FAILED t/11-once.bats'*'once more, alone: t/11-once.bats'*'FLAKY t/11'* ]]
	[[ ${output##*FLAKY} == *'not ok 1 11-once: first'*said-by-11-once*'passed, alone'* ]]
	[[ ${output##*passed, alone} == *'ok 1 11-once: first'* ]]
	# the other one was not run again, and the one that was came last
	[ "$(grep -c 10-good "$TMP/ran")" = 1 ]
	[ "$(tail -n 1 "$TMP/ran")" = 11-once ]
	# without it a failure is one
	rm -r "$TMP/mark.first"
	run -1 "$TMP/t/run"
	last '3 passed, 1 failed'
}

@test "T_RETRY: what fails twice has failed, and is counted once; what does not end, too" {
	bats_file 10-bad false
	T_RETRY=1 run -1 "$TMP/t/run"
	last '1 passed, 1 failed'
	[ "$(wc -l <"$TMP/ran")" = 2 ]
	not grep '^FLAKY' <<<"$output"
	bats_file 10-bad 'tail -f /dev/null'
	T_RETRY=1 T_TIMEOUT=2 run -1 "$TMP/t/run"
	[[ $output == *'out of time'*'out of time'* ]]
	not grep '^FLAKY' <<<"$output"
}

@test ".ci/run: up to two flaky files pass and are named, a third fails the run" {
	bats_file 10-good true
	bats_file 11-a "$(once a)"
	bats_file 12-b "$(once b)"
	run -0 "$TMP/.ci/run"
	[[ ${lines[-1]} =~ ^[0-9]+\ passed,\ 0\ failed$ ]]
	[[ $output == *'FLAKY, correct these tests:'*'t/11-a.bats, suite'* ]]
	[[ $output == *'FLAKY, correct these tests:'*'t/12-b.bats, suite'* ]]
	rm -r "$TMP"/[ab].first
	bats_file 13-c "$(once c)"
	run -1 "$TMP/.ci/run"
	last "${lines[-1]% 1 failed} 1 failed"
	[[ $output == *'more than 2'* ]]
	# and over all suites of the run: each file is flaky in the first and in the second
	rm -r "$TMP"/[abc].first "$TMP"/t/1[23]*
	bats_file 11-a "mkdir $TMP/\$(wc -l <$TMP/ran) && [ \$((\$(grep -c 11-a $TMP/ran) % 2)) = 0 ]"
	run -0 "$TMP/.ci/run"
	[ "$(grep -c '^t/11-a.bats, suite' <<<"$output")" = 2 ]
	# a test that fails fails the run
	bats_file 11-a false
	run -1 "$TMP/.ci/run"
	[[ ${lines[-1]} =~ ^[0-9]+\ passed,\ 2\ failed$ ]]
}
