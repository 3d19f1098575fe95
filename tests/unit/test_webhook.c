/* SPDX-License-Identifier: ISC */
/*
 * The HTTP server on loopback in this process, its loop driven by hand; the store is the other end of a socket pair.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/str.h"
#include "http/server.h"

#define SECRET "It's a Secret to Everybody"
#define BODY   "Hello, World!"
/* The example of GitHub's documentation. */
#define SIGNED "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

struct bed {
	struct server server;
	struct chan   store;
	uint16_t      port;
};

static int
listen_loopback(uint16_t *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t          len = sizeof sin;
	int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof sin), 0);
	assert_int_equal(listen(fd, 10), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	*port = ntohs(sin.sin_port);
	return fd;
}

static void
store_tells(struct bed *bed, const struct info *info)
{
	struct msg msg;

	msg_init(&msg, MSG_INFO, 0);
	client_put_info(&msg, info);
	assert_true(chan_send(&bed->store, &msg));
	bed->server.info_known = false;
	for (int i = 0; i < 100 && !bed->server.info_known; i++)
		loop_once(bed->server.proc.loop, 10);
	assert_true(bed->server.info_known);
}

static void
store_attach(struct bed *bed)
{
	int fds[2];

	assert_true(chan_pair(fds, NULL));
	chan_init(&bed->store, fds[0]);
	server_attach(&bed->server, fds[1]);
}

static struct bed *
bed_new(const char *secret)
{
	struct bed *bed = mem_alloc(sizeof *bed);

	bed->server.proc.role = ROLE_HTTP;
	bed->server.proc.loop = loop_new();
	conf_init(&bed->server.proc.conf, "/nonexistent");
	if (secret != NULL)
		assert_true(conf_set(&bed->server.proc.conf, "webhook-secret", secret, NULL));
	server_reload(&bed->server);
	server_listen(&bed->server, listen_loopback(&bed->port));
	store_attach(bed);
	store_tells(bed, &(struct info){ .commit = "0123456789abcdef", .zones = 2, .dns_live = true, .has_remote = true, .fetched_s = 1 });
	return bed;
}

static void
bed_free(struct bed *bed)
{
	server_stop(&bed->server);
	chan_done(&bed->store);
	loop_free(bed->server.proc.loop);
	conf_done(&bed->server.proc.conf);
	free(bed);
}

/* Send TEXT, which asks for the connection to be closed, and collect the answer. */
static void
http(struct bed *bed, const char *text, size_t len, struct buf *answer)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(bed->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ssize_t            n = -1;

	buf_reset(answer);
	assert_int_equal(connect(fd, (struct sockaddr *)&sin, sizeof sin), 0);
	for (int i = 0; i < 5000 && n != 0; i++) {
		n = len != 0 ? send(fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL) : -1;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		} else if (n < 0 && len != 0 && errno != EAGAIN) {
			len = 0;
		}
		loop_once(bed->server.proc.loop, len != 0 ? 0 : 5);
		n = recv(fd, buf_reserve(answer, 65536), 65536, MSG_DONTWAIT);
		if (n > 0)
			answer->len += (size_t)n;
		else if (n < 0 && errno != EAGAIN)
			n = 0;
	}
	assert_int_equal(n, 0);
	close(fd);
}

/* The status of a request with HEADERS (each with its end of line) and BODY. */
static int
ask(struct bed *bed, const char *request, const char *headers, const char *body, struct buf *answer)
{
	struct buf text = { 0 };
	int        status = 0;

	buf_putf(&text, "%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s", request, headers);
	if (body != NULL)
		buf_putf(&text, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
	else
		buf_puts(&text, "\r\n");
	http(bed, buf_str(&text), text.len, answer);
	buf_done(&text);
	sscanf(buf_str(answer), "HTTP/1.%*d %d", &status);
	return status;
}

/* What the store was asked to fetch: "ADDRESS SENDER", "" for nothing. */
static const char *
fetched(struct bed *bed)
{
	static char text[200];
	struct msg  msg;
	const char *from, *what;

	text[0] = '\0';
	if (chan_recv(&bed->store, &msg) != CHAN_MSG)
		return text;
	assert_int_equal(msg.type, MSG_FETCH);
	from = msg_get_str(&msg);
	what = msg_get_str(&msg);
	assert_true(msg_end(&msg));
	snprintf(text, sizeof text, "%s %s", from, what);
	msg_done(&msg);
	assert_int_equal(chan_recv(&bed->store, &msg), CHAN_EMPTY);
	return text;
}

#define H(name, value) name ": " value "\r\n"

static const struct { const char *headers, *body; int status; const char *fetch; } senders[] = {
	{ H("X-Hub-Signature-256", "sha256=" SIGNED), BODY, 202, "127.0.0.1 github" },
	{ H("x-hub-signature-256", "sha256=" SIGNED) H("X-GitHub-Event", "push"), BODY, 202, "127.0.0.1 github" },
	{ H("X-Hub-Signature-256", "sha256=" SIGNED) H("X-GitHub-Event", "ping"), BODY, 200, "" },
	{ H("X-Hub-Signature-256", SIGNED), BODY, 401, "" },
	{ H("X-Hub-Signature-256", "sha1=" SIGNED), BODY, 401, "" },
	{ H("X-Hub-Signature-256", "sha256="), BODY, 401, "" },
	{ H("X-Hub-Signature-256", "sha256=" SIGNED "00"), BODY, 401, "" },
	{ H("X-Hub-Signature-256", "sha256=zz7107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"), BODY, 401, "" },
	{ H("X-Hub-Signature-256", "sha256=657107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"), BODY, 401, "" },
	{ H("X-Hub-Signature-256", "sha256=" SIGNED), BODY "!", 401, "" },
	{ H("X-Hub-Signature-256", "sha256=" SIGNED), "", 401, "" },
	{ H("X-Hub-Signature", "sha256=" SIGNED), BODY, 202, "127.0.0.1 bitbucket" },
	{ H("X-Hub-Signature", "sha1=757107ea0eb2509fc211221cce984b8a37570b6d"), BODY, 401, "" },
	{ H("X-Gitea-Signature", SIGNED), BODY, 202, "127.0.0.1 gitea" },
	{ H("X-Gitea-Signature", "sha256=" SIGNED), BODY, 401, "" },
	{ H("X-Gitea-Signature", SIGNED) H("X-Hub-Signature-256", "sha256=00"), BODY, 202, "127.0.0.1 gitea" },
	{ H("X-Forgejo-Signature", SIGNED) H("X-Gitea-Signature", SIGNED), BODY, 202, "127.0.0.1 forgejo" },
	{ H("X-Forgejo-Signature", "00") H("X-Gitea-Signature", SIGNED), BODY, 401, "" },
	{ H("X-SoftServe-Signature", "sha256=" SIGNED), BODY, 202, "127.0.0.1 soft-serve" },
	{ H("X-Gitlab-Token", SECRET), BODY, 202, "127.0.0.1 gitlab" },
	{ H("X-Gitlab-Token", SECRET "!"), BODY, 401, "" },
	{ H("X-Gitlab-Token", ""), BODY, 401, "" },
	{ H("Authorization", "Bearer " SECRET), BODY, 202, "127.0.0.1 bearer" },
	{ H("Authorization", "Basic " SECRET), BODY, 401, "" },
	{ H("X-Gitlab-Token", "no") H("Authorization", "Bearer " SECRET), BODY, 401, "" },
	{ "", BODY, 401, "" },
	{ "", NULL, 401, "" },
};

static void
senders_prove_themselves(void **state)
{
	struct bed *bed = bed_new(SECRET);
	struct buf  answer = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof senders / sizeof senders[0]; i++) {
		int status = ask(bed, "POST /webhook", senders[i].headers, senders[i].body, &answer);

		if (status != senders[i].status)
			fail_msg("%s: %d", senders[i].headers, status);
		assert_string_equal(fetched(bed), senders[i].fetch);
		if (status == 401)
			assert_non_null(strstr(buf_str(&answer), "\"code\":\"E-NOTAUTH\""));
		assert_null(strstr(buf_str(&answer), SECRET));
	}
	buf_done(&answer);
	bed_free(bed);
}

static void
the_body_comes_in_pieces(void **state)
{
	static const char request[] = "POST /webhook HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" H("X-Gitea-Signature", SIGNED)
	    H("Transfer-Encoding", "chunked") "\r\n1\r\nH\r\n7\r\nello, W\r\n5\r\norld!\r\n0\r\n\r\n";
	struct bed *bed = bed_new(SECRET);
	struct buf  answer = { 0 };

	(void)state;
	http(bed, request, sizeof request - 1, &answer);
	assert_non_null(strstr(buf_str(&answer), " 202 "));
	assert_string_equal(fetched(bed), "127.0.0.1 gitea");
	buf_done(&answer);
	bed_free(bed);
}

static void
a_delivery_is_taken_once(void **state)
{
	static const char once[] = H("X-Hub-Signature-256", "sha256=" SIGNED) H("X-GitHub-Delivery", "72d3162e");
	struct bed       *bed = bed_new(SECRET);
	struct buf        answer = { 0 };

	(void)state;
	assert_int_equal(ask(bed, "POST /webhook", once, "forged", &answer), 401);
	assert_int_equal(ask(bed, "POST /webhook", once, BODY, &answer), 202);
	assert_string_equal(fetched(bed), "127.0.0.1 github");
	assert_int_equal(ask(bed, "POST /webhook", once, BODY, &answer), 200);
	assert_string_equal(fetched(bed), "");
	for (unsigned i = 0; i < HTTP_DELIVERY_MAX; i++) {
		char other[300];

		snprintf(other, sizeof other, "%s" H("X-GitHub-Delivery", "%u"), H("X-Hub-Signature-256", "sha256=" SIGNED), i);
		assert_int_equal(ask(bed, "POST /webhook", other, BODY, &answer), 202);
		fetched(bed);
	}
	assert_int_equal(ask(bed, "POST /webhook", once, BODY, &answer), 202);  /* forgotten again: memory is bounded */
	buf_done(&answer);
	bed_free(bed);
}

static void
without_a_secret_nobody_is_known(void **state)
{
	struct bed *bed = bed_new(NULL);
	struct buf  answer = { 0 };

	(void)state;
	assert_int_equal(ask(bed, "POST /webhook", H("X-Gitlab-Token", ""), BODY, &answer), 401);
	assert_int_equal(ask(bed, "POST /webhook", H("X-Hub-Signature-256", "sha256=" SIGNED), BODY, &answer), 401);
	assert_true(conf_set(&bed->server.proc.conf, "webhook-secret", SECRET, NULL));
	server_reload(&bed->server);
	assert_int_equal(ask(bed, "POST /webhook", H("X-Hub-Signature-256", "sha256=" SIGNED), BODY, &answer), 202);
	buf_done(&answer);
	bed_free(bed);
}

static void
without_remote_or_store(void **state)
{
	static const char signature[] = H("X-Gitea-Signature", SIGNED);
	struct bed       *bed = bed_new(SECRET);
	struct buf        answer = { 0 };

	(void)state;
	store_tells(bed, &(struct info){ .commit = "01" });
	assert_int_equal(ask(bed, "POST /webhook", signature, BODY, &answer), 404);
	assert_non_null(strstr(buf_str(&answer), "E-NOT-FOUND"));
	assert_int_equal(ask(bed, "GET /healthz", "", NULL, &answer), 503);
	chan_done(&bed->store);
	assert_int_equal(ask(bed, "POST /webhook", signature, BODY, &answer), 503);
	assert_non_null(strstr(buf_str(&answer), "Retry-After: "));
	assert_int_equal(ask(bed, "GET /healthz", "", NULL, &answer), 503);
	assert_int_equal(ask(bed, "GET /version", "", NULL, &answer), 200);
	store_attach(bed);
	store_tells(bed, &(struct info){ .commit = "02", .dns_live = true, .has_remote = true });
	assert_int_equal(ask(bed, "POST /webhook", signature, BODY, &answer), 202);
	assert_int_equal(ask(bed, "GET /healthz", "", NULL, &answer), 200);
	buf_done(&answer);
	bed_free(bed);
}

static const struct { const char *request, *headers, *body; int status; const char *part; } plain[] = {
	{ "GET /version", "", NULL, 200, "\"commit\":\"0123456789abcdef\"" },
	{ "GET /version", "", NULL, 200, "\"fetched\":\"1970-01-01T00:00:01Z\",\"pushed\":null" },
	{ "HEAD /version", "", NULL, 200, "Content-Type: application/json" },
	{ "GET /healthz", "", NULL, 200, "\r\n\r\nok\n" },
	{ "GET /metrics", "", NULL, 200, "zonesh_git_head_info{commit=\"0123456789abcdef\"} 1\n" },
	{ "GET /", "", NULL, 404, "E-NOT-FOUND" },
	{ "GET /version/", "", NULL, 404, "E-NOT-FOUND" },
	{ "POST /nothing", "", BODY, 404, "E-NOT-FOUND" },
	{ "GET /webhook", "", NULL, 405, "Allow: POST\r\n" },
	{ "HEAD /webhook", "", NULL, 405, "" },
	{ "POST /version", "", BODY, 405, "Allow: GET\r\n" },
	{ "DELETE /version", "", NULL, 405, "E-USAGE" },
	{ "GET /version", "", BODY, 413, "E-LIMIT" },
	{ "POST /webhook", H("Content-Length", "26214401"), NULL, 413, "E-LIMIT" },
	{ "POST /webhook", H("Content-Length", "99999999999999"), NULL, 413, "E-LIMIT" },
};

static void
endpoints_and_refusals(void **state)
{
	struct bed *bed = bed_new(SECRET);
	struct buf  answer = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
		int status = ask(bed, plain[i].request, plain[i].headers, plain[i].body, &answer);

		if (status != plain[i].status || strstr(buf_str(&answer), plain[i].part) == NULL)
			fail_msg("%s: %s", plain[i].request, buf_str(&answer));
	}
	assert_string_equal(fetched(bed), "");
	buf_done(&answer);
	bed_free(bed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(senders_prove_themselves),
		cmocka_unit_test(the_body_comes_in_pieces),
		cmocka_unit_test(a_delivery_is_taken_once),
		cmocka_unit_test(without_a_secret_nobody_is_known),
		cmocka_unit_test(without_remote_or_store),
		cmocka_unit_test(endpoints_and_refusals),
	};

	crypt_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
