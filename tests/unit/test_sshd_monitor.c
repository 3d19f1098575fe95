/* SPDX-License-Identifier: ISC */
/* The monitor against network children that were taken over: whatever they send, nobody gets in as somebody else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/crypt.h"
#include "base/log.h"
#include "sshd/monitor_local.h"

#define WAIT_MS 5000

#define KEY_1 \
	"AAAAC3NzaC1lZDI1NTE5AAAAINLFL2yi2qsa4f2MFa9RgR102gHTU7dIOKoy13/hVbQ0"
#define KEY_2 \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBJB3blMQmZ77+ZV3US5GEXvvp6wlLl6cad/TijAPfa0d3V1b" \
	"NkAxb/rTpHYtgg5u6wB4RCh7oTGqf1+G+zBQ/+Y="
#define KEY_3 \
	"AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIN51TqARSeK/bk7BvwR+itD6T/STXwNu8VCYtQpt/eE3AAAABHNzaDo="
#define KEY_4 \
	"AAAAC3NzaC1lZDI1NTE5AAAAIH4dwReTtkm6JPlTZCdawQv3bjrg9H2QfffHJ1f2gDJb"
#define KEY_5 \
	"AAAAC3NzaC1lZDI1NTE5AAAAIISLc1/3twNKCprAd2uQrH659/QgyRpr0Ju14ZsSpLM5"

enum { ALICE, MALLORY, TOKEN, ROUTER, STRANGER };

/* As the fake store below knows them. */
static const struct { const char *type, *base64, *name; enum id_kind kind; } keys[] = {
	[ALICE]    = { "ssh-ed25519", KEY_1, "alice", ID_ACCOUNT },
	[MALLORY]  = { "ecdsa-sha2-nistp256", KEY_2, "mallory", ID_ACCOUNT },
	[TOKEN]    = { "sk-ssh-ed25519@openssh.com", KEY_3, "alice", ID_ACCOUNT },
	[ROUTER]   = { "ssh-ed25519", KEY_4, "router", ID_DEVICE },
	[STRANGER] = { "ssh-ed25519", KEY_5, "", ID_ACCOUNT },
};

/* A monitor in a process of its own; the test plays its network child and its store. */
struct fixture {
	pid_t       pid;
	struct chan net, store;
	unsigned    opened;     /* client channels that were asked for */
	char        proof[64], via[16];
};

static void
start(struct fixture *f)
{
	int net[2], store[2];

	*f = (struct fixture){ 0 };
	assert_true(chan_pair(net, NULL) && chan_pair(store, NULL));
	f->pid = fork();
	if (f->pid == 0) {
		static struct proc proc = { .conf.ssh_grace_num = 30000 };
		struct monitor_ask ask = { .proc = &proc, .tap_works = true };
		struct monitor     m = { .ask = &ask, .from = "192.0.2.1" };

		close(net[1]);
		close(store[1]);
		monitor_serve(&m, net[0], store[0]);
		_exit(0);
	}
	close(net[0]);
	close(store[0]);
	chan_init(&f->net, net[1]);
	chan_init(&f->store, store[1]);
}

static void
stop(struct fixture *f)
{
	int status;

	chan_done(&f->net);
	chan_done(&f->store);
	assert_int_equal(waitpid(f->pid, &status, 0), f->pid);
	assert_int_equal(status, 0);
}

/* What the store says to one request. */
static void
store_answer(struct fixture *f)
{
	struct msg      request, reply;
	struct identity who = { 0 };
	struct err      err = { .code = ERR_NOTFOUND };
	const char     *type, *base64;

	assert_int_equal(chan_recv_wait(&f->store, &request, WAIT_MS), CHAN_MSG);
	type = msg_get_str(&request);
	base64 = msg_get_str(&request);
	for (size_t i = 0; i < STRANGER; i++)
		if (strcmp(keys[i].type, type) == 0 && strcmp(keys[i].base64, base64) == 0) {
			who.kind = keys[i].kind;
			strcpy(who.name, keys[i].name);
			err.code = ERR_NONE;
		}
	if (request.type == MSG_CLIENT_OPEN) {
		f->opened++;
		strcpy(f->proof, msg_get_str(&request));
		assert_string_equal(msg_get_str(&request), "192.0.2.1");
		strcpy(f->via, msg_get_str(&request));
		err.code = ERR_BUSY;            /* no helper is wanted here */
	}
	msg_init(&reply, err.code == ERR_NONE ? MSG_OK : MSG_ERR, request.id);
	if (err.code == ERR_NONE)
		client_put_identity(&reply, &who);
	else
		msg_put_err(&reply, &err);
	assert_true(chan_send(&f->store, &reply));
	msg_done(&request);
}

/* The first bool of the monitor's reply of type WANT, or -1 when it hung up instead. */
static int
monitor_says(struct fixture *f, uint16_t want)
{
	struct msg msg;
	int        yes;

	if (chan_recv_wait(&f->net, &msg, WAIT_MS) != CHAN_MSG)
		return -1;
	assert_int_equal(msg.type, want);
	yes = msg_get_bool(&msg);
	msg_done(&msg);
	return yes;
}

static int
lookup_as(struct fixture *f, const char *type, const char *base64, bool asks_store)
{
	struct msg msg;

	msg_init(&msg, NET_LOOKUP, 0);
	msg_put_str(&msg, type);
	msg_put_str(&msg, base64);
	assert_true(chan_send(&f->net, &msg));
	if (asks_store)
		store_answer(f);
	return monitor_says(f, NET_KNOWN);
}

static int
lookup(struct fixture *f, int key)
{
	return lookup_as(f, keys[key].type, keys[key].base64, true);
}

static int
login(struct fixture *f, int key, bool heard, size_t data_len, size_t signature_len)
{
	static const uint8_t zero[200];
	struct msg           msg;

	msg_init(&msg, NET_LOGIN, 0);
	msg_put_str(&msg, keys[key].type);
	msg_put_str(&msg, keys[key].base64);
	msg_put_bool(&msg, heard);
	msg_put_blob(&msg, zero, data_len);
	msg_put_blob(&msg, zero, signature_len);
	assert_true(chan_send(&f->net, &msg));
	return monitor_says(f, NET_ADMITTED);
}

struct wish { uint8_t slot; bool tty; const char *term, *command; size_t command_len; unsigned envs; const char *name, *value; };

static void
send_open(struct fixture *f, const struct wish *wish)
{
	struct msg msg;

	msg_init(&msg, NET_OPEN, 0);
	msg_put_u8(&msg, wish->slot);
	msg_put_bool(&msg, wish->tty);
	msg_put_str(&msg, wish->term);
	msg_put_u32(&msg, 80);
	msg_put_u32(&msg, 24);
	msg_put_blob(&msg, wish->command, wish->command_len);
	msg_put_u8(&msg, (uint8_t)wish->envs);
	for (unsigned i = 0; i < wish->envs; i++) {
		msg_put_str(&msg, wish->name);
		msg_put_str(&msg, wish->value);
	}
	assert_true(chan_send(&f->net, &msg));
}

static void
hung_up(struct fixture *f)
{
	struct msg msg;

	assert_int_equal(chan_recv_wait(&f->net, &msg, WAIT_MS), CHAN_CLOSED);
}

/* The next channel request reaches the store, and its refusal the child. */
static void
open_reaches_store(struct fixture *f, const struct wish *wish)
{
	struct msg msg;

	send_open(f, wish);
	store_answer(f);
	assert_int_equal(chan_recv_wait(&f->net, &msg, WAIT_MS), CHAN_MSG);
	assert_int_equal(msg.type, NET_REFUSED);
	assert_int_equal(msg_get_u8(&msg), wish->slot);
	assert_int_equal(msg_get_u32(&msg), 75);
	msg_done(&msg);
}

static const struct wish plain = { .term = "", .command = "whoami", .command_len = 6 };

static void
good(void **state)
{
	struct fixture f;
	struct wish    zone = { .slot = 9, .tty = true, .term = "xterm", .command = "example.org", .command_len = 11,
		.envs = 2, .name = "LANG", .value = "C.UTF-8" };

	(void)state;
	start(&f);
	assert_int_equal(lookup(&f, STRANGER), false);
	assert_int_equal(lookup(&f, ALICE), true);
	assert_int_equal(login(&f, ALICE, false, 0, 0), true);
	open_reaches_store(&f, &plain);
	assert_string_equal(f.proof, "ed25519");
	assert_string_equal(f.via, "cli");
	open_reaches_store(&f, &zone);
	assert_string_equal(f.via, "tui");
	open_reaches_store(&f, &plain);         /* the slot is free again */
	assert_int_equal(f.opened, 3);
	stop(&f);
}

static void
login_without_right(void **state)
{
	static const struct { int asked, login; } cases[] = {
		{ -1, ALICE }, { STRANGER, STRANGER }, { STRANGER, ALICE }, { MALLORY, ALICE }, { ALICE, TOKEN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fixture f;

		start(&f);
		if (cases[i].asked >= 0)
			lookup(&f, cases[i].asked);
		assert_int_equal(login(&f, cases[i].login, false, 0, 0), -1);
		stop(&f);
	}
}

static void
security_key_without_touch(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	assert_int_equal(lookup(&f, TOKEN), true);
	assert_int_equal(login(&f, TOKEN, false, 0, 0), false);         /* not overheard */
	assert_int_equal(lookup(&f, TOKEN), true);
	assert_int_equal(login(&f, TOKEN, true, 69, 64), false);        /* nonsense */
	assert_int_equal(lookup(&f, TOKEN), true);
	assert_int_equal(login(&f, TOKEN, true, 68, 64), -1);           /* no such message */
	stop(&f);
	start(&f);
	assert_int_equal(lookup(&f, TOKEN), true);
	assert_int_equal(login(&f, TOKEN, true, 69, 129), -1);
	stop(&f);
}

/* The key of a token under the name of a type that needs no touch never gets as far as the store. */
static void
false_type(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	assert_int_equal(lookup_as(&f, "ssh-ed25519", keys[TOKEN].base64, false), false);
	assert_int_equal(lookup_as(&f, "ssh-ed25519-cert-v01@openssh.com", keys[ALICE].base64, false), false);
	assert_int_equal(login(&f, TOKEN, false, 0, 0), -1);
	stop(&f);
}

static void
open_before_login(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	assert_int_equal(lookup(&f, ALICE), true);
	send_open(&f, &plain);
	hung_up(&f);
	stop(&f);
}

static void
one_login_only(void **state)
{
	struct fixture f;
	struct msg     msg;

	(void)state;
	start(&f);
	assert_int_equal(lookup(&f, MALLORY), true);
	assert_int_equal(login(&f, MALLORY, false, 0, 0), true);
	msg_init(&msg, NET_LOOKUP, 0);
	msg_put_str(&msg, keys[ALICE].type);
	msg_put_str(&msg, keys[ALICE].base64);
	chan_send(&f.net, &msg);
	hung_up(&f);
	stop(&f);
}

static void
bad_wishes(void **state)
{
	static char              large[HELPER_COMMAND_MAX + 1];
	static const struct wish cases[] = {
		{ .slot = NET_SLOTS, .term = "", .command = "" },
		{ .tty = true, .term = "../xterm", .command = "" },
		{ .tty = true, .term = "", .command = "" },
		{ .term = "", .command = "a\0b", .command_len = 3 },
		{ .term = "", .command = large, .command_len = sizeof large },
		{ .term = "", .command = "", .envs = HELPER_ENV_MAX + 1, .name = "LANG", .value = "C" },
		{ .term = "", .command = "", .envs = 1, .name = "LD_PRELOAD", .value = "x" },
		{ .term = "", .command = "", .envs = 1, .name = "LC_ALL", .value = "../x" },
	};

	(void)state;
	memset(large, 'x', sizeof large);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fixture f;

		start(&f);
		assert_int_equal(lookup(&f, ALICE), true);
		assert_int_equal(login(&f, ALICE, false, 0, 0), true);
		send_open(&f, &cases[i]);
		hung_up(&f);
		assert_int_equal(f.opened, 0);
		stop(&f);
	}
}

static void
slot_in_use(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	assert_int_equal(lookup(&f, ALICE), true);
	assert_int_equal(login(&f, ALICE, false, 0, 0), true);
	send_open(&f, &plain);
	send_open(&f, &plain);
	hung_up(&f);
	stop(&f);
}

static void
device_gets_no_terminal(void **state)
{
	struct fixture f;
	struct wish    shell = { .tty = true, .term = "xterm", .command = "" };

	(void)state;
	start(&f);
	assert_int_equal(lookup(&f, ROUTER), true);
	assert_int_equal(login(&f, ROUTER, false, 0, 0), true);
	open_reaches_store(&f, &plain);
	assert_string_equal(f.via, "ssh-device");
	send_open(&f, &shell);
	hung_up(&f);
	stop(&f);
}

static void
nonsense(void **state)
{
	(void)state;
	for (uint16_t type = 0; type <= NET_MSGS + 1; type++) {
		struct fixture f;
		struct msg     msg;

		start(&f);
		msg_init(&msg, type, 0);
		msg_put_u32(&msg, 0x01020304);
		chan_send(&f.net, &msg);
		hung_up(&f);
		stop(&f);
	}
}

/* Who has not logged in when the store goes is sent away; who has may go on, but gets nothing new. */
static void
store_gone(void **state)
{
	struct fixture f;
	struct msg     msg;

	(void)state;
	start(&f);
	chan_done(&f.store);
	assert_int_equal(chan_recv_wait(&f.net, &msg, WAIT_MS), CHAN_MSG);
	assert_int_equal(msg.type, NET_BYE);
	msg_done(&msg);
	stop(&f);

	start(&f);
	assert_int_equal(lookup(&f, ALICE), true);
	assert_int_equal(login(&f, ALICE, false, 0, 0), true);
	chan_done(&f.store);
	send_open(&f, &plain);
	assert_int_equal(chan_recv_wait(&f.net, &msg, WAIT_MS), CHAN_MSG);
	assert_int_equal(msg.type, NET_REFUSED);
	msg_done(&msg);
	stop(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good), cmocka_unit_test(login_without_right), cmocka_unit_test(security_key_without_touch),
		cmocka_unit_test(false_type), cmocka_unit_test(open_before_login), cmocka_unit_test(one_login_only),
		cmocka_unit_test(bad_wishes), cmocka_unit_test(slot_in_use), cmocka_unit_test(device_gets_no_terminal),
		cmocka_unit_test(nonsense), cmocka_unit_test(store_gone),
	};

	crypt_init();
	log_init("test", LOG_LEVEL_FATAL);      /* what is refused here is refused on purpose */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
