/* SPDX-License-Identifier: ISC */
#include "tui/line.h"

#include <ncurses.h>
#include <string.h>
#include <wchar.h>

#include "tui/draw.h"
#include "tui/view.h"

static size_t
char_before(const struct line *line, size_t pos)
{
	while (pos > 0 && ((unsigned char)line->text[--pos] & 0xc0) == 0x80)
		;
	return pos;
}

static size_t
char_after(const struct line *line, size_t pos)
{
	if (pos < line->len)
		pos++;
	while (pos < line->len && ((unsigned char)line->text[pos] & 0xc0) == 0x80)
		pos++;
	return pos;
}

bool
line_set(struct line *line, const char *text)
{
	bool fits = strlen(text) < LINE_MAX_BYTES;

	line->len = fits ? strlen(text) : LINE_MAX_BYTES - 1;
	while (!fits && line->len > 0 && ((unsigned char)text[line->len] & 0xc0) == 0x80)
		line->len--;
	memcpy(line->text, text, line->len);
	line->text[line->len] = '\0';
	line->pos = line->len;
	line->offered = false;
	return fits;
}

static void
cut(struct line *line, size_t from, size_t to)
{
	memmove(line->text + from, line->text + to, line->len - to + 1);
	line->len -= to - from;
	line->pos = from;
}

static void
insert(struct line *line, int key)
{
	mbstate_t state = { 0 };
	char      bytes[16];
	size_t    n = wcrtomb(bytes, (wchar_t)key, &state);

	if (n == (size_t)-1 || line->len + n >= LINE_MAX_BYTES)
		return;
	memmove(line->text + line->pos + n, line->text + line->pos, line->len - line->pos + 1);
	memcpy(line->text + line->pos, bytes, n);
	line->len += n;
	line->pos += n;
}

static bool
edit(struct line *line, int key)
{
	switch (key) {
	case KEY_FN(KEY_BACKSPACE): case 127: case KEY_CTRL('h'):
		cut(line, char_before(line, line->pos), line->pos);
		return true;
	case KEY_FN(KEY_DC):
		cut(line, line->pos, char_after(line, line->pos));
		return true;
	case KEY_CTRL('u'):
		cut(line, 0, line->pos);
		return true;
	case KEY_CTRL('k'):
		cut(line, line->pos, line->len);
		return true;
	}
	if (key < ' ' || key > 0x10ffff)
		return false;
	insert(line, key);
	return true;
}

void
line_offer(struct line *line, const char *text)
{
	line_set(line, text);
	line->offered = true;
}

bool
line_key(struct line *line, int key)
{
	if (line->offered && key >= ' ' && key < KEY_FN(0) && key != 127)
		line_set(line, "");
	line->offered = false;
	switch (key) {
	case KEY_FN(KEY_LEFT):
		line->pos = char_before(line, line->pos);
		return true;
	case KEY_FN(KEY_RIGHT):
		line->pos = char_after(line, line->pos);
		return true;
	case KEY_FN(KEY_HOME):
		line->pos = 0;
		return true;
	case KEY_FN(KEY_END): case KEY_CTRL('e'):
		line->pos = line->len;
		return true;
	}
	return edit(line, key);
}

/* Columns of the character at byte AT. */
static int
char_width(const struct line *line, size_t at)
{
	char   one[8];
	size_t n = char_after(line, at) - at;

	if (n >= sizeof(one))
		n = sizeof(one) - 1;
	memcpy(one, line->text + at, n);
	one[n] = '\0';
	return draw_width(one);
}

int
line_draw(const struct line *line, int row, int col, int width, bool focus)
{
	size_t from = line->pos;
	int    at = 0;

	/* As much before the cursor as fits; the window ends with the cursor when the line is longer. */
	while (from > 0) {
		size_t before = char_before(line, from);
		int    columns = char_width(line, before);

		if (at + columns >= width)
			break;
		at += columns;
		from = before;
	}
	draw_text(row, col, width, focus ? STYLE_CURSOR : STYLE_PLAIN, line->text + from);
	return col + at;
}
