//  router_verdict: what the client is told when every attempt has failed.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "actors/router/router_verdict.h"

struct _router_verdict_t {
    unsigned count;
    bool mixed;            //  not all failed with the same code
    router_failure_t last; //  its strings, headers and body are owned
    router_failure_t word;
};

router_verdict_t *
router_verdict_new (void)
{
    return BR_NEW (router_verdict_t);
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
    free (*self_p);
    *self_p = NULL;
}

void
router_verdict_add (router_verdict_t *self, const router_failure_t *failure)
{
    if (self->count++ && failure->code != self->last.code)
        self->mixed = true;
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

static bool
s_goes_through (unsigned status)
{
    static const unsigned statuses[] = { 400, 404, 409, 413, 422, 429 };
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (status == statuses[i])
            return true;
    return status >= 500 && status <= 599;
}

const router_failure_t *
router_verdict_word (router_verdict_t *self)
{
    self->word = self->last;
    if (self->count == 0) {
        self->word.code = BR_EUNAVAILABLE;
        self->word.text = "no provider of the route can be asked";
    }
    if (s_goes_through (self->last.status))
        return &self->word;
    self->word.status = 0;
    if (self->word.code == BR_EUPAUTH)
        self->word.body = NULL;
    if (!self->mixed || !self->last.retry)
        return &self->word;
    self->word = (router_failure_t) { .code = BR_EUNAVAILABLE };
    self->word.text = "every provider of the route failed; the last one tried did not "
                      "answer";
    self->word.content_type = "";
    return &self->word;
}
