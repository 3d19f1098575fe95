/* SPDX-License-Identifier: ISC */
/*
 * Files by kind and name, and what the rest of the store asks of them.
 */
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypt.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/str.h"
#include "store/identity.h"
#include "store/load.h"
#include "zone/check.h"
#include "zone/zonefile.h"

#define BUCKETS_MIN  1024
#define PROBLEMS_MAX 20         /* broken files that status names */
#define PROBLEM_MAX  190        /* bytes of each: together they fit info */

struct store *
store_open(const struct conf *conf, const struct store_sink *sink, struct err *err)
{
	struct store *store = mem_alloc(sizeof *store);

	store->conf = conf;
	store->sink = *sink;
	store->repo = repo_open(conf_repo(conf), conf_str(conf, branch), err);
	if (store->repo == NULL) {
		free(store);
		return NULL;
	}
	store->serials = serials_open(conf_path(conf, "state/serials"));
	store->bucket_count = BUCKETS_MIN;
	store->buckets = mem_alloc(store->bucket_count * sizeof *store->buckets);
	store->idents_stale = true;
	crypt_random(&store->change_run, sizeof store->change_run);
	return store;
}

static void
file_free(struct store_file *file)
{
	content_done(&file->content);
	free(file->problem);
	free(file->last);
	free(file->path);
	free(file->name);
	free((void *)(uintptr_t)file->apex);
	free(file);
}

void
store_free(struct store *store)
{
	if (store == NULL)
		return;
	for (size_t i = 0; i < store->bucket_count; i++)
		while (store->buckets[i] != NULL) {
			struct store_file *file = store->buckets[i];

			store->buckets[i] = file->next;
			file_free(file);
		}
	free(store->buckets);
	free(store->keys);
	identity_done(store);
	serials_free(store->serials);
	repo_free(store->repo);
	free(store);
}

/* ---- the map ---- */

static size_t
hash(enum file_kind kind, const char *name)
{
	uint64_t h = 14695981039346656037u + kind;      /* FNV-1a */

	for (; *name != '\0'; name++)
		h = (h ^ (uint8_t)*name) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

static struct store_file **
bucket(const struct store *store, enum file_kind kind, const char *name)
{
	return &store->buckets[hash(kind, name) & (store->bucket_count - 1)];
}

struct store_file *
store_find(const struct store *store, enum file_kind kind, const char *name)
{
	struct store_file *file = *bucket(store, kind, name);

	while (file != NULL && (file->kind != kind || strcmp(file->name, name) != 0))
		file = file->next;
	return file;
}

static void
grow(struct store *store)
{
	struct store_file **old = store->buckets;
	size_t              count = store->bucket_count;

	store->bucket_count = count * 2;
	store->buckets = mem_alloc(store->bucket_count * sizeof *store->buckets);
	for (size_t i = 0; i < count; i++)
		while (old[i] != NULL) {
			struct store_file  *file = old[i];
			struct store_file **to = bucket(store, file->kind, file->name);

			old[i] = file->next;
			file->next = *to;
			*to = file;
		}
	free(old);
}

struct store_file *
store_add(struct store *store, enum file_kind kind, const char *name, const char *path)
{
	struct store_file *file = store_find(store, kind, name), **to;
	uint8_t            apex[NAME_SIZE];

	if (file != NULL)
		return file;
	if (store->file_count >= store->bucket_count)
		grow(store);
	to = bucket(store, kind, name);
	file = mem_alloc(sizeof *file);
	file->kind = kind;
	file->name = mem_strdup(name);
	file->path = mem_strdup(path);
	if (kind != FILE_ACCOUNT && name[0] != '\0' && name_parse_zone(apex, name, NULL)) {
		uint8_t *copy = mem_alloc(name_len(apex));

		memcpy(copy, apex, name_len(apex));
		file->apex = copy;
	}
	file->next = *to;
	*to = file;
	store->file_count++;
	return file;
}

void
store_forget(struct store *store, struct store_file *file)
{
	struct store_file **at = bucket(store, file->kind, file->name);

	while (*at != file)
		at = &(*at)->next;
	*at = file->next;
	store->file_count--;
	file_free(file);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp((*(struct store_file *const *)a)->name, (*(struct store_file *const *)b)->name);
}

struct store_file **
store_list(const struct store *store, enum file_kind kind, struct arena *arena, size_t *count)
{
	struct store_file **list = arena_array(arena, store->file_count + 1, sizeof *list);

	*count = 0;
	for (size_t i = 0; i < store->bucket_count; i++)
		for (struct store_file *file = store->buckets[i]; file != NULL; file = file->next)
			if (file->kind == kind && file->blob[0] != '\0')
				list[(*count)++] = file;
	qsort(list, *count, sizeof *list, compare_names);
	return list;
}

/* ---- zones ---- */

struct zone *
store_parse_zone(const uint8_t *apex, const uint8_t *origin, const char *text, size_t len, struct report *report)
{
	struct zonefile_opts opts = { .apex = apex, .origin = origin };
	struct zonefile     *file = zonefile_parse(text, len, &opts, report);
	struct zone         *zone = report->errors == 0 ? zonefile_zone(file) : NULL;

	if (zone != NULL) {
		check_zone(zone, report);
		zonefile_locate(file, report);
	}
	zonefile_free(file);
	if (report->errors == 0)
		return zone;
	zone_free(zone);
	return NULL;
}

struct zone *
store_read_zone(struct store *store, const uint8_t *apex, const char *blob)
{
	struct zonefile_opts opts = { .apex = apex };
	struct arena        *arena = arena_new();
	struct zonefile     *file = NULL;
	struct zone         *zone = NULL;
	struct report        report;
	char                *text;
	size_t               len;

	report_init(&report);
	if (blob[0] != '\0' && repo_read(store->repo, blob, arena, &text, &len, NULL)) {
		file = zonefile_parse(text, len, &opts, &report);
		zone = zonefile_zone(file);
	}
	zonefile_free(file);
	report_done(&report);
	arena_free(arena);
	return zone;
}

void
store_put_zone(struct store *store, struct store_file *file, struct zone *zone, const char *blob, const struct log_entry *entry)
{
	zone_free(file->content.zone);
	file->content.zone = zone;
	strcpy(file->blob, blob);
	strcpy(file->good, blob);
	free(file->problem);
	file->problem = NULL;
	free(file->last);
	file->last = NULL;
	if (entry != NULL) {
		file->last = mem_alloc(sizeof *entry);
		*file->last = *entry;
	}
	serials_drop(store->serials, file->name);
	store->sink.zone(store->sink.arg, file);
}

static bool
keep_first(void *arg, const struct log_entry *entry, const char *blob, const char *parent_blob)
{
	(void)blob, (void)parent_blob;
	*(struct log_entry *)arg = *entry;
	return false;
}

const struct log_entry *
store_last(struct store *store, struct store_file *file)
{
	if (file->last == NULL) {
		file->last = mem_alloc(sizeof *file->last);
		repo_log(store->repo, file->path, keep_first, file->last, NULL);
	}
	return file->last;
}

bool
store_has_key(const struct store *store, const uint8_t *name)
{
	for (size_t i = 0; i < store->key_count; i++)
		if (name_equal(store->keys[i]->name, name))
			return true;
	return false;
}

static int
compare_paths(const void *a, const void *b)
{
	return strcmp((*(struct store_file *const *)a)->path, (*(struct store_file *const *)b)->path);
}

/* The first of the broken files, for info. */
static void
list_problems(struct store *store)
{
	struct store_file **list = mem_alloc((store->info.broken_files + 1) * sizeof *list);
	size_t              count = 0;
	struct buf          text = { 0 };

	for (size_t i = 0; i < store->bucket_count; i++)
		for (struct store_file *file = store->buckets[i]; file != NULL; file = file->next)
			if (file->blob[0] != '\0' && file->problem != NULL && count < store->info.broken_files)
				list[count++] = file;
	qsort(list, count, sizeof *list, compare_paths);
	for (size_t i = 0; i < count && i < PROBLEMS_MAX; i++) {
		const char *why = list[i]->problem->text, *rest = str_after(why, list[i]->path);

		buf_putf(&text, "%s%.*s", rest != NULL && rest[0] == ':' ? "" : list[i]->path, rest != NULL && rest[0] == ':' ? 0 : 2, ": ");
		for (size_t k = 0; why[k] != '\0' && k < PROBLEM_MAX; k++)
			buf_putc(&text, why[k] != '\n' ? why[k] : ' ');
		buf_putc(&text, '\n');
	}
	snprintf(store->info.problems, sizeof store->info.problems, "%s", buf_str(&text));
	buf_done(&text);
	free(list);
}

void
store_count(struct store *store)
{
	uint32_t zones = 0, broken = 0, accounts = 0, dead = 0, files = 0;

	for (size_t i = 0; i < store->bucket_count; i++)
		for (const struct store_file *file = store->buckets[i]; file != NULL; file = file->next) {
			bool here = file->blob[0] != '\0';

			zones += here && file->kind == FILE_ZONE;
			dead += here && file->kind == FILE_ZONE && file->content.zone == NULL;
			files += here && file->problem != NULL;
			broken += here && file->kind == FILE_ZONE && file->problem != NULL;
			accounts += here && file->kind == FILE_ACCOUNT;
		}
	store->info.zones = zones;
	store->info.broken = broken;
	store->info.accounts = accounts;
	store->info.dead = dead;
	store->info.broken_files = files;
	list_problems(store);
	strcpy(store->info.commit, store->head);
	metric_set(METRIC_ZONES, zones - broken);
	metric_set(METRIC_ZONES_BROKEN, broken);
	metric_set(METRIC_UNPUSHED, store->info.unpushed);
}
