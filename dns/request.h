/* SPDX-License-Identifier: ISC */
/*
 * What one message asks for, whatever brought it: decode, verify, dispatch by opcode, sign.  udp.c and tcp.c bring messages and take
 * away responses.
 */
#ifndef DNS_REQUEST_H
#define DNS_REQUEST_H

#include "base/addr.h"
#include "dns/worker.h"
#include "dns/xfr.h"

struct msghdr;

struct request {
	const uint8_t       *data;
	size_t               len;
	const struct addr   *from;
	/* Where a response goes that is not ready yet. */
	struct udp          *udp;       /* NULL: TCP */
	const struct msghdr *packet;    /* as UDP received it */
	uint32_t             conn, generation;  /* of tcp.h */
	uint8_t             *out;       /* at least PACKET_UDP_MAX bytes; for TCP PACKET_MAX */
	size_t               cap;
};

enum request_state {
	REQUEST_DROP,           /* no response */
	REQUEST_ANSWERED,       /* *LEN bytes at OUT */
	REQUEST_WAITS,          /* the store was asked; the response comes through forward.c */
	REQUEST_XFR             /* *XFR makes the messages; the caller owns it */
};

/* ZONES: between zones_enter and zones_leave of the worker. */
enum request_state request_handle(struct worker *worker, const struct zones *zones, const struct request *request, size_t *len, struct xfr **xfr);

/* Count a response with its RCODE (extended). */
void request_count(const struct worker *worker, unsigned rcode);

#endif
