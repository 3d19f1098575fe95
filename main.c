/* SPDX-License-Identifier: ISC */
/*
 * zonesh: one program for everything.  What it is told to be is the first word: the daemon, a tool that works on a data
 * directory, a role that the daemon starts, or a command for the daemon.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/crypt.h"
#include "base/ctl.h"
#include "base/err.h"
#include "base/proc.h"
#include "base/str.h"
#include "dns/dns.h"
#include "http/http.h"
#include "sshd/exec.h"
#include "sshd/sshd.h"
#include "store/init.h"
#include "store/serve.h"
#include "tui/tui.h"

/* The error as people see it; the exit status. */
static int
fail(const struct err *err)
{
	struct buf text = { 0 };

	err_print(&text, err);
	fputs(buf_str(&text), stderr);
	buf_done(&text);
	return err_exit(err->code);
}

static int
fail_usage(const char *what, const char *word)
{
	struct err err = { 0 };

	err_set(&err, ERR_USAGE, "%s \"%s\"", what, word);
	err_hint(&err, "\"zonesh help\" lists what there is");
	return fail(&err);
}

/* Take "--dir DIR" or "--dir=DIR" at ARGV[0] to the environment, where every verb looks.  The number of words taken, 0 for none. */
static int
take_dir(int argc, char **argv)
{
	const char *dir = argc > 0 ? str_after(argv[0], "--dir") : NULL;
	int         taken = 1;

	if (dir == NULL || (*dir != '\0' && *dir != '='))
		return 0;
	if (*dir == '=')
		dir++;
	else if (argc < 2)
		return 0;
	else
		dir = argv[taken++];
	setenv("ZONESH_DIR", dir, 1);
	return taken;
}

static int
verb_serve(int argc, char **argv)
{
	int at = 1;

	while (at < argc) {
		int taken = take_dir(argc - at, argv + at);

		if (taken == 0)
			return fail_usage("serve does not know", argv[at]);
		at += taken;
	}
	return parent_run(conf_dir_default());
}

static int
verb_version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("zonesh " ZONESH_VERSION);
	return 0;
}

/* Roles and helpers speak with who started them over descriptor 3, and are of no use without. */
static bool
is_started_by_us(void)
{
	int       type = 0;
	socklen_t len = sizeof type;

	return getsockopt(CTL_FD, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_SEQPACKET;
}

static const struct inner {
	const char *verb, *name;
	int       (*run)(void);
} inners[] = {
	{ "role",   "store", store_main },
	{ "role",   "dns",   dns_main },
	{ "role",   "http",  http_main },
	{ "role",   "sshd",  sshd_main },
	{ "helper", "exec",  helper_exec_main },
	{ "helper", "tui",   tui_main },
};

/* What ps, top and ss call this process, which was executed as /proc/self/exe. */
static void
name_process(const char *part)
{
	char name[16];

	snprintf(name, sizeof name, "zonesh-%s", part);
	prctl(PR_SET_NAME, name);
}

static int
verb_inner(int argc, char **argv)
{
	struct err err = { 0 };

	if (!is_started_by_us()) {
		err_set(&err, ERR_USAGE, "\"zonesh %s\" is started by the daemon only", argv[0]);
		err_hint(&err, "start the daemon with: zonesh serve --dir DIR");
		return fail(&err);
	}
	for (size_t i = 0; argc > 1 && i < sizeof inners / sizeof inners[0]; i++)
		if (strcmp(inners[i].verb, argv[0]) == 0 && strcmp(inners[i].name, argv[1]) == 0) {
			name_process(inners[i].name);
			return inners[i].run();
		}
	return fail_usage("there is no such part as", argc > 1 ? argv[1] : "");
}

static int verb_help(int argc, char **argv);

/* ARGV[0] is the verb.  Rows without a synopsis are not for people. */
static const struct verb {
	const char *name;
	int       (*run)(int argc, char **argv);
	const char *synopsis, *help;
} verbs[] = {
	{ "init",      init_main,      "init --dir DIR [OPTION...]", "make a data directory" },
	{ "serve",     verb_serve,     "serve --dir DIR", "run the daemon in the foreground" },
	{ "check",     check_main,     "check --dir DIR", "check the configuration and all files of the repository" },
	{ "checkzone", checkzone_main, "checkzone [--json] ZONE FILE", "check one zone file" },
	{ "help",      verb_help,      "help", "show this text" },
	{ "--help",    verb_help,      NULL, NULL },
	{ "-h",        verb_help,      NULL, NULL },
	{ "--version", verb_version,   "--version", "show the version of this program" },
	{ "role",      verb_inner,     NULL, NULL },
	{ "helper",    verb_inner,     NULL, NULL },
};

static void
usage(FILE *out)
{
	fputs("usage:\n", out);
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (verbs[i].synopsis != NULL)
			fprintf(out, "  zonesh %-37s%s\n", verbs[i].synopsis, verbs[i].help);
	fprintf(out, "  zonesh %-37s%s\n", "[--dir DIR] NOUN VERB [ARGUMENT...]", "give a command to the daemon, as over SSH");
	fputs("\nDIR is $ZONESH_DIR, or " CONF_DIR ", if it is not given.\n"
	    "The daemon lists its commands with: zonesh --dir DIR help commands\n", out);
}

static int
verb_help(int argc, char **argv)
{
	if (argc > 1)
		return exec_local_main(conf_dir_default(), argc, argv);
	usage(stdout);
	return 0;
}

int
main(int argc, char **argv)
{
	int at = 1, taken;

	crypt_init();
	while ((taken = take_dir(argc - at, argv + at)) != 0)
		at += taken;
	if (at >= argc) {
		usage(stderr);
		return err_exit(ERR_USAGE);
	}
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(verbs[i].name, argv[at]) == 0)
			return verbs[i].run(argc - at, argv + at);
	if (argv[at][0] == '-')
		return fail_usage(strcmp(argv[at], "--dir") == 0 ? "a directory is missing after" : "there is no option", argv[at]);
	return exec_local_main(conf_dir_default(), argc - at, argv + at);
}
