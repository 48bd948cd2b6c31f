//  router_health: counts by endpoint.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/router/router_health.h"

static void
endpoints_are_counted_apart (void **state)
{
    (void) state;
    router_health_t *health = router_health_new ();
    router_health_note (health, "a", "", true);
    router_health_note (health, "a", "x\"", false);
    router_health_note (health, "a", "", true);
    router_health_note (health, "a", "", false);
    char *json = router_health_json (health);
    assert_string_equal (
        json, "[{\"provider\":\"a\",\"endpoint\":\"\",\"ok\":2,\"fail\":1},"
              "{\"provider\":\"a\",\"endpoint\":\"x\\\"\",\"ok\":0,\"fail\":1}]");
    free (json);
    router_health_destroy (&health);
    router_health_destroy (&health);
}

static void
too_many_endpoints_are_left_out (void **state)
{
    (void) state;
    router_health_t *health = router_health_new ();
    char name[2048];
    for (int i = 0; i < ROUTER_ENDPOINTS_MAX + 10; i++) {
        snprintf (name, sizeof name, "%02000d", i);
        router_health_note (health, name, "", true);
    }
    char *json = router_health_json (health);
    size_t size = strlen (json);
    assert_true (size < 1u << 20);
    assert_string_equal (json + size - 2, "}]");
    free (json);
    router_health_destroy (&health);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (endpoints_are_counted_apart),
        cmocka_unit_test (too_many_endpoints_are_left_out),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
