/* SPDX-License-Identifier: ISC */
#include "dns/keyring.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define CACHE_SLOTS 64

struct keyring {
	size_t     count;
	struct key keys[];
};

struct hmac_cache {
	struct { struct key key; struct crypt_hmac *hmac; } slots[CACHE_SLOTS];
};

/* By name; of one name in the order given. */
static int
compare_keys(const void *a, const void *b)
{
	const struct key *const *x = a, *const *y = b;
	int                      order = name_compare((*x)->name, (*y)->name);

	return order != 0 ? order : (*x > *y) - (*x < *y);
}

struct keyring *
keyring_new(const struct key *keys, size_t count)
{
	struct keyring    *ring = mem_alloc(sizeof *ring + count * sizeof *keys);
	const struct key **sorted = mem_alloc((count + 1) * sizeof *sorted);

	for (size_t i = 0; i < count; i++)
		sorted[i] = &keys[i];
	qsort(sorted, count, sizeof *sorted, compare_keys);
	for (size_t i = 0; i < count; i++)
		if (ring->count == 0 || !name_equal(sorted[i]->name, ring->keys[ring->count - 1].name))
			ring->keys[ring->count++] = *sorted[i];
	free(sorted);
	return ring;
}

void
keyring_free(struct keyring *ring)
{
	if (ring == NULL)
		return;
	crypt_wipe(ring->keys, ring->count * sizeof ring->keys[0]);
	free(ring);
}

static int
compare_name(const void *name, const void *key)
{
	return name_compare(name, ((const struct key *)key)->name);
}

const struct key *
keyring_find(const struct keyring *ring, const uint8_t *name)
{
	return ring == NULL ? NULL : bsearch(name, ring->keys, ring->count, sizeof ring->keys[0], compare_name);
}

struct hmac_cache *
hmac_cache_new(void)
{
	return mem_alloc(sizeof(struct hmac_cache));
}

void
hmac_cache_free(struct hmac_cache *cache)
{
	if (cache == NULL)
		return;
	for (size_t i = 0; i < CACHE_SLOTS; i++)
		crypt_hmac_free(cache->slots[i].hmac);
	crypt_wipe(cache, sizeof *cache);
	free(cache);
}

static bool
key_equal(const struct key *a, const struct key *b)
{
	return name_equal(a->name, b->name) && a->hash == b->hash && a->secret_len == b->secret_len &&
	    crypt_equal(a->secret, b->secret, a->secret_len);
}

struct crypt_hmac *
hmac_cache_get(struct hmac_cache *cache, const struct key *key)
{
	size_t i = name_hash(key->name) % CACHE_SLOTS;

	if (cache->slots[i].hmac == NULL || !key_equal(&cache->slots[i].key, key)) {
		crypt_hmac_free(cache->slots[i].hmac);
		cache->slots[i].key = *key;
		cache->slots[i].hmac = crypt_hmac_new(key->hash, key->secret, key->secret_len);
	}
	crypt_hmac_start(cache->slots[i].hmac);
	return cache->slots[i].hmac;
}
