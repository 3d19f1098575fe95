/* SPDX-License-Identifier: ISC */
/* How many connections one client may have: an IPv4 address is a client, and so is an IPv6 /64. */
#ifndef SSHD_LIMIT_H
#define SSHD_LIMIT_H

#include <stdbool.h>

#include "base/addr.h"

/* Are A and B one client?  Ports do not matter; an IPv4 address mapped into IPv6 is that IPv4 address. */
bool limit_same_client(const struct addr *a, const struct addr *b);

#endif
