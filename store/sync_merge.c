/* SPDX-License-Identifier: ISC */
/*
 * Main and the remote's branch moved apart: one merge of them, file by file.
 *
 * A file that one side changed is that side's.  Zones that both changed merge RRset by RRset.  Of other files that both changed, ours stays.
 */
#include "store/sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "store/merge.h"
#include "store/note.h"
#include "zone/check.h"
#include "zone/serial.h"
#include "zone/zonefile.h"

#define LOG_MAX    100  /* commits looked at for who changed an RRset */
#define VALUES_MAX 200  /* bytes of an RRset in a message, about */
#define TOLD_MAX   50   /* conflicts in a commit message */
#define LOOKUP_MAX 50   /* conflicts of one merge that this is done for; of more, ours stays */

struct file_change { const char *path, *base, *theirs; };

struct sync_merge {
	struct store       *store;
	struct arena       *arena;
	struct file_change *changes;
	size_t              count, cap;
	struct repo_write  *writes;
	size_t              write_count;
	unsigned            lookups, conflicts;
	char                conflict[400];      /* the first of them */
};

/* One zone that both sides changed. */
struct zone_merge {
	struct sync_merge *merge;
	const char        *path, *name;
	uint8_t            apex[NAME_SIZE];
	const struct zone *ours, *theirs;
	struct buf         told;                /* conflicts, for the commit */
	unsigned           told_count;
};

static bool
on_change(void *arg, const char *path, const char *old_blob, const char *new_blob)
{
	struct sync_merge *merge = arg;

	mem_grow(&merge->changes, &merge->cap, merge->count + 1, sizeof *merge->changes);
	merge->changes[merge->count++] = (struct file_change){
		arena_strdup(merge->arena, path), arena_strdup(merge->arena, old_blob), arena_strdup(merge->arena, new_blob) };
	return true;
}

static void
add_write(struct sync_merge *merge, const char *path, const char *text, size_t len, const char *body)
{
	merge->writes[merge->write_count++] = (struct repo_write){
		.path = path, .text = text, .text_len = len, .author = "zonesh", .email = "zonesh@localhost", .time_s = time(NULL),
		.message = arena_printf(merge->arena, "git: merge %s with the remote\n\n%s%sZone: %s\nActor: zonesh\nVia: git\n", path, body,
		    body[0] != '\0' ? "\n" : "", path),
	};
}

/* ---- zones ---- */

struct who_changed { struct zone_merge *zone; const uint8_t *owner; uint16_t type; bool machine; unsigned left; };

static bool
changes_set(struct store *store, const uint8_t *apex, const char *a, const char *b, const uint8_t *owner, uint16_t type)
{
	struct zone  *before = store_read_zone(store, apex, a), *after = store_read_zone(store, apex, b);
	struct arena *scratch = arena_new();
	struct diff  *diff = before != NULL || after != NULL ? diff_zones(scratch, before, after) : NULL;
	bool          found = false;

	for (size_t i = 0; diff != NULL && i < diff->count && !found; i++)
		found = diff->items[i].rr.type == type && name_equal(diff->items[i].rr.owner, owner);
	zone_free(before);
	zone_free(after);
	arena_free(scratch);
	return found;
}

static bool
find_changer(void *arg, const struct log_entry *entry, const char *blob, const char *parent_blob)
{
	struct who_changed *who = arg;

	if (changes_set(who->zone->merge->store, who->zone->apex, parent_blob, blob, who->owner, who->type)) {
		who->machine = note_by_machine(entry);
		return false;
	}
	return --who->left > 0;
}

/* What ZONE has for OWNER and TYPE: "192.0.2.1, 192.0.2.2", or "nothing". */
static void
put_values(struct buf *out, const struct zone_merge *zone, const struct zone *of, const uint8_t *owner, uint16_t type)
{
	size_t         start = out->len;
	struct rrset   set;
	const uint8_t *rdata;
	uint16_t       rdlen;

	if (!zone_find(of, owner, type, &set) || set.count == 0) {
		buf_puts(out, "nothing");
		return;
	}
	for (uint32_t at = 0; rrset_next(&set, &at, &rdata, &rdlen);) {
		if (out->len - start > VALUES_MAX) {
			buf_puts(out, ", ...");
			break;
		}
		buf_puts(out, out->len != start ? ", " : "");
		rdata_print(out, type, rdata, rdlen, zone->apex);
	}
}

/* TEXT says what one side changed in vain: in the log, and for status. */
static void
tell_conflict(struct sync_merge *merge, const char *text)
{
	log_warn("remote: conflict: %s", text);
	if (merge->conflicts++ == 0)
		snprintf(merge->conflict, sizeof merge->conflict, "%s", text);
}

/* A conflict: the remote's where ours was a machine's doing. */
static bool
pick_theirs(void *arg, const uint8_t *owner, uint16_t type)
{
	struct zone_merge *zone = arg;
	struct who_changed who = { zone, owner, type, false, LOG_MAX };
	char               name[NAME_TEXT_MAX], type_text[16];
	struct buf         text = { 0 };

	if (zone->merge->lookups++ < LOOKUP_MAX)
		repo_log(zone->merge->store->repo, zone->path, find_changer, &who, NULL);
	name_print_rel(name, owner, zone->apex);
	buf_putf(&text, "zone %s: %s %s changed here to ", zone->name, name, rr_type_print(type_text, type));
	put_values(&text, zone, zone->ours, owner, type);
	buf_puts(&text, " and at the remote to ");
	put_values(&text, zone, zone->theirs, owner, type);
	buf_putf(&text, ": %s is dropped", who.machine ? "what was here" : "the remote's");
	tell_conflict(zone->merge, buf_str(&text));
	if (zone->told_count++ < TOLD_MAX)
		buf_putf(&zone->told, "  %s\n", buf_str(&text));
	buf_done(&text);
	return who.machine;
}

/* The zone of a whole and sound text, with the serial that comes after all that anybody has seen; NULL when it fails the checks. */
static struct zone *
merged_zone(struct zone_merge *zone, const struct zone *base, const struct zone *ours, const struct zone *theirs)
{
	const struct store_file *file = store_find(zone->merge->store, FILE_ZONE, zone->name);
	struct merge_conflicts   conflicts = { .arena = zone->merge->arena };
	struct zone             *merged = merge_zones(base, ours, theirs, pick_theirs, zone, &conflicts), *result;
	uint32_t                 serial = zone_serial(merged);
	struct report            report;

	if (file != NULL && file->content.zone != NULL && serial_newer(zone_serial(file->content.zone), serial))
		serial = zone_serial(file->content.zone);
	result = zone_with_serial(merged, serial_next(serial, serial_day(time(NULL))));
	zone_free(merged);
	report_init(&report);
	check_zone(result, &report);
	if (report.errors != 0) {
		zone_free(result);
		result = NULL;
	}
	report_done(&report);
	return result;
}

static struct zonefile *
read_file(struct zone_merge *zone, const char *blob)
{
	struct zonefile_opts opts = { .apex = zone->apex };
	struct report        report;
	struct zonefile     *file = NULL;
	char                *text;
	size_t               len;

	report_init(&report);
	if (repo_read(zone->merge->store->repo, blob, zone->merge->arena, &text, &len, NULL))
		file = zonefile_parse(text, len, &opts, &report);
	if (report.errors != 0) {
		zonefile_free(file);
		file = NULL;
	}
	report_done(&report);
	return file;
}

static bool
write_merged(struct zone_merge *zone, const struct zonefile *file, const struct zone *ours, const struct zone *result)
{
	struct buf text = { 0 };

	zonefile_edit(&text, file, diff_zones(zone->merge->arena, ours, result));
	if (zone->told_count > TOLD_MAX)
		buf_putf(&zone->told, "  and %u more conflicts\n", zone->told_count - TOLD_MAX);
	add_write(zone->merge, zone->path, arena_strndup(zone->merge->arena, buf_str(&text), text.len), text.len, buf_str(&zone->told));
	buf_done(&text);
	return true;
}

/* False when the zone cannot be merged: ours stays as a whole. */
static bool
merge_zone(struct sync_merge *merge, const struct file_change *change, const char *name, const char *ours_blob)
{
	struct zone_merge zone = { .merge = merge, .path = change->path, .name = name };
	struct zonefile  *file = NULL, *their_file = NULL;
	struct zone      *base = NULL, *ours = NULL, *theirs = NULL, *result = NULL;
	bool              done = false;

	if (!name_parse_zone(zone.apex, name, NULL) || change->theirs[0] == '\0' || ours_blob[0] == '\0')
		return false;
	base = change->base[0] != '\0' ? store_read_zone(merge->store, zone.apex, change->base) : NULL;
	file = read_file(&zone, ours_blob);
	their_file = read_file(&zone, change->theirs);
	if (base != NULL && file != NULL && their_file != NULL) {
		zone.ours = ours = zonefile_zone(file);
		zone.theirs = theirs = zonefile_zone(their_file);
		result = merged_zone(&zone, base, ours, theirs);
		done = result != NULL && write_merged(&zone, file, ours, result);
	}
	zonefile_free(file);
	zonefile_free(their_file);
	zone_free(base);
	zone_free(ours);
	zone_free(theirs);
	zone_free(result);
	buf_done(&zone.told);
	return done;
}

/* ---- files ---- */

static bool
take_theirs(struct sync_merge *merge, const struct file_change *change, struct err *err)
{
	char  *text = NULL;
	size_t len = 0;

	if (change->theirs[0] != '\0' && !repo_read(merge->store->repo, change->theirs, merge->arena, &text, &len, err))
		return false;
	add_write(merge, change->path, text, len, "");
	return true;
}

static bool
merge_file(struct sync_merge *merge, const struct file_change *change, struct err *err)
{
	struct store *store = merge->store;
	char          ours[OID_TEXT_MAX] = "", name[NAME_TEXT_MAX];

	if (!repo_find(store->repo, store->head, change->path, ours, NULL))
		ours[0] = '\0';
	if (strcmp(ours, change->theirs) == 0)
		return true;
	if (strcmp(ours, change->base) == 0)
		return take_theirs(merge, change, err);
	if (file_kind(change->path, name) == FILE_ZONE && merge_zone(merge, change, name, ours))
		return true;
	tell_conflict(merge, arena_printf(merge->arena, "file %s changed here and at the remote: the remote's is dropped", change->path));
	return true;
}

bool
sync_merge(struct store *store, const char *base, const char *theirs, struct err *err)
{
	struct sync_merge merge = { .store = store, .arena = arena_new() };
	char              main[OID_TEXT_MAX];
	bool              good = repo_diff(store->repo, base, theirs, on_change, &merge, err);

	merge.writes = arena_array(merge.arena, merge.count + 1, sizeof *merge.writes);
	for (size_t i = 0; i < merge.count && good; i++)
		good = merge_file(&merge, &merge.changes[i], err);
	good = good && repo_merge(store->repo, store->head, theirs, merge.writes, merge.write_count, main, err) && store_adopt(store, err);
	if (good) {
		store->info.conflict_s = merge.conflicts != 0 ? time(NULL) : 0;
		snprintf(store->info.conflict, sizeof store->info.conflict, "%s", merge.conflict);
		if (merge.conflicts > 1)
			snprintf(store->info.conflict, sizeof store->info.conflict, "%s (and %u more)", merge.conflict, merge.conflicts - 1);
	}
	free(merge.changes);
	arena_free(merge.arena);
	return good;
}
