/* SPDX-License-Identifier: ISC */
#include "dns/udp.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/arena.h"
#include "base/loop.h"
#include "dns/request.h"
#include "dns/worker.h"

#define BATCH   64
#define ROUNDS  8       /* batches before others get their turn */
#define IN_MAX  4096    /* longer ones come over TCP; cut here they get FORMERR */

struct udp {
	struct worker  *worker;
	int             fd;
	struct loop_io *io;
	struct mmsghdr  in[BATCH], out[BATCH];
	struct iovec    in_iov[BATCH], out_iov[BATCH];
	struct addr     from[BATCH];
	_Alignas(struct cmsghdr) uint8_t control[BATCH][UDP_CONTROL_MAX];
	uint8_t         in_data[BATCH][IN_MAX];
	uint8_t         out_data[BATCH][PACKET_UDP_MAX];
};

/* The kernel says at which address and interface a packet came in.  Said back to it, it is the source of the answer; the interface is
 * left to routing, but for link-local addresses. */
static void
free_interface(struct msghdr *hdr)
{
	struct in_pktinfo  v4;
	struct in6_pktinfo v6;

	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(hdr); cmsg != NULL; cmsg = CMSG_NXTHDR(hdr, cmsg)) {
		if (cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_PKTINFO) {
			memcpy(&v4, CMSG_DATA(cmsg), sizeof v4);
			v4.ipi_ifindex = 0;
			memcpy(CMSG_DATA(cmsg), &v4, sizeof v4);
		} else if (cmsg->cmsg_level == IPPROTO_IPV6 && cmsg->cmsg_type == IPV6_PKTINFO) {
			memcpy(&v6, CMSG_DATA(cmsg), sizeof v6);
			if (!IN6_IS_ADDR_LINKLOCAL(&v6.ipi6_addr))
				v6.ipi6_ifindex = 0;
			memcpy(CMSG_DATA(cmsg), &v6, sizeof v6);
		}
	}
}

static bool
has_port(const struct sockaddr_storage *from)
{
	if (from->ss_family == AF_INET6)
		return ((const struct sockaddr_in6 *)from)->sin6_port != 0;
	return from->ss_family == AF_INET && ((const struct sockaddr_in *)from)->sin_port != 0;
}

static void
prepare_in(struct udp *udp)
{
	for (unsigned i = 0; i < BATCH; i++) {
		struct msghdr *hdr = &udp->in[i].msg_hdr;

		hdr->msg_namelen = sizeof udp->from[i].sa;
		hdr->msg_controllen = sizeof udp->control[i];
		hdr->msg_flags = 0;
	}
}

/* Answer packet I of the batch as answer number N of it; false: there is none. */
static bool
handle(struct udp *udp, const struct zones *zones, unsigned i, unsigned n)
{
	struct msghdr *in = &udp->in[i].msg_hdr, *out = &udp->out[n].msg_hdr;
	struct request request = { .data = udp->in_data[i], .len = udp->in[i].msg_len, .from = &udp->from[i], .udp = udp, .packet = in,
		.out = udp->out_data[n], .cap = sizeof udp->out_data[n] };
	size_t         len = 0;

	udp->from[i].len = in->msg_namelen;
	if (!has_port(&udp->from[i].sa))
		return false;
	free_interface(in);
	if (request_handle(udp->worker, zones, &request, &len, NULL) != REQUEST_ANSWERED)
		return false;
	out->msg_name = &udp->from[i].sa;
	out->msg_namelen = in->msg_namelen;
	out->msg_control = in->msg_controllen != 0 ? udp->control[i] : NULL;
	out->msg_controllen = in->msg_controllen;
	udp->out_iov[n].iov_len = len;
	return true;
}

/* What the socket has no room for is lost; what it refuses for itself (no route, a firewall) does not hold up the others. */
static void
send_batch(struct udp *udp, unsigned count)
{
	for (unsigned done = 0; done < count;) {
		int n = sendmmsg(udp->fd, udp->out + done, count - done, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0)
			done += (unsigned)n;
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR)
			done++;
	}
}

static void
on_readable(void *arg, uint32_t events)
{
	struct udp *udp = arg;

	(void)events;
	for (unsigned round = 0; round < ROUNDS; round++) {
		const struct zones *zones;
		unsigned            answers = 0;
		int                 n;

		prepare_in(udp);
		n = recvmmsg(udp->fd, udp->in, BATCH, MSG_DONTWAIT, NULL);
		if (n <= 0)
			return;
		zones = zones_enter(udp->worker->reader);
		for (int i = 0; i < n; i++)
			answers += handle(udp, zones, (unsigned)i, answers);
		zones_leave(udp->worker->reader);
		send_batch(udp, answers);
		if (n < BATCH)
			return;
	}
}

struct udp *
udp_new(struct worker *worker, int fd)
{
	struct udp *udp = mem_alloc(sizeof *udp);

	udp->worker = worker;
	udp->fd = fd;
	for (unsigned i = 0; i < BATCH; i++) {
		udp->in_iov[i] = (struct iovec){ udp->in_data[i], IN_MAX };
		udp->in[i].msg_hdr = (struct msghdr){ .msg_iov = &udp->in_iov[i], .msg_iovlen = 1, .msg_name = &udp->from[i].sa,
			.msg_control = udp->control[i] };
		udp->out_iov[i].iov_base = udp->out_data[i];
		udp->out[i].msg_hdr = (struct msghdr){ .msg_iov = &udp->out_iov[i], .msg_iovlen = 1 };
	}
	udp->io = loop_add(worker->loop, fd, EPOLLIN, on_readable, udp);
	return udp;
}

void
udp_free(struct udp *udp)
{
	loop_remove(udp->io);
	free(udp);
}

void
udp_peer_set(struct udp_peer *peer, const struct msghdr *received)
{
	peer->addr.len = received->msg_namelen;
	memcpy(&peer->addr.sa, received->msg_name, received->msg_namelen);
	peer->control_len = received->msg_controllen;
	memcpy(peer->control, received->msg_control, received->msg_controllen);
}

bool
udp_peer_is(const struct udp_peer *peer, const struct addr *addr)
{
	return peer->addr.len == addr->len && memcmp(&peer->addr.sa, &addr->sa, addr->len) == 0;
}

void
udp_reply(struct udp *udp, const struct udp_peer *peer, const uint8_t *data, size_t len)
{
	struct udp_peer copy = *peer;
	struct iovec    iov = { (void *)(uintptr_t)data, len };
	struct msghdr   hdr = { .msg_name = &copy.addr.sa, .msg_namelen = copy.addr.len, .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = copy.control_len != 0 ? copy.control : NULL, .msg_controllen = copy.control_len };

	while (sendmsg(udp->fd, &hdr, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
}
