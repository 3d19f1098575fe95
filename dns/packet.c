/* SPDX-License-Identifier: ISC */
/* Reading messages.  Everything here may be hostile: each step is checked against the end of the message. */
#include "dns/packet.h"

#include <string.h>

#include "zone/rr.h"

#define RR_FIXED      10        /* type, class, TTL, rdlen */
#define LABEL_POINTER 0xc0

bool
packet_name(const uint8_t *data, size_t len, size_t *pos, uint8_t out[static NAME_SIZE])
{
	size_t at = *pos, bound = *pos, n = 0;
	bool   jumped = false;

	for (;;) {
		uint8_t label;

		if (at >= len)
			return false;
		label = data[at];
		if ((label & LABEL_POINTER) == LABEL_POINTER) {
			if (len - at < 2)
				return false;
			if (!jumped)
				*pos = at + 2;
			jumped = true;
			at = packet_u16(data + at) & 0x3fff;
			if (at >= bound)
				return false;
			bound = at;
			continue;
		}
		if (label > 63 || len - at < (size_t)label + 1 || n + label + 1 > NAME_MAX_WIRE)
			return false;
		memcpy(out + n, data + at, (size_t)label + 1);
		n += (size_t)label + 1;
		at += (size_t)label + 1;
		if (label == 0)
			break;
	}
	if (!jumped)
		*pos = at;
	return true;
}

bool
packet_rr(const uint8_t *data, size_t len, size_t *pos, struct packet_rr *out)
{
	const uint8_t *p;

	if (!packet_name(data, len, pos, out->owner) || len - *pos < RR_FIXED)
		return false;
	p = data + *pos;
	out->type = packet_u16(p);
	out->class = packet_u16(p + 2);
	out->ttl = packet_u32(p + 4);
	out->rdlen = packet_u16(p + 8);
	out->rdata_at = *pos + RR_FIXED;
	if (len - out->rdata_at < out->rdlen)
		return false;
	*pos = out->rdata_at + out->rdlen;
	return true;
}

/* OUT grows by LEN bytes at DATA; false when it cannot. */
static bool
append(uint8_t *out, size_t *n, size_t cap, const uint8_t *data, size_t len)
{
	if (cap - *n < len)
		return false;
	memcpy(out + *n, data, len);
	*n += len;
	return true;
}

/* Bytes of the items of a layout (zone/rr.c) that have a fixed length and may stand before a name. */
static const uint8_t item_len[128] = {
	['1'] = 1, ['k'] = 1, ['u'] = 1, ['e'] = 1, ['m'] = 1, ['2'] = 2, ['c'] = 2, ['y'] = 2, ['4'] = 4, ['t'] = 4, ['d'] = 4,
	['a'] = 4, ['q'] = 16
};

long
packet_rdata(const uint8_t *data, size_t len, const struct packet_rr *rr, uint8_t *out, size_t cap)
{
	const struct rr_type *type = rr_type_find(rr->type);
	const char           *item = type != NULL && type->layout != NULL ? type->layout : "";
	size_t                at = rr->rdata_at, end = at + rr->rdlen, n = 0;

	for (; *item != '\0' && at < end; item++) {
		uint8_t name[NAME_SIZE];
		size_t  fixed = *item == 's' ? (size_t)data[at] + 1 : item_len[*item & 0x7f];

		if (*item == 'n' || *item == 'N') {
			if (!packet_name(data, len, &at, name) || at > end || !append(out, &n, cap, name, name_len(name)))
				return -1;
			continue;
		}
		if (fixed == 0)
			break;
		if (end - at < fixed || !append(out, &n, cap, data + at, fixed))
			return -1;
		at += fixed;
	}
	return append(out, &n, cap, data + at, end - at) ? (long)n : -1;
}

/* The options that we know, from the rdata of an OPT record; false when they are malformed (RFC 6891 6.1.2). */
static bool
decode_options(struct edns *edns, const uint8_t *p, size_t len)
{
	while (len != 0) {
		size_t option_len;

		if (len < 4)
			return false;
		option_len = packet_u16(p + 2);
		if (len - 4 < option_len)
			return false;
		if (packet_u16(p) == EDNS_NSID)
			edns->nsid = true;
		p += 4 + option_len;
		len -= 4 + option_len;
	}
	return true;
}

static bool
decode_opt(struct packet *packet, const struct packet_rr *rr)
{
	struct edns *edns = &packet->edns;

	if (edns->present || rr->owner[0] != 0)
		return false;
	edns->present = true;
	edns->version = (uint8_t)(rr->ttl >> 16);
	edns->dnssec_ok = (rr->ttl & 0x8000) != 0;
	edns->udp_size = rr->class;
	/* What the options of another version look like is not ours to judge. */
	return edns->version != 0 || decode_options(edns, packet->data + rr->rdata_at, rr->rdlen);
}

/* OPT and TSIG stand in the additional section, once; TSIG is the last record (RFC 8945 5.1). */
static bool
decode_meta(struct packet *packet, enum packet_section section, size_t at, const struct packet_rr *rr, bool last)
{
	if (rr->type == TYPE_OPT)
		return section == SECTION_ADDITIONAL && decode_opt(packet, rr);
	if (rr->type == TYPE_TSIG) {
		packet->tsig_at = at;
		return section == SECTION_ADDITIONAL && last && rr->class == CLASS_ANY && rr->ttl == 0;
	}
	return true;
}

static bool
decode_records(struct packet *packet, size_t pos)
{
	for (enum packet_section s = SECTION_ANSWER; s < SECTIONS; s++) {
		packet->starts[s] = pos;
		for (unsigned i = 0; i < packet->counts[s]; i++) {
			struct packet_rr rr;
			size_t           at = pos;

			if (!packet_rr(packet->data, packet->len, &pos, &rr))
				return false;
			if (!decode_meta(packet, s, at, &rr, i + 1u == packet->counts[s]))
				return false;
		}
	}
	return pos == packet->len;
}

/* The question: a name in full, since nothing stands before it that it could point to. */
static bool
decode_question(struct packet *packet)
{
	size_t left = packet->len - PACKET_HEADER;
	size_t n = packet->counts[SECTION_QUESTION] == 1 ? name_check(packet->data + PACKET_HEADER, left) : 0;

	if (n == 0 || left - n < 4)
		return false;
	packet->qname = packet->data + PACKET_HEADER;
	packet->qtype = packet_u16(packet->qname + n);
	packet->qclass = packet_u16(packet->qname + n + 2);
	return true;
}

enum packet_state
packet_decode(struct packet *packet, const uint8_t *data, size_t len)
{
	unsigned opcode;

	if (len < PACKET_HEADER || len > PACKET_MAX || (packet_u16(data + 2) & FLAG_QR) != 0)
		return PACKET_DROP;
	*packet = (struct packet){ .data = data, .len = len, .id = packet_u16(data), .flags = packet_u16(data + 2) };
	for (unsigned i = 0; i < SECTIONS; i++)
		packet->counts[i] = packet_u16(data + 4 + 2 * i);
	opcode = packet_opcode(packet);
	if (opcode != OPCODE_QUERY && opcode != OPCODE_NOTIFY && opcode != OPCODE_UPDATE)
		return PACKET_NOTIMP;
	if (!decode_question(packet))
		return PACKET_FORMERR;
	packet->starts[SECTION_QUESTION] = PACKET_HEADER;
	return decode_records(packet, PACKET_HEADER + name_len(packet->qname) + 4) ? PACKET_OK : PACKET_FORMERR;
}
