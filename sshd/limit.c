/* SPDX-License-Identifier: ISC */
#include "sshd/limit.h"

#include <netinet/in.h>
#include <string.h>

/* What identifies the client at ADDR: 8 bytes. */
static void
client_id(uint8_t out[static 8], const struct addr *addr)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)&addr->sa;
	const struct sockaddr_in  *in = (const struct sockaddr_in *)(const void *)&addr->sa;

	memset(out, 0, 8);
	if (addr->sa.ss_family == AF_INET)
		memcpy(out + 4, &in->sin_addr, 4);
	else if (addr->sa.ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
		memcpy(out + 4, in6->sin6_addr.s6_addr + 12, 4);
	else if (addr->sa.ss_family == AF_INET6)
		memcpy(out, in6->sin6_addr.s6_addr, 8);
}

static bool
is_ipv4(const struct addr *addr)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)&addr->sa;

	return addr->sa.ss_family == AF_INET ||
	    (addr->sa.ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr));
}

bool
limit_same_client(const struct addr *a, const struct addr *b)
{
	uint8_t id_a[8], id_b[8];

	client_id(id_a, a);
	client_id(id_b, b);
	return is_ipv4(a) == is_ipv4(b) && memcmp(id_a, id_b, sizeof id_a) == 0;
}
