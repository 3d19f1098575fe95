/* SPDX-License-Identifier: ISC */
/*
 * Reading the files of main by their kind.
 */
#include "store/load.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "zone/change.h"
#include "zone/serial.h"
#include "zone/zonefile.h"

#define HISTORY_MAX 50          /* versions looked at for one that loads */

void
content_done(struct content *content)
{
	zone_free(content->zone);
	arena_free(content->arena);
	*content = (struct content){ 0 };
}

/* ---- one function per kind: TEXT into OUT ---- */

struct source { const char *path, *name; const uint8_t *apex; const char *text; size_t len; };

static bool
parse_zone(const struct source *source, struct content *out, struct err *err)
{
	struct report report;

	report_init(&report);
	out->zone = store_parse_zone(source->apex, NULL, source->text, source->len, &report);
	report_err(&report, source->path, err);
	report_done(&report);
	return out->zone != NULL;
}

static bool
parse_keys(const struct source *source, struct content *out, struct err *err)
{
	struct report report;
	bool          good;

	report_init(&report);
	out->key_count = key_file_parse(&out->keys, source->text, source->len, source->apex, out->arena, &report);
	for (size_t i = 0; i < report.count; i++)
		if (report.findings[i].level == FINDING_WARNING)
			log_warn("keys %s:%u: %s", source->path, report.findings[i].line, report.findings[i].text);
	good = report_err(&report, source->path, err);
	report_done(&report);
	return good;
}

static bool
parse_account(const struct source *source, struct content *out, struct err *err)
{
	if (file_email_check(source->name, err))
		out->account = account_parse(source->name, source->text, source->len, out->arena, err);
	return out->account != NULL;
}

static bool
parse_policy(const struct source *source, struct content *out, struct err *err)
{
	out->policy = policy_parse(source->apex, source->text, source->len, out->arena, err);
	return out->policy != NULL;
}

static bool (*const parsers[])(const struct source *, struct content *, struct err *) = {
	[FILE_ZONE] = parse_zone,
	[FILE_KEYS] = parse_keys,
	[FILE_ACCOUNT] = parse_account,
	[FILE_POLICY] = parse_policy,
};

/* Does the text of a root file that does not load hold no record at all? */
static bool
is_document(const struct source *source)
{
	struct zonefile_opts opts = { .apex = source->apex };
	struct report        report;
	struct zonefile     *file;
	bool                 document;

	report_init(&report);
	file = zonefile_parse(source->text, source->len, &opts, &report);
	document = file_is_document(source->path, zonefile_count(file));
	zonefile_free(file);
	report_done(&report);
	return document;
}

/* Read and parse BLOB of FILE.  OUT is only set for LOAD_GOOD. */
static enum load_outcome
try_blob(struct store *store, const struct store_file *file, const char *blob, struct content *out, struct err *err)
{
	struct arena     *scratch = arena_new();
	struct source     source = { .path = file->path, .name = file->name, .apex = file->apex };
	char             *text;
	enum load_outcome outcome = LOAD_BROKEN;

	*out = (struct content){ .arena = file->kind != FILE_ZONE ? arena_new() : NULL };
	if (repo_read(store->repo, blob, scratch, &text, &source.len, err)) {
		source.text = text;
		if (parsers[file->kind](&source, out, err))
			outcome = LOAD_GOOD;
		else if (file->kind == FILE_ZONE && is_document(&source))
			outcome = LOAD_NOTHING;
	}
	if (outcome != LOAD_GOOD)
		content_done(out);
	arena_free(scratch);
	return outcome;
}

static void
into_force(struct store *store, struct store_file *file, struct content *content, const char *blob)
{
	content_done(&file->content);
	file->content = *content;
	strcpy(file->good, blob);
	if (file->kind == FILE_ACCOUNT || file->kind == FILE_POLICY)
		store->idents_stale = true;
}

enum load_outcome
load_file(struct store *store, struct store_file *file, const char *blob)
{
	struct content    content;
	struct err        err = { 0 };
	enum load_outcome outcome = try_blob(store, file, blob, &content, &err);

	strcpy(file->blob, blob);
	free(file->last);
	file->last = NULL;
	free(file->problem);
	file->problem = NULL;
	if (outcome == LOAD_GOOD) {
		into_force(store, file, &content, blob);
	} else if (outcome == LOAD_BROKEN) {
		file->problem = mem_alloc(sizeof err);
		*file->problem = err;
		log_warn("file %s: %s", file->path, err.text);
	}
	return outcome;
}

struct search { struct store *store; struct store_file *file; unsigned left; };

static bool
search_version(void *arg, const struct log_entry *entry, const char *blob, const char *parent_blob)
{
	struct search *search = arg;
	struct content content;

	(void)parent_blob;
	if (blob[0] == '\0')
		return false;   /* it was deleted: what was before is not to come back */
	if (strcmp(blob, search->file->blob) != 0 &&
	    try_blob(search->store, search->file, blob, &content, NULL) == LOAD_GOOD) {
		into_force(search->store, search->file, &content, blob);
		log_info("file %s: the version of commit %.12s stays in force", search->file->path, entry->commit);
		return false;
	}
	return --search->left > 0;
}

void
load_from_history(struct store *store, struct store_file *file)
{
	struct search search = { store, file, HISTORY_MAX };

	repo_log(store->repo, file->path, search_version, &search, NULL);
	if (file->good[0] == '\0')
		log_warn("file %s: no version of it is good, nothing of it is in force", file->path);
}

static int
compare_paths(const void *a, const void *b)
{
	return strcmp((*(struct store_file *const *)a)->path, (*(struct store_file *const *)b)->path);
}

void
load_keys(struct store *store)
{
	struct arena       *scratch = arena_new();
	size_t              count;
	struct store_file **files = store_list(store, FILE_KEYS, scratch, &count);

	store->key_count = 0;
	qsort(files, count, sizeof *files, compare_paths);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < files[i]->content.key_count; k++) {
			const struct key *key = &files[i]->content.keys[k];
			char              name[NAME_TEXT_MAX];

			if (store_has_key(store, key->name)) {
				name_print(name, key->name);
				log_warn("key %s: stands in another file too, that of %s is ignored", name, files[i]->path);
				continue;
			}
			mem_grow(&store->keys, &store->key_cap, store->key_count + 1, sizeof(struct key *));
			store->keys[store->key_count++] = key;
		}
	arena_free(scratch);
}

/* The same records, but for the SOA's serial? */
static bool
same_content(const struct zone *a, const struct zone *b)
{
	struct arena *scratch = arena_new();
	bool          same = a != NULL && diff_empty(diff_zones(scratch, a, b));

	arena_free(scratch);
	return same;
}

void
load_serial(struct store *store, struct store_file *file, const struct zone *previous, uint32_t floor)
{
	struct zone *zone = file->content.zone;
	uint32_t     serial = zone_serial(zone);

	if (!serial_newer(serial, floor) && (serial != floor || !same_content(previous, zone)))
		serial = same_content(previous, zone) ? floor : serial_next(floor, 0);
	if (serial == zone_serial(zone)) {
		serials_drop(store->serials, file->name);
		return;
	}
	log_info("zone %s: serial %u of its file is not newer than %u, which was served: %u is served", file->name, zone_serial(zone),
	    floor, serial);
	file->content.zone = zone_with_serial(zone, serial);
	zone_free(zone);
	serials_set(store->serials, file->name, serial, file->good);
}
