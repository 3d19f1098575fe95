/* SPDX-License-Identifier: ISC */
/*
 * Commands about the server and about who asks: help, whoami, version, status, remote.
 */
#include <string.h>

#include "sshd/cmd_write.h"

static const char *const kind_names[ID_KINDS] = {
	[ID_ADMIN] = "admin", [ID_ACCOUNT] = "user", [ID_DEVICE] = "device", [ID_TSIG] = "tsig", [ID_WEBHOOK] = "webhook",
};

/* The lines of SCOPE as an array. */
static json_t *
json_scope(const char *scope)
{
	json_t *array = json_array();

	while (*scope != '\0') {
		size_t len = strcspn(scope, "\n");

		if (len != 0)
			json_array_append_new(array, json_stringn(scope, len));
		scope += len + (scope[len] != '\0');
	}
	return array;
}

static void
whoami_json(struct run *run, const char *role, const char *scope)
{
	const struct identity *who = &run->who;

	json_put(run->json, "name", json_text(who->name));
	json_put(run->json, "display", json_text(who->display));
	json_put(run->json, "role", json_text(role));
	json_put(run->json, "admin", json_boolean(who->admin));
	json_put(run->json, "key", json_text(who->key));
	json_put(run->json, "proof", json_text(who->proof));
	json_put(run->json, "from", json_text(who->from));
	json_put(run->json, "keys", json_integer(run->keys));
	json_put(run->json, "zones", json_integer(run->zones));
	json_put(run->json, "scope", json_scope(scope));
}

static bool
whoami_run(struct run *run)
{
	const struct identity *who = &run->who;
	const char            *scope = run->scope != NULL ? run->scope : "";
	const char            *role = who->admin ? "admin" : kind_names[who->kind];

	whoami_json(run, role, scope);
	out_line(&run->out, "%s  %s  %s%s(%s)  %u key%s, %u zone%s", who->display, role, who->key, who->key[0] != '\0' ? " " : "", who->proof,
	    run->keys, run->keys == 1 ? "" : "s", run->zones, run->zones == 1 ? "" : "s");
	while (*scope != '\0') {
		size_t len = strcspn(scope, "\n");

		out_line(&run->out, "may update %.*s", (int)len, scope);
		scope += len + (scope[len] != '\0');
	}
	return true;
}

static bool
version_run(struct run *run)
{
	json_put(run->json, "version", json_text(ZONESH_VERSION));
	out_line(&run->out, "zonesh %s", ZONESH_VERSION);
	return true;
}

static void
status_json(struct run *run, const struct info *info)
{
	json_put(run->json, "commit", json_text(info->commit));
	json_put(run->json, "zones", json_integer(info->zones));
	json_put(run->json, "broken", json_integer(info->broken));
	json_put(run->json, "accounts", json_integer(info->accounts));
	json_put(run->json, "dns_live", json_boolean(info->dns_live));
	json_put(run->json, "remote", info->has_remote ? json_text(info->remote) : json_null());
	json_put(run->json, "fetched", json_time(info->fetched_s));
	json_put(run->json, "pushed", json_time(info->pushed_s));
	json_put(run->json, "unpushed", json_boolean(info->unpushed));
	json_put(run->json, "remote_error", json_text(info->remote_error));
	json_put(run->json, "conflict", json_text(info->conflict));
	json_put(run->json, "conflict_time", json_time(info->conflict_s));
	json_put(run->json, "broken_files", json_integer(info->broken_files));
	json_put(run->json, "problems", json_scope(info->problems));
	json_put(run->json, "started", json_time(info->started_s));
}

/* A row of two cells. */
#define ROW(table, name, ...) (table_add(table, 0, "%s", name), table_add(table, 1, __VA_ARGS__))

static void
status_remote(struct run *run, struct table *table, const struct info *info)
{
	ROW(table, "remote", "%s", info->has_remote ? info->remote : "none");
	if (!info->has_remote)
		return;
	ROW(table, "fetched", "%s", run_time(run, info->fetched_s));
	ROW(table, "pushed", "%s%s", run_time(run, info->pushed_s), info->unpushed ? ", newer commits wait" : "");
	if (info->remote_error[0] != '\0')
		ROW(table, "remote error", "%s", info->remote_error);
	if (info->conflict[0] != '\0')
		ROW(table, "conflict", "%s  %s", run_time(run, info->conflict_s), info->conflict);
}

/* A line for every file that does not load, as far as they are told. */
static void
status_broken(struct table *table, const struct info *info)
{
	uint32_t shown = 0;

	for (const char *line = info->problems; *line != '\0'; shown++) {
		size_t len = strcspn(line, "\n");

		ROW(table, "broken", "%.*s", (int)len, line);
		line += len + (line[len] != '\0');
	}
	if (info->broken_files > shown)
		ROW(table, "broken", "%u %sfile%s", info->broken_files - shown, shown != 0 ? "more " : "", info->broken_files - shown == 1 ? "" : "s");
}

static bool
status_run(struct run *run)
{
	struct info  info;
	struct table table;

	if (!client_status(run->client, &info, &run->err))
		return false;
	status_json(run, &info);
	table_init(&table, run->arena, 2);
	ROW(&table, "version", "%s", ZONESH_VERSION);
	ROW(&table, "started", "%s", run_time(run, info.started_s));
	ROW(&table, "commit", "%s", info.commit);
	ROW(&table, "zones", "%u, %u broken", info.zones, info.broken);
	status_broken(&table, &info);
	ROW(&table, "accounts", "%u", info.accounts);
	ROW(&table, "dns", "%s", info.dns_live ? "serves all of it" : "loading");
	status_remote(run, &table, &info);
	out_table(&run->out, &table, NULL);
	table_done(&table);
	return true;
}

static bool
fetch_run(struct run *run)
{
	if (!client_fetch(run->client, &run->err))
		return false;
	out_result(&run->out, "the remote will be fetched from now; see: status");
	return true;
}

const struct cmd cmds_misc[] = {
	{
		.noun = "whoami", .verb = "", .args = "", .who = CMD_ANYONE, .run = whoami_run,
		.help = "who the server takes you for, and by which key",
		.examples = "whoami\n", .json = "name display role admin key proof from keys zones scope[]", .exits = "75"
	}, {
		.noun = "status", .verb = "", .args = "", .who = CMD_PERSON, .run = status_run,
		.help = "what is being served, and how the remote repository is doing",
		.examples = "status\nstatus --json\n",
		.json = "commit zones broken accounts dns_live remote fetched pushed unpushed remote_error conflict conflict_time broken_files problems[] started", .exits = "75"
	}, {
		.noun = "version", .verb = "", .args = "", .flags = CMD_LOCAL, .who = CMD_ANYONE, .run = version_run,
		.help = "version of the program",
		.examples = "version\n", .json = "version", .exits = ""
	}, {
		.noun = "remote", .verb = "fetch", .args = "", .who = CMD_ADMIN, .run = fetch_run,
		.help = "fetch from the remote repository now",
		.text = "The same as a webhook does. The fetch goes on by itself; status tells how it went.\n",
		.examples = "remote fetch\n", .json = "", .exits = "4 75"
	}, {
		.noun = "help", .verb = "", .args = "[NOUN|CODE [VERB]]", .flags = CMD_LOCAL, .who = CMD_ANYONE, .run = help_run,
		.help = "all commands, those of a noun, one command, or what an error code means",
		.examples = "help\nhelp record add\nhelp E-CNAME-COEXIST\nhelp --json\n",
		.json = "commands[] (or code explain fix)", .exits = "4"
	},
	{ 0 }
};
