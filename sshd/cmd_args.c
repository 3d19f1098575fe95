/* SPDX-License-Identifier: ISC */
/*
 * Arguments and options of a command, taken apart by its row; and its input.
 */
#include "sshd/cmd.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "zone/rr.h"

static const struct cmd_option common[] = {
	{ "json", 0, false, NULL, "one JSON object instead of text" },
	{ "quiet", 'q', false, NULL, "no notes, and no line about what was done" },
	{ "help", 'h', false, NULL, "what the command does" },
	{ 0 }
};

static const struct cmd_option writes[] = {
	{ "dry-run", 'n', false, NULL, "check it and show the difference; exit 10 if there would be one" },
	{ "message", 'm', false, "TEXT", "why, for the log" },
	{ "if-serial", 0, false, "SERIAL", "only if this is the zone's serial (else exit 6)" },
	{ "if-commit", 0, false, "ID", "only if this is the zone's newest commit (else exit 6)" },
	{ 0 }
};

size_t
cmd_options(const struct cmd *cmd, const struct cmd_option *out[static CMD_OPTIONS_MAX])
{
	const struct cmd_option *const lists[] = { cmd->options, (cmd->flags & CMD_WRITE) != 0 ? writes : NULL, common };
	size_t                         count = 0;

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		for (const struct cmd_option *option = lists[i]; option != NULL && option->name != NULL; option++)
			if (count < CMD_OPTIONS_MAX)
				out[count++] = option;
	return count;
}

/* ---- the usage line ---- */

static void
usage_option(struct buf *out, const struct cmd_option *option)
{
	if (option->letter == '#')
		buf_puts(out, " [-N]");
	else
		buf_putf(out, " [--%s%s%s]%s", option->name, option->value != NULL ? " " : "", option->value != NULL ? option->value : "",
		    option->many ? "..." : "");
}

void
cmd_usage(struct buf *out, const struct cmd *cmd)
{
	const char *rdata = strstr(cmd->args, " NAME TYPE RDATA");
	int         before = rdata != NULL ? (int)(rdata - cmd->args) : (int)strlen(cmd->args);

	buf_putf(out, "%s%s%s%s%.*s", cmd->noun, cmd->verb[0] != '\0' ? " " : "", cmd->verb, before != 0 ? " " : "", before, cmd->args);
	for (const struct cmd_option *option = cmd->options; option != NULL && option->name != NULL; option++)
		usage_option(out, option);
	if ((cmd->flags & CMD_LOCAL) != 0)
		buf_puts(out, " [--json]");     /* it is one of few there, so it is named */
	if (rdata != NULL)
		buf_puts(out, rdata);
}

bool
run_usage(struct run *run, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list    ap;

	va_start(ap, fmt);
	buf_vputf(&text, fmt, ap);
	va_end(ap);
	err_set(&run->err, ERR_USAGE, "%s", buf_str(&text));
	buf_reset(&text);
	cmd_usage(&text, run->cmd);
	err_hint(&run->err, "usage: %s", buf_str(&text));
	buf_done(&text);
	return false;
}

/* ---- how many arguments a row takes, by its text ---- */

struct arity { size_t min, max, rdata; };

/* "ZONE NAME [TYPE [RDATA...]]": 2 at least, no limit, data from the fourth on. */
static struct arity
cmd_arity(const struct cmd *cmd)
{
	struct arity arity = { .rdata = SIZE_MAX };
	size_t       count = 0;
	bool         optional = false, many = strstr(cmd->args, "...") != NULL;

	for (const char *p = cmd->args; *p != '\0';) {
		size_t len = strcspn(p, " ");

		optional = optional || *p == '[';
		if (strncmp(p + (*p == '['), "RDATA", 5) == 0)
			arity.rdata = count;
		count++;
		arity.min += !optional;
		p += len;
		p += strspn(p, " ");
	}
	arity.max = many ? SIZE_MAX : count;
	return arity;
}

/* ---- options ---- */

static const struct cmd_option *
option_find(const struct cmd *cmd, const char *name, size_t len)
{
	const struct cmd_option *options[CMD_OPTIONS_MAX];
	size_t                   count = cmd_options(cmd, options);

	for (size_t i = 0; i < count; i++)
		if (strlen(options[i]->name) == len && strncmp(options[i]->name, name, len) == 0)
			return options[i];
	return NULL;
}

static const struct cmd_option *
option_letter(const struct cmd *cmd, char letter)
{
	const struct cmd_option *options[CMD_OPTIONS_MAX];
	size_t                   count = cmd_options(cmd, options);

	for (size_t i = 0; i < count; i++)
		if (options[i]->letter == letter)
			return options[i];
	return NULL;
}

static bool
option_unknown(struct run *run, const char *word, size_t len)
{
	const struct cmd_option *options[CMD_OPTIONS_MAX];
	size_t                   count = cmd_options(run->cmd, options), best = len > 2 ? str_near(len - 2) + 1 : 0;
	const char              *name = arena_strndup(run->arena, word, len), *near = NULL;

	for (size_t i = 0; i < count && str_after(name, "--") != NULL; i++) {
		size_t distance = str_distance(name + 2, options[i]->name);

		if (distance < best) {
			best = distance;
			near = options[i]->name;
		}
	}
	if (near != NULL)
		return run_usage(run, "unknown option \"%s\"; did you mean --%s?", name, near);
	return run_usage(run, "unknown option \"%s\"", name);
}

static bool
option_add(struct run *run, const struct cmd_option *option, const char *value)
{
	if (!option->many && run_option(run, option->name) != NULL)
		return run_usage(run, "--%s is given twice", option->name);
	if (run->value_count == sizeof run->values / sizeof run->values[0])
		return run_usage(run, "there are too many options");
	run->values[run->value_count++] = (struct cmd_value){ option, value };
	return true;
}

/* The option at WORDS[*AT], and its value. */
static bool
option_parse(struct run *run, char **words, size_t count, size_t *at)
{
	const char              *word = words[*at], *value = strchr(word, '=');
	const struct cmd_option *option;
	size_t                   len = word[1] == '-' && value != NULL ? (size_t)(value - word) : strlen(word);
	uint64_t                 number;

	if (word[1] == '-')
		option = option_find(run->cmd, word + 2, len - 2);
	else if (str_u64(&number, word + 1, UINT32_MAX) && (option = option_letter(run->cmd, '#')) != NULL)
		return option_add(run, option, word + 1);
	else
		option = len == 2 ? option_letter(run->cmd, word[1]) : NULL;
	if (option == NULL)
		return option_unknown(run, word, len);
	if (word[1] != '-')
		value = NULL;
	if (option->value == NULL && value != NULL)
		return run_usage(run, "--%s takes no value", option->name);
	if (option->value == NULL)
		return option_add(run, option, "");
	if (value == NULL && *at + 1 == count)
		return run_usage(run, "--%s needs its %s", option->name, option->value);
	return option_add(run, option, value != NULL ? value + 1 : words[++*at]);
}

/* The arguments that must be given are the first ones of the row: those behind what was given are missing. */
static bool
missing(struct run *run, const struct arity *arity)
{
	const char *p = run->cmd->args;
	struct buf  names = { 0 };

	for (size_t i = 0; i < arity->min; i++, p += strcspn(p, " "), p += strspn(p, " "))
		if (i >= run->count)
			buf_putf(&names, "%s%.*s", names.len != 0 ? " " : "", (int)strcspn(p, " ."), p);
	run_usage(run, "%s missing: %s", run->count + 1 == arity->min ? "an argument is" : "arguments are", buf_str(&names));
	buf_done(&names);
	return false;
}

static bool
check_count(struct run *run, const struct arity *arity)
{
	if (run_option(run, "help") != NULL)
		return true;
	if (run->count < arity->min)
		return missing(run, arity);
	if (run->count > arity->max)
		return run_usage(run, "\"%s\" is one argument too many", run->words[arity->max]);
	return true;
}

/* Can data of the type called NAME hold any word?  A name that is no type gets its error later. */
static bool
is_free_text(const char *name)
{
	const struct rr_type *row;
	uint16_t              type;

	row = rr_type_parse(&type, name, NULL) ? rr_type_find(type) : NULL;
	for (size_t i = 0; row != NULL && i < RR_FIELDS_MAX && row->fields[i].kind != F_END; i++)
		if (row->fields[i].kind == F_STR || row->fields[i].kind == F_TEXT)
			return true;
	return false;
}

/* WORD as one of the options, "--ttl", "--ttl=5" or "-n"; NULL when it is none. */
static const struct cmd_option *
option_of(const struct cmd *cmd, const char *word)
{
	const char *name = str_after(word, "--");

	if (name != NULL)
		return option_find(cmd, name, strcspn(name, "="));
	return word[0] == '-' && strlen(word) == 2 ? option_letter(cmd, word[1]) : NULL;
}

/* "... www A 192.0.2.80 --json": options without value that end the line, where they cannot be data. */
static bool
parse_trailing(struct run *run, const struct arity *arity)
{
	while (run->count > arity->rdata && !run->quoted[run->count - 1] && !is_free_text(run->words[arity->rdata - 1])) {
		const struct cmd_option *option = option_of(run->cmd, run->words[run->count - 1]);

		if (option == NULL || option->value != NULL || strchr(run->words[run->count - 1], '=') != NULL)
			break;
		if (!option_add(run, option, ""))
			return false;
		run->count--;
	}
	return true;
}

/* A word that reads like an option would be published as data: only quotes tell that it is meant so. */
static bool
check_data(struct run *run, const struct arity *arity)
{
	for (size_t i = arity->rdata; i < run->count; i++) {
		if (run->quoted[i] || option_of(run->cmd, run->words[i]) == NULL)
			continue;
		err_set(&run->err, ERR_USAGE, "\"%s\" stands behind the type, where all is data", run->words[i]);
		return err_hint(&run->err, "put options before the type, or quote the word");
	}
	return true;
}

bool
run_parse(struct run *run, char **words, const bool *quoted, size_t count)
{
	struct arity arity = cmd_arity(run->cmd);
	bool         ended = false;

	run->words = arena_array(run->arena, count + 1, sizeof *run->words);
	run->quoted = arena_array(run->arena, count + 1, sizeof *run->quoted);
	for (size_t i = 0; i < count; i++) {
		bool is_option = words[i][0] == '-' && words[i][1] != '\0' && !ended && run->count < arity.rdata;

		if (is_option && strcmp(words[i], "--") == 0) {
			ended = true;
		} else if (is_option) {
			if (!option_parse(run, words, count, &i))
				return false;
		} else {
			run->words[run->count] = words[i];
			run->quoted[run->count++] = quoted[i];
		}
	}
	if (!parse_trailing(run, &arity) || !check_data(run, &arity))
		return false;
	run->out.json = run_option(run, "json") != NULL;
	run->out.quiet = run_option(run, "quiet") != NULL;
	return check_count(run, &arity);
}

/* ---- reading them ---- */

bool
run_option_next(const struct run *run, const char *name, size_t *at, const char **value)
{
	while (*at < run->value_count) {
		const struct cmd_value *given = &run->values[(*at)++];

		if (strcmp(given->option->name, name) != 0)
			continue;
		*value = given->value;
		return true;
	}
	return false;
}

const char *
run_option(const struct run *run, const char *name)
{
	const char *value = NULL;
	size_t      at = 0;

	while (run_option_next(run, name, &at, &value))
		;
	return value;
}

bool
run_option_number(struct run *run, const char *name, uint32_t max, bool *given, uint32_t *out)
{
	const char *text = run_option(run, name);
	uint64_t    number = 0;

	*given = text != NULL;
	if (text == NULL)
		return true;
	if (!str_u64(&number, text, max))
		return run_usage(run, "--%s: \"%s\" is no number up to %u", name, text, max);
	*out = (uint32_t)number;
	return true;
}

const char *
run_word(const struct run *run, size_t i)
{
	return i < run->count ? run->words[i] : "";
}

/* ---- input ---- */

/* Wait until there is something to read; says after a second what it waits for. */
static bool
input_wait(struct run *run, bool first)
{
	struct pollfd pollfd = { .fd = run->in, .events = POLLIN };

	if (first && poll(&pollfd, 1, 1000) == 0)
		out_note(&run->out, "reading from standard input (Ctrl-D ends it)");
	if (pollfd.revents == 0 && poll(&pollfd, 1, CMD_STDIN_MS) == 0) {
		err_set(&run->err, ERR_LIMIT, "nothing came from standard input for %d seconds", CMD_STDIN_MS / 1000);
		return err_hint(&run->err, "give the data as input: ... < FILE");
	}
	return true;
}

bool
run_input(struct run *run, char **text, size_t *len)
{
	struct buf buf = { 0 };
	bool       ok = true;

	for (;;) {
		ssize_t n;

		ok = input_wait(run, buf.len == 0);
		if (!ok)
			break;
		n = read(run->in, buf_reserve(&buf, 65536), 65536);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			ok = err_errno(&run->err, ERR_FAILED, "cannot read the input");
		if (n <= 0)
			break;
		buf.len += (size_t)n;
		if (buf.len > CMD_STDIN_MAX) {
			ok = err_set(&run->err, ERR_LIMIT, "the input is larger than %u MiB", CMD_STDIN_MAX >> 20);
			break;
		}
	}
	*len = buf.len;
	*text = arena_strndup(run->arena, buf_str(&buf), ok ? buf.len : 0);
	buf_done(&buf);
	return ok;
}
