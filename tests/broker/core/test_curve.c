//  curve: keys are made once, kept private and read back; who has no known key stays out.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "broker/core/curve.h"

static char s_dir[64];

//  A path below the test's directory.
static const char *
s_path (const char *name, char room[128])
{
    snprintf (room, 128, "%s/%s", s_dir, name);
    return room;
}

static void
s_generate (const char *dir, const char *first, const char *second)
{
    const char *const names[] = { first, second, NULL };
    br_error_t error = { .code = BR_OK };
    if (br_curve_generate (dir, names, &error))
        fail_msg ("%s", error.text);
}

static mode_t
s_mode (const char *path)
{
    struct stat info;
    assert_int_equal (stat (path, &info), 0);
    return info.st_mode & 0777;
}

static void
test_keys_are_made_once_and_private (void **state)
{
    (void) state;
    char dir[128], path[160];
    s_path ("once", dir);
    s_generate (dir, "broker", "a");
    assert_int_equal (s_mode (dir), 0700);
    snprintf (path, sizeof path, "%s/broker.key", dir);
    assert_int_equal (s_mode (path), 0600);
    br_curve_t first, again;
    assert_int_equal (br_curve_load (dir, "broker", &first, NULL), 0);
    assert_int_equal (strlen (first.public_key), 40);
    assert_int_equal (strlen (first.secret_key), 40);
    s_generate (dir, "broker", "b");
    assert_int_equal (br_curve_load (dir, "broker", &again, NULL), 0);
    assert_string_equal (first.secret_key, again.secret_key);
    assert_string_equal (first.public_key, again.public_key);
    char derived[41], other[41];
    assert_int_equal (zmq_curve_public (derived, first.secret_key), 0);
    assert_string_equal (derived, first.public_key);
    assert_int_equal (br_curve_public (dir, "a", other, NULL), 0);
    assert_string_not_equal (other, first.public_key);
    //  a public key alone is no secret to others
    snprintf (path, sizeof path, "%s/a.key", dir);
    unlink (path);
    assert_int_equal (br_curve_public (dir, "a", other, NULL), 0);
    br_error_t error = { .code = BR_OK };
    assert_int_equal (br_curve_load (dir, "a", &again, &error), -1);
    assert_int_equal (error.code, BR_ECONFIG);
    assert_non_null (strstr (error.text, "bitrouter topology keygen"));
}

static void
test_bad_files_and_places_are_errors (void **state)
{
    (void) state;
    char dir[128], path[160];
    s_path ("bad", dir);
    s_generate (dir, "a", "b");
    br_curve_t curve;
    br_error_t error = { .code = BR_OK };
    assert_int_equal (br_curve_load (dir, "nobody", &curve, &error), -1);
    assert_int_equal (error.code, BR_ECONFIG);
    snprintf (path, sizeof path, "%s/a.pub", dir);
    assert_int_equal (truncate (path, 39), 0);
    assert_int_equal (br_curve_load (dir, "a", &curve, &error), -1);
    assert_non_null (strstr (error.text, "a.pub"));
    assert_non_null (strstr (error.text, "too short"));
    assert_null (strstr (error.text, curve.secret_key));
    const char *const names[] = { "x", NULL };
    error = (br_error_t) { .code = BR_OK };
    assert_int_equal (br_curve_generate ("/nowhere/at/all", names, &error), -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    error = (br_error_t) { .code = BR_OK };
    assert_int_equal (br_curve_generate (path, names, &error), -1); //  a file, no folder
    assert_int_equal (error.code, BR_ESYSTEM);
    void *zmq = zmq_ctx_new ();
    assert_null (br_zap_new (zmq, "/nowhere/at/all", &error));
    assert_int_equal (error.code, BR_ECONFIG);
    zmq_ctx_term (zmq);
}

//  ---- who comes in

typedef struct {
    void *zmq;
    br_zap_t *zap;
    void *pull;
    char endpoint[64];
    br_curve_t server;
} gate_t;

static gate_t
s_gate (const char *dir)
{
    gate_t self = { .zmq = zmq_ctx_new () };
    br_error_t error = { .code = BR_OK };
    self.zap = br_zap_new (self.zmq, dir, &error);
    if (!self.zap)
        fail_msg ("%s", error.text);
    assert_int_equal (br_curve_load (dir, "broker", &self.server, &error), 0);
    self.pull = zmq_socket (self.zmq, ZMQ_PULL);
    const int one = 1;
    zmq_setsockopt (self.pull, ZMQ_CURVE_SERVER, &one, sizeof one);
    zmq_setsockopt (self.pull, ZMQ_CURVE_SECRETKEY, self.server.secret_key, 40);
    assert_int_equal (zmq_bind (self.pull, "tcp://127.0.0.1:*"), 0);
    size_t size = sizeof self.endpoint;
    zmq_getsockopt (self.pull, ZMQ_LAST_ENDPOINT, self.endpoint, &size);
    return self;
}

static void
s_close (gate_t *self)
{
    zmq_close (self->pull);
    br_zap_destroy (&self->zap);
    assert_null (self->zap);
    br_zap_destroy (&self->zap);
    zmq_ctx_term (self->zmq);
}

//  Whether who has this key comes in, from a context of its own. NULL is no key at all.
static bool
s_comes_in (gate_t *gate, const br_curve_t *key)
{
    void *zmq = zmq_ctx_new ();
    void *push = zmq_socket (zmq, ZMQ_PUSH);
    void *monitor = zmq_socket (zmq, ZMQ_PAIR);
    const int zero = 0, deadline_ms = 20000;
    zmq_setsockopt (push, ZMQ_LINGER, &zero, sizeof zero);
    if (key) {
        zmq_setsockopt (push, ZMQ_CURVE_SERVERKEY, gate->server.public_key, 40);
        zmq_setsockopt (push, ZMQ_CURVE_PUBLICKEY, key->public_key, 40);
        zmq_setsockopt (push, ZMQ_CURVE_SECRETKEY, key->secret_key, 40);
    }
    zmq_socket_monitor (push, "inproc://monitor",
                        ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED
                            | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
                            | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
                            | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
    zmq_setsockopt (monitor, ZMQ_RCVTIMEO, &deadline_ms, sizeof deadline_ms);
    zmq_connect (monitor, "inproc://monitor");
    zmq_connect (push, gate->endpoint);
    uint8_t head[6];
    uint16_t event;
    assert_int_equal (zmq_recv (monitor, head, sizeof head, 0), 6);
    memcpy (&event, head, sizeof event);
    zmq_socket_monitor (push, NULL, 0);
    zmq_close (monitor);
    zmq_close (push);
    zmq_ctx_term (zmq);
    return event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
}

static void
test_known_keys_alone_come_in (void **state)
{
    (void) state;
    char good[128], bad[128];
    s_path ("good", good);
    s_path ("strangers", bad);
    s_generate (good, "broker", "a");
    s_generate (bad, "broker", "a");
    br_curve_t known, stranger;
    br_curve_load (good, "a", &known, NULL);
    br_curve_load (bad, "a", &stranger, NULL);
    gate_t gate = s_gate (good);
    assert_true (s_comes_in (&gate, &known));
    assert_false (s_comes_in (&gate, &stranger));
    assert_false (s_comes_in (&gate, NULL));
    assert_true (s_comes_in (&gate, &gate.server));
    //  the public key of another, without its secret
    br_curve_t thief = stranger;
    strcpy (thief.public_key, known.public_key);
    assert_false (s_comes_in (&gate, &thief));
    s_close (&gate);
}

static void
test_one_gate_for_each_context (void **state)
{
    (void) state;
    char dir[128];
    s_path ("two", dir);
    s_generate (dir, "broker", "a");
    gate_t gate = s_gate (dir);
    br_error_t error = { .code = BR_OK };
    assert_null (br_zap_new (gate.zmq, dir, &error));
    assert_int_equal (error.code, BR_ESYSTEM);
    s_close (&gate);
}

//  What is no request of ZAP gets no way in, and the gate goes on.
static void
test_odd_requests_are_refused (void **state)
{
    (void) state;
    char dir[128], reply[64];
    s_path ("odd", dir);
    s_generate (dir, "broker", "a");
    br_curve_t known;
    br_curve_load (dir, "a", &known, NULL);
    gate_t gate = s_gate (dir);
    void *req = zmq_socket (gate.zmq, ZMQ_REQ);
    assert_int_equal (zmq_connect (req, "inproc://zeromq.zap.01"), 0);
    static const char *const frames[] = {
        "1.0", "id", "d", "127.0.0.1", "", "PLAIN", "x"
    };
    for (size_t count = 2; count <= 7; count++) {
        for (size_t i = 0; i < count; i++)
            zmq_send (req, frames[i], strlen (frames[i]),
                      i + 1 < count ? ZMQ_SNDMORE : 0);
        assert_int_equal (zmq_recv (req, reply, sizeof reply, 0), 3);
        assert_int_equal (zmq_recv (req, reply, sizeof reply, 0), 2);
        assert_memory_equal (reply, "id", 2);
        assert_int_equal (zmq_recv (req, reply, sizeof reply, 0), 3);
        assert_memory_equal (reply, "400", 3);
        for (int i = 0; i < 3; i++)
            zmq_recv (req, reply, sizeof reply, 0);
    }
    zmq_close (req);
    assert_true (s_comes_in (&gate, &known));
    s_close (&gate);
}

static int
s_setup (void **state)
{
    (void) state;
    strcpy (s_dir, "/tmp/br-curve-XXXXXX");
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
        cmocka_unit_test (test_keys_are_made_once_and_private),
        cmocka_unit_test (test_bad_files_and_places_are_errors),
        cmocka_unit_test (test_known_keys_alone_come_in),
        cmocka_unit_test (test_one_gate_for_each_context),
        cmocka_unit_test (test_odd_requests_are_refused),
    };
    return cmocka_run_group_tests_name ("curve", tests, s_setup, s_teardown);
}
