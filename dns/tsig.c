/* SPDX-License-Identifier: ISC */
/*
 * The order of the checks is that of RFC 8945 5.2: key, MAC, time, truncation.  Some of robur's clients set Original ID
 * to 0 while their MAC covers the real one: the MAC may match with either.
 */
#include "dns/tsig.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "zone/rr.h"

#define OTHER_LEN 6     /* of BADTIME: our time */

/* A TSIG record as received. */
struct record {
	uint8_t        key_name[NAME_SIZE];      /* lower case, as is the algorithm's */
	uint64_t       time_s;
	uint16_t       fudge_s, mac_len, original_id, error, other_len;
	const uint8_t *mac, *other;
};

static void
put_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
put_u48(uint8_t *p, uint64_t v)
{
	for (unsigned i = 0; i < 6; i++)
		p[i] = (uint8_t)(v >> (40 - 8 * i));
}

static const uint8_t *
algorithm_name(enum crypt_hash hash)
{
	static const uint8_t names[CRYPT_HASHES][16] = {
		[CRYPT_SHA1] = "\011hmac-sha1", [CRYPT_SHA224] = "\013hmac-sha224", [CRYPT_SHA256] = "\013hmac-sha256",
		[CRYPT_SHA384] = "\013hmac-sha384", [CRYPT_SHA512] = "\013hmac-sha512"
	};

	return names[hash];
}

static bool
decode_record(struct record *out, uint8_t algorithm[static NAME_SIZE], const struct packet *packet)
{
	size_t           pos = packet->tsig_at, at;
	struct packet_rr rr;
	struct cur       cur;

	if (!packet_rr(packet->data, packet->len, &pos, &rr))
		return false;
	name_lower(out->key_name, rr.owner);
	at = rr.rdata_at;
	if (!packet_name(packet->data, rr.rdata_at + rr.rdlen, &at, rr.owner))
		return false;
	name_lower(algorithm, rr.owner);
	cur_init(&cur, packet->data + at, rr.rdata_at + rr.rdlen - at);
	out->time_s = (uint64_t)cur_u16(&cur) << 32;
	out->time_s |= cur_u32(&cur);
	out->fudge_s = cur_u16(&cur);
	out->mac_len = cur_u16(&cur);
	out->mac = cur_bytes(&cur, out->mac_len);
	out->original_id = cur_u16(&cur);
	out->error = cur_u16(&cur);
	out->other_len = cur_u16(&cur);
	out->other = cur_bytes(&cur, out->other_len);
	return cur_end(&cur);
}

/* RFC 8945 4.3.3: what the MAC covers besides the message. */
static void
add_variables(struct crypt_hmac *hmac, const uint8_t *key_name, const uint8_t *algorithm, uint64_t time_s, uint16_t fudge_s, uint16_t error,
    const uint8_t *other, uint16_t other_len)
{
	static const uint8_t class_ttl[6] = { 0, CLASS_ANY, 0, 0, 0, 0 };
	uint8_t              fixed[12];

	crypt_hmac_add(hmac, key_name, name_len(key_name));
	crypt_hmac_add(hmac, class_ttl, sizeof class_ttl);
	crypt_hmac_add(hmac, algorithm, name_len(algorithm));
	put_u48(fixed, time_s);
	put_u16(fixed + 6, fudge_s);
	put_u16(fixed + 8, error);
	put_u16(fixed + 10, other_len);
	crypt_hmac_add(hmac, fixed, sizeof fixed);
	if (other_len != 0)
		crypt_hmac_add(hmac, other, other_len);
}

/* Does the MAC match when the message had ID? */
static bool
mac_matches(const struct record *record, const struct tsig *tsig, const struct packet *packet, struct hmac_cache *cache, uint16_t id)
{
	struct crypt_hmac *hmac = hmac_cache_get(cache, &tsig->key);
	uint8_t            header[PACKET_HEADER], mac[CRYPT_HASH_MAX];

	memcpy(header, packet->data, sizeof header);
	put_u16(header, id);
	put_u16(header + 10, (uint16_t)(packet->counts[SECTION_ADDITIONAL] - 1));
	crypt_hmac_add(hmac, header, sizeof header);
	crypt_hmac_add(hmac, packet->data + PACKET_HEADER, packet->tsig_at - PACKET_HEADER);
	add_variables(hmac, record->key_name, tsig->algorithm, record->time_s, record->fudge_s, record->error, record->other, record->other_len);
	crypt_hmac_end(hmac, mac);
	return crypt_equal(mac, record->mac, record->mac_len);
}

static bool
refuse(struct tsig *tsig, uint16_t error, const char *reason)
{
	tsig->state = TSIG_BAD;
	tsig->error = error;
	tsig->reason = reason;
	/* BADKEY and BADSIG go out unsigned (RFC 8945 5.3.2): nobody could, or should, believe a signature. */
	tsig->signs = error == RCODE_BADTIME || error == RCODE_BADTRUNC;
	return true;
}

static bool
time_is_near(const struct record *record, uint64_t now_s)
{
	uint64_t away = now_s > record->time_s ? now_s - record->time_s : record->time_s - now_s;

	return away <= record->fudge_s;
}

/* The checks once the key is known. */
static bool
verify_with_key(struct tsig *out, const struct record *record, const struct packet *packet, struct hmac_cache *cache, uint64_t now_s)
{
	size_t full = crypt_hash_len(out->key.hash), least = full / 2 > 10 ? full / 2 : 10;

	if (record->mac_len > full || record->mac_len < least)
		return false;                           /* RFC 8945 5.2.2.1: FORMERR */
	if (!mac_matches(record, out, packet, cache, record->original_id) &&
	    (record->original_id == packet->id || !mac_matches(record, out, packet, cache, packet->id)))
		return refuse(out, RCODE_BADSIG, "the MAC does not match: another secret");
	memcpy(out->mac, record->mac, record->mac_len);
	out->mac_len = record->mac_len;
	if (!time_is_near(record, now_s))
		return refuse(out, RCODE_BADTIME, "the clocks differ too much");
	out->state = TSIG_GOOD;
	out->signs = true;
	return true;
}

bool
tsig_verify(struct tsig *out, const struct packet *packet, const struct keyring *ring, struct hmac_cache *cache, uint64_t now_s)
{
	struct record     record;
	const struct key *key;

	out->state = TSIG_NONE;
	out->signs = out->follows = false;
	out->error = out->mac_len = out->key.secret_len = 0;
	if (packet->tsig_at == 0)
		return true;
	if (!decode_record(&record, out->algorithm, packet))
		return false;
	name_copy(out->key.name, record.key_name);
	out->time_s = record.time_s;
	key = keyring_find(ring, record.key_name);
	if (key == NULL)
		return refuse(out, RCODE_BADKEY, "no such key");
	if (!name_equal(out->algorithm, algorithm_name(key->hash)))
		return refuse(out, RCODE_BADKEY, "the key is for another algorithm");
	out->key = *key;
	return verify_with_key(out, &record, packet, cache, now_s);
}

size_t
tsig_len(const struct tsig *tsig)
{
	size_t variable = tsig->signs ? crypt_hash_len(tsig->key.hash) : 0;

	if (tsig->state == TSIG_NONE)
		return 0;
	return name_len(tsig->key.name) + 10 + name_len(tsig->algorithm) + 16 + variable + (tsig->error == RCODE_BADTIME ? OTHER_LEN : 0);
}

/* The MAC of a message of LEN bytes at DATA that answers what TSIG verified; it also becomes what the next one begins with. */
static void
make_mac(struct tsig *tsig, struct hmac_cache *cache, const uint8_t *data, size_t len, uint64_t time_s, const uint8_t *other, uint16_t other_len)
{
	struct crypt_hmac *hmac = hmac_cache_get(cache, &tsig->key);
	uint8_t            fixed[8];

	put_u16(fixed, tsig->mac_len);
	crypt_hmac_add(hmac, fixed, 2);
	crypt_hmac_add(hmac, tsig->mac, tsig->mac_len);
	crypt_hmac_add(hmac, data, len);
	if (tsig->follows) {
		put_u48(fixed, time_s);
		put_u16(fixed + 6, TSIG_FUDGE_S);
		crypt_hmac_add(hmac, fixed, sizeof fixed);
	} else {
		add_variables(hmac, tsig->key.name, tsig->algorithm, time_s, TSIG_FUDGE_S, tsig->error, other, other_len);
	}
	tsig->mac_len = (uint16_t)crypt_hmac_end(hmac, tsig->mac);
	tsig->follows = true;
}

/* Everything of the record before its rdata's length; returns where that belongs. */
static uint8_t *
put_head(uint8_t *p, const struct tsig *tsig)
{
	size_t n = name_len(tsig->key.name);

	memcpy(p, tsig->key.name, n);
	p += n;
	put_u16(p, TYPE_TSIG);
	put_u16(p + 2, CLASS_ANY);
	memset(p + 4, 0, 4);
	return p + 8;
}

size_t
tsig_sign(struct tsig *tsig, struct hmac_cache *cache, uint8_t *data, size_t len, size_t cap, uint64_t now_s)
{
	uint16_t other_len = tsig->error == RCODE_BADTIME ? OTHER_LEN : 0;
	uint64_t time_s = other_len != 0 ? tsig->time_s : now_s;
	uint16_t mac_len = 0;
	uint8_t  other[OTHER_LEN], *p, *rdlen_at;
	size_t   n = name_len(tsig->algorithm);

	assert(tsig->state != TSIG_NONE && cap - len >= tsig_len(tsig));
	put_u48(other, now_s);
	if (tsig->signs) {
		make_mac(tsig, cache, data, len, time_s, other, other_len);
		mac_len = tsig->mac_len;
	}
	rdlen_at = put_head(data + len, tsig);
	p = rdlen_at + 2;
	memcpy(p, tsig->algorithm, n);
	p += n;
	put_u48(p, time_s);
	put_u16(p + 6, TSIG_FUDGE_S);
	put_u16(p + 8, mac_len);
	memcpy(p + 10, tsig->mac, mac_len);
	p += 10 + mac_len;
	memcpy(p, data, 2);                     /* Original ID */
	put_u16(p + 2, tsig->error);
	put_u16(p + 4, other_len);
	memcpy(p + 6, other, other_len);
	p += 6 + other_len;
	put_u16(rdlen_at, (uint16_t)(p - rdlen_at - 2));
	put_u16(data + 10, (uint16_t)(packet_u16(data + 10) + 1));
	return (size_t)(p - data);
}

void
tsig_done(struct tsig *tsig)
{
	crypt_wipe(tsig->key.secret, sizeof tsig->key.secret);
	tsig->key.secret_len = 0;
	tsig->state = TSIG_NONE;
}
