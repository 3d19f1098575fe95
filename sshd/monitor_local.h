/* SPDX-License-Identifier: ISC */
/* What the files of the monitor (monitor*.c) share. */
#ifndef SSHD_MONITOR_LOCAL_H
#define SSHD_MONITOR_LOCAL_H

#include "base/loop.h"
#include "base/msg.h"
#include "sshd/auth.h"
#include "sshd/helper.h"
#include "sshd/monitor.h"
#include "store/client.h"

/* Bits, so that the table of legal messages can name several. */
enum monitor_state {
	MONITOR_IDLE   = 1,     /* nobody has logged in */
	MONITOR_ASKING = 2,     /* the store was asked about a key, and the child waits for the answer */
	MONITOR_USER   = 4,     /* somebody has logged in */
	MONITOR_ENDING = 8      /* the client is gone: waiting for helpers to end */
};

enum slot_state { SLOT_FREE, SLOT_OPENING, SLOT_RUNNING };

struct monitor_slot {
	struct monitor   *monitor;
	enum slot_state   state;
	bool              closed;       /* the client closed the channel meanwhile */
	uint32_t          request;      /* OPENING: id of the request to the store */
	struct helper_ask ask;          /* OPENING */
	pid_t             pid;          /* RUNNING */
};

struct monitor {
	const struct monitor_ask *ask;
	struct loop              *loop;
	char                      from[ADDR_TEXT_MAX];
	enum monitor_state        state;
	struct chan               store, net;
	struct loop_io           *store_io, *net_io;
	pid_t                     net_pid;      /* 0: it ended */
	uint32_t                  request;      /* the last id used with the store */
	uint32_t                  lookup;       /* id of the question about KEY */
	struct auth_key           key;          /* asked about, or enrolled, or logged in */
	bool                      known;        /* KEY is enrolled, as WHO */
	struct identity           who;
	unsigned                  refused;      /* keys */
	char                      refused_keys[256];
	struct monitor_slot       slots[NET_SLOTS];
};

/* monitor.c */
void monitor_serve(struct monitor *m, int net, int store);      /* until the end; takes the descriptors.  Set before: ask, from, net_pid */
void monitor_send_net(struct monitor *m, struct msg *msg);      /* takes MSG's content */
bool monitor_send_store(struct monitor *m, struct msg *msg);    /* false: the store is gone */
void monitor_end(struct monitor *m);                            /* end everything and, once it has ended, the process */

/* monitor_slot.c: the handlers of NET_OPEN, NET_SIGNAL and NET_CLOSE; false when what they say is no message of that type. */
bool monitor_on_open(struct monitor *m, struct msg *msg);
bool monitor_on_signal(struct monitor *m, struct msg *msg);
bool monitor_on_close(struct monitor *m, struct msg *msg);
void monitor_on_client(struct monitor *m, struct msg *reply);   /* the store's answer to a MSG_CLIENT_OPEN */
void monitor_store_lost(struct monitor *m);                     /* nothing that was asked will be answered */
bool monitor_kill_helpers(struct monitor *m, int signo);        /* false when there are none */

#endif
