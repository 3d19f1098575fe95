/* SPDX-License-Identifier: ISC */
/*
 * Inside zone/: the items that rdata is made of, and the way through them.
 *
 * A type's layout (rr.c) is a string with a letter per item.  Everything that must know the structure of rdata, be it text, wire,
 * order or names, goes by these letters, so that no code but the table knows a type.
 *
 *     1 2 4   unsigned number of so many bytes      k   DNSSEC algorithm (1 byte), number or mnemonic
 *     t       seconds (4), number or "1h30m"        c   certificate type (2), number or mnemonic
 *     d       time (4), YYYYMMDDHHmmSS              u e m   TLSA usage, selector, matching type (1 each)
 *     y       record type (2)                       a q IPv4, IPv6 address
 *     n       name, lower case in canonical form    N   name, kept as it is
 *     s       character-string                      g   CAA tag
 *     S       character-strings to the end          V   one string of any length, to the end
 *     h b     hex, base64 to the end                L   the 16 bytes of LOC
 *     o i     salt, hashed name (NSEC3)             B   bitmap of types, to the end
 *     p       parameters of SVCB to the end
 *     P       address prefixes of APL, to the end   *   bytes to the end whose structure and text only ldns knows
 */
#ifndef ZONE_RDATA_H
#define ZONE_RDATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct rdata_item {
	char           kind;            /* of the layout */
	const uint8_t *data;
	size_t         len;
};

struct rdata_iter {
	const char    *layout;          /* what is left of it */
	const uint8_t *rdata;
	size_t         len, pos;
	bool           bad;             /* the rdata does not fit its layout from POS on */
};

void rdata_iter_init(struct rdata_iter *iter, uint16_t type, const uint8_t *rdata, size_t len);
bool rdata_iter_next(struct rdata_iter *iter, struct rdata_item *out);          /* false at the end, and when bad */

/* Does the rdata fit its layout?  Cheap, and enough for everything that walks it; rdata_check also looks into items that ldns knows. */
bool rdata_fits(uint16_t type, const uint8_t *rdata, size_t len);

/* Append the text of one item ('L' and '*': nothing). */
void rdata_item_print(struct buf *out, const struct rdata_item *item, const uint8_t *origin);

/* The value of WORD as an item of KIND ("RSASHA256" for 'k'); false when there is none. */
bool rdata_word_find(uint32_t *out, char kind, const char *word, size_t len);

/* Parameters of SVCB; the measure is LEFT, or 0 when they are malformed. */
size_t rdata_svcb_measure(const uint8_t *data, size_t left);
void   rdata_svcb_print(struct buf *out, const uint8_t *data, size_t len);

/* Bitmap of types, salt and hashed name of NSEC and its kin. */
size_t rdata_bitmap_measure(const uint8_t *data, size_t left);
void   rdata_bitmap_print(struct buf *out, const uint8_t *data, size_t len);
void   rdata_salt_print(struct buf *out, const uint8_t *data, size_t len);
void   rdata_hash_print(struct buf *out, const uint8_t *data, size_t len);

/* Address prefixes of APL. */
size_t rdata_apl_measure(const uint8_t *data, size_t left);
void   rdata_apl_print(struct buf *out, const uint8_t *data, size_t len);

#define LOC_LEN 16

/* LOC (RFC 1876); print is false when no text reads back as these bytes. */
bool rdata_loc_parse(uint8_t out[static LOC_LEN], const char *text, struct err *err);
bool rdata_loc_print(struct buf *out, const uint8_t loc[static LOC_LEN]);

/* The types with '*' in their layout, through ldns: the whole rdata, names absolute. */
bool rdata_ldns_parse(struct buf *out, uint16_t type, const char *text, struct err *err);
bool rdata_ldns_print(struct buf *out, uint16_t type, const uint8_t *rdata, size_t rdlen);      /* false: it has no text that reads back */
bool rdata_ldns_check(uint16_t type, const uint8_t *rdata, size_t rdlen);

#endif
