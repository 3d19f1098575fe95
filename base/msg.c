/* SPDX-License-Identifier: ISC */
/*
 * Messages: fields in, fields out.  chan.c carries them.
 *
 * A string is length, bytes and a NUL that is not counted, so that the reader can point at it.  A blob is one byte
 * how it travels and its length; inline bytes start at a multiple of 16, so that the reader may use them as
 * what they are.  A descriptor that could not be had (the table is full) is sent as absent, and is bad at the reader.
 */
#include "base/msg.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memfd.h"

enum carried { CARRIED_NOT, CARRIED_INLINE, CARRIED_FD };

#define BLOB_ALIGN 16

void
msg_init(struct msg *msg, uint16_t type, uint32_t id)
{
	*msg = (struct msg){ .type = type, .id = id };
}

void
msg_done(struct msg *msg)
{
	for (unsigned i = 0; i < msg->fd_count; i++)
		if (msg->fds[i] >= 0)
			close(msg->fds[i]);
	for (unsigned i = 0; i < msg->map_count; i++)
		munmap(msg->maps[i].p, msg->maps[i].len);
	buf_done(&msg->body);
	*msg = (struct msg){ 0 };
}

void
msg_put_u8(struct msg *msg, uint8_t v)
{
	buf_put_u8(&msg->body, v);
}

void
msg_put_u16(struct msg *msg, uint16_t v)
{
	buf_put_u16(&msg->body, v);
}

void
msg_put_u32(struct msg *msg, uint32_t v)
{
	buf_put_u32(&msg->body, v);
}

void
msg_put_u64(struct msg *msg, uint64_t v)
{
	buf_put_u64(&msg->body, v);
}

void
msg_put_bool(struct msg *msg, bool v)
{
	buf_put_u8(&msg->body, v);
}

void
msg_put_str(struct msg *msg, const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;

	assert(len < UINT32_MAX);
	buf_put_u32(&msg->body, (uint32_t)len);
	buf_put(&msg->body, text, len);
	buf_put_u8(&msg->body, 0);
}

/* Takes FD. */
static void
push_fd(struct msg *msg, int fd)
{
	assert(msg->fd_count < MSG_FDS_MAX);
	msg->fds[msg->fd_count++] = fd;
}

void
msg_put_blob(struct msg *msg, const void *data, size_t len)
{
	static const uint8_t zeroes[BLOB_ALIGN];
	int                  fd = len > MSG_INLINE_MAX ? memfd_sealed("blob", data, len) : -1;

	buf_put_u8(&msg->body, fd >= 0 ? CARRIED_FD : len <= MSG_INLINE_MAX ? CARRIED_INLINE : CARRIED_NOT);
	buf_put_u64(&msg->body, len);
	if (fd >= 0) {
		push_fd(msg, fd);
	} else if (len <= MSG_INLINE_MAX) {
		buf_put(&msg->body, zeroes, -msg->body.len % BLOB_ALIGN);
		buf_put(&msg->body, data, len);
	}
}

void
msg_put_fd(struct msg *msg, int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	buf_put_u8(&msg->body, copy >= 0 ? CARRIED_FD : CARRIED_NOT);
	if (copy >= 0)
		push_fd(msg, copy);
}

void
msg_put_err(struct msg *msg, const struct err *err)
{
	buf_put_u16(&msg->body, (uint16_t)err->code);
	msg_put_str(msg, err->id);
	msg_put_str(msg, err->text);
	msg_put_str(msg, err->hint);
	buf_put_u32(&msg->body, err->line);
	buf_put_u32(&msg->body, err->col);
}

uint8_t
msg_get_u8(struct msg *msg)
{
	return cur_u8(&msg->in);
}

uint16_t
msg_get_u16(struct msg *msg)
{
	return cur_u16(&msg->in);
}

uint32_t
msg_get_u32(struct msg *msg)
{
	return cur_u32(&msg->in);
}

uint64_t
msg_get_u64(struct msg *msg)
{
	return cur_u64(&msg->in);
}

bool
msg_get_bool(struct msg *msg)
{
	uint8_t v = cur_u8(&msg->in);

	if (v > 1)
		msg->in.bad = true;
	return v == 1;
}

const char *
msg_get_str(struct msg *msg)
{
	size_t      len = cur_u32(&msg->in);
	const char *text = (const char *)cur_bytes(&msg->in, len + 1);

	if (text != NULL && strnlen(text, len + 1) == len)
		return text;
	msg->in.bad = true;
	return "";
}

/* Map the sealed memory of LEN bytes that comes next among the descriptors.  NULL when it is not that. */
static const void *
get_mapped(struct msg *msg, uint64_t len)
{
	int   fd = msg->fd_next < msg->fd_count ? msg->fds[msg->fd_next] : -1;
	void *p;

	if (fd < 0 || msg->map_count == MSG_FDS_MAX || len == 0 || memfd_sealed_len(fd) != (int64_t)len)
		return NULL;
	p = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return NULL;
	close(fd);
	msg->fds[msg->fd_next++] = -1;
	msg->maps[msg->map_count].p = p;
	msg->maps[msg->map_count++].len = len;
	return p;
}

const void *
msg_get_blob(struct msg *msg, size_t *len)
{
	static const uint8_t none[BLOB_ALIGN];
	uint8_t              carried = cur_u8(&msg->in);
	uint64_t             size = cur_u64(&msg->in);
	const void          *p = NULL;

	if (carried == CARRIED_INLINE) {
		cur_bytes(&msg->in, -msg->in.pos % BLOB_ALIGN);
		p = cur_bytes(&msg->in, size);
	} else if (carried == CARRIED_FD) {
		p = get_mapped(msg, size);
	}
	*len = p != NULL ? size : 0;
	if (p == NULL)
		msg->in.bad = true;
	return p != NULL && size != 0 ? p : none;
}

int
msg_take_fd(struct msg *msg)
{
	bool there = cur_u8(&msg->in) == CARRIED_FD && msg->fd_next < msg->fd_count;
	int  fd = there ? msg->fds[msg->fd_next] : -1;

	if (there)
		msg->fds[msg->fd_next++] = -1;
	else
		msg->in.bad = true;
	return fd;
}

/* A sentence of another process, cut to what ERR holds. */
static void
get_text(struct msg *msg, char *out, size_t size)
{
	const char *text = msg_get_str(msg);
	size_t      len = strnlen(text, size - 1);

	memcpy(out, text, len);
	out[len] = '\0';
}

void
msg_get_err(struct msg *msg, struct err *err)
{
	uint16_t code = cur_u16(&msg->in);

	*err = (struct err){ 0 };
	if (code >= ERR_COUNT)
		msg->in.bad = true;
	get_text(msg, err->id, sizeof err->id);
	get_text(msg, err->text, sizeof err->text);
	get_text(msg, err->hint, sizeof err->hint);
	err->line = cur_u32(&msg->in);
	err->col = cur_u32(&msg->in);
	err->code = msg->in.bad ? ERR_FAILED : (enum err_code)code;
}

bool
msg_end(struct msg *msg)
{
	return cur_end(&msg->in) && msg->fd_next == msg->fd_count;
}
