//  ingress_sse: whole events only.

#include <stdint.h>

#include "actors/ingress/ingress_sse.h"

void
ingress_sse_init (ingress_sse_t *self, ingress_sse_write_fn *write, void *arg)
{
    *self = (ingress_sse_t) { .write = write, .arg = arg };
    br_buf_init (&self->held, INGRESS_SSE_HELD_MAX);
}

void
ingress_sse_free (ingress_sse_t *self)
{
    br_buf_free (&self->held);
}

//  Whether an event ends in front of bytes[at]: a line without content ends there.
//  at_line: bytes[0] is the start of a line.
static bool
s_ends (const uint8_t *bytes, size_t at, bool at_line)
{
    uint8_t last = bytes[at - 1];
    if (last != '\n' && last != '\r')
        return false;
    if (at == 1)
        return at_line && last == '\n';
    uint8_t before = bytes[at - 2];
    if (last == '\n' && before == '\r') {
        if (at == 2)
            return at_line;
        return bytes[at - 3] == '\n' || bytes[at - 3] == '\r';
    }
    return before == last;
}

//  Bytes up to the end of the last whole event that ends behind bytes[since]; 0 when there
//  is none.
static size_t
s_whole (const uint8_t *bytes, size_t since, size_t size, bool at_line)
{
    for (size_t at = size; at > since; at--)
        if (s_ends (bytes, at, at_line))
            return at;
    return 0;
}

static void
s_write (ingress_sse_t *self, const void *bytes, size_t size)
{
    if (size)
        self->write (self->arg, bytes, size);
}

//  An event over the bound: it goes through in parts from here on.
static void
s_give_up (ingress_sse_t *self)
{
    s_write (self, self->held.data, self->held.size);
    br_buf_clear (&self->held);
    self->mid_event = true;
}

static void
s_push_held (ingress_sse_t *self, size_t since)
{
    size_t whole = s_whole (self->held.data, since, self->held.size, true);
    s_write (self, self->held.data, whole);
    br_buf_shift (&self->held, whole);
}

void
ingress_sse_push (ingress_sse_t *self, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    size_t since = self->held.size;
    if (since && br_buf_add (&self->held, from, size) == 0) {
        s_push_held (self, since);
        return;
    }
    if (since)
        s_give_up (self);
    size_t whole = s_whole (from, 0, size, !self->mid_event);
    s_write (self, from, whole);
    if (whole)
        self->mid_event = false;
    if (!self->mid_event && br_buf_add (&self->held, from + whole, size - whole))
        s_give_up (self);
    if (self->mid_event)
        s_write (self, from + whole, size - whole);
}

void
ingress_sse_end (ingress_sse_t *self)
{
    if (self->held.size)
        self->mid_event = true;
    s_write (self, self->held.data, self->held.size);
    br_buf_clear (&self->held);
}

bool
ingress_sse_break (ingress_sse_t *self)
{
    br_buf_clear (&self->held);
    return self->mid_event;
}

bool
ingress_sse_is_between (const ingress_sse_t *self)
{
    return !self->mid_event;
}

const char *
ingress_sse_alive (br_protocol_t protocol)
{
    static const char *const texts[BR_PROTOCOL_COUNT] = {
        [BR_PROTOCOL_MESSAGES] = "event: ping\ndata: {\"type\": \"ping\"}\n\n",
        [BR_PROTOCOL_GOOGLE] = "",
    };
    return texts[protocol] ? texts[protocol] : ": keep-alive\n";
}

size_t
ingress_sse_held (const ingress_sse_t *self)
{
    return self->held.size;
}
