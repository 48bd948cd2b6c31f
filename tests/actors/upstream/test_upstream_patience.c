//  upstream_patience: whose bounds hold, and what a passed one means.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/upstream/upstream_patience.h"

static const upstream_bounds_t s_own = { 10000, 300000, 120000, 600000 };

static const http_end_t s_passed[] = { HTTP_END_TIMEOUT_CONNECT, HTTP_END_TIMEOUT_FIRST,
                                       HTTP_END_TIMEOUT_IDLE, HTTP_END_TIMEOUT_TOTAL };

static void
given_no_bounds_of_the_client_then_the_providers_hold (void **state)
{
    (void) state;
    struct br_attempt_start start = { .model = "m" };
    upstream_patience_t patience = upstream_patience_of (&s_own, &start);
    assert_memory_equal (&patience.bounds, &s_own, sizeof s_own);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal (
            upstream_patience_failure (&patience, s_passed[i], BR_FAILURE_TIMEOUT),
            BR_FAILURE_TIMEOUT);
}

static void
given_shorter_bounds_of_the_client_then_the_provider_is_not_to_blame (void **state)
{
    (void) state;
    struct br_attempt_start start = {
        .connect_ms = 1, .first_byte_ms = 2, .idle_ms = 3, .timeout_ms = 4
    };
    upstream_patience_t patience = upstream_patience_of (&s_own, &start);
    upstream_bounds_t expected = { 1, 2, 3, 4 };
    assert_memory_equal (&patience.bounds, &expected, sizeof expected);
    for (size_t i = 0; i < 4; i++) {
        br_failure_t failure = upstream_patience_failure (&patience, s_passed[i],
                                                          BR_FAILURE_TIMEOUT);
        assert_int_equal (failure,
                          i == 3 ? BR_FAILURE_CLIENT_TIME : BR_FAILURE_IMPATIENT);
        assert_int_equal (br_failure_mark (failure), BR_MARK_CLEAN);
    }
    assert_int_equal (upstream_patience_failure (&patience, HTTP_END_CUT, BR_FAILURE_CUT),
                      BR_FAILURE_CUT);
}

static void
given_longer_bounds_of_the_client_then_they_hold_but_for_the_whole (void **state)
{
    (void) state;
    struct br_attempt_start start = { .connect_ms = 10001,
                                      .first_byte_ms = 300001,
                                      .idle_ms = 120001,
                                      .timeout_ms = 600001 };
    upstream_patience_t patience = upstream_patience_of (&s_own, &start);
    upstream_bounds_t expected = { 10001, 300001, 120001, 600000 };
    assert_memory_equal (&patience.bounds, &expected, sizeof expected);
    assert_int_equal (patience.hurried, 0);
}

static void
given_no_bound_of_the_provider_then_any_is_shorter (void **state)
{
    (void) state;
    upstream_bounds_t none = { 0, 0, 0, 0 };
    struct br_attempt_start start = { .timeout_ms = 1000 };
    upstream_patience_t patience = upstream_patience_of (&none, &start);
    assert_int_equal (patience.bounds.total_ms, 1000);
    assert_int_equal (patience.bounds.idle_ms, 0);
    assert_int_equal (
        upstream_patience_failure (&patience, HTTP_END_TIMEOUT_TOTAL, BR_FAILURE_TIMEOUT),
        BR_FAILURE_CLIENT_TIME);
}

static void
given_a_passed_bound_when_told_then_it_is_named (void **state)
{
    (void) state;
    struct br_attempt_start start = { .idle_ms = 1500, .connect_ms = 30 };
    upstream_patience_t patience = upstream_patience_of (&s_own, &start);
    static const char *const texts[] = {
        "could not be reached in 0.03 s; the limit is "
        "providers.acme.timeouts.connect_secs or x-bitrouter-connect-timeout",
        "did not begin its answer in 300 s; the limit is "
        "providers.acme.timeouts.first_byte_secs or x-bitrouter-first-byte-timeout",
        "fell silent for 1.5 s in the middle of its answer; the limit is "
        "providers.acme.timeouts.idle_secs or x-bitrouter-idle-timeout",
        "did not finish in 600 s; the limit is providers.acme.timeouts.total_secs or "
        "x-bitrouter-timeout",
    };
    char room[UPSTREAM_PATIENCE_TEXT];
    for (size_t i = 0; i < 4; i++)
        assert_string_equal (
            upstream_patience_tell (&patience, s_passed[i], "acme", "x", room), texts[i]);
    assert_string_equal (
        upstream_patience_tell (&patience, HTTP_END_CUT, "acme", "was cut", room),
        "was cut");
    //  and a provider of a very long name fits
    char name[512];
    memset (name, 'n', sizeof name - 1);
    name[sizeof name - 1] = 0;
    upstream_patience_tell (&patience, HTTP_END_TIMEOUT_IDLE, name, "x", room);
    assert_non_null (strstr (room, "x-bitrouter-idle-timeout"));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_no_bounds_of_the_client_then_the_providers_hold),
        cmocka_unit_test (
            given_shorter_bounds_of_the_client_then_the_provider_is_not_to_blame),
        cmocka_unit_test (
            given_longer_bounds_of_the_client_then_they_hold_but_for_the_whole),
        cmocka_unit_test (given_no_bound_of_the_provider_then_any_is_shorter),
        cmocka_unit_test (given_a_passed_bound_when_told_then_it_is_named),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
