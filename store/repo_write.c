/* SPDX-License-Identifier: ISC */
/*
 * Writing: chain commits, the merge that brings them into the flat main, and moving main by compare-and-swap.
 *
 * Objects are written first; until the reference moves they are garbage that nobody sees, so failing or dying at
 * any point leaves main as it was.
 */
#include "store/repo_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/fault.h"

#define LOCK_TRIES    50
#define LOCK_WAIT_MS  20
#define MESSAGE_LINES 100       /* files named in a merge's message */
#define ROOT_TIME_S   1767225600        /* 2026-01-01: the same first commit in every repository, so that any two can be merged */

/* What one write came to. */
struct result {
	git_oid blob, chain;
	bool    made;           /* CHAIN was made by this write, and is a parent of the merge if LAST */
	bool    last;           /* no later write of the same path */
};

struct job {
	struct repo       *repo;
	git_oid            head, theirs, base;          /* commits; zero for none */
	git_tree          *head_tree, *theirs_tree, *base_tree;
	struct repo_write *writes;
	struct result     *results;
	size_t             count;
};

/* Letters that git does not allow in a name or an address. */
static void
clean(char *out, size_t size, const char *text, const char *otherwise)
{
	size_t len = 0;

	for (const char *p = text; *p != '\0' && len + 1 < size; p++)
		out[len++] = (unsigned char)*p < ' ' || *p == 0x7f || *p == '<' || *p == '>' ? '?' : *p;
	out[len] = '\0';
	if (strspn(out, " .,:;\"\\'") == len)   /* git would strip all of it */
		snprintf(out, size, "%s", otherwise);
}

static git_signature *
signature(const char *name, const char *email, int64_t time_s)
{
	git_signature *out = NULL;
	char           clean_name[256], clean_email[300];

	clean(clean_name, sizeof clean_name, name, "unknown");
	clean(clean_email, sizeof clean_email, email, "unknown");
	git_signature_new(&out, clean_name, clean_email, time_s, 0);
	return out;
}

static git_signature *
zonesh_signature(const struct repo *repo, int64_t time_s)
{
	char email[300];

	snprintf(email, sizeof email, "zonesh@%s", repo->host);
	return signature("zonesh", email, time_s);
}

/* A commit of TREE on PARENTS (COUNT of them, zero ones skipped). */
static bool
make_commit(struct repo *repo, git_oid *out, const git_oid *tree_oid, const git_oid *parents, size_t count,
    const git_signature *author, const git_signature *committer, const char *message, struct err *err)
{
	git_commit **list = mem_alloc((count + 1) * sizeof list[0]);
	git_tree    *tree = NULL;
	size_t       used = 0;
	bool         ok = author != NULL && committer != NULL && git_tree_lookup(&tree, repo->git, tree_oid) == 0;

	if (!ok)
		repo_fail(err, "cannot write a commit");
	for (size_t i = 0; ok && i < count; i++)
		if (!git_oid_is_zero(&parents[i]))
			ok = repo_lookup(repo, &list[used], &parents[i], err) && ++used != 0;
	if (ok && git_commit_create(out, repo->git, NULL, author, committer, NULL, message, tree, used, (const git_commit **)list) != 0)
		ok = repo_fail(err, "cannot write a commit");
	for (size_t i = 0; i < used; i++)
		git_commit_free(list[i]);
	git_tree_free(tree);
	free(list);
	return ok;
}

/* ---- chains ---- */

/* The write before I of the same path in this batch; -1: none. */
static long
earlier(const struct job *job, size_t i)
{
	for (size_t j = i; j-- > 0; )
		if (strcmp(job->writes[j].path, job->writes[i].path) == 0)
			return (long)j;
	return -1;
}

/* Parents of the chain commit that merges theirs into ours: both, unless one leads to the other. */
static bool
merge_parents(struct job *job, const char *path, git_oid parents[2], struct err *err)
{
	git_oid theirs, base;

	if (!tree_find(job->repo, &theirs, job->theirs_tree, path, err) || !tree_find(job->repo, &base, job->base_tree, path, err))
		return false;
	if (git_oid_equal(&theirs, &base))
		return true;
	if (!chain_adopt(job->repo, &job->theirs, path, &parents[1], err))
		return false;
	if (git_oid_equal(&parents[0], &parents[1]) || (!git_oid_is_zero(&parents[0]) && !git_oid_is_zero(&parents[1]) &&
	    git_graph_descendant_of(job->repo->git, &parents[0], &parents[1]) == 1))
		memset(&parents[1], 0, sizeof parents[1]);
	if (!git_oid_is_zero(&parents[0]) && !git_oid_is_zero(&parents[1]) &&
	    git_graph_descendant_of(job->repo->git, &parents[1], &parents[0]) == 1) {
		parents[0] = parents[1];
		memset(&parents[1], 0, sizeof parents[1]);
	}
	return true;
}

static bool
make_chain_commit(struct job *job, size_t i, struct err *err)
{
	struct repo_write *write = &job->writes[i];
	struct result     *result = &job->results[i];
	long               before = earlier(job, i);
	git_oid            parents[2] = { { .id = { 0 } } }, tree;
	git_signature     *author, *committer;
	bool               ok;

	if (before >= 0)
		parents[0] = job->results[before].chain;
	else if (!chain_tip(job->repo, &job->head, write->path, &parents[0], err))
		return false;
	if (before < 0 && job->theirs_tree != NULL && !merge_parents(job, write->path, parents, err))
		return false;
	if (!tree_write_single(job->repo, &tree, write->path, &result->blob, err))
		return false;
	author = signature(write->author, write->email, write->time_s);
	committer = zonesh_signature(job->repo, time(NULL));
	ok = make_commit(job->repo, &result->chain, &tree, parents, 2, author, committer, write->message, err);
	git_signature_free(author);
	git_signature_free(committer);
	result->made = ok;
	return ok;
}

/* The blob of write I; zero when it deletes. */
static bool
write_blob(struct job *job, size_t i, struct err *err)
{
	struct repo_write *write = &job->writes[i];

	if (!tree_path_check(write->path, err))
		return false;
	if (write->text != NULL &&
	    git_blob_create_from_buffer(&job->results[i].blob, job->repo->git, write->text, write->text_len) != 0)
		return repo_fail(err, "cannot write %s", write->path);
	return true;
}

/* Blob, chain commit and outputs of write I.  What is in place already gets no commit, but the id of the one that put it there. */
static bool
write_file(struct job *job, size_t i, struct err *err)
{
	struct repo_write *write = &job->writes[i];
	struct result     *result = &job->results[i];
	long               before = earlier(job, i);
	git_oid            ours, theirs;
	bool               ok;

	if (!write_blob(job, i, err) || !tree_find(job->repo, &ours, job->head_tree, write->path, err) ||
	    !tree_find(job->repo, &theirs, job->theirs_tree, write->path, err))
		return false;
	result->last = true;
	if (before >= 0) {
		ours = job->results[before].blob;
		job->results[before].last = false;
	}
	if (git_oid_equal(&result->blob, &ours) && before >= 0) {
		*result = job->results[before];
		result->last = true;
		ok = true;
	} else if (git_oid_equal(&result->blob, &ours)) {
		ok = chain_last(job->repo, &job->head, write->path, &result->chain, err);
	} else if (before < 0 && job->theirs_tree != NULL && git_oid_equal(&result->blob, &theirs)) {
		ok = chain_last(job->repo, &job->theirs, write->path, &result->chain, err);
	} else {
		ok = make_chain_commit(job, i, err);
	}
	repo_hex(write->commit, &result->chain);
	repo_hex(write->blob, &result->blob);
	return ok;
}

/* ---- main ---- */

/* The flat tree: that of HEAD with the last write of each path. */
static bool
main_tree(struct job *job, git_oid *out, struct err *err)
{
	git_tree_update *updates = mem_alloc((job->count + 1) * sizeof updates[0]);
	size_t           changed = 0;
	bool             ok = true;

	for (size_t i = 0; ok && i < job->count; i++) {
		const git_oid *blob = &job->results[i].blob;
		git_oid        old;

		ok = tree_find(job->repo, &old, job->head_tree, job->writes[i].path, err);
		if (!ok || !job->results[i].last || git_oid_equal(&old, blob))
			continue;
		updates[changed].action = git_oid_is_zero(blob) ? GIT_TREE_UPDATE_REMOVE : GIT_TREE_UPDATE_UPSERT;
		updates[changed].id = *blob;
		updates[changed].filemode = GIT_FILEMODE_BLOB;
		updates[changed++].path = job->writes[i].path;
	}
	if (ok && git_tree_create_updated(out, job->repo->git, job->head_tree, changed, updates) != 0)
		ok = repo_fail(err, "cannot write the tree of %s", job->repo->branch);
	free(updates);
	return ok;
}

/* "merge 2 changes", a line per file, and with which other main. */
static char *
main_message(const struct job *job, size_t made)
{
	struct buf text = { 0 };
	char       hex[OID_TEXT_MAX];
	size_t     lines = 0;

	repo_hex(hex, &job->theirs);
	if (made == 0 && hex[0] != '\0')
		buf_putf(&text, "merge with %.12s\n", hex);
	else
		buf_putf(&text, "merge %zu change%s\n", made, made == 1 ? "" : "s");
	for (size_t i = 0; i < job->count && lines < MESSAGE_LINES; i++)
		if (job->results[i].made)
			buf_putf(&text, "%s%s %.12s\n", lines++ == 0 ? "\n" : "", job->writes[i].path, job->writes[i].commit);
	if (hex[0] != '\0')
		buf_putf(&text, "\nWith: %s\n", hex);
	return buf_take(&text);
}

static bool
main_commit(struct job *job, git_oid *out, const git_oid *tree, struct err *err)
{
	git_oid       *parents = mem_alloc((job->count + 2) * sizeof parents[0]);
	git_signature *zonesh = zonesh_signature(job->repo, time(NULL));
	size_t         made = 0, count = 2;
	char          *message;
	bool           ok;

	parents[0] = job->head;
	parents[1] = job->theirs;
	for (size_t i = 0; i < job->count; i++) {
		made += job->results[i].made;
		if (job->results[i].made && job->results[i].last)
			parents[count++] = job->results[i].chain;
	}
	message = main_message(job, made);
	ok = make_commit(job->repo, out, tree, parents, count, zonesh, zonesh, message, err);
	git_signature_free(zonesh);
	free(message);
	free(parents);
	return ok;
}

/* The first commit of every repository that zonesh began: an empty tree. */
static bool
make_root(struct repo *repo, git_oid *out, struct err *err)
{
	git_signature *zonesh = signature("zonesh", "zonesh@localhost", ROOT_TIME_S);
	git_oid        tree, none = { .id = { 0 } };
	bool           ok;

	ok = tree_write_single(repo, &tree, "", &none, err) &&
	    make_commit(repo, out, &tree, NULL, 0, zonesh, zonesh, "begin\n", err);
	git_signature_free(zonesh);
	return ok;
}

static int
swap_ref(struct repo *repo, const git_oid *from, const git_oid *to)
{
	git_reference *ref = NULL;
	int            rc;

	if (git_oid_is_zero(from))
		rc = git_reference_create(&ref, repo->git, repo->ref, to, 0, NULL);
	else
		rc = git_reference_create_matching(&ref, repo->git, repo->ref, to, 1, from, NULL);
	git_reference_free(ref);
	return rc;
}

/* Compare-and-swap of main; git gc and pushes hold its lock for a moment. */
static bool
move_main(struct repo *repo, const git_oid *from, const git_oid *to, struct err *err)
{
	const struct timespec wait = { 0, LOCK_WAIT_MS * 1000000L };
	int                   rc = swap_ref(repo, from, to);

	for (unsigned tries = 0; rc == GIT_ELOCKED && tries < LOCK_TRIES; tries++) {
		nanosleep(&wait, NULL);
		rc = swap_ref(repo, from, to);
	}
	if (rc == GIT_ELOCKED) {
		repo_unlock_stale(repo);
		rc = swap_ref(repo, from, to);
	}
	if (rc == 0)
		return true;
	if (rc == GIT_EMODIFIED || rc == GIT_EEXISTS || rc == GIT_ENOTFOUND)
		return err_set(err, ERR_CONFLICT, "%s was moved by somebody else", repo->branch);
	repo_fail(err, "cannot move %s", repo->branch);
	return rc == GIT_ELOCKED ? err_hint(err, "another git process holds the lock of the branch; it can be tried again") : false;
}

/* ---- the whole ---- */

static bool
job_start(struct job *job, const char *head, const char *theirs, struct err *err)
{
	git_oid tip;
	int     rc = 0;

	if (!repo_oid(&job->head, head, err) || !repo_oid(&job->theirs, theirs, err) || !repo_tip(job->repo, &tip, err))
		return false;
	if (!git_oid_equal(&tip, &job->head))
		return err_set(err, ERR_CONFLICT, "%s was moved by somebody else", job->repo->branch);
	if (git_oid_is_zero(&job->head) && !make_root(job->repo, &job->head, err))
		return false;
	if (!git_oid_is_zero(&job->theirs))
		rc = git_merge_base(&job->base, job->repo->git, &job->head, &job->theirs);
	if (rc != 0 && rc != GIT_ENOTFOUND)
		return repo_fail(err, "cannot compare %.12s and %.12s", head, theirs);
	job->results = mem_alloc((job->count + 1) * sizeof job->results[0]);
	return repo_tree(job->repo, &job->head_tree, &job->head, err) &&
	    repo_tree(job->repo, &job->theirs_tree, &job->theirs, err) && repo_tree(job->repo, &job->base_tree, &job->base, err);
}

static void
job_done(struct job *job)
{
	git_tree_free(job->head_tree);
	git_tree_free(job->theirs_tree);
	git_tree_free(job->base_tree);
	free(job->results);
}

static bool
job_write(struct job *job, const char *head, char main[static OID_TEXT_MAX], struct err *err)
{
	git_oid tree, commit, from;
	bool    made = !git_oid_is_zero(&job->theirs);

	for (size_t i = 0; i < job->count; i++) {
		if (!write_file(job, i, err))
			return false;
		made = made || job->results[i].made;
	}
	if (!main_tree(job, &tree, err))
		return false;
	if (!made) {
		snprintf(main, OID_TEXT_MAX, "%s", head);
		return true;
	}
	if (!main_commit(job, &commit, &tree, err) || !repo_oid(&from, head, err))
		return false;
	fault_die(FAULT_STORE_BEFORE_REF);
	if (!move_main(job->repo, &from, &commit, err))
		return false;
	fault_die(FAULT_STORE_AFTER_REF);
	repo_hex(main, &commit);
	return true;
}

bool
repo_merge(struct repo *repo, const char *head, const char *theirs, struct repo_write *writes, size_t count, char main[static OID_TEXT_MAX],
    struct err *err)
{
	struct job job = { .repo = repo, .writes = writes, .count = count };
	bool       ok;

	fault_die(FAULT_STORE_BEFORE_COMMIT);
	if (fault_fail(FAULT_COMMIT_FAILS))
		return err_set(err, ERR_REPO, "cannot write the commit: No space left on device");
	ok = job_start(&job, head, theirs, err) && job_write(&job, head, main, err);
	job_done(&job);
	return ok;
}

bool
repo_commit(struct repo *repo, const char *head, struct repo_write *writes, size_t count, char main[static OID_TEXT_MAX], struct err *err)
{
	return repo_merge(repo, head, "", writes, count, main, err);
}

bool
repo_forward(struct repo *repo, const char *head, const char *commit, struct err *err)
{
	git_oid from, to;

	if (!repo_oid(&from, head, err) || !repo_oid(&to, commit, err))
		return false;
	if (git_oid_equal(&from, &to))
		return true;
	if (!git_oid_is_zero(&from) && git_graph_descendant_of(repo->git, &to, &from) != 1)
		return err_set(err, ERR_CONFLICT, "%.12s does not follow from %.12s", commit, head);
	return move_main(repo, &from, &to, err);
}
