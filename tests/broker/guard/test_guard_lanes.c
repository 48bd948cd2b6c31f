//  guard_lanes: texts by their numbers, and those that have ended.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/guard/guard_lanes.h"
#include "tests/broker/guard/channelled.h"

static const char *const s_rows[][3] = {
    { "secret", "sec[0-9]{4}", "redact" },
    { NULL, NULL, NULL },
};

typedef struct {
    guard_rules_t *rules;
    guard_lanes_t *lanes;
    br_buf_t out;
} world_t;

static int
s_setup (void **state)
{
    world_t *world = BR_NEW (world_t);
    world->rules = channelled_rules (s_rows);
    guard_lane_rules_t common = { world->rules, 1,    GUARD_DOWN, GUARD_REDACT,
                                  GUARD_BLOCK,  NULL, NULL };
    world->lanes = guard_lanes_new (&common);
    br_buf_init (&world->out, CHANNELLED_MAX);
    *state = world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    br_buf_free (&world->out);
    guard_lanes_destroy (&world->lanes);
    guard_lanes_destroy (&world->lanes);
    guard_rules_destroy (&world->rules);
    free (world);
    return 0;
}

//  A text with these words, which has ended.
static void
s_say_and_end (world_t *world, uint64_t number, const char *text)
{
    guard_lane_t *lane = guard_lanes_get (world->lanes, number, GUARD_PLAIN);
    assert_int_equal (
        guard_channel_push (lane->channel, text, strlen (text), &world->out), 0);
    guard_lanes_note_end (world->lanes, lane);
    guard_lanes_remove (world->lanes, lane);
}

static void
given_numbers_in_any_order_when_asked_then_each_has_its_lane_by_age (void **state)
{
    world_t *world = *state;
    static const uint64_t numbers[] = { 5, 1, 9, 3, 5, 9, 2 };
    static const uint64_t ages[] = { 5, 1, 9, 3, 2 };
    for (size_t i = 0; i < 7; i++)
        assert_int_equal (guard_lanes_get (world->lanes, numbers[i], GUARD_PLAIN)->number,
                          numbers[i]);
    assert_int_equal (guard_lanes_count (world->lanes), 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal (guard_lanes_at (world->lanes, i)->number, ages[i]);
    guard_lanes_remove (world->lanes, guard_lanes_at (world->lanes, 2));
    assert_int_equal (guard_lanes_count (world->lanes), 4);
    assert_int_equal (guard_lanes_at (world->lanes, 2)->number, 3);
    assert_ptr_equal (guard_lanes_get (world->lanes, 5, GUARD_PLAIN),
                      guard_lanes_at (world->lanes, 0));
}

static void
given_too_many_texts_when_one_more_comes_then_there_is_none (void **state)
{
    world_t *world = *state;
    for (uint64_t i = 1; i <= GUARD_CHANNELS_MAX; i++)
        assert_non_null (guard_lanes_get (world->lanes, i, GUARD_PLAIN));
    assert_null (guard_lanes_get (world->lanes, 0, GUARD_PLAIN));
    assert_non_null (guard_lanes_get (world->lanes, 7, GUARD_PLAIN));
}

static void
given_a_text_that_ends_undecided_when_its_number_comes_again_then_there_is_a_seam (
    void **state)
{
    world_t *world = *state;
    s_say_and_end (world, 1, "a sec1");
    s_say_and_end (world, 2, "a b ");
    assert_non_null (guard_lanes_get (world->lanes, 1, GUARD_PLAIN)->seam);
    assert_null (guard_lanes_get (world->lanes, 2, GUARD_PLAIN)->seam);
    assert_null (guard_lanes_get (world->lanes, 3, GUARD_PLAIN)->seam);
    //  What counts is how it ended the last time.
    guard_lane_t *lane = guard_lanes_get (world->lanes, 1, GUARD_PLAIN);
    guard_lanes_remove (world->lanes, lane);
    guard_lanes_remove (world->lanes, guard_lanes_get (world->lanes, 2, GUARD_PLAIN));
    s_say_and_end (world, 2, "sec");
    assert_non_null (guard_lanes_get (world->lanes, 2, GUARD_PLAIN)->seam);
}

static void
given_many_ends_when_there_is_no_room_then_the_oldest_is_forgotten (void **state)
{
    world_t *world = *state;
    for (uint64_t i = 0; i <= GUARD_ENDED_MAX; i++)
        s_say_and_end (world, i, "sec1");
    assert_null (guard_lanes_get (world->lanes, 0, GUARD_PLAIN)->seam);
    assert_non_null (guard_lanes_get (world->lanes, 1, GUARD_PLAIN)->seam);
    assert_non_null (guard_lanes_get (world->lanes, GUARD_ENDED_MAX, GUARD_PLAIN)->seam);
}

static void
given_texts_under_way_when_summed_then_it_is_what_they_hold (void **state)
{
    world_t *world = *state;
    for (uint64_t i = 0; i < 3; i++) {
        guard_lane_t *lane = guard_lanes_get (world->lanes, i, GUARD_PLAIN);
        assert_int_equal (guard_channel_push (lane->channel, "a sec1", 6, &world->out),
                          0);
        br_buf_adds (&lane->data, "{}");
    }
    assert_int_equal (guard_lanes_held (world->lanes), 12);
    assert_int_equal (guard_lanes_kept (world->lanes), 6);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (given_numbers_in_any_order_when_asked_then_each_has_its_lane_by_age),
        TEST (given_too_many_texts_when_one_more_comes_then_there_is_none),
        TEST (
            given_a_text_that_ends_undecided_when_its_number_comes_again_then_there_is_a_seam),
        TEST (given_many_ends_when_there_is_no_room_then_the_oldest_is_forgotten),
        TEST (given_texts_under_way_when_summed_then_it_is_what_they_hold),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
