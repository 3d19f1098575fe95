/* SPDX-License-Identifier: ISC */
/*
 * A cursor in a list of rows that scrolls.
 */
#ifndef TUI_LIST_H
#define TUI_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	size_t count;
	size_t at;              /* selected; meaningless when count is 0 */
	size_t top;             /* first row shown */
	size_t rows;            /* of the window, set by list_fit */
};

/* Tell the list its size; keeps the cursor inside, and visible. */
void list_fit(struct list *list, size_t count, int rows);

/* Up Down j k PgUp PgDn Ctrl-U Ctrl-D Home End g G; false for any other key. */
bool list_key(struct list *list, int key);

/* From the row behind the cursor on (or before it, BACK), round the end: the first for which MATCH holds; false when none. */
bool list_find(struct list *list, bool back, bool (*match)(void *arg, size_t i), void *arg);

#endif
