//  host: the queue and its turns, who may send what, gone after the last message, work in
//  slices, events and bounds. Time is the test's own.

#include "tests/broker/core/host_fixture.h"

//  ---- the queue

static void
test_messages_keep_their_order_over_all_actors (void **state)
{
    (void) state;
    br_addr_t a = s_start ("a"), b = s_start ("b");
    s_post (a, 1);
    s_post (b, 2);
    s_post (a, 3);
    s_noted (""); //  a post only queues
    s_settle ();
    s_noted ("a:1 b:2 a:3 ");
}

//  The handler checks that no other one runs.
static void
test_a_send_from_a_handler_is_never_nested (void **state)
{
    (void) state;
    br_addr_t a = s_start ("a");
    s.act = DO_SEND;
    s_post (a, 1);
    s_post (a, 2);
    s_settle ();
    s_noted ("a:1 a:2 a:10 a:10 ");
}

static void
test_a_turn_is_64_messages (void **state)
{
    (void) state;
    br_addr_t a = s_start ("a");
    for (uint64_t i = 0; i < BR_TURN_MESSAGES + 1; i++)
        s_post (a, i);
    assert_true (br_host_work (s.host));
    assert_int_equal (br_host_stats (s.host).messages, BR_TURN_MESSAGES);
    assert_false (br_host_work (s.host));
    assert_int_equal (br_host_stats (s.host).messages, BR_TURN_MESSAGES + 1);
}

static void
test_a_turn_is_a_millisecond (void **state)
{
    (void) state;
    br_addr_t a = s_start ("a");
    s.act = DO_TIME; //  0.4 ms each
    for (uint64_t i = 0; i < 5; i++)
        s_post (a, i);
    assert_true (br_host_work (s.host));
    s_noted ("a:0 a:1 a:2 ");
    assert_false (br_host_work (s.host));
    s_noted ("a:3 a:4 ");
}

static void
test_the_loop_works_the_queue_off (void **state)
{
    (void) state;
    br_addr_t a = s_start ("a");
    s_post (a, 1);
    br_loop_turn (br_host_loop (s.host), 1000);
    s_noted ("a:1 ");
}

static void
test_gone_comes_after_the_last_message (void **state)
{
    (void) state;
    br_addr_t a = s_start ("a");
    s_start ("b");
    s_arrive ((br_addr_t) { 2, 1, 1 }, a, BR_CALL_FENCE, 1);
    br_host_gone (s.host, 2, 1);
    s_post (a, 2);
    s_settle ();
    s_noted ("a:1 a:gone2.1 b:gone2.1 a:2 ");
}

static void
test_stats_tell_the_longest_handler_once (void **state)
{
    (void) state;
    br_addr_t a = s_start ("a");
    s.act = DO_TIME;
    s_post_verb (a, BR_CALL_OPEN, 1, NULL, NULL);
    s_settle ();
    br_host_stats_t stats = br_host_stats (s.host);
    assert_int_equal (stats.longest_ns, 400 * US);
    assert_int_equal (stats.longest_verb, BR_CALL_OPEN);
    assert_int_equal (stats.slow, 0);
    assert_int_equal (br_host_stats (s.host).longest_ns, 0);
    s_post (a, 2);
    assert_true (br_host_stats (s.host).queued_bytes > 0);
}

static void
test_stats_tell_what_most_handlers_stay_under (void **state)
{
    (void) state;
    br_addr_t a = s_start ("a");
    assert_int_equal (br_host_stats_p999_us (&(br_host_stats_t) { .messages = 0 }), 0);
    s.act = DO_TIME;
    s_post_verb (a, BR_CALL_OPEN, 1, NULL, NULL);
    s_settle ();
    br_host_stats_t stats = br_host_stats (s.host);
    assert_int_equal (br_host_stats_p999_us (&stats), 512); //  one of 400
    stats = (br_host_stats_t) { .messages = 2000 };
    stats.spans[3] = 1998; //  under 8 us
    stats.spans[13] = 2;   //  one in a thousand may be longer
    assert_int_equal (br_host_stats_p999_us (&stats), 8);
    stats.messages = 1999;
    assert_int_equal (br_host_stats_p999_us (&stats), 8192);
}

//  ---- where messages go

static void
test_other_hosts_are_reached_through_the_way_out (void **state)
{
    (void) state;
    br_error_t error = { .code = BR_OK };
    br_addr_t far = { 2, 1, 1 }, old = { 1, 3, 1 }, busy = { 9, 1, 1 };
    assert_int_equal (s_post_verb (far, BR_CALL_FENCE, 1, NULL, &error), 0);
    assert_int_equal (s_post_verb (old, BR_CALL_OPEN, 1, NULL, &error), 0);
    assert_string_equal (br_buf_text (&s.sent), "2:call.fence 1:call.open ");
    assert_int_equal (s_post_verb (busy, BR_CALL_FENCE, 1, NULL, &error), -1);
    assert_int_equal (error.code, BR_EBUSY);
    br_host_set_remote (s.host, NULL, NULL);
    assert_int_equal (s_post_verb (far, BR_CALL_FENCE, 1, NULL, &error), -1);
    assert_int_equal (error.code, BR_EGONE);
}

static void
test_the_host_itself_is_actor_0 (void **state)
{
    (void) state;
    s_post_verb (br_host_addr (s.host), BR_SYS_START, 0, NULL, NULL);
    s_settle ();
    assert_string_equal (br_buf_text (&s.own), "sys.start ");
}

static void
test_an_actor_that_ended_is_gone_at_once (void **state)
{
    (void) state;
    br_error_t error = { .code = BR_OK };
    br_addr_t a = s_start ("a");
    br_host_end (s.host, "a");
    s_noted ("~a ");
    assert_int_equal (s_post_verb (a, BR_CALL_FENCE, 1, NULL, &error), -1);
    assert_int_equal (error.code, BR_EGONE);
    a.actor = 77;
    assert_int_equal (s_post_verb (a, BR_CALL_FENCE, 1, NULL, &error), -1);
    //  its number is not given to another
    assert_int_equal (s_start ("a").actor, 2);
}

static void
test_what_cannot_be_delivered_is_told (void **state)
{
    (void) state;
    br_host_watch (s.host, true, false);
    br_addr_t a = s_start ("a"), b = s_start ("b");
    s_post (a, 1);
    s_post_verb (b, BR_ATTEMPT_START, 2, NULL, NULL);
    br_host_end (s.host, "a");
    const char *events = s_tick ();
    assert_int_equal (s_count (events, "\"message.dropped\""), 2);
    assert_int_equal (s_count (events,
                               "\"verb\":\"call.fence\",\"reason\":\"its actor has "
                               "ended\""),
                      1);
    assert_int_equal (s_count (events,
                               "\"verb\":\"attempt.start\",\"reason\":\"its actor "
                               "does not handle it\""),
                      1);
}

//  ---- what arrives from other hosts

static void
test_senders_are_checked_against_the_verb (void **state)
{
    (void) state;
    br_host_watch (s.host, true, false);
    br_addr_t a = s_start ("a");
    br_addr_t router = { 2, 1, 1 }, ingress = { 3, 1, 1 }, unknown = { 4, 1, 1 };
    s_arrive (router, a, BR_CALL_FENCE, 1);
    s_arrive (ingress, a, BR_CALL_FENCE, 2); //  only routers fence
    s_arrive (unknown, a, BR_CALL_FENCE, 3);
    s_arrive (ingress, a, BR_CALL_OPEN, 4);
    s_arrive (router, a, BR_CALL_OPEN, 5); //  only ingress, auth and guard open
    s_settle ();
    s_noted ("a:1 a:4 ");
    assert_int_equal (s_count (s_tick (), "\"reason\":\"its sender may not send it\""),
                      3);
}

static void
test_other_incarnations_mail_is_dropped (void **state)
{
    (void) state;
    br_host_watch (s.host, true, false);
    br_addr_t a = s_start ("a"), router = { 2, 1, 1 };
    s_arrive (router, (br_addr_t) { 1, 3, 1 }, BR_CALL_FENCE, 1);
    s_arrive (router, (br_addr_t) { 2, 4, 1 }, BR_CALL_FENCE, 2);
    s_arrive (router, (br_addr_t) { 1, 4, 5 }, BR_CALL_FENCE, 3);
    s_arrive ((br_addr_t) { 2, 1, 0 }, a, BR_SYS_GONE, 4);
    const char *events = s_tick ();
    s_noted ("");
    assert_int_equal (s_count (events, "it is for another incarnation"), 2);
    assert_int_equal (s_count (events, "its actor has ended"), 1);
    assert_int_equal (s_count (events, "it is never sent between hosts"), 1);
}

//  Who asks an actor that has just ended waits for an answer: it gets one.
static void
test_an_ended_actor_owes_nothing (void **state)
{
    (void) state;
    br_addr_t router = { 2, 1, 1 }, ended = { 1, 4, 5 };
    s_arrive (router, ended, BR_ATTEMPT_START, 1);
    s_arrive (router, ended, BR_ATTEMPT_CANCEL, 2);
    s_arrive (router, ended, BR_REPLY_CREDIT, 3);
    s_settle ();
    assert_string_equal (br_buf_text (&s.sent), "2:attempt.fail 2:attempt.done ");
}

//  Who joins has no number yet, and does not know the life of this host.
static void
test_a_join_needs_neither_life_nor_role (void **state)
{
    (void) state;
    s_arrive ((br_addr_t) { 0, 0, 0 }, (br_addr_t) { 1, 0, 0 }, BR_SYS_JOIN, 0);
    s_settle ();
    assert_string_equal (br_buf_text (&s.own), "sys.join ");
}

//  ---- work in slices

static void
test_again_runs_in_the_next_turn_in_order (void **state)
{
    (void) state;
    br_addr_t a = s_start ("a"), b = s_start ("b");
    br_ctx_t *ctx = br_host_ctx (s.host, "a");
    s.agains = 3;
    br_ctx_again (ctx, s_again, ctx);
    s_post (a, 1);
    s_post (b, 2);
    assert_true (br_host_work (s.host));
    s_noted ("again3 a:1 b:2 ");
    assert_true (br_host_work (s.host));
    s_noted ("again2 ");
    assert_true (br_host_work (s.host));
    s_noted ("again1 ");
    assert_false (br_host_work (s.host));
}

//  Given a handler that asks for more time, then the loop must not sleep before.
static void
test_again_from_a_handler_keeps_the_host_awake (void **state)
{
    (void) state;
    br_addr_t a = s_start ("a");
    s.act = DO_AGAIN;
    s.agains = 1;
    s_post (a, 1);
    assert_true (br_host_work (s.host));
    s_noted ("a:1 ");
    br_host_work (s.host);
    s_noted ("again1 ");
    assert_false (br_host_work (s.host));
}

static void
test_again_is_forgotten_with_the_actor (void **state)
{
    (void) state;
    s_start ("a");
    br_ctx_t *ctx = br_host_ctx (s.host, "a");
    br_ctx_again (ctx, s_again, ctx);
    br_host_end (s.host, "a");
    s_settle ();
    s_noted ("~a ");
}

//  ---- actors

static void
test_actors_are_started_by_kind_and_name (void **state)
{
    (void) state;
    br_error_t error = { .code = BR_OK };
    br_addr_t one = s_start ("b/one");
    assert_true (br_addr_is (one, (br_addr_t) { 1, 4, 1 }));
    assert_true (br_addr_is (s_start ("b/one"), one)); //  twice is once
    assert_int_equal (s_start ("b/two").actor, 2);
    assert_false (br_addr_is_set (br_host_start (s.host, "c", &error)));
    assert_int_equal (error.code, BR_ENOTFOUND);
    assert_false (br_addr_is_set (br_host_start (s.host, "", &error)));
    assert_false (br_addr_is_set (br_host_start (s.host, "bb", &error)));
    char name[BR_NAME_MAX + 1] = "b/";
    memset (name + 2, 'x', BR_NAME_MAX - 2);
    assert_false (br_addr_is_set (br_host_start (s.host, name, &error)));
    name[BR_NAME_MAX - 1] = 0;
    assert_true (br_addr_is_set (br_host_start (s.host, name, &error)));
    assert_string_equal (br_ctx_name (br_host_actor (s.host, 1)), "b/two");
    br_host_end (s.host, "b/one");
    assert_string_equal (br_ctx_name (br_host_actor (s.host, 0)), "b/two");
    assert_null (br_host_actor (s.host, 2));
    assert_null (br_host_ctx (s.host, "b/one"));
    br_host_end (s.host, "nobody");
}

static void
test_a_create_that_fails_leaves_nothing (void **state)
{
    (void) state;
    br_error_t error = { .code = BR_OK };
    s.fail = true;
    assert_false (br_addr_is_set (br_host_start (s.host, "a", &error)));
    assert_string_equal (error.text, "no luck");
    assert_null (br_host_ctx (s.host, "a"));
    s_settle ();
    s.fail = false;
    assert_int_equal (s_start ("a").actor, 1);
    s_noted ("");
}

static void
test_the_youngest_end_first (void **state)
{
    (void) state;
    s_start ("a");
    s_start ("b/1");
    s_start ("b/2");
    br_host_end_all (s.host);
    s_noted ("~b/2 ~b/1 ~a ");
    br_host_end_all (s.host);
    s_noted ("");
    br_host_end_all (NULL);
}

static void
test_destroy_lets_queued_messages_go (void **state)
{
    (void) state;
    br_addr_t a = s_start ("a");
    br_blob_t *body = br_blob_new ("x", 1);
    s_post_verb (a, BR_CALL_OPEN, 1, body, NULL);
    br_blob_destroy (&body);
    br_host_destroy (&s.host);
    assert_null (s.host);
    s_noted ("~a ");
    br_host_destroy (&s.host);
    br_host_destroy (NULL);
}

//  ---- events

static void
test_events_are_written_only_when_watched (void **state)
{
    (void) state;
    struct br_event_ready ready = { .generation = 1 };
    br_host_event (s.host, BR_EVENT_READY, &ready);
    assert_false (br_host_is_watched (s.host));
    assert_string_equal (s_tick (), "");
    br_host_watch (s.host, true, false);
    assert_true (br_host_is_watched (s.host));
    br_host_event (s.host, BR_EVENT_READY, &ready);
    br_host_event (s.host, BR_EVENT_READY, &ready);
    const char *events = s_tick ();
    assert_int_equal (s_count (events, "{\"event\":\"ready\",\"host\":\"h\""), 2);
    assert_int_equal (s_count (events, "\"seq\":1,"), 1);
    assert_int_equal (s_count (events, "\"seq\":2,"), 1);
    assert_int_equal (s_count (events, "\n"), 2);
    br_host_watch (s.host, false, true);
    br_host_event (s.host, BR_EVENT_READY, &ready);
    assert_string_equal (s_tick (), "");
}

//  Given more events than may wait, then some are lost whole, and the gap in seq tells.
static void
test_events_are_bounded_and_lines_stay_whole (void **state)
{
    (void) state;
    br_host_watch (s.host, true, false);
    char text[1000];
    memset (text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    struct br_event_conf_refused refused = { .error = text };
    for (int i = 0; i < 2000; i++)
        br_host_event (s.host, BR_EVENT_CONF_REFUSED, &refused);
    const char *events = s_tick ();
    size_t lines = s_count (events, "\n");
    assert_true (lines > 100 && lines < 2000);
    assert_int_equal (s_count (events, "\"}\n"), lines);
    assert_int_equal (s_count (events, "{\"event\":"), lines);
    br_host_event (s.host, BR_EVENT_CONF_REFUSED, &refused);
    assert_int_equal (s_count (s_tick (), "\"seq\":2001,"), 1);
}

static void
test_tracing_tells_each_hop (void **state)
{
    (void) state;
    br_host_watch (s.host, true, true);
    br_addr_t a = s_start ("a");
    br_blob_t *body = br_blob_new ("12345", 5);
    s_post_verb (a, BR_CALL_OPEN, 7, body, NULL);
    s_post_verb (br_host_addr (s.host), BR_SYS_BEAT, 0, NULL, NULL);
    br_msg_t *far = br_msg_new (BR_CALL_CANCEL, (br_id_t) { 1, 7 }, 0, NULL, NULL);
    far->from = (br_addr_t) { 3, 1, 1 };
    far->to = a;
    br_host_arrived (s.host, &far);
    const char *events = s_tick ();
    assert_int_equal (s_count (events, "{\"event\":\"message\""), 2);
    assert_int_equal (s_count (events, "\"from\":\"ingress\",\"to\":\"a\""), 1);
    assert_int_equal (
        s_count (events, "\"call\":\"00000000-0000-0001-0000-000000000007\",\"verb\":"
                         "\"call.open\",\"from\":\"0.0.0\",\"to\":\"a\",\"attempt\":1,"
                         "\"body_bytes\":5"),
        1);
    br_blob_destroy (&body);
}

//  ---- bounds

//  Bodies that only say how large they are.
static int
s_post_huge (br_addr_t to, size_t size, br_error_t *reterr)
{
    static char nothing;
    br_blob_t *body = br_blob_wrap (&nothing, size, NULL, NULL);
    int rc = s_post_verb (to, BR_CALL_OPEN, 1, body, reterr);
    br_blob_destroy (&body);
    return rc;
}

static void
test_the_queue_is_bounded_in_bytes (void **state)
{
    (void) state;
    br_error_t error = { .code = BR_OK };
    br_host_watch (s.host, true, false);
    br_addr_t a = s_start ("a");
    assert_int_equal (s_post_huge (a, BR_QUEUE_MAX / 2, &error), 0);
    assert_int_equal (s_count (s_tick (), "queue.filling"), 0);
    assert_int_equal (s_post_huge (a, BR_QUEUE_MAX / 2, &error), 0);
    assert_int_equal (s_post_huge (a, BR_QUEUE_MAX / 3, &error), 0);
    assert_int_equal (s_post_huge (a, 1u << 20, &error), 0);
    assert_int_equal (s_post_huge (a, BR_QUEUE_MAX / 6, &error), -1);
    assert_int_equal (error.code, BR_EBUSY);
    assert_int_equal (s_post_huge (a, 1u << 20, &error), 0);
    const char *events = s_tick ();
    assert_int_equal (s_count (events, "\"event\":\"queue.filling\""), 1); //  once
    assert_int_equal (s_count (events, "\"queue\":\"local\""), 1);
    assert_int_equal (br_host_stats (s.host).queued_bytes, 0);
    //  it is told again after it was below
    s_post (a, 1);
    s_post_huge (a, BR_QUEUE_MAX / 10 * 9, &error);
    assert_int_equal (s_count (s_tick (), "queue.filling"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_messages_keep_their_order_over_all_actors),
        TEST (test_a_send_from_a_handler_is_never_nested),
        TEST (test_a_turn_is_64_messages),
        TEST (test_a_turn_is_a_millisecond),
        TEST (test_the_loop_works_the_queue_off),
        TEST (test_gone_comes_after_the_last_message),
        TEST (test_stats_tell_the_longest_handler_once),
        TEST (test_stats_tell_what_most_handlers_stay_under),
        TEST (test_other_hosts_are_reached_through_the_way_out),
        TEST (test_the_host_itself_is_actor_0),
        TEST (test_an_actor_that_ended_is_gone_at_once),
        TEST (test_what_cannot_be_delivered_is_told),
        TEST (test_senders_are_checked_against_the_verb),
        TEST (test_other_incarnations_mail_is_dropped),
        TEST (test_an_ended_actor_owes_nothing),
        TEST (test_a_join_needs_neither_life_nor_role),
        TEST (test_again_runs_in_the_next_turn_in_order),
        TEST (test_again_from_a_handler_keeps_the_host_awake),
        TEST (test_again_is_forgotten_with_the_actor),
        TEST (test_actors_are_started_by_kind_and_name),
        TEST (test_a_create_that_fails_leaves_nothing),
        TEST (test_the_youngest_end_first),
        TEST (test_destroy_lets_queued_messages_go),
        TEST (test_events_are_written_only_when_watched),
        TEST (test_events_are_bounded_and_lines_stay_whole),
        TEST (test_tracing_tells_each_hop),
        TEST (test_the_queue_is_bounded_in_bytes),
    };
    return cmocka_run_group_tests_name ("host", tests, NULL, NULL);
}
