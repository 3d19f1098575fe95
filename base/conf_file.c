/* SPDX-License-Identifier: ISC */
/* zonesh.conf as a file: reading with line and column of each error, writing with each option explained. */
#include "base/conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/conf_table.h"
#include "base/str.h"

#define FILE_NAME "zonesh.conf"
#define LINES_MAX 10000

static bool
conf_line(struct conf *conf, bool seen[static CONF_OPTION_COUNT], const char *line, uint32_t *col, struct arena *arena,
    struct err *err)
{
	char                     *words[2];
	uint32_t                  cols[2] = { 1, 1 };
	size_t                    count;
	const struct conf_option *option;

	if (!str_fields(words, cols, &count, 2, line, arena, err)) {
		*col = err->col;
		return err_hint(err, "a line is an option and one value; a value with blanks stands in \"...\"");
	}
	if (count == 0)
		return true;
	*col = cols[0];
	option = conf_option_find(words[0], err);
	if (option == NULL)
		return false;
	if (count < 2) {
		*col += (uint32_t)strlen(words[0]);
		return err_set(err, ERR_CONF, "%s has no value", words[0]);
	}
	if (seen[option - conf_options] && (option->flags & CONF_MANY) == 0)
		return err_set(err, ERR_CONF, "%s stands there a second time", words[0]);
	seen[option - conf_options] = true;
	*col = cols[1];
	return conf_set(conf, words[0], words[1], err);
}

static bool
conf_read(struct conf *conf, FILE *file, struct arena *arena, struct err *err)
{
	bool     seen[CONF_OPTION_COUNT] = { false };
	char    *line = NULL;
	size_t   cap = 0;
	uint32_t lineno = 0, col = 1;
	ssize_t  len;
	bool     ok = true;

	while (ok && (len = getline(&line, &cap, file)) > 0) {
		lineno++;
		if (lineno > LINES_MAX)
			ok = err_set(err, ERR_CONF, "the file has more than %d lines", LINES_MAX);
		else if (strlen(line) != (size_t)len)
			ok = err_set(err, ERR_CONF, "the line has a NUL byte");
		else
			ok = conf_line(conf, seen, line, &col, arena, err);
	}
	free(line);
	if (ok && ferror(file))
		return err_errno(err, ERR_CONF, "%s cannot be read", FILE_NAME);
	if (ok)
		return true;
	err->code = ERR_CONF;
	snprintf(err->id, sizeof err->id, "%s", err_name(ERR_CONF));
	err->line = lineno;
	err->col = col;
	return err_prefix(err, "%s:%u:%u: ", FILE_NAME, lineno, col);
}

bool
conf_load(struct conf *conf, const char *dir, struct err *err)
{
	struct arena *arena;
	struct err    own;
	FILE         *file;
	bool          ok;

	conf_init(conf, dir);
	file = fopen(conf_path(conf, FILE_NAME), "re");
	if (file == NULL) {
		bool missing = errno == ENOENT;

		err_errno(err, ERR_CONF, "%s cannot be opened", conf_path(conf, FILE_NAME));
		if (missing)
			err_hint(err, "zonesh init --dir %s makes a data directory", dir);
		conf_done(conf);
		return false;
	}
	arena = arena_new();
	ok = conf_read(conf, file, arena, err != NULL ? err : &own);
	arena_free(arena);
	fclose(file);
	if (!ok)
		conf_done(conf);
	return ok;
}

static void
put_value(struct buf *out, const char *value)
{
	if (*value != '\0' && strpbrk(value, " \t\"#") == NULL) {
		buf_puts(out, value);
		return;
	}
	buf_putc(out, '"');
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *value);
	}
	buf_putc(out, '"');
}

static void
put_line(struct buf *out, const struct conf_option *option, const char *value, bool is_default)
{
	buf_putf(out, "%s%s ", is_default ? "#" : "", option->name);
	put_value(out, value);
	buf_putc(out, '\n');
}

void
conf_write(const struct conf *conf, struct buf *out)
{
	buf_puts(out, "# Configuration of zonesh: an option and its value per line, see zonesh.conf(5).\n");
	for (size_t i = 0; i < CONF_OPTION_COUNT; i++) {
		const struct conf_option *option = &conf_options[i];
		const struct conf_list   *list = conf_list(conf, option);

		buf_putf(out, "\n# %s.\n", option->help);
		for (size_t k = 0; k < list->count; k++)
			put_line(out, option, list->items[k], strcmp(list->items[k], option->def) == 0);
		if (list->count == 0)
			put_line(out, option, option->def, true);
	}
}

static bool
lists_equal(const struct conf_list *a, const struct conf_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

const struct conf_option *
conf_differ(const struct conf *a, const struct conf *b, size_t *next)
{
	while (*next < CONF_OPTION_COUNT) {
		const struct conf_option *option = &conf_options[(*next)++];

		if (!lists_equal(conf_list(a, option), conf_list(b, option)))
			return option;
	}
	return NULL;
}
