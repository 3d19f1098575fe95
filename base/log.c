/* SPDX-License-Identifier: ISC */
/* One line, one write(2): lines of several processes do not mix, and nothing is lost in a buffer when a process dies. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"

#define LINE_MAX_LEN 1023       /* with the newline */

static const struct {
	const char *name;
	int         priority;   /* syslog's, for journald */
} levels[] = {
	[LOG_LEVEL_DEBUG] = { "debug", 7 },
	[LOG_LEVEL_INFO]  = { "info",  6 },
	[LOG_LEVEL_WARN]  = { "warn",  4 },
	[LOG_LEVEL_FATAL] = { "fatal", 3 },
};

/* Set once at the start of a process, and by SIGHUP from the only thread that takes signals. */
static struct {
	const char    *role;
	_Atomic int    level;
	bool           journal;
} state = { .role = "zonesh", .level = LOG_LEVEL_INFO };

/* JOURNAL_STREAM names the device and inode of the stream that goes to the journal: the variable alone is inherited
 * by programs whose stderr goes elsewhere (systemd.exec(5)). */
static bool
stderr_is_journal(void)
{
	const char  *stream = getenv("JOURNAL_STREAM");
	char         mine[48];
	struct stat  st;

	if (stream == NULL || fstat(STDERR_FILENO, &st) != 0)
		return false;
	snprintf(mine, sizeof mine, "%lu:%lu", (unsigned long)st.st_dev, (unsigned long)st.st_ino);
	return strcmp(stream, mine) == 0;
}

void
log_init(const char *role, enum log_level level)
{
	state.role = role;
	state.level = (int)level;
	state.journal = stderr_is_journal();
}

bool
log_level_parse(enum log_level *out, const char *text)
{
	for (enum log_level level = LOG_LEVEL_DEBUG; level < LOG_LEVEL_FATAL; level++) {
		if (strcmp(levels[level].name, text) != 0)
			continue;
		*out = level;
		return true;
	}
	return false;
}

/* Cut LINE to its limit, not inside a character. */
static void
line_cut(struct buf *line)
{
	if (line->len < LINE_MAX_LEN)
		return;
	line->len = LINE_MAX_LEN - 1;
	while (line->len > 0 && (line->data[line->len] & 0xc0) == 0x80)
		line->len--;
}

static void
log_write(enum log_level level, const char *fmt, va_list ap)
{
	int        saved = errno;
	struct buf line = { 0 };
	char       text[LINE_MAX_LEN + 1];

	if ((int)level < state.level)
		return;
	vsnprintf(text, sizeof text, fmt, ap);
	if (state.journal)
		buf_putf(&line, "<%d>%s ", levels[level].priority, state.role);
	else
		buf_putf(&line, "%s %s ", state.role, levels[level].name);
	str_escape(&line, text, strlen(text), true, false);
	line_cut(&line);
	buf_putc(&line, '\n');
	/* There is nobody to tell when stderr is gone. */
	while (write(STDERR_FILENO, line.data, line.len) < 0 && errno == EINTR)
		;
	buf_done(&line);
	errno = saved;
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_write(LOG_LEVEL_DEBUG, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_write(LOG_LEVEL_INFO, fmt, ap);
	va_end(ap);
}

void
log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_write(LOG_LEVEL_WARN, fmt, ap);
	va_end(ap);
}

void
log_fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_write(LOG_LEVEL_FATAL, fmt, ap);
	va_end(ap);
	_exit(1);
}
