/* SPDX-License-Identifier: ISC */
/*
 * Who is who: public keys of accounts and devices, and what an identity may see.
 */
#ifndef STORE_IDENTITY_H
#define STORE_IDENTITY_H

#include "store/store.h"

/* The identity that the public key TYPE BASE64 belongs to: an account, else a device.  Leaves proof, from and via empty.  ERR_NOTAUTH. Cost: a search in all keys,
 * which are sorted anew after accounts or policies changed. */
bool identity_find(struct store *store, const char *type, const char *base64, struct identity *out, struct err *err);

/* Is WHO still there, with the key that it came with (TSIG: a key of that name)?  Takes over the admin flag and display name as they are now.  ERR_NOTAUTH. */
bool identity_refresh(struct store *store, struct identity *who, struct err *err);

/* What WHO is in ZONE.  Devices and TSIG keys are nothing: policy says what they may change. */
enum access identity_access(const struct store *store, const struct identity *who, const char *zone);

/* May WHO know that ZONE is there: people by their role in it, devices and keys when their name is below it or it is covered by the right in a key's name. */
bool identity_sees(const struct store *store, const struct identity *who, const char *zone);

/* The policy of ZONE in force, or NULL. */
const struct policy *identity_policy(const struct store *store, const char *zone);

void identity_done(struct store *store);

#endif
