//  upstream_down: the way of one answer down the slip.

#include "actors/upstream/upstream_down.h"

void
upstream_down_init (upstream_down_t *self, br_ctx_t *ctx, const br_msg_t *start,
                    const br_slip_t *slip)
{
    *self = (upstream_down_t) { .ctx = ctx, .call = start->call };
    self->attempt = start->attempt;
    self->to = br_slip_down (slip, br_ctx_self (ctx));
    self->credit = BR_CREDIT_WINDOW;
    self->guard_said = ((const struct br_attempt_start *) br_msg_fields (start))
                           ->guard_said;
}

void
upstream_down_free (upstream_down_t *self)
{
    br_blob_destroy (&self->rest);
}

static int
s_send (upstream_down_t *self, br_verb_t verb, const void *fields, br_blob_t *body)
{
    self->seq++;
    return br_ctx_send (self->ctx, self->to, verb, self->call, self->attempt, fields,
                        body);
}

static void
s_take (upstream_down_t *self, br_buf_t *held)
{
    size_t size;
    if (self->rest || held->size == 0)
        return;
    uint8_t *data = br_buf_take (held, &size);
    self->rest = br_blob_take (data, size);
}

//  The next bytes to go, or NULL. "caller destroys"
static br_blob_t *
s_next (upstream_down_t *self, br_buf_t *held)
{
    s_take (self, held);
    if (!self->rest)
        return NULL;
    size_t left = br_blob_size (self->rest) - self->rest_at;
    size_t size = left < BR_CREDIT_PIECE ? left : BR_CREDIT_PIECE;
    br_blob_t *piece = size == br_blob_size (self->rest)
                           ? br_blob_ref (self->rest)
                           : br_blob_part (self->rest, self->rest_at, size);
    self->rest_at += size;
    self->upto += size;
    if (size < left)
        return piece;
    br_blob_destroy (&self->rest);
    self->rest_at = 0;
    return piece;
}

int
upstream_down_head (upstream_down_t *self, struct br_reply_head *head, br_buf_t *held)
{
    br_blob_t *body = s_next (self, held);
    head->seq = self->seq;
    head->upto = self->upto;
    head->guard_said = self->guard_said;
    int rc = s_send (self, BR_REPLY_HEAD, head, body);
    br_blob_destroy (&body);
    return rc;
}

int
upstream_down_flow (upstream_down_t *self, br_buf_t *held)
{
    int rc = 0;
    while (rc == 0 && !upstream_down_is_full (self)) {
        br_blob_t *body = s_next (self, held);
        if (!body)
            return 0;
        struct br_reply_delta delta = { .seq = self->seq, .upto = self->upto };
        rc = s_send (self, BR_REPLY_DELTA, &delta, body);
        br_blob_destroy (&body);
    }
    return rc;
}

int
upstream_down_end (upstream_down_t *self, const br_usage_t *usage)
{
    struct br_reply_end end = { .seq = self->seq, .usage_known = usage->known };
    end.input_tokens = usage->input;
    end.cache_read_tokens = usage->cache_read;
    end.cache_write_tokens = usage->cache_write;
    end.output_tokens = usage->output;
    end.reasoning_tokens = usage->reasoning;
    end.cache_write_1h_tokens = usage->cache_write_1h;
    end.audio_input_tokens = usage->audio_input;
    end.audio_output_tokens = usage->audio_output;
    return s_send (self, BR_REPLY_END, &end, NULL);
}

int
upstream_down_error (upstream_down_t *self, const br_error_t *error,
                     uint64_t elsewhere_us)
{
    struct br_reply_error fields = { .seq = self->seq, .code = error->code };
    fields.error = error->text;
    fields.attempts = self->attempt;
    fields.elsewhere_us = elsewhere_us;
    return s_send (self, BR_REPLY_ERROR, &fields, NULL);
}

int
upstream_down_broken (upstream_down_t *self, const br_error_t *error)
{
    struct br_reply_broken fields = { .seq = self->seq, .code = error->code };
    fields.error = error->text;
    return s_send (self, BR_REPLY_BROKEN, &fields, NULL);
}

bool
upstream_down_credit (upstream_down_t *self, uint64_t upto)
{
    if (upto <= self->credit)
        return false;
    self->credit = upto;
    return true;
}

bool
upstream_down_is_full (const upstream_down_t *self)
{
    return self->upto >= self->credit;
}

bool
upstream_down_waits (const upstream_down_t *self)
{
    return self->rest != NULL;
}
