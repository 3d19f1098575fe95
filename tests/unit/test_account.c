/* SPDX-License-Identifier: ISC */
/*
 * Account files: what is taken, and where exactly errors are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/crypt.h"
#include "store/account.h"

#define ED25519 "AAAAC3NzaC1lZDI1NTE5AAAAIH3NXhBYkKRMNPYBsA1zfFNdzzWaAnp8XpdqyL6tu6p8"
#define OTHER   "AAAAC3NzaC1lZDI1NTE5AAAAIEYq0YGq3KCL0jVmTqRVlkFL0pKJTqfwDKNwLw0s9Lsz"
#define KEY     "key ssh-ed25519 " ED25519 "\n"

static const struct { const char *text, *error; uint32_t line, col; } bad[] = {
	{ "",                                            "users/a@b.c: no key: nobody could log in", 0, 0 },
	{ "name alice\n",                                "users/a@b.c: no key: nobody could log in", 0, 0 },
	{ KEY "nick al\n",                               "users/a@b.c:2:1: \"nick\" is not a word that begins a line here", 2, 1 },
	{ KEY "name\n",                                  "users/a@b.c:2:1: the line is too short", 2, 1 },
	{ KEY "name a b\n",                              "users/a@b.c:2:8: the line is too long", 2, 8 },
	{ KEY "name a\nname b\n",                        "users/a@b.c:3:1: a second name", 3, 1 },
	{ KEY "role root\n",                             "users/a@b.c:2:6: \"root\" is no role", 2, 6 },
	{ "key ssh-dss " ED25519 "\n",                   "users/a@b.c:1:5: \"ssh-dss\" is not a type of key that may log in", 1, 5 },
	{ "key ssh-rsa " ED25519 "\n",                   "users/a@b.c:1:13: this is not the base64 of an ssh-rsa public key", 1, 13 },
	{ "key ssh-ed25519 AAAA\n",                      "users/a@b.c:1:17: this is not the base64 of an ssh-ed25519 public key", 1, 17 },
	{ KEY KEY,                                       "users/a@b.c:2:17: the same key twice", 2, 17 },
	{ KEY "zone example.org boss\n",                 "users/a@b.c:2:18: \"boss\" is no role in a zone", 2, 18 },
	{ KEY "zone example.org owner\nzone Example.ORG. viewer\n", "users/a@b.c: zone example.org stands here twice", 0, 0 },
};

static void
errors_say_where(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct arena *arena = arena_new();
		struct err    err = { 0 };

		assert_null(account_parse("a@b.c", bad[i].text, strlen(bad[i].text), arena, &err));
		assert_string_equal(err.text, bad[i].error);
		assert_int_equal(err.line, bad[i].line);
		assert_int_equal(err.col, bad[i].col);
		arena_free(arena);
	}
}

static void
reads_all_of_it(void **state)
{
	static const char text[] = "# a person\nname alice\n" KEY "key ssh-ed25519 " OTHER " my old laptop\n"
	    "zone example.org owner\nzone b\xc3\xbc" "cher.example viewer\n\n   zone a.example editor   # for a while\n";
	struct arena     *arena = arena_new();
	struct err        err = { 0 };
	struct account   *account = account_parse("alice@example.org", text, sizeof text - 1, arena, &err);

	(void)state;
	assert_string_equal(err.text, "");
	assert_non_null(account);
	assert_string_equal(account->name, "alice");
	assert_false(account->admin);
	assert_int_equal(account->key_count, 2);
	assert_string_equal(account->keys[0].label, "");
	assert_string_equal(account->keys[1].label, "my old laptop");
	assert_true(strncmp(account->keys[0].fingerprint, "SHA256:", 7) == 0 && strlen(account->keys[0].fingerprint) == 50);
	assert_int_equal(account_access(account, "example.org"), ACCESS_OWNER);
	assert_int_equal(account_access(account, "xn--bcher-kva.example"), ACCESS_VIEWER);
	assert_int_equal(account_access(account, "a.example"), ACCESS_EDITOR);
	assert_int_equal(account_access(account, "other.example"), ACCESS_NONE);
	arena_free(arena);
}

static void
the_name_has_a_default(void **state)
{
	struct arena   *arena = arena_new();
	struct account *account = account_parse("bob@example.org", KEY "role admin\n", strlen(KEY "role admin\n"), arena, NULL);

	(void)state;
	assert_non_null(account);
	assert_string_equal(account->name, "bob");
	assert_true(account->admin);
	assert_int_equal(account_access(account, "any.example"), ACCESS_OWNER);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_say_where),
		cmocka_unit_test(reads_all_of_it),
		cmocka_unit_test(the_name_has_a_default),
	};

	crypt_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
