/* SPDX-License-Identifier: ISC */
/*
 * Files of lines of words (accounts, policy): a table of words that begin a line, one function each.
 */
#ifndef STORE_LINES_H
#define STORE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define LINE_WORDS_MAX 32
#define LINES_SIZE_MAX (1024 * 1024)

/* One line: its words with the byte columns they begin at. */
struct line {
	char   *words[LINE_WORDS_MAX];
	uint32_t cols[LINE_WORDS_MAX];
	size_t  count;
};

struct line_rule {
	const char *word;               /* the first of the line; NULL ends the table */
	size_t      min, max;           /* words in all */
	const char *usage;
	/* On failure sets ERR; err->col may say which column, else that of the first word is meant. */
	bool      (*fn)(void *arg, const struct line *line, struct err *err);
};

/* Read all lines of TEXT by the table.  ERR_SYNTAX or what a rule's function set, as "FILE:LINE:COL: ...", with line and col.  Words are ARENA's. */
bool lines_parse(const char *file, const char *text, size_t len, const struct line_rule *rules, void *arg, struct arena *arena, struct err *err);

/* ERR about word I of LINE; always false. */
bool line_err(struct err *err, const struct line *line, size_t i, enum err_code code, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

#endif
