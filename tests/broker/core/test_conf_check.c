//  conf_check: exact lines for what is wrong, warnings for what is unknown.

#include "tests/broker/core/conf_fixture.h"

static void
test_errors_are_one_exact_line (void **state)
{
    (void) state;
    fixture_refused (
        "models:\n  smart:\n    strategy: prioritty\n",
        "t.yaml:3:15: models.smart.strategy: expected one of priority, "
        "load_balance, failover, cascade, balance, round_robin, loadbalance, "
        "least_latency, least_busy, cheapest, not \"prioritty\"; did you mean "
        "\"priority\"?");
    fixture_refused ("server:\n  body_max: big\n",
                     "t.yaml:2:13: server.body_max: expected a whole number");
    fixture_refused ("server:\n  skip_auth: maybe\n",
                     "t.yaml:2:14: server.skip_auth: expected true or false");
    fixture_refused ("server: 5\n", "t.yaml:1:9: server: expected a section of \"key: "
                                    "value\" lines");
    fixture_refused (
        "providers:\n  a:\n    api_key: [x]\n",
        "t.yaml:3:14: providers.a.api_key: expected one value, not a list or "
        "a section");
    fixture_refused ("providers: [{api_base: x, tags: y}]\n",
                     "t.yaml:1:12: providers: expected every entry to have an \"id\" of "
                     "its own");
    fixture_refused ("providers:\n  a:\n    timeouts: {connect_secs: -1}\n",
                     "t.yaml:3:30: providers.a.timeouts.connect_secs: expected a number "
                     "from 0");
    fixture_refused ("models:\n  a:\n    endpoints:\n      - provider: b\n",
                     "t.yaml:4:9: models.a.endpoints.0: expected \"service_id\" to be "
                     "given");
    fixture_refused ("models:\n  a:\n    endpoints: {x: 1}\n",
                     "t.yaml:3:16: models.a.endpoints: expected a list");
}

//  Given a number that the actors would not take, then its bounds are told.
static void
test_numbers_out_of_their_bounds_are_refused (void **state)
{
    (void) state;
    fixture_refused ("upstream:\n  attempts_max: 33\n",
                     "t.yaml:2:17: upstream.attempts_max: expected a whole number from 1 "
                     "to 32");
    fixture_refused ("upstream: {attempts_max: 0}\n",
                     "t.yaml:1:26: upstream.attempts_max: expected a whole number from 1 "
                     "to 32");
    fixture_refused ("server: {header_max: 10}\n",
                     "t.yaml:1:22: server.header_max: expected a whole number from 1024 "
                     "to 1048576");
    fixture_refused ("server: {body_max: 0}\n",
                     "t.yaml:1:20: server.body_max: expected a whole number from 1 to "
                     "1073741824");
    br_conf_t *conf = fixture_conf ("server: {header_max: 1024, body_max: 1073741824}\n"
                                    "upstream: {attempts_max: 32}\n",
                                    NULL);
    assert_null (br_conf_warning (conf, 0));
    br_conf_destroy (&conf);
}

//  Given a number with decimals, then its bounds are those of the thousandths.
static void
test_seconds_out_of_their_bounds_are_refused (void **state)
{
    (void) state;
    fixture_refused ("server: {drain_secs: 86400.5}\n",
                     "t.yaml:1:22: server.drain_secs: expected a number from 0 to 86400");
    fixture_refused ("upstream: {timeout_cap_secs: 0}\n",
                     "t.yaml:1:30: upstream.timeout_cap_secs: expected a number from "
                     "0.001 to 604800");
    fixture_refused ("server: {drain_secs: soon}\n",
                     "t.yaml:1:22: server.drain_secs: expected a number from 0");
    br_conf_t *conf = fixture_conf ("server: {drain_secs: 86400}\n"
                                    "upstream: {timeout_cap_secs: 0.001}\n",
                                    NULL);
    assert_null (br_conf_warning (conf, 0));
    br_conf_destroy (&conf);
}

//  Given fields of another file, then a key that none of them has is an error.
static void
test_other_fields_are_checked_strictly (void **state)
{
    (void) state;
    static const char text[] = "keyy: 1\n";
    static const cyaml_schema_field_t fields[] = {
        CYAML_FIELD_STRING_PTR ("key", CYAML_FLAG_POINTER, br_conf_pair_t, key, 0, 9),
        CYAML_FIELD_END,
    };
    br_error_t error = { BR_OK, "" };
    br_conf_node_t *tree = br_conf_yaml_parse ("t.yaml", text, strlen (text), &error);
    assert_int_equal (br_conf_check_fields (tree, fields, &error), -1);
    assert_string_equal (error.text, "t.yaml:1:1: unknown key \"keyy\": expected one of "
                                     "key; did you mean \"key\"?");
    br_conf_node_rename (tree->items[0], "key");
    assert_int_equal (br_conf_check_fields (tree, fields, &error), 0);
    br_conf_node_destroy (&tree);
}

static void
test_unknown_key_is_a_warning_with_the_nearest (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf ("providers:\n  a:\n    api_kye: x\n    zzzzzz: y\n"
                                    "modles: {}\n",
                                    NULL);
    assert_true (fixture_warns (conf,
                                "t.yaml:3:5: unknown key \"api_kye\" in providers.a; "
                                "did you mean \"api_key\"?; ignored"));
    assert_true (fixture_warns (conf,
                                "t.yaml:4:5: unknown key \"zzzzzz\" in providers.a; "
                                "ignored"));
    assert_true (fixture_warns (conf, "t.yaml:5:1: unknown key \"modles\"; did you mean "
                                      "\"models\"?; ignored"));
    br_conf_destroy (&conf);
}

//  Given a section that protects, by a name that is not quite its own, then nothing starts.
static void
test_near_misses_of_protection_are_refused (void **state)
{
    (void) state;
    static const struct {
        const char *text;
        const char *error;
    } rows[] = {
        { "guardrail: {}\n", "unknown key \"guardrail\"; did you mean \"guardrails\"?" },
        { "Guardrails: {}\n",
          "unknown key \"Guardrails\"; did you mean \"guardrails\"?" },
        { "GUARD: {}\n", "unknown key \"GUARD\"; did you mean \"guardrails\"?" },
        { "sever: {}\n", "unknown key \"sever\"; did you mean \"server\"?" },
        { "limit: {}\n", "unknown key \"limit\"; did you mean \"limits\"?" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *message = br_strf ("t.yaml:1:1: %s", rows[i].error);
        fixture_refused (rows[i].text, message);
        free (message);
    }
    //  Elsewhere such a name is any other.
    br_conf_t *conf = fixture_conf ("providers: {a: {limit: 1}}\n", NULL);
    br_conf_destroy (&conf);
}

static void
test_value_of_a_variable_is_not_repeated (void **state)
{
    (void) state;
    const char *const environ_v[] = { "X=sk-very-secret", NULL };
    const char *const texts[] = {
        "server: {log_level: \"${X}\"}", "server: {body_max: \"${X}\"}",
        "server: {listen: \"${X}\"}",    "providers: {a: {api_base: \"${X}\"}}",
        "database: {url: \"${X}\"}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        br_error_t error = { BR_OK, "" };
        assert_null (br_conf_parse ("t", texts[i], strlen (texts[i]), environ_v, &error));
        assert_int_equal (error.code, BR_ECONFIG);
        assert_null (strstr (error.text, "secret"));
    }
}

static void
test_foreign_names_stay_on_one_line (void **state)
{
    (void) state;
    fixture_refused ("providers: {\"a\\n\\e[1m\": {bridge: x}}\n",
                     "t.yaml:1:34: providers.a??[1m.bridge: expected true or false");
    br_conf_t *conf = fixture_conf ("\"a\\nb\": 1\nproviders: {\"p\\nq: 1\": }\n", NULL);
    assert_true (fixture_warns (conf, "unknown key \"a?b\""));
    char *shown = br_conf_show (conf);
    assert_null (strstr (shown, "\nq: 1"));
    free (shown);
    br_conf_destroy (&conf);
}

static void
test_left_out_values_are_as_if_not_there (void **state)
{
    (void) state;
    br_conf_node_t *tree = fixture_tree (
        "server:\nproviders:\n  a:\n    timeouts:\n    bridge: \"\"\n"
        "    api_key: \"\"\nmodels: {m: }\n");
    assert_null (br_conf_node_get (tree, "server"));
    const br_conf_node_t *a = br_conf_node_get (br_conf_node_get (tree, "providers"),
                                                "a");
    assert_null (br_conf_node_get (a, "timeouts"));
    assert_null (br_conf_node_get (a, "bridge"));
    assert_non_null (br_conf_node_get (a, "api_key"));
    assert_int_equal (br_conf_node_get (tree, "models")->items[0]->kind, BR_CONF_MAP);
    br_conf_node_destroy (&tree);
}

static void
test_words_for_yes_and_single_values_for_lists (void **state)
{
    (void) state;
    br_conf_node_t *tree = fixture_tree (
        "server: {skip_auth: Yes, listen: \"localhost:1\", body_max: \"5\"}");
    const br_conf_node_t *server = br_conf_node_get (tree, "server");
    assert_string_equal (br_conf_node_get_text (server, "skip_auth"), "true");
    assert_int_equal (br_conf_node_get (server, "listen")->count, 1);
    br_conf_node_destroy (&tree);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_errors_are_one_exact_line),
        cmocka_unit_test (test_numbers_out_of_their_bounds_are_refused),
        cmocka_unit_test (test_seconds_out_of_their_bounds_are_refused),
        cmocka_unit_test (test_other_fields_are_checked_strictly),
        cmocka_unit_test (test_unknown_key_is_a_warning_with_the_nearest),
        cmocka_unit_test (test_near_misses_of_protection_are_refused),
        cmocka_unit_test (test_value_of_a_variable_is_not_repeated),
        cmocka_unit_test (test_foreign_names_stay_on_one_line),
        cmocka_unit_test (test_left_out_values_are_as_if_not_there),
        cmocka_unit_test (test_words_for_yes_and_single_values_for_lists),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
