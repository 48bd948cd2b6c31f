//  http_chunks: chunk frames straight to a socket.
//
//  Only body bytes are held; the frame around them is made when they leave. So a slow
//  reader gets many small writes as one chunk, and `taken` counts body bytes exactly.

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "broker/net/http_chunks.h"

#define TAIL_SIZE 2 //  CRLF behind a chunk

void
http_chunks_init (http_chunks_t *self, bool framed)
{
    memset (self, 0, sizeof *self);
    br_buf_init (&self->held, HTTP_CHUNKS_HELD_MAX);
    self->framed = framed;
}

void
http_chunks_free (http_chunks_t *self)
{
    br_buf_free (&self->held);
}

bool
http_chunks_is_empty (const http_chunks_t *self)
{
    return self->held.size == 0 && self->frame_at == self->frame_size && self->tail == 0;
}

//  The head of a chunk: its size in hexadecimal digits. Called for each write of a
//  stream, so without printf.
static void
s_frame (http_chunks_t *self, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    self->left = size;
    self->frame_at = 0;
    self->frame_size = 0;
    self->tail = 0;
    if (!self->framed)
        return;
    int shift = 0;
    while (shift < 60 && size >> (shift + 4))
        shift += 4;
    for (; shift >= 0; shift -= 4)
        self->frame[self->frame_size++] = digits[size >> shift & 15];
    self->frame[self->frame_size++] = '\r';
    self->frame[self->frame_size++] = '\n';
    self->tail = TAIL_SIZE;
}

//  Sends the rest of the chunk under way, whose body bytes are at `body`.
//  Returns the body bytes that the kernel took.
static size_t
s_send (http_chunks_t *self, int fd, const uint8_t *body)
{
    static const char crlf[] = "\r\n";
    size_t frame_left = (size_t) (self->frame_size - self->frame_at);
    struct iovec parts[] = {
        { .iov_base = self->frame + self->frame_at, .iov_len = frame_left },
        { .iov_base = (void *) (uintptr_t) body, .iov_len = self->left },
        { .iov_base = (void *) (uintptr_t) (crlf + TAIL_SIZE - self->tail),
          .iov_len = self->tail },
    };
    struct msghdr message = { .msg_iov = parts, .msg_iovlen = 3 };
    ssize_t rc = sendmsg (fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (rc < 0) {
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
            self->broken = true;
        return 0;
    }
    size_t sent = (size_t) rc;
    size_t of_frame = sent < frame_left ? sent : frame_left;
    sent -= of_frame;
    size_t of_body = sent < self->left ? sent : self->left;
    sent -= of_body;
    self->frame_at = (uint8_t) (self->frame_at + of_frame);
    self->tail = (uint8_t) (self->tail - sent);
    self->left -= of_body;
    self->taken += of_body;
    return of_body;
}

static bool
s_is_between_chunks (const http_chunks_t *self)
{
    return self->left == 0 && self->frame_at == self->frame_size && self->tail == 0;
}

void
http_chunks_write (http_chunks_t *self, int fd, const void *bytes, size_t size)
{
    if (size == 0 || self->broken)
        return; //  a chunk of no bytes would end the answer
    size_t sent = 0;
    if (fd >= 0 && http_chunks_is_empty (self)) {
        s_frame (self, size);
        sent = s_send (self, fd, bytes);
    }
    if (sent < size
        && br_buf_add (&self->held, (const uint8_t *) bytes + sent, size - sent))
        self->broken = true;
}

void
http_chunks_flush (http_chunks_t *self, int fd)
{
    while (!self->broken && !http_chunks_is_empty (self)) {
        if (s_is_between_chunks (self))
            s_frame (self, self->held.size);
        size_t sent = s_send (self, fd, self->held.data);
        if (sent)
            br_buf_shift (&self->held, sent);
        if (!s_is_between_chunks (self))
            return;
    }
    if (self->held.size == 0)
        br_buf_free (&self->held); //  an idle stream costs no buffer
}

size_t
http_chunks_peek (const http_chunks_t *self, void *ret_bytes, size_t size)
{
    if (size > self->held.size)
        size = self->held.size;
    if (size)
        memcpy (ret_bytes, self->held.data, size);
    return size;
}

void
http_chunks_sent (http_chunks_t *self, uint64_t taken)
{
    assert (taken >= self->taken && taken - self->taken <= self->held.size);
    if (taken != self->taken)
        br_buf_shift (&self->held, (size_t) (taken - self->taken));
    self->taken = taken;
    if (self->held.size == 0)
        br_buf_free (&self->held);
}
