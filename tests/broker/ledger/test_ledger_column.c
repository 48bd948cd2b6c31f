//  Columns: what goes into a database comes out of it, and nothing else does.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/core/alloc.h"
#include "broker/ledger/ledger_column.h"

static const ledger_column_t *
s_find (const char *name)
{
    for (size_t i = 0; i < ledger_entries.columns_count; i++)
        if (strcmp (ledger_entries.columns[i].name, name) == 0)
            return &ledger_entries.columns[i];
    fail_msg ("no column %s", name);
    return NULL;
}

static void
given_any_text_when_written_then_it_is_utf8_and_comes_back (void **state)
{
    static const char *const rows[][2] = {
        { "", "" },
        { "gpt-4o", "gpt-4o" },
        { "caf\xc3\xa9", "caf\xc3\xa9" },
        { "a\\b", "a\\\\b" },
        { "\xff", "\\xff" },
        { "\xc0\x80", "\\xc0\\x80" },
        { "\xed\xa0\x80", "\\xed\\xa0\\x80" },
        { "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
        { "cut \xe2\x82", "cut \\xe2\\x82" },
        { "\\xff", "\\\\xff" },
    };
    (void) state;
    br_arena_t *arena = br_arena_new ();
    const ledger_column_t *model = s_find ("model");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ledger_entry_t entry, other;
        ledger_entry_init (&entry);
        ledger_entry_init (&other);
        entry.model = rows[i][0];
        ledger_value_t value = ledger_column_get (model, &entry, arena);
        assert_int_equal (value.size, strlen (rows[i][1]));
        assert_memory_equal (value.bytes, rows[i][1], value.size);
        assert_int_equal (ledger_column_set (model, value, &other, arena), 0);
        assert_string_equal (other.model, rows[i][0]);
    }
    br_arena_destroy (&arena);
}

static void
given_a_text_that_we_never_write_when_read_then_it_is_refused (void **state)
{
    static const char *const rows[] = { "\\",   "\\x4",  "\\x41", "\\n",
                                        "\xff", "\\xFF", "\\x00" };
    (void) state;
    br_arena_t *arena = br_arena_new ();
    ledger_entry_t entry;
    ledger_entry_init (&entry);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ledger_value_t value = { .bytes = rows[i], .size = strlen (rows[i]) };
        assert_int_equal (ledger_column_set (s_find ("model"), value, &entry, arena), -1);
    }
    ledger_value_t zero = { .bytes = "a\0b", .size = 3 };
    assert_int_equal (ledger_column_set (s_find ("model"), zero, &entry, arena), -1);
    br_arena_destroy (&arena);
}

static void
given_values_that_no_row_has_when_read_then_they_are_refused (void **state)
{
    static const struct {
        const char *column;
        ledger_value_t value;
    } rows[] = {
        { "is_lost", { .number = 2 } },
        { "is_lost", { .number = -1 } },
        { "status", { .number = (int64_t) UINT32_MAX + 1 } },
        { "status", { .number = -1 } },
        { "cost_nusd", { .number = -1 } },
        { "seq", { .is_null = true } },
        { "route", { .is_null = true } },
        { "hash", { .bytes = "short", .size = 5 } },
        { "call_id", { .bytes = "short", .size = 5 } },
    };
    (void) state;
    br_arena_t *arena = br_arena_new ();
    ledger_entry_t entry;
    ledger_entry_init (&entry);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal (
            ledger_column_set (s_find (rows[i].column), rows[i].value, &entry, arena),
            -1);
    br_arena_destroy (&arena);
}

static void
given_a_row_when_each_column_is_copied_then_its_hash_is_the_same (void **state)
{
    (void) state;
    static const uint8_t prev[LEDGER_HASH];
    uint8_t hash[LEDGER_HASH];
    br_arena_t *arena = br_arena_new ();
    ledger_entry_t entry, other;
    ledger_entry_init (&entry);
    ledger_entry_init (&other);
    entry.seq = 7;
    entry.call = (br_id_t) { UINT64_MAX, 1 };
    entry.is_lost = true;
    entry.run = "run";
    entry.status = UINT32_MAX;
    entry.cost_nusd = 0;
    entry.usage.input = INT64_MAX;
    ledger_entry_hash (&entry, prev, entry.hash);
    for (size_t i = 0; i < ledger_entries.columns_count; i++) {
        const ledger_column_t *column = &ledger_entries.columns[i];
        ledger_value_t value = ledger_column_get (column, &entry, arena);
        assert_int_equal (ledger_column_set (column, value, &other, arena), 0);
    }
    ledger_entry_hash (&other, prev, hash);
    assert_memory_equal (hash, entry.hash, LEDGER_HASH);
    assert_memory_equal (other.hash, entry.hash, LEDGER_HASH);
    assert_int_equal (other.cost_nusd, 0);
    assert_int_equal (other.operator_nusd, LEDGER_UNKNOWN);
    br_arena_destroy (&arena);
}

static void
given_tables_when_named_then_both_begin_with_seq (void **state)
{
    (void) state;
    const ledger_table_t *const tables[] = { &ledger_entries, &ledger_attempts };
    for (size_t i = 0; i < 2; i++) {
        char *names = ledger_table_names (tables[i]);
        assert_memory_equal (names, "seq, ", 5);
        assert_true (tables[i]->columns_count <= LEDGER_WIDTH_MAX);
        free (names);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_any_text_when_written_then_it_is_utf8_and_comes_back),
        cmocka_unit_test (given_a_text_that_we_never_write_when_read_then_it_is_refused),
        cmocka_unit_test (given_values_that_no_row_has_when_read_then_they_are_refused),
        cmocka_unit_test (
            given_a_row_when_each_column_is_copied_then_its_hash_is_the_same),
        cmocka_unit_test (given_tables_when_named_then_both_begin_with_seq),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
