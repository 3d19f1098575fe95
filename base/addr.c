/* SPDX-License-Identifier: ISC */
/* Addresses as text.  Only numbers: nothing here asks a resolver, we are one. */
#include "base/addr.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

static bool
parse_in(struct addr *out, const char *host, uint16_t port)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&out->sa;

	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	out->len = sizeof *in;
	return inet_pton(AF_INET, host, &in->sin_addr) == 1;
}

/* HOST may end in "%eth0", as link-local addresses need. */
static bool
parse_in6(struct addr *out, char *host, uint16_t port)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&out->sa;
	char                *scope = strchr(host, '%');

	if (scope != NULL) {
		*scope++ = '\0';
		in6->sin6_scope_id = if_nametoindex(scope);
		if (in6->sin6_scope_id == 0)
			return false;
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	out->len = sizeof *in6;
	return inet_pton(AF_INET6, host, &in6->sin6_addr) == 1;
}

bool
addr_parse(struct addr *out, const char *text, struct err *err)
{
	char        host[ADDR_TEXT_MAX];
	const char *colon = strrchr(text, ':');
	size_t      len = colon != NULL ? (size_t)(colon - text) : 0;
	bool        brackets = len >= 2 && text[0] == '[' && text[len - 1] == ']';
	uint64_t    port;

	*out = (struct addr){ 0 };
	if (len == 0 || len >= sizeof host || !str_u64(&port, colon + 1, 65535)) {
		err_set(err, ERR_SYNTAX, "\"%s\" is not an address with a port", text);
		return err_hint(err, "write 192.0.2.1:53 or [2001:db8::1]:53");
	}
	memcpy(host, text, len);
	host[len] = '\0';
	if (brackets) {
		host[len - 1] = '\0';
		if (parse_in6(out, host + 1, (uint16_t)port))
			return true;
	} else if (parse_in(out, host, (uint16_t)port)) {
		return true;
	}
	err_set(err, ERR_SYNTAX, "\"%s\" is not an IP address with a port", text);
	return err_hint(err, "host names are not looked up; IPv6 stands in brackets: [2001:db8::1]:53");
}

static uint16_t
addr_port(const struct addr *addr)
{
	if (addr->sa.ss_family == AF_INET)
		return ntohs(((const struct sockaddr_in *)&addr->sa)->sin_port);
	return ntohs(((const struct sockaddr_in6 *)&addr->sa)->sin6_port);
}

static void
print_in6(char out[static ADDR_TEXT_MAX], const struct sockaddr_in6 *in6)
{
	char   scope[IF_NAMESIZE];
	size_t len;

	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
		inet_ntop(AF_INET, &in6->sin6_addr.s6_addr[12], out, ADDR_TEXT_MAX);
		return;
	}
	inet_ntop(AF_INET6, &in6->sin6_addr, out, ADDR_TEXT_MAX);
	len = strlen(out);
	if (in6->sin6_scope_id == 0)
		return;
	/* A confined process cannot ask for the name: the number will do. */
	if (if_indextoname(in6->sin6_scope_id, scope) != NULL)
		snprintf(out + len, ADDR_TEXT_MAX - len, "%%%s", scope);
	else
		snprintf(out + len, ADDR_TEXT_MAX - len, "%%%u", in6->sin6_scope_id);
}

void
addr_print_ip(char out[static ADDR_TEXT_MAX], const struct addr *addr)
{
	switch (addr->sa.ss_family) {
	case AF_INET:
		inet_ntop(AF_INET, &((const struct sockaddr_in *)&addr->sa)->sin_addr, out, ADDR_TEXT_MAX);
		break;
	case AF_INET6:
		print_in6(out, (const struct sockaddr_in6 *)&addr->sa);
		break;
	default:
		snprintf(out, ADDR_TEXT_MAX, "local");
	}
}

void
addr_print(char out[static ADDR_TEXT_MAX], const struct addr *addr)
{
	char   ip[ADDR_TEXT_MAX];
	size_t len;

	addr_print_ip(ip, addr);
	if (addr->sa.ss_family != AF_INET && addr->sa.ss_family != AF_INET6) {
		memcpy(out, ip, sizeof ip);
		return;
	}
	/* "%.54s" leaves room for brackets and port; only an interface name of full length loses its end. */
	snprintf(out, ADDR_TEXT_MAX, strchr(ip, ':') != NULL ? "[%.54s]" : "%.54s", ip);
	len = strlen(out);
	snprintf(out + len, ADDR_TEXT_MAX - len, ":%u", addr_port(addr));
}

bool
addr_is_loopback(const struct addr *addr)
{
	const struct sockaddr_in  *in = (const struct sockaddr_in *)&addr->sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&addr->sa;

	switch (addr->sa.ss_family) {
	case AF_INET:
		return ntohl(in->sin_addr.s_addr) >> 24 == 127;
	case AF_INET6:
		if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
			return in6->sin6_addr.s6_addr[12] == 127;
		return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
	default:
		return addr->sa.ss_family == AF_UNIX;
	}
}
