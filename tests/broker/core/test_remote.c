//  remote: who has a key that is allowed asks and hears over tcp; nobody else does.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "broker/core/alloc.h"
#include "broker/core/door.h"
#include "broker/core/event_socket.h"

#define PATIENCE_MS 20000 //  for broken code alone
#define TURNS_MAX 20000   //  of a millisecond; the same
#define LINE "{\"event\":\"ready\",\"generation\":1}"
#define STATUS "{\"command\":\"status\"}"

static struct {
    char dir[64];   //  the server's home
    char other[64]; //  that of somebody else
    void *zmq;
    br_loop_t *loop;
    br_zap_t *zap;
    br_door_t *door;
    br_event_socket_t *events;
    unsigned asks; //  count of questions that came through
} s;

//  One that comes, in a context of its own.
typedef struct {
    void *zmq, *socket;
    br_remote_watch_t *watch;
    char endpoint[BR_ENDPOINT_MAX];
} guest_t;

static unsigned
s_ask (void *arg, const br_admin_row_t *row, uint64_t ticket, const char *args)
{
    (void) arg;
    (void) row;
    (void) args;
    s.asks++;
    br_door_answer (s.door, ticket, NULL, "7");
    return 1;
}

static void
s_on_wanted (void *arg, bool wanted, bool trace)
{
    (void) arg;
    (void) wanted;
    (void) trace;
}

static void
s_generate (const char *home, const char *folder, const char *first, const char *second)
{
    const char *const names[] = { first, second, NULL };
    char *dir = br_strf ("%s/curve%s", home, folder);
    assert_int_equal (br_curve_generate (dir, names, NULL), 0);
    free (dir);
}

static int
s_setup (void **state)
{
    static const br_door_handler_t handler = { .ask = s_ask };
    (void) state;
    memset (&s, 0, sizeof s);
    strcpy (s.dir, "/tmp/br-remote-XXXXXX");
    strcpy (s.other, "/tmp/br-remote-XXXXXX");
    assert_non_null (mkdtemp (s.dir));
    assert_non_null (mkdtemp (s.other));
    s_generate (s.dir, "", "broker", "host");
    s_generate (s.dir, "/clients", "ann", "bob");
    s_generate (s.other, "", "broker", "client");
    s.zmq = zmq_ctx_new ();
    char *curve = br_strf ("%s/curve", s.dir), *path = br_strf ("ipc://%s/d", s.dir);
    char *events = br_strf ("ipc://%s/e", s.dir);
    br_curve_t keys;
    br_error_t error;
    assert_int_equal (br_curve_load (curve, "broker", &keys, &error), 0);
    s.zap = br_zap_new (s.zmq, curve, &error);
    s.loop = br_loop_new (br_clock_real ());
    s.door = br_door_new (s.loop, s.zmq, path, &handler, NULL, &error);
    s.events = br_event_socket_new (s.loop, s.zmq, events, s_on_wanted, NULL, &error);
    assert_null (br_door_remote (s.door));
    assert_null (br_event_socket_remote (s.events));
    if (br_door_open_remote (s.door, s.zmq, "tcp://127.0.0.1:*", &keys, &error)
        || br_event_socket_open_remote (s.events, s.zmq, "tcp://127.0.0.1:*", &keys,
                                        &error))
        fail_msg ("%s", error.text);
    free (events);
    free (path);
    free (curve);
    return 0;
}

static int
s_teardown (void **state)
{
    (void) state;
    br_event_socket_destroy (&s.events);
    br_door_destroy (&s.door);
    br_loop_destroy (&s.loop);
    br_zap_destroy (&s.zap);
    zmq_ctx_term (s.zmq);
    char command[160];
    snprintf (command, sizeof command, "rm -rf '%s' '%s'", s.dir, s.other);
    return system (command);
}

//  The keys of one that the server knows: of a client, or, with "" as the folder, of a host.
static br_remote_keys_t
s_keys (const char *folder, const char *name)
{
    br_remote_keys_t keys;
    char *dir = br_strf ("%s/curve", s.dir), *own = br_strf ("%s%s", dir, folder);
    assert_int_equal (br_curve_load (own, name, &keys.own, NULL), 0);
    assert_int_equal (br_curve_public (dir, "broker", keys.server_key, NULL), 0);
    free (own);
    free (dir);
    return keys;
}

//  One who has the server's public key, and a key of its own that nobody knows.
static br_remote_keys_t
s_stranger (void)
{
    br_remote_keys_t keys = s_keys ("/clients", "ann"), own;
    br_error_t error;
    if (br_remote_keys_load (s.other, &own, &error))
        fail_msg ("%s", error.text);
    keys.own = own.own;
    return keys;
}

static guest_t
s_come (int type, const char *endpoint, const br_remote_keys_t *keys)
{
    guest_t self = { .zmq = zmq_ctx_new () };
    br_error_t error;
    const int zero = 0, patience = PATIENCE_MS;
    snprintf (self.endpoint, sizeof self.endpoint, "%s", endpoint);
    self.socket = zmq_socket (self.zmq, type);
    zmq_setsockopt (self.socket, ZMQ_LINGER, &zero, sizeof zero);
    zmq_setsockopt (self.socket, ZMQ_RCVTIMEO, &patience, sizeof patience);
    if (type == ZMQ_SUB)
        zmq_setsockopt (self.socket, ZMQ_SUBSCRIBE, "", 0);
    self.watch = br_remote_watch_new (self.zmq, self.socket, &error);
    assert_non_null (self.watch);
    int rc = keys ? br_remote_connect (self.socket, endpoint, keys, &error)
                  : zmq_connect (self.socket, endpoint);
    assert_int_equal (rc, 0);
    return self;
}

static void
s_leave (guest_t *self)
{
    br_remote_watch_destroy (&self->watch);
    assert_null (self->watch);
    zmq_close (self->socket);
    zmq_ctx_term (self->zmq);
}

static void
s_expect_in (guest_t *guest)
{
    br_error_t error;
    if (br_remote_watch_wait (guest->watch, guest->endpoint, PATIENCE_MS, &error))
        fail_msg ("%s", error.text);
}

static void
s_expect_out (guest_t *guest, br_remote_state_t reason, const char *advice)
{
    br_error_t error = { .code = BR_OK };
    assert_int_equal (
        br_remote_watch_wait (guest->watch, guest->endpoint, PATIENCE_MS, &error), -1);
    assert_int_equal (error.code, BR_EUNAVAILABLE);
    assert_non_null (strstr (error.text, advice));
    assert_non_null (strstr (error.text, guest->endpoint));
    assert_int_equal (br_remote_watch_state (guest->watch), reason);
}

//  Turns the server's loop until the guest has something, which is the text.
static void
s_expect (guest_t *guest, const char *text)
{
    char room[256];
    for (int turn = 0; turn < TURNS_MAX; turn++) {
        br_loop_turn (s.loop, 0);
        zmq_pollitem_t item = { .socket = guest->socket, .events = ZMQ_POLLIN };
        if (zmq_poll (&item, 1, 1) <= 0)
            continue;
        int size = zmq_recv (guest->socket, room, sizeof room - 1, 0);
        room[size] = 0;
        assert_string_equal (room, text);
        return;
    }
    fail_msg ("never came: %s", text);
}

static void
s_expect_answer (guest_t *guest)
{
    assert_true (zmq_send (guest->socket, STATUS, strlen (STATUS), 0) > 0);
    s_expect (guest, "{\"ok\":true,\"result\":7,\"missing\":0}");
}

//  Raises an event until it is heard: a subscription takes its time.
static void
s_expect_event (guest_t *guest)
{
    zmq_pollitem_t item = { .socket = guest->socket, .events = ZMQ_POLLIN };
    for (int turn = 0; turn < TURNS_MAX; turn++) {
        br_loop_turn (s.loop, 0);
        br_event_socket_publish (s.events, LINE, strlen (LINE));
        if (zmq_poll (&item, 1, 1) > 0)
            break;
    }
    s_expect (guest, "ready");
    s_expect (guest, LINE);
}

static bool
s_hears (guest_t *guest)
{
    zmq_pollitem_t item = { .socket = guest->socket, .events = ZMQ_POLLIN };
    return zmq_poll (&item, 1, 0) > 0;
}

//  ---- who comes in

static void
given_an_allowed_key_when_it_asks_and_listens_then_it_is_served (void **state)
{
    (void) state;
    br_remote_keys_t ann = s_keys ("/clients", "ann"), bob = s_keys ("/clients", "bob");
    guest_t asker = s_come (ZMQ_DEALER, br_door_remote (s.door), &ann);
    guest_t reader = s_come (ZMQ_SUB, br_event_socket_remote (s.events), &bob);
    s_expect_in (&asker);
    s_expect_in (&reader);
    s_expect_answer (&asker);
    s_expect_event (&reader);
    //  and the door of this machine is as it was, without keys
    char *path = br_strf ("ipc://%s/d", s.dir);
    guest_t local = s_come (ZMQ_DEALER, path, NULL);
    s_expect_answer (&local);
    s_expect_answer (&asker);
    free (path);
    s_leave (&local);
    s_leave (&reader);
    s_leave (&asker);
}

static void
given_a_strangers_key_when_it_comes_then_it_does_and_hears_nothing (void **state)
{
    (void) state;
    br_remote_keys_t bad = s_stranger (), ann = s_keys ("/clients", "ann");
    guest_t asker = s_come (ZMQ_DEALER, br_door_remote (s.door), &bad);
    guest_t reader = s_come (ZMQ_SUB, br_event_socket_remote (s.events), &bad);
    guest_t plain = s_come (ZMQ_DEALER, br_door_remote (s.door), NULL);
    guest_t plain_reader = s_come (ZMQ_SUB, br_event_socket_remote (s.events), NULL);
    //  without waiting: who was refused already has nowhere to send to
    zmq_send (asker.socket, STATUS, strlen (STATUS), ZMQ_DONTWAIT);
    zmq_send (plain.socket, STATUS, strlen (STATUS), ZMQ_DONTWAIT);
    s_expect_out (&asker, BR_REMOTE_UNKNOWN_KEY, "curve/clients/NAME.pub");
    s_expect_out (&reader, BR_REMOTE_UNKNOWN_KEY, "curve/clients/NAME.pub");
    s_expect_out (&plain, BR_REMOTE_OTHER, "broker.pub");
    //  others are served meanwhile, and nothing of it comes to them
    guest_t good = s_come (ZMQ_SUB, br_event_socket_remote (s.events), &ann);
    guest_t friend = s_come (ZMQ_DEALER, br_door_remote (s.door), &ann);
    s_expect_event (&good);
    s_expect_answer (&friend);
    assert_int_equal (s.asks, 1);
    assert_false (s_hears (&asker));
    assert_false (s_hears (&reader));
    assert_false (s_hears (&plain));
    assert_false (s_hears (&plain_reader));
    s_leave (&friend);
    s_leave (&good);
    s_leave (&plain_reader);
    s_leave (&plain);
    s_leave (&reader);
    s_leave (&asker);
}

//  Hosts of a topology are no clients, and clients are no hosts.
static void
given_keys_of_the_other_kind_when_they_come_then_they_are_refused (void **state)
{
    (void) state;
    br_remote_keys_t host = s_keys ("", "host"), ann = s_keys ("/clients", "ann");
    guest_t asker = s_come (ZMQ_DEALER, br_door_remote (s.door), &host);
    s_expect_out (&asker, BR_REMOTE_UNKNOWN_KEY, "curve/clients/NAME.pub");
    void *bus = zmq_socket (s.zmq, ZMQ_PULL);
    char endpoint[BR_ENDPOINT_MAX];
    size_t size = sizeof endpoint;
    const int one = 1;
    br_curve_t keys;
    char *curve = br_strf ("%s/curve", s.dir);
    assert_int_equal (br_curve_load (curve, "broker", &keys, NULL), 0);
    zmq_setsockopt (bus, ZMQ_CURVE_SERVER, &one, sizeof one);
    zmq_setsockopt (bus, ZMQ_CURVE_SECRETKEY, keys.secret_key, 40);
    assert_int_equal (zmq_bind (bus, "tcp://127.0.0.1:*"), 0);
    zmq_getsockopt (bus, ZMQ_LAST_ENDPOINT, endpoint, &size);
    guest_t pusher = s_come (ZMQ_PUSH, endpoint, &ann);
    s_expect_out (&pusher, BR_REMOTE_UNKNOWN_KEY, "curve/clients/NAME.pub");
    guest_t friend = s_come (ZMQ_PUSH, endpoint, &host);
    s_expect_in (&friend);
    s_leave (&friend);
    s_leave (&pusher);
    s_leave (&asker);
    zmq_close (bus);
    free (curve);
}

static void
given_a_key_that_is_taken_away_or_added_when_it_comes_then_that_counts (void **state)
{
    (void) state;
    br_remote_keys_t bob = s_keys ("/clients", "bob");
    char *path = br_strf ("%s/curve/clients/bob.pub", s.dir);
    assert_int_equal (unlink (path), 0);
    guest_t before = s_come (ZMQ_DEALER, br_door_remote (s.door), &bob);
    s_expect_out (&before, BR_REMOTE_UNKNOWN_KEY, "curve/clients/NAME.pub");
    s_leave (&before);
    s_generate (s.dir, "/clients", "eve", NULL);
    br_remote_keys_t eve = s_keys ("/clients", "eve");
    guest_t behind = s_come (ZMQ_DEALER, br_door_remote (s.door), &eve);
    s_expect_in (&behind);
    s_expect_answer (&behind);
    s_leave (&behind);
    free (path);
}

static void
given_no_gate_when_bound_then_it_is_refused (void **state)
{
    (void) state;
    void *zmq = zmq_ctx_new (), *door = zmq_socket (zmq, ZMQ_ROUTER);
    char *curve = br_strf ("%s/curve", s.dir), endpoint[BR_ENDPOINT_MAX];
    br_curve_t keys;
    br_error_t error;
    br_curve_load (curve, "broker", &keys, NULL);
    assert_true (br_zap_is_there (s.zmq));
    assert_false (br_zap_is_there (zmq));
    assert_int_equal (
        br_remote_bind (zmq, door, "tcp://127.0.0.1:*", &keys, 1000, endpoint, &error),
        -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    zmq_close (door);
    zmq_ctx_term (zmq);
    free (curve);
}

//  ---- what is asked

static void
given_too_much_when_it_is_sent_then_only_its_sender_is_cut_off (void **state)
{
    (void) state;
    br_remote_keys_t ann = s_keys ("/clients", "ann");
    guest_t loud = s_come (ZMQ_DEALER, br_door_remote (s.door), &ann);
    guest_t quiet = s_come (ZMQ_DEALER, br_door_remote (s.door), &ann);
    s_expect_in (&loud);
    char *text = br_alloc (1, 4u << 20);
    memset (text, ' ', 4u << 20);
    assert_true (zmq_send (loud.socket, text, 4u << 20, 0) > 0);
    for (int turn = 0; br_remote_watch_state (loud.watch) == BR_REMOTE_OPEN; turn++) {
        zmq_poll (NULL, 0, 1);
        assert_true (turn < TURNS_MAX);
    }
    s_expect_answer (&quiet);
    assert_int_equal (s.asks, 1);
    //  no JSON is refused as at the local door
    assert_true (zmq_send (quiet.socket, "{} {}", 5, 0) > 0);
    char room[512];
    for (int turn = 0; !s_hears (&quiet); turn++) {
        br_loop_turn (s.loop, 1);
        assert_true (turn < TURNS_MAX);
    }
    room[zmq_recv (quiet.socket, room, sizeof room - 1, 0)] = 0;
    assert_non_null (strstr (room, "\"ok\":false"));
    free (text);
    s_leave (&quiet);
    s_leave (&loud);
}

//  ---- what a client is told

static void
given_nobody_or_another_server_when_one_comes_then_it_is_said (void **state)
{
    (void) state;
    br_remote_keys_t ann = s_keys ("/clients", "ann"), other;
    br_remote_keys_load (s.other, &other, NULL);
    guest_t lost = s_come (ZMQ_DEALER, "tcp://127.0.0.1:1", &ann);
    s_expect_out (&lost, BR_REMOTE_NOBODY, "server.remote");
    ann.server_key[0] = 0;
    memcpy (ann.server_key, other.server_key, sizeof ann.server_key);
    guest_t wrong = s_come (ZMQ_DEALER, br_door_remote (s.door), &ann);
    s_expect_out (&wrong, BR_REMOTE_OTHER, "broker.pub");
    s_leave (&wrong);
    s_leave (&lost);
}

static void
given_an_address_in_use_when_bound_then_it_is_said (void **state)
{
    (void) state;
    char *curve = br_strf ("%s/curve", s.dir);
    br_curve_t keys;
    br_error_t error;
    br_curve_load (curve, "broker", &keys, NULL);
    assert_int_equal (br_event_socket_open_remote (
                          s.events, s.zmq, br_door_remote (s.door), &keys, &error),
                      -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    assert_non_null (strstr (error.text, br_door_remote (s.door)));
    assert_non_null (strstr (error.text, "server.remote"));
    free (curve);
}

static void
given_no_keys_when_loaded_then_it_is_said_what_makes_them (void **state)
{
    (void) state;
    br_remote_keys_t keys;
    br_error_t error;
    assert_int_equal (br_remote_keys_load (s.dir, &keys, &error), -1);
    assert_int_equal (error.code, BR_ECONFIG);
    assert_non_null (strstr (error.text, "bitrouter topology keygen --client NAME"));
}

static void
given_addresses_when_read_then_only_those_of_tcp_are_good (void **state)
{
    (void) state;
    static const struct {
        const char *text;
        bool server, client;
    } rows[] = {
        { "tcp://127.0.0.1:7701", true, true }, { "tcp://[::1]:7701", true, true },
        { "tcp://host.example:1", true, true }, { "tcp://0.0.0.0:*", true, false },
        { "tcp://*:7701", true, true },         { "tcp://::1:7701", false, false },
        { "tcp://127.0.0.1:0", false, false },  { "tcp://127.0.0.1:65536", false, false },
        { "tcp://127.0.0.1:7x", false, false }, { "tcp://127.0.0.1:", false, false },
        { "tcp://:7701", false, false },        { "tcp://a b:7701", false, false },
        { "tcp://[::1:7701", false, false },    { "ipc:///tmp/x", false, false },
        { "127.0.0.1:7701", false, false },     { "", false, false },
        { "tcp://a/b:7701", false, false },     { "tcp://a;b:7701", false, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *text = rows[i].text;
        assert_int_equal (br_remote_check (text, BR_REMOTE_SERVER, NULL) == 0,
                          rows[i].server);
        assert_int_equal (br_remote_check (text, BR_REMOTE_CLIENT, NULL) == 0,
                          rows[i].client);
    }
    char *events = br_remote_events ("tcp://far.example:7701", "tcp://0.0.0.0:7702");
    assert_string_equal (events, "tcp://far.example:7702");
    free (events);
    events = br_remote_events ("tcp://[fe80::1]:7701", "tcp://[::]:9");
    assert_string_equal (events, "tcp://[fe80::1]:9");
    free (events);
    assert_null (br_remote_events ("tcp://far.example:7701", ""));
    assert_null (br_remote_events ("tcp://far.example:7701", "tcp://0.0.0.0:*"));
}

int
main (void)
{
#define S_TEST(function) cmocka_unit_test_setup_teardown (function, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        S_TEST (given_an_allowed_key_when_it_asks_and_listens_then_it_is_served),
        S_TEST (given_a_strangers_key_when_it_comes_then_it_does_and_hears_nothing),
        S_TEST (given_keys_of_the_other_kind_when_they_come_then_they_are_refused),
        S_TEST (given_a_key_that_is_taken_away_or_added_when_it_comes_then_that_counts),
        S_TEST (given_no_gate_when_bound_then_it_is_refused),
        S_TEST (given_too_much_when_it_is_sent_then_only_its_sender_is_cut_off),
        S_TEST (given_nobody_or_another_server_when_one_comes_then_it_is_said),
        S_TEST (given_an_address_in_use_when_bound_then_it_is_said),
        S_TEST (given_no_keys_when_loaded_then_it_is_said_what_makes_them),
        cmocka_unit_test (given_addresses_when_read_then_only_those_of_tcp_are_good),
    };
    return cmocka_run_group_tests_name ("remote", tests, NULL, NULL);
}
