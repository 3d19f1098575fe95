/* SPDX-License-Identifier: ISC */
/*
 * When to fetch, forward, merge and push.
 */
#include "store/sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/metric.h"
#include "store/remote.h"

#define ROUNDS_MAX 5            /* fetch, merge, push, rejected... without success */
#define RETRY_MS   60000        /* after a failure */

struct sync {
	struct store      *store;
	struct loop       *loop;
	struct remote     *remote;
	struct loop_timer *retry;
	void             (*changed)(void *arg);
	void              *arg;
	unsigned           rounds;
};

/* Where the remote's branch was seen last. */
static void
remote_tip(const struct sync *sync, char tip[static OID_TEXT_MAX])
{
	char ref[600];

	snprintf(ref, sizeof ref, "refs/remotes/origin/%s", conf_str(sync->store->conf, branch));
	if (!repo_ref(sync->store->repo, ref, tip, NULL))
		tip[0] = '\0';
}

static void
set_unpushed(struct sync *sync, bool unpushed)
{
	sync->store->info.unpushed = unpushed;
	metric_set(METRIC_UNPUSHED, unpushed);
	sync->changed(sync->arg);
}

/* ---- bringing both together ---- */

/* Does THEIRS not follow what the remote had before?  Then somebody took history away, and we would lose it too. */
static bool
check_rewritten(struct sync *sync, const char *theirs, struct err *err)
{
	const char *seen = serials_remote(sync->store->serials);
	char        base[OID_TEXT_MAX];

	if (seen[0] == '\0' || strcmp(seen, theirs) == 0 || strcmp(theirs, sync->store->head) == 0)
		return true;
	if (!repo_merge_base(sync->store->repo, seen, theirs, base, NULL) || strcmp(base, seen) == 0)
		return true;
	err_set(err, ERR_REPO, "the remote's history was rewritten: %.12s does not follow %.12s", theirs, seen);
	return err_hint(err, "nothing of it is taken over; push this repository's branch there by force, or move ours to the remote's if that is right");
}

static bool
merge_in(struct sync *sync, const char *base, const char *theirs, struct err *err)
{
	if (base[0] == '\0') {
		err_set(err, ERR_REPO, "the remote's branch and ours have nothing in common");
		return err_hint(err, "is it the right remote? clone it with zonesh init --repo URL, or push there by hand once");
	}
	if (!sync_merge(sync->store, base, theirs, err))
		return false;
	log_info("remote: merged with %.12s", theirs);
	return true;
}

/* One try; ERR_CONFLICT: main moved meanwhile. */
static bool
reconcile_once(struct sync *sync, const char *theirs, struct err *err)
{
	struct store *store = sync->store;
	char          base[OID_TEXT_MAX];

	if (!store_adopt(store, err) || !check_rewritten(sync, theirs, err))
		return false;
	if (strcmp(theirs, store->head) == 0)
		return true;
	if (store->head[0] == '\0')
		return repo_forward(store->repo, "", theirs, err) && store_adopt(store, err);
	if (!repo_merge_base(store->repo, store->head, theirs, base, err))
		return false;
	if (strcmp(base, theirs) == 0)
		return true;
	if (strcmp(base, store->head) == 0)
		return repo_forward(store->repo, store->head, theirs, err) && store_adopt(store, err);
	return merge_in(sync, base, theirs, err);
}

static bool
reconcile(struct sync *sync, struct err *err)
{
	struct store *store = sync->store;
	char          theirs[OID_TEXT_MAX];
	bool          good = true;

	remote_tip(sync, theirs);
	if (theirs[0] != '\0') {
		for (unsigned i = 0; i < ROUNDS_MAX; i++) {
			*err = (struct err){ 0 };
			good = reconcile_once(sync, theirs, err);
			if (good || err->code != ERR_CONFLICT)
				break;
		}
		if (!good)
			return false;
		serials_set_remote(store->serials, theirs);
		if (!serials_save(store->serials, err))
			log_warn("serials: %s", err->text);
	}
	set_unpushed(sync, strcmp(theirs, store->head) != 0);
	if (store->info.unpushed)
		remote_push(sync->remote);
	return true;
}

/* ---- what came of git ---- */

static void
on_retry(void *arg)
{
	struct sync *sync = arg;

	sync->retry = NULL;
	sync->rounds = 0;
	remote_fetch(sync->remote);
}

static void
failed(struct sync *sync, bool pushed, const struct err *err)
{
	struct info *info = &sync->store->info;

	log_warn("remote: %s: %s", pushed ? "push" : "fetch", err->text);
	snprintf(info->remote_error, sizeof info->remote_error, "%s", err->text);
	if (sync->retry == NULL)
		sync->retry = loop_after(sync->loop, RETRY_MS, on_retry, sync);
}

static void
fetched(struct sync *sync)
{
	struct err err = { 0 };

	sync->store->info.fetched_s = time(NULL);
	sync->store->info.remote_error[0] = '\0';
	if (!reconcile(sync, &err))
		failed(sync, false, &err);
}

static void
was_pushed(struct sync *sync)
{
	char theirs[OID_TEXT_MAX];

	remote_tip(sync, theirs);
	sync->rounds = 0;
	sync->store->info.pushed_s = time(NULL);
	sync->store->info.remote_error[0] = '\0';
	serials_set_remote(sync->store->serials, theirs);
	set_unpushed(sync, strcmp(theirs, sync->store->head) != 0);
	log_info("remote: pushed, it is at %.12s", theirs);
}

static void
on_done(void *arg, bool pushed, const struct err *err)
{
	struct sync *sync = arg;

	if (err != NULL && pushed && err->code == ERR_CONFLICT && ++sync->rounds <= ROUNDS_MAX)
		remote_fetch(sync->remote);
	else if (err != NULL)
		failed(sync, pushed, err);
	else if (pushed)
		was_pushed(sync);
	else
		fetched(sync);
	sync->changed(sync->arg);
}

/* ---- from the role ---- */

static void
show_remote(struct sync *sync)
{
	struct info *info = &sync->store->info;

	info->has_remote = remote_is_set(sync->remote);
	info->remote[0] = '\0';
	if (info->has_remote)
		remote_show(sync->remote, info->remote);
}

struct sync *
sync_new(struct store *store, struct loop *loop, void (*changed)(void *arg), void *arg)
{
	struct sync *sync = mem_alloc(sizeof *sync);

	*sync = (struct sync){ .store = store, .loop = loop, .changed = changed, .arg = arg };
	sync->remote = remote_new(loop, store->conf, on_done, sync);
	show_remote(sync);
	remote_fetch(sync->remote);
	return sync;
}

void
sync_free(struct sync *sync)
{
	if (sync == NULL)
		return;
	loop_cancel(sync->retry);
	remote_free(sync->remote);
	free(sync);
}

void
sync_reload(struct sync *sync)
{
	show_remote(sync);
	sync->rounds = 0;
	remote_fetch(sync->remote);
}

bool
sync_fetch(struct sync *sync, const char *what, struct err *err)
{
	if (!remote_is_set(sync->remote)) {
		err_set(err, ERR_NOTFOUND, "no remote is configured");
		return err_hint(err, "set the option remote in zonesh.conf");
	}
	log_info("remote: fetch asked for by %s", what);
	sync->rounds = 0;
	remote_fetch(sync->remote);
	return true;
}

void
sync_moved(struct sync *sync)
{
	char theirs[OID_TEXT_MAX];

	if (!remote_is_set(sync->remote))
		return;
	remote_tip(sync, theirs);
	if (strcmp(theirs, sync->store->head) == 0)
		return;
	set_unpushed(sync, true);
	remote_push(sync->remote);
}
