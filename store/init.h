/* SPDX-License-Identifier: ISC */
/*
 * `zonesh init` and `zonesh check`: work on a data directory without a daemon.
 */
#ifndef STORE_INIT_H
#define STORE_INIT_H

/* Make a data directory, as the options in ARGV say (zonesh.8).  The exit status. */
int init_main(int argc, char **argv);

/* Check the configuration and every file of the repository of a data directory, with file:line:col.  0, 3 when something is wrong, or another exit status. */
int check_main(int argc, char **argv);

#endif
