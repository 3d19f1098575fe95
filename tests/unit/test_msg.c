/* SPDX-License-Identifier: ISC */
/* Messages and channels: every field, large bodies, descriptors, and what a hostile sender may try. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/memfd.h"
#include "base/msg.h"

static int
open_fds(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

struct pair {
	struct chan a, b;
	int         fds_before;
};

static int
setup(void **state)
{
	struct pair *pair = mem_alloc(sizeof *pair);
	int          fds[2];

	pair->fds_before = open_fds();
	assert_true(chan_pair(fds, NULL));
	chan_init(&pair->a, fds[0]);
	chan_init(&pair->b, fds[1]);
	*state = pair;
	return 0;
}

static int
teardown(void **state)
{
	struct pair *pair = *state;
	int          leaked;

	chan_done(&pair->a);
	chan_done(&pair->b);
	leaked = open_fds() - pair->fds_before;
	free(pair);
	return leaked;
}

static void
every_field(void **state)
{
	struct pair *pair = *state;
	struct err   err = { 0 };
	struct msg   msg;
	size_t       len;
	int          fd;

	err_set_id(&err, ERR_CHECK, "E-CNAME-COEXIST", "www has A");
	err_hint(&err, "remove it");
	err.line = 3;
	err.col = 9;
	msg_init(&msg, 17, 0xabcdef01);
	msg_put_u8(&msg, 200);
	msg_put_u16(&msg, 60000);
	msg_put_u32(&msg, 4000000000);
	msg_put_u64(&msg, UINT64_MAX);
	msg_put_bool(&msg, true);
	msg_put_str(&msg, "text");
	msg_put_str(&msg, NULL);
	msg_put_blob(&msg, "\0\1\2", 3);
	msg_put_blob(&msg, NULL, 0);
	msg_put_fd(&msg, STDERR_FILENO);
	msg_put_err(&msg, &err);
	assert_true(chan_send(&pair->a, &msg));

	assert_int_equal(chan_recv(&pair->b, &msg), CHAN_MSG);
	assert_int_equal(msg.type, 17);
	assert_int_equal(msg.id, 0xabcdef01);
	assert_int_equal(msg_get_u8(&msg), 200);
	assert_int_equal(msg_get_u16(&msg), 60000);
	assert_int_equal(msg_get_u32(&msg), 4000000000);
	assert_true(msg_get_u64(&msg) == UINT64_MAX);
	assert_true(msg_get_bool(&msg));
	assert_string_equal(msg_get_str(&msg), "text");
	assert_string_equal(msg_get_str(&msg), "");
	assert_memory_equal(msg_get_blob(&msg, &len), "\0\1\2", 3);
	assert_int_equal(len, 3);
	assert_non_null(msg_get_blob(&msg, &len));
	assert_int_equal(len, 0);
	fd = msg_take_fd(&msg);
	assert_true(fd > 2 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	close(fd);
	err = (struct err){ 0 };
	assert_false(msg_end(&msg));
	msg_get_err(&msg, &err);
	assert_true(msg_end(&msg));
	assert_int_equal(err.code, ERR_CHECK);
	assert_string_equal(err.id, "E-CNAME-COEXIST");
	assert_string_equal(err.text, "www has A");
	assert_string_equal(err.hint, "remove it");
	assert_int_equal(err.line * 100 + err.col, 309);
	msg_done(&msg);
	assert_int_equal(chan_recv(&pair->b, &msg), CHAN_EMPTY);
}

/* Sizes around every border: inline, packet, memfd, and a body that does not fit although each blob would. */
static void
large_blobs(void **state)
{
	static const size_t sizes[] = { 1, 15, 16, 17, MSG_INLINE_MAX - 1, MSG_INLINE_MAX, MSG_INLINE_MAX + 1, 1000000 };
	struct pair        *pair = *state;
	uint8_t            *data = mem_alloc(1000000);

	for (size_t i = 0; i < 1000000; i++)
		data[i] = (uint8_t)(i * 7);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct msg  msg;
		size_t      len;
		const void *p;

		msg_init(&msg, 1, 1);
		msg_put_blob(&msg, data, sizes[i]);
		msg_put_blob(&msg, data + 1, sizes[i] - 1);
		msg_put_str(&msg, "end");
		assert_true(chan_send(&pair->a, &msg));
		assert_int_equal(chan_recv(&pair->b, &msg), CHAN_MSG);
		p = msg_get_blob(&msg, &len);
		assert_int_equal(len, sizes[i]);
		assert_int_equal((uintptr_t)p % 16, 0);
		assert_memory_equal(p, data, len);
		p = msg_get_blob(&msg, &len);
		assert_int_equal(len, sizes[i] - 1);
		assert_memory_equal(p, data + 1, len);
		assert_string_equal(msg_get_str(&msg), "end");
		assert_true(msg_end(&msg));
		msg_done(&msg);
	}
	free(data);
}

static void
bad_fields(void **state)
{
	static const struct { const char *bytes; size_t len; } strings[] = {
		{ "\0\0\0\2a\0\0", 7 },         /* NUL inside */
		{ "\0\0\0\2ab", 6 },            /* no NUL */
		{ "\0\0\0\2abc", 7 },           /* another byte in its place */
		{ "\xff\xff\xff\xff", 4 },
		{ "\0\0", 2 },
	};
	struct pair *pair = *state;

	for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
		struct msg msg;

		msg_init(&msg, 1, 1);
		buf_put(&msg.body, strings[i].bytes, strings[i].len);
		chan_send(&pair->a, &msg);
		assert_int_equal(chan_recv(&pair->b, &msg), CHAN_MSG);
		assert_string_equal(msg_get_str(&msg), "");
		assert_false(msg_end(&msg));
		assert_int_equal(msg_get_u32(&msg), 0);
		assert_int_equal(msg_take_fd(&msg), -1);
		msg_done(&msg);
	}
}

/* A blob in memory that its sender could still change, cut off, or has lied about. */
static void
bad_blobs(void **state)
{
	struct pair *pair = *state;

	for (int i = 0; i < 4; i++) {
		int        fd = i == 3 ? memfd_sealed("t", "12345678", 8) : memfd_create("t", MFD_ALLOW_SEALING | MFD_CLOEXEC);
		struct msg msg;
		size_t     len;

		if (i < 3)
			assert_int_equal(ftruncate(fd, 100000), 0);
		if (i == 1)
			assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW), 0);
		if (i == 2)
			assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), 0);
		msg_init(&msg, 1, 1);
		msg_put_fd(&msg, fd);           /* writes "by descriptor", as a blob does */
		buf_put_u64(&msg.body, 100000);
		close(fd);
		chan_send(&pair->a, &msg);
		assert_int_equal(chan_recv(&pair->b, &msg), CHAN_MSG);
		assert_non_null(msg_get_blob(&msg, &len));
		assert_int_equal(len, 0);
		assert_false(msg_end(&msg));
		msg_done(&msg);
	}
}

/* Packets that are no messages break the channel and leave no descriptor behind. */
static void
bad_packets(void **state)
{
	static const struct { const char *bytes; size_t len; unsigned fds; } packets[] = {
		{ "\0\1\0", 3, 0 },
		{ "\0\1\0", 3, 2 },
		{ "\0\1\0\2\0\0\0\1", 8, 1 },          /* unknown flag */
		{ "\0\1\0\1\0\0\0\1", 8, 0 },          /* spilled without memory */
		{ "\0\1\0\1\0\0\0\1", 8, 1 },          /* spilled to something else */
		{ "\0\1\0\0\0\0\0\1", 8, 9 },          /* more than a message holds */
		{ "\0\1\0\0\0\0\0\1", 8, 12 },
		{ "\0\1\0\0\0\0\0\1", 70000, 1 },
	};
	static char big[70000];

	(void)state;
	for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++) {
		_Alignas(struct cmsghdr) char control[CMSG_SPACE(12 * sizeof(int))] = { 0 };
		struct iovec   iov = { big, packets[i].len };
		struct msghdr  hdr = { .msg_iov = &iov, .msg_iovlen = 1 };
		struct chan    chan;
		struct msg     msg;
		int            fds[2], before = open_fds();

		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
		memcpy(big, packets[i].bytes, packets[i].len < 8 ? packets[i].len : 8);
		if (packets[i].fds != 0) {
			struct cmsghdr *cmsg = (struct cmsghdr *)control;

			hdr.msg_control = control;
			hdr.msg_controllen = CMSG_SPACE(packets[i].fds * sizeof(int));
			*cmsg = (struct cmsghdr){ CMSG_LEN(packets[i].fds * sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
			for (unsigned k = 0; k < packets[i].fds; k++)
				((int *)CMSG_DATA(cmsg))[k] = STDERR_FILENO;
		}
		assert_true(sendmsg(fds[0], &hdr, 0) > 0);
		chan_init(&chan, fds[1]);
		assert_int_equal(chan_recv(&chan, &msg), CHAN_CLOSED);
		assert_int_equal(chan_recv(&chan, &msg), CHAN_CLOSED);
		assert_int_equal(send(fds[0], "x", 1, MSG_NOSIGNAL), -1);
		chan_done(&chan);
		close(fds[0]);
		assert_int_equal(open_fds(), before);
	}
}

static void
full_socket_queues(void **state)
{
	struct pair *pair = *state;
	struct msg   msg;
	unsigned     got = 0;

	for (unsigned i = 0; i < 3000; i++) {
		msg_init(&msg, 5, i);
		msg_put_blob(&msg, (char[1000]){ 0 }, 1000);
		msg_put_fd(&msg, STDERR_FILENO);
		assert_true(chan_send(&pair->a, &msg));
		if (i == 200)
			break;
	}
	for (unsigned i = 201; i < 3000; i++) {
		msg_init(&msg, 5, i);
		msg_put_blob(&msg, (char[1000]){ 0 }, 1000);
		assert_true(chan_send(&pair->a, &msg));
	}
	assert_true(chan_wants_write(&pair->a));
	while (got < 3000) {
		assert_int_equal(chan_recv(&pair->b, &msg), CHAN_MSG);
		assert_int_equal(msg.id, got++);
		msg_done(&msg);
		assert_true(chan_flush(&pair->a));
	}
	assert_false(chan_wants_write(&pair->a));
	assert_int_equal(chan_recv(&pair->b, &msg), CHAN_EMPTY);
}

static void
endless_queue_breaks(void **state)
{
	struct pair *pair = *state;
	struct msg   msg;
	unsigned     sent = 0;
	bool         ok = true;

	while (ok && sent < 20000) {
		msg_init(&msg, 5, sent++);
		ok = chan_send(&pair->a, &msg);
	}
	assert_false(ok);
	assert_true(sent > 4096);
	assert_false(chan_wants_write(&pair->a));
	msg_init(&msg, 5, 0);
	assert_false(chan_send(&pair->a, &msg));
	while (chan_recv(&pair->b, &msg) == CHAN_MSG)
		msg_done(&msg);
	assert_int_equal(chan_recv(&pair->b, &msg), CHAN_CLOSED);
}

static void
waiting(void **state)
{
	struct pair *pair = *state;
	struct msg   msg;
	int          fd = pair->a.fd;

	assert_int_equal(chan_recv_wait(&pair->b, &msg, 10), CHAN_EMPTY);
	msg_init(&msg, 6, 0);
	assert_true(chan_send_wait(&pair->a, &msg, 10));
	assert_int_equal(chan_recv_wait(&pair->b, &msg, -1), CHAN_MSG);
	msg_done(&msg);
	close(fd);
	pair->a.fd = -1;
	assert_int_equal(chan_recv_wait(&pair->b, &msg, -1), CHAN_CLOSED);
	msg_init(&msg, 6, 0);
	assert_false(chan_send(&pair->b, &msg));
	msg_init(&msg, 6, 0);
	assert_false(chan_send(&pair->a, &msg));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_field, setup, teardown),
		cmocka_unit_test_setup_teardown(large_blobs, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_fields, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_blobs, setup, teardown),
		cmocka_unit_test(bad_packets),
		cmocka_unit_test_setup_teardown(full_socket_queues, setup, teardown),
		cmocka_unit_test_setup_teardown(endless_queue_breaks, setup, teardown),
		cmocka_unit_test_setup_teardown(waiting, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
