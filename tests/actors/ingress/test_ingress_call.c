//  ingress_call: what each order of events leads to, as a transcript of what it says.

#include "tests/actors/ingress/transcript.h"

static void
s_error (world_t *world, uint32_t attempt, uint64_t seq, br_code_t code, const char *body)
{
    struct br_reply_error error = { .seq = seq, .code = code, .error = "bad luck" };
    error.content_type = "text/plain";
    error.attempts = attempt;
    br_blob_t *blob = body ? br_blob_new (body, strlen (body)) : NULL;
    ingress_call_error (world->call, attempt, &error, blob);
    br_blob_destroy (&blob);
}

//  ---- good days

static void
a_stream_is_passed_on_as_it_comes (void **state)
{
    world_t *world = *state;
    s_head (world, 1, SSE, "data: 1\n\n");
    s_said (world, "open 200 openai gpt|write data: 1\n\n|commit 1|");
    s_delta (world, 1, 1, "data: 2\n\n");
    s_said (world, "write data: 2\n\n|");
    s_end_of (world, 1, 2);
    s_said (world, "end|");
    assert_true (ingress_call_is_over (world->call));
    assert_int_equal (ingress_call_status (world->call), 200);
}

static void
a_single_answer_is_one_reply (void **state)
{
    world_t *world = *state;
    s_head (world, 1, "application/json", "{\"a\":");
    s_said (world, "");
    assert_false (ingress_call_is_committed (world->call));
    s_delta (world, 1, 1, "1}");
    s_end_of (world, 1, 2);
    s_said (world, "reply 200 openai 1 {\"a\":1}|");
}

static void
a_long_single_answer_turns_into_a_stream (void **state)
{
    world_t *world = *state;
    s_head (world, 1, "application/json", "{");
    s_bulk (world, 1, 1, INGRESS_HOLD_MAX - 1, 0);
    s_said (world, "");
    s_delta (world, 1, 2, "}");
    s_said (world, "open 200 openai gpt|write {xxx|write }|commit 1|");
    s_end_of (world, 1, 3);
    s_said (world, "end|");
}

static void
an_empty_answer_is_a_reply_too (void **state)
{
    world_t *world = *state;
    s_head (world, 1, "application/json", "");
    s_end_of (world, 1, 1);
    s_said (world, "reply 200 openai 1 |");
}

static void
silence_is_broken_between_events_alone (void **state)
{
    world_t *world = *state;
    s_news (world, INGRESS_SILENCE);
    s_said (world, "");
    s_head (world, 1, SSE, "data: 1\n\ndata: ");
    s_said (world, "open 200 openai gpt|write data: 1\n\n|commit 1|");
    s_news (world, INGRESS_SILENCE);
    s_said (world, "write : keep-alive\n|");
    s_delta (world, 1, 1, "2\n\n");
    s_said (world, "write data: 2\n\n|");
}

//  ---- attempts

static void
a_fenced_attempt_counts_no_more (void **state)
{
    world_t *world = *state;
    ingress_call_fence (world->call, 1);
    s_said (world, "fenced 1|");
    s_head (world, 1, SSE, "data: 1\n\n");
    s_said (world, "stop 1|");
    s_head (world, 2, SSE, "data: 2\n\n");
    s_said (world, "open 200 openai gpt|write data: 2\n\n|commit 2|");
}

static void
a_fence_forgets_what_is_held (void **state)
{
    world_t *world = *state;
    s_head (world, 1, "application/json", "old");
    ingress_call_fence (world->call, 1);
    s_said (world, "fenced 1|");
    s_head (world, 2, "application/json", "new");
    s_end_of (world, 2, 1);
    s_said (world, "reply 200 openai 2 new|");
}

static void
a_newer_attempt_replaces_what_is_held (void **state)
{
    world_t *world = *state;
    s_head (world, 1, "application/json", "old");
    s_head (world, 2, "application/json", "new");
    s_delta (world, 1, 1, "stale");
    s_said (world, "stop 1|");
    s_end_of (world, 2, 1);
    s_said (world, "reply 200 openai 2 new|");
}

static void
a_fence_after_the_commit_ends_the_answer (void **state)
{
    world_t *world = *state;
    s_head (world, 1, SSE, "data: 1\n\n");
    br_buf_clear (&world->notes);
    ingress_call_fence (world->call, 1);
    const char *said = br_buf_text (&world->notes);
    assert_non_null (strstr (said, "write data: {\"error\""));
    assert_non_null (strstr (said, "|cut|committed 1|"));
    assert_true (ingress_call_is_over (world->call));
}

static void
a_fence_of_an_older_attempt_does_not_hurt (void **state)
{
    world_t *world = *state;
    s_head (world, 2, SSE, "data: 1\n\n");
    br_buf_clear (&world->notes);
    ingress_call_fence (world->call, 1);
    s_said (world, "fenced 1|");
    assert_false (ingress_call_is_over (world->call));
}

static void
nobody_may_follow_a_committed_attempt (void **state)
{
    world_t *world = *state;
    s_head (world, 1, SSE, "data: 1\n\n");
    br_buf_clear (&world->notes);
    s_head (world, 2, SSE, "data: 2\n\n");
    s_said (world, "stop 2|");
    s_delta (world, 1, 1, "data: 3\n\n");
    s_said (world, "write data: 3\n\n|");
}

static void
a_fence_that_comes_late_is_answered (void **state)
{
    world_t *world = *state;
    s_head (world, 1, "application/json", "{}");
    s_end_of (world, 1, 1);
    br_buf_clear (&world->notes);
    ingress_call_fence (world->call, 1);
    s_said (world, "committed 1|");
}

//  ---- bad days

static void
an_error_before_the_commit_is_a_reply (void **state)
{
    world_t *world = *state;
    s_error (world, 1, 0, BR_EUPLIMIT, NULL);
    s_said (world, "reply 429  1 {\"error\":{\"message\":\"bad luck\",\"type\":"
                   "\"rate_limit_error\",\"param\":null,\"code\":"
                   "\"upstream_rate_limited\"}}|");
}

static void
a_body_of_the_provider_passes (void **state)
{
    world_t *world = *state;
    s_head (world, 1, "application/json", "half");
    s_error (world, 1, 1, BR_EUPBAD, "their words");
    s_said (world, "reply 502 openai 1 their words|");
}

static void
the_last_word_of_the_router_drops_what_is_held (void **state)
{
    world_t *world = *state;
    s_head (world, 1, "application/json", "half");
    s_error (world, 2, 0, BR_EUNAVAILABLE, NULL);
    assert_true (s_mentions (world, "reply 503  2 {\"error\""));
}

static void
an_error_after_the_commit_is_an_event_and_a_cut (void **state)
{
    world_t *world = *state;
    s_head (world, 1, SSE, "data: 1\n\ndata: hal");
    br_buf_clear (&world->notes);
    s_error (world, 1, 1, BR_EUPCUT, NULL);
    s_said (world,
            "write data: {\"error\":{\"message\":\"bad luck\",\"type\":"
            "\"upstream_error\",\"param\":null,\"code\":\"upstream_truncated\"}}\n\n"
            "|cut|");
}

static void
a_long_single_answer_can_only_be_cut (void **state)
{
    world_t *world = *state;
    s_head (world, 1, "application/json", "{");
    s_bulk (world, 1, 1, INGRESS_HOLD_MAX, 0);
    br_buf_clear (&world->notes);
    s_error (world, 1, 2, BR_EUPCUT, NULL);
    s_said (world, "cut|");
}

static void
a_gap_is_an_error (void **state)
{
    world_t *world = *state;
    s_head (world, 1, SSE, "data: 1\n\n");
    br_buf_clear (&world->notes);
    s_delta (world, 1, 2, "data: 3\n\n");
    const char *said = br_buf_text (&world->notes);
    assert_non_null (strstr (said, "upstream_truncated"));
    assert_non_null (strstr (said, "|cut|cancel|"));
    br_buf_clear (&world->notes);
    s_delta (world, 1, 1, "data: 2\n\n");
    s_said (world, "");
}

static void
words_in_the_wrong_place_are_errors (void **state)
{
    world_t *world = *state;
    s_head_as (world, 1, 1, SSE, "data: 1\n\n");
    assert_true (s_mentions (world, "reply 502"));
    s_teardown (state);
    s_setup (state);
    s_delta (world, 1, 0, "x");
    assert_true (s_mentions (world, "reply 502"));
    s_teardown (state);
    s_setup (state);
    s_end_of (world, 1, 0);
    assert_true (s_mentions (world, "reply 502"));
    s_teardown (state);
    s_setup (state);
    s_head (world, 1, SSE, "data: 1\n\n");
    s_head_as (world, 1, 1, SSE, "data: 1\n\n");
    assert_true (s_mentions (world, "cut|cancel|"));
}

static void
a_status_that_is_none_is_an_error (void **state)
{
    world_t *world = *state;
    struct br_reply_head head = { .status = 99999, .content_type = SSE };
    head.provider = head.model = "";
    ingress_call_head (world->call, 1, &head, NULL);
    assert_true (s_mentions (world, "upstream_invalid_response"));
}

//  ---- who leaves

static void
a_client_that_leaves_cancels_once (void **state)
{
    world_t *world = *state;
    s_head (world, 1, SSE, "data: 1\n\n");
    br_buf_clear (&world->notes);
    s_news (world, INGRESS_CLIENT_GONE);
    s_said (world, "cancel|");
    s_news (world, INGRESS_CLIENT_GONE);
    s_delta (world, 1, 1, "data: 2\n\n");
    s_said (world, "");
}

static void
without_a_router_nothing_committed_fails (void **state)
{
    world_t *world = *state;
    s_head (world, 1, "application/json", "half");
    s_news (world, INGRESS_ROUTER_GONE);
    assert_true (s_mentions (world, "\"peer_gone\""));
    assert_true (ingress_call_is_over (world->call));
}

static void
without_a_router_a_committed_call_settles_itself (void **state)
{
    world_t *world = *state;
    s_head (world, 1, SSE, "data: 1\n\n");
    s_news (world, INGRESS_ROUTER_GONE);
    br_buf_clear (&world->notes);
    s_delta (world, 1, 1, "data: 2\n\n");
    s_end_of (world, 1, 2);
    s_said (world, "write data: 2\n\n|end|settle ok OK 9|");
}

static void
alone_every_end_settles (void **state)
{
    world_t *world = *state;
    static const ingress_news_t news[] = { INGRESS_CLIENT_GONE, INGRESS_UPSTREAM_GONE,
                                           INGRESS_CANCELLED };
    static const char *const says[] = { "stop 1|settle cancelled ECANCELLED -1|",
                                        "cut|settle failed EGONE -1|",
                                        "cut|stop 1|settle failed EUNAVAILABLE -1|" };
    for (size_t i = 0; i < 3; i++) {
        s_teardown (state);
        s_setup (state);
        s_head (world, 1, SSE, "data: 1\n\n");
        s_news (world, INGRESS_ROUTER_GONE);
        s_news (world, news[i]);
        assert_true (s_mentions (world, says[i]));
        assert_true (ingress_call_is_over (world->call));
    }
}

static void
without_router_and_upstream_it_ends_at_once (void **state)
{
    world_t *world = *state;
    s_head (world, 1, SSE, "data: 1\n\n");
    s_news (world, INGRESS_UPSTREAM_GONE);
    br_buf_clear (&world->notes);
    s_news (world, INGRESS_ROUTER_GONE);
    assert_true (s_mentions (world, "cut|settle failed EGONE -1|"));
}

//  ---- credit

static void
credit_follows_what_was_written (void **state)
{
    world_t *world = *state;
    s_head (world, 1, SSE, "data: 1\n\n");
    s_bulk (world, 1, 1, 70000, 70009);
    br_buf_clear (&world->notes);
    ingress_call_written (world->call, 60000);
    s_said (world, "");
    ingress_call_written (world->call, 70009);
    s_said (world, "credit 1 135545|");
}

static void
what_is_held_stops_nobody (void **state)
{
    world_t *world = *state;
    s_head (world, 1, "application/json", "{");
    s_bulk (world, 1, 1, 10, 100000);
    s_said (world, "credit 1 165536|");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_stream_is_passed_on_as_it_comes),
        TEST (a_single_answer_is_one_reply),
        TEST (a_long_single_answer_turns_into_a_stream),
        TEST (an_empty_answer_is_a_reply_too),
        TEST (silence_is_broken_between_events_alone),
        TEST (a_fenced_attempt_counts_no_more),
        TEST (a_fence_forgets_what_is_held),
        TEST (a_newer_attempt_replaces_what_is_held),
        TEST (a_fence_after_the_commit_ends_the_answer),
        TEST (a_fence_of_an_older_attempt_does_not_hurt),
        TEST (nobody_may_follow_a_committed_attempt),
        TEST (a_fence_that_comes_late_is_answered),
        TEST (an_error_before_the_commit_is_a_reply),
        TEST (a_body_of_the_provider_passes),
        TEST (the_last_word_of_the_router_drops_what_is_held),
        TEST (an_error_after_the_commit_is_an_event_and_a_cut),
        TEST (a_long_single_answer_can_only_be_cut),
        TEST (a_gap_is_an_error),
        TEST (words_in_the_wrong_place_are_errors),
        TEST (a_status_that_is_none_is_an_error),
        TEST (a_client_that_leaves_cancels_once),
        TEST (without_a_router_nothing_committed_fails),
        TEST (without_a_router_a_committed_call_settles_itself),
        TEST (alone_every_end_settles),
        TEST (without_router_and_upstream_it_ends_at_once),
        TEST (credit_follows_what_was_written),
        TEST (what_is_held_stops_nobody),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
