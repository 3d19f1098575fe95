/* SPDX-License-Identifier: ISC */
/*
 * Zone transfers out (RFC 5936, RFC 1995): who may have one, and its messages, made one at a time as the client takes
 * them.  A transfer is of one version of the zone, which it holds while it lasts.
 */
#ifndef DNS_XFR_H
#define DNS_XFR_H

#include "dns/answer.h"
#include "dns/tsig.h"

struct xfr;

enum xfr_start {
	XFR_REFUSED,            /* answer with the rcode */
	XFR_SOA,                /* answer with the SOA alone: IXFR over UDP, or the client has this version */
	XFR_STREAM              /* the transfer is in *OUT */
};

/* Is this query a transfer, so that xfr_start decides on it? */
bool xfr_asked(const struct packet *query);

/*
 * Begin what QUESTION asks for, signed as TSIG says.  *OUT belongs to the caller; QUESTION and TSIG are copied from.
 * An IXFR is answered with the whole zone, which RFC 1995 4 allows.
 */
enum xfr_start xfr_start(struct xfr **out, const struct question *question, const struct tsig *tsig, unsigned *rcode);

/* The next message, signed, in CAP (PACKET_MAX) bytes at OUT; 0: there is no more. */
size_t xfr_next(struct xfr *xfr, struct hmac_cache *cache, uint8_t *out, size_t cap, uint64_t now_s);

const char *xfr_describe(const struct xfr *xfr);        /* for the log: "example.org: AXFR of serial 7, key xfr.example.org" */
void xfr_free(struct xfr *xfr);                         /* NULL is fine */

#endif
