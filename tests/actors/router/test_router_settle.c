//  router_settle: within a tick, then each second, until it is on disk.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/ctx.h"
#include "actors/router/router_settle.h"
#include "tests/actors/stage.h"

//  An actor that holds nothing but the settles; the test calls it directly.
static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) reterr;
    return router_settle_new (ctx);
}

static void
s_destroy (void **state_p)
{
    router_settle_t *self = *state_p;
    router_settle_destroy (&self);
    *state_p = NULL;
}

static void
s_on_settled (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    router_settle_settled (state, msg->call);
}

static void
s_on_kept (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    router_settle_on_kept (state, msg);
}

static const br_handler_row_t s_rows[] = { { BR_CALL_SETTLED, s_on_settled },
                                           { BR_CALL_SETTLE, s_on_kept },
                                           { 0, NULL } };
static const br_actor_t s_router = { .name = "router",
                                     .about = "settles",
                                     .role = BR_ROLE_ROUTER,
                                     .handlers = s_rows,
                                     .create = s_create,
                                     .destroy = s_destroy };

typedef struct {
    stage_t stage;
    br_addr_t router;
    router_settle_t *settles;
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    stage_begin (&world.stage, &s_router, false);
    world.router = stage_start (&world.stage, "router");
    world.settles = br_host_ctx (world.stage.host, "router")->state;
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
s_add (world_t *world, uint64_t number)
{
    struct br_call_settle settle = { .route = "gpt", .output_tokens = number };
    router_settle_add (world->settles, (br_id_t) { 1, number }, 1, &settle);
}

static void
intents_and_settles_travel_with_the_tick (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "meter");
    struct br_call_intent intent = { .route = "gpt" };
    router_settle_intent (world->settles, (br_id_t) { 1, 3 }, 2, &intent);
    s_add (world, 1);
    s_add (world, 1); //  the first one wins
    s_add (world, 2);
    stage_pass (&world->stage, ROUTER_TICK_MS - 1);
    assert_string_equal (stage_heard (&world->stage, "meter"), "");
    stage_pass (&world->stage, 1);
    assert_string_equal (stage_heard (&world->stage, "meter"),
                         "call.intent#2 call.settle#1 call.settle#1 ");
    const br_msg_t *msg = stage_last (&world->stage, "meter", BR_CALL_SETTLE);
    const struct br_call_settle *settle = br_msg_fields (msg);
    assert_string_equal (settle->route, "gpt");
    assert_int_equal (settle->output_tokens, 2);
}

static void
an_intent_whose_call_has_ended_is_not_sent (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "meter");
    struct br_call_intent intent = { .route = "gpt" };
    router_settle_intent (world->settles, (br_id_t) { 1, 1 }, 1, &intent);
    router_settle_intent (world->settles, (br_id_t) { 1, 1 }, 2, &intent);
    router_settle_intent (world->settles, (br_id_t) { 1, 2 }, 1, &intent);
    s_add (world, 1);
    stage_pass (&world->stage, ROUTER_TICK_MS);
    assert_string_equal (stage_heard (&world->stage, "meter"),
                         "call.intent#1 call.settle#1 ");
}

static void
a_settle_is_asked_again_until_it_is_settled (void **state)
{
    world_t *world = *state;
    br_addr_t router = world->router;
    stage_start (&world->stage, "meter");
    s_add (world, 1);
    s_add (world, 2);
    stage_pass (&world->stage, ROUTER_TICK_MS);
    stage_heard (&world->stage, "meter");
    stage_send (&world->stage, "meter", router, BR_CALL_SETTLED, 1, 1, NULL, NULL);
    stage_pass (&world->stage, ROUTER_ASK_AGAIN_MS);
    assert_string_equal (stage_heard (&world->stage, "meter"), "call.settle#1 ");
    stage_pass (&world->stage, ROUTER_ASK_AGAIN_MS);
    assert_string_equal (stage_heard (&world->stage, "meter"), "call.settle#1 ");
    stage_send (&world->stage, "meter", router, BR_CALL_SETTLED, 2, 1, NULL, NULL);
    stage_send (&world->stage, "meter", router, BR_CALL_SETTLED, 9, 1, NULL, NULL);
    stage_pass (&world->stage, 3 * ROUTER_ASK_AGAIN_MS);
    assert_string_equal (stage_heard (&world->stage, "meter"), "");
    assert_int_equal (router_settle_size (world->settles), 0);
}

static void
without_a_meter_they_wait_for_one (void **state)
{
    world_t *world = *state;
    s_add (world, 1);
    stage_pass (&world->stage, 100);
    stage_start (&world->stage, "meter");
    stage_pass (&world->stage, ROUTER_ASK_AGAIN_MS);
    assert_string_equal (stage_heard (&world->stage, "meter"), "call.settle#1 ");
}

static void
past_the_bound_the_oldest_is_dropped (void **state)
{
    world_t *world = *state;
    for (uint64_t i = 1; i <= ROUTER_SETTLES_MAX; i++)
        s_add (world, i);
    stage_pass (&world->stage, 20);
    s_add (world, ROUTER_SETTLES_MAX + 1);
    assert_int_equal (router_settle_size (world->settles), ROUTER_SETTLES_MAX);
    stage_pass (&world->stage, 20);
    assert_non_null (strstr (br_buf_text (&world->stage.events), "message.dropped"));
    //  then: the oldest is gone, the youngest is not
    router_settle_settled (world->settles, (br_id_t) { 1, 1 });
    assert_int_equal (router_settle_size (world->settles), ROUTER_SETTLES_MAX);
    router_settle_settled (world->settles, (br_id_t) { 1, ROUTER_SETTLES_MAX + 1 });
    assert_int_equal (router_settle_size (world->settles), ROUTER_SETTLES_MAX - 1);
    struct br_call_intent intent = { .route = "" };
    for (uint64_t i = 0; i <= ROUTER_SETTLES_MAX; i++)
        router_settle_intent (world->settles, (br_id_t) { 1, i }, 1, &intent);
}

//  The router's next life, with its configuration.
static void
s_live_again (world_t *world)
{
    br_host_end (world->stage.host, "router");
    world->router = stage_start (&world->stage, "router");
    world->settles = br_host_ctx (world->stage.host, "router")->state;
    struct br_conf_try try = { .generation = 1, .slice = "{}" };
    struct br_conf_take take = { .generation = 1 };
    stage_send (&world->stage, "meter", world->router, BR_CONF_TRY, 0, 0, &try, NULL);
    stage_send (&world->stage, "meter", world->router, BR_CONF_TAKE, 0, 0, &take, NULL);
    stage_settle (&world->stage);
}

static void
what_waits_is_asked_again_in_the_next_life (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "meter");
    s_add (world, 1);
    s_add (world, 2);
    stage_pass (&world->stage, ROUTER_TICK_MS);
    stage_send (&world->stage, "meter", world->router, BR_CALL_SETTLED, 1, 1, NULL, NULL);
    stage_settle (&world->stage);
    s_add (world, 3); //  never sent
    stage_heard (&world->stage, "meter");
    s_live_again (world);
    assert_int_equal (router_settle_size (world->settles), 2);
    stage_heard (&world->stage, "meter");
    stage_pass (&world->stage, ROUTER_TICK_MS);
    assert_string_equal (stage_heard (&world->stage, "meter"),
                         "call.settle#1 call.settle#1 ");
    const br_msg_t *msg = stage_last (&world->stage, "meter", BR_CALL_SETTLE);
    const struct br_call_settle *settle = br_msg_fields (msg);
    assert_int_equal (msg->call.lo, 3);
    assert_int_equal (settle->output_tokens, 3);
    //  then: it is kept once more, for the life after that
    s_live_again (world);
    assert_int_equal (router_settle_size (world->settles), 2);
}

static void
a_settle_of_somebody_else_is_not_kept (void **state)
{
    world_t *world = *state;
    struct br_call_settle settle = { .route = "gpt" };
    stage_send (&world->stage, "ingress", world->router, BR_CALL_SETTLE, 1, 1, &settle,
                NULL);
    stage_settle (&world->stage);
    assert_int_equal (router_settle_size (world->settles), 0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (intents_and_settles_travel_with_the_tick,
                                         s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (an_intent_whose_call_has_ended_is_not_sent,
                                         s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (a_settle_is_asked_again_until_it_is_settled,
                                         s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (without_a_meter_they_wait_for_one, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (past_the_bound_the_oldest_is_dropped, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (what_waits_is_asked_again_in_the_next_life,
                                         s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (a_settle_of_somebody_else_is_not_kept, s_setup,
                                         s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
