/* SPDX-License-Identifier: ISC */
/*
 * The store on a real repository: loading, changing, taking over what others push, merging with a remote.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/fault.h"
#include "base/log.h"
#include "store/identity.h"
#include "store/note.h"
#include "store/submit.h"
#include "store/sync.h"
#include "zone/change.h"

#define ED25519 "AAAAC3NzaC1lZDI1NTE5AAAAIH3NXhBYkKRMNPYBsA1zfFNdzzWaAnp8XpdqyL6tu6p8"
#define OTHER   "AAAAC3NzaC1lZDI1NTE5AAAAIEYq0YGq3KCL0jVmTqRVlkFL0pKJTqfwDKNwLw0s9Lsz"
#define ZONE_TEXT(serial) "$ORIGIN example.org.\n$TTL 300\n; mine\n@ SOA ns1 h " serial " 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1 ; the server\nwww A 192.0.2.2\n"

static char           dir[64], work[96];
static struct conf    conf;
static struct store  *store;
static struct arena  *arena;
static uint8_t        apex[NAME_SIZE];
static unsigned       told_zones, told_keys, told_events;
static struct client_event last_event;

static const struct identity root = { .kind = ID_ADMIN, .name = "root", .display = "root", .proof = "local", .via = "cli", .admin = true };
static struct identity       alice = { .kind = ID_ACCOUNT, .name = "alice@example.org", .display = "alice", .via = "cli" };
static const struct identity lab = { .kind = ID_TSIG, .name = "lab.example.org", .proof = "hmac-sha256", .via = "rfc2136", .from = "192.0.2.9" };

/* ---- fixture ---- */

static void
on_zone(void *arg, struct store_file *file)
{
	(void)arg, (void)file;
	told_zones++;
}

static void
on_keys(void *arg)
{
	(void)arg;
	told_keys++;
}

static void
on_main(void *arg)
{
	(void)arg;
}

static void
on_event(void *arg, const struct client_event *event)
{
	(void)arg;
	told_events++;
	last_event = *event;
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static void
git(const char *in, ...)
{
	char   *argv[32] = { "git", "-C", (char *)in };
	int     n = 3, status;
	pid_t   pid;
	va_list ap;

	va_start(ap, in);
	while ((argv[n] = va_arg(ap, char *)) != NULL)
		n++;
	va_end(ap);
	pid = fork();
	if (pid == 0) {
		execvp("git", argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	if (status != 0)
		fail_msg("git %s", argv[3]);
}

static void
write_file(const char *name, const char *text)
{
	char  path[256];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", work, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* Somebody pushes FILES (name, text... NULL; text NULL deletes) in one commit to REF. */
static void
push(const char *ref, ...)
{
	const char *name, *text;
	char        to[128];
	va_list     ap;

	va_start(ap, ref);
	while ((name = va_arg(ap, const char *)) != NULL) {
		text = va_arg(ap, const char *);
		if (text != NULL)
			write_file(name, text);
		else
			git(work, "rm", "-q", name, NULL);
	}
	va_end(ap);
	git(work, "add", "-A", NULL);
	git(work, "commit", "-qm", "by hand", NULL);
	snprintf(to, sizeof to, "HEAD:%s", ref);
	git(work, "push", "-q", "-f", "origin", to, NULL);
}

static void
pull(void)
{
	git(work, "fetch", "-q", "origin", NULL);
	git(work, "reset", "-q", "--hard", "origin/main", NULL);
}

static void
open_store(void)
{
	const struct store_sink sink = { on_zone, on_keys, on_main, on_event, NULL };
	struct err              err = { 0 };

	store = store_open(&conf, &sink, &err);
	if (store == NULL || !store_load(store, &err))
		fail_msg("%s", err.text);
}

static void
reopen_store(void)
{
	store_free(store);
	open_store();
}

static int
setup(void **state)
{
	char path[128];

	(void)state;
	strcpy(dir, "/tmp/zonesh-store-XXXXXX");
	assert_non_null(mkdtemp(dir));
	conf_init(&conf, dir);
	snprintf(path, sizeof path, "%s/state", dir);
	mkdir(path, 0700);
	snprintf(work, sizeof work, "%s/work", dir);
	assert_true(repo_create(conf_repo(&conf), "main", NULL));
	git(dir, "init", "-q", "-b", "main", "work", NULL);
	git(work, "remote", "add", "origin", conf_repo(&conf), NULL);
	snprintf(path, sizeof path, "%s/users", work);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/policy", work);
	mkdir(path, 0700);
	push("main", "example.org", ZONE_TEXT("5"), "users/alice@example.org", "name alice\nkey ssh-ed25519 " ED25519 "\nzone example.org maintainer\nzone new.example owner\n",
	    "policy/example.org", "allow lab www A,AAAA\ndevice attic ssh-ed25519 " OTHER "\nallow attic home A ttl 60\n",
	    "example.org._keys", "lab.example.org. DNSKEY 0 3 163 MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n", "README.md", "# Our zones\n", NULL);
	arena = arena_new();
	told_zones = told_keys = told_events = 0;
	open_store();
	identity_find(store, "ssh-ed25519", ED25519, &alice, NULL);
	strcpy(alice.via, "cli");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	store_free(store);
	store = NULL;
	arena_free(arena);
	conf_done(&conf);
	unsetenv("ZONESH_FAULT");
	fault_init();
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- helpers ---- */

static struct job
job_change(const struct identity *who, const char *script)
{
	struct job job = { .who = *who, .arena = arena, .update = who->kind == ID_TSIG };
	struct err err = { 0 };

	job.submit = (struct submit){ .zone = "example.org", .change = change_parse(arena, apex, script, &err) };
	if (job.submit.change == NULL)
		fail_msg("%s: %s", script, err.text);
	return job;
}

static struct job
job_text(const struct identity *who, enum submit_mode mode, const char *zone, const char *text)
{
	struct job job = { .who = *who, .arena = arena };

	job.submit = (struct submit){ .mode = mode, .zone = zone, .text = text, .text_len = strlen(text) };
	return job;
}

static void
run(struct job *job)
{
	submit_batch(store, &job, 1);
}

static void
run_ok(struct job *job)
{
	run(job);
	if (!job->ok)
		fail_msg("%s: %s", job->err.id, job->err.text);
}

static void
done(struct job *job)
{
	submit_result_done(&job->result);
}

static const char *
file_text(const char *path)
{
	char   blob[OID_TEXT_MAX], *text;
	size_t len;

	assert_true(repo_find(store->repo, store->head, path, blob, NULL));
	assert_true(repo_read(store->repo, blob, arena, &text, &len, NULL));
	return text;
}

static uint32_t
served(const char *zone)
{
	const struct store_file *file = store_find(store, FILE_ZONE, zone);

	return file != NULL && file->content.zone != NULL ? zone_serial(file->content.zone) : 0;
}

struct seen { struct log_entry entries[10]; size_t count; };

static bool
see(void *arg, const struct log_entry *entry, const char *blob, const char *parent_blob)
{
	struct seen *seen = arg;

	(void)blob, (void)parent_blob;
	if (seen->count < 10)
		seen->entries[seen->count++] = *entry;
	return true;
}

static struct seen
history(const char *path)
{
	struct seen seen = { .count = 0 };

	assert_true(repo_log(store->repo, path, see, &seen, NULL));
	return seen;
}

static const char *
message_of(const char *commit)
{
	static char text[4096];
	char        command[256];
	FILE       *pipe;

	snprintf(command, sizeof command, "git -C %s log -1 --format=%%B %s", conf_repo(&conf), commit);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	text[fread(text, 1, sizeof text - 1, pipe)] = '\0';
	pclose(pipe);
	return text;
}

/* ---- loading ---- */

static void
loads_what_is_there(void **state)
{
	struct identity who;
	struct err      err = { 0 };

	(void)state;
	assert_int_equal(store->info.zones, 1);
	assert_int_equal(store->info.broken, 0);
	assert_int_equal(store->info.accounts, 1);
	assert_int_equal(store->key_count, 1);
	assert_int_equal(served("example.org"), 5);
	assert_int_equal(told_keys, 1);
	assert_true(identity_find(store, "ssh-ed25519", ED25519, &who, &err));
	assert_string_equal(who.name, "alice@example.org");
	assert_true(identity_find(store, "ssh-ed25519", OTHER, &who, &err));
	assert_string_equal(who.name, "attic.example.org");
	assert_int_equal(who.kind, ID_DEVICE);
	assert_true(identity_refresh(store, &who, &err));
	assert_false(identity_find(store, "ssh-ed25519", "AAAA", &who, &err));
	assert_int_equal(err.code, ERR_NOTAUTH);
}

static void
a_broken_file_keeps_its_last_good_version(void **state)
{
	struct job job;

	(void)state;
	push("main", "example.org", ZONE_TEXT("6") "www CNAME x\n", "users/alice@example.org", "key nonsense\n", NULL);
	assert_true(store_adopt(store, NULL));
	for (int round = 0; round < 2; round++) {
		const struct store_file *file = store_find(store, FILE_ZONE, "example.org");

		assert_int_equal(served("example.org"), 5);
		assert_non_null(file->problem);
		assert_int_equal(store->info.broken, 1);
		assert_int_equal(store->info.dead, 0);
		assert_int_equal(store->info.broken_files, 2);
		assert_ptr_equal(strstr(store->info.problems, "example.org:8:1: "), store->info.problems);
		assert_non_null(strstr(store->info.problems, "\nusers/alice@example.org:1:"));
		assert_int_equal(identity_access(store, &alice, "example.org"), ACCESS_MAINTAINER);
		reopen_store();         /* the second time from history */
	}
	job = job_change(&root, "add a 1 A 192.0.2.1");
	run(&job);
	assert_int_equal(job.err.code, ERR_CHECK);
	done(&job);
	job = job_change(&lab, "add www 1 A 192.0.2.1");
	run(&job);
	assert_int_equal(job.err.code, ERR_BUSY);
	done(&job);
	job = job_text(&root, SUBMIT_REPLACE, "example.org", ZONE_TEXT("3"));
	run_ok(&job);
	assert_int_equal(served("example.org"), 6);
	assert_int_equal(store->info.broken, 0);
	assert_non_null(strstr(file_text("example.org"), "; the server"));
	done(&job);
}

/* ---- changing ---- */

static void
a_change_is_a_commit_by_its_author(void **state)
{
	struct job  job = job_change(&alice, "delete www A\nadd www 60 A 192.0.2.7");
	struct seen seen;

	(void)state;
	job.submit.message = "move www\nZone: forged\n\x1b[31mred";
	run_ok(&job);
	assert_true(job.result.changed);
	assert_string_equal(job.result.diff, "~ www 300 A 192.0.2.2 -> 60 A 192.0.2.7\n");
	assert_int_equal(job.result.serial_old, 5);
	assert_int_equal(job.result.serial, served("example.org"));
	seen = history("example.org");
	assert_string_equal(seen.entries[0].commit, job.result.commit);
	assert_string_equal(seen.entries[0].author, "alice");
	assert_string_equal(seen.entries[0].email, "alice@example.org");
	assert_string_equal(seen.entries[0].subject, "edit: move www");
	assert_string_equal(seen.entries[0].zone, "example.org");
	assert_string_equal(seen.entries[0].via, "cli");
	assert_int_equal(seen.entries[0].serial, job.result.serial);
	assert_string_equal(last_event.commit, job.result.commit);
	assert_non_null(strstr(file_text("example.org"), "ns1 A 192.0.2.1 ; the server\nwww 60 A 192.0.2.7\n"));
	assert_non_null(strstr(file_text("example.org"), "; mine\n"));
	done(&job);
}

static void
one_author_one_commit(void **state)
{
	struct job  jobs[4] = { job_change(&alice, "add a 1 A 192.0.2.1"), job_change(&alice, "add b 1 A 192.0.2.1"),
	                        job_change(&lab, "add www 300 A 192.0.2.3"), job_change(&alice, "add a 1 A 192.0.2.1") };
	struct job *list[4] = { &jobs[0], &jobs[1], &jobs[2], &jobs[3] };
	struct seen seen;

	(void)state;
	submit_batch(store, list, 4);
	for (int i = 0; i < 4; i++)
		if (!jobs[i].ok)
			fail_msg("%s", jobs[i].err.text);
	assert_string_equal(jobs[0].result.commit, jobs[1].result.commit);
	assert_string_not_equal(jobs[0].result.commit, jobs[2].result.commit);
	assert_false(jobs[3].result.changed);
	seen = history("example.org");
	assert_int_equal(seen.count, 3);
	assert_string_equal(seen.entries[0].author, "lab.example.org via zonesh");
	assert_string_equal(seen.entries[0].subject, "ddns: + www 300 A 192.0.2.3");
	assert_string_equal(seen.entries[0].from, "192.0.2.9");
	assert_true(note_by_machine(&seen.entries[0]));
	assert_string_equal(seen.entries[1].subject, "edit: + a 1 A 192.0.2.1 (2 changes)");
	assert_false(note_by_machine(&seen.entries[1]));
	for (int i = 0; i < 4; i++)
		done(&jobs[i]);
}

static const struct { const struct identity *who; const char *script; enum err_code code; } refused[] = {
	{ &alice, "add @ 300 NS ns2.example.net.",       ERR_DENIED },
	{ &alice, "add ns1 300 CNAME www",               ERR_CHECK },
	{ &alice, "prereq nxdomain www\nadd x 1 A 192.0.2.1", ERR_YXDOMAIN },
	{ &lab,   "add other 300 A 192.0.2.1",           ERR_DENIED },
	{ &lab,   "prereq yxdomain ns1\nadd www 1 A 192.0.2.1", ERR_DENIED },
	{ &root,  "add sub 300 NS ns1.\n\nadd www 300 DNAME x\nadd y.www 300 A 192.0.2.1", ERR_CHECK },
};

static void
what_is_refused_changes_nothing(void **state)
{
	char head[OID_TEXT_MAX];

	(void)state;
	strcpy(head, store->head);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct job job = job_change(refused[i].who, refused[i].script);

		run(&job);
		if (job.ok || job.err.code != refused[i].code)
			fail_msg("%s: %s", refused[i].script, job.err.text);
		done(&job);
	}
	assert_string_equal(store->head, head);
	assert_int_equal(served("example.org"), 5);
}

static void
zones_of_others_are_not_there(void **state)
{
	struct job job = job_text(&root, SUBMIT_CREATE, "secret.example", "@ 1 SOA ns.example.net. h.example.net. 1 2 3 4 5\n@ 1 NS ns.example.net.\n");

	(void)state;
	run_ok(&job);
	done(&job);
	job = job_change(&alice, "add a 1 A 192.0.2.1");
	job.submit.zone = "secret.example";
	job.submit.change = NULL;
	job.submit.mode = SUBMIT_REPLACE;
	job.submit.text = "";
	run(&job);
	assert_int_equal(job.err.code, ERR_NOTFOUND);
	done(&job);
	job = job_text(&alice, SUBMIT_CREATE, "secret.example", "@ 1 SOA a. h. 1 2 3 4 5\n@ 1 NS a.\n");
	run(&job);
	assert_int_equal(job.err.code, ERR_DENIED);
	done(&job);
}

static const char *const unusable[] = { "0/25.2.0.192.in-addr.arpa", "x._keys", "x_keys", "users", "policy", ".", "a..b", "" };

static void
names_that_no_file_can_have(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof unusable / sizeof *unusable; i++) {
		struct job job = job_text(&root, i % 2 ? SUBMIT_CREATE : SUBMIT_REPLACE, unusable[i], "@ 1 SOA a. h. 1 2 3 4 5\n@ 1 NS a.\n");

		run(&job);
		if (job.ok)
			fail_msg("%s was created", unusable[i]);
		assert_true(job.err.code == ERR_USAGE || job.err.code == ERR_SYNTAX);
		done(&job);
	}
}

static void
dry_runs_and_conditions(void **state)
{
	struct job  job = job_change(&alice, "add a 1 A 192.0.2.1");
	char        head[OID_TEXT_MAX];

	(void)state;
	strcpy(head, store->head);
	job.submit.dry_run = true;
	run_ok(&job);
	assert_true(job.result.changed && job.result.added == 1 && job.result.commit[0] == '\0');
	done(&job);
	job.submit.dry_run = false;
	job.submit.has_if_serial = true;
	job.submit.if_serial = 4;
	run(&job);
	assert_int_equal(job.err.code, ERR_CONFLICT);
	done(&job);
	job.submit.if_serial = 5;
	job.submit.if_commit = "ffffffff";
	run(&job);
	assert_int_equal(job.err.code, ERR_CONFLICT);
	assert_string_equal(store->head, head);
	done(&job);
	job.submit.if_commit = history("example.org").entries[0].commit;
	run_ok(&job);
	assert_true(job.result.changed);
	done(&job);
}

static void
an_old_base_merges_or_conflicts(void **state)
{
	struct job job;
	char       base[OID_TEXT_MAX];

	(void)state;
	strcpy(base, store_find(store, FILE_ZONE, "example.org")->blob);
	job = job_change(&root, "delete www A\nadd www 300 A 192.0.2.80");
	run_ok(&job);
	done(&job);
	job = job_change(&alice, "add shop 300 A 192.0.2.81");
	job.submit.base = base;
	run_ok(&job);
	done(&job);
	job = job_change(&alice, "delete www A\nadd www 300 A 192.0.2.82");
	job.submit.base = base;
	run(&job);
	assert_int_equal(job.err.code, ERR_CONFLICT);
	assert_non_null(strstr(job.err.text, "www A changed in example.org since you began"));
	done(&job);
	job = job_text(&alice, SUBMIT_REPLACE, "example.org", ZONE_TEXT("5") "extra A 192.0.2.9\n");
	job.submit.base = base;
	run_ok(&job);
	assert_non_null(strstr(file_text("example.org"), "www A 192.0.2.80\n"));
	assert_non_null(strstr(file_text("example.org"), "shop A 192.0.2.81\n"));
	assert_non_null(strstr(file_text("example.org"), "extra A 192.0.2.9\n"));
	done(&job);
}

static const struct { const char *text, *file; } created[] = {
	{ "@ 300 SOA ns h 7 2 3 4 5\n@ 300 NS ns\nns 300 A 192.0.2.1 ; here\n", "$ORIGIN new.example.\n@ 300 SOA ns h 7 2 3 4 5\n@ 300 NS ns\nns 300 A 192.0.2.1 ; here\n" },
	{ "$ORIGIN new.example.\n@ 300 SOA ns h 7 2 3 4 5\n@ 300 NS ns\nns 300 A 192.0.2.1\n", "$ORIGIN new.example.\n@ 300 SOA ns h 7 2 3 4 5\n@ 300 NS ns\nns 300 A 192.0.2.1\n" },
	{ "\xef\xbb\xbf@ 300 SOA ns h 7 2 3 4 5\n@ 300 NS ns\nns 300 A 192.0.2.1\n", "$ORIGIN new.example.\n@ 300 SOA ns h 7 2 3 4 5\n@ 300 NS ns\nns 300 A 192.0.2.1\n" },
	{ "$ORIGIN example.\nnew 300 SOA ns.new h 7 2 3 4 5\nnew 300 NS ns.new\nns.new 300 A 192.0.2.1\n", "$ORIGIN example.\nnew 300 SOA ns.new h 7 2 3 4 5\nnew 300 NS ns.new\nns.new 300 A 192.0.2.1\n" },
};

static void
zones_are_created_as_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof created / sizeof *created; i++) {
		struct job job = job_text(&alice, SUBMIT_CREATE, "New.example.", created[i].text);

		run_ok(&job);
		assert_string_equal(file_text("new.example"), created[i].file);
		done(&job);
		run(&job);
		assert_int_equal(job.err.code, ERR_EXISTS);
		done(&job);
		teardown(NULL);
		setup(NULL);
	}
}

static const struct { const char *script, *subject, *diff; } soas[] = {
	{ "add @ 300 SOA ns1 h 0 14400 3 4 5", "edit: @ SOA ns1 h 5 2 3 4 5 -> ns1 h 6 14400 3 4 5", "~ @ SOA ns1 h 5 2 3 4 5 -> ns1 h 6 14400 3 4 5\n" },
	{ "add @ 300 SOA ns1 h 70 14400 3 4 5", "edit: serial 70", "" },
};

static void
an_soa_is_told_of(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof soas / sizeof *soas; i++) {
		struct job job = job_change(&root, soas[i].script);

		run_ok(&job);
		assert_string_equal(job.result.diff, soas[i].diff);
		assert_string_equal(history("example.org").entries[0].subject, soas[i].subject);
		done(&job);
	}
}

#define IMPORT(serial, more) "; theirs\n$TTL 300\n@ SOA ( ns1 h\n " serial " ; serial\n 2 3 4 5 )\n@ NS ns1\n" more

/* One import after the other; the file that is there afterwards. */
static const struct { const char *text, *file, *subject; bool changed; uint32_t serial; } imports[] = {
	{ ZONE_TEXT("1"), ZONE_TEXT("5"), NULL, false, 5 },
	{ ZONE_TEXT("9"), ZONE_TEXT("5"), NULL, false, 5 },
	{ IMPORT("1", "ns1 A 192.0.2.1\nwww A 192.0.2.2 ; new\n"), "$ORIGIN example.org.\n" IMPORT("5", "ns1 A 192.0.2.1\nwww A 192.0.2.2 ; new\n"),
	  "import: comments and layout", true, 5 },
	{ IMPORT("1", "ns1 A 192.0.2.1\nwww A 192.0.2.2 ; new\n"), "$ORIGIN example.org.\n" IMPORT("5", "ns1 A 192.0.2.1\nwww A 192.0.2.2 ; new\n"),
	  NULL, false, 5 },
	{ IMPORT("4", "ns1 A 192.0.2.1 ; alone\n"), "$ORIGIN example.org.\n" IMPORT("6", "ns1 A 192.0.2.1 ; alone\n"), "import: zone example.org, +0 ~0 -1", true, 6 },
	{ "\xef\xbb\xbf" IMPORT("70", "ns1 A 192.0.2.3\n"), "$ORIGIN example.org.\n" IMPORT("70", "ns1 A 192.0.2.3\n"), "import: zone example.org, +0 ~1 -0", true, 70 },
};

static void
a_replacement_is_the_file(void **state)
{
	struct job job;

	(void)state;
	for (size_t i = 0; i < sizeof imports / sizeof *imports; i++) {
		char head[OID_TEXT_MAX];

		strcpy(head, store->head);
		job = job_text(&root, SUBMIT_REPLACE, "example.org", imports[i].text);
		run_ok(&job);
		assert_int_equal(job.result.changed, imports[i].changed);
		assert_int_equal(strcmp(store->head, head) != 0, imports[i].changed);
		assert_string_equal(file_text("example.org"), imports[i].file);
		assert_int_equal(served("example.org"), imports[i].serial);
		if (imports[i].changed)
			assert_string_equal(history("example.org").entries[0].subject, imports[i].subject);
		done(&job);
	}
	job = job_text(&root, SUBMIT_REPLACE, "example.org", "@ 300 NS ns1\n");
	run(&job);
	assert_false(job.ok);
	assert_true(job.result.report.errors > 0);
	done(&job);
}

static void
a_commit_that_fails_changes_nothing(void **state)
{
	struct job job = job_change(&alice, "add a 1 A 192.0.2.1");

	(void)state;
	setenv("ZONESH_FAULT", "commit-fails:1", 1);
	fault_init();
	run(&job);
	assert_int_equal(job.err.code, ERR_REPO);
	assert_int_equal(served("example.org"), 5);
	done(&job);
	run_ok(&job);
	assert_true(job.result.changed);
	done(&job);
}

static void
what_came_to_nothing_is_not_acknowledged(void **state)
{
	struct job  jobs[] = { job_change(&alice, "add a 1 A 192.0.2.1"), job_change(&root, "add a 1 A 192.0.2.1"),
	                       job_change(&root, "prereq nxdomain a\nadd b 1 A 192.0.2.1") };
	struct job *list[] = { &jobs[0], &jobs[1], &jobs[2] };

	(void)state;
	setenv("ZONESH_FAULT", "commit-fails:1", 1);
	fault_init();
	submit_batch(store, list, 3);
	for (int i = 0; i < 3; i++) {
		assert_false(jobs[i].ok);       /* the second had nothing to do, but only after the first */
		assert_int_equal(jobs[i].err.code, ERR_REPO);
		done(&jobs[i]);
	}
}

static void
a_change_that_cannot_be_written_spoils_no_other(void **state)
{
	struct job  jobs[] = { job_change(&alice, "add a 1 A 192.0.2.1"), job_text(&root, SUBMIT_CREATE, "users", "@ 1 SOA a. h. 1 2 3 4 5\n@ 1 NS a.\n"),
	                       job_text(&root, SUBMIT_CREATE, "policy", "@ 1 SOA a. h. 1 2 3 4 5\n@ 1 NS a.\n") };
	struct job *list[] = { &jobs[0], &jobs[1], &jobs[2] };

	(void)state;
	submit_batch(store, list, 3);
	assert_true(jobs[0].ok);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(jobs[i].err.code, i == 0 ? ERR_NONE : ERR_SYNTAX);
		done(&jobs[i]);
	}
}

static void
no_text_makes_a_trailer(void **state)
{
	struct job  job = job_change(&alice, "delete www A\nadd www 60 A 192.0.2.7");
	struct seen seen;

	(void)state;
	job.submit.message = "move www\n\x01Zone: forged\nVi\ra: forged\n";
	strcpy(job.who.from, "192.0.2.1\nActor: mallory");
	strcpy(job.who.via, "cli\nActor: mallory");
	run_ok(&job);
	seen = history("example.org");
	assert_memory_equal(seen.entries[0].actor, "alice (", 7);
	assert_null(strchr(seen.entries[0].via, '\n'));
	assert_null(strchr(last_event.via, '\n'));
	assert_null(strstr(message_of(job.result.commit), "\nZone: forged"));
	assert_null(strstr(message_of(job.result.commit), "\nVia: forged"));
	done(&job);
}

/* ---- others ---- */

static void
pushes_are_taken_over_before_a_change(void **state)
{
	struct job job = job_change(&alice, "add a 1 A 192.0.2.1");

	(void)state;
	push("main", "example.org", ZONE_TEXT("9") "pushed A 192.0.2.3\n", NULL);
	run_ok(&job);
	assert_int_equal(job.result.serial_old, 9);
	assert_non_null(strstr(file_text("example.org"), "pushed A 192.0.2.3\na    1 A 192.0.2.1\n"));
	done(&job);
}

static void
a_served_serial_never_stands_for_two_things(void **state)
{
	struct job job = job_change(&alice, "add a 1 A 192.0.2.1");

	(void)state;
	push("main", "example.org", ZONE_TEXT("5") "pushed A 192.0.2.3\n", NULL);       /* changed, with the same serial */
	assert_true(store_adopt(store, NULL));
	assert_int_equal(served("example.org"), 6);
	reopen_store();
	assert_int_equal(served("example.org"), 6);
	push("main", "example.org", ZONE_TEXT("5") "pushed A 192.0.2.3\n; a comment only\n", NULL);
	assert_true(store_adopt(store, NULL));
	assert_int_equal(served("example.org"), 6);
	store_free(store);
	push("main", "example.org", ZONE_TEXT("5") "pushed A 192.0.2.4\n", NULL);       /* while nobody runs */
	open_store();
	assert_int_equal(served("example.org"), 7);
	job.submit.has_if_serial = true;
	job.submit.if_serial = 7;
	run_ok(&job);
	assert_int_equal(job.result.serial, served("example.org"));
	assert_non_null(strstr(file_text("example.org"), "pushed A 192.0.2.4\n"));
	reopen_store();
	assert_int_equal(served("example.org"), job.result.serial);
	done(&job);
}

static void
a_zone_that_goes_and_comes_back(void **state)
{
	struct job job = job_text(&root, SUBMIT_CREATE, "example.org", ZONE_TEXT("1"));

	(void)state;
	push("main", "example.org", NULL, NULL);
	assert_true(store_adopt(store, NULL));
	assert_int_equal(store->info.zones, 0);
	assert_int_equal(served("example.org"), 0);
	run_ok(&job);
	assert_int_equal(served("example.org"), 6);
	done(&job);
}

static void
rights_follow_the_files(void **state)
{
	struct identity device;
	struct err      err = { 0 };

	(void)state;
	assert_true(identity_find(store, "ssh-ed25519", OTHER, &device, &err));
	push("main", "users/alice@example.org", "role admin\nkey ssh-ed25519 " ED25519 "\n", "policy/example.org", "", "example.org._keys",
	    "; none\n", NULL);
	assert_true(store_adopt(store, NULL));
	assert_true(identity_refresh(store, &alice, &err));
	assert_true(alice.admin);
	assert_false(identity_refresh(store, &device, &err));
	assert_int_equal(store->key_count, 0);
	push("main", "users/alice@example.org", NULL, NULL);
	assert_true(store_adopt(store, NULL));
	assert_false(identity_refresh(store, &alice, &err));
	assert_int_equal(err.code, ERR_NOTAUTH);
}

static void
a_right_taken_by_a_push_is_gone_for_what_waits(void **state)
{
	struct job jobs[] = { job_change(&alice, "add a 1 A 192.0.2.1"), job_change(&lab, "add www 1 A 192.0.2.1") };

	(void)state;
	push("main", "users/alice@example.org", "name alice\nkey ssh-ed25519 " OTHER "\nzone example.org maintainer\n", "example.org._keys",
	    "; none\n", NULL);
	for (int i = 0; i < 2; i++) {
		run(&jobs[i]);
		assert_int_equal(jobs[i].err.code, ERR_NOTAUTH);
		done(&jobs[i]);
	}
}

static void
an_adoption_that_fails_is_made_up_for(void **state)
{
	char     command[1024];
	unsigned before = told_zones;

	(void)state;
	write_file("example.org", ZONE_TEXT("9"));
	snprintf(command, sizeof command, "cd %s && git commit -qam x && git push -q origin HEAD:main && cd %s && "
	    "tree=$(git ls-tree main | sed 's/tree .*\tusers/tree 1234567890123456789012345678901234567890\tusers/' | git mktree --missing) && "
	    "git update-ref refs/heads/main $(git commit-tree -p main -m damaged $tree)", work, conf_repo(&conf));
	assert_int_equal(system(command), 0);
	assert_false(store_adopt(store, NULL));
	assert_int_equal(served("example.org"), 5);
	assert_int_equal(told_zones, before);
	git(conf_repo(&conf), "update-ref", "refs/heads/main", "main^", NULL);
	assert_true(store_adopt(store, NULL));
	assert_int_equal(served("example.org"), 9);
	assert_int_equal(told_zones, before + 1);
}

static void
a_name_in_other_case_is_the_same_zone(void **state)
{
	(void)state;
	push("main", "Example.org", ZONE_TEXT("9"), "example.org", NULL, NULL);
	assert_true(store_adopt(store, NULL));
	assert_int_equal(served("example.org"), 9);
	push("main", "example.org", ZONE_TEXT("10"), "Example.org", NULL, NULL);
	assert_true(store_adopt(store, NULL));
	assert_int_equal(served("example.org"), 10);
}

static void
what_was_deleted_does_not_come_back(void **state)
{
	(void)state;
	push("main", "users/bob@example.org", "key ssh-ed25519 " OTHER "\n", "users/alice@example.org", NULL, NULL);
	assert_true(store_adopt(store, NULL));
	push("main", "users/alice@example.org", "key nonsense\n", NULL);
	assert_true(store_adopt(store, NULL));
	for (int round = 0; round < 2; round++) {
		assert_int_equal(identity_access(store, &alice, "example.org"), ACCESS_NONE);
		reopen_store();
	}
}

/* ---- the remote ---- */

static void
both_sides_moved(void **state)
{
	struct job  job = job_change(&lab, "delete www A\nadd www 300 A 192.0.2.50");
	struct err  err = { 0 };
	char        base[OID_TEXT_MAX], theirs[OID_TEXT_MAX];
	const char *text;

	(void)state;
	strcpy(base, store->head);
	run_ok(&job);
	done(&job);
	job = job_change(&root, "add ns1 300 TXT ours");
	run_ok(&job);
	done(&job);
	/* Theirs: the same www, which was a machine's here; ns1 TXT, which was a person's; and something else. */
	push("refs/remotes/origin/main", "example.org", "$ORIGIN example.org.\n$TTL 300\n@ SOA ns1 h 8 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n"
	    "www A 192.0.2.60\nns1 TXT theirs\nelse A 192.0.2.70\n", "third.example", "third.example. 1 SOA a. h. 1 2 3 4 5\nthird.example. 1 NS a.\n",
	    "policy/example.org", "protect www A\n", NULL);
	assert_true(repo_ref(store->repo, "refs/remotes/origin/main", theirs, NULL));
	if (!sync_merge(store, base, theirs, &err))
		fail_msg("%s", err.text);
	/* What was dropped, on either side, is told. */
	assert_non_null(strstr(store->info.conflict, "zone example.org: ns1 TXT changed here to \"ours\" and at the remote to \"theirs\": the remote's is dropped"));
	assert_non_null(strstr(store->info.conflict, "(and 1 more)"));
	assert_true(store->info.conflict_s != 0);
	text = message_of(history("example.org").entries[0].commit);
	assert_non_null(strstr(text, "  zone example.org: ns1 TXT changed here to \"ours\" and at the remote to \"theirs\": the remote's is dropped\n"));
	assert_non_null(strstr(text, "at the remote to 192.0.2.60: what was here is dropped\n"));
	text = file_text("example.org");
	assert_non_null(strstr(text, "www A 192.0.2.60\n"));
	assert_non_null(strstr(text, "TXT \"ours\"\n"));
	assert_null(strstr(text, "theirs"));
	assert_non_null(strstr(text, "else A 192.0.2.70\n"));
	assert_non_null(strstr(text, "; the server\n"));
	assert_int_equal(served("third.example"), 1);
	assert_int_equal(identity_policy(store, "example.org")->protect_count, 1);
	assert_true(repo_merge_base(store->repo, store->head, theirs, base, NULL));
	assert_string_equal(base, theirs);
	pull();
}

int
main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(loads_what_is_there), T(a_broken_file_keeps_its_last_good_version), T(a_change_is_a_commit_by_its_author),
		T(one_author_one_commit), T(what_is_refused_changes_nothing), T(zones_of_others_are_not_there), T(names_that_no_file_can_have),
		T(dry_runs_and_conditions),
		T(an_old_base_merges_or_conflicts), T(zones_are_created_as_written), T(an_soa_is_told_of), T(a_replacement_is_the_file),
		T(a_commit_that_fails_changes_nothing), T(pushes_are_taken_over_before_a_change), T(a_served_serial_never_stands_for_two_things),
		T(a_zone_that_goes_and_comes_back), T(rights_follow_the_files), T(both_sides_moved),
		T(what_came_to_nothing_is_not_acknowledged), T(a_change_that_cannot_be_written_spoils_no_other), T(no_text_makes_a_trailer),
		T(a_right_taken_by_a_push_is_gone_for_what_waits), T(an_adoption_that_fails_is_made_up_for),
		T(a_name_in_other_case_is_the_same_zone), T(what_was_deleted_does_not_come_back),
	};
#undef T

	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	setenv("GIT_AUTHOR_NAME", "Bob", 1);
	setenv("GIT_AUTHOR_EMAIL", "bob@example.net", 1);
	setenv("GIT_COMMITTER_NAME", "Bob", 1);
	setenv("GIT_COMMITTER_EMAIL", "bob@example.net", 1);
	crypt_init();
	log_init("test", LOG_LEVEL_FATAL);
	name_parse(apex, "example.org", NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
