/* SPDX-License-Identifier: ISC */
/*
 * Accounts: users/<email>, read from their files (zonesh-files.5).
 *
 *     name alice
 *     role admin                          # or: user (the default)
 *     key ssh-ed25519 AAAA... laptop      # 1 to 5
 *     zone example.org owner              # or maintainer, editor, viewer
 */
#ifndef STORE_ACCOUNT_H
#define STORE_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/client.h"

#define ACCOUNT_KEYS_MAX 5

struct account_key  { const char *type, *base64, *label, *fingerprint; };
struct account_zone { const char *zone; enum access access; };          /* "example.org" */

struct account {
	const char          *email, *name;
	bool                 admin;
	struct account_key   keys[ACCOUNT_KEYS_MAX];
	size_t               key_count;
	struct account_zone *zones;
	size_t               zone_count;
};

/* Read the text of users/EMAIL.  Memory is ARENA's.  ERR_SYNTAX, ERR_LIMIT with line and col: what is wrong and what is expected. */
struct account *account_parse(const char *email, const char *text, size_t len, struct arena *arena, struct err *err);

/* "SHA256:..." of a public key, as ssh-keygen -l shows it; false when BASE64 is no key of TYPE. */
bool account_fingerprint(char out[static 64], const char *type, const char *base64);

/* May this key type log in: ssh-ed25519, ecdsa-sha2-nistp256/384/521, ssh-rsa, and the two sk types. */
bool account_key_type(const char *type);

enum access account_access(const struct account *account, const char *zone);

#endif
