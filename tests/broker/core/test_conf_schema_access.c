//  conf_schema_access: what "auth" and "telemetry" may hold.

#include "tests/broker/core/conf_fixture.h"

static void
test_given_the_ingress_slice_then_it_has_the_rules (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf ("", NULL);
    cJSON *slice = fixture_slice (conf, "ingress");
    fixture_is (slice, "auth",
                "{\"required\":false,\"unpriced\":\"refuse\",\"budget_wait_ms\":30000}");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
    conf = fixture_conf ("server: {require_auth: true}\n"
                         "auth: {unpriced: allow, budget_wait_secs: 0.25}\n",
                         NULL);
    slice = fixture_slice (conf, "ingress");
    fixture_is (slice, "auth",
                "{\"required\":true,\"unpriced\":\"allow\",\"budget_wait_ms\":250}");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_given_wrong_values_then_they_are_refused (void **state)
{
    (void) state;
    fixture_refused ("auth: {unpriced: free}",
                     "t.yaml:1:18: auth.unpriced: expected one of refuse, allow, not "
                     "\"free\"");
    fixture_refused ("auth: {budget_wait_secs: 4000}",
                     "t.yaml:1:26: auth.budget_wait_secs: expected a number from 0 to "
                     "3600");
    fixture_refused ("telemetry: {labels_max: 0}",
                     "t.yaml:1:25: telemetry.labels_max: expected a whole number from 1 "
                     "to 10000");
    fixture_refused ("telemetry: {otlp: {interval_secs: 0}}",
                     "t.yaml:1:35: telemetry.otlp.interval_secs: expected a number from "
                     "0.1 to 3600");
}

static void
test_given_headers_then_their_values_are_secrets (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "telemetry: {otlp: {endpoint: \"https://u:hunter2@o/v1\", "
        "headers: {x-team: swordfish}}}",
        NULL);
    char *text = br_conf_show (conf);
    assert_null (strstr (text, "swordfish"));
    assert_null (strstr (text, "hunter2"));
    assert_non_null (strstr (text, "x-team"));
    free (text);
    br_conf_destroy (&conf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_given_the_ingress_slice_then_it_has_the_rules),
        cmocka_unit_test (test_given_wrong_values_then_they_are_refused),
        cmocka_unit_test (test_given_headers_then_their_values_are_secrets),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
