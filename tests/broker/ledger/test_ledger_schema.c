//  ledger_schema: new files, older ones, newer ones.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/ledger/ledger_chain.h"
#include "broker/ledger/ledger_schema.h"
#include "tests/broker/ledger/ledger_world.h"

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
                               " WHERE name IN ('entries', 'attempts', 'calls',"
                               " 'intents', 'spent', 'checkpoint')";

static void
a_new_file_gets_all_tables_once (void **state)
{
    sqlite3 *db = *state;
    assert_int_equal (ledger_schema_update (db, NULL, NULL), 0);
    assert_int_equal (s_number (db, s_tables), 6);
    assert_int_equal (s_number (db, "PRAGMA user_version"), ledger_schema_version ());
    assert_int_equal (ledger_schema_update (db, NULL, NULL), 0);
    assert_true (sqlite3_get_autocommit (db));
}

//  The tables of version 2, as they were written then.
static const char s_version_2[] =
    "CREATE TABLE calls (call_id BLOB NOT NULL PRIMARY KEY, request_id TEXT NOT NULL,"
    " route TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, outcome TEXT NOT"
    " NULL, status INTEGER NOT NULL, error_type TEXT NOT NULL, stream INTEGER NOT NULL,"
    " attempts INTEGER NOT NULL, usage_known INTEGER NOT NULL, input_tokens INTEGER NOT"
    " NULL, cache_read_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL,"
    " output_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL, cost_nusd"
    " INTEGER, operator_nusd INTEGER, started_ms INTEGER NOT NULL, latency_us INTEGER"
    " NOT NULL, first_us INTEGER NOT NULL, settled_ms INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE intents (call_id BLOB NOT NULL PRIMARY KEY, request_id TEXT NOT NULL,"
    " route TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, attempt INTEGER"
    " NOT NULL, started_ms INTEGER NOT NULL, host INTEGER NOT NULL, life INTEGER NOT"
    " NULL) WITHOUT ROWID; PRAGMA user_version = 2;"
    "INSERT INTO calls VALUES (x'00000000000000010000000000000003', 'r3', 'fast', 'p',"
    " 'm', 'ok', 200, '', 1, 2, 1, 10, 3, 2, 5, 1, 7, 8, 100, 11, 12, 300);"
    "INSERT INTO calls VALUES (x'00000000000000010000000000000002', 'r2', 'fast', 'p',"
    " 'm', 'lost', 0, 'lost', 0, 1, 0, 0, 0, 0, 0, 0, NULL, NULL, 100, 0, 0, 300);"
    "INSERT INTO calls VALUES (x'00000000000000010000000000000009', 'r9', 'fast', 'p',"
    " 'm', 'failed', 502, 'upstream_error', 0, 1, 0, 0, 0, 0, 0, 0, 0, NULL, 90, 4, 0,"
    " 200);"
    "INSERT INTO intents VALUES (x'00000000000000010000000000000005', 'r5', 'fast', 'p',"
    " 'm', 1, 100, 3, 1);";

static void
an_older_file_gets_what_is_missing_and_keeps_its_rows (void **state)
{
    (void) state;
    world_t *world = NULL;
    world_setup ((void **) &world);
    sqlite3 *db = NULL;
    sqlite3_open (world->path, &db);
    s_does (db, s_version_2);
    sqlite3_close (db);
    //  when
    ledger_sqlite_t *ledger = world_ledger (world);
    //  then: rows are in the order of their ends, and in a chain
    assert_string_equal (world_text (world, "SELECT seq, request_id, outcome, is_lost,"
                                            " cost_nusd FROM entries ORDER BY seq"),
                         "1|r9|failed|0|0 2|r2|lost|1|NULL 3|r3|ok|0|7");
    assert_string_equal (
        world_text (world, "SELECT status, error_type, stream, attempts, usage_known,"
                           " input_tokens, cache_read_tokens, cache_write_tokens,"
                           " output_tokens, reasoning_tokens, operator_nusd, started_ms,"
                           " latency_us, first_us, settled_ms, account FROM calls"
                           " WHERE request_id = 'r3'"),
        "200||1|2|1|10|3|2|5|1|8|100|11|12|300|");
    assert_string_equal (world_text (world, "SELECT request_id, account FROM intents"),
                         "r5|");
    ledger_verdict_t verdict;
    ledger_store_t *store = ledger_store_new (world->url, NULL);
    assert_int_equal (ledger_chain_verify (store, NULL, NULL, &verdict, NULL), 0);
    assert_int_equal (verdict.fault, LEDGER_SOUND);
    assert_int_equal (verdict.rows, 3);
    ledger_store_destroy (&store);
    ledger_sqlite_destroy (&ledger);
    //  and there is a copy of what was
    world_t before = *world;
    struct stat info;
    strcat (before.path, ".v2.bak");
    assert_int_equal (stat (before.path, &info), 0);
    assert_int_equal (info.st_mode & 07777, 0600);
    assert_int_equal (world_number (&before, "SELECT count (*) FROM calls"), 3);
    assert_int_equal (world_number (&before, "PRAGMA user_version"), 2);
    world_teardown ((void **) &world);
}

static void
an_older_file_that_cannot_be_copied_stays_as_it_is (void **state)
{
    (void) state;
    world_t *world = NULL;
    br_error_t error = { .code = BR_OK };
    world_setup ((void **) &world);
    sqlite3 *db = NULL;
    sqlite3_open (world->path, &db);
    s_does (db, s_version_2);
    //  given: something else has the copy's name
    char path[128];
    snprintf (path, sizeof path, "%s.v2.bak", world->path);
    assert_int_equal (mkdir (path, 0700), 0);
    assert_int_equal (ledger_schema_update (db, world->path, &error), -1);
    assert_non_null (strstr (error.text, "a copy of the ledger"));
    assert_int_equal (s_number (db, "PRAGMA user_version"), 2);
    assert_int_equal (s_number (db, "SELECT count (*) FROM calls"), 3);
    assert_int_equal (ledger_schema_check (db, &error), -1);
    assert_non_null (strstr (error.text, "has tables of version 2"));
    sqlite3_close (db);
    rmdir (path);
    world_teardown ((void **) &world);
}

static void
a_file_of_the_first_version_is_brought_up_to_date (void **state)
{
    sqlite3 *db = *state;
    s_does (db, s_version_2);
    s_does (db, "DROP TABLE intents; PRAGMA user_version = 1");
    assert_int_equal (ledger_schema_update (db, NULL, NULL), 0);
    assert_int_equal (s_number (db, s_tables), 6);
    assert_int_equal (s_number (db, "SELECT count (*) FROM calls"), 3);
}

static void
a_newer_file_is_refused_untouched (void **state)
{
    sqlite3 *db = *state;
    br_error_t error = { .code = BR_OK };
    s_does (db, "PRAGMA user_version = 1000");
    assert_int_equal (ledger_schema_update (db, NULL, &error), -1);
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
    assert_int_equal (ledger_schema_update (db, NULL, &error), -1);
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
        cmocka_unit_test (an_older_file_gets_what_is_missing_and_keeps_its_rows),
        cmocka_unit_test (an_older_file_that_cannot_be_copied_stays_as_it_is),
        cmocka_unit_test_setup_teardown (
            a_file_of_the_first_version_is_brought_up_to_date, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (a_newer_file_is_refused_untouched, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (a_step_that_fails_leaves_nothing_behind, s_setup,
                                         s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
