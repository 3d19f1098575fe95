/* SPDX-License-Identifier: ISC */
/*
 * Channels and replies.
 */
#include "store/serve_private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"

#define MESSAGES_PER_ROUND 32   /* of one peer, so that others get their turn */
#define TURN_MS            20   /* the same for what is dear to answer, such as history */

static const struct { const char *name; unsigned outstanding_max; } kinds[] = {
	[PEER_DNS] = { "dns", 1 },
	[PEER_DNS_THREAD] = { "dns thread", 2000 },
	[PEER_HTTP] = { "http", 1 },
	[PEER_SSHD] = { "sshd", 1 },
	[PEER_MONITOR] = { "monitor", 1 },
	[PEER_CLIENT] = { "client", 64 },
};

static bool
is_visitor(const struct peer *peer)
{
	return peer->kind == PEER_MONITOR || peer->kind == PEER_CLIENT;
}

void
peer_update(struct peer *peer)
{
	uint32_t events = chan_wants_write(&peer->chan) ? EPOLLOUT : 0;

	if (peer->dead)
		return;
	if (peer->outstanding < kinds[peer->kind].outstanding_max)
		events |= EPOLLIN;
	loop_change(peer->io, events);
}

static void
on_readable(struct peer *peer)
{
	int64_t until_ms = loop_now_ms() + TURN_MS;

	for (unsigned i = 0; i < MESSAGES_PER_ROUND && !peer->dead && peer->outstanding < kinds[peer->kind].outstanding_max; i++) {
		struct msg      msg;
		enum chan_state state = chan_recv(&peer->chan, &msg);

		if (state == CHAN_CLOSED)
			peer_drop(peer);
		if (state != CHAN_MSG)
			break;
		serve_message(peer, &msg);
		msg_done(&msg);
		if (loop_now_ms() >= until_ms)
			break;
	}
}

static void
on_peer_io(void *arg, uint32_t events)
{
	struct peer *peer = arg;

	if (peer->dead)
		return;
	if ((events & EPOLLOUT) != 0 && !chan_flush(&peer->chan))
		peer_drop(peer);
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !peer->dead)
		on_readable(peer);
	peer_update(peer);
}

struct peer *
peer_new(struct serve *serve, enum peer_kind kind, int fd)
{
	struct peer *peer = mem_alloc(sizeof *peer);

	peer->serve = serve;
	peer->kind = kind;
	chan_init(&peer->chan, fd);
	peer->next = serve->peers;
	serve->peers = peer;
	serve->client_count += is_visitor(peer);
	peer->io = loop_add(serve->proc.loop, fd, EPOLLIN, on_peer_io, peer);
	return peer;
}

void
peer_drop(struct peer *peer)
{
	if (peer->dead)
		return;
	peer->dead = true;
	loop_remove(peer->io);
	chan_done(&peer->chan);
	requests_forget(peer->serve, peer);
	peer->serve->client_count -= is_visitor(peer);
	if (peer->serve->dns == peer)
		peer->serve->dns = NULL;
	log_debug("channel: %s is gone", kinds[peer->kind].name);
}

void
peers_reap(struct serve *serve)
{
	for (struct peer **at = &serve->peers; *at != NULL;) {
		struct peer *peer = *at;

		if (!peer->dead) {
			at = &peer->next;
			continue;
		}
		*at = peer->next;
		free(peer);
	}
}

void
peer_send(struct peer *peer, struct msg *msg)
{
	if (!peer->dead && chan_send(&peer->chan, msg)) {
		if (chan_wants_write(&peer->chan))
			peer_update(peer);
		return;
	}
	msg_done(msg);
	if (!peer->dead)
		log_warn("channel: %s does not read, it is closed", kinds[peer->kind].name);
	peer_drop(peer);
}

void
reply_init(struct msg *reply, const struct msg *request)
{
	msg_init(reply, MSG_OK, request->id);
}

void
reply_ok(struct peer *peer, const struct msg *request)
{
	struct msg reply;

	reply_init(&reply, request);
	peer_send(peer, &reply);
}

void
reply_err(struct peer *peer, uint32_t id, const struct err *err, const struct report *report)
{
	struct msg reply;

	msg_init(&reply, MSG_ERR, id);
	msg_put_err(&reply, err);
	client_put_report(&reply, report);
	peer_send(peer, &reply);
}

struct peer *
reply_channel(struct peer *peer, const struct msg *request, enum peer_kind kind)
{
	struct peer *made;
	struct err   err = { 0 };
	struct msg   reply;
	int          fds[2];

	if (!chan_pair(fds, &err)) {
		reply_err(peer, request->id, &err, NULL);
		return NULL;
	}
	made = peer_new(peer->serve, kind, fds[0]);
	reply_init(&reply, request);
	msg_put_fd(&reply, fds[1]);
	close(fds[1]);
	peer_send(peer, &reply);
	return made;
}
