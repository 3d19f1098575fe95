/* SPDX-License-Identifier: ISC */
/*
 * Checks of the zone's frame: SOA and NS, what may stand beside and below what.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zone/check_int.h"

/* DNSSEC's own records, which stand anywhere. */
static bool
is_dnssec(uint16_t type)
{
	return type == TYPE_RRSIG || type == TYPE_NSEC;
}

void
check_soa_missing(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	struct rrset soa;

	(void)set;
	if (node->index == 0 && !zone_node_find(ctx->zone, node, TYPE_SOA, &soa))
		check_report(ctx, node, TYPE_SOA, "the zone has no SOA record at its apex");
}

void
check_soa_multi(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	if (node->index != 0)
		check_report(ctx, node, TYPE_SOA, "an SOA stands below the apex");
	else if (set->count > 1)
		check_report(ctx, node, TYPE_SOA, "the zone has %u SOA records", set->count);
}

void
check_ns_apex(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	struct rrset ns;

	(void)set;
	if (node->index == 0 && !zone_node_find(ctx->zone, node, TYPE_NS, &ns))
		check_report(ctx, node, TYPE_NS, "the zone has no NS record at its apex");
}

void
check_ns_one(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	if (node->index == 0 && set->count == 1)
		check_report(ctx, node, TYPE_NS, "the zone has one name server only");
}

void
check_cname_coexist(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	struct rrset other;
	char         type[16];

	(void)set;
	for (uint32_t i = 0; zone_node_rrset(ctx->zone, node, i, &other); i++) {
		if (other.type == TYPE_CNAME || is_dnssec(other.type))
			continue;
		check_report(ctx, node, TYPE_CNAME, "the name has a CNAME and %s: a CNAME cannot stand beside other data", rr_type_print(type, other.type));
		return;
	}
}

void
check_cname_multi(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	if (set->count > 1)
		check_report(ctx, node, TYPE_CNAME, "the name has %u CNAME records, there can be one", set->count);
}

void
check_dname_multi(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	if (set->count > 1)
		check_report(ctx, node, TYPE_DNAME, "the name has %u DNAME records, there can be one", set->count);
}

void
check_dname_ns(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	(void)set;
	if (node->index != 0 && (node->flags & NODE_DELEGATION) != 0)
		check_report(ctx, node, TYPE_DNAME, "a DNAME stands beside the NS records of a delegation");
}

static bool
apex_has_dname(const struct zone *zone)
{
	struct rrset dname;

	return zone_find(zone, zone_apex(zone), TYPE_DNAME, &dname);
}

void
check_dname_child(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	struct node cut;
	char        above[NAME_TEXT_MAX];

	(void)set;
	if (node->index == 0 || node->rrset_count == 0)
		return;
	if (apex_has_dname(ctx->zone))
		snprintf(above, sizeof above, "@");
	else if ((node->flags & NODE_OCCLUDED) != 0 && zone_find_cut(ctx->zone, name_parent(node->name), &cut) && (cut.flags & NODE_DNAME) != 0)
		name_print_rel(above, cut.name, zone_apex(ctx->zone));
	else
		return;
	check_report(ctx, node, 0, "the name lies below the DNAME of %.300s, which redirects everything there", above);
}

void
check_ds_no_ns(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	(void)set;
	if (node->index != 0 && (node->flags & NODE_DELEGATION) == 0)
		check_report(ctx, node, TYPE_DS, "a DS belongs to a delegation, but the name has no NS records");
}

void
check_ds_apex(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	(void)set;
	if (node->index == 0)
		check_report(ctx, node, TYPE_DS, "the zone's DS belongs into the parent zone, not into the zone itself");
}

void
check_wildcard_ns(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	(void)set;
	if ((node->flags & NODE_WILDCARD) != 0)
		check_report(ctx, node, TYPE_NS, "a wildcard cannot be delegated");
}

/* What may stand at a delegation itself; addresses may be glue. */
static bool
at_delegation(uint16_t type)
{
	return type == TYPE_NS || type == TYPE_DS || type == TYPE_A || type == TYPE_AAAA || is_dnssec(type);
}

static int
compare_servers(const void *a, const void *b)
{
	return name_compare(*(const uint8_t *const *)a, *(const uint8_t *const *)b);
}

static void
add_server(struct check_ctx *ctx, const uint8_t *name)
{
	mem_grow(&ctx->servers, &ctx->server_cap, ctx->server_count + 1, sizeof *ctx->servers);
	ctx->servers[ctx->server_count++] = name;
}

static void
collect_servers(struct check_ctx *ctx)
{
	struct node    node;
	struct rrset   set;
	const uint8_t *rdata;
	uint16_t       rdlen;

	for (uint32_t i = 0; zone_node(ctx->zone, i, &node); i++) {
		uint32_t at = 0;

		if (!zone_node_find(ctx->zone, &node, TYPE_NS, &set))
			continue;
		while (rrset_next(&set, &at, &rdata, &rdlen))
			add_server(ctx, rdata);
	}
	if (ctx->server_count > 1)
		qsort(ctx->servers, ctx->server_count, sizeof *ctx->servers, compare_servers);
}

/* Is NAME a name server of any delegation, or of the zone?  One pass over the zone the first time, then a binary search. */
static bool
is_server(struct check_ctx *ctx, const uint8_t *name)
{
	if (ctx->servers == NULL)
		collect_servers(ctx);
	return ctx->server_count != 0 && bsearch(&name, ctx->servers, ctx->server_count, sizeof *ctx->servers, compare_servers) != NULL;
}

/* May a record of TYPE stand below a delegation? */
static bool
is_glue(struct check_ctx *ctx, const struct node *node, uint16_t type)
{
	return is_dnssec(type) || ((type == TYPE_A || type == TYPE_AAAA) && is_server(ctx, node->name));
}

static void
report_occluded(struct check_ctx *ctx, const struct node *node, const struct node *cut)
{
	struct rrset set;
	char         type[16], at[NAME_TEXT_MAX];
	bool         below = cut->index != node->index;

	name_print_rel(at, cut->name, zone_apex(ctx->zone));
	for (uint32_t i = 0; zone_node_rrset(ctx->zone, node, i, &set); i++) {
		if (below ? is_glue(ctx, node, set.type) : at_delegation(set.type) || set.type == TYPE_DNAME)
			continue;
		check_report(ctx, node, set.type, "the %s is never answered: %.300s is delegated to other servers", rr_type_print(type, set.type), at);
	}
}

void
check_occluded(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	struct node cut;

	(void)set;
	if (node->index == 0 || (node->flags & (NODE_DELEGATION | NODE_OCCLUDED)) == 0)
		return;
	if (zone_find_cut(ctx->zone, node->name, &cut) && (cut.flags & NODE_DELEGATION) != 0)
		report_occluded(ctx, node, &cut);
}
