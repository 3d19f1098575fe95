/* SPDX-License-Identifier: ISC */
/*
 * The remote of the store: when to run git, and telling the store how it went.
 *
 * At most one git runs at a time; a fetch goes before a push that waits, since the push would be rejected where the fetch has news.
 * A run outlives the struct remote that asked for it, but then tells nobody.
 */
#include "store/remote.h"

#include <stdlib.h>
#include <string.h>

#include "base/metric.h"
#include "base/proc.h"
#include "store/remote_git.h"

#define PUSH_WAIT_MS 200

/* A git that runs. */
struct run {
	struct remote *remote;          /* NULL: freed meanwhile */
	bool           push;
	int64_t        timeout_ms;
	char          *url;
};

struct remote {
	struct loop       *loop;
	const struct conf *conf;
	remote_done_fn    *done;
	void              *arg;
	struct loop_timer *timer;       /* of the push that waits for others to join */
	struct run        *run;
	bool               want_fetch, want_push;
};

static void remote_next(struct remote *remote);

struct remote *
remote_new(struct loop *loop, const struct conf *conf, remote_done_fn *done, void *arg)
{
	struct remote *remote = mem_alloc(sizeof *remote);

	remote->loop = loop;
	remote->conf = conf;
	remote->done = done;
	remote->arg = arg;
	return remote;
}

void
remote_free(struct remote *remote)
{
	if (remote == NULL)
		return;
	if (remote->run != NULL)
		remote->run->remote = NULL;
	loop_cancel(remote->timer);
	free(remote);
}

bool
remote_is_set(const struct remote *remote)
{
	return conf_str(remote->conf, remote)[0] != '\0';
}

void
remote_show(const struct remote *remote, char out[static 256])
{
	remote_url_show(out, conf_str(remote->conf, remote));
}

/* Tell the store; ERR NULL: it went well. */
static void
remote_tell(struct remote *remote, bool push, const struct err *err)
{
	static const enum metric metrics[2][2] = {
		{ METRIC_FETCHES_BAD, METRIC_FETCHES_OK }, { METRIC_PUSHES_BAD, METRIC_PUSHES_OK },
	};

	metric_add(metrics[push][err == NULL], 1);
	remote->done(remote->arg, push, err);
}

static void
run_done(void *arg, int wait_status, const char *output, size_t len)
{
	struct run    *run = arg;
	struct remote *remote = run->remote;
	struct err     err = { 0 };
	bool           ok;

	(void)len;
	ok = remote_git_result(run->push ? "push to" : "fetch from", run->url, run->timeout_ms, wait_status, output, &err);
	if (!ok && err.code == ERR_NOTFOUND && !run->push)
		ok = true;      /* an empty remote: our first push will make the branch */
	if (remote != NULL)
		remote_tell(remote, run->push, ok ? NULL : &err);
	if (run->remote != NULL) {      /* who was told may have freed it */
		remote->run = NULL;
		remote_next(remote);
	}
	free(run->url);
	free(run);
}

/* Run git WORDS.  What cannot even start is told at once. */
static void
remote_run(struct remote *remote, bool push, const char *const words[])
{
	struct arena     *arena = arena_new();
	struct run       *run = mem_alloc(sizeof *run);
	struct remote_git git;
	struct err        err = { 0 };

	run->remote = remote;
	run->push = push;
	run->timeout_ms = remote->conf->remote_timeout_num;
	run->url = mem_strdup(conf_str(remote->conf, remote));
	remote_git(&git, conf_repo(remote->conf), run->url, conf_str(remote->conf, branch), run->timeout_ms, words, arena);
	if (remote_url_check(run->url, &err) &&
	    proc_run(remote->loop, git.argv, git.env, run->timeout_ms, run_done, run, &err)) {
		remote->run = run;
	} else {
		free(run->url);
		free(run);
		remote_tell(remote, push, &err);
	}
	arena_free(arena);
}

/* Start what is wanted, unless something runs. */
static void
remote_next(struct remote *remote)
{
	const char   *branch = conf_str(remote->conf, branch);
	struct arena *arena;
	bool          push;

	if (!remote_is_set(remote))
		remote->want_fetch = remote->want_push = false; /* no longer: the configuration was read again */
	push = !remote->want_fetch;
	if (remote->run != NULL || (push && (!remote->want_push || remote->timer != NULL)))
		return;
	if (push) {
		remote->want_push = false;
		arena = arena_new();
		remote_run(remote, true, (const char *const[]){ "push", "--porcelain", "--no-verify", REMOTE_GIT_NAME,
		    arena_printf(arena, "refs/heads/%s:refs/heads/%s", branch, branch), NULL });
		arena_free(arena);
	} else {
		remote->want_fetch = false;
		remote_run(remote, false, (const char *const[]){ "fetch", "--quiet", "--no-tags", "--no-write-fetch-head",
		    "--no-auto-gc", REMOTE_GIT_NAME, NULL });
	}
}

static void
push_now(void *arg)
{
	struct remote *remote = arg;

	remote->timer = NULL;
	remote_next(remote);
}

void
remote_fetch(struct remote *remote)
{
	if (!remote_is_set(remote))
		return;
	remote->want_fetch = true;
	remote_next(remote);
}

void
remote_push(struct remote *remote)
{
	if (!remote_is_set(remote))
		return;
	remote->want_push = true;
	if (remote->timer == NULL)
		remote->timer = loop_after(remote->loop, PUSH_WAIT_MS, push_now, remote);
}
