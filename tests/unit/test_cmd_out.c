/* SPDX-License-Identifier: ISC */
/* What leaves a command: escaping, columns, JSON of text that is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sshd/out.h"

struct pair { struct out out; char *data, *notes; size_t data_len, notes_len; };

static void
pair_open(struct pair *pair)
{
	memset(pair, 0, sizeof *pair);
	pair->out.data = open_memstream(&pair->data, &pair->data_len);
	pair->out.notes = open_memstream(&pair->notes, &pair->notes_len);
}

static void
pair_expect(struct pair *pair, const char *data, const char *notes)
{
	fclose(pair->out.data);
	fclose(pair->out.notes);
	assert_string_equal(pair->data, data);
	assert_string_equal(pair->notes, notes);
	free(pair->data);
	free(pair->notes);
}

static void
test_lines(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair);
	out_line(&pair.out, "%s", "a\nb\033[2J");
	out_text(&pair.out, "+ a\n+ b\033");
	out_note(&pair.out, "note: %s", "\xe2\x80\xae");
	out_result(&pair.out, "done");
	pair_expect(&pair, "a\\010b\\027[2J\n+ a\n+ b\\027\ndone\n", "note: \\226\\128\\174\n");
}

static void
test_quiet_and_json(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair);
	pair.out.quiet = true;
	out_line(&pair.out, "data");
	out_result(&pair.out, "done");
	out_note(&pair.out, "note");
	pair.out.json = true;
	out_line(&pair.out, "data");
	out_raw(&pair.out, "raw", 3);
	pair_expect(&pair, "data\n", "");
}

static void
test_raw(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair);
	out_raw(&pair.out, "a\0\033\tb", 5);
	pair.out.tty = true;
	out_raw(&pair.out, "a\033\tb\n", 5);
	fclose(pair.out.data);
	assert_memory_equal(pair.data, "a\0\033\tba\\027\tb\n", 13);
	free(pair.data);
	pair.out.data = open_memstream(&pair.data, &pair.data_len);
	pair_expect(&pair, "", "");
}

static void
test_table(void **state)
{
	struct arena *arena = arena_new();
	struct table  table;
	struct pair   pair;

	(void)state;
	table_init(&table, arena, 3);
	table_add(&table, 0, "a");
	table_add(&table, 1, "%d", 300);
	table_add(&table, 2, "x y");
	table_add(&table, 0, "m\xc3\xbcnchen");
	table_add(&table, 1, "1");
	pair_open(&pair);
	pair.out.utf8 = true;
	out_table(&pair.out, &table, (const char *const[]){ "NAME", "TTL", "DATA" });
	pair.out.tty = true;
	out_table(&pair.out, &table, (const char *const[]){ "NAME", "LONGER", "DATA" });
	pair_expect(&pair, "a        300  x y\nm\xc3\xbcnchen  1\nNAME     LONGER  DATA\na        300     x y\nm\xc3\xbcnchen  1\n", "");
	table_done(&table);
	arena_free(arena);
}

static void
test_error(void **state)
{
	struct err  err = { 0 };
	struct pair pair;

	(void)state;
	err_set(&err, ERR_NOTFOUND, "there is no \"%s\"", "x\nerror: y");
	err_hint(&err, "look");
	pair_open(&pair);
	out_error(&pair.out, &err);
	pair_expect(&pair, "", "error: E-NOT-FOUND there is no \"x\\010error: y\"\nhint: look\n");
}

static void
test_json(void **state)
{
	json_t     *object = json_object();
	struct pair pair;

	(void)state;
	json_put(object, "a", json_text("\xff" "b"));
	json_put(object, "b", json_text("\xc2\x9b"));
	json_put(object, "c", json_time(0));
	json_put(object, "d", json_time(1));
	pair_open(&pair);
	out_json(&pair.out, object);
	pair_expect(&pair, "{\"a\":\"\\\\255b\",\"b\":\"\\u009B\",\"c\":null,\"d\":\"1970-01-01T00:00:01Z\"}\n", "");
	json_decref(object);
}

static void
test_locale(void **state)
{
	(void)state;
	setenv("LC_ALL", "C", 1);
	setenv("LANG", "de_DE.UTF-8", 1);
	assert_false(out_env_utf8());
	unsetenv("LC_ALL");
	unsetenv("LC_CTYPE");
	assert_true(out_env_utf8());
	setenv("LC_CTYPE", "en_GB.utf8", 1);
	setenv("LANG", "C", 1);
	assert_true(out_env_utf8());
	unsetenv("LC_CTYPE");
	assert_false(out_env_utf8());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_quiet_and_json),
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_locale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
