# record: what ddo-setup does with a plan: its steps, their record, and the way back.
# shellcheck shell=sh disable=SC2154,SC2034 # the variables are ddo-setup's
#
# A line of the record is a step, written before the change, its words between tabs:
#   target NAME      what it is set up as; the first line
#   dir PATH         made
#   file PATH SUM    written, by ddo-setup alone
#   edit PATH        lines added to somebody else's
#   mode PATH MODE OWNER GROUP   what it had before
#   group USER GROUP   joined
#   done             it was proven

# only_ours PATH...: root acts on what the record says, so nobody else may write it, or exchange a
# directory above it.
only_ours()
{
	for path in "$@"; do
		[ -e "$path" ] || [ -h "$path" ] || continue
		[ -n "$(find "$path" -maxdepth 0 ! -perm /022 \( -uid 0 -o -uid "$(id -u)" \))" ] ||
			stop "${path%/.} can be changed by others, or is a link: run" \
				"chown root ${path%/.} and chmod go-w ${path%/.}, and look at what it holds"
	done
}

note() # WORD...: into the record, before the change
{
	doing=1
	[ -d "${record%/*}" ] || mkdir -m 700 "${record%/*}" || return 1
	(
		IFS=$tab
		say "$*"
	) >>"$record" && sync "$record"
}

is_complete()
{
	[ -f "$record" ] && [ "$(tail -n 1 "$record")" = 'done' ]
}

forget()
{
	rm -f "$record"
	rmdir "${record%/*}" 2>/dev/null
}

# did VERB PATH: has the record such a line?
did()
{
	[ -f "$record" ] && cut -f 1-2 "$record" | grep -qxF -- "$1$tab$2"
}

# is_ours FILE: ddo-setup wrote it, and nobody changed it since.
is_ours()
{
	grep -qsxF -- "file$tab$1$tab$(sum_of "$1")" "$record"
}

sum_of() # FILE
{
	sha256sum <"$1" | cut -d' ' -f1
}

# replace FILE PATH [MODE OWNER GROUP]: atomically; without MODE it keeps what PATH has.
replace()
{
	temp=$(mktemp "${2%/*}/.ddo-setup.XXXXXX") || return 1
	if { [ $# != 2 ] || cp -a -- "$2" "$temp"; } && cat "$1" >"$temp" &&
		{ [ $# = 2 ] || own "$temp" "$3" "$4" "$5"; } && sync "$temp" &&
		mv -fT -- "$temp" "$2"; then
		return 0
	fi
	rm -f "$temp"
	return 1
}

own() # PATH MODE OWNER GROUP
{
	[ "$(stat -c '%U %G' "$1")" = "$3 $4" ] || chown -- "$3:$4" "$1" || return 1
	chmod -- "$2" "$1"
}

# former PATH: where this run keeps the file that it replaces; $former.
former()
{
	former=$work/former.$(say "$1" | tr / _)
}

do_step() # one line of steps
{
	case $1 in
	dir) note dir "$2" && mkdir -- "$2" && own "$2" "$3" "$4" "$5" ;;
	mode)
		# shellcheck disable=SC2046 # three words
		note mode "$2" $(mode_of "$2") && own "$2" "$3" "$4" "$5"
		;;
	file)
		former "$2"
		{ [ ! -e "$2" ] || cp -a -- "$2" "$former"; } &&
			note file "$2" "$(sum_of "$6")" && replace "$6" "$2" "$3" "$4" "$5"
		;;
	edit) note edit "$2" && replace "$3" "$2" ;;
	group) note group "$2" "$3" && usermod -aG "$3" "$2" ;;
	esac
}

undo_step() # one line of the record
{
	[ -e "$2" ] || [ "$1" = group ] || return 0
	case $1 in
	file)
		former "$2"
		if [ -e "$former" ]; then # this run replaced one that ddo-setup wrote before
			replace "$former" "$2" && say "put     the former $2 back"
		elif is_ours "$2"; then
			rm -f -- "$2" && say "removed $2"
		else
			say "left    $2: it was changed since ddo-setup wrote it"
		fi
		;;
	edit)
		without_marks "$2" >"$work/theirs" || return 1
		cmp -s "$2" "$work/theirs" ||
			{ replace "$work/theirs" "$2" && say "took its lines out of $2"; }
		;;
	dir)
		if rmdir -- "$2" 2>/dev/null; then
			say "removed $2"
		else
			say "left    $2: it is not empty"
		fi
		;;
	mode) own "$2" "$3" "$4" "$5" && say "gave    $2 its mode and owner back" ;;
	group) gpasswd -d "$2" "$3" >/dev/null && say "removed $2 from the group $3" ;;
	esac
}

# take_back FROM: undoes the record's lines from number FROM on, the last first, a file once.
take_back()
{
	tail -n "+$1" "$record" | tac | awk -F '\t' '$1 != "file" || !seen[$2]++' >"$work/back"
	while IFS=$tab read -r verb path mode owner group; do
		undo_step "$verb" "$path" "$mode" "$owner" "$group" ||
			error "cannot undo: $verb $path"
	done <"$work/back"
}

# cut_record LINES: the first ones stay; only "target" is none.
cut_record()
{
	head -n "$1" "$record" >"$work/record" && cat "$work/record" >"$record"
	[ "$1" != 1 ] || forget
}

run()
{
	say "$(show "$@")"
	"$@" 3<&- </dev/null
}
