/* SPDX-License-Identifier: ISC */
/*
 * A draft: the records of one zone as the screen shows them, with what the person did to them and not yet published, and undo.
 * Pure: no terminal, no store.
 */
#ifndef TUI_DRAFT_H
#define TUI_DRAFT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "zone/change.h"
#include "zone/report.h"
#include "zone/rr.h"

struct zone;

enum row_state { ROW_KEPT, ROW_ADDED, ROW_CHANGED, ROW_DELETED, ROW_GONE };     /* GONE: an added record that was taken back */

struct row_data {
	const uint8_t *owner;
	uint16_t       type;
	uint32_t       ttl;
	const uint8_t *rdata;
	uint16_t       rdlen;
	const char    *comment;         /* "" when none */
};

struct row {
	enum row_state  state;
	bool            conflict;       /* somebody else changed its RRset as well */
	struct row_data now, was;       /* WAS: as in the base, for CHANGED */
};

struct draft {
	struct arena   *arena;          /* holds everything */
	const uint8_t  *apex;
	struct zone    *base;           /* what the edits began from */
	struct row    **rows;           /* all that is to be shown, in display order */
	size_t          row_count, row_cap;
	struct undo    *undo;
	size_t          undo_count, undo_cap;
	uint32_t        ttl_default;
};

/* From the text of a zone file in the store (origin root).  NULL with *ERR when it does not load. */
struct draft *draft_new(const char *text, size_t len, const char *zone, struct err *err);
void draft_free(struct draft *draft);           /* NULL is fine */

/* Edits.  Each can be undone; DATA is copied.  All records of an RRset get the TTL of the one that was added or changed last (RFC 2181 5.2).
 * draft_change of an added row keeps it added; draft_toggle deletes, or takes the deletion back.  Rows stay where they are in memory. */
struct row *draft_add(struct draft *draft, const struct row_data *data);
void        draft_change(struct draft *draft, struct row *row, const struct row_data *data);
void        draft_toggle(struct draft *draft, struct row *row);
bool        draft_undo(struct draft *draft);    /* false: nothing to undo */

/* Is that record there, apart from the row EXCEPT (NULL: none), whatever its TTL? */
bool draft_has(const struct draft *draft, const struct row_data *data, const struct row *except);

/* Has anything been edited?  How much. */
bool draft_dirty(const struct draft *draft);
void draft_counts(const struct draft *draft, unsigned *added, unsigned *changed, unsigned *deleted);

/* The edits as a change; memory is ARENA's. */
struct change *draft_to_change(const struct draft *draft, struct arena *arena);

/* Would it be accepted: apply and check, findings in REPORT (initialised by the caller).  False with *ERR when it cannot even be applied. */
bool draft_check(const struct draft *draft, struct report *report, struct err *err);

/* Put the edits of FROM into TO, which was made from a newer text.  Rows whose RRset both sides changed are marked as conflicts; their number is returned.
 * An edit of a record that somebody else made into another one is put on that one. */
size_t draft_rebase(struct draft *to, const struct draft *from);

/* Row as a line of a zone file, relative names, for previews and search. */
void row_print(struct buf *out, const struct draft *draft, const struct row_data *data);

#endif
