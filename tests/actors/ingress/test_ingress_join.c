//  ingress_join: answers of a call that broke off, and attempts that go on with them, as a
//  transcript of what the call says. Another part of ingress_call's test.

#include "tests/actors/ingress/transcript.h"

static void
s_error (world_t *world, uint32_t attempt)
{
    struct br_reply_error error = { .code = BR_EUPCUT, .error = "bad luck" };
    ingress_call_error (world->call, attempt, &error, NULL);
}

static void
s_broken (world_t *world, uint32_t attempt, uint64_t seq)
{
    struct br_reply_broken broken = { .seq = seq, .code = BR_EUPCUT };
    broken.error = "it broke off";
    ingress_call_broken (world->call, attempt, &broken);
}

//  ---- what breaks off

//  Attempt 1 has said a word and broken off.
static void
s_break_off (world_t *world)
{
    s_head (world, 1, SSE, "data: 1\n\n");
    br_buf_clear (&world->notes);
    s_broken (world, 1, 1);
    s_said (world, "joined 1|");
}

static void
another_attempt_goes_on_where_one_broke_off (void **state)
{
    world_t *world = *state;
    s_break_off (world);
    assert_true (ingress_call_counts (world->call, 2));
    s_news (world, INGRESS_SILENCE);
    s_said (world, "write : keep-alive\n|");
    s_head (world, 2, SSE, "data: 2\n\n");
    s_said (world, "write : bitrouter continued openai\n|write data: 2\n\n|commit 2|");
    s_delta (world, 2, 1, "data: 3\n\n");
    s_said (world, "write data: 3\n\n|");
    s_delta (world, 1, 2, "data: old\n\n");
    s_said (world, "stop 1|");
    s_broken (world, 2, 2);
    s_said (world, "joined 2|");
    s_head (world, 4, SSE, "data: 4\n\n");
    br_buf_clear (&world->notes);
    s_end_of (world, 4, 1);
    s_said (world, "end|");
}

static void
nobody_goes_on_with_what_did_not_break_off (void **state)
{
    world_t *world = *state;
    s_head (world, 1, SSE, "data: 1\n\n");
    br_buf_clear (&world->notes);
    assert_false (ingress_call_counts (world->call, 2));
    s_head (world, 2, SSE, "data: 2\n\n");
    s_said (world, "stop 2|");
}

static void
a_break_before_the_first_word_is_nonsense (void **state)
{
    world_t *world = *state;
    s_broken (world, 1, 0);
    assert_true (s_mentions (world, "cancel|"));
}

static void
a_gap_in_front_of_a_break_is_an_error (void **state)
{
    world_t *world = *state;
    s_head (world, 1, SSE, "data: 1\n\n");
    s_broken (world, 1, 2);
    assert_true (s_mentions (world, "cut|cancel|"));
}

static void
the_router_may_have_the_last_word_behind_a_break (void **state)
{
    world_t *world = *state;
    s_break_off (world);
    s_error (world, 2);
    assert_true (s_mentions (world, "bad luck"));
    assert_true (ingress_call_is_over (world->call));
}

static void
a_fence_behind_a_break_leaves_it_to_the_router (void **state)
{
    world_t *world = *state;
    s_break_off (world);
    ingress_call_fence (world->call, 1);
    s_said (world, "fenced 1|");
    ingress_call_fence (world->call, 2);
    s_said (world, "fenced 2|");
    s_head (world, 2, SSE, "data: 2\n\n");
    s_said (world, "stop 2|");
    s_head (world, 3, SSE, "data: 3\n\n");
    assert_true (s_mentions (world, "commit 3|"));
}

static void
without_a_router_nothing_goes_on (void **state)
{
    world_t *world = *state;
    s_break_off (world);
    s_news (world, INGRESS_UPSTREAM_GONE);
    s_said (world, "");
    s_news (world, INGRESS_ROUTER_GONE);
    assert_true (s_mentions (world, "cut|settle failed EGONE -1|"));
}

static void
alone_a_break_is_the_end (void **state)
{
    world_t *world = *state;
    s_head (world, 1, SSE, "data: 1\n\n");
    s_news (world, INGRESS_ROUTER_GONE);
    s_broken (world, 1, 1);
    assert_true (s_mentions (world, "cut|settle failed EUPCUT -1|"));
}

static void
what_goes_on_must_fit_to_what_was_written (void **state)
{
    world_t *world = *state;
    s_break_off (world);
    s_head (world, 2, "application/json", "{}");
    assert_true (s_mentions (world, "cut|cancel|"));
}

static void
a_word_that_is_no_head_does_not_go_on (void **state)
{
    world_t *world = *state;
    s_break_off (world);
    s_delta (world, 2, 1, "data: 2\n\n");
    assert_true (s_mentions (world, "cut|cancel|"));
}

static void
a_client_may_leave_behind_a_break (void **state)
{
    world_t *world = *state;
    s_break_off (world);
    s_news (world, INGRESS_CLIENT_GONE);
    s_said (world, "cancel|");
}

static void
credit_counts_anew_for_who_goes_on (void **state)
{
    world_t *world = *state;
    s_head (world, 1, SSE, "data: 1\n\n");
    s_delta (world, 1, 1, "data: 2\n\n");
    s_broken (world, 1, 2);
    s_head (world, 2, SSE, "data: 3\n\n");
    br_buf_clear (&world->notes);
    s_bulk (world, 2, 1, 70000, 70009);
    s_delta (world, 2, 2, "\n\n");
    br_buf_clear (&world->notes);
    ingress_call_written (world->call, 70100);
    s_said (world, "credit 2 135545|");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (another_attempt_goes_on_where_one_broke_off),
        TEST (nobody_goes_on_with_what_did_not_break_off),
        TEST (a_break_before_the_first_word_is_nonsense),
        TEST (a_gap_in_front_of_a_break_is_an_error),
        TEST (the_router_may_have_the_last_word_behind_a_break),
        TEST (a_fence_behind_a_break_leaves_it_to_the_router),
        TEST (without_a_router_nothing_goes_on),
        TEST (alone_a_break_is_the_end),
        TEST (what_goes_on_must_fit_to_what_was_written),
        TEST (a_word_that_is_no_head_does_not_go_on),
        TEST (a_client_may_leave_behind_a_break),
        TEST (credit_counts_anew_for_who_goes_on),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
