/* SPDX-License-Identifier: ISC */
/*
 * Prerequisites of a change (RFC 2136 3.2), tested on the zone as it is.
 */
#include "zone/change.h"
#include "zone/zone.h"

static bool
prereq_fails(const struct change *change, struct err *err, enum err_code code, const struct change_item *item, const char *what)
{
	char owner[NAME_TEXT_MAX], type[16] = "";

	name_print_rel(owner, item->owner, change->zone);
	if (item->type != 0)
		rr_type_print(type, item->type);
	err_set(err, code, "prerequisite not met: %.400s %s%s%s", owner, type, item->type != 0 ? " " : "", what);
	return err_hint(err, "look at the zone as it is now and try again");
}

static bool
name_in_use(const struct zone *zone, const uint8_t *owner)
{
	struct node node;

	return zone_find_node(zone, owner, &node) && node.rrset_count > 0;
}

static bool
same_value(const struct change_item *a, const struct change_item *b)
{
	return a->op == CHANGE_YXVALUE && b->op == CHANGE_YXVALUE && a->type == b->type && name_equal(a->owner, b->owner);
}

/* Does the RRset hold exactly the values of all items like this one?  Called for the first of them only. */
static bool
value_holds(const struct change *change, const struct zone *base, size_t first)
{
	const struct change_item *item = &change->items[first];
	struct rrset              set;
	uint32_t                  distinct = 0;

	if (!zone_find(base, item->owner, item->type, &set))
		return false;
	for (size_t i = first; i < change->count; i++) {
		const struct change_item *other = &change->items[i];
		bool                      repeated = false;

		if (!same_value(item, other))
			continue;
		if (!rrset_has(&set, other->rdata, other->rdlen))
			return false;
		for (size_t k = first; k < i && !repeated; k++)
			repeated = same_value(item, &change->items[k]) &&
			    rdata_equal(item->type, change->items[k].rdata, change->items[k].rdlen, other->rdata, other->rdlen);
		distinct += !repeated;
	}
	return distinct == set.count;
}

static bool
is_first_value(const struct change *change, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (same_value(&change->items[k], &change->items[i]))
			return false;
	return true;
}

static bool
prereq_holds(const struct change *change, const struct zone *base, size_t i, struct err *err)
{
	const struct change_item *item = &change->items[i];
	struct rrset              set;

	switch (item->op) {
	case CHANGE_YXDOMAIN:
		return name_in_use(base, item->owner) || prereq_fails(change, err, ERR_NXDOMAIN, item, "does not exist");
	case CHANGE_NXDOMAIN:
		return !name_in_use(base, item->owner) || prereq_fails(change, err, ERR_YXDOMAIN, item, "exists");
	case CHANGE_YXRRSET:
		return zone_find(base, item->owner, item->type, &set) || prereq_fails(change, err, ERR_NXRRSET, item, "does not exist");
	case CHANGE_NXRRSET:
		return !zone_find(base, item->owner, item->type, &set) || prereq_fails(change, err, ERR_YXRRSET, item, "exists");
	case CHANGE_YXVALUE:
		return !is_first_value(change, i) || value_holds(change, base, i) || prereq_fails(change, err, ERR_NXRRSET, item, "has other values");
	default:
		return true;
	}
}

static bool
check_owners(const struct change *change, const struct zone *base, struct err *err)
{
	char owner[NAME_TEXT_MAX], zone[NAME_TEXT_MAX];

	for (size_t i = 0; i < change->count; i++) {
		if (name_below(change->items[i].owner, zone_apex(base)))
			continue;
		name_print(owner, change->items[i].owner);
		name_print_zone(zone, zone_apex(base));
		return err_set(err, ERR_NOTZONE, "%.200s does not lie in the zone %.200s", owner, zone);
	}
	return true;
}

bool
change_prereqs_hold(const struct change *change, const struct zone *base, struct err *err)
{
	if (!check_owners(change, base, err))
		return false;
	for (size_t i = 0; i < change->count; i++)
		if (!prereq_holds(change, base, i, err))
			return false;
	return true;
}
