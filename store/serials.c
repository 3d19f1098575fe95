/* SPDX-License-Identifier: ISC */
/*
 * What was served.  Few zones have a line here, so that an array in order of names is enough.
 */
#include "store/serials.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/str.h"

struct row {
	char    *zone;
	uint32_t serial;
	char     blob[OID_TEXT_MAX];
};

struct serials {
	char       *path;
	char        main[OID_TEXT_MAX], remote[OID_TEXT_MAX];
	struct row *rows;
	size_t      count, cap;
	bool        dirty;
};

/* Where ZONE is, or belongs. */
static size_t
row_place(const struct serials *serials, const char *zone, bool *found)
{
	size_t low = 0, high = serials->count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (strcmp(serials->rows[mid].zone, zone) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*found = low < serials->count && strcmp(serials->rows[low].zone, zone) == 0;
	return low;
}

bool
serials_find(const struct serials *serials, const char *zone, uint32_t *serial, char blob[static OID_TEXT_MAX])
{
	bool   found;
	size_t at = row_place(serials, zone, &found);

	if (!found)
		return false;
	*serial = serials->rows[at].serial;
	strcpy(blob, serials->rows[at].blob);
	return true;
}

void
serials_set(struct serials *serials, const char *zone, uint32_t serial, const char *blob)
{
	bool        found;
	size_t      at = row_place(serials, zone, &found);
	struct row *row;

	if (!found) {
		mem_grow(&serials->rows, &serials->cap, serials->count + 1, sizeof *serials->rows);
		memmove(serials->rows + at + 1, serials->rows + at, (serials->count++ - at) * sizeof *serials->rows);
		serials->rows[at] = (struct row){ .zone = mem_strdup(zone) };
	}
	row = &serials->rows[at];
	serials->dirty = serials->dirty || !found || row->serial != serial || strcmp(row->blob, blob) != 0;
	row->serial = serial;
	snprintf(row->blob, sizeof row->blob, "%s", blob);
}

void
serials_drop(struct serials *serials, const char *zone)
{
	bool   found;
	size_t at = row_place(serials, zone, &found);

	if (!found)
		return;
	free(serials->rows[at].zone);
	memmove(serials->rows + at, serials->rows + at + 1, (--serials->count - at) * sizeof *serials->rows);
	serials->dirty = true;
}

const char *
serials_main(const struct serials *serials)
{
	return serials->main;
}

void
serials_set_main(struct serials *serials, const char *commit)
{
	serials->dirty = serials->dirty || strcmp(serials->main, commit) != 0;
	snprintf(serials->main, sizeof serials->main, "%s", commit);
}

const char *
serials_remote(const struct serials *serials)
{
	return serials->remote;
}

void
serials_set_remote(struct serials *serials, const char *commit)
{
	serials->dirty = serials->dirty || strcmp(serials->remote, commit) != 0;
	snprintf(serials->remote, sizeof serials->remote, "%s", commit);
}

static bool
is_oid(const char *text)
{
	size_t len = strlen(text);

	return len < OID_TEXT_MAX && strspn(text, "0123456789abcdef") == len;
}

static bool
read_line(struct serials *serials, char **words, size_t count)
{
	uint64_t serial;

	if (count == 2 && strcmp(words[0], "main") == 0 && is_oid(words[1]))
		strcpy(serials->main, words[1]);
	else if (count == 2 && strcmp(words[0], "remote") == 0 && is_oid(words[1]))
		strcpy(serials->remote, words[1]);
	else if (count == 4 && strcmp(words[0], "serial") == 0 && str_u64(&serial, words[2], UINT32_MAX) &&
	    (is_oid(words[3]) || strcmp(words[3], "-") == 0))
		serials_set(serials, words[1], (uint32_t)serial, words[3][0] == '-' ? "" : words[3]);
	else
		return false;
	return true;
}

struct serials *
serials_open(const char *path)
{
	struct serials *serials = mem_alloc(sizeof *serials);
	struct arena   *arena = arena_new();
	FILE           *file = fopen(path, "re");
	char           *line = NULL;
	size_t          cap = 0;
	unsigned        number = 0;

	serials->path = mem_strdup(path);
	if (file == NULL && errno != ENOENT)
		log_warn("serials: %s cannot be read: %s", path, strerror(errno));
	while (file != NULL && getline(&line, &cap, file) > 0) {
		char    *words[4];
		uint32_t cols[4];
		size_t   count = 0;

		number++;
		line[strcspn(line, "\n")] = '\0';
		if (!str_fields(words, cols, &count, 4, line, arena, NULL) || (count != 0 && !read_line(serials, words, count)))
			log_warn("serials: %s:%u cannot be read, the line is skipped", path, number);
	}
	if (file != NULL)
		fclose(file);
	free(line);
	arena_free(arena);
	serials->dirty = false;
	return serials;
}

void
serials_free(struct serials *serials)
{
	if (serials == NULL)
		return;
	for (size_t i = 0; i < serials->count; i++)
		free(serials->rows[i].zone);
	free(serials->rows);
	free(serials->path);
	free(serials);
}

static void
print(const struct serials *serials, struct buf *out)
{
	if (serials->main[0] != '\0')
		buf_putf(out, "main %s\n", serials->main);
	if (serials->remote[0] != '\0')
		buf_putf(out, "remote %s\n", serials->remote);
	for (size_t i = 0; i < serials->count; i++) {
		const struct row *row = &serials->rows[i];

		buf_putf(out, "serial %s %u %s\n", row->zone, row->serial, row->blob[0] != '\0' ? row->blob : "-");
	}
}

/* All of TEXT into a new file at PATH, on the disk when this returns. */
static bool
write_file(const char *path, const struct buf *text)
{
	int    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t done = 0;

	while (fd >= 0 && done < text->len) {
		ssize_t n = write(fd, text->data + done, text->len - done);

		if (n < 0 && errno != EINTR)
			break;
		done += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0 && done == text->len && fsync(fd) == 0)
		return close(fd) == 0;
	if (fd >= 0)
		close(fd);
	return false;
}

static void
sync_dir(const char *path)
{
	char *dir = mem_strdup(path);
	char *slash = strrchr(dir, '/');
	int   fd;

	if (slash != NULL)
		*slash = '\0';
	fd = open(slash != NULL ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(dir);
}

bool
serials_save(struct serials *serials, struct err *err)
{
	struct buf text = { 0 }, temp = { 0 };
	bool       good;

	if (!serials->dirty)
		return true;
	print(serials, &text);
	buf_putf(&temp, "%s.new", serials->path);
	good = write_file(buf_str(&temp), &text) && rename(buf_str(&temp), serials->path) == 0;
	if (good)
		sync_dir(serials->path);
	else
		err_errno(err, ERR_FAILED, "%s cannot be written", serials->path);
	serials->dirty = !good;
	buf_done(&text);
	buf_done(&temp);
	return good;
}
