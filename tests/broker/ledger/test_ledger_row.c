//  ledger_row: rows to SQLite and back.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/ledger/ledger_row.h"
#include "broker/ledger/ledger_schema.h"
#include "tests/broker/ledger/ledger_world.h"

static sqlite3 *
s_open (void)
{
    sqlite3 *db = NULL;
    assert_int_equal (sqlite3_open (":memory:", &db), SQLITE_OK);
    assert_int_equal (ledger_schema_update (db, NULL, NULL), 0);
    return db;
}

static void
s_add (sqlite3 *db, const ledger_entry_t *entry)
{
    ledger_row_t writer;
    assert_int_equal (ledger_row_writer (&writer, db), SQLITE_OK);
    assert_int_equal (ledger_row_add (&writer, entry), SQLITE_DONE);
    ledger_row_free (&writer);
}

//  Reads the only row; whether its hash is the one that it must have.
static bool
s_fits (sqlite3 *db, ledger_row_t *reader, ledger_entry_t *entry)
{
    static const uint8_t zeros[LEDGER_HASH];
    uint8_t hash[LEDGER_HASH];
    assert_int_equal (ledger_row_reader (reader, db, "ORDER BY seq"), SQLITE_OK);
    assert_int_equal (ledger_row_next (reader, entry), SQLITE_ROW);
    ledger_entry_hash (entry, zeros, hash);
    return memcmp (hash, entry->hash, sizeof hash) == 0;
}

static ledger_entry_t
s_row (void)
{
    static const uint8_t zeros[LEDGER_HASH];
    ledger_entry_t entry = world_entry (1);
    entry.seq = 1;
    entry.operator_nusd = LEDGER_UNKNOWN;
    entry.usage.reasoning = UINT64_MAX;
    entry.model = "caf\xc3\xa9 \xff\\x41";
    entry.call = (br_id_t) { UINT64_MAX, 1 };
    ledger_entry_hash (&entry, zeros, entry.hash);
    return entry;
}

static void
a_row_comes_back_as_it_was (void **state)
{
    (void) state;
    sqlite3 *db = s_open ();
    ledger_entry_t entry = s_row (), back;
    ledger_row_t reader;
    s_add (db, &entry);
    assert_true (s_fits (db, &reader, &back));
    assert_memory_equal (back.hash, entry.hash, sizeof entry.hash);
    assert_string_equal (back.model, entry.model);
    assert_string_equal (back.tries[0].provider, "azure");
    assert_string_equal (back.tries[1].provider, "openai");
    assert_int_equal (back.tries_count, 2);
    assert_int_equal (ledger_row_next (&reader, &back), SQLITE_DONE);
    ledger_row_free (&reader);
    sqlite3_close (db);
}

static void
as_many_attempts_as_there_may_be_fit_and_no_more (void **state)
{
    (void) state;
    sqlite3 *db = s_open ();
    ledger_entry_t entry = s_row (), back;
    static const uint8_t zeros[LEDGER_HASH];
    ledger_row_t reader;
    for (size_t i = 2; i < BR_TRIES_MAX; i++)
        entry.tries[i] = entry.tries[0];
    entry.tries_count = BR_TRIES_MAX;
    ledger_entry_hash (&entry, zeros, entry.hash);
    s_add (db, &entry);
    assert_true (s_fits (db, &reader, &back));
    ledger_row_free (&reader);
    sqlite3_exec (db,
                  "CREATE TEMP TABLE more AS SELECT * FROM attempts WHERE place = 0;"
                  "UPDATE more SET place = 32; INSERT INTO attempts SELECT * FROM more",
                  NULL, NULL, NULL);
    assert_false (s_fits (db, &reader, &back));
    ledger_row_free (&reader);
    sqlite3_close (db);
}

static void
a_row_that_is_there_is_not_added_again (void **state)
{
    (void) state;
    sqlite3 *db = s_open ();
    ledger_entry_t entry = s_row ();
    ledger_row_t writer;
    s_add (db, &entry);
    assert_int_equal (ledger_row_writer (&writer, db), SQLITE_OK);
    assert_int_equal (ledger_row_add (&writer, &entry), SQLITE_CONSTRAINT);
    ledger_row_free (&writer);
    sqlite3_close (db);
}

static void
a_value_that_no_row_has_makes_it_fit_nothing (void **state)
{
    (void) state;
    static const char *const changes[] = {
        "UPDATE entries SET stream = 2",
        "UPDATE entries SET status = status + 4294967296",
        "UPDATE entries SET latency_us = 'soon'",
        "UPDATE entries SET cost_nusd = -5",
        "UPDATE entries SET route = route || char (0) || 'x'",
        "UPDATE entries SET hash = x'00'",
        "UPDATE entries SET call_id = 'none'",
        "UPDATE attempts SET place = 5 WHERE place = 1",
    };
    ledger_entry_t entry = s_row (), back;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        sqlite3 *db = s_open ();
        ledger_row_t reader;
        s_add (db, &entry);
        assert_int_equal (sqlite3_exec (db, changes[i], NULL, NULL, NULL), SQLITE_OK);
        assert_false (s_fits (db, &reader, &back));
        ledger_row_free (&reader);
        sqlite3_close (db);
    }
}

static void
ids_are_in_network_order (void **state)
{
    (void) state;
    uint8_t bytes[16];
    br_id_t call = { 0x0102030405060708, 0xf1f2f3f4f5f6f7f8 };
    ledger_row_call (call, bytes);
    assert_int_equal (bytes[0], 1);
    assert_int_equal (bytes[15], 0xf8);
    assert_true (br_id_is (ledger_row_call_of (bytes), call));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_row_comes_back_as_it_was),
        cmocka_unit_test (as_many_attempts_as_there_may_be_fit_and_no_more),
        cmocka_unit_test (a_row_that_is_there_is_not_added_again),
        cmocka_unit_test (a_value_that_no_row_has_makes_it_fit_nothing),
        cmocka_unit_test (ids_are_in_network_order),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
