/* SPDX-License-Identifier: ISC */
#include "dns/forward.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/str.h"
#include "dns/answer.h"
#include "dns/tcp.h"
#include "dns/udp.h"
#include "store/client.h"

#define SLOTS 1024      /* over FORWARD_MAX, so that there is a free one; the id's low bits */

struct waiting {
	struct forward    *forward;
	uint32_t           id;          /* of the message to the store */
	struct udp        *udp;         /* NULL: TCP */
	struct udp_peer    peer;
	uint32_t           conn, generation;    /* of tcp.h */
	struct tsig        tsig;
	struct packet      packet;      /* header and question only, of the copy below */
	uint8_t            query[PACKET_HEADER + NAME_SIZE + 4];
	struct loop_timer *timer;
};

struct forward {
	struct worker  *worker;
	struct chan     store;          /* fd -1: the store is away */
	struct loop_io *io;
	struct waiting *slots[SLOTS];
	unsigned        count;
	uint32_t        next_id;
	uint8_t         out[PACKET_UDP_MAX];
};

struct forward *
forward_new(struct worker *worker)
{
	struct forward *forward = mem_alloc(sizeof *forward);

	forward->worker = worker;
	chan_init(&forward->store, -1);
	return forward;
}

/* Forget WAITING; its timer has fired or is cancelled. */
static void
waiting_free(struct waiting *waiting)
{
	waiting->forward->slots[waiting->id % SLOTS] = NULL;
	waiting->forward->count--;
	tsig_done(&waiting->tsig);
	free(waiting);
}

/* Answer the client of WAITING, whose timer has fired or is cancelled, and forget it. */
static void
finish(struct waiting *waiting, unsigned rcode)
{
	struct forward *forward = waiting->forward;
	struct worker  *worker = forward->worker;
	struct question question = { .packet = &waiting->packet, .host = worker->host, .is_signed = true,
		.reserve = tsig_len(&waiting->tsig), .cap = sizeof forward->out };
	size_t          len = answer_rcode(&question, forward->out, rcode, EDE_NONE);

	len = tsig_sign(&waiting->tsig, worker->hmacs, forward->out, len, sizeof forward->out, (uint64_t)time(NULL));
	request_count(worker, rcode);
	worker_count(worker, rcode == RCODE_NOERROR ? METRIC_UPDATES_OK : METRIC_UPDATES_NO, 1);
	if (waiting->udp != NULL)
		udp_reply(waiting->udp, &waiting->peer, forward->out, len);
	else
		tcp_reply(worker->tcp, waiting->conn, waiting->generation, forward->out, len);
	waiting_free(waiting);
}

static void
on_timeout(void *arg)
{
	struct waiting *waiting = arg;
	char            zone[NAME_TEXT_MAX];

	name_print_zone(zone, waiting->packet.qname);
	log_warn("zone %s: the store did not answer an update within %d s", str_show(zone), FORWARD_TIMEOUT_MS / 1000);
	finish(waiting, RCODE_SERVFAIL);
}

static void
fail_all(struct forward *forward)
{
	for (size_t i = 0; i < SLOTS; i++) {
		if (forward->slots[i] == NULL)
			continue;
		loop_cancel(forward->slots[i]->timer);
		finish(forward->slots[i], RCODE_SERVFAIL);
	}
}

static void
disconnect(struct forward *forward)
{
	loop_remove(forward->io);
	forward->io = NULL;
	chan_done(&forward->store);
}

void
forward_free(struct forward *forward)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (forward->slots[i] != NULL) {
			loop_cancel(forward->slots[i]->timer);
			waiting_free(forward->slots[i]);
		}
	disconnect(forward);
	free(forward);
}

/* The store's verdict, for those who read the log, and as rcode. */
static unsigned
verdict(const struct waiting *waiting, struct msg *msg)
{
	char       zone[NAME_TEXT_MAX], key[NAME_TEXT_MAX], commit[OID_TEXT_MAX];
	struct err err = { 0 };
	uint32_t   serial;
	bool       changed;

	if (client_get_update(msg, &changed, &serial, commit, &err))
		return RCODE_NOERROR;
	name_print_zone(zone, waiting->packet.qname);
	name_print_zone(key, waiting->tsig.key.name);
	log_info("zone %s: update with key %s is refused: %s %s", str_show(zone), str_show(key), err.id, str_show(err.text));
	return (unsigned)err_rcode(err.code);
}

static void
on_reply(struct forward *forward, struct msg *msg)
{
	struct waiting *waiting = forward->slots[msg->id % SLOTS];

	if (waiting == NULL || waiting->id != msg->id)
		return;                         /* too late: the client has its SERVFAIL */
	loop_cancel(waiting->timer);
	finish(waiting, verdict(waiting, msg));
}

/* Watch for room to write only while something waits for it. */
static void
watch(struct forward *forward)
{
	loop_change(forward->io, chan_wants_write(&forward->store) ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void
on_store(void *arg, uint32_t events)
{
	struct forward *forward = arg;
	struct msg      msg;
	enum chan_state state = CHAN_EMPTY;

	if ((events & EPOLLOUT) != 0 && !chan_flush(&forward->store))
		state = CHAN_CLOSED;
	while (state != CHAN_CLOSED && (state = chan_recv(&forward->store, &msg)) == CHAN_MSG) {
		on_reply(forward, &msg);
		msg_done(&msg);
	}
	if (state != CHAN_CLOSED) {
		watch(forward);
		return;
	}
	disconnect(forward);
	fail_all(forward);
}

void
forward_channel(struct forward *forward, int fd)
{
	disconnect(forward);
	fail_all(forward);              /* the store that knew of them is gone */
	chan_init(&forward->store, fd);
	forward->io = loop_add(forward->worker->loop, fd, EPOLLIN, on_store, forward);
}

bool
forward_has(const struct forward *forward, const struct packet *packet, const struct request *request)
{
	if (request->udp == NULL || forward->count == 0)
		return false;
	for (size_t i = 0; i < SLOTS; i++) {
		const struct waiting *waiting = forward->slots[i];

		if (waiting != NULL && waiting->packet.id == packet->id && waiting->udp == request->udp &&
		    udp_peer_is(&waiting->peer, request->from))
			return true;
	}
	return false;
}

static struct waiting *
waiting_new(struct forward *forward, const struct packet *packet, const struct tsig *tsig, const struct request *request)
{
	struct waiting *waiting = mem_alloc(sizeof *waiting);

	while (forward->slots[forward->next_id % SLOTS] != NULL)
		forward->next_id++;
	waiting->forward = forward;
	waiting->id = forward->next_id++;
	waiting->udp = request->udp;
	if (request->udp != NULL)
		udp_peer_set(&waiting->peer, request->packet);
	waiting->conn = request->conn;
	waiting->generation = request->generation;
	waiting->tsig = *tsig;
	memcpy(waiting->query, packet->data, PACKET_HEADER + name_len(packet->qname) + 4);
	waiting->packet = *packet;
	waiting->packet.data = waiting->query;
	waiting->packet.qname = waiting->query + PACKET_HEADER;
	waiting->timer = loop_after(forward->worker->loop, FORWARD_TIMEOUT_MS, on_timeout, waiting);
	forward->slots[waiting->id % SLOTS] = waiting;
	forward->count++;
	return waiting;
}

bool
forward_update(struct forward *forward, const struct change *change, const struct packet *packet, const struct tsig *tsig,
    const struct request *request)
{
	char            key[NAME_TEXT_MAX], zone[NAME_TEXT_MAX], from[ADDR_TEXT_MAX];
	struct waiting *waiting;
	struct msg      msg;

	if (forward->store.fd < 0 || forward->count >= FORWARD_MAX)
		return false;
	waiting = waiting_new(forward, packet, tsig, request);
	name_print_zone(key, tsig->key.name);
	name_print_zone(zone, packet->qname);
	addr_print_ip(from, request->from);
	msg_init(&msg, MSG_UPDATE, waiting->id);
	client_put_update(&msg, key, from, zone, change);
	if (!chan_send(&forward->store, &msg)) {
		loop_cancel(waiting->timer);
		waiting_free(waiting);
		return false;
	}
	watch(forward);
	return true;
}
