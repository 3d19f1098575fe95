/* SPDX-License-Identifier: ISC */
/*
 * History: who changed what.
 */
#include "store/serve_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/client_fields.h"
#include "store/identity.h"
#include "store/note.h"

#define LIMIT_MAX     1000
#define WALK_MAX      100000    /* commits looked at for one query */
#define WALK_ZONE_MAX 2000      /* the same, when each has to be read as zones */
#define WALK_MS       500       /* nobody else is served meanwhile; what was found until then is the answer */

struct history {
	struct peer            *peer;
	const struct log_query *query;
	struct arena           *arena;
	uint8_t                 apex[NAME_SIZE], owner[NAME_SIZE];
	uint16_t                type;           /* 0: any */
	bool                    of_owner;
	struct zone            *cached;         /* of the blob below: the older one of the commit before, which is the newer of the next */
	char                    cached_blob[OID_TEXT_MAX];
	uint32_t                skip, walked, walk_max;
	int64_t                 until_ms;
	struct log_entry       *entries;
	size_t                  count, cap;
};

static struct zone *
read_cached(struct history *history, const char *blob)
{
	struct zone *zone = history->cached;

	if (strcmp(blob, history->cached_blob) != 0)
		return store_read_zone(history->peer->serve->store, history->apex, blob);
	history->cached = NULL;
	history->cached_blob[0] = '\0';
	return zone;
}

/* Did the commit touch the RRset (or any of the owner) that is asked for? */
static bool
touches(struct history *history, const char *blob, const char *parent_blob)
{
	struct zone  *now = read_cached(history, blob), *before = store_read_zone(history->peer->serve->store, history->apex, parent_blob);
	struct arena *scratch = arena_new();
	struct diff  *diff = now != NULL || before != NULL ? diff_zones(scratch, before, now) : NULL;
	bool          found = false;

	for (size_t i = 0; diff != NULL && i < diff->count && !found; i++)
		found = (!history->of_owner || name_equal(diff->items[i].rr.owner, history->owner)) &&
		    (history->type == 0 || diff->items[i].rr.type == history->type);
	zone_free(now);
	zone_free(history->cached);
	history->cached = before;
	snprintf(history->cached_blob, sizeof history->cached_blob, "%s", parent_blob);
	arena_free(scratch);
	return found;
}

static bool
may_see(const struct history *history, const struct log_entry *entry)
{
	const struct identity *who = &history->peer->who;

	return who->kind == ID_ADMIN || who->admin || identity_access(history->peer->serve->store, who, entry->zone) != ACCESS_NONE;
}

static bool
collect(void *arg, const struct log_entry *entry, const char *blob, const char *parent_blob)
{
	struct history *history = arg;

	if (++history->walked > history->walk_max || loop_now_ms() > history->until_ms)
		return false;
	if (!may_see(history, entry) || (history->query->people && note_by_machine(entry)))
		return true;
	if ((history->of_owner || history->type != 0) && !touches(history, blob, parent_blob))
		return true;
	if (history->skip > 0) {
		history->skip--;
		return true;
	}
	mem_grow(&history->entries, &history->cap, history->count + 1, sizeof *entry);
	history->entries[history->count++] = *entry;
	return history->count < history->query->limit;
}

static bool
zone_known(const struct peer *peer, const char *text, uint8_t apex[static NAME_SIZE], char name[static NAME_TEXT_MAX], struct err *err)
{
	if (!name_parse_zone(apex, text, err))
		return false;
	name_print_zone(name, apex);
	if (identity_access(peer->serve->store, &peer->who, name) != ACCESS_NONE)
		return true;
	err_set(err, ERR_NOTFOUND, "no zone %s", name);
	return err_hint(err, "zone list shows those that you may see");
}

/* The path to walk: "" is all files. */
static bool
prepare(struct history *history, char path[static NAME_TEXT_MAX], struct err *err)
{
	const struct log_query  *query = history->query;
	const struct store_file *file;
	char                     name[NAME_TEXT_MAX];

	path[0] = '\0';
	history->skip = query->skip;
	history->of_owner = query->owner[0] != '\0';
	if (query->limit == 0 || query->limit > LIMIT_MAX)
		return err_set(err, ERR_RANGE, "a limit of %u is not between 1 and %d", query->limit, LIMIT_MAX);
	if (query->zone[0] == '\0' && (history->of_owner || query->type[0] != '\0'))
		return err_set(err, ERR_USAGE, "a name or type needs a zone");
	if (query->zone[0] == '\0')
		return true;
	if (!zone_known(history->peer, query->zone, history->apex, name, err))
		return false;
	file = store_find(history->peer->serve->store, FILE_ZONE, name);
	file_zone_path(path, name);
	if (file != NULL)
		snprintf(path, NAME_TEXT_MAX, "%s", file->path);
	return (!history->of_owner || name_parse_user(history->owner, query->owner, history->apex, err)) &&
	    (query->type[0] == '\0' || rr_type_parse(&history->type, query->type, err));
}

static void
reply_entries(struct peer *peer, const struct msg *request, const struct history *history)
{
	struct msg reply;

	reply_init(&reply, request);
	msg_put_u32(&reply, (uint32_t)history->count);
	for (size_t i = 0; i < history->count; i++)
		client_put_log_entry(&reply, &history->entries[i]);
	peer_send(peer, &reply);
}

bool
on_log(struct peer *peer, struct msg *msg)
{
	struct log_query query;
	struct history   history = { .peer = peer, .query = &query, .until_ms = loop_now_ms() + WALK_MS };
	struct err       err = { 0 };
	char             path[NAME_TEXT_MAX];

	if (!client_get_log_query(msg, &query) || !msg_end(msg))
		return false;
	history.walk_max = query.owner[0] != '\0' || query.type[0] != '\0' ? WALK_ZONE_MAX : WALK_MAX;
	if (prepare(&history, path, &err) && repo_log(peer->serve->store->repo, path[0] != '\0' ? path : NULL, collect, &history, &err))
		reply_entries(peer, msg, &history);
	else
		reply_err(peer, msg->id, &err, NULL);
	zone_free(history.cached);
	free(history.entries);
	return true;
}

/* ---- one commit ---- */

static void
put_difference(struct store *store, const uint8_t *apex, const char *old_blob, const char *new_blob, struct buf *out)
{
	struct arena *scratch = arena_new();
	struct zone  *before = store_read_zone(store, apex, old_blob), *now = store_read_zone(store, apex, new_blob);

	if (before != NULL || now != NULL)
		diff_print(out, diff_zones(scratch, before, now));
	zone_free(before);
	zone_free(now);
	arena_free(scratch);
}

bool
on_commit_get(struct peer *peer, struct msg *msg)
{
	const char             *zone = msg_get_str(msg), *prefix = msg_get_str(msg);
	struct store           *store = peer->serve->store;
	uint8_t                 apex[NAME_SIZE];
	char                    name[NAME_TEXT_MAX], commit[OID_TEXT_MAX], blob[OID_TEXT_MAX], parent_blob[OID_TEXT_MAX];
	struct log_entry        entry = { 0 };
	const struct store_file *file;
	struct err              err = { 0 };
	struct buf              text = { 0 };
	struct msg              reply;

	if (!msg_end(msg))
		return false;
	if (!zone_known(peer, zone, apex, name, &err) || !repo_resolve(store->repo, prefix, commit, &err)) {
		reply_err(peer, msg->id, &err, NULL);
		return true;
	}
	file = store_find(store, FILE_ZONE, name);
	if (!repo_entry(store->repo, commit, file != NULL ? file->path : name, &entry, blob, parent_blob, &err)) {
		reply_err(peer, msg->id, &err, NULL);
		return true;
	}
	if (strcmp(blob, parent_blob) == 0) {
		err_set(&err, ERR_NOTFOUND, "commit %.12s does not change %s", commit, name);
		reply_err(peer, msg->id, &err, NULL);
		return true;
	}
	put_difference(store, apex, parent_blob, blob, &text);
	reply_init(&reply, msg);
	client_put_log_entry(&reply, &entry);
	msg_put_blob(&reply, text.data, text.len);
	peer_send(peer, &reply);
	buf_done(&text);
	return true;
}
