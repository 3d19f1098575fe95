/* SPDX-License-Identifier: ISC */
/*
 * Bringing a version of a file into force.  Inside the store only.
 */
#ifndef STORE_LOAD_H
#define STORE_LOAD_H

#include "store/store.h"

void content_done(struct content *content);

enum load_outcome {
	LOAD_GOOD,      /* in force now */
	LOAD_BROKEN,    /* FILE->problem is set; what was in force stays */
	LOAD_NOTHING    /* a document that only looks like a zone by its name: FILE is nothing of ours */
};

/* Try BLOB as the version of FILE that main has.  Nobody is told, and a zone's serial is that in its file. */
enum load_outcome load_file(struct store *store, struct store_file *file, const char *blob);

/* The newest older version that loads becomes the one in force, when there is one among the last 50. */
void load_from_history(struct store *store, struct store_file *file);

/* The keys of all files, the first of a name in order of paths. */
void load_keys(struct store *store);

/* Choose the serial that FILE's zone is served with, when FLOOR was served last for PREVIOUS (NULL: not known to be the same): product.md, decision 2.  What must be remembered goes to the serials. */
void load_serial(struct store *store, struct store_file *file, const struct zone *previous, uint32_t floor);

#endif
