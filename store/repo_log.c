/* SPDX-License-Identifier: ISC */
/*
 * History.  Of one file: along its chain, like git's simplified history, never looking at main where the chain is known.  Of
 * all files: every commit that is no merge, newest first; an adopted commit and its original are one change.
 *
 * Both read only as far as the caller wants: a heap of commits still to look at, by time.
 */
#include "store/repo_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "store/file.h"

#define STEPS_MAX 1000000       /* commits looked at by one log */
#define FILES_MAX 50            /* of one commit that are shown one by one */

static const git_oid zero;

/* ---- what a commit says ---- */

/* Copy TEXT up to the end of the line. */
static void
line_copy(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%.*s", (int)strcspn(text, "\n"), text);
}

/* The last paragraph of MESSAGE, "" when it has only one. */
static const char *
last_paragraph(const char *message)
{
	const char *at = message, *found = "";
	size_t      len = strlen(message);

	while (len > 0 && message[len - 1] == '\n')
		len--;
	while ((at = strstr(at, "\n\n")) != NULL && (size_t)(at - message) < len)
		found = at += 2;
	return found;
}

static void
trailer(struct log_entry *entry, const char *line)
{
	const struct { const char *key; char *out; size_t size; } fields[] = {
		{ "Zone: ",  entry->zone,  sizeof entry->zone  },
		{ "Actor: ", entry->actor, sizeof entry->actor },
		{ "Via: ",   entry->via,   sizeof entry->via   },
		{ "From: ",  entry->from,  sizeof entry->from  },
	};
	const char *rest = str_after(line, "Serial: ");
	const char *second = rest != NULL ? strchr(rest, ' ') : NULL;

	if (rest != NULL)
		entry->serial = (uint32_t)strtoul(second != NULL && second < rest + strcspn(rest, "\n") ? second : rest, NULL, 10);
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if ((rest = str_after(line, fields[i].key)) != NULL)
			line_copy(fields[i].out, fields[i].size, rest);
}

/* "KEY via primary git" changed something for an address: "changed by IP", in 2021 "IP changed ZONE" (robur's dns-primary-git). */
static void
read_primary_git(struct log_entry *entry, const char *author)
{
	const char *via = strstr(author, " via primary git");
	const char *ip = str_after(entry->subject, "changed by ");

	if (via == NULL)
		return;
	snprintf(entry->via, sizeof entry->via, "rfc2136");
	snprintf(entry->actor, sizeof entry->actor, "%.*s", (int)(via - author), author);
	if (ip != NULL)
		line_copy(entry->from, sizeof entry->from, ip);
	else if ((ip = strstr(entry->subject, " changed ")) != NULL)
		snprintf(entry->from, sizeof entry->from, "%.*s", (int)(ip - entry->subject), entry->subject);
}

static void
entry_fill(struct log_entry *entry, const git_commit *commit, const char *path)
{
	const git_signature *author = git_commit_author(commit);
	const char          *message = git_commit_message(commit);
	char                 name[NAME_TEXT_MAX];

	memset(entry, 0, sizeof *entry);
	repo_hex(entry->commit, git_commit_id(commit));
	entry->time_s = author->when.time;
	snprintf(entry->author, sizeof entry->author, "%s", author->name);
	snprintf(entry->email, sizeof entry->email, "%s", author->email);
	line_copy(entry->subject, sizeof entry->subject, message);
	for (const char *line = last_paragraph(message); *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n')
		trailer(entry, line);
	read_primary_git(entry, author->name);
	if (entry->via[0] == '\0') {
		snprintf(entry->via, sizeof entry->via, "git");
		snprintf(entry->actor, sizeof entry->actor, "%s", author->name);
	}
	if (path != NULL && path[0] != '\0')
		snprintf(entry->zone, sizeof entry->zone, "%s", file_kind(path, name) == FILE_ZONE ? name : path);
}

/* ---- commits still to look at ---- */

struct todo { git_oid oid; int64_t time_s; uint64_t order; };

struct oid_set { git_oid *oids; size_t cap, count; };

struct history {
	struct repo   *repo;
	const char    *path;            /* NULL: all */
	repo_log_fn   *fn;
	void          *arg;
	struct todo   *heap;
	size_t         heap_count, heap_cap;
	uint64_t       order;           /* of pushing: first come first served within a second */
	struct oid_set seen, told;      /* commits pushed; changes told, as their digest */
	bool           stop;
};

/* True when OID was not in SET before. */
static bool
set_add(struct oid_set *set, const git_oid *oid)
{
	size_t at;

	if (2 * (set->count + 1) > set->cap) {
		struct oid_set bigger = { mem_alloc((set->cap * 2 + 64) * sizeof *oid), set->cap * 2 + 64, 0 };

		for (size_t i = 0; i < set->cap; i++)
			if (!git_oid_is_zero(&set->oids[i]))
				set_add(&bigger, &set->oids[i]);
		free(set->oids);
		*set = bigger;
	}
	memcpy(&at, oid->id, sizeof at);
	for (at %= set->cap; !git_oid_is_zero(&set->oids[at]); at = (at + 1) % set->cap)
		if (git_oid_equal(&set->oids[at], oid))
			return false;
	set->oids[at] = *oid;
	set->count++;
	return true;
}

static bool
sooner(const struct todo *a, const struct todo *b)
{
	return a->time_s != b->time_s ? a->time_s > b->time_s : a->order < b->order;
}

static bool
history_push(struct history *history, const git_oid *oid, struct err *err)
{
	git_commit *commit;
	struct todo todo;
	size_t      at;

	if (git_oid_is_zero(oid) || !set_add(&history->seen, oid))
		return true;
	if (!repo_lookup(history->repo, &commit, oid, err))
		return false;
	todo = (struct todo){ *oid, git_commit_time(commit), history->order++ };
	git_commit_free(commit);
	mem_grow(&history->heap, &history->heap_cap, history->heap_count + 1, sizeof history->heap[0]);
	for (at = history->heap_count++; at > 0 && sooner(&todo, &history->heap[(at - 1) / 2]); at = (at - 1) / 2)
		history->heap[at] = history->heap[(at - 1) / 2];
	history->heap[at] = todo;
	return true;
}

static git_oid
history_pop(struct history *history)
{
	git_oid     top = history->heap[0].oid;
	struct todo last = history->heap[--history->heap_count];
	size_t      at = 0;

	for (size_t child; (child = 2 * at + 1) < history->heap_count; at = child) {
		if (child + 1 < history->heap_count && sooner(&history->heap[child + 1], &history->heap[child]))
			child++;
		if (!sooner(&history->heap[child], &last))
			break;
		history->heap[at] = history->heap[child];
	}
	history->heap[at] = last;
	return top;
}

static void
history_done(struct history *history)
{
	free(history->heap);
	free(history->seen.oids);
	free(history->told.oids);
}

/* ---- one file ---- */

/* The blob of PATH in the first parent of COMMIT. */
static bool
parent_blob_of(struct repo *repo, const git_commit *commit, const char *path, git_oid *out, struct err *err)
{
	git_tree *tree;
	bool      ok;

	*out = zero;
	if (git_commit_parentcount(commit) == 0)
		return true;
	ok = repo_tree(repo, &tree, git_commit_parent_id(commit, 0), err) && tree_find(repo, out, tree, path, err);
	git_tree_free(tree);
	return ok;
}

static void
tell(struct history *history, const git_commit *commit, const char *path, const git_oid *blob, const git_oid *parent_blob)
{
	struct log_entry entry;
	char             hex[OID_TEXT_MAX], parent_hex[OID_TEXT_MAX];

	entry_fill(&entry, commit, path);
	repo_hex(hex, blob);
	repo_hex(parent_hex, parent_blob);
	history->stop = !history->fn(history->arg, &entry, hex, parent_hex);
}

/* Go on with the parent that has the same blob, if any; else this commit made the change. */
static bool
step_path(struct history *history, const git_commit *commit, struct err *err)
{
	git_oid blob, parent_blob;
	int     same;

	if (!tree_find_in(history->repo, &blob, commit, history->path, err) ||
	    !chain_same_parent(history->repo, commit, history->path, &blob, &same, err))
		return false;
	if (same >= 0)
		return history_push(history, git_commit_parent_id(commit, (unsigned)same), err);
	if (!parent_blob_of(history->repo, commit, history->path, &parent_blob, err))
		return false;
	if (!git_oid_equal(&blob, &parent_blob))
		tell(history, commit, history->path, &blob, &parent_blob);
	for (unsigned i = 0; i < git_commit_parentcount(commit); i++)
		if (!history_push(history, git_commit_parent_id(commit, i), err))
			return false;
	return true;
}

/* ---- all files ---- */

struct telling {
	struct history   *history;
	const git_commit *commit;
	size_t            files;        /* that differ */
	bool              count_only;
};

/* The same for a commit and the chain commit that adopted it. */
static bool
told_before(struct telling *telling, const char *path, const git_oid *blob)
{
	const git_signature *author = git_commit_author(telling->commit), *committer = git_commit_committer(telling->commit);
	struct buf           text = { 0 };
	git_oid              digest = zero;
	char                 hex[OID_TEXT_MAX];

	repo_hex(hex, blob);
	buf_putf(&text, "%s\n%s\n%lld\n%lld\n%s\n%s\n%s", author->name, author->email, (long long)author->when.time,
	    (long long)committer->when.time, path, hex, git_commit_message_raw(telling->commit));
	git_odb_hash(&digest, text.data, text.len, GIT_OBJECT_BLOB);
	buf_done(&text);
	return !set_add(&telling->history->told, &digest);
}

static bool
tell_file(void *arg, const char *path, const git_oid *old_blob, const git_oid *new_blob)
{
	struct telling *telling = arg;

	telling->files++;
	if (telling->count_only)
		return telling->files <= FILES_MAX;
	if (!told_before(telling, path, new_blob))
		tell(telling->history, telling->commit, path, new_blob, old_blob);
	return !telling->history->stop;
}

/* Each file that COMMIT changed; an import of very many files is told once, without a file. */
static bool
tell_commit(struct history *history, const git_commit *commit, struct err *err)
{
	struct telling telling = { .history = history, .commit = commit, .count_only = true };
	git_tree      *from = NULL, *to = NULL;
	bool           ok;

	ok = repo_tree(history->repo, &to, git_commit_id(commit), err) && (git_commit_parentcount(commit) == 0 ||
	    repo_tree(history->repo, &from, git_commit_parent_id(commit, 0), err)) &&
	    tree_diff(history->repo, from, to, tell_file, &telling, err);
	telling.count_only = false;
	if (ok && telling.files > FILES_MAX)
		tell(history, commit, "", &zero, &zero);
	else if (ok)
		ok = tree_diff(history->repo, from, to, tell_file, &telling, err);
	git_tree_free(from);
	git_tree_free(to);
	return ok;
}

/* A chain commit with two parents brings two versions of its file together: a change, unlike other merges. */
static bool
is_chain_merge(struct history *history, const git_commit *commit)
{
	char        path[REPO_PATH_MAX], parent_path[REPO_PATH_MAX];
	git_oid     blob, parent_blob;
	git_commit *parent = NULL;
	bool        ok;

	ok = git_commit_parentcount(commit) == 2 && !chain_is_parent(commit, 1) &&
	    chain_commit_path(history->repo, commit, path, &blob) && git_commit_parent(&parent, commit, 1) == 0 &&
	    chain_commit_path(history->repo, parent, parent_path, &parent_blob) && strcmp(path, parent_path) == 0 &&
	    !git_oid_equal(&blob, &parent_blob);
	git_commit_free(parent);
	return ok;
}

static bool
step_all(struct history *history, const git_commit *commit, struct err *err)
{
	unsigned count = git_commit_parentcount(commit);

	if ((count <= 1 || is_chain_merge(history, commit)) && !tell_commit(history, commit, err))
		return false;
	for (unsigned i = 0; i < count; i++)
		if (!history_push(history, git_commit_parent_id(commit, i), err))
			return false;
	return true;
}

/* ---- the whole ---- */

static bool
history_start(struct history *history, struct err *err)
{
	const struct chain_head *found = NULL;
	git_oid                  head;

	if (!repo_tip(history->repo, &head, err))
		return false;
	if (git_oid_is_zero(&head))
		return true;
	if (history->path != NULL && !chain_find(history->repo, &head, history->path, &found, err))
		return false;
	if (history->path != NULL && found == NULL && git_oid_is_zero(&history->repo->chains.tail))
		return true;    /* all of main was read: there never was such a file */
	return history_push(history, found != NULL ? &found->commit : &head, err);
}

bool
repo_log(struct repo *repo, const char *path, repo_log_fn *fn, void *arg, struct err *err)
{
	struct history history = { .repo = repo, .path = path, .fn = fn, .arg = arg };
	bool           ok = history_start(&history, err);

	for (unsigned steps = 0; ok && !history.stop && history.heap_count > 0 && steps < STEPS_MAX; steps++) {
		git_oid     oid = history_pop(&history);
		git_commit *commit;

		if (!(ok = repo_lookup(repo, &commit, &oid, err)))
			break;
		ok = path != NULL ? step_path(&history, commit, err) : step_all(&history, commit, err);
		git_commit_free(commit);
	}
	history_done(&history);
	return ok;
}

bool
repo_entry(struct repo *repo, const char *id, const char *path, struct log_entry *out, char blob[static OID_TEXT_MAX],
    char parent_blob[static OID_TEXT_MAX], struct err *err)
{
	git_commit *commit;
	git_oid     oid, here, before;
	bool        ok;

	if (!repo_oid(&oid, id, err) || !repo_lookup(repo, &commit, &oid, err))
		return false;
	ok = tree_find_in(repo, &here, commit, path, err) && parent_blob_of(repo, commit, path, &before, err);
	if (ok) {
		entry_fill(out, commit, path);
		repo_hex(blob, &here);
		repo_hex(parent_blob, &before);
	}
	git_commit_free(commit);
	return ok;
}
