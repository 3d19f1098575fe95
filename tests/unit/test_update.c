/* SPDX-License-Identifier: ISC */
/* Update messages: which records mean what, and which are refused (RFC 2136 2.4, 2.5, 3.1 to 3.4.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dns/update.h"
#include "tests/unit/dns_fixture.h"

#define A1 "\300\0\2\1"
#define ANY CLASS_ANY
#define NONE CLASS_NONE
#define IN CLASS_IN
#define W "www.example.org."

struct record { const char *owner; uint16_t type, class; uint32_t ttl; const char *rdata; uint16_t len; };

/* One record, as prerequisite or as update. */
static const struct { bool prereq; struct record rr; unsigned rcode; enum change_op op; } cases[] = {
	{ true,  { W, TYPE_ANY, ANY, 0, "", 0 },         RCODE_NOERROR, CHANGE_YXDOMAIN },
	{ true,  { W, TYPE_A, ANY, 0, "", 0 },           RCODE_NOERROR, CHANGE_YXRRSET },
	{ true,  { W, TYPE_ANY, NONE, 0, "", 0 },        RCODE_NOERROR, CHANGE_NXDOMAIN },
	{ true,  { W, TYPE_A, NONE, 0, "", 0 },          RCODE_NOERROR, CHANGE_NXRRSET },
	{ true,  { W, TYPE_A, IN, 0, A1, 4 },            RCODE_NOERROR, CHANGE_YXVALUE },
	{ true,  { W, TYPE_A, IN, 1, A1, 4 },            RCODE_FORMERR, 0 },
	{ true,  { W, TYPE_A, ANY, 1, "", 0 },           RCODE_FORMERR, 0 },
	{ true,  { W, TYPE_A, ANY, 0, A1, 4 },           RCODE_FORMERR, 0 },
	{ true,  { W, TYPE_A, NONE, 0, A1, 4 },          RCODE_FORMERR, 0 },
	{ true,  { W, TYPE_A, CLASS_CH, 0, A1, 4 },      RCODE_FORMERR, 0 },
	{ true,  { W, TYPE_ANY, IN, 0, "", 0 },          RCODE_FORMERR, 0 },
	{ true,  { "www.example.net.", TYPE_A, ANY, 0, "", 0 }, RCODE_NOTZONE, 0 },
	{ false, { W, TYPE_A, IN, 60, A1, 4 },           RCODE_NOERROR, CHANGE_ADD },
	{ false, { W, TYPE_A, ANY, 0, "", 0 },           RCODE_NOERROR, CHANGE_DELETE_RRSET },
	{ false, { W, TYPE_ANY, ANY, 0, "", 0 },         RCODE_NOERROR, CHANGE_DELETE_NAME },
	{ false, { W, TYPE_A, NONE, 0, A1, 4 },          RCODE_NOERROR, CHANGE_DELETE_RR },
	{ false, { "EXAMPLE.org.", TYPE_A, IN, 60, A1, 4 }, RCODE_NOERROR, CHANGE_ADD },
	{ false, { W, TYPE_A, NONE, 60, A1, 4 },         RCODE_FORMERR, 0 },
	{ false, { W, TYPE_A, ANY, 60, "", 0 },          RCODE_FORMERR, 0 },
	{ false, { W, TYPE_A, ANY, 0, A1, 4 },           RCODE_FORMERR, 0 },
	{ false, { W, TYPE_ANY, NONE, 0, "", 0 },        RCODE_FORMERR, 0 },
	{ false, { W, TYPE_ANY, IN, 60, "", 0 },         RCODE_FORMERR, 0 },
	{ false, { W, TYPE_AXFR, IN, 60, "", 0 },        RCODE_FORMERR, 0 },
	{ false, { W, TYPE_AXFR, ANY, 0, "", 0 },        RCODE_FORMERR, 0 },
	{ false, { W, 254, NONE, 0, "", 0 },             RCODE_FORMERR, 0 },
	{ false, { W, TYPE_A, CLASS_CH, 60, A1, 4 },     RCODE_FORMERR, 0 },
	{ false, { W, TYPE_A, IN, 60, A1, 3 },           RCODE_FORMERR, 0 },
	{ false, { W, TYPE_MX, IN, 60, "\0\1", 2 },      RCODE_FORMERR, 0 },
	{ false, { "example.com.", TYPE_A, IN, 60, A1, 4 }, RCODE_NOTZONE, 0 },
	{ false, { "org.", TYPE_A, IN, 60, A1, 4 },      RCODE_NOTZONE, 0 },
};

/* Decode an update of example.org with these records. */
static struct change *
decode(struct arena *arena, const struct record *prereq, const struct record *update, uint16_t ztype, uint16_t zclass, unsigned *rcode)
{
	struct buf     message = { 0 };
	struct packet  packet;
	struct change *change;

	fixture_header(&message, 1, OPCODE_UPDATE << 11, 1, prereq != NULL, update != NULL, 0);
	fixture_question(&message, "example.org.", ztype, zclass);
	if (prereq != NULL)
		fixture_record(&message, prereq->owner, prereq->type, prereq->class, prereq->ttl, prereq->rdata, prereq->len);
	if (update != NULL)
		fixture_record(&message, update->owner, update->type, update->class, update->ttl, update->rdata, update->len);
	assert_int_equal(packet_decode(&packet, message.data, message.len), PACKET_OK);
	change = update_decode(&packet, arena, rcode);
	assert_int_equal(change != NULL, *rcode == RCODE_NOERROR);
	buf_done(&message);
	return change;
}

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena  *arena = arena_new();
		unsigned       rcode;
		struct change *change = decode(arena, cases[i].prereq ? &cases[i].rr : NULL, cases[i].prereq ? NULL : &cases[i].rr, TYPE_SOA, IN, &rcode);

		if (rcode != cases[i].rcode)
			fail_msg("case %zu: rcode %u", i, rcode);
		if (change != NULL) {
			assert_int_equal(change->count, 1);
			assert_int_equal(change->items[0].op, cases[i].op);
			assert_int_equal(change->items[0].type, cases[i].rr.type == TYPE_ANY ? 0 : cases[i].rr.type);
			assert_int_equal(change->items[0].rdlen, cases[i].rr.len);
			assert_memory_equal(change->items[0].rdata, cases[i].rr.rdata, cases[i].rr.len);
			assert_int_equal(change->items[0].ttl, cases[i].rr.ttl);
		}
		arena_free(arena);
	}
}

static void
test_zone_section(void **state)
{
	struct arena *arena = arena_new();
	unsigned      rcode;

	(void)state;
	assert_non_null(decode(arena, NULL, NULL, TYPE_SOA, IN, &rcode));
	assert_null(decode(arena, NULL, NULL, TYPE_A, IN, &rcode));
	assert_int_equal(rcode, RCODE_FORMERR);
	assert_null(decode(arena, NULL, NULL, TYPE_SOA, CLASS_CH, &rcode));
	assert_int_equal(rcode, RCODE_NOTAUTH);
	arena_free(arena);
}

/* Names in rdata may be compressed; a TTL over 2^31-1 counts as 0 (RFC 2181 8). */
static void
test_compressed(void **state)
{
	const struct record update = { W, TYPE_MX, IN, 0x80000001, "\0\12\4mail\300\14", 9 };
	struct arena       *arena = arena_new();
	unsigned            rcode;
	struct change      *change = decode(arena, NULL, &update, TYPE_SOA, IN, &rcode);

	(void)state;
	assert_non_null(change);
	assert_int_equal(change->items[0].rdlen, 20);
	assert_memory_equal(change->items[0].rdata, "\0\12\4mail\7example\3org", 20);
	assert_int_equal(change->items[0].ttl, 0);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases), cmocka_unit_test(test_zone_section), cmocka_unit_test(test_compressed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
