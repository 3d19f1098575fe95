#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# AXFR with TSIG, by dig, kdig and drill; refused to others.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
daemon_init
zone_put
{
	printf '$ORIGIN big.example.\n$TTL 60\n@ SOA ns.example.net. admin.example.net. 1 3600 900 604800 60\n@ NS ns.example.net.\n@ NS ns2.example.net.\n'
	for i in $(seq 1 5000); do printf 'host%d A 192.0.2.%d\nhost%d TXT "some text to make the zone larger than one message %d"\n' "$i" $((i % 256)) "$i" "$i"; done
} | git_put big.example 'a large zone'
secret=c2VjcmV0LW9mLXRoZS10ZXN0cy0zMi1ieXRlcy1sb25nIQ==
printf 'all._transfer. DNSKEY 0 3 163 %s\n' "$secret" | git_put _keys 'a key for all zones'
daemon_start

axfr() { dig @127.0.0.1 -p "$dns_port" "$@" AXFR +noall +answer +onesoa; }
axfr -k "$key_xfr" example.org > "$work/axfr"
is 'the zone begins with its SOA' "$(awk 'NR == 1 { print $4 }' "$work/axfr")" SOA
named-compilezone -q -i none -o - example.org "$work/axfr" 2> /dev/null | sort > "$work/got"
named-compilezone -q -i none -k ignore -o - example.org "$top/demo/example.org" 2> /dev/null | sort > "$work/want"
is 'and is the zone, by BIND'"'"'s reading of both' "$(diff "$work/got" "$work/want")" ''
is 'the update key may as well' "$(axfr -k "$key_update" example.org | wc -l)" "$(wc -l < "$work/axfr")"
is 'many signed messages verify (dig)' "$(axfr -y "hmac-sha256:all._transfer:$secret" big.example | wc -l)" 10003
unlike 'no signature fails' "$(dig @127.0.0.1 -p "$dns_port" -y "hmac-sha256:all._transfer:$secret" big.example AXFR 2>&1 | tail -n 20)" 'not be validated|failed'
is 'many signed messages verify (kdig)' "$(kdig @127.0.0.1 -p "$dns_port" -y "hmac-sha256:all._transfer:$secret" big.example AXFR +noall +answer | grep -c host)" 10000
is 'drill' "$(drill -p "$dns_port" -y "all._transfer:$secret:hmac-sha256" AXFR big.example @127.0.0.1 | grep -c host)" 10000
is 'over IPv6' "$(dig @::1 -p "$dns6_port" -k "$key_xfr" example.org AXFR +noall +answer | wc -l)" $(($(wc -l < "$work/axfr") + 1))

like 'unsigned is refused' "$(dig @127.0.0.1 -p "$dns_port" example.org AXFR)" 'Transfer failed'
like 'a key of another zone is refused' "$(dig @127.0.0.1 -p "$dns_port" -k "$key_xfr" big.example AXFR)" 'Transfer failed'
like 'a wrong secret is refused' "$(dig @127.0.0.1 -p "$dns_port" -y 'hmac-sha256:xfr._transfer.example.org:d3Jvbmc=' example.org AXFR 2>&1)" 'Transfer failed|BADSIG'
like 'IXFR of the current serial is one SOA' "$(dig @127.0.0.1 -p "$dns_port" -k "$key_xfr" example.org "IXFR=$(short example.org SOA | cut -d' ' -f3)" +noall +answer | wc -l)" 1
like 'queries go on meanwhile' "$(short www.example.org A)" 192.0.2.80
finish
