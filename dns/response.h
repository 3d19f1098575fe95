/* SPDX-License-Identifier: ISC */
/*
 * Responses, written record by record into memory of the caller, with name compression (RFC 1035 4.1.4).  Nothing here
 * allocates.  What does not fit leaves no trace: the response stands as before the call.
 *
 * LIMIT bounds the records; OPT and TSIG come behind them, into room that was kept for them (response_reserve).
 */
#ifndef DNS_RESPONSE_H
#define DNS_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/packet.h"
#include "zone/zone.h"

#define RESPONSE_NAMES 255        /* places to compress against; more are not remembered */

struct response {
	uint8_t *data;
	size_t   len, limit, cap;
	uint16_t counts[SECTIONS];
	uint8_t  name_count;
	uint8_t  heads[NAME_SIZE];       /* newest place by length of the name there; index + 1, 0: none */
	struct { uint16_t at; uint8_t len, next; } names[RESPONSE_NAMES];
};

/* Start a response to QUERY in CAP bytes at OUT (at least 512): header with its id, opcode and RD, and its question byte by byte.  Counts and the rest of the
 * flags come with response_end. */
void response_begin(struct response *response, uint8_t *out, size_t cap, const struct packet *query);

/* Keep BYTES at the end for what comes after the records. */
void response_reserve(struct response *response, size_t bytes);

/* Add all records of RRSET, or nothing (false). */
bool response_rrset(struct response *response, enum packet_section section, const uint8_t *owner, uint16_t class, const struct rrset *rrset, uint32_t ttl);

/* Add one record; false when it does not fit. */
bool response_rr(struct response *response, enum packet_section section, const struct rr *rr, uint16_t class);

/* Forget all records; the question stays. */
void response_clear(struct response *response, const struct packet *query);

/* The OPT record, from the reserved room: RCODE's upper bits, our size, DO as asked; NSID unless NULL; EDE unless negative (RFC 8914). */
void response_opt(struct response *response, const struct edns *edns, unsigned rcode, const char *nsid, int ede);
size_t response_opt_len(const char *nsid);        /* the most that response_opt needs */

/* Write counts and FLAGS (AA, TC) and RCODE into the header.  The length of the message. */
size_t response_end(struct response *response, uint16_t flags, unsigned rcode);

#endif
