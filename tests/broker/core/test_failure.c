//  Tests of broker/core/failure.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "broker/core/failure.h"

static void
given_all_failures_then_each_has_a_label_of_its_own (void **state)
{
    (void) state;
    for (unsigned i = 0; i < BR_FAILURE_COUNT; i++) {
        const char *label = br_failure_label ((br_failure_t) i);
        assert_true (*label);
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal (br_failure_label ((br_failure_t) j), label);
    }
}

static void
given_a_number_of_a_message_then_it_is_a_failure_or_that_of_the_server (void **state)
{
    (void) state;
    assert_int_equal (br_failure_of (BR_FAILURE_RATE), BR_FAILURE_RATE);
    assert_int_equal (br_failure_of (BR_FAILURE_COUNT), BR_FAILURE_SERVER);
    assert_int_equal (br_failure_of (UINT64_MAX), BR_FAILURE_SERVER);
}

static void
given_what_the_caller_caused_then_the_endpoint_is_clean (void **state)
{
    (void) state;
    static const br_failure_t own[] = { BR_FAILURE_REQUEST, BR_FAILURE_CONTEXT,
                                        BR_FAILURE_POLICY,  BR_FAILURE_CANCELLED,
                                        BR_FAILURE_UNFIT,   BR_FAILURE_CLIENT_TIME };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        assert_int_equal (br_failure_mark (own[i]), BR_MARK_CLEAN);
}

static void
given_a_malformed_request_then_nobody_else_is_asked (void **state)
{
    (void) state;
    assert_int_equal (br_failure_after (BR_FAILURE_REQUEST), BR_AFTER_STOP);
    assert_int_equal (br_failure_after (BR_FAILURE_POLICY), BR_AFTER_STOP);
    assert_int_equal (br_failure_after (BR_FAILURE_CONTEXT), BR_AFTER_LARGER);
}

static void
given_a_key_without_money_then_it_is_never_asked_again_for_the_call (void **state)
{
    (void) state;
    assert_int_equal (br_failure_after (BR_FAILURE_CREDIT), BR_AFTER_OTHER);
    assert_int_equal (br_failure_mark (BR_FAILURE_CREDIT), BR_MARK_KEY);
    assert_int_equal (br_failure_mark (BR_FAILURE_RATE), BR_MARK_LIMIT);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_all_failures_then_each_has_a_label_of_its_own),
        cmocka_unit_test (
            given_a_number_of_a_message_then_it_is_a_failure_or_that_of_the_server),
        cmocka_unit_test (given_what_the_caller_caused_then_the_endpoint_is_clean),
        cmocka_unit_test (given_a_malformed_request_then_nobody_else_is_asked),
        cmocka_unit_test (
            given_a_key_without_money_then_it_is_never_asked_again_for_the_call),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
