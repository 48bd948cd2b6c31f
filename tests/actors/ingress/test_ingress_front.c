//  ingress_front: who may come in, and the answers that need nobody else.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "tests/actors/ingress/world.h"

static int
s_setup (void **state)
{
    *state = world_new (WORLD_SLICE ("\"cors_origins\":[\"https://app.example\"],"));
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    world_destroy (&world);
    return 0;
}

//  The answer of a request line with these headers.
static const char *
s_ask (world_t *world, const char *line, const char *headers)
{
    char *text = br_strf ("%s HTTP/1.1\r\n%sConnection: close\r\n\r\n", line, headers);
    const char *answer = world_ask (world, text);
    free (text);
    return answer;
}

#define HOST "Host: 127.0.0.1:8787\r\n"

static void
s_has (const char *text, const char *part)
{
    if (!strcasestr (text, part))
        fail_msg ("'%s' is not in:\n%s", part, text);
}

static void
health_is_always_ok (void **state)
{
    const char *got = s_ask (*state, "GET /health", HOST);
    s_has (got, "HTTP/1.1 200");
    s_has (got, "content-type: application/json");
    s_has (got, "x-bitrouter-request-id: ");
    s_has (got, "\r\n\r\n{\"status\":\"ok\"}");
}

static void
ready_names_what_is_missing (void **state)
{
    world_t *world = *state;
    s_has (s_ask (world, "GET /ready", HOST), "HTTP/1.1 200");
    world->no_meter = true;
    const char *got = s_ask (world, "GET /ready", HOST);
    s_has (got, "HTTP/1.1 503");
    s_has (got, "{\"status\":\"not ready\",\"missing\":[\"meter\"]}");
    world->no_router = true;
    s_has (s_ask (world, "GET /ready", HOST), "[\"router\",\"meter\"]");
}

static void
models_are_listed_and_filtered (void **state)
{
    s_has (s_ask (*state, "GET /v1/models", HOST), "\"id\":\"smart\"");
    s_has (s_ask (*state, "GET /models/", HOST), "\"id\":\"openai:gpt-4o\"");
    const char *got = s_ask (*state, "GET /v1/models?id=GPT", HOST);
    s_has (got, "\"id\":\"openai:gpt-4o\"");
    assert_null (strstr (got, "\"smart\""));
}

static void
a_head_has_no_body (void **state)
{
    const char *got = s_ask (*state, "HEAD /health", HOST);
    s_has (got, "HTTP/1.1 200");
    assert_null (strstr (got, "{"));
}

static void
an_unknown_path_hears_what_there_is (void **state)
{
    const char *got = s_ask (*state, "GET /nowhere", HOST);
    s_has (got, "HTTP/1.1 404");
    s_has (got, "POST /v1/chat/completions, GET /v1/models");
    s_has (got, "\"code\":\"not_found\"");
}

static void
a_wrong_method_hears_the_right_one (void **state)
{
    const char *got = s_ask (*state, "GET /v1/chat/completions", HOST);
    s_has (got, "HTTP/1.1 405");
    s_has (got, "allow: POST");
    got = s_ask (*state, "DELETE /v1/models", HOST);
    s_has (got, "allow: GET");
}

static void
the_request_id_is_echoed_everywhere (void **state)
{
    static const char *const lines[] = { "GET /health", "GET /nowhere", "GET /v1/models",
                                         "PUT /v1/models" };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        s_has (s_ask (*state, lines[i], HOST "X-Bitrouter-Request-Id: abc 1\r\n"),
               "x-bitrouter-request-id: abc 1\r\n");
    const char *got = s_ask (*state, "GET /health", HOST "X-Bitrouter-Request-Id:\r\n");
    s_has (got, "HTTP/1.1 400");
    s_has (got, "x-bitrouter-request-id: 0");
}

static void
a_foreign_host_or_page_is_shut_out (void **state)
{
    s_has (s_ask (*state, "GET /v1/models", "Host: evil.example\r\n"), "HTTP/1.1 403");
    s_has (s_ask (*state, "GET /v1/models", HOST "Origin: https://evil.example\r\n"),
           "HTTP/1.1 403");
    const char *got = s_ask (*state, "OPTIONS /v1/models",
                             HOST "Origin: https://evil.example\r\n"
                                  "Access-Control-Request-Method: GET\r\n");
    s_has (got, "HTTP/1.1 403");
    assert_null (strcasestr (got, "access-control"));
}

static void
a_listed_page_may_call (void **state)
{
    const char *got = s_ask (
        *state, "OPTIONS /v1/chat/completions",
        HOST "Origin: https://app.example\r\nAccess-Control-Request-Method: POST\r\n"
             "Access-Control-Request-Headers: x-a, content-type\r\n");
    s_has (got, "HTTP/1.1 204");
    s_has (got, "access-control-allow-origin: https://app.example");
    s_has (got, "access-control-allow-headers: x-a, content-type");
    s_has (got, "access-control-allow-methods: GET, POST");
    got = s_ask (*state, "GET /v1/models", HOST "Origin: https://app.example\r\n");
    s_has (got, "HTTP/1.1 200");
    s_has (got, "access-control-allow-origin: https://app.example");
    s_has (s_ask (*state, "OPTIONS /v1/models", HOST), "HTTP/1.1 405");
}

static void
what_the_server_refuses_has_our_shape (void **state)
{
    world_t *world = *state;
    const char *got = world_ask (world, "POST /v1/chat/completions HTTP/1.1\r\n" HOST
                                        "Content-Length: 99999999\r\n"
                                        "x-bitrouter-request-id: big\r\n\r\n");
    s_has (got, "HTTP/1.1 413");
    s_has (got, "\"request_too_large\"");
    s_has (got, "x-bitrouter-request-id: big");
}

static void
elsewhere_a_credential_is_demanded (void **state)
{
    (void) state;
    static const char slice[] = "{%s\"listen\":[\"0.0.0.0:0\"],\"listen_given\":true}";
    char *text = br_strf (slice, "");
    world_t *world = world_new (text);
    free (text);
    const char *got = s_ask (world, "GET /v1/models", "Host: any\r\n");
    s_has (got, "HTTP/1.1 401");
    s_has (got, "www-authenticate: Bearer");
    s_has (got, "no credential store yet");
    s_has (s_ask (world, "GET /health", "Host: any\r\n"), "HTTP/1.1 200");
    world_destroy (&world);

    text = br_strf (slice, "\"skip_auth\":true,");
    world = world_new (text);
    free (text);
    s_has (s_ask (world, "GET /v1/models", "Host: any\r\n"), "HTTP/1.1 200");
    world_destroy (&world);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
        TEST (health_is_always_ok),
        TEST (ready_names_what_is_missing),
        TEST (models_are_listed_and_filtered),
        TEST (a_head_has_no_body),
        TEST (an_unknown_path_hears_what_there_is),
        TEST (a_wrong_method_hears_the_right_one),
        TEST (the_request_id_is_echoed_everywhere),
        TEST (a_foreign_host_or_page_is_shut_out),
        TEST (a_listed_page_may_call),
        TEST (what_the_server_refuses_has_our_shape),
        TEST (elsewhere_a_credential_is_demanded),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
