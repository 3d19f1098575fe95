/* SPDX-License-Identifier: ISC */
/*
 * The sshd role: accepts connections, counts them, and forks a monitor for each.  It reads nothing from the network.
 *
 * Started as root it stays root, because each connection needs two other users (helpers the owner's, the network child nobody's);
 * the children give that up before they do anything.
 */
#include "sshd/sshd.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/proc.h"
#include "sshd/fido.h"
#include "sshd/limit.h"
#include "sshd/monitor.h"
#include "store/client.h"

#define ACCEPTS_PER_CALL 16
#define STORE_WAIT_MS    5000   /* how long a connection waits for the store to come back */
#define STOP_MS          800
#define TCP_TIMEOUT_MS   90000  /* sent, but not acknowledged */
#define COMPLAIN_MS      1000   /* at most one line of refused connections in this time */
#define PAUSE_MS         200    /* between attempts to accept when descriptors ran out */

struct conn {
	struct conn       *next;
	struct sshd       *sshd;
	struct addr        from;
	int                fd;          /* -1 once the monitor has it */
	uint32_t           id;          /* of the question to the store */
	struct loop_timer *timer;       /* while it waits for the store */
	pid_t              pid;         /* of the monitor; 0 before */
};

struct sshd {
	struct proc      proc;
	struct net_host *host;
	uid_t            uid;
	gid_t            gid;
	bool             tap_works, stopping;
	struct chan      store;         /* fd -1 while there is none */
	struct loop_io  *store_io;
	struct conn     *conns;
	size_t           count;
	uint32_t         last_id;
	int64_t          complained_ms;
};

/* ---- connections ---- */

static void
conn_free(struct conn *conn)
{
	struct sshd  *sshd = conn->sshd;
	struct conn **link = &sshd->conns;

	while (*link != conn)
		link = &(*link)->next;
	*link = conn->next;
	loop_cancel(conn->timer);
	if (conn->fd >= 0)
		close(conn->fd);
	free(conn);
	metric_set(METRIC_SSH_SESSIONS, (int64_t)--sshd->count);
	if (sshd->stopping && sshd->count == 0)
		loop_stop(sshd->proc.loop);
}

static void
on_monitor_exit(void *arg, pid_t pid, int wait_status)
{
	struct conn *conn = arg;
	char         from[ADDR_TEXT_MAX];

	(void)pid;
	if (WIFSIGNALED(wait_status) || WEXITSTATUS(wait_status) != 0) {
		addr_print_ip(from, &conn->from);
		log_warn("ssh %s: the monitor ended with status %#x", from, (unsigned)wait_status);
	}
	conn_free(conn);
}

/* The child's side: only standard descriptors, the connection and the store's channel go along. */
static _Noreturn void
become_monitor(struct conn *conn, int store, pid_t parent)
{
	struct sshd       *sshd = conn->sshd;
	struct monitor_ask ask = { .proc = &sshd->proc, .host = sshd->host, .uid = sshd->uid, .gid = sshd->gid,
		.tap_works = sshd->tap_works, .conn = 3, .store = 4, .parent = parent, .from = conn->from };
	int                high_conn = fcntl(conn->fd, F_DUPFD_CLOEXEC, 5), high_store = fcntl(store, F_DUPFD_CLOEXEC, 5);

	if (high_conn < 0 || high_store < 0 || dup3(high_conn, ask.conn, O_CLOEXEC) < 0 ||
	    dup3(high_store, ask.store, O_CLOEXEC) < 0)
		_exit(1);
	proc_clean_child(5);
	monitor_run(&ask);
}

static void
conn_start(struct conn *conn, int store)
{
	pid_t self = getpid(), pid = fork();

	if (pid == 0)
		become_monitor(conn, store, self);
	if (pid < 0) {
		log_warn("ssh: no process can be had: %s", strerror(errno));
		conn_free(conn);
		return;
	}
	loop_cancel(conn->timer);
	conn->timer = NULL;
	close(conn->fd);
	conn->fd = -1;
	conn->pid = pid;
	loop_child(conn->sshd->proc.loop, pid, on_monitor_exit, conn);
}

static void
on_no_store(void *arg)
{
	struct conn *conn = arg;
	char         from[ADDR_TEXT_MAX];

	conn->timer = NULL;
	addr_print_ip(from, &conn->from);
	log_warn("ssh %s: closed, the store did not answer", from);
	conn_free(conn);
}

/* ---- the store ---- */

static void
ask_store(struct conn *conn)
{
	struct sshd *sshd = conn->sshd;
	char         from[ADDR_TEXT_MAX];
	struct msg   msg;

	if (sshd->store.fd < 0)
		return;
	conn->id = ++sshd->last_id;
	addr_print_ip(from, &conn->from);
	msg_init(&msg, MSG_MONITOR_OPEN, conn->id);
	msg_put_str(&msg, from);
	chan_send(&sshd->store, &msg);
	loop_change(sshd->store_io, EPOLLIN | (chan_wants_write(&sshd->store) ? (uint32_t)EPOLLOUT : 0));
}

static void
on_store_reply(struct sshd *sshd, struct msg *msg)
{
	struct conn *conn = sshd->conns;
	struct err   err = { 0 };
	int          fd;

	while (conn != NULL && (conn->pid != 0 || conn->id != msg->id))
		conn = conn->next;
	if (conn == NULL)
		return;
	if (msg->type == MSG_OK && (fd = msg_take_fd(msg)) >= 0) {
		conn_start(conn, fd);
		close(fd);
		return;
	}
	if (msg->type == MSG_ERR)
		msg_get_err(msg, &err);
	log_warn("ssh: the store gives no channel: %s", err.text);
	conn_free(conn);
}

static void
drop_store(struct sshd *sshd)
{
	loop_remove(sshd->store_io);
	sshd->store_io = NULL;
	chan_done(&sshd->store);
}

static void
on_store(void *arg, uint32_t events)
{
	struct sshd    *sshd = arg;
	enum chan_state state;
	struct msg      msg;

	if ((events & EPOLLOUT) != 0) {
		chan_flush(&sshd->store);
		loop_change(sshd->store_io, EPOLLIN | (chan_wants_write(&sshd->store) ? (uint32_t)EPOLLOUT : 0));
	}
	while ((state = chan_recv(&sshd->store, &msg)) == CHAN_MSG) {
		on_store_reply(sshd, &msg);
		msg_done(&msg);
	}
	if (state == CHAN_CLOSED)
		drop_store(sshd);       /* the parent brings a new one */
}

static void
watch_store(struct sshd *sshd)
{
	sshd->store_io = loop_add(sshd->proc.loop, sshd->store.fd, EPOLLIN, on_store, sshd);
	for (struct conn *conn = sshd->conns; conn != NULL; conn = conn->next)
		if (conn->pid == 0)
			ask_store(conn);
}

static void
on_peer(void *arg, enum role peer, unsigned index, int fd)
{
	struct sshd *sshd = arg;

	(void)index;
	if (peer != ROLE_STORE) {
		close(fd);
		return;
	}
	if (sshd->store.fd >= 0)
		drop_store(sshd);
	chan_init(&sshd->store, fd);
	watch_store(sshd);
}

/* ---- accepting ---- */

/* Why one more connection from ADDR is too many; NULL when it is not. */
static const char *
over_limit(const struct sshd *sshd, const struct addr *from)
{
	int64_t same = 0;

	if ((int64_t)sshd->count >= sshd->proc.conf.ssh_max_num)
		return "ssh-max connections are open";
	for (const struct conn *conn = sshd->conns; conn != NULL; conn = conn->next)
		same += limit_same_client(&conn->from, from);
	return same >= sshd->proc.conf.ssh_max_per_ip_num ? "it has ssh-max-per-ip connections" : NULL;
}

static void
refuse(struct sshd *sshd, const struct addr *from, const char *why)
{
	char    text[ADDR_TEXT_MAX];
	int64_t now = loop_now_ms();

	if (now - sshd->complained_ms < COMPLAIN_MS)
		return;
	sshd->complained_ms = now;
	addr_print_ip(text, from);
	log_warn("ssh %s: refused, %s", text, why);
}

static void
on_accepted(struct sshd *sshd, int fd, const struct addr *from)
{
	const char  *why = sshd->stopping ? "the server stops" : over_limit(sshd, from);
	int          on = 1, timeout_ms = TCP_TIMEOUT_MS;
	struct conn *conn;

	if (why != NULL) {
		refuse(sshd, from, why);
		close(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms);
	conn = mem_alloc(sizeof *conn);
	*conn = (struct conn){ .next = sshd->conns, .sshd = sshd, .from = *from, .fd = fd };
	sshd->conns = conn;
	metric_set(METRIC_SSH_SESSIONS, (int64_t)++sshd->count);
	conn->timer = loop_after(sshd->proc.loop, STORE_WAIT_MS, on_no_store, conn);
	ask_store(conn);
}

struct listener { struct sshd *sshd; struct loop_io *io; int fd; };

static void
on_pause_over(void *arg)
{
	struct listener *listener = arg;

	loop_change(listener->io, EPOLLIN);
}

/* Out of descriptors or memory, most likely: the connection stays in the queue, and would wake us again at once. */
static void
pause_listening(struct listener *listener)
{
	log_warn("ssh: a connection cannot be accepted: %s", strerror(errno));
	loop_change(listener->io, 0);
	loop_after(listener->sshd->proc.loop, PAUSE_MS, on_pause_over, listener);
}

static void
on_listener(void *arg, uint32_t events)
{
	struct listener *listener = arg;

	(void)events;
	for (int i = 0; i < ACCEPTS_PER_CALL; i++) {
		struct addr from = { .len = sizeof from.sa };
		int         fd = accept4(listener->fd, (struct sockaddr *)&from.sa, &from.len, SOCK_CLOEXEC);

		if (fd >= 0) {
			on_accepted(listener->sshd, fd, &from);
			continue;
		}
		if (errno == EINTR || errno == ECONNABORTED)
			continue;
		if (errno != EAGAIN)
			pause_listening(listener);
		return;
	}
}

static struct listener *
start_listening(struct sshd *sshd)
{
	struct listener *listeners = mem_alloc((sshd->proc.listener_count + 1) * sizeof *listeners);

	for (size_t i = 0; i < sshd->proc.listener_count; i++) {
		struct listener *listener = &listeners[i];

		if (sshd->proc.listeners[i].kind != LISTEN_SSH)
			continue;
		*listener = (struct listener){ .sshd = sshd, .fd = sshd->proc.listeners[i].fd };
		fcntl(listener->fd, F_SETFL, fcntl(listener->fd, F_GETFL) | O_NONBLOCK);
		listener->io = loop_add(sshd->proc.loop, listener->fd, EPOLLIN, on_listener, listener);
	}
	return listeners;
}

/* ---- the role ---- */

static void
on_stop_timer(void *arg)
{
	struct sshd *sshd = arg;

	loop_stop(sshd->proc.loop);     /* what still runs goes with this process */
}

static void
on_stop(void *arg)
{
	struct sshd *sshd = arg;

	sshd->stopping = true;
	if (sshd->count == 0)
		loop_stop(sshd->proc.loop);
	for (struct conn *conn = sshd->conns; conn != NULL; conn = conn->next)
		if (conn->pid != 0)
			kill(conn->pid, SIGTERM);
	loop_after(sshd->proc.loop, STOP_MS, on_stop_timer, sshd);
}

static void
sshd_prepare(struct sshd *sshd)
{
	struct err err = { 0 };

	sshd->host = net_host_load(&sshd->proc.conf, &err);
	if (sshd->host == NULL || !proc_owner(&sshd->proc.conf, &sshd->uid, &sshd->gid, &err))
		log_fatal("ssh: %s", err.text);
	sshd->tap_works = tap_works();
	if (!sshd->tap_works)
		log_warn("ssh: verifications by libssh cannot be overheard, so security keys cannot log in");
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

int
sshd_main(void)
{
	static struct sshd sshd = { .proc.role = ROLE_SSHD, .store.fd = -1 };
	struct listener *listeners;

	sshd.proc.on_peer = on_peer;
	sshd.proc.on_stop = on_stop;
	sshd.proc.arg = &sshd;
	proc_start(&sshd.proc);
	sshd_prepare(&sshd);
	listeners = start_listening(&sshd);
	proc_ready(&sshd.proc);
	loop_run(sshd.proc.loop);

	while (sshd.conns != NULL)
		conn_free(sshd.conns);
	drop_store(&sshd);
	net_host_free(sshd.host);
	free(listeners);
	return 0;
}
