/* SPDX-License-Identifier: ISC */
/*
 * The table of checks, and running it: over a whole zone, or over what a change can have broken.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zone/check_int.h"

#define TYPES_MAX 5
#define EACH TYPE_ANY           /* every RRset */

struct row {
	struct check check;
	void       (*fn)(struct check_ctx *ctx, const struct node *node, const struct rrset *set);      /* NULL: found by the reader */
	uint16_t     types[TYPES_MAX];  /* the RRsets it looks at; none: called once a node, with SET NULL */
};

#define E(code) { code, FINDING_ERROR,
#define W(code) { code, FINDING_WARNING,

static const struct row rows[] = {
	/* found while reading */
	{ E("E-SYNTAX") "The text does not parse as a zone file.", "Correct the place that the message names." }, NULL, { 0 } },
	{ E("E-RANGE") "A number is out of bounds.", "Use one within the bounds that the message names." }, NULL, { 0 } },
	{ E("E-OUT-OF-ZONE") "A record's owner lies outside the zone.", "Check the final dot and $ORIGIN, or move the record to its own zone." }, NULL, { 0 } },
	{ E("E-TYPE-UNKNOWN") "A record type has no known name, or exists in messages only.", "Write an unknown type as TYPE and its number (RFC 3597)." },
	    NULL, { 0 } },
	{ E("E-INCLUDE") "$INCLUDE is not followed.", "Put the lines of the other file in its place." }, NULL, { 0 } },
	{ E("E-LIMIT") "The file is larger than a zone may be.", "Split the zone by delegating a part of it." }, NULL, { 0 } },
	{ W("W-TTL") "The records of one name and type differ in TTL.", "Give them the same TTL; the lowest is served for all." }, NULL, { 0 } },

	/* the zone's frame */
	{ E("E-SOA-MISSING") "The zone has no SOA record.", "Add one SOA at the apex (@)." }, check_soa_missing, { 0 } },
	{ E("E-SOA-MULTI") "There is an SOA too many: more than one, or below the apex.", "Keep one SOA, at the apex." }, check_soa_multi, { TYPE_SOA } },
	{ E("E-NS-APEX") "The apex has no NS record.", "Add the zone's name servers as NS at @." }, check_ns_apex, { 0 } },
	{ W("W-NS-ONE") "The zone has one name server only.", "Add a second one (RFC 2182), best in another network." }, check_ns_one, { TYPE_NS } },
	{ W("W-RNAME-AT") "The SOA's mailbox is written with @.", "Write hostmaster.example.org. for hostmaster@example.org." }, check_rname_at, { TYPE_SOA } },

	/* what may stand beside and below what */
	{ E("E-CNAME-COEXIST") "A CNAME stands beside other records.", "Delete the CNAME or the other records of that name." }, check_cname_coexist,
	    { TYPE_CNAME } },
	{ E("E-CNAME-MULTI") "A name has more than one CNAME.", "Keep one; for several addresses use A and AAAA." }, check_cname_multi, { TYPE_CNAME } },
	{ E("E-DNAME-CHILD") "Records stand below a DNAME, which redirects all names there.", "Move or delete them, or delete the DNAME." },
	    check_dname_child, { 0 } },
	{ E("E-DNAME-MULTI") "A name has more than one DNAME.", "Keep one." }, check_dname_multi, { TYPE_DNAME } },
	{ E("E-DNAME-NS") "A DNAME stands beside the NS of a delegation.", "Keep the one or the other." }, check_dname_ns, { TYPE_DNAME } },
	{ E("E-DS-NO-NS") "A DS stands where nothing is delegated.", "Add the child zone's NS records, or delete the DS." }, check_ds_no_ns, { TYPE_DS } },
	{ E("E-DS-APEX") "A DS stands at the zone's own apex.", "Put it into the parent zone." }, check_ds_apex, { TYPE_DS } },
	{ E("E-WILDCARD-NS") "A wildcard has NS records; delegating by wildcard is not possible.", "Delegate each name, or use other types." },
	    check_wildcard_ns, { TYPE_NS } },
	{ W("W-OCCLUDED") "Records stand below a delegation and are never answered.", "Move them into the child zone, or delete the delegation." },
	    check_occluded, { 0 } },

	/* where records point to */
	{ E("E-GLUE-MISSING") "A name server inside the zone has no address.", "Add A or AAAA records for it." }, check_glue_missing, { TYPE_NS } },
	{ E("E-NS-CNAME") "A name server's name is a CNAME.", "Point the NS to a name with addresses of its own (RFC 2181 10.3)." }, check_ns_cname,
	    { TYPE_NS } },
	{ W("W-TARGET-CNAME") "An MX or SRV points to a CNAME.", "Point it to the name behind the alias (RFC 2181 10.3)." }, check_target_cname,
	    { TYPE_MX, TYPE_SRV } },
	{ W("W-TARGET-NOADDR") "An MX or SRV points to a name of this zone without address.", "Add A or AAAA records for it, or correct the name." },
	    check_target_noaddr, { TYPE_MX, TYPE_SRV } },
	{ W("W-DOT") "A name ends in the zone's name twice, or in a top-level domain inside the zone: a final dot is missing.",
	    "Write a full name with a dot at its end." }, check_dot, { EACH } },

	/* values */
	{ E("E-TLSA-LEN") "The data of a TLSA do not fit its matching type.", "SHA-256 needs 64 hex digits, SHA-512 128." }, check_tlsa_len, { TYPE_TLSA } },
	{ E("E-DS-LEN") "The digest of a DS does not fit its digest type.", "SHA-1 needs 40 hex digits, SHA-256 64, SHA-384 96." }, check_ds_len,
	    { TYPE_DS, 59 /* CDS */ } },
	{ E("E-CAA-FLAG") "The flags of a CAA are neither 0 nor 128.", "Use 0, or 128 for critical." }, check_caa_flag, { TYPE_CAA } },
	{ E("E-SVCB-SELF") "An SVCB or HTTPS alias points to itself.", "Use priority 1 and target . for the name itself, or another target." },
	    check_svcb_self, { TYPE_SVCB, TYPE_HTTPS } },
	{ E("E-SVCB-MANDATORY") "The mandatory parameter of an SVCB or HTTPS names what is not there.", "Add the parameter, or take it out of mandatory." },
	    check_svcb_mandatory, { TYPE_SVCB, TYPE_HTTPS } },
	{ W("W-TTL-LOW") "A TTL is below 30 seconds.", "Raise it, unless the record changes that often." }, check_ttl_low, { EACH } },
	{ W("W-PRIVATE-ADDR") "A public name has a private address (RFC 1918).", "Delete it if the zone is seen from outside." }, check_private_addr,
	    { TYPE_A } },
	{ W("W-NAME-CHARSET") "A host name has characters other than letters, digits and hyphens.", "Rename the host; programs refuse such names." },
	    check_name_charset, { TYPE_A, TYPE_AAAA, TYPE_MX, TYPE_NS, TYPE_SRV } },

	/* mail */
	{ W("W-SPF-MULTI") "A name has more than one SPF record; receivers then take none.", "Join them into one." }, check_spf_multi, { TYPE_TXT } },
	{ W("W-SPF-LOOKUPS") "An SPF record asks for more than 10 look-ups; receivers then take it as an error.", "Replace includes by ip4: and ip6:." },
	    check_spf_lookups, { TYPE_TXT } },
	{ W("W-DMARC") "A DMARC record is not one that receivers understand.", "Write it as \"v=DMARC1; p=none\" (or quarantine, reject), once." },
	    check_dmarc, { TYPE_TXT } },
};

#define ROWS (sizeof rows / sizeof rows[0])

size_t
check_count(void)
{
	return ROWS;
}

const struct check *
check_at(size_t i)
{
	return i < ROWS ? &rows[i].check : NULL;
}

const struct check *
check_find(const char *code)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].check.code, code) == 0)
			return &rows[i].check;
	return NULL;
}

void
check_report(struct check_ctx *ctx, const struct node *node, uint16_t type, const char *fmt, ...)
{
	char    text[900];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	report_addf(ctx->report, ctx->row->level, ctx->row->code, node->name, zone_apex(ctx->zone), type, ctx->row->fix, "%s", text);
}

static bool
row_wants(const struct row *row, uint16_t type)
{
	for (size_t i = 0; i < TYPES_MAX && row->types[i] != 0; i++)
		if (row->types[i] == type || row->types[i] == EACH)
			return true;
	return false;
}

void
check_node(struct check_ctx *ctx, const struct node *node)
{
	struct rrset set;

	for (size_t r = 0; r < ROWS; r++) {
		ctx->row = &rows[r].check;
		if (rows[r].fn != NULL && rows[r].types[0] == 0)
			rows[r].fn(ctx, node, NULL);
	}
	for (uint32_t i = 0; zone_node_rrset(ctx->zone, node, i, &set); i++)
		for (size_t r = 0; r < ROWS; r++) {
			ctx->row = &rows[r].check;
			if (rows[r].fn != NULL && row_wants(&rows[r], set.type))
				rows[r].fn(ctx, node, &set);
		}
}

void
check_zone(const struct zone *zone, struct report *report)
{
	struct check_ctx ctx = { .zone = zone, .report = report };
	struct node      node;

	for (uint32_t i = 0; zone_node(zone, i, &node); i++)
		check_node(&ctx, &node);
	free(ctx.servers);
}
