//  rate_reply: one HTTP answer as the load generator reads it.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bench/rate_reply.h"

void
rate_reply_init (rate_reply_t *self, rate_event_fn *fn, void *arg)
{
    //  The two line buffers need no zeros, and this runs once a request.
    memset (self, 0, offsetof (rate_reply_t, line));
    self->event_size = 0;
    self->keep_alive = true;
    self->fn = fn;
    self->arg = arg;
}

//  Adds bytes up to a newline to a line; what is too long is dropped. Returns how many
//  were used; *ret_whole tells whether the line is complete.
static size_t
s_line (char *line, size_t *line_size, const uint8_t *bytes, size_t size, bool *ret_whole)
{
    const uint8_t *end = memchr (bytes, '\n', size);
    size_t used = end ? (size_t) (end - bytes) + 1 : size;
    size_t room = RATE_LINE_MAX - 1 - *line_size;
    size_t kept = used < room ? used : room;
    memcpy (line + *line_size, bytes, kept);
    *line_size += kept;
    line[*line_size] = 0;
    *ret_whole = end != NULL;
    return used;
}

//  One line of an event stream.
static void
s_event_line (rate_reply_t *self)
{
    size_t size = self->event_size;
    self->event_size = 0;
    if (strncmp (self->event, "data:", 5))
        return;
    self->events++;
    if (strstr (self->event, "[DONE]"))
        self->has_end = true;
    if (!strncmp (self->event, "data: {\"error\"", 14))
        self->has_error = true;
    const char *stamp = memmem (self->event, size, "\"@", 2);
    if (self->fn)
        self->fn (self->arg, stamp ? strtoull (stamp + 2, NULL, 10) : 0);
}

static void
s_payload (rate_reply_t *self, const uint8_t *bytes, size_t size)
{
    self->body_bytes += size;
    while (self->is_stream && size) {
        bool whole;
        size_t used = s_line (self->event, &self->event_size, bytes, size, &whole);
        if (whole)
            s_event_line (self);
        bytes += used;
        size -= used;
    }
}

//  The empty line behind the headers.
static int
s_head_end (rate_reply_t *self)
{
    if (self->status == 100) {
        self->status = 0;
        return 0;
    }
    if (self->is_chunked)
        self->state = RATE_CHUNK_SIZE;
    else if (!self->has_length)
        self->state = RATE_UNTIL_CLOSE;
    else
        self->state = self->left ? RATE_BODY : RATE_DONE;
    return 0;
}

static int
s_head_line (rate_reply_t *self)
{
    char *line = self->line;
    line[strcspn (line, "\r\n")] = 0;
    if (!self->status) {
        int minor;
        return sscanf (line, "HTTP/1.%d %d", &minor, &self->status) == 2 ? 0 : -1;
    }
    if (!*line)
        return s_head_end (self);
    char *value = strchr (line, ':');
    if (!value)
        return -1;
    value += 1 + strspn (value + 1, " ");
    if (!strncasecmp (line, "content-length:", 15)) {
        self->left = strtoull (value, NULL, 10);
        self->has_length = true;
    } else if (!strncasecmp (line, "transfer-encoding:", 18))
        self->is_chunked = true;
    else if (!strncasecmp (line, "content-type:", 13))
        self->is_stream = strstr (value, "event-stream") != NULL;
    else if (!strncasecmp (line, "connection:", 11))
        self->keep_alive = strcasecmp (value, "close") != 0;
    return 0;
}

static int
s_size_line (rate_reply_t *self)
{
    char *end;
    self->left = strtoull (self->line, &end, 16);
    if (end == self->line)
        return -1;
    self->state = self->left ? RATE_CHUNK : RATE_TRAILER;
    return 0;
}

static int
s_whole_line (rate_reply_t *self)
{
    int rc = 0;
    if (self->state == RATE_HEAD)
        rc = s_head_line (self);
    else if (self->state == RATE_CHUNK_SIZE)
        rc = s_size_line (self);
    else if (self->state == RATE_CHUNK_END)
        self->state = RATE_CHUNK_SIZE;
    else if (self->line_size <= 2)
        self->state = RATE_DONE;
    self->line_size = 0;
    return rc;
}

int
rate_reply_feed (rate_reply_t *self, const uint8_t *bytes, size_t size)
{
    while (size && self->state != RATE_DONE) {
        size_t used = size;
        if (self->state == RATE_UNTIL_CLOSE)
            s_payload (self, bytes, size);
        else if (self->state == RATE_BODY || self->state == RATE_CHUNK) {
            used = size < self->left ? size : (size_t) self->left;
            s_payload (self, bytes, used);
            self->left -= used;
            if (!self->left)
                self->state = self->state == RATE_BODY ? RATE_DONE : RATE_CHUNK_END;
        } else {
            bool whole;
            used = s_line (self->line, &self->line_size, bytes, size, &whole);
            if (whole && s_whole_line (self))
                return -1;
        }
        bytes += used;
        size -= used;
    }
    return self->state == RATE_DONE;
}

bool
rate_reply_closed (rate_reply_t *self)
{
    self->keep_alive = false;
    return self->state == RATE_DONE || self->state == RATE_UNTIL_CLOSE;
}

bool
rate_reply_is_good (const rate_reply_t *self)
{
    return self->status == 200 && !self->has_error && (!self->is_stream || self->has_end);
}
