/* SPDX-License-Identifier: ISC */
/* Counters in shared memory: one row of cache lines per shard, so that threads do not fight over them. */
#include "base/metric.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"

struct shard {
	_Alignas(64) _Atomic int64_t values[METRIC_COUNT];
};

static const struct {
	const char *name, *labels, *type, *help;
} rows[METRIC_COUNT] = {
#define X(id, name, labels, type, help) [id] = { name, labels, type, help },
	METRICS(X)
#undef X
};

static struct shard  own[METRIC_SHARDS];        /* until attached */
static struct shard *shards = own;              /* set once, before threads start */

int
metric_create(void)
{
	int fd = memfd_create("metrics", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	/* Sealed, so that no role can cut it off under the others. */
	if (fd < 0 || ftruncate(fd, sizeof own) != 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
		log_fatal("metric: shared memory cannot be had: %s", strerror(errno));
	return fd;
}

void
metric_attach(int fd)
{
	void *p = mmap(NULL, sizeof own, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		log_fatal("metric: shared memory cannot be mapped: %s", strerror(errno));
	shards = p;
}

void
metric_add_shard(unsigned shard, enum metric id, int64_t n)
{
	assert(shard < METRIC_SHARDS && id < METRIC_COUNT);
	atomic_fetch_add_explicit(&shards[shard].values[id], n, memory_order_relaxed);
}

void
metric_add(enum metric id, int64_t n)
{
	metric_add_shard(0, id, n);
}

void
metric_set(enum metric id, int64_t value)
{
	assert(id < METRIC_COUNT);
	atomic_store_explicit(&shards[0].values[id], value, memory_order_relaxed);
}

int64_t
metric_get(enum metric id)
{
	int64_t sum = 0;

	for (size_t i = 0; i < METRIC_SHARDS; i++)
		sum += atomic_load_explicit(&shards[i].values[id], memory_order_relaxed);
	return sum;
}

void
metric_print(struct buf *out)
{
	for (enum metric id = 0; id < METRIC_COUNT; id++) {
		bool first = id == 0 || strcmp(rows[id - 1].name, rows[id].name) != 0;

		if (first)
			buf_putf(out, "# HELP %s %s\n# TYPE %s %s\n", rows[id].name, rows[id].help, rows[id].name, rows[id].type);
		if (*rows[id].labels != '\0')
			buf_putf(out, "%s{%s} %lld\n", rows[id].name, rows[id].labels, (long long)metric_get(id));
		else
			buf_putf(out, "%s %lld\n", rows[id].name, (long long)metric_get(id));
	}
}
