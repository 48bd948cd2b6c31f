//  TLS as the configuration wants it: authorities, client certificates, ends.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/broker/net/client_world.h"
#include "tests/broker/net/peer_cert.h"

//  Two identities in a directory of their own.
typedef struct {
    char folder[64];
    char cert[80];
    char key[80];
    char other_cert[80];
    char other_key[80];
} files_t;

static int
s_set_up (void **state)
{
    files_t *self = calloc (1, sizeof *self);
    strcpy (self->folder, "/tmp/br_tls_XXXXXX");
    assert_non_null (mkdtemp (self->folder));
    snprintf (self->cert, sizeof self->cert, "%s/cert.pem", self->folder);
    snprintf (self->key, sizeof self->key, "%s/key.pem", self->folder);
    snprintf (self->other_cert, sizeof self->other_cert, "%s/other.pem", self->folder);
    snprintf (self->other_key, sizeof self->other_key, "%s/other_key.pem", self->folder);
    peer_cert_write (self->cert, self->key);
    peer_cert_write (self->other_cert, self->other_key);
    *state = self;
    return 0;
}

static int
s_tear_down (void **state)
{
    files_t *self = *state;
    unlink (self->cert);
    unlink (self->key);
    unlink (self->other_cert);
    unlink (self->other_key);
    rmdir (self->folder);
    free (self);
    return 0;
}

static void
test_known_authority_is_trusted (void **state)
{
    const files_t *files = *state;
    http_client_conf_t conf = { .idle_max = 4, .ca_file = files->cert };
    world_t world;
    world_open_tls (&world, conf, files->cert, files->key, NULL);
    for (int i = 0; i < 3; i++) {
        call_t call = { .status = 0 };
        assert_int_equal (world_run (&world, &call), HTTP_END_OK);
        assert_true (call_body_is (&call, "hi"));
        assert_int_equal (call.result.reused, i > 0);
        call_free (&call);
    }
    assert_int_equal (peer_accepted (world.peer), 1);
    world_close (&world);
}

static void
test_unknown_authority_is_refused_before_anything_is_sent (void **state)
{
    const files_t *files = *state;
    const char *authorities[] = { files->other_cert, NULL };
    for (int i = 0; i < 2; i++) {
        http_client_conf_t conf = { .idle_max = 4, .ca_file = authorities[i] };
        world_t world;
        world_open_tls (&world, conf, files->cert, files->key, NULL);
        call_t call = { .status = 0 };
        assert_int_equal (world_run (&world, &call), HTTP_END_TLS);
        assert_false (call.result.sent);
        assert_non_null (strstr (call.result.text, "certificate"));
        assert_int_equal (peer_requests (world.peer), 0);
        call_free (&call);
        world_close (&world);
    }
}

static void
test_wrong_name_is_refused (void **state)
{
    const files_t *files = *state;
    http_client_conf_t conf = { .idle_max = 4, .ca_file = files->cert };
    world_t world;
    world_open_tls (&world, conf, files->cert, files->key, NULL);
    snprintf (world.url, sizeof world.url, "https://localhost:%u/",
              peer_port (world.peer));
    call_t call = { .status = 0 };
    assert_int_equal (world_run (&world, &call), HTTP_END_TLS);
    assert_false (call.result.sent);
    call_free (&call);
    world_close (&world);
}

static void
test_client_certificate_is_shown (void **state)
{
    const files_t *files = *state;
    http_client_conf_t conf = { .idle_max = 4,
                                .ca_file = files->cert,
                                .cert_file = files->other_cert,
                                .key_file = files->other_key };
    world_t world;
    world_open_tls (&world, conf, files->cert, files->key, files->other_cert);
    call_t call = { .status = 0 };
    assert_int_equal (world_run (&world, &call), HTTP_END_OK);
    call_free (&call);
    world_close (&world);
    conf.cert_file = conf.key_file = NULL;
    world_open_tls (&world, conf, files->cert, files->key, files->other_cert);
    assert_int_not_equal (world_run (&world, &call), HTTP_END_OK);
    assert_int_equal (peer_requests (world.peer), 0);
    call_free (&call);
    world_close (&world);
}

static void
test_kept_connection_with_a_farewell_is_given_up (void **state)
{
    const files_t *files = *state;
    http_client_conf_t conf = { .idle_max = 4, .ca_file = files->cert };
    world_t world;
    world_open_tls (&world, conf, files->cert, files->key, NULL);
    call_t call = { .status = 0 };
    for (int i = 0; i < 12; i++) {
        assert_int_equal (world_run (&world, &call), HTTP_END_OK);
        assert_false (call.result.reused);
        call_free (&call);
        peer_end (peer_last (world.peer));
        world_settle (&world);
    }
    assert_int_equal (peer_requests (world.peer), 12);
    world_close (&world);
}

static void
test_answer_without_its_end_is_cut (void **state)
{
    const files_t *files = *state;
    http_client_conf_t conf = { .idle_max = 4, .ca_file = files->cert };
    world_t world;
    world_open_tls (&world, conf, files->cert, files->key, NULL);
    world.answer = "HTTP/1.1 200 OK\r\n\r\nabc"; //  ends with the connection
    call_t call = { .status = 0 };
    world_start (&world, &call);
    world_settle (&world);
    peer_reset (peer_last (world.peer)); //  which does not say farewell
    world_finish (&world, &call);
    assert_int_equal (call.result.end, HTTP_END_CUT);
    call_free (&call);
    world_close (&world);
}

static void
test_large_body_and_pause_work_over_tls (void **state)
{
    const files_t *files = *state;
    http_client_conf_t conf = { .idle_max = 4, .ca_file = files->cert };
    world_t world;
    world_open_tls (&world, conf, files->cert, files->key, NULL);
    size_t size = 3u << 20;
    char *bytes = malloc (size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char) (i * 7 + (i >> 9));
    world.draft.pieces[0] = (http_piece_t) { .text = bytes, .size = size / 2 };
    world.draft.pieces[1] = (http_piece_t) { .text = bytes + size / 2,
                                             .size = size - size / 2 };
    world.draft.pieces_size = 2;
    call_t call = { .status = 0 };
    world_start (&world, &call);
    http_transfer_pause (call.transfer);
    world_settle (&world);
    assert_int_equal (call.heads, 1);
    assert_int_equal (call.body_bytes, 0);
    http_transfer_resume (call.transfer);
    world_finish (&world, &call);
    assert_int_equal (call.result.end, HTTP_END_OK);
    size_t offset = peer_body_offset (&world.request);
    assert_int_equal (world.request.size, offset + size);
    assert_memory_equal (world.request.data + offset, bytes, size);
    free (bytes);
    call_free (&call);
    world_close (&world);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_known_authority_is_trusted),
        cmocka_unit_test (test_unknown_authority_is_refused_before_anything_is_sent),
        cmocka_unit_test (test_wrong_name_is_refused),
        cmocka_unit_test (test_client_certificate_is_shown),
        cmocka_unit_test (test_kept_connection_with_a_farewell_is_given_up),
        cmocka_unit_test (test_answer_without_its_end_is_cut),
        cmocka_unit_test (test_large_body_and_pause_work_over_tls),
    };
    return cmocka_run_group_tests (tests, s_set_up, s_tear_down);
}
