/* SPDX-License-Identifier: ISC */
/*
 * The repository, against what the git program sees: fsck, log, show, pushes by others.
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
#include <utime.h>

#include "base/fault.h"
#include "store/repo.h"

static char dir[64], bare[96], work[96], output[65536];

/* ---- running git ---- */

/* Run git in the directory IN with what follows, up to NULL; its output is in OUTPUT.  The exit status. */
static int
git(const char *in, ...)
{
	char   *argv[32] = { "git", "-C", (char *)in };
	int     n = 3, fds[2], status;
	size_t  len = 0;
	ssize_t got;
	pid_t   pid;
	va_list ap;

	va_start(ap, in);
	while ((argv[n] = va_arg(ap, char *)) != NULL)
		n++;
	va_end(ap);
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], 1);
		dup2(fds[1], 2);
		close(fds[0]);
		close(fds[1]);
		execvp("git", argv);
		_exit(127);
	}
	close(fds[1]);
	while ((got = read(fds[0], output + len, sizeof output - 1 - len)) > 0)
		len += (size_t)got;
	output[len] = '\0';
	close(fds[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define git_ok(...) do { if (git(__VA_ARGS__, NULL) != 0) { print_error("git in %s: %s\n", #__VA_ARGS__, output); fail(); } } while (0)

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void
put_file(const char *name, const char *text)
{
	char  path[256];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", work, name);
	*strrchr(path, '/') = '\0';
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/%s", work, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* Somebody else's commit, made in a clone and pushed. */
static void
foreign_commit(const char *name, const char *text, const char *message)
{
	git_ok(work, "pull", "-q", "--no-rebase", "origin", "main");
	put_file(name, text);
	git_ok(work, "add", "-A");
	git_ok(work, "commit", "-qm", message);
	git_ok(work, "push", "-q", "origin", "HEAD:main");
}

static int
setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	strcpy(dir, "/tmp/zonesh-repo-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(bare, sizeof bare, "%s/zones.git", dir);
	snprintf(work, sizeof work, "%s/work", dir);
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	setenv("GIT_AUTHOR_NAME", "Bob", 1);
	setenv("GIT_AUTHOR_EMAIL", "bob@example.net", 1);
	setenv("GIT_COMMITTER_NAME", "Bob", 1);
	setenv("GIT_COMMITTER_EMAIL", "bob@example.net", 1);
	if (!repo_create(bare, "main", &err))
		fail_msg("%s", err.text);
	git_ok(dir, "init", "-q", "-b", "main", "work");
	git_ok(work, "remote", "add", "origin", bare);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- helpers over the repository ---- */

static struct repo *
open_repo(void)
{
	struct err   err = { 0 };
	struct repo *repo = repo_open(bare, "main", &err);

	if (repo == NULL)
		fail_msg("%s", err.text);
	return repo;
}

static struct repo_write
write_of(const char *path, const char *text, const char *author, const char *message)
{
	struct repo_write write = { .path = path, .text = text, .text_len = text != NULL ? strlen(text) : 0, .author = author,
		.email = "someone@example.org", .time_s = 1700000000, .message = message };

	return write;
}

/* Commit onto the present head; MAIN is the new one. */
static void
commit(struct repo *repo, struct repo_write *writes, size_t count)
{
	char       head[OID_TEXT_MAX], main_id[OID_TEXT_MAX], now[OID_TEXT_MAX];
	struct err err = { 0 };

	assert_true(repo_head(repo, head, &err));
	if (!repo_commit(repo, head, writes, count, main_id, &err))
		fail_msg("%s", err.text);
	assert_true(repo_head(repo, now, &err));
	assert_string_equal(now, main_id);
}

static void
commit_one(struct repo *repo, const char *path, const char *text, const char *author, const char *message)
{
	struct repo_write write = write_of(path, text, author, message);

	commit(repo, &write, 1);
}

struct logged { char text[4096]; size_t limit; };

static bool
log_line(void *arg, const struct log_entry *entry, const char *blob, const char *parent_blob)
{
	struct logged *logged = arg;
	size_t         len = strlen(logged->text);

	snprintf(logged->text + len, sizeof logged->text - len, "%s|%s|%s|%s%s\n", entry->zone, entry->author, entry->subject,
	    parent_blob[0] != '\0' ? "" : "+", blob[0] != '\0' ? "" : "-");
	return logged->limit == 0 || --logged->limit > 0;
}

static void
assert_log(struct repo *repo, const char *path, const char *want)
{
	struct logged logged = { .limit = 0 };
	struct err    err = { 0 };

	if (!repo_log(repo, path, log_line, &logged, &err))
		fail_msg("%s", err.text);
	assert_string_equal(logged.text, want);
}

static void
assert_content(struct repo *repo, const char *path, const char *want)
{
	struct arena *arena = arena_new();
	char          head[OID_TEXT_MAX], blob[OID_TEXT_MAX], *text;
	struct err    err = { 0 };
	size_t        len = 0;

	assert_true(repo_head(repo, head, &err));
	if (want == NULL) {
		assert_false(repo_find(repo, head, path, blob, &err));
		assert_int_equal(err.code, ERR_NOTFOUND);
	} else {
		if (!repo_find(repo, head, path, blob, &err) || !repo_read(repo, blob, arena, &text, &len, &err))
			fail_msg("%s", err.text);
		assert_string_equal(text, want);
		assert_int_equal(len, strlen(want));
	}
	arena_free(arena);
}

static void
assert_fsck(void)
{
	git_ok(bare, "fsck", "--full", "--strict", "--no-dangling");
	assert_string_equal(output, "");
}

static bool
list_file(void *arg, const char *path, const char *blob)
{
	struct logged *logged = arg;
	size_t         len = strlen(logged->text);

	assert_int_equal(strlen(blob), 40);
	snprintf(logged->text + len, sizeof logged->text - len, "%s\n", path);
	return logged->limit == 0 || --logged->limit > 0;
}

static bool
list_diff(void *arg, const char *path, const char *old_blob, const char *new_blob)
{
	struct logged *logged = arg;
	size_t         len = strlen(logged->text);

	snprintf(logged->text + len, sizeof logged->text - len, "%s%s%s\n", old_blob[0] != '\0' ? "-" : "",
	    new_blob[0] != '\0' ? "+" : "", path);
	return true;
}

/* ---- tests ---- */

static void
test_commit_and_read(void **state)
{
	struct repo      *repo = open_repo();
	struct repo_write writes[3];
	struct logged     files = { .limit = 0 };
	char              head[OID_TEXT_MAX];
	struct err        err = { 0 };

	(void)state;
	assert_true(repo_head(repo, head, &err));
	assert_string_equal(head, "");
	writes[0] = write_of("example.org", "one\n", "alice", "edit: create\n\nZone: example.org\n");
	writes[1] = write_of("users/alice@example.org", "name alice\n", "alice", "admin: alice\n");
	writes[2] = write_of("example.org", "two\n", "bob", "edit: change\n");
	commit(repo, writes, 3);
	assert_content(repo, "example.org", "two\n");
	assert_content(repo, "users/alice@example.org", "name alice\n");
	assert_content(repo, "users/nobody", NULL);
	assert_true(repo_head(repo, head, &err) && repo_files(repo, head, list_file, &files, &err));
	assert_string_equal(files.text, "example.org\nusers/alice@example.org\n");

	/* the chain commit holds its file alone, by its author, on the one before */
	git_ok(bare, "show", "-s", "--format=%an|%ae|%cn|%P", writes[2].commit);
	assert_non_null(strstr(output, "bob|someone@example.org|zonesh|"));
	assert_non_null(strstr(output, writes[0].commit));
	git_ok(bare, "ls-tree", "-r", "--name-only", writes[1].commit);
	assert_string_equal(output, "users/alice@example.org\n");
	assert_fsck();
	repo_free(repo);
}

static void
test_log_like_git(void **state)
{
	struct repo *repo = open_repo();

	(void)state;
	commit_one(repo, "example.org", "1\n", "alice", "edit: one\n");
	commit_one(repo, "example.net", "1\n", "carol", "edit: other\n");
	commit_one(repo, "example.org", "2\n", "bob", "edit: two\n");
	assert_log(repo, "example.org", "example.org|bob|edit: two|\nexample.org|alice|edit: one|+\n");
	assert_log(repo, "example.net", "example.net|carol|edit: other|+\n");
	assert_log(repo, "nothing.example", "");
	git_ok(bare, "log", "--format=%an|%s", "main", "--", "example.org");
	assert_string_equal(output, "bob|edit: two\nalice|edit: one\n");
	git_ok(bare, "log", "--no-merges", "--format=%s", "main", "--", ".");
	assert_non_null(strstr(output, "edit: other"));
	git_ok(bare, "blame", "-s", "main", "--", "example.org");

	/* the same from a process that knows nothing yet */
	repo_free(repo);
	repo = open_repo();
	assert_log(repo, "example.org", "example.org|bob|edit: two|\nexample.org|alice|edit: one|+\n");
	repo_free(repo);
}

static void
test_log_of_all(void **state)
{
	struct repo  *repo = open_repo();
	struct logged two = { .limit = 2 };
	struct err    err = { 0 };

	(void)state;
	assert_log(repo, NULL, "");
	commit_one(repo, "example.org", "1\n", "alice", "edit: one\n");
	commit_one(repo, "policy/example.org", "1\n", "carol", "admin: policy\n");
	foreign_commit("example.org", "2\n", "by hand");
	assert_true(repo_log(repo, NULL, log_line, &two, &err));
	assert_int_equal(strlen(two.text) > 0 && two.limit == 0, 1);
	commit_one(repo, "example.org", "3\n", "alice", "edit: three\n");       /* adopts */
	{
		struct logged all = { .limit = 0 };

		assert_true(repo_log(repo, NULL, log_line, &all, &err));
		for (size_t i = 0; i < 4; i++) {
			static const char *const once[] = { "edit: one", "admin: policy", "by hand", "edit: three" };
			const char              *at = strstr(all.text, once[i]);

			assert_non_null(at);
			assert_null(strstr(at + 1, once[i]));
		}
		assert_null(strstr(all.text, "merge"));
		assert_null(strstr(all.text, "begin"));
	}
	repo_free(repo);
}

static void
test_delete_and_again(void **state)
{
	struct repo *repo = open_repo();
	struct err   err = { 0 };
	char         head[OID_TEXT_MAX];

	(void)state;
	commit_one(repo, "example.org", "1\n", "alice", "create\n");
	commit_one(repo, "users/a@b", "1\n", "alice", "user\n");
	commit_one(repo, "example.org", NULL, "bob", "delete\n");
	commit_one(repo, "users/a@b", NULL, "bob", "delete user\n");
	assert_content(repo, "example.org", NULL);
	assert_true(repo_head(repo, head, &err));
	git_ok(bare, "ls-tree", head);
	assert_string_equal(output, "");        /* no empty users/ left */
	assert_log(repo, "example.org", "example.org|bob|delete|-\nexample.org|alice|create|+\n");
	commit_one(repo, "example.org", "2\n", "carol", "again\n");
	assert_log(repo, "example.org", "example.org|carol|again|+\nexample.org|bob|delete|-\nexample.org|alice|create|+\n");
	assert_fsck();
	repo_free(repo);
}

static void
test_nothing_changes(void **state)
{
	struct repo      *repo = open_repo();
	struct repo_write write = write_of("example.org", "1\n", "alice", "create\n"), again = write, gone;
	char              before[OID_TEXT_MAX], after[OID_TEXT_MAX];
	struct err        err = { 0 };

	(void)state;
	commit(repo, &write, 1);
	assert_true(repo_head(repo, before, &err));
	commit(repo, &again, 1);
	gone = write_of("never.example", NULL, "alice", "delete\n");
	commit(repo, &gone, 1);
	assert_true(repo_head(repo, after, &err));
	assert_string_equal(before, after);
	assert_string_equal(write.commit, again.commit);
	repo_free(repo);
}

static void
test_there_and_back(void **state)
{
	struct repo      *repo = open_repo();
	struct repo_write writes[2];

	(void)state;
	commit_one(repo, "example.org", "A\n", "alice", "first\n");
	writes[0] = write_of("example.org", "B\n", "bob", "there\n");
	writes[1] = write_of("example.org", "A\n", "bob", "back\n");
	commit(repo, writes, 2);
	assert_log(repo, "example.org", "example.org|bob|back|\nexample.org|bob|there|\nexample.org|alice|first|+\n");
	repo_free(repo);
}

static void
test_adopts_lazily(void **state)
{
	struct repo *repo = open_repo();
	struct err   err = { 0 };
	char         head[OID_TEXT_MAX], pushed[OID_TEXT_MAX];

	(void)state;
	commit_one(repo, "example.org", "1\n", "alice", "create\n");
	foreign_commit("example.org", "2\n", "pushed two");
	foreign_commit("README.md", "hello\n", "pushed readme");
	foreign_commit("example.org", "3\n", "pushed three");
	git_ok(work, "rev-parse", "HEAD");
	snprintf(pushed, sizeof pushed, "%.40s", output);
	assert_true(repo_head(repo, head, &err));
	assert_string_equal(head, pushed);      /* no merge of ours on top */
	assert_log(repo, "example.org",
	    "example.org|Bob|pushed three|\nexample.org|Bob|pushed two|\nexample.org|alice|create|+\n");
	commit_one(repo, "example.org", "4\n", "alice", "edit: four\n");
	assert_log(repo, "example.org", "example.org|alice|edit: four|\nexample.org|Bob|pushed three|\n"
	    "example.org|Bob|pushed two|\nexample.org|alice|create|+\n");
	assert_content(repo, "README.md", "hello\n");

	/* the chain by itself: four commits, each with that file alone, dates as pushed */
	git_ok(bare, "log", "--format=%s", "main^2");
	assert_string_equal(output, "edit: four\npushed three\npushed two\ncreate\n");
	git_ok(bare, "ls-tree", "-r", "--name-only", "main^2~1");
	assert_string_equal(output, "example.org\n");
	git_ok(bare, "log", "-1", "--format=%an %cn", "main^2~1");
	assert_string_equal(output, "Bob Bob\n");
	assert_fsck();
	repo_free(repo);
}

static void
test_adopts_the_same_everywhere(void **state)
{
	char        ids[2][OID_TEXT_MAX], copy[128];
	struct err  err = { 0 };

	(void)state;
	put_file("example.org", "1\n");
	git_ok(work, "add", "-A");
	git_ok(work, "commit", "-qm", "import");
	git_ok(work, "push", "-q", "origin", "HEAD:main");
	foreign_commit("example.org", "2\n", "two");
	snprintf(copy, sizeof copy, "%s/copy.git", dir);
	git_ok(dir, "clone", "-q", "--bare", bare, copy);
	for (int i = 0; i < 2; i++) {
		struct repo      *repo = repo_open(i == 0 ? bare : copy, "main", &err);
		struct repo_write write = write_of("example.org", "3\n", "alice", "edit\n");

		assert_non_null(repo);
		commit(repo, &write, 1);
		git_ok(i == 0 ? bare : copy, "rev-parse", "main^2^");
		snprintf(ids[i], sizeof ids[i], "%.40s", output);
		repo_free(repo);
	}
	assert_string_equal(ids[0], ids[1]);
	git_ok(bare, "log", "--format=%s", ids[0]);
	assert_string_equal(output, "two\nimport\n");
}

static void
test_foreign_merge(void **state)
{
	struct repo *repo = open_repo();

	(void)state;
	commit_one(repo, "example.org", "1\n", "alice", "create\n");
	git_ok(work, "pull", "-q", "origin", "main");
	put_file("example.net", "1\n");
	git_ok(work, "add", "-A");
	git_ok(work, "commit", "-qm", "net by hand");
	commit_one(repo, "example.org", "2\n", "alice", "two\n");       /* main moves meanwhile */
	git_ok(work, "pull", "-q", "--no-rebase", "--no-edit", "origin", "main");
	git_ok(work, "push", "-q", "origin", "HEAD:main");
	assert_log(repo, "example.org", "example.org|alice|two|\nexample.org|alice|create|+\n");
	assert_log(repo, "example.net", "example.net|Bob|net by hand|+\n");
	commit_one(repo, "example.org", "3\n", "alice", "three\n");
	commit_one(repo, "example.net", "2\n", "alice", "net two\n");
	assert_log(repo, "example.org", "example.org|alice|three|\nexample.org|alice|two|\nexample.org|alice|create|+\n");
	assert_log(repo, "example.net", "example.net|alice|net two|\nexample.net|Bob|net by hand|+\n");
	git_ok(bare, "log", "--format=%s", "main^2");
	assert_string_equal(output, "net two\nnet by hand\n");
	assert_fsck();
	repo_free(repo);
}

static void
test_conflict(void **state)
{
	struct repo      *repo = open_repo();
	struct repo_write write = write_of("example.org", "2\n", "alice", "two\n");
	char              old[OID_TEXT_MAX], head[OID_TEXT_MAX], main_id[OID_TEXT_MAX];
	struct err        err = { 0 };

	(void)state;
	commit_one(repo, "example.org", "1\n", "alice", "one\n");
	assert_true(repo_head(repo, old, &err));
	foreign_commit("example.net", "1\n", "moved");
	assert_false(repo_commit(repo, old, &write, 1, main_id, &err));
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_false(repo_commit(repo, "", &write, 1, main_id, &err));
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_content(repo, "example.org", "1\n");
	assert_true(repo_head(repo, head, &err));
	assert_false(repo_forward(repo, head, old, &err));
	assert_int_equal(err.code, ERR_CONFLICT);
	repo_free(repo);
}

static void
test_merge_and_forward(void **state)
{
	struct repo      *repo = open_repo();
	struct repo_write writes[2];
	char              base[OID_TEXT_MAX], theirs[OID_TEXT_MAX], ours[OID_TEXT_MAX], main_id[OID_TEXT_MAX], found[OID_TEXT_MAX];
	struct err        err = { 0 };

	(void)state;
	commit_one(repo, "example.org", "1\n", "alice", "create\n");
	assert_true(repo_head(repo, base, &err));
	git_ok(work, "pull", "-q", "origin", "main");
	put_file("example.org", "1\ntheirs\n");
	put_file("example.net", "1\n");
	git_ok(work, "add", "-A");
	git_ok(work, "commit", "-qm", "theirs");
	git_ok(work, "push", "-q", "origin", "HEAD:refs/remotes/origin/main");
	assert_true(repo_ref(repo, "refs/remotes/origin/main", theirs, &err));
	assert_true(repo_ref(repo, "refs/remotes/origin/none", found, &err));
	assert_string_equal(found, "");
	commit_one(repo, "example.org", "ours\n1\n", "alice", "ours\n");
	assert_true(repo_head(repo, ours, &err));
	assert_true(repo_merge_base(repo, ours, theirs, found, &err));
	assert_string_equal(found, base);
	assert_false(repo_forward(repo, ours, theirs, &err));

	writes[0] = write_of("example.org", "ours\n1\ntheirs\n", "Bob", "git: merged\n");
	writes[1] = write_of("example.net", "1\n", "Bob", "unused: the same as theirs\n");
	if (!repo_merge(repo, ours, theirs, writes, 2, main_id, &err))
		fail_msg("%s", err.text);
	assert_string_equal(writes[1].commit, theirs);
	assert_log(repo, "example.net", "example.net|Bob|theirs|+\n");
	{
		struct logged all = { .limit = 0 };

		assert_true(repo_log(repo, "example.org", log_line, &all, &err));
		assert_non_null(strstr(all.text, "git: merged|\n"));
		assert_non_null(strstr(all.text, "|ours|\n"));
		assert_non_null(strstr(all.text, "|theirs|\n"));
		assert_non_null(strstr(all.text, "|create|+\n"));
	}
	git_ok(bare, "merge-base", "--is-ancestor", theirs, "main");
	commit_one(repo, "example.net", "2\n", "alice", "after\n");
	git_ok(bare, "log", "--format=%s", "main^2");
	assert_string_equal(output, "after\ntheirs\n");
	assert_true(repo_head(repo, found, &err));
	git_ok(work, "pull", "-q", "--ff-only", "origin", "main");
	put_file("example.net", "3\n");
	git_ok(work, "commit", "-qam", "more");
	git_ok(work, "push", "-q", "origin", "HEAD:refs/remotes/origin/main");
	assert_true(repo_ref(repo, "refs/remotes/origin/main", theirs, &err));
	assert_true(repo_forward(repo, found, theirs, &err));
	assert_content(repo, "example.net", "3\n");
	assert_fsck();
	repo_free(repo);
}

/* Two servers that began apart share their first commit. */
static void
test_unrelated_beginnings(void **state)
{
	char         other[128], a[OID_TEXT_MAX], b[OID_TEXT_MAX], base[OID_TEXT_MAX], main_id[OID_TEXT_MAX];
	struct repo *repo = open_repo(), *second;
	struct repo_write write = write_of("example.net", "1\n", "bob", "net\n");
	struct err   err = { 0 };

	(void)state;
	snprintf(other, sizeof other, "%s/other.git", dir);
	assert_true(repo_create(other, "main", &err));
	second = repo_open(other, "main", &err);
	assert_non_null(second);
	commit_one(repo, "example.org", "1\n", "alice", "org\n");
	commit(second, &write, 1);
	git_ok(bare, "fetch", "-q", other, "main:refs/remotes/origin/main");
	assert_true(repo_head(repo, a, &err) && repo_ref(repo, "refs/remotes/origin/main", b, &err));
	assert_true(repo_merge_base(repo, a, b, base, &err));
	assert_int_equal(strlen(base), 40);
	assert_true(repo_merge(repo, a, b, &write, 1, main_id, &err));
	assert_log(repo, "example.net", "example.net|bob|net|+\n");
	repo_free(second);
	repo_free(repo);
}

static void
test_diff(void **state)
{
	struct repo  *repo = open_repo();
	struct logged diff = { .limit = 0 };
	struct err    err = { 0 };
	char          from[OID_TEXT_MAX], to[OID_TEXT_MAX];

	(void)state;
	commit_one(repo, "a.example", "1\n", "alice", "m\n");
	commit_one(repo, "b.example", "1\n", "alice", "m\n");
	commit_one(repo, "users/x@y", "1\n", "alice", "m\n");
	assert_true(repo_head(repo, from, &err));
	git_ok(work, "pull", "-q", "origin", "main");
	put_file("a.example", "2\n");
	put_file("c.example", "2\n");
	put_file("users/z@y", "2\n");
	git_ok(work, "rm", "-q", "b.example");
	assert_int_equal(symlink("a.example", strcat(strcpy(to, work), "/link.example")), 0);
	git_ok(work, "add", "-A");
	git_ok(work, "commit", "-qm", "many");
	git_ok(work, "push", "-q", "origin", "HEAD:main");
	assert_true(repo_head(repo, to, &err));
	assert_true(repo_diff(repo, from, to, list_diff, &diff, &err));
	assert_string_equal(diff.text, "-+a.example\n-b.example\n+c.example\n+users/z@y\n");
	commit_one(repo, "c.example", "3\n", "alice", "m\n");
	git_ok(bare, "ls-tree", "--name-only", "main");
	assert_non_null(strstr(output, "link.example"));        /* left alone */
	repo_free(repo);
}

static void
test_entry(void **state)
{
	static const struct { const char *author, *message, *want; } cases[] = {
		{ "alice", "ddns: home\n\nZone: example.org\nActor: token router\nVia: ssh-device\nFrom: 203.0.113.9\nSerial: 7 8\nChange-Id: x\n",
		    "ddns: home|ssh-device|token router|203.0.113.9|8" },
		{ "alice", "edit: x\n\nVia: is not a trailer here\n\nmore text\n", "edit: x|git|alice||0" },
		{ "alice", "no body", "no body|git|alice||0" },
		{ "alice", "edit: y\n\nVia: cli\nSerial: 4294967295\n\n\n", "edit: y|cli|||4294967295" },
		{ "key._update.example.org via primary git", "changed by 192.0.2.7", "changed by 192.0.2.7|rfc2136|key._update.example.org|192.0.2.7|0" },
		{ "k via primary git", "192.0.2.8 changed example.org", "192.0.2.8 changed example.org|rfc2136|k|192.0.2.8|0" },
		{ "<evil>\n", "x", "x|git|?evil??||0" },
		{ "", "", "|git|unknown||0" },
	};
	struct repo *repo = open_repo();
	struct err   err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char              text[32], got[512], blob[OID_TEXT_MAX], parent[OID_TEXT_MAX];
		struct repo_write write;
		struct log_entry  entry;

		snprintf(text, sizeof text, "%zu\n", i);
		write = write_of("example.org", text, cases[i].author, cases[i].message);
		commit(repo, &write, 1);
		assert_true(repo_entry(repo, write.commit, "example.org", &entry, blob, parent, &err));
		snprintf(got, sizeof got, "%s|%s|%s|%s|%u", entry.subject, entry.via, entry.actor, entry.from, entry.serial);
		assert_string_equal(got, cases[i].want);
		assert_string_equal(entry.zone, "example.org");
		assert_int_equal(entry.time_s, 1700000000);
		assert_string_equal(blob, write.blob);
		assert_int_equal(parent[0] != '\0', i != 0);
	}
	repo_free(repo);
}

static void
test_resolve(void **state)
{
	static const struct { const char *prefix; enum err_code code; } cases[] = {
		{ "abc", ERR_USAGE }, { "", ERR_USAGE }, { "main", ERR_USAGE }, { "0000000", ERR_NOTFOUND },
		{ "00000000000000000000000000000000000000000", ERR_USAGE },
	};
	struct repo      *repo = open_repo();
	struct repo_write write = write_of("example.org", "1\n", "alice", "m\n");
	char              id[OID_TEXT_MAX], prefix[16];
	struct err        err = { 0 };

	(void)state;
	commit(repo, &write, 1);
	snprintf(prefix, sizeof prefix, "%.12s", write.commit);
	assert_true(repo_resolve(repo, prefix, id, &err));
	assert_string_equal(id, write.commit);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_false(repo_resolve(repo, cases[i].prefix, id, &err));
		assert_int_equal(err.code, cases[i].code);
	}
	assert_false(repo_resolve(repo, write.blob, id, &err));
	assert_int_equal(err.code, ERR_NOTFOUND);
	repo_free(repo);
}

static void
test_open_errors(void **state)
{
	static const char *const bad_paths[] = { "a/b/c", "", "a/", "/a", "new\nline", ".git/config", "..", "example.org/x" };
	struct err   err = { 0 };
	struct repo *repo;
	char         path[160], main_id[OID_TEXT_MAX], head[OID_TEXT_MAX];

	(void)state;
	assert_null(repo_open(dir, "main", &err));
	assert_int_equal(err.code, ERR_REPO);
	assert_non_null(strstr(err.text, dir));
	assert_null(repo_open(work, "main", &err));
	assert_non_null(strstr(err.hint, "--bare"));
	snprintf(path, sizeof path, "%s/.git", work);
	assert_null(repo_open(path, "main", &err));
	assert_non_null(strstr(err.hint, "--bare"));
	assert_false(repo_create(bare, "main", &err));
	repo = open_repo();
	commit_one(repo, "example.org", "1\n", "alice", "m\n");
	assert_true(repo_head(repo, head, &err));
	for (size_t i = 0; i < sizeof bad_paths / sizeof bad_paths[0]; i++) {
		struct repo_write write = write_of(bad_paths[i], "x\n", "alice", "m\n");

		assert_false(repo_commit(repo, head, &write, 1, main_id, &err));
		assert_int_equal(err.code, ERR_REPO);
	}
	assert_content(repo, "example.org", "1\n");
	repo_free(repo);
}

static void
test_locks(void **state)
{
	struct repo      *repo = open_repo();
	struct repo_write write = write_of("example.org", "2\n", "alice", "two\n");
	struct utimbuf    old = { 1000000000, 1000000000 };
	char              lock[160], head[OID_TEXT_MAX], main_id[OID_TEXT_MAX];
	struct err        err = { 0 };

	(void)state;
	commit_one(repo, "example.org", "1\n", "alice", "one\n");
	assert_true(repo_head(repo, head, &err));
	snprintf(lock, sizeof lock, "%s/refs/heads/main.lock", bare);
	close(open(lock, O_CREAT | O_EXCL | O_WRONLY, 0600));
	assert_false(repo_commit(repo, head, &write, 1, main_id, &err));        /* somebody works there */
	assert_int_equal(err.code, ERR_REPO);
	assert_non_null(strstr(err.text, "lock"));
	assert_int_equal(utime(lock, &old), 0);
	repo_free(repo);
	repo = open_repo();                                                     /* nobody does any more */
	assert_true(repo_commit(repo, head, &write, 1, main_id, &err));
	repo_free(repo);
}

static void
test_gc_beside_us(void **state)
{
	struct repo *repo = open_repo();
	char         text[32];

	(void)state;
	for (int i = 0; i < 6; i++) {
		snprintf(text, sizeof text, "%d\n", i);
		commit_one(repo, "example.org", text, "alice", "m\n");
		git_ok(bare, "gc", "-q");       /* packs objects and the reference */
	}
	assert_content(repo, "example.org", "5\n");
	assert_fsck();
	repo_free(repo);
}

static void
test_fails_as_on_full_disk(void **state)
{
	struct repo      *repo = open_repo();
	struct repo_write write = write_of("example.org", "2\n", "alice", "two\n");
	char              head[OID_TEXT_MAX], main_id[OID_TEXT_MAX];
	struct err        err = { 0 };

	(void)state;
	commit_one(repo, "example.org", "1\n", "alice", "one\n");
	assert_true(repo_head(repo, head, &err));
	setenv("ZONESH_FAULT", "commit-fails:1", 1);
	fault_init();
	assert_false(repo_commit(repo, head, &write, 1, main_id, &err));
	assert_int_equal(err.code, ERR_REPO);
	assert_non_null(strstr(err.text, "No space left"));
	assert_content(repo, "example.org", "1\n");
	assert_true(repo_commit(repo, head, &write, 1, main_id, &err));
	unsetenv("ZONESH_FAULT");
	fault_init();
	repo_free(repo);
}

/* Killed at each point: main is the old or the new one, and whole. */
static void
test_killed(void **state)
{
	static const struct { const char *fault, *content; } cases[] = {
		{ "store-before-commit:1", "0\n" }, { "store-before-ref:1", "0\n" }, { "store-after-ref:1", "1\n" },
	};
	struct repo *repo = open_repo();

	(void)state;
	commit_one(repo, "example.org", "0\n", "alice", "zero\n");
	repo_free(repo);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		pid_t pid = fork();
		int   status;

		if (pid == 0) {
			setenv("ZONESH_FAULT", cases[i].fault, 1);
			fault_init();
			repo = open_repo();
			commit_one(repo, "example.org", "1\n", "alice", "one\n");
			_exit(0);
		}
		waitpid(pid, &status, 0);
		assert_true(WIFSIGNALED(status));
		repo = open_repo();
		assert_content(repo, "example.org", cases[i].content);
		assert_fsck();
		repo_free(repo);
	}
}

/* Whatever mixture of our commits, pushes, deletions and restarts: the log of each file is exactly what happened to it, and its chain holds it alone. */
static void
test_any_history(void **state)
{
	static const char *const paths[] = { "a.example", "b.example", "policy/a.example" };
	static char              want[3][8192];
	struct repo             *repo = open_repo();
	bool                     there[3] = { false };

	(void)state;
	memset(want, 0, sizeof want);
	srand(7);
	git_ok(work, "commit", "-q", "--allow-empty", "-m", "start");
	git_ok(work, "push", "-q", "origin", "HEAD:main");
	for (int step = 0; step < 60; step++) {
		int  i = rand() % 3, what = rand() % 8;
		char text[32], line[128], before[sizeof want[0]];
		bool gone = what == 0 && there[i], foreign = what >= 5 && !gone;

		snprintf(text, sizeof text, "%d\n", step);
		if (foreign)
			foreign_commit(paths[i], text, text);
		else
			commit_one(repo, paths[i], gone ? NULL : text, "alice", text);
		snprintf(line, sizeof line, "%s|%s|%d|%s%s\n", paths[i], foreign ? "Bob" : "alice", step, there[i] ? "" : "+", gone ? "-" : "");
		there[i] = !gone;
		strcpy(before, want[i]);
		snprintf(want[i], sizeof want[i], "%.200s%.7000s", line, before);
		if (rand() % 6 == 0) {
			repo_free(repo);
			repo = open_repo();
		}
		for (int k = 0; step % 5 == 4 && k < 3; k++)
			if (want[k][0] != '\0')
				assert_log(repo, paths[k], want[k]);
	}
	assert_fsck();
	for (int i = 0; i < 3; i++) {
		commit_one(repo, paths[i], "last\n", "alice", "last");
		git_ok(bare, "log", "--format=", "--name-only", "main^2");
		for (char *line = strtok(output, "\n"); line != NULL; line = strtok(NULL, "\n"))
			assert_string_equal(line, paths[i]);
	}
	repo_free(repo);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_commit_and_read), T(test_log_like_git), T(test_log_of_all), T(test_delete_and_again), T(test_nothing_changes),
		T(test_there_and_back), T(test_adopts_lazily), T(test_adopts_the_same_everywhere), T(test_foreign_merge), T(test_conflict),
		T(test_merge_and_forward), T(test_unrelated_beginnings), T(test_diff), T(test_entry), T(test_resolve), T(test_open_errors),
		T(test_locks), T(test_gc_beside_us), T(test_fails_as_on_full_disk), T(test_killed), T(test_any_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
