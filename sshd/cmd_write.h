/* SPDX-License-Identifier: ISC */
/* What commands have in common that change a zone, and how arguments become names of zones and types. */
#ifndef SSHD_CMD_WRITE_H
#define SSHD_CMD_WRITE_H

#include "sshd/cmd.h"

#define EXIT_WOULD_CHANGE 10    /* of a dry run */

/* The zone named by word I, as wire in ZONE and as text (in the arena) in *TEXT. */
bool run_zone(struct run *run, size_t i, uint8_t zone[static 256], const char **text);
/* The record type called TEXT. E-TYPE-UNKNOWN. */
bool run_type(struct run *run, const char *text, uint16_t *type);
/* Send SUBMIT with the options of writes put in (dry_run stays if it is set), and leave the result for run_submitted. */
bool run_submit(struct run *run, struct submit *submit, struct submit_result *result);
/* The result of a write to ZONE into the JSON, and as text in the usual way. */
void run_result_json(struct run *run, const char *zone, const struct submit_result *result);
void run_submitted(struct run *run, const char *zone, struct submit_result *result);
const char *run_short(struct run *run, const char *commit);     /* the seven digits that people see */
const char *run_time(struct run *run, int64_t unix_s);          /* "2026-11-23 10:44", UTC; "never" for 0 */

/* What the JSON of all writes has. */
#define CMD_WRITE_JSON "changed zone serial commit live added altered removed warnings[] dry_run diff"

#endif
