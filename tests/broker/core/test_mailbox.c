//  mailbox: links between hosts over every transport: up on both sides, bodies whole, small
//  messages past large ones, and a peer that dies is gone after its last message.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "broker/core/curve.h"
#include "broker/core/mailbox.h"

#define BODY_LARGE (32u << 20)
#define DEADLINE_S 60 //  for broken code alone; a loaded machine is slow
#define NOTES_MAX 4096

typedef struct {
    br_verb_t verb;
    uint64_t lo; //  of the call id
    size_t body_bytes;
    bool body_right;
} note_t;

//  One host: its loop, mailbox and what came.
typedef struct {
    br_loop_t *loop;
    br_mailbox_t *mailbox;
    uint32_t host;
    uint32_t up; //  count
    uint32_t gone;
    size_t notes_at_gone;
    size_t filling;
    note_t notes[NOTES_MAX];
    size_t size;
} side_t;

static bool
s_is_right (const br_blob_t *body)
{
    const uint8_t *data = br_blob_data (body);
    for (size_t i = 0; i < br_blob_size (body); i += 4093)
        if (data[i] != (uint8_t) (i * 31))
            return false;
    return true;
}

static br_blob_t *
s_body (size_t size)
{
    uint8_t *data = malloc (size);
    for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t) (i * 31);
    return br_blob_take (data, size);
}

static void
s_arrived (void *arg, br_msg_t **msg_p)
{
    side_t *self = arg;
    assert_true (self->size < NOTES_MAX);
    note_t *note = &self->notes[self->size++];
    note->verb = (*msg_p)->verb;
    note->lo = (*msg_p)->call.lo;
    note->body_bytes = br_blob_size ((*msg_p)->body);
    note->body_right = s_is_right ((*msg_p)->body);
}

static void
s_up (void *arg, uint32_t host, uint32_t life)
{
    (void) host;
    (void) life;
    ((side_t *) arg)->up++;
}

static void
s_gone (void *arg, uint32_t host, uint32_t life)
{
    (void) host;
    (void) life;
    side_t *self = arg;
    self->gone++;
    self->notes_at_gone = self->size;
}

static void
s_filling (void *arg, uint32_t host, size_t bytes)
{
    (void) host;
    (void) bytes;
    ((side_t *) arg)->filling++;
}

static const br_mailbox_handler_t s_handler = { s_arrived, s_up, s_gone, s_filling,
                                                NULL };

static side_t *
s_side_new (void *zmq, uint32_t host, const char *endpoint, const br_curve_t *curve)
{
    side_t *self = calloc (1, sizeof *self);
    br_error_t error = { .code = BR_OK };
    self->host = host;
    self->loop = br_loop_new (br_clock_real ());
    self->mailbox = br_mailbox_new (self->loop, zmq, endpoint, curve, &s_handler, self,
                                    &error);
    if (!self->mailbox)
        fail_msg ("%s", error.text);
    br_mailbox_set_self (self->mailbox, host, 1);
    return self;
}

static void
s_side_destroy (side_t *self)
{
    br_mailbox_destroy (&self->mailbox);
    br_loop_destroy (&self->loop);
    free (self);
}

static uint64_t
s_now_s (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec;
}

//  Turns both loops until *value reaches wanted; the deadline is for broken code alone.
#define TURN_UNTIL(a, b, condition)                                                      \
    do {                                                                                 \
        uint64_t end_s = s_now_s () + DEADLINE_S;                                        \
        while (!(condition)) {                                                           \
            br_loop_turn ((a)->loop, 1);                                                 \
            if (b)                                                                       \
                br_loop_turn (((side_t *) (b))->loop, 1);                                \
            if (s_now_s () > end_s)                                                      \
                fail_msg ("never came: %s", #condition);                                 \
        }                                                                                \
    } while (0)

static void
s_link (side_t *a, side_t *b, const char *key_a, const char *key_b)
{
    assert_int_equal (br_mailbox_link (a->mailbox, b->host, 1,
                                       br_mailbox_endpoint (b->mailbox), key_b, NULL),
                      0);
    assert_int_equal (br_mailbox_link (b->mailbox, a->host, 1,
                                       br_mailbox_endpoint (a->mailbox), key_a, NULL),
                      0);
}

static void
s_send (side_t *from, uint32_t to, br_verb_t verb, uint64_t call, br_blob_t *body)
{
    br_msg_t *msg = br_msg_new (verb, (br_id_t) { 7, call }, 1, NULL, body);
    msg->from = (br_addr_t) { from->host, 1, 1 };
    msg->to = (br_addr_t) { to, 1, 1 };
    br_error_t error = { .code = BR_OK };
    if (br_mailbox_send (from->mailbox, &msg, &error))
        fail_msg ("%s", error.text);
    assert_null (msg);
}

static char s_dir[64];

static void
s_endpoint (char *room, size_t size, const char *transport, const char *name)
{
    if (strcmp (transport, "inproc") == 0)
        snprintf (room, size, "inproc://%s", name);
    else if (strcmp (transport, "ipc") == 0)
        snprintf (room, size, "ipc://%s/%s", s_dir, name);
    else
        snprintf (room, size, "tcp://127.0.0.1:*");
}

//  What holds for every transport.
static void
s_exchange (const char *transport)
{
    void *zmq = zmq_ctx_new ();
    char endpoint[256];
    s_endpoint (endpoint, sizeof endpoint, transport, "a");
    side_t *a = s_side_new (zmq, 1, endpoint, NULL);
    s_endpoint (endpoint, sizeof endpoint, transport, "b");
    side_t *b = s_side_new (zmq, 2, endpoint, NULL);
    s_link (a, b, NULL, NULL);
    TURN_UNTIL (a, b, a->up && b->up);
    assert_true (br_mailbox_is_up (a->mailbox, 2, 1));

    //  given messages with no body, a small and a large one, when sent, then all are whole
    br_blob_t *small = s_body (700);
    br_blob_t *large = s_body (3u << 20);
    s_send (a, 2, BR_CALL_FENCE, 1, NULL);
    s_send (a, 2, BR_REPLY_DELTA, 2, small);
    s_send (a, 2, BR_CALL_OPEN, 3, large);
    s_send (b, 1, BR_CALL_FENCED, 4, NULL);
    TURN_UNTIL (a, b, b->size == 3 && a->size == 1);
    assert_int_equal (b->notes[0].lo, 1);
    assert_int_equal (b->notes[1].body_bytes, 700);
    assert_int_equal (b->notes[2].body_bytes, 3u << 20);
    assert_true (b->notes[1].body_right && b->notes[2].body_right);
    assert_int_equal (a->notes[0].verb, BR_CALL_FENCED);

    //  a message of a call never overtakes the large one of the same call
    s_send (a, 2, BR_CALL_OPEN, 5, large);
    s_send (a, 2, BR_CALL_CANCEL, 5, NULL);
    TURN_UNTIL (a, b, b->size == 5);
    assert_int_equal (b->notes[3].verb, BR_CALL_OPEN);
    assert_int_equal (b->notes[4].verb, BR_CALL_CANCEL);
    assert_int_equal (br_mailbox_bytes (a->mailbox), 0);

    //  what the directory no longer names is gone, and cannot be sent to
    br_mailbox_unlink (a->mailbox, 2, 1);
    assert_int_equal (a->gone, 1);
    br_msg_t *msg = br_msg_new (BR_CALL_FENCE, (br_id_t) { 0, 1 }, 1, NULL, NULL);
    msg->to = (br_addr_t) { 2, 1, 1 };
    br_error_t error;
    assert_int_equal (br_mailbox_send (a->mailbox, &msg, &error), -1);
    assert_int_equal (error.code, BR_EGONE);
    br_msg_destroy (&msg);
    br_blob_destroy (&small);
    br_blob_destroy (&large);
    s_side_destroy (a);
    s_side_destroy (b);
    zmq_ctx_term (zmq);
}

static void
test_inproc_carries_all (void **state)
{
    (void) state;
    s_exchange ("inproc");
}

static void
test_ipc_carries_all (void **state)
{
    (void) state;
    s_exchange ("ipc");
}

static void
test_tcp_carries_all (void **state)
{
    (void) state;
    s_exchange ("tcp");
}

//  Given sixteen bodies of 32 MB on their way over ipc, when a cancel of another call is
//  sent after `sent` of their parts arrived, then at most two more come before it.
static void
test_a_cancel_overtakes_large_bodies (void **state)
{
    (void) state;
    void *zmq = zmq_ctx_new ();
    char endpoint[256];
    s_endpoint (endpoint, sizeof endpoint, "ipc", "c");
    side_t *a = s_side_new (zmq, 1, endpoint, NULL);
    s_endpoint (endpoint, sizeof endpoint, "ipc", "d");
    side_t *b = s_side_new (zmq, 2, endpoint, NULL);
    s_link (a, b, NULL, NULL);
    TURN_UNTIL (a, b, a->up && b->up);
    br_blob_t *large = s_body (BODY_LARGE);
    for (uint64_t call = 1; call <= 16; call++)
        s_send (a, 2, BR_CALL_OPEN, call, large);
    //  a quarter of all has left the sender
    size_t all = 16ull * BODY_LARGE;
    TURN_UNTIL (a, b, br_mailbox_bytes (a->mailbox) < all / 4 * 3);
    size_t before = br_mailbox_bytes (a->mailbox);
    s_send (a, 2, BR_CALL_CANCEL, 99, NULL);
    TURN_UNTIL (a, b, b->size > 0 && b->notes[b->size - 1].verb == BR_CALL_CANCEL);
    size_t parts = (before - br_mailbox_bytes (a->mailbox)) / BR_PART_BYTES;
    //  those in the window when it was sent, and the credit they returned meanwhile
    assert_true (parts <= 2 * BR_PARTS_WINDOW);
    TURN_UNTIL (a, b, b->size == 17);
    for (size_t i = 0; i < b->size; i++)
        assert_true (b->notes[i].verb == BR_CALL_CANCEL
                     || (b->notes[i].body_right && b->notes[i].body_bytes == BODY_LARGE));
    br_blob_destroy (&large);
    s_side_destroy (a);
    s_side_destroy (b);
    zmq_ctx_term (zmq);
}

//  The other process: binds, says so, waits until the test has bound too, links to it,
//  sends `count` messages, and waits for its end.
static void
s_peer (const char *own, const char *other, const int pipes[2][2], int count)
{
    void *zmq = zmq_ctx_new ();
    side_t *self = s_side_new (zmq, 2, own, NULL);
    char byte = 'r';
    if (write (pipes[0][1], &byte, 1) != 1 || read (pipes[1][0], &byte, 1) != 1)
        _exit (3);
    br_mailbox_link (self->mailbox, 1, 1, other, NULL, NULL);
    while (!self->up)
        br_loop_turn (self->loop, 1);
    for (int i = 0; i < count; i++)
        s_send (self, 1, BR_REPLY_DELTA, (uint64_t) i, NULL);
    while (br_mailbox_bytes (self->mailbox))
        br_loop_turn (self->loop, 1);
    s_send (self, 1, BR_REPLY_END, (uint64_t) count, NULL);
    for (;;)
        br_loop_turn (self->loop, 1000);
}

typedef struct {
    pid_t pid;
    int pipes[2][2]; //  told by the peer, told to it
    void *zmq;
    side_t *side;
} couple_t;

//  This side and a peer in another process, both bound and linked.
static couple_t
s_couple (const char *name, int count)
{
    couple_t self;
    char own[128], other[128], byte = 'g';
    assert_int_equal (pipe (self.pipes[0]) || pipe (self.pipes[1]), 0);
    snprintf (own, sizeof own, "ipc://%s/%s-a", s_dir, name);
    snprintf (other, sizeof other, "ipc://%s/%s-b", s_dir, name);
    self.pid = fork ();
    if (self.pid == 0)
        s_peer (other, own, (const int (*)[2]) self.pipes, count);
    self.zmq = zmq_ctx_new ();
    self.side = s_side_new (self.zmq, 1, own, NULL);
    assert_int_equal (read (self.pipes[0][0], &byte, 1), 1);
    br_mailbox_link (self.side->mailbox, 2, 1, other, NULL, NULL);
    assert_int_equal (write (self.pipes[1][1], &byte, 1), 1);
    return self;
}

static void
s_part (couple_t *self)
{
    kill (self->pid, SIGKILL);
    waitpid (self->pid, NULL, 0);
    s_side_destroy (self->side);
    zmq_ctx_term (self->zmq);
    for (int i = 0; i < 4; i++)
        close (self->pipes[i / 2][i % 2]);
}

//  kill -9, again and again: each time the peer is gone once, after all that it sent.
static void
test_a_killed_peer_is_gone_after_its_last_message (void **state)
{
    (void) state;
    for (int round = 0; round < 20; round++) {
        char name[16];
        snprintf (name, sizeof name, "k%d", round);
        couple_t couple = s_couple (name, 200);
        side_t *self = couple.side;
        TURN_UNTIL (self, NULL, self->size > (size_t) round * 10);
        kill (couple.pid, SIGKILL);
        TURN_UNTIL (self, NULL, self->gone);
        for (size_t i = 0; i < self->size; i++)
            assert_int_equal (self->notes[i].lo, i);
        for (int i = 0; i < 20; i++)
            br_loop_turn (self->loop, 1);
        assert_int_equal (self->gone, 1);
        assert_int_equal (self->size, self->notes_at_gone);
        s_part (&couple);
    }
}

//  A stopped process holds its sockets open: the heartbeat tells.
static void
test_a_stopped_peer_is_gone_too (void **state)
{
    (void) state;
    couple_t couple = s_couple ("stop", 1);
    TURN_UNTIL (couple.side, NULL, couple.side->size == 2);
    kill (couple.pid, SIGSTOP);
    TURN_UNTIL (couple.side, NULL, couple.side->gone);
    s_part (&couple);
}

//  Given a peer that just ended, when its link is dropped while libzmq is telling of the
//  end, then nobody waits for anybody.
static void
test_a_link_is_dropped_while_its_end_is_told (void **state)
{
    (void) state;
    void *zmq = zmq_ctx_new ();
    for (int round = 0; round < 300; round++) {
        char endpoint[256];
        snprintf (endpoint, sizeof endpoint, "ipc://%s/d%d-a", s_dir, round);
        side_t *a = s_side_new (zmq, 1, endpoint, NULL);
        snprintf (endpoint, sizeof endpoint, "ipc://%s/d%d-b", s_dir, round);
        side_t *b = s_side_new (zmq, 2, endpoint, NULL);
        s_link (a, b, NULL, NULL);
        TURN_UNTIL (a, b, a->up && b->up);
        alarm (DEADLINE_S);
        s_side_destroy (b);
        br_mailbox_unlink (a->mailbox, 2, 1);
        s_side_destroy (a);
        alarm (0);
    }
    zmq_ctx_term (zmq);
}

//  ---- CURVE

static void
test_curve_lets_known_keys_in_alone (void **state)
{
    (void) state;
    char good[96], bad[96];
    snprintf (good, sizeof good, "%s/good", s_dir);
    snprintf (bad, sizeof bad, "%s/bad", s_dir);
    const char *const names[] = { "a", "b", NULL };
    br_error_t error = { .code = BR_OK };
    br_curve_t key_a, key_b, stranger;
    assert_int_equal (br_curve_generate (good, names, &error), 0);
    assert_int_equal (br_curve_generate (bad, names, &error), 0);
    assert_int_equal (br_curve_load (good, "a", &key_a, &error), 0);
    assert_int_equal (br_curve_load (good, "b", &key_b, &error), 0);
    assert_int_equal (br_curve_load (bad, "b", &stranger, &error), 0);
    void *zmq = zmq_ctx_new ();
    br_zap_t *zap = br_zap_new (zmq, good, &error);
    assert_non_null (zap);
    side_t *a = s_side_new (zmq, 1, "tcp://127.0.0.1:*", &key_a);
    side_t *b = s_side_new (zmq, 2, "tcp://127.0.0.1:*", &key_b);
    side_t *c = s_side_new (zmq, 3, "tcp://127.0.0.1:*", &stranger);
    s_link (a, b, key_a.public_key, key_b.public_key);
    s_link (a, c, key_a.public_key, stranger.public_key);
    TURN_UNTIL (a, b, a->up && b->up);
    s_send (b, 1, BR_CALL_FENCE, 1, NULL);
    s_send (c, 1, BR_CALL_FENCE, 2, NULL);
    TURN_UNTIL (a, c, c->gone);
    TURN_UNTIL (a, b, a->size == 1);
    assert_int_equal (a->notes[0].lo, 1);
    assert_int_equal (c->up, 0);
    s_side_destroy (a);
    s_side_destroy (b);
    s_side_destroy (c);
    br_zap_destroy (&zap);
    zmq_ctx_term (zmq);
}

static int
s_setup (void **state)
{
    (void) state;
    strcpy (s_dir, "/tmp/br-mailbox-XXXXXX");
    return mkdtemp (s_dir) ? 0 : -1;
}

static int
s_teardown (void **state)
{
    (void) state;
    char command[128];
    snprintf (command, sizeof command, "rm -rf '%s'", s_dir);
    return system (command);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_inproc_carries_all),
        cmocka_unit_test (test_ipc_carries_all),
        cmocka_unit_test (test_tcp_carries_all),
        cmocka_unit_test (test_a_cancel_overtakes_large_bodies),
        cmocka_unit_test (test_a_killed_peer_is_gone_after_its_last_message),
        cmocka_unit_test (test_a_stopped_peer_is_gone_too),
        cmocka_unit_test (test_a_link_is_dropped_while_its_end_is_told),
        cmocka_unit_test (test_curve_lets_known_keys_in_alone),
    };
    return cmocka_run_group_tests_name ("mailbox", tests, s_setup, s_teardown);
}
