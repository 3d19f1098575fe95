/* SPDX-License-Identifier: ISC */
/*
 * What a commit says: author, subject, body and the trailers that log and other servers read (README, "In git").
 */
#ifndef STORE_NOTE_H
#define STORE_NOTE_H

#include "base/buf.h"
#include "store/client.h"

/* One change of the commit. */
struct note_part { const struct submit *submit; const struct diff *diff; };

struct note {
	const struct identity  *who;
	const char             *host;           /* of this server, for authors without an address */
	const char             *zone, *change_id;
	int64_t                 time_s;
	uint32_t                serial_old, serial_new;
	const struct note_part *parts;
	size_t                  part_count;
};

/* Fill ENTRY but for its commit id, and append the whole commit message to MESSAGE. */
void note_write(const struct note *note, struct log_entry *entry, struct buf *message);

/* Did a machine do that?  By the way it came and the kind of its subject. */
bool note_by_machine(const struct log_entry *entry);

#endif
