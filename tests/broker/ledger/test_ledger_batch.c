//  Batches: what is there already is not added, and what is another row is refused.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/ledger/ledger_batch.h"

static void
s_make (ledger_entry_t *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ledger_entry_init (&entries[i]);
        entries[i].seq = 10 + i;
        entries[i].hash[0] = (uint8_t) (i + 1);
        entries[i].tries_count = i;
    }
}

static void
given_nothing_there_when_asked_then_all_rows_and_attempts_are_to_be_added (void **state)
{
    (void) state;
    static ledger_entry_t entries[3];
    s_make (entries, 3);
    ledger_batch_t *batch = ledger_batch_new (entries, 3);
    size_t count = 0;
    const void *const *rows = ledger_batch_rows (batch, &ledger_entries, &count);
    assert_int_equal (count, 3);
    assert_ptr_equal (rows[2], &entries[2]);
    rows = ledger_batch_rows (batch, &ledger_attempts, &count);
    assert_int_equal (count, 3);
    const ledger_try_t *last = rows[2];
    assert_int_equal (last->seq, 12);
    assert_int_equal (last->place, 1);
    ledger_batch_destroy (&batch);
}

static void
given_a_row_there_when_asked_then_neither_it_nor_its_attempts_are_added (void **state)
{
    (void) state;
    static ledger_entry_t entries[3];
    br_error_t error;
    s_make (entries, 3);
    ledger_batch_t *batch = ledger_batch_new (entries, 3);
    assert_int_equal (
        ledger_batch_present (batch, 12, entries[2].hash, LEDGER_HASH, &error), 0);
    assert_int_equal (ledger_batch_present (batch, 99, "", 0, &error),
                      0); //  none of ours
    size_t count = 0;
    ledger_batch_rows (batch, &ledger_entries, &count);
    assert_int_equal (count, 2);
    ledger_batch_rows (batch, &ledger_attempts, &count);
    assert_int_equal (count, 1);
    ledger_batch_destroy (&batch);
}

static void
given_another_row_there_when_told_then_it_is_named (void **state)
{
    (void) state;
    static ledger_entry_t entries[3];
    br_error_t error = { .code = BR_OK };
    s_make (entries, 3);
    ledger_batch_t *batch = ledger_batch_new (entries, 3);
    assert_int_equal (
        ledger_batch_present (batch, 11, entries[2].hash, LEDGER_HASH, &error), -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    assert_non_null (strstr (error.text, "row 11 "));
    assert_int_equal (ledger_batch_present (batch, 11, entries[1].hash, 5, &error), -1);
    ledger_batch_destroy (&batch);
    ledger_batch_destroy (&batch);
}

static void
given_the_row_before_is_gone_when_checked_then_it_is_named (void **state)
{
    (void) state;
    static ledger_entry_t entries[3];
    br_error_t error = { .code = BR_OK };
    s_make (entries, 3);
    ledger_batch_t *batch = ledger_batch_new (entries, 3);
    assert_int_equal (
        ledger_batch_present (batch, 11, entries[1].hash, LEDGER_HASH, NULL), 0);
    assert_int_equal (ledger_batch_check (batch, &error), -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    assert_non_null (strstr (error.text, "no row 9,"));
    static const uint8_t prev[LEDGER_HASH] = { 7 };
    ledger_entry_hash (&entries[0], prev, entries[0].hash);
    assert_int_equal (ledger_batch_present (batch, 9, prev, LEDGER_HASH, NULL), 0);
    assert_int_equal (ledger_batch_check (batch, &error), 0);
    entries[0].hash[0] ^= 1; //  or another one
    assert_int_equal (ledger_batch_check (batch, &error), -1);
    assert_non_null (strstr (error.text, "another row 9 "));
    ledger_batch_destroy (&batch);
    batch = ledger_batch_new (entries, 3); //  or the first itself is there
    ledger_batch_present (batch, 10, entries[0].hash, LEDGER_HASH, NULL);
    assert_int_equal (ledger_batch_check (batch, &error), 0);
    ledger_batch_destroy (&batch);
    entries[0].seq = 1; //  or there is none before
    batch = ledger_batch_new (entries, 1);
    assert_int_equal (ledger_batch_check (batch, &error), 0);
    ledger_batch_destroy (&batch);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_nothing_there_when_asked_then_all_rows_and_attempts_are_to_be_added),
        cmocka_unit_test (
            given_a_row_there_when_asked_then_neither_it_nor_its_attempts_are_added),
        cmocka_unit_test (given_another_row_there_when_told_then_it_is_named),
        cmocka_unit_test (given_the_row_before_is_gone_when_checked_then_it_is_named),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
