/* SPDX-License-Identifier: ISC */
/* Buffers, cursors, arenas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"

static void
numbers_survive(void **state)
{
	struct buf buf = { 0 };
	struct cur cur;

	(void)state;
	buf_put_u8(&buf, 0xfe);
	buf_put_u16(&buf, 0xfedc);
	buf_put_u32(&buf, 0xfedcba98);
	buf_put_u64(&buf, 0xfedcba9876543210);
	buf_set_u16(&buf, 1, 0x1234);
	assert_memory_equal(buf.data, "\xfe\x12\x34\xfe\xdc\xba\x98\xfe\xdc\xba\x98\x76\x54\x32\x10", 15);
	cur_init(&cur, buf.data, buf.len);
	assert_int_equal(cur_u8(&cur), 0xfe);
	assert_int_equal(cur_u16(&cur), 0x1234);
	assert_int_equal(cur_u32(&cur), 0xfedcba98);
	assert_false(cur_end(&cur));
	assert_true(cur_u64(&cur) == 0xfedcba9876543210);
	assert_true(cur_end(&cur));
	buf_done(&buf);
}

static void
broken_cursor_stays_broken(void **state)
{
	struct cur cur;

	(void)state;
	cur_init(&cur, "\x01\x02\x03", 3);
	assert_int_equal(cur_u32(&cur), 0);
	assert_true(cur.bad);
	assert_int_equal(cur_u8(&cur), 0);
	assert_int_equal(cur_left(&cur), 0);
	assert_null(cur_bytes(&cur, 0));
	assert_false(cur_end(&cur));
	cur_init(&cur, NULL, 0);
	assert_non_null(cur_bytes(&cur, 0));
	assert_true(cur_end(&cur));
	assert_null(cur_bytes(&cur, SIZE_MAX));
}

static void
text_grows(void **state)
{
	struct buf buf = { 0 };
	char      *text;

	(void)state;
	assert_string_equal(buf_str(&buf), "");
	for (int i = 0; i < 1000; i++)
		buf_putf(&buf, "%d,", i);
	assert_int_equal(buf.len, 10 * 2 + 90 * 3 + 900 * 4);
	buf_reset(&buf);
	buf_putf(&buf, "%0500d", 7);
	assert_int_equal(buf.len, 500);
	buf_puts(&buf, "x");
	buf_putc(&buf, 'y');
	text = buf_take(&buf);
	assert_string_equal(text + 499, "7xy");
	assert_null(buf.data);
	free(text);
	buf_done(&buf);
}

static void
arenas(void **state)
{
	struct arena *arena = arena_new();
	char         *small[200];

	(void)state;
	for (size_t i = 0; i < 200; i++) {
		uint8_t *block = arena_alloc(arena, i * 97 % 5000);

		assert_int_equal((uintptr_t)block % _Alignof(max_align_t), 0);
		for (size_t k = 0; k < i * 97 % 5000; k++)
			assert_int_equal(block[k], 0);
		memset(block, 0xff, i * 97 % 5000);
		small[i] = arena_printf(arena, "text %zu", i);
	}
	assert_string_equal(small[7], "text 7");
	assert_string_equal(small[199], "text 199");
	assert_string_equal(arena_strndup(arena, "abcdef", 3), "abc");
	assert_string_equal(arena_strdup(arena, ""), "");
	assert_memory_equal(arena_copy(arena, "\0x", 2), "\0x", 2);
	assert_non_null(arena_alloc(arena, 3000000));
	arena_free(arena);
	arena_free(NULL);
}

static void
arrays_grow(void **state)
{
	uint32_t *array = NULL;
	size_t    cap = 0;

	(void)state;
	for (uint32_t i = 0; i < 10000; i++) {
		mem_grow(&array, &cap, i + 1, sizeof *array);
		array[i] = i;
	}
	assert_true(cap >= 10000 && cap < 20000);
	assert_int_equal(array[9999], 9999);
	free(array);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_survive), cmocka_unit_test(broken_cursor_stays_broken), cmocka_unit_test(text_grows),
		cmocka_unit_test(arenas), cmocka_unit_test(arrays_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
