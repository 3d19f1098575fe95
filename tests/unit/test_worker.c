/* SPDX-License-Identifier: ISC */
/*
 * A whole worker on loopback sockets, with this test as its store: UDP, TCP as it should not be used, and updates that wait for the
 * store, outlive it, or find none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "dns/tsig.h"
#include "dns/worker.h"
#include "tests/unit/dns_fixture.h"

#define WAIT_MS 10000
#define TCP_MAX 4
#define IDLE_MS 300

static struct zones_set  *set;
static struct proc        proc;
static struct worker     *worker;
static struct sockaddr_in where;        /* one port for both */
static struct key         key = { .secret = "secret", .secret_len = 6, .hash = CRYPT_SHA256 };

static int
bound_socket(int type)
{
	socklen_t len = sizeof where;
	int       fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (type == SOCK_DGRAM)
		setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&where, sizeof where) != 0)
		fail_msg("a port is taken");
	assert_int_equal(getsockname(fd, (struct sockaddr *)&where, &len), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 16), 0);
	return fd;
}

static int
client(int type)
{
	struct timeval limit = { WAIT_MS / 1000, 0 };
	int            fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	assert_int_equal(connect(fd, (struct sockaddr *)&where, sizeof where), 0);
	return fd;
}

/* The query for NAME with its TCP length in front. */
static void
put_framed(struct buf *data, const char *name, uint16_t id)
{
	struct buf query = { 0 };
	size_t     at = data->len;

	buf_put_u16(data, 0);
	fixture_query(&query, name, TYPE_A, CLASS_IN, 0, 0);
	buf_set_u16(&query, 0, id);
	buf_put(data, query.data, query.len);
	buf_set_u16(data, at, (uint16_t)query.len);
	buf_done(&query);
}

static uint8_t out[PACKET_MAX];

/* One message at OUT; its length, or 0 at the end. */
static size_t
read_framed(int fd)
{
	uint8_t prefix[2];
	size_t  len;

	if (recv(fd, prefix, 2, MSG_WAITALL) != 2)
		return 0;
	len = packet_u16(prefix);
	assert_int_equal(recv(fd, out, len, MSG_WAITALL), (ssize_t)len);
	return len;
}

static void
test_udp(void **state)
{
	struct buf query = { 0 }, text = { 0 };
	int        fd = client(SOCK_DGRAM);
	ssize_t    len;

	(void)state;
	fixture_query(&query, "www.example.org.", TYPE_A, CLASS_IN, 0, 0);
	send(fd, "x", 1, 0);                            /* no answer to this */
	send(fd, query.data, query.len, 0);
	len = recv(fd, out, sizeof out, 0);
	assert_string_equal(fixture_show(&text, out, (size_t)len), "NOERROR aa | www.example.org. 60 A 192.0.2.1 | |");
	close(fd);
	buf_done(&query);
	buf_done(&text);
}

/* Split anywhere, many at once, and closed on one side before the answers came. */
static void
test_tcp_stream(void **state)
{
	struct buf data = { 0 };
	int        fd = client(SOCK_STREAM);

	(void)state;
	for (uint16_t id = 0; id < 2000; id++)
		put_framed(&data, "www.example.org.", id);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(send(fd, data.data + i, 1, 0), 1);
	assert_int_equal(send(fd, data.data + 100, data.len - 100, 0), (ssize_t)data.len - 100);
	shutdown(fd, SHUT_WR);
	for (uint16_t id = 0; id < 2000; id++) {
		assert_true(read_framed(fd) > 0);
		assert_int_equal(packet_u16(out), id);
	}
	assert_int_equal(read_framed(fd), 0);
	close(fd);
	buf_done(&data);
}

static void
test_tcp_idle_and_max(void **state)
{
	struct buf data = { 0 };
	int        fds[TCP_MAX + 1];

	(void)state;
	put_framed(&data, "www.example.org.", 1);
	for (unsigned i = 0; i <= TCP_MAX; i++) {
		fds[i] = client(SOCK_STREAM);
		send(fds[i], data.data, data.len, 0);
		assert_true(read_framed(fds[i]) > 0);
	}
	for (unsigned i = 0; i <= TCP_MAX; i++) {
		assert_int_equal(read_framed(fds[i]), 0);  /* the first at once, the others when idle */
		close(fds[i]);
	}
	buf_done(&data);
}

/* ---- updates ---- */

static struct hmac_cache *cache;

/* The MAC of a request: RFC 8945 4.3. */
static void
make_mac(const struct buf *message, const struct tsig *tsig, uint8_t mac[static CRYPT_HASH_MAX])
{
	struct crypt_hmac *hmac = hmac_cache_get(cache, &key);
	uint8_t            class_ttl[6] = { 0, CLASS_ANY }, fixed[12] = { [6] = TSIG_FUDGE_S >> 8, [7] = TSIG_FUDGE_S & 255 };
	uint64_t           now = (uint64_t)time(NULL);

	for (unsigned i = 0; i < 6; i++)
		fixed[i] = (uint8_t)(now >> (40 - 8 * i));
	crypt_hmac_add(hmac, message->data, message->len);
	crypt_hmac_add(hmac, key.name, name_len(key.name));
	crypt_hmac_add(hmac, class_ttl, sizeof class_ttl);
	crypt_hmac_add(hmac, tsig->algorithm, name_len(tsig->algorithm));
	crypt_hmac_add(hmac, fixed, sizeof fixed);
	crypt_hmac_end(hmac, mac);
}

/* A signed update of ZONE that adds an address. */
static void
make_update(struct buf *out_buf, const char *zone, uint16_t id)
{
	struct tsig tsig = { .state = TSIG_GOOD, .signs = true };
	uint8_t     mac[CRYPT_HASH_MAX];

	fixture_header(out_buf, id, OPCODE_UPDATE << 11, 1, 0, 1, 0);
	fixture_question(out_buf, zone, TYPE_SOA, CLASS_IN);
	fixture_record(out_buf, "new.example.org.", TYPE_A, CLASS_IN, 60, "\300\0\2\2", 4);
	tsig.key = key;
	name_parse(tsig.algorithm, "hmac-sha256.", NULL, NULL);
	buf_reserve(out_buf, 512);
	make_mac(out_buf, &tsig, mac);
	out_buf->len = tsig_sign(&tsig, cache, out_buf->data, out_buf->len, out_buf->cap, (uint64_t)time(NULL));
	/* tsig_sign covers the MAC of a request, which a request has not: put the right one in, 6 bytes before the end. */
	memcpy(out_buf->data + out_buf->len - 6 - 32, mac, 32);
}

static const char *
read_reply(int fd, struct buf *text)
{
	ssize_t len = recv(fd, out, sizeof out, 0);

	assert_true(len > PACKET_HEADER);
	return fixture_show(text, out, (size_t)len);
}

/* The next request that the worker sends to its store. */
static void
next_request(struct chan *store, struct msg *msg)
{
	assert_int_equal(chan_recv_wait(store, msg, WAIT_MS), CHAN_MSG);
	assert_int_equal(msg->type, MSG_UPDATE);
	assert_string_equal(msg_get_str(msg), "k._update");
	assert_string_equal(msg_get_str(msg), "127.0.0.1");
	assert_string_equal(msg_get_str(msg), "example.org");
}

static void
test_update(void **state)
{
	struct buf  update = { 0 }, other = { 0 }, text = { 0 };
	struct chan store;
	struct msg  msg, reply;
	struct err  err = { 0 };
	int         fd = client(SOCK_DGRAM), fds[2], tcp;
	uint8_t     prefix[2];

	(void)state;
	make_update(&update, "example.org.", 1);
	make_update(&other, "example.org.", 2);

	/* no store */
	send(fd, update.data, update.len, 0);
	assert_string_equal(read_reply(fd, &text), "SERVFAIL -rd | | |");

	/* accepted; sent twice meanwhile, it is one request */
	assert_true(chan_pair(fds, NULL));
	chan_init(&store, fds[0]);
	worker_channel(worker, fds[1]);
	do                              /* until the worker has its channel */
		send(fd, update.data, update.len, 0);
	while (recv(fd, out, sizeof out, MSG_DONTWAIT) > 0 || poll(&(struct pollfd){ .fd = store.fd, .events = POLLIN }, 1, 10) == 0);
	while (recv(fd, out, sizeof out, MSG_DONTWAIT) > 0)
		;
	next_request(&store, &msg);
	send(fd, update.data, update.len, 0);
	send(fd, other.data, other.len, 0);
	msg_init(&reply, MSG_OK, msg.id);
	msg_done(&msg);
	next_request(&store, &msg);
	msg_put_bool(&reply, true);
	msg_put_u32(&reply, 8);
	msg_put_str(&reply, "c0ffee");
	chan_send(&store, &reply);
	assert_string_equal(read_reply(fd, &text), "NOERROR -rd | | |");
	assert_int_equal(packet_u16(out), 1);
	assert_int_equal(packet_u16(out + 10), 1);      /* signed */

	/* refused */
	err_set(&err, ERR_NXRRSET, "a prerequisite does not hold");
	msg_init(&reply, MSG_ERR, msg.id);
	msg_put_err(&reply, &err);
	chan_send(&store, &reply);
	assert_string_equal(read_reply(fd, &text), "NXRRSET -rd | | |");
	assert_int_equal(packet_u16(out), 2);
	msg_done(&msg);

	/* over TCP, and the store dies */
	tcp = client(SOCK_STREAM);
	prefix[0] = (uint8_t)(update.len >> 8);
	prefix[1] = (uint8_t)update.len;
	send(tcp, prefix, 2, 0);
	send(tcp, update.data, update.len, 0);
	next_request(&store, &msg);
	msg_done(&msg);
	chan_done(&store);
	assert_true(read_framed(tcp) > 0);
	assert_int_equal(out[3] & FLAG_RCODE, RCODE_SERVFAIL);
	close(tcp);
	close(fd);
	buf_done(&update);
	buf_done(&other);
	buf_done(&text);
}

/* What never reaches the store. */
static void
test_update_refused(void **state)
{
	struct buf update = { 0 }, text = { 0 };
	int        fd = client(SOCK_DGRAM);

	(void)state;
	make_update(&update, "example.com.", 3);
	send(fd, update.data, update.len, 0);
	assert_string_equal(read_reply(fd, &text), "NOTAUTH -rd | | |");
	buf_reset(&update);
	make_update(&update, "example.org.", 4);
	update.data[update.len - 10] ^= 1;
	send(fd, update.data, update.len, 0);
	assert_string_equal(read_reply(fd, &text), "NOTAUTH -rd | | |");
	buf_reset(&update);
	fixture_header(&update, 5, OPCODE_UPDATE << 11, 1, 0, 0, 0);
	fixture_question(&update, "example.org.", TYPE_SOA, CLASS_IN);
	send(fd, update.data, update.len, 0);
	assert_string_equal(read_reply(fd, &text), "REFUSED -rd | | |");
	buf_reset(&update);
	fixture_header(&update, 6, OPCODE_NOTIFY << 11, 1, 0, 0, 0);
	fixture_question(&update, "example.org.", TYPE_SOA, CLASS_IN);
	send(fd, update.data, update.len, 0);
	assert_string_equal(read_reply(fd, &text), "REFUSED -rd | | |");
	close(fd);
	buf_done(&update);
	buf_done(&text);
}

static int
setup(void **state)
{
	static struct proc_listener listeners[2];
	struct zones_edit          *edit;

	(void)state;
	crypt_init();
	cache = hmac_cache_new();
	name_parse(key.name, "k._update.", NULL, NULL);
	set = zones_set_new();
	edit = zones_edit_new(set);
	fixture_put(edit, "example.org.", "@ 60 SOA ns host 7 1 1 1 1\n@ 60 NS ns\nwww 60 A 192.0.2.1\n");
	zones_edit_keys(edit, keyring_new(&key, 1));
	zones_edit_loaded(edit);
	zones_edit_publish(edit);
	where = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	listeners[0] = (struct proc_listener){ LISTEN_DNS_UDP, 0, bound_socket(SOCK_DGRAM) };
	listeners[1] = (struct proc_listener){ LISTEN_DNS_TCP, 0, bound_socket(SOCK_STREAM) };
	proc.listeners = listeners;
	proc.listener_count = 2;
	proc.conf.dns_tcp_max_num = TCP_MAX;
	proc.conf.dns_tcp_idle_num = IDLE_MS;
	worker = worker_start(0, &proc, "host.test", set);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	worker_stop(worker);
	zones_set_free(set);
	hmac_cache_free(cache);
	close(proc.listeners[0].fd);
	close(proc.listeners[1].fd);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_udp), cmocka_unit_test(test_tcp_stream), cmocka_unit_test(test_tcp_idle_and_max),
		cmocka_unit_test(test_update), cmocka_unit_test(test_update_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
