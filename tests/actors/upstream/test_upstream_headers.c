//  upstream_headers: what passes. Whole answers are in test_upstream_attempt.c.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "actors/upstream/upstream_headers.h"

static void
ids_limits_and_advice_pass (void **state)
{
    (void) state;
    static const char *const names[] = {
        "x-request-id",
        "Request-Id",
        "Retry-After",
        "retry-after-ms",
        "x-should-retry",
        "openai-processing-ms",
        "X-RateLimit-Remaining-Tokens",
        "anthropic-ratelimit-requests-limit",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_true (upstream_headers_allow (names[i]));
}

static void
all_else_stays_behind (void **state)
{
    (void) state;
    static const char *const names[] = {
        "set-cookie", "content-type",     "content-length",
        "connection", "x-request-id-2",   "x-ratelimit",
        "server",     "retry-after-x",    "openai",
        "",           "content-encoding",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_false (upstream_headers_allow (names[i]));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (ids_limits_and_advice_pass),
        cmocka_unit_test (all_else_stays_behind),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
