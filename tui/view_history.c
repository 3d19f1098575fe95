/* SPDX-License-Identifier: ISC */
/*
 * The history of a zone: who changed what, and the difference of each commit.
 */
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "tui/draw.h"
#include "tui/list.h"
#include "tui/view.h"

#define HISTORY_LIMIT 500
#define PANE_ROWS     4         /* the selected commit */

struct history {
	struct view       view;
	struct list       list;
	char              zone[NAME_TEXT_MAX];
	struct log_entry *entries;
	size_t            count;
	bool              people;       /* leave out what machines did */
	bool              moved;        /* something was published since */
};

static void
history_load(struct history *history)
{
	struct log_query  query = { .zone = history->zone, .owner = "", .type = "", .limit = HISTORY_LIMIT, .people = history->people };
	struct log_entry *entries = NULL;
	size_t            count = 0;
	struct err        err = { 0 };

	if (!client_log(history->view.tui->client, &query, &entries, &count, &err)) {
		free(entries);
		tui_fail(history->view.tui, &err);
		return;
	}
	free(history->entries);
	history->entries = entries;
	history->count = count;
	history->moved = false;
}

static void
entry_draw(const struct history *history, size_t i, int row)
{
	const struct log_entry *entry = &history->entries[i];
	bool                    at = i == history->list.at;
	enum style              style = at ? STYLE_CURSOR : STYLE_PLAIN;
	time_t                  when = (time_t)entry->time_s;
	struct tm               tm;
	char                    text[32];

	strftime(text, sizeof(text), "%Y-%m-%d %H:%M", gmtime_r(&when, &tm));
	draw_text(row, 0, draw_cols(), style, at ? ">" : "");
	draw_text(row, 2, 16, style, text);
	draw_text(row, 19, 12, style, entry->author);
	draw_text(row, 32, 8, style, entry->via);
	if (entry->serial != 0)
		draw_textf(row, 41, 10, style, "%u", entry->serial);
	draw_text(row, 52, draw_cols() - 52, style, entry->subject);
}

/* Who did the selected commit, and how. */
static void
entry_pane(const struct history *history, int row)
{
	const struct log_entry *entry = &history->entries[history->list.at];
	struct buf              text = { 0 };

	buf_putf(&text, "%.7s  %s", entry->commit, entry->author);
	draw_rule(row++, buf_str(&text), "");
	draw_text(row++, 1, draw_cols() - 2, STYLE_PLAIN, entry->subject);
	draw_textf(row++, 1, draw_cols() - 2, STYLE_PLAIN, "by    %s", entry->actor[0] != '\0' ? entry->actor : entry->email);
	if (entry->from[0] != '\0')
		draw_textf(row, 1, draw_cols() - 2, STYLE_PLAIN, "from  %s", entry->from);
	buf_done(&text);
}

static void
history_draw(struct view *view)
{
	struct history *history = (struct history *)view;
	int             row = draw_body_top(), rows = draw_body_rows() - PANE_ROWS - 2;
	char            right[64], title[NAME_TEXT_MAX + 16];

	snprintf(title, sizeof(title), "%s > history", history->zone);
	draw_title(title, tui_who(view->tui));
	snprintf(right, sizeof(right), "%zu%s", history->count, history->count == HISTORY_LIMIT ? " newest" : "");
	draw_rule(row++, history->people ? "people only (o: show machines too)" : "people and machines (o: people only)", right);
	draw_textf(row++, 2, draw_cols() - 2, STYLE_DIM, "%-16s %-12s %-8s %-10s %s", "WHEN (UTC)", "WHO", "VIA", "SERIAL", "WHAT");
	list_fit(&history->list, history->count, rows);
	for (size_t i = history->list.top; i < history->count && i < history->list.top + history->list.rows; i++)
		entry_draw(history, i, row + (int)(i - history->list.top));
	if (history->count != 0)
		entry_pane(history, row + rows);
	else
		draw_text(row, 2, draw_cols() - 2, STYLE_PLAIN, history->people ? "nothing by people; o shows what machines did" : "no commits");
	draw_cursor(row + (int)(history->list.at - history->list.top), 0);
}

static void
commit_head(struct buf *out, const struct log_entry *entry)
{
	char when[24];

	str_time(when, entry->time_s);
	buf_putf(out, "commit   %s\nwhen     %s\nwho      %s <%s>\n", entry->commit, when, entry->author, entry->email);
	if (entry->actor[0] != '\0')
		buf_putf(out, "actor    %s\n", entry->actor);
	if (entry->via[0] != '\0')
		buf_putf(out, "via      %s\n", entry->via);
	if (entry->from[0] != '\0')
		buf_putf(out, "from     %s\n", entry->from);
	buf_putf(out, "serial   %u\n\n%s\n\n", entry->serial, entry->subject);
}

static void
commit_open(struct history *history)
{
	const struct log_entry *at = &history->entries[history->list.at];
	struct log_entry        entry;
	char                   *diff = NULL;
	struct buf              out = { 0 };
	struct err              err = { 0 };

	if (!client_commit(history->view.tui->client, history->zone, at->commit, &entry, &diff, &err)) {
		tui_fail(history->view.tui, &err);
	} else {
		commit_head(&out, &entry);
		buf_puts(&out, *diff != '\0' ? diff : "no record changed\n");
		text_open(history->view.tui, "commit", buf_str(&out));
	}
	buf_done(&out);
	free(diff);
}

static void
history_key(struct view *view, int key)
{
	struct history *history = (struct history *)view;

	if (list_key(&history->list, key))
		return;
	switch (key) {
	case '\r': case KEY_FN(KEY_ENTER): case KEY_FN(KEY_RIGHT):
		if (history->count != 0)
			commit_open(history);
		break;
	case 'o':
		history->people = !history->people;
		history_load(history);
		break;
	case 'R': case KEY_FN(KEY_F(5)): history_load(history); break;
	case KEY_ESC: case 'q': case KEY_FN(KEY_LEFT): view_pop(view->tui); break;
	}
}

static void
history_event(struct view *view, const struct client_event *event)
{
	struct history *history = (struct history *)view;

	history->moved |= strcmp(event->zone, history->zone) == 0;
}

static void
history_renew(struct view *view)
{
	struct history *history = (struct history *)view;

	if (history->moved)
		history_load(history);
}

static void
history_close(struct view *view)
{
	struct history *history = (struct history *)view;

	free(history->entries);
	free(history);
}

static const char *const history_help[] = {
	"  Enter        the difference that the commit made",
	"  o            show or hide what machines did",
	NULL,
};

static const struct view_type history_type = {
	.name = "history",
	.keys = { "Enter Difference   o People or all   R Reload   Esc Back   ? Help", "" },
	.help = history_help,
	.draw = history_draw, .key = history_key, .event = history_event, .renew = history_renew,
	 .close = history_close,
};

void
history_open(struct tui *tui, const char *zone)
{
	struct history *history = mem_alloc(sizeof(*history));

	snprintf(history->zone, sizeof(history->zone), "%s", zone);
	view_push(tui, &history->view, &history_type);
	history_load(history);
}
