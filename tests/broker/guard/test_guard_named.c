//  guard_named: objects that name a call.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/guard/guard_named.h"

//  A number in place of a call, which nobody looks into.
static guard_called_t *
s_called (uintptr_t number)
{
    return (guard_called_t *) (void *) number;
}

static void
given_objects_out_of_order_when_added_then_they_stand_in_order (void **state)
{
    (void) state;
    static const size_t objects[] = { 10, 30, 20, 5, 40 };
    static const size_t expected[] = { 5, 10, 20, 30, 40 };
    guard_named_t named;
    guard_named_init (&named);
    for (size_t i = 0; i < 5; i++) {
        guard_named_row_t row = { objects[i], s_called (objects[i]), true, false };
        assert_int_equal (guard_named_add (&named, &row), 0);
    }
    assert_int_equal (guard_named_count (&named), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal (guard_named_at (&named, i)->object, expected[i]);
        assert_ptr_equal (guard_named_get (&named, expected[i]), s_called (expected[i]));
    }
    assert_null (guard_named_get (&named, 6));
    assert_null (guard_named_get (&named, 41));
    assert_int_equal (guard_named_place (&named, 0), 0);
    assert_int_equal (guard_named_place (&named, 21), 3);
    assert_int_equal (guard_named_place (&named, 41), 5);
    guard_named_clear (&named);
    assert_int_equal (guard_named_count (&named), 0);
    assert_null (guard_named_get (&named, 10));
    guard_named_free (&named);
}

static void
given_as_many_as_may_be_when_one_is_added_then_it_fails (void **state)
{
    (void) state;
    guard_named_t named;
    guard_named_init (&named);
    guard_named_row_t row = { 0, s_called (1), true, false };
    for (; row.object < GUARD_NAMED_MAX; row.object++)
        assert_int_equal (guard_named_add (&named, &row), 0);
    assert_int_equal (guard_named_add (&named, &row), -1);
    assert_int_equal (guard_named_count (&named), GUARD_NAMED_MAX);
    guard_named_free (&named);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_objects_out_of_order_when_added_then_they_stand_in_order),
        cmocka_unit_test (given_as_many_as_may_be_when_one_is_added_then_it_fails),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
