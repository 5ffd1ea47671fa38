# make install: what lands where, and that what has landed is a usable set of programs.
load lib/common

setup_file()
{
	TMP=$BATS_FILE_TMPDIR
	export TREE=$TMP/tree
	DESTDIR=$TREE PREFIX=/opt/ddo SYSCONFDIR=/etc BIN=$BIN "$ROOT/etc/install"
}

# Every program built, where it was installed.
# ddo-httpd-tls is ddo-httpd, and for nobody to call.  ddo-setup is not built: it is a script.
installed()
{
	find "$TREE/opt/ddo/bin" "$TREE/opt/ddo/sbin" "$TREE/opt/ddo/libexec" -type f \
		! -name ddo-setup | sort
}

# files DIR: what is below it, without it.
files()
{
	(cd "$1" && find . -mindepth 1 | sort)
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

@test "uninstall removes what install put there, in each version, and nothing else" {
	local tree=$TMP/gone before install=(env DESTDIR="$TMP/gone" PREFIX=/opt/ddo
		SYSCONFDIR=/opt/etc BIN="$BIN" "$ROOT/etc/install")
	mkdir -p "$tree/opt/ddo/bin" "$tree/opt/etc/ddo" "$tree/var/lib/ddo"
	touch "$tree/opt/ddo/bin/other" "$tree/opt/etc/ddo/app.yml" "$tree/var/lib/ddo/zones.db"
	before=$(files "$tree")
	"${install[@]}"
	[ -x "$tree/opt/ddo/sbin/ddo-queue" ]

	# An earlier version had a unit that this one has not.
	touch "$tree/opt/ddo/lib/systemd/system/ddo-old.service"
	sed -i '1i /opt/ddo/lib/systemd/system/ddo-old.service' "$tree/opt/ddo/share/ddo/installed"
	"${install[@]}"
	[ ! -e "$tree/opt/ddo/lib/systemd/system/ddo-old.service" ]

	run make -C "$ROOT" uninstall DESTDIR="$tree" PREFIX=/opt/ddo SYSCONFDIR=/opt/etc
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"Kept: $tree/opt/etc/ddo"* ]]
	[[ $output == *"Kept: $tree/var/lib/ddo"* ]]
	diff <(files "$tree") <(echo "$before")
	run ! "${install[@]}" remove
	[[ $output == *"nothing to remove"* ]]
}

# in_copy ARGUMENT...: make with the build under test, in a copy of it.
in_copy()
{
	local dev=()
	[[ $BIN != */dev/bin ]] || dev=(DEV=1)
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u BUILD make -C "$TMP/copy" "${dev[@]}" "$@" \
		>"$TMP/make.log" 2>&1 || { cat "$TMP/make.log"; return 1; }
}

@test "other paths are built into the programs that hold them, and the same ones build nothing" {
	local copy=$TMP/copy tree=$TMP/paths paths=(PREFIX=/srv/o SYSCONFDIR=/srv/etc) objects
	objects=$copy/${BUILD#"$ROOT/"}
	mkdir -p "$objects"
	cp -a "$ROOT"/{Makefile,VERSION,cmd,lib,etc,man,setup} "$copy"
	cp -a "$BUILD"/{bin,cmd,lib,libddo.a,settings,paths.h,have-libraries} "$objects"
	in_copy all # what other flags than this test's may have to build
	in_copy install "${paths[@]}" DESTDIR="$tree"
	[ "$(grep -c -- '-MMD' "$TMP/make.log")" -lt 40 ]
	"$tree/srv/o/sbin/ddo-queue" --help | grep -F 'or /srv/etc/ddo/app.yml)'
	run "$tree/srv/o/bin/ddo-status"
	echo "$output"
	[[ $output == *"/srv/etc/ddo/app.yml"* ]]
	grep -qF /srv/o/libexec/ddo "$tree/srv/o/sbin/ddo-queue"
	run ! grep -rlF /usr/local/libexec/ddo "$tree/srv/o/bin" "$tree/srv/o/sbin/ddo-queue" \
		"$tree/srv/o/libexec"
	in_copy all "${paths[@]}"
	run ! grep -e ' -o ' "$TMP/make.log"
	in_copy all "${paths[@]}" BUILD="$objects"
	run ! grep -e ' -o ' "$TMP/make.log"
}

@test "the tarball is the same twice, and builds without git" {
	need git
	git -C "$ROOT" rev-parse --verify --quiet HEAD >/dev/null || absent "a clone"
	local name sum
	name=ddo-$(git -C "$ROOT" show HEAD:VERSION)
	make -C "$ROOT" dist >/dev/null
	sum=$(sha256sum <"$ROOT/build/$name.tar.gz")
	touch -d 2001-01-01 "$ROOT/build/$name.tar.gz"
	make -C "$ROOT" dist >/dev/null
	[ "$(sha256sum <"$ROOT/build/$name.tar.gz")" = "$sum" ]
	tar -C "$TMP" -xzf "$ROOT/build/$name.tar.gz"
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u BUILD GIT_DIR=/nonexistent \
		make -C "$TMP/$name" -j2 CFLAGS=-O1 install DESTDIR="$TMP/dist" \
		>"$TMP/make.log" 2>&1 || { tail -n 20 "$TMP/make.log"; return 1; }
	[ "$("$TMP/dist/usr/local/bin/ddo-status" --version)" = "ddo-status ${name#ddo-}" ]
	run ! grep -i 'no such file\|not a git' "$TMP/make.log"
}

@test "a missing library is one line that says what to do" {
	run make -C "$ROOT" BUILD="$TMP/none" LIBS='-lno-such -l:libneither.a' all
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *"The build lacks: -l:libneither.a -lno-such; run: sudo make deps"* ]]
	run make -C "$ROOT" BUILD="$TMP/none" HEADERS=no/such.h all
	[[ $output == *"The build lacks: no/such.h; run: sudo make deps"* ]]
}

@test "the version is the one of debian/changelog" {
	[ "$(sed -n '1s/^ddo (\(.*\)) .*/\1/p' "$ROOT/debian/changelog")" = \
		"$(cat "$ROOT/VERSION")" ]
}
