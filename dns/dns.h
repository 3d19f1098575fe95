/* SPDX-License-Identifier: ISC */
/*
 * The dns role: answers queries, verifies TSIG, hands updates to the store, serves transfers.
 */
#ifndef DNS_DNS_H
#define DNS_DNS_H

int dns_main(void);

#endif
