//  upstream_refusal: an attempt that failed before anything went down.

#include <stdio.h>
#include <string.h>

#include "broker/core/pairs.h"
#include "broker/proto/codec.h"
#include "actors/upstream/upstream_down.h"
#include "actors/upstream/upstream_headers.h"
#include "actors/upstream/upstream_refusal.h"
#include "actors/upstream/upstream_retry.h"
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

//  In seconds, for a client who knows nothing of the provider's own way to say it.
static void
s_tell_retry (br_buf_t *headers, uint64_t retry_ms)
{
    char text[24];
    br_bytes_t pairs = { headers->data, headers->size };
    if (!retry_ms || br_pairs_get (pairs, "retry-after"))
        return;
    snprintf (text, sizeof text, "%llu", (unsigned long long) (retry_ms + 999) / 1000);
    (void) br_pairs_add (headers, "retry-after", text);
}

//  What the provider says in its body; that of a translated success is the client's
//  already.
static upstream_words_t
s_read_words (const upstream_failure_t *failure, const upstream_refused_t *refused,
              br_buf_t *held)
{
    bool is_there = failure->speaks && (failure->status || !refused->translated);
    if (!is_there || held->size == 0 || held->size > UPSTREAM_HOLD_BYTES)
        return (upstream_words_t) { .failure = BR_FAILURE_NONE };
    return upstream_words_read (refused->endpoint, held->data, held->size,
                                failure->meant);
}

//  When it may be asked again. Limits that stand in the headers of any answer say something
//  only where one of them is the reason.
static uint64_t
s_retry_ms (const upstream_refusal_t *self, br_failure_t failure,
            const upstream_words_t *words, uint64_t unix_ms)
{
    br_bytes_t headers = { self->headers.data, self->headers.size };
    uint64_t retry_ms = upstream_retry_after_ms (headers, unix_ms);
    if (!retry_ms)
        retry_ms = words->retry_ms;
    if (!retry_ms && (failure == BR_FAILURE_RATE || failure == BR_FAILURE_OVERLOADED))
        retry_ms = upstream_retry_reset_ms (headers, unix_ms);
    return retry_ms;
}

//  The words in another shape, which ingress gives them; the status goes with the shape.
static void
s_translate (upstream_refusal_t *self, upstream_failure_t *failure,
             const upstream_refused_t *refused, const upstream_words_t *words)
{
    if (failure->status && failure->failure == BR_FAILURE_OVERLOADED)
        failure->code = BR_EUNAVAILABLE;
    upstream_words_tell (words, refused->client, refused->provider, failure, &self->text);
    if (failure->status)
        failure->status = br_codec_of (refused->client)->status (failure->code);
    if (failure->passes_body)
        s_tell_retry (&self->headers, self->fail.retry_after_ms);
}

void
upstream_refusal_init (upstream_refusal_t *self, const upstream_failure_t *failure,
                       const upstream_refused_t *refused, br_buf_t *held)
{
    upstream_failure_t own = *failure;
    self->body = NULL;
    br_buf_init (&self->headers, BR_PAIRS_MAX);
    if (refused->transfer)
        upstream_headers_collect (refused->transfer, &self->headers);
    upstream_words_t words = s_read_words (failure, refused, held);
    upstream_failure_judge (&own, words.failure);
    self->fail = (struct br_attempt_fail) { .waited_us = refused->waited_us };
    self->fail.retry_after_ms = s_retry_ms (self, own.failure, &words, refused->unix_ms);
    br_bytes_t heard = { self->headers.data, self->headers.size };
    self->fail.failure = upstream_retry_advise (heard, own.failure);
    if (!own.passes_body)
        br_buf_clear (&self->headers);
    if (refused->translated)
        s_translate (self, &own, refused, &words);
    else {
        br_error_set (&self->text, own.code, "provider %.100s %s", refused->provider,
                      own.about);
        self->body = own.passes_body ? s_take_error (refused, held) : NULL;
    }
    self->fail.code = own.code;
    self->fail.status = own.status;
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
