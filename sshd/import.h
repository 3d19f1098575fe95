/* SPDX-License-Identifier: ISC */
/*
 * A zone file that somebody brings along: read, checked, and stripped of what servers make themselves.
 */
#ifndef SSHD_IMPORT_H
#define SSHD_IMPORT_H

#include "sshd/cmd.h"
#include "zone/zone.h"
#include "zone/zonefile.h"

struct import {
	const char      *file_name;     /* in messages */
	uint8_t          apex[NAME_SIZE];
	const char      *name;
	const char      *text;
	size_t           len;
	struct zonefile *file;
	struct zone     *zone;          /* of all records */
	struct zone     *kept;          /* without those that servers make; NULL unless asked for */
	struct report    report;        /* lines are those of TEXT */
};

void import_init(struct import *import);
void import_done(struct import *import);
/* Read TEXT, names relative to the zone; then with CHECKS and without errors the checks on the zone. */
void import_read(struct import *import, bool include, bool checks);
/* Give each finding about a record the line of that record in the file. */
void import_locate(const struct import *import, struct report *report);
/* Would the store, where names are relative to the root, read the same from the file? */
bool import_is_absolute(const struct import *import);
/* The errors of IMPORT as the run's, to be shown with them. Always false. */
bool import_refuse(struct run *run, struct import *import);

/* ---- cmd_import.c, cmd_check.c ---- */
bool import_run(struct run *run);
bool check_run(struct run *run);
extern const struct cmd_option import_options[], check_options[];

#endif
