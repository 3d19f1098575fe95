/* SPDX-License-Identifier: ISC */
/*
 * Channels: requests, and the relay between channel and helper.  Everything is pulled when the other side can take it: libssh's push callbacks
 * lose wake-ups, and its connectors hang.
 */
#include "sshd/net_local.h"

#include <errno.h>
#include <libssh/server.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/loop.h"
#include "base/str.h"
#include "sshd/pty.h"

#define ROUNDS 8        /* chunks per turn, so that one channel does not starve the others */

static void
stream_close(struct net_stream *stream)
{
	if (stream->fd >= 0)
		close(stream->fd);
	stream->fd = -1;
}

static void
channel_release(struct net_channel *c)
{
	struct net *net = c->net;
	uint8_t     slot = c->slot;

	stream_close(&c->in);
	stream_close(&c->out);
	stream_close(&c->err);
	free(c->ask.command);
	if (c->channel != NULL) {
		ssh_remove_channel_callbacks(c->channel, &c->callbacks);
		ssh_channel_free(c->channel);
	}
	*c = (struct net_channel){ .net = net, .slot = slot, .in.fd = -1, .out.fd = -1, .err.fd = -1 };
}

static void
tell_monitor(struct net_channel *c, uint16_t type, const char *text)
{
	struct msg msg;

	msg_init(&msg, type, 0);
	msg_put_u8(&msg, c->slot);
	if (text != NULL)
		msg_put_str(&msg, text);
	chan_send(&c->net->monitor, &msg);
}

/* ---- requests of the client; 0 accepts ---- */

/* A width or height as the monitor takes it. */
static unsigned
window_cells(int n)
{
	return n < 0 || n > UINT16_MAX ? 0 : (unsigned)n;
}

static int
on_pty(ssh_session session, ssh_channel channel, const char *term, int cols, int rows, int px, int py, void *userdata)
{
	struct net_channel *c = userdata;

	(void)session, (void)channel, (void)px, (void)py;
	if (c->state != CHANNEL_NEW || c->ask_ready || c->net->device)
		return -1;
	/* A terminal of a name that nobody may have is one that nobody knows: the editor falls back. */
	strcpy(c->ask.term, helper_term_ok(term) ? term : "unknown");
	c->ask.cols = window_cells(cols);
	c->ask.rows = window_cells(rows);
	c->ask.tty = true;
	return 0;
}

static int
on_env(ssh_session session, ssh_channel channel, const char *name, const char *value, void *userdata)
{
	struct net_channel *c = userdata;
	struct helper_env  *env = &c->ask.env[c->ask.env_count];

	(void)session, (void)channel;
	if (c->state != CHANNEL_NEW || c->ask.env_count == HELPER_ENV_MAX || !helper_env_ok(name, value))
		return -1;
	strcpy(env->name, name);
	strcpy(env->value, value);
	c->ask.env_count++;
	return 0;
}

static int
on_exec(ssh_session session, ssh_channel channel, const char *command, void *userdata)
{
	struct net_channel *c = userdata;

	(void)session, (void)channel;
	if (c->state != CHANNEL_NEW || c->ask_ready || strlen(command) > HELPER_COMMAND_MAX)
		return -1;
	c->ask.command = mem_strdup(command);
	c->ask_ready = true;            /* the monitor is asked outside of libssh's callback */
	return 0;
}

static int
on_shell(ssh_session session, ssh_channel channel, void *userdata)
{
	return on_exec(session, channel, "", userdata);
}

static int
on_window(ssh_session session, ssh_channel channel, int cols, int rows, int px, int py, void *userdata)
{
	struct net_channel *c = userdata;

	(void)session, (void)channel, (void)px, (void)py;
	if (!c->ask.tty)
		return -1;
	c->ask.cols = window_cells(cols);
	c->ask.rows = window_cells(rows);
	if (c->in.fd >= 0)
		pty_resize(c->in.fd, c->ask.cols, c->ask.rows);
	c->net->input_ms = loop_now_ms();
	return 0;
}

static void
on_signal(ssh_session session, ssh_channel channel, const char *name, void *userdata)
{
	struct net_channel *c = userdata;

	(void)session, (void)channel;
	if (c->state == CHANNEL_RUNNING && !c->ended && strlen(name) < sizeof c->signal)
		tell_monitor(c, NET_SIGNAL, name);
}

static void
on_close(ssh_session session, ssh_channel channel, void *userdata)
{
	struct net_channel *c = userdata;

	(void)session, (void)channel;
	c->closed = true;
}

void
net_channel_hang_up(struct net_channel *c)
{
	if (!c->ended)
		tell_monitor(c, NET_SIGNAL, "TERM");  /* on which ncurses leaves the terminal as it was */
}

ssh_channel
net_channel_open(struct net *net)
{
	struct net_channel *c = NULL;

	for (size_t i = 0; i < NET_SLOTS && c == NULL; i++) {
		c = &net->channels[i];
		if (c->state == CHANNEL_CLOSING && c->closed)
			channel_release(c);     /* the client closed it just now, to open this one */
		if (c->state != CHANNEL_FREE)
			c = NULL;
	}
	if (c == NULL || (c->channel = ssh_channel_new(net->session)) == NULL)
		return NULL;
	c->state = CHANNEL_NEW;
	c->callbacks = (struct ssh_channel_callbacks_struct){
		.userdata = c,
		.channel_pty_request_function = on_pty,
		.channel_env_request_function = on_env,
		.channel_exec_request_function = on_exec,
		.channel_shell_request_function = on_shell,
		.channel_pty_window_change_function = on_window,
		.channel_signal_function = on_signal,
		.channel_close_function = on_close,
	};
	ssh_callbacks_init(&c->callbacks);
	ssh_set_channel_callbacks(c->channel, &c->callbacks);
	net->input_ms = loop_now_ms();
	return c->channel;
}

static void
ask_for_helper(struct net_channel *c)
{
	const struct helper_ask *ask = &c->ask;
	struct msg               msg;

	c->state = CHANNEL_ASKED;
	msg_init(&msg, NET_OPEN, 0);
	msg_put_u8(&msg, c->slot);
	msg_put_bool(&msg, ask->tty);
	msg_put_str(&msg, ask->term);
	msg_put_u32(&msg, ask->cols);
	msg_put_u32(&msg, ask->rows);
	msg_put_blob(&msg, ask->command, strlen(ask->command));
	msg_put_u8(&msg, (uint8_t)ask->env_count);
	for (size_t i = 0; i < ask->env_count; i++) {
		msg_put_str(&msg, ask->env[i].name);
		msg_put_str(&msg, ask->env[i].value);
	}
	chan_send(&c->net->monitor, &msg);
}

/* ---- what the monitor says ---- */

/* The channel that MSG is about; NULL when it waits for no such thing. */
static struct net_channel *
get_channel(struct net *net, struct msg *msg, enum net_channel_state state)
{
	uint8_t slot = msg_get_u8(msg);

	if (slot >= NET_SLOTS)
		return NULL;
	return net->channels[slot].state == state || net->channels[slot].state == CHANNEL_GONE ? &net->channels[slot] : NULL;
}

void
net_channel_on_opened(struct net *net, struct msg *msg)
{
	struct net_channel *c = get_channel(net, msg, CHANNEL_ASKED);

	if (c == NULL || c->state == CHANNEL_GONE)
		return;
	c->state = CHANNEL_RUNNING;
	c->in.fd = msg_take_fd(msg);
	c->out.fd = msg_take_fd(msg);
	if (msg_get_bool(msg))
		c->err.fd = msg_take_fd(msg);
	if (c->ask.tty && c->in.fd >= 0)
		pty_resize(c->in.fd, c->ask.cols, c->ask.rows);        /* it may have changed meanwhile */
}

static void
channel_ended(struct net_channel *c, uint32_t status, const char *signal)
{
	c->ended = true;
	c->status = status;
	if (strlen(signal) < sizeof c->signal)
		strcpy(c->signal, signal);
	if (c->state == CHANNEL_GONE)
		channel_release(c);
}

void
net_channel_on_refused(struct net *net, struct msg *msg)
{
	struct net_channel *c = get_channel(net, msg, CHANNEL_ASKED);
	uint32_t            status = msg_get_u32(msg);
	const char         *why = msg_get_str(msg);
	struct net_stream  *stream;

	if (c == NULL)
		return;
	if (c->state == CHANNEL_ASKED)
		c->state = CHANNEL_RUNNING;
	stream = c->ask.tty ? &c->out : &c->err;
	stream->len = (size_t)snprintf((char *)stream->buf, sizeof stream->buf, "zonesh: %.500s%s\n", str_show(why), c->ask.tty ? "\r" : "");
	channel_ended(c, status, "");
}

void
net_channel_on_exit(struct net *net, struct msg *msg)
{
	struct net_channel *c = get_channel(net, msg, CHANNEL_RUNNING);
	uint32_t            status = msg_get_u32(msg);

	if (c != NULL)
		channel_ended(c, status, msg_get_str(msg));
}

/* ---- the relay ---- */

static void
note_input(struct net_channel *c)
{
	c->net->input_ms = loop_now_ms();
}

/* From the client to the helper.  What a helper that closed its input would have got is read and dropped. */
static void
pump_in(struct net_channel *c)
{
	struct net_stream *in = &c->in;

	for (int i = 0; i < ROUNDS; i++) {
		ssize_t n;

		if (in->len == 0) {
			int got = ssh_channel_read_nonblocking(c->channel, in->buf, sizeof in->buf, 0);

			if (got <= 0) {
				if (!c->ask.tty && ssh_channel_is_eof(c->channel))
					stream_close(in);
				return;
			}
			in->at = 0;
			in->len = (size_t)got;
			note_input(c);
		}
		n = in->fd < 0 ? (ssize_t)in->len : write(in->fd, in->buf + in->at, in->len);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			stream_close(in);
			n = (ssize_t)in->len;
		}
		in->at += (size_t)n;
		in->len -= (size_t)n;
	}
}

/* May more go out?  Not past the client's window, nor into libssh's memory when the network is slow. */
static bool
has_room(struct net_channel *c)
{
	return ssh_channel_window_size(c->channel) > 0 && (ssh_get_poll_flags(c->net->session) & SSH_WRITE_PENDING) == 0;
}

/* Fill STREAM from its descriptor; false when there is nothing. */
static bool
stream_fill(struct net_stream *stream)
{
	ssize_t n = stream->fd < 0 ? -1 : read(stream->fd, stream->buf, sizeof stream->buf);

	if (stream->fd >= 0 && (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)))
		stream_close(stream);   /* EIO: nobody has the terminal open any more */
	stream->at = 0;
	stream->len = n > 0 ? (size_t)n : 0;
	return n > 0;
}

/* From the helper to the client.  False when the channel is broken. */
static bool
pump_out(struct net_channel *c, struct net_stream *stream)
{
	for (int i = 0; i < ROUNDS && has_room(c); i++) {
		int n;

		if (stream->len == 0 && !stream_fill(stream))
			return true;
		n = stream == &c->err ? ssh_channel_write_stderr(c->channel, stream->buf + stream->at, (uint32_t)stream->len)
		                      : ssh_channel_write(c->channel, stream->buf + stream->at, (uint32_t)stream->len);
		if (n < 0)
			return n == SSH_AGAIN;
		if (n == 0)
			return true;            /* keys are being exchanged again */
		stream->at += (size_t)n;
		stream->len -= (size_t)n;
		if (!c->ask.tty)
			note_input(c);          /* who follows a log types nothing */
	}
	return true;
}

static bool
stream_done(const struct net_stream *stream)
{
	return stream->fd < 0 && stream->len == 0;
}

bool
net_channel_done(const struct net_channel *c)
{
	return c->state != CHANNEL_RUNNING || (c->ended && stream_done(&c->out) && stream_done(&c->err));
}

/* All output is out: say how it ended, then close, in this order. */
static void
channel_finish(struct net_channel *c)
{
	if (*c->signal != '\0')
		ssh_channel_request_send_exit_signal(c->channel, c->signal, 0, "", "");
	else
		ssh_channel_request_send_exit_status(c->channel, (int)c->status);
	ssh_channel_send_eof(c->channel);
	ssh_channel_close(c->channel);
	stream_close(&c->in);
	c->state = CHANNEL_CLOSING;
}

/* The client closed the channel (or it broke): whoever works for it hears of that, and keeps the slot until it has ended. */
static void
channel_gone(struct net_channel *c)
{
	if (c->state == CHANNEL_NEW || c->ended) {
		channel_release(c);
		return;
	}
	tell_monitor(c, NET_CLOSE, NULL);
	c->state = CHANNEL_GONE;
	stream_close(&c->in);
	stream_close(&c->out);
	stream_close(&c->err);
	ssh_remove_channel_callbacks(c->channel, &c->callbacks);
	ssh_channel_free(c->channel);
	c->channel = NULL;
}

void
net_channel_pump(struct net_channel *c)
{
	if (c->state == CHANNEL_FREE || c->state == CHANNEL_GONE)
		return;
	if (c->state == CHANNEL_CLOSING) {
		if (c->closed)
			channel_release(c);
		return;
	}
	/* To libssh it is open until all input is read, which a helper that waits for its output to be read may never do. */
	if (c->closed || ssh_channel_is_closed(c->channel)) {
		channel_gone(c);
		return;
	}
	if (c->state == CHANNEL_NEW && c->ask_ready)
		ask_for_helper(c);
	if (c->state != CHANNEL_RUNNING)
		return;
	pump_in(c);
	if (!pump_out(c, &c->out) || !pump_out(c, &c->err))
		channel_gone(c);
	else if (net_channel_done(c) && c->net->ending_ms == 0)
		channel_finish(c);      /* else the client would go with its status, and never read why the connection ends */
}

size_t
net_channel_poll(struct net_channel *c, struct pollfd *out)
{
	size_t n = 0;

	if (c->state != CHANNEL_RUNNING)
		return 0;
	if (c->in.fd >= 0 && (c->in.len != 0 || ssh_channel_poll(c->channel, 0) > 0))
		out[n++] = (struct pollfd){ .fd = c->in.fd, .events = POLLOUT };
	if (!has_room(c))
		return n;
	if (c->out.fd >= 0 && c->out.len == 0)
		out[n++] = (struct pollfd){ .fd = c->out.fd, .events = POLLIN };
	if (c->err.fd >= 0 && c->err.len == 0)
		out[n++] = (struct pollfd){ .fd = c->err.fd, .events = POLLIN };
	return n;
}
