/* SPDX-License-Identifier: ISC */
/*
 * Inside dns/answer: walking the zones for a question of class IN, RFC 1034 4.3.2 with RFC 4592 (wildcards),
 * RFC 6672 (DNAME) and RFC 2308 (what is not there).
 */
#ifndef DNS_LOOKUP_H
#define DNS_LOOKUP_H

#include "dns/answer.h"

#define LOOKUP_CHAIN_MAX 16     /* CNAMEs and DNAMEs that are followed */
#define LOOKUP_ADDED_MAX 64     /* RRsets in the additional section */

struct lookup {
	const struct question *question;
	struct response         *response;
	const struct served   *served;          /* where NAME lies; its zone is not NULL */
	const uint8_t         *name;            /* what is looked for now: the question's name, or an alias' target */
	unsigned               rcode;
	uint16_t               flags;           /* AA, TC */
	enum ede               ede;
	unsigned               chain;           /* aliases followed */
	const uint8_t         *owners[LOOKUP_CHAIN_MAX + 1];    /* of them, to see loops */
	uint8_t                made[LOOKUP_CHAIN_MAX][NAME_SIZE];        /* names that DNAMEs made */
	struct rrset           found;           /* whose targets' addresses belong into the additional section; type 0: none */
	const uint8_t         *found_owner;
	const uint8_t         *cut;             /* FOUND is the NS RRset of a delegation here */
	unsigned               added;
	struct { const uint8_t *name; uint16_t type; } additional[LOOKUP_ADDED_MAX];
};

/* Fill the sections of lookup->response.  QUESTION, RESPONSE and NAME are set; the rest is set here. */
void lookup_run(struct lookup *lookup);

#endif
