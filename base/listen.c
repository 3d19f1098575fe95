/* SPDX-License-Identifier: ISC */
/*
 * Binding.  With SO_REUSEPORT a port that another program of this user shares looks free, so each address is
 * tried without it first.
 */
#include "base/listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/log.h"

#define BACKLOG    1024
#define PORT_TRIES 20           /* a free TCP port may be taken for UDP */

enum role
listen_role(enum listen_kind kind)
{
	static const enum role roles[] = {
		[LISTEN_DNS_UDP] = ROLE_DNS, [LISTEN_DNS_TCP] = ROLE_DNS, [LISTEN_HTTP] = ROLE_HTTP, [LISTEN_SSH] = ROLE_SSHD,
	};

	return roles[kind];
}

static bool
bind_error(const struct addr *addr, const char *option, struct err *err)
{
	int  why = errno;
	char text[ADDR_TEXT_MAX];

	addr_print(text, addr);
	switch (why) {
	case EADDRINUSE:
		err_set(err, ERR_PORT, "%s is taken by another program", text);
		return err_hint(err, "\"ss -lnptu\" shows by which; or give option %s another port in zonesh.conf", option);
	case EACCES:
		err_set(err, ERR_PORT, "%s: this user may not listen on that port", text);
		return err_hint(err, "ports below 1024 need root or the capability CAP_NET_BIND_SERVICE");
	case EADDRNOTAVAIL:
		err_set(err, ERR_PORT, "%s is not an address of this machine", text);
		return err_hint(err, "\"ip addr\" shows them; correct option %s in zonesh.conf", option);
	default:
		errno = why;
		return err_errno(err, ERR_PORT, "%s cannot be listened on", text);
	}
}

static void
set_option(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof value) != 0)
		log_warn("listen: socket option %d of level %d is refused: %s", name, level, strerror(errno));
}

static void
set_options(int fd, int family, int type, bool shared)
{
	if (family == AF_INET6)
		set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (type == SOCK_STREAM)
		set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (shared)
		set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	/* An answer must leave from the address that was asked. */
	if (type == SOCK_DGRAM && family == AF_INET)
		set_option(fd, IPPROTO_IP, IP_PKTINFO, 1);
	if (type == SOCK_DGRAM && family == AF_INET6)
		set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

/* A socket bound to ADDR; -1 with errno. */
static int
socket_bound(const struct addr *addr, int type, bool shared)
{
	int fd = socket(addr->sa.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int why;

	if (fd < 0)
		return -1;
	set_options(fd, addr->sa.ss_family, type, shared);
	if (bind(fd, (const struct sockaddr *)&addr->sa, addr->len) == 0)
		return fd;
	why = errno;
	close(fd);
	errno = why;
	return -1;
}

static bool
is_free(const struct addr *addr, int type)
{
	int fd = socket_bound(addr, type, false);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* Add a socket of KIND for SHARD to SET.  ADDR gets the port that was chosen when it had none.  False with errno. */
static bool
listen_one(struct listen_set *set, struct addr *addr, enum listen_kind kind, unsigned shard)
{
	int  type = kind == LISTEN_DNS_UDP ? SOCK_DGRAM : SOCK_STREAM;
	bool shared = listen_role(kind) == ROLE_DNS;
	int  fd = socket_bound(addr, type, shared);

	if (fd < 0)
		return false;
	set->items = mem_realloc(set->items, (set->count + 1) * sizeof *set->items);
	set->items[set->count++] = (struct proc_listener){ .kind = kind, .shard = shard, .fd = fd };
	if (type == SOCK_STREAM && listen(fd, BACKLOG) != 0)
		return false;
	return getsockname(fd, (struct sockaddr *)&addr->sa, &addr->len) == 0;
}

static void
listen_cut(struct listen_set *set, size_t count)
{
	while (set->count > count)
		close(set->items[--set->count].fd);
}

/* All sockets of one DNS address; on failure none. */
static bool
listen_dns(struct listen_set *set, struct addr *addr, unsigned threads)
{
	size_t before = set->count;
	bool   ok = true;

	for (unsigned shard = 0; ok && shard < threads; shard++)
		ok = listen_one(set, addr, LISTEN_DNS_TCP, shard) && (shard > 0 || is_free(addr, SOCK_DGRAM)) &&
		    listen_one(set, addr, LISTEN_DNS_UDP, shard);
	if (!ok) {
		int why = errno;

		listen_cut(set, before);
		errno = why;
	}
	return ok;
}

static bool
listen_dns_addr(struct listen_set *set, struct addr *addr, const struct conf *conf)
{
	const struct addr asked = *addr;
	bool              ok = is_free(addr, SOCK_STREAM) && listen_dns(set, addr, proc_dns_threads(conf));

	/* ADDR differs only when a port was chosen, which UDP could not have: choose another. */
	for (int i = 0; !ok && errno == EADDRINUSE && memcmp(addr, &asked, sizeof asked) != 0 && i < PORT_TRIES; i++) {
		*addr = asked;
		ok = listen_dns(set, addr, proc_dns_threads(conf));
	}
	return ok;
}

static bool
listen_list(struct listen_set *set, const struct conf *conf, const struct conf_list *list, enum listen_kind kind, struct err *err)
{
	const char *option = kind == LISTEN_HTTP ? "http" : kind == LISTEN_SSH ? "ssh" : "dns";

	for (size_t i = 0; i < list->count; i++) {
		struct addr addr;
		char        text[ADDR_TEXT_MAX];
		bool        ok;

		if (!addr_parse(&addr, list->items[i], err))
			return false;
		ok = listen_role(kind) == ROLE_DNS ? listen_dns_addr(set, &addr, conf) : listen_one(set, &addr, kind, 0);
		if (!ok)
			return bind_error(&addr, option, err);
		addr_print(text, &addr);
		log_info("%s: listening on %s", option, text);
	}
	return true;
}

bool
listen_all(struct listen_set *set, const struct conf *conf, struct err *err)
{
	*set = (struct listen_set){ 0 };
	if (listen_list(set, conf, &conf->dns, LISTEN_DNS_UDP, err) && listen_list(set, conf, &conf->http, LISTEN_HTTP, err) &&
	    listen_list(set, conf, &conf->ssh, LISTEN_SSH, err))
		return true;
	listen_done(set);
	return false;
}

void
listen_done(struct listen_set *set)
{
	listen_cut(set, 0);
	free(set->items);
	*set = (struct listen_set){ 0 };
}
