/* SPDX-License-Identifier: ISC */
/*
 * The git repository: reading files at a commit, writing chain commits and their merge into the flat main, history.
 * repo.c and its repo_*.c siblings are the only files that know libgit2.
 *
 * The layout (README's "In git"): each file has a chain of commits whose trees hold that file alone; main holds the flat tree and
 * moves by merge commits whose parents are the previous main and the new chain heads.  A commit that somebody else put
 * on main stays as it is; its chain commits are made when zonesh next writes that file, with the author, date and message of
 * the original, so that every server makes the same ones.
 *
 * Objects, packs and references are fsynced before a write returns.  Commit and blob ids are hex text.
 */
#ifndef STORE_REPO_H
#define STORE_REPO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/client.h"

struct repo;

/* Open the bare repository at PATH, serving BRANCH.  ERR_REPO: not a repository, not readable. */
struct repo *repo_open(const char *path, const char *branch, struct err *err);
/* Make an empty bare repository at PATH, with gc.auto=0, receive.denyNonFastForwards, and BRANCH as HEAD. */
bool repo_create(const char *path, const char *branch, struct err *err);
void repo_free(struct repo *repo);

/* The names of the branches there are, "main, old", as far as they fit; "" when there is none. */
void repo_branches(struct repo *repo, char *out, size_t size);

/* The commit that main is at now, read afresh; "" when it has none yet. */
bool repo_head(struct repo *repo, char commit[static OID_TEXT_MAX], struct err *err);

/* Each file in the tree of COMMIT ("" is empty): path ("example.org", "users/a@b.c") and blob id.  Only regular files, at the root and one level below. FN returns false to stop. */
typedef bool repo_file_fn(void *arg, const char *path, const char *blob);
bool repo_files(struct repo *repo, const char *commit, repo_file_fn *fn, void *arg, struct err *err);

/* Files that differ between two commits; OLD or NEW blob is "" when absent. */
typedef bool repo_diff_fn(void *arg, const char *path, const char *old_blob, const char *new_blob);
bool repo_diff(struct repo *repo, const char *from, const char *to, repo_diff_fn *fn, void *arg, struct err *err);

/* Blob id of PATH in COMMIT; false with ERR_NOTFOUND. */
bool repo_find(struct repo *repo, const char *commit, const char *path, char blob[static OID_TEXT_MAX], struct err *err);
/* Content of a blob, NUL-terminated in ARENA. */
bool repo_read(struct repo *repo, const char *blob, struct arena *arena, char **text, size_t *len, struct err *err);

/* One file's change. */
struct repo_write {
	const char *path;
	const char *text;               /* NULL: delete the file */
	size_t      text_len;
	const char *author, *email;     /* of the commit; the committer is zonesh */
	int64_t     time_s;
	const char *message;            /* whole, with trailers */
	char        commit[OID_TEXT_MAX];       /* out: the chain commit */
	char        blob[OID_TEXT_MAX];         /* out */
};

/* Write COUNT chain commits (in order; several of one path follow each other) and merge them into main on top of HEAD.  All or nothing: main moves once, by compare-and-swap.
 * *MAIN is the new commit of main.  ERR_CONFLICT: main is no longer at HEAD (adopt, then try again); ERR_REPO: cannot be written.  Cost (until the journal): some fsyncs and a tree of all files. */
bool repo_commit(struct repo *repo, const char *head, struct repo_write *writes, size_t count, char main[static OID_TEXT_MAX], struct err *err);

/* Move main from HEAD to COMMIT (fast forward), or to a merge of both whose tree is HEAD's with FILES changed, as struct repo_write (chain commits made as above) when MERGE. */
bool repo_forward(struct repo *repo, const char *head, const char *commit, struct err *err);
bool repo_merge(struct repo *repo, const char *head, const char *theirs, struct repo_write *writes, size_t count, char main[static OID_TEXT_MAX],
    struct err *err);
/* Best common ancestor, "" when there is none. */
bool repo_merge_base(struct repo *repo, const char *a, const char *b, char base[static OID_TEXT_MAX], struct err *err);

/* A reference other than main, such as refs/remotes/origin/main: "" when there is none. */
bool repo_ref(struct repo *repo, const char *ref, char commit[static OID_TEXT_MAX], struct err *err);

/* History of PATH (NULL: all files) from main, newest first, following chains; merges that change nothing are left out.  FN returns false to stop.  PARENT is what to compare with ("" for the first).
 * ENTRY has what the commit says (trailers of product.md 5.7 parsed; those of dns-primary-git understood). */
typedef bool repo_log_fn(void *arg, const struct log_entry *entry, const char *blob, const char *parent_blob);
bool repo_log(struct repo *repo, const char *path, repo_log_fn *fn, void *arg, struct err *err);

/* Resolve a commit id or a prefix of at least 4 digits.  ERR_NOTFOUND, ERR_USAGE (ambiguous). */
bool repo_resolve(struct repo *repo, const char *prefix, char commit[static OID_TEXT_MAX], struct err *err);
/* One commit's entry, with PATH's blob in it and in its parent ("" when absent). */
bool repo_entry(struct repo *repo, const char *commit, const char *path, struct log_entry *out, char blob[static OID_TEXT_MAX],
    char parent_blob[static OID_TEXT_MAX], struct err *err);

#endif
