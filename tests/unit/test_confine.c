/* SPDX-License-Identifier: ISC */
/*
 * Confinement and other programs: each probe runs in a child of its own, confined by a profile, and must end as the table
 * says.  What needs root (dropping the user) is tested when we are.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/crypt.h"
#include "base/landlock.h"
#include "base/proc.h"
#include "base/sanitized.h"

#define NOBODY 65534
#define KILLED (-SIGSYS)

static char        dir[64];
static struct proc proc;
static int         listener;

/* --- probes: 0 when the world is as it should be --- */

static int
opens_nothing(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0 || errno != EACCES || open("/tmp/zonesh-x", O_WRONLY | O_CREAT, 0600) >= 0 ||
	    access("/", F_OK) == 0;
}

static int
connects_nowhere(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EACCES;
}

static int
executes(void)
{
	execl("/bin/true", "true", NULL);
	return 1;
}

static int
forks(void)
{
	return fork() >= 0 ? 0 : 2;
}

static int
maps_executable(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}

static int
traces(void)
{
	return kill(getppid(), 0) != 0;
}

/* The kernel would send it for us. */
static int
signals_by_socket(void)
{
	return fcntl(40, F_SETOWN, getppid()) == 0;
}

static int
changes_tcp(void)
{
	return setsockopt(listener, IPPROTO_TCP, TCP_ULP, "tls", 3);
}

static void *
thread_main(void *arg)
{
	free(malloc(1000000));
	return arg;
}

static int
makes_threads(void)
{
	pthread_t thread;
	void     *out = NULL;

	return pthread_create(&thread, NULL, thread_main, dir) != 0 || pthread_join(thread, &out) != 0 || out != dir;
}

/* All that a channel does: queueing, polling, memory by descriptor. */
static int
speaks(void)
{
	struct chan a, b;
	struct msg  msg;
	size_t      len;
	void       *data = mem_alloc(100000);
	int         ok;

	chan_init(&a, 40);
	chan_init(&b, 41);
	msg_init(&msg, 3, 4);
	msg_put_blob(&msg, data, 100000);
	free(data);
	ok = chan_send_wait(&a, &msg, 1000) && chan_recv_wait(&b, &msg, 1000) == CHAN_MSG;
	ok = ok && msg_get_blob(&msg, &len) != NULL && len == 100000 && msg_end(&msg);
	msg_done(&msg);
	return !ok;
}

static void
on_timer(void *arg)
{
	loop_stop(arg);
}

static int
loops_and_hashes(void)
{
	struct crypt_hmac *hmac = crypt_hmac_new(CRYPT_SHA256, "key", 3);
	uint8_t            out[CRYPT_HASH_MAX];
	struct loop       *loop = loop_new();

	crypt_hmac_start(hmac);
	crypt_hmac_end(hmac, out);
	crypt_hmac_free(hmac);
	crypt_digest(CRYPT_SHA512, out, "x", 1);
	crypt_random(out, sizeof out);
	loop_after(loop, 1, on_timer, loop);
	loop_run(loop);
	loop_free(loop);
	return 0;
}

static int
accepts(void)
{
	int  fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	char c = 0;

	return fd < 0 || recv(fd, &c, 1, MSG_WAITALL) != 1 || c != 'x' || close(fd) != 0;
}

static int
aborts(void)
{
	signal(SIGABRT, SIG_DFL);
	abort();
}

static int
is_powerless(void)
{
	char  line[256];
	FILE *file = fopen("/proc/self/status", "re");
	int   bad = 0;

	/* The effective capabilities, and what an exec could bring back. */
	while (file != NULL && fgets(line, sizeof line, file) != NULL) {
		if ((strncmp(line, "CapEff:", 7) == 0 || strncmp(line, "CapPrm:", 7) == 0) && strtoull(line + 7, NULL, 16) != 0)
			bad = 3;
		if (strncmp(line, "NoNewPrivs:\t1", 11) == 0 && line[12] != '1')
			bad = 4;
	}
	if (file != NULL)
		fclose(file);
	return bad;
}

static int
is_hidden(void)
{
	return prctl(PR_GET_DUMPABLE) != 0;
}

static int
is_nobody(void)
{
	return geteuid() != NOBODY || getgid() != NOBODY || getegid() != NOBODY;
}

static int
works_below_dir(void)
{
	char path[96], path2[96];
	int  fd;

	snprintf(path, sizeof path, "%s/sub", dir);
	if (mkdir(path, 0700) != 0)
		return 1;
	snprintf(path, sizeof path, "%s/file", dir);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1 || ftruncate(fd, 0) != 0)
		return 2;
	snprintf(path2, sizeof path2, "%s/sub/file", dir);
	if (rename(path, path2) != 0 || unlink(path2) != 0)
		return 3;
	snprintf(path, sizeof path, "%s/sub", dir);
	return rmdir(path) != 0 ? 4 : 0;
}

static int
writes_nowhere_else(void)
{
	static const char *const paths[] = { "/var/lib/zonesh-x", "/root/x", "/usr/zonesh-x", "/etc/zonesh-x", "/var/zonesh-x" };

	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		if (open(paths[i], O_WRONLY | O_CREAT, 0600) >= 0)
			return 1;
	return open("/usr/share/dict/..", O_RDONLY) < 0 && open("/usr/share", O_RDONLY) < 0;
}

static int    run_status;
static size_t run_len;
static char   run_output[64];

static void
on_done(void *arg, int wait_status, const char *output, size_t len)
{
	run_status = wait_status;
	run_len = len;
	snprintf(run_output, sizeof run_output, "%s", output);
	loop_stop(arg);
}

static int
run(char *const argv[], char *const env[], int64_t timeout_ms)
{
	struct loop *loop = loop_new();
	bool         ok = proc_run(loop, argv, env, timeout_ms, on_done, loop, NULL);

	if (ok)
		loop_run(loop);
	loop_free(loop);
	return ok ? run_status : -2;
}

static int
runs_git(void)
{
	return run((char *[]){ (char[]){ "git" }, (char[]){ "--version" }, NULL }, NULL, 20000) != 0 ||
	    strncmp(run_output, "git version", 11) != 0;
}

/* --- the table --- */

static const struct probe {
	enum confine which;
	const char  *name;
	int        (*run)(void);
	int          want;      /* exit status, or minus the signal */
	bool         landlock;  /* needs a kernel with Landlock */
} probes[] = {
	{ CONFINE_DNS, "files", opens_nothing, 0, false },
	{ CONFINE_HTTP, "files", opens_nothing, 0, false },
	{ CONFINE_NET, "files", opens_nothing, 0, false },
	{ CONFINE_DNS, "sockets", connects_nowhere, 0, false },
	{ CONFINE_HTTP, "sockets", connects_nowhere, 0, false },
	{ CONFINE_NET, "sockets", connects_nowhere, 0, false },
	{ CONFINE_DNS, "exec", executes, SANITIZED ? 1 : KILLED, false },
	{ CONFINE_HTTP, "exec", executes, SANITIZED ? 1 : KILLED, false },
	{ CONFINE_NET, "exec", executes, SANITIZED ? 1 : KILLED, false },
	{ CONFINE_DNS, "fork", forks, SANITIZED ? 2 : KILLED, false },
	{ CONFINE_HTTP, "fork", forks, SANITIZED ? 2 : KILLED, false },
	{ CONFINE_NET, "fork", forks, SANITIZED ? 2 : KILLED, false },
	{ CONFINE_DNS, "code", maps_executable, KILLED, false },
	{ CONFINE_NET, "code", maps_executable, KILLED, false },
	{ CONFINE_DNS, "kill", traces, SANITIZED ? 1 : KILLED, false },
	{ CONFINE_DNS, "signal", signals_by_socket, KILLED, false },
	{ CONFINE_HTTP, "signal", signals_by_socket, KILLED, false },
	{ CONFINE_NET, "signal", signals_by_socket, KILLED, false },
	{ CONFINE_NET, "option", changes_tcp, KILLED, false },
	{ CONFINE_DNS, "threads", makes_threads, 0, false },
	{ CONFINE_HTTP, "threads", makes_threads, 0, false },
	{ CONFINE_DNS, "channel", speaks, 0, false },
	{ CONFINE_HTTP, "channel", speaks, 0, false },
	{ CONFINE_NET, "channel", speaks, 0, false },
	{ CONFINE_HELPER, "channel", speaks, 0, false },
	{ CONFINE_DNS, "loop", loops_and_hashes, 0, false },
	{ CONFINE_HTTP, "loop", loops_and_hashes, 0, false },
	{ CONFINE_NET, "loop", loops_and_hashes, 0, false },
	{ CONFINE_DNS, "accept", accepts, 0, false },
	{ CONFINE_HTTP, "accept", accepts, 0, false },
	{ CONFINE_NET, "accept", accepts, KILLED, false },
	{ CONFINE_DNS, "abort", aborts, -SIGABRT, false },
	{ CONFINE_NET, "abort", aborts, -SIGABRT, false },
	{ CONFINE_STORE, "powers", is_powerless, 0, false },
	{ CONFINE_HELPER, "powers", is_powerless, 0, false },
	{ CONFINE_MONITOR, "powers", is_powerless, 0, false },
	{ CONFINE_MONITOR, "hidden", is_hidden, 0, false },
	{ CONFINE_MONITOR, "fork", forks, 0, false },
	{ CONFINE_HELPER, "hidden", is_hidden, 0, false },
	{ CONFINE_STORE, "data directory", works_below_dir, 0, false },
	{ CONFINE_STORE, "elsewhere", writes_nowhere_else, 0, true },
	{ CONFINE_HELPER, "elsewhere", writes_nowhere_else, 0, true },
	{ CONFINE_STORE, "git", runs_git, 0, false },
};

/* Run PROBE confined, and return its exit status or minus its signal.  A child's reports are for its own stderr. */
static int
run_probe(enum confine which, int (*probe)(void), uid_t uid, gid_t gid)
{
	int   status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		proc_confine(&proc, which, uid, gid);
		_exit(probe());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* A connection with one byte waits for whoever accepts. */
static int
knock(void)
{
	struct addr addr = { .len = sizeof addr.sa };
	int         fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(getsockname(listener, (struct sockaddr *)&addr.sa, &addr.len), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr.sa, addr.len), 0);
	assert_int_equal(send(fd, "x", 1, 0), 1);
	return fd;
}

static void
probe_all(uid_t uid, gid_t gid)
{
	for (size_t i = 0; i < sizeof probes / sizeof probes[0]; i++) {
		int client = probes[i].run == accepts ? knock() : -1;
		int got;

		if (probes[i].landlock && landlock_abi() < 2)
			continue;
		got = run_probe(probes[i].which, probes[i].run, uid, gid);
		if (got != probes[i].want)
			fail_msg("profile %d, %s: %d instead of %d", (int)probes[i].which, probes[i].name, got, probes[i].want);
		if (client >= 0)
			close(client);
	}
}

static void
profiles(void **state)
{
	(void)state;
	if (geteuid() == 0)
		assert_int_equal(chown(dir, NOBODY, NOBODY), 0);
	probe_all(geteuid() == 0 ? NOBODY : (uid_t)-1, geteuid() == 0 ? NOBODY : (gid_t)-1);
}

/* Root may own the data: then everything but the user goes. */
static void
root_owner(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(dir, 0, 0), 0);
	assert_int_equal(run_probe(CONFINE_STORE, is_powerless, 0, 0), 0);
	assert_int_equal(run_probe(CONFINE_STORE, works_below_dir, 0, 0), 0);
	assert_int_equal(run_probe(CONFINE_STORE, runs_git, 0, 0), 0);
	if (landlock_abi() >= 2)
		assert_int_equal(run_probe(CONFINE_STORE, writes_nowhere_else, 0, 0), 0);
	assert_int_equal(run_probe(CONFINE_HELPER, is_powerless, 0, 0), 0);
	assert_int_equal(run_probe(CONFINE_MONITOR, is_powerless, 0, 0), 0);
	assert_int_equal(run_probe(CONFINE_STORE, is_nobody, NOBODY, NOBODY), 0);
	assert_int_equal(run_probe(CONFINE_DNS, is_nobody, NOBODY, NOBODY), 0);
}

static void
programs(void **state)
{
	static const struct { const char *script; int64_t timeout_ms; int want; const char *output; } cases[] = {
		{ "echo out; echo err >&2; exit 3", 20000, 3 << 8, "out\nerr\n" },
		{ "read x; echo \"stdin $?\"", 20000, 0, "stdin 1\n" },
		{ "echo $ZONESH_A $ZONESH_B", 20000, 0, "new b\n" },
		{ "tail -f /dev/null & echo left; exit 0", 20000, 0, "left\n" },         /* who stays behind is not waited for */
		{ "echo begun; tail -f /dev/null & wait", 300, -1, "begun\n" },
		{ "while :; do echo xxxxxxxxxxxxxxxx; done", 300, -1, NULL },
		{ "kill -9 $$", 20000, 9, "" },
		{ "trap", 20000, 0, "" },                                       /* no signal is ignored */
	};

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	setenv("ZONESH_A", "old", 1);
	setenv("ZONESH_B", "b", 1);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char script[128];
		int  got;

		snprintf(script, sizeof script, "%s", cases[i].script);
		got = run((char *[]){ (char[]){ "sh" }, (char[]){ "-c" }, script, NULL }, (char *[]){ (char[]){ "ZONESH_A=new" }, NULL },
		    cases[i].timeout_ms);
		assert_int_equal(got, cases[i].want);
		if (cases[i].output != NULL)
			assert_string_equal(run_output, cases[i].output);
		else
			assert_int_equal(run_len, 65536);
	}
	assert_int_equal(run((char *[]){ (char[]){ "no-such-program-xyz" }, NULL }, NULL, 1000), -2);
}

static int
setup(void **state)
{
	struct addr addr;
	int         fds[2];

	(void)state;
	crypt_init();
	/* Not below /tmp if possible: store may write there anyway. */
	snprintf(dir, sizeof dir, geteuid() == 0 ? "/var/lib/zonesh-confine-XXXXXX" : "/var/tmp/zonesh-confine-XXXXXX");
	assert_non_null(mkdtemp(dir));
	conf_init(&proc.conf, dir);
	assert_true(addr_parse(&addr, "127.0.0.1:0", NULL));
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&addr.sa, addr.len), 0);
	assert_int_equal(listen(listener, 8), 0);
	assert_true(chan_pair(fds, NULL));
	assert_int_equal(dup2(fds[0], 40), 40);
	assert_int_equal(dup2(fds[1], 41), 41);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	conf_done(&proc.conf);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs), cmocka_unit_test(profiles), cmocka_unit_test(root_owner),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
