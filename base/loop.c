/* SPDX-License-Identifier: ISC */
/*
 * epoll for descriptors, a heap for timers, a pidfd per child, one signalfd for all signals.
 *
 * What a callback removes may have events waiting in the same batch: it is only marked, and freed after the batch.
 */
#include "base/loop.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"

#define BATCH 64

struct loop_io {
	struct loop    *loop;
	struct loop_io *prev, *next;
	int             fd;
	bool            dead;
	loop_io_fn     *fn;
	void           *arg;
};

struct loop_timer {
	struct loop   *loop;
	size_t         at;              /* in the heap */
	int64_t        deadline_ms;
	uint64_t       seq;             /* timers of one deadline fire in the order they were made */
	loop_timer_fn *fn;
	void          *arg;
};

struct child {
	struct child   *next;
	struct loop    *loop;
	struct loop_io *io;
	pid_t           pid;
	int             pidfd;
	loop_child_fn  *fn;
	void           *arg;
};

struct loop {
	int                 epoll_fd;
	bool                stopped;
	struct loop_io     *ios, *dead;
	struct loop_timer **heap;
	size_t              timers, heap_cap;
	uint64_t            seq;
	struct child       *children;
	int                 signal_fd;  /* -1 until a signal is wanted */
	sigset_t            signals;
	struct { loop_signal_fn *fn; void *arg; } handlers[NSIG];
};

int64_t
loop_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct loop *
loop_new(void)
{
	struct loop *loop = mem_alloc(sizeof *loop);

	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0)
		log_fatal("loop: epoll cannot be had: %s", strerror(errno));
	loop->signal_fd = -1;
	sigemptyset(&loop->signals);
	return loop;
}

static void
bury_dead(struct loop *loop)
{
	while (loop->dead != NULL) {
		struct loop_io *io = loop->dead;

		loop->dead = io->next;
		free(io);
	}
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	while (loop->children != NULL) {
		struct child *child = loop->children;

		loop->children = child->next;
		loop_remove(child->io);
		close(child->pidfd);
		free(child);
	}
	while (loop->ios != NULL)
		loop_remove(loop->ios);
	bury_dead(loop);
	for (size_t i = 0; i < loop->timers; i++)
		free(loop->heap[i]);
	free(loop->heap);
	if (loop->signal_fd >= 0)
		close(loop->signal_fd);
	close(loop->epoll_fd);
	free(loop);
}

struct loop_io *
loop_add(struct loop *loop, int fd, uint32_t events, loop_io_fn *fn, void *arg)
{
	struct loop_io    *io = mem_alloc(sizeof *io);
	struct epoll_event ev = { .events = events, .data.ptr = io };

	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &ev) != 0) {
		if (errno != EPERM)
			log_fatal("loop: descriptor %d cannot be watched: %s", fd, strerror(errno));
		free(io);
		return NULL;
	}
	*io = (struct loop_io){ .loop = loop, .next = loop->ios, .fd = fd, .fn = fn, .arg = arg };
	if (io->next != NULL)
		io->next->prev = io;
	loop->ios = io;
	return io;
}

void
loop_change(struct loop_io *io, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = io };

	if (!io->dead && epoll_ctl(io->loop->epoll_fd, EPOLL_CTL_MOD, io->fd, &ev) != 0)
		log_fatal("loop: descriptor %d is not watched: %s", io->fd, strerror(errno));
}

void
loop_remove(struct loop_io *io)
{
	if (io == NULL || io->dead)
		return;
	epoll_ctl(io->loop->epoll_fd, EPOLL_CTL_DEL, io->fd, NULL);
	if (io->prev != NULL)
		io->prev->next = io->next;
	else
		io->loop->ios = io->next;
	if (io->next != NULL)
		io->next->prev = io->prev;
	io->dead = true;
	io->next = io->loop->dead;
	io->loop->dead = io;
}

static bool
is_sooner(const struct loop_timer *a, const struct loop_timer *b)
{
	return a->deadline_ms != b->deadline_ms ? a->deadline_ms < b->deadline_ms : a->seq < b->seq;
}

static void
heap_put(struct loop *loop, size_t at, struct loop_timer *timer)
{
	loop->heap[at] = timer;
	timer->at = at;
}

static void
heap_up(struct loop *loop, struct loop_timer *timer)
{
	size_t at = timer->at;

	while (at > 0 && is_sooner(timer, loop->heap[(at - 1) / 2])) {
		heap_put(loop, at, loop->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	heap_put(loop, at, timer);
}

static void
heap_down(struct loop *loop, struct loop_timer *timer)
{
	size_t at = timer->at;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < loop->timers && is_sooner(loop->heap[child + 1], loop->heap[child]))
			child++;
		if (child >= loop->timers || !is_sooner(loop->heap[child], timer))
			break;
		heap_put(loop, at, loop->heap[child]);
		at = child;
	}
	heap_put(loop, at, timer);
}

struct loop_timer *
loop_after(struct loop *loop, int64_t ms, loop_timer_fn *fn, void *arg)
{
	struct loop_timer *timer = mem_alloc(sizeof *timer);

	mem_grow(&loop->heap, &loop->heap_cap, loop->timers + 1, sizeof *loop->heap);
	*timer = (struct loop_timer){ .loop = loop, .at = loop->timers++, .deadline_ms = loop_now_ms() + ms,
		.seq = loop->seq++, .fn = fn, .arg = arg };
	heap_up(loop, timer);
	return timer;
}

void
loop_cancel(struct loop_timer *timer)
{
	struct loop       *loop;
	struct loop_timer *last;

	if (timer == NULL)
		return;
	loop = timer->loop;
	last = loop->heap[--loop->timers];
	if (last != timer) {
		heap_put(loop, timer->at, last);
		heap_up(loop, last);
		heap_down(loop, last);
	}
	free(timer);
}

static void
on_child(void *arg, uint32_t events)
{
	struct child  *child = arg;
	struct child **link = &child->loop->children;
	int            status = 0;
	pid_t          pid = waitpid(child->pid, &status, WNOHANG);

	(void)events;
	if (pid == 0 || (pid < 0 && errno == EINTR))
		return;
	while (*link != child)
		link = &(*link)->next;
	*link = child->next;
	loop_remove(child->io);
	close(child->pidfd);
	child->fn(child->arg, child->pid, status);
	free(child);
}

void
loop_child(struct loop *loop, pid_t pid, loop_child_fn *fn, void *arg)
{
	struct child *child = mem_alloc(sizeof *child);

	*child = (struct child){ .next = loop->children, .loop = loop, .pid = pid, .fn = fn, .arg = arg };
	child->pidfd = pidfd_open(pid, 0);
	if (child->pidfd < 0)
		log_fatal("loop: process %d cannot be watched: %s", (int)pid, strerror(errno));
	child->io = loop_add(loop, child->pidfd, EPOLLIN, on_child, child);
	loop->children = child;
}

static void
on_signal(void *arg, uint32_t events)
{
	struct loop             *loop = arg;
	struct signalfd_siginfo  info;

	(void)events;
	if (read(loop->signal_fd, &info, sizeof info) != (ssize_t)sizeof info)
		return;
	if (info.ssi_signo < NSIG && loop->handlers[info.ssi_signo].fn != NULL)
		loop->handlers[info.ssi_signo].fn(loop->handlers[info.ssi_signo].arg, (int)info.ssi_signo);
}

void
loop_signal(struct loop *loop, int signo, loop_signal_fn *fn, void *arg)
{
	bool first = loop->signal_fd < 0;

	assert(signo > 0 && signo < NSIG);
	loop->handlers[signo].fn = fn;
	loop->handlers[signo].arg = arg;
	sigaddset(&loop->signals, signo);
	pthread_sigmask(SIG_BLOCK, &loop->signals, NULL);
	loop->signal_fd = signalfd(loop->signal_fd, &loop->signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop->signal_fd < 0)
		log_fatal("loop: signals cannot be taken: %s", strerror(errno));
	if (first)
		loop_add(loop, loop->signal_fd, EPOLLIN, on_signal, loop);
}

/* How long to wait at most, so as not to miss a timer. */
static int
wait_ms(const struct loop *loop, int timeout_ms)
{
	int64_t left;

	if (loop->timers == 0)
		return timeout_ms;
	left = loop->heap[0]->deadline_ms - loop_now_ms();
	if (left < 0)
		left = 0;
	if (left > INT32_MAX)
		left = INT32_MAX;
	return timeout_ms >= 0 && timeout_ms < left ? timeout_ms : (int)left;
}

/* Each timer that is due, but none that a timer sets now: a callback may not keep the loop from its descriptors. */
static void
run_timers(struct loop *loop)
{
	int64_t  now = loop_now_ms();
	uint64_t until = loop->seq;

	while (loop->timers != 0 && loop->heap[0]->deadline_ms <= now && loop->heap[0]->seq < until) {
		loop_timer_fn *fn = loop->heap[0]->fn;
		void          *arg = loop->heap[0]->arg;

		loop_cancel(loop->heap[0]);
		fn(arg);
	}
}

void
loop_once(struct loop *loop, int timeout_ms)
{
	struct epoll_event events[BATCH];
	int                n = epoll_wait(loop->epoll_fd, events, BATCH, wait_ms(loop, timeout_ms));

	if (n < 0 && errno != EINTR)
		log_fatal("loop: epoll: %s", strerror(errno));
	for (int i = 0; i < n; i++) {
		struct loop_io *io = events[i].data.ptr;

		if (!io->dead)
			io->fn(io->arg, events[i].events);
	}
	run_timers(loop);
	bury_dead(loop);
}

void
loop_run(struct loop *loop)
{
	loop->stopped = false;
	while (!loop->stopped)
		loop_once(loop, -1);
}

void
loop_stop(struct loop *loop)
{
	loop->stopped = true;
}
