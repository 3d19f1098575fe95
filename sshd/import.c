/* SPDX-License-Identifier: ISC */
/*
 * Zone files from outside.  They are read here, before the store sees them, so that findings have the lines of the file that the
 * person has in front of them; the store checks again what it is sent.
 */
#include "sshd/import.h"

#include <string.h>

#include "zone/check.h"

void
import_init(struct import *import)
{
	memset(import, 0, sizeof *import);
	import->file_name = "input";
	report_init(&import->report);
}

void
import_done(struct import *import)
{
	zone_free(import->kept);
	zone_free(import->zone);
	zonefile_free(import->file);
	report_done(&import->report);
}

/* The first record with that owner, and type unless that is 0. */
static const struct zonefile_rr *
find_rr(const struct zonefile *file, const uint8_t *owner, uint16_t type)
{
	for (size_t i = 0; i < zonefile_count(file); i++) {
		const struct zonefile_rr *at = zonefile_at(file, i);

		if ((type == 0 || at->rr.type == type) && name_equal(at->rr.owner, owner))
			return at;
	}
	return NULL;
}

void
import_locate(const struct import *import, struct report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		struct finding           *finding = &report->findings[i];
		const struct zonefile_rr *at;
		uint8_t                   owner[NAME_SIZE];
		uint16_t                  type = 0;

		if (finding->owner[0] == '\0' || !name_parse(owner, finding->owner, import->apex, NULL) ||
		    (finding->type[0] != '\0' && !rr_type_parse(&type, finding->type, NULL)))
			continue;
		at = find_rr(import->file, owner, type);
		if (at != NULL) {
			finding->line = at->line;
			finding->col = at->col;
		}
	}
}

void
import_read(struct import *import, bool include, bool checks)
{
	struct zonefile_opts opts = { .apex = import->apex, .origin = import->apex, .include = include };
	struct report        found;

	import->file = zonefile_parse(import->text, import->len, &opts, &import->report);
	import->zone = zonefile_zone(import->file);
	/* What could not be read is missing from the zone, and would be complained about twice. */
	if (!checks || import->report.errors != 0)
		return;
	report_init(&found);
	check_zone(import->zone, &found);
	import_locate(import, &found);
	for (size_t i = 0; i < found.count; i++)
		report_add(&import->report, &found.findings[i]);
	report_done(&found);
}

bool
import_is_absolute(const struct import *import)
{
	struct zonefile_opts opts = { .apex = import->apex };
	struct report        report;
	struct zonefile     *file;
	struct zone         *zone;
	bool                 same;

	report_init(&report);
	file = zonefile_parse(import->text, import->len, &opts, &report);
	zone = zonefile_zone(file);
	same = report.errors == 0 && zone_equal(zone, import->zone);
	zone_free(zone);
	zonefile_free(file);
	report_done(&report);
	return same;
}

bool
import_refuse(struct run *run, struct import *import)
{
	report_err(&import->report, import->file_name, &run->err);
	report_done(&run->report);
	run->report = import->report;
	run->report_file = import->file_name;
	report_init(&import->report);
	return false;
}
