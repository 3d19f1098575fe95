/* SPDX-License-Identifier: ISC */
/*
 * Drafts: by hand, and at random: whatever is added, changed, deleted and undone, the change that is made of it, applied to the base, gives
 * the records that the rows show; ZONESH_SEED=N ZONESH_ROUNDS=1 repeats one round.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "tui/draft.h"
#include "zone/name.h"
#include "zone/zone.h"
#include "zone/zonefile.h"

#define ZONE "example.org"
#define HEAD "$ORIGIN example.org.\n$TTL 3600\n@ SOA ns1 hostmaster 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.53\n"

static struct draft *
draft_of(const char *text)
{
	struct err    err = { 0 };
	struct draft *draft = draft_new(text, strlen(text), ZONE, &err);

	if (draft == NULL)
		fail_msg("%s %s", err.id, err.text);
	return draft;
}

/* "www 300 A 192.0.2.1 ; comment" as data; memory is the draft's. */
static struct row_data
data_of(struct draft *draft, const char *line)
{
	char            owner[300], type[20], text[300], *comment;
	uint8_t         name[NAME_SIZE];
	struct buf      rdata = { 0 };
	struct row_data data = { 0 };

	assert_int_equal(sscanf(line, "%299s %u %19s %299[^\n]", owner, &data.ttl, type, text), 4);
	comment = strstr(text, " ; ");
	data.comment = comment != NULL ? arena_strdup(draft->arena, comment + 3) : "";
	if (comment != NULL)
		*comment = '\0';
	assert_true(name_parse(name, owner, draft->apex, NULL));
	assert_true(rr_type_parse(&data.type, type, NULL));
	assert_true(rdata_parse(&rdata, data.type, text, draft->apex, NULL));
	data.owner = arena_copy(draft->arena, name, name_len(name));
	data.rdata = arena_copy(draft->arena, rdata.data, rdata.len);
	data.rdlen = (uint16_t)rdata.len;
	buf_done(&rdata);
	return data;
}

/* The row that shows LINE; "" for none. */
static struct row *
row_of(const struct draft *draft, const char *line)
{
	for (size_t i = 0; i < draft->row_count; i++) {
		struct buf text = { 0 };
		bool       found;

		row_print(&text, draft, &draft->rows[i]->now);
		found = strcmp(buf_str(&text), line) == 0;
		buf_done(&text);
		if (found)
			return draft->rows[i];
	}
	return NULL;
}

/* All rows but the three of HEAD that stand first: mark and line, joined by " | ". */
static void
rows_print(struct buf *out, const struct draft *draft)
{
	static const char marks[] = { ' ', '+', '~', '-', 'x' };

	for (size_t i = 0; i < draft->row_count; i++) {
		struct buf text = { 0 };

		row_print(&text, draft, &draft->rows[i]->now);
		if (strncmp(buf_str(&text), "@ ", 2) != 0 && strncmp(buf_str(&text), "ns1 ", 4) != 0)
			buf_putf(out, "%s%s%c%s", out->len != 0 ? " | " : "", draft->rows[i]->conflict ? "!" : "", marks[draft->rows[i]->state],
			    buf_str(&text));
		buf_done(&text);
	}
}

/* Edits as one would note them: "+LINE" adds, "-LINE" deletes (or takes that back), "~LINE => LINE" changes, "u" undoes. */
static void
edit(struct draft *draft, const char *step)
{
	char            line[600], *to;
	struct row     *row;
	struct row_data data;

	if (strcmp(step, "u") == 0) {
		assert_true(draft_undo(draft));
		return;
	}
	snprintf(line, sizeof line, "%s", step + 1);
	to = strstr(line, " => ");
	if (to != NULL)
		*to = '\0';
	if (*step == '+') {
		data = data_of(draft, line);
		draft_add(draft, &data);
		return;
	}
	row = row_of(draft, line);
	if (row == NULL)
		fail_msg("no row \"%s\"", line);
	if (*step == '-') {
		draft_toggle(draft, row);
		return;
	}
	data = data_of(draft, to + 4);
	draft_change(draft, row, &data);
}

static const struct { const char *text, *steps[6], *want; unsigned added, changed, deleted; } edits[] = {
	{ "", { "+a 300 A 192.0.2.1" }, "+a 300 A 192.0.2.1", 1, 0, 0 },
	{ "", { "+a 300 A 192.0.2.1", "u" }, "", 0, 0, 0 },
	{ "", { "+a 300 A 192.0.2.1", "-a 300 A 192.0.2.1" }, "", 0, 0, 0 },
	{ "", { "+a 300 A 192.0.2.1", "-a 300 A 192.0.2.1", "u" }, "+a 300 A 192.0.2.1", 1, 0, 0 },
	{ "", { "+a 300 A 192.0.2.1", "~a 300 A 192.0.2.1 => b 60 A 192.0.2.1 ; c" }, "+b 60 A 192.0.2.1 ; c", 1, 0, 0 },
	{ "", { "+a 300 A 192.0.2.1", "~a 300 A 192.0.2.1 => b 60 A 192.0.2.1", "u" }, "+a 300 A 192.0.2.1", 1, 0, 0 },
	{ "a A 192.0.2.1\n", { "-a 3600 A 192.0.2.1" }, "-a 3600 A 192.0.2.1", 0, 0, 1 },
	{ "a A 192.0.2.1\n", { "-a 3600 A 192.0.2.1", "-a 3600 A 192.0.2.1" }, " a 3600 A 192.0.2.1", 0, 0, 0 },
	{ "a A 192.0.2.1\n", { "-a 3600 A 192.0.2.1", "u" }, " a 3600 A 192.0.2.1", 0, 0, 0 },
	{ "a A 192.0.2.1 ; c\n", { "~a 3600 A 192.0.2.1 ; c => a 3600 A 192.0.2.2 ; c" }, "~a 3600 A 192.0.2.2 ; c", 0, 1, 0 },
	{ "a A 192.0.2.1\n", { "~a 3600 A 192.0.2.1 => a 3600 A 192.0.2.2", "~a 3600 A 192.0.2.2 => a 3600 A 192.0.2.1" }, " a 3600 A 192.0.2.1", 0, 0, 0 },
	{ "a A 192.0.2.1\n", { "~a 3600 A 192.0.2.1 => a 3600 A 192.0.2.2", "-a 3600 A 192.0.2.2" }, "-a 3600 A 192.0.2.2", 0, 0, 1 },
	{ "a A 192.0.2.1\n", { "~a 3600 A 192.0.2.1 => a 3600 A 192.0.2.2", "-a 3600 A 192.0.2.2", "-a 3600 A 192.0.2.2" }, "~a 3600 A 192.0.2.2", 0, 1, 0 },
	/* An RRset has one TTL, and an edit takes all of it along, and back. */
	{ "a A 192.0.2.1\na A 192.0.2.2\n", { "~a 3600 A 192.0.2.1 => a 60 A 192.0.2.1" }, "~a 60 A 192.0.2.1 | ~a 60 A 192.0.2.2", 0, 2, 0 },
	{ "a A 192.0.2.1\na A 192.0.2.2\n", { "~a 3600 A 192.0.2.1 => a 60 A 192.0.2.1", "u" }, " a 3600 A 192.0.2.1 |  a 3600 A 192.0.2.2", 0, 0, 0 },
	{ "a A 192.0.2.1\n", { "+a 60 A 192.0.2.2" }, "~a 60 A 192.0.2.1 | +a 60 A 192.0.2.2", 1, 1, 0 },
	{ "a A 192.0.2.1\n", { "+a 60 A 192.0.2.2", "u" }, " a 3600 A 192.0.2.1", 0, 0, 0 },
	{ "a A 192.0.2.1\na A 192.0.2.2\n", { "-a 3600 A 192.0.2.2", "~a 3600 A 192.0.2.1 => a 60 A 192.0.2.1", "-a 3600 A 192.0.2.2" },
		"~a 60 A 192.0.2.1 | ~a 60 A 192.0.2.2", 0, 2, 0 },
	/* Display order, and a record that the file has twice. */
	{ "c TXT x\nb A 192.0.2.1\nb MX 1 c\nb AAAA ::1\n*.b A 192.0.2.1\nb A 192.0.2.1\n", { "+b 3600 CAA 0 issue \"x\"" },
		" b 3600 A 192.0.2.1 |  b 3600 AAAA ::1 |  b 3600 MX 1 c | +b 3600 CAA 0 issue \"x\" |  *.b 3600 A 192.0.2.1 |  c 3600 TXT \"x\"", 1, 0, 0 },
};

static void
edits_by_hand(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
		struct buf    text = { 0 }, got = { 0 };
		struct draft *draft;
		unsigned      added, changed, deleted;

		buf_putf(&text, "%s%s", HEAD, edits[i].text);
		draft = draft_of(buf_str(&text));
		assert_int_equal(draft->ttl_default, 3600);
		for (size_t s = 0; s < 6 && edits[i].steps[s] != NULL; s++)
			edit(draft, edits[i].steps[s]);
		rows_print(&got, draft);
		assert_string_equal(buf_str(&got), edits[i].want);
		draft_counts(draft, &added, &changed, &deleted);
		assert_int_equal(added, edits[i].added);
		assert_int_equal(changed, edits[i].changed);
		assert_int_equal(deleted, edits[i].deleted);
		assert_int_equal(draft_dirty(draft), added + changed + deleted != 0);
		draft_free(draft);
		buf_done(&text);
		buf_done(&got);
	}
}

static void
nothing_to_undo(void **state)
{
	struct draft *draft = draft_of(HEAD);

	(void)state;
	assert_false(draft_undo(draft));
	assert_false(draft_dirty(draft));
	draft_free(draft);
	draft_free(NULL);
}

static void
a_broken_zone_is_no_draft(void **state)
{
	static const char *const texts[] = { HEAD "a A 192.0.2.256\n", HEAD "a.example.net. A 192.0.2.1\n", "\377\377" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct err err = { 0 };

		assert_null(draft_new(texts[i], strlen(texts[i]), ZONE, &err));
		assert_true(err.text[0] != '\0');
	}
	assert_null(draft_new(HEAD, strlen(HEAD), "a..b", NULL));
}

/* What the checks say of edits: the error's name, or that of a finding, "" for nothing but that one NS is not many. */
static const struct { const char *step, *want; } checks[] = {
	{ "+a 3600 A 192.0.2.1", "" },
	{ "+ns1 3600 CNAME a", "E-CNAME-COEXIST" },
	{ "-@ 3600 NS ns1", "E-NS-APEX" },
	{ "-ns1 3600 A 192.0.2.53", "E-GLUE-MISSING" },
	{ "+www 3600 MX 10 nosuch", "W-TARGET-NOADDR" },
};

static void
checks_tell(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
		struct draft *draft = draft_of(HEAD);
		struct report report;
		struct err    err = { 0 };
		const char   *found = "";
		bool          applies;

		edit(draft, checks[i].step);
		report_init(&report);
		applies = draft_check(draft, &report, &err);
		for (size_t f = 0; f < report.count && *found == '\0'; f++)
			if (strcmp(report.findings[f].code, "W-NS-ONE") != 0)
				found = report.findings[f].code;
		assert_string_equal(applies ? found : err.id, checks[i].want);
		report_done(&report);
		draft_free(draft);
	}
}

static void
has_looks_at_what_stays(void **state)
{
	struct draft   *draft = draft_of(HEAD "a A 192.0.2.1\n");
	struct row_data data = data_of(draft, "A 60 A 192.0.2.1"), other = data_of(draft, "a 3600 A 192.0.2.2");
	struct row     *row = row_of(draft, "a 3600 A 192.0.2.1");

	(void)state;
	assert_true(draft_has(draft, &data, NULL));
	assert_false(draft_has(draft, &data, row));
	assert_false(draft_has(draft, &other, NULL));
	draft_toggle(draft, row);
	assert_false(draft_has(draft, &data, NULL));
	draft_free(draft);
}

/* Mine in a draft of BASE, theirs published: the rows afterwards. */
static const struct { const char *base, *mine[3], *theirs, *want; size_t conflicts; } rebases[] = {
	{ "a A 192.0.2.1\n", { "+b 3600 A 192.0.2.2" }, "a A 192.0.2.1\nc A 192.0.2.3\n",
		" a 3600 A 192.0.2.1 | +b 3600 A 192.0.2.2 |  c 3600 A 192.0.2.3", 0 },
	{ "a A 192.0.2.1\n", { "-a 3600 A 192.0.2.1" }, "a A 192.0.2.1\nc A 192.0.2.3\n", "-a 3600 A 192.0.2.1 |  c 3600 A 192.0.2.3", 0 },
	{ "a A 192.0.2.1\n", { "~a 3600 A 192.0.2.1 => a 3600 A 192.0.2.2" }, "a A 192.0.2.1\nc A 192.0.2.3\n",
		"~a 3600 A 192.0.2.2 |  c 3600 A 192.0.2.3", 0 },
	/* Both did the same: nothing is left to do. */
	{ "a A 192.0.2.1\n", { "~a 3600 A 192.0.2.1 => a 3600 A 192.0.2.2" }, "a A 192.0.2.2\n", " a 3600 A 192.0.2.2", 0 },
	{ "a A 192.0.2.1\n", { "-a 3600 A 192.0.2.1" }, "", "", 0 },
	{ "", { "+a 3600 A 192.0.2.1" }, "a A 192.0.2.1\n", " a 3600 A 192.0.2.1", 0 },
	/* Both changed the same record: mine goes onto theirs, marked. */
	{ "a A 192.0.2.1\n", { "~a 3600 A 192.0.2.1 => a 3600 A 192.0.2.2" }, "a A 192.0.2.3\n", "!~a 3600 A 192.0.2.2", 1 },
	{ "a A 192.0.2.1\n", { "-a 3600 A 192.0.2.1" }, "a A 192.0.2.3\n", "!-a 3600 A 192.0.2.3", 1 },
	{ "a A 192.0.2.1\n", { "~a 3600 A 192.0.2.1 => a 60 A 192.0.2.1" }, "a 300 A 192.0.2.1\n", "!~a 60 A 192.0.2.1", 1 },
	/* They deleted what I changed: it is new now. */
	{ "a A 192.0.2.1\n", { "~a 3600 A 192.0.2.1 => a 3600 A 192.0.2.2" }, "", "!+a 3600 A 192.0.2.2", 1 },
	/* Both added to an RRset. */
	{ "", { "+a 3600 A 192.0.2.1" }, "a A 192.0.2.2\n", "!+a 3600 A 192.0.2.1 |  a 3600 A 192.0.2.2", 1 },
	/* They changed where my record moves to. */
	{ "a A 192.0.2.1\n", { "~a 3600 A 192.0.2.1 => b 3600 A 192.0.2.1" }, "a A 192.0.2.1\nb A 192.0.2.9\n",
		"!~b 3600 A 192.0.2.1 |  b 3600 A 192.0.2.9", 1 },
};

static void
rebase(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rebases / sizeof rebases[0]; i++) {
		struct buf    text = { 0 }, got = { 0 };
		struct draft *from, *to;
		size_t        conflicts;

		buf_putf(&text, "%s%s", HEAD, rebases[i].base);
		from = draft_of(buf_str(&text));
		for (size_t s = 0; s < 3 && rebases[i].mine[s] != NULL; s++)
			edit(from, rebases[i].mine[s]);
		buf_reset(&text);
		buf_putf(&text, "%s%s", HEAD, rebases[i].theirs);
		to = draft_of(buf_str(&text));
		conflicts = draft_rebase(to, from);
		draft_free(from);
		rows_print(&got, to);
		assert_string_equal(buf_str(&got), rebases[i].want);
		assert_int_equal(conflicts, rebases[i].conflicts);
		while (draft_undo(to))
			;
		assert_false(draft_dirty(to));
		draft_free(to);
		buf_done(&text);
		buf_done(&got);
	}
}

/* ---- at random ---- */

static uint64_t rng;

static unsigned
rnd(unsigned n)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (unsigned)((rng >> 20) % n);
}

#define PICK(array) ((array)[rnd(sizeof(array) / sizeof((array)[0]))])

static const char *const owners[] = { "@", "a", "A", "b", "x.b", "*.w" };
static const char *const values[] = { "A 192.0.2.1", "A 192.0.2.2", "A 192.0.2.3", "AAAA ::1", "TXT \"x\"", "TXT \"X\"", "MX 10 a", "MX 10 A", "MX 20 b" };

static struct row_data
random_data(struct draft *draft)
{
	char line[200];

	snprintf(line, sizeof line, "%s %u %s%s", PICK(owners), 60 * (1 + rnd(3)), PICK(values), rnd(3) == 0 ? " ; c" : "");
	return data_of(draft, line);
}

static void
random_edit(struct draft *draft)
{
	struct row     *row = draft->rows[rnd((unsigned)draft->row_count)];
	struct row_data data = random_data(draft);
	unsigned        what = rnd(10);

	if (what < 3 && !draft_has(draft, &data, NULL))
		draft_add(draft, &data);
	else if (what < 6 && row->state != ROW_DELETED && row->now.type != TYPE_SOA && row->now.type != TYPE_NS && !draft_has(draft, &data, row))
		draft_change(draft, row, &data);
	else if (what < 8 && row->now.type != TYPE_SOA && row->now.type != TYPE_NS)
		draft_toggle(draft, row);
	else if (what == 9)
		draft_undo(draft);
}

/* The zone that the rows show, but for the serial. */
static struct zone *
zone_shown(const struct draft *draft, uint32_t serial)
{
	struct zone_builder *builder = zone_builder_new(draft->apex);
	struct zone         *plain, *zone;

	for (size_t i = 0; i < draft->row_count; i++) {
		const struct row_data *now = &draft->rows[i]->now;

		if (draft->rows[i]->state != ROW_DELETED)
			zone_builder_add(builder, &(struct rr){ now->owner, now->type, now->rdlen, now->ttl, now->rdata });
	}
	plain = zone_builder_finish(builder);
	zone = zone_with_serial(plain, serial);
	zone_free(plain);
	return zone;
}

static void
change_gives_what_is_shown(const struct draft *draft, uint64_t seed)
{
	struct arena *arena = arena_new();
	struct diff  *diff;
	struct err    err = { 0 };
	struct zone  *got = change_apply(draft_to_change(draft, arena), draft->base, true, 0, arena, &diff, &err), *want;

	if (got == NULL)
		fail_msg("seed %llu: %s", (unsigned long long)seed, err.text);
	want = zone_shown(draft, zone_serial(got));
	if (!zone_equal(got, want)) {
		struct buf text = { 0 };

		rows_print(&text, draft);
		buf_puts(&text, "\n");
		diff_print(&text, diff);
		fail_msg("seed %llu: %s", (unsigned long long)seed, buf_str(&text));
	}
	zone_free(got);
	zone_free(want);
	arena_free(arena);
}

static char *
random_zone(void)
{
	struct buf text = { 0 };

	buf_puts(&text, HEAD);
	for (unsigned n = rnd(8); n > 0; n--)
		buf_putf(&text, "%s %s%s\n", PICK(owners), PICK(values), rnd(3) == 0 ? " ; c" : "");
	return (char *)(uintptr_t)buf_str(&text);
}

static void
round_at_random(uint64_t seed)
{
	char         *text, *newer;
	struct draft *draft, *to;

	rng = seed * 0x9e3779b97f4a7c15ULL + 1;
	text = random_zone();
	newer = random_zone();
	draft = draft_of(text);
	for (unsigned n = rnd(15); n > 0; n--) {
		random_edit(draft);
		change_gives_what_is_shown(draft, seed);
	}
	/* On another base too; marks or not, the rows are what will be. */
	to = draft_of(newer);
	draft_rebase(to, draft);
	change_gives_what_is_shown(to, seed);
	while (draft_undo(draft))
		;
	assert_false(draft_dirty(draft));
	change_gives_what_is_shown(draft, seed);
	draft_free(draft);
	draft_free(to);
	free(text);
	free(newer);
}

static void
edits_at_random(void **state)
{
	const char *seed = getenv("ZONESH_SEED"), *rounds = getenv("ZONESH_ROUNDS");
	uint64_t    first = seed != NULL ? strtoull(seed, NULL, 10) : 1, count = rounds != NULL ? strtoull(rounds, NULL, 10) : 1500;

	(void)state;
	for (uint64_t i = 0; i < count; i++)
		round_at_random(first + i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_by_hand),
		cmocka_unit_test(nothing_to_undo),
		cmocka_unit_test(a_broken_zone_is_no_draft),
		cmocka_unit_test(checks_tell),
		cmocka_unit_test(has_looks_at_what_stays),
		cmocka_unit_test(rebase),
		cmocka_unit_test(edits_at_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
