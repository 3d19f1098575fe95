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

/* A name to be updated, and once it was found the zone that holds it. */
struct target {
	const char *text;               /* as given */
	uint8_t     owner[NAME_SIZE];
	char        name[NAME_TEXT_MAX], zone[NAME_TEXT_MAX];
	uint32_t    ttls_s[2];          /* of what is added, per family */
	bool        touched[2], done;
	uint32_t    serial;
	const char *commit;
};

struct update {
	struct family  families[2];
	struct target *targets[NAMES_MAX];
	size_t         count;
	bool           has_ttl;
	uint32_t       ttl;
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
add_name(struct run *run, struct update *update, const char *text)
{
	struct target *target = arena_alloc(run->arena, sizeof *target);

	if (update->count == NAMES_MAX)
		return err_set(&run->err, ERR_LIMIT, "an update takes at most %d names", NAMES_MAX);
	target->text = text;
	if (!name_parse_zone(target->owner, text, &run->err))
		return err_prefix(&run->err, "%s: ", text);
	name_print_zone(target->name, target->owner);
	update->targets[update->count++] = target;
	return true;
}

/* No host is called like that: who types it means an address. */
static bool
is_like_address(const char *word)
{
	return strchr(word, ':') != NULL || word[strspn(word, "0123456789.")] == '\0';
}

static bool
add_word(struct run *run, struct update *update, const char *word)
{
	struct family *family = address_parse(update, word);

	if (family != NULL && family->given)
		return run_usage(run, "there are two addresses for %s", family->type_name);
	if (family != NULL)
		return family->given = true;
	if (is_like_address(word))
		return err_set(&run->err, ERR_SYNTAX, "\"%s\" is not an address", word);
	return add_name(run, update, word);
}

/* LIST is addresses and names separated by commas. */
static bool
add_words(struct run *run, struct update *update, const char *list)
{
	while (*list != '\0') {
		size_t len = strcspn(list, ",");

		if (len != 0 && !add_word(run, update, arena_strndup(run->arena, list, len)))
			return false;
		list += len + (list[len] != '\0');
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

		if (is_host(line, len) && !add_name(run, update, arena_strndup(run->arena, line, name)))
			return false;
		line += len + (line[len] != '\0');
	}
	if (update->count != 0)
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
		if (!add_words(run, update, run->words[i]))
			return false;
	if (!add_deletes(run, update))
		return false;
	update->has_ttl = ttl != NULL;
	if (ttl != NULL && !rr_ttl_parse(&update->ttl, ttl, &run->err))
		return err_prefix(&run->err, "--ttl: ");
	if (update->count == 0 && !add_scope(run, update))
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

static void
put_change(struct change *change, const struct update *update, const struct target *target)
{
	for (size_t i = 0; i < 2; i++) {
		const struct family *family = &update->families[i];
		struct change_item   item = { .op = CHANGE_DELETE_RRSET, .owner = target->owner, .type = family->type };

		if (family->given || family->removed)
			change_add_item(change, &item);
		if (!family->given)
			continue;
		item.op = CHANGE_ADD;
		item.ttl = target->ttls_s[i];
		item.rdata = family->rdata;
		item.rdlen = family->rdlen;
		change_add_item(change, &item);
	}
}

/* Did RESULT touch records of TYPE?  All it touched belongs to one name. */
static bool
touched(const struct submit_result *result, const char *type)
{
	char word[8];

	snprintf(word, sizeof word, " %s ", type);
	return result->changed && (result->diff == NULL || strstr(result->diff, word) != NULL);
}

/* Can TARGET be changed in the zone APEX? */
static bool
try_zone(struct run *run, const struct update *update, struct target *target, const uint8_t *apex)
{
	struct submit        submit = { .mode = SUBMIT_CHANGE, .zone = target->zone, .dry_run = true };
	struct change       *change = change_new(run->arena, apex);
	struct submit_result result;

	name_print_zone(target->zone, apex);
	memset(&run->err, 0, sizeof run->err);
	for (size_t i = 0; i < 2; i++)
		if (update->families[i].given)
			target->ttls_s[i] = update->has_ttl ? update->ttl : current_ttl(run, target->zone, apex, target->owner, update->families[i].type);
	put_change(change, update, target);
	submit.change = change;
	if (!run_submit(run, &submit, &result))
		return false;
	for (size_t i = 0; i < 2; i++)
		target->touched[i] = touched(&result, update->families[i].type_name);
	target->serial = result.serial;
	target->commit = "";
	submit_result_done(&result);
	return true;
}

/*
 * A name is changed in the zone that holds it.  Which one that is the client need not be allowed to know, so the zones that it can be in are
 * tried, longest name first; the refusal of one that exists is what is told when none takes it.
 */
static bool
target_find(struct run *run, const struct update *update, struct target *target)
{
	struct err refused = { 0 };

	for (unsigned labels = name_labels(target->owner); labels > 0; labels--) {
		if (try_zone(run, update, target, name_suffix(target->owner, labels)))
			return true;
		if (run->err.code != ERR_NOTFOUND && run->err.code != ERR_DENIED)
			return err_prefix(&run->err, "%s: ", target->text);
		if (run->err.code == ERR_DENIED && refused.code == ERR_NONE)
			refused = run->err;
	}
	if (refused.code != ERR_NONE)
		run->err = refused;
	else
		err_set(&run->err, ERR_NOTFOUND, "no zone here holds the name");
	return err_prefix(&run->err, "%s: ", target->text);
}

/* One change for all names from FROM on that are in its zone. */
static bool
submit_zone(struct run *run, struct update *update, size_t from)
{
	struct target       *first = update->targets[from];
	struct submit        submit = { .mode = SUBMIT_CHANGE, .zone = first->zone };
	struct change       *change;
	struct submit_result result;
	uint8_t              apex[NAME_SIZE];

	if (!name_parse_zone(apex, first->zone, &run->err))
		return false;
	submit.change = change = change_new(run->arena, apex);
	for (size_t i = from; i < update->count; i++)
		if (strcmp(update->targets[i]->zone, first->zone) == 0)
			put_change(change, update, update->targets[i]);
	if (!run_submit(run, &submit, &result))
		return false;
	for (size_t i = from; i < update->count; i++) {
		struct target *target = update->targets[i];

		if (strcmp(target->zone, first->zone) != 0)
			continue;
		target->done = true;
		target->serial = result.serial;
		target->commit = arena_strdup(run->arena, result.commit);
	}
	submit_result_done(&result);
	return true;
}

/* Nothing is changed before all names are known to be good. */
static bool
update_submit(struct run *run, struct update *update)
{
	for (size_t i = 0; i < update->count; i++)
		if (!target_find(run, update, update->targets[i]))
			return false;
	for (size_t i = 0; i < update->count; i++) {
		if (run_option(run, "dry-run") != NULL)
			update->targets[i]->done = true;
		else if (!update->targets[i]->done && !submit_zone(run, update, i))
			return false;
	}
	return true;
}

/* What became of TARGET; did anything change? */
static bool
tell(struct run *run, const struct update *update, const struct target *target, json_t *results)
{
	bool changed = false;

	for (size_t i = 0; i < 2; i++) {
		const struct family *family = &update->families[i];
		const char          *status = target->touched[i] ? "good" : "nochg";
		json_t              *object;

		if (!family->given && !family->removed)
			continue;
		changed = changed || target->touched[i];
		out_result(&run->out, "%s %s %s %s", status, target->name, family->type_name, family->given ? family->text : "deleted");
		object = json_object();
		json_put(object, "status", json_text(status));
		json_put(object, "name", json_text(target->name));
		json_put(object, "type", json_text(family->type_name));
		json_put(object, "address", family->given ? json_text(family->text) : json_null());
		json_put(object, "zone", json_text(target->zone));
		json_put(object, "serial", json_integer(target->serial));
		json_put(object, "commit", json_text(target->commit));
		json_array_append_new(results, object);
	}
	return changed;
}

static bool
update_run(struct run *run)
{
	struct update update = { .families = {
		{ .type_name = "A", .type = TYPE_A, .rdlen = 4, .af = AF_INET },
		{ .type_name = "AAAA", .type = TYPE_AAAA, .rdlen = 16, .af = AF_INET6 } } };
	json_t       *results = json_array();
	bool          changed = false, ok = update_parse(run, &update) && update_submit(run, &update);

	for (size_t i = 0; i < update.count; i++)
		if (update.targets[i]->done && tell(run, &update, update.targets[i], results))
			changed = true;
	json_put(run->json, "changed", json_boolean(changed));
	json_put(run->json, "results", results);
	if (ok && changed && run_option(run, "dry-run") != NULL)
		run->exit = EXIT_WOULD_CHANGE;
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
		        "    all names it may update, and without any command it means this one. When one of the names cannot be updated,\n"
		        "    or one of the words is wrong, nothing is changed.\n",
		.examples = "update home.example.org\nupdate home.example.org 203.0.113.9 2001:db8:7::1\nupdate nas.example.org --delete aaaa\n",
		.json = "changed results[].status .name .type .address .zone .serial .commit", .exits = "3 4 7 10 75"
	},
	{ 0 }
};
