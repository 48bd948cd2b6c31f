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
    *state = world_new (
        WORLD_SLICE ("\"cors_origins\":[\"https://app.example\"],\"header_max\":8192,"));
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
health_is_always_ok (void **state)
{
    const char *got = s_ask (*state, "GET /health", HOST);
    world_has (got, "HTTP/1.1 200");
    world_has (got, "content-type: application/json");
    world_has (got, "x-bitrouter-request-id: ");
    world_has (got, "\r\n\r\n{\"status\":\"ok\"}");
}

static void
ready_names_what_is_missing (void **state)
{
    world_t *world = *state;
    world_has (s_ask (world, "GET /ready", HOST), "HTTP/1.1 200");
    world->no_meter = true;
    const char *got = s_ask (world, "GET /ready", HOST);
    world_has (got, "HTTP/1.1 503");
    world_has (got, "{\"status\":\"not ready\",\"missing\":[\"meter\"]}");
    world->no_router = true;
    world_has (s_ask (world, "GET /ready", HOST), "[\"router\",\"meter\"]");
}

static void
models_are_listed_and_filtered (void **state)
{
    world_has (s_ask (*state, "GET /v1/models", HOST), "\"id\":\"smart\"");
    world_has (s_ask (*state, "GET /models/", HOST), "\"id\":\"openai:gpt-4o\"");
    const char *got = s_ask (*state, "GET /v1/models?id=GPT", HOST);
    world_has (got, "\"id\":\"openai:gpt-4o\"");
    assert_null (strstr (got, "\"smart\""));
}

static void
a_quote_is_answered_here (void **state)
{
    world_t *world = *state;
    const char *got = world_ask (
        world, "POST /v1/quote HTTP/1.1\r\n" HOST "Connection: close\r\n"
               "Content-Length: 41\r\n\r\n"
               "{\"model\":\"smart\",\"input_tokens\":10      }");
    world_has (got, "HTTP/1.1 200");
    world_has (got, "content-type: application/json");
    world_has (got, "\"provider\":\"openai\",\"input_tokens\":10,");
    world_has (got, "\"estimated_cost_nusd\":null");
    got = world_ask (world, "POST /quote HTTP/1.1\r\n" HOST "Connection: close\r\n"
                            "Content-Length: 2\r\n\r\n{}");
    world_has (got, "HTTP/1.1 400");
    world_has (got, "`model` is missing");
    world_has (s_ask (world, "GET /v1/quote", HOST), "HTTP/1.1 405");
}

static void
ready_is_over_when_a_stop_begins (void **state)
{
    (void) state;
    world_t *world = world_new (WORLD_SLICE ("\"drain_notice_ms\":1000,"));
    struct br_sys_stop stop = { .drain_ms = 10000 };
    world_send (world, world_broker, BR_SYS_STOP, (br_id_t) { 0, 0 }, 0, &stop, NULL);
    const char *got = s_ask (world, "GET /ready", HOST);
    world_has (got, "HTTP/1.1 503");
    world_has (got, "{\"status\":\"draining\"}");
    world_has (s_ask (world, "GET /health", HOST), "HTTP/1.1 200");
    world_destroy (&world);
}

static void
models_have_the_clients_schema (void **state)
{
    world_t *world = *state;
    const char *got = s_ask (world, "GET /v1/models?limit=1",
                             HOST "anthropic-version: 2023-06-01\r\n");
    world_has (got, "\"display_name\":\"openai:gpt-4o\"");
    world_has (got, "\"has_more\":true");
    got = s_ask (world, "GET /v1/models?limit=0", HOST "anthropic-version: x\r\n");
    world_has (got, "HTTP/1.1 400");
    world_has (got, "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\"");
    got = s_ask (world, "GET /v1beta/models?pageSize=1&key=secret", HOST);
    world_has (got, "{\"models\":[{\"name\":\"models/openai:gpt-4o\"");
    world_has (got, "\"nextPageToken\":\"openai:gpt-4o\"");
}

static void
one_model_is_shown_or_missed_in_the_clients_schema (void **state)
{
    world_t *world = *state;
    world_has (s_ask (world, "GET /v1/models/smart", HOST),
               "{\"id\":\"smart\",\"object\"");
    world_has (s_ask (world, "GET /models/openai/gpt-4o", HOST),
               "\"id\":\"openai:gpt-4o\"");
    world_has (s_ask (world, "GET /v1beta/models/openai%3Agpt-4o", HOST),
               "{\"name\":\"models/openai:gpt-4o\"");
    world_has (s_ask (world, "GET /v1/models/smart", HOST "Anthropic-Version: 1\r\n"),
               "{\"type\":\"model\",\"id\":\"smart\"");
    const char *got = s_ask (world, "GET /v1/models/none", HOST);
    world_has (got, "HTTP/1.1 404");
    world_has (got, "\"code\":\"not_found\"");
    got = s_ask (world, "GET /v1/models/none", HOST "Anthropic-Version: 1\r\n");
    world_has (got, "{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\"");
    got = s_ask (world, "GET /v1beta/models/none", HOST);
    world_has (got, "HTTP/1.1 404");
    world_has (got, "{\"error\":{\"code\":404,\"message\":\"there is no model 'none'\","
                    "\"status\":\"NOT_FOUND\"}}");
}

static void
what_is_not_served_is_said_so (void **state)
{
    world_t *world = *state;
    const char *got = s_ask (world, "GET /v1/files", HOST);
    world_has (got, "HTTP/1.1 404");
    world_has (got, "does not serve files");
    got = s_ask (world, "GET /v1/messages/batches", HOST);
    world_has (got, "does not serve batches");
    world_has (got, "{\"type\":\"error\"");
    got = s_ask (world, "POST /v1beta/models/x:predict", HOST "Content-Length: 0\r\n");
    world_has (got, "HTTP/1.1 404");
    world_has (got, "\"status\":\"NOT_FOUND\"");
}

static void
all_methods_of_a_path_are_allowed (void **state)
{
    const char *got = s_ask (*state, "PUT /v1/responses/resp_1", HOST);
    world_has (got, "HTTP/1.1 405");
    world_has (got, "allow: GET, DELETE");
}

static void
a_head_has_no_body (void **state)
{
    const char *got = s_ask (*state, "HEAD /health", HOST);
    world_has (got, "HTTP/1.1 200");
    assert_null (strstr (got, "{"));
}

static void
an_unknown_path_hears_what_there_is (void **state)
{
    const char *got = s_ask (*state, "GET /nowhere", HOST);
    world_has (got, "HTTP/1.1 404");
    world_has (got, "POST /v1/chat/completions, GET /v1/models");
    world_has (got, "\"code\":\"not_found\"");
}

static void
a_wrong_method_hears_the_right_one (void **state)
{
    const char *got = s_ask (*state, "GET /v1/chat/completions", HOST);
    world_has (got, "HTTP/1.1 405");
    world_has (got, "allow: POST");
    got = s_ask (*state, "DELETE /v1/models", HOST);
    world_has (got, "allow: GET");
}

static void
the_request_id_is_echoed_everywhere (void **state)
{
    static const char *const lines[] = { "GET /health", "GET /nowhere", "GET /v1/models",
                                         "PUT /v1/models" };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        world_has (s_ask (*state, lines[i], HOST "X-Bitrouter-Request-Id: abc 1\r\n"),
                   "x-bitrouter-request-id: abc 1\r\n");
    const char *got = s_ask (*state, "GET /health", HOST "X-Bitrouter-Request-Id:\r\n");
    world_has (got, "HTTP/1.1 400");
    world_has (got, "x-bitrouter-request-id: 0");
}

static void
a_foreign_host_or_page_is_shut_out (void **state)
{
    world_has (s_ask (*state, "GET /v1/models", "Host: evil.example\r\n"),
               "HTTP/1.1 403");
    world_has (s_ask (*state, "GET /v1/models", HOST "Origin: https://evil.example\r\n"),
               "HTTP/1.1 403");
    const char *got = s_ask (*state, "OPTIONS /v1/models",
                             HOST "Origin: https://evil.example\r\n"
                                  "Access-Control-Request-Method: GET\r\n");
    world_has (got, "HTTP/1.1 403");
    assert_null (strcasestr (got, "access-control"));
}

static void
a_listed_page_may_call (void **state)
{
    const char *got = s_ask (
        *state, "OPTIONS /v1/chat/completions",
        HOST "Origin: https://app.example\r\nAccess-Control-Request-Method: POST\r\n"
             "Access-Control-Request-Headers: x-a, content-type\r\n");
    world_has (got, "HTTP/1.1 204");
    world_has (got, "access-control-allow-origin: https://app.example");
    world_has (got, "access-control-allow-headers: x-a, content-type");
    world_has (got, "access-control-allow-methods: GET, POST, PUT, DELETE");
    got = s_ask (*state, "GET /v1/models", HOST "Origin: https://app.example\r\n");
    world_has (got, "HTTP/1.1 200");
    world_has (got, "access-control-allow-origin: https://app.example");
    world_has (s_ask (*state, "OPTIONS /v1/models", HOST), "HTTP/1.1 405");
}

static void
what_the_server_refuses_has_our_shape (void **state)
{
    world_t *world = *state;
    const char *got = world_ask (world, "POST /v1/chat/completions HTTP/1.1\r\n" HOST
                                        "Content-Length: 99999999\r\n"
                                        "x-bitrouter-request-id: big\r\n\r\n");
    world_has (got, "HTTP/1.1 413");
    world_has (got, "\"request_too_large\"");
    static const char *const rows[][2] = {
        { "/v1/messages", "{\"type\":\"error\",\"error\":{\"type\":"
                          "\"request_too_large\"" },
        { "/v1beta/models/x:generateContent", "{\"error\":{\"code\":413," },
        { "/models/x:generateContent", "{\"error\":{\"code\":413," },
        { "/v1/responses", "\"code\":\"request_too_large\"" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = br_strf (
            "POST %s HTTP/1.1\r\n" HOST "Content-Length: 99999999\r\n\r\n", rows[i][0]);
        got = world_ask (world, text);
        world_has (got, "HTTP/1.1 413");
        world_has (got, rows[i][1]);
        free (text);
    }
    got = world_ask (world, "POST /v1/chat/completions HTTP/1.1\r\n" HOST
                            "Content-Length: 99999999\r\n"
                            "x-bitrouter-request-id: big\r\n\r\n");
    world_has (got, "x-bitrouter-request-id: big");
}

static void
a_header_of_ours_may_be_there_once (void **state)
{
    const char *got = s_ask (*state, "GET /health",
                             HOST "x-bitrouter-timeout: 1\r\n"
                                  "X-Bitrouter-Timeout: 0x\r\n");
    world_has (got, "HTTP/1.1 400");
    world_has (got, "x-bitrouter-timeout may be there only once");
    got = s_ask (*state, "GET /health",
                 HOST "Idempotency-Key: a\r\nidempotency-key: a\r\n");
    world_has (got, "idempotency-key may be there only once");
    got = s_ask (*state, "GET /health",
                 HOST "x-a: 1\r\nx-a: 2\r\nx-bitrouter-timeout: 1\r\n"
                      "x-bitrouter-idle-timeout: 1\r\nx-bitrouter-session-id:\r\n");
    world_has (got, "HTTP/1.1 200");
}

//  However far it is over the bound.
static void
a_header_that_is_too_large_is_named_in_our_shape (void **state)
{
    static const int sizes[] = { 9000, 12500, 100000, 1000000 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *text = br_strf ("POST /v1/chat/completions HTTP/1.1\r\n" HOST
                              "User-Agent: t\r\nAccept: */*\r\n"
                              "Idempotency-Key: %0*d\r\nContent-Length: 2\r\n\r\n{}",
                              sizes[i], 1);
        const char *got = world_ask (*state, text);
        free (text);
        world_has (got, "HTTP/1.1 400");
        world_has (got, "x-bitrouter-request-id: ");
        world_has (got,
                   "{\"error\":{\"message\":\"the header Idempotency-Key is larger than");
    }
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
    world_has (got, "HTTP/1.1 401");
    world_has (got, "www-authenticate: Bearer");
    world_has (got, "missing bearer token");
    world_has (s_ask (world, "GET /health", "Host: any\r\n"), "HTTP/1.1 200");
    world_destroy (&world);

    text = br_strf (slice, "\"skip_auth\":true,");
    world = world_new (text);
    free (text);
    world_has (s_ask (world, "GET /v1/models", "Host: any\r\n"), "HTTP/1.1 200");
    //  then: whoever it is, it does not command
    static const char *const commands[] = {
        "GET /admin/status",  "POST /admin/stop", "GET /admin/routes",
        "GET /admin/metrics", "GET /admin/tools", "DELETE /admin/routes/a"
    };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        got = s_ask (world, commands[i], "Host: any\r\n");
        world_has (got, "HTTP/1.1 401");
        world_has (got, "scope is admin");
    }
    world_has (s_ask (world, "GET /metrics", "Host: any\r\n"), "HTTP/1.1 503");
    world_destroy (&world);
}

//  With "*" any page may call; it commands nothing, whether it can read the answer or not.
static void
a_page_of_anybody_does_not_command (void **state)
{
    (void) state;
    world_t *world = world_new (WORLD_SLICE ("\"cors_origins\":[\"*\"],"));
    static const char page[] = HOST "Origin: https://evil.example\r\n"
                                    "Content-Type: application/json\r\n";
    world_has (s_ask (world, "GET /v1/models", page), "HTTP/1.1 200");
    static const char *const commands[] = {
        "GET /admin/status",  "POST /admin/stop", "GET /admin/routes",
        "GET /admin/metrics", "GET /admin/tools", "DELETE /admin/routes/a"
    };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        world_has (s_ask (world, commands[i], page), "HTTP/1.1 403");
    world_has (s_ask (world, commands[0], HOST "Sec-Fetch-Site: cross-site\r\n"),
               "HTTP/1.1 403");
    assert_int_equal (world_count (world, BR_ADMIN_QUESTION), 0);
    world_destroy (&world);
}

static void
what_is_told_of_routes_and_tools (void **state)
{
    static const char *const rows[][2] = {
        { "GET /v1/routes", "{\"routes\":[{\"name\":\"smart\",\"provider\":\"openai\"," },
        { "GET /v1/tools", "{\"tools\":[]}" },
        { "GET /admin/tools", "{\"tools\":[]}" },
        { "GET /admin/agents", "{\"agents\":[]}" },
        { "GET /openapi.json", "\"openapi\": \"3.1.0\"" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *got = s_ask (*state, rows[i][0], HOST);
        world_has (got, "HTTP/1.1 200");
        world_has (got, "content-type: application/json");
        world_has (got, rows[i][1]);
    }
    world_has (s_ask (*state, "PUT /admin/mcp/servers/x/filter", HOST), "HTTP/1.1 404");
    world_has (s_ask (*state, "GET /admin/mcp/servers/x/filter", HOST), "allow: PUT");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, world_teardown)
        TEST (health_is_always_ok),
        TEST (ready_names_what_is_missing),
        cmocka_unit_test (ready_is_over_when_a_stop_begins),
        TEST (a_quote_is_answered_here),
        TEST (models_are_listed_and_filtered),
        TEST (models_have_the_clients_schema),
        TEST (one_model_is_shown_or_missed_in_the_clients_schema),
        TEST (what_is_not_served_is_said_so),
        TEST (all_methods_of_a_path_are_allowed),
        TEST (a_head_has_no_body),
        TEST (an_unknown_path_hears_what_there_is),
        TEST (a_wrong_method_hears_the_right_one),
        TEST (the_request_id_is_echoed_everywhere),
        TEST (a_foreign_host_or_page_is_shut_out),
        TEST (a_listed_page_may_call),
        TEST (what_the_server_refuses_has_our_shape),
        TEST (a_header_of_ours_may_be_there_once),
        TEST (a_header_that_is_too_large_is_named_in_our_shape),
        TEST (what_is_told_of_routes_and_tools),
        TEST (elsewhere_a_credential_is_demanded),
        TEST (a_page_of_anybody_does_not_command),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
