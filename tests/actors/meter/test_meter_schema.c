//  meter_schema: new files, older ones, newer ones.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/meter/meter_schema.h"

static int
s_setup (void **state)
{
    return sqlite3_open (":memory:", (sqlite3 **) state) != SQLITE_OK;
}

static int
s_teardown (void **state)
{
    sqlite3_close (*state);
    return 0;
}

static int
s_number (sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    assert_int_equal (sqlite3_prepare_v2 (db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal (sqlite3_step (stmt), SQLITE_ROW);
    int number = sqlite3_column_int (stmt, 0);
    sqlite3_finalize (stmt);
    return number;
}

static void
s_does (sqlite3 *db, const char *sql)
{
    char *error = NULL;
    if (sqlite3_exec (db, sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg ("%s", error);
}

static const char s_tables[] = "SELECT count (*) FROM sqlite_schema"
                               " WHERE name IN ('calls', 'intents')";

static void
a_new_file_gets_all_tables_once (void **state)
{
    sqlite3 *db = *state;
    assert_int_equal (meter_schema_update (db, NULL), 0);
    assert_int_equal (s_number (db, s_tables), 2);
    assert_int_equal (s_number (db, "PRAGMA user_version"), meter_schema_version ());
    assert_int_equal (meter_schema_update (db, NULL), 0);
    assert_true (sqlite3_get_autocommit (db));
}

static void
an_older_file_gets_what_is_missing_and_keeps_its_rows (void **state)
{
    //  given: a file of version 1, with a row
    sqlite3 *db = *state;
    assert_int_equal (meter_schema_update (db, NULL), 0);
    s_does (db,
            "DROP TABLE intents; PRAGMA user_version = 1;"
            "INSERT INTO calls VALUES (x'01', 'r', 'a', 'p', 'm', 'ok', 200, '', 0, 1,"
            " 1, 1, 0, 0, 1, 0, 7, 7, 1, 1, 1, 1)");
    //  when, then
    assert_int_equal (meter_schema_update (db, NULL), 0);
    assert_int_equal (s_number (db, s_tables), 2);
    assert_int_equal (s_number (db, "SELECT cost_nusd FROM calls"), 7);
    assert_int_equal (s_number (db, "PRAGMA user_version"), meter_schema_version ());
}

static void
a_newer_file_is_refused_untouched (void **state)
{
    sqlite3 *db = *state;
    br_error_t error = { .code = BR_OK };
    s_does (db, "PRAGMA user_version = 1000");
    assert_int_equal (meter_schema_update (db, &error), -1);
    assert_int_equal (error.code, BR_ECONFIG);
    assert_non_null (strstr (error.text, "newer bitrouter (version 1000"));
    assert_int_equal (s_number (db, "SELECT count (*) FROM sqlite_schema"), 0);
    assert_true (sqlite3_get_autocommit (db));
}

static void
a_step_that_fails_leaves_nothing_behind (void **state)
{
    //  given: the second step meets a table of somebody else
    sqlite3 *db = *state;
    br_error_t error = { .code = BR_OK };
    s_does (db, "CREATE TABLE intents (a)");
    //  when, then
    assert_int_equal (meter_schema_update (db, &error), -1);
    assert_non_null (strstr (error.text, "intents already exists"));
    assert_int_equal (s_number (db, s_tables), 1);
    assert_int_equal (s_number (db, "PRAGMA user_version"), 0);
    assert_true (sqlite3_get_autocommit (db));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (a_new_file_gets_all_tables_once, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (
            an_older_file_gets_what_is_missing_and_keeps_its_rows, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (a_newer_file_is_refused_untouched, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (a_step_that_fails_leaves_nothing_behind, s_setup,
                                         s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
