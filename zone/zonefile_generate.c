/* SPDX-License-Identifier: ISC */
/*
 * $GENERATE START-STOP[/STEP] OWNER [TTL] [CLASS] TYPE DATA, as BIND has it: "$" is the number, "${OFFSET,WIDTH,BASE}" the number moved, padded
 * with zeros and in base d, o, x, X; "$$" or "\$" is a dollar sign.  Context for the lines after it stays as it was.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "zone/zonefile_int.h"

struct range { uint32_t start, stop, step; };

static bool
digits(const char **at, uint32_t *out)
{
	uint64_t v = 0;
	const char *p = *at;

	while (*p >= '0' && *p <= '9' && v <= INT32_MAX)
		v = v * 10 + (uint64_t)(*p++ - '0');
	if (p == *at || v > INT32_MAX)
		return false;
	*at = p;
	*out = (uint32_t)v;
	return true;
}

static bool
range_parse(struct range *out, const char *text)
{
	out->step = 1;
	if (!digits(&text, &out->start) || *text++ != '-' || !digits(&text, &out->stop))
		return false;
	if (*text == '/') {
		text++;
		if (!digits(&text, &out->step))
			return false;
	}
	return *text == '\0' && out->step > 0 && out->stop >= out->start && (out->stop - out->start) / out->step < GENERATE_MAX;
}

/* The part in braces at AT ("{OFFSET,WIDTH,BASE}", later ones may be left out); where it ends, or NULL. */
static const char *
expand_braces(struct buf *out, const char *at, uint32_t n)
{
	int  offset = 0, width = 0, used = 0;
	char base = 'd';
	char digits_text[64];

	if (sscanf(at, "{%9d%n,%3d%n,%c%n", &offset, &used, &width, &used, &base, &used) < 1 || at[used] != '}')
		return NULL;
	if (width < 0 || width > 63 || strchr("doxX", base) == NULL || (int64_t)n + offset < 0)
		return NULL;
	n = (uint32_t)((int64_t)n + offset);
	if (base == 'd')
		snprintf(digits_text, sizeof digits_text, "%0*" PRIu32, width, n);
	else if (base == 'o')
		snprintf(digits_text, sizeof digits_text, "%0*" PRIo32, width, n);
	else if (base == 'x')
		snprintf(digits_text, sizeof digits_text, "%0*" PRIx32, width, n);
	else
		snprintf(digits_text, sizeof digits_text, "%0*" PRIX32, width, n);
	buf_puts(out, digits_text);
	return at + used + 1;
}

static bool
expand(struct buf *out, const char *at, const char *end, uint32_t n)
{
	while (at < end) {
		if (*at == '\\' && at + 1 < end) {
			buf_put(out, at, 2);
			at += 2;
		} else if (*at != '$') {
			buf_putc(out, *at++);
		} else if (at + 1 < end && at[1] == '$') {
			buf_puts(out, "\\$");
			at += 2;
		} else if (at + 1 < end && at[1] == '{') {
			if ((at = expand_braces(out, at + 1, n)) == NULL)
				return false;
		} else {
			buf_putf(out, "%" PRIu32, n);
			at++;
		}
	}
	return true;
}

/* The line for number N, from the tokens behind the range. */
static bool
generate_line(struct buf *out, const struct parser *parser, const struct lexed *lexed, uint32_t n)
{
	const char *text = parser->file->text;

	buf_reset(out);
	for (size_t i = 2; i < lexed->count; i++) {
		if (i > 2)
			buf_putc(out, ' ');
		if (!expand(out, text + lexed->tokens[i].off, text + lexed->tokens[i].end, n))
			return false;
	}
	return true;
}

static bool
generate_one(struct parser *parser, const struct lexed *lexed, uint32_t n, struct buf *line, struct lexed *made, unsigned *flags)
{
	struct lexer lexer;
	size_t       errors = parser->report->errors;

	if (!generate_line(line, parser, lexed, n)) {
		parser_complain(parser, "E-SYNTAX", &lexed->tokens[0], "write ${OFFSET,WIDTH,BASE} with base d, o, x or X",
		    "$GENERATE: the part in braces behind $ does not parse");
		return false;
	}
	lexer_init(&lexer, buf_str(line), line->len);
	if (!lexer_next(&lexer, made) || made->problem != NULL || made->blank_start) {
		parser_complain(parser, "E-SYNTAX", &lexed->tokens[0], "quote what holds blanks", "$GENERATE: number %" PRIu32 " gives no record", n);
		return false;
	}
	for (size_t i = 0; i < made->count; i++) {      /* complaints name the directive's place */
		made->tokens[i].line = lexed->tokens[0].line;
		made->tokens[i].col = lexed->tokens[0].col;
	}
	parser_rr(parser, buf_str(line), made, lexed->line, flags);
	return parser->report->errors == errors;
}

bool
parser_generate(struct parser *parser, const struct lexed *lexed, unsigned *flags)
{
	struct range   range;
	struct context before = parser->ctx;
	struct lexed   made = { 0 };
	struct buf     line = { 0 };
	bool           ok = true;

	if (lexed->count < 5 || !range_parse(&range, parser_word(parser, parser->file->text, &lexed->tokens[1]))) {
		parser_complain(parser, "E-SYNTAX", &lexed->tokens[lexed->count > 1 ? 1 : 0], "for example: $GENERATE 1-9 host$ A 192.0.2.$",
		    "$GENERATE takes START-STOP[/STEP] (at most %d records), an owner, a type and data", GENERATE_MAX);
		return false;
	}
	for (uint64_t n = range.start; ok && n <= range.stop; n += range.step) {
		parser->ctx = before;
		ok = generate_one(parser, lexed, (uint32_t)n, &line, &made, flags);
	}
	parser->ctx = before;
	lexed_done(&made);
	buf_done(&line);
	return ok;
}
