//  How databases on other machines complain, and which tables are ours.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/ledger/ledger_remote.h"

static void
given_a_reason_with_a_password_when_told_then_it_is_masked (void **state)
{
    (void) state;
    br_error_t error;
    int rc = ledger_remote_fail (&error, "cannot connect",
                                 "no \"s3cret\" here\nnor s3cret there\n", "s3cret");
    assert_int_equal (rc, -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    assert_string_equal (error.text,
                         "cannot connect: no \"******\" here nor ****** there");
}

static void
given_no_reason_when_told_then_that_is_said (void **state)
{
    (void) state;
    br_error_t error;
    ledger_remote_fail (&error, "cannot connect", NULL, NULL);
    assert_string_equal (error.text, "cannot connect: the database gave no reason");
    ledger_remote_fail (NULL, "cannot connect", "x", "");
}

static void
given_a_version_when_asked_then_older_ones_are_updated_and_newer_refused (void **state)
{
    (void) state;
    br_error_t error = { .code = BR_OK };
    assert_int_equal (ledger_remote_version (0, 2, &error), 1);
    assert_int_equal (ledger_remote_version (2, 2, &error), 0);
    assert_int_equal (error.code, BR_OK);
    assert_int_equal (ledger_remote_version (3, 2, &error), -1);
    assert_int_equal (error.code, BR_ECONFIG);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_reason_with_a_password_when_told_then_it_is_masked),
        cmocka_unit_test (given_no_reason_when_told_then_that_is_said),
        cmocka_unit_test (
            given_a_version_when_asked_then_older_ones_are_updated_and_newer_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
