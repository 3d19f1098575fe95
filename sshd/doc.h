/* SPDX-License-Identifier: ISC */
/*
 * A zone as commands look at it: what the store gave, and its records.
 */
#ifndef SSHD_DOC_H
#define SSHD_DOC_H

#include "sshd/cmd.h"
#include "zone/zone.h"
#include "zone/zonefile.h"

struct doc {
	uint8_t          apex[NAME_SIZE];
	const char      *name;          /* "example.org", in the run's arena */
	struct zone_doc  stored;
	struct zonefile *file;
	struct zone     *zone;
	struct report    report;        /* of reading FILE */
};

/* The zone named by argument WORD as of AT, a commit or a time (NULL: now). Always to be ended with doc_done. False with run->err. */
bool doc_get(struct run *run, struct doc *doc, size_t word, const char *at);
void doc_done(struct doc *doc);

/* The TTL for a new record: that of its RRset if there is one, else the most common one of the zone, else an hour. */
uint32_t doc_ttl(const struct doc *doc, const uint8_t *owner, uint16_t type);

/* Which records to show: NULL and 0 are any.  AS_SERVED: the SOA with the serial that DNS gives, not that of the file. */
struct doc_filter { const uint8_t *owner; const uint16_t *types; size_t type_count; bool as_served; };

/* The records as a table (name, TTL, type, data, comment) and as RRsets in the run's JSON, canonical order.  How many there were. */
size_t doc_show(struct run *run, const struct doc *doc, const struct doc_filter *filter);

#endif
