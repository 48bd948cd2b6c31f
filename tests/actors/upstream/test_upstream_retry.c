//  upstream_retry: when a provider may be asked again, as real ones say it.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "actors/upstream/upstream_retry.h"

#define NOW 1767225600000u //  2026-01-01T00:00:00Z

typedef struct {
    const char *pairs[8]; //  names and values
    uint64_t ms;
} case_t;

typedef uint64_t (ask_fn) (br_bytes_t headers, uint64_t unix_ms);

static void
s_check (const case_t *cases, size_t count, ask_fn *ask)
{
    for (size_t i = 0; i < count; i++) {
        br_buf_t buf;
        br_buf_init (&buf, BR_PAIRS_MAX);
        for (size_t n = 0; n < 8 && cases[i].pairs[n]; n += 2)
            br_pairs_add (&buf, cases[i].pairs[n], cases[i].pairs[n + 1]);
        assert_int_equal (ask ((br_bytes_t) { buf.data, buf.size }, NOW), cases[i].ms);
        br_buf_free (&buf);
    }
}

static void
given_an_own_word_when_read_then_it_is_in_milliseconds (void **state)
{
    (void) state;
    static const case_t cases[] = {
        { { NULL }, 0 },
        { { "retry-after", "7" }, 7000 },
        { { "Retry-After", "0.25" }, 250 },
        { { "retry-after", "0" }, 0 },
        { { "retry-after", "1.0001" }, 1001 },
        { { "retry-after", "999999999" }, UPSTREAM_RETRY_MAX_MS },
        { { "retry-after", "Thu, 01 Jan 2026 00:01:30 GMT" }, 90000 },
        { { "retry-after", "Thursday, 01-Jan-26 00:00:10 GMT" }, 10000 },
        { { "retry-after", "Thu Jan  1 00:00:20 2026" }, 20000 },
        { { "retry-after", "Wed, 31 Dec 2025 23:59:59 GMT" }, 0 },
        { { "retry-after", "Fri, 01 Jan 2027 00:00:00 GMT" }, UPSTREAM_RETRY_MAX_MS },
        { { "retry-after", "soon" }, 0 },
        { { "retry-after", "-5" }, 0 },
        { { "retry-after", "0x10" }, 0 },
        { { "retry-after", "1e9" }, 0 },
        { { "retry-after", "1.2.3" }, 0 },
        { { "retry-after", "11111111111111111111" }, 0 },
        { { "retry-after", "" }, 0 },
        { { "retry-after-ms", "1500", "retry-after", "2" }, 1500 },
        { { "retry-after-ms", "x", "retry-after", "2" }, 2000 },
        { { "retry-after-ms", "0.5" }, 1 },
    };
    s_check (cases, sizeof cases / sizeof *cases, upstream_retry_after_ms);
}

static void
given_limits_when_they_are_used_up_then_the_longest_counts (void **state)
{
    (void) state;
    static const case_t cases[] = {
        { { NULL }, 0 },
        { { "x-ratelimit-reset-requests", "6m0s", "x-ratelimit-remaining-requests", "0" },
          360000 },
        { { "x-ratelimit-reset-tokens", "250ms", "x-ratelimit-remaining-tokens", "0" },
          250 },
        { { "x-ratelimit-reset-tokens", "6m0s", "x-ratelimit-remaining-tokens", "12" },
          0 },
        { { "x-ratelimit-reset-tokens", "6m0s" }, 0 },
        { { "x-ratelimit-reset-requests", "1s", "x-ratelimit-remaining-requests", "0",
            "x-ratelimit-reset-tokens", "2.5s", "x-ratelimit-remaining-tokens", "0" },
          2500 },
        { { "anthropic-ratelimit-requests-reset", "2026-01-01T00:00:05Z",
            "anthropic-ratelimit-requests-remaining", "0" },
          5000 },
        { { "anthropic-ratelimit-tokens-reset", "2026-01-01T00:00:05.250Z",
            "anthropic-ratelimit-tokens-remaining", "0" },
          5000 },
        { { "anthropic-ratelimit-input-tokens-reset", "2026-01-01T02:00:08+02:00",
            "anthropic-ratelimit-input-tokens-remaining", "0" },
          8000 },
        { { "anthropic-ratelimit-output-tokens-reset", "2025-12-31T23:00:09-01:00",
            "anthropic-ratelimit-output-tokens-remaining", "0" },
          9000 },
        { { "anthropic-ratelimit-output-tokens-reset", "2026-01-01T00:00:05Z",
            "anthropic-ratelimit-output-tokens-remaining", "8000" },
          0 },
        { { "anthropic-ratelimit-tokens-reset", "2026-01-01",
            "anthropic-ratelimit-tokens-remaining", "0" },
          0 },
        { { "anthropic-ratelimit-tokens-reset", "2026-01-01T00:00:05",
            "anthropic-ratelimit-tokens-remaining", "0" },
          0 },
        { { "anthropic-ratelimit-unified-reset", "1767225660" }, 60000 },
        { { "anthropic-ratelimit-unified-reset", "1767225660",
            "anthropic-ratelimit-unified-status", "rejected" },
          60000 },
        { { "anthropic-ratelimit-unified-reset", "1767225660",
            "anthropic-ratelimit-unified-status", "allowed_warning" },
          0 },
        { { "anthropic-ratelimit-unified-reset", "1769904000" }, UPSTREAM_RETRY_MAX_MS },
        { { "anthropic-ratelimit-unified-reset", "1000" }, 0 },
        { { "anthropic-ratelimit-unified-reset", "x" }, 0 },
    };
    s_check (cases, sizeof cases / sizeof *cases, upstream_retry_reset_ms);
}

static void
given_a_duration_when_read_then_its_units_are_added (void **state)
{
    (void) state;
    static const struct {
        const char *text;
        uint64_t ms;
    } cases[] = {
        { "34.4s", 34400 },
        { "34.074824224s", 34075 },
        { "6m0s", 360000 },
        { "250ms", 250 },
        { "1h2m3s", 3723000 },
        { "17us", 1 },
        { "0s", 0 },
        { "", 0 },
        { "s", 0 },
        { "5", 0 },
        { "5 s", 0 },
        { "5s x", 0 },
        { "-5s", 0 },
        { "99h", UPSTREAM_RETRY_MAX_MS },
        { "1d", 0 },
        { ".s", 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal (upstream_retry_duration_ms (cases[i].text), cases[i].ms);
}

static void
given_advice_when_it_is_heard_then_it_changes_what_follows (void **state)
{
    (void) state;
    static const struct {
        const char *advice;
        br_failure_t failure;
        br_failure_t then;
    } cases[] = {
        { NULL, BR_FAILURE_SERVER, BR_FAILURE_SERVER },
        { "false", BR_FAILURE_SERVER, BR_FAILURE_REFUSED },
        { "False", BR_FAILURE_OVERLOADED, BR_FAILURE_REFUSED },
        { "false", BR_FAILURE_RATE, BR_FAILURE_REFUSED },
        { "false", BR_FAILURE_CONFLICT, BR_FAILURE_REFUSED },
        { "false", BR_FAILURE_TIMEOUT, BR_FAILURE_REFUSED },
        { "false", BR_FAILURE_CREDIT, BR_FAILURE_CREDIT },
        { "false", BR_FAILURE_AUTH, BR_FAILURE_AUTH },
        { "false", BR_FAILURE_REQUEST, BR_FAILURE_REQUEST },
        { "false", BR_FAILURE_CONTEXT, BR_FAILURE_CONTEXT },
        { "true", BR_FAILURE_REQUEST, BR_FAILURE_CONFLICT },
        { "true", BR_FAILURE_OVERLOADED, BR_FAILURE_OVERLOADED },
        { "true", BR_FAILURE_AUTH, BR_FAILURE_AUTH },
        { "maybe", BR_FAILURE_SERVER, BR_FAILURE_SERVER },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        br_buf_t buf;
        br_buf_init (&buf, BR_PAIRS_MAX);
        if (cases[i].advice)
            br_pairs_add (&buf, "x-should-retry", cases[i].advice);
        br_bytes_t headers = { buf.data, buf.size };
        assert_int_equal (upstream_retry_advise (headers, cases[i].failure),
                          cases[i].then);
        br_buf_free (&buf);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_an_own_word_when_read_then_it_is_in_milliseconds),
        cmocka_unit_test (given_limits_when_they_are_used_up_then_the_longest_counts),
        cmocka_unit_test (given_a_duration_when_read_then_its_units_are_added),
        cmocka_unit_test (given_advice_when_it_is_heard_then_it_changes_what_follows),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
