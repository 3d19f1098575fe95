/* SPDX-License-Identifier: ISC */
/* Assertions of security keys: what libfido2 must accept and what it must not, and the ear at EVP_DigestVerify. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "base/crypt.h"
#include "sshd/fido.h"

#define FLAGS_AT 32

/* A token in software, and one assertion of it. */
struct token {
	EVP_PKEY       *pkey;
	struct auth_key key;
	struct tap      tap;
};

static void
token_sign(struct token *token)
{
	EVP_MD_CTX   *ctx = EVP_MD_CTX_new();
	const EVP_MD *md = token->key.type->kind == AUTH_ECDSA_SK ? EVP_sha256() : NULL;

	token->tap.signature_len = sizeof token->tap.signature;
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, md, NULL, token->pkey), 1);
	assert_int_equal(EVP_DigestSign(ctx, token->tap.signature, &token->tap.signature_len, token->tap.signed_data,
	    sizeof token->tap.signed_data), 1);
	EVP_MD_CTX_free(ctx);
}

/* An assertion with FLAGS for APPLICATION. */
static void
token_init(struct token *token, const char *type, const char *application, uint8_t flags)
{
	uint8_t digest[CRYPT_HASH_MAX];

	*token = (struct token){ .key.type = auth_type_find(type) };
	strcpy(token->key.application, application);
	if (token->key.type->kind == AUTH_ED25519_SK) {
		token->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		token->key.point_len = sizeof token->key.point;
		assert_int_equal(EVP_PKEY_get_raw_public_key(token->pkey, token->key.point, &token->key.point_len), 1);
	} else {
		token->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
		assert_int_equal(EVP_PKEY_get_octet_string_param(token->pkey, "pub", token->key.point, sizeof token->key.point,
		    &token->key.point_len), 1);
	}
	crypt_digest(CRYPT_SHA256, digest, application, strlen(application));
	memcpy(token->tap.signed_data, digest, 32);
	token->tap.signed_data[FLAGS_AT] = flags;
	crypt_random(token->tap.signed_data + FLAGS_AT + 1, sizeof token->tap.signed_data - FLAGS_AT - 1);
	token_sign(token);
}

static void
token_done(struct token *token)
{
	EVP_PKEY_free(token->pkey);
}

static const char *const types[] = { "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com" };

static void
touch_is_required(void **state)
{
	static const struct { uint8_t flags; bool ok; } cases[] = {
		{ 0x01, true }, { 0x05, true }, { 0x00, false }, { 0x04, false },
		{ 0x81, false },        /* announces extensions, and there are none */
	};

	(void)state;
	for (size_t t = 0; t < 2; t++)
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			struct token token;
			struct err   err = { 0 };

			token_init(&token, types[t], "ssh:", cases[i].flags);
			assert_int_equal(assertion_verify(&token.key, &token.tap, &err), cases[i].ok);
			assert_int_equal(err.code, cases[i].ok ? ERR_NONE : ERR_DENIED);
			token_done(&token);
		}
}

/* The flag that was not signed does not count. */
static void
forged_flag(void **state)
{
	(void)state;
	for (size_t t = 0; t < 2; t++) {
		struct token token;

		token_init(&token, types[t], "ssh:", 0);
		token.tap.signed_data[FLAGS_AT] = 1;
		assert_false(assertion_verify(&token.key, &token.tap, NULL));
		token_done(&token);
	}
}

static void
every_byte_counts(void **state)
{
	(void)state;
	for (size_t t = 0; t < 2; t++) {
		struct token token;

		token_init(&token, types[t], "ssh:", 1);
		for (size_t i = 0; i < sizeof token.tap.signed_data; i++) {
			token.tap.signed_data[i] ^= 0x10;
			assert_false(assertion_verify(&token.key, &token.tap, NULL));
			token.tap.signed_data[i] ^= 0x10;
		}
		for (size_t i = 0; i < token.tap.signature_len; i++) {
			token.tap.signature[i] ^= 0x10;
			assert_false(assertion_verify(&token.key, &token.tap, NULL));
			token.tap.signature[i] ^= 0x10;
		}
		token.tap.signature_len--;
		assert_false(assertion_verify(&token.key, &token.tap, NULL));
		token.tap.signature_len = 0;
		assert_false(assertion_verify(&token.key, &token.tap, NULL));
		token_done(&token);
	}
}

static void
application(void **state)
{
	struct token token;

	(void)state;
	token_init(&token, types[0], "ssh:work", 1);
	assert_true(assertion_verify(&token.key, &token.tap, NULL));
	strcpy(token.key.application, "ssh:home");
	assert_false(assertion_verify(&token.key, &token.tap, NULL));
	token_done(&token);

	token_init(&token, types[0], "https://example.org", 1);
	assert_false(assertion_verify(&token.key, &token.tap, NULL));
	token_done(&token);
}

static void
another_key(void **state)
{
	(void)state;
	for (size_t t = 0; t < 2; t++) {
		struct token a, b;

		token_init(&a, types[t], "ssh:", 1);
		token_init(&b, types[t], "ssh:", 1);
		assert_true(assertion_verify(&a.key, &a.tap, NULL));
		assert_false(assertion_verify(&a.key, &b.tap, NULL));
		memset(b.key.point + 1, 0xff, b.key.point_len - 1);     /* no point of the curve */
		assert_false(assertion_verify(&b.key, &b.tap, NULL));
		token_done(&a);
		token_done(&b);
	}
}

/* Verify as libssh does, where the linker decides whose function that is. */
static int
verify(struct token *token)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int         result;

	assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, token->pkey), 1);
	result = EVP_DigestVerify(ctx, token->tap.signature, token->tap.signature_len, token->tap.signed_data,
	    sizeof token->tap.signed_data);
	EVP_MD_CTX_free(ctx);
	return result;
}

static void
ear(void **state)
{
	struct token token;
	struct tap   tap;

	(void)state;
	assert_true(tap_works());
	token_init(&token, types[0], "ssh:", 1);
	assert_false(tap_take(&tap));
	assert_int_equal(verify(&token), 1);
	assert_false(tap_take(&tap));                   /* nobody asked to listen */

	tap_arm();
	assert_int_equal(verify(&token), 1);
	assert_true(tap_take(&tap));
	assert_memory_equal(tap.signed_data, token.tap.signed_data, sizeof tap.signed_data);
	assert_int_equal(tap.signature_len, 64);
	assert_false(tap_take(&tap));                   /* once */

	token.tap.signature[0] ^= 1;
	assert_int_not_equal(verify(&token), 1);
	assert_false(tap_take(&tap));                   /* what did not verify was not heard */
	token_done(&token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(touch_is_required), cmocka_unit_test(forged_flag), cmocka_unit_test(every_byte_counts),
		cmocka_unit_test(application), cmocka_unit_test(another_key), cmocka_unit_test(ear),
	};

	crypt_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
