//  router_rules: the slice.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "actors/router/router_rules.h"

static void
what_is_absent_has_its_default (void **state)
{
    (void) state;
    router_rules_t *rules = router_rules_parse ("{}", NULL);
    const router_retry_t *retry = router_rules_retry (rules);
    assert_int_equal (retry->attempts_max, 8);
    assert_int_equal (retry->retries, 2);
    assert_int_equal (retry->base_ms, 250);
    assert_int_equal (retry->max_ms, 8000);
    assert_int_equal (retry->retry_after_max_ms, 10000);
    assert_true (router_rules_has_affinity (rules));
    assert_false (router_rules_is_limited (rules, "p", "m"));
    router_rules_destroy (&rules);
    router_rules_destroy (&rules);
}

static void
all_members_are_read (void **state)
{
    (void) state;
    router_rules_t *rules = router_rules_parse (
        "{\"attempts_max\":3,\"retries\":0,\"affinity\":false,\"models\":{},"
        "\"backoff\":{\"base_ms\":1,\"max_ms\":2,\"retry_after_max_ms\":3},"
        "\"limited_providers\":[{\"provider\":\"p\",\"glob\":\"gpt-*\"},"
        "{\"provider\":7}]}",
        NULL);
    const router_retry_t *retry = router_rules_retry (rules);
    assert_int_equal (retry->attempts_max, 3);
    assert_int_equal (retry->retries, 0);
    assert_int_equal (retry->base_ms, 1);
    assert_int_equal (retry->max_ms, 2);
    assert_int_equal (retry->retry_after_max_ms, 3);
    assert_false (router_rules_has_affinity (rules));
    assert_true (router_rules_is_limited (rules, "p", "gpt-5"));
    assert_false (router_rules_is_limited (rules, "p", "o3"));
    assert_false (router_rules_is_limited (rules, "q", "gpt-5"));
    router_rules_destroy (&rules);
}

static void
what_makes_no_sense_is_refused (void **state)
{
    (void) state;
    static const char *const bad[] = { "",
                                       "[]",
                                       "{\"attempts_max\":0}",
                                       "{\"attempts_max\":\"2\"}",
                                       "{\"attempts_max\":33}",
                                       "{\"retries\":-1}",
                                       "{\"retries\":1e300}",
                                       "{\"backoff\":{\"base_ms\":null}}",
                                       "{\"backoff\":{\"max_ms\":99999999999}}" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        br_error_t error = { .code = BR_OK };
        assert_null (router_rules_parse (bad[i], &error));
        assert_int_equal (error.code, BR_ECONFIG);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (what_is_absent_has_its_default),
        cmocka_unit_test (all_members_are_read),
        cmocka_unit_test (what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
