/* SPDX-License-Identifier: ISC */
/*
 * From change to commit: the queue of one round of the event loop is handled as one batch, in order, each change on the zone
 * as the ones before left it; then all are made durable by one repo_commit, brought into force, and the sink is told.
 *
 * Changes of one author to one zone that follow each other share a commit; different authors never do.
 */
#ifndef STORE_SUBMIT_H
#define STORE_SUBMIT_H

#include "store/store.h"

struct job {
	struct identity      who;
	struct submit        submit;            /* what it points to must live as long as the job */
	bool                 update;            /* RFC 2136: its silent rules, no checks of style */
	struct arena        *arena;             /* the caller's, for the job's whole life */
	/* what came of it */
	bool                 ok;
	struct err           err;               /* when not OK */
	struct submit_result result;            /* the caller's to release (submit_result_done), also when not OK; LIVE is not set */
	char                 zone[NAME_TEXT_MAX];       /* the zone's name, "" when it has none */
};

/* Handle all.  Cost: as the zones touched are large, and one repo_commit (which costs fsyncs). */
void submit_batch(struct store *store, struct job **jobs, size_t count);

#endif
