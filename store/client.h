/* SPDX-License-Identifier: ISC */
/*
 * How every other part reaches the store: the messages, and blocking calls over them for commands and screens.
 *
 * A client channel is bound to one identity for ever; who holds the descriptor can speak only as that.  Channels
 * by who holds the other end, and what may be sent on each (serve.c has the table):
 *     dns control, dns threads, http, sshd   made by the parent
 *     monitor                                 one per SSH connection, made by the store for sshd
 *     client                                  made for a monitor once a key is verified, or by the local socket
 * Every request gets exactly one reply with its id: MSG_OK with the payload named below, or MSG_ERR with a struct err and a report.
 */
#ifndef STORE_CLIENT_H
#define STORE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/msg.h"
#include "zone/change.h"
#include "zone/key.h"
#include "zone/report.h"

/* type, who sends it, payload -> payload of its MSG_OK */
#define CLIENT_MESSAGES(X) \
	X(MSG_OK,           "the reply to a request") \
	X(MSG_ERR,          "err, report: the other reply") \
	/* dns control */ \
	X(MSG_ZONE,         "store: zone (text), version u64, image blob. A new or changed zone; dns answers MSG_LIVE") \
	X(MSG_ZONE_BROKEN,  "store: zone, version. Ours, but no good version is known: SERVFAIL") \
	X(MSG_ZONE_GONE,    "store: zone, version. No longer ours: REFUSED") \
	X(MSG_KEYS,         "store: version, count u32, count x (client_get_key). All TSIG keys, replacing those before") \
	X(MSG_COMMIT,       "store: version, commit id of main: the answer to CH TXT commit.zonesh") \
	X(MSG_LOADED,       "store: version. All zones were sent once") \
	X(MSG_LIVE,         "dns: version. Everything up to it is being served") \
	/* dns threads */ \
	X(MSG_UPDATE,       "dns: key name (text), from, zone (text), change blob -> changed bool, serial u32, commit") \
	/* http */ \
	X(MSG_INFO,         "store: struct info (client_get_info), after every change of it") \
	X(MSG_FETCH,        "http, client: from, what -> nothing. Fetch from the remote, soon") \
	/* sshd */ \
	X(MSG_MONITOR_OPEN, "sshd: from -> fd of a monitor channel") \
	/* monitor */ \
	X(MSG_KEY_LOOKUP,   "monitor: key type, key base64 -> identity (client_get_identity). MSG_ERR when the key is not enrolled") \
	X(MSG_CLIENT_OPEN,  "monitor: key type, key base64, how it was proven, from, via -> fd of a client channel") \
	/* client */ \
	X(MSG_WHOAMI,       "-> identity, zones u32, keys u32, scope (text)") \
	X(MSG_ZONE_LIST,    "-> count u32, count x zone_info") \
	X(MSG_ZONE_GET,     "zone, at (commit, or \"\") -> zone_doc") \
	X(MSG_SUBMIT,       "submit -> submit_result") \
	X(MSG_LOG,          "log_query -> count u32, count x log_entry") \
	X(MSG_COMMIT_GET,   "zone, commit (prefix of at least 4 digits) -> log_entry, diff text") \
	X(MSG_STATUS,       "-> struct info") \
	X(MSG_WATCH,        "-> nothing; from then on the store sends MSG_EVENT") \
	X(MSG_EVENT,        "store: zone, serial u32, commit, who, via, subject. A change was published")

enum client_msg {
	MSG_NONE = 0,
#define X(type, what) type,
	CLIENT_MESSAGES(X)
#undef X
	MSG_TYPES
};

#define OID_TEXT_MAX 65         /* a commit or blob id in hex, NUL */

enum id_kind { ID_ADMIN, ID_ACCOUNT, ID_DEVICE, ID_TSIG, ID_WEBHOOK, ID_KINDS };

struct identity {
	enum id_kind kind;
	char name[256];                 /* account: e-mail; device, TSIG: the token's or key's name; local administrator: the system user */
	char display[64];               /* short name for people */
	char key[64];                   /* "SHA256:..." or "" */
	char proof[64];                 /* "ed25519-sk, touch", "hmac-sha256", "local" */
	char from[ADDR_TEXT_MAX];       /* client address, without port; "" when local */
	char via[16];                   /* tui cli ssh-device rfc2136 git webhook */
	bool admin;
};

enum access { ACCESS_NONE, ACCESS_VIEWER, ACCESS_EDITOR, ACCESS_MAINTAINER, ACCESS_OWNER };     /* roles, product.md 1.12 */
const char *access_name(enum access access);    /* "owner" */

struct zone_info {
	char        name[NAME_TEXT_MAX];        /* "example.org" */
	uint32_t    rrs, serial;                /* as served */
	bool        broken;                     /* the file in main does not load; the last good one is served, if there is one */
	char        problem[480];               /* then: "file:line:col: ..." */
	int64_t     changed_s;                  /* time of its last commit, 0: not known */
	char        changed_by[64];
	enum access access;
};

/* A zone file as it stands. */
struct zone_doc {
	char       *text;                       /* owned; NUL-terminated, of LEN bytes */
	size_t      len;
	char        blob[OID_TEXT_MAX];         /* base for a submit */
	char        commit[OID_TEXT_MAX];       /* the commit that made it so */
	uint32_t    serial;                     /* served */
	bool        broken;                     /* TEXT does not load: PROBLEM */
	struct err  problem;
	enum access access;
};

enum submit_mode {
	SUBMIT_CHANGE,          /* apply CHANGE */
	SUBMIT_CREATE,          /* a new zone with TEXT; ERR_EXISTS */
	SUBMIT_REPLACE          /* TEXT instead of what is there (import), but for the serial; merged in place with BASE when that is older; a new zone if there is none */
};

struct submit {
	enum submit_mode     mode;
	const char          *zone;
	const char          *base;              /* blob that the edit began from: merged per RRset when the zone moved on (ERR_CONFLICT); "" or NULL: the newest */
	const struct change *change;
	const char          *text;
	size_t               text_len;
	bool                 dry_run;           /* all but the commit */
	const char          *message;           /* "": made from the difference */
	bool                 has_if_serial;
	uint32_t             if_serial;         /* ERR_CONFLICT unless it is this */
	const char          *if_commit;         /* the same; "" or NULL: not asked */
};

struct submit_result {
	bool          changed, live;            /* LIVE: dns serves it (false only when dns did not answer in time) */
	uint32_t      serial_old, serial;
	char          commit[OID_TEXT_MAX];     /* of the chain; "" when nothing changed or for a dry run */
	unsigned      added, altered, removed;  /* records */
	char         *diff;                     /* owned; diff_print's text */
	struct report report;                   /* warnings; on failure: all findings */
};

struct log_query {
	const char *zone;                       /* "": all zones and files */
	const char *owner;                      /* only commits that touched this owner (relative or absolute); "" any */
	const char *type;                       /* and this type; "" any */
	uint32_t    skip, limit;                /* LIMIT at most 1000 */
	bool        people;                     /* leave out what machines did */
};

struct log_entry {
	char     commit[OID_TEXT_MAX];
	int64_t  time_s;
	char     author[64], email[256];
	char     zone[NAME_TEXT_MAX];           /* or the file, for other files */
	char     via[16], actor[128], from[ADDR_TEXT_MAX];
	char     subject[256];
	uint32_t serial;
};

struct info {
	char     commit[OID_TEXT_MAX];          /* of main, served */
	uint32_t zones, broken, accounts;
	uint32_t dead;                          /* zones of which no version loads: SERVFAIL */
	uint32_t broken_files;                  /* of any kind that do not load */
	char     problems[4096];                /* of the first 20 of them, a line each: "policy/example.org:3:1: ..."; "" for who is no administrator */
	bool     dns_live;                      /* dns has everything */
	bool     has_remote;
	char     remote[256];                   /* without a password */
	int64_t  fetched_s, pushed_s;           /* last success, 0: never */
	bool     unpushed;
	char     remote_error[480];             /* of the last fetch or push; "" when it went well */
	char     conflict[480];                 /* what the last merge with the remote left out: "example.org www A: ..."; "": nothing */
	int64_t  conflict_s;
	int64_t  started_s;
};

/* ---- blocking calls, for commands and screens ---- */
struct client;

struct client *client_new(int fd);                                      /* takes FD, a client channel */
struct client *client_connect(const struct conf *conf, struct err *err);        /* the local socket; ERR_BUSY when no daemon runs */
void client_free(struct client *client);
int  client_fd(const struct client *client);                            /* to poll for MSG_EVENT after client_watch */

/* Each waits at most 30 s (ERR_BUSY).  Results must be released with their _done where there is one, also after a failure. */
/* SCOPE (may be NULL; caller frees, NULL after a failure): the names that a device may update, a line "home.example.org A,AAAA" each; "" for people. */
bool client_whoami(struct client *client, struct identity *out, uint32_t *zones, uint32_t *keys, char **scope, struct err *err);
bool client_zone_list(struct client *client, struct zone_info **out, size_t *count, struct err *err);  /* caller frees *OUT */
bool client_zone_get(struct client *client, const char *zone, const char *at, struct zone_doc *out, struct err *err);
void zone_doc_done(struct zone_doc *doc);
bool client_submit(struct client *client, const struct submit *submit, struct submit_result *out, struct err *err);
void submit_result_done(struct submit_result *result);
bool client_log(struct client *client, const struct log_query *query, struct log_entry **out, size_t *count, struct err *err);
bool client_commit(struct client *client, const char *zone, const char *commit, struct log_entry *out, char **diff, struct err *err);
bool client_status(struct client *client, struct info *out, struct err *err);
bool client_fetch(struct client *client, struct err *err);
bool client_watch(struct client *client, struct err *err);

struct client_event { char zone[NAME_TEXT_MAX], commit[OID_TEXT_MAX], who[64], via[16], subject[256]; uint32_t serial; };
/* The next event that has arrived, without waiting; false: none (ERR unset) or the store is gone (ERR_BUSY). */
bool client_event_next(struct client *client, struct client_event *out, struct err *err);

/* Send any request and wait for its reply (in REPLY, for the caller to msg_done); false with ERR (and REPORT, when not NULL) for MSG_ERR. For monitors. */
bool client_call(struct client *client, struct msg *request, struct msg *reply, struct report *report, struct err *err);

/* ---- fields of messages ---- */
void client_put_identity(struct msg *msg, const struct identity *identity);
bool client_get_identity(struct msg *msg, struct identity *out);
void client_put_key(struct msg *msg, const struct key *key);
bool client_get_key(struct msg *msg, struct key *out);
void client_put_info(struct msg *msg, const struct info *info);
bool client_get_info(struct msg *msg, struct info *out);
void client_put_report(struct msg *msg, const struct report *report);
bool client_get_report(struct msg *msg, struct report *out);            /* initialises OUT */
void client_put_update(struct msg *msg, const char *key, const char *from, const char *zone, const struct change *change);
/* The reply to MSG_UPDATE: false with ERR for MSG_ERR. */
bool client_get_update(struct msg *msg, bool *changed, uint32_t *serial, char commit[static OID_TEXT_MAX], struct err *err);

#endif
