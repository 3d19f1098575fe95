/* SPDX-License-Identifier: ISC */
/*
 * Walking rdata in wire form by its layout: structure, order, names.
 */
#include "zone/rdata.h"

#include <string.h>

#include "zone/name.h"
#include "zone/rr.h"

static size_t
measure_string(const uint8_t *data, size_t left)
{
	return left > data[0] ? data[0] + 1u : 0;
}

static size_t
measure_hash(const uint8_t *data, size_t left)
{
	return data[0] == 0 ? 0 : measure_string(data, left);
}

static size_t
measure_strings(const uint8_t *data, size_t left)
{
	size_t pos = 0, len;

	for (; pos < left; pos += len)
		if ((len = measure_string(data + pos, left - pos)) == 0)
			return 0;
	return pos;
}

/* RFC 8659 4.1: a tag is one or more ASCII letters and digits. */
static size_t
measure_tag(const uint8_t *data, size_t left)
{
	size_t len = measure_string(data, left);

	for (size_t i = 1; i < len; i++)
		if (!((data[i] >= '0' && data[i] <= '9') || ((data[i] | 0x20) >= 'a' && (data[i] | 0x20) <= 'z')))
			return 0;
	return len > 1 ? len : 0;
}

static size_t
measure_rest(const uint8_t *data, size_t left)
{
	(void)data;
	return left;
}

/* The size of an item: fixed, or found out from its LEFT (> 0) bytes; 0: it does not fit. */
static const struct {
	char   kind;
	size_t size;
	size_t (*measure)(const uint8_t *data, size_t left);
} kinds[] = {
	{ 'a', 4, NULL }, { 'n', 0, name_check }, { '2', 2, NULL }, { 'q', 16, NULL }, { 'S', 0, measure_strings },
	{ 't', 4, NULL }, { '4', 4, NULL }, { '1', 1, NULL }, { 'k', 1, NULL }, { 'h', 0, measure_rest }, { 'b', 0, measure_rest },
	{ 'y', 2, NULL }, { 'd', 4, NULL }, { 'N', 0, name_check }, { '*', 0, measure_rest }, { 'u', 1, NULL }, { 'e', 1, NULL },
	{ 'm', 1, NULL }, { 'g', 0, measure_tag }, { 'V', 0, measure_rest }, { 's', 0, measure_string }, { 'c', 2, NULL }, { 'L', 16, NULL },
	{ 'p', 0, rdata_svcb_measure }, { 'B', 0, rdata_bitmap_measure }, { 'o', 0, measure_string }, { 'i', 0, measure_hash },
	{ 'P', 0, rdata_apl_measure },
};

/* An item that may be empty, because it is all that is left. */
static bool
may_be_empty(char kind)
{
	return strchr("VpBP*", kind) != NULL;
}

static size_t
item_size(char kind, const uint8_t *data, size_t left)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (kinds[i].kind != kind)
			continue;
		if (left == 0)
			return 0;
		return kinds[i].measure != NULL ? kinds[i].measure(data, left) : kinds[i].size <= left ? kinds[i].size : 0;
	}
	return 0;
}

void
rdata_iter_init(struct rdata_iter *iter, uint16_t type, const uint8_t *rdata, size_t len)
{
	const struct rr_type *row = rr_type_find(type);

	iter->layout = row != NULL && row->layout != NULL ? row->layout : "*";
	iter->rdata = rdata;
	iter->len = len;
	iter->pos = 0;
	iter->bad = false;
}

bool
rdata_iter_next(struct rdata_iter *iter, struct rdata_item *out)
{
	size_t left = iter->len - iter->pos;

	if (iter->bad)
		return false;
	if (*iter->layout == '\0') {
		iter->bad = left != 0;
		return false;
	}
	out->kind = *iter->layout;
	out->data = iter->rdata + iter->pos;
	out->len = item_size(out->kind, out->data, left);
	if (out->len == 0 && !(left == 0 && may_be_empty(out->kind))) {
		iter->bad = true;
		return false;
	}
	iter->layout++;
	iter->pos += out->len;
	return true;
}

bool
rdata_fits(uint16_t type, const uint8_t *rdata, size_t len)
{
	struct rdata_iter iter;
	struct rdata_item item;

	rdata_iter_init(&iter, type, rdata, len);
	while (rdata_iter_next(&iter, &item))
		continue;
	return !iter.bad;
}

bool
rdata_check(uint16_t type, const uint8_t *rdata, size_t rdlen, struct err *err)
{
	char                  name[16];
	const struct rr_type *row = rr_type_find(type);
	bool                  ok = rdlen <= RDATA_MAX && rdata_fits(type, rdata, rdlen);

	if (ok && row != NULL && row->layout != NULL && strchr(row->layout, '*') != NULL)
		ok = rdata_ldns_check(type, rdata, rdlen);
	if (!ok)
		return err_set(err, ERR_SYNTAX, "the data of %zu bytes is not well-formed for type %s", rdlen, rr_type_print(name, type));
	return true;
}

static int
bytes_compare(const uint8_t *a, size_t alen, const uint8_t *b, size_t blen, bool fold)
{
	size_t shorter = alen < blen ? alen : blen;

	for (size_t i = 0; fold && i < shorter; i++) {
		uint8_t x = a[i], y = b[i];

		x = x >= 'A' && x <= 'Z' ? (uint8_t)(x + 32) : x;
		y = y >= 'A' && y <= 'Z' ? (uint8_t)(y + 32) : y;
		if (x != y)
			return x - y;
	}
	if (!fold && shorter > 0) {
		int order = memcmp(a, b, shorter);

		if (order != 0)
			return order;
	}
	return alen < blen ? -1 : alen > blen;
}

/*
 * The canonical forms as strings of bytes.  As long as all before was equal, the items of both stand at the same place and begin with
 * the same length byte, if they have one; so comparing item by item gives the order of the whole.
 */
int
rdata_compare(uint16_t type, const uint8_t *a, size_t alen, const uint8_t *b, size_t blen)
{
	struct rdata_iter ai, bi;
	struct rdata_item x, y;

	rdata_iter_init(&ai, type, a, alen);
	rdata_iter_init(&bi, type, b, blen);
	if (strchr(ai.layout, 'n') == NULL)
		return bytes_compare(a, alen, b, blen, false);
	while (rdata_iter_next(&ai, &x) && rdata_iter_next(&bi, &y)) {
		int order = bytes_compare(x.data, x.len, y.data, y.len, x.kind == 'n');

		if (order != 0)
			return order;
	}
	/* Of malformed rdata, the rest that no item covers. */
	size_t same = ai.pos < bi.pos ? ai.pos : bi.pos;

	return bytes_compare(a + same, alen - same, b + same, blen - same, false);
}

bool
rdata_equal(uint16_t type, const uint8_t *a, size_t alen, const uint8_t *b, size_t blen)
{
	return alen == blen && rdata_compare(type, a, alen, b, blen) == 0;
}

static bool
is_name(const struct rdata_item *item)
{
	return item->kind == 'n' || item->kind == 'N';
}

void
rdata_names(uint16_t type, const uint8_t *rdata, size_t rdlen, void (*fn)(void *arg, const uint8_t *name, size_t offset), void *arg)
{
	struct rdata_iter iter;
	struct rdata_item item;

	rdata_iter_init(&iter, type, rdata, rdlen);
	while (rdata_iter_next(&iter, &item))
		if (is_name(&item))
			fn(arg, item.data, (size_t)(item.data - rdata));
}

const uint8_t *
rdata_target(uint16_t type, const uint8_t *rdata, size_t rdlen)
{
	const struct rr_type *row = rr_type_find(type);
	struct rdata_iter     iter;
	struct rdata_item     item;

	if (row == NULL || !(row->flags & RR_ADDITIONAL))
		return NULL;
	rdata_iter_init(&iter, type, rdata, rdlen);
	while (rdata_iter_next(&iter, &item))
		if (is_name(&item))
			return item.data;
	return NULL;
}

/* Where the five numbers of an SOA stand, its last 20 bytes; NULL when there are not as many. */
static const uint8_t *
soa_numbers(const uint8_t *rdata, size_t rdlen)
{
	return rdlen >= 22 ? rdata + rdlen - 20 : NULL;
}

static uint32_t
get_u32(const uint8_t *at)
{
	return at == NULL ? 0 : (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

uint32_t
rdata_soa_serial(const uint8_t *rdata, size_t rdlen)
{
	return get_u32(soa_numbers(rdata, rdlen));
}

uint32_t
rdata_soa_minimum(const uint8_t *rdata, size_t rdlen)
{
	const uint8_t *numbers = soa_numbers(rdata, rdlen);

	return get_u32(numbers == NULL ? NULL : numbers + 16);
}

void
rdata_soa_set_serial(uint8_t *rdata, size_t rdlen, uint32_t serial)
{
	if (soa_numbers(rdata, rdlen) == NULL)
		return;
	for (size_t i = 0; i < 4; i++)
		rdata[rdlen - 20 + i] = (uint8_t)(serial >> (24 - 8 * i));
}
