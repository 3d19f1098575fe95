/* SPDX-License-Identifier: ISC */
#include "tui/draw.h"

#include <limits.h>
#include <ncurses.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/buf.h"
#include "base/str.h"

#define FOOT_ROWS    3          /* message and two rows of keys */
#define MESSAGE_ROWS 4          /* of a long message, which lies over the body */

/* Like ncurses' own screen, one for the process. */
static struct {
	bool utf8;
	int  row, col;          /* of the hardware cursor, once all is drawn */
} drawn;

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
	[STYLE_MESSAGE] = { -1, A_BOLD },
	[STYLE_PLAIN] = { -1, A_NORMAL },
};

void
draw_init(bool utf8)
{
	drawn.utf8 = utf8;
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

		if (columns < 0 || *used + columns > width)
			break;
		*used += columns;
		at += n;
	}
	return at;
}

/* Append TEXT so that the terminal obeys nothing in it, and that all of it can be shown: characters of unknown width become \DDD too. */
static void
escape(struct buf *out, const char *text)
{
	struct buf safe = { 0 };
	int        used;

	str_escape(&safe, text, strlen(text), drawn.utf8, false);
	for (const char *at = buf_str(&safe); *at != '\0';) {
		size_t n = fit(at, INT_MAX, &used);

		buf_put(out, at, n);
		at += n;
		for (bool first = true; *at != '\0' && (first || ((unsigned char)*at & 0xc0) == 0x80); first = false)
			buf_putf(out, "\\%03u", (unsigned char)*at++);
	}
	buf_done(&safe);
}

int
draw_width(const char *text)
{
	struct buf out = { 0 };
	int        used;

	escape(&out, text);
	fit(buf_str(&out), INT_MAX, &used);
	buf_done(&out);
	return used;
}

static attr_t
style_attr(enum style style)
{
	return styles[style].attr | (has_colors() && styles[style].colour > 0 ? COLOR_PAIR((int)style + 1) : 0);
}

/* BYTES of TEXT, which take USED columns, and blanks up to WIDTH. */
static void
put(int row, int col, int width, const char *text, size_t bytes, int used)
{
	mvaddnstr(row, col, text, (int)bytes);
	if (used < width)
		printw("%*s", width - used, "");
}

void
draw_text(int row, int col, int width, enum style style, const char *text)
{
	struct buf out = { 0 };
	size_t     bytes;
	int        used;

	if (row < 0 || row >= LINES || col < 0 || col >= COLS || width <= 0)
		return;
	if (width > COLS - col)
		width = COLS - col;
	escape(&out, text);
	bytes = fit(buf_str(&out), width, &used);
	if (bytes < out.len) {
		out.len = fit(buf_str(&out), width - 1, &used);
		buf_putc(&out, '>');
		bytes = out.len;
		used++;
	}
	attrset(style_attr(style));
	put(row, col, width, buf_str(&out), bytes, used);
	attrset(A_NORMAL);
	buf_done(&out);
}

/* Where the row that begins at TEXT and has BYTES should end: at the last blank, when what follows goes on. */
static size_t
word_break(const char *text, size_t bytes)
{
	size_t at = bytes;

	if (text[bytes] == '\0')
		return bytes;
	while (at > 0 && text[at] != ' ')
		at--;
	return at != 0 ? at : bytes;
}

int
draw_wrap(int row, int col, int width, int rows, enum style style, const char *text)
{
	struct buf  out = { 0 };
	const char *at;
	int         used, n = 0;

	escape(&out, text);
	for (at = buf_str(&out); *at != '\0' && n + 1 < rows; n++) {
		size_t bytes = word_break(at, fit(at, width, &used));

		if (bytes == 0)
			break;
		draw_textf(row + n, col, width, style, "%.*s", (int)bytes, at);
		for (at += bytes; *at == ' ';)
			at++;
	}
	if (*at != '\0')
		draw_text(row + n++, col, width, style, at);
	buf_done(&out);
	return n;
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

	if (width > COLS / 2)
		width = COLS / 2;
	draw_text(0, 0, COLS, STYLE_TITLE, "");
	draw_text(0, 1, COLS - width - 4, STYLE_TITLE, left);
	draw_text(0, COLS - width - 1, width, STYLE_TITLE, right);
}

void
draw_rule(int row, const char *left, const char *right)
{
	int left_width = draw_width(left), right_width = draw_width(right);

	attrset(style_attr(STYLE_RULE));
	mvhline(row, 0, '-', COLS);
	attrset(A_NORMAL);
	if (left_width > COLS - 6)
		left_width = COLS - 6;
	if (left_width != 0)
		draw_textf(row, 2, left_width + 2, STYLE_RULE, " %s ", left);
	if (right_width != 0 && right_width + left_width + 10 < COLS)
		draw_textf(row, COLS - right_width - 4, right_width + 2, STYLE_RULE, " %s ", right);
}

void
draw_message(const char *text, bool bad)
{
	int rows = draw_wrap(LINES, 0, COLS - 1, MESSAGE_ROWS, STYLE_PLAIN, text);      /* below the screen: only counts */

	draw_wrap(LINES - FOOT_ROWS + 1 - (rows > 1 ? rows : 1), 0, COLS - 1, MESSAGE_ROWS, bad ? STYLE_ERROR : STYLE_MESSAGE, text);
}

void
draw_keys(const char *first, const char *second)
{
	draw_textf(LINES - 2, 0, COLS, STYLE_KEY, " %s", first);
	draw_textf(LINES - 1, 0, COLS, STYLE_KEY, " %s", second);
}

void
draw_cursor(int row, int col)
{
	drawn.row = row;
	drawn.col = col < COLS ? col : COLS - 1;
}

void
draw_done(void)
{
	move(drawn.row, drawn.col);
	refresh();
}
