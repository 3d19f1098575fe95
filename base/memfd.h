/* SPDX-License-Identifier: ISC */
/*
 * Memory as a descriptor that nobody can change any more: what is too large for a message travels so.
 * Made by the sender of a message, checked and mapped by its receiver.
 */
#ifndef BASE_MEMFD_H
#define BASE_MEMFD_H

#include <stddef.h>
#include <stdint.h>

/* A sealed copy of DATA; -1 when there is no descriptor or memory for it.  Cost: one copy. */
int memfd_sealed(const char *name, const void *data, size_t len);

/* The size of FD when it is memory that can neither change nor shrink; -1 when it is not. */
int64_t memfd_sealed_len(int fd);

#endif
