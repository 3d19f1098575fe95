/* SPDX-License-Identifier: ISC */
/*
 * What a client asks and is told at once.  A zone that it may not see is not there.
 */
#include "store/serve_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/client_fields.h"
#include "store/identity.h"

#define LIST_LOOKUP_MS 200      /* spent on finding out who changed zones last, for one list; the rest is found out by the next */

bool
on_whoami(struct peer *peer, struct msg *msg)
{
	struct store       *store = peer->serve->store;
	struct arena       *scratch = arena_new();
	size_t              count;
	struct store_file **files = store_list(store, FILE_ZONE, scratch, &count);
	const struct store_file *own = peer->who.kind == ID_ACCOUNT ? store_find(store, FILE_ACCOUNT, peer->who.name) : NULL;
	struct buf          scope = { 0 };
	struct msg          reply;
	uint32_t            zones = 0;

	for (size_t i = 0; i < count; i++)
		zones += identity_sees(store, &peer->who, files[i]->name);
	if (peer->who.kind == ID_DEVICE)
		for (const char *dot = strchr(peer->who.name, '.'); dot != NULL; dot = strchr(dot + 1, '.'))
			policy_scope(identity_policy(store, dot + 1), &peer->who, &scope);
	reply_init(&reply, msg);
	client_put_identity(&reply, &peer->who);
	msg_put_u32(&reply, zones);
	msg_put_u32(&reply, own != NULL ? (uint32_t)own->content.account->key_count : peer->who.kind == ID_DEVICE);
	msg_put_str(&reply, buf_str(&scope));
	peer_send(peer, &reply);
	buf_done(&scope);
	arena_free(scratch);
	return msg_end(msg);
}

static void
fill_info(struct store *store, struct store_file *file, const struct identity *who, bool look_up, struct zone_info *out)
{
	const struct zone *zone = file->content.zone;

	*out = (struct zone_info){ .broken = file->problem != NULL, .access = identity_access(store, who, file->name) };
	snprintf(out->name, sizeof out->name, "%s", file->name);
	if (zone != NULL) {
		out->rrs = zone_rr_count(zone);
		out->serial = zone_serial(zone);
	}
	if (file->problem != NULL)
		snprintf(out->problem, sizeof out->problem, "%s", file->problem->text);
	if (file->last != NULL || look_up) {
		const struct log_entry *last = store_last(store, file);

		out->changed_s = last->time_s;
		snprintf(out->changed_by, sizeof out->changed_by, "%s", last->author);
	}
}

bool
on_zone_list(struct peer *peer, struct msg *msg)
{
	struct store       *store = peer->serve->store;
	struct arena       *scratch = arena_new();
	size_t              count, seen = 0;
	struct store_file **files = store_list(store, FILE_ZONE, scratch, &count);
	int64_t             until = loop_now_ms() + LIST_LOOKUP_MS;
	struct zone_info    info;
	struct msg          reply;

	for (size_t i = 0; i < count; i++)
		if (identity_access(store, &peer->who, files[i]->name) != ACCESS_NONE)
			files[seen++] = files[i];
	reply_init(&reply, msg);
	msg_put_u32(&reply, (uint32_t)seen);
	for (size_t i = 0; i < seen; i++) {
		fill_info(store, files[i], &peer->who, loop_now_ms() < until, &info);
		client_put_zone_info(&reply, &info);
	}
	peer_send(peer, &reply);
	arena_free(scratch);
	return msg_end(msg);
}

/* ---- one zone ---- */

/* The name of a zone as a client wrote it, as files are called; ERR_NOTFOUND also when the client may not know of it. */
static bool
zone_visible(struct peer *peer, const char *text, char name[static NAME_TEXT_MAX], struct err *err)
{
	uint8_t wire[NAME_SIZE];

	if (!name_parse_zone(wire, text, err))
		return false;
	name_print_zone(name, wire);
	if (identity_access(peer->serve->store, &peer->who, name) != ACCESS_NONE)
		return true;
	err_set(err, ERR_NOTFOUND, "no zone %s", name);
	return err_hint(err, "zone list shows those that you may see");
}

/* Which commit and blob: those of AT, or the newest. */
static bool
find_version(struct store *store, const char *name, const char *at, struct zone_doc *doc, struct err *err)
{
	struct store_file *file = store_find(store, FILE_ZONE, name);
	char               path[NAME_TEXT_MAX];

	file_zone_path(path, name);
	if (at[0] != '\0')
		return repo_resolve(store->repo, at, doc->commit, err) &&
		    repo_find(store->repo, doc->commit, file != NULL ? file->path : path, doc->blob, err);
	if (file == NULL || file->blob[0] == '\0') {
		err_set(err, ERR_NOTFOUND, "no zone %s", name);
		return err_hint(err, "zone list shows those that you may see");
	}
	strcpy(doc->blob, file->blob);
	strcpy(doc->commit, store_last(store, file)->commit);
	doc->serial = file->content.zone != NULL ? zone_serial(file->content.zone) : 0;
	doc->broken = file->problem != NULL;
	if (doc->broken)
		doc->problem = *file->problem;
	return true;
}

/* An old version: its serial, and whether it loads. */
static void
judge_version(const char *name, struct zone_doc *doc)
{
	struct report report;
	struct zone  *zone;
	uint8_t       apex[NAME_SIZE];

	report_init(&report);
	zone = name_parse_zone(apex, name, NULL) ? store_parse_zone(apex, NULL, doc->text, doc->len, &report) : NULL;
	doc->broken = !report_err(&report, name, &doc->problem);
	doc->serial = zone != NULL ? zone_serial(zone) : 0;
	zone_free(zone);
	report_done(&report);
}

bool
on_zone_get(struct peer *peer, struct msg *msg)
{
	const char     *zone = msg_get_str(msg), *at = msg_get_str(msg);
	struct store   *store = peer->serve->store;
	struct arena   *scratch = arena_new();
	struct zone_doc doc = { 0 };
	struct err      err = { 0 };
	char            name[NAME_TEXT_MAX];
	struct msg      reply;
	bool            good = msg_end(msg);

	if (good && zone_visible(peer, zone, name, &err) && find_version(store, name, at, &doc, &err) &&
	    repo_read(store->repo, doc.blob, scratch, &doc.text, &doc.len, &err)) {
		if (at[0] != '\0')
			judge_version(name, &doc);
		doc.access = identity_access(store, &peer->who, name);
		reply_init(&reply, msg);
		client_put_zone_doc(&reply, &doc);
		peer_send(peer, &reply);
	} else if (good) {
		reply_err(peer, msg->id, &err, NULL);
	}
	arena_free(scratch);
	return good;
}

/* ---- the whole ---- */

bool
on_status(struct peer *peer, struct msg *msg)
{
	struct info info = peer->serve->store->info;
	struct msg  reply;

	info.dns_live = publish_all_live(peer->serve);
	if (!peer->who.admin)
		info.problems[0] = info.conflict[0] = '\0';     /* of zones that they may not see */
	reply_init(&reply, msg);
	client_put_info(&reply, &info);
	peer_send(peer, &reply);
	return msg_end(msg);
}

bool
on_fetch(struct peer *peer, struct msg *msg)
{
	const char *from = msg_get_str(msg), *what = msg_get_str(msg), *at = peer->kind == PEER_CLIENT ? peer->who.from : from;
	struct err  err = { 0 };
	char        why[256];

	if (!msg_end(msg))
		return false;
	if (peer->kind == PEER_CLIENT && peer->who.kind != ID_ADMIN && !peer->who.admin) {
		err_set(&err, ERR_DENIED, "only administrators may make the server fetch");
		reply_err(peer, msg->id, &err, NULL);
		return true;
	}
	snprintf(why, sizeof why, "%s%s%s", what, at[0] != '\0' ? " from " : "", at);
	if (sync_fetch(peer->serve->sync, why, &err))
		reply_ok(peer, msg);
	else
		reply_err(peer, msg->id, &err, NULL);
	return true;
}

bool
on_watch(struct peer *peer, struct msg *msg)
{
	peer->watching = true;
	reply_ok(peer, msg);
	return msg_end(msg);
}

void
client_event(void *arg, const struct client_event *event)
{
	struct serve *serve = arg;

	for (struct peer *peer = serve->peers, *next; peer != NULL; peer = next) {
		struct msg msg;

		next = peer->next;
		if (!peer->watching || peer->dead || !identity_refresh(serve->store, &peer->who, NULL) ||
		    identity_access(serve->store, &peer->who, event->zone) == ACCESS_NONE)
			continue;
		msg_init(&msg, MSG_EVENT, 0);
		client_put_event(&msg, event);
		peer_send(peer, &msg);
	}
}
