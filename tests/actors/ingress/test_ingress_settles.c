//  ingress_settles: asked again until the row is on disk.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "actors/ingress/ingress_settles.h"
#include "tests/actors/ingress/world.h"

static const br_id_t s_one = { 1, 1 };
static const br_id_t s_other = { 1, 2 };

static void
a_settle_is_asked_again_until_it_is_answered (void **state)
{
    (void) state;
    world_t *world = world_new (NULL);
    ingress_settles_t *settles = ingress_settles_new (world->ctx);
    struct br_call_settle settle = { .route = "smart", .output_tokens = 3 };
    ingress_settles_add (settles, s_one, 1, &settle);
    ingress_settles_add (settles, s_other, 2, &settle);
    assert_int_equal (world_count (world, BR_CALL_SETTLE), 2);
    world_wait (world, INGRESS_SETTLE_AGAIN_MS);
    assert_int_equal (world_count (world, BR_CALL_SETTLE), 4);

    ingress_settles_done (settles, s_other);
    ingress_settles_done (settles, s_other);
    assert_int_equal (ingress_settles_count (settles), 1);
    world_wait (world, INGRESS_SETTLE_AGAIN_MS);
    assert_int_equal (world_count (world, BR_CALL_SETTLE), 5);
    const br_msg_t *last = world->sent[4];
    assert_true (br_id_is (last->call, s_one));
    assert_string_equal (((const struct br_call_settle *) br_msg_fields (last))->route,
                         "smart");

    ingress_settles_done (settles, s_one);
    world_wait (world, 10 * INGRESS_SETTLE_AGAIN_MS);
    assert_int_equal (world_count (world, BR_CALL_SETTLE), 5);
    ingress_settles_add (settles, s_one, 1, &settle);
    ingress_settles_destroy (&settles);
    world_wait (world, INGRESS_SETTLE_AGAIN_MS);
    assert_int_equal (world_count (world, BR_CALL_SETTLE), 6);
    world_destroy (&world);
}

static void
without_a_meter_it_waits_for_one (void **state)
{
    (void) state;
    world_t *world = world_new (NULL);
    ingress_settles_t *settles = ingress_settles_new (world->ctx);
    struct br_call_settle settle = { .route = "smart" };
    world->no_meter = true;
    ingress_settles_add (settles, s_one, 1, &settle);
    world->no_meter = false;
    world->refuses = true;
    world_wait (world, INGRESS_SETTLE_AGAIN_MS);
    assert_int_equal (world_count (world, BR_CALL_SETTLE), 0);
    world->refuses = false;
    world_wait (world, INGRESS_SETTLE_AGAIN_MS);
    assert_int_equal (world_count (world, BR_CALL_SETTLE), 1);
    ingress_settles_destroy (&settles);
    world_destroy (&world);
}

static void
a_late_one_lets_others_be_first (void **state)
{
    (void) state;
    world_t *world = world_new (NULL);
    ingress_settles_t *settles = ingress_settles_new (world->ctx);
    struct br_call_settle settle = { .route = "smart" };
    ingress_settles_add_late (settles, s_one, 1, &settle);
    assert_int_equal (ingress_settles_count (settles), 1);
    world_wait (world, INGRESS_SETTLE_AGAIN_MS);
    assert_int_equal (world_count (world, BR_CALL_SETTLE), 0);
    //  and: one that comes meanwhile goes at once
    ingress_settles_add (settles, s_other, 1, &settle);
    assert_int_equal (world_count (world, BR_CALL_SETTLE), 1);
    ingress_settles_done (settles, s_other);
    world_wait (world, INGRESS_SETTLE_AGAIN_MS);
    assert_int_equal (world_count (world, BR_CALL_SETTLE), 2);
    assert_true (br_id_is (world->sent[1]->call, s_one));
    ingress_settles_done (settles, s_one);
    assert_int_equal (ingress_settles_count (settles), 0);
    //  and: what was not asked yet is kept, too
    ingress_settles_add_late (settles, s_one, 1, &settle);
    ingress_settles_destroy (&settles);
    assert_int_equal (br_kept_count (world->kept), 1);
    world_destroy (&world);
}

static void
what_waits_is_kept_for_the_next_life (void **state)
{
    (void) state;
    world_t *world = world_new (NULL);
    ingress_settles_t *settles = ingress_settles_new (world->ctx);
    struct br_call_settle settle = { .route = "smart", .output_tokens = 3 };
    ingress_settles_add (settles, s_one, 1, &settle);
    ingress_settles_add (settles, s_other, 2, &settle);
    ingress_settles_done (settles, s_one);
    ingress_settles_destroy (&settles);
    assert_int_equal (br_kept_count (world->kept), 1);

    //  when: it is given as if by a stranger
    settles = ingress_settles_new (world->ctx);
    br_msg_t *msg = br_msg_new (BR_CALL_SETTLE, s_one, 1, &settle, NULL);
    msg->from = world_router;
    ingress_settles_on_kept (settles, msg);
    assert_int_equal (ingress_settles_count (settles), 0);

    //  when: it comes from ingress itself
    msg->from = br_ctx_self (world->ctx);
    ingress_settles_on_kept (settles, msg);
    assert_int_equal (ingress_settles_count (settles), 1);
    assert_int_equal (world_count (world, BR_CALL_SETTLE), 3);
    br_msg_destroy (&msg);
    ingress_settles_destroy (&settles);
    world_destroy (&world);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_settle_is_asked_again_until_it_is_answered),
        cmocka_unit_test (without_a_meter_it_waits_for_one),
        cmocka_unit_test (a_late_one_lets_others_be_first),
        cmocka_unit_test (what_waits_is_kept_for_the_next_life),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
