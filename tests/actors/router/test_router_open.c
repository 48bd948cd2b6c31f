//  router_open: what a call's messages carry. The machine behind it has its own test.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/ctx.h"
#include "broker/core/pairs.h"
#include "broker/proto/attribution.h"
#include "broker/proto/candidates.h"
#include "broker/proto/tries.h"
#include "actors/router/router_open.h"
#include "tests/actors/router/inside.h"
#include "tests/actors/stage.h"

typedef struct {
    stage_t stage;
    router_env_t env;
    br_buf_t candidates;
    struct br_call_open fields;
    unsigned woken; //  times
} world_t;

static void
s_on_grant (void *arg, const br_msg_t *msg)
{
    quota_on_grant (arg, msg);
}

static void
s_wake (void *arg, router_open_t *call)
{
    world_t *world = arg;
    world->woken++;
    router_open_handle (call, ROUTER_DELAYED, NULL);
}

static int
s_setup (void **state)
{
    static world_t world;
    memset (&world, 0, sizeof world);
    stage_begin (&world.stage, &inside_actor, false);
    stage_start (&world.stage, "router");
    stage_start (&world.stage, "meter");
    stage_start (&world.stage, "upstream/a");
    stage_start (&world.stage, "upstream/b");
    world.env.ctx = br_host_ctx (world.stage.host, "router");
    world.env.settles = router_settle_new (world.env.ctx);
    world.env.endpoints = router_endpoints_new ();
    world.env.health = router_health_new ();
    world.env.breaker = router_breaker_new (world.env.ctx, world.env.endpoints);
    world.env.turns = router_turns_new (0);
    world.env.quota = quota_new (world.env.ctx);
    inside_listen (world.env.ctx, s_on_grant, world.env.quota);
    world.env.rules = router_rules_new ();
    world.env.wake = s_wake;
    world.env.arg = &world;
    br_buf_init (&world.candidates, BR_PAIRS_MAX);
    br_candidate_t a = { .provider = "a", .actor = "upstream/a", .model = "gpt-a" };
    br_candidate_t b = { .provider = "b", .actor = "upstream/b", .model = "gpt-b" };
    a.endpoint = "";
    b.endpoint = "eu";
    br_candidates_add (&world.candidates, &a);
    br_candidates_add (&world.candidates, &b);
    world.fields.slip = stage_slip (&world.stage);
    world.fields.candidates = (br_bytes_t) { world.candidates.data,
                                             world.candidates.size };
    world.fields.model = "gpt";
    world.fields.request_id = "r-1";
    world.fields.strategy = "priority";
    world.fields.model_at = 9;
    world.fields.model_size = 5;
    world.fields.query = "beta=true";
    world.fields.stream = 1;
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    router_rules_destroy (&world->env.rules);
    quota_destroy (&world->env.quota);
    router_settle_destroy (&world->env.settles);
    router_breaker_destroy (&world->env.breaker);
    router_health_destroy (&world->env.health);
    router_endpoints_destroy (&world->env.endpoints);
    router_turns_destroy (&world->env.turns);
    br_buf_free (&world->candidates);
    stage_end (&world->stage);
    return 0;
}

static router_open_t *
s_open (world_t *world, br_error_t *reterr)
{
    br_blob_t *body = br_blob_new ("{\"model\":\"gpt\"}", 15);
    br_msg_t *msg = br_msg_new (BR_CALL_OPEN, (br_id_t) { 1, 1 }, 0, &world->fields,
                                body);
    router_open_t *open = router_open_new (&world->env, msg, reterr);
    br_msg_destroy (&msg);
    br_blob_destroy (&body);
    return open;
}

static void
an_attempt_carries_what_the_open_said (void **state)
{
    world_t *world = *state;
    world->fields.timeout_ms = 1000;
    world->fields.connect_ms = 11;
    world->fields.first_byte_ms = 22;
    world->fields.idle_ms = 33;
    router_open_t *open = s_open (world, NULL);
    stage_pass (&world->stage, 300);
    router_open_handle (open, ROUTER_OPEN, NULL);
    const br_msg_t *msg = stage_last (&world->stage, "upstream/a", BR_ATTEMPT_START);
    const struct br_attempt_start *start = br_msg_fields (msg);
    assert_string_equal (start->model, "gpt-a");
    assert_string_equal (start->endpoint, "");
    assert_string_equal (start->request_id, "r-1");
    assert_string_equal (start->query, "beta=true");
    assert_int_equal (start->model_at, 9);
    assert_int_equal (start->model_size, 5);
    assert_int_equal (start->stream, 1);
    assert_int_equal (start->timeout_ms, 700);
    assert_int_equal (start->connect_ms, 11);
    assert_int_equal (start->first_byte_ms, 22);
    assert_int_equal (start->idle_ms, 33);
    assert_int_equal (start->elsewhere_us, 0);
    assert_memory_equal (br_blob_data (msg->body), "{\"model\":\"gpt\"}", 15);
    stage_pass (&world->stage, ROUTER_TICK_MS);
    msg = stage_last (&world->stage, "meter", BR_CALL_INTENT);
    const struct br_call_intent *intent = br_msg_fields (msg);
    assert_string_equal (intent->provider, "a");
    assert_string_equal (intent->route, "gpt");
    router_open_destroy (&open);
}

static void
load_balance_takes_turns (void **state)
{
    world_t *world = *state;
    world->fields.strategy = "load_balance";
    for (int i = 0; i < 4; i++) {
        router_open_t *open = s_open (world, NULL);
        router_open_handle (open, ROUTER_OPEN, NULL);
        router_open_destroy (&open);
    }
    assert_string_equal (stage_heard (&world->stage, "upstream/a"),
                         "attempt.start#1 attempt.start#1 ");
    assert_string_equal (stage_heard (&world->stage, "upstream/b"),
                         "attempt.start#1 attempt.start#1 ");
}

static void
a_settle_carries_the_end (void **state)
{
    world_t *world = *state;
    router_open_t *open = s_open (world, NULL);
    router_open_handle (open, ROUTER_OPEN, NULL);
    router_failure_t failure = { .code = BR_EUPBAD, .text = "bad" };
    failure.failure = BR_FAILURE_OVERLOADED;
    router_news_t news = { .attempt = 1, .failure = &failure };
    stage_pass (&world->stage, 10);
    router_open_handle (open, ROUTER_FAIL, &news);
    stage_pass (&world->stage, 20);
    router_end_t end = { .outcome = BR_OUTCOME_OK, .status = 200, .first_us = 4000 };
    end.usage = (br_usage_t) { .known = true, .input = 7, .output = 5 };
    end.usage.cache_read = 3;
    end.usage.cache_write = 2;
    end.usage.reasoning = 1;
    news = (router_news_t) { .attempt = 2, .end = &end };
    router_open_handle (open, ROUTER_DONE, &news);
    assert_true (router_open_has_ended (open));
    stage_pass (&world->stage, ROUTER_TICK_MS);
    const br_msg_t *msg = stage_last (&world->stage, "meter", BR_CALL_SETTLE);
    const struct br_call_settle *settle = br_msg_fields (msg);
    assert_string_equal (settle->provider, "b");
    assert_string_equal (settle->model, "gpt-b");
    assert_string_equal (settle->route, "gpt");
    assert_int_equal (settle->outcome, BR_OUTCOME_OK);
    assert_int_equal (settle->attempts, 2);
    assert_int_equal (settle->latency_us, 30000);
    assert_int_equal (settle->first_us, 14000);
    assert_int_equal (settle->usage_known, 1);
    assert_int_equal (settle->input_tokens, 7);
    assert_int_equal (settle->cache_read_tokens, 3);
    assert_int_equal (settle->cache_write_tokens, 2);
    assert_int_equal (settle->output_tokens, 5);
    assert_int_equal (settle->reasoning_tokens, 1);
    const char *events = br_buf_text (&world->stage.events);
    assert_non_null (strstr (events, "\"attempt.started\""));
    assert_non_null (strstr (events, "\"attempt.failed\""));
    assert_non_null (strstr (events, "\"call.ended\""));
    router_open_destroy (&open);
}

//  ---- who, and what was tried

//  Whose call it is, with a trace.
static br_bytes_t
s_who (br_buf_t *buf, bool sampled)
{
    br_attribution_t who;
    br_attribution_init (&who);
    who.account = "eip155:1:0xabc";
    who.trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    who.span = "53995c3f42cd8ad8";
    who.sampled = sampled;
    br_buf_init (buf, BR_ATTRIBUTION_MAX);
    br_attribution_write (&who, buf);
    return (br_bytes_t) { buf->data, buf->size };
}

static const struct br_call_settle *
s_settled (world_t *world)
{
    stage_pass (&world->stage, ROUTER_TICK_MS);
    return br_msg_fields (stage_last (&world->stage, "meter", BR_CALL_SETTLE));
}

static void
whose_call_it_is_goes_along (void **state)
{
    world_t *world = *state;
    br_buf_t buf;
    world->fields.who = s_who (&buf, true);
    world->fields.surface = 3;
    world->fields.max_output = 77;
    world->fields.guard_said = 3;
    router_open_t *open = s_open (world, NULL);
    router_open_handle (open, ROUTER_OPEN, NULL);
    const br_msg_t *msg = stage_last (&world->stage, "upstream/a", BR_ATTEMPT_START);
    const struct br_attempt_start *start = br_msg_fields (msg);
    assert_string_equal (start->trace,
                         "00-4bf92f3577b34da6a3ce929d0e0e4736-53995c3f42cd8ad8-01");
    assert_int_equal (start->max_output, 77);
    assert_int_equal (start->guard_said, 3);
    stage_pass (&world->stage, ROUTER_TICK_MS);
    msg = stage_last (&world->stage, "meter", BR_CALL_INTENT);
    const struct br_call_intent *intent = br_msg_fields (msg);
    assert_int_equal (intent->who.size, buf.size);
    router_end_t end = { .outcome = BR_OUTCOME_OK, .status = 200 };
    router_news_t news = { .attempt = 1, .end = &end };
    router_open_handle (open, ROUTER_DONE, &news);
    const struct br_call_settle *settle = s_settled (world);
    assert_int_equal (settle->who.size, buf.size);
    assert_memory_equal (settle->who.data, buf.data, buf.size);
    assert_int_equal (settle->surface, 3);
    router_open_destroy (&open);
    br_buf_free (&buf);
}

//  Given a client that is to have a receipt, then the meter hears of what, and to whom.
static void
a_receipt_goes_to_the_ingress_of_the_call (void **state)
{
    world_t *world = *state;
    for (int i = 0; i < 2; i++) {
        static const uint8_t hash[32] = { 1, 2, 3 };
        world->fields.request_hash = (br_bytes_t) { hash, i ? sizeof hash : 0 };
        router_open_t *open = s_open (world, NULL);
        router_open_handle (open, ROUTER_OPEN, NULL);
        router_open_handle (open, ROUTER_CANCEL, NULL);
        router_end_t end = { .outcome = BR_OUTCOME_OK, .status = 200 };
        router_news_t news = { .attempt = 1, .end = &end };
        router_open_handle (open, ROUTER_DONE, &news);
        const struct br_call_settle *settle = s_settled (world);
        br_addr_t ingress = br_host_ctx (world->stage.host, "ingress")->addr;
        assert_int_equal (settle->request_hash.size, i ? sizeof hash : 0);
        if (i)
            assert_memory_equal (settle->request_hash.data, hash, sizeof hash);
        assert_int_equal (br_addr_is_set (settle->receipt_to), i);
        assert_int_equal (br_addr_is (settle->receipt_to, ingress), i);
        router_open_destroy (&open);
        router_settle_settled (world->env.settles, (br_id_t) { 1, 1 });
    }
}

static void
a_trace_says_whether_it_is_sampled_and_may_be_missing (void **state)
{
    world_t *world = *state;
    br_buf_t buf;
    world->fields.who = s_who (&buf, false);
    router_open_t *open = s_open (world, NULL);
    router_open_handle (open, ROUTER_OPEN, NULL);
    const br_msg_t *msg = stage_last (&world->stage, "upstream/a", BR_ATTEMPT_START);
    const struct br_attempt_start *start = br_msg_fields (msg);
    assert_string_equal (start->trace,
                         "00-4bf92f3577b34da6a3ce929d0e0e4736-53995c3f42cd8ad8-00");
    router_open_destroy (&open);
    br_buf_free (&buf);
    world->fields.who = (br_bytes_t) { NULL, 0 };
    open = s_open (world, NULL);
    router_open_handle (open, ROUTER_OPEN, NULL);
    start = br_msg_fields (stage_last (&world->stage, "upstream/a", BR_ATTEMPT_START));
    assert_string_equal (start->trace, "");
    router_open_destroy (&open);
}

//  Given an attempt that failed and one that answered, then both are told, and what they took
//  is not the router's time.
static void
a_settle_tells_each_attempt (void **state)
{
    world_t *world = *state;
    router_open_t *open = s_open (world, NULL);
    stage_pass (&world->stage, 2);
    router_open_handle (open, ROUTER_OPEN, NULL);
    router_failure_t failure = { .code = BR_EUPBAD, .status = 503, .text = "bad" };
    failure.failure = BR_FAILURE_OVERLOADED;
    failure.waited_us = 9000;
    router_news_t news = { .attempt = 1, .failure = &failure };
    stage_pass (&world->stage, 10);
    router_open_handle (open, ROUTER_FAIL, &news);
    stage_pass (&world->stage, 20);
    router_end_t end = { .outcome = BR_OUTCOME_OK, .status = 200, .first_us = 4000 };
    end.usage = (br_usage_t) { .known = true, .input = 7, .output = 5 };
    end.usage.cache_write_1h = 2;
    end.usage.audio_input = 3;
    end.usage.audio_output = 4;
    news = (router_news_t) { .attempt = 2, .end = &end };
    router_open_handle (open, ROUTER_DONE, &news);
    const struct br_call_settle *settle = s_settled (world);
    assert_int_equal (settle->cache_write_1h_tokens, 2);
    assert_int_equal (settle->audio_input_tokens, 3);
    assert_int_equal (settle->audio_output_tokens, 4);
    assert_int_equal (settle->latency_us, 32000);
    assert_int_equal (settle->elsewhere_us, 29000);
    br_try_t rows[BR_TRIES_MAX];
    assert_int_equal (br_tries_read (settle->tries, rows, BR_TRIES_MAX), 2);
    assert_string_equal (rows[0].provider, "a");
    assert_int_equal (rows[0].outcome, BR_OUTCOME_FAILED);
    assert_int_equal (rows[0].code, BR_EUPBAD);
    assert_int_equal (rows[0].status, 503);
    assert_int_equal (rows[0].after_us, 2000);
    assert_int_equal (rows[0].latency_us, 10000);
    assert_string_equal (rows[1].provider, "b");
    assert_string_equal (rows[1].endpoint, "eu");
    assert_int_equal (rows[1].outcome, BR_OUTCOME_OK);
    assert_int_equal (rows[1].after_us, 12000);
    assert_int_equal (rows[1].latency_us, 20000);
    assert_int_equal (rows[1].first_us, 4000);
    assert_int_equal (rows[1].usage.output, 5);
    router_open_destroy (&open);
}

static void
an_attempt_that_is_cancelled_is_told_too (void **state)
{
    world_t *world = *state;
    router_open_t *open = s_open (world, NULL);
    router_open_handle (open, ROUTER_OPEN, NULL);
    router_open_handle (open, ROUTER_CANCEL, NULL);
    stage_pass (&world->stage, 5);
    router_open_handle (open, ROUTER_UPSTREAM_GONE, NULL);
    const struct br_call_settle *settle = s_settled (world);
    br_try_t rows[BR_TRIES_MAX];
    assert_int_equal (br_tries_read (settle->tries, rows, BR_TRIES_MAX), 1);
    assert_int_equal (rows[0].outcome, BR_OUTCOME_CANCELLED);
    assert_int_equal (rows[0].latency_us, 5000);
    assert_int_equal (settle->elsewhere_us, 5000);
    router_open_destroy (&open);
}

//  A part that broke off and was told, and one that is an estimate: the sum is an estimate.
static void
a_sum_with_an_estimate_is_one (void **state)
{
    world_t *world = *state;
    world->fields.continues = 1;
    router_open_t *open = s_open (world, NULL);
    router_open_handle (open, ROUTER_OPEN, NULL);
    router_failure_t failure = { .code = BR_EUPBAD, .text = "cut" };
    failure.failure = BR_FAILURE_OVERLOADED;
    router_end_t end = { .outcome = BR_OUTCOME_FAILED };
    end.usage = (br_usage_t) { .known = true, .input = 7, .output = 5 };
    router_news_t news = { .attempt = 1, .failure = &failure, .end = &end };
    news.state = br_blob_new ("s", 1);
    router_open_handle (open, ROUTER_BROKEN, &news);
    br_blob_destroy (&news.state);
    news = (router_news_t) { .attempt = 1 };
    router_open_handle (open, ROUTER_JOINED, &news);
    end = (router_end_t) { .outcome = BR_OUTCOME_OK, .status = 200 };
    end.usage = (br_usage_t) { .input = 3, .output = 1 };
    news = (router_news_t) { .attempt = 2, .end = &end };
    router_open_handle (open, ROUTER_DONE, &news);
    const struct br_call_settle *settle = s_settled (world);
    assert_int_equal (settle->usage_known, 0);
    assert_int_equal (settle->input_tokens, 10);
    assert_int_equal (settle->output_tokens, 6);
    br_try_t rows[BR_TRIES_MAX];
    assert_int_equal (br_tries_read (settle->tries, rows, BR_TRIES_MAX), 2);
    assert_int_equal (rows[0].status, 200);
    assert_true (rows[0].usage.known);
    assert_int_equal (rows[0].usage.input, 7);
    assert_false (rows[1].usage.known);
    router_open_destroy (&open);
}

static void
past_the_clients_own_bound_none_is_tried (void **state)
{
    world_t *world = *state;
    world->fields.timeout_ms = 50;
    router_open_t *open = s_open (world, NULL);
    router_open_handle (open, ROUTER_OPEN, NULL);
    stage_pass (&world->stage, 60);
    router_failure_t failure = { .code = BR_EUPBAD, .text = "bad" };
    failure.failure = BR_FAILURE_OVERLOADED;
    router_news_t news = { .attempt = 1, .failure = &failure };
    router_open_handle (open, ROUTER_FAIL, &news);
    const br_msg_t *msg = stage_last (&world->stage, "ingress", BR_REPLY_ERROR);
    const struct br_reply_error *error = br_msg_fields (msg);
    assert_int_equal (error->code, BR_ETIMEOUT);
    assert_int_equal (msg->attempt, 3);
    assert_string_equal (stage_heard (&world->stage, "upstream/b"), "");
    router_open_destroy (&open);
}

//  An open call whose first attempt is under way.
static router_open_t *
s_begin (world_t *world)
{
    router_open_t *open = s_open (world, NULL);
    router_open_handle (open, ROUTER_OPEN, NULL);
    return open;
}

static void
s_fail (world_t *world, router_open_t *open, uint32_t attempt, br_failure_t failure,
        uint64_t retry_after_ms)
{
    router_failure_t lost = { .code = BR_EUPBAD, .failure = failure, .text = "bad" };
    lost.retry_after_ms = retry_after_ms;
    lost.waited_us = 2000;
    router_news_t news = { .attempt = attempt, .failure = &lost };
    router_open_handle (open, ROUTER_FAIL, &news);
    stage_settle (&world->stage);
}

static void
s_use_rules (world_t *world, const char *slice)
{
    router_rules_destroy (&world->env.rules);
    world->env.rules = router_rules_parse (slice, NULL);
    assert_non_null (world->env.rules);
}

static void
a_flaw_is_tried_again_after_a_back_off (void **state)
{
    world_t *world = *state;
    router_open_t *open = s_begin (world);
    s_fail (world, open, 1, BR_FAILURE_SERVER, 0);
    stage_pass (&world->stage, 251);
    assert_string_equal (stage_heard (&world->stage, "upstream/a"),
                         "attempt.start#1 attempt.start#2 ");
    assert_non_null (strstr (br_buf_text (&world->stage.events), "\"attempt.delayed\""));
    //  then: what was spent for the provider and in the pause is told
    const br_msg_t *msg = stage_last (&world->stage, "upstream/a", BR_ATTEMPT_START);
    const struct br_attempt_start *start = br_msg_fields (msg);
    assert_in_range (start->elsewhere_us, 2001, 253000);
    router_open_destroy (&open);
}

static void
a_router_that_ends_calls_what_is_under_way_lost (void **state)
{
    world_t *world = *state;
    router_open_t *open = s_begin (world);
    router_open_lose (open);
    router_open_destroy (&open);
    stage_pass (&world->stage, 10);
    const br_msg_t *msg = stage_last (&world->stage, "meter", BR_CALL_SETTLE);
    assert_non_null (msg);
    const struct br_call_settle *settle = br_msg_fields (msg);
    assert_int_equal (settle->outcome, BR_OUTCOME_LOST);
    assert_int_equal (settle->attempts, 1);
    assert_int_equal (settle->usage_known, 0);
    //  then: of one that nobody was asked for there is nothing to tell
    stage_heard (&world->stage, "meter");
    open = s_open (world, NULL);
    router_open_lose (open);
    router_open_destroy (&open);
    stage_pass (&world->stage, 10);
    assert_null (strstr (stage_heard (&world->stage, "meter"), "call.settle"));
}

static void
who_says_when_is_waited_for_if_nobody_else_is_there (void **state)
{
    world_t *world = *state;
    router_open_t *open = s_begin (world);
    s_fail (world, open, 1, BR_FAILURE_RATE, 3000);
    assert_string_equal (stage_heard (&world->stage, "upstream/b"), "attempt.start#2 ");
    s_fail (world, open, 2, BR_FAILURE_RATE, 2000);
    stage_pass (&world->stage, 1990);
    assert_string_equal (stage_heard (&world->stage, "upstream/b"), "");
    stage_pass (&world->stage, 15);
    assert_string_equal (stage_heard (&world->stage, "upstream/b"), "attempt.start#3 ");
    router_open_destroy (&open);
}

static void
a_wait_that_is_too_long_is_told_at_once (void **state)
{
    world_t *world = *state;
    router_open_t *open = s_begin (world);
    s_fail (world, open, 1, BR_FAILURE_RATE, 60000);
    s_fail (world, open, 2, BR_FAILURE_RATE, 50000);
    assert_true (router_open_has_ended (open));
    const br_msg_t *msg = stage_last (&world->stage, "ingress", BR_REPLY_ERROR);
    const struct br_reply_error *error = br_msg_fields (msg);
    assert_int_equal (error->code, BR_EUPLIMIT);
    assert_int_equal (error->elsewhere_us, 4000);
    assert_string_equal (br_pairs_get (error->headers, "retry-after"), "50");
    router_open_destroy (&open);
}

static void
a_call_may_end_while_it_waits (void **state)
{
    world_t *world = *state;
    router_open_t *open = s_begin (world);
    s_fail (world, open, 1, BR_FAILURE_SERVER, 0);
    router_open_handle (open, ROUTER_CANCEL, NULL);
    assert_true (router_open_has_ended (open));
    router_open_destroy (&open);
    stage_pass (&world->stage, 300);
    assert_int_equal (world->woken, 0);
    const br_msg_t *msg = stage_last (&world->stage, "meter", BR_CALL_SETTLE);
    assert_int_equal (((const struct br_call_settle *) br_msg_fields (msg))->outcome,
                      BR_OUTCOME_CANCELLED);
}

static void
a_share_of_a_limit_is_asked_for_first (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "limits");
    s_use_rules (world, "{\"limited_providers\":[{\"provider\":\"a\",\"glob\":\"*\"}]}");
    world->fields.input_tokens = 40;
    router_open_t *open = s_begin (world);
    const br_msg_t *msg = stage_last (&world->stage, "limits", BR_LIMIT_ASK);
    const struct br_limit_ask *ask = br_msg_fields (msg);
    assert_string_equal (ask->kind, "provider");
    assert_string_equal (ask->key, "a/gpt-a");
    assert_int_equal (ask->requests, 1);
    assert_true (ask->tokens >= 40);
    assert_string_equal (stage_heard (&world->stage, "upstream/a"), "");
    //  when: nothing is granted
    struct br_limit_grant grant = { .ticket = ask->ticket, .limited = 1 };
    grant.retry_ms = 700;
    grant.what = "requests";
    stage_send (&world->stage, "limits", br_ctx_self (world->env.ctx), BR_LIMIT_GRANT, 0,
                0, &grant, NULL);
    stage_settle (&world->stage);
    //  then: the next one is asked, which is not limited
    assert_int_equal (world->woken, 1);
    assert_string_equal (stage_heard (&world->stage, "upstream/a"), "");
    assert_string_equal (stage_heard (&world->stage, "upstream/b"), "attempt.start#2 ");
    router_open_destroy (&open);
}

static void
limits_that_do_not_answer_stop_nothing (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "limits");
    s_use_rules (world, "{\"limited_providers\":[{\"provider\":\"a\",\"glob\":\"*\"}]}");
    //  when: a call ends while it waits
    router_open_t *open = s_begin (world);
    router_open_handle (open, ROUTER_CANCEL, NULL);
    assert_true (router_open_has_ended (open));
    router_open_destroy (&open);
    open = s_begin (world);
    stage_pass (&world->stage, QUOTA_WAIT_MS + 50);
    assert_string_equal (stage_heard (&world->stage, "upstream/a"), "attempt.start#1 ");
    assert_int_equal (world->woken, 1);
    router_open_destroy (&open);
}

static void
malformed_opens_are_refused (void **state)
{
    world_t *world = *state;
    br_error_t error;
    world->fields.candidates.size--;
    assert_null (s_open (world, &error));
    assert_int_equal (error.code, BR_EINTERNAL);
    world->fields.candidates.size++;
    world->fields.slip.size--;
    assert_null (s_open (world, &error));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (an_attempt_carries_what_the_open_said),
        TEST (load_balance_takes_turns),
        TEST (a_settle_carries_the_end),
        TEST (past_the_clients_own_bound_none_is_tried),
        TEST (a_flaw_is_tried_again_after_a_back_off),
        TEST (a_router_that_ends_calls_what_is_under_way_lost),
        cmocka_unit_test_setup_teardown (
            who_says_when_is_waited_for_if_nobody_else_is_there, s_setup, s_teardown),
        TEST (a_wait_that_is_too_long_is_told_at_once),
        TEST (a_call_may_end_while_it_waits),
        TEST (a_share_of_a_limit_is_asked_for_first),
        TEST (limits_that_do_not_answer_stop_nothing),
        TEST (malformed_opens_are_refused),
        TEST (whose_call_it_is_goes_along),
        TEST (a_receipt_goes_to_the_ingress_of_the_call),
        TEST (a_trace_says_whether_it_is_sampled_and_may_be_missing),
        TEST (a_settle_tells_each_attempt),
        TEST (an_attempt_that_is_cancelled_is_told_too),
        TEST (a_sum_with_an_estimate_is_one),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
