/* SPDX-License-Identifier: ISC */
/* Transfers: who gets one, and what its messages hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dns/xfr.h"
#include "tests/unit/dns_fixture.h"

static struct zones_set    *set;
static struct zones_reader *reader;
static struct hmac_cache   *cache;
static uint8_t              out[PACKET_MAX];

static const char zone_text[] =
    "@ 300 SOA ns host 7 3600 600 86400 300\n@ 300 NS ns\nns 300 A 192.0.2.53\nsub 300 NS ns.sub\nns.sub 300 A 192.0.2.54\n* 300 TXT \"star\"\n";

static const struct {
	const char *zone, *key;         /* KEY NULL: unsigned */
	uint16_t    type;
	uint32_t    serial;             /* the client's, for IXFR; 0: no SOA in the message */
	bool        tcp;
	enum xfr_start start;
	unsigned    rcode;
} cases[] = {
	{ "example.org.", "x._transfer.example.org.", TYPE_AXFR, 0, true, XFR_STREAM, RCODE_NOERROR },
	{ "EXAMPLE.org.", "x._update.", TYPE_AXFR, 0, true, XFR_STREAM, RCODE_NOERROR },
	{ "example.org.", "x._transfer.example.org.", TYPE_AXFR, 0, false, XFR_REFUSED, RCODE_REFUSED },
	{ "example.org.", NULL, TYPE_AXFR, 0, true, XFR_REFUSED, RCODE_REFUSED },
	{ "example.org.", "x._notify.example.org.", TYPE_AXFR, 0, true, XFR_REFUSED, RCODE_REFUSED },
	{ "example.org.", "x._transfer.example.net.", TYPE_AXFR, 0, true, XFR_REFUSED, RCODE_REFUSED },
	{ "www.example.org.", "x._transfer.example.org.", TYPE_AXFR, 0, true, XFR_REFUSED, RCODE_NOTAUTH },
	{ "gone.example.", "x._transfer.", TYPE_AXFR, 0, true, XFR_REFUSED, RCODE_NOTAUTH },
	{ "gone.example.", NULL, TYPE_AXFR, 0, true, XFR_REFUSED, RCODE_REFUSED },
	{ "broken.example.", "x._transfer.", TYPE_AXFR, 0, true, XFR_REFUSED, RCODE_SERVFAIL },
	{ "example.org.", "x._transfer.example.org.", TYPE_IXFR, 6, true, XFR_STREAM, RCODE_NOERROR },
	{ "example.org.", "x._transfer.example.org.", TYPE_IXFR, 7, true, XFR_SOA, RCODE_NOERROR },
	{ "example.org.", "x._transfer.example.org.", TYPE_IXFR, 8, true, XFR_SOA, RCODE_NOERROR },
	{ "example.org.", "x._transfer.example.org.", TYPE_IXFR, 6, false, XFR_SOA, RCODE_NOERROR },
	{ "example.org.", NULL, TYPE_IXFR, 6, false, XFR_REFUSED, RCODE_REFUSED },
	{ "example.org.", "x._transfer.example.org.", TYPE_IXFR, 0, true, XFR_REFUSED, RCODE_FORMERR },
};

static void
make_query(struct buf *query, const char *zone, uint16_t type, uint32_t serial)
{
	struct buf rdata = { 0 };
	char       text[64];

	fixture_header(query, 77, 0, 1, 0, serial != 0, 0);
	fixture_question(query, zone, type, CLASS_IN);
	if (serial == 0)
		return;
	snprintf(text, sizeof text, "ns host %u 1 1 1 1", serial);
	assert_true(rdata_parse(&rdata, TYPE_SOA, text, NULL, NULL));
	fixture_record(query, zone, TYPE_SOA, CLASS_IN, 0, rdata.data, rdata.len);
	buf_done(&rdata);
}

static void
make_tsig(struct tsig *tsig, const char *key)
{
	*tsig = (struct tsig){ .state = key != NULL ? TSIG_GOOD : TSIG_NONE, .signs = key != NULL };
	tsig->key.hash = CRYPT_SHA256;
	name_parse(tsig->algorithm, "hmac-sha256.", NULL, NULL);
	if (key != NULL)
		name_parse(tsig->key.name, key, NULL, NULL);
}

static enum xfr_start
start(struct xfr **xfr, const char *zone, const char *key, uint16_t type, uint32_t serial, bool tcp, unsigned *rcode)
{
	struct packet   packet;
	struct tsig     tsig;
	struct buf      query = { 0 };
	struct question question = { .packet = &packet, .host = "", .tcp = tcp, .cap = PACKET_MAX };
	enum xfr_start  got;

	make_query(&query, zone, type, serial);
	make_tsig(&tsig, key);
	assert_int_equal(packet_decode(&packet, query.data, query.len), PACKET_OK);
	assert_true(xfr_asked(&packet));
	question.zones = zones_enter(reader);
	got = xfr_start(xfr, &question, &tsig, rcode);
	zones_leave(reader);
	buf_done(&query);
	return got;
}

static void
test_rights(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct xfr *xfr = NULL;
		unsigned    rcode = 99;

		if (start(&xfr, cases[i].zone, cases[i].key, cases[i].type, cases[i].serial, cases[i].tcp, &rcode) != cases[i].start || rcode != cases[i].rcode)
			fail_msg("case %zu: rcode %u", i, rcode);
		assert_int_equal(xfr != NULL, cases[i].start == XFR_STREAM);
		xfr_free(xfr);
	}
}

#define SOA "example.org. 300 SOA ns.example.org. host.example.org. 7 3600 600 86400 300"

static void
test_one_message(void **state)
{
	struct xfr *xfr = NULL;
	struct buf  text = { 0 };
	unsigned    rcode;
	size_t      len;

	(void)state;
	assert_int_equal(start(&xfr, "example.org.", "x._transfer.example.org.", TYPE_AXFR, 0, true, &rcode), XFR_STREAM);
	assert_string_equal(xfr_describe(xfr), "example.org: AXFR of serial 7, key x._transfer.example.org");
	len = xfr_next(xfr, cache, out, sizeof out, 1);
	assert_string_equal(fixture_show(&text, out, len), "NOERROR aa -rd | " SOA "; example.org. 300 NS ns.example.org.; "
	    "*.example.org. 300 TXT \"star\"; ns.example.org. 300 A 192.0.2.53; sub.example.org. 300 NS ns.sub.example.org.; "
	    "ns.sub.example.org. 300 A 192.0.2.54; " SOA " | |");
	assert_int_equal(packet_u16(out + 10), 1);              /* the TSIG */
	assert_int_equal(xfr_next(xfr, cache, out, sizeof out, 1), 0);
	xfr_free(xfr);
	buf_done(&text);
}

static void
publish(const char *apex, const char *text)
{
	struct zones_edit *edit = zones_edit_new(set);

	fixture_put(edit, apex, text);
	zones_edit_publish(edit);
}

/* A large zone comes in full messages, all of one version although the zone is replaced meanwhile. */
static void
test_many_messages(void **state)
{
	struct xfr *xfr = NULL;
	struct buf  text = { 0 };
	unsigned    rcode, messages = 0, records = 0;
	size_t      len;

	(void)state;
	buf_puts(&text, zone_text);
	for (unsigned i = 0; i < 9000; i++)
		buf_putf(&text, "h%u 300 A 192.0.2.1\nh%u 300 MX 10 h%u\n", i, i, i);
	publish("big.example.", buf_str(&text));
	assert_int_equal(start(&xfr, "big.example.", "x._transfer.", TYPE_AXFR, 0, true, &rcode), XFR_STREAM);
	while ((len = xfr_next(xfr, cache, out, sizeof out, 1)) != 0) {
		if (messages++ == 0)
			publish("big.example.", zone_text);
		records += packet_u16(out + 6);
		assert_int_equal(packet_u16(out), 77);
		assert_int_equal(packet_u16(out + 4), 1);
		assert_int_equal(packet_u16(out + 10), 1);
		assert_string_not_equal(fixture_show(&text, out, len), "BROKEN");
		assert_int_equal(strncmp(buf_str(&text), "NOERROR aa", 10), 0);
	}
	assert_true(messages > 3);
	assert_int_equal(records, 6 + 18000 + 1);
	xfr_free(xfr);
	buf_done(&text);
}

/* A record that fits into no message ends the transfer with an error, not with half a zone. */
static void
test_too_large(void **state)
{
	struct xfr *xfr = NULL;
	struct buf  text = { 0 }, got = { 0 };
	unsigned    rcode;
	size_t      len, last = 0;

	(void)state;
	buf_puts(&text, zone_text);
	buf_puts(&text, "big 300 TYPE65400 \\# 65500 ");
	for (unsigned i = 0; i < 65500; i++)
		buf_puts(&text, "00");
	buf_puts(&text, "\n");
	publish("large.example.", buf_str(&text));
	assert_int_equal(start(&xfr, "large.example.", "x._transfer.", TYPE_AXFR, 0, true, &rcode), XFR_STREAM);
	while ((len = xfr_next(xfr, cache, out, sizeof out, 1)) != 0)
		last = len;
	assert_int_equal(strncmp(fixture_show(&got, out, last), "SERVFAIL", 8), 0);
	xfr_free(xfr);
	buf_done(&text);
	buf_done(&got);
}

static int
setup(void **state)
{
	struct zones_edit *edit;

	(void)state;
	crypt_init();
	cache = hmac_cache_new();
	set = zones_set_new();
	reader = zones_reader_new(set);
	edit = zones_edit_new(set);
	fixture_put(edit, "example.org.", zone_text);
	fixture_put(edit, "broken.example.", NULL);
	zones_edit_loaded(edit);
	zones_edit_publish(edit);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	zones_reader_free(reader);
	zones_set_free(set);
	hmac_cache_free(cache);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rights), cmocka_unit_test(test_one_message), cmocka_unit_test(test_many_messages), cmocka_unit_test(test_too_large),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
