/* SPDX-License-Identifier: ISC */
/*
 * Connections are kept in the order of their last progress, so that the first one is the one to close when it was idle too long or
 * when there are too many.  Bytes moved in either direction are progress; a request that waits for the store is too.
 */
#include "dns/tcp.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "dns/request.h"

#define READ_SIZE   16384
#define QUEUED_MAX  (256 * 1024)        /* responses a client may leave lying before we stop reading from it */
#define XFR_AHEAD   65536               /* transfers are made no further ahead than this */
#define ACCEPT_MAX  16
#define PREFIX      2                   /* RFC 1035 4.2.2 */

struct tcp_conn {
	struct tcp      *tcp;
	struct tcp_conn *prev, *next;   /* by progress, the oldest first */
	struct loop_io  *io;
	int              fd;
	struct addr      from;
	uint32_t         slot, generation;
	struct buf       in, out;
	size_t           out_done;
	struct xfr      *xfr;
	unsigned         waiting;       /* requests at the store */
	int64_t          progress_ms;
	bool             eof;           /* the client will send no more */
};

struct listener {
	struct listener *next;
	struct tcp      *tcp;
	struct loop_io  *io;
	int              fd;
};

struct tcp {
	struct worker      *worker;
	struct listener    *listeners;
	size_t              max, count;
	int64_t             idle_ms;
	struct tcp_conn   **slots;      /* MAX */
	uint32_t            generation;
	struct tcp_conn    *first, *last;
	struct loop_timer  *timer;      /* while there are connections */
	uint8_t             message[PREFIX + PACKET_MAX];
};

static void
list_remove(struct tcp_conn *conn)
{
	struct tcp *tcp = conn->tcp;

	*(conn->prev != NULL ? &conn->prev->next : &tcp->first) = conn->next;
	*(conn->next != NULL ? &conn->next->prev : &tcp->last) = conn->prev;
	conn->prev = conn->next = NULL;
}

static void
list_append(struct tcp_conn *conn)
{
	struct tcp *tcp = conn->tcp;

	conn->prev = tcp->last;
	*(tcp->last != NULL ? &tcp->last->next : &tcp->first) = conn;
	tcp->last = conn;
}

static void
progress(struct tcp_conn *conn)
{
	conn->progress_ms = loop_now_ms();
	list_remove(conn);
	list_append(conn);
}

static void
conn_close(struct tcp_conn *conn)
{
	struct tcp *tcp = conn->tcp;

	if (conn->xfr != NULL)
		log_info("zone %s: transfer broken off", xfr_describe(conn->xfr));
	list_remove(conn);
	loop_remove(conn->io);
	close(conn->fd);
	xfr_free(conn->xfr);
	buf_done(&conn->in);
	buf_done(&conn->out);
	tcp->slots[conn->slot] = NULL;
	tcp->count--;
	free(conn);
}

static size_t
queued(const struct tcp_conn *conn)
{
	return conn->out.len - conn->out_done;
}

static void on_idle(void *arg);

/* Let the timer fire when the connection with the oldest progress may be idle too long. */
static void
set_timer(struct tcp *tcp)
{
	if (tcp->timer == NULL && tcp->first != NULL)
		tcp->timer = loop_after(tcp->worker->loop, tcp->first->progress_ms + tcp->idle_ms - loop_now_ms(), on_idle, tcp);
}

static void
on_idle(void *arg)
{
	struct tcp *tcp = arg;
	int64_t     now = loop_now_ms();

	tcp->timer = NULL;
	for (size_t i = tcp->count; i > 0 && tcp->first->progress_ms + tcp->idle_ms <= now; i--) {
		if (tcp->first->waiting != 0)
			progress(tcp->first);
		else
			conn_close(tcp->first);
	}
	set_timer(tcp);
}

/* Put the message of LEN bytes at tcp->message + PREFIX on its way. */
static void
queue_message(struct tcp_conn *conn, size_t len)
{
	uint8_t *message = conn->tcp->message;

	message[0] = (uint8_t)(len >> 8);
	message[1] = (uint8_t)len;
	buf_put(&conn->out, message, PREFIX + len);
}

/* Send what is queued as far as the socket takes it.  False: the connection is broken. */
static bool
flush(struct tcp_conn *conn)
{
	while (queued(conn) != 0) {
		ssize_t n = send(conn->fd, conn->out.data + conn->out_done, queued(conn), MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		conn->out_done += (size_t)n;
		progress(conn);
	}
	conn->out_done = 0;
	buf_done(&conn->out);           /* idle connections hold no memory */
	return true;
}

/* Make messages of the transfer under way until enough lie ahead. */
static void
pump_xfr(struct tcp_conn *conn)
{
	struct worker *worker = conn->tcp->worker;

	while (conn->xfr != NULL && queued(conn) < XFR_AHEAD) {
		size_t len = xfr_next(conn->xfr, worker->hmacs, conn->tcp->message + PREFIX, PACKET_MAX, (uint64_t)time(NULL));

		if (len != 0) {
			queue_message(conn, len);
			continue;
		}
		log_info("zone %s: transfer done", xfr_describe(conn->xfr));
		worker_count(worker, METRIC_XFR_OK, 1);
		xfr_free(conn->xfr);
		conn->xfr = NULL;
	}
}

static void
handle_message(struct tcp_conn *conn, const struct zones *zones, const uint8_t *data, size_t len)
{
	struct tcp    *tcp = conn->tcp;
	struct request request = { .data = data, .len = len, .from = &conn->from, .conn = conn->slot, .generation = conn->generation,
		.out = tcp->message + PREFIX, .cap = PACKET_MAX };
	size_t         out_len = 0;

	switch (request_handle(tcp->worker, zones, &request, &out_len, &conn->xfr)) {
	case REQUEST_ANSWERED:
		queue_message(conn, out_len);
		break;
	case REQUEST_WAITS:
		conn->waiting++;
		break;
	case REQUEST_XFR:
	case REQUEST_DROP:
		break;
	}
}

/* Handle the whole messages that were read.  A transfer, and too much that the client did not take yet, end it until they are gone. */
static void
handle_input(struct tcp_conn *conn)
{
	struct worker      *worker = conn->tcp->worker;
	const struct zones *zones;
	size_t              at = 0;

	if (conn->in.len < PREFIX || conn->xfr != NULL || queued(conn) >= QUEUED_MAX)
		return;
	zones = zones_enter(worker->reader);
	while (conn->in.len - at >= PREFIX && conn->xfr == NULL && queued(conn) < QUEUED_MAX) {
		size_t len = packet_u16(conn->in.data + at);

		if (conn->in.len - at < PREFIX + len)
			break;
		handle_message(conn, zones, conn->in.data + at + PREFIX, len);
		at += PREFIX + len;
	}
	zones_leave(worker->reader);
	conn->in.len -= at;
	memmove(conn->in.data, conn->in.data + at, conn->in.len);
	if (conn->in.len == 0)
		buf_done(&conn->in);
}

static bool
wants_input(const struct tcp_conn *conn)
{
	return !conn->eof && conn->xfr == NULL && queued(conn) < QUEUED_MAX && conn->in.len < PREFIX + PACKET_MAX;
}

/* Read once.  False: the connection is broken. */
static bool
read_input(struct tcp_conn *conn)
{
	ssize_t n = recv(conn->fd, buf_reserve(&conn->in, READ_SIZE), READ_SIZE, MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		conn->eof = true;
	conn->in.len += (size_t)n;
	if (n > 0)
		progress(conn);
	return true;
}

/* Does input or a transfer lie here that nothing but room in the queue holds up? */
static bool
can_go_on(const struct tcp_conn *conn)
{
	size_t len = conn->in.len >= PREFIX ? packet_u16(conn->in.data) : 0;

	return conn->xfr != NULL || (conn->in.len >= PREFIX && conn->in.len >= PREFIX + len);
}

/* Do all that can be done now, then wait for what is needed next; closes a connection that is broken or done. */
static void
conn_run(struct tcp_conn *conn)
{
	uint32_t events = 0;

	handle_input(conn);
	pump_xfr(conn);
	if (!flush(conn) || (conn->eof && conn->waiting == 0 && queued(conn) == 0 && !can_go_on(conn))) {
		conn_close(conn);
		return;
	}
	if (wants_input(conn))
		events |= EPOLLIN;
	if (queued(conn) != 0 || can_go_on(conn))
		events |= EPOLLOUT;
	loop_change(conn->io, events);
}

static void
on_conn(void *arg, uint32_t events)
{
	struct tcp_conn *conn = arg;

	if ((events & (EPOLLERR | EPOLLHUP)) != 0 || ((events & EPOLLIN) != 0 && wants_input(conn) && !read_input(conn)))
		conn_close(conn);
	else
		conn_run(conn);
}

static void
conn_new(struct tcp *tcp, int fd, const struct addr *from)
{
	struct tcp_conn *conn = mem_alloc(sizeof *conn);

	conn->tcp = tcp;
	conn->fd = fd;
	conn->from = *from;
	conn->generation = ++tcp->generation;
	while (tcp->slots[conn->slot] != NULL)
		conn->slot++;
	tcp->slots[conn->slot] = conn;
	tcp->count++;
	conn->progress_ms = loop_now_ms();
	list_append(conn);
	conn->io = loop_add(tcp->worker->loop, fd, EPOLLIN, on_conn, conn);
	set_timer(tcp);
}

/* Make room for one connection: who made no progress for the longest time goes. */
static void
close_oldest(struct tcp *tcp)
{
	struct tcp_conn *conn = tcp->first;

	while (conn != NULL && (conn->waiting != 0 || conn->xfr != NULL))
		conn = conn->next;
	if (conn == NULL)
		conn = tcp->first;
	if (conn != NULL)
		conn_close(conn);
}

static void
on_listener(void *arg, uint32_t events)
{
	struct listener *listener = arg;
	struct tcp      *tcp = listener->tcp;

	(void)events;
	for (unsigned i = 0; i < ACCEPT_MAX; i++) {
		struct addr from = { .len = sizeof from.sa };
		int         fd = accept4(listener->fd, (struct sockaddr *)&from.sa, &from.len, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM))
			close_oldest(tcp);
		if (fd < 0)
			return;
		if (tcp->count == tcp->max)
			close_oldest(tcp);
		conn_new(tcp, fd, &from);
	}
}

void
tcp_listen(struct tcp *tcp, int fd)
{
	struct listener *listener = mem_alloc(sizeof *listener);

	listener->tcp = tcp;
	listener->fd = fd;
	listener->next = tcp->listeners;
	tcp->listeners = listener;
	listener->io = loop_add(tcp->worker->loop, fd, EPOLLIN, on_listener, listener);
}

struct tcp *
tcp_new(struct worker *worker, size_t max, int64_t idle_ms)
{
	struct tcp *tcp = mem_alloc(sizeof *tcp);

	tcp->worker = worker;
	tcp->max = max;
	tcp->idle_ms = idle_ms;
	tcp->slots = mem_alloc(max * sizeof(struct tcp_conn *));
	return tcp;
}

void
tcp_free(struct tcp *tcp)
{
	while (tcp->first != NULL)
		conn_close(tcp->first);
	while (tcp->listeners != NULL) {
		struct listener *listener = tcp->listeners;

		tcp->listeners = listener->next;
		loop_remove(listener->io);
		free(listener);
	}
	loop_cancel(tcp->timer);
	free(tcp->slots);
	free(tcp);
}

void
tcp_reply(struct tcp *tcp, uint32_t slot, uint32_t generation, const uint8_t *data, size_t len)
{
	struct tcp_conn *conn = slot < tcp->max ? tcp->slots[slot] : NULL;

	if (conn == NULL || conn->generation != generation)
		return;
	conn->waiting--;
	memcpy(tcp->message + PREFIX, data, len);
	queue_message(conn, len);
	progress(conn);
	conn_run(conn);
}
