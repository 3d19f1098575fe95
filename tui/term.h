/* SPDX-License-Identifier: ISC */
/*
 * The terminal: found by its name, or by one that is like it.
 */
#ifndef TUI_TERM_H
#define TUI_TERM_H

#include <stdbool.h>

/* The terminfo name to use for what the client calls its terminal (product.md 4.5); never NULL. KNOWN says whether terminfo has a name. */
const char *term_name(const char *wanted, bool (*known)(const char *name));

/* Does the client's terminal show UTF-8, by its LC_ALL, LC_CTYPE and LANG (NULL: not sent)?  One that says nothing most likely does. */
bool term_utf8(const char *const values[3]);

/* Set up the screen for $TERM; *UTF8 tells whether it shows UTF-8.  False: not a terminal that can be drawn on. */
bool term_start(bool *utf8);
void term_stop(void);

#endif
