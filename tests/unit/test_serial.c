/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "zone/serial.h"

static void
test_newer(void **state)
{
	static const struct { uint32_t a, b; bool newer; } cases[] = {
		{ 1, 0, true }, { 0, 1, false }, { 5, 5, false }, { 0, 0xffffffff, true }, { 0x80000000, 0, false }, { 0, 0x80000000, false },
		{ 0x7fffffff, 0, true }, { 0x80000001, 0, false }, { 0, 0x80000001, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(serial_newer(cases[i].a, cases[i].b), cases[i].newer);
}

static void
test_next(void **state)
{
	static const struct { uint32_t old, today, next; } cases[] = {
		{ 7, 20261123, 8 }, { 0xffffffff, 20261123, 1 }, { 0, 20261123, 1 },
		{ 2026112203, 20261123, 2026112300 }, { 2026112300, 20261123, 2026112301 }, { 2026112399, 20261123, 2026112400 },
		{ 2026112400, 20261123, 2026112401 }, { 2027010100, 20261123, 2027010101 }, { 2026112203, 0, 2026112204 },
		{ 2026993103, 20261123, 2026993104 }, { 4294967295u, 20261123, 1 }, { 1999010100, 20261123, 2026112300 }, { 1700000000, 20261123, 1700000001 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(serial_next(cases[i].old, cases[i].today), cases[i].next);
}

static void
test_day(void **state)
{
	static const struct { int64_t unix_s; uint32_t day; } cases[] = {
		{ 0, 19700101 }, { 86399, 19700101 }, { 86400, 19700102 }, { 951782400, 20000229 }, { 951868800, 20000301 }, { 1709164800, 20240229 },
		{ 1767225599, 20251231 }, { 1767225600, 20260101 }, { 4107542400, 21000301 }, { -1, 19691231 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(serial_day(cases[i].unix_s), cases[i].day);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_newer), cmocka_unit_test(test_next), cmocka_unit_test(test_day) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
