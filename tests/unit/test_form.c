/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "tui/form.h"
#include "zone/zonefile.h"

static uint8_t apex[NAME_SIZE];

/* What was typed: name, TTL, data in fields, NULL, comment; the record that it makes, or "CODE at FIELD". */
static const struct { const char *type, *typed[8], *want; } reads[] = {
	{ "A", { "www", "300", "192.0.2.1" }, "www 300 A 192.0.2.1" },
	{ "A", { "@", "1h", "192.0.2.1" }, "@ 3600 A 192.0.2.1" },
	{ "A", { "www.example.org", "60", "192.0.2.1" }, "www 60 A 192.0.2.1" },
	{ "A", { "WWW.Example.ORG.", "60", " 192.0.2.1 " }, "WWW 60 A 192.0.2.1" },
	{ "MX", { "@", "300", "10", "mail" }, "@ 300 MX 10 mail" },
	{ "MX", { "@", "300", "10", "mail.example.net" }, "@ 300 MX 10 mail.example.net." },
	{ "MX", { "@", "300", "10 mail", "" }, "@ 300 MX 10 mail" },
	{ "MX", { "@", "300", "", "10 mail" }, "@ 300 MX 10 mail" },
	{ "TXT", { "@", "300", "v=spf1 mx -all" }, "@ 300 TXT \"v=spf1 mx -all\"" },
	{ "TXT", { "@", "300", "\"a\" \"b\"" }, "@ 300 TXT \"a\" \"b\"" },
	{ "TXT", { "@", "300", "\u00fc" }, "@ 300 TXT \"\u00fc\"" },
	{ "CAA", { "@", "300", "0", "issue", "letsencrypt.org" }, "@ 300 CAA 0 issue \"letsencrypt.org\"" },
	{ "HINFO", { "@", "300", "Intel Xeon", "Debian 12" }, "@ 300 HINFO \"Intel Xeon\" \"Debian 12\"" },
	{ "HINFO", { "@", "300", "\"a b\"", "c\"d" }, "@ 300 HINFO \"a b\" \"c\\\"d\"" },
	{ "NAPTR", { "@", "300", "1", "2", "", "", "", "x" }, "@ 300 NAPTR 1 2 \"\" \"\" \"\" x" },
	{ "SRV", { "_sip._udp", "300", "1", "2", "5060", "sip" }, "_sip._udp 300 SRV 1 2 5060 sip" },
	{ "TYPE65400", { "@", "300", "\\# 2 0102" }, "@ 300 TYPE65400 \\# 2 0102" },

	{ "A", { "www.example.net.", "300", "192.0.2.1" }, "E-OUT-OF-ZONE at name" },
	{ "A", { "a..b", "300", "192.0.2.1" }, "E-SYNTAX at name" },
	{ "A", { "www", "soon", "192.0.2.1" }, "E-SYNTAX at ttl" },
	{ "A", { "www", "4294967296", "192.0.2.1" }, "E-RANGE at ttl" },
	{ "A", { "www", "300", "192.0.2.444" }, "E-SYNTAX at address" },
	{ "A", { "www", "300", "" }, "E-SYNTAX at address" },
	{ "MX", { "@", "300", "ten", "mail" }, "E-SYNTAX at preference" },
	{ "MX", { "@", "300", "10", "a..b" }, "E-SYNTAX at exchange" },
	{ "MX", { "@", "300", "", "" }, "E-SYNTAX at preference" },
	{ "SRV", { "_s._udp", "300", "1", "", "5060", "sip" }, "E-SYNTAX at weight" },
	{ "SRV", { "_s._udp", "300", "1", "2 3", "5060", "sip" }, "E-SYNTAX at weight" },
	{ "SRV", { "_s._udp", "300", "1", "2", "port", "sip" }, "E-SYNTAX at port" },
};

static void
form_type(struct form *form, const char *type, const char *const typed[8], const char *comment)
{
	uint16_t number;

	assert_true(rr_type_parse(&number, type, NULL));
	form_init(form, number, NULL, "@", 3600, apex);
	for (size_t i = 0; i + 1 < form->count; i++)
		line_set(&form->fields[i].line, typed[i] != NULL ? typed[i] : "");
	line_set(&form->fields[form->count - 1].line, comment);
}

static void
typed_fields_make_a_record(void **state)
{
	struct form *form = mem_alloc(sizeof *form);

	(void)state;
	for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++) {
		struct buf      rdata = { 0 }, got = { 0 };
		struct err      err = { 0 };
		struct row_data data;
		uint8_t         owner[NAME_SIZE];
		char            note[256];
		size_t          at;

		form_type(form, reads[i].type, reads[i].typed, "why");
		if (form_read(form, apex, owner, &rdata, &data, note, &at, &err)) {
			struct rr rr = { data.owner, data.type, data.rdlen, data.ttl, data.rdata };

			zonefile_write_rr(&got, &rr, apex);
			assert_string_equal(data.comment, "why");
		} else {
			buf_putf(&got, "%s at %s", err.id, form->fields[at].label);
			assert_true(err.text[0] != '\0');
		}
		assert_string_equal(buf_str(&got), reads[i].want);
		buf_done(&got);
		buf_done(&rdata);
	}
	free(form);
}

/* Every record of the demo zone, and others, goes through a form unchanged. */
static const struct { const char *type, *data; } records[] = {
	{ "SOA", "ns1 hostmaster 2026112200 14400 3600 1209600 300" },
	{ "MX", "10 mail.example.net." }, { "TXT", "\"v=spf1 mx -all\" \"and \\\"more\\\" \\; \\255\"" }, { "TXT", "\"\"" },
	{ "CAA", "0 iodef \"mailto:hostmaster@example.org\"" }, { "HTTPS", "1 . alpn=h2,h3 ipv4hint=192.0.2.80" }, { "SVCB", "0 svc" },
	{ "TLSA", "3 1 1 11501875615D4DD12BBF9190C2A8F5B0A9BB6F0F2B2B0E3D1C7A4E5F60718293" }, { "SRV", "0 1 465 mail" },
	{ "SSHFP", "4 2 123456789ABCDEF67890123456789ABCDEF67890123456789ABCDEF123456789" }, { "HINFO", "\"x86_64 or so\" \"Debian\"" },
	{ "LOC", "52 31 0.000 N 13 24 0.000 E 34.00m 1m 10000m 10m" }, { "NAPTR", "100 10 \"u\" \"E2U+sip\" \"!^.*$!sip:info@example.org!\" ." },
	{ "DS", "48231 13 2 4F1C9A5BE3D2A1B0C9D8E7F6A5B4C3D2E1F00F1E2D3C4B5A69788796A5B4C3D2" }, { "AAAA", "2001:db8::1" }, { "PTR", "pbx" },
	{ "TYPE65400", "\\# 3 0a0b0c" }, { "URI", "10 1 \"https://example.org/\"" }, { "RP", "hostmaster ." },
};

static void
records_survive_the_form(void **state)
{
	struct form *form = mem_alloc(sizeof *form);

	(void)state;
	for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
		struct buf      wire = { 0 }, rdata = { 0 };
		struct err      err = { 0 };
		struct row_data data = { .owner = apex, .ttl = 77, .comment = "c" }, got;
		uint8_t         owner[NAME_SIZE];
		char            note[256];
		size_t          at;

		assert_true(rr_type_parse(&data.type, records[i].type, &err));
		if (!rdata_parse(&wire, data.type, records[i].data, apex, &err))
			fail_msg("%s %s: %s", records[i].type, records[i].data, err.text);
		data.rdata = wire.data;
		data.rdlen = (uint16_t)wire.len;
		form_init(form, data.type, &data, "", 0, apex);
		if (!form_read(form, apex, owner, &rdata, &got, note, &at, &err))
			fail_msg("%s %s: field %zu: %s", records[i].type, records[i].data, at, err.text);
		assert_int_equal(rdata.len, wire.len);
		assert_memory_equal(rdata.data, wire.data, wire.len);
		assert_int_equal(got.ttl, 77);
		assert_string_equal(got.comment, "c");
		buf_done(&wire);
		buf_done(&rdata);
	}
	free(form);
}

static void
too_long_for_a_form(void **state)
{
	static uint8_t  bytes[20000];
	struct row_data data = { apex, 65400, 300, bytes, sizeof bytes, "" };
	struct form    *form = mem_alloc(sizeof *form);

	(void)state;
	form_init(form, 65400, &data, "", 0, apex);
	assert_true(form->cut);
	data.rdlen = 100;
	form_init(form, 65400, &data, "", 0, apex);
	assert_false(form->cut);
	free(form);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(typed_fields_make_a_record),
		cmocka_unit_test(records_survive_the_form),
		cmocka_unit_test(too_long_for_a_form),
	};

	if (!name_parse_zone(apex, "example.org", NULL))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
