/* SPDX-License-Identifier: ISC */
/* Text from outside, made harmless for terminals and logs. */
#include "base/str.h"

#include <string.h>

#define SHOW_SIZE  1024
#define SHOW_SLOTS 8

/* Characters that move, hide or reorder what a terminal shows, beyond the C0 and C1 controls. */
static const struct { uint32_t first, last; } hidden[] = {
	{ 0x00ad, 0x00ad },     /* soft hyphen */
	{ 0x034f, 0x034f },     /* combining grapheme joiner */
	{ 0x061c, 0x061c },     /* Arabic letter mark */
	{ 0x115f, 0x1160 },     /* Hangul fillers */
	{ 0x17b4, 0x17b5 },     /* Khmer inherent vowels */
	{ 0x180b, 0x180f },     /* Mongolian selectors */
	{ 0x200b, 0x200f },     /* zero width, direction marks */
	{ 0x2028, 0x202e },     /* line separators, bidi embedding */
	{ 0x2060, 0x206f },     /* word joiner, bidi isolates */
	{ 0x3164, 0x3164 },     /* Hangul filler */
	{ 0xfe00, 0xfe0f },     /* variation selectors */
	{ 0xfeff, 0xfeff },     /* byte order mark */
	{ 0xffa0, 0xffa0 },     /* halfwidth Hangul filler */
	{ 0xfff0, 0xfffb },     /* interlinear annotation */
	{ 0xe0000, 0xe0fff },   /* tags, more selectors */
};

/* Length of the well-formed UTF-8 character at P (of at most LEFT bytes), which goes to *CODE; 0 when there is none. */
static size_t
utf8_char(uint32_t *code, const uint8_t *p, size_t left)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t                len = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;

	if (len == 0 || len > left)
		return 0;
	*code = len == 1 ? p[0] : p[0] & (0x7fU >> len);
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (p[i] & 0x3f);
	}
	if (*code < least[len] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return len;
}

static bool
is_shown(uint32_t code)
{
	if (code < 0x20 || (code >= 0x7f && code < 0xa0) || (code & 0xfffe) == 0xfffe)
		return false;
	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
		if (code >= hidden[i].first && code <= hidden[i].last)
			return false;
	return true;
}

void
str_escape(struct buf *out, const char *text, size_t len, bool utf8, bool keep_lines)
{
	const uint8_t *p = (const uint8_t *)text;

	for (size_t i = 0; i < len;) {
		uint32_t code = 0;
		size_t   n = utf8_char(&code, p + i, len - i);
		bool     kept = keep_lines && (p[i] == '\n' || p[i] == '\t');

		if (kept || (n == 1 && is_shown(code)) || (n > 1 && utf8 && is_shown(code))) {
			buf_put(out, p + i, n);
			i += n;
			continue;
		}
		for (size_t end = i + (n != 0 ? n : 1); i < end; i++)
			buf_putf(out, "\\%03u", p[i]);
	}
}

const char *
str_show(const char *text)
{
	static _Thread_local char     slots[SHOW_SLOTS][SHOW_SIZE];
	static _Thread_local unsigned next;
	char                         *slot = slots[next++ % SHOW_SLOTS];
	struct buf                    out = { 0 };
	size_t                        len = strnlen(text, SHOW_SIZE);

	str_escape(&out, text, len, true, false);
	if (out.len >= SHOW_SIZE) {
		out.len = SHOW_SIZE - 4;
		while ((out.data[out.len] & 0xc0) == 0x80)      /* not inside a character */
			out.len--;
		buf_puts(&out, "...");
	}
	memcpy(slot, buf_str(&out), out.len + 1);
	buf_done(&out);
	return slot;
}
