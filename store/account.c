/* SPDX-License-Identifier: ISC */
/*
 * Accounts: the file of one person.
 */
#include "store/account.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypt.h"
#include "base/str.h"
#include "store/lines.h"
#include "zone/name.h"

#define KEY_BLOB_MAX     4096
#define ACCOUNT_NAME_MAX 63
#define ACCOUNT_ZONES_MAX 10000

static const char *const key_types[] = {
	"ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa",
	"sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
};

bool
account_key_type(const char *type)
{
	for (size_t i = 0; i < sizeof key_types / sizeof *key_types; i++)
		if (strcmp(key_types[i], type) == 0)
			return true;
	return false;
}

bool
account_fingerprint(char out[static 64], const char *type, const char *base64)
{
	uint8_t    blob[KEY_BLOB_MAX], digest[CRYPT_HASH_MAX];
	long       len = str_base64_decode(blob, sizeof blob, base64, strlen(base64));
	size_t     type_len = strlen(type);
	struct cur cur;
	uint32_t   inner_len;
	struct buf text = { 0 };

	if (len < 0)
		return false;
	cur_init(&cur, blob, (size_t)len);
	inner_len = cur_u32(&cur);
	if (inner_len != type_len || cur_left(&cur) <= type_len || memcmp(blob + 4, type, type_len) != 0)
		return false;

	str_base64_encode(&text, digest, crypt_digest(CRYPT_SHA256, digest, blob, (size_t)len));
	while (text.len > 0 && text.data[text.len - 1] == '=')
		text.len--;
	memcpy(out, "SHA256:", 7);
	memcpy(out + 7, buf_str(&text), text.len + 1);
	buf_done(&text);
	return true;
}

static int
zone_compare(const void *a, const void *b)
{
	return strcmp(((const struct account_zone *)a)->zone, ((const struct account_zone *)b)->zone);
}

enum access
account_access(const struct account *account, const char *zone)
{
	struct account_zone        wanted = { .zone = zone };
	const struct account_zone *found;

	if (account->admin)
		return ACCESS_OWNER;
	found = account->zone_count != 0
	    ? bsearch(&wanted, account->zones, account->zone_count, sizeof wanted, zone_compare) : NULL;
	return found != NULL ? found->access : ACCESS_NONE;
}

struct parse {
	struct account *account;
	struct arena   *arena;
	size_t          zone_cap;
	bool            has_role;
};

static bool
parse_name(void *arg, const struct line *line, struct err *err)
{
	struct parse *parse = arg;

	if (parse->account->name != NULL)
		return line_err(err, line, 0, ERR_SYNTAX, "a second name");
	if (line->words[1][0] == '\0' || strlen(line->words[1]) > ACCOUNT_NAME_MAX)
		return line_err(err, line, 1, ERR_SYNTAX, "a name has 1 to %d bytes", ACCOUNT_NAME_MAX);
	parse->account->name = line->words[1];
	return true;
}

static bool
parse_role(void *arg, const struct line *line, struct err *err)
{
	struct parse *parse = arg;

	if (parse->has_role)
		return line_err(err, line, 0, ERR_SYNTAX, "a second role");
	parse->has_role = true;
	parse->account->admin = strcmp(line->words[1], "admin") == 0;
	if (parse->account->admin || strcmp(line->words[1], "user") == 0)
		return true;
	return line_err(err, line, 1, ERR_SYNTAX, "\"%s\" is no role", line->words[1]);
}

static bool
parse_key(void *arg, const struct line *line, struct err *err)
{
	struct parse      *parse = arg;
	struct account    *account = parse->account;
	struct account_key key = { .type = line->words[1], .base64 = line->words[2], .label = "" };
	char               fingerprint[64];

	if (!account_key_type(key.type))
		return line_err(err, line, 1, ERR_SYNTAX, "\"%s\" is not a type of key that may log in", key.type);
	if (!account_fingerprint(fingerprint, key.type, key.base64))
		return line_err(err, line, 2, ERR_SYNTAX, "this is not the base64 of an %s public key", key.type);
	if (account->key_count == ACCOUNT_KEYS_MAX)
		return line_err(err, line, 0, ERR_LIMIT, "more than %d keys", ACCOUNT_KEYS_MAX);
	for (size_t i = 0; i < account->key_count; i++)
		if (strcmp(account->keys[i].fingerprint, fingerprint) == 0)
			return line_err(err, line, 2, ERR_SYNTAX, "the same key twice");
	for (size_t i = 3; i < line->count; i++)
		key.label = arena_printf(parse->arena, "%s%s%s", key.label, i > 3 ? " " : "", line->words[i]);
	key.fingerprint = arena_strdup(parse->arena, fingerprint);
	account->keys[account->key_count++] = key;
	return true;
}

static bool
parse_access(enum access *out, const char *text)
{
	for (*out = ACCESS_VIEWER; *out <= ACCESS_OWNER; ++*out)
		if (strcmp(access_name(*out), text) == 0)
			return true;
	return false;
}

/* Room for one more zone; the arrays that were too small stay in the arena. */
static struct account_zone *
zone_add(struct parse *parse)
{
	struct account *account = parse->account;

	if (account->zone_count == parse->zone_cap) {
		struct account_zone *zones = account->zones;

		parse->zone_cap = parse->zone_cap * 2 + 4;
		account->zones = arena_array(parse->arena, parse->zone_cap, sizeof *zones);
		if (zones != NULL)
			memcpy(account->zones, zones, account->zone_count * sizeof *zones);
	}
	return &account->zones[account->zone_count++];
}

static bool
parse_zone(void *arg, const struct line *line, struct err *err)
{
	struct parse *parse = arg;
	uint8_t       name[NAME_SIZE];
	char          text[NAME_TEXT_MAX];
	struct err    why = { 0 };
	enum access   access;

	if (!name_parse_zone(name, line->words[1], &why))
		return line_err(err, line, 1, ERR_SYNTAX, "%s", why.text);
	if (!parse_access(&access, line->words[2]))
		return line_err(err, line, 2, ERR_SYNTAX, "\"%s\" is no role in a zone", line->words[2]);
	name_print_zone(text, name);
	if (parse->account->zone_count == ACCOUNT_ZONES_MAX)
		return line_err(err, line, 0, ERR_LIMIT, "more than %d zones", ACCOUNT_ZONES_MAX);
	*zone_add(parse) = (struct account_zone){ arena_strdup(parse->arena, text), access };
	return true;
}

static const struct line_rule rules[] = {
	{ "name", 2, 2, "name NAME", parse_name },
	{ "role", 2, 2, "role admin|user", parse_role },
	{ "key", 3, LINE_WORDS_MAX, "key TYPE BASE64 [LABEL], as in a .pub file", parse_key },
	{ "zone", 3, 3, "zone DOMAIN owner|maintainer|editor|viewer", parse_zone },
	{ NULL, 0, 0, NULL, NULL },
};

/* In order, for account_access. */
static bool
sort_zones(struct account *account, const char *file, struct err *err)
{
	if (account->zone_count != 0)
		qsort(account->zones, account->zone_count, sizeof *account->zones, zone_compare);
	for (size_t i = 1; i < account->zone_count; i++)
		if (zone_compare(&account->zones[i - 1], &account->zones[i]) == 0)
			return err_set(err, ERR_SYNTAX, "%s: zone %s stands here twice", file, account->zones[i].zone);
	return true;
}

struct account *
account_parse(const char *email, const char *text, size_t len, struct arena *arena, struct err *err)
{
	struct parse parse = { .account = arena_alloc(arena, sizeof *parse.account), .arena = arena };
	const char  *file = arena_printf(arena, "users/%s", email);

	parse.account->email = arena_strdup(arena, email);
	if (!lines_parse(file, text, len, rules, &parse, arena, err) || !sort_zones(parse.account, file, err))
		return NULL;
	if (parse.account->key_count == 0) {
		err_set(err, ERR_SYNTAX, "%s: no key: nobody could log in", file);
		err_hint(err, "expected: key TYPE BASE64 [LABEL], 1 to %d of them", ACCOUNT_KEYS_MAX);
		return NULL;
	}
	if (parse.account->name == NULL)
		parse.account->name = arena_strndup(arena, email, strcspn(email, "@"));
	return parse.account;
}
