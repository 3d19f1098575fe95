/* SPDX-License-Identifier: ISC */
/* The options by name: defaults, checking, setting, messages.  conf_file.c reads and writes the file. */
#include "base/conf.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/conf_table.h"
#include "base/log.h"
#include "base/msg.h"
#include "base/str.h"

const struct conf_option conf_options[CONF_OPTION_COUNT] = {
#define X(field, name, type, flags, def, min, max, help) \
	{ name, def, help, type, flags, min, max, offsetof(struct conf, field), offsetof(struct conf, field##_num) },
	CONF_OPTIONS(X)
#undef X
};

struct conf_list *
conf_list(const struct conf *conf, const struct conf_option *option)
{
	return (struct conf_list *)((uintptr_t)conf + option->list_at);
}

static int64_t *
conf_num(const struct conf *conf, const struct conf_option *option)
{
	return (int64_t *)((uintptr_t)conf + option->num_at);
}

static bool
parse_num(int64_t *out, const struct conf_option *option, const char *value, struct err *err)
{
	uint64_t v;

	if (!str_u64(&v, value, INT64_MAX))
		return err_set(err, ERR_CONF, "%s: \"%s\" is not a number", option->name, value);
	*out = (int64_t)v;
	if (*out < option->min || *out > option->max)
		return err_set(err, ERR_CONF, "%s: %s is not between %lld and %lld", option->name, value,
		    (long long)option->min, (long long)option->max);
	return true;
}

static bool
parse_bool(int64_t *out, const struct conf_option *option, const char *value, struct err *err)
{
	*out = strcmp(value, "yes") == 0;
	if (*out != 0 || strcmp(value, "no") == 0)
		return true;
	return err_set(err, ERR_CONF, "%s: \"%s\" is neither yes nor no", option->name, value);
}

static const struct {
	const char *suffix;
	int64_t     ms;
} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 } };

/* The whole units that MS is: "1s", "24h", "30d". */
static const char *
print_ms(char out[static 24], int64_t ms)
{
	size_t i = 0;

	while (i + 1 < sizeof units / sizeof units[0] && ms != 0 && ms % units[i + 1].ms == 0 && (units[i + 1].ms < 86400000 || ms > 86400000))
		i++;
	snprintf(out, 24, "%lld%s", (long long)(ms / units[i].ms), units[i].suffix);
	return out;
}

static bool
parse_ms(int64_t *out, const struct conf_option *option, const char *value, struct err *err)
{
	size_t   digits = strspn(value, "0123456789");
	char     number[24], min[24], max[24];
	uint64_t v;

	if (digits == 0 || digits >= sizeof number)
		return err_set(err, ERR_CONF, "%s: \"%s\" is not a time such as 500ms, 30s, 10m or 1h", option->name, value);
	memcpy(number, value, digits);
	number[digits] = '\0';
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (strcmp(units[i].suffix, value + digits) != 0)
			continue;
		if (str_u64(&v, number, (uint64_t)(INT64_MAX / units[i].ms)))
			*out = (int64_t)v * units[i].ms;
		if (*out >= option->min && *out <= option->max)
			return true;
		return err_set(err, ERR_CONF, "%s: %s is not between %s and %s", option->name, value, print_ms(min, option->min),
		    print_ms(max, option->max));
	}
	err_set(err, ERR_CONF, "%s: \"%s\" has no unit of time", option->name, value);
	return err_hint(err, "the units are ms, s, m, h and d: %ss", number);
}

/* A bare address gets a port that its service often has. */
static bool
is_bare(char out[static ADDR_TEXT_MAX], const struct conf_option *option, const char *value)
{
	static const struct { const char *name; unsigned port; } ports[] = { { "ssh", 2222 }, { "dns", 53 }, { "http", 8053 } };
	struct addr addr;

	for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
		bool in6 = strchr(value, ':') != NULL && value[0] != '[';

		if (strcmp(ports[i].name, option->name) != 0)
			continue;
		return snprintf(out, ADDR_TEXT_MAX, in6 ? "[%s]:%u" : "%s:%u", value, ports[i].port) < ADDR_TEXT_MAX && addr_parse(&addr, out, NULL);
	}
	return false;
}

static bool
parse_addr(int64_t *out, const struct conf_option *option, const char *value, struct err *err)
{
	struct addr addr;

	(void)out;
	if (addr_parse(&addr, value, err))
		return true;
	if (err != NULL) {
		struct err why = *err;
		char       whole[ADDR_TEXT_MAX];

		err_set(err, ERR_CONF, "%s: %s", option->name, why.text);
		if (is_bare(whole, option, value))
			err_hint(err, "write %s", whole);
		else
			err_hint(err, "%s", why.hint);
	}
	return false;
}

static bool
parse_text(int64_t *out, const struct conf_option *option, const char *value, struct err *err)
{
	(void)out;
	for (const char *p = value; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return err_set(err, ERR_CONF, "%s: the value has a control character", option->name);
	return true;
}

static bool
parse_path(int64_t *out, const struct conf_option *option, const char *value, struct err *err)
{
	if (*value == '\0' || strlen(value) > PATH_MAX / 2)
		return err_set(err, ERR_CONF, "%s: the path is empty or too long", option->name);
	return parse_text(out, option, value, err);
}

typedef bool parse_fn(int64_t *out, const struct conf_option *option, const char *value, struct err *err);

static parse_fn *const parsers[] = {
	[CONF_STR] = parse_text, [CONF_NUM] = parse_num, [CONF_BOOL] = parse_bool,
	[CONF_MS] = parse_ms, [CONF_ADDR] = parse_addr, [CONF_PATH] = parse_path,
};

static bool
check_level(const char *value, struct err *err)
{
	enum log_level level;

	if (log_level_parse(&level, value))
		return true;
	return err_set(err, ERR_CONF, "log-level: \"%s\" is not debug, info or warn", value);
}

/* A host name without final dot (RFC 1123): it goes into answers and screens. */
static bool
check_host(const char *value, struct err *err)
{
	size_t len = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.");

	if (len != 0 && len <= 253 && value[len] == '\0' && value[0] != '.' && value[0] != '-')
		return true;
	return err_set(err, ERR_CONF, "name: \"%s\" is not a host name", value);
}

/* The part of git-check-ref-format(1) that matters for one branch name. */
static bool
check_branch(const char *value, struct err *err)
{
	if (*value != '\0' && *value != '-' && *value != '/' && *value != '.' && strpbrk(value, " ~^:?*[\\") == NULL &&
	    strstr(value, "..") == NULL && strstr(value, "//") == NULL && strstr(value, "@{") == NULL)
		return true;
	return err_set(err, ERR_CONF, "branch: \"%s\" is not a branch name", value);
}

/* What the type does not say. */
static const struct {
	const char *name;
	bool      (*check)(const char *value, struct err *err);
} checks[] = {
	{ "log-level", check_level },
	{ "name",      check_host },
	{ "branch",    check_branch },
};

static bool
option_check(int64_t *num, const struct conf_option *option, const char *value, struct err *err)
{
	if (!parsers[option->type](num, option, value, err))
		return false;
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
		if (strcmp(checks[i].name, option->name) == 0)
			return checks[i].check(value, err);
	return true;
}

static void
list_clear(struct conf_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct conf_list){ 0 };
}

static void
list_add(struct conf_list *list, const char *value)
{
	list->items = mem_realloc(list->items, (list->count + 1) * sizeof *list->items);
	list->items[list->count++] = mem_strdup(value);
}

const struct conf_option *
conf_option_find(const char *name, struct err *err)
{
	const struct conf_option *nearest = NULL;
	size_t                    best = str_near(strlen(name)) + 1;

	for (size_t i = 0; i < CONF_OPTION_COUNT; i++) {
		size_t distance = str_distance(conf_options[i].name, name);

		if (distance == 0)
			return &conf_options[i];
		if (distance < best) {
			best = distance;
			nearest = &conf_options[i];
		}
	}
	err_set(err, ERR_CONF, "there is no option \"%s\"", name);
	if (nearest != NULL)
		err_hint(err, "did you mean %s?", nearest->name);
	else
		err_hint(err, "zonesh.conf(5) lists all options");
	return NULL;
}

bool
conf_set(struct conf *conf, const char *name, const char *value, struct err *err)
{
	const struct conf_option *option = conf_option_find(name, err);
	struct conf_list         *list;
	int64_t                   num = 0;

	if (option == NULL || !option_check(&num, option, value, err))
		return false;
	list = conf_list(conf, option);
	if ((option->flags & CONF_MANY) == 0)
		list_clear(list);
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], value) == 0)
			return err_set(err, ERR_CONF, "%s: %s stands there twice", name, value);
	if (*value != '\0')
		list_add(list, value);
	*conf_num(conf, option) = num;
	return true;
}

void
conf_keep(struct conf *conf, const struct conf *old, const struct conf_option *option)
{
	const struct conf_list *from = conf_list(old, option);
	struct conf_list       *to = conf_list(conf, option);

	list_clear(to);
	for (size_t i = 0; i < from->count; i++)
		list_add(to, from->items[i]);
	*conf_num(conf, option) = *conf_num(old, option);
}

/* DIR as an absolute path.  A role that may not look at it gets it from the parent as it is. */
static char *
dir_absolute(const char *dir)
{
	char  cwd[PATH_MAX];
	char *real = realpath(dir, NULL);
	char  path[2 * PATH_MAX];

	if (real != NULL || *dir == '/' || getcwd(cwd, sizeof cwd) == NULL)
		return real != NULL ? real : mem_strdup(dir);
	snprintf(path, sizeof path, "%s/%.*s", cwd, PATH_MAX - 2, dir);
	return mem_strdup(path);
}

void
conf_init(struct conf *conf, const char *dir)
{
	*conf = (struct conf){ .dir = dir_absolute(dir) };
	for (size_t i = 0; i < CONF_OPTION_COUNT; i++) {
		struct err err = { 0 };

		if (*conf_options[i].def != '\0' && !conf_set(conf, conf_options[i].name, conf_options[i].def, &err))
			log_fatal("conf: the default is wrong: %s", err.text);
	}
}

void
conf_done(struct conf *conf)
{
	for (size_t i = 0; i < CONF_OPTION_COUNT; i++)
		list_clear(conf_list(conf, &conf_options[i]));
	free(conf->dir);
	*conf = (struct conf){ 0 };
}

void
conf_put(const struct conf *conf, struct msg *msg, bool for_http)
{
	msg_put_str(msg, conf->dir);
	for (size_t i = 0; i < CONF_OPTION_COUNT; i++) {
		const struct conf_list *list = conf_list(conf, &conf_options[i]);
		bool                    secret = (conf_options[i].flags & CONF_SECRET_HTTP) != 0 && !for_http;

		msg_put_u16(msg, secret ? 0 : (uint16_t)list->count);
		for (size_t k = 0; !secret && k < list->count; k++)
			msg_put_str(msg, list->items[k]);
	}
}

bool
conf_get(struct conf *conf, struct msg *msg)
{
	conf_init(conf, msg_get_str(msg));
	for (size_t i = 0; i < CONF_OPTION_COUNT; i++) {
		size_t count = msg_get_u16(msg);

		list_clear(conf_list(conf, &conf_options[i]));
		for (size_t k = 0; k < count && !msg->in.bad; k++)
			if (!conf_set(conf, conf_options[i].name, msg_get_str(msg), NULL))
				msg->in.bad = true;
	}
	if (!msg->in.bad)
		return true;
	conf_done(conf);
	return false;
}

const char *
conf_dir_default(void)
{
	const char *dir = getenv("ZONESH_DIR");

	return dir != NULL && *dir != '\0' ? dir : CONF_DIR;
}

const char *
conf_path(const struct conf *conf, const char *file)
{
	static _Thread_local char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof path, "%s/%s", conf->dir, file) >= sizeof path)
		log_fatal("conf: the path of the data directory is too long");
	return path;
}

const char *
conf_repo(const struct conf *conf)
{
	static _Thread_local char path[PATH_MAX];

	if (*conf_str(conf, repo) == '/')
		return conf_str(conf, repo);
	snprintf(path, sizeof path, "%s", conf_path(conf, conf_str(conf, repo)));
	return path;
}
