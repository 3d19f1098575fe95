/* SPDX-License-Identifier: ISC */
/*
 * Resource records: the table of types with their fields, and rdata between text and wire (rare types over ldns).
 * Adding a type's form in the editor is one row in rr.c.
 */
#ifndef ZONE_RR_H
#define ZONE_RR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum {
	TYPE_A = 1, TYPE_NS = 2, TYPE_CNAME = 5, TYPE_SOA = 6, TYPE_PTR = 12, TYPE_MX = 15, TYPE_TXT = 16, TYPE_AAAA = 28,
	TYPE_SRV = 33, TYPE_NAPTR = 35, TYPE_DNAME = 39, TYPE_OPT = 41, TYPE_DS = 43, TYPE_SSHFP = 44, TYPE_RRSIG = 46, TYPE_NSEC = 47,
	TYPE_DNSKEY = 48, TYPE_TLSA = 52, TYPE_SVCB = 64, TYPE_HTTPS = 65, TYPE_SPF = 99, TYPE_TSIG = 250, TYPE_IXFR = 251,
	TYPE_AXFR = 252, TYPE_ANY = 255, TYPE_CAA = 257
};
enum { CLASS_IN = 1, CLASS_CH = 3, CLASS_NONE = 254, CLASS_ANY = 255 };

#define RDATA_MAX 65535
#define RR_FIELDS_MAX 8
#define TTL_MAX 2147483647u     /* RFC 2181 8 */

/* One record; owner and rdata are borrowed, names in rdata uncompressed. */
struct rr {
	const uint8_t *owner;
	uint16_t       type;
	uint16_t       rdlen;
	uint32_t       ttl;
	const uint8_t *rdata;
};

enum rr_field_kind { F_END, F_U8, F_U16, F_U32, F_TIME, F_NAME, F_A, F_AAAA, F_STR, F_TEXT, F_HEX, F_B64, F_WORD };

/* One field of a type as forms show it.  The presentation form of the rdata is the fields' texts joined by blanks; F_TEXT (rest of the line, quoted strings), F_STR
 * (one quoted string), F_HEX and F_B64 may be the last only. */
struct rr_field {
	const char        *name;
	enum rr_field_kind kind;
	const char        *help;        /* one line */
};

enum rr_flag {
	RR_SINGLE = 1,          /* one record at most per owner: CNAME, SOA, DNAME */
	RR_META = 2,            /* never zone data: OPT, TSIG, AXFR, ANY... */
	RR_ADDITIONAL = 4,      /* addresses of the name at ADDL belong into the additional section */
	RR_COMPRESS = 8         /* names in its rdata may be compressed (RFC 3597 4) */
};

struct rr_type {
	const char     *name;
	uint16_t        type;
	unsigned        flags;
	const char     *help;                           /* what it is for, one line */
	struct rr_field fields[RR_FIELDS_MAX];          /* none: edited as one raw text */
	const char     *layout;                         /* the items of its rdata, a letter each (zone/rdata.h); NULL: bytes of no known structure */
};

const struct rr_type *rr_type_find(uint16_t type);      /* NULL when the table has no row */
size_t                rr_type_count(void);
const struct rr_type *rr_type_at(size_t i);             /* rows in the order people want to pick from */

bool        rr_type_parse(uint16_t *out, const char *text, struct err *err);    /* "MX", "mx", "TYPE65400". ERR_SYNTAX with a hint */
const char *rr_type_print(char out[static 16], uint16_t type);                  /* returns OUT */
bool        rr_type_is_meta(uint16_t type);             /* OPT, TSIG, 128..255 and 0: never zone data */

/* "300", "1h", "1w2d" to seconds (at most TTL_MAX). ERR_SYNTAX, ERR_RANGE. */
bool rr_ttl_parse(uint32_t *out, const char *text, struct err *err);

/* Append the wire form of rdata TEXT ("10 mail"); relative names get ORIGIN (NULL: root).  RFC 3597 "\# 4 0a000001" is taken for every type.
 * Strings over 255 bytes are split; ';' is data. ERR_SYNTAX, ERR_RANGE: what is wrong, what is expected; err->col is where in TEXT, from 1, or 0. OUT keeps its length on failure. */
bool rdata_parse(struct buf *out, uint16_t type, const char *text, const uint8_t *origin, struct err *err);

/*
 * What people type after TYPE on a command line or in a form (product.md 5.3).  As above, but:
 * a *target* with a dot in it is absolute with or without the final dot ("mail.example.net"), a single label is relative to ORIGIN, "@" is ORIGIN.
 * (An *owner*, name_parse_user, is relative unless it ends in ORIGIN or in a dot.)  Unquoted text of TXT, SPF and CAA is one string, blanks included.
 * *NOTE (may be NULL) says how such input was understood: "\"mail.example.net\" is stored as mail.example.net."; else "".
 */
bool rdata_parse_user(struct buf *out, uint16_t type, const char *text, const uint8_t *origin, char note[static 256], struct err *err);

/* Append the presentation form; names below ORIGIN relative to it (NULL: all absolute).  Unknown types as \# LEN HEX. What it prints, rdata_parse reads back exactly. */
void rdata_print(struct buf *out, uint16_t type, const uint8_t *rdata, size_t rdlen, const uint8_t *origin);

/* Is this a well-formed rdata of TYPE (no compression)?  For data from the wire. ERR_SYNTAX. */
bool rdata_check(uint16_t type, const uint8_t *rdata, size_t rdlen, struct err *err);

/* Equal as records are: names in types of RFC 4034 6.2 without case, the rest bytewise. */
bool rdata_equal(uint16_t type, const uint8_t *a, size_t alen, const uint8_t *b, size_t blen);
int  rdata_compare(uint16_t type, const uint8_t *a, size_t alen, const uint8_t *b, size_t blen);  /* canonical, RFC 4034 6.3 */

/* Call FN for each name in the rdata, in order, with its offset. */
void rdata_names(uint16_t type, const uint8_t *rdata, size_t rdlen, void (*fn)(void *arg, const uint8_t *name, size_t offset), void *arg);

/* The target whose addresses go into the additional section (NS, MX, SRV, SVCB...), or NULL. */
const uint8_t *rdata_target(uint16_t type, const uint8_t *rdata, size_t rdlen);

/* SOA fields (rdata must have passed rdata_check). */
uint32_t rdata_soa_serial(const uint8_t *rdata, size_t rdlen);
uint32_t rdata_soa_minimum(const uint8_t *rdata, size_t rdlen);
void     rdata_soa_set_serial(uint8_t *rdata, size_t rdlen, uint32_t serial);

#endif
