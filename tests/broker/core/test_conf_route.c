//  conf_route: what is odd about model routes is said.

#include "tests/broker/core/conf_fixture.h"

static void
test_odd_endpoints_are_warned_of (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "models: {m: {endpoints: [{provider: opnai, model_id: x}, "
        "{provider: openai, model_id: x, api_key: \"${NO}\"}]}}",
        NULL);
    assert_true (fixture_warns (
        conf, "t.yaml:1:37: models.m.endpoints.0: there is no provider \"opnai\"; "
              "did you mean \"openai\"?; left out"));
    assert_true (fixture_warns (conf, "t.yaml:1:99: models.m.endpoints.1: its api_key is "
                                      "empty"));
    assert_true (
        fixture_warns (conf, "t.yaml:1:10: models.m: no endpoint of it is active"));
    cJSON *slice = fixture_slice (conf, "ingress");
    fixture_is (slice, "models>m>endpoints", "[]");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_names_of_endpoints_and_accounts_may_not_meet (void **state)
{
    (void) state;
    fixture_refused (
        "providers: {a: {api_base: \"http://x\", accounts: [{api_key: k}]}}\n"
        "models: {a: {endpoints: [{provider: a, model_id: m, api_key: z}]}}\n",
        "t.yaml:2:10: models.a has the name of a provider with accounts; give the "
        "model another name");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_odd_endpoints_are_warned_of),
        cmocka_unit_test (test_names_of_endpoints_and_accounts_may_not_meet),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
