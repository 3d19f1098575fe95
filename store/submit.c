/* SPDX-License-Identifier: ISC */
/*
 * Batches of changes.
 *
 * A batch works on copies: only when the commit is there, memory follows.  When somebody moved main meanwhile,
 * that is taken over first and the whole batch is done again.
 */
#include "store/submit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/metric.h"
#include "store/identity.h"
#include "store/submit_work.h"
#include "zone/check.h"
#include "zone/serial.h"

#define TRIES 5         /* to get ahead of others who write to main */

static step_fn *const steps[] = {
	[SUBMIT_CHANGE] = step_change,
	[SUBMIT_CREATE] = step_create,
	[SUBMIT_REPLACE] = step_replace,
};

void
batch_keep(struct batch *batch, struct zone *zone)
{
	mem_grow(&batch->old_zones, &batch->old_cap, batch->old_count + 1, sizeof(struct zone *));
	batch->old_zones[batch->old_count++] = zone;
}

/* ---- zones of the batch ---- */

/* The text of the file as it stands in main. */
static bool
work_read(struct batch *batch, struct work *work, struct err *err)
{
	struct store_file   *file = work->file;
	struct zonefile_opts opts = { .apex = work->apex };
	struct arena        *scratch = arena_new();
	struct report        report;
	char                *text;
	size_t               len;
	bool                 good;

	report_init(&report);
	good = repo_read(batch->store->repo, file->blob, scratch, &text, &len, err);
	if (good) {
		work->parsed = zonefile_parse(text, len, &opts, &report);
		work->zone = zonefile_zone(work->parsed);
	}
	report_done(&report);
	arena_free(scratch);
	return good;
}

/* Only the version in force is there to compare with. */
static void
work_broken(struct work *work)
{
	const struct zone *good = work->file->content.zone;

	work->broken = true;
	work->zone = good != NULL ? zone_with_serial(good, zone_serial(good)) : NULL;
}

/* The zone called NAME in this batch.  Reads and parses its file the first time.  ERR_REPO. */
static struct work *
work_get(struct batch *batch, const char *name, const uint8_t *apex, struct err *err)
{
	struct work *work;
	char         blob[OID_TEXT_MAX];

	for (size_t i = 0; i < batch->work_count; i++)
		if (strcmp(batch->works[i]->name, name) == 0)
			return batch->works[i];
	work = arena_alloc(batch->arena, sizeof *work);
	work->name = arena_strdup(batch->arena, name);
	name_copy(work->apex, apex);
	work->file = store_find(batch->store, FILE_ZONE, name);
	work->exists = work->file != NULL && work->file->blob[0] != '\0';
	serials_find(batch->store->serials, name, &work->served, blob);
	if (work->exists && work->file->content.zone != NULL)
		work->served = zone_serial(work->file->content.zone);
	if (work->exists && work->file->problem != NULL)
		work_broken(work);
	else if (work->exists && !work_read(batch, work, err))
		return NULL;
	mem_grow(&batch->works, &batch->work_cap, batch->work_count + 1, sizeof(struct work *));
	batch->works[batch->work_count++] = work;
	return work;
}

/* ---- commits to be ---- */

static bool
same_author(const struct identity *a, const struct identity *b)
{
	return a->kind == b->kind && strcmp(a->name, b->name) == 0 && strcmp(a->key, b->key) == 0 && strcmp(a->via, b->via) == 0 &&
	    strcmp(a->from, b->from) == 0;
}

/* The commit that a change by WHO to WORK goes into: the last one to that zone, if it is theirs. */
static struct pending *
pending_get(struct batch *batch, struct work *work, const struct job *job)
{
	struct pending *pending;

	for (size_t i = batch->pending_count; i > 0; i--) {
		pending = batch->pendings[i - 1];
		if (pending->work != work)
			continue;
		if (same_author(&pending->first->who, &job->who))
			return pending;
		break;
	}
	pending = arena_alloc(batch->arena, sizeof *pending);
	pending->work = work;
	pending->first = job;
	pending->serial_old = work->served;
	mem_grow(&batch->pendings, &batch->pending_cap, batch->pending_count + 1, sizeof(struct pending *));
	batch->pendings[batch->pending_count++] = pending;
	return pending;
}

static void
pending_add(struct pending *pending, struct job *job, const struct diff *diff)
{
	mem_grow(&pending->jobs, &pending->cap, pending->count + 1, sizeof(struct job *));
	mem_grow(&pending->parts, &pending->parts_cap, pending->count + 1, sizeof *pending->parts);
	pending->jobs[pending->count] = job;
	pending->parts[pending->count++] = (struct note_part){ &job->submit, diff };
}

/* The zone is from now on what STEP made of it.  Its text must say so: what git holds and what is served never differ. */
static bool
work_move(struct batch *batch, struct work *work, struct job *job, struct step *step, struct err *err)
{
	struct zonefile_opts opts = { .apex = work->apex };
	struct report        report;
	struct zonefile     *parsed;
	struct zone         *read;
	struct pending      *pending;
	bool                 same;

	report_init(&report);
	parsed = zonefile_parse(buf_str(&step->text), step->text.len, &opts, &report);
	read = report.errors == 0 ? zonefile_zone(parsed) : NULL;
	same = read != NULL && zone_equal(read, step->zone);
	zone_free(read);
	report_done(&report);
	if (!same) {
		zonefile_free(parsed);
		log_warn("zone %s: its file cannot be edited to hold the change", work->name);
		return err_set(err, ERR_FAILED, "the file of zone %s cannot be edited to hold the change", work->name);
	}

	pending = pending_get(batch, work, job);
	pending_add(pending, job, step->diff);
	pending->serial_new = zone_serial(step->zone);
	free(pending->text);
	pending->text_len = step->text.len;
	pending->text = buf_take(&step->text);

	if (work->zone != NULL)
		batch_keep(batch, work->zone);
	zonefile_free(work->parsed);
	work->parsed = parsed;
	work->zone = step->zone;
	work->served = zone_serial(step->zone);
	work->exists = work->moved = true;
	work->broken = false;
	step->zone = NULL;
	return true;
}

/* ---- one job ---- */

/* if-serial and if-commit. */
static bool
conditions_hold(struct batch *batch, const struct work *work, const struct submit *submit, struct err *err)
{
	const char *commit = submit->if_commit != NULL ? submit->if_commit : "";

	if ((submit->has_if_serial || commit[0] != '\0') && !work->exists)
		return err_set(err, ERR_NOTFOUND, "no zone %s", work->name);
	if (submit->has_if_serial && submit->if_serial != work->served) {
		err_set(err, ERR_CONFLICT, "the serial of %s is %u, not %u", work->name, work->served, submit->if_serial);
		return err_hint(err, "somebody else changed it: look again");
	}
	if (commit[0] == '\0')
		return true;
	if (strlen(commit) < 4)
		return err_set(err, ERR_USAGE, "\"%s\" is too short for a commit: at least 4 digits", commit);
	if (!work->moved && strncmp(store_last(batch->store, work->file)->commit, commit, strlen(commit)) == 0)
		return true;
	err_set(err, ERR_CONFLICT, "the last commit of %s is %.12s, not %s", work->name,
	    work->moved ? "being made" : store_last(batch->store, work->file)->commit, commit);
	return err_hint(err, "somebody else changed it: look again");
}

/* Only what is there for WHO; creating a zone is answered by its own right. */
static bool
job_sees(const struct store *store, const struct job *job, const char *name, struct err *err)
{
	if (identity_sees(store, &job->who, name))
		return true;
	if (job->submit.mode == SUBMIT_CREATE && job->who.kind == ID_ACCOUNT)
		return true;
	err_set(err, ERR_NOTFOUND, "no zone %s", name);
	return err_hint(err, "zone list shows those that you may see");
}

static void
fill_result(struct job *job, const struct work *work, const struct step *step)
{
	struct submit_result *result = &job->result;
	struct buf            lines = { 0 };

	result->changed = step->text.len != 0;
	result->serial_old = work->served;
	result->serial = step->zone != NULL && result->changed ? zone_serial(step->zone) : work->served;
	diff_count(step->diff, &result->added, &result->altered, &result->removed);
	diff_print(&lines, step->diff);
	buf_str(&lines);
	free(result->diff);
	result->diff = buf_take(&lines);
}

static bool
job_allowed(const struct job *job, struct err *err)
{
	if (job->submit.mode == SUBMIT_CHANGE || job->who.kind == ID_ADMIN || job->who.kind == ID_ACCOUNT)
		return true;
	return err_set(err, ERR_DENIED, "%s may change records only, not whole zones", job->who.name);
}

static bool
job_run(struct batch *batch, struct job *job, struct step *step, struct err *err)
{
	uint8_t      apex[NAME_SIZE];
	struct work *work;

	if (!identity_refresh(batch->store, &job->who, err) || !name_parse_zone(apex, job->submit.zone, err))
		return false;
	name_print_zone(job->zone, apex);
	if (job->submit.change != NULL && !name_equal(job->submit.change->zone, apex))
		return err_set(err, ERR_USAGE, "the change is for another zone than %s", job->zone);
	if (!job_sees(batch->store, job, job->zone, err) || !job_allowed(job, err))
		return false;
	work = work_get(batch, job->zone, apex, err);
	if (work == NULL || !conditions_hold(batch, work, &job->submit, err) || !steps[job->submit.mode](batch, work, job, step, err))
		return false;
	if (step->text.len != 0 && !policy_allows(identity_policy(batch->store, work->name), &job->who,
	    identity_access(batch->store, &job->who, work->name), step->diff, err))
		return false;
	fill_result(job, work, step);
	return !job->result.changed || job->submit.dry_run || work_move(batch, work, job, step, err);
}

static void
job_reset(struct job *job)
{
	submit_result_done(&job->result);
	job->result = (struct submit_result){ 0 };
	report_init(&job->result.report);
	job->err = (struct err){ 0 };
	job->ok = false;
}

static void
job_try(struct batch *batch, struct job *job)
{
	struct step step = { 0 };

	job_reset(job);
	job->ok = job_run(batch, job, &step, &job->err);
	if (!job->ok)
		job->result.changed = false;
	if (step.zone != NULL) {
		batch_keep(batch, step.zone);
		step.zone = NULL;
	}
	step_done(&step);
}

/* ---- the commit ---- */

static void
pending_note(struct batch *batch, struct pending *pending)
{
	struct store *store = batch->store;
	char          id[32];
	struct note   note = {
		.who = &pending->first->who, .host = conf_str(store->conf, name), .zone = pending->work->name, .change_id = id,
		.time_s = batch->now_s, .serial_old = pending->serial_old, .serial_new = pending->serial_new,
		.parts = pending->parts, .part_count = pending->count,
	};

	snprintf(id, sizeof id, "%04x-%04x", store->change_run, ++store->change_seq);
	note_write(&note, &pending->entry, &pending->message);
}

static struct repo_write *
batch_writes(struct batch *batch)
{
	struct repo_write *writes = arena_array(batch->arena, batch->pending_count, sizeof *writes);

	for (size_t i = 0; i < batch->pending_count; i++) {
		struct pending *pending = batch->pendings[i];
		char           *path = arena_alloc(batch->arena, NAME_TEXT_MAX);

		pending_note(batch, pending);
		file_zone_path(path, pending->work->name);
		writes[i] = (struct repo_write){
			.path = pending->work->file != NULL ? pending->work->file->path : path,
			.text = pending->text, .text_len = pending->text_len, .author = pending->entry.author, .email = pending->entry.email,
			.time_s = batch->now_s, .message = buf_str(&pending->message),
		};
	}
	return writes;
}

/* Bring into force what the commit holds, and tell everybody. */
static void
batch_publish(struct batch *batch, const struct repo_write *writes, const char *main)
{
	struct store *store = batch->store;
	bool          counted = false;

	strcpy(store->head, main);
	strcpy(store->info.commit, main);
	serials_set_main(store->serials, main);
	for (size_t i = 0; i < batch->pending_count; i++) {
		struct pending      *pending = batch->pendings[i];
		struct work         *work = pending->work;
		struct client_event  event = { .serial = pending->serial_new };

		strcpy(pending->entry.commit, writes[i].commit);
		for (size_t k = 0; k < pending->count; k++)
			strcpy(pending->jobs[k]->result.commit, writes[i].commit);
		counted = counted || work->file == NULL || work->file->problem != NULL || work->file->blob[0] == '\0';
		work->file = store_add(store, FILE_ZONE, work->name, writes[i].path);
		strcpy(work->file->blob, writes[i].blob);
		log_info("zone %s: serial %u, commit %.12s by %s", work->name, pending->serial_new, writes[i].commit, pending->entry.author);
		strcpy(event.zone, work->name);
		strcpy(event.commit, writes[i].commit);
		strcpy(event.who, pending->entry.author);
		strcpy(event.via, pending->entry.via);
		strcpy(event.subject, pending->entry.subject);
		store->sink.event(store->sink.arg, &event);
	}
	for (size_t i = batch->pending_count; i > 0; i--) {     /* the last commit of each zone */
		struct pending *pending = batch->pendings[i - 1];

		if (pending->work->zone != NULL)
			store_put_zone(store, pending->work->file, pending->work->zone, writes[i - 1].blob, &pending->entry);
		pending->work->zone = NULL;
	}
	metric_add(METRIC_COMMITS, (int64_t)batch->pending_count);
	if (counted)
		store_count(store);
	store->sink.main(store->sink.arg);
}

/* Also those who had nothing to change, or were refused, may have looked at a zone that now never was. */
static void
batch_fail(struct batch *batch, const struct err *err)
{
	for (size_t i = 0; i < batch->work_count; i++)
		for (size_t k = 0; k < batch->job_count && batch->works[i]->moved; k++) {
			struct job *job = batch->jobs[k];

			if (strcmp(job->zone, batch->works[i]->name) != 0)
				continue;
			job->ok = false;
			job->result.changed = false;
			job->err = *err;
		}
}

/* True when all is decided; false: main moved, do it again. */
static bool
batch_commit(struct batch *batch, bool last_try)
{
	struct repo_write *writes;
	struct err         err = { 0 };
	char               main[OID_TEXT_MAX];

	if (batch->pending_count == 0)
		return true;
	writes = batch_writes(batch);
	if (repo_commit(batch->store->repo, batch->store->head, writes, batch->pending_count, main, &err)) {
		batch_publish(batch, writes, main);
		return true;
	}
	if (err.code == ERR_CONFLICT && !last_try)
		return false;
	if (err.code == ERR_CONFLICT)
		err_set(&err, ERR_BUSY, "others write to the repository all the time");
	log_warn("repo: %zu changes cannot be committed: %s", batch->pending_count, err.text);
	batch_fail(batch, &err);
	return true;
}

static void
batch_done(struct batch *batch)
{
	for (size_t i = 0; i < batch->pending_count; i++) {
		free(batch->pendings[i]->parts);
		free(batch->pendings[i]->jobs);
		free(batch->pendings[i]->text);
		buf_done(&batch->pendings[i]->message);
	}
	for (size_t i = 0; i < batch->work_count; i++) {
		zonefile_free(batch->works[i]->parsed);
		zone_free(batch->works[i]->zone);
	}
	for (size_t i = 0; i < batch->old_count; i++)
		zone_free(batch->old_zones[i]);
	free(batch->pendings);
	free(batch->works);
	free(batch->old_zones);
	arena_free(batch->arena);
}

static bool
batch_try(struct store *store, struct job **jobs, size_t count, bool last_try)
{
	struct batch batch = { .store = store, .arena = arena_new(), .jobs = jobs, .job_count = count, .now_s = time(NULL) };
	struct err   err = { 0 };
	bool         decided = true;

	batch.today = serial_day(batch.now_s);
	if (!store_adopt(store, &err))
		log_warn("repo: %s", err.text);
	for (size_t i = 0; i < count; i++)
		job_try(&batch, jobs[i]);
	decided = batch_commit(&batch, last_try);
	batch_done(&batch);
	return decided;
}

void
submit_batch(struct store *store, struct job **jobs, size_t count)
{
	for (unsigned try = 1; count != 0 && !batch_try(store, jobs, count, try == TRIES); try++)
		log_info("repo: main was moved by somebody else, once more");
	for (size_t i = 0; i < count; i++)
		if (!jobs[i]->ok)
			metric_add(METRIC_REFUSED, 1);
}
