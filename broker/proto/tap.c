//  tap: reads a copy of a provider's answer as it passes.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/net/sse.h"
#include "broker/proto/codec.h"
#include "broker/proto/tap.h"
#include "broker/proto/tap_array.h"

typedef enum {
    SHAPE_OPEN, //  nothing but blanks so far
    SHAPE_STREAM,
    SHAPE_BODY,
    SHAPE_ARRAY, //  a stream whose events are elements
    SHAPE_DEAF   //  given up
} shape_t;

struct _tap_t {
    const tap_reader_t *reader; //  of the protocol
    bool stream;                //  what was asked for
    shape_t shape;
    sse_t *sse;         //  once the shape is a stream
    tap_array_t *array; //  once the shape is an array
    br_buf_t body;      //  once the shape is a plain body
    tap_result_t result;
};

static void
s_note (tap_t *self, tap_first_t first)
{
    if (self->result.first == TAP_NOTHING)
        self->result.first = first;
    if (first == TAP_ERROR)
        self->result.error = true;
    self->result.complete = self->result.done && !self->result.error;
}

//  Whoever waits for the first frame must not wait for ever.
static void
s_give_up (tap_t *self)
{
    self->shape = SHAPE_DEAF;
    self->result.unknown = true;
    s_note (self, TAP_DATA);
    br_buf_free (&self->body);
}

//  Where usage comes at the end, as nearly always, this is in vain; so it is a cheap count.
static void
s_measure (tap_t *self, const tap_told_t *keys, const uint8_t *data, size_t size)
{
    if (!self->result.usage.known || self->result.usage.open)
        self->result.told += tap_told (keys, data, size);
}

static void
s_event (void *arg, const char *name, const uint8_t *data, size_t size)
{
    tap_t *self = arg;
    if (size == 0)
        return;
    tap_first_t first = self->reader->event (&self->result, name, data, size);
    s_note (self, first);
    if (first == TAP_DATA)
        s_measure (self, self->reader->told_event, data, size);
}

static void
s_element (void *arg, const uint8_t *data, size_t size)
{
    s_event (arg, "", data, size);
}

static const sse_handler_t s_sse_handler = { .event = s_event };

tap_t *
tap_new (br_protocol_t protocol, bool stream)
{
    tap_t *self = BR_NEW (tap_t);
    self->reader = br_codec_of (protocol)->tap;
    self->stream = stream;
    br_buf_init (&self->body, TAP_BODY_MAX);
    return self;
}

void
tap_destroy (tap_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    tap_t *self = *self_p;
    br_buf_free (&self->body);
    tap_array_destroy (&self->array);
    sse_destroy (&self->sse);
    free (self);
    *self_p = NULL;
}

//  JSON begins with a bracket, events with a colon or a field's name.
static shape_t
s_shape (const tap_t *self, uint8_t byte)
{
    if (byte == '[' && self->reader->streams_array)
        return SHAPE_ARRAY;
    if (byte == '{' || byte == '[')
        return SHAPE_BODY;
    if (byte == ':' || byte == 'd' || byte == 'e')
        return SHAPE_STREAM;
    return self->stream ? SHAPE_STREAM : SHAPE_BODY;
}

//  Blanks in front mean nothing in either shape; DeepSeek sends empty lines to keep a call
//  alive that is not streamed.
static const uint8_t *
s_begin (tap_t *self, const uint8_t *at, const uint8_t *end)
{
    while (at < end && (*at == '\n' || *at == '\r' || *at == ' ' || *at == '\t'))
        at++;
    if (at == end)
        return end;
    self->shape = s_shape (self, *at);
    if (self->shape == SHAPE_STREAM)
        self->sse = sse_new (&s_sse_handler, self, SSE_EVENT_MAX);
    if (self->shape == SHAPE_ARRAY)
        self->array = tap_array_new (s_element, self, TAP_BODY_MAX);
    return at;
}

//  The bracket at the end is a marker: behind a finish, the answer is whole.
static int
s_push_array (tap_t *self, const uint8_t *bytes, size_t size)
{
    int rc = tap_array_push (self->array, bytes, size);
    tap_result_t *result = &self->result;
    if (tap_array_is_closed (self->array) && result->finish[0] && !result->unknown) {
        result->done = true;
        result->complete = !result->error;
    }
    return rc;
}

tap_first_t
tap_push (tap_t *self, const void *bytes, size_t size)
{
    if (size == 0)
        return self->result.first;
    const uint8_t *at = bytes;
    const uint8_t *end = at + size;
    if (self->shape == SHAPE_OPEN)
        at = s_begin (self, at, end);
    int rc = 0;
    if (self->shape == SHAPE_STREAM)
        rc = sse_push (self->sse, at, (size_t) (end - at), NULL);
    else if (self->shape == SHAPE_ARRAY)
        rc = s_push_array (self, at, (size_t) (end - at));
    else if (self->shape == SHAPE_BODY)
        rc = br_buf_add (&self->body, at, (size_t) (end - at));
    if (rc)
        s_give_up (self);
    return self->result.first;
}

static void
s_end_body (tap_t *self)
{
    tap_result_t *result = &self->result;
    tap_first_t first = self->reader->body (result, self->body.data, self->body.size);
    result->done = !result->unknown;
    s_note (self, first);
    if (first == TAP_DATA)
        s_measure (self, self->reader->told_body, self->body.data, self->body.size);
    br_buf_free (&self->body);
}

tap_first_t
tap_end (tap_t *self)
{
    if (self->shape == SHAPE_STREAM && sse_end (self->sse, NULL))
        s_give_up (self);
    if (self->shape == SHAPE_BODY)
        s_end_body (self);
    tap_result_t *result = &self->result;
    bool ends = self->shape == SHAPE_STREAM && self->reader->ends_by_finish;
    if (ends && result->finish[0] && !result->unknown && !result->error)
        result->complete = true;
    self->shape = SHAPE_DEAF;
    return result->first;
}

const tap_result_t *
tap_result (const tap_t *self)
{
    return &self->result;
}
