/* SPDX-License-Identifier: ISC */
/*
 * The words of a zone file (RFC 1035 5.1): entries of tokens with their places in the text.  Nothing is copied or decoded here, so that an
 * editor can change single bytes of an entry later.
 */
#include <stdlib.h>
#include <string.h>

#include "zone/zonefile_int.h"

void
lexer_init(struct lexer *lexer, const char *text, size_t len)
{
	*lexer = (struct lexer){ .text = text, .len = (uint32_t)len, .line = 1 };
}

void
lexed_done(struct lexed *lexed)
{
	free(lexed->tokens);
	*lexed = (struct lexed){ 0 };
}

/* State of one entry while it is read. */
struct scan {
	struct lexer *lexer;
	struct lexed *out;
	uint32_t      line_start;
	unsigned      depth;
	struct token  open;             /* the outermost '(' */
	struct lexer  open_state;       /* to go on behind its line when it is never closed */
};

static struct token
scan_here(const struct scan *scan)
{
	const struct lexer *lx = scan->lexer;

	return (struct token){ lx->pos, lx->pos + 1, lx->line, lx->pos - scan->line_start + 1 };
}

static bool
scan_problem(struct scan *scan, struct token at, const char *text, const char *hint)
{
	scan->out->problem = text;
	scan->out->problem_hint = hint;
	scan->out->problem_at = at;
	return false;
}

static void
skip_line(struct lexer *lx)
{
	const char *nl = memchr(lx->text + lx->pos, '\n', lx->len - lx->pos);

	if (nl == NULL) {
		lx->pos = lx->len;
		return;
	}
	lx->pos = (uint32_t)(nl - lx->text) + 1;
	lx->line++;
}

/* Move behind the quoted part that begins here; false when the line ends first. */
static bool
skip_quoted(struct lexer *lx)
{
	lx->pos++;
	while (lx->pos < lx->len && lx->text[lx->pos] != '\n') {
		char c = lx->text[lx->pos++];

		if (c == '"')
			return true;
		if (c == '\\' && lx->pos < lx->len && lx->text[lx->pos] != '\n')
			lx->pos++;
	}
	return false;
}

static bool
ends_word(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' || c == '(' || c == ')' || c == '"';
}

/* An unquoted word.  A quote opens a quoted part only behind '=' (SVCB: alpn="h2,h3"), else it begins the next word. */
static bool
skip_word(struct lexer *lx)
{
	uint32_t start = lx->pos;

	while (lx->pos < lx->len) {
		char c = lx->text[lx->pos];

		if (c == '"' && lx->pos > start && lx->text[lx->pos - 1] == '=') {
			if (!skip_quoted(lx))
				return false;
			continue;
		}
		if (ends_word(c))
			break;
		lx->pos++;
		if (c == '\\' && lx->pos < lx->len && lx->text[lx->pos] != '\n' && lx->text[lx->pos] != '\r')
			lx->pos++;
	}
	return true;
}

static bool
has_control(const char *text, const struct token *t)
{
	for (uint32_t i = t->off; i < t->end; i++)
		if (((unsigned char)text[i] < 0x20 && text[i] != '\t') || text[i] == 0x7f)
			return true;
	return false;
}

static bool
scan_token(struct scan *scan)
{
	struct lexer *lx = scan->lexer;
	struct lexed *out = scan->out;
	struct token  t = scan_here(scan);
	bool          closed = lx->text[lx->pos] == '"' ? skip_quoted(lx) : skip_word(lx);

	t.end = lx->pos;
	if (!closed)
		return scan_problem(scan, t, "a quoted string is not closed on its line", "end it with \", and write \\\" for a quote inside it");
	if (has_control(lx->text, &t))
		return scan_problem(scan, t, "a control character is in the text", "write it as \\DDD with its decimal value");
	mem_grow(&out->tokens, &out->cap, out->count + 1, sizeof *out->tokens);
	out->tokens[out->count++] = t;
	out->comment_off = out->comment_end = 0;
	return true;
}

static void
scan_comment(struct scan *scan)
{
	struct lexer *lx = scan->lexer;
	uint32_t      start = lx->pos, end;
	const char   *nl = memchr(lx->text + start, '\n', lx->len - start);

	lx->pos = end = nl != NULL ? (uint32_t)(nl - lx->text) : lx->len;
	while (end > start && lx->text[end - 1] == '\r')
		end--;
	if (scan->depth == 0) {
		scan->out->comment_off = start;
		scan->out->comment_end = end;
	}
}

static bool
scan_paren(struct scan *scan)
{
	struct lexer *lx = scan->lexer;

	scan->out->parens = true;
	scan->out->comment_off = scan->out->comment_end = 0;
	if (lx->text[lx->pos] == '(') {
		if (scan->depth++ == 0) {
			scan->open = scan_here(scan);
			scan->open_state = *lx;
		}
	} else if (scan->depth == 0) {
		return scan_problem(scan, scan_here(scan), "\")\" without a \"(\" before it", "remove it, or open the group on the record's first line");
	} else {
		scan->depth--;
	}
	lx->pos++;
	return true;
}

/* One character class a step; false when the entry ends here (*OUT->problem tells whether well). */
static bool
scan_step(struct scan *scan)
{
	struct lexer *lx = scan->lexer;

	switch (lx->text[lx->pos]) {
	case '\n':
		lx->pos++;
		lx->line++;
		scan->line_start = lx->pos;
		return scan->depth > 0;
	case ' ': case '\t': case '\r':
		lx->pos++;
		return true;
	case ';':
		scan_comment(scan);
		return true;
	case '(': case ')':
		return scan_paren(scan);
	default:
		return scan_token(scan);
	}
}

/* Go on behind a problem: at the next line; inside parentheses behind the line that seems to close them, if that is near. */
static void
skip_problem(struct lexer *lx, bool inside)
{
	struct lexer ahead = *lx;

	skip_line(lx);
	if (!inside)
		return;
	for (int lines = 0; lines < 20 && ahead.pos < ahead.len; lines++) {
		uint32_t start = ahead.pos;

		if (lines > 0 && strchr(" \t\r\n;)", ahead.text[start]) == NULL)
			return;         /* a line with an owner: the next record */
		skip_line(&ahead);
		if (memchr(ahead.text + start, ')', ahead.pos - start) != NULL) {
			*lx = ahead;
			return;
		}
	}
}

static void
scan_entry(struct lexer *lx, struct lexed *out)
{
	struct scan scan = { .lexer = lx, .out = out, .line_start = lx->pos };

	while (lx->pos < lx->len && scan_step(&scan))
		continue;
	if (out->problem != NULL) {
		skip_problem(lx, scan.depth > 0);
	} else if (scan.depth > 0) {
		*lx = scan.open_state;
		skip_line(lx);
		scan_problem(&scan, scan.open, "\"(\" is never closed", "put a \")\" behind the record's last value");
	}
	out->end = lx->pos;
}

bool
lexer_next(struct lexer *lexer, struct lexed *out)
{
	while (lexer->pos < lexer->len) {
		char first = lexer->text[lexer->pos];

		*out = (struct lexed){ .off = lexer->pos, .line = lexer->line, .tokens = out->tokens, .cap = out->cap };
		out->blank_start = first == ' ' || first == '\t';
		scan_entry(lexer, out);
		if (out->count > 0 || out->problem != NULL)
			return true;
	}
	return false;
}

void
lexer_at(const char *text, size_t len, uint32_t off, struct lexed *out)
{
	struct lexer lexer;

	lexer_init(&lexer, text, len);
	lexer.pos = off;
	lexer_next(&lexer, out);
}
