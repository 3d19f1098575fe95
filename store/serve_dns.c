/* SPDX-License-Identifier: ISC */
/*
 * Publishing to dns.
 *
 * What dns does not know yet stands in a list, oldest first; it is sent as fast as dns takes it, so that 100,000 zones fill no
 * queue.  Each entry has a version of its own, rising along the list: when dns says that a version is live, so is all before it.
 */
#include "store/serve_private.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "zone/image.h"

#define UNREAD_MAX 16           /* messages in the channel's own queue before we wait */

static void
unlink_unsent(struct serve *serve, struct store_file *file)
{
	*(file->queue_prev != NULL ? &file->queue_prev->queue_next : &serve->unsent_first) = file->queue_next;
	*(file->queue_next != NULL ? &file->queue_next->queue_prev : &serve->unsent_last) = file->queue_prev;
	file->queue_prev = file->queue_next = NULL;
	file->queued = false;
}

static void
link_unsent(struct serve *serve, struct store_file *file)
{
	file->queue_prev = serve->unsent_last;
	*(serve->unsent_last != NULL ? &serve->unsent_last->queue_next : &serve->unsent_first) = file;
	serve->unsent_last = file;
	file->queued = true;
}

void
publish_zone(void *arg, struct store_file *file)
{
	struct serve *serve = arg;

	if (file->queued)
		unlink_unsent(serve, file);
	file->version = ++serve->version;
	link_unsent(serve, file);
}

void
publish_keys(void *arg)
{
	struct serve *serve = arg;

	serve->keys_unsent = true;
}

void
publish_main(void *arg)
{
	struct serve *serve = arg;

	serve->main_unsent = serve->info_stale = true;
}

bool
publish_all_live(const struct serve *serve)
{
	return serve->dns != NULL && serve->dns_loaded && serve->unsent_first == NULL && serve->live >= serve->version;
}

/* ---- sending ---- */

static void
send_keys(struct serve *serve, uint64_t version)
{
	struct store *store = serve->store;
	struct msg    msg;

	msg_init(&msg, MSG_KEYS, 0);
	msg_put_u64(&msg, version);
	msg_put_u32(&msg, (uint32_t)store->key_count);
	for (size_t i = 0; i < store->key_count; i++)
		client_put_key(&msg, store->keys[i]);
	peer_send(serve->dns, &msg);
}

static void
send_main(struct serve *serve, uint64_t version)
{
	struct msg msg;

	msg_init(&msg, MSG_COMMIT, 0);
	msg_put_u64(&msg, version);
	msg_put_str(&msg, serve->store->head);
	peer_send(serve->dns, &msg);
}

static void
send_zone(struct serve *serve, const struct store_file *file)
{
	const struct zone *zone = file->content.zone;
	const void        *image;
	size_t             size;
	struct msg         msg;

	msg_init(&msg, zone != NULL ? MSG_ZONE : file->blob[0] != '\0' ? MSG_ZONE_BROKEN : MSG_ZONE_GONE, 0);
	msg_put_str(&msg, file->name);
	msg_put_u64(&msg, file->version);
	if (zone != NULL) {
		image = image_data(zone, &size);
		msg_put_blob(&msg, image, size);
	}
	peer_send(serve->dns, &msg);
}

static void
send_loaded(struct serve *serve)
{
	struct msg msg;

	msg_init(&msg, MSG_LOADED, 0);
	msg_put_u64(&msg, serve->version);
	peer_send(serve->dns, &msg);
}

/* The first of the list is told, or needs not be. */
static void
first_done(struct serve *serve)
{
	struct store_file *file = serve->unsent_first;

	unlink_unsent(serve, file);
	if (file->blob[0] == '\0')
		store_forget(serve->store, file);
}

/* Keys and the commit are the newest ones, and so belong before the zones that wait. */
static void
pump_small(struct serve *serve)
{
	uint64_t version = serve->unsent_first != NULL ? serve->unsent_first->version - 1 : serve->version;

	if (serve->keys_unsent && serve->dns != NULL)
		send_keys(serve, version);
	if (serve->main_unsent && serve->dns != NULL)
		send_main(serve, version);
	serve->keys_unsent = serve->main_unsent = false;
}

void
publish_pump(struct serve *serve)
{
	if (!serve->loaded)
		return;
	pump_small(serve);
	while (serve->unsent_first != NULL && (serve->dns == NULL || serve->dns->chan.queue_len < UNREAD_MAX)) {
		if (serve->dns != NULL)
			send_zone(serve, serve->unsent_first);
		first_done(serve);
	}
	if (serve->loaded_unsent && serve->unsent_first == NULL && serve->dns != NULL) {
		send_loaded(serve);
		serve->loaded_unsent = false;
		serve->dns_loaded = true;
		log_info("dns: all zones and keys are sent");
	}
}

/* All requests that wait do so for what is sent anew. */
static void
wait_for_all(struct serve *serve)
{
	for (struct request *request = serve->waiting.first; request != NULL; request = request->next)
		request->version = serve->version;
}

void
publish_connect(struct serve *serve, struct peer *dns)
{
	struct arena       *scratch = arena_new();
	size_t              count;
	struct store_file **files = store_list(serve->store, FILE_ZONE, scratch, &count);

	if (serve->dns != NULL)
		peer_drop(serve->dns);
	serve->dns = dns;
	serve->live = 0;
	serve->dns_loaded = false;
	serve->keys_unsent = serve->main_unsent = serve->loaded_unsent = true;
	for (size_t i = 0; i < count; i++)
		publish_zone(serve, files[i]);
	wait_for_all(serve);
	serve->info_stale = true;
	arena_free(scratch);
}

/* ---- from dns ---- */

bool
on_live(struct peer *peer, struct msg *msg)
{
	struct serve *serve = peer->serve;
	uint64_t      version = msg_get_u64(msg);
	bool          was_live = publish_all_live(serve);

	if (!msg_end(msg) || version > serve->version)
		return false;
	if (peer != serve->dns || version <= serve->live)
		return true;
	serve->live = version;
	if (publish_all_live(serve) != was_live)
		serve->info_stale = true;
	requests_live(serve);
	return true;
}

/* The key called TEXT, if there is one. */
static const struct key *
key_find(const struct store *store, const char *text)
{
	uint8_t name[NAME_SIZE];

	if (!name_parse(name, text, NULL, NULL))
		return NULL;
	for (size_t i = 0; i < store->key_count; i++)
		if (name_equal(store->keys[i]->name, name))
			return store->keys[i];
	return NULL;
}

static void
key_identity(const struct key *key, const char *from, struct identity *out)
{
	char name[NAME_TEXT_MAX];

	name_print_zone(name, key->name);
	*out = (struct identity){ .kind = ID_TSIG, .via = "rfc2136" };
	snprintf(out->name, sizeof out->name, "%.255s", name);
	snprintf(out->display, sizeof out->display, "%.63s", name);
	snprintf(out->proof, sizeof out->proof, "%s", key_hash_name(key->hash));
	snprintf(out->from, sizeof out->from, "%s", from);
}

bool
on_update(struct peer *peer, struct msg *msg)
{
	struct job        job = { .update = true, .arena = arena_new() };
	struct err        err = { 0 };
	const char       *name = msg_get_str(msg), *from = msg_get_str(msg), *zone = msg_get_str(msg);
	size_t            len;
	const void       *change = msg_get_blob(msg, &len);
	const struct key *key = key_find(peer->serve->store, name);
	bool              good = msg_end(msg);

	job.submit = (struct submit){ .mode = SUBMIT_CHANGE, .zone = zone };
	if (good)
		job.submit.change = change_decode(job.arena, change, len, &err);
	if (good && key == NULL)
		err_set(&err, ERR_NOTAUTH, "there is no TSIG key %s", name);
	if (good && key != NULL && job.submit.change != NULL) {
		key_identity(key, from, &job.who);
		request_add(peer, msg, &job);
		return true;
	}
	if (good)
		reply_err(peer, msg->id, &err, NULL);
	arena_free(job.arena);
	return good;
}
