//  router_hold: what an attempt takes of its provider's limits, and gives back.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/ctx.h"
#include "actors/router/router_hold.h"
#include "tests/actors/router/inside.h"
#include "tests/actors/stage.h"

typedef struct {
    stage_t stage;
    quota_t *quota;
    unsigned called; //  times
} world_t;

static void
s_hear (void *arg, const br_msg_t *msg)
{
    world_t *world = arg;
    quota_on_grant (world->quota, msg);
}

static int
s_setup (void **state)
{
    static world_t world;
    world.called = 0;
    stage_begin (&world.stage, &inside_actor, false);
    stage_start (&world.stage, "router");
    br_ctx_t *ctx = br_host_ctx (world.stage.host, "router");
    world.quota = quota_new (ctx);
    inside_listen (ctx, s_hear, &world);
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    quota_destroy (&world->quota);
    stage_end (&world->stage);
    return 0;
}

static void
s_call (void *arg)
{
    world_t *world = arg;
    world->called++;
}

static router_hold_t *
s_take (world_t *world, uint64_t tokens)
{
    return router_hold_new (world->quota, "p", "m", tokens, s_call, world);
}

//  The limits answer the last question: this many tokens, or nothing.
static void
s_grant (world_t *world, uint64_t tokens)
{
    const br_msg_t *msg = stage_last (&world->stage, "limits", BR_LIMIT_ASK);
    const struct br_limit_ask *ask = br_msg_fields (msg);
    struct br_limit_grant grant = { .ticket = ask->ticket, .limited = 1 };
    grant.requests = tokens ? 1 : 0;
    grant.tokens = tokens;
    grant.slots = tokens ? 1 : 0;
    grant.retry_ms = tokens ? 0 : 300;
    grant.what = tokens ? "" : "tokens";
    stage_send (&world->stage, "limits", br_host_ctx (world->stage.host, "router")->addr,
                BR_LIMIT_GRANT, 0, 0, &grant, NULL);
    stage_settle (&world->stage);
}

//  All that came back, in however many messages.
static struct br_limit_return
s_returned (world_t *world)
{
    struct br_limit_return sum = { .slots = 0 };
    stage_heard (&world->stage, "limits");
    for (int i = 0; i < 3 * QUOTA_IDLE_MS; i++) {
        stage_pass (&world->stage, 1);
        if (!strstr (stage_heard (&world->stage, "limits"), "limit.return"))
            continue;
        const br_msg_t *msg = stage_last (&world->stage, "limits", BR_LIMIT_RETURN);
        const struct br_limit_return *back = br_msg_fields (msg);
        sum.requests += back->requests;
        sum.tokens += back->tokens;
        sum.tokens_over += back->tokens_over;
        sum.slots += back->slots;
    }
    return sum;
}

static void
without_limits_it_is_granted_at_once (void **state)
{
    world_t *world = *state;
    router_hold_t *hold = s_take (world, 10);
    assert_int_equal (router_hold_state (hold), ROUTER_HOLD_GRANTED);
    assert_int_equal (world->called, 0);
    router_hold_sent (hold);
    router_hold_used (hold, 99);
    router_hold_destroy (&hold);
    router_hold_destroy (&hold);
}

static void
it_waits_for_the_limits (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "limits");
    router_hold_t *hold = s_take (world, 10);
    stage_settle (&world->stage);
    assert_int_equal (router_hold_state (hold), ROUTER_HOLD_WAITS);
    s_grant (world, 10);
    assert_int_equal (world->called, 1);
    assert_int_equal (router_hold_state (hold), ROUTER_HOLD_GRANTED);
    //  when: it is not used
    router_hold_destroy (&hold);
    struct br_limit_return back = s_returned (world);
    assert_int_equal (back.requests, 1);
    assert_int_equal (back.tokens, 10);
    assert_int_equal (back.slots, 1);
    assert_int_equal (back.tokens_over, 0);
}

static void
what_was_used_beyond_is_told (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "limits");
    router_hold_t *hold = s_take (world, 10);
    stage_settle (&world->stage);
    s_grant (world, 10);
    router_hold_sent (hold);
    router_hold_used (hold, 35);
    router_hold_destroy (&hold);
    struct br_limit_return back = s_returned (world);
    assert_int_equal (back.requests, 0);
    assert_int_equal (back.tokens, 0);
    assert_int_equal (back.slots, 1);
    assert_int_equal (back.tokens_over, 25);
}

static void
a_refusal_says_when_to_come_back (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "limits");
    router_hold_t *hold = s_take (world, 10);
    stage_settle (&world->stage);
    s_grant (world, 0);
    assert_int_equal (world->called, 1);
    assert_int_equal (router_hold_state (hold), ROUTER_HOLD_REFUSED);
    assert_int_equal (router_hold_retry_ms (hold), 300);
    router_hold_destroy (&hold);
}

static void
one_that_leaves_is_not_called (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "limits");
    router_hold_t *hold = s_take (world, 10);
    stage_settle (&world->stage);
    router_hold_destroy (&hold);
    s_grant (world, 10);
    stage_pass (&world->stage, QUOTA_WAIT_MS * 2);
    assert_int_equal (world->called, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (without_limits_it_is_granted_at_once),
        TEST (it_waits_for_the_limits),
        TEST (what_was_used_beyond_is_told),
        TEST (a_refusal_says_when_to_come_back),
        TEST (one_that_leaves_is_not_called),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
