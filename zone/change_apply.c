/* SPDX-License-Identifier: ISC */
/*
 * What a change does to a zone: RFC 2136 3.2 (prerequisites) and 3.4 (updates).
 *
 * Only the owners that the change names are looked at: their records are copied into a working list each, the updates are played on the
 * lists in order, and what is then different from the zone is the difference.  It alone is applied to the whole zone, at the end.
 */
#include <stdlib.h>
#include <string.h>

#include "zone/change.h"
#include "zone/serial.h"
#include "zone/zone.h"

/* One record of a touched owner. */
struct record {
	struct rr   rr;
	const char *comment;
	uint32_t    base_ttl;
	bool        base, gone;         /* the zone has it; the change takes it away */
};

/* The records of one touched owner, as they were and as they become. */
struct work {
	const uint8_t *owner;
	struct record *records;
	size_t         count, cap;
	bool           apex;
};

struct apply {
	const struct zone *base;
	const struct change *change;
	struct arena      *arena;
	bool               strict;
	struct work       *works;
	size_t             work_count, work_cap;
	uint32_t          *slots;       /* hash of owners, from 1 */
	size_t             slot_count;
	struct err        *err;
};

/* ---- working lists ---- */

static void
work_add(struct apply *ap, struct work *work, const struct rr *rr, const char *comment, bool base)
{
	if (work->count == work->cap) {
		size_t         cap = work->cap != 0 ? work->cap * 2 : 8;
		struct record *records = arena_array(ap->arena, cap, sizeof *records);

		if (work->count > 0)
			memcpy(records, work->records, work->count * sizeof *records);
		work->records = records;
		work->cap = cap;
	}
	work->records[work->count++] = (struct record){ *rr, comment, rr->ttl, base, false };
}

/* Copy what the zone has at the owner; the copies live as long as the difference. */
static void
work_load(struct apply *ap, struct work *work)
{
	struct node  node;
	struct rrset set;
	struct rr    rr = { .owner = work->owner };

	if (!zone_find_node(ap->base, work->owner, &node))
		return;
	for (uint32_t i = 0; zone_node_rrset(ap->base, &node, i, &set); i++) {
		const uint8_t *rdata;
		uint32_t       at = 0;

		rr.type = set.type;
		rr.ttl = set.ttl;
		while (rrset_next(&set, &at, &rdata, &rr.rdlen)) {
			rr.rdata = arena_copy(ap->arena, rdata, rr.rdlen);
			work_add(ap, work, &rr, NULL, true);
		}
	}
}

static void
slots_grow(struct apply *ap)
{
	ap->slot_count = ap->slot_count != 0 ? ap->slot_count * 2 : 64;
	ap->slots = arena_array(ap->arena, ap->slot_count, sizeof *ap->slots);
	for (size_t i = 0; i < ap->work_count; i++) {
		size_t slot = name_hash(ap->works[i].owner) & (ap->slot_count - 1);

		while (ap->slots[slot] != 0)
			slot = (slot + 1) & (ap->slot_count - 1);
		ap->slots[slot] = (uint32_t)i + 1;
	}
}

static struct work *
work_find(struct apply *ap, const uint8_t *owner)
{
	uint8_t      lower[NAME_SIZE];
	struct work *work;
	size_t       slot;

	if (ap->work_count * 2 >= ap->slot_count)
		slots_grow(ap);
	for (slot = name_hash(owner) & (ap->slot_count - 1); ap->slots[slot] != 0; slot = (slot + 1) & (ap->slot_count - 1))
		if (name_equal(ap->works[ap->slots[slot] - 1].owner, owner))
			return &ap->works[ap->slots[slot] - 1];
	mem_grow(&ap->works, &ap->work_cap, ap->work_count + 1, sizeof *ap->works);
	name_lower(lower, owner);
	work = &ap->works[ap->work_count++];
	*work = (struct work){ .owner = arena_copy(ap->arena, lower, name_len(lower)), .apex = name_equal(owner, zone_apex(ap->base)) };
	ap->slots[slot] = (uint32_t)ap->work_count;
	work_load(ap, work);
	return work;
}

static size_t
work_count_type(const struct work *work, uint16_t type)
{
	size_t n = 0;

	for (size_t i = 0; i < work->count; i++)
		n += !work->records[i].gone && work->records[i].rr.type == type;
	return n;
}

/* The record with that value, be it taken away meanwhile or not. */
static struct record *
work_record(const struct work *work, uint16_t type, const uint8_t *rdata, uint16_t rdlen)
{
	for (size_t i = 0; i < work->count; i++) {
		struct record *rec = &work->records[i];

		if (rec->rr.type == type && rdata_equal(type, rec->rr.rdata, rec->rr.rdlen, rdata, rdlen))
			return rec;
	}
	return NULL;
}

/* DNSSEC's own records may stand beside a CNAME (RFC 2136 3.4.2.2, RFC 4035 2.5). */
static bool
beside_cname(uint16_t type)
{
	return type == TYPE_RRSIG || type == TYPE_NSEC;
}

static bool
has_other_than_cname(const struct work *work)
{
	for (size_t i = 0; i < work->count; i++)
		if (!work->records[i].gone && work->records[i].rr.type != TYPE_CNAME && !beside_cname(work->records[i].rr.type))
			return true;
	return false;
}

/* ---- updates, RFC 2136 3.4.2 ---- */

/* An SOA counts at the apex only, and for an UPDATE only when it is newer than what is there. */
static bool
soa_wanted(const struct apply *ap, const struct work *work, const struct change_item *item)
{
	if (!work->apex)
		return ap->strict;      /* then the checks on the result name it */
	return ap->strict || (work_count_type(work, TYPE_SOA) > 0 &&
	    serial_newer(rdata_soa_serial(item->rdata, item->rdlen), zone_serial(ap->base)));
}

static bool
add_wanted(const struct apply *ap, const struct work *work, const struct change_item *item)
{
	if (item->type == TYPE_SOA)
		return soa_wanted(ap, work, item);
	if (ap->strict || beside_cname(item->type))
		return true;
	return item->type == TYPE_CNAME ? !has_other_than_cname(work) : work_count_type(work, TYPE_CNAME) == 0;
}

/* Types with one record at most are replaced; for people a second CNAME is rather a mistake, and left for the checks on the result. */
static bool
replaces(const struct apply *ap, uint16_t type)
{
	const struct rr_type *row = rr_type_find(type);

	return row != NULL && (row->flags & RR_SINGLE) != 0 && (!ap->strict || type == TYPE_SOA);
}

static void
play_add(struct apply *ap, struct work *work, const struct change_item *item)
{
	struct rr      rr = { work->owner, item->type, item->rdlen, item->ttl, item->rdata };
	struct record *same;

	if (!add_wanted(ap, work, item))
		return;
	same = work_record(work, item->type, item->rdata, item->rdlen);
	for (size_t i = 0; i < work->count; i++) {
		struct record *rec = &work->records[i];

		if (rec->gone || rec->rr.type != item->type)
			continue;
		rec->rr.ttl = item->ttl;        /* one RRset, one TTL: RFC 2181 5.2 */
		if (rec != same && replaces(ap, item->type))
			rec->gone = true;
	}
	if (same != NULL) {
		same->gone = false;
		same->rr.ttl = item->ttl;
		if (item->comment != NULL)
			same->comment = item->comment;
		return;
	}
	rr.rdata = arena_copy(ap->arena, item->rdata, item->rdlen);
	work_add(ap, work, &rr, item->comment != NULL ? arena_strdup(ap->arena, item->comment) : NULL, false);
}

/* The SOA and the NS RRset of the apex stay, whatever an UPDATE says (RFC 2136 3.4.2.3, 3.4.2.4). */
static bool
is_protected(const struct apply *ap, const struct work *work, uint16_t type)
{
	return work->apex && !ap->strict && (type == TYPE_SOA || type == TYPE_NS);
}

static void
play_delete_rr(struct apply *ap, struct work *work, const struct change_item *item)
{
	struct record *rec = work_record(work, item->type, item->rdata, item->rdlen);

	if (rec == NULL || (is_protected(ap, work, item->type) && (item->type == TYPE_SOA || work_count_type(work, TYPE_NS) == 1)))
		return;
	rec->gone = true;
}

static void
play_delete_rrset(struct apply *ap, struct work *work, const struct change_item *item)
{
	for (size_t i = 0; i < work->count && !is_protected(ap, work, item->type); i++)
		if (work->records[i].rr.type == item->type)
			work->records[i].gone = true;
}

static void
play_delete_name(struct apply *ap, struct work *work, const struct change_item *item)
{
	(void)ap;
	(void)item;
	for (size_t i = 0; i < work->count; i++)
		if (!work->apex || (work->records[i].rr.type != TYPE_SOA && work->records[i].rr.type != TYPE_NS))
			work->records[i].gone = true;
}

static void
play_updates(struct apply *ap)
{
	static void (*const play[CHANGE_OPS])(struct apply *, struct work *, const struct change_item *) = {
		[CHANGE_ADD] = play_add, [CHANGE_DELETE_RR] = play_delete_rr, [CHANGE_DELETE_RRSET] = play_delete_rrset,
		[CHANGE_DELETE_NAME] = play_delete_name,
	};

	for (size_t i = 0; i < ap->change->count; i++)
		if (play[ap->change->items[i].op] != NULL)
			play[ap->change->items[i].op](ap, work_find(ap, ap->change->items[i].owner), &ap->change->items[i]);
}

/* ---- strict: what people are told ---- */

static bool
refuse(struct apply *ap, const struct work *work, const char *id, const char *what, const char *hint)
{
	char owner[NAME_TEXT_MAX];

	name_print_rel(owner, work->owner, ap->change->zone);
	err_set_id(ap->err, ERR_CHECK, id, "%.300s: %s", owner, what);
	return err_hint(ap->err, "%s", hint);
}

static bool
check_work(struct apply *ap, const struct work *work)
{
	size_t cnames = work_count_type(work, TYPE_CNAME), soas = work_count_type(work, TYPE_SOA);

	if (cnames > 0 && has_other_than_cname(work))
		return refuse(ap, work, "E-CNAME-COEXIST", "a CNAME cannot stand beside other data", "delete the one or the other in the same change");
	if (cnames > 1)
		return refuse(ap, work, "E-CNAME-MULTI", "there can be one CNAME only", "delete the old one in the same change");
	if (work_count_type(work, TYPE_DNAME) > 1)
		return refuse(ap, work, "E-DNAME-MULTI", "there can be one DNAME only", "delete the old one in the same change");
	if (soas > 0 && !work->apex)
		return refuse(ap, work, "E-SOA-MULTI", "only the apex of the zone has an SOA", "leave it out");
	if (work->apex && soas == 0)
		return refuse(ap, work, "E-SOA-MISSING", "the zone would be left without its SOA", "add one in the same change");
	if (work->apex && work_count_type(work, TYPE_NS) == 0)
		return refuse(ap, work, "E-NS-APEX", "the zone would be left without name servers", "keep or add at least one NS at @");
	return true;
}

static bool
check_works(struct apply *ap)
{
	for (size_t i = 0; ap->strict && i < ap->work_count; i++)
		if (!check_work(ap, &ap->works[i]))
			return false;
	return true;
}

/* ---- the difference ---- */

static void
diff_work(struct diff *diff, const struct work *work)
{
	for (size_t i = 0; i < work->count; i++) {
		const struct record *rec = &work->records[i];
		bool                 moved = rec->base && rec->rr.ttl != rec->base_ttl;
		struct rr            before = rec->rr;

		before.ttl = rec->base_ttl;
		if (rec->base && (rec->gone || moved))
			diff_add(diff, false, &before, NULL);
		if (!rec->gone && (!rec->base || moved))
			diff_add(diff, true, &rec->rr, rec->comment);
	}
}

static struct diff *
make_diff(struct apply *ap)
{
	struct diff *diff = diff_new(ap->arena, zone_apex(ap->base));

	for (size_t i = 0; i < ap->work_count; i++)
		diff_work(diff, &ap->works[i]);
	diff_sort(diff);
	return diff;
}

/* ---- the serial ---- */

static struct record *
find_soa(struct work *apex)
{
	for (size_t i = 0; i < apex->count; i++)
		if (!apex->records[i].gone && apex->records[i].rr.type == TYPE_SOA)
			return &apex->records[i];
	return NULL;
}

/* Set the serial that the changed zone gets: the change's own when it is newer, else the next one. */
static void
advance_serial(struct apply *ap, uint32_t today)
{
	struct work   *apex = work_find(ap, zone_apex(ap->base));
	struct record *soa = find_soa(apex);
	struct rr      next;
	uint8_t       *rdata;

	if (soa == NULL || serial_newer(rdata_soa_serial(soa->rr.rdata, soa->rr.rdlen), zone_serial(ap->base)))
		return;
	next = soa->rr;
	next.rdata = rdata = arena_copy(ap->arena, soa->rr.rdata, soa->rr.rdlen);
	rdata_soa_set_serial(rdata, next.rdlen, serial_next(zone_serial(ap->base), today));
	soa->gone = true;
	work_add(ap, apex, &next, soa->comment, false);
}

/* An SOA whose only novelty is a serial that is not newer is no change. */
static bool
changes_nothing(const struct apply *ap, const struct diff *diff)
{
	const struct rr *soa;

	if (diff->count == 0)
		return true;
	soa = &diff->items[diff->count - 1].rr;
	return diff_empty(diff) && !serial_newer(rdata_soa_serial(soa->rdata, soa->rdlen), zone_serial(ap->base));
}

/* The difference with its serials, when all rules are kept; NULL with the error set. */
static struct diff *
apply_to_diff(struct apply *ap, uint32_t today)
{
	struct diff *diff;

	if (!change_prereqs_hold(ap->change, ap->base, ap->err))
		return NULL;
	play_updates(ap);
	if (!check_works(ap))
		return NULL;
	diff = make_diff(ap);
	if (changes_nothing(ap, diff)) {
		diff->count = 0;
	} else {
		advance_serial(ap, today);
		diff = make_diff(ap);
	}
	diff->serial_old = diff->serial_new = zone_serial(ap->base);
	for (size_t i = 0; i < diff->count && diff->items[i].rr.type == TYPE_SOA; i++)
		diff->serial_new = rdata_soa_serial(diff->items[i].rr.rdata, diff->items[i].rr.rdlen);
	return diff;
}

struct zone *
change_apply(const struct change *change, const struct zone *base, bool strict, uint32_t today, struct arena *arena, struct diff **diff,
    struct err *err)
{
	struct apply ap = { .base = base, .change = change, .arena = arena, .strict = strict, .err = err };

	*diff = apply_to_diff(&ap, today);
	free(ap.works);
	return *diff != NULL ? diff_apply(*diff, base) : NULL;
}
