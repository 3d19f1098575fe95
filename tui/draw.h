/* SPDX-License-Identifier: ISC */
/*
 * Drawing: the frame that all screens share (title, body, message, two rows of keys) and text that is escaped, clipped and
 * styled.  Styles are marks and attributes first and colours second: nothing is told by colour alone.
 */
#ifndef TUI_DRAW_H
#define TUI_DRAW_H

#include <stdbool.h>
#include <stddef.h>

struct tui;

enum style {
	STYLE_PLAIN, STYLE_TITLE, STYLE_RULE, STYLE_CURSOR, STYLE_ADDED, STYLE_CHANGED, STYLE_DELETED, STYLE_ERROR, STYLE_WARNING,
	STYLE_DIM, STYLE_KEY, STYLE_MESSAGE, STYLES
};

#define SCREEN_MIN_ROWS 16
#define SCREEN_MIN_COLS 60

/* Once, after the terminal is set up. */
void draw_init(bool utf8);

int draw_rows(void);            /* of the screen */
int draw_cols(void);
int draw_body_top(void);        /* first row between title and message */
int draw_body_rows(void);

/* TEXT at ROW and COL in at most WIDTH columns, blanks behind it to fill them; what is cut off ends in '>'.  Bytes that a terminal might obey are shown as \DDD. */
void draw_text(int row, int col, int width, enum style style, const char *text);
void draw_textf(int row, int col, int width, enum style style, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* TEXT over at most ROWS rows, broken at blanks where it has some; the number of rows it took. */
int draw_wrap(int row, int col, int width, int rows, enum style style, const char *text);

void draw_title(const char *left, const char *right);
void draw_rule(int row, const char *left, const char *right);           /* "-- left ------ right --" */
void draw_message(const char *text, bool bad);                          /* a long one takes rows of the body; so call it last */
void draw_keys(const char *first, const char *second);

/* The hardware cursor will stand where the selection is, for screen readers.  The last call counts. */
void draw_cursor(int row, int col);

/* Show all that was drawn. */
void draw_done(void);

/* Columns that TEXT takes when drawn. */
int draw_width(const char *text);

#endif
