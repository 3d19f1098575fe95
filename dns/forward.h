/* SPDX-License-Identifier: ISC */
/*
 * Updates on their way to the store and back.  What is needed to answer is kept here while the store works; the client gets
 * SERVFAIL when the store is gone, when it takes too long, or when too many wait.
 */
#ifndef DNS_FORWARD_H
#define DNS_FORWARD_H

#include "dns/request.h"
#include "dns/tsig.h"
#include "zone/change.h"

#define FORWARD_MAX       1000          /* waiting, per thread */
#define FORWARD_TIMEOUT_MS 30000

struct forward;

struct forward *forward_new(struct worker *worker);
void forward_free(struct forward *forward);

/* A (new) channel to the store; takes FD. */
void forward_channel(struct forward *forward, int fd);

/* Is this message, by client address and id, waiting already? */
bool forward_has(const struct forward *forward, const struct packet *packet, const struct request *request);

/* Send CHANGE to the store in the name of TSIG's key; all arguments are copied from.  False: it cannot be taken now. */
bool forward_update(struct forward *forward, const struct change *change, const struct packet *packet, const struct tsig *tsig,
    const struct request *request);

#endif
