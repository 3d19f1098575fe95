/* SPDX-License-Identifier: ISC */
/*
 * Trees as lists of regular files, at the root and one level below.  Two trees are compared entry by
 * entry in git's order; a directory that is the same on both sides is not even read.
 */
#include "store/repo_private.h"

#include <stdio.h>
#include <string.h>

static const git_oid zero;

bool
tree_path_check(const char *path, struct err *err)
{
	const char *slash = strchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	bool        plain = true;

	for (const char *p = path; *p != '\0'; p++)
		plain = plain && (unsigned char)*p >= ' ' && *p != 0x7f;
	if (plain && name[0] != '\0' && slash != path && strchr(name, '/') == NULL && strlen(path) < REPO_PATH_MAX)
		return true;
	return err_set(err, ERR_REPO, "\"%s\" cannot be the path of a file in the repository", path);
}

static bool
is_file(const git_tree_entry *entry)
{
	git_filemode_t mode = entry != NULL ? git_tree_entry_filemode(entry) : GIT_FILEMODE_UNREADABLE;

	return mode == GIT_FILEMODE_BLOB || mode == GIT_FILEMODE_BLOB_EXECUTABLE;
}

static bool
subtree(struct repo *repo, git_tree **out, const git_tree_entry *entry, struct err *err)
{
	*out = NULL;
	if (entry == NULL || git_tree_entry_filemode(entry) != GIT_FILEMODE_TREE)
		return true;
	if (git_tree_lookup(out, repo->git, git_tree_entry_id(entry)) == 0)
		return true;
	return repo_fail(err, "cannot read directory %s", git_tree_entry_name(entry));
}

bool
tree_find(struct repo *repo, git_oid *out, const git_tree *tree, const char *path, struct err *err)
{
	const char           *slash = strchr(path, '/');
	const git_tree_entry *entry;
	git_tree             *dir = NULL;
	char                  name[REPO_PATH_MAX];

	*out = zero;
	if (tree == NULL || !tree_path_check(path, NULL))
		return true;
	if (slash == NULL) {
		entry = git_tree_entry_byname(tree, path);
	} else {
		snprintf(name, sizeof name, "%.*s", (int)(slash - path), path);
		if (!subtree(repo, &dir, git_tree_entry_byname(tree, name), err))
			return false;
		entry = dir != NULL ? git_tree_entry_byname(dir, slash + 1) : NULL;
	}
	if (is_file(entry))
		*out = *git_tree_entry_id(entry);
	git_tree_free(dir);
	return true;
}

bool
tree_find_in(struct repo *repo, git_oid *out, const git_commit *commit, const char *path, struct err *err)
{
	git_tree *tree = NULL;
	bool      ok;

	if (git_commit_tree(&tree, commit) != 0)
		return repo_fail(err, "cannot read the tree of a commit");
	ok = tree_find(repo, out, tree, path, err);
	git_tree_free(tree);
	return ok;
}

bool
tree_single(struct repo *repo, const git_tree *tree, char path[static REPO_PATH_MAX], git_oid *blob)
{
	const git_tree_entry *entry = git_tree_entrycount(tree) == 1 ? git_tree_entry_byindex(tree, 0) : NULL;
	git_tree             *dir = NULL;
	bool                  ok = false;
	int                   len;

	if (is_file(entry)) {
		*blob = *git_tree_entry_id(entry);
		len = snprintf(path, REPO_PATH_MAX, "%s", git_tree_entry_name(entry));
		return len < REPO_PATH_MAX;
	}
	if (subtree(repo, &dir, entry, NULL) && dir != NULL && git_tree_entrycount(dir) == 1 &&
	    is_file(git_tree_entry_byindex(dir, 0))) {
		*blob = *git_tree_entry_id(git_tree_entry_byindex(dir, 0));
		len = snprintf(path, REPO_PATH_MAX, "%s/%s", git_tree_entry_name(entry),
		    git_tree_entry_name(git_tree_entry_byindex(dir, 0)));
		ok = len < REPO_PATH_MAX;
	}
	git_tree_free(dir);
	return ok;
}

struct walk {
	struct repo  *repo;
	tree_diff_fn *fn;
	void         *arg;
	bool          stop;
};

static bool walk_trees(struct walk *walk, const git_tree *from, const git_tree *to, const char *dir, struct err *err);

/* A name that is a directory on one side or on both. */
static bool
walk_dirs(struct walk *walk, const git_tree_entry *from, const git_tree_entry *to, const char *name, struct err *err)
{
	git_tree *a = NULL, *b = NULL;
	bool      ok;

	ok = subtree(walk->repo, &a, from, err) && subtree(walk->repo, &b, to, err) && walk_trees(walk, a, b, name, err);
	git_tree_free(a);
	git_tree_free(b);
	return ok;
}

/* One name: either side may be NULL; both sort alike, so both are directories or neither is. */
static bool
walk_entry(struct walk *walk, const git_tree_entry *from, const git_tree_entry *to, const char *dir, struct err *err)
{
	const git_tree_entry *any = from != NULL ? from : to;
	const git_oid        *old_blob = is_file(from) ? git_tree_entry_id(from) : &zero;
	const git_oid        *new_blob = is_file(to) ? git_tree_entry_id(to) : &zero;
	char                  path[REPO_PATH_MAX];

	if (from != NULL && to != NULL && git_oid_equal(git_tree_entry_id(from), git_tree_entry_id(to)) &&
	    is_file(from) == is_file(to))
		return true;
	if (snprintf(path, sizeof path, "%s%s%s", dir, dir[0] != '\0' ? "/" : "", git_tree_entry_name(any)) >= REPO_PATH_MAX)
		return true;
	if (git_tree_entry_filemode(any) == GIT_FILEMODE_TREE)
		return dir[0] != '\0' || walk_dirs(walk, from, to, path, err);
	if (!git_oid_equal(old_blob, new_blob))
		walk->stop = !walk->fn(walk->arg, path, old_blob, new_blob);
	return true;
}

static bool
walk_trees(struct walk *walk, const git_tree *from, const git_tree *to, const char *dir, struct err *err)
{
	size_t i = 0, j = 0;
	size_t from_count = from != NULL ? git_tree_entrycount(from) : 0;
	size_t to_count = to != NULL ? git_tree_entrycount(to) : 0;

	while (!walk->stop && (i < from_count || j < to_count)) {
		const git_tree_entry *a = i < from_count ? git_tree_entry_byindex(from, i) : NULL;
		const git_tree_entry *b = j < to_count ? git_tree_entry_byindex(to, j) : NULL;
		int                   order = a == NULL ? 1 : b == NULL ? -1 : git_tree_entry_cmp(a, b);

		if (!walk_entry(walk, order <= 0 ? a : NULL, order >= 0 ? b : NULL, dir, err))
			return false;
		i += order <= 0;
		j += order >= 0;
	}
	return true;
}

bool
tree_diff(struct repo *repo, const git_tree *from, const git_tree *to, tree_diff_fn *fn, void *arg, struct err *err)
{
	struct walk walk = { .repo = repo, .fn = fn, .arg = arg };

	return walk_trees(&walk, from, to, "", err);
}

bool
tree_write_single(struct repo *repo, git_oid *out, const char *path, const git_oid *blob, struct err *err)
{
	git_tree_update update = { GIT_TREE_UPDATE_UPSERT, *blob, GIT_FILEMODE_BLOB, path };

	if (git_tree_create_updated(out, repo->git, NULL, git_oid_is_zero(blob) ? 0 : 1, &update) == 0)
		return true;
	return repo_fail(err, "cannot write %s", path);
}
