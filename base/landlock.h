/* SPDX-License-Identifier: ISC */
/*
 * Landlock: a process forbids itself files (and TCP, signals, abstract sockets where the kernel knows how).
 * Used by confine.c only.
 */
#ifndef BASE_LANDLOCK_H
#define BASE_LANDLOCK_H

#include <stdbool.h>

enum landlock_access {
	LANDLOCK_READ,          /* files and directories */
	LANDLOCK_EXEC,          /* the same, and execute */
	LANDLOCK_WRITE,         /* read, and write and truncate what exists: devices */
	LANDLOCK_FULL           /* everything, also make, rename and remove */
};

/* Version that the kernel offers; 0 when it has none. */
int landlock_abi(void);

/* Forbid all files to this thread and its future children and threads, but what landlock_allow names in between; ISOLATE: also TCP bind and
 * connect, and signals and abstract unix sockets to the outside.  -1 without Landlock; fatal when it fails otherwise. */
int  landlock_begin(bool isolate);
void landlock_allow(int ruleset, const char *path, enum landlock_access access);        /* a path that does not exist is fine */
void landlock_enforce(int ruleset);                                                    /* takes RULESET; no_new_privs must be set */

#endif
