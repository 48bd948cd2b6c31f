//  ingress_answer: heads, bytes and errors for the client.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "actors/ingress/ingress_answer.h"
#include "broker/core/alloc.h"
#include "broker/proto/error_shape.h"

#define ERROR_MAX 65536                         //  bytes of an error of our own
#define PROVIDER_MAX 200                        //  bytes of a name in a comment
#define ARRAY_MAX (2u * GEMINI_ARRAY_EVENT_MAX) //  bytes of an array's new elements

static const char s_array_type[] = "application/json; charset=UTF-8";

static void
s_write (void *arg, const void *bytes, size_t size)
{
    ingress_answer_t *self = arg;
    self->sent += size;
    self->out->write (self->arg, bytes, size);
}

void
ingress_answer_init (ingress_answer_t *self, br_surface_t surface,
                     const ingress_out_t *out, void *arg)
{
    const br_surface_row_t *row = br_surface_row (surface);
    *self = (ingress_answer_t) { .out = out, .arg = arg };
    self->wire = row ? row->wire : BR_PROTOCOL_CHAT;
    self->content_type = self->provider = self->model = "";
    br_buf_init (&self->held, INGRESS_HOLD_MAX);
    ingress_sse_init (&self->sse, s_write, self);
    ingress_credit_init (&self->credit);
}

void
ingress_answer_as_array (ingress_answer_t *self)
{
    self->array = gemini_array_new ();
}

void
ingress_answer_free (ingress_answer_t *self)
{
    gemini_array_destroy (&self->array);
    ingress_sse_free (&self->sse);
    br_buf_free (&self->held);
    br_blob_destroy (&self->first);
    free (self->block);
    self->block = NULL;
}

void
ingress_answer_drop (ingress_answer_t *self)
{
    free (self->block);
    self->block = NULL;
    self->content_type = self->provider = self->model = "";
    self->headers = (br_bytes_t) { NULL, 0 };
    self->attempt = 0;
    br_blob_destroy (&self->first);
    br_buf_clear (&self->held);
    ingress_credit_init (&self->credit);
}

static const char *
s_copy (char **at, const char *text)
{
    size_t size = strlen (text) + 1;
    char *copy = memcpy (*at, text, size);
    *at += size;
    return copy;
}

int
ingress_answer_head (ingress_answer_t *self, uint32_t attempt,
                     const struct br_reply_head *head)
{
    if (head->status < 200 || head->status > 599)
        return -1;
    size_t size = strlen (head->content_type) + strlen (head->provider)
                  + strlen (head->model) + 3 + head->headers.size;
    free (self->block);
    char *at = self->block = br_realloc (NULL, size);
    self->content_type = s_copy (&at, head->content_type);
    self->provider = s_copy (&at, head->provider);
    self->model = s_copy (&at, head->model);
    if (head->headers.size)
        memcpy (at, head->headers.data, head->headers.size);
    self->headers = (br_bytes_t) { (const uint8_t *) at, head->headers.size };
    self->head_status = (unsigned) head->status;
    self->attempt = attempt;
    self->elsewhere_us = head->elsewhere_us;
    self->is_sse = strncasecmp (self->content_type, "text/event-stream", 17) == 0;
    return 0;
}

static ingress_head_t
s_head (const ingress_answer_t *self)
{
    bool as_array = self->array && self->is_sse;
    return (ingress_head_t) { .status = self->head_status,
                              .content_type = as_array ? s_array_type
                                                       : self->content_type,
                              .headers = self->headers,
                              .provider = self->provider,
                              .model = self->model,
                              .attempts = self->attempt,
                              .elsewhere_us = self->elsewhere_us };
}

static void
s_credit (ingress_answer_t *self)
{
    uint64_t upto = ingress_credit_due (&self->credit);
    if (upto)
        self->out->credit (self->arg, self->attempt, upto);
}

int
ingress_answer_hold (ingress_answer_t *self, br_blob_t *body, uint64_t upto)
{
    size_t size = br_blob_size (body);
    if (br_blob_size (self->first) + self->held.size + size > INGRESS_HOLD_MAX)
        return -1;
    ingress_credit_mark (&self->credit, upto, 0); //  what is held stops nobody
    s_credit (self);
    if (!size)
        return 0;
    if (!self->first && !self->held.size) {
        self->first = br_blob_ref (body);
        return 0;
    }
    if (self->first)
        br_buf_add (&self->held, br_blob_data (self->first), br_blob_size (self->first));
    br_blob_destroy (&self->first);
    br_buf_add (&self->held, br_blob_data (body), size);
    return 0;
}

void
ingress_answer_reply (ingress_answer_t *self)
{
    ingress_head_t head = s_head (self);
    if (!self->first && self->held.size) {
        size_t size;
        uint8_t *data = br_buf_take (&self->held, &size);
        self->first = br_blob_take (data, size);
    }
    self->status = head.status;
    self->out->reply (self->arg, &head, self->first);
}

br_code_t
ingress_answer_code (uint64_t code)
{
    return code > BR_OK && code < BR_ERROR_COUNT ? (br_code_t) code : BR_EINTERNAL;
}

//  The text of an error: what was said, unless that is nothing or endless.
static const char *
s_text (const char *text, br_code_t code)
{
    return *text && strlen (text) < ERROR_MAX / 8 ? text : br_code_about (code);
}

void
ingress_answer_error (ingress_answer_t *self, const struct br_reply_error *error,
                      br_blob_t *body)
{
    br_code_t code = ingress_answer_code (error->code);
    bool given = error->status >= 400 && error->status <= 599;
    ingress_head_t head = { .headers = error->headers,
                            .provider = self->provider,
                            .model = self->model,
                            .attempts = (uint32_t) error->attempts,
                            .elsewhere_us = error->elsewhere_us };
    self->status = head.status = given ? (unsigned) error->status
                                       : br_error_shape_status (self->wire, code);
    if (br_blob_size (body)) {
        head.content_type = error->content_type;
        self->out->reply (self->arg, &head, body);
        return;
    }
    br_buf_t buf;
    br_buf_init (&buf, ERROR_MAX);
    br_error_shape_body (self->wire, code, s_text (error->error, code), &buf);
    br_blob_t *own = br_blob_new (buf.data, buf.size);
    head.content_type = "application/json";
    self->out->reply (self->arg, &head, own);
    br_blob_destroy (&own);
    br_buf_free (&buf);
}

//  Writes what these bytes of a stream add to the array; last: and its end.
static void
s_write_array (ingress_answer_t *self, const void *bytes, size_t size, bool last)
{
    br_buf_t buf;
    br_buf_init (&buf, ARRAY_MAX);
    if (gemini_array_push (self->array, bytes, size, &buf))
        self->too_long = true;
    if (last)
        gemini_array_end (self->array, &buf);
    self->too_long = self->too_long || buf.overflow;
    if (buf.size)
        s_write (self, buf.data, buf.size);
    br_buf_free (&buf);
}

void
ingress_answer_pass (ingress_answer_t *self, br_blob_t *body, uint64_t upto)
{
    size_t size = br_blob_size (body);
    if (size && self->is_sse && self->array)
        s_write_array (self, br_blob_data (body), size, false);
    else if (size && self->is_sse)
        ingress_sse_push (&self->sse, br_blob_data (body), size);
    else if (size)
        s_write (self, br_blob_data (body), size);
    //  What is held of an event counts as written: it must not stop its own end.
    ingress_credit_mark (&self->credit, upto, self->sent);
    if (self->deaf)
        ingress_credit_written (&self->credit, self->sent);
    s_credit (self);
}

void
ingress_answer_commit (ingress_answer_t *self, br_blob_t *body, uint64_t upto)
{
    ingress_head_t head = s_head (self);
    self->status = head.status;
    self->out->open (self->arg, &head);
    if (self->first)
        s_write (self, br_blob_data (self->first), br_blob_size (self->first));
    else if (self->held.size)
        s_write (self, self->held.data, self->held.size);
    br_blob_destroy (&self->first);
    br_buf_free (&self->held);
    ingress_answer_pass (self, body, upto);
    self->out->commit (self->arg, self->attempt);
}

//  Google's clients know no comments.
static void
s_tell_who (ingress_answer_t *self)
{
    if (!self->is_sse || self->wire == BR_PROTOCOL_GOOGLE)
        return;
    char line[PROVIDER_MAX + 32];
    int size = snprintf (line, sizeof line, ": bitrouter continued %.*s\n", PROVIDER_MAX,
                         self->provider);
    for (int i = 0; i < size - 1; i++)
        if ((uint8_t) line[i] < 0x20)
            line[i] = '?';
    s_write (self, line, (size_t) size);
}

int
ingress_answer_go_on (ingress_answer_t *self, uint32_t attempt,
                      const struct br_reply_head *head)
{
    bool was_sse = self->is_sse;
    bool between = ingress_sse_is_between (&self->sse) && !ingress_sse_held (&self->sse);
    if (head->status != self->head_status || !between
        || ingress_answer_head (self, attempt, head))
        return -1;
    if (!was_sse || !self->is_sse)
        return -1;
    ingress_credit_go_on (&self->credit);
    s_tell_who (self);
    return 0;
}

void
ingress_answer_end (ingress_answer_t *self)
{
    if (self->too_long) {
        ingress_answer_cut (self, BR_EUPINVALID, "an event of the provider is too long");
        return;
    }
    if (self->array && self->is_sse)
        s_write_array (self, "\n\n", 2, true); //  in case the last event has no end
    ingress_sse_end (&self->sse);
    self->out->end (self->arg);
}

void
ingress_answer_cut (ingress_answer_t *self, br_code_t code, const char *text)
{
    bool mid_event = ingress_sse_break (&self->sse);
    br_buf_t buf;
    br_buf_init (&buf, ERROR_MAX);
    if (mid_event)
        br_buf_adds (&buf, "\n\n");
    br_error_shape_event (self->wire, code, s_text (text, code), &buf);
    if (self->is_sse && self->array) {
        gemini_array_drop (self->array);
        s_write_array (self, buf.data, buf.size, true);
    } else if (self->is_sse)
        s_write (self, buf.data, buf.size);
    br_buf_free (&buf);
    self->out->cut (self->arg);
}

void
ingress_answer_keep (ingress_answer_t *self)
{
    const char *alive = ingress_sse_alive (self->wire);
    if (*alive && self->is_sse && ingress_sse_is_between (&self->sse))
        s_write (self, alive, strlen (alive));
}

bool
ingress_answer_is_between (const ingress_answer_t *self)
{
    return ingress_sse_is_between (&self->sse);
}

void
ingress_answer_deafen (ingress_answer_t *self)
{
    self->deaf = true;
    ingress_answer_written (self, self->sent);
}

void
ingress_answer_written (ingress_answer_t *self, uint64_t body_bytes)
{
    ingress_credit_written (&self->credit, body_bytes);
    s_credit (self);
}
