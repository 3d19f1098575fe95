/* SPDX-License-Identifier: ISC */
#include "zone/plan.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "zone/zone.h"
#include "zone/zonefile.h"

struct plan {
	uint8_t       apex[NAME_SIZE], mname[NAME_SIZE], rname[NAME_SIZE];
	uint32_t      ttl_s, serial;
	struct buf    delegation;
	struct rr    *records;          /* NS and addresses; what they point to is the arena's */
	size_t        count, cap;
	struct arena *arena;
};

struct plan *
plan_new(const uint8_t *apex, uint32_t ttl_s, uint32_t serial)
{
	static const uint8_t hostmaster[] = "\12hostmaster";
	struct plan         *plan = mem_alloc(sizeof *plan);

	name_copy(plan->apex, apex);
	plan->ttl_s = ttl_s;
	plan->serial = serial;
	plan->arena = arena_new();
	buf_puts(&plan->delegation, "NS");
	if (!name_join(plan->rname, hostmaster, apex))
		name_copy(plan->rname, apex);
	return plan;
}

void
plan_free(struct plan *plan)
{
	if (plan == NULL)
		return;
	arena_free(plan->arena);
	buf_done(&plan->delegation);
	free(plan->records);
	free(plan);
}

static void
record_add(struct plan *plan, const uint8_t *owner, uint16_t type, const uint8_t *rdata, size_t rdlen)
{
	mem_grow(&plan->records, &plan->cap, plan->count + 1, sizeof *plan->records);
	plan->records[plan->count++] = (struct rr){ .owner = arena_copy(plan->arena, owner, name_len(owner)), .type = type, .ttl = plan->ttl_s,
		.rdata = arena_copy(plan->arena, rdata, rdlen), .rdlen = (uint16_t)rdlen };
}

static bool
host_parse(uint8_t out[static NAME_SIZE], const char *text, const uint8_t *apex, struct err *err)
{
	return strchr(text, '.') == NULL ? name_parse_user(out, text, apex, err) : name_parse(out, text, NULL, err);
}

/* The local part is one label, whatever dots it has. */
bool
plan_set_mail(struct plan *plan, const char *text, struct err *err)
{
	const char *at = strchr(text, '@');
	size_t      len = at != NULL ? (size_t)(at - text) : strlen(text);
	uint8_t     domain[NAME_SIZE], local[NAME_SIZE] = { 0 };

	if (at == NULL && strchr(text, '.') != NULL)
		return host_parse(plan->rname, text, plan->apex, err);
	if (len == 0 || len > 63)
		return err_set(err, ERR_SYNTAX, "\"%s\" is no mail address", text);
	name_copy(domain, plan->apex);
	if (at != NULL && !host_parse(domain, at + 1, plan->apex, err))
		return false;
	local[0] = (uint8_t)len;
	memcpy(local + 1, text, len);
	return name_join(plan->rname, local, domain) || err_set(err, ERR_RANGE, "\"%s\" is too long for a mail address", text);
}

static bool
add_address(struct plan *plan, const uint8_t *owner, const char *text, struct err *err)
{
	uint8_t rdata[16];
	char    apex[NAME_TEXT_MAX];

	if (!name_below(owner, plan->apex)) {
		name_print_zone(apex, plan->apex);
		return err_set(err, ERR_NOTZONE, "the address of a name server outside of %s belongs into its own zone", apex);
	}
	if (inet_pton(AF_INET, text, rdata) == 1)
		record_add(plan, owner, TYPE_A, rdata, 4);
	else if (inet_pton(AF_INET6, text, rdata) == 1)
		record_add(plan, owner, TYPE_AAAA, rdata, 16);
	else
		return err_set(err, ERR_SYNTAX, "\"%s\" is no address", text);
	return true;
}

bool
plan_add_ns(struct plan *plan, const char *text, struct err *err)
{
	char   *host = arena_strndup(plan->arena, text, strcspn(text, "=")), shown[NAME_TEXT_MAX];
	char   *rest = text[strlen(host)] == '=' ? arena_strdup(plan->arena, text + strlen(host) + 1) : NULL;
	bool    first = plan->count == 0;
	uint8_t name[NAME_SIZE];

	if (!host_parse(name, host, plan->apex, err))
		return false;
	if (first)
		name_copy(plan->mname, name);
	record_add(plan, plan->apex, TYPE_NS, name, name_len(name));
	name_print_zone(shown, name);
	buf_putf(&plan->delegation, "%s %s", first ? "" : ",", shown);
	if (rest != NULL)
		buf_putf(&plan->delegation, " (glue %s)", rest);
	for (char *address; (address = strsep(&rest, ",")) != NULL;)
		if (!add_address(plan, name, address, err))
			return false;
	return true;
}

const char *
plan_delegation(struct plan *plan)
{
	return buf_str(&plan->delegation);
}

static void
add_soa(const struct plan *plan, struct zone_builder *builder)
{
	/* Refresh, retry, expire, and the negative TTL, which the canonical form takes as the TTL of all records. */
	const uint32_t timers_s[] = { 10800, 3600, 1209600, plan->ttl_s };
	struct buf            rdata = { 0 };

	buf_put(&rdata, plan->mname, name_len(plan->mname));
	buf_put(&rdata, plan->rname, name_len(plan->rname));
	buf_put_u32(&rdata, plan->serial);
	for (size_t i = 0; i < sizeof timers_s / sizeof timers_s[0]; i++)
		buf_put_u32(&rdata, timers_s[i]);
	zone_builder_add(builder, &(struct rr){ .owner = plan->apex, .type = TYPE_SOA, .ttl = plan->ttl_s, .rdata = rdata.data,
	    .rdlen = (uint16_t)rdata.len });
	buf_done(&rdata);
}

uint32_t
plan_write(struct plan *plan, struct buf *out)
{
	struct zone_builder *builder = zone_builder_new(plan->apex);
	struct zone         *zone;
	uint32_t             records;

	assert(plan->count != 0);
	add_soa(plan, builder);
	for (size_t i = 0; i < plan->count; i++)
		zone_builder_add(builder, &plan->records[i]);
	zone = zone_builder_finish(builder);
	records = zone_rr_count(zone);
	zonefile_write(out, zone);
	zone_free(zone);
	return records;
}
