/* SPDX-License-Identifier: ISC */
/*
 * Typed messages with descriptors between our own processes, over SOCK_SEQPACKET.
 *
 * A message is put together and taken apart field by field.  A reader that runs over the end, or finds a
 * string with a NUL, marks the message bad and reads zeroes; msg_end() tells once, at the end.  Blobs
 * over MSG_INLINE_MAX travel as sealed memfds and are mapped read-only by the receiver.
 *
 * Nothing here trusts the other side: lengths are checked, and descriptors nobody takes are closed.
 */
#ifndef BASE_MSG_H
#define BASE_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define MSG_FDS_MAX    8
#define MSG_INLINE_MAX 49152    /* bytes of one blob kept inside the message */
#define MSG_SIZE_MAX   65536    /* bytes of a whole message on the socket */

struct msg {
	uint16_t   type;
	uint32_t   id;                  /* a reply carries its request's */
	struct buf body;                /* what is put */
	struct cur in;                  /* what is got */
	int        fds[MSG_FDS_MAX];    /* owned; -1 once taken */
	unsigned   fd_count, fd_next;
	struct { void *p; size_t len; } maps[MSG_FDS_MAX];      /* of received blobs */
	unsigned   map_count;
};

void msg_init(struct msg *msg, uint16_t type, uint32_t id);
void msg_done(struct msg *msg);                         /* frees, unmaps, closes what nobody took */

void msg_put_u8(struct msg *msg, uint8_t v);
void msg_put_u16(struct msg *msg, uint16_t v);
void msg_put_u32(struct msg *msg, uint32_t v);
void msg_put_u64(struct msg *msg, uint64_t v);
void msg_put_bool(struct msg *msg, bool v);
void msg_put_str(struct msg *msg, const char *text);    /* NULL is sent as "" */
void msg_put_blob(struct msg *msg, const void *data, size_t len);
void msg_put_fd(struct msg *msg, int fd);               /* duplicates; the caller keeps its own */
void msg_put_err(struct msg *msg, const struct err *err);

uint8_t     msg_get_u8(struct msg *msg);
uint16_t    msg_get_u16(struct msg *msg);
uint32_t    msg_get_u32(struct msg *msg);
uint64_t    msg_get_u64(struct msg *msg);
bool        msg_get_bool(struct msg *msg);
const char *msg_get_str(struct msg *msg);               /* borrowed until msg_done; never NULL */
const void *msg_get_blob(struct msg *msg, size_t *len); /* borrowed until msg_done; never NULL */
int         msg_take_fd(struct msg *msg);               /* the caller owns it; -1 (and bad) when there is none */
void        msg_get_err(struct msg *msg, struct err *err);
bool        msg_end(struct msg *msg);                   /* everything was there, and nothing more */

/*
 * One end of a channel.  chan_send never blocks: what the socket does not take is queued (in memory, at most
 * QUEUE_MAX messages; over that the channel is closed and reported as broken).  chan_flush is to be called when the descriptor is
 * writable; chan_wants_write says whether that is needed.
 */
struct chan {
	int          fd;                /* -1: closed */
	struct msg **queue;
	size_t       queue_len, queue_cap;
};

enum chan_state { CHAN_MSG, CHAN_EMPTY, CHAN_CLOSED };

bool chan_pair(int fds[2], struct err *err);            /* a connected pair, non-blocking, close-on-exec */
void chan_init(struct chan *chan, int fd);              /* takes FD, makes it non-blocking */
void chan_done(struct chan *chan);
bool chan_send(struct chan *chan, struct msg *msg);     /* takes the content of MSG (msg_done is done); false: broken */
bool chan_flush(struct chan *chan);                     /* false: broken */
bool chan_wants_write(const struct chan *chan);
enum chan_state chan_recv(struct chan *chan, struct msg *msg);  /* one message; MSG is initialised only for CHAN_MSG */

/* For helpers that have nothing else to do: wait at most TIMEOUT_MS (-1: for ever) to send everything / to receive one. */
bool            chan_send_wait(struct chan *chan, struct msg *msg, int timeout_ms);
enum chan_state chan_recv_wait(struct chan *chan, struct msg *msg, int timeout_ms);     /* CHAN_EMPTY: timed out */

#endif
