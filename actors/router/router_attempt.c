//  router_attempt: the newest attempt of a call.

#include "actors/router/router_attempt.h"

int
router_attempt_prepare (router_attempt_t *self, const router_env_t *env, uint64_t tokens,
                        void (*fn) (void *arg), void *arg, router_failure_t *ret_failure)
{
    static const int answers[] = {
        [ROUTER_HOLD_WAITS] = 1, [ROUTER_HOLD_GRANTED] = 0, [ROUTER_HOLD_REFUSED] = -1
    };
    const br_candidate_t *asked = self->asked;
    if (!router_rules_is_limited (env->rules, asked->provider, asked->model))
        return 0;
    if (!self->hold)
        self->hold = router_hold_new (env->quota, asked->provider, asked->model, tokens,
                                      fn, arg);
    if (router_hold_state (self->hold) == ROUTER_HOLD_REFUSED) {
        *ret_failure = (router_failure_t) { .code = BR_ELIMIT };
        ret_failure->failure = BR_FAILURE_LIMITED;
        ret_failure->retry_after_ms = router_hold_retry_ms (self->hold);
        ret_failure->text = "a limit that bitrouter keeps for this provider is reached";
    }
    return answers[router_hold_state (self->hold)];
}

void
router_attempt_start (router_attempt_t *self, const router_env_t *env)
{
    if (self->hold)
        router_hold_sent (self->hold);
    self->is_under_way = true;
    self->leases = router_breaker_start (env->breaker, self->endpoint,
                                         self->asked->model);
    router_health_start (env->health, self->endpoint);
}

void
router_attempt_begun (router_attempt_t *self, const router_env_t *env)
{
    if (!self->is_under_way)
        return;
    router_breaker_begun (env->breaker, self->endpoint, self->asked->model,
                          &self->leases);
    self->leases = (router_leases_t) { .endpoint = 0 };
}

static void
s_end (router_attempt_t *self, const router_env_t *env, router_health_end_t end,
       uint64_t first_us)
{
    self->is_under_way = false;
    self->leases = (router_leases_t) { .endpoint = 0 };
    router_health_end (env->health, self->endpoint, end, first_us,
                       br_ctx_now_us (env->ctx));
    router_hold_destroy (&self->hold);
}

static void
s_end_well (router_attempt_t *self, const router_env_t *env, uint64_t first_us)
{
    router_breaker_good (env->breaker, self->endpoint, self->asked->model, &self->leases);
    s_end (self, env, ROUTER_HEALTH_GOOD, first_us);
}

//  What the client or we did is not the endpoint's fault, and no merit either.
static void
s_end_badly (router_attempt_t *self, const router_env_t *env,
             const router_failure_t *failure, uint64_t first_us)
{
    if (br_failure_mark (failure->failure) == BR_MARK_CLEAN) {
        router_breaker_neither (env->breaker, self->endpoint, self->asked->model,
                                &self->leases);
        s_end (self, env, ROUTER_HEALTH_NEITHER, first_us);
        return;
    }
    router_bad_t bad = { .failure = failure->failure, .status = failure->status };
    bad.retry_after_ms = failure->retry_after_ms;
    bad.error = failure->text;
    router_breaker_bad (env->breaker, self->endpoint, self->asked->model, &self->leases,
                        &bad);
    s_end (self, env, ROUTER_HEALTH_BAD, first_us);
}

void
router_attempt_failed (router_attempt_t *self, const router_env_t *env,
                       const router_failure_t *failure)
{
    if (!self->is_under_way)
        return;
    if (self->hold)
        router_hold_used (self->hold, 0);
    s_end_badly (self, env, failure, 0);
}

//  Tokens that an attempt used, told or estimated; 0 = nobody knows.
static uint64_t
s_tokens (const router_end_t *end)
{
    return end->usage.input + end->usage.output;
}

void
router_attempt_done (router_attempt_t *self, const router_env_t *env,
                     const router_end_t *end)
{
    if (!self->is_under_way)
        return;
    if (self->hold && (end->usage.known || s_tokens (end)))
        router_hold_used (self->hold, s_tokens (end));
    router_failure_t failure = { .failure = BR_FAILURE_CANCELLED, .text = "" };
    if (end->outcome == BR_OUTCOME_FAILED) {
        failure.failure = end->failure;
        failure.text = br_code_label (end->code);
    }
    if (end->outcome == BR_OUTCOME_OK)
        s_end_well (self, env, end->first_us);
    else
        s_end_badly (self, env, &failure, end->first_us);
}

void
router_attempt_broken (router_attempt_t *self, const router_env_t *env,
                       const router_failure_t *failure, const router_end_t *end)
{
    if (!self->is_under_way)
        return;
    if (self->hold && (end->usage.known || s_tokens (end)))
        router_hold_used (self->hold, s_tokens (end));
    s_end_badly (self, env, failure, end->first_us);
}

void
router_attempt_lost (router_attempt_t *self, const router_env_t *env)
{
    router_failure_t failure = { .failure = BR_FAILURE_GONE };
    if (self->is_under_way)
        s_end_badly (self, env, &failure, 0);
    router_hold_destroy (&self->hold);
}
