/* SPDX-License-Identifier: ISC */
/*
 * The client protocol: what is put is got, broken messages are noticed, and calls over a channel with a store played by a thread.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "store/client_fields.h"

/* Make what was put readable. */
static void
turn(struct msg *msg)
{
	cur_init(&msg->in, msg->body.data, msg->body.len);
}

static void
identities(void **state)
{
	const struct identity who = { ID_DEVICE, "router.example.org", "router", "SHA256:abc", "ed25519-sk, touch", "2001:db8::1", "ssh-device", true };
	struct identity       got;
	struct msg            msg;

	(void)state;
	msg_init(&msg, 0, 0);
	client_put_identity(&msg, &who);
	turn(&msg);
	assert_true(client_get_identity(&msg, &got) && msg_end(&msg));
	assert_int_equal(got.kind, ID_DEVICE);
	assert_string_equal(got.name, who.name);
	assert_string_equal(got.proof, who.proof);
	assert_string_equal(got.from, who.from);
	assert_true(got.admin);

	msg.body.data[0] = ID_KINDS;
	turn(&msg);
	assert_false(client_get_identity(&msg, &got));
	msg_done(&msg);
}

static void
keys(void **state)
{
	struct key key = { .hash = CRYPT_SHA256, .secret_len = 3, .secret = "abc" }, got;
	struct msg msg;

	(void)state;
	name_parse(key.name, "k._update.example.org", NULL, NULL);
	msg_init(&msg, 0, 0);
	client_put_key(&msg, &key);
	turn(&msg);
	assert_true(client_get_key(&msg, &got) && msg_end(&msg));
	assert_true(name_equal(got.name, key.name));
	assert_int_equal(got.hash, CRYPT_SHA256);
	assert_memory_equal(got.secret, "abc", 3);
	for (size_t len = 0; len < msg.body.len; len++) {       /* cut anywhere, it is noticed */
		cur_init(&msg.in, msg.body.data, len);
		assert_false(client_get_key(&msg, &got) && msg_end(&msg));
	}
	msg_done(&msg);
}

static void
submits(void **state)
{
	struct arena *arena = arena_new();
	uint8_t       apex[NAME_SIZE];
	struct submit submit = { .zone = "example.org", .base = "abcd", .text = "a\0b", .text_len = 3, .dry_run = true, .message = "why",
	                         .has_if_serial = true, .if_serial = 7, .if_commit = "12ab" }, got;
	struct err    err = { 0 };
	struct msg    msg;

	(void)state;
	name_parse(apex, "example.org", NULL, NULL);
	submit.change = change_parse(arena, apex, "add www 300 A 192.0.2.1\ndelete old", NULL);
	msg_init(&msg, MSG_SUBMIT, 1);
	client_put_submit(&msg, &submit);
	turn(&msg);
	assert_true(client_get_submit(&msg, &got, arena, &err));
	assert_string_equal(got.zone, "example.org");
	assert_string_equal(got.message, "why");
	assert_int_equal(got.change->count, 2);
	assert_int_equal(got.text_len, 3);
	assert_true(got.has_if_serial && got.if_serial == 7 && got.dry_run);
	for (size_t len = 0; len < msg.body.len; len++) {
		cur_init(&msg.in, msg.body.data, len);
		assert_false(client_get_submit(&msg, &got, arena, &err));
	}
	msg_done(&msg);
	arena_free(arena);
}

static void
results_and_reports(void **state)
{
	struct submit_result result = { .changed = true, .live = true, .serial_old = 1, .serial = 2, .commit = "c0ffee", .added = 3, .removed = 4,
	                                .diff = "+ www 300 A 192.0.2.1\n" }, got;
	struct msg           msg;

	(void)state;
	report_init(&result.report);
	report_add(&result.report, &(struct finding){ FINDING_WARNING, "W-DOT", 3, 4, "www", "CNAME", "no dot", "add one" });
	msg_init(&msg, MSG_OK, 1);
	client_put_result(&msg, &result);
	turn(&msg);
	assert_true(client_get_result(&msg, &got) && msg_end(&msg));
	assert_string_equal(got.diff, result.diff);
	assert_int_equal(got.report.count, 1);
	assert_int_equal(got.report.warnings, 1);
	assert_string_equal(got.report.findings[0].hint, "add one");
	submit_result_done(&got);
	report_done(&result.report);
	msg_done(&msg);
}

static void
the_reply_to_an_update(void **state)
{
	const struct err refused = { .code = ERR_DENIED, .id = "E-DENIED", .text = "no" };
	char             commit[OID_TEXT_MAX];
	struct err       err = { 0 };
	struct msg       msg;
	uint32_t         serial;
	bool             changed;

	(void)state;
	msg_init(&msg, MSG_OK, 1);
	msg_put_bool(&msg, true);
	msg_put_u32(&msg, 42);
	msg_put_str(&msg, "c0ffee");
	turn(&msg);
	assert_true(client_get_update(&msg, &changed, &serial, commit, &err));
	assert_true(changed && serial == 42);
	assert_string_equal(commit, "c0ffee");
	msg_done(&msg);
	msg_init(&msg, MSG_ERR, 1);
	msg_put_err(&msg, &refused);
	turn(&msg);
	assert_false(client_get_update(&msg, &changed, &serial, commit, &err));
	assert_int_equal(err.code, ERR_DENIED);
	msg_done(&msg);
}

/* ---- a store that says what the test wants ---- */

struct played { int fd; void (*reply)(struct chan *chan, const struct msg *request); };

static void *
play(void *arg)
{
	struct played *played = arg;
	struct chan    chan;
	struct msg     msg;

	chan_init(&chan, played->fd);
	while (chan_recv_wait(&chan, &msg, -1) == CHAN_MSG) {
		played->reply(&chan, &msg);
		msg_done(&msg);
	}
	chan_done(&chan);
	return NULL;
}

static void
send_event(struct chan *chan, uint32_t serial)
{
	const struct client_event event = { .zone = "example.org", .serial = serial };
	struct msg                msg;

	msg_init(&msg, MSG_EVENT, 0);
	client_put_event(&msg, &event);
	chan_send_wait(chan, &msg, -1);
}

/* Events and a late reply come before the right one. */
static void
reply_status(struct chan *chan, const struct msg *request)
{
	const struct info info = { .commit = "abc", .zones = 3 };
	struct msg        msg;

	send_event(chan, 1);
	msg_init(&msg, MSG_OK, request->id - 1);
	chan_send_wait(chan, &msg, -1);
	send_event(chan, 2);
	msg_init(&msg, MSG_OK, request->id);
	client_put_info(&msg, &info);
	chan_send_wait(chan, &msg, -1);
}

static void
reply_refused(struct chan *chan, const struct msg *request)
{
	struct err    err = { 0 };
	struct report report;
	struct msg    msg;

	err_set(&err, ERR_CHECK, "not that");
	report_init(&report);
	report_add(&report, &(struct finding){ FINDING_ERROR, "E-X", 0, 0, "", "", "not that", "" });
	msg_init(&msg, MSG_ERR, request->id);
	msg_put_err(&msg, &err);
	client_put_report(&msg, &report);
	chan_send_wait(chan, &msg, -1);
	report_done(&report);
}

static void
reply_nonsense(struct chan *chan, const struct msg *request)
{
	struct msg msg;

	msg_init(&msg, MSG_OK, request->id);
	msg_put_u32(&msg, 1000000);
	chan_send_wait(chan, &msg, -1);
}

static void
reply_by_leaving(struct chan *chan, const struct msg *request)
{
	(void)request;
	shutdown(chan->fd, SHUT_RDWR);
}

static void
with_store(void (*reply)(struct chan *, const struct msg *), void (*test)(struct client *))
{
	struct played  played = { .reply = reply };
	struct client *client;
	pthread_t      thread;
	int            fds[2];

	assert_true(chan_pair(fds, NULL));
	played.fd = fds[1];
	assert_int_equal(pthread_create(&thread, NULL, play, &played), 0);
	client = client_new(fds[0]);
	test(client);
	client_free(client);
	pthread_join(thread, NULL);
}

static void
ask_status(struct client *client)
{
	struct client_event event;
	struct info         info;
	struct err          err = { 0 };

	assert_true(client_status(client, &info, &err));
	assert_int_equal(info.zones, 3);
	assert_true(client_event_next(client, &event, &err) && event.serial == 1);
	assert_true(client_event_next(client, &event, &err) && event.serial == 2);
	assert_false(client_event_next(client, &event, &err));
	assert_int_equal(err.code, ERR_NONE);
}

static void
ask_refused(struct client *client)
{
	const struct submit  submit = { .mode = SUBMIT_CREATE, .zone = "x" };
	struct submit_result result;
	struct err           err = { 0 };

	assert_false(client_submit(client, &submit, &result, &err));
	assert_int_equal(err.code, ERR_CHECK);
	assert_string_equal(err.text, "not that");
	assert_int_equal(result.report.errors, 1);
	submit_result_done(&result);
}

static void
ask_nonsense(struct client *client)
{
	struct zone_info *zones;
	size_t            count;
	struct err        err = { 0 };

	assert_false(client_zone_list(client, &zones, &count, &err));
	assert_int_equal(err.code, ERR_FAILED);
	assert_null(zones);
}

static void
ask_gone(struct client *client)
{
	struct client_event event;
	struct err          err = { 0 };

	assert_false(client_watch(client, &err));
	assert_int_equal(err.code, ERR_BUSY);
	assert_false(client_fetch(client, &err));
	err = (struct err){ 0 };
	assert_false(client_event_next(client, &event, &err));
	assert_int_equal(err.code, ERR_BUSY);
}

static void
calls(void **state)
{
	(void)state;
	with_store(reply_status, ask_status);
	with_store(reply_refused, ask_refused);
	with_store(reply_nonsense, ask_nonsense);
	with_store(reply_by_leaving, ask_gone);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identities),
		cmocka_unit_test(keys),
		cmocka_unit_test(submits),
		cmocka_unit_test(results_and_reports),
		cmocka_unit_test(the_reply_to_an_update),
		cmocka_unit_test(calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
