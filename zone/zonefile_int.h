/* SPDX-License-Identifier: ISC */
/*
 * What the parts of the zone file code share: the lexer's view of an entry, what a parsed file remembers of each, and the context in
 * which a line has its meaning.  Seen by zone/zonefile_*.c only; everybody else uses zone/zonefile.h.
 */
#ifndef ZONE_ZONEFILE_INT_H
#define ZONE_ZONEFILE_INT_H

#include "base/arena.h"
#include "zone/name.h"
#include "zone/zonefile.h"

#define TTL_FALLBACK 3600       /* nothing in the file says: as dns-primary-git (robur.md 2.1) */
#define ZONEFILE_MAX (1u << 30)
#define GENERATE_MAX 65536      /* records of one $GENERATE */

/* ---- zonefile_lex.c ---- */

/* A word of an entry, quotes included; LINE and COL count from 1. */
struct token { uint32_t off, end, line, col; };

struct lexer {
	const char *text;
	uint32_t    len, pos, line;
};

/* One entry: a record or a directive with all its lines. */
struct lexed {
	uint32_t      off, end;         /* from the start of its first line to behind the newline of its last */
	uint32_t      line;
	bool          blank_start;      /* begins with a blank: the owner is that of the record before */
	bool          parens;           /* has any, and so may go over several lines */
	struct token *tokens;
	size_t        count, cap;
	uint32_t      comment_off, comment_end; /* from ';' to the end of the line, behind the last token; equal: none */
	const char   *problem;          /* NULL: none. What is wrong at problem_at, and what to do */
	const char   *problem_hint;
	struct token  problem_at;
};

void lexer_init(struct lexer *lexer, const char *text, size_t len);
/* The next entry with at least a token or a problem into OUT (whose token array is used again); false at the end. */
bool lexer_next(struct lexer *lexer, struct lexed *out);
/* The entry that begins at byte OFF (as an earlier lexer_next gave it). */
void lexer_at(const char *text, size_t len, uint32_t off, struct lexed *out);
void lexed_done(struct lexed *lexed);

/* ---- what a parsed file remembers ---- */

enum entry_kind { ENTRY_RR, ENTRY_ORIGIN, ENTRY_TTL, ENTRY_GENERATE, ENTRY_BAD };
enum entry_flag { ENTRY_BLANK_OWNER = 1, ENTRY_TTL_EXPLICIT = 2, ENTRY_PARENS = 4 };

struct entry {
	uint32_t off, end;
	uint32_t first;                 /* its first record, or the number of its $ORIGIN, or the value of its $TTL */
	uint32_t count;                 /* records: 1, or many for $GENERATE */
	uint8_t  kind, flags;
};

struct zonefile {
	char              *text;
	uint32_t           len;
	uint32_t           body;        /* where the text begins behind a byte order mark */
	bool               crlf, keys;
	uint8_t            apex[NAME_SIZE], origin[NAME_SIZE];
	struct arena      *arena;
	struct zonefile_rr *rrs;
	size_t             rr_count, rr_cap;
	struct entry      *entries;
	size_t             entry_count, entry_cap;
	const uint8_t    **origins;
	size_t             origin_count, origin_cap;
};

/* ---- context: what a blank owner and a missing TTL stand for ---- */

struct context {
	uint8_t  origin[NAME_SIZE], owner[NAME_SIZE];
	bool     has_owner, has_default, has_last;
	uint32_t default_ttl, last_ttl; /* $TTL, and the last TTL written out */
};

/* The TTL of a record that has none of its own: $TTL, else the last one written, else the SOA's minimum for the SOA, else TTL_FALLBACK. */
uint32_t context_ttl(const struct context *ctx, const struct rr *rr);
/* What a record leaves behind for those after it. */
void context_note(struct context *ctx, const struct rr *rr, bool ttl_explicit);

/* ---- zonefile_parse.c ---- */

/* The places of the fields in an entry's tokens; -1: not there. */
struct fields { int owner, ttl, klass, type; size_t rdata; };

struct parser {
	struct zonefile *file;
	struct report   *report;
	struct context   ctx;
	struct lexed     lexed;
	struct buf       word, rdata;   /* scratch */
};

/* The text of token T of TEXT as a string, valid till the next call. */
const char *parser_word(struct parser *parser, const char *text, const struct token *t);
/* Find out which token of a record is what (RFC 1035 5.1: TTL and class in any order). */
void fields_find(struct fields *out, const char *text, const struct lexed *lexed);
/* Read the record in LEXED of TEXT and keep it; false when it was reported as wrong. AT_LINE: where to say it stands, 0: its own line. */
bool parser_rr(struct parser *parser, const char *text, const struct lexed *lexed, uint32_t at_line, unsigned *flags);
void parser_complain(struct parser *parser, const char *code, const struct token *at, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* ---- zonefile_zone.c ---- */
void zonefile_check_ttls(const struct zonefile *file, struct report *report);

/* ---- zonefile_generate.c ---- */
bool parser_generate(struct parser *parser, const struct lexed *lexed, unsigned *flags);

/* ---- zonefile_line.c: the text of one entry, edited or made ---- */

/* How an existing record is to be changed: NULL rr fields stay. */
struct line_edit {
	const char       *owner;        /* write this owner instead of a blank; NULL: leave */
	bool              ttl_set;
	uint32_t          ttl;
	const struct rr  *old, *new;    /* rdata; NULL: leave */
	const uint8_t    *origin;       /* in force there */
	const char       *comment;      /* NULL: leave */
};

/* Append the entry at ENTRY of FILE with EDIT worked in, every other byte as it was. */
void line_edit(struct buf *out, const struct zonefile *file, const struct entry *entry, const struct line_edit *edit);

struct line_new {
	const struct rr    *rr;
	const struct entry *model;      /* lay it out like this record; NULL: tabs */
	const uint8_t      *origin;
	bool                blank_owner, ttl;
	const char         *comment;
};

/* Append a new line for a record. */
void line_new(struct buf *out, const struct zonefile *file, const struct line_new *line);
void line_owner(char out[static NAME_TEXT_MAX], const uint8_t *owner, const uint8_t *origin);

#endif
