/* SPDX-License-Identifier: ISC */
/* Images from elsewhere: the good one is taken, and no damaged one is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "zone/image.h"
#include "zone/image_layout.h"
#include "zone/zone.h"

static uint8_t apex[NAME_SIZE];

static void
add(struct zone_builder *builder, const char *owner_text, uint16_t type, const char *text)
{
	uint8_t    owner[NAME_SIZE];
	struct buf rdata = { 0 };
	struct rr  rr = { .owner = owner, .type = type, .ttl = 300 };

	assert_true(name_parse(owner, owner_text, apex, NULL));
	assert_true(rdata_parse(&rdata, type, text, apex, NULL));
	rr.rdata = rdata.data;
	rr.rdlen = (uint16_t)rdata.len;
	zone_builder_add(builder, &rr);
	buf_done(&rdata);
}

static struct zone *
make_zone(void)
{
	struct zone_builder *builder = zone_builder_new(apex);

	add(builder, "@", TYPE_SOA, "ns1 host 7 3600 600 86400 300");
	add(builder, "@", TYPE_NS, "ns1");
	add(builder, "ns1", TYPE_A, "192.0.2.1");
	add(builder, "ns1", TYPE_A, "192.0.2.2");
	add(builder, "a.b", TYPE_TXT, "one two");
	add(builder, "sub", TYPE_NS, "ns.sub");
	add(builder, "ns.sub", TYPE_A, "192.0.2.3");
	return zone_builder_finish(builder);
}

static int
setup(void **state)
{
	if (!name_parse(apex, "example.org.", NULL, NULL))
		return -1;
	*state = make_zone();
	return 0;
}

static int
teardown(void **state)
{
	zone_free(*state);
	return 0;
}

static void
test_good(void **state)
{
	struct err  err = { 0 };
	size_t      size;
	const void *data = image_data(*state, &size);
	struct zone *zone = image_open(data, size, &err);

	assert_non_null(zone);
	assert_true(zone_equal(zone, *state));
	assert_int_equal(zone_serial(zone), 7);
	zone_free(zone);
}

static void
test_short(void **state)
{
	size_t         size;
	const uint8_t *data = image_data(*state, &size);

	for (size_t len = 0; len < size; len++) {
		uint8_t   *copy = malloc(len + (len == 0));
		struct err err = { 0 };

		memcpy(copy, data, len);
		assert_null(image_open(copy, len, &err));
		assert_int_equal(err.code, ERR_SYNTAX);
		free(copy);
	}
}

/* Touch everything that a zone gives out. */
static void
read_all(const struct zone *zone)
{
	struct zone_walk walk = { 0 };
	struct rr        rr;
	struct node      node, found;
	struct buf       text = { 0 };

	while (zone_walk(zone, &walk, &rr))
		rdata_print(&text, rr.type, rr.rdata, rr.rdlen, apex);
	for (uint32_t i = 0; zone_node(zone, i, &node); i++)
		assert_true(zone_find_node(zone, node.name, &found) && found.index == i);
	buf_done(&text);
}

/* Any single byte changed: refused, or (a TTL, an address...) a valid zone of other content. */
static void
test_damaged(void **state)
{
	static const uint8_t flips[] = { 0x01, 0x20, 0x80, 0xff };
	size_t         size;
	const uint8_t *data = image_data(*state, &size);
	uint8_t       *copy = malloc(size);
	unsigned       refused = 0;

	for (size_t i = 0; i < size * sizeof flips; i++) {
		struct zone *zone;

		memcpy(copy, data, size);
		copy[i / sizeof flips] ^= flips[i % sizeof flips];
		zone = image_open(copy, size, NULL);
		refused += zone == NULL;
		if (zone != NULL)
			read_all(zone);
		zone_free(zone);
	}
	assert_true(refused > size * sizeof flips / 2);
	free(copy);
}

/* Several bytes changed at random. */
static void
test_hostile(void **state)
{
	size_t         size;
	const uint8_t *data = image_data(*state, &size);
	uint8_t       *copy = malloc(size);
	uint64_t       seed = 1;

	for (unsigned round = 0; round < 20000; round++) {
		struct zone *zone;

		memcpy(copy, data, size);
		for (unsigned i = 0; i <= round % 4; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			copy[(seed >> 33) % size] = (uint8_t)(seed >> 20);
		}
		zone = image_open(copy, size, NULL);
		if (zone != NULL)
			read_all(zone);
		zone_free(zone);
	}
	free(copy);
}

/* What a single flipped byte does not show: an image that is sound but not what the writer makes. */
static void
test_forged(void **state)
{
	size_t                 size;
	const uint8_t         *data = image_data(*state, &size);
	uint8_t               *copy = malloc(size);
	struct image_header   *head = (void *)copy;
	struct image_node     *nodes = (void *)(copy + sizeof *head);

	memcpy(copy, data, size);
	nodes[1].flags ^= NODE_OCCLUDED;
	assert_null(image_open(copy, size, NULL));
	memcpy(copy, data, size);
	head->unindexed = 1;
	assert_null(image_open(copy, size, NULL));
	memcpy(copy, data, size);
	nodes[2].name = nodes[1].name;
	assert_null(image_open(copy, size, NULL));
	memcpy(copy, data, size);
	memset(copy + sizeof *head + head->nodes * sizeof *nodes + head->rrsets * sizeof(struct image_rrset), 0, head->slots * sizeof(uint32_t));
	assert_null(image_open(copy, size, NULL));
	free(copy);
}

/* Names that all hash to one slot: each is found, if not through the index. */
static void
test_collisions(void **state)
{
	enum { WANT = 3 * IMAGE_PROBE_MAX };
	struct zone_builder *builder = zone_builder_new(apex);
	struct rr            rr = { .type = TYPE_A, .rdlen = 4, .rdata = (const uint8_t *)"\300\0\2\1" };
	uint8_t              names[WANT][NAME_SIZE];
	char                 text[32];
	struct zone         *zone, *opened;
	struct node          node;
	size_t               size, count = 0;

	(void)state;
	for (uint32_t i = 0; count < WANT; i++) {
		snprintf(text, sizeof text, "h%u", i);
		assert_true(name_parse(names[count], text, apex, NULL));
		if ((name_hash(names[count]) & 1023) != 77)
			continue;
		rr.owner = names[count++];
		zone_builder_add(builder, &rr);
	}
	zone = zone_builder_finish(builder);
	assert_true(zone->head->unindexed > 0);
	for (size_t i = 0; i < WANT; i++)
		assert_true(zone_find_node(zone, names[i], &node) && name_equal(node.name, names[i]));
	assert_true(name_parse(names[0], "nothing", apex, NULL));
	assert_false(zone_find_node(zone, names[0], &node));
	opened = image_open(image_data(zone, &size), zone->size, NULL);
	assert_non_null(opened);
	zone_free(opened);
	zone_free(zone);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good), cmocka_unit_test(test_short), cmocka_unit_test(test_damaged), cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_forged), cmocka_unit_test(test_collisions),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
