//  conf_slice_guard: defaults, directions and rules, as guard and ingress get them.

#include "tests/broker/core/conf_fixture.h"

static cJSON *
s_slice (const char *text, const char *actor)
{
    br_conf_t *conf = fixture_conf (text, NULL);
    cJSON *slice = fixture_slice (conf, actor);
    br_conf_destroy (&conf);
    return slice;
}

//  The family of a slice, or NULL.
static const cJSON *
s_family (const cJSON *slice, const char *id)
{
    const cJSON *family;
    cJSON_ArrayForEach (
        family,
        fixture_at (slice,
                    "families")) if (strcmp (fixture_at (family, "id")->valuestring, id)
                                     == 0) return family;
    return NULL;
}

//  Given no section, then every family warns in its own direction.
static void
test_families_warn_by_default (void **state)
{
    (void) state;
    cJSON *slice = s_slice ("", "guard");
    fixture_is (slice, "sets>0>upgoing>api_keys", "\"warn\"");
    fixture_is (slice, "sets>0>downgoing>api_keys", NULL);
    fixture_is (slice, "sets>0>downgoing>suspicious_commands", "\"warn\"");
    fixture_is (slice, "sets>0>upgoing>suspicious_commands", NULL);
    fixture_is (slice, "sets>0>strictest",
                "{\"upgoing\":\"warn\",\"downgoing\":\"warn\"}");
    fixture_is (slice, "sets>0>keys", NULL);
    fixture_is (slice, "sets>1", NULL);
    fixture_is (slice, "custom", "[]");
    fixture_is (slice, "allow", "[]");
    fixture_is (slice, "tools", NULL);
    fixture_is (slice, "block_message",
                "{\"include_details\":true,\"include_help_link\":true}");
    const cJSON *pattern = fixture_at (s_family (slice, "api_keys"), "patterns>0");
    assert_true (cJSON_IsString (fixture_at (pattern, "regex")));
    assert_true (cJSON_IsString (fixture_at (pattern, "hints>0")));
    assert_null (fixture_at (pattern, "match"));
    assert_null (fixture_at (pattern, "no_match"));
    cJSON_Delete (slice);
}

//  Given the example of the manual, then its actions stand in the slice.
static void
test_example_of_the_manual (void **state)
{
    (void) state;
    char *text = fixture_file ("guardrails.yaml");
    cJSON *slice = s_slice (text, "guard");
    free (text);
    fixture_is (slice, "sets>0>upgoing>api_keys", "\"redact\"");
    fixture_is (slice, "sets>0>upgoing>private_keys", "\"block\"");
    fixture_is (slice, "sets>0>upgoing>pii_phone_numbers", "\"warn\"");
    fixture_is (slice, "sets>0>upgoing>ip_addresses", NULL);
    assert_null (s_family (slice, "ip_addresses"));
    assert_non_null (s_family (slice, "private_keys"));
    fixture_is (slice, "sets>0>downgoing>suspicious_commands", "\"block\"");
    fixture_is (slice, "custom",
                "[{\"name\":\"internal_token\",\"regex\":\"myapp_[A-Za-z0-9]{32}\"}]");
    fixture_is (slice, "sets>0>custom_upgoing", "{\"internal_token\":\"redact\"}");
    fixture_is (slice, "sets>0>custom_downgoing", "{}");
    fixture_is (slice, "sets>0>strictest",
                "{\"upgoing\":\"block\",\"downgoing\":\"block\"}");
    cJSON_Delete (slice);
}

//  Given an action in the other direction, then the family or pattern runs there too.
static void
test_actions_count_in_the_other_direction (void **state)
{
    (void) state;
    cJSON *slice = s_slice (
        "guardrails:\n"
        "  custom_patterns:\n"
        "    - {name: a, regex: a, action: redact}\n"
        "    - {name: b, regex: b, direction: both}\n"
        "    - {name: c, regex: c, direction: downgoing, action: block}\n"
        "  downgoing: {api_keys: redact}\n"
        "  custom_upgoing: {b: block}\n"
        "  custom_downgoing: {a: warn, c: redact}\n",
        "guard");
    fixture_is (slice, "sets>0>downgoing>api_keys", "\"redact\"");
    fixture_is (slice, "sets>0>upgoing>api_keys", "\"warn\"");
    fixture_is (slice, "sets>0>custom_upgoing", "{\"a\":\"redact\",\"b\":\"block\"}");
    fixture_is (slice, "sets>0>custom_downgoing",
                "{\"a\":\"warn\",\"b\":\"warn\",\"c\":\"redact\"}");
    cJSON_Delete (slice);
}

//  Given rules, then each is a set that says no more than it names; a disabled family is
//  off in all of them, and a set in which nothing is left is none.
static void
test_rules_are_sets_beside_the_first (void **state)
{
    (void) state;
    cJSON *slice = s_slice ("guardrails:\n"
                            "  disabled_patterns: [ip_addresses]\n"
                            "  rules:\n"
                            "    - {keys: [a], upgoing: {ip_addresses: block}}\n"
                            "    - keys: [\"team-*\"]\n"
                            "      routes: [fast, \"gpt-*\"]\n"
                            "      providers: [openai]\n"
                            "      upgoing: {credentials: block, ip_addresses: block}\n"
                            "      fail: {credentials: open}\n",
                            "guard");
    assert_int_equal (cJSON_GetArraySize (fixture_at (slice, "sets")), 2);
    fixture_is (slice, "sets>1",
                "{\"keys\":[\"team-*\"],\"routes\":[\"fast\",\"gpt-*\"],"
                "\"providers\":[\"openai\"],\"strictest\":{\"upgoing\":\"block\"},"
                "\"fail_open\":{\"upgoing\":true},"
                "\"upgoing\":{\"credentials\":\"block\"},\"custom_upgoing\":{},"
                "\"downgoing\":{},\"custom_downgoing\":{},"
                "\"fail\":{\"credentials\":\"open\"}}");
    cJSON_Delete (slice);
}

//  Given ingress, then it gets the same sets in the same order, and no pattern.
static void
test_ingress_knows_who_is_concerned (void **state)
{
    (void) state;
    cJSON *slice = s_slice ("guardrails:\n"
                            "  fail: {api_keys: open}\n"
                            "  upgoing: {api_keys: redact}\n"
                            "  downgoing: {suspicious_commands: redact}\n"
                            "  rules: [{keys: [a], custom_upgoing: {x: block}}]\n"
                            "  custom_patterns: [{name: x, regex: x}]\n",
                            "ingress");
    fixture_is (slice, "guard>sets",
                "[{\"strictest\":{\"upgoing\":\"redact\","
                "\"downgoing\":\"redact\"},\"fail_open\":{\"upgoing\":true,"
                "\"downgoing\":false}},"
                "{\"keys\":[\"a\"],\"strictest\":{\"upgoing\":\"block\"},"
                "\"fail_open\":{\"upgoing\":false}}]");
    fixture_is (slice, "guard>tools", NULL);
    cJSON_Delete (slice);
}

//  Given a set that says how a rule fails on which only another one acts, then ingress hears
//  that it may not pass: of both words the stricter one counts.
static void
test_a_rule_that_fails_closed_elsewhere_does_not_pass (void **state)
{
    (void) state;
    cJSON *slice = s_slice ("guardrails:\n"
                            "  disabled_patterns: [ip_addresses]\n"
                            "  upgoing: {api_keys: redact}\n"
                            "  fail: {api_keys: open}\n"
                            "  rules:\n"
                            "    - {keys: [a], upgoing: {pii_emails: warn},\n"
                            "       fail: {pii_emails: closed}}\n",
                            "ingress");
    fixture_is (slice, "guard>sets>0>fail_open>upgoing", "true");
    fixture_is (slice, "guard>sets>1",
                "{\"keys\":[\"a\"],\"strictest\":{\"upgoing\":\"warn\"},"
                "\"fail_open\":{\"upgoing\":false,\"downgoing\":false}}");
    cJSON_Delete (slice);
}

static char *
s_digest (const char *text)
{
    cJSON *slice = s_slice (text, "ingress");
    const cJSON *digest = fixture_at (slice, "guard>digest");
    assert_true (cJSON_IsString (digest));
    char *copy = strdup (digest->valuestring);
    cJSON_Delete (slice);
    return copy;
}

//  Given another configuration, then the digest is another one when anything is done
//  otherwise to texts or calls, and only then.
static void
test_the_digest_is_of_what_is_done (void **state)
{
    (void) state;
    static const char *const alike[] = {
        "guardrails: {upgoing: {api_keys: warn}}\n",
        "guardrails: {block_message: {include_details: false}}\n",
        "guardrails: {enabled: true}\n",
    };
    static const char *const others[] = {
        "guardrails: {upgoing: {api_keys: redact}}\n",
        "guardrails: {fail: {api_keys: closed}}\n",
        "guardrails: {allow: [abc]}\n",
        "guardrails: {disabled_patterns: [api_keys]}\n",
        "guardrails: {custom_patterns: [{name: x, regex: x}]}\n",
        "guardrails: {tools: {providers: {a: {filter: {deny: [b]}}}}}\n",
    };
    char *plain = s_digest ("guardrails: {}\n");
    assert_int_equal (strlen (plain), 64);
    for (size_t i = 0; i < sizeof alike / sizeof *alike; i++) {
        char *digest = s_digest (alike[i]);
        assert_string_equal (digest, plain);
        free (digest);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char *digest = s_digest (others[i]);
        assert_string_not_equal (digest, plain);
        free (digest);
    }
    free (plain);
}

static void
test_disabled_guardrails_concern_nobody (void **state)
{
    (void) state;
    const char *text = "guardrails:\n  enabled: false\n  upgoing: {api_keys: block}\n"
                       "  tools: {providers: {a: {filter: {deny: [b]}}}}\n";
    cJSON *slice = s_slice (text, "guard");
    fixture_is (slice, "sets", "[]");
    fixture_is (slice, "families", "[]");
    fixture_is (slice, "tools", NULL);
    cJSON_Delete (slice);
    slice = s_slice (text, "ingress");
    fixture_is (slice, "guard", NULL);
    cJSON_Delete (slice);
}

static void
test_tools_are_a_member (void **state)
{
    (void) state;
    const char *text = "guardrails:\n"
                       "  tools:\n"
                       "    providers:\n"
                       "      github-mcp:\n"
                       "        filter: {deny: [delete_repo, delete_branch]}\n"
                       "        param_restrictions:\n"
                       "          rules:\n"
                       "            create_issue: {deny: [assignees], action: strip}\n"
                       "            get: {allow: [id]}\n"
                       "      \"*\": {filter: {allow: [read]}}\n";
    cJSON *slice = s_slice (text, "guard");
    fixture_is (slice, "tools",
                "{\"github-mcp\":{\"deny\":[\"delete_repo\",\"delete_branch\"],"
                "\"params\":{\"create_issue\":{\"deny\":[\"assignees\"],"
                "\"action\":\"strip\"},\"get\":{\"allow\":[\"id\"],"
                "\"action\":\"reject\"}}},\"*\":{\"allow\":[\"read\"]}}");
    cJSON_Delete (slice);
    slice = s_slice (text, "ingress");
    fixture_is (slice, "guard>tools", "true");
    cJSON_Delete (slice);
}

static void
test_values_and_messages_are_passed_on (void **state)
{
    (void) state;
    cJSON *slice = s_slice ("guardrails:\n  allow: [a@b.example]\n"
                            "  block_message: {include_help_link: false}\n",
                            "guard");
    fixture_is (slice, "allow", "[\"a@b.example\"]");
    fixture_is (slice, "block_message",
                "{\"include_details\":true,\"include_help_link\":false}");
    cJSON_Delete (slice);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_families_warn_by_default),
        cmocka_unit_test (test_example_of_the_manual),
        cmocka_unit_test (test_actions_count_in_the_other_direction),
        cmocka_unit_test (test_rules_are_sets_beside_the_first),
        cmocka_unit_test (test_ingress_knows_who_is_concerned),
        cmocka_unit_test (test_a_rule_that_fails_closed_elsewhere_does_not_pass),
        cmocka_unit_test (test_the_digest_is_of_what_is_done),
        cmocka_unit_test (test_disabled_guardrails_concern_nobody),
        cmocka_unit_test (test_tools_are_a_member),
        cmocka_unit_test (test_values_and_messages_are_passed_on),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
