/* SPDX-License-Identifier: ISC */
/*
 * zone: whole zones.  Import and check are in cmd_import.c.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "sshd/cmd_write.h"
#include "sshd/doc.h"
#include "sshd/import.h"
#include "zone/plan.h"
#include "zone/serial.h"

/* ---- list ---- */

static void
list_json(json_t *array, const struct zone_info *info)
{
	json_t *object = json_object();

	json_put(object, "name", json_text(info->name));
	json_put(object, "records", json_integer(info->rrs));
	json_put(object, "serial", json_integer(info->serial));
	json_put(object, "access", json_text(access_name(info->access)));
	json_put(object, "changed", json_time(info->changed_s));
	json_put(object, "changed_by", json_text(info->changed_by));
	json_put(object, "broken", json_boolean(info->broken));
	json_put(object, "problem", json_text(info->problem));
	json_array_append_new(array, object);
}

static void
list_row(struct run *run, struct table *table, const struct zone_info *info)
{
	table_add(table, 0, "%s", info->name);
	table_add(table, 1, "%u", info->serial);
	table_add(table, 2, "%u", info->rrs);
	table_add(table, 3, "%s", access_name(info->access));
	table_add(table, 4, "%s", run_time(run, info->changed_s));
	table_add(table, 5, "%s", info->changed_by[0] != '\0' ? info->changed_by : "-");
	table_add(table, 6, "%s%s", info->broken ? "broken: " : "", info->broken ? info->problem : "");
}

static bool
list_run(struct run *run)
{
	static const char *const header[] = { "ZONE", "SERIAL", "RECORDS", "ROLE", "CHANGED", "BY", "" };
	struct zone_info        *zones = NULL;
	struct table             table;
	json_t                  *array = json_array();
	size_t                   count = 0;
	bool                     ok = client_zone_list(run->client, &zones, &count, &run->err);

	table_init(&table, run->arena, 7);
	for (size_t i = 0; ok && i < count; i++) {
		list_json(array, &zones[i]);
		list_row(run, &table, &zones[i]);
	}
	json_put(run->json, "zones", array);
	if (ok && count == 0)
		out_note(&run->out, "note: no zones yet; zone create or zone import makes one");
	out_table(&run->out, &table, header);
	table_done(&table);
	free(zones);
	return ok;
}

/* ---- show ---- */

static bool
show_run(struct run *run)
{
	static const struct doc_filter all = { .as_served = true };
	struct doc                     doc;
	bool                           ok = doc_get(run, &doc, 0, run_option(run, "at"));

	if (ok) {
		size_t count = doc_show(run, &doc, &all);

		json_put(run->json, "access", json_text(access_name(doc.stored.access)));
		json_put(run->json, "broken", json_boolean(doc.stored.broken));
		json_put(run->json, "problem", json_text(doc.stored.broken ? doc.stored.problem.text : ""));
		out_note(&run->out, "%s: serial %u, %zu record%s, commit %s, you are %s", doc.name, doc.stored.serial, count, str_plural(count),
		    run_short(run, doc.stored.commit), access_name(doc.stored.access));
	}
	doc_done(&doc);
	return ok;
}

/* ---- export ---- */

static bool
export_doc(struct run *run, const struct doc *doc)
{
	static const struct doc_filter all = { 0 };
	struct buf                     text = { 0 };

	if (run->out.json) {
		doc_show(run, doc, &all);
	} else if (run_option(run, "canonical") != NULL) {
		if (doc->report.errors != 0) {
			err_set(&run->err, ERR_CHECK, "zone %s does not load, so there is no canonical form of it", doc->name);
			return err_hint(&run->err, "without --canonical you get the file as it is");
		}
		zonefile_write(&text, doc->zone);
		out_raw(&run->out, buf_str(&text), text.len);
	} else {
		out_raw(&run->out, doc->stored.text, doc->stored.len);
	}
	buf_done(&text);
	return true;
}

static bool
export_run(struct run *run)
{
	struct doc doc;
	bool       ok = doc_get(run, &doc, 0, run_option(run, "at")) && export_doc(run, &doc);

	doc_done(&doc);
	return ok;
}

/* ---- create ---- */

struct creation {
	uint8_t      zone[NAME_SIZE];
	const char  *name;
	struct plan *plan;
	uint32_t     records;
};

static bool
creation_options(struct run *run, struct creation *creation)
{
	const char *ttl = run_option(run, "ttl"), *mail = run_option(run, "mail"), *ns = NULL;
	uint32_t    ttl_s = 3600, serial = serial_day((int64_t)time(NULL)) * 100;       /* the serial lives in the file, and is born there */
	size_t      at = 0, count = 0;
	bool        given;

	if (ttl != NULL && !rr_ttl_parse(&ttl_s, ttl, &run->err))
		return err_prefix(&run->err, "--ttl: ");
	if (!run_option_number(run, "serial", UINT32_MAX, &given, &serial))
		return false;
	creation->plan = plan_new(creation->zone, ttl_s, serial);
	if (mail != NULL && !plan_set_mail(creation->plan, mail, &run->err))
		return err_prefix(&run->err, "--mail: ");
	for (; run_option_next(run, "ns", &at, &ns); count++)
		if (!plan_add_ns(creation->plan, ns, &run->err))
			return err_prefix(&run->err, "--ns %s: ", ns);
	return count != 0 || run_usage(run, "a zone needs a name server: --ns NAME, or --ns NAME=ADDRESS for one inside the zone");
}

/* TEXT is the file that was or would be stored. */
static void
created(struct run *run, const struct creation *creation, struct submit_result *result, const char *text)
{
	bool dry_run = run_option(run, "dry-run") != NULL;

	run_result_json(run, creation->name, result);
	if (dry_run)
		out_text(&run->out, text);
	out_result(&run->out, "%s %s  serial %u  %u record%s  (owner %s)", dry_run ? "would create" : "created", creation->name, result->serial, creation->records,
	    str_plural(creation->records), run->who.display);
	if (!run->out.quiet)
		out_report(&run->out, &result->report, creation->name, false);
	if (dry_run) {
		run->exit = EXIT_WOULD_CHANGE;
		return;
	}
	out_note(&run->out, "next    add records:   record add %s NAME TYPE DATA", creation->name);
	out_note(&run->out, "        your registrar: %s", plan_delegation(creation->plan));
}

static bool
create_submit(struct run *run, struct creation *creation)
{
	struct buf           text = { 0 };
	struct submit        submit = { .mode = SUBMIT_CREATE, .zone = creation->name };
	struct submit_result result;
	bool                 ok;

	creation->records = plan_write(creation->plan, &text);
	submit.text = buf_str(&text);
	submit.text_len = text.len;
	ok = run_submit(run, &submit, &result);
	if (ok) {
		created(run, creation, &result, buf_str(&text));
		submit_result_done(&result);
	} else if (strcmp(run->err.id, "E-GLUE-MISSING") == 0) {
		err_hint(&run->err, "give the address of a name server inside the zone: --ns NAME=ADDRESS");
	}
	buf_done(&text);
	return ok;
}

/* --if-missing: the zone is there, so all is well. */
static bool
create_exists(struct run *run, const struct creation *creation)
{
	if (run->err.code != ERR_EXISTS || run_option(run, "if-missing") == NULL)
		return false;
	memset(&run->err, 0, sizeof run->err);
	json_put(run->json, "changed", json_false());
	json_put(run->json, "zone", json_text(creation->name));
	out_result(&run->out, "%s: no change   it is there already", creation->name);
	return true;
}

static bool
create_run(struct run *run)
{
	struct creation creation;
	bool            ok;

	memset(&creation, 0, sizeof creation);
	if (!run_zone(run, 0, creation.zone, &creation.name))
		return false;
	ok = creation_options(run, &creation) && (create_submit(run, &creation) || create_exists(run, &creation));
	plan_free(creation.plan);
	return ok;
}

static const struct cmd_option at_options[] = {
	{ "at", 0, false, "COMMIT|TIME", "as the zone was then; TIME is 2026-11-23 or '2026-11-23 10:44', UTC" },
	{ 0 }
};

static const struct cmd_option create_options[] = {
	{ "ns", 0, true, "NAME[=ADDRESS]", "a name server; with its addresses when it lies in the zone" },
	{ "mail", 0, false, "ADDRESS", "who answers for the zone; default: hostmaster" },
	{ "ttl", 0, false, "TTL", "of the first records; default 1h" },
	{ "serial", 0, false, "SERIAL", "default: today's date and 00" },
	{ "if-missing", 0, false, NULL, "do nothing if the zone is there already" },
	{ 0 }
};

static const struct cmd_option export_options[] = {
	{ "at", 0, false, "COMMIT|TIME", "as the zone was then; TIME is 2026-11-23 or '2026-11-23 10:44', UTC" },
	{ "canonical", 0, false, NULL, "sorted, every name and TTL written out, without comments" },
	{ 0 }
};

const struct cmd cmds_zone[] = {
	{
		.noun = "zone", .verb = "list", .alias = "ls", .args = "", .who = CMD_PERSON, .run = list_run,
		.help = "the zones that you may see: serial, records, your role, last change",
		.examples = "zone list\nzone list --json\n",
		.json = "zones[].name .records .serial .access .changed .changed_by .broken .problem", .exits = "75"
	}, {
		.noun = "zone", .verb = "show", .args = "ZONE", .who = CMD_VIEWER, .options = at_options, .run = show_run,
		.help = "all records of a zone; ZONE alone is short for it",
		.examples = "zone show example.org\nexample.org\n",
		.json = "zone serial commit access broken problem rrsets[].name .type .ttl .records[] .comment .expires", .exits = "4 75"
	}, {
		.noun = "zone", .verb = "create", .args = "ZONE", .flags = CMD_WRITE, .who = CMD_PERSON, .options = create_options, .run = create_run,
		.help = "a new zone with its SOA and NS records",
		.examples = "zone create example.org --ns ns1.example.org=203.0.113.53 --ns ns2.example.net --mail hostmaster\n",
		.json = CMD_WRITE_JSON, .exits = "3 7 10 75"
	}, {
		.noun = "zone", .verb = "import", .args = "ZONE", .flags = CMD_WRITE, .who = CMD_MAINTAINER, .options = import_options, .run = import_run,
		.help = "take a zone file from standard input as the new content of a zone",
		.text = "    Records that stay the same keep their place and comments. DNSSEC records are left out: servers make them.\n",
		.examples = "zone import example.org --dry-run < example.org.zone\nzone import example.org --merge < more.zone\n",
		.json = CMD_WRITE_JSON " lines records ok_records skipped errors[]", .exits = "3 4 6 7 10 75"
	}, {
		.noun = "zone", .verb = "export", .args = "ZONE", .who = CMD_VIEWER, .options = export_options, .run = export_run,
		.help = "the zone file as it stands, comments included",
		.examples = "zone export example.org > example.org.zone\nzone export example.org --json --at 3f9c2ab\n",
		.json = "zone serial commit rrsets[].name .type .ttl .records[] .comment .expires", .exits = "3 4 75"
	}, {
		.noun = "zone", .verb = "check", .args = "ZONE", .who = CMD_VIEWER, .options = check_options, .run = check_run,
		.help = "check a zone file from standard input, or without any the zone as it stands",
		.examples = "zone check example.org < example.org.zone\nzone check example.org --stored\n",
		.json = "zone records errors[] warnings[]", .exits = "3 4 7 75"
	},
	{ 0 }
};
