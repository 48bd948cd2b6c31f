//  What the ends that curl reports mean.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/net/http_outcome.h"

typedef struct {
    http_outcome_t facts;
    http_end_t end;
    bool sent;
} outcome_case_t;

//  How far it got.
#define NOWHERE .connected = false
#define CONNECTED .connected = true
#define WROTE .connected = true, .wrote = true
#define ANSWERED WROTE, .answered = true
#define COMPLETE ANSWERED, .complete = true

static const outcome_case_t s_cases[] = {
    { { CURLE_OK, COMPLETE }, HTTP_END_OK, true },
    { { CURLE_OK, ANSWERED }, HTTP_END_CUT, true },
    { { CURLE_OK, WROTE }, HTTP_END_RESET, true },
    { { CURLE_COULDNT_RESOLVE_HOST, NOWHERE }, HTTP_END_DNS, false },
    { { CURLE_COULDNT_CONNECT, NOWHERE }, HTTP_END_CONNECT, false },
    { { CURLE_COULDNT_CONNECT, CONNECTED }, HTTP_END_CONNECT, false },
    { { CURLE_COULDNT_CONNECT, WROTE }, HTTP_END_RESET, true },
    { { CURLE_PEER_FAILED_VERIFICATION, NOWHERE }, HTTP_END_TLS, false },
    { { CURLE_SEND_ERROR, CONNECTED }, HTTP_END_RESET, false },
    { { CURLE_SEND_ERROR, WROTE }, HTTP_END_RESET, true },
    { { CURLE_RECV_ERROR, WROTE }, HTTP_END_RESET, true },
    { { CURLE_RECV_ERROR, NOWHERE }, HTTP_END_CONNECT, false },
    { { CURLE_RECV_ERROR, COMPLETE }, HTTP_END_CUT, true },
    { { CURLE_RECV_ERROR, COMPLETE, .detail = "Bad in chunked-encoding" },
      HTTP_END_PROTOCOL,
      true },
    { { CURLE_GOT_NOTHING, WROTE }, HTTP_END_RESET, true },
    { { CURLE_PARTIAL_FILE, COMPLETE }, HTTP_END_CUT, true },
    { { CURLE_PARTIAL_FILE, WROTE }, HTTP_END_RESET, true },
    { { CURLE_HTTP2_STREAM, COMPLETE }, HTTP_END_CUT, true },
    { { CURLE_UNSUPPORTED_PROTOCOL, WROTE }, HTTP_END_PROTOCOL, true },
    { { CURLE_BAD_CONTENT_ENCODING, COMPLETE }, HTTP_END_PROTOCOL, true },
    { { CURLE_OUT_OF_MEMORY, ANSWERED }, HTTP_END_TOO_BIG, true },
    { { CURLE_OUT_OF_MEMORY, COMPLETE }, HTTP_END_OTHER, true },
    { { CURLE_OPERATION_TIMEDOUT, NOWHERE }, HTTP_END_TIMEOUT_CONNECT, false },
    { { CURLE_ABORTED_BY_CALLBACK, WROTE, .lost = true }, HTTP_END_RESET, true },
    { { CURLE_LDAP_CANNOT_BIND, WROTE }, HTTP_END_OTHER, true },
};

static void
test_codes_and_facts_make_ends (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_cases / sizeof s_cases[0]; i++) {
        http_outcome_t facts = s_cases[i].facts;
        if (!facts.detail)
            facts.detail = "";
        if (http_outcome_end (&facts) != s_cases[i].end)
            print_error ("case %zu\n", i);
        assert_int_equal (http_outcome_end (&facts), s_cases[i].end);
        assert_int_equal (http_outcome_sent (&facts), s_cases[i].sent);
    }
}

static void
test_texts_quote_only_what_holds_no_secret (void **state)
{
    (void) state;
    char text[256];
    http_outcome_t facts = { .code = CURLE_COULDNT_CONNECT, .detail = "Refused by x" };
    http_outcome_text (&facts, HTTP_END_CONNECT, text, sizeof text);
    assert_string_equal (text, "the provider cannot be reached: Refused by x");
    facts.code = CURLE_COULDNT_RESOLVE_PROXY;
    facts.detail = "Unsupported proxy syntax in 'http://user:secret@x'";
    http_outcome_text (&facts, HTTP_END_DNS, text, sizeof text);
    assert_null (strstr (text, "secret"));
    facts.code = CURLE_URL_MALFORMAT;
    http_outcome_text (&facts, HTTP_END_OTHER, text, sizeof text);
    assert_null (strstr (text, "secret"));
}

static void
test_each_end_has_a_text (void **state)
{
    (void) state;
    char text[256];
    http_outcome_t facts = { .code = CURLE_OK, .detail = "" };
    for (int end = HTTP_END_OK; end <= HTTP_END_OTHER; end++) {
        http_outcome_text (&facts, (http_end_t) end, text, sizeof text);
        assert_true (strlen (text) > 5);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_codes_and_facts_make_ends),
        cmocka_unit_test (test_texts_quote_only_what_holds_no_secret),
        cmocka_unit_test (test_each_end_has_a_text),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
