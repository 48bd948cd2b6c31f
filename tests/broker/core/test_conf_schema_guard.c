//  conf_schema_guard: guardrails fit.

#include "tests/broker/core/conf_fixture.h"

static void
test_example_fits_without_a_warning (void **state)
{
    (void) state;
    char *text = fixture_file ("guardrails.yaml");
    br_conf_t *conf = fixture_conf (text, NULL);
    assert_null (br_conf_warning (conf, 0));
    br_conf_destroy (&conf);
    free (text);
}

static void
test_wrong_action_names_the_right_ones (void **state)
{
    (void) state;
    fixture_refused ("guardrails:\n  upgoing:\n    api_keys: redacted\n",
                     "t.yaml:3:15: guardrails.upgoing.api_keys: expected one of warn, "
                     "redact, block, not \"redacted\"; did you mean \"redact\"?");
    fixture_refused (
        "guardrails: {custom_patterns: [{name: x}]}\n",
        "t.yaml:1:32: guardrails.custom_patterns.0: expected \"regex\" to be "
        "given");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_example_fits_without_a_warning),
        cmocka_unit_test (test_wrong_action_names_the_right_ones),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
