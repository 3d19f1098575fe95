/* SPDX-License-Identifier: ISC */
/* What the files of the network child (net*.c) share; only they see libssh. */
#ifndef SSHD_NET_LOCAL_H
#define SSHD_NET_LOCAL_H

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/msg.h"
#include "sshd/helper.h"
#include "sshd/monitor.h"
#include "sshd/net.h"

#define NET_CHUNK 32768

enum net_stage { NET_KEX, NET_AUTH, NET_SERVING };

/* Bytes under way between a descriptor and a channel. */
struct net_stream {
	int     fd;                     /* -1: closed */
	size_t  at, len;
	uint8_t buf[NET_CHUNK];
};

enum net_channel_state {
	CHANNEL_FREE,
	CHANNEL_NEW,            /* may still ask for a terminal and variables */
	CHANNEL_ASKED,          /* waiting for the monitor to start the helper */
	CHANNEL_RUNNING,        /* has a helper */
	CHANNEL_GONE,           /* the client closed it; the helper has not ended yet */
	CHANNEL_CLOSING         /* we closed it; until the client does as well, libssh keeps it and all that still comes */
};

struct net_channel {
	struct net            *net;
	uint8_t                slot;
	enum net_channel_state state;
	ssh_channel            channel;
	struct ssh_channel_callbacks_struct callbacks;
	struct helper_ask      ask;
	bool                   ask_ready;       /* shell or exec was accepted: tell the monitor */
	bool                   closed;          /* the client closed it */
	struct net_stream      in, out, err;
	bool                   ended;
	uint32_t               status;          /* once ENDED: exit status, unless SIGNAL */
	char                   signal[16];      /* "TERM"; "" */
};

struct net {
	const struct conf *conf;
	ssh_session        session;
	ssh_event          event;
	int                conn;
	struct chan        monitor;
	enum net_stage     stage;
	bool               over;                /* end, with BYE told to the client unless it is empty */
	char               bye[256];
	int64_t            ending_ms;           /* not 0: end when all helpers have, or then */
	bool               echo_asked;          /* they have: the client was asked whether it got everything */
	struct ssh_server_callbacks_struct callbacks;
	struct ssh_counter_struct counter;      /* packets; libssh counts */
	/* logging in */
	bool               logged_in, device;
	bool               told_why;            /* the client was told why its keys were refused */
	unsigned           refused, asked;      /* keys refused; requests in all */
	char               refused_keys[800];   /* the first of them, a line each */
	/* clocks, in loop_now_ms() */
	int64_t            started_ms, input_ms, heard_ms, pinged_ms, unanswered_ms;
	uint64_t           heard_packets, sent_packets;
	uint64_t           drained_packets;     /* sent, when libssh last had nothing left to write */
	struct net_channel channels[NET_SLOTS];
};

/* net.c: end the session, telling the client why. */
void net_bye(struct net *net, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* net_host.c */
bool net_host_accept(struct net_host *host, ssh_session session, int conn);

/* net_auth.c: answer authentication requests from now on. */
void net_auth_init(struct net *net);

/* net_channel.c */
ssh_channel net_channel_open(struct net *net);                          /* a session channel; NULL when there are too many */
size_t net_channel_poll(struct net_channel *c, struct pollfd *out);     /* at most 3 descriptors to wait for */
void   net_channel_pump(struct net_channel *c);                         /* move what can be moved */
bool   net_channel_done(const struct net_channel *c);                   /* no helper, no output left */
void   net_channel_hang_up(struct net_channel *c);                      /* its helper should end */
void   net_channel_on_opened(struct net *net, struct msg *msg);         /* what the monitor says */
void   net_channel_on_refused(struct net *net, struct msg *msg);
void   net_channel_on_exit(struct net *net, struct msg *msg);

#endif
