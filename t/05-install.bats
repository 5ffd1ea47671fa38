# make install: what lands where, and that what has landed is a usable set of programs.
load lib/common

setup_file()
{
	TMP=$BATS_FILE_TMPDIR
	export TREE=$TMP/tree
	DESTDIR=$TREE PREFIX=/opt/ddo SYSCONFDIR=/etc BIN=$BIN "$ROOT/etc/install"
}

# Every program built, where it was installed.
# ddo-httpd-tls is ddo-httpd, and for nobody to call.
installed()
{
	find "$TREE/opt/ddo/bin" "$TREE/opt/ddo/sbin" "$TREE/opt/ddo/libexec" -type f | sort
}

@test "every program that was built is installed, once, executable" {
	diff <(installed | sed 's|.*/||' | sort) <(find "$BIN" -name 'ddo-*' -printf '%f\n' | sort)
	installed | while read -r program; do
		[ "$(stat -c %a "$program")" = 755 ]
	done
}

@test "people's tools are in bin, daemons in sbin, push programs in libexec" {
	[ -x "$TREE/opt/ddo/bin/ddo-status" ]
	[ -x "$TREE/opt/ddo/bin/ddo-enqueue" ]
	[ -x "$TREE/opt/ddo/bin/ddo-da" ]
	[ -x "$TREE/opt/ddo/sbin/ddo-queue" ]
	[ -x "$TREE/opt/ddo/sbin/ddo-httpd" ]
	[ -x "$TREE/opt/ddo/libexec/ddo/ddo-push-bind" ]
}

@test "--version names the program and the version, exit 0" {
	local program
	for program in $(installed | grep -v 'httpd-tls$'); do
		run "$program" --version
		echo "$program: $status: $output"
		[ "$status" = 0 ]
		[[ $output == "${program##*/} $(cat "$ROOT/VERSION")"* ]]
	done
}

@test "--help shows the usage on stdout, exit 0" {
	local program text
	for program in $(installed | grep -v 'httpd-tls$'); do
		echo "$program"
		text=$("$program" --help 2>/dev/null)
		[[ $text == *"${program##*/}"* ]]
		[[ $text == *--version* ]]
	done
}

@test "an unknown option is EX_USAGE (64), said on stderr, nothing on stdout" {
	local program
	for program in $(installed | grep -v 'httpd-tls$'); do
		status=0
		"$program" --no-such-option >"$TMP/out" 2>"$TMP/err" </dev/null || status=$?
		echo "$program: $status: $(cat "$TMP/err")"
		[ "$status" = 64 ]
		[ -s "$TMP/err" ]
		[ ! -s "$TMP/out" ]
	done
}

@test "a configuration that is not there is EX_CONFIG (78), with its name" {
	local tool
	for tool in sbin/ddo-queue bin/ddo-status bin/ddo-da; do
		run "$TREE/opt/ddo/$tool" -c /nonexistent/app.yml </dev/null
		echo "$tool: $status: $output"
		[ "$status" = 78 ]
		[[ $output == *"/nonexistent/app.yml"* ]]
	done
}

@test "every program has a manual page that man finds" {
	need mandoc
	local program page
	for program in $(installed | grep -v 'httpd-tls$'); do
		page=$(find "$TREE/opt/ddo/share/man" -name "${program##*/}.[1-9]")
		echo "${program##*/}: $page"
		[ -f "$page" ]
		[[ $page == */man"${page##*.}"/* ]]
		mandoc -T utf8 "$page" | sed 's|.\x08||g' | grep "${program##*/}" >/dev/null
	done
}

@test "the example configuration is accepted by ddo-queue -T" {
	DADNS_LIBEXEC_DIR=$BIN run "$TREE/opt/ddo/sbin/ddo-queue" \
		-c "$TREE/etc/ddo/app.yml.example" -T
	echo "$output"
	[ "$status" = 0 ]
}

@test "an app.yml that is there stays as it is" {
	[ ! -e "$TREE/etc/ddo/app.yml" ]
	echo "mine: 1" >"$TREE/etc/ddo/app.yml"
	DESTDIR=$TREE PREFIX=/opt/ddo SYSCONFDIR=/etc BIN=$BIN "$ROOT/etc/install"
	[ "$(cat "$TREE/etc/ddo/app.yml")" = "mine: 1" ]
}

@test "the service files name the installed programs and have no place left unfilled" {
	local unit program
	for unit in ddo-queue ddo-httpd ddo-reconcile; do
		program=$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' \
			"$TREE/opt/ddo/lib/systemd/system/$unit.service")
		[ -x "$TREE$program" ]
		grep -q "^ExecStart=.* -c /etc/ddo/app.yml" \
			"$TREE/opt/ddo/lib/systemd/system/$unit.service"
	done
	[ -f "$TREE/opt/ddo/lib/sysusers.d/ddo.conf" ]
	[ -f "$TREE/opt/ddo/lib/tmpfiles.d/ddo.conf" ]
	run ! grep -r '@[A-Z]*@' "$TREE/opt/ddo/lib" "$TREE/etc"
}
