/* SPDX-License-Identifier: ISC */
/*
 * From words to a row of the table, and from what its function leaves behind to output and exit status.
 */
#include "sshd/cmd.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

#define X(noun) cmds_##noun,
static const struct cmd *const tables[] = { CMD_TABLES(X) };
#undef X

#define TABLES (sizeof tables / sizeof tables[0])

const struct cmd *
cmd_at(size_t i)
{
	for (size_t t = 0; t < TABLES; t++)
		for (const struct cmd *cmd = tables[t]; cmd->noun != NULL; cmd++)
			if (i-- == 0)
				return cmd;
	return NULL;
}

const struct cmd *
cmd_find(const char *noun, const char *verb)
{
	const struct cmd *cmd;

	for (size_t i = 0; (cmd = cmd_at(i)) != NULL; i++)
		if (strcmp(cmd->noun, noun) == 0 &&
		    (strcmp(cmd->verb, verb) == 0 || (cmd->alias != NULL && strcmp(cmd->alias, verb) == 0)))
			return cmd;
	return NULL;
}

bool
cmd_is_noun(const char *word)
{
	const struct cmd *cmd;

	for (size_t i = 0; (cmd = cmd_at(i)) != NULL; i++)
		if (strcmp(cmd->noun, word) == 0)
			return true;
	return false;
}

void
run_init(struct run *run)
{
	*run = (struct run){ .arena = arena_new(), .report_file = "", .in = STDIN_FILENO };
	run->out = (struct out){ .data = stdout, .notes = stderr, .utf8 = out_env_utf8() };
	run->json = json_object();
	report_init(&run->report);
}

void
run_done(struct run *run)
{
	report_done(&run->report);
	json_decref(run->json);
	client_free(run->client);
	free(run->scope);
	arena_free(run->arena);
	*run = (struct run){ 0 };
}

bool
run_connect(struct run *run)
{
	if (run->client != NULL)
		return true;
	run->client = run->connect(run->connect_arg, &run->err);
	if (run->client == NULL)
		return false;
	if (client_whoami(run->client, &run->who, &run->zones, &run->keys, &run->scope, &run->err))
		return true;
	client_free(run->client);
	run->client = NULL;
	return false;
}

/* What may this identity do at all?  Rights in zones are the store's business. */
static bool
may_run(struct run *run)
{
	bool person = run->who.kind == ID_ADMIN || run->who.kind == ID_ACCOUNT;

	if (run->cmd->who != CMD_ANYONE && !person) {
		err_set(&run->err, ERR_DENIED, "%s is no person's key and may not do this", run->who.display);
		return err_hint(&run->err, "it may: update, whoami, help, version");
	}
	if (run->cmd->who == CMD_ADMIN && !run->who.admin)
		return err_set(&run->err, ERR_DENIED, "only administrators may do this");
	return true;
}

/* ---- the end of a command ---- */

static void
json_error(struct run *run)
{
	json_t *object = json_object();

	json_put(object, "v", json_integer(1));
	json_put(object, "ok", json_false());
	json_put(object, "code", json_text(run->err.id));
	json_put(object, "message", json_text(run->err.text));
	json_put(object, "hint", json_text(run->err.hint));
	if (run->zone != NULL)
		json_put(object, "zone", json_text(run->zone));
	if (run->report.errors != 0) {
		const struct finding *first = &run->report.findings[0];

		for (; first->level != FINDING_ERROR; first++)
			;
		json_put(object, "name", json_text(first->owner));
		json_put(object, "type", json_text(first->type));
		run->err.line = run->err.line != 0 ? run->err.line : first->line;
		run->err.col = run->err.col != 0 ? run->err.col : first->col;
	}
	if (run->err.line != 0) {
		json_put(object, "line", json_integer(run->err.line));
		json_put(object, "col", json_integer(run->err.col));
	}
	if (run->report.count != 0) {
		json_put(object, "errors", json_report(&run->report, FINDING_ERROR));
		json_put(object, "warnings", json_report(&run->report, FINDING_WARNING));
	}
	json_object_update(object, run->json);
	out_json(&run->out, object);
	json_decref(object);
}

static void
print_error(struct run *run)
{
	if (run->out.json) {
		json_error(run);
		return;
	}
	if (run->report_shown)
		return;
	out_refusal(&run->out, &run->err, &run->report, run->report_file);
}

static void
json_success(struct run *run)
{
	json_t *object = json_object();

	json_put(object, "v", json_integer(1));
	json_put(object, "ok", json_true());
	json_object_update(object, run->json);
	out_json(&run->out, object);
	json_decref(object);
}

/* Print what is left to print; the exit status. */
static int
finish(struct run *run, bool ok)
{
	int status = ok ? run->exit : err_exit(run->err.code);

	if (!ok)
		print_error(run);
	else if (run->out.json)
		json_success(run);
	/* Who reads us may be gone: then nobody knows what we said. */
	if (fflush(run->out.data) != 0 || ferror(run->out.data) != 0)
		status = status != 0 ? status : err_exit(ERR_FAILED);
	fflush(run->out.notes);
	return status;
}

/* ---- finding the row ---- */

/* The noun, or with NOUN its verb, that is nearest to WORD; NULL when none is near. */
static const char *
nearest(const char *word, const char *noun)
{
	const struct cmd *cmd;
	const char       *best = NULL;
	size_t            best_distance = str_near(strlen(word)) + 1;

	for (size_t i = 0; (cmd = cmd_at(i)) != NULL; i++) {
		const char *name = noun == NULL ? cmd->noun : cmd->verb;
		size_t      distance = str_distance(word, name);

		if (name[0] == '\0' || (noun != NULL && strcmp(noun, cmd->noun) != 0) || distance >= best_distance)
			continue;
		best = name;
		best_distance = distance;
	}
	return best;
}

/* No row for NOUN and VERB ("": none was given). */
static bool
unknown(struct run *run, const char *noun, const char *verb)
{
	const char *near = cmd_is_noun(noun) ? nearest(verb, noun) : nearest(noun, NULL);

	if (!cmd_is_noun(noun)) {
		err_set(&run->err, ERR_USAGE, "there is no command \"%s\"", noun);
		return near != NULL ? err_hint(&run->err, "did you mean \"%s\"? All commands: help", near)
		                    : err_hint(&run->err, "all commands: help");
	}
	if (verb[0] == '\0')
		err_set(&run->err, ERR_USAGE, "%s: what is to be done with it is missing", noun);
	else
		err_set(&run->err, ERR_USAGE, "%s: there is no \"%s\"", noun, verb);
	return near != NULL ? err_hint(&run->err, "did you mean \"%s %s\"? All of %s: help %s", noun, near, noun, noun)
	                    : err_hint(&run->err, "all of %s: help %s", noun, noun);
}

static bool
is_help(const char *word)
{
	return strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0;
}

/* "ssh dns example.org": words with a dot can be no noun. */
static bool
is_zone_word(const char *word)
{
	return word[0] != '-' && strchr(word, '.') != NULL;
}

/* The row for WORDS and how many of them named it; NULL when there is none. */
static const struct cmd *
find_row(char **words, size_t count, size_t *used)
{
	const struct cmd *cmd;

	*used = 0;
	if (!cmd_is_noun(words[0]))
		return is_zone_word(words[0]) ? cmd_find("zone", "show") : NULL;
	cmd = count > 1 && words[1][0] != '\0' ? cmd_find(words[0], words[1]) : NULL;
	*used = cmd != NULL ? 2 : 1;
	return cmd != NULL ? cmd : cmd_find(words[0], "");
}

/* An error of the grammar must respect --json too, although the words could not be taken apart. */
static void
look_for_json(struct run *run, char **words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i], "--json") == 0)
			run->out.json = true;
}

static bool
run_cmd(struct run *run, const struct cmd *cmd, char **words, const bool *quoted, size_t count)
{
	run->cmd = cmd;
	if (!run_parse(run, words, quoted, count)) {
		look_for_json(run, words, count);
		return false;
	}
	if (run_option(run, "help") != NULL)
		return help_cmd(run, cmd);
	if ((cmd->flags & CMD_LOCAL) == 0 && (!run_connect(run) || !may_run(run)))
		return false;
	return cmd->run(run);
}

int
run_row(struct run *run, const struct cmd *cmd, char **words, const bool *quoted, size_t count)
{
	return finish(run, run_cmd(run, cmd, words, quoted, count));
}

int
run_words(struct run *run, char **words, const bool *quoted, size_t count)
{
	const struct cmd *cmd;
	size_t            used;

	if (count == 0 || is_help(words[0]))
		return finish(run, help_nouns(run));
	cmd = find_row(words, count, &used);
	if (cmd == NULL && count > 1 && is_help(words[1]) && cmd_is_noun(words[0]))
		return finish(run, help_noun(run, words[0]));
	if (cmd == NULL) {
		look_for_json(run, words, count);
		return finish(run, unknown(run, words[0], count > 1 ? words[1] : ""));
	}
	return run_row(run, cmd, words + used, quoted + used, count - used);
}
