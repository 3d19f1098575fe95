/* SPDX-License-Identifier: ISC */
/*
 * TSIG keys of `_keys` and `ZONE._keys` files, and the rights that dns-primary-git reads from their names (robur.md 1.2, 1.3).
 */
#ifndef ZONE_KEY_H
#define ZONE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/crypt.h"
#include "zone/name.h"
#include "zone/report.h"

#define KEY_SECRET_MAX 512

enum key_op { KEY_NONE, KEY_NOTIFY, KEY_TRANSFER, KEY_UPDATE };        /* each includes the ones before */

struct key {
	uint8_t         name[NAME_SIZE];         /* lower case */
	enum crypt_hash hash;
	uint16_t        secret_len;
	uint8_t         secret[KEY_SECRET_MAX];
};

/* The right in a key's name: operation and the zone at and below which it holds; KEY_NONE: its name gives it none.  The op label nearest the root wins. */
enum key_op key_right(const uint8_t *key_name, const uint8_t **zone);

/* May the key called KEY_NAME do OP at NAME, by its name alone? */
bool key_may(const uint8_t *key_name, enum key_op op, const uint8_t *name);

/* Read a key file.  FILE_ZONE: keys must be named at or below it (`ZONE._keys`), NULL for `_keys`.  A line that is no usable key is reported (error: syntax; warning: ignored)
 * and skipped.  Keys are in ARENA. */
size_t key_file_parse(struct key **keys, const char *text, size_t len, const uint8_t *file_zone, struct arena *arena, struct report *report);

/* "hmac-sha256" and the DNSKEY algorithm number 163. False when there is no such. */
bool        key_hash_parse(enum crypt_hash *out, const char *text);
const char *key_hash_name(enum crypt_hash hash);                        /* "hmac-sha256" */
bool        key_hash_from_number(enum crypt_hash *out, unsigned number);
unsigned    key_hash_number(enum crypt_hash hash);

/* The line of a key file: "NAME. DNSKEY 0 3 163 BASE64\n". */
struct buf;
void key_print(struct buf *out, const struct key *key);

#endif
