/* SPDX-License-Identifier: ISC */
/*
 * The canonical form of a zone as text: the one that dns-primary-git writes, so that both leave the other's files as they are (robur.md 2.2),
 * with what it can not read back written so that it can (robur.md 2.4).
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zone/zone.h"
#include "zone/zonefile_int.h"

/* The types that dns-primary-git knows by name, in its order at an owner; all others go as TYPEn \# behind them. */
static const uint16_t type_order[] = {
	TYPE_SOA, TYPE_NS, TYPE_MX, TYPE_CNAME, TYPE_A, TYPE_AAAA, TYPE_PTR, TYPE_SRV, TYPE_SVCB, TYPE_HTTPS, TYPE_DNSKEY, TYPE_CAA, TYPE_TLSA,
	TYPE_SSHFP, TYPE_TXT, TYPE_DS, 29 /* LOC */,
};

static size_t
type_rank(uint16_t type)
{
	size_t i;

	for (i = 0; i < sizeof type_order / sizeof type_order[0]; i++)
		if (type_order[i] == type)
			return i;
	return i + type;
}

static bool
type_by_name(uint16_t type)
{
	return type_rank(type) < sizeof type_order / sizeof type_order[0];
}

static int
rrset_compare(const void *va, const void *vb)
{
	size_t a = type_rank(((const struct rrset *)va)->type), b = type_rank(((const struct rrset *)vb)->type);

	return (a > b) - (a < b);
}

/* Descending; numbers before a name as bytes, names in canonical order (the types that have any: NS, MX, PTR, SRV). */
static int
rr_compare(const void *va, const void *vb)
{
	const struct rr    *a = va, *b = vb;
	const uint8_t      *ta = rdata_target(a->type, a->rdata, a->rdlen), *tb = rdata_target(b->type, b->rdata, b->rdlen);
	size_t              fixed = ta != NULL && tb != NULL ? (size_t)(ta - a->rdata) : 0;
	int                 cmp;

	if (ta == NULL || tb == NULL || fixed != (size_t)(tb - b->rdata))
		return rdata_compare(b->type, b->rdata, b->rdlen, a->rdata, a->rdlen);
	cmp = memcmp(b->rdata, a->rdata, fixed);
	if (cmp == 0)
		cmp = name_compare(tb, ta);
	return cmp != 0 ? cmp : rdata_compare(b->type, b->rdata, b->rdlen, a->rdata, a->rdlen);
}

/* Generic data: a blank behind every 56 hex digits, as the other side does. */
static void
write_generic(struct buf *out, const struct rr *rr)
{
	buf_putf(out, "\\# %u ", rr->rdlen);
	for (size_t i = 0; i < rr->rdlen; i++)
		buf_putf(out, "%02X%s", rr->rdata[i], i % 28 == 27 && i + 1u < rr->rdlen ? " " : "");
}

/* An IPv6 address in hexadecimal only: a dotted tail is not read by everybody. */
static void
write_aaaa(struct buf *out, const struct rr *rr)
{
	char text[INET6_ADDRSTRLEN];

	if (rr->rdlen == 16 && inet_ntop(AF_INET6, rr->rdata, text, sizeof text) != NULL && strchr(text, '.') == NULL) {
		buf_puts(out, text);
		return;
	}
	for (size_t i = 0; i + 1 < rr->rdlen; i += 2)
		buf_putf(out, "%s%x", i > 0 ? ":" : "", (unsigned)rr->rdata[i] << 8 | rr->rdata[i + 1]);
}

/* The presentation form with a TAB between fields; blanks within quotes stay. */
static void
write_fields(struct buf *out, const struct rr *rr, const uint8_t *origin)
{
	struct buf text = { 0 };
	bool       quoted = false;

	rdata_print(&text, rr->type, rr->rdata, rr->rdlen, origin);
	for (size_t i = 0; i < text.len; i++) {
		char c = (char)text.data[i];

		if (c == '\\' && i + 1 < text.len) {
			buf_put(out, text.data + i++, 2);
			continue;
		}
		quoted ^= c == '"';
		buf_putc(out, c == ' ' && !quoted ? '\t' : c);
	}
	buf_done(&text);
}

static void
write_rr(struct buf *out, const struct rr *rr, const char *owner, uint32_t default_ttl, const uint8_t *apex)
{
	char type[16];

	buf_putf(out, "%s\t", owner);
	if (rr->ttl != default_ttl)
		buf_putf(out, "%" PRIu32 "\t", rr->ttl);
	if (!type_by_name(rr->type)) {
		buf_putf(out, "TYPE%u\t", rr->type);
		write_generic(out, rr);
	} else if (rr->type == TYPE_AAAA) {
		buf_puts(out, "AAAA\t");
		write_aaaa(out, rr);
	} else {
		buf_putf(out, "%s\t", rr_type_print(type, rr->type));
		write_fields(out, rr, apex);
	}
	buf_putc(out, '\n');
}

static void
write_rrset(struct buf *out, const struct rrset *set, const char *owner, uint32_t default_ttl, const uint8_t *apex)
{
	struct rr *rrs = mem_alloc((set->count + 1u) * sizeof *rrs);
	uint32_t   at = 0;
	size_t     count = 0;

	while (count < set->count && rrset_next(set, &at, &rrs[count].rdata, &rrs[count].rdlen)) {
		rrs[count].type = set->type;
		rrs[count++].ttl = set->ttl;
	}
	qsort(rrs, count, sizeof *rrs, rr_compare);
	for (size_t i = 0; i < count; i++)
		write_rr(out, &rrs[i], owner, default_ttl, apex);
	free(rrs);
}

static void
write_node(struct buf *out, const struct zone *zone, const struct node *node, uint32_t default_ttl)
{
	struct rrset *sets = mem_alloc((node->rrset_count + 1u) * sizeof *sets);
	char          owner[NAME_TEXT_MAX];

	for (uint32_t i = 0; i < node->rrset_count; i++)
		zone_node_rrset(zone, node, i, &sets[i]);
	qsort(sets, node->rrset_count, sizeof *sets, rrset_compare);
	name_print_rel(owner, node->name, zone_apex(zone));
	for (uint32_t i = 0; i < node->rrset_count; i++)
		write_rrset(out, &sets[i], owner, default_ttl, zone_apex(zone));
	free(sets);
}

/* Owners that begin with '_' stand in a block of their own, at the end. */
static bool
is_service(const struct node *node)
{
	return node->index != 0 && node->name[0] > 0 && node->name[1] == '_';
}

static void
write_nodes(struct buf *out, const struct zone *zone, bool service, uint32_t default_ttl)
{
	struct node node;
	bool        first = true;

	for (uint32_t i = 0; zone_node(zone, i, &node); i++) {
		if (node.rrset_count == 0 || is_service(&node) != service)
			continue;
		if (service && first)
			buf_puts(out, "\n\n\n");
		write_node(out, zone, &node, default_ttl);
		first = false;
	}
}

void
zonefile_write(struct buf *out, const struct zone *zone)
{
	struct rrset   soa;
	const uint8_t *rdata;
	uint16_t       rdlen;
	uint32_t       at = 0, default_ttl = TTL_FALLBACK;
	char           apex[NAME_TEXT_MAX];

	if (zone_find(zone, zone_apex(zone), TYPE_SOA, &soa) && rrset_next(&soa, &at, &rdata, &rdlen))
		default_ttl = rdata_soa_minimum(rdata, rdlen);
	if (default_ttl > TTL_MAX)
		default_ttl = TTL_FALLBACK;
	name_print(apex, zone_apex(zone));
	buf_putf(out, "$ORIGIN %s\n$TTL %" PRIu32 "\n", apex, default_ttl);
	write_nodes(out, zone, false, default_ttl);
	write_nodes(out, zone, true, default_ttl);
}

void
zonefile_write_rr(struct buf *out, const struct rr *rr, const uint8_t *origin)
{
	char owner[NAME_TEXT_MAX], type[16];

	if (origin != NULL)
		name_print_rel(owner, rr->owner, origin);
	else
		name_print(owner, rr->owner);
	buf_putf(out, "%s %" PRIu32 " %s ", owner, rr->ttl, rr_type_print(type, rr->type));
	rdata_print(out, rr->type, rr->rdata, rr->rdlen, origin);
}
