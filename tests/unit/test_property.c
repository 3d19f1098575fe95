/* SPDX-License-Identifier: ISC */
/*
 * The property that holds zone text and zones together: for any file and any change, reading the edited text gives exactly the zone that
 * applying the change gives, and every line that holds no touched record is in the new text, in order.  Files and changes are
 * random; ZONESH_SEED=N ZONESH_ROUNDS=1 repeats one round.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "zone/change.h"
#include "zone/zone.h"
#include "zone/zonefile_int.h"

#define ROUNDS 2000

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

static const char *const gaps[] = { " ", " ", "\t", "\t\t", "   ", "        ", " \t" };
static const char *const ttls[] = { "60", "300", "1h", "5m", "3600", "86400" };
static const char *const classes[] = { "IN", "in", "CLASS1" };
static const char *const owners[] = { "@", "a", "b", "c", "www", "x.y", "deep.a.b", "*.w", "odd\\.label", "_x._tcp", "WWW", "\\@", "a.sub", "\\$d" };
static const char *const comments[] = { "; a comment", ";", "; \"quote\" ( in it", ";no blank", ";\ttab" };

struct sample { const char *type, *rdata; };
static const struct sample samples[] = {
	{ "A", "192.0.2.1" }, { "A", "192.0.2.2" }, { "A", "192.0.2.3" }, { "a", "\\# 4 C0000201" }, { "AAAA", "2001:db8::1" },
	{ "AAAA", "2001:DB8:0::2" }, { "TXT", "\"one\" \"two words\"" }, { "TXT", "bare" }, { "TXT", "\"a;b(c)\\\"d\\\\\"" }, { "txt", "\"\\195\\188\"" },
	{ "MX", "10 mail" }, { "MX", "20 mail.example.org." }, { "MX", "0 ." }, { "NS", "ns.example.net." }, { "NS", "ns1" }, { "SRV", "1 2 5060 sip" },
	{ "CAA", "0 issue \"ca.example.net\"" }, { "TYPE65400", "\\# 4 DEADBEEF" }, { "CNAME", "www" }, { "PTR", "host" }, { "HTTPS", "1 . alpn=\"h2,h3\"" },
	{ "TXT", "\"one\"" }, { "SSHFP", "4 2 11501875615d4dd12bbf919011501875615d4dd12bbf919011501875615d4dd1" },
};

static const char *eol;
static bool can_be_blank;

static void
put_tail(struct buf *out)
{
	if (rnd(5) == 0)
		buf_puts(out, PICK(gaps));
	if (rnd(4) == 0)
		buf_putf(out, "%s%s", PICK(gaps), PICK(comments));
	buf_puts(out, eol);
}

/* Rdata as it is, or broken over lines in parentheses. */
static void
put_rdata(struct buf *out, const char *rdata)
{
	bool quoted = false;

	if (rnd(6) != 0) {
		buf_puts(out, rdata);
		return;
	}
	buf_puts(out, "(");
	for (; *rdata != '\0'; rdata++) {
		if (*rdata == '\\') {
			buf_put(out, rdata++, 2);
			continue;
		}
		quoted ^= *rdata == '"';
		if (*rdata != ' ' || quoted)
			buf_putc(out, *rdata);
		else if (rnd(2) == 0)
			buf_putf(out, " %s%s\t", rnd(2) == 0 ? PICK(comments) : "", eol);
		else
			buf_puts(out, "  ");
	}
	buf_puts(out, rnd(2) == 0 ? " )" : ")");
}

static void
put_ttl_class(struct buf *out)
{
	bool ttl = rnd(5) < 2, class = rnd(4) == 0, ttl_first = rnd(2) == 0;

	if (ttl && ttl_first)
		buf_putf(out, "%s%s", PICK(ttls), PICK(gaps));
	if (class)
		buf_putf(out, "%s%s", PICK(classes), PICK(gaps));
	if (ttl && !ttl_first)
		buf_putf(out, "%s%s", PICK(ttls), PICK(gaps));
}

static void
put_owner(struct buf *out, bool apex)
{
	if (apex)
		buf_puts(out, "example.org.");
	else if (can_be_blank && rnd(3) == 0)
		buf_puts(out, "");
	else if (rnd(4) == 0)
		buf_putf(out, "%s.example.org.", owners[1 + rnd(sizeof owners / sizeof owners[0] - 1)]);
	else
		buf_puts(out, PICK(owners));
	buf_puts(out, PICK(gaps));
	can_be_blank = true;
}

static void
put_soa(struct buf *out)
{
	put_owner(out, true);
	put_ttl_class(out);
	if (rnd(2) == 0)
		buf_putf(out, "SOA ns1 hostmaster %u 7200 3600 1209600 %s", 1 + rnd(5), PICK(ttls));
	else
		buf_putf(out, "SOA ns1 hostmaster (%s  %u ; serial%s\t2h 1h 2w %s )", eol, 8 + rnd(3), eol, PICK(ttls));
	put_tail(out);
}

static void
put_line(struct buf *out)
{
	const struct sample *sample = &PICK(samples);

	switch (rnd(24)) {
	case 0:
		buf_putf(out, "$ORIGIN %s%s", rnd(2) == 0 ? "example.org." : "sub.example.org.", eol);
		return;
	case 1:
		if (rnd(3) == 0)
			buf_putf(out, "$TTL %s%s", PICK(ttls), eol);
		return;
	case 2:
		buf_putf(out, "%s%s", PICK(comments), eol);
		return;
	case 3:
		buf_puts(out, eol);
		return;
	case 4:
		if (rnd(4) == 0)
			buf_putf(out, "$GENERATE 1-3 gen$ %s 192.0.2.$%s", rnd(2) == 0 ? "A" : "300 IN A", eol);
		return;
	default:
		put_owner(out, false);
		put_ttl_class(out);
		buf_putf(out, "%s%s", sample->type, PICK(gaps));
		put_rdata(out, sample->rdata);
		put_tail(out);
	}
}

static void
make_file(struct buf *out)
{
	unsigned lines = rnd(25);
	bool     soa_first = rnd(5) != 0;

	eol = rnd(8) == 0 ? "\r\n" : "\n";
	can_be_blank = false;
	if (rnd(10) == 0)
		buf_puts(out, "\xef\xbb\xbf");
	if (rnd(3) == 0)
		buf_putf(out, "; zone example.org%s%s", eol, eol);
	buf_putf(out, "$ORIGIN example.org.%s", eol);
	if (rnd(2) == 0)
		buf_putf(out, "$TTL %s%s", PICK(ttls), eol);
	if (soa_first)
		put_soa(out);
	while (lines-- > 0)
		put_line(out);
	if (!soa_first)
		put_soa(out);
	if (rnd(6) == 0)
		while (out->len > 0 && strchr("\r\n", out->data[out->len - 1]) != NULL)
			out->len--;
}

static void
add_text_item(struct buf *script, struct zone *zone)
{
	const struct sample *sample = &PICK(samples);
	struct zone_walk     walk = { 0 };
	struct rr            rr, chosen = { 0 };
	char                 owner[NAME_TEXT_MAX], type[16];
	unsigned             seen = 0;

	while (zone_walk(zone, &walk, &rr))
		if (rnd(++seen) == 0)
			chosen = rr;
	name_print(owner, chosen.owner);
	rr_type_print(type, chosen.type);
	switch (rnd(8)) {
	case 0:
		buf_putf(script, "delete %s\n", owner);
		return;
	case 1:
		buf_putf(script, "delete %s %s\n", owner, type);
		return;
	case 2: case 3:
		buf_putf(script, "delete %s %s ", owner, type);
		rdata_print(script, chosen.type, chosen.rdata, chosen.rdlen, NULL);
		buf_puts(script, "\n");
		return;
	case 4:         /* the same record, another TTL */
		buf_putf(script, "add %s %s %s ", owner, PICK(ttls), type);
		rdata_print(script, chosen.type, chosen.rdata, chosen.rdlen, NULL);
		buf_puts(script, "\n");
		return;
	case 5:
		buf_putf(script, "add @ %s SOA ns2 hostmaster %u 7200 3600 1209600 %u\n", PICK(ttls), 1 + rnd(30), 60 + rnd(3) * 240);
		return;
	default:
		buf_putf(script, "add %s %s %s %s\n", rnd(2) == 0 ? owner : PICK(owners), PICK(ttls), sample->type, sample->rdata);
	}
}

static struct diff *
make_diff(struct arena *arena, struct zone *zone, struct zone **result)
{
	struct buf     script = { 0 };
	struct err     err = { 0 };
	struct change *change;
	struct diff   *diff;

	for (unsigned n = 1 + rnd(4); n > 0; n--)
		add_text_item(&script, zone);
	change = change_parse(arena, zone_apex(zone), buf_str(&script), &err);
	if (change == NULL)
		fail_msg("%s: %s", err.text, buf_str(&script));
	*result = change_apply(change, zone, false, 20261123, arena, &diff, &err);
	if (*result == NULL)
		fail_msg("%s: %s", err.text, buf_str(&script));
	for (size_t i = 0; i < diff->count; i++)
		if (diff->items[i].add && rnd(4) == 0)
			diff->items[i].comment = "said so";
	buf_done(&script);
	return diff;
}

static bool
touches(const struct diff *diff, const struct rr *rr)
{
	for (size_t i = 0; i < diff->count; i++)
		if (diff->items[i].rr.type == rr->type && name_equal(diff->items[i].rr.owner, rr->owner))
			return true;
	return false;
}

/* Find the line(s) from OFF to END, without the newline, at the start of a line of NEW from *AT on. */
static bool
find_lines(const struct buf *new, size_t *at, const char *text, uint32_t off, uint32_t end)
{
	while (end > off && strchr("\r\n", text[end - 1]) != NULL)
		end--;
	for (size_t pos = *at; pos + (end - off) <= new->len; pos++) {
		size_t stop = pos + (end - off);

		if ((pos > 0 && new->data[pos - 1] != '\n' && new->data[pos - 1] != 0xbf) || memcmp(new->data + pos, text + off, end - off) != 0)
			continue;
		if (stop < new->len && strchr("\r\n", new->data[stop]) == NULL)
			continue;
		*at = stop;
		return true;
	}
	return false;
}

static bool
gap_stands(const struct zonefile *file, const struct buf *new, size_t *at, uint32_t off, uint32_t end)
{
	while (off < end) {
		const char *nl = memchr(file->text + off, '\n', end - off);
		uint32_t    stop = nl != NULL ? (uint32_t)(nl - file->text) + 1 : end;

		if (!find_lines(new, at, file->text, off, stop))
			return false;
		off = stop;
	}
	return true;
}

/* Lines that hold no touched record stand as they were; those that lean on a touched one may have got its owner or TTL. */
static bool
lines_stand(const struct zonefile *file, const struct diff *diff, const struct buf *new)
{
	uint32_t pos = file->body;      /* behind the byte order mark */
	size_t   at = file->body, fixed = 0;

	for (size_t i = 0; i < file->entry_count; i++) {
		const struct entry *entry = &file->entries[i];
		bool                touched = false;

		if (!gap_stands(file, new, &at, pos, entry->off))
			return false;
		pos = entry->end;
		for (uint32_t k = 0; k < entry->count && (entry->kind == ENTRY_RR || entry->kind == ENTRY_GENERATE); k++)
			touched |= touches(diff, &file->rrs[entry->first + k].rr);
		if (touched || find_lines(new, &at, file->text, entry->off, entry->end))
			continue;
		if (entry->kind != ENTRY_GENERATE && (entry->kind != ENTRY_RR || ((entry->flags & ENTRY_TTL_EXPLICIT) != 0 &&
		    (entry->flags & ENTRY_BLANK_OWNER) == 0)))
			return false;
		fixed++;
	}
	return gap_stands(file, new, &at, pos, file->len) && fixed <= 2 * diff->count;
}

static void
one_round(uint64_t seed)
{
	struct zonefile_opts opts = { 0 };
	struct arena        *arena = arena_new();
	struct buf           text = { 0 }, edited = { 0 };
	struct report        report, again;
	struct zonefile     *file, *second;
	struct zone         *zone, *want, *got;
	struct diff         *diff;
	uint8_t              apex[NAME_SIZE];

	rng = seed * 0x9e3779b97f4a7c15u + 1;
	assert_true(name_parse_zone(apex, "example.org", NULL));
	opts.apex = apex;
	make_file(&text);
	report_init(&report);
	report_init(&again);
	file = zonefile_parse(buf_str(&text), text.len, &opts, &report);
	if (report.errors > 0)
		fail_msg("seed %llu: line %u: %s\n%s", (unsigned long long)seed, report.findings[0].line, report.findings[0].text, buf_str(&text));
	zone = zonefile_zone(file);
	diff = make_diff(arena, zone, &want);
	zonefile_edit(&edited, file, diff);
	second = zonefile_parse(buf_str(&edited), edited.len, &opts, &again);
	got = zonefile_zone(second);
	if (again.errors > 0 || !zone_equal(want, got) || !lines_stand(file, diff, &edited)) {
		struct buf items = { 0 }, wrong = { 0 };

		diff_print(&items, diff);
		diff_print(&wrong, diff_zones(arena, want, got));
		fail_msg("seed %llu: %s\n--- before\n%s\n--- difference\n%s--- after\n%s\n--- wrong\n%s", (unsigned long long)seed,
		    again.errors > 0 ? again.findings[0].text : zone_equal(want, got) ? "lines changed" : "zones differ",
		    buf_str(&text), buf_str(&items), buf_str(&edited), buf_str(&wrong));
	}
	buf_reset(&edited);
	zonefile_edit(&edited, file, diff_new(arena, apex));
	assert_int_equal(edited.len, text.len);
	assert_memory_equal(edited.data, text.data, text.len);
	zone_free(zone);
	zone_free(want);
	zone_free(got);
	zonefile_free(file);
	zonefile_free(second);
	report_done(&report);
	report_done(&again);
	buf_done(&text);
	buf_done(&edited);
	arena_free(arena);
}

static void
test_edit_is_apply(void **state)
{
	const char        *first = getenv("ZONESH_SEED"), *count = getenv("ZONESH_ROUNDS");
	unsigned long long seed = first != NULL ? strtoull(first, NULL, 10) : 1;
	unsigned long long end = seed + (count != NULL ? strtoull(count, NULL, 10) : ROUNDS);

	(void)state;
	for (; seed < end; seed++)
		one_round(seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_edit_is_apply) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
