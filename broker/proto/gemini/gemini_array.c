//  gemini_array: events are told apart by lines: data lines, and a blank one at the end.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/gemini/gemini_array.h"

#define FIELD "data:"
#define FIELD_SIZE 5

struct _gemini_array_t {
    br_buf_t line; //  as far as it came
    br_buf_t data; //  of the event under way
    bool cr;       //  the last byte was one
    bool begun;    //  the array was
};

gemini_array_t *
gemini_array_new (void)
{
    gemini_array_t *self = BR_NEW (gemini_array_t);
    br_buf_init (&self->line, GEMINI_ARRAY_EVENT_MAX);
    br_buf_init (&self->data, GEMINI_ARRAY_EVENT_MAX);
    return self;
}

void
gemini_array_destroy (gemini_array_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_buf_free (&(*self_p)->line);
    br_buf_free (&(*self_p)->data);
    free (*self_p);
    *self_p = NULL;
}

//  Only objects are events; a mark such as [DONE] is none.
static void
s_end_event (gemini_array_t *self, br_buf_t *out)
{
    if (self->data.size && self->data.data[0] == '{' && !self->data.overflow) {
        br_buf_adds (out, self->begun ? "\n,\n" : "[");
        br_buf_add (out, self->data.data, self->data.size);
        self->begun = true;
    }
    br_buf_clear (&self->data);
}

static void
s_add_data (gemini_array_t *self)
{
    const uint8_t *at = self->line.data + FIELD_SIZE;
    size_t size = self->line.size - FIELD_SIZE;
    if (size && *at == ' ') {
        at++;
        size--;
    }
    if (self->data.size)
        br_buf_addc (&self->data, '\n');
    br_buf_add (&self->data, at, size);
}

//  in:   the line, without its end
static int
s_end_line (gemini_array_t *self, br_buf_t *out)
{
    bool cut = self->line.overflow;
    bool data = self->line.size >= FIELD_SIZE
                && memcmp (self->line.data, FIELD, FIELD_SIZE) == 0;
    if (data)
        s_add_data (self);
    self->data.overflow = self->data.overflow || cut;
    int rc = self->data.overflow ? -1 : 0;
    if (self->line.size == 0 && !cut)
        s_end_event (self, out);
    br_buf_clear (&self->line);
    return rc;
}

static const uint8_t *
s_line_end (const uint8_t *at, const uint8_t *end)
{
    while (at < end && *at != '\n' && *at != '\r')
        at++;
    return at;
}

int
gemini_array_push (gemini_array_t *self, const void *bytes, size_t size, br_buf_t *out)
{
    const uint8_t *at = bytes;
    const uint8_t *end = at + size;
    int rc = 0;
    while (at < end) {
        if (self->cr && *at == '\n')
            at++; //  the second half of a line's end
        self->cr = false;
        const uint8_t *stop = s_line_end (at, end);
        br_buf_add (&self->line, at, (size_t) (stop - at));
        if (stop == end)
            break;
        self->cr = *stop == '\r';
        if (s_end_line (self, out))
            rc = -1;
        at = stop + 1;
    }
    return rc;
}

void
gemini_array_drop (gemini_array_t *self)
{
    br_buf_clear (&self->line);
    br_buf_clear (&self->data);
    self->cr = false;
}

void
gemini_array_end (gemini_array_t *self, br_buf_t *out)
{
    br_buf_adds (out, self->begun ? "\n]" : "[]");
}
