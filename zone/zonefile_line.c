/* SPDX-License-Identifier: ISC */
/*
 * One line of a zone file: changed so that every byte that does not have to move stays, or made new to look like its neighbour.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zone/zonefile_int.h"

#define TAB_WIDTH 8

/* For printing: NULL (absolute names) when it is the root. */
static const uint8_t *
line_origin(const uint8_t *origin)
{
	return origin[0] == 0 ? NULL : origin;
}

void
line_owner(char out[static NAME_TEXT_MAX], const uint8_t *owner, const uint8_t *origin)
{
	if (origin[0] == 0)
		name_print(out, owner);
	else
		name_print_rel(out, owner, origin);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t
column_of(const char *text, size_t len)
{
	size_t col = 0;

	for (size_t i = 0; i < len; i++)
		col = text[i] == '\t' ? (col / TAB_WIDTH + 1) * TAB_WIDTH : col + 1;
	return col;
}

/* Append blanks, at least one, so that the line which begins at byte START of OUT goes on in column COL. */
static void
pad_to(struct buf *out, size_t start, size_t col, bool tabs)
{
	do
		buf_putc(out, tabs ? '\t' : ' ');
	while (column_of((const char *)out->data + start, out->len - start) < col);
}

/* ---- changing a line ---- */

/* Text that is copied to OUT with parts replaced, from left to right. */
struct splice {
	struct buf *out;
	const char *text;
	uint32_t    pos, end;
};

static void
splice_to(struct splice *sp, uint32_t off)
{
	if (off > sp->pos) {
		buf_put(sp->out, sp->text + sp->pos, off - sp->pos);
		sp->pos = off;
	}
}

/* Put NEW for the token at OFF to END; what is aligned behind it (a comment, or a field after several blanks) stays in its column. */
static void
splice_token(struct splice *sp, uint32_t off, uint32_t end, const char *new, size_t new_len)
{
	uint32_t run;
	size_t   old_len = end - off, want;

	splice_to(sp, off);
	buf_put(sp->out, new, new_len);
	sp->pos = end;
	for (run = end; run < sp->end && sp->text[run] == ' '; run++)
		continue;
	if (run == end || run == sp->end || strchr("\t\r\n", sp->text[run]) != NULL || (run - end < 2 && sp->text[run] != ';'))
		return;
	want = run - end + old_len > new_len ? run - end + old_len - new_len : 1;
	while (want-- > 0)
		buf_putc(sp->out, ' ');
	sp->pos = run;
}

/* Put an owner where the line began with blanks. */
static void
splice_owner(struct splice *sp, const char *owner)
{
	uint32_t run = sp->pos;
	size_t   start = sp->out->len;
	bool     tabs;

	while (run < sp->end && is_blank(sp->text[run]))
		run++;
	tabs = memchr(sp->text + sp->pos, '\t', run - sp->pos) != NULL;
	buf_puts(sp->out, owner);
	pad_to(sp->out, start, column_of(sp->text + sp->pos, run - sp->pos), tabs);
	sp->pos = run;
}

/* Put a TTL before the token at OFF, taking its room from the blanks before that where there are enough. */
static void
splice_ttl(struct splice *sp, uint32_t off, uint32_t ttl)
{
	char     text[16];
	uint32_t gap = off, len = (uint32_t)snprintf(text, sizeof text, "%" PRIu32, ttl);
	bool     tab = false;

	while (gap > sp->pos && is_blank(sp->text[gap - 1]))
		tab |= sp->text[--gap] == '\t';
	if (off - gap >= len + 2 && !tab) {
		splice_to(sp, off - len - 1);
		buf_puts(sp->out, text);
		buf_putc(sp->out, ' ');
		sp->pos = off;
		return;
	}
	splice_to(sp, off);
	tab |= sp->out->len > 0 && sp->out->data[sp->out->len - 1] == '\t';
	buf_puts(sp->out, text);
	buf_putc(sp->out, tab ? '\t' : ' ');
}

static void
print_rdata(struct buf *out, const struct rr *rr, const uint8_t *origin)
{
	rdata_print(out, rr->type, rr->rdata, rr->rdlen, line_origin(origin));
}

static void
lex_rdata(struct buf *text, struct lexed *lexed, const struct rr *rr, const uint8_t *origin)
{
	struct lexer lexer;

	print_rdata(text, rr, origin);
	lexer_init(&lexer, buf_str(text), text->len);
	lexer_next(&lexer, lexed);
}

static bool
same_token(const char *a, const struct token *ta, const char *b, const struct token *tb)
{
	return ta->end - ta->off == tb->end - tb->off && memcmp(a + ta->off, b + tb->off, tb->end - tb->off) == 0;
}

/* The old and the new rdata as tokens beside those of the file. */
struct rdata_patch {
	struct buf   old_text, new_text;
	struct lexed old, new;
	const char  *text;
	const struct token *tokens;     /* of the file's rdata */
	size_t       count;
};

/* Would putting the new tokens in the places of those that differ give exactly the new rdata? */
static bool
patch_fits(const struct rdata_patch *p, const struct line_edit *edit)
{
	struct buf joined = { 0 }, wire = { 0 };
	bool       ok = p->old.count == p->count && p->new.count == p->count;

	for (size_t i = 0; ok && i < p->count; i++) {
		bool                keep = same_token((char *)p->old_text.data, &p->old.tokens[i], (char *)p->new_text.data, &p->new.tokens[i]);
		const struct token *t = keep ? &p->tokens[i] : &p->new.tokens[i];

		buf_put(&joined, (keep ? p->text : (char *)p->new_text.data) + t->off, t->end - t->off);
		buf_putc(&joined, ' ');
	}
	ok = ok && rdata_parse(&wire, edit->new->type, buf_str(&joined), edit->origin, NULL) && wire.len == edit->new->rdlen &&
	    rdata_equal(edit->new->type, wire.data, wire.len, edit->new->rdata, edit->new->rdlen);
	buf_done(&joined);
	buf_done(&wire);
	return ok;
}

static void
patch_tokens(struct splice *sp, const struct rdata_patch *p)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct token *t = &p->new.tokens[i];

		if (!same_token((char *)p->old_text.data, &p->old.tokens[i], (char *)p->new_text.data, t))
			splice_token(sp, p->tokens[i].off, p->tokens[i].end, (char *)p->new_text.data + t->off, t->end - t->off);
	}
}

/* Collect the comments between the rdata's tokens of a record over several lines, as one behind it. */
static void
gather_comments(struct buf *out, const char *text, const struct lexed *lexed, size_t first)
{
	uint32_t at = lexed->tokens[first].off;

	for (size_t i = first; i <= lexed->count; i++) {
		uint32_t end = i < lexed->count ? lexed->tokens[i].off : lexed->end;

		for (; at < end; at++) {
			if (text[at] != ';')
				continue;
			buf_putc(out, ' ');
			for (; at < end && text[at] != '\n' && text[at] != '\r'; at++)
				buf_putc(out, text[at]);
		}
		at = i < lexed->count ? lexed->tokens[i].end : at;
	}
}

/* Rewrite a record over several lines as one. */
static void
rewrite_line(struct splice *sp, const struct lexed *lexed, size_t rdata, const struct buf *new_text, bool own_comment)
{
	uint32_t type_end = lexed->tokens[rdata - 1].end;
	bool     newline = sp->end > lexed->off && sp->text[sp->end - 1] == '\n';

	for (; sp->pos < type_end; sp->pos++)   /* parentheses before the type are blanks */
		if (strchr("()\r\n", sp->text[sp->pos]) != NULL)
			buf_putc(sp->out, ' ');
		else
			buf_putc(sp->out, sp->text[sp->pos]);
	buf_putc(sp->out, is_blank(sp->text[type_end]) ? sp->text[type_end] : ' ');
	buf_put(sp->out, new_text->data, new_text->len);
	if (own_comment)
		gather_comments(sp->out, sp->text, lexed, rdata);
	sp->pos = sp->end;
	if (newline)
		sp->pos -= sp->end - lexed->off > 1 && sp->text[sp->end - 2] == '\r' ? 2 : 1;
}

static void
edit_rdata(struct splice *sp, const struct lexed *lexed, size_t rdata, const struct line_edit *edit)
{
	struct rdata_patch p = { .text = sp->text, .tokens = lexed->tokens + rdata, .count = lexed->count - rdata };

	lex_rdata(&p.old_text, &p.old, edit->old, edit->origin);
	lex_rdata(&p.new_text, &p.new, edit->new, edit->origin);
	if (patch_fits(&p, edit)) {
		patch_tokens(sp, &p);
	} else if (!lexed->parens) {
		splice_token(sp, p.tokens[0].off, p.tokens[p.count - 1].end, (char *)p.new_text.data, p.new_text.len);
	} else {
		rewrite_line(sp, lexed, rdata, &p.new_text, edit->comment == NULL);
	}
	buf_done(&p.old_text);
	buf_done(&p.new_text);
	lexed_done(&p.old);
	lexed_done(&p.new);
}

/* Text from outside as a comment: one line, no control characters. */
static void
put_comment(struct buf *out, const char *comment)
{
	buf_puts(out, "; ");
	for (const char *c = comment; *c != '\0'; c++)
		buf_putc(out, (unsigned char)*c < 0x20 || *c == 0x7f ? ' ' : *c);
}

static void
edit_comment(struct splice *sp, const struct lexed *lexed, const char *comment)
{
	uint32_t at = sp->end;

	if (lexed->comment_off < lexed->comment_end && lexed->comment_off >= sp->pos) {
		splice_to(sp, lexed->comment_off);
		put_comment(sp->out, comment);
		sp->pos = lexed->comment_end;
		return;
	}
	while (at > sp->pos && strchr(" \t\r\n", sp->text[at - 1]) != NULL)
		at--;
	splice_to(sp, at);
	buf_putc(sp->out, ' ');
	put_comment(sp->out, comment);
}

static void
edit_ttl(struct splice *sp, const struct lexed *lexed, const struct fields *f, uint32_t ttl)
{
	char text[16];
	int  before = f->klass >= 0 ? f->klass : f->type;

	if (f->ttl < 0) {
		splice_ttl(sp, lexed->tokens[before].off, ttl);
		return;
	}
	snprintf(text, sizeof text, "%" PRIu32, ttl);
	splice_token(sp, lexed->tokens[f->ttl].off, lexed->tokens[f->ttl].end, text, strlen(text));
}

void
line_edit(struct buf *out, const struct zonefile *file, const struct entry *entry, const struct line_edit *edit)
{
	struct splice sp = { out, file->text, entry->off, entry->end };
	struct lexed  lexed = { 0 };
	struct fields f;

	lexer_at(file->text, file->len, entry->off, &lexed);
	fields_find(&f, file->text, &lexed);
	if (edit->owner != NULL)
		splice_owner(&sp, edit->owner);
	if (edit->ttl_set)
		edit_ttl(&sp, &lexed, &f, edit->ttl);
	if (edit->new != NULL)
		edit_rdata(&sp, &lexed, f.rdata, edit);
	if (edit->comment != NULL)
		edit_comment(&sp, &lexed, edit->comment);
	splice_to(&sp, entry->end);
	lexed_done(&lexed);
}

/* ---- making a line ---- */

/* Columns and blanks of the record that a new line is to look like. */
struct layout {
	size_t   ttl, klass, type, rdata, comment;      /* columns; 0: not there */
	bool     tabs;
	char     klass_text[16];
};

static void
layout_read(struct layout *out, const struct zonefile *file, const struct entry *entry)
{
	const char   *line = file->text + entry->off;
	struct lexed  lexed = { 0 };
	struct fields f;

	lexer_at(file->text, file->len, entry->off, &lexed);
	fields_find(&f, file->text, &lexed);
	if (f.ttl >= 0)
		out->ttl = column_of(line, lexed.tokens[f.ttl].off - entry->off);
	if (f.klass >= 0) {
		const struct token *t = &lexed.tokens[f.klass];

		out->klass = column_of(line, t->off - entry->off);
		snprintf(out->klass_text, sizeof out->klass_text, "%.*s", (int)(t->end - t->off), file->text + t->off);
	}
	out->type = column_of(line, lexed.tokens[f.type].off - entry->off);
	out->rdata = column_of(line, lexed.tokens[f.rdata].off - entry->off);
	if (lexed.comment_off < lexed.comment_end)
		out->comment = column_of(line, lexed.comment_off - entry->off);
	out->tabs = memchr(line, '\t', lexed.tokens[f.rdata].off - entry->off) != NULL;
	lexed_done(&lexed);
}

static void
put_ttl(struct buf *out, size_t start, const struct layout *l, uint32_t ttl)
{
	char   text[16];
	size_t len = (size_t)snprintf(text, sizeof text, "%" PRIu32, ttl);
	size_t next = l->klass != 0 ? l->klass : l->type;

	if (l->ttl != 0)
		pad_to(out, start, l->ttl, l->tabs);
	else
		pad_to(out, start, next > len + 1 ? next - len - 1 : 0, l->tabs);
	buf_puts(out, text);
}

/* TTL and class in the order of the model. */
static void
put_ttl_and_class(struct buf *out, size_t start, const struct layout *l, const struct line_new *line)
{
	bool ttl_first = l->ttl < l->klass;

	if (line->ttl && ttl_first)
		put_ttl(out, start, l, line->rr->ttl);
	if (l->klass != 0) {
		pad_to(out, start, l->klass, l->tabs);
		buf_puts(out, l->klass_text);
	}
	if (line->ttl && !ttl_first)
		put_ttl(out, start, l, line->rr->ttl);
}

void
line_new(struct buf *out, const struct zonefile *file, const struct line_new *line)
{
	struct layout l = { .tabs = true };
	size_t        start = out->len;
	char          owner[NAME_TEXT_MAX], type[16];

	if (line->model != NULL && line->model->kind == ENTRY_RR && (line->model->flags & ENTRY_PARENS) == 0)
		layout_read(&l, file, line->model);
	line_owner(owner, line->rr->owner, line->origin);
	if (!line->blank_owner)
		buf_puts(out, owner);
	put_ttl_and_class(out, start, &l, line);
	pad_to(out, start, l.type, l.tabs);
	buf_puts(out, rr_type_print(type, line->rr->type));
	pad_to(out, start, l.rdata, l.tabs);
	print_rdata(out, line->rr, line->origin);
	if (line->comment != NULL) {
		pad_to(out, start, l.comment, false);
		put_comment(out, line->comment);
	}
	buf_puts(out, file->crlf ? "\r\n" : "\n");
}
