/* SPDX-License-Identifier: ISC */
/* Every file of tests/zones: CODE.zone fires exactly that check, ok-*.zone none. And what a change makes the checker look at. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "zone/change.h"
#include "zone/check.h"
#include "zone/zone.h"
#include "zone/zonefile.h"

#define ZONES "tests/zones"

static char *
slurp(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *text;
	long  size;

	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	size = ftell(f);
	rewind(f);
	text = calloc(1, (size_t)size + 1);
	assert_int_equal(fread(text, 1, (size_t)size, f), size);
	fclose(f);
	*len = (size_t)size;
	return text;
}

static void
zone_name(uint8_t apex[static NAME_SIZE], const char *text)
{
	char name[256] = "example.org";

	sscanf(text, "; zone: %255[^\r\n]", name);
	assert_true(name_parse_zone(apex, name, NULL));
}

/* Check the file; WANT is the code that all findings must have, "" for none at all. */
static void
check_file(const char *path, const char *want)
{
	struct report        report;
	uint8_t              apex[NAME_SIZE];
	size_t               len;
	char                *text = slurp(path, &len);
	struct zonefile_opts opts = { .apex = apex, .origin = apex };
	struct zonefile     *file;
	struct zone         *zone;

	zone_name(apex, text);
	report_init(&report);
	file = zonefile_parse(text, len, &opts, &report);
	zone = zonefile_zone(file);
	check_zone(zone, &report);
	zonefile_locate(file, &report);
	for (size_t i = 0; i < report.count; i++) {
		const struct finding *f = &report.findings[i];

		if (strcmp(f->code, want) != 0)
			fail_msg("%s: %s in line %u: %s", path, f->code, f->line, f->text);
		assert_non_null(check_find(f->code));
		assert_int_equal(check_find(f->code)->level, f->level);
		assert_true(f->hint[0] != '\0' || strcmp(f->code, "E-SYNTAX") == 0);
		if (strcmp(want, "E-SOA-MISSING") != 0)
			assert_true(f->line > 0);
	}
	if (want[0] != '\0' && report.count == 0)
		fail_msg("%s: %s does not fire", path, want);
	zone_free(zone);
	zonefile_free(file);
	report_done(&report);
	free(text);
}

static void
test_zones(void **state)
{
	glob_t found;

	(void)state;
	assert_int_equal(glob(ZONES "/*.zone", 0, NULL, &found), 0);
	assert_true(found.gl_pathc > 40);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char want[64];

		assert_int_equal(sscanf(found.gl_pathv[i], ZONES "/%63[^.]", want), 1);
		check_file(found.gl_pathv[i], strncmp(want, "ok-", 3) == 0 ? "" : want);
	}
	globfree(&found);
}

/* Each row but the one for a gigabyte has its file. */
static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < check_count(); i++) {
		const struct check *check = check_at(i);
		char                path[128];
		FILE               *f;

		assert_ptr_equal(check_find(check->code), check);
		assert_int_equal(check->code[0], check->level == FINDING_ERROR ? 'E' : 'W');
		if (strcmp(check->code, "E-LIMIT") == 0)
			continue;
		snprintf(path, sizeof path, ZONES "/%s.zone", check->code);
		f = fopen(path, "r");
		if (f == NULL)
			fail_msg("%s is missing", path);
		fclose(f);
	}
	assert_null(check_find("E-NONE"));
	assert_null(check_at(check_count()));
}

#define HEAD "$ORIGIN example.org.\n$TTL 3600\n@ SOA ns1 hostmaster 1 2 3 4 3600\n@ NS ns1\n@ NS ns2\nns1 A 192.0.2.1\nns2 A 192.0.2.2\n"

/* What a change makes the checker say, as "CODE OWNER" joined by commas; faults elsewhere stay unmentioned. */
static const struct { const char *name, *zone, *change, *want; } changes[] = {
	{ "an addition looks at its own name only", HEAD "old MX 10 nowhere\n", "add www 300 A 192.0.2.80", "" },
	{ "the touched name is checked", HEAD, "add www 5 A 192.0.2.80", "W-TTL-LOW www" },
	{ "a name loses its address", HEAD "@ MX 10 mail\nmail A 192.0.2.25\n", "delete mail", "W-TARGET-NOADDR @" },
	{ "another address is left", HEAD "@ MX 10 mail\nmail A 192.0.2.25\nmail A 192.0.2.26\n", "delete mail A 192.0.2.26", "" },
	{ "an address gives way to an alias", HEAD "@ MX 10 mail\nmail A 192.0.2.25\n", "delete mail\nadd mail 300 CNAME ns1", "W-TARGET-CNAME @" },
	{ "glue goes", HEAD "sub NS ns.sub\nns.sub A 192.0.2.53\n", "delete ns.sub", "E-GLUE-MISSING sub" },
	{ "a server of the zone goes", HEAD, "delete ns2", "E-GLUE-MISSING @" },
	{ "a wildcard loses its address", HEAD "x MX 10 mail\n* A 192.0.2.9\n", "delete * A", "W-TARGET-NOADDR x" },
	{ "a new name hides the wildcard", HEAD "x MX 10 mail\n* A 192.0.2.9\n", "add mail 300 TXT hello", "W-TARGET-NOADDR x" },
	{ "a new name between hides it too", HEAD "x MX 10 mail\n* A 192.0.2.9\n", "add a.b.mail 300 TXT hello", "W-TARGET-NOADDR x" },
	{ "a delegation covers what was there", HEAD "www.sub TXT hello\n", "add sub 300 NS ns.example.net.", "W-OCCLUDED www.sub" },
	{ "an address below a delegation that no NS names", HEAD "lab NS ns.example.net.\n", "add wc.lab 300 A 192.0.2.80", "W-OCCLUDED wc.lab" },
	{ "glue of another delegation", HEAD "lab NS ns.lab\nns.lab A 192.0.2.9\nb NS wc.lab\n", "add wc.lab 300 A 192.0.2.80", "" },
	{ "a delegation ends", HEAD "@ MX 10 mail.sub\nsub NS ns.example.net.\n", "delete sub NS", "W-TARGET-NOADDR @" },
	{ "a DS is left alone", HEAD "sub NS ns.example.net.\nsub DS 1 13 2 4F4F4F4F4F4F4F4F4F4F4F4F4F4F4F4F4F4F4F4F4F4F4F4F4F4F4F4F4F4F4F4F\n",
	    "delete sub NS", "E-DS-NO-NS sub" },
	{ "a DNAME above", HEAD "www.old A 192.0.2.80\n", "add old 300 DNAME example.net.", "E-DNAME-CHILD www.old" },
	{ "a record below a DNAME", HEAD "old DNAME example.net.\n", "add www.old 300 A 192.0.2.80", "E-DNAME-CHILD www.old" },
	{ "the apex is looked at when it changes", HEAD, "delete @ NS ns2", "W-NS-ONE @" },
};

static void
say(char *out, size_t size, const struct report *report)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < report->count; i++)
		len += (size_t)snprintf(out + len, size - len, "%s%s %s", i > 0 ? "," : "", report->findings[i].code, report->findings[i].owner);
}

static void
test_changes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		struct arena        *arena = arena_new();
		struct report        report, ignored;
		struct err           err = { 0 };
		uint8_t              apex[NAME_SIZE];
		struct zonefile_opts opts = { .apex = apex };
		struct zonefile     *file;
		struct zone         *base, *zone;
		struct diff         *diff;
		struct change       *change;
		char                 said[512];

		assert_true(name_parse_zone(apex, "example.org", NULL));
		report_init(&report);
		report_init(&ignored);
		file = zonefile_parse(changes[i].zone, strlen(changes[i].zone), &opts, &ignored);
		assert_int_equal(ignored.count, 0);
		base = zonefile_zone(file);
		change = change_parse(arena, apex, changes[i].change, &err);
		if (change == NULL)
			fail_msg("%s: %s", changes[i].name, err.text);
		zone = change_apply(change, base, false, 0, arena, &diff, &err);
		if (zone == NULL)
			fail_msg("%s: %s", changes[i].name, err.text);
		check_change(zone, diff, &report);
		say(said, sizeof said, &report);
		if (strcmp(said, changes[i].want) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", changes[i].name, said, changes[i].want);
		zone_free(base);
		zone_free(zone);
		zonefile_free(file);
		report_done(&report);
		report_done(&ignored);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zones), cmocka_unit_test(test_rows), cmocka_unit_test(test_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
