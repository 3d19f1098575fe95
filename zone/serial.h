/* SPDX-License-Identifier: ISC */
/*
 * Serial numbers: RFC 1982 arithmetic, and how the server advances one.
 */
#ifndef ZONE_SERIAL_H
#define ZONE_SERIAL_H

#include <stdbool.h>
#include <stdint.h>

/* Is A newer than B in the sense of RFC 1982 3.2?  (At distance 2^31 exactly: no.) */
bool serial_newer(uint32_t a, uint32_t b);

/* The serial after OLD on the day TODAY (20261123; 0: unknown).  A serial in the form YYYYMMDDnn moves to TODAY00 when that is newer; any other, and from then
 * on, by one; 0 is never used. */
uint32_t serial_next(uint32_t old, uint32_t today);

/* Day of UNIX_S in UTC as the number 20261123. */
uint32_t serial_day(int64_t unix_s);

#endif
