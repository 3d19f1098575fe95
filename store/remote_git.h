/* SPDX-License-Identifier: ISC */
/*
 * The git program, told about a remote: shared by remote.c and init.c.
 *
 * The URL is given in the environment, never among the arguments, where every user of the machine could read the password in it; over HTTP
 * user and password are a header, since git itself starts a helper with the URL as argument.
 */
#ifndef STORE_REMOTE_GIT_H
#define STORE_REMOTE_GIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define REMOTE_GIT_NAME "zonesh"        /* what the arguments call the remote */

struct remote_git {
	char **argv, **env;
};

/* `git --git-dir=REPO WORDS...` with the remote REMOTE_GIT_NAME at URL, whose BRANCH is tracked as refs/remotes/origin/BRANCH; no question is asked, no connection
 * may stall longer than TIMEOUT_MS.  WORDS ends with NULL.  Memory is ARENA's. */
void remote_git(struct remote_git *out, const char *repo, const char *url, const char *branch, int64_t timeout_ms, const char *const words[],
    struct arena *arena);

/* ERR from the end of such a command (WAIT_STATUS as proc_run gives it); true when it went well.  WHAT: "fetch from", "push to".  ERR_CONFLICT: the remote has
 * commits that we lack; ERR_NOTFOUND: it has no such branch; ERR_BUSY: it took too long; ERR_FAILED. */
bool remote_git_result(const char *what, const char *url, int64_t timeout_ms, int wait_status, const char *output, struct err *err);

/* Is URL fit to be a remote?  ERR_CONF. */
bool remote_url_check(const char *url, struct err *err);
/* URL without its secret. */
void remote_url_show(char out[static 256], const char *url);

#endif
