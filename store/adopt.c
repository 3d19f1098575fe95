/* SPDX-License-Identifier: ISC */
/*
 * Taking over what main holds: all of it at the start, what changed later.
 *
 * First it is found out which files differ, so that a repository that cannot be read changes nothing; then they are read, then
 * the serials are made durable, then the sink is told: a serial that was served is never forgotten.
 */
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/load.h"
#include "zone/serial.h"

#define PROGRESS_EVERY 10000
#define VERSIONS_MAX   50       /* of a zone, looked at for the serials they were served with */
#define EVENTS_MAX     100      /* zones of one adoption of which people hear who changed them */

struct difference { const char *path, *blob; };

struct adoption {
	struct store       *store;
	struct arena       *arena;
	struct difference  *differences;        /* not at the start */
	size_t              difference_count, difference_cap;
	struct store_file **touched;
	size_t              count, cap;
	bool                keys;
	bool                starting;
};

static void
touch(struct adoption *adoption, struct store_file *file)
{
	mem_grow(&adoption->touched, &adoption->cap, adoption->count + 1, sizeof(struct store_file *));
	adoption->touched[adoption->count++] = file;
	adoption->keys = adoption->keys || file->kind == FILE_KEYS;
}

/* FILE is no longer in main. */
static void
file_gone(struct store *store, struct store_file *file)
{
	if (file->kind == FILE_ZONE && file->content.zone != NULL)
		serials_set(store->serials, file->name, zone_serial(file->content.zone), "");
	file->blob[0] = file->good[0] = '\0';
	content_done(&file->content);
	free(file->problem);
	file->problem = NULL;
	store->idents_stale = store->idents_stale || file->kind == FILE_ACCOUNT || file->kind == FILE_POLICY;
}

/* A new version of a zone while we run: what was served before is in memory. */
static void
zone_version(struct store *store, struct store_file *file, const char *blob, enum load_outcome *outcome)
{
	struct zone *previous = file->content.zone;
	uint32_t     floor = previous != NULL ? zone_serial(previous) : 0;
	char         gone[OID_TEXT_MAX];
	bool         known = previous != NULL || serials_find(store->serials, file->name, &floor, gone);

	file->content.zone = NULL;
	*outcome = load_file(store, file, blob);
	if (*outcome != LOAD_GOOD) {
		file->content.zone = previous;
		return;
	}
	if (known)
		load_serial(store, file, previous, floor);
	zone_free(previous);
}

static bool
on_file(void *arg, const char *path, const char *old_blob, const char *new_blob)
{
	struct adoption   *adoption = arg;
	struct store      *store = adoption->store;
	char               name[NAME_TEXT_MAX];
	enum file_kind     kind = file_kind(path, name);
	enum load_outcome  outcome = LOAD_GOOD;
	struct store_file *file;

	(void)old_blob;
	if (kind == FILE_OTHER)
		return true;
	file = new_blob[0] != '\0' ? store_add(store, kind, name, path) : store_find(store, kind, name);
	if (file == NULL || strcmp(file->blob, new_blob) == 0)
		return true;
	if (strcmp(file->path, path) != 0) {
		if (file->blob[0] != '\0') {
			log_warn("file %s: is the same as %s, and ignored", path, file->path);
			return true;
		}
		free(file->path);
		file->path = mem_strdup(path);
	}
	if (new_blob[0] == '\0')
		file_gone(store, file);
	else if (kind == FILE_ZONE && !adoption->starting)
		zone_version(store, file, new_blob, &outcome);
	else
		outcome = load_file(store, file, new_blob);

	if (outcome == LOAD_NOTHING)
		file_gone(store, file);
	else if (outcome == LOAD_BROKEN && file->good[0] == '\0')
		load_from_history(store, file);
	touch(adoption, file);
	return true;
}

/* ---- telling ---- */

static void
tell_event(struct store *store, struct store_file *file)
{
	const struct log_entry *entry = store_last(store, file);
	struct client_event     event = { .serial = zone_serial(file->content.zone) };

	log_info("zone %s: serial %u is live, commit %.12s by %s", file->name, event.serial, entry->commit, entry->author);
	strcpy(event.zone, file->name);
	strcpy(event.commit, entry->commit);
	strcpy(event.who, entry->author);
	strcpy(event.via, entry->via);
	strcpy(event.subject, entry->subject);
	store->sink.event(store->sink.arg, &event);
}

static void
tell(struct adoption *adoption)
{
	struct store *store = adoption->store;

	if (adoption->keys) {
		load_keys(store);
		store->sink.keys(store->sink.arg);
	}
	for (size_t i = 0; i < adoption->count; i++) {
		struct store_file *file = adoption->touched[i];

		if (file->kind == FILE_ZONE && !adoption->starting && i < EVENTS_MAX && file->content.zone != NULL &&
		    file->problem == NULL)
			tell_event(store, file);
		if (file->kind == FILE_ZONE && !adoption->starting && file->blob[0] == '\0')
			log_info("zone %s: gone, commit %.12s has no file of it", file->name, store->head);
		if (file->kind == FILE_ZONE)
			store->sink.zone(store->sink.arg, file);
		else if (file->blob[0] == '\0')
			store_forget(store, file);
	}
	store->sink.main(store->sink.arg);
}

static void
finish(struct adoption *adoption, const char *head)
{
	struct store *store = adoption->store;
	struct err    why = { 0 };

	strcpy(store->head, head);
	serials_set_main(store->serials, head);
	if (!serials_save(store->serials, &why))
		log_warn("serials: %s", why.text);
	store_count(store);
	tell(adoption);
	free(adoption->touched);
	arena_free(adoption->arena);
}

/* ---- at the start ---- */

struct earlier {
	struct store_file *file;
	struct store      *store;
	const char        *until;       /* the blob that was served when the serials were written */
	struct zone       *previous;    /* the version before that of main */
	uint32_t           floor;
	unsigned           left;
};

/* A version between the last that is known to have been served and the one of main: it may have been served. */
static bool
earlier_version(void *arg, const struct log_entry *entry, const char *blob, const char *parent_blob)
{
	struct earlier *earlier = arg;
	struct zone    *zone;

	(void)entry, (void)parent_blob;
	if (strcmp(blob, earlier->file->blob) == 0)
		return true;
	zone = store_read_zone(earlier->store, earlier->file->apex, blob);
	if (zone != NULL && (earlier->previous == NULL || serial_newer(zone_serial(zone), earlier->floor)))
		earlier->floor = zone_serial(zone);
	if (zone != NULL && earlier->previous == NULL)
		earlier->previous = zone;
	else
		zone_free(zone);
	return --earlier->left > 0 && strcmp(blob, earlier->until) != 0;
}

/* A file that changed after the serials were written: while no store ran, or shortly before one died. */
static bool
changed_since(void *arg, const char *path, const char *old_blob, const char *new_blob)
{
	struct store      *store = arg;
	char               name[NAME_TEXT_MAX], blob[OID_TEXT_MAX];
	struct store_file *file = file_kind(path, name) == FILE_ZONE ? store_find(store, FILE_ZONE, name) : NULL;
	struct earlier     earlier = { .file = file, .store = store, .until = old_blob, .left = VERSIONS_MAX };
	uint32_t           served;

	if (old_blob[0] == '\0' || (file == NULL && new_blob[0] != '\0'))
		return true;
	if (file == NULL || file->content.zone == NULL || file->problem != NULL)
		return true;
	repo_log(store->repo, file->path, earlier_version, &earlier, NULL);
	if (serials_find(store->serials, name, &served, blob) && serial_newer(served, earlier.floor))
		earlier.floor = served;
	if (earlier.previous != NULL)
		load_serial(store, file, earlier.previous, earlier.floor);
	zone_free(earlier.previous);
	return true;
}

/* Serve the serials that were served before. */
static void
restore_serials(struct adoption *adoption, const char *head)
{
	struct store *store = adoption->store;
	const char   *main = serials_main(store->serials);
	uint32_t      serial;
	char          blob[OID_TEXT_MAX];

	if (main[0] != '\0' && strcmp(main, head) != 0 && !repo_diff(store->repo, main, head, changed_since, store, NULL))
		log_warn("serials: commit %.12s, last served, is not known any more", main);
	for (size_t i = 0; i < adoption->count; i++) {
		struct store_file *file = adoption->touched[i];

		if (file->kind != FILE_ZONE || file->content.zone == NULL || !serials_find(store->serials, file->name, &serial, blob) ||
		    serial == zone_serial(file->content.zone))
			continue;
		load_serial(store, file, strcmp(blob, file->good) == 0 ? file->content.zone : NULL, serial);
	}
}

static bool
on_first(void *arg, const char *path, const char *blob)
{
	struct adoption *adoption = arg;

	if (adoption->count != 0 && adoption->count % PROGRESS_EVERY == 0)
		log_info("store: %zu files are loaded", adoption->count);
	return on_file(adoption, path, "", blob);
}

/* An empty repository has no branch yet; one with others is served in vain. */
static void
warn_no_branch(struct store *store)
{
	char branches[256];

	repo_branches(store->repo, branches, sizeof branches);
	if (branches[0] != '\0')
		log_warn("repo: branch %s does not exist, there are: %s", conf_str(store->conf, branch), branches);
}

bool
store_load(struct store *store, struct err *err)
{
	struct adoption adoption = { .store = store, .starting = true };
	char            head[OID_TEXT_MAX];

	if (!repo_head(store->repo, head, err) || !repo_files(store->repo, head, on_first, &adoption, err)) {
		free(adoption.touched);
		return false;
	}
	if (head[0] == '\0')
		warn_no_branch(store);
	restore_serials(&adoption, head);
	adoption.keys = true;
	finish(&adoption, head);
	return true;
}

/* ---- later ---- */

/* Main went back or aside: that is allowed to who may write to the repository itself, but not what people expect. */
static void
warn_rewritten(struct store *store, const char *head)
{
	char base[OID_TEXT_MAX];

	if (store->head[0] != '\0' && repo_merge_base(store->repo, store->head, head, base, NULL) && strcmp(base, store->head) != 0)
		log_warn("repo: main was rewritten: %.12s does not follow %.12s", head, store->head);
}

static bool
on_difference(void *arg, const char *path, const char *old_blob, const char *new_blob)
{
	struct adoption *adoption = arg;

	(void)old_blob;
	mem_grow(&adoption->differences, &adoption->difference_cap, adoption->difference_count + 1, sizeof *adoption->differences);
	adoption->differences[adoption->difference_count++] = (struct difference){
		arena_strdup(adoption->arena, path), arena_strdup(adoption->arena, new_blob) };
	return true;
}

static bool
on_present(void *arg, const char *path, const char *blob)
{
	return on_difference(arg, path, "", blob);
}

/* Compare with all of HEAD, when the commit that memory reflects is no longer in the repository. */
static bool
find_all(struct adoption *adoption, const char *head, struct err *err)
{
	struct store *store = adoption->store;
	char          blob[OID_TEXT_MAX];

	adoption->difference_count = 0;
	if (!repo_files(store->repo, head, on_present, adoption, err))
		return false;
	for (enum file_kind kind = FILE_ZONE; kind <= FILE_POLICY; kind++) {
		size_t              count;
		struct store_file **files = store_list(store, kind, adoption->arena, &count);

		for (size_t i = 0; i < count; i++)
			if (!repo_find(store->repo, head, files[i]->path, blob, NULL))
				on_difference(adoption, files[i]->path, files[i]->blob, "");
	}
	return true;
}

/* What is gone goes first: it may be there again under a name in other case. */
static void
take_over(struct adoption *adoption)
{
	for (int gone = 1; gone >= 0; gone--)
		for (size_t i = 0; i < adoption->difference_count; i++)
			if ((adoption->differences[i].blob[0] == '\0') == gone)
				on_file(adoption, adoption->differences[i].path, "", adoption->differences[i].blob);
}

bool
store_adopt(struct store *store, struct err *err)
{
	struct adoption adoption = { .store = store };
	char            head[OID_TEXT_MAX];
	bool            good;

	if (!repo_head(store->repo, head, err))
		return false;
	if (strcmp(head, store->head) == 0)
		return true;
	warn_rewritten(store, head);
	adoption.arena = arena_new();
	good = repo_diff(store->repo, store->head, head, on_difference, &adoption, NULL) || find_all(&adoption, head, err);
	if (good)
		take_over(&adoption);
	free(adoption.differences);
	if (!good) {
		arena_free(adoption.arena);
		return false;
	}
	log_info("repo: main is at %.12s, %zu file%s changed", head, adoption.count, adoption.count == 1 ? "" : "s");
	finish(&adoption, head);
	return true;
}
