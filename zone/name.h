/* SPDX-License-Identifier: ISC */
/*
 * Domain names in uncompressed wire form (RFC 1035 3.1): length-prefixed labels ending in the root label.  A name is
 * passed as a pointer to its first byte; storage for any name is uint8_t[NAME_SIZE].  All functions but the _parse
 * and _check ones expect a valid name.  Comparison ignores ASCII case; nothing here allocates.
 */
#ifndef ZONE_NAME_H
#define ZONE_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define NAME_MAX_WIRE 255
#define NAME_SIZE     256       /* storage for a wire name */
#define NAME_TEXT_MAX 1024      /* storage for its text, every byte escaped, final dot, NUL */
#define NAME_LABELS_MAX 128

/* Text (RFC 1035 5.1 with \. and \DDD) to wire.  Relative names get ORIGIN appended; ORIGIN NULL means the root.  "@" is ORIGIN. ERR_SYNTAX. */
bool name_parse(uint8_t out[static NAME_SIZE], const char *text, const uint8_t *origin, struct err *err);

/* What people type as an owner or target (product.md 5.1): "@" and relative names as above, but a name that already
 * ends in ORIGIN's text is taken as absolute; U-labels become A-labels (IDNA2008, libidn2). ERR_SYNTAX. */
bool name_parse_user(uint8_t out[static NAME_SIZE], const char *text, const uint8_t *origin, struct err *err);

/* A zone's name as people type it and as its file is called: "example.org" with or without final dot, A- or U-label; lower-cased. ERR_SYNTAX. */
bool name_parse_zone(uint8_t out[static NAME_SIZE], const char *text, struct err *err);

size_t name_print(char out[static NAME_TEXT_MAX], const uint8_t *name);         /* "www.example.org." */
size_t name_print_zone(char out[static NAME_TEXT_MAX], const uint8_t *name);    /* "example.org", lower case: file name and what people read; "." for the root */
size_t name_print_rel(char out[static NAME_TEXT_MAX], const uint8_t *name, const uint8_t *origin);      /* "www", "@", or absolute when outside */

/* Length of the uncompressed name that begins at DATA, or 0 when there is no valid one within LEN bytes. */
size_t name_check(const uint8_t *data, size_t len);

size_t   name_len(const uint8_t *name);                 /* with the root label, 1..255 */
unsigned name_labels(const uint8_t *name);              /* without the root label */
void     name_copy(uint8_t out[static NAME_SIZE], const uint8_t *name);
void     name_lower(uint8_t out[static NAME_SIZE], const uint8_t *name);
bool     name_equal(const uint8_t *a, const uint8_t *b);
int      name_compare(const uint8_t *a, const uint8_t *b);      /* canonical order, RFC 4034 6.1 */
bool     name_below(const uint8_t *name, const uint8_t *ancestor);      /* NAME is ANCESTOR or below it */
const uint8_t *name_parent(const uint8_t *name);        /* inside NAME; of the root: the root */
const uint8_t *name_suffix(const uint8_t *name, unsigned labels);       /* the last LABELS labels, inside NAME */
bool     name_is_wildcard(const uint8_t *name);         /* first label is "*" */
uint32_t name_hash(const uint8_t *name);                /* case-insensitive */

/* LABEL-prefix: OUT = the first labels PREFIX (a name, its root label ignored) in front of SUFFIX; false when too long. */
bool     name_join(uint8_t out[static NAME_SIZE], const uint8_t *prefix, const uint8_t *suffix);

#endif
