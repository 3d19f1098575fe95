/* SPDX-License-Identifier: ISC */
/*
 * One record in fields; what will be stored is shown as it is typed.
 */
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "tui/draw.h"
#include "tui/form.h"
#include "tui/view.h"
#include "zone/serial.h"

#define LABEL_WIDTH  14
#define PREVIEW_ROWS 5           /* a rule, the line as it will be stored, what is to be said of it */

struct edit {
	struct view     view;
	struct records *records;
	struct row     *row;            /* being edited; NULL: a new one */
	struct form     form;
	size_t          at;
	struct err      err;            /* of what is typed now */
	size_t          err_at;
	char            note[256];
	char           *preview;        /* the line as it will be stored; NULL with ERR */
};

static void
edit_read(struct edit *edit)
{
	struct draft   *draft = records_draft(edit->records);
	uint8_t         owner[NAME_SIZE];
	struct buf      rdata = { 0 }, line = { 0 };
	struct row_data data;

	free(edit->preview);
	edit->preview = NULL;
	edit->err = (struct err){ 0 };
	if (form_read(&edit->form, draft->apex, owner, &rdata, &data, edit->note, &edit->err_at, &edit->err)) {
		row_print(&line, draft, &data);
		edit->preview = mem_strdup(buf_str(&line));
	}
	buf_done(&rdata);
	buf_done(&line);
}

static void
field_draw(const struct edit *edit, size_t i, int row)
{
	const struct form_field *field = &edit->form.fields[i];
	bool                     focus = i == edit->at;
	int                      width = draw_cols() - LABEL_WIDTH - 4, cursor;

	draw_textf(row, 2, LABEL_WIDTH, focus ? STYLE_RULE : STYLE_PLAIN, "%s", field->label);
	draw_text(row, LABEL_WIDTH + 1, 1, STYLE_DIM, "[");
	cursor = line_draw(&field->line, row, LABEL_WIDTH + 2, width, focus);
	draw_text(row, LABEL_WIDTH + 2 + width, 1, STYLE_DIM, "]");
	if (focus)
		draw_cursor(row, cursor);
}

/* The fields that fit into ROWS rows, the one that is being typed among them. */
static void
fields_draw(const struct edit *edit, int row, int rows)
{
	size_t shown = rows > 1 ? (size_t)rows : 1, from = edit->at >= shown ? edit->at + 1 - shown : 0;

	for (size_t i = from; i < edit->form.count && i < from + shown; i++)
		field_draw(edit, i, row + (int)(i - from));
}

static int
error_draw(const struct edit *edit, int row)
{
	struct buf text = { 0 };
	int        used;

	buf_putf(&text, "%s: %s %s", edit->form.fields[edit->err_at].label, edit->err.id, edit->err.text);
	used = draw_wrap(row, 1, draw_cols() - 2, 2, STYLE_ERROR, buf_str(&text));
	buf_done(&text);
	return used;
}

static void
edit_draw(struct view *view)
{
	struct edit *edit = (struct edit *)view;
	char         title[NAME_TEXT_MAX + 40], type[16];
	int          row = draw_body_top() + 1, bottom = draw_body_top() + draw_body_rows(), used;

	snprintf(title, sizeof(title), "%s > %s %s record", records_zone(edit->records), edit->row != NULL ? "edit" : "new",
	    rr_type_print(type, edit->form.type));
	draw_title(title, tui_who(view->tui));
	fields_draw(edit, row, bottom - row - PREVIEW_ROWS - 2);
	draw_text(bottom - PREVIEW_ROWS - 1, LABEL_WIDTH + 2, draw_cols() - LABEL_WIDTH - 3, STYLE_DIM, edit->form.fields[edit->at].help);
	draw_rule(bottom - PREVIEW_ROWS, edit->preview != NULL ? "as it will be stored" : "not a record yet", "");
	row = bottom - PREVIEW_ROWS + 1;
	if (edit->preview != NULL)
		used = draw_wrap(row, 1, draw_cols() - 2, 2, STYLE_PLAIN, edit->preview);
	else
		used = error_draw(edit, row);
	draw_wrap(row + used, 1, draw_cols() - 2, PREVIEW_ROWS - 1 - used, edit->preview != NULL ? STYLE_WARNING : STYLE_PLAIN,
	    edit->preview != NULL ? edit->note : edit->err.hint);
}

/* The server keeps the serial: an SOA that is edited gets the next one, unless a newer was typed. */
static void
soa_advance(const struct draft *draft, struct buf *rdata)
{
	uint32_t old = 0;

	for (size_t i = 0; i < draft->row_count; i++)
		if (draft->rows[i]->was.type == TYPE_SOA)
			old = rdata_soa_serial(draft->rows[i]->was.rdata, draft->rows[i]->was.rdlen);
	if (!serial_newer(rdata_soa_serial(rdata->data, rdata->len), old))
		rdata_soa_set_serial(rdata->data, rdata->len, serial_next(old, serial_day(time(NULL))));
}

/* What the zone could not take up, told before it is in the draft. */
static bool
edit_fits(const struct edit *edit, const struct row_data *data, struct err *err)
{
	const struct row *row = edit->row;

	if (draft_has(records_draft(edit->records), data, row))
		return err_set(err, ERR_EXISTS, "that record is there already");
	/* A change carries comments only with the records that it adds. */
	if (row != NULL && row->state != ROW_ADDED && strcmp(data->comment, row->was.comment) != 0 && data->ttl == row->was.ttl &&
	    name_equal(data->owner, row->was.owner) && rdata_equal(data->type, data->rdata, data->rdlen, row->was.rdata, row->was.rdlen)) {
		err_set(err, ERR_USAGE, "a comment changes together with its record only");
		return err_hint(err, "change the TTL or the data too, or edit the zone file with git");
	}
	return true;
}

static void
edit_keep(struct edit *edit)
{
	struct records *records = edit->records;
	struct draft   *draft = records_draft(records);
	uint8_t         owner[NAME_SIZE];
	struct buf      rdata = { 0 };
	struct row_data data;
	struct row     *row = edit->row;

	edit->err = (struct err){ 0 };
	if (!form_read(&edit->form, draft->apex, owner, &rdata, &data, edit->note, &edit->at, &edit->err) ||
	    !edit_fits(edit, &data, &edit->err)) {
		tui_fail(edit->view.tui, &edit->err);
	} else {
		if (data.type == TYPE_SOA)
			soa_advance(draft, &rdata);
		if (row != NULL)
			draft_change(draft, row, &data);
		else
			row = draft_add(draft, &data);
		view_pop(edit->view.tui);
		records_select(records, row);
	}
	buf_done(&rdata);
}

static void
edit_key(struct view *view, int key)
{
	struct edit *edit = (struct edit *)view;
	bool         last = edit->at + 1 == edit->form.count;

	switch (key) {
	case KEY_ESC:
		view_pop(view->tui);
		return;
	case '\r': case KEY_FN(KEY_ENTER): case KEY_FN(KEY_F(2)):
		if (last || key == KEY_FN(KEY_F(2))) {
			edit_keep(edit);
			return;
		}
		edit->at++;
		break;
	case '\t': case KEY_FN(KEY_DOWN):
		edit->at = last ? 0 : edit->at + 1;
		break;
	case KEY_FN(KEY_BTAB): case KEY_FN(KEY_UP):
		edit->at = edit->at == 0 ? edit->form.count - 1 : edit->at - 1;
		break;
	default:
		line_key(&edit->form.fields[edit->at].line, key);
		break;
	}
	edit_read(edit);
}

static void
edit_close(struct view *view)
{
	struct edit *edit = (struct edit *)view;

	free(edit->preview);
	free(edit);
}

static const char *const edit_help[] = {
	"  Left Right Home End, Backspace Del, Ctrl-U Ctrl-K   edit the field",
	"  Tab Down       next field          Shift-Tab Up   the one before",
	"  F2             keep the record; so does Enter in the last field",
	"  Esc            back without it",
	"",
	"A new record offers the name of the selected one: typing replaces it.",
	"A target with a dot in it is taken as the whole name: mail.example.net means",
	"mail.example.net. and the stored line shows it.",
	NULL,
};

static const struct view_type edit_type = {
	.name = "edit a record",
	.keys = { "Tab Next field  Shift-Tab Back  F2 Keep in draft  Esc Cancel  F1 Help", "" },
	.help = edit_help,
	.draw = edit_draw, .key = edit_key, .close = edit_close,
	.edits_text = true,
};

void
edit_open(struct records *records, uint16_t type, struct row *row, bool copy)
{
	struct edit  *edit = mem_alloc(sizeof(*edit));
	struct draft *draft = records_draft(records);

	edit->records = records;
	edit->row = copy ? NULL : row;
	form_init(&edit->form, type, row != NULL ? &row->now : NULL, records_owner(records), draft->ttl_default, draft->apex);
	if (edit->form.cut) {
		free(edit);
		tui_say(records_tui(records), "this record is too long for a form; use record set, or git");
		return;
	}
	view_push(records_tui(records), &edit->view, &edit_type);
	edit_read(edit);
}
