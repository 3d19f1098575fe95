/* SPDX-License-Identifier: ISC */
/* Errors, log lines, fault probes: what people and tests read. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/log.h"

static void
setting(void **state)
{
	struct err err = { .line = 7, .hint = "old" };
	char       longer[2000];

	(void)state;
	assert_false(err_set(&err, ERR_NOTFOUND, "zone %s is not here", "x"));
	assert_int_equal(err.code, ERR_NOTFOUND);
	assert_string_equal(err.id, "E-NOT-FOUND");
	assert_string_equal(err.text, "zone x is not here");
	assert_string_equal(err.hint, "");
	assert_int_equal(err.line, 0);
	assert_false(err_prefix(&err, "file %d: ", 5));
	assert_string_equal(err.text, "file 5: zone x is not here");
	assert_false(err_set_id(&err, ERR_CHECK, "E-CNAME-COEXIST", "no"));
	assert_string_equal(err.id, "E-CNAME-COEXIST");
	errno = ENOENT;
	assert_false(err_errno(&err, ERR_REPO, "repo"));
	assert_string_equal(err.text, "repo: No such file or directory");
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	err_set(&err, ERR_FAILED, "%s", longer);
	err_prefix(&err, "%s", longer);
	err_hint(&err, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	assert_int_equal(strlen(err.hint), sizeof err.hint - 1);
	assert_false(err_set(NULL, ERR_FAILED, "x"));
	assert_false(err_prefix(NULL, "x"));
	assert_false(err_hint(NULL, "x"));
	assert_false(err_errno(NULL, ERR_FAILED, "x"));
	assert_false(err_set_id(NULL, ERR_FAILED, "x", "x"));
}

static void
table(void **state)
{
	(void)state;
	assert_int_equal(err_exit(ERR_USAGE), 2);
	assert_int_equal(err_http(ERR_NOTAUTH), 401);
	assert_int_equal(err_rcode(ERR_NOTZONE), 10);
	assert_int_equal(err_find("E-PORT"), ERR_PORT);
	assert_int_equal(err_find("E-PREREQ"), ERR_NXDOMAIN);
	assert_int_equal(err_find(""), ERR_FAILED);
	assert_int_equal(err_find("E-CNAME-COEXIST"), ERR_FAILED);
	for (enum err_code code = ERR_NONE + 1; code < ERR_COUNT; code++) {
		assert_true(err_exit(code) != 0 && err_http(code) >= 400);
		assert_int_equal(strncmp(err_name(code), "E-", 2), 0);
	}
}

static void
printing(void **state)
{
	struct err err = { 0 };
	struct buf out = { 0 };

	(void)state;
	err_set(&err, ERR_SYNTAX, "bad \033[2J");
	err_print(&out, &err);
	assert_string_equal(buf_str(&out), "error: E-SYNTAX bad \\027[2J\n");
	buf_reset(&out);
	err_hint(&err, "try\nthis");
	err_print(&out, &err);
	assert_string_equal(buf_str(&out), "error: E-SYNTAX bad \\027[2J\nhint: try\nthis\n");
	buf_done(&out);
}

/* What FN writes to stderr in a child of its own. */
static int
child_says(char *out, size_t size, void (*fn)(void))
{
	int     fds[2], status;
	size_t  have = 0;
	ssize_t n;
	pid_t   pid;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDERR_FILENO);
		fn();
		_exit(0);
	}
	close(fds[1]);
	while ((n = read(fds[0], out + have, size - 1 - have)) > 0)
		have += (size_t)n;
	out[have] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
say_lines(void)
{
	char longer[3000];

	log_init("store", LOG_LEVEL_INFO);
	log_debug("never seen");
	log_info("zone %s: serial %u is live", "example.org", 5U);
	log_warn("two\nlines \033[0m");
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	log_info("%s", longer);
	log_fatal("the end");
}

static void
say_to_journal(void)
{
	struct stat st;
	char        stream[64];

	setenv("JOURNAL_STREAM", "1:1", 1);     /* inherited, not ours */
	log_init("dns", LOG_LEVEL_WARN);
	log_info("never seen");
	log_warn("plain");
	fstat(STDERR_FILENO, &st);
	snprintf(stream, sizeof stream, "%lu:%lu", (unsigned long)st.st_dev, (unsigned long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_init("dns", LOG_LEVEL_DEBUG);
	log_debug("detail");
	log_warn("trouble");
}

static void
logging(void **state)
{
	char           out[8192], *longest;
	enum log_level level;

	(void)state;
	assert_int_equal(child_says(out, sizeof out, say_lines), 1 << 8);
	assert_int_equal(strncmp(out, "store info zone example.org: serial 5 is live\nstore warn two\\010lines \\027[0m\nstore info xxx", 90), 0);
	longest = strstr(out, "store info xxx");
	assert_int_equal(strchr(longest, '\n') - longest, 1022);
	assert_string_equal(strchr(longest, '\n'), "\nstore fatal the end\n");
	assert_int_equal(child_says(out, sizeof out, say_to_journal), 0);
	assert_string_equal(out, "dns warn plain\n<7>dns detail\n<4>dns trouble\n");
	assert_true(log_level_parse(&level, "warn"));
	assert_int_equal(level, LOG_LEVEL_WARN);
	assert_false(log_level_parse(&level, "fatal"));
	assert_false(log_level_parse(&level, ""));
}

static void
pass_faults(void)
{
	fault_init();
	for (int i = 0; i < 3; i++)
		dprintf(STDERR_FILENO, "%d", fault_fail(FAULT_COMMIT_FAILS));
	dprintf(STDERR_FILENO, "%d ", fault_fail(FAULT_STORE_BEFORE_REF));
	fault_die(FAULT_STORE_AFTER_REF);
	dprintf(STDERR_FILENO, "alive ");
	fault_die(FAULT_STORE_BEFORE_REPLY);
	dprintf(STDERR_FILENO, "alive");
}

static void
faults(void **state)
{
	char  out[256], path[] = "/tmp/zonesh-fault-XXXXXX", log[256] = "";
	int   fd = mkstemp(path);

	(void)state;
	unsetenv("ZONESH_FAULT");
	assert_int_equal(child_says(out, sizeof out, pass_faults), 0);
	assert_string_equal(out, "0000 alive alive");
	setenv("ZONESH_FAULT", "commit-fails:2,store-before-reply", 1);
	setenv("ZONESH_FAULT_LOG", path, 1);
	assert_int_equal(child_says(out, sizeof out, pass_faults), SIGKILL);
	assert_string_equal(out, "0100 alive ");
	assert_true(read(fd, log, sizeof log - 1) > 0);
	assert_string_equal(log, "commit-fails\ncommit-fails\ncommit-fails\nstore-before-ref\nstore-after-ref\nstore-before-reply\n");
	setenv("ZONESH_FAULT", "nonsense:1", 1);
	assert_int_equal(child_says(out, sizeof out, pass_faults), 1 << 8);
	unsetenv("ZONESH_FAULT");
	unsetenv("ZONESH_FAULT_LOG");
	close(fd);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(setting), cmocka_unit_test(table), cmocka_unit_test(printing), cmocka_unit_test(logging),
		cmocka_unit_test(faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
