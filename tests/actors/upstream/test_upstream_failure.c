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
    for (int end = HTTP_END_DNS; end <= HTTP_END_OTHER; end++) {
        upstream_failure_t failure = upstream_failure_of_end ((http_end_t) end);
        assert_true (failure.retry);
        assert_non_null (failure.about);
        assert_int_not_equal (failure.code, BR_OK);
        assert_int_equal (failure.status, 0);
    }
    assert_int_equal (upstream_failure_of_end (HTTP_END_CUT).code, BR_EUPCUT);
    assert_int_equal (upstream_failure_of_end (HTTP_END_TIMEOUT_IDLE).code, BR_ETIMEOUT);
}

static void
each_status_has_its_meaning (void **state)
{
    (void) state;
    static const struct {
        unsigned status;
        br_code_t code;
        bool retry;
        bool passes_body;
    } rows[] = {
        { 400, BR_EINVALID, false, true }, { 401, BR_EUPAUTH, true, false },
        { 402, BR_EUPAUTH, true, false },  { 403, BR_EUPAUTH, true, false },
        { 404, BR_ENOTFOUND, true, true }, { 405, BR_EUPBAD, true, false },
        { 408, BR_ETIMEOUT, true, false }, { 409, BR_ECONFLICT, false, true },
        { 413, BR_ETOOBIG, false, true },  { 422, BR_EINVALID, false, true },
        { 429, BR_EUPLIMIT, true, true },  { 500, BR_EUPBAD, true, true },
        { 504, BR_ETIMEOUT, true, true },  { 529, BR_EUPBAD, true, true },
        { 302, BR_EUPBAD, true, false },   { 0, BR_EUPBAD, true, false },
        { 5000, BR_EUPBAD, true, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        upstream_failure_t failure = upstream_failure_of_status (rows[i].status);
        assert_int_equal (failure.code, rows[i].code);
        assert_int_equal (failure.status, rows[i].status);
        assert_int_equal (failure.retry, rows[i].retry);
        assert_int_equal (failure.passes_body, rows[i].passes_body);
    }
}

static br_code_t
s_of (const char *type, const char *code)
{
    tap_result_t result = { .error = true };
    strcpy (result.error_type, type);
    strcpy (result.error_code, code);
    upstream_failure_t failure = upstream_failure_of_error (&result);
    assert_int_equal (failure.status, 0);
    return failure.code;
}

static void
an_error_inside_of_a_success_counts_as_its_status (void **state)
{
    (void) state;
    assert_int_equal (s_of ("", ""), BR_EUPBAD);
    assert_int_equal (s_of ("", "429"), BR_EUPLIMIT);
    assert_int_equal (s_of ("rate_limit_exceeded", ""), BR_EUPLIMIT);
    assert_int_equal (s_of ("invalid_request_error", "context_length_exceeded"),
                      BR_EINVALID);
    assert_int_equal (s_of ("", "insufficient_quota"), BR_EUPLIMIT);
    assert_int_equal (s_of ("authentication_error", ""), BR_EUPAUTH);
    assert_int_equal (s_of ("", "1234"), BR_EUPBAD);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (each_end_has_its_meaning),
        cmocka_unit_test (each_status_has_its_meaning),
        cmocka_unit_test (an_error_inside_of_a_success_counts_as_its_status),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
