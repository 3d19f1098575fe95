/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ncurses.h>

#include "tui/list.h"
#include "tui/view.h"

/* In a list of COUNT rows of which ROWS are shown: KEYS in turn, then the cursor and the first row. */
static const struct { size_t count; int rows, keys[4]; size_t at, top; } moves[] = {
	{ 0, 5, { 'j', 'G' }, 0, 0 },
	{ 1, 5, { 'j', 'k' }, 0, 0 },
	{ 10, 5, { 'j' }, 1, 0 },
	{ 10, 5, { KEY_FN(KEY_DOWN), KEY_FN(KEY_DOWN), KEY_FN(KEY_UP) }, 1, 0 },
	{ 10, 5, { 'G' }, 9, 5 },
	{ 10, 5, { KEY_FN(KEY_END), KEY_FN(KEY_HOME) }, 0, 0 },
	{ 10, 5, { 'G', 'g' }, 0, 0 },
	{ 10, 5, { 'G', 'k' }, 8, 5 },
	{ 10, 5, { KEY_FN(KEY_NPAGE) }, 4, 0 },
	{ 10, 5, { KEY_CTRL('d'), KEY_CTRL('d') }, 8, 4 },
	{ 10, 5, { 'G', KEY_FN(KEY_PPAGE) }, 5, 5 },
	{ 10, 5, { 'G', KEY_CTRL('u'), KEY_CTRL('u') }, 1, 1 },
	{ 10, 1, { 'j', 'j' }, 2, 2 },
	{ 10, 0, { 'G' }, 9, 0 },
	{ 3, 5, { 'G' }, 2, 0 },
};

static void
keys_move(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
		struct list list = { 0 };

		list_fit(&list, moves[i].count, moves[i].rows);
		for (size_t k = 0; k < 4 && moves[i].keys[k] != 0; k++)
			assert_true(list_key(&list, moves[i].keys[k]));
		assert_int_equal(list.at, moves[i].at);
		if (moves[i].rows != 0)
			assert_int_equal(list.top, moves[i].top);
	}
}

static void
other_keys_are_not_ours(void **state)
{
	static const int keys[] = { 'x', '\r', 27, KEY_FN(KEY_LEFT), KEY_FN(KEY_F(1)), 0 };
	struct list      list = { 0 };

	(void)state;
	list_fit(&list, 10, 5);
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		assert_false(list_key(&list, keys[i]));
	assert_int_equal(list.at, 0);
}

static void
fit_keeps_the_cursor_inside(void **state)
{
	struct list list = { 0 };

	(void)state;
	list_fit(&list, 100, 10);
	list_key(&list, 'G');
	list_fit(&list, 50, 10);
	assert_int_equal(list.at, 49);
	assert_int_equal(list.top, 40);
	list_fit(&list, 50, 20);        /* a larger window shows no emptiness below */
	assert_int_equal(list.top, 30);
	list_fit(&list, 50, 3);
	assert_int_equal(list.top, 47);
	list_fit(&list, 0, 3);
	assert_int_equal(list.at, 0);
	assert_int_equal(list.top, 0);
}

static bool
is_wanted(void *arg, size_t i)
{
	return (*(const unsigned *)arg >> i & 1) != 0;
}

/* Rows that match (bits), where the cursor is, in which direction; where it ends. */
static const struct { unsigned rows; size_t at; bool back, found; size_t want; } finds[] = {
	{ 0x14, 0, false, true, 2 },
	{ 0x14, 2, false, true, 4 },
	{ 0x14, 4, false, true, 2 },
	{ 0x14, 4, true, true, 2 },
	{ 0x14, 2, true, true, 4 },
	{ 0x14, 0, true, true, 4 },
	{ 0x04, 2, false, true, 2 },
	{ 0x04, 2, true, true, 2 },
	{ 0x00, 3, false, false, 3 },
};

static void
find_goes_round(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof finds / sizeof finds[0]; i++) {
		unsigned    rows = finds[i].rows;
		struct list list = { 0 };

		list_fit(&list, 8, 2);
		list.at = finds[i].at;
		assert_int_equal(list_find(&list, finds[i].back, is_wanted, &rows), finds[i].found);
		assert_int_equal(list.at, finds[i].want);
		if (finds[i].found)
			assert_true(list.at >= list.top && list.at < list.top + 2);
	}
}

static void
find_in_nothing(void **state)
{
	unsigned    rows = ~0U;
	struct list list = { 0 };

	(void)state;
	list_fit(&list, 0, 2);
	assert_false(list_find(&list, false, is_wanted, &rows));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_move),
		cmocka_unit_test(other_keys_are_not_ours),
		cmocka_unit_test(fit_keeps_the_cursor_inside),
		cmocka_unit_test(find_goes_round),
		cmocka_unit_test(find_in_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
