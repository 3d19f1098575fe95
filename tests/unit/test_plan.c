/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "zone/name.h"
#include "zone/plan.h"

static struct plan *
plan_of(const char *zone)
{
	uint8_t    apex[NAME_SIZE];
	struct err err = { 0 };

	assert_true(name_parse_zone(apex, zone, &err));
	return plan_new(apex, 3600, 2026112200);
}

static void
test_written(void **state)
{
	struct plan *plan = plan_of("example.org");
	struct buf   out = { 0 };
	struct err   err = { 0 };

	(void)state;
	assert_true(plan_add_ns(plan, "ns1=192.0.2.53,2001:db8::53", &err));
	assert_true(plan_add_ns(plan, "ns.example.net", &err));
	assert_true(plan_set_mail(plan, "dns.admin@example.net", &err));
	assert_int_equal(plan_write(plan, &out), 5);
	assert_string_equal(plan_delegation(plan), "NS ns1.example.org (glue 192.0.2.53,2001:db8::53), ns.example.net");
	assert_non_null(strstr(buf_str(&out), "$ORIGIN example.org.\n"));
	assert_non_null(strstr(buf_str(&out), "SOA\tns1\tdns\\.admin.example.net.\t2026112200\t10800\t3600\t1209600\t3600\n"));
	assert_non_null(strstr(buf_str(&out), "ns1\tA\t192.0.2.53\n"));
	assert_non_null(strstr(buf_str(&out), "ns1\tAAAA\t2001:db8::53\n"));
	buf_done(&out);
	plan_free(plan);
}

static void
test_refused(void **state)
{
	static const struct { const char *ns, *mail; enum err_code code; const char *text; } cases[] = {
		{ "ns.example.net=192.0.2.1", NULL, ERR_NOTZONE, "outside of example.org" },
		{ "ns1=192.0.2.300", NULL, ERR_SYNTAX, "192.0.2.300" },
		{ "ns1=", NULL, ERR_SYNTAX, "no address" },
		{ "a..b", NULL, ERR_SYNTAX, "empty label" },
		{ NULL, "", ERR_SYNTAX, "no mail address" },
		{ NULL, "@example.org", ERR_SYNTAX, "no mail address" },
		{ NULL, "x@a..b", ERR_SYNTAX, "empty label" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct plan *plan = plan_of("example.org");
		struct err   err = { 0 };

		assert_false(cases[i].ns != NULL ? plan_add_ns(plan, cases[i].ns, &err) : plan_set_mail(plan, cases[i].mail, &err));
		assert_int_equal(err.code, cases[i].code);
		assert_non_null(strstr(err.text, cases[i].text));
		plan_free(plan);
	}
	plan_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_written), cmocka_unit_test(test_refused) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
