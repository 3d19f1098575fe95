/* SPDX-License-Identifier: ISC */
#include "tui/draft.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "zone/check.h"
#include "zone/name.h"
#include "zone/zone.h"
#include "zone/zonefile.h"

/* What a row was before an edit.  JOINED: one edit with the entry before it, undone with it. */
struct undo {
	struct row *row;
	struct row  before;
	bool        joined;
};

/* Types in the order in which people read a name's records; all others follow by number. */
static const uint16_t type_order[] = { TYPE_SOA, TYPE_NS, TYPE_CNAME, TYPE_DNAME, TYPE_A, TYPE_AAAA, TYPE_MX, TYPE_TXT };

static unsigned
type_rank(uint16_t type)
{
	for (unsigned i = 0; i < sizeof(type_order) / sizeof(type_order[0]); i++)
		if (type_order[i] == type)
			return i;
	return 100u + type;
}

static int
row_compare(const void *a, const void *b)
{
	const struct row *x = *(struct row *const *)a, *y = *(struct row *const *)b;
	int               order = name_compare(x->now.owner, y->now.owner);

	if (order != 0)
		return order;
	if (x->now.type != y->now.type)
		return type_rank(x->now.type) < type_rank(y->now.type) ? -1 : 1;
	order = rdata_compare(x->now.type, x->now.rdata, x->now.rdlen, y->now.rdata, y->now.rdlen);
	/* The same record deleted and added again: the old one first. */
	return order != 0 ? order : (int)(x->state == ROW_ADDED) - (int)(y->state == ROW_ADDED);
}

static void
draft_sort(struct draft *draft)
{
	size_t kept = 0;

	for (size_t i = 0; i < draft->row_count; i++)
		if (draft->rows[i]->state != ROW_GONE)
			draft->rows[kept++] = draft->rows[i];
	draft->row_count = kept;
	if (kept != 0)
		qsort(draft->rows, kept, sizeof(struct row *), row_compare);
}

static struct row_data
data_copy(struct arena *arena, const struct row_data *data)
{
	struct row_data copy = *data;

	copy.owner = arena_copy(arena, data->owner, name_len(data->owner));
	copy.rdata = arena_copy(arena, data->rdata, data->rdlen);
	copy.comment = arena_strdup(arena, data->comment != NULL ? data->comment : "");
	return copy;
}

static void
row_append(struct draft *draft, struct row *row)
{
	mem_grow(&draft->rows, &draft->row_cap, draft->row_count + 1, sizeof(struct row *));
	draft->rows[draft->row_count++] = row;
}

/* The row that shows the record of DATA in one of STATES (bits), but not EXCEPT; the record of a row is compared without its TTL. */
static struct row *
row_find(const struct draft *draft, const struct row_data *data, unsigned states, const struct row *except)
{
	for (size_t i = 0; i < draft->row_count; i++) {
		struct row *row = draft->rows[i];

		if ((states & 1u << row->state) != 0 && row != except && row->now.type == data->type &&
		    name_equal(row->now.owner, data->owner) &&
		    rdata_equal(data->type, row->now.rdata, row->now.rdlen, data->rdata, data->rdlen))
			return row;
	}
	return NULL;
}

bool
draft_has(const struct draft *draft, const struct row_data *data, const struct row *except)
{
	return row_find(draft, data, 1u << ROW_KEPT | 1u << ROW_ADDED | 1u << ROW_CHANGED, except) != NULL;
}

/* A file may hold a record twice; the zone has it once, and so has the screen. */
static void
draft_unique(struct draft *draft)
{
	size_t kept = 0;

	for (size_t i = 0; i < draft->row_count; i++)
		if (kept == 0 || row_compare(&draft->rows[kept - 1], &draft->rows[i]) != 0)
			draft->rows[kept++] = draft->rows[i];
	draft->row_count = kept;
}

static void
draft_fill(struct draft *draft, const struct zonefile *file)
{
	for (size_t i = 0; i < zonefile_count(file); i++) {
		const struct zonefile_rr *item = zonefile_at(file, i);
		struct row               *row = arena_alloc(draft->arena, sizeof(*row));
		struct row_data           data = { item->rr.owner, item->rr.type, item->rr.ttl, item->rr.rdata, item->rr.rdlen,
			          item->comment };

		row->now = row->was = data_copy(draft->arena, &data);
		if (data.type == TYPE_SOA)
			draft->ttl_default = data.ttl;
		row_append(draft, row);
	}
	draft_sort(draft);
	draft_unique(draft);
}

struct draft *
draft_new(const char *text, size_t len, const char *zone, struct err *err)
{
	uint8_t              apex[NAME_SIZE];
	struct zonefile_opts opts = { .apex = apex };
	struct zonefile     *file;
	struct report        report;
	struct draft        *draft = NULL;

	if (!name_parse_zone(apex, zone, err))
		return NULL;
	report_init(&report);
	file = zonefile_parse(text, len, &opts, &report);
	if (report_err(&report, zone, err)) {
		draft = mem_alloc(sizeof(*draft));
		draft->arena = arena_new();
		draft->apex = arena_copy(draft->arena, apex, name_len(apex));
		draft->base = zonefile_zone(file);
		draft->ttl_default = 3600;
		draft_fill(draft, file);
	}
	zonefile_free(file);
	report_done(&report);
	return draft;
}

void
draft_free(struct draft *draft)
{
	if (draft == NULL)
		return;
	zone_free(draft->base);
	arena_free(draft->arena);
	free(draft->rows);
	free(draft->undo);
	free(draft);
}

static void
undo_push(struct draft *draft, struct row *row, const struct row *before, bool joined)
{
	mem_grow(&draft->undo, &draft->undo_cap, draft->undo_count + 1, sizeof(struct undo));
	draft->undo[draft->undo_count++] = (struct undo){ row, *before, joined };
}

static bool
data_equal(const struct row_data *a, const struct row_data *b)
{
	return a->type == b->type && a->ttl == b->ttl && name_equal(a->owner, b->owner) && a->rdlen == b->rdlen &&
	    memcmp(a->rdata, b->rdata, a->rdlen) == 0 && strcmp(a->comment, b->comment) == 0;
}

static bool
is_sibling(const struct row *a, const struct row *b)
{
	return a != b && a->now.type == b->now.type && name_equal(a->now.owner, b->now.owner);
}

/* The state of a row of the base that stays. */
static enum row_state
state_of(const struct row *row)
{
	return data_equal(&row->now, &row->was) ? ROW_KEPT : ROW_CHANGED;
}

/* One RRset, one TTL (RFC 2181 5.2): what ROW has, its RRset gets, as part of the same edit. */
static void
ttl_spread(struct draft *draft, const struct row *row)
{
	for (size_t i = 0; i < draft->row_count; i++) {
		struct row *other = draft->rows[i];
		struct row  before = *other;

		if (!is_sibling(row, other) || other->state == ROW_DELETED || other->now.ttl == row->now.ttl)
			continue;
		other->now.ttl = row->now.ttl;
		if (other->state != ROW_ADDED)
			other->state = state_of(other);
		undo_push(draft, other, &before, true);
	}
}

/* What the edits made the TTL of ROW's RRset; that of ROW when they left it alone. */
static uint32_t
ttl_edited(const struct draft *draft, const struct row *row)
{
	for (size_t i = 0; i < draft->row_count; i++)
		if (is_sibling(row, draft->rows[i]) && (draft->rows[i]->state == ROW_ADDED || draft->rows[i]->state == ROW_CHANGED))
			return draft->rows[i]->now.ttl;
	return row->now.ttl;
}

struct row *
draft_add(struct draft *draft, const struct row_data *data)
{
	struct row *row = arena_alloc(draft->arena, sizeof(*row));
	struct row  before;

	row->state = ROW_ADDED;
	row->now = row->was = data_copy(draft->arena, data);
	before = *row;
	before.state = ROW_GONE;
	undo_push(draft, row, &before, false);
	row_append(draft, row);
	ttl_spread(draft, row);
	draft_sort(draft);
	return row;
}

void
draft_change(struct draft *draft, struct row *row, const struct row_data *data)
{
	struct row before = *row;

	row->now = data_copy(draft->arena, data);
	if (row->state != ROW_ADDED)
		row->state = state_of(row);
	if (data_equal(&row->now, &before.now) && row->state == before.state)
		return;
	undo_push(draft, row, &before, false);
	ttl_spread(draft, row);
	draft_sort(draft);
}

void
draft_toggle(struct draft *draft, struct row *row)
{
	struct row before = *row;

	switch (row->state) {
	case ROW_ADDED:
		row->state = ROW_GONE;
		break;
	case ROW_DELETED:
		row->now.ttl = ttl_edited(draft, row);
		row->state = state_of(row);
		break;
	default:
		row->state = ROW_DELETED;
		break;
	}
	undo_push(draft, row, &before, false);
	draft_sort(draft);
}

static void
undo_one(struct draft *draft, const struct undo *undo)
{
	if (undo->row->state == ROW_GONE && undo->before.state != ROW_GONE)
		row_append(draft, undo->row);
	*undo->row = undo->before;
}

bool
draft_undo(struct draft *draft)
{
	bool more = draft->undo_count != 0;

	if (!more)
		return false;
	while (more) {
		struct undo undo = draft->undo[--draft->undo_count];

		undo_one(draft, &undo);
		more = undo.joined && draft->undo_count != 0;
	}
	draft_sort(draft);
	return true;
}

void
draft_counts(const struct draft *draft, unsigned *added, unsigned *changed, unsigned *deleted)
{
	*added = *changed = *deleted = 0;
	for (size_t i = 0; i < draft->row_count; i++) {
		*added += draft->rows[i]->state == ROW_ADDED;
		*changed += draft->rows[i]->state == ROW_CHANGED;
		*deleted += draft->rows[i]->state == ROW_DELETED;
	}
}

bool
draft_dirty(const struct draft *draft)
{
	unsigned added, changed, deleted;

	draft_counts(draft, &added, &changed, &deleted);
	return added + changed + deleted != 0;
}

static void
change_put(struct change *change, enum change_op op, const struct row_data *data)
{
	struct change_item item = { .op = op, .owner = data->owner, .type = data->type, .rdlen = data->rdlen, .ttl = data->ttl,
		.rdata = data->rdata, .comment = op == CHANGE_ADD && data->comment[0] != '\0' ? data->comment : NULL };

	change_add_item(change, &item);
}

struct change *
draft_to_change(const struct draft *draft, struct arena *arena)
{
	struct change *change = change_new(arena, draft->apex);

	/* Deletions first, so that an A may give way to a CNAME in one change.  An SOA is replaced by adding it, never deleted. */
	for (size_t i = 0; i < draft->row_count; i++)
		if ((draft->rows[i]->state == ROW_DELETED || draft->rows[i]->state == ROW_CHANGED) &&
		    draft->rows[i]->was.type != TYPE_SOA)
			change_put(change, CHANGE_DELETE_RR, &draft->rows[i]->was);
	for (size_t i = 0; i < draft->row_count; i++)
		if (draft->rows[i]->state == ROW_ADDED || draft->rows[i]->state == ROW_CHANGED)
			change_put(change, CHANGE_ADD, &draft->rows[i]->now);
	return change;
}

bool
draft_check(const struct draft *draft, struct report *report, struct err *err)
{
	struct arena  *arena = arena_new();
	struct change *change = draft_to_change(draft, arena);
	struct diff   *diff = NULL;
	struct zone   *zone = change_apply(change, draft->base, true, 0, arena, &diff, err);

	if (zone != NULL)
		check_change(zone, diff, report);
	zone_free(zone);
	arena_free(arena);
	return zone != NULL;
}

static bool
rrset_differs(const struct zone *a, const struct zone *b, const struct row_data *data)
{
	struct rrset x, y;
	bool         in_a = zone_find(a, data->owner, data->type, &x), in_b = zone_find(b, data->owner, data->type, &y);

	return in_a != in_b || (in_a && !rrset_equal(&x, &y));
}

/* Somebody made another record of the one in DATA: the only record of its RRset in TO that BASE does not have.  NULL: none, or not clear which. */
static struct row *
successor(const struct draft *to, const struct zone *base, const struct row_data *data)
{
	struct row  *found = NULL;
	struct rrset set;

	for (size_t i = 0; i < to->row_count; i++) {
		struct row *row = to->rows[i];

		if (row->state != ROW_KEPT || row->now.type != data->type || !name_equal(row->now.owner, data->owner) ||
		    (zone_find(base, data->owner, data->type, &set) && rrset_has(&set, row->now.rdata, row->now.rdlen)))
			continue;
		if (found != NULL)
			return NULL;
		found = row;
	}
	return found;
}

/* Do in TO what was done to ROW in FROM; the row it ended in, or NULL when there is nothing left to do. */
static struct row *
row_redo(struct draft *to, const struct draft *from, const struct row *row)
{
	struct row *there = row_find(to, row->state == ROW_ADDED ? &row->now : &row->was, 1u << ROW_KEPT, NULL);

	if (there == NULL && row->state == ROW_CHANGED)
		there = row_find(to, &row->now, 1u << ROW_KEPT, NULL);
	if (there == NULL && row->state != ROW_ADDED)
		there = successor(to, from->base, &row->was);
	if (row->state == ROW_DELETED && there != NULL)
		draft_toggle(to, there);
	if (row->state == ROW_DELETED)
		return there;
	if (there == NULL)
		return draft_add(to, &row->now);
	draft_change(to, there, &row->now);
	return there->state != ROW_KEPT ? there : NULL;
}

size_t
draft_rebase(struct draft *to, const struct draft *from)
{
	size_t conflicts = 0;

	for (size_t i = 0; i < from->row_count; i++) {
		const struct row *row = from->rows[i];
		struct row       *there;

		if (row->state == ROW_KEPT || (there = row_redo(to, from, row)) == NULL)
			continue;
		there->conflict = row->conflict || rrset_differs(from->base, to->base, &row->was) ||
		    rrset_differs(from->base, to->base, &row->now);
		conflicts += there->conflict;
	}
	return conflicts;
}

void
row_print(struct buf *out, const struct draft *draft, const struct row_data *data)
{
	struct rr rr = { data->owner, data->type, data->rdlen, data->ttl, data->rdata };

	zonefile_write_rr(out, &rr, draft->apex);
	if (data->comment[0] != '\0')
		buf_putf(out, " ; %s", data->comment);
}
