/* SPDX-License-Identifier: ISC */
/*
 * Named places where tests make us fail.  ZONESH_FAULT="name:N" makes the Nth passage (from 1) of that
 * place act; tests see with ZONESH_FAULT_LOG that the place was reached.  Costs one predictable branch otherwise.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>

#define FAULTS(X) \
	X(FAULT_STORE_BEFORE_COMMIT, "store-before-commit", "the store dies before anything of a change is written") \
	X(FAULT_STORE_BEFORE_REF,    "store-before-ref",    "the store dies with all objects written, before main moves") \
	X(FAULT_STORE_AFTER_REF,     "store-after-ref",     "the store dies after main moved, before anybody is answered") \
	X(FAULT_STORE_BEFORE_REPLY,  "store-before-reply",  "the store dies with the zone live, before the reply") \
	X(FAULT_COMMIT_FAILS,        "commit-fails",        "writing the commit fails as on a full disk")

enum fault {
#define X(id, name, help) id,
	FAULTS(X)
#undef X
	FAULT_COUNT
};

void fault_init(void);                  /* reads the environment, once per process */
void fault_die(enum fault id);          /* SIGKILLs this process when its turn has come */
bool fault_fail(enum fault id);         /* true when its turn has come */

#endif
