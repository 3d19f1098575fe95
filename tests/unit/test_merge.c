/* SPDX-License-Identifier: ISC */
/*
 * Merging zones and changes: tables, and properties on random zones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/merge.h"
#include "zone/zonefile.h"

static uint8_t apex[NAME_SIZE];

static struct zone *
read_zone(uint32_t serial, const char *records)
{
	struct zonefile_opts opts = { .apex = apex, .origin = apex };
	struct buf           text = { 0 };
	struct report        report;
	struct zonefile     *file;
	struct zone         *zone;

	buf_putf(&text, "@ 300 SOA ns h %u 2 3 4 5\n@ 300 NS ns\n%s", serial, records);
	report_init(&report);
	file = zonefile_parse(buf_str(&text), text.len, &opts, &report);
	assert_int_equal(report.errors, 0);
	zone = zonefile_zone(file);
	zonefile_free(file);
	report_done(&report);
	buf_done(&text);
	return zone;
}

static bool
pick_theirs(void *arg, const uint8_t *owner, uint16_t type)
{
	(void)arg, (void)owner, (void)type;
	return true;
}

static const struct { const char *base, *ours, *theirs, *kept, *taken; unsigned conflicts; } cases[] = {
	{ "a 1 A 1.1.1.1\n", "a 1 A 1.1.1.1\n", "a 1 A 2.2.2.2\n", "a 1 A 2.2.2.2\n", NULL, 0 },
	{ "a 1 A 1.1.1.1\n", "a 1 A 2.2.2.2\n", "a 1 A 1.1.1.1\n", "a 1 A 2.2.2.2\n", NULL, 0 },
	{ "a 1 A 1.1.1.1\n", "a 1 A 2.2.2.2\n", "a 1 A 2.2.2.2\n", "a 1 A 2.2.2.2\n", NULL, 0 },
	{ "a 1 A 1.1.1.1\n", "a 1 A 2.2.2.2\n", "a 1 A 3.3.3.3\n", "a 1 A 2.2.2.2\n", "a 1 A 3.3.3.3\n", 1 },
	{ "a 1 A 1.1.1.1\n", "a 1 A 1.1.1.1\nb 1 A 2.2.2.2\n", "a 1 A 1.1.1.1\na 1 TXT x\n", "a 1 A 1.1.1.1\na 1 TXT x\nb 1 A 2.2.2.2\n", NULL, 0 },
	{ "a 1 A 1.1.1.1\n", "", "a 1 A 1.1.1.1\n", "", NULL, 0 },
	{ "a 1 A 1.1.1.1\n", "a 1 A 1.1.1.1\n", "", "", NULL, 0 },
	{ "a 1 A 1.1.1.1\n", "", "a 1 A 2.2.2.2\n", "", "a 1 A 2.2.2.2\n", 1 },
	{ "a 1 A 1.1.1.1\n", "a 1 A 2.2.2.2\n", "", "a 1 A 2.2.2.2\n", "", 1 },
	{ "", "a 1 A 2.2.2.2\n", "a 1 A 3.3.3.3\n", "a 1 A 2.2.2.2\n", "a 1 A 3.3.3.3\n", 1 },
	{ "a 1 A 1.1.1.1\n", "a 9 A 1.1.1.1\n", "a 1 A 1.1.1.1\n", "a 9 A 1.1.1.1\n", NULL, 0 },
	{ "a 1 A 1.1.1.1\n", "a 9 A 1.1.1.1\n", "a 8 A 1.1.1.1\n", "a 9 A 1.1.1.1\n", "a 8 A 1.1.1.1\n", 1 },
};

static void
merges_by_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (int take = 0; take < 2; take++) {
			struct merge_conflicts conflicts = { .arena = arena_new() };
			struct zone *base = read_zone(1, cases[i].base), *ours = read_zone(5, cases[i].ours), *theirs = read_zone(7, cases[i].theirs);
			struct zone *want = read_zone(7, take && cases[i].taken != NULL ? cases[i].taken : cases[i].kept);
			struct zone *merged = merge_zones(base, ours, theirs, take ? pick_theirs : NULL, NULL, &conflicts);

			assert_int_equal(conflicts.count, cases[i].conflicts);
			if (!zone_equal(merged, want))
				fail_msg("case %zu", i);
			zone_free(base);
			zone_free(ours);
			zone_free(theirs);
			zone_free(want);
			zone_free(merged);
			arena_free(conflicts.arena);
		}
}

static const struct { const char *base, *ours, *change, *want; unsigned conflicts; } changes[] = {
	{ "a 1 A 1.1.1.1\n", "a 1 A 1.1.1.1\nb 1 A 2.2.2.2\n", "delete a A\nadd a 1 A 3.3.3.3", "a 1 A 3.3.3.3\nb 1 A 2.2.2.2\n", 0 },
	{ "a 1 A 1.1.1.1\n", "a 1 A 2.2.2.2\n", "delete a A\nadd a 1 A 3.3.3.3", NULL, 1 },
	{ "a 1 A 1.1.1.1\n", "a 1 A 3.3.3.3\n", "delete a A\nadd a 1 A 3.3.3.3", "a 1 A 3.3.3.3\n", 0 },
	/* what came to the name since is not deleted with it */
	{ "a 1 A 1.1.1.1\n", "a 1 A 1.1.1.1\na 1 TXT new\n", "delete a", "a 1 TXT new\n", 0 },
	{ "a 1 A 1.1.1.1\n", "a 1 A 9.9.9.9\n", "delete a", NULL, 1 },
	/* the same value added by both */
	{ "", "a 1 A 1.1.1.1\n", "add a 1 A 1.1.1.1", "a 1 A 1.1.1.1\n", 0 },
};

static void
changes_by_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct arena          *arena = arena_new();
		struct merge_conflicts conflicts = { .arena = arena };
		struct zone           *base = read_zone(1, changes[i].base), *ours = read_zone(5, changes[i].ours), *want, *got;
		struct change         *change = change_parse(arena, apex, changes[i].change, NULL);
		struct diff           *diff;
		struct err             err = { 0 };

		change = merge_change(base, ours, change, arena, &conflicts);
		assert_int_equal(conflicts.count, changes[i].conflicts);
		got = change_apply(change, ours, true, 0, arena, &diff, &err);
		if (changes[i].want != NULL) {
			assert_non_null(got);
			want = read_zone(zone_serial(got), changes[i].want);
			if (!zone_equal(got, want))
				fail_msg("case %zu", i);
			zone_free(want);
		}
		zone_free(got);
		zone_free(base);
		zone_free(ours);
		arena_free(arena);
	}
}

/* A zone of some of few RRsets, so that both sides often touch the same. */
static struct zone *
random_zone(unsigned *seed, uint32_t serial)
{
	struct buf   text = { 0 };
	struct zone *zone;

	for (unsigned owner = 0; owner < 6; owner++)
		for (unsigned value = rand_r(seed) % 3; value > 0; value--)
			buf_putf(&text, "n%u %u A 192.0.2.%u\n", owner, 60, rand_r(seed) % 4);
	zone = read_zone(serial, buf_str(&text));
	buf_done(&text);
	return zone;
}

/* Nobody's change is lost, and the side that is called ours does not matter but for conflicts. */
static void
random_merges(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (unsigned i = 0; i < 500; i++) {
		struct arena          *arena = arena_new();
		struct merge_conflicts ab = { .arena = arena }, ba = { .arena = arena }, none = { .arena = arena };
		struct zone           *base = random_zone(&seed, 1), *a = random_zone(&seed, 2), *b = random_zone(&seed, 3);
		struct zone           *a_first = merge_zones(base, a, b, NULL, NULL, &ab), *b_first = merge_zones(base, b, a, pick_theirs, NULL, &ba);
		struct zone           *again = merge_zones(a, a_first, a, NULL, NULL, &none);

		assert_int_equal(ab.count, ba.count);
		assert_true(zone_equal(a_first, b_first));
		assert_true(zone_equal(again, a_first));
		assert_int_equal(none.count, 0);
		for (struct diff *diff = diff_zones(arena, base, b); diff->count > 0; diff->count--) {
			const struct diff_item *item = &diff->items[diff->count - 1];
			struct rrset            set;
			bool                    conflict = item->rr.type == TYPE_SOA;

			for (size_t k = 0; k < ab.count; k++)
				conflict = conflict || name_equal(ab.items[k].owner, item->rr.owner);
			if (!conflict)
				assert_int_equal(zone_find(a_first, item->rr.owner, item->rr.type, &set) &&
				    rrset_has(&set, item->rr.rdata, item->rr.rdlen), item->add);
		}
		zone_free(base);
		zone_free(a);
		zone_free(b);
		zone_free(a_first);
		zone_free(b_first);
		zone_free(again);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merges_by_table),
		cmocka_unit_test(changes_by_table),
		cmocka_unit_test(random_merges),
	};

	name_parse(apex, "example.org", NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
