/* SPDX-License-Identifier: ISC */
/*
 * Landlock by its system calls.  The bits and the structure are ours, because Debian 12's headers end at the
 * second version of the interface while its backports kernels, and later releases, offer more.
 */
#include "base/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

/* enum and bits of linux/landlock.h */
#define FS_EXECUTE    (UINT64_C(1) << 0)
#define FS_WRITE_FILE (UINT64_C(1) << 1)
#define FS_READ_FILE  (UINT64_C(1) << 2)
#define FS_READ_DIR   (UINT64_C(1) << 3)
#define FS_ABI_1      ((UINT64_C(1) << 13) - 1)
#define FS_REFER      (UINT64_C(1) << 13)       /* ABI 2: rename between directories */
#define FS_TRUNCATE   (UINT64_C(1) << 14)       /* ABI 3 */
#define FS_IOCTL_DEV  (UINT64_C(1) << 15)       /* ABI 5 */
#define FS_OF_FILES   (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)
#define NET_TCP       UINT64_C(3)               /* ABI 4: bind and connect */
#define SCOPE_ALL     UINT64_C(3)               /* ABI 6: abstract unix sockets and signals */
#define RULE_BENEATH  1
#define ASK_VERSION   1U

struct ruleset_attr { uint64_t fs, net, scoped; };
struct beneath_attr { uint64_t access; int32_t parent_fd; } __attribute__((packed));

int
landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);

	return abi > 0 ? (int)abi : 0;
}

static uint64_t
fs_handled(int abi)
{
	return FS_ABI_1 | (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) | (abi >= 5 ? FS_IOCTL_DEV : 0);
}

static uint64_t
fs_access(enum landlock_access access)
{
	static const uint64_t bits[] = {
		[LANDLOCK_READ]  = FS_READ_FILE | FS_READ_DIR,
		[LANDLOCK_EXEC]  = FS_READ_FILE | FS_READ_DIR | FS_EXECUTE,
		[LANDLOCK_WRITE] = FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV,
		[LANDLOCK_FULL]  = ~UINT64_C(0),
	};

	return bits[access] & fs_handled(landlock_abi());
}

int
landlock_begin(bool isolate)
{
	int                 abi = landlock_abi();
	struct ruleset_attr attr = { .fs = fs_handled(abi) };
	size_t              size = abi >= 6 ? sizeof attr : abi >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
	long                fd;

	if (abi == 0)
		return -1;
	if (isolate && abi >= 4)
		attr.net = NET_TCP;
	if (isolate && abi >= 6)
		attr.scoped = SCOPE_ALL;
	fd = syscall(SYS_landlock_create_ruleset, &attr, size, 0);
	if (fd < 0)
		log_fatal("confine: Landlock refuses a set of rules: %s", strerror(errno));
	return (int)fd;
}

void
landlock_allow(int ruleset, const char *path, enum landlock_access access)
{
	struct beneath_attr attr = { .access = fs_access(access), .parent_fd = open(path, O_PATH | O_CLOEXEC) };
	struct stat         st;

	if (attr.parent_fd < 0)
		return;
	if (fstat(attr.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		attr.access &= FS_OF_FILES;
	if (syscall(SYS_landlock_add_rule, ruleset, RULE_BENEATH, &attr, 0) != 0)
		log_fatal("confine: Landlock refuses a rule for %s: %s", path, strerror(errno));
	close(attr.parent_fd);
}

void
landlock_enforce(int ruleset)
{
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		log_fatal("confine: Landlock cannot be enforced: %s", strerror(errno));
	close(ruleset);
}
