//  breaker_table: rows by provider, name and model; those in use make room.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "actors/breaker/breaker_table.h"

static int
s_setup (void **state)
{
    *state = breaker_table_new ();
    return 0;
}

static int
s_teardown (void **state)
{
    breaker_table_t *table = *state;
    breaker_table_destroy (&table);
    assert_null (table);
    breaker_table_destroy (&table);
    return 0;
}

static void
a_row_is_made_once (void **state)
{
    breaker_table_t *table = *state;
    assert_null (breaker_table_find (table, "p", "", ""));
    breaker_row_t *row = breaker_table_get (table, "p", "", "");
    breaker_row_t *other = breaker_table_get (table, "p", "e", "");
    assert_ptr_not_equal (row, other);
    assert_ptr_equal (breaker_table_get (table, "p", "", ""), row);
    assert_ptr_equal (breaker_table_find (table, "p", "e", ""), other);
    assert_null (breaker_table_find (table, "pe", "", ""));
    assert_ptr_equal (breaker_table_newest (table), row);
    assert_ptr_equal (row->older, other);
    assert_int_equal (breaker_table_size (table), 2);
    assert_int_equal (row->state.state, BR_BREAKER_CLOSED);
}

static void
a_model_has_a_row_of_its_own (void **state)
{
    breaker_table_t *table = *state;
    breaker_row_t *whole = breaker_table_get (table, "p", "e", "");
    assert_null (breaker_table_find (table, "p", "e", "m"));
    breaker_row_t *row = breaker_table_get (table, "p", "e", "m");
    assert_ptr_not_equal (row, whole);
    assert_string_equal (row->model, "m");
    assert_ptr_equal (breaker_table_get (table, "p", "e", "m"), row);
    assert_ptr_equal (breaker_table_find (table, "p", "e", ""), whole);
    assert_null (breaker_table_find (table, "p", "", "em"));
}

static void
s_fill (breaker_table_t *table, br_breaker_t state)
{
    char name[16];
    for (int i = 0; i < BREAKER_ENDPOINTS_MAX; i++) {
        snprintf (name, sizeof name, "%d", i);
        breaker_table_get (table, "p", name, "")->state.state = state;
    }
}

static void
one_that_is_in_use_makes_room (void **state)
{
    breaker_table_t *table = *state;
    s_fill (table, BR_BREAKER_CLOSED);
    breaker_table_find (table, "p", "0", "")->state.state = BR_BREAKER_OPEN;
    assert_non_null (breaker_table_get (table, "p", "more", ""));
    assert_non_null (breaker_table_find (table, "p", "0", ""));
    assert_null (breaker_table_find (table, "p", "1", ""));
    assert_int_equal (breaker_table_size (table), BREAKER_ENDPOINTS_MAX);
}

static void
those_out_of_use_do_not (void **state)
{
    breaker_table_t *table = *state;
    s_fill (table, BR_BREAKER_OPEN);
    assert_null (breaker_table_get (table, "p", "more", ""));
    assert_non_null (breaker_table_get (table, "p", "7", ""));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_row_is_made_once),
        TEST (a_model_has_a_row_of_its_own),
        TEST (one_that_is_in_use_makes_room),
        TEST (those_out_of_use_do_not),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
