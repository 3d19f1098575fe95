/* SPDX-License-Identifier: ISC */
/*
 * Inside zone/: rdata text as a row of words, and errors that say which of them is wrong.
 */
#ifndef ZONE_RDATA_READ_H
#define ZONE_RDATA_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "zone/rr.h"

struct reader {
	const char           *text, *at;        /* the whole, and what is left of it */
	const struct rr_type *row;
	const uint8_t        *origin;
	unsigned              item;             /* being read, from 0 */
	char                  kind;
	bool                  user;             /* typed by a person */
	char                 *note;             /* NULL: not wanted */
	struct err           *err;
};

/* A word, or what stands between two quotes; escapes are still in it. */
struct word {
	const char *at;
	size_t      len;
	bool        quoted;
};

bool reader_is_blank(char c);
void reader_skip(struct reader *in);            /* blanks */
bool reader_more(struct reader *in);            /* is there another word? */
bool reader_next(struct reader *in, struct word *out);          /* false with an error: there is none, or its quote is never closed */
bool reader_unescape(struct reader *in, struct buf *out, const struct word *word);      /* append the bytes that WORD stands for */

const char *reader_item_name(const struct reader *in, char out[static 32]);     /* "preference" where the table names the item, else "field 1" */

/* Errors; all return false.  reader_fail_at gives one that is set the place of AT as its column. */
bool reader_fail_at(struct reader *in, const char *at);
bool reader_bad_word(struct reader *in, const struct word *word, const char *expected);         /* "WORD" is not EXPECTED */
bool reader_hint_form(struct reader *in);       /* hint at all that the type needs: "expected: MX preference exchange" */

bool word_number(uint64_t *out, const struct word *word, uint64_t max);
bool word_type(uint16_t *out, const struct word *word);          /* a record type by name */

/* Readers of items that have files of their own. */
bool rdata_apl_read(struct reader *in, struct buf *out);
bool rdata_bitmap_read(struct reader *in, struct buf *out);
bool rdata_salt_read(struct reader *in, struct buf *out);
bool rdata_hash_read(struct reader *in, struct buf *out);
bool rdata_svcb_read(struct reader *in, struct buf *out);        /* the rest, as parameters */

#endif
