/* SPDX-License-Identifier: ISC */
/*
 * Output of commands.  Escaping happens at the last moment, on the finished line: nothing that a zone file or a client's
 * name holds can move the cursor, and a forgotten call cannot happen.
 */
#include "sshd/out.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/str.h"

bool
out_env_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *value = getenv(names[i]);

		if (value != NULL && *value != '\0')
			return strcasestr(value, "utf-8") != NULL || strcasestr(value, "utf8") != NULL;
	}
	return false;
}

/* TEXT, escaped, and a newline where there is none, to STREAM. */
static void
put(const struct out *out, FILE *stream, const char *text, size_t len, bool lines)
{
	struct buf shown = { 0 };

	str_escape(&shown, text, len, out->utf8, lines);
	if (!lines || (shown.len != 0 && shown.data[shown.len - 1] != '\n'))
		buf_putc(&shown, '\n');
	fwrite(buf_str(&shown), 1, shown.len, stream);
	buf_done(&shown);
}

static void __attribute__((format(printf, 4, 0)))
put_line(const struct out *out, FILE *stream, const char *prefix, const char *fmt, va_list ap)
{
	struct buf line = { 0 };

	buf_puts(&line, prefix);
	buf_vputf(&line, fmt, ap);
	put(out, stream, buf_str(&line), line.len, false);
	buf_done(&line);
}

void
out_line(struct out *out, const char *fmt, ...)
{
	va_list ap;

	if (out->json)
		return;
	va_start(ap, fmt);
	put_line(out, out->data, "", fmt, ap);
	va_end(ap);
}

void
out_result(struct out *out, const char *fmt, ...)
{
	va_list ap;

	if (out->json || out->quiet)
		return;
	va_start(ap, fmt);
	put_line(out, out->data, "", fmt, ap);
	va_end(ap);
}

void
out_text(struct out *out, const char *text)
{
	if (!out->json && *text != '\0')
		put(out, out->data, text, strlen(text), true);
}

void
out_raw(struct out *out, const char *text, size_t len)
{
	if (out->json || len == 0)
		return;
	if (out->tty)
		put(out, out->data, text, len, true);
	else
		fwrite(text, 1, len, out->data);
}

void
out_note(struct out *out, const char *fmt, ...)
{
	va_list ap;

	if (out->json || out->quiet)
		return;
	va_start(ap, fmt);
	put_line(out, out->notes, "", fmt, ap);
	va_end(ap);
}

void
out_error(struct out *out, const struct err *err)
{
	struct buf line = { 0 };

	buf_putf(&line, "error: %s %s", err->id, err->text);
	put(out, out->notes, buf_str(&line), line.len, false);
	buf_reset(&line);
	if (err->hint[0] != '\0') {
		buf_putf(&line, "hint: %s", err->hint);
		put(out, out->notes, buf_str(&line), line.len, false);
	}
	buf_done(&line);
}

void
out_report(struct out *out, const struct report *report, const char *file, bool as_data)
{
	struct buf text = { 0 };

	if (out->json || report->count == 0)
		return;
	report_print(report, file, &text);
	put(out, as_data ? out->data : out->notes, buf_str(&text), text.len, true);
	buf_done(&text);
}

void
out_refusal(struct out *out, const struct err *err, const struct report *report, const char *file)
{
	struct report rest = *report;   /* a view: the texts stay REPORT's */
	size_t        first = 0;

	out_error(out, err);
	while (first < rest.count && rest.findings[first].level != FINDING_ERROR)
		first++;
	if (first < rest.count && strstr(err->text, rest.findings[first].text) != NULL) {
		memmove(&rest.findings[first], &rest.findings[first + 1], (--rest.count - first) * sizeof rest.findings[0]);
		rest.errors--;
	}
	for (size_t i = 0; i < rest.count && strcmp(rest.findings[i].hint, err->hint) == 0; i++)
		rest.findings[i].hint = "";
	out_report(out, &rest, file, false);
}

void
table_init(struct table *table, struct arena *arena, size_t columns)
{
	*table = (struct table){ .arena = arena, .columns = columns };
}

void
table_done(struct table *table)
{
	free(table->rows);
	*table = (struct table){ 0 };
}

void
table_add(struct table *table, size_t column, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list    ap;

	if (column == 0) {
		mem_grow(&table->rows, &table->cap, table->count + 1, sizeof *table->rows);
		table->rows[table->count++] = arena_array(table->arena, table->columns, sizeof **table->rows);
	}
	va_start(ap, fmt);
	buf_vputf(&text, fmt, ap);
	va_end(ap);
	table->rows[table->count - 1][column] = arena_strndup(table->arena, buf_str(&text), text.len);
	buf_done(&text);
}

/* Columns that TEXT takes: its characters. */
static size_t
text_width(const char *text)
{
	size_t width = 0;

	for (; *text != '\0'; text++)
		width += (*text & 0xc0) != 0x80;
	return width;
}

static const char *
cell_show(const struct out *out, const struct table *table, const char *cell)
{
	struct buf  shown = { 0 };
	const char *copy;

	str_escape(&shown, cell == NULL ? "" : cell, cell == NULL ? 0 : strlen(cell), out->utf8, false);
	copy = arena_strndup(table->arena, buf_str(&shown), shown.len);
	buf_done(&shown);
	return copy;
}

/* A row of escaped cells; nothing behind the last one that has text. */
static void
put_row(const struct out *out, const struct table *table, const char *const *cells, const size_t *widths)
{
	size_t last = table->columns;

	while (last > 1 && cells[last - 1][0] == '\0')
		last--;
	for (size_t i = 0; i < last; i++) {
		size_t pad = i + 1 == last ? 0 : widths[i] + 2 - text_width(cells[i]);

		fprintf(out->data, "%s%*s", cells[i], (int)pad, "");
	}
	fputc('\n', out->data);
}

void
out_table(struct out *out, const struct table *table, const char *const *header)
{
	size_t       widths[TABLE_COLUMNS_MAX] = { 0 };
	const char **cells;

	if (out->json || table->count == 0)
		return;
	cells = arena_array(table->arena, table->count * table->columns, sizeof *cells);
	for (size_t i = 0; i < table->count * table->columns; i++) {
		size_t width;

		cells[i] = cell_show(out, table, table->rows[i / table->columns][i % table->columns]);
		width = text_width(cells[i]);
		if (widths[i % table->columns] < width)
			widths[i % table->columns] = width;
	}
	for (size_t i = 0; out->tty && header != NULL && i < table->columns; i++)
		widths[i] = widths[i] < strlen(header[i]) ? strlen(header[i]) : widths[i];
	if (out->tty && header != NULL)
		put_row(out, table, header, widths);
	for (size_t i = 0; i < table->count; i++)
		put_row(out, table, cells + i * table->columns, widths);
}

json_t *
json_text(const char *text)
{
	json_t    *value = json_string(text);
	struct buf shown = { 0 };

	if (value != NULL)
		return value;
	str_escape(&shown, text, strlen(text), true, true);
	value = json_string(buf_str(&shown));
	buf_done(&shown);
	return value != NULL ? value : json_null();
}

json_t *
json_time(int64_t unix_s)
{
	char text[24];

	if (unix_s == 0)
		return json_null();
	str_time(text, unix_s);
	return json_string(text);
}

void
json_put(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) != 0)
		abort();        /* out of memory: nothing else can fail here */
}

static json_t *
json_finding(const struct finding *finding)
{
	json_t *object = json_object();

	json_put(object, "code", json_text(finding->code));
	json_put(object, "message", json_text(finding->text));
	json_put(object, "hint", json_text(finding->hint));
	json_put(object, "name", json_text(finding->owner));
	json_put(object, "type", json_text(finding->type));
	json_put(object, "line", json_integer(finding->line));
	json_put(object, "col", json_integer(finding->col));
	return object;
}

json_t *
json_report(const struct report *report, enum finding_level level)
{
	json_t *array = json_array();

	for (size_t i = 0; i < report->count; i++)
		if (report->findings[i].level == level)
			json_array_append_new(array, json_finding(&report->findings[i]));
	return array;
}

void
out_json(struct out *out, const json_t *object)
{
	/* ASCII: a terminal cannot be harmed by what JSON itself does not escape (C1 controls, bidi marks). */
	if (json_dumpf(object, out->data, JSON_ENSURE_ASCII | JSON_COMPACT) != 0)
		fputs("{\"v\":1,\"ok\":false,\"code\":\"E-FAILED\"}", out->data);
	fputc('\n', out->data);
}
