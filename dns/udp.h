/* SPDX-License-Identifier: ISC */
/* DNS over UDP: batches in, batches out, each answer from the address that was asked. */
#ifndef DNS_UDP_H
#define DNS_UDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/addr.h"

struct worker;
struct udp;

#define UDP_CONTROL_MAX 64

/* Who asked, and at which address of ours. */
struct udp_peer {
	struct addr addr;
	_Alignas(struct cmsghdr) uint8_t control[UDP_CONTROL_MAX];
	size_t      control_len;
};

void udp_peer_set(struct udp_peer *peer, const struct msghdr *received);
bool udp_peer_is(const struct udp_peer *peer, const struct addr *addr);

struct udp *udp_new(struct worker *worker, int fd);     /* FD is bound and non-blocking; it stays the caller's */
void udp_free(struct udp *udp);

/* Send a response later than its batch.  One that the socket does not take is lost, as any packet may be. */
void udp_reply(struct udp *udp, const struct udp_peer *peer, const uint8_t *data, size_t len);

#endif
