/* SPDX-License-Identifier: ISC */
/*
 * One thread that answers: its sockets, its event loop, its channel to the store.  Workers share nothing but the zones.
 * The main thread makes and ends them, and hands over channels; all else happens in the thread.
 */
#ifndef DNS_WORKER_H
#define DNS_WORKER_H

#include <pthread.h>

#include "base/loop.h"
#include "base/metric.h"
#include "base/proc.h"
#include "dns/keyring.h"
#include "dns/zones.h"

struct forward;
struct tcp;
struct udp;

struct worker {
	unsigned             index;
	const char          *host;      /* conf name, at most 255 bytes */
	const struct proc   *proc;      /* for its listeners, which stay as they are */
	size_t               tcp_max;
	int64_t              tcp_idle_ms;
	struct zones_set    *set;
	/* the thread's own */
	struct loop         *loop;
	struct zones_reader *reader;
	struct hmac_cache   *hmacs;
	struct forward      *forward;
	struct tcp          *tcp;
	struct udp         **udps;
	size_t               udp_count;
	int64_t              warned_ms; /* when a refused signature was last logged */
	/* between the threads */
	pthread_t            thread;
	int                  wake_fd;   /* eventfd */
	pthread_mutex_t      lock;      /* of what follows */
	int                  new_channel;       /* -1: none */
	bool                 stop;
};

/* Make and run worker INDEX with its share of PROC's listeners; fatal when the thread cannot be had. */
struct worker *worker_start(unsigned index, const struct proc *proc, const char *host, struct zones_set *set);

/* Hand it a (new) channel to the store; takes FD. */
void worker_channel(struct worker *worker, int fd);

/* End the thread and free everything.  Connections are closed as they are. */
void worker_stop(struct worker *worker);

static inline void
worker_count(const struct worker *worker, enum metric metric, int64_t n)
{
	metric_add_shard(worker->index % METRIC_SHARDS, metric, n);
}

#endif
