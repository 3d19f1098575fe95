/* SPDX-License-Identifier: ISC */
/*
 * The sshd role: accepts SSH connections, limits them, and forks a monitor for each.
 */
#ifndef SSHD_SSHD_H
#define SSHD_SSHD_H

int sshd_main(void);

#endif
