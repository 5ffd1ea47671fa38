# plan: what a part of ddo-setup may want, and how the plan is shown.
# shellcheck shell=sh disable=SC2154,SC2034 # the variables are ddo-setup's
#
# The lists hints, first, steps, checks, commands and shown in $work have a line for each call, its
# words quoted for eval.

quote() # WORD...: for eval
{
	for quoted in "$@"; do
		printf %s "$quoted" | sed "s/'/'\\\\''/g; 1s/^/'/; \$s/\$/'/"
		[ -n "$quoted" ] || printf "''"
		printf ' '
	done
}

show() # WORD...: as a person would type them
{
	for shown in "$@"; do
		case $shown in
		'' | *[!A-Za-z0-9_./:=@%+,-]*) quote "$shown" ;;
		*) printf '%s ' "$shown" ;;
		esac
	done | sed 's/ $//'
}

planned() # LIST WORD...
{
	list=$1
	shift
	{
		quote "$@"
		echo
	} >>"$work/$list"
}

each() # LIST FUNCTION: calls it with the words of each line; ends at the first failure
{
	[ -f "$work/$1" ] || return 0
	function=$2
	while IFS= read -r line <&3; do
		eval "set -- $line"
		"$function" "$@" || return 1
	done 3<"$work/$1"
}

mode_of() # PATH: "MODE OWNER GROUP"
{
	stat -c '%a %U %G' "$1"
}

# keep FILE: standard input becomes a file of the plan; $kept is its path.
keep()
{
	kept=$(mktemp "$work/file.XXXXXX") && cat >"$kept"
}

without_marks() # FILE
{
	sed -E '/(#|\/\/|;|--) ddo-setup$/d' "$1"
}

real_path() # PATH: follows links; $real
{
	real=$(readlink -m -- "$1")
	if [ -e "$real" ] && [ ! -f "$real" ]; then
		stop "$1 is not a regular file: move it away"
	fi
}

# hint WORD...: one line that the plan shows.
hint()
{
	planned hints "$*"
}

# hint_zones NAME DIR: on the way back.
hint_zones()
{
	zones=$(find "$2" -name '*.db' 2>/dev/null | wc -l)
	[ "$zones" = 0 ] || hint "$1 stops answering the $zones zones of ddo; their files stay"
}

# need_command NAME PACKAGE
need_command()
{
	command -v "$1" >/dev/null || stop "there is no $1: run apt install $2"
}

# need_running UNIT
need_running()
{
	[ -d /run/systemd/system ] || return 0
	systemctl is-active -q "$1" ||
		stop "$1 does not run: run systemctl start $1, and look at journalctl -u $1"
}

# need_owner USER GROUP
need_owner()
{
	id -u "$1" >/dev/null 2>&1 || stop "there is no user $1: run systemd-sysusers"
	getent group "$2" >/dev/null || stop "there is no group $2: run systemd-sysusers"
}

# want_dir PATH MODE OWNER GROUP
want_dir()
{
	need_owner "$3" "$4"
	if [ -e "$1" ] && [ ! -d "$1" ]; then
		stop "$1 is no directory: move it away"
	elif [ ! -d "$1" ]; then
		planned steps dir "$@"
	else
		want_mode "$@"
	fi
}

# want_mode PATH MODE OWNER GROUP: of what exists.
want_mode()
{
	[ "$(mode_of "$1")" = "${2#0} $3 $4" ] || planned steps mode "$@"
}

# want_file PATH MODE OWNER GROUP <TEXT: a file of ddo-setup's own.
want_file()
{
	keep
	need_owner "$3" "$4"
	real_path "$1"
	if [ ! -e "$real" ]; then
		planned steps file "$real" "$2" "$3" "$4" "$kept"
	elif ! did file "$real"; then
		cmp -s "$real" "$kept" ||
			stop "$1 is there already, and not from ddo-setup: move it away"
	elif ! is_ours "$real"; then
		hint "$1 was changed since ddo-setup wrote it: it stays as it is"
	elif ! cmp -s "$real" "$kept"; then
		planned steps file "$real" "$2" "$3" "$4" "$kept"
	else
		want_mode "$real" "$2" "$3" "$4"
	fi
}

# want_edit PATH <TEXT: the whole text of somebody else's file, with lines added.  Each added line
# ends with a comment that says "ddo-setup" (see without_marks).
want_edit()
{
	keep
	real_path "$1"
	[ -f "$real" ] || stop "there is no $1"
	without_marks "$kept" >"$work/theirs"
	without_marks "$real" | cmp -s - "$work/theirs" ||
		stop "ddo-setup would change lines of $1 that are not its own; report this"
	cmp -s "$real" "$kept" || planned steps edit "$real" "$kept"
}

# want_secret PATH GROUP [show]: a generated password in a file 0640 root:GROUP.  $secret is the
# new one, or the first line of the file that is there.  "show": said once, after it is made.
want_secret()
{
	if [ -e "$1" ]; then
		IFS= read -r secret <"$1" || [ -n "$secret" ] || stop "$1 is empty: remove it"
	else
		secret=$(od -An -N 18 -tx1 /dev/urandom | tr -d ' \n')
		say "$secret" | want_file "$1" 0640 root "$2"
		[ $# -lt 3 ] || planned shown "$1" "$secret"
	fi
	say "$secret" >>"$work/secrets"
}

# want_group USER GROUP
want_group()
{
	need_owner "$1" "$2"
	id -nG "$1" | grep -qw -- "$2" || planned steps group "$1" "$2"
}

# want_check WORD...: runs after the files; when it fails, ddo-setup takes them back.
want_check()
{
	planned checks "$@"
}

# want_command WORD...: runs after the checks.  A function of the part will do: its name is shown.
want_command()
{
	planned commands "$@"
}

# want_again: the commands run, even if no file changes.
want_again()
{
	: >"$work/again"
}

# want_first WORD...: on the way back, runs before anything else.
want_first()
{
	planned first "$@"
}

has_systemd()
{
	[ -d /run/systemd/system ]
}

# first_service WORD...: want_first systemctl WORD..., where systemd runs.
first_service()
{
	! has_systemd || want_first systemctl "$@"
}

# want_service VERB UNIT...: systemctl VERB, where systemd runs.
want_service()
{
	if has_systemd; then
		want_command systemctl "$@"
	else
		verb=$1
		shift
		hint "systemd does not run here: $verb these by hand: $*"
	fi
}

want_conf_d()
{
	[ -d "$conf_d" ] || planned steps dir "$conf_d" 0755 root root
}

# want_conf NAME <TEXT: a file of conf.d.  The configuration must be right with it, for ddo.
want_conf()
{
	want_conf_d
	want_file "$conf_d/$1.yml" 0640 root ddo
	want_check runuser -u ddo -- ddo-queue -c "$config" -T
}

# want_target KIND BODY: the target $target in a file of conf.d, BODY being its keys, each line
# indented by six blanks.  When app.yml has the target, it stays.
want_target()
{
	real_path "$conf_d/$target.yml"
	if [ ! -e "$real" ] && pusher "$1" -T >/dev/null 2>&1; then
		hint "the configuration has a target $target already: it stays as it is"
		return
	fi
	say "# ddo-setup $thing wrote this.
dns:
  backends:
    $target:
$2" | want_conf "$target"
	want_service enable ddo-queue
	want_service restart ddo-queue # a reload would not give it the new groups
}

# server_key ADDRESS PORT: the line of a target's body, unless ddo asks there anyway.
server_key()
{
	case $1:$2 in
	127.0.0.1:53) ;;
	*:*:*) printf '\n      server: "[%s]:%s"' "$1" "$2" ;;
	*) printf '\n      server: "%s:%s"' "$1" "$2" ;;
	esac
}

### How it is shown.

# masked: standard input without the secrets.
masked()
{
	awk -v secrets="$work/secrets" '
		BEGIN { while ((getline s <secrets) > 0) if (length(s) > 5) secret[s] }
		{ for (s in secret) {
			done = ""
			while ((i = index($0, s))) {
				done = done substr($0, 1, i - 1) "********"
				$0 = substr($0, i + length(s))
			}
			$0 = done $0
		}
		print }'
}

show_diff() # OLD NEW PATH
{
	if grep -q 'PRIVATE KEY' "$2"; then
		say "(a private key, not shown)"
	else
		diff -u --label "$1" --label "$3" "$1" "$2" | masked
	fi
}

show_step()
{
	case $1 in
	dir) say "make the directory $2 ($4:$5, mode $3)" ;;
	mode) say "set the mode of $2 to $3, $4:$5 (now: $(mode_of "$2"))" ;;
	group) say "add the user $2 to the group $3" ;;
	file)
		say "write $2 ($4:$5, mode $3)"
		old=$2
		[ -e "$2" ] || old=/dev/null
		show_diff "$old" "$6" "$2"
		;;
	edit)
		say "add lines to $2"
		show_diff "$2" "$3" "$2"
		;;
	esac
}

show_check()
{
	say "check $(show "$@")"
}

show_command()
{
	say "run   $(show "$@")"
}

show_plan()
{
	each hints say
	each first show_command
	each steps show_step
	each checks show_check
	each commands show_command
}

show_secret() # PATH SECRET
{
	say "The password in $1, shown only now: $2"
}
