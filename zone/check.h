/* SPDX-License-Identifier: ISC */
/*
 * The checks on a zone: one table (product.md 5.6), one function a row.  Errors keep a zone from being published,
 * warnings do not.  A new check is one function and one row in check.c and one file in tests/zones/ that fires it alone.
 */
#ifndef ZONE_CHECK_H
#define ZONE_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "zone/report.h"

struct zone;
struct diff;

struct check {
	const char        *code;
	enum finding_level level;
	const char        *explain;     /* one line */
	const char        *fix;         /* one line */
};

size_t check_count(void);
const struct check *check_at(size_t i);
const struct check *check_find(const char *code);       /* NULL: none. Codes of the reader (E-SYNTAX...) are rows too */

/* All checks on the whole zone. */
void check_zone(const struct zone *zone, struct report *report);

/* Only what DIFF (which led to ZONE) can have broken: the names it touches and the names that refer to them. */
void check_change(const struct zone *zone, const struct diff *diff, struct report *report);

#endif
