/* SPDX-License-Identifier: ISC */
/*
 * Inside zone/: writes an image in one pass from records that come in canonical order.  Empty non-terminals, flags and the
 * index are found on the way.
 */
#ifndef ZONE_WRITER_H
#define ZONE_WRITER_H

#include <stdint.h>

struct zone;
struct zone_writer;

struct zone_writer *zone_writer_new(const uint8_t *apex);
void zone_writer_free(struct zone_writer *writer);      /* NULL is fine */

/* Begin the records of NAME, which is the apex or follows all names before in canonical order, in the zone. */
void zone_writer_node(struct zone_writer *writer, const uint8_t *name);

/* Begin an RRset of that name; its type follows those before. */
void zone_writer_rrset(struct zone_writer *writer, uint16_t type, uint32_t ttl);

/* Add a record to that RRset, in canonical order, at most UINT16_MAX of them. */
void zone_writer_rdata(struct zone_writer *writer, const uint8_t *rdata, uint16_t rdlen);

/* The zone, which belongs to the caller.  Frees the writer. */
struct zone *zone_writer_finish(struct zone_writer *writer);

#endif
