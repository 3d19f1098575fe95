/* SPDX-License-Identifier: ISC */
/* Which connections count as one client's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sshd/limit.h"

static void
same_client(void **state)
{
	static const struct { const char *a, *b; bool same; } cases[] = {
		{ "192.0.2.1:1000", "192.0.2.1:2000", true },
		{ "192.0.2.1:1000", "192.0.2.2:1000", false },
		{ "192.0.2.1:1000", "[::ffff:192.0.2.1]:7", true },
		{ "[::ffff:192.0.2.2]:7", "[::ffff:192.0.2.1]:7", false },
		{ "[2001:db8::1]:1", "[2001:db8::2]:1", true },
		{ "[2001:db8::1]:1", "[2001:db8::ffff:0:0:1]:9", true },
		{ "[2001:db8:0:1::1]:1", "[2001:db8::1]:1", false },
		{ "[::1]:1", "0.0.0.0:1", false },
		{ "[::c000:201:0:0:0:0]:1", "192.0.2.1:1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct addr a, b;

		assert_true(addr_parse(&a, cases[i].a, NULL));
		assert_true(addr_parse(&b, cases[i].b, NULL));
		assert_int_equal(limit_same_client(&a, &b), cases[i].same);
		assert_int_equal(limit_same_client(&b, &a), cases[i].same);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(same_client) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
