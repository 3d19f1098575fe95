/* SPDX-License-Identifier: ISC */
/*
 * The main thread of the role: it takes zones, keys and the commit from the store and swaps them in; the workers answer.  When the
 * store dies, what is being served goes on being served.  A new store sends everything again; only after that are zones
 * removed that it did not send.
 */
#include "dns/dns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/crypt.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/str.h"
#include "dns/worker.h"
#include "dns/zones.h"
#include "store/client.h"
#include "zone/image.h"

#define BATCH_MAX  1024         /* messages that are applied before readers see them */
#define NOBODY     65534
#define HOST_MAX   256

struct dns {
	struct proc        proc;
	struct zones_set  *set;
	struct chan        store;       /* control channel; fd -1: the store is away */
	struct loop_io    *io;
	bool               loaded;      /* all zones have come once */
	bool               ready;       /* and the parent knows */
	uint32_t           round;       /* one per store */
	uint64_t           version;     /* the highest applied in this round */
	char               host[HOST_MAX];
	struct worker     *workers[METRIC_SHARDS];
	unsigned           worker_count;
	int                early[METRIC_SHARDS + 1];    /* channels that came before there was who to give them to; -1: none */
};

/* One batch of messages on its way into the next zones. */
struct batch {
	struct dns        *dns;
	struct zones_edit *edit;
	struct msg        *msg;
};

static bool
get_zone(struct batch *batch, uint8_t apex[static NAME_SIZE], const char **text)
{
	struct err err = { 0 };

	*text = msg_get_str(batch->msg);
	if (name_parse_zone(apex, *text, &err))
		return true;
	log_warn("dns: the store sent a zone of the name \"%s\": %s", str_show(*text), err.text);
	return false;
}

static uint64_t
get_version(struct batch *batch)
{
	uint64_t version = msg_get_u64(batch->msg);

	if (version > batch->dns->version)
		batch->dns->version = version;
	return version;
}

static void
on_zone(struct batch *batch)
{
	struct err   err = { 0 };
	uint8_t      apex[NAME_SIZE];
	const char  *text;
	const void  *image;
	size_t       size;
	struct zone *zone;

	if (!get_zone(batch, apex, &text))
		return;
	get_version(batch);
	image = msg_get_blob(batch->msg, &size);
	zone = image_open(image, size, &err);
	if (zone != NULL && name_equal(zone_apex(zone), apex)) {
		log_debug("zone %s: serial %u", str_show(text), zone_serial(zone));
		zones_edit_put(batch->edit, apex, zone, batch->dns->round);
		return;
	}
	log_warn("zone %s: the store sent a broken image, the version before stays: %s", str_show(text), zone != NULL ? "of another zone" : err.text);
	zone_free(zone);
	if (!zones_edit_keep(batch->edit, apex, batch->dns->round))
		zones_edit_put(batch->edit, apex, NULL, batch->dns->round);
}

static void
on_zone_broken(struct batch *batch)
{
	uint8_t     apex[NAME_SIZE];
	const char *text;

	if (!get_zone(batch, apex, &text))
		return;
	get_version(batch);
	log_warn("zone %s: no version of it loads, so it is answered with SERVFAIL", str_show(text));
	zones_edit_put(batch->edit, apex, NULL, batch->dns->round);
}

static void
on_zone_gone(struct batch *batch)
{
	uint8_t     apex[NAME_SIZE];
	const char *text;

	if (!get_zone(batch, apex, &text))
		return;
	get_version(batch);
	zones_edit_remove(batch->edit, apex);
}

static void
on_keys(struct batch *batch)
{
	uint32_t    count;
	struct key *keys = NULL, key;
	size_t      cap = 0, have = 0;

	get_version(batch);
	count = msg_get_u32(batch->msg);
	for (uint32_t i = 0; i < count && client_get_key(batch->msg, &key); i++) {
		mem_grow(&keys, &cap, have + 1, sizeof *keys);
		keys[have++] = key;
	}
	if (have == count)
		zones_edit_keys(batch->edit, keyring_new(keys, have));
	else
		log_warn("dns: the store sent a broken set of keys, the set before stays");
	if (keys != NULL)
		crypt_wipe(keys, have * sizeof *keys);
	crypt_wipe(&key, sizeof key);
	free(keys);
}

static void
on_commit(struct batch *batch)
{
	get_version(batch);
	zones_edit_commit(batch->edit, msg_get_str(batch->msg));
}

static void
on_loaded(struct batch *batch)
{
	get_version(batch);
	zones_edit_prune(batch->edit, batch->dns->round);
	zones_edit_loaded(batch->edit);
	batch->dns->loaded = true;
	log_info("dns: all zones are here: %zu", zones_edit_view(batch->edit)->count);
}

static const struct {
	uint16_t type;
	void   (*handle)(struct batch *batch);
} from_store[] = {
	{ MSG_ZONE, on_zone }, { MSG_ZONE_BROKEN, on_zone_broken }, { MSG_ZONE_GONE, on_zone_gone }, { MSG_KEYS, on_keys },
	{ MSG_COMMIT, on_commit }, { MSG_LOADED, on_loaded },
};

static void
handle_msg(struct batch *batch)
{
	for (size_t i = 0; i < sizeof from_store / sizeof from_store[0]; i++)
		if (from_store[i].type == batch->msg->type) {
			from_store[i].handle(batch);
			return;
		}
	log_warn("dns: the store sent a message of unknown type %u", batch->msg->type);
}

static void
disconnect(struct dns *dns)
{
	loop_remove(dns->io);
	dns->io = NULL;
	chan_done(&dns->store);
}

/* Tell the store what is being served. */
static void
send_live(struct dns *dns)
{
	struct msg msg;

	msg_init(&msg, MSG_LIVE, 0);
	msg_put_u64(&msg, dns->version);
	chan_send(&dns->store, &msg);   /* a broken channel is seen when it is read */
}

/* Ready means that every zone is being answered, not just that we run. */
static void
tell_ready(struct dns *dns)
{
	if (dns->loaded && !dns->ready)
		proc_ready(&dns->proc);
	dns->ready = dns->loaded;
}

/* Apply all that the store has sent, in one swap.  False: the store is gone. */
static bool
apply_batch(struct dns *dns)
{
	struct batch    batch = { .dns = dns };
	struct msg      msg;
	enum chan_state state = CHAN_MSG;

	batch.msg = &msg;
	for (unsigned i = 0; i < BATCH_MAX && (state = chan_recv(&dns->store, &msg)) == CHAN_MSG; i++) {
		if (batch.edit == NULL)
			batch.edit = zones_edit_new(dns->set);
		handle_msg(&batch);
		msg_done(&msg);
	}
	if (batch.edit != NULL) {
		zones_edit_publish(batch.edit);
		send_live(dns);
		tell_ready(dns);
	}
	return state != CHAN_CLOSED;
}

static void
on_store(void *arg, uint32_t events)
{
	struct dns *dns = arg;

	if (((events & EPOLLOUT) != 0 && !chan_flush(&dns->store)) || !apply_batch(dns)) {
		log_info("dns: the store is gone; what it sent goes on being served");
		disconnect(dns);
		return;
	}
	loop_change(dns->io, chan_wants_write(&dns->store) ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void
connect_store(struct dns *dns, int fd)
{
	disconnect(dns);
	dns->round++;
	dns->version = 0;
	chan_init(&dns->store, fd);
	dns->io = loop_add(dns->proc.loop, fd, EPOLLIN, on_store, dns);
}

static void
on_peer(void *arg, enum role peer, unsigned index, int fd)
{
	struct dns *dns = arg;

	if (peer != ROLE_STORE || index > METRIC_SHARDS) {
		close(fd);
	} else if (index == 0) {
		connect_store(dns, fd);
	} else if (index <= dns->worker_count) {
		worker_channel(dns->workers[index - 1], fd);
	} else {
		if (dns->early[index] >= 0)
			close(dns->early[index]);
		dns->early[index] = fd;
	}
}

static void
start_workers(struct dns *dns)
{
	unsigned count = proc_dns_threads(&dns->proc.conf);

	snprintf(dns->host, sizeof dns->host, "%.255s", conf_str(&dns->proc.conf, name));
	while (dns->worker_count < count) {
		dns->workers[dns->worker_count] = worker_start(dns->worker_count, &dns->proc, dns->host, dns->set);
		dns->worker_count++;
		if (dns->early[dns->worker_count] >= 0)
			worker_channel(dns->workers[dns->worker_count - 1], dns->early[dns->worker_count]);
		dns->early[dns->worker_count] = -1;
	}
}

int
dns_main(void)
{
	static struct dns dns;          /* workers point into it */

	log_init("dns", LOG_LEVEL_INFO);
	crypt_init();
	dns.proc.role = ROLE_DNS;
	dns.proc.on_peer = on_peer;
	dns.proc.arg = &dns;
	dns.set = zones_set_new();
	chan_init(&dns.store, -1);
	for (unsigned i = 0; i <= METRIC_SHARDS; i++)
		dns.early[i] = -1;
	proc_start(&dns.proc);
	proc_confine(&dns.proc, CONFINE_DNS, NOBODY, NOBODY);
	start_workers(&dns);
	loop_run(dns.proc.loop);

	for (unsigned i = 0; i < dns.worker_count; i++)
		worker_stop(dns.workers[i]);
	disconnect(&dns);
	zones_set_free(dns.set);
	return 0;
}
