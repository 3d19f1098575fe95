/* SPDX-License-Identifier: ISC */
/*
 * Address prefixes of APL, RFC 3123: family, prefix length, a sign and the address without the zero bytes at its end.  Only the two
 * families that have a text are taken.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "zone/rdata.h"
#include "zone/rdata_read.h"

#define HEAD_LEN 4              /* family (2), prefix (1), sign and length (1) */
#define NEGATIVE 0x80

static const struct family { unsigned number, size; int af; } families[] = { { 1, 4, AF_INET }, { 2, 16, AF_INET6 } };

static const struct family *
family_find(uint64_t number)
{
	return number == 1 || number == 2 ? &families[number - 1] : NULL;
}

size_t
rdata_apl_measure(const uint8_t *data, size_t left)
{
	size_t pos = 0;

	while (left - pos >= HEAD_LEN) {
		const struct family *family = family_find((unsigned)data[pos] << 8 | data[pos + 1]);
		unsigned             len = data[pos + 3] & ~NEGATIVE;

		if (family == NULL || data[pos + 2] > 8 * family->size || len > family->size || len > left - pos - HEAD_LEN ||
		    (len > 0 && data[pos + HEAD_LEN + len - 1] == 0))
			return 0;
		pos += HEAD_LEN + len;
	}
	return pos == left ? left : 0;
}

void
rdata_apl_print(struct buf *out, const uint8_t *data, size_t len)
{
	for (size_t pos = 0; pos < len; pos += HEAD_LEN + (data[pos + 3] & ~NEGATIVE)) {
		const struct family *family = family_find(data[pos + 1]);
		uint8_t              address[16] = { 0 };
		char                 text[INET6_ADDRSTRLEN];

		memcpy(address, data + pos + HEAD_LEN, data[pos + 3] & ~NEGATIVE);
		buf_putf(out, "%s%s%u:%s/%u", pos > 0 ? " " : "", data[pos + 3] & NEGATIVE ? "!" : "", family->number,
		    inet_ntop(family->af, address, text, sizeof text), data[pos + 2]);
	}
}

/* TEXT is [!]FAMILY:ADDRESS/PREFIX. */
static bool
put_prefix(struct buf *out, char *text)
{
	bool                 negative = *text == '!';
	char                *family_text = text + negative, *address_text = strchr(text, ':'), *prefix_text = strrchr(text, '/');
	const struct family *family;
	uint64_t             number, prefix;
	uint8_t              address[16];
	unsigned             len;

	if (address_text == NULL || prefix_text == NULL || prefix_text < address_text)
		return false;
	*address_text++ = *prefix_text++ = '\0';
	if (!str_u64(&number, family_text, UINT16_MAX) || (family = family_find(number)) == NULL || !str_u64(&prefix, prefix_text, 8 * family->size) ||
	    inet_pton(family->af, address_text, address) != 1)
		return false;
	for (len = family->size; len > 0 && address[len - 1] == 0;)
		len--;
	buf_put_u16(out, (uint16_t)number);
	buf_put_u8(out, (uint8_t)prefix);
	buf_put_u8(out, (uint8_t)(len | (negative ? NEGATIVE : 0)));
	buf_put(out, address, len);
	return true;
}

bool
rdata_apl_read(struct reader *in, struct buf *out)
{
	struct word word;
	char        text[64];

	while (reader_more(in)) {
		if (!reader_next(in, &word))
			return false;
		snprintf(text, sizeof text, "%.*s", (int)(word.len < sizeof text ? word.len : sizeof text), word.at);
		if (word.len >= sizeof text || !put_prefix(out, text))
			return reader_bad_word(in, &word, "an address prefix: expected one as in 1:192.0.2.0/24 or !2:2001:db8::/32");
	}
	return true;
}
