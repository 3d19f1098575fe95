/* SPDX-License-Identifier: ISC */
/*
 * An edit copies the table of pointers once, however many zones change; zones that stay are shared by both tables.  Those that go
 * are released when no reader can see the old table any more.
 */
#include "dns/zones.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <urcu-qsbr.h>

#include "base/arena.h"

#define SIZE_MIN 16

struct zones_reader {
	struct zones_reader *next;
	struct zones_set    *set;
	/* Says in C11 terms what RCU says in its own: the response that waited for us has seen all that we did before we left. */
	_Alignas(64) atomic_uint_fast64_t left;
};

struct zones_set {
	_Atomic(struct zones *) current;
	pthread_mutex_t         lock;           /* of the list */
	struct zones_reader    *readers;
};

struct zones_edit {
	struct zones_set *set;
	struct zones     *next;
	struct served   **gone;         /* in the old table, not in the next */
	size_t            gone_count, gone_cap;
	struct keyring   *ring_gone;
};

/* Where APEX stands in the table, or the free slot where it would. */
static size_t
find_slot(const struct zones *zones, const uint8_t *apex, uint32_t hash)
{
	size_t i = hash & (zones->size - 1);

	while (zones->slots[i] != NULL && (zones->slots[i]->hash != hash || !name_equal(zones->slots[i]->apex, apex)))
		i = (i + 1) & (zones->size - 1);
	return i;
}

const struct served *
zones_find_apex(const struct zones *zones, const uint8_t *apex)
{
	return zones->slots[find_slot(zones, apex, name_hash(apex))];
}

const struct served *
zones_find(const struct zones *zones, const uint8_t *name)
{
	if (name_labels(name) > zones->labels_max)
		name = name_suffix(name, zones->labels_max);
	for (;;) {
		const struct served *served = zones_find_apex(zones, name);

		if (served != NULL || *name == 0)
			return served;
		name += *name + 1;
	}
}

const struct served *
served_hold(const struct served *served)
{
	struct served *own = (struct served *)(uintptr_t)served;

	atomic_fetch_add_explicit(&own->refs, 1, memory_order_relaxed);
	return served;
}

void
served_release(const struct served *served)
{
	struct served *own = (struct served *)(uintptr_t)served;

	if (own == NULL || atomic_fetch_sub_explicit(&own->refs, 1, memory_order_acq_rel) != 1)
		return;
	zone_free(own->zone);
	free(own);
}

static struct zones *
zones_new(size_t size)
{
	struct zones *zones = mem_alloc(sizeof *zones);

	zones->size = size;
	zones->slots = mem_alloc(size * sizeof(struct served *));
	return zones;
}

/* The table without what it points to. */
static void
zones_free(struct zones *zones)
{
	free(zones->slots);
	free(zones);
}

struct zones_set *
zones_set_new(void)
{
	struct zones_set *set = mem_alloc(sizeof *set);
	struct zones     *none = zones_new(SIZE_MIN);

	none->ring = keyring_new(NULL, 0);
	pthread_mutex_init(&set->lock, NULL);
	atomic_init(&set->current, none);
	return set;
}

void
zones_set_free(struct zones_set *set)
{
	struct zones *zones = atomic_load(&set->current);

	for (size_t i = 0; i < zones->size; i++)
		served_release(zones->slots[i]);
	keyring_free(zones->ring);
	zones_free(zones);
	pthread_mutex_destroy(&set->lock);
	free(set);
}

struct zones_reader *
zones_reader_new(struct zones_set *set)
{
	struct zones_reader *reader = aligned_alloc(_Alignof(struct zones_reader), sizeof *reader);

	if (reader == NULL)
		abort();
	*reader = (struct zones_reader){ .set = set };
	rcu_register_thread();
	rcu_thread_offline();
	pthread_mutex_lock(&set->lock);
	reader->next = set->readers;
	set->readers = reader;
	pthread_mutex_unlock(&set->lock);
	return reader;
}

void
zones_reader_free(struct zones_reader *reader)
{
	struct zones_set     *set = reader->set;
	struct zones_reader **link = &set->readers;

	pthread_mutex_lock(&set->lock);
	while (*link != reader)
		link = &(*link)->next;
	*link = reader->next;
	pthread_mutex_unlock(&set->lock);
	rcu_unregister_thread();
	free(reader);
}

const struct zones *
zones_enter(struct zones_reader *reader)
{
	rcu_thread_online();
	return atomic_load_explicit(&reader->set->current, memory_order_acquire);
}

void
zones_leave(struct zones_reader *reader)
{
	atomic_fetch_add_explicit(&reader->left, 1, memory_order_release);
	rcu_thread_offline();
}

/* Wait until every reader has left since now. */
static void
wait_for_readers(struct zones_set *set)
{
	synchronize_rcu();
	pthread_mutex_lock(&set->lock);
	for (struct zones_reader *reader = set->readers; reader != NULL; reader = reader->next)
		(void)atomic_load_explicit(&reader->left, memory_order_acquire);
	pthread_mutex_unlock(&set->lock);
}

/* A copy of the table with SIZE slots. */
static struct zones *
zones_copy(const struct zones *from, size_t size)
{
	struct zones  *to = zones_new(size);
	struct served **slots = to->slots;

	*to = *from;
	to->slots = slots;
	to->size = size;
	for (size_t i = 0; i < from->size; i++)
		if (from->slots[i] != NULL)
			slots[find_slot(to, from->slots[i]->apex, from->slots[i]->hash)] = from->slots[i];
	return to;
}

struct zones_edit *
zones_edit_new(struct zones_set *set)
{
	struct zones_edit *edit = mem_alloc(sizeof *edit);
	struct zones      *current = atomic_load_explicit(&set->current, memory_order_relaxed);

	edit->set = set;
	edit->next = zones_copy(current, current->size);
	return edit;
}

static void
let_go(struct zones_edit *edit, struct served *served)
{
	mem_grow(&edit->gone, &edit->gone_cap, edit->gone_count + 1, sizeof *edit->gone);
	edit->gone[edit->gone_count++] = served;
}

/* Room for one more at half full, so that probes stay short. */
static void
make_room(struct zones_edit *edit)
{
	struct zones *grown;

	if (2 * (edit->next->count + 1) <= edit->next->size)
		return;
	grown = zones_copy(edit->next, 2 * edit->next->size);
	zones_free(edit->next);
	edit->next = grown;
}

void
zones_edit_put(struct zones_edit *edit, const uint8_t *apex, struct zone *zone, uint32_t round)
{
	struct served *served = mem_alloc(sizeof *served);
	size_t         slot;

	atomic_init(&served->refs, 1);
	served->zone = zone;
	served->round = round;
	served->hash = name_hash(apex);
	name_lower(served->apex, apex);

	make_room(edit);
	slot = find_slot(edit->next, apex, served->hash);
	if (edit->next->slots[slot] != NULL)
		let_go(edit, edit->next->slots[slot]);
	else
		edit->next->count++;
	edit->next->slots[slot] = served;
	if (name_labels(apex) > edit->next->labels_max)
		edit->next->labels_max = name_labels(apex);
}

/* Empty the slot, and move up those behind it that could not be found any more. */
static void
remove_slot(struct zones_edit *edit, size_t hole)
{
	struct zones *zones = edit->next;
	size_t        mask = zones->size - 1;

	let_go(edit, zones->slots[hole]);
	zones->count--;
	zones->slots[hole] = NULL;
	for (size_t i = (hole + 1) & mask; zones->slots[i] != NULL; i = (i + 1) & mask) {
		size_t home = zones->slots[i]->hash & mask;

		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		zones->slots[hole] = zones->slots[i];
		zones->slots[i] = NULL;
		hole = i;
	}
}

void
zones_edit_remove(struct zones_edit *edit, const uint8_t *apex)
{
	size_t slot = find_slot(edit->next, apex, name_hash(apex));

	if (edit->next->slots[slot] != NULL)
		remove_slot(edit, slot);
}

void
zones_edit_prune(struct zones_edit *edit, uint32_t round)
{
	for (size_t i = 0; i < edit->next->size;)
		if (edit->next->slots[i] != NULL && edit->next->slots[i]->round != round)
			remove_slot(edit, i);           /* another may have moved here */
		else
			i++;
}

bool
zones_edit_keep(struct zones_edit *edit, const uint8_t *apex, uint32_t round)
{
	struct served *served = edit->next->slots[find_slot(edit->next, apex, name_hash(apex))];

	if (served == NULL || served->zone == NULL)
		return false;
	served->round = round;          /* readers do not look at it */
	return true;
}

void
zones_edit_keys(struct zones_edit *edit, struct keyring *ring)
{
	if (edit->ring_gone == NULL)
		edit->ring_gone = edit->next->ring;
	else
		keyring_free(edit->next->ring);
	edit->next->ring = ring;
}

void
zones_edit_commit(struct zones_edit *edit, const char *commit)
{
	snprintf(edit->next->commit, sizeof edit->next->commit, "%s", commit);
}

void
zones_edit_loaded(struct zones_edit *edit)
{
	edit->next->loaded = true;
}

const struct zones *
zones_edit_view(const struct zones_edit *edit)
{
	return edit->next;
}

void
zones_edit_publish(struct zones_edit *edit)
{
	struct zones *old = atomic_exchange_explicit(&edit->set->current, edit->next, memory_order_acq_rel);

	wait_for_readers(edit->set);
	for (size_t i = 0; i < edit->gone_count; i++)
		served_release(edit->gone[i]);
	keyring_free(edit->ring_gone);
	zones_free(old);
	free(edit->gone);
	free(edit);
}
