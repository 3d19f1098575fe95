/* SPDX-License-Identifier: ISC */
/*
 * `zonesh check`: the configuration and every file of the repository, without a daemon.  Findings go to standard output as the
 * editor and checkzone show them, with the path in the repository as the file's name.
 */
#include "store/init.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/crypt.h"
#include "base/proc.h"
#include "base/str.h"
#include "store/account.h"
#include "store/file.h"
#include "store/policy.h"
#include "store/repo.h"
#include "zone/check.h"
#include "zone/key.h"
#include "zone/zone.h"
#include "zone/zonefile.h"

struct file {
	const char    *path, *blob;
	char           name[NAME_TEXT_MAX];     /* what it is about (file.h) */
	enum file_kind kind;
	const char    *text;
	size_t         len;
};

struct checking {
	struct arena *arena;            /* of all */
	struct file  *files;
	size_t        count, cap;
	size_t        read, errors, warnings, admins;
	bool          json;
	struct buf    out, json_errors, json_warnings;
};

/* ---- one function per kind of file ---- */

/* What a reader that stops at the first error says, as a finding: the place stands apart from the sentence. */
static void
report_err_of(struct report *report, const struct file *file, const struct err *err)
{
	char        place[NAME_TEXT_MAX + 64];
	const char *text;

	snprintf(place, sizeof place, "%s:%u:%u: ", file->path, err->line, err->col);
	text = str_after(err->text, place);
	if (text == NULL) {
		snprintf(place, sizeof place, "%s: ", file->path);
		text = str_after(err->text, place);
	}
	report_add(report, &(struct finding){ .level = FINDING_ERROR, .code = err->id, .line = err->line, .col = err->col, .owner = "",
	    .type = "", .text = text != NULL ? text : err->text, .hint = err->hint });
}

/* False: it is no zone, but documentation. */
static bool
check_zone_file(const struct file *file, const uint8_t *apex, struct report *report)
{
	struct zonefile_opts opts = { .apex = apex };
	struct zonefile     *parsed = zonefile_parse(file->text, file->len, &opts, report);
	bool                 document = file_is_document(file->path, zonefile_count(parsed));

	if (!document && report->errors == 0) {
		struct zone *zone = zonefile_zone(parsed);

		check_zone(zone, report);
		zonefile_locate(parsed, report);
		zone_free(zone);
	}
	zonefile_free(parsed);
	return !document;
}

static void
check_account_file(struct checking *checking, const struct file *file, struct arena *arena, struct report *report)
{
	struct err            err = { 0 };
	const struct account *account = NULL;

	if (file_email_check(file->name, &err))
		account = account_parse(file->name, file->text, file->len, arena, &err);
	if (account == NULL)
		report_err_of(report, file, &err);
	else if (account->admin)
		checking->admins++;
}

/* False: nothing of ours. */
static bool
check_one(struct checking *checking, const struct file *file, struct arena *arena, struct report *report)
{
	struct err  err = { 0 };
	uint8_t     apex[NAME_SIZE] = { 0 };
	struct key *keys;
	bool        has_apex = (file->kind == FILE_ZONE || file->kind == FILE_POLICY || file->name[0] != '\0') &&
	    file->kind != FILE_ACCOUNT && name_parse_zone(apex, file->name, NULL);

	switch (file->kind) {
	case FILE_ZONE:
		return check_zone_file(file, apex, report);
	case FILE_KEYS:
		key_file_parse(&keys, file->text, file->len, has_apex ? apex : NULL, arena, report);
		break;
	case FILE_ACCOUNT:
		check_account_file(checking, file, arena, report);
		break;
	case FILE_POLICY:
		if (policy_parse(apex, file->text, file->len, arena, &err) == NULL)
			report_err_of(report, file, &err);
		break;
	case FILE_OTHER:
		return false;
	}
	return true;
}

/* ---- showing ---- */

static void
json_string(struct buf *out, const char *text)
{
	struct buf clean = { 0 };       /* valid UTF-8 without controls */

	str_escape(&clean, text, strlen(text), true, false);
	buf_putc(out, '"');
	for (const char *p = buf_str(&clean); *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *p);
	}
	buf_putc(out, '"');
	buf_done(&clean);
}

static void
json_field(struct buf *out, const char *key, const char *text)
{
	buf_putf(out, ",\"%s\":", key);
	json_string(out, text);
}

static void
json_finding(struct buf *out, const char *path, const struct finding *finding)
{
	buf_putf(out, "%s{\"code\":", out->len != 0 ? "," : "");
	json_string(out, finding->code);
	json_field(out, "file", path);
	buf_putf(out, ",\"line\":%u,\"col\":%u", finding->line, finding->col);
	json_field(out, "name", finding->owner);
	json_field(out, "type", finding->type);
	json_field(out, "message", finding->text);
	json_field(out, "hint", finding->hint);
	buf_putc(out, '}');
}

/* Take over the findings about PATH. */
static void
show(struct checking *checking, const char *path, const struct report *report)
{
	struct buf text = { 0 };

	checking->errors += report->errors;
	checking->warnings += report->warnings;
	if (!checking->json) {
		report_print(report, path, &text);
		str_escape(&checking->out, buf_str(&text), text.len, true, true);
	}
	for (size_t i = 0; checking->json && i < report->count; i++)
		json_finding(report->findings[i].level == FINDING_ERROR ? &checking->json_errors : &checking->json_warnings, path,
		    &report->findings[i]);
	buf_done(&text);
}

static void
show_sum(struct checking *checking)
{
	struct buf *out = &checking->out;

	if (checking->json)
		buf_putf(out, "{\"v\":1,\"ok\":%s,\"files\":%zu,\"errors\":[%s],\"warnings\":[%s]}\n", checking->errors == 0 ? "true" : "false",
		    checking->read, buf_str(&checking->json_errors), buf_str(&checking->json_warnings));
	else
		buf_putf(out, "%zu file%s, %zu error%s, %zu warning%s\n", checking->read, checking->read == 1 ? "" : "s", checking->errors,
		    checking->errors == 1 ? "" : "s", checking->warnings, checking->warnings == 1 ? "" : "s");
}

static void
show_err(const struct checking *checking, const struct err *err)
{
	struct buf out = { 0 };

	err_print(&out, err);
	fputs(buf_str(&out), stderr);
	buf_reset(&out);
	if (checking->json) {
		buf_puts(&out, "{\"v\":1,\"ok\":false");
		json_field(&out, "code", err->id);
		json_field(&out, "message", err->text);
		json_field(&out, "hint", err->hint);
		buf_putf(&out, ",\"line\":%u,\"col\":%u}\n", err->line, err->col);
		fputs(buf_str(&out), stdout);
	}
	buf_done(&out);
}

/* ---- all files ---- */

static bool
add_file(void *arg, const char *path, const char *blob)
{
	struct checking *checking = arg;
	struct file     *file;

	mem_grow(&checking->files, &checking->cap, checking->count + 1, sizeof checking->files[0]);
	file = &checking->files[checking->count++];
	memset(file, 0, sizeof *file);
	file->path = arena_strdup(checking->arena, path);
	file->blob = arena_strdup(checking->arena, blob);
	file->kind = file_kind(path, file->name);
	return true;
}

static bool
check_file(struct checking *checking, struct repo *repo, struct file *file, struct err *err)
{
	struct arena *arena = arena_new();      /* of this file */
	struct report report;
	char         *text;
	bool          ok;

	report_init(&report);
	ok = repo_read(repo, file->blob, arena, &text, &file->len, err);
	if (ok) {
		file->text = text;
		if (check_one(checking, file, arena, &report)) {
			checking->read++;
			show(checking, file->path, &report);
		}
	}
	report_done(&report);
	arena_free(arena);
	return ok;
}

/* ---- what keeps a daemon from starting, or from being of use ---- */

static void
report_conf(struct report *report, enum finding_level level, const char *code, const char *text, const char *hint)
{
	report_add(report, &(struct finding){ .level = level, .code = code, .owner = "", .type = "", .text = text, .hint = hint });
}

/* As sshd takes them: one is enough, but none may be there that cannot be read. */
static void
check_host_keys(struct checking *checking, const struct conf *conf, struct report *report)
{
	static const char *const files[] = { "hostkeys/ssh_host_ed25519_key", "hostkeys/ssh_host_rsa_key" };
	size_t                   count = 0;

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		const char *path = conf_path(conf, files[i]);

		if (access(path, F_OK) != 0)
			continue;
		count++;
		if (access(path, R_OK) != 0)
			report_conf(report, FINDING_ERROR, "E-CONF", arena_printf(checking->arena, "%s cannot be read: %s", path, strerror(errno)),
			    "run the check as the user that starts zonesh, and look at the file's owner and mode");
	}
	if (count == 0)
		report_conf(report, FINDING_ERROR, "E-CONF", arena_printf(checking->arena, "%s: there is no host key", conf_path(conf, "hostkeys")),
		    arena_printf(checking->arena, "make one: ssh-keygen -t ed25519 -N '' -f %s", conf_path(conf, files[0])));
}

static void
check_conf(struct checking *checking, const struct conf *conf)
{
	struct report report;
	struct err    err = { 0 };
	uid_t         uid;
	gid_t         gid;

	report_init(&report);
	if (!proc_owner(conf, &uid, &gid, &err))
		report_conf(&report, FINDING_ERROR, err.id, err.text, err.hint);
	check_host_keys(checking, conf, &report);
	if (conf->ssh.count == 0 && conf->dns.count == 0 && conf->http.count == 0)
		report_conf(&report, FINDING_WARNING, "W-NO-ADDRESS", "no ssh, dns or http address is set: nobody will be answered",
		    "add a line such as \"dns 192.0.2.53:53\"");
	show(checking, "zonesh.conf", &report);
	report_done(&report);
}

static void
check_branch(struct checking *checking, const struct conf *conf, struct repo *repo)
{
	struct report report;
	char          branches[256];

	repo_branches(repo, branches, sizeof branches);
	if (branches[0] == '\0')
		return;
	report_init(&report);
	report_conf(&report, FINDING_WARNING, "W-NO-BRANCH", arena_printf(checking->arena, "branch %s does not exist, there are: %s",
	    conf_str(conf, branch), branches), "set the option branch to one of them");
	show(checking, "zonesh.conf", &report);
	report_done(&report);
}

/* Without an administrator nobody could let anybody in over SSH. */
static void
check_admins(struct checking *checking)
{
	struct report report;

	if (checking->admins != 0)
		return;
	report_init(&report);
	report_conf(&report, FINDING_WARNING, "W-NO-ADMIN", "no account has the role admin", "commit a file users/EMAIL with \"role admin\" and a key");
	show(checking, "users", &report);
	report_done(&report);
}

static bool
check_repo(struct checking *checking, const struct conf *conf, struct err *err)
{
	struct repo *repo = repo_open(conf_repo(conf), conf_str(conf, branch), err);
	char         head[OID_TEXT_MAX];
	bool         ok;

	if (repo == NULL)
		return false;
	ok = repo_head(repo, head, err);
	if (ok && head[0] == '\0')
		check_branch(checking, conf, repo);
	ok = ok && repo_files(repo, head, add_file, checking, err);
	for (size_t i = 0; ok && i < checking->count; i++)
		if (checking->files[i].kind != FILE_OTHER)
			ok = check_file(checking, repo, &checking->files[i], err);
	if (ok)
		check_admins(checking);
	repo_free(repo);
	return ok;
}

static bool
check_run(struct checking *checking, int argc, char **argv, struct err *err)
{
	const char *dir = conf_dir_default(), *rest;
	struct conf conf;
	bool        ok;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			checking->json = true;
		else if (strcmp(argv[i], "--dir") == 0 && i + 1 < argc)
			dir = argv[++i];
		else if ((rest = str_after(argv[i], "--dir=")) != NULL)
			dir = rest;
		else
			return err_set(err, ERR_USAGE, "check does not know \"%s\"", argv[i]) ||
			    err_hint(err, "usage: zonesh check --dir DIR [--json]");
	}
	if (!conf_load(&conf, dir, err))
		return false;
	check_conf(checking, &conf);
	ok = check_repo(checking, &conf, err);
	conf_done(&conf);
	return ok;
}

int
check_main(int argc, char **argv)
{
	struct checking checking = { .arena = arena_new() };
	struct err      err = { 0 };
	int             status;

	crypt_init();
	if (check_run(&checking, argc, argv, &err)) {
		show_sum(&checking);
		status = checking.errors != 0 ? err_exit(ERR_CHECK) : 0;
		fputs(buf_str(&checking.out), stdout);
	} else {
		show_err(&checking, &err);
		/* What serve would stumble over is a finding like any other. */
		status = err_exit(err.code == ERR_CONF || err.code == ERR_REPO ? ERR_CHECK : err.code);
	}
	buf_done(&checking.out);
	buf_done(&checking.json_errors);
	buf_done(&checking.json_warnings);
	free(checking.files);
	arena_free(checking.arena);
	return status;
}
