//  usage_veil: hides the chunk of usage that a client of Chat has not asked for.
//
//  Events are told apart by their empty lines and looked at where they are; only what a
//  push has cut is put together in own memory. What has no word of usage, or says null of
//  it as nearly all chunks do, is not walked.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/json_iter.h"
#include "broker/proto/usage_veil.h"

#define HELD_MAX (2 * (size_t) USAGE_VEIL_MAX) //  bytes, with those of one push

typedef enum {
    AT_START,  //  nothing but blanks so far
    AT_EVENTS, //  between two lines
    IN_LINE,   //  of an event that is too long: it passes up to its end
    PASSING    //  no stream
} state_t;

struct _usage_veil_t {
    state_t state;
    br_buf_t held; //  the event under way
};

usage_veil_t *
usage_veil_new (void)
{
    usage_veil_t *self = BR_NEW (usage_veil_t);
    br_buf_init (&self->held, HELD_MAX);
    return self;
}

void
usage_veil_destroy (usage_veil_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_buf_free (&(*self_p)->held);
    free (*self_p);
    *self_p = NULL;
}

//  ---- lines

//  ret:  behind the end of the line, which is LF, CRLF or CR; NULL when it is not there
//        yet: behind a CR at the end an LF may follow
static const uint8_t *
s_line_end (const uint8_t *at, const uint8_t *end)
{
    if (at == end)
        return NULL;
    const uint8_t *lf = memchr (at, '\n', (size_t) (end - at));
    const uint8_t *stop = lf ? lf : end;
    const uint8_t *cr = memchr (at, '\r', (size_t) (stop - at));
    if (!cr || cr + 1 == lf)
        return lf ? lf + 1 : NULL;
    return cr + 1 < end ? cr + 1 : NULL;
}

//  ret:  behind the empty line that ends the event, or NULL
static const uint8_t *
s_event_end (const uint8_t *at, const uint8_t *end)
{
    for (const uint8_t *next = s_line_end (at, end); next;
         at = next, next = s_line_end (at, end))
        if (*at == '\n' || *at == '\r')
            return next;
    return NULL;
}

//  The data of an event that has one line of it, which is all that a chunk has.
//  ret:  NULL when it has none, or several
static const uint8_t *
s_data (const uint8_t *at, const uint8_t *end, size_t *ret_size)
{
    static const char name[] = "data:";
    const size_t skip = sizeof name - 1;
    const uint8_t *data = NULL;
    while (at < end) {
        const uint8_t *next = s_line_end (at, end);
        if (!next)
            next = end;
        if ((size_t) (next - at) > skip && memcmp (at, name, skip) == 0) {
            if (data)
                return NULL;
            data = at + skip;
            *ret_size = (size_t) (next - data);
        }
        at = next;
    }
    return data;
}

//  ---- the chunk

//  The word stands there as a name, with an object behind it.
static bool
s_may_be_usage (const uint8_t *at, const uint8_t *end)
{
    static const char word[] = "\"usage\"";
    const size_t size = sizeof word - 1;
    for (;;) {
        at = memmem (at, (size_t) (end - at), word, size);
        if (!at)
            return false;
        at += size;
        while (at < end && (*at == ' ' || *at == ':'))
            at++;
        if (at < end && *at == '{')
            return true;
    }
}

static bool
s_is_usage (const uint8_t *event, size_t size)
{
    size_t data_size = 0;
    if (size > USAGE_VEIL_MAX || !s_may_be_usage (event, event + size))
        return false;
    const uint8_t *data = s_data (event, event + size, &data_size);
    json_row_t rows[] = { { .key = "choices" }, { .key = "usage" }, { .key = "error" } };
    if (!data || json_members (data, data_size, rows, 3, NULL))
        return false;
    if (rows[0].type != JSON_ARRAY || rows[1].type != JSON_OBJECT
        || (rows[2].type != JSON_NONE && rows[2].type != JSON_NULL))
        return false;
    json_iter_t iter;
    json_item_t item;
    return json_iter_begin (&iter, data + rows[0].offset, rows[0].size, NULL) == 0
           && json_iter_next (&iter, &item, NULL) == 0;
}

//  ---- the stream

//  Hands on the events that are whole, and comments in front of one.
//  ret:  bytes that are done with
static size_t
s_pass_events (const uint8_t *bytes, size_t size, br_buf_t *out)
{
    const uint8_t *at = bytes;
    const uint8_t *end = bytes + size;
    while (at < end) {
        const uint8_t *next = *at == ':' ? s_line_end (at, end) : s_event_end (at, end);
        if (!next)
            break;
        if (*at == ':' || !s_is_usage (at, (size_t) (next - at)))
            (void) br_buf_add (out, at, (size_t) (next - at));
        at = next;
    }
    return (size_t) (at - bytes);
}

//  The rest of a line that is too long.
static size_t
s_pass_line (usage_veil_t *self, const uint8_t *bytes, size_t size, br_buf_t *out)
{
    const uint8_t *next = s_line_end (bytes, bytes + size);
    size_t done = next ? (size_t) (next - bytes) : size;
    (void) br_buf_add (out, bytes, done);
    if (next)
        self->state = AT_EVENTS;
    return done;
}

static void
s_begin (usage_veil_t *self, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size && self->state == AT_START; i++)
        if (!strchr (" \t\r\n", bytes[i]) || !bytes[i])
            self->state = bytes[i] == '{' || bytes[i] == '[' ? PASSING : AT_EVENTS;
}

//  What is over the maximum is no chunk of usage.
static void
s_hold (usage_veil_t *self, const uint8_t *rest, size_t size, br_buf_t *out)
{
    if (size <= USAGE_VEIL_MAX) {
        (void) br_buf_add (&self->held, rest, size);
        return;
    }
    (void) br_buf_add (out, rest, size);
    self->state = IN_LINE;
}

static void
s_push_events (usage_veil_t *self, const uint8_t *bytes, size_t size, br_buf_t *out)
{
    size_t done = s_pass_events (bytes, size, out);
    s_hold (self, bytes + done, size - done, out);
}

//  Behind what is held as much as may be held at the most.
static size_t
s_push_behind (usage_veil_t *self, const uint8_t *bytes, size_t size, br_buf_t *out)
{
    br_buf_t whole = self->held;
    br_buf_init (&self->held, HELD_MAX);
    size_t part = size < USAGE_VEIL_MAX ? size : USAGE_VEIL_MAX;
    (void) br_buf_add (&whole, bytes, part);
    s_push_events (self, whole.data, whole.size, out);
    br_buf_free (&whole);
    return part;
}

void
usage_veil_push (usage_veil_t *self, const void *bytes, size_t size, br_buf_t *out)
{
    const uint8_t *at = bytes;
    if (self->state == AT_START)
        s_begin (self, at, size);
    if (self->state == AT_START || self->state == PASSING) {
        (void) br_buf_add (out, at, size);
        return;
    }
    while (size) {
        size_t done = size;
        if (self->state == IN_LINE)
            done = s_pass_line (self, at, size, out);
        else if (self->held.size)
            done = s_push_behind (self, at, size, out);
        else
            s_push_events (self, at, size, out);
        at += done;
        size -= done;
    }
}

void
usage_veil_end (usage_veil_t *self, br_buf_t *out)
{
    if (self->held.size && !s_is_usage (self->held.data, self->held.size))
        (void) br_buf_add (out, self->held.data, self->held.size);
    br_buf_clear (&self->held);
}
