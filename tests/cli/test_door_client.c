//  door_client: against a socket of its own kind, which answers whatever a test says.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#include "broker/core/alloc.h"
#include "cli/door_client.h"

#define PATIENCE_MS 30000 //  for what must come; nothing waits so long when all is well

//  A run directory, and a ROUTER behind its admin.sock.
typedef struct {
    char run_dir[64];
    void *zmq;
    void *socket;
    const char *reply; //  what it answers; NULL is nothing at all
    char request[256]; //  what it was asked
    pthread_t thread;
} world_t;

static void *
s_answer (void *arg)
{
    world_t *self = arg;
    zmq_msg_t frames[3];
    for (int i = 0; i < 3; i++) {
        zmq_msg_init (&frames[i]);
        zmq_msg_recv (&frames[i], self->socket, 0);
    }
    size_t size = zmq_msg_size (&frames[2]);
    size = size < sizeof self->request ? size : sizeof self->request - 1;
    memcpy (self->request, zmq_msg_data (&frames[2]), size);
    if (self->reply) {
        zmq_msg_send (&frames[0], self->socket, ZMQ_SNDMORE);
        zmq_send (self->socket, "", 0, ZMQ_SNDMORE);
        zmq_send (self->socket, self->reply, strlen (self->reply), 0);
    }
    for (int i = 0; i < 3; i++)
        zmq_msg_close (&frames[i]);
    return NULL;
}

static int
s_begin (void **state)
{
    world_t *self = BR_NEW (world_t);
    strcpy (self->run_dir, "/tmp/bitrouter-test-XXXXXX");
    assert_non_null (mkdtemp (self->run_dir));
    self->zmq = zmq_ctx_new ();
    *state = self;
    return 0;
}

static int
s_end (void **state)
{
    world_t *self = *state;
    char path[128];
    if (self->socket)
        zmq_close (self->socket);
    zmq_ctx_term (self->zmq);
    snprintf (path, sizeof path, "%s/admin.sock", self->run_dir);
    unlink (path);
    rmdir (self->run_dir);
    free (self);
    return 0;
}

static void
s_open (world_t *self)
{
    char endpoint[128];
    const int zero = 0;
    snprintf (endpoint, sizeof endpoint, "ipc://%s/admin.sock", self->run_dir);
    self->socket = zmq_socket (self->zmq, ZMQ_ROUTER);
    zmq_setsockopt (self->socket, ZMQ_LINGER, &zero, sizeof zero);
    assert_int_equal (zmq_bind (self->socket, endpoint), 0);
}

//  Asks a world that answers like this.
static int
s_ask (world_t *self, const char *reply, const cJSON *args, int timeout_ms,
       cli_answer_t *ret_answer, br_error_t *reterr)
{
    s_open (self);
    self->reply = reply;
    assert_int_equal (pthread_create (&self->thread, NULL, s_answer, self), 0);
    cli_question_t question = { self->run_dir, "status", args, timeout_ms };
    int rc = cli_door_ask (&question, ret_answer, reterr);
    pthread_join (self->thread, NULL);
    return rc;
}

static void
test_result_comes_back (void **state)
{
    cli_answer_t answer;
    br_error_t error;
    int rc = s_ask (*state, "{\"ok\":true,\"result\":{\"pid\":7},\"missing\":2}", NULL,
                    PATIENCE_MS, &answer, &error);
    assert_int_equal (rc, 0);
    assert_int_equal (cJSON_GetObjectItem (answer.result, "pid")->valueint, 7);
    assert_int_equal (answer.missing, 2);
    cJSON_Delete (answer.result);
    assert_string_equal (((world_t *) *state)->request,
                         "{\"command\":\"status\",\"args\":{}}");
}

static void
test_arguments_go_along (void **state)
{
    cli_answer_t answer;
    br_error_t error;
    cJSON *args = cJSON_Parse ("{\"on\":true}");
    int rc = s_ask (*state, "{\"ok\":true,\"result\":null}", args, PATIENCE_MS, &answer,
                    &error);
    cJSON_Delete (args);
    assert_int_equal (rc, 0);
    assert_true (cJSON_IsNull (answer.result));
    assert_int_equal (answer.missing, 0);
    cJSON_Delete (answer.result);
    assert_string_equal (((world_t *) *state)->request,
                         "{\"command\":\"status\",\"args\":{\"on\":true}}");
}

static void
test_result_that_is_missing_is_null (void **state)
{
    cli_answer_t answer;
    br_error_t error;
    assert_int_equal (s_ask (*state, "{\"ok\":true}", NULL, PATIENCE_MS, &answer, &error),
                      0);
    assert_true (cJSON_IsNull (answer.result));
    cJSON_Delete (answer.result);
}

static void
test_refusal_keeps_code_and_text (void **state)
{
    cli_answer_t answer;
    br_error_t error;
    const char *reply =
        "{\"ok\":false,\"error\":{\"code\":\"conflict\",\"message\":\"try again\"}}";
    assert_int_equal (s_ask (*state, reply, NULL, PATIENCE_MS, &answer, &error), -1);
    assert_int_equal (error.code, BR_ECONFLICT);
    assert_string_equal (error.text, "try again");
}

static void
test_refusal_without_words_is_internal (void **state)
{
    cli_answer_t answer;
    br_error_t error;
    assert_int_equal (
        s_ask (*state, "{\"ok\":false}", NULL, PATIENCE_MS, &answer, &error), -1);
    assert_int_equal (error.code, BR_EINTERNAL);
    assert_true (*error.text);
}

static void
test_nonsense_is_internal (void **state)
{
    cli_answer_t answer;
    br_error_t error;
    assert_int_equal (s_ask (*state, "}{", NULL, PATIENCE_MS, &answer, &error), -1);
    assert_int_equal (error.code, BR_EINTERNAL);
}

static void
test_silence_ends_with_the_time (void **state)
{
    cli_answer_t answer;
    br_error_t error;
    assert_int_equal (s_ask (*state, NULL, NULL, 100, &answer, &error), -1);
    assert_int_equal (error.code, BR_ETIMEOUT);
}

static void
test_nobody_there_is_told_at_once (void **state)
{
    world_t *self = *state;
    cli_question_t question = { self->run_dir, "status", NULL, PATIENCE_MS };
    cli_answer_t answer;
    br_error_t error;
    assert_int_equal (cli_door_ask (&question, &answer, &error), -1);
    assert_int_equal (error.code, BR_EUNAVAILABLE);
    assert_non_null (strstr (error.text, "bitrouter is not running"));
    assert_non_null (strstr (error.text, "admin.sock"));
}

static void
test_socket_of_a_dead_process_is_nobody (void **state)
{
    //  given: what a killed server leaves behind
    world_t *self = *state;
    char path[128];
    snprintf (path, sizeof path, "%s/admin.sock", self->run_dir);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    strcpy (address.sun_path, path);
    int fd = socket (AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal (bind (fd, (const void *) &address, sizeof address), 0);
    close (fd);
    br_error_t error;
    assert_int_equal (cli_door_probe (path, &error), -1);
    assert_int_equal (error.code, BR_EUNAVAILABLE);
}

static void
test_path_that_no_socket_can_have_is_an_error (void **state)
{
    (void) state;
    char path[300];
    memset (path, 'a', sizeof path - 1);
    path[sizeof path - 1] = 0;
    br_error_t error;
    assert_int_equal (cli_door_probe (path, &error), -1);
    assert_int_equal (error.code, BR_EUNAVAILABLE);
    assert_non_null (strstr (error.text, "too long"));
}

static void
test_run_dir_follows_the_flags (void **state)
{
    world_t *self = *state;
    br_error_t error;
    static const char *const environ_v[] = { NULL };
    cli_t cli = { .flags = { .home_dir = self->run_dir, .environ_v = environ_v } };
    char *run_dir = cli_door_run_dir (&cli, &error);
    char expected[80];
    snprintf (expected, sizeof expected, "%s/run", self->run_dir);
    assert_string_equal (run_dir, expected);
    free (run_dir);
    cli.flags.run_dir = "/elsewhere";
    run_dir = cli_door_run_dir (&cli, &error);
    assert_string_equal (run_dir, "/elsewhere");
    free (run_dir);
}

static void
test_another_machine_wants_an_address_and_keys (void **state)
{
    world_t *self = *state;
    static const char *const environ_v[] = { NULL };
    cli_t cli = { .flags = { .home_dir = self->run_dir, .environ_v = environ_v } };
    br_error_t error;
    cli_door_t door;
    cli.broker = "127.0.0.1:7701";
    assert_int_equal (cli_door_find (&cli, &door, &error), -1);
    assert_int_equal (error.code, BR_EINVALID);
    assert_non_null (strstr (error.text, "--broker: expected tcp://"));
    cli_door_clear (&door);
    cli.broker = "tcp://127.0.0.1:7701";
    assert_int_equal (cli_door_find (&cli, &door, &error), -1);
    assert_int_equal (error.code, BR_ECONFIG);
    assert_non_null (strstr (error.text, "keygen --client"));
    cli_door_clear (&door);
    cli.broker = NULL;
    assert_int_equal (cli_door_find (&cli, &door, &error), 0);
    assert_null (door.broker);
    assert_non_null (strstr (door.run_dir, self->run_dir));
    cli_door_clear (&door);
    assert_null (door.run_dir);
}

static void
test_another_machine_answers_over_tcp (void **state)
{
    world_t *self = *state;
    static const char *const names[] = { "broker", NULL }, *const client[] = { "a",
                                                                               NULL };
    char dir[96], clients[128], command[160], endpoint[BR_ENDPOINT_MAX];
    snprintf (dir, sizeof dir, "%s/curve", self->run_dir);
    snprintf (clients, sizeof clients, "%s/clients", dir);
    br_curve_t keys;
    br_error_t error;
    assert_int_equal (br_curve_generate (dir, names, &error), 0);
    assert_int_equal (br_curve_generate (clients, client, &error), 0);
    assert_int_equal (br_curve_load (dir, "broker", &keys, &error), 0);
    cli_door_t door = { .broker = endpoint };
    assert_int_equal (br_curve_load (clients, "a", &door.keys.own, &error), 0);
    strcpy (door.keys.server_key, keys.public_key);
    br_zap_t *zap = br_zap_new (self->zmq, dir, &error);
    const int zero = 0;
    self->socket = zmq_socket (self->zmq, ZMQ_ROUTER);
    zmq_setsockopt (self->socket, ZMQ_LINGER, &zero, sizeof zero);
    assert_int_equal (br_remote_bind (self->zmq, self->socket, "tcp://127.0.0.1:*", &keys,
                                      4096, endpoint, &error),
                      0);
    self->reply = "{\"ok\":true,\"result\":{\"pid\":7},\"missing\":0}";
    assert_int_equal (pthread_create (&self->thread, NULL, s_answer, self), 0);
    cli_question_t question = { NULL, "status", NULL, PATIENCE_MS };
    cli_answer_t answer = { .result = NULL };
    if (cli_door_ask_at (&door, &question, &answer, &error))
        fail_msg ("%s", error.text);
    pthread_join (self->thread, NULL);
    assert_int_equal (cJSON_GetObjectItem (answer.result, "pid")->valueint, 7);
    cJSON_Delete (answer.result);
    zmq_close (self->socket);
    self->socket = NULL;
    //  and where nobody listens, that is said at once
    strcpy (endpoint, "tcp://127.0.0.1:1");
    assert_int_equal (cli_door_ask_at (&door, &question, &answer, &error), -1);
    assert_int_equal (error.code, BR_EUNAVAILABLE);
    assert_non_null (strstr (error.text, "nothing listens at tcp://127.0.0.1:1;"));
    br_zap_destroy (&zap);
    snprintf (command, sizeof command, "rm -rf '%s'", dir);
    assert_int_equal (system (command), 0);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_begin, s_end)
    const struct CMUnitTest tests[] = {
        TEST (test_result_comes_back),
        TEST (test_another_machine_wants_an_address_and_keys),
        TEST (test_another_machine_answers_over_tcp),
        TEST (test_arguments_go_along),
        TEST (test_result_that_is_missing_is_null),
        TEST (test_refusal_keeps_code_and_text),
        TEST (test_refusal_without_words_is_internal),
        TEST (test_nonsense_is_internal),
        TEST (test_silence_ends_with_the_time),
        TEST (test_nobody_there_is_told_at_once),
        TEST (test_socket_of_a_dead_process_is_nobody),
        TEST (test_path_that_no_socket_can_have_is_an_error),
        TEST (test_run_dir_follows_the_flags),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
