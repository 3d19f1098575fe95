/* SPDX-License-Identifier: ISC */
#include "sshd/pty.h"

#include <fcntl.h>
#include <pty.h>
#include <stddef.h>
#include <sys/ioctl.h>

#define SIZE_MAX_CELLS 1000     /* larger ones are not windows but an attempt at our memory */

static bool
size_ok(unsigned cols, unsigned rows)
{
	return cols > 0 && rows > 0 && cols <= SIZE_MAX_CELLS && rows <= SIZE_MAX_CELLS;
}

bool
pty_open(int *master, int *slave, unsigned cols, unsigned rows, struct err *err)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };

	if (size_ok(cols, rows)) {
		size.ws_row = (unsigned short)rows;
		size.ws_col = (unsigned short)cols;
	}
	if (openpty(master, slave, NULL, NULL, &size) != 0)
		return err_errno(err, ERR_FAILED, "no terminal can be had");
	fcntl(*master, F_SETFD, FD_CLOEXEC);
	fcntl(*slave, F_SETFD, FD_CLOEXEC);
	fcntl(*master, F_SETFL, fcntl(*master, F_GETFL) | O_NONBLOCK);
	return true;
}

void
pty_resize(int master, unsigned cols, unsigned rows)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };

	if (size_ok(cols, rows))
		ioctl(master, TIOCSWINSZ, &size);
}
