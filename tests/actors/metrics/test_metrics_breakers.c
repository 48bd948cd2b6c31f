//  metrics_breakers: the newest state counts.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/metrics/metrics_breakers.h"
#include "broker/core/failure.h"

static void
the_newest_state_counts (void **state)
{
    (void) state;
    metrics_breakers_t breakers = { .rows = NULL };
    struct br_breaker_state told = { .provider = "p", .endpoint = "eu", .model = "" };
    told.state = BR_BREAKER_CLOSED;
    metrics_breakers_set (&breakers, &told);
    assert_int_equal (breakers.size, 0); //  what was never out of use is not kept
    told.state = BR_BREAKER_OPEN;
    told.version = 5;
    metrics_breakers_set (&breakers, &told);
    told.state = BR_BREAKER_HALF_OPEN;
    told.version = 4;
    metrics_breakers_set (&breakers, &told);
    assert_int_equal (breakers.size, 1);
    assert_int_equal (breakers.rows[0].state, BR_BREAKER_OPEN);
    metrics_breakers_reset (&breakers);
    assert_int_equal (breakers.rows[0].state, BR_BREAKER_CLOSED);
    told.state = BR_BREAKER_OPEN;
    told.version = 1;
    metrics_breakers_set (&breakers, &told);
    assert_int_equal (breakers.rows[0].state, BR_BREAKER_OPEN);
    metrics_breakers_free (&breakers);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (the_newest_state_counts),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
