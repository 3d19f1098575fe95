/* SPDX-License-Identifier: ISC */
#include "tui/draw.h"

#include <ncurses.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/buf.h"
#include "base/str.h"

#define FOOT_ROWS 3             /* message and two rows of keys */

static bool draw_utf8;

static const struct { short colour; attr_t attr; } styles[STYLES] = {
	[STYLE_TITLE] = { -1, A_REVERSE },
	[STYLE_RULE] = { -1, A_BOLD },
	[STYLE_CURSOR] = { -1, A_REVERSE },
	[STYLE_ADDED] = { COLOR_GREEN, A_NORMAL },
	[STYLE_CHANGED] = { COLOR_YELLOW, A_NORMAL },
	[STYLE_DELETED] = { COLOR_RED, A_NORMAL },
	[STYLE_ERROR] = { COLOR_RED, A_BOLD },
	[STYLE_WARNING] = { COLOR_YELLOW, A_BOLD },
	[STYLE_DIM] = { COLOR_CYAN, A_NORMAL },
	[STYLE_KEY] = { -1, A_REVERSE },
	[STYLE_PLAIN] = { -1, A_NORMAL },
};

void
draw_init(bool utf8)
{
	draw_utf8 = utf8;
	if (!has_colors() || getenv("LC_NO_COLOR") != NULL)
		return;
	start_color();
	use_default_colors();
	for (short i = 0; i < STYLES; i++)
		init_pair((short)(i + 1), styles[i].colour > 0 ? styles[i].colour : -1, -1);
}

int
draw_rows(void)
{
	return LINES;
}

int
draw_cols(void)
{
	return COLS;
}

int
draw_body_top(void)
{
	return 1;
}

int
draw_body_rows(void)
{
	return LINES - FOOT_ROWS - 1;
}

/* The bytes of TEXT that fit into WIDTH columns; *USED is how many they take.  TEXT is escaped already. */
static size_t
fit(const char *text, int width, int *used)
{
	mbstate_t state = { 0 };
	size_t    at = 0, len = strlen(text);

	*used = 0;
	while (at < len) {
		wchar_t wc;
		size_t  n = mbrtowc(&wc, text + at, len - at, &state);
		int     columns = n == 0 || n > len - at ? -1 : wcwidth(wc);

		if (columns < 0)
			return at;
		if (*used + columns > width)
			break;
		*used += columns;
		at += n;
	}
	return at;
}

int
draw_width(const char *text)
{
	struct buf out = { 0 };
	int        used;

	str_escape(&out, text, strlen(text), draw_utf8, false);
	fit(buf_str(&out), 1 << 20, &used);
	buf_done(&out);
	return used;
}

static attr_t
style_attr(enum style style)
{
	return styles[style].attr | (has_colors() && styles[style].colour > 0 ? COLOR_PAIR((int)style + 1) : 0);
}

void
draw_text(int row, int col, int width, enum style style, const char *text)
{
	struct buf out = { 0 };
	size_t     bytes;
	int        used;

	if (row < 0 || row >= LINES || col >= COLS || width <= 0)
		return;
	if (width > COLS - col)
		width = COLS - col;
	str_escape(&out, text, strlen(text), draw_utf8, false);
	bytes = fit(buf_str(&out), width, &used);
	if (bytes < out.len)
		bytes = fit(buf_str(&out), width - 1, &used);
	attrset(style_attr(style));
	mvaddnstr(row, col, buf_str(&out), (int)bytes);
	if (bytes < out.len)
		addch('>'), used++;
	if (used < width)
		printw("%*s", width - used, "");
	attrset(A_NORMAL);
	buf_done(&out);
}

void
draw_textf(int row, int col, int width, enum style style, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list    ap;

	va_start(ap, fmt);
	buf_vputf(&text, fmt, ap);
	va_end(ap);
	draw_text(row, col, width, style, buf_str(&text));
	buf_done(&text);
}

void
draw_title(const char *left, const char *right)
{
	int width = draw_width(right);

	draw_text(0, 0, COLS, STYLE_TITLE, "");
	draw_text(0, 1, COLS - width - 3, STYLE_TITLE, left);
	draw_text(0, COLS - width - 1, width, STYLE_TITLE, right);
}

void
draw_rule(int row, const char *left, const char *right)
{
	int width = draw_width(right);

	attrset(style_attr(STYLE_RULE));
	mvhline(row, 0, '-', COLS);
	attrset(A_NORMAL);
	if (*left != '\0')
		draw_textf(row, 2, draw_width(left) + 2 < COLS - 4 ? draw_width(left) + 2 : COLS - 4, STYLE_RULE, " %s ", left);
	if (*right != '\0' && width + draw_width(left) + 10 < COLS)
		draw_textf(row, COLS - width - 4, width + 2, STYLE_RULE, " %s ", right);
}

void
draw_message(const char *text, bool bad)
{
	draw_text(LINES - FOOT_ROWS, 0, COLS, bad ? STYLE_ERROR : STYLE_PLAIN, text);
}

void
draw_keys(const char *first, const char *second)
{
	draw_textf(LINES - 2, 0, COLS, STYLE_KEY, " %s", first);
	draw_textf(LINES - 1, 0, COLS - 1, STYLE_KEY, " %s", second);
}

void
draw_cursor(int row, int col)
{
	move(row, col < COLS ? col : COLS - 1);
}
