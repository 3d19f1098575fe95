/* SPDX-License-Identifier: ISC */
/*
 * Zone files to records: directives, owners, TTLs and classes in any order (RFC 1035 5, RFC 2308 4, RFC 3597).  An entry that is wrong is
 * reported with its place and left out; reading goes on with the next.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "zone/check.h"
#include "zone/zone.h"
#include "zone/zonefile_int.h"

uint32_t
context_ttl(const struct context *ctx, const struct rr *rr)
{
	if (ctx->has_default)
		return ctx->default_ttl;
	if (ctx->has_last)
		return ctx->last_ttl;
	return rr->type == TYPE_SOA ? rdata_soa_minimum(rr->rdata, rr->rdlen) : TTL_FALLBACK;
}

void
context_note(struct context *ctx, const struct rr *rr, bool ttl_explicit)
{
	if (!ctx->has_owner || !name_equal(ctx->owner, rr->owner))
		name_copy(ctx->owner, rr->owner);
	ctx->has_owner = true;
	if (ttl_explicit) {
		ctx->has_last = true;
		ctx->last_ttl = rr->ttl;
	} else if (rr->type == TYPE_SOA && !ctx->has_default && !ctx->has_last) {
		ctx->has_default = true;        /* as BIND does: the minimum stands for a missing $TTL */
		ctx->default_ttl = rr->ttl;
	}
}

const char *
parser_word(struct parser *parser, const char *text, const struct token *t)
{
	buf_reset(&parser->word);
	buf_put(&parser->word, text + t->off, t->end - t->off);
	return buf_str(&parser->word);
}

void
parser_complain(struct parser *parser, const char *code, const struct token *at, const char *hint, const char *fmt, ...)
{
	char           text[512];
	va_list        ap;
	const struct check *row = check_find(code);
	struct finding finding = { FINDING_ERROR, code, at->line, at->col, "", "", text, hint };

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	/* That of E-SYNTAX is for the help: it could only say that the mistake is a mistake. */
	if (hint[0] == '\0' && row != NULL && strcmp(code, "E-SYNTAX") != 0)
		finding.hint = row->fix;
	report_add(parser->report, &finding);
}

static bool
complain_err(struct parser *parser, const struct token *at, const struct err *err)
{
	parser_complain(parser, err->id, at, err->hint, "%s", err->text);
	return false;
}

static bool
word_is(const char *text, const struct token *t, const char *want)
{
	return t->end - t->off == strlen(want) && strncasecmp(text + t->off, want, strlen(want)) == 0;
}

static bool
word_is_class(const char *text, const struct token *t)
{
	size_t len = t->end - t->off;

	if (word_is(text, t, "IN") || word_is(text, t, "CH") || word_is(text, t, "HS"))
		return true;
	return len > 5 && strncasecmp(text + t->off, "CLASS", 5) == 0 && isdigit((unsigned char)text[t->off + 5]);
}

static bool
word_is_ttl(const char *text, const struct token *t)
{
	if (!isdigit((unsigned char)text[t->off]))
		return false;
	for (uint32_t i = t->off; i < t->end; i++)
		if (!isdigit((unsigned char)text[i]) && strchr("smhdwSMHDW", text[i]) == NULL)
			return false;
	return true;
}

void
fields_find(struct fields *out, const char *text, const struct lexed *lexed)
{
	size_t i = 0;

	*out = (struct fields){ -1, -1, -1, -1, 0 };
	if (!lexed->blank_start)
		out->owner = (int)i++;
	for (; i < lexed->count; i++) {
		const struct token *t = &lexed->tokens[i];

		if (out->klass < 0 && word_is_class(text, t)) {
			out->klass = (int)i;
		} else if (out->ttl < 0 && word_is_ttl(text, t)) {
			out->ttl = (int)i;
		} else {
			out->type = (int)i++;
			break;
		}
	}
	out->rdata = i;
}

static bool
parse_owner(struct parser *parser, const char *text, const struct lexed *lexed, const struct fields *f, uint8_t owner[static NAME_SIZE])
{
	const struct token *t = &lexed->tokens[0];
	struct err          err = { 0 };

	if (f->owner < 0) {
		if (parser->ctx.has_owner) {
			name_copy(owner, parser->ctx.owner);
			return true;
		}
		parser_complain(parser, "E-SYNTAX", t, "write the owner at the start of the line, or @ for the origin",
		    "the line begins with a blank, but no record stands before it whose owner it could take");
		return false;
	}
	if (text[t->off] == '"') {
		parser_complain(parser, "E-SYNTAX", t, "remove the quotes", "an owner name is not quoted");
		return false;
	}
	if (!name_parse(owner, parser_word(parser, text, t), parser->ctx.origin, &err))
		return complain_err(parser, t, &err);
	name_copy(parser->ctx.owner, owner);    /* a wrong record still names the owner of those below it */
	parser->ctx.has_owner = true;
	return true;
}

static bool
parse_class(struct parser *parser, const char *text, const struct lexed *lexed, const struct fields *f)
{
	const struct token *t;

	if (f->klass < 0)
		return true;
	t = &lexed->tokens[f->klass];
	if (word_is(text, t, "IN") || word_is(text, t, "CLASS1"))
		return true;
	parser_complain(parser, "E-SYNTAX", t, "use IN, or leave the class out", "class %s is not served, only IN (the Internet)",
	    parser_word(parser, text, t));
	return false;
}

static bool
parse_type(struct parser *parser, const char *text, const struct lexed *lexed, const struct fields *f, uint16_t *type)
{
	struct err          err = { 0 };
	const struct token *t;
	const char         *word;

	if (f->type < 0) {
		parser_complain(parser, "E-SYNTAX", &lexed->tokens[lexed->count - 1], "a record is: OWNER [TTL] TYPE DATA",
		    "the line ends before a record type");
		return false;
	}
	t = &lexed->tokens[f->type];
	word = parser_word(parser, text, t);
	if (!rr_type_parse(type, word, &err)) {
		parser_complain(parser, "E-TYPE-UNKNOWN", t, err.hint[0] != '\0' ? err.hint : "write it as TYPE and its number (RFC 3597)",
		    "%s", err.text);
		return false;
	}
	if (rr_type_is_meta(*type)) {
		parser_complain(parser, "E-TYPE-UNKNOWN", t, "remove the record", "type %s exists in questions and messages only, not in zones", word);
		return false;
	}
	return true;
}

/* The token in whose place column COL of the joined rdata lies. */
static const struct token *
rdata_token_at(const struct lexed *lexed, size_t first, uint32_t col)
{
	size_t at = 1;

	for (size_t i = first; i < lexed->count; i++) {
		at += lexed->tokens[i].end - lexed->tokens[i].off + 1;
		if (col != 0 && col < at)
			return &lexed->tokens[i];
	}
	return &lexed->tokens[first];
}

static bool
parse_rdata(struct parser *parser, const char *text, const struct lexed *lexed, size_t first, uint16_t type)
{
	struct err err = { 0 };
	char       name[16];

	if (first >= lexed->count) {
		parser_complain(parser, "E-SYNTAX", &lexed->tokens[lexed->count - 1], "write the data behind the type",
		    "the %s record has no data", rr_type_print(name, type));
		return false;
	}
	buf_reset(&parser->word);
	for (size_t i = first; i < lexed->count; i++) {
		if (i > first)
			buf_putc(&parser->word, ' ');
		buf_put(&parser->word, text + lexed->tokens[i].off, lexed->tokens[i].end - lexed->tokens[i].off);
	}
	buf_reset(&parser->rdata);
	if (rdata_parse(&parser->rdata, type, buf_str(&parser->word), parser->ctx.origin, &err))
		return true;
	return complain_err(parser, rdata_token_at(lexed, first, err.col), &err);
}

static const char *
keep_comment(struct zonefile *file, const char *text, const struct lexed *lexed)
{
	uint32_t off = lexed->comment_off, end = lexed->comment_end;

	while (off < end && (text[off] == ';' || text[off] == ' ' || text[off] == '\t'))
		off++;
	while (end > off && (text[end - 1] == ' ' || text[end - 1] == '\t'))
		end--;
	return off < end ? arena_strndup(file->arena, text + off, end - off) : "";
}

static void
keep_rr(struct zonefile *file, const struct rr *rr, uint32_t line, uint32_t col, const char *comment)
{
	struct zonefile_rr *kept;
	const uint8_t      *owner = file->rr_count > 0 ? file->rrs[file->rr_count - 1].rr.owner : NULL;
	size_t              owner_len = name_len(rr->owner);

	if (owner == NULL || name_len(owner) != owner_len || memcmp(owner, rr->owner, owner_len) != 0)
		owner = arena_copy(file->arena, rr->owner, owner_len);
	mem_grow(&file->rrs, &file->rr_cap, file->rr_count + 1, sizeof *file->rrs);
	kept = &file->rrs[file->rr_count++];
	*kept = (struct zonefile_rr){ *rr, line, col, comment };
	kept->rr.owner = owner;
	kept->rr.rdata = arena_copy(file->arena, rr->rdata, rr->rdlen);
}

bool
parser_rr(struct parser *parser, const char *text, const struct lexed *lexed, uint32_t at_line, unsigned *flags)
{
	uint8_t       owner[NAME_SIZE];
	struct fields f;
	struct rr     rr = { .owner = owner };
	struct err    err = { 0 };

	fields_find(&f, text, lexed);
	if (!parse_owner(parser, text, lexed, &f, owner) || !parse_class(parser, text, lexed, &f) ||
	    !parse_type(parser, text, lexed, &f, &rr.type) || !parse_rdata(parser, text, lexed, f.rdata, rr.type))
		return false;
	rr.rdata = parser->rdata.data;
	rr.rdlen = (uint16_t)parser->rdata.len;
	if (f.ttl < 0)
		rr.ttl = context_ttl(&parser->ctx, &rr);
	else if (!rr_ttl_parse(&rr.ttl, parser_word(parser, text, &lexed->tokens[f.ttl]), &err))
		return complain_err(parser, &lexed->tokens[f.ttl], &err);
	context_note(&parser->ctx, &rr, f.ttl >= 0);
	*flags = (f.owner < 0 ? ENTRY_BLANK_OWNER : 0u) | (f.ttl >= 0 ? ENTRY_TTL_EXPLICIT : 0u) | (lexed->parens ? ENTRY_PARENS : 0u);
	keep_rr(parser->file, &rr, at_line != 0 ? at_line : lexed->line, lexed->tokens[0].col, keep_comment(parser->file, text, lexed));
	return true;
}

static bool
directive_one_word(struct parser *parser, const struct lexed *lexed, const char *what)
{
	if (lexed->count == 2)
		return true;
	parser_complain(parser, "E-SYNTAX", &lexed->tokens[lexed->count > 2 ? 2 : 0], "put anything else on lines of its own",
	    "%s takes exactly one value", what);
	return false;
}

static bool
parse_origin(struct parser *parser, const struct lexed *lexed, struct entry *entry)
{
	struct zonefile    *file = parser->file;
	const struct token *t = &lexed->tokens[1];
	uint8_t             name[NAME_SIZE];
	struct err          err = { 0 };

	if (!directive_one_word(parser, lexed, "$ORIGIN"))
		return false;
	if (!name_parse(name, parser_word(parser, file->text, t), parser->ctx.origin, &err))
		return complain_err(parser, t, &err);
	name_copy(parser->ctx.origin, name);
	mem_grow(&file->origins, &file->origin_cap, file->origin_count + 1, sizeof *file->origins);
	entry->kind = ENTRY_ORIGIN;
	entry->first = (uint32_t)file->origin_count;
	file->origins[file->origin_count++] = arena_copy(file->arena, name, name_len(name));
	return true;
}

static bool
parse_ttl(struct parser *parser, const struct lexed *lexed, struct entry *entry)
{
	struct err err = { 0 };
	uint32_t   ttl;

	if (!directive_one_word(parser, lexed, "$TTL"))
		return false;
	if (!rr_ttl_parse(&ttl, parser_word(parser, parser->file->text, &lexed->tokens[1]), &err))
		return complain_err(parser, &lexed->tokens[1], &err);
	parser->ctx.has_default = true;
	parser->ctx.default_ttl = ttl;
	entry->kind = ENTRY_TTL;
	entry->first = ttl;
	return true;
}

static bool
parse_generate(struct parser *parser, const struct lexed *lexed, struct entry *entry)
{
	unsigned flags = 0;
	bool     ok = parser_generate(parser, lexed, &flags);

	entry->flags = (uint8_t)flags;
	entry->kind = ENTRY_GENERATE;
	return ok || parser->file->rr_count > entry->first;
}

static bool
parse_include(struct parser *parser, const struct lexed *lexed, struct entry *entry)
{
	(void)entry;
	parser_complain(parser, "E-INCLUDE", &lexed->tokens[0], "", "$INCLUDE is refused: a zone is one file, and this reader opens no other");
	return false;
}

static bool
parse_directive(struct parser *parser, const struct lexed *lexed, struct entry *entry)
{
	static const struct {
		const char *name;
		bool      (*fn)(struct parser *, const struct lexed *, struct entry *);
	} directives[] = {
		{ "$ORIGIN", parse_origin }, { "$TTL", parse_ttl }, { "$GENERATE", parse_generate }, { "$INCLUDE", parse_include },
	};
	const struct token *t = &lexed->tokens[0];

	for (size_t i = 0; i < sizeof directives / sizeof directives[0]; i++)
		if (word_is(parser->file->text, t, directives[i].name))
			return directives[i].fn(parser, lexed, entry);
	parser_complain(parser, "E-SYNTAX", t, "an owner that begins with $ is written \\$", "there is no directive %s; known are $ORIGIN, $TTL and $GENERATE",
	    parser_word(parser, parser->file->text, t));
	return false;
}

static void
parse_entry(struct parser *parser)
{
	struct zonefile    *file = parser->file;
	const struct lexed *lexed = &parser->lexed;
	struct entry        entry = { .off = lexed->off, .end = lexed->end, .first = (uint32_t)file->rr_count };
	unsigned            flags = 0;
	bool                ok = false;

	if (lexed->problem != NULL)
		parser_complain(parser, "E-SYNTAX", &lexed->problem_at, lexed->problem_hint, "%s", lexed->problem);
	else if (!lexed->blank_start && file->text[lexed->tokens[0].off] == '$')
		ok = parse_directive(parser, lexed, &entry);
	else if ((ok = parser_rr(parser, file->text, lexed, 0, &flags)))
		entry.flags = (uint8_t)flags;
	if (!ok)
		entry.kind = ENTRY_BAD;
	else if (entry.kind == ENTRY_RR || entry.kind == ENTRY_GENERATE)
		entry.count = (uint32_t)file->rr_count - entry.first;
	mem_grow(&file->entries, &file->entry_cap, file->entry_count + 1, sizeof *file->entries);
	file->entries[file->entry_count++] = entry;
}

/* After that many errors nobody reads on, and a file that is no zone file at all ends here. */
static bool
parser_gives_up(struct parser *parser, size_t errors_before)
{
	return parser->report->errors - errors_before >= REPORT_MAX;
}

static void
find_apex(struct zonefile *file, const struct zonefile_opts *opts)
{
	if (opts->apex != NULL) {
		name_lower(file->apex, opts->apex);
		return;
	}
	for (size_t i = 0; i < file->rr_count; i++)
		if (file->rrs[i].rr.type == TYPE_SOA) {
			name_lower(file->apex, file->rrs[i].rr.owner);
			return;
		}
	if (file->rr_count > 0)
		name_lower(file->apex, file->rrs[0].rr.owner);
}

static void
report_outside(const struct zonefile *file, struct report *report)
{
	char apex[NAME_TEXT_MAX], owner[NAME_TEXT_MAX], hint[256], text[512], type[16];

	name_print(apex, file->apex);
	for (size_t i = 0; i < file->rr_count; i++) {
		const struct zonefile_rr *rec = &file->rrs[i];
		struct finding            finding = { FINDING_ERROR, "E-OUT-OF-ZONE", rec->line, rec->col, owner, type, text, hint };

		if (name_below(rec->rr.owner, file->apex))
			continue;
		name_print(owner, rec->rr.owner);
		rr_type_print(type, rec->rr.type);
		snprintf(text, sizeof text, "%.200s does not lie in the zone %.200s", owner, apex);
		snprintf(hint, sizeof hint, "remove it; or check the final dot and the $ORIGIN above it (without any, names are relative to the %s)",
		    file->origin[0] == 0 ? "root" : "zone");
		report_add(report, &finding);
	}
}

struct zonefile *
zonefile_parse(const char *text, size_t len, const struct zonefile_opts *opts, struct report *report)
{
	struct zonefile *file = mem_alloc(sizeof *file);
	struct parser    parser = { .file = file, .report = report };
	struct lexer     lexer;
	size_t           errors = report->errors;

	file->arena = arena_new();
	file->keys = opts->keys;
	if (len >= ZONEFILE_MAX) {
		parser_complain(&parser, "E-LIMIT", &(struct token){ 0 }, "split the zone", "the file is larger than 1 GiB");
		len = 0;
	}
	file->text = mem_alloc(len + 1);
	memcpy(file->text, text, len);
	file->len = (uint32_t)len;
	file->body = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	file->crlf = memmem(text, len, "\r\n", 2) != NULL;
	if (opts->origin != NULL)
		name_copy(file->origin, opts->origin);
	name_copy(parser.ctx.origin, file->origin);
	lexer_init(&lexer, file->text, len);
	lexer.pos = file->body;
	while (!parser_gives_up(&parser, errors) && lexer_next(&lexer, &parser.lexed))
		parse_entry(&parser);
	find_apex(file, opts);
	if (!opts->keys) {
		report_outside(file, report);
		zonefile_check_ttls(file, report);
	}
	lexed_done(&parser.lexed);
	buf_done(&parser.word);
	buf_done(&parser.rdata);
	return file;
}

void
zonefile_free(struct zonefile *file)
{
	if (file == NULL)
		return;
	arena_free(file->arena);
	free(file->text);
	free(file->rrs);
	free(file->entries);
	free(file->origins);
	free(file);
}

size_t
zonefile_count(const struct zonefile *file)
{
	return file->rr_count;
}

const struct zonefile_rr *
zonefile_at(const struct zonefile *file, size_t i)
{
	return &file->rrs[i];
}

const uint8_t *
zonefile_apex(const struct zonefile *file)
{
	return file->apex;
}
