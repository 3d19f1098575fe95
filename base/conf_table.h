/* SPDX-License-Identifier: ISC */
/* The rows of CONF_OPTIONS as data: what conf.c (values) and conf_file.c (the file) share, and a reload compares. */
#ifndef BASE_CONF_TABLE_H
#define BASE_CONF_TABLE_H

#include <stddef.h>

#include "base/conf.h"

struct conf_option {
	const char    *name, *def, *help;
	enum conf_type type;
	int            flags;           /* enum conf_flag */
	int64_t        min, max;
	size_t         list_at, num_at; /* in struct conf */
};

enum {
#define X(field, name, type, flags, def, min, max, help) CONF_OPTION_##field,
	CONF_OPTIONS(X)
#undef X
	CONF_OPTION_COUNT
};

extern const struct conf_option conf_options[CONF_OPTION_COUNT];

/* The option of that name; NULL with ERR_CONF and the nearest known name as hint. */
const struct conf_option *conf_option_find(const char *name, struct err *err);

/* The values of OPTION in CONF. */
struct conf_list *conf_list(const struct conf *conf, const struct conf_option *option);

/* The first option that differs between A and B from *NEXT on (begin with 0), which moves behind it; NULL when no more do. */
const struct conf_option *conf_differ(const struct conf *a, const struct conf *b, size_t *next);

/* Give OPTION in CONF the values that it has in OLD. */
void conf_keep(struct conf *conf, const struct conf *old, const struct conf_option *option);

#endif
