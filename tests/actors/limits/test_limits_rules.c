//  limits_rules: which rule is for whom; what makes no sense is refused.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/limits/limits_rules.h"

static const char s_slice[] =
    "{\"callers\":{\"requests_per_minute\":60,\"concurrency\":4},"
    "\"models\":[{\"glob\":\"gpt-5-mini\"},{\"glob\":\"gpt-*\",\"tokens_per_minute\":9},"
    "{\"glob\":\"*-r1*x\",\"concurrency\":1}],"
    "\"providers\":[{\"provider\":\"openai\",\"glob\":\"*\",\"requests_per_minute\":5}]}";

static limits_rules_t *
s_rules (const char *slice)
{
    br_error_t error = { .code = BR_OK };
    limits_rules_t *rules = limits_rules_new (slice, &error);
    if (!rules)
        fail_msg ("%s", error.text);
    return rules;
}

static void
each_kind_has_its_own_rules (void **state)
{
    (void) state;
    limits_rules_t *rules = s_rules (s_slice);
    const limits_rule_t *rule = limits_rules_find (rules, "caller", "127.0.0.1");
    assert_int_equal (rule->requests, 60);
    assert_int_equal (rule->tokens, 0);
    assert_int_equal (rule->concurrency, 4);
    assert_int_equal (limits_rules_find (rules, "model", "gpt-5")->tokens, 9);
    assert_null (limits_rules_find (rules, "model", "claude"));
    assert_null (limits_rules_find (rules, "nobody", "gpt-5"));
    rule = limits_rules_find (rules, "provider", "openai/org/model");
    assert_int_equal (rule->requests, 5);
    assert_null (limits_rules_find (rules, "provider", "openai"));
    assert_null (limits_rules_find (rules, "provider", "openai2/m"));
    assert_null (limits_rules_find (rules, "provider", "open/m"));
    limits_rules_destroy (&rules);
    assert_null (rules);
    limits_rules_destroy (&rules);
}

static void
the_first_glob_that_fits_counts (void **state)
{
    (void) state;
    limits_rules_t *rules = s_rules (s_slice);
    assert_null (limits_rules_find (rules, "model", "gpt-5-mini")); //  it frees it
    assert_non_null (limits_rules_find (rules, "model", "gpt-5-mini-2"));
    assert_non_null (limits_rules_find (rules, "model", "gpt-"));
    assert_null (limits_rules_find (rules, "model", "gpt"));
    assert_non_null (limits_rules_find (rules, "model", "a-r1-r1x-x"));
    assert_null (limits_rules_find (rules, "model", "a-r1-r1x-y"));
    assert_null (limits_rules_find (rules, "model", ""));
    limits_rules_destroy (&rules);
}

static void
nothing_said_limits_nothing (void **state)
{
    (void) state;
    limits_rules_t *rules = s_rules ("{}");
    assert_null (limits_rules_find (rules, "caller", "a"));
    assert_null (limits_rules_find (rules, "model", "a"));
    limits_rules_destroy (&rules);
    rules = s_rules ("{\"callers\":{\"requests_per_minute\":0}}");
    assert_null (limits_rules_find (rules, "caller", "a"));
    limits_rules_destroy (&rules);
}

static void
what_makes_no_sense_is_refused (void **state)
{
    (void) state;
    static const char *const cases[][2] = {
        { "", "no object" },
        { "[]", "no object" },
        { "{\"callers\":[]}", "callers: a rule is no object" },
        { "{\"callers\":{\"concurrency\":-1}}", "callers: concurrency must be" },
        { "{\"callers\":{\"concurrency\":1.5}}", "callers: concurrency must be" },
        { "{\"callers\":{\"tokens_per_minute\":\"9\"}}", "tokens_per_minute must be" },
        { "{\"callers\":{\"requests_per_minute\":1e300}}", "requests_per_minute must" },
        { "{\"models\":{}}", "models is no list" },
        { "{\"models\":[{\"glob\":\"a\"},{}]}", "models: a rule has no glob" },
        { "{\"providers\":[{\"glob\":\"a\"}]}", "providers: a rule has no provider" },
        { "{\"providers\":[{\"provider\":\"a\"}]}", "providers: a rule has no glob" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        br_error_t error = { .code = BR_OK };
        assert_null (limits_rules_new (cases[i][0], &error));
        assert_int_equal (error.code, BR_ECONFIG);
        if (!strstr (error.text, cases[i][1]))
            fail_msg ("'%s' does not say '%s'", error.text, cases[i][1]);
    }
}

static void
limits_of_its_own_count_instead (void **state)
{
    (void) state;
    const limits_rule_t rule = { .requests = 10, .tokens = 20 };
    limits_rule_t own = { .requests = 99, .concurrency = 3 };
    limits_rule_t merged = limits_rule_merge (&own, &rule);
    assert_true (limits_rule_is (&merged, &(limits_rule_t) { 99, 20, 3 }));
    merged = limits_rule_merge (&own, NULL);
    assert_true (limits_rule_is (&merged, &own));
    own = (limits_rule_t) { .requests = 0 };
    merged = limits_rule_merge (&own, NULL);
    assert_true (limits_rule_is_none (&merged));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (each_kind_has_its_own_rules),
        cmocka_unit_test (the_first_glob_that_fits_counts),
        cmocka_unit_test (nothing_said_limits_nothing),
        cmocka_unit_test (what_makes_no_sense_is_refused),
        cmocka_unit_test (limits_of_its_own_count_instead),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
