/* SPDX-License-Identifier: ISC */
/*
 * Rdata from text to wire: one reader per kind of item, called in the order of the type's layout.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "zone/name.h"
#include "zone/rdata.h"
#include "zone/rdata_read.h"
#include "zone/rr.h"

#define NOTE_MAX  256
#define SHOWN_MAX 80            /* of bad text in an error message */

static void
put_number(struct buf *out, uint32_t value, size_t size)
{
	while (size-- > 0)
		buf_put_u8(out, (uint8_t)(value >> (8 * size)));
}

static bool
read_number(struct reader *in, struct buf *out)
{
	size_t      size = in->kind == '4' ? 4 : in->kind == '2' || in->kind == 'c' ? 2 : 1;
	uint64_t    value, max = (1ull << (8 * size)) - 1;
	uint32_t    named;
	struct word word;
	char        expected[80], name[32];

	if (!reader_next(in, &word))
		return false;
	if (rdata_word_find(&named, in->kind, word.at, word.len))
		value = named;
	else if (!word_number(&value, &word, max)) {
		snprintf(expected, sizeof expected, "a number from 0 to %llu, as the %s must be", (unsigned long long)max, reader_item_name(in, name));
		return reader_bad_word(in, &word, expected);
	}
	put_number(out, (uint32_t)value, size);
	return true;
}

/* Seconds: a plain number may use all 32 bits, one with units is a TTL. */
static bool
read_time(struct reader *in, struct buf *out)
{
	struct word word;
	uint64_t    value;
	uint32_t    seconds;
	char        text[40];

	if (!reader_next(in, &word))
		return false;
	if (!word_number(&value, &word, UINT32_MAX)) {
		snprintf(text, sizeof text, "%.*s", (int)(word.len < sizeof text ? word.len : sizeof text), word.at);
		if (word.len >= sizeof text || !rr_ttl_parse(&seconds, text, NULL))
			return reader_bad_word(in, &word, "a time: expected seconds, or numbers with units as in 1h30m or 1w");
		value = seconds;
	}
	buf_put_u32(out, (uint32_t)value);
	return true;
}

static bool
read_date(struct reader *in, struct buf *out)
{
	struct word word;
	struct tm   tm = { 0 };
	uint64_t    value;
	char        text[16];
	const char *end;

	if (!reader_next(in, &word))
		return false;
	if (word.len == 14) {
		memcpy(text, word.at, 14);
		text[14] = '\0';
		end = strptime(text, "%Y%m%d%H%M%S", &tm);
		if (end == NULL || *end != '\0')
			return reader_bad_word(in, &word, "a time: expected YYYYMMDDHHmmSS");
		value = (uint32_t)timegm(&tm);          /* modulo 2^32: RFC 4034 3.1.5 */
	} else if (!word_number(&value, &word, UINT32_MAX))
		return reader_bad_word(in, &word, "a time: expected YYYYMMDDHHmmSS");
	buf_put_u32(out, (uint32_t)value);
	return true;
}

static bool
read_type(struct reader *in, struct buf *out)
{
	struct word word;
	uint16_t    type;

	if (!reader_next(in, &word))
		return false;
	if (!word_type(&type, &word))
		return reader_bad_word(in, &word, "a record type");
	buf_put_u16(out, type);
	return true;
}

static bool
read_address(struct reader *in, struct buf *out, int family, size_t size, const char *expected)
{
	struct word word;
	char        text[INET6_ADDRSTRLEN];
	uint8_t     address[16];

	if (!reader_next(in, &word))
		return false;
	if (word.len >= sizeof text)
		return reader_bad_word(in, &word, expected);
	memcpy(text, word.at, word.len);
	text[word.len] = '\0';
	if (inet_pton(family, text, address) != 1)
		return reader_bad_word(in, &word, expected);
	buf_put(out, address, size);
	return true;
}

static bool
read_a(struct reader *in, struct buf *out)
{
	return read_address(in, out, AF_INET, 4, "an IPv4 address");
}

static bool
read_aaaa(struct reader *in, struct buf *out)
{
	return read_address(in, out, AF_INET6, 16, "an IPv6 address");
}

/* A dotted target that a person typed is absolute; say so, because in a zone file it would not be. */
static bool
parse_typed_target(struct reader *in, uint8_t name[static NAME_SIZE], const char *text)
{
	const char *dot = strchr(text, '.');
	char        shown[NAME_TEXT_MAX];

	if (dot == NULL)
		return name_parse_user(name, text, in->origin, in->err);
	if (!name_parse_user(name, text, NULL, in->err))
		return false;
	if (in->note != NULL && text[strlen(text) - 1] != '.') {
		name_print(shown, name);
		snprintf(in->note, NOTE_MAX, "\"%.100s\" is stored as %.120s", text, shown);
	}
	return true;
}

static bool
read_name(struct reader *in, struct buf *out)
{
	struct word word;
	char        text[NAME_TEXT_MAX];
	uint8_t     name[NAME_SIZE];
	bool        ok;

	if (!reader_next(in, &word))
		return false;
	if (word.len >= sizeof text)
		return reader_bad_word(in, &word, "a domain name: it is too long");
	memcpy(text, word.at, word.len);
	text[word.len] = '\0';
	ok = in->user ? parse_typed_target(in, name, text) : name_parse(name, text, in->origin, in->err);
	if (!ok)
		return reader_fail_at(in, word.at);
	buf_put(out, name, name_len(name));
	return true;
}

/* One string with its length before it, or as many as its length needs. */
static bool
put_string(struct reader *in, struct buf *out, const struct word *word, bool split)
{
	struct buf bytes = { 0 };
	bool       ok = reader_unescape(in, &bytes, word);
	size_t     pos = 0;

	if (ok && !split && bytes.len > 255) {
		ok = err_set(in->err, ERR_RANGE, "a string of %zu bytes is longer than 255", bytes.len);
		reader_fail_at(in, word->at);
	}
	do {
		size_t len = bytes.len - pos < 255 ? bytes.len - pos : 255;

		buf_put_u8(out, (uint8_t)len);
		buf_put(out, len != 0 ? bytes.data + pos : bytes.data, len);
		pos += len;
	} while (ok && pos < bytes.len);
	buf_done(&bytes);
	return ok;
}

static bool
read_string(struct reader *in, struct buf *out)
{
	struct word word;

	return reader_next(in, &word) && put_string(in, out, &word, false);
}

/* Is the rest free text as people type it: no word of it begins with a quote? */
static bool
is_free_text(const struct reader *in)
{
	for (const char *at = in->at; *at != '\0'; at++)
		if (*at == '"' && (at == in->at || reader_is_blank(at[-1])))
			return false;
	return in->user;
}

/* The rest, as one word without the blanks at its end; several words are worth a note. */
static void
take_free_text(struct reader *in, struct word *out)
{
	out->at = in->at;
	out->len = strlen(in->at);
	out->quoted = false;
	in->at += out->len;
	while (out->len > 0 && reader_is_blank(out->at[out->len - 1]))
		out->len--;
	if (in->note != NULL && memchr(out->at, ' ', out->len) != NULL)
		snprintf(in->note, NOTE_MAX, "the text is stored as one string: \"%.*s%s\"", (int)(out->len < 200 ? out->len : 200), out->at,
		    out->len > 200 ? "..." : "");
}

static bool
read_strings(struct reader *in, struct buf *out)
{
	struct word word;

	if (reader_more(in) && is_free_text(in)) {
		take_free_text(in, &word);
		return put_string(in, out, &word, true);
	}
	do {
		if (!reader_next(in, &word) || !put_string(in, out, &word, true))
			return false;
	} while (reader_more(in));
	return true;
}

static bool
read_long_string(struct reader *in, struct buf *out)
{
	struct word word;

	if (reader_more(in) && is_free_text(in)) {
		take_free_text(in, &word);
		return reader_unescape(in, out, &word);
	}
	return reader_next(in, &word) && reader_unescape(in, out, &word);
}

static bool
read_tag(struct reader *in, struct buf *out)
{
	struct word word;
	size_t      start = out->len;

	if (!reader_next(in, &word))
		return false;
	if (word.len > 255)
		return reader_bad_word(in, &word, "a tag: it is too long");
	buf_put_u8(out, (uint8_t)word.len);
	buf_put(out, word.at, word.len);
	for (size_t i = start + 1; i < out->len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789", out->data[i] | 0x20) == NULL || out->data[i] < '0')
			return reader_bad_word(in, &word, "a tag: expected letters and digits, as in issue");
	return word.len > 0 ? true : reader_bad_word(in, &word, "a tag: expected letters and digits, as in issue");
}

/* All that is left, which may be cut at blanks, through DECODE. */
static bool
read_encoded(struct reader *in, struct buf *out, long (*decode)(uint8_t *, size_t, const char *, size_t), const char *expected)
{
	struct buf  text = { 0 };
	struct word word, all;
	long        len;
	bool        ok;

	reader_skip(in);
	all = (struct word){ in->at, strlen(in->at), false };
	do {
		if (!reader_next(in, &word)) {
			buf_done(&text);
			return false;
		}
		buf_put(&text, word.at, word.len);
	} while (reader_more(in));
	len = decode(buf_reserve(out, text.len), text.len, (const char *)text.data, text.len);
	ok = len > 0;
	if (ok)
		out->len += (size_t)len;
	else
		reader_bad_word(in, &all, expected);
	buf_done(&text);
	return ok;
}

static bool
read_hex(struct reader *in, struct buf *out)
{
	return read_encoded(in, out, str_hex_decode, "hex: expected pairs of digits 0 to 9 and A to F");
}

static bool
read_base64(struct reader *in, struct buf *out)
{
	return read_encoded(in, out, str_base64_decode, "base64");
}

static bool
read_loc(struct reader *in, struct buf *out)
{
	uint8_t loc[LOC_LEN];

	reader_skip(in);
	if (!rdata_loc_parse(loc, in->at, in->err))
		return reader_fail_at(in, in->at);
	in->at += strlen(in->at);
	buf_put(out, loc, sizeof loc);
	return true;
}

/* The items read so far, as text with absolute names, and the rest as it is: that, ldns understands. */
static bool
read_rest(struct reader *in, struct buf *out, size_t start)
{
	struct rdata_iter iter;
	struct rdata_item item;
	struct buf        text = { 0 };
	bool              ok;

	rdata_iter_init(&iter, in->row->type, out->data + start, out->len - start);
	for (unsigned i = 0; i < in->item && rdata_iter_next(&iter, &item); i++) {
		rdata_item_print(&text, &item, NULL);
		buf_putc(&text, ' ');
	}
	for (reader_skip(in); *in->at != '\0'; in->at++)
		buf_putc(&text, reader_is_blank(*in->at) ? ' ' : *in->at);
	out->len = start;
	ok = rdata_ldns_parse(out, in->row->type, buf_str(&text), in->err);
	if (!ok)
		reader_hint_form(in);
	buf_done(&text);
	return ok;
}

static const struct {
	const char *kinds;
	bool      (*read)(struct reader *in, struct buf *out);
} readers[] = {
	{ "a", read_a }, { "nN", read_name }, { "124kcuem", read_number }, { "q", read_aaaa }, { "S", read_strings }, { "t", read_time }, { "s", read_string },
	{ "g", read_tag }, { "V", read_long_string }, { "h", read_hex }, { "b", read_base64 }, { "d", read_date }, { "y", read_type }, { "L", read_loc },
	{ "p", rdata_svcb_read }, { "B", rdata_bitmap_read }, { "o", rdata_salt_read }, { "i", rdata_hash_read }, { "P", rdata_apl_read },
};

static bool
read_item(struct reader *in, struct buf *out)
{
	for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
		if (strchr(readers[i].kinds, in->kind) != NULL)
			return readers[i].read(in, out);
	return false;
}

static bool
read_items(struct reader *in, struct buf *out)
{
	size_t start = out->len;

	for (const char *layout = in->row->layout; *layout != '\0'; layout++, in->item++) {
		in->kind = *layout;
		if (in->kind == '*')
			return read_rest(in, out, start);
		if (!read_item(in, out))
			return false;
	}
	if (!reader_more(in))
		return true;
	err_set(in->err, ERR_SYNTAX, "\"%.*s\" stands behind the data of %s", SHOWN_MAX, in->at, in->row->name);
	reader_hint_form(in);
	return reader_fail_at(in, in->at);
}

/* RFC 3597 5: \# LENGTH HEX. */
static bool
read_generic(struct reader *in, struct buf *out, uint16_t type)
{
	size_t      start = out->len;
	struct word word;
	uint64_t    len;
	struct err *err = in->err;

	if (!reader_more(in) || !reader_next(in, &word) || !word_number(&len, &word, RDATA_MAX)) {
		err_set(err, ERR_SYNTAX, "\\# needs the length of the data, 0 to %d, and then the data in hex", RDATA_MAX);
		return reader_fail_at(in, in->at);
	}
	if (reader_more(in) && !read_hex(in, out))
		return false;
	if (out->len - start != len) {
		err_set(err, ERR_SYNTAX, "\\# says %u bytes, but %zu follow", (unsigned)len, out->len - start);
		return reader_fail_at(in, word.at);
	}
	return rdata_check(type, out->data + start, out->len - start, err);
}

static bool
is_generic(struct reader *in)
{
	reader_skip(in);
	return in->at[0] == '\\' && in->at[1] == '#' && (in->at[2] == '\0' || reader_is_blank(in->at[2]));
}

static bool
parse(struct buf *out, uint16_t type, struct reader *in)
{
	static const struct rr_type unknown = { .name = "an unknown type" };
	size_t                      start = out->len;
	bool                        ok;

	in->row = rr_type_find(type) != NULL ? rr_type_find(type) : &unknown;
	if (is_generic(in)) {
		in->at += 2;
		ok = read_generic(in, out, type);
	} else if (in->row->layout == NULL) {
		ok = err_set(in->err, ERR_SYNTAX, "the data of this type must be given as \\# LENGTH HEX");
		reader_fail_at(in, in->at);
	} else
		ok = read_items(in, out);
	if (ok && out->len - start > RDATA_MAX)
		ok = err_set(in->err, ERR_RANGE, "the data is %zu bytes long; at most %d fit a record", out->len - start, RDATA_MAX);
	if (!ok)
		out->len = start;
	return ok;
}

bool
rdata_parse(struct buf *out, uint16_t type, const char *text, const uint8_t *origin, struct err *err)
{
	struct reader in = { .text = text, .at = text, .origin = origin, .err = err };

	return parse(out, type, &in);
}

bool
rdata_parse_user(struct buf *out, uint16_t type, const char *text, const uint8_t *origin, char note[static 256], struct err *err)
{
	struct reader in = { .text = text, .at = text, .origin = origin, .user = true, .note = note, .err = err };

	if (note != NULL)
		note[0] = '\0';
	return parse(out, type, &in);
}
