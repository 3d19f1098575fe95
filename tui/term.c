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
	keypad(stdscr, TRUE);
	set_escdelay(100);
	nodelay(stdscr, TRUE);
	return true;
}

void
term_stop(void)
{
	endwin();
}
