/* SPDX-License-Identifier: ISC */
/*
 * The three ways to change a zone, each as a function from the zone as it is to the zone and text that are to be.
 */
#include "store/submit_work.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "store/identity.h"
#include "store/merge.h"
#include "zone/check.h"
#include "zone/serial.h"

void
step_done(struct step *step)
{
	zone_free(step->zone);
	buf_done(&step->text);
	*step = (struct step){ 0 };
}

/* The zone of the file, with the serial that was last served where that is newer: what the next serial follows.  The batch keeps it. */
static struct zone *
raised(struct batch *batch, struct work *work)
{
	struct zone *zone;

	if (!serial_newer(work->served, zone_serial(work->zone)))
		return work->zone;
	zone = zone_with_serial(work->zone, work->served);
	batch_keep(batch, zone);
	return zone;
}

/* A copy of ZONE (taken) with the serial that is to be published: its own when that is newer than all before. */
static struct zone *
with_next_serial(struct batch *batch, const struct work *work, struct zone *zone)
{
	uint32_t     old = work->zone != NULL ? zone_serial(work->zone) : work->served, serial;
	struct zone *result;

	if (serial_newer(work->served, old))
		old = work->served;
	serial = old == 0 || serial_newer(zone_serial(zone), old) ? zone_serial(zone) : serial_next(old, batch->today);
	if (serial == zone_serial(zone))
		return zone;
	result = zone_with_serial(zone, serial);
	zone_free(zone);
	return result;
}

/* DIFF began at the raised zone: make it begin at the file's, which has the same records but for the serial. */
static struct diff *
lowered(const struct work *work, struct diff *diff)
{
	struct rrset set;
	uint32_t     at = 0;

	for (size_t i = 0; i < diff->count; i++) {
		struct rr *rr = &diff->items[i].rr;

		if (rr->type == TYPE_SOA && !diff->items[i].add && zone_find(work->zone, work->apex, TYPE_SOA, &set))
			rrset_next(&set, &at, &rr->rdata, &rr->rdlen);
	}
	diff->serial_old = zone_serial(work->zone);
	return diff;
}

/* ---- bases ---- */

/* Who made the newest change to the file, for people who ran into it. */
static bool
conflict_err(struct batch *batch, const struct work *work, const struct merge_conflicts *conflicts, struct err *err)
{
	const struct merge_conflict *first = &conflicts->items[0];
	const struct log_entry      *last = store_last(batch->store, work->file);
	char                         owner[NAME_TEXT_MAX], type[16], when[24], more[32] = "";

	name_print_rel(owner, first->owner, work->apex);
	str_time(when, last->time_s);
	if (conflicts->count > 1)
		snprintf(more, sizeof more, " and %zu more", conflicts->count - 1);
	err_set(err, ERR_CONFLICT, "%s %s%s changed in %s since you began; the last change there is %.12s by %s at %s", owner,
	    rr_type_print(type, first->type), more, work->name, last->commit, last->author, when);
	return err_hint(err, "look at what it is now, and make your change again where it is still wanted");
}

/* The zone that the author of a change looked at, or NULL: none is named, or it is the one of now.  *OK false: it cannot be had (ERR_CONFLICT). */
static struct zone *
read_base(struct batch *batch, const struct work *work, const char *base, bool *ok, struct err *err)
{
	struct zone *zone;

	*ok = true;
	if (base == NULL || base[0] == '\0' || (!work->moved && work->file != NULL && strcmp(base, work->file->blob) == 0))
		return NULL;
	zone = store_read_zone(batch->store, work->apex, base);
	if (zone == NULL) {
		*ok = err_set(err, ERR_CONFLICT, "the version of %s that the change began from is not known here", work->name);
		err_hint(err, "start again from the zone as it is");
	}
	return zone;
}

static bool
rebase_change(struct batch *batch, const struct work *work, const struct job *job, const struct change **change, struct err *err)
{
	struct merge_conflicts conflicts = { .arena = batch->arena };
	bool                   ok;
	struct zone           *base = read_base(batch, work, job->submit.base, &ok, err);

	if (base == NULL)
		return ok;
	*change = merge_change(base, work->zone, *change, batch->arena, &conflicts);
	zone_free(base);
	return conflicts.count == 0 || conflict_err(batch, work, &conflicts, err);
}

/* ---- a change ---- */

static bool
zone_usable(const struct work *work, const struct job *job, struct err *err)
{
	if (!work->exists)
		return err_set(err, ERR_NOTFOUND, "no zone %s", work->name);
	if (!work->broken)
		return true;
	err_set(err, job->update ? ERR_BUSY : ERR_CHECK, "the file of zone %s does not load: %.300s", work->name,
	    work->file->problem != NULL ? work->file->problem->text : "");
	return err_hint(err, "put it right in git, or by: zone import --replace %s", work->name);
}

bool
step_change(struct batch *batch, struct work *work, struct job *job, struct step *step, struct err *err)
{
	const struct policy *policy = identity_policy(batch->store, work->name);
	enum access          access = identity_access(batch->store, &job->who, work->name);
	const struct change *change = job->submit.change;
	struct zone         *base;
	struct diff         *diff;

	if (!zone_usable(work, job, err) || !policy_allows_change(policy, &job->who, access, change, err) ||
	    !rebase_change(batch, work, job, &change, err))
		return false;
	policy_set_ttl(policy, &job->who, (struct change *)(uintptr_t)change);
	base = raised(batch, work);
	step->zone = change_apply(change, base, !job->update, batch->today, batch->arena, &diff, err);
	if (step->zone == NULL)
		return false;
	if (diff_empty(diff) && zone_serial(step->zone) == zone_serial(base)) {
		step->diff = diff;
		return true;
	}
	step->diff = lowered(work, diff);
	check_change(step->zone, step->diff, &job->result.report);
	if (!report_err(&job->result.report, work->name, err))
		return false;
	zonefile_edit(&step->text, work->parsed, step->diff);
	return true;
}

/* ---- whole texts ---- */

/* Does TEXT, read as files of the store are, make ZONE?  Then the file, else NULL. */
static struct zonefile *
reads_as(const struct work *work, const char *text, size_t len, const struct zone *zone)
{
	struct zonefile_opts opts = { .apex = work->apex };
	struct report        report;
	struct zonefile     *file;
	struct zone         *read;
	bool                 same;

	report_init(&report);
	file = zonefile_parse(text, len, &opts, &report);
	read = report.errors == 0 ? zonefile_zone(file) : NULL;
	same = read != NULL && zone_equal(read, zone);
	zone_free(read);
	report_done(&report);
	if (same)
		return file;
	zonefile_free(file);
	return NULL;
}

/* TEXT as a file of the store: as it is, with an $ORIGIN before it, or written anew when both would mean something else. */
static struct zonefile *
as_file(const struct work *work, const char *text, size_t len, const struct zone *zone)
{
	struct zonefile *file = reads_as(work, text, len, zone);
	struct buf       buf = { 0 };
	char             apex[NAME_TEXT_MAX];

	if (file == NULL) {
		name_print(apex, work->apex);
		buf_putf(&buf, "$ORIGIN %s\n", apex);
		buf_put(&buf, text, len);
		file = reads_as(work, buf_str(&buf), buf.len, zone);
	}
	if (file == NULL) {
		buf_reset(&buf);
		zonefile_write(&buf, zone);
		file = reads_as(work, buf_str(&buf), buf.len, zone);
	}
	buf_done(&buf);
	return file;
}

/* The text that was given, which made GIVEN, as the file that makes ZONE: the same records but for the serial. */
static bool
write_given(struct batch *batch, const struct work *work, const struct job *job, const struct zone *given, const struct zone *zone,
    struct buf *out, struct err *err)
{
	size_t           skip = str_after(job->submit.text, "\xef\xbb\xbf") != NULL ? 3 : 0;    /* a byte order mark: other text may go before it */
	struct zonefile *file = as_file(work, job->submit.text + skip, job->submit.text_len - skip, given);

	if (file == NULL)
		return err_set(err, ERR_FAILED, "zone %s cannot be written as a file", work->name);
	zonefile_edit(out, file, diff_zones(batch->arena, given, zone));
	zonefile_free(file);
	return true;
}

/* Read what was given, as zone files are read elsewhere: relative names are below the zone. */
static struct zone *
read_given(const struct work *work, struct job *job, struct err *err)
{
	struct zone *zone = store_parse_zone(work->apex, work->apex, job->submit.text, job->submit.text_len, &job->result.report);

	if (zone == NULL)
		report_err(&job->result.report, work->name, err);
	return zone;
}

static bool
may_create(struct batch *batch, const struct work *work, const struct job *job, struct err *err)
{
	if (identity_access(batch->store, &job->who, work->name) == ACCESS_OWNER)
		return true;
	err_set(err, ERR_DENIED, "%s may not create zone %s", job->who.display[0] != '\0' ? job->who.display : job->who.name, work->name);
	return err_hint(err, "an administrator can, or can make you its owner in users/<e-mail>");
}

/* Names like 0/25.2.0.192.in-addr.arpa or x._keys would be another kind of file. */
static bool
has_file_name(const struct work *work, struct err *err)
{
	char path[NAME_TEXT_MAX], name[NAME_TEXT_MAX];

	if (file_is_reserved(work->name)) {
		err_set(err, ERR_SYNTAX, "the zone name %s is reserved: the repository keeps something else at %s", work->name, work->name);
		return err_hint(err, "users and policy are its directories, and what ends in _keys is a file of TSIG keys; choose another name");
	}
	file_zone_path(path, work->name);
	if (file_kind(path, name) == FILE_ZONE && strcmp(name, work->name) == 0 && work->name[0] != '.')
		return true;
	err_set(err, ERR_USAGE, "a zone called %s cannot be kept: no file can have its name", work->name);
	return err_hint(err, "labels of letters, digits, '-' and '_'; for RFC 2317 use a name without '/', such as 0-25.2.0.192.in-addr.arpa");
}

bool
step_create(struct batch *batch, struct work *work, struct job *job, struct step *step, struct err *err)
{
	struct zone *given;

	if (!may_create(batch, work, job, err) || !has_file_name(work, err))
		return false;
	if (work->exists) {
		err_set(err, ERR_EXISTS, "zone %s is there already", work->name);
		return err_hint(err, "to replace what is in it: zone import --replace %s", work->name);
	}
	given = read_given(work, job, err);
	if (given == NULL)
		return false;
	batch_keep(batch, given);
	step->zone = with_next_serial(batch, work, zone_with_serial(given, zone_serial(given)));
	step->diff = diff_zones(batch->arena, NULL, step->zone);
	return write_given(batch, work, job, given, step->zone, &step->text, err);
}

/* In place of a file that does not load: there is nothing to edit. */
static bool
replace_broken(struct batch *batch, struct work *work, struct job *job, struct zone *given, struct step *step, struct err *err)
{
	batch_keep(batch, given);
	step->zone = with_next_serial(batch, work, zone_with_serial(given, zone_serial(given)));
	step->diff = diff_zones(batch->arena, work->zone, step->zone);
	return write_given(batch, work, job, given, step->zone, &step->text, err);
}

/* Is OUT what the file says now? */
static bool
is_text(struct batch *batch, const struct work *work, struct buf *out)
{
	struct buf now = { 0 };
	bool       same;

	zonefile_edit(&now, work->parsed, diff_new(batch->arena, work->apex));
	same = now.len == out->len && memcmp(buf_str(&now), buf_str(out), out->len) == 0;
	buf_done(&now);
	return same;
}

/* In place of the file as it is: all of the text that was given, but for the serial.  Comments and layout alone make no new serial. */
static bool
replace_text(struct batch *batch, struct work *work, struct job *job, struct zone *given, struct step *step, struct err *err)
{
	bool         records = !diff_empty(diff_zones(batch->arena, work->zone, given)), same;
	struct zone *now;

	batch_keep(batch, given);
	if (!records) {
		now = zone_with_serial(given, zone_serial(work->zone));
		batch_keep(batch, now);
		if (!write_given(batch, work, job, given, now, &step->text, err))
			return false;
		same = is_text(batch, work, &step->text);
		buf_reset(&step->text);
		if (same) {
			step->diff = diff_new(batch->arena, work->apex);
			return true;
		}
	}
	step->zone = zone_with_serial(given, records ? zone_serial(given) : zone_serial(raised(batch, work)));
	if (records)
		step->zone = with_next_serial(batch, work, step->zone);
	step->diff = diff_zones(batch->arena, work->zone, step->zone);
	check_change(step->zone, step->diff, &job->result.report);
	return report_err(&job->result.report, work->name, err) && write_given(batch, work, job, given, step->zone, &step->text, err);
}

/* What was made of an older version, BASE: merged with what happened since, in place. */
static bool
replace_merged(struct batch *batch, struct work *work, struct job *job, const struct zone *base, const struct zone *given, struct step *step,
    struct err *err)
{
	struct merge_conflicts conflicts = { .arena = batch->arena };
	struct zone           *merged = merge_zones(base, work->zone, given, NULL, NULL, &conflicts);

	batch_keep(batch, merged);
	if (conflicts.count != 0)
		return conflict_err(batch, work, &conflicts, err);
	if (diff_empty(diff_zones(batch->arena, work->zone, merged))) {
		step->diff = diff_new(batch->arena, work->apex);
		return true;
	}
	step->zone = with_next_serial(batch, work, zone_with_serial(merged, zone_serial(merged)));
	step->diff = diff_zones(batch->arena, work->zone, step->zone);
	check_change(step->zone, step->diff, &job->result.report);
	if (!report_err(&job->result.report, work->name, err))
		return false;
	zonefile_edit(&step->text, work->parsed, step->diff);
	return true;
}

bool
step_replace(struct batch *batch, struct work *work, struct job *job, struct step *step, struct err *err)
{
	struct zone *given, *base;
	bool         ok;

	if (!work->exists)
		return step_create(batch, work, job, step, err);
	given = read_given(work, job, err);
	if (given == NULL)
		return false;
	if (work->broken)
		return replace_broken(batch, work, job, given, step, err);
	base = read_base(batch, work, job->submit.base, &ok, err);
	if (ok && base == NULL)
		return replace_text(batch, work, job, given, step, err);
	ok = ok && replace_merged(batch, work, job, base, given, step, err);
	zone_free(base);
	zone_free(given);
	return ok;
}
