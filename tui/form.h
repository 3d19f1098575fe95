/* SPDX-License-Identifier: ISC */
/*
 * A record as fields to be typed: from the table of types to texts, and back to a record.  Pure but for nothing: no terminal.
 */
#ifndef TUI_FORM_H
#define TUI_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "tui/draft.h"
#include "tui/line.h"
#include "zone/name.h"

#define FORM_FIELDS_MAX (RR_FIELDS_MAX + 3)

struct form_field {
	const char *label, *help;
	struct line line;
};

struct form {
	uint16_t          type;
	bool              cut;                          /* the record is too long for a form */
	size_t            count;                        /* name, TTL, the type's fields (or its raw data), comment */
	struct form_field fields[FORM_FIELDS_MAX];
};

/* For a record of TYPE; DATA NULL: a new one at OWNER (relative text) with TTL. */
void form_init(struct form *form, uint16_t type, const struct row_data *data, const char *owner, uint32_t ttl_s, const uint8_t *apex);

/* What was typed as a record; the texts it points to are in RDATA, OWNER and the form.  NOTE says how something was understood, "" when as typed.  False with *ERR, and *AT the field
 * to look at. */
bool form_read(const struct form *form, const uint8_t *apex, uint8_t owner[static NAME_SIZE], struct buf *rdata, struct row_data *out, char note[static 256],
    size_t *at, struct err *err);

#endif
