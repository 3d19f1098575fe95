/* SPDX-License-Identifier: ISC */
/*
 * Changes as data: building them, and the compact form of our own messages.
 */
#include <string.h>

#include "zone/change.h"
#include "zone/name.h"

#define CHANGE_FORMAT 1

struct change *
change_new(struct arena *arena, const uint8_t *zone)
{
	struct change *change = arena_alloc(arena, sizeof *change);

	change->arena = arena;
	change->zone = arena_copy(arena, zone, name_len(zone));
	return change;
}

void
change_add_item(struct change *change, const struct change_item *item)
{
	struct change_item *copy;

	if (change->count == change->cap) {
		size_t              cap = change->cap != 0 ? change->cap * 2 : 8;
		struct change_item *items = arena_array(change->arena, cap, sizeof *items);

		if (change->count > 0)
			memcpy(items, change->items, change->count * sizeof *items);
		change->items = items;
		change->cap = cap;
	}
	copy = &change->items[change->count++];
	*copy = *item;
	copy->owner = arena_copy(change->arena, item->owner, name_len(item->owner));
	copy->rdata = item->rdlen > 0 ? arena_copy(change->arena, item->rdata, item->rdlen) : NULL;
	copy->comment = item->comment != NULL ? arena_strdup(change->arena, item->comment) : NULL;
}

static void
encode_name(struct buf *out, const uint8_t *name)
{
	buf_put(out, name, name_len(name));
}

void
change_encode(struct buf *out, const struct change *change)
{
	buf_put_u8(out, CHANGE_FORMAT);
	encode_name(out, change->zone);
	buf_put_u32(out, (uint32_t)change->count);
	for (size_t i = 0; i < change->count; i++) {
		const struct change_item *item = &change->items[i];
		size_t                    comment_len = item->comment != NULL ? strnlen(item->comment, UINT16_MAX - 1) : 0;

		buf_put_u8(out, (uint8_t)item->op);
		encode_name(out, item->owner);
		buf_put_u16(out, item->type);
		buf_put_u32(out, item->ttl);
		buf_put_u16(out, item->rdlen);
		if (item->rdlen > 0)
			buf_put(out, item->rdata, item->rdlen);
		buf_put_u16(out, item->comment != NULL ? (uint16_t)(comment_len + 1) : 0);      /* 0: none */
		if (comment_len > 0)
			buf_put(out, item->comment, comment_len);
	}
}

static const uint8_t *
decode_name(struct cur *cur)
{
	size_t len = cur->bad ? 0 : name_check(cur->data + cur->pos, cur_left(cur));

	if (len == 0) {
		cur->bad = true;
		return NULL;
	}
	return cur_bytes(cur, len);
}

static bool
needs_rdata(enum change_op op)
{
	return op == CHANGE_ADD || op == CHANGE_DELETE_RR || op == CHANGE_YXVALUE;
}

static bool
decode_item(struct change *change, struct cur *cur, struct err *err)
{
	struct change_item item = { .op = cur_u8(cur) };
	const uint8_t     *comment;
	uint16_t           comment_len;

	item.owner = decode_name(cur);
	item.type = cur_u16(cur);
	item.ttl = cur_u32(cur);
	item.rdlen = cur_u16(cur);
	item.rdata = cur_bytes(cur, item.rdlen);
	comment_len = cur_u16(cur);
	comment = comment_len > 0 ? cur_bytes(cur, comment_len - 1u) : NULL;
	if (cur->bad || (unsigned)item.op >= CHANGE_OPS || item.ttl > TTL_MAX)
		return err_set(err, ERR_SYNTAX, "the encoded change is broken");
	if (needs_rdata(item.op) && !rdata_check(item.type, item.rdata, item.rdlen, err))
		return false;
	if (comment_len > 0)
		item.comment = arena_strndup(change->arena, (const char *)comment, comment_len - 1u);
	change_add_item(change, &item);
	return true;
}

struct change *
change_decode(struct arena *arena, const void *data, size_t len, struct err *err)
{
	struct cur     cur;
	struct change *change;
	const uint8_t *zone;
	uint32_t       count;

	cur_init(&cur, data, len);
	if (cur_u8(&cur) != CHANGE_FORMAT || (zone = decode_name(&cur)) == NULL) {
		err_set(err, ERR_SYNTAX, "the encoded change is of another format");
		return NULL;
	}
	change = change_new(arena, zone);
	count = cur_u32(&cur);
	for (uint32_t i = 0; i < count; i++)
		if (!decode_item(change, &cur, err))
			return NULL;
	if (!cur_end(&cur)) {
		err_set(err, ERR_SYNTAX, "the encoded change has bytes behind its end");
		return NULL;
	}
	return change;
}
