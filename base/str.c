/* SPDX-License-Identifier: ISC */
/* Numbers, words, base64, hex and times as text; str_show.c has the escaping. */
#include "base/str.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/err.h"

bool
str_u64(uint64_t *out, const char *text, uint64_t max)
{
	uint64_t v = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		unsigned digit = (unsigned)(unsigned char)*text - '0';

		if (digit > 9 || v > (UINT64_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	if (v > max)
		return false;
	*out = v;
	return true;
}

const char *
str_after(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

#define DISTANCE_MAX 64

size_t
str_distance(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);
	size_t rows[3][DISTANCE_MAX + 1];       /* the one being filled and the two before it, in turn */

	if (b_len > DISTANCE_MAX || a_len > DISTANCE_MAX)
		return strcmp(a, b) == 0 ? 0 : DISTANCE_MAX;
	for (size_t k = 0; k <= b_len; k++)
		rows[0][k] = k;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3];

		row[0] = i;
		for (size_t k = 1; k <= b_len; k++) {
			size_t best = above[k - 1] + (a[i - 1] != b[k - 1]);

			best = best < above[k] + 1 ? best : above[k] + 1;
			best = best < row[k - 1] + 1 ? best : row[k - 1] + 1;
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1]) {
				size_t swapped = rows[(i + 1) % 3][k - 2] + 1;

				best = best < swapped ? best : swapped;
			}
			row[k] = best;
		}
	}
	return rows[a_len % 3][b_len];
}

void
str_time(char out[static 24], int64_t unix_s)
{
	time_t    t = (time_t)unix_s;
	struct tm tm;

	/* Years of other than four digits are nobody's time stamps. */
	if (unix_s < -62167219200 || unix_s > 253402300799 || gmtime_r(&t, &tm) == NULL)
		snprintf(out, 24, "0000-00-00T00:00:00Z");
	else
		strftime(out, 24, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Copy one word of IN to OUT and return where it ends in IN; NULL with ERR set. */
static const char *
shell_word(char **out, bool *quoted, const char *in, struct err *err)
{
	char  open = '\0';
	char *to = *out;

	for (; *in != '\0' && (open != '\0' || !is_blank(*in)); in++) {
		if (open == '\0' && (*in == '\'' || *in == '"')) {
			open = *in;
			*quoted = true;
		} else if (open != '\0' && *in == open) {
			open = '\0';
		} else if (*in == '\\' && in[1] == '\0') {
			err_set(err, ERR_USAGE, "a backslash ends the command line");
			return NULL;
		} else if (*in == '\\' && (open == '\0' || (open == '"' && (in[1] == '"' || in[1] == '\\')))) {
			*to++ = *++in;
		} else {
			*to++ = *in;
		}
	}
	if (open != '\0') {
		err_set(err, ERR_USAGE, "a %s quote is not closed", open == '"' ? "double" : "single");
		return NULL;
	}
	*to++ = '\0';
	*out = to;
	return in;
}

bool
str_words(char ***words, bool **quoted, size_t *count, const char *text, struct arena *arena, struct err *err)
{
	size_t max = strlen(text) / 2 + 1;      /* a word takes a byte and a blank, at least */
	char  *out = arena_array(arena, 2, strlen(text) + 1);
	bool  *flags = arena_array(arena, max, sizeof *flags);
	size_t n = 0;

	*words = arena_array(arena, max + 1, sizeof **words);   /* NULL-terminated, as argv is */
	for (;;) {
		while (is_blank(*text))
			text++;
		if (*text == '\0')
			break;
		(*words)[n] = out;
		text = shell_word(&out, &flags[n], text, err);
		if (text == NULL)
			return false;
		n++;
	}
	*count = n;
	if (quoted != NULL)
		*quoted = flags;
	return true;
}

/* One "..." of IN (at its opening quote) to OUT; returns where it ends, or NULL. */
static const char *
quoted_field(char *out, const char *in)
{
	for (in++; *in != '"'; in++) {
		if (*in == '\\' && (in[1] == '"' || in[1] == '\\'))
			in++;
		if (*in == '\0')
			return NULL;
		*out++ = *in;
	}
	*out = '\0';
	in++;
	return *in == '\0' || is_blank(*in) ? in : NULL;
}

/* One field of LINE at AT to *WORD; returns where it ends, or NULL with ERR set. */
static const char *
field(char **word, const char *at, struct arena *arena, struct err *err)
{
	const char *end = at + strcspn(at, " \t\r\n");

	if (*at != '"') {
		*word = arena_strndup(arena, at, (size_t)(end - at));
		return end;
	}
	*word = arena_strdup(arena, at);        /* long enough: it only gets shorter */
	end = quoted_field(*word, at);
	if (end == NULL)
		err_set(err, ERR_SYNTAX, "a quote is not closed, or text follows it without a blank");
	return end;
}

bool
str_fields(char **words, uint32_t *cols, size_t *count, size_t max, const char *line, struct arena *arena, struct err *err)
{
	const char *at = line;
	size_t      n = 0;

	for (;;) {
		uint32_t col;

		while (is_blank(*at))
			at++;
		if (*at == '\0' || *at == '#')
			break;
		col = (uint32_t)(at - line) + 1;
		if (n == max)
			err_set(err, ERR_SYNTAX, "there are more than %zu words on this line", max);
		at = n < max ? field(&words[n], at, arena, err) : NULL;
		if (at == NULL) {
			if (err != NULL)
				err->col = col;
			return false;
		}
		cols[n++] = col;
	}
	*count = n;
	return true;
}

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int
base64_value(char c)
{
	const char *p = c != '\0' ? strchr(base64_digits, c) : NULL;

	return p != NULL ? (int)(p - base64_digits) : -1;
}

/* Decode 4 characters; returns the bytes (1 to 3), 0 for anything malformed. */
static size_t
base64_group(uint8_t out[static 3], const char *text, bool last)
{
	size_t   pad = !last || text[3] != '=' ? 0 : text[2] != '=' ? 1 : 2;
	uint32_t v = 0;

	for (size_t i = 0; i < 4; i++) {
		int digit = i < 4 - pad ? base64_value(text[i]) : 0;

		if (digit < 0)
			return 0;
		v = v << 6 | (uint32_t)digit;
	}
	if ((v & ((1U << (8 * pad)) - 1)) != 0)         /* bits that nobody would decode */
		return 0;
	for (size_t i = 0; i < 3; i++)
		out[i] = (uint8_t)(v >> (16 - 8 * i));
	return 3 - pad;
}

long
str_base64_decode(uint8_t *out, size_t cap, const char *text, size_t len)
{
	size_t have = 0;

	if (len % 4 != 0)
		return -1;
	for (size_t i = 0; i < len; i += 4) {
		uint8_t group[3];
		size_t  n = base64_group(group, text + i, i + 4 == len);

		if (n == 0 || n > cap - have)
			return -1;
		memcpy(out + have, group, n);
		have += n;
	}
	return (long)have;
}

void
str_base64_encode(struct buf *out, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i += 3) {
		size_t   n = len - i < 3 ? len - i : 3;
		uint32_t v = (uint32_t)p[i] << 16 | (n > 1 ? (uint32_t)p[i + 1] << 8 : 0) | (n > 2 ? p[i + 2] : 0);

		for (size_t k = 0; k < 4; k++)
			buf_putc(out, k <= n ? base64_digits[v >> (18 - 6 * k) & 63] : '=');
	}
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

long
str_hex_decode(uint8_t *out, size_t cap, const char *text, size_t len)
{
	if (len % 2 != 0 || len / 2 > cap)
		return -1;
	for (size_t i = 0; i < len / 2; i++) {
		int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -1;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return (long)(len / 2);
}

void
str_hex_encode(struct buf *out, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t    *p = data;

	for (size_t i = 0; i < len; i++) {
		buf_putc(out, digits[p[i] >> 4]);
		buf_putc(out, digits[p[i] & 15]);
	}
}

const char *
str_plural(unsigned long count)
{
	return count == 1 ? "" : "s";
}

size_t
str_near(size_t len)
{
	return len <= 4 ? 1 : len <= 8 ? 2 : 3;
}
