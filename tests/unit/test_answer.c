/* SPDX-License-Identifier: ISC */
/* Questions and the responses to them, over a few zones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dns/answer.h"
#include "tests/unit/dns_fixture.h"

static const char org[] =
    "$TTL 300\n"
    "@ 600 SOA ns1 host 7 3600 600 86400 120\n"
    "@ NS ns1\n@ NS ns.example.net.\n"
    "@ MX 10 mail\n@ MX 20 mail2.example.net.\n"
    "ns1 A 192.0.2.53\nns1 AAAA 2001:db8::53\n"
    "mail A 192.0.2.25\n"
    "www A 192.0.2.80\nwww A 192.0.2.81\n"
    "alias CNAME www\nalias2 CNAME alias\nout CNAME www.example.com.\nacross CNAME www.example.net.\n"
    "gone CNAME nothing\nloop1 CNAME loop2\nloop2 CNAME loop1\nself CNAME self\nnowhere CNAME nothing.example.net.\n"
    "a.b.ent TXT \"deep\"\n"
    "*.wild TXT \"star\"\n*.wild MX 5 mail\nthere.wild A 192.0.2.1\n*.ent2.wild A 192.0.2.2\n"
    "*.cwild CNAME www\n"
    "sub NS ns.sub\nsub NS ns1\nsub NS ns.other.example.\nsub DS 1 13 2 0000000000000000000000000000000000000000000000000000000000000000\n"
    "ns.sub A 192.0.2.54\nns.sub AAAA 2001:db8::54\n"
    "tosub CNAME host.sub\n"
    "child NS ns.child\nns.child A 192.0.2.55\n"
    "dname DNAME example.net.\ndname TXT \"own\"\n"
    "_sip._tcp SRV 1 2 5060 mail\n"
    "svc HTTPS 1 . alpn=h2\nsvc A 192.0.2.90\n"
    "big TXT \"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\"\n"
    "big TXT \"1123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\"\n"
    "big TXT \"2123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\"\n"
    "big TXT \"3123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\"\n"
    "big TXT \"4123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\"\n"
    "tobig CNAME big\n";
static const char child[] = "@ 300 SOA ns host 1 1 1 1 60\n@ 300 NS ns\nns 300 A 192.0.2.55\n";
static const char net[] =
    "$TTL 300\n@ SOA ns host 2 3600 600 86400 3600\n@ NS ns\nns A 198.51.100.53\nwww A 198.51.100.80\nmail2 A 198.51.100.25\nx.y A 198.51.100.1\n";

#define SOA_ORG   "example.org. 120 SOA ns1.example.org. host.example.org. 7 3600 600 86400 120"
#define SOA_NET   "example.net. 300 SOA ns.example.net. host.example.net. 2 3600 600 86400 3600"
#define SOA_CHILD "child.example.org. 60 SOA ns.child.example.org. host.child.example.org. 1 1 1 1 60"
#define WWW(o)    o " 300 A 192.0.2.80; " o " 300 A 192.0.2.81"

static struct zones_set    *set;
static struct zones_reader *reader;

static const struct { const char *name; uint16_t type; const char *want; } cases[] = {
	{ "www.example.org.", TYPE_A, "NOERROR aa | " WWW("www.example.org.") " | |" },
	{ "WwW.eXample.ORG.", TYPE_A, "NOERROR aa | " WWW("WwW.eXample.ORG.") " | |" },
	{ "www.example.org.", TYPE_AAAA, "NOERROR aa | | " SOA_ORG " |" },
	{ "nope.example.org.", TYPE_A, "NXDOMAIN aa | | " SOA_ORG " |" },
	{ "a.www.example.org.", TYPE_A, "NXDOMAIN aa | | " SOA_ORG " |" },
	{ "example.org.", TYPE_SOA, "NOERROR aa | example.org. 600 SOA ns1.example.org. host.example.org. 7 3600 600 86400 120 | |" },
	{ "example.org.", TYPE_NS, "NOERROR aa | example.org. 300 NS ns.example.net.; example.org. 300 NS ns1.example.org. | | "
	  "ns.example.net. 300 A 198.51.100.53; ns1.example.org. 300 A 192.0.2.53; ns1.example.org. 300 AAAA 2001:db8::53" },
	{ "example.org.", TYPE_MX, "NOERROR aa | example.org. 300 MX 10 mail.example.org.; example.org. 300 MX 20 mail2.example.net. | | "
	  "mail.example.org. 300 A 192.0.2.25; mail2.example.net. 300 A 198.51.100.25" },
	/* aliases */
	{ "alias.example.org.", TYPE_A, "NOERROR aa | alias.example.org. 300 CNAME www.example.org.; " WWW("www.example.org.") " | |" },
	{ "alias2.example.org.", TYPE_A, "NOERROR aa | alias2.example.org. 300 CNAME alias.example.org.; "
	  "alias.example.org. 300 CNAME www.example.org.; " WWW("www.example.org.") " | |" },
	{ "alias.example.org.", TYPE_CNAME, "NOERROR aa | alias.example.org. 300 CNAME www.example.org. | |" },
	{ "alias.example.org.", TYPE_TXT, "NOERROR aa | alias.example.org. 300 CNAME www.example.org. | " SOA_ORG " |" },
	{ "out.example.org.", TYPE_A, "NOERROR aa | out.example.org. 300 CNAME www.example.com. | |" },
	{ "across.example.org.", TYPE_A, "NOERROR aa | across.example.org. 300 CNAME www.example.net.; www.example.net. 300 A 198.51.100.80 | |" },
	{ "nowhere.example.org.", TYPE_A, "NXDOMAIN aa | nowhere.example.org. 300 CNAME nothing.example.net. | " SOA_NET " |" },
	{ "gone.example.org.", TYPE_A, "NXDOMAIN aa | gone.example.org. 300 CNAME nothing.example.org. | " SOA_ORG " |" },
	{ "loop1.example.org.", TYPE_A, "SERVFAIL | | |" },
	{ "self.example.org.", TYPE_A, "SERVFAIL | | |" },
	{ "tosub.example.org.", TYPE_A, "NOERROR aa | tosub.example.org. 300 CNAME host.sub.example.org. | "
	  "sub.example.org. 300 NS ns.sub.example.org.; sub.example.org. 300 NS ns.other.example.; sub.example.org. 300 NS ns1.example.org. | "
	  "ns.sub.example.org. 300 A 192.0.2.54; ns.sub.example.org. 300 AAAA 2001:db8::54; "
	  "ns1.example.org. 300 A 192.0.2.53; ns1.example.org. 300 AAAA 2001:db8::53" },
	/* empty non-terminals and wildcards */
	{ "ent.example.org.", TYPE_TXT, "NOERROR aa | | " SOA_ORG " |" },
	{ "b.ent.example.org.", TYPE_ANY, "NOERROR aa | | " SOA_ORG " |" },
	{ "c.b.ent.example.org.", TYPE_TXT, "NXDOMAIN aa | | " SOA_ORG " |" },
	{ "x.wild.example.org.", TYPE_TXT, "NOERROR aa | x.wild.example.org. 300 TXT \"star\" | |" },
	{ "x.y.wild.example.org.", TYPE_MX, "NOERROR aa | x.y.wild.example.org. 300 MX 5 mail.example.org. | | mail.example.org. 300 A 192.0.2.25" },
	{ "x.wild.example.org.", TYPE_A, "NOERROR aa | | " SOA_ORG " |" },
	{ "*.wild.example.org.", TYPE_TXT, "NOERROR aa | *.wild.example.org. 300 TXT \"star\" | |" },
	{ "there.wild.example.org.", TYPE_TXT, "NOERROR aa | | " SOA_ORG " |" },
	{ "x.there.wild.example.org.", TYPE_TXT, "NXDOMAIN aa | | " SOA_ORG " |" },
	{ "ent2.wild.example.org.", TYPE_TXT, "NOERROR aa | | " SOA_ORG " |" },
	{ "wild.example.org.", TYPE_TXT, "NOERROR aa | | " SOA_ORG " |" },
	{ "x.cwild.example.org.", TYPE_A, "NOERROR aa | x.cwild.example.org. 300 CNAME www.example.org.; " WWW("www.example.org.") " | |" },
	/* delegations */
#define REFERRAL "NOERROR | | sub.example.org. 300 NS ns.sub.example.org.; sub.example.org. 300 NS ns.other.example.; sub.example.org. 300 NS ns1.example.org. | " \
	"ns.sub.example.org. 300 A 192.0.2.54; ns.sub.example.org. 300 AAAA 2001:db8::54; ns1.example.org. 300 A 192.0.2.53; ns1.example.org. 300 AAAA 2001:db8::53"
	{ "sub.example.org.", TYPE_A, REFERRAL },
	{ "sub.example.org.", TYPE_ANY, REFERRAL },
	{ "x.y.sub.example.org.", TYPE_A, REFERRAL },
	{ "ns.sub.example.org.", TYPE_A, REFERRAL },
	{ "x.sub.example.org.", TYPE_DS, REFERRAL },
	{ "sub.example.org.", TYPE_DS, "NOERROR aa | sub.example.org. 300 DS 1 13 2 0000000000000000000000000000000000000000000000000000000000000000 | |" },
	{ "child.example.org.", TYPE_DS, "NOERROR aa | | " SOA_ORG " |" },
	{ "child.example.org.", TYPE_A, "NOERROR aa | | " SOA_CHILD " |" },
	{ "example.org.", TYPE_DS, "NOERROR aa | | " SOA_ORG " |" },
	/* DNAME */
	{ "dname.example.org.", TYPE_TXT, "NOERROR aa | dname.example.org. 300 TXT \"own\" | |" },
	{ "x.y.dname.example.org.", TYPE_A, "NOERROR aa | dname.example.org. 300 DNAME example.net.; "
	  "x.y.dname.example.org. 300 CNAME x.y.example.net.; x.y.example.net. 300 A 198.51.100.1 | |" },
	{ "q.dname.example.org.", TYPE_A, "NXDOMAIN aa | dname.example.org. 300 DNAME example.net.; "
	  "q.dname.example.org. 300 CNAME q.example.net. | " SOA_NET " |" },
	{ "q.dname.example.org.", TYPE_CNAME, "NOERROR aa | dname.example.org. 300 DNAME example.net.; q.dname.example.org. 300 CNAME q.example.net. | |" },
	/* additional */
	{ "_sip._tcp.example.org.", TYPE_SRV, "NOERROR aa | _sip._tcp.example.org. 300 SRV 1 2 5060 mail.example.org. | | mail.example.org. 300 A 192.0.2.25" },
	{ "svc.example.org.", TYPE_HTTPS, "NOERROR aa | svc.example.org. 300 HTTPS 1 . alpn=h2 | | svc.example.org. 300 A 192.0.2.90" },
	/* odd types */
	{ "www.example.org.", TYPE_ANY, "NOERROR aa | " WWW("www.example.org.") " | |" },
	{ "www.example.org.", TYPE_RRSIG, "NOERROR aa | | " SOA_ORG " |" },
	{ "www.example.org.", 65400, "NOERROR aa | | " SOA_ORG " |" },
	{ "example.org.", TYPE_AXFR, "REFUSED | | |" },
	{ "example.org.", TYPE_OPT, "FORMERR | | |" },
	{ "example.org.", 254, "NOTIMP | | |" },
	{ "example.org.", 0, "FORMERR | | |" },
	/* not ours */
	{ "example.com.", TYPE_A, "REFUSED | | |" },
	{ ".", TYPE_NS, "REFUSED | | |" },
	{ "org.", TYPE_NS, "REFUSED | | |" },
	{ "www.broken.example.", TYPE_A, "SERVFAIL | | |" },
	/* too much for 512 bytes */
	{ "big.example.org.", TYPE_TXT, "NOERROR aa tc | | |" },
	{ "tobig.example.org.", TYPE_TXT, "NOERROR aa tc | | |" },
};

/* Ask and return the response as text; *RCODE extended. */
static const char *
ask(struct buf *query, struct buf *text, bool tcp, bool is_signed, uint8_t out[static PACKET_MAX], size_t *len)
{
	struct packet   packet;
	struct question question = { .packet = &packet, .host = "host.test", .tcp = tcp, .is_signed = is_signed, .cap = PACKET_MAX };
	unsigned        rcode;

	assert_int_equal(packet_decode(&packet, query->data, query->len), PACKET_OK);
	question.zones = zones_enter(reader);
	*len = answer(&question, out, &rcode);
	zones_leave(reader);
	assert_true(*len <= answer_limit(&packet, tcp));
	assert_int_equal(packet_u16(out), 0x1234);
	assert_int_equal(packet_u16(out + 4), 1);
	/* The question comes back byte by byte (0x20). */
	assert_memory_equal(out + PACKET_HEADER, query->data + PACKET_HEADER, name_len(query->data + PACKET_HEADER) + 4);
	return fixture_show(text, out, *len);
}

static uint8_t out[PACKET_MAX];

static const char *
ask_simple(struct buf *text, const char *name, uint16_t type, uint16_t class, uint16_t edns_size, uint32_t edns_ttl, bool tcp)
{
	struct buf  query = { 0 };
	size_t      len;
	const char *got;

	fixture_query(&query, name, type, class, edns_size, edns_ttl);
	got = ask(&query, text, tcp, false, out, &len);
	buf_done(&query);
	return got;
}

static void
test_cases(void **state)
{
	struct buf text = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(ask_simple(&text, cases[i].name, cases[i].type, CLASS_IN, 0, 0, false), cases[i].want);
	buf_done(&text);
}

static void
test_edns(void **state)
{
	struct buf text = { 0 }, query = { 0 };
	size_t     len;

	(void)state;
	/* larger answers with EDNS, and over TCP */
	assert_non_null(strstr(ask_simple(&text, "big.example.org.", TYPE_TXT, CLASS_IN, 4096, 0, false), "4123456789"));
	assert_null(strstr(buf_str(&text), " tc"));
	assert_non_null(strstr(ask_simple(&text, "big.example.org.", TYPE_TXT, CLASS_IN, 0, 0, true), "4123456789"));
	assert_string_equal(ask_simple(&text, "big.example.org.", TYPE_TXT, CLASS_IN, 100, 0, false), "NOERROR aa tc | | |");
	/* BADVERS: 16, of which the header has the lower bits, 0 */
	assert_string_equal(ask_simple(&text, "www.example.org.", TYPE_A, CLASS_IN, 1232, 0x10000, false), "NOERROR | | |");
	/* DO comes back; the OPT record is the last */
	buf_reset(&query);
	fixture_query(&query, "nope.example.org.", TYPE_A, CLASS_IN, 1232, 0x8000);
	ask(&query, &text, false, false, out, &len);
	assert_memory_equal(out + len - 11, "\0\0\51\4\320\0\0\200\0\0\0", 11);
	/* EDE 20 for what is not ours */
	buf_reset(&query);
	fixture_query(&query, "example.com.", TYPE_A, CLASS_IN, 1232, 0);
	ask(&query, &text, false, false, out, &len);
	assert_memory_equal(out + len - 17, "\0\0\51\4\320\0\0\0\0\0\6\0\17\0\2\0\24", 17);
	/* NSID when asked, unknown options ignored */
	buf_reset(&query);
	fixture_header(&query, 0x1234, 0, 1, 0, 0, 1);
	fixture_question(&query, "www.example.org.", TYPE_A, CLASS_IN);
	fixture_record(&query, ".", TYPE_OPT, 1232, 0, "\377\376\0\1x\0\3\0\0", 9);
	assert_non_null(strstr(ask(&query, &text, false, false, out, &len), "-rd | www"));
	assert_memory_equal(out + len - 13, "\0\3\0\11host.test", 13);
	buf_done(&query);
	buf_done(&text);
}

static void
test_chaos(void **state)
{
	static const struct { const char *name; uint16_t type; const char *want; } chaos[] = {
		{ "version.bind.", TYPE_TXT, "NOERROR aa | version.bind. 0 TXT \"zonesh " ZONESH_VERSION "\" | |" },
		{ "VERSION.server.", TYPE_TXT, "NOERROR aa | VERSION.server. 0 TXT \"zonesh " ZONESH_VERSION "\" | |" },
		{ "hostname.bind.", TYPE_TXT, "NOERROR aa | hostname.bind. 0 TXT \"host.test\" | |" },
		{ "id.server.", TYPE_ANY, "NOERROR aa | id.server. 0 TXT \"host.test\" | |" },
		{ "commit.zonesh.", TYPE_TXT, "NOERROR aa | commit.zonesh. 0 TXT \"c0ffee\" | |" },
		{ "commit.zonesh.", TYPE_A, "NOERROR | | |" },
		{ "authors.bind.", TYPE_TXT, "REFUSED | | |" },
	};
	struct buf text = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof chaos / sizeof chaos[0]; i++)
		assert_string_equal(ask_simple(&text, chaos[i].name, chaos[i].type, CLASS_CH, 0, 0, false), chaos[i].want);
	assert_string_equal(ask_simple(&text, "www.example.org.", TYPE_A, CLASS_ANY, 0, 0, false), "REFUSED | | |");
	assert_string_equal(ask_simple(&text, "www.example.org.", TYPE_A, 4, 0, 0, false), "REFUSED | | |");
	buf_done(&text);
}

static void
test_signed_soa_elsewhere(void **state)
{
	struct buf text = { 0 }, query = { 0 };
	size_t     len;

	(void)state;
	fixture_query(&query, "example.com.", TYPE_SOA, CLASS_IN, 0, 0);
	assert_string_equal(ask(&query, &text, true, true, out, &len), "NOTAUTH | | |");
	assert_string_equal(ask(&query, &text, true, false, out, &len), "REFUSED | | |");
	buf_done(&query);
	buf_done(&text);
}

/* Before the store has said that it sent all, nobody knows what is not ours. */
static void
test_not_loaded(void **state)
{
	struct zones_set *other = zones_set_new();
	struct buf        text = { 0 };

	(void)state;
	zones_reader_free(reader);
	reader = zones_reader_new(other);
	assert_string_equal(ask_simple(&text, "www.example.org.", TYPE_A, CLASS_IN, 0, 0, false), "SERVFAIL | | |");
	zones_reader_free(reader);
	zones_set_free(other);
	reader = zones_reader_new(set);
	buf_done(&text);
}

/* A chain longer than is followed ends with what was found; its last name is for the client to ask. */
static void
test_long_chain(void **state)
{
	struct zones_edit *edit = zones_edit_new(set);
	struct buf         text = { 0 }, zone = { 0 };
	const char        *got;
	unsigned           aliases = 0;

	(void)state;
	buf_puts(&zone, "@ 60 SOA ns host 1 1 1 1 1\n@ 60 NS ns\n");
	for (unsigned i = 0; i < 40; i++)
		buf_putf(&zone, "c%u 60 CNAME c%u\n", i, i + 1);
	fixture_put(edit, "chain.example.", buf_str(&zone));
	zones_edit_publish(edit);
	got = ask_simple(&text, "c0.chain.example.", TYPE_A, CLASS_IN, 0, 0, true);
	assert_non_null(strstr(got, "NOERROR aa |"));
	for (const char *p = got; (p = strstr(p, "CNAME")) != NULL; p++)
		aliases++;
	assert_int_equal(aliases, 17);
	buf_done(&zone);
	buf_done(&text);
}

static void
test_zones(void **state)
{
	struct zones_edit   *edit;
	const struct zones  *zones;
	const struct served *held;
	uint8_t              name[NAME_SIZE];
	char                 text[64];

	(void)state;
	edit = zones_edit_new(set);
	for (unsigned i = 0; i < 500; i++) {
		snprintf(text, sizeof text, "z%u.many.example.", i);
		fixture_put(edit, text, child);
	}
	zones_edit_publish(edit);
	zones = zones_enter(reader);
	name_parse(name, "a.b.z77.many.example.", NULL, NULL);
	held = served_hold(zones_find(zones, name));
	zones_leave(reader);

	edit = zones_edit_new(set);
	for (unsigned i = 0; i < 500; i += 2) {
		snprintf(text, sizeof text, "z%u.many.example.", i);
		name_parse(name, text, NULL, NULL);
		zones_edit_remove(edit, name);
	}
	name_parse(name, "z77.many.example.", NULL, NULL);
	zones_edit_remove(edit, name);
	zones_edit_publish(edit);
	assert_int_equal(zone_serial(held->zone), 1);
	served_release(held);

	zones = zones_enter(reader);
	for (unsigned i = 0; i < 500; i++) {
		snprintf(text, sizeof text, "z%u.many.example.", i);
		name_parse(name, text, NULL, NULL);
		assert_int_equal(zones_find_apex(zones, name) != NULL, i % 2 == 1 && i != 77);
	}
	zones_leave(reader);

	edit = zones_edit_new(set);
	name_parse(name, "example.org.", NULL, NULL);
	assert_true(zones_edit_keep(edit, name, 2));
	zones_edit_prune(edit, 2);
	assert_int_equal(zones_edit_view(edit)->count, 1);
	assert_non_null(zones_find_apex(zones_edit_view(edit), name));
	zones_edit_publish(edit);
}

static int
setup(void **state)
{
	struct zones_edit *edit;

	(void)state;
	crypt_init();
	set = zones_set_new();
	reader = zones_reader_new(set);
	edit = zones_edit_new(set);
	fixture_put(edit, "example.org.", org);
	fixture_put(edit, "child.example.org.", child);
	fixture_put(edit, "example.net.", net);
	fixture_put(edit, "broken.example.", NULL);
	zones_edit_commit(edit, "c0ffee");
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
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases), cmocka_unit_test(test_edns), cmocka_unit_test(test_chaos),
		cmocka_unit_test(test_signed_soa_elsewhere), cmocka_unit_test(test_not_loaded), cmocka_unit_test(test_long_chain),
		cmocka_unit_test(test_zones),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
