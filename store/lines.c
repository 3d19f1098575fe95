/* SPDX-License-Identifier: ISC */
/*
 * Files of lines of words.
 */
#include "store/lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

bool
line_err(struct err *err, const struct line *line, size_t i, enum err_code code, const char *fmt, ...)
{
	char    text[sizeof err->text];
	va_list ap;

	if (err == NULL)
		return false;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	err_set(err, code, "%s", text);
	err->col = i < line->count ? line->cols[i] : 0;
	return false;
}

static const struct line_rule *
rule_find(const struct line_rule *rules, const char *word)
{
	while (rules->word != NULL && strcmp(rules->word, word) != 0)
		rules++;
	return rules->word != NULL ? rules : NULL;
}

/* The words that a line may begin with, for the hint. */
static bool
unknown_word(const struct line_rule *rules, const struct line *line, struct err *err)
{
	char   known[160] = "";
	size_t len = 0;

	for (; rules->word != NULL && len < sizeof known; rules++)
		len += (size_t)snprintf(known + len, sizeof known - len, "%s%s", len != 0 ? ", " : "", rules->word);
	line_err(err, line, 0, ERR_SYNTAX, "\"%s\" is not a word that begins a line here", line->words[0]);
	return err_hint(err, "known are: %s", known);
}

static bool
line_parse(const char *text, const struct line_rule *rules, void *arg, struct arena *arena, struct err *err)
{
	struct line             line = { .count = 0 };
	const struct line_rule *rule;

	if (!str_fields(line.words, line.cols, &line.count, LINE_WORDS_MAX, text, arena, err))
		return false;
	if (line.count == 0)
		return true;
	rule = rule_find(rules, line.words[0]);
	if (rule == NULL)
		return unknown_word(rules, &line, err);
	if (line.count < rule->min || line.count > rule->max) {
		line_err(err, &line, line.count < rule->min ? 0 : rule->max, ERR_SYNTAX,
		    line.count < rule->min ? "the line is too short" : "the line is too long");
		return err_hint(err, "expected: %s", rule->usage);
	}
	if (rule->fn(arg, &line, err))
		return true;
	if (err != NULL && err->hint[0] == '\0')
		err_hint(err, "expected: %s", rule->usage);
	return false;
}

bool
lines_parse(const char *file, const char *text, size_t len, const struct line_rule *rules, void *arg, struct arena *arena, struct err *err)
{
	uint32_t   number = 0;
	struct err own = { 0 };

	if (err == NULL)
		err = &own;
	if (len > LINES_SIZE_MAX)
		return err_set(err, ERR_LIMIT, "%s: longer than %d bytes", file, LINES_SIZE_MAX);
	for (const char *end = text + len, *next; text < end; text = next) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t      line_len = (size_t)((newline != NULL ? newline : end) - text);

		next = newline != NULL ? newline + 1 : end;
		number++;
		err->col = 0;
		if (memchr(text, '\0', line_len) != NULL)
			err_set(err, ERR_SYNTAX, "a NUL byte");
		else if (line_parse(arena_strndup(arena, text, line_len), rules, arg, arena, err))
			continue;
		err->line = number;
		err->col = err->col != 0 ? err->col : 1;
		return err_prefix(err, "%s:%u:%u: ", file, err->line, err->col);
	}
	return true;
}
