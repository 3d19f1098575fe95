/* SPDX-License-Identifier: ISC */
/*
 * Commands: the same table serves `ssh host NOUN VERB`, `zonesh NOUN VERB` on the host, and the editor's ":" prompt.
 */
#ifndef SSHD_EXEC_H
#define SSHD_EXEC_H

/* Helper process of a monitor: client channel at descriptor 3, command in $ZONESH_COMMAND.  The exit status. */
int helper_exec_main(void);

/* `zonesh --dir DIR NOUN VERB ...` through the local socket; ARGV begins with NOUN.  The exit status. */
int exec_local_main(const char *dir, int argc, char **argv);

/* `zonesh checkzone [--json] ZONE FILE`, without a daemon; ARGV begins with "checkzone".  The exit status. */
int checkzone_main(int argc, char **argv);

#endif
