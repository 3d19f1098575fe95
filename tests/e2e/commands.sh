#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The commands over SSH and on the host: what they do, what they print, how they end, and every kind of bad input.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
daemon_init
zone_put
keygen carol ed25519
printf 'name carol\nkey %s carol\nzone example.org viewer\n' "$(cut -d' ' -f1,2 "$work/carol.pub")" | git_put users/carol@example.org carol
keygen bob ed25519
printf 'name bob\nkey %s bob\nzone example.org maintainer\n' "$(cut -d' ' -f1,2 "$work/bob.pub")" | git_put users/bob@example.org bob
daemon_start
json() { zssh "$@" --json; }

# Looking
like 'help lists the commands' "$(zssh help)" 'zone create'
like 'usage of the program' "$("$ZONESH" help)" 'ARGUMENT\.\.\.\]  give'
is 'its columns are aligned' "$("$ZONESH" help | grep -oE '^  zonesh .*[^ ]  +[a-z]' | awk '{ print length }' | sort -u | wc -l)" 1
like 'usage of checkzone' "$("$ZONESH" checkzone example.org 2>&1)" 'missing: FILE.*checkzone ZONE FILE \[--json\]'
like 'help of one' "$(zssh help record add)" '\-\-ttl'
like '-h does the same' "$(zssh record add -h)" '\-\-ttl'
like 'help of a check' "$(zssh help E-CNAME-COEXIST)" 'CNAME'
like 'version' "$(zssh version)" 'zonesh 0\.1'
like 'whoami on the host' "$(local_cmd whoami)" 'admin.*local'
like 'zone list' "$(zssh zone list)" 'example\.org.*2026112200'
is 'zone list as JSON' "$(json zone list | jq -r '.zones[0].name')" example.org
is 'export is the file' "$(zssh zone export example.org | sha256sum)" "$(git --git-dir="$dir/zones.git" show main:example.org | sha256sum)"
like 'canonical export' "$(zssh zone export --canonical example.org)" $'^\\$ORIGIN example\\.org\\.\n\\$TTL'
like 'export as JSON' "$(zssh zone export --json example.org | jq -c '.rrsets[] | select(.name == "home" and .type == "A")')" '"ttl":60,"records":\["203\.0\.113\.7"\]'
like 'record list' "$(zssh record list example.org --type MX)" 'mail'
is 'record list as JSON' "$(json record list example.org --type A | jq -r '.rrsets[] | select(.name == "www") | .records[0]')" 192.0.2.80
like 'a zone alone shows it' "$(zssh example.org)" 'www'

# Changing
like 'record add' "$(zssh record add example.org blog A 192.0.2.82)" '^example\.org: \+1 +serial [0-9]+ +[0-9a-f]{7}'
is 'is served' "$(short blog.example.org A)" 192.0.2.82
is 'by alice' "$(git_log -1 --no-merges --format='%an <%ae>' main -- example.org)" 'alice <alice@example.org>'
like 'her key is in the commit' "$(git_log -1 --no-merges --format=%B main -- example.org)" 'Actor: alice.*SHA256:.*Via: cli'
commit=$(head_commit)
is 'again: nothing changes' "$(json record add example.org blog A 192.0.2.82 | jq -c '[.ok, .changed]')" '[true,false]'
is 'no commit' "$(head_commit)" "$commit"
ok 'with ttl, comment, message' zssh "record add --ttl 5m --comment 'ticket 7' -m 'a note' example.org note TXT v=spf1 mx -all"
is 'unquoted TXT is one string' "$(short note.example.org TXT)" '"v=spf1 mx -all"'
like 'the comment is in the file' "$(git --git-dir="$dir/zones.git" show main:example.org)" 'note.*300.*"v=spf1 mx -all".*; ticket 7'
like 'the message is in the log' "$(zssh log example.org)" 'a note'
ok 'record set' zssh record set example.org www A 192.0.2.90 -- 192.0.2.91
is 'replaces the RRset' "$(short www.example.org A | sort | tr '\n' ' ')" '192.0.2.90 192.0.2.91 '
ok 'record remove one' zssh record remove example.org www A 192.0.2.91
ok 'record rm RRset' zssh record rm example.org blog A
is 'gone' "$(short blog.example.org A)" ''
ok 'record remove --all' zssh record remove example.org home --all
is 'gone too' "$(short home.example.org AAAA)" ''
is 'removing again is fine' "$(json record remove example.org home --all | jq .changed)" false
status 'a dry run' 10 zssh record add --dry-run example.org dry A 192.0.2.1
like 'shows the difference' "$out" '\+ dry'
is 'and changes nothing' "$(short dry.example.org A)" ''
like 'a dotted target is a whole name' "$(zssh record set example.org static CNAME edge.example.net 2>&1)" 'edge\.example\.net\.'
is 'stored so' "$(short static.example.org CNAME)" edge.example.net.
like 'setting an address replaces a CNAME, with a note' "$(zssh record set example.org static A 192.0.2.60 2>&1)" 'note: this replaced static .*CNAME'
is 'is served' "$(short static.example.org A)" 192.0.2.60
ok 'on the host' local_cmd record add example.org local A 192.0.2.5
is 'served' "$(short local.example.org A)" 192.0.2.5
like 'update sets an address' "$(zssh update home.example.org 203.0.113.9)" '^good home\.example\.org A 203\.0\.113\.9'
like 'the same again' "$(zssh update home.example.org 203.0.113.9)" '^nochg home\.example\.org A 203\.0\.113\.9'
like 'without an address: mine' "$(zssh update home.example.org)" '^good home\.example\.org A 127\.0\.0\.1'
like 'over IPv6' "$(HOST=::1 PORT=$ssh6_port zssh update home.example.org)" '^good home\.example\.org AAAA ::1'

# A new zone
ok 'zone create' zssh zone create example.net --ns ns1.example.net=192.0.2.53 --ns ns.example.com --mail hostmaster
is 'served' "$(short ns1.example.net A)" 192.0.2.53
status 'twice' 3 zssh zone create example.net --ns ns.example.com
like 'says so' "$out" E-EXISTS
status 'with --if-missing it is fine' 0 zssh zone create example.net --ns ns.example.com --if-missing
ok 'zone create --ttl' zssh zone create ttl.example --ns ns.example.com --ttl 5m
like 'its file has that $TTL' "$(zssh zone export ttl.example)" '.TTL 300'
unlike 'and no other TTL' "$(zssh zone export ttl.example)" $'(^|\n)@\t[0-9]'
like 'a dry run shows all records' "$(zssh zone create dry.example --ns ns.example.com --dry-run 2>&1)" 'SOA.*NS.*would create dry\.example .* 2 records'
printf '@ 3600 IN SOA ns.example.com. admin.example.com. 7 3600 900 604800 300\n  NS ns.example.com.\n  NS ns2.example.com.\nwww 1h A 192.0.2.1 ; front\n' > "$work/import"
ok 'zone import' eval 'zssh zone import import.example < "$work/import"'
is 'served' "$(short www.import.example A)" 192.0.2.1
like 'comments are kept' "$(zssh zone export import.example)" '; front'
is 'importing the same changes nothing' "$(zssh zone import import.example --json < "$work/import" | jq .changed)" false
is 'export and import changes nothing' "$(zssh zone export example.org | zssh zone import example.org --json | jq .changed)" false
printf '\xef\xbb\xbf; by hand\n' | cat - "$work/import" > "$work/import.bom"
ok 'comments and a byte order mark' eval 'zssh zone import import.example < "$work/import.bom"'
like 'its comments are there' "$(zssh zone export import.example)" '^.ORIGIN import.example.
; by hand'
like 'without a new serial' "$(zssh log import.example)" 'import: comments and layout'
like 'dry run of an import' "$(sed 's/192.0.2.1/192.0.2.2/' "$work/import" | zssh zone import import.example --dry-run)" '~ www .*192\.0\.2\.1 -> 192\.0\.2\.2'
ok 'log' zssh log example.org
like 'log of a record' "$(zssh log example.org www A)" 'www'
id=$(json log example.org | jq -r '.entries[0].commit')
ok 'log has commit ids of git' git --git-dir="$dir/zones.git" cat-file -e "$id"

# Bad input: status, code, and nothing changes.
commit=$(head_commit)
bad() {
	local what=$1 want=$2 code=$3
	shift 3
	status "$what" "$want" zssh "$@"
	like "$what: its code" "$out" "error: $code"
}
bad 'unknown noun' 2 E-USAGE zoen list
bad 'unknown verb' 2 E-USAGE zone lst
bad 'unknown flag' 2 E-USAGE zone list --colour
bad 'missing argument' 2 E-USAGE record add example.org
bad 'too many arguments' 2 E-USAGE zone show example.org other
bad 'open quote' 2 E-USAGE "zone show 'x"
bad 'no such zone' 4 E-NOT-FOUND zone show nosuch.example
bad 'the log of no zone' 4 E-NOT-FOUND log nosuch.example
bad 'an option behind the type' 2 E-USAGE record add example.org x1 TXT foo --ttl 5 --dry-run
bad 'no such zone to change' 4 E-NOT-FOUND record add nosuch.example www A 192.0.2.1
bad 'a record that does not parse' 3 E-SYNTAX record add example.org www A 192.0.2.300
bad 'an unknown type' 3 E-TYPE-UNKNOWN record add example.org www NOSUCH 1
bad 'a TTL that is none' 3 E- record add --ttl soon example.org www A 192.0.2.1
bad 'a CNAME beside other data' 3 E-CNAME-COEXIST record add example.org www CNAME example.net.
bad 'a record outside the zone' 3 E-OUT-OF-ZONE record add example.org www.example.net. A 192.0.2.1
bad 'the last NS' 3 E-NS-APEX record remove example.org @ NS
bad 'a serial that is not the one' 6 E-CONFLICT record add --if-serial 1 example.org c A 192.0.2.1
bad 'a commit that is not the one' 6 E-CONFLICT record add --if-commit 0000000 example.org c A 192.0.2.1
bad 'an update with an address that is none' 3 E-SYNTAX update home.example.org 999.1.1.1
bad 'an update of one name here and one elsewhere' 4 E-NOT-FOUND update home.example.org home.example.com 203.0.113.77
bad 'a bad zone name' 3 E- zone create 'a..b' --ns ns.example.com
bad 'a directory of ours as a zone' 3 E-SYNTAX zone create policy --ns ns.example.com
like 'says that it is reserved' "$out" reserved
bad 'a zone called like a key file' 3 E-SYNTAX zone create my_keys --ns ns.example.com
status 'an import with mistakes' 3 eval 'printf "@ SOA ns a 1 2 3 4 5\n@ NS ns\nns A 192.0.2\n" | zssh zone import broken.example'
like 'says where' "$out" ':3:'
status 'zone check' 3 eval 'printf "@ 60 SOA ns.example.net. a.example.net. 1 2 3 4 5\n@ 60 NS ns.example.net.\nx 60 CNAME y\nx 60 A 192.0.2.1\n" | zssh zone check example.org'
like 'its finding' "$out" E-CNAME-COEXIST
is 'an error as JSON' "$(json record add example.org www A 192.0.2.300 | jq -r .code)" E-SYNTAX
is 'nothing of that changed anything' "$(head_commit)" "$commit"

# Rights
like 'a viewer sees' "$(KEY=carol zssh zone list)" example.org
unlike 'only what he may' "$(KEY=carol zssh zone list)" 'example\.net'
is 'another zone is not found' "$(KEY=carol zssh zone show example.net > /dev/null 2>&1; echo $?)" 4
is 'a viewer may not change' "$(KEY=carol zssh record add example.org v A 192.0.2.1 > /dev/null 2>&1; echo $?)" 5
is 'a maintainer may change' "$(KEY=bob zssh record add example.org m A 192.0.2.1 > /dev/null 2>&1; echo $?)" 0
is 'but not the apex NS' "$(KEY=bob zssh record add example.org @ NS ns3.example.net. > /dev/null 2>&1; echo $?)" 5
is 'nor create zones' "$(KEY=bob zssh zone create bob.example --ns ns.example.com > /dev/null 2>&1; echo $?)" 5

# What comes out is safe for a terminal.
ok 'a TXT with control characters' update $'update add evil.example.org 60 TXT "\\027[31mred\\007"'
unlike 'is escaped' "$(zssh record list example.org --type TXT)" $'[\x1b\x07]'

# A device key: no command, no shell, its own names only.
keygen router ed25519
printf 'device router-attic %s\nallow router-attic home A,AAAA ttl 60\n' "$(cut -d' ' -f1,2 "$work/router.pub")" | git_put policy/example.org 'a router'
until_true eval 'KEY=router zssh whoami'
ok 'it stood elsewhere before' zssh update home.example.org 203.0.113.7 2001:db8:7::7
is 'a router updates its address with no command' "$(KEY=router zssh < /dev/null)" 'good home.example.org A 127.0.0.1'
is 'once' "$(KEY=router zssh < /dev/null)" 'nochg home.example.org A 127.0.0.1'
is 'by IPv6 the other family' "$(KEY=router HOST=::1 PORT=$ssh6_port zssh < /dev/null)" 'good home.example.org AAAA ::1'
is 'served with its TTL' "$(q home.example.org A +noall +answer | awk '{ print $2 }')" 60
is 'it may not touch other names' "$(KEY=router zssh update www.example.org > /dev/null 2>&1; echo $?)" 5
is 'nor read zones' "$(KEY=router zssh zone show example.org > /dev/null 2>&1; echo $?)" 5
is 'nor its own beside others' "$(KEY=router zssh update home.example.org www.example.org 203.0.113.66 > /dev/null 2>&1; echo $?) $(short home.example.org A)" '5 127.0.0.1'
is 'an address that is none changes nothing' "$(KEY=router zssh update home.example.org 999.1.1.1 > /dev/null 2>&1; echo $?) $(short home.example.org A)" '3 127.0.0.1'
like 'its commit says so' "$(git_log -1 --no-merges --format=%B main -- example.org)" 'ddns: home.*Actor: .*router-attic.*Via: ssh-device'
finish
