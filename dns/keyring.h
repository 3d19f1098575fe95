/* SPDX-License-Identifier: ISC */
/*
 * All TSIG keys that are in force: an immutable set, replaced as a whole; and a cache of keyed hashes ready for use,
 * one per thread, so that signing allocates nothing once a key was seen.
 */
#ifndef DNS_KEYRING_H
#define DNS_KEYRING_H

#include <stddef.h>
#include <stdint.h>

#include "base/crypt.h"
#include "zone/key.h"

struct keyring;

/* A set of the COUNT keys at KEYS, copied.  Of several with one name the first counts. */
struct keyring *keyring_new(const struct key *keys, size_t count);
void keyring_free(struct keyring *ring);        /* wipes; NULL is fine */

/* The key called NAME, or NULL.  Cost: a binary search. */
const struct key *keyring_find(const struct keyring *ring, const uint8_t *name);

struct hmac_cache;

struct hmac_cache *hmac_cache_new(void);
void hmac_cache_free(struct hmac_cache *cache);

/* The keyed hash of KEY, started; borrowed until the next call.  Allocates when KEY was not used for long. */
struct crypt_hmac *hmac_cache_get(struct hmac_cache *cache, const struct key *key);

#endif
