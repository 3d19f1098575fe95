/* SPDX-License-Identifier: ISC */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <ncurses.h>

#include "tui/line.h"
#include "tui/view.h"

#define LEFT  KEY_FN(KEY_LEFT)
#define RIGHT KEY_FN(KEY_RIGHT)
#define HOME  KEY_FN(KEY_HOME)
#define END   KEY_FN(KEY_END)
#define BACK  KEY_FN(KEY_BACKSPACE)
#define DEL   KEY_FN(KEY_DC)

/* TEXT, then KEYS; what it has become, and where the cursor is. */
static const struct { const char *text; int keys[6]; const char *want; size_t pos; } edits[] = {
	{ "", { 'a', 'b' }, "ab", 2 },
	{ "ac", { LEFT, 'b' }, "abc", 2 },
	{ "abc", { BACK }, "ab", 2 },
	{ "abc", { 127 }, "ab", 2 },
	{ "abc", { KEY_CTRL('h') }, "ab", 2 },
	{ "", { BACK, LEFT, RIGHT, DEL }, "", 0 },
	{ "abc", { DEL }, "abc", 3 },
	{ "abc", { HOME, DEL }, "bc", 0 },
	{ "abc", { HOME, RIGHT, DEL }, "ac", 1 },
	{ "abc", { HOME, 'x', END, 'y' }, "xabcy", 5 },
	{ "abc", { LEFT, KEY_CTRL('u') }, "c", 0 },
	{ "abc", { LEFT, KEY_CTRL('k') }, "ab", 2 },
	{ "abc", { HOME, KEY_CTRL('e') }, "abc", 3 },
	{ "", { 0xfc, 0x20ac, 0x1f600 }, "\u00fc\u20ac\U0001f600", 9 },
	{ "\u00fc\u20ac", { BACK }, "\u00fc", 2 },
	{ "\u00fc\u20ac", { LEFT, LEFT, DEL }, "\u20ac", 0 },
	{ "a\u20acb", { HOME, RIGHT, RIGHT, 'x' }, "a\u20acxb", 5 },
	{ "a", { 0xd800 }, "a", 1 },            /* no character */
	{ "a", { 0x10ffff }, "a\U0010ffff", 5 },
};

static void
keys_edit(void **state)
{
	static struct line line;

	(void)state;
	for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
		assert_true(line_set(&line, edits[i].text));
		for (size_t k = 0; k < 6 && edits[i].keys[k] != 0; k++)
			assert_true(line_key(&line, edits[i].keys[k]));
		assert_string_equal(line.text, edits[i].want);
		assert_int_equal(line.len, strlen(edits[i].want));
		assert_int_equal(line.pos, edits[i].pos);
	}
}

static void
other_keys_are_not_ours(void **state)
{
	static const int   keys[] = { '\r', '\n', '\t', 27, KEY_CTRL('c'), KEY_FN(KEY_UP), KEY_FN(KEY_F(2)), KEY_FN(KEY_RESIZE), 0x110000 };
	static struct line line;

	(void)state;
	line_set(&line, "abc");
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		assert_false(line_key(&line, keys[i]));
	assert_string_equal(line.text, "abc");
}

static void
a_long_text_is_cut_at_a_character(void **state)
{
	static struct line line;
	static char        text[LINE_MAX_BYTES + 100];

	(void)state;
	memset(text, 'a', LINE_MAX_BYTES - 1);
	assert_true(line_set(&line, text));
	assert_int_equal(line.len, LINE_MAX_BYTES - 1);
	assert_true(line_key(&line, 'x'));      /* no room: ignored */
	assert_int_equal(line.len, LINE_MAX_BYTES - 1);
	strcpy(text + LINE_MAX_BYTES - 2, "\u20ac\u20ac");
	assert_false(line_set(&line, text));
	assert_int_equal(line.len, LINE_MAX_BYTES - 2);
	assert_int_equal(line.text[line.len - 1], 'a');
	assert_true(line_key(&line, 0xfc));     /* two bytes do not fit any more */
	assert_int_equal(line.len, LINE_MAX_BYTES - 2);
	assert_true(line_key(&line, 'x'));
	assert_int_equal(line.len, LINE_MAX_BYTES - 1);
}

static void
a_proposal_gives_way_to_what_is_typed(void **state)
{
	struct line line;

	(void)state;
	line_offer(&line, "www");
	assert_string_equal(line.text, "www");
	assert_true(line_key(&line, 'm'));
	assert_true(line_key(&line, 'x'));
	assert_string_equal(line.text, "mx");
	line_offer(&line, "www");               /* moved into: it is meant */
	assert_true(line_key(&line, KEY_FN(KEY_LEFT)));
	assert_true(line_key(&line, 'x'));
	assert_string_equal(line.text, "wwxw");
	line_offer(&line, "www");
	assert_true(line_key(&line, 127));
	assert_string_equal(line.text, "ww");
	line_offer(&line, "www");
	assert_true(line_set(&line, "a"));
	assert_true(line_key(&line, 'b'));
	assert_string_equal(line.text, "ab");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_edit),
		cmocka_unit_test(a_proposal_gives_way_to_what_is_typed),
		cmocka_unit_test(other_keys_are_not_ours),
		cmocka_unit_test(a_long_text_is_cut_at_a_character),
	};

	if (setlocale(LC_ALL, "C.UTF-8") == NULL)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
