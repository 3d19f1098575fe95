/* SPDX-License-Identifier: ISC */
/*
 * Zone files (RFC 1035 5) as text: reading, editing in place, and the canonical writer.
 *
 * A parsed file keeps the text and knows which bytes belong to which record, so that a change touches only the lines of
 * the records that it changes: comments, order and layout belong to the file's author.
 */
#ifndef ZONE_ZONEFILE_H
#define ZONE_ZONEFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "zone/change.h"
#include "zone/report.h"
#include "zone/rr.h"

struct zonefile;
struct zone;

struct zonefile_opts {
	const uint8_t *apex;            /* the zone's name; NULL: that of the SOA (checkzone without a name) */
	const uint8_t *origin;          /* at the start: NULL = root for files in the store (robur.md 2.4), the zone for imports */
	bool           include;         /* allow $INCLUDE (local import only) */
	bool           keys;            /* a key file: no SOA expected, owners anywhere */
};

/* Read TEXT (copied).  Always returns a zonefile; errors are in REPORT, reading goes on after one. Free with zonefile_free. */
struct zonefile *zonefile_parse(const char *text, size_t len, const struct zonefile_opts *opts, struct report *report);
void zonefile_free(struct zonefile *file);              /* NULL is fine */

/* The records in file order, with the comment that stands behind each ("" when none). Borrowed. */
struct zonefile_rr { struct rr rr; uint32_t line, col; const char *comment; };
size_t zonefile_count(const struct zonefile *file);
const struct zonefile_rr *zonefile_at(const struct zonefile *file, size_t i);
const uint8_t *zonefile_apex(const struct zonefile *file);

/* The zone that the records make; out-of-zone records were reported and are left out.  Caller owns it. */
struct zone *zonefile_zone(const struct zonefile *file);

/* Give findings of the checks that know only owner and type (line 0) their line in FILE. Cost: one pass over the records each. */
void zonefile_locate(const struct zonefile *file, struct report *report);

/*
 * Append the text with DIFF worked in: lines of records that DIFF does not name stay byte for byte; new records stand behind their RRset, else
 * behind their owner's others, else at the end, in the file's own habits (relative names, TTL column, alignment).  DIFF must come from
 * the zone of this file (change_apply).  Property: the zone of the result is DIFF applied to the zone of FILE.
 */
void zonefile_edit(struct buf *out, const struct zonefile *file, const struct diff *diff);

/* The portable canonical form (robur.md 2.2, 2.4), for export and new zones. */
void zonefile_write(struct buf *out, const struct zone *zone);

/* One record as a line without newline: "www 300 A 192.0.2.1", names relative to ORIGIN (NULL: absolute). */
void zonefile_write_rr(struct buf *out, const struct rr *rr, const uint8_t *origin);

#endif
