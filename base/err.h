/* SPDX-License-Identifier: ISC */
/*
 * Errors that people and programs see.
 *
 * A function that can fail returns bool (or a pointer) and takes a struct err
 * that its caller owns, as the last argument.  The lowest layer that knows what
 * is wrong writes the sentence; upper layers pass it on, and may add a hint.
 * Bugs are assert(); running out of memory aborts, and the parent restarts the role.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <stdint.h>

/* code, stable name, exit status, HTTP status, DNS rcode.  The names never change. */
#define ERR_CODES(X) \
	X(ERR_NONE,       "",             0,   200, 0)  \
	X(ERR_FAILED,     "E-FAILED",     1,   500, 2)  /* something outside us failed */ \
	X(ERR_USAGE,      "E-USAGE",      2,   400, 1)  /* unknown command, flag or argument */ \
	X(ERR_SYNTAX,     "E-SYNTAX",     3,   400, 1)  /* text or wire data that does not parse */ \
	X(ERR_RANGE,      "E-RANGE",      3,   400, 1)  /* parses, but is out of bounds */ \
	X(ERR_CHECK,      "E-CHECK",      3,   422, 5)  /* refused by the checks; err.id names which */ \
	X(ERR_NOTZONE,    "E-OUT-OF-ZONE", 3,  422, 10) /* an owner lies outside the zone */ \
	X(ERR_CONF,       "E-CONF",       2,   500, 2)  /* the configuration is wrong */ \
	X(ERR_NOTFOUND,   "E-NOT-FOUND",  4,   404, 9)  /* zone, record, commit, account */ \
	X(ERR_DENIED,     "E-DENIED",     5,   403, 5)  /* the identity may not do that */ \
	X(ERR_NOTAUTH,    "E-NOTAUTH",    5,   401, 9)  /* who asks is not known */ \
	X(ERR_CONFLICT,   "E-CONFLICT",   6,   409, 2)  /* the base moved on */ \
	X(ERR_EXISTS,     "E-EXISTS",     3,   409, 6)  /* is there already */ \
	X(ERR_NXDOMAIN,   "E-PREREQ",     6,   412, 3)  /* prerequisites of RFC 2136 */ \
	X(ERR_YXDOMAIN,   "E-PREREQ",     6,   412, 6)  \
	X(ERR_YXRRSET,    "E-PREREQ",     6,   412, 7)  \
	X(ERR_NXRRSET,    "E-PREREQ",     6,   412, 8)  \
	X(ERR_LIMIT,      "E-LIMIT",      7,   429, 5)  /* too many, too large, too often */ \
	X(ERR_BUSY,       "E-BUSY",       75,  503, 2)  /* try later */ \
	X(ERR_REPO,       "E-REPO",       75,  503, 2)  /* the repository cannot be read or written */ \
	X(ERR_PORT,       "E-PORT",       1,   500, 2)  /* an address cannot be listened on */

enum err_code {
#define X(code, name, exit, http, rcode) code,
	ERR_CODES(X)
#undef X
	ERR_COUNT
};

struct err {
	enum err_code code;
	char          id[32];    /* the stable name: the code's, or a check's ("E-CNAME-COEXIST") */
	char          text[480]; /* what is wrong and where; may hold bytes from outside: escape before printing */
	char          hint[240]; /* what to do about it; "" when there is nothing to say */
	uint32_t      line;      /* in the input, from 1; 0 when it has none */
	uint32_t      col;       /* in that line, in bytes, from 1 */
};

/* Fill ERR (may be NULL) with CODE and a sentence without final dot.  Always false, so `return err_set(...)`. */
bool err_set(struct err *err, enum err_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same with a stable name of its own, for checks. */
bool err_set_id(struct err *err, enum err_code code, const char *id, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Say what to do about the error in ERR.  Always false. */
bool err_hint(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Put "PREFIX" before the sentence, for a layer that knows more about where ("file example.org: "). Always false. */
bool err_prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Set ERR to CODE with the sentence and ": " and strerror(errno). Always false. */
bool err_errno(struct err *err, enum err_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Append what people see, escaped: "error: E-PORT 127.0.0.1:53 is taken ...\n", and "hint: ...\n" when there is one. */
struct buf;
void err_print(struct buf *out, const struct err *err);

const char *err_name(enum err_code code);       /* "E-USAGE" */
int         err_exit(enum err_code code);       /* exit status, product.md 5.4 */
int         err_http(enum err_code code);
int         err_rcode(enum err_code code);
enum err_code err_find(const char *name);       /* the first code of that name; ERR_FAILED when none */

#endif
