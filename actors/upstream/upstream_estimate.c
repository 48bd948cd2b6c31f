//  upstream_estimate: how many tokens a request has, without asking.

#include "broker/core/failure.h"
#include "broker/core/pairs.h"
#include "broker/proto/token_count.h"
#include "actors/upstream/upstream_down.h"
#include "actors/upstream/upstream_estimate.h"

#define ANSWER_MAX 256 //  bytes

bool
upstream_estimate_is_due (const br_msg_t *msg, br_surface_t surface)
{
    const struct br_attempt_start *start = br_msg_fields (msg);
    const br_surface_row_t *row = br_surface_row ((unsigned) start->surface);
    const br_surface_row_t *asked = br_surface_row (surface);
    return row->kind == BR_SURFACE_TOKENS && asked && asked->kind == BR_SURFACE_TALK;
}

static int
s_send_down (upstream_down_t *down, const char *provider,
             const struct br_attempt_start *start, br_buf_t *body)
{
    br_buf_t headers;
    br_buf_init (&headers, BR_PAIRS_MAX);
    (void) br_pairs_add (&headers, "x-bitrouter-estimated", "true");
    struct br_reply_head head = { .status = 200, .content_type = "application/json" };
    head.headers = (br_bytes_t) { headers.data, headers.size };
    head.provider = provider;
    head.model = start->model;
    head.elsewhere_us = start->elsewhere_us;
    int rc = upstream_down_head (down, &head, body);
    if (rc == 0)
        rc = upstream_down_end (down, &(br_usage_t) { .known = false });
    br_buf_free (&headers);
    return rc;
}

void
upstream_estimate (br_ctx_t *ctx, const char *provider, const br_msg_t *msg,
                   const br_slip_t *slip)
{
    const struct br_attempt_start *start = br_msg_fields (msg);
    br_protocol_t client = br_surface_row ((unsigned) start->surface)->wire;
    uint64_t tokens = 0;
    br_error_t error;
    if (token_count_estimate (client, br_blob_data (msg->body), br_blob_size (msg->body),
                              &tokens, &error)) {
        struct br_attempt_fail fail = { .code = error.code, .error = error.text };
        fail.failure = BR_FAILURE_REQUEST;
        (void) br_ctx_reply (ctx, msg, BR_ATTEMPT_FAIL, &fail, NULL);
        return;
    }
    br_buf_t body;
    br_buf_init (&body, ANSWER_MAX);
    token_count_write (client, tokens, &body);
    upstream_down_t down;
    upstream_down_init (&down, ctx, msg, slip);
    int rc = s_send_down (&down, provider, start, &body);
    br_buf_free (&body);
    upstream_down_free (&down);
    struct br_attempt_done done = { .status = 200 };
    done.outcome = rc ? BR_OUTCOME_CANCELLED : BR_OUTCOME_OK;
    (void) br_ctx_reply (ctx, msg, BR_ATTEMPT_DONE, &done, NULL);
}
