/* SPDX-License-Identifier: ISC */
/*
 * A list of zeroed chunks.  The first is part of the arena, so that a small message costs one malloc; each further
 * one is twice as large, so that a large one costs few.
 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALIGN       _Alignof(max_align_t)
#define CHUNK_FIRST 2048
#define CHUNK_MAX   (1024 * 1024)

struct chunk {
	struct chunk *next;
	size_t        used, size;
	_Alignas(max_align_t) uint8_t data[];
};

struct arena {
	struct chunk *chunks;   /* newest first; the last one holds this struct */
	size_t        next_size;
};

static _Noreturn void
out_of_memory(void)
{
	static const char text[] = "zonesh: out of memory\n";

	if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
		abort();
	abort();
}

void *
mem_alloc(size_t size)
{
	void *p = calloc(1, size != 0 ? size : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
mem_realloc(void *p, size_t size)
{
	p = realloc(p, size != 0 ? size : 1);
	if (p == NULL)
		out_of_memory();
	return p;
}

char *
mem_strdup(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(mem_alloc(size), text, size);
}

void
mem_grow(void *array, size_t *cap, size_t want, size_t size)
{
	size_t more = *cap;
	void  *p;

	if (want <= *cap)
		return;
	more = more < 8 ? 8 : more;
	while (more < want) {
		if (more > SIZE_MAX / 2)
			out_of_memory();
		more *= 2;
	}
	if (more > SIZE_MAX / size)
		out_of_memory();
	memcpy(&p, array, sizeof p);    /* ARRAY is the address of a pointer of any type */
	p = mem_realloc(p, more * size);
	memcpy(array, &p, sizeof p);
	*cap = more;
}

static struct chunk *
chunk_new(size_t size)
{
	struct chunk *chunk;

	if (size > SIZE_MAX - sizeof *chunk)
		out_of_memory();
	chunk = mem_alloc(sizeof *chunk + size);
	chunk->size = size;
	return chunk;
}

static void *
chunk_alloc(struct chunk *chunk, size_t size)
{
	void *p = chunk->data + chunk->used;

	chunk->used += (size + ALIGN - 1) / ALIGN * ALIGN;
	return p;
}

struct arena *
arena_new(void)
{
	struct chunk *chunk = chunk_new(CHUNK_FIRST);
	struct arena *arena = chunk_alloc(chunk, sizeof *arena);

	arena->chunks = chunk;
	arena->next_size = 2 * CHUNK_FIRST;
	return arena;
}

void
arena_free(struct arena *arena)
{
	struct chunk *chunk = arena != NULL ? arena->chunks : NULL;

	while (chunk != NULL) {
		struct chunk *next = chunk->next;

		free(chunk);
		chunk = next;
	}
}

/* A chunk for one large piece goes behind the newest, whose room stays in use. */
static void *
arena_alloc_large(struct arena *arena, size_t size)
{
	struct chunk *chunk = chunk_new(size);

	chunk->next = arena->chunks->next;
	arena->chunks->next = chunk;
	return chunk_alloc(chunk, size);
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	struct chunk *chunk = arena->chunks;

	if (size > SIZE_MAX - ALIGN)
		out_of_memory();
	size = size != 0 ? (size + ALIGN - 1) / ALIGN * ALIGN : ALIGN;
	if (size <= chunk->size - chunk->used)
		return chunk_alloc(chunk, size);
	if (size > arena->next_size / 4 && chunk->next != NULL)
		return arena_alloc_large(arena, size);

	chunk = chunk_new(size > arena->next_size ? size : arena->next_size);
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	if (arena->next_size < CHUNK_MAX)
		arena->next_size *= 2;
	return chunk_alloc(chunk, size);
}

void *
arena_array(struct arena *arena, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		out_of_memory();
	return arena_alloc(arena, count * size);
}

void *
arena_copy(struct arena *arena, const void *data, size_t size)
{
	void *p = arena_alloc(arena, size);

	if (size != 0)
		memcpy(p, data, size);
	return p;
}

char *
arena_strdup(struct arena *arena, const char *text)
{
	return arena_copy(arena, text, strlen(text) + 1);
}

char *
arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *p = arena_array(arena, 1, len + 1);

	if (len != 0)
		memcpy(p, text, len);
	return p;
}

char *
arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list ap;
	int     len;
	char   *p;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		out_of_memory();
	p = arena_alloc(arena, (size_t)len + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return p;
}
