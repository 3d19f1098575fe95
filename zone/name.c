/* SPDX-License-Identifier: ISC */
/*
 * Domain names in wire form.  Length bytes are at most 63 and so are no letters: case can be folded over a
 * whole name without looking where its labels begin.
 */
#include "zone/name.h"

#include <assert.h>
#include <string.h>

#define LABEL_MAX 63

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

size_t
name_check(const uint8_t *data, size_t len)
{
	size_t pos = 0;

	while (pos < len && pos < NAME_MAX_WIRE) {
		if (data[pos] == 0)
			return pos + 1;
		if (data[pos] > LABEL_MAX)
			return 0;
		pos += data[pos] + 1u;
	}
	return 0;
}

size_t
name_len(const uint8_t *name)
{
	size_t pos = 0;

	while (name[pos] != 0)
		pos += name[pos] + 1u;
	return pos + 1;
}

unsigned
name_labels(const uint8_t *name)
{
	unsigned count = 0;

	for (; *name != 0; name += *name + 1)
		count++;
	return count;
}

void
name_copy(uint8_t out[static NAME_SIZE], const uint8_t *name)
{
	memcpy(out, name, name_len(name));
}

void
name_lower(uint8_t out[static NAME_SIZE], const uint8_t *name)
{
	size_t len = name_len(name);

	for (size_t i = 0; i < len; i++)
		out[i] = lower(name[i]);
}

bool
name_equal(const uint8_t *a, const uint8_t *b)
{
	size_t len = name_len(a);

	if (name_len(b) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

/* Where each label of NAME begins. */
static unsigned
label_starts(uint8_t starts[static NAME_LABELS_MAX], const uint8_t *name)
{
	unsigned count = 0;

	for (size_t pos = 0; name[pos] != 0; pos += name[pos] + 1u)
		starts[count++] = (uint8_t)pos;
	return count;
}

/* RFC 4034 6.1: bytes as numbers, without case; a label that ends first comes first. */
static int
label_compare(const uint8_t *a, const uint8_t *b)
{
	unsigned shorter = a[0] < b[0] ? a[0] : b[0];

	for (unsigned i = 1; i <= shorter; i++)
		if (lower(a[i]) != lower(b[i]))
			return lower(a[i]) - lower(b[i]);
	return a[0] - b[0];
}

int
name_compare(const uint8_t *a, const uint8_t *b)
{
	uint8_t  as[NAME_LABELS_MAX], bs[NAME_LABELS_MAX];
	unsigned ac = label_starts(as, a), bc = label_starts(bs, b);

	while (ac > 0 && bc > 0) {
		int order = label_compare(a + as[--ac], b + bs[--bc]);

		if (order != 0)
			return order;
	}
	return (int)ac - (int)bc;
}

const uint8_t *
name_parent(const uint8_t *name)
{
	return *name == 0 ? name : name + *name + 1;
}

const uint8_t *
name_suffix(const uint8_t *name, unsigned labels)
{
	unsigned have = name_labels(name);

	for (; have > labels; have--)
		name = name_parent(name);
	return name;
}

bool
name_below(const uint8_t *name, const uint8_t *ancestor)
{
	size_t len = name_len(name), want = name_len(ancestor);

	/* The suffix must begin at a label, so step by labels until as many bytes are left. */
	while (len > want) {
		len -= *name + 1u;
		name = name_parent(name);
	}
	return len == want && name_equal(name, ancestor);
}

bool
name_is_wildcard(const uint8_t *name)
{
	return name[0] == 1 && name[1] == '*';
}

/* Eight bytes at a time, letters folded: a letter's bit 5 is set where the byte lies in 'A'..'Z'. */
static uint64_t
lower8(uint64_t v)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t       low = v & (0x7f * ones);
	uint64_t       above_a = low + (0x80 - 'A') * ones;
	uint64_t       above_z = low + (0x80 - 'Z' - 1) * ones;

	return v | (((above_a & ~above_z & ~v & (0x80 * ones)) >> 7) * 0x20);
}

uint32_t
name_hash(const uint8_t *name)
{
	size_t   len = name_len(name);
	uint64_t hash = len * 0x9e3779b97f4a7c15u;

	for (size_t pos = 0; pos < len; pos += 8) {
		uint64_t chunk = 0;

		memcpy(&chunk, name + pos, len - pos < 8 ? len - pos : 8);
		hash = (hash ^ lower8(chunk)) * 0xff51afd7ed558ccdu;
		hash ^= hash >> 32;
	}
	return (uint32_t)(hash ^ hash >> 29);
}

bool
name_join(uint8_t out[static NAME_SIZE], const uint8_t *prefix, const uint8_t *suffix)
{
	size_t front = name_len(prefix) - 1, back = name_len(suffix);

	if (front + back > NAME_MAX_WIRE)
		return false;
	memmove(out + front, suffix, back);
	memmove(out, prefix, front);
	return true;
}
