/* SPDX-License-Identifier: ISC */
#include "tui/list.h"

#include <ncurses.h>

#include "tui/view.h"

static void
list_show(struct list *list)
{
	if (list->at < list->top)
		list->top = list->at;
	if (list->rows != 0 && list->at >= list->top + list->rows)
		list->top = list->at - list->rows + 1;
	if (list->top + list->rows > list->count)
		list->top = list->count > list->rows ? list->count - list->rows : 0;
}

void
list_fit(struct list *list, size_t count, int rows)
{
	list->count = count;
	list->rows = rows > 0 ? (size_t)rows : 0;
	if (list->at >= count)
		list->at = count != 0 ? count - 1 : 0;
	list_show(list);
}

static void
list_move(struct list *list, long by)
{
	long to = (long)list->at + by;

	if (to < 0)
		to = 0;
	if (to >= (long)list->count)
		to = list->count != 0 ? (long)list->count - 1 : 0;
	list->at = (size_t)to;
	list_show(list);
}

bool
list_key(struct list *list, int key)
{
	long page = list->rows > 1 ? (long)list->rows - 1 : 1, all = (long)list->count;
	const struct { int keys[3]; long by; } moves[] = {
		{ { KEY_FN(KEY_UP), 'k', 0 }, -1 },
		{ { KEY_FN(KEY_DOWN), 'j', 0 }, 1 },
		{ { KEY_FN(KEY_PPAGE), KEY_CTRL('u'), 0 }, -page },
		{ { KEY_FN(KEY_NPAGE), KEY_CTRL('d'), 0 }, page },
		{ { KEY_FN(KEY_HOME), 'g', 0 }, -all },
		{ { KEY_FN(KEY_END), 'G', 0 }, all },
	};

	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
		for (size_t j = 0; moves[i].keys[j] != 0; j++)
			if (moves[i].keys[j] == key) {
				list_move(list, moves[i].by);
				return true;
			}
	return false;
}

bool
list_find(struct list *list, bool back, bool (*match)(void *arg, size_t i), void *arg)
{
	for (size_t step = 1; step <= list->count; step++) {
		size_t i = (list->at + (back ? list->count - step : step)) % list->count;

		if (match(arg, i)) {
			list->at = i;
			list_show(list);
			return true;
		}
	}
	return false;
}
