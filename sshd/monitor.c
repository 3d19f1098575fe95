/* SPDX-License-Identifier: ISC */
/* The monitor's states, logging in, and its end. */
#include "sshd/monitor_local.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/metric.h"
#include "base/str.h"
#include "sshd/fido.h"

#define UID_NOBODY    65534
#define GRACE_MORE_MS 5000      /* the child ends it first, and politely */
#define BYE_MS        400       /* for the child to end its helpers and tell its client */
#define HELPERS_MS    300       /* for helpers to end by themselves */
#define MSGS_PER_CALL 64

void
monitor_send_net(struct monitor *m, struct msg *msg)
{
	chan_send(&m->net, msg);        /* when it is broken, on_net sees its end */
	if (m->net_io != NULL)
		loop_change(m->net_io, EPOLLIN | (chan_wants_write(&m->net) ? (uint32_t)EPOLLOUT : 0));
}

bool
monitor_send_store(struct monitor *m, struct msg *msg)
{
	bool sent = chan_send(&m->store, msg);

	if (m->store_io != NULL)
		loop_change(m->store_io, EPOLLIN | (chan_wants_write(&m->store) ? (uint32_t)EPOLLOUT : 0));
	return sent;
}

/* ---- the end ---- */

static void
on_end_timer(void *arg)
{
	struct monitor *m = arg;

	if (monitor_kill_helpers(m, SIGKILL))
		log_debug("ssh %s: helpers were killed", m->from);
	loop_stop(m->loop);
}

static void
close_net(struct monitor *m)
{
	loop_remove(m->net_io);
	m->net_io = NULL;
	chan_done(&m->net);
}

static void
log_end(const struct monitor *m)
{
	if (m->state == MONITOR_USER)
		log_debug("ssh %s: %s is gone", m->from, m->who.display);
	else if (m->refused != 0)
		log_info("ssh %s: refused: none of %u keys is enrolled:%s", m->from, m->refused, m->refused_keys);
	if (m->state != MONITOR_USER && m->refused != 0)
		metric_add(METRIC_SSH_BAD, 1);
}

void
monitor_end(struct monitor *m)
{
	bool first = m->state != MONITOR_ENDING;

	if (first) {
		log_end(m);
		m->state = MONITOR_ENDING;
		close_net(m);
		monitor_store_lost(m);
	}
	if (!monitor_kill_helpers(m, SIGHUP) && m->net_pid == 0)
		loop_stop(m->loop);
	else if (first)
		loop_after(m->loop, HELPERS_MS, on_end_timer, m);
}

static void
on_bye_timer(void *arg)
{
	monitor_end(arg);
}

static void
send_bye(struct monitor *m, const char *text)
{
	struct msg msg;

	if (m->state == MONITOR_ENDING)
		return;
	msg_init(&msg, NET_BYE, 0);
	msg_put_str(&msg, text);
	monitor_send_net(m, &msg);
	loop_after(m->loop, BYE_MS, on_bye_timer, m);
}

static void
on_stop_signal(void *arg, int signo)
{
	(void)signo;
	send_bye(arg, "the server stops or restarts");
}

static void
on_grace(void *arg)
{
	struct monitor *m = arg;

	if (m->state == MONITOR_USER || m->state == MONITOR_ENDING)
		return;
	log_info("ssh %s: nobody logged in in time", m->from);
	monitor_end(m);
}

/* ---- logging in ---- */

static void
send_known(struct monitor *m, bool known, const char *why)
{
	struct msg msg;

	m->known = known;
	m->state = MONITOR_IDLE;
	if (!known && m->key.fingerprint[0] != '\0') {
		size_t len = strlen(m->refused_keys);

		m->refused++;
		snprintf(m->refused_keys + len, sizeof m->refused_keys - len, " %s", m->key.fingerprint);
	}
	msg_init(&msg, NET_KNOWN, 0);
	msg_put_bool(&msg, known);
	msg_put_str(&msg, why);
	monitor_send_net(m, &msg);
}

static bool
on_lookup(struct monitor *m, struct msg *msg)
{
	const char *type = msg_get_str(msg), *base64 = msg_get_str(msg);
	struct msg  request;
	struct err  err = { 0 };

	if (!msg_end(msg))
		return false;
	if (!auth_key_parse(&m->key, type, base64, &err)) {
		log_debug("ssh %s: key %s: %s", m->from, m->key.fingerprint, err.text);
		send_known(m, false, err.text);
		return true;
	}
	m->known = false;
	m->state = MONITOR_ASKING;
	m->lookup = ++m->request;
	msg_init(&request, MSG_KEY_LOOKUP, m->lookup);
	msg_put_str(&request, m->key.type->name);
	msg_put_str(&request, m->key.base64);
	if (!monitor_send_store(m, &request))
		send_known(m, false, "the store is not there, try again");
	return true;
}

static void
on_looked_up(struct monitor *m, struct msg *reply)
{
	struct err err = { 0 };

	if (reply->type == MSG_OK && client_get_identity(reply, &m->who) && msg_end(reply)) {
		send_known(m, true, "");
		return;
	}
	if (reply->type == MSG_ERR)
		msg_get_err(reply, &err);
	send_known(m, false, err.code == ERR_NOTFOUND || err.code == ERR_NOTAUTH || err.code == ERR_DENIED ? "" : err.text);
}

static void
send_admitted(struct monitor *m, const struct err *why)
{
	bool       admitted = why->code == ERR_NONE;
	struct msg msg;

	if (admitted) {
		m->state = MONITOR_USER;
		metric_add(METRIC_SSH_LOGINS, 1);
		log_info("ssh %s: %s logged in with %s (%s)", m->from, *m->who.display != '\0' ? m->who.display : m->who.name,
		    m->key.fingerprint, m->key.type->proof);
	} else {
		metric_add(METRIC_SSH_BAD, 1);
		log_info("ssh %s: refused %s with %s (%s): %s", m->from, m->who.name, m->key.fingerprint, m->key.type->label, why->text);
	}
	msg_init(&msg, NET_ADMITTED, 0);
	msg_put_bool(&msg, admitted);
	msg_put_bool(&msg, admitted && m->who.kind == ID_DEVICE);
	msg_put_str(&msg, why->text);
	monitor_send_net(m, &msg);
}

/* What was overheard of a security key's assertion. */
static bool
get_tap(struct msg *msg, bool *heard, struct tap *tap)
{
	const void *data, *signature;
	size_t      data_len, signature_len;

	*tap = (struct tap){ 0 };
	*heard = msg_get_bool(msg);
	data = msg_get_blob(msg, &data_len);
	signature = msg_get_blob(msg, &signature_len);
	if (!msg_end(msg))
		return false;
	if (!*heard)
		return data_len == 0 && signature_len == 0;
	if (data_len != sizeof tap->signed_data || signature_len > sizeof tap->signature)
		return false;
	memcpy(tap->signed_data, data, data_len);
	memcpy(tap->signature, signature, signature_len);
	tap->signature_len = signature_len;
	return true;
}

static bool
on_login(struct monitor *m, struct msg *msg)
{
	const char *type = msg_get_str(msg), *base64 = msg_get_str(msg);
	bool        same = m->known && strcmp(type, m->key.type->name) == 0 && strcmp(base64, m->key.base64) == 0;
	struct err  err = { 0 };
	struct tap  tap;
	bool        heard;

	if (!same || !get_tap(msg, &heard, &tap))
		return false;
	if (m->key.type->sk && (!heard || !m->ask->tap_works))
		err_set(&err, ERR_DENIED, "the security key's assertion could not be overheard, so its touch is not proven");
	else if (m->key.type->sk)
		assertion_verify(&m->key, &tap, &err);
	send_admitted(m, &err);
	return true;
}

static bool
on_failed(struct monitor *m, struct msg *msg)
{
	const char *text = msg_get_str(msg);

	if (!msg_end(msg))
		return false;
	metric_add(METRIC_SSH_BAD, 1);
	log_info("ssh %s: refused: %.200s", m->from, text);
	return true;
}

/* ---- messages ---- */

typedef bool net_fn(struct monitor *m, struct msg *msg);

/* What the network child may say, and when; see monitor.h. */
static const struct { net_fn *fn; unsigned states; } net_rules[NET_MSGS] = {
	[NET_LOOKUP] = { on_lookup, MONITOR_IDLE },
	[NET_LOGIN]  = { on_login, MONITOR_IDLE },
	[NET_FAILED] = { on_failed, MONITOR_IDLE },
	[NET_OPEN]   = { monitor_on_open, MONITOR_USER },
	[NET_SIGNAL] = { monitor_on_signal, MONITOR_USER },
	[NET_CLOSE]  = { monitor_on_close, MONITOR_USER },
};

static void
on_net_msg(struct monitor *m, struct msg *msg)
{
	uint16_t type = msg->type;

	if (type < NET_MSGS && (net_rules[type].states & m->state) != 0 && net_rules[type].fn(m, msg))
		return;
	log_warn("ssh %s: the network process sent message %u which is not legal in state %d: closed", m->from, type, (int)m->state);
	monitor_end(m);
}

static void
on_net(void *arg, uint32_t events)
{
	struct monitor *m = arg;
	enum chan_state state = CHAN_MSG;
	struct msg      msg;

	if ((events & EPOLLOUT) != 0) {
		chan_flush(&m->net);
		loop_change(m->net_io, EPOLLIN | (chan_wants_write(&m->net) ? (uint32_t)EPOLLOUT : 0));
	}
	for (int i = 0; i < MSGS_PER_CALL && m->state != MONITOR_ENDING; i++) {
		if ((state = chan_recv(&m->net, &msg)) != CHAN_MSG)
			break;
		on_net_msg(m, &msg);
		msg_done(&msg);
	}
	if (state == CHAN_CLOSED && m->state != MONITOR_ENDING)
		monitor_end(m);
}

/* Without the store nobody can log in any more; who has, goes on with the helpers that run. */
static void
on_store_gone(struct monitor *m)
{
	loop_remove(m->store_io);
	m->store_io = NULL;
	chan_done(&m->store);
	monitor_store_lost(m);
	if (m->state == MONITOR_ASKING)
		send_known(m, false, "the store restarted, connect again");
	if (m->state == MONITOR_IDLE)
		send_bye(m, "the store restarted, connect again");
}

static void
on_store(void *arg, uint32_t events)
{
	struct monitor *m = arg;
	enum chan_state state;
	struct msg      msg;

	if ((events & EPOLLOUT) != 0) {
		chan_flush(&m->store);
		loop_change(m->store_io, EPOLLIN | (chan_wants_write(&m->store) ? (uint32_t)EPOLLOUT : 0));
	}
	while ((state = chan_recv(&m->store, &msg)) == CHAN_MSG) {
		if (m->state == MONITOR_ASKING && msg.id == m->lookup)
			on_looked_up(m, &msg);
		else
			monitor_on_client(m, &msg);
		msg_done(&msg);
	}
	if (state == CHAN_CLOSED)
		on_store_gone(m);
}

static void
on_net_exit(void *arg, pid_t pid, int wait_status)
{
	struct monitor *m = arg;

	(void)pid;
	m->net_pid = 0;
	if (WIFSIGNALED(wait_status))
		log_warn("ssh %s: the network process was killed by signal %d", m->from, WTERMSIG(wait_status));
	monitor_end(m);
}

/* ---- the beginning ---- */

/* Become the owner when root, without root's powers in any case, and end with the role. */
static void
become_owner(const struct monitor_ask *ask)
{
	proc_confine(ask->proc, CONFINE_MONITOR, ask->uid, ask->gid);
	prctl(PR_SET_PDEATHSIG, SIGTERM);       /* not KILL: there are helpers to end */
	if (getppid() != ask->parent)
		_exit(0);
}

static _Noreturn void
become_net(const struct monitor_ask *ask, int monitor, pid_t parent)
{
	prctl(PR_SET_NAME, "ssh-net");
	proc_confine(ask->proc, CONFINE_NET, UID_NOBODY, UID_NOBODY);   /* it will be killed with its monitor */
	if (getppid() != parent)
		_exit(0);
	net_run(&ask->proc->conf, ask->host, ask->conn, monitor);
}

/* Fork the network child; its channel. */
static int
start_net(struct monitor *m)
{
	const struct monitor_ask *ask = m->ask;
	struct err                err = { 0 };
	pid_t                     self = getpid();
	int                       pair[2];

	if (!chan_pair(pair, &err))
		log_fatal("ssh %s: %s", m->from, err.text);
	m->net_pid = fork();
	if (m->net_pid < 0)
		log_fatal("ssh %s: no process can be had: %s", m->from, strerror(errno));
	if (m->net_pid == 0) {
		close(pair[0]);
		close(ask->store);
		become_net(ask, pair[1], self);
	}
	close(pair[1]);
	close(ask->conn);
	net_host_free(ask->host);       /* the private keys are of no use here */
	return pair[0];
}

static void
monitor_done(struct monitor *m)
{
	for (size_t i = 0; i < NET_SLOTS; i++)
		free(m->slots[i].ask.command);
	chan_done(&m->net);
	chan_done(&m->store);
	loop_free(m->loop);
}

void
monitor_serve(struct monitor *m, int net, int store)
{
	for (size_t i = 0; i < NET_SLOTS; i++)
		m->slots[i].monitor = m;
	m->state = MONITOR_IDLE;
	m->loop = loop_new();
	chan_init(&m->net, net);
	chan_init(&m->store, store);
	m->net_io = loop_add(m->loop, net, EPOLLIN, on_net, m);
	m->store_io = loop_add(m->loop, store, EPOLLIN, on_store, m);
	loop_signal(m->loop, SIGTERM, on_stop_signal, m);
	loop_after(m->loop, m->ask->proc->conf.ssh_grace_num + GRACE_MORE_MS, on_grace, m);
	if (m->net_pid != 0)
		loop_child(m->loop, m->net_pid, on_net_exit, m);
	loop_run(m->loop);
	monitor_done(m);
}

void
monitor_run(const struct monitor_ask *ask)
{
	struct monitor m = { .ask = ask };
	int            net;

	prctl(PR_SET_NAME, "ssh-monitor");
	addr_print_ip(m.from, &ask->from);
	net = start_net(&m);
	become_owner(ask);
	monitor_serve(&m, net, ask->store);
	/* The network child goes with this process if it still runs, and helpers were killed. */
	_exit(0);
}
