/* SPDX-License-Identifier: ISC */
/*
 * One step looks for a name in the zone that it lies in and ends with an answer, a referral, the absence of what
 * was asked, or an alias, which leads to the next step.  A section that does not fit sets TC and leaves the response empty:
 * clients ask again over TCP and use nothing of what they got.
 */
#include "dns/lookup.h"

#include <string.h>

#include "zone/name.h"
#include "zone/rr.h"

enum step { STEP_END, STEP_NEXT };

static enum step
truncate(struct lookup *lookup)
{
	lookup->flags |= FLAG_TC;
	return STEP_END;
}

static enum step
fail(struct lookup *lookup, unsigned rcode, enum ede ede)
{
	lookup->rcode = rcode;
	lookup->ede = ede;
	lookup->flags = 0;
	lookup->found.type = 0;
	response_clear(lookup->response, lookup->question->packet);
	return STEP_END;
}

/* The SOA as RFC 2308 3 wants it: its TTL tells how long the absence may be cached. */
static enum step
absent(struct lookup *lookup, unsigned rcode)
{
	const struct zone *zone = lookup->served->zone;
	struct rrset       soa;
	const uint8_t     *rdata;
	uint16_t           rdlen;
	uint32_t           at = 0, minimum;

	lookup->rcode = rcode;
	if (!zone_find(zone, zone_apex(zone), TYPE_SOA, &soa) || !rrset_next(&soa, &at, &rdata, &rdlen))
		return STEP_END;
	minimum = rdata_soa_minimum(rdata, rdlen);
	if (!response_rrset(lookup->response, SECTION_AUTHORITY, zone_apex(zone), CLASS_IN, &soa, soa.ttl < minimum ? soa.ttl : minimum))
		return truncate(lookup);
	return STEP_END;
}

static enum step
found(struct lookup *lookup, const struct rrset *rrset)
{
	if (!response_rrset(lookup->response, SECTION_ANSWER, lookup->name, CLASS_IN, rrset, rrset->ttl))
		return truncate(lookup);
	lookup->found = *rrset;
	lookup->found_owner = lookup->name;
	return STEP_END;
}

/* Go on with the name that an alias points to, when it is ours too (RFC 1034 4.3.2 3a). */
static enum step
follow(struct lookup *lookup, const uint8_t *target)
{
	const struct served *served = zones_find(lookup->question->zones, target);

	lookup->owners[lookup->chain++] = lookup->name;
	for (unsigned i = 0; i < lookup->chain; i++)
		if (name_equal(lookup->owners[i], target))
			return fail(lookup, RCODE_SERVFAIL, EDE_NONE);
	if (served == NULL || served->zone == NULL || lookup->chain > LOOKUP_CHAIN_MAX)
		return STEP_END;                /* the resolver goes on from here */
	lookup->served = served;
	lookup->name = target;
	return STEP_NEXT;
}

static enum step
found_cname(struct lookup *lookup, const struct rrset *cname)
{
	const uint8_t *target;
	uint16_t       rdlen;
	uint32_t       at = 0;

	if (!response_rrset(lookup->response, SECTION_ANSWER, lookup->name, CLASS_IN, cname, cname->ttl))
		return truncate(lookup);
	return rrset_next(cname, &at, &target, &rdlen) ? follow(lookup, target) : STEP_END;
}

/* The answer from a node that NAME is, or that stands for it as a wildcard. */
static enum step
at_node(struct lookup *lookup, const struct node *node)
{
	const struct zone *zone = lookup->served->zone;
	uint16_t           type = lookup->question->packet->qtype;
	struct rrset       rrset;

	if (type == TYPE_ANY)                   /* RFC 8482 4.1: one RRset is enough */
		return zone_node_rrset(zone, node, 0, &rrset) ? found(lookup, &rrset) : absent(lookup, RCODE_NOERROR);
	if (zone_node_find(zone, node, type, &rrset))
		return found(lookup, &rrset);
	if (zone_node_find(zone, node, TYPE_CNAME, &rrset))
		return found_cname(lookup, &rrset);
	return absent(lookup, RCODE_NOERROR);
}

static enum step
referral(struct lookup *lookup, const struct node *cut)
{
	const struct zone *zone = lookup->served->zone;

	if (lookup->chain == 0)
		lookup->flags &= (uint16_t)~FLAG_AA;
	if (!zone_node_find(zone, cut, TYPE_NS, &lookup->found) ||
	    !response_rrset(lookup->response, SECTION_AUTHORITY, cut->name, CLASS_IN, &lookup->found, lookup->found.ttl))
		return truncate(lookup);
	lookup->found_owner = lookup->cut = cut->name;
	return STEP_END;
}

/* NAME with the suffix OWNER replaced by TARGET (RFC 6672 2.2); false when that is too long. */
static bool
substitute(uint8_t out[static NAME_SIZE], const uint8_t *name, const uint8_t *owner, const uint8_t *target)
{
	size_t prefix = name_len(name) - name_len(owner), suffix = name_len(target);

	if (prefix + suffix > NAME_MAX_WIRE)
		return false;
	memcpy(out, name, prefix);
	memcpy(out + prefix, target, suffix);
	return true;
}

/* NAME lies below the DNAME of NODE: the DNAME, and the CNAME that it makes (RFC 6672 3.1). */
static enum step
found_dname(struct lookup *lookup, const struct node *node)
{
	const struct zone *zone = lookup->served->zone;
	struct rrset       dname;
	struct rr          cname = { .owner = lookup->name, .type = TYPE_CNAME };
	const uint8_t     *target;
	uint16_t           rdlen;
	uint32_t           at = 0;
	uint8_t           *made;

	if (!zone_node_find(zone, node, TYPE_DNAME, &dname) || !rrset_next(&dname, &at, &target, &rdlen) ||
	    lookup->chain == LOOKUP_CHAIN_MAX)
		return STEP_END;
	if (!response_rrset(lookup->response, SECTION_ANSWER, node->name, CLASS_IN, &dname, dname.ttl))
		return truncate(lookup);
	made = lookup->made[lookup->chain];
	if (!substitute(made, lookup->name, node->name, target)) {
		lookup->rcode = 6;              /* YXDOMAIN: RFC 6672 2.2 */
		return STEP_END;
	}
	cname.ttl = dname.ttl;
	cname.rdata = made;
	cname.rdlen = (uint16_t)name_len(made);
	if (!response_rr(lookup->response, SECTION_ANSWER, &cname, CLASS_IN))
		return truncate(lookup);
	return lookup->question->packet->qtype == TYPE_CNAME ? STEP_END : follow(lookup, made);
}

/* NAME lies at or below a zone cut or a DNAME; CLOSEST is what exists of it. */
static enum step
below_cut(struct lookup *lookup, const struct node *closest)
{
	const struct zone *zone = lookup->served->zone;
	struct node        apex, cut;

	/* A DNAME at the apex is above every cut. */
	if (zone_node(zone, 0, &apex) && (apex.flags & NODE_DNAME) != 0)
		return found_dname(lookup, &apex);
	if (!zone_find_cut(zone, lookup->name, &cut))
		cut = *closest;
	return (cut.flags & NODE_DELEGATION) != 0 ? referral(lookup, &cut) : found_dname(lookup, &cut);
}

/* NAME does not exist and its closest encloser has a wildcard below it: RFC 4592 3.3.1. */
static enum step
from_wildcard(struct lookup *lookup, const struct node *closest)
{
	static const uint8_t star[] = { 1, '*', 0 };
	uint8_t              name[NAME_SIZE];
	struct node          node;

	if (!name_join(name, star, closest->name) || !zone_find_node(lookup->served->zone, name, &node))
		return absent(lookup, RCODE_NXDOMAIN);
	return at_node(lookup, &node);
}

static enum step
run_step(struct lookup *lookup)
{
	const struct zone *zone = lookup->served->zone;
	struct node        node;

	if (zone_find_node(zone, lookup->name, &node)) {
		if ((node.flags & NODE_OCCLUDED) != 0)
			return below_cut(lookup, &node);
		/* The DS of a child is the parent's own data: RFC 4035 3.1.4.1. */
		if ((node.flags & NODE_DELEGATION) != 0 && lookup->question->packet->qtype != TYPE_DS)
			return referral(lookup, &node);
		return at_node(lookup, &node);
	}
	zone_closest(zone, lookup->name, &node);
	if ((node.flags & (NODE_DELEGATION | NODE_OCCLUDED | NODE_DNAME)) != 0)
		return below_cut(lookup, &node);
	if ((node.flags & NODE_HAS_WILDCARD) != 0)
		return from_wildcard(lookup, &node);
	return absent(lookup, RCODE_NXDOMAIN);
}

static bool
is_added(const struct lookup *lookup, const uint8_t *name, uint16_t type)
{
	for (unsigned i = 0; i < lookup->added; i++)
		if (lookup->additional[i].type == type && name_equal(lookup->additional[i].name, name))
			return true;
	return false;
}

/* The addresses of NAME in ZONE, unless there are too many already.  False when they do not fit. */
static bool
add_addresses(struct lookup *lookup, const struct zone *zone, const uint8_t *name)
{
	static const uint16_t types[] = { TYPE_A, TYPE_AAAA };
	struct node           node;
	struct rrset          rrset;

	if (!zone_find_node(zone, name, &node))
		return true;
	for (unsigned i = 0; i < 2; i++) {
		if (lookup->added == LOOKUP_ADDED_MAX || !zone_node_find(zone, &node, types[i], &rrset) || is_added(lookup, name, types[i]))
			continue;
		if (!response_rrset(lookup->response, SECTION_ADDITIONAL, name, CLASS_IN, &rrset, rrset.ttl))
			return false;
		lookup->additional[lookup->added].name = name;
		lookup->additional[lookup->added++].type = types[i];
	}
	return true;
}

/* Glue of a referral: the parent's data.  Without that below the cut the child cannot be reached: RFC 9471. */
static void
add_glue(struct lookup *lookup, const uint8_t *target, bool needed)
{
	const struct zone *zone = lookup->served->zone;

	if (name_below(target, lookup->cut) != needed || !name_below(target, zone_apex(zone)))
		return;
	if (!add_addresses(lookup, zone, target) && needed)
		truncate(lookup);
}

/* The addresses of a target, from whichever zone of ours it lies in. */
static void
add_target(struct lookup *lookup, const uint8_t *target)
{
	const struct served *served;

	if (*target == 0 && (lookup->found.type == TYPE_SVCB || lookup->found.type == TYPE_HTTPS))
		target = lookup->found_owner;           /* RFC 9460 2.5 */
	served = *target == 0 ? NULL : zones_find(lookup->question->zones, target);
	if (served != NULL && served->zone != NULL)
		add_addresses(lookup, served->zone, target);
}

/* Each target of FOUND; for a referral those below the cut first, which must fit. */
static void
add_targets(struct lookup *lookup, bool needed)
{
	const uint8_t *rdata;
	uint16_t       rdlen;
	uint32_t       at = 0;

	while (rrset_next(&lookup->found, &at, &rdata, &rdlen)) {
		const uint8_t *target = rdata_target(lookup->found.type, rdata, rdlen);

		if (target == NULL)
			break;
		if (lookup->cut != NULL)
			add_glue(lookup, target, needed);
		else
			add_target(lookup, target);
	}
}

static bool
has_targets(uint16_t type)
{
	const struct rr_type *row = rr_type_find(type);

	return row != NULL && (row->flags & RR_ADDITIONAL) != 0;
}

/* The zone to begin in.  DS is asked of the parent's side of a cut, when we have both. */
static const struct served *
first_zone(const struct question *question)
{
	const uint8_t       *name = question->packet->qname;
	const struct served *served = zones_find(question->zones, name), *parent;

	if (served == NULL || question->packet->qtype != TYPE_DS || *name == 0 || !name_equal(served->apex, name))
		return served;
	parent = zones_find(question->zones, name_parent(name));
	return parent != NULL ? parent : served;
}

static enum step
begin(struct lookup *lookup)
{
	const struct question *question = lookup->question;

	lookup->rcode = RCODE_NOERROR;
	lookup->flags = FLAG_AA;
	lookup->ede = EDE_NONE;
	lookup->chain = lookup->added = 0;
	lookup->found.type = 0;
	lookup->cut = NULL;
	lookup->served = first_zone(question);
	if (lookup->served == NULL && !question->zones->loaded)
		return fail(lookup, RCODE_SERVFAIL, EDE_NOT_READY);
	if (lookup->served == NULL)             /* NOTAUTH makes robur's secondaries drop a zone that is gone (robur.md 3.6) */
		return fail(lookup, question->is_signed && question->packet->qtype == TYPE_SOA ? RCODE_NOTAUTH : RCODE_REFUSED, EDE_NOT_AUTH);
	if (lookup->served->zone == NULL)
		return fail(lookup, RCODE_SERVFAIL, EDE_INVALID_DATA);
	return STEP_NEXT;
}

void
lookup_run(struct lookup *lookup)
{
	enum step step = begin(lookup);

	while (step == STEP_NEXT)
		step = run_step(lookup);
	if ((lookup->flags & FLAG_TC) == 0 && lookup->found.type != 0 && has_targets(lookup->found.type)) {
		add_targets(lookup, true);
		if (lookup->cut != NULL)
			add_targets(lookup, false);
	}
	if ((lookup->flags & FLAG_TC) != 0)
		response_clear(lookup->response, lookup->question->packet);
}
