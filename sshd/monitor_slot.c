/* SPDX-License-Identifier: ISC */
/* One slot per SSH channel: from the client's wish over a client channel of the store to a helper, and to its exit status. */
#include "sshd/monitor_local.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/str.h"

#define SIZE_ASK_MAX 100000     /* of a window; pty.c decides what is sensible */

static const struct { const char *name; int signo; } signals[] = {
	{ "HUP", SIGHUP }, { "INT", SIGINT }, { "QUIT", SIGQUIT }, { "TERM", SIGTERM }, { "KILL", SIGKILL },
	{ "ABRT", SIGABRT }, { "SEGV", SIGSEGV }, { "PIPE", SIGPIPE }, { "ALRM", SIGALRM }, { "FPE", SIGFPE }, { "ILL", SIGILL },
};

#define SIGNALS_FROM_CLIENT 5   /* only these rows */

static uint8_t
slot_number(const struct monitor_slot *slot)
{
	return (uint8_t)(slot - slot->monitor->slots);
}

static void
slot_free(struct monitor_slot *slot)
{
	free(slot->ask.command);
	*slot = (struct monitor_slot){ .monitor = slot->monitor };
}

static void
slot_refuse(struct monitor_slot *slot, const struct err *why)
{
	struct msg msg;

	msg_init(&msg, NET_REFUSED, 0);
	msg_put_u8(&msg, slot_number(slot));
	msg_put_u32(&msg, (uint32_t)err_exit(why->code));
	msg_put_str(&msg, why->text);
	monitor_send_net(slot->monitor, &msg);
	slot_free(slot);
}

static const char *
signal_name(int signo)
{
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		if (signals[i].signo == signo)
			return signals[i].name;
	return signo == 0 ? "" : "KILL";
}

static void
on_helper_exit(void *arg, pid_t pid, int wait_status)
{
	struct monitor_slot *slot = arg;
	struct monitor      *m = slot->monitor;
	struct msg           msg;

	log_debug("ssh %s: helper %d ended with status %#x", m->from, (int)pid, (unsigned)wait_status);
	msg_init(&msg, NET_EXIT, 0);
	msg_put_u8(&msg, slot_number(slot));
	msg_put_u32(&msg, WIFEXITED(wait_status) ? (uint32_t)WEXITSTATUS(wait_status) : 255);
	msg_put_str(&msg, signal_name(WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0));
	slot_free(slot);
	if (m->state == MONITOR_ENDING) {
		msg_done(&msg);
		monitor_end(m);
	} else {
		monitor_send_net(m, &msg);
	}
}

/* The descriptors go to the network child; the monitor keeps none of them. */
static void
send_opened(struct monitor_slot *slot, const struct helper *helper)
{
	struct msg msg;

	msg_init(&msg, NET_OPENED, 0);
	msg_put_u8(&msg, slot_number(slot));
	msg_put_fd(&msg, helper->in);
	msg_put_fd(&msg, helper->out);
	msg_put_bool(&msg, helper->err >= 0);
	if (helper->err >= 0) {
		msg_put_fd(&msg, helper->err);
		close(helper->err);
	}
	close(helper->in);
	close(helper->out);
	monitor_send_net(slot->monitor, &msg);
}

static void
slot_start(struct monitor_slot *slot, int client)
{
	struct monitor *m = slot->monitor;
	struct helper   helper;
	struct err      err = { 0 };

	if (slot->closed) {
		err_set(&err, ERR_FAILED, "the client closed the channel");
		slot_refuse(slot, &err);
		return;
	}
	slot->ask.host = conf_str(&m->ask->proc->conf, name);
	if (!helper_start(&helper, &slot->ask, client, &err)) {
		log_warn("ssh %s: %s", m->from, err.text);
		slot_refuse(slot, &err);
		return;
	}
	slot->state = SLOT_RUNNING;
	slot->pid = helper.pid;
	loop_child(m->loop, helper.pid, on_helper_exit, slot);
	send_opened(slot, &helper);
}

void
monitor_on_client(struct monitor *m, struct msg *reply)
{
	struct monitor_slot *slot = NULL;
	struct err           err = { 0 };
	int                  client = -1;

	for (size_t i = 0; i < NET_SLOTS; i++)
		if (m->slots[i].state == SLOT_OPENING && m->slots[i].request == reply->id)
			slot = &m->slots[i];
	if (slot == NULL)
		return;
	if (reply->type == MSG_OK)
		client = msg_take_fd(reply);
	else
		msg_get_err(reply, &err);
	if (client >= 0) {
		slot_start(slot, client);
		close(client);
		return;
	}
	if (err.code == ERR_NONE)
		err_set(&err, ERR_FAILED, "the store gave no channel");
	log_info("ssh %s: no channel for %s: %s", m->from, m->who.name, err.text);
	slot_refuse(slot, &err);
}

void
monitor_store_lost(struct monitor *m)
{
	struct err err = { 0 };

	err_set(&err, ERR_BUSY, "the store restarted, connect again");
	for (size_t i = 0; i < NET_SLOTS; i++)
		if (m->slots[i].state == SLOT_OPENING)
			slot_refuse(&m->slots[i], &err);
}

/* A slot number of the child; NULL when there is no such. */
static struct monitor_slot *
get_slot(struct monitor *m, struct msg *msg)
{
	uint8_t number = msg_get_u8(msg);

	return number < NET_SLOTS ? &m->slots[number] : NULL;
}

static bool
get_env(struct helper_ask *ask, struct msg *msg)
{
	uint8_t count = msg_get_u8(msg);

	if (count > HELPER_ENV_MAX)
		return false;
	for (size_t i = 0; i < count; i++) {
		const char *name = msg_get_str(msg), *value = msg_get_str(msg);

		if (!helper_env_ok(name, value))
			return false;
		strcpy(ask->env[i].name, name);         /* helper_env_ok saw that they fit */
		strcpy(ask->env[i].value, value);
	}
	ask->env_count = count;
	return true;
}

/* The child has checked all this before; a child that sends something else is not ours any more. */
static bool
get_ask(struct helper_ask *ask, struct msg *msg)
{
	const char *term, *command;
	size_t      len;

	ask->tty = msg_get_bool(msg);
	term = msg_get_str(msg);
	ask->cols = msg_get_u32(msg);
	ask->rows = msg_get_u32(msg);
	command = msg_get_blob(msg, &len);
	if (len > HELPER_COMMAND_MAX || memchr(command, '\0', len) != NULL || ask->cols > SIZE_ASK_MAX || ask->rows > SIZE_ASK_MAX)
		return false;
	if (ask->tty && !helper_term_ok(term))
		return false;
	if (ask->tty)
		strcpy(ask->term, term);
	ask->command = mem_alloc(len + 1);
	memcpy(ask->command, command, len);
	return get_env(ask, msg) && msg_end(msg);
}

static const char *
slot_via(const struct monitor_slot *slot)
{
	if (slot->monitor->who.kind == ID_DEVICE)
		return "ssh-device";
	return helper_choose(&slot->ask) == HELPER_TUI ? "tui" : "cli";
}

bool
monitor_on_open(struct monitor *m, struct msg *msg)
{
	struct monitor_slot *slot = get_slot(m, msg);
	struct msg           request;
	struct err           err = { 0 };

	if (slot == NULL || slot->state != SLOT_FREE)
		return false;
	slot->state = SLOT_OPENING;
	if (!get_ask(&slot->ask, msg) || (slot->ask.tty && m->who.kind == ID_DEVICE)) {
		slot_free(slot);
		return false;
	}
	slot->request = ++m->request;
	msg_init(&request, MSG_CLIENT_OPEN, slot->request);
	msg_put_str(&request, m->key.type->name);
	msg_put_str(&request, m->key.base64);
	msg_put_str(&request, m->key.type->proof);
	msg_put_str(&request, m->from);
	msg_put_str(&request, slot_via(slot));
	if (!monitor_send_store(m, &request)) {
		err_set(&err, ERR_BUSY, "the store restarted, connect again");
		slot_refuse(slot, &err);
	}
	return true;
}

bool
monitor_on_signal(struct monitor *m, struct msg *msg)
{
	struct monitor_slot *slot = get_slot(m, msg);
	const char          *name = msg_get_str(msg);

	if (slot == NULL || !msg_end(msg))
		return false;
	for (size_t i = 0; i < SIGNALS_FROM_CLIENT; i++)
		if (slot->state == SLOT_RUNNING && strcmp(signals[i].name, name) == 0)
			kill(-slot->pid, signals[i].signo);
	return true;
}

/* It may cross with the helper's own end: then the slot is free already. */
bool
monitor_on_close(struct monitor *m, struct msg *msg)
{
	struct monitor_slot *slot = get_slot(m, msg);

	if (slot == NULL || !msg_end(msg))
		return false;
	slot->closed = slot->state != SLOT_FREE;
	if (slot->state == SLOT_RUNNING)
		kill(-slot->pid, SIGHUP);
	return true;
}

bool
monitor_kill_helpers(struct monitor *m, int signo)
{
	bool any = false;

	for (size_t i = 0; i < NET_SLOTS; i++) {
		if (m->slots[i].state != SLOT_RUNNING)
			continue;
		any = true;
		kill(-m->slots[i].pid, signo);
	}
	return any;
}
