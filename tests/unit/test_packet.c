/* SPDX-License-Identifier: ISC */
/* Messages as they should not be, and names in and out of compression. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "dns/response.h"
#include "tests/unit/dns_fixture.h"

#define HEAD(counts)  "1234 0000 " counts
#define WWW           "03777777 00 0001 0001"

/* Hex, blanks ignored. */
static const struct { const char *hex; enum packet_state want; } messages[] = {
	{ HEAD("0001 0000 0000 0000") WWW, PACKET_OK },
	{ HEAD("0001 0000 0000 0000") "00 0002 0001", PACKET_OK },
	{ "1234 0000 0001", PACKET_DROP },
	{ "", PACKET_DROP },
	{ "1234 8000 0001 0000 0000 0000" WWW, PACKET_DROP },                   /* a response */
	{ "1234 7800 0001 0000 0000 0000" WWW, PACKET_NOTIMP },                 /* opcode 15 */
	{ "1234 1000 0000 0000 0000 0000", PACKET_NOTIMP },                     /* STATUS, no question */
	{ HEAD("0000 0000 0000 0000"), PACKET_FORMERR },                        /* RFC 9619 */
	{ HEAD("0002 0000 0000 0000") WWW WWW, PACKET_FORMERR },
	{ HEAD("ffff 0000 0000 0000") WWW, PACKET_FORMERR },
	{ HEAD("0001 0000 0000 0000") "0377", PACKET_FORMERR },
	{ HEAD("0001 0000 0000 0000") "03777777 00 0001", PACKET_FORMERR },
	{ HEAD("0001 0000 0000 0000") "c00c 0001 0001", PACKET_FORMERR },       /* a pointer to itself */
	{ HEAD("0001 0000 0000 0000") "c000 0001 0001", PACKET_FORMERR },
	{ HEAD("0001 0000 0000 0000") "41 0001 0001", PACKET_FORMERR },         /* label type 01 */
	{ HEAD("0001 0000 0000 0000") WWW "00", PACKET_FORMERR },               /* trailing byte */
	{ HEAD("0001 0001 0000 0000") WWW, PACKET_FORMERR },                    /* counts lie */
	{ HEAD("0001 0000 0000 ffff") WWW, PACKET_FORMERR },
	{ HEAD("0001 0001 0000 0000") WWW "c00c 0001 0001 00000000 0004 01020304", PACKET_OK },
	{ HEAD("0001 0001 0000 0000") WWW "c00c 0001 0001 00000000 0005 01020304", PACKET_FORMERR },
	{ HEAD("0001 0001 0000 0000") WWW "c015 0001 0001 00000000 0000", PACKET_FORMERR },     /* to itself */
	{ HEAD("0001 0001 0000 0000") WWW "c0ff 0001 0001 00000000 0000", PACKET_FORMERR },     /* forward */
	{ HEAD("0001 0001 0000 0000") WWW "0161c015 0001 0001 00000000 0000", PACKET_FORMERR }, /* a loop */
	{ HEAD("0001 0000 0000 0001") WWW "00 0029 04d0 00000000 0000", PACKET_OK },
	{ HEAD("0001 0000 0000 0001") WWW "00 0029 04d0 00000000 0004 00030000", PACKET_OK },
	{ HEAD("0001 0000 0000 0001") WWW "00 0029 04d0 00000000 0004 00030001", PACKET_FORMERR },
	{ HEAD("0001 0000 0000 0001") WWW "00 0029 04d0 00000000 0003 000300", PACKET_FORMERR },
	{ HEAD("0001 0000 0000 0001") WWW "00 0029 04d0 00010000 0003 000300", PACKET_OK },     /* version 1: BADVERS, later */
	{ HEAD("0001 0000 0000 0001") WWW "c00c 0029 04d0 00000000 0000", PACKET_FORMERR },
	{ HEAD("0001 0000 0000 0002") WWW "00 0029 04d0 00000000 0000 00 0029 04d0 00000000 0000", PACKET_FORMERR },
	{ HEAD("0001 0001 0000 0000") WWW "00 0029 04d0 00000000 0000", PACKET_FORMERR },
	{ HEAD("0001 0000 0000 0001") WWW "00 00fa 00ff 00000000 0000", PACKET_OK },
	{ HEAD("0001 0000 0000 0001") WWW "00 00fa 0001 00000000 0000", PACKET_FORMERR },
	{ HEAD("0001 0000 0000 0001") WWW "00 00fa 00ff 00000001 0000", PACKET_FORMERR },
	{ HEAD("0001 0000 0000 0002") WWW "00 00fa 00ff 00000000 0000 00 0029 04d0 00000000 0000", PACKET_FORMERR },
	{ HEAD("0001 0000 0001 0000") WWW "00 00fa 00ff 00000000 0000", PACKET_FORMERR },
};

/* A copy of exactly the right size, so that ASan sees every byte too many. */
static uint8_t *
from_hex(const char *hex, size_t *len)
{
	char     packed[1024];
	size_t   n = 0;
	uint8_t *out;

	for (; *hex != '\0'; hex++)
		if (*hex != ' ')
			packed[n++] = *hex;
	*len = n / 2;
	out = malloc(*len + (*len == 0));
	assert_int_equal(str_hex_decode(out, *len, packed, n), (long)*len);
	return out;
}

static void
test_messages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
		struct packet packet;
		size_t        len;
		uint8_t      *data = from_hex(messages[i].hex, &len);

		if (packet_decode(&packet, data, len) != messages[i].want)
			fail_msg("message %zu: %s", i, messages[i].hex);
		free(data);
	}
}

/* Any prefix and any changed byte of a full message is decoded without reading outside. */
static void
test_mutations(void **state)
{
	size_t   len;
	uint8_t *whole = from_hex(HEAD("0001 0001 0000 0001") WWW "c00c 000f 0001 00000000 0009 000a 03616263c00c"
	    "00 0029 04d0 00000000 0004 00030000", &len);

	(void)state;
	for (size_t n = 0; n <= len; n++) {
		struct packet packet;
		uint8_t      *part = malloc(n + 1);

		memcpy(part, whole, n);
		for (unsigned v = 0; v < 256 && n > 0; v++) {
			part[n - 1] = (uint8_t)v;
			packet_decode(&packet, part, n);
		}
		free(part);
	}
	free(whole);
}

static void
test_rdata(void **state)
{
	size_t           len, pos = PACKET_HEADER + 9;
	uint8_t         *data = from_hex(HEAD("0001 0001 0000 0000") WWW "c00c 0006 0001 00000000 0018 c00c 0161c00c"
	    "00000001000000020000000300000004 00000005", &len), out[512];
	struct packet_rr rr;

	(void)state;
	data[pos + 11] = 26;
	assert_true(packet_rr(data, len, &pos, &rr));
	assert_int_equal(packet_rdata(data, len, &rr, out, sizeof out), 5 + 7 + 20);
	assert_memory_equal(out, "\3www\0\1a\3www\0\0\0\0\1", 16);
	assert_int_equal(packet_rdata(data, len, &rr, out, 31), -1);
	rr.rdlen = 3;                   /* the second name ends behind the rdata */
	assert_int_equal(packet_rdata(data, len, &rr, out, sizeof out), -1);
	free(data);
}

/* Start a response to a question for NAME in a packet that lives in QUERY. */
static void
begin(struct response *response, struct buf *query, struct packet *packet, const char *name, uint8_t *out, size_t cap)
{
	fixture_query(query, name, TYPE_A, CLASS_IN, 0, 0);
	assert_int_equal(packet_decode(packet, query->data, query->len), PACKET_OK);
	response_begin(response, out, cap, packet);
}

static bool
add(struct response *response, const char *owner_text, uint16_t type, const char *text)
{
	struct buf rdata = { 0 };
	uint8_t    owner[NAME_SIZE];
	struct rr  rr = { .owner = owner, .type = type, .ttl = 60 };
	bool       fits;

	name_parse(owner, owner_text, NULL, NULL);
	assert_true(rdata_parse(&rdata, type, text, NULL, NULL));
	rr.rdata = rdata.data;
	rr.rdlen = (uint16_t)rdata.len;
	fits = response_rr(response, SECTION_ANSWER, &rr, CLASS_IN);
	buf_done(&rdata);
	return fits;
}

static void
test_compression(void **state)
{
	static uint8_t  out[PACKET_MAX];
	struct response response;
	struct packet   packet;
	struct buf      query = { 0 }, text = { 0 };
	size_t          len;

	(void)state;
	begin(&response, &query, &packet, "www.Example.org.", out, PACKET_MAX);
	len = response.len;
	assert_true(add(&response, "WWW.example.org.", TYPE_A, "192.0.2.1"));
	assert_int_equal(response.len, len + 2 + 10 + 4);
	assert_true(add(&response, "example.org.", TYPE_MX, "10 mail.example.org."));
	assert_int_equal(response.len, len + 16 + 2 + 10 + 2 + 5 + 2);
	len = response.len;
	assert_true(add(&response, "x.mail.example.org.", TYPE_SOA, "mail.example.org. host.x.mail.example.org. 1 2 3 4 5"));
	assert_int_equal(response.len, len + 4 + 10 + 2 + 7 + 20);
	len = response.len;
	/* SRV is younger than RFC 1035: its name is not compressed */
	assert_true(add(&response, "example.org.", TYPE_SRV, "1 2 3 mail.example.org."));
	assert_int_equal(response.len, len + 2 + 10 + 6 + 18);
	assert_true(add(&response, ".", TYPE_NS, "."));
	len = response_end(&response, FLAG_AA, RCODE_NOERROR);
	assert_string_equal(fixture_show(&text, out, len), "NOERROR aa | www.Example.org. 60 A 192.0.2.1; "
	    "Example.org. 60 MX 10 mail.Example.org.; x.mail.Example.org. 60 SOA mail.Example.org. host.x.mail.Example.org. 1 2 3 4 5; "
	    "Example.org. 60 SRV 1 2 3 mail.example.org.; . 60 NS . | |");
	buf_done(&query);
	buf_done(&text);
}

/* What does not fit leaves no trace, names to compress against included. */
static void
test_full(void **state)
{
	uint8_t         out[512];
	struct response response;
	struct packet   packet;
	struct buf      query = { 0 }, text = { 0 };
	size_t          len;
	unsigned        count = 0;

	(void)state;
	begin(&response, &query, &packet, "example.org.", out, sizeof out);
	response_reserve(&response, 11);
	while (add(&response, "a.b.c.example.org.", TYPE_A, "192.0.2.1"))
		count++;
	assert_int_equal(count, (512 - 11 - 12 - 17 - 22) / 16 + 1);
	response_clear(&response, &packet);
	assert_true(add(&response, "a.b.c.example.org.", TYPE_MX, "1 d.e.f.example.org."));
	len = response.len;
	while (add(&response, "example.org.", TYPE_TXT, "01234567890123456789012345678901234567890123456789"))
		len = response.len;
	assert_false(add(&response, "g.d.e.f.example.org.", TYPE_TXT, "01234567890123456789012345678901234567890123456789"));
	assert_int_equal(response.len, len);
	assert_true(response.len <= 501);
	len = response_end(&response, 0, RCODE_NOERROR);
	assert_string_not_equal(fixture_show(&text, out, len), "BROKEN");
	buf_done(&query);
	buf_done(&text);
}

/* Many names, long enough that some lie where no pointer reaches. */
static void
test_many(void **state)
{
	static uint8_t  out[PACKET_MAX];
	struct response response;
	struct packet   packet;
	struct buf      query = { 0 }, text = { 0 };
	char            name[64];
	size_t          len;
	unsigned        count = 0;

	(void)state;
	begin(&response, &query, &packet, "example.org.", out, sizeof out);
	do
		snprintf(name, sizeof name, "n%u.sub%u.example.org.", count, count / 3);
	while (add(&response, name, TYPE_NS, name) && ++count < 4000);
	assert_true(count > 1000);
	len = response_end(&response, 0, RCODE_NOERROR);
	assert_int_equal(packet_u16(out + 6), count);
	assert_non_null(strstr(fixture_show(&text, out, len), "n900.sub300.example.org. 60 NS n900.sub300.example.org."));
	buf_done(&query);
	buf_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages), cmocka_unit_test(test_mutations), cmocka_unit_test(test_rdata),
		cmocka_unit_test(test_compression), cmocka_unit_test(test_full), cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
