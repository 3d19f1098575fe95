/* SPDX-License-Identifier: ISC */
/*
 * The store role: the loop, and the table of who may say what.
 *
 * One round of the loop takes in what has arrived on all channels; then all changes among it are one batch.
 */
#include "store/serve.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/identity.h"
#include "store/serve_private.h"

#define STOP_WAIT_MS  300       /* for dns to serve the last changes */
#define SAVE_MS       1000      /* main's commit is noted this long after a change */

/* ---- messages ---- */

#define FROM(kind) (1u << (kind))

static const struct rule {
	enum client_msg type;
	unsigned        from;           /* FROM bits */
	bool            people;         /* of clients: not for devices */
	serve_fn       *fn;
} rules[] = {
	{ MSG_LIVE,         FROM(PEER_DNS),                       false, on_live },
	{ MSG_UPDATE,       FROM(PEER_DNS_THREAD),                false, on_update },
	{ MSG_FETCH,        FROM(PEER_HTTP) | FROM(PEER_CLIENT),  true,  on_fetch },
	{ MSG_MONITOR_OPEN, FROM(PEER_SSHD),                      false, on_monitor_open },
	{ MSG_KEY_LOOKUP,   FROM(PEER_MONITOR),                   false, on_key_lookup },
	{ MSG_CLIENT_OPEN,  FROM(PEER_MONITOR),                   false, on_client_open },
	{ MSG_WHOAMI,       FROM(PEER_CLIENT),                    false, on_whoami },
	{ MSG_SUBMIT,       FROM(PEER_CLIENT),                    false, on_submit },
	{ MSG_ZONE_LIST,    FROM(PEER_CLIENT),                    true,  on_zone_list },
	{ MSG_ZONE_GET,     FROM(PEER_CLIENT),                    true,  on_zone_get },
	{ MSG_LOG,          FROM(PEER_CLIENT),                    true,  on_log },
	{ MSG_COMMIT_GET,   FROM(PEER_CLIENT),                    true,  on_commit_get },
	{ MSG_STATUS,       FROM(PEER_CLIENT),                    true,  on_status },
	{ MSG_WATCH,        FROM(PEER_CLIENT),                    true,  on_watch },
};

static const struct rule *
rule_find(const struct peer *peer, uint16_t type)
{
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (rules[i].type == type && (rules[i].from & FROM(peer->kind)) != 0)
			return &rules[i];
	return NULL;
}

/* A client is who it is only as long as its key is enrolled. */
static bool
client_allowed(struct peer *peer, const struct rule *rule, const struct msg *msg)
{
	struct err err = { 0 };

	if (peer->kind != PEER_CLIENT)
		return true;
	if (!identity_refresh(peer->serve->store, &peer->who, &err)) {
		log_info("client %s: %s", peer->who.name, err.text);
		reply_err(peer, msg->id, &err, NULL);
		peer_drop(peer);
		return false;
	}
	if (!rule->people || peer->who.kind != ID_DEVICE)
		return true;
	err_set(&err, ERR_DENIED, "%s may update its names only", peer->who.display);
	reply_err(peer, msg->id, &err, NULL);
	return false;
}

void
serve_message(struct peer *peer, struct msg *msg)
{
	const struct rule *rule = rule_find(peer, msg->type);

	if (rule != NULL && !client_allowed(peer, rule, msg))
		return;
	if (rule != NULL && rule->fn(peer, msg))
		return;
	log_warn("channel: message %u is %s here, the channel is closed", msg->type, rule != NULL ? "broken" : "not legal");
	peer_drop(peer);
}

/* ---- peers ---- */

static const struct { enum role role; enum peer_kind first, others; } peer_kinds[] = {
	{ ROLE_DNS,  PEER_DNS,  PEER_DNS_THREAD },
	{ ROLE_HTTP, PEER_HTTP, PEER_HTTP },
	{ ROLE_SSHD, PEER_SSHD, PEER_SSHD },
};

/* Peers that came before there was anything to tell them wait with their messages in the sockets. */
struct early { enum role role; unsigned index; int fd; };
struct main_state { struct serve serve; struct early *early; size_t early_count, early_cap; };

static void
peer_attach(struct serve *serve, enum role role, unsigned index, int fd)
{
	for (size_t i = 0; i < sizeof peer_kinds / sizeof *peer_kinds; i++) {
		enum peer_kind kind = index == 0 ? peer_kinds[i].first : peer_kinds[i].others;

		if (peer_kinds[i].role != role)
			continue;
		if (kind == PEER_DNS)
			publish_connect(serve, peer_new(serve, kind, fd));
		else
			peer_new(serve, kind, fd);
		serve->info_stale = true;
	}
}

static void
on_peer(void *arg, enum role role, unsigned index, int fd)
{
	struct main_state *state = arg;

	if (state->serve.loaded) {
		peer_attach(&state->serve, role, index, fd);
		return;
	}
	mem_grow(&state->early, &state->early_cap, state->early_count + 1, sizeof *state->early);
	state->early[state->early_count++] = (struct early){ role, index, fd };
}

static void
on_reload(void *arg)
{
	struct serve *serve = &((struct main_state *)arg)->serve;
	struct err    err = { 0 };

	if (!serve->loaded)
		return;
	sync_reload(serve->sync);
	if (!store_adopt(serve->store, &err))
		log_warn("repo: %s", err.text);
	serve->info_stale = true;
}

static void
on_stop(void *arg)
{
	((struct main_state *)arg)->serve.stopping = true;
}

/* ---- the round ---- */

static void
save_serials(struct serve *serve)
{
	struct err err = { 0 };

	if (!serials_save(serve->store->serials, &err))
		log_warn("serials: %s", err.text);
}

static void
on_save(void *arg)
{
	struct serve *serve = arg;

	serve->save_timer = NULL;
	save_serials(serve);
}

static void
on_main_moved(void *arg)
{
	struct serve *serve = arg;

	publish_main(serve);
	if (serve->save_timer == NULL)
		serve->save_timer = loop_after(serve->proc.loop, SAVE_MS, on_save, serve);
	if (serve->sync != NULL)
		sync_moved(serve->sync);
}

static void
on_info_changed(void *arg)
{
	((struct serve *)arg)->info_stale = true;
}

static void
push_info(struct serve *serve)
{
	struct info info = serve->store->info;

	serve->info_stale = false;
	info.dns_live = publish_all_live(serve);
	for (struct peer *peer = serve->peers, *next; peer != NULL; peer = next) {
		struct msg msg;

		next = peer->next;
		if (peer->kind != PEER_HTTP || peer->dead)
			continue;
		msg_init(&msg, MSG_INFO, 0);
		client_put_info(&msg, &info);
		peer_send(peer, &msg);
	}
}

/* What is to be done after messages, timers and children had their turn. */
static void
round_end(struct serve *serve)
{
	if (serve->queue.first != NULL)
		requests_run(serve);
	publish_pump(serve);
	if (serve->info_stale)
		push_info(serve);
	peers_reap(serve);
}

static void
serve_run(struct serve *serve)
{
	round_end(serve);       /* what was loaded waits for no message to be published */
	while (!serve->stopping) {
		loop_once(serve->proc.loop, serve->queue.first != NULL ? 0 : -1);
		round_end(serve);
	}
}

/* Whoever has asked is answered before we go. */
static void
serve_stop(struct serve *serve)
{
	int64_t until = loop_now_ms() + STOP_WAIT_MS;

	while (serve->queue.first != NULL)
		round_end(serve);
	while (serve->waiting.first != NULL && loop_now_ms() < until) {
		loop_once(serve->proc.loop, (int)(until - loop_now_ms()));
		round_end(serve);
	}
	requests_flush(serve);
	save_serials(serve);
	log_info("store: stopped at commit %.12s", serve->store->head);
}

/* ---- start and end ---- */

static void
serve_load(struct serve *serve)
{
	struct store_sink  sink = { publish_zone, publish_keys, on_main_moved, client_event, serve };
	const struct info *info;
	struct err         err = { 0 };

	serve->store = store_open(&serve->proc.conf, &sink, &err);
	if (serve->store != NULL)
		serve->store->info.started_s = serve->proc.started_s;
	if (serve->store == NULL || !store_load(serve->store, &err))
		log_fatal("repo: %s", err.text);
	serve->loaded = true;
	info = &serve->store->info;
	log_info("store: %u zone%s (%u of them broken) and %u account%s at commit %.12s", info->zones, info->zones == 1 ? "" : "s", info->broken,
	    info->accounts, info->accounts == 1 ? "" : "s", serve->store->head[0] != '\0' ? serve->store->head : "none");
}

static void
serve_start(struct main_state *state)
{
	struct serve *serve = &state->serve;
	struct err    err = { 0 };
	uid_t         uid;
	gid_t         gid;

	proc_start(&serve->proc);
	if (!proc_owner(&serve->proc.conf, &uid, &gid, &err))
		log_fatal("store: %s", err.text);
	proc_confine(&serve->proc, CONFINE_STORE, uid, gid);
	serve_load(serve);
	serve->sync = sync_new(serve->store, serve->proc.loop, on_info_changed, serve);
	for (size_t i = 0; i < state->early_count; i++)
		peer_attach(serve, state->early[i].role, state->early[i].index, state->early[i].fd);
	free(state->early);
	watch_open(serve);
	if (!socket_open(serve, &err))
		log_fatal("socket: %s", err.text);
}

static void
serve_free(struct serve *serve)
{
	for (struct peer *peer = serve->peers; peer != NULL; peer = peer->next)
		peer_drop(peer);
	peers_reap(serve);
	socket_close(serve);
	watch_close(serve);
	sync_free(serve->sync);
	store_free(serve->store);
}

int
store_main(void)
{
	static struct main_state state;

	state.serve = (struct serve){ .watch_fd = -1, .socket_fd = -1, .info_stale = true };
	state.serve.proc = (struct proc){ .role = ROLE_STORE, .on_peer = on_peer, .on_reload = on_reload, .on_stop = on_stop, .arg = &state };
	serve_start(&state);
	proc_ready(&state.serve.proc);
	serve_run(&state.serve);
	serve_stop(&state.serve);
	serve_free(&state.serve);
	return 0;
}
