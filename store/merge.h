/* SPDX-License-Identifier: ISC */
/*
 * Three-way merge of a zone, RRset by RRset.  Pure: no files, no clock.
 *
 * The SOA's serial takes no part: it moves with every change.  Its other fields merge like an RRset.
 */
#ifndef STORE_MERGE_H
#define STORE_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "zone/change.h"
#include "zone/zone.h"

struct merge_conflict { const uint8_t *owner; uint16_t type; };
struct merge_conflicts { struct merge_conflict *items; size_t count, cap; struct arena *arena; };

/* An RRset that both sides changed differently: true to take theirs. */
typedef bool merge_pick_fn(void *arg, const uint8_t *owner, uint16_t type);

/*
 * What OURS becomes when the way from BASE to THEIRS is gone as well: an RRset that only one side changed is taken from
 * that side; one that both changed differently is a conflict: it is added to CONFLICTS, and PICK (NULL: never theirs) decides.  The SOA has
 * the newer of both serials.  Returns a new zone of the caller's.  Cost: a pass over the three zones.
 */
struct zone *merge_zones(const struct zone *base, const struct zone *ours, const struct zone *theirs, merge_pick_fn *pick, void *arg,
    struct merge_conflicts *conflicts);

/*
 * CHANGE, which was made looking at BASE, for application to OURS: what it does to RRsets that OURS changed differently since are CONFLICTS (memory
 * of their arena), and the removal of a whole name is limited to what was there in BASE.  The result is in ARENA.
 */
struct change *merge_change(const struct zone *base, const struct zone *ours, const struct change *change, struct arena *arena,
    struct merge_conflicts *conflicts);

#endif
