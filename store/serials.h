/* SPDX-License-Identifier: ISC */
/*
 * What was served, over restarts: state/serials.
 *
 *     main COMMIT                     the commit of main up to which the rest is true
 *     remote COMMIT                   where the remote's branch was seen last
 *     serial ZONE SERIAL BLOB         this version of the file is served with a serial that is not the one in it ("-": the zone is gone)
 *
 * A zone whose file is served with its own serial has no line; its last serial is in the file of MAIN.
 */
#ifndef STORE_SERIALS_H
#define STORE_SERIALS_H

#include <stdbool.h>
#include <stdint.h>

#include "store/client.h"

struct serials;

/* Read PATH; no such file is an empty one, and a line that cannot be read is logged and skipped. */
struct serials *serials_open(const char *path);
void serials_free(struct serials *serials);

/* The serial that ZONE was served with last, and for which blob; false when its file says it all. */
bool serials_find(const struct serials *serials, const char *zone, uint32_t *serial, char blob[static OID_TEXT_MAX]);
void serials_set(struct serials *serials, const char *zone, uint32_t serial, const char *blob);
void serials_drop(struct serials *serials, const char *zone);

const char *serials_main(const struct serials *serials);       /* "" when not known */
void serials_set_main(struct serials *serials, const char *commit);
const char *serials_remote(const struct serials *serials);
void serials_set_remote(struct serials *serials, const char *commit);

/* Write the file if anything changed since: a new one, fsynced, in the place of the old. ERR_FAILED. */
bool serials_save(struct serials *serials, struct err *err);

#endif
