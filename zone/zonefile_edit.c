/* SPDX-License-Identifier: ISC */
/*
 * Working a difference into the text of a zone.
 *
 * First a plan: which records go, which are changed on their line, which are new and behind which record they stand.  Then one walk over the
 * entries, which keeps two contexts (zonefile_int.h): what the old text means at this place, and what the new one means.  A line that the
 * difference does not name is copied, unless it leans on the context (blank owner, no TTL) and that is no longer the same: then just
 * the owner or the TTL is written out.  So the new text means what it should by construction.
 */
#include <stdlib.h>
#include <string.h>

#include "zone/zonefile_int.h"

/* What becomes of one record of the file. */
struct plan {
	bool               drop, ttl_set;
	uint32_t           ttl;
	const struct rr   *new;         /* other rdata; NULL: stays */
	const char        *comment;
	uint32_t           insert;      /* first of the new records behind it, from 1; 0: none */
};

struct insert {
	const struct diff_item *item;
	uint32_t                next;
};

/* The RRsets that the difference touches, with their records in the file. */
struct group {
	size_t    first, adds, end;     /* items: removed from FIRST, added from ADDS, till END */
	uint32_t *recs;
	size_t    count, cap;
};

struct owner {
	const uint8_t *name;
	size_t         first_group, group_count;
	uint32_t       last_rec;        /* its last record in the file, from 1; 0: none */
};

struct edit {
	const struct zonefile *file;
	const struct diff     *diff;
	struct buf            *out;
	struct group          *groups;
	size_t                 group_count, group_cap;
	struct owner          *owners;
	size_t                 owner_count, owner_cap;
	uint32_t              *slots;   /* hash of owners, from 1 */
	size_t                 slot_count;
	uint32_t              *plan_of; /* of each record, from 1; 0: stays */
	struct plan           *plans;
	size_t                 plan_count, plan_cap;
	struct insert         *inserts;
	size_t                 insert_count, insert_cap;
	uint32_t               at_end;  /* first of the new records at the end of the file */
	struct context         was, now;
	const struct entry    *last_rr; /* the last entry that a new line at the end can look like */
};

/* ---- the plan ---- */

static void
collect_groups(struct edit *e)
{
	const struct diff *diff = e->diff;

	for (size_t i = 0, end; i < diff->count; i = end) {
		struct group  g = { .first = i, .adds = i };
		struct owner *owner = e->owner_count > 0 ? &e->owners[e->owner_count - 1] : NULL;

		end = g.end = diff_group_end(diff, i);
		while (g.adds < g.end && !diff->items[g.adds].add)
			g.adds++;
		if (owner == NULL || !name_equal(owner->name, diff->items[i].rr.owner)) {
			mem_grow(&e->owners, &e->owner_cap, e->owner_count + 1, sizeof *e->owners);
			owner = &e->owners[e->owner_count++];
			*owner = (struct owner){ diff->items[i].rr.owner, e->group_count, 0, 0 };
		}
		owner->group_count++;
		mem_grow(&e->groups, &e->group_cap, e->group_count + 1, sizeof *e->groups);
		e->groups[e->group_count++] = g;
	}
}

static void
hash_owners(struct edit *e)
{
	for (e->slot_count = 16; e->slot_count < e->owner_count * 2; e->slot_count *= 2)
		continue;
	e->slots = mem_alloc(e->slot_count * sizeof *e->slots);
	for (size_t i = 0; i < e->owner_count; i++) {
		size_t slot = name_hash(e->owners[i].name) & (e->slot_count - 1);

		while (e->slots[slot] != 0)
			slot = (slot + 1) & (e->slot_count - 1);
		e->slots[slot] = (uint32_t)i + 1;
	}
}

static struct owner *
find_owner(const struct edit *e, const uint8_t *name)
{
	size_t slot = name_hash(name) & (e->slot_count - 1);

	for (; e->slots[slot] != 0; slot = (slot + 1) & (e->slot_count - 1))
		if (name_equal(e->owners[e->slots[slot] - 1].name, name))
			return &e->owners[e->slots[slot] - 1];
	return NULL;
}

static void
collect_records(struct edit *e)
{
	for (size_t i = 0; i < e->file->rr_count; i++) {
		const struct rr *rr = &e->file->rrs[i].rr;
		struct owner    *owner = find_owner(e, rr->owner);

		if (owner == NULL)
			continue;
		owner->last_rec = (uint32_t)i + 1;
		for (size_t k = 0; k < owner->group_count; k++) {
			struct group *g = &e->groups[owner->first_group + k];

			if (e->diff->items[g->first].rr.type != rr->type)
				continue;
			mem_grow(&g->recs, &g->cap, g->count + 1, sizeof *g->recs);
			g->recs[g->count++] = (uint32_t)i;
		}
	}
}

static struct plan *
plan_for(struct edit *e, uint32_t rec)
{
	if (e->plan_of[rec] == 0) {
		mem_grow(&e->plans, &e->plan_cap, e->plan_count + 1, sizeof *e->plans);
		e->plans[e->plan_count] = (struct plan){ 0 };
		e->plan_of[rec] = (uint32_t)++e->plan_count;
	}
	return &e->plans[e->plan_of[rec] - 1];
}

static void
plan_ttl(struct edit *e, uint32_t rec, uint32_t ttl)
{
	struct plan *plan = plan_for(e, rec);

	plan->ttl_set = true;
	plan->ttl = ttl;
}

static void
plan_insert(struct edit *e, const struct diff_item *item, uint32_t behind)
{
	uint32_t *at = behind != 0 ? &plan_for(e, behind - 1)->insert : &e->at_end;

	mem_grow(&e->inserts, &e->insert_cap, e->insert_count + 1, sizeof *e->inserts);
	e->inserts[e->insert_count] = (struct insert){ item, 0 };
	while (*at != 0)
		at = &e->inserts[*at - 1].next;
	*at = (uint32_t)++e->insert_count;
}

/* Items FROM to END are sorted by rdata: the one that equals RR, or END. */
static size_t
find_item(const struct diff *diff, size_t from, size_t end, const struct rr *rr)
{
	size_t lo = from, hi = end;

	while (lo < hi) {
		size_t           mid = lo + (hi - lo) / 2;
		const struct rr *item = &diff->items[mid].rr;
		int              cmp = rdata_compare(rr->type, item->rdata, item->rdlen, rr->rdata, rr->rdlen);

		if (cmp == 0)
			return mid;
		if (cmp < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return end;
}

/* Sorts a group's records in the file into those that stay, with the TTL the RRset gets, and those whose line is free. */
struct sorting {
	struct edit  *e;
	struct group *g;
	bool         *seen;             /* items met already, by their number in the group */
	uint32_t     *freed;            /* records whose line a new one may take */
	size_t        free_count;
	uint32_t      ttl;
	bool          has_ttl;          /* a record with exactly that TTL stays */
	uint32_t      survivor;         /* first record that stays untouched, from 1 */
};

static void
sort_record(struct sorting *s, uint32_t rec)
{
	const struct diff *diff = s->e->diff;
	const struct rr   *rr = &s->e->file->rrs[rec].rr;
	size_t             add = find_item(diff, s->g->adds, s->g->end, rr);
	size_t             del = find_item(diff, s->g->first, s->g->adds, rr);

	if (add < s->g->end) {
		plan_ttl(s->e, rec, s->ttl);
		plan_for(s->e, rec)->comment = diff->items[add].comment;
		s->seen[add - s->g->first] = s->has_ttl = true;
	} else if (del < s->g->adds) {
		if (s->seen[del - s->g->first])
			plan_for(s->e, rec)->drop = true;
		else
			s->freed[s->free_count++] = rec;
		s->seen[del - s->g->first] = true;
	} else {
		if (rr->ttl < s->ttl)
			plan_ttl(s->e, rec, s->ttl);
		s->has_ttl |= rr->ttl <= s->ttl;
		if (s->survivor == 0)
			s->survivor = rec + 1;
	}
}

static void
place_added(struct sorting *s, const struct owner *owner)
{
	struct edit *e = s->e;
	uint32_t     behind = s->g->count > 0 ? s->g->recs[s->g->count - 1] + 1 : owner->last_rec;
	size_t       used = 0;

	for (size_t i = s->g->adds; i < s->g->end; i++) {
		const struct diff_item *item = &e->diff->items[i];
		struct plan            *plan;

		if (s->seen[i - s->g->first])
			continue;
		s->has_ttl = true;
		if (used == s->free_count) {
			plan_insert(e, item, behind);
			continue;
		}
		plan_ttl(e, s->freed[used], s->ttl);
		plan = plan_for(e, s->freed[used++]);
		plan->new = &item->rr;
		plan->comment = item->comment;
	}
	while (used < s->free_count)
		plan_for(e, s->freed[used++])->drop = true;
}

static void
plan_group(struct edit *e, struct group *g, const struct owner *owner)
{
	struct sorting s = { .e = e, .g = g };

	s.ttl = e->diff->items[g->adds < g->end ? g->adds : g->first].rr.ttl;
	s.seen = mem_alloc((g->end - g->first) * sizeof *s.seen);
	s.freed = mem_alloc((g->count + 1) * sizeof *s.freed);
	for (size_t i = 0; i < g->count; i++)
		sort_record(&s, g->recs[i]);
	place_added(&s, owner);
	if (!s.has_ttl && s.survivor != 0)      /* the record that gave the RRset its lowest TTL is gone */
		plan_ttl(e, s.survivor - 1, s.ttl);
	free(s.seen);
	free(s.freed);
}

static void
make_plan(struct edit *e)
{
	e->plan_of = mem_alloc((e->file->rr_count + 1) * sizeof *e->plan_of);
	collect_groups(e);
	hash_owners(e);
	collect_records(e);
	for (size_t i = 0; i < e->owner_count; i++)
		for (size_t k = 0; k < e->owners[i].group_count; k++)
			plan_group(e, &e->groups[e->owners[i].first_group + k], &e->owners[i]);
}

/* ---- the walk ---- */

static const struct plan *
plan_find(const struct edit *e, uint32_t rec)
{
	static const struct plan stays;

	return e->plan_of[rec] != 0 ? &e->plans[e->plan_of[rec] - 1] : &stays;
}

static void
put_new(struct edit *e, const struct rr *rr, const char *comment, const struct entry *model)
{
	struct line_new line = { .rr = rr, .model = model, .origin = e->now.origin, .comment = comment };

	if (e->out->len > 0 && e->out->data[e->out->len - 1] != '\n')
		buf_puts(e->out, e->file->crlf ? "\r\n" : "\n");
	line.ttl = context_ttl(&e->now, rr) != rr->ttl || (!e->now.has_default && !e->now.has_last) ||
	    (model != NULL && (model->flags & ENTRY_TTL_EXPLICIT) != 0);
	line.blank_owner = model != NULL && (model->flags & ENTRY_BLANK_OWNER) != 0 && e->now.has_owner && name_equal(e->now.owner, rr->owner);
	line_new(e->out, e->file, &line);
	context_note(&e->now, rr, line.ttl);
}

static void
put_inserts(struct edit *e, uint32_t at, const struct entry *model)
{
	for (; at != 0; at = e->inserts[at - 1].next)
		put_new(e, &e->inserts[at - 1].item->rr, e->inserts[at - 1].item->comment, model);
}

static void
copy_entry(struct edit *e, const struct entry *entry)
{
	buf_put(e->out, e->file->text + entry->off, entry->end - entry->off);
}

/* The record REC as it is to be. */
static struct rr
wanted(const struct edit *e, uint32_t rec)
{
	const struct plan *plan = plan_find(e, rec);
	struct rr          rr = plan->new != NULL ? *plan->new : e->file->rrs[rec].rr;

	rr.owner = e->file->rrs[rec].rr.owner;
	if (plan->ttl_set)
		rr.ttl = plan->ttl;
	return rr;
}

/* An SOA without TTL sets the default for the rest of the file; it must go on setting the same one, or $TTL does. */
static void
hold_default(struct edit *e)
{
	if (!e->was.has_default || (e->now.has_default && e->now.default_ttl == e->was.default_ttl))
		return;
	if (e->out->len > 0 && e->out->data[e->out->len - 1] != '\n')
		buf_puts(e->out, e->file->crlf ? "\r\n" : "\n");
	buf_putf(e->out, "$TTL %u%s", e->was.default_ttl, e->file->crlf ? "\r\n" : "\n");
	e->now.has_default = true;
	e->now.default_ttl = e->was.default_ttl;
}

static bool
needs_ttl(const struct edit *e, const struct entry *entry, const struct rr *old, const struct rr *new)
{
	if ((entry->flags & ENTRY_TTL_EXPLICIT) != 0)
		return old->ttl != new->ttl;
	if (new->type == TYPE_SOA && !e->now.has_default && !e->now.has_last && (e->was.has_default || e->was.has_last))
		return true;    /* or it would begin to set the default */
	return context_ttl(&e->now, new) != new->ttl;
}

static void
put_record(struct edit *e, const struct entry *entry)
{
	const struct plan *plan = plan_find(e, entry->first);
	const struct rr   *old = &e->file->rrs[entry->first].rr;
	struct rr          new = wanted(e, entry->first);
	struct line_edit   edit = { .ttl_set = needs_ttl(e, entry, old, &new), .ttl = new.ttl, .origin = e->now.origin, .comment = plan->comment };
	bool               blank = (entry->flags & ENTRY_BLANK_OWNER) != 0;
	char               owner[NAME_TEXT_MAX];

	if (blank && !(e->now.has_owner && name_equal(e->now.owner, old->owner))) {
		line_owner(owner, old->owner, e->now.origin);
		edit.owner = owner;
	}
	if (plan->new != NULL) {
		edit.old = old;
		edit.new = &new;
	}
	if (edit.owner != NULL || edit.ttl_set || edit.new != NULL || edit.comment != NULL)
		line_edit(e->out, e->file, entry, &edit);
	else
		copy_entry(e, entry);
	context_note(&e->now, &new, edit.ttl_set || (entry->flags & ENTRY_TTL_EXPLICIT) != 0);
}

static void
walk_record(struct edit *e, const struct entry *entry)
{
	const struct plan *plan = plan_find(e, entry->first);

	if (!plan->drop) {
		put_record(e, entry);
		e->last_rr = entry;
	}
	context_note(&e->was, &e->file->rrs[entry->first].rr, (entry->flags & ENTRY_TTL_EXPLICIT) != 0);
	hold_default(e);
	put_inserts(e, plan->insert, entry);
}

static bool
generate_stands(const struct edit *e, const struct entry *entry)
{
	for (uint32_t i = entry->first; i < entry->first + entry->count; i++) {
		const struct rr *rr = &e->file->rrs[i].rr;

		if (e->plan_of[i] != 0 && !(plan_find(e, i)->insert != 0 && !plan_find(e, i)->drop && !plan_find(e, i)->ttl_set))
			return false;
		if ((entry->flags & ENTRY_TTL_EXPLICIT) == 0 && context_ttl(&e->now, rr) != rr->ttl)
			return false;
	}
	return true;
}

/* A $GENERATE of which records change gives way to the records that it stood for. */
static void
walk_generate(struct edit *e, const struct entry *entry)
{
	bool stands = generate_stands(e, entry);

	if (stands)
		copy_entry(e, entry);
	for (uint32_t i = entry->first; i < entry->first + entry->count; i++) {
		struct rr rr = wanted(e, i);

		if (!stands && !plan_find(e, i)->drop)
			put_new(e, &rr, plan_find(e, i)->comment, NULL);
	}
	for (uint32_t i = entry->first; i < entry->first + entry->count; i++)
		put_inserts(e, plan_find(e, i)->insert, NULL);
}

static void
walk_origin(struct edit *e, const struct entry *entry)
{
	name_copy(e->was.origin, e->file->origins[entry->first]);
	name_copy(e->now.origin, e->file->origins[entry->first]);
	copy_entry(e, entry);
}

static void
walk_ttl(struct edit *e, const struct entry *entry)
{
	e->was.has_default = e->now.has_default = true;
	e->was.default_ttl = e->now.default_ttl = entry->first;
	copy_entry(e, entry);
}

static void
walk_entries(struct edit *e)
{
	static void (*const walk[])(struct edit *, const struct entry *) = {
		[ENTRY_RR] = walk_record, [ENTRY_ORIGIN] = walk_origin, [ENTRY_TTL] = walk_ttl, [ENTRY_GENERATE] = walk_generate,
		[ENTRY_BAD] = copy_entry,
	};
	uint32_t pos = 0;

	name_copy(e->was.origin, e->file->origin);
	name_copy(e->now.origin, e->file->origin);
	for (size_t i = 0; i < e->file->entry_count; i++) {
		const struct entry *entry = &e->file->entries[i];

		buf_put(e->out, e->file->text + pos, entry->off - pos);
		walk[entry->kind](e, entry);
		pos = entry->end;
	}
	buf_put(e->out, e->file->text + pos, e->file->len - pos);
	put_inserts(e, e->at_end, e->last_rr);
}

void
zonefile_edit(struct buf *out, const struct zonefile *file, const struct diff *diff)
{
	struct edit e = { .file = file, .diff = diff, .out = out };

	make_plan(&e);
	walk_entries(&e);
	for (size_t i = 0; i < e.group_count; i++)
		free(e.groups[i].recs);
	free(e.groups);
	free(e.owners);
	free(e.slots);
	free(e.plan_of);
	free(e.plans);
	free(e.inserts);
}
