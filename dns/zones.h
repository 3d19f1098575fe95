/* SPDX-License-Identifier: ISC */
/*
 * All that dns answers from: the zones by apex, the TSIG keys, the commit.  A struct zones is immutable.  One thread makes the next
 * one (zones_edit) and swaps it in; the others read the current one between zones_enter and zones_leave without lock or
 * allocation, and what they may still see is freed only after they left (RCU, QSBR flavour of liburcu).
 */
#ifndef DNS_ZONES_H
#define DNS_ZONES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/keyring.h"
#include "store/client.h"
#include "zone/name.h"
#include "zone/zone.h"

/* One zone in service. */
struct served {
	atomic_uint  refs;              /* the table's, and one per transfer under way */
	uint32_t     hash;              /* of the apex */
	uint32_t     round;             /* of the store's sending (zones_edit_prune) */
	struct zone *zone;              /* NULL: ours, but no good version is known */
	uint8_t      apex[NAME_SIZE];
};

struct zones {
	struct served **slots;          /* open addressing, a power of two; NULL: free */
	size_t          size, count;
	unsigned        labels_max;     /* no apex has more */
	struct keyring *ring;           /* never NULL */
	bool            loaded;         /* all zones are known: what is not here is not ours */
	char            commit[OID_TEXT_MAX];
};

/* The zone that NAME lies in, or NULL.  Cost: a hash probe per label of NAME, the longest suffix first. */
const struct served *zones_find(const struct zones *zones, const uint8_t *name);
const struct served *zones_find_apex(const struct zones *zones, const uint8_t *apex);

/* Keep a zone beyond zones_leave; let go of it (any thread; the last one frees it). */
const struct served *served_hold(const struct served *served);
void served_release(const struct served *served);       /* NULL is fine */

/* ---- the current zones, and who reads them ---- */
struct zones_set;

struct zones_set *zones_set_new(void);
void zones_set_free(struct zones_set *set);             /* no reader is left */

struct zones_reader;

struct zones_reader *zones_reader_new(struct zones_set *set);   /* for the calling thread */
void zones_reader_free(struct zones_reader *reader);            /* in the same thread */
const struct zones *zones_enter(struct zones_reader *reader);
void zones_leave(struct zones_reader *reader);                  /* nothing of what zones_enter gave may be used any more */

/* ---- making the next zones: one thread only, which need not be a reader ---- */
struct zones_edit;

struct zones_edit *zones_edit_new(struct zones_set *set);       /* begins as a copy of the current ones */
void zones_edit_put(struct zones_edit *edit, const uint8_t *apex, struct zone *zone, uint32_t round);   /* takes ZONE; NULL: broken */
void zones_edit_remove(struct zones_edit *edit, const uint8_t *apex);
void zones_edit_prune(struct zones_edit *edit, uint32_t round); /* remove all that were not put in this round */
void zones_edit_keys(struct zones_edit *edit, struct keyring *ring);    /* takes RING */
void zones_edit_commit(struct zones_edit *edit, const char *commit);
void zones_edit_loaded(struct zones_edit *edit);
/* A broken zone that has a good version in service keeps it: is there one?  Then it only belongs to ROUND from now on. */
bool zones_edit_keep(struct zones_edit *edit, const uint8_t *apex, uint32_t round);
const struct zones *zones_edit_view(const struct zones_edit *edit);

/* Swap it in, wait until no reader sees the old one, free that; EDIT is gone.  Cost: the longest batch of a reader. */
void zones_edit_publish(struct zones_edit *edit);

#endif
