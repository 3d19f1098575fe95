/* SPDX-License-Identifier: ISC */
/*
 * Where clients come from: monitors, which vouch for a key, and the socket for commands on this host, where the
 * kernel does.
 */
#include "store/serve_private.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "store/client_fields.h"
#include "store/identity.h"

#define CLIENTS_MAX 1000        /* monitors and clients together */
#define BACKLOG     64

static bool
room_for_one(struct serve *serve, struct err *err)
{
	if (serve->client_count < CLIENTS_MAX)
		return true;
	err_set(err, ERR_LIMIT, "%d sessions are open already", CLIENTS_MAX);
	return err_hint(err, "try again when some have ended");
}

bool
on_monitor_open(struct peer *peer, struct msg *msg)
{
	struct err   err = { 0 };
	struct peer *monitor;
	char         from[ADDR_TEXT_MAX];

	client_get_text(msg, from, sizeof from);
	if (!msg_end(msg))
		return false;
	if (!room_for_one(peer->serve, &err)) {
		reply_err(peer, msg->id, &err, NULL);
		return true;
	}
	monitor = reply_channel(peer, msg, PEER_MONITOR);
	if (monitor != NULL)
		strcpy(monitor->who.from, from);
	return true;
}

bool
on_key_lookup(struct peer *peer, struct msg *msg)
{
	const char     *type = msg_get_str(msg), *base64 = msg_get_str(msg);
	struct identity who;
	struct err      err = { 0 };
	struct msg      reply;

	if (!msg_end(msg))
		return false;
	if (!identity_find(peer->serve->store, type, base64, &who, &err)) {
		reply_err(peer, msg->id, &err, NULL);
		return true;
	}
	snprintf(who.from, sizeof who.from, "%s", peer->who.from);
	reply_init(&reply, msg);
	client_put_identity(&reply, &who);
	peer_send(peer, &reply);
	return true;
}

bool
on_client_open(struct peer *peer, struct msg *msg)
{
	const char     *type = msg_get_str(msg), *base64 = msg_get_str(msg), *proof = msg_get_str(msg), *from = msg_get_str(msg),
	               *via = msg_get_str(msg);
	struct identity who;
	struct err      err = { 0 };
	struct peer    *client;

	if (!msg_end(msg))
		return false;
	if (!identity_find(peer->serve->store, type, base64, &who, &err) || !room_for_one(peer->serve, &err)) {
		reply_err(peer, msg->id, &err, NULL);
		return true;
	}
	snprintf(who.proof, sizeof who.proof, "%s", proof);
	snprintf(who.from, sizeof who.from, "%s", from);
	snprintf(who.via, sizeof who.via, "%s", who.kind == ID_DEVICE ? "ssh-device" : via);
	client = reply_channel(peer, msg, PEER_CLIENT);
	if (client != NULL)
		client->who = who;
	return true;
}

/* ---- the socket ---- */

/* Who is at the other end, if it may be an administrator: root, or the user that we run as. */
static bool
local_identity(int fd, struct identity *who)
{
	struct ucred   cred;
	socklen_t      len = sizeof cred;
	struct passwd  entry, *found = NULL;
	char           texts[4096];

	*who = (struct identity){ .kind = ID_ADMIN, .admin = true, .proof = "local", .via = "cli" };
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0 || (cred.uid != 0 && cred.uid != geteuid()))
		return false;
	if (getpwuid_r(cred.uid, &entry, texts, sizeof texts, &found) == 0 && found != NULL)
		snprintf(who->name, sizeof who->name, "%s", entry.pw_name);
	else
		snprintf(who->name, sizeof who->name, cred.uid == 0 ? "root" : "uid-%u", (unsigned)cred.uid);
	snprintf(who->display, sizeof who->display, "%.63s", who->name);
	return true;
}

static void
on_connect(void *arg, uint32_t events)
{
	struct serve   *serve = arg;
	struct identity who;
	struct err      err = { 0 };
	int             fd = accept4(serve->socket_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (fd < 0)
		return;
	if (!local_identity(fd, &who)) {
		log_warn("socket: a user who is neither root nor the service's was turned away");
		close(fd);
	} else if (!room_for_one(serve, &err)) {
		log_warn("socket: %s", err.text);
		close(fd);
	} else {
		peer_new(serve, PEER_CLIENT, fd)->who = who;
	}
}

/* Bind FD to NAME in the directory DIR_FD; by way of its descriptor, for sun_path holds 107 bytes only. */
static bool
bind_in(int fd, int dir_fd, const char *name)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	mode_t             mask;
	int                rc;

	snprintf(sun.sun_path, sizeof sun.sun_path, "/proc/self/fd/%d/%s", dir_fd, name);
	if (unlinkat(dir_fd, name, 0) != 0 && errno != ENOENT)
		return false;
	mask = umask(0177);
	rc = bind(fd, (struct sockaddr *)&sun, sizeof sun);
	umask(mask);
	return rc == 0 && listen(fd, BACKLOG) == 0;
}

bool
socket_open(struct serve *serve, struct err *err)
{
	const char *dir = conf_path(&serve->proc.conf, "state");
	int         dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	serve->socket_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (dir_fd < 0 || serve->socket_fd < 0 || !bind_in(serve->socket_fd, dir_fd, "socket")) {
		err_errno(err, ERR_FAILED, "the socket %s/socket cannot be made", dir);
		if (dir_fd >= 0)
			close(dir_fd);
		return false;
	}
	close(dir_fd);
	serve->socket_io = loop_add(serve->proc.loop, serve->socket_fd, EPOLLIN, on_connect, serve);
	return true;
}

void
socket_close(struct serve *serve)
{
	if (serve->socket_io == NULL)
		return;
	loop_remove(serve->socket_io);
	close(serve->socket_fd);
	unlink(conf_path(&serve->proc.conf, "state/socket"));
}
