//  router_ended: what is remembered of answers that ended.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "actors/router/router_ended.h"

static void
s_add (router_ended_t *ended, uint64_t call, uint32_t host)
{
    router_ended_row_t row = { .call = { 1, call }, .attempt = 2 };
    row.upstream = (br_addr_t) { host, 1, 1 };
    row.ingress = (br_addr_t) { 9, 1, 1 };
    router_ended_add (ended, &row);
}

static void
a_host_s_rows_are_found_the_newest_first (void **state)
{
    (void) state;
    router_ended_t *ended = router_ended_new ();
    s_add (ended, 10, 3);
    s_add (ended, 11, 4);
    s_add (ended, 12, 3);
    size_t cursor = 0;
    assert_int_equal (router_ended_next (ended, 3, 1, &cursor)->call.lo, 12);
    assert_int_equal (router_ended_next (ended, 3, 1, &cursor)->call.lo, 10);
    assert_null (router_ended_next (ended, 3, 1, &cursor));
    //  and none of another incarnation
    cursor = 0;
    assert_null (router_ended_next (ended, 3, 2, &cursor));
    router_ended_destroy (&ended);
    router_ended_destroy (&ended);
}

static void
a_row_is_taken_once (void **state)
{
    (void) state;
    router_ended_t *ended = router_ended_new ();
    router_ended_row_t row;
    s_add (ended, 10, 3);
    assert_false (router_ended_take (ended, (br_id_t) { 1, 10 }, 1, &row));
    assert_false (router_ended_take (ended, (br_id_t) { 1, 11 }, 2, &row));
    assert_true (router_ended_take (ended, (br_id_t) { 1, 10 }, 2, &row));
    assert_int_equal (row.ingress.host, 9);
    assert_false (router_ended_take (ended, (br_id_t) { 1, 10 }, 2, &row));
    router_ended_destroy (&ended);
}

static void
the_oldest_rows_are_forgotten (void **state)
{
    (void) state;
    router_ended_t *ended = router_ended_new ();
    for (uint64_t i = 0; i < ROUTER_ENDED_MAX + 1; i++)
        s_add (ended, i, 3);
    router_ended_row_t row;
    assert_false (router_ended_take (ended, (br_id_t) { 1, 0 }, 2, &row));
    assert_true (router_ended_take (ended, (br_id_t) { 1, 1 }, 2, &row));
    assert_true (router_ended_take (ended, (br_id_t) { 1, ROUTER_ENDED_MAX }, 2, &row));
    size_t cursor = 0;
    size_t count = 0;
    while (router_ended_next (ended, 3, 1, &cursor))
        count++;
    assert_int_equal (count, ROUTER_ENDED_MAX - 2);
    router_ended_destroy (&ended);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_host_s_rows_are_found_the_newest_first),
        cmocka_unit_test (a_row_is_taken_once),
        cmocka_unit_test (the_oldest_rows_are_forgotten),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
