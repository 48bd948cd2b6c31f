//  Binary arrays of PostgreSQL: their bytes, and values that come back.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/ledger/ledger_postgres_array.h"

static void
given_numbers_when_written_then_the_array_has_their_bytes (void **state)
{
    static const uint8_t wanted[] = { 0, 0, 0, 1, 0, 0, 0, 1, 0,    0,    0,    20,
                                      0, 0, 0, 2, 0, 0, 0, 1, 0,    0,    0,    8,
                                      0, 0, 0, 0, 0, 0, 1, 2, 0xff, 0xff, 0xff, 0xff };
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, 1000);
    ledger_postgres_array_start (&buf, LEDGER_COST);
    ledger_postgres_array_add (&buf, LEDGER_COST, (ledger_value_t) { .number = 258 });
    ledger_postgres_array_add (&buf, LEDGER_COST, (ledger_value_t) { .is_null = true });
    ledger_postgres_array_end (&buf, 2);
    assert_int_equal (buf.size, sizeof wanted);
    assert_memory_equal (buf.data, wanted, sizeof wanted);
    br_buf_free (&buf);
}

static void
given_texts_and_flags_when_written_then_sizes_stand_before_them (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, 1000);
    ledger_postgres_array_start (&buf, LEDGER_TEXT);
    ledger_postgres_array_add (&buf, LEDGER_TEXT,
                               (ledger_value_t) { .bytes = "ab", .size = 2 });
    ledger_postgres_array_end (&buf, 1);
    assert_memory_equal (buf.data + 20, "\0\0\0\2ab", 6);
    ledger_postgres_array_start (&buf, LEDGER_FLAG);
    ledger_postgres_array_add (&buf, LEDGER_FLAG, (ledger_value_t) { .number = 1 });
    ledger_postgres_array_end (&buf, 1);
    assert_int_equal (buf.size, 25);
    assert_memory_equal (buf.data + 20, "\0\0\0\1\1", 5);
    assert_string_equal (ledger_postgres_type (LEDGER_FLAG), "boolean");
    br_buf_free (&buf);
}

static void
given_results_when_read_then_a_wrong_size_is_no_value (void **state)
{
    static const uint8_t number[] = { 0, 0, 0, 0, 0, 0, 1, 2 };
    (void) state;
    assert_int_equal (ledger_postgres_value (LEDGER_U64, number, 8).number, 258);
    assert_true (ledger_postgres_value (LEDGER_U64, number, 4).is_null);
    assert_int_equal (ledger_postgres_value (LEDGER_FLAG, "\1", 1).number, 1);
    assert_int_equal (ledger_postgres_value (LEDGER_TEXT, "ab", 2).size, 2);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_numbers_when_written_then_the_array_has_their_bytes),
        cmocka_unit_test (
            given_texts_and_flags_when_written_then_sizes_stand_before_them),
        cmocka_unit_test (given_results_when_read_then_a_wrong_size_is_no_value),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
