/* SPDX-License-Identifier: ISC */
/*
 * `zonesh init`: making the data directory.  What was made is removed again when a later step fails; the configuration gets its
 * name last, so that a data directory with one is complete.
 */
#include "store/init_private.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/proc.h"
#include "base/str.h"
#include "store/remote_git.h"
#include "store/repo.h"

#define KEYGEN_MS 60000         /* RSA on a small machine */
#define CLONE_MS  600000
#define CONF_NEW  "zonesh.conf.new"
#define OPEN_DIRS 16            /* descriptors for walking a tree */

/* ---- running a program to its end ---- */

struct finished {
	bool       done;
	int        status;
	struct buf output;
};

static void
on_finished(void *arg, int wait_status, const char *output, size_t len)
{
	struct finished *finished = arg;

	finished->done = true;
	finished->status = wait_status;
	buf_put(&finished->output, output, len);
}

/* Run ARGV and wait; OUT is the caller's to release. */
static bool
run(struct finished *out, char *const argv[], char *const env[], int64_t timeout_ms, struct err *err)
{
	struct loop *loop = loop_new();
	bool         ok;

	*out = (struct finished){ 0 };
	ok = proc_run(loop, argv, env, timeout_ms, on_finished, out, err);
	while (ok && !out->done)
		loop_once(loop, -1);
	loop_free(loop);
	return ok;
}

/* ---- made and removed ---- */

static void
made(struct init *init, const char *path)
{
	init->made[init->made_count++] = arena_strdup(init->arena, path);
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void
remove_made(struct init *init)
{
	while (init->made_count > 0)
		nftw(init->made[--init->made_count], remove_one, OPEN_DIRS, FTW_DEPTH | FTW_PHYS);
}

static bool
make_dir(struct init *init, const char *path, struct err *err)
{
	if (mkdir(path, 0700) == 0) {
		made(init, path);
		return true;
	}
	err_errno(err, ERR_FAILED, "cannot make %s", path);
	return errno == ENOENT ? err_hint(err, "make the directory above it first") : false;
}

static bool
make_dirs(struct init *init, struct err *err)
{
	struct stat st;

	if (stat(init->conf.dir, &st) != 0 && !make_dir(init, init->conf.dir, err))
		return false;
	if (!make_dir(init, conf_path(&init->conf, "state"), err) || !make_dir(init, conf_path(&init->conf, "hostkeys"), err))
		return false;
	init_say(init, "state", "%s  made", str_show(init->conf.dir));
	return true;
}

/* ---- host keys ---- */

static bool
say_host_key(struct init *init, const char *path, const char *what, struct err *err)
{
	char  pub[4200], line[2048], type[64], base64[2000], fingerprint[64];
	FILE *file;
	bool  ok;

	snprintf(pub, sizeof pub, "%s.pub", path);
	file = fopen(pub, "re");
	if (file == NULL)
		return err_errno(err, ERR_FAILED, "cannot open %s", pub);
	ok = fgets(line, sizeof line, file) != NULL && sscanf(line, "%63s %1999s", type, base64) == 2 &&
	    account_fingerprint(fingerprint, type, base64);
	fclose(file);
	if (!ok)
		return err_set(err, ERR_FAILED, "ssh-keygen wrote no public key to %s", pub);
	init_say(init, "host key", "%s (%s)", fingerprint, what);
	return true;
}

static bool
make_host_key(struct init *init, const char *type, const char *bits, const char *file, struct err *err)
{
	const char     *path = arena_strdup(init->arena, conf_path(&init->conf, file));
	char *const     argv[] = { "ssh-keygen", "-q", "-t", (char *)type, "-b", (char *)bits, "-N", "", "-C",
		(char *)conf_str(&init->conf, name), "-f", (char *)path, NULL };
	struct finished keygen;
	bool            ok;

	if (!run(&keygen, argv, NULL, KEYGEN_MS, err)) {
		buf_done(&keygen.output);
		return err_hint(err, "host keys are made by ssh-keygen: apt install openssh-client");
	}
	ok = keygen.status == 0 || err_set(err, ERR_FAILED, "ssh-keygen failed: %.*s", (int)strcspn(buf_str(&keygen.output), "\n"),
	    buf_str(&keygen.output));
	buf_done(&keygen.output);
	return ok && say_host_key(init, path, type, err);
}

/* ---- the repository ---- */

/* The words of git for the remote that is cloned. */
static bool
run_git(struct init *init, struct finished *out, const char *const words[], struct err *err)
{
	struct remote_git git;

	remote_git(&git, conf_repo(&init->conf), init->repo, conf_str(&init->conf, branch), CLONE_MS, words, init->arena);
	return run(out, git.argv, git.env, CLONE_MS, err);
}

/* A remote without the branch: empty is fine, other branches are not. */
static bool
check_empty_remote(struct init *init, struct err *err)
{
	const char     *branch = conf_str(&init->conf, branch), *other;
	char            shown[256];
	struct finished listed;
	bool            ok = run_git(init, &listed, (const char *const[]){ "ls-remote", "--heads", REMOTE_GIT_NAME, NULL }, err);

	ok = ok && remote_git_result("list", init->repo, CLONE_MS, listed.status, buf_str(&listed.output), err);
	other = ok ? strstr(buf_str(&listed.output), "refs/heads/") : NULL;
	if (other != NULL) {
		int len = (int)strcspn(other += strlen("refs/heads/"), "\n");

		remote_url_show(shown, init->repo);
		ok = err_set(err, ERR_NOTFOUND, "%s has no branch %s", shown, branch);
		err_hint(err, "it has %.*s: use --branch %.*s", len, other, len, other);
	}
	buf_done(&listed.output);
	return ok;
}

/* Put main where the remote has it. */
static bool
start_from_remote(struct init *init, struct err *err)
{
	const char  *branch = conf_str(&init->conf, branch);
	struct repo *repo = repo_open(conf_repo(&init->conf), branch, err);
	char        *ref = arena_printf(init->arena, "refs/remotes/origin/%s", branch);
	char         commit[OID_TEXT_MAX];
	bool         ok = repo != NULL && repo_ref(repo, ref, commit, err) && repo_forward(repo, "", commit, err);

	repo_free(repo);
	return ok;
}

static bool
clone(struct init *init, struct err *err)
{
	struct finished fetched;
	struct err      why = { 0 };
	bool            ok;

	ok = run_git(init, &fetched, (const char *const[]){ "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-gc",
	    REMOTE_GIT_NAME, NULL }, err);
	if (!ok)
		return false;
	ok = remote_git_result("clone", init->repo, CLONE_MS, fetched.status, buf_str(&fetched.output), &why);
	buf_done(&fetched.output);
	if (ok)
		return start_from_remote(init, err);
	if (why.code == ERR_NOTFOUND)
		return check_empty_remote(init, err);
	*err = why;
	return false;
}

static bool
make_repo(struct init *init, struct err *err)
{
	const char *path = arena_strdup(init->arena, conf_repo(&init->conf));
	char        shown[256];

	if (init->source == INIT_REPO_TAKE) {
		init_say(init, "repository", "%s  taken over", str_show(path));
		return true;
	}
	made(init, path);
	if (!repo_create(path, conf_str(&init->conf, branch), err) || (init->source == INIT_REPO_CLONE && !clone(init, err)))
		return false;
	if (init->source == INIT_REPO_CLONE) {
		remote_url_show(shown, init->repo);
		init_say(init, "repository", "%s  cloned from %s", str_show(path), str_show(shown));
	} else {
		init_say(init, "repository", "%s  made, empty", str_show(path));
	}
	return true;
}

/* The administrator's account, committed in his name. */
static bool
commit_account(struct init *init, struct err *err)
{
	char             *path = arena_printf(init->arena, "users/%s", init->admin);
	struct repo_write write = { .path = path, .text = init->account_text, .email = init->admin, .time_s = time(NULL) };
	char              head[OID_TEXT_MAX], blob[OID_TEXT_MAX];
	struct repo      *repo;
	bool              ok;

	if (init->account == NULL)
		return true;
	write.text_len = strlen(write.text);
	write.author = init->account->name;
	write.message = arena_printf(init->arena, "admin: add %s as administrator\n\nActor: %s (%s)\nVia: cli\n", init->admin,
	    init->account->name, init->account->keys[0].fingerprint);
	repo = repo_open(conf_repo(&init->conf), conf_str(&init->conf, branch), err);
	if (repo == NULL)
		return false;
	ok = repo_head(repo, head, err);
	init->account_there = ok && repo_find(repo, head, path, blob, NULL);
	if (ok && !init->account_there)
		ok = repo_commit(repo, head, &write, 1, head, err);
	repo_free(repo);
	return ok;
}

/* ---- configuration and owner ---- */

static bool
write_conf(struct init *init, struct err *err)
{
	const char *path = arena_strdup(init->arena, conf_path(&init->conf, CONF_NEW));
	struct buf  text = { 0 };
	int         fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool        ok;

	if (fd < 0)
		return err_errno(err, ERR_FAILED, "cannot make %s", path);
	made(init, path);
	conf_write(&init->conf, &text);
	ok = write(fd, text.data, text.len) == (ssize_t)text.len && fsync(fd) == 0;
	if (!ok)
		err_errno(err, ERR_FAILED, "cannot write %s", path);
	close(fd);
	buf_done(&text);
	init_say(init, "config", "%s  made, every option explained", str_show(conf_path(&init->conf, "zonesh.conf")));
	return ok;
}

/* nftw has no argument for its function. */
static struct { uid_t uid; gid_t gid; } owner;

/* What root made just now; what others own in a repository that was taken over stays theirs. */
static int
chown_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)flag;
	(void)ftw;
	return st->st_uid == 0 && lchown(path, owner.uid, owner.gid) != 0;
}

static bool
give_away(struct init *init, struct err *err)
{
	if (!init->chown)
		return true;
	owner.uid = init->uid;
	owner.gid = init->gid;
	if (nftw(init->conf.dir, chown_one, OPEN_DIRS, FTW_PHYS) != 0 ||
	    nftw(conf_repo(&init->conf), chown_one, OPEN_DIRS, FTW_PHYS) != 0)
		return err_errno(err, ERR_FAILED, "cannot give %s to its user", init->conf.dir);
	return true;
}

static bool
finish(struct init *init, struct err *err)
{
	const char *from = arena_strdup(init->arena, conf_path(&init->conf, CONF_NEW));
	int         dir;

	if (rename(from, conf_path(&init->conf, "zonesh.conf")) != 0)
		return err_errno(err, ERR_FAILED, "cannot write %s", conf_path(&init->conf, "zonesh.conf"));
	dir = open(init->conf.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0) {
		fsync(dir);     /* a crash here would only lose what can be made again */
		close(dir);
	}
	return true;
}

bool
init_make(struct init *init, struct err *err)
{
	bool ok;

	ok = make_dirs(init, err) && make_repo(init, err) && write_conf(init, err) &&
	    make_host_key(init, "ed25519", "256", "hostkeys/ssh_host_ed25519_key", err) &&
	    make_host_key(init, "rsa", "3072", "hostkeys/ssh_host_rsa_key", err) && commit_account(init, err) && give_away(init, err) &&
	    finish(init, err);
	if (!ok)
		remove_made(init);
	return ok;
}
