//  upstream: the actor around its attempts: configuration, questions, stop.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "broker/core/failure.h"
#include "actors/upstream/upstream.h"
#include "broker/proto/surface.h"
#include "tests/actors/upstream/provider.h"

#define ANSWER                                                                           \
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n"    \
    "{\"choices\":[]}"

static int
s_setup (void **state)
{
    static provider_t provider;
    provider_open (&provider, "");
    provider.answer = ANSWER;
    *state = &provider;
    return 0;
}

static int
s_teardown (void **state)
{
    provider_close (*state);
    return 0;
}

static void
before_a_slice_nothing_is_asked (void **state)
{
    provider_t *provider = *state;
    provider->upstream = stage_start (&provider->stage, "upstream/other");
    provider_start (provider, 1, 0);
    assert_string_equal (provider_finish (provider), "attempt.fail#1 ");
    assert_int_equal (provider_failure (provider)->code, BR_EUNAVAILABLE);
    assert_int_equal (provider_failure (provider)->failure, BR_FAILURE_GONE);
}

static void
a_bad_slice_changes_nothing (void **state)
{
    provider_t *provider = *state;
    provider_conf (provider, "{\"api_base\":\"x\"}");
    provider_conf (provider, "{\"ca_file\":\"/nowhere.pem\"}");
    assert_string_equal (stage_heard (&provider->stage, "router"),
                         "conf.refuse#0 conf.refuse#0 conf.refuse#0 conf.refuse#0 ");
    provider_start (provider, 1, 0);
    assert_string_equal (provider_finish (provider), "attempt.done#1 ");
}

static void
a_new_slice_leaves_transfers_alone (void **state)
{
    provider_t *provider = *state;
    provider->answer = NULL;
    provider_start (provider, 1, 0);
    provider_await_request (provider, 1);
    peer_conn_t *old = peer_last (provider->peer);
    //  when: address and connections change under it, more often than pools are kept
    for (int i = 0; i < 12; i++) {
        char slice[128];
        snprintf (slice, sizeof slice,
                  "{\"api_base\":\"http://127.0.0.1:1\",\"no_proxy\":\"host%d\"}", i);
        provider_conf (provider, slice);
    }
    provider_conf (provider, provider->slice);
    stage_heard (&provider->stage, "router");
    provider->answer = ANSWER;
    provider_start (provider, 2, 0);
    assert_string_equal (provider_finish (provider), "attempt.done#1 ");
    //  then: the first one ends well
    peer_says (old, ANSWER);
    assert_string_equal (provider_finish (provider), "attempt.done#1 ");
    assert_string_equal (stage_heard (&provider->stage, "ingress"),
                         "reply.head#1 reply.end#1 reply.head#1 reply.end#1 ");
    provider_turn (provider, 10);
}

static void
connections_are_kept_over_a_reload (void **state)
{
    provider_t *provider = *state;
    provider_start (provider, 1, 0);
    provider_finish (provider);
    provider_conf (provider, provider->slice);
    stage_heard (&provider->stage, "router");
    provider_start (provider, 2, 0);
    provider_finish (provider);
    assert_int_equal (peer_accepted (provider->peer), 1);
}

static void
a_newer_attempt_ends_the_older_one (void **state)
{
    provider_t *provider = *state;
    provider->answer = NULL;
    provider_start (provider, 1, 0);
    provider_start (provider, 1, 0); //  the same once more: ignored
    stage_settle (&provider->stage);
    struct br_attempt_start start = { .slip = stage_slip (&provider->stage) };
    start.surface = 1;
    stage_send (&provider->stage, "router", provider->upstream, BR_ATTEMPT_START, 1, 2,
                &start, NULL);
    assert_string_equal (provider_finish (provider), "attempt.done#1 ");
    stage_send (&provider->stage, "router", provider->upstream, BR_ATTEMPT_CANCEL, 1, 2,
                NULL, NULL);
    assert_string_equal (provider_finish (provider), "attempt.done#2 ");
    struct br_reply_credit credit = { .upto = 1u << 20 };
    stage_send (&provider->stage, "ingress", provider->upstream, BR_REPLY_CREDIT, 1, 2,
                &credit, NULL); //  of nothing
    stage_settle (&provider->stage);
}

static void
the_operator_sees_counts (void **state)
{
    provider_t *provider = *state;
    provider_start (provider, 1, 0);
    provider_finish (provider);
    struct br_admin_ask ask = { .command = "upstreams" };
    stage_send (&provider->stage, "router", provider->upstream, BR_ADMIN_ASK, 0, 0, &ask,
                NULL);
    const br_msg_t *msg = stage_last (&provider->stage, "router", BR_ADMIN_ANSWER);
    const struct br_admin_answer *answer = br_msg_fields (msg);
    assert_string_equal (answer->answer,
                         "{\"provider\":\"acme\",\"running\":0,\"idle\":1,"
                         "\"requests\":1,\"failures\":0}");
    ask.command = "spend";
    stage_send (&provider->stage, "router", provider->upstream, BR_ADMIN_ASK, 0, 0, &ask,
                NULL);
    msg = stage_last (&provider->stage, "router", BR_ADMIN_ANSWER);
    assert_string_equal (((const struct br_admin_answer *) br_msg_fields (msg))->answer,
                         "null");
}

static void
a_stop_waits_for_transfers (void **state)
{
    provider_t *provider = *state;
    provider->answer = NULL;
    provider_start (provider, 1, 0);
    provider_await_request (provider, 1);
    stage_stop (&provider->stage, provider->upstream, 60000);
    stage_settle (&provider->stage);
    peer_says (peer_last (provider->peer), ANSWER);
    assert_string_equal (provider_finish (provider), "attempt.done#1 ");
    assert_string_equal (stage_heard (&provider->stage, "ingress"),
                         "reply.head#1 reply.end#1 sys.stopped#0 ");
}

static void
a_stop_gives_up_what_lasts_too_long (void **state)
{
    provider_t *provider = *state;
    provider->answer = NULL;
    provider_start (provider, 1, 0);
    provider_await_request (provider, 1);
    stage_stop (&provider->stage, provider->upstream, 10);
    assert_string_equal (provider_finish (provider), "attempt.fail#1 ");
    assert_int_equal (provider_failure (provider)->code, BR_EGONE);
    assert_int_equal (provider_failure (provider)->failure, BR_FAILURE_GONE);
    assert_string_equal (stage_heard (&provider->stage, "ingress"), "sys.stopped#0 ");
    provider_start (provider, 2, 0);
    assert_string_equal (provider_finish (provider), "attempt.fail#1 ");
}

static void
an_idle_actor_stops_at_once (void **state)
{
    provider_t *provider = *state;
    stage_stop (&provider->stage, provider->upstream, 60000);
    assert_string_equal (stage_heard (&provider->stage, "ingress"), "sys.stopped#0 ");
}

static void
the_end_of_the_actor_closes_what_is_open (void **state)
{
    provider_t *provider = *state;
    provider->answer = NULL;
    provider_start (provider, 1, 0);
    provider_await_request (provider, 1);
    br_host_end (provider->stage.host, "upstream/acme");
    provider_turn (provider, 10);
    assert_int_equal (peer_open (provider->peer), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (before_a_slice_nothing_is_asked),
        TEST (a_bad_slice_changes_nothing),
        TEST (a_new_slice_leaves_transfers_alone),
        TEST (connections_are_kept_over_a_reload),
        TEST (a_newer_attempt_ends_the_older_one),
        TEST (the_operator_sees_counts),
        TEST (a_stop_waits_for_transfers),
        TEST (a_stop_gives_up_what_lasts_too_long),
        TEST (an_idle_actor_stops_at_once),
        TEST (the_end_of_the_actor_closes_what_is_open),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
