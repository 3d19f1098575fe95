/* SPDX-License-Identifier: ISC */
/*
 * Transaction signatures (RFC 8945): verify a request, sign what answers it.
 *
 * A struct tsig is all that signing needs; it is a value of its own (it holds a copy of the key), so that a reply can be signed long
 * after the request, when the set of keys may be another.  Wipe it after use (tsig_done).
 */
#ifndef DNS_TSIG_H
#define DNS_TSIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/keyring.h"
#include "dns/packet.h"

#define TSIG_FUDGE_S 300

enum tsig_state {
	TSIG_NONE,              /* the request is not signed */
	TSIG_GOOD,
	TSIG_BAD                /* answer NOTAUTH with ERROR */
};

struct tsig {
	enum tsig_state state;
	uint16_t        error;          /* RCODE_BADKEY, _BADSIG, _BADTIME, _BADTRUNC or 0 */
	bool            signs;          /* the answer is to be signed; else it carries the error alone */
	const char     *reason;         /* for our log only; never NULL after a bad one */
	struct key      key;            /* valid when SIGNS; its name always */
	uint8_t         algorithm[NAME_SIZE];
	uint64_t        time_s;         /* of the request */
	uint8_t         mac[CRYPT_HASH_MAX];    /* what the next message's MAC begins with: the request's or the previous message's */
	uint16_t        mac_len;
	bool            follows;        /* a message of this answer was signed already: RFC 8945 5.3.1 */
};

/* Verify the TSIG record of PACKET, if it has one.  NOW_S: Unix time.  False: the record is malformed, answer FORMERR unsigned. */
bool tsig_verify(struct tsig *out, const struct packet *packet, const struct keyring *ring, struct hmac_cache *cache, uint64_t now_s);

/* How many bytes tsig_sign will add. */
size_t tsig_len(const struct tsig *tsig);

/* Add the TSIG record to a finished message of LEN bytes at DATA (with CAP bytes of room) and count it.  The new length.  A further call signs the next message of
 * the same answer. */
size_t tsig_sign(struct tsig *tsig, struct hmac_cache *cache, uint8_t *data, size_t len, size_t cap, uint64_t now_s);

void tsig_done(struct tsig *tsig);      /* wipes the key */

#endif
