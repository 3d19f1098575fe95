/* SPDX-License-Identifier: ISC */
/*
 * Checks of names that records point to: are they there, do they have addresses, were they meant.
 */
#include <string.h>
#include <strings.h>

#include "zone/check_int.h"

static bool
has_type(const struct zone *zone, const struct node *node, uint16_t type)
{
	struct rrset set;

	return zone_node_find(zone, node, type, &set);
}

static bool
has_address(const struct zone *zone, const struct node *node)
{
	return has_type(zone, node, TYPE_A) || has_type(zone, node, TYPE_AAAA);
}

static enum target
node_target(const struct zone *zone, const struct node *node)
{
	if (has_address(zone, node))
		return TARGET_ADDRESS;
	return has_type(zone, node, TYPE_CNAME) ? TARGET_CNAME : TARGET_NONE;
}

enum target
check_target(const struct zone *zone, const uint8_t *name)
{
	static const uint8_t star[] = { 1, '*', 0 };
	struct node          node, cut;
	uint8_t              wildcard[NAME_SIZE];
	bool                 found;

	if (name[0] == 0 || !name_below(name, zone_apex(zone)))
		return TARGET_OUTSIDE;
	found = zone_find_node(zone, name, &node);
	if (found && has_address(zone, &node))
		return TARGET_ADDRESS;
	if (zone_find_cut(zone, name, &cut)) {
		if ((cut.flags & NODE_DELEGATION) != 0)
			return TARGET_DELEGATED;
		if (!name_equal(cut.name, name))
			return TARGET_OUTSIDE;  /* a DNAME leads away */
	}
	if (found)
		return node_target(zone, &node);
	zone_closest(zone, name, &node);
	if ((node.flags & NODE_HAS_WILDCARD) != 0 && name_join(wildcard, star, node.name) && zone_find_node(zone, wildcard, &node))
		return node_target(zone, &node);
	return TARGET_NONE;
}

/* Is NAME below the delegation at NODE, so that the NS needs glue here? */
static bool
below_own_cut(const struct node *node, const uint8_t *name)
{
	return node->index != 0 && name_below(name, node->name);
}

/* Report each target of SET that is in state WANT; occluded records are nobody's business. */
static void
report_targets(struct check_ctx *ctx, const struct node *node, const struct rrset *set, enum target want, const char *what)
{
	const uint8_t *rdata, *target;
	uint16_t       rdlen;
	uint32_t       at = 0;
	char           text[NAME_TEXT_MAX];

	if ((node->flags & NODE_OCCLUDED) != 0)
		return;
	while (rrset_next(set, &at, &rdata, &rdlen)) {
		enum target state;

		if ((target = rdata_target(set->type, rdata, rdlen)) == NULL)
			continue;
		state = check_target(ctx->zone, target);
		if (set->type == TYPE_NS && state != TARGET_ADDRESS && below_own_cut(node, target))
			state = TARGET_NONE;
		if (state != want)
			continue;
		name_print_rel(text, target, zone_apex(ctx->zone));
		check_report(ctx, node, set->type, "%.300s %s", text, what);
	}
}

void
check_glue_missing(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	report_targets(ctx, node, set, TARGET_NONE, "is a name server inside the zone, but has no A or AAAA record");
}

void
check_ns_cname(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	report_targets(ctx, node, set, TARGET_CNAME, "is a name server, but its name is a CNAME");
}

void
check_target_cname(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	report_targets(ctx, node, set, TARGET_CNAME, "is a CNAME; many clients do not follow it");
}

void
check_target_noaddr(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	report_targets(ctx, node, set, TARGET_NONE, "has no A or AAAA record in this zone");
}

/* ---- the missing final dot ---- */

/* Labels that hosts in one's own zone are rarely called, but names elsewhere end in. */
static const char *const top_level[] = {
	"com", "net", "org", "info", "edu", "gov", "arpa", "io", "eu", "de", "fr", "uk", "ch", "at", "nl", "it", "es", "pl", "se", "be", "cz", "dk",
	"us", "ca", "au", "jp", "cn", "in", "br",
};

static bool
is_top_level(const uint8_t *label)
{
	for (size_t i = 0; i < sizeof top_level / sizeof top_level[0]; i++)
		if (label[0] == strlen(top_level[i]) && strncasecmp((const char *)label + 1, top_level[i], label[0]) == 0)
			return true;
	return false;
}

/* Does NAME, inside the zone, end in the apex twice? */
static bool
doubles_apex(const uint8_t *name, const uint8_t *apex)
{
	unsigned labels = name_labels(name), own = name_labels(apex);
	uint8_t  twice[NAME_SIZE];

	return own > 0 && labels >= 2 * own && name_join(twice, apex, apex) && name_equal(name_suffix(name, 2 * own), twice);
}

/* Is NAME "www.example.net" inside the zone: at least two labels, the last a top-level domain? */
static bool
ends_in_top_level(const uint8_t *name, const uint8_t *apex)
{
	unsigned labels = name_labels(name), own = name_labels(apex);

	return labels >= own + 2 && is_top_level(name_suffix(name, own + 1));
}

struct dot {
	struct check_ctx   *ctx;
	const struct node  *node;
	const struct rrset *set;
};

static void
look_at_name(void *arg, const uint8_t *name, size_t offset)
{
	struct dot    *dot = arg;
	const uint8_t *apex = zone_apex(dot->ctx->zone);
	struct node    node;
	char           text[NAME_TEXT_MAX];

	(void)offset;
	if (!name_below(name, apex) || (!doubles_apex(name, apex) && !ends_in_top_level(name, apex)))
		return;
	if (zone_find_node(dot->ctx->zone, name, &node) || check_target(dot->ctx->zone, name) == TARGET_DELEGATED)
		return;         /* there is such a name, or may be: it was meant */
	name_print(text, name);
	check_report(dot->ctx, dot->node, dot->set->type, "points to %.300s; a final dot seems to be missing", text);
}

void
check_dot(struct check_ctx *ctx, const struct node *node, const struct rrset *set)
{
	struct dot     dot = { ctx, node, set };
	const uint8_t *rdata;
	uint16_t       rdlen;
	uint32_t       at = 0;
	char           text[NAME_TEXT_MAX];

	if (doubles_apex(node->name, zone_apex(ctx->zone))) {
		name_print(text, node->name);
		check_report(ctx, node, set->type, "the owner is %.300s; a final dot seems to be missing", text);
	}
	while (rrset_next(set, &at, &rdata, &rdlen))
		rdata_names(set->type, rdata, rdlen, look_at_name, &dot);
}
