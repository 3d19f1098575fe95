/* SPDX-License-Identifier: ISC */
/*
 * A zone that a batch works on, and the commits that the batch will make.  Inside submit*.c only.
 */
#ifndef STORE_SUBMIT_WORK_H
#define STORE_SUBMIT_WORK_H

#include "store/note.h"
#include "store/submit.h"
#include "zone/zonefile.h"

/* A zone as the changes of the batch so far leave it. */
struct work {
	struct store_file *file;                /* NULL: there is none yet */
	const char        *name;                /* "example.org" */
	uint8_t            apex[NAME_SIZE];
	bool               exists;              /* there is a file, or the batch made it */
	bool               broken;              /* its text does not load: PARSED is NULL */
	bool               moved;               /* the batch has changed it */
	struct zonefile   *parsed;              /* the text */
	struct zone       *zone;                /* of the text; when BROKEN the version in force, or NULL */
	uint32_t           served;              /* the next serial must be newer than this; 0: any */
};

/* What a change makes of a zone. */
struct step {
	struct zone *zone;                      /* the result, the step's */
	struct diff *diff;                      /* from WORK's zone, or from nothing; points into both zones */
	struct buf   text;                      /* the new text, the step's */
};

/* A commit to be. */
struct pending {
	struct work         *work;
	const struct job    *first;
	struct note_part    *parts;
	struct job         **jobs;
	size_t               count, cap, parts_cap;
	uint32_t             serial_old, serial_new;
	char                *text;              /* the file */
	size_t               text_len;
	struct log_entry     entry;
	struct buf           message;
};

struct batch {
	struct store    *store;
	struct arena    *arena;
	struct job     **jobs;
	size_t           job_count;
	struct work    **works;
	size_t           work_count, work_cap;
	struct pending **pendings;
	size_t           pending_count, pending_cap;
	struct zone    **old_zones;             /* that differences still point into */
	size_t           old_count, old_cap;
	int64_t          now_s;
	uint32_t         today;
};

/* One function per submit mode: fill STEP (text included) from JOB.  False with ERR and findings in the job's report. */
typedef bool step_fn(struct batch *batch, struct work *work, struct job *job, struct step *step, struct err *err);
step_fn step_change, step_create, step_replace;

void step_done(struct step *step);

/* Hold on to ZONE (taken) until the batch is over. */
void batch_keep(struct batch *batch, struct zone *zone);

#endif
