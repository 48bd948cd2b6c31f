//  ingress_request: ids, headers that go on, queries.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/ingress/ingress_request.h"

static const br_id_t s_call = { 1, 2 };

static void
an_id_is_the_clients_or_that_of_the_call (void **state)
{
    (void) state;
    char id[INGRESS_ID_MAX + 1];
    char text[BR_ID_TEXT];
    assert_int_equal (ingress_request_id (NULL, s_call, id, NULL), 0);
    assert_string_equal (id, br_id_text (s_call, text));
    assert_int_equal (ingress_request_id ("mine 1", s_call, id, NULL), 0);
    assert_string_equal (id, "mine 1");
}

static void
a_bad_id_is_refused (void **state)
{
    (void) state;
    char longest[INGRESS_ID_MAX + 2];
    memset (longest, 'a', sizeof longest);
    longest[INGRESS_ID_MAX] = 0;
    char id[INGRESS_ID_MAX + 1];
    char text[BR_ID_TEXT];
    br_error_t error;
    assert_int_equal (ingress_request_id (longest, s_call, id, NULL), 0);
    longest[INGRESS_ID_MAX] = 'a';
    longest[INGRESS_ID_MAX + 1] = 0;
    const char *bad[] = { "", "a\tb", "a\x7f", "\xff", longest };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal (ingress_request_id (bad[i], s_call, id, &error), -1);
        assert_int_equal (error.code, BR_EINVALID);
        assert_string_equal (id, br_id_text (s_call, text));
    }
}

static void
a_call_that_goes_in_circles_is_refused (void **state)
{
    (void) state;
    static const struct {
        const char *given;
        int rc;
        unsigned hops;
    } rows[] = {
        { NULL, 0, 0 },  { "0", 0, 0 },    { "3", 0, 3 }, { "03", 0, 3 },
        { "4", -1, 0 },  { "99", -1, 0 },  { "", -1, 0 }, { "-1", -1, 0 },
        { "1 ", -1, 0 }, { "100", -1, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned hops = 7;
        br_error_t error = { .code = BR_OK };
        assert_int_equal (ingress_request_hops (rows[i].given, &hops, &error),
                          rows[i].rc);
        assert_int_equal (hops, rows[i].hops);
        assert_int_equal (error.code, rows[i].rc ? BR_EINVALID : BR_OK);
    }
}

static void
headers_go_on_or_stay (void **state)
{
    (void) state;
    char *more[] = { "X-Mock", "Authorization", "cookie", "X-Bitrouter-Timeout", NULL };
    static const char *const on[] = { "OpenAI-Beta",        "traceparent",
                                      "User-Agent",         "x-mock",
                                      "idempotency-key",    "X-Stainless-OS",
                                      "x-client-request-id" };
    static const char *const stay[] = {
        "authorization",   "Cookie",
        "x-api-key",       "host",
        "connection",      "content-length",
        "accept-encoding", "x-goog-api-key",
        "x-forwarded-for", "",
        "x-stainless",     "x-bitrouter-timeout",
    };
    for (size_t i = 0; i < sizeof on / sizeof *on; i++)
        assert_true (ingress_request_passes (BR_PROTOCOL_CHAT, on[i], more));
    for (unsigned wire = 0; wire < BR_PROTOCOL_COUNT; wire++)
        for (size_t i = 0; i < sizeof stay / sizeof *stay; i++)
            assert_false (ingress_request_passes (wire, stay[i], more));
    assert_false (ingress_request_passes (BR_PROTOCOL_CHAT, "x-mock", more + 4));
}

static void
headers_of_another_protocol_stay (void **state)
{
    (void) state;
    char *more[] = { NULL };
    static const struct {
        const char *name;
        br_protocol_t wire;
    } rows[] = {
        { "anthropic-version", BR_PROTOCOL_MESSAGES },
        { "Anthropic-Beta", BR_PROTOCOL_MESSAGES },
        { "anthropic-dangerous-direct-browser-access", BR_PROTOCOL_MESSAGES },
        { "x-goog-api-client", BR_PROTOCOL_GOOGLE },
        { "openai-beta", BR_PROTOCOL_RESPONSES },
        { "openai-beta", BR_PROTOCOL_CHAT },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true (ingress_request_passes (rows[i].wire, rows[i].name, more));
    assert_false (ingress_request_passes (BR_PROTOCOL_CHAT, "anthropic-beta", more));
    assert_false (ingress_request_passes (BR_PROTOCOL_GOOGLE, "openai-beta", more));
    assert_false (ingress_request_passes (BR_PROTOCOL_MESSAGES, "openai-beta", more));
}

static void
a_query_loses_its_credentials (void **state)
{
    (void) state;
    static const char *const rows[][3] = {
        { "beta=true", NULL, "beta=true" },
        { "key=1&a=2", NULL, "a=2" },
        { "a=2&KEY=1&b", NULL, "a=2&b" },
        { "api_key=x", NULL, "" },
        { "keys=1&&", NULL, "keys=1" },
        { "k%65y=1&a=%6b", NULL, "a=%6b" },
        { "%4bEY=1&access%5Ftoken=2", NULL, "" },
        { NULL, NULL, "" },
        { "key", NULL, "" },
        { "alt=json&key=1", NULL, "alt=json" },
        { "alt=json&key=1&a=b&%24alt=x", "sse", "a=b&alt=sse" },
        { NULL, "sse", "alt=sse" },
        { "a-name-that-is-much-longer-than-any-of-ours=1", NULL,
          "a-name-that-is-much-longer-than-any-of-ours=1" },
    };
    br_buf_t text;
    br_buf_init (&text, 100);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ingress_request_query (rows[i][0], rows[i][1], &text);
        assert_string_equal (br_buf_text (&text), rows[i][2]);
    }
    br_buf_free (&text);
}

static void
parameters_are_found_and_unescaped (void **state)
{
    (void) state;
    char value[8];
    assert_true (ingress_request_param ("a=1&id=g%70t+4&b=2", "id", value, sizeof value));
    assert_string_equal (value, "gpt 4");
    assert_true (ingress_request_param ("id=%zz%4", "id", value, sizeof value));
    assert_string_equal (value, "%zz%4");
    assert_true (ingress_request_param ("id=", "id", value, sizeof value));
    assert_string_equal (value, "");
    assert_false (ingress_request_param ("grid=1&id", "id", value, sizeof value));
    assert_false (ingress_request_param ("id=12345678", "id", value, sizeof value));
    assert_false (ingress_request_param (NULL, "id", value, sizeof value));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (an_id_is_the_clients_or_that_of_the_call),
        cmocka_unit_test (a_bad_id_is_refused),
        cmocka_unit_test (a_call_that_goes_in_circles_is_refused),
        cmocka_unit_test (headers_go_on_or_stay),
        cmocka_unit_test (headers_of_another_protocol_stay),
        cmocka_unit_test (a_query_loses_its_credentials),
        cmocka_unit_test (parameters_are_found_and_unescaped),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
