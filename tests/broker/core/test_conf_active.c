//  conf_active: which key goes where, and who can be used.

#include "tests/broker/core/conf_fixture.h"

//  The key and the base that a provider ends up with.
static void
s_ends_with (const char *text, const char *const *environ_v, const char *key,
             const char *base)
{
    br_conf_t *conf = fixture_conf (text, environ_v);
    if (!base)
        assert_false (br_conf_provider_active (conf, "p"));
    else {
        cJSON *slice = fixture_slice (conf, "upstream/p");
        fixture_is (slice, "auth>api_key", key);
        fixture_is (slice, "api_base", base);
        cJSON_Delete (slice);
    }
    br_conf_destroy (&conf);
}

static void
test_environment_fills_gaps_only (void **state)
{
    (void) state;
    const char *const environ_v[] = { "P_API_KEY=env", "P_BASE_URL=http://env", NULL };
    s_ends_with ("providers: {p: {env_prefix: P}}", environ_v, "\"env\"",
                 "\"http://env\"");
    s_ends_with (
        "providers: {p: {env_prefix: P, api_key: own, api_base: \"http://own\"}}",
        environ_v, "\"own\"", "\"http://own\"");
    s_ends_with ("providers: {p: {env_prefix: P, api_key: \"${NO}\", api_base: \"\"}}",
                 environ_v, "\"env\"", "\"http://env\"");
}

static void
test_inherited_prefix_overrides_nothing (void **state)
{
    (void) state;
    const char *const environ_v[] = { "OPENAI_API_KEY=openai", "OPENAI_BASE_URL=http://o",
                                      NULL };
    s_ends_with (
        "providers: {p: {derives: openai, api_key: own, api_base: \"http://own\"}}",
        environ_v, "\"own\"", "\"http://own\"");
    s_ends_with ("providers: {p: {derives: openai}}", environ_v, "\"openai\"",
                 "\"http://o\"");
    s_ends_with ("providers: {p: {derives: openai, api_base: \"http://own\", api_key: "
                 "\"${NO}\"}}",
                 environ_v, NULL, NULL);
    s_ends_with (
        "providers: {p: {derives: openai, api_base: \"http://own\", auth: {type: "
        "header, header_name: x, api_key: \"${NO}\"}}}",
        environ_v, NULL, NULL);
    s_ends_with (
        "providers: {p: {derives: openai, api_base: \"http://own\", auth: {type: "
        "header, header_name: x, api_key: a}}}",
        environ_v, "\"a\"", "\"http://own\"");
}

static void
test_own_key_wins_over_the_parents_auth (void **state)
{
    (void) state;
    s_ends_with (
        "providers: {p: {derives: q, api_key: own}, q: {api_base: \"http://q\", auth: "
        "{type: header, header_name: x, api_key: parent}}}",
        NULL, "\"own\"", "\"http://q\"");
}

static void
test_inherited_key_to_an_own_base_is_a_warning (void **state)
{
    (void) state;
    const char *const environ_v[] = { "OPENAI_API_KEY=openai", NULL };
    br_conf_t *conf = fixture_conf ("providers: {p: {derives: openai, api_base: "
                                    "\"http://own\"}}",
                                    environ_v);
    assert_true (fixture_warns (conf, "sends the key of \"openai\" to an api_base of its "
                                      "own"));
    br_conf_destroy (&conf);
}

static void
test_active_rule (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "providers:\n  own: {api_base: \"http://x\"}\n  empty: {api_base: "
        "\"http://x\", api_key: \"${NO}\"}\n  off: {api_base: "
        "\"http://x\", active: false}\n  nowhere: {api_key: k}\n  paid: "
        "{api_base: \"http://x\", auth: {type: x402}}\n  openai:\n",
        NULL);
    assert_true (br_conf_provider_active (conf, "own"));
    assert_null (br_conf_provider_hint (conf, "own"));
    assert_false (br_conf_provider_active (conf, "empty"));
    assert_true (fixture_warns (conf,
                                "t.yaml:3:3: provider \"empty\" is inactive: its api_key "
                                "is empty"));
    assert_string_equal (br_conf_provider_hint (conf, "off"), "remove \"active: false\"");
    assert_string_equal (br_conf_provider_hint (conf, "nowhere"),
                         "set the api_base of nowhere");
    assert_true (br_conf_provider_active (conf, "paid"));
    assert_string_equal (br_conf_provider_hint (conf, "openai"), "set OPENAI_API_KEY");
    assert_string_equal (br_conf_provider_hint (conf, "anthropic"),
                         "set ANTHROPIC_API_KEY");
    assert_true (br_conf_provider_active (conf, "echo"));
    br_conf_destroy (&conf);
}

static void
test_google_answers_to_gemini_too (void **state)
{
    (void) state;
    const char *const environ_v[] = { "GEMINI_API_KEY=g", NULL };
    br_conf_t *conf = fixture_conf ("", environ_v);
    cJSON *slice = fixture_slice (conf, "upstream/google");
    fixture_is (slice, "auth", "{\"type\":\"protocol\",\"api_key\":\"g\"}");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_protocol_is_inferred_from_the_host (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "providers: {a: {api_base: \"https://api.anthropic.com\"}, "
        "g: {api_base: \"https://x.googleapis.com\"}, o: "
        "{api_base: \"http://x\"}}",
        NULL);
    cJSON *slice = fixture_slice (conf, "ingress");
    fixture_is (slice, "providers>a>protocols", "[\"messages\"]");
    fixture_is (slice, "providers>g>protocols", "[\"generate_content\"]");
    fixture_is (slice, "providers>o>protocols", "[\"chat_completions\"]");
    fixture_is (slice, "providers>o>auto_discover", "true");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_base_must_be_an_address (void **state)
{
    (void) state;
    fixture_refused ("providers:\n  a:\n    api_base: llm.example.com/v1\n",
                     "t.yaml:3:15: providers.a.api_base: expected an address that begins "
                     "with http:// or https://");
}

//  Given a provider of the file that has no address, then it does not fall silent.
static void
test_a_missing_base_is_a_warning (void **state)
{
    (void) state;
    static const struct {
        const char *text;
        const char *warning;
    } rows[] = {
        { "providers:\n  mine-own: {api_key: k}\n",
          "t.yaml:2:3: provider \"mine-own\" is inactive: it has no api_base" },
        { "providers:\n  opnai: {api_key: k}\n",
          "t.yaml:2:3: provider \"opnai\" is inactive: it has no api_base; did you mean "
          "\"openai\"?" },
        { "providers: [a, b]\n",
          "t.yaml:1:13: provider \"a\" is inactive: it has no api_base" },
        { "providers:\n  a: {api_base: \"http://a\", api_key: \"\"}\n",
          "t.yaml:2:3: provider \"a\" is inactive: its api_key is empty" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_conf_t *conf = fixture_conf (rows[i].text, NULL);
        assert_string_equal (br_conf_warning (conf, 0), rows[i].warning);
        br_conf_destroy (&conf);
    }
    br_conf_t *conf = fixture_conf ("providers: {openai: {}, "
                                    "x: {active: false}}\n",
                                    NULL);
    assert_null (br_conf_warning (conf, 0));
    br_conf_destroy (&conf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_environment_fills_gaps_only),
        cmocka_unit_test (test_inherited_prefix_overrides_nothing),
        cmocka_unit_test (test_own_key_wins_over_the_parents_auth),
        cmocka_unit_test (test_inherited_key_to_an_own_base_is_a_warning),
        cmocka_unit_test (test_active_rule),
        cmocka_unit_test (test_google_answers_to_gemini_too),
        cmocka_unit_test (test_protocol_is_inferred_from_the_host),
        cmocka_unit_test (test_base_must_be_an_address),
        cmocka_unit_test (test_a_missing_base_is_a_warning),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
