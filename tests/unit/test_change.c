/* SPDX-License-Identifier: ISC */
/* Changes: text, the compact form, and what applying them does (RFC 2136 3.2, 3.4). Differences are tested in test_diff.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "zone/change.h"
#include "zone/zone.h"
#include "zone/zonefile.h"

#define BASE "$ORIGIN example.org.\n@ 60 SOA ns1 hostmaster 5 2 3 4 60\n@ 60 NS ns1\n@ 60 NS ns2\nns1 60 A 192.0.2.1\n" \
	"www 60 A 192.0.2.80\nwww 60 A 192.0.2.81\nwww 60 TXT \"hi\"\nalias 60 CNAME www\nx.y 60 A 192.0.2.9\n@ 60 MX 10 ns1\n*.w 60 A 192.0.2.7\n"

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
	assert_int_equal(report.count, 0);
	zone = zonefile_zone(file);
	zonefile_free(file);
	report_done(&report);
	return zone;
}

/* ---- text ---- */

/* Script, and what change_print makes of it; or the error "LINE CODE" and a part of its sentence. */
static const struct { const char *script, *want, *says; } texts[] = {
	{ "", "", NULL },
	{ "; nothing\n\n  # at all\nsend\n", "", NULL },
	{ "add www 300 A 192.0.2.1", "add www 300 A 192.0.2.1\n", NULL },
	{ "update add www.example.org. 5m IN a 192.0.2.1\r\nupdate delete www", "add www 300 A 192.0.2.1\ndelete www\n", NULL },
	{ "zone example.org\nupdate delete www.example.org 0 A\nsend", "delete www A\n", NULL },
	{ "del www A 192.0.2.1", "delete www A 192.0.2.1\n", NULL },
	{ "add @ 60 MX 10 mail.example.org.", "add @ 60 MX 10 mail.example.org.\n", NULL },
	{ "add @ 60 TXT \"a b\" \"c\"", "add @ 60 TXT \"a b\" \"c\"\n", NULL },
	{ "add @ 60 TXT v=spf1 -all", "add @ 60 TXT \"v=spf1 -all\"\n", NULL },
	{ "add @ 60 TXT v=DKIM1; p=x", "add @ 60 TXT \"v=DKIM1; p=x\"\n", NULL },
	{ "add www.example.org.example.org. 60 A 192.0.2.1", "add www.example.org.example.org. 60 A 192.0.2.1\n", NULL },
	{ "prereq yxdomain a\nprereq nxdomain b\nprereq yxrrset c A\nprereq nxrrset d A\nprereq yxrrset e A 192.0.2.1",
	    "prereq yxdomain a\nprereq nxdomain b\nprereq yxrrset c A\nprereq nxrrset d A\nprereq yxrrset e A 192.0.2.1\n", NULL },
	{ "add www", "1 E-SYNTAX", "TTL should stand" },
	{ "add www A 192.0.2.1", "1 E-SYNTAX", "A" },
	{ "\nadd www 60", "2 E-SYNTAX", "type should stand" },
	{ "add www 60 A", "1 E-SYNTAX", "no data" },
	{ "add www 60 A x", "1 E-SYNTAX", "x" },
	{ "add www 60 ANY x", "1 E-SYNTAX", "messages only" },
	{ "add www.example.net. 60 A 192.0.2.1", "1 E-OUT-OF-ZONE", "does not lie in the zone example.org" },
	{ "zone example.net", "1 E-OUT-OF-ZONE", "of the zone example.org" },
	{ "replace www A", "1 E-SYNTAX", "expected prereq, add or delete" },
	{ "update", "1 E-SYNTAX", "expected add or delete" },
	{ "prereq nxrrset www", "1 E-SYNTAX", "type should stand" },
	{ "prereq nxrrset www A 192.0.2.1", "1 E-SYNTAX", "no data" },
	{ "prereq yxdomain www A", "1 E-SYNTAX", "behind the end" },
	{ "delete", "1 E-SYNTAX", "owner name should stand" },
};

static void
test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct arena  *arena = arena_new();
		struct err     err = { 0 };
		struct buf     out = { 0 };
		struct change *change = change_parse(arena, apex, texts[i].script, &err);

		if (change != NULL)
			change_print(&out, change);
		else
			buf_putf(&out, "%u %s", err.line, err.id);
		if (strcmp(buf_str(&out), texts[i].want) != 0 || (change == NULL && strstr(err.text, texts[i].says) == NULL))
			fail_msg("%s: \"%s\" %s", texts[i].script, buf_str(&out), err.text);
		buf_done(&out);
		arena_free(arena);
	}
}

/* What is printed, or encoded, comes back the same; and no cut of it does. */
static void
test_round_trips(void **state)
{
	struct arena      *arena = arena_new();
	struct change     *change = change_new(arena, apex), *again;
	struct buf         wire = { 0 }, second = { 0 };
	struct err         err = { 0 };
	struct change_item item = { CHANGE_ADD, (const uint8_t *)"\3www\7example\3org", TYPE_A, 4, 300, (const uint8_t *)"\300\0\2\1", "why not" };

	(void)state;
	change_add_item(change, &item);
	item = (struct change_item){ CHANGE_DELETE_NAME, item.owner, 0, 0, 0, NULL, NULL };
	change_add_item(change, &item);
	change_encode(&wire, change);
	again = change_decode(arena, wire.data, wire.len, &err);
	assert_non_null(again);
	assert_string_equal(again->items[0].comment, "why not");
	assert_null(again->items[1].comment);
	change_encode(&second, again);
	assert_int_equal(wire.len, second.len);
	assert_memory_equal(wire.data, second.data, wire.len);
	for (size_t len = 0; len < wire.len; len++) {
		assert_null(change_decode(arena, wire.data, len, &err));
		assert_int_equal(err.code, ERR_SYNTAX);
	}
	buf_putc(&wire, 'x');
	assert_null(change_decode(arena, wire.data, wire.len, &err));
	buf_done(&wire);
	buf_done(&second);
	arena_free(arena);
}

/* ---- applying ---- */

/* Change, and the difference in people's form; or the error's name. STRICT: what people get instead, NULL the same. */
static const struct { const char *script, *want, *strict; } applied[] = {
	/* additions */
	{ "add b 300 A 192.0.2.1", "+ b 300 A 192.0.2.1\n", NULL },
	{ "add www 60 A 192.0.2.80", "", NULL },
	{ "add www 300 A 192.0.2.80", "~ www 60 A 192.0.2.80 -> 300 A 192.0.2.80\n~ www 60 A 192.0.2.81 -> 300 A 192.0.2.81\n", NULL },
	{ "add www 300 A 192.0.2.82", "- www 60 A 192.0.2.80\n- www 60 A 192.0.2.81\n+ www 300 A 192.0.2.80\n+ www 300 A 192.0.2.81\n+ www 300 A 192.0.2.82\n", NULL },
	{ "add WWW 60 A 192.0.2.82", "+ www 60 A 192.0.2.82\n", NULL },
	/* deletions */
	{ "delete www", "- www 60 A 192.0.2.80\n- www 60 A 192.0.2.81\n- www 60 TXT \"hi\"\n", NULL },
	{ "delete www A", "- www 60 A 192.0.2.80\n- www 60 A 192.0.2.81\n", NULL },
	{ "delete www A 192.0.2.81", "- www 60 A 192.0.2.81\n", NULL },
	{ "delete www A 192.0.2.99\ndelete nothing\ndelete www MX", "", NULL },
	/* in order */
	{ "delete www A\nadd www 60 A 192.0.2.99\nadd www 60 A 192.0.2.81", "~ www A 192.0.2.80 -> 192.0.2.99\n", NULL },
	{ "add b 60 A 192.0.2.1\ndelete b", "", NULL },
	{ "delete www A\nadd www 60 A 192.0.2.81\nadd www 60 A 192.0.2.80", "", NULL },
	/* CNAME, RFC 2136 3.4.2.2 */
	{ "add www 60 CNAME b", "", "E-CNAME-COEXIST" },
	{ "add alias 60 A 192.0.2.1", "", "E-CNAME-COEXIST" },
	{ "add alias 60 CNAME b", "~ alias CNAME www -> b\n", "E-CNAME-MULTI" },
	{ "delete www\nadd www 60 CNAME b", "- www 60 A 192.0.2.80\n- www 60 A 192.0.2.81\n+ www 60 CNAME b\n- www 60 TXT \"hi\"\n", NULL },
	/* the apex */
	{ "delete @ SOA", "", "E-SOA-MISSING" },
	{ "delete @ NS", "", "E-NS-APEX" },
	{ "delete @", "- @ 60 MX 10 ns1\n", NULL },
	{ "delete @ NS ns1", "- @ 60 NS ns1\n", NULL },
	{ "delete @ NS ns1\ndelete @ NS ns2", "- @ 60 NS ns1\n", "E-NS-APEX" },
	{ "add b 60 SOA a b 9 2 3 4 5", "", "E-SOA-MULTI" },
	{ "delete x.y A", "- x.y 60 A 192.0.2.9\n", NULL },
	/* prerequisites, RFC 2136 3.2 */
	{ "prereq yxdomain www\ndelete www TXT", "- www 60 TXT \"hi\"\n", NULL },
	{ "prereq yxdomain b\ndelete www", "3", NULL },
	{ "prereq yxdomain y\ndelete www", "3", NULL },
	{ "prereq yxdomain a.w\ndelete www", "3", NULL },
	{ "prereq nxdomain www\ndelete www", "6", NULL },
	{ "prereq yxrrset www MX\ndelete www", "8", NULL },
	{ "prereq nxrrset www A\ndelete www", "7", NULL },
	{ "prereq yxrrset www A 192.0.2.80\ndelete www", "8", NULL },
	{ "prereq yxrrset www A 192.0.2.80\nprereq yxrrset www A 192.0.2.99\ndelete www", "8", NULL },
	{ "prereq yxrrset www A 192.0.2.80\nprereq yxrrset www A 192.0.2.81\nprereq yxrrset www A 192.0.2.80\ndelete www TXT", "- www 60 TXT \"hi\"\n", NULL },
	{ "prereq nxdomain b\nprereq nxrrset www MX", "", NULL },
};

static void
apply_says(struct buf *out, const char *script, bool strict)
{
	struct arena  *arena = arena_new();
	struct err     err = { 0 };
	struct zone   *base = zone_from(BASE), *zone, *same;
	struct change *change = change_parse(arena, apex, script, &err);
	struct diff   *diff;

	if (change == NULL)
		fail_msg("%s: %s", script, err.text);
	zone = change_apply(change, base, strict, 0, arena, &diff, &err);
	if (zone == NULL) {
		buf_puts(out, err.code == ERR_CHECK ? err.id : (char[]){ (char)('0' + err_rcode(err.code)), '\0' });
	} else {
		diff_print(out, diff);
		assert_int_equal(zone_serial(zone), diff->count == 0 ? 5 : 6);
		assert_int_equal(diff->serial_old, 5);
		assert_int_equal(diff->serial_new, zone_serial(zone));
		same = diff_apply(diff_zones(arena, base, zone), base);
		assert_true(zone_equal(same, zone));
		zone_free(same);
	}
	zone_free(base);
	zone_free(zone);
	arena_free(arena);
}

static void
test_applied(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof applied / sizeof applied[0]; i++)
		for (int strict = 0; strict <= 1; strict++) {
			const char *want = strict && applied[i].strict != NULL ? applied[i].strict : applied[i].want;
			struct buf  got = { 0 };

			apply_says(&got, applied[i].script, strict);
			if (strcmp(buf_str(&got), want) != 0)
				fail_msg("%s (%s): %s", applied[i].script, strict ? "strict" : "update", buf_str(&got));
			buf_done(&got);
		}
}

/* SOA serials: script, today, strict, the serial that comes of it. */
static const struct { const char *script; uint32_t today; bool strict; uint32_t want; } serials[] = {
	{ "add b 60 A 192.0.2.1", 0, false, 6 },
	{ "add b 60 A 192.0.2.1\nadd @ 60 SOA ns1 hostmaster 77 2 3 4 60", 0, false, 77 },
	{ "add @ 60 SOA ns1 hostmaster 77 2 3 4 60", 0, false, 77 },
	{ "add @ 60 SOA ns1 hostmaster 4 2 3 4 60", 0, false, 5 },
	{ "add @ 60 SOA ns1 hostmaster 4 2 3 4 60", 0, true, 5 },
	{ "add @ 60 SOA ns1 hostmaster 5 9 9 9 60", 0, false, 5 },
	{ "add @ 60 SOA ns1 hostmaster 5 9 9 9 60", 0, true, 6 },
	{ "add @ 60 SOA ns1 hostmaster 4294967295 2 3 4 60", 0, false, 5 },
};

static void
test_serials(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof serials / sizeof serials[0]; i++) {
		struct arena *arena = arena_new();
		struct zone  *base = zone_from(BASE), *zone;
		struct diff  *diff;

		zone = change_apply(change_parse(arena, apex, serials[i].script, NULL), base, serials[i].strict, serials[i].today, arena, &diff, NULL);
		assert_non_null(zone);
		if (zone_serial(zone) != serials[i].want)
			fail_msg("%s: %u", serials[i].script, zone_serial(zone));
		zone_free(zone);
		zone_free(base);
		arena_free(arena);
	}
}

static void
test_outside(void **state)
{
	struct arena      *arena = arena_new();
	struct zone       *base = zone_from(BASE);
	struct change     *change = change_new(arena, apex);
	struct change_item item = { CHANGE_DELETE_NAME, (const uint8_t *)"\3net", 0, 0, 0, NULL, NULL };
	struct diff       *diff;
	struct err         err = { 0 };

	(void)state;
	change_add_item(change, &item);
	assert_null(change_apply(change, base, false, 0, arena, &diff, &err));
	assert_int_equal(err.code, ERR_NOTZONE);
	zone_free(base);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts), cmocka_unit_test(test_round_trips), cmocka_unit_test(test_applied), cmocka_unit_test(test_serials),
		cmocka_unit_test(test_outside),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
