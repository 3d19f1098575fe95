/* SPDX-License-Identifier: ISC */
/*
 * Public keys as logins: the table of types that are accepted, and what a key blob of the network (RFC 4253 6.6) says
 * about itself.  The monitor believes the blob, never what the network child says about it.
 */
#ifndef SSHD_AUTH_H
#define SSHD_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define AUTH_TYPE_MAX        64         /* "sk-ecdsa-sha2-nistp256@openssh.com" */
#define AUTH_BASE64_MAX      5600       /* an RSA key of 16384 bits has 2800 digits */
#define AUTH_BLOB_MAX        4200
#define AUTH_FINGERPRINT_MAX 64
#define AUTH_RSA_BITS_MIN    3072
#define AUTH_APPLICATION_MAX 128

enum auth_kind { AUTH_ED25519, AUTH_ECDSA, AUTH_RSA, AUTH_ED25519_SK, AUTH_ECDSA_SK };

struct auth_type {
	const char    *name;            /* in the blob and in authorized_keys lines */
	const char    *label;           /* for people */
	const char    *proof;           /* how a login with it was proven */
	enum auth_kind kind;
	bool           sk;              /* on a security key: the monitor verifies its assertion */
};

struct auth_key {
	const struct auth_type *type;
	char    base64[AUTH_BASE64_MAX];
	char    fingerprint[AUTH_FINGERPRINT_MAX];      /* "SHA256:..." as ssh-keygen -l prints it; also of what does not parse further */
	uint8_t point[65];                              /* security keys: 32 bytes, or 0x04 X Y */
	size_t  point_len;
	char    application[AUTH_APPLICATION_MAX];      /* security keys: "ssh:..." */
};

/* The row called NAME; NULL when such keys are not accepted (certificates are not). */
const struct auth_type *auth_type_find(const char *name);

/*
 * Read the key of TYPE in BASE64.  ERR_DENIED: a type that is not accepted, or an RSA key that is too short.  ERR_SYNTAX: not
 * a key, or its blob is of another type than TYPE says.
 */
bool auth_key_parse(struct auth_key *out, const char *type, const char *base64, struct err *err);

#endif
