/* SPDX-License-Identifier: ISC */
/*
 * The first screen: the zones this person may see, and what is being published now.
 */
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "tui/draw.h"
#include "tui/list.h"
#include "tui/view.h"
#include "zone/name.h"
#include "zone/plan.h"
#include "zone/serial.h"

#define ACTIVITY_ROWS 5

struct zones {
	struct view        view;
	struct list        list;
	struct zone_info  *zones;
	size_t             count;
	struct log_entry  *activity;            /* newest first */
	size_t             activity_count;
	char               find[256];
	uint8_t            new_zone[NAME_SIZE]; /* the zone that is being added, and its name server as typed */
	char               new_ns[NAME_TEXT_MAX];
};

static void
zones_load(struct zones *zones)
{
	struct log_query  query = { .zone = "", .owner = "", .type = "", .limit = ACTIVITY_ROWS };
	struct zone_info *list = NULL;
	struct log_entry *activity = NULL;
	size_t            count = 0;
	struct err        err = { 0 };

	if (!client_zone_list(zones->view.tui->client, &list, &count, &err)) {
		tui_fail(zones->view.tui, &err);
		free(list);
		return;
	}
	free(zones->zones);
	zones->zones = list;
	zones->count = count;
	if (client_log(zones->view.tui->client, &query, &activity, &count, &err)) {
		free(zones->activity);
		zones->activity = activity;
		zones->activity_count = count;
	} else {
		free(activity);
		tui_fail(zones->view.tui, &err);
	}
}

/* "2m", "5h", "3d": how long ago. */
static const char *
age(char out[static 16], int64_t then_s)
{
	static const struct { int64_t s; char unit; } units[] = { { 7 * 86400, 'w' }, { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	int64_t ago_s = (int64_t)time(NULL) - then_s;

	snprintf(out, 16, "%s", then_s == 0 ? "" : "now");
	for (size_t i = 0; then_s != 0 && i < sizeof(units) / sizeof(units[0]); i++)
		if (ago_s >= units[i].s) {
			snprintf(out, 16, "%lld%c", (long long)(ago_s / units[i].s), units[i].unit);
			break;
		}
	return out;
}

/* The name takes what the other columns leave. */
static int
name_width(void)
{
	return draw_cols() - 55 > 20 ? draw_cols() - 55 : 20;
}

static void
zone_draw(const struct zones *zones, size_t i, int row)
{
	const struct zone_info *zone = &zones->zones[i];
	bool                    at = i == zones->list.at;
	enum style              style = at ? STYLE_CURSOR : zone->broken ? STYLE_ERROR : STYLE_PLAIN;
	int                     col = 3 + name_width();
	char                    when[16];

	draw_textf(row, 0, draw_cols(), style, "%c%c", at ? '>' : ' ', zone->broken ? '!' : ' ');
	draw_text(row, 3, name_width(), style, zone->name);
	draw_textf(row, col + 1, 8, style, "%8u", zone->rrs);
	draw_textf(row, col + 11, 10, style, "%u", zone->serial);
	draw_text(row, col + 23, 10, style, zone->broken ? "BROKEN" : access_name(zone->access));
	draw_textf(row, col + 35, draw_cols() - col - 35, style, "%-4s %s", age(when, zone->changed_s), zone->changed_by);
}

static void
activity_draw(const struct zones *zones, int row)
{
	draw_rule(row++, "Activity (UTC)", "live");
	for (size_t i = 0; i < zones->activity_count && i < ACTIVITY_ROWS; i++, row++) {
		const struct log_entry *entry = &zones->activity[i];
		time_t                  when = (time_t)entry->time_s;
		struct tm               tm;
		char                    text[16];

		strftime(text, sizeof(text), "%d %b %H:%M", gmtime_r(&when, &tm));
		draw_text(row, 1, 12, STYLE_PLAIN, text);
		draw_text(row, 15, 12, STYLE_PLAIN, entry->author);
		draw_text(row, 28, draw_cols() / 4, STYLE_PLAIN, entry->zone);
		draw_text(row, 30 + draw_cols() / 4, draw_cols() - 30 - draw_cols() / 4, STYLE_PLAIN, entry->subject);
	}
}

static void
list_draw(const struct zones *zones, int row)
{
	for (size_t i = zones->list.top; i < zones->count && i < zones->list.top + zones->list.rows; i++)
		zone_draw(zones, i, row + (int)(i - zones->list.top));
	draw_cursor(row + (int)(zones->list.at - zones->list.top), 0);
}

static void
zones_draw(struct view *view)
{
	struct zones *zones = (struct zones *)view;
	int           rows = draw_body_rows() - ACTIVITY_ROWS - 4, row = draw_body_top();
	char          right[160];

	snprintf(right, sizeof(right), "%s [%s]", view->tui->who.display, view->tui->who.proof);
	draw_title(view->tui->host, right);
	snprintf(right, sizeof(right), "%zu", zones->count);
	draw_rule(row++, "Zones", right);
	draw_textf(row++, 3, draw_cols() - 3, STYLE_DIM, "%-*s %8s  %-11s %-11s %s", name_width(), "ZONE", "RECORDS", "SERIAL", "ROLE", "CHANGED");
	list_fit(&zones->list, zones->count, rows);
	list_draw(zones, row);
	row += rows;
	if (zones->count == 0)
		draw_text(row - rows, 3, draw_cols() - 3, STYLE_PLAIN, "no zones yet: a adds one; zone import on the command line takes a file");
	else if (zones->zones[zones->list.at].broken)
		draw_text(row, 1, draw_cols() - 2, STYLE_ERROR, zones->zones[zones->list.at].problem);
	activity_draw(zones, row + 1);
}

static bool
zone_matches(void *arg, size_t i)
{
	const struct zones *zones = arg;

	return strcasestr(zones->zones[i].name, zones->find) != NULL;
}

static void
zones_find(struct zones *zones, bool back)
{
	if (zones->find[0] != '\0' && !list_find(&zones->list, back, zone_matches, zones))
		tui_say(zones->view.tui, "no zone has \"%s\" in its name", zones->find);
}

static void
on_find(struct view *view, const char *text)
{
	struct zones *zones = (struct zones *)view;

	if (*text != '\0')      /* Enter alone: the one before */
		snprintf(zones->find, sizeof(zones->find), "%s", text);
	zones_find(zones, false);
}

/* ---- a new zone: its name, its name server, and the address of that when it lies inside ---- */

static void
zones_select(struct zones *zones, const char *name)
{
	for (size_t i = 0; i < zones->count; i++)
		if (strcmp(zones->zones[i].name, name) == 0)
			zones->list.at = i;
}

/* NS: "NAME" or "NAME=ADDRESS". */
static void
zone_create(struct zones *zones, const char *ns)
{
	struct tui          *tui = zones->view.tui;
	struct buf           text = { 0 };
	char                 name[NAME_TEXT_MAX];
	struct submit        submit = { .mode = SUBMIT_CREATE, .zone = name, .message = "" };
	struct submit_result result = { 0 };
	struct plan         *plan = plan_new(zones->new_zone, 3600, serial_day((int64_t)time(NULL)) * 100);
	struct err           err = { 0 };

	name_print_zone(name, zones->new_zone);
	if (plan_add_ns(plan, ns, &err)) {
		plan_write(plan, &text);
		submit.text = buf_str(&text);
		submit.text_len = text.len;
		client_submit(tui->client, &submit, &result, &err);
	}
	if (err.code != ERR_NONE) {
		tui_fail(tui, &err);
	} else {
		zones_load(zones);
		zones_select(zones, name);
		tui_say(tui, "created %s, serial %u; Enter opens it; your registrar: %s", name, result.serial, plan_delegation(plan));
	}
	submit_result_done(&result);
	plan_free(plan);
	buf_done(&text);
}

static void
on_new_address(struct view *view, const char *text)
{
	struct zones *zones = (struct zones *)view;
	struct buf    ns = { 0 };

	buf_putf(&ns, "%s=%s", zones->new_ns, text);
	zone_create(zones, buf_str(&ns));
	buf_done(&ns);
}

/* One label belongs to the new zone, more are a whole name. */
static void
on_new_ns(struct view *view, const char *text)
{
	struct zones *zones = (struct zones *)view;
	uint8_t       name[NAME_SIZE];
	struct err    err = { 0 };

	snprintf(zones->new_ns, sizeof(zones->new_ns), "%s", text);
	if (!name_parse_user(name, text, strchr(text, '.') == NULL ? zones->new_zone : NULL, &err))
		tui_fail(view->tui, &err);
	else if (name_below(name, zones->new_zone))
		tui_prompt(view->tui, "It lies in the zone; its address:", "", on_new_address);
	else
		zone_create(zones, zones->new_ns);
}

static void
on_new_name(struct view *view, const char *text)
{
	struct zones *zones = (struct zones *)view;
	struct err    err = { 0 };

	if (name_parse_zone(zones->new_zone, text, &err))
		tui_prompt(view->tui, "Its primary name server:", "ns1", on_new_ns);
	else
		tui_fail(view->tui, &err);
}

static void
zones_key(struct view *view, int key)
{
	struct zones *zones = (struct zones *)view;
	const char   *name = zones->count != 0 ? zones->zones[zones->list.at].name : NULL;

	if (list_key(&zones->list, key))
		return;
	switch (key) {
	case '\r': case KEY_FN(KEY_ENTER): case KEY_FN(KEY_RIGHT):
		if (name != NULL)
			records_open(view->tui, name);
		break;
	case 'l':
		if (name != NULL)
			history_open(view->tui, name);
		break;
	case 'a': case KEY_FN(KEY_IC): tui_prompt(view->tui, "Name of the new zone:", "", on_new_name); break;
	case '/': tui_prompt(view->tui, "Find zone:", "", on_find); break;
	case 'n': zones_find(zones, false); break;
	case 'N': zones_find(zones, true); break;
	case 'R': case KEY_FN(KEY_F(5)): zones_load(zones); break;
	case 'q': tui_quit(view->tui); break;
	}
}

static void
zones_renew(struct view *view)
{
	zones_load((struct zones *)view);
}

static void
zones_close(struct view *view)
{
	struct zones *zones = (struct zones *)view;

	free(zones->zones);
	free(zones->activity);
	free(zones);
}

static const char *const zones_help[] = {
	"  Enter        the records of the zone",
	"  a Ins        a new zone: its name, and its name server",
	"  l            its history",
	"  /            find a zone by a part of its name",
	"  q            leave",
	NULL,
};

static const struct view_type zones_type = {
	.name = "zones",
	.keys = { "Enter Open   a Add   l Log   / Find   n Next   R Reload   ? Help   q Leave", "" },
	.help = zones_help,
	.draw = zones_draw, .key = zones_key, .renew = zones_renew, .close = zones_close,
};

void
zones_open(struct tui *tui)
{
	struct zones *zones = mem_alloc(sizeof(*zones));

	view_push(tui, &zones->view, &zones_type);
	zones_load(zones);
}
