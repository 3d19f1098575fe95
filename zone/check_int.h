/* SPDX-License-Identifier: ISC */
/*
 * What the check functions share.  A check gets a node, and the RRset of the type that its row in check.c names; it reports under
 * its own row's code.
 */
#ifndef ZONE_CHECK_INT_H
#define ZONE_CHECK_INT_H

#include "zone/check.h"
#include "zone/zone.h"

struct check_ctx {
	const struct zone  *zone;
	struct report      *report;
	const struct check *row;        /* the one at work */
	const uint8_t     **servers;    /* what the NS of delegations name, sorted; made when first asked for, for whoever made this to free */
	size_t              server_count, server_cap;
};

/* Where a name that records point to leads. */
enum target {
	TARGET_OUTSIDE,         /* of the zone: not for us to say */
	TARGET_DELEGATED,       /* into a zone below, without glue here */
	TARGET_ADDRESS,         /* has an address, by itself or by a wildcard */
	TARGET_CNAME,           /* is an alias */
	TARGET_NONE             /* in the zone, and has no address */
};

enum target check_target(const struct zone *zone, const uint8_t *name);

/* All rows on one node. */
void check_node(struct check_ctx *ctx, const struct node *node);

void check_report(struct check_ctx *ctx, const struct node *node, uint16_t type, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#define CHECKS(X) \
	X(soa_missing) X(soa_multi) X(ns_apex) X(cname_coexist) X(cname_multi) X(dname_child) X(dname_multi) X(dname_ns) X(ds_no_ns) X(ds_apex) \
	X(glue_missing) X(ns_cname) X(wildcard_ns) X(occluded) X(target_cname) X(target_noaddr) X(ns_one) X(dot) \
	X(tlsa_len) X(ds_len) X(caa_flag) X(svcb_self) X(svcb_mandatory) X(ttl_low) X(rname_at) X(private_addr) X(name_charset) \
	X(spf_multi) X(spf_lookups) X(dmarc)
#define X(name) void check_##name(struct check_ctx *ctx, const struct node *node, const struct rrset *set);
CHECKS(X)
#undef X

#endif
