/* SPDX-License-Identifier: ISC */
/*
 * Policy: policy/<domain>, and whether an identity may make a change (zonesh-files.5).
 *
 *     protect @ MX,TXT                            # only owners may change these; apex NS, SOA and all DS and CAA always are
 *     device router-attic ssh-ed25519 AAAA...     # a machine that logs in by SSH
 *     allow router-attic home A,AAAA ttl 60       # what a token may change: names (wildcards: all names below), types
 *     allow home-lab *.lab A,AAAA,TXT             # TSIG key home-lab.example.org of example.org._keys
 *     allow home-lab @ any                        # any: all types but those that only owners may change
 */
#ifndef STORE_POLICY_H
#define STORE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "store/account.h"
#include "zone/change.h"

/* No types: any.  BELOW: all names below OWNER instead of OWNER itself.  TTL 0: as asked for. */
struct policy_allow   { const char *token; const uint8_t *owner; bool below; uint16_t *types; size_t type_count; uint32_t ttl; };
struct policy_device  { const char *name, *type, *base64, *fingerprint; };
struct policy_protect { const uint8_t *owner; uint16_t *types; size_t type_count; };

struct policy {
	const uint8_t         *zone;
	struct policy_allow   *allows;   size_t allow_count;
	struct policy_device  *devices;  size_t device_count;
	struct policy_protect *protects; size_t protect_count;
};

/* Read the text of policy/ZONE.  Memory is ARENA's.  ERR_SYNTAX with line and col. */
struct policy *policy_parse(const uint8_t *zone, const char *text, size_t len, struct arena *arena, struct err *err);

/* May WHO make these differences to the zone?  ACCESS is that of an account; POLICY may be NULL.  For TSIG keys and devices the scope decides (key_may for keys with a right in their name).
 * ERR_DENIED says which record and what right is lacking. */
bool policy_allows(const struct policy *policy, const struct identity *who, enum access access, const struct diff *diff, struct err *err);
/* The same before applying, for what the change names (so that a refused name cannot be probed by its prerequisites). */
bool policy_allows_change(const struct policy *policy, const struct identity *who, enum access access, const struct change *change, struct err *err);

/* Give what a token adds the TTL that its scope says; the change is altered in place. */
void policy_set_ttl(const struct policy *policy, const struct identity *who, struct change *change);

/* Append the names that the device or key WHO may change, a line "home.example.org A,AAAA" each. */
void policy_scope(const struct policy *policy, const struct identity *who, struct buf *out);

#endif
