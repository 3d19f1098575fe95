/* SPDX-License-Identifier: ISC */
/*
 * LOC, RFC 1876.  Not left to ldns, which takes a word that it does not understand for zero.
 */
#include <string.h>

#include "zone/rdata.h"

#define EQUATOR   2147483648u   /* both in thousandths of a second of arc */
#define DEGREE    3600000
#define SEA_LEVEL 10000000      /* in cm above the reference point */

/* A decimal with up to DECIMALS places, as a whole number of its last place; at most MAX before the point. */
static bool
parse_fixed(int64_t *out, const char *text, size_t len, unsigned decimals, int64_t max)
{
	int64_t  value = 0;
	unsigned places = 0;
	bool     point = false, digit = false;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.' && !point && decimals > 0) {
			point = true;
			continue;
		}
		if (text[i] < '0' || text[i] > '9' || (point && places == decimals))
			return false;
		digit = true;
		value = value * 10 + (text[i] - '0');
		places += point;
		if (!point && value > max)
			return false;
	}
	for (; places < decimals; places++)
		value *= 10;
	*out = value;
	return digit;
}

/* The next word of *TEXT; its length, 0 at the end. */
static size_t
word(const char **text, const char **at)
{
	size_t len;

	*text += strspn(*text, " \t");
	*at = *text;
	len = strcspn(*text, " \t");
	*text += len;
	return len;
}

/* Degrees [minutes [seconds]] and one of the two letters PLUS_MINUS. */
static bool
parse_angle(uint32_t *out, const char **text, const char *plus_minus, int64_t max)
{
	static const struct { unsigned decimals; int64_t max, unit; } parts[] = { { 0, 180, DEGREE }, { 0, 59, 60000 }, { 3, 59, 1 } };
	int64_t     total = 0, value;
	const char *at;
	size_t      len;

	for (int part = 0; (len = word(text, &at)) > 0; part++) {
		if (len == 1 && part > 0 && (*at == plus_minus[0] || *at == plus_minus[1])) {
			*out = (uint32_t)(*at == plus_minus[0] ? EQUATOR + total : EQUATOR - total);
			return total <= max * DEGREE;
		}
		if (part == 3 || !parse_fixed(&value, at, len, parts[part].decimals, parts[part].max))
			return false;
		total += value * parts[part].unit;
	}
	return false;
}

/* Metres with an optional "m" behind, in cm. */
static bool
parse_metres(int64_t *out, const char *at, size_t len, int64_t max)
{
	if (len > 1 && (at[len - 1] | 0x20) == 'm')
		len--;
	return parse_fixed(out, at, len, 2, max);
}

static bool
parse_altitude(uint32_t *out, const char **text)
{
	const char *at;
	size_t      len = word(text, &at);
	bool        below = len > 0 && *at == '-';
	int64_t     value;

	if (len == 0 || !parse_metres(&value, at + below, len - below, below ? 100000 : 42849672))
		return false;
	value = below ? SEA_LEVEL - value : SEA_LEVEL + value;
	*out = (uint32_t)value;
	return value >= 0 && value <= UINT32_MAX;
}

/* A size as one digit and a power of ten; absent: *OUT stays the default. */
static bool
parse_size(uint8_t *out, const char **text)
{
	const char *at;
	size_t      len = word(text, &at);
	int64_t     value;
	uint8_t     power = 0;

	if (len == 0)
		return true;
	if (!parse_metres(&value, at, len, 90000000) || value > 9000000000)
		return false;
	for (; value >= 10; power++)
		value /= 10;
	*out = (uint8_t)(value << 4 | power);
	return true;
}

bool
rdata_loc_parse(uint8_t out[static LOC_LEN], const char *text, struct err *err)
{
	uint8_t     head[4] = { 0, 0x12, 0x16, 0x13 };  /* version; size 1 m, precision 10 km and 10 m */
	uint32_t    place[3];
	const char *at;
	bool        ok = parse_angle(&place[0], &text, "NS", 90) && parse_angle(&place[1], &text, "EW", 180) && parse_altitude(&place[2], &text);

	for (int i = 1; i < 4; i++)
		ok = ok && parse_size(&head[i], &text);
	if (!ok || word(&text, &at) > 0) {
		err_set(err, ERR_SYNTAX, "this is not a location");
		return err_hint(err, "expected: latitude N|S longitude E|W altitude [size [precision [vertical precision]]], as in 52 22 23.000 N 4 53 32.000 E -2m");
	}
	memcpy(out, head, sizeof head);
	for (int i = 0; i < 12; i++)
		out[4 + i] = (uint8_t)(place[i / 4] >> (24 - 8 * (i % 4)));
	return true;
}

static uint32_t
get_u32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void
print_angle(struct buf *out, uint32_t angle, const char *plus_minus)
{
	uint32_t total = angle >= EQUATOR ? angle - EQUATOR : EQUATOR - angle;

	buf_putf(out, "%u %u %u.%03u %c ", total / DEGREE, total / 60000 % 60, total / 1000 % 60, total % 1000, plus_minus[angle < EQUATOR]);
}

static void
print_size(struct buf *out, uint8_t size)
{
	uint64_t value = size >> 4;

	for (int i = 0; i < (size & 15); i++)
		value *= 10;
	buf_putf(out, " %llu.%02llum", (unsigned long long)(value / 100), (unsigned long long)(value % 100));
}

bool
rdata_loc_print(struct buf *out, const uint8_t loc[static LOC_LEN])
{
	int64_t  altitude = (int64_t)get_u32(loc + 12) - SEA_LEVEL;
	int64_t  height = altitude < 0 ? -altitude : altitude;
	uint8_t  again[LOC_LEN];
	size_t   start = out->len;

	print_angle(out, get_u32(loc + 4), "NS");
	print_angle(out, get_u32(loc + 8), "EW");
	buf_putf(out, "%s%lld.%02lldm", altitude < 0 ? "-" : "", (long long)(height / 100), (long long)(height % 100));
	for (int i = 1; i < 4; i++)
		print_size(out, loc[i]);
	return rdata_loc_parse(again, buf_str(out) + start, NULL) && memcmp(again, loc, LOC_LEN) == 0;
}
