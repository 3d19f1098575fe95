/* SPDX-License-Identifier: ISC */
/*
 * What a path in the repository is, by its name alone: everybody who walks the tree asks here.  The rules are those of
 * dns-primary-git, so that both see the same zones (README, "In git").
 */
#ifndef STORE_FILE_H
#define STORE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "zone/name.h"

enum file_kind {
	FILE_OTHER,     /* none of ours; left alone */
	FILE_ZONE,      /* "example.org" */
	FILE_KEYS,      /* "_keys", "example.org._keys" */
	FILE_ACCOUNT,   /* "users/alice@example.org" */
	FILE_POLICY     /* "policy/example.org" */
};

/* What PATH is.  NAME is what it is about: the zone in lower case without final dot ("" for "_keys"), or the e-mail; "" for FILE_OTHER. */
enum file_kind file_kind(const char *path, char name[static NAME_TEXT_MAX]);

/* May no zone be called so: what stands at its path is a directory of ours, or would look like a key file to people. ZONE as name_print_zone writes it. */
bool file_is_reserved(const char *zone);

/* A FILE_ZONE in which no record was found (RECORDS is 0) and that is named like documentation (README.md, LICENSE, Makefile): to be ignored, not
 * reported as a broken zone.  Names alone cannot tell: .md is a top-level domain. */
bool file_is_document(const char *path, size_t records);

/* The path of a zone's file, its key file, its policy: the other direction.  ZONE as name_print_zone writes it.  Always fits. */
void file_zone_path(char out[static NAME_TEXT_MAX], const char *zone);
void file_keys_path(char out[static NAME_TEXT_MAX], const char *zone);          /* "" gives "_keys" */
void file_policy_path(char out[static NAME_TEXT_MAX], const char *zone);

/* May EMAIL be a person's file below users/: one '@' with text on both sides, letters, digits and .!#$%&'*+-=?^_{|}~ only, not beginning with a dot or dash.  ERR_SYNTAX. */
bool file_email_check(const char *email, struct err *err);

#endif
