# README's way from nothing to a served zone, as a normal user with sudo types it.
load ../lib/install

setup_file()
{
	machine_possible || return 0
	machine_new readme
	machine_boot readme
}

teardown_file()
{
	machine_end
}

setup()
{
	machine_wanted
}

# commands: the indented blocks of README's section, in their order.
commands()
{
	awk '/^## / { on = $0 == "## BIND from nothing to a served zone" }
		on && /^    / { print substr($0, 5) }' "$ROOT/README.md"
}

@test "README: from nothing to a served zone, word for word, as a user with sudo" {
	local files
	clone readme
	if commands | grep -q '_\*\?[^ ]*\.deb'; then
		mapfile -t files < <(debs bind)
		machine_copy readme /home/admin/ddo "${files[@]}"
	fi
	commands >"$TMP/commands"
	[ -s "$TMP/commands" ]
	grep -q '^dig ' "$TMP/commands"
	machine_copy readme /home/admin "$TMP/commands"
	# -e: it stops at the first mistake.
	machine_run_as readme admin sh -c 'cd ddo && bash -ex ../commands' >"$TMP/said" 2>&1 || {
		tail -n 60 "$TMP/said"
		return 1
	}
	tail -n 40 "$TMP/said"
	grep -q 'error=0' "$TMP/said"
	grep -qx '192.0.2.80' "$TMP/said"
	not grep -q 'mariadb_config: ' "$TMP/said"
}

@test "README: after a reboot the door answers, and named serves what is pushed" {
	machine_reboot readme
	machine_active readme ddo-httpd.socket ddo-queue named
	printf '%s\n' '@ 60 IN SOA ns root 7 60 60 60 60' '@ 60 IN NS ns' 'ns 60 IN A 192.0.2.7' |
		machine_run readme ddo-enqueue put again.example
	wait_for 20 answers again.example
}

answers()
{
	machine_run readme dig @127.0.0.1 +short "ns.$1" A | grep -qx 192.0.2.7
}
