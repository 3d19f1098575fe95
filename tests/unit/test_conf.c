/* SPDX-License-Identifier: ISC */
/* The configuration: reading, refusing, writing, sending. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/conf_table.h"
#include "base/msg.h"

static char dir[] = "/tmp/zonesh-conf-XXXXXX";

static void
write_file(const char *text, size_t len)
{
	char  path[64];
	FILE *file;

	snprintf(path, sizeof path, "%s/zonesh.conf", dir);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	fclose(file);
}

static void
defaults(void **state)
{
	struct conf conf;

	(void)state;
	conf_init(&conf, dir);
	assert_string_equal(conf_str(&conf, name), "localhost");
	assert_string_equal(conf_str(&conf, remote), "");
	assert_int_equal(conf.dns.count, 0);
	assert_int_equal(conf.remote_timeout_num, 30000);
	assert_int_equal(conf.ssh_idle_num, 1800000);
	assert_string_equal(conf.dir, dir);
	assert_string_equal(conf_path(&conf, "state/socket") + strlen(dir), "/state/socket");
	assert_string_equal(conf_repo(&conf) + strlen(dir), "/zones.git");
	assert_true(conf_set(&conf, "repo", "/srv/zones.git", NULL));
	assert_string_equal(conf_repo(&conf), "/srv/zones.git");
	conf_done(&conf);
}

static void
reading(void **state)
{
	static const char text[] = "# comment\n\n dns 127.0.0.1:5353 # one\ndns\t[::1]:5353\nname ns1.example.org\n"
	    "remote \"/srv/my zones.git\"\nremote-timeout 2m\ndns-threads 4\nlog-level debug";
	struct conf conf;

	(void)state;
	write_file(text, strlen(text));
	assert_true(conf_load(&conf, dir, NULL));
	assert_int_equal(conf.dns.count, 2);
	assert_string_equal(conf.dns.items[1], "[::1]:5353");
	assert_string_equal(conf_str(&conf, remote), "/srv/my zones.git");
	assert_int_equal(conf.remote_timeout_num, 120000);
	assert_int_equal(conf.dns_threads_num, 4);
	conf_done(&conf);
}

static void
refusing(void **state)
{
	static const struct { const char *text; size_t len; const char *want, *hint; } cases[] = {
#define T(text, want, hint) { text, sizeof text - 1, want, hint }
		T("\n  dnss 127.0.0.1:53\n", "zonesh.conf:2:3: there is no option \"dnss\"", "did you mean dns?"),
		T("quite-another 1\n", "zonesh.conf:1:1: there is no option \"quite-another\"", "zonesh.conf(5) lists all options"),
		T("dns\n", "zonesh.conf:1:4: dns has no value", NULL),
		T("dns 127.0.0.1\n", "zonesh.conf:1:5: dns: \"127.0.0.1\" is not an address with a port", "write 127.0.0.1:53"),
		T("ssh 127.0.0.1\n", "zonesh.conf:1:5: ssh: \"127.0.0.1\" is not an address with a port", "write 127.0.0.1:2222"),
		T("ssh ::1\n", "zonesh.conf:1:5: ssh: \"::1\" is not an", "write [::1]:2222"),
		T("foo 1\n", "zonesh.conf:1:1: there is no option \"foo\"", "zonesh.conf(5) lists all options"),
		T("dns host:53\n", "zonesh.conf:1:5: dns: \"host:53\" is not an IP address with a port", NULL),
		T("dns 127.0.0.1:1 127.0.0.1:2\n", "zonesh.conf:1:17: there are more than 2 words on this line", NULL),
		T("dns 127.0.0.1:1\ndns 127.0.0.1:1\n", "zonesh.conf:2:5: dns: 127.0.0.1:1 stands there twice", NULL),
		T("name a\nname b\n", "zonesh.conf:2:1: name stands there a second time", NULL),
		T("name a_b\n", "zonesh.conf:1:6: name: \"a_b\" is not a host name", NULL),
		T("dns-threads x\n", "zonesh.conf:1:13: dns-threads: \"x\" is not a number", NULL),
		T("dns-threads 257\n", "zonesh.conf:1:13: dns-threads: 257 is not between 0 and 256", NULL),
		T("ssh-grace 30\n", "zonesh.conf:1:11: ssh-grace: \"30\" has no unit of time", "the units are ms, s, m, h and d: 30s"),
		T("ssh-grace s\n", "zonesh.conf:1:11: ssh-grace: \"s\" is not a time such as 500ms, 30s, 10m or 1h", NULL),
		T("ssh-grace 1ms\n", "zonesh.conf:1:11: ssh-grace: 1ms is not between 1s and 10m", NULL),
		T("ssh-grace 9999999999999999999d\n", "zonesh.conf:1:11: ssh-grace: 9999999999999999999d is not between", NULL),
		T("remote \"x\n", "zonesh.conf:1:8: a quote is not closed", NULL),
		T("remote \"a\001b\"\n", "zonesh.conf:1:8: remote: the value has a control character", NULL),
		T("branch a..b\n", "zonesh.conf:1:8: branch: \"a..b\" is not a branch name", NULL),
		T("log-level fatal\n", "zonesh.conf:1:11: log-level: \"fatal\" is not", NULL),
		T("name a\0b\n", "zonesh.conf:1:1: the line has a NUL byte", NULL),
		T("repo \"\"\n", "zonesh.conf:1:6: repo: the path is empty", NULL),
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct conf conf;
		struct err  err = { 0 };

		write_file(cases[i].text, cases[i].len);
		assert_false(conf_load(&conf, dir, &err));
		assert_null(conf.dir);
		assert_int_equal(err.code, ERR_CONF);
		assert_string_equal(err.id, "E-CONF");
		err.text[strlen(cases[i].want)] = '\0';
		assert_string_equal(err.text, cases[i].want);
		if (cases[i].hint != NULL)
			assert_string_equal(err.hint, cases[i].hint);
		assert_true(err.line > 0 && err.col > 0);
		assert_false(conf_load(&conf, dir, NULL));
	}
}

static void
missing(void **state)
{
	struct conf conf;
	struct err  err = { 0 };

	(void)state;
	assert_false(conf_load(&conf, "/nonexistent-dir", &err));
	assert_int_equal(err.code, ERR_CONF);
	assert_non_null(strstr(err.text, "/nonexistent-dir/zonesh.conf cannot be opened"));
	assert_non_null(strstr(err.hint, "zonesh init"));
}

/* What is written reads back the same; defaults are there as comments. */
static void
writing(void **state)
{
	struct conf conf, back;
	struct buf  out = { 0 };
	size_t      next = 0;

	(void)state;
	conf_init(&conf, dir);
	assert_true(conf_set(&conf, "ssh", "127.0.0.1:2222", NULL));
	assert_true(conf_set(&conf, "ssh", "[::1]:2222", NULL));
	assert_true(conf_set(&conf, "remote", "a \"b\" \\ #c", NULL));
	conf_write(&conf, &out);
	assert_non_null(strstr(buf_str(&out), "\nssh 127.0.0.1:2222\nssh [::1]:2222\n"));
	assert_non_null(strstr(buf_str(&out), "\n#branch main\n"));
	assert_non_null(strstr(buf_str(&out), "\n#user \"\"\n"));
	write_file((const char *)out.data, out.len);
	assert_true(conf_load(&back, dir, NULL));
	assert_null(conf_differ(&conf, &back, &next));
	assert_true(conf_set(&back, "branch", "other", NULL));
	next = 0;
	assert_string_equal(conf_differ(&conf, &back, &next)->name, "branch");
	assert_null(conf_differ(&conf, &back, &next));
	conf_keep(&back, &conf, &conf_options[CONF_OPTION_branch]);
	assert_string_equal(conf_str(&back, branch), "main");
	conf_done(&conf);
	conf_done(&back);
	buf_done(&out);
}

static void
sending(void **state)
{
	struct conf conf, back;

	(void)state;
	conf_init(&conf, dir);
	conf_set(&conf, "webhook-secret", "hush", NULL);
	conf_set(&conf, "dns", "127.0.0.1:1", NULL);
	conf_set(&conf, "dns", "127.0.0.1:2", NULL);
	conf_set(&conf, "ssh-max", "77", NULL);
	for (int http = 0; http < 2; http++) {
		struct chan a, b;
		struct msg  msg;
		int         fds[2];

		assert_true(chan_pair(fds, NULL));
		chan_init(&a, fds[0]);
		chan_init(&b, fds[1]);
		msg_init(&msg, 1, 1);
		conf_put(&conf, &msg, http == 1);
		assert_true(chan_send(&a, &msg));
		assert_int_equal(chan_recv(&b, &msg), CHAN_MSG);
		assert_true(conf_get(&back, &msg));
		assert_true(msg_end(&msg));
		msg_done(&msg);
		assert_string_equal(back.dir, dir);
		assert_int_equal(back.dns.count, 2);
		assert_int_equal(back.ssh_max_num, 77);
		assert_string_equal(conf_str(&back, webhook_secret), http == 1 ? "hush" : "");
		conf_done(&back);
		chan_done(&a);
		chan_done(&b);
	}
	conf_done(&conf);
}

static int
setup(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL;
}

static int
teardown(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof path, "%s/zonesh.conf", dir);
	unlink(path);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults), cmocka_unit_test(reading), cmocka_unit_test(refusing), cmocka_unit_test(missing),
		cmocka_unit_test(writing), cmocka_unit_test(sending),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
