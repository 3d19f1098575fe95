/* SPDX-License-Identifier: ISC */
/*
 * Checking a change: the names it touches, what lies below a delegation that comes or goes, and the names that refer to one which
 * lost its addresses.  Who refers to a name is not indexed, so the last takes one pass over the zone; adding records never does.
 */
#include <stdlib.h>
#include <string.h>

#include "zone/change.h"
#include "zone/check_int.h"

#define LOST_MAX 64             /* more names than that: look at every NS, MX and SRV */

/* A name that records may have led to and now perhaps do not. */
struct lost {
	const uint8_t *name;
	bool           subtree;         /* and the names below it */
};

struct scope {
	const struct zone *zone;
	const struct diff *diff;
	uint32_t          *nodes;       /* to be checked */
	size_t             count, cap;
	struct lost        lost[LOST_MAX];
	size_t             lost_count;  /* may go past LOST_MAX */
};

static void
scope_add(struct scope *scope, const struct node *node)
{
	mem_grow(&scope->nodes, &scope->cap, scope->count + 1, sizeof *scope->nodes);
	scope->nodes[scope->count++] = node->index;
}

static void
scope_lose(struct scope *scope, const uint8_t *name, bool subtree)
{
	if (scope->lost_count < LOST_MAX)
		scope->lost[scope->lost_count] = (struct lost){ name, subtree };
	scope->lost_count++;
}

/* The items of one owner, from I to END. */
struct touched {
	size_t      i, end;
	bool        exists;             /* NODE is its node in the new zone */
	struct node node;
};

static bool
touched_has(const struct scope *scope, const struct touched *t, bool add, uint16_t type)
{
	for (size_t i = t->i; i < t->end; i++)
		if (scope->diff->items[i].add == add && scope->diff->items[i].rr.type == type)
			return true;
	return false;
}

static bool
cut_moved(const struct scope *scope, const struct touched *t, bool add)
{
	return touched_has(scope, t, add, TYPE_NS) || touched_has(scope, t, add, TYPE_DNAME);
}

/* A delegation or DNAME comes or goes: everything below it changes its standing. */
static void
add_subtree(struct scope *scope, const struct node *top)
{
	struct node node;

	for (uint32_t i = top->index + 1; zone_node(scope->zone, i, &node) && name_below(node.name, top->name); i++)
		scope_add(scope, &node);
}

static bool
is_new_name(const struct scope *scope, const struct touched *t)
{
	struct rrset set;
	size_t       records = 0;

	for (size_t i = t->i; i < t->end; i++)
		if (!scope->diff->items[i].add)
			return false;
	for (uint32_t i = 0; zone_node_rrset(scope->zone, &t->node, i, &set); i++)
		records += set.count;
	return records == t->end - t->i;
}

/* A name that is new hides a wildcard above it, from itself and from the names between (RFC 4592 2.2.1). */
static void
lose_to_wildcard(struct scope *scope, const struct touched *t)
{
	const uint8_t *name = t->node.name, *parent;
	struct node    node;

	for (; !name_equal(name, zone_apex(scope->zone)); name = parent) {
		parent = name_parent(name);
		if (!zone_find_node(scope->zone, parent, &node))
			return;
		if ((node.flags & NODE_HAS_WILDCARD) != 0) {
			scope_lose(scope, name, true);
			return;
		}
		if (node.rrset_count > 0)
			return;         /* was there before, and hid the wildcards above already */
	}
}

static void
find_lost(struct scope *scope, const struct touched *t)
{
	const uint8_t *owner = scope->diff->items[t->i].rr.owner;
	bool           gone = touched_has(scope, t, false, TYPE_A) || touched_has(scope, t, false, TYPE_AAAA) || touched_has(scope, t, false, TYPE_CNAME);

	if (check_target(scope->zone, owner) != TARGET_ADDRESS) {
		if (gone)
			scope_lose(scope, name_is_wildcard(owner) ? name_parent(owner) : owner, name_is_wildcard(owner));
		else if (t->exists && t->node.rrset_count > 0 && is_new_name(scope, t))
			lose_to_wildcard(scope, t);
	}
	if (cut_moved(scope, t, false) && !(t->exists && (t->node.flags & (NODE_DELEGATION | NODE_DNAME)) != 0))
		scope_lose(scope, owner, true);
}

static void
look_at_owner(struct scope *scope, struct touched *t)
{
	const uint8_t *owner = scope->diff->items[t->i].rr.owner;
	bool           apex = name_equal(owner, zone_apex(scope->zone));
	bool           only_soa = scope->diff->items[t->end - 1].rr.type == TYPE_SOA;

	if (apex && only_soa && t->end - t->i == 2 && scope->diff->count > 2)
		return;         /* the serial, which every change moves */
	t->exists = zone_find_node(scope->zone, owner, &t->node);
	if (t->exists) {
		scope_add(scope, &t->node);
		if ((!apex && (cut_moved(scope, t, true) || cut_moved(scope, t, false))) || touched_has(scope, t, true, TYPE_DNAME))
			add_subtree(scope, &t->node);
	}
	find_lost(scope, t);
}

static bool
is_lost(const struct scope *scope, const uint8_t *name)
{
	if (scope->lost_count > LOST_MAX)
		return true;
	for (size_t i = 0; i < scope->lost_count; i++)
		if (scope->lost[i].subtree ? name_below(name, scope->lost[i].name) : name_equal(name, scope->lost[i].name))
			return true;
	return false;
}

static bool
refers_to_lost(const struct scope *scope, const struct node *node)
{
	static const uint16_t types[] = { TYPE_NS, TYPE_MX, TYPE_SRV };
	struct rrset          set;
	const uint8_t        *rdata, *target;
	uint16_t              rdlen;

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		uint32_t at = 0;

		if (!zone_node_find(scope->zone, node, types[i], &set))
			continue;
		while (rrset_next(&set, &at, &rdata, &rdlen))
			if ((target = rdata_target(types[i], rdata, rdlen)) != NULL && is_lost(scope, target))
				return true;
	}
	return false;
}

static void
add_referrers(struct scope *scope)
{
	struct node node;

	for (uint32_t i = 0; scope->lost_count > 0 && zone_node(scope->zone, i, &node); i++)
		if (refers_to_lost(scope, &node))
			scope_add(scope, &node);
}

static int
index_compare(const void *va, const void *vb)
{
	uint32_t a = *(const uint32_t *)va, b = *(const uint32_t *)vb;

	return (a > b) - (a < b);
}

void
check_change(const struct zone *zone, const struct diff *diff, struct report *report)
{
	struct scope     scope = { .zone = zone, .diff = diff };
	struct check_ctx ctx = { .zone = zone, .report = report };
	struct touched   t = { 0 };
	struct node      node;

	for (; t.i < diff->count; t.i = t.end) {
		for (t.end = t.i + 1; t.end < diff->count && name_equal(diff->items[t.end].rr.owner, diff->items[t.i].rr.owner); t.end++)
			continue;
		look_at_owner(&scope, &t);
	}
	add_referrers(&scope);
	if (scope.count > 1)
		qsort(scope.nodes, scope.count, sizeof *scope.nodes, index_compare);
	for (size_t i = 0; i < scope.count; i++)
		if ((i == 0 || scope.nodes[i] != scope.nodes[i - 1]) && zone_node(zone, scope.nodes[i], &node))
			check_node(&ctx, &node);
	free(scope.nodes);
	free(ctx.servers);
}
