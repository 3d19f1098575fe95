/* SPDX-License-Identifier: ISC */
/*
 * Builds a zone from records in any order: they are kept in one arena, sorted by pointer, and written in one pass.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "zone/name.h"
#include "zone/rr.h"
#include "zone/writer.h"
#include "zone/zone.h"

#define KEY_MAX (3 * NAME_SIZE)

/*
 * An owner with a key whose bytes sort as the names do (RFC 4034 6.1): the labels below the apex, from the apex down, in lower case, each with a zero behind it.
 * Bytes 0 and 1 within a label become 1 1 and 1 2, so that nothing sorts before the end of a label.
 */
struct owner {
	uint16_t       key_len;
	const uint8_t *name;
	uint8_t        key[];
};

struct record {
	const struct owner *owner;
	uint32_t            ttl;
	uint32_t            order;      /* of adding */
	uint16_t            type, rdlen;
	uint8_t             rdata[];
};

struct entry {
	uint64_t             prefix;    /* of the key: most comparisons end here, without touching the record */
	const struct record *record;
};

struct zone_builder {
	struct arena       *arena;
	uint8_t             apex[NAME_SIZE];
	unsigned            apex_labels;
	struct entry       *entries;
	size_t              count, cap;
	const struct owner *last;       /* records of one owner mostly come together */
	bool                sorted;     /* as far as was added */
};

struct zone_builder *
zone_builder_new(const uint8_t *apex)
{
	struct zone_builder *builder = mem_alloc(sizeof *builder);

	builder->arena = arena_new();
	name_lower(builder->apex, apex);
	builder->apex_labels = name_labels(apex);
	builder->sorted = true;
	return builder;
}

void
zone_builder_free(struct zone_builder *builder)
{
	if (builder == NULL)
		return;
	arena_free(builder->arena);
	free(builder->entries);
	free(builder);
}

static size_t
put_label(uint8_t *out, const uint8_t *label)
{
	size_t len = 0;

	for (unsigned i = 1; i <= *label; i++) {
		if (label[i] <= 1)
			out[len++] = 1;
		out[len++] = label[i] <= 1 ? (uint8_t)(label[i] + 1) : label[i];
	}
	out[len++] = 0;
	return len;
}

static size_t
make_key(uint8_t out[static KEY_MAX], const uint8_t *name, unsigned apex_labels)
{
	const uint8_t *labels[NAME_LABELS_MAX];
	unsigned       count = 0;
	size_t         len = 0;

	for (; *name != 0; name = name_parent(name))
		labels[count++] = name;
	for (count -= apex_labels; count > 0; count--)
		len += put_label(out + len, labels[count - 1]);
	return len;
}

static const struct owner *
intern_owner(struct zone_builder *builder, const uint8_t *name)
{
	uint8_t       small[NAME_SIZE], key[KEY_MAX];
	size_t        key_len, len;
	struct owner *owner;

	if (builder->last != NULL && name_equal(builder->last->name, name))
		return builder->last;
	assert(name_below(name, builder->apex));
	name_lower(small, name);
	len = name_len(small);
	key_len = make_key(key, small, builder->apex_labels);
	owner = arena_alloc(builder->arena, sizeof *owner + key_len + len);
	owner->key_len = (uint16_t)key_len;
	memcpy(owner->key, key, key_len);
	owner->name = memcpy(owner->key + key_len, small, len);
	return builder->last = owner;
}

static uint64_t
key_prefix(const struct owner *owner)
{
	uint64_t prefix = 0;

	for (size_t i = 0; i < 8; i++)
		prefix = prefix << 8 | (i < owner->key_len ? owner->key[i] : 0);
	return prefix;
}

static int
owner_compare(const struct owner *a, const struct owner *b)
{
	size_t shorter = a->key_len < b->key_len ? a->key_len : b->key_len;
	int    order = a == b ? 0 : memcmp(a->key, b->key, shorter);

	return order != 0 ? order : a->key_len - b->key_len;
}

/* By owner, type, rdata. */
static int
record_compare(const struct record *a, const struct record *b)
{
	int order = owner_compare(a->owner, b->owner);

	if (order == 0)
		order = a->type - b->type;
	if (order == 0)
		order = rdata_compare(a->type, a->rdata, a->rdlen, b->rdata, b->rdlen);
	return order;
}

/* Equal records stay in the order in which they were added, so that the first is kept. */
static int
entry_compare(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;
	int                 order;

	if (a->prefix != b->prefix)
		return a->prefix < b->prefix ? -1 : 1;
	order = record_compare(a->record, b->record);
	if (order != 0)
		return order;
	return a->record->order < b->record->order ? -1 : a->record->order > b->record->order;
}

void
zone_builder_add(struct zone_builder *builder, const struct rr *rr)
{
	const struct owner *owner = intern_owner(builder, rr->owner);
	struct record      *record = arena_alloc(builder->arena, sizeof *record + rr->rdlen);
	struct entry        entry = { key_prefix(owner), record };

	record->owner = owner;
	record->ttl = rr->ttl;
	record->order = (uint32_t)builder->count;
	record->type = rr->type;
	record->rdlen = rr->rdlen;
	if (rr->rdlen > 0)
		memcpy(record->rdata, rr->rdata, rr->rdlen);
	mem_grow(&builder->entries, &builder->cap, builder->count + 1, sizeof entry);
	builder->entries[builder->count++] = entry;
	if (builder->sorted && builder->count > 1)
		builder->sorted = entry_compare(&builder->entries[builder->count - 2], &entry) < 0;
}

/* The end of the RRset that begins at FROM, and its lowest TTL. */
static size_t
rrset_end(const struct zone_builder *builder, size_t from, uint32_t *ttl)
{
	const struct record *first = builder->entries[from].record;
	size_t               at = from;

	*ttl = first->ttl;
	for (; at < builder->count; at++) {
		const struct record *record = builder->entries[at].record;

		if (record->type != first->type || owner_compare(record->owner, first->owner) != 0)
			break;
		*ttl = record->ttl < *ttl ? record->ttl : *ttl;
	}
	return at;
}

static void
write_rrset(struct zone_builder *builder, struct zone_writer *writer, size_t from, size_t to)
{
	const struct record *kept = NULL;
	unsigned             count = 0;

	for (size_t i = from; i < to && count < RRSET_MAX; i++) {
		const struct record *record = builder->entries[i].record;

		if (kept != NULL && rdata_equal(kept->type, kept->rdata, kept->rdlen, record->rdata, record->rdlen))
			continue;
		zone_writer_rdata(writer, record->rdata, record->rdlen);
		kept = record;
		count++;
	}
}

struct zone *
zone_builder_finish(struct zone_builder *builder)
{
	struct zone_writer *writer = zone_writer_new(builder->apex);
	const struct owner *owner = NULL;
	size_t              to;

	if (!builder->sorted)
		qsort(builder->entries, builder->count, sizeof *builder->entries, entry_compare);
	for (size_t from = 0; from < builder->count; from = to) {
		const struct record *first = builder->entries[from].record;
		uint32_t             ttl;

		if (owner == NULL || owner_compare(owner, first->owner) != 0)
			zone_writer_node(writer, first->owner->name);
		owner = first->owner;
		to = rrset_end(builder, from, &ttl);
		zone_writer_rrset(writer, first->type, ttl);
		write_rrset(builder, writer, from, to);
	}
	zone_builder_free(builder);
	return zone_writer_finish(writer);
}
