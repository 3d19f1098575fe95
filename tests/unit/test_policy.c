/* SPDX-License-Identifier: ISC */
/*
 * Policy: reading it, and who may do what by it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/crypt.h"
#include "store/policy.h"
#include "zone/name.h"
#include "zone/zone.h"
#include "zone/zonefile.h"

#define ED25519 "AAAAC3NzaC1lZDI1NTE5AAAAIH3NXhBYkKRMNPYBsA1zfFNdzzWaAnp8XpdqyL6tu6p8"

static uint8_t zone_name[NAME_SIZE];

static const char policy_text[] =
    "protect @ MX,TXT\n"
    "protect vault any\n"
    "device router-attic ssh-ed25519 " ED25519 " root@attic\n"
    "allow router-attic home A,AAAA ttl 60\n"
    "allow router-attic *.lab A\n"
    "allow home-lab *.dyn any\n"
    "allow home-lab @ MX\n"
    "allow all-below * TXT\n";

static const struct { const char *text, *error; } bad[] = {
	{ "allow a\n",                          "policy/example.org:1:1: the line is too short" },
	{ "allow .a b A\n",                     "policy/example.org:1:7: \".a\" cannot be the name of a token" },
	{ "allow a www.example.net. A\n",       "policy/example.org:1:9: www.example.net. is not in this zone" },
	{ "\nallow a www A,FOO\n",              NULL },
	{ "allow a www ANY\n",                  "policy/example.org:1:13: ANY is not a type that a zone can hold" },
	{ "allow a www A ttl x\n",              NULL },
	{ "allow a www A tll 60\n",             "policy/example.org:1:15: \"tll\" is not expected here" },
	{ "allow a www A ttl 0\n",              "policy/example.org:1:19: a TTL of 0 is not for records that stay" },
	{ "protect @\n",                        "policy/example.org:1:1: the line is too short" },
	{ "device d ssh-ed25519 xyz\n",         "policy/example.org:1:22: this is not the base64 of an ssh-ed25519 public key" },
	{ "secondary 192.0.2.1\n",              "policy/example.org:1:1: \"secondary\" is not a word that begins a line here" },
};

static void
errors_say_where(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct arena *arena = arena_new();
		struct err    err = { 0 };

		assert_null(policy_parse(zone_name, bad[i].text, strlen(bad[i].text), arena, &err));
		if (bad[i].error != NULL)
			assert_string_equal(err.text, bad[i].error);
		assert_true(err.line != 0 && err.col != 0);
		arena_free(arena);
	}
}

static const char zone_text[] =
    "$ORIGIN example.org.\n@ 300 SOA ns1 h 1 2 3 4 5\n@ NS ns1\n@ MX 10 mail\nns1 A 192.0.2.1\nmail A 192.0.2.2\nhome 60 A 192.0.2.3\n"
    "www A 192.0.2.4\nx.dyn A 192.0.2.5\nvault A 192.0.2.6\nsub NS ns.sub\nns.sub A 192.0.2.7\n";

enum want { YES, NO, PRE };     /* PRE: refused before it is applied */

static const struct { enum id_kind kind; const char *name; enum access access; const char *change; enum want want; } cases[] = {
	/* people */
	{ ID_ACCOUNT, "a@b.c", ACCESS_MAINTAINER, "add www 300 A 192.0.2.9", YES },
	{ ID_ACCOUNT, "a@b.c", ACCESS_EDITOR, "add www 300 A 192.0.2.9", PRE },
	{ ID_ACCOUNT, "a@b.c", ACCESS_VIEWER, "add www 300 A 192.0.2.9", PRE },
	{ ID_ACCOUNT, "a@b.c", ACCESS_MAINTAINER, "add @ 300 NS ns2.example.net.", NO },
	{ ID_ACCOUNT, "a@b.c", ACCESS_OWNER, "add @ 300 NS ns2.example.net.", YES },
	{ ID_ACCOUNT, "a@b.c", ACCESS_MAINTAINER, "add sub 300 NS ns2.example.net.", YES },
	{ ID_ACCOUNT, "a@b.c", ACCESS_MAINTAINER, "add sub 300 DS 1 8 2 0101010101010101010101010101010101010101010101010101010101010101", NO },
	{ ID_ACCOUNT, "a@b.c", ACCESS_MAINTAINER, "add www 300 CAA 0 issue \"x\"", NO },
	{ ID_ACCOUNT, "a@b.c", ACCESS_MAINTAINER, "add @ 300 SOA ns1 h 9 2 3 4 5", PRE },
	{ ID_ACCOUNT, "a@b.c", ACCESS_OWNER, "add @ 300 SOA ns1 h 9 2 3 4 6", YES },
	{ ID_ACCOUNT, "a@b.c", ACCESS_MAINTAINER, "add @ 300 TXT x", NO },
	{ ID_ACCOUNT, "a@b.c", ACCESS_MAINTAINER, "delete vault", NO },
	{ ID_ACCOUNT, "a@b.c", ACCESS_OWNER, "delete vault", YES },
	{ ID_ADMIN, "root", ACCESS_OWNER, "add @ 300 CAA 0 issue \"x\"", YES },
	/* a device */
	{ ID_DEVICE, "router-attic.example.org", ACCESS_NONE, "delete home A\nadd home 300 A 192.0.2.9", YES },
	{ ID_DEVICE, "router-attic.example.org", ACCESS_NONE, "add home 300 TXT x", PRE },
	{ ID_DEVICE, "router-attic.example.org", ACCESS_NONE, "add www 300 A 192.0.2.9", PRE },
	{ ID_DEVICE, "router-attic.example.org", ACCESS_NONE, "add a.b.lab 300 A 192.0.2.9", YES },
	{ ID_DEVICE, "router-attic.example.org", ACCESS_NONE, "add lab 300 A 192.0.2.9", PRE },
	{ ID_DEVICE, "router-attic.example.org", ACCESS_NONE, "prereq yxdomain www\nadd home 60 A 192.0.2.9", PRE },
	{ ID_DEVICE, "router-attic.example.org", ACCESS_NONE, "prereq yxrrset home TXT\n", YES },
	{ ID_DEVICE, "router-attic.example.net", ACCESS_NONE, "add home 300 A 192.0.2.9", PRE },
	{ ID_DEVICE, "example.org", ACCESS_NONE, "add home 300 A 192.0.2.9", PRE },
	/* delete-all-at-name: by what is there */
	{ ID_TSIG, "home-lab.example.org", ACCESS_NONE, "delete x.dyn", YES },
	{ ID_TSIG, "HOME-lab.Example.org.", ACCESS_NONE, "delete x.dyn", YES },
	{ ID_TSIG, "home-lab.example.org", ACCESS_NONE, "delete www", PRE },
	{ ID_TSIG, "all-below.example.org", ACCESS_NONE, "delete www", NO },
	{ ID_TSIG, "all-below.example.org", ACCESS_NONE, "add www 60 TXT x", YES },
	{ ID_TSIG, "home-lab.example.org", ACCESS_NONE, "add y.dyn 60 CAA 0 issue \"x\"", PRE },
	{ ID_TSIG, "home-lab.example.org", ACCESS_NONE, "add @ 60 MX 5 mail", YES },
	/* keys with a right in their name */
	{ ID_TSIG, "x._update.example.org", ACCESS_NONE, "add @ 300 NS ns2.example.net.\nadd www 60 A 192.0.2.9", YES },
	{ ID_TSIG, "x._update", ACCESS_NONE, "add www 60 A 192.0.2.9", YES },
	{ ID_TSIG, "x._transfer.example.org", ACCESS_NONE, "add www 60 A 192.0.2.9", PRE },
	{ ID_TSIG, "x._update.www.example.org", ACCESS_NONE, "add a.www 60 A 192.0.2.9", YES },
	{ ID_TSIG, "x._update.www.example.org", ACCESS_NONE, "add home 60 A 192.0.2.9", PRE },
};

static void
rights(void **state)
{
	struct arena        *arena = arena_new();
	struct policy       *policy = policy_parse(zone_name, policy_text, sizeof policy_text - 1, arena, NULL);
	struct zonefile_opts opts = { .apex = zone_name };
	struct report        report;
	struct zonefile     *file;
	struct zone         *zone;

	(void)state;
	assert_non_null(policy);
	report_init(&report);
	file = zonefile_parse(zone_text, sizeof zone_text - 1, &opts, &report);
	zone = zonefile_zone(file);
	assert_int_equal(report.errors, 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct identity who = { .kind = cases[i].kind };
		struct err      err = { 0 };
		struct change  *change = change_parse(arena, zone_name, cases[i].change, &err);
		struct diff    *diff;
		struct zone    *changed;
		enum want       got = PRE;

		snprintf(who.name, sizeof who.name, "%s", cases[i].name);
		if (change == NULL)
			fail_msg("%s: %s", cases[i].change, err.text);
		if (policy_allows_change(policy, &who, cases[i].access, change, &err)) {
			changed = change_apply(change, zone, false, 0, arena, &diff, &err);
			got = changed == NULL || policy_allows(policy, &who, cases[i].access, diff, &err) ? YES : NO;
			zone_free(changed);
		}
		if (got != cases[i].want)
			fail_msg("%s as %s: %d (%s)", cases[i].change, cases[i].name, got, err.text);
		if (got != YES)
			assert_int_equal(err.code, ERR_DENIED);
	}
	zone_free(zone);
	zonefile_free(file);
	report_done(&report);
	arena_free(arena);
}

static void
ttls_and_scope_of_a_device(void **state)
{
	struct arena         *arena = arena_new();
	struct policy        *policy = policy_parse(zone_name, policy_text, sizeof policy_text - 1, arena, NULL);
	const struct identity who = { .kind = ID_DEVICE, .name = "router-attic.example.org" };
	struct change        *change = change_parse(arena, zone_name, "add home 300 A 192.0.2.9\nadd a.lab 300 A 192.0.2.9", NULL);
	struct buf            text = { 0 };

	(void)state;
	policy_set_ttl(policy, &who, change);
	assert_int_equal(change->items[0].ttl, 60);
	assert_int_equal(change->items[1].ttl, 300);
	policy_scope(policy, &who, &text);
	assert_string_equal(buf_str(&text), "home.example.org A,AAAA\n*.lab.example.org A\n");
	buf_done(&text);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_say_where),
		cmocka_unit_test(rights),
		cmocka_unit_test(ttls_and_scope_of_a_device),
	};

	name_parse(zone_name, "example.org", NULL, NULL);
	crypt_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
