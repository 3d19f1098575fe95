/* SPDX-License-Identifier: ISC */
#include "dns/answer.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "dns/lookup.h"
#include "zone/rr.h"

#define TYPE_TKEY 249

size_t
answer_limit(const struct packet *query, bool tcp)
{
	size_t size = query->edns.present ? query->edns.udp_size : PACKET_UDP_MIN;

	if (tcp)
		return PACKET_MAX;
	return size < PACKET_UDP_MIN ? PACKET_UDP_MIN : size > PACKET_UDP_MAX ? PACKET_UDP_MAX : size;
}

static const char *
nsid(const struct question *question)
{
	return question->packet->edns.nsid && *question->host != '\0' ? question->host : NULL;
}

/* Question, OPT and TSIG always find room, even if it is more than a client without EDNS asked for: it signed with names that long. */
static void
begin(const struct question *question, struct response *response, uint8_t *out)
{
	const struct packet *query = question->packet;
	size_t               limit = answer_limit(query, question->tcp);
	size_t               kept = question->reserve + (query->edns.present ? response_opt_len(nsid(question)) : 0);
	size_t               least = PACKET_HEADER + (query->qname != NULL ? name_len(query->qname) + 4 : 0) + kept;

	assert(question->cap >= PACKET_UDP_MAX && least <= PACKET_UDP_MAX);
	if (limit < least)
		limit = least;
	response_begin(response, out, limit < question->cap ? limit : question->cap, query);
	response_reserve(response, kept);
}

static size_t
end(const struct question *question, struct response *response, uint16_t flags, unsigned rcode, enum ede ede)
{
	if (question->packet->edns.present)
		response_opt(response, &question->packet->edns, rcode, nsid(question), ede);
	return response_end(response, flags, rcode);
}

size_t
answer_rcode(const struct question *question, uint8_t *out, unsigned rcode, enum ede ede)
{
	struct response response;

	begin(question, &response, out);
	return end(question, &response, 0, rcode, ede);
}

/* What CH TXT tells of the server. */
static const struct chaos {
	const char *name;               /* in wire form */
	enum { CHAOS_VERSION, CHAOS_HOST, CHAOS_COMMIT } what;
} chaos[] = {
	{ "\7version\4bind", CHAOS_VERSION },
	{ "\7version\6server", CHAOS_VERSION },
	{ "\10hostname\4bind", CHAOS_HOST },
	{ "\2id\6server", CHAOS_HOST },
	{ "\6commit\6zonesh", CHAOS_COMMIT },
};

static const char *
chaos_text(const struct question *question)
{
	for (size_t i = 0; i < sizeof chaos / sizeof chaos[0]; i++) {
		if (!name_equal((const uint8_t *)chaos[i].name, question->packet->qname))
			continue;
		return chaos[i].what == CHAOS_VERSION ? "zonesh " ZONESH_VERSION :
		    chaos[i].what == CHAOS_HOST ? question->host : question->zones->commit;
	}
	return NULL;
}

static size_t
answer_chaos(const struct question *question, uint8_t *out, unsigned *rcode)
{
	const char   *text = chaos_text(question);
	uint16_t      type = question->packet->qtype;
	uint8_t       rdata[256];
	struct rr     rr = { .owner = question->packet->qname, .type = TYPE_TXT, .rdata = rdata };
	struct response response;
	size_t        len;

	*rcode = text == NULL ? RCODE_REFUSED : RCODE_NOERROR;
	if (text == NULL || (type != TYPE_TXT && type != TYPE_ANY))
		return answer_rcode(question, out, *rcode, text == NULL ? EDE_NOT_AUTH : EDE_NONE);
	len = strnlen(text, 255);
	rdata[0] = (uint8_t)len;
	memcpy(rdata + 1, text, len);
	rr.rdlen = (uint16_t)(len + 1);
	begin(question, &response, out);
	if (!response_rr(&response, SECTION_ANSWER, &rr, CLASS_CH))
		return end(question, &response, FLAG_TC, *rcode, EDE_NONE);
	return end(question, &response, FLAG_AA, *rcode, EDE_NONE);
}

static size_t
answer_in(const struct question *question, uint8_t *out, unsigned *rcode)
{
	struct response response;
	struct lookup lookup;

	lookup.question = question;
	lookup.response = &response;
	lookup.name = question->packet->qname;
	begin(question, &response, out);
	lookup_run(&lookup);
	*rcode = lookup.rcode;
	return end(question, &response, lookup.flags, lookup.rcode, lookup.ede);
}

size_t
answer_soa(const struct question *question, uint8_t *out, unsigned *rcode)
{
	const struct packet *query = question->packet;
	const struct served *served = zones_find_apex(question->zones, query->qname);
	struct response      response;
	struct rrset         soa;
	uint16_t             flags = FLAG_AA;

	*rcode = RCODE_NOERROR;
	begin(question, &response, out);
	if (!zone_find(served->zone, query->qname, TYPE_SOA, &soa) ||
	    !response_rrset(&response, SECTION_ANSWER, query->qname, CLASS_IN, &soa, soa.ttl))
		flags |= FLAG_TC;
	return end(question, &response, flags, *rcode, EDE_NONE);
}

/* What may not be asked for at all; RCODE_NOERROR for everything else.  Transfers are not ours to answer here. */
static unsigned
refused_type(uint16_t type)
{
	if (type == 0 || type == TYPE_OPT || type == TYPE_TSIG || type == TYPE_TKEY)
		return RCODE_FORMERR;
	if (type == TYPE_AXFR || type == TYPE_IXFR)
		return RCODE_REFUSED;
	return type != TYPE_ANY && rr_type_is_meta(type) ? RCODE_NOTIMP : RCODE_NOERROR;
}

size_t
answer(const struct question *question, uint8_t *out, unsigned *rcode)
{
	const struct packet *query = question->packet;

	assert(packet_opcode(query) == OPCODE_QUERY && query->qname != NULL);
	*rcode = query->edns.version != 0 ? RCODE_BADVERS : refused_type(query->qtype);
	if (*rcode == RCODE_NOERROR && query->qclass == CLASS_CH)
		return answer_chaos(question, out, rcode);
	if (*rcode == RCODE_NOERROR && query->qclass != CLASS_IN)
		*rcode = RCODE_REFUSED;
	if (*rcode != RCODE_NOERROR)
		return answer_rcode(question, out, *rcode, EDE_NONE);
	return answer_in(question, out, rcode);
}
