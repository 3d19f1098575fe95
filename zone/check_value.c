/* SPDX-License-Identifier: ISC */
/*
 * Checks of values: lengths, flags, addresses, names of hosts, and what mail receivers read in TXT records.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "zone/check_int.h"

#define TTL_LOW_S 30
#define SPF_LOOKUPS_MAX 10      /* RFC 7208 4.6.4 */

/* ---- lengths and flags ---- */

struct digest { uint8_t number; uint16_t len; const char *name; };

static const struct digest tlsa_matching[] = { { 1, 32, "SHA-256" }, { 2, 64, "SHA-512" }, { 0, 0, NULL } };
static const struct digest ds_digests[] = { { 1, 20, "SHA-1" }, { 2, 32, "SHA-256" }, { 4, 48, "SHA-384" }, { 0, 0, NULL } };

static void
digest_check(struct check_ctx *ctx, const struct node *node, uint16_t type, const struct digest *row, uint8_t number, unsigned len)
{
	for (; row->name != NULL; row++)
		if (row->number == number && row->len != len)
			check_report(ctx, node, type, "%s needs %u hex digits, this has %u", row->name, row->len * 2u, len * 2u);
}

void
check_tlsa_len(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	const uint8_t *rdata;
	uint16_t       rdlen;
	uint32_t       at = 0;

	while (rrset_next(set, &at, &rdata, &rdlen)) {
		if (rdlen <= 3)
			check_report(ctx, node, set->type, "the TLSA has no data");
		else
			digest_check(ctx, node, set->type, tlsa_matching, rdata[2], rdlen - 3u);
	}
}

void
check_ds_len(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	const uint8_t *rdata;
	uint16_t       rdlen;
	uint32_t       at = 0;

	while (rrset_next(set, &at, &rdata, &rdlen))
		if (rdlen >= 4)
			digest_check(ctx, node, set->type, ds_digests, rdata[3], rdlen - 4u);
}

void
check_caa_flag(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	const uint8_t *rdata;
	uint16_t       rdlen;
	uint32_t       at = 0;

	while (rrset_next(set, &at, &rdata, &rdlen))
		if (rdlen > 0 && rdata[0] != 0 && rdata[0] != 128)
			check_report(ctx, node, set->type, "CAA flags %u mean nothing; only 0 and 128 (critical) do", rdata[0]);
}

void
check_ttl_low(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	if (set->ttl < TTL_LOW_S)
		check_report(ctx, node, set->type, "TTL %u is below %d seconds: every client asks all the time", set->ttl, TTL_LOW_S);
}

/* ---- SVCB and HTTPS, RFC 9460 ---- */

static unsigned
u16_at(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

void
check_svcb_self(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	const uint8_t *rdata;
	uint16_t       rdlen;
	uint32_t       at = 0;

	while (rrset_next(set, &at, &rdata, &rdlen))
		if (rdlen > 2 && u16_at(rdata) == 0 && name_equal(rdata + 2, node->name))
			check_report(ctx, node, set->type, "the alias points to itself");
}

/* The value of parameter KEY in the LEN bytes of parameters at P, or NULL. */
static const uint8_t *
svcb_param(const uint8_t *p, size_t len, unsigned key, size_t *value_len)
{
	while (len >= 4 && u16_at(p + 2) <= len - 4) {
		*value_len = u16_at(p + 2);
		if (u16_at(p) == key)
			return p + 4;
		len -= 4 + *value_len;
		p += 4 + *value_len;
	}
	return NULL;
}

static const char *
svcb_key_name(char out[static 16], unsigned key)
{
	static const char *const names[] = { "mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint" };

	if (key < sizeof names / sizeof names[0])
		snprintf(out, 16, "%s", names[key]);
	else
		snprintf(out, 16, "key%u", key);
	return out;
}

void
check_svcb_mandatory(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	const uint8_t *rdata, *keys;
	uint16_t       rdlen;
	uint32_t       at = 0;
	size_t         keys_len, value_len;
	char           name[16];

	while (rrset_next(set, &at, &rdata, &rdlen)) {
		size_t         head = 2 + name_len(rdata + 2);
		const uint8_t *params = rdata + head;

		if ((keys = svcb_param(params, rdlen - head, 0, &keys_len)) == NULL)
			continue;
		for (size_t i = 0; i + 1 < keys_len; i += 2)
			if (svcb_param(params, rdlen - head, u16_at(keys + i), &value_len) == NULL)
				check_report(ctx, node, set->type, "mandatory names %s, which the record does not have",
				    svcb_key_name(name, u16_at(keys + i)));
	}
}

/* ---- addresses and host names ---- */

void
check_private_addr(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	const uint8_t *a;
	uint16_t       rdlen;
	uint32_t       at = 0;

	while (rrset_next(set, &at, &a, &rdlen))
		if (a[0] == 10 || (a[0] == 172 && (a[1] & 0xf0) == 16) || (a[0] == 192 && a[1] == 168))
			check_report(ctx, node, set->type, "%u.%u.%u.%u is a private address (RFC 1918)", a[0], a[1], a[2], a[3]);
}

void
check_rname_at(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	const uint8_t *rdata;
	uint16_t       rdlen;
	uint32_t       at = 0;

	while (rrset_next(set, &at, &rdata, &rdlen)) {
		const uint8_t *rname = rdata + name_len(rdata);

		if (memchr(rname, '@', name_len(rname)) != NULL)
			check_report(ctx, node, set->type, "the mailbox of the SOA is written with @; the first dot stands for it");
	}
}

static bool
label_is_host(const uint8_t *label)
{
	for (unsigned i = 1; i <= label[0]; i++)
		if (!isalnum(label[i]) && !(label[i] == '-' && i > 1 && i < label[0]))
			return false;
	return true;
}

static bool
name_is_host(const uint8_t *name)
{
	if (name_is_wildcard(name))
		name = name_parent(name);
	for (; name[0] != 0; name = name_parent(name))
		if (!label_is_host(name))
			return false;
	return true;
}

static bool
owner_is_host(uint16_t type)
{
	return type == TYPE_A || type == TYPE_AAAA || type == TYPE_MX;
}

void
check_name_charset(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	const uint8_t *rdata, *target;
	uint16_t       rdlen;
	uint32_t       at = 0;
	char           text[NAME_TEXT_MAX];

	if (owner_is_host(set->type) && !name_is_host(node->name))
		check_report(ctx, node, set->type, "the name of a host may hold letters, digits and hyphens only");
	while (rrset_next(set, &at, &rdata, &rdlen)) {
		if ((target = rdata_target(set->type, rdata, rdlen)) == NULL || name_is_host(target))
			continue;
		name_print_rel(text, target, zone_apex(ctx->zone));
		check_report(ctx, node, set->type, "%.300s is no host name: only letters, digits and hyphens are allowed", text);
	}
}

/* ---- mail ---- */

/* The strings of a TXT joined, cut at SIZE - 1 bytes; NULs become blanks. */
static const char *
txt_join(char *out, size_t size, const uint8_t *rdata, size_t rdlen)
{
	size_t len = 0;

	for (size_t pos = 0; pos < rdlen; pos += 1u + rdata[pos])
		for (size_t i = 1; i <= rdata[pos] && pos + i < rdlen && len + 1 < size; i++)
			out[len++] = rdata[pos + i] != '\0' ? (char)rdata[pos + i] : ' ';
	out[len] = '\0';
	return out;
}

static bool
is_spf(const char *text)
{
	return strncasecmp(text, "v=spf1", 6) == 0 && (text[6] == ' ' || text[6] == '\0');
}

void
check_spf_multi(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	const uint8_t *rdata;
	uint16_t       rdlen;
	uint32_t       at = 0;
	unsigned       count = 0;
	char           text[16];

	while (rrset_next(set, &at, &rdata, &rdlen))
		count += is_spf(txt_join(text, sizeof text, rdata, rdlen));
	if (count > 1)
		check_report(ctx, node, set->type, "the name has %u SPF records", count);
}

/* Does the SPF term at P (with qualifier) make the receiver ask the DNS? */
static bool
spf_looks_up(const char *p)
{
	static const char *const terms[] = { "include:", "a", "mx", "ptr", "exists:", "redirect=" };

	p += strspn(p, "+-~?");
	for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++) {
		size_t len = strlen(terms[i]);

		if (strncasecmp(p, terms[i], len) != 0)
			continue;
		if (!isalpha((unsigned char)terms[i][len - 1]) || strchr(" :/", p[len]) != NULL)
			return true;    /* strchr finds the NUL as well */
	}
	return false;
}

void
check_spf_lookups(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	const uint8_t *rdata;
	uint16_t       rdlen;
	uint32_t       at = 0;
	char           text[4096];

	while (rrset_next(set, &at, &rdata, &rdlen)) {
		unsigned count = 0;

		if (!is_spf(txt_join(text, sizeof text, rdata, rdlen)))
			continue;
		for (const char *p = strchr(text, ' '); p != NULL; p = strchr(p, ' ')) {
			p += strspn(p, " ");
			count += spf_looks_up(p);
		}
		if (count > SPF_LOOKUPS_MAX)
			check_report(ctx, node, set->type, "the SPF record asks for %u look-ups, %d are allowed", count, SPF_LOOKUPS_MAX);
	}
}

static bool
is_dmarc_owner(const uint8_t *name)
{
	return name[0] == 6 && strncasecmp((const char *)name + 1, "_dmarc", 6) == 0;
}

/* Has the DMARC record a policy (RFC 7489 6.3: p=, right behind the version)? */
static bool
dmarc_policy(const char *text)
{
	static const char *const policies[] = { "none", "quarantine", "reject" };
	const char              *p = strstr(text, ";");

	if (p == NULL)
		return false;
	p += 1 + strspn(p + 1, " \t");
	if (tolower((unsigned char)p[0]) != 'p')
		return false;
	p += 1 + strspn(p + 1, " \t");
	if (p[0] != '=')
		return false;
	p += 1 + strspn(p + 1, " \t");
	for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++)
		if (strncasecmp(p, policies[i], strlen(policies[i])) == 0 && strchr("; \t", p[strlen(policies[i])]) != NULL)
			return true;
	return false;
}

void
check_dmarc(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	const uint8_t *rdata;
	uint16_t       rdlen;
	uint32_t       at = 0;
	unsigned       count = 0;
	char           text[4096];

	if (!is_dmarc_owner(node->name))
		return;
	while (rrset_next(set, &at, &rdata, &rdlen)) {
		txt_join(text, sizeof text, rdata, rdlen);
		if (strncmp(text, "v=DMARC1", 8) != 0) {
			check_report(ctx, node, set->type, "the record does not begin with v=DMARC1, so receivers ignore it");
			continue;
		}
		count++;
		if (!dmarc_policy(text))
			check_report(ctx, node, set->type, "the DMARC record has no p= right behind v=DMARC1");
	}
	if (count > 1)
		check_report(ctx, node, set->type, "the name has %u DMARC records; receivers then take none", count);
}
