/* SPDX-License-Identifier: ISC */
/* The system calls that a confined process keeps (seccomp).  Used by confine.c only. */
#ifndef BASE_FILTER_H
#define BASE_FILTER_H

/* For whom a row of the table is. */
enum filter_for {
	FILTER_DNS  = 1,
	FILTER_HTTP = 2,
	FILTER_NET  = 4,        /* the libssh child */
	FILTER_ALL  = 7
};

/* Load the filter for all threads of this process; what it does not allow kills the process.  Fatal when it fails. */
void filter_load(enum filter_for whom);

#endif
