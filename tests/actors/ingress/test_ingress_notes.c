//  ingress_notes: headers of our own.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "actors/ingress/ingress_notes.h"
#include "broker/core/alloc.h"
#include "broker/core/pairs.h"

static int
s_setup (void **state)
{
    static br_buf_t pairs;
    br_buf_init (&pairs, 65536);
    *state = &pairs;
    return 0;
}

static int
s_teardown (void **state)
{
    br_buf_free (*state);
    return 0;
}

static const char *
s_get (const br_buf_t *pairs, const char *name)
{
    const char *value = br_pairs_get ((br_bytes_t) { pairs->data, pairs->size }, name);
    return value ? value : "(absent)";
}

static void
a_route_is_made_safe_for_a_header (void **state)
{
    br_buf_t *pairs = *state;
    ingress_notes_add_route (pairs, "openai:gpt-4o");
    assert_string_equal (s_get (pairs, "x-bitrouter-route"), "openai:gpt-4o");
    br_buf_clear (pairs);
    ingress_notes_add_route (pairs, "a b%\xc3\xa9\r\nx: y\x7f");
    assert_string_equal (s_get (pairs, "x-bitrouter-route"),
                         "a%20b%25%C3%A9%0D%0Ax:%20y%7F");
    br_buf_clear (pairs);
    char *name = br_alloc (513, 1);
    memset (name, 0xff, 512);
    ingress_notes_add_route (pairs, name);
    assert_int_equal (strlen (s_get (pairs, "x-bitrouter-route")), 1536);
    free (name);
}

static void
our_time_is_what_is_not_the_providers (void **state)
{
    br_buf_t *pairs = *state;
    ingress_notes_add_times (pairs, 456823, 456700);
    assert_string_equal (s_get (pairs, "x-bitrouter-overhead-us"), "123");
    assert_string_equal (s_get (pairs, "server-timing"),
                         "router;dur=0.123, provider;dur=456.7");
    br_buf_clear (pairs);
    ingress_notes_add_times (pairs, 10, 1000000);
    assert_string_equal (s_get (pairs, "x-bitrouter-overhead-us"), "0");
    assert_string_equal (s_get (pairs, "server-timing"),
                         "router;dur=0.000, provider;dur=1000.0");
}

static void
a_retry_is_at_least_a_second (void **state)
{
    br_buf_t *pairs = *state;
    static const struct {
        uint64_t ms;
        const char *seconds;
        const char *exact;
    } rows[] = { { 1, "1", "1" },
                 { 1000, "1", "1000" },
                 { 1001, "2", "1001" },
                 { 60000, "60", "60000" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_buf_clear (pairs);
        ingress_notes_add_retry (pairs, rows[i].ms);
        assert_string_equal (s_get (pairs, "retry-after"), rows[i].seconds);
        assert_string_equal (s_get (pairs, "retry-after-ms"), rows[i].exact);
    }
}

static void
rates_are_told_as_openai_does (void **state)
{
    br_buf_t *pairs = *state;
    static const struct {
        uint64_t ms;
        const char *reset;
    } rows[] = { { 0, "0s" },          { 250, "250ms" },  { 1000, "1s" },
                 { 1001, "2s" },       { 59001, "1m0s" }, { 360000, "6m0s" },
                 { 3661000, "1h1m1s" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_buf_clear (pairs);
        const quota_rate_t rate = { 60, 59, rows[i].ms };
        ingress_notes_add_rate (pairs, BR_PROTOCOL_GOOGLE, "requests", &rate, 0);
        assert_string_equal (s_get (pairs, "x-ratelimit-limit-requests"), "60");
        assert_string_equal (s_get (pairs, "x-ratelimit-remaining-requests"), "59");
        assert_string_equal (s_get (pairs, "x-ratelimit-reset-requests"), rows[i].reset);
    }
}

static void
rates_are_told_as_anthropic_does (void **state)
{
    br_buf_t *pairs = *state;
    const quota_rate_t rate = { 1000, 0, 1500 };
    ingress_notes_add_rate (pairs, BR_PROTOCOL_MESSAGES, "tokens", &rate, 1700000000000u);
    assert_string_equal (s_get (pairs, "anthropic-ratelimit-tokens-limit"), "1000");
    assert_string_equal (s_get (pairs, "anthropic-ratelimit-tokens-remaining"), "0");
    assert_string_equal (s_get (pairs, "anthropic-ratelimit-tokens-reset"),
                         "2023-11-14T22:13:22Z");
}

static void
what_is_not_limited_is_not_told (void **state)
{
    br_buf_t *pairs = *state;
    const quota_rate_t rate = { 0, 7, 7 };
    ingress_notes_add_rate (pairs, BR_PROTOCOL_CHAT, "tokens", &rate, 0);
    assert_int_equal (pairs->size, 0);
}

static void
only_a_known_cost_is_told (void **state)
{
    br_buf_t *pairs = *state;
    ingress_notes_add_cost (pairs, BR_PRICE_UNKNOWN);
    assert_int_equal (pairs->size, 0);
    ingress_notes_add_cost (pairs, 0);
    assert_string_equal (s_get (pairs, "x-bitrouter-cost-nusd"), "0");
    br_buf_clear (pairs);
    ingress_notes_add_cost (pairs, INT64_MAX);
    assert_string_equal (s_get (pairs, "x-bitrouter-cost-nusd"), "9223372036854775807");
}

static void
what_the_guard_says_is_a_list (void **state)
{
    br_buf_t *pairs = *state;
    ingress_notes_add_guard (pairs, 0);
    assert_int_equal (pairs->size, 0);
    ingress_notes_add_guard (pairs, UINT64_MAX);
    assert_string_equal (
        s_get (pairs, "x-bitrouter-guard"),
        "request-redacted, unchecked, answer-redacted, answer-unchecked");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
        TEST (a_route_is_made_safe_for_a_header),
        TEST (our_time_is_what_is_not_the_providers),
        TEST (a_retry_is_at_least_a_second),
        TEST (what_the_guard_says_is_a_list),
        TEST (rates_are_told_as_openai_does),
        TEST (rates_are_told_as_anthropic_does),
        TEST (what_is_not_limited_is_not_told),
        TEST (only_a_known_cost_is_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
