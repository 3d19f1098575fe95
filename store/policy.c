/* SPDX-License-Identifier: ISC */
/*
 * Policy: whose hands may touch which records.
 */
#include "store/policy.h"

#include <string.h>

#include "base/str.h"
#include "zone/key.h"
#include "zone/name.h"

/* What only owners may change wherever it stands; the apex NS is added to them. */
static const uint16_t owner_types[] = { TYPE_SOA, TYPE_DS, TYPE_CAA };

static bool
owners_only(const uint8_t *zone, const uint8_t *owner, uint16_t type)
{
	for (size_t i = 0; i < sizeof owner_types / sizeof *owner_types; i++)
		if (owner_types[i] == type)
			return true;
	return type == TYPE_NS && name_equal(owner, zone);
}

static bool
has_type(const uint16_t *types, size_t count, uint16_t type)
{
	for (size_t i = 0; i < count; i++)
		if (types[i] == type)
			return true;
	return false;
}

static bool
protected(const struct policy *policy, const uint8_t *owner, uint16_t type)
{
	for (size_t i = 0; policy != NULL && i < policy->protect_count; i++) {
		const struct policy_protect *protect = &policy->protects[i];

		if (name_equal(protect->owner, owner) && (protect->type_count == 0 || has_type(protect->types, protect->type_count, type)))
			return true;
	}
	return false;
}

/* ---- tokens ---- */

/* The token that a device or key is: the labels of its name before the zone's.  False when it is no token of ZONE. */
static bool
token_name(char out[static NAME_TEXT_MAX], const struct identity *who, const uint8_t *zone)
{
	uint8_t name[NAME_SIZE], lower[NAME_SIZE];

	if (!name_parse(name, who->name, NULL, NULL) || !name_below(name, zone) || name_equal(name, zone))
		return false;
	name_lower(lower, name);
	name_print_rel(out, lower, zone);
	return true;
}

static bool
allow_covers(const struct policy_allow *allow, const uint8_t *owner)
{
	if (allow->below)
		return name_below(owner, allow->owner) && !name_equal(owner, allow->owner);
	return name_equal(owner, allow->owner);
}

/* The row that lets TOKEN change TYPE (0: anything) at OWNER, or NULL. */
static const struct policy_allow *
allow_find(const struct policy *policy, const char *token, const uint8_t *owner, uint16_t type)
{
	for (size_t i = 0; policy != NULL && i < policy->allow_count; i++) {
		const struct policy_allow *allow = &policy->allows[i];

		if (strcmp(allow->token, token) != 0 || !allow_covers(allow, owner))
			continue;
		if (type == 0 || has_type(allow->types, allow->type_count, type))
			return allow;
		if (allow->type_count == 0 && !owners_only(policy->zone, owner, type) && !protected(policy, owner, type))
			return allow;
	}
	return NULL;
}

static bool
is_token(const struct identity *who)
{
	return who->kind == ID_DEVICE || who->kind == ID_TSIG;
}

/* A TSIG key with a right in its name may change everything at and below the domain in its name. */
static bool
key_allows(const struct identity *who, const uint8_t *owner)
{
	uint8_t name[NAME_SIZE];

	return who->kind == ID_TSIG && name_parse(name, who->name, NULL, NULL) && key_may(name, KEY_UPDATE, owner);
}

/* May this token change TYPE (0: ask for the name alone) at OWNER? */
static bool
token_may(const struct policy *policy, const struct identity *who, const uint8_t *zone, const uint8_t *owner, uint16_t type)
{
	char token[NAME_TEXT_MAX];

	if (key_allows(who, owner))
		return true;
	return token_name(token, who, zone) && allow_find(policy, token, owner, type) != NULL;
}

static bool
token_denied(const struct identity *who, const uint8_t *zone, const uint8_t *owner, uint16_t type, struct err *err)
{
	char name[NAME_TEXT_MAX], apex[NAME_TEXT_MAX], type_text[16], token[NAME_TEXT_MAX];

	name_print_rel(name, owner, zone);
	name_print_zone(apex, zone);
	if (type != 0)
		err_set(err, ERR_DENIED, "%s may not change %s %s in %s", who->name, name, rr_type_print(type_text, type), apex);
	else
		err_set(err, ERR_DENIED, "%s may not change %s in %s", who->name, name, apex);
	if (!token_name(token, who, zone))
		return err_hint(err, "its name must end in the zone's, with the label _update to change all of it");
	return err_hint(err, "policy/%.60s would allow it with: allow %.60s %.60s %s", apex, token, name,
	    type != 0 ? rr_type_print(type_text, type) : "any");
}

/* ---- people ---- */

static bool
access_lacking(const struct identity *who, enum access access, const uint8_t *zone, const char *what, struct err *err)
{
	char apex[NAME_TEXT_MAX];

	name_print_zone(apex, zone);
	err_set(err, ERR_DENIED, "%s may not %s %s as its %s", who->display[0] != '\0' ? who->display : who->name, what, apex,
	    access_name(access));
	return err_hint(err, "an owner of the zone can");
}

static bool
person_may(const struct policy *policy, const struct identity *who, enum access access, const uint8_t *zone, const uint8_t *owner,
    uint16_t type, struct err *err)
{
	char name[NAME_TEXT_MAX], type_text[16], what[NAME_TEXT_MAX + 64];

	if (access == ACCESS_OWNER || who->admin || (!owners_only(zone, owner, type) && !protected(policy, owner, type)))
		return true;
	name_print_rel(name, owner, zone);
	strcpy(what, "change ");
	strcat(what, name);
	strcat(what, " ");
	strcat(what, rr_type_print(type_text, type));
	strcat(what, " in");
	return access_lacking(who, access, zone, what, err);
}

static bool
may_publish(const struct identity *who, enum access access, const uint8_t *zone, struct err *err)
{
	return is_token(who) || who->admin || access >= ACCESS_MAINTAINER || access_lacking(who, access, zone, "publish changes to", err);
}

/* ---- differences and changes ---- */

/* The SOA moves with every change; it counts only when more of it than the serial moves. */
static bool
soa_serial_only(const struct diff *diff, size_t i)
{
	const struct rr *a = &diff->items[i].rr, *b = NULL;
	uint8_t          copy[2 * NAME_SIZE + 20];

	for (size_t k = 0; k < diff->count; k++)
		if (diff->items[k].rr.type == TYPE_SOA && diff->items[k].add != diff->items[i].add)
			b = &diff->items[k].rr;
	if (b == NULL || a->ttl != b->ttl || a->rdlen != b->rdlen || a->rdlen > sizeof copy)
		return false;
	memcpy(copy, a->rdata, a->rdlen);
	rdata_soa_set_serial(copy, a->rdlen, rdata_soa_serial(b->rdata, b->rdlen));
	return rdata_equal(TYPE_SOA, copy, a->rdlen, b->rdata, b->rdlen);
}

bool
policy_allows(const struct policy *policy, const struct identity *who, enum access access, const struct diff *diff, struct err *err)
{
	if (!may_publish(who, access, diff->zone, err))
		return false;
	for (size_t i = 0; i < diff->count; i++) {
		const struct rr *rr = &diff->items[i].rr;

		if (rr->type == TYPE_SOA && soa_serial_only(diff, i))
			continue;
		if (is_token(who) && !token_may(policy, who, diff->zone, rr->owner, rr->type))
			return token_denied(who, diff->zone, rr->owner, rr->type, err);
		if (!is_token(who) && !person_may(policy, who, access, diff->zone, rr->owner, rr->type, err))
			return false;
	}
	return true;
}

/* Which type must be allowed for this item before it is tried; 0: the name alone is enough (prerequisites; a whole name is judged by what is there). */
static uint16_t
item_type(const struct change_item *item)
{
	return item->op == CHANGE_ADD || item->op == CHANGE_DELETE_RR || item->op == CHANGE_DELETE_RRSET ? item->type : 0;
}

bool
policy_allows_change(const struct policy *policy, const struct identity *who, enum access access, const struct change *change,
    struct err *err)
{
	if (!may_publish(who, access, change->zone, err))
		return false;
	for (size_t i = 0; i < change->count; i++) {
		const struct change_item *item = &change->items[i];
		uint16_t                  type = item_type(item);

		if (is_token(who) && !token_may(policy, who, change->zone, item->owner, type))
			return token_denied(who, change->zone, item->owner, type, err);
		/* A serial set by hand is an SOA changed, which the difference does not tell. */
		if (!is_token(who) && type == TYPE_SOA && !person_may(policy, who, access, change->zone, item->owner, type, err))
			return false;
	}
	return true;
}

void
policy_set_ttl(const struct policy *policy, const struct identity *who, struct change *change)
{
	char token[NAME_TEXT_MAX];

	if (policy == NULL || !is_token(who) || !token_name(token, who, change->zone))
		return;
	for (size_t i = 0; i < change->count; i++) {
		struct change_item        *item = &change->items[i];
		const struct policy_allow *allow;

		if (item->op != CHANGE_ADD)
			continue;
		allow = allow_find(policy, token, item->owner, item->type);
		if (allow != NULL && allow->ttl != 0)
			item->ttl = allow->ttl;
	}
}

void
policy_scope(const struct policy *policy, const struct identity *who, struct buf *out)
{
	char token[NAME_TEXT_MAX], name[NAME_TEXT_MAX], type[16];

	if (policy == NULL || !token_name(token, who, policy->zone))
		return;
	for (size_t i = 0; i < policy->allow_count; i++) {
		const struct policy_allow *allow = &policy->allows[i];

		if (strcmp(allow->token, token) != 0)
			continue;
		name_print_zone(name, allow->owner);
		buf_putf(out, "%s%s ", allow->below ? "*." : "", name);
		for (size_t k = 0; k < allow->type_count; k++)
			buf_putf(out, "%s%s", k != 0 ? "," : "", rr_type_print(type, allow->types[k]));
		buf_puts(out, allow->type_count == 0 ? "any\n" : "\n");
	}
}
