/* SPDX-License-Identifier: ISC */
/* Building a zone and finding things in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "zone/zone.h"

static uint8_t apex[NAME_SIZE];

static const struct { const char *owner; uint32_t ttl; uint16_t type; const char *rdata; } records[] = {
	{ "www",          300, TYPE_A,     "192.0.2.2" },
	{ "WWW",          60,  TYPE_A,     "192.0.2.1" },
	{ "www",          300, TYPE_A,     "192.0.2.2" },
	{ "@",            300, TYPE_SOA,   "ns1 host 7 3600 600 86400 300" },
	{ "@",            300, TYPE_NS,    "ns1" },
	{ "@",            300, TYPE_NS,    "NS1" },
	{ "ns1",          300, TYPE_A,     "192.0.2.53" },
	{ "a.b.c",        300, TYPE_TXT,   "\"deep\"" },
	{ "*.wild",       300, TYPE_TXT,   "\"star\"" },
	{ "sub",          300, TYPE_NS,    "ns.sub" },
	{ "ns.sub",       300, TYPE_A,     "192.0.2.54" },
	{ "x.y.sub",      300, TYPE_A,     "192.0.2.55" },
	{ "x.y.sub",      300, TYPE_NS,    "far.example.net." },
	{ "d",            300, TYPE_DNAME, "example.net." },
	{ "below.d",      300, TYPE_A,     "192.0.2.56" },
	{ "z\\000z",      300, TYPE_A,     "192.0.2.57" },
	{ "z",            300, TYPE_A,     "192.0.2.58" },
	{ "z\\001",       300, TYPE_A,     "192.0.2.59" },
};

static void
parse_owner(uint8_t out[static NAME_SIZE], const char *text)
{
	assert_true(name_parse(out, text, apex, NULL));
}

static void
add(struct zone_builder *builder, const char *owner_text, uint32_t ttl, uint16_t type, const char *text)
{
	uint8_t    owner[NAME_SIZE];
	struct buf rdata = { 0 };
	struct rr  rr = { .owner = owner, .type = type, .ttl = ttl };

	parse_owner(owner, owner_text);
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

	for (size_t i = 0; i < sizeof records / sizeof records[0]; i++)
		add(builder, records[i].owner, records[i].ttl, records[i].type, records[i].rdata);
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

/* All nodes in canonical order with their flags. */
static const struct { const char *owner; uint16_t flags; uint32_t rrsets; } nodes[] = {
	{ "@",       0, 2 },
	{ "c",       NODE_EMPTY, 0 },
	{ "b.c",     NODE_EMPTY, 0 },
	{ "a.b.c",   0, 1 },
	{ "d",       NODE_DNAME, 1 },
	{ "below.d", NODE_OCCLUDED, 1 },
	{ "ns1",     0, 1 },
	{ "sub",     NODE_DELEGATION, 1 },
	{ "ns.sub",  NODE_OCCLUDED, 1 },
	{ "y.sub",   NODE_OCCLUDED | NODE_EMPTY, 0 },
	{ "x.y.sub", NODE_OCCLUDED | NODE_DELEGATION, 2 },
	{ "wild",    NODE_EMPTY | NODE_HAS_WILDCARD, 0 },
	{ "*.wild",  NODE_WILDCARD, 1 },
	{ "www",     0, 1 },
	{ "z",       0, 1 },
	{ "z\\000z", 0, 1 },
	{ "z\\001",  0, 1 },
};
#define NODES (sizeof nodes / sizeof nodes[0])

static void
test_nodes(void **state)
{
	const struct zone *zone = *state;
	struct node        node, found;
	char               text[NAME_TEXT_MAX];

	assert_int_equal(zone_node_count(zone), NODES);
	for (uint32_t i = 0; i < NODES; i++) {
		assert_true(zone_node(zone, i, &node));
		name_print_rel(text, node.name, apex);
		assert_string_equal(text, nodes[i].owner);
		assert_int_equal(node.flags, nodes[i].flags);
		assert_int_equal(node.rrset_count, nodes[i].rrsets);
		assert_int_equal(node.index, i);
		assert_true(zone_find_node(zone, node.name, &found));
		assert_int_equal(found.index, i);
	}
	assert_false(zone_node(zone, NODES, &node));
	assert_int_equal(zone_rr_count(zone), 16);
	assert_int_equal(zone_rrset_count(zone), 15);
	assert_int_equal(zone_serial(zone), 7);
	assert_true(name_equal(zone_apex(zone), apex));
}

static void
test_find(void **state)
{
	const struct zone *zone = *state;
	uint8_t            owner[NAME_SIZE];
	struct rrset       set;
	const uint8_t     *rdata;
	uint16_t           rdlen;
	uint32_t           at = 0;

	parse_owner(owner, "wWw");
	assert_true(zone_find(zone, owner, TYPE_A, &set));
	assert_int_equal(set.count, 2);
	assert_int_equal(set.ttl, 60);
	assert_true(rrset_next(&set, &at, &rdata, &rdlen) && rdlen == 4 && rdata[3] == 1);
	assert_true(rrset_has(&set, rdata, 4));
	assert_true(rrset_next(&set, &at, &rdata, &rdlen) && rdlen == 4 && rdata[3] == 2);
	assert_false(rrset_next(&set, &at, &rdata, &rdlen));
	assert_false(rrset_has(&set, (const uint8_t *)"\1\2\3\4", 4));
	assert_false(zone_find(zone, owner, TYPE_TXT, &set));
	parse_owner(owner, "none");
	assert_false(zone_find(zone, owner, TYPE_A, &set));
	parse_owner(owner, "@");
	assert_true(zone_find(zone, owner, TYPE_NS, &set));
	assert_int_equal(set.count, 1);
}

/* For an owner: its closest encloser, and the cut above it ("" when none). */
static const struct { const char *owner, *closest, *cut; } places[] = {
	{ "@", "@", "" }, { "none", "@", "" }, { "q.b.c", "b.c", "" }, { "a.b.c", "a.b.c", "" }, { "1.2.3.WWW", "www", "" },
	{ "sub", "sub", "sub" }, { "ns.sub", "ns.sub", "sub" }, { "q.sub", "sub", "sub" }, { "q.y.sub", "y.sub", "sub" },
	{ "q.x.y.sub", "x.y.sub", "sub" }, { "d", "d", "d" }, { "q.d", "d", "d" }, { "q.below.d", "below.d", "d" }, { "q.wild", "wild", "" },
};

static void
test_places(void **state)
{
	const struct zone *zone = *state;
	struct node        node;
	uint8_t            owner[NAME_SIZE];
	char               text[NAME_TEXT_MAX];

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		parse_owner(owner, places[i].owner);
		zone_closest(zone, owner, &node);
		name_print_rel(text, node.name, apex);
		assert_string_equal(text, places[i].closest);
		if (zone_find_cut(zone, owner, &node))
			name_print_rel(text, node.name, apex);
		else
			text[0] = '\0';
		assert_string_equal(text, places[i].cut);
	}
}

static void
test_walk(void **state)
{
	const struct zone   *zone = *state;
	struct zone_walk     walk = { 0 };
	struct zone_builder *builder = zone_builder_new(apex);
	struct zone         *copy;
	struct rr            rr;
	uint32_t             count = 0;

	for (; zone_walk(zone, &walk, &rr); count++)
		zone_builder_add(builder, &rr);
	assert_int_equal(count, zone_rr_count(zone));
	copy = zone_builder_finish(builder);
	assert_true(zone_equal(zone, copy));
	zone_free(copy);
}

static void
test_serial(void **state)
{
	const struct zone *zone = *state;
	struct zone       *other = zone_with_serial(zone, 4000000000u), *back = zone_with_serial(other, 7);

	assert_int_equal(zone_serial(other), 4000000000u);
	assert_int_equal(zone_serial(zone), 7);
	assert_false(zone_equal(zone, other));
	assert_true(zone_equal(zone, back));
	zone_free(other);
	zone_free(back);
}

static void
test_equal(void **state)
{
	static const struct { uint32_t ttl; const char *target; bool equal; } cases[] = {
		{ 60, "host.EXAMPLE.net.", true }, { 61, "host.example.net.", false }, { 60, "hosu.example.net.", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct zone_builder *a = zone_builder_new(apex), *b = zone_builder_new(apex);
		struct zone         *x, *y;

		add(a, "c", 60, TYPE_CNAME, "host.example.net.");
		add(b, "c", cases[i].ttl, TYPE_CNAME, cases[i].target);
		x = zone_builder_finish(a);
		y = zone_builder_finish(b);
		assert_int_equal(zone_equal(x, y), cases[i].equal);
		zone_free(x);
		zone_free(y);
	}
}

static void
test_empty(void **state)
{
	struct zone *zone = zone_builder_finish(zone_builder_new(apex));
	struct node  node;

	(void)state;
	assert_int_equal(zone_node_count(zone), 1);
	assert_int_equal(zone_serial(zone), 0);
	assert_true(zone_node(zone, 0, &node));
	assert_int_equal(node.flags, NODE_EMPTY);
	zone_closest(zone, apex, &node);
	assert_int_equal(node.index, 0);
	zone_free(zone);
	zone_builder_free(zone_builder_new(apex));
}

/* The root as the apex, and one name of each depth. */
static void
test_root(void **state)
{
	static const uint8_t root[1] = { 0 };
	struct zone_builder *builder = zone_builder_new(root);
	struct rr            rr = { .type = TYPE_A, .rdlen = 4, .rdata = (const uint8_t *)"\300\0\2\1" };
	uint8_t              owner[NAME_SIZE] = { 0 };
	struct zone         *zone;
	struct node          node;

	(void)state;
	for (int i = 0; i < 127; i++)
		assert_true(name_join(owner, (const uint8_t *)"\1x", owner));
	rr.owner = owner;
	zone_builder_add(builder, &rr);
	zone = zone_builder_finish(builder);
	assert_int_equal(zone_node_count(zone), 128);
	for (const uint8_t *at = owner;; at = name_parent(at)) {
		assert_true(zone_find_node(zone, at, &node));
		assert_int_equal(node.flags, at == owner ? 0 : NODE_EMPTY);
		if (*at == 0)
			break;
	}
	zone_free(zone);
}

/* An RRset with more records than can be counted keeps what fits. */
static void
test_huge_rrset(void **state)
{
	struct zone_builder *builder = zone_builder_new(apex);
	uint8_t              address[4];
	struct rr            rr = { .owner = apex, .type = TYPE_A, .rdlen = 4, .rdata = address };
	struct zone         *zone;
	struct rrset         set;

	(void)state;
	for (uint32_t i = 0; i < 70000; i++) {
		uint32_t mixed = i * 2654435761u;

		memcpy(address, &mixed, 4);
		zone_builder_add(builder, &rr);
	}
	zone = zone_builder_finish(builder);
	assert_true(zone_find(zone, apex, TYPE_A, &set));
	assert_int_equal(set.count, RRSET_MAX);
	zone_free(zone);
}

/* Many names in random order: each is found, none else, and the order is canonical. */
static void
test_many(void **state)
{
	enum { COUNT = 20000 };
	struct zone_builder *builder = zone_builder_new(apex);
	struct rr            rr = { .type = TYPE_A, .rdlen = 4, .rdata = (const uint8_t *)"\300\0\2\1" };
	uint8_t              owner[NAME_SIZE];
	struct zone         *zone;
	struct node          node, next;
	char                 text[64];

	(void)state;
	for (uint32_t i = 0; i < COUNT; i++) {
		snprintf(text, sizeof text, "h%u.p%u", i * 2654435761u % COUNT, i % 7);
		parse_owner(owner, text);
		rr.owner = owner;
		zone_builder_add(builder, &rr);
	}
	zone = zone_builder_finish(builder);
	for (uint32_t i = 0; i < COUNT; i++) {
		snprintf(text, sizeof text, "H%u.p%u", i * 2654435761u % COUNT, i % 7);
		parse_owner(owner, text);
		assert_true(zone_find_node(zone, owner, &node));
		snprintf(text, sizeof text, "g%u.p%u", i, i % 7);
		parse_owner(owner, text);
		assert_false(zone_find_node(zone, owner, &node));
	}
	assert_true(zone_node(zone, 0, &node));
	for (; zone_node(zone, node.index + 1, &next); node = next)
		assert_true(name_compare(node.name, next.name) < 0);
	zone_free(zone);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nodes), cmocka_unit_test(test_find), cmocka_unit_test(test_places), cmocka_unit_test(test_walk),
		cmocka_unit_test(test_serial), cmocka_unit_test(test_equal), cmocka_unit_test(test_empty), cmocka_unit_test(test_root),
		cmocka_unit_test(test_huge_rrset), cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
