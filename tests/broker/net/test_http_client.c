//  The HTTP client against a peer that answers well, badly, or not at all.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/broker/net/client_world.h"

static void
test_post_is_sent_and_answered (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = 4 });
    call_t call = { .status = 0 };
    assert_int_equal (world_run (&world, &call), HTTP_END_OK);
    assert_int_equal (call.status, 200);
    assert_true (call_body_is (&call, "hi"));
    assert_true (call.result.sent);
    assert_false (call.result.reused);
    assert_int_equal (call.result.body_bytes, 2);
    const char *request = br_buf_text (&world.request);
    assert_ptr_equal (strstr (request, "POST /v1/x?key=sk-secret HTTP/1.1\r\n"), request);
    assert_non_null (strstr (request, "\r\nAuthorization: Bearer sk-secret\r\n"));
    assert_non_null (strstr (request, "\r\nAccept-Encoding: gzip, deflate\r\n"));
    assert_non_null (strstr (request, "\r\nContent-Length: 2\r\n"));
    assert_null (strstr (request, "Expect"));
    assert_string_equal (request + peer_body_offset (&world.request), "{}");
    call_free (&call);
    world_close (&world);
}

static void
test_connection_is_kept_and_reused (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = 4 });
    for (int i = 0; i < 3; i++) {
        call_t call = { .status = 0 };
        assert_int_equal (world_run (&world, &call), HTTP_END_OK);
        assert_int_equal (call.result.reused, i > 0);
        assert_true (i == 0 || call.result.connect_us == 0);
        assert_int_equal (http_client_running (world.client), 0);
        assert_int_equal (http_client_idle (world.client), 1);
        call_free (&call);
    }
    assert_int_equal (peer_accepted (world.peer), 1);
    world_close (&world);
}

static void
test_lost_answer_on_kept_connection_is_not_asked_again (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = 4 });
    call_t first = { .status = 0 };
    assert_int_equal (world_run (&world, &first), HTTP_END_OK);
    world.answer = NULL;
    world.hang_up = true;
    call_t call = { .status = 0 };
    assert_int_equal (world_run (&world, &call), HTTP_END_RESET);
    assert_true (call.result.sent);
    assert_true (call.result.reused);
    assert_int_equal (peer_requests (world.peer), 2);
    call_free (&first);
    call_free (&call);
    world_close (&world);
}

static void
test_lost_get_on_kept_connection_is_asked_again (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = 4 });
    world.draft.method = "GET";
    world.draft.pieces_size = 0;
    call_t first = { .status = 0 };
    assert_int_equal (world_run (&world, &first), HTTP_END_OK);
    world.answer = NULL;
    world.hang_up = true;
    call_t call = { .status = 0 };
    assert_int_equal (world_run (&world, &call), HTTP_END_RESET);
    assert_int_equal (peer_requests (world.peer), 3);
    call_free (&first);
    call_free (&call);
    world_close (&world);
}

typedef struct {
    const char *answer;
    bool hang_up;
    http_end_t end;
    unsigned status; //  0: no head came
    const char *body;
} answer_case_t;

#define HEAD "HTTP/1.1 200 OK\r\n"
#define CHUNKED HEAD "Transfer-Encoding: chunked\r\n\r\n"

static const answer_case_t s_answers[] = {
    { CHUNKED "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", false, HTTP_END_OK, 200, "abcde" },
    { CHUNKED "1\r\na\r\n0\r\nX-Trailer: 1\r\n\r\n", false, HTTP_END_OK, 200, "a" },
    { CHUNKED "3\r\nabc\r\n", true, HTTP_END_CUT, 200, "abc" },
    { CHUNKED "3\r\nabc\r\nzz\r\n", false, HTTP_END_PROTOCOL, 200, "abc" },
    { HEAD "Content-Length: 10\r\n\r\nabc", true, HTTP_END_CUT, 200, "abc" },
    { HEAD "\r\nabc", true, HTTP_END_OK, 200, "abc" },
    { HEAD "Content-Length: 0\r\n\r\n", false, HTTP_END_OK, 200, "" },
    { "HTTP/1.1 204 No Content\r\n\r\n", false, HTTP_END_OK, 204, "" },
    { "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
      false, HTTP_END_OK, 302, "" },
    { "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: "
      "1\r\n\r\n?",
      false, HTTP_END_OK, 401, "?" },
    { "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nX-One: 0\r\n\r\n" HEAD
      "Content-Length: 1\r\n\r\n!",
      false, HTTP_END_OK, 200, "!" },
    { "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", false, HTTP_END_PROTOCOL, 0, "" },
    { "nonsense that is no HTTP\r\n\r\n", true, HTTP_END_PROTOCOL, 0, "" },
    { HEAD "no colon here\r\n\r\n", true, HTTP_END_PROTOCOL, 0, "" },
    { HEAD "Content-Length: x\r\n\r\n", true, HTTP_END_PROTOCOL, 0, "" },
    { HEAD "Content-Encoding: no-such\r\nContent-Length: 1\r\n\r\nx", false,
      HTTP_END_PROTOCOL, 200, "" },
    { HEAD "Content-Encoding: gzip\r\nContent-Length: 12\r\n\r\nnot gzip at!", false,
      HTTP_END_PROTOCOL, 200, "" },
    { NULL, true, HTTP_END_RESET, 0, "" },
    { "HTTP/1.1 200 OK\r\nContent-Le", true, HTTP_END_CUT, 0, "" },
};

static void
test_answers_end_as_they_should (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_answers / sizeof s_answers[0]; i++) {
        const answer_case_t *row = &s_answers[i];
        world_t world;
        world_open (&world, false, (http_client_conf_t) { .idle_max = 4 });
        world.answer = row->answer;
        world.hang_up = row->hang_up;
        call_t call = { .status = 0 };
        http_end_t end = world_run (&world, &call);
        if (end != row->end)
            print_error ("answer %zu: %s\n", i, call.result.text);
        assert_int_equal (end, row->end);
        assert_int_equal (call.status, row->status);
        assert_true (call_body_is (&call, row->body));
        assert_true (call.result.sent);
        assert_int_equal (peer_requests (world.peer), 1);
        call_free (&call);
        world_close (&world);
    }
}

static void
test_reset_before_and_after_the_first_byte (void **state)
{
    (void) state;
    for (int bytes = 0; bytes < 2; bytes++) {
        world_t world;
        world_open (&world, false, (http_client_conf_t) { .idle_max = 4 });
        world.answer = bytes ? HEAD "Content-Length: 5\r\n\r\nab" : NULL;
        call_t call = { .status = 0 };
        world_start (&world, &call);
        world_settle (&world);
        peer_reset (peer_last (world.peer));
        world_finish (&world, &call);
        assert_int_equal (call.result.end, bytes ? HTTP_END_CUT : HTTP_END_RESET);
        assert_true (call.result.sent);
        call_free (&call);
        world_close (&world);
    }
}

static void
test_gzip_is_undone (void **state)
{
    (void) state;
    static const char packed[] =
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x27\x01"
        "\xe3\x51\x3d\x8d\x17\x00\x00\x00";
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = 4 });
    world.answer = HEAD "Content-Encoding: gzip\r\nContent-Length: 28\r\n\r\n";
    call_t call = { .status = 0 };
    world_start (&world, &call);
    world_settle (&world);
    peer_send (peer_last (world.peer), packed, sizeof packed - 1);
    world_finish (&world, &call);
    assert_int_equal (call.result.end, HTTP_END_OK);
    assert_true (call_body_is (&call, "hello hello hello hello"));
    assert_int_equal (call.result.body_bytes, 23);
    call_free (&call);
    world_close (&world);
}

static void
test_header_block_is_bounded (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = 4 });
    br_buf_t answer;
    br_buf_init (&answer, 1 << 20);
    br_buf_adds (&answer, HEAD);
    for (int i = 0; i < 9; i++)
        br_buf_addf (&answer, "X-%d: %08000d\r\n", i, 0);
    br_buf_adds (&answer, "\r\n");
    world.answer = br_buf_text (&answer);
    call_t call = { .status = 0 };
    assert_int_equal (world_run (&world, &call), HTTP_END_TOO_BIG);
    call_free (&call);
    br_buf_clear (&answer);
    br_buf_addf (&answer, HEAD "X: %0200000d\r\n\r\n", 0);
    world.answer = br_buf_text (&answer);
    assert_int_equal (world_run (&world, &call), HTTP_END_TOO_BIG);
    call_free (&call);
    br_buf_free (&answer);
    world_close (&world);
}

//  size bytes that are not all alike.
static br_blob_t *
s_pattern (size_t size)
{
    uint8_t *bytes = malloc (size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t) (i * 31 + (i >> 11));
    return br_blob_take (bytes, size);
}

static void
test_bodies_of_all_sizes_and_cuts_arrive_whole (void **state)
{
    (void) state;
    static const size_t sizes[] = { 1, 16384, 16385, 65535, 65536, 300001, 32u << 20 };
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = 4 });
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (size_t cuts = 0; cuts < 3; cuts++) {
            br_blob_t *blob = s_pattern (sizes[i]);
            size_t cut = sizes[i] / 3;
            http_piece_t all[] = {
                { .blob = blob, .size = cut },
                { .text = (const char *) br_blob_data (blob) + cut,
                  .size = sizes[i] / 2 - cut },
                { .blob = blob, .offset = sizes[i] / 2, .size = sizes[i] - sizes[i] / 2 }
            };
            http_piece_t whole = { .blob = blob, .size = sizes[i] };
            memcpy (world.draft.pieces, all, sizeof all);
            world.draft.pieces_size = 3;
            if (cuts == 0) {
                world.draft.pieces[0] = whole;
                world.draft.pieces_size = 1;
            }
            world.draft.method = cuts == 2 ? "PUT" : "POST";
            call_t call = { .status = 0 };
            assert_int_equal (world_run (&world, &call), HTTP_END_OK);
            size_t offset = peer_body_offset (&world.request);
            assert_int_equal (world.request.size - offset, sizes[i]);
            assert_memory_equal (world.request.data + offset, br_blob_data (blob),
                                 sizes[i]);
            assert_int_equal (
                strncmp (br_buf_text (&world.request), world.draft.method, 3), 0);
            call_free (&call);
            br_blob_destroy (&blob);
        }
    }
    assert_int_equal (peer_accepted (world.peer), 1);
    world_close (&world);
}

static void
test_methods_without_a_body (void **state)
{
    (void) state;
    static const char *const methods[] = { "GET", "DELETE", "HEAD", "POST", "GET" };
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = 4 });
    world.draft.pieces_size = 0;
    world.draft.headers = NULL;
    for (size_t i = 0; i < 5; i++) {
        bool head = strcmp (methods[i], "HEAD") == 0;
        world.answer = head ? HEAD "Content-Length: 2\r\n\r\n"
                            : HEAD "Content-Length: 2\r\n\r\nhi";
        world.draft.method = methods[i];
        call_t call = { .status = 0 };
        assert_int_equal (world_run (&world, &call), HTTP_END_OK);
        const char *request = br_buf_text (&world.request);
        assert_int_equal (strncmp (request, methods[i], strlen (methods[i])), 0);
        assert_null (strstr (request, "Content-Type"));
        assert_true (call_body_is (&call, head ? "" : "hi"));
        call_free (&call);
    }
    assert_int_equal (peer_accepted (world.peer), 1);
    world_close (&world);
}

static void
test_five_hundred_at_once (void **state)
{
    (void) state;
    enum {
        COUNT = 500
    };
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = 10 });
    call_t *calls = calloc (COUNT, sizeof *calls);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < COUNT; i++)
            world_start (&world, &calls[i]);
        assert_int_equal (http_client_running (world.client), COUNT);
        for (size_t i = 0; i < COUNT; i++) {
            world_finish (&world, &calls[i]);
            assert_int_equal (calls[i].result.end, HTTP_END_OK);
            assert_true (call_body_is (&calls[i], "hi"));
            call_free (&calls[i]);
        }
        world_settle (&world);
        assert_int_equal (http_client_running (world.client), 0);
        assert_in_range (http_client_idle (world.client), 1, 10);
        assert_int_equal (peer_open (world.peer), http_client_idle (world.client));
    }
    free (calls);
    world_close (&world);
}

static void
test_refused_and_unknown_names_send_nothing (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = 4 });
    unsigned port = peer_port (world.peer);
    peer_destroy (&world.peer);
    call_t call = { .status = 0 };
    assert_int_equal (world_run (&world, &call), HTTP_END_CONNECT);
    assert_false (call.result.sent);
    assert_non_null (strstr (call.result.text, "127.0.0.1"));
    call_free (&call);
    //  a label of 64 bytes is no name, so that no server has to be asked
    snprintf (world.url, sizeof world.url, "http://%064d.invalid:%u/", 7, port);
    assert_int_equal (world_run (&world, &call), HTTP_END_DNS);
    assert_false (call.result.sent);
    call_free (&call);
    world_close (&world);
}

static void
test_bad_requests_are_refused_at_once (void **state)
{
    (void) state;
    static const char *const urls[] = { "",
                                        "ftp://x/",
                                        "http://",
                                        "http:///x",
                                        "http://a b/",
                                        "file:///etc/passwd",
                                        "http://x:99999/",
                                        "http://x/\r\nA: b" };
    static const char *const methods[] = { "", "post", "GET /", "G\r\n" };
    static const char *const lines[] = { "", ":", "no colon", "A: b\r\nC: d", "A b: c" };
    static const http_client_handler_t handler = { .head = NULL };
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = 4 });
    br_error_t error;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        http_request_t request = { .method = "GET", .url = urls[i] };
        assert_null (http_client_start (world.client, &request, &handler, NULL, &error));
        assert_int_equal (error.code, BR_EINVALID);
    }
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        http_request_t request = { .method = methods[i], .url = world.url };
        assert_null (http_client_start (world.client, &request, &handler, NULL, &error));
        assert_int_equal (error.code, BR_EINVALID);
    }
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        const char *const headers[] = { "Good: 1", lines[i], NULL };
        http_request_t request = { .method = "GET",
                                   .url = world.url,
                                   .headers = headers };
        assert_null (http_client_start (world.client, &request, &handler, NULL, &error));
        assert_int_equal (error.code, BR_EINVALID);
        assert_null (strstr (error.text, "C: d"));
    }
    assert_int_equal (http_client_running (world.client), 0);
    world_close (&world);
}

static void
test_files_that_cannot_be_read_are_named (void **state)
{
    (void) state;
    br_loop_t *loop = br_loop_new (br_clock_real ());
    http_client_conf_t conf = { .idle_max = 1, .ca_file = "/nonexistent/ca.pem" };
    br_error_t error;
    assert_null (http_client_new (loop, &conf, &error));
    assert_int_equal (error.code, BR_ECONFIG);
    assert_non_null (strstr (error.text, "/nonexistent/ca.pem"));
    br_loop_destroy (&loop);
}

static void
test_destroy_ends_running_calls_without_a_word (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = 4 });
    world.answer = NULL;
    call_t calls[3] = { { .status = 0 } };
    for (size_t i = 0; i < 3; i++)
        world_start (&world, &calls[i]);
    world_settle (&world);
    assert_int_equal (peer_open (world.peer), 3);
    http_client_destroy (&world.client);
    world_settle (&world);
    assert_int_equal (peer_open (world.peer), 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal (calls[i].ends, 0);
    world_close (&world);
}

static void
test_proxy_gets_the_whole_url (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = 4 });
    char proxy[64];
    snprintf (proxy, sizeof proxy, "http://user:sk-secret@127.0.0.1:%u",
              peer_port (world.peer));
    http_client_destroy (&world.client);
    http_client_conf_t conf = { .idle_max = 4, .idle_ms = 1000, .proxy = proxy };
    world.client = http_client_new (world.loop, &conf, NULL);
    snprintf (world.url, sizeof world.url, "http://provider.invalid/x");
    call_t call = { .status = 0 };
    assert_int_equal (world_run (&world, &call), HTTP_END_OK);
    const char *request = br_buf_text (&world.request);
    assert_ptr_equal (strstr (request, "POST http://provider.invalid/x HTTP/1.1"),
                      request);
    call_free (&call);
    world_close (&world);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_post_is_sent_and_answered),
        cmocka_unit_test (test_connection_is_kept_and_reused),
        cmocka_unit_test (test_lost_answer_on_kept_connection_is_not_asked_again),
        cmocka_unit_test (test_lost_get_on_kept_connection_is_asked_again),
        cmocka_unit_test (test_answers_end_as_they_should),
        cmocka_unit_test (test_reset_before_and_after_the_first_byte),
        cmocka_unit_test (test_gzip_is_undone),
        cmocka_unit_test (test_header_block_is_bounded),
        cmocka_unit_test (test_bodies_of_all_sizes_and_cuts_arrive_whole),
        cmocka_unit_test (test_methods_without_a_body),
        cmocka_unit_test (test_five_hundred_at_once),
        cmocka_unit_test (test_refused_and_unknown_names_send_nothing),
        cmocka_unit_test (test_bad_requests_are_refused_at_once),
        cmocka_unit_test (test_files_that_cannot_be_read_are_named),
        cmocka_unit_test (test_destroy_ends_running_calls_without_a_word),
        cmocka_unit_test (test_proxy_gets_the_whole_url),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
