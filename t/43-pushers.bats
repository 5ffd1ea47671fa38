#!/usr/bin/env bats
# ddo-queue and push programs of every kind: one in shell, and ones that misbehave.
# shellcheck disable=SC2016	# the quoted shell is for the push programs

load lib/common
load lib/named

teardown()
{
	stop_all
}

# world LINES-OF-SHELL: one target, "odd", whose push program this is; batch sets $n, the number of
# the last change that was read.
world()
{
	cat >"$TMP/pusher" <<-END
		#!/bin/bash
		echo "\$\$ \$5" >>"$TMP/runs"
		next() { read -r verb n zone size || exit 0
			[ "\$verb" != put ] || { head -c "\$size" >/dev/null; read -r _; }; }
		$1
	END
	chmod +x "$TMP/pusher"
	NAMED_MODE=addzone DNS=1 CONTROL=1 conf_make "queue: { retry_schedule: [1, 1] }"
	sed -i "s|ns1: .*|odd: { type: odd, program: $TMP/pusher, timeout: ${TIMEOUT:-30} }|" \
		"$TMP/app.yml"
	mkdir -p "$TMP/run"
	queue_up
	wait_for 10 test -e "$TMP/spool/order"
	put a.example 1
}

odd() # JQ-CONDITION on the delivery of a.example
{
	"$BIN/ddo-status" --json --zone a.example | jq -e ".deliveries[0] | $1"
}

is_down() # TEXT: the target is down, for this reason
{
	"$BIN/ddo-status" --json | jq -e --arg t "$1" \
		'.targets[0] | .state == "down" and (.reason | contains($t))'
}

@test "a push program in 20 lines of shell" {
	[ "$(wc -l <"$ROOT/etc/examples/ddo-push-dir")" -le 20 ]
	NAMED_MODE=addzone DNS=1 CONTROL=1 conf_make
	sed -i "s|ns1: .*|dir: { type: dir, program: $ROOT/etc/examples/ddo-push-dir }|" \
		"$TMP/app.yml"
	"$BIN/ddo-queue" -1
	local z
	for z in a.example b.example 0/25.2.0.192.in-addr.arpa; do
		put $z 1
	done
	"$BIN/ddo-queue" -1
	"$BIN/ddo-status" --json | jq -e '.targets[0] | .confirmed == 3 and .due == 0'
	"$BUILD/unit/zone_dump" a.example <"$TMP/zones.dir/a.example" | head -n 1 >"$TMP/got"
	zone_text a.example 1 | "$BUILD/unit/zone_dump" a.example | head -n 1 | diff - "$TMP/got"
	"$ROOT/etc/examples/ddo-push-dir" -t dir -c "$TMP/app.yml" list | cut -f1 >"$TMP/list"
	printf '%s\n' 0/25.2.0.192.in-addr.arpa a.example b.example | diff - <(sort "$TMP/list")
	zone_text -dash.example 1 | "$ROOT/etc/examples/ddo-push-dir" -t dir -c "$TMP/app.yml" put \
		-- -dash.example
	[ -e "$TMP/zones.dir/-dash.example" ]
	"$ROOT/etc/examples/ddo-push-dir" -t dir -c "$TMP/app.yml" del -- -dash.example
	put b.example 2
	"$BIN/ddo-enqueue" del 0/25.2.0.192.in-addr.arpa
	"$BIN/ddo-queue" -1
	grep -q ' 2 ' "$TMP/zones.dir/b.example"
	not strangers "$TMP/zones.dir" '^[ab]\.example$'
	[ -e "$TMP/zones.dir/a.example" ]
}

@test "unknown exit codes and signals count as later; the probe decides whether the target is down" {
	world '[ "$5" = probe ] || next; echo oops >&2; exit 3'
	wait_for 20 is_down 'exit code 3: oops'
	odd '.state != "confirmed" and .state != "done" and .attempts >= 1'
	sed -i 's/^\[ .*oops.*/[ "$5" = probe ] \&\& exit 0; while next; do [ "$verb" = commit ] || echo "ok $n"; done/' "$TMP/pusher"
	"$BIN/ddo-queue" --retry
	wait_for 20 odd '.state == "done" or .state == "confirmed"'
}

@test "killed by a signal" {
	world '[ "$5" = probe ] || next; kill -SEGV $$'
	wait_for 20 is_down 'signal 11'
}

@test "127 and 126: no such program, no permission" {
	world 'exit 0'
	rm "$TMP/pusher"
	put a.example 2
	wait_for 20 is_down 'No such file'
	: >"$TMP/pusher"
	"$BIN/ddo-queue" --retry
	wait_for 20 is_down 'denied'
}

@test "exit 69, and the word down: the target's failure, no attempt used up" {
	world '[ "$5" = probe ] && exit 69; next; echo "the cable is cut" >&2; exit 69'
	wait_for 20 is_down 'the cable is cut'
	odd '.attempts == 0'
	sed -i 's/^\[ .*/next; next; echo "down no route"; exit 69/' "$TMP/pusher"
	"$BIN/ddo-queue" --retry
	wait_for 10 odd '.attempts == 0'
}

@test "fail is for good, defer is for later, until the attempts are used up" {
	world 'while next; do case $verb$zone in puta.example) echo "fail $n never
evil line" ;; putb*) echo "defer $n not now" ;; esac; done'
	wait_for 10 odd '.state == "refused" and .error == "never"'
	put b.example 1
	local b='.deliveries[0] | .state == "parked" and .error == "not now"'
	wait_for 20 sh -c "'$BIN/ddo-status' --json --zone b.example | jq -e '$b'"
	run -1 "$BIN/ddo-status"
}

@test "a hang ends at the deadline, with all that it started" {
	TIMEOUT=2 world '[ "$5" = probe ] && exit 0; trap "" TERM; tail -f /dev/null & echo $! >'"$TMP/grandchild"'; next; next; read -r -t 1000 _ <> <(:)'
	wait_for 20 test -s "$TMP/grandchild"
	wait_for 30 is_down 'deadline'
	local pid
	read -r pid <"$TMP/grandchild"
	wait_for 5 not is_running "$pid"
}

@test "a megabyte of noise on both outputs, lines without an end, answers to nothing" {
	world '[ "$5" = probe ] && exit 0; next; head -c 1000000 /dev/zero | tr "\0" x >&2; yes noise | head -c 1000000 >&2
yes "ok 99" | head -n 1000; head -c 1000000 /dev/zero; echo; printf "ok 1 \033[31m\n"; while next; do :; done'
	wait_for 20 odd '.state == "done" or .state == "confirmed"'
	[ "$(stat -c %s "$TMP/queue.log")" -lt 200000 ]
	not grep -q $'\033' "$TMP/queue.log"
}

@test "a push program is handed a clean environment and no descriptors" {
	SECRET=tell-nobody DADNS_APP_AUTH_USERNAME=da world \
		'( exec >'"$TMP/seen"'; env; ls /proc/$BASHPID/fd; : )
while next; do [ "$verb" = commit ] || echo "ok $n"; done'
	wait_for 20 odd '.state == "done" or .state == "confirmed"'
	not grep -q 'tell-nobody' "$TMP/seen"
	grep -qx "DDO_CONFIG=$TMP/app.yml" "$TMP/seen"
	grep -qx 'DADNS_APP_AUTH_USERNAME=da' "$TMP/seen"
	# 255 is the script itself.
	run -1 grep -xE '[3-9]|[1-9][0-9]+' <(grep -vx 255 "$TMP/seen")
}

@test "SIGHUP: wrong options leave the old configuration; a check that hangs holds nothing up" {
	world 'while next; do [ "$verb" = commit ] || echo "ok $n"; done'
	wait_for 20 odd '.state == "done" or .state == "confirmed"'
	cp "$TMP/app.yml" "$TMP/right.yml"
	sed -i 's|^    odd:.*|&\n    w: { type: bind, zones_dir: /z, colour: red }|' "$TMP/app.yml"
	kill -HUP "$QUEUE"
	wait_for 10 grep -q 'the old configuration stays: .*/app.yml:[0-9]*: dns.backends.w.colour: no such key' \
		"$TMP/queue.log"
	not grep -q 'configuration reloaded' "$TMP/queue.log"
	printf '#!/bin/bash\ntrap "" TERM\necho $$ >%s\nread -r -t 1000 _ <> <(:)\n' "$TMP/hung" \
		>"$TMP/hang"
	chmod +x "$TMP/hang"
	sed "s|^    odd:.*|&\n    h: { type: hang, program: $TMP/hang }|" "$TMP/right.yml" \
		>"$TMP/app.yml"
	kill -HUP "$QUEUE"
	wait_for 10 test -s "$TMP/hung"
	put b.example 1
	local b='.deliveries[0] | .state == "done" or .state == "confirmed"'
	wait_for 8 sh -c "'$BIN/ddo-status' --json --zone b.example | jq -e '$b'"
	not grep -q 'configuration reloaded' "$TMP/queue.log"
	queue_down
	not is_running "$(cat "$TMP/hung")"
}

@test "a target that is taken out while a batch is under way, and put back" {
	world '[ "$5" = probe ] && exit 0; while next; do [ "$verb" != commit ] || continue
until [ -e '"$TMP/go"' ]; do :; done; echo "ok $n"; done'
	wait_for 10 test -s "$TMP/runs"
	sed -i 's/odd: { /&enabled: false, /' "$TMP/app.yml"
	kill -HUP "$QUEUE"
	wait_for 10 grep -q 'odd: no longer configured' "$TMP/queue.log"
	touch "$TMP/go"
	wait_for 10 grep -q 'odd: 1 zones, 0 failed' "$TMP/queue.log"
	sed -i 's/enabled: false, //' "$TMP/app.yml"
	kill -HUP "$QUEUE"
	put a.example 2
	wait_for 10 odd '.state == "done" or .state == "confirmed"'
	is_running "$QUEUE"
}

@test "a slow target does not hold up another" {
	world '[ "$5" = probe ] && exit 0; next; read -r -t 1000 _ <> <(:)'
	named_make
	named_up
	sed -i "s|^    odd: .*|&\n    ns1: { type: bind, zones_dir: $TMP/zones, control: \"127.0.0.1:$CONTROL\", key_file: $TMP/rndc.key, server: \"127.0.0.1:$DNS\" }|" "$TMP/app.yml"
	kill -HUP "$QUEUE"
	wait_for 10 serves a.example 1
	put b.example 1
	wait_for 5 serves b.example 1
}
