//  call_map: what is put is found, what is taken is gone, in any order.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "broker/core/call_map.h"

#define CALLS 2000

static br_id_t
s_id (uint64_t number)
{
    return (br_id_t) { .hi = number % 3 + 1, .lo = 0xfffffffffffffff0u + number };
}

static void
values_are_found_and_taken_in_any_order (void **state)
{
    (void) state;
    //  given: many calls of three ingresses
    static int values[CALLS];
    br_call_map_t *map = br_call_map_new (CALLS);
    for (unsigned i = 0; i < CALLS; i++)
        assert_int_equal (br_call_map_put (map, s_id (i), &values[i]), 0);
    //  when: every other one is taken, from a jumbled start
    for (unsigned i = 0; i < CALLS / 2; i++) {
        unsigned at = i * 754 % CALLS; //  754 and the size share the factor 2
        assert_ptr_equal (br_call_map_take (map, s_id (at)), &values[at]);
        at = (at + 1) % CALLS;
        assert_ptr_equal (br_call_map_get (map, s_id (at)), &values[at]);
    }
    //  then
    assert_int_equal (br_call_map_size (map), CALLS / 2);
    for (unsigned i = 0; i < CALLS; i++)
        assert_ptr_equal (br_call_map_get (map, s_id (i)), i % 2 ? &values[i] : NULL);
    br_call_map_destroy (&map);
}

static void
a_full_map_refuses (void **state)
{
    (void) state;
    int value;
    br_call_map_t *map = br_call_map_new (1);
    assert_int_equal (br_call_map_put (map, s_id (1), &value), 0);
    assert_int_equal (br_call_map_put (map, s_id (2), &value), -1);
    assert_null (br_call_map_get (map, s_id (2)));
    assert_null (br_call_map_take (map, s_id (2)));
    br_call_map_destroy (&map);
    br_call_map_destroy (&map);
    br_call_map_destroy (NULL);
}

static void
all_values_are_listed_once (void **state)
{
    (void) state;
    int values[3] = { 0 };
    br_call_map_t *map = br_call_map_new (10);
    for (unsigned i = 0; i < 3; i++)
        br_call_map_put (map, s_id (i), &values[i]);
    size_t count;
    void **all = br_call_map_values (map, &count);
    assert_int_equal (count, 3);
    for (size_t i = 0; i < count; i++)
        ++*(int *) all[i];
    for (size_t i = 0; i < 3; i++)
        assert_int_equal (values[i], 1);
    free (all);
    br_call_map_destroy (&map);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (values_are_found_and_taken_in_any_order),
        cmocka_unit_test (a_full_map_refuses),
        cmocka_unit_test (all_values_are_listed_once),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
