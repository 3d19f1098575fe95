/* SPDX-License-Identifier: ISC */
/*
 * A byte buffer that grows, and a cursor that reads one.  Numbers are big-endian,
 * as on the wire.  A cursor that ran over its end stays broken and reads zeroes, so that a
 * decoder checks once, at the end.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *data;  /* NULL while empty; buf_str() gives text */
	size_t   len;
	size_t   cap;
};

void  buf_done(struct buf *buf);                        /* frees; the struct is empty again */
void  buf_reset(struct buf *buf);                       /* len = 0, keeps the memory */
void *buf_reserve(struct buf *buf, size_t more);        /* room for MORE bytes after len; returns where */
void  buf_put(struct buf *buf, const void *data, size_t len);
void  buf_puts(struct buf *buf, const char *text);
void  buf_putc(struct buf *buf, char c);
void  buf_putf(struct buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void  buf_vputf(struct buf *buf, const char *fmt, va_list ap);
void  buf_put_u8(struct buf *buf, uint8_t v);
void  buf_put_u16(struct buf *buf, uint16_t v);
void  buf_put_u32(struct buf *buf, uint32_t v);
void  buf_put_u64(struct buf *buf, uint64_t v);
void  buf_set_u16(struct buf *buf, size_t at, uint16_t v);      /* overwrite */
const char *buf_str(struct buf *buf);                   /* NUL-terminated view, "" when empty; the NUL is not counted */
char *buf_take(struct buf *buf);                        /* the text; the caller owns it (free), buf is empty again */

struct cur {
	const uint8_t *data;
	size_t         len;
	size_t         pos;
	bool           bad;     /* read over the end */
};

void           cur_init(struct cur *cur, const void *data, size_t len);
size_t         cur_left(const struct cur *cur);
uint8_t        cur_u8(struct cur *cur);
uint16_t       cur_u16(struct cur *cur);
uint32_t       cur_u32(struct cur *cur);
uint64_t       cur_u64(struct cur *cur);
const uint8_t *cur_bytes(struct cur *cur, size_t len);  /* NULL (and bad) when there are fewer */
bool           cur_end(const struct cur *cur);          /* not bad, and all was read */

#endif
