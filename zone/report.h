/* SPDX-License-Identifier: ISC */
/*
 * Findings of the zone file reader and the checks: what, where, how bad, what to do.
 */
#ifndef ZONE_REPORT_H
#define ZONE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct buf;

#define REPORT_MAX   100        /* findings kept; the counts go on */
#define REPORT_SHOWN 20         /* findings that report_print prints */

enum finding_level { FINDING_ERROR, FINDING_WARNING };

struct finding {
	enum finding_level level;
	const char        *code;        /* "E-CNAME-COEXIST" */
	uint32_t           line, col;   /* 0: not known */
	const char        *owner;       /* relative owner text, "" when none */
	const char        *type;        /* "A", "" when none */
	const char        *text;
	const char        *hint;        /* "" when none */
};

struct report {
	struct arena  *arena;           /* holds the texts */
	struct finding findings[REPORT_MAX];
	size_t         count;           /* kept */
	size_t         errors, warnings;        /* found */
};

void report_init(struct report *report);
void report_done(struct report *report);

/* Add one; texts are copied. */
void report_add(struct report *report, const struct finding *finding);
void report_addf(struct report *report, enum finding_level level, const char *code, const uint8_t *owner, const uint8_t *origin, uint16_t type,
    const char *hint, const char *fmt, ...) __attribute__((format(printf, 8, 9)));

/* ERR from the first error ("FILE:LINE:COL: text", and "(and N more)"), code ERR_CHECK or ERR_SYNTAX; true when there are no errors. */
bool report_err(const struct report *report, const char *file, struct err *err);

/* One line per finding, as people read it: "error E-X FILE:LINE:COL owner TYPE: text" and, unless it is the same as before, "  hint: ...";
 * REPORT_SHOWN at most, errors rather than warnings, then "and N more".  Escape before a terminal. */
void report_print(const struct report *report, const char *file, struct buf *out);

#endif
