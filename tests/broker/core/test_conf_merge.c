//  conf_merge: built-ins under the user's own, parents under children.

#include "tests/broker/core/conf_fixture.h"

static void
test_set_field_replaces_wholesale (void **state)
{
    (void) state;
    const char *const environ_v[] = { "ANTHROPIC_API_KEY=k", NULL };
    br_conf_t *conf = fixture_conf ("providers: {anthropic: {models: {mine: }, "
                                    "api_base: \"\"}}",
                                    environ_v);
    cJSON *slice = fixture_slice (conf, "ingress");
    fixture_is (slice, "providers>anthropic>models", "{\"mine\":{}}");
    cJSON_Delete (slice);
    slice = fixture_slice (conf, "upstream/anthropic");
    fixture_is (slice, "api_base", "\"https://api.anthropic.com\"");
    fixture_is (slice, "protocols", "[{\"glob\":\"*\",\"protocol\":\"messages\"}]");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_without_defaults_there_is_only_the_users_own (void **state)
{
    (void) state;
    const char *const environ_v[] = { "OPENAI_API_KEY=k", NULL };
    br_conf_t *conf = fixture_conf (
        "inherit_defaults: false\nproviders: {mine: {api_base: "
        "\"http://x\"}}",
        environ_v);
    assert_string_equal (br_conf_provider_names (conf, 0), "mine");
    assert_null (br_conf_provider_names (conf, 1));
    br_conf_destroy (&conf);
    fixture_refused (
        "inherit_defaults: false\nproviders: {mine: {derives: openai}}",
        "t.yaml:2:29: there is no such provider to derive from: mine -> openai");
}

static void
test_derives_goes_up_the_chain (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "providers:\n  c: {derives: b}\n  b: {derives: a, "
        "default_headers: {x: b}}\n  a: {api_base: "
        "\"http://a\", api_key: key-a, default_headers: {x: a}, "
        "models: [m], api_protocol: messages, bridge: true}\n",
        NULL);
    cJSON *slice = fixture_slice (conf, "upstream/c");
    fixture_is (slice, "api_base", "\"http://a\"");
    fixture_is (slice, "auth>api_key", "\"key-a\"");
    fixture_is (slice, "default_headers", "{\"x\":\"b\"}");
    fixture_is (slice, "protocols>0>protocol", "\"messages\"");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_circles_and_strangers_are_errors (void **state)
{
    (void) state;
    fixture_refused (
        "providers:\n  a: {derives: b}\n  b: {derives: c}\n  c: {derives: a}\n",
        "t.yaml:4:16: providers derive from each other: a -> b -> c -> a");
    fixture_refused ("providers:\n  a: {derives: a}\n",
                     "t.yaml:2:16: providers derive from each other: a -> a");
    fixture_refused ("providers:\n  a: {derives: opnai}\n",
                     "t.yaml:2:16: there is no such provider to derive from: a -> opnai");
}

static void
test_builtin_name_that_derives_takes_the_parents_wire (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "providers: {moonshot: {derives: anthropic, api_base: "
        "\"https://api.moonshot.ai/anthropic\", api_key: k}}",
        NULL);
    cJSON *slice = fixture_slice (conf, "upstream/moonshot");
    fixture_is (slice, "protocols", "[{\"glob\":\"*\",\"protocol\":\"messages\"}]");
    cJSON_Delete (slice);
    slice = fixture_slice (conf, "ingress");
    assert_non_null (fixture_at (slice, "providers>moonshot>models>kimi-k2.5"));
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_block_under_an_alias_is_the_builtins (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf ("providers: {moonshotai: {api_key: k}}\nmodels: {m: "
                                    "{endpoints: [{provider: z-ai, model_id: glm-5, "
                                    "api_key: z}]}}",
                                    NULL);
    assert_true (br_conf_provider_active (conf, "moonshot"));
    cJSON *slice = fixture_slice (conf, "ingress");
    fixture_is (slice, "aliases>moonshotai", "\"moonshot\"");
    fixture_is (slice, "models>m>endpoints>0>provider", "\"zai\"");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
    conf = fixture_conf ("providers: {gemini: {api_base: \"http://x\"}}", NULL);
    assert_true (br_conf_provider_active (conf, "gemini"));
    assert_false (br_conf_provider_active (conf, "google"));
    br_conf_destroy (&conf);
}

static void
test_tools_of_a_builtin_come_along (void **state)
{
    (void) state;
    const char *const environ_v[] = { "EXA_API_KEY=k", NULL };
    br_conf_t *conf = fixture_conf ("tools: {exa_search: {description: mine}}",
                                    environ_v);
    char *shown = br_conf_show (conf);
    assert_non_null (strstr (shown, "exa_get_contents"));
    assert_non_null (strstr (shown, "description: mine"));
    assert_null (br_conf_slice (conf, "upstream/exa"));
    free (shown);
    br_conf_destroy (&conf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_set_field_replaces_wholesale),
        cmocka_unit_test (test_without_defaults_there_is_only_the_users_own),
        cmocka_unit_test (test_derives_goes_up_the_chain),
        cmocka_unit_test (test_circles_and_strangers_are_errors),
        cmocka_unit_test (test_builtin_name_that_derives_takes_the_parents_wire),
        cmocka_unit_test (test_block_under_an_alias_is_the_builtins),
        cmocka_unit_test (test_tools_of_a_builtin_come_along),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
