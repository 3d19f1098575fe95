/* SPDX-License-Identifier: ISC */
/*
 * The control channel between the parent and a role (descriptor 3 of the role): what parent.c sends and proc.c
 * reads.  Everything up to CTL_START is the setting-up; the rest may come at any time after it.
 */
#ifndef BASE_CTL_H
#define BASE_CTL_H

#define CTL_FD 3

enum ctl {
	CTL_CONF = 1,   /* parent: role u8, the configuration (conf_put) */
	CTL_METRICS,    /* parent: fd of the shared counters */
	CTL_LOCK,       /* parent: fd that holds the lock of the data directory, for the store to keep as long as it lives */
	CTL_LISTENER,   /* parent: kind u8, shard u16, fd */
	CTL_PEER,       /* parent: role u8, index u32, fd */
	CTL_START,      /* parent: nothing more is needed to start */
	CTL_RELOAD,     /* parent: role u8, the new configuration */
	CTL_STOP,       /* parent: end within a second */
	CTL_READY       /* role: it serves */
};

/* Their names, as in "zonesh role store" and in logs. */
extern const char *const role_names[];

/* Raise the limit of open descriptors to what the system allows. */
void proc_raise_files(void);

#endif
