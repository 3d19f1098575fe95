/* SPDX-License-Identifier: ISC */
#include "tui/line.h"

#include <ncurses.h>
#include <stdlib.h>
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

void
line_set(struct line *line, const char *text)
{
	line->len = strlen(text);
	if (line->len >= LINE_MAX_BYTES) {
		memcpy(line->text, text, LINE_MAX_BYTES);
		line->len = LINE_MAX_BYTES - 1;
		line->len = char_before(line, line->len);
	} else {
		memcpy(line->text, text, line->len);
	}
	line->text[line->len] = '\0';
	line->pos = line->len;
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
	if (key < ' ' || key >= KEY_FN(0))
		return false;
	insert(line, key);
	return true;
}

bool
line_key(struct line *line, int key)
{
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

int
line_draw(const struct line *line, int row, int col, int width, bool focus)
{
	char  *copy = strdup(line->text);
	size_t from = 0;
	int    at;

	if (copy == NULL)
		abort();
	copy[line->pos] = '\0';
	/* Scroll so that the cursor is inside; the window ends with the cursor when the line is longer. */
	while ((at = draw_width(copy + from)) >= width)
		from = char_after(line, from);
	draw_text(row, col, width, focus ? STYLE_CURSOR : STYLE_PLAIN, line->text + from);
	free(copy);
	return col + at;
}
