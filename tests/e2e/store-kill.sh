#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# SIGKILL of the store during a run of updates, at random and at each named place: no acknowledged update is lost.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
daemon_init
zone_put
: > "$work/acked"

# Send numbered updates until told to stop, noting those that were acknowledged.
updates() {
	local i
	for ((i = 0; i < 400; i++)); do
		[ ! -e "$work/enough" ] || break
		update "update add k$1-$i.example.org 60 A 192.0.2.1" > /dev/null && echo "k$1-$i" >> "$work/acked"
	done
}
lost() {
	local name
	while read -r name; do
		[ "$(short "$name.example.org" A)" = 192.0.2.1 ] || echo "$name"
	done < "$work/acked"
}
restarted() { [ "$(role_pid store)" != "$1" ] && [ -n "$(role_pid store)" ]; }

daemon_start
updates a & a=$!
updates b & b=$!
for round in 1 2 3 4 5; do
	have=$(wc -l < "$work/acked")
	until_true eval "[ \$(wc -l < '$work/acked') -gt $((have + 5)) ]"
	old=$(role_pid store)
	kill -KILL "$old"
	ok "round $round: the store comes back" until_true restarted "$old"
done
touch "$work/enough"
wait "$a" "$b"
rm "$work/enough"
ok "enough updates were acknowledged ($(wc -l < "$work/acked"))" test "$(wc -l < "$work/acked")" -gt 30
is 'none of them is lost' "$(lost)" ''
daemon_stop
daemon_start
is 'nor after a restart of all' "$(lost)" ''
is 'all of them are in git' "$(git --git-dir="$dir/zones.git" show main:example.org | grep -cE '^k[ab]-')" "$(git --git-dir="$dir/zones.git" show main:example.org | grep -E '^k[ab]-' | sort -u | wc -l)"
daemon_stop

for fault in store-before-commit store-before-ref store-after-ref store-before-reply; do
	daemon_start ZONESH_FAULT="$fault:2" ZONESH_FAULT_LOG="$work/faults"
	old=$(role_pid store)
	update "update add one-$fault.example.org 60 A 192.0.2.1" > /dev/null && echo "one-$fault" >> "$work/acked"
	update "update add two-$fault.example.org 60 A 192.0.2.1" > /dev/null && echo "two-$fault" >> "$work/acked"
	ok "$fault: the place was reached" grep -q "$fault" "$work/faults"
	ok "$fault: the store comes back" until_true restarted "$old"
	ok "$fault: and takes updates" until_true update "update add three-$fault.example.org 60 A 192.0.2.1"
	is "$fault: nothing acknowledged is lost" "$(lost)" ''
	daemon_stop
done

daemon_start ZONESH_FAULT=commit-fails:1
commit=$(head_commit)
like 'a commit that cannot be written is SERVFAIL' "$(update 'update add full.example.org 60 A 192.0.2.1')" SERVFAIL
is 'and changes nothing' "$(head_commit)$(short full.example.org A)" "$commit"
ok 'the next one goes through' update 'update add full.example.org 60 A 192.0.2.1'
finish
