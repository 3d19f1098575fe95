/* SPDX-License-Identifier: ISC */
/*
 * Reading policy/<domain>.
 */
#include "store/policy.h"

#include <string.h>

#include "base/str.h"
#include "store/lines.h"
#include "zone/name.h"

#define ROWS_MAX       10000    /* of each kind */
#define TOKEN_NAME_MAX 63

struct parse {
	struct policy *policy;
	struct arena  *arena;
	size_t         allow_cap, device_cap, protect_cap;
};

/* Make room for one more element of SIZE in *ROWS; arrays that were too small stay in the arena. */
static void *
row_add(struct parse *parse, void *rows, size_t *count, size_t *cap, size_t size)
{
	void **array = rows;

	if (*count == *cap) {
		void *old = *array;

		*cap = *cap * 2 + 4;
		*array = arena_array(parse->arena, *cap, size);
		if (old != NULL)
			memcpy(*array, old, *count * size);
	}
	return (char *)*array + size * (*count)++;
}

/* "A,AAAA" or "any" (none). */
static bool
parse_types(struct parse *parse, const struct line *line, size_t at, uint16_t **types, size_t *count, struct err *err)
{
	size_t cap = 0;

	*types = NULL;
	*count = 0;
	if (strcmp(line->words[at], "any") == 0)
		return true;
	for (char *word = line->words[at], *next; word != NULL; word = next) {
		struct err why = { 0 };
		uint16_t   type;

		next = strchr(word, ',');
		if (next != NULL)
			*next++ = '\0';
		if (!rr_type_parse(&type, word, &why))
			return line_err(err, line, at, ERR_SYNTAX, "%s", why.text);
		if (rr_type_is_meta(type))
			return line_err(err, line, at, ERR_SYNTAX, "%s is not a type that a zone can hold", word);
		*(uint16_t *)row_add(parse, types, count, &cap, sizeof type) = type;
	}
	return true;
}

static bool
parse_owner(struct parse *parse, const struct line *line, size_t at, const char *text, const uint8_t **out, struct err *err)
{
	uint8_t    name[NAME_SIZE], lower[NAME_SIZE];
	struct err why = { 0 };

	if (!name_parse_user(name, text, parse->policy->zone, &why))
		return line_err(err, line, at, ERR_SYNTAX, "%s", why.text);
	if (!name_below(name, parse->policy->zone))
		return line_err(err, line, at, ERR_SYNTAX, "%s is not in this zone", text);
	name_lower(lower, name);
	*out = arena_copy(parse->arena, lower, name_len(lower));
	return true;
}

/* Letters, digits, '-', '_' and dots between labels; lower-cased in place, as DNS names compare. */
static bool
parse_token(const struct line *line, size_t at, struct err *err)
{
	char  *token = line->words[at];
	size_t len = strlen(token);

	for (char *c = token; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	if (len > 0 && len <= TOKEN_NAME_MAX && strspn(token, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == len && token[0] != '.' &&
	    token[len - 1] != '.' && strstr(token, "..") == NULL)
		return true;
	return line_err(err, line, at, ERR_SYNTAX, "\"%s\" cannot be the name of a token", token);
}

static bool
parse_allow_ttl(const struct line *line, uint32_t *ttl, struct err *err)
{
	struct err why = { 0 };

	if (line->count == 4)
		return true;
	if (line->count != 6 || strcmp(line->words[4], "ttl") != 0)
		return line_err(err, line, 4, ERR_SYNTAX, "\"%s\" is not expected here", line->words[4]);
	if (!rr_ttl_parse(ttl, line->words[5], &why))
		return line_err(err, line, 5, why.code, "%s", why.text);
	return *ttl != 0 || line_err(err, line, 5, ERR_RANGE, "a TTL of 0 is not for records that stay");
}

static bool
parse_allow(void *arg, const struct line *line, struct err *err)
{
	struct parse       *parse = arg;
	struct policy      *policy = parse->policy;
	struct policy_allow allow = { .token = line->words[1] };
	const char         *owner = str_after(line->words[2], "*.");

	if (!parse_token(line, 1, err))
		return false;
	allow.below = owner != NULL || strcmp(line->words[2], "*") == 0;
	if (owner == NULL)
		owner = allow.below ? "@" : line->words[2];
	if (!parse_owner(parse, line, 2, owner, &allow.owner, err) ||
	    !parse_types(parse, line, 3, &allow.types, &allow.type_count, err) || !parse_allow_ttl(line, &allow.ttl, err))
		return false;
	if (policy->allow_count == ROWS_MAX)
		return line_err(err, line, 0, ERR_LIMIT, "more than %d such lines", ROWS_MAX);
	*(struct policy_allow *)row_add(parse, &policy->allows, &policy->allow_count, &parse->allow_cap, sizeof allow) = allow;
	return true;
}

static bool
parse_device(void *arg, const struct line *line, struct err *err)
{
	struct parse        *parse = arg;
	struct policy       *policy = parse->policy;
	struct policy_device device = { .name = line->words[1], .type = line->words[2], .base64 = line->words[3] };
	char                 fingerprint[64];

	if (!parse_token(line, 1, err))
		return false;
	if (!account_key_type(device.type))
		return line_err(err, line, 2, ERR_SYNTAX, "\"%s\" is not a type of key that may log in", device.type);
	if (!account_fingerprint(fingerprint, device.type, device.base64))
		return line_err(err, line, 3, ERR_SYNTAX, "this is not the base64 of an %s public key", device.type);
	for (size_t i = 0; i < policy->device_count; i++)
		if (strcmp(policy->devices[i].fingerprint, fingerprint) == 0)
			return line_err(err, line, 3, ERR_SYNTAX, "the same key twice");
	if (policy->device_count == ROWS_MAX)
		return line_err(err, line, 0, ERR_LIMIT, "more than %d such lines", ROWS_MAX);
	device.fingerprint = arena_strdup(parse->arena, fingerprint);
	*(struct policy_device *)row_add(parse, &policy->devices, &policy->device_count, &parse->device_cap, sizeof device) = device;
	return true;
}

static bool
parse_protect(void *arg, const struct line *line, struct err *err)
{
	struct parse         *parse = arg;
	struct policy        *policy = parse->policy;
	struct policy_protect protect = { .type_count = 0 };

	if (!parse_owner(parse, line, 1, line->words[1], &protect.owner, err) ||
	    !parse_types(parse, line, 2, &protect.types, &protect.type_count, err))
		return false;
	if (policy->protect_count == ROWS_MAX)
		return line_err(err, line, 0, ERR_LIMIT, "more than %d such lines", ROWS_MAX);
	*(struct policy_protect *)row_add(parse, &policy->protects, &policy->protect_count, &parse->protect_cap, sizeof protect) = protect;
	return true;
}

static const struct line_rule rules[] = {
	{ "allow", 4, 6, "allow TOKEN NAME|*.NAME TYPE,...|any [ttl SECONDS]", parse_allow },
	{ "device", 4, LINE_WORDS_MAX, "device NAME TYPE BASE64, as in a .pub file", parse_device },
	{ "protect", 3, 3, "protect NAME TYPE,...|any", parse_protect },
	{ NULL, 0, 0, NULL, NULL },
};

struct policy *
policy_parse(const uint8_t *zone, const char *text, size_t len, struct arena *arena, struct err *err)
{
	struct parse parse = { .policy = arena_alloc(arena, sizeof *parse.policy), .arena = arena };
	char         apex[NAME_TEXT_MAX];

	name_print_zone(apex, zone);
	parse.policy->zone = arena_copy(arena, zone, name_len(zone));
	return lines_parse(arena_printf(arena, "policy/%s", apex), text, len, rules, &parse, arena, err) ? parse.policy : NULL;
}
