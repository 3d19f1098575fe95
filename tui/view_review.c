/* SPDX-License-Identifier: ISC */
/*
 * What will be published: the differences, what the checks say of them, and a message; then one commit.
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

struct review {
	struct view     view;
	struct list     list;           /* over the rows that changed */
	struct records *records;
	struct row    **rows;
	size_t          count;
	struct report   report;
	struct err      err;            /* why it cannot be applied at all */
	bool            applies;
};

static char
row_mark(const struct row *row)
{
	static const char marks[] = { [ROW_ADDED] = '+', [ROW_CHANGED] = '~', [ROW_DELETED] = '-' };

	return row->conflict ? '!' : marks[row->state];
}

/* What becomes of the data: "192.0.2.1 -> 192.0.2.80   TTL 3600 -> 300". */
static void
row_describe(struct buf *out, const struct draft *draft, const struct row *row)
{
	const struct row_data *from = row->state == ROW_ADDED ? &row->now : &row->was, *to = row->state == ROW_DELETED ? from : &row->now;
	char                   name[NAME_TEXT_MAX];

	rdata_print(out, from->type, from->rdata, from->rdlen, draft->apex);
	if (!rdata_equal(from->type, from->rdata, from->rdlen, to->rdata, to->rdlen)) {
		buf_puts(out, "  ->  ");
		rdata_print(out, to->type, to->rdata, to->rdlen, draft->apex);
	}
	if (!name_equal(from->owner, to->owner)) {
		name_print_rel(name, to->owner, draft->apex);
		buf_putf(out, "   name %s", name);
	}
	if (row->state == ROW_ADDED)
		buf_putf(out, "   TTL %u", to->ttl);
	else if (from->ttl != to->ttl)
		buf_putf(out, "   TTL %u -> %u", from->ttl, to->ttl);
	if (to->comment[0] != '\0')
		buf_putf(out, "   ; %s", to->comment);
}

static enum style
row_style(const struct row *row)
{
	static const enum style styles[] = { [ROW_ADDED] = STYLE_ADDED, [ROW_CHANGED] = STYLE_CHANGED, [ROW_DELETED] = STYLE_DELETED };

	return row->conflict ? STYLE_ERROR : styles[row->state];
}

static void
change_draw(const struct review *review, size_t i, int at_row)
{
	const struct row   *row = review->rows[i];
	const struct draft *draft = records_draft(review->records);
	bool                at = i == review->list.at;
	enum style          style = at ? STYLE_CURSOR : row_style(row);
	int                 name_width = draw_cols() / 4;
	char                name[NAME_TEXT_MAX], type[16];
	struct buf          text = { 0 };

	name_print_rel(name, row->state == ROW_ADDED ? row->now.owner : row->was.owner, draft->apex);
	row_describe(&text, draft, row);
	draw_textf(at_row, 0, draw_cols(), style, "%c%c ", at ? '>' : ' ', row_mark(row));
	draw_text(at_row, 3, name_width, style, name);
	draw_textf(at_row, 4 + name_width, draw_cols() - 4 - name_width, style, "%-6s %s", rr_type_print(type, row->now.type), buf_str(&text));
	buf_done(&text);
}

static void
changes_draw(struct review *review, int row, int rows)
{
	list_fit(&review->list, review->count, rows);
	for (size_t i = review->list.top; i < review->count && i < review->list.top + review->list.rows; i++)
		change_draw(review, i, row + (int)(i - review->list.top));
}

/* In at most ROWS rows; how many it took. */
static int
finding_draw(const struct finding *finding, int row, int rows)
{
	struct buf text = { 0 };
	int        used;

	buf_putf(&text, "%s %s%s%s: %s%s%s", finding->code, finding->owner, *finding->type != '\0' ? " " : "", finding->type, finding->text,
	    *finding->hint != '\0' ? "; " : "", finding->hint);
	used = draw_wrap(row, 1, draw_cols() - 2, rows, finding->level == FINDING_ERROR ? STYLE_ERROR : STYLE_WARNING, buf_str(&text));
	buf_done(&text);
	return used;
}

static void
checks_draw(const struct review *review, int row, int rows)
{
	const struct report *report = &review->report;

	if (!review->applies) {
		draw_textf(row, 1, draw_cols() - 2, STYLE_ERROR, "%s %s", review->err.id, review->err.text);
		draw_text(row + 1, 1, draw_cols() - 2, STYLE_PLAIN, review->err.hint);
		return;
	}
	if (report->count == 0)
		draw_text(row, 1, draw_cols() - 2, STYLE_PLAIN, "ok  the zone passes all checks with these changes");
	for (size_t i = 0; i < report->count && rows > 0; i++) {
		int used = rows == 1 && i + 1 < report->count ? 0 : finding_draw(&report->findings[i], row, rows < 2 ? rows : 2);

		if (used == 0)
			draw_textf(row, 1, draw_cols() - 2, STYLE_PLAIN, "and %zu more", report->count - i);
		row += used != 0 ? used : 1;
		rows -= used != 0 ? used : 1;
	}
}

/* The longest that a resolver may go on telling what these changes replace. */
static void
effect_draw(const struct review *review, int row)
{
	uint32_t ttl_s = 0;

	for (size_t i = 0; i < review->count; i++)
		if (review->rows[i]->state != ROW_ADDED && review->rows[i]->was.ttl > ttl_s)
			ttl_s = review->rows[i]->was.ttl;
	if (ttl_s != 0)
		draw_textf(row, 1, draw_cols() - 2, STYLE_PLAIN, "The old data may stay in caches for %u s (their TTL).", ttl_s);
}

static void
review_draw(struct view *view)
{
	struct review *review = (struct review *)view;
	const char    *message = records_message(review->records);
	int            row = draw_body_top(), checks = draw_body_rows() / 4, rows = draw_body_rows() - checks - 7;
	char           title[NAME_TEXT_MAX + 40], right[80];

	snprintf(title, sizeof(title), "%s > review and publish", records_zone(review->records));
	draw_title(title, tui_who(view->tui));
	snprintf(right, sizeof(right), "%zu", review->count);
	draw_rule(row, "Changes", right);
	changes_draw(review, row + 1, rows);
	draw_cursor(row + 1 + (int)(review->list.at - review->list.top), 0);
	row += rows + 1;
	snprintf(right, sizeof(right), "%zu error%s, %zu warning%s", review->report.errors, review->report.errors == 1 ? "" : "s",
	    review->report.warnings, review->report.warnings == 1 ? "" : "s");
	draw_rule(row, "Checks", review->applies ? right : "cannot be applied");
	checks_draw(review, row + 1, checks);
	row += checks + 1;
	draw_rule(row, "Message", "");
	draw_textf(row + 1, 1, draw_cols() - 2, STYLE_PLAIN, "[%s]", *message != '\0' ? message : "made from the changes; m writes one");
	effect_draw(review, row + 2);
	draw_text(row + 3, 1, draw_cols() - 2, records_moved(review->records) ? STYLE_WARNING : STYLE_PLAIN,
	    records_moved(review->records) ? "Someone else published while you edited: yes (Esc, then R takes it in)"
	                                   : "Someone else published while you edited: no.");
}

static void
on_message(struct view *view, const char *text)
{
	struct review *review = (struct review *)view;

	snprintf(records_message(review->records), LINE_MAX_BYTES, "%s", text);
}

static void
publish_say(struct tui *tui, const struct submit_result *result)
{
	if (!result->changed)
		tui_say(tui, "the zone is like this already: nothing to publish");
	else
		tui_say(tui, "published serial %u, commit %.7s: +%u ~%u -%u%s", result->serial, result->commit, result->added, result->altered,
		    result->removed, result->live ? "" : " (committed; DNS has not confirmed it yet)");
}

static void
review_publish(struct review *review)
{
	struct tui          *tui = review->view.tui;
	struct records      *records = review->records;
	struct arena        *arena = arena_new();
	struct submit        submit = { .mode = SUBMIT_CHANGE, .zone = records_zone(records), .base = records_blob(records),
		       .change = draft_to_change(records_draft(records), arena), .message = records_message(records) };
	struct submit_result result = { 0 };
	struct err           err = { 0 };

	if (!client_submit(tui->client, &submit, &result, &err)) {
		tui_fail(tui, &err);
	} else {
		view_pop(tui);
		records_published(records);
		publish_say(tui, &result);
	}
	submit_result_done(&result);
	arena_free(arena);
}

static void
on_publish(struct view *view, const char *text)
{
	(void)text;
	review_publish((struct review *)view);
}

/* product.md 4.3: only what deletes much needs a confirmation. */
static void
review_enter(struct review *review)
{
	unsigned            added, changed, deleted;
	const struct draft *draft = records_draft(review->records);

	if (!review->applies || review->report.errors != 0) {
		tui_say(review->view.tui, "not published: mend what the checks refuse (Esc, then e)");
		return;
	}
	draft_counts(draft, &added, &changed, &deleted);
	if (deleted >= 20 || deleted * 2 > draft->row_count)
		tui_ask(review->view.tui, "This deletes much of the zone. Publish? (y/n)", on_publish);
	else
		review_publish(review);
}

static void
review_key(struct view *view, int key)
{
	struct review *review = (struct review *)view;

	if (list_key(&review->list, key))
		return;
	switch (key) {
	case '\r': case KEY_FN(KEY_ENTER): review_enter(review); break;
	case 'm': tui_prompt(view->tui, "Message:", records_message(review->records), on_message); break;
	case KEY_ESC: case 'q': case KEY_FN(KEY_LEFT): view_pop(view->tui); break;
	}
}

static void
review_close(struct view *view)
{
	struct review *review = (struct review *)view;

	report_done(&review->report);
	free(review->rows);
	free(review);
}

static const char *const review_help[] = {
	"  Enter        publish: one commit, checked by the server, served at once",
	"  m            a message for the history",
	"  Esc          back to the records; the draft stays",
	NULL,
};

static const struct view_type review_type = {
	.name = "review and publish",
	.keys = { "Enter Publish   m Message   Esc Back   ? Help", "" },
	.help = review_help,
	.draw = review_draw, .key = review_key, .close = review_close,
};

void
review_open(struct records *records)
{
	struct review      *review = mem_alloc(sizeof(*review));
	const struct draft *draft = records_draft(records);
	size_t              cap = 0;

	review->records = records;
	for (size_t i = 0; i < draft->row_count; i++)
		if (draft->rows[i]->state != ROW_KEPT) {
			mem_grow(&review->rows, &cap, review->count + 1, sizeof(struct row *));
			review->rows[review->count++] = draft->rows[i];
		}
	report_init(&review->report);
	review->applies = draft_check(draft, &review->report, &review->err);
	view_push(records_tui(records), &review->view, &review_type);
}
