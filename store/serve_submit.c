/* SPDX-License-Identifier: ISC */
/*
 * Requests that change something: queued as they arrive, handled as a batch, answered when dns serves the result.
 */
#include "store/serve_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "store/client_fields.h"

#define BATCH_MAX    1000
#define LIVE_WAIT_MS 5000       /* then the reply says that it is not live */
#define TICK_MS      250

static void
list_push(struct request_list *list, struct request *request)
{
	if (list->first == NULL)
		list->last = &list->first;
	if (request->peer != NULL && request->peer->dead)
		request->peer = NULL;
	request->next = NULL;
	*list->last = request;
	list->last = &request->next;
	list->count++;
}

static struct request *
list_pop(struct request_list *list)
{
	struct request *request = list->first;

	if (request != NULL) {
		list->first = request->next;
		list->count--;
	}
	return request;
}

void
request_add(struct peer *peer, struct msg *msg, struct job *job)
{
	struct request *request = mem_alloc(sizeof *request);

	request->job = *job;
	request->peer = peer;
	request->id = msg->id;
	request->msg = *msg;
	msg_init(msg, 0, 0);
	peer->outstanding++;
	list_push(&peer->serve->queue, request);
}

bool
on_submit(struct peer *peer, struct msg *msg)
{
	struct job job = { .who = peer->who, .arena = arena_new() };
	struct err err = { 0 };

	if (client_get_submit(msg, &job.submit, job.arena, &err)) {
		request_add(peer, msg, &job);
		return true;
	}
	reply_err(peer, msg->id, &err, NULL);
	arena_free(job.arena);
	return true;
}

/* ---- replies ---- */

static void
send_result(struct request *request, bool live)
{
	struct job *job = &request->job;
	struct msg  reply;

	if (!job->ok) {
		reply_err(request->peer, request->id, &job->err, &job->result.report);
		return;
	}
	msg_init(&reply, MSG_OK, request->id);
	job->result.live = live;
	if (job->update) {
		msg_put_bool(&reply, job->result.changed);
		msg_put_u32(&reply, job->result.serial);
		msg_put_str(&reply, job->result.commit);
	} else {
		client_put_result(&reply, &job->result);
	}
	peer_send(request->peer, &reply);
}

/* Answer and free. */
static void
request_done(struct request *request, bool live)
{
	struct peer *peer = request->peer;

	if (request->job.ok && request->job.result.changed && !request->job.submit.dry_run)
		fault_die(FAULT_STORE_BEFORE_REPLY);
	if (peer != NULL) {
		peer->outstanding--;
		send_result(request, live);
		peer_update(peer);
	}
	submit_result_done(&request->job.result);
	arena_free(request->job.arena);
	msg_done(&request->msg);
	free(request);
}

static bool
must_wait(struct serve *serve, struct request *request)
{
	const struct store_file *file = request->job.zone[0] != '\0' ? store_find(serve->store, FILE_ZONE, request->job.zone) : NULL;

	if (!request->job.ok || request->job.submit.dry_run || file == NULL)
		return false;
	request->version = file->version;
	return file->version > serve->live;
}

static void
on_tick(void *arg)
{
	struct serve *serve = arg;

	serve->tick_timer = NULL;
	requests_live(serve);
	if (serve->waiting.first != NULL)
		serve->tick_timer = loop_after(serve->proc.loop, TICK_MS, on_tick, serve);
}

static void
request_wait(struct serve *serve, struct request *request)
{
	request->deadline_ms = loop_now_ms() + LIVE_WAIT_MS;
	list_push(&serve->waiting, request);
	if (serve->tick_timer == NULL)
		serve->tick_timer = loop_after(serve->proc.loop, TICK_MS, on_tick, serve);
}

void
requests_live(struct serve *serve)
{
	struct request_list waited = serve->waiting;
	struct request     *request;
	int64_t             now = loop_now_ms();

	serve->waiting = (struct request_list){ 0 };
	while ((request = list_pop(&waited)) != NULL) {
		bool live = request->version <= serve->live;

		if (!live && request->deadline_ms > now) {
			list_push(&serve->waiting, request);
			continue;
		}
		if (!live)
			log_warn("zone %s: dns did not say in time that it serves the change", request->job.zone);
		request_done(request, live);
	}
}

void
requests_run(struct serve *serve)
{
	struct request *batch[BATCH_MAX];
	struct job     *jobs[BATCH_MAX];
	size_t          count = 0;

	for (; count < BATCH_MAX && serve->queue.first != NULL; count++) {
		batch[count] = list_pop(&serve->queue);
		jobs[count] = &batch[count]->job;
	}
	submit_batch(serve->store, jobs, count);
	publish_pump(serve);
	for (size_t i = 0; i < count; i++)
		if (must_wait(serve, batch[i]))
			request_wait(serve, batch[i]);
		else
			request_done(batch[i], true);
}

void
requests_forget(struct serve *serve, const struct peer *peer)
{
	struct request *lists[] = { serve->queue.first, serve->waiting.first };

	for (size_t i = 0; i < 2; i++)
		for (struct request *request = lists[i]; request != NULL; request = request->next)
			if (request->peer == peer)
				request->peer = NULL;
}

size_t
requests_flush(struct serve *serve)
{
	struct request *request;
	size_t          count = 0;

	while ((request = list_pop(&serve->waiting)) != NULL) {
		request_done(request, request->version <= serve->live);
		count++;
	}
	return count;
}
