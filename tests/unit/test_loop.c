/* SPDX-License-Identifier: ISC */
/* The event loop, and the small modules around it: addresses, hashes, counters. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/crypt.h"
#include "base/loop.h"
#include "base/metric.h"
#include "base/str.h"

struct world {
	struct loop       *loop;
	struct loop_io    *ios[3];
	int                fds[3][2];
	struct loop_timer *timer;
	char               seen[64];
};

static void
note(struct world *w, char c)
{
	size_t len = strlen(w->seen);

	assert_true(len < sizeof w->seen - 1);
	w->seen[len] = c;
}

/* The first of several ready descriptors removes all: no other may be called. */
static void
on_io_removes_all(void *arg, uint32_t events)
{
	struct world *w = arg;

	assert_int_equal(events, EPOLLIN);
	note(w, 'i');
	for (int i = 0; i < 3; i++) {
		loop_remove(w->ios[i]);
		close(w->fds[i][0]);
	}
	loop_stop(w->loop);
}

static void
removal_in_callbacks(void **state)
{
	struct world w = { .loop = loop_new() };

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(pipe(w.fds[i]), 0);
		w.ios[i] = loop_add(w.loop, w.fds[i][0], EPOLLIN, on_io_removes_all, &w);
		assert_int_equal(write(w.fds[i][1], "x", 1), 1);
	}
	loop_run(w.loop);
	loop_once(w.loop, 0);
	assert_string_equal(w.seen, "i");
	for (int i = 0; i < 3; i++)
		close(w.fds[i][1]);
	loop_remove(NULL);
	loop_free(w.loop);
}

static void
on_io(void *arg, uint32_t events)
{
	struct world *w = arg;
	char          c;

	if ((events & EPOLLOUT) != 0) {
		note(w, 'o');
		loop_change(w->ios[0], EPOLLIN);
	}
	if ((events & EPOLLIN) != 0 && read(w->fds[0][0], &c, 1) == 1)
		note(w, c);
}

static void
changes(void **state)
{
	struct world w = { .loop = loop_new() };
	int          file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);      /* regular files cannot be waited for */

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, w.fds[0]), 0);
	w.ios[0] = loop_add(w.loop, w.fds[0][0], EPOLLIN | EPOLLOUT, on_io, &w);
	loop_once(w.loop, 0);
	loop_once(w.loop, 0);
	assert_int_equal(write(w.fds[0][1], "x", 1), 1);
	loop_once(w.loop, 1000);
	assert_string_equal(w.seen, "ox");
	assert_null(loop_add(w.loop, file, EPOLLIN, on_io, &w));
	loop_free(w.loop);
	close(w.fds[0][0]);
	close(w.fds[0][1]);
	close(file);
}

static void on_a(void *arg) { note(arg, 'a'); }
static void on_b(void *arg) { note(arg, 'b'); }
static void on_c(void *arg) { note(arg, 'c'); }

static void
on_cancel(void *arg)
{
	struct world *w = arg;

	note(w, 'x');
	loop_cancel(w->timer);
}

static void
on_again(void *arg)
{
	struct world *w = arg;

	note(w, 'r');
	loop_after(w->loop, 0, on_again, w);
}

static void
timers(void **state)
{
	struct world       w = { .loop = loop_new() };
	struct loop_timer *many[100];

	(void)state;
	loop_after(w.loop, 200, on_c, &w);      /* longer than making the next two takes on a busy machine */
	loop_after(w.loop, 0, on_a, &w);
	loop_after(w.loop, 0, on_b, &w);
	while (strlen(w.seen) < 3)
		loop_once(w.loop, -1);
	assert_string_equal(w.seen, "abc");

	/* One that is due is cancelled by another that is due. */
	memset(w.seen, 0, sizeof w.seen);
	loop_after(w.loop, 0, on_cancel, &w);
	w.timer = loop_after(w.loop, 0, on_a, &w);
	loop_once(w.loop, 0);
	loop_once(w.loop, 0);
	assert_string_equal(w.seen, "x");

	for (int i = 0; i < 100; i++)
		many[i] = loop_after(w.loop, (i * 37) % 100, on_a, &w);
	for (int i = 0; i < 100; i++)
		loop_cancel(many[(i * 61) % 100]);
	loop_cancel(NULL);
	loop_once(w.loop, 0);
	assert_string_equal(w.seen, "x");

	/* One that always sets itself again runs once per turn. */
	loop_after(w.loop, 0, on_again, &w);
	loop_once(w.loop, 0);
	loop_once(w.loop, 0);
	assert_string_equal(w.seen, "xrr");
	loop_free(w.loop);
}

/* Heap order, with removals in the middle. */
static int64_t last_ms;

static void
on_ordered(void *arg)
{
	int64_t ms = (int64_t)(intptr_t)arg;

	assert_true(ms >= last_ms);
	last_ms = ms;
}

static void
timers_in_order(void **state)
{
	struct loop       *loop = loop_new();
	struct loop_timer *made[200];
	uint32_t           random = 1;

	(void)state;
	for (int i = 0; i < 200; i++) {
		int64_t ms = (random = random * 1103515245 + 12345) >> 16 & 31;

		/* Due long ago, and further apart than making them takes: the clock goes on meanwhile. */
		made[i] = loop_after(loop, (ms - 100) * 1000, on_ordered, (void *)(intptr_t)ms);
	}
	for (int i = 0; i < 200; i += 3)
		loop_cancel(made[i]);
	last_ms = 0;
	loop_once(loop, 0);
	assert_true(last_ms > 20);
	loop_free(loop);
}

static void
on_child(void *arg, pid_t pid, int wait_status)
{
	struct world *w = arg;

	assert_true(pid > 0);
	note(w, WIFEXITED(wait_status) ? (char)('0' + WEXITSTATUS(wait_status)) : 'k');
	if (strlen(w->seen) == 2)
		loop_stop(w->loop);
}

static void
on_signal(void *arg, int signo)
{
	note(arg, signo == SIGUSR1 ? '1' : '2');
}

static void
children_and_signals(void **state)
{
	struct world w = { .loop = loop_new() };
	sigset_t     old;
	pid_t        pids[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			if (i == 1)
				pause();
			_exit(7);
		}
		loop_child(w.loop, pids[i], on_child, &w);
	}
	loop_once(w.loop, 5000);
	assert_string_equal(w.seen, "7");
	kill(pids[1], SIGKILL);
	loop_run(w.loop);
	assert_string_equal(w.seen, "7k");

	memset(w.seen, 0, sizeof w.seen);
	sigprocmask(SIG_SETMASK, NULL, &old);
	loop_signal(w.loop, SIGUSR1, on_signal, &w);
	loop_signal(w.loop, SIGUSR2, on_signal, &w);
	raise(SIGUSR2);
	loop_once(w.loop, 1000);
	raise(SIGUSR1);
	loop_once(w.loop, 1000);
	assert_string_equal(w.seen, "21");
	loop_free(w.loop);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

static void
addresses(void **state)
{
	static const struct { const char *text, *full, *ip; bool loopback; } cases[] = {
		{ "127.0.0.1:53", "127.0.0.1:53", "127.0.0.1", true },
		{ "0.0.0.0:0", "0.0.0.0:0", "0.0.0.0", false },
		{ "[::1]:2222", "[::1]:2222", "::1", true },
		{ "[2001:DB8::0:1]:65535", "[2001:db8::1]:65535", "2001:db8::1", false },
		{ "[::ffff:127.0.0.1]:1", "127.0.0.1:1", "127.0.0.1", true },
		{ "[::ffff:192.0.2.1]:1", "192.0.2.1:1", "192.0.2.1", false },
		{ "[fe80::1%lo]:1", "[fe80::1%lo]:1", "fe80::1%lo", false },
		{ "127.0.0.1", NULL, NULL, false }, { ":53", NULL, NULL, false }, { "127.0.0.1:", NULL, NULL, false },
		{ "127.0.0.1:65536", NULL, NULL, false }, { "127.1:53", NULL, NULL, false }, { "::1:53", NULL, NULL, false },
		{ "[127.0.0.1]:53", NULL, NULL, false }, { "[::1]", NULL, NULL, false }, { "[::1]:-1", NULL, NULL, false },
		{ "localhost:53", NULL, NULL, false }, { "", NULL, NULL, false }, { "[]:1", NULL, NULL, false },
		{ "[fe80::1%nonesuch0]:1", NULL, NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct addr addr;
		struct err  err = { 0 };
		char        text[ADDR_TEXT_MAX];
		bool        ok = addr_parse(&addr, cases[i].text, &err);

		assert_int_equal(ok, cases[i].full != NULL);
		assert_int_equal(err.code, ok ? ERR_NONE : ERR_SYNTAX);
		if (!ok)
			continue;
		addr_print(text, &addr);
		assert_string_equal(text, cases[i].full);
		addr_print_ip(text, &addr);
		assert_string_equal(text, cases[i].ip);
		assert_int_equal(addr_is_loopback(&addr), cases[i].loopback);
	}
}

/* RFC 4231 test cases 1, 2 and 6, RFC 2202 case 2. */
static void
hashes(void **state)
{
	static const struct { enum crypt_hash hash; const char *key; size_t key_len; const char *data, *want; } cases[] = {
		{ CRYPT_SHA1, "Jefe", 4, "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
		{ CRYPT_SHA224, "Jefe", 4, "what do ya want for nothing?",
		    "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44" },
		{ CRYPT_SHA256, "Jefe", 4, "what do ya want for nothing?",
		    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
		{ CRYPT_SHA384, "Jefe", 4, "what do ya want for nothing?",
		    "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649" },
		{ CRYPT_SHA512, "Jefe", 4, "what do ya want for nothing?",
		    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737" },
		{ CRYPT_SHA256, "", 0, "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad" },
	};

	(void)state;
	crypt_init();
	crypt_init();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct crypt_hmac *hmac = crypt_hmac_new(cases[i].hash, cases[i].key, cases[i].key_len);

		for (int turn = 0; turn < 3; turn++) {  /* one object serves many messages */
			uint8_t    out[CRYPT_HASH_MAX];
			struct buf hex = { 0 };
			size_t     half = strlen(cases[i].data) / 2;

			crypt_hmac_start(hmac);
			crypt_hmac_add(hmac, cases[i].data, half);
			crypt_hmac_add(hmac, cases[i].data + half, strlen(cases[i].data) - half);
			assert_int_equal(crypt_hmac_end(hmac, out), crypt_hash_len(cases[i].hash));
			str_hex_encode(&hex, out, crypt_hash_len(cases[i].hash));
			assert_string_equal(buf_str(&hex), cases[i].want);
			buf_done(&hex);
		}
		crypt_hmac_free(hmac);
	}
	crypt_hmac_free(NULL);
}

static void
more_crypt(void **state)
{
	uint8_t    out[CRYPT_HASH_MAX], other[CRYPT_HASH_MAX];
	struct buf hex = { 0 };

	(void)state;
	assert_int_equal(crypt_digest(CRYPT_SHA1, out, "abc", 3), 20);
	str_hex_encode(&hex, out, 20);
	assert_string_equal(buf_str(&hex), "a9993e364706816aba3e25717850c26c9cd0d89d");
	buf_done(&hex);
	memcpy(other, out, sizeof other);
	assert_true(crypt_equal(out, other, 20));
	other[19] ^= 1;
	assert_false(crypt_equal(out, other, 20));
	crypt_random(out, sizeof out);
	crypt_random(other, sizeof other);
	assert_memory_not_equal(out, other, sizeof out);
	crypt_wipe(out, sizeof out);
	assert_memory_equal(out, (uint8_t[CRYPT_HASH_MAX]){ 0 }, sizeof out);
}

static void
metrics(void **state)
{
	int        fd = metric_create();
	struct buf out = { 0 };
	pid_t      pid;

	(void)state;
	metric_attach(fd);
	close(fd);
	pid = fork();
	if (pid == 0) {         /* another role, which dies */
		metric_add_shard(METRIC_SHARDS - 1, METRIC_QUERIES_UDP, 5);
		metric_set(METRIC_ZONES, 9);
		metric_set(METRIC_ZONES, 3);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	metric_add(METRIC_QUERIES_UDP, 2);
	assert_int_equal(metric_get(METRIC_QUERIES_UDP), 7);
	metric_print(&out);
	assert_int_equal(strncmp(buf_str(&out), "# HELP zonesh_queries_total DNS messages received\n# TYPE zonesh_queries_total counter\n"
	    "zonesh_queries_total{proto=\"udp\"} 7\nzonesh_queries_total{proto=\"tcp\"} 0\n# HELP ", 160), 0);
	assert_non_null(strstr(buf_str(&out), "\n# TYPE zonesh_zones gauge\nzonesh_zones{state=\"ok\"} 3\n"));
	assert_non_null(strstr(buf_str(&out), "\nzonesh_commits_total 0\n"));
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(removal_in_callbacks), cmocka_unit_test(changes), cmocka_unit_test(timers),
		cmocka_unit_test(timers_in_order), cmocka_unit_test(children_and_signals), cmocka_unit_test(addresses),
		cmocka_unit_test(hashes), cmocka_unit_test(more_crypt), cmocka_unit_test(metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
