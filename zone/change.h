/* SPDX-License-Identifier: ISC */
/*
 * A change: prerequisites and updates on one zone in the sense of RFC 2136, and what applying it does.
 *
 * Its text form uses nsupdate's words, one a line:
 *     prereq yxrrset|nxrrset|yxdomain|nxdomain OWNER [TYPE [RDATA]]
 *     add OWNER TTL TYPE RDATA
 *     delete OWNER [TYPE [RDATA]]
 * ("update add" and "update delete" are taken too.)
 */
#ifndef ZONE_CHANGE_H
#define ZONE_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "zone/rr.h"

struct zone;

enum change_op {
	CHANGE_YXDOMAIN, CHANGE_NXDOMAIN,               /* owner exists / does not */
	CHANGE_YXRRSET, CHANGE_NXRRSET,                 /* RRset exists / does not */
	CHANGE_YXVALUE,                                 /* RRset holds exactly the values of all such items of its owner and type */
	CHANGE_ADD,                                     /* add one RR */
	CHANGE_DELETE_RR, CHANGE_DELETE_RRSET, CHANGE_DELETE_NAME,
	CHANGE_OPS
};

struct change_item {
	enum change_op op;
	const uint8_t *owner;
	uint16_t       type;            /* 0 for *DOMAIN and DELETE_NAME */
	uint16_t       rdlen;
	uint32_t       ttl;             /* ADD only */
	const uint8_t *rdata;           /* ADD, DELETE_RR, YXVALUE */
	const char    *comment;         /* ADD only: goes behind the record in the file; NULL: none */
};

/* All memory is the arena's that it was made with. */
struct change {
	struct arena       *arena;
	const uint8_t      *zone;       /* apex */
	struct change_item *items;
	size_t              count, cap;
};

struct change *change_new(struct arena *arena, const uint8_t *zone);
void change_add_item(struct change *change, const struct change_item *item);    /* copies owner, rdata, comment */

/* Text form; owners are relative to ZONE.  ERR_SYNTAX and ERR_NOTZONE with err->line. */
struct change *change_parse(struct arena *arena, const uint8_t *zone, const char *script, struct err *err);
void change_print(struct buf *out, const struct change *change);

/* Compact form for our own messages. */
void change_encode(struct buf *out, const struct change *change);
struct change *change_decode(struct arena *arena, const void *data, size_t len, struct err *err);

/*
 * What a change does to a zone: whole records taken away and put in, and RRsets whose TTL alone moves are given as both.  Sorted by owner
 * and type in canonical order; SOA first.
 */
struct diff_item { bool add; struct rr rr; const char *comment; };
struct diff {
	struct arena     *arena;
	const uint8_t    *zone;
	struct diff_item *items;
	size_t            count, cap;
	uint32_t          serial_old, serial_new;
};

/* Building one: add items in any order, then sort. The rr's memory and COMMENT are borrowed. */
struct diff *diff_new(struct arena *arena, const uint8_t *zone);
void diff_add(struct diff *diff, bool add, const struct rr *rr, const char *comment);
void diff_sort(struct diff *diff);              /* by owner, type (SOA first), removed before added, rdata */
size_t diff_group_end(const struct diff *diff, size_t i);       /* behind the last item of the RRset whose first item is I */

/* Differences from A to B (either may be NULL: the empty zone; not both); all memory is ARENA's, pointing into A and B. zone/diff.c */
struct diff *diff_zones(struct arena *arena, const struct zone *a, const struct zone *b);
bool diff_empty(const struct diff *diff);               /* nothing, or the SOA serial only */
bool diff_soa(const struct diff *diff);                 /* is there another SOA, by more than its serial? */
/* As people read it (product.md 3.6): "+ www 300 A 192.0.2.1", "- old 3600 CNAME www", "~ www A 192.0.2.1 -> 192.0.2.80"; of the SOA only what diff_soa tells. */
void diff_print(struct buf *out, const struct diff *diff);
void diff_count(const struct diff *diff, unsigned *added, unsigned *changed, unsigned *removed);        /* RRs; an RRset with equal numbers of - and + counts as changed */
/* The diff as updates (no prerequisites), for merging a remote's change or reverting. */
struct change *diff_change(struct arena *arena, const struct diff *diff);

/* Are all owners in the zone (ERR_NOTZONE), and do all prerequisites hold on BASE (the other codes below)? */
bool change_prereqs_hold(const struct change *change, const struct zone *base, struct err *err);

/*
 * Apply CHANGE to BASE.  Order of checks and rcodes as RFC 2136 3.2 to 3.4: owners in zone (ERR_NOTZONE), prerequisites (ERR_NXDOMAIN, ERR_YXDOMAIN, ERR_NXRRSET, ERR_YXRRSET),
 * then the updates with their silent rules (CNAME against other data, SOA and the last apex NS are protected, TTL of an RRset unified).
 *
 * STRICT: for people: what RFC 2136 would ignore silently is an error instead (E-CNAME-COEXIST, E-SOA-MISSING, E-NS-APEX).
 *
 * When records change, the serial becomes serial_next(base serial, TODAY) unless CHANGE adds an SOA with a newer one.  Returns the new
 * zone (caller owns it) and the differences in *DIFF (memory of ARENA); when nothing changes, *DIFF is empty and a copy of BASE is returned.  NULL with *ERR on failure.
 * Cost: one pass over BASE (a merge), plus sorting the change.
 */
struct zone *change_apply(const struct change *change, const struct zone *base, bool strict, uint32_t today, struct arena *arena, struct diff **diff,
    struct err *err);

/* Apply a diff as it is (serial included) to BASE: for property tests and for images from differences. */
struct zone *diff_apply(const struct diff *diff, const struct zone *base);

#endif
