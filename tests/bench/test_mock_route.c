//  Paths are known by their ends, with the protocol that they belong to.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "bench/mock_route.h"

typedef struct {
    const char *method;
    const char *path;
    bool stream;
    const char *version; //  header anthropic-version
    mock_protocol_t protocol;
    mock_action_t action;
    mock_form_t form;
} row_t;

static const row_t s_rows[] = {
    { "POST", "/v1/chat/completions", false, "", MOCK_CHAT, MOCK_ANSWER, MOCK_PLAIN },
    { "POST", "/chat/completions?x=y", true, "", MOCK_CHAT, MOCK_ANSWER, MOCK_SSE },
    { "POST", "/v1/responses", true, "", MOCK_RESPONSES, MOCK_ANSWER, MOCK_SSE },
    { "POST", "/v1/messages?beta=true", true, "1", MOCK_MESSAGES, MOCK_ANSWER, MOCK_SSE },
    { "POST", "/v1/messages/count_tokens", false, "1", MOCK_MESSAGES, MOCK_COUNT,
      MOCK_PLAIN },
    { "POST", "/v1beta/models/a:generateContent", false, "", MOCK_GOOGLE, MOCK_ANSWER,
      MOCK_PLAIN },
    { "POST", "/v1beta/models/a:streamGenerateContent", true, "", MOCK_GOOGLE,
      MOCK_ANSWER, MOCK_ARRAY },
    { "POST", "/v1beta/models/a:streamGenerateContent?alt=sse", true, "", MOCK_GOOGLE,
      MOCK_ANSWER, MOCK_SSE },
    { "POST", "/v1beta/models/a:batchEmbedContents", false, "", MOCK_GOOGLE,
      MOCK_EMBED_BATCH, MOCK_PLAIN },
    { "GET", "/v1/models", false, "", MOCK_CHAT, MOCK_MODELS, MOCK_PLAIN },
    { "GET", "/v1/models", false, "2023-06-01", MOCK_MESSAGES, MOCK_MODELS, MOCK_PLAIN },
    { "GET", "/v1beta/models?pageSize=9", false, "", MOCK_GOOGLE, MOCK_MODELS,
      MOCK_PLAIN },
    { "GET", "/v1/chat/completions", false, "", MOCK_CHAT, MOCK_NOWHERE, MOCK_PLAIN },
    { "POST", "/nowhere", true, "", MOCK_CHAT, MOCK_NOWHERE, MOCK_PLAIN },
    { "POST", "", false, "", MOCK_CHAT, MOCK_NOWHERE, MOCK_PLAIN },
};

static void
paths_are_known_by_their_ends (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_rows / sizeof s_rows[0]; i++) {
        const row_t *row = &s_rows[i];
        mock_request_t request;
        mock_request_init (&request);
        snprintf (request.method, sizeof request.method, "%s", row->method);
        snprintf (request.path, sizeof request.path, "%s", row->path);
        snprintf (request.version, sizeof request.version, "%s", row->version);
        request.peek.stream = row->stream;
        mock_route_t route;
        mock_route (&route, &request);
        assert_int_equal (route.action, row->action);
        assert_int_equal (route.protocol, row->protocol);
        assert_int_equal (route.form, row->form);
        mock_request_free (&request);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (paths_are_known_by_their_ends),
    };
    return cmocka_run_group_tests_name ("mock_route", tests, NULL, NULL);
}
