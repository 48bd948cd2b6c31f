//  event_socket: what is published reaches who subscribed, and the host hears whether
//  anybody does.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "broker/core/event_socket.h"

#define DEADLINE_TURNS 20000 //  of a millisecond; for broken code alone

static struct {
    char dir[64];
    char endpoint[128];
    void *zmq;
    br_loop_t *loop;
    br_event_socket_t *socket;
    bool wanted;
    bool trace;
    int told;
} s;

static void
s_tell (void *arg, bool wanted, bool trace)
{
    assert_ptr_equal (arg, &s);
    s.wanted = wanted;
    s.trace = trace;
    s.told++;
}

static int
s_setup (void **state)
{
    (void) state;
    memset (&s, 0, sizeof s);
    strcpy (s.dir, "/tmp/br-events-XXXXXX");
    assert_non_null (mkdtemp (s.dir));
    snprintf (s.endpoint, sizeof s.endpoint, "ipc://%s/events.sock", s.dir);
    s.zmq = zmq_ctx_new ();
    s.loop = br_loop_new (br_clock_real ());
    s.socket = br_event_socket_new (s.loop, s.zmq, s.endpoint, s_tell, &s, NULL);
    return s.socket ? 0 : -1;
}

static int
s_teardown (void **state)
{
    (void) state;
    br_event_socket_destroy (&s.socket);
    assert_null (s.socket);
    br_event_socket_destroy (&s.socket);
    br_loop_destroy (&s.loop);
    zmq_ctx_term (s.zmq);
    char command[128];
    snprintf (command, sizeof command, "rm -rf '%s'", s.dir);
    return system (command);
}

#define TURN_UNTIL(condition)                                                            \
    do {                                                                                 \
        for (int turn = 0; !(condition); turn++) {                                       \
            br_loop_turn (s.loop, 1);                                                    \
            if (turn == DEADLINE_TURNS)                                                  \
                fail_msg ("never came: %s", #condition);                                 \
        }                                                                                \
    } while (0)

//  A subscriber whose topic has arrived.
static void *
s_subscriber (const char *topic)
{
    void *sub = zmq_socket (s.zmq, ZMQ_SUB);
    const int zero = 0;
    zmq_setsockopt (sub, ZMQ_LINGER, &zero, sizeof zero);
    zmq_setsockopt (sub, ZMQ_SUBSCRIBE, topic, strlen (topic));
    assert_int_equal (zmq_connect (sub, s.endpoint), 0);
    int told = s.told;
    TURN_UNTIL (s.told > told);
    return sub;
}

static void
s_publish (const char *lines)
{
    br_event_socket_publish (s.socket, lines, strlen (lines));
}

//  The next event, "topic|line".
static const char *
s_next (void *sub, char room[512])
{
    const int ms = 20000;
    zmq_setsockopt (sub, ZMQ_RCVTIMEO, &ms, sizeof ms);
    int size = zmq_recv (sub, room, 256, 0);
    assert_true (size > 0);
    room[size++] = '|';
    int more = zmq_recv (sub, room + size, 255, 0);
    assert_true (more > 0);
    room[size + more] = 0;
    return room;
}

static void
test_a_subscriber_gets_its_topic_alone (void **state)
{
    (void) state;
    char room[512];
    void *sub = s_subscriber ("call.");
    s_publish ("{\"event\":\"host.up\",\"n\":1}\n"
               "{\"event\":\"call.started\",\"n\":2}\n"
               "{\"event\":\"call.ended\",\"n\":3}"); //  the last needs no end of line
    assert_string_equal (s_next (sub, room),
                         "call.started|{\"event\":\"call.started\",\"n\":2}");
    assert_string_equal (s_next (sub, room),
                         "call.ended|{\"event\":\"call.ended\",\"n\":3}");
    zmq_close (sub);
}

static void
test_lines_that_are_no_events_are_left_out (void **state)
{
    (void) state;
    char room[512];
    void *sub = s_subscriber ("");
    br_event_socket_publish (s.socket, NULL, 0);
    s_publish ("\n\nnonsense\n{\"event\":\n{\"event\":\"\n{\"event\":\"cut\n{}\n"
               "{\"event\":\"good\"}\n");
    assert_string_equal (s_next (sub, room), "good|{\"event\":\"good\"}");
    zmq_close (sub);
}

static void
test_wanted_follows_subscriptions (void **state)
{
    (void) state;
    assert_false (br_event_socket_is_wanted (s.socket));
    void *all = s_subscriber ("");
    assert_true (s.wanted && !s.trace);
    assert_true (br_event_socket_is_wanted (s.socket));
    void *trace = s_subscriber ("message");
    assert_true (s.wanted && s.trace);
    zmq_close (trace);
    TURN_UNTIL (!s.trace);
    assert_true (s.wanted);
    zmq_close (all);
    TURN_UNTIL (!s.wanted);
    assert_false (br_event_socket_is_wanted (s.socket));
}

//  Neither a longer nor a shorter topic asks for an event of each message.
static void
test_only_the_whole_name_asks_for_tracing (void **state)
{
    (void) state;
    void *longer = s_subscriber ("message.dropped");
    void *shorter = s_subscriber ("mess");
    assert_true (s.wanted && !s.trace);
    zmq_close (longer);
    zmq_close (shorter);
    TURN_UNTIL (!s.wanted);
}

//  An XPUB hears whatever a peer sends: topics without end and bytes that are none.
static void
test_odd_subscriptions_do_no_harm (void **state)
{
    (void) state;
    char topic[600];
    memset (topic, 'x', sizeof topic);
    void *sub = zmq_socket (s.zmq, ZMQ_XSUB);
    assert_int_equal (zmq_connect (sub, s.endpoint), 0);
    topic[0] = 1;
    zmq_send (sub, topic, sizeof topic, 0);
    zmq_send (sub, "nonsense", 8, 0);
    zmq_send (sub, "", 0, 0);
    zmq_send (sub, "\0never", 6, 0);
    zmq_send (sub, "\1message", 8, 0);
    TURN_UNTIL (s.trace);
    zmq_send (sub, "\0message", 8, 0);
    TURN_UNTIL (!s.trace);
    const int zero = 0;
    zmq_setsockopt (sub, ZMQ_LINGER, &zero, sizeof zero);
    zmq_close (sub);
}

static void
test_an_endpoint_that_cannot_be_bound_is_an_error (void **state)
{
    (void) state;
    br_error_t error = { .code = BR_OK };
    assert_null (
        br_event_socket_new (s.loop, s.zmq, "ipc:///nowhere/at/all", s_tell, &s, &error));
    assert_int_equal (error.code, BR_ESYSTEM);
    assert_non_null (strstr (error.text, "ipc:///nowhere/at/all"));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_a_subscriber_gets_its_topic_alone),
        TEST (test_lines_that_are_no_events_are_left_out),
        TEST (test_wanted_follows_subscriptions),
        TEST (test_only_the_whole_name_asks_for_tracing),
        TEST (test_odd_subscriptions_do_no_harm),
        TEST (test_an_endpoint_that_cannot_be_bound_is_an_error),
    };
    return cmocka_run_group_tests_name ("event_socket", tests, NULL, NULL);
}
