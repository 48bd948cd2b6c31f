//  ingress_open: open calls, and those that ended of late.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "actors/ingress/ingress_open.h"

static br_id_t
s_id (uint64_t i)
{
    return (br_id_t) { 77, i };
}

static void
calls_are_found_until_they_are_removed (void **state)
{
    (void) state;
    ingress_open_t *open = ingress_open_new (2000);
    int values[1000];
    for (uint64_t i = 0; i < 1000; i++)
        ingress_open_add (open, s_id (i), &values[i]);
    for (uint64_t i = 0; i < 1000; i += 2)
        ingress_open_remove (open, s_id (i), false);
    for (uint64_t i = 0; i < 1000; i++)
        assert_ptr_equal (ingress_open_get (open, s_id (i)), i % 2 ? &values[i] : NULL);
    ingress_open_destroy (&open);
    ingress_open_destroy (&open);
}

static void
answered_calls_are_remembered_for_a_while (void **state)
{
    (void) state;
    ingress_open_t *open = ingress_open_new (10);
    int value;
    ingress_open_add (open, s_id (1), &value);
    ingress_open_remove (open, s_id (1), true);
    ingress_open_add (open, s_id (2), &value);
    ingress_open_remove (open, s_id (2), false);
    ingress_open_remove (open, s_id (3), true); //  never there
    assert_true (ingress_open_was_answered (open, s_id (1)));
    assert_false (ingress_open_was_answered (open, s_id (2)));
    assert_false (ingress_open_was_answered (open, s_id (3)));
    for (uint64_t i = 10; i < 10 + INGRESS_ENDED; i++) {
        ingress_open_add (open, s_id (i), &value);
        ingress_open_remove (open, s_id (i), true);
    }
    assert_false (ingress_open_was_answered (open, s_id (1)));
    ingress_open_destroy (&open);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (calls_are_found_until_they_are_removed),
        cmocka_unit_test (answered_calls_are_remembered_for_a_while),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
