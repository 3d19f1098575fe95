/* SPDX-License-Identifier: ISC */
/* The sockets that the parent binds before anything else happens, for the roles to have. */
#ifndef BASE_LISTEN_H
#define BASE_LISTEN_H

#include "base/proc.h"

struct listen_set {
	struct proc_listener *items;
	size_t                count;
};

/*
 * Bind all addresses of CONF: one socket each for SSH and HTTP; for DNS, UDP and TCP per thread (SO_REUSEPORT), all of one
 * port even when that was 0.  Logs "dns: listening on ADDRESS:PORT".  ERR_PORT names the address; then all are closed again.
 */
bool listen_all(struct listen_set *set, const struct conf *conf, struct err *err);
void listen_done(struct listen_set *set);

/* Whom sockets of KIND are for. */
enum role listen_role(enum listen_kind kind);

#endif
