/* SPDX-License-Identifier: ISC */
/*
 * The items of NSEC and its kin: bitmaps of types (RFC 4034 4.1.2), salts and hashed names (RFC 5155 3.2).
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "zone/rdata.h"
#include "zone/rdata_read.h"
#include "zone/rr.h"

#define WINDOWS     256
#define WINDOW_SIZE 32          /* bytes of a full one */

size_t
rdata_bitmap_measure(const uint8_t *data, size_t left)
{
	size_t pos = 0;
	int    last = -1;

	for (; left - pos > 2; pos += 2u + data[pos + 1]) {
		unsigned len = data[pos + 1];

		if (data[pos] <= last || len == 0 || len > WINDOW_SIZE || len > left - pos - 2 || data[pos + 1 + len] == 0)
			return 0;
		last = data[pos];
	}
	return pos == left ? left : 0;
}

static void
print_window(struct buf *out, unsigned window, const uint8_t *bits, unsigned len, size_t start)
{
	char text[16];

	for (unsigned bit = 0; bit < 8 * len; bit++)
		if (bits[bit / 8] & (0x80 >> bit % 8))
			buf_putf(out, "%s%s", out->len > start ? " " : "", rr_type_print(text, (uint16_t)(window * 256 + bit)));
}

void
rdata_bitmap_print(struct buf *out, const uint8_t *data, size_t len)
{
	size_t start = out->len;

	for (size_t pos = 0; pos < len; pos += 2u + data[pos + 1])
		print_window(out, data[pos], data + pos + 2, data[pos + 1], start);
}

bool
rdata_bitmap_read(struct reader *in, struct buf *out)
{
	uint8_t     bits[WINDOWS][WINDOW_SIZE] = { { 0 } };
	struct word word;
	uint16_t    type;

	while (reader_more(in)) {
		if (!reader_next(in, &word))
			return false;
		if (!word_type(&type, &word))
			return reader_bad_word(in, &word, "a record type");
		bits[type >> 8][(type & 255) / 8] |= (uint8_t)(0x80 >> type % 8);
	}
	for (unsigned window = 0; window < WINDOWS; window++) {
		uint8_t len = WINDOW_SIZE;

		while (len > 0 && bits[window][len - 1] == 0)
			len--;
		if (len == 0)
			continue;
		buf_put_u8(out, (uint8_t)window);
		buf_put_u8(out, len);
		buf_put(out, bits[window], len);
	}
	return true;
}

void
rdata_salt_print(struct buf *out, const uint8_t *data, size_t len)
{
	for (size_t i = 1; i < len; i++)
		buf_putf(out, "%02X", data[i]);
	if (len == 1)
		buf_putc(out, '-');
}

bool
rdata_salt_read(struct reader *in, struct buf *out)
{
	struct word word;
	uint8_t     salt[255];
	long        len = 0;

	if (!reader_next(in, &word))
		return false;
	if (word.len != 1 || *word.at != '-')
		len = str_hex_decode(salt, sizeof salt, word.at, word.len);
	if (len < 0 || (len == 0 && word.len != 1))
		return reader_bad_word(in, &word, "a salt: expected up to 255 bytes in hex, or \"-\"");
	buf_put_u8(out, (uint8_t)len);
	buf_put(out, salt, (size_t)len);
	return true;
}

/* Base32 with the alphabet that keeps the order (RFC 4648 7), without padding. */
static const char base32[] = "0123456789ABCDEFGHIJKLMNOPQRSTUV";

void
rdata_hash_print(struct buf *out, const uint8_t *data, size_t len)
{
	for (size_t bit = 0; bit < 8 * (len - 1); bit += 5) {
		size_t   at = 1 + bit / 8;
		unsigned two = (unsigned)data[at] << 8 | (at + 1 < len ? data[at + 1] : 0);

		buf_putc(out, base32[two >> (11 - bit % 8) & 31]);
	}
}

bool
rdata_hash_read(struct reader *in, struct buf *out)
{
	struct word word;
	size_t      start = out->len;
	unsigned    held = 0, bits = 0;

	if (!reader_next(in, &word))
		return false;
	buf_put_u8(out, 0);
	for (size_t i = 0; i < word.len; i++) {
		char        c = word.at[i] >= 'a' && word.at[i] <= 'v' ? (char)(word.at[i] - 32) : word.at[i];
		const char *digit = c == '\0' ? NULL : strchr(base32, c);

		if (digit == NULL)
			return reader_bad_word(in, &word, "a hashed name in base32");
		held = (held << 5 | (unsigned)(digit - base32)) & 0xfff;
		bits += 5;
		if (bits >= 8)
			buf_put_u8(out, (uint8_t)(held >> (bits -= 8)));
	}
	/* What is left must be the zero bits that fill the last digit up. */
	if (bits >= 5 || (held & ((1u << bits) - 1)) != 0 || out->len - start < 2 || out->len - start > 256)
		return reader_bad_word(in, &word, "a hashed name in base32");
	out->data[start] = (uint8_t)(out->len - start - 1);
	return true;
}
