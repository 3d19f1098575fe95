/* SPDX-License-Identifier: ISC */
/*
 * The parameters of SVCB and HTTPS records, RFC 9460 2.1, 7 and appendix A: key=value in text; key, length and value in wire form, keys
 * ascending.  Not left to ldns, which cuts a port of 99999 down to 16 bits.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "zone/rdata.h"
#include "zone/rdata_read.h"

#define PARAMS_MAX 128          /* in one record: far more than there are keys, few enough to sort on the stack */

/* One key: how its value is read from the unescaped text, when it is well-formed, how it is printed. */
struct svc_key {
	const char *name;
	bool      (*read)(struct buf *out, char *text, size_t len);
	bool      (*valid)(const uint8_t *value, size_t len);
	void      (*print)(struct buf *out, const uint8_t *value, size_t len);
	const char *expected;
};

static bool find_key(uint16_t *out, const char *name, size_t len);
static void print_key(struct buf *out, unsigned key);

static unsigned
get_u16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

/* Bytes as text that needs no quotes. */
static void
put_plain(struct buf *out, const uint8_t *value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (value[i] <= ' ' || value[i] >= 0x7f || strchr("\";()", value[i]) != NULL)
			buf_putf(out, "\\%03u", value[i]);
		else
			buf_putf(out, value[i] == '\\' ? "\\%c" : "%c", value[i]);
}

/* Call EACH with the pieces of TEXT between commas; each is NUL-terminated in place. */
static bool
each_item(struct buf *out, char *text, bool (*each)(struct buf *out, char *item))
{
	char *next = text;

	while (next != NULL) {
		char *item = next;

		next = strchr(item, ',');
		if (next != NULL)
			*next++ = '\0';
		if (!each(out, item))
			return false;
	}
	return true;
}

static int
u16_compare(const void *a, const void *b)
{
	return memcmp(a, b, 2);
}

static bool
read_one_key(struct buf *out, char *item)
{
	uint16_t key;

	if (!find_key(&key, item, strlen(item)))
		return false;
	buf_put_u16(out, key);
	return true;
}

static bool
read_mandatory(struct buf *out, char *text, size_t len)
{
	(void)len;
	if (!each_item(out, text, read_one_key))
		return false;
	qsort(out->data, out->len / 2, 2, u16_compare);
	return true;
}

static bool
valid_mandatory(const uint8_t *value, size_t len)
{
	unsigned last = 0;

	for (size_t i = 0; i + 2 <= len; last = get_u16(value + i), i += 2)
		if (get_u16(value + i) <= last)
			return false;
	return len > 0 && len % 2 == 0;
}

static void
print_mandatory(struct buf *out, const uint8_t *value, size_t len)
{
	for (size_t i = 0; i + 2 <= len; i += 2) {
		if (i > 0)
			buf_putc(out, ',');
		print_key(out, get_u16(value + i));
	}
}

/* RFC 9460 A.1: within the list, a backslash makes a comma or a backslash part of the item. */
static bool
read_alpn(struct buf *out, char *text, size_t len)
{
	size_t start = out->len;

	buf_put_u8(out, 0);
	for (size_t i = 0; i <= len; i++) {
		if (i == len || text[i] == ',') {
			if (out->len - start - 1 == 0 || out->len - start - 1 > 255)
				return false;
			out->data[start] = (uint8_t)(out->len - start - 1);
			start = out->len;
			if (i < len)
				buf_put_u8(out, 0);
		} else {
			i += text[i] == '\\' && i + 1 < len;
			buf_put_u8(out, (uint8_t)text[i]);
		}
	}
	return true;
}

static bool
valid_alpn(const uint8_t *value, size_t len)
{
	size_t pos = 0;

	while (pos < len && value[pos] != 0 && len - pos > value[pos])
		pos += value[pos] + 1u;
	return len > 0 && pos == len;
}

static void
print_alpn(struct buf *out, const uint8_t *value, size_t len)
{
	struct buf list = { 0 };

	for (size_t pos = 0; pos < len; pos += value[pos] + 1u) {
		if (pos > 0)
			buf_putc(&list, ',');
		for (unsigned i = 1; i <= value[pos]; i++) {
			if (value[pos + i] == ',' || value[pos + i] == '\\')
				buf_putc(&list, '\\');
			buf_put_u8(&list, value[pos + i]);
		}
	}
	put_plain(out, list.data, list.len);
	buf_done(&list);
}

static bool
read_port(struct buf *out, char *text, size_t len)
{
	uint64_t port;

	if (strlen(text) != len || !str_u64(&port, text, UINT16_MAX))
		return false;
	buf_put_u16(out, (uint16_t)port);
	return true;
}

static bool
valid_port(const uint8_t *value, size_t len)
{
	(void)value;
	return len == 2;
}

static void
print_port(struct buf *out, const uint8_t *value, size_t len)
{
	(void)len;
	buf_putf(out, "%u", get_u16(value));
}

static bool
read_one_a(struct buf *out, char *item)
{
	uint8_t address[4];

	if (inet_pton(AF_INET, item, address) != 1)
		return false;
	buf_put(out, address, sizeof address);
	return true;
}

static bool
read_ipv4(struct buf *out, char *text, size_t len)
{
	return strlen(text) == len && each_item(out, text, read_one_a);
}

static bool
read_one_aaaa(struct buf *out, char *item)
{
	uint8_t address[16];

	if (inet_pton(AF_INET6, item, address) != 1)
		return false;
	buf_put(out, address, sizeof address);
	return true;
}

static bool
read_ipv6(struct buf *out, char *text, size_t len)
{
	return strlen(text) == len && each_item(out, text, read_one_aaaa);
}

static bool
valid_ipv4(const uint8_t *value, size_t len)
{
	(void)value;
	return len > 0 && len % 4 == 0;
}

static bool
valid_ipv6(const uint8_t *value, size_t len)
{
	(void)value;
	return len > 0 && len % 16 == 0;
}

static void
print_addresses(struct buf *out, int family, size_t size, const uint8_t *value, size_t len)
{
	char text[INET6_ADDRSTRLEN];

	for (size_t i = 0; i + size <= len; i += size)
		buf_putf(out, "%s%s", i > 0 ? "," : "", inet_ntop(family, value + i, text, sizeof text));
}

static void
print_ipv4(struct buf *out, const uint8_t *value, size_t len)
{
	print_addresses(out, AF_INET, 4, value, len);
}

static void
print_ipv6(struct buf *out, const uint8_t *value, size_t len)
{
	print_addresses(out, AF_INET6, 16, value, len);
}

static bool
read_base64(struct buf *out, char *text, size_t len)
{
	long got = str_base64_decode(buf_reserve(out, len), len, text, len);

	if (got > 0)
		out->len += (size_t)got;
	return got > 0;
}

static void
print_base64(struct buf *out, const uint8_t *value, size_t len)
{
	str_base64_encode(out, value, len);
}

static bool
read_bytes(struct buf *out, char *text, size_t len)
{
	buf_put(out, text, len);
	return true;
}

static bool
valid_some(const uint8_t *value, size_t len)
{
	(void)value;
	return len > 0;
}

static bool
valid_none(const uint8_t *value, size_t len)
{
	(void)value;
	return len == 0;
}

static bool
valid_any(const uint8_t *value, size_t len)
{
	(void)value;
	(void)len;
	return true;
}

/* By number. */
static const struct svc_key keys[] = {
	{ "mandatory", read_mandatory, valid_mandatory, print_mandatory, "other keys, with commas between them" },
	{ "alpn", read_alpn, valid_alpn, print_alpn, "protocols with commas between them, as in h2,h3" },
	{ "no-default-alpn", read_bytes, valid_none, put_plain, "allowed: the key has no value" },
	{ "port", read_port, valid_port, print_port, "a number from 0 to 65535" },
	{ "ipv4hint", read_ipv4, valid_ipv4, print_ipv4, "IPv4 addresses with commas between them" },
	{ "ech", read_base64, valid_some, print_base64, "base64" },
	{ "ipv6hint", read_ipv6, valid_ipv6, print_ipv6, "IPv6 addresses with commas between them" },
	{ "dohpath", read_bytes, valid_some, put_plain, "a path, as in /dns-query{?dns}" },
	{ "ohttp", read_bytes, valid_none, put_plain, "allowed: the key has no value" },
};
#define KEYS (sizeof keys / sizeof keys[0])

static const struct svc_key other_key = { "", read_bytes, valid_any, put_plain, "a value" };

static const struct svc_key *
key_row(unsigned key)
{
	return key < KEYS ? &keys[key] : &other_key;
}

/* "alpn" or "key1"; 65535 is reserved. */
static bool
find_key(uint16_t *out, const char *name, size_t len)
{
	char     number[8];
	uint64_t value;

	for (size_t i = 0; i < KEYS; i++)
		if (strlen(keys[i].name) == len && strncasecmp(keys[i].name, name, len) == 0) {
			*out = (uint16_t)i;
			return true;
		}
	if (len <= 3 || len - 3 >= sizeof number || strncasecmp(name, "key", 3) != 0)
		return false;
	memcpy(number, name + 3, len - 3);
	number[len - 3] = '\0';
	if (!str_u64(&value, number, UINT16_MAX - 1))
		return false;
	*out = (uint16_t)value;
	return true;
}

static void
print_key(struct buf *out, unsigned key)
{
	if (key < KEYS)
		buf_puts(out, keys[key].name);
	else
		buf_putf(out, "key%u", key);
}

size_t
rdata_svcb_measure(const uint8_t *data, size_t left)
{
	size_t pos = 0;
	int    last = -1;

	while (left - pos >= 4) {
		unsigned key = get_u16(data + pos), len = get_u16(data + pos + 2);

		if ((int)key <= last || key == UINT16_MAX || len > left - pos - 4 || !key_row(key)->valid(data + pos + 4, len))
			return 0;
		last = (int)key;
		pos += 4 + len;
	}
	return pos == left ? left : 0;
}

void
rdata_svcb_print(struct buf *out, const uint8_t *data, size_t len)
{
	for (size_t pos = 0; pos < len; pos += 4 + get_u16(data + pos + 2)) {
		unsigned key = get_u16(data + pos), value_len = get_u16(data + pos + 2);

		if (pos > 0)
			buf_putc(out, ' ');
		print_key(out, key);
		if (value_len == 0)
			continue;
		buf_putc(out, '=');
		key_row(key)->print(out, data + pos + 4, value_len);
	}
}

struct param {
	uint16_t key;
	size_t   at, len;       /* of the value, in a buffer beside */
};

static int
param_compare(const void *a, const void *b)
{
	return ((const struct param *)a)->key - ((const struct param *)b)->key;
}

/* KEY, KEY=VALUE or KEY="VALUE": *NAME is what stands before "=", *VALUE what behind, its AT NULL when there is none. */
static bool
next_param(struct reader *in, struct word *name, struct word *value)
{
	const char *end;

	reader_skip(in);
	end = in->at + strcspn(in->at, "= \t\r\n\"");
	*name = (struct word){ in->at, (size_t)(end - in->at), false };
	*value = (struct word){ NULL, 0, false };
	in->at = end;
	if (*in->at == '"')
		return reader_bad_word(in, name, "the key of a parameter: expected one as in alpn=h2");
	if (*in->at != '=')
		return true;
	in->at++;
	if (*in->at == '\0' || reader_is_blank(*in->at))
		return reader_bad_word(in, name, "complete: a value is missing behind \"=\"");
	return reader_next(in, value);
}

/* Read the value of PARAM into VALUES. */
static bool
read_value(struct reader *in, struct buf *values, struct param *param, const struct word *name, const struct word *value)
{
	const struct svc_key *row = key_row(param->key);
	struct buf            text = { 0 }, wire = { 0 };
	bool                  generic = name->len > 3 && strncasecmp(name->at, "key", 3) == 0;
	bool                  ok = value->at == NULL || reader_unescape(in, &text, value);

	if (ok) {
		buf_str(&text);
		ok = value->at == NULL || (generic ? read_bytes : row->read)(&wire, (char *)text.data, text.len);
		ok = ok && wire.len <= UINT16_MAX && row->valid(wire.data, wire.len);
		if (!ok)
			reader_bad_word(in, value->at == NULL ? name : value, row->expected);
	}
	param->at = values->len;
	param->len = wire.len;
	buf_put(values, wire.data, wire.len);
	buf_done(&text);
	buf_done(&wire);
	return ok;
}

static bool
read_params(struct reader *in, struct buf *values, struct param params[static PARAMS_MAX], size_t *count)
{
	struct word name, value;

	for (*count = 0; reader_more(in); ++*count) {
		struct param *param = &params[*count];

		if (*count == PARAMS_MAX)
			return err_set(in->err, ERR_RANGE, "there are more than %d parameters", PARAMS_MAX);
		if (!next_param(in, &name, &value))
			return false;
		if (!find_key(&param->key, name.at, name.len))
			return reader_bad_word(in, &name, "the key of a parameter: expected alpn, port, ipv4hint, ipv6hint, ..., or key65000 for any other");
		for (size_t i = 0; i < *count; i++)
			if (params[i].key == param->key)
				return reader_bad_word(in, &name, "allowed twice");
		if (!read_value(in, values, param, &name, &value))
			return false;
	}
	return true;
}

bool
rdata_svcb_read(struct reader *in, struct buf *out)
{
	struct param params[PARAMS_MAX];
	struct buf   values = { 0 };
	size_t       count;
	bool         ok = read_params(in, &values, params, &count);

	if (ok) {
		qsort(params, count, sizeof *params, param_compare);
		for (size_t i = 0; i < count; i++) {
			buf_put_u16(out, params[i].key);
			buf_put_u16(out, (uint16_t)params[i].len);
			buf_put(out, values.data + params[i].at, params[i].len);
		}
	}
	buf_done(&values);
	return ok;
}
