/* SPDX-License-Identifier: ISC */
/*
 * Words that may stand for numbers in rdata: RFC 4034 A.1, RFC 4398 2.1, RFC 7218.  Read only; numbers are written.
 */
#include <string.h>
#include <strings.h>

#include "zone/rdata.h"

static const struct { char kind; uint16_t value; const char *word; } words[] = {
	{ 'k', 1, "RSAMD5" }, { 'k', 2, "DH" }, { 'k', 3, "DSA" }, { 'k', 5, "RSASHA1" }, { 'k', 6, "DSA-NSEC3-SHA1" },
	{ 'k', 7, "RSASHA1-NSEC3-SHA1" }, { 'k', 8, "RSASHA256" }, { 'k', 10, "RSASHA512" }, { 'k', 12, "ECC-GOST" },
	{ 'k', 13, "ECDSAP256SHA256" }, { 'k', 14, "ECDSAP384SHA384" }, { 'k', 15, "ED25519" }, { 'k', 16, "ED448" },
	{ 'k', 252, "INDIRECT" }, { 'k', 253, "PRIVATEDNS" }, { 'k', 254, "PRIVATEOID" },
	{ 'c', 1, "PKIX" }, { 'c', 2, "SPKI" }, { 'c', 3, "PGP" }, { 'c', 4, "IPKIX" }, { 'c', 5, "ISPKI" }, { 'c', 6, "IPGP" },
	{ 'c', 7, "ACPKIX" }, { 'c', 8, "IACPKIX" }, { 'c', 253, "URI" }, { 'c', 254, "OID" },
	{ 'u', 0, "PKIX-TA" }, { 'u', 1, "PKIX-EE" }, { 'u', 2, "DANE-TA" }, { 'u', 3, "DANE-EE" }, { 'u', 255, "PrivCert" },
	{ 'e', 0, "Cert" }, { 'e', 1, "SPKI" }, { 'e', 255, "PrivSel" },
	{ 'm', 0, "Full" }, { 'm', 1, "SHA2-256" }, { 'm', 2, "SHA2-512" }, { 'm', 255, "PrivMatch" },
};

bool
rdata_word_find(uint32_t *out, char kind, const char *word, size_t len)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (words[i].kind == kind && strlen(words[i].word) == len && strncasecmp(words[i].word, word, len) == 0) {
			*out = words[i].value;
			return true;
		}
	return false;
}
