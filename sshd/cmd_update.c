/* SPDX-License-Identifier: ISC */
/*
 * update: set the addresses of names, by default to where the client calls from (product.md 3.8).  What routers run.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sshd/cmd_write.h"
#include "sshd/doc.h"
#include "zone/change.h"

#define NAMES_MAX 100
#define TTL_DYNAMIC 60

/* What one of the two families is to become. */
struct family {
	const char *type_name;
	uint16_t    type;
	uint16_t    rdlen;
	int         af;
	bool        given, removed;
	uint8_t     rdata[16];
	char        text[INET6_ADDRSTRLEN];
};

struct update {
	struct family families[2];
	const char   *names[NAMES_MAX];
	size_t        name_count;
	bool          has_ttl;
	uint32_t      ttl;
	json_t       *results;
};

static bool
family_parse(struct family *family, const char *text)
{
	if (inet_pton(family->af, text, family->rdata) != 1)
		return false;
	inet_ntop(family->af, family->rdata, family->text, sizeof family->text);
	return true;
}

/* Is TEXT an address, and of which family?  NULL when not. */
static struct family *
address_parse(struct update *update, const char *text)
{
	for (size_t i = 0; i < 2; i++)
		if (family_parse(&update->families[i], text))
			return &update->families[i];
	return NULL;
}

static bool
add_name(struct run *run, struct update *update, const char *name, size_t len)
{
	if (len == 0)
		return true;
	if (update->name_count == NAMES_MAX)
		return err_set(&run->err, ERR_LIMIT, "an update takes at most %d names", NAMES_MAX);
	update->names[update->name_count++] = arena_strndup(run->arena, name, len);
	return true;
}

/* WORD is an address, or names separated by commas. */
static bool
add_word(struct run *run, struct update *update, const char *word)
{
	struct family *family = address_parse(update, word);

	if (family != NULL) {
		if (family->given)
			return run_usage(run, "there are two addresses for %s", family->type_name);
		family->given = true;
		return true;
	}
	while (*word != '\0') {
		size_t len = strcspn(word, ",");

		if (!add_name(run, update, word, len))
			return false;
		word += len + (word[len] != '\0');
	}
	return true;
}

/* Does LINE of a scope, "home.example.org A,AAAA", name a host whose address may be set?  Patterns name none in particular. */
static bool
is_host(const char *line, size_t len)
{
	const char *type = memchr(line, ' ', len), *end = line + len;

	if (line[0] == '*' || type == NULL)
		return false;
	while (type < end) {
		const char *word = type + 1;

		type = word + strcspn(word, ",\n");
		if ((type - word == 1 && *word == 'A') || (type - word == 4 && strncmp(word, "AAAA", 4) == 0) ||
		    (type - word == 3 && strncmp(word, "any", 3) == 0))
			return true;
	}
	return false;
}

/* A device means all of its names when it says none. */
static bool
add_scope(struct run *run, struct update *update)
{
	const char *line = run->scope != NULL ? run->scope : "";

	while (*line != '\0') {
		size_t len = strcspn(line, "\n"), name = strcspn(line, " \n");

		if (is_host(line, len) && !add_name(run, update, line, name))
			return false;
		line += len + (line[len] != '\0');
	}
	if (update->name_count != 0)
		return true;
	return run_usage(run, "which name is to be updated?");
}

/* --delete a, --delete aaaa. */
static bool
add_deletes(struct run *run, struct update *update)
{
	const char *value = NULL;
	size_t      at = 0;

	while (run_option_next(run, "delete", &at, &value)) {
		struct family *family = &update->families[strcasecmp(value, "aaaa") == 0];

		if (strcasecmp(value, family->type_name) != 0)
			return run_usage(run, "--delete takes a or aaaa, not \"%s\"", value);
		if (family->given)
			return run_usage(run, "%s is given and to be deleted", family->type_name);
		family->removed = true;
	}
	return true;
}

static bool
update_parse(struct run *run, struct update *update)
{
	const char    *ttl = run_option(run, "ttl");
	struct family *family;

	for (size_t i = 0; i < run->count; i++)
		if (!add_word(run, update, run->words[i]))
			return false;
	if (!add_deletes(run, update))
		return false;
	update->has_ttl = ttl != NULL;
	if (ttl != NULL && !rr_ttl_parse(&update->ttl, ttl, &run->err))
		return err_prefix(&run->err, "--ttl: ");
	if (update->name_count == 0 && !add_scope(run, update))
		return false;
	if (update->families[0].given || update->families[1].given || update->families[0].removed || update->families[1].removed)
		return true;
	family = address_parse(update, run->who.from);
	if (family == NULL)
		return run_usage(run, "you are not connected over the network: say which address");
	family->given = true;
	return true;
}

/* ---- sending ---- */

/* The TTL of the RRset as it is, when this client may read the zone; else what suits an address that moves. */
static uint32_t
current_ttl(struct run *run, const char *zone, const uint8_t *apex, const uint8_t *owner, uint16_t type)
{
	struct zonefile_opts opts = { .apex = apex };
	struct zone_doc      stored;
	struct report        report;
	struct zonefile     *file;
	struct zone         *parsed;
	struct rrset         rrset;
	uint32_t             ttl = TTL_DYNAMIC;

	memset(&stored, 0, sizeof stored);
	report_init(&report);
	if (client_zone_get(run->client, zone, "", &stored, NULL)) {
		file = zonefile_parse(stored.text, stored.len, &opts, &report);
		parsed = zonefile_zone(file);
		if (zone_find(parsed, owner, type, &rrset))
			ttl = rrset.ttl;
		zone_free(parsed);
		zonefile_free(file);
	}
	zone_doc_done(&stored);
	report_done(&report);
	return ttl;
}

static struct change *
make_change(struct run *run, const struct update *update, const char *zone, const uint8_t *apex, const uint8_t *owner)
{
	struct change *change = change_new(run->arena, apex);

	for (size_t i = 0; i < 2; i++) {
		const struct family *family = &update->families[i];
		struct change_item   item = { .op = CHANGE_DELETE_RRSET, .owner = owner, .type = family->type };

		if (family->given || family->removed)
			change_add_item(change, &item);
		if (!family->given)
			continue;
		item.op = CHANGE_ADD;
		item.ttl = update->has_ttl ? update->ttl : current_ttl(run, zone, apex, owner, family->type);
		item.rdata = family->rdata;
		item.rdlen = family->rdlen;
		change_add_item(change, &item);
	}
	return change;
}

/*
 * OWNER is changed in the zone that holds it.  Which one that is the client need not be allowed to know, so the zones that it can be in are
 * tried, longest name first; the refusal of one that exists is what is told when none takes it.
 */
static bool
submit_name(struct run *run, const struct update *update, const uint8_t *owner, char zone[static NAME_TEXT_MAX], struct submit_result *result)
{
	struct err refused = { 0 };

	for (unsigned labels = name_labels(owner); labels > 0; labels--) {
		const uint8_t *apex = name_suffix(owner, labels);
		struct submit  submit = { .mode = SUBMIT_CHANGE, .zone = zone };

		name_print_zone(zone, apex);
		memset(&run->err, 0, sizeof run->err);
		submit.change = make_change(run, update, zone, apex, owner);
		if (run_submit(run, &submit, result))
			return true;
		if (run->err.code != ERR_NOTFOUND && run->err.code != ERR_DENIED)
			return false;
		if (run->err.code == ERR_DENIED && refused.code == ERR_NONE)
			refused = run->err;
	}
	if (refused.code != ERR_NONE)
		run->err = refused;
	else
		err_set(&run->err, ERR_NOTFOUND, "no zone here holds the name");
	return false;
}

/* Did RESULT touch records of TYPE?  All it touched belongs to one name. */
static bool
touched(const struct submit_result *result, const char *type)
{
	char word[8];

	snprintf(word, sizeof word, " %s ", type);
	return result->changed && (result->diff == NULL || strstr(result->diff, word) != NULL);
}

static void
tell(struct run *run, struct update *update, const char *name, const char *zone, const struct submit_result *result)
{
	for (size_t i = 0; i < 2; i++) {
		const struct family *family = &update->families[i];
		const char          *status = touched(result, family->type_name) ? "good" : "nochg";
		json_t              *object;

		if (!family->given && !family->removed)
			continue;
		out_result(&run->out, "%s %s %s %s", status, name, family->type_name, family->given ? family->text : "deleted");
		object = json_object();
		json_put(object, "status", json_text(status));
		json_put(object, "name", json_text(name));
		json_put(object, "type", json_text(family->type_name));
		json_put(object, "address", family->given ? json_text(family->text) : json_null());
		json_put(object, "zone", json_text(zone));
		json_put(object, "serial", json_integer(result->serial));
		json_put(object, "commit", json_text(result->commit));
		json_array_append_new(update->results, object);
	}
}

static bool
update_name(struct run *run, struct update *update, const char *text, bool *changed)
{
	uint8_t              owner[NAME_SIZE];
	char                 zone[NAME_TEXT_MAX], name[NAME_TEXT_MAX];
	struct submit_result result;

	if (!name_parse_zone(owner, text, &run->err) || !submit_name(run, update, owner, zone, &result))
		return err_prefix(&run->err, "%s: ", text);
	name_print_zone(name, owner);
	tell(run, update, name, zone, &result);
	*changed = *changed || result.changed;
	submit_result_done(&result);
	return true;
}

static bool
update_run(struct run *run)
{
	struct update update = { .families = {
		{ .type_name = "A", .type = TYPE_A, .rdlen = 4, .af = AF_INET },
		{ .type_name = "AAAA", .type = TYPE_AAAA, .rdlen = 16, .af = AF_INET6 } } };
	bool          changed = false, ok = update_parse(run, &update);

	update.results = json_array();
	for (size_t i = 0; ok && i < update.name_count; i++)
		ok = update_name(run, &update, update.names[i], &changed);
	json_put(run->json, "changed", json_boolean(changed));
	json_put(run->json, "results", update.results);
	if (ok && changed && run_option(run, "dry-run") != NULL)
		run->exit = 10;
	return ok;
}

static const struct cmd_option update_options[] = {
	{ "delete", 0, true, "a|aaaa", "remove the address of this family" },
	{ "ttl", 0, false, "TTL", "default: that of the record as it is, else 60" },
	{ 0 }
};

const struct cmd cmds_update[] = {
	{
		.noun = "update", .verb = "", .args = "[NAME|ADDRESS...]", .flags = CMD_WRITE, .who = CMD_ANYONE, .options = update_options, .run = update_run,
		.help = "set the address of names, by default to the one you connect from",
		.text = "    The family of an address decides between A and AAAA; the other one stays as it is. A device key without NAME means\n"
		        "    all names it may update, and without any command it means this one.\n",
		.examples = "update home.example.org\nupdate home.example.org 203.0.113.9 2001:db8:7::1\nupdate nas.example.org --delete aaaa\n",
		.json = "changed results[].status .name .type .address .zone .serial .commit", .exits = "3 4 7 10 75"
	},
	{ 0 }
};
