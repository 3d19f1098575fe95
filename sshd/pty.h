/* SPDX-License-Identifier: ISC */
/* Pseudo-terminals for helpers. */
#ifndef SSHD_PTY_H
#define SSHD_PTY_H

#include <stdbool.h>

#include "base/err.h"

/* A new terminal of that size (0 or nonsense: 80x24), both ends close-on-exec, the master non-blocking.  ERR_FAILED. */
bool pty_open(int *master, int *slave, unsigned cols, unsigned rows, struct err *err);

/* The window is that size now: programs on it get SIGWINCH.  Nonsense is ignored. */
void pty_resize(int master, unsigned cols, unsigned rows);

#endif
