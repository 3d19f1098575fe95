/* SPDX-License-Identifier: ISC */
/*
 * The editor: a stack of views, one loop over keys and over what the store tells.  It is a helper process that holds a pty and one
 * descriptor to the store, which speaks for one person.
 */
#include "tui/tui.h"

#include <ncurses.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crypt.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/proc.h"
#include "tui/draw.h"
#include "tui/term.h"
#include "tui/view.h"

#define CLIENT_FD    3
#define RENEW_MS     1000
#define SEQUENCE_MAX 32         /* bytes of a key's sequence */

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
	else if (tui->top->type->renew != NULL && !tui->quit)
		tui->top->type->renew(tui->top);
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
	tui->message[0] = '\0';
	line_set(&tui->prompt.line, text);
}

void
tui_ask(struct tui *tui, const char *question, prompt_fn *fn)
{
	tui_prompt(tui, question, "", fn);
	tui->prompt.yes_no = true;
}

const char *
tui_who(struct tui *tui)
{
	snprintf(tui->who_text, sizeof(tui->who_text), "%s  %s", tui->who.display, tui->host);
	return tui->who_text;
}

static void
on_quit(struct view *view, const char *text)
{
	(void)text;
	view->tui->quit = true;
}

void
tui_quit(struct tui *tui)
{
	for (const struct view *view = tui->top; view != NULL; view = view->below)
		if (view->type->unsaved != NULL && view->type->unsaved(view)) {
			tui_ask(tui, "Leave, and throw away the edits that are not published? (y/n)", on_quit);
			return;
		}
	tui->quit = true;
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
	if (!typing && key == 'Q') {
		tui_quit(tui);
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
	erase();
	if (draw_rows() < SCREEN_MIN_ROWS || draw_cols() < SCREEN_MIN_COLS) {
		draw_textf(0, 0, draw_cols(), STYLE_PLAIN, "please enlarge the window to %dx%d", SCREEN_MIN_COLS, SCREEN_MIN_ROWS);
		draw_cursor(0, 0);
	} else {
		draw_keys(tui->top->type->keys[0], tui->top->type->keys[1]);
		tui->top->type->draw(tui->top);
		if (tui->prompt.fn != NULL)
			prompt_draw(tui);
		else
			draw_message(tui->message, tui->message_bad);
	}
	draw_done();
}

static bool
key_next(int *key)
{
	wint_t wc;
	int    kind = get_wch(&wc);

	*key = kind == KEY_CODE_YES ? KEY_FN((int)wc) : (int)wc;
	return kind != ERR;
}

/*
 * Behind an Esc: swallow the rest of a sequence of a key that nobody knows ("[1;5A", "OM"), which would be read as commands.
 * False: it was the key Esc.
 */
static bool
sequence_skip(void)
{
	int key, left = SEQUENCE_MAX;

	if (!key_next(&key))
		return false;
	if (key != '[' && key != 'O') {
		if (key < KEY_FN(0))
			unget_wch((wchar_t)key);
		else
			ungetch(key & ~KEY_FN(0));
		return false;
	}
	if (key == 'O') {
		key_next(&key);
		return true;
	}
	while (left-- > 0 && key_next(&key) && (key < '@' || key > '~'))
		;
	return true;
}

/* All keys that have arrived. */
static bool
tui_keys(struct tui *tui)
{
	bool any = false;
	int  key;

	while (!tui->quit && key_next(&key)) {
		any = true;
		if (key != KEY_ESC || !sequence_skip())
			tui_key(tui, key);
	}
	return any;
}

/* Every view of the stack hears what was published, not just the one on top. */
static bool
tui_events(struct tui *tui)
{
	struct client_event event;
	struct err          err = { 0 };

	while (client_event_next(tui->client, &event, &err)) {
		tui->stale = true;
		for (struct view *view = tui->top; view != NULL; view = view->below)
			if (view->type->event != NULL)
				view->type->event(view, &event);
	}
	if (err.code == ERR_NONE)
		return true;
	tui_fail(tui, &err);
	return false;
}

/* A busy server publishes often; the screen is read anew once a second at most.  How long to wait for the next time, -1: for ever. */
static int64_t
tui_renew(struct tui *tui)
{
	int64_t now_ms = loop_now_ms(), left_ms = tui->renewed_ms + RENEW_MS - now_ms;

	if (!tui->stale)
		return -1;
	if (left_ms > 0)
		return left_ms;
	tui->stale = false;
	tui->renewed_ms = now_ms;
	if (tui->top->type->renew != NULL)
		tui->top->type->renew(tui->top);
	return -1;
}

/* SIGWINCH is let in only here, so that none is lost between a look at the size and the wait. */
static void
tui_wait(struct pollfd *fds, int64_t wait_ms, const sigset_t *signals)
{
	struct timespec wait = { .tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1000000 };

	if (ppoll(fds, 2, wait_ms < 0 ? NULL : &wait, signals) < 0)
		fds[0].revents = fds[1].revents = 0;    /* a signal: the size of the window, which get_wch reports */
}

static void
tui_loop(struct tui *tui)
{
	struct pollfd fds[2] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = client_fd(tui->client), .events = POLLIN } };
	sigset_t      winch, before;

	sigemptyset(&winch);
	sigaddset(&winch, SIGWINCH);
	sigprocmask(SIG_BLOCK, &winch, &before);
	while (!tui->quit) {
		int64_t wait_ms = tui_renew(tui);

		tui_draw(tui);
		tui_wait(fds, wait_ms, &before);
		if (!tui_keys(tui) && (fds[0].revents & (POLLHUP | POLLERR)) != 0)
			return;
		/* Without the store the screens stay readable; what needs it fails with a message. */
		if (!tui->quit && fds[1].fd >= 0 && !tui_events(tui))
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

static int
tui_refuse(const struct err *err)
{
	struct buf out = { 0 };

	err_print(&out, err);
	fputs(buf_str(&out), stderr);
	buf_done(&out);
	return err_exit(err->code);
}

/* The screens, until the person leaves. */
static void
tui_run(struct tui *tui, bool utf8)
{
	const char *zone = getenv("ZONESH_COMMAND");

	draw_init(utf8);
	zones_open(tui);
	if (zone != NULL && *zone != '\0')
		records_open(tui, zone);
	tui_loop(tui);
	tui->quit = true;
	while (tui->top != NULL)
		view_pop(tui);
}

int
tui_main(void)
{
	struct tui tui = { 0 };
	struct err err = { 0 };
	bool       utf8;

	log_init("tui", LOG_LEVEL_WARN);
	crypt_init();
	tui.client = client_new(CLIENT_FD);
	if (!tui_start(&tui, &err))
		return tui_refuse(&err);
	if (!term_start(&utf8)) {
		err_set(&err, ERR_USAGE, "this terminal cannot show the editor");
		err_hint(&err, "use commands: ssh HOST help");
		return tui_refuse(&err);
	}
	proc_confine(NULL, CONFINE_HELPER, (uid_t)-1, (gid_t)-1);
	tui_run(&tui, utf8);
	term_stop();
	client_free(tui.client);
	return 0;
}
