/* SPDX-License-Identifier: ISC */
/*
 * Differences between zones: found by one merge of two sorted zones, printed for people, applied as they are.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "zone/change.h"
#include "zone/zone.h"

struct diff *
diff_new(struct arena *arena, const uint8_t *zone)
{
	struct diff *diff = arena_alloc(arena, sizeof *diff);

	diff->arena = arena;
	diff->zone = arena_copy(arena, zone, name_len(zone));
	return diff;
}

void
diff_add(struct diff *diff, bool add, const struct rr *rr, const char *comment)
{
	if (diff->count == diff->cap) {
		size_t            cap = diff->cap != 0 ? diff->cap * 2 : 16;
		struct diff_item *items = arena_array(diff->arena, cap, sizeof *items);

		if (diff->count > 0)
			memcpy(items, diff->items, diff->count * sizeof *items);
		diff->items = items;
		diff->cap = cap;
	}
	diff->items[diff->count++] = (struct diff_item){ add, *rr, comment };
}

static int
item_compare(const void *va, const void *vb)
{
	const struct diff_item *a = va, *b = vb;
	int                     cmp = a->rr.owner == b->rr.owner ? 0 : name_compare(a->rr.owner, b->rr.owner);

	if (cmp != 0)
		return cmp;
	if (a->rr.type != b->rr.type) {
		if (a->rr.type == TYPE_SOA || b->rr.type == TYPE_SOA)
			return a->rr.type == TYPE_SOA ? -1 : 1;
		return a->rr.type < b->rr.type ? -1 : 1;
	}
	if (a->add != b->add)
		return a->add ? 1 : -1;
	return rdata_compare(a->rr.type, a->rr.rdata, a->rr.rdlen, b->rr.rdata, b->rr.rdlen);
}

void
diff_sort(struct diff *diff)
{
	if (diff->count > 1)
		qsort(diff->items, diff->count, sizeof *diff->items, item_compare);
}

size_t
diff_group_end(const struct diff *diff, size_t i)
{
	const struct rr *first = &diff->items[i].rr;
	size_t           end = i + 1;

	while (end < diff->count && diff->items[end].rr.type == first->type && name_equal(diff->items[end].rr.owner, first->owner))
		end++;
	return end;
}

/* ---- from two zones ---- */

static void
add_rrset(struct diff *diff, bool add, const uint8_t *owner, const struct rrset *set, const struct rrset *unless)
{
	struct rr rr = { .owner = owner, .type = set->type, .ttl = set->ttl };
	uint32_t  at = 0;

	while (rrset_next(set, &at, &rr.rdata, &rr.rdlen))
		if (unless == NULL || !rrset_has(unless, rr.rdata, rr.rdlen))
			diff_add(diff, add, &rr, NULL);
}

/* What RRsets of FROM are not the same in TO (NULL: nothing there). */
static void
diff_node(struct diff *diff, bool add, const struct zone *from, const struct node *node, const struct zone *to, const struct node *other)
{
	struct rrset set, there;

	for (uint32_t i = 0; zone_node_rrset(from, node, i, &set); i++) {
		bool found = other != NULL && zone_node_find(to, other, set.type, &there);

		if (!found || there.ttl != set.ttl)
			add_rrset(diff, add, node->name, &set, NULL);
		else
			add_rrset(diff, add, node->name, &set, &there);
	}
}

struct diff *
diff_zones(struct arena *arena, const struct zone *a, const struct zone *b)
{
	struct diff *diff = diff_new(arena, zone_apex(a != NULL ? a : b));
	struct node  na, nb;
	uint32_t     ia = 0, ib = 0;
	bool         has_a, has_b;

	diff->serial_old = a != NULL ? zone_serial(a) : 0;
	diff->serial_new = b != NULL ? zone_serial(b) : 0;
	for (;;) {
		has_a = a != NULL && zone_node(a, ia, &na);
		has_b = b != NULL && zone_node(b, ib, &nb);
		if (!has_a && !has_b)
			break;
		int cmp = !has_a ? 1 : !has_b ? -1 : name_compare(na.name, nb.name);
		if (cmp <= 0)
			diff_node(diff, false, a, &na, b, cmp == 0 ? &nb : NULL);
		if (cmp >= 0)
			diff_node(diff, true, b, &nb, a, cmp == 0 ? &na : NULL);
		ia += cmp <= 0;
		ib += cmp >= 0;
	}
	diff_sort(diff);
	return diff;
}

/* Are the items from I to END one SOA against another that differs in its serial alone? */
static bool
serial_only(const struct diff *diff, size_t i, size_t end)
{
	const struct rr *old = &diff->items[i].rr, *new = &diff->items[end - 1].rr;
	uint8_t         *copy;
	bool             same;

	if (old->type != TYPE_SOA || end - i != 2 || diff->items[i].add || !diff->items[i + 1].add || old->ttl != new->ttl)
		return false;
	copy = mem_alloc(old->rdlen + 1u);
	memcpy(copy, old->rdata, old->rdlen);
	rdata_soa_set_serial(copy, old->rdlen, rdata_soa_serial(new->rdata, new->rdlen));
	same = rdata_equal(TYPE_SOA, copy, old->rdlen, new->rdata, new->rdlen);
	free(copy);
	return same;
}

/* People are not told of an SOA that moves its serial with everything else, nor of that of a zone that comes or goes. */
static bool
is_told(const struct diff *diff, size_t i, size_t end)
{
	return diff->items[i].rr.type != TYPE_SOA || (end - i == 2 && !serial_only(diff, i, end));
}

bool
diff_soa(const struct diff *diff)
{
	return diff->count != 0 && diff->items[0].rr.type == TYPE_SOA && is_told(diff, 0, diff_group_end(diff, 0));
}

bool
diff_empty(const struct diff *diff)
{
	if (diff->count == 0)
		return true;
	return diff_group_end(diff, 0) == diff->count && serial_only(diff, 0, diff->count);
}

/* ---- for people ---- */

static void
print_side(struct buf *out, const struct rr *rr, bool head, const uint8_t *zone)
{
	char type[16];

	if (head)
		buf_putf(out, "%" PRIu32 " %s ", rr->ttl, rr_type_print(type, rr->type));
	rdata_print(out, rr->type, rr->rdata, rr->rdlen, zone);
}

static void
print_one(struct buf *out, const struct diff *diff, const struct diff_item *item)
{
	char owner[NAME_TEXT_MAX];

	name_print_rel(owner, item->rr.owner, diff->zone);
	buf_putf(out, "%c %s ", item->add ? '+' : '-', owner);
	print_side(out, &item->rr, true, diff->zone);
	buf_putc(out, '\n');
}

static void
print_pair(struct buf *out, const struct diff *diff, const struct rr *old, const struct rr *new)
{
	char owner[NAME_TEXT_MAX], type[16];
	bool ttls = old->ttl != new->ttl;

	name_print_rel(owner, old->owner, diff->zone);
	buf_putf(out, "~ %s ", owner);
	if (!ttls)
		buf_putf(out, "%s ", rr_type_print(type, old->type));
	print_side(out, old, ttls, diff->zone);
	buf_puts(out, " -> ");
	print_side(out, new, ttls, diff->zone);
	buf_putc(out, '\n');
}

/* Number of removed items at the front of the RRset from I to END. */
static size_t
removed_in(const struct diff *diff, size_t i, size_t end)
{
	size_t n = 0;

	while (i + n < end && !diff->items[i + n].add)
		n++;
	return n;
}

void
diff_print(struct buf *out, const struct diff *diff)
{
	for (size_t i = 0, end; i < diff->count; i = end) {
		size_t removed;

		end = diff_group_end(diff, i);
		if (!is_told(diff, i, end))
			continue;
		removed = removed_in(diff, i, end);
		if (removed * 2 == end - i) {
			for (size_t k = 0; k < removed; k++)
				print_pair(out, diff, &diff->items[i + k].rr, &diff->items[i + removed + k].rr);
			continue;
		}
		for (size_t k = i; k < end; k++)
			print_one(out, diff, &diff->items[k]);
	}
}

void
diff_count(const struct diff *diff, unsigned *added, unsigned *changed, unsigned *removed)
{
	*added = *changed = *removed = 0;
	for (size_t i = 0, end; i < diff->count; i = end) {
		unsigned gone, come;

		end = diff_group_end(diff, i);
		if (!is_told(diff, i, end))
			continue;
		gone = (unsigned)removed_in(diff, i, end);
		come = (unsigned)(end - i) - gone;
		if (gone == come) {
			*changed += gone;
		} else {
			*removed += gone;
			*added += come;
		}
	}
}

struct change *
diff_change(struct arena *arena, const struct diff *diff)
{
	struct change *change = change_new(arena, diff->zone);

	for (size_t i = 0; i < diff->count; i++) {
		const struct diff_item *item = &diff->items[i];
		struct change_item      out = { item->add ? CHANGE_ADD : CHANGE_DELETE_RR, item->rr.owner, item->rr.type, item->rr.rdlen,
			item->add ? item->rr.ttl : 0, item->rr.rdata, item->add ? item->comment : NULL };

		if (item->rr.type != TYPE_SOA || item->add)
			change_add_item(change, &out);
	}
	return change;
}

/* ---- applied as it is ---- */

static bool
is_removed(const struct diff *diff, size_t i, size_t end, const struct rr *rr)
{
	size_t hi = i + removed_in(diff, i, end);

	while (i < hi) {
		size_t           mid = i + (hi - i) / 2;
		const struct rr *item = &diff->items[mid].rr;
		int              cmp = rdata_compare(rr->type, item->rdata, item->rdlen, rr->rdata, rr->rdlen);

		if (cmp == 0)
			return true;
		if (cmp < 0)
			i = mid + 1;
		else
			hi = mid;
	}
	return false;
}

/* Add the records of NODE that DIFF keeps; its items for this owner are those from I to END. */
static void
keep_node(struct zone_builder *builder, const struct diff *diff, size_t i, size_t end, const struct zone *base, const struct node *node)
{
	struct rrset set;
	struct rr    rr = { .owner = node->name };

	for (uint32_t k = 0; zone_node_rrset(base, node, k, &set); k++) {
		size_t   from = i, to = i;
		uint32_t at = 0;

		while (from < end && diff->items[from].rr.type != set.type)
			from++;
		for (to = from; to < end && diff->items[to].rr.type == set.type; to++)
			continue;
		rr.type = set.type;
		rr.ttl = set.ttl;
		while (rrset_next(&set, &at, &rr.rdata, &rr.rdlen))
			if (!is_removed(diff, from, to, &rr))
				zone_builder_add(builder, &rr);
	}
}

struct zone *
diff_apply(const struct diff *diff, const struct zone *base)
{
	struct zone_builder *builder = zone_builder_new(diff->zone);
	struct node          node;
	size_t               i = 0, end;

	for (uint32_t n = 0; base != NULL && zone_node(base, n, &node); n++) {
		while (i < diff->count && name_compare(diff->items[i].rr.owner, node.name) < 0)
			i++;
		for (end = i; end < diff->count && name_equal(diff->items[end].rr.owner, node.name); end++)
			continue;
		keep_node(builder, diff, i, end, base, &node);
	}
	for (i = 0; i < diff->count; i++)
		if (diff->items[i].add)
			zone_builder_add(builder, &diff->items[i].rr);
	return zone_builder_finish(builder);
}
