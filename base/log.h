/* SPDX-License-Identifier: ISC */
/*
 * Log lines on stderr: "<role> <level> <subject>: <what>", one write(2) each, never
 * longer than 1 KiB, with every byte that could upset a terminal escaped.
 * Under systemd (JOURNAL_STREAM set) a "<N>" priority prefix takes the level's place.
 *
 * debug: for developers.  info: state changed.  warn: degraded, still serving.
 * fatal: this process ends.  Log where an error is handled, never where it is
 * returned; never a secret.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_FATAL };

/* Name this process in its log lines; ROLE must outlive it.  Lines below LEVEL are dropped. */
void log_init(const char *role, enum log_level level);
bool log_level_parse(enum log_level *out, const char *text); /* "debug", "info", "warn" */

void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void log_fatal(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* exits with 1 */

#endif
