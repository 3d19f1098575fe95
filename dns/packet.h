/* SPDX-License-Identifier: ISC */
/*
 * DNS messages as they arrive (RFC 1035 4, RFC 6891).  packet_decode() walks a whole message once and checks its
 * structure; what it finds are views into the message, which must outlive the packet.  response.h makes responses.
 */
#ifndef DNS_PACKET_H
#define DNS_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "zone/name.h"

#define PACKET_HEADER   12
#define PACKET_MAX      65535
#define PACKET_UDP_MAX  1232    /* what we send and say that we take, DNS flag day 2020 */
#define PACKET_UDP_MIN  512     /* RFC 1035 4.2.1 */

enum packet_opcode { OPCODE_QUERY = 0, OPCODE_NOTIFY = 4, OPCODE_UPDATE = 5 };

enum packet_flag {
	FLAG_QR = 0x8000, FLAG_OPCODE = 0x7800, FLAG_AA = 0x0400, FLAG_TC = 0x0200, FLAG_RD = 0x0100, FLAG_RCODE = 0x000f
};

enum rcode {
	RCODE_NOERROR = 0, RCODE_FORMERR = 1, RCODE_SERVFAIL = 2, RCODE_NXDOMAIN = 3, RCODE_NOTIMP = 4, RCODE_REFUSED = 5,
	RCODE_NOTAUTH = 9, RCODE_NOTZONE = 10,
	RCODE_BADVERS = 16, RCODE_BADSIG = 16, RCODE_BADKEY = 17, RCODE_BADTIME = 18, RCODE_BADTRUNC = 22
};

enum packet_section { SECTION_QUESTION, SECTION_ANSWER, SECTION_AUTHORITY, SECTION_ADDITIONAL, SECTIONS };

enum edns_option { EDNS_NSID = 3, EDNS_EDE = 15 };

struct edns {
	bool     present, dnssec_ok, nsid;      /* NSID: the client asks for it */
	uint8_t  version;
	uint16_t udp_size;
};

struct packet {
	const uint8_t *data;
	size_t         len;
	uint16_t       id, flags;
	uint16_t       counts[SECTIONS];
	size_t         starts[SECTIONS];        /* of each section */
	const uint8_t *qname;                   /* inside DATA, uncompressed; NULL when there is no valid question */
	uint16_t       qtype, qclass;
	struct edns    edns;
	size_t         tsig_at;                 /* of the TSIG record, 0: unsigned */
};

enum packet_state {
	PACKET_OK,
	PACKET_DROP,            /* no DNS query at all, or a response: silence */
	PACKET_FORMERR,
	PACKET_NOTIMP           /* an opcode that we do not know; only the header was looked at */
};

/* Decode LEN bytes at DATA.  Whatever comes back, PACKET's header fields are valid unless it is PACKET_DROP. */
enum packet_state packet_decode(struct packet *packet, const uint8_t *data, size_t len);

static inline unsigned
packet_opcode(const struct packet *packet)
{
	return (packet->flags & FLAG_OPCODE) >> 11;
}

static inline uint16_t
packet_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
packet_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* One record of a message.  Its rdata is as received: names may be compressed (packet_rdata). */
struct packet_rr {
	uint8_t  owner[NAME_SIZE];
	uint16_t type, class, rdlen;
	uint32_t ttl;
	size_t   rdata_at;
};

/* Decode the record at *POS of a message and move *POS behind it; false when it does not fit. */
bool packet_rr(const uint8_t *data, size_t len, size_t *pos, struct packet_rr *out);

/* Decode the name at *POS, which may be compressed, and move *POS behind it.  A pointer must point before the labels
 * that it ends, so that every name ends.  False when there is no valid name. */
bool packet_name(const uint8_t *data, size_t len, size_t *pos, uint8_t out[static NAME_SIZE]);

/* The rdata of RR with its names uncompressed, as the rest of the program wants it.  The length; -1 when it is malformed or longer than CAP. */
long packet_rdata(const uint8_t *data, size_t len, const struct packet_rr *rr, uint8_t *out, size_t cap);

#endif
