/* SPDX-License-Identifier: ISC */
/* The ear at EVP_DigestVerify, and libfido2's verdict on what it heard. */
#include "sshd/fido.h"

#include <dlfcn.h>
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/str.h"

#define AUTHDATA_LEN 37         /* the part of the signed data that WebAuthn calls authenticator data */
#define FLAGS_AT     32
#define FLAG_TOUCH   1

typedef int digest_verify_fn(EVP_MD_CTX *, const unsigned char *, size_t, const unsigned char *, size_t);

/* Of the process, as the function listened at is: libssh has no place for a pointer of ours on the way there. */
static struct {
	bool       armed, seen;
	struct tap last;
} ear;

static void
ear_note(const unsigned char *sig, size_t sig_len, const unsigned char *data, size_t data_len)
{
	if (!ear.armed || data_len != TAP_SIGNED_LEN || sig_len == 0 || sig_len > TAP_SIGNATURE_MAX)
		return;
	memcpy(ear.last.signed_data, data, TAP_SIGNED_LEN);
	memcpy(ear.last.signature, sig, sig_len);
	ear.last.signature_len = sig_len;
	ear.seen = true;
}

/* libcrypto's function of that name, for all libraries of this process; see fido.h. */
int
EVP_DigestVerify(EVP_MD_CTX *ctx, const unsigned char *sig, size_t sig_len, const unsigned char *data, size_t data_len)
{
	static digest_verify_fn *real;
	int                      result;

	if (real == NULL) {
		void *next = dlsym(RTLD_NEXT, "EVP_DigestVerify");

		if (next == NULL)
			return -1;
		memcpy(&real, &next, sizeof real);
	}
	result = real(ctx, sig, sig_len, data, data_len);
	if (result == 1)
		ear_note(sig, sig_len, data, data_len);
	return result;
}

void
tap_arm(void)
{
	ear.armed = true;
	ear.seen = false;
}

bool
tap_take(struct tap *out)
{
	bool seen = ear.seen;

	if (seen)
		*out = ear.last;
	ear.seen = false;
	return seen;
}

/* Sign and verify SIGNED_DATA with a new Ed25519 key, the verification through VERIFY. */
static bool
sign_and_verify(digest_verify_fn *verify, const uint8_t *data, size_t len)
{
	EVP_PKEY   *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	EVP_MD_CTX *signer = EVP_MD_CTX_new(), *verifier = EVP_MD_CTX_new();
	uint8_t     sig[64];
	size_t      sig_len = sizeof sig;
	bool        ok = key != NULL && signer != NULL && verifier != NULL &&
	    EVP_DigestSignInit(signer, NULL, NULL, NULL, key) == 1 && EVP_DigestSign(signer, sig, &sig_len, data, len) == 1 &&
	    EVP_DigestVerifyInit(verifier, NULL, NULL, NULL, key) == 1 && verify(verifier, sig, sig_len, data, len) == 1;

	EVP_MD_CTX_free(signer);
	EVP_MD_CTX_free(verifier);
	EVP_PKEY_free(key);
	return ok;
}

bool
tap_works(void)
{
	static const uint8_t data[TAP_SIGNED_LEN] = "zonesh";
	void                *found = dlsym(RTLD_DEFAULT, "EVP_DigestVerify");    /* as the linker finds it for libssh */
	digest_verify_fn    *verify;
	struct tap           tap;
	bool                 was_armed = ear.armed, works;

	if (found == NULL)
		return false;
	memcpy(&verify, &found, sizeof verify);
	tap_arm();
	works = sign_and_verify(verify, data, sizeof data) && tap_take(&tap) && memcmp(tap.signed_data, data, sizeof data) == 0;
	ear.armed = was_armed;
	return works;
}

static int
fill_assertion(fido_assert_t *assertion, const struct auth_key *key, const struct tap *tap)
{
	int result;

	if ((result = fido_assert_set_count(assertion, 1)) != FIDO_OK ||
	    (result = fido_assert_set_rp(assertion, key->application)) != FIDO_OK ||
	    (result = fido_assert_set_authdata_raw(assertion, 0, tap->signed_data, AUTHDATA_LEN)) != FIDO_OK ||
	    (result = fido_assert_set_clientdata_hash(assertion, tap->signed_data + AUTHDATA_LEN, 32)) != FIDO_OK ||
	    (result = fido_assert_set_sig(assertion, 0, tap->signature, tap->signature_len)) != FIDO_OK)
		return result;
	return fido_assert_set_up(assertion, FIDO_OPT_TRUE);
}

static int
verify_eddsa(const fido_assert_t *assertion, const struct auth_key *key)
{
	eddsa_pk_t *pk = eddsa_pk_new();
	int         result = pk == NULL ? FIDO_ERR_INTERNAL : eddsa_pk_from_ptr(pk, key->point, key->point_len);

	if (result == FIDO_OK)
		result = fido_assert_verify(assertion, 0, COSE_EDDSA, pk);
	eddsa_pk_free(&pk);
	return result;
}

static int
verify_es256(const fido_assert_t *assertion, const struct auth_key *key)
{
	es256_pk_t *pk = es256_pk_new();
	int         result = pk == NULL ? FIDO_ERR_INTERNAL : es256_pk_from_ptr(pk, key->point + 1, key->point_len - 1);

	if (result == FIDO_OK)
		result = fido_assert_verify(assertion, 0, COSE_ES256, pk);
	es256_pk_free(&pk);
	return result;
}

bool
assertion_verify(const struct auth_key *key, const struct tap *tap, struct err *err)
{
	fido_assert_t *assertion;
	int            result;

	if (!key->type->sk || str_after(key->application, "ssh:") == NULL)
		return err_set(err, ERR_DENIED, "the security key was not made for ssh");
	if (tap->signature_len == 0 || tap->signature_len > TAP_SIGNATURE_MAX)
		return err_set(err, ERR_DENIED, "the security key's signature is missing");
	if ((tap->signed_data[FLAGS_AT] & FLAG_TOUCH) == 0) {
		err_set(err, ERR_DENIED, "the security key signed without a touch, and a touch is required");
		return err_hint(err, "keys made with -O no-touch-required cannot be used here");
	}
	fido_init(0);
	if ((assertion = fido_assert_new()) == NULL)
		return err_set(err, ERR_FAILED, "out of memory");
	result = fill_assertion(assertion, key, tap);
	if (result == FIDO_OK)
		result = key->type->kind == AUTH_ED25519_SK ? verify_eddsa(assertion, key) : verify_es256(assertion, key);
	fido_assert_free(&assertion);
	if (result == FIDO_OK)
		return true;
	return err_set(err, ERR_DENIED, "the security key's assertion does not verify (%s)", fido_strerr(result));
}
