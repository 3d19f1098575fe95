/* SPDX-License-Identifier: ISC */
/* Reading zone files, their errors, editing them in place, and the canonical form. */
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

static uint8_t apex[NAME_SIZE];

static int
setup(void **state)
{
	(void)state;
	return name_parse_zone(apex, "example.org", NULL) ? 0 : -1;
}

static struct zonefile *
parse(const char *text, const uint8_t *origin, struct report *report)
{
	struct zonefile_opts opts = { .apex = apex, .origin = origin };

	report_init(report);
	return zonefile_parse(text, strlen(text), &opts, report);
}

/* ---- reading ---- */

/* Text (origin example.org) and its records as zonefile_write_rr prints them, joined by '|'. */
static const struct { const char *text, *want; } reads[] = {
	{ "", "" },
	{ "; only a comment", "" },
	{ "\n\n   \n\t\n", "" },
	{ "www 300 IN A 192.0.2.1", "www 300 A 192.0.2.1" },
	{ "www IN 300 A 192.0.2.1", "www 300 A 192.0.2.1" },
	{ "www 1h30m a 192.0.2.1\r\n", "www 5400 A 192.0.2.1" },
	{ "\xef\xbb\xbfwww 1 A 192.0.2.1", "www 1 A 192.0.2.1" },
	{ "www A 192.0.2.1", "www 3600 A 192.0.2.1" },
	{ "www 60 A 192.0.2.1\n AAAA ::1\nb A 192.0.2.2", "www 60 A 192.0.2.1|www 60 AAAA ::1|b 60 A 192.0.2.2" },
	{ "$TTL 60\nwww 5 A 192.0.2.1\nb A 192.0.2.2", "www 5 A 192.0.2.1|b 60 A 192.0.2.2" },
	{ "@ SOA a b 1 2 3 4 77\nb A 192.0.2.2", "@ 77 SOA a b 1 2 3 4 77|b 77 A 192.0.2.2" },
	{ "@ 9 SOA a b 1 2 3 4 77\nb A 192.0.2.2", "@ 9 SOA a b 1 2 3 4 77|b 9 A 192.0.2.2" },
	{ "@ SOA a b ( ; (\n 1 ; serial )\n2 3\n\t4 77) ; end\n", "@ 77 SOA a b 1 2 3 4 77" },
	{ "$ORIGIN sub\nwww 1 A 192.0.2.1\n$ORIGIN example.org.\nwww 1 A 192.0.2.2", "www.sub 1 A 192.0.2.1|www 1 A 192.0.2.2" },
	{ "$origin sub.example.org. ; comment\n@ 1 NS ns", "sub 1 NS ns.sub" },
	{ "x 1 TXT a \"b c\"\"d\" \"e;f\"", "x 1 TXT \"a\" \"b c\" \"d\" \"e;f\"" },
	{ "x 1 A 192.0.2.1;comment", "x 1 A 192.0.2.1" },
	{ "x 1 TYPE65400 \\# 2 ABcd", "x 1 TYPE65400 \\# 2 ABCD" },
	{ "in 1 A 192.0.2.1\n60 1 A 192.0.2.2", "in 1 A 192.0.2.1|60 1 A 192.0.2.2" },
	{ "$GENERATE 1-3/2 h${0,3,d} 60 CNAME $.net.", "h001 60 CNAME 1.net.|h003 60 CNAME 3.net." },
	{ "$GENERATE 10-11 h${-9} A 192.0.2.${0,1,x}", "" },
	{ "$GENERATE 10-11 h${-9,0,x}-\\$ 1 TXT $$", "h1-\\$ 1 TXT \"$\"|h2-\\$ 1 TXT \"$\"" },
};

static void
test_reads(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++) {
		struct report    report;
		struct zonefile *file = parse(reads[i].text, apex, &report);
		struct buf       got = { 0 };

		for (size_t k = 0; k < zonefile_count(file); k++) {
			if (k > 0)
				buf_putc(&got, '|');
			zonefile_write_rr(&got, &zonefile_at(file, k)->rr, apex);
		}
		if (strcmp(buf_str(&got), reads[i].want) != 0)
			fail_msg("%s: \"%s\" (%s)", reads[i].text, buf_str(&got), report.count > 0 ? report.findings[0].text : "");
		buf_done(&got);
		zonefile_free(file);
		report_done(&report);
	}
}

/* Text and the findings as "CODE:LINE:COL", joined by blanks; and a part of the first one's sentence. */
static const struct { const char *text, *want, *says; } errors[] = {
	{ "www 1 A 192.0.2\nb 1 A 192.0.2.1\nc 1 A x", "E-SYNTAX:1:9 E-SYNTAX:3:7", "192.0.2" },
	{ "www 1 ADDR 192.0.2.1", "E-TYPE-UNKNOWN:1:7", "ADDR" },
	{ "www 1 AXFR x", "E-TYPE-UNKNOWN:1:7", "messages only" },
	{ "www 1 CH TXT x", "E-SYNTAX:1:7", "class CH is not served" },
	{ "www", "E-SYNTAX:1:1", "ends before a record type" },
	{ "www 1 A", "E-SYNTAX:1:7", "has no data" },
	{ " A 192.0.2.1", "E-SYNTAX:1:2", "no record stands before it" },
	{ "www 1 TXT \"open\nb 1 A x", "E-SYNTAX:1:11 E-SYNTAX:2:7", "not closed on its line" },
	{ "www 1 TXT ( a\n b\nc 1 A 192.0.2.1\nd 1 A x", "E-SYNTAX:1:11 E-SYNTAX:2:2 E-SYNTAX:4:7", "never closed" },
	{ "www 1 TXT ( a \"b\n c ; x\n\td )\ne 1 A x", "E-SYNTAX:1:15 E-SYNTAX:4:7", "not closed on its line" },
	{ "www 1 TXT a )\n", "E-SYNTAX:1:13", "without a \"(\"" },
	{ "www 99999999999 A 192.0.2.1", "E-RANGE:1:5", "99999999999" },
	{ "$TTL\n$TTL 1 2\n$TTL x", "E-SYNTAX:1:1 E-SYNTAX:2:8 E-SYNTAX:3:6", "exactly one value" },
	{ "$INCLUDE file", "E-INCLUDE:1:1", "refused" },
	{ "$FOO 1", "E-SYNTAX:1:1", "no directive $FOO" },
	{ "$GENERATE 3-1 a A 192.0.2.$", "E-SYNTAX:1:11", "START-STOP" },
	{ "$GENERATE 1-99999999 a A 192.0.2.$", "E-SYNTAX:1:11", "at most" },
	{ "$GENERATE 1-300 a 1 A 192.0.2.$", "E-SYNTAX:1:1", "192.0.2.256" },
	{ "\"www\" 1 A 192.0.2.1", "E-SYNTAX:1:1", "not quoted" },
	{ "a\001b 1 A 192.0.2.1", "E-SYNTAX:1:1", "control character" },
	{ "www.example.net. 1 A 192.0.2.1", "E-OUT-OF-ZONE:1:1", "does not lie in" },
	{ "a 1 A 192.0.2.1\na 2 A 192.0.2.2", "W-TTL:2:1", "TTL 2 here, but 1 in line 1" },
};

static void
test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		struct report    report;
		struct zonefile *file = parse(errors[i].text, apex, &report);
		struct buf       got = { 0 };

		for (size_t k = 0; k < report.count; k++)
			buf_putf(&got, "%s%s:%u:%u", k > 0 ? " " : "", report.findings[k].code, report.findings[k].line, report.findings[k].col);
		if (strcmp(buf_str(&got), errors[i].want) != 0 || strstr(report.findings[0].text, errors[i].says) == NULL)
			fail_msg("%s: \"%s\" %s", errors[i].text, buf_str(&got), report.count > 0 ? report.findings[0].text : "");
		buf_done(&got);
		zonefile_free(file);
		report_done(&report);
	}
}

/* A hundred errors, and no more reading then: a file that is no zone file at all costs little. */
static void
test_gives_up(void **state)
{
	struct buf       text = { 0 };
	struct report    report;
	struct zonefile *file;

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_puts(&text, "(");
	for (int i = 0; i < 1000; i++)
		buf_puts(&text, "\nx (");
	file = parse(buf_str(&text), apex, &report);
	assert_int_equal(report.errors, REPORT_MAX);
	zonefile_free(file);
	report_done(&report);
	buf_done(&text);
}

static void
test_comments_and_apex(void **state)
{
	struct zonefile_opts opts = { 0 };
	struct report        report;
	struct zonefile     *file;
	const char          *text = "example.net. 1 SOA a. b. 1 2 3 4 5 ; ticket 412 \n 1 NS ( a. ; inside\n ) ; behind\n 1 TXT \"; none\"\n";

	(void)state;
	report_init(&report);
	file = zonefile_parse(text, strlen(text), &opts, &report);
	assert_int_equal(report.count, 0);
	assert_string_equal(zonefile_at(file, 0)->comment, "ticket 412");
	assert_string_equal(zonefile_at(file, 1)->comment, "behind");
	assert_string_equal(zonefile_at(file, 2)->comment, "");
	assert_int_equal(zonefile_at(file, 2)->line, 4);
	assert_memory_equal(zonefile_apex(file), "\7example\3net", 13);
	zonefile_free(file);
	report_done(&report);
}

/* ---- editing ---- */

#define SOA "@ 60 SOA a b 1 2 3 4 60\n"
#define SOA2 "@ 60 SOA a b 2 2 3 4 60\n"
#define TOP "$ORIGIN example.org.\n"

static const struct { const char *name, *text, *change, *want; } edits[] = {
	{ "a new name stands at the end", TOP "$TTL 60\n" SOA "www A 192.0.2.1\n", "add b 60 A 192.0.2.2",
	    TOP "$TTL 60\n" SOA2 "www A 192.0.2.1\nb   A 192.0.2.2\n" },
	{ "a file without final newline", TOP "$TTL 60\n" SOA "www A 192.0.2.1", "add b 60 A 192.0.2.2",
	    TOP "$TTL 60\n" SOA2 "www A 192.0.2.1\nb   A 192.0.2.2\n" },
	{ "behind its RRset, laid out alike", TOP "$TTL 60\n" SOA "www     IN  A      192.0.2.1 ; one\nb A 192.0.2.9\n", "add www 60 A 192.0.2.2",
	    TOP "$TTL 60\n" SOA2 "www     IN  A      192.0.2.1 ; one\nwww     IN  A      192.0.2.2\nb A 192.0.2.9\n" },
	{ "behind its owner's others", TOP "$TTL 60\n" SOA "www\tA\t192.0.2.1\n\tAAAA\t::1\nb\tA\t192.0.2.9\n", "add www 60 TXT hi",
	    TOP "$TTL 60\n" SOA2 "www\tA\t192.0.2.1\n\tAAAA\t::1\n\tTXT\t\"hi\"\nb\tA\t192.0.2.9\n" },
	{ "another TTL than the default", TOP "$TTL 60\n" SOA "www          A 192.0.2.1\n", "add b 300 A 192.0.2.2",
	    TOP "$TTL 60\n" SOA2 "www          A 192.0.2.1\nb        300 A 192.0.2.2\n" },
	{ "a value changes on its line", TOP "$TTL 60\n" SOA "; the web\nwww\t\tIN A\t192.0.2.1   ; ticket 412\n", "delete www A\nadd www 60 A 192.0.2.80",
	    TOP "$TTL 60\n" SOA2 "; the web\nwww\t\tIN A\t192.0.2.80  ; ticket 412\n" },
	{ "a TTL changes on its line", TOP SOA "www 1h  A 192.0.2.1 ; x\n", "add www 300 A 192.0.2.1", TOP SOA2 "www 300 A 192.0.2.1 ; x\n" },
	{ "a TTL finds room between the columns", TOP "$TTL 60\n" SOA "www       A 192.0.2.1\n", "add www 300 A 192.0.2.1",
	    TOP "$TTL 60\n" SOA2 "www   300 A 192.0.2.1\n" },
	{ "one field of several", TOP "$TTL 60\n" SOA "@  MX  10   mail  ; m\n", "delete @ MX\nadd @ 60 MX 20 mail", TOP "$TTL 60\n" SOA2 "@  MX  20   mail  ; m\n" },
	{ "the line of a deleted record goes, the comment above stays", TOP "$TTL 60\n" SOA "; old\nold A 192.0.2.1 ; gone\nb A 192.0.2.2\n", "delete old",
	    TOP "$TTL 60\n" SOA2 "; old\nb A 192.0.2.2\n" },
	{ "the owner moves on", TOP "$TTL 60\n" SOA "www     A    192.0.2.1\n        AAAA ::1\n", "delete www A",
	    TOP "$TTL 60\n" SOA2 "www     AAAA ::1\n" },
	{ "the owner moves on, with tabs", TOP "$TTL 60\n" SOA "www\t\tA\t192.0.2.1\n\t\tAAAA\t::1\n", "delete www A", TOP "$TTL 60\n" SOA2 "www\t\tAAAA\t::1\n" },
	{ "an inherited TTL is written out", TOP SOA "a 5 A 192.0.2.1\nb A 192.0.2.2\nc A 192.0.2.3\n", "delete a",
	    TOP SOA2 "b 5 A 192.0.2.2\nc A 192.0.2.3\n" },
	{ "an SOA over lines", TOP "$TTL 60\n@ SOA a b (\n\t\t9   ; serial\n\t\t1h ; refresh\n\t\t3 4 60 )\n", "add b 60 A 192.0.2.2",
	    TOP "$TTL 60\n@ SOA a b (\n\t\t10  ; serial\n\t\t1h ; refresh\n\t\t3 4 60 )\nb\tA\t192.0.2.2\n" },
	{ "an SOA that sets the default", TOP "@ SOA a b 1 2 3 4 60\nb A 192.0.2.2\n", "add @ 90 SOA a b 2 2 3 4 90",
	    TOP "@ SOA a b 2 2 3 4 90\n$TTL 60\nb A 192.0.2.2\n" },
	{ "under another origin", TOP "$TTL 60\n" SOA "$ORIGIN sub.example.org.\na A 192.0.2.1\n", "add b.sub 60 MX 5 c\nadd d 60 CNAME a.sub.example.org",
	    TOP "$TTL 60\n" SOA2 "$ORIGIN sub.example.org.\na A 192.0.2.1\nd.example.org. CNAME a\nb MX 5 c.example.org.\n" },
	{ "under the root", "$TTL 60\nexample.org. SOA a. b. 1 2 3 4 60\n", "add b 60 CNAME c", "$TTL 60\nexample.org. SOA a. b. 2 2 3 4 60\nb.example.org. CNAME c.example.org.\n" },
	{ "CRLF", TOP "$TTL 60\r\n@ SOA a b 1 2 3 4 60\r\n", "add b 60 A 192.0.2.2", TOP "$TTL 60\r\n@ SOA a b 2 2 3 4 60\r\nb A   192.0.2.2\r\n" },
	{ "a $GENERATE gives way", TOP "$TTL 60\n" SOA "$GENERATE 1-3 h$ A 192.0.2.$\n", "delete h2", TOP "$TTL 60\n" SOA2 "h1\tA\t192.0.2.1\nh3\tA\t192.0.2.3\n" },
	{ "a $GENERATE stays", TOP "$TTL 60\n" SOA "$GENERATE 1-3 h$ A 192.0.2.$\nb A 192.0.2.9\n", "delete b", TOP "$TTL 60\n" SOA2 "$GENERATE 1-3 h$ A 192.0.2.$\n" },
	{ "a record over lines becomes one", TOP "$TTL 60\n" SOA "t TXT ( \"a\" ; first\n\t\"b\" ) ; last\n", "delete t\nadd t 60 TXT new",
	    TOP "$TTL 60\n" SOA2 "t TXT \"new\" ; first ; last\n" },
	{ "a string alone in parentheses", TOP "$TTL 60\n" SOA "t TXT (\n  \"a\" ; first\n  )\n", "delete t\nadd t 60 TXT b",
	    TOP "$TTL 60\n" SOA2 "t TXT (\n  \"b\" ; first\n  )\n" },
	{ "a record that stands twice goes twice", TOP "$TTL 60\n" SOA "b A 192.0.2.2\nc A 192.0.2.3\nb A 192.0.2.2\n", "delete b", TOP "$TTL 60\n" SOA2 "c A 192.0.2.3\n" },
};

static void
test_edits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
		struct arena    *arena = arena_new();
		struct report    report;
		struct err       err = { 0 };
		struct zonefile *file = parse(edits[i].text, NULL, &report);
		struct zone     *base = zonefile_zone(file), *zone = NULL;
		struct change   *change = change_parse(arena, apex, edits[i].change, &err);
		struct diff     *diff;
		struct buf       out = { 0 };

		if (report.errors > 0)
			fail_msg("%s: %s", edits[i].name, report.findings[0].text);
		if (change == NULL || (zone = change_apply(change, base, false, 0, arena, &diff, &err)) == NULL)
			fail_msg("%s: %s", edits[i].name, err.text);
		zonefile_edit(&out, file, diff);
		if (strcmp(buf_str(&out), edits[i].want) != 0)
			fail_msg("%s:\n%s", edits[i].name, buf_str(&out));
		buf_done(&out);
		zone_free(base);
		zone_free(zone);
		zonefile_free(file);
		report_done(&report);
		arena_free(arena);
	}
}

static void
test_edit_comment(void **state)
{
	struct arena    *arena = arena_new();
	struct report    report;
	struct zonefile *file = parse(TOP "$TTL 60\n" SOA "www A 192.0.2.1 ; old\n", NULL, &report);
	struct diff     *diff = diff_new(arena, apex);
	uint8_t          www[NAME_SIZE];
	struct rr        rr = { www, TYPE_A, 4, 60, (const uint8_t *)"\300\0\2\1" }, new = rr;
	struct buf       out = { 0 };

	(void)state;
	assert_true(name_parse(www, "www", apex, NULL));
	new.rdata = (const uint8_t *)"\300\0\2\2";
	diff_add(diff, false, &rr, NULL);
	diff_add(diff, true, &new, "by\nalice");
	new.rdata = (const uint8_t *)"\300\0\2\3";
	diff_add(diff, true, &new, "second");
	diff_sort(diff);
	zonefile_edit(&out, file, diff);
	assert_string_equal(buf_str(&out), TOP "$TTL 60\n" SOA "www A 192.0.2.2 ; by alice\nwww A 192.0.2.3 ; second\n");
	buf_done(&out);
	zonefile_free(file);
	report_done(&report);
	arena_free(arena);
}

/* ---- the canonical form ---- */

#define CANONICAL "$ORIGIN example.org.\n" \
	"$TTL 3600\n" \
	"@\tSOA\tns1\thostmaster\t2\t86400\t7200\t1048576\t3600\n" \
	"@\tNS\tns2\n@\tNS\tns1\n" \
	"@\tMX\t20\tmail2\n@\tMX\t10\tmail\n" \
	"@\t60\tCAA\t0\tissue\t\"letsencrypt.org\"\n" \
	"@\tTXT\t\"v=spf1 -all\"\n" \
	"a\tA\t192.0.2.2\n" \
	"foo.a\tA\t192.0.2.3\n" \
	"mail\tA\t192.0.2.5\nmail\tA\t192.0.2.4\nmail\tAAAA\t2001:db8::1\n" \
	"v6\tAAAA\t0:0:0:0:0:ffff:c000:201\n" \
	"*.wild\tA\t198.51.100.7\n" \
	"www\t300\tCNAME\tmail\n" \
	"x\tTYPE39\t\\# 13 076578616D706C65036E657400\n" \
	"\n\n\n" \
	"_dmarc\tTXT\t\"v=DMARC1; p=none\"\n" \
	"_sip._tcp\tSRV\t1\t2\t5060\tmail\n"

static void
test_canonical(void **state)
{
	struct report    report, again;
	struct zonefile *file = parse(CANONICAL, NULL, &report), *second;
	struct zone     *zone = zonefile_zone(file), *copy;
	struct buf       out = { 0 };

	(void)state;
	assert_int_equal(report.count, 0);
	zonefile_write(&out, zone);
	assert_string_equal(buf_str(&out), CANONICAL);
	second = parse(buf_str(&out), NULL, &again);
	copy = zonefile_zone(second);
	assert_true(zone_equal(zone, copy));
	zone_free(copy);
	zone_free(zone);
	zonefile_free(second);
	zonefile_free(file);
	buf_done(&out);
	report_done(&report);
	report_done(&again);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads), cmocka_unit_test(test_errors), cmocka_unit_test(test_gives_up), cmocka_unit_test(test_comments_and_apex),
		cmocka_unit_test(test_edits), cmocka_unit_test(test_edit_comment), cmocka_unit_test(test_canonical),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
