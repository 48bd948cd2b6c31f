//  conf_agree: numbers against each other, given or by default.

#include "tests/broker/core/conf_fixture.h"

//  Given both numbers, then the place and both names are told.
static void
test_given_numbers_that_contradict_are_refused (void **state)
{
    (void) state;
    fixture_refused ("upstream:\n  backoff: {base_ms: 500, max_ms: 499}\n",
                     "t.yaml:2:22: upstream.backoff.base_ms (500) may not be more than "
                     "upstream.backoff.max_ms (499)");
    fixture_refused ("server: {drain_secs: 1.5, drain_notice_secs: 1.6}\n",
                     "t.yaml:1:46: server.drain_notice_secs (1.6) may not be more than "
                     "server.drain_secs (1.5)");
    fixture_refused ("upstream: {breaker: {open_secs: 2, open_max_secs: 1}}\n",
                     "t.yaml:1:33: upstream.breaker.open_secs (2) may not be more than "
                     "upstream.breaker.open_max_secs (1)");
    fixture_refused ("idempotency: {bytes_max: 10, answer_max: 11}\n",
                     "t.yaml:1:42: idempotency.answer_max (11) may not be more than "
                     "idempotency.bytes_max (10)");
}

//  Given one number alone, then the default of the other counts, and is told as such.
static void
test_numbers_may_not_contradict_a_default (void **state)
{
    (void) state;
    fixture_refused ("upstream: {backoff: {base_ms: 8001}}\n",
                     "t.yaml:1:31: upstream.backoff.base_ms (8001) may not be more than "
                     "upstream.backoff.max_ms (8000 by default)");
    fixture_refused (
        "idempotency: {bytes_max: 1048576}\n",
        "t.yaml:1:26: idempotency.answer_max (4194304 by default) may not be "
        "more than idempotency.bytes_max (1048576)");
    fixture_refused ("server: {drain_notice_secs: 31}\n",
                     "t.yaml:1:29: server.drain_notice_secs (31) may not be more than "
                     "server.drain_secs (30 by default)");
}

static void
test_equal_numbers_are_well (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf ("server: {drain_secs: 2, drain_notice_secs: 2}\n"
                                    "upstream: {backoff: {base_ms: 7, max_ms: 7}, "
                                    "breaker: {open_secs: 1, open_max_secs: 1}}\n"
                                    "idempotency: {bytes_max: 5, answer_max: 5}\n",
                                    NULL);
    assert_null (br_conf_warning (conf, 0));
    br_conf_destroy (&conf);
}

static void
test_everybody_cannot_be_asked_and_let_in (void **state)
{
    (void) state;
    fixture_refused ("server: {skip_auth: yes, require_auth: true}",
                     "t.yaml:1:40: server.require_auth and server.skip_auth contradict "
                     "each other: leave one out");
    br_conf_t *conf = fixture_conf ("server: {skip_auth: false, require_auth: true}",
                                    NULL);
    br_conf_destroy (&conf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_given_numbers_that_contradict_are_refused),
        cmocka_unit_test (test_numbers_may_not_contradict_a_default),
        cmocka_unit_test (test_equal_numbers_are_well),
        cmocka_unit_test (test_everybody_cannot_be_asked_and_let_in),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
