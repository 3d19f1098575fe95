/* SPDX-License-Identifier: ISC */
/*
 * What the repo*.c files share: the open repository, trees as lists of files, and the chains.
 *
 * Inside, ids are git_oid; the zero id stands for "no such file" and "no such commit".
 */
#ifndef STORE_REPO_PRIVATE_H
#define STORE_REPO_PRIVATE_H

#include <git2.h>

#include "store/repo.h"

#define REPO_PATH_MAX 1024      /* of a file in the tree, with its directory */

/* Where a path was last changed on main: a chain commit, or a main commit that somebody else made. */
struct chain_head {
	char   *path;
	git_oid commit;
	bool    chain;
};

/* Last changes of all paths, for main at TIP; read from TIP back to TAIL so far.  Open addressing, no removal. */
struct chain_map {
	struct chain_head *heads;
	size_t             cap, count;  /* CAP is 0 or a power of two */
	git_oid            tip, tail;   /* zero: none; TAIL is the next commit to read, zero behind the root */
};

struct repo {
	git_repository  *git;
	char            *branch, *ref;  /* "main", "refs/heads/main" */
	struct chain_map chains;
	char             host[256];     /* in the committer's address */
};

/* ERR_REPO with the sentence and what libgit2 says.  Always false. */
bool repo_fail(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

bool repo_oid(git_oid *out, const char *hex, struct err *err);          /* "" is the zero id */
void repo_hex(char out[static OID_TEXT_MAX], const git_oid *oid);
bool repo_lookup(struct repo *repo, git_commit **out, const git_oid *oid, struct err *err);
/* The tree of a commit; *OUT NULL for the zero id. */
bool repo_tree(struct repo *repo, git_tree **out, const git_oid *commit, struct err *err);
/* The commit of main, the zero id when it has none. */
bool repo_tip(struct repo *repo, git_oid *out, struct err *err);
/* Remove a lock of main that a killed store left; a living git never holds one this long. */
void repo_unlock_stale(struct repo *repo);

/* ---- repo_tree.c ---- */

/* May PATH be written: "name" or "dir/name"?  ERR_REPO. */
bool tree_path_check(const char *path, struct err *err);
/* The blob of PATH in TREE (NULL is empty), zero when there is no regular file. */
bool tree_find(struct repo *repo, git_oid *out, const git_tree *tree, const char *path, struct err *err);
bool tree_find_in(struct repo *repo, git_oid *out, const git_commit *commit, const char *path, struct err *err);
/* The only file of TREE; false when it has none or holds anything else. */
bool tree_single(struct repo *repo, const git_tree *tree, char path[static REPO_PATH_MAX], git_oid *blob);
/* Each regular file that differs between two trees, either may be NULL; FN false stops, which is no error. */
typedef bool tree_diff_fn(void *arg, const char *path, const git_oid *old_blob, const git_oid *new_blob);
bool tree_diff(struct repo *repo, const git_tree *from, const git_tree *to, tree_diff_fn *fn, void *arg, struct err *err);
/* The tree that holds PATH alone; the empty tree for a zero BLOB. */
bool tree_write_single(struct repo *repo, git_oid *out, const char *path, const git_oid *blob, struct err *err);

/* ---- repo_chain.c ---- */

/* Is COMMIT one of a chain, and of which path?  BLOB is zero when it deletes the file. */
bool chain_commit_path(struct repo *repo, const git_commit *commit, char path[static REPO_PATH_MAX], git_oid *blob);
/* Is parent K of the merge COMMIT a chain's, by the way zonesh writes merges? */
bool chain_is_parent(const git_commit *commit, unsigned k);
/* Where PATH was last changed on main at HEAD; NULL when that is not known or never was. */
bool chain_find(struct repo *repo, const git_oid *head, const char *path, const struct chain_head **out, struct err *err);
/* The parent that a simplified history of PATH goes on with, because it has the same BLOB: a chain's rather than another; -1: none has it. */
bool chain_same_parent(struct repo *repo, const git_commit *commit, const char *path, const git_oid *blob, int *k, struct err *err);
/* The chain commit to put the next one of PATH on; commits of others are adopted.  Zero for a path without history. */
bool chain_tip(struct repo *repo, const git_oid *head, const char *path, git_oid *out, struct err *err);
/* The same for the history of any main commit, without the map. */
bool chain_adopt(struct repo *repo, const git_oid *commit, const char *path, git_oid *out, struct err *err);
/* The commit, a chain's or somebody else's, that last changed PATH as of COMMIT; nothing is written. */
bool chain_last(struct repo *repo, const git_oid *commit, const char *path, git_oid *out, struct err *err);
void chain_map_done(struct chain_map *map);

#endif
