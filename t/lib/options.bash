# The options of the programs, as --help and as the manual pages have them.  Source it.

# shellcheck shell=bash

# help_options PROGRAM: its options in the order of --help, one a line: "-c, --config FILE".
help_options()
{
	"$1" --help | awk '/^ +-/ { sub(/^ +/, ""); sub(/  .*/, ""); print }'
}

# page_options PAGE: the same from its section OPTIONS.
page_options()
{
	mandoc -T ascii -O width=200 "$1" | sed 's/.\x08//g' | awk '
		/^[A-Z]/ { inside = $0 == "OPTIONS" }
		inside && /^     -/ { sub(/^ +/, ""); sub(/  .*/, ""); print }'
}

# options_differ BIN PAGE: where the page and --help of the program that it is about differ.
options_differ()
{
	local program=${2##*/}
	program=${program%.*}
	diff --label "$program --help" --label "$2" -U 0 <(help_options "$1/$program") \
		<(page_options "$2")
}
