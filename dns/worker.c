/* SPDX-License-Identifier: ISC */
#include "dns/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "dns/forward.h"
#include "dns/tcp.h"
#include "dns/udp.h"

static void
wake(struct worker *worker)
{
	uint64_t one = 1;

	if (write(worker->wake_fd, &one, sizeof one) < 0 && errno != EAGAIN)
		log_fatal("worker %u: cannot be woken: %s", worker->index, strerror(errno));
}

static void
on_wake(void *arg, uint32_t events)
{
	struct worker *worker = arg;
	uint64_t       count;
	int            fd;
	bool           stop;

	(void)events;
	if (read(worker->wake_fd, &count, sizeof count) < 0)
		return;
	pthread_mutex_lock(&worker->lock);
	fd = worker->new_channel;
	worker->new_channel = -1;
	stop = worker->stop;
	pthread_mutex_unlock(&worker->lock);
	if (fd >= 0)
		forward_channel(worker->forward, fd);
	if (stop)
		loop_stop(worker->loop);
}

static void
open_listeners(struct worker *worker)
{
	const struct proc *proc = worker->proc;

	for (size_t i = 0; i < proc->listener_count; i++) {
		const struct proc_listener *listener = &proc->listeners[i];

		if (listener->shard != worker->index)
			continue;
		if (listener->kind == LISTEN_DNS_TCP)
			tcp_listen(worker->tcp, listener->fd);
		if (listener->kind != LISTEN_DNS_UDP)
			continue;
		worker->udps = mem_realloc(worker->udps, (worker->udp_count + 1) * sizeof(struct udp *));
		worker->udps[worker->udp_count++] = udp_new(worker, listener->fd);
	}
}

static void *
run(void *arg)
{
	struct worker *worker = arg;

	worker->reader = zones_reader_new(worker->set);
	worker->loop = loop_new();
	worker->hmacs = hmac_cache_new();
	worker->forward = forward_new(worker);
	worker->tcp = tcp_new(worker, worker->tcp_max, worker->tcp_idle_ms);
	loop_add(worker->loop, worker->wake_fd, EPOLLIN, on_wake, worker);
	open_listeners(worker);
	loop_run(worker->loop);

	forward_free(worker->forward);
	tcp_free(worker->tcp);
	for (size_t i = 0; i < worker->udp_count; i++)
		udp_free(worker->udps[i]);
	free(worker->udps);
	hmac_cache_free(worker->hmacs);
	loop_free(worker->loop);
	zones_reader_free(worker->reader);
	return NULL;
}

struct worker *
worker_start(unsigned index, const struct proc *proc, const char *host, struct zones_set *set)
{
	struct worker *worker = mem_alloc(sizeof *worker);
	int            error;

	worker->index = index;
	worker->proc = proc;
	worker->host = host;
	/* Taken here, since a reload may change the configuration while threads run. */
	worker->tcp_max = (size_t)proc->conf.dns_tcp_max_num;
	worker->tcp_idle_ms = proc->conf.dns_tcp_idle_num;
	worker->set = set;
	worker->new_channel = -1;
	worker->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&worker->lock, NULL);
	error = worker->wake_fd < 0 ? errno : pthread_create(&worker->thread, NULL, run, worker);
	if (error != 0)
		log_fatal("worker %u: cannot be started: %s", index, strerror(error));
	return worker;
}

void
worker_channel(struct worker *worker, int fd)
{
	pthread_mutex_lock(&worker->lock);
	if (worker->new_channel >= 0)
		close(worker->new_channel);
	worker->new_channel = fd;
	pthread_mutex_unlock(&worker->lock);
	wake(worker);
}

void
worker_stop(struct worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	worker->stop = true;
	pthread_mutex_unlock(&worker->lock);
	wake(worker);
	pthread_join(worker->thread, NULL);
	if (worker->new_channel >= 0)
		close(worker->new_channel);
	close(worker->wake_fd);
	pthread_mutex_destroy(&worker->lock);
	free(worker);
}
