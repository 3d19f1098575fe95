/* SPDX-License-Identifier: ISC */
/*
 * The state of the store: every file of main that means something, with the version of it that is in force.
 *
 * A file that does not load keeps its last good version in force (found in history at the start) and has a PROBLEM.  Files come in by
 * store_load and store_adopt, which look at main; and by submit.c, which puts them there.  Who wants to know
 * of changes is the sink: serve.c, or a test.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/account.h"
#include "store/client.h"
#include "store/file.h"
#include "store/policy.h"
#include "store/repo.h"
#include "store/serials.h"
#include "zone/key.h"
#include "zone/zone.h"

/* What a version of a file says; by kind only one is set. */
struct content {
	struct arena   *arena;          /* of all but the zone */
	struct zone    *zone;           /* as served */
	struct account *account;
	struct policy  *policy;
	struct key     *keys;
	size_t          key_count;
};

struct store_file {
	enum file_kind     kind;
	char              *path;                        /* in main */
	char              *name;                        /* what it is about: zone, e-mail (file.h) */
	const uint8_t     *apex;                        /* NAME in wire form: zones, policy, and key files of a zone */
	char               blob[OID_TEXT_MAX];          /* in main; "": no longer there */
	char               good[OID_TEXT_MAX];          /* the version in force; "": none */
	struct content     content;                     /* of GOOD */
	struct err        *problem;                     /* why BLOB is not in force; NULL: it is */
	struct log_entry  *last;                        /* the commit that made BLOB; NULL: not asked for yet (store_last) */
	struct store_file *next;                        /* in the bucket */
	/* the sink's own */
	struct store_file *queue_prev, *queue_next;
	uint64_t           version;
	bool               queued;
};

struct store_sink {
	/* A zone is new, has changed, is broken without a good version, or gone (BLOB is ""; the sink may keep FILE until it calls store_forget). */
	void (*zone)(void *arg, struct store_file *file);
	void (*keys)(void *arg);                                        /* the TSIG keys changed */
	void (*main)(void *arg);                                        /* main moved, all zones were told */
	void (*event)(void *arg, const struct client_event *event);     /* for people who watch */
	void  *arg;
};

struct store_ident;

struct store {
	const struct conf   *conf;
	struct repo         *repo;
	struct serials      *serials;
	struct store_sink    sink;
	struct store_file  **buckets;
	size_t               bucket_count, file_count;
	char                 head[OID_TEXT_MAX];        /* the commit of main that memory reflects */
	const struct key   **keys;                      /* all in force, of the files' contents */
	size_t               key_count, key_cap;
	struct store_ident  *idents;                    /* by public key (identity.c) */
	size_t               ident_count, ident_cap;
	bool                 idents_stale;
	struct info          info;
	uint32_t             change_seq;                /* of Change-Id */
	uint16_t             change_run;
};

/* Open the repository and the state of CONF (borrowed).  Nothing is loaded yet.  NULL with ERR_REPO. */
struct store *store_open(const struct conf *conf, const struct store_sink *sink, struct err *err);
void store_free(struct store *store);

/* Load all of main; the sink hears of every zone.  ERR_REPO. */
bool store_load(struct store *store, struct err *err);

/* Look at main again; when somebody else moved it, take over what changed and tell the sink. ERR_REPO. */
bool store_adopt(struct store *store, struct err *err);

struct store_file *store_find(const struct store *store, enum file_kind kind, const char *name);

/* All files of KIND in order of names, in ARENA. */
struct store_file **store_list(const struct store *store, enum file_kind kind, struct arena *arena, size_t *count);

/* The file KIND NAME; made when there is none. */
struct store_file *store_add(struct store *store, enum file_kind kind, const char *name, const char *path);

/* A file that is no longer in main and that the sink has done with. */
void store_forget(struct store *store, struct store_file *file);

/* ZONE (taken) is now in force for FILE, as BLOB in main, made by ENTRY (copied; NULL: not known). */
void store_put_zone(struct store *store, struct store_file *file, struct zone *zone, const char *blob, const struct log_entry *entry);

/* The last commit of FILE, from history when it must be; never NULL. */
const struct log_entry *store_last(struct store *store, struct store_file *file);

/* The zone that TEXT makes, complete and checked; NULL with all findings in REPORT. */
struct zone *store_parse_zone(const uint8_t *apex, const uint8_t *origin, const char *text, size_t len, struct report *report);

/* The same of a blob, without checks, for looking at history: what of it can be read; NULL when there is none (BLOB "") or it cannot be read at all. */
struct zone *store_read_zone(struct store *store, const uint8_t *apex, const char *blob);

/* Is a key of that name in force? */
bool store_has_key(const struct store *store, const uint8_t *name);

/* Bring info's counts and the gauges up to date. */
void store_count(struct store *store);

#endif
