//  raw: see raw.h.

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "tests/flow/raw.h"

#define SILENCE_MS 30000

int
raw_open (raw_t *self, unsigned port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons ((uint16_t) port) };
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    *self = (raw_t) { .fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    br_buf_init (&self->answer, RAW_ANSWER_MAX);
    return connect (self->fd, (struct sockaddr *) &address, sizeof address);
}

void
raw_close (raw_t *self)
{
    if (self->fd >= 0)
        close (self->fd);
    self->fd = -1;
    br_buf_free (&self->answer);
}

//  Takes what is there. 1 = took some, 0 = the end.
static int
s_take (raw_t *self)
{
    char bytes[65536];
    ssize_t size = recv (self->fd, bytes, sizeof bytes, 0);
    self->reset = size < 0;
    if (size <= 0)
        return 0;
    br_buf_add (&self->answer, bytes, (size_t) size);
    return 1;
}

//  Whether the server has something to say, or takes bytes.
static short
s_wait (const raw_t *self, short events)
{
    struct pollfd ready = { .fd = self->fd, .events = events };
    return poll (&ready, 1, SILENCE_MS) > 0 ? ready.revents : 0;
}

size_t
raw_send (raw_t *self, const void *bytes, size_t size)
{
    size_t sent = 0;
    while (sent < size) {
        short ready = s_wait (self, POLLOUT | POLLIN);
        if (ready & POLLIN || !(ready & POLLOUT))
            break; //  it answers before it has all
        ssize_t part = send (self->fd, (const char *) bytes + sent, size - sent,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
        if (part < 0)
            break;
        sent += (size_t) part;
    }
    return sent;
}

void
raw_ask (raw_t *self, const char *body)
{
    char *text = br_strf (
        "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\n"
        "content-type: application/json\r\ncontent-length: %zu\r\n\r\n%s",
        strlen (body), body);
    raw_send (self, text, strlen (text));
    free (text);
}

void
raw_half_close (raw_t *self)
{
    shutdown (self->fd, SHUT_WR);
}

//  Where the body begins, or NULL while the head is not complete.
static const char *
s_body (const raw_t *self)
{
    if (!self->answer.size)
        return NULL;
    const char *end = memmem (self->answer.data, self->answer.size, "\r\n\r\n", 4);
    return end ? end + 4 : NULL;
}

static bool
s_is_complete (const raw_t *self)
{
    const char *body = s_body (self);
    if (!body)
        return false;
    size_t size = self->answer.size - (size_t) (body - (const char *) self->answer.data);
    char *length = raw_header (self, "content-length");
    bool complete = length ? size >= strtoul (length, NULL, 10)
                           : size >= 5 && memcmp (body + size - 5, "0\r\n\r\n", 5) == 0;
    free (length);
    return complete;
}

bool
raw_read (raw_t *self, size_t size_max)
{
    while (self->answer.size < size_max && !s_is_complete (self)) {
        if (!s_wait (self, POLLIN))
            return false;
        if (!s_take (self))
            break;
    }
    br_buf_addc (&self->answer, 0);
    self->answer.size--;
    return true;
}

unsigned
raw_status (const raw_t *self)
{
    unsigned status = 0;
    if (self->answer.size > 12)
        sscanf ((const char *) self->answer.data, "HTTP/1.1 %3u", &status);
    return status;
}

char *
raw_header (const raw_t *self, const char *name)
{
    const char *at = (const char *) self->answer.data;
    const char *end = s_body (self);
    size_t size = strlen (name);
    while (end && at < end) {
        const char *line = memmem (at, (size_t) (end - at), "\r\n", 2);
        if (strncasecmp (at, name, size) == 0 && at[size] == ':') {
            at += size + 1 + strspn (at + size + 1, " ");
            return br_strndup (at, (size_t) (line - at));
        }
        at = line + 2;
    }
    return NULL;
}

const char *
raw_body (const raw_t *self)
{
    const char *body = s_body (self);
    return body ? body : "";
}
