/* SPDX-License-Identifier: ISC */
/*
 * The network child: the only process that reads what an SSH client sends.  It is confined for its whole life and can do
 * nothing but speak to its client and ask its monitor (monitor.h).
 */
#ifndef SSHD_NET_H
#define SSHD_NET_H

#include "base/conf.h"
#include "base/err.h"

/* The host keys and algorithms, read once; forked children inherit them. */
struct net_host;

/* Read the host keys of DIR.  ERR_CONF: there is none, or it does not parse. */
struct net_host *net_host_load(const struct conf *conf, struct err *err);
void             net_host_free(struct net_host *host);  /* wipes; NULL is fine */

/* Serve the client at CONN with the help of the monitor at MONITOR until one of them goes.  The process is confined already. */
_Noreturn void net_run(const struct conf *conf, struct net_host *host, int conn, int monitor);

#endif
