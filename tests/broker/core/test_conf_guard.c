//  conf_guard: what guardrails may not say is told with its place.

#include "tests/broker/core/conf_fixture.h"
#include <assert.h>

#include "broker/core/buf.h"
#include "broker/core/conf_guard.h"
#include "broker/guard/guard_rules.h"

//  The maxima are said twice, since core knows no guard.
static_assert (BR_CONF_GUARD_PATTERNS_MAX == GUARD_PATTERNS_MAX, "patterns");
static_assert (BR_CONF_GUARD_RULES_MAX + 1 == GUARD_SETS_MAX, "sets");

#define CUSTOM "guardrails:\n  custom_patterns: [{name: x, regex: a}]\n"

static void
test_unknown_families_are_refused (void **state)
{
    (void) state;
    fixture_refused ("guardrails:\n  disabled_patterns:\n    - ip_adresses\n",
                     "t.yaml:3:7: guardrails.disabled_patterns: there is no pattern "
                     "family \"ip_adresses\"; did you mean \"ip_addresses\"?");
    fixture_refused ("guardrails:\n  upgoing:\n    api_key: block\n",
                     "t.yaml:3:5: guardrails.upgoing: there is no pattern family "
                     "\"api_key\"; did you mean \"api_keys\"?");
    fixture_refused ("guardrails:\n  rules:\n    - downgoing: {zebra: warn}\n",
                     "t.yaml:3:19: guardrails.rules.0.downgoing: there is no pattern "
                     "family \"zebra\"");
    fixture_refused ("guardrails:\n  fail:\n    credential: open\n",
                     "t.yaml:3:5: guardrails.fail: there is no pattern family "
                     "\"credential\"; did you mean \"credentials\"?");
}

static void
test_unknown_custom_patterns_are_refused (void **state)
{
    (void) state;
    fixture_refused (CUSTOM "  custom_upgoing: {token: block}\n",
                     "t.yaml:3:20: guardrails.custom_upgoing: there is no custom pattern "
                     "\"token\"");
    fixture_refused (CUSTOM "  custom_downgoing: {api_keys: block}\n",
                     "t.yaml:3:22: guardrails.custom_downgoing: there is no custom "
                     "pattern \"api_keys\"");
}

static void
test_names_are_unique (void **state)
{
    (void) state;
    fixture_refused ("guardrails:\n  custom_patterns:\n    - {name: x, regex: a}\n"
                     "    - {name: x, regex: b}\n",
                     "t.yaml:4:14: guardrails.custom_patterns.1.name: a second custom "
                     "pattern of this name; give it another one");
    fixture_refused ("guardrails:\n  custom_patterns:\n"
                     "    - {name: api_keys, regex: a}\n",
                     "t.yaml:3:14: guardrails.custom_patterns.0.name: a built-in family "
                     "has this name; give it another one");
    fixture_refused ("guardrails:\n  custom_patterns:\n    - {name: \"\", regex: a}\n",
                     "t.yaml:3:14: guardrails.custom_patterns.0.name: expected a name of "
                     "1 to 64 bytes");
}

static void
test_broken_regex_is_refused_with_its_offset (void **state)
{
    (void) state;
    fixture_refused ("guardrails:\n  custom_patterns:\n"
                     "    - {name: x, regex: \"a(b\"}\n",
                     "t.yaml:3:24: guardrails.custom_patterns.0.regex: the regular "
                     "expression cannot be used: at offset 3: missing closing "
                     "parenthesis");
}

//  Given what depends on how a text is cut, then it is refused before anything starts.
static void
test_regex_for_whole_texts_is_refused (void **state)
{
    (void) state;
    fixture_refused ("guardrails:\n  custom_patterns:\n    - {name: x, regex: 'ab\\Z'}\n",
                     "t.yaml:3:24: guardrails.custom_patterns.0.regex: the regular "
                     "expression cannot be used: at offset 2: \\Z cannot be used, take "
                     "\\z");
}

//  Given a regex that takes for ever on some texts, then it loads: limits stop it.
static void
test_catastrophic_regex_loads (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "guardrails: {custom_patterns: [{name: x, regex: \"(a+)+$\"}]}\n", NULL);
    br_conf_destroy (&conf);
}

static void
test_too_many_are_refused (void **state)
{
    (void) state;
    br_error_t error = { BR_OK, "" };
    br_buf_t text;
    br_buf_init (&text, BR_CONF_TEXT_MAX);
    br_buf_adds (&text, "guardrails:\n  custom_patterns:\n");
    for (int i = 0; i < GUARD_PATTERNS_MAX; i++)
        br_buf_addf (&text, "    - {name: x%d, regex: a}\n", i);
    assert_null (br_conf_parse ("t.yaml", text.data, text.size, NULL, &error));
    assert_non_null (strstr (error.text, "guardrails.custom_patterns: 512 beside "));
    br_buf_clear (&text);
    br_buf_adds (&text, "guardrails:\n  rules:\n");
    for (int i = 0; i < GUARD_SETS_MAX; i++)
        br_buf_adds (&text, "    - {keys: [a]}\n");
    assert_null (br_conf_parse ("t.yaml", text.data, text.size, NULL, &error));
    assert_string_equal (error.text,
                         "t.yaml:3:5: guardrails.rules: expected at most 63 rules");
    br_buf_free (&text);
}

static void
test_lists_of_nobody_are_refused (void **state)
{
    (void) state;
    fixture_refused (
        "guardrails:\n  rules:\n    - {keys: [], upgoing: {api_keys: block}}\n",
        "t.yaml:3:14: guardrails.rules.0.keys: expected at least one name; "
        "leave it out to mean all");
    fixture_refused (
        "guardrails:\n  tools: {providers: {a: {filter: {allow: []}}}}\n",
        "t.yaml:2:43: guardrails.tools.providers.a.filter.allow: expected at "
        "least one name; leave it out to allow all");
}

//  Given a key that nobody knows, then nothing starts: a rule without what narrows it would be
//  for everybody, and one without what it does for nobody.
static void
test_unknown_keys_are_refused (void **state)
{
    (void) state;
    fixture_refused (
        "guardrails:\n  rules:\n    - {key: [a], upgoing: {api_keys: block}}\n",
        "t.yaml:3:8: unknown key \"key\" in guardrails.rules.0: expected one "
        "of keys, routes, providers, upgoing, downgoing, custom_upgoing, "
        "custom_downgoing, fail; did you mean \"keys\"?");
    fixture_refused (
        "guardrails:\n  upgoin: {api_keys: block}\n",
        "t.yaml:2:3: unknown key \"upgoin\" in guardrails: expected one of "
        "enabled, disabled_patterns, custom_patterns, upgoing, downgoing, "
        "custom_upgoing, custom_downgoing, fail, rules, allow, block_message, "
        "tools; did you mean \"upgoing\"?");
    fixture_refused (
        "guardrails:\n  tools: {providers: {a: {filter: {denny: [b]}}}}\n",
        "t.yaml:2:36: unknown key \"denny\" in guardrails.tools.providers.a.filter: "
        "expected one of allow, deny; did you mean \"deny\"?");
    br_conf_t *conf = fixture_conf ("guardrails: {rules: [{keys: [a]}]}\nzebra: 1\n",
                                    NULL);
    assert_true (fixture_warns (conf, "t.yaml:2:1: unknown key \"zebra\""));
    br_conf_destroy (&conf);
}

//  Given a glob where a server is named, then it is not taken for the name of one.
static void
test_servers_of_tools_are_no_globs (void **state)
{
    (void) state;
    fixture_refused (
        "guardrails:\n  tools: {providers: {\"git*\": {filter: {deny: [a]}}}}\n",
        "t.yaml:2:31: guardrails.tools.providers: expected the name of a "
        "server, or \"*\" for all");
}

//  Given a list without values, then it is not as if it were not there.
static void
test_empty_lists_are_not_for_all (void **state)
{
    (void) state;
    fixture_refused (
        "guardrails:\n  rules:\n    - keys:\n      upgoing: {api_keys: block}\n",
        "t.yaml:3:12: guardrails.rules.0.keys: expected at least one name; "
        "leave it out to mean all");
    fixture_refused ("guardrails:\n  rules:\n    - keys: ${NOBODY_SET_THIS}\n"
                     "      upgoing: {api_keys: block}\n",
                     "t.yaml:3:13: guardrails.rules.0.keys: expected at least one name; "
                     "leave it out to mean all");
    fixture_refused (
        "guardrails:\n  tools: {providers: {a: {filter: {allow: ~}}}}\n",
        "t.yaml:2:43: guardrails.tools.providers.a.filter.allow: expected at "
        "least one name; leave it out to allow all");
    br_conf_t *conf = fixture_conf ("guardrails: {rules: , allow: , upgoing: }\n", NULL);
    br_conf_destroy (&conf);
}

//  Given names of providers, then those that are known pass, also by their other names and
//  without a key.
static void
test_providers_of_rules_are_known (void **state)
{
    (void) state;
    fixture_refused ("guardrails:\n  rules:\n    - providers: [opnai]\n",
                     "t.yaml:3:19: guardrails.rules.0.providers: there is no provider "
                     "\"opnai\"; did you mean \"openai\"?");
    br_conf_t *conf = fixture_conf (
        "providers: {mine: {api_base: \"http://a\", aliases: [own]}}\n"
        "guardrails:\n  rules:\n"
        "    - {providers: [openai, gemini, own], upgoing: {api_keys: block}}\n",
        NULL);
    cJSON *slice = fixture_slice (conf, "guard");
    fixture_is (slice, "sets>1>providers", "[\"openai\",\"google\",\"mine\"]");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_action_for_a_disabled_family_warns (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf ("guardrails:\n  disabled_patterns: [api_keys]\n"
                                    "  upgoing: {api_keys: block}\n",
                                    NULL);
    assert_true (fixture_warns (conf, "t.yaml:3:13: guardrails.upgoing.api_keys has no "
                                      "effect: the family is in disabled_patterns"));
    br_conf_destroy (&conf);
}

static void
test_lists_of_tools_that_say_nothing_warn (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "guardrails:\n  tools:\n    providers:\n      a:\n        filter: {}\n"
        "        param_restrictions: {rules: {c: {action: strip}, d: {deny: [x]}}}\n"
        "      b: {filter: {deny: []}}\n"
        "      e: {filter: {allow: [x]}}\n",
        NULL);
    assert_true (fixture_warns (conf, "t.yaml:5:9: guardrails.tools.providers.a.filter "
                                      "has no effect: it has neither \"allow\" nor "
                                      "\"deny\""));
    assert_true (fixture_warns (conf, "guardrails.tools.providers.a.param_restrictions."
                                      "rules.c has no effect"));
    assert_true (fixture_warns (conf, "guardrails.tools.providers.b.filter has no"));
    assert_false (fixture_warns (conf, "rules.d has no effect"));
    assert_false (fixture_warns (conf, "providers.e.filter has no effect"));
    br_conf_destroy (&conf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_unknown_families_are_refused),
        cmocka_unit_test (test_unknown_custom_patterns_are_refused),
        cmocka_unit_test (test_names_are_unique),
        cmocka_unit_test (test_broken_regex_is_refused_with_its_offset),
        cmocka_unit_test (test_regex_for_whole_texts_is_refused),
        cmocka_unit_test (test_catastrophic_regex_loads),
        cmocka_unit_test (test_too_many_are_refused),
        cmocka_unit_test (test_lists_of_nobody_are_refused),
        cmocka_unit_test (test_unknown_keys_are_refused),
        cmocka_unit_test (test_empty_lists_are_not_for_all),
        cmocka_unit_test (test_servers_of_tools_are_no_globs),
        cmocka_unit_test (test_providers_of_rules_are_known),
        cmocka_unit_test (test_action_for_a_disabled_family_warns),
        cmocka_unit_test (test_lists_of_tools_that_say_nothing_warn),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
