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
headers_go_on_or_stay (void **state)
{
    (void) state;
    char *more[] = { "X-Mock", "Authorization", "cookie", NULL };
    static const char *const on[] = { "OpenAI-Beta",    "anthropic-version",
                                      "anthropic-beta", "traceparent",
                                      "User-Agent",     "idempotency-key",
                                      "x-mock" };
    static const char *const stay[] = { "authorization",   "Cookie",
                                        "x-api-key",       "host",
                                        "connection",      "content-length",
                                        "accept-encoding", "x-stainless-os",
                                        "x-forwarded-for", "" };
    for (size_t i = 0; i < sizeof on / sizeof *on; i++)
        assert_true (ingress_request_passes (on[i], more));
    for (size_t i = 0; i < sizeof stay / sizeof *stay; i++)
        assert_false (ingress_request_passes (stay[i], more));
    assert_false (ingress_request_passes ("x-mock", more + 3));
}

static void
a_query_loses_its_credentials (void **state)
{
    (void) state;
    static const char *const rows[][2] = {
        { "beta=true", "beta=true" },
        { "key=1&a=2", "a=2" },
        { "a=2&KEY=1&b", "a=2&b" },
        { "api_key=x", "" },
        { "keys=1&&", "keys=1" },
        { NULL, "" },
        { "key", "" },
    };
    br_buf_t text;
    br_buf_init (&text, 100);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ingress_request_query (rows[i][0], &text);
        assert_string_equal (br_buf_text (&text), rows[i][1]);
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
        cmocka_unit_test (headers_go_on_or_stay),
        cmocka_unit_test (a_query_loses_its_credentials),
        cmocka_unit_test (parameters_are_found_and_unescaped),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
