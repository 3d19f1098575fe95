/* SPDX-License-Identifier: ISC */
#include "zone/rdata_read.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define SHOWN_MAX 80            /* of a bad word in an error message */

bool
reader_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void
reader_skip(struct reader *in)
{
	while (reader_is_blank(*in->at))
		in->at++;
}

/* ERR gets the place of AT in the text as its column. */
bool
reader_fail_at(struct reader *in, const char *at)
{
	if (in->err != NULL)
		in->err->col = (uint32_t)(at - in->text) + 1;
	return false;
}

/* "preference" where the table names the item, else "field 1". */
const char *
reader_item_name(const struct reader *in, char out[static 32])
{
	const char *name = in->item < RR_FIELDS_MAX && in->row->fields[0].kind != F_END ? in->row->fields[in->item].name : NULL;

	if (name != NULL)
		snprintf(out, 32, "%s", name);
	else
		snprintf(out, 32, "field %u", in->item + 1);
	return out;
}

/* Hint at all that the type needs: "expected: MX preference exchange". */
bool
reader_hint_form(struct reader *in)
{
	char   form[200];
	size_t len = (size_t)snprintf(form, sizeof form, "%s", in->row->name);

	for (const struct rr_field *field = in->row->fields; field->kind != F_END && len < sizeof form; field++)
		len += (size_t)snprintf(form + len, sizeof form - len, " %s", field->name);
	return in->row->fields[0].kind == F_END ? false : err_hint(in->err, "expected: %s", form);
}

bool
reader_bad_word(struct reader *in, const struct word *word, const char *expected)
{
	err_set(in->err, ERR_SYNTAX, "\"%.*s%s\" is not %s", (int)(word->len < SHOWN_MAX ? word->len : SHOWN_MAX), word->at,
	    word->len > SHOWN_MAX ? "..." : "", expected);
	return reader_fail_at(in, word->at);
}

/* The next word.  False with an error: there is none, or its quote is never closed. */
bool
reader_next(struct reader *in, struct word *out)
{
	char name[32];

	reader_skip(in);
	if (*in->at == '\0') {
		err_set(in->err, ERR_SYNTAX, "%s is missing in the data of %s", reader_item_name(in, name), in->row->name);
		reader_hint_form(in);
		return reader_fail_at(in, in->at);
	}
	out->quoted = *in->at == '"';
	in->at += out->quoted;
	out->at = in->at;
	while (*in->at != '\0' && (out->quoted ? *in->at != '"' : !reader_is_blank(*in->at)))
		in->at += *in->at == '\\' && in->at[1] != '\0' ? 2 : 1;
	out->len = (size_t)(in->at - out->at);
	if (out->quoted && *in->at != '"') {
		err_set(in->err, ERR_SYNTAX, "a quoted string is not closed");
		return reader_fail_at(in, out->at - 1);
	}
	in->at += out->quoted;
	return true;
}

bool
reader_more(struct reader *in)
{
	reader_skip(in);
	return *in->at != '\0';
}

/* Append the bytes that WORD stands for. */
bool
reader_unescape(struct reader *in, struct buf *out, const struct word *word)
{
	const unsigned char *at = (const unsigned char *)word->at, *end = at + word->len;

	while (at < end) {
		const unsigned char *plain = memchr(at, '\\', (size_t)(end - at));
		unsigned             value;

		buf_put(out, at, (size_t)((plain == NULL ? end : plain) - at));
		if (plain == NULL)
			return true;
		at = plain + 1;
		if (at < end && (*at < '0' || *at > '9')) {
			buf_putc(out, (char)*at++);
			continue;
		}
		value = 256;
		if (end - at >= 3 && at[1] >= '0' && at[1] <= '9' && at[2] >= '0' && at[2] <= '9')
			value = (at[0] - '0') * 100u + (at[1] - '0') * 10u + (at[2] - '0');
		if (value > 255) {
			err_set(in->err, ERR_SYNTAX, "a backslash needs a character or three digits up to 255 behind it");
			return reader_fail_at(in, (const char *)plain);
		}
		buf_put_u8(out, (uint8_t)value);
		at += 3;
	}
	return true;
}

bool
word_number(uint64_t *out, const struct word *word, uint64_t max)
{
	char text[24];

	if (word->len >= sizeof text)
		return false;
	memcpy(text, word->at, word->len);
	text[word->len] = '\0';
	return str_u64(out, text, max);
}

bool
word_type(uint16_t *out, const struct word *word)
{
	char text[16];

	if (word->len >= sizeof text)
		return false;
	memcpy(text, word->at, word->len);
	text[word->len] = '\0';
	return rr_type_parse(out, text, NULL);
}
