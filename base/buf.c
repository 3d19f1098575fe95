/* SPDX-License-Identifier: ISC */
/* The byte buffer that grows, and the cursor. */
#include "base/buf.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

void
buf_done(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ 0 };
}

void
buf_reset(struct buf *buf)
{
	buf->len = 0;
}

void *
buf_reserve(struct buf *buf, size_t more)
{
	if (more > SIZE_MAX - buf->len)
		abort();
	if (buf->data == NULL || more > buf->cap - buf->len)
		mem_grow(&buf->data, &buf->cap, buf->len + more > 64 ? buf->len + more : 64, 1);
	return buf->data + buf->len;
}

void
buf_put(struct buf *buf, const void *data, size_t len)
{
	if (len == 0)
		return;
	memcpy(buf_reserve(buf, len), data, len);
	buf->len += len;
}

void
buf_puts(struct buf *buf, const char *text)
{
	buf_put(buf, text, strlen(text));
}

void
buf_putc(struct buf *buf, char c)
{
	buf_put(buf, &c, 1);
}

void
buf_putf(struct buf *buf, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vputf(buf, fmt, ap);
	va_end(ap);
}

void
buf_vputf(struct buf *buf, const char *fmt, va_list ap)
{
	va_list again;
	int     len;

	va_copy(again, ap);
	buf_reserve(buf, 128);
	len = vsnprintf((char *)buf->data + buf->len, buf->cap - buf->len, fmt, ap);
	if (len < 0)
		abort();
	if ((size_t)len >= buf->cap - buf->len) {
		buf_reserve(buf, (size_t)len + 1);
		vsnprintf((char *)buf->data + buf->len, buf->cap - buf->len, fmt, again);
	}
	va_end(again);
	buf->len += (size_t)len;
}

/* The low LEN bytes of V, high one first. */
static void
buf_put_be(struct buf *buf, uint64_t v, size_t len)
{
	uint8_t *p = buf_reserve(buf, len);

	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(v >> (8 * (len - 1 - i)));
	buf->len += len;
}

void
buf_put_u8(struct buf *buf, uint8_t v)
{
	buf_put_be(buf, v, 1);
}

void
buf_put_u16(struct buf *buf, uint16_t v)
{
	buf_put_be(buf, v, 2);
}

void
buf_put_u32(struct buf *buf, uint32_t v)
{
	buf_put_be(buf, v, 4);
}

void
buf_put_u64(struct buf *buf, uint64_t v)
{
	buf_put_be(buf, v, 8);
}

void
buf_set_u16(struct buf *buf, size_t at, uint16_t v)
{
	assert(at + 2 <= buf->len);
	buf->data[at] = (uint8_t)(v >> 8);
	buf->data[at + 1] = (uint8_t)v;
}

const char *
buf_str(struct buf *buf)
{
	*(char *)buf_reserve(buf, 1) = '\0';
	return (const char *)buf->data;
}

char *
buf_take(struct buf *buf)
{
	char *text;

	buf_str(buf);
	text = (char *)buf->data;
	*buf = (struct buf){ 0 };
	return text;
}

void
cur_init(struct cur *cur, const void *data, size_t len)
{
	*cur = (struct cur){ .data = data, .len = len };
}

size_t
cur_left(const struct cur *cur)
{
	return cur->bad ? 0 : cur->len - cur->pos;
}

const uint8_t *
cur_bytes(struct cur *cur, size_t len)
{
	static const uint8_t none;
	const uint8_t       *p;

	if (cur->bad || len > cur->len - cur->pos) {
		cur->bad = true;
		return NULL;
	}
	/* An empty cursor may have no memory at all, but zero bytes of it are there. */
	p = cur->data != NULL ? cur->data + cur->pos : &none;
	cur->pos += len;
	return p;
}

static uint64_t
cur_be(struct cur *cur, size_t len)
{
	const uint8_t *p = cur_bytes(cur, len);
	uint64_t       v = 0;

	for (size_t i = 0; p != NULL && i < len; i++)
		v = v << 8 | p[i];
	return v;
}

uint8_t
cur_u8(struct cur *cur)
{
	return (uint8_t)cur_be(cur, 1);
}

uint16_t
cur_u16(struct cur *cur)
{
	return (uint16_t)cur_be(cur, 2);
}

uint32_t
cur_u32(struct cur *cur)
{
	return (uint32_t)cur_be(cur, 4);
}

uint64_t
cur_u64(struct cur *cur)
{
	return cur_be(cur, 8);
}

bool
cur_end(const struct cur *cur)
{
	return !cur->bad && cur->pos == cur->len;
}
