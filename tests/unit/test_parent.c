/* SPDX-License-Identifier: ISC */
/*
 * The parent with roles that only tell what they were given: this program plays the daemon ("serve DIR") and, executed
 * again by it, each role ("role NAME").  The tests read the log.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/proc.h"

#define WAIT_MS 20000   /* nothing takes that long; sanitizers and full machines are slow */

/* --- the role --- */

struct fake {
	struct proc  proc;
	unsigned     peers;
	struct chan  first;     /* the channel of index 0 to the store, or from it to dns */
};

static void
say_hello(struct fake *fake, const char *text)
{
	struct msg msg;

	msg_init(&msg, 1, 0);
	msg_put_str(&msg, text);
	chan_send(&fake->first, &msg);
}

static void
on_hello(void *arg, uint32_t events)
{
	struct fake *fake = arg;
	struct msg   msg;

	(void)events;
	while (chan_recv(&fake->first, &msg) == CHAN_MSG) {
		log_info("test: heard %s", msg_get_str(&msg));
		msg_done(&msg);
	}
}

static void
on_peer(void *arg, enum role peer, unsigned index, int fd)
{
	struct fake *fake = arg;

	fake->peers++;
	log_info("test: peer %d.%u", (int)peer, index);
	if (index != 0 || (peer != ROLE_DNS && fake->proc.role != ROLE_DNS)) {
		close(fd);
		return;
	}
	/* The old channel's other end is dead: its descriptor leaves the loop when it is closed. */
	chan_done(&fake->first);
	chan_init(&fake->first, fd);
	if (fake->proc.role == ROLE_DNS)
		say_hello(fake, "hello from dns");
	else
		loop_add(fake->proc.loop, fd, EPOLLIN, on_hello, fake);
}

static void
on_reload(void *arg)
{
	struct fake *fake = arg;

	log_info("test: reload remote=%s secret=%s threads=%u", conf_str(&fake->proc.conf, remote),
	    conf_str(&fake->proc.conf, webhook_secret), proc_dns_threads(&fake->proc.conf));
}

static int
role_main(void)
{
	struct fake fake = { .proc = { .on_peer = on_peer, .on_reload = on_reload }, .first = { .fd = -1 } };
	unsigned    udp = 0;

	fake.proc.arg = &fake;
	proc_start(&fake.proc);
	for (size_t i = 0; i < fake.proc.listener_count; i++)
		udp += fake.proc.listeners[i].kind == LISTEN_DNS_UDP;
	if (fake.proc.role == ROLE_HTTP && strcmp(conf_str(&fake.proc.conf, name), "http-gives-up") == 0)
		log_fatal("test: gives up");
	metric_add(METRIC_COMMITS, 1);
	log_info("test: pid %d has %zu listeners, %u of them UDP, secret=%s, lives %lld", (int)getpid(),
	    fake.proc.listener_count, udp, conf_str(&fake.proc.conf, webhook_secret), (long long)metric_get(METRIC_COMMITS));
	proc_ready(&fake.proc);
	loop_run(fake.proc.loop);
	log_info("test: stops");
	chan_done(&fake.first);
	chan_done(&fake.proc.parent);
	loop_free(fake.proc.loop);
	conf_done(&fake.proc.conf);
	free(fake.proc.listeners);
	return 0;
}

/* --- the tests --- */

struct daemon {
	char        dir[64];
	pid_t       pid;
	int         log;
	struct buf  seen;
	size_t      at;         /* in SEEN, behind what was waited for */
};

static void
write_conf(const struct daemon *d, const char *text)
{
	char  path[96];
	FILE *file;

	snprintf(path, sizeof path, "%s/zonesh.conf", d->dir);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void
start(struct daemon *d)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	d->at = 0;
	buf_reset(&d->seen);
	d->pid = fork();
	if (d->pid == 0) {
		dup2(fds[1], STDERR_FILENO);
		proc_reexec((char *[]){ (char[]){ "zonesh" }, (char[]){ "serve" }, d->dir, NULL });
	}
	close(fds[1]);
	d->log = fds[0];
}

static void
expect_failed(struct daemon *d, const char *text)
{
	fprintf(stderr, "%s\n", buf_str(&d->seen));      /* cmocka would cut it off */
	fail_msg("the log above has no \"%s\"", text);
}

/* Wait until the log has TEXT behind what was found before, and return what follows it. */
static const char *
expect(struct daemon *d, const char *text)
{
	int64_t deadline = loop_now_ms() + WAIT_MS;

	for (;;) {
		const char   *found = strstr(buf_str(&d->seen) + d->at, text);
		struct pollfd pfd = { .fd = d->log, .events = POLLIN };
		ssize_t       n;

		if (found != NULL) {
			d->at = (size_t)(found - (const char *)d->seen.data) + strlen(text);
			return found + strlen(text);
		}
		if (loop_now_ms() > deadline || poll(&pfd, 1, WAIT_MS) <= 0)
			expect_failed(d, text);
		n = read(d->log, buf_reserve(&d->seen, 4096), 4096);
		if (n <= 0)
			expect_failed(d, text);
		d->seen.len += (size_t)n;
	}
}

static int
end(struct daemon *d)
{
	int status = 0;

	assert_int_equal(waitpid(d->pid, &status, 0), d->pid);
	d->pid = 0;
	close(d->log);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static int
setup(void **state)
{
	struct daemon *d = mem_alloc(sizeof *d);
	char           path[96];

	snprintf(d->dir, sizeof d->dir, "/tmp/zonesh-parent-XXXXXX");
	assert_non_null(mkdtemp(d->dir));
	snprintf(path, sizeof path, "%s/state", d->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	write_conf(d, "dns 127.0.0.1:0\ndns [::1]:0\nhttp 127.0.0.1:0\nssh 127.0.0.1:0\ndns-threads 2\nwebhook-secret hush\n");
	*state = d;
	return 0;
}

static int
teardown(void **state)
{
	static const char *const files[] = { "state/lock", "state", "zonesh.conf", "" };
	struct daemon           *d = *state;

	if (d->pid > 0) {
		kill(d->pid, SIGKILL);
		end(d);
	}
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		char path[96];

		snprintf(path, sizeof path, "%s/%s", d->dir, files[i]);
		remove(path);
	}
	buf_done(&d->seen);
	free(d);
	return 0;
}

static pid_t
pid_of(struct daemon *d, const char *role)
{
	char text[64];

	d->at = 0;
	snprintf(text, sizeof text, "%s info test: pid ", role);
	return (pid_t)atoi(expect(d, text));
}

static void
starts_and_stops(void **state)
{
	struct daemon *d = *state;
	int64_t        began;

	start(d);
	expect(d, "parent info dns: listening on 127.0.0.1:");
	expect(d, "parent info dns: listening on [::1]:");
	expect(d, "parent info http: listening on 127.0.0.1:");
	expect(d, "parent info ssh: listening on 127.0.0.1:");
	expect(d, "\nzonesh: ready\n");
	d->at = 0;
	expect(d, "has 8 listeners, 4 of them UDP, secret=,");
	d->at = 0;
	expect(d, "has 1 listeners, 0 of them UDP, secret=hush,");
	d->at = 0;
	expect(d, "store info test: heard hello from dns");
	began = loop_now_ms();
	kill(d->pid, SIGTERM);
	expect(d, "info test: stops");
	assert_int_equal(end(d), 0);
	assert_true(loop_now_ms() - began < 5000);
}

/* Of a role that is killed, the rest hears only by new channels; counters go on. */
static void
restarts(void **state)
{
	struct daemon *d = *state;
	size_t         before;

	start(d);
	expect(d, "zonesh: ready\n");
	kill(pid_of(d, "store"), SIGKILL);
	d->at = d->seen.len;
	expect(d, "parent warn store: process ");
	expect(d, "was killed by signal 9");
	expect(d, "store info test: heard hello from dns");
	kill(pid_of(d, "dns"), SIGKILL);
	before = d->at = d->seen.len;
	expect(d, "dns info test: pid ");
	expect(d, "lives 6\n");
	d->at = before;
	expect(d, "store info test: heard hello from dns");
	kill(d->pid, SIGINT);
	assert_int_equal(end(d), 0);
	assert_null(strstr(buf_str(&d->seen) + d->at, "ready"));
}

static void
reloads(void **state)
{
	struct daemon *d = *state;

	start(d);
	expect(d, "zonesh: ready\n");
	write_conf(d, "remote /srv/r.git\nwebhook-secret new\ndns-threads 7\n");
	kill(d->pid, SIGHUP);
	expect(d, "parent warn conf: option dns has changed, which needs a restart");
	expect(d, "parent info conf: read again");
	expect(d, "http info test: reload remote=/srv/r.git secret=new threads=2");
	d->at = 0;
	expect(d, "store info test: reload remote=/srv/r.git secret= threads=2");
	write_conf(d, "remot x\n");
	kill(d->pid, SIGHUP);
	expect(d, "parent warn conf: the old one stays in force: zonesh.conf:1:1: there is no option \"remot\"");
	kill(d->pid, SIGTERM);
	assert_int_equal(end(d), 0);
}

static void
a_second_daemon_is_refused(void **state)
{
	struct daemon *d = *state, second = { 0 };

	start(d);
	expect(d, "zonesh: ready\n");
	memcpy(second.dir, d->dir, sizeof second.dir);
	start(&second);
	expect(&second, "error: E-BUSY another zonesh serves ");
	assert_int_equal(end(&second), 75);
	buf_done(&second.seen);
	kill(d->pid, SIGTERM);
	assert_int_equal(end(d), 0);
}

static void
a_taken_port_is_named(void **state)
{
	static const struct { const char *option; int type; bool shared; } cases[] = {
		{ "dns", SOCK_STREAM, false }, { "dns", SOCK_DGRAM, true }, { "dns", SOCK_STREAM, true }, { "http", SOCK_STREAM, false },
		{ "ssh", SOCK_STREAM, true },
	};
	struct daemon *d = *state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct addr addr;
		char        text[ADDR_TEXT_MAX], conf[128];
		int         fd = socket(AF_INET, cases[i].type | SOCK_CLOEXEC, 0);

		assert_true(addr_parse(&addr, "127.0.0.1:0", NULL));
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){ cases[i].shared }, sizeof(int));
		assert_int_equal(bind(fd, (struct sockaddr *)&addr.sa, addr.len), 0);
		if (cases[i].type == SOCK_STREAM)
			assert_int_equal(listen(fd, 1), 0);
		assert_int_equal(getsockname(fd, (struct sockaddr *)&addr.sa, &addr.len), 0);
		addr_print(text, &addr);
		snprintf(conf, sizeof conf, "%s %s\n", cases[i].option, text);
		write_conf(d, conf);
		start(d);
		snprintf(conf, sizeof conf, "error: E-PORT %s is taken by another program\nhint: ", text);
		expect(d, conf);
		assert_int_equal(end(d), 1);
		close(fd);
	}
}

static void
refusals(void **state)
{
	static const struct { const char *conf, *want; int status; } cases[] = {
		{ "dns 127.0.0.1:0\ndsn 127.0.0.1:53\n", "error: E-CONF zonesh.conf:2:1: there is no option \"dsn\"\nhint: did you mean", 2 },
		{ "dns 203.0.113.77:5399\n", "error: E-PORT 203.0.113.77:5399 is not an address of this machine", 1 },
		{ "user no-such-user-xyz\n", "error: E-CONF user: there is no system user", 2 },
	};
	struct daemon *d = *state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		write_conf(d, cases[i].conf);
		start(d);
		expect(d, cases[i].want);
		assert_int_equal(end(d), cases[i].status);
	}
}

static void
a_role_that_gives_up_ends_the_start(void **state)
{
	struct daemon *d = *state;

	write_conf(d, "name http-gives-up\nhttp 127.0.0.1:0\n");
	start(d);
	expect(d, "http fatal test: gives up");
	assert_int_equal(end(d), 1);
}

static void
systemd_is_told(void **state)
{
	struct daemon     *d = *state;
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char               text[64] = "", name[64];
	int                fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int                len = snprintf(name, sizeof name, "@zonesh-test-%d", (int)getpid());

	memcpy(un.sun_path + 1, name + 1, (size_t)len - 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&un, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)len)), 0);
	setenv("NOTIFY_SOCKET", name, 1);
	start(d);
	unsetenv("NOTIFY_SOCKET");
	assert_int_equal(recv(fd, text, sizeof text - 1, 0), 7);
	assert_string_equal(text, "READY=1");
	kill(d->pid, SIGTERM);
	assert_int_equal(end(d), 0);
	assert_int_equal(recv(fd, text, sizeof text - 1, 0), 10);
	close(fd);
}

/* Whatever kills the parent, no role outlives it: the end of the log is the end of its last writer. */
static void
roles_end_with_the_parent(void **state)
{
	struct daemon *d = *state;
	struct pollfd  pfd;
	char           rest[4096];
	ssize_t        n;

	start(d);
	expect(d, "zonesh: ready\n");
	kill(d->pid, SIGKILL);
	pfd = (struct pollfd){ .fd = d->log, .events = POLLIN };
	do {
		assert_true(poll(&pfd, 1, WAIT_MS) > 0);
		n = read(d->log, rest, sizeof rest);
	} while (n > 0);
	assert_int_equal(end(d), 1000 + SIGKILL);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(starts_and_stops, setup, teardown),
		cmocka_unit_test_setup_teardown(restarts, setup, teardown),
		cmocka_unit_test_setup_teardown(reloads, setup, teardown),
		cmocka_unit_test_setup_teardown(a_second_daemon_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_taken_port_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(a_role_that_gives_up_ends_the_start, setup, teardown),
		cmocka_unit_test_setup_teardown(systemd_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(roles_end_with_the_parent, setup, teardown),
	};

	if (argc > 2 && strcmp(argv[1], "role") == 0)
		return role_main();
	if (argc > 2 && strcmp(argv[1], "serve") == 0)
		return parent_run(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
