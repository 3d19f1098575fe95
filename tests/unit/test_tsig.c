/* SPDX-License-Identifier: ISC */
/* Signed requests, right and wrong, and the signatures of what answers them, checked with an HMAC made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dns/answer.h"
#include "dns/tsig.h"
#include "tests/unit/dns_fixture.h"

#define NOW 1700000000u

struct recipe {                 /* how a request is signed; all zero: correctly, with k256 */
	const char     *key, *algorithm, *secret;
	enum crypt_hash hash;
	int64_t         age_s;
	uint16_t        mac_len;        /* 0: full */
	bool            original_0;     /* Original ID 0 though the MAC covers the real one */
	bool            original_other; /* the ID was changed on the way, by a forwarder */
	bool            broken;         /* one byte of the rdata is missing */
	bool            flip;           /* a bit of the question changed on the way */
};

static struct keyring    *ring;
static struct hmac_cache *cache;

static void
put_time(struct buf *out, uint64_t time_s)
{
	buf_put_u16(out, (uint16_t)(time_s >> 32));
	buf_put_u32(out, (uint32_t)time_s);
}

static void
put_name(struct buf *out, const char *text)
{
	uint8_t name[NAME_SIZE];

	name_parse(name, text, NULL, NULL);
	buf_put(out, name, name_len(name));
}

/* RFC 8945 4.3.3 */
static void
put_variables(struct buf *out, const char *key, const char *algorithm, uint64_t time_s, uint16_t error, const void *other, uint16_t other_len)
{
	put_name(out, key);
	buf_put_u16(out, CLASS_ANY);
	buf_put_u32(out, 0);
	put_name(out, algorithm);
	put_time(out, time_s);
	buf_put_u16(out, 300);
	buf_put_u16(out, error);
	buf_put_u16(out, other_len);
	buf_put(out, other, other_len);
}

static size_t
hmac(const struct recipe *recipe, const struct buf *data, uint8_t out[static CRYPT_HASH_MAX])
{
	struct crypt_hmac *h = crypt_hmac_new(recipe->hash, recipe->secret, strlen(recipe->secret));
	size_t             len;

	crypt_hmac_start(h);
	crypt_hmac_add(h, data->data, data->len);
	len = crypt_hmac_end(h, out);
	crypt_hmac_free(h);
	return len;
}

static void
fill(struct recipe *recipe)
{
	if (recipe->key == NULL)
		recipe->key = "k256.";
	if (recipe->algorithm == NULL)
		recipe->algorithm = "hmac-sha256.";
	if (recipe->secret == NULL)
		recipe->secret = "secret-256";
	if (recipe->hash == CRYPT_SHA1)
		recipe->hash = CRYPT_SHA256;
}

static void
make_request(struct buf *out, struct recipe recipe, uint8_t mac[static CRYPT_HASH_MAX], size_t *mac_len)
{
	struct buf text = { 0 };
	size_t     rdlen_at;

	fill(&recipe);
	buf_reset(out);
	fixture_query(out, "example.org.", TYPE_SOA, CLASS_IN, 1232, 0);
	buf_put(&text, out->data, out->len);
	put_variables(&text, recipe.key, recipe.algorithm, NOW - (uint64_t)recipe.age_s, 0, NULL, 0);
	*mac_len = hmac(&recipe, &text, mac);
	if (recipe.mac_len != 0)
		*mac_len = recipe.mac_len;
	buf_done(&text);

	put_name(out, recipe.key);
	buf_put_u16(out, TYPE_TSIG);
	buf_put_u16(out, CLASS_ANY);
	buf_put_u32(out, 0);
	rdlen_at = out->len;
	buf_put_u16(out, 0);
	put_name(out, recipe.algorithm);
	put_time(out, NOW - (uint64_t)recipe.age_s);
	buf_put_u16(out, 300);
	buf_put_u16(out, (uint16_t)*mac_len);
	buf_put(out, mac, *mac_len);
	buf_put_u16(out, recipe.original_0 ? 0 : 0x1234);
	buf_put_u16(out, 0);
	buf_put_u16(out, 0);
	if (recipe.broken)
		out->len--;
	buf_set_u16(out, rdlen_at, (uint16_t)(out->len - rdlen_at - 2));
	buf_set_u16(out, 10, 2);
	if (recipe.original_other)
		buf_set_u16(out, 0, 0x9999);
	if (recipe.flip)
		out->data[PACKET_HEADER + 1] ^= 0x20;
}

#define LONGEST "hmac-sha512.a.very.long.algorithm.name.that.nobody.knows."

static const struct { struct recipe recipe; bool formerr; enum tsig_state state; uint16_t error; bool signs; } cases[] = {
	{ { 0 }, false, TSIG_GOOD, 0, true },
	{ { .key = "K256." }, false, TSIG_BAD, RCODE_BADSIG, false },           /* the MAC is over the name in lower case */
	{ { .key = "k512.", .algorithm = "hmac-sha512.", .secret = "secret-512", .hash = CRYPT_SHA512 }, false, TSIG_GOOD, 0, true },
	{ { .key = "k384.", .algorithm = "hmac-sha384.", .secret = "secret-384", .hash = CRYPT_SHA384 }, false, TSIG_GOOD, 0, true },
	{ { .original_0 = true }, false, TSIG_GOOD, 0, true },                  /* robur.md 3.6 */
	{ { .original_other = true }, false, TSIG_GOOD, 0, true },              /* RFC 8945 5.5: forwarded */
	{ { .key = "nobody." }, false, TSIG_BAD, RCODE_BADKEY, false },
	{ { .algorithm = "hmac-sha512.", .hash = CRYPT_SHA512 }, false, TSIG_BAD, RCODE_BADKEY, false },
	{ { .algorithm = LONGEST }, false, TSIG_BAD, RCODE_BADKEY, false },
	{ { .secret = "another" }, false, TSIG_BAD, RCODE_BADSIG, false },
	{ { .flip = true }, false, TSIG_BAD, RCODE_BADSIG, false },
	{ { .age_s = 300 }, false, TSIG_GOOD, 0, true },
	{ { .age_s = 301 }, false, TSIG_BAD, RCODE_BADTIME, true },
	{ { .age_s = -301 }, false, TSIG_BAD, RCODE_BADTIME, true },
	{ { .age_s = 301, .secret = "another" }, false, TSIG_BAD, RCODE_BADSIG, false },        /* not a word of time to strangers */
	{ { .mac_len = 16 }, false, TSIG_GOOD, 0, true },                       /* truncated to half: RFC 8945 5.2.2.1 */
	{ { .mac_len = 15 }, true, TSIG_NONE, 0, false },
	{ { .mac_len = 33 }, true, TSIG_NONE, 0, false },
	{ { .broken = true }, true, TSIG_NONE, 0, false },
};

/* Check the signature of a response of LEN bytes that answers a request with MAC. */
static void
check_signed(const uint8_t *data, size_t len, struct recipe recipe, const uint8_t *mac, size_t mac_len, uint16_t error, bool first)
{
	struct packet    packet;
	struct buf       text = { 0 };
	struct packet_rr rr;
	uint8_t          copy[4096], want[CRYPT_HASH_MAX];
	size_t           pos, want_len, other_len = error == RCODE_BADTIME ? 6 : 0;
	uint8_t          other[6] = { 0, 0, NOW >> 24, NOW >> 16 & 255, NOW >> 8 & 255, NOW & 255 };

	fill(&recipe);
	memcpy(copy, data, len);
	copy[2] &= 0x7f;                                /* so that it decodes as a query does */
	assert_int_equal(packet_decode(&packet, copy, len), PACKET_OK);
	assert_int_not_equal(packet.tsig_at, 0);
	buf_put_u16(&text, (uint16_t)mac_len);
	buf_put(&text, mac, mac_len);
	buf_put(&text, data, packet.tsig_at);
	buf_set_u16(&text, 2 + mac_len + 10, (uint16_t)(packet.counts[SECTION_ADDITIONAL] - 1));
	if (first) {
		put_variables(&text, recipe.key, recipe.algorithm, error == RCODE_BADTIME ? NOW - (uint64_t)recipe.age_s : NOW, error, other, (uint16_t)other_len);
	} else {
		put_time(&text, NOW);
		buf_put_u16(&text, 300);
	}
	want_len = hmac(&recipe, &text, want);
	pos = packet.tsig_at;
	assert_true(packet_rr(data, len, &pos, &rr));
	pos = rr.rdata_at + strlen(recipe.algorithm) + 1 + 8;
	assert_int_equal(packet_u16(data + pos), want_len);
	assert_memory_equal(data + pos + 2, want, want_len);
	assert_int_equal(packet_u16(data + pos + 2 + want_len + 2), error);
	buf_done(&text);
}

/* A response to REQUEST with no records, signed as TSIG says. */
static size_t
respond(struct tsig *tsig, const struct packet *packet, uint8_t *out, size_t cap)
{
	struct question question = { .packet = packet, .host = "", .reserve = tsig_len(tsig), .cap = cap };
	size_t          len = answer_rcode(&question, out, RCODE_NOTAUTH, EDE_NONE), signed_len;

	signed_len = tsig_sign(tsig, cache, out, len, cap, NOW);
	assert_int_equal(signed_len, len + question.reserve);
	return signed_len;
}

static void
test_cases(void **state)
{
	struct buf request = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t       mac[CRYPT_HASH_MAX], out[PACKET_UDP_MAX];
		size_t        mac_len, len;
		struct packet packet;
		struct tsig   tsig;

		make_request(&request, cases[i].recipe, mac, &mac_len);
		assert_int_equal(packet_decode(&packet, request.data, request.len), PACKET_OK);
		if (tsig_verify(&tsig, &packet, ring, cache, NOW) == cases[i].formerr)
			fail_msg("case %zu: format", i);
		if (cases[i].formerr)
			continue;
		if (tsig.state != cases[i].state || tsig.error != cases[i].error || tsig.signs != cases[i].signs)
			fail_msg("case %zu: state %d error %u", i, tsig.state, tsig.error);
		len = respond(&tsig, &packet, out, sizeof out);
		if (tsig.signs)
			check_signed(out, len, cases[i].recipe, mac, mac_len, tsig.error, true);
		tsig_done(&tsig);
	}
	buf_done(&request);
}

static void
test_unsigned(void **state)
{
	struct buf    request = { 0 };
	struct packet packet;
	struct tsig   tsig;

	(void)state;
	fixture_query(&request, "example.org.", TYPE_SOA, CLASS_IN, 0, 0);
	assert_int_equal(packet_decode(&packet, request.data, request.len), PACKET_OK);
	assert_true(tsig_verify(&tsig, &packet, ring, cache, NOW));
	assert_int_equal(tsig.state, TSIG_NONE);
	assert_int_equal(tsig_len(&tsig), 0);
	buf_done(&request);
}

/* Each message of an answer in several is signed, from the second on over the MAC before and the timers (RFC 8945 5.3.1). */
static void
test_several(void **state)
{
	struct buf    request = { 0 };
	struct recipe recipe = { 0 };
	uint8_t       mac[CRYPT_HASH_MAX], out[PACKET_UDP_MAX];
	size_t        mac_len, len;
	struct packet packet;
	struct tsig   tsig;

	(void)state;
	make_request(&request, recipe, mac, &mac_len);
	assert_int_equal(packet_decode(&packet, request.data, request.len), PACKET_OK);
	assert_true(tsig_verify(&tsig, &packet, ring, cache, NOW));
	for (unsigned i = 0; i < 3; i++) {
		len = respond(&tsig, &packet, out, sizeof out);
		check_signed(out, len, recipe, mac, mac_len, 0, i == 0);
		memcpy(mac, tsig.mac, tsig.mac_len);
		mac_len = tsig.mac_len;
	}
	tsig_done(&tsig);
	buf_done(&request);
}

/* Names as long as can be find room even in the smallest response. */
static void
test_long_names(void **state)
{
	static const char label[] = "aaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff012";
	char              name[300];
	struct recipe     recipe = { .key = name, .algorithm = name };
	struct buf        request = { 0 };
	uint8_t           mac[CRYPT_HASH_MAX], out[PACKET_UDP_MAX];
	size_t            mac_len;
	struct packet     packet;
	struct tsig       tsig;

	(void)state;
	snprintf(name, sizeof name, "%s.%s.%s.%.59s.", label, label, label, label);
	make_request(&request, recipe, mac, &mac_len);
	assert_int_equal(packet_decode(&packet, request.data, request.len), PACKET_OK);
	assert_true(tsig_verify(&tsig, &packet, ring, cache, NOW));
	assert_int_equal(tsig.error, RCODE_BADKEY);
	respond(&tsig, &packet, out, sizeof out);
	buf_done(&request);
}

static void
test_keyring(void **state)
{
	uint8_t name[NAME_SIZE];

	(void)state;
	name_parse(name, "K384.", NULL, NULL);
	assert_non_null(keyring_find(ring, name));
	assert_int_equal(keyring_find(ring, name)->hash, CRYPT_SHA384);
	name_parse(name, "a.k384.", NULL, NULL);
	assert_null(keyring_find(ring, name));
	assert_null(keyring_find(NULL, name));
}

static void
set_key(struct key *key, const char *name, enum crypt_hash hash, const char *secret)
{
	name_parse(key->name, name, NULL, NULL);
	key->hash = hash;
	key->secret_len = (uint16_t)strlen(secret);
	memcpy(key->secret, secret, key->secret_len);
}

static int
setup(void **state)
{
	static struct key keys[4];

	(void)state;
	crypt_init();
	set_key(&keys[0], "k512.", CRYPT_SHA512, "secret-512");
	set_key(&keys[1], "k256.", CRYPT_SHA256, "secret-256");
	set_key(&keys[2], "k384.", CRYPT_SHA384, "secret-384");
	set_key(&keys[3], "k256.", CRYPT_SHA1, "a second one of that name");
	ring = keyring_new(keys, 4);
	cache = hmac_cache_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	keyring_free(ring);
	hmac_cache_free(cache);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases), cmocka_unit_test(test_unsigned), cmocka_unit_test(test_several),
		cmocka_unit_test(test_long_names), cmocka_unit_test(test_keyring),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
