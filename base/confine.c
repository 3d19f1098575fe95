/* SPDX-License-Identifier: ISC */
/*
 * What a process gives up, profile by profile: a table of what is kept, and the steps in the only order that
 * works (capabilities before the user, the user before files, files before system calls).
 */
#include "base/proc.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/filter.h"
#include "base/landlock.h"
#include "base/log.h"
#include "base/sanitized.h"
#include "base/str.h"

struct path_rule {
	const char          *path;
	enum landlock_access access;
};

/* Programs (git, ssh) and what they need. */
static const struct path_rule store_paths[] = {
	{ "/usr", LANDLOCK_EXEC }, { "/bin", LANDLOCK_EXEC }, { "/sbin", LANDLOCK_EXEC }, { "/lib", LANDLOCK_EXEC },
	{ "/lib32", LANDLOCK_EXEC }, { "/lib64", LANDLOCK_EXEC }, { "/opt", LANDLOCK_EXEC }, { "/etc", LANDLOCK_EXEC },
	{ "/run", LANDLOCK_READ },      /* resolv.conf is a link to there */
	{ "/proc", LANDLOCK_WRITE }, { "/dev", LANDLOCK_WRITE }, { "/tmp", LANDLOCK_FULL }, { "/var/tmp", LANDLOCK_FULL },
	{ NULL, LANDLOCK_READ },
};

/* Terminal descriptions, locales, time zones, shared objects; the terminal itself is open. */
static const struct path_rule helper_paths[] = {
	{ "/usr", LANDLOCK_READ }, { "/lib", LANDLOCK_READ }, { "/lib64", LANDLOCK_READ }, { "/etc", LANDLOCK_READ },
	{ "/proc", LANDLOCK_READ }, { "/dev/null", LANDLOCK_WRITE }, { "/dev/tty", LANDLOCK_WRITE },
	{ "/dev/urandom", LANDLOCK_READ },
	{ NULL, LANDLOCK_READ },
};

static const struct path_rule no_paths[] = { { NULL, LANDLOCK_READ } };

static const struct profile {
	const struct path_rule *paths;          /* NULL: no Landlock */
	bool                    store;          /* also the data directory, the repository and the remote */
	bool                    isolate;        /* no TCP connections, no signals to others */
	bool                    dumpable;       /* /proc/self belongs to its user: git and others look there */
	bool                    alone;          /* makes neither processes nor threads */
	unsigned                filter;         /* enum filter_for; 0: no filter */
} profiles[] = {
	[CONFINE_DNS]     = { .paths = no_paths, .isolate = true, .filter = FILTER_DNS },
	[CONFINE_HTTP]    = { .paths = no_paths, .isolate = true, .filter = FILTER_HTTP },
	[CONFINE_NET]     = { .paths = no_paths, .isolate = true, .alone = true, .filter = FILTER_NET },
	[CONFINE_MONITOR] = { 0 },      /* starts helpers, which confine themselves */
	[CONFINE_STORE]   = { .paths = store_paths, .store = true, .dumpable = true },
	[CONFINE_HELPER]  = { .paths = helper_paths, .isolate = true, .alone = !SANITIZED },
};

static bool confined_by_filter;

/* Asked by LeakSanitizer at exit: it would trace this process, which a filter does not let happen. */
int __lsan_is_turned_off(void);

int
__lsan_is_turned_off(void)
{
	return confined_by_filter;
}

static void
must(bool ok, const char *what)
{
	if (!ok)
		log_fatal("confine: %s: %s", what, strerror(errno));
}

/* The capabilities that an exec could ever give back.  Only root has what it takes, and only root needs it. */
static void
drop_bounding(void)
{
	if (geteuid() != 0)
		return;
	for (unsigned long cap = 0; cap < 64 && prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap) != 0 && errno != EPERM)
			log_fatal("confine: capability %lu cannot be dropped: %s", cap, strerror(errno));
}

static void
drop_user(uid_t uid, gid_t gid)
{
	if (geteuid() != 0 || uid == (uid_t)-1)
		return;
	must(setgroups(0, NULL) == 0, "groups cannot be dropped");
	must(setresgid(gid, gid, gid) == 0, "the group cannot be changed");
	must(setresuid(uid, uid, uid) == 0, "the user cannot be changed");
	must(uid == 0 || setuid(0) != 0, "the user can be changed back");
}

/* What is left after the user changed; all of it when the owner is root. */
static void
drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct   none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	must(syscall(SYS_capset, &header, none) == 0, "capabilities cannot be dropped");
}

static void
drop_privileges(const struct profile *profile, uid_t uid, gid_t gid)
{
	struct rlimit zero = { 0, 0 };

	drop_bounding();
	drop_user(uid, gid);
	drop_capabilities();
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "privileges cannot be renounced");
	/* Changing the user made the process not dumpable, and forgot which signal the parent's death sends. */
	must(prctl(PR_SET_DUMPABLE, profile->dumpable, 0, 0, 0) == 0, "the process cannot be hidden");
	must(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0, "the parent's death cannot be watched");
	must(setrlimit(RLIMIT_CORE, &zero) == 0, "core dumps cannot be forbidden");
	if (profile->alone)
		must(setrlimit(RLIMIT_NPROC, &zero) == 0, "processes cannot be forbidden");
}

/* git and ssh look for their files in the home of who they run as. */
static void
allow_home(int ruleset, uid_t uid)
{
	const struct passwd *pw = getpwuid(uid);

	if (pw == NULL || pw->pw_dir[0] != '/' || pw->pw_dir[1] == '\0')
		return;
	landlock_allow(ruleset, pw->pw_dir, LANDLOCK_READ);
}

/* A remote that is a directory of this machine is worked on by git processes of ours, with its hooks. */
static void
allow_remote(int ruleset, const char *remote)
{
	const char *path = str_after(remote, "file://");

	path = path != NULL ? path : remote;
	if (*path == '/')
		landlock_allow(ruleset, path, LANDLOCK_FULL);
}

static void
drop_files(const struct profile *profile, const struct conf *conf, uid_t uid)
{
	int ruleset;

	/* The first version of Landlock forbids renaming between directories without appeal, and git does that all the time. */
	if (profile->paths == NULL || (profile->store && landlock_abi() < 2))
		return;
	ruleset = landlock_begin(profile->isolate);
	if (ruleset < 0)
		return;
	for (const struct path_rule *rule = profile->paths; rule->path != NULL; rule++)
		landlock_allow(ruleset, rule->path, rule->access);
	if (profile->store) {
		allow_home(ruleset, uid);
		landlock_allow(ruleset, conf->dir, LANDLOCK_FULL);
		landlock_allow(ruleset, conf_repo(conf), LANDLOCK_FULL);
		allow_remote(ruleset, conf_str(conf, remote));
	}
	landlock_enforce(ruleset);
}

static void
set_home(uid_t uid)
{
	const struct passwd *pw = getpwuid(uid);

	setenv("HOME", pw != NULL ? pw->pw_dir : "/nonexistent", 1);
	if (pw != NULL) {
		setenv("USER", pw->pw_name, 1);
		setenv("LOGNAME", pw->pw_name, 1);
	}
}

void
proc_confine(const struct proc *proc, enum confine which, uid_t uid, gid_t gid)
{
	const struct profile *profile = &profiles[which];

	if (profile->store && geteuid() == 0)
		set_home(uid);
	drop_privileges(profile, uid, gid);
	drop_files(profile, proc != NULL ? &proc->conf : NULL, uid);
	if (profile->filter == 0)
		return;
	confined_by_filter = true;
	filter_load((enum filter_for)profile->filter);
}
