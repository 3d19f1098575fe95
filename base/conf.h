/* SPDX-License-Identifier: ISC */
/*
 * The configuration: one table of options, read from <dir>/zonesh.conf by the parent only, which hands each
 * role a copy without the secrets that are not its own.
 *
 * A line is "option value"; '#' begins a comment.  Options marked MANY may stand several times.
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct msg;
struct buf;

enum conf_type { CONF_STR, CONF_NUM, CONF_BOOL, CONF_MS, CONF_ADDR, CONF_PATH };
enum conf_flag { CONF_MANY = 1, CONF_SECRET_HTTP = 2, CONF_RELOAD = 4 };        /* RELOAD: SIGHUP is enough */

/* field, name in the file, type, flags, default, minimum, maximum (numbers), one line for the commented file and the manual */
#define CONF_OPTIONS(X) \
	X(name,           "name",           CONF_STR,  0, "localhost", 0, 0, "host name that commands and screens show, and the CHAOS answer to hostname.bind") \
	X(ssh,            "ssh",            CONF_ADDR, CONF_MANY, "", 0, 0, "address:port to take SSH connections on; may be repeated") \
	X(dns,            "dns",            CONF_ADDR, CONF_MANY, "", 0, 0, "address:port to answer DNS on, UDP and TCP; may be repeated") \
	X(http,           "http",           CONF_ADDR, CONF_MANY, "", 0, 0, "address:port for webhook, version, metrics and health over HTTP; may be repeated") \
	X(repo,           "repo",           CONF_PATH, 0, "zones.git", 0, 0, "the bare repository; a relative path is below the data directory") \
	X(branch,         "branch",         CONF_STR,  0, "main", 0, 0, "branch that is served") \
	X(remote,         "remote",         CONF_STR,  CONF_RELOAD, "", 0, 0, "URL or path of the remote repository; fetched on a webhook, pushed to after a change") \
	X(remote_timeout, "remote-timeout", CONF_MS,   CONF_RELOAD, "30s", 1000, 600000, "how long a fetch or push may take") \
	X(webhook_secret, "webhook-secret", CONF_STR,  CONF_SECRET_HTTP | CONF_RELOAD, "", 0, 0, "secret that webhooks are signed with; without one every webhook is refused") \
	X(user,           "user",           CONF_STR,  0, "", 0, 0, "system user that store and helpers run as when started as root; default: the owner of the data directory") \
	X(dns_threads,    "dns-threads",    CONF_NUM,  0, "0", 0, 256, "threads that answer DNS; 0: one per core") \
	X(dns_tcp_max,    "dns-tcp-max",    CONF_NUM,  0, "1000", 1, 100000, "TCP connections per thread") \
	X(dns_tcp_idle,   "dns-tcp-idle",   CONF_MS,   0, "10s", 100, 600000, "an idle TCP connection is closed after this") \
	X(ssh_max,        "ssh-max",        CONF_NUM,  0, "200", 1, 10000, "SSH connections at once") \
	X(ssh_max_per_ip, "ssh-max-per-ip", CONF_NUM,  0, "20", 1, 10000, "SSH connections at once from one address") \
	X(ssh_grace,      "ssh-grace",      CONF_MS,   0, "30s", 1000, 600000, "time to log in") \
	X(ssh_idle,       "ssh-idle",       CONF_MS,   0, "30m", 1000, 86400000, "a session without input is closed after this") \
	X(log_level,      "log-level",      CONF_STR,  CONF_RELOAD, "info", 0, 0, "debug, info or warn")

#define CONF_DIR "/var/lib/zonesh"

struct conf_list { char **items; size_t count; };

/* One field per row: text in .NAME.items[0], or a number in .NAME_num (CONF_NUM, CONF_BOOL; CONF_MS in milliseconds). */
struct conf {
#define X(field, name, type, flags, def, min, max, help) struct conf_list field; int64_t field##_num;
	CONF_OPTIONS(X)
#undef X
	char *dir;              /* the data directory, absolute */
};

/* All defaults.  DIR is copied. */
void conf_init(struct conf *conf, const char *dir);
void conf_done(struct conf *conf);

/* Read DIR/zonesh.conf.  ERR_CONF with "zonesh.conf:LINE:COL: ...": unknown option (with the nearest known one as hint), bad value,
 * a second line for a single option. */
bool conf_load(struct conf *conf, const char *dir, struct err *err);

/* The value of a single-valued option ("" when unset). */
#define conf_str(conf, field) ((conf)->field.count != 0 ? (conf)->field.items[0] : "")

/* Set FIELD by option name, as a line in the file would, for init.  ERR_CONF. */
bool conf_set(struct conf *conf, const char *name, const char *value, struct err *err);

/* The file as init writes it: each option with its help as a comment; options at their default are commented out. */
void conf_write(const struct conf *conf, struct buf *out);

/* Send and receive; FOR_HTTP: with the secrets of http. */
void conf_put(const struct conf *conf, struct msg *msg, bool for_http);
bool conf_get(struct conf *conf, struct msg *msg);      /* initialises CONF */

/* The data directory when none is given: $ZONESH_DIR, or CONF_DIR. Borrowed. */
const char *conf_dir_default(void);

/* Path of the repository, and of FILE below the data directory; points into a per-thread buffer. */
const char *conf_repo(const struct conf *conf);
const char *conf_path(const struct conf *conf, const char *file);

#endif
