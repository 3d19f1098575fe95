/* SPDX-License-Identifier: ISC */
/*
 * `zonesh init`: its options, and everything that can be known to be wrong before anything is made.
 */
#include "store/init.h"

#include <errno.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/crypt.h"
#include "base/str.h"
#include "store/file.h"
#include "store/init_private.h"
#include "store/remote_git.h"
#include "store/repo.h"

#define KEY_FILE_MAX 16384
#define SECRET_BYTES 32
#define LABEL_MAX    64

static const struct option_row {
	const char *name;
	size_t      at;         /* of the const char * in struct init */
	const char *conf;       /* or the option of the configuration that it sets */
	const char *arg, *help;
} options[] = {
	{ "dir",       offsetof(struct init, dir),       NULL,   "DIR",         "the data directory to make" },
	{ "repo",      offsetof(struct init, repo),      NULL,   "PATH_OR_URL", "take over this bare repository, or clone this URL and keep it as remote" },
	{ "branch",    offsetof(struct init, branch),    NULL,   "BRANCH",      "branch that is served (main)" },
	{ "name",      offsetof(struct init, name),      NULL,   "HOST",        "host name that commands and screens show (this machine's)" },
	{ "admin",     offsetof(struct init, admin),     NULL,   "EMAIL",       "the first administrator" },
	{ "admin-key", offsetof(struct init, admin_key), NULL,   "FILE",        "public SSH key of the administrator" },
	{ "user",      offsetof(struct init, user),      NULL,   "NAME",        "system user that owns the data, when run as root" },
	{ "ssh",       0,                                "ssh",  "ADDR:PORT",   "repeatable (0.0.0.0:2222 and [::]:2222)" },
	{ "dns",       0,                                "dns",  "ADDR:PORT",   "repeatable (0.0.0.0:53 and [::]:53)" },
	{ "http",      0,                                "http", "ADDR:PORT",   "repeatable (127.0.0.1:8053)" },
};

static const struct { const char *option, *value; } address_defaults[] = {
	{ "ssh", "0.0.0.0:2222" }, { "ssh", "[::]:2222" }, { "dns", "0.0.0.0:53" }, { "dns", "[::]:53" }, { "http", "127.0.0.1:8053" },
};

void
init_say(struct init *init, const char *what, const char *fmt, ...)
{
	va_list ap;

	buf_putf(&init->says, "%-13s ", what);
	va_start(ap, fmt);
	buf_vputf(&init->says, fmt, ap);
	va_end(ap);
	buf_putc(&init->says, '\n');
}

/* ---- options ---- */

static void
usage(void)
{
	puts("usage: zonesh init --dir DIR [OPTION...]");
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		printf("  --%s %-*s %s\n", options[i].name, (int)(20 - strlen(options[i].name)), options[i].arg, options[i].help);
}

static bool
take_option(struct init *init, const struct option_row *row, const char *value, struct err *err)
{
	const char **field = (const char **)((char *)init + row->at);

	if (row->conf != NULL)
		return conf_set(&init->conf, row->conf, value, err);
	if (*field != NULL)
		return err_set(err, ERR_USAGE, "--%s is given twice", row->name);
	if (value[0] == '\0')
		return err_set(err, ERR_USAGE, "--%s is empty", row->name);
	*field = value;
	return true;
}

/* The row of the option ARG, and behind "=" its value. */
static const struct option_row *
find_option(const char *arg, const char **value)
{
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		const char *rest = str_after(arg, "--");

		rest = rest != NULL ? str_after(rest, options[i].name) : NULL;
		if (rest == NULL || (*rest != '\0' && *rest != '='))
			continue;
		*value = *rest == '=' ? rest + 1 : NULL;
		return &options[i];
	}
	return NULL;
}

static bool
take_options(struct init *init, int argc, char **argv, struct err *err)
{
	for (int i = 1; i < argc; i++) {
		const char              *value;
		const struct option_row *row = find_option(argv[i], &value);

		if (row == NULL) {
			err_set(err, ERR_USAGE, "init does not know \"%s\"", argv[i]);
			return err_hint(err, "zonesh init --help lists its options");
		}
		if (value == NULL && i + 1 == argc)
			return err_set(err, ERR_USAGE, "--%s wants %s", row->name, row->arg);
		if (!take_option(init, row, value != NULL ? value : argv[++i], err))
			return false;
	}
	return true;
}

/* The directory decides where the configuration lives, so it is looked for before the others. */
static const char *
find_dir(int argc, char **argv)
{
	const char *value;

	for (int i = 1; i < argc; i++) {
		const struct option_row *row = find_option(argv[i], &value);

		if (row == &options[0] && (value != NULL || i + 1 < argc))
			return value != NULL ? value : argv[i + 1];
		i += row != NULL && value == NULL;
	}
	return conf_dir_default();
}

/* ---- is it possible? ---- */

static bool
verify_dir(struct init *init, struct err *err)
{
	struct stat st;

	if (lstat(conf_path(&init->conf, "zonesh.conf"), &st) == 0) {
		err_set(err, ERR_EXISTS, "%s is a data directory already", init->conf.dir);
		return err_hint(err, "start it with: zonesh serve --dir %s", init->conf.dir);
	}
	if (lstat(conf_path(&init->conf, "zones.git"), &st) == 0 && init->source != INIT_REPO_TAKE) {
		err_set(err, ERR_EXISTS, "%s holds a repository already", init->conf.dir);
		return err_hint(err, "keep it with: --repo %s", conf_path(&init->conf, "zones.git"));
	}
	if (lstat(conf_path(&init->conf, "hostkeys"), &st) == 0 || lstat(conf_path(&init->conf, "state"), &st) == 0) {
		err_set(err, ERR_EXISTS, "%s holds parts of a data directory", init->conf.dir);
		return err_hint(err, "give another directory, or move hostkeys and state away");
	}
	if (stat(init->conf.dir, &st) == 0 && !S_ISDIR(st.st_mode))
		return err_set(err, ERR_EXISTS, "%s is not a directory", init->conf.dir);
	return true;
}

/* The configuration, but for the repository. */
static bool
verify_conf(struct init *init, struct err *err)
{
	char    host[256] = "", secret[2 * SECRET_BYTES + 1];
	uint8_t random[SECRET_BYTES];
	bool    none[3] = { init->conf.ssh.count == 0, init->conf.dns.count == 0, init->conf.http.count == 0 };
	bool    ok = true;

	for (size_t i = 0; ok && i < sizeof address_defaults / sizeof address_defaults[0]; i++)
		if (none[i < 2 ? 0 : i < 4 ? 1 : 2])
			ok = conf_set(&init->conf, address_defaults[i].option, address_defaults[i].value, err);
	if (init->name == NULL && gethostname(host, sizeof host - 1) == 0 && host[0] != '\0')
		init->name = arena_strdup(init->arena, host);
	if (init->name != NULL)
		ok = ok && conf_set(&init->conf, "name", init->name, err);
	if (init->branch != NULL)
		ok = ok && conf_set(&init->conf, "branch", init->branch, err);
	crypt_random(random, sizeof random);
	for (size_t i = 0; i < sizeof random; i++)
		sprintf(secret + 2 * i, "%02x", random[i]);
	return ok && conf_set(&init->conf, "webhook-secret", secret, err);
}

static bool
verify_user(struct init *init, struct err *err)
{
	const struct passwd *pw;

	if (init->user == NULL)
		return true;
	pw = getpwnam(init->user);
	if (pw == NULL)
		return err_set(err, ERR_NOTFOUND, "there is no user %s on this machine", init->user);
	if (geteuid() != 0 && pw->pw_uid != geteuid()) {
		err_set(err, ERR_DENIED, "only root can make a data directory for another user");
		return err_hint(err, pw->pw_uid == 0 ? "run it as root" : "run it as root, or as %s", init->user);
	}
	init->uid = pw->pw_uid;
	init->gid = pw->pw_gid;
	init->chown = geteuid() == 0;
	return conf_set(&init->conf, "user", init->user, err);
}

/* ---- the administrator ---- */

static bool
read_key_file(struct init *init, char **text, struct err *err)
{
	FILE  *file = fopen(init->admin_key, "re");
	size_t len;

	*text = arena_alloc(init->arena, KEY_FILE_MAX + 1);
	if (file == NULL)
		return err_errno(err, ERR_NOTFOUND, "cannot open the key file %s", init->admin_key);
	len = fread(*text, 1, KEY_FILE_MAX, file);
	if (ferror(file))
		len = 0;
	fclose(file);
	(*text)[len] = '\0';
	if (strstr(*text, "PRIVATE KEY") != NULL) {
		err_set(err, ERR_SYNTAX, "%s is a private key", init->admin_key);
		return err_hint(err, "give the public one: %s.pub", init->admin_key);
	}
	return true;
}

/* Append the line of a key file as a line of the account: its label becomes one plain word. */
static bool
put_key(struct init *init, struct buf *out, const char *line, struct err *err)
{
	char   type[128], base64[KEY_FILE_MAX], label[LABEL_MAX], fingerprint[64];
	int    at = 0;

	if (sscanf(line, "%127s %16383s %n", type, base64, &at) < 2 || at == 0) {
		err_set(err, ERR_SYNTAX, "%s is not a public SSH key", init->admin_key);
		return err_hint(err, "it has one line: TYPE BASE64 COMMENT, as in ~/.ssh/id_ed25519.pub");
	}
	if (!account_key_type(type)) {
		err_set(err, ERR_SYNTAX, "%s: \"%s\" is not a type of key that may log in", init->admin_key, type);
		return err_hint(err, "make one with: ssh-keygen -t ed25519, or for a security key: ssh-keygen -t ed25519-sk");
	}
	if (!account_fingerprint(fingerprint, type, base64))
		return err_set(err, ERR_SYNTAX, "%s: this is not the base64 of an %s public key", init->admin_key, type);
	snprintf(label, sizeof label, "%.*s", (int)strcspn(line + at, "\n"), line + at);
	for (char *p = label; *p != '\0'; p++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@._+-", *p) == NULL)
			*p = '-';
	buf_putf(out, "key %s %s%s%s\n", type, base64, label[0] != '\0' ? " " : "", label);
	return true;
}

/* The account's file, and read back as the store will read it. */
static bool
verify_account(struct init *init, struct err *err)
{
	size_t     local = strcspn(init->admin, "@");
	struct buf out = { 0 };
	char      *text;
	bool       ok = true;

	if (memchr(init->admin, '#', local) == NULL && local < 64)      /* else the reader's default, which is the same */
		buf_putf(&out, "name %.*s\n", (int)local, init->admin);
	buf_puts(&out, "role admin\n");
	if (!read_key_file(init, &text, err))
		ok = false;
	for (char *line = ok ? text : NULL; ok && line != NULL && *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n') {
		size_t len = strcspn(line, "\r\n");
		char  *copy = arena_strndup(init->arena, line, len);

		if (copy[strspn(copy, " \t")] != '\0' && copy[0] != '#')
			ok = put_key(init, &out, copy, err);
	}
	init->account_text = arena_strdup(init->arena, buf_str(&out));
	buf_done(&out);
	if (ok)
		init->account = account_parse(init->admin, init->account_text, strlen(init->account_text), init->arena, err);
	return init->account != NULL;
}

static bool
verify_admin(struct init *init, struct err *err)
{
	if (init->admin == NULL && init->admin_key == NULL)
		return true;
	if (init->admin == NULL || init->admin_key == NULL) {
		err_set(err, ERR_USAGE, "--admin and --admin-key belong together");
		return err_hint(err, "--admin alice@example.org --admin-key ~/.ssh/id_ed25519.pub");
	}
	return file_email_check(init->admin, err) && verify_account(init, err);
}

/* ---- the repository ---- */

/* A URL, or USER@HOST:PATH. */
static bool
is_url(const char *text)
{
	size_t plain = strcspn(text, "/:");

	return strstr(text, "://") != NULL || (text[plain] == ':' && memchr(text, '@', plain) != NULL);
}

/* A branch that the repository has when it lacks the one that is wanted. */
static bool
other_branch(struct repo *repo, const char *path, const char *branch, struct err *err)
{
	static const char *const usual[] = { "main", "master", "trunk" };
	char                     ref[64], commit[OID_TEXT_MAX];

	for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
		snprintf(ref, sizeof ref, "refs/heads/%s", usual[i]);
		if (strcmp(usual[i], branch) == 0 || !repo_ref(repo, ref, commit, err) || commit[0] == '\0')
			continue;
		err_set(err, ERR_NOTFOUND, "%s has no branch %s", path, branch);
		return err_hint(err, "it has %s: use --branch %s", usual[i], usual[i]);
	}
	return true;
}

/* Files that root makes in somebody else's repository must become his, and he is who the store has to be. */
static bool
verify_repo_owner(struct init *init, const char *path, struct err *err)
{
	struct stat          st;
	const struct passwd *pw;

	if (stat(path, &st) != 0)
		return err_errno(err, ERR_REPO, "%s", path);
	if (geteuid() != 0) {
		if (access(path, W_OK) == 0)
			return true;
		return err_set(err, ERR_REPO, "%s cannot be written by you", path);
	}
	if (init->user != NULL && init->uid != st.st_uid) {
		err_set(err, ERR_REPO, "%s does not belong to %s", path, init->user);
		return err_hint(err, "chown -R %s %s, or leave out --user to run as its owner", init->user, path);
	}
	pw = getpwuid(st.st_uid);
	if (init->user != NULL || st.st_uid == 0 || pw == NULL)
		return true;
	init->uid = st.st_uid;
	init->gid = st.st_gid;
	init->chown = true;
	return conf_set(&init->conf, "user", pw->pw_name, err);
}

static bool
verify_taken_repo(struct init *init, struct err *err)
{
	char         head[OID_TEXT_MAX], *found = realpath(init->repo, NULL);
	const char  *branch = conf_str(&init->conf, branch), *real;
	struct repo *repo;
	bool         ok;

	if (found == NULL) {
		err_errno(err, ERR_REPO, "there is no repository at %s", init->repo);
		return err_hint(err, "leave out --repo for a new one");
	}
	real = arena_strdup(init->arena, found);
	free(found);
	repo = repo_open(real, branch, err);
	if (repo == NULL)
		return false;
	ok = repo_head(repo, head, err) && (head[0] != '\0' || other_branch(repo, real, branch, err));
	repo_free(repo);
	return ok && verify_repo_owner(init, real, err) && conf_set(&init->conf, "repo", real, err);
}

static bool
verify_repo(struct init *init, struct err *err)
{
	if (init->source == INIT_REPO_TAKE)
		return verify_taken_repo(init, err);
	if (init->source == INIT_REPO_CLONE)
		return remote_url_check(init->repo, err) && conf_set(&init->conf, "remote", init->repo, err);
	return true;
}

/* ---- what people read ---- */

/* Could the daemon listen there now? */
static const char *
port_state(const struct addr *addr)
{
	int         fd = socket(addr->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	const char *state = "free";

	if (fd < 0)
		return strerror(errno);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (addr->sa.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (bind(fd, (const struct sockaddr *)&addr->sa, addr->len) != 0)
		state = errno == EADDRINUSE ? "in use by another program now" : errno == EACCES ? "needs root" : strerror(errno);
	close(fd);
	return state;
}

static void
say_addresses(struct init *init, const char *what, const struct conf_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct addr addr;

		if (addr_parse(&addr, list->items[i], NULL))
			init_say(init, i == 0 ? what : "", "%-22s %s", list->items[i], port_state(&addr));
	}
}

static void
say_rest(struct init *init)
{
	say_addresses(init, "ssh", &init->conf.ssh);
	say_addresses(init, "dns", &init->conf.dns);
	say_addresses(init, "http", &init->conf.http);
	for (size_t i = 0; init->account != NULL && i < init->account->key_count; i++)
		init_say(init, i == 0 ? "admin" : "", "%s  %s (%s)%s", i == 0 ? init->admin : "", init->account->keys[i].fingerprint,
		    init->account->keys[i].type, init->account_there ? "; users/ has this account already, it was left as it is" : "");
	if (init->account == NULL)
		init_say(init, "admin", "none: commit a file users/EMAIL, see zonesh-files(5); the local user is administrator on this host");
	init_say(init, "next", "zonesh serve --dir %s", str_show(init->conf.dir));
}

static bool
init_run(struct init *init, int argc, char **argv, struct err *err)
{
	if (!take_options(init, argc, argv, err))
		return false;
	init->source = init->repo == NULL ? INIT_REPO_NEW : is_url(init->repo) ? INIT_REPO_CLONE : INIT_REPO_TAKE;
	if (!verify_dir(init, err) || !verify_conf(init, err) || !verify_user(init, err) || !verify_admin(init, err) ||
	    !verify_repo(init, err) || !init_make(init, err))
		return false;
	say_rest(init);
	return true;
}

int
init_main(int argc, char **argv)
{
	struct init init = { .arena = arena_new() };
	struct err  err = { 0 };
	struct buf  text = { 0 };
	bool        ok;

	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		usage();
		arena_free(init.arena);
		return 0;
	}
	umask(077);
	crypt_init();
	conf_init(&init.conf, find_dir(argc, argv));
	ok = init_run(&init, argc, argv, &err);
	if (ok)
		fputs(buf_str(&init.says), stdout);
	else
		err_print(&text, &err);
	fputs(buf_str(&text), stderr);
	buf_done(&text);
	buf_done(&init.says);
	conf_done(&init.conf);
	arena_free(init.arena);
	return err_exit(err.code);
}
