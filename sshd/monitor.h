/* SPDX-License-Identifier: ISC */
/*
 * The monitor: one process per SSH connection, between the network child, which it does not trust, and the store.
 *
 * It asks the store who a key is, verifies the assertions of security keys itself, opens client channels for
 * the identity that logged in, and starts helpers.  Everything that the network child sends is legal only in a state of the table
 * in monitor.c; anything else ends the connection.
 */
#ifndef SSHD_MONITOR_H
#define SSHD_MONITOR_H

#include "base/addr.h"
#include "base/proc.h"
#include "sshd/net.h"

#define NET_SLOTS 10    /* channels at once over one connection */

/* Between network child and monitor: who sends it, payload. */
enum net_msg {
	NET_LOOKUP = 1, /* child: key type, base64 -> NET_KNOWN */
	NET_LOGIN,      /* child: the same key, was it overheard: bool, signed data blob, signature blob -> NET_ADMITTED */
	NET_FAILED,     /* child: what was wrong with an attempt to log in, for the log */
	NET_OPEN,       /* child: slot u8, terminal bool, TERM, cols u32, rows u32, command blob, count u8, count x (name, value)
	                 * -> NET_OPENED or NET_REFUSED, and after NET_OPENED one NET_EXIT */
	NET_SIGNAL,     /* child: slot u8, name without "SIG" */
	NET_CLOSE,      /* child: slot u8.  The client closed the channel */
	NET_KNOWN,      /* monitor: bool, why not ("": it is just not enrolled) */
	NET_ADMITTED,   /* monitor: bool, device bool, why not */
	NET_OPENED,     /* monitor: slot u8, fd for input, fd of output, has errors bool, fd of errors */
	NET_REFUSED,    /* monitor: slot u8, exit status u32, why */
	NET_EXIT,       /* monitor: slot u8, exit status u32, signal name or "" */
	NET_BYE,        /* monitor: end the connection and tell the client this */
	NET_MSGS
};

struct monitor_ask {
	const struct proc *proc;
	struct net_host   *host;        /* taken */
	uid_t              uid;         /* who helpers run as, when this is root */
	gid_t              gid;
	bool               tap_works;   /* else no security key can log in */
	int                conn;        /* taken: the client */
	int                store;       /* taken: a monitor channel */
	pid_t              parent;      /* who forked this process */
	struct addr        from;
};

/* Serve one connection; called in a process of its own, which it never leaves. */
_Noreturn void monitor_run(const struct monitor_ask *ask);

#endif
