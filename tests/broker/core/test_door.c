//  door: requests in, answers merged, replies out; time is the test's own, the sockets
//  are real.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zmq.h>

#include "broker/core/door.h"

#define DEADLINE_TURNS 20000 //  of a millisecond; for broken code alone
#define MS 1000000u

static struct {
    char dir[64];
    char endpoint[128];
    void *zmq;
    uint64_t now_ns;
    br_loop_t *loop;
    br_door_t *door;
    void *client;    //  DEALER
    unsigned asks;   //  count of questions that came through
    uint64_t ticket; //  of the last one
    char command[32];
    char args[64];
    unsigned actors;     //  how many are said to be asked
    const char *at_once; //  each answers so before ask returns
    bool refuse;         //  ask refuses the question itself
    bool hold;
} s;

static unsigned
s_ask (void *arg, const br_admin_row_t *row, uint64_t ticket, const char *args)
{
    assert_ptr_equal (arg, &s);
    s.asks++;
    s.ticket = ticket;
    snprintf (s.command, sizeof s.command, "%s", row->name);
    snprintf (s.args, sizeof s.args, "%s", args);
    if (s.hold)
        br_door_hold (s.door, ticket);
    if (s.refuse)
        br_door_refuse (s.door, ticket, BR_ECONFLICT, "not now");
    for (unsigned i = 0; s.at_once && i < s.actors; i++)
        br_door_answer (s.door, ticket, "a", s.at_once);
    return s.actors;
}

static const br_door_handler_t s_handler = { .ask = s_ask };

static int
s_setup (void **state)
{
    (void) state;
    memset (&s, 0, sizeof s);
    strcpy (s.dir, "/tmp/br-door-XXXXXX");
    assert_non_null (mkdtemp (s.dir));
    snprintf (s.endpoint, sizeof s.endpoint, "ipc://%s/admin.sock", s.dir);
    s.zmq = zmq_ctx_new ();
    s.loop = br_loop_new (br_clock_manual (&s.now_ns));
    s.door = br_door_new (s.loop, s.zmq, s.endpoint, &s_handler, &s, NULL);
    assert_non_null (s.door);
    s.client = zmq_socket (s.zmq, ZMQ_DEALER);
    const int zero = 0;
    zmq_setsockopt (s.client, ZMQ_LINGER, &zero, sizeof zero);
    return zmq_connect (s.client, s.endpoint);
}

static int
s_teardown (void **state)
{
    (void) state;
    br_door_destroy (&s.door);
    assert_null (s.door);
    br_door_destroy (&s.door);
    br_loop_destroy (&s.loop);
    zmq_close (s.client);
    zmq_ctx_term (s.zmq);
    char command[128];
    snprintf (command, sizeof command, "rm -rf '%s'", s.dir);
    return system (command);
}

static void
s_request (const char *json)
{
    zmq_send (s.client, json, strlen (json), 0);
}

//  Turns the loop until the client hears a reply.
static const char *
s_reply_to (void *client, char *room, size_t size)
{
    for (int turn = 0; turn < DEADLINE_TURNS; turn++) {
        br_loop_turn (s.loop, 0);
        zmq_pollitem_t item = { .socket = client, .events = ZMQ_POLLIN };
        if (zmq_poll (&item, 1, 1) > 0) {
            int got = zmq_recv (client, room, size - 1, 0);
            room[got] = 0;
            return room;
        }
    }
    fail_msg ("no reply came");
    return NULL;
}

static void
s_expect (const char *reply)
{
    char room[4096];
    assert_string_equal (s_reply_to (s.client, room, sizeof room), reply);
}

//  Sends a question that no actor answers at once, and waits until it came through.
static void
s_open (const char *json, unsigned actors)
{
    unsigned asks = s.asks;
    s.actors = actors;
    s_request (json);
    for (int turn = 0; s.asks == asks; turn++) {
        br_loop_turn (s.loop, 0);
        zmq_poll (NULL, 0, 1);
        assert_true (turn < DEADLINE_TURNS);
    }
}

static void
test_the_catalogue_is_whole (void **state)
{
    (void) state;
    size_t count = 0;
    for (const br_admin_row_t *row; (row = br_admin_row (count)); count++) {
        assert_true (*row->name && *row->about && row->role < BR_ROLE_COUNT);
        assert_true (row->merge <= BR_MERGE_SUM);
    }
    assert_true (count > 5);
    assert_null (br_admin_row (count + 1));
    assert_null (br_admin_row (SIZE_MAX));
}

static void
test_a_question_is_answered (void **state)
{
    (void) state;
    s.actors = 1;
    s.at_once = "{\"up\":1}";
    s_request ("{\"command\": \"status\", \"args\": {\"a\": 1}}");
    s_expect ("{\"ok\":true,\"result\":{\"up\":1},\"missing\":0}");
    assert_string_equal (s.command, "status");
    assert_string_equal (s.args, "{\"a\":1}");
    s_request ("{\"command\":\"status\",\"args\":[1]}"); //  args that are no object
    s_expect ("{\"ok\":true,\"result\":{\"up\":1},\"missing\":0}");
    assert_string_equal (s.args, "{}");
}

//  A REQ sends an empty frame before its request, and wants it back.
static void
test_a_req_is_answered_too (void **state)
{
    (void) state;
    s.actors = 1;
    s.at_once = "1";
    char room[256];
    void *req = zmq_socket (s.zmq, ZMQ_REQ);
    zmq_connect (req, s.endpoint);
    for (int i = 0; i < 3; i++) {
        zmq_send (req, "{\"command\":\"status\"}", 20, 0);
        assert_string_equal (s_reply_to (req, room, sizeof room),
                             "{\"ok\":true,\"result\":1,\"missing\":0}");
    }
    const int zero = 0;
    zmq_setsockopt (req, ZMQ_LINGER, &zero, sizeof zero);
    zmq_close (req);
}

static void
test_strangers_bytes_are_refused (void **state)
{
    (void) state;
    static const char *const requests[] = {
        "x",
        "{",
        "[]",
        "null",
        "{\"command\":1}",
        "{\"Command\":\"status\"}",
        "{}",
        "\"a\"",
        "\xff\xfe",
        "{\"command\":\"status\"}{",
        "{\"command\":\"\xff\"}",
        "{\"command\":\"status\",\"args\":{\"name\":\"a\\u0000b\"}}",
    };
    char room[512];
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        s_request (requests[i]);
        const char *said = s_reply_to (s.client, room, sizeof room);
        assert_non_null (strstr (said,
                                 "{\"ok\":false,\"error\":{\"code\":\"invalid_request\""
                                 ",\"message\":\"send {\\\"command\\\": NAME, "
                                 "\\\"args\\\": {}}"));
    }
    s_request ("{\"command\":\"fly\"}");
    const char *reply = s_reply_to (s.client, room, sizeof room);
    assert_non_null (strstr (reply, "\"ok\":false"));
    assert_non_null (strstr (reply, "\"code\":\"not_found\""));
    //  frames upon frames, and more bytes than are taken
    for (int i = 0; i < 20; i++)
        zmq_send (s.client, "{", 1, ZMQ_SNDMORE);
    s_request ("}");
    assert_non_null (
        strstr (s_reply_to (s.client, room, sizeof room), "invalid_request"));
    size_t size = 3u << 20;
    char *large = malloc (size);
    memset (large, ' ', size);
    memcpy (large + size - 20, "{\"command\":\"status\"}", 20);
    zmq_send (s.client, large, size, 0);
    assert_non_null (
        strstr (s_reply_to (s.client, room, sizeof room), "invalid_request"));
    free (large);
    assert_int_equal (s.asks, 0);
}

static void
test_one_takes_the_first_that_is_not_null (void **state)
{
    (void) state;
    s_open ("{\"command\":\"routes\"}", 4);
    br_door_answer (s.door, s.ticket, "a", "null");
    br_door_answer (s.door, s.ticket, "b", "no json");
    br_door_answer (s.door, s.ticket, "c", "\"first\"");
    br_door_answer (s.door, s.ticket, "d", "\"second\"");
    s_expect ("{\"ok\":true,\"result\":\"first\",\"missing\":0}");
}

static void
test_lists_are_joined (void **state)
{
    (void) state;
    s_open ("{\"command\":\"upstreams\"}", 4);
    br_door_answer (s.door, s.ticket, "a", "[1,2]");
    br_door_answer (s.door, s.ticket, "b", "null");
    br_door_answer (s.door, s.ticket, "c", "{\"n\":3}");
    br_door_answer (s.door, s.ticket, "d", "[]");
    s_expect ("{\"ok\":true,\"result\":[1,2,{\"n\":3,\"host\":\"c\"}],\"missing\":0}");
    s_open ("{\"command\":\"upstreams\"}", 1);
    br_door_answer (s.door, s.ticket, "a", "null");
    s_expect ("{\"ok\":true,\"result\":[],\"missing\":0}");
}

//  Given rows of several hosts, then each tells its own, and one that does already keeps it.
static void
test_rows_tell_their_host (void **state)
{
    (void) state;
    s_open ("{\"command\":\"health\"}", 3);
    br_door_answer (s.door, s.ticket, "shard-1", "[{\"ok\":1},{\"ok\":2}]");
    br_door_answer (s.door, s.ticket, "shard-2", "[{\"ok\":3,\"host\":\"x\"}]");
    br_door_answer (s.door, s.ticket, NULL, "[{\"ok\":4}]");
    s_expect ("{\"ok\":true,\"result\":[{\"ok\":1,\"host\":\"shard-1\"},"
              "{\"ok\":2,\"host\":\"shard-1\"},{\"ok\":3,\"host\":\"x\"},{\"ok\":4}],"
              "\"missing\":0}");
}

static void
test_numbers_are_added (void **state)
{
    (void) state;
    s_open ("{\"command\":\"calls\"}", 3);
    br_door_answer (s.door, s.ticket, "a", "{\"open\":1,\"name\":\"a\"}");
    br_door_answer (s.door, s.ticket, "b", "{\"open\":2,\"more\":5}");
    br_door_answer (s.door, s.ticket, "c", "{\"open\":4,\"name\":7}");
    s_expect ("{\"ok\":true,\"result\":{\"open\":7,\"name\":\"a\",\"more\":5},"
              "\"missing\":0}");
}

static void
test_nobody_to_ask_is_an_answer (void **state)
{
    (void) state;
    s.actors = 0;
    s_request ("{\"command\":\"ledger\"}");
    s_expect ("{\"ok\":true,\"result\":null,\"missing\":0}");
}

//  Given actors that do not answer, when the time is over, then there is what came, and
//  the count of the missing; what comes later is ignored.
static void
test_a_question_ends_with_its_time (void **state)
{
    (void) state;
    s_open ("{\"command\":\"upstreams\"}", 3);
    br_door_answer (s.door, s.ticket, "a", "[1]");
    s.now_ns += (BR_DOOR_MS - 1) * (uint64_t) MS;
    br_loop_turn (s.loop, 0);
    s.now_ns += 2 * MS;
    s_expect ("{\"ok\":true,\"result\":[1],\"missing\":2}");
    br_door_answer (s.door, s.ticket, "b", "[2]");
    br_door_refuse (s.door, s.ticket, BR_EBUSY, "late");
    br_door_hold (s.door, s.ticket);
    br_door_answer (s.door, 999, "b", "[2]");
}

static void
test_a_held_question_has_no_time (void **state)
{
    (void) state;
    s.hold = true;
    s_open ("{\"command\":\"reload\"}", 1);
    s.now_ns += 100 * BR_DOOR_MS * (uint64_t) MS;
    br_loop_turn (s.loop, 0);
    br_door_answer (s.door, s.ticket, "broker", "{\"generation\":2}");
    s_expect ("{\"ok\":true,\"result\":{\"generation\":2},\"missing\":0}");
}

static void
test_a_question_can_be_refused (void **state)
{
    (void) state;
    static const char refusal[] =
        "{\"ok\":false,\"error\":{\"code\":\"conflict\",\"message\":\"not now\"}}";
    s.refuse = true;
    s_open ("{\"command\":\"reload\"}", 1);
    s_expect (refusal);
    s.refuse = false;
    s_open ("{\"command\":\"reload\"}", 1);
    br_door_refuse (s.door, s.ticket, BR_ECONFLICT, "not now");
    s_expect (refusal);
}

//  Given 300 questions under way, then the door holds a bounded number of them, and
//  destroys them with itself.
static void
test_questions_under_way_are_bounded (void **state)
{
    (void) state;
    s.actors = 1;
    for (int i = 0; i < 300; i++)
        s_request ("{\"command\":\"ledger\"}");
    for (int turn = 0; s.asks < 256; turn++) {
        br_loop_turn (s.loop, 0);
        zmq_poll (NULL, 0, 1);
        assert_true (turn < DEADLINE_TURNS);
    }
    for (int i = 256; i < 300; i++)
        s_expect (
            "{\"ok\":false,\"error\":{\"code\":\"overloaded\",\"message\":\"too many "
            "questions are under way; try again\"}}");
    assert_int_equal (s.asks, 256);
}

//  Given a flood of questions, when the loop turns once, then it does something else, too.
static void
test_a_flood_is_read_bit_by_bit (void **state)
{
    (void) state;
    s.actors = 1;
    for (int i = 0; i < 200; i++)
        s_request ("{\"command\":\"ledger\"}");
    unsigned turns = 0;
    for (int turn = 0; s.asks < 200; turn++) {
        unsigned asks = s.asks;
        br_loop_turn (s.loop, 0);
        assert_in_range (s.asks - asks, 0, 64);
        turns += s.asks > asks;
        zmq_poll (NULL, 0, 1);
        assert_true (turn < DEADLINE_TURNS);
    }
    assert_true (turns >= 4);
}

static void
test_the_socket_is_its_users_alone (void **state)
{
    (void) state;
    struct stat facts;
    assert_int_equal (stat (s.endpoint + strlen ("ipc://"), &facts), 0);
    assert_int_equal (facts.st_mode & 0777, 0600);
}

static void
test_a_zero_is_found_and_nothing_like_it (void **state)
{
    (void) state;
    static const struct {
        const char *text;
        int rc;
    } rows[] = {
        { "{\"a\":\"\\u0000\"}", -1 },
        { "{\"a\":\"\\\\u0000\"}", 0 },
        { "{\"a\":\"\\\\\\u0000\"}", -1 },
        { "{\"a\\u0000\":1}", -1 },
        { "{\"a\":\"u0000\"}", 0 },
        { "{\"a\":\"\\u00001\"}", -1 },
        { "{} {}", -1 },
        { " {} \n", 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_error_t error;
        if (br_door_check (rows[i].text, strlen (rows[i].text), &error) != rows[i].rc)
            fail_msg ("%s", rows[i].text);
    }
}

static void
test_an_endpoint_that_cannot_be_bound_is_an_error (void **state)
{
    (void) state;
    br_error_t error = { .code = BR_OK };
    assert_null (
        br_door_new (s.loop, s.zmq, "ipc:///nowhere/at/all", &s_handler, &s, &error));
    assert_int_equal (error.code, BR_ESYSTEM);
    assert_non_null (strstr (error.text, "ipc:///nowhere/at/all"));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_the_catalogue_is_whole),
        TEST (test_a_question_is_answered),
        TEST (test_a_req_is_answered_too),
        TEST (test_strangers_bytes_are_refused),
        TEST (test_one_takes_the_first_that_is_not_null),
        TEST (test_lists_are_joined),
        TEST (test_rows_tell_their_host),
        TEST (test_numbers_are_added),
        TEST (test_nobody_to_ask_is_an_answer),
        TEST (test_a_question_ends_with_its_time),
        TEST (test_a_held_question_has_no_time),
        TEST (test_a_question_can_be_refused),
        TEST (test_questions_under_way_are_bounded),
        TEST (test_a_flood_is_read_bit_by_bit),
        TEST (test_the_socket_is_its_users_alone),
        TEST (test_a_zero_is_found_and_nothing_like_it),
        TEST (test_an_endpoint_that_cannot_be_bound_is_an_error),
    };
    return cmocka_run_group_tests_name ("door", tests, NULL, NULL);
}
