/* SPDX-License-Identifier: ISC */
/* Failure on demand, for tests.  ZONESH_FAULT="name:N,name:N"; each passage is noted in the file ZONESH_FAULT_LOG. */
#include "base/fault.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/str.h"

static const char *const names[FAULT_COUNT] = {
#define X(id, name, help) [id] = name,
	FAULTS(X)
#undef X
};

/* Written once by fault_init, but for the counts: the places are in single-threaded roles. */
static struct {
	bool     active;
	int      log_fd;
	uint64_t left[FAULT_COUNT];     /* passages until it acts; 0: never (any more) */
} state = { .log_fd = -1 };

static void
arm(char *spec)
{
	char    *colon = strchr(spec, ':');
	uint64_t turn = 1;

	if (colon != NULL)
		*colon = '\0';
	if (colon != NULL && !str_u64(&turn, colon + 1, 1000000000))
		log_fatal("fault: \"%s\" is not a number", colon + 1);
	for (size_t i = 0; i < FAULT_COUNT; i++) {
		if (strcmp(names[i], spec) != 0)
			continue;
		state.left[i] = turn;
		return;
	}
	log_fatal("fault: there is no place \"%s\"", spec);
}

void
fault_init(void)
{
	const char *specs = getenv("ZONESH_FAULT");
	const char *log = getenv("ZONESH_FAULT_LOG");
	char       *copy, *rest = NULL;

	if (log != NULL)
		state.log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	state.active = state.log_fd >= 0 || specs != NULL;
	if (specs == NULL)
		return;
	copy = mem_strdup(specs);
	for (char *spec = strtok_r(copy, ",", &rest); spec != NULL; spec = strtok_r(NULL, ",", &rest))
		arm(spec);
	free(copy);
}

static bool
fault_turn(enum fault id)
{
	if (state.log_fd >= 0)
		dprintf(state.log_fd, "%s\n", names[id]);
	return state.left[id] != 0 && --state.left[id] == 0;
}

bool
fault_fail(enum fault id)
{
	return __builtin_expect(state.active, false) && fault_turn(id);
}

void
fault_die(enum fault id)
{
	if (fault_fail(id))
		raise(SIGKILL);
}
