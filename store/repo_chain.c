/* SPDX-License-Identifier: ISC */
/*
 * The chains: which commit last changed a path, and adopting what others put on main.
 *
 * Main is read along first parents, newest first, and only as far back as somebody asks; what was read is kept in
 * a map.  A merge that zonesh wrote names the chain commits itself, so its big tree is not read.  Any other commit is compared
 * with its first parent.  When main moved, the new commits are read on top.
 *
 * Adoption is lazy: somebody else's commit on main gets its chain commits when zonesh next writes the file.  Were
 * they made at once, main would move on every push, and who pushed would have to pull before he pushes again; two servers
 * with one remote would answer each other's merges for ever.
 */
#include "store/repo_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

#define MAP_MIN       64
#define CATCH_UP_MAX  1000      /* commits on top of what was read; beyond, start anew */
#define READ_BACK_MAX 20000     /* commits to read for one path; one that was not changed since is imported as it is */
#define ABSENT_MAX    1000      /* commits before the one that began a file in which an earlier life of it is looked for */
#define ADOPT_MAX     1000      /* foreign commits of one path that become chain commits; the oldest imports what was before */

static const git_oid zero;

/* ---- what a commit is ---- */

bool
chain_commit_path(struct repo *repo, const git_commit *commit, char path[static REPO_PATH_MAX], git_oid *blob)
{
	git_commit *parent = NULL;
	git_tree   *tree = NULL;
	bool        ok = false;
	size_t      count;

	if (git_commit_tree(&tree, commit) != 0)
		return false;
	count = git_tree_entrycount(tree);
	if (count == 1)
		ok = tree_single(repo, tree, path, blob);
	git_tree_free(tree);
	tree = NULL;
	if (count == 0 && git_commit_parent(&parent, commit, 0) == 0 && git_commit_tree(&tree, parent) == 0) {
		ok = tree_single(repo, tree, path, blob);       /* it deletes what its parent has */
		*blob = zero;
	}
	git_tree_free(tree);
	git_commit_free(parent);
	return ok;
}

/* The line "With: <id>" names the parent that is another main, not a chain. */
static bool
merged_with(const git_commit *commit, const git_oid *parent)
{
	const char *with = strstr(git_commit_message(commit), "\nWith: ");
	char        hex[OID_TEXT_MAX];

	repo_hex(hex, parent);
	return with != NULL && str_after(with + strlen("\nWith: "), hex) != NULL;
}

static bool
is_our_merge(const git_commit *commit)
{
	return git_commit_parentcount(commit) >= 2 && strcmp(git_commit_committer(commit)->name, "zonesh") == 0 &&
	    str_after(git_commit_message(commit), "merge ") != NULL;
}

bool
chain_is_parent(const git_commit *commit, unsigned k)
{
	return k >= 1 && is_our_merge(commit) && !merged_with(commit, git_commit_parent_id(commit, k));
}

/* ---- the map ---- */

void
chain_map_done(struct chain_map *map)
{
	for (size_t i = 0; i < map->cap; i++)
		free(map->heads[i].path);
	free(map->heads);
	memset(map, 0, sizeof *map);
}

/* The slot of PATH: its own, or the free one where it belongs. */
static struct chain_head *
map_slot(const struct chain_map *map, const char *path)
{
	uint64_t hash = 14695981039346656037u;  /* FNV-1a */

	for (const char *p = path; *p != '\0'; p++)
		hash = (hash ^ (uint8_t)*p) * 1099511628211u;
	for (size_t i = hash & (map->cap - 1);; i = (i + 1) & (map->cap - 1))
		if (map->heads[i].path == NULL || strcmp(map->heads[i].path, path) == 0)
			return &map->heads[i];
}

static void
map_grow(struct chain_map *map)
{
	struct chain_map bigger = *map;

	bigger.cap = map->cap == 0 ? MAP_MIN : map->cap * 2;
	bigger.heads = mem_alloc(bigger.cap * sizeof bigger.heads[0]);
	for (size_t i = 0; i < map->cap; i++)
		if (map->heads[i].path != NULL)
			*map_slot(&bigger, map->heads[i].path) = map->heads[i];
	free(map->heads);
	*map = bigger;
}

static void
map_note(struct chain_map *map, const char *path, const git_oid *commit, bool chain, bool override)
{
	struct chain_head *head;

	if (2 * (map->count + 1) > map->cap)
		map_grow(map);
	head = map_slot(map, path);
	if (head->path != NULL && !override)
		return;
	if (head->path == NULL) {
		head->path = mem_strdup(path);
		map->count++;
	}
	head->commit = *commit;
	head->chain = chain;
}

/* ---- reading main into the map ---- */

struct reading {
	struct repo      *repo;
	const git_commit *commit;
	bool              override;     /* newer than what the map has */
};

/* Note the chain commits that a merge of ours names.  False when it has changes that no chain explains: with another main. */
static bool
read_chains(const struct reading *reading)
{
	const git_commit *commit = reading->commit;
	bool              all = is_our_merge(commit);

	for (unsigned k = 1; k < git_commit_parentcount(commit); k++) {
		char        path[REPO_PATH_MAX];
		git_oid     blob;
		git_commit *parent = NULL;

		if (chain_is_parent(commit, k) && git_commit_parent(&parent, commit, k) == 0 &&
		    chain_commit_path(reading->repo, parent, path, &blob))
			map_note(&reading->repo->chains, path, git_commit_id(parent), true, reading->override);
		else
			all = false;
		git_commit_free(parent);
	}
	return all;
}

/* Is the chain commit that the map has for PATH a parent of this very commit? */
static bool
explained(const struct reading *reading, const char *path)
{
	const struct chain_map  *map = &reading->repo->chains;
	const struct chain_head *head = map->cap != 0 ? map_slot(map, path) : NULL;

	if (head == NULL || head->path == NULL || !head->chain)
		return false;
	for (unsigned k = 1; k < git_commit_parentcount(reading->commit); k++)
		if (git_oid_equal(git_commit_parent_id(reading->commit, k), &head->commit))
			return true;
	return false;
}

static bool
read_changed(void *arg, const char *path, const git_oid *old_blob, const git_oid *new_blob)
{
	const struct reading *reading = arg;

	(void)old_blob;
	(void)new_blob;
	if (!explained(reading, path))
		map_note(&reading->repo->chains, path, git_commit_id(reading->commit), false, reading->override);
	return true;
}

static bool
read_diff(struct reading *reading, struct err *err)
{
	git_tree *to = NULL, *from = NULL;
	bool      ok = git_commit_tree(&to, reading->commit) == 0;

	if (!ok)
		repo_fail(err, "cannot read the tree of a commit");
	if (ok && git_commit_parentcount(reading->commit) > 0)
		ok = repo_tree(reading->repo, &from, git_commit_parent_id(reading->commit, 0), err);
	ok = ok && tree_diff(reading->repo, from, to, read_changed, reading, err);
	git_tree_free(from);
	git_tree_free(to);
	return ok;
}

/* Note what the main commit OID changed; *PARENT is the one before it, zero for none. */
static bool
read_commit(struct repo *repo, const git_oid *oid, bool override, git_oid *parent, struct err *err)
{
	struct reading reading = { .repo = repo, .override = override };
	git_commit    *commit;
	bool           ok;

	if (!repo_lookup(repo, &commit, oid, err))
		return false;
	reading.commit = commit;
	ok = read_chains(&reading) || read_diff(&reading, err);
	*parent = git_commit_parentcount(commit) > 0 ? *git_commit_parent_id(commit, 0) : zero;
	git_commit_free(commit);
	return ok;
}

static bool
first_parent(struct repo *repo, git_oid *oid, struct err *err)
{
	git_commit *commit;

	if (!repo_lookup(repo, &commit, oid, err))
		return false;
	*oid = git_commit_parentcount(commit) > 0 ? *git_commit_parent_id(commit, 0) : zero;
	git_commit_free(commit);
	return true;
}

/* Commits from HEAD (first) back to the map's tip (not included); false with ERR unset when the tip is not found there. */
static bool
newer_commits(struct repo *repo, const git_oid *head, git_oid *list, size_t *count, struct err *err)
{
	git_oid at = *head;

	for (*count = 0; *count < CATCH_UP_MAX && !git_oid_is_zero(&at); ) {
		if (git_oid_equal(&at, &repo->chains.tip))
			return true;
		list[(*count)++] = at;
		if (!first_parent(repo, &at, err))
			return false;
	}
	return false;
}

/* Bring the map to HEAD. */
static bool
map_sync(struct repo *repo, const git_oid *head, struct err *err)
{
	git_oid list[CATCH_UP_MAX], parent;
	size_t  count = 0;
	bool    reached, ok = true;

	if (git_oid_equal(head, &repo->chains.tip))
		return true;
	reached = !git_oid_is_zero(&repo->chains.tip) && newer_commits(repo, head, list, &count, NULL);
	while (reached && ok && count > 0)
		ok = read_commit(repo, &list[--count], true, &parent, err);
	if (!reached || !ok) {
		chain_map_done(&repo->chains);
		repo->chains.tail = *head;
	}
	repo->chains.tip = *head;
	return ok;
}

bool
chain_find(struct repo *repo, const git_oid *head, const char *path, const struct chain_head **out, struct err *err)
{
	struct chain_map *map = &repo->chains;

	*out = NULL;
	if (!map_sync(repo, head, err))
		return false;
	for (unsigned steps = 0; steps < READ_BACK_MAX; steps++) {
		const struct chain_head *found = map->cap != 0 ? map_slot(map, path) : NULL;

		if (found != NULL && found->path != NULL) {
			*out = found;
			return true;
		}
		if (git_oid_is_zero(&map->tail))
			return true;
		if (!read_commit(repo, &map->tail, false, &map->tail, err))
			return false;
	}
	return true;
}

/* ---- adoption ---- */

bool
chain_same_parent(struct repo *repo, const git_commit *commit, const char *path, const git_oid *blob, int *k, struct err *err)
{
	unsigned count = git_commit_parentcount(commit);

	*k = -1;
	for (unsigned i = 0; i < count; i++) {
		git_commit *parent = NULL;
		git_oid     theirs, unused;
		char        chain[REPO_PATH_MAX];
		bool        is_chain;

		if (git_commit_parent(&parent, commit, i) != 0)
			return repo_fail(err, "cannot read a parent of a commit");
		is_chain = chain_is_parent(commit, i) && chain_commit_path(repo, parent, chain, &unused) &&
		    strcmp(chain, path) == 0;
		if ((i != 0 && is_our_merge(commit) && !is_chain && !merged_with(commit, git_commit_id(parent)))) {
			git_commit_free(parent);        /* another file's chain says nothing about this one */
			continue;
		}
		if (!tree_find_in(repo, &theirs, parent, path, err)) {
			git_commit_free(parent);
			return false;
		}
		git_commit_free(parent);
		if (git_oid_equal(&theirs, blob) && (is_chain || *k < 0))
			*k = (int)i;
		if (is_chain && *k == (int)i)
			break;
	}
	return true;
}

/* Commits of others that changed the path, newest first, and the chain that they go on top of. */
struct adoption {
	const char *path;
	git_oid     commits[ADOPT_MAX];
	size_t      count;
	git_oid     base;
	unsigned    absent;     /* commits looked at in a row that do not have the file */
};

/* Look at *AT for the list, and go to the commit before it; *AT zero: done. */
static bool
adopt_step(struct repo *repo, struct adoption *adoption, git_oid *at, struct err *err)
{
	git_commit *commit;
	git_oid     blob;
	int         k = -1;
	bool        ok;

	if (!repo_lookup(repo, &commit, at, err))
		return false;
	ok = tree_find_in(repo, &blob, commit, adoption->path, err) &&
	    chain_same_parent(repo, commit, adoption->path, &blob, &k, err);
	if (!ok) {
		git_commit_free(commit);
		return false;
	}
	if (k >= 0 && chain_is_parent(commit, (unsigned)k)) {
		adoption->base = *git_commit_parent_id(commit, (unsigned)k);
		*at = zero;
	} else if (k >= 0) {
		*at = *git_commit_parent_id(commit, (unsigned)k);
	} else {
		if (git_commit_parentcount(commit) > 0 || !git_oid_is_zero(&blob))
			adoption->commits[adoption->count++] = *at;
		*at = git_commit_parentcount(commit) > 0 ? *git_commit_parent_id(commit, 0) : zero;
	}
	adoption->absent = git_oid_is_zero(&blob) ? adoption->absent + 1 : 0;
	if (adoption->absent > ABSENT_MAX)
		*at = zero;     /* the file began here */
	git_commit_free(commit);
	return ok;
}

/* The chain commit of what ORIGINAL did to PATH: the same author, dates and message, so that every server makes the same one. */
static bool
adopt_one(struct repo *repo, const git_oid *original, const char *path, git_oid *base, struct err *err)
{
	git_commit       *commit, *parent = NULL;
	const git_commit *parents[1];
	git_oid           blob, tree_oid, out;
	git_tree         *tree = NULL;
	bool              ok;

	if (!repo_lookup(repo, &commit, original, err))
		return false;
	ok = tree_find_in(repo, &blob, commit, path, err) && tree_write_single(repo, &tree_oid, path, &blob, err) &&
	    (git_oid_is_zero(base) || repo_lookup(repo, &parent, base, err));
	parents[0] = parent;
	if (ok && (git_tree_lookup(&tree, repo->git, &tree_oid) != 0 ||
	    git_commit_create(&out, repo->git, NULL, git_commit_author(commit), git_commit_committer(commit),
	    git_commit_message_encoding(commit), git_commit_message_raw(commit), tree, parent != NULL, parents) != 0))
		ok = repo_fail(err, "cannot write the commit that adopts a change of %s", path);
	if (ok)
		*base = out;
	git_tree_free(tree);
	git_commit_free(parent);
	git_commit_free(commit);
	return ok;
}

bool
chain_adopt(struct repo *repo, const git_oid *commit, const char *path, git_oid *out, struct err *err)
{
	struct adoption *adoption = mem_alloc(sizeof *adoption);
	git_oid          at = *commit;
	bool             ok = true;

	adoption->path = path;
	for (unsigned steps = 0; ok && !git_oid_is_zero(&at) && adoption->count < ADOPT_MAX && steps < READ_BACK_MAX; steps++)
		ok = adopt_step(repo, adoption, &at, err);
	if (ok && adoption->count == 0 && !git_oid_is_zero(&at))
		adoption->commits[adoption->count++] = at;      /* too long ago: import what is there */
	*out = adoption->base;
	while (ok && adoption->count > 0)
		ok = adopt_one(repo, &adoption->commits[--adoption->count], path, out, err);
	free(adoption);
	return ok;
}

bool
chain_last(struct repo *repo, const git_oid *commit, const char *path, git_oid *out, struct err *err)
{
	struct adoption *adoption = mem_alloc(sizeof *adoption);
	git_oid          at = *commit;
	bool             ok = true;

	adoption->path = path;
	for (unsigned steps = 0; ok && !git_oid_is_zero(&at) && adoption->count == 0 && steps < READ_BACK_MAX; steps++)
		ok = adopt_step(repo, adoption, &at, err);
	*out = adoption->count != 0 ? adoption->commits[0] : adoption->base;
	free(adoption);
	return ok;
}

/* Does the chain commit CHAIN hold what main at HEAD holds?  Not, when somebody wrote a merge that looks like ours. */
static bool
chain_agrees(struct repo *repo, const git_oid *head, const git_oid *chain, const char *path, bool *agrees, struct err *err)
{
	git_tree *a = NULL, *b = NULL;
	git_oid   here, there;
	bool      ok;

	ok = repo_tree(repo, &a, head, err) && tree_find(repo, &here, a, path, err) && repo_tree(repo, &b, chain, err) &&
	    tree_find(repo, &there, b, path, err);
	git_tree_free(a);
	git_tree_free(b);
	*agrees = ok && git_oid_equal(&here, &there);
	return ok;
}

bool
chain_tip(struct repo *repo, const git_oid *head, const char *path, git_oid *out, struct err *err)
{
	const struct chain_head *found;
	bool                     agrees;
	git_oid                  from;

	*out = zero;
	if (git_oid_is_zero(head))
		return true;
	if (!chain_find(repo, head, path, &found, err))
		return false;
	if (found == NULL)
		return git_oid_is_zero(&repo->chains.tail) || chain_adopt(repo, head, path, out, err);
	from = found->commit;
	if (!found->chain)
		return chain_adopt(repo, &from, path, out, err);
	if (!chain_agrees(repo, head, &from, path, &agrees, err))
		return false;
	if (!agrees)
		return chain_adopt(repo, head, path, out, err);
	*out = from;
	return true;
}
