//  guard_held: bodies that are held and looked at as a whole.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "actors/guard/guard_held.h"
#include "broker/core/alloc.h"
#include "tests/actors/guard/guard_world.h"

#define BIG (1u << 20) //  bytes that take turns

typedef struct {
    guard_world_t *world;
    guard_held_t *whole;
    unsigned findings; //  count
    unsigned told;     //  ends of looks, count
    guard_held_verdict_t verdict;
    char body[512]; //  its first bytes
    char text[256];
} look_t;

static void
s_on_finding (void *arg, const guard_finding_t *finding, br_text_place_t place)
{
    (void) finding;
    (void) place;
    look_t *self = arg;
    self->findings++;
}

static void
s_on_looked (void *arg, guard_held_verdict_t verdict, br_blob_t *body, const char *text)
{
    look_t *self = arg;
    size_t size = br_blob_size (body);
    self->told++;
    self->verdict = verdict;
    size = size < sizeof self->body - 1 ? size : sizeof self->body - 1;
    if (size)
        memcpy (self->body, br_blob_data (body), size);
    self->body[size] = 0;
    strncpy (self->text, text, sizeof self->text - 1);
}

//  A new one takes the place of the one before.
static void
s_begin (look_t *self)
{
    const guard_held_rules_t rules = { .env = &self->world->env,
                                       .conf = self->world->conf,
                                       .sets = KEYS,
                                       .surface = BR_SURFACE_CHAT,
                                       .found = s_on_finding,
                                       .arg = self };
    guard_held_destroy (&self->whole);
    self->whole = guard_held_new (&rules);
}

static int
s_setup (void **state)
{
    static look_t look;
    void *world;
    guard_world_setup (&world);
    look = (look_t) { .world = world };
    s_begin (&look);
    *state = &look;
    return 0;
}

static int
s_teardown (void **state)
{
    look_t *self = *state;
    void *world = self->world;
    guard_held_destroy (&self->whole);
    assert_null (self->whole);
    guard_held_destroy (&self->whole);
    return guard_world_teardown (&world);
}

static void
s_add (look_t *self, const char *text)
{
    br_blob_t *body = br_blob_new (text, strlen (text));
    assert_int_equal (guard_held_add (self->whole, body), 0);
    br_blob_destroy (&body);
}

static int
s_look (look_t *self)
{
    return guard_held_look (self->whole, s_on_looked, self);
}

static void
what_came_in_pieces_goes_as_it_is (void **state)
{
    look_t *self = *state;
    s_add (self, "{\"choices\":[{\"message\":{\"content\":");
    s_add (self, "\"hello\"}}]}");
    assert_int_equal (guard_held_end (self->whole), 45);
    assert_int_equal (s_look (self), 0);
    assert_int_equal (self->told, 1);
    assert_int_equal (self->verdict, GUARD_HELD_GOES);
    assert_string_equal (self->body,
                         "{\"choices\":[{\"message\":{\"content\":\"hello\"}}]}");
}

static void
a_secret_is_redacted_and_a_command_blocks (void **state)
{
    look_t *self = *state;
    s_add (self, ANSWER ("so sk-abcd1234 then"));
    guard_held_end (self->whole);
    s_look (self);
    assert_int_equal (self->verdict, GUARD_HELD_GOES);
    assert_int_equal (self->findings, 1);
    assert_non_null (strstr (self->body, "so [REDACTED] then"));
    //  and: a body that came at once
    s_begin (self);
    br_blob_t *body = br_blob_new (ANSWER ("rm -rf /"), strlen (ANSWER ("rm -rf /")));
    guard_held_set (self->whole, body);
    br_blob_destroy (&body);
    s_look (self);
    assert_int_equal (self->verdict, GUARD_HELD_FOUND);
    assert_string_equal (self->body, "");
}

static void
what_cannot_be_read_is_refused_where_rules_fail_closed (void **state)
{
    look_t *self = *state;
    s_add (self, "no JSON");
    guard_held_end (self->whole);
    s_look (self);
    assert_int_equal (self->verdict, GUARD_HELD_REFUSED);
    assert_non_null (strstr (self->text, "could not be read"));
}

static void
what_is_no_text_is_given_back (void **state)
{
    look_t *self = *state;
    s_add (self, "words");
    assert_int_equal (guard_held_plain (self->whole, false), TEXTS_PLAIN_OPEN);
    assert_int_equal (guard_held_plain (self->whole, true), TEXTS_PLAIN_WORDS);
    s_add (self, "\xff");
    assert_int_equal (guard_held_plain (self->whole, false), TEXTS_PLAIN_OTHER);
    br_blob_t *body = guard_held_take (self->whole);
    assert_int_equal (br_blob_size (body), 6);
    assert_memory_equal (br_blob_data (body), "words\xff", 6);
    br_blob_destroy (&body);
}

static void
s_add_large (look_t *self)
{
    char *text = br_alloc (1, BIG + 1);
    memset (text, 'a', BIG);
    s_add (self, "{\"choices\":[{\"message\":{\"content\":\"");
    s_add (self, text);
    s_add (self, "\"}}]}");
    free (text);
}

static void
a_large_one_takes_turns_and_can_be_stopped (void **state)
{
    look_t *self = *state;
    s_add_large (self);
    guard_held_end (self->whole);
    assert_int_equal (s_look (self), 1);
    assert_int_equal (self->told, 0);
    stage_settle (&self->world->stage);
    assert_int_equal (self->told, 1);
    assert_int_equal (self->verdict, GUARD_HELD_GOES);
    guard_held_stop (self->whole); //  nothing is left to stop
    //  and: one that nobody waits for
    s_begin (self);
    s_add_large (self);
    guard_held_end (self->whole);
    assert_int_equal (s_look (self), 1);
    guard_held_stop (self->whole);
    stage_settle (&self->world->stage);
    assert_int_equal (self->told, 1);
}

static void
no_more_is_held_than_the_bound (void **state)
{
    look_t *self = *state;
    char *text = br_alloc (1, BIG);
    memset (text, ' ', BIG);
    br_blob_t *body = br_blob_new (text, BIG);
    for (unsigned i = 0; i < GUARD_ANSWER_MAX / BIG; i++)
        assert_int_equal (guard_held_add (self->whole, body), 0);
    assert_int_equal (guard_held_add (self->whole, body), -1);
    br_blob_destroy (&body);
    free (text);
}

//  ---- calls

#define CALLED(name)                                                                     \
    "{\"choices\":[{\"message\":{\"tool_calls\":[{\"function\":{\"name\":\"" name        \
    "\",\"arguments\":\"{\\\"who\\\":1}\"}}],\"content\":\"sk-abcd1234\"}}]}"

static const char s_tools[] =
    "{\"tools\":{\"*\":{\"deny\":[\"bash\"],\"params\":{\"make\":{\"deny\":[\"who\"],"
    "\"action\":\"strip\"}}}}}";

//  ret: of the look
static int
s_look_with (look_t *self, guard_calls_t *calls)
{
    guard_held_end (self->whole);
    guard_held_judge_calls (self->whole, calls);
    return s_look (self);
}

static void
calls_are_judged_before_texts_are_looked_at (void **state)
{
    look_t *self = *state;
    guard_tools_t *tools = guard_tools_new (s_tools, NULL);
    guard_calls_t *calls = guard_calls_new (tools, BR_SURFACE_CHAT);
    s_add (self, CALLED ("bash"));
    assert_int_equal (s_look_with (self, calls), 0);
    assert_int_equal (self->verdict, GUARD_HELD_CALLED);
    assert_string_equal (self->text, "tool 'bash' is not allowed");
    assert_int_equal (self->findings, 0);
    assert_false (guard_held_is_unread (self->whole));
    //  and: what is stripped goes, and so does what is found
    s_begin (self);
    s_add (self, CALLED ("make"));
    assert_int_equal (s_look_with (self, calls), 0);
    assert_int_equal (self->verdict, GUARD_HELD_GOES);
    assert_null (strstr (self->body, "who"));
    assert_non_null (strstr (self->body, "[REDACTED]"));
    guard_held_destroy (&self->whole);
    guard_calls_destroy (&calls);
    guard_tools_destroy (&tools);
}

static void
calls_of_a_large_one_are_judged_in_turns (void **state)
{
    look_t *self = *state;
    guard_tools_t *tools = guard_tools_new (s_tools, NULL);
    guard_calls_t *calls = guard_calls_new (tools, BR_SURFACE_CHAT);
    s_add_large (self);
    assert_int_equal (s_look_with (self, calls), 1);
    assert_int_equal (self->told, 0);
    stage_settle (&self->world->stage);
    assert_int_equal (self->told, 1);
    assert_int_equal (self->verdict, GUARD_HELD_GOES);
    //  and: one that is dropped in the middle
    s_begin (self);
    s_add_large (self);
    assert_int_equal (s_look_with (self, calls), 1);
    guard_held_destroy (&self->whole);
    guard_calls_destroy (&calls);
    stage_settle (&self->world->stage);
    assert_int_equal (self->told, 1);
    guard_tools_destroy (&tools);
}

#define LOOK(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        LOOK (what_came_in_pieces_goes_as_it_is),
        LOOK (a_secret_is_redacted_and_a_command_blocks),
        LOOK (what_cannot_be_read_is_refused_where_rules_fail_closed),
        LOOK (a_large_one_takes_turns_and_can_be_stopped),
        LOOK (what_is_no_text_is_given_back),
        LOOK (no_more_is_held_than_the_bound),
        LOOK (calls_are_judged_before_texts_are_looked_at),
        LOOK (calls_of_a_large_one_are_judged_in_turns),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
