/* SPDX-License-Identifier: ISC */
/*
 * One table of system calls: who may use each, with which argument, and what happens instead of death to those
 * that libraries try in passing (locale, name service and /proc files, which are forbidden but no attack).
 *
 * What is allowed here was measured (sanitizers, libssh, libmicrohttpd, glibc 2.36); what kills shows in the kernel log
 * as "audit: type=1326 ... syscall=N".
 */
#include "base/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sanitized.h"

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#endif

#define ANY   (-1)
#define SELF  UINT64_MAX        /* stands for the id of this process */
#define DNS   FILTER_DNS
#define HTTP  FILTER_HTTP
#define NET   FILTER_NET
#define ALL   FILTER_ALL
#define ROLES (FILTER_DNS | FILTER_HTTP)

/* ALLOWED, for argument ARG (ANY: whatever it is) whose bits MASK are VALUE; or refused with an errno. */
static const struct row {
	int      syscall;
	unsigned whom;
	int      refuse;        /* errno; 0: allow */
	int      arg;
	uint64_t mask, value;
} rows[] = {
#define ALLOW(name, whom)                        { SCMP_SYS(name), whom, 0, ANY, 0, 0 }
#define ALLOW_IF(name, whom, arg, mask, value)   { SCMP_SYS(name), whom, 0, arg, mask, value }
#define REFUSE(name, error)                      { SCMP_SYS(name), ALL, error, ANY, 0, 0 }
#define REFUSE_IF(name, error, arg, mask, value) { SCMP_SYS(name), ALL, error, arg, mask, value }
	/* descriptors we have */
	ALLOW(read, ALL), ALLOW(readv, ALL), ALLOW(write, ALL), ALLOW(writev, ALL), ALLOW(pread64, ALL), ALLOW(pwrite64, ALL),
	ALLOW(close, ALL), ALLOW(lseek, ALL), ALLOW(fstat, ALL), ALLOW(dup, ALL),
	/* F_SETOWN and F_SETSIG would send others any signal */
	ALLOW_IF(fcntl, ALL, 1, UINT32_MAX, F_GETFD), ALLOW_IF(fcntl, ALL, 1, UINT32_MAX, F_SETFD),
	ALLOW_IF(fcntl, ALL, 1, UINT32_MAX, F_GETFL), ALLOW_IF(fcntl, ALL, 1, UINT32_MAX, F_SETFL),
	ALLOW_IF(fcntl, ALL, 1, UINT32_MAX, F_DUPFD), ALLOW_IF(fcntl, ALL, 1, UINT32_MAX, F_DUPFD_CLOEXEC),
	ALLOW_IF(fcntl, ALL, 1, UINT32_MAX, F_ADD_SEALS), ALLOW_IF(fcntl, ALL, 1, UINT32_MAX, F_GET_SEALS),
	ALLOW_IF(newfstatat, ALL, 3, AT_EMPTY_PATH, AT_EMPTY_PATH),     /* this is fstat() */
	ALLOW(sendto, ALL), ALLOW(recvfrom, ALL), ALLOW(sendmsg, ALL), ALLOW(recvmsg, ALL), ALLOW(shutdown, ALL),
	ALLOW(sendmmsg, DNS), ALLOW(recvmmsg, DNS), ALLOW(accept4, ROLES), ALLOW(accept, ROLES), ALLOW(sendfile, HTTP),
	ALLOW(getsockname, ALL), ALLOW(getpeername, ALL), ALLOW(getsockopt, ALL), ALLOW(setsockopt, ROLES),
	ALLOW_IF(setsockopt, NET, 2, UINT32_MAX, TCP_QUICKACK),
	ALLOW_IF(ioctl, ALL, 1, UINT32_MAX, FIONBIO), ALLOW_IF(ioctl, ALL, 1, UINT32_MAX, FIONREAD),
	ALLOW_IF(ioctl, NET, 1, UINT32_MAX, TIOCSWINSZ),
	/* waiting */
	ALLOW(poll, ALL), ALLOW(ppoll, ALL), ALLOW(select, ALL), ALLOW(pselect6, ALL), ALLOW(epoll_wait, ALL),
	ALLOW(epoll_pwait, ALL), ALLOW(epoll_ctl, ALL), ALLOW(epoll_create1, ALL), ALLOW(eventfd2, ROLES), ALLOW(pipe2, ROLES),
	ALLOW(timerfd_create, ROLES), ALLOW(timerfd_settime, ROLES), ALLOW(timerfd_gettime, ROLES),
	/* memory, never executable */
	ALLOW(brk, ALL), ALLOW(munmap, ALL), ALLOW(mremap, ALL), ALLOW(madvise, ALL), ALLOW(mlock, ALL), ALLOW(munlock, ALL),
	ALLOW_IF(mmap, ALL, 2, PROT_EXEC, 0), ALLOW_IF(mprotect, ALL, 2, PROT_EXEC, 0),
	ALLOW(memfd_create, ALL), ALLOW(ftruncate, ALL), ALLOW(membarrier, ALL),
	/* threads, but no processes; glibc falls back to clone, whose flags can be seen */
	ALLOW(futex, ALL), ALLOW(set_robust_list, ALL), ALLOW(rseq, ALL), ALLOW(sched_yield, ALL), ALLOW(sched_getaffinity, ALL),
	ALLOW(sched_setaffinity, ROLES), ALLOW_IF(clone, ROLES, 0, CLONE_THREAD, CLONE_THREAD), REFUSE(clone3, ENOSYS),
	ALLOW_IF(prctl, ALL, 0, UINT32_MAX, PR_SET_NAME), ALLOW_IF(prctl, ALL, 0, UINT32_MAX, PR_SET_VMA),
	/* time, chance, oneself */
	ALLOW(clock_gettime, ALL), ALLOW(clock_getres, ALL), ALLOW(clock_nanosleep, ALL), ALLOW(nanosleep, ALL),
	ALLOW(gettimeofday, ALL), ALLOW(time, ALL), ALLOW(getrandom, ALL), ALLOW(getpid, ALL), ALLOW(getppid, ALL),
	ALLOW(gettid, ALL), ALLOW(getuid, ALL), ALLOW(geteuid, ALL), ALLOW(getgid, ALL), ALLOW(getegid, ALL), ALLOW(uname, ALL),
	ALLOW(sysinfo, ALL), ALLOW(getcpu, ALL), ALLOW(getrusage, ALL), ALLOW_IF(prlimit64, ALL, 2, UINT64_MAX, 0),
	/* signals to oneself, so that abort() works, and the end */
	ALLOW(rt_sigaction, ALL), ALLOW(rt_sigprocmask, ALL), ALLOW(rt_sigreturn, ALL), ALLOW(sigaltstack, ALL),
	ALLOW(restart_syscall, ALL), ALLOW_IF(tgkill, ALL, 0, UINT32_MAX, SELF),
	ALLOW(exit, ALL), ALLOW(exit_group, ALL),
	/* what libraries try, and can do without */
	REFUSE(open, EACCES), REFUSE(openat, EACCES), REFUSE(openat2, EACCES), REFUSE(stat, EACCES), REFUSE(lstat, EACCES),
	REFUSE(statx, EACCES), REFUSE_IF(newfstatat, EACCES, 3, AT_EMPTY_PATH, 0), REFUSE(access, EACCES),
	REFUSE(faccessat, EACCES), REFUSE(faccessat2, EACCES), REFUSE(readlink, EACCES), REFUSE(readlinkat, EACCES),
	REFUSE(getcwd, EACCES), REFUSE(socket, EACCES), REFUSE(connect, EACCES), REFUSE(bind, EACCES), REFUSE(unlink, EACCES),
	REFUSE_IF(ioctl, ENOTTY, 1, UINT32_MAX, TCGETS),
};

/* What the sanitizers' runtimes try besides, when they report: a symbolizer, a tracer of threads.  They do without. */
static const struct row sanitizer_rows[] = {
	ALLOW(pipe2, ALL), ALLOW(sched_setaffinity, ALL), ALLOW(prlimit64, ALL), ALLOW(pipe, ALL), ALLOW(set_tid_address, ALL),
	ALLOW(mincore, ALL), ALLOW(getpgrp, ALL), ALLOW(prctl, ALL), ALLOW(dup2, ALL), ALLOW(sched_getparam, ALL),
	ALLOW_IF(clone, NET, 0, CLONE_THREAD, CLONE_THREAD), REFUSE_IF(clone, EPERM, 0, CLONE_THREAD, 0),
	REFUSE(fork, EPERM), REFUSE(vfork, EPERM), REFUSE(execve, EACCES), REFUSE(wait4, ECHILD), REFUSE(ptrace, EPERM),
	REFUSE(socketpair, EACCES), REFUSE(kill, EPERM), REFUSE(personality, EPERM), REFUSE(getdents64, EACCES),
};

static int
row_add(scmp_filter_ctx ctx, const struct row *row)
{
	uint32_t            action = row->refuse != 0 ? SCMP_ACT_ERRNO((uint32_t)row->refuse) : SCMP_ACT_ALLOW;
	uint64_t            value = row->value == SELF ? (uint64_t)getpid() : row->value;
	struct scmp_arg_cmp cmp = { .op = SCMP_CMP_MASKED_EQ, .datum_a = row->mask, .datum_b = value };

	if (row->arg == ANY)
		return seccomp_rule_add(ctx, action, row->syscall, 0);
	cmp.arg = (unsigned)row->arg;
	return seccomp_rule_add_array(ctx, action, row->syscall, 1, &cmp);
}

static void
rows_add(scmp_filter_ctx ctx, const struct row *list, size_t count, enum filter_for whom)
{
	for (size_t i = 0; i < count; i++) {
		int rc = (list[i].whom & whom) != 0 ? row_add(ctx, &list[i]) : 0;

		if (rc != 0)
			log_fatal("confine: seccomp refuses rule %zu: %s", i, strerror(-rc));
	}
}

void
filter_load(enum filter_for whom)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int             rc;

	if (ctx == NULL)
		log_fatal("confine: seccomp cannot be set up");
	rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
	if (rc == 0)
		rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (rc != 0)
		log_fatal("confine: seccomp cannot be set up: %s", strerror(-rc));
	seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);     /* a tree instead of a list; not all versions can */
	rows_add(ctx, rows, sizeof rows / sizeof rows[0], whom);
	if (SANITIZED)
		rows_add(ctx, sanitizer_rows, sizeof sanitizer_rows / sizeof sanitizer_rows[0], whom);
	rc = seccomp_load(ctx);
	if (rc != 0)
		log_fatal("confine: seccomp cannot be enforced: %s", strerror(-rc));
	seccomp_release(ctx);
}
