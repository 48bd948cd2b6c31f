//  meter_replica: rows reach another database, also one that was away.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors/meter/meter_replica.h"
#include "broker/ledger/ledger_chain.h"
#include "tests/actors/meter/scratch.h"

static int
s_setup (void **state)
{
    *state = calloc (1, sizeof (scratch_t));
    scratch_make (*state);
    return 0;
}

static int
s_teardown (void **state)
{
    scratch_remove (*state);
    free (*state);
    return 0;
}

//  Adds so many rows, from n on.
static void
s_add (ledger_sqlite_t *ledger, uint64_t n, uint64_t count)
{
    assert_int_equal (ledger_sqlite_begin (ledger, NULL), 0);
    for (uint64_t i = n; i < n + count; i++) {
        ledger_entry_t entry;
        ledger_kept_t kept;
        ledger_entry_init (&entry);
        entry.call = (br_id_t) { 1, i };
        entry.outcome = "ok";
        entry.account = "acme";
        entry.settled_ms = 1750000000000 + i;
        assert_int_equal (ledger_sqlite_add (ledger, &entry, &kept, NULL), 0);
    }
    assert_int_equal (ledger_sqlite_commit (ledger, NULL), 0);
}

#define PATIENCE_MS 20000 //  for what a thread is to do at once

//  The other database, in the same folder.
static void
s_other (const scratch_t *scratch, scratch_t *other)
{
    *other = *scratch;
    snprintf (other->path, sizeof other->path, "%s/far.db", scratch->folder);
    snprintf (other->url, sizeof other->url, "sqlite://%s/far.db", scratch->folder);
}

//  Waits for news until so many rows are there, or until it fails.
static meter_replica_state_t
s_wait (meter_replica_t *replica, uint64_t seq, bool fails)
{
    meter_replica_state_t state;
    meter_replica_look (replica, &state);
    while (fails ? state.failures == 0 : state.seq < seq || state.failures) {
        struct pollfd poll_fd = { .fd = meter_replica_fd (replica), .events = POLLIN };
        assert_int_equal (poll (&poll_fd, 1, PATIENCE_MS), 1);
        meter_replica_hear (replica);
        meter_replica_look (replica, &state);
    }
    return state;
}

static void
rows_that_are_there_and_rows_that_come_are_copied (void **state)
{
    scratch_t *scratch = *state, other;
    s_other (scratch, &other);
    ledger_sqlite_t *ledger = scratch_ledger (scratch);
    s_add (ledger, 1, 2500);
    meter_replica_t *replica = meter_replica_new (scratch->path, other.url, NULL);
    assert_non_null (replica);
    meter_replica_state_t how = s_wait (replica, 2500, false);
    assert_string_equal (how.scheme, "sqlite");
    assert_string_equal (how.error, "");
    s_add (ledger, 5000, 3);
    meter_replica_wake (replica);
    s_wait (replica, 2503, false);
    meter_replica_destroy (&replica);
    assert_null (replica);
    //  then: it is the same chain
    ledger_verdict_t verdict;
    ledger_store_t *store = ledger_store_new (other.url, NULL);
    assert_int_equal (ledger_chain_verify (store, NULL, NULL, &verdict, NULL), 0);
    assert_int_equal (verdict.fault, LEDGER_SOUND);
    assert_int_equal (verdict.rows, 2503);
    ledger_store_destroy (&store);
    ledger_sqlite_destroy (&ledger);
}

static void
a_database_that_is_away_gets_its_rows_when_it_is_back (void **state)
{
    scratch_t *scratch = *state, other;
    s_other (scratch, &other);
    ledger_sqlite_t *ledger = scratch_ledger (scratch);
    s_add (ledger, 1, 10);
    //  given: somebody else holds it
    sqlite3 *holder = NULL;
    sqlite3_open (other.path, &holder);
    sqlite3_exec (holder,
                  "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; CREATE TABLE t (a)", NULL,
                  NULL, NULL);
    meter_replica_t *replica = meter_replica_new (scratch->path, other.url, NULL);
    meter_replica_state_t how = s_wait (replica, 0, true);
    assert_true (how.failures > 0);
    assert_non_null (strstr (how.error, "locked"));
    //  when
    sqlite3_exec (holder, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close (holder);
    how = s_wait (replica, 10, false);
    assert_string_equal (how.error, "");
    meter_replica_destroy (&replica);
    assert_int_equal (scratch_number (&other, "SELECT count (*) FROM entries"), 10);
    ledger_sqlite_destroy (&ledger);
}

static void
it_goes_on_where_it_was (void **state)
{
    scratch_t *scratch = *state, other;
    s_other (scratch, &other);
    ledger_sqlite_t *ledger = scratch_ledger (scratch);
    for (uint64_t i = 0; i < 3; i++) {
        s_add (ledger, 1 + 10 * i, 10);
        meter_replica_t *replica = meter_replica_new (scratch->path, other.url, NULL);
        s_wait (replica, 10 + 10 * i, false);
        meter_replica_destroy (&replica);
        //  what was copied may be taken out of the spool
        size_t count = 0;
        ledger_spend_prune (ledger_sqlite_spend (ledger), 5 + 10 * i, UINT64_MAX, 99,
                            &count, NULL);
    }
    assert_int_equal (scratch_number (&other, "SELECT count (*) FROM entries"), 30);
    ledger_sqlite_destroy (&ledger);
}

//  While nothing is written nobody sees that it was away.
static void
a_database_that_has_lost_its_newest_rows_gets_them_again (void **state)
{
    scratch_t *scratch = *state, other;
    s_other (scratch, &other);
    ledger_sqlite_t *ledger = scratch_ledger (scratch);
    s_add (ledger, 1, 10);
    meter_replica_t *replica = meter_replica_new (scratch->path, other.url, NULL);
    s_wait (replica, 10, false);
    (void) scratch_text (&other, "DELETE FROM entries WHERE seq > 6 RETURNING seq");
    s_add (ledger, 11, 2);
    meter_replica_wake (replica);
    s_wait (replica, 12, false);
    meter_replica_destroy (&replica);
    ledger_verdict_t verdict;
    ledger_store_t *store = ledger_store_new (other.url, NULL);
    assert_int_equal (ledger_chain_verify (store, NULL, NULL, &verdict, NULL), 0);
    assert_int_equal (verdict.fault, LEDGER_SOUND);
    assert_int_equal (verdict.rows, 12);
    ledger_store_destroy (&store);
    ledger_sqlite_destroy (&ledger);
}

static void
the_rows_of_another_spool_are_not_mixed_with_ours (void **state)
{
    scratch_t *scratch = *state, other;
    s_other (scratch, &other);
    ledger_sqlite_t *ledger = scratch_ledger (&other);
    s_add (ledger, 100, 5);
    ledger_sqlite_destroy (&ledger);
    ledger = scratch_ledger (scratch);
    s_add (ledger, 1, 5);
    meter_replica_t *replica = meter_replica_new (scratch->path, other.url, NULL);
    meter_replica_state_t how = s_wait (replica, 0, true);
    assert_non_null (strstr (how.error, "rows of another spool"));
    meter_replica_destroy (&replica);
    assert_int_equal (scratch_number (&other, "SELECT count (*) FROM entries"), 5);
    ledger_sqlite_destroy (&ledger);
}

static void
an_address_of_no_kind_is_refused (void **state)
{
    scratch_t *scratch = *state;
    br_error_t error = { .code = BR_OK };
    assert_null (meter_replica_new (scratch->path, "oracle://a", &error));
    assert_int_equal (error.code, BR_ECONFIG);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (
            rows_that_are_there_and_rows_that_come_are_copied, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (
            a_database_that_is_away_gets_its_rows_when_it_is_back, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (it_goes_on_where_it_was, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (
            a_database_that_has_lost_its_newest_rows_gets_them_again, s_setup,
            s_teardown),
        cmocka_unit_test_setup_teardown (
            the_rows_of_another_spool_are_not_mixed_with_ours, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (an_address_of_no_kind_is_refused, s_setup,
                                         s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
