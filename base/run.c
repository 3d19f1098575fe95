/* SPDX-License-Identifier: ISC */
/* Other programs (git), run beside the event loop with a deadline. */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"

#define OUTPUT_MAX  65536
#define EXEC_FAILED 127
#define STATUS_FD   3

extern char **environ;

struct run {
	struct loop       *loop;
	struct loop_io    *io;
	struct loop_timer *deadline;
	pid_t              pid;
	int                fd;          /* reads what it says */
	bool               killed;
	struct buf         output;
	proc_done_fn      *done;
	void              *arg;
};

static bool
same_name(const char *a, const char *b)
{
	size_t len = strcspn(a, "=");

	return strncmp(a, b, len) == 0 && b[len] == '=';
}

/* EXTRA, and what of our environment it does not replace.  Only the array is new. */
static char **
env_merge(char *const extra[])
{
	size_t count = 0, n = 0;
	char **env;

	for (char **e = environ; *e != NULL; e++)
		count++;
	for (char *const *e = extra; e != NULL && *e != NULL; e++)
		count++;
	env = mem_alloc((count + 1) * sizeof *env);
	for (char *const *e = extra; e != NULL && *e != NULL; e++)
		env[n++] = *e;
	for (char **e = environ; *e != NULL; e++) {
		bool replaced = false;

		for (char *const *x = extra; x != NULL && *x != NULL; x++)
			replaced = replaced || same_name(*x, *e);
		if (!replaced)
			env[n++] = *e;
	}
	return env;
}

/* In the child of vfork: system calls only.  STATUS gets errno when it failed, and closes when it did not. */
static _Noreturn void
run_exec(char *const argv[], char *const env[], int output, int status)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int failed;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
	    dup2(output, STDERR_FILENO) >= 0 && (status == STATUS_FD || dup3(status, STATUS_FD, O_CLOEXEC) >= 0)) {
		proc_clean_child(STATUS_FD + 1);
		execvpe(argv[0], argv, env);
		status = STATUS_FD;
	}
	failed = errno;
	_exit(write(status, &failed, sizeof failed) == (ssize_t)sizeof failed ? EXEC_FAILED : 1);
}

static void
run_read(struct run *run)
{
	char    chunk[4096];
	ssize_t n = -1;

	/* As much as a pipe holds, and no more: who never stops talking may not keep the loop. */
	for (size_t turn = 0; turn < 16 && (n = read(run->fd, chunk, sizeof chunk)) > 0; turn++) {
		size_t room = OUTPUT_MAX - run->output.len;

		buf_put(&run->output, chunk, (size_t)n < room ? (size_t)n : room);
	}
	if (n == 0) {
		loop_remove(run->io);
		run->io = NULL;
	}
}

static void
on_output(void *arg, uint32_t events)
{
	(void)events;
	run_read(arg);
}

static void
on_deadline(void *arg)
{
	struct run *run = arg;

	run->deadline = NULL;
	run->killed = true;
	kill(-run->pid, SIGKILL);
}

/* Output that somebody's background process would still write is not waited for. */
static void
on_exit_of(void *arg, pid_t pid, int wait_status)
{
	struct run *run = arg;

	(void)pid;
	loop_cancel(run->deadline);
	if (run->io != NULL)
		run_read(run);
	loop_remove(run->io);
	close(run->fd);
	run->done(run->arg, run->killed ? -1 : wait_status, buf_str(&run->output), run->output.len);
	buf_done(&run->output);
	free(run);
}

/* The child shares our memory until it executes, so that a store of many zones need not copy its page tables. */
static pid_t
run_spawn(char *const argv[], char *const env[], int output)
{
	int     status[2], failed = 0;
	ssize_t n;
	pid_t   pid;

	if (pipe2(status, O_CLOEXEC) != 0)
		return -1;
	pid = vfork();
	if (pid == 0)
		run_exec(argv, env, output, status[1]);
	failed = pid < 0 ? errno : 0;
	close(status[1]);
	while (pid > 0 && (n = read(status[0], &failed, sizeof failed)) < 0 && errno == EINTR)
		;
	close(status[0]);
	if (failed == 0)
		return pid;
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	errno = failed;
	return -1;
}

bool
proc_run(struct loop *loop, char *const argv[], char *const env[], int64_t timeout_ms, proc_done_fn *done, void *arg,
    struct err *err)
{
	struct run *run;
	char      **merged;
	int         fds[2];
	pid_t       pid;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return err_errno(err, ERR_FAILED, "%s cannot be run", argv[0]);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	merged = env_merge(env);
	pid = run_spawn(argv, merged, fds[1]);
	if (pid < 0)
		err_errno(err, ERR_FAILED, "%s cannot be run", argv[0]);
	free(merged);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return false;
	}
	run = mem_alloc(sizeof *run);
	*run = (struct run){ .loop = loop, .pid = pid, .fd = fds[0], .done = done, .arg = arg };
	run->io = loop_add(loop, run->fd, EPOLLIN, on_output, run);
	run->deadline = loop_after(loop, timeout_ms, on_deadline, run);
	loop_child(loop, pid, on_exit_of, run);
	return true;
}
