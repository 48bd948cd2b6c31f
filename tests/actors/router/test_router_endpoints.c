//  router_endpoints: numbers of endpoints.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "actors/router/router_endpoints.h"

static void
each_endpoint_has_one_number (void **state)
{
    (void) state;
    router_endpoints_t *endpoints = router_endpoints_new ();
    assert_int_equal (router_endpoints_number (endpoints, "a", ""), 0);
    assert_int_equal (router_endpoints_number (endpoints, "a", "x"), 1);
    assert_int_equal (router_endpoints_number (endpoints, "ax", ""), 2);
    assert_int_equal (router_endpoints_number (endpoints, "a", "x"), 1);
    assert_int_equal (router_endpoints_size (endpoints), 3);
    assert_string_equal (router_endpoints_provider (endpoints, 1), "a");
    assert_string_equal (router_endpoints_name (endpoints, 1), "x");
    router_endpoints_destroy (&endpoints);
    router_endpoints_destroy (&endpoints);
}

static void
past_the_bound_there_are_none (void **state)
{
    (void) state;
    router_endpoints_t *endpoints = router_endpoints_new ();
    char name[16];
    for (unsigned i = 0; i < ROUTER_ENDPOINTS_MAX + 10; i++) {
        unsigned expected = i < ROUTER_ENDPOINTS_MAX ? i : ROUTER_ENDPOINTS_MAX;
        snprintf (name, sizeof name, "%u", i);
        assert_int_equal (router_endpoints_number (endpoints, "p", name), expected);
    }
    assert_int_equal (router_endpoints_number (endpoints, "p", "1023"), 1023);
    assert_int_equal (router_endpoints_size (endpoints), ROUTER_ENDPOINTS_MAX);
    router_endpoints_destroy (&endpoints);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (each_endpoint_has_one_number),
        cmocka_unit_test (past_the_bound_there_are_none),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
