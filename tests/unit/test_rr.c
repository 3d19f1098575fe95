/* SPDX-License-Identifier: ISC */
/* The table of types, and rdata between text and wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/str.h"
#include "zone/name.h"
#include "zone/rr.h"

static uint8_t origin[NAME_SIZE];

static int
setup(void **state)
{
	(void)state;
	return name_parse(origin, "example.org.", NULL, NULL) ? 0 : -1;
}

/* Type, text as written; text as printed (NULL: the same). */
static const struct { const char *type, *text, *want; } round_trips[] = {
	{ "A", "192.0.2.1", NULL },
	{ "A", "\\# 4 c0000201", "192.0.2.1" },
	{ "AAAA", "2001:DB8:0:0::1", "2001:db8::1" },
	{ "AAAA", "::ffff:192.0.2.1", NULL },
	{ "NS", "ns1", NULL },
	{ "NS", "ns1.example.org.", "ns1" },
	{ "NS", "ns1.EXAMPLE.org.", "ns1.EXAMPLE.org." },
	{ "NS", "@", NULL },
	{ "NS", ".", NULL },
	{ "CNAME", "a\\.b.c\\@", "a\\.b.c\\@" },
	{ "CNAME", "\\032\\200x.", NULL },
	{ "PTR", "host.example.net.", NULL },
	{ "MX", "10 mail", NULL },
	{ "MX", "0 .", NULL },
	{ "SOA", "ns1 host\\.master 2026112301 1h 15m 1w2d 300", "ns1 host\\.master 2026112301 3600 900 777600 300" },
	{ "TXT", "v=spf1 -all", "\"v=spf1\" \"-all\"" },
	{ "TXT", "\"v=spf1 -all\"", NULL },
	{ "TXT", "\"a\"\"b\"", "\"a\" \"b\"" },
	{ "TXT", "\"say \\\"hi\\\" \\\\ \\065;\\007\\255\"", "\"say \\\"hi\\\" \\\\ A;\\007\\255\"" },
	{ "TXT", "\"gr\xc3\xbc\xc3\x9f\"", NULL },
	{ "TXT", "\"\"", NULL },
	{ "SPF", "\"v=spf1 mx -all\"", NULL },
	{ "SRV", "0 5 5060 sip", NULL },
	{ "CAA", "0 issue \"letsencrypt.org\"", NULL },
	{ "CAA", "128 iodef mailto:x@example.net", "128 iodef \"mailto:x@example.net\"" },
	{ "CAA", "0 issue \";\"", NULL },
	{ "CAA", "0 issue \"\"", NULL },
	{ "HTTPS", "1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.1,192.0.2.2 ech=AEX+DQ==", NULL },
	{ "HTTPS", "1 www alpn=\"h2,h3\" no-default-alpn ipv6hint=2001:db8::1", "1 www alpn=h2,h3 no-default-alpn ipv6hint=2001:db8::1" },
	{ "HTTPS", "0 www", NULL },
	{ "HTTPS", "16 foo.example.net. key667=hello alpn=h2 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1",
	    "16 foo.example.net. mandatory=alpn,ipv4hint alpn=h2 ipv4hint=192.0.2.1 key667=hello" },
	{ "SVCB", "1 . dohpath=/dns-query{?dns} ohttp", NULL },
	{ "SVCB", "1 . key667=\"hello\\210qoo x\"", "1 . key667=hello\\210qoo\\032x" },
	{ "SVCB", "16 foo alpn=\"f\\\\\\\\oo\\\\,bar,h2\"", "16 foo alpn=f\\\\\\\\oo\\\\,bar,h2" },
	{ "SVCB", "1 . key3=\\001\\187", "1 . port=443" },
	{ "SVCB", "1 . key9", NULL },
	{ "SVCB", "1 dns.example.net. alpn=dot port=853", NULL },
	{ "NAPTR", "100 50 \"s\" \"http+I2L+I2C+I2R\" \"\" _http._tcp.gatech.edu.", NULL },
	{ "NAPTR", "100 10 \"u\" \"E2U+sip\" \"!^.*$!sip:info@example.com!\" .", NULL },
	{ "DS", "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118", NULL },
	{ "DS", "60485 ECDSAP256SHA256 2 2bb1 83af", "60485 13 2 2BB183AF" },
	{ "CDS", "0 0 0 00", NULL },
	{ "DNSKEY", "257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==", NULL },
	{ "CDNSKEY", "0 3 0 AA==", NULL },
	{ "DNAME", "other.example.net.", NULL },
	{ "TLSA", "3 1 1 0C72AC70B745AC19998811B131D662C9AC69DBDBE7CB23E5B514B56664C5D3D6", NULL },
	{ "TLSA", "DANE-EE SPKI SHA2-256 ABCD", "3 1 1 ABCD" },
	{ "SMIMEA", "3 0 0 ABCD", NULL },
	{ "SSHFP", "4 2 123456789ABCDEF67890123456789ABCDEF67890123456789ABCDEF123456789", NULL },
	{ "HINFO", "\"ARM64\" \"Debian 12\"", NULL },
	{ "RP", "admin info", NULL },
	{ "URI", "10 1 \"ftp://ftp.example.com/public\"", NULL },
	{ "OPENPGPKEY", "mQENBFVHm5sBCADj", NULL },
	{ "APL", "1:192.168.32.0/21 !1:192.168.38.0/28", NULL },
	{ "APL", "1:0.0.0.0/0 2:ff00::/8", NULL },
	{ "APL", "\\# 0", NULL },
	{ "APL", "", "\\# 0" },
	{ "CERT", "PGP 0 0 AQPSKmyn", "3 0 0 AQPSKmyn" },
	{ "EUI48", "00-00-5e-00-53-2a", NULL },
	{ "EUI64", "00-00-5e-ef-10-00-00-2a", NULL },
	{ "LOC", "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m", "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000.00m 10.00m" },
	{ "LOC", "52 N 4 W 0", "52 0 0.000 N 4 0 0.000 W 0.00m 1.00m 10000.00m 10.00m" },
	{ "LOC", "\\# 16 01121613 8b28720080dbba0000989680", "\\# 16 011216138B28720080DBBA0000989680" },
	{ "AFSDB", "1 afs", NULL },
	{ "KX", "10 kx", NULL },
	{ "RT", "10 relay", NULL },
	{ "PX", "10 a b", NULL },
	{ "X25", "\"311061700956\"", NULL },
	{ "ISDN", "\"150862028003217\" \"004\"", NULL },
	{ "GPOS", "-32.6882 116.8652 10.0", "\"-32.6882\" \"116.8652\" \"10.0\"" },
	{ "NSAP", "0x47000580005A0000000001E133FFFFFF00016100", "0x47000580005a0000000001e133ffffff00016100" },
	{ "DHCID", "AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=", NULL },
	{ "IPSECKEY", "10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==", NULL },
	{ "HIP", "2 200100107b1a74df365639cc39f1d578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cI rvs.example.com.", NULL },
	{ "CSYNC", "66 3 A NS AAAA", NULL },
	{ "ZONEMD", "2018031500 1 1 FEBE3D4CE2EC2FFA", NULL },
	{ "NID", "10 0014:4fff:ff20:ee64", NULL },
	{ "L32", "10 10.1.2.0", NULL },
	{ "L64", "10 2001:0db8:1140:1000", NULL },
	{ "LP", "10 l64", NULL },
	{ "NSEC", "host A MX RRSIG NSEC TYPE1234", NULL },
	{ "NSEC", "\\000.@ TYPE65535", "\\000.\\@ TYPE65535" },
	{ "NSEC3", "1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr SOA NS MX RRSIG DNSKEY NSEC3PARAM",
	    "1 1 12 AABBCCDD 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR NS SOA MX RRSIG DNSKEY NSEC3PARAM" },
	{ "NSEC3", "1 0 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR", NULL },
	{ "NSEC3PARAM", "1 0 10 AABBCCDD", NULL },
	{ "NSEC3PARAM", "1 0 0 -", NULL },
	{ "RRSIG", "A 5 3 86400 20030322173103 20030220173103 2642 @ oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip8WTr", NULL },
	{ "MINFO", "a b", NULL },
	{ "TALINK", "a b", NULL },
	{ "AMTRELAY", "\\# 2 0A00", NULL },
	{ "WKS", "\\# 5 C000020106", NULL },
	{ "TYPE65400", "\\# 4 DEADBEEF", NULL },
	{ "TYPE65400", "\\# 4 dead beef", "\\# 4 DEADBEEF" },
	{ "TYPE65400", "\\# 0", NULL },
};

static void
check_round_trip(const char *type_text, const char *text, const char *want)
{
	struct buf wire = { 0 }, printed = { 0 }, again = { 0 };
	struct err err = { 0 };
	uint16_t   type;

	assert_true(rr_type_parse(&type, type_text, &err));
	if (!rdata_parse(&wire, type, text, origin, &err))
		fail_msg("%s %s: %s", type_text, text, err.text);
	if (!rdata_check(type, wire.data, wire.len, &err))
		fail_msg("%s %s: %s", type_text, text, err.text);
	rdata_print(&printed, type, wire.data, wire.len, origin);
	assert_string_equal(buf_str(&printed), want);
	assert_true(rdata_parse(&again, type, buf_str(&printed), origin, &err));
	assert_int_equal(again.len, wire.len);
	if (wire.len > 0)
		assert_memory_equal(again.data, wire.data, wire.len);
	buf_done(&wire);
	buf_done(&printed);
	buf_done(&again);
}

static void
test_round_trip(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof round_trips / sizeof round_trips[0]; i++)
		check_round_trip(round_trips[i].type, round_trips[i].text, round_trips[i].want != NULL ? round_trips[i].want : round_trips[i].text);
}

static const struct { const char *type, *text, *error; } bad[] = {
	{ "A", "300.1.2.3", "\"300.1.2.3\" is not an IPv4 address" },
	{ "A", "", "address is missing in the data of A" },
	{ "A", "192.0.2.1 192.0.2.2", "\"192.0.2.2\" stands behind the data of A" },
	{ "A", "\\# 3 c00002", "the data of 3 bytes is not well-formed for type A" },
	{ "A", "\\# 4 c00002", "\\# says 4 bytes, but 3 follow" },
	{ "A", "\\# x", "\\# needs the length of the data, 0 to 65535, and then the data in hex" },
	{ "AAAA", "1.2.3.4", "\"1.2.3.4\" is not an IPv6 address" },
	{ "MX", "mail", "\"mail\" is not a number from 0 to 65535, as the preference must be" },
	{ "MX", "65536 mail", "\"65536\" is not a number from 0 to 65535, as the preference must be" },
	{ "MX", "10", "exchange is missing in the data of MX" },
	{ "MX", "10 a..b", "\"a..b\" is not a domain name: it has an empty label" },
	{ "TXT", "", "text is missing in the data of TXT" },
	{ "TXT", "\"open", "a quoted string is not closed" },
	{ "TXT", "\"\\300\"", "a backslash needs a character or three digits up to 255 behind it" },
	{ "SOA", "a b 1 2 3 4 5x", "\"5x\" is not a time: expected seconds, or numbers with units as in 1h30m or 1w" },
	{ "CAA", "0 is-sue x", "\"is-sue\" is not a tag: expected letters and digits, as in issue" },
	{ "CAA", "0 issue a b", "\"b\" stands behind the data of CAA" },
	{ "DS", "1 13 2 abc", "\"abc\" is not hex: expected pairs of digits 0 to 9 and A to F" },
	{ "DNSKEY", "257 3 13 AAA", "\"AAA\" is not base64" },
	{ "LOC", "52 N 4 E 0 garbage", "this is not a location" },
	{ "LOC", "91 N 4 E 0", "this is not a location" },
	{ "TYPE65400", "x", "the data of this type must be given as \\# LENGTH HEX" },
	{ "HTTPS", "1 . (alpn=h2)", NULL },
	{ "HTTPS", "1 . alpn=h2 ; comment", NULL },
	{ "HTTPS", "1 . port=99999", "\"99999\" is not a number from 0 to 65535" },
	{ "HTTPS", "1 . port", "\"port\" is not a number from 0 to 65535" },
	{ "HTTPS", "1 . alpn=h2 alpn=h3", "\"alpn\" is not allowed twice" },
	{ "HTTPS", "1 . alpn=h2,,h3", NULL },
	{ "HTTPS", "1 . alpn=", NULL },
	{ "HTTPS", "1 . alpn=\"", NULL },
	{ "HTTPS", "1 . no-default-alpn=x", "\"x\" is not allowed: the key has no value" },
	{ "HTTPS", "1 . ipv4hint=1.2.3", "\"1.2.3\" is not IPv4 addresses with commas between them" },
	{ "HTTPS", "1 . mandatory=alpn,alpn alpn=h2", NULL },
	{ "HTTPS", "1 . key65535=x", NULL },
	{ "APL", "1:192.0.2.0/24 ; comment", NULL },
	{ "APL", "1:192.0.2.0/33", "\"1:192.0.2.0/33\" is not an address prefix: expected one as in 1:192.0.2.0/24 or !2:2001:db8::/32" },
	{ "APL", "3:192.0.2.0/3", NULL },
	{ "APL", "192.0.2.0/24", NULL },
	{ "APL", "1/192.0.2.0:24", NULL },
	{ "APL", "\\# 8 00011804C0000200", NULL },
	{ "HIP", "2 zz AwEA", NULL },
	{ "IPSECKEY", "999 1 2 192.0.2.38 AQNR", NULL },
	{ "NID", "99999 0014:4fff:ff20:ee64", NULL },
	{ "EUI48", "00-00-5e-00-53-2a junk", NULL },
	{ "NSEC", "host A BLURB", "\"BLURB\" is not a record type" },
	{ "NSEC", "\\# 5 0000034000", NULL },
	{ "NSEC3", "1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojw A", "\"2t7b4g4vsa5smi47k61mv5bv1a22bojw\" is not a hashed name in base32" },
	{ "NSEC3", "1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bo A", NULL },
	{ "NSEC3PARAM", "1 0 10 aabbccd", NULL },
	{ "NSEC3PARAM", "1 0 10 \"\"", NULL },
	{ "HTTPS", "\\# 7 0001 00 0003 00 01", NULL },
};

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct buf wire = { 0 };
		struct err err = { 0 };
		uint16_t   type;

		buf_puts(&wire, "kept");
		assert_true(rr_type_parse(&type, bad[i].type, NULL));
		if (rdata_parse(&wire, type, bad[i].text, origin, &err))
			fail_msg("%s %s is taken", bad[i].type, bad[i].text);
		if (bad[i].error != NULL)
			assert_string_equal(err.text, bad[i].error);
		assert_true(err.text[0] != '\0');
		assert_int_equal(wire.len, 4);
		buf_done(&wire);
	}
}

static void
test_bad_place(void **state)
{
	struct buf wire = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_false(rdata_parse(&wire, TYPE_MX, "10  a..b", NULL, &err));
	assert_int_equal(err.col, 5);
	assert_false(rdata_parse(&wire, TYPE_MX, "10", NULL, &err));
	assert_string_equal(err.hint, "expected: MX preference exchange");
	buf_done(&wire);
}

/* What people type: type, text, how it is stored, the note. */
static const struct { uint16_t type; const char *text, *want, *note; } typed[] = {
	{ TYPE_CNAME, "www", "www", "" },
	{ TYPE_CNAME, "mail.example.net", "mail.example.net.", "\"mail.example.net\" is stored as mail.example.net." },
	{ TYPE_CNAME, "mail.example.net.", "mail.example.net.", "" },
	{ TYPE_CNAME, "www.example.org", "www", "\"www.example.org\" is stored as www.example.org." },
	{ TYPE_CNAME, "@", "@", "" },
	{ TYPE_MX, "10 m\xc3\xbcnchen.example.", "10 xn--mnchen-3ya.example.", "" },
	{ TYPE_TXT, "v=spf1 -all", "\"v=spf1 -all\"", "the text is stored as one string: \"v=spf1 -all\"" },
	{ TYPE_TXT, "v=DKIM1;p=abc", "\"v=DKIM1;p=abc\"", "" },
	{ TYPE_TXT, "\"a\" \"b c\"", "\"a\" \"b c\"", "" },
	{ TYPE_CAA, "0 issue letsencrypt.org; validationmethods=dns-01", "0 issue \"letsencrypt.org; validationmethods=dns-01\"",
	    "the text is stored as one string: \"letsencrypt.org; validationmethods=dns-01\"" },
	{ TYPE_HTTPS, "1 web.example.net alpn=h2", "1 web.example.net. alpn=h2", "\"web.example.net\" is stored as web.example.net." },
};

static void
test_user(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++) {
		struct buf wire = { 0 }, printed = { 0 };
		struct err err = { 0 };
		char       note[256];

		if (!rdata_parse_user(&wire, typed[i].type, typed[i].text, origin, note, &err))
			fail_msg("%s: %s", typed[i].text, err.text);
		rdata_print(&printed, typed[i].type, wire.data, wire.len, origin);
		assert_string_equal(buf_str(&printed), typed[i].want);
		assert_string_equal(note, typed[i].note);
		buf_done(&wire);
		buf_done(&printed);
	}
}

static void
test_long_txt(void **state)
{
	struct buf wire = { 0 }, text = { 0 };

	(void)state;
	for (int i = 0; i < 600; i++)
		buf_putc(&text, 'x');
	assert_true(rdata_parse(&wire, TYPE_TXT, buf_str(&text), NULL, NULL));
	assert_int_equal(wire.len, 603);
	assert_int_equal(wire.data[0], 255);
	assert_int_equal(wire.data[256], 255);
	assert_int_equal(wire.data[512], 90);
	wire.len = 0;
	for (int i = 0; i < 70000; i++)
		buf_putc(&text, 'x');
	assert_false(rdata_parse(&wire, TYPE_TXT, buf_str(&text), NULL, NULL));
	assert_int_equal(wire.len, 0);
	buf_done(&wire);
	buf_done(&text);
}

static void
ignore_name(void *arg, const uint8_t *name, size_t offset)
{
	(void)arg;
	(void)offset;
	assert_int_not_equal(name_check(name, NAME_MAX_WIRE), 0);
}

/* Nothing that the wire may bring is read beyond its end, and what passes the check has a text that reads back. */
static void
test_random_wire(void **state)
{
	uint64_t seed = 42;
	unsigned good = 0;

	(void)state;
	for (unsigned round = 0; round < 60000; round++) {
		const struct rr_type *row = rr_type_at(round % rr_type_count());
		uint8_t              *rdata;
		size_t                len;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		len = (seed >> 40) % 24;
		rdata = mem_alloc(len + (len == 0));
		for (size_t i = 0; i < len; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			rdata[i] = (uint8_t)(seed >> 33) & ((seed >> 60) < 9 ? 3 : 0xff);
		}
		rdata_names(row->type, rdata, len, ignore_name, NULL);
		if (rdata_check(row->type, rdata, len, NULL)) {
			struct buf text = { 0 }, again = { 0 };
			struct err err = { 0 };

			rdata_print(&text, row->type, rdata, len, origin);
			if (!rdata_parse(&again, row->type, buf_str(&text), origin, &err))
				fail_msg("%s %s: %s", row->name, buf_str(&text), err.text);
			assert_int_equal(again.len, len);
			if (len > 0)
				assert_memory_equal(again.data, rdata, len);
			buf_done(&text);
			buf_done(&again);
			good++;
		}
		free(rdata);
	}
	assert_true(good > 5000);
}

static void
test_types(void **state)
{
	uint16_t type;
	char     text[16];

	(void)state;
	assert_true(rr_type_parse(&type, "mx", NULL) && type == TYPE_MX);
	assert_true(rr_type_parse(&type, "TYPE65400", NULL) && type == 65400);
	assert_true(rr_type_parse(&type, "type15", NULL) && type == TYPE_MX);
	assert_false(rr_type_parse(&type, "TYPE65536", NULL));
	assert_false(rr_type_parse(&type, "MXX", NULL));
	assert_string_equal(rr_type_print(text, TYPE_HTTPS), "HTTPS");
	assert_string_equal(rr_type_print(text, 65400), "TYPE65400");
	assert_string_equal(rr_type_print(text, 32769), "DLV");
	assert_true(rr_type_is_meta(TYPE_ANY) && rr_type_is_meta(TYPE_OPT) && rr_type_is_meta(0) && !rr_type_is_meta(TYPE_CAA));
	for (size_t i = 0; i < rr_type_count(); i++) {
		assert_ptr_equal(rr_type_find(rr_type_at(i)->type), rr_type_at(i));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(rr_type_at(i)->name, rr_type_at(j)->name);
	}
	assert_null(rr_type_find(65400));
	assert_null(rr_type_at(rr_type_count()));
}

static void
test_ttl(void **state)
{
	static const struct { const char *text; int64_t want; } cases[] = {
		{ "0", 0 }, { "300", 300 }, { "1h", 3600 }, { "1W2D", 777600 }, { "1h30m5s", 5405 }, { "2147483647", 2147483647 },
		{ "2147483648", -1 }, { "99999999999999999999", -1 }, { "9999999w", -1 }, { "", -1 }, { "h", -1 }, { "1x", -1 }, { "-1", -1 }, { "1h30", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint32_t ttl = 0;
		bool     ok = rr_ttl_parse(&ttl, cases[i].text, NULL);

		assert_int_equal(ok ? (int64_t)ttl : -1, cases[i].want);
	}
}

static int
compare(const char *type_text, const char *a, const char *b)
{
	struct buf x = { 0 }, y = { 0 };
	uint16_t   type;
	int        order;

	assert_true(rr_type_parse(&type, type_text, NULL));
	assert_true(rdata_parse(&x, type, a, origin, NULL) && rdata_parse(&y, type, b, origin, NULL));
	order = rdata_compare(type, x.data, x.len, y.data, y.len);
	assert_int_equal(order == 0, rdata_equal(type, x.data, x.len, y.data, y.len));
	buf_done(&x);
	buf_done(&y);
	return order < 0 ? -1 : order > 0;
}

static void
test_compare(void **state)
{
	(void)state;
	assert_int_equal(compare("A", "192.0.2.1", "192.0.2.10"), -1);
	assert_int_equal(compare("MX", "10 MAIL", "10 mail"), 0);
	assert_int_equal(compare("MX", "10 b", "9 c"), 1);
	assert_int_equal(compare("SOA", "A b 1 2 3 4 5", "a B 1 2 3 4 5"), 0);
	assert_int_equal(compare("SOA", "a b 1 2 3 4 5", "a b 2 2 3 4 5"), -1);
	assert_int_equal(compare("TXT", "a", "A"), 1);
	assert_int_equal(compare("TXT", "ab", "b"), 1);
	assert_int_equal(compare("HTTPS", "1 Foo", "1 foo"), -1);
	assert_int_equal(compare("NS", "a", "aa"), -1);
}

static void
note_offset(void *arg, const uint8_t *name, size_t offset)
{
	struct buf *out = arg;
	char        text[NAME_TEXT_MAX];

	name_print(text, name);
	buf_putf(out, "%zu:%s ", offset, text);
}

static void
test_names(void **state)
{
	struct buf wire = { 0 }, seen = { 0 };

	(void)state;
	assert_true(rdata_parse(&wire, TYPE_SOA, "a.b. c. 7 2 3 4 5", NULL, NULL));
	rdata_names(TYPE_SOA, wire.data, wire.len, note_offset, &seen);
	assert_string_equal(buf_str(&seen), "0:a.b. 5:c. ");
	assert_null(rdata_target(TYPE_SOA, wire.data, wire.len));
	assert_int_equal(rdata_soa_serial(wire.data, wire.len), 7);
	assert_int_equal(rdata_soa_minimum(wire.data, wire.len), 5);
	rdata_soa_set_serial(wire.data, wire.len, 0x01020304);
	assert_int_equal(rdata_soa_serial(wire.data, wire.len), 0x01020304);
	assert_int_equal(rdata_soa_serial(wire.data, 5), 0);
	wire.len = 0;
	assert_true(rdata_parse(&wire, TYPE_SRV, "0 0 5060 sip.", NULL, NULL));
	assert_ptr_equal(rdata_target(TYPE_SRV, wire.data, wire.len), wire.data + 6);
	assert_null(rdata_target(TYPE_SRV, wire.data, 7));
	buf_done(&wire);
	buf_done(&seen);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_bad), cmocka_unit_test(test_bad_place), cmocka_unit_test(test_user),
		cmocka_unit_test(test_long_txt), cmocka_unit_test(test_random_wire), cmocka_unit_test(test_types), cmocka_unit_test(test_ttl),
		cmocka_unit_test(test_compare), cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
