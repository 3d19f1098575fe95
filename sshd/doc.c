/* SPDX-License-Identifier: ISC */
/*
 * Zones as commands see them.  The records come from the zone file rather than the zone, because only it has the comments.
 */
#include "sshd/doc.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sshd/cmd_write.h"

#define TTL_DEFAULT 3600
#define LOG_PAGE    1000        /* the store's limit for one question */

static void
doc_read(struct doc *doc)
{
	struct zonefile_opts opts = { .apex = doc->apex };

	doc->file = zonefile_parse(doc->stored.text, doc->stored.len, &opts, &doc->report);
	doc->zone = zonefile_zone(doc->file);
}

/* "2026-11-23" is the end of that day, "2026-11-23 10:44" that of that minute; UTC. */
static bool
time_parse(const char *text, int64_t *unix_s)
{
	struct tm   tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%d", &tm);
	int64_t     span = 86400;

	if (end != NULL && *end != '\0') {
		end = *end == ' ' || *end == 'T' ? strptime(end + 1, "%H:%M", &tm) : NULL;
		span = 60;
	}
	if (end == NULL || *end != '\0')
		return false;
	*unix_s = (int64_t)timegm(&tm) + span - 1;
	return true;
}

/* The newest commit of NAME that is not younger than AT, in COMMIT. */
static bool
commit_at(struct run *run, const char *name, int64_t at, char commit[static OID_TEXT_MAX])
{
	struct log_query query = { .zone = name, .owner = "", .type = "", .limit = LOG_PAGE };

	for (size_t count = LOG_PAGE; count == LOG_PAGE; query.skip += LOG_PAGE) {
		struct log_entry *entries = NULL;
		bool              found = false;

		if (!client_log(run->client, &query, &entries, &count, &run->err))
			return false;
		for (size_t i = 0; i < count && !found; i++) {
			found = entries[i].time_s <= at;
			memcpy(commit, entries[i].commit, OID_TEXT_MAX);
		}
		free(entries);
		if (found)
			return true;
	}
	return err_set(&run->err, ERR_NOTFOUND, "%s had no content yet at %s", name, run_option(run, "at"));
}

/* AT (a commit, a time, NULL for now) as a commit, "" for now. */
static bool
resolve_at(struct run *run, const char *name, const char *at, char commit[static OID_TEXT_MAX])
{
	int64_t unix_s;

	commit[0] = '\0';
	if (at == NULL)
		return true;
	if (strpbrk(at, "-: ") != NULL)
		return time_parse(at, &unix_s) ? commit_at(run, name, unix_s, commit) : run_usage(run, "--at: \"%s\" is no time", at);
	snprintf(commit, OID_TEXT_MAX, "%s", at);
	return true;
}

bool
doc_get(struct run *run, struct doc *doc, size_t word, const char *at)
{
	char commit[OID_TEXT_MAX];

	memset(doc, 0, sizeof *doc);
	report_init(&doc->report);
	if (!run_zone(run, word, doc->apex, &doc->name) || !resolve_at(run, doc->name, at, commit) ||
	    !client_zone_get(run->client, doc->name, commit, &doc->stored, &run->err))
		return false;
	if (doc->stored.broken)
		out_note(&run->out, "warning: the newest version of %s does not load: %s", doc->name, doc->stored.problem.text);
	doc_read(doc);
	return true;
}

void
doc_done(struct doc *doc)
{
	zone_free(doc->zone);
	zonefile_free(doc->file);
	zone_doc_done(&doc->stored);
	report_done(&doc->report);
}

static int
compare_ttl(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The value that stands most often in the sorted TTLS; the larger one of equals. */
static uint32_t
most_common(const uint32_t *ttls, size_t count)
{
	uint32_t best = TTL_DEFAULT;
	size_t   best_run = 0;

	for (size_t i = 0, start = 0; i < count; i++) {
		if (ttls[i] != ttls[start])
			start = i;
		if (i - start + 1 >= best_run) {
			best = ttls[i];
			best_run = i - start + 1;
		}
	}
	return best;
}

uint32_t
doc_ttl(const struct doc *doc, const uint8_t *owner, uint16_t type)
{
	struct rrset rrset;
	size_t       count = zonefile_count(doc->file);
	uint32_t    *ttls, ttl;

	if (zone_find(doc->zone, owner, type, &rrset))
		return rrset.ttl;
	ttls = mem_alloc((count + 1) * sizeof *ttls);
	for (size_t i = 0; i < count; i++)
		ttls[i] = zonefile_at(doc->file, i)->rr.ttl;
	qsort(ttls, count, sizeof *ttls, compare_ttl);
	ttl = most_common(ttls, count);
	free(ttls);
	return ttl;
}

/* ---- showing ---- */

/* SOA first, then by owner, type and data. */
static int
compare_rr(const void *a, const void *b)
{
	const struct rr *x = &(*(const struct zonefile_rr *const *)a)->rr, *y = &(*(const struct zonefile_rr *const *)b)->rr;
	int              order;

	if ((x->type == TYPE_SOA) != (y->type == TYPE_SOA))
		return x->type == TYPE_SOA ? -1 : 1;
	order = name_compare(x->owner, y->owner);
	if (order == 0 && x->type != y->type)
		order = x->type < y->type ? -1 : 1;
	return order != 0 ? order : rdata_compare(x->type, x->rdata, x->rdlen, y->rdata, y->rdlen);
}

static bool
matches(const struct doc *doc, const struct doc_filter *filter, const struct rr *rr)
{
	bool type_ok = filter->type_count == 0;

	for (size_t i = 0; i < filter->type_count; i++)
		type_ok = type_ok || filter->types[i] == rr->type;
	return type_ok && name_below(rr->owner, doc->apex) && (filter->owner == NULL || name_equal(rr->owner, filter->owner));
}

/* Pointers to the records that match, sorted; the caller frees them. */
static const struct zonefile_rr **
select_rrs(const struct doc *doc, const struct doc_filter *filter, size_t *count)
{
	const struct zonefile_rr **rrs = mem_alloc((zonefile_count(doc->file) + 1) * sizeof *rrs);

	*count = 0;
	for (size_t i = 0; i < zonefile_count(doc->file); i++)
		if (matches(doc, filter, &zonefile_at(doc->file, i)->rr))
			rrs[(*count)++] = zonefile_at(doc->file, i);
	if (*count != 0)
		qsort(rrs, *count, sizeof *rrs, compare_rr);
	return rrs;
}

/* Served: the RRset's TTL, which is the lowest of its records'. */
static uint32_t
rrset_ttl(const struct doc *doc, const struct rr *rr)
{
	struct rrset rrset;

	return zone_find(doc->zone, rr->owner, rr->type, &rrset) ? rrset.ttl : rr->ttl;
}

static void
add_row(struct table *table, const struct doc *doc, const struct zonefile_rr *from)
{
	char       owner[NAME_TEXT_MAX], type[16];
	struct buf rdata = { 0 };

	name_print_rel(owner, from->rr.owner, doc->apex);
	rdata_print(&rdata, from->rr.type, from->rr.rdata, from->rr.rdlen, doc->apex);
	if (from->comment[0] != '\0')
		buf_putf(&rdata, "  ; %s", from->comment);
	table_add(table, 0, "%s", owner);
	table_add(table, 1, "%u", rrset_ttl(doc, &from->rr));
	table_add(table, 2, "%s", rr_type_print(type, from->rr.type));
	table_add(table, 3, "%s", buf_str(&rdata));
	buf_done(&rdata);
}

/* The record joins the last RRset of ARRAY when it belongs there, else a new one (deSEC's form). */
static void
add_json(json_t *array, const struct doc *doc, const struct zonefile_rr *from, bool same)
{
	json_t    *rrset = same ? json_array_get(array, json_array_size(array) - 1) : json_object();
	struct buf rdata = { 0 };
	char       owner[NAME_TEXT_MAX], type[16];

	if (!same) {
		name_print_rel(owner, from->rr.owner, doc->apex);
		json_put(rrset, "name", json_text(owner));
		json_put(rrset, "type", json_text(rr_type_print(type, from->rr.type)));
		json_put(rrset, "ttl", json_integer(rrset_ttl(doc, &from->rr)));
		json_put(rrset, "records", json_array());
		json_put(rrset, "comment", json_text(from->comment));
		json_put(rrset, "expires", json_null());
		json_array_append_new(array, rrset);
	}
	rdata_print(&rdata, from->rr.type, from->rr.rdata, from->rr.rdlen, NULL);
	json_array_append_new(json_object_get(rrset, "records"), json_text(buf_str(&rdata)));
	if (same && json_string_length(json_object_get(rrset, "comment")) == 0)
		json_put(rrset, "comment", json_text(from->comment));
	buf_done(&rdata);
}

/* The serial of a file may lie behind: of a commit that was pushed without a new one, for instance. */
static void
serve_soa(struct run *run, const struct doc *doc, const struct zonefile_rr **from)
{
	struct zonefile_rr *copy = arena_copy(run->arena, *from, sizeof **from);
	uint8_t            *rdata = arena_copy(run->arena, copy->rr.rdata, copy->rr.rdlen);

	rdata_soa_set_serial(rdata, copy->rr.rdlen, doc->stored.serial);
	copy->rr.rdata = rdata;
	*from = copy;
}

size_t
doc_show(struct run *run, const struct doc *doc, const struct doc_filter *filter)
{
	size_t                     count;
	const struct zonefile_rr **rrs = select_rrs(doc, filter, &count);
	struct table               table;
	json_t                    *array = json_array();

	table_init(&table, run->arena, 4);
	for (size_t i = 0; i < count; i++) {
		const struct zonefile_rr *shown = rrs[i];
		const struct rr          *rr = &shown->rr, *last = i != 0 ? &rrs[i - 1]->rr : NULL;
		bool                      same = last != NULL && rr->type == last->type && name_equal(rr->owner, last->owner);

		if (same && rdata_equal(rr->type, rr->rdata, rr->rdlen, last->rdata, last->rdlen))
			continue;       /* it stands twice in the file */
		if (filter->as_served && rr->type == TYPE_SOA && doc->stored.serial != 0)
			serve_soa(run, doc, &shown);
		if (run->out.json)
			add_json(array, doc, shown, same);
		else
			add_row(&table, doc, shown);
	}
	out_table(&run->out, &table, (const char *const[]){ "NAME", "TTL", "TYPE", "DATA" });
	json_put(run->json, "zone", json_text(doc->name));
	json_put(run->json, "serial", json_integer(doc->stored.serial));
	json_put(run->json, "commit", json_text(doc->stored.commit));
	json_put(run->json, "rrsets", array);
	table_done(&table);
	free(rrs);
	return count;
}
