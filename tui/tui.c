/* SPDX-License-Identifier: ISC */
/*
 * The editor: a stack of views, one loop over keys and over what the store tells.  It is a helper process that holds a pty and one
 * descriptor to the store, which speaks for one person.
 */
#include "tui/tui.h"

#include <ncurses.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/crypt.h"
#include "base/log.h"
#include "base/proc.h"
#include "tui/draw.h"
#include "tui/term.h"
#include "tui/view.h"

#define CLIENT_FD 3

void
view_push(struct tui *tui, struct view *view, const struct view_type *type)
{
	view->type = type;
	view->tui = tui;
	view->below = tui->top;
	tui->top = view;
}

void
view_pop(struct tui *tui)
{
	struct view *view = tui->top;

	tui->top = view->below;
	view->type->close(view);
	if (tui->top == NULL)
		tui->quit = true;
	else if (tui->top->type->shown != NULL)
		tui->top->type->shown(tui->top);
}

void
tui_say(struct tui *tui, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(tui->message, sizeof(tui->message), fmt, ap);
	va_end(ap);
	tui->message_bad = false;
}

void
tui_fail(struct tui *tui, const struct err *err)
{
	tui_say(tui, "%s %s%s%s", err->id, err->text, err->hint[0] != '\0' ? "; " : "", err->hint);
	tui->message_bad = true;
}

void
tui_prompt(struct tui *tui, const char *label, const char *text, prompt_fn *fn)
{
	tui->prompt.fn = fn;
	tui->prompt.label = label;
	tui->prompt.yes_no = false;
	line_set(&tui->prompt.line, text);
}

void
tui_ask(struct tui *tui, const char *question, prompt_fn *fn)
{
	tui_prompt(tui, question, "", fn);
	tui->prompt.yes_no = true;
}

const char *
tui_who(const struct tui *tui)
{
	static char text[400];

	snprintf(text, sizeof(text), "%s  %s", tui->who.display, tui->host);
	return text;
}

static void
prompt_key(struct tui *tui, int key)
{
	prompt_fn *fn = tui->prompt.fn;

	if (key == KEY_ESC || key == KEY_CTRL('c') || (tui->prompt.yes_no && key != 'y' && key != 'Y')) {
		tui->prompt.fn = NULL;
	} else if (tui->prompt.yes_no || key == '\r' || key == '\n' || key == KEY_FN(KEY_ENTER)) {
		tui->prompt.fn = NULL;
		fn(tui->top, tui->prompt.line.text);
	} else {
		line_key(&tui->prompt.line, key);
	}
}

/* Keys that mean the same on every screen; true when KEY was one. */
static bool
common_key(struct tui *tui, int key)
{
	bool typing = tui->top->type->edits_text;

	if (key == KEY_CTRL('c')) {
		if (tui->interrupted)
			tui->quit = true;
		tui->interrupted = true;
		tui_say(tui, "Ctrl-C again leaves; what is not published is lost");
		return true;
	}
	tui->interrupted = false;
	if (key == KEY_CTRL('l') || key == KEY_FN(KEY_RESIZE)) {
		clearok(stdscr, key == KEY_CTRL('l'));
		return true;
	}
	if (key == KEY_FN(KEY_F(1)) || (!typing && (key == '?' || key == 'h'))) {
		help_open(tui);
		return true;
	}
	return false;
}

static void
tui_key(struct tui *tui, int key)
{
	if (tui->prompt.fn != NULL && key != KEY_FN(KEY_RESIZE)) {
		prompt_key(tui, key);
		return;
	}
	if (key != KEY_FN(KEY_RESIZE))
		tui->message[0] = '\0';
	if (!common_key(tui, key))
		tui->top->type->key(tui->top, key);
}

static void
prompt_draw(const struct tui *tui)
{
	int width = draw_width(tui->prompt.label), row = draw_body_top() + draw_body_rows();

	draw_text(row, 0, draw_cols(), STYLE_PLAIN, tui->prompt.label);
	if (!tui->prompt.yes_no)
		draw_cursor(row, line_draw(&tui->prompt.line, row, width + 1, draw_cols() - width - 2, true));
	else
		draw_cursor(row, width);
}

static void
tui_draw(struct tui *tui)
{
	int row, col;

	erase();
	if (draw_rows() < SCREEN_MIN_ROWS || draw_cols() < SCREEN_MIN_COLS) {
		draw_textf(0, 0, draw_cols(), STYLE_PLAIN, "please enlarge the window to %dx%d", SCREEN_MIN_COLS, SCREEN_MIN_ROWS);
		refresh();
		return;
	}
	draw_keys(tui->top->type->keys[0], tui->top->type->keys[1]);
	draw_message(tui->message, tui->message_bad);
	tui->top->type->draw(tui->top);
	getyx(stdscr, row, col);
	if (tui->prompt.fn != NULL)
		prompt_draw(tui);
	else
		move(row, col);
	refresh();
}

/* All keys that have arrived. */
static bool
tui_keys(struct tui *tui)
{
	wint_t wc;
	int    kind;
	bool   any = false;

	while (!tui->quit && (kind = get_wch(&wc)) != ERR) {
		tui_key(tui, kind == KEY_CODE_YES ? KEY_FN((int)wc) : (int)wc);
		any = true;
	}
	return any;
}

/* Every view of the stack hears what was published, not just the one on top. */
static bool
tui_events(struct tui *tui)
{
	struct client_event event;
	struct err          err = { 0 };

	while (client_event_next(tui->client, &event, &err))
		for (struct view *view = tui->top; view != NULL; view = view->below)
			if (view->type->event != NULL)
				view->type->event(view, &event);
	if (err.code == ERR_NONE)
		return true;
	tui_fail(tui, &err);
	return false;
}

static void
tui_loop(struct tui *tui)
{
	struct pollfd fds[2] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = client_fd(tui->client), .events = POLLIN } };

	while (!tui->quit) {
		tui_draw(tui);
		if (poll(fds, 2, -1) < 0)
			fds[0].revents = fds[1].revents = 0;    /* a signal: the size of the window, which get_wch reports */
		if (!tui_keys(tui) && (fds[0].revents & (POLLHUP | POLLERR)) != 0)
			return;
		/* Without the store the screens stay readable; what needs it fails with a message. */
		if (fds[1].fd >= 0 && !tui_events(tui))
			fds[1].fd = -1;
	}
}

static bool
tui_start(struct tui *tui, struct err *err)
{
	uint32_t    zones, keys;
	const char *host = getenv("ZONESH_HOST");
	char       *scope = NULL;
	bool        known = client_whoami(tui->client, &tui->who, &zones, &keys, &scope, err);

	free(scope);
	if (!known || !client_watch(tui->client, err))
		return false;
	snprintf(tui->host, sizeof(tui->host), "%s", host != NULL ? host : "zonesh");
	return true;
}

int
tui_main(void)
{
	struct tui  tui = { 0 };
	struct err  err = { 0 };
	const char *zone = getenv("ZONESH_COMMAND");
	bool        utf8;

	log_init("tui", LOG_LEVEL_WARN);
	crypt_init();
	tui.client = client_new(CLIENT_FD);
	if (!tui_start(&tui, &err)) {
		fprintf(stderr, "error: %s %s\n", err.id, err.text);
		return err_exit(err.code);
	}
	if (!term_start(&utf8)) {
		fprintf(stderr, "error: E-USAGE this terminal cannot show the editor\nhint: use commands: ssh HOST help\n");
		return err_exit(ERR_USAGE);
	}
	proc_confine(NULL, CONFINE_HELPER, (uid_t)-1, (gid_t)-1);
	draw_init(utf8);
	zones_open(&tui);
	if (zone != NULL && *zone != '\0')
		records_open(&tui, zone);
	tui_loop(&tui);
	while (tui.top != NULL)
		view_pop(&tui);
	term_stop();
	client_free(tui.client);
	return 0;
}
