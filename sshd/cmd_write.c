/* SPDX-License-Identifier: ISC */
/*
 * What all commands that change a zone have in common: how a change is sent and how its result is told (product.md 5.2, 5.5).
 */
#include <string.h>

#include "base/str.h"
#include "sshd/cmd_write.h"
#include "zone/name.h"
#include "zone/rr.h"

bool
run_zone(struct run *run, size_t i, uint8_t zone[static 256], const char **text)
{
	char name[NAME_TEXT_MAX];

	if (!name_parse_zone(zone, run_word(run, i), &run->err))
		return err_prefix(&run->err, "zone \"%s\": ", run_word(run, i));
	name_print_zone(name, zone);
	*text = arena_strdup(run->arena, name);
	run->zone = *text;
	return true;
}

bool
run_type(struct run *run, const char *text, uint16_t *type)
{
	struct err err = { 0 };

	if (rr_type_parse(type, text, &err) && !rr_type_is_meta(*type))
		return true;
	err_set_id(&run->err, ERR_SYNTAX, "E-TYPE-UNKNOWN", err.code != ERR_NONE ? "%s" : "%s exists in questions and messages only, not in zones",
	    err.code != ERR_NONE ? err.text : text);
	return err_hint(&run->err, "%s", err.hint);
}

/* Findings of a refusal are shown with the error. */
static void
keep_report(struct run *run, struct report *report)
{
	report_done(&run->report);
	run->report = *report;
	memset(report, 0, sizeof *report);
}

bool
run_submit(struct run *run, struct submit *submit, struct submit_result *result)
{
	const char *message = run_option(run, "message"), *commit = run_option(run, "if-commit");

	memset(result, 0, sizeof *result);
	submit->dry_run = submit->dry_run || run_option(run, "dry-run") != NULL;
	submit->message = message != NULL ? message : "";
	submit->if_commit = commit != NULL ? commit : "";
	if (!run_option_number(run, "if-serial", UINT32_MAX, &submit->has_if_serial, &submit->if_serial))
		return false;
	if (client_submit(run->client, submit, result, &run->err))
		return true;
	keep_report(run, &result->report);
	run->report_file = submit->zone;
	submit_result_done(result);
	return false;
}

/* "+1 ~2 -3", "no change" in the arena. */
static const char *
run_counts(struct run *run, const struct submit_result *result)
{
	struct buf  text = { 0 };
	const char *counts;

	if (result->added != 0)
		buf_putf(&text, "+%u", result->added);
	if (result->altered != 0)
		buf_putf(&text, "%s~%u", text.len != 0 ? " " : "", result->altered);
	if (result->removed != 0)
		buf_putf(&text, "%s-%u", text.len != 0 ? " " : "", result->removed);
	if (text.len == 0)
		buf_puts(&text, !result->changed ? "no change" : result->serial != result->serial_old ? "serial only" : "comments and layout");
	counts = arena_strdup(run->arena, buf_str(&text));
	buf_done(&text);
	return counts;
}

const char *
run_short(struct run *run, const char *commit)
{
	return arena_strndup(run->arena, commit, strnlen(commit, 7));
}

const char *
run_time(struct run *run, int64_t unix_s)
{
	char text[24];

	if (unix_s == 0)
		return "never";
	str_time(text, unix_s);
	return arena_printf(run->arena, "%.10s %.5s", text, text + 11);
}

void
run_result_json(struct run *run, const char *zone, const struct submit_result *result)
{
	bool dry_run = run_option(run, "dry-run") != NULL;

	json_put(run->json, "changed", json_boolean(result->changed));
	json_put(run->json, "zone", json_text(zone));
	json_put(run->json, "serial", json_integer(result->serial));
	json_put(run->json, "commit", json_text(result->commit));
	json_put(run->json, "live", json_boolean(result->live));
	json_put(run->json, "added", json_integer(result->added));
	json_put(run->json, "altered", json_integer(result->altered));
	json_put(run->json, "removed", json_integer(result->removed));
	json_put(run->json, "warnings", json_report(&result->report, FINDING_WARNING));
	json_put(run->json, "dry_run", json_boolean(dry_run));
	if (dry_run)
		json_put(run->json, "diff", json_text(result->diff != NULL ? result->diff : ""));
}

void
run_submitted(struct run *run, const char *zone, struct submit_result *result)
{
	bool        dry_run = run_option(run, "dry-run") != NULL;
	const char *counts = run_counts(run, result);

	run_result_json(run, zone, result);
	if (dry_run && result->diff != NULL)
		out_text(&run->out, result->diff);
	if (!run->out.quiet)
		out_report(&run->out, &result->report, run->report_file[0] != '\0' ? run->report_file : zone, false);
	if (dry_run && result->changed) {
		out_result(&run->out, "would publish: %s", counts);
		run->exit = EXIT_WOULD_CHANGE;
	} else if (result->changed) {
		out_result(&run->out, "%s: %s   serial %u   %s", zone, counts, result->serial, run_short(run, result->commit));
		if (!result->live)
			out_note(&run->out, "note: this is stored; the DNS processes did not say yet that they serve it");
	} else {
		out_result(&run->out, "%s: no change   serial %u", zone, result->serial);
	}
}
