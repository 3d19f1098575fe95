/* SPDX-License-Identifier: ISC */
#include "zone/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "zone/name.h"
#include "zone/rr.h"

void
report_init(struct report *report)
{
	memset(report, 0, sizeof *report);
	report->arena = arena_new();
}

void
report_done(struct report *report)
{
	arena_free(report->arena);
	memset(report, 0, sizeof *report);
}

static const char *
keep(struct report *report, const char *text)
{
	return text == NULL || text[0] == '\0' ? "" : arena_strdup(report->arena, text);
}

/* When the room is used up an error takes the place of the last warning: what keeps a zone out must be seen. */
static struct finding *
slot(struct report *report, enum finding_level level)
{
	if (report->count < REPORT_MAX)
		return &report->findings[report->count++];
	for (size_t i = report->count; level == FINDING_ERROR && i-- > 0;)
		if (report->findings[i].level == FINDING_WARNING) {
			memmove(&report->findings[i], &report->findings[i + 1], (report->count - i - 1) * sizeof report->findings[0]);
			return &report->findings[report->count - 1];
		}
	return NULL;
}

void
report_add(struct report *report, const struct finding *finding)
{
	struct finding *kept = slot(report, finding->level);

	if (finding->level == FINDING_ERROR)
		report->errors++;
	else
		report->warnings++;
	if (kept == NULL)
		return;
	*kept = *finding;
	kept->code = keep(report, finding->code);
	kept->owner = keep(report, finding->owner);
	kept->type = keep(report, finding->type);
	kept->text = keep(report, finding->text);
	kept->hint = keep(report, finding->hint);
}

void
report_addf(struct report *report, enum finding_level level, const char *code, const uint8_t *owner, const uint8_t *origin, uint16_t type,
    const char *hint, const char *fmt, ...)
{
	char           owner_text[NAME_TEXT_MAX] = "", type_text[16] = "", text[1024];
	struct finding finding = { .level = level, .code = code, .owner = owner_text, .type = type_text, .text = text, .hint = hint };
	va_list        ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (owner != NULL && origin != NULL)
		name_print_rel(owner_text, owner, origin);
	else if (owner != NULL)
		name_print(owner_text, owner);
	if (type != 0)
		rr_type_print(type_text, type);
	report_add(report, &finding);
}

/* "FILE:LINE:COL", without what is not known. */
static void
print_place(struct buf *out, const struct finding *finding, const char *file)
{
	buf_puts(out, file);
	if (finding->line != 0)
		buf_putf(out, ":%u", finding->line);
	if (finding->line != 0 && finding->col != 0)
		buf_putf(out, ":%u", finding->col);
}

/* "owner TYPE: text", without what is not known. */
static void
print_what(struct buf *out, const struct finding *finding)
{
	buf_putf(out, "%s%s%s%s%s", finding->owner, finding->owner[0] != '\0' && finding->type[0] != '\0' ? " " : "", finding->type,
	    finding->owner[0] != '\0' || finding->type[0] != '\0' ? ": " : "", finding->text);
}

static const struct finding *
first_error(const struct report *report)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->findings[i].level == FINDING_ERROR)
			return &report->findings[i];
	return NULL;
}

/* Does FINDING come from reading text, rather than from the checks on what it says? */
static bool
is_syntax(const struct finding *finding)
{
	return strcmp(finding->code, err_name(ERR_SYNTAX)) == 0;
}

bool
report_err(const struct report *report, const char *file, struct err *err)
{
	const struct finding *finding = first_error(report);
	struct buf            text = { 0 };

	if (finding == NULL)
		return true;
	print_place(&text, finding, file);
	if (text.len > 0)
		buf_puts(&text, ": ");
	print_what(&text, finding);
	if (report->errors > 1)
		buf_putf(&text, " (and %zu more)", report->errors - 1);
	err_set_id(err, is_syntax(finding) ? ERR_SYNTAX : ERR_CHECK, finding->code, "%s", buf_str(&text));
	if (finding->hint[0] != '\0')
		err_hint(err, "%s", finding->hint);
	if (err != NULL) {
		err->line = finding->line;
		err->col = finding->col;
	}
	buf_done(&text);
	return false;
}

static void
print_finding(struct buf *out, const struct finding *finding, const char *file, const char **hint)
{
	buf_putf(out, "%s %s ", finding->level == FINDING_ERROR ? "error" : "warning", finding->code);
	print_place(out, finding, file);
	buf_putc(out, ' ');
	print_what(out, finding);
	buf_putc(out, '\n');
	if (strcmp(finding->hint, *hint) != 0 && finding->hint[0] != '\0')
		buf_putf(out, "  hint: %s\n", finding->hint);
	*hint = finding->hint;
}

/* Warnings get the room that errors leave. */
void
report_print(const struct report *report, const char *file, struct buf *out)
{
	size_t      room[] = { [FINDING_ERROR] = REPORT_SHOWN, [FINDING_WARNING] = report->errors < REPORT_SHOWN ? REPORT_SHOWN - report->errors : 0 };
	size_t      shown = 0;
	const char *hint = "";

	for (size_t i = 0; i < report->count; i++) {
		const struct finding *finding = &report->findings[i];

		if (room[finding->level] == 0)
			continue;
		room[finding->level]--;
		shown++;
		print_finding(out, finding, file, &hint);
	}
	if (report->errors + report->warnings > shown)
		buf_putf(out, "and %zu more\n", report->errors + report->warnings - shown);
}
