#!/usr/bin/env bats
# The options of all programs: one table each, one meaning a letter, one order.
# bats file_tags=options

load lib/common
load lib/options

setup()
{
	programs=("$BIN"/ddo-*)
	programs=("${programs[@]/%*\/ddo-httpd-tls/}") # is started by ddo-httpd alone
	mapfile -t programs < <(printf '%s\n' "${programs[@]}" | grep .)
	with_setup=("${programs[@]}" "$ROOT/setup/ddo-setup") # a script without -T
	export DDO_CONFIG=$TMP/app.yml
	cat >"$DDO_CONFIG" <<-END
		queue_location: $TMP/spool
		run_dir: $TMP/run
		libexec_dir: $BIN
		datastore: { db_location: $TMP/zones.db }
		app: { auth_password: x }
		dns:
		  backends:
		    bind: { type: bind, zones_dir: $TMP/zones, key_file: $TMP/key }
		    knot: { type: knot, template: ddo, control: $TMP/knot.sock, zones_dir: $TMP }
		    mysql: { type: coredns_mysql, password: x }
		    nsd: { type: nsd, zones_dir: $TMP/zones, control: $TMP/nsd.sock }
		    pdns: { type: powerdns, api_key: x }
	END
	echo 'key "k" { algorithm hmac-sha256; secret "c2VjcmV0LXNlY3JldC1zZWNyZXQ="; };' \
		>"$TMP/key"
	mkdir "$TMP/zones"
}

# target PROGRAM: the options that name its target, if it has one.
target()
{
	[[ $1 != *ddo-push-* ]] || echo "-t ${1##*ddo-push-}"
}

help_to_full()
{
	"$1" --help >/dev/full
}

@test "--help prints the usage, --version the version, on standard output" {
	local program name
	[ "${#programs[@]}" -ge 11 ]
	for program in "${with_setup[@]}"; do
		name=${program##*/}
		for option in -h --help; do
			run -0 --separate-stderr "$program" $option
			[[ $output == "usage: $name "* ]]
			# shellcheck disable=SC2154
			[ -z "$stderr" ]
			not grep -nE '.{101}' <<<"$output"
		done
		for option in -V --version; do
			run -0 --separate-stderr "$program" $option
			[ "$output" = "$name $(cat "$ROOT/VERSION")" ]
			[ -z "$stderr" ]
		done
		# Whatever else is asked.
		run -0 "$program" --config /nonexistent --help
		[[ $output == "usage: $name "* ]]
		[ ! -e /dev/full ] || run -74 help_to_full "$program"
	done
}

@test "a wrong option is 64, and the message names it and --help" {
	local program name
	for program in "${with_setup[@]}"; do
		name=${program##*/}
		letter=T test=test
		[ "$name" != ddo-setup ] || letter=n test=dry-run
		while IFS='|' read -r words message; do
			# shellcheck disable=SC2086
			run -64 --separate-stderr "$program" $words
			[ -z "$output" ]
			echo "$stderr"
			[ "$stderr" = "$name: fatal: $message; see $name --help" ]
		done <<-END
			--frob|unknown option --frob
			--frob=secret|unknown option --frob
			-Q|unknown option -Q
			-${letter}Q|unknown option -Q
			--$test=yes|--$test takes no value
			-c|-c needs a value, FILE
			--config|--config needs a value, FILE
		END
	done
}

@test "-t is a target, and where there is none the message says -T" {
	local name
	for name in ddo-da ddo-enqueue ddo-status; do
		run -64 "$BIN/$name" -t
		[ "$output" = "$name: fatal: unknown option -t (-T tests the configuration); see $name --help" ]
	done
	run -64 "$BIN/ddo-queue" -t
	[ "$output" = "ddo-queue: fatal: -t needs a value, TARGET (-T tests the configuration); see ddo-queue --help" ]
	for words in '-t bind' '-z a.example' '-1 -t -1'; do
		# shellcheck disable=SC2086
		run -64 "$BIN/ddo-queue" $words
		[ "$output" = "ddo-queue: fatal: -t and -z go with --retry only (-T tests the configuration)" ]
	done
}

@test "operands where there may be none, or too many" {
	local words
	while read -ra words; do
		run -64 "$BIN/${words[0]}" "${words[@]:1}"
		echo "$output"
		[ "$output" = "${words[0]}: fatal: unexpected argument odd; see ${words[0]} --help" ]
	done <<-END
		ddo-status odd
		ddo-status -- odd
		ddo-status odd -j
		ddo-httpd odd
		ddo-reconcile odd
		ddo-queue odd
		ddo-queue --retry bind a.example odd
		ddo-queue --retry -t bind a.example odd
		ddo-queue --retry -t bind -z a.example odd
		ddo-da list a odd
	END
}

@test "one order: -c -t -z -s -n -j, the program's own by name, -T -h -V" {
	local program own
	for program in "${with_setup[@]}"; do
		help_options "$program" >"$TMP/options"
		cat "$TMP/options"
		[ "$(sed -n 1p "$TMP/options")" = '-c, --config FILE' ]
		[ "$(tail -n 2 "$TMP/options" | paste -sd' ')" = '-h, --help -V, --version' ]
		[[ $program == */ddo-setup ]] ||
			tail -n 3 "$TMP/options" | head -n 1 | grep -Eq '^-T, (-t, )?--test$'
		# What has a common letter has its name and its place.
		sed 's/^.*--\([a-z-]*\).*/\1/' "$TMP/options" >"$TMP/names"
		grep -xE 'config|target|zone|server|dry-run|json' "$TMP/names" >"$TMP/common"
		head -n "$(wc -l <"$TMP/common")" "$TMP/names" | diff "$TMP/common" -
		printf '%s\n' config target zone server dry-run json | grep -xFf "$TMP/common" |
			diff - "$TMP/common"
		grep -E '^-[ctzsnj],' "$TMP/options" | sed 's/ [A-Z]*$//' >"$TMP/letters"
		not grep -vxE -e '-c, --config|-t, --target|-z, --zone|-s, --server|-n, --dry-run|-j, --json' "$TMP/letters"
		own=$(grep -vxE 'config|target|zone|server|dry-run|json|test|help|version' \
			"$TMP/names" || true)
		[ "$own" = "$(sort <<<"$own")" ]
	done
}

@test "the manual page has the options of --help, in the same order" {
	need mandoc
	local program
	for program in "${with_setup[@]}"; do
		run -0 options_differ "${program%/*}" "$ROOT"/man/"${program##*/}".[18]
		[ -z "$output" ]
	done
}

@test "-T tests the configuration and does nothing else" {
	local program
	for program in "${programs[@]}"; do
		for option in -T --test; do
			# shellcheck disable=SC2046
			run -0 "$program" $(target "$program") $option
			echo "$output"
			[[ $output == "$DDO_CONFIG: good"* ]]
		done
	done
	run -0 "$BIN/ddo-httpd" -t
	[ "$output" = "$DDO_CONFIG: good" ]
	echo 'nonsense: yes' >>"$DDO_CONFIG"
	for program in "${programs[@]}"; do
		# shellcheck disable=SC2046
		run -78 "$program" $(target "$program") -T
		[ "$output" = "${program##*/}: fatal: $DDO_CONFIG:$(wc \
			-l <"$DDO_CONFIG"): nonsense: no such key" ]
	done
	[ -z "$(find "$TMP" -mindepth 1 ! -name app.yml ! -name zones ! -name key)" ]
}

@test "a push program tests its target's options, too" {
	sed -i 's/type: bind,/type: bind, view: "a;b",/; s/, password: x/, connect_timeout: 1/' \
		"$DDO_CONFIG"
	run -78 "$BIN/ddo-push-bind" -t bind -T
	[[ $output == "ddo-push-bind: fatal: $DDO_CONFIG:"*view*"must be "* ]]
	run -78 "$BIN/ddo-push-bind" -t nobody -T
	run -64 "$BIN/ddo-push-bind" -T
	[ "$output" = "ddo-push-bind: fatal: -t TARGET is missing; see ddo-push-bind --help" ]
}

@test "-j and -n only where a verb has a use for them" {
	local words message
	while IFS='|' read -r words message; do
		# shellcheck disable=SC2086
		run -64 "$BIN"/$words
		echo "$output"
		[ "$output" = "${words%% *}: fatal: $message; see ${words%% *} --help" ]
	done <<-END
		ddo-push-bind -t bind -j probe|-j goes with list only
		ddo-push-bind -t bind -n list|unknown option -n
		ddo-push-mysql -t mysql -n list|-n goes with init only
		ddo-da -j zone a.example|-j goes with list and check only
		ddo-da -n list|unknown option -n
		ddo-enqueue -j del a.example|unknown option -j
	END
	run -64 "$BIN/ddo-reconcile" -j --restore a.example
	[ "$output" = "ddo-reconcile: fatal: --restore goes with -c only" ]
}

@test "--retry takes its target and zone as options or as words" {
	local words
	while read -ra words; do
		rm -rf "$TMP/spool"
		"$BIN/ddo-queue" --retry "${words[@]}" 2>"$TMP/err"
		cat "$TMP"/spool/new/*
		grep -q '^target: bind$' "$TMP"/spool/new/* || [ "${words[0]}" = -z ]
		grep -q '^zone: a.example$' "$TMP"/spool/new/*
	done <<-END
		bind A.example
		-t bind -z A.example
		-t bind A.example
		-z A.example bind
		--target=bind --zone=A.example.
		-z A.example
	END
}
