/* SPDX-License-Identifier: ISC */
/*
 * Opening and making the repository, and reading from it.
 *
 * libgit2's settings are those of the process: objects are fsynced, nothing outside the repository is read as
 * configuration, and reads do not hash again what was hashed when it was written.
 */
#include "store/repo_private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define CACHE_BYTES   (32 << 20)
#define LOCK_STALE_S  3         /* git holds a reference's lock for milliseconds */
#define PREFIX_MIN    4

bool
repo_fail(struct err *err, const char *fmt, ...)
{
	const git_error *last = git_error_last();
	char             what[300];
	va_list          ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	return err_set(err, ERR_REPO, "%s: %s", what, last != NULL && last->message != NULL ? last->message : "unknown error");
}

bool
repo_oid(git_oid *out, const char *hex, struct err *err)
{
	memset(out, 0, sizeof *out);
	if (hex[0] == '\0' || (strlen(hex) == GIT_OID_HEXSZ && git_oid_fromstr(out, hex) == 0))
		return true;
	return err_set(err, ERR_USAGE, "\"%s\" is not a commit or blob id", hex);
}

void
repo_hex(char out[static OID_TEXT_MAX], const git_oid *oid)
{
	out[0] = '\0';
	if (!git_oid_is_zero(oid))
		git_oid_tostr(out, OID_TEXT_MAX, oid);
}

static void
library_init(void)
{
	static const int levels[] = {
		GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL,
	};

	git_libgit2_init();
	git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, (ssize_t)CACHE_BYTES);
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
		git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "");
}

/* A work tree's files would go stale under us, and its owner's commits would fight with ours. */
static bool
refuse_worktree(const char *path, struct err *err)
{
	err_set(err, ERR_REPO, "%s has a working tree; a bare repository is needed", path);
	return err_hint(err, "make one with: git clone --bare %s zones.git", path);
}

static bool
check_bare(git_repository *git, const char *path, struct err *err)
{
	git_config *config = NULL;
	int         bare = 1;

	if (git_repository_config_snapshot(&config, git) == 0 && git_config_get_bool(&bare, config, "core.bare") != 0)
		bare = 1;
	git_config_free(config);
	return bare ? true : refuse_worktree(path, err);
}

void
repo_unlock_stale(struct repo *repo)
{
	char        path[4096];
	struct stat st;
	int         n = snprintf(path, sizeof path, "%s%s.lock", git_repository_commondir(repo->git), repo->ref);

	if (n < 0 || (size_t)n >= sizeof path || stat(path, &st) != 0 || time(NULL) - st.st_mtime < LOCK_STALE_S)
		return;
	if (unlink(path) == 0)
		log_warn("repo: removed %s, left by a process that died", path);
}

struct repo *
repo_open(const char *path, const char *branch, struct err *err)
{
	struct repo    *repo;
	git_repository *git = NULL;
	char            worktree[4096];
	struct stat     st;

	library_init();
	if (git_repository_open_bare(&git, path) != 0) {
		snprintf(worktree, sizeof worktree, "%s/.git", path);
		if (stat(worktree, &st) == 0)
			refuse_worktree(path, err);
		else
			repo_fail(err, "%s is not a git repository that can be opened", path);
		git_libgit2_shutdown();
		return NULL;
	}
	if (!check_bare(git, path, err)) {
		git_repository_free(git);
		git_libgit2_shutdown();
		return NULL;
	}
	repo = mem_alloc(sizeof *repo);
	repo->git = git;
	repo->branch = mem_strdup(branch);
	repo->ref = mem_alloc(strlen(branch) + sizeof "refs/heads/");
	sprintf(repo->ref, "refs/heads/%s", branch);
	if (gethostname(repo->host, sizeof repo->host - 1) != 0 || repo->host[0] == '\0')
		strcpy(repo->host, "localhost");
	repo_unlock_stale(repo);
	return repo;
}

static bool
configure(git_repository *git, struct err *err)
{
	static const struct { const char *name, *value; } settings[] = {
		{ "gc.auto", "0" },                             /* housekeeping is ours */
		{ "receive.autogc", "false" },
		{ "receive.denyNonFastForwards", "true" },      /* dns-primary-git would overwrite others' commits */
		{ "receive.denyDeletes", "true" },
		{ "core.logAllRefUpdates", "false" },
	};
	git_config *config = NULL;
	int         rc = git_repository_config(&config, git);

	for (size_t i = 0; rc == 0 && i < sizeof settings / sizeof settings[0]; i++)
		rc = git_config_set_string(config, settings[i].name, settings[i].value);
	git_config_free(config);
	return rc == 0 ? true : repo_fail(err, "cannot configure the repository");
}

bool
repo_create(const char *path, const char *branch, struct err *err)
{
	git_repository_init_options opts;
	git_repository             *git = NULL;
	bool                        ok;

	library_init();
	git_repository_init_options_init(&opts, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
	opts.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_NO_REINIT | GIT_REPOSITORY_INIT_MKDIR;
	opts.initial_head = branch;
	ok = git_repository_init_ext(&git, path, &opts) == 0 ? configure(git, err) :
	    repo_fail(err, "cannot make a repository at %s", path);
	git_repository_free(git);
	git_libgit2_shutdown();
	return ok;
}

void
repo_free(struct repo *repo)
{
	if (repo == NULL)
		return;
	chain_map_done(&repo->chains);
	git_repository_free(repo->git);
	free(repo->branch);
	free(repo->ref);
	free(repo);
	git_libgit2_shutdown();
}

bool
repo_lookup(struct repo *repo, git_commit **out, const git_oid *oid, struct err *err)
{
	char hex[OID_TEXT_MAX];

	if (git_commit_lookup(out, repo->git, oid) == 0)
		return true;
	repo_hex(hex, oid);
	return repo_fail(err, "cannot read commit %s", hex);
}

bool
repo_tree(struct repo *repo, git_tree **out, const git_oid *oid, struct err *err)
{
	git_commit *commit;
	bool        ok;

	*out = NULL;
	if (git_oid_is_zero(oid))
		return true;
	if (!repo_lookup(repo, &commit, oid, err))
		return false;
	ok = git_commit_tree(out, commit) == 0 || repo_fail(err, "cannot read the tree of a commit");
	git_commit_free(commit);
	return ok;
}

/* REF as a commit, zero when there is no such reference. */
static bool
ref_oid(struct repo *repo, git_oid *out, const char *ref, struct err *err)
{
	int rc = git_reference_name_to_id(out, repo->git, ref);

	if (rc == 0)
		return true;
	memset(out, 0, sizeof *out);
	return rc == GIT_ENOTFOUND ? true : repo_fail(err, "cannot read %s", ref);
}

bool
repo_tip(struct repo *repo, git_oid *out, struct err *err)
{
	return ref_oid(repo, out, repo->ref, err);
}

void
repo_branches(struct repo *repo, char *out, size_t size)
{
	git_branch_iterator *all = NULL;
	git_reference       *ref;
	git_branch_t         kind;
	const char          *name;
	size_t               len = 0;

	out[0] = '\0';
	if (git_branch_iterator_new(&all, repo->git, GIT_BRANCH_LOCAL) != 0)
		return;
	for (; git_branch_next(&ref, &kind, all) == 0; git_reference_free(ref))
		if (git_branch_name(&name, ref) == 0 && len + strlen(name) + 3 < size)
			len += (size_t)sprintf(out + len, "%s%s", len != 0 ? ", " : "", name);
	git_branch_iterator_free(all);
}

bool
repo_head(struct repo *repo, char commit[static OID_TEXT_MAX], struct err *err)
{
	return repo_ref(repo, repo->ref, commit, err);
}

bool
repo_ref(struct repo *repo, const char *ref, char commit[static OID_TEXT_MAX], struct err *err)
{
	git_oid oid;
	bool    ok = ref_oid(repo, &oid, ref, err);

	repo_hex(commit, &oid);
	return ok;
}

static bool
tree_of(struct repo *repo, git_tree **out, const char *commit, struct err *err)
{
	git_oid oid;

	*out = NULL;
	return repo_oid(&oid, commit, err) && repo_tree(repo, out, &oid, err);
}

/* Ids as text for the callbacks of the public functions. */
struct visit {
	repo_file_fn *file;
	repo_diff_fn *diff;
	void         *arg;
};

static bool
visit_one(void *arg, const char *path, const git_oid *old_blob, const git_oid *new_blob)
{
	const struct visit *visit = arg;
	char                old_hex[OID_TEXT_MAX], new_hex[OID_TEXT_MAX];

	repo_hex(old_hex, old_blob);
	repo_hex(new_hex, new_blob);
	return visit->file != NULL ? visit->file(visit->arg, path, new_hex) : visit->diff(visit->arg, path, old_hex, new_hex);
}

static bool
visit_between(struct repo *repo, const char *from, const char *to, struct visit *visit, struct err *err)
{
	git_tree *a = NULL, *b = NULL;
	bool      ok;

	ok = tree_of(repo, &a, from, err) && tree_of(repo, &b, to, err) && tree_diff(repo, a, b, visit_one, visit, err);
	git_tree_free(a);
	git_tree_free(b);
	return ok;
}

bool
repo_files(struct repo *repo, const char *commit, repo_file_fn *fn, void *arg, struct err *err)
{
	struct visit visit = { .file = fn, .arg = arg };

	return visit_between(repo, "", commit, &visit, err);
}

bool
repo_diff(struct repo *repo, const char *from, const char *to, repo_diff_fn *fn, void *arg, struct err *err)
{
	struct visit visit = { .diff = fn, .arg = arg };

	return visit_between(repo, from, to, &visit, err);
}

bool
repo_find(struct repo *repo, const char *commit, const char *path, char blob[static OID_TEXT_MAX], struct err *err)
{
	git_tree *tree;
	git_oid   oid = { .id = { 0 } };
	bool      ok;

	blob[0] = '\0';
	ok = tree_of(repo, &tree, commit, err) && tree_find(repo, &oid, tree, path, err);
	git_tree_free(tree);
	if (!ok)
		return false;
	repo_hex(blob, &oid);
	return blob[0] != '\0' ? true : err_set(err, ERR_NOTFOUND, "%s is not in commit %.12s", path, commit);
}

bool
repo_read(struct repo *repo, const char *hex, struct arena *arena, char **text, size_t *len, struct err *err)
{
	git_blob *blob;
	git_oid   oid;

	if (!repo_oid(&oid, hex, err))
		return false;
	if (git_blob_lookup(&blob, repo->git, &oid) != 0)
		return repo_fail(err, "cannot read blob %s", hex);
	*len = (size_t)git_blob_rawsize(blob);
	*text = arena_strndup(arena, git_blob_rawcontent(blob), *len);
	git_blob_free(blob);
	return true;
}

bool
repo_merge_base(struct repo *repo, const char *a, const char *b, char base[static OID_TEXT_MAX], struct err *err)
{
	git_oid left, right, oid;
	int     rc;

	base[0] = '\0';
	if (!repo_oid(&left, a, err) || !repo_oid(&right, b, err))
		return false;
	if (git_oid_is_zero(&left) || git_oid_is_zero(&right))
		return true;
	rc = git_merge_base(&oid, repo->git, &left, &right);
	if (rc == 0)
		repo_hex(base, &oid);
	return rc == 0 || rc == GIT_ENOTFOUND ? true : repo_fail(err, "cannot compare %.12s and %.12s", a, b);
}

bool
repo_resolve(struct repo *repo, const char *prefix, char commit[static OID_TEXT_MAX], struct err *err)
{
	git_oid     oid;
	git_commit *found;
	size_t      len = strlen(prefix);
	int         rc;

	if (len < PREFIX_MIN || len > GIT_OID_HEXSZ || strspn(prefix, "0123456789abcdefABCDEF") != len) {
		err_set(err, ERR_USAGE, "\"%s\" is not a commit id", prefix);
		return err_hint(err, "give at least %d hex digits", PREFIX_MIN);
	}
	git_oid_fromstrn(&oid, prefix, len);
	rc = git_commit_lookup_prefix(&found, repo->git, &oid, len);
	if (rc == GIT_EAMBIGUOUS) {
		err_set(err, ERR_USAGE, "several objects begin with %s", prefix);
		return err_hint(err, "give more digits");
	}
	if (rc != 0)
		return err_set(err, ERR_NOTFOUND, "no commit %s", prefix);
	repo_hex(commit, git_commit_id(found));
	git_commit_free(found);
	return true;
}
