/* SPDX-License-Identifier: ISC */
/* Text: numbers, words, fields, escaping, base64, hex, times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

static void
numbers(void **state)
{
	static const struct { const char *text; uint64_t max; bool ok; uint64_t want; } cases[] = {
		{ "0", 10, true, 0 }, { "10", 10, true, 10 }, { "11", 10, false, 0 }, { "", 10, false, 0 }, { "-1", 10, false, 0 },
		{ "+1", 10, false, 0 }, { " 1", 10, false, 0 }, { "1x", 10, false, 0 }, { "007", 10, true, 7 },
		{ "18446744073709551615", UINT64_MAX, true, UINT64_MAX }, { "18446744073709551616", UINT64_MAX, false, 0 },
		{ "99999999999999999999999", UINT64_MAX, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint64_t v = 0;

		assert_int_equal(str_u64(&v, cases[i].text, cases[i].max), cases[i].ok);
		assert_true(v == cases[i].want);
	}
}

static void
escaping(void **state)
{
	static const struct { const char *text; size_t len; bool utf8, keep; const char *want; } cases[] = {
		{ "plain text", 10, true, false, "plain text" },
		{ "a\033[31mb", 7, true, false, "a\\027[31mb" },
		{ "a\0b", 3, true, false, "a\\000b" },
		{ "a\tb\nc\r", 6, true, false, "a\\009b\\010c\\013" },
		{ "a\tb\nc\r", 6, true, true, "a\tb\nc\\013" },
		{ "b\xc3\xbcro", 5, true, false, "b\xc3\xbcro" },
		{ "b\xc3\xbcro", 5, false, false, "b\\195\\188ro" },
		{ "\xc3", 1, true, false, "\\195" },                            /* cut off */
		{ "\xc0\xaf", 2, true, false, "\\192\\175" },                   /* overlong */
		{ "\xed\xa0\x80", 3, true, false, "\\237\\160\\128" },          /* surrogate */
		{ "\xf5\x80\x80\x80", 4, true, false, "\\245\\128\\128\\128" }, /* beyond Unicode */
		{ "\xf4\x90\x80\x80", 4, true, false, "\\244\\144\\128\\128" },
		{ "\xc2\x9b" "31m", 5, true, false, "\\194\\15531m" },          /* CSI of C1 */
		{ "\xe2\x80\xae", 3, true, false, "\\226\\128\\174" },          /* right-to-left override */
		{ "\xe2\x80\x8b", 3, true, false, "\\226\\128\\139" },          /* zero width */
		{ "\xef\xbb\xbf", 3, true, false, "\\239\\187\\191" },
		{ "\xf0\x9f\x98\x80", 4, true, false, "\xf0\x9f\x98\x80" },
		{ "\x7f", 1, true, false, "\\127" },
		{ "\\ \"", 3, true, false, "\\ \"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = { 0 };

		str_escape(&out, cases[i].text, cases[i].len, cases[i].utf8, cases[i].keep);
		assert_string_equal(buf_str(&out), cases[i].want);
		buf_done(&out);
	}
}

static void
showing(void **state)
{
	char        longer[5000];
	const char *shown[8];

	(void)state;
	memset(longer, '\033', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	assert_string_equal(str_show("a\nb"), "a\\010b");
	assert_int_equal(strlen(str_show(longer)), 1023);
	assert_string_equal(str_show(longer) + 1020, "...");
	memset(longer, 0xc3, sizeof longer - 1);
	for (size_t i = 1; i < sizeof longer - 1; i += 2)
		longer[i] = (char)0xbc;
	assert_true(strlen(str_show(longer)) < 1024);
	for (size_t i = 0; i < 8; i++)
		shown[i] = str_show((char[]){ (char)('a' + i), '\0' });
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(shown[i][0], 'a' + i);
}

static void
words(void **state)
{
	static const struct { const char *text; size_t count; const char *want[4]; bool quoted[4]; } cases[] = {
		{ "", 0, { NULL }, { false } },
		{ "  a  b ", 2, { "a", "b" }, { false, false } },
		{ "'a b' \"c d\"", 2, { "a b", "c d" }, { true, true } },
		{ "a'b'\"c\"", 1, { "abc" }, { true } },
		{ "a\\ b \\'", 2, { "a b", "'" }, { false, false } },
		{ "\"a\\\"b\\\\c\\d\"", 1, { "a\"b\\c\\d" }, { true } },
		{ "'a\\b'", 1, { "a\\b" }, { true } },
		{ "$HOME *;|&", 2, { "$HOME", "*;|&" }, { false, false } },
		{ "'' x", 2, { "", "x" }, { true, false } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *arena = arena_new();
		char        **got;
		bool         *quoted;
		size_t        count;

		assert_true(str_words(&got, &quoted, &count, cases[i].text, arena, NULL));
		assert_int_equal(count, cases[i].count);
		for (size_t k = 0; k < count; k++) {
			assert_string_equal(got[k], cases[i].want[k]);
			assert_int_equal(quoted[k], cases[i].quoted[k]);
		}
		assert_null(got[count]);
		arena_free(arena);
	}
}

static void
words_refused(void **state)
{
	static const char *const cases[] = { "'a", "a\"", "a \\", "\"a\\\"" };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *arena = arena_new();
		struct err    err = { 0 };
		char        **got;
		size_t        count;

		assert_false(str_words(&got, NULL, &count, cases[i], arena, &err));
		assert_int_equal(err.code, ERR_USAGE);
		arena_free(arena);
	}
}

static void
fields(void **state)
{
	static const struct { const char *line; int count; const char *want[3]; uint32_t cols[3]; } cases[] = {
		{ "a b", 2, { "a", "b" }, { 1, 3 } },
		{ "  a\t\"b c\" # rest", 2, { "a", "b c" }, { 3, 5 } },
		{ "# all of it", 0, { NULL }, { 0 } },
		{ "a#b", 1, { "a#b" }, { 1 } },
		{ "\"a\\\"b\\\\\"", 1, { "a\"b\\" }, { 1 } },
		{ "a \"\"", 2, { "a", "" }, { 1, 3 } },
		{ "a b c d", -1, { NULL }, { 7 } },
		{ "a \"b", -1, { NULL }, { 3 } },
		{ "\"a\"b", -1, { NULL }, { 1 } },
		{ "\"a\\", -1, { NULL }, { 1 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *arena = arena_new();
		struct err    err = { 0 };
		char         *got[3];
		uint32_t      cols[3];
		size_t        count = 0;
		bool          ok = str_fields(got, cols, &count, 3, cases[i].line, arena, &err);

		assert_int_equal(ok ? (int)count : -1, cases[i].count);
		for (size_t k = 0; ok && k < count; k++) {
			assert_string_equal(got[k], cases[i].want[k]);
			assert_int_equal(cols[k], cases[i].cols[k]);
		}
		if (!ok)
			assert_int_equal(err.col, cases[i].cols[0]);
		arena_free(arena);
	}
}

static void
base64(void **state)
{
	static const struct { const char *text; const char *bytes; long len; } cases[] = {
		{ "", "", 0 }, { "Zg==", "f", 1 }, { "Zm8=", "fo", 2 }, { "Zm9v", "foo", 3 }, { "Zm9vYg==", "foob", 4 },
		{ "Zg=", NULL, -1 }, { "Zg", NULL, -1 }, { "Zh==", NULL, -1 }, { "Zm9=", NULL, -1 }, { "Z===", NULL, -1 },
		{ "====", NULL, -1 }, { "Zg==Zg==", NULL, -1 }, { "Zm9 ", NULL, -1 }, { "Zm-_", NULL, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t    out[8];
		struct buf back = { 0 };

		assert_int_equal(str_base64_decode(out, sizeof out, cases[i].text, strlen(cases[i].text)), cases[i].len);
		if (cases[i].len < 0)
			continue;
		assert_memory_equal(out, cases[i].bytes, cases[i].len);
		str_base64_encode(&back, out, (size_t)cases[i].len);
		assert_string_equal(buf_str(&back), cases[i].text);
		buf_done(&back);
	}
	assert_int_equal(str_base64_decode((uint8_t[2]){ 0 }, 2, "Zm9v", 4), -1);
}

static void
hex(void **state)
{
	uint8_t    out[4];
	struct buf back = { 0 };

	(void)state;
	assert_int_equal(str_hex_decode(out, sizeof out, "00fFA1", 6), 3);
	assert_memory_equal(out, "\x00\xff\xa1", 3);
	assert_int_equal(str_hex_decode(out, sizeof out, "0", 1), -1);
	assert_int_equal(str_hex_decode(out, sizeof out, "0g", 2), -1);
	assert_int_equal(str_hex_decode(out, sizeof out, "0011223344", 10), -1);
	str_hex_encode(&back, "\x00\xff\xa1", 3);
	assert_string_equal(buf_str(&back), "00ffa1");
	buf_done(&back);
}

static void
the_rest(void **state)
{
	char text[24];

	(void)state;
	str_time(text, 1795430640);
	assert_string_equal(text, "2026-11-23T10:44:00Z");
	str_time(text, INT64_MAX);
	assert_string_equal(text, "0000-00-00T00:00:00Z");
	assert_string_equal(str_after("--dir=x", "--dir"), "=x");
	assert_null(str_after("--di", "--dir"));
	assert_int_equal(str_distance("dns", "dns"), 0);
	assert_int_equal(str_distance("dsn", "dns"), 1);
	assert_int_equal(str_distance("", "dns"), 3);
	assert_int_equal(str_distance("htttp", "http"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers), cmocka_unit_test(escaping), cmocka_unit_test(showing), cmocka_unit_test(words),
		cmocka_unit_test(words_refused), cmocka_unit_test(fields), cmocka_unit_test(base64), cmocka_unit_test(hex),
		cmocka_unit_test(the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
