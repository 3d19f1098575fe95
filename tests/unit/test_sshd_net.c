/* SPDX-License-Identifier: ISC */
/* The network child against clients that do what OpenSSH's never does.  The client is libssh's, the monitor this file's. */
#include <fcntl.h>
#include <libssh/libssh.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/conf.h"
#include "sshd/monitor.h"

#define FLOOD_MAX (64 << 20)

static char        dir[] = "/tmp/zonesh-net-XXXXXX";
static struct conf conf;

struct fixture {
	pid_t       net, monitor;
	int         conn;
	ssh_session session;
};

/* A helper that reads and writes nothing, until its client is gone. */
static bool
stubborn_helper(struct chan *net, uint8_t slot)
{
	struct msg reply;
	int        in[2], out[2];

	assert_true(pipe(in) == 0 && pipe(out) == 0);
	fcntl(in[1], F_SETFL, O_NONBLOCK);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	msg_init(&reply, NET_OPENED, 0);
	msg_put_u8(&reply, slot);
	msg_put_fd(&reply, in[1]);
	msg_put_fd(&reply, out[0]);
	msg_put_bool(&reply, false);
	close(in[1]);
	close(out[0]);
	return chan_send_wait(net, &reply, 1000);
}

static bool
helper_ends(struct chan *net, uint8_t slot)
{
	struct msg reply;

	msg_init(&reply, NET_EXIT, 0);
	msg_put_u8(&reply, slot);
	msg_put_u32(&reply, 0);
	msg_put_str(&reply, "HUP");
	return chan_send_wait(net, &reply, 1000);
}

/* Everybody is welcome, and every command but "stay" ends at once with its width as status. */
static bool
monitor_answer(struct chan *net, struct msg *msg)
{
	struct msg  reply;
	const void *command;
	size_t      len;
	uint8_t     slot;

	if (msg->type == NET_SIGNAL)
		return true;
	slot = msg->type == NET_OPEN || msg->type == NET_CLOSE ? msg_get_u8(msg) : 0;
	if (msg->type == NET_CLOSE)
		return helper_ends(net, slot);
	msg_init(&reply, msg->type == NET_LOOKUP ? NET_KNOWN : msg->type == NET_LOGIN ? NET_ADMITTED : NET_REFUSED, 0);
	if (msg->type == NET_OPEN) {
		(void)msg_get_bool(msg);
		(void)msg_get_str(msg);
		msg_put_u8(&reply, slot);
		msg_put_u32(&reply, msg_get_u32(msg));
		(void)msg_get_u32(msg);
		command = msg_get_blob(msg, &len);
		if (len == 4 && memcmp(command, "stay", 4) == 0) {
			msg_done(&reply);
			return stubborn_helper(net, slot);
		}
	} else {
		msg_put_bool(&reply, true);
	}
	if (msg->type == NET_LOGIN)
		msg_put_bool(&reply, false);
	msg_put_str(&reply, "");
	return chan_send_wait(net, &reply, 1000);
}

static _Noreturn void
monitor_main(int fd)
{
	struct chan net;
	struct msg  msg;

	chan_init(&net, fd);
	while (chan_recv_wait(&net, &msg, -1) == CHAN_MSG) {
		bool ok = monitor_answer(&net, &msg);

		msg_done(&msg);
		if (!ok)
			break;
	}
	_exit(0);
}

static void
start(struct fixture *f)
{
	int conn[2], chan[2];

	*f = (struct fixture){ 0 };
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, conn), 0);
	assert_true(chan_pair(chan, NULL));
	if ((f->net = fork()) == 0) {
		struct err       err;
		struct net_host *host = net_host_load(&conf, &err);

		close(conn[1]);
		close(chan[1]);
		if (host == NULL)
			_exit(9);
		net_run(&conf, host, conn[0], chan[0]);
	}
	close(conn[0]);
	if ((f->monitor = fork()) == 0) {
		close(conn[1]);
		close(chan[0]);
		monitor_main(chan[1]);
	}
	close(chan[0]);
	close(chan[1]);
	f->conn = conn[1];
}

static void
stop(struct fixture *f)
{
	int status;

	if (f->session != NULL) {
		ssh_disconnect(f->session);
		ssh_free(f->session);
	}
	close(f->conn);         /* libssh leaves to us what it got from us */
	assert_int_equal(waitpid(f->net, &status, 0), f->net);
	assert_int_equal(status, 0);
	assert_int_equal(waitpid(f->monitor, &status, 0), f->monitor);
	assert_int_equal(status, 0);
}

static void
login(struct fixture *f)
{
	long    timeout_s = 20;
	bool    no_files = false;
	ssh_key key;

	f->session = ssh_new();
	assert_int_equal(ssh_options_set(f->session, SSH_OPTIONS_HOST, "localhost"), SSH_OK);
	assert_int_equal(ssh_options_set(f->session, SSH_OPTIONS_PROCESS_CONFIG, &no_files), SSH_OK);
	assert_int_equal(ssh_options_set(f->session, SSH_OPTIONS_TIMEOUT, &timeout_s), SSH_OK);
	assert_int_equal(ssh_options_set(f->session, SSH_OPTIONS_FD, &f->conn), SSH_OK);
	assert_int_equal(ssh_connect(f->session), SSH_OK);
	assert_int_equal(ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key), SSH_OK);
	assert_int_equal(ssh_userauth_publickey(f->session, NULL, key), SSH_AUTH_SUCCESS);
	ssh_key_free(key);
}

/* A new channel; NULL when it is refused. */
static ssh_channel
open_channel(struct fixture *f)
{
	ssh_channel channel = ssh_channel_new(f->session);

	if (ssh_channel_open_session(channel) == SSH_OK)
		return channel;
	ssh_channel_free(channel);
	return NULL;
}

static void
run_command(ssh_channel channel)
{
	char text[100];

	assert_int_equal(ssh_channel_request_exec(channel, "whoami"), SSH_OK);
	for (int is_stderr = 0; is_stderr < 2; is_stderr++)
		while (ssh_channel_read(channel, text, sizeof text, is_stderr) > 0)
			;
	assert_true(ssh_channel_is_eof(channel));
}

/* Whoever never closes what has ended gets no more: what he still sends there would be kept for ever. */
static void
never_closes(void **state)
{
	struct fixture f;
	ssh_channel    channels[NET_SLOTS];

	(void)state;
	start(&f);
	login(&f);
	for (size_t i = 0; i < NET_SLOTS; i++) {
		assert_non_null(channels[i] = open_channel(&f));
		run_command(channels[i]);
	}
	assert_null(open_channel(&f));
	ssh_channel_free(channels[3]);
	assert_non_null(channels[3] = open_channel(&f));
	run_command(channels[3]);
	for (size_t i = 0; i < NET_SLOTS; i++)
		ssh_channel_free(channels[i]);
	stop(&f);
}

/* Whoever closes a channel is done with it, however much of what he sent was not read. */
static void
closes_unread(void **state)
{
	static char    data[130000];    /* more than the pipe and the relay hold, less than they and the window */
	struct fixture f;

	(void)state;
	start(&f);
	login(&f);
	for (size_t i = 0; i < 3 * NET_SLOTS; i++) {
		ssh_channel channel = open_channel(&f);

		for (int tries = 0; channel == NULL && tries < 1000; tries++)   /* the monitor takes a moment */
			channel = open_channel(&f);
		assert_non_null(channel);
		assert_int_equal(ssh_channel_request_exec(channel, "stay"), SSH_OK);
		assert_int_equal(ssh_channel_write(channel, data, sizeof data), sizeof data);
		ssh_channel_free(channel);
	}
	stop(&f);
}

/* Nonsense of the client is not what the monitor takes for an attack. */
static void
huge_window(void **state)
{
	static const struct { int first, then, want; } cases[] = {
		{ 80, 120, 120 }, { 80, 200000, 0 }, { 200000, 90, 90 }, { 70000, 65535, 65535 }, { 80, -1, 0 }, { 80, 0, 0 },
	};
	struct fixture f;

	(void)state;
	start(&f);
	login(&f);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ssh_channel channel = open_channel(&f);

		assert_int_equal(ssh_channel_request_pty_size(channel, "xterm", cases[i].first, 24), SSH_OK);
		assert_int_equal(ssh_channel_change_pty_size(channel, cases[i].then, 24), SSH_OK);
		run_command(channel);
		assert_int_equal(ssh_channel_get_exit_status(channel), cases[i].want);
		ssh_channel_free(channel);
	}
	stop(&f);
}

/* Packets that libssh answers, before anything is encrypted, by somebody who reads no answer. */
static void
never_reads(void **state)
{
	static uint8_t packets[16 * 4096];      /* length 12, 10 of padding, a type that nobody knows */
	struct fixture f;
	size_t         sent = 0;
	ssize_t        n;

	(void)state;
	for (size_t i = 0; i < sizeof packets; i += 16)
		memcpy(packets + i, (const uint8_t[]){ 0, 0, 0, 12, 10, 200 }, 6);
	start(&f);
	assert_int_equal(send(f.conn, "SSH-2.0-x\r\n", 11, MSG_NOSIGNAL), 11);
	while (sent < FLOOD_MAX && (n = send(f.conn, packets, sizeof packets, MSG_NOSIGNAL)) > 0)
		sent += (size_t)n;
	assert_true(sent < FLOOD_MAX);
	stop(&f);
}

static int
setup(void **state)
{
	char    path[96];
	ssh_key key;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/hostkeys", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	conf_init(&conf, dir);
	assert_int_equal(ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key), SSH_OK);
	snprintf(path, sizeof path, "%s/hostkeys/ssh_host_ed25519_key", dir);
	assert_int_equal(ssh_pki_export_privkey_file(key, NULL, NULL, NULL, path), SSH_OK);
	ssh_key_free(key);
	return 0;
}

static int
teardown(void **state)
{
	char path[96];

	(void)state;
	snprintf(path, sizeof path, "%s/hostkeys/ssh_host_ed25519_key", dir);
	unlink(path);
	snprintf(path, sizeof path, "%s/hostkeys", dir);
	rmdir(path);
	rmdir(dir);
	conf_done(&conf);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(never_closes), cmocka_unit_test(closes_unread), cmocka_unit_test(huge_window), cmocka_unit_test(never_reads),
	};

	return cmocka_run_group_tests_name("sshd/net", tests, setup, teardown);
}
