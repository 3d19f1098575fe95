/* SPDX-License-Identifier: ISC */
/*
 * Channels: how messages (msg.c) travel between processes.
 *
 * One message is one packet: a header of 8 bytes (type, flags, id), the body, and the descriptors.  A body that does
 * not fit into a packet travels as a sealed memfd, the last of the descriptors.  A packet that is not like this breaks
 * the channel: the other side is one of our own processes, and it is out of its mind.
 */
#include "base/msg.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/memfd.h"

#define HEADER_LEN  8
#define BODY_MAX    (MSG_SIZE_MAX - HEADER_LEN)
#define SPILL_MAX   (256 * 1024 * 1024)         /* bytes of a body in memory of its own */
#define FDS_WIRE    (MSG_FDS_MAX + 1)           /* with the one of a spilled body */
#define FDS_SPACE   (FDS_WIRE + 1)              /* so that one too many is seen, not cut off */
#define QUEUE_MAX   4096

enum flag { FLAG_SPILLED = 1 };

enum sent { SENT, SENT_LATER, SENT_BROKEN };

bool
chan_pair(int fds[2], struct err *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0)
		return true;
	return err_errno(err, ERR_FAILED, "a channel between processes cannot be made");
}

void
chan_init(struct chan *chan, int fd)
{
	*chan = (struct chan){ .fd = fd };
	if (fd >= 0)
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static void
queue_drop(struct chan *chan)
{
	for (size_t i = 0; i < chan->queue_len; i++) {
		msg_done(chan->queue[i]);
		free(chan->queue[i]);
	}
	free(chan->queue);
	chan->queue = NULL;
	chan->queue_len = chan->queue_cap = 0;
}

void
chan_done(struct chan *chan)
{
	queue_drop(chan);
	if (chan->fd >= 0)
		close(chan->fd);
	chan->fd = -1;
}

/* Both sides see the end of the channel.  The descriptor stays open: whoever watches it must stop first. */
static void
chan_break(struct chan *chan)
{
	queue_drop(chan);
	if (chan->fd >= 0)
		shutdown(chan->fd, SHUT_RDWR);
}

bool
chan_wants_write(const struct chan *chan)
{
	return chan->queue_len != 0;
}

static void
put_fds(struct msghdr *hdr, const int *fds, size_t count)
{
	struct cmsghdr *cmsg;

	hdr->msg_controllen = CMSG_SPACE(count * sizeof(int));
	cmsg = CMSG_FIRSTHDR(hdr);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(cmsg), fds, count * sizeof(int));
}

static enum sent
send_packet(int fd, const struct msg *msg, const void *body, size_t len, const int *fds, size_t fd_count)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(FDS_WIRE * sizeof(int))] = { 0 };
	uint8_t       header[HEADER_LEN] = {
		(uint8_t)(msg->type >> 8), (uint8_t)msg->type,
		0, fd_count > msg->fd_count ? FLAG_SPILLED : 0,
		(uint8_t)(msg->id >> 24), (uint8_t)(msg->id >> 16), (uint8_t)(msg->id >> 8), (uint8_t)msg->id,
	};
	struct iovec  iov[2] = { { header, sizeof header }, { (void *)(uintptr_t)body, len } };
	struct msghdr hdr = { .msg_iov = iov, .msg_iovlen = 2, .msg_control = control };
	ssize_t       n;

	if (fd_count != 0)
		put_fds(&hdr, fds, fd_count);
	else
		hdr.msg_control = NULL;
	do
		n = sendmsg(fd, &hdr, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return SENT;
	/* ETOOMANYREFS: too many descriptors are under way; the readers will take them. */
	return errno == EAGAIN || errno == ENOBUFS || errno == ETOOMANYREFS ? SENT_LATER : SENT_BROKEN;
}

static enum sent
send_msg(int fd, const struct msg *msg)
{
	int       fds[FDS_WIRE];
	enum sent sent;

	memcpy(fds, msg->fds, sizeof msg->fds);
	if (msg->body.len <= BODY_MAX)
		return send_packet(fd, msg, msg->body.data, msg->body.len, fds, msg->fd_count);

	fds[msg->fd_count] = memfd_sealed("message", msg->body.data, msg->body.len);
	if (fds[msg->fd_count] < 0)
		return SENT_BROKEN;
	sent = send_packet(fd, msg, NULL, 0, fds, msg->fd_count + 1);
	close(fds[msg->fd_count]);
	return sent;
}

bool
chan_flush(struct chan *chan)
{
	size_t    done = 0;
	enum sent sent = SENT;

	while (done < chan->queue_len && (sent = send_msg(chan->fd, chan->queue[done])) == SENT) {
		msg_done(chan->queue[done]);
		free(chan->queue[done++]);
	}
	if (done != 0)
		memmove(chan->queue, chan->queue + done, (chan->queue_len - done) * sizeof *chan->queue);
	chan->queue_len -= done;
	if (sent != SENT_BROKEN)
		return true;
	chan_break(chan);
	return false;
}

bool
chan_send(struct chan *chan, struct msg *msg)
{
	enum sent sent = SENT_LATER;

	if (chan->fd < 0)
		sent = SENT_BROKEN;
	else if (chan->queue_len == 0)
		sent = send_msg(chan->fd, msg);
	else if (chan->queue_len >= QUEUE_MAX)
		sent = SENT_BROKEN;

	if (sent == SENT_LATER) {
		struct msg *kept = mem_alloc(sizeof *kept);

		*kept = *msg;
		msg_init(msg, 0, 0);
		mem_grow(&chan->queue, &chan->queue_cap, chan->queue_len + 1, sizeof *chan->queue);
		chan->queue[chan->queue_len++] = kept;
		return true;
	}
	msg_done(msg);
	if (sent == SENT_BROKEN)
		chan_break(chan);
	return sent == SENT;
}

/* Move the descriptors of HDR to FDS (which holds MAX) and return how many; what is too much is closed. */
static size_t
take_fds(struct msghdr *hdr, int *fds, size_t max)
{
	size_t have = 0;

	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(hdr); cmsg != NULL; cmsg = CMSG_NXTHDR(hdr, cmsg)) {
		size_t count = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof fd, sizeof fd);
			if (have < max)
				fds[have++] = fd;
			else
				close(fd);
		}
	}
	return have;
}

/* The body in the memory FD, copied: it may be read in place by several getters, and small it is not often. */
static bool
get_spilled(struct buf *body, int fd)
{
	int64_t len = memfd_sealed_len(fd);
	void   *p;

	if (len <= BODY_MAX || len > SPILL_MAX)
		return false;
	p = mmap(NULL, (size_t)len, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return false;
	buf_put(body, p, (size_t)len);
	munmap(p, (size_t)len);
	return true;
}

/* Build MSG from a packet and its descriptors, all of which MSG owns afterwards. */
static bool
msg_decode(struct msg *msg, const uint8_t *packet, size_t len, const int *fds, size_t fd_count)
{
	struct cur cur;
	uint16_t   flags;
	bool       ok = len >= HEADER_LEN && fd_count <= FDS_WIRE;

	cur_init(&cur, packet, len);
	msg_init(msg, cur_u16(&cur), 0);
	flags = cur_u16(&cur);
	msg->id = cur_u32(&cur);
	if (flags == FLAG_SPILLED && fd_count != 0) {
		ok = ok && len == HEADER_LEN && get_spilled(&msg->body, fds[fd_count - 1]);
		close(fds[--fd_count]);
	} else if (ok) {
		ok = flags == 0;
		buf_put(&msg->body, packet + HEADER_LEN, len - HEADER_LEN);
	}
	for (size_t i = 0; i < fd_count; i++)
		if (i < MSG_FDS_MAX)
			msg->fds[msg->fd_count++] = fds[i];
		else
			close(fds[i]);
	cur_init(&msg->in, msg->body.data, msg->body.len);
	return ok && fd_count <= MSG_FDS_MAX;
}

enum chan_state
chan_recv(struct chan *chan, struct msg *msg)
{
	static _Thread_local uint8_t  packet[MSG_SIZE_MAX];
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(FDS_SPACE * sizeof(int))];
	struct iovec                  iov = { packet, sizeof packet };
	struct msghdr                 hdr = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
		.msg_controllen = sizeof control };
	int                           fds[FDS_SPACE];
	size_t                        fd_count;
	ssize_t                       n;

	if (chan->fd < 0)
		return CHAN_CLOSED;
	do
		n = recvmsg(chan->fd, &hdr, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? CHAN_EMPTY : CHAN_CLOSED;
	if (n == 0)
		return CHAN_CLOSED;

	fd_count = take_fds(&hdr, fds, FDS_SPACE);
	if (!msg_decode(msg, packet, (size_t)n, fds, fd_count) || (hdr.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
		msg_done(msg);
		chan_break(chan);
		return CHAN_CLOSED;
	}
	return CHAN_MSG;
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Wait for EVENTS until DEADLINE (-1: for ever).  False when the time is over. */
static bool
chan_poll(const struct chan *chan, short events, int64_t deadline_ms)
{
	for (;;) {
		struct pollfd pfd = { .fd = chan->fd, .events = events };
		int64_t       left = deadline_ms < 0 ? -1 : deadline_ms - now_ms();
		int           n = poll(&pfd, 1, deadline_ms >= 0 && left < 0 ? 0 : (int)left);

		if (n > 0)
			return true;
		if (n == 0 || errno != EINTR)
			return false;
	}
}

bool
chan_send_wait(struct chan *chan, struct msg *msg, int timeout_ms)
{
	int64_t deadline = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;

	if (!chan_send(chan, msg))
		return false;
	while (chan_wants_write(chan)) {
		if (!chan_poll(chan, POLLOUT, deadline) || !chan_flush(chan))
			return false;
	}
	return true;
}

enum chan_state
chan_recv_wait(struct chan *chan, struct msg *msg, int timeout_ms)
{
	int64_t         deadline = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
	enum chan_state state;

	while ((state = chan_recv(chan, msg)) == CHAN_EMPTY)
		if (!chan_poll(chan, POLLIN, deadline))
			return CHAN_EMPTY;
	return state;
}
