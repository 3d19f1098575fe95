#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# RFC 2136 updates signed with TSIG, by nsupdate and knsupdate: served when the reply is there, one commit each, refused as they should.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
daemon_init
zone_put
daemon_start
secret=c2VjcmV0LW9mLXRoZS10ZXN0cy0zMi1ieXRlcy1sb25nIQ==

before=$(short example.org SOA | cut -d' ' -f3)
ok 'nsupdate adds an address' update 'update add pi.example.org 60 A 192.0.2.44'
is 'it is served at once' "$(short pi.example.org A)" 192.0.2.44
after=$(short example.org SOA | cut -d' ' -f3)
ok 'the serial advanced' test "$after" -gt "$before"
commit=$(head_commit)
is 'one commit more' "$(git_log --no-merges --format=%an -1 main -- example.org)" 'client._update.example.org via zonesh'
like 'its trailers' "$(git_log --no-merges -1 --format=%B main -- example.org)" "Zone: example\\.org.*Actor: .*client\\._update.*Via: rfc2136.*From: 127\\.0\\.0\\.1.*Serial: $before $after"
is 'the commit is told by DNS' "$(short commit.zonesh CH TXT)" "\"$commit\""
is 'blame knows the line' "$(git --git-dir="$dir/zones.git" blame -s main -- example.org | grep -c ' pi')" 1

ok 'the same again' update 'update add pi.example.org 60 A 192.0.2.44'
is 'is no commit' "$(head_commit)" "$commit"
ok 'replace' update $'update delete home.example.org A\nupdate add home.example.org 60 A 203.0.113.9'
is 'is served' "$(short home.example.org A)" 203.0.113.9
like 'its comment stays' "$(git --git-dir="$dir/zones.git" show main:example.org)" 'home +60 +A +203\.0\.113\.9 +; set by the router'
is 'only that line and the serial changed' "$(git_log -1 --no-merges -p --format= main -- example.org | grep -cE '^[-+] *[^-+ ]')" 4
ok 'without the zone line nsupdate asks for the SOA' eval 'printf "server 127.0.0.1 %s\nupdate delete pi.example.org\nsend\n" "$dns_port" | nsup'
is 'deleted' "$(short pi.example.org A)" ''
ok 'over TCP' eval 'printf "server 127.0.0.1 %s\nupdate add tcp.example.org 60 TXT \"a b\"\nsend\n" "$dns_port" | nsupdate -v -k "$key_update"'
is 'TXT' "$(short tcp.example.org TXT)" '"a b"'
ok 'knsupdate' eval 'printf "server 127.0.0.1 %s\nzone example.org\nupdate add kn.example.org 60 AAAA 2001:db8::44\nsend\n" "$dns_port" | knsupdate -y "hmac-sha256:client._update.example.org:$secret"'
is 'its record' "$(short kn.example.org AAAA)" 2001:db8::44

# Prerequisites
like 'yxrrset fails' "$(update $'prereq yxrrset nosuch.example.org A\nupdate add never.example.org 60 A 192.0.2.1')" NXRRSET
like 'nxrrset fails' "$(update $'prereq nxrrset www.example.org A\nupdate add never.example.org 60 A 192.0.2.1')" YXRRSET
like 'yxdomain fails' "$(update $'prereq yxdomain nosuch.example.org\nupdate add never.example.org 60 A 192.0.2.1')" NXDOMAIN
like 'nxdomain fails' "$(update $'prereq nxdomain www.example.org\nupdate add never.example.org 60 A 192.0.2.1')" YXDOMAIN
ok 'value holds' update $'prereq yxrrset mail.example.org A 192.0.2.25\nupdate add value.example.org 60 A 192.0.2.1'
like 'value does not' "$(update $'prereq yxrrset mail.example.org A 192.0.2.26\nupdate add never.example.org 60 A 192.0.2.1')" NXRRSET

# Refused, and nothing changes
commit=$(head_commit)
like 'a name outside the zone' "$(update 'update add www.example.net 60 A 192.0.2.1')" NOTZONE
like 'a zone that is not ours' "$(ZONE=example.com update 'update add www.example.com 60 A 192.0.2.1')" NOTAUTH
like 'wrong secret' "$(printf 'server 127.0.0.1 %s\nzone example.org\nupdate add x.example.org 60 A 192.0.2.1\nsend\n' "$dns_port" | nsupdate -y "hmac-sha256:client._update.example.org:d3Jvbmc=" 2>&1)" BADSIG
like 'unknown key' "$(printf 'server 127.0.0.1 %s\nzone example.org\nupdate add x.example.org 60 A 192.0.2.1\nsend\n' "$dns_port" | nsupdate -y "hmac-sha256:nobody.example.org:$secret" 2>&1)" BADKEY
like 'other algorithm' "$(printf 'server 127.0.0.1 %s\nzone example.org\nupdate add x.example.org 60 A 192.0.2.1\nsend\n' "$dns_port" | nsupdate -y "hmac-sha512:client._update.example.org:$secret" 2>&1)" BADKEY
like 'unsigned' "$(printf 'server 127.0.0.1 %s\nzone example.org\nupdate add x.example.org 60 A 192.0.2.1\nsend\n' "$dns_port" | nsupdate 2>&1)" REFUSED
like 'a transfer key may not update' "$(NSKEY=$key_xfr update 'update add x.example.org 60 A 192.0.2.1')" 'REFUSED|NOTAUTH'
ok 'a CNAME beside other data is ignored, as the RFC says' update 'update add www.example.org 60 CNAME mail.example.org'
is 'and the address stays' "$(short www.example.org A)" 192.0.2.80
like 'an MX without address is refused by the checks' "$(update 'update add in.example.org 60 NS nowhere.example.org')" REFUSED
is 'no commit came of all that' "$(head_commit)" "$commit"

# Another key file, another algorithm
printf 'sub._update.example.org. DNSKEY 0 3 165 %s\n' "$secret" | git_put _keys 'a key for all'
until_true eval 'printf "server 127.0.0.1 %s\nzone example.org\nupdate add sha512.example.org 60 A 192.0.2.1\nsend\n" "$dns_port" | nsupdate -y "hmac-sha512:sub._update.example.org:$secret"'
is 'a key from _keys, hmac-sha512' "$(short sha512.example.org A)" 192.0.2.1
finish
