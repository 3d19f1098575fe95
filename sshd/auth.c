/* SPDX-License-Identifier: ISC */
/* What a public key says about itself. */
#include "sshd/auth.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypt.h"
#include "base/str.h"

static const struct auth_type types[] = {
	{ "ssh-ed25519",                        "ed25519",    "ed25519",           AUTH_ED25519,    false },
	{ "sk-ssh-ed25519@openssh.com",         "ed25519-sk", "ed25519-sk, touch", AUTH_ED25519_SK, true },
	{ "sk-ecdsa-sha2-nistp256@openssh.com", "ecdsa-sk",   "ecdsa-sk, touch",   AUTH_ECDSA_SK,   true },
	{ "ecdsa-sha2-nistp256",                "ecdsa",      "ecdsa",             AUTH_ECDSA,      false },
	{ "ecdsa-sha2-nistp384",                "ecdsa",      "ecdsa",             AUTH_ECDSA,      false },
	{ "ecdsa-sha2-nistp521",                "ecdsa",      "ecdsa",             AUTH_ECDSA,      false },
	{ "ssh-rsa",                            "rsa",        "rsa",               AUTH_RSA,        false },
};

const struct auth_type *
auth_type_find(const char *name)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	return NULL;
}

/* A string of RFC 4251 5: its bytes, or NULL. */
static const uint8_t *
get_string(struct cur *cur, size_t *len)
{
	*len = cur_u32(cur);
	return cur_bytes(cur, *len);
}

static bool
is_string(struct cur *cur, const char *want)
{
	size_t         len;
	const uint8_t *got = get_string(cur, &len);

	return got != NULL && len == strlen(want) && memcmp(got, want, len) == 0;
}

static bool
get_application(struct auth_key *key, struct cur *cur)
{
	size_t         len;
	const uint8_t *text = get_string(cur, &len);

	if (text == NULL || len >= sizeof key->application || memchr(text, '\0', len) != NULL)
		return false;
	memcpy(key->application, text, len);
	key->application[len] = '\0';
	return true;
}

/* The rest of a security key's blob: [curve], point, application (PROTOCOL.u2f of OpenSSH). */
static bool
get_sk(struct auth_key *key, struct cur *cur)
{
	size_t         want = key->type->kind == AUTH_ED25519_SK ? 32 : 65;
	const uint8_t *point;

	if (key->type->kind == AUTH_ECDSA_SK && !is_string(cur, "nistp256"))
		return false;
	point = get_string(cur, &key->point_len);
	if (point == NULL || key->point_len != want || (want == 65 && point[0] != 4))
		return false;
	memcpy(key->point, point, want);
	return get_application(key, cur) && cur_end(cur);
}

static unsigned
rsa_bits(struct cur *cur)
{
	size_t         len;
	const uint8_t *n;
	unsigned       bits;

	if (get_string(cur, &len) == NULL || (n = get_string(cur, &len)) == NULL)
		return 0;
	while (len != 0 && *n == 0)
		n++, len--;
	if (len == 0 || !cur_end(cur))
		return 0;
	bits = (unsigned)(len - 1) * 8;
	for (unsigned top = *n; top != 0; top >>= 1)
		bits++;
	return bits;
}

static bool
check_rsa(struct cur *cur, struct err *err)
{
	unsigned bits = rsa_bits(cur);

	if (bits == 0)
		return err_set(err, ERR_SYNTAX, "the RSA key does not parse");
	if (bits < AUTH_RSA_BITS_MIN) {
		err_set(err, ERR_DENIED, "RSA keys need %d bits, this one has %u", AUTH_RSA_BITS_MIN, bits);
		return err_hint(err, "make a new key: ssh-keygen -t ed25519");
	}
	return true;
}

static void
make_fingerprint(struct auth_key *key, const uint8_t *blob, size_t len)
{
	uint8_t    digest[CRYPT_HASH_MAX];
	struct buf text = { 0 };
	size_t     n = crypt_digest(CRYPT_SHA256, digest, blob, len);

	str_base64_encode(&text, digest, n);
	while (text.len != 0 && text.data[text.len - 1] == '=')
		text.len--;
	snprintf(key->fingerprint, sizeof key->fingerprint, "SHA256:%s", buf_str(&text));
	buf_done(&text);
}

bool
auth_key_parse(struct auth_key *out, const char *type, const char *base64, struct err *err)
{
	uint8_t    blob[AUTH_BLOB_MAX];
	struct cur cur;
	long       len;

	*out = (struct auth_key){ .type = auth_type_find(type) };
	if (strlen(base64) >= sizeof out->base64 || (len = str_base64_decode(blob, sizeof blob, base64, strlen(base64))) < 0)
		return err_set(err, ERR_SYNTAX, "the key is not valid base64, or too long");
	make_fingerprint(out, blob, (size_t)len);
	if (out->type == NULL)
		return err_set(err, ERR_DENIED, "keys of type \"%.60s\" are not accepted", type);
	cur_init(&cur, blob, (size_t)len);
	if (!is_string(&cur, type))
		return err_set(err, ERR_SYNTAX, "the key is not of type %s", type);
	if (out->type->sk && !get_sk(out, &cur))
		return err_set(err, ERR_SYNTAX, "the security key's public key does not parse");
	strcpy(out->base64, base64);
	return out->type->kind != AUTH_RSA || check_rsa(&cur, err);
}
