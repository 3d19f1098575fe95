/* SPDX-License-Identifier: ISC */
/*
 * Which type shall the new record have?  The table of types, with what each is for.
 */
#include <ctype.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "tui/draw.h"
#include "tui/list.h"
#include "tui/view.h"
#include "zone/rr.h"

struct pick {
	struct view     view;
	struct list     list;
	struct records *records;
	char            typed[16];      /* the first letters of a type */
};

static void
pick_draw(struct view *view)
{
	struct pick *pick = (struct pick *)view;
	int          row = draw_body_top();
	char         title[NAME_TEXT_MAX + 16];

	snprintf(title, sizeof(title), "%s > new record", records_zone(pick->records));
	draw_title(title, tui_who(view->tui));
	draw_rule(row++, "Type", pick->typed);
	list_fit(&pick->list, rr_type_count(), draw_body_rows() - 1);
	for (size_t i = pick->list.top; i < rr_type_count() && i < pick->list.top + pick->list.rows; i++) {
		const struct rr_type *type = rr_type_at(i);

		draw_textf(row + (int)(i - pick->list.top), 0, draw_cols(), i == pick->list.at ? STYLE_CURSOR : STYLE_PLAIN, "%c %-10s %s",
		    i == pick->list.at ? '>' : ' ', type->name, type->help != NULL ? type->help : "");
	}
	draw_cursor(row + (int)(pick->list.at - pick->list.top), 0);
}

/* Letters jump to the first type that begins with what was typed. */
static void
pick_type(struct pick *pick, int key)
{
	size_t len = strlen(pick->typed);

	if (len + 1 >= sizeof(pick->typed))
		return;
	pick->typed[len] = (char)toupper(key);
	for (size_t i = 0; i < rr_type_count(); i++)
		if (strncmp(rr_type_at(i)->name, pick->typed, len + 1) == 0) {
			pick->list.at = i;
			return;
		}
	pick->typed[len] = '\0';
}

static void
pick_key(struct view *view, int key)
{
	struct pick    *pick = (struct pick *)view;
	struct records *records = pick->records;
	uint16_t        type = rr_type_at(pick->list.at)->type;

	if (key == '\r' || key == KEY_FN(KEY_ENTER)) {
		view_pop(view->tui);
		edit_open(records, type, NULL, false);
	} else if (key == KEY_ESC) {
		view_pop(view->tui);
	} else if (key < 128 && isalnum(key)) {
		pick_type(pick, key);
	} else if (key == KEY_FN(KEY_BACKSPACE) || key == 127) {
		pick->typed[0] = '\0';
	} else {
		list_key(&pick->list, key);
	}
}

static void
pick_close(struct view *view)
{
	free(view);
}

static const char *const pick_help[] = {
	"  Type the first letters, or move with the arrows; Enter takes the type.",
	NULL,
};

static const struct view_type pick_type_view = {
	.name = "type of a new record",
	.keys = { "Type letters or move   Enter Take   Esc Cancel   F1 Help", "" },
	.help = pick_help,
	.draw = pick_draw, .key = pick_key, .close = pick_close,
	.edits_text = true,
};

void
pick_open(struct records *records)
{
	struct pick *pick = mem_alloc(sizeof(*pick));

	pick->records = records;
	view_push(records_tui(records), &pick->view, &pick_type_view);
}
