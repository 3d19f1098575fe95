/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a message, against fixed zones and keys: decoding, signatures, answers, updates and transfers.  A response must be well-formed, no
 * longer than the client allows, and echo the question.
 *     clang -fsanitize=fuzzer,address,undefined ...; the first byte of the input chooses UDP or TCP
 */
#include <stdlib.h>

#include "base/log.h"
#include "dns/answer.h"
#include "dns/tsig.h"
#include "dns/update.h"
#include "dns/xfr.h"
#include "tests/unit/dns_fixture.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char zone_text[] =
    "@ 600 SOA ns1 host 7 3600 600 86400 120\n@ 60 NS ns1\n@ 60 MX 10 mail\nns1 60 A 192.0.2.53\nmail 60 AAAA 2001:db8::1\n"
    "a 60 CNAME b\nb 60 CNAME a\n*.w 60 TXT \"w\"\nd 60 DNAME w\ns 60 NS ns.s\nns.s 60 A 192.0.2.1\nh 60 HTTPS 1 . alpn=h2\nx.y.z 60 SRV 1 2 3 mail\n";

static struct zones_set    *set;
static struct zones_reader *reader;
static struct hmac_cache   *cache;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static struct key  key = { .name = "\1k\7_update", .hash = CRYPT_SHA256, .secret_len = 6, .secret = "secret" };
	struct zones_edit *edit;

	(void)argc, (void)argv;
	crypt_init();
	cache = hmac_cache_new();
	set = zones_set_new();
	reader = zones_reader_new(set);
	edit = zones_edit_new(set);
	fixture_put(edit, "o.", zone_text);
	fixture_put(edit, "w.o.", zone_text);
	fixture_put(edit, "x.", NULL);
	zones_edit_keys(edit, keyring_new(&key, 1));
	zones_edit_loaded(edit);
	zones_edit_publish(edit);
	return 0;
}

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
check(const struct packet *packet, const uint8_t *out, size_t len, size_t limit)
{
	struct buf text = { 0 };

	must(len >= PACKET_HEADER && len <= limit);
	must(packet_u16(out) == packet->id && (out[2] & 0x80) != 0);
	must(strcmp(fixture_show(&text, out, len), "BROKEN") != 0);
	if (packet->qname != NULL)
		must(memcmp(out + PACKET_HEADER, packet->qname, name_len(packet->qname) + 4) == 0);
	buf_done(&text);
}

static void
run_xfr(const struct question *question, const struct tsig *tsig)
{
	static uint8_t out[PACKET_MAX];
	struct xfr    *xfr = NULL;
	unsigned       rcode;
	size_t         len;

	xfr_start(&xfr, question, tsig, &rcode);
	while (xfr != NULL && (len = xfr_next(xfr, cache, out, sizeof out, 1)) != 0)
		check(question->packet, out, len, sizeof out);
	xfr_free(xfr);
}

static void
run_update(const struct packet *packet)
{
	struct arena *arena = arena_new();
	unsigned      rcode;

	update_decode(packet, arena, &rcode);
	arena_free(arena);
}

static void
run(struct question *question, struct tsig *tsig)
{
	static uint8_t       out[PACKET_MAX];
	const struct packet *packet = question->packet;
	size_t               limit = answer_limit(packet, question->tcp), len;
	unsigned             rcode;

	question->reserve = tsig_len(tsig);
	check(packet, out, answer_rcode(question, out, RCODE_FORMERR, EDE_NONE), PACKET_UDP_MAX);
	if (packet_opcode(packet) == OPCODE_UPDATE)
		run_update(packet);
	if (packet_opcode(packet) != OPCODE_QUERY)
		return;
	if (xfr_asked(packet))
		run_xfr(question, tsig);
	len = answer(question, out, &rcode);
	if (tsig->state != TSIG_NONE)
		len = tsig_sign(tsig, cache, out, len, question->cap, 1);
	check(packet, out, len, tsig->state != TSIG_NONE && limit < PACKET_UDP_MAX ? PACKET_UDP_MAX : limit);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet   packet;
	struct tsig     tsig = { .state = TSIG_NONE };
	struct question question = { .packet = &packet, .host = "fuzz", .cap = PACKET_UDP_MAX };
	uint8_t        *copy;

	if (size < 1)
		return 0;
	copy = malloc(size);
	memcpy(copy, data + 1, size - 1);
	question.tcp = data[0] & 1;
	if (question.tcp)
		question.cap = PACKET_MAX;
	question.zones = zones_enter(reader);
	if (packet_decode(&packet, copy, size - 1) == PACKET_OK && tsig_verify(&tsig, &packet, question.zones->ring, cache, 1)) {
		/* As if every signature were right: nobody would find one by chance. */
		if (tsig.state == TSIG_BAD && tsig.error == RCODE_BADSIG && (data[0] & 2) != 0) {
			tsig.state = TSIG_GOOD;
			tsig.error = 0;
			tsig.signs = question.is_signed = true;
		}
		run(&question, &tsig);
	}
	zones_leave(reader);
	tsig_done(&tsig);
	free(copy);
	return 0;
}
