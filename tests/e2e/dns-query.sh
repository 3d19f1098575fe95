#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Answers: what dig sees of the demo zone, over UDP and TCP, IPv4 and IPv6.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
daemon_init
zone_put
daemon_start

is 'an address' "$(short www.example.org A)" 192.0.2.80
is 'over TCP' "$(short www.example.org AAAA +tcp)" 2001:db8::80
is 'over IPv6' "$(dig @::1 -p "$dns6_port" +short mail.example.org A)" 192.0.2.25
is 'over IPv6 and TCP' "$(dig @::1 -p "$dns6_port" +tcp +short mail.example.org A)" 192.0.2.25
like 'authoritative, with the case of the question' "$(q WwW.eXample.ORG A)" 'flags: qr aa.*WwW\.eXample\.ORG\.'
like 'CNAME is followed' "$(short shop.example.org A)" $'www\\.example\\.org\\.\n192\\.0\\.2\\.80'
like 'CNAME out of the zone' "$(q static.example.org A)" 'NOERROR.*ANSWER: 1,.*cdn\.example\.net'
like 'wildcard' "$(q x.y.dev.example.org A)" 'x\.y\.dev\.example\.org\..*192\.0\.2\.99'
like 'wildcard does not cover its parent' "$(q dev.example.org A)" 'NOERROR.*ANSWER: 0'
like 'NXDOMAIN with SOA, negative TTL' "$(q nosuch.example.org A)" 'NXDOMAIN.*example\.org\.[[:blank:]]+300[[:blank:]]+IN[[:blank:]]+SOA'
like 'NODATA with SOA' "$(q www.example.org MX)" 'NOERROR.*ANSWER: 0, AUTHORITY: 1.*SOA'
like 'empty non-terminal' "$(q _tcp.example.org A)" 'NOERROR.*ANSWER: 0, AUTHORITY: 1.*SOA'
like 'delegation with glue, not authoritative' "$(q host.lab.example.org A)" 'flags: qr rd; .*lab\.example\.org\..*NS.*ns\.lab\.example\.org\..*192\.0\.2\.140'
like 'DS is ours at the cut' "$(q lab.example.org DS)" 'flags: qr aa.*48231 13 2'
like 'DNAME makes a CNAME' "$(q a.b.old.example.org A)" 'old\.example\.org\..*DNAME.*a\.b\.old\.example\.org\..*CNAME.*a\.b\.example\.net\.'
like 'additional addresses of MX' "$(q example.org MX)" 'ADDITIONAL: 3.*mail\.example\.org\..*192\.0\.2\.25'
like 'REFUSED outside' "$(q example.com A)" 'REFUSED'
like 'unknown type' "$(q www.example.org TYPE65400)" 'NOERROR.*ANSWER: 0'
like 'ANY is minimal' "$(q example.org ANY)" 'NOERROR.*ANSWER: [12],'
like 'EDNS version 1 is BADVERS' "$(q example.org SOA +edns=1 +noednsneg)" BADVERS
like 'CHAOS version' "$(short version.bind CH TXT)" zonesh
is 'CHAOS name' "$(short hostname.bind CH TXT)" '"dns.example.org"'
is 'CHAOS commit' "$(short commit.zonesh CH TXT)" "\"$(head_commit)\""
like 'NSID' "$(q example.org SOA +nsid)" 'dns\.example\.org'
like 'NOTIMP for STATUS' "$(q example.org SOA +opcode=2)" NOTIMP
for type in SOA NS MX TXT CAA HTTPS SRV:_sip._udp NAPTR LOC:gate HINFO:gate SSHFP:gate TLSA:_25._tcp.mail SVCB:_8443._https.api PTR:1.tel DS:lab DNAME:old; do
	owner=${type#*:}
	[ "$owner" = "$type" ] && owner= || owner=$owner.
	like "a record of type ${type%:*}" "$(q "${owner}example.org" "${type%:*}" +noall +answer)" "IN[[:blank:]]+${type%:*}[[:blank:]]"
done

# A long answer: truncated over UDP, whole over TCP.
{
	cat "$top/demo/example.org"
	for i in $(seq 1 60); do printf 'many.example.org. 60 TXT "%s %0200d"\n' "$i" 0; done
} | git_put example.org 'many strings'
until_true eval '[ "$(q many.example.org TXT +tcp +short | wc -l)" = 60 ]'
like 'TC over UDP' "$(q many.example.org TXT +ignore +noedns)" 'flags: qr aa tc'
like 'not over the EDNS size' "$(q many.example.org TXT +ignore +bufsize=1232)" 'tc.*MSG SIZE  rcvd: [0-9]{1,4}$|tc'
is 'whole over TCP' "$(short many.example.org TXT +tcp | wc -l)" 60
is 'dig falls back to TCP by itself' "$(short many.example.org TXT | wc -l)" 60
like 'several queries on one connection' "$(dig @127.0.0.1 -p "$dns_port" +tcp +keepopen +short www.example.org A mail.example.org A)" $'192.0.2.80\n192.0.2.25'

like 'metrics count' "$(get /metrics)" 'zonesh_queries_total\{proto="udp"\} [1-9]'
finish
