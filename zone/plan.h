/* SPDX-License-Identifier: ISC */
/*
 * A zone that does not exist yet: its SOA, its name servers and their addresses, from what people say; then its file.
 */
#ifndef ZONE_PLAN_H
#define ZONE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct plan;

/* For the zone APEX, with TTL_S for all its records.  The serial is born in the file (product.md decision 2). */
struct plan *plan_new(const uint8_t *apex, uint32_t ttl_s, uint32_t serial);
void plan_free(struct plan *plan);      /* NULL is fine */

/* "NAME" or "NAME=ADDRESS[,ADDRESS]"; the first one is the SOA's MNAME.  A NAME of one label lies in the zone, any other is whole.  Only a name in the zone has addresses
 * here.  ERR_SYNTAX, ERR_NOTZONE. */
bool plan_add_ns(struct plan *plan, const char *text, struct err *err);

/* Who answers for the zone: "hostmaster" (the default), "hostmaster@example.org" (RFC 1035 8). ERR_SYNTAX, ERR_RANGE. */
bool plan_set_mail(struct plan *plan, const char *text, struct err *err);

/* What to tell the registrar: "NS ns1.example.org (glue 192.0.2.53), ns.example.net". Borrowed. */
const char *plan_delegation(struct plan *plan);

/* Append the zone file in canonical form; the number of its records.  There must be a name server. */
uint32_t plan_write(struct plan *plan, struct buf *out);

#endif
