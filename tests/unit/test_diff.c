/* SPDX-License-Identifier: ISC */
/* Differences between two zones: found, counted, printed, turned back into a change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "zone/change.h"
#include "zone/zone.h"
#include "zone/zonefile.h"

#define TOP "$ORIGIN example.org.\n$TTL 60\n@ SOA a b 1 2 3 4 60\n@ NS ns.example.net.\n"
#define TOP2 "$ORIGIN example.org.\n$TTL 60\n@ SOA a b 2 2 3 4 60\n@ NS ns.example.net.\n"

static uint8_t apex[NAME_SIZE];

static int
setup(void **state)
{
	(void)state;
	return name_parse_zone(apex, "example.org", NULL) ? 0 : -1;
}

static struct zone *
zone_from(const char *text)
{
	struct zonefile_opts opts = { .apex = apex };
	struct report        report;
	struct zonefile     *file;
	struct zone         *zone;

	report_init(&report);
	file = zonefile_parse(text, strlen(text), &opts, &report);
	zone = zonefile_zone(file);
	zonefile_free(file);
	report_done(&report);
	return zone;
}

static const struct { const char *a, *b, *want; unsigned added, changed, removed; bool empty; } cases[] = {
	{ TOP, TOP, "", 0, 0, 0, true },
	{ TOP, TOP2, "", 0, 0, 0, true },
	{ TOP, "$ORIGIN example.org.\n$TTL 60\n@ SOA a b 2 9 3 4 60\n@ NS ns.example.net.\n", "~ @ SOA a b 1 2 3 4 60 -> a b 2 9 3 4 60\n", 0, 1, 0, false },
	{ TOP "www A 192.0.2.1\n", TOP2 "www A 192.0.2.80\n", "~ www A 192.0.2.1 -> 192.0.2.80\n", 0, 1, 0, false },
	{ TOP "www 300 A 192.0.2.80\n", TOP "www 3600 A 192.0.2.1\n", "~ www 300 A 192.0.2.80 -> 3600 A 192.0.2.1\n", 0, 1, 0, false },
	{ TOP "old CNAME www\n", TOP "www A 192.0.2.1\n", "- old 60 CNAME www\n+ www 60 A 192.0.2.1\n", 1, 0, 1, false },
	{ TOP "www A 192.0.2.1\n", TOP "www A 192.0.2.2\nwww A 192.0.2.3\n", "- www 60 A 192.0.2.1\n+ www 60 A 192.0.2.2\n+ www 60 A 192.0.2.3\n", 2, 0, 1,
	    false },
	{ TOP "a A 192.0.2.1\nz.a A 192.0.2.1\n", TOP "b A 192.0.2.1\n", "- a 60 A 192.0.2.1\n- z.a 60 A 192.0.2.1\n+ b 60 A 192.0.2.1\n", 1, 0, 2, false },
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *arena = arena_new();
		struct zone  *a = zone_from(cases[i].a), *b = zone_from(cases[i].b), *again;
		struct diff  *diff = diff_zones(arena, a, b), *other;
		struct buf    out = { 0 };
		unsigned      added, changed, removed;

		diff_print(&out, diff);
		assert_string_equal(buf_str(&out), cases[i].want);
		diff_count(diff, &added, &changed, &removed);
		assert_int_equal(added, cases[i].added);
		assert_int_equal(changed, cases[i].changed);
		assert_int_equal(removed, cases[i].removed);
		assert_int_equal(diff_empty(diff), cases[i].empty);
		again = diff_apply(diff, a);
		assert_true(zone_equal(again, b));
		zone_free(again);
		again = change_apply(diff_change(arena, diff), a, true, 0, arena, &other, NULL);
		assert_non_null(again);
		assert_int_equal(zone_rr_count(again), zone_rr_count(b));
		zone_free(again);
		zone_free(a);
		zone_free(b);
		buf_done(&out);
		arena_free(arena);
	}
}

static void
test_from_nothing(void **state)
{
	struct arena *arena = arena_new();
	struct zone  *b = zone_from(TOP "www A 192.0.2.1\n"), *again;
	struct diff  *diff = diff_zones(arena, NULL, b);

	(void)state;
	assert_int_equal(diff->count, 3);
	assert_int_equal(diff->items[0].rr.type, TYPE_SOA);
	assert_int_equal(diff->serial_old, 0);
	assert_int_equal(diff->serial_new, 1);
	again = diff_apply(diff, NULL);
	assert_true(zone_equal(again, b));
	diff = diff_zones(arena, b, NULL);
	assert_false(diff->items[2].add);
	zone_free(again);
	zone_free(b);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases), cmocka_unit_test(test_from_nothing) };

	return cmocka_run_group_tests(tests, setup, NULL);
}
