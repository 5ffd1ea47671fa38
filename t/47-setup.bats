# ddo-setup: its plan, what it changes, its record and the way back, with a part of our own.
load lib/common

SETUP=$BATS_TEST_DIRNAME/../setup/ddo-setup

setup()
{
	mkdir -p "$TMP/parts" "$TMP/etc" "$TMP/var"
	chmod 755 "$TMP/etc"
	export DDO_SETUP_PARTS=$TMP/parts DDO_CONFIG=$TMP/etc/app.yml WHERE=$TMP/var
	me=$(id -un) ours=$(id -gn)
	export me ours
	printf 'options {\n\tmine;\n};\n' >"$TMP/var/theirs"
	cat >"$TMP/parts/toy.sh" <<'END'
# about: a toy
toy_plan()
{
	want_dir "$WHERE/dir" 0750 "$me" "$ours"
	printf 'it is %s\n' "${setting_what:-new}" | want_file "$WHERE/dir/file" 0640 "$me" "$ours"
	awk '{ print } /^options/ { print "\tallowed; // ddo-setup" }' "$WHERE/kept" | \
		want_edit "$WHERE/theirs"
	[ -z "${STOP:-}" ] || say text | stop "do this first"
	want_check "${CHECK:-true}"
	want_command "${COMMAND:-true}"
}
toy_prove() { ${PROVE:-true}; }
toy_undo() { want_first touch "$WHERE/first"; want_command touch "$WHERE/last"; }
END
	cp "$TMP/var/theirs" "$TMP/var/kept"
}

# state: everything that is there, with its mode and its content.
state()
{
	(cd "$TMP" && find etc var -printf '%p %m %u %g\n' -type f -exec sha256sum {} +) | sort
}

@test "without arguments it lists what there is; an unknown thing or option: 64" {
	run -0 "$SETUP"
	[[ $output == "toy "*"-"*"a toy" ]]
	run -64 "$SETUP" nothing
	[[ $output == *'cannot set up "nothing"; there is: toy'* ]]
	run -64 "$SETUP" --nonsense toy
	run -64 "$SETUP" -t -x toy
	run -64 "$SETUP" -c
}

@test "-n, and a terminal that is not there, change nothing" {
	state >"$TMP/before"
	run -0 "$SETUP" -n toy
	[[ $output == *"+it is new"* && $output == *"+	allowed; // ddo-setup"* ]]
	state | diff "$TMP/before" -
	run -1 "$SETUP" toy </dev/null
	[[ $output == *"there is no terminal to ask on: add --yes"* ]]
	state | diff "$TMP/before" -
}

@test "what stops a plan, behind a pipe too, changes nothing" {
	state >"$TMP/before"
	STOP=1 run -1 "$SETUP" -y toy
	[[ $output == *"toy: do this first"* && $output != *"== toy"* ]]
	echo mine >"$TMP/var/kept" # the new text would lose lines of theirs
	state >"$TMP/before"
	run -1 "$SETUP" -y toy
	[[ $output == *"would change lines of $TMP/var/theirs that are not its own"* ]]
	state | diff "$TMP/before" -
}

@test "it does it once; a second run has nothing to do; undo takes everything back" {
	state >"$TMP/before"
	run -0 "$SETUP" -y toy
	[ "$(stat -c '%a' "$TMP/var/dir/file")" = 640 ]
	[ "$(cat "$TMP/var/theirs")" = $'options {\n\tallowed; // ddo-setup\n\tmine;\n};' ]
	state >"$TMP/after"
	run -0 "$SETUP" -y toy
	[[ $output == *"nothing to do"*"toy works"* ]]
	state | diff "$TMP/after" -
	run -0 "$SETUP"
	[[ $output == *"set up"* ]]
	run -0 "$SETUP" --undo -n toy
	state | diff "$TMP/after" -
	run -0 "$SETUP" --undo -y toy
	rm "$TMP/var/first" "$TMP/var/last"
	state | diff "$TMP/before" -
	run -0 "$SETUP" --undo -y toy
	[[ $output == *"nothing to do"* ]]
}

@test "a check that fails: everything is as it was, also what an earlier run wrote" {
	state >"$TMP/before"
	CHECK=false run -1 "$SETUP" -y toy
	state | diff "$TMP/before" -
	run -0 "$SETUP" -y toy
	state >"$TMP/after"
	CHECK=false run -1 "$SETUP" -y toy what=other
	state | diff "$TMP/after" -
	run -0 "$SETUP" -y toy what=other
	[ "$(cat "$TMP/var/dir/file")" = "it is other" ]
	"$SETUP" --undo -y toy
	[ ! -e "$TMP/var/dir" ]
}

@test "a command or a proof that fails: the next run goes on, and undo goes back" {
	state >"$TMP/before"
	COMMAND=false run -1 "$SETUP" -y toy
	[[ $output == *"run ddo-setup toy again to go on, or ddo-setup --undo toy to go back"* ]]
	PROVE=false run -1 "$SETUP" -y toy
	run -0 "$SETUP"
	[[ $output == *"begun: run it again"* ]]
	COMMAND="touch_it" run -1 "$SETUP" -y toy # the command runs again
	run -0 "$SETUP" -y toy
	run -0 "$SETUP" -y --undo toy
	rm "$TMP/var/first" "$TMP/var/last"
	state | diff "$TMP/before" -
}

@test "what the administrator changed since stays, and is named" {
	run -0 "$SETUP" -y toy
	echo more >>"$TMP/var/dir/file"
	echo 'more;' >>"$TMP/var/theirs"
	echo 'more;' >>"$TMP/var/kept"
	run -0 "$SETUP" -y toy
	[[ $output == *"was changed since ddo-setup wrote it: it stays as it is"* ]]
	[ "$(tail -n 1 "$TMP/var/dir/file")" = more ]
	run -0 "$SETUP" -y --undo toy
	[[ $output == *"left    $TMP/var/dir/file: it was changed since"* ]]
	[[ $output == *"left    $TMP/var/dir: it is not empty"* ]]
	[ "$(cat "$TMP/var/dir/file")" = $'it is new\nmore' ]
	cmp "$TMP/var/theirs" "$TMP/var/kept"
}

@test "a file that is there already, or is no file, is not touched" {
	mkdir "$TMP/var/dir"
	echo mine >"$TMP/var/dir/file"
	state >"$TMP/before"
	run -1 "$SETUP" -y toy
	[[ $output == *"$TMP/var/dir/file is there already, and not from ddo-setup"* ]]
	rm "$TMP/var/dir/file"
	mkfifo "$TMP/var/dir/file"
	run -1 "$SETUP" -y toy
	[[ $output == *"$TMP/var/dir/file is not a regular file"* ]]
	[ "$(cat "$TMP/var/theirs")" = "$(cat "$TMP/var/kept")" ]
}

@test "killed in the middle: the next run goes on, undo goes back" {
	state >"$TMP/before"
	COMMAND="kill_it" run -1 "$SETUP" -y toy
	printf '%s\n' 'kill_it() { kill -9 $$; }' >>"$TMP/parts/toy.sh"
	COMMAND=kill_it run "$SETUP" -y toy
	[ "$status" = 137 ]
	run -0 "$SETUP" -y --undo toy
	rm "$TMP/var/first" "$TMP/var/last"
	state | diff "$TMP/before" -
}

@test "a generated secret is shown once, and never in the plan" {
	cat >"$TMP/parts/secret.sh" <<'END'
secret_plan()
{
	if [ -e "$WHERE/key" ]; then secret=$(cat "$WHERE/key"); else secret=s3cr3t; fi # longer than 5
	say "$secret" >>"$work/secrets"
	say "the key is $secret" | want_file "$WHERE/conf" 0600 "$me" "$ours"
	printf -- '-----BEGIN PRIVATE KEY-----\nhush\n' | want_file "$WHERE/pem" 0600 "$me" "$ours"
}
secret_prove() { :; }
secret_undo() { :; }
END
	run -0 "$SETUP" -y secret
	[[ $output == *"the key is ********"* && $output != *s3cr3t* && $output != *hush* ]]
	[ "$(cat "$TMP/var/conf")" = "the key is s3cr3t" ]
}

@test "a record that others can change is refused" {
	run -0 "$SETUP" -y toy
	state >"$TMP/before"
	local path
	for path in etc etc/setup etc/setup/toy; do
		chmod g+w "$TMP/$path"
		run -1 "$SETUP" -y --undo toy
		[[ $output == *"$TMP/$path can be changed by others, or is a link"* ]]
		run -1 "$SETUP" -y toy
		chmod g-w "$TMP/$path"
	done
	mv "$TMP/etc/setup" "$TMP/elsewhere"
	ln -s ../elsewhere "$TMP/etc/setup"
	run -1 "$SETUP" -y --undo toy
	rm "$TMP/etc/setup"
	mv "$TMP/elsewhere" "$TMP/etc/setup"
	state | diff "$TMP/before" -
	if [ "$(id -u)" = 0 ]; then
		chown nobody "$TMP/etc/setup/toy"
		run -1 "$SETUP" -y --undo toy
		[[ $output == *"$TMP/etc/setup/toy can be changed by others"* ]]
		chown root "$TMP/etc/setup/toy"
	fi
	# What it says is not executed.
	echo "file	\$(touch $TMP/executed)	x" >>"$TMP/etc/setup/toy"
	run -0 "$SETUP" -y --undo toy
	[ ! -e "$TMP/executed" ]
}

# on_terminal ANSWER WORD...: ddo-setup on a terminal, where somebody types ANSWER.
on_terminal()
{
	local answer=$1
	shift
	echo "$answer" | script -qec "$SETUP $*" /dev/null
}

@test "on a terminal it asks: only y does it" {
	need script
	state >"$TMP/before"
	run on_terminal n toy
	[[ $output == *"Do it? [y/N] "*"nothing was changed"* ]]
	state | diff "$TMP/before" -
	run on_terminal '' toy
	state | diff "$TMP/before" -
	run on_terminal y toy
	[[ $output == *"toy works"* ]]
	state >"$TMP/after"
	run on_terminal n --undo toy
	state | diff "$TMP/after" -
	run on_terminal y --undo toy
	[[ $output == *"toy is undone"* ]]
}

@test "a user or a group that is missing is named, and nothing changes" {
	state >"$TMP/before"
	ours=no-such-group run -1 "$SETUP" -y toy
	[[ $output == *"there is no group no-such-group: run systemd-sysusers"* ]]
	me=no-such-user run -1 "$SETUP" -y toy
	[[ $output == *"there is no user no-such-user: run systemd-sysusers"* ]]
	state | diff "$TMP/before" -
}

@test "letters together, and words behind --target" {
	state >"$TMP/before"
	run -0 "$SETUP" -ny toy
	run -0 "$SETUP" -nttarget toy
	run -0 "$SETUP" -n --target=target toy
	state | diff "$TMP/before" -
	run -64 "$SETUP" -n -t a/b toy
	run -64 "$SETUP" -n --undo=yes toy
	run -64 "$SETUP" -n ../toy
	"$SETUP" -y -t one toy
	run -1 "$SETUP" -y -t two toy
	[[ $output == *"it is set up as target one: run ddo-setup --undo toy first"* ]]
}

@test "an update that ends between its record and its file is gone over again" {
	run -0 "$SETUP" -y toy
	printf 'file\t%s\t%064d\n' "$TMP/var/dir/file" 0 >>"$TMP/etc/setup/toy"
	run -0 "$SETUP" -y toy what=other
	[ "$(cat "$TMP/var/dir/file")" = "it is other" ]
	"$SETUP" -y --undo toy
	[ ! -e "$TMP/var/dir" ]
}
