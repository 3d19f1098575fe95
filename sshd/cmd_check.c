/* SPDX-License-Identifier: ISC */
/*
 * zone check, and `zonesh checkzone`, which needs no daemon.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "sshd/cmd_write.h"
#include "sshd/doc.h"
#include "sshd/exec.h"
#include "sshd/import.h"
#include "zone/check.h"

const struct cmd_option check_options[] = {
	{ "stored", 0, false, NULL, "the zone as it stands, whatever standard input is" },
	{ "name", 0, false, "FILE", "what to call the input in findings" },
	{ 0 }
};

/* Findings and a summary; false when there are errors. */
static bool
check_show(struct run *run, const char *zone, const char *file, struct report *report, size_t records)
{
	json_put(run->json, "zone", json_text(zone));
	json_put(run->json, "records", json_integer((json_int_t)records));
	json_put(run->json, "errors", json_report(report, FINDING_ERROR));
	json_put(run->json, "warnings", json_report(report, FINDING_WARNING));
	out_report(&run->out, report, file, true);
	out_result(&run->out, "%s: %zu record%s, %zu error%s, %zu warning%s", zone, records, str_plural(records), report->errors,
	    str_plural(report->errors), report->warnings, str_plural(report->warnings));
	run->report_shown = true;
	return report->errors == 0;
}

static bool
check_import(struct run *run, struct import *import, bool include)
{
	import_read(import, include, true);
	if (!check_show(run, import->name, import->file_name, &import->report, zonefile_count(import->file)))
		return import_refuse(run, import);
	if (!import_is_absolute(import))
		out_note(&run->out, "note: names are relative to %s here; in the repository the file needs a line \"$ORIGIN %s.\"", import->name, import->name);
	return true;
}

static bool
check_stored(struct run *run)
{
	struct doc doc;
	bool       ok = doc_get(run, &doc, 0, NULL);

	if (ok) {
		if (doc.report.errors == 0)
			check_zone(doc.zone, &doc.report);
		ok = check_show(run, doc.name, doc.name, &doc.report, zonefile_count(doc.file));
		if (!ok)
			report_err(&doc.report, doc.name, &run->err);
	}
	doc_done(&doc);
	return ok;
}

bool
check_run(struct run *run)
{
	struct import import;
	char         *text = NULL;
	bool          ok;

	if (run_option(run, "stored") != NULL || run->in_tty)
		return check_stored(run);
	import_init(&import);
	if (run_option(run, "name") != NULL)
		import.file_name = run_option(run, "name");
	ok = run_zone(run, 0, import.apex, &import.name) && run_input(run, &text, &import.len);
	import.text = text;
	if (ok)
		ok = import.len != 0 ? check_import(run, &import, false) : check_stored(run);
	import_done(&import);
	return ok;
}

/* ---- without a daemon ---- */

/* FILE, or for "-" standard input, becomes the run's input. */
static bool
open_input(struct run *run, const char *path)
{
	if (strcmp(path, "-") == 0)
		return true;
	run->in = open(path, O_RDONLY | O_CLOEXEC);
	if (run->in >= 0)
		return true;
	err_errno(&run->err, errno == ENOENT ? ERR_NOTFOUND : ERR_FAILED, "cannot open %s", path);
	return false;
}

static bool
checkzone_run(struct run *run)
{
	struct import import;
	char         *text = NULL;
	bool          ok;

	import_init(&import);
	if (strcmp(run_word(run, 1), "-") != 0)
		import.file_name = run_word(run, 1);
	ok = run_zone(run, 0, import.apex, &import.name) && open_input(run, run_word(run, 1)) && run_input(run, &text, &import.len);
	import.text = text;
	ok = ok && check_import(run, &import, true);
	if (run->in > STDIN_FILENO)
		close(run->in);
	import_done(&import);
	return ok;
}

int
checkzone_main(int argc, char **argv)
{
	static const struct cmd checkzone = {
		.noun = "checkzone", .verb = "", .args = "ZONE FILE", .flags = CMD_LOCAL, .who = CMD_ANYONE, .run = checkzone_run,
		.help = "check a zone file (- for standard input) as the server would",
		.examples = "checkzone example.org example.org.zone\n", .json = "zone records errors[] warnings[]", .exits = "3 4 7"
	};
	struct run run;
	int        status;

	run_init(&run);
	run.out.tty = isatty(STDOUT_FILENO) == 1;
	status = run_row(&run, &checkzone, argv + 1, arena_array(run.arena, (size_t)argc, sizeof(bool)), (size_t)argc - 1);
	run_done(&run);
	return status;
}
