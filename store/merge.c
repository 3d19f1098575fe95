/* SPDX-License-Identifier: ISC */
/*
 * Three-way merge.
 *
 * All owners and types of the three zones are visited by walking each zone once and skipping what an earlier zone
 * of the three had; finding is one hash probe.
 */
#include "store/merge.h"

#include <string.h>

#include "zone/serial.h"

static void
conflict_add(struct merge_conflicts *conflicts, const uint8_t *owner, uint16_t type)
{
	struct merge_conflict *old = conflicts->items;

	if (conflicts->count == conflicts->cap) {
		conflicts->cap = conflicts->cap * 2 + 8;
		conflicts->items = arena_array(conflicts->arena, conflicts->cap, sizeof *old);
		if (old != NULL)
			memcpy(conflicts->items, old, conflicts->count * sizeof *old);
	}
	conflicts->items[conflicts->count++] = (struct merge_conflict){
		arena_copy(conflicts->arena, owner, name_len(owner)), type };
}

/* The RRset, or one of no records. */
static struct rrset
get_set(const struct zone *zone, const uint8_t *owner, uint16_t type)
{
	struct rrset set;

	return zone_find(zone, owner, type, &set) ? set : (struct rrset){ .type = type };
}

/* Two SOAs that differ in the serial only are the same. */
static bool
soa_equal(const struct rrset *a, const struct rrset *b)
{
	uint32_t       at_a = 0, at_b = 0;
	const uint8_t *data_a, *data_b;
	uint16_t       len_a, len_b;
	uint8_t        copy[2 * NAME_SIZE + 20];

	if (a->ttl != b->ttl || !rrset_next(a, &at_a, &data_a, &len_a) || !rrset_next(b, &at_b, &data_b, &len_b) || len_a > sizeof copy)
		return false;
	memcpy(copy, data_a, len_a);
	rdata_soa_set_serial(copy, len_a, rdata_soa_serial(data_b, len_b));
	return rdata_equal(TYPE_SOA, copy, len_a, data_b, len_b);
}

static bool
set_equal(const struct rrset *a, const struct rrset *b)
{
	if (a->count == 0 || b->count == 0)
		return a->count == b->count;
	return a->type == TYPE_SOA ? soa_equal(a, b) : rrset_equal(a, b);
}

struct merge {
	const struct zone      *base, *ours, *theirs;
	merge_pick_fn          *pick;
	void                   *arg;
	struct merge_conflicts *conflicts;
	struct zone_builder    *builder;
};

static void
add_set(struct zone_builder *builder, const uint8_t *owner, const struct rrset *set)
{
	struct rr rr = { .owner = owner, .type = set->type, .ttl = set->ttl };

	for (uint32_t at = 0; set->count != 0 && rrset_next(set, &at, &rr.rdata, &rr.rdlen);)
		zone_builder_add(builder, &rr);
}

static void
merge_set(struct merge *merge, const uint8_t *owner, uint16_t type)
{
	struct rrset base = get_set(merge->base, owner, type), ours = get_set(merge->ours, owner, type),
	             theirs = get_set(merge->theirs, owner, type);

	if (set_equal(&base, &theirs) || set_equal(&ours, &theirs)) {
		add_set(merge->builder, owner, &ours);
	} else if (set_equal(&base, &ours)) {
		add_set(merge->builder, owner, &theirs);
	} else {
		conflict_add(merge->conflicts, owner, type);
		add_set(merge->builder, owner, merge->pick != NULL && merge->pick(merge->arg, owner, type) ? &theirs : &ours);
	}
}

/* Every RRset of ZONE that neither of the zones before it has. */
static void
merge_walk(struct merge *merge, const struct zone *zone, const struct zone *before)
{
	struct node  node;
	struct rrset set, other;

	for (uint32_t i = 0; zone_node(zone, i, &node); i++)
		for (uint32_t k = 0; zone_node_rrset(zone, &node, k, &set); k++)
			if (before == NULL || !zone_find(before, node.name, set.type, &other))
				merge_set(merge, node.name, set.type);
}

struct zone *
merge_zones(const struct zone *base, const struct zone *ours, const struct zone *theirs, merge_pick_fn *pick, void *arg,
    struct merge_conflicts *conflicts)
{
	struct merge merge = { base, ours, theirs, pick, arg, conflicts, zone_builder_new(zone_apex(ours)) };
	struct zone *merged, *result;
	uint32_t     serial = zone_serial(ours);

	/* What only BASE has is gone on both sides. */
	merge_walk(&merge, ours, NULL);
	merge_walk(&merge, theirs, ours);
	merged = zone_builder_finish(merge.builder);
	if (serial_newer(zone_serial(theirs), serial))
		serial = zone_serial(theirs);
	if (zone_serial(merged) == serial)
		return merged;
	result = zone_with_serial(merged, serial);
	zone_free(merged);
	return result;
}

static bool
is_update(const struct change_item *item)
{
	return item->op >= CHANGE_ADD;
}

/* The removal of a whole name, for the types that BASE had there; the apex keeps SOA and NS (RFC 2136 3.4.2.3). */
static void
expand_delete(struct change *out, const struct zone *base, const uint8_t *owner)
{
	struct node  node;
	struct rrset set;

	if (!zone_find_node(base, owner, &node))
		return;
	for (uint32_t i = 0; zone_node_rrset(base, &node, i, &set); i++)
		if (node.index != 0 || (set.type != TYPE_SOA && set.type != TYPE_NS))
			change_add_item(out, &(struct change_item){ .op = CHANGE_DELETE_RRSET, .owner = owner, .type = set.type });
}

/* CHANGE without (UPDATES) or with its prerequisites, whole names taken apart. */
static struct change *
expand(const struct change *change, const struct zone *base, bool updates_only, struct arena *arena)
{
	struct change *out = change_new(arena, change->zone);

	for (size_t i = 0; i < change->count; i++) {
		const struct change_item *item = &change->items[i];

		if (item->op == CHANGE_DELETE_NAME)
			expand_delete(out, base, item->owner);
		else if (is_update(item) || !updates_only)
			change_add_item(out, item);
	}
	return out;
}

struct change *
merge_change(const struct zone *base, const struct zone *ours, const struct change *change, struct arena *arena,
    struct merge_conflicts *conflicts)
{
	struct diff *diff;
	struct zone *theirs = change_apply(expand(change, base, true, arena), base, false, 0, arena, &diff, NULL);

	if (theirs != NULL) {
		zone_free(merge_zones(base, ours, theirs, NULL, NULL, conflicts));
		zone_free(theirs);
	}
	return expand(change, base, false, arena);
}
