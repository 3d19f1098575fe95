/* SPDX-License-Identifier: ISC */
/*
 * From a query and the zones to the bytes of the response.  Pure: no allocation, no lock, no system call.
 */
#ifndef DNS_ANSWER_H
#define DNS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/packet.h"
#include "dns/response.h"
#include "dns/zones.h"

enum ede { EDE_NONE = -1, EDE_NOT_READY = 14, EDE_NOT_AUTH = 20, EDE_INVALID_DATA = 24 };

struct question {
	const struct packet *packet;
	const struct zones  *zones;
	const char          *host;      /* our name: NSID, CH TXT hostname.bind; at most 255 bytes */
	bool                 tcp;
	bool                 is_signed; /* by a key that we know */
	size_t               reserve;   /* bytes to leave for TSIG behind the response */
	size_t               cap;       /* of OUT; what the transport and the client allow is less (answer_limit) */
};

/* Answer a well-formed message of opcode QUERY.  The length at OUT; its rcode, extended, in *RCODE. */
size_t answer(const struct question *question, uint8_t *out, unsigned *rcode);

/* Answer with the SOA of the zone whose apex is the question's name, which must be there, whatever type was asked: RFC 1995 4. */
size_t answer_soa(const struct question *question, uint8_t *out, unsigned *rcode);

/* The response with RCODE and no records, whatever was asked; EDE unless it is EDE_NONE. */
size_t answer_rcode(const struct question *question, uint8_t *out, unsigned rcode, enum ede ede);

/* The most that the response may have: transport, EDNS (RFC 6891 6.2.3), and our own limit. */
size_t answer_limit(const struct packet *query, bool tcp);

#endif
