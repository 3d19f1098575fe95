/* SPDX-License-Identifier: ISC */
/*
 * The remote: fetching from and pushing to a bare repository by the real git, and one that never answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <ftw.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "store/remote.h"
#include "store/remote_git.h"
#include "store/repo.h"

static char         dir[64], there[128];
static struct conf  conf;
static struct loop *loop;

struct told {
	unsigned   fetches, pushes, failures;
	struct err err;
};

static void
on_done(void *arg, bool pushed, const struct err *err)
{
	struct told *told = arg;

	*(pushed ? &told->pushes : &told->fetches) += 1;
	if (err != NULL) {
		told->failures++;
		told->err = *err;
	}
}

/* Until so many runs were told. */
static void
wait_for(const struct told *told, unsigned runs)
{
	int64_t deadline = loop_now_ms() + 20000;

	while (told->fetches + told->pushes < runs && loop_now_ms() < deadline)
		loop_once(loop, 100);
	assert_int_equal(told->fetches + told->pushes, runs);
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int
setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	strcpy(dir, "/tmp/zonesh-remote-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(there, sizeof there, "%s/there.git", dir);
	conf_init(&conf, dir);
	assert_true(conf_set(&conf, "remote", there, &err));
	assert_true(conf_set(&conf, "remote-timeout", "10s", &err));
	assert_true(repo_create(conf_repo(&conf), "main", &err));
	assert_true(repo_create(there, "main", &err));
	loop = loop_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	loop_free(loop);
	conf_done(&conf);
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Put a change of PATH onto main of the repository at WHERE; HEAD becomes its main. */
static void
change(const char *where, const char *path, const char *text, char head[static OID_TEXT_MAX])
{
	struct err        err = { 0 };
	struct repo      *repo = repo_open(where, "main", &err);
	struct repo_write write = { .path = path, .text = text, .text_len = strlen(text), .author = "alice", .email = "a@b", .time_s = 1,
		.message = "m\n" };
	char              before[OID_TEXT_MAX];

	assert_non_null(repo);
	assert_true(repo_head(repo, before, &err));
	if (!repo_commit(repo, before, &write, 1, head, &err))
		fail_msg("%s", err.text);
	repo_free(repo);
}

static void
assert_ref(const char *where, const char *ref, const char *want)
{
	struct err   err = { 0 };
	struct repo *repo = repo_open(where, "main", &err);
	char         got[OID_TEXT_MAX];

	assert_non_null(repo);
	assert_true(repo_ref(repo, ref, got, &err));
	assert_string_equal(got, want);
	repo_free(repo);
}

static void
test_push_and_fetch(void **state)
{
	struct told    told = { 0 };
	struct remote *remote = remote_new(loop, &conf, on_done, &told);
	char           here[OID_TEXT_MAX], head[OID_TEXT_MAX];

	(void)state;
	assert_true(remote_is_set(remote));
	remote_fetch(remote);                   /* empty: nothing, and no error */
	wait_for(&told, 1);
	assert_int_equal(told.failures, 0);
	change(conf_repo(&conf), "example.org", "1\n", here);
	remote_push(remote);
	remote_push(remote);
	remote_push(remote);                    /* joined */
	wait_for(&told, 2);
	if (told.failures != 0)
		fail_msg("%s", told.err.text);
	assert_int_equal(told.pushes, 1);
	assert_ref(there, "refs/heads/main", here);
	assert_ref(conf_repo(&conf), "refs/remotes/origin/main", here);

	change(there, "example.org", "2\n", head);
	remote_fetch(remote);
	wait_for(&told, 3);
	assert_int_equal(told.failures, 0);
	assert_ref(conf_repo(&conf), "refs/remotes/origin/main", head);
	assert_ref(conf_repo(&conf), "refs/heads/main", here);

	change(conf_repo(&conf), "example.net", "1\n", here);
	remote_push(remote);                    /* it has what we lack */
	wait_for(&told, 4);
	assert_int_equal(told.err.code, ERR_CONFLICT);
	assert_ref(there, "refs/heads/main", head);
	remote_free(remote);
}

static void
test_asked_while_one_runs(void **state)
{
	struct told    told = { 0 };
	struct remote *remote = remote_new(loop, &conf, on_done, &told);
	char           head[OID_TEXT_MAX];

	(void)state;
	change(conf_repo(&conf), "example.org", "1\n", head);
	for (int i = 0; i < 5; i++)
		remote_fetch(remote);
	remote_push(remote);
	wait_for(&told, 3);                     /* two fetches, one push */
	assert_int_equal(told.fetches, 2);
	assert_int_equal(told.pushes, 1);
	remote_free(remote);
}

static void
test_without_remote(void **state)
{
	struct told    told = { 0 };
	struct conf    none;
	struct remote *remote;

	(void)state;
	conf_init(&none, dir);
	remote = remote_new(loop, &none, on_done, &told);
	assert_false(remote_is_set(remote));
	remote_fetch(remote);
	remote_push(remote);
	loop_once(loop, 0);
	assert_int_equal(told.fetches + told.pushes, 0);
	remote_free(remote);
	conf_done(&none);
}

static void
test_failures(void **state)
{
	static const struct { const char *url; enum err_code code; const char *text; } cases[] = {
		{ "/nonexistent/zones.git", ERR_REPO, "does not appear to be a git repository" },
		{ "--upload-pack=touch /tmp/x", ERR_CONF, "" },
		{ "-oProxyCommand=x", ERR_CONF, "is not a remote" },
		{ "ext::sh -c true", ERR_CONF, "" },
		{ "ext::true", ERR_CONF, "is not a remote" },
		{ "http://alice:hunter22@127.0.0.1:1/x", ERR_FAILED, "http://***@127.0.0.1:1/x" },
		{ "ssh://git@127.0.0.1:1/x", ERR_FAILED, "failed: ssh: connect to host 127.0.0.1 port 1: Connection refused; fatal: Could not read from remote" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct told    told = { 0 };
		struct err     err = { 0 };
		struct remote *remote = remote_new(loop, &conf, on_done, &told);

		assert_true(conf_set(&conf, "remote", cases[i].url, &err));
		remote_fetch(remote);
		wait_for(&told, 1);
		assert_int_equal(told.err.code, cases[i].code);
		assert_non_null(strstr(told.err.text, cases[i].text));
		assert_null(strstr(told.err.text, "hunter22"));
		remote_free(remote);
	}
}

/* A remote that takes the connection and then says nothing; the store goes away meanwhile, too. */
static void
test_hangs(void **state)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t          len = sizeof sin;
	int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct told        told = { 0 }, nobody = { 0 };
	struct remote     *remote = remote_new(loop, &conf, on_done, &told), *gone;
	struct err         err = { 0 };
	char               url[64];

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof sin) | listen(fd, 4) | getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	snprintf(url, sizeof url, "git://127.0.0.1:%d/zones.git", ntohs(sin.sin_port));
	assert_true(conf_set(&conf, "remote", url, &err) && conf_set(&conf, "remote-timeout", "1s", &err));
	gone = remote_new(loop, &conf, on_done, &nobody);
	remote_fetch(gone);
	remote_free(gone);
	remote_fetch(remote);
	wait_for(&told, 1);
	loop_once(loop, 100);
	assert_int_equal(told.err.code, ERR_BUSY);
	assert_int_equal(nobody.fetches, 0);
	remote_free(remote);
	close(fd);
}

static void
test_show(void **state)
{
	static const struct { const char *url, *want; } cases[] = {
		{ "https://git.example.org/zones.git", "https://git.example.org/zones.git" },
		{ "https://token@git.example.org/zones.git", "https://***@git.example.org/zones.git" },
		{ "https://alice:se@cret@git.example.org/z", "https://***@git.example.org/z" },
		{ "ssh://git@[::1]:22/zones.git", "ssh://git@[::1]:22/zones.git" },
		{ "ssh://git:pw@host/zones.git", "ssh://git:***@host/zones.git" },
		{ "git@host:zones.git", "git@host:zones.git" },
		{ "/srv/zones.git", "/srv/zones.git" },
		{ "https://host/a@b", "https://host/a@b" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char       got[256];
		struct err err = { 0 };

		remote_url_show(got, cases[i].url);
		assert_string_equal(got, cases[i].want);
		assert_true(remote_url_check(cases[i].url, &err));
	}
}

/* Git's HTTP helper has the URL among its arguments, which every user of the machine may read. */
static void
test_password_is_a_header(void **state)
{
	static const struct { const char *url, *plain, *header; } cases[] = {
		{ "https://alice:s3cret@git.example:8443/z.git", "https://git.example:8443/z.git", "Authorization: Basic YWxpY2U6czNjcmV0" },
		{ "http://al%40ice:s%3a%zz@git.example/z.git?a@b", "http://git.example/z.git?a@b", "Authorization: Basic YWxAaWNlOnM6JXp6" },
		{ "https://alice@git.example/z.git", "https://alice@git.example/z.git", NULL },
		{ "https://git.example/z.git", "https://git.example/z.git", NULL },
		{ "ssh://git:x@git.example/z.git", "ssh://git:x@git.example/z.git", NULL },
	};
	const char *const words[] = { "fetch", NULL };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena     *arena = arena_new();
		struct remote_git git;
		bool              plain = false, header = false;

		remote_git(&git, "/r", cases[i].url, "main", 1000, words, arena);
		for (char **e = git.env; *e != NULL; e++) {
			const char *value = strchr(*e, '=') + 1;

			plain = plain || strcmp(value, cases[i].plain) == 0;
			header = header || (cases[i].header != NULL && strcmp(value, cases[i].header) == 0);
			if (cases[i].header != NULL)
				assert_string_not_equal(value, cases[i].url);
		}
		assert_true(plain);
		assert_int_equal(header, cases[i].header != NULL);
		arena_free(arena);
	}
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_push_and_fetch), T(test_asked_while_one_runs), T(test_without_remote), T(test_failures), T(test_hangs), T(test_show),
		T(test_password_is_a_header),
	};

	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
