/* SPDX-License-Identifier: ISC */
/*
 * Logins with security keys.
 *
 * libssh verifies the signature of a security key but not that anybody touched it, and tells its caller neither the flags
 * nor the signature.  So the network child listens in on the verification itself: this program defines EVP_DigestVerify, which libssh
 * calls with what the token signed and how.  That goes to the monitor, where libfido2 verifies the very same assertion and requires
 * user presence.  What was not seen is refused.
 */
#ifndef SSHD_FIDO_H
#define SSHD_FIDO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "sshd/auth.h"

#define TAP_SIGNED_LEN    69    /* SHA256(application), flags, counter, SHA256(data): 32 + 1 + 4 + 32 */
#define TAP_SIGNATURE_MAX 128   /* Ed25519 64, ECDSA P-256 in DER at most 72 */

/* One verification that succeeded. */
struct tap {
	uint8_t signed_data[TAP_SIGNED_LEN];
	uint8_t signature[TAP_SIGNATURE_MAX];
	size_t  signature_len;
};

/* From now on keep the last successful verification of something that a token could have signed. */
void tap_arm(void);

/* What was kept, once; false when there was nothing. */
bool tap_take(struct tap *out);

/* Does a call of EVP_DigestVerify from a shared library come by here?  Verifies one signature, so some 100 us. */
bool tap_works(void);

/*
 * Verify with libfido2 that KEY's token made the assertion TAP, for the application in the key, with user presence.  Whether it was made for this very
 * session only libssh knows.  ERR_DENIED says which of it failed.
 */
bool assertion_verify(const struct auth_key *key, const struct tap *tap, struct err *err);

#endif
