//  Statements of MariaDB that cannot even be prepared; those that can are seen in
//  tests/ledger/test_databases.sh.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <mysql.h>

#include "broker/ledger/ledger_mysql_stmt.h"

static void
given_no_connection_when_run_then_it_fails_with_a_reason (void **state)
{
    (void) state;
    static const bool numbers[] = { true };
    ledger_value_t value = { .number = 1 };
    MYSQL *mysql = mysql_init (NULL);
    ledger_mysql_stmt_t *stmt = ledger_mysql_stmt_new (mysql, "SELECT ?");
    assert_non_null (stmt);
    assert_int_equal (ledger_mysql_stmt_run (stmt, &value, numbers, 1), -1);
    assert_int_equal (ledger_mysql_stmt_next (stmt, &value, numbers, 1), -1);
    assert_true (strlen (ledger_mysql_stmt_reason (stmt)) > 0);
    ledger_mysql_stmt_destroy (&stmt);
    ledger_mysql_stmt_destroy (&stmt);
    mysql_close (mysql);
}

static void
given_columns_when_asked_then_numbers_are_told_from_bytes (void **state)
{
    (void) state;
    for (size_t i = 0; i < ledger_entries.columns_count; i++) {
        const ledger_column_t *column = &ledger_entries.columns[i];
        bool is_bytes = column->type == LEDGER_TEXT || column->type == LEDGER_CALL
                        || column->type == LEDGER_HASHED;
        assert_int_equal (ledger_mysql_is_number (column), !is_bytes);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_no_connection_when_run_then_it_fails_with_a_reason),
        cmocka_unit_test (given_columns_when_asked_then_numbers_are_told_from_bytes),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
