//  guard_tally: counts by family, action and direction, told once a second.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/ctx.h"
#include "tests/actors/guard/guard_world.h"

static void
s_add (guard_world_t *world, const char *family, uint64_t count, bool failed)
{
    guard_tally_add (world->env.tally, family, GUARD_WARN, GUARD_UP, count, failed);
}

static const struct br_guard_found *
s_found (guard_world_t *world)
{
    return br_msg_fields (stage_last (&world->stage, "metrics", BR_GUARD_FOUND));
}

static void
rows_are_by_family_action_and_direction (void **state)
{
    guard_world_t *world = *state;
    guard_tally_t *tally = world->env.tally;
    guard_tally_add (tally, "a", GUARD_WARN, GUARD_UP, 1, false);
    guard_tally_add (tally, "a", GUARD_WARN, GUARD_UP, 2, false);
    guard_tally_add (tally, "a", GUARD_WARN, GUARD_UP, 1, true);
    guard_tally_add (tally, "a", GUARD_BLOCK, GUARD_UP, 4, false);
    guard_tally_add (tally, "a", GUARD_WARN, GUARD_DOWN, 5, false);
    guard_tally_add (tally, "b\"", GUARD_WARN, GUARD_UP, 6, false);
    char *json = guard_tally_json (tally);
    assert_string_equal (
        json, "[{\"family\":\"a\",\"action\":\"warn\",\"direction\":\"upgoing\","
              "\"count\":3,\"failed\":1},{\"family\":\"a\",\"action\":\"block\","
              "\"direction\":\"upgoing\",\"count\":4,\"failed\":0},{\"family\":\"a\","
              "\"action\":\"warn\",\"direction\":\"downgoing\",\"count\":5,\"failed\":0},"
              "{\"family\":\"b\\\"\",\"action\":\"warn\",\"direction\":\"upgoing\","
              "\"count\":6,\"failed\":0}]");
    free (json);
}

static void
what_is_new_is_told_once_a_second (void **state)
{
    guard_world_t *world = *state;
    s_add (world, "a", 2, false);
    s_add (world, "a", 1, true);
    stage_pass (&world->stage, GUARD_TALLY_MS - 1);
    assert_string_equal (stage_heard (&world->stage, "metrics"), "");
    s_add (world, "a", 1, false);
    stage_pass (&world->stage, 1);
    assert_string_equal (stage_heard (&world->stage, "metrics"), "guard.found#0 ");
    assert_int_equal (s_found (world)->count, 3);
    assert_int_equal (s_found (world)->failed, 1);
    assert_string_equal (s_found (world)->family, "a");
    assert_string_equal (s_found (world)->action, "warn");
    assert_string_equal (s_found (world)->direction, "upgoing");
    //  then: nothing, until there is something new
    stage_pass (&world->stage, 3 * GUARD_TALLY_MS);
    assert_string_equal (stage_heard (&world->stage, "metrics"), "");
    s_add (world, "b", 1, false);
    stage_pass (&world->stage, GUARD_TALLY_MS);
    assert_string_equal (stage_heard (&world->stage, "metrics"), "guard.found#0 ");
    assert_string_equal (s_found (world)->family, "b");
}

static void
without_metrics_it_goes_with_what_comes_next (void **state)
{
    guard_world_t *world = *state;
    br_host_end (world->stage.host, "metrics");
    s_add (world, "a", 2, false);
    stage_pass (&world->stage, GUARD_TALLY_MS);
    stage_start (&world->stage, "metrics");
    s_add (world, "a", 1, false);
    stage_pass (&world->stage, GUARD_TALLY_MS);
    assert_int_equal (s_found (world)->count, 3);
}

static void
families_that_find_no_room_are_counted_together (void **state)
{
    guard_world_t *world = *state;
    char family[16];
    for (int i = 0; i < GUARD_TALLY_MAX + 50; i++) {
        snprintf (family, sizeof family, "f%d", i);
        s_add (world, family, 1, false);
        guard_tally_add (world->env.tally, family, GUARD_BLOCK, GUARD_DOWN, 1, false);
    }
    char *json = guard_tally_json (world->env.tally);
    cJSON *rows = cJSON_Parse (json);
    assert_non_null (rows);
    int size = cJSON_GetArraySize (rows);
    assert_true (size <= GUARD_TALLY_MAX);
    const cJSON *last = cJSON_GetArrayItem (rows, size - 1);
    assert_string_equal (cJSON_GetObjectItem (last, "family")->valuestring, "other");
    assert_true (cJSON_GetObjectItem (last, "count")->valueint > 250);
    cJSON_Delete (rows);
    free (json);
}

#define TEST(name)                                                                       \
    cmocka_unit_test_setup_teardown (name, guard_world_setup, guard_world_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (rows_are_by_family_action_and_direction),
        TEST (what_is_new_is_told_once_a_second),
        TEST (without_metrics_it_goes_with_what_comes_next),
        TEST (families_that_find_no_room_are_counted_together),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
