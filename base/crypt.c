/* SPDX-License-Identifier: ISC */
/*
 * HMAC and digests by libcrypto, the rest by libsodium.  Everything that libcrypto loads on demand is loaded by
 * crypt_init, because a confined process cannot open files.
 */
#include "base/crypt.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium.h>

#include "base/arena.h"
#include "base/log.h"

static const struct {
	const char *name;
	size_t      len;
} hashes[CRYPT_HASHES] = {
	[CRYPT_SHA1]   = { "SHA1",   20 },
	[CRYPT_SHA224] = { "SHA224", 28 },
	[CRYPT_SHA256] = { "SHA256", 32 },
	[CRYPT_SHA384] = { "SHA384", 48 },
	[CRYPT_SHA512] = { "SHA512", 64 },
};

/* Written once by crypt_init. */
static EVP_MAC *hmac_algorithm;
static EVP_MD  *digests[CRYPT_HASHES];

struct crypt_hmac {
	EVP_MAC_CTX    *ctx;
	enum crypt_hash hash;
};

void
crypt_init(void)
{
	if (hmac_algorithm != NULL)
		return;
	if (sodium_init() < 0)
		log_fatal("crypt: libsodium cannot start");
	hmac_algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
	if (hmac_algorithm == NULL)
		log_fatal("crypt: libcrypto has no HMAC");
	for (size_t i = 0; i < CRYPT_HASHES; i++) {
		digests[i] = EVP_MD_fetch(NULL, hashes[i].name, NULL);
		if (digests[i] == NULL)
			log_fatal("crypt: libcrypto has no %s", hashes[i].name);
	}
}

size_t
crypt_hash_len(enum crypt_hash hash)
{
	return hashes[hash].len;
}

/* libcrypto fails here only when it is out of memory or we are wrong: neither can be handled. */
static void
must(int ok)
{
	if (ok != 1)
		abort();
}

struct crypt_hmac *
crypt_hmac_new(enum crypt_hash hash, const void *key, size_t len)
{
	static const uint8_t empty[1];
	struct crypt_hmac   *hmac = mem_alloc(sizeof *hmac);
	char                 name[16];
	OSSL_PARAM           params[2] = { OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end() };

	assert(hmac_algorithm != NULL);
	snprintf(name, sizeof name, "%s", hashes[hash].name);
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0);
	hmac->hash = hash;
	hmac->ctx = EVP_MAC_CTX_new(hmac_algorithm);
	must(hmac->ctx != NULL);
	must(EVP_MAC_init(hmac->ctx, len != 0 ? key : empty, len, params));
	return hmac;
}

void
crypt_hmac_free(struct crypt_hmac *hmac)
{
	if (hmac == NULL)
		return;
	EVP_MAC_CTX_free(hmac->ctx);    /* wipes the key */
	free(hmac);
}

void
crypt_hmac_start(struct crypt_hmac *hmac)
{
	must(EVP_MAC_init(hmac->ctx, NULL, 0, NULL));
}

void
crypt_hmac_add(struct crypt_hmac *hmac, const void *data, size_t len)
{
	must(EVP_MAC_update(hmac->ctx, data, len));
}

size_t
crypt_hmac_end(struct crypt_hmac *hmac, uint8_t out[static CRYPT_HASH_MAX])
{
	size_t len = 0;

	must(EVP_MAC_final(hmac->ctx, out, &len, CRYPT_HASH_MAX));
	return len;
}

size_t
crypt_digest(enum crypt_hash hash, uint8_t out[static CRYPT_HASH_MAX], const void *data, size_t len)
{
	assert(digests[hash] != NULL);
	must(EVP_Digest(data, len, out, NULL, digests[hash], NULL));
	return hashes[hash].len;
}

bool
crypt_equal(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}

void
crypt_random(void *out, size_t len)
{
	randombytes_buf(out, len);
}

void
crypt_wipe(void *p, size_t len)
{
	sodium_memzero(p, len);
}
