/* SPDX-License-Identifier: ISC */
/*
 * Arguments and environment of the git program for a remote, and what its output means.
 */
#include "store/remote_git.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/str.h"

#define WORDS_MAX  16
#define ENV_MAX    40
#define SECRET_MIN 3    /* shorter ones would turn any message to stars */

/* A fetched pack may be the only copy that we serve from, so git must sync it as libgit2 does. */
static const char *const settings[][2] = {
	{ "safe.directory",      "*"     },
	{ "gc.auto",             "0"     },
	{ "maintenance.auto",    "false" },
	{ "core.fsync",          "all"   },
	{ "core.hooksPath",      "/dev/null" },
	{ "credential.interactive", "false" },
	{ "http.lowSpeedLimit",  "1"     },
	{ "protocol.ext.allow",  "never" },
};

static const char *const environment[] = {
	"LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "SSH_ASKPASS=", "GIT_TRACE=", "GIT_TRACE_CURL=",
};

static void
env_setting(struct remote_git *out, size_t *env, size_t *settings_count, const char *key, const char *value, struct arena *arena)
{
	out->env[(*env)++] = arena_printf(arena, "GIT_CONFIG_KEY_%zu=%s", *settings_count, key);
	out->env[(*env)++] = arena_printf(arena, "GIT_CONFIG_VALUE_%zu=%s", (*settings_count)++, value);
}

/* Where the user and password of URL stand: false when it has none.  What is secret: a password; over HTTP the user as well, as tokens stand there. */
static bool
url_secret(const char *url, const char **start, size_t *len)
{
	const char *scheme = strstr(url, "://"), *at, *colon;
	size_t      authority;

	if (scheme == NULL)
		return false;
	*start = scheme + 3;
	authority = strcspn(*start, "/?#");
	at = memrchr(*start, '@', authority);
	if (at == NULL)
		return false;
	colon = memchr(*start, ':', (size_t)(at - *start));
	if (str_after(url, "http") == NULL) {
		if (colon == NULL)
			return false;
		*start = colon + 1;
	}
	*len = (size_t)(at - *start);
	return true;
}

/* "%40" as "@", as far as it is that. */
static size_t
percent_decode(uint8_t *out, const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char hex[3] = "";

		if (text[i] == '%' && len - i > 2)
			memcpy(hex, text + i + 1, 2);
		if (strspn(hex, "0123456789abcdefABCDEF") == 2) {
			out[n++] = (uint8_t)strtoul(hex, NULL, 16);
			i += 2;
		} else {
			out[n++] = (uint8_t)text[i];
		}
	}
	return n;
}

/* Git gives its HTTP helper the URL as an argument: user and password of *URL as a header, and *URL without them.  NULL: it has none. */
static const char *
take_password(const char **url, struct arena *arena)
{
	const char *start, *header;
	size_t      len;
	uint8_t    *plain;
	struct buf  base64 = { 0 };

	if (str_after(*url, "http") == NULL || !url_secret(*url, &start, &len) || memchr(start, ':', len) == NULL)
		return NULL;
	plain = arena_alloc(arena, len);
	str_base64_encode(&base64, plain, percent_decode(plain, start, len));
	header = arena_printf(arena, "Authorization: Basic %s", buf_str(&base64));
	buf_done(&base64);
	*url = arena_printf(arena, "%.*s%s", (int)(start - *url), *url, start + len + 1);
	return header;
}

void
remote_git(struct remote_git *out, const char *repo, const char *url, const char *branch, int64_t timeout_ms, const char *const words[],
    struct arena *arena)
{
	size_t      env = 0, count = 0, arg = 0;
	long long   seconds = (timeout_ms + 999) / 1000;
	const char *header = take_password(&url, arena);

	out->argv = arena_array(arena, WORDS_MAX, sizeof out->argv[0]);
	out->env = arena_array(arena, ENV_MAX, sizeof out->env[0]);
	out->argv[arg++] = arena_strdup(arena, "git");
	out->argv[arg++] = arena_printf(arena, "--git-dir=%s", repo);
	for (size_t i = 0; words[i] != NULL && arg + 1 < WORDS_MAX; i++)
		out->argv[arg++] = arena_strdup(arena, words[i]);

	for (size_t i = 0; i < sizeof environment / sizeof environment[0]; i++)
		out->env[env++] = arena_strdup(arena, environment[i]);
	if (getenv("GIT_SSH_COMMAND") == NULL)
		out->env[env++] = arena_printf(arena, "GIT_SSH_COMMAND=ssh -oBatchMode=yes -oConnectTimeout=%lld "
		    "-oServerAliveInterval=5 -oServerAliveCountMax=3", seconds);
	for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
		env_setting(out, &env, &count, settings[i][0], settings[i][1], arena);
	env_setting(out, &env, &count, "http.lowSpeedTime", arena_printf(arena, "%lld", seconds), arena);
	env_setting(out, &env, &count, "remote." REMOTE_GIT_NAME ".url", url, arena);
	if (header != NULL)
		env_setting(out, &env, &count, "http.extraHeader", header, arena);
	env_setting(out, &env, &count, "remote." REMOTE_GIT_NAME ".fetch",
	    arena_printf(arena, "+refs/heads/%s:refs/remotes/origin/%s", branch, branch), arena);
	out->env[env++] = arena_printf(arena, "GIT_CONFIG_COUNT=%zu", count);
}

bool
remote_url_check(const char *url, struct err *err)
{
	for (const char *p = url; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return err_set(err, ERR_CONF, "a remote's URL has no blanks or control characters");
	if (url[0] != '-' && url[0] != '\0' && str_after(url + strcspn(url, ":/["), "::") == NULL)
		return true;    /* HELPER::ADDRESS would run a program */
	err_set(err, ERR_CONF, "\"%s\" is not a remote", url);
	return err_hint(err, "write https://HOST/PATH, ssh://USER@HOST/PATH, USER@HOST:PATH, file:///PATH or a path");
}

void
remote_url_show(char out[static 256], const char *url)
{
	const char *start;
	size_t      len;

	if (url_secret(url, &start, &len))
		snprintf(out, 256, "%.*s***%s", (int)(start - url), url, start + len);
	else
		snprintf(out, 256, "%s", url);
}

/* Append LINE without the secret of URL. */
static void
put_hidden(struct buf *out, const char *line, size_t len, const char *secret, size_t secret_len)
{
	const char *end = line + len, *hit;

	while (secret_len >= SECRET_MIN && (hit = memmem(line, (size_t)(end - line), secret, secret_len)) != NULL) {
		buf_put(out, line, (size_t)(hit - line));
		buf_puts(out, "***");
		line = hit + secret_len;
	}
	buf_put(out, line, (size_t)(end - line));
}

/* The line of OUTPUT that says most: git's own verdict, else the last one. */
static void
telling_line(struct buf *out, const char *output, const char *url)
{
	static const char *const starts[] = { "fatal: ", "ERROR: ", "error: ", "ssh: ", "!\t" };
	const char              *best = "", *before = "", *last = "", *secret = "", *colon;
	size_t                   best_rank = sizeof starts / sizeof starts[0] + 1, secret_len = 0;

	for (const char *line = output; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n') {
		size_t rank = sizeof starts / sizeof starts[0];

		for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
			if (str_after(line, starts[i]) != NULL && i < rank)
				rank = i;
		if (rank < best_rank || (rank == best_rank && rank == sizeof starts / sizeof starts[0] && *line != '\n')) {
			best = line;
			best_rank = rank;
			before = last;
		}
		last = *line != '\n' ? line : last;
	}
	url_secret(url, &secret, &secret_len);
	colon = memchr(secret, ':', secret_len);
	if (colon != NULL) {    /* git may leave the user and drop the password, or show either alone */
		secret_len -= (size_t)(colon + 1 - secret);
		secret = colon + 1;
	}
	if (*before != '\0' && str_after(best, "fatal: Could not read from remote repository") != NULL) {    /* ssh says why, git only that */
		put_hidden(out, before, strcspn(before, "\r\n"), secret, secret_len);
		buf_puts(out, "; ");
	}
	put_hidden(out, best, strcspn(best, "\n"), secret, secret_len);
}

bool
remote_git_result(const char *what, const char *url, int64_t timeout_ms, int wait_status, const char *output, struct err *err)
{
	static const struct { const char *text; enum err_code code; const char *hint; } known[] = {
		{ "couldn't find remote ref", ERR_NOTFOUND, "" },
		{ "[rejected]",               ERR_CONFLICT, "" },
		{ "(non-fast-forward)",       ERR_CONFLICT, "" },
		{ "(fetch first)",            ERR_CONFLICT, "" },
		{ "cannot lock ref",          ERR_CONFLICT, "" },
		{ "incorrect old value",      ERR_CONFLICT, "" },
		{ "failed to update ref",     ERR_CONFLICT, "" },
		{ "Host key verification failed", ERR_FAILED, "add the host's key to known_hosts of the user that the daemon runs as" },
		{ "Permission denied (publickey", ERR_FAILED, "give the user that the daemon runs as an SSH key that the remote accepts" },
		{ "could not read Username",  ERR_FAILED, "the remote wants a user and password that it accepts: put them into the URL or a credential helper" },
		{ "does not appear to be a git repository", ERR_REPO, "check the URL or path of the remote" },
	};
	struct buf line = { 0 };
	char       shown[256];

	if (wait_status == 0)
		return true;
	remote_url_show(shown, url);
	if (wait_status == -1)
		return err_set(err, ERR_BUSY, "%s %s took longer than %lld s", what, shown, (long long)timeout_ms / 1000);
	telling_line(&line, output, url);
	err_set(err, ERR_FAILED, "%s %s failed: %s", what, shown, line.len != 0 ? buf_str(&line) : "git said nothing");
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strstr(output, known[i].text) != NULL) {
			char text[sizeof err->text];

			snprintf(text, sizeof text, "%s", err != NULL ? err->text : "");
			err_set(err, known[i].code, "%s", text);
			if (known[i].hint[0] != '\0')
				err_hint(err, "%s", known[i].hint);
			break;
		}
	buf_done(&line);
	return false;
}
