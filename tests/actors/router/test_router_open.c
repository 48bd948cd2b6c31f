//  router_open: what a call's messages carry. The machine behind it has its own test.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/ctx.h"
#include "broker/core/pairs.h"
#include "broker/proto/candidates.h"
#include "actors/router/router_open.h"
#include "tests/actors/stage.h"

//  An actor that lends its window; the test holds the calls.
static char s_state;

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) ctx;
    (void) reterr;
    return &s_state;
}

static void
s_destroy (void **state_p)
{
    *state_p = NULL;
}

static void
s_ignore (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) state;
    (void) ctx;
    (void) msg;
}

static const br_handler_row_t s_rows[] = { { BR_ATTEMPT_DONE, s_ignore }, { 0, NULL } };
static const br_actor_t s_router = { .name = "router",
                                     .about = "lends its window",
                                     .role = BR_ROLE_ROUTER,
                                     .handlers = s_rows,
                                     .create = s_create,
                                     .destroy = s_destroy };

typedef struct {
    stage_t stage;
    router_env_t env;
    br_buf_t candidates;
    struct br_call_open fields;
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    memset (&world, 0, sizeof world);
    stage_begin (&world.stage, &s_router, false);
    stage_start (&world.stage, "router");
    stage_start (&world.stage, "meter");
    stage_start (&world.stage, "upstream/a");
    stage_start (&world.stage, "upstream/b");
    world.env.ctx = br_host_ctx (world.stage.host, "router");
    world.env.settles = router_settle_new (world.env.ctx);
    world.env.health = router_health_new ();
    world.env.turns = router_turns_new (0);
    world.env.attempts_max = 8;
    br_buf_init (&world.candidates, BR_PAIRS_MAX);
    br_candidate_t a = { "a", "upstream/a", "gpt-a", "", 1 };
    br_candidate_t b = { "b", "upstream/b", "gpt-b", "eu", 1 };
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
    router_settle_destroy (&world->env.settles);
    router_health_destroy (&world->env.health);
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
    router_failure_t failure = { .code = BR_EUPBAD, .retry = true, .text = "bad" };
    router_news_t news = { .attempt = 1, .failure = &failure };
    stage_pass (&world->stage, 10);
    router_open_handle (open, ROUTER_FAIL, &news);
    stage_pass (&world->stage, 20);
    router_end_t end = { .outcome = BR_OUTCOME_OK, .status = 200, .first_us = 4000 };
    end.usage = (br_usage_t) { true, 7, 3, 2, 5, 1, 0 };
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

static void
past_the_clients_own_bound_none_is_tried (void **state)
{
    world_t *world = *state;
    world->fields.timeout_ms = 50;
    router_open_t *open = s_open (world, NULL);
    router_open_handle (open, ROUTER_OPEN, NULL);
    stage_pass (&world->stage, 60);
    router_failure_t failure = { .code = BR_EUPBAD, .retry = true, .text = "bad" };
    router_news_t news = { .attempt = 1, .failure = &failure };
    router_open_handle (open, ROUTER_FAIL, &news);
    const br_msg_t *msg = stage_last (&world->stage, "ingress", BR_REPLY_ERROR);
    const struct br_reply_error *error = br_msg_fields (msg);
    assert_int_equal (error->code, BR_ETIMEOUT);
    assert_int_equal (msg->attempt, 3);
    assert_string_equal (stage_heard (&world->stage, "upstream/b"), "");
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

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (an_attempt_carries_what_the_open_said, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (load_balance_takes_turns, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (a_settle_carries_the_end, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (past_the_clients_own_bound_none_is_tried,
                                         s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (malformed_opens_are_refused, s_setup,
                                         s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
