/* SPDX-License-Identifier: ISC */
/* A role's side of the control channel, and what processes of ours need before exec. */
#include "base/proc.h"

#include <errno.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/crypt.h"
#include "base/ctl.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/metric.h"

const char *const role_names[] = {
	[ROLE_PARENT] = "parent", [ROLE_STORE] = "store", [ROLE_DNS] = "dns", [ROLE_HTTP] = "http", [ROLE_SSHD] = "sshd",
};

unsigned
proc_dns_threads(const struct conf *conf)
{
	cpu_set_t cpus;
	int64_t   n = conf->dns_threads_num;

	if (n == 0)
		n = sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? CPU_COUNT(&cpus) : 1;
	return n < METRIC_SHARDS ? (unsigned)n : METRIC_SHARDS;         /* a thread counts in a shard of its own */
}

unsigned
proc_peers(const struct conf *conf, enum role peer)
{
	switch (peer) {
	case ROLE_DNS:
		return 1 + proc_dns_threads(conf);
	case ROLE_HTTP:
	case ROLE_SSHD:
		return 1;
	default:
		return 0;
	}
}

bool
proc_owner(const struct conf *conf, uid_t *uid, gid_t *gid, struct err *err)
{
	const char          *name = conf_str(conf, user);
	const struct passwd *pw;
	struct stat          st;

	if (*name == '\0') {
		if (stat(conf->dir, &st) != 0)
			return err_errno(err, ERR_CONF, "%s", conf->dir);
		*uid = st.st_uid;
		*gid = st.st_gid;
		return true;
	}
	pw = getpwnam(name);
	if (pw == NULL) {
		err_set(err, ERR_CONF, "user: there is no system user \"%s\"", name);
		return err_hint(err, "make it, or leave the option out to run as the owner of %s", conf->dir);
	}
	*uid = pw->pw_uid;
	*gid = pw->pw_gid;
	return true;
}

void
proc_clean_child(int from)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t         none;

	for (int signo = 1; signo < NSIG; signo++)
		sigaction(signo, &dfl, NULL);   /* fails for KILL, STOP and glibc's own, which is fine */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	close_range((unsigned)from, ~0U, 0);
}

void
proc_clean_env(const char *const keep[])
{
	size_t count = 0;
	char **saved;

	while (keep[count] != NULL)
		count++;
	saved = mem_alloc((count + 1) * sizeof *saved);
	for (size_t i = 0; i < count; i++)
		saved[i] = getenv(keep[i]) != NULL ? mem_strdup(getenv(keep[i])) : NULL;
	clearenv();
	for (size_t i = 0; i < count; i++)
		if (saved[i] != NULL)
			setenv(keep[i], saved[i], 1);
	for (size_t i = 0; i < count; i++)
		free(saved[i]);
	free(saved);
}

void
proc_reexec(char *const argv[])
{
	execv("/proc/self/exe", argv);
	log_fatal("proc: this program cannot be executed again: %s", strerror(errno));
}

/* Take the message's configuration as ours. */
static void
on_conf(struct proc *proc, struct msg *msg)
{
	uint8_t        role = msg_get_u8(msg);
	uint64_t       started_s = msg_get_u64(msg);
	enum log_level level = LOG_LEVEL_INFO;
	struct conf    conf;

	if (role >= ROLE_COUNT || !conf_get(&conf, msg)) {
		msg->in.bad = true;
		return;
	}
	conf_done(&proc->conf);
	proc->conf = conf;
	proc->role = (enum role)role;
	proc->started_s = (int64_t)started_s;
	log_level_parse(&level, conf_str(&proc->conf, log_level));
	log_init(role_names[role], level);
}

static void
on_reload(struct proc *proc, struct msg *msg)
{
	on_conf(proc, msg);
	if (!msg->in.bad && proc->on_reload != NULL)
		proc->on_reload(proc->arg);
}

static void
on_metrics(struct proc *proc, struct msg *msg)
{
	int fd = msg_take_fd(msg);

	(void)proc;
	if (fd < 0)
		return;
	metric_attach(fd);
	close(fd);
}

/* The descriptor stays open until this process ends: that is all there is to it. */
static void
on_lock(struct proc *proc, struct msg *msg)
{
	(void)proc;
	(void)msg_take_fd(msg);
}

static void
on_listener(struct proc *proc, struct msg *msg)
{
	struct proc_listener *listener;
	uint8_t               kind = msg_get_u8(msg);
	uint16_t              shard = msg_get_u16(msg);

	if (kind >= LISTEN_KINDS) {
		msg->in.bad = true;
		return;
	}
	proc->listeners = mem_realloc(proc->listeners, (proc->listener_count + 1) * sizeof *proc->listeners);
	listener = &proc->listeners[proc->listener_count++];
	*listener = (struct proc_listener){ .kind = (enum listen_kind)kind, .shard = shard, .fd = msg_take_fd(msg) };
}

static void
on_peer(struct proc *proc, struct msg *msg)
{
	uint8_t  role = msg_get_u8(msg);
	uint32_t index = msg_get_u32(msg);
	int      fd = msg_take_fd(msg);

	if (fd < 0 || role >= ROLE_COUNT)
		msg->in.bad = true;
	else if (proc->on_peer != NULL)
		proc->on_peer(proc->arg, (enum role)role, index, fd);
	else
		close(fd);
}

static void
on_stop(struct proc *proc, struct msg *msg)
{
	(void)msg;
	if (proc->on_stop != NULL)
		proc->on_stop(proc->arg);
	else
		loop_stop(proc->loop);
}

typedef void ctl_fn(struct proc *proc, struct msg *msg);

static ctl_fn *const handlers[] = {
	[CTL_CONF] = on_conf, [CTL_METRICS] = on_metrics, [CTL_LOCK] = on_lock, [CTL_LISTENER] = on_listener,
	[CTL_PEER] = on_peer, [CTL_RELOAD] = on_reload, [CTL_STOP] = on_stop,
};

/* Act on one message of the parent and free it. */
static void
proc_handle(struct proc *proc, struct msg *msg)
{
	uint16_t type = msg->type;

	if (type >= sizeof handlers / sizeof handlers[0] || handlers[type] == NULL)
		log_fatal("proc: the parent sent a message of unknown type %u", type);
	handlers[type](proc, msg);
	if (!msg_end(msg))
		log_fatal("proc: the parent sent a broken message of type %u", type);
	msg_done(msg);
}

/* Without the parent nobody would restart or stop us: the data are safe at any moment, so just end. */
static _Noreturn void
parent_gone(void)
{
	log_warn("proc: the parent is gone, so this process ends");
	_exit(1);
}

static void
on_control(void *arg, uint32_t events)
{
	struct proc    *proc = arg;
	struct msg      msg;
	enum chan_state state;

	if ((events & EPOLLOUT) != 0 && !chan_flush(&proc->parent))
		parent_gone();
	while ((state = chan_recv(&proc->parent, &msg)) == CHAN_MSG)
		proc_handle(proc, &msg);
	if (state == CHAN_CLOSED)
		parent_gone();
}

/* The parent alone decides what a signal to the whole group (Ctrl-C, systemd) means. */
static void
proc_signals(void)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };

	for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
		signal(ignored[i], SIG_IGN);
}

void
proc_raise_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

void
proc_start(struct proc *proc)
{
	struct msg msg;
	bool       started = false;

	log_init(role_names[proc->role], LOG_LEVEL_INFO);
	proc_signals();
	proc_raise_files();
	fault_init();
	crypt_init();
	proc->loop = loop_new();
	chan_init(&proc->parent, CTL_FD);
	while (!started) {
		if (chan_recv_wait(&proc->parent, &msg, -1) != CHAN_MSG)
			parent_gone();
		started = msg.type == CTL_START;
		if (started)
			msg_done(&msg);
		else
			proc_handle(proc, &msg);
	}
	if (proc->conf.dir == NULL)
		log_fatal("proc: the parent sent no configuration");
	loop_add(proc->loop, proc->parent.fd, EPOLLIN, on_control, proc);
}

void
proc_ready(struct proc *proc)
{
	struct msg msg;

	msg_init(&msg, CTL_READY, 0);
	if (!chan_send_wait(&proc->parent, &msg, 1000))
		parent_gone();
}
