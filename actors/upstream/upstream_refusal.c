//  upstream_refusal: an attempt that failed before anything went down.

#include <stdio.h>
#include <string.h>

#include "broker/core/pairs.h"
#include "broker/proto/codec.h"
#include "actors/upstream/upstream_down.h"
#include "actors/upstream/upstream_headers.h"
#include "actors/upstream/upstream_refusal.h"
#include "actors/upstream/upstream_words.h"

//  A provider's own error as a body to pass on, without our secrets; NULL where it has
//  none that a client of this protocol understands.
static br_blob_t *
s_take_error (const upstream_refused_t *refused, br_buf_t *held)
{
    if (held->overflow || held->size > UPSTREAM_HOLD_BYTES)
        return NULL;
    size_t blank = 0;
    while (blank < held->size && strchr (" \t\r\n", held->data[blank]))
        blank++;
    if (blank == held->size || (held->data[blank] != '{' && held->data[blank] != '['))
        return NULL;
    upstream_endpoint_mask (refused->endpoint, held->data, held->size);
    size_t size;
    uint8_t *data = br_buf_take (held, &size);
    return br_blob_take (data, size);
}

static void
s_tell_retry (br_buf_t *headers, uint32_t retry_s)
{
    char text[16];
    br_bytes_t pairs = { headers->data, headers->size };
    if (!retry_s || br_pairs_get (pairs, "retry-after"))
        return;
    snprintf (text, sizeof text, "%u", retry_s);
    (void) br_pairs_add (headers, "retry-after", text);
}

//  The words in another shape, which ingress gives them; the status goes with the shape.
static void
s_set_words (upstream_refusal_t *self, upstream_failure_t *failure,
             const upstream_refused_t *refused, br_buf_t *held)
{
    upstream_words_t words = { .retry_s = 0 };
    if (failure->status && held->size <= UPSTREAM_HOLD_BYTES && held->size)
        words = upstream_words_read (refused->endpoint, held->data, held->size);
    upstream_words_judge (&words, failure);
    upstream_words_tell (&words, refused->client, refused->provider, failure,
                         &self->text);
    if (failure->status)
        failure->status = br_codec_of (refused->client)->status (failure->code);
    if (failure->passes_body)
        s_tell_retry (&self->headers, words.retry_s);
}

void
upstream_refusal_init (upstream_refusal_t *self, const upstream_failure_t *failure,
                       const upstream_refused_t *refused, br_buf_t *held)
{
    upstream_failure_t own = *failure;
    self->body = NULL;
    br_buf_init (&self->headers, BR_PAIRS_MAX);
    if (refused->transfer && own.passes_body)
        upstream_headers_collect (refused->transfer, &self->headers);
    if (refused->translated)
        s_set_words (self, &own, refused, held);
    else {
        br_error_set (&self->text, own.code, "provider %.100s %s", refused->provider,
                      own.about);
        self->body = own.passes_body ? s_take_error (refused, held) : NULL;
    }
    self->fail = (struct br_attempt_fail) { .code = own.code, .status = own.status };
    self->fail.retry = own.retry;
    self->fail.error = self->text.text;
    self->fail.content_type = "application/json";
    self->fail.headers = (br_bytes_t) { self->headers.data, self->headers.size };
}

void
upstream_refusal_free (upstream_refusal_t *self)
{
    br_blob_destroy (&self->body);
    br_buf_free (&self->headers);
}
