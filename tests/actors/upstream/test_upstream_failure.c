//  upstream_failure: what each failure means.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/upstream/upstream_failure.h"

static void
each_end_has_its_meaning (void **state)
{
    (void) state;
    static const struct {
        http_end_t end;
        br_code_t code;
        br_failure_t failure;
    } rows[] = {
        { HTTP_END_DNS, BR_EUPBAD, BR_FAILURE_DNS },
        { HTTP_END_CONNECT, BR_EUPBAD, BR_FAILURE_CONNECT },
        { HTTP_END_TLS, BR_EUPBAD, BR_FAILURE_TLS },
        { HTTP_END_TIMEOUT_CONNECT, BR_ETIMEOUT, BR_FAILURE_CONNECT },
        { HTTP_END_TIMEOUT_FIRST, BR_ETIMEOUT, BR_FAILURE_TIMEOUT },
        { HTTP_END_TIMEOUT_IDLE, BR_ETIMEOUT, BR_FAILURE_TIMEOUT },
        { HTTP_END_TIMEOUT_TOTAL, BR_ETIMEOUT, BR_FAILURE_TIMEOUT },
        { HTTP_END_CUT, BR_EUPCUT, BR_FAILURE_CUT },
        { HTTP_END_RESET, BR_EUPBAD, BR_FAILURE_RESET },
        { HTTP_END_PROTOCOL, BR_EUPINVALID, BR_FAILURE_INVALID },
        { HTTP_END_TOO_BIG, BR_EUPINVALID, BR_FAILURE_INVALID },
        { HTTP_END_OTHER, BR_EUPBAD, BR_FAILURE_CONNECT },
    };
    assert_int_equal (sizeof rows / sizeof *rows, HTTP_END_OTHER);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        upstream_failure_t failure = upstream_failure_of_end (rows[i].end);
        assert_int_equal (failure.code, rows[i].code);
        assert_int_equal (failure.failure, rows[i].failure);
        assert_int_equal (failure.status, 0);
        assert_false (failure.speaks);
        assert_non_null (failure.about);
    }
}

static void
each_status_has_its_meaning (void **state)
{
    (void) state;
    static const struct {
        unsigned status;
        br_code_t code;
        br_failure_t failure;
        bool passes_body;
    } rows[] = {
        { 400, BR_EINVALID, BR_FAILURE_REQUEST, true },
        { 401, BR_EUPAUTH, BR_FAILURE_AUTH, false },
        { 402, BR_EUPAUTH, BR_FAILURE_CREDIT, false },
        { 403, BR_EUPAUTH, BR_FAILURE_AUTH, false },
        { 404, BR_ENOTFOUND, BR_FAILURE_UNKNOWN_MODEL, true },
        { 405, BR_EUPBAD, BR_FAILURE_INVALID, false },
        { 408, BR_ETIMEOUT, BR_FAILURE_TIMEOUT, false },
        { 409, BR_ECONFLICT, BR_FAILURE_CONFLICT, true },
        { 413, BR_ETOOBIG, BR_FAILURE_REQUEST, true },
        { 422, BR_EINVALID, BR_FAILURE_REQUEST, true },
        { 429, BR_EUPLIMIT, BR_FAILURE_RATE, true },
        { 500, BR_EUPBAD, BR_FAILURE_SERVER, true },
        { 502, BR_EUPBAD, BR_FAILURE_SERVER, true },
        { 503, BR_EUPBAD, BR_FAILURE_OVERLOADED, true },
        { 504, BR_ETIMEOUT, BR_FAILURE_TIMEOUT, true },
        { 520, BR_EUPBAD, BR_FAILURE_SERVER, true },
        { 524, BR_EUPBAD, BR_FAILURE_SERVER, true },
        { 529, BR_EUPBAD, BR_FAILURE_OVERLOADED, true },
        { 302, BR_EUPBAD, BR_FAILURE_INVALID, false },
        { 0, BR_EUPBAD, BR_FAILURE_INVALID, false },
        { 5000, BR_EUPBAD, BR_FAILURE_INVALID, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        upstream_failure_t failure = upstream_failure_of_status (rows[i].status);
        assert_int_equal (failure.code, rows[i].code);
        assert_int_equal (failure.status, rows[i].status);
        assert_int_equal (failure.meant, rows[i].status);
        assert_int_equal (failure.failure, rows[i].failure);
        assert_int_equal (failure.passes_body, rows[i].passes_body);
    }
}

static void
words_go_before_the_status (void **state)
{
    (void) state;
    static const struct {
        unsigned status;
        br_failure_t words;
        br_code_t code;
        bool passes_body;
    } rows[] = {
        { 429, BR_FAILURE_CREDIT, BR_EUPCREDIT, true },
        { 403, BR_FAILURE_CREDIT, BR_EUPAUTH, false },
        { 400, BR_FAILURE_AUTH, BR_EUPAUTH, false },
        { 400, BR_FAILURE_CONTEXT, BR_ECONTEXT, true },
        { 413, BR_FAILURE_CONTEXT, BR_ECONTEXT, true },
        { 400, BR_FAILURE_POLICY, BR_EUPPOLICY, true },
        { 403, BR_FAILURE_POLICY, BR_EUPPOLICY, true },
        { 400, BR_FAILURE_UNKNOWN_MODEL, BR_ENOTFOUND, true },
        { 403, BR_FAILURE_UNKNOWN_MODEL, BR_ENOTFOUND, false },
        { 500, BR_FAILURE_OVERLOADED, BR_EUPBAD, true },
        { 413, BR_FAILURE_REFUSED, BR_ETOOBIG, true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        upstream_failure_t failure = upstream_failure_of_status (rows[i].status);
        upstream_failure_judge (&failure, rows[i].words);
        assert_int_equal (failure.failure, rows[i].words);
        assert_int_equal (failure.code, rows[i].code);
        assert_int_equal (failure.status, rows[i].status);
        assert_int_equal (failure.passes_body, rows[i].passes_body);
    }
    upstream_failure_t failure = upstream_failure_of_status (400);
    upstream_failure_judge (&failure, BR_FAILURE_NONE);
    assert_int_equal (failure.failure, BR_FAILURE_REQUEST);
}

static void
an_error_inside_of_a_success_counts_as_its_words (void **state)
{
    (void) state;
    static const struct {
        const char *type;
        const char *code;
        br_code_t own;
        br_failure_t failure;
        unsigned meant;
    } rows[] = {
        { "", "", BR_EUPBAD, BR_FAILURE_SERVER, 0 },
        { "", "429", BR_EUPLIMIT, BR_FAILURE_RATE, 429 },
        { "", "503", BR_EUPBAD, BR_FAILURE_OVERLOADED, 503 },
        { "UNAVAILABLE", "503", BR_EUPBAD, BR_FAILURE_OVERLOADED, 503 },
        { "rate_limit_exceeded", "", BR_EUPLIMIT, BR_FAILURE_RATE, 0 },
        { "invalid_request_error", "context_length_exceeded", BR_ECONTEXT,
          BR_FAILURE_CONTEXT, 0 },
        { "invalid_request_error", "", BR_EINVALID, BR_FAILURE_REQUEST, 0 },
        { "insufficient_quota", "insufficient_quota", BR_EUPCREDIT, BR_FAILURE_CREDIT,
          0 },
        { "overloaded_error", "", BR_EUPBAD, BR_FAILURE_OVERLOADED, 0 },
        { "authentication_error", "", BR_EUPAUTH, BR_FAILURE_AUTH, 0 },
        { "timeout_error", "", BR_ETIMEOUT, BR_FAILURE_TIMEOUT, 0 },
        { "", "1234", BR_EUPBAD, BR_FAILURE_SERVER, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        tap_result_t result = { .error = true };
        strcpy (result.error_type, rows[i].type);
        strcpy (result.error_code, rows[i].code);
        upstream_failure_t failure = upstream_failure_of_error (&result);
        assert_int_equal (failure.code, rows[i].own);
        assert_int_equal (failure.failure, rows[i].failure);
        assert_int_equal (failure.meant, rows[i].meant);
        assert_int_equal (failure.status, 0);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (each_end_has_its_meaning),
        cmocka_unit_test (each_status_has_its_meaning),
        cmocka_unit_test (words_go_before_the_status),
        cmocka_unit_test (an_error_inside_of_a_success_counts_as_its_words),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
