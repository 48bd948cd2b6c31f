//  router_verdict: what the client is told when every attempt has failed.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broker/core/alloc.h"
#include "broker/core/pairs.h"
#include "actors/router/router_verdict.h"

#define OWN_HEADERS_MAX 256 //  bytes of those that are added to the provider's

struct _router_verdict_t {
    unsigned count;
    unsigned at_limit;     //  failures that are one, of the provider's or of ours
    unsigned at_our_limit; //  ours
    bool mixed;            //  not all failed with the same code
    uint64_t soonest_ms;   //  least of what they say of when to come back; 0 = nothing
    router_failure_t last; //  its strings, headers and body are owned
    router_failure_t word;
    br_buf_t headers; //  of the word, if they are not those of the last one
};

router_verdict_t *
router_verdict_new (void)
{
    router_verdict_t *self = BR_NEW (router_verdict_t);
    br_buf_init (&self->headers, BR_PAIRS_MAX + OWN_HEADERS_MAX);
    return self;
}

static void
s_clear (router_verdict_t *self)
{
    free ((char *) self->last.text);
    free ((char *) self->last.content_type);
    free ((uint8_t *) self->last.headers.data);
    br_blob_destroy (&self->last.body);
}

void
router_verdict_destroy (router_verdict_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    s_clear (*self_p);
    br_buf_free (&(*self_p)->headers);
    free (*self_p);
    *self_p = NULL;
}

static void
s_count (router_verdict_t *self, const router_failure_t *failure)
{
    if (self->count++ && failure->code != self->last.code)
        self->mixed = true;
    bool ours = failure->failure == BR_FAILURE_LIMITED;
    self->at_our_limit += ours;
    self->at_limit += ours || failure->failure == BR_FAILURE_RATE;
    uint64_t after_ms = failure->retry_after_ms;
    if (after_ms && (!self->soonest_ms || after_ms < self->soonest_ms))
        self->soonest_ms = after_ms;
}

void
router_verdict_add (router_verdict_t *self, const router_failure_t *failure)
{
    s_count (self, failure);
    s_clear (self);
    self->last = *failure;
    self->last.text = br_strdup (failure->text ? failure->text : "");
    self->last.content_type = br_strdup (failure->content_type ? failure->content_type
                                                               : "");
    uint8_t *headers = br_alloc (failure->headers.size + 1, 1);
    if (failure->headers.size)
        memcpy (headers, failure->headers.data, failure->headers.size);
    self->last.headers.data = headers;
    br_blob_ref (self->last.body);
}

//  ---- the word

//  What a provider says of the router's own credential is not for the client. That its
//  money is gone is, where the provider says so with 400 or 429.
static bool
s_concerns_key (const router_failure_t *failure)
{
    bool passes = failure->failure == BR_FAILURE_CREDIT
                  && (failure->status == 400 || failure->status == 429);
    return br_failure_mark (failure->failure) == BR_MARK_KEY && !passes;
}

static bool
s_goes_through (const router_failure_t *failure)
{
    static const unsigned statuses[] = { 400, 404, 409, 413, 422, 429 };
    if (s_concerns_key (failure))
        return false;
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (failure->status == statuses[i])
            return true;
    return failure->status >= 500 && failure->status <= 599;
}

//  A word of our own, in the place of the provider's.
static void
s_say (router_verdict_t *self, br_code_t code, const char *text)
{
    self->word = (router_failure_t) { .code = code, .text = text, .content_type = "" };
    self->word.failure = self->last.failure;
}

static void
s_say_limit (router_verdict_t *self)
{
    if (self->last.status == 429)
        return;
    if (self->at_our_limit < self->count)
        s_say (self, BR_EUPLIMIT, "every provider of the route is at a limit");
    self->word.status = 0;
}

//  Anything that does not go through.
static void
s_say_other (router_verdict_t *self)
{
    br_after_t after = br_failure_after (self->last.failure);
    self->word.status = 0;
    if (s_concerns_key (&self->last))
        self->word.body = NULL;
    if (self->last.failure == BR_FAILURE_POLICY)
        self->word.code = BR_EUPPOLICY;
    if (self->mixed && after != BR_AFTER_STOP && after != BR_AFTER_LARGER)
        s_say (self, BR_EUNAVAILABLE,
               "every provider of the route failed; the last one tried did not answer");
}

static bool
s_is_retry_after (const char *name)
{
    return strcasecmp (name, "retry-after") == 0
           || strcasecmp (name, "retry-after-ms") == 0;
}

//  The headers of the word, but with this time in them.
static void
s_set_retry_after (router_verdict_t *self, uint64_t after_ms)
{
    char seconds[24];
    char ms[24];
    size_t cursor = 0;
    const char *name;
    const char *value;
    br_buf_clear (&self->headers);
    while (br_pairs_next (self->word.headers, &cursor, &name, &value))
        if (!s_is_retry_after (name))
            br_pairs_add (&self->headers, name, value);
    snprintf (seconds, sizeof seconds, "%llu",
              (unsigned long long) (after_ms + 999) / 1000);
    snprintf (ms, sizeof ms, "%llu", (unsigned long long) after_ms);
    br_pairs_add (&self->headers, "retry-after", seconds);
    br_pairs_add (&self->headers, "retry-after-ms", ms);
    self->word.headers = (br_bytes_t) { self->headers.data, self->headers.size };
    self->word.retry_after_ms = after_ms;
}

//  A provider's own header stays when it is right: it may be a date.
static void
s_tell_when (router_verdict_t *self, uint64_t after_ms)
{
    bool is_told = br_pairs_get (self->word.headers, "retry-after") != NULL
                   && self->word.retry_after_ms == after_ms;
    if (after_ms && !is_told)
        s_set_retry_after (self, after_ms);
}

//  SDKs try a 429 again and again: here it is of no use.
static void
s_tell_not_to_retry (router_verdict_t *self)
{
    static const char name[] = "x-should-retry";
    if (self->last.failure != BR_FAILURE_CREDIT
        || br_pairs_get (self->word.headers, name) != NULL)
        return;
    br_buf_clear (&self->headers);
    br_buf_add (&self->headers, self->word.headers.data, self->word.headers.size);
    br_pairs_add (&self->headers, name, "false");
    self->word.headers = (br_bytes_t) { self->headers.data, self->headers.size };
}

const router_failure_t *
router_verdict_word (router_verdict_t *self)
{
    self->word = self->last;
    if (self->count == 0) {
        s_say (self, BR_EUNAVAILABLE, "no provider of the route can be asked");
    } else if (self->at_limit == self->count) {
        s_say_limit (self);
        s_tell_when (self, self->soonest_ms);
    } else if (s_goes_through (&self->last)) {
        s_tell_when (self, self->last.retry_after_ms);
        s_tell_not_to_retry (self);
    } else {
        s_say_other (self);
        bool is_own = self->word.code == self->last.code;
        s_tell_when (self, is_own ? self->last.retry_after_ms : self->soonest_ms);
    }
    return &self->word;
}
