/* SPDX-License-Identifier: ISC */
/*
 * Rdata from wire to text.  Whatever is printed, rdata_parse reads back to the same bytes; what has no such text is
 * printed in the generic form of RFC 3597.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "zone/name.h"
#include "zone/rdata.h"
#include "zone/rr.h"

static uint32_t
number(const struct rdata_item *item)
{
	uint32_t value = 0;

	for (size_t i = 0; i < item->len; i++)
		value = value << 8 | item->data[i];
	return value;
}

static void
print_number(struct buf *out, const struct rdata_item *item, const uint8_t *origin)
{
	(void)origin;
	buf_putf(out, "%u", number(item));
}

static void
print_date(struct buf *out, const struct rdata_item *item, const uint8_t *origin)
{
	time_t    when = number(item);
	struct tm tm;
	char      text[32];

	(void)origin;
	gmtime_r(&when, &tm);
	strftime(text, sizeof text, "%Y%m%d%H%M%S", &tm);
	buf_puts(out, text);
}

static void
print_type(struct buf *out, const struct rdata_item *item, const uint8_t *origin)
{
	char text[16];

	(void)origin;
	buf_puts(out, rr_type_print(text, (uint16_t)number(item)));
}

static void
print_a(struct buf *out, const struct rdata_item *item, const uint8_t *origin)
{
	(void)origin;
	buf_putf(out, "%u.%u.%u.%u", item->data[0], item->data[1], item->data[2], item->data[3]);
}

static void
print_aaaa(struct buf *out, const struct rdata_item *item, const uint8_t *origin)
{
	char text[INET6_ADDRSTRLEN];

	(void)origin;
	buf_puts(out, inet_ntop(AF_INET6, item->data, text, sizeof text));
}

/*
 * Relative only where the bytes above it are ORIGIN's very own: a name spelled "mail.EXAMPLE.org." must not come back in another case.
 */
static void
print_name(struct buf *out, const struct rdata_item *item, const uint8_t *origin)
{
	char   text[NAME_TEXT_MAX];
	size_t back = origin == NULL ? 0 : name_len(origin);

	if (back > 1 && item->len >= back && memcmp(item->data + item->len - back, origin, back) == 0)
		name_print_rel(text, item->data, origin);
	else
		name_print(text, item->data);
	buf_puts(out, text);
}

/* Bytes of the UTF-8 character at DATA, 2 to 4; 0 when there is no valid one (RFC 3629 4). */
static size_t
utf8_len(const uint8_t *data, size_t left)
{
	size_t   len = data[0] >= 0xf0 && data[0] <= 0xf4 ? 4 : data[0] >= 0xe0 && data[0] < 0xf0 ? 3 : data[0] >= 0xc2 && data[0] < 0xe0 ? 2 : 0;
	uint32_t value = len == 0 ? 0 : data[0] & (0xffu >> (len + 1));

	if (len == 0 || len > left)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((data[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (data[i] & 0x3f);
	}
	if ((len == 3 && value < 0x800) || (len == 4 && (value < 0x10000 || value > 0x10ffff)) || (value >= 0xd800 && value < 0xe000))
		return 0;
	return len;
}

/* In quotes.  UTF-8 stands as it is, because dns-primary-git knows no \DDD (robur.md 2.4); other bytes beyond ASCII would make no text. */
static void
put_quoted(struct buf *out, const uint8_t *data, size_t len)
{
	size_t step;

	buf_putc(out, '"');
	for (size_t i = 0; i < len; i += step) {
		step = 1;
		if (data[i] >= 0x80 && (step = utf8_len(data + i, len - i)) > 0)
			buf_put(out, data + i, step);
		else if (data[i] < ' ' || data[i] >= 0x7f)
			buf_putf(out, "\\%03u", data[i]), step = 1;
		else if (data[i] == '"' || data[i] == '\\')
			buf_putf(out, "\\%c", data[i]);
		else
			buf_putc(out, (char)data[i]);
	}
	buf_putc(out, '"');
}

static void
print_string(struct buf *out, const struct rdata_item *item, const uint8_t *origin)
{
	(void)origin;
	put_quoted(out, item->data + 1, item->len - 1);
}

static void
print_strings(struct buf *out, const struct rdata_item *item, const uint8_t *origin)
{
	(void)origin;
	for (size_t pos = 0; pos < item->len; pos += item->data[pos] + 1u) {
		if (pos > 0)
			buf_putc(out, ' ');
		put_quoted(out, item->data + pos + 1, item->data[pos]);
	}
}

static void
print_tag(struct buf *out, const struct rdata_item *item, const uint8_t *origin)
{
	(void)origin;
	buf_put(out, item->data + 1, item->len - 1);
}

static void
put_hex(struct buf *out, const uint8_t *data, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";
	char             *at = buf_reserve(out, 2 * len);

	for (size_t i = 0; i < len; i++) {
		*at++ = digits[data[i] >> 4];
		*at++ = digits[data[i] & 15];
	}
	out->len += 2 * len;
}

static void
put_base64(struct buf *out, const uint8_t *data, size_t len)
{
	str_base64_encode(out, data, len);
}

static const struct {
	const char *kinds;
	void      (*print)(struct buf *out, const struct rdata_item *item, const uint8_t *origin);
	void      (*print_bytes)(struct buf *out, const uint8_t *data, size_t len);      /* where it needs no more */
} printers[] = {
	{ "a", print_a, NULL }, { "q", print_aaaa, NULL }, { "nN", print_name, NULL }, { "124tkcuem", print_number, NULL }, { "S", print_strings, NULL },
	{ "s", print_string, NULL }, { "V", NULL, put_quoted }, { "g", print_tag, NULL }, { "h", NULL, put_hex }, { "b", NULL, put_base64 },
	{ "d", print_date, NULL }, { "y", print_type, NULL }, { "p", NULL, rdata_svcb_print }, { "B", NULL, rdata_bitmap_print },
	{ "o", NULL, rdata_salt_print }, { "i", NULL, rdata_hash_print }, { "P", NULL, rdata_apl_print },
};

void
rdata_item_print(struct buf *out, const struct rdata_item *item, const uint8_t *origin)
{
	for (size_t i = 0; i < sizeof printers / sizeof printers[0]; i++)
		if (strchr(printers[i].kinds, item->kind) != NULL) {
			if (printers[i].print != NULL)
				printers[i].print(out, item, origin);
			else
				printers[i].print_bytes(out, item->data, item->len);
			return;
		}
}

static void
print_generic(struct buf *out, const uint8_t *rdata, size_t rdlen)
{
	buf_putf(out, "\\# %zu", rdlen);
	if (rdlen > 0)
		buf_putc(out, ' ');
	put_hex(out, rdata, rdlen);
}

/* Append what stands in TEXT behind its first SKIP words. */
static void
put_tail(struct buf *out, const char *text, unsigned skip)
{
	for (; skip > 0 && *text != '\0'; skip--) {
		text += strcspn(text, " ");
		text += strspn(text, " ");
	}
	buf_puts(out, text);
}

/* The items that only ldns or rdata_loc can print; COUNT stand before ITEM. False: no text reads back as this. */
static bool
print_special(struct buf *out, uint16_t type, const struct rdata_item *item, unsigned count, const uint8_t *rdata, size_t rdlen)
{
	struct buf text = { 0 };
	bool       ok = item->kind == 'L' ? rdata_loc_print(&text, item->data) : rdata_ldns_print(&text, type, rdata, rdlen);

	if (ok)
		put_tail(out, buf_str(&text), count);
	buf_done(&text);
	return ok;
}

static bool
print_items(struct buf *out, uint16_t type, const uint8_t *rdata, size_t rdlen, const uint8_t *origin)
{
	struct rdata_iter iter;
	struct rdata_item item;
	unsigned          count = 0;

	rdata_iter_init(&iter, type, rdata, rdlen);
	for (; rdata_iter_next(&iter, &item); count++) {
		if (count > 0 && (item.len > 0 || item.kind == 'V'))
			buf_putc(out, ' ');
		if (item.kind != '*' && item.kind != 'L')
			rdata_item_print(out, &item, origin);
		else if (!print_special(out, type, &item, count, rdata, rdlen))
			return false;
	}
	return !iter.bad;
}

void
rdata_print(struct buf *out, uint16_t type, const uint8_t *rdata, size_t rdlen, const uint8_t *origin)
{
	const struct rr_type *row = rr_type_find(type);
	size_t                start = out->len;

	/* No data would be no text, which is easily overlooked. */
	if (rdlen > 0 && row != NULL && row->layout != NULL && print_items(out, type, rdata, rdlen, origin))
		return;
	out->len = start;
	print_generic(out, rdata, rdlen);
}
