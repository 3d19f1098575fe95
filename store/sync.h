/* SPDX-License-Identifier: ISC */
/*
 * Keeping main and the remote's branch together: fetch, forward or merge, push.
 *
 * What both sides changed merges RRset by RRset.  An RRset that both changed differently is the remote's where ours was a
 * machine's doing, else ours, with a warning that names it.  A remote whose history was rewritten is refused.
 */
#ifndef STORE_SYNC_H
#define STORE_SYNC_H

#include "base/loop.h"
#include "store/store.h"

struct sync;

/* STORE must be loaded, and outlive it.  CHANGED is called when store->info changed.  Fetches at once when there is a remote. */
struct sync *sync_new(struct store *store, struct loop *loop, void (*changed)(void *arg), void *arg);
void sync_free(struct sync *sync);

/* The configuration was read again: another remote or time-out. */
void sync_reload(struct sync *sync);

/* Fetch soon, because of WHAT ("webhook from ..."). False with ERR_NOTFOUND when there is no remote. */
bool sync_fetch(struct sync *sync, const char *what, struct err *err);

/* Main moved: push it soon. */
void sync_moved(struct sync *sync);

/* ---- sync_merge.c ---- */

/* Merge THEIRS (a commit) into main and take over the result: what one side changed in vain is told in its commits, the log and store->info.
 * ERR_CONFLICT: main moved meanwhile, try again. ERR_REPO. */
bool sync_merge(struct store *store, const char *base, const char *theirs, struct err *err);

#endif
