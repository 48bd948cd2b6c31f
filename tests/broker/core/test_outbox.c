//  outbox: what leaves towards a peer, frame by frame: order, parts, credit and bounds.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "broker/core/outbox.h"

#define DEADLINE_MS 20000 //  for broken code alone

//  An outbox and the PULL that it leads to.
typedef struct {
    void *zmq;
    void *pull;
    br_outbox_t *outbox;
} pair_t;

//  One frame as it arrived.
typedef struct {
    char kind;
    uint32_t host;
    uint32_t life;
    uint32_t number; //  of a transfer, or a count of credit
    br_msg_t *msg;   //  owned; NULL without one
    uint8_t *body;   //  owned; NULL without one
    size_t body_size;
    size_t told_size;
} frame_t;

static char s_dir[64];

//  hwm: frames that the reader takes before it is read; 0 = libzmq's default.
static pair_t
s_pair (const char *endpoint, int hwm)
{
    char address[128];
    snprintf (address, sizeof address, endpoint, s_dir);
    pair_t self = { .zmq = zmq_ctx_new () };
    self.pull = zmq_socket (self.zmq, ZMQ_PULL);
    if (hwm)
        zmq_setsockopt (self.pull, ZMQ_RCVHWM, &hwm, sizeof hwm);
    assert_int_equal (zmq_bind (self.pull, address), 0);
    br_error_t error = { .code = BR_OK };
    self.outbox = br_outbox_new (self.zmq, address, NULL, NULL, &error);
    assert_non_null (self.outbox);
    br_outbox_set_sender (self.outbox, 7, 0x01020304);
    return self;
}

static void
s_part (pair_t *self)
{
    br_outbox_destroy (&self->outbox);
    assert_null (self->outbox);
    if (self->pull)
        zmq_close (self->pull);
    zmq_ctx_term (self->zmq);
}

static uint32_t
s_get32 (const uint8_t *at)
{
    return (uint32_t) at[0] << 24 | (uint32_t) at[1] << 16 | (uint32_t) at[2] << 8
           | at[3];
}

//  Messages of a pack, each whole.
static uint32_t
s_count_pack (const uint8_t *at, size_t size)
{
    uint32_t count = 0;
    for (; size; count++) {
        size_t body_size;
        size_t part = s_get32 (at);
        br_msg_t *msg = br_msg_decode (at + 4, part, &body_size, NULL);
        assert_non_null (msg);
        assert_int_equal (body_size, 0);
        br_msg_destroy (&msg);
        at += 4 + part;
        size -= 4 + part;
    }
    return count;
}

static void
s_read_head (frame_t *frame, const uint8_t *at, size_t size)
{
    assert_true (size >= BR_FRAME_HEAD);
    frame->kind = (char) at[0];
    frame->host = s_get32 (at + 1);
    frame->life = s_get32 (at + 5);
    at += BR_FRAME_HEAD;
    size -= BR_FRAME_HEAD;
    if (frame->kind == BR_FRAME_HELLO || frame->kind == BR_FRAME_ACK) {
        assert_int_equal (size, 0);
        return;
    }
    if (frame->kind == BR_FRAME_PACK) {
        frame->number = s_count_pack (at, size);
        return;
    }
    if (frame->kind != BR_FRAME_MSG) {
        frame->number = s_get32 (at);
        at += 4;
        size -= 4;
    }
    if (frame->kind == BR_FRAME_MSG || frame->kind == BR_FRAME_LARGE) {
        frame->msg = br_msg_decode (at, size, &frame->told_size, NULL);
        assert_non_null (frame->msg);
    }
}

//  Reads a frame that is there; false when there is none now.
static bool
s_poll (pair_t *self, frame_t *ret_frame)
{
    zmq_msg_t part;
    zmq_msg_init (&part);
    *ret_frame = (frame_t) { .kind = 0 };
    if (zmq_msg_recv (&part, self->pull, ZMQ_DONTWAIT) < 0)
        return false;
    s_read_head (ret_frame, zmq_msg_data (&part), zmq_msg_size (&part));
    if (zmq_msg_more (&part)) {
        zmq_msg_recv (&part, self->pull, 0);
        assert_false (zmq_msg_more (&part));
        ret_frame->body_size = zmq_msg_size (&part);
        ret_frame->body = malloc (ret_frame->body_size + 1);
        memcpy (ret_frame->body, zmq_msg_data (&part), ret_frame->body_size);
    }
    zmq_msg_close (&part);
    return true;
}

//  The next frame; the outbox is flushed meanwhile, as a host's loop does.
static frame_t
s_next (pair_t *self)
{
    frame_t frame;
    for (int i = 0; i < DEADLINE_MS; i++) {
        br_outbox_flush (self->outbox);
        if (s_poll (self, &frame))
            return frame;
        zmq_pollitem_t item = { .socket = self->pull, .events = ZMQ_POLLIN };
        zmq_poll (&item, 1, 1);
    }
    fail_msg ("no frame came");
    return frame;
}

static void
s_free (frame_t *frame)
{
    br_msg_destroy (&frame->msg);
    free (frame->body);
}

//  The next frame is of this kind, and of this call or transfer.
static void
s_expect (pair_t *self, br_frame_kind_t kind, uint64_t number)
{
    frame_t frame = s_next (self);
    assert_int_equal (frame.kind, kind);
    assert_int_equal (frame.host, 7);
    assert_int_equal (frame.life, 0x01020304);
    assert_int_equal (
        frame.msg && kind == BR_FRAME_MSG ? frame.msg->call.lo : frame.number, number);
    s_free (&frame);
}

static void
s_send (pair_t *self, br_verb_t verb, uint64_t call, br_blob_t *body)
{
    br_id_t id = { call ? 1 : 0, call };
    br_msg_t *msg = br_msg_new (verb, id, 1, NULL, body);
    br_error_t error = { .code = BR_OK };
    if (br_outbox_send (self->outbox, &msg, &error))
        fail_msg ("%s", error.text);
    assert_null (msg);
}

//  The same, with its connection open.
static pair_t
s_open_pair (const char *endpoint)
{
    pair_t self = s_pair (endpoint, 0);
    br_outbox_signal (self.outbox, BR_FRAME_HELLO, 0);
    s_expect (&self, BR_FRAME_HELLO, 0);
    return self;
}

static void
test_messages_arrive_with_sender_and_body (void **state)
{
    (void) state;
    static const char *const endpoints[] = { "inproc://a", "ipc://%s/a" };
    for (size_t i = 0; i < 2; i++) {
        pair_t pair = s_pair (endpoints[i], 0);
        uint8_t bytes[5000];
        memset (bytes, 'b', sizeof bytes);
        br_blob_t *large = br_blob_new (bytes, sizeof bytes);
        br_blob_t *small = br_blob_new ("abc", 3);
        s_send (&pair, BR_CALL_FENCE, 1, NULL);
        s_send (&pair, BR_REPLY_DELTA, 2, small);
        s_send (&pair, BR_REPLY_DELTA, 3, large);
        s_expect (&pair, BR_FRAME_MSG, 1);
        frame_t frame = s_next (&pair);
        assert_int_equal (frame.told_size, 3);
        assert_int_equal (frame.body_size, 3);
        assert_memory_equal (frame.body, "abc", 3);
        s_free (&frame);
        frame = s_next (&pair);
        assert_int_equal (frame.body_size, sizeof bytes);
        assert_memory_equal (frame.body, bytes, sizeof bytes);
        s_free (&frame);
        assert_int_equal (br_outbox_bytes (pair.outbox), 0);
        br_blob_destroy (&large);
        br_blob_destroy (&small);
        s_part (&pair);
    }
}

static void
test_signals_are_frames_without_a_message (void **state)
{
    (void) state;
    pair_t pair = s_pair ("ipc://%s/s", 0);
    br_outbox_signal (pair.outbox, BR_FRAME_HELLO, 0);
    br_outbox_signal (pair.outbox, BR_FRAME_ACK, 0);
    br_outbox_signal (pair.outbox, BR_FRAME_CREDIT, 0x01000002);
    s_expect (&pair, BR_FRAME_HELLO, 0);
    s_expect (&pair, BR_FRAME_ACK, 0);
    s_expect (&pair, BR_FRAME_CREDIT, 0x01000002);
    s_part (&pair);
}

//  The parts of one transfer until `size` bytes came; each returns its credit.
static void
s_take_parts (pair_t *self, uint32_t number, const uint8_t *bytes, size_t size)
{
    size_t taken = 0;
    while (taken < size) {
        frame_t frame = s_next (self);
        assert_int_equal (frame.kind, BR_FRAME_PART);
        assert_int_equal (frame.number, number);
        assert_true (frame.body_size > 0 && frame.body_size <= BR_PART_BYTES);
        assert_memory_equal (frame.body, bytes + taken, frame.body_size);
        taken += frame.body_size;
        s_free (&frame);
        br_outbox_credit (self->outbox, 1);
    }
    assert_int_equal (taken, size);
}

static uint8_t *
s_bytes (size_t size)
{
    uint8_t *bytes = malloc (size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t) (i * 7 + i / 255);
    return bytes;
}

static void
test_a_large_body_goes_in_parts (void **state)
{
    (void) state;
    pair_t pair = s_open_pair ("ipc://%s/l");
    size_t size = 5 * BR_PART_BYTES + 17;
    br_blob_t *body = br_blob_take (s_bytes (size), size);
    s_send (&pair, BR_CALL_OPEN, 1, body);
    frame_t frame = s_next (&pair);
    assert_int_equal (frame.kind, BR_FRAME_LARGE);
    assert_int_equal (frame.told_size, size);
    assert_int_equal (frame.number, 1);
    assert_int_equal (frame.msg->verb, BR_CALL_OPEN);
    s_free (&frame);
    assert_int_equal (br_outbox_bytes (pair.outbox), size - 2 * BR_PART_BYTES);
    s_take_parts (&pair, 1, br_blob_data (body), size);
    assert_int_equal (br_outbox_bytes (pair.outbox), 0);
    br_blob_destroy (&body);
    s_part (&pair);
}

//  Inside a process a body is shared, whatever its size.
static void
test_inproc_knows_no_parts (void **state)
{
    (void) state;
    pair_t pair = s_pair ("inproc://l", 0);
    size_t size = 5 * BR_PART_BYTES;
    br_blob_t *body = br_blob_take (s_bytes (size), size);
    s_send (&pair, BR_CALL_OPEN, 1, body);
    frame_t frame = s_next (&pair);
    assert_int_equal (frame.kind, BR_FRAME_MSG);
    assert_int_equal (frame.body_size, size);
    s_free (&frame);
    br_blob_destroy (&body);
    s_part (&pair);
}

//  Given two large bodies, when parts return one by one, then they take turns, no more
//  than the window is under way, and small messages of other calls go between them.
static void
test_parts_take_turns_within_the_window (void **state)
{
    (void) state;
    pair_t pair = s_open_pair ("ipc://%s/w");
    size_t size = 4 * BR_PART_BYTES;
    br_blob_t *body = br_blob_take (s_bytes (size), size);
    s_send (&pair, BR_CALL_OPEN, 1, body);
    s_send (&pair, BR_CALL_OPEN, 2, body);
    s_expect (&pair, BR_FRAME_LARGE, 1);
    s_expect (&pair, BR_FRAME_PART, 1);
    s_expect (&pair, BR_FRAME_PART, 1);
    s_send (&pair, BR_CALL_CANCEL, 3, NULL);
    s_send (&pair, BR_CALL_CANCEL, 0, NULL); //  of no call: waits for nobody
    s_expect (&pair, BR_FRAME_PACK, 2);
    br_outbox_credit (pair.outbox, 99); //  more than was due counts for nothing more
    s_send (&pair, BR_CALL_CANCEL, 4, NULL);
    s_expect (&pair, BR_FRAME_PART, 1);
    s_expect (&pair, BR_FRAME_LARGE, 2);
    s_expect (&pair, BR_FRAME_PART, 2);
    s_expect (&pair, BR_FRAME_MSG, 4);
    br_blob_destroy (&body);
    s_part (&pair); //  with parts that never left
}

//  Given messages without a body, when the outbox is flushed, then they are one frame; what
//  has a body, a signal and a pack that is full send them off before.
static void
test_small_messages_travel_together (void **state)
{
    (void) state;
    pair_t pair = s_open_pair ("ipc://%s/p");
    frame_t frame;
    s_send (&pair, BR_CALL_CANCEL, 1, NULL);
    s_expect (&pair, BR_FRAME_MSG, 1);
    s_send (&pair, BR_CALL_CANCEL, 1, NULL);
    s_send (&pair, BR_CALL_CANCEL, 2, NULL);
    s_send (&pair, BR_CALL_CANCEL, 3, NULL);
    assert_true (br_outbox_bytes (pair.outbox) > 0);
    assert_false (s_poll (&pair, &frame));
    s_expect (&pair, BR_FRAME_PACK, 3);
    assert_int_equal (br_outbox_bytes (pair.outbox), 0);
    s_send (&pair, BR_CALL_CANCEL, 1, NULL);
    br_blob_t *body = br_blob_new ("x", 1);
    s_send (&pair, BR_CALL_OPEN, 2, body);
    br_blob_destroy (&body);
    s_expect (&pair, BR_FRAME_MSG, 1);
    s_expect (&pair, BR_FRAME_MSG, 2);
    s_send (&pair, BR_CALL_CANCEL, 4, NULL);
    br_outbox_signal (pair.outbox, BR_FRAME_ACK, 0);
    s_expect (&pair, BR_FRAME_MSG, 4);
    s_expect (&pair, BR_FRAME_ACK, 0);
    enum {
        MANY = 2000
    };
    for (size_t i = 0; i < MANY; i++)
        s_send (&pair, BR_CALL_CANCEL, 5, NULL);
    unsigned frames = 0;
    for (size_t came = 0; came < MANY; frames++) {
        frame = s_next (&pair);
        assert_int_equal (frame.kind, BR_FRAME_PACK);
        came += frame.number;
        s_free (&frame);
    }
    assert_in_range (frames, 2, 20);
    s_part (&pair);
}

//  Given small messages that wait, when one follows whose fields are as large as they may
//  be, then none is lost.
static void
test_a_message_of_any_size_joins_the_small_ones (void **state)
{
    (void) state;
    pair_t pair = s_open_pair ("ipc://%s/q");
    char *text = malloc (BR_MSG_FIELDS_MAX);
    memset (text, 'x', BR_MSG_FIELDS_MAX);
    text[BR_MSG_FIELDS_MAX - 4096] = 0;
    struct br_conf_try conf = { .slice = text };
    enum {
        SMALL = 100
    };
    for (size_t i = 0; i < SMALL; i++)
        s_send (&pair, BR_CALL_CANCEL, 1, NULL);
    br_msg_t *msg = br_msg_new (BR_CONF_TRY, (br_id_t) { 0, 0 }, 0, &conf, NULL);
    assert_int_equal (br_outbox_send (pair.outbox, &msg, NULL), 0);
    for (size_t i = 0; i < SMALL; i++)
        s_send (&pair, BR_CALL_CANCEL, 2, NULL);
    s_expect (&pair, BR_FRAME_PACK, SMALL);
    s_expect (&pair, BR_FRAME_MSG, 0);
    s_expect (&pair, BR_FRAME_PACK, SMALL);
    free (text);
    s_part (&pair);
}

static void
test_a_call_keeps_its_order (void **state)
{
    (void) state;
    pair_t pair = s_open_pair ("ipc://%s/o");
    size_t size = 3 * BR_PART_BYTES;
    br_blob_t *body = br_blob_take (s_bytes (size), size);
    s_send (&pair, BR_CALL_OPEN, 1, body);
    s_send (&pair, BR_CALL_CANCEL, 1, NULL);
    s_send (&pair, BR_CALL_OPEN, 1, body);
    s_send (&pair, BR_CALL_FENCE, 1, NULL);
    s_send (&pair, BR_CALL_FENCE, 2, NULL);
    s_expect (&pair, BR_FRAME_LARGE, 1);
    s_expect (&pair, BR_FRAME_PART, 1);
    s_expect (&pair, BR_FRAME_PART, 1);
    s_expect (&pair, BR_FRAME_MSG, 2);
    br_outbox_credit (pair.outbox, 2);
    s_expect (&pair, BR_FRAME_PART, 1);
    frame_t frame = s_next (&pair);
    assert_int_equal (frame.msg->verb, BR_CALL_CANCEL);
    s_free (&frame);
    s_expect (&pair, BR_FRAME_LARGE, 2); //  the second body of the call
    s_expect (&pair, BR_FRAME_PART, 2);
    br_outbox_credit (pair.outbox, 2);
    s_expect (&pair, BR_FRAME_PART, 2);
    s_expect (&pair, BR_FRAME_PART, 2);
    frame = s_next (&pair);
    assert_int_equal (frame.msg->verb, BR_CALL_FENCE);
    assert_int_equal (frame.msg->call.lo, 1);
    s_free (&frame);
    br_blob_destroy (&body);
    s_part (&pair);
}

//  Given a reader that does not read, then the rest waits here, counted, and arrives in
//  order once it reads.
static void
test_what_the_socket_does_not_take_waits_in_order (void **state)
{
    (void) state;
    pair_t pair = s_pair ("inproc://slow", 1);
    uint64_t sent = 0;
    br_blob_t *body = br_blob_new ("0123456789", 10);
    while (br_outbox_bytes (pair.outbox) < 5000)
        s_send (&pair, BR_REPLY_DELTA, ++sent, body);
    assert_true (br_outbox_flush (pair.outbox));
    for (uint64_t call = 1; call <= sent; call++)
        s_expect (&pair, BR_FRAME_MSG, call);
    assert_false (br_outbox_flush (pair.outbox));
    assert_int_equal (br_outbox_bytes (pair.outbox), 0);
    br_blob_destroy (&body);
    s_part (&pair);
}

//  An outbox to an address where nobody is.
static pair_t
s_alone (void)
{
    pair_t self = { .zmq = zmq_ctx_new () };
    char address[128];
    snprintf (address, sizeof address, "ipc://%s/nobody", s_dir);
    self.outbox = br_outbox_new (self.zmq, address, NULL, NULL, NULL);
    assert_non_null (self.outbox);
    return self;
}

static void
test_waiting_small_messages_are_bounded (void **state)
{
    (void) state;
    pair_t pair = s_alone ();
    br_blob_t *body = br_blob_take (calloc (1, BR_PART_BYTES), BR_PART_BYTES);
    br_msg_t *msg = NULL;
    br_error_t error = { .code = BR_OK };
    int rc = 0;
    for (size_t sent = 0; rc == 0; sent++) {
        assert_true (sent <= BR_OUTBOX_MAX / BR_PART_BYTES + 1);
        br_msg_destroy (&msg);
        msg = br_msg_new (BR_REPLY_DELTA, (br_id_t) { 1, sent }, 1, NULL, body);
        rc = br_outbox_send (pair.outbox, &msg, &error);
    }
    assert_int_equal (error.code, BR_EBUSY);
    assert_non_null (msg);
    assert_true (br_outbox_bytes (pair.outbox) > BR_OUTBOX_MAX);
    assert_true (br_outbox_flush (pair.outbox));
    br_msg_destroy (&msg);
    br_blob_destroy (&body);
    s_part (&pair);
}

static void
test_waiting_large_bodies_are_bounded (void **state)
{
    (void) state;
    pair_t pair = s_alone ();
    br_blob_t *body = br_blob_take (calloc (1, BR_MSG_BODY_MAX), BR_MSG_BODY_MAX);
    for (uint64_t i = 0; i < BR_OUTBOX_BULK_MAX / BR_MSG_BODY_MAX; i++)
        s_send (&pair, BR_CALL_OPEN, i + 1, body);
    br_msg_t *msg = br_msg_new (BR_CALL_OPEN, (br_id_t) { 1, 99 }, 1, NULL, body);
    br_error_t error = { .code = BR_OK };
    assert_int_equal (br_outbox_send (pair.outbox, &msg, &error), -1);
    assert_int_equal (error.code, BR_EBUSY);
    br_msg_destroy (&msg);
    //  small ones still may
    s_send (&pair, BR_CALL_CANCEL, 98, NULL);
    br_blob_destroy (&body);
    s_part (&pair);
}

//  Fields over their bound would be dropped by the peer: the sender must know.
static void
test_fields_over_their_bound_are_refused (void **state)
{
    (void) state;
    pair_t pair = s_pair ("inproc://fields", 0);
    char *text = malloc (BR_MSG_FIELDS_MAX + 1);
    memset (text, 'x', BR_MSG_FIELDS_MAX);
    text[BR_MSG_FIELDS_MAX] = 0;
    struct br_conf_try conf = { .slice = text };
    br_msg_t *msg = br_msg_new (BR_CONF_TRY, (br_id_t) { 0, 0 }, 0, &conf, NULL);
    br_error_t error = { .code = BR_OK };
    assert_int_equal (br_outbox_send (pair.outbox, &msg, &error), -1);
    assert_int_equal (error.code, BR_ETOOBIG);
    br_msg_destroy (&msg);
    text[BR_MSG_FIELDS_MAX - 4096] = 0;
    msg = br_msg_new (BR_CONF_TRY, (br_id_t) { 0, 0 }, 0, &conf, NULL);
    assert_int_equal (br_outbox_send (pair.outbox, &msg, &error), 0);
    s_expect (&pair, BR_FRAME_MSG, 0);
    free (text);
    s_part (&pair);
}

static void
test_a_bad_address_is_an_error (void **state)
{
    (void) state;
    static const char *const addresses[] = { "", "nowhere", "smtp://x", "tcp://x" };
    void *zmq = zmq_ctx_new ();
    for (size_t i = 0; i < 4; i++) {
        br_error_t error = { .code = BR_OK };
        assert_null (br_outbox_new (zmq, addresses[i], NULL, NULL, &error));
        assert_int_equal (error.code, BR_ESYSTEM);
        assert_non_null (strstr (error.text, addresses[i]));
    }
    br_error_t error = { .code = BR_OK };
    br_curve_t none = { .public_key = "" };
    assert_null (br_outbox_new (zmq, "tcp://127.0.0.1:1", &none, "too short", &error));
    assert_int_equal (error.code, BR_ESYSTEM);
    br_outbox_destroy (NULL);
    zmq_ctx_term (zmq);
}

static int
s_setup (void **state)
{
    (void) state;
    strcpy (s_dir, "/tmp/br-outbox-XXXXXX");
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
        cmocka_unit_test (test_messages_arrive_with_sender_and_body),
        cmocka_unit_test (test_signals_are_frames_without_a_message),
        cmocka_unit_test (test_a_large_body_goes_in_parts),
        cmocka_unit_test (test_inproc_knows_no_parts),
        cmocka_unit_test (test_parts_take_turns_within_the_window),
        cmocka_unit_test (test_small_messages_travel_together),
        cmocka_unit_test (test_a_message_of_any_size_joins_the_small_ones),
        cmocka_unit_test (test_a_call_keeps_its_order),
        cmocka_unit_test (test_what_the_socket_does_not_take_waits_in_order),
        cmocka_unit_test (test_waiting_small_messages_are_bounded),
        cmocka_unit_test (test_waiting_large_bodies_are_bounded),
        cmocka_unit_test (test_fields_over_their_bound_are_refused),
        cmocka_unit_test (test_a_bad_address_is_an_error),
    };
    return cmocka_run_group_tests_name ("outbox", tests, s_setup, s_teardown);
}
