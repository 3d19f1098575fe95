#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# README.md, run: the demo of `make run` is started, and each transcript is typed and compared.  In what is expected, "..." stands for anything.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
mkdir -p "$work/build"
ln -s "$ZONESH" "$work/build/zonesh"
ssh_port=$(free_port) dns_port=$(free_port) http_port=$(free_port) dir=$work/build/demo/data
DEMO=$work/build/demo SSH_PORT=$ssh_port DNS_PORT=$dns_port HTTP_PORT=$http_port "$top/demo/run" > "$log" 2>&1 &
pid=$!
ok 'make run'"'"'s demo starts' until_true grep -qx 'zonesh: ready' "$log"
like 'it says how to try it' "$(cat "$log")" 'ssh -t .*nsupdate -k .*webhook'
cd "$work" || exit

# The pattern that an expected line stands for.
pattern() { local line; [ -n "$1" ] || return 0; printf -v line %q "$1"; line=${line//.../\*}; printf '%s' "$line"; }
matches() { # GOT WANT: line by line
	local -a lines patterns
	mapfile -t lines <<< "$1"
	mapfile -t patterns <<< "$2"
	((${#lines[@]} == ${#patterns[@]})) || return 1
	for i in "${!patterns[@]}"; do
		# shellcheck disable=SC2254
		case ${lines[i]} in $(pattern "${patterns[i]}")) ;; *) return 1 ;; esac
	done
}
try() { # COMMAND WANT
	local got command=$1
	command=${command//5353/$dns_port} command=${command//8053/$http_port}
	got=$(PATIENCE=10 timeout 20 bash -c "$command" 2>&1 < /dev/null)
	if matches "$got" "$2"; then pass "$1"; else fail "$1" "got:  $got" "want: $2"; fi
}

command='' want='' inside='' tried=0
flush() { [ -z "$command" ] || { try "$command" "$want"; tried=$((tried + 1)); }; command='' want=''; }
while IFS= read -r -u 9 line; do
	case $inside$line in
	'```console') inside=1 ;;
	'1```') flush; inside='' ;;
	'1$ '*) flush; command=${line#\$ } ;;
	1*) want+=${want:+$'\n'}$line ;;
	esac
done 9< "$top/README.md"
ok 'transcripts were found' test "$tried" -gt 15
finish
