/* SPDX-License-Identifier: ISC */
/*
 * zone import: a zone file from standard input becomes the zone, or with --merge a part of it (product.md 3.6).
 */
#include <string.h>

#include "base/str.h"
#include "sshd/cmd_write.h"
#include "sshd/import.h"
#include "zone/change.h"

#define LINES_SHOWN 12          /* numbers of skipped lines */

const struct cmd_option import_options[] = {
	{ "replace", 0, false, NULL, "the zone becomes what the file says; this is the default" },
	{ "merge", 0, false, NULL, "only add the file's records to those of the zone" },
	{ "name", 0, false, "FILE", "what to call the input in findings" },
	{ 0 }
};

/* What servers make themselves: signatures and what belongs to them. */
static const uint16_t made_types[] = { TYPE_RRSIG, TYPE_NSEC, TYPE_DNSKEY, 50 /* NSEC3 */, 51 /* NSEC3PARAM */, 59 /* CDS */, 60 /* CDNSKEY */, 65534 };

static bool
is_made(uint16_t type)
{
	for (size_t i = 0; i < sizeof made_types / sizeof made_types[0]; i++)
		if (made_types[i] == type)
			return true;
	return false;
}

/* import->kept, and how many records it lacks. */
static size_t
keep(struct import *import)
{
	struct zone_builder *builder = zone_builder_new(import->apex);
	struct zone_walk     walk = { 0 };
	struct rr            rr;
	size_t               skipped = 0;

	while (zone_walk(import->zone, &walk, &rr)) {
		if (is_made(rr.type))
			skipped++;
		else
			zone_builder_add(builder, &rr);
	}
	import->kept = zone_builder_finish(builder);
	return skipped;
}

/* "line 12, 44: RRSIG, NSEC". */
static void
skipped_text(struct buf *out, const struct import *import)
{
	uint16_t types[sizeof made_types / sizeof made_types[0]];
	size_t   type_count = 0, lines = 0;

	for (size_t i = 0; i < zonefile_count(import->file); i++) {
		const struct zonefile_rr *at = zonefile_at(import->file, i);
		size_t                    t = 0;

		if (!is_made(at->rr.type))
			continue;
		if (lines < LINES_SHOWN)
			buf_putf(out, "%s%u", lines == 0 ? "line " : ", ", at->line);
		else if (lines == LINES_SHOWN)
			buf_puts(out, ", ...");
		lines++;
		while (t < type_count && types[t] != at->rr.type)
			t++;
		if (t == type_count)
			types[type_count++] = at->rr.type;
	}
	for (size_t t = 0; t < type_count; t++) {
		char type[16];

		buf_putf(out, "%s%s", t == 0 ? ": " : ", ", rr_type_print(type, types[t]));
	}
}

/* The text to store: what was skipped is taken out, the rest keeps its layout; and names mean the same from the root. */
static void
stored_text(struct run *run, struct buf *out, const struct import *import, size_t skipped)
{
	if (!import_is_absolute(import)) {
		char apex[NAME_TEXT_MAX];

		name_print(apex, import->apex);
		buf_putf(out, "$ORIGIN %s\n", apex);
	}
	if (skipped != 0)
		zonefile_edit(out, import->file, diff_zones(run->arena, import->zone, import->kept));
	else
		buf_put(out, import->text, import->len);
}

/* All records but the SOA as additions. */
static struct change *
merge_change(struct run *run, const struct import *import)
{
	struct change *change = change_new(run->arena, import->apex);

	for (size_t i = 0; i < zonefile_count(import->file); i++) {
		const struct zonefile_rr *at = zonefile_at(import->file, i);

		if (at->rr.type == TYPE_SOA || is_made(at->rr.type))
			continue;
		change_add_item(change, &(struct change_item){ .op = CHANGE_ADD, .owner = at->rr.owner, .type = at->rr.type, .ttl = at->rr.ttl,
		    .rdata = at->rr.rdata, .rdlen = at->rr.rdlen, .comment = at->comment[0] != '\0' ? at->comment : NULL });
	}
	return change;
}

/* ---- the report ---- */

static unsigned
count_lines(const struct import *import)
{
	unsigned lines = 0;

	for (size_t i = 0; i < import->len; i++)
		lines += import->text[i] == '\n';
	return lines + (import->len != 0 && import->text[import->len - 1] != '\n');
}

/* The file's SOA when the store had to give the zone another serial. */
static const struct zonefile_rr *
soa_changed(const struct import *import, const struct submit_result *result)
{
	for (size_t i = 0; i < zonefile_count(import->file); i++) {
		const struct zonefile_rr *at = zonefile_at(import->file, i);

		if (at->rr.type == TYPE_SOA && result->changed && rdata_soa_serial(at->rr.rdata, at->rr.rdlen) != result->serial)
			return at;
	}
	return NULL;
}

static void
report_table(struct run *run, const struct import *import, const struct submit_result *result, size_t skipped)
{
	const struct zonefile_rr *soa = run_option(run, "merge") == NULL ? soa_changed(import, result) : NULL;
	size_t                    records = zonefile_count(import->file);
	struct buf                text = { 0 };

	out_result(&run->out, "%s: %u line%s, %zu record%s", import->file_name, count_lines(import), str_plural(count_lines(import)), records,
	    str_plural(records));
	out_result(&run->out, "  ok       %zu", records - skipped - (soa != NULL));
	skipped_text(&text, import);
	if (skipped != 0)
		out_result(&run->out, "  skipped  %zu  %s (servers make these themselves)", skipped, buf_str(&text));
	if (soa != NULL)
		out_result(&run->out, "  changed  1  line %u: SOA serial %u became %u", soa->line, rdata_soa_serial(soa->rr.rdata, soa->rr.rdlen),
		    result->serial);
	out_result(&run->out, "  error    0");
	buf_done(&text);
}

static void
imported(struct run *run, struct import *import, struct submit_result *result)
{
	size_t skipped = 0;

	for (size_t i = 0; i < zonefile_count(import->file); i++)
		skipped += is_made(zonefile_at(import->file, i)->rr.type);
	json_put(run->json, "lines", json_integer(count_lines(import)));
	json_put(run->json, "records", json_integer((json_int_t)zonefile_count(import->file)));
	json_put(run->json, "ok_records", json_integer((json_int_t)(zonefile_count(import->file) - skipped)));
	json_put(run->json, "skipped", json_integer((json_int_t)skipped));
	import_locate(import, &result->report);
	run->report_file = import->file_name;
	if (run_option(run, "dry-run") == NULL)
		report_table(run, import, result, skipped);
	if (run_option(run, "dry-run") != NULL || !result->changed || result->serial_old != 0) {
		run_submitted(run, import->name, result);
		return;
	}
	run_result_json(run, import->name, result);
	if (!run->out.quiet)
		out_report(&run->out, &result->report, import->file_name, false);
	out_result(&run->out, "%s: new zone, +%u   serial %u   %s", import->name, zone_rr_count(import->kept), result->serial, run_short(run, result->commit));
}

static bool
import_submit(struct run *run, struct import *import)
{
	struct buf           text = { 0 };
	struct submit        submit = { .zone = import->name };
	struct submit_result result;
	bool                 ok;

	if (run_option(run, "merge") != NULL) {
		submit.mode = SUBMIT_CHANGE;
		submit.change = merge_change(run, import);
	} else {
		submit.mode = SUBMIT_REPLACE;
		stored_text(run, &text, import, keep(import));
		submit.text = buf_str(&text);
		submit.text_len = text.len;
	}
	ok = run_submit(run, &submit, &result);
	if (ok) {
		imported(run, import, &result);
		submit_result_done(&result);
	} else {
		import_locate(import, &run->report);
		run->report_file = import->file_name;
	}
	buf_done(&text);
	return ok;
}

static bool
import_text(struct run *run, struct import *import)
{
	bool merge = run_option(run, "merge") != NULL;

	import_read(import, false, !merge);
	if (import->report.errors != 0)
		return import_refuse(run, import);
	if (zonefile_count(import->file) == 0) {
		err_set(&run->err, ERR_SYNTAX, "there are no records in the input");
		return err_hint(&run->err, "give the zone file as input: zone import %s < FILE", import->name);
	}
	return import_submit(run, import);
}

bool
import_run(struct run *run)
{
	struct import import;
	char         *text = NULL;
	bool          ok;

	if (run_option(run, "merge") != NULL && run_option(run, "replace") != NULL)
		return run_usage(run, "--merge or --replace, not both");
	import_init(&import);
	if (run_option(run, "name") != NULL)
		import.file_name = run_option(run, "name");
	ok = run_zone(run, 0, import.apex, &import.name) && run_input(run, &text, &import.len);
	import.text = text;
	if (ok && str_after(text, "\xef\xbb\xbf") != NULL) {    /* a byte order mark: other text may go before it */
		import.text += 3;
		import.len -= 3;
	}
	ok = ok && import_text(run, &import);
	import_done(&import);
	return ok;
}
