/* SPDX-License-Identifier: ISC */
/*
 * The remote: fetch and push by the git program, in the background, one at a time, with a deadline.
 */
#ifndef STORE_REMOTE_H
#define STORE_REMOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/loop.h"

struct remote;

/* What happened; ERR NULL when it went well.  After a fetch refs/remotes/origin/<branch> is current. */
typedef void remote_done_fn(void *arg, bool pushed, const struct err *err);

/* CONF is borrowed and must outlive it.  Without a remote configured, the calls below do nothing. */
struct remote *remote_new(struct loop *loop, const struct conf *conf, remote_done_fn *done, void *arg);
void remote_free(struct remote *remote);

/* Ask for a fetch / a push; what is asked while one runs is done once, after it.  A push waits 200 ms for others to join it. */
void remote_fetch(struct remote *remote);
void remote_push(struct remote *remote);
bool remote_is_set(const struct remote *remote);
/* The URL without a password, for people. */
void remote_show(const struct remote *remote, char out[static 256]);

#endif
