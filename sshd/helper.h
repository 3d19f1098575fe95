/* SPDX-License-Identifier: ISC */
/*
 * Helpers: the processes that do what a logged-in client asked for, one per SSH channel.  The monitor starts them;
 * they hold one descriptor to the store (3) and a terminal or three pipes, and nothing else.
 */
#ifndef SSHD_HELPER_H
#define SSHD_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

#define HELPER_COMMAND_MAX 65536        /* bytes of a command; MAX_ARG_STRLEN of Linux is twice that */
#define HELPER_TERM_MAX    33
#define HELPER_ENV_MAX     20           /* variables from the client */
#define HELPER_NAME_MAX    33
#define HELPER_VALUE_MAX   129

enum helper_kind { HELPER_EXEC, HELPER_TUI };

struct helper_env { char name[HELPER_NAME_MAX], value[HELPER_VALUE_MAX]; };

/* What the client asked for. */
struct helper_ask {
	bool              tty;
	char              term[HELPER_TERM_MAX];
	unsigned          cols, rows;
	char             *command;      /* "" for a shell; owned */
	struct helper_env env[HELPER_ENV_MAX];
	size_t            env_count;
	const char       *host;         /* the name of this server, for screens; not the client's to say; NULL: none */
};

struct helper {
	pid_t pid;
	int   in, out, err;     /* our ends, for the caller to close; with a terminal IN and OUT are its master and ERR is -1 */
};

/* Which helper does ASK: the editor on a terminal without a command or with nothing but a zone (a word with a dot), else the commands. */
enum helper_kind helper_choose(const struct helper_ask *ask);

/* May a helper see TERM, or the client's variable NAME with VALUE?  LANG and LC_* only, values harmless to anything that reads them. */
bool helper_term_ok(const char *term);
bool helper_env_ok(const char *name, const char *value);

/* Start it in a session of its own with CLIENT (a client channel, still the caller's) as descriptor 3.  ERR_BUSY: no process, terminal or
 * descriptor to be had. */
bool helper_start(struct helper *out, const struct helper_ask *ask, int client, struct err *err);

#endif
