/* SPDX-License-Identifier: ISC */
/* Threads that read while zones are replaced, added and removed: each reader sees whole zones only, and none that is freed (ASan, TSan). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <pthread.h>

#include "tests/unit/dns_fixture.h"

#define READERS 3
#define EDITS   300

static struct zones_set *set;
static atomic_bool       stop;
static atomic_uint       started;

static uint32_t
serial_of(const struct zones *zones, const char *name_text)
{
	uint8_t              name[NAME_SIZE];
	const struct served *served;

	name_parse(name, name_text, NULL, NULL);
	served = zones_find(zones, name);
	return served != NULL ? zone_serial(served->zone) : 0;
}

/* Both zones are put with the same serial in one edit, so they never differ. */
static void *
read_zones(void *arg)
{
	struct zones_reader *reader = zones_reader_new(set);
	const struct served *held = NULL;
	uintptr_t            bad = 0;

	(void)arg;
	atomic_fetch_add(&started, 1);
	while (!atomic_load(&stop)) {
		const struct zones *zones = zones_enter(reader);
		uint8_t             name[NAME_SIZE];

		bad += serial_of(zones, "www.a.example.") != serial_of(zones, "www.b.example.");
		served_release(held);
		name_parse(name, "a.example.", NULL, NULL);
		held = served_hold(zones_find(zones, name));
		zones_leave(reader);
		bad += zone_serial(held->zone) == 0;
	}
	served_release(held);
	zones_reader_free(reader);
	return (void *)bad;
}

static void
put(struct zones_edit *edit, const char *apex, unsigned serial)
{
	char text[128];

	snprintf(text, sizeof text, "@ 60 SOA ns host %u 1 1 1 1\n@ 60 NS ns\nwww 60 A 192.0.2.1\n", serial);
	fixture_put(edit, apex, text);
}

static void
edit_zones(unsigned serial)
{
	struct zones_edit *edit = zones_edit_new(set);
	uint8_t            name[NAME_SIZE];
	char               text[32];

	put(edit, "a.example.", serial);
	put(edit, "b.example.", serial);
	snprintf(text, sizeof text, "z%u.example.", serial % 50);
	name_parse(name, text, NULL, NULL);
	if (serial % 100 < 50)
		put(edit, text, serial);
	else
		zones_edit_remove(edit, name);
	zones_edit_keys(edit, keyring_new(NULL, 0));
	zones_edit_keys(edit, keyring_new(NULL, 0));
	zones_edit_publish(edit);
}

static void
test_threads(void **state)
{
	pthread_t threads[READERS];

	(void)state;
	set = zones_set_new();
	edit_zones(1);
	for (unsigned i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_zones, NULL), 0);
	while (atomic_load(&started) < READERS)
		sched_yield();
	for (unsigned i = 2; i < EDITS; i++)
		edit_zones(i);
	atomic_store(&stop, true);
	for (unsigned i = 0; i < READERS; i++) {
		void *bad;

		pthread_join(threads[i], &bad);
		assert_null(bad);
	}
	zones_set_free(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads),
	};

	crypt_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
