//  ingress_guard: which calls have the guard on their way, and which are looked at.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/echo/echo.h"
#include "actors/ingress/ingress_guard.h"
#include "broker/core/ctx.h"
#include "broker/proto/candidates.h"
#include "tests/actors/stage.h"

typedef struct {
    stage_t stage;
    br_ctx_t *ctx; //  of ingress
    br_addr_t address;
    guard_scope_t *scope;
    br_buf_t candidates;
    ingress_guard_t guard;
} world_t;

//  Set 0 redacts what callers of team-* say; set 1 warns both ways; set 2 blocks what
//  anthropic answers; set 3 warns of what it answers.
static const char s_slice[] =
    "{\"sets\":["
    "{\"keys\":[\"team-*\"],\"strictest\":{\"upgoing\":\"redact\"}},"
    "{\"routes\":[\"gpt-*\"],\"strictest\":{\"upgoing\":\"warn\",\"downgoing\":\"warn\"}}"
    ","
    "{\"providers\":[\"anthropic\"],\"routes\":[\"claude\"],"
    "\"strictest\":{\"upgoing\":\"off\",\"downgoing\":\"block\"}},"
    "{\"providers\":[\"anthropic\"],\"strictest\":{\"downgoing\":\"warn\"}},"
    "{\"keys\":[\"idle\"],\"strictest\":{}},"
    "{\"keys\":[\"calm\"],\"strictest\":{\"upgoing\":\"block\"},"
    "\"fail_open\":{\"upgoing\":true}},"
    "{\"routes\":[\"calm-*\"],\"strictest\":{\"downgoing\":\"redact\"},"
    "\"fail_open\":{\"downgoing\":true}}]}";

static int
s_setup (void **state)
{
    static world_t world;
    br_error_t error;
    world = (world_t) { .scope = NULL };
    stage_begin (&world.stage, &br_echo_actor, false); //  nobody is under test here
    world.ctx = br_host_ctx (world.stage.host, "ingress");
    world.address = stage_start (&world.stage, "guard");
    world.scope = guard_scope_new (s_slice, &error);
    if (!world.scope)
        fail_msg ("%s", error.text);
    br_buf_init (&world.candidates, 4096);
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    guard_scope_destroy (&world->scope);
    br_buf_free (&world->candidates);
    stage_end (&world->stage);
    return 0;
}

//  Chooses for a call that openai or, with `other`, somebody else too may answer.
static int
s_choose (world_t *world, const char *key, const char *route, const char *other,
          br_error_t *reterr)
{
    br_candidate_t candidate = { .provider = "openai", .actor = "a", .model = "m" };
    candidate.endpoint = "";
    candidate.weight = 1;
    br_buf_clear (&world->candidates);
    br_candidates_add (&world->candidates, &candidate);
    candidate.provider = other;
    if (other)
        br_candidates_add (&world->candidates, &candidate);
    const br_bytes_t bytes = { world->candidates.data, world->candidates.size };
    world->guard = (ingress_guard_t) { .generation = 5, .surface = BR_SURFACE_CHAT };
    return ingress_guard_choose (&world->guard, world->ctx, world->scope, key, route,
                                 bytes, reterr);
}

static void
s_assert (const world_t *world, const char *stands, const char *looks)
{
    const ingress_guard_t *guard = &world->guard;
    assert_int_equal (guard->stands_up, strchr (stands, 'u') != NULL);
    assert_int_equal (guard->stands_down, strchr (stands, 'd') != NULL);
    assert_int_equal (guard->looks_up, strchr (looks, 'u') != NULL);
    assert_int_equal (guard->looks_down, strchr (looks, 'd') != NULL);
}

static const char *
s_heard (world_t *world)
{
    return stage_heard (&world->stage, "guard");
}

static const struct br_guard_look *
s_look (world_t *world)
{
    return br_msg_fields (stage_last (&world->stage, "guard", BR_GUARD_LOOK));
}

static void
s_look_up (world_t *world, const char *text)
{
    br_blob_t *body = text ? br_blob_new (text, strlen (text)) : NULL;
    ingress_guard_look_up (&world->guard, world->ctx, (br_id_t) { 1, 1 }, body);
    br_blob_destroy (&body);
}

static void
s_look_down (world_t *world, bool is_events, bool is_last, const char *text)
{
    br_blob_t *body = text ? br_blob_new (text, strlen (text)) : NULL;
    ingress_guard_look_down (&world->guard, world->ctx, (br_id_t) { 1, 1 }, is_events,
                             is_last, body);
    br_blob_destroy (&body);
}

static void
s_end (world_t *world)
{
    ingress_guard_end (&world->guard, world->ctx, (br_id_t) { 1, 1 });
}

//  ---- who is concerned

static void
a_call_that_no_set_concerns_knows_no_guard (void **state)
{
    world_t *world = *state;
    br_error_t error;
    assert_int_equal (s_choose (world, "", "other", NULL, &error), 0);
    s_assert (world, "", "");
    assert_false (br_addr_is_set (world->guard.guard));
    assert_int_equal (world->guard.sets, 0);
    s_look_up (world, "x");
    s_look_down (world, true, true, "x");
    s_end (world);
    assert_string_equal (s_heard (world), "");
    //  and: no guardrails at all
    world->guard = (ingress_guard_t) { .generation = 5 };
    assert_int_equal (ingress_guard_choose (&world->guard, world->ctx, NULL, "team-a",
                                            "gpt-4", (br_bytes_t) { NULL, 0 }, &error),
                      0);
    s_assert (world, "", "");
}

static void
rules_that_redact_put_the_guard_on_the_way (void **state)
{
    world_t *world = *state;
    br_error_t error;
    assert_int_equal (s_choose (world, "team-a", "other", NULL, &error), 0);
    s_assert (world, "u", "");
    assert_int_equal (world->guard.sets, 1);
    assert_true (br_addr_is (world->guard.guard, world->address));
    //  and: what only warns on the way down gets copies
    assert_int_equal (s_choose (world, "team-a", "gpt-4", NULL, &error), 0);
    s_assert (world, "u", "d");
    assert_int_equal (world->guard.sets, 3);
}

static void
rules_for_tools_put_the_guard_on_the_way_of_all_that_talks (void **state)
{
    world_t *world = *state;
    br_error_t error;
    guard_scope_destroy (&world->scope);
    world->scope = guard_scope_new ("{\"sets\":[],\"tools\":true}", &error);
    assert_int_equal (s_choose (world, "", "other", NULL, &error), 0);
    s_assert (world, "ud", "");
    assert_int_equal (world->guard.sets, 0);
    assert_true (br_addr_is_set (world->guard.guard));
    //  So is what is offered tools and does not talk.
    world->guard = (ingress_guard_t) { .surface = BR_SURFACE_RESPONSES_COMPACT };
    assert_int_equal (ingress_guard_choose (&world->guard, world->ctx, world->scope, "",
                                            "other", (br_bytes_t) { NULL, 0 }, &error),
                      0);
    s_assert (world, "ud", "");
    //  Nothing else has tools.
    world->guard = (ingress_guard_t) { .surface = BR_SURFACE_EMBEDDINGS };
    assert_int_equal (ingress_guard_choose (&world->guard, world->ctx, world->scope, "",
                                            "other", (br_bytes_t) { NULL, 0 }, &error),
                      0);
    s_assert (world, "", "");
}

static void
rules_that_only_warn_get_copies (void **state)
{
    world_t *world = *state;
    br_error_t error;
    assert_int_equal (s_choose (world, "", "gpt-4", NULL, &error), 0);
    s_assert (world, "", "ud");
    assert_int_equal (world->guard.sets, 2);
}

//  Sets are the union over all who may answer; a guard that stands below is above too, so
//  that it learns of the call.
static void
who_may_answer_counts (void **state)
{
    world_t *world = *state;
    br_error_t error;
    assert_int_equal (s_choose (world, "", "claude", NULL, &error), 0);
    s_assert (world, "", "");
    assert_int_equal (s_choose (world, "", "claude", "anthropic", &error), 0);
    s_assert (world, "ud", "");
    assert_int_equal (world->guard.sets, 12);
    assert_int_equal (s_choose (world, "", "x", "anthropic", &error), 0);
    s_assert (world, "", "d");
}

static void
a_set_that_does_nothing_needs_no_guard (void **state)
{
    world_t *world = *state;
    br_error_t error;
    assert_int_equal (s_choose (world, "idle", "x", NULL, &error), 0);
    s_assert (world, "", "");
    assert_false (br_addr_is_set (world->guard.guard));
}

//  ---- without a guard

static void
without_a_guard_what_would_stop_refuses_and_what_warns_passes (void **state)
{
    world_t *world = *state;
    br_error_t error;
    br_host_end (world->stage.host, "guard");
    assert_int_equal (s_choose (world, "team-a", "x", NULL, &error), -1);
    assert_int_equal (error.code, BR_EGONE);
    assert_int_equal (s_choose (world, "", "claude", "anthropic", &error), -1);
    assert_int_equal (s_choose (world, "", "gpt-4", NULL, &error), 0);
    assert_true (world->guard.has_missed);
    s_look_up (world, "x");
    s_look_down (world, true, false, "x");
    s_end (world);
    assert_int_equal (s_choose (world, "", "other", NULL, &error), 0);
    assert_false (world->guard.has_missed);
}

//  Given rules that redact or block and fail open, then what they concern goes on unchecked.
static void
without_a_guard_what_fails_open_passes_and_is_told (void **state)
{
    world_t *world = *state;
    br_error_t error;
    assert_int_equal (s_choose (world, "calm", "x", NULL, &error), 0);
    s_assert (world, "u", "");
    assert_false (world->guard.has_missed);
    br_host_end (world->stage.host, "guard");
    assert_int_equal (s_choose (world, "calm", "x", NULL, &error), 0);
    s_assert (world, "", "");
    assert_true (world->guard.has_missed);
    assert_false (world->guard.has_missed_answer);
    assert_int_equal (s_choose (world, "", "calm-x", NULL, &error), 0);
    s_assert (world, "", "");
    assert_false (world->guard.has_missed);
    assert_true (world->guard.has_missed_answer);
    s_end (world);
    //  but: one rule that fails closed is enough, whichever way it looks
    assert_int_equal (s_choose (world, "team-a", "calm-x", NULL, &error), -1);
    assert_int_equal (error.code, BR_EGONE);
}

static void
without_a_guard_rules_for_tools_refuse (void **state)
{
    world_t *world = *state;
    br_error_t error;
    guard_scope_destroy (&world->scope);
    world->scope = guard_scope_new ("{\"sets\":[{\"strictest\":{\"upgoing\":\"block\"},"
                                    "\"fail_open\":{\"upgoing\":true}}],\"tools\":true}",
                                    &error);
    assert_non_null (world->scope);
    br_host_end (world->stage.host, "guard");
    assert_int_equal (s_choose (world, "", "x", NULL, &error), -1);
}

//  ---- copies

static void
a_copy_says_what_it_is (void **state)
{
    world_t *world = *state;
    br_error_t error;
    s_choose (world, "", "gpt-4", NULL, &error);
    s_look_up (world, "{}");
    assert_false (world->guard.has_missed);
    assert_string_equal (s_heard (world), "guard.look#0 ");
    assert_int_equal (s_look (world)->direction, GUARD_UP);
    assert_int_equal (s_look (world)->generation, 5);
    assert_int_equal (s_look (world)->sets, 2);
    assert_int_equal (s_look (world)->surface, BR_SURFACE_CHAT);
    assert_int_equal (s_look (world)->events, 0);
    assert_int_equal (s_look (world)->last, 1);
    s_look_down (world, true, false, "data");
    assert_int_equal (s_look (world)->direction, GUARD_DOWN);
    assert_int_equal (s_look (world)->events, 1);
    assert_int_equal (s_look (world)->last, 0);
    assert_string_equal (stage_bytes (&world->stage, "guard"), "{}data");
}

static void
nothing_is_not_copied (void **state)
{
    world_t *world = *state;
    br_error_t error;
    s_choose (world, "", "gpt-4", NULL, &error);
    s_look_up (world, NULL);
    s_look_up (world, "");
    s_look_down (world, false, false, NULL);
    s_look_down (world, false, true, NULL);
    assert_string_equal (s_heard (world), "");
    //  but: that there is no more of what was copied is told
    s_look_down (world, false, false, "x");
    s_look_down (world, false, true, NULL);
    assert_string_equal (s_heard (world), "guard.look#0 guard.look#0 ");
    assert_int_equal (s_look (world)->last, 1);
}

static void
what_goes_through_the_guard_is_not_copied (void **state)
{
    world_t *world = *state;
    br_error_t error;
    s_choose (world, "team-a", "gpt-4", NULL, &error);
    s_look_up (world, "{}");
    assert_string_equal (s_heard (world), "");
    s_choose (world, "", "claude", "anthropic", &error);
    s_look_down (world, true, false, "{}");
    assert_string_equal (s_heard (world), "");
}

//  ---- the end

static void
the_end_is_told_to_a_guard_that_knows_the_call (void **state)
{
    world_t *world = *state;
    br_error_t error;
    s_choose (world, "team-a", "x", NULL, &error);
    s_end (world);
    s_end (world);
    assert_string_equal (s_heard (world), "guard.end#0 ");
    //  and: to one that has half of an answer
    s_choose (world, "", "gpt-4", NULL, &error);
    s_look_down (world, true, false, "x");
    s_end (world);
    assert_string_equal (s_heard (world), "guard.look#0 guard.end#0 ");
    s_choose (world, "", "gpt-4", NULL, &error);
    s_look_up (world, "x");
    s_look_down (world, true, false, "x");
    s_look_down (world, true, true, NULL);
    s_end (world);
    assert_string_equal (s_heard (world), "guard.look#0 guard.look#0 guard.look#0 ");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

static void
a_route_counts_however_it_is_spelled (void **state)
{
    world_t *world = *state;
    guard_scope_destroy (&world->scope);
    world->scope = guard_scope_new ("{\"sets\":[{\"routes\":[\"openai:m*\"],"
                                    "\"strictest\":{\"upgoing\":\"block\"}}]}",
                                    NULL);
    assert_int_equal (s_choose (world, "", "openai/m", NULL, NULL), 0);
    s_assert (world, "u", "");
    assert_int_equal (s_choose (world, "", "an alias", NULL, NULL), 0);
    s_assert (world, "u", "");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_call_that_no_set_concerns_knows_no_guard),
        TEST (rules_that_redact_put_the_guard_on_the_way),
        TEST (rules_for_tools_put_the_guard_on_the_way_of_all_that_talks),
        TEST (rules_that_only_warn_get_copies),
        TEST (who_may_answer_counts),
        TEST (a_set_that_does_nothing_needs_no_guard),
        TEST (without_a_guard_what_would_stop_refuses_and_what_warns_passes),
        TEST (without_a_guard_what_fails_open_passes_and_is_told),
        TEST (without_a_guard_rules_for_tools_refuse),
        TEST (a_copy_says_what_it_is),
        TEST (nothing_is_not_copied),
        TEST (what_goes_through_the_guard_is_not_copied),
        TEST (the_end_is_told_to_a_guard_that_knows_the_call),
        TEST (a_route_counts_however_it_is_spelled),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
