/* SPDX-License-Identifier: ISC */
/*
 * What a command prints (product.md 5.2): data on one stream, notes on the other, or one JSON object instead of the data.
 *
 * Every text that is passed in here may come from a zone or the network: it is escaped here, and only here.
 */
#ifndef SSHD_OUT_H
#define SSHD_OUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "zone/report.h"

struct out {
	FILE *data;             /* stdout */
	FILE *notes;            /* stderr */
	bool  tty;              /* DATA goes to a terminal */
	bool  utf8;             /* the reader's locale takes UTF-8 */
	bool  json, quiet;
};

/* Does the environment (LC_ALL, LC_CTYPE, LANG: the first that is set) ask for UTF-8? */
bool out_env_utf8(void);

/* A line of data: formatted, then escaped as a whole.  Nothing with --json. */
void out_line(struct out *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A result line such as "example.org: +1": data that --quiet leaves out as well. */
void out_result(struct out *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Text of several lines, escaped. Nothing with --json. */
void out_text(struct out *out, const char *text);
/* LEN bytes as they are (zone files), escaped only for a terminal. */
void out_raw(struct out *out, const char *text, size_t len);
/* "note: ..." on stderr; nothing with --quiet or --json. */
void out_note(struct out *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "error: E-CODE sentence" and "hint: ..." on stderr. */
void out_error(struct out *out, const struct err *err);
/* ERR, and those findings of REPORT that it does not tell itself. */
void out_refusal(struct out *out, const struct err *err, const struct report *report, const char *file);
/* The findings of REPORT on stderr, or as data; FILE before the line numbers ("": none). */
void out_report(struct out *out, const struct report *report, const char *file, bool as_data);

/* Columns, separated by two blanks at least; the last one is free text. */
#define TABLE_COLUMNS_MAX 8
struct table {
	struct arena *arena;
	size_t        columns;
	char       ***rows;
	size_t        count, cap;
};

void table_init(struct table *table, struct arena *arena, size_t columns);
void table_done(struct table *table);
/* One cell after the other, row by row. */
void table_add(struct table *table, size_t column, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* HEADER (NULL: none) has a word per column and is shown on terminals only. */
void out_table(struct out *out, const struct table *table, const char *const *header);

/* JSON of any text: bytes that are no UTF-8 are escaped as in zone files.  Never NULL. */
json_t *json_text(const char *text);
/* ISO 8601, or null for 0. */
json_t *json_time(int64_t unix_s);
/* Member KEY of OBJECT becomes VALUE, whose reference it takes. */
void json_put(json_t *object, const char *key, json_t *value);
/* The errors or the warnings of REPORT as an array. */
json_t *json_report(const struct report *report, enum finding_level level);
/* OBJECT as one line on the data stream. */
void out_json(struct out *out, const json_t *object);

#endif
