/* SPDX-License-Identifier: ISC */
/*
 * The role from inside: peers and their channels, requests on their way, and what is still to be told to dns.
 *
 * serve.c runs the loop and has the table of legal messages; serve_peer.c the channels; serve_dns.c publishing and waiting for
 * dns; serve_client.c, serve_log.c and serve_login.c answer.
 */
#ifndef STORE_SERVE_PRIVATE_H
#define STORE_SERVE_PRIVATE_H

#include "base/loop.h"
#include "base/msg.h"
#include "base/proc.h"
#include "store/submit.h"
#include "store/sync.h"

enum peer_kind { PEER_DNS, PEER_DNS_THREAD, PEER_HTTP, PEER_SSHD, PEER_MONITOR, PEER_CLIENT, PEER_KINDS };

struct serve;

/* Who holds the other end of a channel. */
struct peer {
	struct serve   *serve;
	enum peer_kind  kind;
	struct chan     chan;
	struct loop_io *io;
	struct identity who;                    /* of a client; for a monitor only FROM is set */
	bool            watching;               /* wants MSG_EVENT */
	bool            dead;                   /* freed at the end of the round */
	unsigned        outstanding;            /* submits without a reply yet */
	struct peer    *next;
};

/* A submit or update from its arrival to its reply. */
struct request {
	struct job      job;
	struct msg      msg;                    /* holds what the job borrows */
	struct peer    *peer;                   /* NULL: gone */
	uint32_t        id;
	uint64_t        version;                /* what must be live before the reply */
	int64_t         deadline_ms;
	struct request *next;
};

struct request_list { struct request *first, **last; size_t count; };

struct serve {
	struct proc         proc;
	struct store       *store;
	struct sync        *sync;
	struct peer        *peers;
	size_t              client_count;       /* monitors and clients */
	int                 socket_fd;
	struct loop_io     *socket_io;
	int                 watch_fd;
	struct loop_timer  *adopt_timer, *tick_timer, *save_timer;
	struct request_list queue, waiting;
	bool                loaded, stopping, info_stale;
	/* publishing to dns, oldest first */
	struct peer        *dns;
	struct store_file  *unsent_first, *unsent_last;
	uint64_t            version, live;      /* the last given out, the last that dns serves */
	bool                keys_unsent, main_unsent, loaded_unsent, dns_loaded;
};

/* ---- serve_peer.c ---- */
struct peer *peer_new(struct serve *serve, enum peer_kind kind, int fd);        /* takes FD */
void peer_drop(struct peer *peer);                      /* the channel is done with; freed by peers_reap */
void peers_reap(struct serve *serve);
void peer_send(struct peer *peer, struct msg *msg);     /* who does not take it is dropped */
void peer_update(struct peer *peer);                    /* watch for what is wanted now */
void reply_init(struct msg *reply, const struct msg *request);
void reply_ok(struct peer *peer, const struct msg *request);
void reply_err(struct peer *peer, uint32_t id, const struct err *err, const struct report *report);
/* A new channel of KIND for whoever sent REQUEST, which gets its other end as a descriptor; NULL after an error reply. */
struct peer *reply_channel(struct peer *peer, const struct msg *request, enum peer_kind kind);

/* Hand a message to its handler by the table. serve.c */
void serve_message(struct peer *peer, struct msg *msg);

/* Handlers: false when the message is broken. */
typedef bool serve_fn(struct peer *peer, struct msg *msg);

/* ---- serve_dns.c ---- */
serve_fn on_live, on_update;
void publish_connect(struct serve *serve, struct peer *dns);    /* a new dns: everything again */
void publish_zone(void *serve, struct store_file *file);        /* these are the store's sink */
void publish_keys(void *serve);
void publish_main(void *serve);
void publish_pump(struct serve *serve);                 /* send what dns takes now */
bool publish_all_live(const struct serve *serve);

/* ---- serve_submit.c ---- */
serve_fn on_submit;
void request_add(struct peer *peer, struct msg *msg, struct job *job);  /* takes the content of MSG; *JOB is copied */
void requests_run(struct serve *serve);                 /* the queue as a batch */
void requests_live(struct serve *serve);                /* answer what is live or has waited too long */
void requests_forget(struct serve *serve, const struct peer *peer);
size_t requests_flush(struct serve *serve);             /* at the end: answer all as they are; how many */

/* ---- serve_client.c, serve_log.c, serve_login.c ---- */
serve_fn on_whoami, on_zone_list, on_zone_get, on_status, on_watch, on_fetch;
serve_fn on_log, on_commit_get;
serve_fn on_monitor_open, on_key_lookup, on_client_open;
void client_event(void *serve, const struct client_event *event);
bool socket_open(struct serve *serve, struct err *err); /* state/socket, for commands on this host */
void socket_close(struct serve *serve);

/* ---- serve_watch.c ---- */
void watch_open(struct serve *serve);                   /* notice that somebody pushed to the repository */
void watch_close(struct serve *serve);

#endif
