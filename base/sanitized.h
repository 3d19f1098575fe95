/* SPDX-License-Identifier: ISC */
/*
 * Is this build one with a sanitizer (1) or not (0)?  Their runtimes make system calls of their own, which a confined
 * process must survive, so filter.c and confine.c ask.
 */
#ifndef BASE_SANITIZED_H
#define BASE_SANITIZED_H

#ifdef __has_feature            /* clang says it so, gcc with macros */
#define SANITIZED_HAS(x) __has_feature(x)
#else
#define SANITIZED_HAS(x) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || SANITIZED_HAS(address_sanitizer) || \
    SANITIZED_HAS(thread_sanitizer) || SANITIZED_HAS(memory_sanitizer)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#endif
