//  Pages: rows and their attempts come together, and what was spoilt fits no chain.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/ledger/ledger_page.h"

static void
s_add (ledger_page_t *page, const ledger_table_t *table, const void *row, int spoilt)
{
    br_arena_t *arena = br_arena_new ();
    ledger_value_t values[LEDGER_WIDTH_MAX];
    for (size_t i = 0; i < table->columns_count; i++)
        values[i] = ledger_column_get (&table->columns[i], row, arena);
    if (spoilt >= 0)
        values[spoilt] = (ledger_value_t) { .is_null = true };
    ledger_page_add (page, table, values);
    br_arena_destroy (&arena);
}

static void
s_add_entry (ledger_page_t *page, uint64_t seq, int spoilt)
{
    ledger_entry_t entry;
    ledger_entry_init (&entry);
    entry.seq = seq;
    entry.model = "gpt";
    memset (entry.hash, 1, LEDGER_HASH);
    s_add (page, &ledger_entries, &entry, spoilt);
}

static void
s_add_try (ledger_page_t *page, uint64_t seq, unsigned place)
{
    ledger_try_t row = {
        seq,
        place,
        { .attempt = place + 1, .provider = "one", .endpoint = "", .model = "m" }
    };
    s_add (page, &ledger_attempts, &row, -1);
}

typedef struct {
    unsigned count, tries, spoilt, stop_at;
} seen_t;

static int
s_see (void *arg, const ledger_entry_t *entry)
{
    seen_t *seen = arg;
    assert_string_equal (entry->model, "gpt");
    for (size_t i = 0; i < entry->tries_count; i++)
        assert_string_equal (entry->tries[i].provider, "one");
    seen->tries += (unsigned) entry->tries_count;
    seen->spoilt += entry->hash[0] == 0;
    return ++seen->count == seen->stop_at;
}

static void
given_rows_and_attempts_when_played_then_they_are_together (void **state)
{
    (void) state;
    ledger_page_t *page = ledger_page_new ();
    assert_int_equal (ledger_page_first (page), 0);
    s_add_entry (page, 5, -1);
    s_add_entry (page, 7, -1);
    s_add_try (page, 5, 0);
    s_add_try (page, 7, 0);
    s_add_try (page, 7, 1);
    assert_int_equal (ledger_page_count (page), 2);
    assert_int_equal (ledger_page_first (page), 5);
    assert_int_equal (ledger_page_last (page), 7);
    seen_t seen = { .count = 0 };
    assert_int_equal (ledger_page_play (page, s_see, &seen), 0);
    assert_int_equal (seen.tries, 3);
    assert_int_equal (seen.spoilt, 0);
    seen = (seen_t) { .stop_at = 1 };
    assert_int_equal (ledger_page_play (page, s_see, &seen), 1);
    ledger_page_destroy (&page);
    ledger_page_destroy (&page);
}

static void
given_an_attempt_out_of_its_place_when_played_then_the_row_fits_nothing (void **state)
{
    (void) state;
    ledger_page_t *page = ledger_page_new ();
    s_add_entry (page, 5, -1);
    s_add_entry (page, 6, -1);
    s_add_try (page, 4, 0); //  of no row
    s_add_try (page, 5, 1); //  the one before is not there
    s_add_try (page, 6, 0);
    seen_t seen = { .count = 0 };
    ledger_page_play (page, s_see, &seen);
    assert_int_equal (seen.spoilt, 1);
    assert_int_equal (seen.tries, 1);
    ledger_page_destroy (&page);
}

static void
given_more_attempts_than_a_row_may_have_when_played_then_it_fits_nothing (void **state)
{
    (void) state;
    ledger_page_t *page = ledger_page_new ();
    s_add_entry (page, 5, -1);
    for (unsigned i = 0; i <= BR_TRIES_MAX; i++)
        s_add_try (page, 5, i);
    seen_t seen = { .count = 0 };
    ledger_page_play (page, s_see, &seen);
    assert_int_equal (seen.tries, BR_TRIES_MAX);
    assert_int_equal (seen.spoilt, 1);
    ledger_page_destroy (&page);
}

static void
given_a_value_that_no_row_has_when_played_then_the_row_fits_nothing (void **state)
{
    (void) state;
    ledger_page_t *page = ledger_page_new ();
    s_add_entry (page, 5, 4);
    s_add_entry (page, 6, -1);
    seen_t seen = { .count = 0 };
    ledger_page_play (page, s_see, &seen);
    assert_int_equal (seen.count, 2);
    assert_int_equal (seen.spoilt, 1);
    ledger_page_destroy (&page);
}

//  A store with rows up to `last`, which fails from `broken` on.
typedef struct {
    uint64_t last, broken;
    unsigned asked;
} store_t;

static int
s_fetch (void *opened, uint64_t seq, ledger_page_t *page, br_error_t *reterr)
{
    store_t *store = opened;
    store->asked++;
    if (store->broken && seq >= store->broken)
        return br_error_set (reterr, BR_ESYSTEM, "broken");
    for (unsigned i = 0; i < LEDGER_PAGE_ROWS && seq <= store->last; i++)
        s_add_entry (page, seq++, -1);
    return 0;
}

static void
given_many_rows_when_read_then_they_come_page_after_page (void **state)
{
    (void) state;
    static const struct {
        uint64_t last;
        unsigned asked;
    } rows[] = {
        { 0, 1 },
        { LEDGER_PAGE_ROWS - 1, 1 },
        { LEDGER_PAGE_ROWS, 2 },
        { 2 * LEDGER_PAGE_ROWS + 9, 3 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        store_t store = { .last = rows[i].last };
        seen_t seen = { .count = 0 };
        assert_int_equal (ledger_page_read (s_fetch, &store, 1, s_see, &seen, NULL), 0);
        assert_int_equal (seen.count, rows[i].last);
        assert_int_equal (store.asked, rows[i].asked);
    }
}

static void
given_a_reader_that_ends_or_a_store_that_breaks_when_read_then_no_more_is_asked (
    void **state)
{
    (void) state;
    store_t store = { .last = 3 * LEDGER_PAGE_ROWS };
    seen_t seen = { .stop_at = LEDGER_PAGE_ROWS + 1 };
    assert_int_equal (ledger_page_read (s_fetch, &store, 1, s_see, &seen, NULL), 0);
    assert_int_equal (seen.count, LEDGER_PAGE_ROWS + 1);
    assert_int_equal (store.asked, 2);
    store = (store_t) { .last = store.last, .broken = LEDGER_PAGE_ROWS + 1 };
    seen = (seen_t) { .count = 0 };
    br_error_t error = { .code = BR_OK };
    assert_int_equal (ledger_page_read (s_fetch, &store, 1, s_see, &seen, &error), -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    assert_int_equal (seen.count, LEDGER_PAGE_ROWS);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_rows_and_attempts_when_played_then_they_are_together),
        cmocka_unit_test (
            given_an_attempt_out_of_its_place_when_played_then_the_row_fits_nothing),
        cmocka_unit_test (
            given_more_attempts_than_a_row_may_have_when_played_then_it_fits_nothing),
        cmocka_unit_test (
            given_a_value_that_no_row_has_when_played_then_the_row_fits_nothing),
        cmocka_unit_test (given_many_rows_when_read_then_they_come_page_after_page),
        cmocka_unit_test (
            given_a_reader_that_ends_or_a_store_that_breaks_when_read_then_no_more_is_asked),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
