#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Who may log in by SSH: all key types, security keys with a touch only.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
daemon_init
keygen ecdsa ecdsa
keygen rsa rsa -b 3072
keygen sked ed25519-sk
keygen skec ecdsa-sk
keygen notouch ed25519-sk -O no-touch-required
keygen stranger ed25519
{
	printf 'name carol\nrole user\nzone example.org owner\n'
	for key in ecdsa rsa sked skec notouch; do printf 'key %s\n' "$(cut -d' ' -f1,2 "$work/$key.pub") $key"; done
} | git_put users/carol@example.org 'carol'
zone_put
daemon_start

like 'ed25519' "$(zssh whoami)" '^alice .*admin.*\(ed25519\)'
like 'the user name does not matter' "$(zssh -l root whoami)" '^alice '
like 'over IPv6' "$(HOST=::1 PORT=$ssh6_port zssh whoami)" '^alice '
like 'ecdsa' "$(KEY=ecdsa zssh whoami)" '^carol .*\(ecdsa\)'
like 'rsa' "$(KEY=rsa zssh whoami)" '^carol .*\(rsa\)'
like 'ed25519-sk' "$(KEY=sked zssh whoami)" '^carol .*\(ed25519-sk, touch\)'
like 'ecdsa-sk' "$(KEY=skec zssh whoami)" '^carol .*\(ecdsa-sk, touch\)'
like 'ed25519-sk over IPv6' "$(KEY=sked HOST=::1 PORT=$ssh6_port zssh whoami)" '^carol .*touch'

like 'a key made without touch is refused' "$(KEY=notouch zssh whoami 2>&1)" 'Permission denied'
like 'a forged flags byte is refused' "$(SK_SOFT_FLAGS=00 KEY=sked zssh whoami 2>&1)" 'Permission denied'
like 'the same for ecdsa-sk' "$(SK_SOFT_FLAGS=00 KEY=skec zssh whoami 2>&1)" 'Permission denied'
like 'a tap that is refused' "$(SK_SOFT_DENY=1 KEY=sked zssh whoami 2>&1)" 'Permission denied'
like 'an unknown key' "$(KEY=stranger zssh whoami 2>&1)" 'Permission denied'
like 'no password' "$(zssh -o PubkeyAuthentication=no -o PreferredAuthentications=password whoami 2>&1)" 'Permission denied'
ok 'many keys in an agent do no harm' bash -c '
	cd "$1" && eval "$(ssh-agent -s)" > /dev/null && trap "kill $SSH_AGENT_PID" EXIT
	for i in 1 2 3 4 5 6 7 8; do ssh-keygen -q -t ed25519 -N "" -f agent$i; ssh-add -q agent$i; done; ssh-add -q alice
	ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -p "$2" 127.0.0.1 whoami' \
	_ "$work" "$ssh_port"

# No shell, no forwarding, no sftp
like 'no sftp' "$(sftp -F none -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes -i "$work/alice" -P "$ssh_port" 127.0.0.1 < /dev/null 2>&1)" 'subsystem|Connection closed|closed'
like 'shell characters are plain' "$(zssh 'whoami; id' 2>&1)" 'E-USAGE'
is 'exit status arrives' "$(zssh zone show nosuch.example > /dev/null 2>&1; echo $?)" 4
like 'without a command a person is told who he is' "$(zssh < /dev/null 2>&1)" 'alice'
ok 'several commands on one connection' bash -c '
	opts=(-F none -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ControlPath="$1/mux" -i "$1/alice" -p "$2")
	ssh "${opts[@]}" -o ControlMaster=yes -o ControlPersist=10 127.0.0.1 whoami > /dev/null &&
	for i in 1 2 3 4 5; do ssh "${opts[@]}" 127.0.0.1 whoami > /dev/null || exit; done
	ssh "${opts[@]}" -O exit 127.0.0.1 2> /dev/null' _ "$work" "$ssh_port"
zssh zone export example.org > "$work/out"
git --git-dir="$dir/zones.git" show main:example.org > "$work/want"
ok 'output arrives whole' cmp "$work/out" "$work/want"

# A key that is taken away stops working at once.
git_put users/carol@example.org 'carol loses her keys' <<< "$(printf 'name carol\nkey %s\n' "$(cut -d' ' -f1,2 "$work/rsa.pub")")"
until_true eval '! KEY=ecdsa zssh whoami'
like 'a removed key is refused' "$(KEY=ecdsa zssh whoami 2>&1)" 'Permission denied'
like 'the other one still works' "$(KEY=rsa zssh whoami)" carol
like 'failures are counted' "$(get /metrics)" 'zonesh_auth_failures_total\{via="ssh"\} [1-9]'
finish
