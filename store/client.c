/* SPDX-License-Identifier: ISC */
/*
 * Blocking calls to the store, one message each way.  Events that arrive while a call waits are kept for client_event_next.
 */
#include "store/client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/loop.h"
#include "store/client_fields.h"

#define CALL_TIMEOUT_MS 30000
#define EVENTS_MAX      1000    /* kept; older ones are dropped: who watches looks at the newest state anyway */

struct client {
	struct chan          chan;
	uint32_t             last_id;
	bool                 broken;
	struct client_event *events;
	size_t               event_count, event_cap;
};

static const char *const access_names[] = {
	[ACCESS_NONE] = "none",
	[ACCESS_VIEWER] = "viewer",
	[ACCESS_EDITOR] = "editor",
	[ACCESS_MAINTAINER] = "maintainer",
	[ACCESS_OWNER] = "owner",
};

const char *
access_name(enum access access)
{
	return access_names[access];
}

struct client *
client_new(int fd)
{
	struct client *client = mem_alloc(sizeof *client);

	chan_init(&client->chan, fd);
	return client;
}

void
client_free(struct client *client)
{
	if (client == NULL)
		return;
	chan_done(&client->chan);
	free(client->events);
	free(client);
}

int
client_fd(const struct client *client)
{
	return client->chan.fd;
}

/* Connect FD to state/socket of the data directory, by way of the directory's descriptor: sun_path holds 107 bytes only. */
static bool
connect_in(int fd, const char *dir)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int                dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int                rc, saved;

	if (dir_fd < 0)
		return false;
	snprintf(sun.sun_path, sizeof sun.sun_path, "/proc/self/fd/%d/socket", dir_fd);
	rc = connect(fd, (struct sockaddr *)&sun, sizeof sun);
	saved = errno;
	close(dir_fd);
	errno = saved;
	return rc == 0;
}

struct client *
client_connect(const struct conf *conf, struct err *err)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect_in(fd, conf_path(conf, "state")))
		return client_new(fd);
	if (errno == EACCES || errno == EPERM) {
		err_set(err, ERR_DENIED, "the socket in %s is not yours to use", conf_path(conf, "state"));
		err_hint(err, "run as root or as the owner of %s", conf->dir);
	} else {
		err_errno(err, ERR_BUSY, "no daemon answers at %s", conf_path(conf, "state/socket"));
		err_hint(err, "start it: zonesh serve --dir %s", conf->dir);
	}
	if (fd >= 0)
		close(fd);
	return NULL;
}

static void
keep_event(struct client *client, struct msg *msg)
{
	struct client_event event;

	if (!client_get_event(msg, &event))
		return;
	if (client->event_count == EVENTS_MAX)
		memmove(client->events, client->events + 1, --client->event_count * sizeof event);
	mem_grow(&client->events, &client->event_cap, client->event_count + 1, sizeof event);
	client->events[client->event_count++] = event;
}

static bool
store_gone(struct client *client, struct err *err)
{
	client->broken = true;
	err_set(err, ERR_BUSY, "the store has closed the connection");
	return err_hint(err, "log in again, then try again");
}

/* Wait for the reply ID.  Others are late replies to calls that were given up. */
static bool
await_reply(struct client *client, uint32_t id, struct msg *reply, struct err *err)
{
	int64_t deadline = loop_now_ms() + CALL_TIMEOUT_MS;

	for (;;) {
		int64_t         left = deadline - loop_now_ms();
		enum chan_state state = chan_recv_wait(&client->chan, reply, left > 0 ? (int)left : 0);

		if (state == CHAN_CLOSED)
			return store_gone(client, err);
		if (state == CHAN_EMPTY)
			return err_set(err, ERR_BUSY, "the store did not answer in %d s", CALL_TIMEOUT_MS / 1000);
		if (reply->type == MSG_EVENT)
			keep_event(client, reply);
		else if (reply->id == id)
			return true;
		msg_done(reply);
	}
}

bool
client_call(struct client *client, struct msg *request, struct msg *reply, struct report *report, struct err *err)
{
	uint32_t id = ++client->last_id;

	request->id = id;
	if (report != NULL)
		report_init(report);
	if (client->broken || !chan_send_wait(&client->chan, request, CALL_TIMEOUT_MS)) {
		msg_done(request);
		return store_gone(client, err);
	}
	if (!await_reply(client, id, reply, err))
		return false;
	if (reply->type == MSG_OK)
		return true;

	err_set(err, ERR_FAILED, "the store sent a broken reply");
	if (reply->type == MSG_ERR) {
		struct err told;

		msg_get_err(reply, &told);
		if (err != NULL)
			*err = told;
		if (report != NULL) {
			report_done(report);
			client_get_report(reply, report);
		}
	}
	msg_done(reply);
	return false;
}

/* The end of a reply: everything was there. */
static bool
end_reply(struct msg *reply, bool good, struct err *err)
{
	good = good && msg_end(reply);
	msg_done(reply);
	return good || err_set(err, ERR_FAILED, "the store sent a broken reply");
}

bool
client_whoami(struct client *client, struct identity *out, uint32_t *zones, uint32_t *keys, char **scope, struct err *err)
{
	struct msg request, reply;
	bool       good;

	if (scope != NULL)
		*scope = NULL;
	msg_init(&request, MSG_WHOAMI, 0);
	if (!client_call(client, &request, &reply, NULL, err))
		return false;
	good = client_get_identity(&reply, out);
	*zones = msg_get_u32(&reply);
	*keys = msg_get_u32(&reply);
	if (scope != NULL)
		*scope = mem_strdup(msg_get_str(&reply));
	else
		msg_get_str(&reply);
	if (end_reply(&reply, good, err))
		return true;
	if (scope != NULL) {
		free(*scope);
		*scope = NULL;
	}
	return false;
}

bool
client_zone_list(struct client *client, struct zone_info **out, size_t *count, struct err *err)
{
	struct msg request, reply;
	size_t     cap = 0;
	uint32_t   left;
	bool       good = true;

	*out = NULL;
	*count = 0;
	msg_init(&request, MSG_ZONE_LIST, 0);
	if (!client_call(client, &request, &reply, NULL, err))
		return false;
	for (left = msg_get_u32(&reply); left > 0 && good; left--) {
		mem_grow(out, &cap, *count + 1, sizeof **out);
		good = client_get_zone_info(&reply, &(*out)[*count]);
		*count += good;
	}
	if (end_reply(&reply, good, err))
		return true;
	free(*out);
	*out = NULL;
	*count = 0;
	return false;
}

bool
client_zone_get(struct client *client, const char *zone, const char *at, struct zone_doc *out, struct err *err)
{
	struct msg request, reply;

	*out = (struct zone_doc){ 0 };
	msg_init(&request, MSG_ZONE_GET, 0);
	msg_put_str(&request, zone);
	msg_put_str(&request, at);
	return client_call(client, &request, &reply, NULL, err) && end_reply(&reply, client_get_zone_doc(&reply, out), err);
}

void
zone_doc_done(struct zone_doc *doc)
{
	free(doc->text);
	doc->text = NULL;
	doc->len = 0;
}

bool
client_submit(struct client *client, const struct submit *submit, struct submit_result *out, struct err *err)
{
	struct msg request, reply;

	*out = (struct submit_result){ 0 };
	msg_init(&request, MSG_SUBMIT, 0);
	client_put_submit(&request, submit);
	if (!client_call(client, &request, &reply, &out->report, err))
		return false;
	report_done(&out->report);
	return end_reply(&reply, client_get_result(&reply, out), err);
}

void
submit_result_done(struct submit_result *result)
{
	free(result->diff);
	result->diff = NULL;
	report_done(&result->report);
}

bool
client_log(struct client *client, const struct log_query *query, struct log_entry **out, size_t *count, struct err *err)
{
	struct msg request, reply;
	size_t     cap = 0;
	uint32_t   left;
	bool       good = true;

	*out = NULL;
	*count = 0;
	msg_init(&request, MSG_LOG, 0);
	client_put_log_query(&request, query);
	if (!client_call(client, &request, &reply, NULL, err))
		return false;
	for (left = msg_get_u32(&reply); left > 0 && good; left--) {
		mem_grow(out, &cap, *count + 1, sizeof **out);
		good = client_get_log_entry(&reply, &(*out)[*count]);
		*count += good;
	}
	if (end_reply(&reply, good, err))
		return true;
	free(*out);
	*out = NULL;
	*count = 0;
	return false;
}

bool
client_commit(struct client *client, const char *zone, const char *commit, struct log_entry *out, char **diff, struct err *err)
{
	struct msg  request, reply;
	const void *text;
	size_t      len;
	bool        good;

	*diff = NULL;
	msg_init(&request, MSG_COMMIT_GET, 0);
	msg_put_str(&request, zone);
	msg_put_str(&request, commit);
	if (!client_call(client, &request, &reply, NULL, err))
		return false;
	good = client_get_log_entry(&reply, out);
	text = msg_get_blob(&reply, &len);
	*diff = mem_alloc(len + 1);
	memcpy(*diff, text, len);
	if (end_reply(&reply, good, err))
		return true;
	free(*diff);
	*diff = NULL;
	return false;
}

bool
client_status(struct client *client, struct info *out, struct err *err)
{
	struct msg request, reply;

	msg_init(&request, MSG_STATUS, 0);
	return client_call(client, &request, &reply, NULL, err) && end_reply(&reply, client_get_info(&reply, out), err);
}

bool
client_fetch(struct client *client, struct err *err)
{
	struct msg request, reply;

	msg_init(&request, MSG_FETCH, 0);
	msg_put_str(&request, "");
	msg_put_str(&request, "command");
	return client_call(client, &request, &reply, NULL, err) && end_reply(&reply, true, err);
}

bool
client_watch(struct client *client, struct err *err)
{
	struct msg request, reply;

	msg_init(&request, MSG_WATCH, 0);
	return client_call(client, &request, &reply, NULL, err) && end_reply(&reply, true, err);
}

bool
client_event_next(struct client *client, struct client_event *out, struct err *err)
{
	struct msg      msg;
	enum chan_state state = CHAN_EMPTY;

	while (client->event_count == 0 && !client->broken && (state = chan_recv(&client->chan, &msg)) == CHAN_MSG) {
		if (msg.type == MSG_EVENT)
			keep_event(client, &msg);
		msg_done(&msg);
	}
	if (client->event_count == 0)
		return state == CHAN_CLOSED || client->broken ? store_gone(client, err) : false;
	*out = client->events[0];
	memmove(client->events, client->events + 1, --client->event_count * sizeof *out);
	return true;
}
