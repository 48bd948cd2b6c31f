//  meter_book: what a slice names is opened, signed and checked.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors/meter/meter_book.h"
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

static char *
s_slice (const scratch_t *scratch, const char *url)
{
    static const char format[] = "{\"database\":\"%s\",\"spool\":\"%s\",\"head\":\"%s\","
                                 "\"node_key\":\"%s\",\"prices\":{}}";
    size_t size = sizeof format + strlen (url) + 3 * sizeof scratch->path;
    char *slice = malloc (size);
    snprintf (slice, size, format, url, scratch->path, scratch->head, scratch->key);
    return slice;
}

static meter_book_t *
s_book (const scratch_t *scratch)
{
    br_error_t error = { .code = BR_OK };
    char *slice = s_slice (scratch, scratch->url);
    meter_book_t *book = meter_book_new (slice, &error);
    free (slice);
    if (!book)
        fail_msg ("%s", error.text);
    return book;
}

static void
a_slice_that_names_the_same_is_the_same_book (void **state)
{
    scratch_t *scratch = *state;
    meter_book_t *book = s_book (scratch);
    char *slice = s_slice (scratch, scratch->url);
    assert_true (meter_book_is (book, slice));
    free (slice);
    slice = s_slice (scratch, "sqlite:///another.db");
    assert_false (meter_book_is (book, slice));
    free (slice);
    assert_false (meter_book_is (book, "[]"));
    assert_false (meter_book_is (book, "{}"));
    assert_string_equal (ledger_sqlite_path (meter_book_ledger (book)), scratch->path);
    assert_null (meter_book_replica (book));
    meter_book_destroy (&book);
    assert_null (book);
}

static void
slices_that_name_nothing_of_use_are_refused (void **state)
{
    static const char *const slices[][2] = {
        { "[]", "no JSON object" },
        { "{}", "database: give an address" },
        { "{\"database\":\"\"}", "database: give an address" },
        { "{\"database\":7}", "database: it must be a text" },
        { "{\"database\":\"sqlite://:memory:\",\"head\":{}}", "head: it must be a text" },
        { "{\"database\":\"sqlite:///a?mode=ro\"}", "not mode=ro" },
        { "{\"database\":\"oracle://u:hunter2@h/d\"}", "must begin with sqlite://" },
        { "{\"database\":\"sqlite://:memory:\",\"head\":\"/h\",\"node_key\":"
          "\"/no/such/folder/k\"}",
          "node key /no/such/folder/k" },
    };
    (void) state;
    for (size_t i = 0; i < sizeof slices / sizeof *slices; i++) {
        br_error_t error = { .code = BR_OK };
        assert_null (meter_book_new (slices[i][0], &error));
        assert_int_equal (error.code, BR_ECONFIG);
        if (!strstr (error.text, slices[i][1]) || strstr (error.text, "hunter2"))
            fail_msg ("'%s' does not say '%s'", error.text, slices[i][1]);
    }
}

static void
without_a_head_nothing_is_signed (void **state)
{
    scratch_t *scratch = *state;
    meter_book_t *book = meter_book_new ("{\"database\":\"sqlite://:memory:\"}", NULL);
    assert_int_equal (meter_book_check (book, NULL), 0);
    assert_int_equal (meter_book_sign (book, 7, NULL), 0);
    assert_int_equal (meter_book_start (book, NULL), 0);
    bool is_more = true;
    assert_int_equal (meter_book_prune (book, UINT64_MAX, &is_more, NULL), 0);
    assert_false (is_more);
    assert_int_not_equal (access (scratch->head, F_OK), 0);
    meter_book_destroy (&book);
}

static void
the_newest_row_is_signed_once (void **state)
{
    scratch_t *scratch = *state;
    meter_book_t *book = s_book (scratch);
    ledger_head_t head;
    s_add (meter_book_ledger (book), 1, 3);
    assert_int_equal (meter_book_sign (book, 7, NULL), 0);
    assert_int_equal (ledger_head_read (&head, scratch->head, NULL), 0);
    assert_true (head.is_genuine && head.seq == 3 && head.time_ms == 7);
    assert_non_null (strstr (head.database, scratch->path));
    assert_int_equal (meter_book_sign (book, 8, NULL), 0);
    ledger_head_read (&head, scratch->head, NULL);
    assert_int_equal (head.time_ms, 7);
    meter_book_destroy (&book);
}

//  Opens it again after a change. Returns what the check says.
static int
s_check_after (scratch_t *scratch, const char *sql, br_error_t *error)
{
    meter_book_t *book = s_book (scratch);
    s_add (meter_book_ledger (book), 1, 3);
    assert_int_equal (meter_book_sign (book, 7, NULL), 0);
    assert_int_equal (meter_book_check (book, NULL), 0);
    meter_book_destroy (&book);
    scratch_text (scratch, sql);
    book = s_book (scratch);
    int rc = meter_book_check (book, error);
    meter_book_destroy (&book);
    return rc;
}

static void
an_end_that_does_not_fit_its_head_is_found_and_kept_aside (void **state)
{
    scratch_t *scratch = *state;
    br_error_t error = { .code = BR_OK };
    char aside[128];
    assert_int_equal (
        s_check_after (scratch, "DELETE FROM entries WHERE seq = 3", &error), -1);
    assert_int_equal (error.code, BR_EINVALID);
    assert_non_null (strstr (error.text, "rows were changed or cut off"));
    snprintf (aside, sizeof aside, "%s.wrong", scratch->head);
    assert_int_equal (access (aside, F_OK), 0);
    assert_int_not_equal (access (scratch->head, F_OK), 0);
}

static void
a_head_that_was_kept_aside_stays_there (void **state)
{
    scratch_t *scratch = *state;
    br_error_t error = { .code = BR_OK };
    ledger_head_t first, again;
    char aside[128];
    s_check_after (scratch, "DELETE FROM entries WHERE seq = 3", &error);
    snprintf (aside, sizeof aside, "%s.wrong", scratch->head);
    assert_int_equal (ledger_head_read (&first, aside, NULL), 0);
    meter_book_t *book = s_book (scratch);
    assert_int_equal (meter_book_sign (book, 8, NULL), 0);
    meter_book_destroy (&book);
    scratch_text (scratch, "DELETE FROM entries WHERE seq = 2");
    book = s_book (scratch);
    assert_int_equal (meter_book_check (book, &error), -1);
    meter_book_destroy (&book);
    assert_non_null (strstr (error.text, ".wrong.2"));
    assert_int_equal (ledger_head_read (&again, aside, NULL), 0);
    assert_int_equal (again.seq, first.seq);
}

static void
rows_behind_the_head_are_those_of_a_kill (void **state)
{
    scratch_t *scratch = *state;
    assert_int_equal (s_check_after (scratch, "SELECT 1", NULL), 0);
    meter_book_t *book = s_book (scratch);
    s_add (meter_book_ledger (book), 10, 3);
    assert_int_equal (meter_book_check (book, NULL), 0);
    meter_book_destroy (&book);
}

static void
a_head_that_is_none_is_kept_aside (void **state)
{
    scratch_t *scratch = *state;
    br_error_t error = { .code = BR_OK };
    FILE *file = fopen (scratch->head, "w");
    fputs ("{", file);
    fclose (file);
    meter_book_t *book = s_book (scratch);
    assert_int_equal (meter_book_check (book, &error), -1);
    assert_non_null (strstr (error.text, "it cannot be read"));
    assert_int_equal (meter_book_check (book, &error), 0);
    meter_book_destroy (&book);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (a_slice_that_names_the_same_is_the_same_book,
                                         s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (slices_that_name_nothing_of_use_are_refused,
                                         s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (without_a_head_nothing_is_signed, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (the_newest_row_is_signed_once, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (a_head_that_was_kept_aside_stays_there, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (
            an_end_that_does_not_fit_its_head_is_found_and_kept_aside, s_setup,
            s_teardown),
        cmocka_unit_test_setup_teardown (rows_behind_the_head_are_those_of_a_kill,
                                         s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (a_head_that_is_none_is_kept_aside, s_setup,
                                         s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
