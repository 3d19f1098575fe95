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
	bool            moved;          /* somebody published since DOC was read */
	char            find[256];
	char            message[LINE_MAX_BYTES];
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

char *
records_message(struct records *records)
{
	return records->message;
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

bool
records_moved(const struct records *records)
{
	return records->moved;
}

/* Keep the cursor on the record that it was on, or on its neighbours, when the rows are new. */
static void
cursor_keep(struct records *records, const struct row_data *was)
{
	size_t best = 0, best_at = records->list.at;

	for (size_t i = 0; was != NULL && i < records->draft->row_count; i++) {
		const struct row_data *now = &records->draft->rows[i]->now;
		bool                   owner = name_equal(now->owner, was->owner), type = owner && now->type == was->type;
		size_t                 like = (size_t)owner + type +
		    (type && rdata_equal(now->type, now->rdata, now->rdlen, was->rdata, was->rdlen));

		if (like > best) {
			best = like;
			best_at = i;
		}
	}
	records->list.at = best_at;
}

/* Read the zone anew.  Edits that are not published move onto what is there now, unless FRESH. */
static bool
records_load(struct records *records, bool fresh)
{
	struct tui     *tui = records->view.tui;
	struct zone_doc doc = { 0 };
	struct err      err = { 0 };
	struct draft   *draft = NULL, *old;
	struct row     *at;
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
	at = records->draft != NULL ? current(records) : NULL;
	old = records->draft;
	zone_doc_done(&records->doc);
	records->draft = draft;
	records->doc = doc;
	records->moved = false;
	cursor_keep(records, at != NULL ? &at->now : NULL);
	draft_free(old);
	list_fit(&records->list, draft->row_count, (int)records->list.rows);
	if (conflicts != 0)
		tui_say(tui, "%zu conflict%s: somebody else changed the same RRset; look at what is marked ! before you publish", conflicts,
		    conflicts == 1 ? "" : "s");
	return true;
}

void
records_published(struct records *records)
{
	records->message[0] = '\0';
	records_load(records, true);
}

static const struct { char mark; enum style style; } state_look[] = {
	[ROW_KEPT] = { ' ', STYLE_PLAIN }, [ROW_ADDED] = { '+', STYLE_ADDED },
	[ROW_CHANGED] = { '~', STYLE_CHANGED }, [ROW_DELETED] = { '-', STYLE_DELETED },
};

/* Where the columns begin. */
static int
ttl_col(void)
{
	return 4 + draw_cols() / 4;
}

/* The record of ROW after its TTL: type and data, what they were, the comment. */
static void
row_describe(const struct records *records, const struct row *row, struct buf *out)
{
	const uint8_t *apex = records->draft->apex;
	char           type[16];

	buf_putf(out, "%-6s ", rr_type_print(type, row->now.type));
	rdata_print(out, row->now.type, row->now.rdata, row->now.rdlen, apex);
	if (row->state == ROW_CHANGED && !rdata_equal(row->now.type, row->now.rdata, row->now.rdlen, row->was.rdata, row->was.rdlen)) {
		buf_puts(out, "   was ");
		rdata_print(out, row->was.type, row->was.rdata, row->was.rdlen, apex);
	}
	if (row->now.comment[0] != '\0')
		buf_putf(out, "  ; %s", row->now.comment);
}

static void
row_draw(const struct records *records, size_t i, int at_row)
{
	const struct row *row = records->draft->rows[i];
	const struct row *above = i > records->list.top ? records->draft->rows[i - 1] : NULL;
	bool              at = i == records->list.at;
	bool              same = above != NULL && !at && name_equal(row->now.owner, above->now.owner);
	enum style        style = at ? STYLE_CURSOR : row->conflict ? STYLE_ERROR : state_look[row->state].style;
	char              name[NAME_TEXT_MAX];
	struct buf        data = { 0 };

	name_print_rel(name, row->now.owner, records->draft->apex);
	row_describe(records, row, &data);
	draw_text(at_row, 0, draw_cols(), style, "");
	draw_textf(at_row, 0, 3, style, "%c%c", at ? '>' : ' ', row->conflict ? '!' : state_look[row->state].mark);
	draw_text(at_row, 3, ttl_col() - 4, style, same ? "" : name);
	if (!same || row->now.ttl != above->now.ttl)
		draw_textf(at_row, ttl_col(), 7, style, "%7u", row->now.ttl);
	draw_text(at_row, ttl_col() + 8, draw_cols() - ttl_col() - 8, style, buf_str(&data));
	buf_done(&data);
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
	draw_wrap(at_row, 1, draw_cols() - 2, row->state == ROW_CHANGED ? 2 : PANE_ROWS - 1, STYLE_PLAIN, buf_str(&text));
	if (row->state == ROW_CHANGED) {
		buf_reset(&text);
		buf_puts(&text, "was: ");
		row_print(&text, records->draft, &row->was);
		draw_wrap(at_row + 2, 1, draw_cols() - 2, 2, STYLE_DIM, buf_str(&text));
	}
	buf_done(&text);
}

static void
records_draw(struct view *view)
{
	struct records *records = (struct records *)view;
	unsigned        added, changed, deleted;
	char            left[NAME_TEXT_MAX + 40], right[80] = "no draft";
	int             row = draw_body_top(), rows = draw_body_rows() - PANE_ROWS - 2;

	snprintf(left, sizeof(left), "%s   serial %u   %s", records->zone, records->doc.serial, access_name(records->doc.access));
	draw_title(left, tui_who(view->tui));
	draft_counts(records->draft, &added, &changed, &deleted);
	if (added + changed + deleted != 0)
		snprintf(right, sizeof(right), "draft: +%u ~%u -%u", added, changed, deleted);
	snprintf(left, sizeof(left), "Records %zu", records->draft->row_count);
	draw_rule(row++, left, right);
	draw_textf(row++, 0, draw_cols(), STYLE_DIM, "   %-*s %7s %-6s %s", ttl_col() - 4, "NAME", "TTL", "TYPE", "DATA");
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

	if (*text != '\0')      /* Enter alone: the one before */
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
records_leave(struct records *records)
{
	if (draft_dirty(records->draft))
		tui_ask(records->view.tui, "Throw away the edits that are not published? (y/n)", on_leave);
	else
		view_pop(records->view.tui);
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

static void
row_edit(struct records *records, bool copy)
{
	struct row *row = current(records);

	if (row != NULL && row->state == ROW_DELETED)
		tui_say(records->view.tui, "it is marked for deletion; d takes that back");
	else if (row != NULL)
		edit_open(records, row->now.type, row, copy);
}

static void
row_delete(struct records *records)
{
	struct row *row = current(records);

	if (row != NULL && row->was.type == TYPE_SOA && row->state != ROW_ADDED)
		tui_say(records->view.tui, "a zone cannot be without its SOA; e edits it");
	else if (row != NULL)
		draft_toggle(records->draft, row);
}

static void
records_review(struct records *records)
{
	if (draft_dirty(records->draft))
		review_open(records);
	else
		tui_say(records->view.tui, "nothing to publish: a adds, e edits, d deletes");
}

/* The keys that change something. */
static void
edit_key(struct records *records, int key)
{
	if (!may_edit(records))
		return;
	switch (key) {
	case 'a': case KEY_FN(KEY_IC): pick_open(records); break;
	case 'd': case KEY_FN(KEY_DC): row_delete(records); break;
	case 'u': records_undo(records); break;
	case 'c': records_review(records); break;
	default: row_edit(records, key == 'y'); break;
	}
}

static void
records_key(struct view *view, int key)
{
	struct records *records = (struct records *)view;

	if (list_key(&records->list, key))
		return;
	switch (key) {
	case 'a': case KEY_FN(KEY_IC): case 'd': case KEY_FN(KEY_DC): case 'u': case 'c':
	case '\r': case KEY_FN(KEY_ENTER): case 'e': case 'y':
		edit_key(records, key);
		break;
	case '/': tui_prompt(view->tui, "Find record:", "", on_find); break;
	case 'n': records_find(records, false); break;
	case 'N': records_find(records, true); break;
	case 'b': records_blame(records); break;
	case 'l': history_open(view->tui, records->zone); break;
	case 'R': case KEY_FN(KEY_F(5)): records_load(records, false); break;
	case KEY_ESC: case 'q': case KEY_FN(KEY_LEFT): records_leave(records); break;
	}
}

static void
records_event(struct view *view, const struct client_event *event)
{
	struct records *records = (struct records *)view;

	if (strcmp(event->zone, records->zone) != 0 || strcmp(event->commit, records->doc.commit) == 0)
		return;
	records->moved = true;
	tui_say(view->tui, "%s published: %s%s", event->who, event->subject,
	    draft_dirty(records->draft) ? " (R in the records takes it into your draft)" : "");
}

/* Without edits the rows follow what others publish. */
static void
records_renew(struct view *view)
{
	struct records *records = (struct records *)view;

	if (records->moved && !draft_dirty(records->draft))
		records_load(records, true);
}

static bool
records_unsaved(const struct view *view)
{
	return draft_dirty(((const struct records *)view)->draft);
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
	.draw = records_draw, .key = records_key, .event = records_event, .renew = records_renew, .unsaved = records_unsaved,
	 .close = records_close,
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
