/* SPDX-License-Identifier: ISC */
/*
 * The class of a record tells what is meant by it: the tables below are RFC 2136 2.4 (prerequisites) and 2.5 (updates).
 */
#include "dns/update.h"

#include <string.h>

#include "zone/rr.h"

enum want { WANT_NONE, WANT_RDATA };

/* What a record of CLASS is; ANY_TYPE: with type ANY. */
static const struct form {
	uint16_t       class;
	bool           any_type;
	enum change_op op;
	enum want      rdata;
	bool           has_ttl;         /* else it must be 0 */
} prereq_forms[] = {
	{ CLASS_ANY,  true,  CHANGE_YXDOMAIN,     WANT_NONE,  false },
	{ CLASS_ANY,  false, CHANGE_YXRRSET,      WANT_NONE,  false },
	{ CLASS_NONE, true,  CHANGE_NXDOMAIN,     WANT_NONE,  false },
	{ CLASS_NONE, false, CHANGE_NXRRSET,      WANT_NONE,  false },
	{ CLASS_IN,   false, CHANGE_YXVALUE,      WANT_RDATA, false },
}, update_forms[] = {
	{ CLASS_IN,   false, CHANGE_ADD,          WANT_RDATA, true },
	{ CLASS_ANY,  true,  CHANGE_DELETE_NAME,  WANT_NONE,  false },
	{ CLASS_ANY,  false, CHANGE_DELETE_RRSET, WANT_NONE,  false },
	{ CLASS_NONE, false, CHANGE_DELETE_RR,    WANT_RDATA, false },
};

struct decoder {
	const struct packet *packet;
	struct change       *change;
	uint8_t             *rdata;     /* RDATA_MAX bytes */
};

static const struct form *
find_form(const struct form *forms, size_t count, const struct packet_rr *rr)
{
	for (size_t i = 0; i < count; i++)
		if (forms[i].class == rr->class && forms[i].any_type == (rr->type == TYPE_ANY))
			return &forms[i];
	return NULL;
}

static unsigned
decode_rr(struct decoder *decoder, const struct form *form, const struct packet_rr *rr)
{
	struct change_item item = { .owner = rr->owner };
	long               len = 0;

	if (form == NULL || (!form->has_ttl && rr->ttl != 0) || (form->rdata == WANT_NONE && rr->rdlen != 0))
		return RCODE_FORMERR;
	if (!form->any_type && rr_type_is_meta(rr->type))
		return RCODE_FORMERR;
	if (form->rdata == WANT_RDATA) {
		len = packet_rdata(decoder->packet->data, decoder->packet->len, rr, decoder->rdata, RDATA_MAX);
		if (len < 0 || !rdata_check(rr->type, decoder->rdata, (size_t)len, NULL))
			return RCODE_FORMERR;
		item.rdata = decoder->rdata;
	}
	item.op = form->op;
	item.type = form->any_type ? 0 : rr->type;
	item.rdlen = (uint16_t)len;
	/* RFC 2181 8: a TTL with the top bit set is taken as 0. */
	item.ttl = rr->ttl <= TTL_MAX ? rr->ttl : 0;
	change_add_item(decoder->change, &item);
	return RCODE_NOERROR;
}

static unsigned
decode_section(struct decoder *decoder, enum packet_section section, const struct form *forms, size_t count)
{
	const struct packet *packet = decoder->packet;
	size_t               pos = packet->starts[section];

	for (unsigned i = 0; i < packet->counts[section]; i++) {
		struct packet_rr rr;
		unsigned         rcode;

		if (!packet_rr(packet->data, packet->len, &pos, &rr))
			return RCODE_FORMERR;
		if (!name_below(rr.owner, packet->qname))
			return RCODE_NOTZONE;
		rcode = decode_rr(decoder, find_form(forms, count, &rr), &rr);
		if (rcode != RCODE_NOERROR)
			return rcode;
	}
	return RCODE_NOERROR;
}

struct change *
update_decode(const struct packet *packet, struct arena *arena, unsigned *rcode)
{
	struct decoder decoder = { .packet = packet };

	*rcode = packet->qtype != TYPE_SOA ? RCODE_FORMERR : packet->qclass != CLASS_IN ? RCODE_NOTAUTH : RCODE_NOERROR;
	if (*rcode != RCODE_NOERROR)
		return NULL;
	decoder.rdata = arena_alloc(arena, RDATA_MAX);
	decoder.change = change_new(arena, packet->qname);
	*rcode = decode_section(&decoder, SECTION_ANSWER, prereq_forms, sizeof prereq_forms / sizeof prereq_forms[0]);
	if (*rcode == RCODE_NOERROR)
		*rcode = decode_section(&decoder, SECTION_AUTHORITY, update_forms, sizeof update_forms / sizeof update_forms[0]);
	return *rcode == RCODE_NOERROR ? decoder.change : NULL;
}
