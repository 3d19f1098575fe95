/* SPDX-License-Identifier: ISC */
/*
 * POST /webhook: a git host says that the remote moved; fetch it.  Only the signature over the raw body counts; the payload is
 * hashed as it comes in and never looked at.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/metric.h"
#include "base/str.h"
#include "http/server.h"

#define DELIVERY_TTL_MS (60 * 60 * 1000)

enum proof { PROOF_HMAC, PROOF_SECRET };

/*
 * How each sender proves itself; the first header present decides, and it alone: Forgejo sends Gitea's and
 * GitHub's headers too, Gitea sends GitHub's (product.md 1.8.1).
 */
static const struct sender {
	const char *name;
	const char *header;
	const char *prefix;             /* before the value */
	enum proof  proof;
	const char *event, *delivery;   /* headers; NULL: none */
} senders[] = {
	{ "forgejo", "X-Forgejo-Signature", "", PROOF_HMAC, "X-Forgejo-Event", "X-Forgejo-Delivery" },
	{ "gitea", "X-Gitea-Signature", "", PROOF_HMAC, "X-Gitea-Event", "X-Gitea-Delivery" },
	{ "github", "X-Hub-Signature-256", "sha256=", PROOF_HMAC, "X-GitHub-Event", "X-GitHub-Delivery" },
	{ "soft-serve", "X-SoftServe-Signature", "sha256=", PROOF_HMAC, "X-SoftServe-Event", "X-SoftServe-Delivery" },
	{ "bitbucket", "X-Hub-Signature", "sha256=", PROOF_HMAC, "X-Event-Key", "X-Request-UUID" },
	{ "gitlab", "X-Gitlab-Token", "", PROOF_SECRET, "X-Gitlab-Event", "X-Gitlab-Event-UUID" },
	{ "bearer", "Authorization", "Bearer ", PROOF_SECRET, NULL, NULL },
};

void
webhook_body(struct request *request, const void *data, size_t len)
{
	const char *secret = conf_str(&request->server->proc.conf, webhook_secret);

	if (*secret == '\0')
		return;         /* refused at the end */
	if (request->hmac == NULL) {
		request->hmac = crypt_hmac_new(CRYPT_SHA256, secret, strlen(secret));
		crypt_hmac_start(request->hmac);
	}
	crypt_hmac_add(request->hmac, data, len);
}

static const struct sender *
sender_find(struct request *request)
{
	for (size_t i = 0; i < sizeof(senders) / sizeof(senders[0]); i++)
		if (server_header(request, senders[i].header) != NULL)
			return &senders[i];
	return NULL;
}

static bool
hmac_matches(struct request *request, const char *hex)
{
	uint8_t want[CRYPT_HASH_MAX], got[CRYPT_HASH_MAX];

	if (str_hex_decode(got, sizeof(got), hex, strlen(hex)) != (long)crypt_hash_len(CRYPT_SHA256))
		return false;
	if (request->hmac == NULL)
		webhook_body(request, "", 0);
	crypt_hmac_end(request->hmac, want);
	return crypt_equal(want, got, crypt_hash_len(CRYPT_SHA256));
}

/* Compared by keyed hash, so that not even the length is told by the time it takes. */
static bool
secret_matches(struct request *request, const char *text)
{
	const char        *secret = conf_str(&request->server->proc.conf, webhook_secret);
	struct crypt_hmac *hmac = request->server->hmac;
	uint8_t            want[CRYPT_HASH_MAX], got[CRYPT_HASH_MAX];

	crypt_hmac_start(hmac);
	crypt_hmac_add(hmac, secret, strlen(secret));
	crypt_hmac_end(hmac, want);
	crypt_hmac_start(hmac);
	crypt_hmac_add(hmac, text, strlen(text));
	crypt_hmac_end(hmac, got);
	return crypt_equal(want, got, crypt_hash_len(CRYPT_SHA256));
}

static bool
sender_verify(struct request *request, const struct sender *sender)
{
	const char *value = str_after(server_header(request, sender->header), sender->prefix);

	if (value == NULL)
		return false;
	return sender->proof == PROOF_HMAC ? hmac_matches(request, value) : secret_matches(request, value);
}

/* Was this delivery taken within the hour? */
static bool
delivery_seen(const struct server *server, const char *id)
{
	int64_t now_ms = loop_now_ms();

	for (size_t i = 0; id != NULL && i < HTTP_DELIVERY_MAX; i++)
		if (server->deliveries[i].until_ms > now_ms && strcmp(server->deliveries[i].id, id) == 0)
			return true;
	return false;
}

static void
delivery_keep(struct server *server, const char *id)
{
	struct delivery *slot = &server->deliveries[server->delivery_next];

	if (id == NULL || *id == '\0' || strlen(id) >= sizeof(slot->id))
		return;
	strcpy(slot->id, id);
	slot->until_ms = loop_now_ms() + DELIVERY_TTL_MS;
	server->delivery_next = (server->delivery_next + 1) % HTTP_DELIVERY_MAX;
}

/* Can a fetch be asked for at all?  Only who is known learns why not. */
static bool
fetch_possible(const struct server *server, struct err *err)
{
	if (server->store_io == NULL || !server->info_known) {
		err_set(err, ERR_BUSY, "the store is restarting");
		return err_hint(err, "deliver again in a few seconds");
	}
	if (!server->info.has_remote) {
		err_set(err, ERR_NOTFOUND, "no remote is configured, so there is nothing to fetch");
		return err_hint(err, "set \"remote URL\" in zonesh.conf and send SIGHUP");
	}
	return true;
}

static bool
fetch_ask(struct request *request, const struct sender *sender, struct err *err)
{
	struct server *server = request->server;
	char           from[ADDR_TEXT_MAX];
	struct msg     msg;

	if (!fetch_possible(server, err))
		return false;
	server_from(request, from);
	msg_init(&msg, MSG_FETCH, 0);
	msg_put_str(&msg, from);
	msg_put_str(&msg, sender->name);
	if (!server_send(server, &msg))
		return err_set(err, ERR_BUSY, "the store is restarting");
	log_info("webhook: a %s delivery from %s: fetching", sender->name, str_show(from));
	return true;
}

static enum MHD_Result
webhook_refuse(struct request *request)
{
	struct err err = { 0 };
	char       from[ADDR_TEXT_MAX];
	bool       unset = request->server->hmac == NULL;

	server_from(request, from);
	metric_add(METRIC_WEBHOOK_BAD, 1);
	log_warn("webhook: refused from %s: %s", str_show(from), unset ? "no webhook-secret is configured"
	                                                               : "no signature, or a wrong one");
	err_set(&err, ERR_NOTAUTH, "the webhook is not signed with the secret of this server");
	err_hint(&err, "use the value of webhook-secret in zonesh.conf as the webhook's secret");
	return server_error(request, &err);
}

enum MHD_Result
webhook_reply(struct request *request)
{
	const struct sender *sender = sender_find(request);
	struct server       *server = request->server;
	const char          *event, *delivery;
	struct err           err = { 0 };

	if (server->hmac == NULL || sender == NULL || !sender_verify(request, sender))
		return webhook_refuse(request);
	event = sender->event != NULL ? server_header(request, sender->event) : NULL;
	if (event != NULL && strcasecmp(event, "ping") == 0)
		return server_text(request, MHD_HTTP_OK, "application/json", "{\"v\":1,\"ok\":true,\"event\":\"ping\"}\n");
	delivery = sender->delivery != NULL ? server_header(request, sender->delivery) : NULL;
	if (delivery_seen(server, delivery))
		return server_text(request, MHD_HTTP_OK, "application/json",
		    "{\"v\":1,\"ok\":true,\"fetch\":\"seen before\"}\n");
	if (!fetch_ask(request, sender, &err))
		return server_error(request, &err);
	delivery_keep(server, delivery);
	return server_text(request, MHD_HTTP_ACCEPTED, "application/json", "{\"v\":1,\"ok\":true,\"fetch\":\"queued\"}\n");
}
