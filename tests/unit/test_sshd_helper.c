/* SPDX-License-Identifier: ISC */
/* Which helper does what a client asked for, and what of the client's environment it sees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "sshd/helper.h"
#include "sshd/pty.h"

static void
choose(void **state)
{
	static const struct { bool tty; const char *command; enum helper_kind want; } cases[] = {
		{ true,  "",                      HELPER_TUI },
		{ true,  "  \t",                  HELPER_TUI },
		{ true,  "example.org",           HELPER_TUI },
		{ true,  " example.org. ",        HELPER_TUI },
		{ true,  "whoami",                HELPER_EXEC },
		{ true,  "zone show example.org", HELPER_EXEC },
		{ true,  "example.org help",      HELPER_EXEC },
		{ true,  "--at=2.3",              HELPER_EXEC },
		{ false, "",                      HELPER_EXEC },
		{ false, "example.org",           HELPER_EXEC },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct helper_ask ask = { .tty = cases[i].tty, .command = (char *)(uintptr_t)cases[i].command };

		assert_int_equal(helper_choose(&ask), cases[i].want);
	}
}

static void
environment(void **state)
{
	static const struct { const char *name, *value; bool ok; } cases[] = {
		{ "LANG", "de_DE.UTF-8", true }, { "LC_ALL", "C", true }, { "LC_TIME", "", true }, { "LC_TERMINAL", "iTerm2", true },
		{ "LC_ALL", "../../tmp/x", false }, { "LC_ALL", "a b", false }, { "LC_ALL", "\033[2J", false },
		{ "LC_A=B", "x", false }, { "LC_ A", "x", false }, { "LANGUAGE", "de", false }, { "LD_PRELOAD", "x.so", false },
		{ "TERMINFO", "x", false }, { "PATH", "x", false }, { "", "", false }, { "ZONESH_COMMAND", "x", false },
		{ "LC_0123456789012345678901234567890", "x", false },
	};
	char long_value[HELPER_VALUE_MAX + 1] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(helper_env_ok(cases[i].name, cases[i].value), cases[i].ok);
	memset(long_value, 'x', HELPER_VALUE_MAX - 1);
	assert_true(helper_env_ok("LANG", long_value));
	long_value[HELPER_VALUE_MAX - 1] = 'x';
	assert_false(helper_env_ok("LANG", long_value));
}

static void
terminal_name(void **state)
{
	static const struct { const char *term; bool ok; } cases[] = {
		{ "xterm-kitty", true }, { "screen.xterm-256color", true }, { "vt100+x_1", true }, { "", false }, { "../x", false },
		{ "a b", false }, { "x\033", false }, { "01234567890123456789012345678901", true },
		{ "012345678901234567890123456789012", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(helper_term_ok(cases[i].term), cases[i].ok);
}

static void
terminal_size(void **state)
{
	static const struct { unsigned cols, rows, want_cols, want_rows; } cases[] = {
		{ 100, 30, 100, 30 }, { 0, 0, 80, 24 }, { 0, 30, 80, 24 }, { 70000, 30, 80, 24 }, { 1000, 1000, 1000, 1000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct winsize size;
		int            master, slave;

		assert_true(pty_open(&master, &slave, cases[i].cols, cases[i].rows, NULL));
		assert_int_equal(ioctl(slave, TIOCGWINSZ, &size), 0);
		assert_int_equal(size.ws_col, cases[i].want_cols);
		assert_int_equal(size.ws_row, cases[i].want_rows);
		pty_resize(master, 120, 40);
		pty_resize(master, 0, 40);
		pty_resize(master, 4000000, 40);
		assert_int_equal(ioctl(slave, TIOCGWINSZ, &size), 0);
		assert_int_equal(size.ws_col, 120);
		assert_int_equal(size.ws_row, 40);
		close(master);
		close(slave);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(choose), cmocka_unit_test(environment), cmocka_unit_test(terminal_name),
		cmocka_unit_test(terminal_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
