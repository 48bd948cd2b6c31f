//  client: a blocking socket with time limits, and a reader of chunks.

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "tests/place/client.h"

#define SEND_SECONDS 60
#define LINE_MAX_BYTES 64

struct _client_t {
    int fd;
    client_end_t end;
    unsigned status;
    bool has_head;
    bool chunked;
    bool has_length;
    size_t length;     //  content-length
    size_t left;       //  bytes of the chunk under way, with its CRLF
    uint64_t received; //  bytes
    br_buf_t raw;      //  not yet understood
    br_buf_t head;
    br_buf_t body;
    unsigned events;
    size_t events_at; //  end of the last whole event in body
};

client_t *
client_new (unsigned port)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    address.sin_port = htons ((uint16_t) port);
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval limit = { .tv_sec = SEND_SECONDS };
    setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect (fd, (struct sockaddr *) &address, sizeof address)) {
        close (fd);
        return NULL;
    }
    client_t *self = BR_NEW (client_t);
    self->fd = fd;
    br_buf_init (&self->raw, CLIENT_ANSWER_MAX);
    br_buf_init (&self->head, CLIENT_ANSWER_MAX);
    br_buf_init (&self->body, CLIENT_ANSWER_MAX);
    return self;
}

void
client_destroy (client_t **self_p)
{
    client_t *self = *self_p;
    if (!self)
        return;
    if (self->fd >= 0)
        close (self->fd);
    br_buf_free (&self->raw);
    br_buf_free (&self->head);
    br_buf_free (&self->body);
    free (self);
    *self_p = NULL;
}

static int
s_send (const client_t *self, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size) {
        ssize_t sent = send (self->fd, at, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return -1;
        at += sent;
        size -= (size_t) sent;
    }
    return 0;
}

int
client_send (client_t *self, const client_request_t *request)
{
    br_buf_t head;
    br_buf_init (&head, CLIENT_ANSWER_MAX);
    br_buf_addf (&head, "%s %s HTTP/1.1\r\nhost: 127.0.0.1\r\n", request->method,
                 request->path);
    if (request->id)
        br_buf_addf (&head, "x-bitrouter-request-id: %s\r\n", request->id);
    if (request->body_size)
        br_buf_addf (&head, "content-type: application/json\r\ncontent-length: %zu\r\n",
                     request->body_size);
    br_buf_addf (&head, "%s\r\n", request->headers ? request->headers : "");
    int rc = s_send (self, head.data, head.size);
    if (rc == 0)
        rc = s_send (self, request->body, request->body_size);
    br_buf_free (&head);
    return rc;
}

//  ---- what comes

static const char *
s_header (client_t *self, const char *name)
{
    size_t size = strlen (name);
    const char *line = strstr (br_buf_text (&self->head), "\r\n");
    for (; line; line = strstr (line + 2, "\r\n"))
        if (strncasecmp (line + 2, name, size) == 0 && line[2 + size] == ':')
            return line + 3 + size + strspn (line + 3 + size, " ");
    return NULL;
}

//  False while the head is not whole.
static bool
s_take_head (client_t *self)
{
    const char *text = br_buf_text (&self->raw);
    const char *end = strstr (text, "\r\n\r\n");
    if (!end)
        return false;
    size_t size = (size_t) (end - text) + 4;
    br_buf_add (&self->head, text, size);
    br_buf_shift (&self->raw, size);
    self->has_head = true;
    sscanf (br_buf_text (&self->head), "HTTP/1.1 %u", &self->status);
    const char *coding = s_header (self, "transfer-encoding");
    self->chunked = coding && strncasecmp (coding, "chunked", 7) == 0;
    const char *length = s_header (self, "content-length");
    self->has_length = length != NULL;
    self->length = length ? strtoul (length, NULL, 10) : 0;
    return true;
}

//  Takes one chunk, or a part of it. False when nothing more can be taken.
static bool
s_take_chunk (client_t *self)
{
    if (self->left == 0) {
        const char *text = br_buf_text (&self->raw);
        const char *end = strstr (text, "\r\n");
        if (!end)
            return false;
        size_t size = strtoul (text, NULL, 16);
        br_buf_shift (&self->raw, (size_t) (end - text) + 2);
        if (size == 0) {
            self->end = CLIENT_CLEAN;
            return false;
        }
        self->left = size + 2;
    }
    size_t data = self->left > 2 ? self->left - 2 : 0;
    size_t taken = data < self->raw.size ? data : self->raw.size;
    br_buf_add (&self->body, self->raw.data, taken);
    br_buf_shift (&self->raw, taken);
    self->left -= taken;
    if (self->left > 2 || self->raw.size < self->left)
        return false;
    br_buf_shift (&self->raw, self->left);
    self->left = 0;
    return true;
}

static void
s_count_events (client_t *self)
{
    const char *text = br_buf_text (&self->body);
    const char *end;
    while ((end = strstr (text + self->events_at, "\n\n"))) {
        self->events++;
        self->events_at = (size_t) (end - text) + 2;
    }
}

static void
s_take (client_t *self)
{
    if (!self->has_head && !s_take_head (self))
        return;
    if (self->chunked)
        while (s_take_chunk (self))
            ;
    else {
        br_buf_add (&self->body, self->raw.data, self->raw.size);
        br_buf_clear (&self->raw);
        if (self->has_length && self->body.size >= self->length)
            self->end = CLIENT_CLEAN;
    }
    s_count_events (self);
}

client_end_t
client_read (client_t *self, unsigned timeout_ms)
{
    static const size_t room = 65536;
    if (self->end != CLIENT_OPEN)
        return self->end;
    struct pollfd poll_fd = { .fd = self->fd, .events = POLLIN };
    if (poll (&poll_fd, 1, (int) timeout_ms) <= 0)
        return CLIENT_OPEN;
    char *bytes = br_alloc (room, 1);
    ssize_t size = recv (self->fd, bytes, room, 0);
    if (size > 0) {
        self->received += (uint64_t) size;
        br_buf_add (&self->raw, bytes, (size_t) size);
        s_take (self);
    } else
        self->end = CLIENT_CUT;
    free (bytes);
    return self->end;
}

client_end_t
client_finish (client_t *self, unsigned silence_ms)
{
    while (self->end == CLIENT_OPEN) {
        uint64_t before = self->received;
        client_read (self, silence_ms);
        if (self->end == CLIENT_OPEN && self->received == before)
            self->end = CLIENT_HUNG;
    }
    return self->end;
}

void
client_leave (client_t *self)
{
    close (self->fd);
    self->fd = -1;
    self->end = CLIENT_LEFT;
}

//  ---- getters

client_end_t
client_ended (const client_t *self)
{
    return self->end;
}

unsigned
client_status (const client_t *self)
{
    return self->status;
}

unsigned
client_events (const client_t *self)
{
    return self->events;
}

const char *
client_head (client_t *self)
{
    return br_buf_text (&self->head);
}

const char *
client_body (client_t *self)
{
    return br_buf_text (&self->body);
}

size_t
client_body_size (const client_t *self)
{
    return self->body.size;
}

bool
client_is_complete (client_t *self)
{
    return self->end == CLIENT_CLEAN && self->status == 200
           && strstr (client_body (self), "data: [DONE]\n\n");
}

bool
client_is_error (client_t *self)
{
    return self->status >= 400 || strstr (client_body (self), "{\"error\":");
}
