/* SPDX-License-Identifier: ISC */
/*
 * The network child's loop.  libssh is not allowed to wait: we poll for it, so that clocks, pipes and the monitor are served, and so
 * that the delayed-ACK stall of a handshake (40 ms) can be avoided.
 */
#include "sshd/net_local.h"

#include <errno.h>
#include <libssh/server.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/loop.h"
#include "sshd/fido.h"

#define UNANSWERED_MS 3000      /* libssh says nothing at all to a bad signature */
#define PING_MS       30000
#define SILENT_MS     120000    /* without a packet, in spite of pings */
#define TICK_MS       500
#define FLUSH_MS      2000
#define HELPERS_MS    250       /* for helpers to end by themselves */
#define BACKLOG_MAX   16384     /* packets, answers all of them, for output waits in its pipe */

/* Ask the helpers to end, so that the editor leaves the client's terminal as it found it.  False when there are none. */
static bool
hang_up_helpers(struct net *net)
{
	bool any = false;

	for (size_t i = 0; i < NET_SLOTS; i++)
		if (net->channels[i].state == CHANNEL_RUNNING) {
			net_channel_hang_up(&net->channels[i]);
			any = true;
		}
	return any;
}

static bool
is_ending(const struct net *net)
{
	return net->over || net->ending_ms != 0;
}

void
net_bye(struct net *net, const char *fmt, ...)
{
	va_list ap;

	if (is_ending(net))
		return;
	va_start(ap, fmt);
	vsnprintf(net->bye, sizeof net->bye, fmt, ap);
	va_end(ap);
	if (*net->bye != '\0' && hang_up_helpers(net))
		net->ending_ms = loop_now_ms() + HELPERS_MS;
	else
		net->over = true;
}

/*
 * When all output is sent, ask the client for a sign of life, and disconnect only after that: OpenSSH throws away what it has
 * not yet written to the terminal when data and disconnection arrive together.
 */
static void
check_ending(struct net *net, int64_t now)
{
	bool done = true;

	if (net->ending_ms == 0)
		return;
	for (size_t i = 0; i < NET_SLOTS; i++)
		done = done && net_channel_done(&net->channels[i]);
	if (done && !net->echo_asked) {
		net->echo_asked = true;
		net->heard_packets = net->counter.in_packets;
		ssh_send_keepalive(net->session);
	} else if (net->echo_asked && net->counter.in_packets != net->heard_packets) {
		net->over = true;
	}
	if (now >= net->ending_ms)
		net->over = true;
}

/* ---- what the monitor says ---- */

static void
on_bye(struct net *net, struct msg *msg)
{
	net_bye(net, "%s", msg_get_str(msg));
}

typedef void monitor_fn(struct net *net, struct msg *msg);

/* NET_KNOWN and NET_ADMITTED are awaited in net_auth.c. */
static monitor_fn *const handlers[NET_MSGS] = {
	[NET_OPENED] = net_channel_on_opened, [NET_REFUSED] = net_channel_on_refused, [NET_EXIT] = net_channel_on_exit,
	[NET_BYE] = on_bye,
};

static void
read_monitor(struct net *net)
{
	enum chan_state state;
	struct msg      msg;

	if (!chan_flush(&net->monitor))
		net->over = true;
	while ((state = chan_recv(&net->monitor, &msg)) == CHAN_MSG) {
		if (msg.type < NET_MSGS && handlers[msg.type] != NULL)
			handlers[msg.type](net, &msg);
		msg_done(&msg);
	}
	if (state == CHAN_CLOSED) {
		net_bye(net, "the server ended this connection");
		net->over = true;               /* nobody is left who could end helpers */
	}
}

/* ---- clocks ---- */

static void
check_grace(struct net *net, int64_t now)
{
	if (net->stage != NET_SERVING && now - net->started_ms > net->conf->ssh_grace_num)
		net_bye(net, "not logged in within %d seconds", (int)(net->conf->ssh_grace_num / 1000));
}

/*
 * A bad signature, a malformed key and a key of unknown type go without any reply in libssh 0.10, and the client would wait for ever.  What came in
 * and got no packet in return for so long is such a request.
 */
static void
check_unanswered(struct net *net, int64_t now)
{
	struct msg msg;

	if (net->stage != NET_AUTH)
		return;
	if (net->counter.out_packets != net->sent_packets || net->counter.in_packets == net->heard_packets) {
		net->unanswered_ms = now;
		net->sent_packets = net->counter.out_packets;
		net->heard_packets = net->counter.in_packets;
		return;
	}
	if (now - net->unanswered_ms < UNANSWERED_MS)
		return;
	msg_init(&msg, NET_FAILED, 0);
	msg_put_str(&msg, "a key or signature that is malformed, or does not verify");
	chan_send(&net->monitor, &msg);
	net_bye(net, "the key or its signature is not valid");
}

/* libssh answers requests into memory: whoever sends them and reads nothing would have all of it, before it has logged in even. */
static void
check_backlog(struct net *net)
{
	if ((ssh_get_poll_flags(net->session) & SSH_WRITE_PENDING) == 0)
		net->drained_packets = net->counter.out_packets;
	if (net->counter.out_packets - net->drained_packets > BACKLOG_MAX)
		net_bye(net, "%s", "");
}

static void
check_alive(struct net *net, int64_t now)
{
	if (net->stage != NET_SERVING || is_ending(net))
		return;
	if (net->counter.in_packets != net->heard_packets) {
		net->heard_packets = net->counter.in_packets;
		net->heard_ms = net->pinged_ms = now;
	}
	if (now - net->heard_ms > SILENT_MS)
		net_bye(net, "no answer for %d seconds", SILENT_MS / 1000);
	else if (now - net->pinged_ms >= PING_MS) {
		ssh_send_keepalive(net->session);
		net->pinged_ms = now;
	}
	if (now - net->input_ms > net->conf->ssh_idle_num)
		net_bye(net, "idle for %lld seconds", (long long)(net->conf->ssh_idle_num / 1000));
}

static int
timeout_ms(const struct net *net, int64_t now)
{
	int64_t idle = net->input_ms + net->conf->ssh_idle_num - now + 1, ping = net->pinged_ms + PING_MS - now;
	int64_t left = idle < ping ? idle : ping;

	if (net->stage != NET_SERVING)
		return TICK_MS;
	if (net->ending_ms != 0)
		left = net->ending_ms - now;
	return left < 0 ? 0 : left > PING_MS ? PING_MS : (int)left;
}

/* ---- the loop ---- */

static short
session_events(struct net *net)
{
	return POLLIN | ((ssh_get_poll_flags(net->session) & SSH_WRITE_PENDING) != 0 ? POLLOUT : 0);
}

static void
net_wait(struct net *net)
{
	struct pollfd fds[2 + 3 * NET_SLOTS];
	size_t        n = 2;
	int           on = 1;

	/* Has to be said again each time: acknowledge at once while the client waits for that (Nagle) before it goes on. */
	if (net->stage != NET_SERVING)
		setsockopt(net->conn, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
	fds[0] = (struct pollfd){ .fd = net->conn, .events = session_events(net) };
	fds[1] = (struct pollfd){ .fd = net->monitor.fd, .events = POLLIN | (chan_wants_write(&net->monitor) ? POLLOUT : 0) };
	for (size_t i = 0; i < NET_SLOTS; i++)
		n += net_channel_poll(&net->channels[i], fds + n);
	poll(fds, n, timeout_ms(net, loop_now_ms()));
}

static void
session_step(struct net *net)
{
	int result;

	if (net->stage == NET_KEX) {
		result = ssh_handle_key_exchange(net->session);
		if (result == SSH_ERROR)
			net_bye(net, "%s", "");
		if (result != SSH_OK)
			return;
		net->stage = NET_AUTH;
		net->unanswered_ms = loop_now_ms();
		ssh_event_add_session(net->event, net->session);
	}
	if (ssh_event_dopoll(net->event, 0) == SSH_ERROR ||
	    (ssh_get_status(net->session) & (SSH_CLOSED | SSH_CLOSED_ERROR)) != 0)
		net->over = true;
	if (net->stage == NET_AUTH && net->logged_in) {
		net->stage = NET_SERVING;
		net->input_ms = net->heard_ms = net->pinged_ms = loop_now_ms();
	}
}

static void
net_loop(struct net *net)
{
	while (!net->over) {
		int64_t now;

		session_step(net);
		read_monitor(net);
		for (size_t i = 0; i < NET_SLOTS && !net->over; i++)
			net_channel_pump(&net->channels[i]);
		now = loop_now_ms();
		check_grace(net, now);
		check_unanswered(net, now);
		check_backlog(net);
		check_alive(net, now);
		check_ending(net, now);
		if (!net->over)
			net_wait(net);
	}
}

/* Give what is on its way to the client a moment, then end. */
static void
net_flush(struct net *net)
{
	int64_t end = loop_now_ms() + FLUSH_MS;

	while ((ssh_get_poll_flags(net->session) & SSH_WRITE_PENDING) != 0 && loop_now_ms() < end) {
		struct pollfd fd = { .fd = net->conn, .events = POLLOUT };

		if (poll(&fd, 1, TICK_MS) < 0 || (fd.revents & (POLLERR | POLLHUP)) != 0 ||
		    ssh_event_dopoll(net->event, 0) == SSH_ERROR)
			return;
	}
}

static void
net_end(struct net *net)
{
	if (*net->bye != '\0' && net->stage != NET_KEX) {
		net_flush(net);
		ssh_session_set_disconnect_message(net->session, net->bye);
	}
	ssh_disconnect(net->session);
}

void
net_run(const struct conf *conf, struct net_host *host, int conn, int monitor)
{
	struct net *net = mem_alloc(sizeof *net);

	signal(SIGPIPE, SIG_IGN);
	net->conf = conf;
	net->conn = conn;
	net->started_ms = loop_now_ms();
	chan_init(&net->monitor, monitor);
	for (uint8_t i = 0; i < NET_SLOTS; i++)
		net->channels[i] = (struct net_channel){ .net = net, .slot = i, .in.fd = -1, .out.fd = -1, .err.fd = -1 };
	net->session = ssh_new();
	net->event = ssh_event_new();
	if (net->session == NULL || net->event == NULL || !net_host_accept(host, net->session, conn))
		_exit(1);
	ssh_set_blocking(net->session, 0);
	ssh_set_counters(net->session, NULL, &net->counter);
	tap_arm();
	net_auth_init(net);
	net_loop(net);
	net_end(net);
	_exit(0);
}
