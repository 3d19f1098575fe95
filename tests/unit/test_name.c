/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "zone/name.h"

static uint8_t origin[NAME_SIZE];

#define L63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"
#define L62 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgg"
#define L61 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffg"

static int
setup(void **state)
{
	(void)state;
	return name_parse(origin, "example.org.", NULL, NULL) ? 0 : -1;
}

/* Text, as printed absolute; NULL: refused, with WHY in the error. */
static const struct { const char *text, *want, *why; } parses[] = {
	{ "www", "www.example.org.", NULL }, { "www.", "www.", NULL }, { "@", "example.org.", NULL }, { ".", ".", NULL }, { "\\@", "\\@.example.org.", NULL },
	{ "WwW.x.", "WwW.x.", NULL }, { "a\\.b.", "a\\.b.", NULL }, { "a\\046b.", "a\\.b.", NULL }, { "\\000\\255.", "\\000\\255.", NULL }, { "*", "*.example.org.", NULL },
	{ "_dmarc", "_dmarc.example.org.", NULL }, { "a\\\\b.", "a\\\\b.", NULL }, { "1.2/3.", "1.2/3.", NULL }, { "x\\032y.", "x\\032y.", NULL },
	{ L63 ".", L63 ".", NULL }, { L63 "h.", NULL, "longer than 63" }, { L63 "." L63 "." L63 "." L61 ".", L63 "." L63 "." L63 "." L61 ".", NULL },
	{ L63 "." L63 "." L63 "." L62 ".", NULL, "longer than 255" }, { L63 "." L63 "." L63 "." L61, NULL, "longer than 255" },
	{ "", NULL, "missing" }, { "..", NULL, "empty label" }, { ".a", NULL, "empty label" }, { "a..b", NULL, "empty label" }, { "a b", NULL, "blank" },
	{ "a\\", NULL, "backslash" }, { "a\\25", NULL, "backslash" }, { "a\\256", NULL, "backslash" }, { "a\tb", NULL, "blank" },
};

static void
test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof parses / sizeof parses[0]; i++) {
		uint8_t    name[NAME_SIZE];
		char       text[NAME_TEXT_MAX];
		struct err err = { 0 };
		bool       ok = name_parse(name, parses[i].text, origin, &err);

		assert_int_equal(ok, parses[i].want != NULL);
		if (!ok) {
			assert_int_equal(err.code, ERR_SYNTAX);
			assert_non_null(strstr(err.text, parses[i].why));
			continue;
		}
		name_print(text, name);
		assert_string_equal(text, parses[i].want);
		assert_int_equal(name_check(name, NAME_SIZE), name_len(name));
	}
}

static void
test_user(void **state)
{
	static const struct { const char *text, *want; } cases[] = {
		{ "www", "www.example.org." }, { "www.example.org", "www.example.org." }, { "WWW.Example.ORG", "WWW.Example.ORG." }, { "example.org", "example.org." },
		{ "@", "example.org." }, { "a.b", "a.b.example.org." }, { "a.b.", "a.b." }, { "badexample.org", "badexample.org.example.org." },
		{ "b\xc3\xbc" "cher", "xn--bcher-kva.example.org." }, { "*.M\xc3\xbcnchen", "*.xn--mnchen-3ya.example.org." }, { "_x.\xc3\xa9.", "_x.xn--9ca." },
		{ "a\xff", NULL }, { "a b", NULL }, { "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t name[NAME_SIZE];
		char    text[NAME_TEXT_MAX];
		bool    ok = name_parse_user(name, cases[i].text, origin, NULL);

		assert_int_equal(ok, cases[i].want != NULL);
		if (ok) {
			name_print(text, name);
			assert_string_equal(text, cases[i].want);
		}
	}
}

static void
test_zone(void **state)
{
	static const struct { const char *text, *want; } cases[] = {
		{ "Example.ORG", "example.org" }, { "example.org.", "example.org" }, { "m\xc3\xbcnchen.example", "xn--mnchen-3ya.example" }, { ".", "." },
		{ "@", NULL }, { "../x", NULL }, { "users/x", NULL }, { "a\\000b", NULL }, { "a..b", NULL }, { "", NULL }, { "a\\047b", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t name[NAME_SIZE];
		char    text[NAME_TEXT_MAX];
		bool    ok = name_parse_zone(name, cases[i].text, NULL);

		assert_int_equal(ok, cases[i].want != NULL);
		if (ok) {
			name_print_zone(text, name);
			assert_string_equal(text, cases[i].want);
		}
	}
}

static void
test_relative(void **state)
{
	static const struct { const char *name, *want; } cases[] = {
		{ "www.example.org.", "www" }, { "WWW.EXAMPLE.org.", "WWW" }, { "a.b.example.org.", "a.b" }, { "example.org.", "@" }, { "example.net.", "example.net." },
		{ "badexample.org.", "badexample.org." }, { ".", "." }, { "\\@.example.org.", "\\@" },
	};
	uint8_t root[1] = { 0 }, name[NAME_SIZE];
	char    text[NAME_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_true(name_parse(name, cases[i].name, NULL, NULL));
		assert_int_equal(name_print_rel(text, name, origin), strlen(cases[i].want));
		assert_string_equal(text, cases[i].want);
	}
	name_print_rel(text, root, root);
	assert_string_equal(text, ".");
	name_print_rel(text, origin, root);
	assert_string_equal(text, "example.org.");
}

/* RFC 4034 6.1, and bytes that are no letters. */
static void
test_order(void **state)
{
	static const char *const order[] = { "example.", "a.example.", "yljkjljk.a.example.", "Z.a.example.", "zABC.a.EXAMPLE.", "z.example.", "\\001.z.example.",
		"*.z.example.", "\\200.z.example.", "z\\000.example.", "z-.example." };
	size_t  count = sizeof order / sizeof order[0];
	uint8_t a[NAME_SIZE], b[NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++) {
			int got;

			assert_true(name_parse(a, order[i], NULL, NULL) && name_parse(b, order[j], NULL, NULL));
			got = name_compare(a, b);
			assert_int_equal(got < 0 ? -1 : got > 0, i < j ? -1 : i > j);
			assert_int_equal(name_equal(a, b), i == j);
		}
}

static void
test_parts(void **state)
{
	uint8_t name[NAME_SIZE], other[NAME_SIZE];

	(void)state;
	assert_true(name_parse(name, "*.A.example.org.", NULL, NULL));
	assert_int_equal(name_labels(name), 4);
	assert_int_equal(name_len(name), 17);
	assert_true(name_is_wildcard(name));
	assert_true(name_below(name, origin) && name_below(origin, origin) && !name_below(origin, name));
	assert_ptr_equal(name_parent(name), name + 2);
	assert_ptr_equal(name_suffix(name, 2), name + 4);
	assert_ptr_equal(name_suffix(name, 9), name);
	assert_ptr_equal(name_parent(name + 16), name + 16);
	name_lower(other, name);
	assert_int_equal(other[3], 'a');
	assert_true(name_equal(name, other));
	assert_int_equal(name_hash(name), name_hash(other));
	assert_true(name_parse(other, "www.", NULL, NULL));
	assert_true(name_join(other, other, origin));
	assert_memory_equal(other, "\3www\7example\3org", 17);
	name_copy(other, name);
	assert_memory_equal(other, name, 17);
}

static void
test_check(void **state)
{
	static const struct { const char *data; size_t len, want; } cases[] = {
		{ "\0", 1, 1 }, { "\1a\0x", 4, 3 }, { "\1a", 2, 0 }, { "\5a\0", 3, 0 }, { "\300\0", 2, 0 }, { "\100a\0", 3, 0 }, { "", 0, 0 },
	};
	uint8_t long_name[300];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(name_check((const uint8_t *)cases[i].data, cases[i].len), cases[i].want);
	for (size_t i = 0; i < sizeof long_name; i++)
		long_name[i] = i % 2 == 0 ? 1 : 'x';
	long_name[254] = 0;
	assert_int_equal(name_check(long_name, sizeof long_name), 255);
	long_name[254] = 1;
	long_name[256] = 0;
	assert_int_equal(name_check(long_name, sizeof long_name), 0);
}

/* Every byte as a label prints and reads back, and hashes and compares without case. */
static void
test_bytes(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		uint8_t name[] = { 2, 'x', (uint8_t)c, 0 }, other[] = { 2, 'X', (uint8_t)c, 0 }, again[NAME_SIZE], swapped[NAME_SIZE];
		char    text[NAME_TEXT_MAX];

		name_print(text, name);
		assert_true(name_parse(again, text, origin, NULL));
		assert_memory_equal(again, name, sizeof name);
		assert_true(name_equal(name, other));
		assert_int_equal(name_hash(name), name_hash(other));
		name_copy(swapped, name);
		swapped[2] ^= 0x20;
		if (!name_equal(swapped, name))
			assert_int_not_equal(name_hash(swapped), name_hash(name));
		else
			assert_int_equal(name_hash(swapped), name_hash(name));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse), cmocka_unit_test(test_user), cmocka_unit_test(test_zone), cmocka_unit_test(test_relative),
		cmocka_unit_test(test_order), cmocka_unit_test(test_parts), cmocka_unit_test(test_check), cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
