/* SPDX-License-Identifier: ISC */
/*
 * One line of text that is being typed: keys in, text out.
 */
#ifndef TUI_LINE_H
#define TUI_LINE_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_MAX_BYTES 8192

struct line {
	char   text[LINE_MAX_BYTES];    /* UTF-8, NUL-terminated */
	size_t len;
	size_t pos;                     /* cursor, a byte offset at a character */
	bool   offered;                 /* a proposal: the first character typed replaces it */
};

bool line_set(struct line *line, const char *text);     /* cursor at the end; false: too long, cut at a character */
void line_offer(struct line *line, const char *text);   /* the same, as a proposal */
bool line_key(struct line *line, int key);              /* false: not a key for a line */

/* Draw it in WIDTH columns so that the cursor is seen; the column of the cursor is returned. */
int line_draw(const struct line *line, int row, int col, int width, bool focus);

#endif
