/* SPDX-License-Identifier: ISC */
/*
 * record: single records from the command line.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sshd/cmd_write.h"
#include "sshd/doc.h"
#include "zone/change.h"

/* What add, set and remove have in common. */
struct edit {
	uint8_t        zone[NAME_SIZE];
	const char    *name;            /* of the zone */
	uint8_t        owner[NAME_SIZE];
	uint16_t       type;            /* 0: none was given */
	uint32_t       ttl;
	const char    *comment;
	bool           replaces;        /* records of other types may have to go: say so */
	struct change *change;
};

/* The third argument, where zone files may have a TTL and a class before the type. */
static bool
edit_type(struct run *run, struct edit *edit)
{
	const char *word = run_word(run, 2);
	uint32_t    ttl_s;

	if (strcasecmp(word, "IN") == 0) {
		err_set(&run->err, ERR_USAGE, "\"%s\" is a class, where the type should be", word);
		return err_hint(&run->err, "leave the class out");
	}
	if (rr_ttl_parse(&ttl_s, word, NULL)) {
		err_set(&run->err, ERR_USAGE, "\"%s\" is a TTL, where the type should be", word);
		return err_hint(&run->err, strcmp(run->cmd->verb, "remove") == 0 ? "leave the TTL out" : "the TTL is an option: --ttl %s", word);
	}
	return run_type(run, word, &edit->type);
}

/* ZONE NAME [TYPE] from the first three arguments. */
static bool
edit_init(struct run *run, struct edit *edit)
{
	memset(edit, 0, sizeof *edit);
	if (!run_zone(run, 0, edit->zone, &edit->name))
		return false;
	if (!name_parse_user(edit->owner, run_word(run, 1), edit->zone, &run->err))
		return false;
	if (run->count > 2 && !edit_type(run, edit))
		return false;
	edit->comment = run_option(run, "comment");
	edit->change = change_new(run->arena, edit->zone);
	return true;
}

/* The TTL that was asked for, else that of the RRset or zone. */
static bool
edit_ttl(struct run *run, struct edit *edit)
{
	const char *text = run_option(run, "ttl");
	struct doc  doc;
	bool        ok;

	if (text != NULL)
		return rr_ttl_parse(&edit->ttl, text, &run->err) || err_prefix(&run->err, "--ttl: ");
	ok = doc_get(run, &doc, 0, NULL);
	if (ok)
		edit->ttl = doc_ttl(&doc, edit->owner, edit->type);
	doc_done(&doc);
	return ok;
}

/* ---- record data from words ---- */

/* Is field I of TYPE text, where blanks count? */
static bool
is_text_field(uint16_t type, size_t i)
{
	const struct rr_type *row = rr_type_find(type);
	size_t                last = 0;

	if (row == NULL || row->fields[0].kind == F_END)
		return false;
	while (last + 1 < RR_FIELDS_MAX && row->fields[last + 1].kind != F_END)
		last++;
	i = i < last ? i : last;
	return row->fields[i].kind == F_STR || row->fields[i].kind == F_TEXT;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "\;" and "\123" in a quoted word are escapes as in zone files; any other backslash is one. */
static bool
is_escape(const char *p)
{
	if (is_digit(p[1]) && is_digit(p[2]) && is_digit(p[3]))
		return true;
	return p[1] != '\0' && strchr(";\\\"()@. ", p[1]) != NULL;
}

/* Quotes that the command line took away come back: WORD is one string. */
static void
put_string(struct buf *out, const char *word)
{
	size_t len = strlen(word);

	if (len >= 2 && word[0] == '"' && word[len - 1] == '"') {       /* it had two kinds of quotes: zone file text */
		buf_puts(out, word);
		return;
	}
	buf_putc(out, '"');
	for (; *word != '\0'; word++) {
		if (*word == '\\' && is_escape(word))
			buf_putc(out, *word++);
		else if (*word == '"' || *word == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *word);
	}
	buf_putc(out, '"');
}

/* The wire form of words FROM to TO (not included). The arena's. */
static bool
rdata_words(struct run *run, const struct edit *edit, size_t from, size_t to, const uint8_t **rdata, uint16_t *rdlen)
{
	struct buf text = { 0 }, wire = { 0 };
	char       note[256] = "";
	bool       ok;

	for (size_t i = from; i < to; i++) {
		buf_puts(&text, i == from ? "" : " ");
		if (run->quoted[i] && is_text_field(edit->type, i - from))
			put_string(&text, run->words[i]);
		else
			buf_puts(&text, run->words[i]);
	}
	ok = rdata_parse_user(&wire, edit->type, buf_str(&text), edit->zone, note, &run->err);
	if (ok && note[0] != '\0')
		out_note(&run->out, "note: %s", note);
	if (ok) {
		*rdata = arena_copy(run->arena, wire.data, wire.len);
		*rdlen = (uint16_t)wire.len;
	}
	buf_done(&text);
	buf_done(&wire);
	return ok;
}

static bool
edit_add(struct run *run, struct edit *edit, size_t from, size_t to)
{
	struct change_item item = { .op = CHANGE_ADD, .owner = edit->owner, .type = edit->type, .ttl = edit->ttl, .comment = edit->comment };

	if (from == to)
		return run_usage(run, "the record's data is missing");
	if (!rdata_words(run, edit, from, to, &item.rdata, &item.rdlen))
		return false;
	change_add_item(edit->change, &item);
	return true;
}

static void
edit_delete(struct edit *edit, enum change_op op)
{
	change_add_item(edit->change, &(struct change_item){ .op = op, .owner = edit->owner, .type = op == CHANGE_DELETE_NAME ? 0 : edit->type });
}

/* A note for each record of another type that went: lines "- OWNER TTL TYPE DATA" of the difference. */
static void
note_replaced(struct run *run, const struct edit *edit, const char *diff)
{
	char   type[16];
	size_t type_len = strlen(rr_type_print(type, edit->type));

	for (const char *line = diff; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *word = line;

		for (int i = 0; i < 3; i++) {
			word += strcspn(word, " \n");
			word += *word == ' ';
		}
		if (line[0] == '-' && (strcspn(word, " \n") != type_len || strncmp(word, type, type_len) != 0))
			out_note(&run->out, "note: this replaced %.*s", (int)strcspn(line + 2, "\n"), line + 2);
	}
}

static bool
edit_submit(struct run *run, const struct edit *edit)
{
	struct submit        submit = { .mode = SUBMIT_CHANGE, .zone = edit->name, .change = edit->change };
	struct submit_result result;

	if (!run_submit(run, &submit, &result))
		return false;
	run_submitted(run, edit->name, &result);
	if (edit->replaces && result.changed && result.diff != NULL && run_option(run, "dry-run") == NULL)
		note_replaced(run, edit, result.diff);
	submit_result_done(&result);
	return true;
}

/* ---- a CNAME beside other data ---- */

/* " (added 2026-11-23 by alice)": by the newest commit that touched the RRset; nothing when that is not known. */
static void
put_origin(struct run *run, struct buf *out, const struct edit *edit, const char *type)
{
	char              owner[NAME_TEXT_MAX];
	struct log_query  query = { .zone = edit->name, .owner = owner, .type = type, .limit = 1 };
	struct log_entry *entries = NULL;
	size_t            count = 0;

	name_print(owner, edit->owner);
	if (client_log(run->client, &query, &entries, &count, NULL) && count != 0)
		buf_putf(out, " (added %.10s by %s)", run_time(run, entries[0].time_s), entries[0].author);
	free(entries);
}

/* "A (added ...), AAAA": what stands at the owner. */
static void
put_present(struct run *run, struct buf *out, const struct edit *edit, const struct zone *zone)
{
	struct node  node;
	struct rrset rrset;
	char         type[16];

	if (!zone_find_node(zone, edit->owner, &node))
		return;
	for (uint32_t i = 0; zone_node_rrset(zone, &node, i, &rrset); i++) {
		rr_type_print(type, rrset.type);
		buf_putf(out, "%s%s", i != 0 ? ", " : "", type);
		if (i == 0)
			put_origin(run, out, edit, type);
	}
}

/* The store refused a CNAME beside other data: say what is there, and what to type instead. */
static void
explain_coexist(struct run *run, const struct edit *edit)
{
	const char *name = run_word(run, 1);
	struct err  refused = run->err;
	struct buf  present = { 0 };
	struct doc  doc;

	if (doc_get(run, &doc, 0, NULL))
		put_present(run, &present, edit, doc.zone);
	run->err = refused;
	if (present.len != 0)
		err_set_id(&run->err, ERR_CHECK, refused.id, "%s already has %s; a CNAME cannot stand beside other data", name, buf_str(&present));
	if (edit->type == TYPE_CNAME)
		err_hint(&run->err, "record set %s %s CNAME %s   replaces all types at %s", edit->name, name, run_word(run, 3), name);
	else
		err_hint(&run->err, "record remove %s %s CNAME   makes room for it", edit->name, name);
	buf_done(&present);
	doc_done(&doc);
}

/* ---- the commands ---- */

static bool
add_run(struct run *run)
{
	struct edit edit;

	if (!edit_init(run, &edit) || !edit_ttl(run, &edit) || !edit_add(run, &edit, 3, run->count))
		return false;
	if (edit_submit(run, &edit))
		return true;
	if (strcmp(run->err.id, "E-CNAME-COEXIST") == 0)
		explain_coexist(run, &edit);
	return false;
}

/* The values stand between "--"; a quoted "--" is data. */
static bool
set_values(struct run *run, struct edit *edit)
{
	for (size_t from = 3, to; from <= run->count; from = to + 1) {
		for (to = from; to < run->count && (run->quoted[to] || strcmp(run->words[to], "--") != 0); to++)
			;
		if (!edit_add(run, edit, from, to))
			return false;
	}
	return true;
}

/* May records of TYPE stand beside a CNAME (RFC 2181 10.1, RFC 4035 2.5)? */
static bool
suits_cname(uint16_t type)
{
	return type == TYPE_RRSIG || type == TYPE_NSEC || type == 25 /* KEY */;
}

static bool
set_run(struct run *run)
{
	struct edit edit;

	if (!edit_init(run, &edit) || !edit_ttl(run, &edit))
		return false;
	edit.replaces = true;
	if (edit.type != TYPE_CNAME && !suits_cname(edit.type))
		change_add_item(edit.change, &(struct change_item){ .op = CHANGE_DELETE_RRSET, .owner = edit.owner, .type = TYPE_CNAME });
	edit_delete(&edit, edit.type == TYPE_CNAME ? CHANGE_DELETE_NAME : CHANGE_DELETE_RRSET);
	return set_values(run, &edit) && edit_submit(run, &edit);
}

static bool
remove_run(struct run *run)
{
	struct edit        edit;
	struct change_item item;
	bool               all = run_option(run, "all") != NULL;

	if (!edit_init(run, &edit))
		return false;
	if (all == (edit.type != 0))
		return run_usage(run, all ? "--all takes no TYPE" : "which records? A TYPE, or --all for all of the name");
	item = (struct change_item){ .op = CHANGE_DELETE_RR, .owner = edit.owner, .type = edit.type };
	if (run->count > 3) {
		if (!rdata_words(run, &edit, 3, run->count, &item.rdata, &item.rdlen))
			return false;
		change_add_item(edit.change, &item);
	} else {
		edit_delete(&edit, all ? CHANGE_DELETE_NAME : CHANGE_DELETE_RRSET);
	}
	return edit_submit(run, &edit);
}

/* The types of --type, each a list "A,AAAA", and of the third argument. */
static bool
list_types(struct run *run, uint16_t *types, size_t max, size_t *count)
{
	const char *value = NULL;
	size_t      at = 0;
	bool        more = run->count > 2;

	*count = 0;
	if (more)
		value = run_word(run, 2);
	else
		more = run_option_next(run, "type", &at, &value);
	while (more) {
		size_t len = strcspn(value, ",");

		if (*count == max)
			return run_usage(run, "there are too many types");
		if (!run_type(run, arena_strndup(run->arena, value, len), &types[*count]))
			return false;
		(*count)++;
		value += len;
		if (*value++ != ',')
			more = run_option_next(run, "type", &at, &value);
	}
	return true;
}

static bool
list_doc(struct run *run, const struct doc *doc, struct doc_filter *filter)
{
	uint8_t owner[NAME_SIZE];

	if (run->count > 1) {
		if (!name_parse_user(owner, run_word(run, 1), doc->apex, &run->err))
			return false;
		filter->owner = owner;
	}
	if (doc_show(run, doc, filter) == 0)
		out_note(&run->out, "note: %s has no such record", doc->name);
	return true;
}

static bool
list_run(struct run *run)
{
	uint16_t          types[64];
	struct doc_filter filter = { .types = types, .as_served = true };
	struct doc        doc;
	bool              ok;

	if (!list_types(run, types, 64, &filter.type_count))
		return false;
	ok = doc_get(run, &doc, 0, run_option(run, "at")) && list_doc(run, &doc, &filter);
	doc_done(&doc);
	return ok;
}

static const struct cmd_option add_options[] = {
	{ "ttl", 0, false, "TTL", "300, 1h, 1d; default: that of the other records of this name and type, else the zone's usual one" },
	{ "comment", 0, false, "TEXT", "goes behind the record in the zone file" },
	{ 0 }
};

static const struct cmd_option remove_options[] = {
	{ "all", 0, false, NULL, "all records of the name" },
	{ 0 }
};

static const struct cmd_option list_options[] = {
	{ "type", 't', true, "TYPE[,TYPE]", "only records of these types" },
	{ "at", 0, false, "COMMIT|TIME", "as the zone was then; TIME is 2026-11-23 or '2026-11-23 10:44', UTC" },
	{ 0 }
};

const struct cmd cmds_record[] = {
	{
		.noun = "record", .verb = "list", .alias = "ls", .args = "ZONE [NAME [TYPE]]", .who = CMD_VIEWER, .options = list_options, .run = list_run,
		.help = "the records of a zone, of a name, of a type",
		.examples = "record list example.org\nrecord list example.org www\nrecord list example.org --type A,AAAA --json\n",
		.json = "zone serial commit rrsets[].name .type .ttl .records[] .comment .expires", .exits = "4 75"
	}, {
		.noun = "record", .verb = "add", .args = "ZONE NAME TYPE RDATA...", .flags = CMD_WRITE, .who = CMD_MAINTAINER,
		.options = add_options, .run = add_run,
		.help = "add one record; fine if it is there already",
		.text = "    NAME is relative to the zone, \"@\" the zone itself; a name that ends in the zone's or in a dot is absolute.\n"
		        "    All that stands behind TYPE is data: options stand before it. A word behind TYPE that is exactly one of the\n"
		        "    options is refused unless it is quoted; options without value may end the line where data cannot be text.\n"
		        "    Text without quotes is one string.\n",
		.examples = "record add example.org www A 192.0.2.80\nrecord add --ttl 300 --comment 'ticket 412' example.org @ TXT v=spf1 mx -all\n",
		.json = CMD_WRITE_JSON, .exits = "3 4 6 7 10 75"
	}, {
		.noun = "record", .verb = "set", .args = "ZONE NAME TYPE RDATA...", .flags = CMD_WRITE, .who = CMD_MAINTAINER,
		.options = add_options, .run = set_run,
		.help = "make these the records of a name and type; values are separated by --",
		.text = "    A CNAME must stand alone: setting one replaces the records of all other types at the name, and setting any other\n"
		        "    type replaces a CNAME there. A note says what was replaced.\n",
		.examples = "record set example.org www A 192.0.2.80 -- 192.0.2.81\nrecord set example.org www CNAME other.example.net.\n",
		.json = CMD_WRITE_JSON, .exits = "3 4 6 7 10 75"
	}, {
		.noun = "record", .verb = "remove", .alias = "rm", .args = "ZONE NAME [TYPE [RDATA...]]", .flags = CMD_WRITE, .who = CMD_MAINTAINER,
		.options = remove_options, .run = remove_run,
		.help = "remove one record, those of a type, or with --all those of a name; fine if it is gone already",
		.examples = "record remove example.org www A 192.0.2.80\nrecord remove example.org www A\nrecord remove example.org old --all\n",
		.json = CMD_WRITE_JSON, .exits = "3 4 6 7 10 75"
	},
	{ 0 }
};
