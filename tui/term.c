/* SPDX-License-Identifier: ISC */
#include "tui/term.h"

#include <fnmatch.h>
#include <locale.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

/* Debian 12's terminfo lacks the newer terminals; all of these are like xterm. */
static const struct { const char *pattern, *name; } fallbacks[] = {
	{ "xterm-*", "xterm-256color" },   { "*kitty*", "xterm-256color" },    { "*ghostty*", "xterm-256color" },
	{ "foot*", "xterm-256color" },     { "wezterm*", "xterm-256color" },   { "alacritty*", "xterm-256color" },
	{ "contour*", "xterm-256color" },  { "*-256color", "screen-256color" }, { "*", "vt100" },
};

/* What terminals send for keys, whatever terminfo says: names lie, above all inside screen and tmux. */
static const struct { const char *bytes; int key; } sequences[] = {
	{ "\033[A", KEY_UP },    { "\033OA", KEY_UP },    { "\033[B", KEY_DOWN },  { "\033OB", KEY_DOWN },
	{ "\033[C", KEY_RIGHT }, { "\033OC", KEY_RIGHT }, { "\033[D", KEY_LEFT },  { "\033OD", KEY_LEFT },
	{ "\033[H", KEY_HOME },  { "\033OH", KEY_HOME },  { "\033[1~", KEY_HOME }, { "\033[7~", KEY_HOME },
	{ "\033[F", KEY_END },   { "\033OF", KEY_END },   { "\033[4~", KEY_END },  { "\033[8~", KEY_END },
	{ "\033[2~", KEY_IC },   { "\033[3~", KEY_DC },   { "\033[5~", KEY_PPAGE }, { "\033[6~", KEY_NPAGE },
	{ "\033[Z", KEY_BTAB },  { "\033OP", KEY_F(1) },  { "\033[11~", KEY_F(1) }, { "\033OQ", KEY_F(2) },
	{ "\033[12~", KEY_F(2) }, { "\033[15~", KEY_F(5) },
};

static void
keys_start(void)
{
	keypad(stdscr, TRUE);
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
		if (key_defined(sequences[i].bytes) == 0)
			define_key(sequences[i].bytes, sequences[i].key);
}

const char *
term_name(const char *wanted, bool (*known)(const char *name))
{
	if (*wanted != '\0' && known(wanted))
		return wanted;
	for (size_t i = 0; i < sizeof(fallbacks) / sizeof(fallbacks[0]); i++)
		if (fnmatch(fallbacks[i].pattern, wanted, 0) == 0 && known(fallbacks[i].name))
			return fallbacks[i].name;
	return "vt100";
}

static bool
terminfo_has(const char *name)
{
	TERMINAL *before = cur_term;
	int       status;
	bool      found = setupterm(name, STDOUT_FILENO, &status) == OK && cursor_address != NULL;

	if (cur_term != before)
		del_curterm(cur_term);
	set_curterm(before);
	return found;
}

bool
term_utf8(const char *const values[3])
{
	for (size_t i = 0; i < 3; i++)
		if (values[i] != NULL && *values[i] != '\0')
			return strcasestr(values[i], "utf-8") != NULL || strcasestr(values[i], "utf8") != NULL;
	return true;
}

/* Keys are always read as UTF-8, whatever locales this host has; what the client says decides what is shown. */
static bool
locale_start(void)
{
	const char *const said[3] = { getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG") };

	return setlocale(LC_ALL, "C.UTF-8") != NULL && term_utf8(said);
}

bool
term_start(bool *utf8)
{
	const char *wanted = getenv("TERM");
	const char *name = wanted != NULL ? wanted : "";

	*utf8 = locale_start();
	if (strcmp(name, "dumb") == 0 || *name == '\0')
		return false;
	if (newterm(term_name(name, terminfo_has), stdout, stdin) == NULL)
		return false;
	raw();
	noecho();
	nonl();
	keys_start();
	set_escdelay(100);
	nodelay(stdscr, TRUE);
	return true;
}

void
term_stop(void)
{
	endwin();
}
