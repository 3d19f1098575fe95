/* SPDX-License-Identifier: ISC */
#include "tui/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zone/rr.h"

enum { FIELD_NAME, FIELD_TTL, FIELD_DATA };

static struct form_field *
field_add(struct form *form, const char *label, const char *help, const char *text)
{
	struct form_field *field = &form->fields[form->count++];

	field->label = label;
	field->help = help;
	line_set(&field->line, text);
	return field;
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
	if (data != NULL) {
		name_print_rel(name, data->owner, apex);
		rdata_print(&text, type, data->rdata, data->rdlen, apex);
	}
	snprintf(ttl, sizeof(ttl), "%u", data != NULL ? data->ttl : ttl_s);
	field_add(form, "name", "relative to the zone; @ is the zone itself", data != NULL ? name : owner);
	field_add(form, "ttl", "seconds; 5m, 1h and 1d work too", ttl);
	if (row != NULL && row->fields[0].kind != F_END)
		data_fields(form, row, buf_str(&text));
	else
		field_add(form, "data", "as in a zone file", buf_str(&text));
	field_add(form, "comment", "stays behind the record in the zone file", data != NULL ? data->comment : "");
	buf_done(&text);
}

static void
data_text(const struct form *form, struct buf *out)
{
	for (size_t i = FIELD_DATA; i + 1 < form->count; i++)
		buf_putf(out, "%s%s", i == FIELD_DATA ? "" : " ", form->fields[i].line.text);
}

/* The first field without a text, or the first of the data: where to look when the data do not parse. */
static size_t
data_at(const struct form *form)
{
	for (size_t i = FIELD_DATA; i + 1 < form->count; i++)
		if (form->fields[i].line.len == 0)
			return i;
	return FIELD_DATA;
}

bool
form_read(const struct form *form, const uint8_t *apex, uint8_t owner[static NAME_SIZE], struct buf *rdata, struct row_data *out, char note[static 256],
    size_t *at, struct err *err)
{
	struct buf text = { 0 };
	bool       parsed;

	*at = FIELD_NAME;
	note[0] = '\0';
	if (!name_parse_user(owner, form->fields[FIELD_NAME].line.text, apex, err))
		return false;
	if (!name_below(owner, apex))
		return err_set(err, ERR_NOTZONE, "the name lies outside the zone");
	*at = FIELD_TTL;
	if (!rr_ttl_parse(&out->ttl, form->fields[FIELD_TTL].line.text, err))
		return false;
	*at = data_at(form);
	data_text(form, &text);
	buf_reset(rdata);
	parsed = rdata_parse_user(rdata, form->type, buf_str(&text), apex, note, err);
	buf_done(&text);
	if (!parsed)
		return false;
	out->owner = owner;
	out->type = form->type;
	out->rdata = rdata->data;
	out->rdlen = (uint16_t)rdata->len;
	out->comment = form->fields[form->count - 1].line.text;
	return true;
}
