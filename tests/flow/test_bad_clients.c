//  bad_clients: requests that break every rule, and clients that do not behave.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "cli/door_client.h"
#include "tests/flow/bad_world.h"
#include "tests/place/site.h"

#define LOOK_US 5000
#define LOOKS_MAX 12000
#define POST "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\n"

//  Some requests libmicrohttpd refuses before we see them: in its own words, without an id.
static void
s_check_bare (const world_t *world, const char *what, const char *bytes, unsigned status)
{
    raw_t raw;
    assert_int_equal (raw_open (&raw, world->port), 0);
    raw_send (&raw, bytes, strlen (bytes));
    if (!raw_read (&raw, SIZE_MAX) || raw_status (&raw) != status)
        fail_msg ("%s: status %u, not %u", what, raw_status (&raw), status);
    raw_close (&raw);
    bad_world_check_well (world, what);
}

static void
s_check_refused (const world_t *world, const char *what, const void *bytes, size_t size,
                 unsigned status)
{
    raw_t raw;
    assert_int_equal (raw_open (&raw, world->port), 0);
    raw_send (&raw, bytes, size);
    if (!raw_read (&raw, SIZE_MAX))
        fail_msg ("%s: no answer", what);
    bad_world_check_error (&raw, what, status, NULL, NULL);
    raw_close (&raw);
    bad_world_check_well (world, what);
}

static void
given_a_head_that_breaks_a_rule_then_it_is_refused (void **state)
{
    static const struct {
        const char *what;
        const char *head;
        unsigned status;
    } rows[] = {
        { "both framings",
          POST "transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n", 400 },
        { "two lengths", POST "content-length: 2\r\ncontent-length: 3\r\n\r\n{}", 400 },
        { "the same length twice",
          POST "content-length: 2\r\ncontent-length: 2\r\n\r\n{}", 400 },
        { "an unknown coding", POST "transfer-encoding: xchunked\r\n\r\n0\r\n\r\n", 400 },
        { "two codings", POST "transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400 },
        { "a bare line feed", POST "x-a: 1\ncontent-length: 2\r\n\r\n{}", 400 },
        { "a blank before the colon", POST "content-length : 2\r\n\r\n{}", 400 },
        { "a folded field", POST "x-a: 1\r\n  2\r\ncontent-length: 2\r\n\r\n{}", 400 },
        { "a control character", POST "x-a: \001\r\ncontent-length: 2\r\n\r\n{}", 400 },
        { "a bell in a name", POST "x\007a: 1\r\ncontent-length: 2\r\n\r\n{}", 400 },
        { "a carriage return alone", POST "x-a: 1\r2\r\ncontent-length: 2\r\n\r\n{}",
          400 },
        { "no host", "POST /v1/chat/completions HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}",
          400 },
        { "two hosts", POST "host: 127.0.0.1\r\ncontent-length: 2\r\n\r\n{}", 400 },
        { "another host", "GET /v1/models HTTP/1.1\r\nhost: evil.example\r\n\r\n", 403 },
        { "another page",
          "GET /v1/models HTTP/1.1\r\nhost: 127.0.0.1\r\n"
          "origin: http://evil.example\r\n\r\n",
          403 },
        { "a request id with blanks",
          POST "x-bitrouter-request-id: a b\r\n"
               "content-length: 2\r\n\r\n{}",
          400 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        s_check_refused (*state, rows[i].what, rows[i].head, strlen (rows[i].head),
                         rows[i].status);
    static const char zero[] = POST "x-a: 1\0002\r\ncontent-length: 2\r\n\r\n{}";
    s_check_refused (*state, "a zero byte", zero, sizeof zero - 1, 400);
}

static void
given_a_head_that_is_not_understood_then_it_is_refused (void **state)
{
    static const struct {
        const char *what;
        const char *head;
        unsigned status;
    } rows[] = {
        { "a list of lengths", POST "content-length: 2, 2\r\n\r\n{}", 400 },
        { "a signed length", POST "content-length: +2\r\n\r\n{}", 400 },
        { "a negative length", POST "content-length: -2\r\n\r\n{}", 400 },
        { "a hexadecimal length", POST "content-length: 0x2\r\n\r\n{}", 400 },
        { "an endless length", POST "content-length: 99999999999999999999999\r\n\r\n{}",
          413 },
        { "a bad chunk", POST "transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n", 400 },
        { "an endless chunk",
          POST "transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}", 413 },
        { "another version", "GET / HTTP/9.9\r\nhost: 127.0.0.1\r\n\r\n", 505 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        s_check_bare (*state, rows[i].what, rows[i].head, rows[i].status);
}

//  What is not HTTP at all need not be answered in HTTP.
static void
given_bytes_that_are_no_http_then_others_do_not_notice (void **state)
{
    const world_t *world = *state;
    static const char *const rows[] = {
        "\026\003\001\002", //  TLS
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET\r\n\r\n",
        "\377\376\r\n\r\n",
        "GET /health HT",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        raw_t raw;
        assert_int_equal (raw_open (&raw, world->port), 0);
        raw_send (&raw, rows[i], strlen (rows[i]));
        if (i % 2)
            raw_half_close (&raw);
        bad_world_check_well (world, "no HTTP");
        raw_close (&raw);
    }
}

static void
given_a_large_head_then_it_has_a_bound (void **state)
{
    const world_t *world = *state;
    static const size_t sizes[] = { 12000, 17000, 20000, 1000000 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *fill = br_alloc (1, sizes[i] + 1);
        memset (fill, 'a', sizes[i]);
        char *text = br_strf (POST "x-large: %s\r\ncontent-length: %zu\r\n\r\n%s", fill,
                              strlen (BAD_WORLD_GOOD), BAD_WORLD_GOOD);
        raw_t raw;
        assert_int_equal (raw_open (&raw, world->port), 0);
        raw_send (&raw, text, strlen (text));
        assert_true (raw_read (&raw, SIZE_MAX));
        if (i == 0)
            assert_int_equal (raw_status (&raw), 200);
        else { //  named, if enough of it had come to tell its name
            bool named = raw_status (&raw) == 400;
            bad_world_check_error (&raw, "a large head", named ? 400 : 431,
                                   named ? "invalid_request" : "headers_too_large",
                                   named ? "x-large" : NULL);
        }
        raw_close (&raw);
        bad_world_check_well (world, "a large head");
        free (text);
        free (fill);
    }
}

static void
given_a_body_of_40_MB_then_413 (void **state)
{
    const world_t *world = *state;
    static const char *const heads[] = {
        POST "content-length: 41943040\r\n\r\n",
        POST "expect: 100-continue\r\ncontent-length: 41943040\r\n\r\n",
        POST "transfer-encoding: chunked\r\n\r\n2800000\r\n",
    };
    size_t size = 40u << 20;
    char *fill = br_alloc (1, size);
    memset (fill, ' ', size);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        raw_t raw;
        assert_int_equal (raw_open (&raw, world->port), 0);
        raw_send (&raw, heads[i], strlen (heads[i]));
        raw_send (&raw, fill, size);
        assert_true (raw_read (&raw, SIZE_MAX));
        bad_world_check_error (&raw, heads[i], 413, "request_too_large", "33554432");
        raw_close (&raw);
        bad_world_check_well (world, "a large body");
    }
    free (fill);
}

static void
given_a_body_that_names_no_model_then_400 (void **state)
{
    static const struct {
        const char *body;
        const char *words;
    } rows[] = {
        { "", NULL },
        { "{}", "model" },
        { "{\"messages\":[]}", "model" },
        { "{\"model\":null}", "model" },
        { "{\"model\":7}", "model" },
        { "{\"model\":[\"smart\"]}", "model" },
        { "{\"model\":\"\"}", "model" },
        { "{\"model\":\"smart\",\"model\":\"smart\"}", "model" },
        { "{\"model\":\"smart\",\"m\\u006fdel\":\"echo:echo\"}", "model" },
        { "{\"\\u006dodel\":\"smart\",\"x\":1,\"model\":\"smart\"}", "model" },
        { "{\"model\":\"smart\",\"stream\":true,\"str\\u0065am\":false}", "stream" },
        { "{\"model\":\"smart\",\"stream\":\"yes\"}", "stream" },
        { "{\"x\":{\"model\":\"smart\"}}", "model" },
        { "[{\"model\":\"smart\"}]", NULL },
        { "\"smart\"", NULL },
        { "{\"model\":\"smart\"", NULL },
        { "{\"model\":\"smart\"}}", NULL },
        { "{\"model\":\"smart\",}", NULL },
        { "{'model':'smart'}", NULL },
        { "{\"model\":\"sm\nart\"}", NULL },
        { "{\"model\":\"\\ud800\"}", NULL },
        { "<html></html>", NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        bad_world_check_answer (*state, rows[i].body, 400, "invalid_request",
                                rows[i].words);
    size_t depth = 200000;
    char *deep = br_alloc (1, depth + 1);
    memset (deep, '[', depth);
    char *body = br_strf ("{\"model\":\"smart\",\"x\":%s", deep);
    bad_world_check_answer (*state, body, 400, "invalid_request", NULL);
    free (body);
    free (deep);
}

static void
given_an_unknown_model_then_404_with_near_names (void **state)
{
    bad_world_check_answer (*state, "{\"model\":\"smrat\"}", 404, "not_found", "'smart'");
    bad_world_check_answer (*state, "{\"model\":\"mokc:mock\"}", 404, "not_found",
                            "'mock:mock'");
    bad_world_check_answer (*state, "{\"model\":\"openai:gpt\"}", 404, "not_found",
                            "'openai:gpt'");
    char name[5000];
    memset (name, 'x', sizeof name - 1);
    name[sizeof name - 1] = 0;
    char *body = br_strf ("{\"model\":\"%s\"}", name);
    raw_t raw;
    assert_int_equal (raw_open (&raw, ((world_t *) *state)->port), 0);
    raw_ask (&raw, body);
    assert_true (raw_read (&raw, SIZE_MAX));
    assert_in_range (raw_status (&raw), 400, 404);
    bad_world_check_error (&raw, "a name of 5000 bytes", raw_status (&raw), NULL, NULL);
    raw_close (&raw);
    free (body);
}

static void
given_clients_that_send_slowly_then_others_do_not_notice (void **state)
{
    const world_t *world = *state;
    enum {
        SLOW = 100
    };
    static const char ask[] = POST "content-length: 65\r\n\r\n" BAD_WORLD_GOOD;
    raw_t slow[SLOW];
    assert_int_equal (sizeof BAD_WORLD_GOOD - 1, 65);
    for (size_t i = 0; i < SLOW; i++) {
        assert_int_equal (raw_open (&slow[i], world->port), 0);
        raw_send (&slow[i], ask, i + 1);
    }
    bad_world_check_well (world, "slow clients");
    for (size_t at = 1; at < sizeof ask - 1; at++)
        for (size_t i = 0; i < SLOW; i++)
            if (at > i)
                raw_send (&slow[i], ask + at, 1);
    for (size_t i = 0; i < SLOW; i++) {
        assert_true (raw_read (&slow[i], SIZE_MAX));
        assert_int_equal (raw_status (&slow[i]), 200);
        raw_close (&slow[i]);
    }
}

static int
s_open_calls (const world_t *world)
{
    char *run_dir = br_strf ("%s/run", world->folder);
    cli_question_t question = { run_dir, "calls", NULL, 5000 };
    cli_answer_t answer = { .result = NULL };
    int open = -1;
    if (cli_door_ask (&question, &answer, NULL) == 0)
        open = cJSON_GetObjectItem (answer.result, "open_calls")->valueint;
    cJSON_Delete (answer.result);
    free (run_dir);
    return open;
}

static void
s_await_open_calls (const world_t *world, int count)
{
    int open = s_open_calls (world);
    for (unsigned i = 0; i < LOOKS_MAX && open != count; i++) {
        site_pause_us (LOOK_US);
        open = s_open_calls (world);
    }
    assert_int_equal (open, count);
}

static void
given_a_client_that_half_closes_then_its_call_is_cancelled (void **state)
{
    const world_t *world = *state;
    static const struct {
        const char *model;
        const char *stream;
        size_t first; //  bytes that the client reads before
    } rows[] = {
        { "mock-stall-size901", "false", 0 },
        { "mock-stall-size902", "true", 0 },
        { "mock-chunks5000-gap20", "true", 1500 },
        { "mock-endless", "false", 300000 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *body = br_strf ("{\"model\":\"mock:%s\",\"stream\":%s}", rows[i].model,
                              rows[i].stream);
        raw_t raw;
        assert_int_equal (raw_open (&raw, world->port), 0);
        raw_ask (&raw, body);
        assert_true (raw_read (&raw, rows[i].first));
        s_await_open_calls (world, 1);
        bad_world_check_asked (world, rows[i].model);
        raw_half_close (&raw);
        bad_world_check_ended (world, rows[i].model, "client_closed");
        s_await_open_calls (world, 0);
        raw_close (&raw);
        bad_world_check_well (world, rows[i].model);
        free (body);
    }
}

static void
given_a_client_that_asks_and_leaves_at_once_then_no_call_stays_open (void **state)
{
    const world_t *world = *state;
    for (unsigned i = 0; i < 20; i++) {
        raw_t raw;
        assert_int_equal (raw_open (&raw, world->port), 0);
        raw_ask (&raw, "{\"model\":\"mock:mock-stall\"}");
        if (i % 2)
            raw_half_close (&raw);
        if (i % 2)
            assert_true (raw_read (&raw, SIZE_MAX));
        raw_close (&raw);
    }
    s_await_open_calls (world, 0);
    bad_world_check_well (world, "clients that leave");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_head_that_breaks_a_rule_then_it_is_refused),
        cmocka_unit_test (given_a_head_that_is_not_understood_then_it_is_refused),
        cmocka_unit_test (given_bytes_that_are_no_http_then_others_do_not_notice),
        cmocka_unit_test (given_a_large_head_then_it_has_a_bound),
        cmocka_unit_test (given_a_body_of_40_MB_then_413),
        cmocka_unit_test (given_a_body_that_names_no_model_then_400),
        cmocka_unit_test (given_an_unknown_model_then_404_with_near_names),
        cmocka_unit_test (given_clients_that_send_slowly_then_others_do_not_notice),
        cmocka_unit_test (given_a_client_that_half_closes_then_its_call_is_cancelled),
        cmocka_unit_test (
            given_a_client_that_asks_and_leaves_at_once_then_no_call_stays_open),
    };
    return cmocka_run_group_tests_name ("bad_clients", tests, bad_world_begin,
                                        bad_world_end);
}
