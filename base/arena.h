/* SPDX-License-Identifier: ISC */
/*
 * Memory that is freed in one go: one arena per message or request, freed once by
 * whoever opened it.  Out of memory aborts, so nothing here returns NULL.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void          arena_free(struct arena *arena);  /* NULL is fine */

void *arena_alloc(struct arena *arena, size_t size);                        /* zeroed, aligned for any type */
void *arena_array(struct arena *arena, size_t count, size_t size);          /* zeroed; overflow aborts */
void *arena_copy(struct arena *arena, const void *data, size_t size);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t len);     /* adds the NUL */
char *arena_printf(struct arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* malloc family that aborts instead of returning NULL, for memory with a life of its own. */
void *mem_alloc(size_t size);                   /* zeroed */
void *mem_realloc(void *p, size_t size);
char *mem_strdup(const char *text);

/* Grow *ARRAY (elements of SIZE bytes, CAP of them allocated) so that it holds at least WANT. Amortised. */
void mem_grow(void *array, size_t *cap, size_t want, size_t size);

#endif
