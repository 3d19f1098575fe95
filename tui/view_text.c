/* SPDX-License-Identifier: ISC */
/*
 * A text to read: a commit's difference, or help.
 */
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "tui/draw.h"
#include "tui/list.h"
#include "tui/view.h"

#define SHIFT 20        /* characters that Left and Right move */

struct text {
	struct view view;
	struct list list;
	char       *title;
	char       *text;       /* its lines are cut apart by NULs */
	char      **lines;
	size_t      count;
	size_t      shift;      /* characters of each line that lie left of the screen */
};

static enum style
line_style(const char *line)
{
	switch (line[0]) {
	case '+': return STYLE_ADDED;
	case '-': return STYLE_DELETED;
	case '~': return STYLE_CHANGED;
	default:  return STYLE_PLAIN;
	}
}

/* LINE from its character N on. */
static const char *
line_from(const char *line, size_t n)
{
	for (; n > 0 && *line != '\0'; n--)
		for (line++; ((unsigned char)*line & 0xc0) == 0x80; line++)
			;
	return line;
}

static void
text_draw(struct view *view)
{
	struct text *text = (struct text *)view;

	draw_title(text->title, tui_who(view->tui));
	list_fit(&text->list, text->count, draw_body_rows());
	for (size_t i = text->list.top; i < text->count && i < text->list.top + text->list.rows; i++)
		draw_text(draw_body_top() + (int)(i - text->list.top), 1, draw_cols() - 2, line_style(text->lines[i]),
		    line_from(text->lines[i], text->shift));
	draw_cursor(draw_body_top() + (int)(text->list.at - text->list.top), 0);
}

static void
text_key(struct view *view, int key)
{
	struct text *text = (struct text *)view;

	if (key == KEY_ESC || key == 'q' || key == '\r')
		view_pop(view->tui);
	else if (key == KEY_FN(KEY_RIGHT))
		text->shift += SHIFT;
	else if (key == KEY_FN(KEY_LEFT))
		text->shift -= text->shift != 0 ? SHIFT : 0;
	else
		list_key(&text->list, key);
}

static void
text_close(struct view *view)
{
	struct text *text = (struct text *)view;

	free(text->title);
	free(text->text);
	free(text->lines);
	free(text);
}

static const struct view_type text_type = {
	.name = "text",
	.keys = { "Up Down Scroll   Left Right Shift long lines   Esc Back", "" },
	.draw = text_draw, .key = text_key, .close = text_close,
};

void
text_open(struct tui *tui, const char *title, const char *content)
{
	struct text *text = mem_alloc(sizeof(*text));
	size_t       cap = 0;
	char        *save = NULL;

	text->title = mem_strdup(title);
	text->text = mem_strdup(content);
	/* strtok would swallow empty lines, which help has. */
	for (char *line = text->text; line != NULL; line = save) {
		save = strchr(line, '\n');
		if (save != NULL)
			*save++ = '\0';
		if (save == NULL && *line == '\0')
			break;
		mem_grow(&text->lines, &cap, text->count + 1, sizeof(char *));
		text->lines[text->count++] = line;
	}
	view_push(tui, &text->view, &text_type);
}

static const char *const common_help[] = {
	"Everywhere",
	"  Up Down j k, PgUp PgDn Ctrl-U Ctrl-D, Home End g G   move",
	"  Enter        open                          / n N   find, next, previous",
	"  Esc q        back; on the first screen q leaves, Esc never does",
	"  R F5         read anew                     Ctrl-L  draw anew",
	"  Q            leave now                     Ctrl-C  twice leaves at once",
	"",
	"Marks: + added   ~ changed   - deleted   ! error or conflict",
	NULL,
};

static void
help_lines(struct buf *out, const char *const *lines)
{
	for (size_t i = 0; lines != NULL && lines[i] != NULL; i++)
		buf_putf(out, "%s\n", lines[i]);
}

void
help_open(struct tui *tui)
{
	struct buf out = { 0 };

	if (tui->top->type == &text_type)
		return;
	buf_putf(&out, "This screen: %s\n", tui->top->type->name);
	help_lines(&out, tui->top->type->help);
	buf_puts(&out, "\n");
	help_lines(&out, common_help);
	text_open(tui, "help", buf_str(&out));
	buf_done(&out);
}
