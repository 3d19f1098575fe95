/* SPDX-License-Identifier: ISC */
/* Key files, and the rights in key names: the vectors of robur.md 1.2 and 1.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "zone/key.h"

static const struct { const char *name; enum key_op right; const char *zone; } rights[] = {
	{ "_transfer.foo.com",            KEY_TRANSFER, "foo.com" },
	{ "_update._transfer",            KEY_TRANSFER, "." },
	{ "_update.foo._transfer.com",    KEY_TRANSFER, "com" },
	{ "_notify.foo._update.com",      KEY_UPDATE,   "com" },
	{ "_transfer.foo.notify.com",     KEY_TRANSFER, "foo.notify.com" },
	{ "a._update.or.notify.foo.com",  KEY_UPDATE,   "or.notify.foo.com" },
	{ "a._update._or.notify.foo.com", KEY_NONE,     NULL },
	{ "personal._UPDATE.mirage",      KEY_UPDATE,   "mirage" },
	{ "client._update",               KEY_UPDATE,   "." },
	{ "x._notify.-a.com",             KEY_NONE,     NULL },
	{ "x._notify.a-b.com",            KEY_NOTIFY,   "a-b.com" },
	{ "x._update.1.2.3.4",            KEY_NONE,     NULL },
	{ "x._key-management.com",        KEY_NONE,     NULL },
	{ "plain.example.org",            KEY_NONE,     NULL },
	{ ".",                            KEY_NONE,     NULL },
};

static void
test_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rights / sizeof rights[0]; i++) {
		uint8_t        name[NAME_SIZE];
		const uint8_t *zone;
		char           text[NAME_TEXT_MAX];

		assert_true(name_parse(name, rights[i].name, NULL, NULL));
		assert_int_equal(key_right(name, &zone), rights[i].right);
		if (rights[i].zone == NULL) {
			assert_null(zone);
			continue;
		}
		name_print_zone(text, zone);
		assert_string_equal(text, rights[i].zone);
	}
}

static void
test_may(void **state)
{
	static const struct { const char *key; enum key_op op; const char *name; bool may; } cases[] = {
		{ "x._update.example.org",   KEY_UPDATE,   "www.example.org", true },
		{ "x._update.example.org",   KEY_NOTIFY,   "EXAMPLE.org",     true },
		{ "x._update.example.org",   KEY_UPDATE,   "example.net",     false },
		{ "x._transfer.example.org", KEY_UPDATE,   "example.org",     false },
		{ "x._transfer.example.org", KEY_TRANSFER, "example.org",     true },
		{ "x._update",               KEY_UPDATE,   "example.org",     true },
		{ "x._update.example.org",   KEY_NONE,     "example.org",     false },
		{ "x.example.org",           KEY_NOTIFY,   "example.org",     false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t key[NAME_SIZE], name[NAME_SIZE];

		assert_true(name_parse(key, cases[i].key, NULL, NULL) && name_parse(name, cases[i].name, NULL, NULL));
		assert_int_equal(key_may(key, cases[i].op, name), cases[i].may);
	}
}

static const char file[] =
    "; keys\n"
    "client._update. DNSKEY\t0\t3\t163\t0701XCD0muDYZIiLwv6wN/Tyoor/hd9+1zjmZ1mIlzY=\n"
    "a._update.example.org. 3600 IN DNSKEY 257 3 165 \"cDK6sKyvlt8UBerZlmxuD84ih2KookJGDagJlLVNo20=\"\n"
    "relative._update.example.org DNSKEY 0 3 161 AAAA\n"
    "md5._update.example.org. DNSKEY 0 3 157 AAAA\n"
    "proto._update.example.org. DNSKEY 0 1 163 AAAA\n"
    "twice._update.example.org. DNSKEY 0 3 163 AAAA\n"
    "twice._update.example.org. DNSKEY 0 3 163 AAAB\n"
    "other._update.example.org. TXT \"no key\"\n"
    "broken._update.example.org. DNSKEY 0 3 163 SECRET!SECRET!\n"
    "good._update.example.org. DNSKEY 0 3 163 AAAC\n";

static size_t
parse(struct key **keys, const char *zone_text, struct arena *arena, struct report *report)
{
	uint8_t zone[NAME_SIZE];

	if (zone_text == NULL)
		return key_file_parse(keys, file, strlen(file), NULL, arena, report);
	assert_true(name_parse(zone, zone_text, NULL, NULL));
	return key_file_parse(keys, file, strlen(file), zone, arena, report);
}

static void
test_file(void **state)
{
	struct arena *arena = arena_new();
	struct report report;
	struct key   *keys;
	struct buf    text = { 0 };

	(void)state;
	report_init(&report);
	assert_int_equal(parse(&keys, NULL, arena, &report), 4);
	assert_int_equal(report.errors, 1);
	assert_int_equal(report.warnings, 5);
	key_print(&text, &keys[0]);
	assert_string_equal(buf_str(&text), "client._update. DNSKEY 0 3 163 0701XCD0muDYZIiLwv6wN/Tyoor/hd9+1zjmZ1mIlzY=\n");
	assert_int_equal(keys[1].hash, CRYPT_SHA512);
	assert_int_equal(keys[1].secret_len, 32);
	assert_int_equal(keys[2].hash, CRYPT_SHA1);
	assert_int_equal(keys[3].secret[2], 2);
	buf_reset(&text);
	report_print(&report, "_keys", &text);
	assert_null(strstr(buf_str(&text), "SECRET!"));
	assert_non_null(strstr(buf_str(&text), "error E-SYNTAX _keys:10"));
	report_done(&report);
	report_init(&report);
	assert_int_equal(parse(&keys, "example.org", arena, &report), 3);
	assert_int_equal(report.warnings, 6);
	report_done(&report);
	buf_done(&text);
	arena_free(arena);
}

static void
test_hashes(void **state)
{
	enum crypt_hash hash;

	(void)state;
	assert_true(key_hash_parse(&hash, "HMAC-SHA384") && hash == CRYPT_SHA384);
	assert_string_equal(key_hash_name(CRYPT_SHA256), "hmac-sha256");
	assert_int_equal(key_hash_number(CRYPT_SHA256), 163);
	assert_true(key_hash_from_number(&hash, 161) && hash == CRYPT_SHA1);
	assert_false(key_hash_from_number(&hash, 157));
	assert_false(key_hash_parse(&hash, "hmac-md5"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right), cmocka_unit_test(test_may), cmocka_unit_test(test_file), cmocka_unit_test(test_hashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
