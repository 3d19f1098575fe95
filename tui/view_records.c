/* SPDX-License-Identifier: ISC */
/*
 * The records of a zone, and the draft of what this person changes in it.
 */
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "tui/draw.h"
#include "tui/list.h"
#include "tui/view.h"
#include "zone/name.h"

#define PANE_ROWS 5     /* the selected record in full */

struct records {
	struct view     view;
	struct list     list;
	char            zone[NAME_TEXT_MAX];
	struct zone_doc doc;
	struct draft   *draft;
	char            find[256];
};

struct draft *
records_draft(struct records *records)
{
	return records->draft;
}

struct tui *
records_tui(struct records *records)
{
	return records->view.tui;
}

const char *
records_zone(const struct records *records)
{
	return records->zone;
}

const char *
records_blob(const struct records *records)
{
	return records->doc.blob;
}

static struct row *
current(const struct records *records)
{
	return records->draft->row_count != 0 ? records->draft->rows[records->list.at] : NULL;
}

const char *
records_owner(const struct records *records)
{
	static char       text[NAME_TEXT_MAX];
	const struct row *row = current(records);

	name_print_rel(text, row != NULL ? row->now.owner : records->draft->apex, records->draft->apex);
	return text;
}

void
records_select(struct records *records, const struct row *row)
{
	for (size_t i = 0; i < records->draft->row_count; i++)
		if (records->draft->rows[i] == row)
			records->list.at = i;
}

/* Read the zone anew.  Edits that are not published move onto what is there now, unless FRESH. */
static bool
records_load(struct records *records, bool fresh)
{
	struct tui     *tui = records->view.tui;
	struct zone_doc doc = { 0 };
	struct err      err = { 0 };
	struct draft   *draft = NULL;
	size_t          conflicts = 0;

	if (client_zone_get(tui->client, records->zone, "", &doc, &err))
		draft = draft_new(doc.text, doc.len, records->zone, &err);
	if (draft == NULL) {
		zone_doc_done(&doc);
		tui_fail(tui, &err);
		return false;
	}
	if (!fresh && records->draft != NULL)
		conflicts = draft_rebase(draft, records->draft);
	draft_free(records->draft);
	zone_doc_done(&records->doc);
	records->draft = draft;
	records->doc = doc;
	list_fit(&records->list, draft->row_count, (int)records->list.rows);
	if (conflicts != 0)
		tui_say(tui, "%zu of your edits touch what somebody else changed: look at the rows marked ! before you publish", conflicts);
	return true;
}

void
records_published(struct records *records)
{
	records_load(records, true);
}

static const struct { char mark; enum style style; } state_look[] = {
	[ROW_KEPT] = { ' ', STYLE_PLAIN }, [ROW_ADDED] = { '+', STYLE_ADDED },
	[ROW_CHANGED] = { '~', STYLE_CHANGED }, [ROW_DELETED] = { '-', STYLE_DELETED },
};

static void
row_draw(const struct records *records, size_t i, int at_row)
{
	const struct row *row = records->draft->rows[i];
	bool              at = i == records->list.at;
	bool              same = i > records->list.top && !at && name_equal(row->now.owner, records->draft->rows[i - 1]->now.owner);
	enum style        style = at ? STYLE_CURSOR : row->conflict ? STYLE_ERROR : state_look[row->state].style;
	int               name_width = draw_cols() / 4;
	char              name[NAME_TEXT_MAX], type[16];
	struct buf        data = { 0 };

	name_print_rel(name, row->now.owner, records->draft->apex);
	rdata_print(&data, row->now.type, row->now.rdata, row->now.rdlen, records->draft->apex);
	if (row->now.comment[0] != '\0')
		buf_putf(&data, "  ; %s", row->now.comment);
	draw_text(at_row, 0, draw_cols(), style, "");
	draw_textf(at_row, 0, 3, style, "%c%c", at ? '>' : ' ', row->conflict ? '!' : state_look[row->state].mark);
	draw_text(at_row, 3, name_width, style, same ? "" : name);
	draw_textf(at_row, 4 + name_width, 7, style, "%6u", row->now.ttl);
	draw_text(at_row, 12 + name_width, 8, style, rr_type_print(type, row->now.type));
	draw_text(at_row, 21 + name_width, draw_cols() - 21 - name_width, style, buf_str(&data));
	buf_done(&data);
}

/* TEXT over at most ROWS rows. */
static void
wrap_draw(int row, int rows, enum style style, const char *text)
{
	int    width = draw_cols() - 3;
	size_t len = strlen(text), at = 0;

	for (int i = 0; i < rows && at < len; i++) {
		size_t n = i + 1 < rows && len - at > (size_t)width ? (size_t)width : len - at;

		draw_textf(row + i, 1, draw_cols() - 2, style, "%.*s", (int)n, text + at);
		at += n;
	}
}

static void
pane_draw(const struct records *records, int at_row)
{
	const struct row *row = current(records);
	struct buf        text = { 0 };
	char              name[NAME_TEXT_MAX], type[16];

	if (row == NULL)
		return;
	name_print_rel(name, row->now.owner, records->draft->apex);
	buf_putf(&text, "%s %s", name, rr_type_print(type, row->now.type));
	draw_rule(at_row++, buf_str(&text), "");
	buf_reset(&text);
	row_print(&text, records->draft, &row->now);
	wrap_draw(at_row, row->state == ROW_CHANGED ? 2 : PANE_ROWS - 1, STYLE_PLAIN, buf_str(&text));
	if (row->state == ROW_CHANGED) {
		buf_reset(&text);
		buf_puts(&text, "was: ");
		row_print(&text, records->draft, &row->was);
		wrap_draw(at_row + 2, 2, STYLE_DIM, buf_str(&text));
	}
	buf_done(&text);
}

static void
records_draw(struct view *view)
{
	struct records *records = (struct records *)view;
	unsigned        added, changed, deleted;
	char            left[NAME_TEXT_MAX + 40], right[80] = "no draft";
	int             row = draw_body_top(), rows = draw_body_rows() - PANE_ROWS - 1;

	snprintf(left, sizeof(left), "%s   serial %u   %s", records->zone, records->doc.serial, access_name(records->doc.access));
	draw_title(left, tui_who(view->tui));
	draft_counts(records->draft, &added, &changed, &deleted);
	if (added + changed + deleted != 0)
		snprintf(right, sizeof(right), "draft: +%u ~%u -%u", added, changed, deleted);
	snprintf(left, sizeof(left), "Records %zu", records->draft->row_count);
	draw_rule(row++, left, right);
	list_fit(&records->list, records->draft->row_count, rows);
	for (size_t i = records->list.top; i < records->draft->row_count && i < records->list.top + records->list.rows; i++)
		row_draw(records, i, row + (int)(i - records->list.top));
	pane_draw(records, row + rows);
	draw_cursor(row + (int)(records->list.at - records->list.top), 0);
}

static bool
row_matches(void *arg, size_t i)
{
	const struct records *records = arg;
	struct buf            text = { 0 };
	bool                  found;

	row_print(&text, records->draft, &records->draft->rows[i]->now);
	found = strcasestr(buf_str(&text), records->find) != NULL;
	buf_done(&text);
	return found;
}

static void
records_find(struct records *records, bool back)
{
	if (records->find[0] != '\0' && !list_find(&records->list, back, row_matches, records))
		tui_say(records->view.tui, "no record has \"%s\" in it", records->find);
}

static void
on_find(struct view *view, const char *text)
{
	struct records *records = (struct records *)view;

	snprintf(records->find, sizeof(records->find), "%s", text);
	records_find(records, false);
}

static void
on_leave(struct view *view, const char *text)
{
	(void)text;
	view_pop(view->tui);
}

static void
on_quit(struct view *view, const char *text)
{
	(void)text;
	view->tui->quit = true;
}

static void
records_leave(struct records *records, prompt_fn *how)
{
	if (draft_dirty(records->draft))
		tui_ask(records->view.tui, "Throw away the edits that are not published? (y/n)", how);
	else
		how(&records->view, "");
}

static bool
may_edit(struct records *records)
{
	if (records->doc.access >= ACCESS_MAINTAINER)
		return true;
	tui_say(records->view.tui, "as %s of this zone you may read, not publish", access_name(records->doc.access));
	return false;
}

static void
records_undo(struct records *records)
{
	if (!draft_undo(records->draft))
		tui_say(records->view.tui, "nothing to undo");
}

/* Who last published this RRset. */
static void
records_blame(struct records *records)
{
	const struct row *row = current(records);
	char              owner[NAME_TEXT_MAX], type[16];
	struct log_query  query = { .zone = records->zone, .owner = owner, .type = type, .limit = 1 };
	struct log_entry *entry = NULL;
	size_t            count = 0;
	struct err        err = { 0 };

	if (row == NULL)
		return;
	name_print(owner, row->was.owner);
	rr_type_print(type, row->was.type);
	if (!client_log(records->view.tui->client, &query, &entry, &count, &err))
		tui_fail(records->view.tui, &err);
	else if (count == 0)
		tui_say(records->view.tui, "not published yet");
	else
		tui_say(records->view.tui, "%.7s by %s: %s", entry->commit, entry->author, entry->subject);
	free(entry);
}

/* The keys that change something; true when KEY was one. */
static bool
edit_key(struct records *records, int key)
{
	struct row *row = current(records);

	switch (key) {
	case 'a': case KEY_FN(KEY_IC):
		pick_open(records);
		return true;
	case '\r': case KEY_FN(KEY_ENTER): case 'e': case 'y':
		if (row != NULL && row->state != ROW_DELETED)
			edit_open(records, row->now.type, row, key == 'y');
		return true;
	case 'd': case KEY_FN(KEY_DC):
		if (row != NULL)
			draft_toggle(records->draft, row);
		return true;
	case 'u':
		records_undo(records);
		return true;
	case 'c':
		if (draft_dirty(records->draft))
			review_open(records);
		else
			tui_say(records->view.tui, "nothing to publish: a adds, e edits, d deletes");
		return true;
	}
	return false;
}

static void
records_key(struct view *view, int key)
{
	static const int edits[] = { 'a', KEY_FN(KEY_IC), '\r', KEY_FN(KEY_ENTER), 'e', 'y', 'd', KEY_FN(KEY_DC), 'u', 'c' };
	struct records  *records = (struct records *)view;

	if (list_key(&records->list, key))
		return;
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++)
		if (edits[i] == key) {
			if (may_edit(records))
				edit_key(records, key);
			return;
		}
	switch (key) {
	case '/': tui_prompt(view->tui, "Find record:", records->find, on_find); break;
	case 'n': records_find(records, false); break;
	case 'N': records_find(records, true); break;
	case 'b': records_blame(records); break;
	case 'l': history_open(view->tui, records->zone); break;
	case 'R': case KEY_FN(KEY_F(5)): records_load(records, false); break;
	case KEY_ESC: case 'q': case KEY_FN(KEY_LEFT): records_leave(records, on_leave); break;
	case 'Q': records_leave(records, on_quit); break;
	}
}

static void
records_event(struct view *view, const struct client_event *event)
{
	struct records *records = (struct records *)view;

	if (strcmp(event->zone, records->zone) != 0 || strcmp(event->commit, records->doc.commit) == 0)
		return;
	if (!draft_dirty(records->draft) && view->tui->top == view) {
		if (records_load(records, true))
			tui_say(view->tui, "%s published: %s", event->who, event->subject);
	} else {
		tui_say(view->tui, "%s published: %s (R takes it into your draft)", event->who, event->subject);
	}
}

static void
records_shown(struct view *view)
{
	struct records *records = (struct records *)view;

	list_fit(&records->list, records->draft->row_count, (int)records->list.rows);
}

static void
records_close(struct view *view)
{
	struct records *records = (struct records *)view;

	zone_doc_done(&records->doc);
	draft_free(records->draft);
	free(records);
}

static const char *const records_help[] = {
	"  a Ins        add a record: its type first, then its fields",
	"  e Enter      edit the record       y   a new one like it",
	"  d Del        mark it for deletion; again: take that back",
	"  u            undo the last edit",
	"  c            check and publish what you edited, as one commit",
	"  b            who set this record   l   history of the zone",
	"  R            read the zone anew; your edits stay",
	"",
	"Nothing is published before you say so in the review (c).",
	NULL,
};

static const struct view_type records_type = {
	.name = "records",
	.keys = { "a Add   e Edit   d Delete   y Duplicate   u Undo   / Find   n Next",
	    "c Check+publish   l Log   b Who   R Reload   ? Help   q Back" },
	.help = records_help,
	.draw = records_draw, .key = records_key, .event = records_event, .shown = records_shown, .close = records_close,
};

void
records_open(struct tui *tui, const char *zone)
{
	struct records *records = mem_alloc(sizeof(*records));

	snprintf(records->zone, sizeof(records->zone), "%s", zone);
	records->view.tui = tui;
	if (records_load(records, true))
		view_push(tui, &records->view, &records_type);
	else
		free(records);
}
