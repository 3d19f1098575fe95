/* SPDX-License-Identifier: ISC */
/* One datagram to a unix socket; '@' at the start of its name stands for the abstract namespace. */
#include "base/sdnotify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

void
sdnotify_send(const char *state)
{
	const char        *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t             len = path != NULL ? strlen(path) : 0;
	int                fd;

	if (len < 2 || len >= sizeof un.sun_path || (*path != '/' && *path != '@'))
		return;
	memcpy(un.sun_path, path, len);
	if (*path == '@')
		un.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&un,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
		log_warn("systemd: %s cannot be told %s", path, state);
	if (fd >= 0)
		close(fd);
}
