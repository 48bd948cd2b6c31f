//  upstream_broken: what the router is told of an attempt that another one may go on with.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "actors/upstream/upstream_broken.h"

struct _upstream_broken_t {
    br_error_t text;
    br_failure_t failure;
    uint64_t retry_after_ms;
    br_blob_t *state; //  of the answer
};

upstream_broken_t *
upstream_broken_new (const upstream_refusal_t *refusal, br_blob_t **state_p)
{
    upstream_broken_t *self = BR_NEW (upstream_broken_t);
    self->text = refusal->text;
    self->failure = br_failure_of (refusal->fail.failure);
    self->retry_after_ms = refusal->fail.retry_after_ms;
    self->state = *state_p;
    *state_p = NULL;
    return self;
}

void
upstream_broken_destroy (upstream_broken_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_blob_destroy (&(*self_p)->state);
    free (*self_p);
    *self_p = NULL;
}

int
upstream_broken_send (const upstream_broken_t *self, br_ctx_t *ctx, br_addr_t router,
                      br_id_t call, uint32_t attempt, const br_usage_t *usage,
                      uint64_t first_us)
{
    struct br_attempt_broken broken = { .code = self->text.code };
    broken.failure = self->failure;
    broken.retry_after_ms = self->retry_after_ms;
    broken.error = self->text.text;
    broken.usage_known = usage->known;
    broken.input_tokens = usage->input;
    broken.cache_read_tokens = usage->cache_read;
    broken.cache_write_tokens = usage->cache_write;
    broken.output_tokens = usage->output;
    broken.reasoning_tokens = usage->reasoning;
    broken.cache_write_1h_tokens = usage->cache_write_1h;
    broken.audio_input_tokens = usage->audio_input;
    broken.audio_output_tokens = usage->audio_output;
    broken.first_us = first_us;
    return br_ctx_send (ctx, router, BR_ATTEMPT_BROKEN, call, attempt, &broken,
                        self->state);
}

const br_error_t *
upstream_broken_text (const upstream_broken_t *self)
{
    return &self->text;
}

br_failure_t
upstream_broken_failure (const upstream_broken_t *self)
{
    return self->failure;
}
