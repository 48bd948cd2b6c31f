//  tap_array: the elements of one JSON array that comes in pieces.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/proto/tap_array.h"

typedef enum {
    STATE_FRONT,   //  nothing yet
    STATE_BETWEEN, //  in front of an element, a comma or the end
    STATE_ELEMENT,
    STATE_STRING, //  of an element
    STATE_ESCAPE, //  behind a backslash of a string
    STATE_CLOSED,
    STATE_BROKEN
} state_t;

struct _tap_array_t {
    tap_array_fn *fn;
    void *arg;
    state_t state;
    size_t depth;   //  brackets of the element that are open
    br_buf_t begun; //  an element from earlier pushes
};

tap_array_t *
tap_array_new (tap_array_fn *fn, void *arg, size_t element_max)
{
    tap_array_t *self = BR_NEW (tap_array_t);
    self->fn = fn;
    self->arg = arg;
    br_buf_init (&self->begun, element_max);
    return self;
}

void
tap_array_destroy (tap_array_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_buf_free (&(*self_p)->begun);
    free (*self_p);
    *self_p = NULL;
}

static bool
s_is_blank (uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

//  A byte of an element, outside of strings.
//  ret:  bytes of it that are the element's: 0 when it ended in front of this one
static size_t
s_take (tap_array_t *self, uint8_t byte)
{
    bool ends = byte == ']' || byte == '}';
    if (self->depth == 0 && (ends || byte == ',' || s_is_blank (byte))) {
        self->state = STATE_BETWEEN;
        return 0;
    }
    if (byte == '"')
        self->state = STATE_STRING;
    if (byte == '[' || byte == '{')
        self->depth++;
    if (ends && --self->depth == 0)
        self->state = STATE_BETWEEN;
    return 1;
}

static void
s_take_of_string (tap_array_t *self, uint8_t byte)
{
    if (self->state == STATE_ESCAPE)
        self->state = STATE_STRING;
    else if (byte == '\\')
        self->state = STATE_ESCAPE;
    else if (byte == '"')
        self->state = STATE_ELEMENT;
}

//  Moves behind the bytes of the element under way.
static const uint8_t *
s_skip (tap_array_t *self, const uint8_t *at, const uint8_t *end)
{
    while (at < end && self->state != STATE_BETWEEN)
        if (self->state == STATE_ELEMENT)
            at += s_take (self, *at);
        else
            s_take_of_string (self, *at++);
    return at;
}

//  Hands the element on when it is whole, else keeps what there is of it.
static void
s_hand (tap_array_t *self, const uint8_t *at, size_t size)
{
    bool whole = self->state == STATE_BETWEEN;
    if (whole && self->begun.size == 0)
        self->fn (self->arg, at, size);
    else if (br_buf_add (&self->begun, at, size))
        self->state = STATE_BROKEN;
    else if (whole) {
        self->fn (self->arg, self->begun.data, self->begun.size);
        br_buf_clear (&self->begun);
    }
}

//  A byte outside of elements. ret: it is one of an element
static bool
s_begins (tap_array_t *self, uint8_t byte)
{
    if (s_is_blank (byte) || (self->state == STATE_BETWEEN && byte == ','))
        return false;
    if (self->state == STATE_FRONT)
        self->state = byte == '[' ? STATE_BETWEEN : STATE_BROKEN;
    else if (byte == ']')
        self->state = STATE_CLOSED;
    else if (byte == '}')
        self->state = STATE_BROKEN;
    else {
        self->state = STATE_ELEMENT;
        return true;
    }
    return false;
}

int
tap_array_push (tap_array_t *self, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    const uint8_t *end = at + size;
    while (at < end && self->state < STATE_CLOSED) {
        if (self->state <= STATE_BETWEEN && !s_begins (self, *at)) {
            at++;
            continue;
        }
        const uint8_t *from = at;
        at = s_skip (self, at, end);
        s_hand (self, from, (size_t) (at - from));
    }
    return self->state == STATE_BROKEN ? -1 : 0;
}

bool
tap_array_is_closed (const tap_array_t *self)
{
    return self->state == STATE_CLOSED;
}
