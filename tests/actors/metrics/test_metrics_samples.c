//  metrics_samples: ranks, and what is dropped.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include <stdlib.h>

#include "actors/metrics/metrics_samples.h"

static int
s_compare (const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *) a;
    uint32_t y = *(const uint32_t *) b;
    return (x > y) - (x < y);
}

static void
one_sample_is_every_percentile (void **state)
{
    (void) state;
    metrics_samples_t samples = { .ms = NULL };
    metrics_samples_add (&samples, 7);
    assert_int_equal (metrics_samples_percentile (&samples, 1), 7);
    assert_int_equal (metrics_samples_percentile (&samples, 100), 7);
    metrics_samples_free (&samples);
}

//  Held against the whole list in order: any size, many equal ones.
static void
a_percentile_is_the_nearest_rank (void **state)
{
    (void) state;
    static const unsigned percents[] = { 1, 25, 50, 75, 99, 100 };
    unsigned seed = 1;
    for (size_t size = 1; size < 400; size += 7) {
        metrics_samples_t samples = { .ms = NULL };
        for (size_t i = 0; i < size; i++)
            metrics_samples_add (&samples, (unsigned) rand_r (&seed) % (size / 2 + 1));
        uint32_t sorted[400];
        memcpy (sorted, samples.ms, size * sizeof *sorted);
        qsort (sorted, size, sizeof *sorted, s_compare);
        for (size_t i = 0; i < sizeof percents / sizeof *percents; i++) {
            size_t rank = (size * percents[i] + 99) / 100;
            assert_int_equal (metrics_samples_percentile (&samples, percents[i]),
                              sorted[rank - 1]);
        }
        metrics_samples_free (&samples);
    }
}

static void
the_older_half_makes_room (void **state)
{
    (void) state;
    metrics_samples_t samples = { .ms = NULL };
    for (unsigned i = 0; i <= METRICS_SAMPLES_MAX; i++)
        metrics_samples_add (&samples, i);
    assert_int_equal (samples.size, METRICS_SAMPLES_MAX / 2 + 1);
    assert_int_equal (samples.ms[0], METRICS_SAMPLES_MAX / 2);
    metrics_samples_add (&samples, UINT64_MAX);
    assert_int_equal (metrics_samples_percentile (&samples, 100), UINT32_MAX);
    metrics_samples_free (&samples);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (one_sample_is_every_percentile),
        cmocka_unit_test (a_percentile_is_the_nearest_rank),
        cmocka_unit_test (the_older_half_makes_room),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
