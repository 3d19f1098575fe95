/* SPDX-License-Identifier: ISC */
/*
 * Roles: processes that the parent forks, that re-execute this binary, receive their configuration and descriptors
 * over a control channel, confine themselves, and then serve.  The parent restarts one that died and gives its
 * peers a new channel.
 *
 * A role's main: proc_start() -> set up -> proc_confine() -> proc_ready() -> loop.
 */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/conf.h"
#include "base/loop.h"
#include "base/msg.h"

enum role { ROLE_PARENT, ROLE_STORE, ROLE_DNS, ROLE_HTTP, ROLE_SSHD, ROLE_COUNT };

enum listen_kind { LISTEN_DNS_UDP, LISTEN_DNS_TCP, LISTEN_HTTP, LISTEN_SSH, LISTEN_KINDS };

struct proc_listener {
	enum listen_kind kind;
	unsigned         shard; /* which thread it is for (SO_REUSEPORT), from 0 */
	int              fd;    /* bound; TCP sockets listen */
};

/* A running role's view of the world. */
struct proc {
	enum role             role;
	struct conf           conf;
	int64_t               started_s;        /* when the parent did */
	struct loop          *loop;
	struct chan           parent;
	struct proc_listener *listeners;
	size_t                listener_count;
	/* What the parent tells a running role; set by the role before proc_start, may be NULL. */
	void (*on_peer)(void *arg, enum role peer, unsigned index, int fd);     /* a (new) channel to PEER; takes FD */
	void (*on_reload)(void *arg);                                           /* conf was replaced (SIGHUP) */
	void (*on_stop)(void *arg);                                             /* end within a second: loop_stop is the default */
	void                 *arg;
};

/* Read what the parent sends until "start" (peers are reported by on_peer meanwhile) and watch the control channel with
 * proc->loop, which this makes.  The process ends when the parent is gone. */
void proc_start(struct proc *proc);
void proc_ready(struct proc *proc);     /* tell the parent: serving */

/* Number of channels between the store and PEER (dns has one for control, index 0, and one per thread, from 1). */
unsigned proc_peers(const struct conf *conf, enum role peer);
unsigned proc_dns_threads(const struct conf *conf);

/* Who the store and the helpers run as when started as root: option user, else the owner of the data directory. */
bool proc_owner(const struct conf *conf, uid_t *uid, gid_t *gid, struct err *err);

enum confine {
	CONFINE_DNS,            /* sockets and memory; no files, no exec */
	CONFINE_HTTP,           /* the same */
	CONFINE_NET,            /* libssh child: one socket, one channel; for its whole life */
	CONFINE_MONITOR,        /* user and powers dropped, no new privileges, not to be traced; files and programs as before */
	CONFINE_STORE,          /* user dropped, no new privileges; files below the data directory and the repository, git */
	CONFINE_HELPER          /* user dropped, no new privileges; terminal and channel only */
};

/* Give up user (when root), privileges, files and system calls as the profile says.  No way back.  Fatal when it cannot be done. A kernel without
 * Landlock is logged once as a warning, by the parent.  Call it before the first thread is made: files and capabilities are a thread's
 * own, and threads inherit.  STORE also sets HOME to that of the user it becomes.  PROC may be NULL but for STORE; UID -1
 * keeps the user (it was dropped before). */
void proc_confine(const struct proc *proc, enum confine which, uid_t uid, gid_t gid);

/* Reset signal dispositions and mask, close all descriptors from FROM on, for a child before exec. */
void proc_clean_child(int from);

/* Clear the environment but for the variables in KEEP (NULL-terminated). */
void proc_clean_env(const char *const keep[]);

/* Replace this process by this same program with ARGV (argv[0] is what ps shows); never returns. The environment is as it is. */
_Noreturn void proc_reexec(char *const argv[]);

/* Run ARGV with a deadline: stdin is /dev/null, stdout+stderr appended to OUT (at most 64 KiB kept), in its own process group,
 * killed TIMEOUT_MS from now, and when this process dies.  DONE gets the wait status, or -1 when it was killed.  ENV: extra variables, NULL-terminated; may be NULL. */
typedef void proc_done_fn(void *arg, int wait_status, const char *output, size_t len);
bool proc_run(struct loop *loop, char *const argv[], char *const env[], int64_t timeout_ms, proc_done_fn *done, void *arg,
    struct err *err);

/* The parent: bind, start, restart, until SIGTERM or SIGINT.  The exit status. */
int parent_run(const char *dir);

#endif
