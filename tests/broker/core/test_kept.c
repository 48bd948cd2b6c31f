//  kept: messages that outlive a host: by name, in order, within a bound.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/kept.h"

typedef struct {
    br_kept_t *kept;
    br_buf_t given;    //  "call " for each message
    const char *keeps; //  the name that each one is kept for again, while it is given
} world_t;

static size_t
s_add (world_t *world, const char *name, uint64_t call, br_blob_t *body)
{
    br_msg_t *msg = br_msg_new (BR_CALL_FENCE, (br_id_t) { 1, call }, 1, NULL, body);
    size_t dropped = br_kept_add (world->kept, name, &msg);
    assert_null (msg);
    return dropped;
}

static void
s_note (void *arg, const br_msg_t *msg)
{
    world_t *world = arg;
    br_buf_addf (&world->given, "%d ", (int) msg->call.lo);
    if (world->keeps)
        s_add (world, world->keeps, msg->call.lo + 10, NULL);
}

static void
s_given (world_t *world, const char *name, const char *calls)
{
    br_buf_clear (&world->given);
    br_kept_give (world->kept, name, s_note, world);
    assert_string_equal (br_buf_text (&world->given), calls);
}

static int
s_setup (void **state)
{
    static world_t world;
    world = (world_t) { .kept = br_kept_new () };
    br_buf_init (&world.given, 1000);
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    br_kept_destroy (&world->kept);
    br_kept_destroy (&world->kept);
    br_buf_free (&world->given);
    return 0;
}

static void
each_name_is_given_its_own_once_and_in_order (void **state)
{
    world_t *world = *state;
    assert_int_equal (s_add (world, "router", 1, NULL), 0);
    s_add (world, "ingress", 2, NULL);
    s_add (world, "router", 3, NULL);
    s_given (world, "meter", "");
    s_given (world, "router", "1 3 ");
    s_given (world, "router", "");
    assert_int_equal (br_kept_count (world->kept), 1);
    s_given (world, "ingress", "2 ");
    s_add (world, "ingress", 4, NULL); //  goes with its owner
}

static void
what_is_kept_while_some_are_given_is_for_the_next_time (void **state)
{
    world_t *world = *state;
    s_add (world, "router", 1, NULL);
    s_add (world, "router", 2, NULL);
    world->keeps = "router";
    s_given (world, "router", "1 2 ");
    world->keeps = NULL;
    s_given (world, "router", "11 12 ");
}

static void
past_the_bound_the_oldest_are_dropped (void **state)
{
    world_t *world = *state;
    br_blob_t *half = br_blob_take (br_alloc (1, BR_KEPT_MAX / 2), BR_KEPT_MAX / 2);
    br_blob_t *small = br_blob_take (br_alloc (1, 100), 100);
    assert_int_equal (s_add (world, "a", 1, small), 0);
    assert_int_equal (s_add (world, "a", 2, small), 0);
    assert_int_equal (s_add (world, "a", 3, half), 0);
    assert_int_equal (s_add (world, "b", 4, half), 3);
    assert_int_equal (s_add (world, "a", 5, small), 0);
    s_given (world, "a", "5 ");
    s_given (world, "b", "4 ");
    br_blob_destroy (&half);
    br_blob_destroy (&small);
}

static void
one_that_is_too_large_is_dropped_itself (void **state)
{
    world_t *world = *state;
    br_blob_t *large = br_blob_take (br_alloc (1, BR_KEPT_MAX), BR_KEPT_MAX);
    assert_int_equal (s_add (world, "a", 1, large), 1);
    assert_int_equal (br_kept_count (world->kept), 0);
    br_blob_destroy (&large);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (each_name_is_given_its_own_once_and_in_order),
        TEST (what_is_kept_while_some_are_given_is_for_the_next_time),
        TEST (past_the_bound_the_oldest_are_dropped),
        TEST (one_that_is_too_large_is_dropped_itself),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
