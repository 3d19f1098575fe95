/* SPDX-License-Identifier: ISC */
/* Starting helpers: descriptors, environment, exec. */
#include "sshd/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/str.h"
#include "sshd/pty.h"

#define BLANKS       " \t\r\n"
#define HELPER_PATH  "/usr/bin:/bin"
#define ALNUM        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* Of the daemon's own environment, what sanitizer builds are told. */
static const char *const kept[] = { "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", NULL };

enum helper_kind
helper_choose(const struct helper_ask *ask)
{
	const char *word = ask->command + strspn(ask->command, BLANKS);
	size_t      len = strcspn(word, BLANKS);

	if (!ask->tty)
		return HELPER_EXEC;
	if (len == 0)
		return HELPER_TUI;
	if (word[len + strspn(word + len, BLANKS)] != '\0' || word[0] == '-')
		return HELPER_EXEC;
	return memchr(word, '.', len) != NULL ? HELPER_TUI : HELPER_EXEC;
}

static bool
is_made_of(const char *text, const char *bytes, size_t max)
{
	size_t len = strspn(text, bytes);

	return text[len] == '\0' && len < max;
}

bool
helper_term_ok(const char *term)
{
	return *term != '\0' && is_made_of(term, ALNUM "._+-", HELPER_TERM_MAX);
}

bool
helper_env_ok(const char *name, const char *value)
{
	if (strcmp(name, "LANG") != 0 && str_after(name, "LC_") == NULL)
		return false;
	return is_made_of(name, ALNUM "_", HELPER_NAME_MAX) && is_made_of(value, ALNUM "._@+:=,-", HELPER_VALUE_MAX);
}

static void
set_environment(const struct helper_ask *ask)
{
	proc_clean_env(kept);
	for (size_t i = 0; i < ask->env_count; i++)
		setenv(ask->env[i].name, ask->env[i].value, 1);
	setenv("PATH", HELPER_PATH, 1);
	setenv("ZONESH_COMMAND", ask->command, 1);
	if (ask->host != NULL)
		setenv("ZONESH_HOST", ask->host, 1);
	if (ask->tty) {
		setenv("ZONESH_PTY", "1", 1);
		setenv("TERM", ask->term, 1);
	}
}

/* The child's side, after fork: IN, OUT and ERR become 0 to 2 (all are above 2), CLIENT becomes 3. */
static _Noreturn void
become_helper(const struct helper_ask *ask, int in, int out, int err, int client)
{
	char *argv[] = { "zonesh", "helper", helper_choose(ask) == HELPER_TUI ? "tui" : "exec", NULL };

	setsid();
	if (ask->tty)
		ioctl(in, TIOCSCTTY, 0);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(1);
	if (client == 3 ? fcntl(client, F_SETFD, 0) != 0 : dup2(client, 3) < 0)
		_exit(1);
	proc_clean_child(4);
	prctl(PR_SET_PDEATHSIG, SIGHUP);
	set_environment(ask);
	if (chdir("/") != 0)
		_exit(1);
	proc_reexec(argv);
}

static void
close_all(const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* The helper's ends in THEIRS, ours in OURS, for input, output and errors. */
static bool
make_pipes(int theirs[3], int ours[3], struct err *err)
{
	for (int i = 0; i < 3; i++) {
		int fds[2];

		if (pipe2(fds, O_CLOEXEC) != 0)
			return err_errno(err, ERR_BUSY, "no pipe can be had");
		theirs[i] = fds[i == 0 ? 0 : 1];
		ours[i] = fds[i == 0 ? 1 : 0];
		fcntl(ours[i], F_SETFL, O_NONBLOCK);
	}
	return true;
}

static bool
make_terminal(const struct helper_ask *ask, int theirs[3], int ours[3], struct err *err)
{
	if (!pty_open(&ours[0], &theirs[0], ask->cols, ask->rows, err))
		return false;
	ours[1] = fcntl(ours[0], F_DUPFD_CLOEXEC, 3);
	theirs[1] = fcntl(theirs[0], F_DUPFD_CLOEXEC, 3);
	theirs[2] = fcntl(theirs[0], F_DUPFD_CLOEXEC, 3);
	if (ours[1] < 0 || theirs[1] < 0 || theirs[2] < 0)
		return err_errno(err, ERR_BUSY, "no descriptor can be had");
	return true;
}

bool
helper_start(struct helper *out, const struct helper_ask *ask, int client, struct err *err)
{
	int   theirs[3] = { -1, -1, -1 }, ours[3] = { -1, -1, -1 };
	bool  made = ask->tty ? make_terminal(ask, theirs, ours, err) : make_pipes(theirs, ours, err);
	pid_t pid = made ? fork() : -1;

	if (pid == 0)
		become_helper(ask, theirs[0], theirs[1], theirs[2], client);
	if (made && pid < 0)
		err_errno(err, ERR_BUSY, "no process can be had");
	close_all(theirs, 3);
	if (pid < 0) {
		close_all(ours, 3);
		return false;
	}
	*out = (struct helper){ .pid = pid, .in = ours[0], .out = ours[1], .err = ours[2] };
	return true;
}
