#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The processes: each can die and comes back, the rest goes on; the daemon ends cleanly and quickly.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
daemon_init
zone_put
daemon_start A_SECRET=1

for role in store dns http sshd; do ok "there is a $role" test -n "$(role_pid "$role")"; done
started=$(local_cmd status --json | jq -r .started)
like 'status tells when the daemon started' "$started" '^20[0-9-]+T'
until_true eval '[[ $(date -u +%FT%TZ) > $started ]]'
old=$(role_pid store)
kill -STOP "$old"
is 'dns answers while the store hangs' "$(short www.example.org A)" 192.0.2.80
kill -KILL "$old"
is 'dns answers while the store is down' "$(short www.example.org A)" 192.0.2.80
until_true eval '[ "$(role_pid store)" != "$old" ] && [ "$(get /healthz)" = ok ]'
ok 'the store is back, and an update goes through' until_true update 'update add after.example.org 60 A 192.0.2.1'
is 'served' "$(short after.example.org A)" 192.0.2.1
is 'the daemon started when it did, though its store is new' "$(local_cmd status --json | jq -r .started)" "$started"
for role in dns http sshd; do
	old=$(role_pid "$role")
	kill -KILL "$old"
	until_true eval "[ -n \"\$(role_pid $role)\" ] && [ \"\$(role_pid $role)\" != $old ]"
	ok "$role is back" test "$(role_pid "$role")" != "$old"
done
ok 'dns serves again' until_true eval '[ "$(short www.example.org A)" = 192.0.2.80 ]'
is 'what was updated before is there' "$(short after.example.org A)" 192.0.2.1
ok 'http answers again' until_true get /version
ok 'ssh works again' until_true zssh whoami
like 'restarts are counted' "$(get /metrics)" 'zonesh_role_restarts_total 4'
like 'and logged' "$(cat "$log")" 'store.*(SIGKILL|signal 9)'
status 'a second daemon on the same directory is refused' 75 "$ZONESH" serve --dir "$dir"
like 'with one clear line' "$out" 'E-BUSY'

for role in dns http; do
	like "$role is confined by seccomp" "$(grep -h Seccomp: "/proc/$(role_pid "$role")/status")" $'Seccomp:\t2'
	like "$role has no new privileges" "$(grep -h NoNewPrivs: "/proc/$(role_pid "$role")/status")" $'NoNewPrivs:\t1'
	if [ "$(id -u)" = 0 ]; then like "$role is not root" "$(awk '/^Uid:/ { print $2 }' "/proc/$(role_pid "$role")/status")" '^65534$'; fi
done

for role in dns http sshd; do unlike "$role has nothing of what stands in our environment" "$(tr '\0' '\n' < "/proc/$(role_pid "$role")/environ")" A_SECRET; done

start=$EPOCHREALTIME
parent=$pid
daemon_stop
took=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%d", (b - a) * 1000 }')
is 'SIGTERM ends it with status 0' "$daemon_status" 0
ok "within a second or so ($took ms)" test "$took" -lt "${STOP_MS:-1500}"
is 'no process is left' "$(pgrep -f "^zonesh: .*" -P "$parent" | wc -l)" 0
daemon_start
is 'it starts again with everything' "$(short after.example.org A)" 192.0.2.1
finish
