/* SPDX-License-Identifier: ISC */
/*
 * What the endpoints share: the role's state, one request, and how a reply is made.  An endpoint is one row in http.c
 * and one function in a file of its own.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/crypt.h"
#include "base/proc.h"
#include "store/client.h"

#define HTTP_BODY_MAX      (25u << 20)  /* GitHub's limit of a payload; it is hashed, not kept */
#define HTTP_DELIVERY_MAX  256          /* ids of webhook deliveries remembered */

struct delivery {
	char    id[64];
	int64_t until_ms;
};

struct server {
	struct proc         proc;
	struct chan         store;
	struct loop_io     *store_io;
	struct info         info;               /* the newest that the store sent */
	bool                info_known;
	struct crypt_hmac  *hmac;               /* of the webhook secret; NULL when there is none */
	struct MHD_Daemon **daemons;            /* one per listening socket */
	size_t              daemon_count, daemon_cap;
	struct loop_timer  *timer;              /* of the next time-out in a connection */
	struct delivery     deliveries[HTTP_DELIVERY_MAX];
	size_t              delivery_next;
};

struct request;

/* A row of the table of endpoints.  BODY may be NULL: a body is then refused. */
struct endpoint {
	const char *path;
	const char *method;
	void (*body)(struct request *request, const void *data, size_t len);
	enum MHD_Result (*reply)(struct request *request);
};

struct request {
	struct server         *server;
	struct MHD_Connection *conn;
	const struct endpoint *endpoint;        /* NULL: no such path */
	bool                   wrong_method;
	size_t                 body_len;
	struct crypt_hmac     *hmac;            /* of the body so far; made by the webhook's first piece */
};

/* A socket that listens, served from now on by proc.loop; fatal when it cannot be. */
void server_listen(struct server *server, int fd);
/* A (new) channel to the store; takes FD. */
void server_attach(struct server *server, int fd);
/* Take the secret from the configuration: later requests use it. */
void server_reload(struct server *server);
/* Close all but the loop. */
void server_stop(struct server *server);

/* Answer with STATUS and TEXT (copied).  TYPE is the media type. */
enum MHD_Result server_text(struct request *request, unsigned status, const char *type, const char *text);
/* Answer with the JSON form of ERR (product.md 5.2), status by its code. */
enum MHD_Result server_error(struct request *request, const struct err *err);
const char *server_header(struct request *request, const char *name);   /* NULL when absent */
/* Takes the content of MSG, for the store, which must be there (store_io); false: it is gone now. */
bool server_send(struct server *server, struct msg *msg);
/* The client's address without port. */
void server_from(struct request *request, char out[static ADDR_TEXT_MAX]);

void            webhook_body(struct request *request, const void *data, size_t len);
enum MHD_Result webhook_reply(struct request *request);
enum MHD_Result version_reply(struct request *request);
enum MHD_Result health_reply(struct request *request);
enum MHD_Result metrics_reply(struct request *request);

#endif
