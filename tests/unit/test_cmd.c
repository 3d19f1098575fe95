/* SPDX-License-Identifier: ISC */
/*
 * Commands against a store of one zone, made of the real zone code: what they print, on which stream, and how they end.
 * The calls of store/client.h are ours here, so no daemon is needed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memfd.h"
#include "base/str.h"
#include "sshd/cmd.h"
#include "zone/change.h"
#include "zone/check.h"
#include "zone/serial.h"
#include "zone/zone.h"
#include "zone/zonefile.h"

#define TODAY  20261123
#define COMMIT "c81d22e000000000000000000000000000000001"

static const char zone_text[] =
    "$ORIGIN example.org.\n"
    "$TTL 3600\n"
    "@ SOA ns1 hostmaster 2026112300 10800 3600 1209600 3600\n"
    "@ NS ns1\n"
    "@ NS ns2.example.net.\n"
    "ns1 A 203.0.113.53\n"
    "www 300 A 192.0.2.80 ; rack 7\n"
    "old CNAME www\n"
    "home 60 A 203.0.113.7\n";

/* ---- the store ---- */

static struct store {
	char           *text;           /* of example.org */
	struct identity who;
	const char     *scope;
	char           *created;        /* name of the zone that was made last */
	struct log_query log;           /* the last question */
} store;

struct client { int unused; };
static struct client the_client;

static struct zonefile *
store_file(const char *text, struct report *report)
{
	static uint8_t       apex[NAME_SIZE];
	struct zonefile_opts opts = { .apex = apex };

	assert_true(name_parse_zone(apex, "example.org", NULL));
	return zonefile_parse(text, strlen(text), &opts, report);
}

bool
client_whoami(struct client *client, struct identity *out, uint32_t *zones, uint32_t *keys, char **scope, struct err *err)
{
	(void)client;
	(void)err;
	*out = store.who;
	*zones = 1;
	*keys = 2;
	*scope = mem_strdup(store.scope != NULL ? store.scope : "");
	return true;
}

bool
client_zone_list(struct client *client, struct zone_info **out, size_t *count, struct err *err)
{
	(void)client;
	(void)err;
	*out = mem_alloc(sizeof **out);
	**out = (struct zone_info){ .name = "example.org", .rrs = 7, .serial = 2026112300, .changed_s = 1795430640, .changed_by = "alice",
		.access = ACCESS_OWNER };
	*count = 1;
	return true;
}

static bool
known(const char *zone, struct err *err)
{
	return strcmp(zone, "example.org") == 0 || err_set(err, ERR_NOTFOUND, "there is no zone %s", zone);
}

bool
client_zone_get(struct client *client, const char *zone, const char *at, struct zone_doc *out, struct err *err)
{
	(void)client;
	memset(out, 0, sizeof *out);
	if (!known(zone, err))
		return false;
	if (*at != '\0' && str_after(COMMIT, at) == NULL)
		return err_set(err, ERR_NOTFOUND, "there is no commit %s", at);
	if (store.who.kind == ID_DEVICE)
		return err_set(err, ERR_DENIED, "devices may not read zones");
	*out = (struct zone_doc){ .text = mem_strdup(store.text), .len = strlen(store.text), .commit = COMMIT, .serial = 2026112300,
		.access = ACCESS_OWNER };
	return true;
}

void
zone_doc_done(struct zone_doc *doc)
{
	free(doc->text);
}

/* The zone that SUBMIT leads to, and the difference; NULL with ERR. */
static struct zone *
store_apply(const struct submit *submit, const struct zone *old, struct arena *arena, struct diff **diff, struct err *err)
{
	struct report    report;
	struct zonefile *file;
	struct zone     *zone;

	if (submit->mode == SUBMIT_CHANGE)
		return change_apply(submit->change, old, true, TODAY, arena, diff, err);
	report_init(&report);
	file = store_file(submit->text, &report);
	assert_int_equal(report.errors, 0);
	zone = zonefile_zone(file);
	*diff = diff_zones(arena, old, zone);
	zonefile_free(file);
	report_done(&report);
	return zone;
}

static void
store_keep(const struct submit *submit, struct zonefile *file, const struct diff *diff)
{
	struct buf text = { 0 };

	if (submit->mode == SUBMIT_CHANGE)
		zonefile_edit(&text, file, diff);
	else
		buf_put(&text, submit->text, submit->text_len);
	free(store.text);
	store.text = buf_take(&text);
}

static void
store_result(struct submit_result *out, const struct submit *submit, const struct zone *old, const struct zone *zone, const struct diff *diff)
{
	struct buf text = { 0 };

	out->changed = !diff_empty(diff);
	out->live = true;
	out->serial_old = zone_serial(old);
	out->serial = zone_serial(zone);
	if (out->changed && !submit->dry_run)
		strcpy(out->commit, COMMIT);
	diff_count(diff, &out->added, &out->altered, &out->removed);
	diff_print(&text, diff);
	out->diff = buf_take(&text);
}

static bool
store_submit(const struct submit *submit, struct submit_result *out, struct err *err)
{
	struct arena    *arena = arena_new();
	struct zonefile *file = store_file(store.text, &out->report);
	struct zone     *old = zonefile_zone(file), *zone = NULL;
	struct diff     *diff = NULL;
	bool             ok = false;

	if (submit->has_if_serial && submit->if_serial != zone_serial(old))
		err_set(err, ERR_CONFLICT, "the serial is %u", zone_serial(old));
	else
		zone = store_apply(submit, old, arena, &diff, err);
	if (zone != NULL) {
		check_zone(zone, &out->report);
		ok = report_err(&out->report, "example.org", err);
	}
	if (ok) {
		store_result(out, submit, old, zone, diff);
		if (!submit->dry_run && out->changed)
			store_keep(submit, file, diff);
	}
	zone_free(zone);
	zone_free(old);
	zonefile_free(file);
	arena_free(arena);
	return ok;
}

bool
client_submit(struct client *client, const struct submit *submit, struct submit_result *out, struct err *err)
{
	(void)client;
	memset(out, 0, sizeof *out);
	report_init(&out->report);
	if (submit->mode == SUBMIT_CREATE) {
		if (known(submit->zone, NULL))
			return err_set(err, ERR_EXISTS, "zone %s is there already", submit->zone);
		free(store.created);
		store.created = mem_strdup(submit->text);
		*out = (struct submit_result){ .changed = true, .live = true, .serial = 2026112300, .added = 4, .commit = COMMIT, .report = out->report };
		return true;
	}
	return known(submit->zone, err) && store_submit(submit, out, err);
}

void
submit_result_done(struct submit_result *result)
{
	free(result->diff);
	report_done(&result->report);
}

static const struct log_entry entry = { .commit = COMMIT, .time_s = 1795430640, .author = "alice\033[2J", .email = "alice@example.org",
	.zone = "example.org", .via = "cli", .actor = "alice", .subject = "edit: www A", .serial = 2026112300 };

bool
client_log(struct client *client, const struct log_query *query, struct log_entry **out, size_t *count, struct err *err)
{
	(void)client;
	(void)err;
	store.log = *query;
	*out = NULL;
	*count = 0;
	if (strcmp(query->zone, "example.com") == 0 || (strcmp(query->zone, "gone.example") == 0 && query->people))
		return true;
	*count = 1;
	*out = mem_alloc(sizeof **out);
	**out = entry;
	return true;
}

bool
client_commit(struct client *client, const char *zone, const char *commit, struct log_entry *out, char **diff, struct err *err)
{
	(void)client;
	(void)zone;
	if (str_after(COMMIT, commit) == NULL)
		return err_set(err, ERR_NOTFOUND, "there is no commit %s", commit);
	*out = entry;
	*diff = mem_strdup("+ www 300 A 192.0.2.80\n");
	return true;
}

bool
client_status(struct client *client, struct info *out, struct err *err)
{
	(void)client;
	(void)err;
	*out = (struct info){ .commit = COMMIT, .zones = 1, .accounts = 2, .dns_live = true, .started_s = 1795430640 };
	return true;
}

bool
client_fetch(struct client *client, struct err *err)
{
	(void)client;
	return err_set(err, ERR_NOTFOUND, "no remote is configured");
}

void
client_free(struct client *client)
{
	(void)client;
}

const char *
access_name(enum access access)
{
	return access == ACCESS_OWNER ? "owner" : "other";
}

static struct client *
connect_store(void *arg, struct err *err)
{
	(void)arg;
	(void)err;
	return &the_client;
}

/* ---- running one ---- */

struct outcome { int status; char *data, *notes; };

static struct outcome
run_with(const char *line, const char *input, bool tty)
{
	struct outcome outcome = { 0 };
	struct run     run;
	struct err     err = { 0 };
	size_t         data_len, notes_len, count;
	char         **words;
	bool          *quoted;

	run_init(&run);
	run.connect = connect_store;
	run.out.data = open_memstream(&outcome.data, &data_len);
	run.out.notes = open_memstream(&outcome.notes, &notes_len);
	run.out.tty = run.in_tty = tty;
	run.out.utf8 = false;
	run.in = memfd_sealed("input", input, strlen(input));
	assert_int_equal(lseek(run.in, 0, SEEK_SET), 0);
	assert_true(str_words(&words, &quoted, &count, line, run.arena, &err));
	outcome.status = run_words(&run, words, quoted, count);
	fclose(run.out.data);
	fclose(run.out.notes);
	close(run.in);
	run_done(&run);
	return outcome;
}

static void
outcome_done(struct outcome *outcome)
{
	free(outcome->data);
	free(outcome->notes);
}

static int
setup(void **state)
{
	(void)state;
	free(store.text);
	free(store.created);
	memset(&store, 0, sizeof store);
	store.text = mem_strdup(zone_text);
	store.who = (struct identity){ .kind = ID_ACCOUNT, .name = "alice@example.org", .display = "alice", .key = "SHA256:kZ3v",
		.proof = "ed25519-sk, touch", .from = "203.0.113.9" };
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	free(store.text);
	free(store.created);
	memset(&store, 0, sizeof store);
	return 0;
}

/* ---- one line each, on a fresh store ---- */

static const struct {
	const char *line, *input;
	int         status;
	const char *data, *notes;       /* must be found there; NULL: must be empty */
} cases[] = {
	/* who and what */
	{ "whoami", "", 0, "alice  user  SHA256:kZ3v (ed25519-sk, touch)  2 keys, 1 zone\n", NULL },
	{ "version", "", 0, "zonesh " ZONESH_VERSION "\n", NULL },
	{ "status", "", 0, "zones     1, 0 broken\n", NULL },
	{ "remote fetch", "", 5, NULL, "error: E-DENIED only administrators may do this\n" },
	{ "zone list", "", 0, "example.org  2026112300  7  owner  2026-11-", NULL },
	{ "zone ls --json", "", 0, "\"serial\":2026112300", NULL },
	/* grammar */
	{ "zone lst", "", 2, NULL, "did you mean \"zone list\"" },
	{ "zonne list", "", 2, NULL, "did you mean \"zone\"" },
	{ "foo", "", 2, NULL, "error: E-USAGE there is no command \"foo\"\nhint: all commands: help\n" },
	{ "zone list --xyzzy", "", 2, NULL, "unknown option \"--xyzzy\"\n" },
	{ "zone", "", 2, NULL, "hint: all of zone: help zone" },
	{ "xyzzy", "", 2, NULL, "hint: all commands: help" },
	{ "xyzzy --json", "", 2, "\"code\":\"E-USAGE\"", NULL },
	{ "zone list --jsn", "", 2, NULL, "unknown option \"--jsn\"; did you mean --json?" },
	{ "zone list --json=1", "", 2, NULL, "--json takes no value" },
	{ "zone list --json --json", "", 2, "given twice", NULL },
	{ "zone list more", "", 2, NULL, "\"more\" is one argument too many" },
	{ "zone show", "", 2, NULL, "usage: zone show ZONE [--at COMMIT|TIME]" },
	{ "record add example.org www", "", 2, NULL, "usage: record add ZONE [--ttl TTL] [--comment TEXT] NAME TYPE RDATA..." },
	{ "record add --ttl", "", 2, NULL, "--ttl needs its TTL" },
	{ "record list example.org -x", "", 2, NULL, "unknown option \"-x\"" },
	/* help */
	{ "help", "", 0, "record add ZONE NAME TYPE RDATA...", NULL },
	{ "help zone", "", 0, "zone export ZONE", NULL },
	{ "zone -h", "", 0, "zone export ZONE", NULL },
	{ "help record add", "", 0, "--if-serial SERIAL", NULL },
	{ "record add --help", "", 0, "ticket 412", NULL },
	{ "record add z www A -h", "", 0, "ticket 412", NULL },
	{ "record add z www TXT -h", "", 2, NULL, "error: E-USAGE \"-h\" stands behind the type, where all is data\nhint: put options before the type, or quote the word\n" },
	{ "record add z www TXT '-h'", "", 4, NULL, "there is no zone z" },
	{ "help whoami", "", 0, "by which key", NULL },
	{ "help E-CNAME-COEXIST", "", 0, "E-CNAME-COEXIST  ", NULL },
	{ "help e-denied --json", "", 0, "\"code\":\"E-DENIED\"", NULL },
	{ "help E-NOTHING", "", 4, NULL, "there is no code" },
	{ "help nothing", "", 2, NULL, "there is no command \"nothing\"" },
	{ "help --json", "", 0, "{\"v\":1,\"ok\":true,\"commands\":[{\"noun\":\"zone\"", NULL },
	/* reading */
	{ "example.org", "", 0, "www   300   A      192.0.2.80  ; rack 7\n", "7 records" },
	{ "example.org. --json", "", 0, "\"records\":[\"ns1.example.org.\",\"ns2.example.net.\"]", NULL },
	{ "zone show example.net", "", 4, NULL, "error: E-NOT-FOUND there is no zone example.net\n" },
	{ "zone show exam..ple", "", 3, NULL, "error: E-SYNTAX zone \"exam..ple\"" },
	{ "record list example.org www", "", 0, "www  300  A  192.0.2.80  ; rack 7\n", NULL },
	{ "record ls EXAMPLE.org. www.example.org A", "", 0, "www  300  A  192.0.2.80  ; rack 7\n", NULL },
	{ "record list example.org -t CNAME,MX", "", 0, "old  3600  CNAME  www\n", NULL },
	{ "record list example.org nothing", "", 0, NULL, "no such record" },
	{ "record list example.org www NOTYPE", "", 3, NULL, "error: E-TYPE-UNKNOWN" },
	{ "record list example.org www --json", "", 0, "\"rrsets\":[{\"name\":\"www\",\"type\":\"A\",\"ttl\":300,\"records\":[\"192.0.2.80\"],\"comment\":\"rack 7\",\"expires\":null}]", NULL },
	{ "zone export example.org", "", 0, "www 300 A 192.0.2.80 ; rack 7\n", NULL },
	{ "zone export example.org --at c81d", "", 0, "$TTL 3600\n", NULL },
	{ "record add example.org www AXFR x", "", 3, NULL, "error: E-TYPE-UNKNOWN AXFR exists" },
	{ "zone export example.org --at 2026-12-01", "", 0, "$TTL 3600\n", NULL },
	{ "zone export example.org --at '2026-12-01 10:30'", "", 0, "$TTL 3600\n", NULL },
	{ "zone export example.org --at 2001-01-01", "", 4, NULL, "example.org had no content yet at 2001-01-01" },
	{ "zone export example.org --at 2001-13-01", "", 2, NULL, "is no time" },
	{ "zone export example.org --at dead", "", 4, NULL, "there is no commit dead" },
	{ "zone export example.org --canonical", "", 0, "192.0.2.80\n", NULL },
	/* writing */
	{ "record add example.org a A 192.0.2.1", "", 0, "example.org: +1   serial 2026112301   c81d22e\n", NULL },
	{ "record add example.org a A 192.0.2.1 --json", "", 0, "\"changed\":true", NULL },
	{ "record add example.org a A 192.0.2.1 --dry-run --quiet", "", 10, "+ a 3600 A 192.0.2.1\n", NULL },
	{ "record add example.org a A 192.0.2.1 '--json'", "", 3, NULL, "error: E-SYNTAX" },
	{ "record add example.org a A 192.0.2.1 --ttl", "", 2, NULL, "hint: put options before the type" },
	{ "record add example.org a A 192.0.2.1 --ttl 5", "", 2, NULL, "error: E-USAGE \"--ttl\" stands behind the type" },
	{ "record add example.org x1 TXT foo --ttl 5 --dry-run", "", 2, NULL, "error: E-USAGE \"--ttl\" stands behind the type" },
	{ "record add example.org x1 TXT foo --ttl=5", "", 2, NULL, "error: E-USAGE \"--ttl=5\" stands behind the type" },
	{ "record add example.org x1 CAA 0 issue x -n", "", 2, NULL, "error: E-USAGE \"-n\" stands behind the type" },
	{ "record add example.org x1 TXT foo --dry-run --json", "", 2, "\"code\":\"E-USAGE\"", NULL },
	{ "record rm example.org x1 TXT foo --all", "", 2, NULL, "error: E-USAGE \"--all\" stands behind the type" },
	{ "record add example.org a A --json", "", 2, "an argument is missing: RDATA", NULL },
	{ "record add example.org a", "", 2, NULL, "arguments are missing: TYPE RDATA\n" },
	{ "record remove example.org", "", 2, NULL, "an argument is missing: NAME\n" },
	{ "record add example.org b 300 A 192.0.2.1", "", 2, NULL, "error: E-USAGE \"300\" is a TTL, where the type should be\nhint: the TTL is an option: --ttl 300\n" },
	{ "record remove example.org b 1h A 192.0.2.1", "", 2, NULL, "hint: leave the TTL out\n" },
	{ "record add example.org b in A 192.0.2.1", "", 2, NULL, "hint: leave the class out\n" },
	{ "record add --json example.org a A 192.0.2.1", "", 0, "\"changed\":true,\"zone\":\"example.org\",\"serial\":2026112301,\"commit\":\"" COMMIT "\"", NULL },
	{ "record add -q example.org a A 192.0.2.1", "", 0, NULL, NULL },
	{ "record add example.org www A 192.0.2.80", "", 0, "example.org: no change   serial 2026112300\n", NULL },
	{ "record add example.org www A 192.0.2.300", "", 3, NULL, "error: E-" },
	{ "record add example.org www.example.net. A 192.0.2.1", "", 3, NULL, "error: E-OUT-OF-ZONE" },
	{ "record add example.org www CNAME ns1", "", 3, NULL, "error: E-CNAME-COEXIST www already has A (added 2026-11-23 by alice\\027[2J); a CNAME cannot" },
	{ "record add example.org old A 192.0.2.1", "", 3, NULL, "hint: record remove example.org old CNAME   makes room for it" },
	{ "record add example.org www CNAME ns1", "", 3, NULL, "hint: record set example.org www CNAME ns1   replaces all types at www" },
	{ "record add --json example.org www CNAME ns1", "", 3, "\"ok\":false,\"code\":\"E-CNAME-COEXIST\"", NULL },
	{ "record add --dry-run example.org a A 192.0.2.1", "", 10, "+ a 3600 A 192.0.2.1\nwould publish: +1\n", NULL },
	{ "record add -n example.org www A 192.0.2.80", "", 0, "no change", NULL },
	{ "record add --if-serial 1 example.org a A 192.0.2.1", "", 6, NULL, "error: E-CONFLICT the serial is 2026112300" },
	{ "record add --if-serial x example.org a A 192.0.2.1", "", 2, NULL, "is no number" },
	{ "record add --ttl 1x example.org a A 192.0.2.1", "", 3, NULL, "--ttl: " },
	{ "record set example.org www A 192.0.2.80", "", 0, "no change", NULL },
	{ "record set example.org old A 192.0.2.80", "", 0, "example.org: +1 -1 ", "note: this replaced old 3600 CNAME www\n" },
	{ "record set example.org www CNAME ns1", "", 0, "example.org: +1 -1 ", "note: this replaced www 300 A 192.0.2.80\n" },
	{ "record set example.org www A 192.0.2.81", "", 0, "example.org: ~1 ", NULL },
	{ "record set example.org www A 192.0.2.81 -- 192.0.2.82", "", 0, "example.org: +2 -1 ", NULL },
	{ "record set -n example.org old A 192.0.2.80", "", 10, "+ old 3600 A 192.0.2.80\n- old 3600 CNAME www\n", NULL },
	{ "record set example.org www A 192.0.2.80 --", "", 2, NULL, "the record's data is missing" },
	{ "record remove example.org www A 192.0.2.81", "", 0, "no change", NULL },
	{ "record rm example.org www A 192.0.2.80", "", 0, "example.org: -1 ", NULL },
	{ "record remove example.org www", "", 2, NULL, "--all for all of the name" },
	{ "record remove --all example.org www A", "", 2, NULL, "--all takes no TYPE" },
	{ "record remove example.org --all www", "", 0, "example.org: -1 ", NULL },
	{ "record remove example.org @ SOA", "", 3, NULL, "error: E-" },
	/* zones */
	{ "zone create example.net --ns ns1=203.0.113.53 --ns ns2.example.com", "", 0, "created example.net  serial 2026112300  4 records  (owner alice)\n",
	  "your registrar: NS ns1.example.net (glue 203.0.113.53), ns2.example.com\n" },
	{ "zone create example.net --ns ns1=203.0.113.53 -n", "", 10, "would create example.net  serial 2026112300  3 records  (owner alice)\n", NULL },
	{ "zone create example.net --ns ns1=203.0.113.53 -n -q", "", 10, "\tSOA\tns1\t", NULL },
	{ "zone create example.net", "", 2, NULL, "a zone needs a name server" },
	{ "zone create example.net --ns ns1=nonsense", "", 3, NULL, "--ns ns1=nonsense: \"nonsense\" is no address" },
	{ "zone create example.net --ns ns.example.com=192.0.2.1", "", 3, NULL, "error: E-OUT-OF-ZONE" },
	{ "zone create example.org --ns ns1=203.0.113.53", "", 3, NULL, "error: E-EXISTS" },
	{ "zone create example.org --ns ns1=203.0.113.53 --if-missing", "", 0, "no change", NULL },
	/* files */
	{ "zone check example.org", "@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n", 0, "example.org: 3 records, 0 errors, ", "$ORIGIN example.org." },
	{ "zone check example.org", "", 0, "example.org: 7 records, 0 errors, ", NULL },
	{ "zone check example.org --name f", "@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\nns CNAME x\n", 3, "E-CNAME-COEXIST f:", NULL },
	{ "zone check example.org --json", "@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2\n", 3, "\"line\":3", NULL },
	{ "zone import example.org --name f", "www A 192.0.2\n", 3, NULL, "f:1:" },
	{ "zone import example.org", "", 3, NULL, "error: E-" },
	{ "zone import example.org", "www A 192.0.2\n", 3, NULL, "error: E-SYNTAX input:1:" },
	{ "zone import example.org --merge", "new A 192.0.2.5\n", 0, "input: 1 line, 1 record\n", NULL },
	{ "zone import example.org --merge --replace", "", 2, NULL, "not both" },
	{ "zone import example.org --merge", "new A 192.0.2.5\nwww A 192.0.2.80\n", 0, "example.org: +1", NULL },
	{ "zone import example.org -n", "@ SOA ns1 hostmaster 2026112300 10800 3600 1209600 3600\n@ NS ns1\n@ NS ns2.example.net.\nns1 A 203.0.113.53\n", 10,
	  "would publish: -", NULL },
	{ "zone import example.org --name f", "$TTL 3600\n@ SOA ns1 hostmaster 2026112305 10800 3600 1209600 3600\n@ NS ns1\n@ NS ns2.example.net.\nns1 A 203.0.113.53\n"
	  "www A 192.0.2.9\nwww RRSIG A 13 3 300 20261201000000 20261101000000 1 example.org. AAAA\n", 0,
	  "f: 7 lines, 6 records\n  ok       5\n  skipped  1  line 7: RRSIG (servers make these themselves)\n  error    0\n", NULL },
	/* log */
	{ "log example.org -3", "", 0, "c81d22e  2026-11-", NULL },
	{ "log", "", 0, "alice\\027[2J  cli  example.org  2026112300  edit: www A\n", NULL },
	{ "log example.com", "", 4, NULL, "error: E-NOT-FOUND there is no zone example.com\n" },
	{ "log example.com --json", "", 4, "\"code\":\"E-NOT-FOUND\"", NULL },
	{ "log gone.example", "", 0, NULL, "note: no person changed anything yet" },
	{ "log show example.org c81d22e", "", 0, "+ www 300 A 192.0.2.80\n", NULL },
	{ "log show example.org dead", "", 4, NULL, "there is no commit dead" },
	{ "log list example.org www A --json", "", 0, "\"entries\":[{\"commit\":\"" COMMIT "\",\"time\":\"2026-11-", NULL },
	/* update */
	{ "update home.example.org", "", 0, "good home.example.org A 203.0.113.9\n", NULL },
	{ "update home.example.org 203.0.113.7", "", 0, "nochg home.example.org A 203.0.113.7\n", NULL },
	{ "update home.example.org,www.example.org 203.0.113.7 2001:DB8::1", "", 0,
	  "nochg home.example.org A 203.0.113.7\ngood home.example.org AAAA 2001:db8::1\ngood www.example.org A 203.0.113.7\ngood www.example.org AAAA 2001:db8::1\n", NULL },
	{ "update home.example.org --delete a", "", 0, "good home.example.org A deleted\n", NULL },
	{ "update home.example.org --delete mx", "", 2, NULL, "--delete takes a or aaaa" },
	{ "update home.example.net", "", 4, NULL, "home.example.net: no zone here holds the name" },
	{ "update", "", 2, NULL, "which name" },
	{ "update home.example.org 999.1.1.1", "", 3, NULL, "error: E-SYNTAX \"999.1.1.1\" is not an address\n" },
	{ "update home.example.org,2001:db8::g", "", 3, NULL, "error: E-SYNTAX \"2001:db8::g\" is not an address\n" },
	{ "update home.example.org a..b", "", 3, NULL, "error: E-SYNTAX a..b: " },
	{ "update home.example.org,192.0.2.1,2001:db8::1", "", 0, "good home.example.org A 192.0.2.1\ngood home.example.org AAAA 2001:db8::1\n", NULL },
	{ "update home.example.org 192.0.2.1 192.0.2.2", "", 2, NULL, "there are two addresses for A" },
};

static void
check_stream(const char *line, const char *name, const char *text, const char *want)
{
	if (want == NULL ? text[0] == '\0' : strstr(text, want) != NULL)
		return;
	fail_msg("%s: %s is \"%s\", not \"%s\"", line, name, text, want == NULL ? "" : want);
}

static void
test_lines(void **state)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct outcome outcome;

		setup(state);
		outcome = run_with(cases[i].line, cases[i].input, false);
		check_stream(cases[i].line, "stdout", outcome.data, cases[i].data);
		check_stream(cases[i].line, "stderr", outcome.notes, cases[i].notes);
		if (outcome.status != cases[i].status)
			fail_msg("%s: exit %d, not %d", cases[i].line, outcome.status, cases[i].status);
		outcome_done(&outcome);
	}
}

/* ---- what the zone file is afterwards ---- */

static const struct { const char *line, *want; } edits[] = {
	{ "record add example.org a A 192.0.2.1", "a 3600 A 192.0.2.1" },
	{ "record add example.org www A 192.0.2.81", "www 300 A 192.0.2.81" },
	{ "record add --ttl 1h --comment 'ticket 412' example.org @ TXT v=spf1 mx -all", "@ 3600 TXT \"v=spf1 mx -all\"" },
	{ "record add example.org @ TXT \"v=spf1 mx -all\"", "@ 3600 TXT \"v=spf1 mx -all\"" },
	{ "record add example.org @ TXT one \"two three\"", NULL },
	{ "record add example.org k._domainkey TXT \"v=DKIM1\\; k=rsa\"", "k._domainkey 3600 TXT \"v=DKIM1; k=rsa\"" },
	{ "record add example.org q TXT 'say \"hi\"'", "q 3600 TXT \"say \\\"hi\\\"\"" },
	{ "record add example.org q TXT 'a\\b'", "q 3600 TXT \"a\\\\b\"" },
	{ "record add example.org q TXT '--json'", "q 3600 TXT \"--json\"" },
	{ "record add example.org q TXT v=DKIM1 --x -- -all", "q 3600 TXT \"v=DKIM1 --x -- -all\"" },
	{ "record add example.org @ CAA 0 issue \"letsencrypt.org\"", "@ 3600 CAA 0 issue \"letsencrypt.org\"" },
	{ "record add example.org @ MX '10 mail.example.net.'", "@ 3600 MX 10 mail.example.net." },
	{ "record add example.org mail.example.org A 192.0.2.25", "mail 3600 A 192.0.2.25" },
	{ "record set example.org www A 192.0.2.1 -- 192.0.2.2", "www 300 A 192.0.2.2" },
	{ "record set example.org www CNAME ns1", "www 3600 CNAME ns1" },
	{ "update www.example.org", "www 300 A 203.0.113.9" },
	{ "update v6.example.org 2001:db8::5", "v6 60 AAAA 2001:db8::5" },
};

/* Is LINE ("owner ttl TYPE data") a record of the stored zone? */
static bool
store_has(const char *line)
{
	struct outcome outcome = run_with("record list example.org", "", false);
	struct buf     squeezed = { 0 };
	bool           found;

	for (const char *p = outcome.data; *p != '\0'; p++)
		if (*p != ' ' || p[1] != ' ')
			buf_putc(&squeezed, *p);
	found = strstr(buf_str(&squeezed), line) != NULL;
	if (!found)
		print_message("%s\n", buf_str(&squeezed));
	buf_done(&squeezed);
	outcome_done(&outcome);
	return found;
}

static void
test_edits(void **state)
{
	for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
		struct outcome outcome;

		setup(state);
		outcome = run_with(edits[i].line, "", false);
		if (edits[i].want != NULL && (outcome.status != 0 || !store_has(edits[i].want)))
			fail_msg("%s: no \"%s\", exit %d, %s", edits[i].line, edits[i].want, outcome.status, outcome.notes);
		outcome_done(&outcome);
	}
}

static void
test_comments_survive(void **state)
{
	struct outcome outcome = run_with("record add --comment 'for mail' example.org www A 192.0.2.81", "", false);

	(void)state;
	assert_int_equal(outcome.status, 0);
	assert_non_null(strstr(store.text, "www 300 A 192.0.2.80 ; rack 7\n"));
	assert_non_null(strstr(store.text, "; for mail\n"));
	outcome_done(&outcome);
}

/* How often WHAT stands in TEXT. */
static size_t
count_of(const char *text, const char *what)
{
	size_t count = 0;

	for (; (text = strstr(text, what)) != NULL; text += strlen(what))
		count++;
	return count;
}

/* Sixty mistakes: each is told once, the advice once, and no more than 20 of them. */
static void
test_many_findings(void **state)
{
	struct buf     text = { 0 };
	struct outcome outcome;

	(void)state;
	for (int i = 1; i <= 60; i++)
		buf_putf(&text, "h%d A 192.0.2\n", i);
	outcome = run_with("zone import example.org", buf_str(&text), false);
	assert_int_equal(outcome.status, 3);
	assert_int_equal(count_of(outcome.notes, "input:1:"), 1);
	assert_int_equal(count_of(outcome.notes, "input:"), 21);
	assert_true(count_of(outcome.notes, "hint:") <= 1);
	assert_null(strstr(outcome.notes, "Correct the place"));
	assert_non_null(strstr(outcome.notes, "\nand 39 more\n"));
	outcome_done(&outcome);
	buf_done(&text);
}

/* A file may be behind what is served, which is what people compare with DNS; an export is the file. */
static void
test_served_serial(void **state)
{
	static const struct { const char *line; bool served; } lines[] = { { "zone show example.org", true }, { "record list example.org @ SOA", true },
		{ "zone show example.org --json", true }, { "zone export example.org", false }, { "zone export example.org --json", false } };

	(void)state;
	memcpy(strstr(store.text, "2026112300"), "2026112200", 10);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct outcome outcome = run_with(lines[i].line, "", false);

		if ((strstr(outcome.data, " 2026112200 ") == NULL) != lines[i].served)
			fail_msg("%s: %s", lines[i].line, outcome.data);
		outcome_done(&outcome);
	}
}

static void
test_import_keeps_text(void **state)
{
	static const char file[] = "$TTL 3600\n; all of it\n@ SOA ns1 hostmaster 2026112305 10800 3600 1209600 3600\n@ NS ns1\nns1 A 203.0.113.53 ; here\n"
	                           "ns1 RRSIG A 13 3 300 20261201000000 20261101000000 1 example.org. AAAA\n";
	struct outcome    outcome = run_with("zone import example.org", file, false);

	(void)state;
	assert_int_equal(outcome.status, 0);
	assert_string_equal(store.text, "$ORIGIN example.org.\n$TTL 3600\n; all of it\n@ SOA ns1 hostmaster 2026112305 10800 3600 1209600 3600\n@ NS ns1\n"
	                                "ns1 A 203.0.113.53 ; here\n");
	outcome_done(&outcome);
}

static void
test_create_text(void **state)
{
	struct outcome outcome = run_with("zone create example.net --ns ns1=203.0.113.53,2001:db8::53 --mail first.last@example.org --serial 7 --ttl 1d", "", false);

	(void)state;
	assert_int_equal(outcome.status, 0);
	assert_non_null(store.created);
	assert_non_null(strstr(store.created, "first\\.last.example.org."));
	assert_non_null(strstr(store.created, "$TTL 86400\n"));
	assert_null(strstr(store.created, "\t86400\tNS"));
	assert_non_null(strstr(store.created, "2001:db8::53"));
	outcome_done(&outcome);
}

static void
test_log_query(void **state)
{
	struct outcome outcome = run_with("log example.org -3", "", false);

	(void)state;
	assert_int_equal(store.log.limit, 3);
	assert_true(store.log.people);
	outcome_done(&outcome);
	outcome = run_with("log example.org --all", "", false);
	assert_int_equal(store.log.limit, 50);
	assert_false(store.log.people);
	outcome_done(&outcome);
}

/* ---- devices and administrators ---- */

static void
test_device(void **state)
{
	struct outcome outcome;

	(void)state;
	store.who.kind = ID_DEVICE;
	store.scope = "_acme-challenge.home.example.org TXT\nhome.example.org TXT,AAAA,A\n*.lab.example.org A\n";
	outcome = run_with("update", "", false);
	assert_string_equal(outcome.data, "good home.example.org A 203.0.113.9\n");
	outcome_done(&outcome);
	outcome = run_with("update", "", false);
	assert_string_equal(outcome.data, "nochg home.example.org A 203.0.113.9\n");
	outcome_done(&outcome);
	outcome = run_with("zone list", "", false);
	assert_int_equal(outcome.status, 5);
	assert_non_null(strstr(outcome.notes, "error: E-DENIED"));
	outcome_done(&outcome);
	store.who.admin = true;
	store.who.kind = ID_ADMIN;
	outcome = run_with("remote fetch", "", false);
	assert_int_equal(outcome.status, 4);
	assert_string_equal(outcome.notes, "error: E-NOT-FOUND no remote is configured\n");
	outcome_done(&outcome);
	outcome = run_with("whoami", "", false);
	assert_non_null(strstr(outcome.data, "may update home.example.org TXT,AAAA,A\n"));
	outcome_done(&outcome);
}

/* A mistake in the last word keeps the first name as it is. */
static void
test_update_all_or_nothing(void **state)
{
	static const char *const lines[] = { "update home.example.org 999.1.1.1", "update home.example.org home.example.net", "update home.example.org a..b",
		"update home.example.org www.example.org old.example.org" };

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct outcome outcome;

		setup(state);
		outcome = run_with(lines[i], "", false);
		assert_int_not_equal(outcome.status, 0);
		assert_string_equal(outcome.data, "");
		assert_string_equal(store.text, zone_text);
		outcome_done(&outcome);
		store.who.kind = ID_DEVICE;
		outcome = run_with(lines[i], "", false);
		assert_string_equal(store.text, zone_text);
		outcome_done(&outcome);
	}
}

/* Names of one zone are one commit. */
static void
test_update_one_commit(void **state)
{
	struct outcome outcome = run_with("update home.example.org www.example.org 192.0.2.7", "", false);

	(void)state;
	assert_int_equal(outcome.status, 0);
	assert_non_null(strstr(store.text, " 2026112301 "));
	outcome_done(&outcome);
}

static void
test_terminal(void **state)
{
	struct outcome outcome = run_with("zone list", "", true);

	(void)state;
	assert_non_null(strstr(outcome.data, "ZONE         SERIAL"));
	outcome_done(&outcome);
	free(store.text);
	store.text = mem_strdup("; \033[2J\n");
	outcome = run_with("zone export example.org", "", true);
	assert_string_equal(outcome.data, "; \\027[2J\n");
	outcome_done(&outcome);
	outcome = run_with("zone export example.org", "", false);
	assert_string_equal(outcome.data, "; \033[2J\n");
	outcome_done(&outcome);
}

/* ---- every row ---- */

static void
test_rows(void **state)
{
	const struct cmd *cmd;

	(void)state;
	for (size_t i = 0; (cmd = cmd_at(i)) != NULL; i++) {
		const struct cmd_option *options[CMD_OPTIONS_MAX];
		struct buf               line = { 0 };
		struct outcome           outcome;

		assert_ptr_equal(cmd_find(cmd->noun, cmd->verb), cmd);
		assert_non_null(cmd->help);
		assert_non_null(cmd->examples);
		assert_non_null(cmd->json);
		assert_non_null(cmd->exits);
		assert_true(cmd_options(cmd, options) < CMD_OPTIONS_MAX);
		buf_putf(&line, "%s %s --help", cmd->noun, cmd->verb);
		outcome = run_with(buf_str(&line), "", false);
		assert_int_equal(outcome.status, 0);
		assert_non_null(strstr(outcome.data, cmd->help));
		outcome_done(&outcome);
		buf_done(&line);
	}
}

/* ---- JSON ---- */

static const char *const json_lines[] = {
	"whoami", "status", "version", "help", "help E-SOA-MULTI", "zone list", "zone show example.org", "zone export example.org",
	"zone check example.org --stored", "zone create example.net --ns ns.example.com", "record list example.org",
	"record add --json example.org a A 192.0.2.1", "record rm --json example.org a A", "log", "log show example.org c81d", "update home.example.org",
};

/* What a command prints is what its row says, and nothing that the row does not say. */
static void
test_json_members(void **state)
{
	for (size_t i = 0; i < sizeof json_lines / sizeof json_lines[0]; i++) {
		char              line[256], noun[16] = "", verb[32] = "";
		struct outcome    outcome;
		const struct cmd *cmd;
		const char       *key;
		json_t           *object, *value;

		setup(state);
		snprintf(line, sizeof line, "%s%s", json_lines[i], strstr(json_lines[i], "--json") != NULL ? "" : " --json");
		sscanf(line, "%15s %31s", noun, verb);
		cmd = cmd_find(noun, verb) != NULL ? cmd_find(noun, verb) : cmd_find(noun, "");
		outcome = run_with(line, "", false);
		object = json_loads(outcome.data, 0, NULL);
		assert_non_null(object);
		assert_int_equal(json_integer_value(json_object_get(object, "v")), 1);
		assert_true(json_is_true(json_object_get(object, "ok")));
		json_object_foreach(object, key, value)
			if (strstr("v ok", key) == NULL && strstr(cmd->json, key) == NULL)
				fail_msg("%s: member \"%s\" is not in its row", line, key);
		assert_string_equal(outcome.notes, "");
		json_decref(object);
		outcome_done(&outcome);
	}
}

static void
test_input_limit(void **state)
{
	char          *input = mem_alloc(CMD_STDIN_MAX + 2);
	struct outcome outcome;

	(void)state;
	memset(input, ';', CMD_STDIN_MAX + 1);
	outcome = run_with("zone import example.org", input, false);
	assert_int_equal(outcome.status, 7);
	assert_non_null(strstr(outcome.notes, "error: E-LIMIT the input is larger than 16 MiB"));
	outcome_done(&outcome);
	free(input);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(test_edits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_comments_survive, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_findings, setup, teardown),
		cmocka_unit_test_setup_teardown(test_served_serial, setup, teardown),
		cmocka_unit_test_setup_teardown(test_import_keeps_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_create_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_log_query, setup, teardown),
		cmocka_unit_test_setup_teardown(test_device, setup, teardown),
		cmocka_unit_test_setup_teardown(test_update_all_or_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_update_one_commit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_terminal, setup, teardown),
		cmocka_unit_test(test_rows),
		cmocka_unit_test_setup_teardown(test_json_members, setup, teardown),
		cmocka_unit_test_setup_teardown(test_input_limit, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
