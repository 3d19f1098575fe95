/* SPDX-License-Identifier: ISC */
/*
 * Changes as text, in nsupdate's words.  What people type is taken generously (a name may be spelled out to the zone, with or
 * without final dot); what is printed is exact.
 */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "zone/change.h"
#include "zone/name.h"

struct reader {
	struct change *change;
	struct err    *err;
	const char    *at;              /* rest of the line */
	char           word[1024];
};

/* The next word of the line into reader->word; false at its end. */
static bool
reader_word(struct reader *r)
{
	size_t len;

	r->at += strspn(r->at, " \t");
	len = strcspn(r->at, " \t");
	if (len == 0)
		return false;
	if (len >= sizeof r->word)
		len = sizeof r->word - 1;
	memcpy(r->word, r->at, len);
	r->word[len] = '\0';
	r->at += len;
	return true;
}

static bool
read_owner(struct reader *r, uint8_t owner[static NAME_SIZE])
{
	char zone[NAME_TEXT_MAX];

	if (!reader_word(r))
		return err_set(r->err, ERR_SYNTAX, "the line ends where the owner name should stand");
	if (!name_parse_user(owner, r->word, r->change->zone, r->err))
		return false;
	if (name_below(owner, r->change->zone))
		return true;
	name_print_zone(zone, r->change->zone);
	err_set(r->err, ERR_NOTZONE, "%s does not lie in the zone %s", r->word, zone);
	return err_hint(r->err, "a name without final dot is relative to the zone");
}

/* A type; nsupdate takes a TTL (which means nothing) and a class before it, so do we.  *HAS is false at the end of the line. */
static bool
read_type(struct reader *r, uint16_t *type, bool *has)
{
	*has = reader_word(r);
	if (*has && r->word[strspn(r->word, "0123456789")] == '\0')
		*has = reader_word(r);
	if (*has && strcasecmp(r->word, "IN") == 0)
		*has = reader_word(r);
	if (!*has)
		return true;
	if (!rr_type_parse(type, r->word, r->err))
		return false;
	if (rr_type_is_meta(*type))
		return err_set(r->err, ERR_SYNTAX, "type %s exists in messages only, not in zones", r->word);
	return true;
}

/* The rest of the line as rdata; *HAS is false when there is none. */
static bool
read_rdata(struct reader *r, struct buf *rdata, uint16_t type, bool *has)
{
	char note[256];

	r->at += strspn(r->at, " \t");
	*has = r->at[0] != '\0';
	return !*has || rdata_parse_user(rdata, type, r->at, r->change->zone, note, r->err);
}

static void
take(struct reader *r, enum change_op op, const uint8_t *owner, uint16_t type, uint32_t ttl, const struct buf *rdata)
{
	struct change_item item = { op, owner, type, (uint16_t)rdata->len, ttl, rdata->data, NULL };

	change_add_item(r->change, &item);
}

static bool
read_end(struct reader *r)
{
	if (!reader_word(r))
		return true;
	return err_set(r->err, ERR_SYNTAX, "\"%s\" stands behind the end of the line's meaning", r->word);
}

static bool
read_add(struct reader *r)
{
	uint8_t    owner[NAME_SIZE];
	struct buf rdata = { 0 };
	uint32_t   ttl;
	uint16_t   type;
	bool       has, ok;

	if (!read_owner(r, owner))
		return false;
	if (!reader_word(r))
		return err_set(r->err, ERR_SYNTAX, "the line ends where the TTL should stand: add OWNER TTL TYPE DATA");
	if (!rr_ttl_parse(&ttl, r->word, r->err))
		return err_hint(r->err, "write it as: add OWNER TTL TYPE DATA");
	if (!read_type(r, &type, &has))
		return false;
	if (!has)
		return err_set(r->err, ERR_SYNTAX, "the line ends where the type should stand: add OWNER TTL TYPE DATA");
	ok = read_rdata(r, &rdata, type, &has);
	if (ok && !has)
		ok = err_set(r->err, ERR_SYNTAX, "the record has no data: add OWNER TTL TYPE DATA");
	if (ok)
		take(r, CHANGE_ADD, owner, type, ttl, &rdata);
	buf_done(&rdata);
	return ok;
}

/* "OWNER [TYPE [RDATA]]", for which of the three forms is there: OPS[0], [1], [2]. */
static bool
read_up_to_rdata(struct reader *r, const enum change_op ops[static 3])
{
	uint8_t    owner[NAME_SIZE];
	struct buf rdata = { 0 };
	uint16_t   type = 0;
	bool       has, ok;

	if (!read_owner(r, owner) || !read_type(r, &type, &has))
		return false;
	if (!has) {
		take(r, ops[0], owner, 0, 0, &rdata);
		return true;
	}
	ok = read_rdata(r, &rdata, type, &has);
	if (ok)
		take(r, has ? ops[2] : ops[1], owner, type, 0, &rdata);
	buf_done(&rdata);
	return ok;
}

static bool
read_delete(struct reader *r)
{
	static const enum change_op ops[] = { CHANGE_DELETE_NAME, CHANGE_DELETE_RRSET, CHANGE_DELETE_RR };

	return read_up_to_rdata(r, ops);
}

static bool
read_domain(struct reader *r, enum change_op op)
{
	uint8_t    owner[NAME_SIZE];
	struct buf none = { 0 };

	if (!read_owner(r, owner) || !read_end(r))
		return false;
	take(r, op, owner, 0, 0, &none);
	return true;
}

static bool
read_yxdomain(struct reader *r)
{
	return read_domain(r, CHANGE_YXDOMAIN);
}

static bool
read_nxdomain(struct reader *r)
{
	return read_domain(r, CHANGE_NXDOMAIN);
}

static bool
needs_type(const struct reader *r, size_t before)
{
	if (r->change->count > before && r->change->items[r->change->count - 1].type == 0)
		return err_set(r->err, ERR_SYNTAX, "the line ends where the type should stand: prereq yxrrset|nxrrset OWNER TYPE");
	return true;
}

static bool
read_yxrrset(struct reader *r)
{
	static const enum change_op ops[] = { CHANGE_YXRRSET, CHANGE_YXRRSET, CHANGE_YXVALUE };
	size_t                      before = r->change->count;

	return read_up_to_rdata(r, ops) && needs_type(r, before);
}

static bool
read_nxrrset(struct reader *r)
{
	static const enum change_op ops[] = { CHANGE_NXRRSET, CHANGE_NXRRSET, CHANGE_OPS };
	size_t                      before = r->change->count;

	if (!read_up_to_rdata(r, ops) || !needs_type(r, before))
		return false;
	if (r->change->items[r->change->count - 1].op == CHANGE_OPS)
		return err_set(r->err, ERR_SYNTAX, "prereq nxrrset takes an owner and a type, no data");
	return true;
}

static bool
read_zone(struct reader *r)
{
	uint8_t name[NAME_SIZE];
	char    zone[NAME_TEXT_MAX];

	if (!reader_word(r))
		return err_set(r->err, ERR_SYNTAX, "the line ends where the zone should stand");
	if (!name_parse_zone(name, r->word, r->err))
		return false;
	name_print_zone(zone, r->change->zone);
	return name_equal(name, r->change->zone) || err_set(r->err, ERR_NOTZONE, "this change is one of the zone %s, not of %s", zone, r->word);
}

struct word {
	const char *word;
	bool      (*read)(struct reader *r);
};

static bool
read_by(struct reader *r, const struct word *words, const char *expected)
{
	if (!reader_word(r))
		return err_set(r->err, ERR_SYNTAX, "the line ends early; expected %s", expected);
	for (; words->word != NULL; words++)
		if (strcasecmp(r->word, words->word) == 0)
			return words->read(r);
	return err_set(r->err, ERR_SYNTAX, "\"%s\" is not known here; expected %s", r->word, expected);
}

static bool
read_update(struct reader *r)
{
	static const struct word words[] = { { "add", read_add }, { "delete", read_delete }, { "del", read_delete }, { NULL, NULL } };

	return read_by(r, words, "add or delete");
}

static bool
read_prereq(struct reader *r)
{
	static const struct word words[] = {
		{ "yxrrset", read_yxrrset }, { "nxrrset", read_nxrrset }, { "yxdomain", read_yxdomain }, { "nxdomain", read_nxdomain }, { NULL, NULL },
	};

	return read_by(r, words, "yxrrset, nxrrset, yxdomain or nxdomain");
}

/* nsupdate scripts end in "send"; here the end of the text is the end of the change. */
static bool
read_send(struct reader *r)
{
	return read_end(r);
}

static bool
read_line(struct reader *r)
{
	static const struct word words[] = {
		{ "add", read_add }, { "delete", read_delete }, { "del", read_delete }, { "update", read_update }, { "prereq", read_prereq },
		{ "zone", read_zone }, { "send", read_send }, { "yxrrset", read_yxrrset }, { "nxrrset", read_nxrrset },
		{ "yxdomain", read_yxdomain }, { "nxdomain", read_nxdomain }, { NULL, NULL },
	};

	r->at += strspn(r->at, " \t");
	if (r->at[0] == '\0' || r->at[0] == ';' || r->at[0] == '#')
		return true;
	return read_by(r, words, "prereq, add or delete");
}

struct change *
change_parse(struct arena *arena, const uint8_t *zone, const char *script, struct err *err)
{
	struct err    own = { 0 };
	struct reader r = { .change = change_new(arena, zone), .err = err != NULL ? err : &own };

	for (uint32_t line = 1; *script != '\0'; line++) {
		size_t len = strcspn(script, "\n"), keep = len;

		if (keep > 0 && script[keep - 1] == '\r')
			keep--;
		r.at = arena_strndup(arena, script, keep);
		if (!read_line(&r)) {
			r.err->line = line;
			return NULL;
		}
		script += len + (script[len] == '\n');
	}
	return r.change;
}

/* ---- printing ---- */

static const struct { const char *words; bool type, rdata; } forms[CHANGE_OPS] = {
	[CHANGE_YXDOMAIN] = { "prereq yxdomain", false, false },
	[CHANGE_NXDOMAIN] = { "prereq nxdomain", false, false },
	[CHANGE_YXRRSET] = { "prereq yxrrset", true, false },
	[CHANGE_NXRRSET] = { "prereq nxrrset", true, false },
	[CHANGE_YXVALUE] = { "prereq yxrrset", true, true },
	[CHANGE_ADD] = { "add", true, true },
	[CHANGE_DELETE_RR] = { "delete", true, true },
	[CHANGE_DELETE_RRSET] = { "delete", true, false },
	[CHANGE_DELETE_NAME] = { "delete", false, false },
};

/* Relative to the zone when that reads back as the same name, else absolute. */
static void
print_owner(struct buf *out, const uint8_t *owner, const uint8_t *zone)
{
	char    text[NAME_TEXT_MAX];
	uint8_t again[NAME_SIZE];

	name_print_rel(text, owner, zone);
	if (!name_parse_user(again, text, zone, NULL) || !name_equal(again, owner))
		name_print(text, owner);
	buf_puts(out, text);
}

void
change_print(struct buf *out, const struct change *change)
{
	char type[16];

	for (size_t i = 0; i < change->count; i++) {
		const struct change_item *item = &change->items[i];

		buf_putf(out, "%s ", forms[item->op].words);
		print_owner(out, item->owner, change->zone);
		if (item->op == CHANGE_ADD)
			buf_putf(out, " %" PRIu32, item->ttl);
		if (forms[item->op].type)
			buf_putf(out, " %s", rr_type_print(type, item->type));
		if (forms[item->op].rdata) {
			buf_putc(out, ' ');
			rdata_print(out, item->type, item->rdata, item->rdlen, NULL);
		}
		buf_putc(out, '\n');
	}
}
