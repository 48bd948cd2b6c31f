//  tui_feed: events and answers come to the model, and nobody waits.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/events.h"
#include "tests/tui/scene.h"
#include "tui/tui_feed.h"

#define PATIENCE_MS 10000 //  for what comes at once on an idle machine
#define TURNS_MAX 2000

//  A server's two sockets, and who listens to them.
typedef struct {
    char dir[32];
    void *zmq, *events, *door;
    tui_feed_t *feed;
    tui_model_t *model;
    uint64_t now_ms;
} world_t;

static void *
s_bind (world_t *world, int type, const char *name)
{
    const int zero = 0, patience = PATIENCE_MS;
    void *socket = zmq_socket (world->zmq, type);
    zmq_setsockopt (socket, ZMQ_LINGER, &zero, sizeof zero);
    zmq_setsockopt (socket, ZMQ_RCVTIMEO, &patience, sizeof patience);
    char *endpoint = br_strf ("ipc://%s/%s", world->dir, name);
    assert_int_equal (zmq_bind (socket, endpoint), 0);
    free (endpoint);
    return socket;
}

static int
s_setup (void **state)
{
    world_t *world = BR_NEW (world_t);
    strcpy (world->dir, "/tmp/br-feed-XXXXXX");
    assert_non_null (mkdtemp (world->dir));
    world->zmq = zmq_ctx_new ();
    world->now_ms = SCENE_NOW;
    world->model = tui_model_new (SCENE_NOW);
    br_error_t error;
    world->feed = tui_feed_new (world->dir, &error);
    assert_non_null (world->feed);
    *state = world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    tui_feed_destroy (&world->feed);
    tui_model_destroy (&world->model);
    static const char *const names[] = { "events.sock", "admin.sock" };
    void *sockets[] = { world->events, world->door };
    for (size_t i = 0; i < 2; i++) {
        char *path = br_strf ("%s/%s", world->dir, names[i]);
        if (sockets[i])
            zmq_close (sockets[i]);
        unlink (path);
        free (path);
    }
    zmq_ctx_term (world->zmq);
    rmdir (world->dir);
    free (world);
    return 0;
}

static unsigned
s_turn (world_t *world, long wait_ms)
{
    zmq_pollitem_t items[TUI_FEED_POLLS];
    tui_feed_polls (world->feed, items);
    zmq_poll (items, TUI_FEED_POLLS, wait_ms);
    return tui_feed_turn (world->feed, world->model, world->now_ms);
}

//  The next question: who asks, and what. False when none comes.
static bool
s_take_question (world_t *world, zmq_msg_t *who, char *what, size_t room)
{
    zmq_pollitem_t item = { .socket = world->door, .events = ZMQ_POLLIN };
    for (unsigned i = 0; i < TURNS_MAX; i++) {
        s_turn (world, 0);
        if (zmq_poll (&item, 1, 5) <= 0)
            continue;
        zmq_msg_recv (who, world->door, 0);
        int size = zmq_recv (world->door, what, room - 1, 0);
        what[size > 0 ? size : 0] = 0;
        return true;
    }
    return false;
}

static void
s_answer (world_t *world, zmq_msg_t *who, const char *text)
{
    assert_true (zmq_msg_send (who, world->door, ZMQ_SNDMORE) >= 0);
    assert_true (zmq_send (world->door, text, strlen (text), 0) >= 0);
}

static void
given_a_server_when_it_raises_events_then_the_model_has_them (void **state)
{
    world_t *world = *state;
    world->events = s_bind (world, ZMQ_XPUB, "events.sock");
    bool wants_hops = false, wants_ends = false;
    for (unsigned i = 0; i + 1 < BR_EVENT_COUNT; i++) {
        char name[64] = "";
        assert_true (zmq_recv (world->events, name, sizeof name - 1, 0) > 0);
        wants_hops = wants_hops || strcmp (name + 1, "message") == 0;
        wants_ends = wants_ends || strcmp (name + 1, "call.ended") == 0;
    }
    assert_true (wants_ends);
    assert_false (wants_hops);
    static const char line[] = "{\"event\":\"call.started\",\"call\":\"a\"}";
    zmq_send (world->events, "call.started", 12, ZMQ_SNDMORE);
    zmq_send (world->events, line, sizeof line - 1, 0);
    assert_int_equal (s_turn (world, PATIENCE_MS), 1);
    assert_non_null (tui_calls_find (tui_model_calls (world->model), "a"));
}

static void
given_a_server_when_it_answers_then_it_is_up_and_heard (void **state)
{
    world_t *world = *state;
    char what[256];
    zmq_msg_t who;
    zmq_msg_init (&who);
    world->door = s_bind (world, ZMQ_ROUTER, "admin.sock");
    assert_true (s_take_question (world, &who, what, sizeof what));
    assert_string_equal (what, "{\"command\":\"snapshot\",\"args\":{}}");
    assert_false (tui_model_is_up (world->model));
    s_answer (world, &who, "{\"ok\":true,\"result\":{\"pid\":77},\"missing\":0}");
    assert_int_equal (s_turn (world, PATIENCE_MS), 1);
    assert_true (tui_model_is_up (world->model));
    const cJSON *snapshot = tui_model_said (world->model, TUI_SNAPSHOT);
    assert_int_equal (tui_json_count (snapshot, "pid"), 77);
    assert_true (s_take_question (world, &who, what, sizeof what));
    assert_string_not_equal (what, "{\"command\":\"snapshot\",\"args\":{}}");
    zmq_msg_close (&who);
}

static void
given_an_answer_that_comes_too_late_when_it_comes_then_it_is_nobodys (void **state)
{
    world_t *world = *state;
    char what[256];
    zmq_msg_t who, other;
    zmq_msg_init (&who);
    zmq_msg_init (&other);
    world->door = s_bind (world, ZMQ_ROUTER, "admin.sock");
    assert_true (s_take_question (world, &who, what, sizeof what));
    world->now_ms += 5000;
    s_turn (world, 0);
    assert_true (s_take_question (world, &other, what, sizeof what));
    //  Its socket is gone: the router drops it, or refuses.
    zmq_msg_send (&who, world->door, ZMQ_SNDMORE);
    zmq_send (world->door, "{\"ok\":true,\"result\":1}", 22, 0);
    s_answer (world, &other, "{\"ok\":false,\"error\":{}}");
    assert_int_equal (s_turn (world, PATIENCE_MS), 1);
    assert_true (tui_model_is_up (world->model));
    assert_null (tui_model_said (world->model, TUI_SNAPSHOT));
    zmq_msg_close (&other);
    zmq_msg_close (&who);
}

static void
given_an_answer_without_sense_when_it_comes_then_nothing_changes (void **state)
{
    world_t *world = *state;
    char what[256];
    zmq_msg_t who;
    zmq_msg_init (&who);
    world->door = s_bind (world, ZMQ_ROUTER, "admin.sock");
    assert_true (s_take_question (world, &who, what, sizeof what));
    s_answer (world, &who, "{{{");
    s_turn (world, PATIENCE_MS);
    assert_null (tui_model_said (world->model, TUI_SNAPSHOT));
    zmq_msg_close (&who);
}

static void
given_nobody_when_some_time_has_passed_then_the_reason_is_told (void **state)
{
    world_t *world = *state;
    assert_int_equal (s_turn (world, 0), 0);
    assert_string_equal (tui_model_reason (world->model), "");
    world->now_ms += 2000;
    assert_int_equal (s_turn (world, 0), 0);
    assert_false (tui_model_is_up (world->model));
    assert_non_null (strstr (tui_model_reason (world->model), "bitrouter serve"));
}

//  ---- another machine

//  A server's two sockets over tcp, whose home is the world's folder.
typedef struct {
    br_zap_t *zap;
    char admin[BR_ENDPOINT_MAX], events[BR_ENDPOINT_MAX];
    br_curve_t keys; //  its own
} gate_t;

static void
s_bind_remote (world_t *world, gate_t *gate, int type, void **ret_socket, char *endpoint)
{
    br_error_t error;
    const int zero = 0, patience = PATIENCE_MS;
    void *socket = zmq_socket (world->zmq, type);
    zmq_setsockopt (socket, ZMQ_LINGER, &zero, sizeof zero);
    zmq_setsockopt (socket, ZMQ_RCVTIMEO, &patience, sizeof patience);
    if (br_remote_bind (world->zmq, socket, "tcp://127.0.0.1:*", &gate->keys, 4096,
                        endpoint, &error))
        fail_msg ("%s", error.text);
    *ret_socket = socket;
}

//  The feed of one who has this key of the folder "curve".
static void
s_be_remote (world_t *world, gate_t *gate, const char *name)
{
    static const char *const names[] = { "broker", "stranger", NULL };
    static const char *const clients[] = { "ann", NULL };
    char *dir = br_strf ("%s/curve", world->dir);
    char *allowed = br_strf ("%s/clients", dir);
    br_error_t error;
    br_remote_keys_t keys;
    assert_int_equal (br_curve_generate (dir, names, &error), 0);
    assert_int_equal (br_curve_generate (allowed, clients, &error), 0);
    assert_int_equal (br_curve_load (dir, "broker", &gate->keys, &error), 0);
    assert_int_equal (br_curve_public (dir, "broker", keys.server_key, &error), 0);
    assert_int_equal (br_curve_load (strcmp (name, "ann") == 0 ? allowed : dir, name,
                                     &keys.own, &error),
                      0);
    gate->zap = br_zap_new (world->zmq, dir, &error);
    assert_non_null (gate->zap);
    s_bind_remote (world, gate, ZMQ_ROUTER, &world->door, gate->admin);
    s_bind_remote (world, gate, ZMQ_XPUB, &world->events, gate->events);
    tui_feed_destroy (&world->feed);
    world->feed = tui_feed_new_remote (gate->admin, &keys, &error);
    assert_non_null (world->feed);
    free (allowed);
    free (dir);
}

static void
s_end_remote (world_t *world, gate_t *gate)
{
    zmq_close (world->door);
    zmq_close (world->events);
    world->door = world->events = NULL;
    br_zap_destroy (&gate->zap);
    char *command = br_strf ("rm -rf '%s/curve'", world->dir);
    assert_int_equal (system (command), 0);
    free (command);
}

//  Raises an event of this call until the model has it.
static void
s_raise (world_t *world, const char *call)
{
    char *line = br_strf ("{\"event\":\"call.started\",\"call\":\"%s\"}", call);
    for (unsigned i = 0; !tui_calls_find (tui_model_calls (world->model), call); i++) {
        assert_true (i < TURNS_MAX);
        zmq_send (world->events, "call.started", 12, ZMQ_SNDMORE);
        zmq_send (world->events, line, strlen (line), 0);
        s_turn (world, 5);
    }
    free (line);
}

//  Answers questions until the snapshot is asked for, and that with this address.
static void
s_tell_events (world_t *world, const char *endpoint)
{
    char what[256] = "";
    zmq_msg_t who;
    zmq_msg_init (&who);
    while (!strstr (what, "snapshot")) {
        if (*what)
            s_answer (world, &who, "{\"ok\":false,\"error\":{}}");
        world->now_ms += 1000; //  by then another question is due
        assert_true (s_take_question (world, &who, what, sizeof what));
    }
    char *text = br_strf ("{\"ok\":true,\"result\":{\"remote\":{\"admin\":\"\","
                          "\"events\":\"%s\"}},\"missing\":0}",
                          endpoint);
    s_answer (world, &who, text);
    free (text);
    zmq_msg_close (&who);
}

static void
given_another_machine_when_its_door_tells_where_then_its_events_are_heard (void **state)
{
    world_t *world = *state;
    gate_t gate;
    s_be_remote (world, &gate, "ann");
    s_tell_events (world, "nonsense");
    s_tell_events (world, gate.events);
    s_raise (world, "a");
    assert_true (tui_model_is_up (world->model));
    //  they move, as with a server that is started again
    zmq_close (world->events);
    s_bind_remote (world, &gate, ZMQ_XPUB, &world->events, gate.events);
    s_tell_events (world, gate.events);
    s_raise (world, "b");
    s_end_remote (world, &gate);
}

static void
given_a_strangers_key_when_it_is_refused_then_the_reason_is_told (void **state)
{
    world_t *world = *state;
    gate_t gate;
    s_be_remote (world, &gate, "stranger");
    s_turn (world, 0);
    for (unsigned i = 0; !strstr (tui_model_reason (world->model), "know our key"); i++) {
        assert_true (i < TURNS_MAX);
        world->now_ms += 2000;
        s_turn (world, 5);
    }
    assert_false (tui_model_is_up (world->model));
    zmq_pollitem_t item = { .socket = world->door, .events = ZMQ_POLLIN };
    assert_int_equal (zmq_poll (&item, 1, 0), 0);
    //  the key is let in now, and the view need not be started again
    char *from = br_strf ("%s/curve/stranger.pub", world->dir);
    char *to = br_strf ("%s/curve/clients/stranger.pub", world->dir);
    assert_int_equal (rename (from, to), 0);
    for (unsigned i = 0; zmq_poll (&item, 1, 0) == 0; i++) {
        assert_true (i < TURNS_MAX);
        world->now_ms += 100;
        s_turn (world, 5);
    }
    free (to);
    free (from);
    s_end_remote (world, &gate);
}

static void
given_an_answer_of_another_machine_that_is_late_then_it_is_asked_again (void **state)
{
    world_t *world = *state;
    gate_t gate;
    char what[256];
    zmq_msg_t who;
    zmq_msg_init (&who);
    s_be_remote (world, &gate, "ann");
    assert_true (s_take_question (world, &who, what, sizeof what));
    world->now_ms += 5000;
    s_turn (world, 0);
    s_tell_events (world, gate.events);
    s_raise (world, "a");
    zmq_msg_close (&who);
    s_end_remote (world, &gate);
}

int
main (void)
{
#define S_TEST(function) cmocka_unit_test_setup_teardown (function, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        S_TEST (given_a_server_when_it_raises_events_then_the_model_has_them),
        S_TEST (given_a_server_when_it_answers_then_it_is_up_and_heard),
        S_TEST (given_an_answer_that_comes_too_late_when_it_comes_then_it_is_nobodys),
        S_TEST (given_an_answer_without_sense_when_it_comes_then_nothing_changes),
        S_TEST (given_nobody_when_some_time_has_passed_then_the_reason_is_told),
        S_TEST (
            given_another_machine_when_its_door_tells_where_then_its_events_are_heard),
        S_TEST (given_a_strangers_key_when_it_is_refused_then_the_reason_is_told),
        S_TEST (given_an_answer_of_another_machine_that_is_late_then_it_is_asked_again),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
