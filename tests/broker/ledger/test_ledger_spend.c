//  ledger_spend: sums since a time, also of rows that were taken out.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "tests/broker/ledger/ledger_world.h"

#define DAY (24ull * LEDGER_HOUR_MS)
#define BEGIN (19000 * DAY) //  when the first row was settled

//  A row a day, by two keys of an account in turn; each second one of them failed.
static ledger_sqlite_t *
s_ledger (const world_t *world, uint64_t rows)
{
    ledger_sqlite_t *ledger = world_ledger (world);
    assert_int_equal (ledger_sqlite_begin (ledger, NULL), 0);
    for (uint64_t i = 0; i < rows; i++) {
        ledger_entry_t entry = world_entry (i);
        ledger_kept_t kept;
        entry.key = i % 2 ? "odd" : "even";
        entry.outcome = i % 4 < 2 ? "ok" : "failed";
        entry.cost_nusd = i % 4 < 2 ? 100 : i % 4 == 2 ? 0 : LEDGER_UNKNOWN;
        entry.settled_ms = BEGIN + i * DAY;
        assert_int_equal (ledger_sqlite_add (ledger, &entry, &kept, NULL), 0);
    }
    assert_int_equal (ledger_sqlite_commit (ledger, NULL), 0);
    return ledger;
}

static void
s_spent_is (ledger_sqlite_t *ledger, const char *account, const char *key, uint64_t since,
            uint64_t nusd, uint64_t rounds)
{
    ledger_spent_t spent;
    assert_int_equal (ledger_spend_since (ledger_sqlite_spend (ledger), account, key,
                                          since, &spent, NULL),
                      0);
    assert_int_equal (spent.nusd, nusd);
    assert_int_equal (spent.rounds, rounds);
    assert_int_equal (spent.seq, 12);
}

static void
sums_are_by_account_key_and_time (void **state)
{
    ledger_sqlite_t *ledger = s_ledger (*state, 12);
    s_spent_is (ledger, "acme", "", 0, 600, 6);
    s_spent_is (ledger, "acme", "even", 0, 300, 3);
    s_spent_is (ledger, "acme", "odd", BEGIN + 5 * DAY, 200, 2);
    s_spent_is (ledger, "acme", "odd", BEGIN + 5 * DAY + 1, 100, 1);
    s_spent_is (ledger, "acme", "", BEGIN + 100 * DAY, 0, 0);
    s_spent_is (ledger, "acme", "", UINT64_MAX, 0, 0);
    s_spent_is (ledger, "other", "", 0, 0, 0);
    s_spent_is (ledger, "other", "even", 0, 0, 0);
    s_spent_is (ledger, "", "", 0, 0, 0);
    ledger_sqlite_destroy (&ledger);
}

static void
rows_that_were_taken_out_count_on (void **state)
{
    world_t *world = *state;
    ledger_sqlite_t *ledger = s_ledger (world, 12);
    ledger_spend_t *spend = ledger_sqlite_spend (ledger);
    uint64_t seq = 9;
    uint8_t hash[LEDGER_HASH];
    size_t count = 0;
    assert_int_equal (ledger_spend_checkpoint (spend, &seq, hash, NULL), 0);
    assert_int_equal (seq, 0);
    //  by what was copied, by time, and by how many
    assert_int_equal (ledger_spend_prune (spend, 4, UINT64_MAX, 3, &count, NULL), 0);
    assert_int_equal (count, 3);
    assert_int_equal (ledger_spend_prune (spend, 4, UINT64_MAX, 3, &count, NULL), 0);
    assert_int_equal (count, 1);
    assert_int_equal (ledger_spend_prune (spend, 99, BEGIN + 6 * DAY, 99, &count, NULL),
                      0);
    assert_int_equal (count, 2);
    assert_int_equal (world_number (world, "SELECT min (seq) FROM entries"), 7);
    assert_int_equal (world_number (world, "SELECT min (seq) FROM attempts"), 7);
    assert_int_equal (ledger_spend_checkpoint (spend, &seq, hash, NULL), 0);
    assert_int_equal (seq, 6);
    s_spent_is (ledger, "acme", "", 0, 600, 6);
    s_spent_is (ledger, "acme", "even", 0, 300, 3);
    s_spent_is (ledger, "acme", "odd", BEGIN + 5 * DAY, 200, 2);
    s_spent_is (ledger, "acme", "odd", BEGIN + 6 * DAY, 100, 1);
    ledger_sqlite_destroy (&ledger);
}

static void
the_newest_row_stays_and_the_chain_goes_on (void **state)
{
    world_t *world = *state;
    ledger_sqlite_t *ledger = s_ledger (world, 12);
    size_t count = 0;
    assert_int_equal (ledger_spend_prune (ledger_sqlite_spend (ledger), 99, UINT64_MAX,
                                          99, &count, NULL),
                      0);
    assert_int_equal (count, 11);
    world_add (ledger, 50, 1);
    assert_string_equal (world_text (world, "SELECT seq FROM entries ORDER BY seq"),
                         "12 13");
    ledger_sqlite_destroy (&ledger);
}

static void
a_file_that_refuses_loses_nothing (void **state)
{
    world_t *world = *state;
    ledger_sqlite_t *ledger = s_ledger (world, 12);
    size_t count = 0;
    br_error_t error = { .code = BR_OK };
    sqlite3 *other = NULL;
    sqlite3_open (world->path, &other);
    sqlite3_exec (other, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    assert_int_equal (ledger_spend_prune (ledger_sqlite_spend (ledger), 4, UINT64_MAX, 99,
                                          &count, &error),
                      -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    sqlite3_close (other);
    s_spent_is (ledger, "acme", "", 0, 600, 6);
    assert_int_equal (world_number (world, "SELECT count (*) FROM entries"), 12);
    ledger_sqlite_destroy (&ledger);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (sums_are_by_account_key_and_time, world_setup,
                                         world_teardown),
        cmocka_unit_test_setup_teardown (rows_that_were_taken_out_count_on, world_setup,
                                         world_teardown),
        cmocka_unit_test_setup_teardown (the_newest_row_stays_and_the_chain_goes_on,
                                         world_setup, world_teardown),
        cmocka_unit_test_setup_teardown (a_file_that_refuses_loses_nothing, world_setup,
                                         world_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
