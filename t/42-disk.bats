#!/usr/bin/env bats
# Full disks: clear errors, nothing lost, all well once there is room.
# shellcheck disable=SC2086	# numbers need no quotes

load lib/common
load lib/named

# The last byte is what these tests are about.
export DADNS_APP_DISK_RESERVE_BYTES=0

teardown()
{
	stop_all
}

@test "a full spool: the door says so, what was accepted stays, and goes on with room" {
	small_disk "$TMP/disk" 512k
	named_make
	SPOOL=$TMP/disk/spool conf_make
	named_up
	queue_up
	httpd_up
	da_save before.example 1
	wait_for 10 serves before.example 1
	fill_disk "$TMP/disk"
	run -1 da_save full.example 1
	[[ $output == *error=1* ]]
	run -75 put full.example 1
	[[ $output == *"No space left"* ]]
	[ -z "$(find "$TMP/disk/spool/new" "$TMP/disk/spool/bad" -type f)" ]
	free_disk "$TMP/disk"
	da_save full.example 2
	wait_for 10 serves full.example 2
	serves before.example 1
	[ -z "$(find "$TMP/disk/spool/tmp" -type f)" ]
}

@test "a full store: jobs wait in the spool, and are taken once there is room" {
	small_disk "$TMP/disk" 8m
	named_make
	STORE=$TMP/disk/zones.db conf_make
	named_up
	queue_up
	httpd_up
	da_save before.example 1
	wait_for 10 serves before.example 1
	fill_disk "$TMP/disk"
	local i
	for i in {1..60}; do
		da_save s$i.example 1 "t 300 IN TXT $(head -c 180 /dev/zero | tr '\0' x)"
	done
	wait_for 20 grep -qE 'error: .*(full|No space|I/O)' "$TMP/queue.log"
	is_running "$QUEUE"
	serves before.example 1
	free_disk "$TMP/disk"
	for i in 1 30 60; do
		wait_for 30 serves s$i.example 1
	done
	wait_for 10 all_done
	[ "$(sqlite3 "$TMP/disk/zones.db" 'PRAGMA integrity_check')" = ok ]
}

full_zones() # [include]
{
	small_disk "$TMP/disk" 512k
	mkdir "$TMP/disk/zones"
	named_make "$@"
	ZONES=$TMP/disk/zones conf_make "queue: { retry_schedule: [1, 1, 1, 1] }"
	named_up
	queue_up
	httpd_up
	da_save before.example 1
	wait_for 10 serves before.example 1
	fill_disk "$TMP/disk"
	da_save before.example 2
	da_save after.example 1
	wait_for 10 grep -q 'ns1: down: .*No space left' "$TMP/queue.log"
	serves before.example 1
	named-checkzone before.example "$TMP/disk/zones/before.example.db"
	"$BIN/ddo-status" --json --zone after.example | jq -e '.deliveries[0].attempts == 0'
	free_disk "$TMP/disk"
	wait_for 15 serves before.example 2
	wait_for 15 serves after.example 1
	wait_for 10 all_done
	[ -z "$(find "$TMP/disk/zones" -type f ! -name '*.db')" ]
}

@test "a full zone directory is the target's failure, and heals by itself: addzone" {
	full_zones
}

@test "a full zone directory is the target's failure, and heals by itself: include" {
	full_zones include
}
