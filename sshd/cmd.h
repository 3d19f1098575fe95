/* SPDX-License-Identifier: ISC */
/*
 * The table of commands.  A row says what a command is called, which arguments and options it takes, who may give it, what it prints
 * and how it ends; grammar, help, completion and JSON are made from it.  Rows live in cmd_NOUN.c beside their functions:
 * a new command is one row and one function there.
 */
#ifndef SSHD_CMD_H
#define SSHD_CMD_H

#include <stdbool.h>
#include <stdint.h>

#include "sshd/out.h"
#include "store/client.h"

#define CMD_OPTIONS_MAX 20
#define CMD_STDIN_MAX   (16u << 20)
#define CMD_STDIN_MS    30000   /* without input */

enum cmd_flag {
	CMD_WRITE = 1,          /* changes a zone: --dry-run and the other options of writes */
	CMD_LOCAL = 2           /* needs no daemon */
};

/* Who may give a command; what the role in a zone allows, the store decides. */
enum cmd_who { CMD_ANYONE, CMD_PERSON, CMD_VIEWER, CMD_MAINTAINER, CMD_ADMIN, CMD_WHOS };

struct cmd_option {
	const char *name;       /* NULL: end of the list */
	char        letter;     /* 'm' for -m, '#' for -3 */
	bool        many;       /* may be repeated */
	const char *value;      /* what it takes; NULL: nothing */
	const char *help;
};

struct run;

struct cmd {
	const char       *noun, *verb;  /* verb "": the noun alone */
	const char       *alias;        /* another word for the verb; NULL: none */
	const char       *args;         /* "ZONE [NAME]"; from RDATA on everything is data */
	unsigned          flags;        /* enum cmd_flag */
	enum cmd_who      who;
	const struct cmd_option *options;       /* its own; NULL: none */
	const char       *help;         /* one line */
	const char       *text;         /* more; NULL */
	const char       *examples;     /* one per line */
	const char       *json;         /* members of its object, beside v and ok */
	const char       *exits;        /* exit status besides 0, 2 and 5: "3 4 6" */
	bool            (*run)(struct run *run);        /* false with run->err set */
};

struct cmd_value { const struct cmd_option *option; const char *value; };

/* One command being carried out. */
struct run {
	struct out         out;
	struct arena      *arena;
	const struct cmd  *cmd;         /* NULL until it is known */
	/* How to reach the store, asked once when it is needed; then CLIENT is set. */
	struct client   *(*connect)(void *arg, struct err *err);
	void              *connect_arg;
	struct client     *client;      /* owned */
	struct identity    who;         /* when CLIENT is set */
	uint32_t           zones, keys;
	char              *scope;       /* owned */
	int                in;          /* descriptor of the input */
	bool               in_tty;
	char             **words;       /* the arguments */
	bool              *quoted;
	size_t             count;
	struct cmd_value   values[64];
	size_t             value_count;
	json_t            *json;        /* what --json prints */
	const char        *zone;        /* that it is about; NULL: none, or not yet */
	struct report      report;      /* findings to show with an error */
	const char        *report_file; /* whose lines they count; "" */
	bool               report_shown;        /* as data already, which tells the error too */
	int                exit;        /* of a success */
	struct err         err;
};

/* ---- cmd.c ---- */
const struct cmd *cmd_at(size_t i);             /* rows in the order of the help; NULL past the end */
const struct cmd *cmd_find(const char *noun, const char *verb);         /* NULL: none. "" for the noun alone */
bool cmd_is_noun(const char *word);
void run_init(struct run *run);                 /* OUT on stdout and stderr, IN on stdin */
void run_done(struct run *run);
/* Carry out WORDS (kept by the caller) and print all there is to print.  The exit status. */
int  run_words(struct run *run, char **words, const bool *quoted, size_t count);
/* The same for the words behind noun and verb, for a row of no table. */
int  run_row(struct run *run, const struct cmd *cmd, char **words, const bool *quoted, size_t count);
bool run_connect(struct run *run);              /* once; false with run->err */

/* ---- cmd_args.c ---- */
bool run_parse(struct run *run, char **words, const bool *quoted, size_t count);
const char *run_option(const struct run *run, const char *name);        /* the last value; "" for one without; NULL: not given */
bool run_option_next(const struct run *run, const char *name, size_t *at, const char **value);  /* all of them; start with *AT = 0 */
bool run_option_number(struct run *run, const char *name, uint32_t max, bool *given, uint32_t *out);    /* ERR_USAGE */
size_t cmd_options(const struct cmd *cmd, const struct cmd_option *out[static CMD_OPTIONS_MAX]);        /* its own and the common ones */
const char *run_word(const struct run *run, size_t i);                  /* "" when there are fewer */
bool run_usage(struct run *run, const char *fmt, ...) __attribute__((format(printf, 2, 3)));    /* ERR_USAGE with the usage line. Always false */
void cmd_usage(struct buf *out, const struct cmd *cmd);                 /* "record add ZONE NAME TYPE RDATA... [--ttl TTL]" */
/* All of the input, NUL-terminated, in the arena.  ERR_LIMIT: over 16 MiB, or nothing came for 30 s. */
bool run_input(struct run *run, char **text, size_t *len);

/* ---- cmd_help.c ---- */
bool help_nouns(struct run *run);
bool help_noun(struct run *run, const char *noun);
bool help_cmd(struct run *run, const struct cmd *cmd);
bool help_run(struct run *run);

#define CMD_TABLES(X) X(zone) X(record) X(log) X(update) X(misc)
#define X(noun) extern const struct cmd cmds_##noun[];
CMD_TABLES(X)
#undef X

#endif
