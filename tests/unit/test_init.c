/* SPDX-License-Identifier: ISC */
/*
 * zonesh init and check as functions: what they make, what they refuse, and that a refusal leaves nothing behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/crypt.h"
#include "store/init.h"
#include "store/repo.h"

#define ZONE "$ORIGIN example.org.\n$TTL 3600\n@ SOA ns hostmaster 1 7200 3600 1209600 3600\n@ NS ns\n@ NS ns2\nns2 A 192.0.2.2\nns A 192.0.2.1\n"
#define KEY  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPkE0Knm0dTT2YQsSOxcBFYCz8OG3pnBqBxSHzJd1gX7"

static char top[64], data[96], output[65536];

/* ---- running them in a child of their own: they print, and init sets the umask ---- */

static int
run(int (*fn)(int, char **), ...)
{
	char   *argv[24];
	int     argc = 0, fds[2], status;
	size_t  len = 0;
	ssize_t n;
	va_list ap;
	pid_t   pid;

	va_start(ap, fn);
	while ((argv[argc] = va_arg(ap, char *)) != NULL)
		argc++;
	va_end(ap);
	assert_int_equal(pipe(fds), 0);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], 1);
		dup2(fds[1], 2);
		status = fn(argc, argv);
		fflush(NULL);
		_exit(status);
	}
	close(fds[1]);
	while ((n = read(fds[0], output + len, sizeof output - 1 - len)) > 0)
		len += (size_t)n;
	output[len] = '\0';
	close(fds[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define init(...)  run(init_main, "init", __VA_ARGS__, NULL)
#define check(...) run(check_main, "check", __VA_ARGS__, NULL)

static void
assert_output(const char *want)
{
	if (strstr(output, want) == NULL)
		fail_msg("\"%s\" is not in:\n%s", want, output);
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
	(void)state;
	strcpy(top, "/tmp/zonesh-init-XXXXXX");
	assert_non_null(mkdtemp(top));
	snprintf(data, sizeof data, "%s/data", top);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const char *
file(const char *name)
{
	static char paths[4][160];
	static int  next;

	next = (next + 1) % 4;
	snprintf(paths[next], sizeof paths[next], "%s/%s", top, name);
	return paths[next];
}

static const char *
put(const char *name, const char *text)
{
	const char *path = file(name);
	FILE       *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return path;
}

static bool
exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

/* A commit of one file to the bare repository at PATH. */
static void
commit(const char *path, const char *branch, const char *name, const char *text)
{
	struct err        err = { 0 };
	struct repo      *repo = repo_open(path, branch, &err);
	struct repo_write write = { .path = name, .text = text, .text_len = strlen(text), .author = "bob", .email = "b@example.net",
		.time_s = 1, .message = "m\n" };
	char              head[OID_TEXT_MAX];

	if (repo == NULL || !repo_head(repo, head, &err) || !repo_commit(repo, head, &write, 1, head, &err))
		fail_msg("%s", err.text);
	repo_free(repo);
}

static void
assert_file(const char *path, const char *branch, const char *name, const char *part)
{
	struct arena *arena = arena_new();
	struct err    err = { 0 };
	struct repo  *repo = repo_open(path, branch, &err);
	char          head[OID_TEXT_MAX], blob[OID_TEXT_MAX], *text;
	size_t        len;

	if (repo == NULL || !repo_head(repo, head, &err) || !repo_find(repo, head, name, blob, &err) ||
	    !repo_read(repo, blob, arena, &text, &len, &err))
		fail_msg("%s", err.text);
	assert_non_null(strstr(text, part));
	repo_free(repo);
	arena_free(arena);
}

static bool
log_one(void *arg, const struct log_entry *entry, const char *blob, const char *parent_blob)
{
	(void)blob;
	(void)parent_blob;
	*(struct log_entry *)arg = *entry;
	return false;
}

/* ---- tests ---- */

static void
test_new(void **state)
{
	const char *key = put("id.pub", KEY " alice, at \"home\"\n");
	struct conf conf;
	struct err  err = { 0 };

	(void)state;
	if (init("--dir", data, "--name=dns.example.org", "--admin", "alice@example.org", "--admin-key", key, "--ssh", "127.0.0.1:0",
	    "--ssh", "[::1]:0", "--dns", "127.0.0.1:0", "--http", "127.0.0.1:0") != 0)
		fail_msg("%s", output);
	assert_output("alice@example.org");
	assert_output("host key      SHA256:");
	assert_output("zonesh serve --dir ");
	assert_int_equal(mode_of(data), 0700);
	assert_int_equal(mode_of(file("data/state")), 0700);
	assert_int_equal(mode_of(file("data/hostkeys")), 0700);
	assert_int_equal(mode_of(file("data/zones.git")), 0700);
	assert_int_equal(mode_of(file("data/hostkeys/ssh_host_ed25519_key")), 0600);
	assert_int_equal(mode_of(file("data/hostkeys/ssh_host_rsa_key")), 0600);
	assert_int_equal(mode_of(file("data/zonesh.conf")), 0600);
	assert_false(exists(file("data/zonesh.conf.new")));
	assert_true(conf_load(&conf, data, &err));
	assert_int_equal(conf.ssh.count, 2);
	assert_string_equal(conf_str(&conf, name), "dns.example.org");
	assert_int_equal(strlen(conf_str(&conf, webhook_secret)), 64);
	assert_file(conf_repo(&conf), "main", "users/alice@example.org", "name alice\nrole admin\nkey " KEY " alice--at--home-\n");
	{
		struct repo     *repo = repo_open(conf_repo(&conf), "main", &err);
		struct log_entry entry;

		assert_true(repo_log(repo, "users/alice@example.org", log_one, &entry, &err));
		assert_string_equal(entry.author, "alice");
		assert_string_equal(entry.email, "alice@example.org");
		assert_string_equal(entry.via, "cli");
		repo_free(repo);
	}
	conf_done(&conf);
	assert_int_equal(check("--dir", data), 0);
	assert_string_equal(output, "1 file, 0 errors, 0 warnings\n");

	/* a second time */
	assert_int_equal(init("--dir", data), 3);
	assert_output("E-EXISTS");
	assert_int_equal(check("--dir", data), 0);
}

static void
test_defaults(void **state)
{
	struct conf conf;
	struct err  err = { 0 };

	(void)state;
	assert_int_equal(mkdir(data, 0755), 0);
	assert_int_equal(init("--dir", data), 0);
	assert_output("admin         none");
	assert_true(conf_load(&conf, data, &err));
	assert_int_equal(conf.ssh.count, 2);
	assert_int_equal(conf.dns.count, 2);
	assert_string_equal(conf.http.items[0], "127.0.0.1:8053");
	conf_done(&conf);
}

static void
test_refusals(void **state)
{
	static const struct { const char *a, *b, *c, *d; int status; const char *text; } cases[] = {
		{ "--frobnicate", NULL, NULL, NULL, 2, "init does not know \"--frobnicate\"" },
		{ "--ssh", NULL, NULL, NULL, 2, "--ssh wants ADDR:PORT" },
		{ "--ssh", "300.1.1.1:22", NULL, NULL, 2, "300.1.1.1:22" },
		{ "--dns", "::1:53", NULL, NULL, 2, "::1:53" },
		{ "--name", "a", "--name", "b", 2, "given twice" },
		{ "--admin", "alice@example.org", NULL, NULL, 2, "belong together" },
		{ "--admin", "../../etc", "--admin-key", "good.pub", 3, "not an e-mail address" },
		{ "--admin", "a@b", "--admin-key", "missing.pub", 4, "cannot open the key file" },
		{ "--admin", "a@b", "--admin-key", "private", 3, "private.pub" },
		{ "--admin", "a@b", "--admin-key", "dsa.pub", 3, "not a type of key that may log in" },
		{ "--admin", "a@b", "--admin-key", "broken.pub", 3, "not the base64" },
		{ "--admin", "a@b", "--admin-key", "words.pub", 3, "not a public SSH key" },
		{ "--admin", "a@b", "--admin-key", "empty.pub", 3, "no key" },
		{ "--user", "nobody-of-that-name", NULL, NULL, 4, "there is no user" },
		{ "--branch", "--upload-pack=x", NULL, NULL, 2, "is not a branch name" },
		{ "--branch", "a..b", NULL, NULL, 2, "is not a branch name" },
		{ "--repo", "nothing-here", NULL, NULL, 75, "there is no repository at" },
		{ "--repo", ".", NULL, NULL, 75, "not a git repository" },
		{ "--repo", "worktree", NULL, NULL, 75, "git clone --bare" },
		{ "--repo", "master.git", NULL, NULL, 4, "--branch master" },
		{ "--repo", "file:///nonexistent/zones.git", NULL, NULL, 75, "clone file:///nonexistent/zones.git failed" },
		{ "--repo", "http://alice:hunter22@127.0.0.1:1/x", NULL, NULL, 1, "http://***@127.0.0.1:1/x" },
	};
	struct err err = { 0 };

	(void)state;
	put("good.pub", KEY "\n");
	put("private", "-----BEGIN OPENSSH PRIVATE KEY-----\nxxxx\n");
	put("dsa.pub", "ssh-dss AAAA x\n");
	put("broken.pub", "ssh-ed25519 AAAA x\n");
	put("words.pub", "hello\n");
	put("empty.pub", "\n# nothing\n");
	assert_int_equal(chdir(top), 0);
	assert_int_equal(mkdir("worktree", 0700) | mkdir("worktree/.git", 0700), 0);
	assert_true(repo_create("master.git", "master", &err));
	commit("master.git", "master", "example.org", ZONE);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int status = init("--dir", data, cases[i].a, cases[i].b, cases[i].c, cases[i].d);

		if (status != cases[i].status)
			fail_msg("case %zu: status %d, want %d: %s", i, status, cases[i].status, output);
		assert_output(cases[i].text);
		assert_null(strstr(output, "hunter22"));
		if (exists(data))
			fail_msg("case %zu left %s", i, data);
	}
	assert_int_equal(chdir("/"), 0);
}

static void
test_taken_over(void **state)
{
	const char *key = put("id.pub", KEY "\n"), *repo = file("old.git");
	struct conf conf;
	struct err  err = { 0 };

	(void)state;
	assert_true(repo_create(repo, "trunk", &err));
	commit(repo, "trunk", "example.org", ZONE);
	commit(repo, "trunk", "users/alice@example.org", "key " KEY " old\nrole admin\n");
	assert_int_equal(init("--dir", data, "--repo", repo, "--branch", "trunk", "--admin", "alice@example.org", "--admin-key", key), 0);
	assert_output("taken over");
	assert_output("left as it is");
	assert_false(exists(file("data/zones.git")));
	assert_true(conf_load(&conf, data, &err));
	assert_string_equal(conf_repo(&conf), repo);
	assert_string_equal(conf_str(&conf, branch), "trunk");
	conf_done(&conf);
	assert_file(repo, "trunk", "users/alice@example.org", " old\n");
	assert_int_equal(check("--dir", data), 0);
	assert_string_equal(output, "2 files, 0 errors, 0 warnings\n");
}

static void
test_cloned(void **state)
{
	const char *key = put("id.pub", KEY "\n"), *there = file("there.git");
	char        url[128];
	struct conf conf;
	struct err  err = { 0 };

	(void)state;
	assert_true(repo_create(there, "main", &err));
	snprintf(url, sizeof url, "file://%s", there);
	if (init("--dir", data, "--repo", url) != 0)
		fail_msg("%s", output);                                 /* empty: nothing to clone, but the remote is kept */
	assert_true(conf_load(&conf, data, &err));
	assert_string_equal(conf_str(&conf, remote), url);
	conf_done(&conf);
	assert_int_equal(nftw(data, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);

	commit(there, "main", "example.org", ZONE);
	assert_int_equal(init("--dir", data, "--repo", url, "--branch", "other"), 4);
	assert_output("--branch main");
	assert_false(exists(data));
	assert_int_equal(init("--dir", data, "--repo", url, "--admin", "bob@example.net", "--admin-key", key), 0);
	assert_output("cloned from file://");
	assert_true(conf_load(&conf, data, &err));
	assert_file(conf_repo(&conf), "main", "example.org", "SOA");
	assert_file(conf_repo(&conf), "main", "users/bob@example.net", "role admin");
	conf_done(&conf);
}

static void
test_check(void **state)
{
	const char *repo = file("data/zones.git");

	(void)state;
	assert_int_equal(check("--dir", data), 3);
	assert_output("zonesh init");
	assert_int_equal(init("--dir", data), 0);
	assert_int_equal(check("--dir", data), 0);
	assert_output("0 files, 0 errors, 1 warning");
	assert_output("W-NO-ADMIN");
	commit(repo, "main", "example.org", ZONE "www A 192.0.2.300\n");
	commit(repo, "main", "README.md", "# Our zones\n\nsee the wiki\n");
	commit(repo, "main", "users/alice@example.org", "role admin\nkey ssh-rsa x\n");
	commit(repo, "main", "policy/example.org", "protect\n");
	commit(repo, "main", "example.org._keys", "k DNSKEY 0 9 163 AAAA\n");
	commit(repo, "main", "scripts/deploy", "not ours\n");
	assert_int_equal(check("--dir", data), 3);
	assert_output("example.org:8:");
	assert_output("users/alice@example.org:2:");
	assert_output("policy/example.org:1:");
	assert_output("example.org._keys:1:");
	assert_output("4 files, ");
	assert_null(strstr(output, "README"));
	assert_int_equal(check("--json", "--dir", data), 3);
	assert_output("{\"v\":1,\"ok\":false,\"files\":4,\"errors\":[{\"code\":\"E-");
	assert_int_equal(check("--dir", data, "--colour"), 2);
	put("data/zonesh.conf", "frobnicate yes\n");
	assert_int_equal(check("--dir", data, "--json"), 3);
	assert_output("zonesh.conf:1:1: ");
	assert_output("\"code\":\"E-CONF\"");
	put("data/zonesh.conf", "repo /nonexistent.git\n");
	assert_int_equal(check("--dir", data), 3);
	assert_output("/nonexistent.git");
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_new), T(test_defaults), T(test_refusals), T(test_taken_over), T(test_cloned), T(test_check),
	};

	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	crypt_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
