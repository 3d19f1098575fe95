/* SPDX-License-Identifier: ISC */
/*
 * Messages are filled to the brim: some secondaries take a transfer only if it is one message (robur.md 3.6), so a small zone should be
 * one.  For the same secondaries the question is repeated in each.
 */
#include "dns/xfr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "zone/key.h"
#include "zone/serial.h"

enum part { PART_FIRST_SOA, PART_RECORDS, PART_LAST_SOA, PART_END };

struct xfr {
	const struct served *served;    /* held */
	struct tsig          tsig;
	struct packet        packet;    /* header and question only, of the copy below */
	uint8_t              query[PACKET_HEADER + NAME_SIZE + 4];
	enum part            part;
	struct zone_walk     walk;
	struct rr            rr;        /* the next record */
	bool                 has_rr;
	char                 what[NAME_TEXT_MAX * 2 + 64];
};

bool
xfr_asked(const struct packet *query)
{
	return query->qclass == CLASS_IN && query->edns.version == 0 && (query->qtype == TYPE_AXFR || query->qtype == TYPE_IXFR);
}

/* Is the serial in the authority section of an IXFR ours or newer?  False also when there is none: FORMERR then. */
static bool
client_serial(uint32_t *out, const struct packet *query)
{
	size_t           pos = query->starts[SECTION_AUTHORITY];
	struct packet_rr rr;
	uint8_t          rdata[2 * NAME_SIZE + 20];
	long             len;

	if (query->counts[SECTION_AUTHORITY] != 1 || !packet_rr(query->data, query->len, &pos, &rr) || rr.type != TYPE_SOA)
		return false;
	len = packet_rdata(query->data, query->len, &rr, rdata, sizeof rdata);
	if (len < 0 || !rdata_check(TYPE_SOA, rdata, (size_t)len, NULL))
		return false;
	*out = rdata_soa_serial(rdata, (size_t)len);
	return true;
}

/* RFC 2136's and BIND's habit: who is not known, or may not, is REFUSED; only who may hears that a zone is not here. */
static unsigned
may_transfer(const struct question *question, const struct tsig *tsig, const struct served *served)
{
	if (tsig->state != TSIG_GOOD || !key_may(tsig->key.name, KEY_TRANSFER, question->packet->qname))
		return RCODE_REFUSED;
	if (served == NULL)
		return question->zones->loaded ? RCODE_NOTAUTH : RCODE_SERVFAIL;
	return served->zone == NULL ? RCODE_SERVFAIL : RCODE_NOERROR;
}

static void
describe(struct xfr *xfr)
{
	char zone[NAME_TEXT_MAX], key[NAME_TEXT_MAX];

	name_print_zone(zone, xfr->served->apex);
	name_print_zone(key, xfr->tsig.key.name);
	snprintf(xfr->what, sizeof xfr->what, "%s: %s of serial %u, key %s", zone, xfr->packet.qtype == TYPE_AXFR ? "AXFR" : "IXFR",
	    zone_serial(xfr->served->zone), key);
}

static struct xfr *
xfr_new(const struct question *question, const struct served *served, const struct tsig *tsig)
{
	struct xfr          *xfr = mem_alloc(sizeof *xfr);
	const struct packet *query = question->packet;

	xfr->served = served_hold(served);
	xfr->tsig = *tsig;
	memcpy(xfr->query, query->data, PACKET_HEADER + name_len(query->qname) + 4);
	xfr->packet = *query;
	xfr->packet.data = xfr->query;
	xfr->packet.qname = xfr->query + PACKET_HEADER;
	describe(xfr);
	return xfr;
}

enum xfr_start
xfr_start(struct xfr **out, const struct question *question, const struct tsig *tsig, unsigned *rcode)
{
	const struct packet *query = question->packet;
	const struct served *served = zones_find_apex(question->zones, query->qname);
	bool                 is_axfr = query->qtype == TYPE_AXFR;
	uint32_t             serial = 0;

	*rcode = may_transfer(question, tsig, served);
	if (*rcode == RCODE_NOERROR && is_axfr && !question->tcp)
		*rcode = RCODE_REFUSED;         /* RFC 5936 4.2: not over UDP */
	if (*rcode == RCODE_NOERROR && !is_axfr && !client_serial(&serial, query))
		*rcode = RCODE_FORMERR;
	if (*rcode != RCODE_NOERROR)
		return XFR_REFUSED;
	if (!is_axfr && (!question->tcp || !serial_newer(zone_serial(served->zone), serial)))
		return XFR_SOA;
	*out = xfr_new(question, served, tsig);
	return XFR_STREAM;
}

/* The SOA of the zone as the next record. */
static bool
take_soa(struct xfr *xfr)
{
	const struct zone *zone = xfr->served->zone;
	struct rrset       soa;
	uint32_t           at = 0;

	if (!zone_find(zone, zone_apex(zone), TYPE_SOA, &soa))
		return false;
	xfr->rr = (struct rr){ .owner = zone_apex(zone), .type = TYPE_SOA, .ttl = soa.ttl };
	return rrset_next(&soa, &at, &xfr->rr.rdata, &xfr->rr.rdlen);
}

static bool
take_record(struct xfr *xfr)
{
	do
		if (!zone_walk(xfr->served->zone, &xfr->walk, &xfr->rr))
			return false;
	while (xfr->rr.type == TYPE_SOA);
	return true;
}

/* Make sure that the record to send next is in xfr->rr; false when all were sent. */
static bool
take_next(struct xfr *xfr)
{
	while (!xfr->has_rr && xfr->part != PART_END) {
		xfr->has_rr = xfr->part == PART_RECORDS ? take_record(xfr) : take_soa(xfr);
		if (xfr->part != PART_RECORDS || !xfr->has_rr)
			xfr->part++;
	}
	return xfr->has_rr;
}

size_t
xfr_next(struct xfr *xfr, struct hmac_cache *cache, uint8_t *out, size_t cap, uint64_t now_s)
{
	const struct edns *edns = &xfr->packet.edns;
	struct response      response;
	size_t             len;

	if (!take_next(xfr))
		return 0;
	response_begin(&response, out, cap, &xfr->packet);
	response_reserve(&response, tsig_len(&xfr->tsig) + (edns->present ? response_opt_len(NULL) : 0));
	while (take_next(xfr) && response_rr(&response, SECTION_ANSWER, &xfr->rr, CLASS_IN))
		xfr->has_rr = false;
	if (edns->present)
		response_opt(&response, edns, RCODE_NOERROR, NULL, EDE_NONE);
	if (response.counts[SECTION_ANSWER] == 0) {
		/* One record does not fit into any message: the secondary must not take the rest for the zone. */
		xfr->part = PART_END;
		xfr->has_rr = false;
		len = response_end(&response, 0, RCODE_SERVFAIL);
	} else {
		len = response_end(&response, FLAG_AA, RCODE_NOERROR);
	}
	return xfr->tsig.state == TSIG_NONE ? len : tsig_sign(&xfr->tsig, cache, out, len, cap, now_s);
}

const char *
xfr_describe(const struct xfr *xfr)
{
	return xfr->what;
}

void
xfr_free(struct xfr *xfr)
{
	if (xfr == NULL)
		return;
	served_release(xfr->served);
	tsig_done(&xfr->tsig);
	free(xfr);
}
