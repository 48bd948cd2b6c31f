//  What can be said of mysql without a server; the rest is in test_ledger_store, which
//  tests/ledger/test_databases.sh runs against a real one.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/ledger/ledger_mysql.h"

static void
s_refused (const char *url, br_code_t code)
{
    br_error_t error = { .code = BR_OK };
    assert_null (ledger_mysql.open (url, &error));
    assert_int_equal (error.code, code);
    assert_null (strstr (error.text, "s3cret"));
}

static void
given_a_malformed_address_when_opened_then_the_error_holds_no_password (void **state)
{
    (void) state;
    s_refused ("mysql://u:s3cret%zz@127.0.0.1/b", BR_ECONFIG);
    s_refused ("mysql://u:s3cret@127.0.0.1:port/b", BR_ECONFIG);
    s_refused ("mysql://u:p@127.0.0.1/b?s3cret=1", BR_ECONFIG);
}

static void
given_no_server_when_opened_then_the_error_holds_no_password (void **state)
{
    (void) state;
    s_refused ("mysql://u:s3cret@127.0.0.1:1/b", BR_ESYSTEM);
    s_refused ("mysql://u:s3cret@/b?host=/nowhere/at/all", BR_ESYSTEM);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_a_malformed_address_when_opened_then_the_error_holds_no_password),
        cmocka_unit_test (given_no_server_when_opened_then_the_error_holds_no_password),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
