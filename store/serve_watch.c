/* SPDX-License-Identifier: ISC */
/*
 * Noticing a push to the repository: its references are watched, and looked at shortly after they moved.
 */
#include "store/serve_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/log.h"

#define DEBOUNCE_MS 50
#define RETRY_MS    1000        /* when main could not be read */

static void
on_quiet(void *arg)
{
	struct serve *serve = arg;
	struct err    err = { 0 };

	serve->adopt_timer = NULL;
	if (store_adopt(serve->store, &err))
		return;
	log_warn("repo: %s", err.text);
	serve->adopt_timer = loop_after(serve->proc.loop, RETRY_MS, on_quiet, serve);
}

static void
on_inotify(void *arg, uint32_t events)
{
	struct serve *serve = arg;
	char          names[4096];
	ssize_t       n;

	(void)events;
	do      /* what moved does not matter */
		n = read(serve->watch_fd, names, sizeof names);
	while (n > 0 || (n < 0 && errno == EINTR));
	if (serve->adopt_timer == NULL)
		serve->adopt_timer = loop_after(serve->proc.loop, DEBOUNCE_MS, on_quiet, serve);
}

/* Renames into a directory of the repository: how git and libgit2 move a reference, and pack references. */
static bool
watch_dir(int fd, const char *repo, const char *dir)
{
	struct buf path = { 0 };
	bool       good;

	buf_putf(&path, "%s/%s", repo, dir);
	good = inotify_add_watch(fd, buf_str(&path), IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE | IN_ONLYDIR) >= 0;
	buf_done(&path);
	return good;
}

void
watch_open(struct serve *serve)
{
	const char *repo = conf_repo(&serve->proc.conf), *slash = strrchr(conf_str(&serve->proc.conf, branch), '/');
	struct buf  dir = { 0 };

	serve->watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	buf_puts(&dir, "refs/heads");
	if (slash != NULL)
		buf_putf(&dir, "/%.*s", (int)(slash - conf_str(&serve->proc.conf, branch)), conf_str(&serve->proc.conf, branch));
	if (serve->watch_fd < 0 || !watch_dir(serve->watch_fd, repo, buf_str(&dir)) || !watch_dir(serve->watch_fd, repo, ""))
		log_warn("repo: a push to it is noticed at the next change or SIGHUP only: %s", strerror(errno));
	if (serve->watch_fd >= 0)
		loop_add(serve->proc.loop, serve->watch_fd, EPOLLIN, on_inotify, serve);
	buf_done(&dir);
}

void
watch_close(struct serve *serve)
{
	if (serve->watch_fd >= 0)
		close(serve->watch_fd);
}
