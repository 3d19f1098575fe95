/* SPDX-License-Identifier: ISC */
#include "dns/request.h"

#include <time.h>

#include "base/log.h"
#include "base/str.h"
#include "dns/answer.h"
#include "dns/forward.h"
#include "dns/tsig.h"
#include "dns/update.h"

#define WARN_EVERY_MS 1000

/* One request on its way through the functions below. */
struct handling {
	struct worker        *worker;
	const struct request *request;
	struct packet         packet;
	struct question       question;
	struct tsig           tsig;
	size_t                len;      /* of the response */
	unsigned              rcode;
	struct xfr           *xfr;
};

void
request_count(const struct worker *worker, unsigned rcode)
{
	worker_count(worker, rcode <= RCODE_REFUSED ? METRIC_RCODE_0 + rcode : METRIC_RCODE_OTHER, 1);
}

static enum request_state
reply(struct handling *h, unsigned rcode)
{
	h->rcode = rcode;
	h->len = answer_rcode(&h->question, h->request->out, rcode, EDE_NONE);
	return REQUEST_ANSWERED;
}

/* Whoever asks learns as little as the RFC allows; who runs the server learns why, but not once per forged packet. */
static enum request_state
reply_bad_tsig(struct handling *h)
{
	char    from[ADDR_TEXT_MAX], key[NAME_TEXT_MAX];
	int64_t now = loop_now_ms();

	worker_count(h->worker, METRIC_TSIG_BAD, 1);
	if (now - h->worker->warned_ms >= WARN_EVERY_MS) {
		h->worker->warned_ms = now;
		addr_print_ip(from, h->request->from);
		name_print_zone(key, h->tsig.key.name);
		log_info("tsig: key %s of %s is refused: %s", str_show(key), from, h->tsig.reason);
	}
	return reply(h, RCODE_NOTAUTH);
}

static enum request_state
handle_xfr(struct handling *h)
{
	unsigned       rcode;
	enum xfr_start start = xfr_start(&h->xfr, &h->question, &h->tsig, &rcode);

	if (start == XFR_STREAM)
		return REQUEST_XFR;
	if (start == XFR_REFUSED) {
		worker_count(h->worker, METRIC_XFR_NO, 1);
		return reply(h, rcode);
	}
	h->len = answer_soa(&h->question, h->request->out, &h->rcode);
	return REQUEST_ANSWERED;
}

static enum request_state
handle_query(struct handling *h)
{
	if (xfr_asked(&h->packet))
		return handle_xfr(h);
	h->len = answer(&h->question, h->request->out, &h->rcode);
	return REQUEST_ANSWERED;
}

/* The fetch that a signed NOTIFY could ask for is not ours to start. */
static enum request_state
handle_notify(struct handling *h)
{
	return reply(h, RCODE_REFUSED);
}

/* Whose zone is it?  RFC 2136 3.1.1. */
static unsigned
zone_rcode(const struct zones *zones, const uint8_t *name)
{
	const struct served *served = zones_find_apex(zones, name);

	if (served == NULL)
		return zones->loaded ? RCODE_NOTAUTH : RCODE_SERVFAIL;
	return served->zone == NULL ? RCODE_SERVFAIL : RCODE_NOERROR;
}

static enum request_state
handle_update(struct handling *h)
{
	struct arena  *arena;
	struct change *change = NULL;
	unsigned       rcode = h->tsig.state == TSIG_GOOD ? zone_rcode(h->question.zones, h->packet.qname) : RCODE_REFUSED;
	bool           waits = false;

	if (rcode != RCODE_NOERROR) {
		worker_count(h->worker, METRIC_UPDATES_NO, 1);
		return reply(h, rcode);
	}
	if (forward_has(h->worker->forward, &h->packet, h->request))
		return REQUEST_WAITS;           /* sent again; the answer to the first is under way */
	arena = arena_new();
	change = update_decode(&h->packet, arena, &rcode);
	if (change != NULL) {
		waits = forward_update(h->worker->forward, change, &h->packet, &h->tsig, h->request);
		rcode = RCODE_SERVFAIL;
	}
	arena_free(arena);
	if (waits)
		return REQUEST_WAITS;
	worker_count(h->worker, METRIC_UPDATES_NO, 1);
	return reply(h, rcode);
}

static enum request_state
dispatch(struct handling *h)
{
	if (h->tsig.state == TSIG_BAD)
		return reply_bad_tsig(h);
	if (h->packet.edns.version != 0)
		return reply(h, RCODE_BADVERS);
	switch (packet_opcode(&h->packet)) {
	case OPCODE_QUERY:
		return handle_query(h);
	case OPCODE_UPDATE:
		return handle_update(h);
	default:
		return handle_notify(h);
	}
}

/* Verify and dispatch a message whose structure was found to be STATE. */
static enum request_state
handle(struct handling *h, enum packet_state state)
{
	enum request_state done;
	uint64_t           now_s;

	h->tsig.state = TSIG_NONE;
	if (state != PACKET_OK)
		return reply(h, state == PACKET_NOTIMP ? RCODE_NOTIMP : RCODE_FORMERR);
	if (h->packet.tsig_at == 0)
		return dispatch(h);

	now_s = (uint64_t)time(NULL);
	if (!tsig_verify(&h->tsig, &h->packet, h->question.zones->ring, h->worker->hmacs, now_s)) {
		tsig_done(&h->tsig);
		return reply(h, RCODE_FORMERR);
	}
	h->question.is_signed = h->tsig.state == TSIG_GOOD;
	h->question.reserve = tsig_len(&h->tsig);
	done = dispatch(h);
	if (done == REQUEST_ANSWERED)
		h->len = tsig_sign(&h->tsig, h->worker->hmacs, h->request->out, h->len, h->request->cap, now_s);
	tsig_done(&h->tsig);
	return done;
}

enum request_state
request_handle(struct worker *worker, const struct zones *zones, const struct request *request, size_t *len, struct xfr **xfr)
{
	struct handling    h;
	enum packet_state  state = packet_decode(&h.packet, request->data, request->len);
	enum request_state done;
	bool               tcp = request->udp == NULL;

	worker_count(worker, tcp ? METRIC_QUERIES_TCP : METRIC_QUERIES_UDP, 1);
	if (state == PACKET_DROP)
		return REQUEST_DROP;
	h.worker = worker;
	h.request = request;
	h.question = (struct question){ .packet = &h.packet, .zones = zones, .host = worker->host, .tcp = tcp, .cap = request->cap };
	done = handle(&h, state);
	if (done == REQUEST_ANSWERED) {
		request_count(worker, h.rcode);
		if (!tcp && (request->out[2] & FLAG_TC >> 8) != 0)
			worker_count(worker, METRIC_TRUNCATED, 1);
		*len = h.len;
	} else if (done == REQUEST_XFR) {
		request_count(worker, RCODE_NOERROR);
		*xfr = h.xfr;
	}
	return done;
}
