/* SPDX-License-Identifier: ISC */
/*
 * Keyed hashes, random bytes and comparison of secrets, over libcrypto and libsodium.
 * Nothing here logs or keeps a secret.
 */
#ifndef BASE_CRYPT_H
#define BASE_CRYPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum crypt_hash { CRYPT_SHA1, CRYPT_SHA224, CRYPT_SHA256, CRYPT_SHA384, CRYPT_SHA512, CRYPT_HASHES };

#define CRYPT_HASH_MAX 64       /* bytes of the longest digest */

/* Once per process, before any other; aborts when libsodium cannot start. */
void crypt_init(void);

size_t crypt_hash_len(enum crypt_hash hash);

/* One keyed hash over pieces.  No allocation after crypt_hmac_new. */
struct crypt_hmac;
struct crypt_hmac *crypt_hmac_new(enum crypt_hash hash, const void *key, size_t len);
void   crypt_hmac_free(struct crypt_hmac *hmac);        /* wipes; NULL is fine */
void   crypt_hmac_start(struct crypt_hmac *hmac);       /* begin a message, also to use HMAC again */
void   crypt_hmac_add(struct crypt_hmac *hmac, const void *data, size_t len);
size_t crypt_hmac_end(struct crypt_hmac *hmac, uint8_t out[static CRYPT_HASH_MAX]);     /* the length */

size_t crypt_digest(enum crypt_hash hash, uint8_t out[static CRYPT_HASH_MAX], const void *data, size_t len);

bool crypt_equal(const void *a, const void *b, size_t len);     /* in constant time */
void crypt_random(void *out, size_t len);
void crypt_wipe(void *p, size_t len);

#endif
