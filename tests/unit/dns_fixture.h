/* SPDX-License-Identifier: ISC */
/*
 * What the tests of dns/ share: zones from text, queries as bytes, and responses as one line of text:
 *     NOERROR aa | www.example.org. 300 A 192.0.2.1 || ns1.example.org. 300 A 192.0.2.53
 * Sections are parted by '|', records by ';'; OPT and TSIG are left out.
 */
#ifndef TESTS_UNIT_DNS_FIXTURE_H
#define TESTS_UNIT_DNS_FIXTURE_H

#include <string.h>

#include "base/buf.h"
#include "dns/packet.h"
#include "dns/zones.h"
#include "zone/rr.h"
#include "zone/zonefile.h"

static inline struct zone *
fixture_zone(const char *apex_text, const char *text)
{
	uint8_t              apex[NAME_SIZE];
	struct report        report;
	struct zonefile_opts opts = { .apex = apex, .origin = apex };
	struct zonefile     *file;
	struct zone         *zone;

	if (!name_parse(apex, apex_text, NULL, NULL))
		return NULL;
	report_init(&report);
	file = zonefile_parse(text, strlen(text), &opts, &report);
	zone = report.errors == 0 ? zonefile_zone(file) : NULL;
	zonefile_free(file);
	report_done(&report);
	return zone;
}

/* TEXT NULL: a broken zone. */
static inline void
fixture_put(struct zones_edit *edit, const char *apex_text, const char *text)
{
	uint8_t apex[NAME_SIZE];

	name_parse(apex, apex_text, NULL, NULL);
	zones_edit_put(edit, apex, text != NULL ? fixture_zone(apex_text, text) : NULL, 1);
}

static inline void
fixture_header(struct buf *out, uint16_t id, uint16_t flags, uint16_t qd, uint16_t an, uint16_t ns, uint16_t ar)
{
	const uint16_t fields[] = { id, flags, qd, an, ns, ar };

	for (unsigned i = 0; i < 6; i++)
		buf_put_u16(out, fields[i]);
}

static inline void
fixture_question(struct buf *out, const char *name_text, uint16_t type, uint16_t class)
{
	uint8_t name[NAME_SIZE];

	name_parse(name, name_text, NULL, NULL);
	buf_put(out, name, name_len(name));
	buf_put_u16(out, type);
	buf_put_u16(out, class);
}

static inline void
fixture_record(struct buf *out, const char *owner, uint16_t type, uint16_t class, uint32_t ttl, const void *rdata, size_t len)
{
	fixture_question(out, owner, type, class);
	buf_put_u32(out, ttl);
	buf_put_u16(out, (uint16_t)len);
	buf_put(out, rdata, len);
}

/* EDNS: size offered, 0 for none; TTL holds version and flags. */
static inline void
fixture_query(struct buf *out, const char *name, uint16_t type, uint16_t class, uint16_t edns_size, uint32_t edns_ttl)
{
	fixture_header(out, 0x1234, FLAG_RD, 1, 0, 0, edns_size != 0);
	fixture_question(out, name, type, class);
	if (edns_size != 0)
		fixture_record(out, ".", TYPE_OPT, edns_size, edns_ttl, NULL, 0);
}

static inline void
fixture_show_rr(struct buf *out, const uint8_t *data, size_t len, const struct packet_rr *rr)
{
	static uint8_t rdata[RDATA_MAX];
	char           name[NAME_TEXT_MAX], type[16];
	long           n = packet_rdata(data, len, rr, rdata, sizeof rdata);

	name_print(name, rr->owner);
	buf_putf(out, "%s %u %s ", name, rr->ttl, rr_type_print(type, rr->type));
	if (n >= 0)
		rdata_print(out, rr->type, rdata, (size_t)n, NULL);
	else
		buf_puts(out, "BROKEN");
}

/* The response as text, or "BROKEN" when it is not a whole message with the right counts. */
static inline const char *
fixture_show(struct buf *out, const uint8_t *data, size_t len)
{
	static const char *const rcodes[16] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET",
		"NXRRSET", "NOTAUTH", "NOTZONE", "11", "12", "13", "14", "15" };
	uint16_t      flags = packet_u16(data + 2);
	size_t        pos = PACKET_HEADER;

	buf_reset(out);
	buf_putf(out, "%s%s%s%s", rcodes[flags & FLAG_RCODE], flags & FLAG_AA ? " aa" : "", flags & FLAG_TC ? " tc" : "",
	    flags & FLAG_RD ? "" : " -rd");
	if (packet_u16(data + 4) == 1)
		pos += name_check(data + pos, len - pos) + 4;
	for (unsigned s = SECTION_ANSWER; s < SECTIONS; s++) {
		bool first = true;

		buf_puts(out, " |");
		for (unsigned i = 0; i < packet_u16(data + 4 + 2 * s); i++) {
			struct packet_rr rr;

			if (!packet_rr(data, len, &pos, &rr))
				return "BROKEN";
			if (rr.type == TYPE_OPT || rr.type == TYPE_TSIG)
				continue;
			buf_puts(out, first ? " " : "; ");
			fixture_show_rr(out, data, len, &rr);
			first = false;
		}
	}
	return pos == len ? buf_str(out) : "BROKEN";
}

#endif
