/* SPDX-License-Identifier: ISC */
/*
 * Text: numbers, words, hex, base64, and the escaping of anything that came from the
 * network or the repository before a terminal sees it.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;
struct arena;

/* Whole-string decimal number of at most MAX.  No sign, no blanks. */
bool str_u64(uint64_t *out, const char *text, uint64_t max);

/* Append TEXT so that a terminal shows it and obeys nothing: bytes that are not printable become
 * \DDD as in zone files; so do C1 controls, bidi marks and zero-width characters, and all bytes of
 * broken UTF-8.  TAB and newline are escaped too unless KEEP_LINES.  UTF8 false: all bytes >= 0x7f too. */
void str_escape(struct buf *out, const char *text, size_t len, bool utf8, bool keep_lines);

/* The same for a short text inside a printf: points into one of 8 rotating per-thread buffers of 1 KiB. */
const char *str_show(const char *text);

/* Shell-like words: '...', "..." and backslash quote; nothing is expanded and no character is special
 * otherwise.  *QUOTED[i] tells whether word I had any quotes.  Memory is ARENA's.  ERR_USAGE: open quote. */
bool str_words(char ***words, bool **quoted, size_t *count, const char *text, struct arena *arena, struct err *err);

/* Split a configuration-like line (no newline) into words at blanks; '#' at the start of a word begins a comment; "..." may hold
 * blanks, with \" and \\ inside.  COLS[i] is the byte column (from 1) of word I.  At most MAX words; more is ERR_SYNTAX. */
bool str_fields(char **words, uint32_t *cols, size_t *count, size_t max, const char *line, struct arena *arena,
    struct err *err);

/* Base64 of RFC 4648 with padding; decode refuses anything else.  Return the length, or -1. */
long str_base64_decode(uint8_t *out, size_t cap, const char *text, size_t len);
void str_base64_encode(struct buf *out, const void *data, size_t len);
long str_hex_decode(uint8_t *out, size_t cap, const char *text, size_t len);
void str_hex_encode(struct buf *out, const void *data, size_t len);

/* Does TEXT start with PREFIX, and if so, where does the rest begin?  NULL when not. */
const char *str_after(const char *text, const char *prefix);

/* How many letters to add, drop, replace or swap with the next between A and B (Damerau-Levenshtein), for "did you mean"; long words are just far apart. */
size_t str_distance(const char *a, const char *b);

/* Up to which distance another word may be what was meant by one of LEN letters. */
size_t str_near(size_t len);

/* The ending of an English noun behind COUNT: "" or "s". */
const char *str_plural(unsigned long count);

/* ISO 8601 UTC, "2026-11-23T10:44:00Z". */
void str_time(char out[static 24], int64_t unix_s);

#endif
