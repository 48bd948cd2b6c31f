//  guard_looks: copies are looked at as a whole or in pieces, and nothing of them is left.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "tests/actors/guard/guard_world.h"

#define BIG (1u << 20) //  bytes

static guard_look_t
s_look (uint64_t call, guard_direction_t direction, bool is_events, bool is_last)
{
    return (guard_look_t) { .call = { 1, call },
                            .from = { 2, 1, 1 },
                            .sets = MAILS | KEYS,
                            .surface = BR_SURFACE_CHAT,
                            .direction = direction,
                            .is_events = is_events,
                            .is_last = is_last };
}

static void
s_add (guard_world_t *world, guard_look_t look, const char *text)
{
    br_blob_t *body = text ? br_blob_new (text, strlen (text)) : NULL;
    guard_looks_add (world->env.looks, world->conf, &look, body);
    br_blob_destroy (&body);
}

//  How often a finding was told in all.
static size_t
s_told (guard_world_t *world)
{
    const char *events = guard_world_events (world);
    size_t count = 0;
    for (const char *at = strstr (events, "guard.finding"); at;
         at = strstr (at + 1, "guard.finding"))
        count++;
    return count;
}

static void
a_request_is_looked_at (void **state)
{
    guard_world_t *world = *state;
    s_add (world, s_look (1, GUARD_UP, false, true), ASKS ("me@here.com sk-abcd1234"));
    assert_int_equal (s_told (world), 1); //  by the rules that only warn
    const char *events = br_buf_text (&world->stage.events);
    assert_non_null (strstr (events, "\"place\":\"user message\""));
    assert_non_null (strstr (events, "\"action\":\"warn\""));
    assert_null (strstr (events, "me@here"));
}

//  Whether anything was found, without a look at the clock.
static bool
s_has_found (guard_world_t *world)
{
    char *json = guard_tally_json (world->env.tally);
    bool has = strstr (json, "family") != NULL;
    free (json);
    return has;
}

//  What the same turn has to send goes out first.
static void
a_piece_waits_before_it_is_looked_at (void **state)
{
    guard_world_t *world = *state;
    s_add (world, s_look (1, GUARD_UP, false, true), ASKS ("me@here.com"));
    stage_settle (&world->stage);
    assert_false (s_has_found (world));
    stage_pass (&world->stage, GUARD_LOOK_MS);
    assert_true (s_has_found (world));
}

static void
pieces_that_wait_are_looked_at_when_there_are_too_many (void **state)
{
    guard_world_t *world = *state;
    s_add (world, s_look (1, GUARD_UP, false, true), ASKS ("me@here.com"));
    for (size_t i = 1; i < GUARD_PIECES_MAX; i++)
        s_add (world, s_look (2, GUARD_DOWN, true, false), NULL);
    assert_true (s_has_found (world));
}

static void
a_large_request_is_looked_at_in_slices (void **state)
{
    guard_world_t *world = *state;
    char *letters = br_alloc (BIG + 1, 1);
    memset (letters, ' ', BIG);
    char *body = br_strf ("{\"messages\":[{\"role\":\"user\",\"content\":"
                          "\"me@here.com%s\"}]}",
                          letters);
    s_add (world, s_look (1, GUARD_UP, false, true), body);
    guard_looks_end (world->env.looks, (br_id_t) { 1, 1 }); //  it is done all the same
    assert_int_equal (s_told (world), 1);
    free (body);
    free (letters);
}

static void
what_nothing_warns_of_is_not_looked_at (void **state)
{
    guard_world_t *world = *state;
    guard_look_t look = s_look (1, GUARD_UP, false, true);
    look.sets = KEYS;
    s_add (world, look, ASKS ("me@here.com sk-abcd1234"));
    look.sets = 0;
    s_add (world, look, ASKS ("me@here.com"));
    assert_int_equal (s_told (world), 0);
}

static void
an_answer_is_put_together (void **state)
{
    guard_world_t *world = *state;
    const char *text = ANSWER ("me@here.com");
    char *front = br_strndup (text, 75);
    s_add (world, s_look (1, GUARD_DOWN, false, false), front);
    s_add (world, s_look (1, GUARD_DOWN, false, false), text + 75);
    assert_int_equal (s_told (world), 0);
    s_add (world, s_look (1, GUARD_DOWN, false, true), NULL);
    assert_int_equal (s_told (world), 1);
    assert_non_null (strstr (br_buf_text (&world->stage.events), "\"place\":\"text\""));
    free (front);
}

static void
an_answer_in_one_piece_is_looked_at (void **state)
{
    guard_world_t *world = *state;
    s_add (world, s_look (1, GUARD_DOWN, false, true), ANSWER ("me@here.com"));
    s_add (world, s_look (2, GUARD_DOWN, false, true), NULL);
    s_add (world, s_look (3, GUARD_DOWN, false, true), "{ no JSON");
    assert_int_equal (s_told (world), 1);
}

static void
a_transcript_without_json_is_looked_at (void **state)
{
    guard_world_t *world = *state;
    guard_look_t look = s_look (1, GUARD_DOWN, false, false);
    look.surface = BR_SURFACE_TRANSCRIPTIONS;
    s_add (world, look, "write to me@");
    look.is_last = true;
    s_add (world, look, "here.com");
    assert_int_equal (s_told (world), 1);
}

static void
a_stream_is_looked_at_piece_by_piece (void **state)
{
    guard_world_t *world = *state;
    s_add (world, s_look (1, GUARD_DOWN, true, false), SAYS ("me@he"));
    s_add (world, s_look (2, GUARD_DOWN, true, false), SAYS ("you@the"));
    s_add (world, s_look (1, GUARD_DOWN, true, false), SAYS ("re.com "));
    s_add (world, s_look (2, GUARD_DOWN, true, false), SAYS ("re.org "));
    s_add (world, s_look (1, GUARD_DOWN, true, true), STOPS);
    s_add (world, s_look (2, GUARD_DOWN, true, true), STOPS);
    assert_int_equal (s_told (world), 1);
    s_add (world, s_look (3, GUARD_DOWN, true, true), SAYS ("me@here.com"));
    assert_int_equal (s_told (world), 2);
}

//  What was found until then is told.
static void
the_end_of_a_call_ends_its_stream (void **state)
{
    guard_world_t *world = *state;
    s_add (world, s_look (1, GUARD_DOWN, true, false), SAYS ("me@here.com and more"));
    assert_int_equal (s_told (world), 0);
    guard_looks_end (world->env.looks, (br_id_t) { 1, 1 });
    assert_int_equal (s_told (world), 1);
    guard_looks_end (world->env.looks, (br_id_t) { 1, 1 });
}

static void
what_comes_of_a_host_that_is_gone_is_forgotten (void **state)
{
    guard_world_t *world = *state;
    s_add (world, s_look (1, GUARD_DOWN, false, false), "{\"choices\":");
    s_add (world, s_look (2, GUARD_DOWN, true, false), SAYS ("me@here.com and more"));
    guard_looks_gone (world->env.looks, 2, 9); //  another life
    guard_looks_gone (world->env.looks, 3, 1);
    assert_int_equal (s_told (world), 0);
    guard_looks_gone (world->env.looks, 2, 1);
    assert_int_equal (s_told (world), 1);
    //  then: what follows is another answer
    s_add (world, s_look (1, GUARD_DOWN, false, true), ANSWER ("me@here.com"));
    assert_int_equal (s_told (world), 2);
}

static void
an_answer_that_is_too_long_is_not_looked_at (void **state)
{
    guard_world_t *world = *state;
    char *piece = br_alloc (BIG + 1, 1);
    memset (piece, ' ', BIG);
    for (unsigned i = 0; i < GUARD_LOOK_BYTES_MAX / BIG + 2; i++)
        s_add (world, s_look (1, GUARD_DOWN, false, false), piece);
    s_add (world, s_look (1, GUARD_DOWN, false, true), ANSWER ("me@here.com"));
    assert_int_equal (s_told (world), 0);
    s_add (world, s_look (1, GUARD_DOWN, false, true), ANSWER ("me@here.com"));
    assert_int_equal (s_told (world), 1);
    free (piece);
}

//  Given as many answers as there is room for, then one more is not looked at.
static void
answers_that_find_no_room_are_not_looked_at (void **state)
{
    guard_world_t *world = *state;
    for (uint64_t call = 1; call <= GUARD_LOOKS_MAX; call++)
        s_add (world, s_look (call, GUARD_DOWN, false, false), NULL);
    uint64_t more = GUARD_LOOKS_MAX + 1;
    s_add (world, s_look (more, GUARD_DOWN, true, false), SAYS ("me@here.com"));
    guard_looks_end (world->env.looks, (br_id_t) { 1, more });
    assert_int_equal (s_told (world), 0);
    guard_looks_end (world->env.looks, (br_id_t) { 1, 1 });
    s_add (world, s_look (more, GUARD_DOWN, true, true), SAYS ("me@here.com"));
    assert_int_equal (s_told (world), 1);
}

//  An answer keeps the rules that its first piece was under.
static void
pieces_stay_under_their_rules (void **state)
{
    guard_world_t *world = *state;
    br_error_t error;
    guard_rules_t *rules = guard_rules_new ("{}", &error);
    assert_non_null (rules);
    guard_tools_t *tools = guard_tools_new ("{}", &error);
    guard_conf_t *none = guard_conf_new (&rules, &tools, 2);
    s_add (world, s_look (1, GUARD_DOWN, true, false), SAYS ("me@he"));
    guard_look_t look = s_look (1, GUARD_DOWN, true, true);
    br_blob_t *body = br_blob_new (SAYS ("re.com "), strlen (SAYS ("re.com ")));
    guard_looks_add (world->env.looks, none, &look, body);
    assert_int_equal (s_told (world), 1);
    br_blob_destroy (&body);
    guard_conf_let_go (&none);
}

static void
looks_under_way_may_be_destroyed (void **state)
{
    guard_world_t *world = *state;
    char *letters = br_alloc (BIG + 1, 1);
    memset (letters, ' ', BIG);
    char *big = br_strf ("{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}",
                         letters);
    s_add (world, s_look (1, GUARD_UP, false, true), big);
    s_add (world, s_look (2, GUARD_DOWN, false, false), "{\"choices\":");
    s_add (world, s_look (3, GUARD_DOWN, true, false), SAYS ("me@here.com and more"));
    guard_looks_destroy (&world->env.looks);
    assert_null (world->env.looks);
    guard_looks_destroy (&world->env.looks);
    stage_settle (&world->stage);
    free (big);
    free (letters);
}

#define TEST(name)                                                                       \
    cmocka_unit_test_setup_teardown (name, guard_world_setup, guard_world_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_request_is_looked_at),
        TEST (a_piece_waits_before_it_is_looked_at),
        TEST (pieces_that_wait_are_looked_at_when_there_are_too_many),
        TEST (a_large_request_is_looked_at_in_slices),
        TEST (what_nothing_warns_of_is_not_looked_at),
        TEST (an_answer_is_put_together),
        TEST (an_answer_in_one_piece_is_looked_at),
        TEST (a_transcript_without_json_is_looked_at),
        TEST (a_stream_is_looked_at_piece_by_piece),
        TEST (the_end_of_a_call_ends_its_stream),
        TEST (what_comes_of_a_host_that_is_gone_is_forgotten),
        TEST (an_answer_that_is_too_long_is_not_looked_at),
        TEST (answers_that_find_no_room_are_not_looked_at),
        TEST (pieces_stay_under_their_rules),
        TEST (looks_under_way_may_be_destroyed),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
