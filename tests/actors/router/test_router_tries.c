//  router_tries: one row for each attempt.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/core/pairs.h"
#include "actors/router/router_tries.h"

static const br_candidate_t s_a = { .provider = "a", .endpoint = "", .model = "gpt-a" };
static const br_candidate_t s_b = { .provider = "b", .endpoint = "eu", .model = "gpt-b" };

//  Reads back what was written. Returns the count.
static int
s_rows (const router_tries_t *tries, br_buf_t *buf, br_try_t *rows)
{
    br_buf_init (buf, BR_PAIRS_MAX);
    router_tries_write (tries, buf);
    return br_tries_read ((br_bytes_t) { buf->data, buf->size }, rows, BR_TRIES_MAX);
}

static void
given_two_attempts_then_each_has_its_times_and_its_end (void **state)
{
    (void) state;
    router_tries_t tries = { .size = 0 };
    const br_try_t failed = { .outcome = BR_OUTCOME_FAILED, .code = 3, .status = 503 };
    const br_try_t good = { .outcome = BR_OUTCOME_OK,
                            .status = 200,
                            .first_us = 40,
                            .usage = { .known = true, .input = 9 } };
    router_tries_start (&tries, 1, &s_a, 10);
    router_tries_end (&tries, &failed, 110);
    router_tries_end (&tries, &good, 999); //  only the first end counts
    router_tries_start (&tries, 2, &s_b, 200);
    router_tries_end (&tries, &good, 500);
    br_buf_t buf;
    br_try_t rows[BR_TRIES_MAX];
    assert_int_equal (s_rows (&tries, &buf, rows), 2);
    assert_int_equal (rows[0].attempt, 1);
    assert_string_equal (rows[0].provider, "a");
    assert_int_equal (rows[0].outcome, BR_OUTCOME_FAILED);
    assert_int_equal (rows[0].code, 3);
    assert_int_equal (rows[0].status, 503);
    assert_int_equal (rows[0].after_us, 10);
    assert_int_equal (rows[0].latency_us, 100);
    assert_int_equal (rows[1].attempt, 2);
    assert_string_equal (rows[1].endpoint, "eu");
    assert_string_equal (rows[1].model, "gpt-b");
    assert_int_equal (rows[1].latency_us, 300);
    assert_int_equal (rows[1].first_us, 40);
    assert_int_equal (rows[1].usage.input, 9);
    br_buf_free (&buf);
    router_tries_clear (&tries);
}

static void
given_more_than_fit_then_the_newest_are_told (void **state)
{
    (void) state;
    router_tries_t tries = { .size = 0 };
    const br_try_t failed = { .outcome = BR_OUTCOME_FAILED };
    for (uint32_t i = 1; i <= BR_TRIES_MAX + 3; i++) {
        router_tries_start (&tries, i, &s_a, i);
        router_tries_end (&tries, &failed, i);
    }
    br_buf_t buf;
    br_try_t rows[BR_TRIES_MAX];
    assert_int_equal (s_rows (&tries, &buf, rows), BR_TRIES_MAX);
    assert_int_equal (rows[0].attempt, 4);
    assert_int_equal (rows[BR_TRIES_MAX - 1].attempt, BR_TRIES_MAX + 3);
    br_buf_free (&buf);
    router_tries_clear (&tries);
}

static void
given_no_end_then_it_is_lost (void **state)
{
    (void) state;
    router_tries_t tries = { .size = 0 };
    br_buf_t buf;
    br_try_t rows[BR_TRIES_MAX];
    assert_int_equal (s_rows (&tries, &buf, rows), 0);
    router_tries_start (&tries, 1, &s_a, 10);
    assert_true (tries.is_under_way);
    assert_int_equal (s_rows (&tries, &buf, rows), 1);
    assert_int_equal (rows[0].outcome, BR_OUTCOME_LOST);
    br_buf_free (&buf);
    router_tries_clear (&tries);
    assert_int_equal (s_rows (&tries, &buf, rows), 0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_two_attempts_then_each_has_its_times_and_its_end),
        cmocka_unit_test (given_more_than_fit_then_the_newest_are_told),
        cmocka_unit_test (given_no_end_then_it_is_lost),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
