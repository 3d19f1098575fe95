/* SPDX-License-Identifier: ISC */
/*
 * TSIG keys.  Nothing here puts a secret into a message: where a line of a key file does not parse, what the reader of zone files says
 * about it could quote the secret, so only the place is passed on.
 */
#include "zone/key.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "zone/rr.h"
#include "zone/zonefile.h"

#define KEY_PROTOCOL   3
#define KEY_RDATA_HEAD 4        /* flags, protocol, algorithm */

static const struct { enum crypt_hash hash; unsigned number; const char *name; } hashes[] = {
	{ CRYPT_SHA1, 161, "hmac-sha1" }, { CRYPT_SHA224, 162, "hmac-sha224" }, { CRYPT_SHA256, 163, "hmac-sha256" },
	{ CRYPT_SHA384, 164, "hmac-sha384" }, { CRYPT_SHA512, 165, "hmac-sha512" },
};
#define HASHES (sizeof hashes / sizeof hashes[0])

static const struct { enum key_op op; const char *label; } ops[] = {
	{ KEY_NOTIFY, "_notify" }, { KEY_TRANSFER, "_transfer" }, { KEY_UPDATE, "_update" },
};

bool
key_hash_parse(enum crypt_hash *out, const char *text)
{
	for (size_t i = 0; i < HASHES; i++)
		if (strcasecmp(hashes[i].name, text) == 0) {
			*out = hashes[i].hash;
			return true;
		}
	return false;
}

const char *
key_hash_name(enum crypt_hash hash)
{
	for (size_t i = 0; i < HASHES; i++)
		if (hashes[i].hash == hash)
			return hashes[i].name;
	return "";
}

bool
key_hash_from_number(enum crypt_hash *out, unsigned number)
{
	for (size_t i = 0; i < HASHES; i++)
		if (hashes[i].number == number) {
			*out = hashes[i].hash;
			return true;
		}
	return false;
}

unsigned
key_hash_number(enum crypt_hash hash)
{
	for (size_t i = 0; i < HASHES; i++)
		if (hashes[i].hash == hash)
			return hashes[i].number;
	return 0;
}

static enum key_op
label_op(const uint8_t *label)
{
	for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
		if (strlen(ops[i].label) == *label && strncasecmp(ops[i].label, (const char *)label + 1, *label) == 0)
			return ops[i].op;
	return KEY_NONE;
}

static bool
is_letter(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Letters, digits and inner hyphens; *LETTER tells whether there is any letter. */
static bool
is_host_label(const uint8_t *label, bool *letter)
{
	*letter = false;
	for (unsigned i = 1; i <= *label; i++) {
		*letter = *letter || is_letter(label[i]);
		if (!is_letter(label[i]) && !(label[i] >= '0' && label[i] <= '9') && !(label[i] == '-' && i > 1))
			return false;
	}
	return true;
}

/* Is NAME the root or that of a host, whose last label is not a mere number? */
static bool
is_host_name(const uint8_t *name)
{
	bool letter = true;

	for (; *name != 0; name = name_parent(name))
		if (!is_host_label(name, &letter))
			return false;
	return letter;
}

enum key_op
key_right(const uint8_t *key_name, const uint8_t **zone)
{
	enum key_op right = KEY_NONE;

	*zone = NULL;
	for (const uint8_t *label = key_name; *label != 0; label = name_parent(label))
		if (label_op(label) != KEY_NONE) {
			right = label_op(label);
			*zone = name_parent(label);
		}
	if (right == KEY_NONE || is_host_name(*zone))
		return right;
	*zone = NULL;
	return KEY_NONE;
}

bool
key_may(const uint8_t *key_name, enum key_op op, const uint8_t *name)
{
	const uint8_t *zone;
	enum key_op    right = key_right(key_name, &zone);

	return op != KEY_NONE && right >= op && name_below(name, zone);
}

static void
ignore(struct report *report, const struct zonefile_rr *line, const char *code, const char *text, const char *hint)
{
	char           owner[NAME_TEXT_MAX], type[16];
	struct finding finding = { .level = FINDING_WARNING, .code = code, .line = line->line, .col = line->col, .owner = owner,
		.type = rr_type_print(type, line->rr.type), .text = text, .hint = hint };

	name_print(owner, line->rr.owner);
	report_add(report, &finding);
}

/* Why the record is no key that may stand in this file, or NULL; *OUT is then the key. */
static const char *
key_from_rr(struct key *out, const struct rr *rr, const uint8_t *file_zone, const char **hint)
{
	*hint = "";
	if (rr->type != TYPE_DNSKEY)
		return *hint = "keys are DNSKEY records", "it is ignored: it is no key";
	if (rr->rdlen <= KEY_RDATA_HEAD || rr->rdata[2] != KEY_PROTOCOL)
		return "the key is ignored: its protocol must be 3";
	if (!key_hash_from_number(&out->hash, rr->rdata[3]))
		return *hint = "161: hmac-sha1, 162: sha224, 163: sha256, 164: sha384, 165: sha512", "the key is ignored: its algorithm is none of TSIG's";
	if (rr->rdlen - KEY_RDATA_HEAD > KEY_SECRET_MAX)
		return "the key is ignored: its secret is longer than 512 bytes";
	if (file_zone != NULL && !name_below(rr->owner, file_zone))
		return *hint = "names without a final dot are relative to the root here", "the key is ignored: its name lies outside the zone of this file";
	name_lower(out->name, rr->owner);
	out->secret_len = (uint16_t)(rr->rdlen - KEY_RDATA_HEAD);
	memcpy(out->secret, rr->rdata + KEY_RDATA_HEAD, out->secret_len);
	return NULL;
}

static int
owner_compare(const void *a, const void *b)
{
	return name_compare(*(const uint8_t *const *)a, *(const uint8_t *const *)b);
}

/* The names of all keys in FILE, sorted: two of a kind stand side by side. */
static size_t
sorted_names(const uint8_t ***names, const struct zonefile *file, struct arena *arena)
{
	size_t count = 0;

	*names = arena_array(arena, zonefile_count(file), sizeof **names);
	for (size_t i = 0; i < zonefile_count(file); i++)
		if (zonefile_at(file, i)->rr.type == TYPE_DNSKEY)
			(*names)[count++] = zonefile_at(file, i)->rr.owner;
	qsort(*names, count, sizeof **names, owner_compare);
	return count;
}

static bool
is_ambiguous(const uint8_t **names, size_t count, const uint8_t *name)
{
	const uint8_t **found = bsearch(&name, names, count, sizeof *names, owner_compare);

	return found != NULL && ((found > names && name_equal(found[-1], name)) || (found + 1 < names + count && name_equal(found[1], name)));
}

static void
report_syntax(struct report *report, const struct report *found)
{
	for (size_t i = 0; i < found->count; i++) {
		struct finding finding = { .level = found->findings[i].level, .code = found->findings[i].code, .line = found->findings[i].line,
			.col = found->findings[i].col, .text = "this is no key", .hint = "expected: NAME. DNSKEY 0 3 163 SECRET, the secret in base64 with its padding" };

		report_add(report, &finding);
	}
}

size_t
key_file_parse(struct key **keys, const char *text, size_t len, const uint8_t *file_zone, struct arena *arena, struct report *report)
{
	const struct zonefile_opts opts = { .keys = true };
	struct report              found;
	struct zonefile           *file;
	const uint8_t            **names;
	size_t                     count = 0, name_count;

	report_init(&found);
	file = zonefile_parse(text, len, &opts, &found);
	report_syntax(report, &found);
	name_count = sorted_names(&names, file, found.arena);
	*keys = arena_array(arena, zonefile_count(file), sizeof **keys);
	for (size_t i = 0; i < zonefile_count(file); i++) {
		const struct zonefile_rr *line = zonefile_at(file, i);
		const char               *hint, *why = key_from_rr(&(*keys)[count], &line->rr, file_zone, &hint);

		if (why == NULL && is_ambiguous(names, name_count, line->rr.owner))
			why = "the key is ignored: its name has several";
		if (why != NULL)
			ignore(report, line, "W-KEY", why, hint);
		else
			count++;
	}
	if (count < zonefile_count(file))
		crypt_wipe(&(*keys)[count], sizeof **keys);
	zonefile_free(file);
	report_done(&found);
	return count;
}

void
key_print(struct buf *out, const struct key *key)
{
	char name[NAME_TEXT_MAX];

	name_print(name, key->name);
	buf_putf(out, "%s DNSKEY 0 %d %u ", name, KEY_PROTOCOL, key_hash_number(key->hash));
	str_base64_encode(out, key->secret, key->secret_len);
	buf_putc(out, '\n');
}
