//  conf_typed: trees to structs and to JSON.

#include "tests/broker/core/conf_fixture.h"
#include "broker/core/conf_typed.h"

static br_conf_root_t *
s_typed (const char *text)
{
    br_conf_node_t *tree = fixture_tree (text);
    br_error_t error = { BR_OK, "" };
    br_conf_root_t *root = br_conf_typed_new (tree, &error);
    assert_string_equal (error.text, "");
    br_conf_node_destroy (&tree);
    return root;
}

static void
test_empty_tree_is_an_empty_root (void **state)
{
    (void) state;
    br_conf_root_t *root = s_typed ("");
    assert_null (root->server);
    assert_int_equal (root->providers_count, 0);
    br_conf_typed_destroy (&root);
    assert_null (root);
    br_conf_typed_destroy (&root);
}

static void
test_values_arrive (void **state)
{
    (void) state;
    br_conf_root_t *root = s_typed (
        "providers: {p: {api_key: \"a\\\"b: {c}\\n\", http2: on, priority: -3, "
        "default_headers: {\"x: {y}\": 5}, timeouts: {connect_secs: 0.5}, "
        "models: {m: {max_input_tokens: 9007199254740}}}}\n");
    assert_int_equal (root->providers_count, 1);
    const br_conf_provider_t *provider = root->providers;
    assert_string_equal (provider->api_key, "a\"b: {c}\n");
    assert_true (*provider->link.http2);
    assert_int_equal (*provider->priority, -3);
    assert_string_equal (provider->default_headers[0].key, "x: {y}");
    assert_string_equal (provider->default_headers[0].value, "5");
    assert_true (*provider->link.timeouts->connect_secs == 0.5);
    assert_int_equal (*provider->models[0].about.max_input_tokens, 9007199254740);
    br_conf_typed_destroy (&root);
}

static void
test_every_character_survives (void **state)
{
    (void) state;
    const char *const environ_v[] = { "X=\x01\x7f\xc2\x80 \xe2\x82\xac \xf0\x9f\x98\x80",
                                      NULL };
    br_conf_t *conf = fixture_conf ("solana_rpc_url: \"${X}\"", environ_v);
    br_conf_destroy (&conf);
    br_conf_root_t *root = s_typed ("solana_rpc_url: \"\\x7f\\u20ac\\U0001f600\\u0085\"");
    assert_string_equal (root->solana_rpc_url,
                         "\x7f\xe2\x82\xac\xf0\x9f\x98\x80\xc2\x85");
    br_conf_typed_destroy (&root);
}

static void
test_text_that_is_not_utf8_is_refused (void **state)
{
    (void) state;
    static const char *const texts[] = { "X=\xff", "X=\xc0\xaf", "X=\xed\xa0\x80",
                                         "X=\xe2\x82", "X=\xf5\x80\x80\x80" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *const environ_v[] = { texts[i], NULL };
        br_error_t error = { BR_OK, "" };
        const char *text = "solana_rpc_url: ${X}";
        assert_null (br_conf_parse ("t.yaml", text, strlen (text), environ_v, &error));
        assert_string_equal (error.text, "t.yaml:1:17: the value is not UTF-8");
    }
}

static void
test_free_form_is_json (void **state)
{
    (void) state;
    br_conf_root_t *root = s_typed (
        "plugins: {a: [1, -2.5e3, 01, \"3\", true, ~, no, .5, x]}");
    assert_string_equal (root->plugins,
                         "{\"a\":[1,-2.5e3,\"01\",\"3\",true,null,\"no\",\".5\",\"x\"]}");
    br_conf_typed_destroy (&root);
}

static void
test_money_is_whole_nano_usd (void **state)
{
    (void) state;
    br_conf_root_t *root = s_typed (
        "tools: {t: {pricing: {default: 0.001, overrides: {x: 1e-9}}}}\n"
        "models: {m: {pricing: {input_tokens: {no_cache: 1000000}}}}\n");
    const br_conf_tool_pricing_t *pricing = root->tools[0].pricing;
    assert_int_equal (*pricing->default_nusd, 1000000);
    assert_int_equal (pricing->overrides[0].value, 1);
    const br_conf_input_price_t *input = root->models[0].about.pricing->input_tokens;
    assert_true (*input->no_cache == INT64_C (1000000000000000));
    assert_null (input->audio);
    br_conf_typed_destroy (&root);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_empty_tree_is_an_empty_root),
        cmocka_unit_test (test_values_arrive),
        cmocka_unit_test (test_every_character_survives),
        cmocka_unit_test (test_text_that_is_not_utf8_is_refused),
        cmocka_unit_test (test_free_form_is_json),
        cmocka_unit_test (test_money_is_whole_nano_usd),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
