/* SPDX-License-Identifier: ISC */
/*
 * Help, made from the rows of the table, and the explanation of codes.
 */
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "sshd/cmd.h"
#include "zone/check.h"

static const char *const who_text[CMD_WHOS] = {
	[CMD_ANYONE]     = "everybody who can log in, devices too",
	[CMD_PERSON]     = "people",
	[CMD_VIEWER]     = "people with any role in the zone",
	[CMD_MAINTAINER] = "maintainers and owners of the zone",
	[CMD_ADMIN]      = "administrators",
};

static const char *const who_name[CMD_WHOS] = {
	[CMD_ANYONE] = "anyone", [CMD_PERSON] = "person", [CMD_VIEWER] = "viewer", [CMD_MAINTAINER] = "maintainer", [CMD_ADMIN] = "admin",
};

static const struct { const char *status, *meaning; } exits[] = {
	{ "0", "done, or already so" },
	{ "1", "failed for another reason" },
	{ "2", "usage: unknown command, option or argument" },
	{ "3", "refused by the checks; nothing was changed" },
	{ "4", "not found" },
	{ "5", "not allowed" },
	{ "6", "conflict: the zone has moved on" },
	{ "7", "over a limit" },
	{ "10", "--dry-run: there would be changes" },
	{ "75", "try again later" },
};

/* Codes that are no check's.  base/err.h has their exit statuses. */
static const struct { const char *code, *explain, *fix; } codes[] = {
	{ "E-FAILED", "something outside of the server's power went wrong; the sentence says what", "tell the administrator if it stays" },
	{ "E-USAGE", "the command, an option or an argument is not known or is missing", "help, or the command with --help" },
	{ "E-RANGE", "a number or a length is out of its bounds", "the sentence names the bounds" },
	{ "E-CHECK", "the zone that would result has errors; nothing was changed", "the findings name the records; zone check tries without publishing" },
	{ "E-CONF", "the server's configuration has an error", "zonesh check --dir DIR on the host names the line" },
	{ "E-NOT-FOUND", "there is no such zone, record or commit, or you may not see it", "zone list shows what you may see" },
	{ "E-DENIED", "your role in this zone, or the scope of this key, does not allow it", "whoami shows who you are; ask an owner of the zone" },
	{ "E-NOTAUTH", "the server does not know who asks", "log in with an enrolled key" },
	{ "E-CONFLICT", "the zone has moved on since the serial, commit or version that the change was made for", "look at the log, and try again on the newest version" },
	{ "E-EXISTS", "it is there already", "zone create --if-missing is content with that" },
	{ "E-PREREQ", "a prerequisite of the update (RFC 2136) does not hold", "look at the records it names" },
	{ "E-LIMIT", "too much, too large or too often", "the sentence names the limit" },
	{ "E-BUSY", "the server cannot do this now", "try again later" },
	{ "E-REPO", "the repository cannot be read or written", "status shows why; the administrator must repair it" },
	{ "E-PORT", "an address cannot be listened on", "another program uses it, or the configuration is wrong" },
};

static const struct cmd_option *
next_option(const struct cmd *cmd, size_t i)
{
	const struct cmd_option *options[CMD_OPTIONS_MAX];

	return i < cmd_options(cmd, options) ? options[i] : NULL;
}

/* ---- as JSON, for completion ---- */

static json_t *
json_options(const struct cmd *cmd)
{
	json_t                  *array = json_array();
	const struct cmd_option *option;

	for (size_t i = 0; (option = next_option(cmd, i)) != NULL; i++) {
		json_t *object = json_object();

		json_put(object, "name", json_text(option->name));
		json_put(object, "letter", option->letter != 0 ? json_stringn(&option->letter, 1) : json_null());
		json_put(object, "value", option->value != NULL ? json_text(option->value) : json_null());
		json_put(object, "many", json_boolean(option->many));
		json_put(object, "help", json_text(option->help));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *
json_cmd(const struct cmd *cmd)
{
	json_t *object = json_object();

	json_put(object, "noun", json_text(cmd->noun));
	json_put(object, "verb", json_text(cmd->verb));
	json_put(object, "alias", cmd->alias != NULL ? json_text(cmd->alias) : json_null());
	json_put(object, "args", json_text(cmd->args));
	json_put(object, "who", json_text(who_name[cmd->who]));
	json_put(object, "help", json_text(cmd->help));
	json_put(object, "json", json_text(cmd->json));
	json_put(object, "exits", json_text(cmd->exits));
	json_put(object, "examples", json_text(cmd->examples));
	json_put(object, "options", json_options(cmd));
	return object;
}

/* All rows, those of NOUN, or only ONLY. */
static void
json_cmds(struct run *run, const char *noun, const struct cmd *only)
{
	json_t           *array = json_array();
	const struct cmd *cmd;

	for (size_t i = 0; (cmd = cmd_at(i)) != NULL; i++)
		if ((noun == NULL || strcmp(noun, cmd->noun) == 0) && (only == NULL || only == cmd))
			json_array_append_new(array, json_cmd(cmd));
	json_put(run->json, "commands", array);
}

/* ---- as text ---- */

static void
table_cmds(struct run *run, const char *noun)
{
	struct table      table;
	const struct cmd *cmd;

	table_init(&table, run->arena, 2);
	for (size_t i = 0; (cmd = cmd_at(i)) != NULL; i++) {
		if (noun != NULL && strcmp(noun, cmd->noun) != 0)
			continue;
		table_add(&table, 0, "%s%s%s%s%s", cmd->noun, cmd->verb[0] != '\0' ? " " : "", cmd->verb, cmd->args[0] != '\0' ? " " : "", cmd->args);
		table_add(&table, 1, "%s", cmd->help);
	}
	out_table(&run->out, &table, NULL);
	table_done(&table);
}

bool
help_nouns(struct run *run)
{
	json_cmds(run, NULL, NULL);
	table_cmds(run, NULL);
	out_line(&run->out, "%s", "");
	out_line(&run->out, "help NOUN VERB tells more, help E-CODE explains an error; all commands take --json, --quiet and --help");
	out_line(&run->out, "on a terminal (ssh -t): no command opens the editor, and ZONE opens it there");
	return true;
}

bool
help_noun(struct run *run, const char *noun)
{
	json_cmds(run, noun, NULL);
	table_cmds(run, noun);
	return true;
}

static void
table_options(struct run *run, const struct cmd *cmd)
{
	struct table             table;
	const struct cmd_option *option;

	table_init(&table, run->arena, 2);
	for (size_t i = 0; (option = next_option(cmd, i)) != NULL; i++) {
		if (option->letter == '#')
			table_add(&table, 0, "  -N, --%s %s", option->name, option->value);
		else if (option->letter != 0)
			table_add(&table, 0, "  -%c, --%s%s%s", option->letter, option->name, option->value != NULL ? " " : "", option->value != NULL ? option->value : "");
		else
			table_add(&table, 0, "  --%s%s%s", option->name, option->value != NULL ? " " : "", option->value != NULL ? option->value : "");
		table_add(&table, 1, "%s%s", option->help, option->many ? " (may be repeated)" : "");
	}
	out_line(&run->out, "options:");
	out_table(&run->out, &table, NULL);
	table_done(&table);
}

/* Is STATUS one of the words of LIST? */
static bool
has_word(const char *list, const char *status)
{
	size_t len = strlen(status);

	for (const char *p = list; *p != '\0'; p += strcspn(p, " "), p += strspn(p, " "))
		if (strcspn(p, " ") == len && strncmp(p, status, len) == 0)
			return true;
	return false;
}

static void
table_exits(struct run *run, const struct cmd *cmd)
{
	struct table table;

	table_init(&table, run->arena, 2);
	for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++) {
		if (!has_word("0 2 5", exits[i].status) && !has_word(cmd->exits, exits[i].status))
			continue;
		table_add(&table, 0, "  %s", exits[i].status);
		table_add(&table, 1, "%s", exits[i].meaning);
	}
	out_line(&run->out, "exit status:");
	out_table(&run->out, &table, NULL);
	table_done(&table);
}

bool
help_cmd(struct run *run, const struct cmd *cmd)
{
	struct buf usage = { 0 };

	json_cmds(run, cmd->noun, cmd);
	cmd_usage(&usage, cmd);
	out_line(&run->out, "%s", buf_str(&usage));
	out_line(&run->out, "    %s", cmd->help);
	if (cmd->text != NULL)
		out_text(&run->out, cmd->text);
	if (cmd->alias != NULL)
		out_line(&run->out, "also: %s %s", cmd->noun, cmd->alias);
	table_options(run, cmd);
	out_line(&run->out, "who: %s", who_text[cmd->who]);
	out_line(&run->out, "--json: v ok %s", cmd->json);
	table_exits(run, cmd);
	out_line(&run->out, "examples:");
	out_text(&run->out, cmd->examples);
	buf_done(&usage);
	return true;
}

/* ---- codes ---- */

static void
explain(struct run *run, const char *code, const char *what, const char *fix)
{
	json_put(run->json, "code", json_text(code));
	json_put(run->json, "explain", json_text(what));
	json_put(run->json, "fix", json_text(fix));
	out_line(&run->out, "%s  %s", code, what);
	out_line(&run->out, "    %s", fix);
}

/* "e-soa-multi" is E-SOA-MULTI too. */
static bool
help_code(struct run *run, const char *code)
{
	for (size_t i = 0; i < check_count(); i++) {
		const struct check *check = check_at(i);

		if (strcasecmp(check->code, code) == 0) {
			explain(run, check->code, check->explain, check->fix);
			return true;
		}
	}
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (strcasecmp(codes[i].code, code) == 0) {
			explain(run, codes[i].code, codes[i].explain, codes[i].fix);
			return true;
		}
	err_set(&run->err, ERR_NOTFOUND, "there is no code \"%s\"", code);
	return err_hint(&run->err, "codes stand behind \"error:\" and in the findings of zone check");
}

static size_t
noun_rows(const char *noun)
{
	const struct cmd *cmd;
	size_t            rows = 0;

	for (size_t i = 0; (cmd = cmd_at(i)) != NULL; i++)
		rows += strcmp(cmd->noun, noun) == 0;
	return rows;
}

bool
help_run(struct run *run)
{
	const char       *noun = run_word(run, 0), *verb = run_word(run, 1);
	const struct cmd *cmd;

	if (run->count == 0 || strcmp(noun, "commands") == 0)
		return help_nouns(run);
	if (strncasecmp(noun, "E-", 2) == 0 || strncasecmp(noun, "W-", 2) == 0)
		return help_code(run, noun);
	if (!cmd_is_noun(noun))
		return run_usage(run, "there is no command \"%s\"", noun);
	cmd = cmd_find(noun, verb);
	if (verb[0] != '\0' && cmd == NULL)
		return run_usage(run, "%s: there is no \"%s\"", noun, verb);
	return cmd != NULL && (verb[0] != '\0' || noun_rows(noun) == 1) ? help_cmd(run, cmd) : help_noun(run, noun);
}
