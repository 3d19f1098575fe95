/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tui/term.h"

/* What Debian 12 has in ncurses-base, as far as it matters here. */
static bool
debian_knows(const char *name)
{
	static const char *const names[] = { "xterm", "xterm-256color", "screen", "screen-256color", "tmux-256color", "linux", "vt100", "rxvt" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static bool
nothing_known(const char *name)
{
	(void)name;
	return false;
}

static const struct { const char *wanted, *want; } names[] = {
	{ "xterm-256color", "xterm-256color" },
	{ "linux", "linux" },
	{ "rxvt", "rxvt" },
	{ "xterm-kitty", "xterm-256color" },
	{ "xterm-ghostty", "xterm-256color" },
	{ "ghostty", "xterm-256color" },
	{ "foot", "xterm-256color" },
	{ "foot-extra", "xterm-256color" },
	{ "wezterm", "xterm-256color" },
	{ "alacritty", "xterm-256color" },
	{ "contour-latest", "xterm-256color" },
	{ "putty-256color", "screen-256color" },
	{ "wy60", "vt100" },
	{ "", "vt100" },
	{ "../../etc/passwd", "vt100" },
	{ "a\033[31mb", "vt100" },
};

static void
unknown_terminals_are_like_known_ones(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		assert_string_equal(term_name(names[i].wanted, debian_knows), names[i].want);
		assert_string_equal(term_name(names[i].wanted, nothing_known), "vt100");
	}
}

static const struct { const char *said[3]; bool want; } locales[] = {
	{ { NULL, NULL, NULL }, true },
	{ { "", "", "" }, true },
	{ { NULL, NULL, "en_US.UTF-8" }, true },
	{ { NULL, NULL, "de_DE.utf8" }, true },
	{ { NULL, NULL, "de_DE.ISO-8859-1" }, false },
	{ { NULL, NULL, "C" }, false },
	{ { "C", NULL, "en_US.UTF-8" }, false },
	{ { NULL, "UTF-8", "C" }, true },
	{ { "C.UTF-8", "C", "C" }, true },
};

static void
what_the_client_says_of_utf8(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof locales / sizeof locales[0]; i++)
		assert_int_equal(term_utf8(locales[i].said), locales[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_terminals_are_like_known_ones),
		cmocka_unit_test(what_the_client_says_of_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
