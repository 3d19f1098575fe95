/* SPDX-License-Identifier: ISC */
/*
 * The http role: libmicrohttpd in our own event loop, one thread, a table of endpoints.  It reads no files and
 * knows of the store only what the store sends.
 */
#include "http/http.h"

#include <jansson.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/str.h"
#include "http/server.h"

static const struct endpoint endpoints[] = {
	{ "/webhook", MHD_HTTP_METHOD_POST, webhook_body, webhook_reply },
	{ "/version", MHD_HTTP_METHOD_GET,  NULL,         version_reply },
	{ "/healthz", MHD_HTTP_METHOD_GET,  NULL,         health_reply },
	{ "/metrics", MHD_HTTP_METHOD_GET,  NULL,         metrics_reply },
};

enum MHD_Result
server_text(struct request *request, unsigned status, const char *type, const char *text)
{
	struct MHD_Response *response =
	    MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result done;

	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
		MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "5");
	if (request->wrong_method)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, request->endpoint->method);
	done = MHD_queue_response(request->conn, status, response);
	MHD_destroy_response(response);
	return done;
}

static enum MHD_Result
error_status(struct request *request, unsigned status, const struct err *err)
{
	json_t         *json = json_pack("{s:i, s:b, s:s, s:s%, s:s%}", "v", 1, "ok", 0, "code", err->id, "message",
	    err->text, strlen(err->text), "hint", err->hint, strlen(err->hint));
	char           *text = json != NULL ? json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	struct buf      line = { 0 };
	enum MHD_Result done;

	buf_putf(&line, "%s\n", text != NULL ? text : "{\"v\":1,\"ok\":false}");
	done = server_text(request, status, "application/json", buf_str(&line));
	buf_done(&line);
	free(text);
	json_decref(json);
	return done;
}

enum MHD_Result
server_error(struct request *request, const struct err *err)
{
	return error_status(request, (unsigned)err_http(err->code), err);
}

const char *
server_header(struct request *request, const char *name)
{
	return MHD_lookup_connection_value(request->conn, MHD_HEADER_KIND, name);
}

void
server_from(struct request *request, char out[static ADDR_TEXT_MAX])
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(request->conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct addr addr = { 0 };

	out[0] = '\0';
	if (info == NULL || info->client_addr == NULL)
		return;
	addr.len = info->client_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	memcpy(&addr.sa, info->client_addr, addr.len);
	addr_print_ip(out, &addr);
}

static struct request *
request_new(struct server *server, struct MHD_Connection *conn, const char *url, const char *method)
{
	struct request *request = mem_alloc(sizeof(*request));

	request->server = server;
	request->conn = conn;
	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
		if (strcmp(endpoints[i].path, url) == 0)
			request->endpoint = &endpoints[i];
	if (request->endpoint == NULL)
		return request;
	/* HEAD is GET without the body, which the library leaves out by itself. */
	request->wrong_method = strcmp(method, request->endpoint->method) != 0 &&
	    (strcmp(method, MHD_HTTP_METHOD_HEAD) != 0 || strcmp(request->endpoint->method, MHD_HTTP_METHOD_GET) != 0);
	return request;
}

static void
request_free(void *cls, struct MHD_Connection *conn, void **state, enum MHD_RequestTerminationCode why)
{
	struct request *request = *state;

	(void)cls, (void)conn, (void)why;
	if (request == NULL)
		return;
	crypt_hmac_free(request->hmac);
	free(request);
	*state = NULL;
}

static enum MHD_Result
request_refuse(struct request *request)
{
	struct err err = { 0 };

	if (request->endpoint == NULL) {
		err_set(&err, ERR_NOTFOUND, "there is nothing at this path");
		err_hint(&err, "known: POST /webhook, GET /version, GET /healthz, GET /metrics");
		return server_error(request, &err);
	}
	err_set(&err, ERR_USAGE, "%s is asked for with %s", request->endpoint->path, request->endpoint->method);
	return error_status(request, MHD_HTTP_METHOD_NOT_ALLOWED, &err);
}

static enum MHD_Result
request_too_long(struct request *request)
{
	struct err err = { 0 };

	err_set(&err, ERR_LIMIT, "the body is longer than %u bytes, or none is expected here", HTTP_BODY_MAX);
	return error_status(request, MHD_HTTP_CONTENT_TOO_LARGE, &err);
}

/* The headers are there.  What is refused by them is refused now: the library then reads no body, and closes. */
static enum MHD_Result
request_begin(struct request *request)
{
	const char *length = server_header(request, MHD_HTTP_HEADER_CONTENT_LENGTH);
	uint64_t    bytes;

	if (request->endpoint == NULL || request->wrong_method)
		return request_refuse(request);
	if (length != NULL && !str_u64(&bytes, length, request->endpoint->body != NULL ? HTTP_BODY_MAX : 0))
		return request_too_long(request);
	return MHD_YES;
}

/* libmicrohttpd calls this when the headers are there, for each piece of the body, and at its end. */
static enum MHD_Result
on_request(void *cls, struct MHD_Connection *conn, const char *url, const char *method, const char *version,
    const char *data, size_t *len, void **state)
{
	struct request *request = *state;

	(void)version;
	if (request == NULL) {
		*state = request = request_new(cls, conn, url, method);
		return request_begin(request);
	}
	if (*len == 0)
		return request->endpoint->reply(request);
	request->body_len += *len;
	/* A body without a length that goes on and on: nothing is left but to hang up. */
	if (request->endpoint->body == NULL || request->body_len > HTTP_BODY_MAX)
		return MHD_NO;
	request->endpoint->body(request, data, *len);
	*len = 0;
	return MHD_YES;
}

static void server_run(struct server *server);

static void
on_timer(void *arg)
{
	struct server *server = arg;

	server->timer = NULL;
	server_run(server);
}

static void
on_http(void *arg, uint32_t events)
{
	(void)events;
	server_run(arg);
}

/* Let every daemon do what is due, and wake up for the nearest time-out of a connection. */
static void
server_run(struct server *server)
{
	unsigned long long wait_ms, nearest_ms = ~0ULL;

	for (size_t i = 0; i < server->daemon_count; i++) {
		MHD_run(server->daemons[i]);
		if (MHD_get_timeout(server->daemons[i], &wait_ms) == MHD_YES && wait_ms < nearest_ms)
			nearest_ms = wait_ms;
	}
	loop_cancel(server->timer);
	server->timer = nearest_ms == ~0ULL ? NULL
	                                    : loop_after(server->proc.loop, (int64_t)nearest_ms, on_timer, server);
}

void
server_listen(struct server *server, int fd)
{
	const union MHD_DaemonInfo *info;
	struct MHD_Daemon          *daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
	             on_request, server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, 200u,
	             MHD_OPTION_PER_IP_CONNECTION_LIMIT, 50u, MHD_OPTION_CONNECTION_TIMEOUT, 10u,
	             MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)32768, MHD_OPTION_NOTIFY_COMPLETED, request_free, NULL,
	             MHD_OPTION_END);

	if (daemon == NULL)
		log_fatal("http: the HTTP library does not start");
	info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (info == NULL)
		log_fatal("http: the HTTP library has no epoll descriptor");
	mem_grow(&server->daemons, &server->daemon_cap, server->daemon_count + 1, sizeof(struct MHD_Daemon *));
	server->daemons[server->daemon_count++] = daemon;
	loop_add(server->proc.loop, info->epoll_fd, EPOLLIN, on_http, server);
}

static void
store_lost(struct server *server)
{
	loop_remove(server->store_io);
	server->store_io = NULL;
	chan_done(&server->store);
}

bool
server_send(struct server *server, struct msg *msg)
{
	if (!chan_send(&server->store, msg)) {
		store_lost(server);
		return false;
	}
	loop_change(server->store_io, EPOLLIN | (chan_wants_write(&server->store) ? EPOLLOUT : 0u));
	return true;
}

static void
on_store(void *arg, uint32_t events)
{
	struct server  *server = arg;
	struct msg      msg;
	enum chan_state state = CHAN_EMPTY;
	struct info     info;

	if ((events & EPOLLOUT) != 0 && !chan_flush(&server->store)) {
		store_lost(server);
		return;
	}
	while ((state = chan_recv(&server->store, &msg)) == CHAN_MSG) {
		if (msg.type == MSG_INFO && client_get_info(&msg, &info)) {
			server->info = info;
			server->info_known = true;
		}
		msg_done(&msg);
	}
	if (state == CHAN_CLOSED)
		store_lost(server);
	else
		loop_change(server->store_io, EPOLLIN | (chan_wants_write(&server->store) ? EPOLLOUT : 0u));
}

void
server_attach(struct server *server, int fd)
{
	if (server->store_io != NULL)
		store_lost(server);
	chan_init(&server->store, fd);
	server->store_io = loop_add(server->proc.loop, fd, EPOLLIN, on_store, server);
}

static void
on_peer(void *arg, enum role peer, unsigned index, int fd)
{
	(void)peer, (void)index;        /* the store is the only one */
	server_attach(arg, fd);
}

void
server_reload(struct server *server)
{
	const char *secret = conf_str(&server->proc.conf, webhook_secret);

	crypt_hmac_free(server->hmac);
	server->hmac = *secret == '\0' ? NULL : crypt_hmac_new(CRYPT_SHA256, secret, strlen(secret));
}

static void
on_reload(void *arg)
{
	server_reload(arg);
}

void
server_stop(struct server *server)
{
	loop_cancel(server->timer);
	for (size_t i = 0; i < server->daemon_count; i++)
		MHD_stop_daemon(server->daemons[i]);
	free(server->daemons);
	crypt_hmac_free(server->hmac);
	if (server->store_io != NULL)
		store_lost(server);
}

int
http_main(void)
{
	static struct server server = { .proc = { .role = ROLE_HTTP }, .store = { .fd = -1 } };

	log_init("http", LOG_LEVEL_INFO);
	crypt_init();
	server.proc.on_peer = on_peer;
	server.proc.on_reload = on_reload;
	server.proc.arg = &server;
	proc_start(&server.proc);
	server_reload(&server);
	for (size_t i = 0; i < server.proc.listener_count; i++)
		if (server.proc.listeners[i].kind == LISTEN_HTTP)
			server_listen(&server, server.proc.listeners[i].fd);
	proc_confine(&server.proc, CONFINE_HTTP, 65534, 65534);
	proc_ready(&server.proc);
	loop_run(server.proc.loop);
	server_stop(&server);
	return 0;
}
