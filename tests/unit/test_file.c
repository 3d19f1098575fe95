/* SPDX-License-Identifier: ISC */
/* What paths in the repository are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "store/file.h"

static void
test_kinds(void **state)
{
	static const struct { const char *path; enum file_kind kind; const char *name; } cases[] = {
		{ "example.org", FILE_ZONE, "example.org" },
		{ "Example.COM", FILE_ZONE, "example.com" },
		{ "example.org.", FILE_ZONE, "example.org" },
		{ "org", FILE_ZONE, "org" },
		{ "2.0.192.in-addr.arpa", FILE_ZONE, "2.0.192.in-addr.arpa" },
		{ "_dmarc.example.org", FILE_ZONE, "_dmarc.example.org" },
		{ "README.md", FILE_ZONE, "readme.md" },
		{ "_keys", FILE_KEYS, "" },
		{ "_KEYS", FILE_KEYS, "" },
		{ "_keys.", FILE_KEYS, "" },
		{ "example.org._keys", FILE_KEYS, "example.org" },
		{ "Example.org._Keys.", FILE_KEYS, "example.org" },
		{ "a..b._keys", FILE_OTHER, "" },
		{ "x_keys", FILE_ZONE, "x_keys" },
		{ "users/alice@example.org", FILE_ACCOUNT, "alice@example.org" },
		{ "users/.gitkeep", FILE_OTHER, "" },
		{ "users/", FILE_OTHER, "" },
		{ "users/a/b", FILE_OTHER, "" },
		{ "policy/example.org", FILE_POLICY, "example.org" },
		{ "policy/a..b", FILE_OTHER, "" },
		{ "other/example.org", FILE_OTHER, "" },
		{ "0/25.2.0.192.in-addr.arpa", FILE_OTHER, "" },
		{ ".gitignore", FILE_OTHER, "" },
		{ "a..b", FILE_OTHER, "" },
		{ ".", FILE_OTHER, "" },
		{ "@", FILE_OTHER, "" },
		{ "", FILE_OTHER, "" },
		{ "b\303\274cher.example", FILE_OTHER, "" },
		{ "a-label-that-is-far-too-long-to-be-one-a-label-that-is-far-too-long-to-be-one", FILE_OTHER, "" },
	};
	char name[NAME_TEXT_MAX], longest[3000];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		enum file_kind kind = file_kind(cases[i].path, name);

		if (kind != cases[i].kind || strcmp(name, cases[i].name) != 0)
			fail_msg("\"%s\": kind %d \"%s\", want %d \"%s\"", cases[i].path, kind, name, cases[i].kind, cases[i].name);
	}
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_int_equal(file_kind(longest, name), FILE_OTHER);
	memcpy(longest, "users/", 6);
	assert_int_equal(file_kind(longest, name), FILE_OTHER);
}

static void
test_documents(void **state)
{
	static const struct { const char *path; size_t records; bool want; } cases[] = {
		{ "README.md", 0, true }, { "README.md", 1, false }, { "README", 0, true }, { "README-de", 0, true }, { "LICENSE", 0, true },
		{ "Makefile", 0, true }, { "deploy.sh", 0, true }, { "example.org", 0, false }, { "news.example.org", 0, false },
		{ "readmexyz", 0, false }, { ".md", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (file_is_document(cases[i].path, cases[i].records) != cases[i].want)
			fail_msg("%s with %zu records", cases[i].path, cases[i].records);
}

static void
test_paths(void **state)
{
	char path[NAME_TEXT_MAX];

	(void)state;
	file_zone_path(path, "example.org");
	assert_string_equal(path, "example.org");
	file_keys_path(path, "example.org");
	assert_string_equal(path, "example.org._keys");
	file_keys_path(path, "");
	assert_string_equal(path, "_keys");
	file_policy_path(path, "example.org");
	assert_string_equal(path, "policy/example.org");
}

static void
test_emails(void **state)
{
	static const struct { const char *email; bool good; } cases[] = {
		{ "alice@example.org", true }, { "a.b+c@x", true }, { "alice", false }, { "@x", false }, { "a@", false }, { "a@b@c", false },
		{ ".a@b", false }, { "-a@b", false }, { "../a@b", false }, { "a/b@c", false }, { "a b@c", false }, { "a\n@b", false }, { "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err err = { 0 };

		if (file_email_check(cases[i].email, &err) != cases[i].good)
			fail_msg("%s", cases[i].email);
		assert_int_equal(err.code, cases[i].good ? ERR_NONE : ERR_SYNTAX);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds), cmocka_unit_test(test_documents), cmocka_unit_test(test_paths), cmocka_unit_test(test_emails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
