//  sse: a push parser of server-sent events, and a writer of them.
//
//  A line that the push before left unfinished waits in `line`. The data of the event under
//  way is either a view into the bytes of this push, or, once that is not enough, in `data`.

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/net/sse.h"

#define LINE_EXTRA 16 //  bytes of a line besides an event's data: BOM and field name

struct _sse_t {
    const sse_handler_t *handler; //  borrowed
    void *arg;                    //  borrowed
    size_t event_max;             //  bytes
    br_buf_t line;                //  an unfinished line of earlier pushes
    br_buf_t data;                //  data of the event under way, when not in the view
    const uint8_t *view;          //  data of the event under way, in this push; or NULL
    size_t view_size;             //  bytes
    size_t data_lines;            //  of the event under way
    char name[SSE_NAME_MAX];      //  of the event under way
    bool skip_lf;                 //  the last byte was CR: LF belongs to it
    bool started;                 //  the first line, which may hold a BOM, is over
    bool failed;
};

sse_t *
sse_new (const sse_handler_t *handler, void *arg, size_t event_max)
{
    sse_t *self = BR_NEW (sse_t);
    self->handler = handler;
    self->arg = arg;
    self->event_max = event_max;
    br_buf_init (&self->line, event_max + LINE_EXTRA);
    br_buf_init (&self->data, event_max);
    return self;
}

void
sse_destroy (sse_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    sse_t *self = *self_p;
    br_buf_free (&self->data);
    br_buf_free (&self->line);
    free (self);
    *self_p = NULL;
}

static int
s_too_big (sse_t *self)
{
    self->failed = true;
    return -1;
}

//  ---- lines to events

//  Moves a view into memory of our own, where it outlives the push.
static int
s_keep_view (sse_t *self)
{
    if (!self->view)
        return 0;
    int rc = br_buf_add (&self->data, self->view, self->view_size);
    self->view = NULL;
    return rc ? s_too_big (self) : 0;
}

//  in:   in_place, the bytes lie in this push and stay until it ends
static int
s_add_data (sse_t *self, const uint8_t *bytes, size_t size, bool in_place)
{
    if (size > self->event_max)
        return s_too_big (self);
    if (self->data_lines++ == 0 && in_place) {
        self->view = bytes;
        self->view_size = size;
        return 0;
    }
    int rc = s_keep_view (self);
    if (rc == 0 && self->data_lines > 1)
        rc = br_buf_addc (&self->data, '\n');
    if (rc == 0)
        rc = br_buf_add (&self->data, bytes, size);
    return rc ? s_too_big (self) : 0;
}

static void
s_dispatch (sse_t *self)
{
    if (self->data_lines > 0) {
        const uint8_t *data = self->view ? self->view : self->data.data;
        size_t size = self->view ? self->view_size : self->data.size;
        static const uint8_t nothing[1];
        self->handler->event (self->arg, self->name, data ? data : nothing, size);
    }
    self->view = NULL;
    self->data_lines = 0;
    self->name[0] = 0;
    br_buf_clear (&self->data);
}

static bool
s_is_field (const uint8_t *line, size_t size, const char *field)
{
    return size == strlen (field) && memcmp (line, field, size) == 0;
}

static int
s_field (sse_t *self, const uint8_t *line, size_t size, bool in_place)
{
    const uint8_t *colon = memchr (line, ':', size);
    size_t field_size = colon ? (size_t) (colon - line) : size;
    const uint8_t *value = line + field_size + (colon ? 1 : 0);
    size_t value_size = (size_t) (line + size - value);
    if (value_size && *value == ' ') {
        value++;
        value_size--;
    }
    if (field_size == 0) {
        if (self->handler->comment)
            self->handler->comment (self->arg, value, value_size);
        return 0;
    }
    if (s_is_field (line, field_size, "data"))
        return s_add_data (self, value, value_size, in_place);
    if (s_is_field (line, field_size, "event")) {
        size_t length = value_size < SSE_NAME_MAX - 1 ? value_size : SSE_NAME_MAX - 1;
        memcpy (self->name, value, length);
        self->name[length] = 0;
    }
    return 0;
}

static int
s_line (sse_t *self, const uint8_t *line, size_t size, bool in_place)
{
    if (!self->started && size >= 3 && memcmp (line, "\xef\xbb\xbf", 3) == 0) {
        line += 3;
        size -= 3;
    }
    self->started = true;
    if (size)
        return s_field (self, line, size, in_place);
    s_dispatch (self);
    return 0;
}

//  A line's end: the line begins in earlier pushes, or lies here.
static int
s_line_end (sse_t *self, const uint8_t *bytes, size_t size)
{
    if (size > self->event_max + LINE_EXTRA)
        return s_too_big (self);
    if (self->line.size == 0)
        return s_line (self, bytes, size, true);
    int rc = br_buf_add (&self->line, bytes, size);
    if (rc)
        return s_too_big (self);
    rc = s_line (self, self->line.data, self->line.size, false);
    br_buf_clear (&self->line);
    return rc;
}

static const uint8_t *
s_find (const uint8_t *at, const uint8_t *end, int byte)
{
    const uint8_t *found = at < end ? memchr (at, byte, (size_t) (end - at)) : NULL;
    return found ? found : end;
}

static int
s_push (sse_t *self, const uint8_t *at, const uint8_t *end)
{
    if (self->skip_lf && at < end) {
        if (*at == '\n')
            at++;
        self->skip_lf = false;
    }
    //  Each LF is looked for once, though many CR may stand before it.
    const uint8_t *lf = s_find (at, end, '\n');
    while (at < end) {
        if (lf < at)
            lf = s_find (at, end, '\n');
        const uint8_t *stop = s_find (at, lf, '\r');
        if (stop == end)
            break;
        int rc = s_line_end (self, at, (size_t) (stop - at));
        if (rc)
            return rc;
        at = stop + 1;
        if (*stop == '\r' && at < end && *at == '\n')
            at++;
        else if (*stop == '\r' && at == end)
            self->skip_lf = true;
    }
    int rc = s_keep_view (self);
    if (rc == 0 && at < end && br_buf_add (&self->line, at, (size_t) (end - at)))
        rc = s_too_big (self);
    return rc;
}

static int
s_result (const sse_t *self, br_error_t *reterr)
{
    if (!self->failed)
        return 0;
    return br_error_set (reterr, BR_EUPINVALID,
                         "an event of the stream is over %zu bytes", self->event_max);
}

int
sse_push (sse_t *self, const void *bytes, size_t size, br_error_t *reterr)
{
    const uint8_t *at = bytes;
    if (!self->failed && size)
        (void) s_push (self, at, at + size);
    return s_result (self, reterr);
}

int
sse_end (sse_t *self, br_error_t *reterr)
{
    static const uint8_t nothing[1];
    int rc = self->failed ? -1 : 0;
    if (rc == 0 && self->line.size)
        rc = s_line_end (self, nothing, 0);
    if (rc == 0)
        s_dispatch (self);
    return s_result (self, reterr);
}

//  ---- writing

int
sse_write_data (br_buf_t *out, const char *name, const void *data, size_t size)
{
    int rc = 0;
    if (name) {
        rc |= br_buf_adds (out, "event: ");
        rc |= br_buf_adds (out, name);
        rc |= br_buf_addc (out, '\n');
    }
    static const uint8_t nothing[1];
    const uint8_t *at = size ? data : nothing;
    const uint8_t *end = at + size;
    bool more = true;
    while (more) {
        const uint8_t *stop = s_find (at, s_find (at, end, '\n'), '\r');
        rc |= br_buf_adds (out, "data: ");
        rc |= br_buf_add (out, at, (size_t) (stop - at));
        rc |= br_buf_addc (out, '\n');
        more = stop < end;
        at = more ? stop + 1 : end;
        if (more && *stop == '\r' && at < end && *at == '\n')
            at++;
    }
    rc |= br_buf_addc (out, '\n');
    return rc ? -1 : 0;
}

int
sse_write_comment (br_buf_t *out, const char *text)
{
    int rc = br_buf_adds (out, ": ");
    rc |= br_buf_adds (out, text);
    rc |= br_buf_addc (out, '\n');
    return rc ? -1 : 0;
}
