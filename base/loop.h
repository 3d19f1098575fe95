/* SPDX-License-Identifier: ISC */
/*
 * A single-threaded event loop over epoll: descriptors, timers, child processes and signals.  Callbacks may add and
 * remove anything, themselves included.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct loop;
struct loop_io;
struct loop_timer;

typedef void loop_io_fn(void *arg, uint32_t events);    /* EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR */
typedef void loop_timer_fn(void *arg);
typedef void loop_signal_fn(void *arg, int signo);
typedef void loop_child_fn(void *arg, pid_t pid, int wait_status);

struct loop *loop_new(void);
void loop_free(struct loop *loop);

/* Call FN for EVENTS (epoll's) on FD, which stays the caller's; loop_remove comes before its close.  NULL for a regular file. */
struct loop_io *loop_add(struct loop *loop, int fd, uint32_t events, loop_io_fn *fn, void *arg);
void loop_change(struct loop_io *io, uint32_t events);
void loop_remove(struct loop_io *io);                   /* does not close the descriptor; NULL is fine */

struct loop_timer *loop_after(struct loop *loop, int64_t ms, loop_timer_fn *fn, void *arg);     /* fires once, then is gone */
void loop_cancel(struct loop_timer *timer);             /* NULL is fine; never one that has fired */

/* Reap PID with FN when it ends. */
void loop_child(struct loop *loop, pid_t pid, loop_child_fn *fn, void *arg);
/* Take SIGNO by signalfd (it is blocked for the process) instead of its default action. */
void loop_signal(struct loop *loop, int signo, loop_signal_fn *fn, void *arg);

void loop_once(struct loop *loop, int timeout_ms);      /* wait and run callbacks once; -1: for ever */
void loop_run(struct loop *loop);                       /* until loop_stop */
void loop_stop(struct loop *loop);

int64_t loop_now_ms(void);                              /* CLOCK_MONOTONIC */

#endif
