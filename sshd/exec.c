/* SPDX-License-Identifier: ISC */
/*
 * The two ways in to the table of commands: over SSH as a helper of a monitor, and on the host through the local socket.
 */
#include "sshd/exec.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/str.h"
#include "sshd/cmd.h"

#define HELPER_CHANNEL 3
#define COMMAND_MAX    65536

static void
prepare(struct run *run)
{
	signal(SIGPIPE, SIG_IGN);       /* a reader that went away is an error of the write */
	run_init(run);
}

/* ---- helper of a monitor ---- */

static struct client *
helper_connect(void *arg, struct err *err)
{
	(void)arg;
	(void)err;
	return client_new(HELPER_CHANNEL);
}

/* An error before there is a row. */
static int
fail(struct run *run)
{
	out_error(&run->out, &run->err);
	return err_exit(run->err.code);
}

/* No command: a device wants its address updated, a person gets to know who he is and how to go on. */
static int
run_nothing(struct run *run)
{
	static char      *update[] = { "update", NULL }, *whoami[] = { "whoami", NULL };
	static const bool unquoted[1];
	int               status;

	if (!run_connect(run))
		return fail(run);
	if (run->who.kind == ID_DEVICE)
		return run_words(run, update, unquoted, 1);
	status = run_words(run, whoami, unquoted, 1);
	if (status == 0)
		out_note(&run->out, "hint: with a terminal (ssh -t) the editor opens; \"help\" lists the commands");
	return status;
}

static int
run_text(struct run *run, const char *text)
{
	char **words;
	bool  *quoted;
	size_t count;

	if (strlen(text) > COMMAND_MAX)
		err_set(&run->err, ERR_LIMIT, "the command is longer than %d KiB", COMMAND_MAX >> 10);
	else if (str_words(&words, &quoted, &count, text, run->arena, &run->err))
		return count == 0 ? run_nothing(run) : run_words(run, words, quoted, count);
	return fail(run);
}

int
helper_exec_main(void)
{
	const char *command = getenv("ZONESH_COMMAND"), *pty = getenv("ZONESH_PTY");
	struct run  run;
	int         status;

	log_init("exec", LOG_LEVEL_INFO);
	prepare(&run);
	run.connect = helper_connect;
	run.out.tty = run.in_tty = pty != NULL && strcmp(pty, "1") == 0;
	json_object_seed(0);            /* may read /dev/urandom, which is out of reach from here on */
	proc_confine(NULL, CONFINE_HELPER, (uid_t)-1, (gid_t)-1);
	status = run_text(&run, command != NULL ? command : "");
	run_done(&run);
	return status;
}

/* ---- on the host ---- */

static struct client *
local_connect(void *arg, struct err *err)
{
	const char    *dir = arg;
	struct conf    conf;
	struct client *client;

	/* The socket's place does not depend on the file, which not everybody may read. */
	conf_init(&conf, dir);
	client = client_connect(&conf, err);
	if (client == NULL && err->code == ERR_BUSY) {
		err_set(err, ERR_BUSY, "no daemon is running on %s", dir);
		err_hint(err, "start it with: zonesh serve --dir %s", dir);
	}
	conf_done(&conf);
	return client;
}

/* The shell took the quotes away: a word with blanks or without anything had some. */
static bool
was_quoted(const char *word)
{
	return *word == '\0' || strpbrk(word, " \t\n") != NULL;
}

int
exec_local_main(const char *dir, int argc, char **argv)
{
	struct run run;
	bool      *quoted;
	int        status;

	prepare(&run);
	run.connect = local_connect;
	run.connect_arg = (void *)(uintptr_t)dir;
	run.in_tty = isatty(STDIN_FILENO) == 1;
	run.out.tty = isatty(STDOUT_FILENO) == 1;
	quoted = arena_array(run.arena, (size_t)argc + 1, sizeof *quoted);
	for (int i = 0; i < argc; i++)
		quoted[i] = was_quoted(argv[i]);
	status = run_words(&run, argv, quoted, (size_t)argc);
	run_done(&run);
	return status;
}
