//  router_health: counts, times and loads by endpoint.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "actors/router/router_endpoints.h"
#include "actors/router/router_health.h"

#define MINUTE_US 60000000u

static void
endpoints_are_counted_apart (void **state)
{
    (void) state;
    router_health_t *health = router_health_new ();
    router_health_start (health, 0);
    router_health_start (health, 0);
    router_health_start (health, 1);
    router_health_end (health, 0, ROUTER_HEALTH_GOOD, 0, 1);
    router_health_end (health, 1, ROUTER_HEALTH_BAD, 0, 1);
    router_health_row_t row = router_health_row (health, 0);
    assert_int_equal (row.ok, 1);
    assert_int_equal (row.fail, 0);
    assert_int_equal (row.under_way, 1);
    router_health_end (health, 0, ROUTER_HEALTH_NEITHER, 0, 1);
    row = router_health_row (health, 0);
    assert_int_equal (row.ok + row.fail, 1);
    assert_int_equal (row.under_way, 0);
    assert_int_equal (router_health_row (health, 1).fail, 1);
    router_health_destroy (&health);
    router_health_destroy (&health);
}

static void
the_mean_follows_what_is_measured (void **state)
{
    (void) state;
    router_health_t *health = router_health_new ();
    assert_int_equal (router_health_first_us (health, 3, MINUTE_US), 0);
    router_health_end (health, 3, ROUTER_HEALTH_GOOD, 8000, MINUTE_US);
    assert_int_equal (router_health_first_us (health, 3, MINUTE_US), 8000);
    router_health_end (health, 3, ROUTER_HEALTH_GOOD, 16000, MINUTE_US);
    assert_int_equal (router_health_first_us (health, 3, MINUTE_US), 9000);
    //  when: it is long ago
    assert_int_equal (router_health_first_us (health, 3, 7 * MINUTE_US), 0);
    router_health_end (health, 3, ROUTER_HEALTH_GOOD, 5000, 7 * MINUTE_US);
    //  then: it begins anew
    assert_int_equal (router_health_first_us (health, 3, 7 * MINUTE_US), 5000);
    router_health_destroy (&health);
}

static void
endpoints_without_a_number_are_left_out (void **state)
{
    (void) state;
    router_health_t *health = router_health_new ();
    router_health_start (health, ROUTER_ENDPOINTS_MAX);
    router_health_end (health, ROUTER_ENDPOINTS_MAX, ROUTER_HEALTH_BAD, 5, 5);
    assert_int_equal (router_health_row (health, ROUTER_ENDPOINTS_MAX).under_way, 0);
    assert_int_equal (router_health_first_us (health, ROUTER_ENDPOINTS_MAX, 5), 0);
    router_health_destroy (&health);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (endpoints_are_counted_apart),
        cmocka_unit_test (the_mean_follows_what_is_measured),
        cmocka_unit_test (endpoints_without_a_number_are_left_out),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
