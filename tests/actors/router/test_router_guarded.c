//  router: calls whose answers pass a guard, on a host with peers.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "actors/router/router.h"
#include "actors/router/router_call.h"
#include "actors/router/router_settle.h"
#include "broker/core/ctx.h"
#include "broker/core/pairs.h"
#include "broker/core/slip.h"
#include "broker/proto/candidates.h"
#include "tests/actors/stage.h"

typedef struct {
    stage_t stage;
    br_addr_t router;
    br_addr_t guard;
    br_addr_t ingress;
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    stage_begin (&world.stage, &br_router_actor, false);
    world.router = stage_start (&world.stage, "router");
    world.guard = stage_start (&world.stage, "guard");
    stage_start (&world.stage, "meter");
    stage_start (&world.stage, "upstream/a");
    stage_start (&world.stage, "upstream/b");
    world.ingress = br_host_ctx (world.stage.host, "ingress")->addr;
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    stage_end (&world->stage);
    return 0;
}

static void
s_open (world_t *world)
{
    const br_slip_t slip = { .down = { world->guard, world->ingress }, .down_size = 2 };
    br_candidate_t a = { .provider = "a", .actor = "upstream/a", .model = "m" };
    br_candidate_t b = { .provider = "b", .actor = "upstream/b", .model = "m" };
    a.endpoint = b.endpoint = "";
    br_buf_t candidates, bytes;
    br_buf_init (&candidates, BR_PAIRS_MAX);
    br_buf_init (&bytes, BR_SLIP_BYTES_MAX);
    br_candidates_add (&candidates, &a);
    br_candidates_add (&candidates, &b);
    br_slip_encode (&slip, &bytes);
    struct br_call_open open = { .model = "gpt", .strategy = "priority" };
    open.slip = (br_bytes_t) { bytes.data, bytes.size };
    open.candidates = (br_bytes_t) { candidates.data, candidates.size };
    br_blob_t *body = br_blob_new ("{}", 2);
    stage_send (&world->stage, "guard", world->router, BR_CALL_OPEN, 1, 0, &open, body);
    br_blob_destroy (&body);
    br_buf_free (&bytes);
    br_buf_free (&candidates);
    stage_settle (&world->stage);
}

static void
s_done (world_t *world, br_outcome_t outcome, br_code_t code)
{
    struct br_attempt_done done = { .outcome = outcome, .code = code, .status = 200 };
    done.usage_known = 1;
    done.input_tokens = 40;
    done.output_tokens = 20;
    stage_send (&world->stage, "upstream/a", world->router, BR_ATTEMPT_DONE, 1, 1, &done,
                NULL);
    stage_settle (&world->stage);
}

static void
s_answered (world_t *world, uint64_t code)
{
    struct br_call_answered answered = { .code = code };
    stage_send (&world->stage, "ingress", world->router, BR_CALL_ANSWERED, 1, 1,
                &answered, NULL);
    stage_settle (&world->stage);
}

//  The end that the meter is told; NULL: none yet.
static const struct br_call_settle *
s_settled (world_t *world)
{
    stage_pass (&world->stage, ROUTER_TICK_MS);
    const br_msg_t *msg = stage_last (&world->stage, "meter", BR_CALL_SETTLE);
    return msg ? br_msg_fields (msg) : NULL;
}

static void
a_blocked_answer_is_settled_with_what_was_used (void **state)
{
    world_t *world = *state;
    s_open (world);
    s_done (world, BR_OUTCOME_OK, BR_OK);
    assert_null (s_settled (world));
    s_answered (world, BR_EUPGUARD);
    const struct br_call_settle *settle = s_settled (world);
    assert_non_null (settle);
    assert_int_equal (settle->outcome, BR_OUTCOME_FAILED);
    assert_int_equal (settle->code, BR_EUPGUARD);
    assert_int_equal (settle->status, 502);
    assert_int_equal (settle->usage_known, 1);
    assert_int_equal (settle->input_tokens + settle->output_tokens, 60);
    assert_int_equal (settle->attempts, 1);
    assert_string_equal (stage_heard (&world->stage, "upstream/b"), "");
    //  then: the endpoint has answered well
    char *health = br_router_actor.admin (
        br_host_ctx (world->stage.host, "router")->state, "health", "{}");
    assert_non_null (strstr (health, "\"ok\":1,\"fail\":0"));
    free (health);
}

//  Numbers that no code has come from strangers.
static void
a_code_that_is_none_is_an_error_of_ours (void **state)
{
    world_t *world = *state;
    s_open (world);
    s_answered (world, 999999);
    s_done (world, BR_OUTCOME_OK, BR_OK);
    assert_int_equal (s_settled (world)->code, BR_EINTERNAL);
}

static void
who_says_nothing_is_asked (void **state)
{
    world_t *world = *state;
    s_open (world);
    s_done (world, BR_OUTCOME_OK, BR_OK);
    stage_heard (&world->stage, "ingress");
    stage_pass (&world->stage, ROUTER_ANSWER_MS);
    assert_string_equal (stage_heard (&world->stage, "ingress"), "call.fence#1 ");
    stage_send (&world->stage, "ingress", world->router, BR_CALL_COMMITTED, 1, 1, NULL,
                NULL);
    stage_settle (&world->stage);
    const struct br_call_settle *settle = s_settled (world);
    assert_int_equal (settle->code, BR_EGONE);
    assert_int_equal (settle->output_tokens, 20);
}

static void
a_cancel_with_a_code_is_a_failure (void **state)
{
    world_t *world = *state;
    struct br_call_cancel cancel = { .reason = "no guard", .code = BR_EGONE };
    s_open (world);
    s_done (world, BR_OUTCOME_OK, BR_OK);
    stage_send (&world->stage, "ingress", world->router, BR_CALL_CANCEL, 1, 0, &cancel,
                NULL);
    stage_settle (&world->stage);
    const struct br_call_settle *settle = s_settled (world);
    assert_int_equal (settle->outcome, BR_OUTCOME_FAILED);
    assert_int_equal (settle->code, BR_EGONE);
    assert_int_equal (settle->output_tokens, 20);
}

//  Given an open that the guard passed on behind the death of its ingress.
static void
an_open_that_nobody_waits_for_is_not_tried (void **state)
{
    world_t *world = *state;
    br_host_gone (world->stage.host, world->ingress.host, world->ingress.life);
    stage_settle (&world->stage);
    s_open (world);
    assert_string_equal (stage_heard (&world->stage, "upstream/a"), "");
    assert_int_equal (s_settled (world)->outcome, BR_OUTCOME_CANCELLED);
    assert_int_equal (s_settled (world)->attempts, 0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
        TEST (a_blocked_answer_is_settled_with_what_was_used),
        TEST (a_code_that_is_none_is_an_error_of_ours),
        TEST (who_says_nothing_is_asked),
        TEST (a_cancel_with_a_code_is_a_failure),
        TEST (an_open_that_nobody_waits_for_is_not_tried),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
