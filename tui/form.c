/* SPDX-License-Identifier: ISC */
#include "tui/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zone/rr.h"

enum { FIELD_NAME, FIELD_TTL, FIELD_DATA };

static void
field_add(struct form *form, const char *label, const char *help, const char *text)
{
	struct form_field *field = &form->fields[form->count++];

	field->label = label;
	field->help = help;
	form->cut |= !line_set(&field->line, text);
}

/* End of the word at TEXT; quotes keep blanks together. */
static const char *
word_end(const char *text)
{
	bool quoted = false;

	for (; *text != '\0' && (quoted || *text != ' '); text++) {
		if (*text == '\\' && text[1] != '\0')
			text++;
		else if (*text == '"')
			quoted = !quoted;
	}
	return text;
}

/* The type's fields, filled from the presentation form TEXT: a word each, the last one has the rest. */
static void
data_fields(struct form *form, const struct rr_type *type, const char *text)
{
	for (size_t i = 0; i < RR_FIELDS_MAX && type->fields[i].kind != F_END; i++) {
		bool        last = i + 1 == RR_FIELDS_MAX || type->fields[i + 1].kind == F_END;
		const char *end = last ? text + strlen(text) : word_end(text);
		char       *word = strndup(text, (size_t)(end - text));

		if (word == NULL)
			abort();
		field_add(form, type->fields[i].name, type->fields[i].help, word);
		free(word);
		text = *end == ' ' ? end + 1 : end;
	}
}

void
form_init(struct form *form, uint16_t type, const struct row_data *data, const char *owner, uint32_t ttl_s, const uint8_t *apex)
{
	const struct rr_type *row = rr_type_find(type);
	char                  name[NAME_TEXT_MAX], ttl[16];
	struct buf            text = { 0 };

	form->type = type;
	form->count = 0;
	form->cut = false;
	if (data != NULL) {
		name_print_rel(name, data->owner, apex);
		rdata_print(&text, type, data->rdata, data->rdlen, apex);
	}
	snprintf(ttl, sizeof(ttl), "%u", data != NULL ? data->ttl : ttl_s);
	field_add(form, "name", "relative to the zone; @ is the zone itself", data != NULL ? name : owner);
	if (data == NULL)
		line_offer(&form->fields[0].line, owner);
	field_add(form, "ttl", "seconds; 5m, 1h and 1d work too", ttl);
	if (row != NULL && row->fields[0].kind != F_END)
		data_fields(form, row, buf_str(&text));
	else
		field_add(form, "data", "as in a zone file", buf_str(&text));
	field_add(form, "comment", "stays behind the record in the zone file", data != NULL ? data->comment : "");
	buf_done(&text);
}

/* The kind of field I, F_TEXT for a type that has no fields of its own. */
static enum rr_field_kind
field_kind(const struct form *form, size_t i)
{
	const struct rr_type *row = rr_type_find(form->type);

	return row != NULL && row->fields[0].kind != F_END ? row->fields[i - FIELD_DATA].kind : F_TEXT;
}

static bool
is_last(const struct form *form, size_t i)
{
	return i + 2 == form->count;
}

/* A word that is empty or has blanks needs its quotes, which people leave out. */
static void
word_put(struct buf *out, const char *text)
{
	if (*text != '\0' && *word_end(text) == '\0') {
		buf_puts(out, text);
		return;
	}
	buf_putc(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_putc(out, '\\');
		else if (*text == '\\' && text[1] != '\0')
			buf_putc(out, *text++);
		buf_putc(out, *text);
	}
	buf_putc(out, '"');
}

/* The field that holds all the data, as in a zone file ("10 mail"), because the others were left empty; 0: none does. */
static size_t
field_alone(const struct form *form)
{
	size_t alone = 0;

	for (size_t i = FIELD_DATA; i + 1 < form->count; i++)
		if (form->fields[i].line.len != 0) {
			if (alone != 0)
				return 0;
			alone = i;
		}
	return alone;
}

/* The fields as one text; STARTS gets where each begins in it. */
static void
data_text(const struct form *form, struct buf *out, size_t starts[static FORM_FIELDS_MAX])
{
	size_t alone = field_alone(form);

	for (size_t i = FIELD_DATA; i + 1 < form->count; i++) {
		const char *text = form->fields[i].line.text;

		starts[i] = out->len;
		if (alone != 0 && i != alone)
			continue;
		if (field_kind(form, i) == F_WORD && alone == 0)
			word_put(out, text);
		else
			buf_puts(out, text + strspn(text, " "));
		if (!is_last(form, i) && alone == 0)
			buf_putc(out, ' ');
	}
}

/* The field that column COL of the text lies in. */
static size_t
field_at(const struct form *form, const size_t starts[static FORM_FIELDS_MAX], uint32_t col)
{
	size_t i = FIELD_DATA;

	while (col != 0 && i + 2 < form->count && starts[i + 1] < col)
		i++;
	return i;
}

/* Every field but the last holds one word, unless one has everything. */
static bool
fields_whole(const struct form *form, size_t *at, struct err *err)
{
	*at = FIELD_DATA;
	if (field_alone(form) != 0)
		return true;
	for (; !is_last(form, *at); ++*at) {
		const struct form_field *field = &form->fields[*at];
		const char              *text = field->line.text + strspn(field->line.text, " "), *end = word_end(text);

		if (field_kind(form, *at) == F_WORD)
			continue;
		if (*text == '\0')
			return err_set(err, ERR_SYNTAX, "the %s is missing", field->label);
		if (end[strspn(end, " ")] != '\0')
			return err_set(err, ERR_SYNTAX, "the %s has a blank in it", field->label);
	}
	return true;
}

/* The data as typed to RDATA. */
static bool
data_read(const struct form *form, const uint8_t *apex, struct buf *rdata, char note[static 256], size_t *at, struct err *err)
{
	size_t     starts[FORM_FIELDS_MAX] = { 0 };
	struct buf text = { 0 };
	bool       done;

	if (!fields_whole(form, at, err))
		return false;
	*at = FIELD_DATA;
	data_text(form, &text, starts);
	buf_reset(rdata);
	done = rdata_parse_user(rdata, form->type, buf_str(&text), apex, note, err);
	if (!done)
		*at = field_at(form, starts, err->col);
	buf_done(&text);
	return done;
}

bool
form_read(const struct form *form, const uint8_t *apex, uint8_t owner[static NAME_SIZE], struct buf *rdata, struct row_data *out, char note[static 256],
    size_t *at, struct err *err)
{
	*at = FIELD_NAME;
	note[0] = '\0';
	if (!name_parse_user(owner, form->fields[FIELD_NAME].line.text, apex, err))
		return false;
	if (!name_below(owner, apex))
		return err_set(err, ERR_NOTZONE, "the name lies outside the zone");
	*at = FIELD_TTL;
	if (!rr_ttl_parse(&out->ttl, form->fields[FIELD_TTL].line.text, err))
		return false;
	if (!data_read(form, apex, rdata, note, at, err))
		return false;
	out->owner = owner;
	out->type = form->type;
	out->rdata = rdata->data;
	out->rdlen = (uint16_t)rdata->len;
	out->comment = form->fields[form->count - 1].line.text;
	return true;
}
