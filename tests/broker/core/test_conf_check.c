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
        "not \"prioritty\"; did you mean \"priority\"?");
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

static void
test_unknown_key_is_a_warning_with_the_nearest (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf ("providers:\n  a:\n    api_kye: x\n    zzzzzz: y\n"
                                    "sever: {}\n",
                                    NULL);
    assert_true (fixture_warns (conf,
                                "t.yaml:3:5: unknown key \"api_kye\" in providers.a; "
                                "did you mean \"api_key\"?; ignored"));
    assert_true (fixture_warns (conf,
                                "t.yaml:4:5: unknown key \"zzzzzz\" in providers.a; "
                                "ignored"));
    assert_true (fixture_warns (conf, "t.yaml:5:1: unknown key \"sever\"; did you mean "
                                      "\"server\"?; ignored"));
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
        cmocka_unit_test (test_unknown_key_is_a_warning_with_the_nearest),
        cmocka_unit_test (test_value_of_a_variable_is_not_repeated),
        cmocka_unit_test (test_foreign_names_stay_on_one_line),
        cmocka_unit_test (test_left_out_values_are_as_if_not_there),
        cmocka_unit_test (test_words_for_yes_and_single_values_for_lists),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
