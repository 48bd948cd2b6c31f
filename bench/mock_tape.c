//  mock_tape: all bytes lie in one buffer; the pieces are known by where they end.

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "bench/mock_tape.h"
#include "broker/core/alloc.h"

#define TYPE_MAX 96 //  bytes of an event's name, with its end

struct _mock_tape_t {
    mock_protocol_t protocol;
    mock_form_t form;
    int status;
    br_buf_t bytes;
    size_t *ends; //  owned; of each piece, in bytes
    size_t count; //  pieces
    size_t room;  //  pieces there is room for
};

mock_tape_t *
mock_tape_new (mock_protocol_t protocol, mock_form_t form)
{
    mock_tape_t *self = BR_NEW (mock_tape_t);
    self->protocol = protocol;
    self->form = form;
    self->status = 200;
    br_buf_init (&self->bytes, MOCK_TAPE_MAX);
    return self;
}

void
mock_tape_destroy (mock_tape_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_buf_free (&(*self_p)->bytes);
    free ((*self_p)->ends);
    free (*self_p);
    *self_p = NULL;
}

mock_form_t
mock_tape_form (const mock_tape_t *self)
{
    return self->form;
}

void
mock_tape_set_status (mock_tape_t *self, int status)
{
    self->status = status;
}

int
mock_tape_status (const mock_tape_t *self)
{
    return self->status;
}

const char *
mock_tape_type (const mock_tape_t *self)
{
    return self->form == MOCK_SSE ? "text/event-stream" : "application/json";
}

//  Marks the end of a piece; a plain answer has one, which grows.
static void
s_mark (mock_tape_t *self)
{
    if (self->form == MOCK_PLAIN && self->count) {
        self->ends[0] = self->bytes.size;
        return;
    }
    if (self->count == self->room) {
        self->room = self->room ? 2 * self->room : 64;
        self->ends = br_realloc (self->ends, self->room * sizeof *self->ends);
    }
    self->ends[self->count++] = self->bytes.size;
}

//  The member type of a payload.
static void
s_find_type (char ret_type[TYPE_MAX], const void *payload, size_t size)
{
    cJSON *tree = cJSON_ParseWithLength (payload, size);
    const char *type = cJSON_GetStringValue (cJSON_GetObjectItem (tree, "type"));
    ret_type[0] = 0;
    if (type && strlen (type) < TYPE_MAX)
        memcpy (ret_type, type, strlen (type) + 1);
    cJSON_Delete (tree);
}

static void
s_frame_sse (mock_protocol_t protocol, const char *type, const void *payload, size_t size,
             br_buf_t *out)
{
    char found[TYPE_MAX];
    if (protocol == MOCK_MESSAGES || protocol == MOCK_RESPONSES) {
        if (!type)
            s_find_type (found, payload, size);
        br_buf_addf (out, "event: %s\n", type ? type : found);
    }
    br_buf_adds (out, "data: ");
    br_buf_add (out, payload, size);
    br_buf_adds (out, protocol == MOCK_GOOGLE ? "\r\n\r\n" : "\n\n");
}

void
mock_tape_frame (mock_protocol_t protocol, mock_form_t form, const char *type,
                 const void *payload, size_t size, size_t index, br_buf_t *out)
{
    if (form == MOCK_SSE) {
        s_frame_sse (protocol, type, payload, size, out);
        return;
    }
    if (form == MOCK_ARRAY)
        br_buf_adds (out, index ? ",\n" : "[");
    br_buf_add (out, payload, size);
    if (form == MOCK_ARRAY)
        br_buf_adds (out, "\n");
}

void
mock_tape_add (mock_tape_t *self, const char *type, const void *payload, size_t size)
{
    mock_tape_frame (self->protocol, self->form, type, payload, size, self->count,
                     &self->bytes);
    s_mark (self);
}

void
mock_tape_add_framed (mock_tape_t *self, const void *bytes, size_t size)
{
    br_buf_add (&self->bytes, bytes, size);
    s_mark (self);
}

void
mock_tape_end (mock_tape_t *self)
{
    static const char done[] = "data: [DONE]\n\n";
    if (self->form == MOCK_SSE && self->protocol == MOCK_CHAT)
        mock_tape_add_framed (self, done, sizeof done - 1);
    else if (self->form == MOCK_ARRAY)
        mock_tape_add_framed (self, self->count ? "]" : "[]", self->count ? 1 : 2);
}

size_t
mock_tape_count (const mock_tape_t *self)
{
    return self->count;
}

void
mock_tape_get (const mock_tape_t *self, size_t index, br_buf_t *out)
{
    size_t start = index ? self->ends[index - 1] : 0;
    br_buf_add (out, self->bytes.data + start, self->ends[index] - start);
}
