/* SPDX-License-Identifier: ISC */
/* The one table of error codes, and how their sentences are put together. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

static const struct {
	const char *name;
	int         exit, http, rcode;
} codes[ERR_COUNT] = {
#define X(code, name, exit, http, rcode) [code] = { name, exit, http, rcode },
	ERR_CODES(X)
#undef X
};

static void
err_vset(struct err *err, enum err_code code, const char *id, const char *fmt, va_list ap)
{
	*err = (struct err){ .code = code };
	snprintf(err->id, sizeof err->id, "%s", id);
	vsnprintf(err->text, sizeof err->text, fmt, ap);
}

bool
err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return false;
	va_start(ap, fmt);
	err_vset(err, code, err_name(code), fmt, ap);
	va_end(ap);
	return false;
}

bool
err_set_id(struct err *err, enum err_code code, const char *id, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return false;
	va_start(ap, fmt);
	err_vset(err, code, id, fmt, ap);
	va_end(ap);
	return false;
}

bool
err_hint(struct err *err, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return false;
	va_start(ap, fmt);
	vsnprintf(err->hint, sizeof err->hint, fmt, ap);
	va_end(ap);
	return false;
}

bool
err_prefix(struct err *err, const char *fmt, ...)
{
	char    text[sizeof err->text];
	va_list ap;
	size_t  len;

	if (err == NULL)
		return false;
	memcpy(text, err->text, sizeof text);
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof err->text - len, "%s", text);
	return false;
}

bool
err_errno(struct err *err, enum err_code code, const char *fmt, ...)
{
	int     saved = errno;
	char    why[128];
	va_list ap;
	size_t  len;

	if (err == NULL)
		return false;
	va_start(ap, fmt);
	err_vset(err, code, err_name(code), fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof err->text - len, ": %s", strerror_r(saved, why, sizeof why));
	return false;
}

void
err_print(struct buf *out, const struct err *err)
{
	buf_putf(out, "error: %s ", err->id);
	str_escape(out, err->text, strlen(err->text), true, true);
	buf_putc(out, '\n');
	if (*err->hint == '\0')
		return;
	buf_puts(out, "hint: ");
	str_escape(out, err->hint, strlen(err->hint), true, true);
	buf_putc(out, '\n');
}

const char *
err_name(enum err_code code)
{
	return codes[code].name;
}

int
err_exit(enum err_code code)
{
	return codes[code].exit;
}

int
err_http(enum err_code code)
{
	return codes[code].http;
}

int
err_rcode(enum err_code code)
{
	return codes[code].rcode;
}

enum err_code
err_find(const char *name)
{
	for (enum err_code code = ERR_NONE + 1; code < ERR_COUNT; code++)
		if (strcmp(codes[code].name, name) == 0)
			return code;
	return ERR_FAILED;
}
