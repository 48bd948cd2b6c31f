//  upstream_open: what comes before an attempt.

#include "actors/upstream/upstream_choice.h"
#include "actors/upstream/upstream_estimate.h"
#include "actors/upstream/upstream_open.h"

void
upstream_refuse (upstream_env_t *env, const br_msg_t *msg, const br_error_t *error,
                 br_failure_t failure)
{
    struct br_attempt_fail fail = { .code = error->code, .failure = failure };
    fail.error = error->text;
    env->failures++;
    (void) br_ctx_reply (env->ctx, msg, BR_ATTEMPT_FAIL, &fail, NULL);
}

//  What is read and written of the call; tells the router if it cannot be.
static upstream_answer_t *
s_expect (upstream_env_t *env, const upstream_table_t *table, const br_msg_t *msg,
          const upstream_ask_t *ask)
{
    const struct br_attempt_start *start = br_msg_fields (msg);
    upstream_asked_t asked = { .msg = msg, .surface = ask->surface };
    asked.provider = env->provider;
    asked.secrets = upstream_endpoint_secrets (ask->endpoint);
    asked.max_output = upstream_table_max_output (table, start->model);
    asked.now = br_ctx_unix_ms (env->ctx) / 1000;
    br_failure_t failure;
    br_error_t error;
    upstream_answer_t *answer = upstream_answer_new (&asked, &failure, &error);
    if (!answer)
        upstream_refuse (env, msg, &error, failure);
    return answer;
}

upstream_answer_t *
upstream_open (upstream_env_t *env, const upstream_table_t *table, const br_msg_t *msg,
               br_slip_t *ret_slip, upstream_ask_t *ret_ask)
{
    const struct br_attempt_start *start = br_msg_fields (msg);
    br_error_t error = { BR_EINTERNAL, "the routing slip is malformed" };
    br_failure_t failure = BR_FAILURE_REQUEST;
    bool slip_is_bad = br_slip_decode (start->slip, ret_slip) || !ret_slip->down_size;
    if (slip_is_bad
        || upstream_choose (table, env->provider, start, ret_ask, &failure, &error)) {
        upstream_refuse (env, msg, &error, failure);
        return NULL;
    }
    if (upstream_estimate_is_due (msg, ret_ask->surface)) {
        upstream_estimate (env->ctx, env->provider, msg, ret_slip);
        return NULL;
    }
    upstream_answer_t *answer = s_expect (env, table, msg, ret_ask);
    if (answer)
        ret_ask->body = upstream_answer_request (answer);
    return answer;
}
