/* SPDX-License-Identifier: ISC */
/*
 * The parent: holds the ports, starts the roles, connects them, and starts again what dies.  It reads no data from
 * outside but the configuration.
 */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/conf_table.h"
#include "base/ctl.h"
#include "base/landlock.h"
#include "base/listen.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/sdnotify.h"

#define STABLE_MS      10000    /* a role that lived for this long may be started again at once */
#define BACKOFF_MIN_MS 250
#define BACKOFF_MAX_MS 5000
#define STOP_MS        800      /* of the second that stopping may take */

struct child {
	struct parent     *parent;
	enum role          role;
	pid_t              pid;         /* 0 while it does not run */
	struct chan        chan;
	struct loop_io    *io;
	bool               ready;
	bool               again;       /* not its first life */
	unsigned           deaths;      /* soon after a start, in a row */
	int64_t            started_ms;
	struct loop_timer *restart;
};

struct parent {
	struct conf       conf;
	int64_t           started_s;
	struct loop      *loop;
	struct listen_set listeners;
	int               metrics_fd, lock_fd;
	struct child      children[ROLE_COUNT];
	bool              announced, stopping;
	int               status;       /* our exit status */
};

static void parent_stop(struct parent *parent);

/* Watch for what is needed: messages of the role always, room for ours while some wait. */
static void
child_watch(struct child *child)
{
	if (child->io != NULL)
		loop_change(child->io, EPOLLIN | (chan_wants_write(&child->chan) ? EPOLLOUT : 0U));
}

/* A broken channel shows as the death of the role, which is handled there. */
static void
child_send(struct child *child, struct msg *msg)
{
	if (child->pid == 0)
		msg_done(msg);
	else
		chan_send(&child->chan, msg);
	child_watch(child);
}

static void
child_send_conf(struct child *child, enum ctl type)
{
	struct msg msg;

	msg_init(&msg, type, 0);
	msg_put_u8(&msg, (uint8_t)child->role);
	msg_put_u64(&msg, (uint64_t)child->parent->started_s);
	conf_put(&child->parent->conf, &msg, child->role == ROLE_HTTP);
	child_send(child, &msg);
}

static void
child_send_fd(struct child *child, enum ctl type, int fd)
{
	struct msg msg;

	msg_init(&msg, type, 0);
	msg_put_fd(&msg, fd);
	child_send(child, &msg);
}

static void
child_send_plain(struct child *child, enum ctl type)
{
	struct msg msg;

	msg_init(&msg, type, 0);
	child_send(child, &msg);
}

static void
child_send_listeners(struct child *child)
{
	const struct listen_set *set = &child->parent->listeners;

	for (size_t i = 0; i < set->count; i++) {
		struct msg msg;

		if (listen_role(set->items[i].kind) != child->role)
			continue;
		msg_init(&msg, CTL_LISTENER, 0);
		msg_put_u8(&msg, (uint8_t)set->items[i].kind);
		msg_put_u16(&msg, (uint16_t)set->items[i].shard);
		msg_put_fd(&msg, set->items[i].fd);
		child_send(child, &msg);
	}
}

static void
child_send_peer(struct child *child, enum role peer, unsigned index, int fd)
{
	struct msg msg;

	msg_init(&msg, CTL_PEER, 0);
	msg_put_u8(&msg, (uint8_t)peer);
	msg_put_u32(&msg, index);
	msg_put_fd(&msg, fd);
	close(fd);
	child_send(child, &msg);
}

/* All channels between the store and PEER, if both run. */
static void
children_link(struct parent *parent, enum role peer)
{
	struct child *store = &parent->children[ROLE_STORE], *other = &parent->children[peer];
	unsigned      count = proc_peers(&parent->conf, peer);

	for (unsigned i = 0; store->pid != 0 && other->pid != 0 && i < count; i++) {
		struct err err = { 0 };
		int        fds[2];

		if (!chan_pair(fds, &err))
			log_fatal("parent: %s", err.text);
		child_send_peer(store, peer, i, fds[0]);
		child_send_peer(other, ROLE_STORE, i, fds[1]);
	}
}

/* What roles that read from the network have of our environment: no secret that somebody set there. */
static const char *const role_env[] = { "LANG", "LC_ALL", "TZ", "JOURNAL_STREAM", "ZONESH_FAULT", "ZONESH_FAULT_LOG", "ASAN_OPTIONS", "UBSAN_OPTIONS",
	"LSAN_OPTIONS", "TSAN_OPTIONS", NULL };

static _Noreturn void
child_exec(const struct child *child, int fd, pid_t parent_pid)
{
	char  title[32];
	char *argv[] = { title, (char[]){ "role" }, (char *)(uintptr_t)role_names[child->role], NULL };
	int   null = open("/dev/null", O_RDWR | O_CLOEXEC);

	snprintf(title, sizeof title, "zonesh: %s", role_names[child->role]);
	if (null >= 0)
		dup2(null, STDIN_FILENO);
	if (fd == CTL_FD)
		fcntl(fd, F_SETFD, 0);
	else
		dup2(fd, CTL_FD);
	proc_clean_child(CTL_FD + 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent_pid)
		_exit(1);
	if (child->role == ROLE_STORE)
		unsetenv("NOTIFY_SOCKET");      /* git and ssh may need the rest */
	else
		proc_clean_env(role_env);
	if (child->again)
		unsetenv("ZONESH_FAULT");       /* its turn is over: the next life is a sound one */
	proc_reexec(argv);
}

static void
parent_announce(struct parent *parent)
{
	static const char line[] = "zonesh: ready\n";

	for (enum role role = ROLE_STORE; role < ROLE_COUNT; role++)
		if (!parent->children[role].ready)
			return;
	if (parent->announced || parent->stopping)
		return;
	parent->announced = true;
	if (write(STDERR_FILENO, line, sizeof line - 1) < 0)
		log_warn("parent: stderr is gone");
	sdnotify_send("READY=1");
}

static void
on_child_message(void *arg, uint32_t events)
{
	struct child *child = arg;
	struct msg    msg;

	if ((events & EPOLLOUT) != 0)
		chan_flush(&child->chan);
	while (chan_recv(&child->chan, &msg) == CHAN_MSG) {
		child->ready = child->ready || msg.type == CTL_READY;
		msg_done(&msg);
	}
	if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
		/* It ends, or it is out of its mind: see that it is the former. */
		loop_remove(child->io);
		child->io = NULL;
		kill(child->pid, SIGKILL);
		return;
	}
	child_watch(child);
	parent_announce(child->parent);
}

static void on_child_end(void *arg, pid_t pid, int wait_status);

/* Fork and re-execute, and send what the role needs before it can be connected. */
static void
child_spawn(struct child *child)
{
	struct parent *parent = child->parent;
	struct err     err = { 0 };
	pid_t          self = getpid();
	int            fds[2];

	if (!chan_pair(fds, &err))
		log_fatal("parent: %s", err.text);
	child->pid = fork();
	if (child->pid < 0)
		log_fatal("parent: %s cannot be started: %s", role_names[child->role], strerror(errno));
	if (child->pid == 0)
		child_exec(child, fds[1], self);
	close(fds[1]);
	child->started_ms = loop_now_ms();
	child->ready = false;
	chan_init(&child->chan, fds[0]);
	child->io = loop_add(parent->loop, fds[0], EPOLLIN, on_child_message, child);
	loop_child(parent->loop, child->pid, on_child_end, child);
	child_send_conf(child, CTL_CONF);
	child_send_fd(child, CTL_METRICS, parent->metrics_fd);
	if (child->role == ROLE_STORE)
		child_send_fd(child, CTL_LOCK, parent->lock_fd);
	child_send_listeners(child);
}

static void
on_restart(void *arg)
{
	struct child *child = arg;

	child->restart = NULL;
	child->again = true;
	metric_add(METRIC_RESTARTS, 1);
	child_spawn(child);
	for (enum role peer = ROLE_DNS; peer < ROLE_COUNT; peer++)
		if (child->role == ROLE_STORE || child->role == peer)
			children_link(child->parent, peer);
	child_send_plain(child, CTL_START);
}

/* At once the first time; later, if it does not live long, after more and more time. */
static void
child_schedule(struct child *child)
{
	int64_t delay = 0;

	if (loop_now_ms() - child->started_ms >= STABLE_MS)
		child->deaths = 0;
	if (child->deaths > 0)
		delay = BACKOFF_MIN_MS << (child->deaths < 6 ? child->deaths - 1 : 5);
	child->deaths++;
	child->restart = loop_after(child->parent->loop, delay < BACKOFF_MAX_MS ? delay : BACKOFF_MAX_MS, on_restart, child);
}

static void
child_log_end(const struct child *child, int wait_status)
{
	const char *name = role_names[child->role];

	if (WIFSIGNALED(wait_status))
		log_warn("%s: process %d was killed by signal %d (%s)", name, (int)child->pid, WTERMSIG(wait_status),
		    strsignal(WTERMSIG(wait_status)));
	else
		log_warn("%s: process %d ended with status %d", name, (int)child->pid, WEXITSTATUS(wait_status));
}

static bool
all_gone(const struct parent *parent)
{
	for (enum role role = ROLE_STORE; role < ROLE_COUNT; role++)
		if (parent->children[role].pid != 0)
			return false;
	return true;
}

static void
on_child_end(void *arg, pid_t pid, int wait_status)
{
	struct child  *child = arg;
	struct parent *parent = child->parent;

	(void)pid;
	if (!parent->stopping)
		child_log_end(child, wait_status);
	loop_remove(child->io);
	child->io = NULL;
	chan_done(&child->chan);
	child->pid = 0;
	child->ready = false;
	if (!parent->stopping && !parent->announced && WIFEXITED(wait_status)) {
		/* It gave up by itself, and said why: it would say the same for ever. */
		parent->status = WEXITSTATUS(wait_status) != 0 ? WEXITSTATUS(wait_status) : 1;
		parent_stop(parent);
	}
	if (!parent->stopping)
		child_schedule(child);
	else if (all_gone(parent))
		loop_stop(parent->loop);
}

static void
on_patience_over(void *arg)
{
	struct parent *parent = arg;

	for (enum role role = ROLE_STORE; role < ROLE_COUNT; role++)
		if (parent->children[role].pid != 0)
			kill(parent->children[role].pid, SIGKILL);
}

static void
parent_stop(struct parent *parent)
{
	if (parent->stopping) {
		on_patience_over(parent);
		return;
	}
	parent->stopping = true;
	sdnotify_send("STOPPING=1");
	for (enum role role = ROLE_STORE; role < ROLE_COUNT; role++) {
		loop_cancel(parent->children[role].restart);
		parent->children[role].restart = NULL;
		child_send_plain(&parent->children[role], CTL_STOP);
	}
	loop_after(parent->loop, STOP_MS, on_patience_over, parent);
	if (all_gone(parent))
		loop_stop(parent->loop);
}

static void
on_stop_signal(void *arg, int signo)
{
	(void)signo;
	parent_stop(arg);
}

static void
parent_log_init(const struct conf *conf)
{
	enum log_level level = LOG_LEVEL_INFO;

	log_level_parse(&level, conf_str(conf, log_level));
	log_init(role_names[ROLE_PARENT], level);
}

/* Options that need a restart stay as they are, so that a role that is started again fits to the others. */
static void
on_reload_signal(void *arg, int signo)
{
	struct parent            *parent = arg;
	struct conf               fresh;
	struct err                err = { 0 };
	const struct conf_option *option;
	size_t                    next = 0;

	(void)signo;
	if (!conf_load(&fresh, parent->conf.dir, &err)) {
		log_warn("conf: the old one stays in force: %s", err.text);
		return;
	}
	while ((option = conf_differ(&fresh, &parent->conf, &next)) != NULL) {
		if ((option->flags & CONF_RELOAD) != 0)
			continue;
		log_warn("conf: option %s has changed, which needs a restart of zonesh", option->name);
		conf_keep(&fresh, &parent->conf, option);
	}
	conf_done(&parent->conf);
	parent->conf = fresh;
	parent_log_init(&parent->conf);
	log_info("conf: read again");
	for (enum role role = ROLE_STORE; role < ROLE_COUNT; role++)
		child_send_conf(&parent->children[role], CTL_RELOAD);
}

/* The lock lives as long as this process or the store: a second daemon cannot write to the same repository. */
static bool
parent_lock(struct parent *parent, struct err *err)
{
	const char *path = conf_path(&parent->conf, "state/lock");

	parent->lock_fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (parent->lock_fd < 0) {
		err_errno(err, ERR_CONF, "%s cannot be opened", path);
		return err_hint(err, "run zonesh as root or as the owner of the data directory; zonesh init makes one");
	}
	if (flock(parent->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	close(parent->lock_fd);
	err_set(err, ERR_BUSY, "another zonesh serves %s", parent->conf.dir);
	return err_hint(err, "stop it first, or send it SIGHUP to read its configuration again");
}

static bool
parent_open(struct parent *parent, const char *dir, struct err *err)
{
	uid_t uid;
	gid_t gid;

	if (!conf_load(&parent->conf, dir, err))
		return false;
	parent_log_init(&parent->conf);
	if (proc_owner(&parent->conf, &uid, &gid, err) && parent_lock(parent, err)) {
		if (listen_all(&parent->listeners, &parent->conf, err))
			return true;
		close(parent->lock_fd);
	}
	conf_done(&parent->conf);
	return false;
}

static void
parent_start(struct parent *parent)
{
	if (landlock_abi() == 0)
		log_warn("confine: this kernel has no Landlock; users and system calls alone keep roles from files");
	parent->metrics_fd = metric_create();
	metric_attach(parent->metrics_fd);
	parent->loop = loop_new();
	loop_signal(parent->loop, SIGTERM, on_stop_signal, parent);
	loop_signal(parent->loop, SIGINT, on_stop_signal, parent);
	loop_signal(parent->loop, SIGHUP, on_reload_signal, parent);
	signal(SIGPIPE, SIG_IGN);
	for (enum role role = ROLE_STORE; role < ROLE_COUNT; role++) {
		parent->children[role] = (struct child){ .parent = parent, .role = role, .chan = { .fd = -1 } };
		child_spawn(&parent->children[role]);
	}
	for (enum role peer = ROLE_DNS; peer < ROLE_COUNT; peer++)
		children_link(parent, peer);
	for (enum role role = ROLE_STORE; role < ROLE_COUNT; role++)
		child_send_plain(&parent->children[role], CTL_START);
}

static void
parent_close(struct parent *parent)
{
	loop_free(parent->loop);
	listen_done(&parent->listeners);
	conf_done(&parent->conf);
	close(parent->metrics_fd);
	close(parent->lock_fd);
}

int
parent_run(const char *dir)
{
	struct parent parent = { .started_s = time(NULL) };
	struct err    err = { 0 };

	log_init(role_names[ROLE_PARENT], LOG_LEVEL_INFO);
	proc_raise_files();
	if (!parent_open(&parent, dir, &err)) {
		struct buf text = { 0 };

		err_print(&text, &err);
		fputs(buf_str(&text), stderr);
		buf_done(&text);
		return err_exit(err.code);
	}
	parent_start(&parent);
	loop_run(parent.loop);
	parent_close(&parent);
	return parent.status;
}
