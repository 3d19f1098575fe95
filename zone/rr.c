/* SPDX-License-Identifier: ISC */
/*
 * The table of record types.  A row carries all that is known of a type: its form in the editor and the layout that
 * reading, printing, checking and comparing of its rdata go by (zone/rdata.h).
 */
#include "zone/rr.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

#define RA (RR_ADDITIONAL)
#define RC (RR_COMPRESS)
#define NO_FORM { { NULL, F_END, NULL } }

/* In the order that people want to pick from: the ones with a form first. */
static const struct rr_type rr_types[] = {
	{ "A", 1, 0, "IPv4 address of a host", {
		{ "address", F_A, "IPv4 address, as in 192.0.2.1" } }, "a" },
	{ "AAAA", 28, 0, "IPv6 address of a host", {
		{ "address", F_AAAA, "IPv6 address, as in 2001:db8::1" } }, "q" },
	{ "CNAME", 5, RR_SINGLE | RC, "another name for a host; stands alone at its owner", {
		{ "target", F_NAME, "the name that this one stands for" } }, "n" },
	{ "MX", 15, RA | RC, "host that accepts mail", {
		{ "preference", F_U16, "lower is tried first, as in 10" },
		{ "exchange", F_NAME, "the host that accepts mail; \".\" with preference 0: no mail here" } }, "2n" },
	{ "NS", 2, RA | RC, "name server of the zone, or of a delegated one", {
		{ "server", F_NAME, "the host that answers for the zone" } }, "n" },
	{ "TXT", 16, 0, "free text: SPF, DKIM, verification", {
		{ "text", F_TEXT, "the text; quotes only to give several strings" } }, "S" },
	{ "SRV", 33, RA, "host and port of a service; owner _service._proto", {
		{ "priority", F_U16, "lower is tried first" },
		{ "weight", F_U16, "share among those of equal priority" },
		{ "port", F_U16, "port of the service" },
		{ "target", F_NAME, "the host; \".\": no such service" } }, "222n" },
	{ "CAA", 257, 0, "who may issue certificates", {
		{ "flags", F_U8, "0, or 128: refuse if the tag is not understood" },
		{ "tag", F_WORD, "issue, issuewild, issuemail or iodef" },
		{ "value", F_STR, "the issuer, as in letsencrypt.org; \";\": nobody" } }, "1gV" },
	{ "HTTPS", 65, RA, "how to reach a web site: alternative host, protocols, keys", {
		{ "priority", F_U16, "0: alias; else lower is tried first" },
		{ "target", F_NAME, "the host; \".\": the owner itself" },
		{ "params", F_TEXT, "as in alpn=h2,h3 port=8443 ipv4hint=192.0.2.1" } }, "2Np" },
	{ "SVCB", 64, RA, "how to reach a service: alternative host, protocols, keys", {
		{ "priority", F_U16, "0: alias; else lower is tried first" },
		{ "target", F_NAME, "the host; \".\": the owner itself" },
		{ "params", F_TEXT, "as in alpn=dot port=853" } }, "2Np" },
	{ "PTR", 12, RC, "name of an address, in a reverse zone", {
		{ "target", F_NAME, "the host that has the address" } }, "n" },
	{ "TLSA", 52, 0, "certificate of a TLS service; owner _port._proto.host", {
		{ "usage", F_U8, "3: this certificate; 2: this CA; 1, 0: the same and publicly trusted" },
		{ "selector", F_U8, "0: whole certificate; 1: its public key" },
		{ "matching", F_U8, "0: as it is; 1: SHA-256; 2: SHA-512" },
		{ "data", F_HEX, "certificate or digest in hex" } }, "uemh" },
	{ "SSHFP", 44, 0, "fingerprint of an SSH host key", {
		{ "algorithm", F_U8, "1: RSA, 3: ECDSA, 4: Ed25519" },
		{ "type", F_U8, "1: SHA-1, 2: SHA-256" },
		{ "fingerprint", F_HEX, "in hex, as ssh-keygen -r prints it" } }, "11h" },
	{ "NAPTR", 35, 0, "rewriting rule: telephony, SIP", {
		{ "order", F_U16, "lower is processed first" },
		{ "preference", F_U16, "lower is preferred among those of equal order" },
		{ "flags", F_WORD, "\"s\", \"a\", \"u\", \"p\" or \"\"" },
		{ "services", F_WORD, "as in \"SIP+D2U\"" },
		{ "regexp", F_WORD, "substitution, or \"\"" },
		{ "replacement", F_NAME, "next name to ask; \".\" with a regexp" } }, "22sssn" },
	{ "DS", 43, 0, "fingerprint of the key of a delegated, signed zone", {
		{ "key tag", F_U16, "number of the key" },
		{ "algorithm", F_U8, "of the key: 13: ECDSA P-256, 15: Ed25519, 8: RSA/SHA-256" },
		{ "digest type", F_U8, "2: SHA-256, 4: SHA-384" },
		{ "digest", F_HEX, "in hex" } }, "2k1h" },
	{ "DNAME", 39, RR_SINGLE, "another name for everything below the owner", {
		{ "target", F_NAME, "the name below which to look instead" } }, "n" },
	{ "SOA", 6, RR_SINGLE | RC, "start of the zone: serial and timers", {
		{ "primary", F_NAME, "the name server that the zone comes from" },
		{ "mailbox", F_NAME, "of who is responsible, a dot in place of the @" },
		{ "serial", F_U32, "version of the zone; advanced by every change" },
		{ "refresh", F_TIME, "how often secondaries look for a new serial" },
		{ "retry", F_TIME, "how soon they try again" },
		{ "expire", F_TIME, "when they give up" },
		{ "minimum", F_TIME, "how long the absence of a name may be cached" } }, "nn4tttt" },
	{ "URI", 256, 0, "address of a service; owner _service._proto", {
		{ "priority", F_U16, "lower is tried first" },
		{ "weight", F_U16, "share among those of equal priority" },
		{ "target", F_STR, "the URI" } }, "22V" },
	{ "HINFO", 13, 0, "hardware and operating system of a host", {
		{ "cpu", F_WORD, "as in \"ARM64\"" },
		{ "os", F_WORD, "as in \"Debian 12\"" } }, "ss" },
	{ "RP", 17, 0, "who is responsible for a name", {
		{ "mailbox", F_NAME, "a dot in place of the @; \".\": none" },
		{ "text", F_NAME, "name with a TXT that says more; \".\": none" } }, "nn" },
	{ "LOC", 29, 0, "where on Earth it is", {
		{ "location", F_TEXT, "as in 52 22 23.000 N 4 53 32.000 E -2m" } }, "L" },
	{ "OPENPGPKEY", 61, 0, "OpenPGP key of a mailbox", {
		{ "key", F_B64, "in base64" } }, "b" },
	{ "SMIMEA", 53, 0, "S/MIME certificate of a mailbox", {
		{ "usage", F_U8, "3: this certificate; 2: this CA" },
		{ "selector", F_U8, "0: whole certificate; 1: its public key" },
		{ "matching", F_U8, "0: as it is; 1: SHA-256; 2: SHA-512" },
		{ "data", F_HEX, "certificate or digest in hex" } }, "uemh" },
	{ "SPF", 99, 0, "old form of SPF; use TXT", {
		{ "text", F_TEXT, "the text" } }, "S" },
	{ "CDS", 59, 0, "DS that the parent shall publish", { { "key tag", F_U16, "number of the key" }, { "algorithm", F_U8, "of the key" },
		{ "digest type", F_U8, "2: SHA-256, 4: SHA-384" }, { "digest", F_HEX, "in hex" } }, "2k1h" },
	{ "DNSKEY", 48, 0, "key that the zone is signed with", { { "flags", F_U16, "256: zone key, 257: key-signing key" },
		{ "protocol", F_U8, "3" }, { "algorithm", F_U8, "13: ECDSA P-256, 15: Ed25519, 8: RSA/SHA-256" }, { "key", F_B64, "in base64" } }, "21kb" },
	{ "CDNSKEY", 60, 0, "DNSKEY that the parent shall make a DS of", { { "flags", F_U16, "257" }, { "protocol", F_U8, "3" },
		{ "algorithm", F_U8, "of the key" }, { "key", F_B64, "in base64" } }, "21kb" },
	{ "CERT", 37, 0, "certificate or key of any kind", { { "type", F_WORD, "PKIX, PGP, ... or a number" }, { "key tag", F_U16, "or 0" },
		{ "algorithm", F_U8, "or 0" }, { "certificate", F_B64, "in base64" } }, "c2kb" },
	{ "AFSDB", 18, RA, "AFS or DCE server", { { "subtype", F_U16, "1: AFS, 2: DCE" }, { "server", F_NAME, "the host" } }, "2n" },
	{ "KX", 36, RA, "key exchanger", { { "preference", F_U16, "lower is tried first" }, { "exchanger", F_NAME, "the host" } }, "2n" },
	{ "APL", 42, 0, "list of address prefixes", { { "prefixes", F_TEXT, "as in 1:192.0.2.0/24 !1:192.0.2.64/28" } }, "P" },
	{ "EUI48", 108, 0, "48-bit hardware address", { { "address", F_WORD, "as in 00-00-5e-00-53-2a" } }, "*" },
	{ "EUI64", 109, 0, "64-bit hardware address", { { "address", F_WORD, "as in 00-00-5e-ef-10-00-00-2a" } }, "*" },
	{ "DHCID", 49, 0, "identity of a DHCP client", { { "identity", F_B64, "in base64" } }, "b" },
	{ "IPSECKEY", 45, 0, "key for IPsec", { { "key", F_TEXT, "precedence, gateway type, algorithm, gateway, key" } }, "111*" },
	{ "CSYNC", 62, 0, "what the parent shall copy from the child", { { "data", F_TEXT, "serial, flags, types" } }, "42B" },
	{ "ZONEMD", 63, 0, "digest of the zone", { { "serial", F_U32, "of the zone" }, { "scheme", F_U8, "1: simple" },
		{ "algorithm", F_U8, "1: SHA-384, 2: SHA-512" }, { "digest", F_HEX, "in hex" } }, "411h" },
	{ "HIP", 55, 0, "host identity", NO_FORM, "*" },
	{ "LP", 107, 0, "ILNP locator pointer", { { "preference", F_U16, "lower is preferred" }, { "target", F_NAME, "name with L32 or L64" } }, "2N" },
	{ "L32", 105, 0, "ILNP locator, 32 bits", { { "preference", F_U16, "lower is preferred" }, { "locator", F_A, "as in 10.1.2.0" } }, "2a" },
	{ "L64", 106, 0, "ILNP locator, 64 bits", NO_FORM, "2*" },
	{ "NID", 104, 0, "ILNP node identifier", NO_FORM, "2*" },
	{ "RRSIG", 46, 0, "signature of an RRset", NO_FORM, "yk14dd2nb" },
	{ "NSEC", 47, 0, "next name in a signed zone", NO_FORM, "NB" },
	{ "NSEC3", 50, 0, "next hashed name in a signed zone", NO_FORM, "112oiB" },
	{ "NSEC3PARAM", 51, RR_SINGLE, "how NSEC3 names are hashed", NO_FORM, "112o" },
	{ "NULL", 10, 0, "any bytes", NO_FORM, NULL },
	{ "WKS", 11, 0, "well-known services (obsolete)", NO_FORM, NULL },
	{ "MD", 3, RC, "mail destination (obsolete)", NO_FORM, "n" },
	{ "MF", 4, RC, "mail forwarder (obsolete)", NO_FORM, "n" },
	{ "MB", 7, RC, "mailbox host (obsolete)", NO_FORM, "n" },
	{ "MG", 8, RC, "mail group member (obsolete)", NO_FORM, "n" },
	{ "MR", 9, RC, "mail rename (obsolete)", NO_FORM, "n" },
	{ "MINFO", 14, RC, "mailing list (obsolete)", NO_FORM, "nn" },
	{ "X25", 19, 0, "X.25 address", NO_FORM, "s" },
	{ "ISDN", 20, 0, "ISDN number", NO_FORM, "S" },
	{ "RT", 21, RA, "route through", NO_FORM, "2n" },
	{ "NSAP", 22, 0, "OSI address", NO_FORM, "*" },
	{ "NSAP-PTR", 23, 0, "name of an OSI address", NO_FORM, "n" },
	{ "SIG", 24, 0, "signature (obsolete)", NO_FORM, "yk14dd2nb" },
	{ "KEY", 25, 0, "key (obsolete but for SIG(0))", NO_FORM, "21kb" },
	{ "PX", 26, 0, "X.400 mapping", NO_FORM, "2nn" },
	{ "GPOS", 27, 0, "position (obsolete, use LOC)", NO_FORM, "sss" },
	{ "NXT", 30, 0, "next name (obsolete)", NO_FORM, "n*" },
	{ "EID", 31, 0, "Nimrod endpoint", NO_FORM, NULL },
	{ "NIMLOC", 32, 0, "Nimrod locator", NO_FORM, NULL },
	{ "ATMA", 34, 0, "ATM address", NO_FORM, NULL },
	{ "A6", 38, 0, "IPv6 address (historic)", NO_FORM, NULL },
	{ "SINK", 40, 0, "kitchen sink", NO_FORM, NULL },
	{ "NINFO", 56, 0, "zone status", NO_FORM, "S" },
	{ "RKEY", 57, 0, "key to encrypt NAPTR with", NO_FORM, "21kb" },
	{ "TALINK", 58, 0, "trust anchor link", NO_FORM, "NN" },
	{ "UINFO", 100, 0, "user information (reserved)", NO_FORM, NULL },
	{ "UID", 101, 0, "user number (reserved)", NO_FORM, NULL },
	{ "GID", 102, 0, "group number (reserved)", NO_FORM, NULL },
	{ "UNSPEC", 103, 0, "any bytes (reserved)", NO_FORM, NULL },
	{ "AVC", 258, 0, "application visibility", NO_FORM, "S" },
	{ "DOA", 259, 0, "digital object", NO_FORM, NULL },
	{ "AMTRELAY", 260, 0, "multicast relay", NO_FORM, NULL },
	{ "TA", 32768, 0, "trust anchor", NO_FORM, "2k1h" },
	{ "DLV", 32769, 0, "lookaside validation (obsolete)", NO_FORM, "2k1h" },
	{ "OPT", 41, RR_META, "EDNS", NO_FORM, NULL },
	{ "TKEY", 249, RR_META, "key agreement", NO_FORM, NULL },
	{ "TSIG", 250, RR_META, "signature of a message", NO_FORM, NULL },
	{ "IXFR", 251, RR_META, "incremental transfer", NO_FORM, NULL },
	{ "AXFR", 252, RR_META, "transfer", NO_FORM, NULL },
	{ "MAILB", 253, RR_META, "mailbox records", NO_FORM, NULL },
	{ "MAILA", 254, RR_META, "mail agent records", NO_FORM, NULL },
	{ "ANY", 255, RR_META, "all records", NO_FORM, NULL },
};

#define ROWS (sizeof rr_types / sizeof rr_types[0])
#define LOW_TYPES 512           /* types below are found without a search; nearly all are */

static const struct rr_type *low_types[LOW_TYPES];

/* Before main, so that threads find it complete. */
__attribute__((constructor)) static void
index_types(void)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rr_types[i].type < LOW_TYPES)
			low_types[rr_types[i].type] = &rr_types[i];
}

const struct rr_type *
rr_type_find(uint16_t type)
{
	if (type < LOW_TYPES)
		return low_types[type];
	for (size_t i = 0; i < ROWS; i++)
		if (rr_types[i].type == type)
			return &rr_types[i];
	return NULL;
}

size_t
rr_type_count(void)
{
	return ROWS;
}

const struct rr_type *
rr_type_at(size_t i)
{
	return i < ROWS ? &rr_types[i] : NULL;
}

bool
rr_type_parse(uint16_t *out, const char *text, struct err *err)
{
	uint64_t number;

	for (size_t i = 0; i < ROWS; i++)
		if (strcasecmp(rr_types[i].name, text) == 0) {
			*out = rr_types[i].type;
			return true;
		}
	if (strncasecmp(text, "TYPE", 4) == 0 && str_u64(&number, text + 4, UINT16_MAX)) {
		*out = (uint16_t)number;
		return true;
	}
	err_set(err, ERR_SYNTAX, "\"%.40s\" is not a record type", text);
	return err_hint(err, "types are A, AAAA, CNAME, MX, NS, TXT, SRV, CAA, ..., and TYPE1 to TYPE65535 for any other");
}

const char *
rr_type_print(char out[static 16], uint16_t type)
{
	const struct rr_type *row = rr_type_find(type);

	if (row != NULL)
		snprintf(out, 16, "%s", row->name);
	else
		snprintf(out, 16, "TYPE%u", type);
	return out;
}

/* RFC 6895 3.1: 128 to 255 are for questions and meta data, and so is OPT. */
bool
rr_type_is_meta(uint16_t type)
{
	return type == 0 || type == TYPE_OPT || (type >= 128 && type <= 255);
}

static uint64_t
unit_seconds(char unit)
{
	static const struct { char unit; uint32_t seconds; } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };

	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (units[i].unit == (unit | 0x20))
			return units[i].seconds;
	return 0;
}

static bool
bad_ttl(struct err *err, const char *text)
{
	return err_set(err, ERR_SYNTAX, "\"%.40s\" is not a time: expected seconds, or numbers with units as in 1h30m or 1w", text);
}

bool
rr_ttl_parse(uint32_t *out, const char *text, struct err *err)
{
	uint64_t    total = 0;
	const char *at = text;

	if (*at == '\0')
		return bad_ttl(err, text);
	while (*at != '\0') {
		uint64_t number = 0, unit = 1;

		if (*at < '0' || *at > '9')
			return bad_ttl(err, text);
		for (; *at >= '0' && *at <= '9'; at++)
			number = number > UINT32_MAX ? number : number * 10 + (unsigned)(*at - '0');
		if (*at != '\0')
			unit = unit_seconds(*at++);
		else if (strpbrk(text, "smhdwSMHDW") != NULL)
			return bad_ttl(err, text);
		if (unit == 0)
			return bad_ttl(err, text);
		total += number * unit;
		if (total > TTL_MAX)
			return err_set(err, ERR_RANGE, "\"%.40s\" is longer than the greatest time, %u seconds", text, TTL_MAX);
	}
	*out = (uint32_t)total;
	return true;
}
