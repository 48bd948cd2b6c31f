//  ingress_step: what is done for guards, for clients that leave, and at the end of time, as a
//  transcript of what the call says. What follows which event is in the test of ingress_call.

#include "tests/actors/ingress/transcript.h"

//  ---- guards

static void
what_a_guard_refuses_is_settled_here_and_no_attempt (void **state)
{
    world_t *world = *state;
    struct br_reply_error error = { .code = BR_EGUARD, .error = "not that" };
    ingress_call_pass_guard (world->call);
    ingress_call_error (world->call, 1, &error, NULL);
    const char *said = br_buf_text (&world->notes);
    assert_non_null (strstr (said, "reply 400  0 {\"error\""));
    assert_non_null (strstr (said, "|settle failed EGUARD -1|"));
    assert_int_equal (ingress_call_attempt (world->call), 0);
}

static void
without_its_guard_a_call_ends_wherever_it_was (void **state)
{
    world_t *world = *state;
    static const char *const heads[] = { NULL, "application/json", SSE };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        s_teardown (state);
        s_setup (state);
        ingress_call_pass_guard (world->call);
        if (heads[i])
            s_head (world, 1, heads[i], "data: 1\n\n");
        br_buf_clear (&world->notes);
        s_news (world, INGRESS_GUARD_GONE);
        const char *said = br_buf_text (&world->notes);
        assert_non_null (strstr (said, "the host of the guard is gone"));
        //  a router of which nothing has come may know the call, or not
        assert_non_null (
            strstr (said, heads[i] ? "|cancel EGONE|" : "|cancel EGONE|late EGONE|"));
        assert_true (heads[i] == NULL || !strstr (said, "late"));
        assert_true (ingress_call_is_over (world->call));
    }
}

//  Starts a new call that passes a guard, with a head that has come.
static world_t *
s_guarded (void **state, const char *type)
{
    s_teardown (state);
    s_setup (state);
    world_t *world = *state;
    ingress_call_pass_guard (world->call);
    s_head (world, 1, type, "data: 1\n\n");
    br_buf_clear (&world->notes);
    return world;
}

static void
the_last_word_behind_a_guard_is_told_the_router (void **state)
{
    struct br_reply_error error = { .seq = 1, .code = BR_EUPGUARD, .attempts = 1 };
    error.error = "not for you";
    world_t *world = s_guarded (state, SSE);
    s_end_of (world, 1, 1);
    s_said (world, "end|answered 1 OK|");
    world = s_guarded (state, "application/json");
    s_end_of (world, 1, 1);
    assert_non_null (strstr (br_buf_text (&world->notes), "|answered 1 OK|"));
    world = s_guarded (state, SSE);
    ingress_call_error (world->call, 1, &error, NULL);
    assert_non_null (strstr (br_buf_text (&world->notes), "|cut|answered 1 EUPGUARD|"));
    world = s_guarded (state, "application/json");
    ingress_call_error (world->call, 1, &error, NULL);
    assert_non_null (strstr (br_buf_text (&world->notes), "|answered 1 EUPGUARD|"));
    //  and: without a router there is nobody to be told
    world = s_guarded (state, SSE);
    s_news (world, INGRESS_ROUTER_GONE);
    ingress_call_error (world->call, 1, &error, NULL);
    const char *said = br_buf_text (&world->notes);
    assert_non_null (strstr (said, "|settle failed EUPGUARD -1|"));
    assert_null (strstr (said, "answered"));
}

//  ---- clients that leave, and calls that go on

static void
an_unattended_call_goes_on_to_its_end (void **state)
{
    world_t *world = *state;
    ingress_call_finish_unattended (world->call);
    s_news (world, INGRESS_CLIENT_GONE);
    s_said (world, "");
    s_head (world, 1, "application/json", "{\"a\":");
    s_delta (world, 1, 1, "1}");
    assert_false (ingress_call_is_over (world->call));
    s_end_of (world, 1, 2);
    s_said (world, "reply 200 openai 1 {\"a\":1}|");
    assert_true (ingress_call_is_over (world->call));
}

static void
an_unattended_answer_flows_though_nobody_takes_it (void **state)
{
    world_t *world = *state;
    ingress_call_finish_unattended (world->call);
    s_head (world, 1, "application/json", "");
    s_bulk (world, 1, 1, 70000, 70000);
    s_said (world, "open 200 openai gpt|write xxxx|commit 1|");
    s_news (world, INGRESS_CLIENT_GONE);
    s_said (world, "credit 1 135536|");
    s_bulk (world, 1, 2, 70000, 140000);
    s_said (world, "write xxxx|credit 1 205536|");
    s_end_of (world, 1, 3);
    s_said (world, "end|");
}

static void
an_unattended_call_that_is_alone_settles_at_its_end (void **state)
{
    world_t *world = *state;
    ingress_call_finish_unattended (world->call);
    s_head (world, 1, "application/json", "");
    s_bulk (world, 1, 1, 70000, 70000);
    s_news (world, INGRESS_ROUTER_GONE);
    s_news (world, INGRESS_CLIENT_GONE);
    br_buf_clear (&world->notes);
    s_end_of (world, 1, 2);
    s_said (world, "end|settle ok OK 9|");
}

static void
an_unattended_call_ends_with_the_time_to_drain (void **state)
{
    world_t *world = *state;
    ingress_call_finish_unattended (world->call);
    s_news (world, INGRESS_CLIENT_GONE);
    s_news (world, INGRESS_CANCELLED);
    assert_true (s_mentions (world, "cancel|"));
    assert_true (ingress_call_is_over (world->call));
}

//  ---- time

static void
at_the_end_of_a_drain_the_client_is_told (void **state)
{
    world_t *world = *state;
    s_news (world, INGRESS_CANCELLED);
    const char *said = br_buf_text (&world->notes);
    assert_non_null (strstr (said, "reply 503"));
    assert_non_null (strstr (said, "|cancel|"));
}

static void
when_the_time_of_the_client_is_over_so_is_the_call (void **state)
{
    world_t *world = *state;
    s_news (world, INGRESS_EXPIRED);
    assert_non_null (strstr (br_buf_text (&world->notes), "reply 504"));
    assert_true (s_mentions (world, "cancel|"));
    assert_true (ingress_call_is_over (world->call));
}

static void
when_the_time_is_over_a_stream_is_cut (void **state)
{
    world_t *world = *state;
    s_head (world, 1, SSE, "data: 1\n\n");
    s_news (world, INGRESS_EXPIRED);
    assert_true (s_mentions (world, "cut|"));
    assert_true (ingress_call_is_over (world->call));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (what_a_guard_refuses_is_settled_here_and_no_attempt),
        TEST (the_last_word_behind_a_guard_is_told_the_router),
        TEST (without_its_guard_a_call_ends_wherever_it_was),
        TEST (an_unattended_call_goes_on_to_its_end),
        TEST (an_unattended_answer_flows_though_nobody_takes_it),
        TEST (an_unattended_call_that_is_alone_settles_at_its_end),
        TEST (an_unattended_call_ends_with_the_time_to_drain),
        TEST (at_the_end_of_a_drain_the_client_is_told),
        TEST (when_the_time_of_the_client_is_over_so_is_the_call),
        TEST (when_the_time_is_over_a_stream_is_cut),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
