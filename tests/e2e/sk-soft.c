/* SPDX-License-Identifier: ISC */
/*
 * sk-soft: a software FIDO2 authenticator for tests, as an OpenSSH
 * SecurityKeyProvider (sk-api major 0x000a).  Ed25519 via libsodium, ECDSA
 * P-256 via OpenSSL.  NOT a security device: the key handle *is* the secret.
 *
 * Environment:
 *   SK_SOFT_DIR     state directory (counter, attestation key/cert). Required
 *                   for attestation and a monotonic counter.
 *   SK_SOFT_PIN     if set, UV requests need this PIN
 *   SK_SOFT_FLAGS   hex: force the flags byte of assertions (e.g. 00 = no UP)
 *   SK_SOFT_COUNTER decimal: force the counter value (roll-back tests)
 *   SK_SOFT_DENY    refuse to sign (user did not touch)
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sodium.h>
#include <openssl/evp.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/bn.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <openssl/pem.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#define SSH_SK_USER_PRESENCE_REQD	0x01
#define SSH_SK_USER_VERIFICATION_REQD	0x04
#define SSH_SK_ECDSA	0x00
#define SSH_SK_ED25519	0x01
#define SSH_SK_ERR_GENERAL	-1
#define SSH_SK_ERR_UNSUPPORTED	-2
#define SSH_SK_ERR_PIN_REQUIRED	-3
#define SSH_SK_VERSION_MAJOR	0x000a0000

struct sk_enroll_response {
	uint8_t flags;
	uint8_t *public_key;	size_t public_key_len;
	uint8_t *key_handle;	size_t key_handle_len;
	uint8_t *signature;	size_t signature_len;
	uint8_t *attestation_cert; size_t attestation_cert_len;
	uint8_t *authdata;	size_t authdata_len;
};
struct sk_sign_response {
	uint8_t flags;
	uint32_t counter;
	uint8_t *sig_r;	size_t sig_r_len;
	uint8_t *sig_s;	size_t sig_s_len;
};
struct sk_resident_key {
	uint32_t alg; size_t slot; char *application;
	struct sk_enroll_response key;
	uint8_t flags; uint8_t *user_id; size_t user_id_len;
};
struct sk_option { char *name; char *value; uint8_t required; };

/* What OpenSSH looks up in a provider (sk-api.h of OpenSSH, which no package installs). */
uint32_t sk_api_version(void);
int sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len,
    const char *application, uint8_t flags, const char *pin,
    struct sk_option **options, struct sk_enroll_response **out);
int sk_sign(uint32_t alg, const uint8_t *data, size_t len,
    const char *application, const uint8_t *kh, size_t khlen,
    uint8_t flags, const char *pin, struct sk_option **options,
    struct sk_sign_response **out);
int sk_load_resident_keys(const char *pin, struct sk_option **options,
    struct sk_resident_key ***rks, size_t *nrks);

#define AT_UP 0x01
#define AT_UV 0x04
#define AT_AT 0x40

static const uint8_t aaguid[16] = "sk-soft-test-dev";

uint32_t sk_api_version(void) { return SSH_SK_VERSION_MAJOR; }

static void *dup_mem(const void *p, size_t n)
{
	void *r = malloc(n ? n : 1);
	if (r) memcpy(r, p, n);
	return r;
}

static uint32_t next_counter(void)
{
	const char *dir, *force;
	char path[512], buf[32] = "";
	uint32_t c = 0;
	int fd;

	if ((force = getenv("SK_SOFT_COUNTER")) != NULL)
		return (uint32_t)strtoul(force, NULL, 10);
	if ((dir = getenv("SK_SOFT_DIR")) == NULL)
		return 0;	/* like authenticators without a counter */
	snprintf(path, sizeof path, "%s/counter", dir);
	if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0)
		return 0;
	flock(fd, LOCK_EX);
	if (read(fd, buf, sizeof buf - 1) > 0)
		c = (uint32_t)strtoul(buf, NULL, 10);
	c++;
	snprintf(buf, sizeof buf, "%u\n", c);
	if (pwrite(fd, buf, strlen(buf), 0) < 0)
		c = 0;
	close(fd);
	return c;
}

/* deterministic P-256 public point from the 32-byte scalar */
static EVP_PKEY *p256_from_scalar(const uint8_t d[32], uint8_t pub[65])
{
	EVP_PKEY *pk = NULL;
	EVP_PKEY_CTX *ctx = NULL;
	EC_GROUP *g = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	BIGNUM *bn = BN_bin2bn(d, 32, NULL);
	EC_POINT *q = EC_POINT_new(g);
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;

	if (!EC_POINT_mul(g, q, bn, NULL, NULL, NULL) ||
	    EC_POINT_point2oct(g, q, POINT_CONVERSION_UNCOMPRESSED, pub, 65,
	    NULL) != 65)
		goto out;
	OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME,
	    "prime256v1", 0);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_PRIV_KEY, bn);
	OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, pub, 65);
	params = OSSL_PARAM_BLD_to_param(bld);
	ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	if (EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pk, EVP_PKEY_KEYPAIR, params) != 1)
		pk = NULL;
out:
	OSSL_PARAM_free(params); OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(ctx); EC_POINT_free(q); BN_clear_free(bn);
	EC_GROUP_free(g);
	return pk;
}

static uint8_t *p256_sign(EVP_PKEY *pk, const uint8_t *m, size_t mlen, size_t *slen)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	uint8_t *sig = NULL;

	*slen = 0;
	if (EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, pk) == 1 &&
	    EVP_DigestSign(c, NULL, slen, m, mlen) == 1 &&
	    (sig = malloc(*slen)) != NULL &&
	    EVP_DigestSign(c, sig, slen, m, mlen) != 1) {
		free(sig); sig = NULL;
	}
	EVP_MD_CTX_free(c);
	return sig;
}

/* batch attestation key + self-made CA, made on first use */
static int attestation(EVP_PKEY **key, X509 **leaf)
{
	const char *dir = getenv("SK_SOFT_DIR");
	char kp[512], cp[512], ca[512];
	FILE *f;

	*key = NULL; *leaf = NULL;
	if (dir == NULL) return -1;
	snprintf(kp, sizeof kp, "%s/attest.key", dir);
	snprintf(cp, sizeof cp, "%s/attest.crt", dir);
	snprintf(ca, sizeof ca, "%s/attest-ca.crt", dir);
	if ((f = fopen(kp, "r")) != NULL) {
		*key = PEM_read_PrivateKey(f, NULL, NULL, NULL); fclose(f);
		if ((f = fopen(cp, "r")) != NULL) {
			*leaf = PEM_read_X509(f, NULL, NULL, NULL); fclose(f);
		}
		return *key && *leaf ? 0 : -1;
	}
	EVP_PKEY *cak = EVP_EC_gen("prime256v1");
	*key = EVP_EC_gen("prime256v1");
	X509 *c[2] = { X509_new(), X509_new() };
	for (int i = 0; i < 2; i++) {
		X509_NAME *n = X509_get_subject_name(c[i]);
		X509_set_version(c[i], 2);
		ASN1_INTEGER_set(X509_get_serialNumber(c[i]), i + 1);
		X509_gmtime_adj(X509_getm_notBefore(c[i]), -3600);
		X509_gmtime_adj(X509_getm_notAfter(c[i]), 3650L * 86400);
		X509_NAME_add_entry_by_txt(n, "O", MBSTRING_ASC, (const uint8_t *)"sk-soft", -1, -1, 0);
		X509_NAME_add_entry_by_txt(n, "OU", MBSTRING_ASC, (const uint8_t *)(i ? "Authenticator Attestation" : "CA"), -1, -1, 0);
		X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_ASC, (const uint8_t *)(i ? "sk-soft batch 1" : "sk-soft test root"), -1, -1, 0);
		X509_set_pubkey(c[i], i ? *key : cak);
		X509_set_issuer_name(c[i], X509_get_subject_name(c[0]));
		X509V3_CTX x; X509V3_set_ctx(&x, c[0], c[i], NULL, NULL, 0);
		X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &x, NID_basic_constraints, i ? "critical,CA:FALSE" : "critical,CA:TRUE");
		X509_add_ext(c[i], e, -1); X509_EXTENSION_free(e);
		X509_sign(c[i], cak, EVP_sha256());
	}
	if ((f = fopen(ca, "w")) != NULL) { PEM_write_X509(f, c[0]); fclose(f); }
	if ((f = fopen(cp, "w")) != NULL) { PEM_write_X509(f, c[1]); fclose(f); }
	int fd = open(kp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0 && (f = fdopen(fd, "w")) != NULL) {
		PEM_write_PrivateKey(f, *key, NULL, NULL, 0, NULL, NULL); fclose(f);
	}
	EVP_PKEY_free(cak); X509_free(c[0]); *leaf = c[1];
	return 0;
}

static int check_pin(uint8_t flags, const char *pin)
{
	const char *want = getenv("SK_SOFT_PIN");

	if ((flags & SSH_SK_USER_VERIFICATION_REQD) == 0)
		return 0;
	if (want == NULL || pin == NULL || strcmp(pin, want) != 0)
		return SSH_SK_ERR_PIN_REQUIRED;
	return 0;
}

static int check_opts(struct sk_option **o)
{
	for (; o != NULL && *o != NULL; o++)
		if ((*o)->required)
			return -1;
	return 0;
}

int sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len,
    const char *application, uint8_t flags, const char *pin,
    struct sk_option **options, struct sk_enroll_response **out)
{
	struct sk_enroll_response *r;
	uint8_t handle[33], pub[65], authdata[256], cdh[32];
	size_t publen, n = 0;
	int rc;

	*out = NULL;
	if (sodium_init() < 0 || check_opts(options) != 0)
		return SSH_SK_ERR_GENERAL;
	if ((rc = check_pin(flags, pin)) != 0)
		return rc;
	handle[0] = (uint8_t)alg;
	randombytes_buf(handle + 1, 32);
	if (alg == SSH_SK_ED25519) {
		uint8_t sk[64];
		crypto_sign_seed_keypair(pub, sk, handle + 1);
		sodium_memzero(sk, sizeof sk);
		publen = 32;
	} else if (alg == SSH_SK_ECDSA) {
		EVP_PKEY *pk;
		handle[1] &= 0x7f;	/* < group order */
		if ((pk = p256_from_scalar(handle + 1, pub)) == NULL)
			return SSH_SK_ERR_GENERAL;
		EVP_PKEY_free(pk);
		publen = 65;
	} else
		return SSH_SK_ERR_UNSUPPORTED;

	/* authenticator data, wrapped as one CBOR byte string (as libfido2) */
	uint32_t ctr = next_counter();
	crypto_hash_sha256(authdata + 2, (const uint8_t *)application, strlen(application));
	n = 2 + 32;
	authdata[n++] = AT_UP | AT_AT |
	    ((flags & SSH_SK_USER_VERIFICATION_REQD) ? AT_UV : 0);
	authdata[n++] = ctr >> 24; authdata[n++] = ctr >> 16;
	authdata[n++] = ctr >> 8; authdata[n++] = ctr;
	memcpy(authdata + n, aaguid, 16); n += 16;
	authdata[n++] = 0; authdata[n++] = sizeof handle;
	memcpy(authdata + n, handle, sizeof handle); n += sizeof handle;
	if (alg == SSH_SK_ED25519) {
		static const uint8_t h[] = { 0xa4,0x01,0x01,0x03,0x27,0x20,0x06,0x21,0x58,0x20 };
		memcpy(authdata + n, h, sizeof h); n += sizeof h;
		memcpy(authdata + n, pub, 32); n += 32;
	} else {
		static const uint8_t h[] = { 0xa5,0x01,0x02,0x03,0x26,0x20,0x01,0x21,0x58,0x20 };
		memcpy(authdata + n, h, sizeof h); n += sizeof h;
		memcpy(authdata + n, pub + 1, 32); n += 32;
		authdata[n++] = 0x22; authdata[n++] = 0x58; authdata[n++] = 0x20;
		memcpy(authdata + n, pub + 33, 32); n += 32;
	}
	authdata[0] = 0x58; authdata[1] = (uint8_t)(n - 2);

	if ((r = calloc(1, sizeof *r)) == NULL)
		return SSH_SK_ERR_GENERAL;
	r->flags = flags;
	r->public_key = dup_mem(pub, publen); r->public_key_len = publen;
	r->key_handle = dup_mem(handle, sizeof handle); r->key_handle_len = sizeof handle;
	r->authdata = dup_mem(authdata, n); r->authdata_len = n;

	EVP_PKEY *ak; X509 *leaf;
	if (attestation(&ak, &leaf) == 0) {
		uint8_t tbs[256 + 32], *der = NULL;
		int derlen = i2d_X509(leaf, &der);
		crypto_hash_sha256(cdh, challenge, challenge_len);
		memcpy(tbs, authdata + 2, n - 2);
		memcpy(tbs + n - 2, cdh, 32);
		r->signature = p256_sign(ak, tbs, n - 2 + 32, &r->signature_len);
		r->attestation_cert = dup_mem(der, derlen);
		r->attestation_cert_len = derlen;
		OPENSSL_free(der);
	} else {
		r->signature = calloc(1, 1); r->signature_len = 0;
	}
	EVP_PKEY_free(ak); X509_free(leaf);
	*out = r;
	return 0;
}

int sk_sign(uint32_t alg, const uint8_t *data, size_t len,
    const char *application, const uint8_t *kh, size_t khlen,
    uint8_t flags, const char *pin, struct sk_option **options,
    struct sk_sign_response **out)
{
	struct sk_sign_response *r;
	uint8_t tbs[69];
	const char *force;
	int rc;

	*out = NULL;
	if (sodium_init() < 0 || check_opts(options) != 0 || khlen != 33 ||
	    kh[0] != alg)
		return SSH_SK_ERR_GENERAL;
	if (getenv("SK_SOFT_DENY"))
		return SSH_SK_ERR_GENERAL;
	if ((rc = check_pin(flags, pin)) != 0)
		return rc;
	if ((r = calloc(1, sizeof *r)) == NULL)
		return SSH_SK_ERR_GENERAL;
	r->flags = flags & (AT_UP | AT_UV);
	if ((force = getenv("SK_SOFT_FLAGS")) != NULL)
		r->flags = (uint8_t)strtoul(force, NULL, 16);
	r->counter = next_counter();
	crypto_hash_sha256(tbs, (const uint8_t *)application, strlen(application));
	tbs[32] = r->flags;
	tbs[33] = r->counter >> 24; tbs[34] = r->counter >> 16;
	tbs[35] = r->counter >> 8; tbs[36] = r->counter;
	crypto_hash_sha256(tbs + 37, data, len);
	if (alg == SSH_SK_ED25519) {
		uint8_t pk[32], sk[64];
		crypto_sign_seed_keypair(pk, sk, kh + 1);
		r->sig_r = malloc(64); r->sig_r_len = 64;
		crypto_sign_detached(r->sig_r, NULL, tbs, sizeof tbs, sk);
		sodium_memzero(sk, sizeof sk);
	} else {
		uint8_t pub[65], *der;
		const uint8_t *p;
		size_t derlen;
		EVP_PKEY *pk = p256_from_scalar(kh + 1, pub);
		if (pk == NULL || (der = p256_sign(pk, tbs, sizeof tbs, &derlen)) == NULL) {
			EVP_PKEY_free(pk); free(r);
			return SSH_SK_ERR_GENERAL;
		}
		p = der;
		ECDSA_SIG *s = d2i_ECDSA_SIG(NULL, &p, derlen);
		r->sig_r_len = BN_num_bytes(ECDSA_SIG_get0_r(s));
		r->sig_s_len = BN_num_bytes(ECDSA_SIG_get0_s(s));
		r->sig_r = malloc(r->sig_r_len); r->sig_s = malloc(r->sig_s_len);
		BN_bn2bin(ECDSA_SIG_get0_r(s), r->sig_r);
		BN_bn2bin(ECDSA_SIG_get0_s(s), r->sig_s);
		ECDSA_SIG_free(s); free(der); EVP_PKEY_free(pk);
	}
	*out = r;
	return 0;
}

int sk_load_resident_keys(const char *pin, struct sk_option **options,
    struct sk_resident_key ***rks, size_t *nrks)
{
	(void)pin; (void)options; (void)rks; (void)nrks;
	return SSH_SK_ERR_UNSUPPORTED;
}
