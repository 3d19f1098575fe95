/* SPDX-License-Identifier: ISC */
/*
 * log: who changed what, when and how (product.md 3.12).
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sshd/cmd_write.h"
#include "zone/name.h"
#include "zone/rr.h"

#define LOG_DEFAULT 50
#define LOG_PAGE    1000        /* the store's limit for one question */
#define LOG_MAX     1000000

static json_t *
json_entry(const struct log_entry *entry)
{
	json_t *object = json_object();

	json_put(object, "commit", json_text(entry->commit));
	json_put(object, "time", json_time(entry->time_s));
	json_put(object, "author", json_text(entry->author));
	json_put(object, "email", json_text(entry->email));
	json_put(object, "zone", json_text(entry->zone));
	json_put(object, "via", json_text(entry->via));
	json_put(object, "actor", json_text(entry->actor));
	json_put(object, "from", json_text(entry->from));
	json_put(object, "serial", json_integer(entry->serial));
	json_put(object, "subject", json_text(entry->subject));
	return object;
}

static const char *
or_dash(const char *text)
{
	return text[0] != '\0' ? text : "-";
}

static void
entry_row(struct run *run, struct table *table, const struct log_entry *entry, bool with_zone)
{
	size_t column = 0;

	table_add(table, column++, "%s", run_short(run, entry->commit));
	table_add(table, column++, "%s", run_time(run, entry->time_s));
	table_add(table, column++, "%s", or_dash(entry->author));
	table_add(table, column++, "%s", or_dash(entry->via));
	if (with_zone)
		table_add(table, column++, "%s", or_dash(entry->zone));
	if (entry->serial != 0)
		table_add(table, column++, "%u", entry->serial);
	else
		table_add(table, column++, "-");
	table_add(table, column, "%s", entry->subject);
}

/* Up to LIMIT entries into TABLE and ARRAY, a page at a time. */
static bool
log_pages(struct run *run, struct log_query *query, uint32_t limit, struct table *table, json_t *array)
{
	while (limit != 0) {
		struct log_entry *entries = NULL;
		size_t            count = 0;
		bool              ok;

		query->limit = limit < LOG_PAGE ? limit : LOG_PAGE;
		ok = client_log(run->client, query, &entries, &count, &run->err);
		for (size_t i = 0; ok && i < count; i++) {
			if (run->out.json)
				json_array_append_new(array, json_entry(&entries[i]));
			else
				entry_row(run, table, &entries[i], query->zone[0] == '\0');
		}
		free(entries);
		if (!ok)
			return false;
		if (count < query->limit)
			break;
		limit -= query->limit;
		query->skip += query->limit;
	}
	return true;
}

/* The question that the arguments and options ask. */
static bool
log_query(struct run *run, struct log_query *query, uint32_t *limit)
{
	uint8_t  zone[NAME_SIZE], owner[NAME_SIZE];
	uint16_t type;
	char     text[NAME_TEXT_MAX];
	bool     given;

	*query = (struct log_query){ .zone = "", .owner = "", .type = "", .people = run_option(run, "all") == NULL };
	*limit = LOG_DEFAULT;
	if (!run_option_number(run, "count", LOG_MAX, &given, limit))
		return false;
	if (run->count > 0 && !run_zone(run, 0, zone, &query->zone))
		return false;
	if (run->count > 1) {
		if (!name_parse_user(owner, run_word(run, 1), zone, &run->err))
			return false;
		name_print(text, owner);
		query->owner = arena_strdup(run->arena, text);
		query->people = false;          /* blame wants whoever it was */
	}
	if (run->count > 2) {
		if (!run_type(run, run_word(run, 2), &type))
			return false;
		query->type = arena_strdup(run->arena, rr_type_print(text, type));
	}
	return true;
}

/* Nothing was found: is there, or was there ever, such a zone?  A deleted one keeps its log. */
static bool
log_known(struct run *run, const char *zone)
{
	struct log_query  any = { .zone = zone, .owner = "", .type = "", .limit = 1 };
	struct log_entry *entries = NULL;
	struct zone_doc   stored;
	size_t            count = 0;
	bool              ok = client_log(run->client, &any, &entries, &count, &run->err);

	free(entries);
	if (!ok || count != 0)
		return ok;
	memset(&stored, 0, sizeof stored);
	ok = client_zone_get(run->client, zone, "", &stored, &run->err) || run->err.code != ERR_NOTFOUND;
	zone_doc_done(&stored);
	return ok;
}

static bool
log_run(struct run *run)
{
	static const char *const with_zone[] = { "COMMIT", "TIME", "WHO", "VIA", "ZONE", "SERIAL", "WHAT" };
	static const char *const plain[] = { "COMMIT", "TIME", "WHO", "VIA", "SERIAL", "WHAT" };
	struct log_query         query;
	struct table             table;
	json_t                  *array;
	uint32_t                 limit;
	bool                     ok, one_zone;

	if (!log_query(run, &query, &limit))
		return false;
	one_zone = query.zone[0] != '\0';
	array = json_array();
	table_init(&table, run->arena, one_zone ? 6 : 7);
	ok = log_pages(run, &query, limit, &table, array) && (table.count != 0 || json_array_size(array) != 0 || !one_zone || log_known(run, query.zone));
	json_put(run->json, "entries", array);
	if (ok) {
		out_table(&run->out, &table, one_zone ? plain : with_zone);
		if (table.count == 0 && query.people)
			out_note(&run->out, "note: no person changed anything yet; --all shows what machines did");
	}
	table_done(&table);
	return ok;
}

static void
show_entry(struct run *run, const struct log_entry *entry, const char *diff)
{
	struct table table;

	table_init(&table, run->arena, 2);
	table_add(&table, 0, "commit");
	table_add(&table, 1, "%s", entry->commit);
	table_add(&table, 0, "time");
	table_add(&table, 1, "%s UTC", run_time(run, entry->time_s));
	table_add(&table, 0, "author");
	table_add(&table, 1, "%s <%s>", entry->author, entry->email);
	table_add(&table, 0, "actor");
	table_add(&table, 1, "%s, via %s%s%s", or_dash(entry->actor), or_dash(entry->via), entry->from[0] != '\0' ? " from " : "", entry->from);
	table_add(&table, 0, "serial");
	table_add(&table, 1, "%u", entry->serial);
	table_add(&table, 0, "subject");
	table_add(&table, 1, "%s", entry->subject);
	out_table(&run->out, &table, NULL);
	table_done(&table);
	out_line(&run->out, "%s", "");
	out_text(&run->out, diff);
}

static bool
show_run(struct run *run)
{
	uint8_t          zone[NAME_SIZE];
	const char      *name;
	struct log_entry entry;
	char            *diff = NULL;
	json_t          *object;
	bool             ok;

	if (!run_zone(run, 0, zone, &name))
		return false;
	ok = client_commit(run->client, name, run_word(run, 1), &entry, &diff, &run->err);
	if (ok) {
		object = json_entry(&entry);
		json_put(object, "diff", json_text(diff));
		json_object_update(run->json, object);
		json_decref(object);
		show_entry(run, &entry, diff);
	}
	free(diff);
	return ok;
}

static const struct cmd_option log_options[] = {
	{ "count", '#', false, "N", "that many commits, newest first; default 50" },
	{ "all", 'a', false, NULL, "also what machines did: addresses, certificates" },
	{ 0 }
};

const struct cmd cmds_log[] = {
	{
		.noun = "log", .verb = "", .alias = "list", .args = "[ZONE [NAME [TYPE]]]", .who = CMD_PERSON, .options = log_options, .run = log_run,
		.help = "who changed what: all zones, a zone, a name, or one record",
		.text = "    Times are UTC. Without NAME only what people did is shown.\n",
		.examples = "log\nlog example.org -3\nlog example.org www A\n",
		.json = "entries[].commit .time .author .email .zone .via .actor .from .serial .subject", .exits = "4 75"
	}, {
		.noun = "log", .verb = "show", .args = "ZONE COMMIT", .who = CMD_VIEWER, .run = show_run,
		.help = "one commit and what it changed",
		.examples = "log show example.org a41be07\n",
		.json = "commit time author email zone via actor from serial subject diff", .exits = "4 75"
	},
	{ 0 }
};
