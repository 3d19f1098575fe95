/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "zone/name.h"
#include "zone/report.h"
#include "zone/rr.h"

static const uint8_t origin[] = "\7example\3org";
static const uint8_t owner[] = "\3www\7example\3org";

static void
test_print(void **state)
{
	struct report  report;
	struct buf     out = { 0 };
	struct finding finding = { .level = FINDING_ERROR, .code = "E-SYNTAX", .line = 3, .col = 7, .owner = "", .type = "", .text = "bad", .hint = "" };

	(void)state;
	report_init(&report);
	report_addf(&report, FINDING_WARNING, "W-X", owner, origin, TYPE_A, "do that", "value %d", 5);
	report_add(&report, &finding);
	report_addf(&report, FINDING_ERROR, "E-Y", owner, NULL, 0, NULL, "wrong");
	report_addf(&report, FINDING_ERROR, "E-Z", NULL, NULL, TYPE_MX, "", "none");
	report_print(&report, "f", &out);
	assert_string_equal(buf_str(&out),
	    "warning W-X f www A: value 5\n  hint: do that\nerror E-SYNTAX f:3:7 bad\nerror E-Y f www.example.org.: wrong\nerror E-Z f MX: none\n");
	buf_done(&out);
	report_done(&report);
}

/* The same advice for sixty mistakes is given once. */
static void
test_hints(void **state)
{
	struct report report;
	struct buf    out = { 0 };

	(void)state;
	report_init(&report);
	report_addf(&report, FINDING_ERROR, "E-X", NULL, NULL, 0, "do that", "1");
	report_addf(&report, FINDING_ERROR, "E-X", NULL, NULL, 0, "do that", "2");
	report_addf(&report, FINDING_ERROR, "E-Y", NULL, NULL, 0, "do this", "3");
	report_print(&report, "f", &out);
	assert_string_equal(buf_str(&out), "error E-X f 1\n  hint: do that\nerror E-X f 2\nerror E-Y f 3\n  hint: do this\n");
	buf_done(&out);
	report_done(&report);
}

static void
test_err(void **state)
{
	struct report  report;
	struct err     err = { 0 };
	struct finding finding = { .level = FINDING_ERROR, .code = "E-SYNTAX", .line = 3, .col = 7, .owner = "", .type = "", .text = "bad", .hint = "h" };

	(void)state;
	report_init(&report);
	report_addf(&report, FINDING_WARNING, "W-X", NULL, NULL, 0, "", "only this");
	assert_true(report_err(&report, "f", &err));
	report_add(&report, &finding);
	assert_false(report_err(&report, "f", &err));
	assert_string_equal(err.text, "f:3:7: bad");
	assert_string_equal(err.hint, "h");
	assert_int_equal(err.code, ERR_SYNTAX);
	assert_int_equal(err.line, 3);
	report_addf(&report, FINDING_ERROR, "E-Y", NULL, NULL, 0, "", "more");
	assert_false(report_err(&report, "f", &err));
	assert_string_equal(err.text, "f:3:7: bad (and 1 more)");
	assert_false(report_err(&report, "f", NULL));
	report_done(&report);
	report_init(&report);
	report_addf(&report, FINDING_ERROR, "E-Y", owner, origin, TYPE_A, "", "wrong");
	assert_false(report_err(&report, "f", &err));
	assert_int_equal(err.code, ERR_CHECK);
	assert_string_equal(err.id, "E-Y");
	assert_string_equal(err.text, "f: www A: wrong");
	report_done(&report);
}

/* More than there is room for: counted, and errors push out warnings. */
static void
test_full(void **state)
{
	struct report report;
	struct buf    out = { 0 };

	(void)state;
	report_init(&report);
	for (int i = 0; i < REPORT_MAX + 20; i++)
		report_addf(&report, FINDING_WARNING, "W-X", NULL, NULL, 0, "", "%d", i);
	report_addf(&report, FINDING_ERROR, "E-Y", NULL, NULL, 0, "", "seen");
	assert_int_equal(report.count, REPORT_MAX);
	assert_int_equal(report.warnings, REPORT_MAX + 20);
	assert_int_equal(report.errors, 1);
	assert_string_equal(report.findings[REPORT_MAX - 1].text, "seen");
	assert_string_equal(report.findings[REPORT_MAX - 2].text, "98");
	report_print(&report, "f", &out);
	assert_non_null(strstr(buf_str(&out), "error E-Y f seen\n"));
	assert_non_null(strstr(buf_str(&out), "\nand 101 more\n"));
	buf_done(&out);
	report_done(&report);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_print), cmocka_unit_test(test_hints), cmocka_unit_test(test_err), cmocka_unit_test(test_full) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
