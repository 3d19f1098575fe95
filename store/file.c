/* SPDX-License-Identifier: ISC */
/*
 * Kinds of files by path.  A name is a zone's only if it reads back as itself: what would have to be
 * converted (U-labels, escapes) could not be found again under the name that we would write.
 */
#include "store/file.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

#define EMAIL_MAX 254   /* RFC 5321 4.5.3.1 */

static const struct {
	const char    *dir;     /* with the slash */
	enum file_kind kind;
} dirs[] = {
	{ "users/",  FILE_ACCOUNT },
	{ "policy/", FILE_POLICY  },
};

static const char *const document_names[] = {       /* without a dot; "README-de" counts as well */
	"readme", "license", "licence", "copying", "changelog", "changes", "news", "authors", "contributing", "contributors",
	"maintainers", "codeowners", "notice", "security", "todo", "makefile", "dockerfile", "justfile",
};

static const char *const document_ends[] = {
	".md", ".txt", ".rst", ".html", ".adoc", ".sh", ".json", ".yml", ".yaml", ".toml", ".conf", ".nix", ".orig", ".bak",
};

/* The zone called TEXT (LEN bytes, perhaps a final dot), normalised into NAME; false when that is no zone's file name. */
static bool
zone_name(char name[static NAME_TEXT_MAX], const char *text, size_t len)
{
	uint8_t wire[NAME_SIZE];
	char    given[NAME_SIZE];

	if (len != 0 && text[len - 1] == '.')
		len--;
	if (len == 0 || len >= sizeof given)
		return false;
	memcpy(given, text, len);
	given[len] = '\0';
	if (!name_parse_zone(wire, given, NULL))
		return false;
	name_print_zone(name, wire);
	return strcasecmp(name, given) == 0;
}

static bool
is_dir(const char *path)
{
	for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++)
		if (strlen(path) + 1 == strlen(dirs[i].dir) && strncasecmp(path, dirs[i].dir, strlen(path)) == 0)
			return true;
	return false;
}

bool
file_is_reserved(const char *zone)
{
	size_t len = strlen(zone);

	return is_dir(zone) || (len >= 5 && strcasecmp(zone + len - 5, "_keys") == 0);
}

static enum file_kind
root_kind(const char *path, char name[static NAME_TEXT_MAX])
{
	size_t      len = strlen(path);
	const char *dot;

	if (len > 1 && path[len - 1] == '.')
		len--;
	dot = memrchr(path, '.', len);
	if (dot == NULL ? len == 5 && strncasecmp(path, "_keys", 5) == 0 :
	    path + len - dot == 6 && strncasecmp(dot, "._keys", 6) == 0) {
		name[0] = '\0';
		return dot == NULL || zone_name(name, path, (size_t)(dot - path)) ? FILE_KEYS : FILE_OTHER;
	}
	return !is_dir(path) && zone_name(name, path, len) ? FILE_ZONE : FILE_OTHER;
}

enum file_kind
file_kind(const char *path, char name[static NAME_TEXT_MAX])
{
	enum file_kind kind = FILE_OTHER;

	if (strchr(path, '/') == NULL)
		kind = root_kind(path, name);
	for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++) {
		const char *rest = str_after(path, dirs[i].dir);

		if (rest == NULL || strchr(rest, '/') != NULL || rest[0] == '.' || rest[0] == '\0')
			continue;
		if (dirs[i].kind == FILE_POLICY && zone_name(name, rest, strlen(rest)))
			kind = FILE_POLICY;
		if (dirs[i].kind == FILE_ACCOUNT && strlen(rest) < NAME_TEXT_MAX) {
			strcpy(name, rest);
			kind = FILE_ACCOUNT;
		}
	}
	if (kind == FILE_OTHER)
		name[0] = '\0';
	return kind;
}

bool
file_is_document(const char *path, size_t records)
{
	size_t len = strlen(path);

	if (records != 0)
		return false;
	for (size_t i = 0; i < sizeof document_names / sizeof document_names[0]; i++) {
		size_t start = strlen(document_names[i]);

		if (strncasecmp(path, document_names[i], start) == 0 && strchr("-_", path[start]) != NULL &&
		    strchr(path, '.') == NULL)
			return true;    /* strchr finds the NUL as well */
	}
	for (size_t i = 0; i < sizeof document_ends / sizeof document_ends[0]; i++) {
		size_t end = strlen(document_ends[i]);

		if (len > end && strcasecmp(path + len - end, document_ends[i]) == 0)
			return true;
	}
	return false;
}

void
file_zone_path(char out[static NAME_TEXT_MAX], const char *zone)
{
	snprintf(out, NAME_TEXT_MAX, "%s", zone);
}

void
file_keys_path(char out[static NAME_TEXT_MAX], const char *zone)
{
	snprintf(out, NAME_TEXT_MAX, "%s%s_keys", zone, zone[0] != '\0' ? "." : "");
}

void
file_policy_path(char out[static NAME_TEXT_MAX], const char *zone)
{
	snprintf(out, NAME_TEXT_MAX, "policy/%s", zone);
}

bool
file_email_check(const char *email, struct err *err)
{
	const char *at = strchr(email, '@');
	size_t      plain = strspn(email,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@.!#$%&'*+-=?^_{|}~");

	if (email[plain] == '\0' && at != NULL && at != email && at[1] != '\0' && strchr(at + 1, '@') == NULL &&
	    strchr(".-", email[0]) == NULL && strlen(email) <= EMAIL_MAX)
		return true;
	err_set(err, ERR_SYNTAX, "\"%s\" is not an e-mail address", email);
	return err_hint(err, "write it as alice@example.org");
}
