/* SPDX-License-Identifier: ISC */
/*
 * The stack of full-screen views: Enter goes deeper, Esc or q comes back.  A screen is one view_X.c with one struct view_type,
 * and one function that opens it.
 */
#ifndef TUI_VIEW_H
#define TUI_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/client.h"
#include "tui/draft.h"
#include "tui/line.h"

/* A key: a Unicode character, or KEY_FN of one of ncurses' KEY_ codes, which overlap characters. */
#define KEY_FN(code) ((code) | 0x1000000)
#define KEY_ESC      27
#define KEY_CTRL(c)  ((c) & 0x1f)

struct tui;
struct view;

struct view_type {
	const char *name;                               /* in help */
	const char *keys[2];                            /* the two bottom rows */
	const char *const *help;                        /* lines, NULL at the end */
	void (*draw)(struct view *view);
	void (*key)(struct view *view, int key);
	void (*event)(struct view *view, const struct client_event *event);     /* somebody published; may be NULL */
	void (*renew)(struct view *view);             /* on top again, or on top when something was published (not more often than once a second); may be NULL */
	bool (*unsaved)(const struct view *view);       /* would leaving lose something?  NULL: no */
	void (*close)(struct view *view);               /* frees */
	bool edits_text;                                /* plain characters are typed, not commands */
};

/* The head of each view's own struct. */
struct view {
	const struct view_type *type;
	struct view            *below;
	struct tui             *tui;
};

typedef void prompt_fn(struct view *view, const char *text);

struct tui {
	struct client  *client;
	struct identity who;
	char            host[256];
	struct view    *top;
	bool            quit;
	bool            interrupted;            /* Ctrl-C was the last key */
	char            who_text[400];
	bool            stale;                  /* something was published since the view on top was refreshed */
	int64_t         renewed_ms;
	char            message[800];
	bool            message_bad;
	struct {
		prompt_fn  *fn;                 /* NULL: no prompt is open */
		bool        yes_no;
		const char *label;
		struct line line;
	} prompt;
};

void view_push(struct tui *tui, struct view *view, const struct view_type *type);       /* takes VIEW */
void view_pop(struct tui *tui);                                                         /* of the last one: leaves */

/* The line above the keys; stays until the next key. */
void tui_say(struct tui *tui, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void tui_fail(struct tui *tui, const struct err *err);

/* One line of input in the message row; FN gets it, unless Esc was pressed.  tui_ask: only "y" calls FN. */
void tui_prompt(struct tui *tui, const char *label, const char *text, prompt_fn *fn);
void tui_ask(struct tui *tui, const char *question, prompt_fn *fn);

/* "who  host" for the right end of a title. */
const char *tui_who(struct tui *tui);

void tui_quit(struct tui *tui);         /* asks first when something would be lost */

/* What opens each screen. */
void zones_open(struct tui *tui);
void records_open(struct tui *tui, const char *zone);
void history_open(struct tui *tui, const char *zone);
void help_open(struct tui *tui);
void text_open(struct tui *tui, const char *title, const char *text);                   /* copies */

struct records;         /* the screen of a zone's records, which owns the draft */
void pick_open(struct records *records);                                                /* type of a new record */
void edit_open(struct records *records, uint16_t type, struct row *row, bool copy);     /* ROW: edit (COPY: a new one like it); NULL: a new one */
void review_open(struct records *records);
struct draft *records_draft(struct records *records);
struct tui   *records_tui(struct records *records);
const char   *records_zone(const struct records *records);
const char   *records_blob(const struct records *records);
char         *records_message(struct records *records);         /* for the commit, LINE_MAX_BYTES; kept until it is published */
const char   *records_owner(const struct records *records);     /* relative owner under the cursor, for a new record */
void records_select(struct records *records, const struct row *row);
void records_published(struct records *records);                /* take the zone anew, without a draft */
bool records_moved(const struct records *records);              /* somebody published since the draft began */

#endif
