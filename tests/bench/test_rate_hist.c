//  Quantiles are right to within 1.6 percent.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bench/rate_hist.h"

static void
s_about (uint64_t got, uint64_t wanted)
{
    assert_in_range (got, wanted, wanted + wanted / 60 + 1);
}

static void
empty_has_no_quantiles (void **state)
{
    (void) state;
    static rate_hist_t hist;
    assert_int_equal (rate_hist_at (&hist, 0.5), 0);
}

static void
quantiles_of_a_straight_line (void **state)
{
    (void) state;
    static rate_hist_t hist;
    for (uint64_t ns = 1; ns <= 100000; ns++)
        rate_hist_add (&hist, ns * 10);
    s_about (rate_hist_at (&hist, 0.5), 500000);
    s_about (rate_hist_at (&hist, 0.99), 990000);
    s_about (rate_hist_at (&hist, 0.999), 999000);
    assert_int_equal (rate_hist_at (&hist, 1), 1000000);
    assert_int_equal (hist.count, 100000);
}

static void
every_size_has_its_place (void **state)
{
    (void) state;
    static rate_hist_t hist;
    for (uint64_t ns = 1; ns < 1ull << 47; ns = ns * 3 + 1) {
        memset (&hist, 0, sizeof hist);
        rate_hist_add (&hist, ns);
        rate_hist_add (&hist, 1ull << 47);
        s_about (rate_hist_at (&hist, 0.5), ns);
    }
}

static void
too_long_counts_as_the_longest (void **state)
{
    (void) state;
    static rate_hist_t hist;
    rate_hist_add (&hist, UINT64_MAX);
    assert_int_equal (rate_hist_at (&hist, 0.5), (1ull << 48) - 1);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (empty_has_no_quantiles),
        cmocka_unit_test (quantiles_of_a_straight_line),
        cmocka_unit_test (every_size_has_its_place),
        cmocka_unit_test (too_long_counts_as_the_longest),
    };
    return cmocka_run_group_tests_name ("rate_hist", tests, NULL, NULL);
}
