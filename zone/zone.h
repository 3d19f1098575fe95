/* SPDX-License-Identifier: ISC */
/*
 * A zone: immutable, one position-independent block of memory (the image, zone/image.h) with its nodes in canonical order and
 * a hash index over their names.  Built by a builder or by applying a change; read by everybody.
 */
#ifndef ZONE_ZONE_H
#define ZONE_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "zone/name.h"
#include "zone/rr.h"

struct zone;

enum zone_node_flag {
	NODE_DELEGATION = 1,    /* has NS and is not the apex: a zone cut */
	NODE_OCCLUDED = 2,      /* below a cut or a DNAME: glue, or data that cannot be reached */
	NODE_WILDCARD = 4,      /* first label is "*" */
	NODE_HAS_WILDCARD = 8,  /* "*.<this name>" exists */
	NODE_EMPTY = 16,        /* empty non-terminal: no RRsets, but names below */
	NODE_DNAME = 32
};

/* An RRset as the image stores it; a view, valid as long as the zone. */
struct rrset {
	uint16_t       type;
	uint16_t       count;
	uint32_t       ttl;
	uint32_t       size;            /* bytes of DATA */
	const uint8_t *data;            /* count times: u16 rdlen (big-endian), rdata */
};

struct node {
	const uint8_t *name;            /* lower case */
	uint32_t       index;           /* in canonical order; 0 is the apex */
	uint32_t       rrset_count;
	uint16_t       flags;
};

/* ---- building ---- */
struct zone_builder;

struct zone_builder *zone_builder_new(const uint8_t *apex);
void zone_builder_free(struct zone_builder *builder);
#define RRSET_MAX 65535         /* records in one; a message could not even count more */
/* Copies.  Equal records are kept once, in the form that came first; an RRset has the lowest TTL of its records, and of more than RRSET_MAX the first in
 * canonical order.  RR's owner must lie in the zone, its rdata have passed rdata_parse or rdata_check.  Cheapest in canonical order. */
void zone_builder_add(struct zone_builder *builder, const struct rr *rr);
/* The zone; belongs to the caller.  The builder is freed.  Cost: sorting what was added. */
struct zone *zone_builder_finish(struct zone_builder *builder);

void zone_free(struct zone *zone);                      /* NULL is fine */

/* ---- reading: no allocation, no lock ---- */
const uint8_t *zone_apex(const struct zone *zone);
uint32_t zone_serial(const struct zone *zone);          /* 0 when there is no SOA */
uint32_t zone_rr_count(const struct zone *zone);
uint32_t zone_rrset_count(const struct zone *zone);
uint32_t zone_node_count(const struct zone *zone);      /* empty non-terminals included */

bool zone_node(const struct zone *zone, uint32_t index, struct node *out);              /* false past the end */
bool zone_find_node(const struct zone *zone, const uint8_t *owner, struct node *out);   /* one hash probe */
/* The longest existing ancestor-or-self of OWNER, which must lie in the zone. */
void zone_closest(const struct zone *zone, const uint8_t *owner, struct node *out);
/* The highest zone cut or DNAME at or above OWNER, strictly below the apex (a DNAME at the apex shows in the apex's flags); false when there is none. A DNAME
 * that is OWNER itself is returned too: it redirects only what is below it. */
bool zone_find_cut(const struct zone *zone, const uint8_t *owner, struct node *out);
bool zone_node_rrset(const struct zone *zone, const struct node *node, uint32_t i, struct rrset *out);
bool zone_node_find(const struct zone *zone, const struct node *node, uint16_t type, struct rrset *out);
bool zone_find(const struct zone *zone, const uint8_t *owner, uint16_t type, struct rrset *out);

/* Rdatas of an RRset in turn, canonical order: start with *AT = 0; false at the end. */
bool rrset_next(const struct rrset *rrset, uint32_t *at, const uint8_t **rdata, uint16_t *rdlen);
bool rrset_has(const struct rrset *rrset, const uint8_t *rdata, size_t rdlen);
bool rrset_equal(const struct rrset *a, const struct rrset *b);         /* type, TTL and records */

/* All records in canonical order (AXFR writes the SOA itself).  Start with a zeroed walk. */
struct zone_walk { uint32_t node, rrset, at; struct node n; struct rrset set; bool open; };
bool zone_walk(const struct zone *zone, struct zone_walk *walk, struct rr *out);

/* A copy of ZONE whose SOA has SERIAL (served serials, product.md decision 2). Caller owns it. */
struct zone *zone_with_serial(const struct zone *zone, uint32_t serial);

bool zone_equal(const struct zone *a, const struct zone *b);            /* same records and TTLs */

#endif
