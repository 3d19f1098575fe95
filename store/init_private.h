/* SPDX-License-Identifier: ISC */
/*
 * What init.c (what is wanted, and is it possible) and init_make.c (making it, or nothing) share.
 */
#ifndef STORE_INIT_PRIVATE_H
#define STORE_INIT_PRIVATE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "store/account.h"

enum init_repo {
	INIT_REPO_NEW,          /* an empty one below the data directory */
	INIT_REPO_TAKE,         /* an existing one, where it is */
	INIT_REPO_CLONE         /* a copy of a remote one, below the data directory */
};

#define INIT_MADE_MAX 8

struct init {
	struct arena   *arena;
	struct conf     conf;
	/* the options */
	const char     *dir, *repo, *branch, *admin, *admin_key, *name, *user;
	/* what they came to */
	enum init_repo  source;
	struct account *account;        /* NULL: no administrator asked for */
	char           *account_text;
	bool            account_there;  /* the repository has the file already; it stays */
	bool            chown;          /* to UID, GID */
	uid_t           uid;
	gid_t           gid;
	struct buf      says;           /* for people, printed when all went well */
	const char     *made[INIT_MADE_MAX];    /* paths to remove again when a later step fails */
	size_t          made_count;
};

/* A line for people: "host key      SHA256:...". */
void init_say(struct init *init, const char *what, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Make everything, or leave nothing behind. */
bool init_make(struct init *init, struct err *err);

#endif
