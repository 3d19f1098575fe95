/* SPDX-License-Identifier: ISC */
/*
 * From a parsed file to its zone, and back from findings about the zone to lines of the file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zone/zone.h"
#include "zone/zonefile_int.h"

struct zone *
zonefile_zone(const struct zonefile *file)
{
	struct zone_builder *builder = zone_builder_new(file->apex);

	for (size_t i = 0; i < file->rr_count; i++)
		if (name_below(file->rrs[i].rr.owner, file->apex))
			zone_builder_add(builder, &file->rrs[i].rr);
	return zone_builder_finish(builder);
}

static bool
ttls_vary(const struct zonefile *file)
{
	for (size_t i = 1; i < file->rr_count; i++)
		if (file->rrs[i].rr.ttl != file->rrs[0].rr.ttl)
			return true;
	return false;
}

static void
report_ttl(const struct zonefile *file, const struct zonefile_rr *rec, const struct zonefile_rr *first, struct report *report)
{
	char           owner[NAME_TEXT_MAX], type[16], text[200];
	struct finding finding = { FINDING_WARNING, "W-TTL", rec->line, rec->col, owner, type, text, "give all records of a name and type the same TTL" };

	name_print_rel(owner, rec->rr.owner, file->apex);
	rr_type_print(type, rec->rr.type);
	snprintf(text, sizeof text, "TTL %u here, but %u in line %u for the same name and type: the lower one is taken for all",
	    rec->rr.ttl, first->rr.ttl, first->line);
	report_add(report, &finding);
}

/* Report records whose TTL differs from that of the first of their RRset (RFC 2181 5.2).  Cost: one pass with a hash table. */
void
zonefile_check_ttls(const struct zonefile *file, struct report *report)
{
	size_t    size = 16;
	uint32_t *slots;

	if (!ttls_vary(file))
		return;
	while (size < file->rr_count * 2)
		size *= 2;
	slots = mem_alloc(size * sizeof *slots);
	for (size_t i = 0; i < file->rr_count; i++) {
		const struct rr *rr = &file->rrs[i].rr, *first;
		size_t           slot = (name_hash(rr->owner) ^ rr->type * 2654435761u) & (size - 1);

		for (; slots[slot] != 0; slot = (slot + 1) & (size - 1)) {
			first = &file->rrs[slots[slot] - 1].rr;
			if (first->type == rr->type && name_equal(first->owner, rr->owner))
				break;
		}
		if (slots[slot] == 0)
			slots[slot] = (uint32_t)i + 1;
		else if (file->rrs[slots[slot] - 1].rr.ttl != rr->ttl)
			report_ttl(file, &file->rrs[i], &file->rrs[slots[slot] - 1], report);
	}
	free(slots);
}

static const struct zonefile_rr *
locate(const struct zonefile *file, const struct finding *finding)
{
	const struct zonefile_rr *found = NULL;
	uint8_t                   owner[NAME_SIZE];
	uint16_t                  type = 0;

	if (!name_parse(owner, finding->owner, file->apex, NULL))
		return NULL;
	if (finding->type[0] != '\0' && !rr_type_parse(&type, finding->type, NULL))
		return NULL;
	for (size_t i = 0; i < file->rr_count; i++) {
		const struct rr *rr = &file->rrs[i].rr;

		if (!name_equal(rr->owner, owner))
			continue;
		if (type == 0 || rr->type == type)
			return &file->rrs[i];
		if (found == NULL)
			found = &file->rrs[i];
	}
	return found;
}

void
zonefile_locate(const struct zonefile *file, struct report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		struct finding           *finding = &report->findings[i];
		const struct zonefile_rr *rec;

		if (finding->line != 0 || finding->owner[0] == '\0' || (rec = locate(file, finding)) == NULL)
			continue;
		finding->line = rec->line;
		finding->col = rec->col;
	}
}
