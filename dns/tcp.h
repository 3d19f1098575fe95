/* SPDX-License-Identifier: ISC */
/*
 * DNS over TCP (RFC 7766): a client may send many requests without waiting, gets each response when it is ready, and is
 * read from no further while it does not take what it asked for.
 */
#ifndef DNS_TCP_H
#define DNS_TCP_H

#include <stddef.h>
#include <stdint.h>

struct worker;
struct tcp;

/* All connections of a worker: at most MAX; one that is idle for IDLE_MS is closed. */
struct tcp *tcp_new(struct worker *worker, size_t max, int64_t idle_ms);
void tcp_free(struct tcp *tcp);

void tcp_listen(struct tcp *tcp, int fd);       /* FD listens and is non-blocking; it stays the caller's */

/* Send the response that a request of connection CONN waited for; nothing when the connection is gone. */
void tcp_reply(struct tcp *tcp, uint32_t conn, uint32_t generation, const uint8_t *data, size_t len);

#endif
