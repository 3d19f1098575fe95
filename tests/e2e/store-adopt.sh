#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Commits that somebody pushes to the repository are adopted; broken files do no harm; histories and serials stay right.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
daemon_init
zone_put
daemon_start
serial() { short "${1:-example.org}" SOA | cut -d' ' -f3; }
edit() { git --git-dir="$dir/zones.git" show main:example.org | sed "$1" > "$work/new" && git_put example.org "${2:-edit}" < "$work/new"; }
served() { [ "$(short www.example.org A)" = "$1" ]; }

ok 'somebody pushes with the git program' edit 's/^www .*/www A 192.0.2.81/' 'move www'
ok 'it is served by itself' until_true served 192.0.2.81
is 'without a commit of ours' "$(git_log -1 --format=%s main)" 'move www'
is 'the served serial advanced, though the file has the old one' "$(serial)" 2026112201
ok 'the next edit here' zssh record add example.org a A 192.0.2.1
file_serial() { git --git-dir="$dir/zones.git" show main:example.org | grep -oE '[0-9]{10} ; serial' | cut -d' ' -f1; }
is 'writes the served serial on' "$(serial)" "$(file_serial)"
ok 'which is newer' test "$(serial)" -gt 2026112201
like 'the history has both' "$(git_log --format=%s main -- example.org | tr '\n' '|')" '\+ a 3600 A.*\|move www\|add example\.org'
like 'and so has ours' "$(zssh log --all example.org)" $'\\+ a 3600 A 192\\.0\\.2\\.1\n.*move www.*\n.*add example\\.org'
before=$(serial)

# SIGHUP looks again, too.
ok 'another push' edit 's/^www .*/www A 192.0.2.82/'
kill -HUP "$pid"
ok 'served' until_true served 192.0.2.82
ok 'the serial never goes back' test "$(serial)" -gt "$before"

# A broken file
ok 'a broken zone is pushed' edit 's/^www .*/www A 192.0.2.oops/' 'oops'
ok 'it is shown as broken' until_true eval 'zssh zone list | grep -qi broken'
like 'with file, line and column' "$(zssh zone list --json | jq -r '.zones[0].problem')" 'example\.org:[0-9]+:[0-9]+: .*192\.0\.2\.oops'
is 'the last good version is served' "$(short www.example.org A)" 192.0.2.82
like 'an update gets SERVFAIL meanwhile' "$(update 'update add x.example.org 60 A 192.0.2.1')" SERVFAIL
is 'other zones are not touched' "$(zssh zone create other.example --ns ns.example.net --ns ns.example.com > /dev/null && short other.example NS | wc -l)" 2
daemon_stop
daemon_start
is 'also after a restart' "$(short www.example.org A)" 192.0.2.82
ok 'mended by a push' edit 's/192.0.2.oops/192.0.2.83/' 'mended'
ok 'served' until_true served 192.0.2.83
is 'no longer broken' "$(zssh zone list --json | jq -r '[.zones[].broken] | any')" false
ok 'updates work again' update 'update add x.example.org 60 A 192.0.2.1'

# One commit with a good and a bad zone: the good one is served.
git clone -q "$dir/zones.git" "$work/both" 2> /dev/null
printf '$ORIGIN good.example.\n$TTL 60\n@ SOA ns.example.net. a.example.net. 1 3600 900 604800 60\n@ NS ns.example.net.\n@ NS ns2.example.net.\n' > "$work/both/good.example"
echo nonsense > "$work/both/bad.example"
mkdir -p "$work/both/notes" && echo hello > "$work/both/notes/README" && echo hi > "$work/both/README.md"
git -C "$work/both" add -A && git -C "$work/both" commit -qm both && git -C "$work/both" push -q origin HEAD:main 2> /dev/null
ok 'the good one of both' until_true eval '[ -n "$(short good.example SOA)" ]'
like 'the bad one is SERVFAIL' "$(q bad.example SOA)" SERVFAIL
ok 'an update is accepted on top' update 'update add y.example.org 60 A 192.0.2.1'
is 'unknown files stay' "$(git --git-dir="$dir/zones.git" ls-tree -r --name-only main | grep -c README)" 2
git -C "$work/both" pull -q --no-rebase origin main 2> /dev/null
git -C "$work/both" rm -q good.example bad.example && git -C "$work/both" commit -qm remove && git -C "$work/both" push -q origin HEAD:main 2> /dev/null
ok 'a deleted zone is not ours any more' until_true eval 'q good.example SOA | grep -q REFUSED'
like 'the log names it' "$(cat "$log")" 'zone good\.example: gone, commit [0-9a-f]{12}'

# Accounts take effect at once.
keygen dave ed25519
printf 'name dave\nkey %s\nzone example.org viewer\n' "$(cut -d' ' -f1,2 "$work/dave.pub")" | git_put users/dave@example.org dave
ok 'a new account may log in' until_true eval 'KEY=dave zssh whoami'
printf 'name dave\nkey garbage\n' | git_put users/dave@example.org 'broken account'
ok 'a broken account keeps its last good version' eval 'until_true eval "zssh status | grep -q users/dave" ; KEY=dave zssh whoami'
like 'one file is no files' "$(cat "$log")" ' 1 file changed'
daemon_stop
unlike 'a clean stop is no reason to warn' "$(sed -n '/store: stopped/,$p' "$log")" ' warn '
finish
